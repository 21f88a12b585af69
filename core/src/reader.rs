//! What screens show, read beside the engine.
//!
//! A reader has a connection of its own that cannot write. It sees what the engine has
//! committed and nothing that is under way, and it needs no network.
//!
//! Always true: rows come in the relay's order, and after them what was written here and has
//! no place yet. Not here: deciding anything, and knowing what time it is.

mod announcements;
mod audience;
mod desk;
mod directory;
mod items;
mod notes;
mod notices;
mod rows;
mod shown;
mod teams;
mod urgencies;
mod verify;

use std::collections::BTreeMap;
use std::path::Path;

use estafette_protocol::frame::SlotKind;
use estafette_protocol::handshake::RosterName;
use estafette_protocol::registry::Registry;
use estafette_protocol::statement::{Class, Role, SignedStatement};
use estafette_protocol::{
    AgentNumber, DeviceId, EntryUid, FaultCode, LogGeneration, OrganisationId, Position, RosterId,
    StatementNumber, TeamNumber, ThreadId, Timestamp,
};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::identity::StoredIdentity;
use crate::lease::Standing;
use crate::store::messages::Unopened;
use crate::store::rosters::RosterState;
use crate::store::values::{self, Value};
use crate::store::{
    self, DatabaseKey, StoreError, changes, drafts, fixed, int, messages, outbox, statements, threads, uint,
};

pub use announcements::{AddresseeRow, AnnouncementRow, AnswerTo, Counts, Progress};
pub use audience::{Audience, Reached};
pub use desk::{Absence, Duty};

pub use crate::store::drafts::Draft;
pub use crate::store::words::Hit;
pub use notes::NoteRow;
pub use notices::NoticeRow;
pub use rows::{
    Departure, DeviceRow, FaultRow, MarkRow, MemberRow, MessageRow, MessageState, NameKind, ThreadKind,
    ThreadRow, UnopenedCounts, VersionRow,
};
pub use shown::class_words;
pub use teams::{PersonRow, TeamStanding};
pub use urgencies::{Intervention, UrgencyRow, UrgentAudience};
pub use verify::Finding;

/// Reads one device's database.
pub struct Reader {
    connection: Connection,
    identity: StoredIdentity,
    /// Folded from the statements up to the number beside it.
    registry: Registry,
}

const MESSAGE: &str = "SELECT m.uid, m.position, m.author, m.written_at, m.received_at, m.body, m.parents,
                              coalesce(o.state, 2), coalesce(o.not_before, 0), coalesce(o.fault, ''), m.awaited,
                              m.mentions, m.erased
                       FROM message AS m LEFT JOIN outbox AS o ON o.uid = m.uid";

fn agent_of_bytes(bytes: &[u8; 4]) -> AgentNumber {
    AgentNumber(u32::from_be_bytes(*bytes))
}

/// Nothing is read on a device whose lease is over.
fn refuse_locked(connection: &Connection) -> Result<(), StoreError> {
    match values::get(connection, Value::Standing)? {
        None | Some(Standing::Open) => Ok(()),
        Some(Standing::Locked) => Err(StoreError::Locked),
        Some(Standing::Wiped) => Err(StoreError::Wiped),
    }
}

impl Reader {
    /// Opens a device's database for reading.
    ///
    /// # Errors
    ///
    /// The file is not there, damaged, of a newer version, or has another key; or the device is locked
    /// ([`crate::lease`]), as it is told by all that reads messages later.
    pub fn open(path: &Path, key: &DatabaseKey) -> Result<Self, StoreError> {
        let connection = store::open_for_reading(path, key)?;
        refuse_locked(&connection)?;
        let identity: StoredIdentity =
            values::get(&connection, Value::Identity)?.ok_or(StoreError::Corrupt)?;
        let registry = statements::fold(&connection, identity.organisation)?;
        Ok(Self { connection, identity, registry })
    }

    /// Who the device is.
    pub fn identity(&self) -> &StoredIdentity {
        &self.identity
    }

    /// What the statements add up to that were known when this reader was opened.
    pub fn registry_known(&self) -> &Registry {
        &self.registry
    }

    /// When a statement was made, by its signer's clock.
    ///
    /// # Errors
    ///
    /// It is not known here, or does not read back.
    pub fn stated_at(&self, number: StatementNumber) -> Result<Timestamp, StoreError> {
        statements::at(&self.connection, number)
    }

    /// The statements that the device holds, from the first on.
    ///
    /// # Errors
    ///
    /// The database cannot be read.
    pub fn statements(&self) -> Result<Vec<SignedStatement>, StoreError> {
        statements::from(&self.connection, StatementNumber(0), usize::MAX >> 1)
    }

    /// Whether what was written before this device came can no longer be read: in a private
    /// conversation only another device of the same agent could hand it over, and there is none.
    pub fn past_is_lost(&mut self, thread: ThreadId) -> Result<bool, StoreError> {
        self.refresh()?;
        let rosters = self.rosters()?;
        let Some((name, _)) = rosters.get(&thread.roster()) else { return Ok(false) };
        let own = self.registry.agent_of(self.identity.device);
        let private = self.registry.class(name).is_some_and(Class::is_private);
        let mut others =
            self.registry.members(name).into_iter().filter(|device| *device != self.identity.device);
        let other = others.any(|device| self.registry.agent_of(device) == own);
        Ok(private && !other && self.unopened(thread)?.before_arrival > 0)
    }

    /// The agents who read a thread, the archive first, then this agent, then by name.
    pub fn members(&mut self, thread: ThreadId) -> Result<Vec<MemberRow>, StoreError> {
        self.refresh()?;
        let rosters = self.rosters()?;
        let Some((name, _)) = rosters.get(&thread.roster()) else { return Ok(Vec::new()) };
        let own = self.registry.agent_of(self.identity.device);
        let mut devices: BTreeMap<AgentNumber, usize> = BTreeMap::new();
        let members = self.registry.members(name);
        let agents = members.iter().filter_map(|device| self.registry.agent_of(*device));
        agents.for_each(|agent| *devices.entry(agent).or_default() += 1);
        let mut rows = Vec::new();
        for (agent, devices) in devices {
            rows.push(MemberRow {
                agent,
                name: self.name(NameKind::Agent, agent.0)?.map(|(name, _)| name),
                archive: self.registry.role(agent) == Role::Archives,
                own: Some(agent) == own,
                devices,
            });
        }
        rows.sort_by_key(|row| (!row.archive, !row.own, row.name.clone(), row.agent));
        Ok(rows)
    }

    /// What the statements known to the device add up to.
    pub fn registry(&mut self) -> Result<&Registry, StoreError> {
        self.refresh()?;
        Ok(&self.registry)
    }

    /// All threads, the one with the newest message first.
    pub fn threads(&mut self) -> Result<Vec<ThreadRow>, StoreError> {
        self.refresh()?;
        let rosters = self.rosters()?;
        let mut rows = Vec::new();
        for thread in threads::all(&self.connection)? {
            let Some((name, state)) = rosters.get(&thread.roster) else { continue };
            let (class, kind) = self.kind(name);
            let (named, detail) = self.title(kind)?;
            let title = changes::title(&self.connection, thread.row)?.or(named);
            rows.push(ThreadRow {
                id: thread.id,
                class,
                kind,
                title,
                detail,
                unread: thread.unread,
                awaited: messages::awaited_count(&self.connection, thread.row)?,
                last_at: thread.last_at,
                joined: thread.joined,
                member: *state == RosterState::Member,
                left: *state == RosterState::Gone,
                mentions: self.unread_mentions(&thread)?,
                muted_until: threads::muted_until(&self.connection, thread.row)?,
                has_draft: drafts::get(&self.connection, thread.row)?.is_some(),
            });
        }
        Ok(rows)
    }

    /// The newest messages of a thread, oldest first: at most `count` with a place, and all without.
    pub fn newest(&mut self, thread: ThreadId, count: usize) -> Result<Vec<MessageRow>, StoreError> {
        let mut rows = self.before(thread, Position(u64::MAX), count)?;
        rows.extend(self.unplaced(thread)?);
        Ok(rows)
    }

    /// At most `count` messages that stand just below a position, oldest first.
    pub fn before(
        &mut self,
        thread: ThreadId,
        end: Position,
        count: usize,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let order = "m.position > 0 AND m.position < ?2 ORDER BY m.position DESC LIMIT ?3";
        let mut rows = self.messages(thread, order, end, count)?;
        rows.reverse();
        Ok(rows)
    }

    /// At most `count` messages that stand just above a position, oldest first.
    pub fn after(
        &mut self,
        thread: ThreadId,
        start: Position,
        count: usize,
    ) -> Result<Vec<MessageRow>, StoreError> {
        self.messages(thread, "m.position > ?2 ORDER BY m.position LIMIT ?3", start, count)
    }

    /// What was written here and has no place yet, in the order of writing.
    pub fn unplaced(&mut self, thread: ThreadId) -> Result<Vec<MessageRow>, StoreError> {
        self.messages(thread, "m.position <= ?2 ORDER BY m.id LIMIT ?3", Position(0), usize::MAX)
    }

    /// What stood in a log that the relay has lost and has not come back, in that log's order.
    pub fn awaited(&mut self, thread: ThreadId) -> Result<Vec<MessageRow>, StoreError> {
        let which = "m.awaited > 0 AND m.position > ?2 ORDER BY m.position, m.id LIMIT ?3";
        self.messages(thread, which, Position(0), usize::MAX)
    }

    fn messages(
        &mut self,
        thread: ThreadId,
        which: &str,
        bound: Position,
        count: usize,
    ) -> Result<Vec<MessageRow>, StoreError> {
        self.refresh()?;
        let Some(thread) = self.row_of(thread)? else { return Ok(Vec::new()) };
        let mut query =
            self.connection.prepare_cached(&format!("{MESSAGE} WHERE m.thread = ?1 AND {which}"))?;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let mut found = query.query((thread, int(bound.0), count))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(self.message(row)?);
        }
        Ok(rows)
    }

    fn message(&self, row: &Row<'_>) -> Result<MessageRow, StoreError> {
        let position = Position(uint(row.get(1)?));
        let author = DeviceId(fixed(row.get(2)?)?);
        let parents: Vec<u8> = row.get(6)?;
        let parents = parents.chunks(EntryUid::LEN).map(EntryUid::from_slice).collect::<Option<Vec<_>>>();
        let not_before = Timestamp(uint(row.get(8)?));
        let erased = row.get::<_, i64>(12)? > 0;
        let state = match row.get::<_, i64>(7)? {
            3 => {
                let code: String = row.get(9)?;
                MessageState::Refused(code.parse().unwrap_or(FaultCode::Internal))
            }
            _ if row.get::<_, i64>(10)? > 0 => MessageState::Awaited,
            _ if position > Position(0) => MessageState::Standing,
            0 if not_before > Timestamp(0) => MessageState::Held { until: not_before },
            _ => MessageState::Waiting,
        };
        Ok(MessageRow {
            uid: EntryUid(fixed(row.get(0)?)?),
            position,
            author,
            agent: self.registry.agent_of(author),
            name: match self.registry.agent_of(author) {
                Some(agent) => self.name(NameKind::Agent, agent.0)?.map(|(name, _)| name),
                None => None,
            },
            own: author == self.identity.device
                || self
                    .registry
                    .agent_of(author)
                    .is_some_and(|agent| Some(agent) == self.registry.agent_of(self.identity.device)),
            written_at: Timestamp(uint(row.get(3)?)),
            received_at: Timestamp(uint(row.get(4)?)),
            body: if erased { String::new() } else { row.get(5)? },
            parents: parents.ok_or(StoreError::Corrupt)?,
            mentions: row.get::<_, Vec<u8>>(11)?.as_chunks().0.iter().map(agent_of_bytes).collect(),
            erased,
            state,
        })
    }

    /// Whether a message is on this device.
    pub fn has(&self, uid: EntryUid) -> Result<bool, StoreError> {
        messages::exists(&self.connection, uid)
    }

    /// Up to which position a thread is here without holes; 0 when it is not known.
    pub fn joined(&self, thread: ThreadId) -> Result<Position, StoreError> {
        let mut query = self.connection.prepare_cached("SELECT joined FROM thread WHERE uid = ?1")?;
        let joined: Option<i64> = query.query_row([&thread.0[..]], |row| row.get(0)).optional()?;
        Ok(Position(joined.map(uint).unwrap_or_default()))
    }

    /// How many entries of a thread are not shown, by reason.
    pub fn unopened(&self, thread: ThreadId) -> Result<UnopenedCounts, StoreError> {
        let mut counts = UnopenedCounts::default();
        let Some(thread) = self.row_of(thread)? else { return Ok(counts) };
        for (reason, count) in messages::unopened_counts(&self.connection, thread)? {
            match reason {
                Unopened::BeforeArrival => counts.before_arrival = count,
                Unopened::KeyMissing => counts.key_missing = count,
                Unopened::Refused => counts.refused = count,
                Unopened::Unknown => counts.unknown = count,
                Unopened::Erased => {}
                Unopened::ItemMissing => counts.item_missing = count,
            }
        }
        Ok(counts)
    }

    /// How far the devices of a thread have received and read.
    pub fn marks(&mut self, thread: ThreadId) -> Result<Vec<MarkRow>, StoreError> {
        self.refresh()?;
        let Some(thread) = self.row_of(thread)? else { return Ok(Vec::new()) };
        let mut query = self.connection.prepare_cached(
            "SELECT device, kind, position, at FROM mark WHERE thread = ?1 ORDER BY device, kind",
        )?;
        let mut found = query.query([thread])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let device = DeviceId(fixed(row.get(0)?)?);
            rows.push(MarkRow {
                device,
                agent: self.registry.agent_of(device),
                kind: if row.get::<_, i64>(1)? == 0 { SlotKind::Delivered } else { SlotKind::Read },
                position: Position(uint(row.get(2)?)),
                at: Timestamp(uint(row.get(3)?)),
            });
        }
        Ok(rows)
    }

    /// Messages that the relay has not placed.
    pub fn outbox_count(&self) -> Result<u64, StoreError> {
        outbox::open_count(&self.connection)
    }

    /// The newest faults, newest first.
    pub fn faults(&self, count: usize) -> Result<Vec<FaultRow>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT f.at, f.code, t.uid FROM fault AS f LEFT JOIN thread AS t ON t.id = f.thread
             ORDER BY f.seq DESC LIMIT ?1",
        )?;
        let mut found = query.query([i64::try_from(count).unwrap_or(i64::MAX)])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let code: String = row.get(1)?;
            let thread: Option<Vec<u8>> = row.get(2)?;
            rows.push(FaultRow {
                at: Timestamp(uint(row.get(0)?)),
                code: code.parse().unwrap_or(FaultCode::Internal),
                thread: thread.map(|uid| fixed(uid).map(ThreadId)).transpose()?,
            });
        }
        Ok(rows)
    }

    /// The name of an agent or a team, with its detail, from the directory.
    pub fn name(&self, kind: NameKind, number: u32) -> Result<Option<(String, String)>, StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT name, detail FROM name WHERE kind = ?1 AND number = ?2")?;
        Ok(query
            .query_row((kind.number(), i64::from(number)), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?)
    }

    /// Who this device is and how it stands.
    pub fn device(&mut self) -> Result<DeviceRow, StoreError> {
        self.refresh()?;
        // Read again: the agent becomes known with the certificate.
        let identity: StoredIdentity =
            values::get(&self.connection, Value::Identity)?.ok_or(StoreError::Corrupt)?;
        let offset: i64 = values::get(&self.connection, Value::ClockOffset)?.unwrap_or(0);
        let revoked: bool = values::get(&self.connection, Value::Revoked)?.unwrap_or(false);
        let log: Option<LogGeneration> = values::get(&self.connection, Value::LogGeneration)?;
        let organisation: OrganisationId = identity.organisation;
        let certified = self.registry.device(identity.device).is_some();
        let statement: Option<StatementNumber> = self.registry.head().map(|(number, _)| number);
        Ok(DeviceRow {
            device: identity.device,
            agent: certified.then_some(identity.agent),
            organisation,
            clock_offset: offset,
            revoked,
            statement,
            log,
        })
    }

    /// The model in the inventory's line that this device enrolled for; nothing on a computer that founded.
    pub fn model(&self) -> Result<Option<String>, StoreError> {
        values::get(&self.connection, Value::Model)
    }

    /// Looks for what a sound database cannot hold. Empty where nothing was found.
    ///
    /// # Errors
    ///
    /// The database cannot be read, which is worse than any finding.
    pub fn verify(&self) -> Result<Vec<Finding>, StoreError> {
        verify::verify(&self.connection)
    }

    /// Follows the engine's statements.
    fn refresh(&mut self) -> Result<(), StoreError> {
        refuse_locked(&self.connection)?;
        let newest: Option<i64> = self
            .connection
            .prepare_cached("SELECT max(number) FROM statement")?
            .query_row([], |row| row.get(0))?;
        if newest.map(|number| StatementNumber(uint(number)))
            != self.registry.head().map(|(number, _)| number)
        {
            self.registry = statements::fold(&self.connection, self.identity.organisation)?;
        }
        Ok(())
    }

    fn row_of(&self, thread: ThreadId) -> Result<Option<i64>, StoreError> {
        let mut query = self.connection.prepare_cached("SELECT id FROM thread WHERE uid = ?1")?;
        Ok(query.query_row([&thread.0[..]], |row| row.get(0)).optional()?)
    }

    fn rosters(&self) -> Result<BTreeMap<RosterId, (RosterName, RosterState)>, StoreError> {
        let all = store::rosters::all(&self.connection)?;
        Ok(all.into_iter().map(|roster| (roster.id, (roster.name, roster.state))).collect())
    }

    fn kind(&self, name: &RosterName) -> (Class, ThreadKind) {
        match name {
            RosterName::Stated(roster) => {
                let record = self.registry.roster(*roster);
                let class = record.map_or(Class::Service, |record| record.class);
                (class, ThreadKind::Team(record.and_then(|record| record.team)))
            }
            RosterName::Pair { class, lower, higher } => {
                let own = self.registry.agent_of(self.identity.device);
                (*class, ThreadKind::Direct(if own == Some(*lower) { *higher } else { *lower }))
            }
        }
    }

    fn title(&self, kind: ThreadKind) -> Result<(Option<String>, Option<String>), StoreError> {
        let named = match kind {
            ThreadKind::Team(Some(TeamNumber(team))) => self.name(NameKind::Team, team)?,
            ThreadKind::Team(None) => None,
            ThreadKind::Direct(AgentNumber(agent)) => self.name(NameKind::Agent, agent)?,
        };
        Ok(named.map_or((None, None), |(name, detail)| {
            (Some(name), Some(detail).filter(|text| !text.is_empty()))
        }))
    }
}
