//! Urgent messages as screens show them: on what they rest, who was called, who answered; whom one would
//! reach; and the agent's own interventions.

use estafette_protocol::hours::Override;
use estafette_protocol::registry::Reachable;
use estafette_protocol::urgency::{Asked, Terms};
use estafette_protocol::{AgentNumber, EntryUid, ThreadId, Timestamp};

use super::Reader;
use crate::store::urgencies::{self, Urgency};
use crate::store::{StoreError, interventions};

pub use crate::store::interventions::Intervention;

/// An urgent message, beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrgencyRow {
    /// Its name.
    pub uid: EntryUid,
    /// Its thread.
    pub thread: Option<ThreadId>,
    /// Its author, if the device's certificate is known.
    pub author: Option<AgentNumber>,
    /// Declared by this agent.
    pub own: bool,
    /// On what it rests.
    pub terms: Terms,
    /// Minutes between two calls.
    pub minutes: u16,
    /// When the relay received it; 0 while unplaced.
    pub placed_at: Timestamp,
    /// Who was called, in order, as far as this agent is told.
    pub asked: Vec<Asked>,
    /// Who answered, and when by their device.
    pub answered: Vec<Asked>,
    /// Until when this agent is called; 0 for never.
    pub called_until: Timestamp,
    /// When this agent answered.
    pub own_answer: Option<Timestamp>,
    /// Since when it is known that nobody has answered.
    pub unanswered_at: Option<Timestamp>,
}

/// Whom an urgent message would reach.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UrgentAudience {
    /// Now: on duty or on call.
    pub now: Vec<AgentNumber>,
    /// At their opening, with the hour if it is known.
    pub later: Vec<(AgentNumber, Option<Timestamp>)>,
    /// Who would be called, the first first.
    pub order: Vec<AgentNumber>,
}

impl Reader {
    /// The newest urgent messages that this agent wrote or received, the newest first.
    ///
    /// # Errors
    ///
    /// The device is locked, or its database damaged.
    pub fn urgencies(&mut self, most: usize) -> Result<Vec<UrgencyRow>, StoreError> {
        self.refresh()?;
        let known = urgencies::newest(&self.connection, most)?;
        known.into_iter().map(|urgency| self.urgency_row(urgency)).collect()
    }

    /// The urgency of a message, if it is one.
    ///
    /// # Errors
    ///
    /// As [`Self::urgencies`].
    pub fn urgency(&mut self, uid: EntryUid) -> Result<Option<UrgencyRow>, StoreError> {
        self.refresh()?;
        urgencies::get(&self.connection, uid)?.map(|urgency| self.urgency_row(urgency)).transpose()
    }

    fn urgency_row(&self, urgency: Urgency) -> Result<UrgencyRow, StoreError> {
        let call = urgencies::call(&self.connection, urgency.uid)?;
        let agent = |device| self.registry.agent_of(device);
        let own = agent(self.identity.device);
        let report = call.report.as_ref();
        let answers = report.into_iter().flat_map(|report| &report.answers);
        let answered =
            answers.filter_map(|answer| Some(Asked { agent: agent(answer.device)?, at: answer.at }));
        let answered: Vec<Asked> = answered.collect();
        let told = answered.iter().find(|one| Some(one.agent) == own).map(|one| one.at);
        let mut query = self.connection.prepare_cached("SELECT uid FROM thread WHERE id = ?1")?;
        let thread: Vec<u8> = query.query_row([urgency.thread], |row| row.get(0))?;
        Ok(UrgencyRow {
            uid: urgency.uid,
            thread: ThreadId::from_slice(&thread),
            author: agent(urgency.author),
            own: agent(urgency.author) == own,
            terms: urgency.terms,
            minutes: urgency.minutes,
            placed_at: urgency.placed_at,
            asked: report.map(|report| report.asked.clone()).unwrap_or_default(),
            answered,
            called_until: call.called_until,
            own_answer: urgencies::answered_at(&self.connection, urgency.uid)?.or(told),
            unanswered_at: Some(call.unanswered_at).filter(|at| at.0 > 0),
        })
    }

    /// Whom an urgent message in a thread would reach now, and whom later.
    ///
    /// # Errors
    ///
    /// As [`Self::urgencies`].
    pub fn urgent_audience(
        &mut self,
        thread: ThreadId,
        now: Timestamp,
    ) -> Result<UrgentAudience, StoreError> {
        let members = self.members(thread)?.into_iter().filter(|member| !member.own && !member.archive);
        let members: Vec<AgentNumber> = members.map(|member| member.agent).collect();
        let mut audience = UrgentAudience::default();
        for agent in &members {
            match self.registry.reachable(*agent, now) {
                Reachable::OnDuty | Reachable::OnCall { .. } => audience.now.push(*agent),
                Reachable::OffDuty { reopens_at } => audience.later.push((*agent, reopens_at)),
            }
        }
        let team = self.registry.roster(thread.roster()).and_then(|roster| roster.team);
        let order = team.map(|team| self.registry.call_order(team, now)).unwrap_or_default();
        audience.order = order.into_iter().filter(|agent| members.contains(agent)).collect();
        Ok(audience)
    }

    /// The overrides of this agent's rest, in the order of their statements.
    ///
    /// # Errors
    ///
    /// As [`Self::urgencies`].
    pub fn overrides(&mut self) -> Result<Vec<Override>, StoreError> {
        self.refresh()?;
        let own = self.registry.agent_of(self.identity.device);
        Ok(own.map(|agent| self.registry.beside_calendars(agent).overrides).unwrap_or_default())
    }

    /// Whether the agent, called off duty, is at work at an instant.
    ///
    /// # Errors
    ///
    /// The database cannot be read.
    pub fn intervenes(&self, now: Timestamp) -> Result<bool, StoreError> {
        interventions::goes_on(&self.connection, now)
    }

    /// The agent's own record of interventions, the oldest first.
    ///
    /// # Errors
    ///
    /// As [`Self::urgencies`].
    pub fn interventions(&mut self) -> Result<Vec<Intervention>, StoreError> {
        self.refresh()?;
        interventions::all(&self.connection)
    }
}
