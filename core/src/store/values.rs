//! Values of which there is one.

use estafette_protocol::codec;
use minicbor::{Decode, Encode};
use rusqlite::{Connection, OptionalExtension as _};

use super::StoreError;

/// Their names. The text is stored; never rename one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// [`crate::identity::StoredIdentity`].
    Identity,
    /// The last cursor, as the relay gave it.
    Cursor,
    /// The relay's log generation.
    LogGeneration,
    /// The highest request number used.
    RequestNumber,
    /// Milliseconds to add to the device's clock to get the relay's.
    ClockOffset,
    /// The directory key.
    DirectoryKey,
    /// The version of the directory applied.
    DirectoryVersion,
    /// The organisation's secret, as X25519 takes it, on a computer that came back from the recovery sheet, until it
    /// has a directory key of its own.
    Recovery,
    /// Set when the relay said that this device is revoked.
    Revoked,
    /// When an administrator's device last dated the head of the statement chain.
    ChainDated,
    /// Until when the relay said that this agent is off duty.
    ClosedUntil,
    /// [`estafette_protocol::lease::Lease`], the last one.
    Lease,
    /// [`crate::lease::Count`].
    LeaseCount,
    /// [`crate::lease::Standing`].
    Standing,
    /// That the content of this database was destroyed.
    Wiped,
    /// The last statement when the agent looked at notices of derogations.
    NoticesSeen,
    /// The model in the inventory's line, as the relay told it when this device enrolled.
    Model,
}

impl Value {
    fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Cursor => "cursor",
            Self::LogGeneration => "log generation",
            Self::RequestNumber => "request number",
            Self::ClockOffset => "clock offset",
            Self::DirectoryKey => "directory key",
            Self::DirectoryVersion => "directory version",
            Self::Recovery => "recovery",
            Self::Revoked => "revoked",
            Self::ChainDated => "chain dated",
            Self::ClosedUntil => "closed until",
            Self::Lease => "lease",
            Self::LeaseCount => "lease count",
            Self::Standing => "standing",
            Self::Wiped => "wiped",
            Self::NoticesSeen => "notices seen",
            Self::Model => "model",
        }
    }
}

/// Reads a value.
pub fn get<T: for<'b> Decode<'b, ()>>(db: &Connection, value: Value) -> Result<Option<T>, StoreError> {
    let mut statement = db.prepare_cached("SELECT bytes FROM value WHERE name = ?1")?;
    let bytes: Option<Vec<u8>> = statement.query_row([value.name()], |row| row.get(0)).optional()?;
    bytes.map(|bytes| codec::from_bytes(&bytes, usize::MAX).map_err(|_| StoreError::Corrupt)).transpose()
}

/// Writes a value in the place of the one before.
pub fn put<T: Encode<()>>(db: &Connection, value: Value, content: &T) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "INSERT INTO value (name, bytes) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes",
    )?;
    statement.execute((value.name(), codec::to_bytes(content)))?;
    Ok(())
}

/// Forgets a value.
pub fn forget(db: &Connection, value: Value) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM value WHERE name = ?1")?.execute([value.name()])?;
    Ok(())
}
