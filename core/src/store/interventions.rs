//! The agent's own record of interventions. Nothing here is ever sent.

use estafette_protocol::{EntryUid, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, fixed, int, uint};

/// One intervention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intervention {
    /// Its number on this device, from 1.
    pub number: i64,
    /// The urgent message with which it began.
    pub entry: EntryUid,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ends by itself.
    pub closes_at: Timestamp,
    /// When it ended; nothing while it goes on.
    pub ended_at: Option<Timestamp>,
}

/// Begins one; while one goes on, another call only makes that one end later.
pub fn begin(
    db: &Connection,
    entry: EntryUid,
    now: Timestamp,
    closes_at: Timestamp,
) -> Result<(), StoreError> {
    let goes_on = db
        .prepare_cached("UPDATE intervention SET closes_at = max(closes_at, ?1) WHERE ended_at = 0")?
        .execute([int(closes_at.0)])?;
    if goes_on > 0 {
        return Ok(());
    }
    // What was read again after the agent had ended it begins nothing.
    let mut known = db.prepare_cached("SELECT 1 FROM intervention WHERE entry = ?1")?;
    if known.query_row([&entry.0[..]], |_| Ok(())).optional()?.is_some() {
        return Ok(());
    }
    db.prepare_cached(
        "INSERT INTO intervention (entry, began_at, closes_at, ended_at) VALUES (?1, ?2, ?3, 0)",
    )?
    .execute((&entry.0[..], int(now.0), int(closes_at.0)))?;
    Ok(())
}

/// Whether one goes on at an instant.
pub fn goes_on(db: &Connection, now: Timestamp) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached("SELECT 1 FROM intervention WHERE ended_at = 0 AND closes_at > ?1")?;
    Ok(query.query_row([int(now.0)], |_| Ok(())).optional()?.is_some())
}

/// Ends the one that goes on; `false` if there is none.
pub fn end(db: &Connection, now: Timestamp) -> Result<bool, StoreError> {
    let ended = db
        .prepare_cached("UPDATE intervention SET ended_at = max(began_at, ?1) WHERE ended_at = 0")?
        .execute([int(now.0)])?;
    Ok(ended > 0)
}

/// Ends what has come to its end; when the one that goes on will.
pub fn settle(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    db.prepare_cached("UPDATE intervention SET ended_at = closes_at WHERE ended_at = 0 AND closes_at <= ?1")?
        .execute([int(now.0)])?;
    let mut query = db.prepare_cached("SELECT min(closes_at) FROM intervention WHERE ended_at = 0")?;
    let next: Option<i64> = query.query_row([], |row| row.get(0))?;
    Ok(next.map(|at| Timestamp(uint(at))))
}

/// All of them, the oldest first.
pub fn all(db: &Connection) -> Result<Vec<Intervention>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT id, entry, began_at, closes_at, ended_at FROM intervention ORDER BY id")?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let ended_at = Timestamp(uint(row.get(4)?));
        found.push(Intervention {
            number: row.get(0)?,
            entry: EntryUid(fixed(row.get(1)?)?),
            began_at: Timestamp(uint(row.get(2)?)),
            closes_at: Timestamp(uint(row.get(3)?)),
            ended_at: Some(ended_at).filter(|at| at.0 > 0),
        });
    }
    Ok(found)
}
