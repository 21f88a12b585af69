//! The versions of an edited message, and what people answer it with one sign.
//!
//! A version names those that it takes the place of. What none takes the place of is current; two
//! current ones were written without knowing of each other and wait for their author's choice.

use std::collections::{BTreeMap, BTreeSet};

use estafette_protocol::{AgentNumber, DeviceId, EntryUid, Position, Timestamp};
use rusqlite::{Connection, Row};

use super::{StoreError, fixed, int, uint};

/// A version of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Its entry; the item's own name for the first.
    pub uid: EntryUid,
    /// The message.
    pub item: EntryUid,
    /// Its place in the thread; 0 while the relay has not placed it.
    pub position: Position,
    /// The device that wrote it.
    pub author: DeviceId,
    /// By that device's clock.
    pub written_at: Timestamp,
    /// By the relay's clock; 0 while unplaced.
    pub received_at: Timestamp,
    /// The text.
    pub body: String,
    /// The versions that it takes the place of.
    pub over: Vec<EntryUid>,
}

/// Stores a version; one that is known and has no place takes this one's. Of a message that is edited for the first
/// time, its first version is stored with it.
pub fn insert(db: &Connection, thread: i64, edition: &Edition) -> Result<bool, StoreError> {
    db.prepare_cached(
        "INSERT INTO edition (uid, item, thread, position, author, written_at, received_at, body, over)
         SELECT uid, uid, thread, position, author, written_at, received_at, body, x'' FROM message
         WHERE uid = ?1 ON CONFLICT (uid) DO NOTHING",
    )?
    .execute([&edition.item.0[..]])?;
    let over: Vec<u8> = edition.over.iter().flat_map(|version| version.0).collect();
    let added = db
        .prepare_cached(
            "INSERT INTO edition (uid, item, thread, position, author, written_at, received_at, body, over)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (uid) DO UPDATE SET position = excluded.position, received_at = excluded.received_at
             WHERE position = 0 AND excluded.position > 0",
        )?
        .execute((
            &edition.uid.0[..],
            &edition.item.0[..],
            thread,
            int(edition.position.0),
            &edition.author.0[..],
            int(edition.written_at.0),
            int(edition.received_at.0),
            &edition.body,
            over,
        ))?;
    Ok(added == 1)
}

/// All versions of a message in their order, those without a place last; none of one that was
/// never edited.
pub fn of_item(db: &Connection, item: EntryUid) -> Result<Vec<Edition>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT uid, item, position, author, written_at, received_at, body, over FROM edition
         WHERE item = ?1 ORDER BY position = 0, position, written_at, uid",
    )?;
    let mut rows = query.query([&item.0[..]])?;
    let mut editions = Vec::new();
    while let Some(row) = rows.next()? {
        editions.push(read(row)?);
    }
    Ok(editions)
}

fn read(row: &Row<'_>) -> Result<Edition, StoreError> {
    let over: Vec<u8> = row.get(7)?;
    let over = over.chunks(EntryUid::LEN).map(EntryUid::from_slice).collect::<Option<_>>();
    Ok(Edition {
        uid: EntryUid(fixed(row.get(0)?)?),
        item: EntryUid(fixed(row.get(1)?)?),
        position: Position(uint(row.get(2)?)),
        author: DeviceId(fixed(row.get(3)?)?),
        written_at: Timestamp(uint(row.get(4)?)),
        received_at: Timestamp(uint(row.get(5)?)),
        body: row.get(6)?,
        over: over.ok_or(StoreError::Corrupt)?,
    })
}

/// The versions, of those in order, that no other takes the place of.
pub fn current(editions: &[Edition]) -> Vec<&Edition> {
    let covered: BTreeSet<EntryUid> =
        editions.iter().flat_map(|edition| edition.over.iter().copied()).collect();
    editions.iter().filter(|edition| !covered.contains(&edition.uid)).collect()
}

/// Gives a version written here its place.
pub fn place(db: &Connection, uid: EntryUid, position: Position, at: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE edition SET position = ?2, received_at = ?3 WHERE uid = ?1 AND position = 0")?
        .execute((&uid.0[..], int(position.0), int(at.0)))?;
    Ok(())
}

/// Forgets all versions of a message.
pub fn erase(db: &Connection, item: EntryUid) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM edition WHERE item = ?1")?.execute([&item.0[..]])?;
    db.prepare_cached("DELETE FROM reaction WHERE item = ?1")?.execute([&item.0[..]])?;
    Ok(())
}

/// Forgets one version, which its author has taken back before it left.
pub fn forget(db: &Connection, uid: EntryUid) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM edition WHERE uid = ?1")?.execute([&uid.0[..]])?;
    Ok(())
}

/// An agent's reaction to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The item.
    pub item: EntryUid,
    /// Whose.
    pub agent: AgentNumber,
    /// Its entry.
    pub uid: EntryUid,
    /// Its place; 0 while the relay has not placed it.
    pub position: Position,
    /// When it was given, by the agent's clock.
    pub at: Timestamp,
    /// The sign; empty withdraws the one before.
    pub emoji: String,
}

/// Stores a reaction. One that is placed ends every earlier one of its agent.
pub fn react(db: &Connection, reaction: &Reaction) -> Result<(), StoreError> {
    let Reaction { item, agent, uid, position, at, emoji } = reaction;
    db.prepare_cached(
        "INSERT INTO reaction (item, agent, uid, position, at, emoji) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (item, agent, uid) DO UPDATE SET position = max(position, excluded.position)",
    )?
    .execute((&item.0[..], agent.0, &uid.0[..], int(position.0), int(at.0), emoji))?;
    drop_older(db, *item, *agent)
}

fn drop_older(db: &Connection, item: EntryUid, agent: AgentNumber) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM reaction WHERE item = ?1 AND agent = ?2 AND position > 0 AND position <
             (SELECT max(position) FROM reaction WHERE item = ?1 AND agent = ?2)",
    )?
    .execute((&item.0[..], agent.0))?;
    Ok(())
}

/// What people answered an item with, by agent. What this device has sent and not placed counts
/// as its agent's last.
pub fn reactions(db: &Connection, item: EntryUid) -> Result<Vec<(AgentNumber, String)>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT agent, emoji FROM reaction WHERE item = ?1 ORDER BY agent, position = 0, position, at",
    )?;
    let rows =
        query.query_map([&item.0[..]], |row| Ok((AgentNumber(row.get(0)?), row.get::<_, String>(1)?)))?;
    let mut last: BTreeMap<AgentNumber, String> = BTreeMap::new();
    for row in rows {
        let (agent, emoji) = row?;
        last.insert(agent, emoji);
    }
    Ok(last.into_iter().filter(|(_, emoji)| !emoji.is_empty()).collect())
}
