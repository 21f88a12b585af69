//! What a request brings back.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::Delivered;
use crate::audit::{SignedHead, Stored};
use crate::chain::{Placement, ThreadHead};
use crate::enrol::PendingEnrolment;
use crate::knowledge::Knowledge;
use crate::lease::Contact;
use crate::reachability::SignedReachability;
use crate::statement::SignedStatement;
use crate::statistics::Cell;
use crate::urgency::Declared;
use crate::{DeviceId, Epoch, Fault, Hash, LogGeneration, RosterGeneration, StatementNumber, Timestamp};

/// What a request brings back.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Reply {
    /// Done, durably.
    #[n(0)]
    Done,
    /// Delivery starts.
    #[n(1)]
    Welcome {
        /// The relay's log.
        #[n(0)]
        generation: LogGeneration,
        /// The relay's clock.
        #[n(1)]
        relay_time: Timestamp,
        /// Single-use key packages in stock for this device.
        #[n(2)]
        key_packages: u32,
        /// The number of the last statement.
        #[n(3)]
        statement: StatementNumber,
    },
    /// What became of each entry, in the order of the request.
    #[n(2)]
    Appended {
        /// One for each entry.
        #[n(0)]
        results: Vec<AppendResult>,
        /// The signed heads of the threads concerned.
        #[n(1)]
        heads: Vec<ThreadHead>,
    },
    /// Entries of one thread.
    #[n(3)]
    Range {
        /// In order; shorter than asked where the answer would be too large.
        #[n(0)]
        entries: Vec<Delivered>,
    },
    /// Statements in order.
    #[n(4)]
    Statements {
        /// At most 500.
        #[n(0)]
        statements: Vec<SignedStatement>,
        /// The number of the chain's last.
        #[n(1)]
        head: StatementNumber,
    },
    /// Commits in order.
    #[n(5)]
    Commits {
        /// Each is a public MLS message.
        #[n(0)]
        commits: Vec<ByteVec>,
        /// The roster's generation at the relay.
        #[n(1)]
        generation: RosterGeneration,
        /// Its epoch.
        #[n(2)]
        epoch: Epoch,
    },
    /// The stock after a refill.
    #[n(6)]
    Stock {
        /// Single-use key packages.
        #[n(0)]
        key_packages: u32,
    },
    /// Key packages reserved; devices without any are left out.
    #[n(7)]
    Reserved {
        /// The generation and epoch that stand, `None` where the roster has no group yet.
        #[n(0)]
        standing: Option<(RosterGeneration, Epoch)>,
        /// Device and package.
        #[n(1)]
        packages: Vec<(DeviceId, ByteVec)>,
    },
    /// A group to join from outside.
    #[n(8)]
    Group {
        /// Its generation.
        #[n(0)]
        generation: RosterGeneration,
        /// Its epoch.
        #[n(1)]
        epoch: Epoch,
        /// The group information, without tree.
        #[n(2)]
        group_info: ByteVec,
        /// The tree.
        #[n(3)]
        tree: ByteVec,
    },
    /// Enrolments that wait.
    #[n(9)]
    Pending {
        /// At most 200, oldest first.
        #[n(0)]
        enrolments: Vec<PendingEnrolment>,
    },
    /// Whether something is new.
    #[n(10)]
    Fresh {
        /// Something is.
        #[n(0)]
        news: bool,
    },
    /// When devices were last here, and what they have said of their content.
    #[n(11)]
    Contacts {
        /// One for each device that ever came; for a supervisor, for each that is missed.
        #[n(0)]
        contacts: Vec<Contact>,
    },
    /// When the asking agent could be reached.
    #[n(14)]
    Reachability(#[n(0)] SignedReachability),
    /// What is told of a month.
    #[n(15)]
    Statistics {
        /// By service, the largest first.
        #[n(0)]
        cells: Vec<Cell>,
        /// Groups of which nothing is told: too few people, or too near to another group.
        #[n(1)]
        withheld: u32,
    },
    /// What fresh evidence has to answer; good for ten minutes, and for one answer.
    #[n(12)]
    Challenge {
        /// Goes into the challenge ([`crate::reattestation::Renewed::challenge`]).
        #[cbor(n(0), with = "minicbor::bytes")]
        nonce: [u8; 32],
    },
    /// What the relay keeps.
    #[n(16)]
    Knowledge(#[n(0)] Knowledge),
    /// Lines of the audit, in order.
    #[n(17)]
    Audit {
        /// Those that come next; more may follow.
        #[n(0)]
        lines: Vec<Stored>,
        /// The relay's word for the last of them, where it is the last of all.
        #[n(1)]
        head: Option<SignedHead>,
    },
    /// Urgencies that were declared, the newest first.
    #[n(18)]
    Urgencies {
        /// [`crate::urgency::DECLARED`] at most.
        #[n(0)]
        declared: Vec<Declared>,
    },
}

/// What became of one entry.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum AppendResult {
    /// It stands, durably; the same answer for every repetition.
    #[n(0)]
    Stands {
        /// Where.
        #[n(0)]
        placement: Placement,
        /// The hash of the entry that stands, where it differs from the one offered.
        #[n(1)]
        hash: Option<Hash>,
    },
    /// It does not.
    #[n(1)]
    Refused(#[n(0)] Fault),
}
