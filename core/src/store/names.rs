//! Names of agents and teams, as the last edition of the directory gives them.

use rusqlite::Connection;

use super::StoreError;
use crate::directory::Names;

/// Puts an edition in the place of the last.
pub fn replace(db: &Connection, names: &Names) -> Result<(), StoreError> {
    db.execute("DELETE FROM name", [])?;
    let mut insert =
        db.prepare_cached("INSERT INTO name (kind, number, name, detail) VALUES (?1, ?2, ?3, ?4)")?;
    for (agent, name) in &names.agents {
        let detail = name.function.as_deref().unwrap_or_default();
        insert.execute((0, i64::from(agent.0), &name.name, detail))?;
    }
    for (team, name) in &names.teams {
        insert.execute((1, i64::from(team.0), name, ""))?;
    }
    Ok(())
}
