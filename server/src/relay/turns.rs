//! Commit turns: of all who could commit what the statements wait for, one at a time is asked.
//!
//! A turn is a courtesy that saves lost races. Anyone may still commit, and a device that does
//! nothing with its turn loses it after ten seconds.

use std::collections::BTreeMap;
use std::time::Duration;

use estafette_protocol::{DeviceId, RosterId, Timestamp};

use super::Relay;
use crate::outlet::{Item, Line};

/// How long a turn lasts.
const TURN: Duration = Duration::from_secs(10);
/// In an active roster keys turn this often.
const DAY: Duration = Duration::from_hours(24);

#[derive(Debug, Clone, Copy)]
struct Turn {
    device: DeviceId,
    until: Timestamp,
}

#[derive(Default)]
pub(super) struct Turns {
    given: BTreeMap<RosterId, Turn>,
    /// Rosters with an entry since their last commit, and when the last one came.
    written: BTreeMap<RosterId, Timestamp>,
    look: bool,
}

impl Turns {
    /// Statements, sessions or groups have changed.
    pub fn look_again(&mut self) {
        self.look = true;
    }

    pub fn entry_in(&mut self, roster: RosterId, now: Timestamp) {
        self.written.insert(roster, now);
        self.look = true;
    }

    /// A commit was taken: nobody's turn is left, and the day begins anew.
    pub fn committed(&mut self, roster: RosterId) {
        self.given.remove(&roster);
        self.written.remove(&roster);
        self.look = true;
    }

    /// When the next turn ends.
    pub fn next(&self) -> Option<Timestamp> {
        self.given.values().map(|turn| turn.until).min()
    }
}

impl Relay {
    /// Gives a turn in every roster that waits for a commit and in which nobody has one.
    pub(super) fn give_turns(&mut self) {
        if !std::mem::take(&mut self.turns.look) || self.draining {
            return;
        }
        let mut rosters: Vec<_> = self
            .state
            .registry
            .rosters()
            .map(|(roster, _)| (roster, estafette_protocol::handshake::RosterName::Stated(roster)))
            .collect();
        rosters.extend(self.state.groups.iter().map(|(roster, group)| (*roster, group.name)));
        rosters.sort_unstable();
        rosters.dedup();
        for (roster, name) in rosters {
            let waits = self.state.waits_for_commit(roster, &name) || self.is_day_over(roster);
            match self.turns.given.get(&roster) {
                Some(_) if !waits => drop(self.turns.given.remove(&roster)),
                Some(turn) if self.now < turn.until && self.lines.contains_key(&turn.device) => {}
                last if waits => {
                    let last = last.map(|turn| turn.device);
                    self.give_turn(roster, name, last);
                }
                _ => {}
            }
        }
    }

    fn give_turn(
        &mut self,
        roster: RosterId,
        name: estafette_protocol::handshake::RosterName,
        last: Option<DeviceId>,
    ) {
        let at = self.gate_time();
        for (device, line) in self.candidates(roster, &name, last) {
            if self.outlet.offer(line, Item::Turn(name), &self.state.registry, at) {
                let turn = Turn { device, until: self.now.after(TURN) };
                self.turns.given.insert(roster, turn);
                return;
            }
        }
        self.turns.given.remove(&roster);
    }

    /// Connected devices that can commit, beginning after the one that had the turn last.
    fn candidates(
        &self,
        roster: RosterId,
        name: &estafette_protocol::handshake::RosterName,
        last: Option<DeviceId>,
    ) -> Vec<(DeviceId, Line)> {
        let group = self.state.groups.get(&roster).filter(|group| !self.state.is_given_up(group));
        let mut candidates: Vec<(DeviceId, Line)> = self
            .state
            .registry
            .members(name)
            .into_iter()
            .filter(|device| group.is_none_or(|group| group.members.contains_key(device)))
            .filter_map(|device| Some((device, self.following_line(device)?)))
            .collect();
        let after = candidates.partition_point(|(device, _)| Some(*device) <= last);
        candidates.rotate_left(after);
        candidates
    }

    fn following_line(&self, device: DeviceId) -> Option<Line> {
        let follows = |line: &Line| {
            matches!(line, Line::Socket(_))
                && self.sessions.get(line).is_some_and(|session| session.follow.is_some())
        };
        self.lines.get(&device)?.iter().copied().rfind(follows)
    }

    /// The last commit is a day old, and something was written since.
    fn is_day_over(&self, roster: RosterId) -> bool {
        let written = self.turns.written.get(&roster);
        let group = self.state.groups.get(&roster);
        written.is_some() && group.is_some_and(|group| group.committed_at.after(DAY) <= self.now)
    }
}
