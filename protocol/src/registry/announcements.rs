//! Who may announce in a `diffusion` roster, and who is addressed there.
//!
//! The relay refuses what others would announce, and devices check again: both by these.

use std::collections::BTreeSet;

use super::Registry;
use crate::handshake::RosterName;
use crate::statement::{Class, Role};
use crate::{AgentNumber, StatementNumber};

impl Registry {
    /// Whether an agent may announce in a roster when statement `at` was the last: administrators,
    /// and supervisors of its team; of any team where the roster is no team's.
    pub fn may_announce(&self, name: &RosterName, agent: AgentNumber, at: StatementNumber) -> bool {
        let RosterName::Stated(roster) = name else { return false };
        let Some(record) = self.roster(*roster).filter(|record| record.class == Class::Diffusion) else {
            return false;
        };
        let roles = self.roles.get(&agent).map(Vec::as_slice).unwrap_or_default();
        let Some(standing) = roles.iter().rev().find(|role| role.since <= at) else { return false };
        match standing.role {
            Role::Administrator => true,
            Role::Supervisor => record.team.is_none_or(|team| standing.teams.contains(&team)),
            Role::Agent | Role::Officer | Role::Guest | Role::Archives => false,
        }
    }

    /// The people to whom an announcement in a roster is addressed when statement `at` was the
    /// last: its members, without those who may announce there themselves and the archive.
    pub fn addressees(&self, name: &RosterName, at: StatementNumber) -> BTreeSet<AgentNumber> {
        let members = self.members_at(name, at).into_iter();
        let agents = members.filter_map(|device| self.agent_of(device));
        let addressed = |agent: &AgentNumber| {
            !self.may_announce(name, *agent, at) && self.role_at(*agent, at) != Role::Archives
        };
        agents.filter(addressed).collect()
    }
}
