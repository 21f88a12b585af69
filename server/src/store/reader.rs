//! Reads of one organisation's store. They see what is durable, and change nothing.

use std::collections::BTreeMap;

use estafette_protocol::announcement::Common;
use estafette_protocol::enrol::InventoryEntry;
use estafette_protocol::frame::{Control, Slot};
use estafette_protocol::knowledge::Kept;
use estafette_protocol::lease::Contact;
use estafette_protocol::statement::SignedStatement;
use estafette_protocol::statistics::Month;
use estafette_protocol::urgency::Terms;
use estafette_protocol::{
    AgentNumber, DeviceId, EnrolmentId, EntryUid, Epoch, Hash, InventoryId, Position, RosterGeneration,
    RosterId, StatementNumber, ThreadId, Timestamp,
};

use super::{
    AnnouncedRow, AuditRow, CallRow, CommitRow, ControlRow, DebtRow, EnrolmentRow, EntryRow, GroupInfoRow,
    GroupRow, HeadRow, LogState, PhoneRow, StoreError, Submission,
};

use crate::audit::{Head, SignedHead};

/// Which entries of a thread: after a stream number, and of what a membership may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The thread.
    pub thread: ThreadId,
    /// Above this number of the stream.
    pub after: u64,
    /// Up to this number of the stream.
    pub until: u64,
    /// Appended when at least this statement was the last.
    pub statement: StatementNumber,
    /// Received then or later.
    pub received_at: Timestamp,
}

/// Reads one organisation.
pub trait Reader: Send {
    /// The log as a whole.
    fn state(&self) -> Result<LogState, StoreError>;

    /// Statements from a number on, at most `limit`.
    fn statements(&self, from: StatementNumber, limit: usize) -> Result<Vec<SignedStatement>, StoreError>;

    /// Every roster that has a group.
    fn groups(&self) -> Result<Vec<GroupRow>, StoreError>;

    /// The ends of all threads.
    fn heads(&self) -> Result<Vec<HeadRow>, StoreError>;

    /// The last request number of every device that sent one.
    fn request_numbers(&self) -> Result<BTreeMap<DeviceId, u64>, StoreError>;

    /// The inventory.
    fn inventory(&self) -> Result<BTreeMap<InventoryId, InventoryEntry>, StoreError>;

    /// All enrolments, without what completing them brought.
    fn enrolments(&self) -> Result<Vec<EnrolmentRow>, StoreError>;

    /// What completing an enrolment brought.
    fn submission(&self, enrolment: EnrolmentId) -> Result<Option<Submission>, StoreError>;

    /// The control stream after a mark, at most `limit` numbers, ascending.
    fn control(&self, after: u64, limit: usize) -> Result<Vec<(u64, ControlRow)>, StoreError>;

    /// Every welcome that its device has not stored yet, by its number in the control stream.
    fn welcomes(&self) -> Result<Vec<(DeviceId, u64)>, StoreError>;

    /// The welcome at a number of the control stream, if its device has not stored it yet.
    fn welcome(&self, number: u64) -> Result<Option<Control>, StoreError>;

    /// Every bundle that its device has not stored yet, by its number in the control stream.
    fn bundles(&self) -> Result<Vec<(DeviceId, u64)>, StoreError>;

    /// The bundle at a number of the control stream, if its device has not stored it yet.
    fn bundle(&self, number: u64) -> Result<Option<Control>, StoreError>;

    /// The newcomers that are, or were, to be handed the keys of the past.
    fn debts(&self) -> Result<Vec<DebtRow>, StoreError>;

    /// Where devices can be woken.
    fn endpoints(&self) -> Result<Vec<(DeviceId, String)>, StoreError>;

    /// When devices were last here, and what withdrawn ones have said of their content.
    fn contacts(&self) -> Result<Vec<Contact>, StoreError>;

    /// What phones have shown of themselves.
    fn phones(&self) -> Result<Vec<PhoneRow>, StoreError>;

    /// The same of one phone.
    fn phone(&self, device: DeviceId) -> Result<Option<PhoneRow>, StoreError>;

    /// Every entry that announces and has its bytes.
    fn announced(&self) -> Result<Vec<AnnouncedRow>, StoreError>;

    /// Who has given a receipt, by the hash of the common ciphertext.
    fn acknowledged(&self) -> Result<Vec<(Hash, AgentNumber)>, StoreError>;

    /// The calls that go on.
    fn open_calls(&self) -> Result<Vec<CallRow>, StoreError>;

    /// The call of an urgent entry, by its number in the stream of entries.
    fn call(&self, stream: u64) -> Result<Option<CallRow>, StoreError>;

    /// The newest calls with the terms of their entries, the newest first; nothing of terms that were erased.
    fn declared(&self, limit: usize) -> Result<Vec<(CallRow, Option<Terms>)>, StoreError>;

    /// The call of an urgent entry, by its name.
    fn call_of(&self, thread: ThreadId, entry: EntryUid) -> Result<Option<CallRow>, StoreError>;

    /// A common ciphertext.
    fn common(&self, hash: Hash) -> Result<Option<Common>, StoreError>;

    /// How many entries a window holds, counted up to `limit`.
    fn count(&self, window: &Window, limit: usize) -> Result<usize, StoreError>;

    /// The oldest entries of a window, ascending.
    fn oldest(&self, window: &Window, limit: usize) -> Result<Vec<EntryRow>, StoreError>;

    /// The newest entries of a window, ascending.
    fn newest(&self, window: &Window, limit: usize) -> Result<Vec<EntryRow>, StoreError>;

    /// The entries of a window that are more urgent than [`estafette_protocol::entry::Urgency::Normal`], ascending.
    fn urgent(&self, window: &Window, limit: usize) -> Result<Vec<EntryRow>, StoreError>;

    /// The first and the last position of a window, if it holds any.
    fn bounds(&self, window: &Window) -> Result<Option<(Position, Position)>, StoreError>;

    /// How many entries were written outside their authors' hours in a month, by roster.
    fn off_hours(&self, month: Month) -> Result<Vec<(RosterId, u64)>, StoreError>;

    /// The entries of a window between two positions, both included, at most `limit`.
    fn range(
        &self,
        window: &Window,
        from: Position,
        to: Position,
        limit: usize,
    ) -> Result<Vec<EntryRow>, StoreError>;

    /// The slots of a thread after a number of the stream of slots, ascending.
    fn slots(&self, thread: ThreadId, after: u64) -> Result<Vec<(u64, Slot)>, StoreError>;

    /// The commits of a roster's generation from an epoch on, at most `limit`.
    fn commits(
        &self,
        roster: RosterId,
        generation: RosterGeneration,
        from: Epoch,
        limit: usize,
    ) -> Result<Vec<CommitRow>, StoreError>;

    /// Whether a commit of these bytes stands in a roster's generation.
    fn has_commit(
        &self,
        roster: RosterId,
        generation: RosterGeneration,
        commit: Hash,
    ) -> Result<bool, StoreError>;

    /// The last group information of a roster and its tree.
    fn group_info(&self, roster: RosterId) -> Result<Option<GroupInfoRow>, StoreError>;

    /// A device's single-use key packages.
    fn stock(&self, device: DeviceId) -> Result<u32, StoreError>;

    /// How many entries of a thread are older than an instant and have bytes, and how many bytes.
    fn expired(&self, thread: ThreadId, before: Timestamp) -> Result<(u64, u64), StoreError>;

    /// Every table with its columns and rows, by name.
    fn kept(&self) -> Result<Vec<Kept>, StoreError>;

    /// Lines of the audit after a number, ascending, at most `limit`.
    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, StoreError>;

    /// The last line of the audit: its number and hash.
    fn audit_end(&self) -> Result<Head, StoreError>;

    /// Every signed head of the audit, ascending.
    fn audit_heads(&self) -> Result<Vec<SignedHead>, StoreError>;
}
