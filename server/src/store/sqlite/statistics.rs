//! Counts of entries that were written outside their authors' hours, by month and roster.

use estafette_protocol::RosterId;
use estafette_protocol::statistics::Month;
use rusqlite::Connection;

use super::Transaction;
use super::columns::{id, number};
use crate::store::{Append, StoreError};

impl Transaction<'_> {
    /// Counts an entry, in the transaction that places it.
    pub(super) fn count_off_hours(&self, entry: &Append) -> Result<(), StoreError> {
        let Some(month) = entry.off_hours else { return Ok(()) };
        self.sql
            .prepare_cached(
                "INSERT INTO off_hours (month, roster, entries) VALUES (?1, ?2, 1)
                 ON CONFLICT (month, roster) DO UPDATE SET entries = entries + 1",
            )?
            .execute((month.0, entry.roster.0))?;
        Ok(())
    }
}

/// The counts of a month.
pub(super) fn off_hours(sql: &Connection, month: Month) -> Result<Vec<(RosterId, u64)>, StoreError> {
    let mut query = sql.prepare_cached("SELECT roster, entries FROM off_hours WHERE month = ?1")?;
    let rows = query.query_map([month.0], |row| Ok((RosterId(id(row, 0)?), number(row, 1)?)))?;
    rows.collect::<Result<_, _>>().map_err(StoreError::from)
}
