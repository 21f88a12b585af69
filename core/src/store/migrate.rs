//! Dated migrations, each applied once, in one transaction with the number that says so.

use rusqlite::Connection;

use super::StoreError;

/// In order; never edited once landed.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/2026-11-22-first.sql"),
    include_str!("../../migrations/2026-11-22-items.sql"),
    include_str!("../../migrations/2026-11-22-restored-log.sql"),
    include_str!("../../migrations/2026-11-23-history.sql"),
    include_str!("../../migrations/2026-11-24-announcements.sql"),
    include_str!("../../migrations/2026-11-25-notes.sql"),
    include_str!("../../migrations/2026-12-05-urgencies.sql"),
    include_str!("../../migrations/2026-12-10-arrival.sql"),
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

/// The schema of a database as SQLite keeps it, one object after the other.
#[cfg(test)]
fn resulting(connection: &Connection) -> String {
    let mut query = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND sql <> '' ORDER BY rowid")
        .unwrap();
    let rows = query.query_map((), |row| row.get::<_, String>(0)).unwrap();
    rows.map(|sql| sql.unwrap() + ";\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_what_the_migrations_make() {
        let mut connection = Connection::open_in_memory().unwrap();
        bring_up_to_date(&mut connection, MIGRATIONS).unwrap();
        let made = resulting(&connection);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.sql");
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        assert_eq!(made, std::fs::read_to_string(path).unwrap());
    }

    #[test]
    fn a_migration_that_fails_leaves_the_schema_before_it() {
        let mut connection = Connection::open_in_memory().unwrap();
        let migrations = ["CREATE TABLE one (id INTEGER)", "CREATE TABLE two (id INTEGER); NONSENSE"];
        assert!(bring_up_to_date(&mut connection, &migrations).is_err());
        assert_eq!(resulting(&connection), "CREATE TABLE one (id INTEGER);\n");
        assert_eq!(version(&connection).unwrap(), 1);
    }
}
