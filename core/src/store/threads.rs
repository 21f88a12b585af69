//! Threads and their logs as rows.

use estafette_protocol::chain::Placement;
use estafette_protocol::{EntryUid, Hash, Position, RosterId, StatementNumber, ThreadId, Timestamp, chain};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, fixed, int, uint};

/// A thread as the engine works with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The row.
    pub row: i64,
    /// Its id.
    pub id: ThreadId,
    /// Its roster.
    pub roster: RosterId,
    /// The chain is checked without holes up to here.
    pub joined: Position,
    /// The chain's hash there.
    pub chain: Hash,
    /// The highest position seen.
    pub highest: Position,
    /// s at the highest position.
    pub statement: StatementNumber,
    /// Read up to here by this agent on this device.
    pub read_up_to: Position,
    /// Messages of others above it.
    pub unread: u64,
    /// The relay's time of the newest message.
    pub last_at: Timestamp,
}

/// All threads.
pub fn all(db: &Connection) -> Result<Vec<Thread>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT id, uid, roster, joined, chain, highest, statement, read_up_to, unread, last_at
         FROM thread ORDER BY last_at DESC, id",
    )?;
    let mut rows = query.query([])?;
    let mut threads = Vec::new();
    while let Some(row) = rows.next()? {
        threads.push(Thread {
            row: row.get(0)?,
            id: ThreadId(fixed(row.get(1)?)?),
            roster: RosterId(fixed(row.get(2)?)?),
            joined: Position(uint(row.get(3)?)),
            chain: Hash(fixed(row.get(4)?)?),
            highest: Position(uint(row.get(5)?)),
            statement: StatementNumber(uint(row.get(6)?)),
            read_up_to: Position(uint(row.get(7)?)),
            unread: uint(row.get(8)?),
            last_at: Timestamp(uint(row.get(9)?)),
        });
    }
    Ok(threads)
}

/// Makes a thread that has no entry yet.
pub fn create(db: &Connection, id: ThreadId, roster: RosterId) -> Result<Thread, StoreError> {
    let start = chain::start(id);
    db.prepare_cached("INSERT INTO thread (uid, roster, chain) VALUES (?1, ?2, ?3)")?.execute((
        &id.0[..],
        &roster.0[..],
        &start.0[..],
    ))?;
    Ok(Thread {
        row: db.last_insert_rowid(),
        id,
        roster,
        joined: Position(0),
        chain: start,
        highest: Position(0),
        statement: StatementNumber(0),
        read_up_to: Position(0),
        unread: 0,
        last_at: Timestamp(0),
    })
}

/// Writes what changed in a thread.
pub fn update(db: &Connection, thread: &Thread) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE thread SET joined = ?2, chain = ?3, highest = ?4, statement = ?5, read_up_to = ?6, unread = ?7,
         last_at = ?8 WHERE id = ?1",
    )?
    .execute((
        thread.row,
        int(thread.joined.0),
        &thread.chain.0[..],
        int(thread.highest.0),
        int(thread.statement.0),
        int(thread.read_up_to.0),
        int(thread.unread),
        int(thread.last_at.0),
    ))?;
    Ok(())
}

/// An entry's place in the log of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEntry {
    /// Its name.
    pub uid: EntryUid,
    /// Its hash.
    pub hash: Hash,
    /// Where the relay placed it.
    pub placement: Placement,
    /// The chain there, once joined.
    pub chain: Option<Hash>,
}

/// Stores an entry of the log that came just now, or nothing when its position is known.
pub fn insert_entry(
    db: &Connection,
    thread: i64,
    entry: &LogEntry,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let added = db
        .prepare_cached(
            "INSERT INTO entry (thread, position, uid, hash, received_at, statement, chain, arrived_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        )?
        .execute((
            thread,
            int(entry.placement.position.0),
            &entry.uid.0[..],
            &entry.hash.0[..],
            int(entry.placement.received_at.0),
            int(entry.placement.statement.0),
            entry.chain.as_ref().map_or(&[][..], |chain| &chain.0[..]),
            int(now.0),
        ))?;
    Ok(added == 1)
}

/// Forgets a thread's log, its gaps and what of it was not opened: the relay begins another. Messages stay.
pub fn forget_log(db: &Connection, thread: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM entry WHERE thread = ?1")?.execute([thread])?;
    db.prepare_cached("DELETE FROM gap WHERE thread = ?1")?.execute([thread])?;
    db.prepare_cached("DELETE FROM unopened WHERE thread = ?1")?.execute([thread])?;
    Ok(())
}

/// Notes the chain at a position that has joined.
pub fn set_chain(db: &Connection, thread: i64, position: Position, chain: Hash) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE entry SET chain = ?3 WHERE thread = ?1 AND position = ?2")?.execute((
        thread,
        int(position.0),
        &chain.0[..],
    ))?;
    Ok(())
}

/// Name, hash, time, statement and chain, as they stand in a row.
type EntryColumns = (Vec<u8>, Vec<u8>, i64, i64, Vec<u8>);

/// The entry at a position.
pub fn entry(db: &Connection, thread: i64, position: Position) -> Result<Option<LogEntry>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT uid, hash, received_at, statement, chain FROM entry WHERE thread = ?1 AND position = ?2",
    )?;
    let row: Option<EntryColumns> = query
        .query_row((thread, int(position.0)), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .optional()?;
    row.map(|(uid, hash, received_at, statement, chain)| {
        let placement = Placement {
            position,
            received_at: Timestamp(uint(received_at)),
            statement: StatementNumber(uint(statement)),
        };
        let chain = if chain.is_empty() { None } else { Some(Hash(fixed(chain)?)) };
        Ok(LogEntry { uid: EntryUid(fixed(uid)?), hash: Hash(fixed(hash)?), placement, chain })
    })
    .transpose()
}

/// The lowest stored position above `after`: where a hole that begins after it ends.
pub fn next_stored(db: &Connection, thread: i64, after: Position) -> Result<Option<Position>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT min(position) FROM entry WHERE thread = ?1 AND position > ?2")?;
    let next: Option<i64> = query.query_row((thread, int(after.0)), |row| row.get(0))?;
    Ok(next.map(|position| Position(uint(position))))
}

/// Keeps a thread silent until then; 0 ends it.
pub fn mute(db: &Connection, row: i64, until: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE thread SET muted_until = ?2 WHERE id = ?1")?.execute((row, int(until.0)))?;
    Ok(())
}

/// Until when a thread is silent.
pub fn muted_until(db: &Connection, row: i64) -> Result<Timestamp, StoreError> {
    let mut query = db.prepare_cached("SELECT muted_until FROM thread WHERE id = ?1")?;
    Ok(Timestamp(uint(query.query_row([row], |row| row.get(0))?)))
}
