//! A database copied while it is written, and a copy made into a log of its own.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use estafette_protocol::LogGeneration;
use rusqlite::{OpenFlags, TransactionBehavior};

use super::{SqliteStore, connect, schema};
use crate::store::StoreError;

impl SqliteStore {
    /// Writes a copy of what is durable at one instant into a new file, durably, for its owner alone.
    /// Reads in one transaction of the write-ahead log: the writer goes on meanwhile, and what it has
    /// not committed is not in the copy. Free pages, where erased bytes could linger, are left out.
    ///
    /// # Errors
    ///
    /// Also when there is such a file. What was begun is to be thrown away.
    pub fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        let other = |error: std::io::Error| StoreError::Other(error.to_string());
        let name = file.to_str().ok_or_else(|| StoreError::Other("a path that is not UTF-8".to_owned()))?;
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.execute("VACUUM INTO ?1", [name])?;
        std::fs::set_permissions(file, Permissions::from_mode(0o600)).map_err(other)?;
        File::open(file).and_then(|file| file.sync_all()).map_err(other)
    }

    /// The number of the schema of the databases that this program writes.
    pub fn schema() -> i64 {
        schema::known()
    }

    /// Makes this copy a log of its own, which waits for the organisation's decisions. Positions given
    /// after the copy was made mean nothing here; keys turned since are unknown here. So:
    ///
    /// - the log has a new generation, and no device takes it for the one before;
    /// - every group is at epoch 0 of a generation that nobody has used, and is founded anew by its
    ///   members: who had gone on meanwhile meets nobody in a group that has forked;
    /// - key packages for one use are dropped, since they may have been used.
    ///
    /// `jump` is drawn; it keeps two restores of one backup apart.
    pub fn begin_anew(&self, generation: LogGeneration, jump: u16) -> Result<(), StoreError> {
        let mut connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .execute("UPDATE setting SET value = ?1 WHERE name = 'generation'", [&generation.0[..]])?;
        // One that was never founded has no decisions to wait for.
        transaction.execute(
            "INSERT OR REPLACE INTO setting (name, value)
             SELECT 'restoring', x'01' WHERE EXISTS (SELECT 1 FROM setting WHERE name = 'organisation')",
            (),
        )?;
        transaction.execute(
            "UPDATE roster SET generation = generation + 1 + ?1, epoch = 0, floor = 0, open_removals = 0",
            [jump],
        )?;
        transaction.execute("DELETE FROM key_package WHERE last_resort = 0", ())?;
        transaction.commit()?;
        // The copy is one file again, complete by itself.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
        Ok(())
    }
}
