//! The hours that statements set, by scope; who may be reached by them, and in which order.

use std::collections::BTreeMap;

use super::Registry;
use crate::hours::{
    AgentHours, CALENDARS, Calendar, HoursState, Override, Period, Reach, StandingRota, Turn,
};
use crate::statement::{Act, HoursScope};
use crate::{AgentNumber, TeamNumber, Timestamp};

/// All hours of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HoursBook {
    calendars: BTreeMap<HoursScope, Calendar>,
    /// What agents have beside calendars; their `calendars` stay empty here.
    own: BTreeMap<AgentNumber, AgentHours>,
    rotas: BTreeMap<TeamNumber, StandingRota>,
    /// The same turns by agent.
    turns: BTreeMap<AgentNumber, Vec<Period>>,
}

/// Whether an agent may be reached at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reachable {
    /// For everything.
    OnDuty,
    /// For what is meant for those on call.
    OnCall {
        /// When for everything; `None` if that is not within [`crate::hours::HORIZON`].
        reopens_at: Option<Timestamp>,
    },
    /// For nothing.
    OffDuty {
        /// When again.
        reopens_at: Option<Timestamp>,
    },
}

impl HoursBook {
    pub(super) fn record(&mut self, act: &Act) {
        match act {
            Act::GrantLeave { agent, period } => self.own(*agent).leave.push(*period),
            Act::AddDuty { agent, duty } => self.own(*agent).duty.push(duty.clone()),
            Act::AddOnCall { agent, period } => self.own(*agent).on_call.push(*period),
            Act::AddOverride { agent, derogation } => self.own(*agent).overrides.push(derogation.clone()),
            Act::AddRest { agent, rest } => self.own(*agent).rests.push(*rest),
            Act::SetRota { team, rota } => {
                self.rotas.entry(*team).or_default().replace(rota);
                self.index_turns();
            }
            _ => {}
        }
    }

    pub(super) fn set_calendar(&mut self, scope: HoursScope, calendar: Calendar) {
        self.calendars.insert(scope, calendar);
    }

    pub(super) fn prolong(&mut self, agent: AgentNumber, period: Period) {
        self.own(agent).prolonged.push(period);
    }

    fn own(&mut self, agent: AgentNumber) -> &mut AgentHours {
        self.own.entry(agent).or_default()
    }

    fn index_turns(&mut self) {
        self.turns.clear();
        for turn in self.rotas.values().flat_map(StandingRota::turns) {
            for agent in &turn.order {
                self.turns.entry(*agent).or_default().push(turn.period);
            }
        }
    }
}

impl Registry {
    /// The hours of an agent, to be kept until the next statement: making them copies calendars.
    ///
    /// The calendars are the agent's own, else their teams', else the organisation's. `None`
    /// while no calendar applies: nobody has set hours, so nothing is held back.
    pub fn hours_of(&self, agent: AgentNumber) -> Option<AgentHours> {
        let calendars = self.calendars_of(agent);
        (!calendars.is_empty()).then(|| {
            let calendars = calendars.into_iter().take(CALENDARS).cloned().collect();
            AgentHours { calendars, ..self.beside_calendars(agent) }
        })
    }

    /// The leaves that were ever granted to an agent, in the order of their statements.
    pub fn leave_of(&self, agent: AgentNumber) -> &[Period] {
        self.hours.own.get(&agent).map_or(&[], |own| &own.leave)
    }

    /// Every derogation that was ever stated, with the agent whose rest it touches.
    pub fn overrides(&self) -> impl Iterator<Item = (AgentNumber, &Override)> {
        let own = self.hours.own.iter();
        own.flat_map(|(agent, own)| own.overrides.iter().map(|derogation| (*agent, derogation)))
    }

    /// Leave, duty, turns on call, overrides and rests of an agent, without calendars.
    pub fn beside_calendars(&self, agent: AgentNumber) -> AgentHours {
        let mut own = self.hours.own.get(&agent).cloned().unwrap_or_default();
        own.on_call.extend(self.hours.turns.get(&agent).into_iter().flatten());
        own
    }

    /// The calendar that was set for a scope itself.
    pub fn calendar_of(&self, scope: HoursScope) -> Option<&Calendar> {
        self.hours.calendars.get(&scope)
    }

    /// The turns of a team's rota, by their beginning.
    pub fn rota_of(&self, team: TeamNumber) -> &[Turn] {
        self.hours.rotas.get(&team).map_or(&[], StandingRota::turns)
    }

    /// Whom to call in a team at an instant, the first first. Who is on leave, or has no device in
    /// force, is passed over: calling them would only cost the ten minutes.
    pub fn call_order(&self, team: TeamNumber, at: Timestamp) -> Vec<AgentNumber> {
        let order = self.hours.rotas.get(&team).map_or(&[][..], |rota| rota.order_at(at));
        let away = |agent: &AgentNumber| self.hours.own.get(agent).is_some_and(|own| own.is_on_leave(at));
        let reachable = |agent: &&AgentNumber| !away(agent) && self.devices_of(**agent).next().is_some();
        order.iter().filter(reachable).copied().collect()
    }

    /// Whether an agent may be reached at an instant, by the statements known here.
    pub fn reachable(&self, agent: AgentNumber, at: Timestamp) -> Reachable {
        let Some(hours) = self.hours_of(agent) else { return Reachable::OnDuty };
        match hours.state(at, Reach::Duty) {
            HoursState::Open => Reachable::OnDuty,
            HoursState::Closed { reopens_at } if hours.is_open(at, Reach::OnCall) => {
                Reachable::OnCall { reopens_at }
            }
            HoursState::Closed { reopens_at } => Reachable::OffDuty { reopens_at },
        }
    }

    fn calendars_of(&self, agent: AgentNumber) -> Vec<&Calendar> {
        let calendars = &self.hours.calendars;
        if let Some(own) = calendars.get(&HoursScope::Agent(agent)) {
            return vec![own];
        }
        let teams = self.teams_of(agent);
        let theirs: Vec<_> =
            teams.into_iter().filter_map(|team| calendars.get(&HoursScope::Team(team))).collect();
        match theirs.is_empty() {
            false => theirs,
            true => calendars.get(&HoursScope::Organisation).into_iter().collect(),
        }
    }
}
