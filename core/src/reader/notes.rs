//! Notes as screens show them.

use std::collections::BTreeMap;

use estafette_protocol::{EntryUid, Hash, ThreadId, Timestamp};

use super::{MessageRow, Reader};
use crate::note;
use crate::store::{StoreError, notes, uint};

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRow {
    /// Its first entry, with its author and how far it is; its body is title and text together.
    pub message: MessageRow,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Which text it is: what an edit names that was made on it.
    pub version: Vec<Hash>,
    /// When the text last changed on this device, relay's clock.
    pub changed_at: Timestamp,
    /// Edits of it written here have not reached the relay.
    pub unsent: bool,
}

impl Reader {
    /// The notes of a thread, the last changed first.
    pub fn notes(&mut self, thread: ThreadId) -> Result<Vec<NoteRow>, StoreError> {
        let Some(row) = self.row_of(thread)? else { return Ok(Vec::new()) };
        let mut rows = Vec::new();
        for item in notes::of_thread(&self.connection, row)? {
            rows.extend(self.note(item)?.map(|(_, note)| note));
        }
        Ok(rows)
    }

    /// The titles of a thread's notes, by what they are.
    pub fn note_titles(&mut self, thread: ThreadId) -> Result<BTreeMap<EntryUid, String>, StoreError> {
        let Some(row) = self.row_of(thread)? else { return Ok(BTreeMap::new()) };
        notes::titles(&self.connection, row)
    }

    /// One note, with its thread; nothing of one that was erased.
    pub fn note(&mut self, item: EntryUid) -> Result<Option<(ThreadId, NoteRow)>, StoreError> {
        let Some((thread, message)) = self.find(item)?.filter(|(_, message)| !message.erased) else {
            return Ok(None);
        };
        // One statement: the version must be this text's.
        let mut query = self.connection.prepare_cached(
            "SELECT title, version, changed_at, body,
                    EXISTS (SELECT 1 FROM outbox WHERE state < 2 AND (outbox.item = ?1 OR outbox.uid = ?1))
             FROM note JOIN message ON message.uid = note.item WHERE note.item = ?1",
        )?;
        let mut rows = query.query([&item.0[..]])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (title, body): (String, String) = (row.get(0)?, row.get(3)?);
        let note = NoteRow {
            text: note::text_of(&body, &title).to_owned(),
            title,
            version: notes::read_version(&row.get::<_, Vec<u8>>(1)?)?,
            changed_at: Timestamp(uint(row.get(2)?)),
            unsent: row.get(4)?,
            message: MessageRow { body, ..message },
        };
        Ok(Some((thread, note)))
    }
}
