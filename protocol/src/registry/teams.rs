//! A team's people, and what whoever leads them may know of their presence.
//!
//! Hours say who is meant to be at work, and leave is the employer's own decision: both follow from the
//! statements, without asking any device. What a device tells by being silent counts only for working
//! time.
//!
//! Always true: nothing here says anything of somebody who is off duty but that they are.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Reachable, Registry};
use crate::hours::{HoursState, Reach};
use crate::statement::Role;
use crate::{AgentNumber, TeamNumber, Timestamp};

/// How long the device of somebody on duty may be silent before whoever leads them is told.
pub const MISSED_AFTER: Duration = Duration::from_hours(3 * 24);
/// A contact is kept as the day on which it was.
const DAY: Duration = Duration::from_hours(24);

/// Whether somebody is at work, as whoever leads their team may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Within their hours.
    OnDuty,
    /// On leave.
    OnLeave {
        /// When it ends, and any leave that follows at once.
        until: Timestamp,
    },
    /// Neither; somebody on call is not at work.
    OffDuty,
}

impl Registry {
    /// The people of a team: agents with a device in one of its rosters. The archive service is nobody's
    /// colleague.
    pub fn people_of(&self, team: TeamNumber) -> BTreeSet<AgentNumber> {
        let rosters = self.rosters().filter(|(_, roster)| roster.team == Some(team));
        let devices = rosters.flat_map(|(_, roster)| roster.current_members());
        let agents = devices.filter_map(|device| self.agent_of(device));
        agents.filter(|agent| self.role(*agent) != Role::Archives).collect()
    }

    /// Whether somebody is at work at an instant.
    pub fn presence(&self, agent: AgentNumber, at: Timestamp) -> Presence {
        if let Some(until) = self.on_leave_until(agent, at) {
            return Presence::OnLeave { until };
        }
        match self.reachable(agent, at) {
            Reachable::OnDuty => Presence::OnDuty,
            Reachable::OnCall { .. } | Reachable::OffDuty { .. } => Presence::OffDuty,
        }
    }

    /// Whether a device of somebody who is on duty at `at` was silent for [`MISSED_AFTER`], its last
    /// contact having been on the day that begins at `day`.
    ///
    /// Counted from the first instant after that day, and after the last leave, at which its agent was on
    /// duty: weekends, holidays and leave begin no silence, so a phone that was switched off at home is
    /// not missed at the reopening.
    pub fn is_missed(&self, agent: AgentNumber, day: Timestamp, at: Timestamp) -> bool {
        if self.presence(agent, at) != Presence::OnDuty {
            return false;
        }
        let ended = self.leave_of(agent).iter().map(|leave| leave.until).filter(|until| *until <= at);
        let from = ended.max().unwrap_or_default().max(day.after(DAY));
        let expected = match self.hours_of(agent).map(|hours| hours.state(from, Reach::Duty)) {
            None | Some(HoursState::Open) => Some(from),
            Some(HoursState::Closed { reopens_at }) => reopens_at,
        };
        expected.is_some_and(|expected| expected.after(MISSED_AFTER) <= at)
    }

    /// The end of the leave that somebody is on, and of those that follow it at once.
    fn on_leave_until(&self, agent: AgentNumber, at: Timestamp) -> Option<Timestamp> {
        let leave_at = |at: Timestamp| {
            let around = self.leave_of(agent).iter().filter(|leave| leave.contains(at));
            around.map(|leave| leave.until).max()
        };
        let mut until = leave_at(at)?;
        while let Some(later) = leave_at(until) {
            until = later;
        }
        Some(until)
    }
}
