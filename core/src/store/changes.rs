//! Entries of the log that change an item or a thread instead of being an item, and what they
//! set for the thread.

use estafette_protocol::{EntryUid, Position};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, int};

/// Notes that an entry changes an item; `None` for the thread itself.
pub fn insert(
    db: &Connection,
    thread: i64,
    position: Position,
    uid: EntryUid,
    item: Option<EntryUid>,
) -> Result<(), StoreError> {
    let item = item.map(|item| item.0.to_vec()).unwrap_or_default();
    db.prepare_cached("INSERT OR IGNORE INTO change (thread, position, uid, item) VALUES (?1, ?2, ?3, ?4)")?
        .execute((thread, int(position.0), &uid.0[..], item))?;
    Ok(())
}

/// What a member has set for a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Its title.
    Title,
    /// A message that is to be found at once: « épinglé ».
    Pin(EntryUid),
}

impl Setting {
    fn name(self) -> String {
        match self {
            Self::Title => "title".to_owned(),
            Self::Pin(item) => format!("{PIN}{item}"),
        }
    }
}

const PIN: &str = "pin ";

/// Sets something for a thread, unless something later was set; an empty value takes it away.
pub fn set(
    db: &Connection,
    thread: i64,
    setting: Setting,
    position: Position,
    value: &str,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO thread_setting (thread, name, position, value) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (thread, name) DO UPDATE SET position = excluded.position, value = excluded.value
         WHERE excluded.position >= position",
    )?
    .execute((thread, setting.name(), int(position.0), value))?;
    Ok(())
}

/// A thread's title, if its members have set one.
pub fn title(db: &Connection, thread: i64) -> Result<Option<String>, StoreError> {
    let mut query = db
        .prepare_cached("SELECT value FROM thread_setting WHERE thread = ?1 AND name = ?2 AND value <> ''")?;
    Ok(query.query_row((thread, Setting::Title.name()), |row| row.get(0)).optional()?)
}

/// The messages pinned in a thread, the last one pinned first.
pub fn pins(db: &Connection, thread: i64) -> Result<Vec<EntryUid>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT substr(name, 5) FROM thread_setting WHERE thread = ?1 AND name >= 'pin ' AND name < 'pin!'
         AND value <> '' ORDER BY position DESC",
    )?;
    let names = query.query_map([thread], |row| row.get::<_, String>(0))?;
    names.map(|name| name?.parse().map_err(|_| StoreError::Corrupt)).collect()
}

/// The relay's log is another one: places of the lost one mean nothing, and what was erased is to
/// be erased at the relay again. What was set and said stays until it comes back.
pub fn begin_anew(db: &Connection) -> Result<(), StoreError> {
    db.execute_batch(
        "DELETE FROM change;
         UPDATE edition SET position = 0;
         UPDATE reaction SET position = 0;
         UPDATE thread_setting SET position = 0;
         UPDATE tombstone SET settled = 0;",
    )?;
    Ok(())
}
