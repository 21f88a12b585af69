//! Dated migrations, each applied once, in one transaction with the number that says so.

use rusqlite::Connection;

use super::StoreError;

/// In order; never edited once landed.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/2026-11-22-first.sql"),
    include_str!("../../migrations/2026-11-22-items.sql"),
    include_str!("../../migrations/2026-11-23-history.sql"),
];

fn known(migrations: &[&str]) -> i64 {
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

pub(super) fn refuse_newer(connection: &Connection, migrations: &[&str]) -> Result<i64, StoreError> {
    let found = version(connection)?;
    let known = known(migrations);
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    Ok(found)
}

pub(super) fn bring_up_to_date(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let found = refuse_newer(connection, migrations)?;
    for (number, migration) in (1..).zip(migrations).filter(|(number, _)| *number > found) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}
