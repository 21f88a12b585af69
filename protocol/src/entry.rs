//! An entry: one sealed, signed unit of a thread's log.
//!
//! The header stands in clear, is authenticated by the seal and covered by the author's
//! signature. What the author says is sealed; `core` seals and opens, the relay never can.

use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};

use crate::alias::ThreadRef;
use crate::announcement::Announced;
use crate::urgency::Terms;
use crate::{
    AgentNumber, DeviceId, EntryUid, Epoch, Hash, LogGeneration, Position, RosterGeneration, Salt,
    StatementNumber, ThreadId, Timestamp, codec, limits,
};

/// The format of header, payload and compression dictionary that this version writes.
pub const VERSION: u8 = 1;

/// Whom an entry may reach. In clear: the relay enforces working hours without reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Urgency {
    /// Devices of agents on duty.
    #[n(0)]
    Normal,
    /// Also those on call; a supervisor's right.
    #[n(1)]
    OnCall,
    /// On call at once, with basis, reason and end ([`Header::terms`]).
    #[n(2)]
    Emergency,
}

/// What an entry does to its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum EntryKind {
    /// The first entry of an item: a message, in this version.
    #[n(0)]
    Create,
    /// A later change of an item.
    #[n(1)]
    Change,
}

/// The part of an entry that the relay reads.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Header {
    /// Format and dictionary.
    #[n(0)]
    pub version: u8,
    /// Whom it may reach.
    #[n(1)]
    pub urgency: Urgency,
    /// What it does.
    #[n(2)]
    pub kind: EntryKind,
    /// The thread, in full.
    #[n(3)]
    pub thread: ThreadId,
    /// The roster generation whose keys seal it.
    #[n(4)]
    pub generation: RosterGeneration,
    /// The epoch whose keys seal it.
    #[n(5)]
    pub epoch: Epoch,
    /// The entry's name, the same at every sealing.
    #[n(6)]
    pub uid: EntryUid,
    /// Fresh at every sealing.
    #[n(7)]
    pub salt: Salt,
    /// Until when an acknowledgement is wanted.
    #[n(8)]
    pub acknowledgement_due: Option<Timestamp>,
    /// Of an emergency: minutes until the next on the rota is asked, 1 to
    /// [`crate::urgency::LONGEST_MINUTES`]; [`crate::urgency::MINUTES`] where nothing is said.
    #[n(9)]
    pub escalation_minutes: Option<u16>,
    /// For an announcement: which, and its common ciphertext.
    #[n(10)]
    pub announced: Option<Announced>,
    /// On what an emergency rests; nothing on other urgencies.
    #[n(11)]
    pub terms: Option<Terms>,
}

impl Header {
    /// How urgent it is at an instant: from its end on, an emergency is an ordinary message.
    pub fn urgency_at(&self, at: Timestamp) -> Urgency {
        urgency_at(self.urgency, self.terms.as_ref(), at)
    }
}

fn urgency_at(urgency: Urgency, terms: Option<&Terms>, at: Timestamp) -> Urgency {
    match terms {
        Some(terms) if urgency == Urgency::Emergency && terms.until <= at => Urgency::Normal,
        _ => urgency,
    }
}

/// A header and what it seals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEntry {
    /// In clear.
    pub header: Header,
    /// AES-256-GCM of padded payload and signature.
    pub sealed: Vec<u8>,
}

impl SealedEntry {
    /// The SHA-256 by which the thread's chain holds this entry: of the full header, then the seal.
    pub fn hash(&self) -> Hash {
        Hash::of(&[&codec::to_bytes(&self.header), &self.sealed])
    }

    /// Bytes of header and seal together.
    pub fn size(&self) -> usize {
        codec::to_bytes(&self.header).len() + self.sealed.len()
    }
}

/// An entry as it crosses the network: the thread may be an alias of the session.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct WireEntry {
    /// The thread.
    #[n(0)]
    pub thread: ThreadRef,
    /// See [`Header::version`].
    #[n(1)]
    pub version: u8,
    /// See [`Header::urgency`].
    #[n(2)]
    pub urgency: Urgency,
    /// See [`Header::kind`].
    #[n(3)]
    pub kind: EntryKind,
    /// See [`Header::generation`].
    #[n(4)]
    pub generation: RosterGeneration,
    /// See [`Header::epoch`].
    #[n(5)]
    pub epoch: Epoch,
    /// See [`Header::uid`].
    #[n(6)]
    pub uid: EntryUid,
    /// See [`Header::salt`].
    #[n(7)]
    pub salt: Salt,
    /// See [`SealedEntry::sealed`].
    #[n(8)]
    pub sealed: ByteVec,
    /// See [`Header::acknowledgement_due`].
    #[n(9)]
    pub acknowledgement_due: Option<Timestamp>,
    /// See [`Header::escalation_minutes`].
    #[n(10)]
    pub escalation_minutes: Option<u16>,
    /// See [`Header::announced`].
    #[n(11)]
    pub announced: Option<Announced>,
    /// See [`Header::terms`].
    #[n(12)]
    pub terms: Option<Terms>,
}

impl From<SealedEntry> for WireEntry {
    fn from(SealedEntry { header, sealed }: SealedEntry) -> Self {
        Self {
            thread: ThreadRef::Full(header.thread),
            version: header.version,
            urgency: header.urgency,
            kind: header.kind,
            generation: header.generation,
            epoch: header.epoch,
            uid: header.uid,
            salt: header.salt,
            sealed: sealed.into(),
            acknowledgement_due: header.acknowledgement_due,
            escalation_minutes: header.escalation_minutes,
            announced: header.announced,
            terms: header.terms,
        }
    }
}

impl WireEntry {
    /// See [`Header::urgency_at`].
    pub fn urgency_at(&self, at: Timestamp) -> Urgency {
        urgency_at(self.urgency, self.terms.as_ref(), at)
    }

    /// The entry with its full thread, or `None` while that is still an alias.
    pub fn into_sealed(self) -> Option<SealedEntry> {
        let header = Header {
            version: self.version,
            urgency: self.urgency,
            kind: self.kind,
            thread: self.thread.full()?,
            generation: self.generation,
            epoch: self.epoch,
            uid: self.uid,
            salt: self.salt,
            acknowledgement_due: self.acknowledgement_due,
            escalation_minutes: self.escalation_minutes,
            announced: self.announced,
            terms: self.terms,
        };
        Some(SealedEntry { header, sealed: self.sealed.into() })
    }
}

/// The last entry of the thread that an author had seen when sealing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Place {
    /// The relay's log.
    #[n(0)]
    pub generation: LogGeneration,
    /// The position.
    #[n(1)]
    pub position: Position,
    /// The first bytes of the chain there.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub chain: [u8; 8],
}

/// What is signed and sealed: who, having seen what, does which operation.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Payload {
    /// The author's device: MLS leaf indexes are reused, device ids are not.
    #[n(0)]
    pub author: DeviceId,
    /// The last statement that the author had seen.
    #[n(1)]
    pub statement: StatementNumber,
    /// The operation's bytes, frozen when the entry first leaves.
    #[n(2)]
    pub operation: ByteVec,
    /// The last place seen in the thread, if any.
    #[n(3)]
    pub place: Option<Place>,
}

/// What an author did, and when by the author's own clock.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Operation {
    /// The author's claim; shown beside the relay's time when they are far apart.
    #[n(0)]
    pub written_at: Timestamp,
    /// The deed.
    #[n(1)]
    pub deed: Deed,
}

/// What an item is. Its first entry says so, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum ItemKind {
    /// What people write to each other.
    #[n(0)]
    Message,
    /// A text that the members of its thread write together.
    #[n(2)]
    Note,
}

/// The deeds of this version. A reader parks an entry whose deed it does not know.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Deed {
    /// A new message as the first version wrote it. Read for ever, written no more.
    #[n(0)]
    Message {
        /// The first change of the item's automerge document in short: an actor's 16 bytes, then
        /// the text.
        #[n(0)]
        change: ByteVec,
        /// The messages that this one answers, in the author's order.
        #[n(1)]
        parents: Vec<EntryUid>,
    },
    /// A new item. Its name is the entry's uid, and so is the actor of its document's first change.
    #[n(1)]
    Create {
        /// What it is.
        #[n(0)]
        kind: ItemKind,
        /// What its document's first change holds beside what all of its kind hold: of a message,
        /// the text; of a note, its title and first text.
        #[n(1)]
        content: ByteVec,
        /// The messages that this one answers, in the author's order; nothing for none.
        #[n(2)]
        parents: Option<Vec<EntryUid>>,
        /// The agents whom it names, who are told so; nothing for none.
        #[n(3)]
        mentions: Option<Vec<AgentNumber>>,
    },
    /// A new text of a message, by its author.
    #[n(2)]
    Edit {
        /// The message.
        #[n(0)]
        item: EntryUid,
        /// 1 to [`limits::MESSAGE_CHARACTERS`] characters.
        #[n(1)]
        text: String,
        /// The versions that it takes the place of: the message's own name for its first one, the
        /// entries' names for later ones. What its author had not seen stays beside it.
        #[n(2)]
        over: Vec<EntryUid>,
    },
    /// An agent's answer to an item with one sign, in the place of their last.
    #[n(3)]
    React {
        /// The item.
        #[n(0)]
        item: EntryUid,
        /// At most [`limits::REACTION`] bytes; nothing withdraws the last one.
        #[n(1)]
        emoji: Option<String>,
    },
    /// Erases an item, by its author.
    #[n(4)]
    Erase {
        /// The item.
        #[n(0)]
        item: EntryUid,
    },
    /// Names the thread; an empty title takes the name away.
    #[n(5)]
    Title {
        /// At most [`limits::TITLE`] characters.
        #[n(0)]
        title: String,
    },
    /// Keeps a message at hand for all members, or no longer.
    #[n(6)]
    Pin {
        /// The message.
        #[n(0)]
        item: EntryUid,
        /// Whether it is.
        #[n(1)]
        pinned: bool,
    },
    /// Changes the text of a note, by a member of its thread.
    #[n(7)]
    Change {
        /// The note.
        #[n(0)]
        item: EntryUid,
        /// What is put in and taken out, in a form that `core` reads; at least one.
        #[n(1)]
        changes: Vec<ByteVec>,
    },
    /// Announces: the header says which version, this the key of its common ciphertext.
    #[n(8)]
    Announce {
        /// Drawn at random for this version alone.
        #[n(0)]
        key: ByteArray<32>,
    },
}

impl Deed {
    /// The item that it changes; nothing where it makes one or concerns the thread.
    pub fn item(&self) -> Option<EntryUid> {
        match self {
            Self::Edit { item, .. }
            | Self::React { item, .. }
            | Self::Erase { item }
            | Self::Change { item, .. } => Some(*item),
            Self::Message { .. }
            | Self::Create { .. }
            | Self::Title { .. }
            | Self::Pin { .. }
            | Self::Announce { .. } => None,
        }
    }

    /// What the header says of it.
    pub fn kind(&self) -> EntryKind {
        match self {
            Self::Message { .. } | Self::Create { .. } | Self::Announce { .. } => EntryKind::Create,
            _ => EntryKind::Change,
        }
    }
}

impl Operation {
    /// Reads an operation that was opened, at most [`limits::OPERATION`] bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, codec::CodecError> {
        codec::from_bytes(bytes, limits::OPERATION)
    }
}
