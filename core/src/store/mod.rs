//! The device's encrypted database.
//!
//! One write connection belongs to the engine and commits with `synchronous=FULL`; screens
//! read through connections of their own. The key is 32 raw bytes that the caller unwraps;
//! without it the file is noise. Nothing here knows the time.

pub mod announcements;
pub mod changes;
pub mod drafts;
pub mod editions;
pub mod faults;
pub mod interventions;
pub mod marks;
pub mod messages;
mod migrate;
pub mod names;
pub mod notes;
pub mod outbox;
pub mod receipts;
pub mod rosters;
pub mod statements;
pub mod threads;
pub mod tombstones;
pub mod urgencies;
pub mod values;
pub mod words;

use std::path::Path;

use estafette_protocol::{Fault, FaultCode};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use zeroize::Zeroizing;

/// A write transaction; every module of the engine works on one.
pub type Tx<'c> = rusqlite::Transaction<'c>;

/// Why the database could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full; nothing of the transaction was kept.
    #[error("the disk is full")]
    DiskFull,
    /// Not a database, or not with this key.
    #[error("the database is damaged or the key is another one")]
    Corrupt,
    /// Written by a newer version; nothing was touched.
    #[error("the database has schema {found}, this version knows {known}")]
    TooNew {
        /// What stands in the file.
        found: i64,
        /// The newest that this version knows.
        known: i64,
    },
    /// The lease is over, or an administrator has suspended the device; nothing may be read.
    #[error("the device is locked")]
    Locked,
    /// The content was destroyed.
    #[error("the content of this device was destroyed")]
    Wiped,
    /// The keys of a roster could not be brought forward; a defect, not a peer's doing.
    #[error("MLS: {0}")]
    Mls(String),
    /// Anything else that SQLite says.
    #[error("the database failed")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => Self::Corrupt,
            _ => Self::Sqlite(error),
        }
    }
}

impl From<&StoreError> for Fault {
    fn from(error: &StoreError) -> Self {
        Self::new(match error {
            StoreError::DiskFull => FaultCode::DiskFull,
            StoreError::Corrupt => FaultCode::StoreCorrupt,
            StoreError::TooNew { .. } => FaultCode::StoreTooNew,
            StoreError::Locked => FaultCode::DeviceLocked,
            StoreError::Wiped => FaultCode::DeviceWiped,
            StoreError::Mls(_) | StoreError::Sqlite(_) => FaultCode::Internal,
        })
    }
}

/// The key of one database, forgotten when dropped.
#[derive(Clone)]
pub struct DatabaseKey(pub Zeroizing<[u8; 32]>);

impl DatabaseKey {
    fn pragma(&self) -> Zeroizing<String> {
        let hex: Zeroizing<String> =
            Zeroizing::new(self.0.iter().map(|byte| format!("{byte:02x}")).collect());
        Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", *hex))
    }
}

/// Opens the database for writing, makes it if it is not there, and brings its schema up to date.
pub fn open(path: &Path, key: &DatabaseKey) -> Result<Connection, StoreError> {
    open_with(path, key, migrate::MIGRATIONS)
}

/// Opens the database for writing like [`open`], and makes none: one that was taken away stays away.
pub fn open_existing(path: &Path, key: &DatabaseKey) -> Result<Connection, StoreError> {
    let flags = OpenFlags::default().difference(OpenFlags::SQLITE_OPEN_CREATE);
    prepare(Connection::open_with_flags(path, flags)?, key, migrate::MIGRATIONS)
}

/// Opens another encrypted database, whose schema the dated `migrations` make, in order.
pub fn open_with(path: &Path, key: &DatabaseKey, migrations: &[&str]) -> Result<Connection, StoreError> {
    prepare(Connection::open(path)?, key, migrations)
}

fn prepare(
    mut connection: Connection,
    key: &DatabaseKey,
    migrations: &[&str],
) -> Result<Connection, StoreError> {
    connection.execute_batch(&key.pragma())?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 2000;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    migrate::bring_up_to_date(&mut connection, migrations)?;
    Ok(connection)
}

/// Empties the write-ahead log into the database. `false` while a reader needs it.
pub fn truncate_log(connection: &Connection) -> Result<bool, StoreError> {
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}

/// Destroys all content: what stays are the values that a device needs to say so, and its empty tables.
/// Pages are overwritten (`secure_delete`); the write-ahead log is the caller's to truncate.
pub fn erase_all(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.execute("INSERT INTO message_text (message_text) VALUES ('delete-all')", ())?;
    let mut query = tx.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'value'
         AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'message_text%'",
    )?;
    let tables: Vec<String> = query.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        tx.execute(&format!("DELETE FROM \"{table}\""), ())?;
    }
    tx.execute(
        "DELETE FROM value WHERE name NOT IN ('identity', 'request number', 'clock offset', 'revoked')",
        (),
    )?;
    Ok(())
}

/// Opens the database for a screen: nothing can be written through it.
pub fn open_for_reading(path: &Path, key: &DatabaseKey) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.execute_batch(&key.pragma())?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    migrate::refuse_newer(&connection, migrate::MIGRATIONS)?;
    Ok(connection)
}

/// A count or position as SQLite stores it; what does not fit stays at the largest.
pub(crate) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The other way round; a negative number, which is never written, reads as 0.
pub(crate) fn uint(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// An identifier read from a row; another length means a damaged database.
pub(crate) fn fixed<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt)
}
