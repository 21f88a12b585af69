//! The teams that this device's agent leads: who is on duty, who is on leave, and how many are off duty.
//!
//! Everything follows from the statements on this device and needs no network. Which devices were not seen
//! for long, the relay alone can say.
//!
//! Always true: somebody off duty is counted and not named.

use estafette_protocol::registry::Presence;
use estafette_protocol::{AgentNumber, DeviceId, TeamNumber, Timestamp};

use super::{NameKind, Reader};
use crate::store::StoreError;

/// A team as whoever leads it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamStanding {
    /// The team.
    pub team: TeamNumber,
    /// Its name, if the directory tells it.
    pub name: Option<String>,
    /// Who is within their hours, by name.
    pub on_duty: Vec<PersonRow>,
    /// Who is on leave and until when, by name.
    pub on_leave: Vec<(PersonRow, Timestamp)>,
    /// How many are neither.
    pub off_duty: usize,
}

/// Somebody in a team.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonRow {
    /// The name, if the directory tells it.
    pub name: Option<String>,
    /// The agent.
    pub agent: AgentNumber,
    /// Their devices in force.
    pub devices: Vec<DeviceId>,
}

impl Reader {
    /// The teams that this device's agent leads, in the order of their numbers; `now` is the relay's clock.
    ///
    /// # Errors
    ///
    /// The database cannot be read.
    pub fn team_standing(&mut self, now: Timestamp) -> Result<Vec<TeamStanding>, StoreError> {
        self.refresh()?;
        let own = self.registry.agent_of(self.identity.device);
        let mut teams = own.map(|agent| self.registry.teams_led_by(agent)).unwrap_or_default();
        teams.sort_unstable();
        teams.dedup();
        teams.into_iter().map(|team| self.standing_of(team, now)).collect()
    }

    fn standing_of(&self, team: TeamNumber, now: Timestamp) -> Result<TeamStanding, StoreError> {
        let name = self.name(NameKind::Team, team.0)?.map(|(name, _)| name);
        let mut standing =
            TeamStanding { team, name, on_duty: Vec::new(), on_leave: Vec::new(), off_duty: 0 };
        for agent in self.registry.people_of(team) {
            match self.registry.presence(agent, now) {
                Presence::OnDuty => standing.on_duty.push(self.colleague(agent)?),
                Presence::OnLeave { until } => standing.on_leave.push((self.colleague(agent)?, until)),
                Presence::OffDuty => standing.off_duty += 1,
            }
        }
        standing.on_duty.sort();
        standing.on_leave.sort();
        Ok(standing)
    }

    fn colleague(&self, agent: AgentNumber) -> Result<PersonRow, StoreError> {
        let name = self.name(NameKind::Agent, agent.0)?.map(|(name, _)| name);
        let devices = self.registry.devices_of(agent).map(|record| record.certificate.device).collect();
        Ok(PersonRow { name, agent, devices })
    }
}
