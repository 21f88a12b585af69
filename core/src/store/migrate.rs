//! Dated migrations, each applied once, in one transaction with the number that says so.

use rusqlite::Connection;

use super::StoreError;

/// In order; never edited once landed.
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/2026-11-22-first.sql")];

fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

pub(super) fn refuse_newer(connection: &Connection) -> Result<i64, StoreError> {
    let found = version(connection)?;
    if found > known() {
        return Err(StoreError::TooNew { found, known: known() });
    }
    Ok(found)
}

pub(super) fn bring_up_to_date(connection: &mut Connection) -> Result<(), StoreError> {
    let found = refuse_newer(connection)?;
    for (number, migration) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > found) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}
