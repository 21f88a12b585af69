//! Names of erased items. What still comes for one of them changes nothing.

use estafette_protocol::{EntryUid, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, fixed, int};

/// Notes that an item is erased.
pub fn put(db: &Connection, item: EntryUid, thread: i64, at: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO tombstone (item, thread, at, settled) VALUES (?1, ?2, ?3, 0)")?
        .execute((&item.0[..], thread, int(at.0)))?;
    Ok(())
}

/// Whether an item is erased.
pub fn holds(db: &Connection, item: EntryUid) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached("SELECT 1 FROM tombstone WHERE item = ?1")?;
    Ok(query.query_row([&item.0[..]], |_| Ok(())).optional()?.is_some())
}

/// Erased items of which the relay may still hold entries of this agent's devices: the item, the
/// row of its thread, and those entries' names. At most `most` items.
pub fn unsettled(db: &Connection, most: usize) -> Result<Vec<(EntryUid, i64, Vec<EntryUid>)>, StoreError> {
    let mut query =
        db.prepare_cached(&format!("SELECT item, thread FROM tombstone WHERE settled = 0 LIMIT {most}"))?;
    let rows = query.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?)))?;
    let mut unsettled = Vec::new();
    for row in rows {
        let (item, thread) = row?;
        let item = EntryUid(fixed(item)?);
        let mut entries = vec![item];
        let mut query = db.prepare_cached("SELECT uid FROM change WHERE item = ?1")?;
        for uid in query.query_map([&item.0[..]], |row| row.get::<_, Vec<u8>>(0))? {
            entries.push(EntryUid(fixed(uid?)?));
        }
        unsettled.push((item, thread, entries));
    }
    Ok(unsettled)
}

/// The relay has dropped what it held.
pub fn settle(db: &Connection, item: EntryUid) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE tombstone SET settled = 1 WHERE item = ?1")?.execute([&item.0[..]])?;
    Ok(())
}
