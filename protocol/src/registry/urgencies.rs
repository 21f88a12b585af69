//! Who may disturb people off duty, with whose approval; and « je prolonge mon service ».
//!
//! Everything here is judged by what statements say, and by the time that the statement itself names: the
//! relay compares that time with its own clock before it takes one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Registry, StatementError};
use crate::handshake::RosterName;
use crate::hours::{AgentHours, LegalBasis, OVERRIDE, Period, Reach, Zone};
use crate::statement::Act;
use crate::urgency::{Approval, Audience};
use crate::{AgentNumber, StatementNumber, TeamNumber, Timestamp};

/// One prolongation lasts no longer.
pub const PROLONGATION: Duration = Duration::from_hours(1);
/// All prolongations of an agent on one legal day of the place.
pub const PROLONGED_A_DAY: Duration = Duration::from_hours(2);
/// One prolongation lasts no less.
pub const SHORTEST_PROLONGATION: Duration = Duration::from_secs(5 * 60);
/// How long after it was asked for a prolongation may still be stated: the network may be slow.
pub const STATED_WITHIN: Duration = Duration::from_secs(10 * 60);

/// The rights to declare urgencies, and the approvals of those that reach many.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Urgencies {
    rights: BTreeMap<AgentNumber, Vec<(StatementNumber, bool)>>,
    approvals: Vec<(AgentNumber, Approval)>,
}

impl Urgencies {
    pub fn record(&mut self, number: StatementNumber, author: Option<AgentNumber>, act: &Act) {
        match (act, author) {
            (Act::SetUrgencyRight { agent, granted }, _) => {
                self.rights.entry(*agent).or_default().push((number, *granted));
            }
            (Act::ApproveUrgency { approval }, Some(author)) => self.approvals.push((author, *approval)),
            _ => {}
        }
    }
}

fn require(condition: bool, why: &'static str) -> Result<(), StatementError> {
    if condition { Ok(()) } else { Err(StatementError::Forbidden(why)) }
}

impl Registry {
    /// Whether an agent may declare urgencies after all statements known. No role has that right by itself.
    pub fn may_declare_urgency(&self, agent: AgentNumber) -> bool {
        self.may_declare_urgency_at(agent, self.last())
    }

    /// The same when statement `at` was the last.
    pub fn may_declare_urgency_at(&self, agent: AgentNumber, at: StatementNumber) -> bool {
        let rights = self.urgencies.rights.get(&agent).map(Vec::as_slice).unwrap_or_default();
        rights.iter().rev().find(|(since, _)| *since <= at).is_some_and(|(_, granted)| *granted)
    }

    /// Everybody who may declare urgencies.
    pub fn urgency_holders(&self) -> impl Iterator<Item = AgentNumber> {
        self.urgencies.rights.keys().copied().filter(|agent| self.may_declare_urgency(*agent))
    }

    /// How many people other than its author an entry in a roster reaches.
    pub fn recipients(&self, name: &RosterName, author: AgentNumber) -> usize {
        let members = self.members(name);
        let agents: BTreeSet<_> = members.iter().filter_map(|device| self.agent_of(*device)).collect();
        agents.into_iter().filter(|agent| *agent != author).count()
    }

    /// Whether a second holder has approved that an author reaches an audience on a basis until an instant.
    /// The second must still hold the right.
    pub fn is_approved(
        &self,
        author: AgentNumber,
        audience: Audience,
        basis: LegalBasis,
        until: Timestamp,
        now: Timestamp,
    ) -> bool {
        self.urgencies.approvals.iter().any(|(second, approval)| {
            self.may_declare_urgency(*second)
                && (approval.author, approval.audience, approval.basis) == (author, audience, basis)
                && now < approval.until
                && until <= approval.until
        })
    }

    /// Whether all of these agents are in a team for which an author's overrides are approved.
    pub fn is_team_approved(
        &self,
        author: AgentNumber,
        agents: &BTreeSet<AgentNumber>,
        basis: LegalBasis,
        until: Timestamp,
        now: Timestamp,
    ) -> bool {
        let in_team = |team: TeamNumber| agents.iter().all(|agent| self.teams_of(*agent).contains(&team));
        let teams = self.urgencies.approvals.iter().filter_map(|(_, approval)| match approval.audience {
            Audience::Team(team) => Some(team),
            Audience::Roster(_) => None,
        });
        let teams: BTreeSet<TeamNumber> = teams.collect();
        teams
            .into_iter()
            .any(|team| in_team(team) && self.is_approved(author, Audience::Team(team), basis, until, now))
    }

    /// Whether an agent can be called at all: has a device in force and is not on leave.
    pub fn may_be_called(&self, agent: AgentNumber, at: Timestamp) -> bool {
        let on_leave = self.leave_of(agent).iter().any(|leave| leave.contains(at));
        !on_leave && self.devices_of(agent).next().is_some()
    }

    /// Acts that are judged by who signs them and by the time that the statement names.
    pub(super) fn check_timed(
        &self,
        author: Option<AgentNumber>,
        at: Timestamp,
        act: &Act,
    ) -> Result<(), StatementError> {
        match (act, author) {
            (Act::ApproveUrgency { approval }, Some(second)) => {
                require(self.may_declare_urgency(second), "for those who may declare urgencies")?;
                require(approval.author != second, "nobody approves their own urgency")?;
                require(approval.basis != LegalBasis::NONE, "an approval names one legal basis")?;
                let latest = at.after(OVERRIDE);
                require(at < approval.until && approval.until <= latest, "an approval ends within 24 hours")
            }
            (Act::ProlongDuty { period }, Some(agent)) => {
                self.may_prolong(agent, *period, at).map_err(StatementError::Prolongation)
            }
            (Act::ApproveUrgency { .. } | Act::ProlongDuty { .. }, None) => Err(StatementError::Forged),
            _ => Ok(()),
        }
    }

    /// Whether an agent's calendar lets them prolong their service.
    pub fn prolongation_allowed(&self, agent: AgentNumber) -> bool {
        let hours = self.hours_of(agent).unwrap_or_default();
        hours.calendars.iter().any(|calendar| calendar.prolongation == Some(true))
    }

    /// The stretch by which an agent's service is prolonged when asked at an instant: from now on, or from
    /// the end of the hours that are open.
    pub fn prolongation(&self, agent: AgentNumber, at: Timestamp, length: Duration) -> Period {
        let hours = self.hours_of(agent).unwrap_or_default();
        let from = closes_at(&hours, at).unwrap_or(at);
        Period { from, until: from.after(length) }
    }

    /// Refuses a prolongation that the agent's calendar does not allow, longer than [`PROLONGATION`], not
    /// beginning now or where the present hours end, over a change of the legal day, beyond
    /// [`PROLONGED_A_DAY`], or on leave. The word is stable.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn may_prolong(&self, agent: AgentNumber, period: Period, at: Timestamp) -> Result<(), &'static str> {
        let refuse = |condition: bool, word: &'static str| if condition { Err(word) } else { Ok(()) };
        refuse(!self.prolongation_allowed(agent), "not_allowed")?;
        refuse(period.validate().is_err(), "empty_period")?;
        let length = period.until.since(period.from);
        refuse(length > PROLONGATION, "longer_than_an_hour")?;
        refuse(length < SHORTEST_PROLONGATION, "shorter_than_five_minutes")?;
        let hours = self.hours_of(agent).unwrap_or_default();
        refuse(hours.is_on_leave(at), "on_leave")?;
        let begins_now = period.from <= at && at <= period.from.after(STATED_WITHIN);
        // Asked for while open, and stated when the hours had just ended: its beginning is the end of hours.
        let follows = closes_at(&hours, at) == Some(period.from);
        refuse(!begins_now && !follows, "not_now")?;
        let zone =
            hours.calendars.iter().find_map(|calendar| Zone::named(&calendar.zone)).ok_or("not_allowed")?;
        let day = |at: Timestamp| zone.local_time(at).date;
        let last = period.until.before(Duration::from_millis(1));
        refuse(day(period.from) != day(last), "over_midnight")?;
        let same_day = hours.prolonged.iter().filter(|other| day(other.from) == day(period.from));
        let (mut so_far, mut overlaps) = (Duration::ZERO, false);
        for other in same_day {
            so_far += other.until.since(other.from);
            overlaps |= other.from < period.until && period.from < other.until;
        }
        refuse(overlaps, "prolonged_already")?;
        refuse(so_far + length > PROLONGED_A_DAY, "two_hours_a_day")
    }
}

/// When the hours that are open at an instant end.
fn closes_at(hours: &AgentHours, at: Timestamp) -> Option<Timestamp> {
    hours.is_open(at, Reach::Duty).then(|| hours.next_change(at, Reach::Duty)).flatten()
}
