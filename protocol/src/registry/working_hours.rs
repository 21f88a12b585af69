//! The hours that statements set, by scope.

use std::collections::BTreeMap;

use super::Registry;
use crate::AgentNumber;
use crate::hours::{AgentHours, CALENDARS, Calendar, Period};
use crate::statement::{Act, HoursScope};

/// All hours of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HoursBook {
    calendars: BTreeMap<HoursScope, Calendar>,
    /// What agents have beside calendars; their `calendars` stay empty here.
    own: BTreeMap<AgentNumber, AgentHours>,
}

impl HoursBook {
    pub(super) fn record(&mut self, act: &Act) {
        match act {
            Act::SetCalendar { scope, calendar } => {
                self.calendars.insert(*scope, calendar.clone());
            }
            Act::GrantLeave { agent, period } => self.own(*agent).leave.push(*period),
            Act::AddDuty { agent, duty } => self.own(*agent).duty.push(duty.clone()),
            Act::AddOnCall { agent, period } => self.own(*agent).on_call.push(*period),
            Act::AddOverride { agent, derogation } => self.own(*agent).overrides.push(derogation.clone()),
            _ => {}
        }
    }

    fn own(&mut self, agent: AgentNumber) -> &mut AgentHours {
        self.own.entry(agent).or_default()
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
            let own = self.hours.own.get(&agent).cloned().unwrap_or_default();
            AgentHours { calendars: calendars.into_iter().take(CALENDARS).cloned().collect(), ..own }
        })
    }

    /// The leaves that were ever granted to an agent, in the order of their statements.
    pub fn leave_of(&self, agent: AgentNumber) -> &[Period] {
        self.hours.own.get(&agent).map_or(&[], |own| &own.leave)
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
