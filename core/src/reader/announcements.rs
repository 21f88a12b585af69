//! Announcements as screens show them: what is asked of this agent, and for the issuer who has
//! received, read and acknowledged.
//!
//! Always true: of somebody off duty the issuer sees until when the relay holds, and what stood
//! before; never whether a phone is on. People on leave are counted apart. Counts are people.

use std::collections::{BTreeMap, BTreeSet};

use estafette_protocol::announcement::Replies;
use estafette_protocol::frame::SlotKind;
use estafette_protocol::handshake::RosterName;
use estafette_protocol::hours::{HoursState, Reach};
use estafette_protocol::statement::Class;
use estafette_protocol::{AgentNumber, DeviceId, EntryUid, Position, ThreadId, Timestamp};

use super::{MessageRow, NameKind, Reader};
use crate::store::announcements::{self, Standing};
use crate::store::{StoreError, fixed, receipts};

/// A version of an announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncementRow {
    /// Its text, issuer and times.
    pub message: MessageRow,
    /// The thread in which it is shown.
    pub thread: ThreadId,
    /// Until when an acknowledgement is wanted.
    pub due: Option<Timestamp>,
    /// Where answers go.
    pub replies: Replies,
    /// The version in whose place it came.
    pub corrects: Option<EntryUid>,
    /// The version that came in its place: this one is to be shown struck.
    pub corrected_by: Option<EntryUid>,
    /// When this agent acknowledged it, on whichever device.
    pub acknowledged: Option<Timestamp>,
    /// When the relay reminded this agent; 0 for never.
    pub reminded_at: Timestamp,
}

impl AnnouncementRow {
    /// It waits for this agent's « Lu et compris ».
    pub fn is_asked(&self) -> bool {
        let settled = self.acknowledged.is_some() || self.corrected_by.is_some() || self.message.erased;
        self.due.is_some() && !self.message.own && !settled
    }
}

/// How far an announcement has come to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Still on the issuer's device.
    Waiting,
    /// The relay holds it until hours reopen: « sera remis … ».
    Held {
        /// [`Timestamp::MAX`] when nothing says so.
        reopens_at: Timestamp,
    },
    /// The relay has it, and none of the person's devices yet, though on duty: « non joint ».
    Unreached,
    /// A device has it.
    Delivered,
    /// It was read.
    Read,
    /// « Lu et compris ».
    Acknowledged {
        /// By the person's device.
        at: Timestamp,
    },
}

/// A person to whom an announcement is addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddresseeRow {
    /// The agent.
    pub agent: AgentNumber,
    /// The name, if the directory tells it.
    pub name: Option<String>,
    /// How far it has come.
    pub progress: Progress,
    /// On leave now: not late, and counted apart.
    pub on_leave: bool,
    /// On duty now. What stands of somebody who is not, stood when they left.
    pub on_duty: bool,
}

impl AddresseeRow {
    /// The time that was wanted has passed without an acknowledgement. Who is on leave is not late.
    pub fn is_late(&self, due: Option<Timestamp>, now: Timestamp) -> bool {
        let acknowledged = matches!(self.progress, Progress::Acknowledged { .. });
        due.is_some_and(|due| due <= now) && !acknowledged && !self.on_leave
    }
}

/// People by how far an announcement has come; each is counted once, in the furthest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All to whom it is addressed and who are not on leave.
    pub people: usize,
    /// « sera remis … »
    pub held: usize,
    /// « non joint », or still on this device.
    pub unreached: usize,
    /// On a device, not read.
    pub delivered: usize,
    /// Read, not acknowledged.
    pub read: usize,
    /// « Lu et compris ».
    pub acknowledged: usize,
    /// On leave, in none of the above unless acknowledged before.
    pub on_leave: usize,
}

impl Counts {
    /// Counts people.
    pub fn of(rows: &[AddresseeRow]) -> Self {
        let mut counts = Self::default();
        for row in rows {
            let acknowledged = matches!(row.progress, Progress::Acknowledged { .. });
            if row.on_leave && !acknowledged {
                counts.on_leave += 1;
                continue;
            }
            counts.people += 1;
            match row.progress {
                Progress::Held { .. } => counts.held += 1,
                Progress::Waiting | Progress::Unreached => counts.unreached += 1,
                Progress::Delivered => counts.delivered += 1,
                Progress::Read => counts.read += 1,
                Progress::Acknowledged { .. } => counts.acknowledged += 1,
            }
        }
        counts
    }
}

/// Where an answer to an announcement goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerTo {
    /// The pair's thread with its issuer.
    Issuer(AgentNumber),
    /// A team's own conversation.
    Thread(ThreadId),
}

impl Reader {
    /// One version of an announcement; `None` for what is none.
    pub fn announcement(&mut self, version: EntryUid) -> Result<Option<AnnouncementRow>, StoreError> {
        let Some(kept) = announcements::get(&self.connection, version)? else { return Ok(None) };
        let Some((thread, message)) = self.find(version)? else { return Ok(None) };
        let own = self.registry.agent_of(self.identity.device);
        let acknowledged = match own {
            Some(agent) => receipts::given(&self.connection, version, agent)?,
            None => None,
        };
        Ok(Some(AnnouncementRow {
            message,
            thread,
            due: kept.due,
            replies: kept.replies,
            corrects: kept.announced.corrects,
            corrected_by: announcements::corrected_by(&self.connection, version)?,
            acknowledged,
            reminded_at: kept.reminded_at,
        }))
    }

    /// All announcements, the newest first, at most `most`.
    pub fn announcements(&mut self, most: usize) -> Result<Vec<AnnouncementRow>, StoreError> {
        let versions = {
            let mut query = self.connection.prepare_cached(
                "SELECT a.version FROM announcement AS a JOIN message AS m ON m.uid = a.version
                 ORDER BY m.received_at = 0 DESC, m.received_at DESC, m.id DESC LIMIT ?1",
            )?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows = query.query_map([most], |row| row.get::<_, Vec<u8>>(0))?;
            rows.map(|row| Ok(EntryUid(fixed(row?)?))).collect::<Result<Vec<_>, StoreError>>()?
        };
        let mut rows = Vec::new();
        for version in versions {
            rows.extend(self.announcement(version)?);
        }
        Ok(rows)
    }

    /// The teams to which this agent may announce: their threads, in the order of their titles.
    pub fn may_announce_to(&mut self) -> Result<Vec<super::ThreadRow>, StoreError> {
        self.refresh()?;
        let own = self.registry.agent_of(self.identity.device);
        let last = self.registry.last();
        let mut threads = self.threads()?;
        threads.retain(|thread| {
            let name = RosterName::Stated(thread.id.roster());
            own.is_some_and(|agent| self.registry.may_announce(&name, agent, last))
        });
        threads.sort_by(|one, other| one.title.cmp(&other.title).then(one.id.cmp(&other.id)));
        Ok(threads)
    }

    /// To whom a version is addressed and how far it has come, for its issuer. `now` is the relay's time.
    pub fn addressees(&mut self, version: EntryUid, now: Timestamp) -> Result<Vec<AddresseeRow>, StoreError> {
        self.refresh()?;
        let standings = announcements::standings(&self.connection, version)?;
        let mut furthest: BTreeMap<AgentNumber, Progress> = BTreeMap::new();
        for (_, standing) in &standings {
            for (agent, progress) in self.progress_in(standing, now)? {
                let known = furthest.entry(agent).or_insert(progress);
                if rank(&progress) > rank(known) {
                    *known = progress;
                }
            }
        }
        for (agent, at) in receipts::of_version(&self.connection, version)? {
            furthest.entry(agent).and_modify(|progress| *progress = Progress::Acknowledged { at });
        }
        let mut rows = Vec::new();
        for (agent, progress) in furthest {
            let hours = self.registry.hours_of(agent);
            rows.push(AddresseeRow {
                agent,
                name: self.name(NameKind::Agent, agent.0)?.map(|(name, _)| name),
                progress,
                on_leave: hours.as_ref().is_some_and(|hours| hours.is_on_leave(now)),
                on_duty: hours.is_none_or(|hours| hours.is_open(now, Reach::Duty)),
            });
        }
        rows.sort_by(|one, other| (&one.name, one.agent).cmp(&(&other.name, other.agent)));
        Ok(rows)
    }

    /// How far an entry has come in its team.
    fn progress_in(
        &self,
        standing: &Standing,
        now: Timestamp,
    ) -> Result<Vec<(AgentNumber, Progress)>, StoreError> {
        let mut query = self.connection.prepare_cached("SELECT uid FROM thread WHERE id = ?1")?;
        let thread = ThreadId(fixed(query.query_row([standing.thread], |row| row.get(0))?)?);
        let name = RosterName::Stated(thread.roster());
        let placed = standing.position > Position(0);
        let at = if placed { standing.statement } else { self.registry.last() };
        let reached = |kind| self.reached(standing, kind);
        let (delivered, read) = (reached(SlotKind::Delivered)?, reached(SlotKind::Read)?);
        let progress = |agent: &AgentNumber| match self.registry.hours_of(*agent) {
            _ if !placed => Progress::Waiting,
            _ if read.contains(agent) => Progress::Read,
            _ if delivered.contains(agent) => Progress::Delivered,
            Some(hours) => match hours.state(now, Reach::Duty) {
                HoursState::Open => Progress::Unreached,
                HoursState::Closed { reopens_at } => {
                    Progress::Held { reopens_at: reopens_at.unwrap_or(Timestamp::MAX) }
                }
            },
            None => Progress::Unreached,
        };
        let addressed = self.registry.addressees(&name, at).into_iter();
        Ok(addressed.map(|agent| (agent, progress(&agent))).collect())
    }

    /// The agents a device of whom has marked an entry.
    fn reached(&self, standing: &Standing, kind: SlotKind) -> Result<BTreeSet<AgentNumber>, StoreError> {
        let kind = if kind == SlotKind::Delivered { 0 } else { 1 };
        let mut query = self
            .connection
            .prepare_cached("SELECT device FROM mark WHERE thread = ?1 AND kind = ?2 AND position >= ?3")?;
        let position = crate::store::int(standing.position.0);
        let rows = query.query_map((standing.thread, kind, position), |row| row.get::<_, Vec<u8>>(0))?;
        let mut agents = BTreeSet::new();
        for device in rows {
            agents.extend(self.registry.agent_of(DeviceId(fixed(device?)?)));
        }
        Ok(agents)
    }

    /// Whether the relay has this agent's receipt of a version.
    pub fn receipt_stands(&self, version: EntryUid) -> Result<bool, StoreError> {
        let own = self.registry.agent_of(self.identity.device);
        let given = receipts::of_version(&self.connection, version)?;
        Ok(given.iter().any(|(agent, _)| Some(*agent) == own))
    }

    /// Where this agent's answer to an announcement goes; `None` for what is none, or one's own.
    pub fn answer_to(&mut self, version: EntryUid) -> Result<Option<AnswerTo>, StoreError> {
        let Some(row) = self.announcement(version)? else { return Ok(None) };
        let Some(issuer) = row.message.agent.filter(|_| !row.message.own) else { return Ok(None) };
        if row.replies == Replies::Issuer {
            return Ok(Some(AnswerTo::Issuer(issuer)));
        }
        // In the conversation of a team that it reached: the one of this agent's.
        let team = |thread: &ThreadId| self.registry.roster(thread.roster()).and_then(|record| record.team);
        let Some(announced) = team(&row.thread) else { return Ok(Some(AnswerTo::Issuer(issuer))) };
        let open = self.threads()?.into_iter().find(|thread| {
            thread.class == Class::Service && thread.kind == super::ThreadKind::Team(Some(announced))
        });
        Ok(Some(open.map_or(AnswerTo::Issuer(issuer), |thread| AnswerTo::Thread(thread.id))))
    }
}

fn rank(progress: &Progress) -> u8 {
    match progress {
        Progress::Waiting => 0,
        Progress::Unreached | Progress::Held { .. } => 1,
        Progress::Delivered => 2,
        Progress::Read => 3,
        Progress::Acknowledged { .. } => 4,
    }
}
