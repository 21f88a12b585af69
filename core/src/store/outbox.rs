//! Messages waiting to reach the relay.
//!
//! A message enters when its author presses "send" and leaves this list when the relay
//! confirms its position; nothing else removes it. It is frozen the moment it first leaves:
//! `leaving` is durable before a byte is sent, and sending it twice is harmless. A thread's
//! messages leave in the order in which they were written.

use estafette_protocol::announcement::Announced;
use estafette_protocol::entry::WireEntry;
use estafette_protocol::urgency::Terms;
use estafette_protocol::{EntryUid, FaultCode, Timestamp, codec, limits};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, fixed, int, uint};

/// A message that the relay has not placed.
#[derive(Debug, Clone)]
pub struct Open {
    /// Send order.
    pub seq: i64,
    /// Its name.
    pub uid: EntryUid,
    /// The row of its thread.
    pub thread: i64,
    /// What is sealed at the moment of sending.
    pub operation: Vec<u8>,
    /// What was sent last, if it ever left.
    pub entry: Option<WireEntry>,
    /// When it may leave; relay's time.
    pub not_before: Timestamp,
    /// What the header says of an announcement, and until when an acknowledgement is wanted.
    pub announced: Option<(Announced, Option<Timestamp>)>,
    /// Of an urgent message: its terms, and the minutes between two calls.
    pub urgent: Option<(Terms, Option<u16>)>,
}

/// Adds a message.
pub fn insert(
    db: &Connection,
    uid: EntryUid,
    thread: i64,
    operation: &[u8],
    not_before: Timestamp,
    item: Option<EntryUid>,
) -> Result<(), StoreError> {
    let item = item.map(|item| item.0.to_vec()).unwrap_or_default();
    db.prepare_cached(
        "INSERT INTO outbox (uid, thread, operation, state, entry, not_before, fault, item)
         VALUES (?1, ?2, ?3, 0, x'', ?4, '', ?5)",
    )?
    .execute((&uid.0[..], thread, operation, int(not_before.0), item))?;
    Ok(())
}

/// Keeps what the header of an announcing entry will say: CBOR of [`Open::announced`].
pub fn set_announced(db: &Connection, uid: EntryUid, announced: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE outbox SET announced = ?2 WHERE uid = ?1")?.execute((&uid.0[..], announced))?;
    Ok(())
}

/// Keeps what the header of an urgent message will say: CBOR of [`Open::urgent`].
pub fn set_urgent(db: &Connection, uid: EntryUid, urgent: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE outbox SET urgent = ?2 WHERE uid = ?1")?.execute((&uid.0[..], urgent))?;
    Ok(())
}

/// A deed written here on an item or a thread.
#[derive(Debug, Clone)]
pub struct Deed {
    /// Its bytes; empty once its item was erased.
    pub operation: Vec<u8>,
    /// The item that it changes; nothing for the thread itself.
    pub item: Option<EntryUid>,
}

/// What was written here under a name, whatever has become of it.
pub fn deed(db: &Connection, uid: EntryUid) -> Result<Option<Deed>, StoreError> {
    let mut query = db.prepare_cached("SELECT operation, item FROM outbox WHERE uid = ?1")?;
    let row = query.query_row([&uid.0[..]], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)));
    Ok(row.optional()?.map(|(operation, item)| Deed { operation, item: EntryUid::from_slice(&item) }))
}

/// Whether something written here has never left: it can still be changed or taken back.
pub fn never_left(db: &Connection, uid: EntryUid) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached("SELECT 1 FROM outbox WHERE uid = ?1 AND state = 0")?;
    Ok(query.query_row([&uid.0[..]], |_| Ok(())).optional()?.is_some())
}

/// Whether nobody else can have something written here: it has never left, or the relay refused it for good.
pub fn is_only_here(db: &Connection, uid: EntryUid) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached("SELECT 1 FROM outbox WHERE uid = ?1 AND state IN (0, 3)")?;
    Ok(query.query_row([&uid.0[..]], |_| Ok(())).optional()?.is_some())
}

/// Whether the relay has placed something, or it is not this device that brings it.
pub fn is_placed(db: &Connection, uid: EntryUid) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached("SELECT 1 FROM outbox WHERE uid = ?1 AND state < 2")?;
    Ok(query.query_row([&uid.0[..]], |_| Ok(())).optional()?.is_none())
}

/// The last that was written to change an item and has never left.
pub fn last_unsent(db: &Connection, item: EntryUid) -> Result<Option<(EntryUid, Vec<u8>)>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT uid, operation FROM outbox WHERE state < 2 AND item = ?1 AND state = 0 ORDER BY seq DESC LIMIT 1",
    )?;
    let row = query.query_row([&item.0[..]], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)));
    row.optional()?.map(|(uid, operation)| Ok((EntryUid(fixed(uid)?), operation))).transpose()
}

/// Puts other bytes in the place of what has never left.
pub fn rewrite(db: &Connection, uid: EntryUid, operation: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE outbox SET operation = ?2 WHERE uid = ?1 AND state = 0")?
        .execute((&uid.0[..], operation))?;
    Ok(())
}

/// Takes back what is only here, and everything that was to change it.
pub fn take_back(db: &Connection, uid: EntryUid) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM outbox WHERE (uid = ?1 OR item = ?1) AND state IN (0, 3)")?
        .execute([&uid.0[..]])?;
    Ok(())
}

/// Forgets what was said about an item; the names stay, so that nothing is taken twice. What was
/// on its way to change it goes, but for the erasure itself.
pub fn erase_item(db: &Connection, item: EntryUid, erasure: Option<EntryUid>) -> Result<(), StoreError> {
    let erasure = erasure.map(|uid| uid.0.to_vec()).unwrap_or_default();
    db.prepare_cached("DELETE FROM outbox WHERE item = ?1 AND state < 2 AND uid <> ?2")?
        .execute((&item.0[..], &erasure))?;
    db.prepare_cached(
        "UPDATE outbox SET operation = x'', entry = x'' WHERE (uid = ?1 OR item = ?1) AND uid <> ?2",
    )?
    .execute((&item.0[..], &erasure))?;
    Ok(())
}

/// May leave now, in order: a message waits for itself and for the earlier ones of its thread, an urgent
/// one for nothing.
pub fn due(db: &Connection, now: Timestamp, most: usize) -> Result<Vec<Open>, StoreError> {
    // The limit stands in the text: SQLite plans a statement anew each time that one is bound.
    let mut query = db.prepare_cached(&format!(
        "WITH held AS (SELECT thread, min(seq) AS first FROM outbox
                       WHERE state < 2 AND not_before > ?1 GROUP BY thread)
         SELECT seq, uid, mine.thread, operation, entry, not_before, announced, urgent
         FROM outbox AS mine
         LEFT JOIN held ON held.thread = mine.thread
         WHERE state < 2 AND (held.first IS NULL OR seq < held.first OR length(urgent) > 0) ORDER BY seq LIMIT {most}"
    ))?;
    let mut rows = query.query([int(now.0)])?;
    let mut due = Vec::new();
    while let Some(row) = rows.next()? {
        let entry: Vec<u8> = row.get(4)?;
        let entry = match entry.is_empty() {
            true => None,
            false => Some(codec::from_bytes(&entry, limits::FRAME).map_err(|_| StoreError::Corrupt)?),
        };
        let announced: Vec<u8> = row.get(6)?;
        let announced = match announced.is_empty() {
            true => None,
            false => Some(codec::from_bytes(&announced, limits::FRAME).map_err(|_| StoreError::Corrupt)?),
        };
        let urgent: Vec<u8> = row.get(7)?;
        let urgent = match urgent.is_empty() {
            true => None,
            false => Some(codec::from_bytes(&urgent, limits::FRAME).map_err(|_| StoreError::Corrupt)?),
        };
        due.push(Open {
            seq: row.get(0)?,
            uid: EntryUid(fixed(row.get(1)?)?),
            thread: row.get(2)?,
            operation: row.get(3)?,
            entry,
            not_before: Timestamp(uint(row.get(5)?)),
            announced,
            urgent,
        });
    }
    Ok(due)
}

/// When the next message may leave that may not yet.
pub fn next_due(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT min(not_before) FROM outbox WHERE state < 2 AND not_before > ?1")?;
    let next: Option<i64> = query.query_row([int(now.0)], |row| row.get(0))?;
    Ok(next.map(|at| Timestamp(uint(at))))
}

/// How many messages the relay has not placed.
pub fn open_count(db: &Connection) -> Result<u64, StoreError> {
    let mut query = db.prepare_cached("SELECT count(*) FROM outbox WHERE state < 2")?;
    Ok(uint(query.query_row([], |row| row.get(0))?))
}

/// Freezes a message and keeps what is about to be sent.
pub fn leaving(db: &Connection, uid: EntryUid, entry: &WireEntry) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE outbox SET state = 1, entry = ?2 WHERE uid = ?1 AND state < 2")?
        .execute((&uid.0[..], codec::to_bytes(entry)))?;
    Ok(())
}

/// The relay has placed it, and had it durably at `placed_at`.
pub fn stands(db: &Connection, uid: EntryUid, placed_at: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE outbox SET state = 2, placed_at = ?2 WHERE uid = ?1")?
        .execute((&uid.0[..], int(placed_at.0)))?;
    Ok(())
}

/// What was placed since is to be offered again, as it was written: the relay has lost its log.
pub fn offer_again(db: &Connection, since: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE outbox SET state = 1 WHERE state = 2 AND placed_at >= ?1 AND length(operation) > 0",
    )?
    .execute([int(since.0)])?;
    Ok(())
}

/// Forgets what has stood longer than it is kept.
pub fn forget_placed(db: &Connection, before: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM outbox WHERE state = 2 AND placed_at < ?1")?.execute([int(before.0)])?;
    Ok(())
}

/// The relay will never take it; the text stays in its place with the reason.
pub fn refused(db: &Connection, uid: EntryUid, code: FaultCode) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE outbox SET state = 3, fault = ?2 WHERE uid = ?1 AND state < 2")?
        .execute((&uid.0[..], code.as_str()))?;
    Ok(())
}

/// The row of the thread of a message written here, and what was sent last.
pub fn find(db: &Connection, uid: EntryUid) -> Result<Option<(i64, Option<WireEntry>)>, StoreError> {
    let mut query = db.prepare_cached("SELECT thread, entry FROM outbox WHERE uid = ?1")?;
    let row: Option<(i64, Vec<u8>)> =
        query.query_row([&uid.0[..]], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    row.map(|(thread, entry)| {
        let entry = match entry.is_empty() {
            true => None,
            false => Some(codec::from_bytes(&entry, limits::FRAME).map_err(|_| StoreError::Corrupt)?),
        };
        Ok((thread, entry))
    })
    .transpose()
}
