//! Receipts: this agent's own on their way, and those that came for what was announced here.

use estafette_protocol::announcement::Receipt;
use estafette_protocol::{AgentNumber, EntryUid, FaultCode, Hash, Timestamp, codec, limits};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, int, uint};

/// Keeps this agent's receipt until the relay has it. One that stands already stays.
pub fn give(
    db: &Connection,
    agent: AgentNumber,
    receipt: &Receipt,
    not_before: Timestamp,
) -> Result<(), StoreError> {
    put(db, agent, receipt, 0, not_before, "INSERT OR IGNORE")
}

/// Keeps a receipt that the relay holds: of all of a person's, the one that counts.
pub fn stands(db: &Connection, agent: AgentNumber, receipt: &Receipt) -> Result<(), StoreError> {
    put(db, agent, receipt, 1, Timestamp(0), "INSERT OR REPLACE")
}

fn put(
    db: &Connection,
    agent: AgentNumber,
    receipt: &Receipt,
    state: i64,
    not_before: Timestamp,
    how: &str,
) -> Result<(), StoreError> {
    db.prepare_cached(&format!(
        "{how} INTO receipt (common, agent, version, at, body, state, not_before, fault)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '')"
    ))?
    .execute((
        &receipt.common.0[..],
        i64::from(agent.0),
        &receipt.version.0[..],
        int(receipt.at.0),
        codec::to_bytes(receipt),
        state,
        int(not_before.0),
    ))?;
    Ok(())
}

/// When a person acknowledged a version.
pub fn given(
    db: &Connection,
    version: EntryUid,
    agent: AgentNumber,
) -> Result<Option<Timestamp>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT at FROM receipt WHERE version = ?1 AND agent = ?2 AND state < 2")?;
    let at: Option<i64> =
        query.query_row((&version.0[..], i64::from(agent.0)), |row| row.get(0)).optional()?;
    Ok(at.map(|at| Timestamp(uint(at))))
}

/// Who has acknowledged a version, and when.
pub fn of_version(db: &Connection, version: EntryUid) -> Result<Vec<(AgentNumber, Timestamp)>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT agent, at FROM receipt WHERE version = ?1 AND state = 1 ORDER BY agent")?;
    let rows = query
        .query_map([&version.0[..]], |row| Ok((AgentNumber(row.get(0)?), Timestamp(uint(row.get(1)?)))))?;
    rows.map(|row| row.map_err(Into::into)).collect()
}

/// Receipts that may leave now, the oldest first.
pub fn due(db: &Connection, now: Timestamp, most: usize) -> Result<Vec<Receipt>, StoreError> {
    let mut query = db.prepare_cached(&format!(
        "SELECT body FROM receipt WHERE state = 0 AND not_before <= ?1 ORDER BY not_before, at LIMIT {most}"
    ))?;
    let rows = query.query_map([int(now.0)], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|body| codec::from_bytes(&body?, limits::FRAME).map_err(|_| StoreError::Corrupt)).collect()
}

/// When the next receipt may leave that may not yet.
pub fn next_due(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT min(not_before) FROM receipt WHERE state = 0 AND not_before > ?1")?;
    let next: Option<i64> = query.query_row([int(now.0)], |row| row.get(0))?;
    Ok(next.map(|at| Timestamp(uint(at))))
}

/// The relay has this agent's receipt, or another of the same person's.
pub fn settled(db: &Connection, common: Hash, agent: AgentNumber) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE receipt SET state = 1 WHERE common = ?1 AND agent = ?2")?
        .execute((&common.0[..], i64::from(agent.0)))?;
    Ok(())
}

/// The announcement is not at the relay (yet): the receipt is offered again then.
pub fn put_off(
    db: &Connection,
    common: Hash,
    agent: AgentNumber,
    until: Timestamp,
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE receipt SET not_before = ?3 WHERE common = ?1 AND agent = ?2 AND state = 0")?
        .execute((&common.0[..], i64::from(agent.0), int(until.0)))?;
    Ok(())
}

/// Whether this agent's receipt was given at or after an instant.
pub fn written_since(
    db: &Connection,
    common: Hash,
    agent: AgentNumber,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let mut query =
        db.prepare_cached("SELECT 1 FROM receipt WHERE common = ?1 AND agent = ?2 AND at >= ?3")?;
    let found = query.query_row((&common.0[..], i64::from(agent.0), int(since.0)), |_| Ok(()));
    Ok(found.optional()?.is_some())
}

/// The relay will never take it.
pub fn refused(db: &Connection, common: Hash, agent: AgentNumber, code: FaultCode) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE receipt SET state = 2, fault = ?3 WHERE common = ?1 AND agent = ?2")?
        .execute((&common.0[..], i64::from(agent.0), code.as_str()))?;
    Ok(())
}

/// What this agent gave since is to be offered again: the relay has lost its log.
pub fn offer_again(db: &Connection, agent: AgentNumber, since: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE receipt SET state = 0 WHERE agent = ?1 AND state = 1 AND at >= ?2")?
        .execute((i64::from(agent.0), int(since.0)))?;
    Ok(())
}
