//! The session with the relay: one exchange first, then the socket on the same connection.
//!
//! The first request carries everything that can leave. Off duty the answer says when hours
//! reopen and the link goes down again, unless something that leaves still needs a round trip.

use std::time::Duration;

use estafette_protocol::alias::Aliases;
use estafette_protocol::check;
use estafette_protocol::exchange::{ExchangeBody, ExchangeRequest, ExchangeResponse, Proof};
use estafette_protocol::frame::{Cursor, Delivery, Message, Outcome, Reply, Request, RequestBody};
use estafette_protocol::hours::{HoursState, Reach};
use estafette_protocol::{Fault, FaultCode, Signature, Timestamp, codec, limits};

use super::memory::{Asked, Stage};
use super::turn::Turn;
use super::{CommandAnswer, Effect, LinkInput, LinkWish};
use crate::store::values::{self, Value};
use crate::store::{StoreError, faults, marks, outbox, receipts, tombstones, urgencies};

/// Entries after which the relay is told that they are stored, so that it may go on sending.
const STORED_EVERY: usize = 128;
/// Off duty, how often the relay is asked whether a duty period was added.
const CONTACT_EVERY: Duration = Duration::from_secs(3600);
/// The pause after a fault.
const PAUSE: Duration = Duration::from_secs(2);
/// How soon a pending device asks again.
const PENDING_EVERY: Duration = Duration::from_secs(10);

impl Turn<'_> {
    pub fn link_input(&mut self, input: LinkInput) -> Result<(), StoreError> {
        match input {
            LinkInput::Connected => {
                self.memory.drop_link();
                self.memory.link.stage = Stage::Idle;
                Ok(())
            }
            LinkInput::Exchanged(answer) => self.exchanged(answer),
            LinkInput::SocketOpen => {
                let link = &mut self.memory.link;
                link.stage = Stage::Open;
                link.outgoing = Aliases::default();
                link.incoming = Aliases::default();
                link.said_hello = false;
                link.greeted = false;
                Ok(())
            }
            LinkInput::Frame(bytes) => self.frame(&bytes),
            LinkInput::Impostor => self.impostor(),
            LinkInput::Down => {
                self.memory.drop_link();
                self.memory.wish = None;
                Ok(())
            }
        }
    }

    fn exchanged(&mut self, answer: Result<Vec<u8>, Fault>) -> Result<(), StoreError> {
        if self.memory.link.stage != Stage::Exchanging {
            return Ok(());
        }
        self.memory.link.stage = Stage::Idle;
        let response = answer.and_then(|bytes| {
            codec::from_bytes::<ExchangeResponse>(&bytes, limits::FRAME).map_err(Fault::from)
        });
        match response {
            Ok(response) => {
                self.learn_time(response.relay_time)?;
                if let Some(log) = response.log {
                    // Before any place in that log.
                    self.log_generation(log)?;
                }
                if let Some(lease) = response.lease {
                    self.renew_lease(&lease, response.relay_time)?;
                }
                self.memory.link.token = response.token;
                for mut message in response.messages {
                    if let Err(fault) = self.memory.link.incoming.expand(&mut message) {
                        return self.session_fault(fault);
                    }
                    self.message(message)?;
                }
                Ok(())
            }
            Err(fault) => self.exchange_refused(fault),
        }
    }

    fn exchange_refused(&mut self, fault: Fault) -> Result<(), StoreError> {
        self.memory.drop_link();
        match fault.code {
            FaultCode::RequestReplayed => {
                self.memory.link.stage = Stage::Idle;
                values::put(self.tx, Value::RequestNumber, &fault.number.unwrap_or(0))
            }
            // On the same connection it asks why; where that is not answered, later.
            FaultCode::DeviceRevoked if !self.memory.revoked => {
                self.memory.link.stage = Stage::Idle;
                self.revoked()
            }
            FaultCode::DeviceRevoked => {
                self.close_for(CONTACT_EVERY);
                Ok(())
            }
            FaultCode::DevicePending => {
                self.close_for(PENDING_EVERY);
                Ok(())
            }
            // On the same connection it shows what it is.
            FaultCode::ReattestationRequired if !self.memory.must_attest => {
                self.memory.link.stage = Stage::Idle;
                self.evidence_required()
            }
            FaultCode::ReattestationRequired | FaultCode::DeviceSuspended | FaultCode::ExceptionOver => {
                self.close_for(CONTACT_EVERY);
                self.tell_once_a_day(fault.code)
            }
            FaultCode::Restoring => self.wait_for_restore(),
            code => {
                self.close_for(PAUSE);
                self.note_fault(code, None)
            }
        }
    }

    fn revoked(&mut self) -> Result<(), StoreError> {
        self.memory.revoked = true;
        values::put(self.tx, Value::Revoked, &true)?;
        self.changed.insert(super::Change::Device);
        self.note_fault(FaultCode::DeviceRevoked, None)
    }

    /// Said once an hour, however often it is tried.
    fn impostor(&mut self) -> Result<(), StoreError> {
        let told = faults::last(self.tx, FaultCode::PinMismatch)?;
        match told.is_some_and(|at| self.now() < at.after(CONTACT_EVERY)) {
            true => Ok(()),
            false => self.note_fault(FaultCode::PinMismatch, None),
        }
    }

    /// That hours are closed is the answer to every question.
    fn nothing_new_off_duty(&mut self) {
        while !self.memory.link.checks.is_empty() {
            self.checked(false);
        }
        let checks = self.memory.link.asked.extract_if(.., |_, asked| {
            matches!(asked, Asked::Command { body: RequestBody::Check { .. }, .. })
        });
        for (_, asked) in checks.collect::<Vec<_>>() {
            if let Asked::Command { id, .. } = asked {
                self.answer(id, CommandAnswer::Reply(Reply::Fresh { news: false }));
            }
        }
    }

    /// The answer to the oldest question. What is new comes after another greeting.
    fn checked(&mut self, news: bool) {
        let link = &mut self.memory.link;
        link.said_hello &= !news;
        if let Some((id, _)) = link.checks.pop_front() {
            self.answer(id, CommandAnswer::Reply(Reply::Fresh { news }));
        }
    }

    fn frame(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if self.memory.link.stage != Stage::Open || self.is_ended() {
            return Ok(());
        }
        if bytes == check::NOTHING || bytes == check::NEWS {
            self.checked(bytes == check::NEWS);
            return Ok(());
        }
        let message = Message::from_bytes(bytes).map_err(Fault::from).and_then(|mut message| {
            self.memory.link.incoming.expand(&mut message)?;
            Ok(message)
        });
        match message {
            Ok(message) => self.message(message),
            Err(fault) => self.session_fault(fault),
        }
    }

    /// A peer that does not speak the protocol: the session ends, another begins.
    fn session_fault(&mut self, fault: Fault) -> Result<(), StoreError> {
        self.close_for(PAUSE);
        self.note_fault(fault.code, None)
    }

    /// Ends the connection; the next one may come after a pause.
    pub fn close_for(&mut self, pause: Duration) {
        self.memory.link.closing = true;
        self.memory.retry_at = self.now().after(pause);
    }

    fn message(&mut self, message: Message) -> Result<(), StoreError> {
        match message {
            Message::Deliver(_) if self.is_ended() => Ok(()),
            // What was asked goes back to its queue with the connection; the next one says why.
            Message::Answer { outcome: Outcome::Refused(fault), .. }
                if matches!(
                    fault.code,
                    FaultCode::ReattestationRequired | FaultCode::DeviceSuspended | FaultCode::ExceptionOver
                ) =>
            {
                self.close_for(PAUSE);
                Ok(())
            }
            Message::Answer { id, outcome } => match self.memory.link.asked.remove(&id) {
                Some(asked) => self.answered(asked, outcome),
                None => Ok(()),
            },
            Message::Deliver(delivery) => self.deliver(delivery),
            Message::Closed { reopens_at, relay_time } => {
                self.learn_time(relay_time)?;
                self.memory.link.closed = Some(reopens_at);
                self.nothing_new_off_duty();
                self.memory.contact_at = self.now().after(CONTACT_EVERY).min(reopens_at);
                self.relay_closed_until(reopens_at)
            }
            Message::Turn { roster } => {
                let id = roster.id(self.memory.identity.organisation);
                self.want(id).commit = true;
                Ok(())
            }
            Message::Reminder { version, .. } => self.reminded(version),
            Message::Call { thread, entry, until } => self.called(thread, entry, until),
            Message::Unanswered { thread, entry, at } => self.unanswered(thread, entry, at),
            Message::HistoryTurn { roster, device } => self.give_history(roster, device),
            Message::Goodbye(fault) => {
                if fault.code == FaultCode::DeviceRevoked {
                    self.revoked()?;
                }
                self.close_for(PAUSE);
                Ok(())
            }
        }
    }

    fn deliver(&mut self, delivery: Delivery) -> Result<(), StoreError> {
        self.memory.link.closed = None;
        self.relay_closed_until(Timestamp(0))?;
        for control in delivery.control {
            self.control(control)?;
        }
        let mut threads = Vec::new();
        self.memory.link.unstored += delivery.entries.len();
        for delivered in delivery.entries {
            let thread = delivered.thread.full();
            self.receive(delivered)?;
            threads.extend(thread.and_then(|thread| self.memory.rows.get(&thread).copied()));
        }
        threads.sort_unstable();
        threads.dedup();
        for slot in delivery.slots {
            self.receive_slot(slot)?;
        }
        for gap in delivery.gaps {
            self.note_gap(gap)?;
        }
        if !delivery.more {
            self.note_holes(&threads)?;
        }
        for head in &delivery.heads {
            self.check_head(head)?;
        }
        self.advance_delivered(&threads)?;
        values::put(self.tx, Value::Cursor, &delivery.cursor)?;
        if self.memory.link.stage == Stage::Open
            && (delivery.more || self.memory.link.unstored >= STORED_EVERY)
        {
            self.memory.link.unstored = 0;
            self.ask(RequestBody::Stored { cursor: delivery.cursor }, Asked::Stored);
        }
        Ok(())
    }

    fn answered(&mut self, asked: Asked, outcome: Outcome) -> Result<(), StoreError> {
        if let Outcome::Refused(fault) = &outcome
            && fault.code == FaultCode::Restoring
        {
            return self.put_off(asked, fault);
        }
        match (asked, outcome) {
            (
                Asked::Hello,
                Outcome::Done(Reply::Welcome { generation, relay_time, key_packages, statement }),
            ) => {
                self.learn_time(relay_time)?;
                self.log_generation(generation)?;
                self.memory.link.greeted = true;
                self.memory.link.greeted_at = self.now();
                let head = self.memory.registry.head().map(|(number, _)| number);
                self.memory.statements_missing |= head.is_none_or(|head| head < statement);
                self.memory.link.lacking = head.is_some_and(|head| head > statement).then_some(statement);
                self.forget_placed()?;
                self.refill_key_packages(key_packages)
            }
            (Asked::Hello, Outcome::Refused(fault)) => self.session_fault(fault),
            (Asked::Append(uids), Outcome::Done(Reply::Appended { results, heads })) => {
                self.appended(uids, results)?;
                heads.iter().try_for_each(|head| self.check_head(head))
            }
            (Asked::Append(uids), Outcome::Refused(fault)) => self.append_failed(uids, &fault),
            (Asked::Range { thread, first, last }, outcome) => self.ranged(thread, first, last, outcome),
            (Asked::Slot { thread, kind, version }, outcome) => {
                let own = self.memory.identity.device;
                self.memory.link.marking.remove(&(thread, kind));
                match outcome {
                    Outcome::Done(_) => marks::sent(self.tx, thread, own, kind, version),
                    Outcome::Refused(Fault {
                        code: FaultCode::SlotOutdated, number: Some(above), ..
                    }) => marks::lift(self.tx, thread, own, kind, above),
                    Outcome::Refused(_) => marks::sent(self.tx, thread, own, kind, version),
                }
            }
            (Asked::Statements, outcome) => self.statements_answered(outcome),
            (Asked::State(statement), outcome) => self.stated(statement, outcome),
            (Asked::DatedHead(at), outcome) => self.dated(at, outcome),
            (Asked::Erase(item), outcome) => {
                // One that is refused is tried again with the next connection.
                self.memory.link.erasing = matches!(outcome, Outcome::Refused(_));
                match outcome {
                    Outcome::Done(_) => tombstones::settle(self.tx, item),
                    Outcome::Refused(_) => Ok(()),
                }
            }
            (Asked::Common(hash), outcome) => self.common_answered(hash, &outcome),
            (Asked::Acknowledge(common), outcome) => self.acknowledged(common, outcome),
            (Asked::Answer(entry), outcome) => self.answer_settled(entry, &outcome),
            (Asked::Command { id, body: RequestBody::Recall { entry, .. } }, Outcome::Done(_)) => {
                self.recalled(entry)?;
                self.answer(id, CommandAnswer::Done);
                Ok(())
            }
            (Asked::Command { id, .. }, Outcome::Done(reply)) => {
                self.answer(id, CommandAnswer::Reply(reply));
                Ok(())
            }
            (Asked::Command { id, .. }, Outcome::Refused(fault)) => {
                self.refuse(id, fault);
                Ok(())
            }
            (Asked::Commit(roster), outcome) => self.commit_answered(roster, outcome),
            (Asked::Commits(roster), outcome) => self.commits_answered(roster, outcome),
            (Asked::Reserve(roster), outcome) => self.reserved(roster, outcome),
            (Asked::Group(roster), outcome) => self.group_answered(roster, outcome),
            (Asked::Append(_) | Asked::Hello, Outcome::Done(_)) => {
                self.session_fault(FaultCode::Malformed.into())
            }
            (Asked::Recover, outcome) => self.recovered(outcome),
            (Asked::Orders, outcome) => self.orders_answered(outcome),
            (Asked::Wiped, outcome) => self.wipe_answered(&outcome),
            (Asked::Challenge, outcome) => self.challenged(outcome),
            (Asked::Attest, outcome) => self.evidence_answered(&outcome),
            (Asked::KeyPackages | Asked::Stored | Asked::CommitRefused | Asked::Bundle, _) => Ok(()),
        }
    }

    fn ranged(
        &mut self,
        thread: i64,
        first: estafette_protocol::Position,
        last: estafette_protocol::Position,
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        self.memory.link.asking_range = false;
        let Outcome::Done(Reply::Range { entries }) = outcome else {
            return marks::fill_gap(self.tx, thread, first, last, last);
        };
        let filled = entries.iter().map(|entry| entry.placement.position).max();
        for entry in entries {
            self.receive(entry)?;
        }
        self.advance_delivered(&[thread])?;
        // An empty answer means that nothing there is for this device: the gap is closed.
        marks::fill_gap(self.tx, thread, first, last, filled.unwrap_or(last))
    }

    /// Decides what is asked next, sends it, and says what is wanted of the network.
    pub fn pump(&mut self) -> Result<(), StoreError> {
        self.memory.wake_at = None;
        match self.memory.link.stage {
            Stage::Idle if !self.memory.link.closing && self.is_ended() => {
                self.answer_for_withdrawal();
                self.flush()?;
            }
            Stage::Idle | Stage::Open if !self.memory.link.closing && !self.is_ended() => {
                self.plan()?;
                self.flush()?;
            }
            _ => {}
        }
        self.wishes()
    }

    /// Withdrawn, or without content: no conversation with the relay goes on.
    fn is_ended(&self) -> bool {
        self.memory.revoked || self.memory.wiped.is_some()
    }

    fn plan(&mut self) -> Result<(), StoreError> {
        self.send_evidence();
        if self.memory.must_attest {
            return Ok(());
        }
        if let Some(head) = self.memory.link.restoring {
            return self.show_statements(head);
        }
        if let Some(head) = self.memory.link.lacking.take() {
            self.ask_to_recover(head)?;
        }
        self.send_statements_request();
        self.drive_rosters()?;
        self.send_own_statements()?;
        self.send_dated_head();
        self.warn_of_old_chain()?;
        for (id, body) in std::mem::take(&mut self.memory.to_ask) {
            self.ask(body.clone(), Asked::Command { id, body });
        }
        self.send_outbox()?;
        self.send_erasures()?;
        self.send_receipts()?;
        self.send_answers()?;
        let open = self.memory.link.closed.is_none();
        if open && self.memory.link.stage == Stage::Open {
            self.send_marks()?;
            self.send_range()?;
        }
        if !self.memory.link.said_hello {
            self.memory.link.said_hello = true;
            let cursor: Cursor = values::get(self.tx, Value::Cursor)?.unwrap_or_default();
            self.ask(RequestBody::Hello { cursor }, Asked::Hello);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        let queue = std::mem::take(&mut self.memory.link.queue);
        match self.memory.link.stage {
            Stage::Open => {
                for request in queue {
                    self.send(request);
                }
                Ok(())
            }
            _ if !queue.is_empty() => self.exchange(queue),
            _ => {
                self.leave_idle();
                Ok(())
            }
        }
    }

    fn send(&mut self, mut request: Request) {
        // The sending side of a table cannot meet an unknown number.
        let _ = self.memory.link.outgoing.shorten(&mut request);
        self.effects.push(Effect::Send(codec::to_bytes(&request)));
    }

    fn exchange(&mut self, mut requests: Vec<Request>) -> Result<(), StoreError> {
        let number = values::get::<u64>(self.tx, Value::RequestNumber)?.unwrap_or(0) + 1;
        values::put(self.tx, Value::RequestNumber, &number)?;
        let mut aliases = Aliases::default();
        for request in &mut requests {
            let _ = aliases.shorten(request);
        }
        let body = codec::to_bytes(&ExchangeBody { requests });
        let identity = &self.memory.identity;
        let proof = Proof {
            organisation: identity.organisation,
            device: identity.device,
            auth_epoch: identity.auth_epoch,
            number,
            signature: Signature([0; 64]),
        };
        let to_sign = proof.message(&identity.relay, &body);
        let request = Box::new(ExchangeRequest { proof, body: body.into() });
        self.memory.link.stage = Stage::Exchanging;
        self.memory.link.incoming = Aliases::default();
        self.effects.push(Effect::Exchange { request, to_sign });
        Ok(())
    }

    /// Nothing more for an exchange: the socket opens, or off duty the link goes down.
    fn leave_idle(&mut self) {
        let link = &mut self.memory.link;
        match link.token.take() {
            Some(token) if link.closed.is_none() && !link.closing => {
                link.stage = Stage::Opening;
                self.effects.push(Effect::OpenSocket { token });
            }
            _ => link.closing = true,
        }
    }

    /// Says whether a connection is wanted, and when to look again.
    fn wishes(&mut self) -> Result<(), StoreError> {
        if self.is_ended() {
            return self.wish_withdrawn();
        }
        let now = self.now();
        let off_duty =
            matches!(self.hours(Reach::OnCall), HoursState::Closed { .. }) || now < self.memory.closed_until;
        let quiet = self.memory.link.asked.is_empty() && self.memory.link.queue.is_empty();
        let leaving = !outbox::due(self.tx, now, 1)?.is_empty()
            || !receipts::due(self.tx, now, 1)?.is_empty()
            || !urgencies::due_answers(self.tx, now, 1)?.is_empty()
            || !self.memory.to_ask.is_empty()
            || self.has_evidence_to_bring()
            || !self.memory.to_state.is_empty();
        let contact = now >= self.memory.contact_at;
        let up = !self.memory.link.closing
            && !self.has_nothing_to_say()
            && now >= self.memory.retry_at
            && (!off_duty || leaving || contact || (!quiet && self.memory.link.stage != Stage::Down));
        if off_duty && !leaving {
            // One that has come needs no call: the link is wanted until the contact was made.
            if !contact {
                self.wake_at(self.memory.contact_at);
            }
            if let HoursState::Closed { reopens_at: Some(at) } = self.hours(Reach::Duty) {
                self.wake_at(at);
            }
        }
        self.wake_to_attest();
        if now < self.memory.retry_at {
            self.wake_at(self.memory.retry_at);
        }
        if let Some(at) = outbox::next_due(self.tx, now)? {
            self.wake_at(at);
        }
        self.want_link(up);
        Ok(())
    }

    /// A withdrawn device comes until everything is said, at any hour: it receives nothing.
    fn wish_withdrawn(&mut self) -> Result<(), StoreError> {
        let now = self.now();
        let up = self.owes_the_relay() && !self.memory.link.closing && now >= self.memory.retry_at;
        if self.owes_the_relay() && now < self.memory.retry_at {
            self.wake_at(self.memory.retry_at);
        }
        self.want_link(up);
        Ok(())
    }

    fn want_link(&mut self, up: bool) {
        let wish = if up { LinkWish::Up } else { LinkWish::Down };
        if wish == LinkWish::Down {
            self.memory.drop_link();
        }
        if self.memory.wish != Some(wish) {
            self.memory.wish = Some(wish);
            self.effects.push(Effect::Link(wish));
        }
    }

    /// Asks to be called again at a time of the relay's clock, if nothing earlier is asked.
    pub fn wake_at(&mut self, at: Timestamp) {
        let earliest = self.memory.wake_at.map_or(at, |known| known.min(at));
        self.memory.wake_at = Some(earliest);
    }
}
