//! The store in SQLite: one file for each organisation, write-ahead log, `synchronous=FULL`.
//!
//! Always true: what a [`Writer`] has returned survives a power loss. Deleted bytes are
//! overwritten (`secure_delete`). Readers are connections of their own that cannot write.

mod announcements;
mod audit;
mod backup;
mod bundles;
mod calls;
mod columns;
mod handshakes;
mod kept;
mod log;
mod reader;
mod registry;
mod schema;
mod statistics;

use std::path::{Path, PathBuf};

use estafette_protocol::{Hash, LogGeneration};
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

pub use reader::SqliteReader;

use super::{Batch, BatchOutcome, Outcome, StoreError, Writer};

/// The database's file in an organisation's folder.
pub const FILE: &str = "relay.db";

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}

/// Whom a database may admit; fixed when it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Devices in use.
    Production,
    /// Also devices whose evidence chains to the development root.
    Development,
}

impl Mode {
    fn word(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
        }
    }
}

/// One organisation's database.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    path: PathBuf,
    mode: Mode,
}

impl SqliteStore {
    /// Makes the database of an organisation that is still to be founded with the ticket `claim`.
    ///
    /// # Errors
    ///
    /// Also when there is one in the folder.
    pub fn create(
        folder: &Path,
        mode: Mode,
        generation: LogGeneration,
        claim: Hash,
    ) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        if path.exists() {
            return Err(StoreError::Other("there is a database already".to_owned()));
        }
        let mut connection =
            connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        schema::migrate(&mut connection)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (name, value) in
            [("generation", &generation.0[..]), ("claim", &claim.0[..]), ("mode", mode.word().as_bytes())]
        {
            transaction.execute("INSERT INTO setting (name, value) VALUES (?1, ?2)", (name, value))?;
        }
        transaction.commit()?;
        Ok(Self { path, mode })
    }

    /// Opens the database in a folder and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooNew`] and [`StoreError::Corrupt`] before anything is changed.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let mut connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        schema::migrate(&mut connection)?;
        let mode = match columns::setting(&connection, "mode")?.as_deref() {
            Some(b"production") => Mode::Production,
            Some(b"development") => Mode::Development,
            _ => return Err(StoreError::Corrupt("no mode".to_owned())),
        };
        Ok(Self { path, mode })
    }

    /// Whom it may admit.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// A connection for reading.
    pub fn reader(&self) -> Result<SqliteReader, StoreError> {
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(SqliteReader::new(connection))
    }

    /// The connection for writing. One at a time makes sense; more are safe.
    pub fn writer(&self) -> Result<SqliteWriter, StoreError> {
        Ok(SqliteWriter { connection: connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)? })
    }

    /// Reads every page, for `doctor`: the first damage found is the error.
    pub fn check(&self) -> Result<(), StoreError> {
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let verdict: String = connection.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))?;
        if verdict == "ok" { Ok(()) } else { Err(StoreError::Corrupt(verdict)) }
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(64);
    if !flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
        connection.pragma_update(None, "journal_mode", "wal")?;
    }
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// The connection that writes.
pub struct SqliteWriter {
    connection: Connection,
}

impl SqliteWriter {
    /// Sets how many pages of 4,096 bytes the database may have; beyond, writes are
    /// [`StoreError::Full`].
    pub fn set_quota(&self, pages: u32) -> Result<(), StoreError> {
        Ok(self.connection.pragma_update(None, "max_page_count", pages)?)
    }

    /// Empties the write-ahead log, which still holds what was erased. Readers that are at work
    /// may keep it for now; the next time takes it.
    fn empty_log(&self) {
        let emptied = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()));
        if emptied.is_err() {
            tracing::warn!("the write-ahead log could not be emptied after an erasure");
        }
    }

    /// How many pages the database has.
    pub fn pages(&self) -> Result<u32, StoreError> {
        Ok(self.connection.query_row("PRAGMA page_count", (), |row| row.get(0))?)
    }
}

impl Writer for SqliteWriter {
    fn write(&mut self, batches: &[Batch]) -> Result<Vec<BatchOutcome>, StoreError> {
        let sql = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut transaction = Transaction { sql: &sql };
        let outcomes: Vec<BatchOutcome> =
            batches.iter().map(|batch| super::execute(&mut transaction, batch)).collect::<Result<_, _>>()?;
        sql.commit()?;
        if outcomes.iter().flat_map(|batch| &batch.outcomes).any(is_erased) {
            self.empty_log();
        }
        Ok(outcomes)
    }
}

fn is_erased(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Erased(1..) | Outcome::Withdrawn(_))
}

/// The transaction that a batch is executed in.
pub(super) struct Transaction<'a> {
    sql: &'a rusqlite::Transaction<'a>,
}
