//! Writes as values: what a batch asks, and what becomes of it.

use std::sync::Arc;

use estafette_protocol::announcement::{Common, Receipt};
use estafette_protocol::bundle::Bundle;
use estafette_protocol::chain::Placement;
use estafette_protocol::dated_head::DatedHead;
use estafette_protocol::enrol::InventoryEntry;
use estafette_protocol::entry::{SealedEntry, Urgency};
use estafette_protocol::frame::{CommitRefused, Directory, Slot};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::lease::Wipe;
use estafette_protocol::statement::SignedStatement;
use estafette_protocol::statistics::Month;
use estafette_protocol::urgency::{Answer, Asked};
use estafette_protocol::{
    AgentNumber, AuthEpoch, DeviceId, EnrolmentId, EntryUid, Epoch, Fault, Hash, InventoryId, OrganisationId,
    Position, RosterGeneration, RosterId, StatementNumber, ThreadId, Timestamp,
};

use crate::audit::{Draft, SignedHead};

/// Writes that belong together. Each has an outcome of its own.
#[derive(Debug, Default)]
pub struct Batch {
    /// Executed in order.
    pub operations: Vec<Operation>,
}

/// One write.
#[derive(Debug)]
pub enum Operation {
    /// The number of a signed request.
    RequestNumber {
        /// Who asks.
        device: DeviceId,
        /// Above the last.
        number: u64,
        /// The first instant of the day, in UTC.
        day: Timestamp,
    },
    /// An entry.
    Append(Arc<Append>),
    /// A commit.
    Commit(Box<CommitWrite>),
    /// A slot.
    Slot(SlotWrite),
    /// What a device has stored of its welcomes.
    Welcomed {
        /// The device.
        device: DeviceId,
        /// Its control mark.
        mark: u64,
    },
    /// A statement.
    State(Box<StatementWrite>),
    /// New key packages.
    KeyPackages(KeyPackageWrite),
    /// Key packages to be set aside.
    Reserve(Reservation),
    /// A device's word that a commit cannot be applied.
    RefuseCommit(CommitRefused),
    /// The sealed directory.
    Directory(Directory),
    /// The newest dated head of the statement chain.
    DatedHead(DatedHead),
    /// Inventory entries.
    Inventory(Vec<InventoryEntry>),
    /// An enrolment, whole.
    Enrolment(Box<EnrolmentWrite>),
    /// Where a device can be woken.
    Endpoint {
        /// The device.
        device: DeviceId,
        /// Nowhere without one.
        endpoint: Option<String>,
    },
    /// A withdrawn device has destroyed its content.
    Wiped {
        /// The device.
        device: DeviceId,
        /// What it says.
        wipe: Wipe,
    },
    /// Since when the list of revoked keys names one of a phone's evidence; not at all without a time.
    Bar {
        /// The phone.
        device: DeviceId,
        /// The relay's clock.
        since: Option<Timestamp>,
    },
    /// Fresh evidence of a phone.
    Renew(Box<Renewal>),
    /// What a withdrawn phone has shown of itself is to go.
    EraseEvidence {
        /// The phone.
        device: DeviceId,
    },
    /// When the list was fetched by which phones were looked at.
    Listed(Timestamp),
    /// The organisation's founding.
    Found(OrganisationId),
    /// A restored log knows the organisation's decisions.
    Recovered,
    /// A history bundle for a newcomer.
    Bundle(Box<BundleWrite>),
    /// What an announcement's entries have in common.
    Common(CommonWrite),
    /// A person's receipt.
    Receipt(Box<ReceiptWrite>),
    /// How far the call of an urgent entry has come.
    Call(Box<CallWrite>),
    /// A person's answer to an urgent entry.
    Answer(Box<AnswerWrite>),
    /// An act, and the lines that the audit gains if it is done: both or neither.
    Audited(Box<Operation>, Vec<Draft>),
    /// Lines of the audit without an act: refusals, and what was done elsewhere.
    Audit(Vec<Draft>),
    /// The relay's signed word for the audit.
    AuditHead(SignedHead),
    /// Entries whose time has passed, and the line that tells how many there were.
    Erase(Box<Erasure>),
    /// Entries that their author takes back.
    Withdraw(Box<Withdrawal>),
}

impl Operation {
    /// The act itself, without its lines.
    pub fn act_mut(&mut self) -> &mut Self {
        match self {
            Self::Audited(act, _) => act,
            act => act,
        }
    }
}

/// What became of a batch.
#[derive(Debug, PartialEq, Eq)]
pub struct BatchOutcome {
    /// One for each operation, in order.
    pub outcomes: Vec<Outcome>,
}

/// What became of one write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It stands; or it stood already and nothing was to be done.
    Done,
    /// It stood already, and nothing was written: of acts that the audit tells once.
    Repeated,
    /// An entry stands.
    Appended(Stood),
    /// Single-use key packages in stock.
    Stock(u32),
    /// Key packages set aside; devices without any are left out.
    Reserved(Vec<(DeviceId, Vec<u8>)>),
    /// The entry that stood there is taken back.
    Withdrawn(Position),
    /// So many entries have lost their bytes.
    Erased(usize),
    /// It was not written.
    Refused(Fault),
    /// A fence fell between judgement and write; to be judged again. It was not written.
    Overtaken,
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stood {
    /// Position, time and statement.
    pub placement: Placement,
    /// Its number in the organisation's stream of entries.
    pub stream: u64,
    /// The hash of the entry that stands.
    pub hash: Hash,
    /// The thread's chain before it.
    pub previous: Hash,
    /// Whether it was written now; otherwise it stood before.
    pub fresh: bool,
}

/// What an entry was judged by, checked again inside the transaction. The store itself holds the
/// two other fences of an entry, since statements and commits move them in the same file: the
/// roster's epochs, and whether removals are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// The author's authentication epoch.
    pub auth_epoch: AuthEpoch,
    /// The last statement.
    pub statement: StatementNumber,
}

/// Whether its author may append an entry that is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As long as the fence stands.
    May(Fence),
    /// Not at all.
    MayNot(Fault),
}

/// An entry to be appended.
#[derive(Debug, PartialEq, Eq)]
pub struct Append {
    /// The roster whose thread it is.
    pub roster: RosterId,
    /// The device of the session that brought it.
    pub author: DeviceId,
    /// The entry.
    pub entry: SealedEntry,
    /// Its hash.
    pub hash: Hash,
    /// Whether it may stand.
    pub verdict: Verdict,
    /// The relay's clock; the thread's last time if that is later.
    pub now: Timestamp,
    /// The month in which it counts as written outside its author's hours.
    pub off_hours: Option<Month>,
}

impl Append {
    /// How urgent it is when it is placed.
    pub fn urgency(&self) -> Urgency {
        self.entry.header.urgency_at(self.now)
    }
}

/// A commit that was judged good for the state that it names.
#[derive(Debug, PartialEq, Eq)]
pub struct CommitWrite {
    /// The roster's id.
    pub roster: RosterId,
    /// Its name, which the first commit of a pair teaches the relay.
    pub name: RosterName,
    /// The generation; for a founding commit the one that it founds.
    pub generation: RosterGeneration,
    /// The epoch that it ends.
    pub epoch: Epoch,
    /// If it founds the generation: the last statement that the founder held.
    pub founds: Option<StatementNumber>,
    /// Who sends it.
    pub device: DeviceId,
    /// The public MLS message.
    pub bytes: Vec<u8>,
    /// The last statement when it was judged.
    pub statement: StatementNumber,
    /// Whether entries of older epochs are refused from now on.
    pub raises_floor: bool,
    /// Whether removals are open after it.
    pub open_removals: bool,
    /// Devices that are in the group from it on, and from which epoch on commits concern them.
    pub joined: Vec<(DeviceId, Epoch)>,
    /// Of those, the ones that may read of what was before, with the statement that admits them.
    pub owed: Vec<(DeviceId, StatementNumber)>,
    /// Devices that are out of the group.
    pub left: Vec<DeviceId>,
    /// Welcomes of the devices added.
    pub welcomes: Vec<(DeviceId, Vec<u8>)>,
    /// Hashes of the key packages that it used up.
    pub key_packages: Vec<Hash>,
    /// The group information after it.
    pub group_info: Vec<u8>,
    /// The tree after it.
    pub tree: Vec<u8>,
    /// The relay's clock.
    pub now: Timestamp,
}

/// A bundle that was judged good for a newcomer who lacks one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleWrite {
    /// The roster's id.
    pub roster: RosterId,
    /// What its device gets.
    pub bundle: Bundle,
    /// What is held of the past from now on, see [`super::DebtRow::reach`].
    pub reach: StatementNumber,
}

/// A common ciphertext.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommonWrite {
    /// The device that brings it.
    pub author: DeviceId,
    /// Its bytes.
    pub common: Common,
}

/// A receipt whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptWrite {
    /// The person.
    pub agent: AgentNumber,
    /// Their word.
    pub receipt: Receipt,
}

/// How far the call of an urgent entry is to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallWrite {
    /// The entry's number in the stream of entries.
    pub stream: u64,
    /// Who was called, in order.
    pub asked: Vec<Asked>,
    /// When it ended; nothing while it goes on.
    pub ended_at: Option<Timestamp>,
    /// It ended since nobody answered.
    pub unanswered: bool,
}

/// An answer whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerWrite {
    /// The entry's number in the stream of entries.
    pub stream: u64,
    /// The person.
    pub agent: AgentNumber,
    /// Their word.
    pub answer: Answer,
    /// The relay's clock.
    pub at: Timestamp,
}

/// A slot's new content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotWrite {
    /// With its thread in full.
    pub slot: Slot,
}

/// A statement that was judged good as the next of the chain.
#[derive(Debug, PartialEq, Eq)]
pub struct StatementWrite {
    /// Its number.
    pub number: StatementNumber,
    /// Its bytes.
    pub signed: SignedStatement,
    /// Devices whose authentication epoch it raises.
    pub revoked: Vec<DeviceId>,
    /// Rosters whose removals are open after it, or not.
    pub open_removals: Vec<(RosterId, bool)>,
    /// Enrolments that it approves; their key packages come into stock.
    pub approved: Vec<EnrolmentId>,
}

/// New key packages of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPackageWrite {
    /// Whose.
    pub device: DeviceId,
    /// Single use.
    pub packages: Vec<Vec<u8>>,
    /// Takes the place of the last resort.
    pub last_resort: Option<Vec<u8>>,
}

/// A wish for key packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Of which devices.
    pub devices: Vec<DeviceId>,
    /// The relay's clock: reservations that ended by then are free again.
    pub now: Timestamp,
    /// Until when they are set aside.
    pub until: Timestamp,
}

/// Entries that their author takes back: their bytes go, their places stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The thread.
    pub thread: ThreadId,
    /// Whose entries they may be.
    pub authors: Vec<DeviceId>,
    /// Their names; unknown ones change nothing.
    pub entries: Vec<EntryUid>,
    /// For a recall of one: where it must stand above, or it is `too_late`.
    pub above: Option<Position>,
}

/// Entries of one roster to be erased: their bytes go, their places stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The roster's threads.
    pub threads: Vec<ThreadId>,
    /// Received before this instant.
    pub before: Timestamp,
    /// At most so many in one write; the oldest first.
    pub limit: usize,
    /// Told if there was any, with their number.
    pub line: Draft,
}

/// Fresh evidence of a phone, judged good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// The phone.
    pub device: DeviceId,
    /// The evidence, as it came.
    pub evidence: Vec<u8>,
    /// When it was judged.
    pub at: Timestamp,
    /// Of an iPhone's assertion, above the one before; 0 for other phones.
    pub counter: u32,
}

/// How far an enrolment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolmentStage {
    /// The ticket waits to be used.
    Open,
    /// A challenge is out.
    Challenged {
        /// Its nonce.
        nonce: [u8; 32],
        /// Its end.
        until: Timestamp,
    },
    /// Waits for an administrator.
    Pending {
        /// The device that waits.
        device: DeviceId,
        /// The nonce that its evidence answers.
        nonce: [u8; 32],
        /// When it was completed.
        at: Timestamp,
    },
    /// The device's certificate stands.
    Active {
        /// The device.
        device: DeviceId,
    },
    /// An administrator said no.
    Refused,
    /// Too many wrong tries.
    Burnt,
}

/// An enrolment as it is to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentWrite {
    /// Its id.
    pub enrolment: EnrolmentId,
    /// The inventory entry.
    pub inventory: InventoryId,
    /// The claim's hash.
    pub claim: Hash,
    /// The ticket's end.
    pub expires_at: Timestamp,
    /// Wrong claims so far.
    pub tries: u32,
    /// How far it has come.
    pub stage: EnrolmentStage,
    /// What completing brought; `None` leaves what stands.
    pub submission: Option<super::Submission>,
}
