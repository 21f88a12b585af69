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
    Append, Batch, BatchOutcome, BundleWrite, CommitWrite, EnrolmentStage, EnrolmentWrite, Fence,
    KeyPackageWrite, Operation, Outcome, Reservation, SlotWrite, StatementWrite, Stood, Verdict,
};
pub use reader::{Reader, Window};
pub use rows::{
    CommitRow, ControlRow, DebtRow, EnrolmentRow, EntryRow, GroupInfoRow, GroupRow, GroupState, HeadRow,
    LogState, Submission,
};

use estafette_protocol::{FaultCode, StatementNumber};

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

    /// Keeps a bundle for a device that still lacks one; otherwise nothing is to be done.
    fn bundle(&mut self, bundle: &BundleWrite) -> Result<Outcome, StoreError>;

    /// Forgets the welcomes and bundles of a device up to a control mark that it has stored.
    fn welcomed(&mut self, device: estafette_protocol::DeviceId, mark: u64) -> Result<Outcome, StoreError>;
}

/// Statements and all that belongs to devices: numbers, key packages, inventory, enrolments.
pub trait Registry {
    /// Takes a statement if it follows the head. The same bytes again are [`Outcome::Done`].
    fn state(&mut self, statement: &StatementWrite) -> Result<Outcome, StoreError>;

    /// Takes a request number above the device's last.
    fn request_number(
        &mut self,
        device: estafette_protocol::DeviceId,
        number: u64,
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

    /// Adds inventory entries, or replaces them by id.
    fn inventory(
        &mut self,
        entries: &[estafette_protocol::enrol::InventoryEntry],
    ) -> Result<Outcome, StoreError>;

    /// Writes an enrolment over the one of its id.
    fn enrolment(&mut self, enrolment: &EnrolmentWrite) -> Result<Outcome, StoreError>;

    /// Makes the store an organisation's and burns the claim ticket, if it was nobody's.
    fn found(&mut self, organisation: estafette_protocol::OrganisationId) -> Result<Outcome, StoreError>;
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

/// Executes one batch inside a transaction. A refused request number refuses what follows it.
pub fn execute<T: Log + Registry>(transaction: &mut T, batch: &Batch) -> Result<BatchOutcome, StoreError> {
    let mut outcomes = Vec::with_capacity(batch.operations.len());
    let mut replayed = None;
    for operation in &batch.operations {
        let outcome = match (&replayed, operation) {
            (Some(fault), _) => Outcome::Refused(Clone::clone(fault)),
            (None, Operation::RequestNumber { device, number }) => {
                let outcome = transaction.request_number(*device, *number)?;
                if let Outcome::Refused(fault) = &outcome {
                    replayed = Some(fault.clone());
                }
                outcome
            }
            (None, Operation::Append(entry)) => transaction.append(entry)?,
            (None, Operation::Commit(commit)) => transaction.commit(commit)?,
            (None, Operation::Slot(slot)) => transaction.slot(slot)?,
            (None, Operation::Welcomed { device, mark }) => transaction.welcomed(*device, *mark)?,
            (None, Operation::State(statement)) => transaction.state(statement)?,
            (None, Operation::KeyPackages(write)) => transaction.key_packages(write)?,
            (None, Operation::Reserve(reservation)) => transaction.reserve(reservation)?,
            (None, Operation::RefuseCommit(refused)) => transaction.refuse_commit(refused)?,
            (None, Operation::Directory(directory)) => transaction.directory(directory)?,
            (None, Operation::Inventory(entries)) => transaction.inventory(entries)?,
            (None, Operation::Enrolment(enrolment)) => transaction.enrolment(enrolment)?,
            (None, Operation::Found(organisation)) => transaction.found(*organisation)?,
            (None, Operation::Bundle(bundle)) => transaction.bundle(bundle)?,
        };
        outcomes.push(outcome);
    }
    Ok(BatchOutcome { outcomes })
}

/// The statement by which rights were judged is not the last any more; nothing was written.
pub(crate) fn overtaken(head: Option<StatementNumber>, judged: StatementNumber) -> bool {
    head.unwrap_or_default() != judged
}
