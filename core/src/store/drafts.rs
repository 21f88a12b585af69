//! Unfinished messages, one for each thread. They never leave this device.

use estafette_protocol::{EntryUid, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, int, uint};

/// An unfinished message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The text so far.
    pub text: String,
    /// The messages that it answers.
    pub parents: Vec<EntryUid>,
    /// When it was last touched, relay's clock as this device knows it.
    pub at: Timestamp,
}

/// Keeps a draft in the place of the last one; an empty one goes.
pub fn put(db: &Connection, thread: i64, draft: &Draft) -> Result<(), StoreError> {
    if draft.text.is_empty() && draft.parents.is_empty() {
        db.prepare_cached("DELETE FROM draft WHERE thread = ?1")?.execute([thread])?;
        return Ok(());
    }
    let parents: Vec<u8> = draft.parents.iter().flat_map(|parent| parent.0).collect();
    db.prepare_cached("INSERT OR REPLACE INTO draft (thread, body, parents, at) VALUES (?1, ?2, ?3, ?4)")?
        .execute((thread, &draft.text, parents, int(draft.at.0)))?;
    Ok(())
}

/// The draft of a thread.
pub fn get(db: &Connection, thread: i64) -> Result<Option<Draft>, StoreError> {
    let mut query = db.prepare_cached("SELECT body, parents, at FROM draft WHERE thread = ?1")?;
    let row = query.query_row([thread], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, row.get(2)?)));
    let Some((text, parents, at)) = row.optional()? else { return Ok(None) };
    let parents = parents.chunks(EntryUid::LEN).map(EntryUid::from_slice).collect::<Option<_>>();
    Ok(Some(Draft { text, parents: parents.ok_or(StoreError::Corrupt)?, at: Timestamp(uint(at)) }))
}
