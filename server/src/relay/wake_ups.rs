//! Wake-ups: an empty request to the push server of a phone that listens nowhere, so that it comes and asks.
//!
//! Always true: nothing about who, what or how much is in one, and all of them are the same; a device off
//! duty gets none, and what waited becomes one at the opening; a device gets at most one a minute, but for
//! what is urgent. What a phone has seen is its own affair: it is woken for what came since it was last
//! here. After a restart everybody may be woken once for nothing.
//!
//! Not here: the request itself, and which addresses it may go to ([`crate::wake_up`]).

use std::collections::BTreeMap;
use std::time::Duration;

use estafette_protocol::entry::Urgency;
use estafette_protocol::frame::Reply;
use estafette_protocol::{AgentNumber, DeviceId, Fault, RosterId, Timestamp};

use super::requests::Asker;
use super::settle::Wish;
use super::{Effect, Relay, is_socket};
use crate::outlet::Gate;
use crate::store::Operation;
use crate::wake_up::Endpoint;

/// Between two wake-ups of a device.
const PAUSE: Duration = Duration::from_secs(60);

/// A phone without network is noticed when nothing was heard of it for a while: what was sent meanwhile is
/// as if it had not been.
const DOUBTFUL: Duration = Duration::from_secs(180);

/// Who can be woken, and who is to be.
#[derive(Default)]
pub(super) struct WakeUps {
    endpoints: BTreeMap<DeviceId, Endpoint>,
    /// The most urgent of what came since the device was here or was woken.
    due: BTreeMap<DeviceId, Urgency>,
    woken: BTreeMap<DeviceId, Timestamp>,
    /// When somebody may be woken next.
    at: Option<Timestamp>,
}

impl WakeUps {
    /// What stands in the rows; everybody may have something that waits.
    pub fn load(endpoints: Vec<(DeviceId, Endpoint)>) -> Self {
        let due = endpoints.iter().map(|(device, _)| (*device, Urgency::Normal)).collect();
        Self { endpoints: endpoints.into_iter().collect(), due, at: Some(Timestamp(0)), ..Self::default() }
    }

    /// When there is something to do next.
    pub fn next(&self) -> Option<Timestamp> {
        self.at
    }
}

impl Relay {
    /// Where a device can be woken from now on; nowhere without an endpoint.
    pub(super) fn register_endpoint(&mut self, asker: Asker, endpoint: Option<String>) -> Result<(), Fault> {
        let endpoint = match endpoint {
            Some(text) => Some(Endpoint::parse(&text, &self.settings.wake_up_hosts)?),
            None => None,
        };
        let standing = self.wake_ups.endpoints.get(&asker.device);
        if standing == endpoint.as_ref() {
            self.done(asker.line, asker.id, Reply::Done);
            return Ok(());
        }
        match &endpoint {
            Some(endpoint) => drop(self.wake_ups.endpoints.insert(asker.device, endpoint.clone())),
            None => self.forget_endpoint(asker.device),
        }
        let text = endpoint.map(|endpoint| endpoint.as_str().to_owned());
        self.write_for(asker, Operation::Endpoint { device: asker.device, endpoint: text }, Wish::Done);
        Ok(())
    }

    fn forget_endpoint(&mut self, device: DeviceId) {
        self.wake_ups.endpoints.remove(&device);
        self.wake_ups.due.remove(&device);
    }

    /// Something came for the members of a roster.
    pub(super) fn note_for_wake_ups(&mut self, roster: RosterId, author: DeviceId, urgency: Urgency) {
        if self.wake_ups.endpoints.is_empty() {
            return;
        }
        let Some(name) = self.state.roster_name(roster) else { return };
        for device in self.state.registry.members(&name) {
            if device == author || self.listens(device) || !self.wake_ups.endpoints.contains_key(&device) {
                continue;
            }
            let due = self.wake_ups.due.entry(device).or_insert(urgency);
            *due = urgency.max(*due);
            self.wake_ups.at = Some(self.now);
        }
    }

    /// An agent is called, or is to know that nobody has answered: their devices that listen nowhere are
    /// woken at once, as far as hours allow.
    pub(super) fn wake_at_once(&mut self, agent: AgentNumber) {
        let devices: Vec<DeviceId> =
            self.state.registry.devices_of(agent).map(|record| record.certificate.device).collect();
        for device in devices {
            if !self.listens(device) && self.wake_ups.endpoints.contains_key(&device) {
                self.wake_ups.due.insert(device, Urgency::Emergency);
                self.wake_ups.at = Some(self.now);
            }
        }
    }

    fn listens(&self, device: DeviceId) -> bool {
        self.lines.get(&device).is_some_and(|lines| lines.iter().any(|line| is_socket(*line)))
    }

    /// A device has come, and is told all that there is.
    pub(super) fn has_come(&mut self, device: DeviceId) {
        self.wake_ups.due.remove(&device);
    }

    /// A socket is gone: what was sent to it last may not have arrived.
    pub(super) fn has_gone(&mut self, device: DeviceId, sent_at: Timestamp) {
        let doubtful = sent_at.after(DOUBTFUL) > self.now && !self.listens(device);
        if doubtful && self.wake_ups.endpoints.contains_key(&device) {
            self.wake_ups.due.entry(device).or_insert(Urgency::Normal);
            self.wake_ups.at = Some(self.now);
        }
    }

    /// Hours or statements have changed.
    pub(super) fn look_at_wake_ups(&mut self) {
        if !self.wake_ups.due.is_empty() {
            self.wake_ups.at = Some(self.now);
        }
    }

    /// Wakes whoever may be woken now, and notes when to look again.
    pub(super) fn give_wake_ups(&mut self) {
        if self.draining || self.wake_ups.at.is_none_or(|at| at > self.now) {
            return;
        }
        self.wake_ups.at = None;
        let at = self.gate_time();
        let due: Vec<(DeviceId, Urgency)> =
            self.wake_ups.due.iter().map(|(device, urgency)| (*device, *urgency)).collect();
        for (device, urgency) in due {
            let record = self.state.registry.device(device).filter(|record| record.active());
            let Some(agent) = record.map(|record| record.certificate.agent) else {
                self.forget_endpoint(device);
                continue;
            };
            let (gate, until) = self.outlet.gate(&self.state.registry, agent, at);
            let passes = match gate {
                Gate::Open => true,
                Gate::OnCall { .. } => urgency > Urgency::Normal,
                Gate::Closed { .. } => false,
            };
            let rested = self.wake_ups.woken.get(&device).map_or(Timestamp(0), |woken| woken.after(PAUSE));
            if !passes {
                self.look_again_at(until);
            } else if urgency == Urgency::Normal && rested > self.now {
                self.look_again_at(rested);
            } else {
                self.wake(device);
            }
        }
    }

    fn look_again_at(&mut self, at: Timestamp) {
        let earliest = self.wake_ups.at.map_or(at, |known| known.min(at));
        self.wake_ups.at = Some(earliest).filter(|at| *at != Timestamp::MAX);
    }

    fn wake(&mut self, device: DeviceId) {
        self.wake_ups.due.remove(&device);
        if let Some(endpoint) = self.wake_ups.endpoints.get(&device).cloned() {
            self.wake_ups.woken.insert(device, self.now);
            self.effects.push(Effect::Wake { device, endpoint });
        }
    }
}
