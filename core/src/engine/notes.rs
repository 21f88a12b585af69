//! Notes: what members write in them here, and what comes from others.
//!
//! Always true: every row that an edit makes is in one transaction, with the entry that carries it. A
//! member's entry changes a note, or nothing; what it follows and has not come, it waits for. The
//! text that people read is written once for each transaction, however much came in it.
//!
//! An actor is drawn each time that the database is opened: a copy of the files that is put back and
//! opened again never writes as somebody who wrote other things under the same numbers.

use std::collections::{BTreeMap, BTreeSet};

use estafette_protocol::entry::{Deed, ItemKind, Operation};
use estafette_protocol::{
    DeviceId, EntryUid, Fault, FaultCode, Hash, Position, ThreadId, Timestamp, codec, limits,
};
use minicbor::bytes::ByteVec;

use super::items::Done;
use super::turn::Turn;
use super::{Change, CommandAnswer};
use crate::note::{self, Document, DocumentError, NoteContent, Splice, Taken};
use crate::store::messages::{self, Message};
use crate::store::notes::{self, Note};
use crate::store::rosters::RosterState;
use crate::store::{StoreError, outbox};

/// Documents kept open: who writes together writes in one note.
const OPEN: usize = 4;
/// Changes after which a document is stored whole again.
const UNSAVED: usize = 64;
/// An entry that has not left takes further edits up to this size, in bytes.
const GATHERED: usize = 40 * 1024;

/// The documents at hand. Rows say the same: what is forgotten is loaded again.
#[derive(Default)]
pub(super) struct Notes {
    open: BTreeMap<EntryUid, Document>,
    /// Those with changes that the rows of screens do not show yet.
    dirty: BTreeSet<EntryUid>,
    /// As whom this device writes until it opens its database again.
    actor: Option<[u8; 16]>,
}

impl Notes {
    pub fn forget_all(&mut self) {
        *self = Self::default();
    }

    fn forget(&mut self, item: EntryUid) {
        self.open.remove(&item);
        self.dirty.remove(&item);
    }
}

type Answer = Result<Result<CommandAnswer, Fault>, StoreError>;

impl From<DocumentError> for FaultCode {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Damaged => Self::Internal,
            DocumentError::VersionMissing => Self::NotFound,
            DocumentError::OutsideText => Self::Malformed,
        }
    }
}

fn damaged(error: DocumentError) -> StoreError {
    tracing::error!(%error, "a note's document does not hold");
    StoreError::Corrupt
}

impl Turn<'_> {
    /// Begins a note. What its first entry does not hold of the text follows in others.
    pub fn create_note(&mut self, thread: ThreadId, title: String, text: &str) -> Answer {
        let end = text.char_indices().nth(limits::MESSAGE_CHARACTERS).map_or(text.len(), |(at, _)| at);
        let (first, rest) = text.split_at(end);
        let content = NoteContent { title, text: first.to_owned() };
        if let Err(error) = content.check() {
            return Ok(Err(Fault::from(error).with_number(limits::TITLE as u64)));
        }
        if text.chars().count() > limits::NOTE_CHARACTERS {
            return Ok(Err(too_long()));
        }
        let row = match self.thread_to_write(thread)? {
            Ok(row) => row,
            Err(code) => return Ok(Err(code.into())),
        };
        let now = self.now();
        let uid = EntryUid(self.random());
        let deed = Deed::Create {
            kind: ItemKind::Note,
            content: content.to_bytes().into(),
            parents: None,
            mentions: None,
        };
        let operation = codec::to_bytes(&Operation { written_at: now, deed });
        let not_before = self.composed_off_duty_until().unwrap_or_default();
        outbox::insert(self.tx, uid, row, &operation, not_before, None)?;
        let message = Message {
            uid,
            position: Position(0),
            author: self.memory.identity.device,
            written_at: now,
            received_at: Timestamp(0),
            body: note::body(&content.title, &content.text),
            parents: Vec::new(),
            mentions: Vec::new(),
            document: messages::Document::Implied,
        };
        messages::insert(self.tx, row, &message)?;
        self.begin_note(row, uid, &content)?;
        self.changed.extend([Change::Thread(thread), Change::Outbox]);
        if !rest.is_empty() {
            let position = content.text.chars().count();
            let splice = Splice { position, deleted: 0, inserted: rest.to_owned() };
            if let Err(fault) = self.edit_note(uid, &[], &[splice])? {
                return Ok(Err(fault));
            }
        }
        Ok(Ok(CommandAnswer::Written { uid, not_before: (not_before > now).then_some(not_before) }))
    }

    fn thread_to_write(&mut self, thread: ThreadId) -> Result<Result<i64, FaultCode>, StoreError> {
        let Some(row) = self.thread_row(thread)? else { return Ok(Err(FaultCode::NotFound)) };
        if self.memory.revoked {
            return Ok(Err(FaultCode::DeviceRevoked));
        }
        let roster = self.thread(row)?.roster;
        match self.memory.rosters.get(&roster) {
            Some(roster) if roster.state != RosterState::Gone => Ok(Ok(row)),
            _ => Ok(Err(FaultCode::NotAMember)),
        }
    }

    /// Stores the document of a note whose message has just been stored.
    pub fn begin_note(
        &mut self,
        thread: i64,
        item: EntryUid,
        content: &NoteContent,
    ) -> Result<(), StoreError> {
        let mut document = Document::new(item, content).map_err(damaged)?;
        let row = Note {
            item,
            thread,
            title: content.title.clone(),
            version: document.version(),
            changed_at: self.now(),
        };
        notes::insert(self.tx, &row, &document.save().map_err(damaged)?)?;
        self.keep_open(item, document);
        Ok(())
    }

    /// Edits a note of any member.
    pub fn edit_note(&mut self, item: EntryUid, over: &[Hash], splices: &[Splice]) -> Answer {
        let thread = match self.message_to_change(item)? {
            Ok((thread, _)) if notes::holds(self.tx, item)? => thread,
            Ok(_) => return Ok(Err(FaultCode::NotFound.into())),
            Err(fault) => return Ok(Err(fault)),
        };
        let id = self.thread(thread)?.id;
        if let Err(code) = self.thread_to_write(id)? {
            return Ok(Err(code.into()));
        }
        let sum = |sum: usize, part: usize| sum.saturating_add(part);
        let inserted = splices.iter().map(|splice| splice.inserted.chars().count()).fold(0, sum);
        let deleted = splices.iter().map(|splice| splice.deleted).fold(0, sum);
        if inserted == 0 && deleted == 0 {
            return Ok(Err(FaultCode::Malformed.into()));
        }
        let (actor, device) = (self.actor(), self.memory.identity.device);
        let length = self.open_note(item)?.length().map_err(damaged)?;
        if inserted > limits::NOTE_CHARACTERS
            || deleted > limits::NOTE_CHARACTERS.saturating_add(inserted)
            || length.saturating_add(inserted).saturating_sub(deleted) > limits::NOTE_CHARACTERS
        {
            return Ok(Err(too_long()));
        }
        let document = self.open_note(item)?;
        let (changes, version) = match document.splice(over, actor, device, splices) {
            Ok(made) => made,
            Err(error) => {
                // What is in the document and in no row is forgotten with it.
                if document.spoiled {
                    self.memory.notes.open.remove(&item);
                }
                return Ok(Err(FaultCode::from(error).into()));
            }
        };
        for change in &changes {
            notes::bind(self.tx, item, &change.actor, device)?;
            let bytes = change.to_bytes();
            notes::keep(self.tx, item, device, &[bytes.clone().into()], false)?;
            self.send_change(thread, item, bytes)?;
        }
        self.memory.notes.dirty.insert(item);
        Ok(Ok(CommandAnswer::Edited { version }))
    }

    /// Puts a change into the last entry of this note that has not left, or into one of its own.
    fn send_change(&mut self, thread: i64, item: EntryUid, change: Vec<u8>) -> Result<(), StoreError> {
        if let Some((uid, operation)) = outbox::last_unsent(self.tx, item)?
            && operation.len() + change.len() <= GATHERED
            && let Ok(Operation { deed: Deed::Change { mut changes, .. }, .. }) =
                Operation::from_bytes(&operation)
        {
            changes.push(change.into());
            let deed = Deed::Change { item, changes };
            let operation = codec::to_bytes(&Operation { written_at: self.now(), deed });
            return outbox::rewrite(self.tx, uid, &operation);
        }
        self.send_deed(thread, Deed::Change { item, changes: vec![change.into()] }).map(drop)
    }

    /// A member's entry changes a note.
    pub fn change_note(
        &mut self,
        done: &Done<'_>,
        item: EntryUid,
        changes: &[ByteVec],
    ) -> Result<(), StoreError> {
        if !notes::holds(self.tx, item)? {
            return self.reject(done);
        }
        match self.take(item, changes, done.author)? {
            Taken::Known => Ok(()),
            Taken::New(_) => {
                notes::keep(self.tx, item, done.author, changes, false)?;
                self.end_waiting(done, item)
            }
            Taken::Waits if notes::waiting_count(self.tx, item)? < limits::NOTE_WAITING as u64 => {
                notes::keep(self.tx, item, done.author, changes, true)
            }
            Taken::Waits | Taken::Refused => self.reject(done),
        }
    }

    fn take(&mut self, item: EntryUid, changes: &[ByteVec], device: DeviceId) -> Result<Taken, StoreError> {
        let document = self.open_note(item)?;
        let taken = document.take(changes, device);
        if document.spoiled {
            self.memory.notes.open.remove(&item);
        }
        if let Taken::New(actors) = &taken {
            self.memory.notes.dirty.insert(item);
            for actor in actors {
                notes::bind(self.tx, item, actor, device)?;
            }
        }
        Ok(taken)
    }

    /// Takes what waited for what has just come, as long as something does.
    fn end_waiting(&mut self, done: &Done<'_>, item: EntryUid) -> Result<(), StoreError> {
        loop {
            let mut moved = false;
            for entry in notes::kept(self.tx, item, true)? {
                match self.take(item, &entry.changes, entry.device)? {
                    Taken::Waits => {}
                    Taken::New(_) => {
                        notes::end_waiting(self.tx, entry.seq, true)?;
                        moved = true;
                    }
                    Taken::Known => notes::end_waiting(self.tx, entry.seq, false)?,
                    Taken::Refused => {
                        notes::end_waiting(self.tx, entry.seq, false)?;
                        self.reject(done)?;
                    }
                }
            }
            if !moved {
                return Ok(());
            }
        }
    }

    /// Writes what screens read of the notes that changed in this transaction.
    pub fn settle_notes(&mut self) -> Result<(), StoreError> {
        for item in std::mem::take(&mut self.memory.notes.dirty) {
            let Some(note) = notes::get(self.tx, item)? else { continue };
            let now = self.now();
            let document = self.open_note(item)?;
            let text = document.text().map_err(damaged)?;
            let version = document.version();
            let whole = match document.unsaved >= UNSAVED {
                true => Some(document.save().map_err(damaged)?),
                false => None,
            };
            messages::set_text(self.tx, item, &note::body(&note.title, &text))?;
            notes::changed(self.tx, item, &version, now)?;
            if let Some(whole) = whole {
                notes::store_whole(self.tx, item, &whole)?;
            }
            self.touched.insert(note.thread);
        }
        Ok(())
    }

    /// A note is erased, or was taken back.
    pub fn forget_note(&mut self, item: EntryUid) -> Result<(), StoreError> {
        self.memory.notes.forget(item);
        notes::erase(self.tx, item)
    }

    /// As whom this device writes.
    fn actor(&mut self) -> [u8; 16] {
        if let Some(actor) = self.memory.notes.actor {
            return actor;
        }
        let actor = self.random();
        self.memory.notes.actor = Some(actor);
        actor
    }

    /// The document of a note that is here.
    fn open_note(&mut self, item: EntryUid) -> Result<&mut Document, StoreError> {
        if !self.memory.notes.open.contains_key(&item) {
            let stored = notes::document(self.tx, item)?.ok_or(StoreError::Corrupt)?;
            let actors = notes::actors(self.tx, item)?;
            let mut document = Document::load(item, &stored, &actors).map_err(damaged)?;
            for entry in notes::kept(self.tx, item, false)? {
                match document.take(&entry.changes, entry.device) {
                    Taken::New(_) | Taken::Known => {}
                    Taken::Waits | Taken::Refused => return Err(damaged(DocumentError::Damaged)),
                }
            }
            self.keep_open(item, document);
        }
        self.memory.notes.open.get_mut(&item).ok_or(StoreError::Corrupt)
    }

    fn keep_open(&mut self, item: EntryUid, document: Document) {
        let notes = &mut self.memory.notes;
        if notes.open.len() >= OPEN
            && let Some(other) = notes.open.keys().copied().find(|other| !notes.dirty.contains(other))
        {
            notes.open.remove(&other);
        }
        notes.open.insert(item, document);
    }
}

fn too_long() -> Fault {
    Fault::new(FaultCode::MessageTooLong).with_number(limits::NOTE_CHARACTERS as u64)
}
