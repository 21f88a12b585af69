//! Fresh evidence, every 30 days, that this is still the phone that enrolled.
//!
//! The engine asks for a challenge three days before it is due, has the hardware answer
//! ([`Effect::Attest`]), and sends the answer. Where the relay takes nothing else any more, it does this
//! alone, at any hour and also while it is locked: nothing is lost meanwhile, and what waits leaves
//! afterwards. A computer is never asked.
//!
//! All of it lives in memory: a crash asks for another challenge.

use std::time::Duration;

use estafette_protocol::frame::{Outcome, Reply, RequestBody};
use estafette_protocol::reattestation::{EARLY, EVERY, FreshEvidence, Renewed};
use estafette_protocol::{Fault, FaultCode, Signature, Timestamp};

use super::Effect;
use super::memory::Asked;
use super::turn::Turn;
use crate::store::values::{self, Value};
use crate::store::{StoreError, faults};

/// The pause after a failure.
const PAUSE: Duration = Duration::from_hours(1);
/// How long a challenge is good for.
const CHALLENGE: Duration = Duration::from_secs(600);

/// How far a phone is with its fresh evidence.
#[derive(Debug, Default)]
pub(super) enum Attesting {
    /// Nothing is under way.
    #[default]
    Idle,
    /// A challenge is asked for, or the answer is on its way.
    Asking,
    /// The hardware is at work.
    Making { nonce: [u8; 32], until: Timestamp },
    /// The answer waits to leave.
    Ready(Box<FreshEvidence>),
}

impl Turn<'_> {
    /// When there is something to be done; nothing for a computer.
    fn attests_at(&self) -> Option<Timestamp> {
        let due = self.memory.held.lease.and_then(|lease| lease.attest_by);
        let due = due.map(|due| Timestamp(due.0.saturating_sub(EARLY.as_millis() as u64)));
        let due = if self.memory.must_attest { Some(Timestamp(0)) } else { due };
        due.map(|due| due.max(self.memory.attest_after))
    }

    /// Whether the relay has to be reached for it: where it takes nothing else, or the answer is there.
    pub fn has_evidence_to_bring(&self) -> bool {
        let due = self.attests_at().is_some_and(|at| at <= self.now());
        match self.memory.attesting {
            Attesting::Ready(_) => true,
            Attesting::Idle => self.memory.must_attest && due,
            Attesting::Asking | Attesting::Making { .. } => false,
        }
    }

    /// Whether there is nothing to say that the relay would take now.
    pub fn has_nothing_to_say(&self) -> bool {
        let waits = matches!(self.memory.attesting, Attesting::Idle | Attesting::Making { .. });
        self.memory.must_attest && waits && !self.has_evidence_to_bring()
    }

    /// Asks for a challenge when it is time, and brings the answer.
    pub fn send_evidence(&mut self) {
        let now = self.now();
        if matches!(self.memory.attesting, Attesting::Making { until, .. } if until <= now) {
            self.memory.attesting = Attesting::Idle;
        }
        match std::mem::take(&mut self.memory.attesting) {
            Attesting::Idle if self.attests_at().is_some_and(|at| at <= now) => {
                self.ask(RequestBody::Challenge, Asked::Challenge);
                self.memory.attesting = Attesting::Asking;
            }
            Attesting::Ready(fresh) => {
                self.ask(RequestBody::Attest(*fresh), Asked::Attest);
                self.memory.attesting = Attesting::Asking;
            }
            standing => self.memory.attesting = standing,
        }
    }

    /// Asks to be called when the next evidence is due.
    pub fn wake_to_attest(&mut self) {
        let at = match self.memory.attesting {
            Attesting::Idle => self.attests_at(),
            Attesting::Making { until, .. } => Some(until),
            Attesting::Asking | Attesting::Ready(_) => None,
        };
        if let Some(at) = at.filter(|at| *at > self.now()) {
            self.wake_at(at);
        }
    }

    pub fn challenged(&mut self, outcome: Outcome) -> Result<(), StoreError> {
        let nonce = match outcome {
            Outcome::Done(Reply::Challenge { nonce }) => nonce,
            Outcome::Done(_) => return self.attesting_failed(FaultCode::Malformed),
            Outcome::Refused(fault) => return self.attesting_failed(fault.code),
        };
        let identity = &self.memory.identity;
        let renewed = Renewed {
            relay: &identity.relay,
            organisation: identity.organisation,
            device: identity.device,
            key: &identity.es256,
        };
        let effect = Effect::Attest {
            challenge: renewed.challenge(&nonce),
            id_challenge: renewed.id_challenge(&nonce),
            to_sign: renewed.message(&nonce),
        };
        self.effects.push(effect);
        self.memory.attesting = Attesting::Making { nonce, until: self.now().after(CHALLENGE) };
        Ok(())
    }

    /// The hardware has answered.
    pub fn attested(&mut self, made: Result<(Vec<u8>, Signature), Fault>) -> Result<(), StoreError> {
        let Attesting::Making { nonce, .. } = self.memory.attesting else { return Ok(()) };
        match made {
            Ok((evidence, signature)) => {
                let fresh = FreshEvidence { nonce, evidence: evidence.into(), signature };
                self.memory.attesting = Attesting::Ready(Box::new(fresh));
                Ok(())
            }
            Err(fault) => self.attesting_failed(fault.code),
        }
    }

    pub fn evidence_answered(&mut self, outcome: &Outcome) -> Result<(), StoreError> {
        if let Outcome::Refused(fault) = outcome {
            return self.attesting_failed(fault.code);
        }
        self.memory.attesting = Attesting::Idle;
        self.memory.must_attest = false;
        // The next lease says it too; a socket that stands brings none.
        let attest_by = Some(self.now().after(EVERY));
        if let Some(lease) = &mut self.memory.held.lease {
            lease.attest_by = attest_by;
            values::put(self.tx, Value::Lease, lease)?;
        }
        self.changed.insert(super::Change::Device);
        Ok(())
    }

    /// Tried again in an hour; the person is told once a day.
    fn attesting_failed(&mut self, code: FaultCode) -> Result<(), StoreError> {
        self.memory.attesting = Attesting::Idle;
        self.memory.attest_after = self.now().after(PAUSE);
        if self.memory.must_attest {
            self.close_for(PAUSE);
        }
        self.tell_once_a_day(code)
    }

    /// The relay takes nothing but fresh evidence: on the same connection it is begun.
    pub fn evidence_required(&mut self) -> Result<(), StoreError> {
        self.memory.must_attest = true;
        self.tell_once_a_day(FaultCode::ReattestationRequired)
    }

    /// For what lasts until somebody has done something.
    pub fn tell_once_a_day(&mut self, code: FaultCode) -> Result<(), StoreError> {
        let told = faults::last(self.tx, code)?;
        match told.is_some_and(|at| self.now() < at.after(Duration::from_hours(24))) {
            true => Ok(()),
            false => self.note_fault(code, None),
        }
    }
}
