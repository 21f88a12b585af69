//! A note's document while it is open: changes come in, the text comes out.
//!
//! Changes that were taken are applied together when the text is asked for: automerge takes as long
//! for one as for a hundred.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::transaction::{CommitOptions, Transactable as _};
use automerge::{
    ActorId, Automerge, ChangeHash, LoadOptions, ObjId, ObjType, PatchLog, ROOT, ReadDoc as _, ScalarValue,
    TextEncoding,
};
use estafette_protocol::{DeviceId, EntryUid, Hash};
use minicbor::bytes::ByteVec;

use super::change::{Change, Element, Steps, TEXT, expanded};
use super::history::{History, Verdict};
use super::{NoteContent, Splice, first_actor};

/// Operations of one change that is made here: the largest fits an entry beside another.
const OPERATIONS: usize = 4_000;

/// What became of an entry's changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// At least one is new; these actors had written nothing before.
    New(Vec<Vec<u8>>),
    /// All were here.
    Known,
    /// Something that they rest on has not come; nothing of them is applied.
    Waits,
    /// They can never be applied; nothing of them is.
    Refused,
}

/// Why a document cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// What was stored is no note, or automerge does not take what was judged sound: a defect.
    #[error("the document of a note is damaged")]
    Damaged,
    /// An edit names a version that is not here.
    #[error("the edit is on a version that is not here")]
    VersionMissing,
    /// An edit names characters that are not there.
    #[error("the edit is outside the text")]
    OutsideText,
}

/// An open note.
#[derive(Debug)]
pub struct Document {
    item: EntryUid,
    automerge: Automerge,
    text: ObjId,
    history: History,
    /// Judged and recorded, not yet applied.
    pending: Vec<automerge::Change>,
    /// Changes since it was stored whole.
    pub unsaved: usize,
    /// A part of an entry or of an edit is in it, and the rest was refused: it is to be loaded again.
    pub spoiled: bool,
}

/// A change of an entry that is being taken.
struct Read {
    travelled: Change,
    parents: Vec<Hash>,
    written: automerge::Change,
    hash: Hash,
}

impl Document {
    /// A note as its first entry makes it.
    pub fn new(item: EntryUid, content: &NoteContent) -> Result<Self, DocumentError> {
        let first = first_change(item, content);
        let mut automerge = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint);
        automerge.apply_changes([first]).map_err(|_| DocumentError::Damaged)?;
        Self::around(item, automerge)
    }

    /// A note as [`Document::save`] stored it, with the devices of its actors.
    pub fn load(
        item: EntryUid,
        stored: &[u8],
        actors: &[(Vec<u8>, DeviceId)],
    ) -> Result<Self, DocumentError> {
        let options = LoadOptions::new().text_encoding(TextEncoding::UnicodeCodePoint);
        let automerge = Automerge::load_with_options(stored, options).map_err(|_| DocumentError::Damaged)?;
        let mut document = Self::around(item, automerge)?;
        actors.iter().for_each(|(actor, device)| document.history.bind(actor, *device));
        Ok(document)
    }

    fn around(item: EntryUid, automerge: Automerge) -> Result<Self, DocumentError> {
        let (_, text) =
            automerge.get(ROOT, "text").map_err(|_| DocumentError::Damaged)?.ok_or(DocumentError::Damaged)?;
        let mut history = History::default();
        let mut changes = automerge.get_changes(&[]).into_iter();
        let first = changes.next().ok_or(DocumentError::Damaged)?;
        let characters = (first.len() as u64).saturating_sub(TEXT);
        history.begin(&first_actor(item), Hash(first.hash().0), characters);
        for written in changes {
            let change = Change::read(&written, item).ok_or(DocumentError::Damaged)?;
            history.record(&change, &change.parents, Hash(written.hash().0));
        }
        Ok(Self { item, automerge, text, history, pending: Vec::new(), unsaved: 0, spoiled: false })
    }

    /// Takes the changes of an entry, all or none.
    pub fn take(&mut self, changes: &[ByteVec], device: DeviceId) -> Taken {
        let Some(read) = self.read(changes) else { return Taken::Refused };
        if self.waits_for(&read) {
            return Taken::Waits;
        }
        let (mut actors, mut new) = (Vec::new(), 0);
        for change in read {
            match self.history.judge(&change.travelled, &change.parents, change.hash, device) {
                Verdict::Known => continue,
                Verdict::Sound => {}
                Verdict::Refused => {
                    self.spoiled = new > 0;
                    return Taken::Refused;
                }
            }
            if self.history.device(&change.travelled.actor).is_none() {
                actors.push(change.travelled.actor.to_vec());
                self.history.bind(&change.travelled.actor, device);
            }
            self.history.record(&change.travelled, &change.parents, change.hash);
            self.pending.push(change.written);
            new += 1;
        }
        self.unsaved += new;
        if new == 0 { Taken::Known } else { Taken::New(actors) }
    }

    /// An entry's changes, at least one, each well formed.
    fn read(&self, changes: &[ByteVec]) -> Option<Vec<Read>> {
        let mut read: Vec<Read> = Vec::new();
        for bytes in changes {
            let travelled = Change::from_bytes(bytes)?;
            let parents = match (travelled.parents.is_empty(), read.last()) {
                (true, Some(before)) => vec![before.hash],
                _ => travelled.parents.clone(),
            };
            let written = travelled.written(self.item, &parents)?;
            let hash = Hash(written.hash().0);
            read.push(Read { travelled, parents, written, hash });
        }
        (!read.is_empty()).then_some(read)
    }

    /// Whether something has not come that these follow. Honest numbers go on from the highest that
    /// their author knew: a higher one than here follows something, too.
    fn waits_for(&self, changes: &[Read]) -> bool {
        let mut hashes = BTreeSet::new();
        let mut highest = self.history.highest();
        for change in changes {
            let known = |parent: &Hash| self.history.knows(parent) || hashes.contains(parent);
            if !change.parents.iter().all(known) {
                return true;
            }
            if !self.history.knows(&change.hash) && change.travelled.start > highest + 1 {
                return true;
            }
            highest = highest.max(change.travelled.end() - 1);
            hashes.insert(change.hash);
        }
        false
    }

    /// Applies what was taken.
    pub fn settle(&mut self) -> Result<(), DocumentError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        let applied = self.automerge.apply_changes(pending);
        let heads: Vec<Hash> = self.automerge.get_heads().into_iter().map(|head| Hash(head.0)).collect();
        match applied.is_ok() && heads == self.history.heads() {
            true => Ok(()),
            false => Err(DocumentError::Damaged),
        }
    }

    /// The text, with all that was taken.
    pub fn text(&mut self) -> Result<String, DocumentError> {
        self.settle()?;
        self.automerge.text(&self.text).map_err(|_| DocumentError::Damaged)
    }

    /// How many characters the text has.
    pub fn length(&mut self) -> Result<usize, DocumentError> {
        self.settle()?;
        Ok(self.automerge.length(&self.text))
    }

    /// What an edit names to say on which text it was made: the changes that no other follows.
    pub fn version(&self) -> Vec<Hash> {
        self.history.heads()
    }

    /// Edits the text as it was in a version, the present one where that is empty. Gives the changes
    /// as they travel, and the version that the edit makes of that text.
    pub fn splice(
        &mut self,
        over: &[Hash],
        actor: [u8; 16],
        device: DeviceId,
        splices: &[Splice],
    ) -> Result<(Vec<Change>, Vec<Hash>), DocumentError> {
        self.settle()?;
        if !over.iter().all(|version| self.history.knows(version)) {
            return Err(DocumentError::VersionMissing);
        }
        let mut version: Vec<Hash> = if over.is_empty() { self.version() } else { over.to_vec() };
        version.sort_unstable();
        version.dedup();
        self.automerge.set_actor(ActorId::from(&actor[..]));
        let mut changes = Vec::new();
        for batch in batches(splices) {
            let made = self.commit(&version, actor, &batch);
            self.spoiled |=
                matches!(made, Err(DocumentError::Damaged)) || made.is_err() && !changes.is_empty();
            let (change, hash) = made?;
            self.history.bind(&change.actor, device);
            self.history.record(&change, &change.parents, hash);
            self.unsaved += 1;
            changes.push(change);
            version = vec![hash];
        }
        Ok((changes, version))
    }

    /// Makes one change of splices that each only take out or only put in.
    fn commit(
        &mut self,
        version: &[Hash],
        actor: [u8; 16],
        splices: &[Splice],
    ) -> Result<(Change, Hash), DocumentError> {
        let start = self.history.highest() + 1;
        let mut steps = Steps::new(ActorId::from(&actor[..]), start);
        let heads: Vec<ChangeHash> = version.iter().map(|hash| ChangeHash(hash.0)).collect();
        let mut transaction = match heads == self.automerge.get_heads() {
            true => self.automerge.transaction(),
            false => self
                .automerge
                .transaction_at(PatchLog::inactive(), &heads)
                .map_err(|_| DocumentError::Damaged)?,
        };
        let mut length = transaction.length(&self.text);
        for splice in splices {
            // What is left of a transaction that is dropped is nothing.
            if splice.position > length || splice.deleted > length - splice.position {
                return Err(DocumentError::OutsideText);
            }
            let mut element = |position: usize| match transaction.get(&self.text, position) {
                Ok(Some((_, ObjId::Id(counter, by, _)))) => {
                    steps.element(counter, &by).ok_or(DocumentError::Damaged)
                }
                _ => Err(DocumentError::Damaged),
            };
            if splice.deleted > 0 {
                let gone: Vec<Element> = (splice.position..splice.position + splice.deleted)
                    .map(&mut element)
                    .collect::<Result<_, _>>()?;
                gone.into_iter().for_each(|element| steps.delete(element));
            } else {
                let after = match splice.position.checked_sub(1) {
                    Some(before) => element(before)?,
                    None => Element::BEGINNING,
                };
                steps.insert(after, &splice.inserted);
            }
            let deleted = isize::try_from(splice.deleted).map_err(|_| DocumentError::OutsideText)?;
            transaction
                .splice_text(&self.text, splice.position, deleted, &splice.inserted)
                .map_err(|_| DocumentError::OutsideText)?;
            length = length - splice.deleted + splice.inserted.chars().count();
        }
        let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(0));
        let hash = hash.map(|hash| Hash(hash.0)).ok_or(DocumentError::OutsideText)?;
        // To have the change of automerge costs a walk over the whole document; its hash says whether
        // this is it. It is not where characters that are gone stand before the place, or where
        // automerge writes as another actor.
        let change = steps.into_change(self.history.changes_of(&actor) + 1, start, version.to_vec());
        if change.written(self.item, version).is_some_and(|written| written.hash().0 == hash.0) {
            return Ok((change, hash));
        }
        let written = self.automerge.get_change_by_hash(&ChangeHash(hash.0)).ok_or(DocumentError::Damaged)?;
        Ok((Change::read(&written, self.item).ok_or(DocumentError::Damaged)?, hash))
    }

    /// The whole document, to be stored.
    pub fn save(&mut self) -> Result<Vec<u8>, DocumentError> {
        self.settle()?;
        self.unsaved = 0;
        Ok(self.automerge.save())
    }
}

/// Splices that do something, cut so that no change is larger than an entry holds.
fn batches(splices: &[Splice]) -> Vec<Vec<Splice>> {
    let mut batches: Vec<Vec<Splice>> = Vec::new();
    let mut room = 0;
    let mut push = |splice: Splice| {
        let operations = splice.deleted + splice.inserted.chars().count();
        if operations > room {
            batches.push(Vec::new());
            room = OPERATIONS;
        }
        room = room.saturating_sub(operations);
        if let Some(batch) = batches.last_mut() {
            batch.push(splice);
        }
    };
    for splice in splices {
        let mut deleted = splice.deleted;
        while deleted > 0 {
            let part = deleted.min(OPERATIONS);
            push(Splice { position: splice.position, deleted: part, inserted: String::new() });
            deleted -= part;
        }
        let mut position = splice.position;
        let mut left = splice.inserted.as_str();
        while !left.is_empty() {
            let end = left.char_indices().nth(OPERATIONS).map_or(left.len(), |(at, _)| at);
            let (part, rest) = left.split_at(end);
            push(Splice { position, deleted: 0, inserted: part.to_owned() });
            position += part.chars().count();
            left = rest;
        }
    }
    batches
}

/// The first change of a note's document: everything that it will ever hold.
fn first_change(item: EntryUid, content: &NoteContent) -> automerge::Change {
    let actor = ActorId::from(&first_actor(item)[..]);
    let put = |action, key: &str| Op {
        action,
        obj: ObjectId::Root,
        key: Key::Map(key.into()),
        pred: Vec::new().into(),
        insert: false,
    };
    let mut operations = vec![
        put(OpType::Put(ScalarValue::Str(content.title.as_str().into())), "title"),
        put(OpType::Make(ObjType::Text), "text"),
    ];
    let mut behind = ElementId::Head;
    for (counter, character) in (TEXT + 1..).zip(content.text.chars()) {
        operations.push(Op {
            action: OpType::Put(ScalarValue::Str(character.to_string().into())),
            obj: ObjectId::Id(OpId::new(TEXT, &actor)),
            key: Key::Seq(behind),
            pred: Vec::new().into(),
            insert: true,
        });
        behind = ElementId::Id(OpId::new(counter, &actor));
    }
    expanded(actor, 1, NonZeroU64::MIN, Vec::new(), operations)
}
