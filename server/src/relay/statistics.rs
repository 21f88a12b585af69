//! What is told of a month: the relay counts, [`estafette_protocol::statistics`] says what may be told.
//!
//! Counted are entries that came outside their author's calendar, in the conversations of teams, and the
//! derogations that the statements hold. Nothing is counted by agent.

use std::collections::{BTreeMap, BTreeSet};

use estafette_protocol::frame::Reply;
use estafette_protocol::handshake::RosterName;
use estafette_protocol::hours::{AgentHours, Reach};
use estafette_protocol::statistics::{Counts, Group, Month, told};
use estafette_protocol::{
    AgentNumber, DeviceId, Fault, FaultCode, RosterId, StatementNumber, TeamNumber, Timestamp,
};

use super::Relay;
use crate::policy;

impl Relay {
    /// The month in which an entry of this device counts as outside its author's hours, if it does now.
    /// Their calendar decides: an order of duty, or a service prolonged, is outside of it.
    pub(super) fn off_hours(&self, device: DeviceId) -> Option<Month> {
        let hours = self.state.registry.hours_of(self.state.registry.agent_of(device)?)?;
        let usual = AgentHours { calendars: hours.calendars, ..AgentHours::default() };
        if usual.is_open(self.gate_time(), Reach::Duty) { None } else { Month::of(self.now) }
    }

    pub(super) fn statistics(&self, device: DeviceId, month: Month) -> Result<Reply, Fault> {
        policy::may_read_statistics(&self.state.registry, device)?;
        let (from, until) = month.bounds().ok_or(FaultCode::Malformed)?;
        if until > self.now {
            // Two looks at a month that goes on would tell who wrote in between.
            return Err(Fault::new(FaultCode::HoursInvalid).with_reasons(vec!["not_past".to_owned()]));
        }
        let last = self.last_statement_before(until)?;
        let teams = self.people_of_teams(last);
        let everybody: BTreeSet<AgentNumber> = teams.values().flatten().copied().collect();
        let entries = self.reader.off_hours(month)?;
        let team_of = |roster: &RosterId| self.state.registry.roster(*roster).and_then(|record| record.team);
        let overridden: Vec<AgentNumber> = self
            .state
            .registry
            .overrides()
            .filter(|(_, derogation)| (from..until).contains(&derogation.period.from))
            .map(|(agent, _)| agent)
            .collect();
        let counts = |team: Option<TeamNumber>, people: &BTreeSet<AgentNumber>| Counts {
            overrides: overridden.iter().filter(|agent| people.contains(agent)).count() as u64,
            off_hours: entries
                .iter()
                .filter(|(roster, _)| team.is_none() || team_of(roster) == team)
                .map(|(_, entries)| entries)
                .sum(),
        };
        let mut groups: Vec<Group> = teams
            .into_iter()
            .map(|(team, people)| Group { team: Some(team), counts: counts(Some(team), &people), people })
            .collect();
        groups.push(Group { team: None, counts: counts(None, &everybody), people: everybody });
        let (cells, withheld) = told(groups);
        Ok(Reply::Statistics { cells, withheld })
    }

    /// The people of each team when a statement was the last.
    fn people_of_teams(&self, at: StatementNumber) -> BTreeMap<TeamNumber, BTreeSet<AgentNumber>> {
        let registry = &self.state.registry;
        let mut teams: BTreeMap<TeamNumber, BTreeSet<AgentNumber>> = BTreeMap::new();
        for (roster, record) in registry.rosters() {
            let Some(team) = record.team else { continue };
            let name = RosterName::Stated(roster);
            let member = |device: &DeviceId| registry.membership_at(&name, *device, at).is_some();
            let devices = registry.devices().map(|device| device.certificate.device).filter(member);
            let agents = devices.filter_map(|device| registry.agent_of(device));
            teams.entry(team).or_default().extend(agents);
        }
        teams
    }

    /// The last statement made before an instant, by its own date.
    fn last_statement_before(&self, at: Timestamp) -> Result<StatementNumber, Fault> {
        let (mut low, mut high) = (0, self.state.registry.last().0 + 1);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let statement = self.reader.statements(StatementNumber(middle), 1)?;
            let dated = statement.first().ok_or(FaultCode::NotFound)?.statement()?.at;
            if dated < at { low = middle } else { high = middle }
        }
        Ok(StatementNumber(low))
    }
}
