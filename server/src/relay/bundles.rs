//! History for newcomers: a member is asked to hand over the keys of the past, and what it hands
//! over waits for the newcomer's hours.
//!
//! The relay knows who lacks history from its own commits, so that nobody has to remember: the
//! members on duty are asked in turn, longest-standing first, until one has handed over all, or
//! none who may hold more is left. It sees sizes and no key; which entries the newcomer may fetch
//! is decided by its statement alone ([`super::entries`]).

use std::collections::BTreeMap;
use std::time::Duration;

use estafette_protocol::bundle::Bundle;
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::History;
use estafette_protocol::{DeviceId, Epoch, Fault, FaultCode, RosterId, StatementNumber, Timestamp, limits};

use super::Relay;
use super::requests::{Asker, at_most};
use super::settle::Wish;
use super::state::State;
use crate::outlet::{Item, Line};
use crate::policy;
use crate::store::{BundleWrite, DebtRow, Operation};

/// How long a member is given; twice as long each time that nobody did, up to eleven minutes.
const TURN: Duration = Duration::from_secs(10);
const DOUBLINGS: u32 = 6;
/// The epoch in which those are whom a founding adds.
const BEGINNING: Epoch = Epoch(1);

#[derive(Debug, Clone, Copy)]
struct Turn {
    device: DeviceId,
    until: Timestamp,
    tries: u32,
}

/// Who is asked for whose history.
#[derive(Default)]
pub(super) struct HistoryTurns {
    given: BTreeMap<(RosterId, DeviceId), Turn>,
    look: bool,
}

impl HistoryTurns {
    /// Debts, sessions, hours or the time have changed.
    pub fn look_again(&mut self) {
        self.look = true;
    }

    /// When the next turn ends.
    pub fn next(&self) -> Option<Timestamp> {
        self.given.values().map(|turn| turn.until).min()
    }
}

impl State {
    /// What a device that comes to a group may be handed of the time before: the statement that
    /// admits it, where that grants any history, or where the group was founded later.
    pub fn owed(&self, name: &RosterName, device: DeviceId) -> Option<StatementNumber> {
        let stay = self.registry.membership(name, device)?;
        let group = self.groups.get(&name.id(self.id()));
        let founded_later = group.and_then(|group| group.founded_at).is_some_and(|at| stay.admitted <= at);
        (stay.history != History::None || founded_later).then_some(stay.admitted)
    }

    /// Those who may hand a newcomer more of the past than it has, longest-standing first. Whoever is
    /// owed this generation alone gets it from those who were in it from the beginning: nobody else
    /// has the whole of it.
    fn givers(&self, debt: &DebtRow, name: &RosterName) -> Vec<DeviceId> {
        let registry = &self.registry;
        let Some(group) = self.groups.get(&debt.roster) else { return Vec::new() };
        if self.owed(name, debt.device) != Some(debt.admitted) || !group.members.contains_key(&debt.device) {
            return Vec::new();
        }
        let stay = registry.membership(name, debt.device);
        let generation = stay.is_some_and(|stay| stay.history == History::None);
        let members = group.members.iter().filter(|(_, since)| !generation || **since <= BEGINNING);
        let mut givers: Vec<_> = members
            .filter(|(giver, _)| policy::may_give_history(registry, name, **giver, debt.device).is_ok())
            .filter_map(|(giver, since)| Some((registry.membership(name, *giver)?.admitted, *since, *giver)))
            .filter(|(admitted, ..)| *admitted < debt.reach)
            .collect();
        givers.sort_unstable();
        givers.into_iter().map(|(.., giver)| giver).collect()
    }
}

impl Relay {
    /// Takes keys of the past for a newcomer. Where they are no longer needed nothing is kept.
    pub(super) fn take_bundle(&mut self, asker: Asker, bundle: Bundle) -> Result<(), Fault> {
        at_most(bundle.sealed.len(), limits::BUNDLE)?;
        policy::exists(&self.state.registry, &bundle.roster)?;
        if bundle.author != asker.device {
            return Err(FaultCode::Forbidden.into());
        }
        policy::may_give_history(&self.state.registry, &bundle.roster, asker.device, bundle.to)?;
        self.state.owed(&bundle.roster, bundle.to).ok_or(FaultCode::Forbidden)?;
        let record = self.state.registry.device(asker.device).ok_or(FaultCode::BadProof)?;
        bundle.verify(self.state.id(), &record.certificate.ed25519).map_err(|_| FaultCode::BadProof)?;
        let roster = bundle.roster.id(self.state.id());
        let stay = self.state.registry.membership(&bundle.roster, asker.device);
        let own = stay.ok_or(FaultCode::NotAMember)?.admitted;
        let reach = if bundle.complete { StatementNumber(0) } else { own };
        let debt = self.state.debts.get_mut(&(roster, bundle.to));
        match debt.filter(|debt| debt.admitted == bundle.admitted && reach < debt.reach) {
            Some(debt) => debt.reach = reach,
            None => {
                self.done(asker.line, asker.id, estafette_protocol::frame::Reply::Done);
                return Ok(());
            }
        }
        self.history_turns.given.remove(&(roster, bundle.to));
        self.history_turns.look_again();
        let write = BundleWrite { roster, bundle, reach };
        self.write_for(asker, Operation::Bundle(Box::new(write)), Wish::Done);
        Ok(())
    }

    /// Asks, for each newcomer who lacks history, one member on duty.
    pub(super) fn give_history_turns(&mut self) {
        if !std::mem::take(&mut self.history_turns.look) || self.draining {
            return;
        }
        let debts: Vec<DebtRow> =
            self.state.debts.values().filter(|debt| debt.reach.0 > 0).copied().collect();
        for debt in debts {
            let key = (debt.roster, debt.device);
            let last = self.history_turns.given.get(&key).copied();
            let runs = |turn: Turn| turn.until > self.now && self.lines.contains_key(&turn.device);
            if last.is_some_and(runs) {
                continue;
            }
            match self.ask_for_history(&debt, last) {
                Some(turn) => self.history_turns.given.insert(key, turn),
                None => self.history_turns.given.remove(&key),
            };
        }
        let debts = &self.state.debts;
        self.history_turns.given.retain(|key, _| debts.contains_key(key));
    }

    fn ask_for_history(&mut self, debt: &DebtRow, last: Option<Turn>) -> Option<Turn> {
        let name = self.state.roster_name(debt.roster)?;
        let mut givers: Vec<(DeviceId, Line)> = self
            .state
            .givers(debt, &name)
            .into_iter()
            .filter_map(|giver| Some((giver, self.caught_up_line(giver)?)))
            .collect();
        // Who did nothing with the last turn comes after all others.
        let passed = last.and_then(|last| givers.iter().position(|(giver, _)| *giver == last.device));
        givers.rotate_left(passed.map_or(0, |at| at + 1));
        let at = self.gate_time();
        let tries = last.map_or(0, |last| (last.tries + 1).min(DOUBLINGS));
        for (device, line) in givers {
            let item = Item::HistoryTurn(name, debt.device);
            if self.outlet.offer(line, item, &self.state.registry, at) {
                return Some(Turn { device, until: self.now.after(TURN * 2u32.pow(tries)), tries });
            }
        }
        None
    }

    /// A socket on which the device has been sent all that there is: it knows what was written when.
    fn caught_up_line(&self, device: DeviceId) -> Option<Line> {
        let line = self.following_line(device)?;
        let follow = self.sessions.get(&line)?.follow.as_ref()?;
        (follow.caught_up && follow.fresh.is_empty()).then_some(line)
    }
}
