//! Urgent messages: declaring one, being called, answering; and what follows for the agent's own hours.
//!
//! Always true: an urgent message waits for nobody's reopening, and its author's device refuses what the
//! relay would refuse as far as the statements known here tell. An answer is given once, is signed and
//! leaves at once. An intervention is recorded here, for the agent, and told to nobody.

use std::time::Duration;

use estafette_protocol::chain::Placement;
use estafette_protocol::entry::{Urgency as Class, WireEntry};
use estafette_protocol::frame::{Outcome, RequestBody};
use estafette_protocol::hours::{HoursState, Reach};
use estafette_protocol::statement::Act;
use estafette_protocol::urgency::{ALONE, Answer, Audience, CallReport, LONGEST_MINUTES, MINUTES, Terms};
use estafette_protocol::{
    DeviceId, EntryUid, Fault, FaultCode, Hash, Position, Signature, ThreadId, Timestamp,
};

use super::memory::{Asked, Statement};
use super::turn::Turn;
use super::{Change, CommandAnswer};
use crate::store::urgencies::{self, Urgency};
use crate::store::{StoreError, interventions};

/// Answers in one go.
const ANSWERS: usize = 16;
/// How soon an answer is offered again that the relay could not take.
const AGAIN: Duration = Duration::from_secs(30);
/// How long: a call lasts no longer than the longest urgency.
const KEPT: Duration = Duration::from_hours(24);

impl Turn<'_> {
    /// Why an urgent message of this agent's would be refused.
    pub fn refuse_urgency(&self, row: i64, terms: &Terms, minutes: Option<u16>) -> Result<(), Fault> {
        let invalid = |word: &str| Fault::new(FaultCode::OverrideInvalid).with_reasons(vec![word.to_owned()]);
        let (registry, now) = (&self.memory.registry, self.now());
        let agent = registry.agent_of(self.memory.identity.device).ok_or(FaultCode::NotEnrolled)?;
        if !registry.may_declare_urgency(agent) {
            return Err(FaultCode::Forbidden.into());
        }
        terms.validate(now).map_err(|error| invalid(error.word()))?;
        if terms.until <= now {
            return Err(invalid("empty_period"));
        }
        if !(1..=LONGEST_MINUTES).contains(&minutes.unwrap_or(MINUTES)) {
            return Err(invalid("bad_minutes"));
        }
        let roster = self.thread(row).map_err(|error| Fault::from(&error))?.roster;
        let name = self.memory.rosters.get(&roster).map(|known| known.name);
        let many = name.is_some_and(|name| registry.recipients(&name, agent) > ALONE);
        if many && !registry.is_approved(agent, Audience::Roster(roster), terms.basis, terms.until, now) {
            return Err(Fault::new(FaultCode::SecondApproverRequired).with_number(ALONE as u64));
        }
        Ok(())
    }

    /// Keeps on what a message of this device's rests, from the moment that it is written.
    pub fn declare(
        &mut self,
        uid: EntryUid,
        row: i64,
        terms: Terms,
        minutes: Option<u16>,
    ) -> Result<(), StoreError> {
        let urgency = Urgency {
            uid,
            thread: row,
            author: self.memory.identity.device,
            hash: None,
            terms,
            minutes: minutes.unwrap_or(MINUTES),
            placed_at: Timestamp(0),
        };
        urgencies::insert(self.tx, &urgency)
    }

    /// An entry of another device says that it is urgent. Without the right, or after its end, it is not.
    pub fn note_urgency(
        &mut self,
        thread: i64,
        wire: &WireEntry,
        author: DeviceId,
        placement: Placement,
    ) -> Result<(), StoreError> {
        let registry = &self.memory.registry;
        let entitled = registry
            .agent_of(author)
            .is_some_and(|agent| registry.may_declare_urgency_at(agent, placement.statement));
        let (Some(terms), true) = (&wire.terms, wire.urgency_at(placement.received_at) == Class::Emergency)
        else {
            return Ok(());
        };
        if !entitled || terms.validate(placement.received_at).is_err() {
            return Ok(());
        }
        let urgency = Urgency {
            uid: wire.uid,
            thread,
            author,
            hash: wire.clone().into_sealed().map(|sealed| sealed.hash()),
            terms: terms.clone(),
            minutes: wire.escalation_minutes.unwrap_or(MINUTES),
            placed_at: placement.received_at,
        };
        urgencies::insert(self.tx, &urgency)
    }

    /// The relay calls this agent.
    pub fn called(&mut self, thread: ThreadId, entry: EntryUid, until: Timestamp) -> Result<(), StoreError> {
        let mut call = urgencies::call(self.tx, entry)?;
        let news = until > call.called_until && urgencies::answered_at(self.tx, entry)?.is_none();
        if news {
            call.called_until = until;
            urgencies::set_call(self.tx, entry, &call)?;
            self.changed.extend([Change::Called(entry), Change::Thread(thread)]);
        }
        Ok(())
    }

    /// « Personne n’a répondu »: told once, whichever way it comes first.
    pub fn unanswered(&mut self, thread: ThreadId, entry: EntryUid, at: Timestamp) -> Result<(), StoreError> {
        let mut call = urgencies::call(self.tx, entry)?;
        if call.unanswered_at == Timestamp(0) {
            call.unanswered_at = at;
            urgencies::set_call(self.tx, entry, &call)?;
            self.changed.extend([Change::Unanswered(entry), Change::Thread(thread)]);
        }
        Ok(())
    }

    /// How far a call has come. An answer that its device has not signed is left out, and said so.
    pub fn take_call(&mut self, mut report: CallReport) -> Result<(), StoreError> {
        let (registry, organisation) = (&self.memory.registry, self.memory.identity.organisation);
        let before = report.answers.len();
        report.answers.retain(|answer| {
            let key = registry.device(answer.device).map(|record| record.certificate.ed25519);
            (answer.thread, answer.entry) == (report.thread, report.entry)
                && key.is_some_and(|key| answer.verify(organisation, &key).is_ok())
        });
        if report.answers.len() < before {
            self.note_fault(FaultCode::ReceiptInvalid, None)?;
        }
        let (thread, entry, unanswered) = (report.thread, report.entry, report.unanswered_at);
        let mut call = urgencies::call(self.tx, entry)?;
        call.report = Some(report);
        urgencies::set_call(self.tx, entry, &call)?;
        self.changed.insert(Change::Thread(thread));
        unanswered.map_or(Ok(()), |at| self.unanswered(thread, entry, at))
    }

    /// This agent answers.
    pub fn answer_call(&mut self, entry: EntryUid) -> Result<Result<CommandAnswer, Fault>, StoreError> {
        let Some(urgency) = urgencies::get(self.tx, entry)? else {
            return Ok(Err(FaultCode::NotFound.into()));
        };
        let Some(hash) = urgency.hash.filter(|_| !self.is_own(urgency.author)) else {
            return Ok(Err(FaultCode::ReceiptInvalid.into()));
        };
        let answer = Answer {
            thread: self.thread(urgency.thread)?.id,
            entry,
            hash,
            device: self.memory.identity.device,
            at: self.now(),
            signature: Signature([0; Signature::LEN]),
        };
        let answer = answer.sign(self.memory.identity.organisation, &self.memory.identity.signing_key());
        if urgencies::answer(self.tx, &answer)? {
            self.intervene(&urgency)?;
            self.changed.insert(Change::Outbox);
        }
        Ok(Ok(CommandAnswer::Done))
    }

    /// Queues answers whose time has come.
    pub fn send_answers(&mut self) -> Result<(), StoreError> {
        for answer in urgencies::due_answers(self.tx, self.now(), ANSWERS)? {
            let entry = answer.entry;
            if self.memory.link.answering.insert(entry) {
                self.ask(RequestBody::Answer(answer), Asked::Answer(entry));
            }
        }
        if let Some(at) = urgencies::next_answer(self.tx, self.now())? {
            self.wake_at(at);
        }
        Ok(())
    }

    pub fn answer_settled(&mut self, entry: EntryUid, outcome: &Outcome) -> Result<(), StoreError> {
        self.memory.link.answering.remove(&entry);
        self.changed.insert(Change::Outbox);
        let fresh = urgencies::answered_at(self.tx, entry)?.is_some_and(|at| self.now() < at.after(KEPT));
        match outcome {
            Outcome::Done(_) => urgencies::answer_stands(self.tx, entry),
            // A restored relay has the message once its author's device has come.
            Outcome::Refused(Fault {
                code: FaultCode::NotFound | FaultCode::TooManyRequests | FaultCode::Internal,
                ..
            }) if fresh => urgencies::put_answer_off(self.tx, entry, self.now().after(AGAIN)),
            Outcome::Refused(fault) => {
                urgencies::answer_refused(self.tx, entry, fault.code)?;
                self.note_fault(fault.code, None)
            }
        }
    }

    /// The relay lost its log.
    pub fn answers_anew(&mut self) -> Result<(), StoreError> {
        urgencies::offer_answers_again(self.tx, self.now().before(KEPT))
    }

    /// Urgent messages between two positions were read.
    pub fn read_urgencies(&mut self, row: i64, above: Position, up_to: Position) -> Result<(), StoreError> {
        for urgency in urgencies::between(self.tx, row, above, up_to, self.now())? {
            if !self.is_own(urgency.author) {
                self.intervene(&urgency)?;
            }
        }
        Ok(())
    }

    /// Somebody on call and off duty takes up an urgent message: an intervention begins, until its end or
    /// the next opening, unless the agent says so before.
    fn intervene(&mut self, urgency: &Urgency) -> Result<(), StoreError> {
        let (HoursState::Closed { reopens_at }, HoursState::Open) =
            (self.hours(Reach::Duty), self.hours(Reach::OnCall))
        else {
            return Ok(());
        };
        let closes_at = urgency.terms.until.min(reopens_at.unwrap_or(Timestamp::MAX));
        if closes_at <= self.now() {
            return Ok(());
        }
        self.changed.insert(Change::Device);
        interventions::begin(self.tx, urgency.uid, self.now(), closes_at)
    }

    /// The intervention is over.
    pub fn end_intervention(&mut self) -> Result<Result<CommandAnswer, Fault>, StoreError> {
        self.changed.insert(Change::Device);
        Ok(match interventions::end(self.tx, self.now())? {
            true => Ok(CommandAnswer::Done),
            false => Err(FaultCode::NotFound.into()),
        })
    }

    /// Ends what has come to its end, and asks to be called at the next one.
    pub fn settle_interventions(&mut self) -> Result<(), StoreError> {
        if let Some(at) = interventions::settle(self.tx, self.now())? {
            self.wake_at(at);
        }
        Ok(())
    }

    /// « Je prolonge mon service ».
    pub fn prolong(&mut self, command: u64, length: Duration) {
        let (registry, now) = (&self.memory.registry, self.now());
        let Some(agent) = registry.agent_of(self.memory.identity.device) else {
            return self.refuse(command, FaultCode::NotEnrolled);
        };
        let period = registry.prolongation(agent, now, length);
        if let Err(word) = registry.may_prolong(agent, period, now) {
            let fault = Fault::new(FaultCode::ProlongationRefused).with_reasons(vec![word.to_owned()]);
            return self.refuse(command, fault);
        }
        let acts = vec![Act::ProlongDuty { period }];
        self.memory.to_state.push(Statement { command, acts, signed: None });
    }

    /// One's own has its place.
    pub fn urgency_placed(&mut self, uid: EntryUid, hash: Hash, at: Timestamp) -> Result<(), StoreError> {
        urgencies::placed(self.tx, uid, hash, at)
    }
}
