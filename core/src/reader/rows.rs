//! Rows as screens show them. No keys and no sealed bytes.

use estafette_protocol::frame::SlotKind;
use estafette_protocol::statement::Class;
use estafette_protocol::{
    AgentNumber, DeviceId, EntryUid, FaultCode, LogGeneration, OrganisationId, Position, StatementNumber,
    TeamNumber, ThreadId, Timestamp,
};

/// Whose thread it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadKind {
    /// A roster made by a statement; a team's, or without one.
    Team(Option<TeamNumber>),
    /// This agent's with another.
    Direct(AgentNumber),
}

/// A thread in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadRow {
    /// Its id.
    pub id: ThreadId,
    /// What its entries are.
    pub class: Class,
    /// Whose it is.
    pub kind: ThreadKind,
    /// The team's or the other agent's name; `None` while the directory does not tell it.
    pub title: Option<String>,
    /// The other agent's function, or what the directory says beside the team's name.
    pub detail: Option<String>,
    /// Messages of others above the last one read.
    pub unread: u64,
    /// Messages that stood in a log that the relay has lost and have not come back.
    pub awaited: u64,
    /// The relay's time of the newest message; 0 without any.
    pub last_at: Timestamp,
    /// Everything up to here is on this device.
    pub joined: Position,
    /// This device has the keys: it can write, and reads what comes.
    pub member: bool,
    /// This device was a member and is none any more: what it received stays, and nothing else comes.
    pub left: bool,
    /// Unread messages that name this agent.
    pub mentions: u64,
    /// Until when it is silent on this device; 0 when it is not.
    pub muted_until: Timestamp,
    /// An unfinished message lies here.
    pub has_draft: bool,
}

/// How far a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageState {
    /// In the outbox; leaves with the next contact.
    Waiting,
    /// In the outbox until the author's hours reopen. The time may have passed meanwhile.
    Held {
        /// When it may leave, relay's clock.
        until: Timestamp,
    },
    /// The relay has placed it.
    Standing,
    /// The relay had placed it, and was restored from an older backup: it comes back when its author's
    /// device does. The position is the one of the lost log.
    Awaited,
    /// The relay will never take it.
    Refused(FaultCode),
}

impl MessageState {
    /// The stable word, as programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Held { .. } => "held",
            Self::Standing => "standing",
            Self::Awaited => "awaited",
            Self::Refused(_) => "refused",
        }
    }
}

/// What was written here last, a message or what was done to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departure {
    /// Grows with each.
    pub number: i64,
    /// How far it is.
    pub state: MessageState,
}

/// A message in its thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Its name.
    pub uid: EntryUid,
    /// Its place in the thread; 0 while it has none.
    pub position: Position,
    /// The author's device.
    pub author: DeviceId,
    /// The author, if the device's certificate is known.
    pub agent: Option<AgentNumber>,
    /// The author's name, if the directory tells it.
    pub name: Option<String>,
    /// Written by this agent, on this device or another.
    pub own: bool,
    /// By the author's clock.
    pub written_at: Timestamp,
    /// By the relay's clock; 0 while unplaced.
    pub received_at: Timestamp,
    /// The text, as its author left it.
    pub body: String,
    /// The messages that it answers, in the author's order.
    pub parents: Vec<EntryUid>,
    /// The agents whom it names.
    pub mentions: Vec<AgentNumber>,
    /// Its author has erased it; `body` is empty.
    pub erased: bool,
    /// How far it is.
    pub state: MessageState,
}

/// A version of an edited message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Its name; the message's own for the first.
    pub uid: EntryUid,
    /// By the author's clock.
    pub written_at: Timestamp,
    /// By the relay's clock; 0 while unplaced.
    pub received_at: Timestamp,
    /// The text.
    pub body: String,
    /// No other takes its place. More than one such wait for the author's choice; the last is shown.
    pub current: bool,
}

/// An agent who reads a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// The agent.
    pub agent: AgentNumber,
    /// The name, if the directory tells it.
    pub name: Option<String>,
    /// The archive service: to be shown first, and as what it is.
    pub archive: bool,
    /// This agent.
    pub own: bool,
    /// How many devices read.
    pub devices: usize,
}

/// Entries of a thread that are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UnopenedCounts {
    /// Sealed before this device was in the roster: « avant votre arrivée ».
    pub before_arrival: u64,
    /// Their key is not here yet.
    pub key_missing: u64,
    /// They do not hold.
    pub refused: u64,
    /// Made by a newer version.
    pub unknown: u64,
    /// They change an item that is not here yet.
    pub item_missing: u64,
}

impl UnopenedCounts {
    /// Those that this device ought to be able to open.
    pub fn undecryptable(&self) -> u64 {
        self.key_missing + self.refused + self.unknown
    }
}

/// How far a device has received or read a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkRow {
    /// Whose.
    pub device: DeviceId,
    /// Its agent.
    pub agent: Option<AgentNumber>,
    /// Received or read.
    pub kind: SlotKind,
    /// Up to here.
    pub position: Position,
    /// When, by that device's clock.
    pub at: Timestamp,
}

/// A fault for the person to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultRow {
    /// When.
    pub at: Timestamp,
    /// What.
    pub code: FaultCode,
    /// In which thread, if in one.
    pub thread: Option<ThreadId>,
}

/// Of what a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// An agent.
    Agent,
    /// A team.
    Team,
}

impl NameKind {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Agent => 0,
            Self::Team => 1,
        }
    }
}

/// Who this device is and how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceRow {
    /// This device.
    pub device: DeviceId,
    /// Its agent, once the certificate is known.
    pub agent: Option<AgentNumber>,
    /// Its organisation.
    pub organisation: OrganisationId,
    /// The relay's clock minus this device's, in milliseconds.
    pub clock_offset: i64,
    /// The relay said that the device is revoked.
    pub revoked: bool,
    /// The last statement known.
    pub statement: Option<StatementNumber>,
    /// The relay's log, once told.
    pub log: Option<LogGeneration>,
}
