//! What one organisation keeps: its log, its registry, and the batches that change them.
//!
//! A store belongs to one organisation; whoever holds it can name no other. Reads see what is
//! durable. Writes go through a [`Writer`] in one transaction each, where every fence is checked
//! again: what was judged outside may have been overtaken.
//!
//! Nothing outside this module knows which engine is behind these traits; `tests/contract.rs`
//! holds what any of them must keep.

mod batch;
mod reader;
mod rows;
pub mod sqlite;

pub use batch::{
    AnswerWrite, Append, Batch, BatchOutcome, BundleWrite, CallWrite, CommitWrite, CommonWrite,
    EnrolmentStage, EnrolmentWrite, Erasure, Fence, KeyPackageWrite, Operation, Outcome, ReceiptWrite,
    Renewal, Reservation, SlotWrite, StatementWrite, Stood, Verdict, Withdrawal,
};
pub use reader::{Reader, Window};
pub use rows::{
    AnnouncedRow, AuditRow, CallRow, CommitRow, ControlRow, DebtRow, EnrolmentRow, EntryRow, GroupInfoRow,
    GroupRow, GroupState, HeadRow, LogState, PhoneRow, Submission,
};

use estafette_protocol::{FaultCode, StatementNumber};

use crate::audit::{Draft, SignedHead};

/// Why a store did not do what was asked. Nothing of the transaction was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room; works again when there is some.
    #[error("the disk is full")]
    Full,
    /// The database is damaged, or not ours.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// Written by a newer version of this program.
    #[error("the database has schema {found}, this program knows {known}")]
    TooNew {
        /// What stands in the file.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Anything else, for the log.
    #[error("the database refused: {0}")]
    Other(String),
}

impl StoreError {
    /// The stable code that people and devices see.
    pub fn code(&self) -> FaultCode {
        match self {
            Self::Full => FaultCode::DiskFull,
            Self::Corrupt(_) => FaultCode::StoreCorrupt,
            Self::TooNew { .. } => FaultCode::StoreTooNew,
            Self::Other(_) => FaultCode::Internal,
        }
    }
}

/// The threads: entries in their order, the handshakes that turn their keys, and slots.
pub trait Log {
    /// Gives an entry its position, unless one of its author and name stands already in the
    /// thread: then the answer is that one's. Otherwise the verdict, then the fence decide.
    fn append(&mut self, entry: &Append) -> Result<Outcome, StoreError>;

    /// Takes a commit if its roster stands at the generation and epoch that it ends; founding
    /// takes the place of no group or of the generation before. The same bytes by the same
    /// device are [`Outcome::Done`] again, anything else is `commit_conflict`.
    fn commit(&mut self, commit: &CommitWrite) -> Result<Outcome, StoreError>;

    /// Overwrites a slot with a higher version.
    fn slot(&mut self, slot: &SlotWrite) -> Result<Outcome, StoreError>;

    /// Takes the bytes of entries, and leaves their places, hashes and names.
    fn erase(&mut self, erasure: &Erasure) -> Result<usize, StoreError>;

    /// Takes the bytes of entries that their author takes back. A recall answers
    /// [`Outcome::Withdrawn`], or refuses with `not_found` or `too_late`.
    fn withdraw(&mut self, withdrawal: &Withdrawal) -> Result<Outcome, StoreError>;

    /// Keeps a bundle for a device that still lacks one; otherwise nothing is to be done.
    fn bundle(&mut self, bundle: &BundleWrite) -> Result<Outcome, StoreError>;

    /// Keeps what announcements have in common, once.
    fn common(&mut self, common: &CommonWrite) -> Result<Outcome, StoreError>;

    /// Keeps a person's first receipt of a version that stands in its thread; later ones are
    /// [`Outcome::Repeated`]. `not_found` where nothing of it stands, `receipt_invalid` where it
    /// names another version or none is wanted.
    fn receipt(&mut self, receipt: &ReceiptWrite) -> Result<Outcome, StoreError>;

    /// Says how far the call of an urgent entry has come, and reports it to those whom it concerns.
    /// `not_found` where it has ended or the entry is gone.
    fn call(&mut self, call: &CallWrite) -> Result<Outcome, StoreError>;

    /// Keeps a person's first answer to an urgent entry, which ends its call; later ones are
    /// [`Outcome::Repeated`].
    fn answer(&mut self, answer: &AnswerWrite) -> Result<Outcome, StoreError>;

    /// Forgets the welcomes and bundles of a device up to a control mark that it has stored.
    fn welcomed(&mut self, device: estafette_protocol::DeviceId, mark: u64) -> Result<Outcome, StoreError>;
}

/// Statements and all that belongs to devices: numbers, key packages, inventory, enrolments.
pub trait Registry {
    /// Takes a statement if it follows the head. The same bytes again are [`Outcome::Repeated`].
    fn state(&mut self, statement: &StatementWrite) -> Result<Outcome, StoreError>;

    /// Takes a request number above the device's last, and keeps the day.
    fn request_number(
        &mut self,
        device: estafette_protocol::DeviceId,
        number: u64,
        day: estafette_protocol::Timestamp,
    ) -> Result<Outcome, StoreError>;

    /// Adds to a device's key packages.
    fn key_packages(&mut self, write: &KeyPackageWrite) -> Result<Outcome, StoreError>;

    /// Sets one key package of each device aside, the last resort where there is no other.
    fn reserve(&mut self, reservation: &Reservation) -> Result<Outcome, StoreError>;

    /// Keeps a device's refusal of a commit, once.
    fn refuse_commit(
        &mut self,
        refused: &estafette_protocol::frame::CommitRefused,
    ) -> Result<Outcome, StoreError>;

    /// Puts a directory in the place of one of a lower version.
    fn directory(&mut self, directory: &estafette_protocol::frame::Directory) -> Result<Outcome, StoreError>;

    /// Puts a dated head in the place of one of an earlier time.
    fn dated_head(&mut self, head: &estafette_protocol::dated_head::DatedHead)
    -> Result<Outcome, StoreError>;

    /// Adds inventory entries, or replaces them by id.
    fn inventory(
        &mut self,
        entries: &[estafette_protocol::enrol::InventoryEntry],
    ) -> Result<Outcome, StoreError>;

    /// Writes an enrolment over the one of its id.
    fn enrolment(&mut self, enrolment: &EnrolmentWrite) -> Result<Outcome, StoreError>;

    /// Keeps where a device that has a request number can be woken, in the place of what stood.
    fn endpoint(
        &mut self,
        device: estafette_protocol::DeviceId,
        endpoint: Option<&str>,
    ) -> Result<Outcome, StoreError>;

    /// Keeps what a withdrawn device said first of its content; later words are [`Outcome::Repeated`].
    fn wiped(
        &mut self,
        device: estafette_protocol::DeviceId,
        wipe: &estafette_protocol::lease::Wipe,
    ) -> Result<Outcome, StoreError>;

    /// Keeps since when the list of revoked keys names a key of a phone's evidence.
    fn bar(
        &mut self,
        device: estafette_protocol::DeviceId,
        since: Option<estafette_protocol::Timestamp>,
    ) -> Result<Outcome, StoreError>;

    /// Keeps the fresh evidence of a phone that has some already.
    fn renew(&mut self, renewal: &Renewal) -> Result<Outcome, StoreError>;

    /// Erases what a phone has shown of itself, with what it brought to enrol; [`Outcome::Repeated`] where
    /// there is nothing.
    fn erase_evidence(&mut self, device: estafette_protocol::DeviceId) -> Result<Outcome, StoreError>;

    /// Keeps when the list was fetched by which phones were looked at.
    fn listed(&mut self, fetched_at: estafette_protocol::Timestamp) -> Result<Outcome, StoreError>;

    /// Makes the store an organisation's and burns the claim ticket, if it was nobody's.
    fn found(&mut self, organisation: estafette_protocol::OrganisationId) -> Result<Outcome, StoreError>;

    /// Ends the wait of a restored log. Done again, nothing changes.
    fn recovered(&mut self) -> Result<Outcome, StoreError>;
}

/// What administrators, operators and the relay did. Lines are added; nothing takes one away.
pub trait Audit {
    /// Adds lines to the end of the chain.
    fn audit(&mut self, lines: &[Draft]) -> Result<Outcome, StoreError>;

    /// Keeps a signed head, once for each line.
    fn audit_head(&mut self, head: &SignedHead) -> Result<Outcome, StoreError>;
}

/// Makes batches durable. There is one for each organisation.
pub trait Writer: Send {
    /// Executes the batches in order in one transaction and returns when it is on the disk.
    ///
    /// # Errors
    ///
    /// Nothing of any of them was kept.
    fn write(&mut self, batches: &[Batch]) -> Result<Vec<BatchOutcome>, StoreError>;
}

/// Executes one batch inside a transaction. A refused request number refuses what follows it,
/// but for lines of the audit that stand alone: what they tell has happened.
pub fn execute<T: Log + Registry + Audit>(
    transaction: &mut T,
    batch: &Batch,
) -> Result<BatchOutcome, StoreError> {
    let mut outcomes = Vec::with_capacity(batch.operations.len());
    let mut replayed = None;
    for operation in &batch.operations {
        let outcome = match (&replayed, operation) {
            (_, Operation::Audit(lines)) => transaction.audit(lines)?,
            (Some(fault), _) => Outcome::Refused(Clone::clone(fault)),
            (None, operation) => carry_out(transaction, operation)?,
        };
        if let (Operation::RequestNumber { .. }, Outcome::Refused(fault)) = (operation, &outcome) {
            replayed = Some(fault.clone());
        }
        outcomes.push(outcome);
    }
    Ok(BatchOutcome { outcomes })
}

fn carry_out<T: Log + Registry + Audit>(
    transaction: &mut T,
    operation: &Operation,
) -> Result<Outcome, StoreError> {
    match operation {
        Operation::RequestNumber { device, number, day } => {
            transaction.request_number(*device, *number, *day)
        }
        Operation::Append(entry) => transaction.append(entry),
        Operation::Commit(commit) => transaction.commit(commit),
        Operation::Slot(slot) => transaction.slot(slot),
        Operation::Welcomed { device, mark } => transaction.welcomed(*device, *mark),
        Operation::State(statement) => transaction.state(statement),
        Operation::KeyPackages(write) => transaction.key_packages(write),
        Operation::Reserve(reservation) => transaction.reserve(reservation),
        Operation::RefuseCommit(refused) => transaction.refuse_commit(refused),
        Operation::Directory(directory) => transaction.directory(directory),
        Operation::DatedHead(head) => transaction.dated_head(head),
        Operation::Inventory(entries) => transaction.inventory(entries),
        Operation::Enrolment(enrolment) => transaction.enrolment(enrolment),
        Operation::Endpoint { device, endpoint } => transaction.endpoint(*device, endpoint.as_deref()),
        Operation::Wiped { device, wipe } => transaction.wiped(*device, wipe),
        Operation::Bar { device, since } => transaction.bar(*device, *since),
        Operation::Renew(renewal) => transaction.renew(renewal),
        Operation::EraseEvidence { device } => transaction.erase_evidence(*device),
        Operation::Listed(fetched_at) => transaction.listed(*fetched_at),
        Operation::Found(organisation) => transaction.found(*organisation),
        Operation::Recovered => transaction.recovered(),
        Operation::Withdraw(withdrawal) => transaction.withdraw(withdrawal),
        Operation::Bundle(bundle) => transaction.bundle(bundle),
        Operation::Common(common) => transaction.common(common),
        Operation::Receipt(receipt) => transaction.receipt(receipt),
        Operation::Call(call) => transaction.call(call),
        Operation::Answer(answer) => transaction.answer(answer),
        Operation::Audit(lines) => transaction.audit(lines),
        Operation::AuditHead(head) => transaction.audit_head(head),
        Operation::Erase(erasure) => {
            let erased = transaction.erase(erasure)?;
            if erased > 0 {
                let mut line = erasure.line.clone();
                line.subject.times = Some(erased as u64);
                transaction.audit(&[line])?;
            }
            Ok(Outcome::Erased(erased))
        }
        Operation::Audited(act, lines) => {
            let outcome = carry_out(transaction, act)?;
            // An entry that stood before was told when it was placed.
            if outcome == Outcome::Done || matches!(&outcome, Outcome::Appended(stood) if stood.fresh) {
                transaction.audit(lines)?;
            }
            Ok(outcome)
        }
    }
}

/// The statement by which rights were judged is not the last any more; nothing was written.
pub(crate) fn overtaken(head: Option<StatementNumber>, judged: StatementNumber) -> bool {
    head.unwrap_or_default() != judged
}
