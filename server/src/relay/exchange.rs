//! `exchange`: one signed HTTP request that carries what a socket session would send, and its answer.

use std::time::Duration;

use estafette_protocol::exchange::{ExchangeBody, ExchangeRequest, Proof};
use estafette_protocol::lease::Lease;
use estafette_protocol::{
    AgentNumber, AuthEpoch, DeviceId, Fault, FaultCode, Hash, OrganisationId, Timestamp, codec, limits,
};

use super::event::{Grant, Granted};
use super::session::Session;
use super::settle::Expected;
use super::{Answer, CallId, Effect, Relay};
use crate::audit::{Subject, Who};
use crate::outlet::{Gate, Item, Line};
use crate::policy;
use crate::store::{EnrolmentStage, Operation};

/// What a token is good for.
const TOKEN: Duration = Duration::from_secs(600);
/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1000;
/// Requests in one exchange.
const REQUESTS: usize = 256;

/// Who asks, as far as it is proved, and who it says to be.
type Asking = (Who, Subject);

/// The organisation that an exchange is for, before anything in it is believed.
pub fn organisation_of(bytes: &[u8]) -> Result<OrganisationId, Fault> {
    let request: ExchangeRequest = codec::from_bytes(bytes, limits::FRAME)?;
    Ok(request.proof.organisation)
}

impl Relay {
    pub(super) fn take_exchange(&mut self, call: CallId, bytes: &[u8]) {
        if let Err(refused) = self.begin_exchange(call, bytes) {
            let ((who, claims), fault) = *refused;
            self.note_refusal(who, claims, &fault);
            self.effects.push(Effect::Reply { call, answer: Err(fault) });
        }
    }

    /// Who is refused is a stranger until the proof holds.
    fn begin_exchange(&mut self, call: CallId, bytes: &[u8]) -> Result<(), Box<(Asking, Fault)>> {
        let nobody = |fault: Fault| Box::new(((Who::Stranger, Subject::default()), fault));
        if self.draining {
            return Err(nobody(FaultCode::ShuttingDown.into()));
        }
        let request: ExchangeRequest =
            codec::from_bytes(bytes, limits::FRAME).map_err(|error| nobody(error.into()))?;
        let ExchangeRequest { proof, body } = request;
        let claims = Subject { device: Some(proof.device), ..Subject::default() };
        let stranger = |fault: Fault| Box::new(((Who::Stranger, claims.clone()), fault));
        if Some(proof.organisation) != self.state.organisation {
            return Err(stranger(FaultCode::AlienOrganisation.into()));
        }
        let Some(record) = self.state.registry.device(proof.device) else {
            // Its certificate may be younger than the backup.
            return Err(stranger(match self.state.restoring {
                true => self.restoring(),
                false => self.uncertified(&proof, &body),
            }));
        };
        let agent = record.certificate.agent;
        proof
            .verify(&self.id, &body, &record.certificate.es256)
            .map_err(|_| stranger(FaultCode::BadProof.into()))?;
        let who = Who::Device { device: proof.device, agent };
        self.take_proved(call, &proof, agent, &body)
            .map_err(|fault| Box::new(((who, Subject::default()), fault)))
    }

    /// What a device asks that has proved to be the one that it says.
    fn take_proved(
        &mut self,
        call: CallId,
        proof: &Proof,
        agent: AgentNumber,
        body: &[u8],
    ) -> Result<(), Fault> {
        let speaks = self.may_speak(proof.device, proof.auth_epoch).map(drop);
        if let Err(code) = speaks
            && !matches!(code, FaultCode::DeviceRevoked | FaultCode::ReattestationRequired)
        {
            return Err(code.into());
        }
        // Before its number is taken: the device comes again with the same one.
        self.pace.exchange(self.now, proof.device)?;
        let body: ExchangeBody = codec::from_bytes(body, limits::FRAME)?;
        if body.requests.len() > REQUESTS {
            return Err(Fault::new(FaultCode::TooLarge).with_number(REQUESTS as u64));
        }
        // A withdrawn device may ask for its orders, one with old evidence may renew it, and nothing else.
        let allowed = match speaks {
            Err(FaultCode::ReattestationRequired) => policy::for_attesting,
            _ => policy::for_withdrawn,
        };
        if body.requests.is_empty() || !body.requests.iter().all(allowed) {
            speaks?;
        }
        let last = self.state.numbers.get(&proof.device).copied().unwrap_or(0);
        if proof.number <= last {
            return Err(Fault::new(FaultCode::RequestReplayed).with_number(last));
        }
        self.state.numbers.insert(proof.device, proof.number);
        let line = Line::Call(call);
        self.connect(line, Session::new(proof.device, agent, self.now));
        let day = Timestamp(self.now.0 - self.now.0 % DAY);
        self.write(Operation::RequestNumber { device: proof.device, number: proof.number, day });
        self.expect(line, Expected::Number { line });
        // Their bytes are those of one frame, whatever each one's share is.
        body.requests.into_iter().for_each(|request| self.enqueue(line, request, 0));
        Ok(())
    }

    /// Why a device without a certificate is refused: it may be one that waits for approval.
    fn uncertified(&self, proof: &Proof, body: &[u8]) -> Fault {
        let waits = |stage: &EnrolmentStage| matches!(stage, EnrolmentStage::Pending { device, .. } if *device == proof.device);
        let key = self
            .state
            .enrolments
            .values()
            .find(|row| waits(&row.stage))
            .and_then(|row| self.reader.submission(row.enrolment).ok().flatten())
            .and_then(|submission| submission.binding.verify().ok())
            .map(|binding| binding.es256);
        match key.filter(|key| proof.verify(&self.id, body, key).is_ok()) {
            Some(_) => FaultCode::DevicePending.into(),
            None => FaultCode::BadProof.into(),
        }
    }

    /// Replies to calls of which everything is done.
    pub(super) fn check_call(&mut self, call: CallId) {
        self.calls.insert(call);
    }

    pub(super) fn finish_calls(&mut self) {
        for call in std::mem::take(&mut self.calls) {
            let line = Line::Call(call);
            let Some(session) = self.sessions.get(&line) else { continue };
            if session.in_flight > 0 || !session.queue.is_empty() {
                continue;
            }
            let (device, agent) = (session.device, session.agent);
            let granted = self.grant(device);
            if granted.is_some() {
                self.tell_hours_or_deliver(line, agent);
            }
            let messages = self.outlet.disconnect(line);
            self.forget(line);
            if let Some(messages) = messages {
                let log = self.state.generation;
                let answer = Answer::Exchange { relay_time: self.now, log, messages, granted };
                self.effects.push(Effect::Reply { call, answer: Ok(answer) });
            }
        }
    }

    fn tell_hours_or_deliver(&mut self, line: Line, agent: AgentNumber) {
        let told = self.outlet.has_told_hours(line);
        let at = self.gate_time();
        let (gate, _) = self.outlet.gate(&self.state.registry, agent, at);
        match gate {
            Gate::Closed { .. } if !told => {
                self.outlet.offer(line, Item::Closed, &self.state.registry, at);
            }
            Gate::Closed { .. } => {}
            Gate::Open | Gate::OnCall { .. } => self.deliver_once(line),
        }
    }

    /// What a device in force gets with every exchange: a token's content, and its lease renewed.
    fn grant(&self, device: DeviceId) -> Option<Box<Granted>> {
        let registry = &self.state.registry;
        let agent = self.may_speak(device, AuthEpoch(0)).ok()?;
        let record = registry.device(device)?;
        let organisation = self.state.id();
        let grant = Grant {
            organisation,
            device,
            agent,
            key: Hash::of(&[&record.certificate.es256.0]),
            auth_epoch: AuthEpoch(0),
            expires_at: self.now.after(TOKEN),
        };
        let of = (organisation, device, grant.auth_epoch);
        let lease = Lease {
            attest_by: self.attest_by(device),
            ..Lease::new(of, registry.lease(), registry.leave_of(agent), self.now)
        };
        Some(Box::new(Granted { grant, lease: lease.sign(&self.settings.key) }))
    }
}
