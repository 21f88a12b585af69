//! Commit turns: of all who could commit what the statements wait for, one at a time is asked.
//!
//! A turn is a courtesy that saves lost races. Anyone may still commit, and a device that does
//! nothing with its turn loses it after ten seconds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use estafette_protocol::handshake::RosterName;
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
    /// Rosters with an entry since their last commit.
    written: BTreeSet<RosterId>,
    /// Rosters that wait for a commit.
    open: BTreeSet<RosterId>,
    /// Statements or groups have changed: `open` is to be counted anew.
    recount: bool,
    /// Sessions or times have changed: somebody else may be asked.
    look: bool,
}

impl Turns {
    /// Nobody's turn; what waits is still to be counted.
    pub fn new() -> Self {
        Self { recount: true, ..Self::default() }
    }

    /// Statements or groups have changed.
    pub fn recount(&mut self) {
        self.recount = true;
    }

    /// Sessions, hours or the time have changed.
    pub fn look_again(&mut self) {
        self.look = true;
    }

    /// A commit was taken: nobody's turn is left, and the day begins anew.
    pub fn committed(&mut self, roster: RosterId) {
        self.given.remove(&roster);
        self.written.remove(&roster);
        self.recount = true;
    }

    /// When the next turn ends.
    pub fn next(&self) -> Option<Timestamp> {
        self.given.values().map(|turn| turn.until).min()
    }
}

impl Relay {
    /// Gives a turn in every roster that waits for a commit and in which nobody has one.
    pub(super) fn give_turns(&mut self) {
        if std::mem::take(&mut self.turns.recount) {
            let open = self.open_rosters();
            self.turns.given.retain(|roster, _| open.contains(roster));
            self.turns.open = open;
            self.turns.look = true;
        }
        if !std::mem::take(&mut self.turns.look) || self.draining || self.state.restoring {
            return;
        }
        for roster in self.turns.open.clone() {
            let Some(name) = self.state.roster_name(roster) else {
                self.turns.given.remove(&roster);
                continue;
            };
            let last = self.turns.given.get(&roster).copied();
            if last.is_none_or(|turn| turn.until <= self.now || !self.lines.contains_key(&turn.device)) {
                self.give_turn(roster, name, last.map(|turn| turn.device));
            }
        }
    }

    fn open_rosters(&self) -> BTreeSet<RosterId> {
        let stated = self.state.registry.rosters().map(|(roster, _)| roster);
        let rosters: BTreeSet<RosterId> = stated.chain(self.state.groups.keys().copied()).collect();
        let waits = |roster: &RosterId| {
            self.state.roster_name(*roster).is_some_and(|name| self.state.waits_for_commit(*roster, &name))
                || self.is_day_over(*roster)
        };
        rosters.into_iter().filter(waits).collect()
    }

    /// An entry makes a roster active: its keys turn if they are a day old.
    pub(super) fn note_entry(&mut self, roster: RosterId) {
        self.turns.written.insert(roster);
        if self.is_day_over(roster) && self.turns.open.insert(roster) {
            self.turns.look = true;
        }
    }

    fn give_turn(&mut self, roster: RosterId, name: RosterName, last: Option<DeviceId>) {
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
        name: &RosterName,
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

    pub(super) fn following_line(&self, device: DeviceId) -> Option<Line> {
        let follows = |line: &Line| {
            matches!(line, Line::Socket(_))
                && self.sessions.get(line).is_some_and(|session| session.follow.is_some())
        };
        self.lines.get(&device)?.iter().copied().rfind(follows)
    }

    /// The last commit is a day old, and something was written since.
    fn is_day_over(&self, roster: RosterId) -> bool {
        let group = self.state.groups.get(&roster);
        self.turns.written.contains(&roster)
            && group.is_some_and(|group| group.committed_at.after(DAY) <= self.now)
    }
}
