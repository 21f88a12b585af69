//! Who is in a roster, by statements alone; a pair's roster follows from its agents' devices.

use std::collections::BTreeSet;

use super::{Membership, Registry, RosterRecord};
use crate::handshake::RosterName;
use crate::statement::{Class, History, Role};
use crate::{AgentNumber, DeviceId, RosterId, StatementNumber, TeamNumber};

/// What a set of statements does to a roster, taken together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delta {
    /// Devices that end up admitted.
    pub admitted: BTreeSet<DeviceId>,
    /// Devices that end up removed.
    pub removed: BTreeSet<DeviceId>,
}

impl RosterRecord {
    pub(super) fn admit(&mut self, device: DeviceId, number: StatementNumber, history: History) {
        self.stays.entry(device).or_default().push(Membership { admitted: number, removed: None, history });
        self.changes.entry(number).or_default().push((device, true));
    }

    pub(super) fn remove(&mut self, device: DeviceId, number: StatementNumber) {
        if let Some(stay) = self.stays.get_mut(&device).and_then(|stays| stays.last_mut())
            && stay.removed.is_none()
        {
            stay.removed = Some(number);
            self.changes.entry(number).or_default().push((device, false));
        }
    }

    /// The stay that lasts, after all statements known.
    pub fn current(&self, device: DeviceId) -> Option<Membership> {
        self.stays.get(&device)?.last().copied().filter(|stay| stay.removed.is_none())
    }

    /// The last stay, lasting or ended.
    pub fn last_stay(&self, device: DeviceId) -> Option<Membership> {
        self.stays.get(&device)?.last().copied()
    }

    /// The members after all statements known.
    pub fn current_members(&self) -> impl Iterator<Item = DeviceId> {
        self.stays.keys().copied().filter(|device| self.current(*device).is_some())
    }

    fn at(&self, device: DeviceId, at: StatementNumber) -> Option<Membership> {
        let stays = self.stays.get(&device)?;
        stays
            .iter()
            .copied()
            .find(|stay| stay.admitted <= at && stay.removed.is_none_or(|removed| at < removed))
    }
}

impl Registry {
    /// A stated roster.
    pub fn roster(&self, roster: RosterId) -> Option<&RosterRecord> {
        self.rosters.get(&roster)
    }

    /// All stated rosters.
    pub fn rosters(&self) -> impl Iterator<Item = (RosterId, &RosterRecord)> {
        self.rosters.iter().map(|(id, record)| (*id, record))
    }

    /// Whether a supervisor may move a device in a conversation: it is one that they made, and the device is
    /// their own, of somebody in a team that they lead, or the archive service's.
    ///
    /// A roster that no statement made yet is of the same statement, so of the same author.
    pub(super) fn may_gather(&self, author: AgentNumber, roster: RosterId, device: DeviceId) -> bool {
        let Some(agent) = self.agent_of(device) else { return false };
        self.role(author) == Role::Supervisor
            && self.roster(roster).is_none_or(|record| record.gathered_by == Some(author))
            && (agent == author || self.leads(author, agent) || self.role(agent) == Role::Archives)
    }

    /// Whom a supervisor may bring together: the people of the teams that they lead; an administrator:
    /// everybody with a device in force. Not themselves, and not the archive service, which comes by itself.
    pub fn gatherable_by(&self, author: AgentNumber) -> BTreeSet<AgentNumber> {
        let people: BTreeSet<AgentNumber> = match self.role(author) {
            Role::Administrator => self.agents().collect(),
            Role::Supervisor => {
                self.teams_led_by(author).into_iter().flat_map(|team| self.people_of(team)).collect()
            }
            _ => BTreeSet::new(),
        };
        let there = |agent: &AgentNumber| {
            *agent != author
                && self.role(*agent) != Role::Archives
                && self.devices_of(*agent).next().is_some()
        };
        people.into_iter().filter(there).collect()
    }

    /// Whether an agent may move people in a roster of no team: an administrator, and the supervisor who
    /// made it.
    pub fn may_move_people_in(&self, agent: AgentNumber, roster: RosterId) -> bool {
        let Some(record) = self.roster(roster).filter(|record| record.team.is_none()) else { return false };
        match self.role(agent) {
            Role::Administrator => true,
            Role::Supervisor => record.gathered_by == Some(agent),
            _ => false,
        }
    }

    /// The agents of a roster, with whoever keeps its archive.
    pub fn agents_in(&self, roster: RosterId) -> BTreeSet<AgentNumber> {
        let devices = self.roster(roster).into_iter().flat_map(RosterRecord::current_members);
        devices.filter_map(|device| self.agent_of(device)).collect()
    }

    /// The archive services that read one of these teams' conversations.
    pub fn archives_of(&self, teams: &[TeamNumber]) -> BTreeSet<AgentNumber> {
        let read = |record: &&RosterRecord| {
            record.class == Class::Service && record.team.is_some_and(|team| teams.contains(&team))
        };
        let devices = self.rosters.values().filter(read).flat_map(RosterRecord::current_members);
        let agents = devices.filter_map(|device| self.agent_of(device));
        agents.filter(|agent| self.role(*agent) == Role::Archives).collect()
    }

    /// The class of a roster, `None` for one that was never stated.
    pub fn class(&self, name: &RosterName) -> Option<Class> {
        match name {
            RosterName::Stated(roster) => self.roster(*roster).map(|record| record.class),
            RosterName::Pair { class, .. } => Some(*class),
        }
    }

    /// Whether a pair may talk in this class when statement `at` was the last; always so for a
    /// stated roster. An archive has no personal conversation.
    pub fn is_open_to(&self, name: &RosterName, at: StatementNumber) -> bool {
        match name {
            RosterName::Stated(_) => true,
            RosterName::Pair { class, lower, higher } => {
                let archives = |agent| self.role_at(agent, at) == Role::Archives;
                !class.is_private() || !(archives(*lower) || archives(*higher))
            }
        }
    }

    /// The members after all statements known.
    pub fn members(&self, name: &RosterName) -> BTreeSet<DeviceId> {
        match name {
            RosterName::Stated(roster) => {
                self.roster(*roster).map(|record| record.current_members().collect()).unwrap_or_default()
            }
            RosterName::Pair { .. } if !self.is_open_to(name, self.last()) => BTreeSet::new(),
            RosterName::Pair { lower, higher, .. } => self
                .devices_of(*lower)
                .chain(self.devices_of(*higher))
                .map(|record| record.certificate.device)
                .collect(),
        }
    }

    /// How many devices are members after all statements known.
    pub fn member_count(&self, name: &RosterName) -> usize {
        match name {
            RosterName::Stated(roster) => {
                self.roster(*roster).map_or(0, |record| record.current_members().count())
            }
            RosterName::Pair { .. } if !self.is_open_to(name, self.last()) => 0,
            RosterName::Pair { lower, higher, .. } => {
                self.devices_of(*lower).chain(self.devices_of(*higher)).count()
            }
        }
    }

    /// The members when statement `at` was the last.
    pub fn members_at(&self, name: &RosterName, at: StatementNumber) -> BTreeSet<DeviceId> {
        self.candidates(name)
            .into_iter()
            .filter(|device| self.membership_at(name, *device, at).is_some())
            .collect()
    }

    /// A device's stay in a roster when statement `at` was the last.
    pub fn membership_at(
        &self,
        name: &RosterName,
        device: DeviceId,
        at: StatementNumber,
    ) -> Option<Membership> {
        match name {
            RosterName::Stated(roster) => self.roster(*roster)?.at(device, at),
            RosterName::Pair { lower, higher, .. } => {
                let record = self.device(device)?;
                let agent = record.certificate.agent;
                (agent == *lower || agent == *higher).then_some(())?;
                self.is_open_to(name, at).then_some(())?;
                record.in_force(at).then_some(Membership {
                    admitted: record.certified,
                    removed: record.revoked.map(|(number, _)| number),
                    history: History::All,
                })
            }
        }
    }

    /// A device's stay after all statements known.
    pub fn membership(&self, name: &RosterName, device: DeviceId) -> Option<Membership> {
        self.membership_at(name, device, self.last())
    }

    /// What statements, in ascending order, do to a roster. One that does nothing to it counts as nothing.
    pub fn delta(&self, name: &RosterName, statements: &[StatementNumber]) -> Delta {
        let mut delta = Delta::default();
        for number in statements {
            for (device, admitted) in self.changes(name, *number) {
                let (to, from) = match admitted {
                    true => (&mut delta.admitted, &mut delta.removed),
                    false => (&mut delta.removed, &mut delta.admitted),
                };
                from.remove(&device);
                to.insert(device);
            }
        }
        delta
    }

    /// The statements that concern these devices in a roster, ascending: what a commit that
    /// brings a group from `group` to the members of today has to close. Their
    /// [`Registry::delta`] is exactly that difference.
    pub fn open_statements(&self, name: &RosterName, group: &BTreeSet<DeviceId>) -> Vec<StatementNumber> {
        let members = self.members(name);
        let moved = members.symmetric_difference(group);
        let mut numbers: BTreeSet<_> = moved.filter_map(|device| self.last_change(name, *device)).collect();
        loop {
            // A statement that moved one of these devices may have moved another, which a later
            // statement moved back: that one is named too, else the commit would undo it.
            let named: Vec<_> = numbers.iter().copied().collect();
            let delta = self.delta(name, &named);
            let gone = delta.admitted.iter().filter(|device| !members.contains(device));
            let back = delta.removed.iter().filter(|device| members.contains(device));
            numbers.extend(gone.chain(back).filter_map(|device| self.last_change(name, *device)));
            if numbers.len() == named.len() {
                return named;
            }
        }
    }

    /// Whether a device is or ever was a member.
    pub fn was_member(&self, name: &RosterName, device: DeviceId) -> bool {
        self.last_change(name, device).is_some()
    }

    /// The last statement that admitted or removed a device.
    fn last_change(&self, name: &RosterName, device: DeviceId) -> Option<StatementNumber> {
        match name {
            RosterName::Stated(roster) => {
                let stay = self.roster(*roster)?.stays.get(&device)?.last()?;
                Some(stay.removed.unwrap_or(stay.admitted))
            }
            RosterName::Pair { lower, higher, .. } => {
                let record = self.device(device)?;
                let agent = record.certificate.agent;
                (agent == *lower || agent == *higher).then_some(())?;
                Some(record.revoked.map_or(record.certified, |(number, _)| number))
            }
        }
    }

    fn changes(&self, name: &RosterName, number: StatementNumber) -> Vec<(DeviceId, bool)> {
        match name {
            RosterName::Stated(roster) => self
                .roster(*roster)
                .and_then(|record| record.changes.get(&number).cloned())
                .unwrap_or_default(),
            RosterName::Pair { .. } => self
                .candidates(name)
                .into_iter()
                .filter_map(|device| self.device(device))
                .flat_map(|record| {
                    let certified = (record.certified == number).then_some((record.certificate.device, true));
                    let revoked = record
                        .revoked
                        .filter(|(revoked, _)| *revoked == number)
                        .map(|_| (record.certificate.device, false));
                    certified.into_iter().chain(revoked)
                })
                .collect(),
        }
    }

    /// Every device that ever was a member.
    fn candidates(&self, name: &RosterName) -> Vec<DeviceId> {
        match name {
            RosterName::Stated(roster) => {
                self.roster(*roster).map(|record| record.stays.keys().copied().collect()).unwrap_or_default()
            }
            RosterName::Pair { lower, higher, .. } => [lower, higher]
                .into_iter()
                .filter_map(|agent| self.by_agent.get(agent))
                .flatten()
                .copied()
                .collect(),
        }
    }
}
