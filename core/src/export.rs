//! A conversation as its member takes it along: everything that is shown, and nothing secret.
//!
//! One pass over the rows of a [`Reader`] feeds two writers: [`json`], for programs and archives,
//! and [`page`], for people. The shape is documented in `docs/export.md`; [`VERSION`] grows when a
//! field changes its meaning, and a field that was there stays.
//!
//! Always true: nothing `personnel` or `syndical` is in an export of the organisation
//! ([`Purpose::Organisation`]), and how many conversations were left out is said. Neither a key nor
//! a sealed byte is in any export, nor a word of an erased message. Not here: files, and the time,
//! which the caller gives. What changes during the pass is told in one of its two states.

pub mod json;
pub mod page;

use std::collections::BTreeSet;

use estafette_protocol::statement::{Class, Role};
use estafette_protocol::texts::Language;
use estafette_protocol::{AgentNumber, EntryUid, FaultCode, ThreadId, Timestamp};
use serde::{Serialize, Serializer};

use crate::reader::{MessageRow, MessageState, NameKind, Reader, ThreadRow};
use crate::store::StoreError;

/// Says what a file is.
pub const FORMAT: &str = "estafette-conversation";
/// Of the format.
pub const VERSION: u32 = 1;

/// For whom an export is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// For the member who makes it, of one conversation of theirs.
    Member,
    /// For the organisation: by an officer or the archive service, or of everything at once.
    Organisation,
}

impl Purpose {
    /// Whether conversations of a class may be in it.
    pub fn takes(self, class: Class) -> bool {
        match class {
            Class::Service | Class::Diffusion => true,
            Class::Personnel | Class::Syndical => self == Self::Member,
        }
    }
}

/// What an export may hold, and how much it leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The conversations that it may hold, the one with the newest message first.
    pub conversations: Vec<ThreadRow>,
    /// How many are left out for what they are.
    pub withheld: usize,
}

/// A conversation, without its messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conversation {
    /// The thread's id.
    pub thread: String,
    /// Its title; nothing where neither a member nor the directory gives one.
    pub title: Option<String>,
    /// `service`, `diffusion`, `personnel` or `syndical`.
    #[serde(serialize_with = "as_class")]
    pub class: Class,
    /// The organisation's id.
    pub organisation: String,
    /// When the export was made, by the relay's clock: RFC 3339, UTC.
    #[serde(serialize_with = "as_time")]
    pub exported_at: Timestamp,
    /// Who made it.
    pub exported_by: Person,
    /// Who reads the conversation, the archive service first.
    pub members: Vec<Member>,
    /// How many messages follow.
    pub messages: usize,
    /// Messages that stand in the conversation and cannot be read on this device.
    pub unreadable: u64,
}

/// Somebody, as the directory knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The number; nothing where the device's certificate is not known.
    pub agent: Option<u32>,
    /// The name, if the directory tells it.
    pub name: Option<String>,
}

/// Somebody who reads the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// The number.
    pub agent: u32,
    /// The name, if the directory tells it.
    pub name: Option<String>,
    /// The archive service.
    pub archive: bool,
}

/// One message with what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its name, for ever.
    pub uid: String,
    /// Its place in the conversation; nothing while the relay has not placed it.
    pub position: Option<u64>,
    /// Who wrote it.
    pub author: Person,
    /// On which device.
    pub device: String,
    /// By the author's clock: RFC 3339, UTC.
    #[serde(serialize_with = "as_time")]
    pub written_at: Timestamp,
    /// By the relay's clock; nothing while it has no place.
    #[serde(serialize_with = "as_time_if_any")]
    pub received_at: Option<Timestamp>,
    /// `standing`, `waiting`, `held`, `awaited` or `refused`.
    #[serde(serialize_with = "as_state")]
    pub state: MessageState,
    /// As its author left it; empty when erased.
    pub text: String,
    /// Its author has erased it.
    pub erased: bool,
    /// The messages that it answers.
    pub parents: Vec<String>,
    /// Whom it names.
    pub mentions: Vec<Person>,
    /// Pinned by a member.
    pub pinned: bool,
    /// Who answered it with one sign.
    pub reactions: Vec<Reaction>,
    /// All its texts in their order; empty where it was never edited.
    pub versions: Vec<Version>,
    /// What it asks, where it is an official announcement.
    pub announcement: Option<Announcement>,
}

/// What an official announcement asks, and what came in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Announcement {
    /// Until when « Lu et compris » was wanted; nothing where it was not.
    #[serde(serialize_with = "as_time_if_any")]
    pub due: Option<Timestamp>,
    /// When this device's agent gave it.
    #[serde(serialize_with = "as_time_if_any")]
    pub acknowledged_at: Option<Timestamp>,
    /// The version in whose place it came.
    pub corrects: Option<String>,
    /// The version that came in its place.
    pub corrected_by: Option<String>,
}

/// An answer of one sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// Whose.
    #[serde(flatten)]
    pub by: Person,
    /// The sign.
    pub sign: String,
}

/// One text of an edited message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Its name; the message's own for the first.
    pub uid: String,
    /// By the author's clock.
    #[serde(serialize_with = "as_time")]
    pub written_at: Timestamp,
    /// By the relay's clock; nothing while it has no place.
    #[serde(serialize_with = "as_time_if_any")]
    pub received_at: Option<Timestamp>,
    /// The text.
    pub text: String,
    /// No other takes its place. Several such wait for their author's choice.
    pub current: bool,
}

/// One conversation on its way out.
pub struct Export {
    row: ThreadRow,
    conversation: Conversation,
    names: Vec<EntryUid>,
    pins: BTreeSet<EntryUid>,
}

impl Reader {
    /// For whom this device can export: officers and the archive service only for the organisation.
    pub fn purpose(&mut self) -> Result<Purpose, StoreError> {
        let own = self.identity().device;
        let registry = self.registry()?;
        let role = registry.agent_of(own).map(|agent| registry.role(agent));
        Ok(match role {
            Some(Role::Officer | Role::Archives) => Purpose::Organisation,
            _ => Purpose::Member,
        })
    }

    /// Everything that an export of all conversations may hold. One of everything is the
    /// organisation's, whoever makes it.
    pub fn exportable(&mut self) -> Result<Choice, StoreError> {
        let all = self.threads()?;
        let count = all.len();
        let takes = |row: &ThreadRow| Purpose::Organisation.takes(row.class);
        let conversations: Vec<ThreadRow> = all.into_iter().filter(takes).collect();
        Ok(Choice { withheld: count - conversations.len(), conversations })
    }

    /// Begins the export of one conversation; `now` is the relay's clock.
    ///
    /// # Errors
    ///
    /// Refused with `not_found` for a conversation that is not on this device, and with `forbidden`
    /// for one that the device's agent may not take out.
    pub fn export(
        &mut self,
        thread: ThreadId,
        now: Timestamp,
    ) -> Result<Result<Export, FaultCode>, StoreError> {
        let Some(row) = self.threads()?.into_iter().find(|row| row.id == thread) else {
            return Ok(Err(FaultCode::NotFound));
        };
        if !self.purpose()?.takes(row.class) {
            return Ok(Err(FaultCode::Forbidden));
        }
        let names = self.names_in(thread)?;
        let (device, unopened) = (self.device()?, self.unopened(thread)?);
        let members = self.members(thread)?;
        let conversation = Conversation {
            thread: thread.to_string(),
            title: row.title.clone(),
            class: row.class,
            organisation: device.organisation.to_string(),
            exported_at: now,
            exported_by: self.person(device.agent)?,
            members: members
                .into_iter()
                .map(|row| Member { agent: row.agent.0, name: row.name, archive: row.archive })
                .collect(),
            messages: names.len(),
            unreadable: unopened.before_arrival + unopened.undecryptable() + unopened.item_missing,
        };
        let pins = self.pins(thread)?.into_iter().collect();
        Ok(Ok(Export { row, conversation, names, pins }))
    }

    fn person(&self, agent: Option<AgentNumber>) -> Result<Person, StoreError> {
        let name = match agent {
            Some(agent) => self.name(NameKind::Agent, agent.0)?.map(|(name, _)| name),
            None => None,
        };
        Ok(Person { agent: agent.map(|agent| agent.0), name })
    }
}

impl Export {
    /// Its title, or whose it is.
    pub fn title(&self, language: Language) -> String {
        self.row.shown_title(language)
    }

    /// The conversation, without its messages.
    pub fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// The names of its messages, in their order.
    pub fn names(&self) -> &[EntryUid] {
        &self.names
    }

    /// One of its messages; nothing where it was taken back meanwhile.
    pub fn message(&self, reader: &mut Reader, name: EntryUid) -> Result<Option<Message>, StoreError> {
        let Some((_, row)) = reader.find(name)? else { return Ok(None) };
        let MessageRow { uid, position, author, agent, written_at, received_at, erased, .. } = row;
        let mut reactions = Vec::new();
        for (agent, sign) in reader.reactions(uid)? {
            reactions.push(Reaction { by: reader.person(Some(agent))?, sign });
        }
        let versions = reader.versions(uid)?.into_iter().map(|version| Version {
            uid: version.uid.to_string(),
            written_at: version.written_at,
            received_at: placed_at(version.received_at),
            text: version.body,
            current: version.current,
        });
        let announcement = reader.announcement(uid)?;
        let mentions = row.mentions.iter().map(|agent| reader.person(Some(*agent)));
        Ok(Some(Message {
            uid: uid.to_string(),
            position: Some(position.0).filter(|position| *position > 0),
            author: Person { agent: agent.map(|agent| agent.0), name: row.name },
            device: author.to_string(),
            written_at,
            received_at: placed_at(received_at),
            state: row.state,
            text: row.body,
            erased,
            parents: row.parents.iter().map(ToString::to_string).collect(),
            mentions: mentions.collect::<Result<_, _>>()?,
            pinned: self.pins.contains(&uid),
            reactions,
            versions: versions.collect(),
            announcement: announcement.map(|row| Announcement {
                due: row.due,
                acknowledged_at: row.acknowledged,
                corrects: row.corrects.map(|version| version.to_string()),
                corrected_by: row.corrected_by.map(|version| version.to_string()),
            }),
        }))
    }
}

fn placed_at(at: Timestamp) -> Option<Timestamp> {
    Some(at).filter(|at| *at > Timestamp(0))
}

fn as_class<S: Serializer>(class: &Class, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(class.as_str())
}

fn as_state<S: Serializer>(state: &MessageState, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.as_str())
}

fn as_time<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

#[expect(clippy::ref_option, reason = "serde passes fields by reference")]
fn as_time_if_any<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(at),
        None => serializer.serialize_none(),
    }
}
