//! The schema: dated steps, never edited once released, and the number of the last one taken.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::StoreError;

/// "ESTF": the file is one of ours.
const APPLICATION: i64 = 0x4553_5446;

const STEPS: [&str; 12] = [
    include_str!("../../../migrations/2026-11-22-first.sql"),
    include_str!("../../../migrations/2026-11-22-dated-head.sql"),
    include_str!("../../../migrations/2026-11-23-audit.sql"),
    include_str!("../../../migrations/2026-11-24-retention.sql"),
    include_str!("../../../migrations/2026-11-25-history.sql"),
    include_str!("../../../migrations/2026-11-26-announcements.sql"),
    include_str!("../../../migrations/2026-11-27-founding.sql"),
    include_str!("../../../migrations/2026-11-28-devices.sql"),
    include_str!("../../../migrations/2026-11-29-wake-ups.sql"),
    include_str!("../../../migrations/2026-12-01-phones.sql"),
    include_str!("../../../migrations/2026-12-05-calls.sql"),
    include_str!("../../../migrations/2026-12-10-statistics.sql"),
];

/// The number of the last step.
pub fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// Takes the steps that are missing, each in a transaction of its own.
pub fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = known();
    let found: i64 = connection.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    let application: i64 = connection.query_row("PRAGMA application_id", (), |row| row.get(0))?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    if found > 0 && application != APPLICATION {
        return Err(StoreError::Corrupt("not a relay's database".to_owned()));
    }
    for (step, number) in STEPS.iter().zip(1i64..).skip(usize::try_from(found).unwrap_or(0)) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema as SQLite keeps it, one object after the other.
    fn resulting(connection: &Connection) -> String {
        let mut query = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND sql <> '' ORDER BY rowid")
            .unwrap();
        let rows = query.query_map((), |row| row.get::<_, String>(0)).unwrap();
        rows.map(|sql| sql.unwrap() + ";\n").collect()
    }

    #[test]
    fn the_committed_schema_is_what_the_steps_make() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let made = resulting(&connection);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.sql");
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        assert_eq!(made, std::fs::read_to_string(path).unwrap());
    }

    #[test]
    fn steps_are_taken_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
    }

    #[test]
    fn a_database_of_a_newer_version_is_refused_unchanged() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let known = i64::try_from(STEPS.len()).unwrap();
        let refused = migrate(&mut connection);
        assert!(matches!(refused, Err(StoreError::TooNew { found: 99, known: newest }) if newest == known));
        assert_eq!(resulting(&connection), "");
    }

    #[test]
    fn another_programs_database_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        assert!(matches!(migrate(&mut connection), Err(StoreError::Corrupt(_))));
    }
}
