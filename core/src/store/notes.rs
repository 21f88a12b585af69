//! Notes as rows: the document as it was last stored whole, the changes since, and those that wait.

use std::collections::BTreeMap;

use estafette_protocol::{DeviceId, EntryUid, Hash, Timestamp, codec};
use minicbor::bytes::ByteVec;
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, fixed, int, uint};

/// A note's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its name.
    pub item: EntryUid,
    /// The row of its thread.
    pub thread: i64,
    /// Its title.
    pub title: String,
    /// The changes that no other follows.
    pub version: Vec<Hash>,
    /// When its text last changed on this device.
    pub changed_at: Timestamp,
}

/// What an entry changed, by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The order of coming.
    pub seq: i64,
    /// The author's device.
    pub device: DeviceId,
    /// As the entry carries them.
    pub changes: Vec<ByteVec>,
}

/// Stores a new note with its document.
pub fn insert(db: &Connection, note: &Note, document: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO note (item, thread, title, document, version, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (item) DO NOTHING",
    )?
    .execute((
        &note.item.0[..],
        note.thread,
        &note.title,
        document,
        hashes(&note.version),
        int(note.changed_at.0),
    ))?;
    Ok(())
}

/// A note.
pub fn get(db: &Connection, item: EntryUid) -> Result<Option<Note>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT thread, title, version, changed_at FROM note WHERE item = ?1")?;
    let row: Option<(i64, String, Vec<u8>, i64)> = query
        .query_row([&item.0[..]], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    row.map(|(thread, title, version, changed_at)| {
        let version = read_version(&version)?;
        Ok(Note { item, thread, title, version, changed_at: Timestamp(uint(changed_at)) })
    })
    .transpose()
}

/// Whether an item is a note.
pub fn holds(db: &Connection, item: EntryUid) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached("SELECT 1 FROM note WHERE item = ?1")?;
    Ok(query.query_row([&item.0[..]], |_| Ok(())).optional()?.is_some())
}

/// The notes of a thread, the last changed first.
pub fn of_thread(db: &Connection, thread: i64) -> Result<Vec<EntryUid>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT item FROM note WHERE thread = ?1 ORDER BY changed_at DESC, item")?;
    let items = query.query_map([thread], |row| row.get::<_, Vec<u8>>(0))?;
    items.map(|item| Ok(EntryUid(fixed(item?)?))).collect()
}

/// The titles of the notes of a thread.
pub fn titles(db: &Connection, thread: i64) -> Result<BTreeMap<EntryUid, String>, StoreError> {
    let mut query = db.prepare_cached("SELECT item, title FROM note WHERE thread = ?1")?;
    let titles =
        query.query_map([thread], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?)))?;
    titles
        .map(|one| {
            one.map_err(StoreError::from).and_then(|(item, title)| Ok((EntryUid(fixed(item)?), title)))
        })
        .collect()
}

/// The document as it was last stored whole.
pub fn document(db: &Connection, item: EntryUid) -> Result<Option<Vec<u8>>, StoreError> {
    let mut query = db.prepare_cached("SELECT document FROM note WHERE item = ?1")?;
    Ok(query.query_row([&item.0[..]], |row| row.get(0)).optional()?)
}

/// Notes that the text is another one.
pub fn changed(db: &Connection, item: EntryUid, version: &[Hash], at: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE note SET version = ?2, changed_at = ?3 WHERE item = ?1")?.execute((
        &item.0[..],
        hashes(version),
        int(at.0),
    ))?;
    Ok(())
}

/// Stores the document whole; the changes that it holds go.
pub fn store_whole(db: &Connection, item: EntryUid, document: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE note SET document = ?2 WHERE item = ?1")?.execute((&item.0[..], document))?;
    db.prepare_cached("DELETE FROM note_change WHERE item = ?1 AND waiting = 0")?.execute([&item.0[..]])?;
    Ok(())
}

/// Keeps an entry's changes, applied or waiting.
pub fn keep(
    db: &Connection,
    item: EntryUid,
    device: DeviceId,
    changes: &[ByteVec],
    waiting: bool,
) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO note_change (item, device, changes, waiting) VALUES (?1, ?2, ?3, ?4)")?
        .execute((&item.0[..], &device.0[..], codec::to_bytes(&changes.to_vec()), waiting))?;
    Ok(())
}

/// The entries of a note that were applied since it was stored whole, or those that wait, in the
/// order in which they came.
pub fn kept(db: &Connection, item: EntryUid, waiting: bool) -> Result<Vec<Entry>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT seq, device, changes FROM note_change WHERE item = ?1 AND waiting = ?2 ORDER BY seq",
    )?;
    let mut rows = query.query((&item.0[..], waiting))?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let changes: Vec<u8> = row.get(2)?;
        let changes = codec::from_bytes(&changes, usize::MAX).map_err(|_| StoreError::Corrupt)?;
        entries.push(Entry { seq: row.get(0)?, device: DeviceId(fixed(row.get(1)?)?), changes });
    }
    Ok(entries)
}

/// How many entries of a note wait.
pub fn waiting_count(db: &Connection, item: EntryUid) -> Result<u64, StoreError> {
    let mut query = db.prepare_cached("SELECT count(*) FROM note_change WHERE item = ?1 AND waiting = 1")?;
    Ok(uint(query.query_row([&item.0[..]], |row| row.get(0))?))
}

/// An entry waits no longer: it is applied, or gone.
pub fn end_waiting(db: &Connection, seq: i64, applied: bool) -> Result<(), StoreError> {
    let sql = match applied {
        true => "UPDATE note_change SET waiting = 0 WHERE seq = ?1",
        false => "DELETE FROM note_change WHERE seq = ?1",
    };
    db.prepare_cached(sql)?.execute([seq])?;
    Ok(())
}

/// Notes which device writes as an actor.
pub fn bind(db: &Connection, item: EntryUid, actor: &[u8], device: DeviceId) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO note_actor (item, actor, device) VALUES (?1, ?2, ?3) ON CONFLICT (item, actor) DO NOTHING",
    )?
    .execute((&item.0[..], actor, &device.0[..]))?;
    Ok(())
}

/// The actors of a note with their devices.
pub fn actors(db: &Connection, item: EntryUid) -> Result<Vec<(Vec<u8>, DeviceId)>, StoreError> {
    let mut query = db.prepare_cached("SELECT actor, device FROM note_actor WHERE item = ?1")?;
    let rows = query.query_map([&item.0[..]], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    rows.map(|row| {
        let (actor, device) = row?;
        Ok((actor, DeviceId(fixed(device)?)))
    })
    .collect()
}

/// Forgets a note.
pub fn erase(db: &Connection, item: EntryUid) -> Result<(), StoreError> {
    for table in ["note", "note_change", "note_actor"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE item = ?1"))?.execute([&item.0[..]])?;
    }
    Ok(())
}

/// A version as it stands in a row.
pub fn read_version(bytes: &[u8]) -> Result<Vec<Hash>, StoreError> {
    bytes.chunks(Hash::LEN).map(Hash::from_slice).collect::<Option<_>>().ok_or(StoreError::Corrupt)
}

fn hashes(version: &[Hash]) -> Vec<u8> {
    version.iter().flat_map(|hash| hash.0).collect()
}
