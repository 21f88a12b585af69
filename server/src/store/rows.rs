//! What a store gives back.

use std::collections::BTreeMap;

use estafette_protocol::announcement::{Announced, Common, Receipt};
use estafette_protocol::chain::{self, Placement};
use estafette_protocol::dated_head::DatedHead;
use estafette_protocol::enrol::SignedBinding;
use estafette_protocol::entry::{SealedEntry, Urgency};
use estafette_protocol::frame::{CommitRefused, Directory};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::SignedStatement;
use estafette_protocol::urgency::{self, Answer, Asked, CallReport};
use estafette_protocol::{
    AgentNumber, DeviceId, EntryUid, Epoch, Hash, LogGeneration, OrganisationId, Position, RosterGeneration,
    RosterId, StatementNumber, ThreadId, Timestamp,
};

use super::{Append, EnrolmentWrite, Stood};

/// What one organisation's log is, as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogState {
    /// Drawn when the log was made, and anew by each restore.
    pub generation: LogGeneration,
    /// Whose it is, once founded.
    pub organisation: Option<OrganisationId>,
    /// The hash of the ticket that founds the organisation, until it is burnt.
    pub claim: Option<Hash>,
    /// When the list of revoked keys was fetched by which phones were looked at last.
    pub listed_at: Option<Timestamp>,
    /// It was made from a backup, and does not know yet what the organisation decided since.
    pub restoring: bool,
    /// The last number of the control stream.
    pub control: u64,
    /// The last number of the stream of entries.
    pub content: u64,
    /// The last number of the stream of slots.
    pub slots: u64,
}

/// The end of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadRow {
    /// The thread.
    pub thread: ThreadId,
    /// Its last position.
    pub position: Position,
    /// The chain there.
    pub chain: Hash,
    /// When its last entry was received.
    pub received_at: Timestamp,
    /// The stream number of its last entry.
    pub stream: u64,
    /// The stream number of its last slot.
    pub slots: u64,
}

impl HeadRow {
    /// The end of a thread without entries.
    pub fn empty(thread: ThreadId) -> Self {
        Self {
            thread,
            position: Position(0),
            chain: chain::start(thread),
            received_at: Timestamp(0),
            stream: 0,
            slots: 0,
        }
    }
}

/// An entry that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Its number in the stream of entries.
    pub stream: u64,
    /// Position, time and statement.
    pub placement: Placement,
    /// The device that appended it.
    pub author: DeviceId,
    /// Its hash.
    pub hash: Hash,
    /// The thread's chain before it.
    pub previous: Hash,
    /// Its thread.
    pub thread: ThreadId,
    /// Its name.
    pub uid: EntryUid,
    /// The entry; `None` once it was erased.
    pub entry: Option<SealedEntry>,
    /// What an announcement has in common with other teams'.
    pub common: Option<Common>,
}

impl EntryRow {
    /// Its bytes, as the window of a session counts them.
    pub fn size(&self) -> usize {
        let common = self.common.as_ref().map_or(0, |common| common.0.len());
        self.entry.as_ref().map_or(0, |entry| entry.sealed.len()) + common + 128
    }

    /// How urgent it is at an instant; erased entries are not.
    pub fn urgency_at(&self, at: Timestamp) -> Urgency {
        self.entry.as_ref().map_or(Urgency::Normal, |entry| entry.header.urgency_at(at))
    }
}

/// How a roster's group stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// The roster's id.
    pub roster: RosterId,
    /// How it stands.
    pub state: GroupState,
}

/// Generation, epochs and members of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupState {
    /// The roster.
    pub name: RosterName,
    /// How often it was founded.
    pub generation: RosterGeneration,
    /// The epoch after its last commit.
    pub epoch: Epoch,
    /// The least epoch of entries that are still taken.
    pub floor: Epoch,
    /// Who is in it, and from which epoch on commits concern them.
    pub members: BTreeMap<DeviceId, Epoch>,
    /// The last statement that its founder held; `None` for one founded before this was kept.
    pub founded_at: Option<StatementNumber>,
    /// When its last commit was taken.
    pub committed_at: Timestamp,
    /// Devices that refuse a commit of this generation.
    pub refusals: Vec<DeviceId>,
}

/// A number of the control stream and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlRow {
    /// For everybody.
    Statement(SignedStatement),
    /// For the members of the group since before this epoch.
    Commit {
        /// The roster's id.
        roster: RosterId,
        /// The roster.
        name: RosterName,
        /// The generation.
        generation: RosterGeneration,
        /// The epoch that it ends.
        epoch: Epoch,
        /// The public MLS message.
        bytes: Vec<u8>,
    },
    /// For one device, whose welcome is read when it is there to take it.
    Welcome {
        /// The device.
        device: DeviceId,
    },
    /// For the roster's members and administrators.
    Refused(CommitRefused),
    /// For everybody, each with their own key.
    Directory(Directory),
    /// For everybody.
    DatedHead(DatedHead),
    /// For the devices of the announcement's issuer, and of whoever gave it.
    Receipt {
        /// The device that announced.
        issuer: DeviceId,
        /// The receipt.
        receipt: Receipt,
    },
    /// How far a call has come, read when it is told: for the author, the team's supervisors, and those
    /// who were called or have answered.
    Call {
        /// The entry's number in the stream of entries.
        stream: u64,
    },
    /// Keys of the past for one device, read when it is there to take them.
    Bundle {
        /// The device.
        device: DeviceId,
    },
}

/// An entry that announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnnouncedRow {
    /// What it announces.
    pub announced: Announced,
    /// Its thread.
    pub thread: ThreadId,
    /// Until when an acknowledgement is wanted.
    pub due: Option<Timestamp>,
    /// When it was received.
    pub received_at: Timestamp,
}

/// The call of an urgent entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRow {
    /// The entry's number in the stream of entries.
    pub stream: u64,
    /// Its thread.
    pub thread: ThreadId,
    /// Its name.
    pub entry: EntryUid,
    /// Its hash.
    pub hash: Hash,
    /// The device that appended it.
    pub author: DeviceId,
    /// When it was received.
    pub received_at: Timestamp,
    /// The end that its author stated.
    pub until: Timestamp,
    /// Minutes between two calls.
    pub minutes: u16,
    /// Who was called, in order.
    pub asked: Vec<Asked>,
    /// Who answered.
    pub answers: Vec<(AgentNumber, Answer)>,
    /// When it ended; nothing while it goes on.
    pub ended_at: Option<Timestamp>,
    /// It ended since nobody answered.
    pub unanswered: bool,
}

impl CallRow {
    /// The call of an entry that was just placed, with nobody called yet.
    pub fn begun(entry: &Append, stood: &Stood) -> Self {
        let header = &entry.entry.header;
        let until = header.terms.as_ref().map(|terms| terms.until).unwrap_or_default();
        Self {
            stream: stood.stream,
            thread: header.thread,
            entry: header.uid,
            hash: entry.hash,
            author: entry.author,
            received_at: stood.placement.received_at,
            until,
            minutes: header.escalation_minutes.unwrap_or(urgency::MINUTES),
            asked: Vec::new(),
            answers: Vec::new(),
            ended_at: None,
            unanswered: false,
        }
    }

    /// As those whom it concerns are told.
    pub fn report(&self) -> CallReport {
        CallReport {
            thread: self.thread,
            entry: self.entry,
            asked: self.asked.clone(),
            answers: self.answers.iter().map(|(_, answer)| answer.clone()).collect(),
            unanswered_at: self.ended_at.filter(|_| self.unanswered),
        }
    }
}

/// A newcomer of a group who may read of what was before, and what it was handed of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DebtRow {
    /// The roster's id.
    pub roster: RosterId,
    /// The newcomer.
    pub device: DeviceId,
    /// The statement that admits it.
    pub admitted: StatementNumber,
    /// The admission of the longest-standing member that has handed it what it holds;
    /// [`DebtRow::NOTHING`] before the first, 0 once somebody has handed it everything.
    pub reach: StatementNumber,
}

impl DebtRow {
    /// Nobody has handed anything.
    pub const NOTHING: StatementNumber = StatementNumber(i64::MAX as u64);
}

/// A commit that a device asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRow {
    /// The epoch that it ends.
    pub epoch: Epoch,
    /// The public MLS message.
    pub bytes: Vec<u8>,
}

/// What an external join needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInfoRow {
    /// The generation.
    pub generation: RosterGeneration,
    /// The epoch after the commit that it came with.
    pub epoch: Epoch,
    /// The group information, without tree.
    pub info: Vec<u8>,
    /// The tree.
    pub tree: Vec<u8>,
}

/// What completing an enrolment brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// T with its proofs.
    pub binding: SignedBinding,
    /// The evidence, as it came.
    pub evidence: Vec<u8>,
    /// The key packages, the last resort last.
    pub key_packages: Vec<Vec<u8>>,
}

/// What a phone has shown of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneRow {
    /// The device.
    pub device: DeviceId,
    /// The evidence with which it enrolled.
    pub enrolled: Vec<u8>,
    /// The evidence that it brought last; empty before the first.
    pub renewed: Vec<u8>,
    /// When evidence of it was judged last.
    pub attested_at: Timestamp,
    /// Of an iPhone's last assertion.
    pub counter: u32,
    /// Since when the list of revoked keys names one of its evidence.
    pub barred_at: Option<Timestamp>,
}

/// An enrolment without what completing brought.
pub type EnrolmentRow = EnrolmentWrite;

/// A line of the audit as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number.
    pub number: u64,
    /// CBOR of the line.
    pub body: Vec<u8>,
    /// Its hash.
    pub hash: Hash,
}
