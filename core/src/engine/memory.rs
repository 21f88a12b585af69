//! What the engine remembers between transactions. All of it can be read again from rows;
//! after a failed transaction it is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use estafette_protocol::alias::Aliases;
use estafette_protocol::frame::{Cursor, Request, RequestBody, SlotKind};
use estafette_protocol::hours::AgentHours;
use estafette_protocol::registry::Registry;
use estafette_protocol::statement::Act;
use estafette_protocol::{
    EntryUid, Epoch, Hash, LogGeneration, Position, RosterGeneration, RosterId, StatementNumber, ThreadId,
    Timestamp,
};
use rusqlite::Connection;

use super::notes::Notes;
use super::reattest::Attesting;
use super::withdrawn::Wiped;
use crate::identity::StoredIdentity;
use crate::lease::Held;
use crate::store::rosters::{self, Roster, Secret};
use crate::store::threads::{self, Thread};
use crate::store::values::{self, Value};
use crate::store::{StoreError, statements};

/// Why a request was made, so that its answer finds its way.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    Hello,
    Stored,
    Append(Vec<EntryUid>),
    Range { thread: i64, first: Position, last: Position },
    Commit(RosterId),
    State(Statement),
    Statements,
    Commits(RosterId),
    KeyPackages,
    Reserve(RosterId),
    Group(RosterId),
    Slot { thread: i64, kind: SlotKind, version: u64 },
    CommitRefused,
    DatedHead(Timestamp),
    Recover,
    Erase(EntryUid),
    Bundle,
    Common(Hash),
    Acknowledge(Hash),
    Answer(EntryUid),
    Orders,
    Wiped,
    Challenge,
    Attest,
    Command { id: u64, body: RequestBody },
}

/// A statement that somebody here wants made.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub command: u64,
    pub acts: Vec<Act>,
    pub signed: Option<estafette_protocol::statement::SignedStatement>,
}

/// How far the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Stage {
    /// None.
    #[default]
    Down,
    /// TLS stands; the next words go into an exchange.
    Idle,
    /// An exchange is under way.
    Exchanging,
    /// The socket is being opened.
    Opening,
    /// Frames flow.
    Open,
}

/// The session with the relay; gone with the connection.
#[derive(Debug, Default)]
pub(super) struct Link {
    pub stage: Stage,
    pub outgoing: Aliases,
    pub incoming: Aliases,
    pub next_id: u32,
    pub asked: BTreeMap<u32, Asked>,
    pub queue: Vec<Request>,
    pub said_hello: bool,
    /// The relay has answered the greeting of this socket.
    pub greeted: bool,
    pub token: Option<String>,
    /// The relay said that hours are closed.
    pub closed: Option<Timestamp>,
    /// Threads with an append under way.
    pub appending: BTreeSet<i64>,
    /// Marks under way.
    pub marking: BTreeSet<(i64, SlotKind)>,
    /// Entries received since the relay was last told that they are stored.
    pub unstored: usize,
    /// Something failed that only a new connection mends.
    pub closing: bool,
    pub asking_statements: bool,
    /// Commands that wait for "nothing new" or "something is", in the order of the questions.
    pub checks: VecDeque<(u64, Cursor)>,
    /// Common ciphertexts under way.
    pub bringing: BTreeSet<Hash>,
    /// Receipts under way, by what they acknowledge.
    pub acknowledging: BTreeSet<Hash>,
    /// Answers to urgent messages under way.
    pub answering: BTreeSet<EntryUid>,
    /// An erasure is under way.
    pub erasing: bool,
    /// A dated head is under way.
    pub dating: bool,
    /// When the relay answered the greeting.
    pub greeted_at: Timestamp,
    pub asking_range: bool,
    pub stating: bool,
    /// The relay was restored and waits for statements; the number of its last one.
    pub restoring: Option<StatementNumber>,
    /// Statements are being shown to it.
    pub recovering: bool,
    /// The relay lacks statements after this one, though it does not wait for them.
    pub lacking: Option<StatementNumber>,
    /// Rosters with a handshake request under way.
    pub handshaking: BTreeSet<RosterId>,
}

/// What is to be done in a roster. Lost with the process: the relay's answers bring it back.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Wanted {
    /// Commits are missing here.
    pub catch_up: bool,
    /// This device shall commit what is open, or turn the epoch.
    pub commit: bool,
    /// Join from outside without waiting.
    pub join: bool,
}

pub(super) struct Memory {
    pub identity: StoredIdentity,
    pub registry: Registry,
    pub rosters: BTreeMap<RosterId, Roster>,
    pub threads: BTreeMap<i64, Thread>,
    pub rows: BTreeMap<ThreadId, i64>,
    pub secrets: BTreeMap<(RosterId, RosterGeneration, Epoch), Secret>,
    pub hours: Option<AgentHours>,
    pub log: Option<LogGeneration>,
    /// Relay's clock minus this device's, in milliseconds.
    pub offset: i64,
    /// What this device's clock showed last.
    pub clock_showed: Timestamp,
    pub revoked: bool,
    /// The lease, and how the device stands by it.
    pub held: Held,
    /// Its content was destroyed.
    pub wiped: Option<Wiped>,
    /// How far the phone is with its fresh evidence.
    pub attesting: Attesting,
    /// After a failure, no attempt before this.
    pub attest_after: Timestamp,
    /// The relay takes nothing but fresh evidence.
    pub must_attest: bool,
    /// The person was told that the relay waits to be restored.
    pub told_restoring: bool,
    /// The next key packages bring a new last resort.
    pub renews_last_resort: bool,
    pub link: Link,
    pub wanted: BTreeMap<RosterId, Wanted>,
    pub statements_missing: bool,
    /// When an administrator last said, in a statement or a dated head, what the chain is.
    pub chain_dated: Timestamp,
    pub to_state: Vec<Statement>,
    pub to_ask: Vec<(u64, RequestBody)>,
    /// Messages on their way that their author wants back, with the commands that wait for it.
    pub to_recall: BTreeMap<EntryUid, Vec<u64>>,
    pub wake_at: Option<Timestamp>,
    pub wish: Option<super::LinkWish>,
    /// Off duty, the relay is asked now and then whether a duty period was added.
    pub contact_at: Timestamp,
    /// The relay said that hours are closed until then.
    pub closed_until: Timestamp,
    /// Something was erased: the database's log is to be truncated.
    pub scrub: bool,
    /// Documents of notes at hand.
    pub notes: Notes,
    /// After a fault, no connection before this.
    pub retry_at: Timestamp,
}

/// Epoch secrets kept at hand; older ones are read from rows.
const SECRETS: usize = 64;

impl Memory {
    pub fn load(db: &Connection) -> Result<Self, StoreError> {
        let identity: StoredIdentity = values::get(db, Value::Identity)?.ok_or(StoreError::Corrupt)?;
        let registry = statements::fold(db, identity.organisation)?;
        let threads: BTreeMap<i64, Thread> =
            threads::all(db)?.into_iter().map(|thread| (thread.row, thread)).collect();
        let mut memory = Self {
            rows: threads.values().map(|thread| (thread.id, thread.row)).collect(),
            rosters: rosters::all(db)?.into_iter().map(|roster| (roster.id, roster)).collect(),
            threads,
            secrets: BTreeMap::new(),
            hours: None,
            log: values::get(db, Value::LogGeneration)?,
            offset: values::get(db, Value::ClockOffset)?.unwrap_or(0),
            clock_showed: Timestamp(0),
            revoked: values::get(db, Value::Revoked)?.unwrap_or(false),
            held: Held::load(db)?,
            wiped: values::get(db, Value::Wiped)?,
            attesting: Attesting::Idle,
            attest_after: Timestamp(0),
            must_attest: false,
            told_restoring: false,
            renews_last_resort: false,
            link: Link::default(),
            wanted: BTreeMap::new(),
            statements_missing: false,
            chain_dated: statements::dated(db)?.max(values::get(db, Value::ChainDated)?.unwrap_or_default()),
            to_state: Vec::new(),
            to_ask: Vec::new(),
            to_recall: BTreeMap::new(),
            wake_at: None,
            wish: None,
            contact_at: Timestamp(0),
            closed_until: values::get(db, Value::ClosedUntil)?.unwrap_or_default(),
            scrub: false,
            notes: Notes::default(),
            retry_at: Timestamp(0),
            identity,
            registry,
        };
        memory.refresh_hours();
        Ok(memory)
    }

    pub fn refresh_hours(&mut self) {
        let agent = self.registry.agent_of(self.identity.device);
        self.hours = agent.and_then(|agent| self.registry.hours_of(agent));
    }

    /// Starts a session's memory anew; statements and requests of commands go back to their queues.
    pub fn drop_link(&mut self) {
        let link = std::mem::take(&mut self.link);
        let checks = link.checks.into_iter();
        self.to_ask.extend(checks.map(|(id, cursor)| (id, RequestBody::Check { cursor })));
        for asked in link.asked.into_values() {
            match asked {
                Asked::State(statement) => self.to_state.insert(0, statement),
                Asked::Command { id, body } => self.to_ask.push((id, body)),
                Asked::Challenge | Asked::Attest => self.attesting = Attesting::Idle,
                _ => {}
            }
        }
        self.wanted.values_mut().for_each(|wanted| wanted.commit = false);
    }

    pub fn remember_secret(&mut self, key: (RosterId, RosterGeneration, Epoch), secret: Secret) {
        if self.secrets.len() >= SECRETS {
            self.secrets.pop_first();
        }
        self.secrets.insert(key, secret);
    }
}
