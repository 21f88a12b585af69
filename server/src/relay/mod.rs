//! The relay of one organisation as a state machine: events in, effects out.
//!
//! [`Relay::handle`] reads its store, which is local, and decides; a driver reads sockets and
//! clocks, executes [`Effect::Commit`] and reports it. Always true:
//!
//! - what acknowledges a write, or shows it to others, is an effect of [`Event::Committed`];
//! - every request ends in exactly one answer, every call in exactly one reply;
//! - bytes for a device come out of the [`Outlet`], which asks for its hours;
//! - a write that fails changes nothing: memory is read anew, and the request is refused.

mod announcements;
mod audit;
mod bundles;
mod calls;
mod check;
mod clock;
mod control;
mod cursor;
mod decisions;
mod delivery;
mod enrolment;
mod entries;
pub mod event;
mod exchange;
mod founding;
mod groups;
mod handshakes;
mod lines;
mod pace;
mod page;
mod phones;
mod reachability;
mod recent;
mod requests;
mod restoring;
mod retention;
mod session;
mod settle;
mod state;
mod statements;
mod statistics;
mod tally;
#[cfg(test)]
mod tests;
mod turns;
mod wake_ups;
mod withdrawal;
mod withdrawn;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use estafette_attest::RevocationList;
use estafette_protocol::chain::{HeadClaim, ThreadHead};
use estafette_protocol::frame::{Outcome as AnswerOutcome, Reply, Slot};
use estafette_protocol::{
    DeviceId, Fault, FaultCode, Hash, OrganisationId, Position, Signature, ThreadId, Timestamp,
};
use rand_core::CryptoRngCore;

pub use event::{Answer, BatchId, CallId, Effect, EnrolRequest, Event, Grant, Granted, SessionId};
pub use exchange::organisation_of;
pub use pace::DeviceRates;
pub(crate) use pace::too_many;
pub use tally::Tally;

use crate::attestation::Rules;
use crate::audit::{Refusals, Subject, What, Who};
use crate::outlet::{HoursJudge, Item, LegalHours, Line, Outlet};
use crate::store::{Batch, Operation, Reader, StoreError};
use crate::wake_up::Endpoint;
use announcements::Announcements;
use bundles::HistoryTurns;
use calls::Calls;
use clock::Clock;
use control::ControlTail;
use decisions::Decisions;
use pace::Pace;
use phones::Challenges;
use recent::Recent;
use retention::Keeping;
use session::Session;
use settle::Expected;
use state::State;
use turns::Turns;
use wake_ups::WakeUps;
use withdrawal::Given;

/// A socket lives no longer than this.
const SESSION: Duration = Duration::from_hours(24);
/// Slots wait for each other this long, so that many become one delivery.
const SLOT_PAUSE: Duration = Duration::from_secs(1);
/// After a store could not be read, it is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Slots with their stream numbers, shared by all sessions that stand at the same mark.
type SlotsRead = Arc<Vec<(u64, Slot)>>;

/// What a relay is told once.
pub struct Settings {
    /// Signs heads and tokens; its public half stands in statement 0.
    pub key: SigningKey,
    /// By what a device's evidence is judged.
    pub rules: Rules,
    /// Whether inventory entries at level `software` are taken.
    pub development: bool,
    /// Hosts to which wake-ups may go.
    pub wake_up_hosts: Vec<String>,
}

impl From<StoreError> for Fault {
    /// Here the failure is handled, so here it is logged.
    fn from(error: StoreError) -> Self {
        tracing::error!(code = %error.code(), %error, "the store did not answer");
        error.code().into()
    }
}

/// The relay of one organisation.
pub struct Relay {
    settings: Settings,
    /// SHA-256 of the relay's signing key.
    id: Hash,
    reader: Box<dyn Reader>,
    outlet: Outlet,
    state: State,
    sessions: BTreeMap<Line, Session>,
    lines: BTreeMap<DeviceId, BTreeSet<Line>>,
    /// Writes of the event at hand, and what is to follow from each.
    work: Batch,
    expected: Vec<Expected>,
    waiting: BTreeMap<BatchId, Vec<Expected>>,
    next_batch: u64,
    /// A write failed, or another program wrote: events wait until nothing is under way, then
    /// memory is read anew.
    stalled: bool,
    deferred: VecDeque<Event>,
    trouble: FaultCode,
    recent: Recent,
    given: Given,
    control: ControlTail,
    signed: BTreeMap<ThreadId, (Position, Signature)>,
    turns: Turns,
    history_turns: HistoryTurns,
    announcements: Announcements,
    wake_ups: WakeUps,
    urgent_calls: Calls,
    decisions: Decisions,
    /// Entries were taken back that may have announced.
    announcements_changed: bool,
    clock: Clock,
    /// Lines to which something may be delivered.
    dirty: BTreeSet<Line>,
    /// Calls that may be ready to be answered.
    calls: BTreeSet<CallId>,
    /// Threads whose slots changed, and when their members are told.
    slot_threads: BTreeSet<ThreadId>,
    slots_at: Option<Timestamp>,
    /// Slots read while handling one event, by thread and mark.
    slots_read: BTreeMap<(ThreadId, u64), SlotsRead>,
    /// When hours of a connected device change next.
    hours_at: Timestamp,
    /// When the oldest session has lasted long enough; or earlier.
    old_at: Timestamp,
    announced: Option<Timestamp>,
    refusals: Refusals,
    tally: Tally,
    pace: Pace,
    keeping: Keeping,
    /// When the audit's head is signed next, if it has grown.
    head_at: Timestamp,
    effects: Vec<Effect>,
    now: Timestamp,
    draining: bool,
    /// Google's list of attestation keys that no phone may bring.
    revoked: Option<Arc<RevocationList>>,
    challenges: Challenges,
    /// How many phones were barred when they were counted last.
    barred: i64,
}

impl Relay {
    /// Opens an organisation's relay on what its store holds.
    pub fn open(settings: Settings, reader: Box<dyn Reader>) -> Result<Self, StoreError> {
        Self::open_with(settings, reader, Box::new(LegalHours))
    }

    /// The same with another judge of hours: for tests that show a careless one to be found.
    pub fn open_with(
        settings: Settings,
        reader: Box<dyn Reader>,
        judge: Box<dyn HoursJudge>,
    ) -> Result<Self, StoreError> {
        let state = State::load(reader.as_ref())?;
        let announcements = Announcements::load(reader.as_ref())?;
        let urgent_calls = Calls::load(reader.as_ref())?;
        // An address that the settings no longer allow is not used.
        let allowed = |(device, text): (DeviceId, String)| {
            Some((device, Endpoint::parse(&text, &settings.wake_up_hosts).ok()?))
        };
        let wake_ups = WakeUps::load(reader.endpoints()?.into_iter().filter_map(allowed).collect());
        let mut relay = Self {
            id: Hash::of(&[settings.key.verifying_key().as_bytes()]),
            settings,
            outlet: Outlet::new(judge),
            control: ControlTail::after(state.control),
            given: Given::until(state.threads.values()),
            state,
            reader,
            sessions: BTreeMap::new(),
            lines: BTreeMap::new(),
            work: Batch::default(),
            expected: Vec::new(),
            waiting: BTreeMap::new(),
            next_batch: 0,
            stalled: false,
            deferred: VecDeque::new(),
            trouble: FaultCode::Internal,
            recent: Recent::default(),
            signed: BTreeMap::new(),
            turns: Turns::new(),
            history_turns: HistoryTurns::default(),
            announcements,
            wake_ups,
            urgent_calls,
            decisions: Decisions::default(),
            announcements_changed: false,
            clock: Clock::default(),
            dirty: BTreeSet::new(),
            calls: BTreeSet::new(),
            slot_threads: BTreeSet::new(),
            slots_at: None,
            slots_read: BTreeMap::new(),
            hours_at: Timestamp::MAX,
            old_at: Timestamp::MAX,
            announced: None,
            refusals: Refusals::default(),
            tally: Tally::default(),
            pace: Pace::new(DeviceRates::default()),
            keeping: Keeping::default(),
            head_at: Timestamp(0),
            effects: Vec::new(),
            now: Timestamp(0),
            draining: false,
            revoked: None,
            challenges: Challenges::default(),
            barred: 0,
        };
        relay.count_barred();
        Ok(relay)
    }

    /// Sets how fast each device may go; until then there is no limit.
    pub fn limit(&mut self, rates: DeviceRates) {
        self.pace = Pace::new(rates);
    }

    /// Sets how many days the entries of pairs are kept.
    pub fn keep_pairs(&mut self, days: u32) {
        self.keeping.pair_days = days;
    }

    /// What was counted since the last time.
    pub fn take_tally(&mut self) -> Tally {
        std::mem::take(&mut self.tally)
    }

    /// Whose relay it is, once founded.
    pub fn organisation(&self) -> Option<OrganisationId> {
        self.state.organisation
    }

    /// Whether this ticket founds the organisation.
    pub fn is_claimed_by(&self, claim: &[u8; 32]) -> bool {
        self.state.claim == Some(estafette_protocol::enrol::claim_hash(claim))
    }

    /// SHA-256 of the relay's signing key, to which proofs and challenges are bound.
    pub fn id(&self) -> Hash {
        self.id
    }

    /// Whether the clock has jumped, so that gates wait for [`Event::ClockConfirmed`].
    pub fn clock_is_doubted(&self) -> bool {
        self.clock.is_doubted()
    }

    /// Whether no write is under way.
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes what happened and says what is to be done, in order.
    pub fn handle(&mut self, now: Timestamp, rng: &mut dyn CryptoRngCore, event: Event) -> Vec<Effect> {
        self.now = now;
        self.challenges.stir(rng);
        if let Event::Tick { monotonic: Some(monotonic) } = event
            && self.clock.measure(now, monotonic)
        {
            tracing::error!("the clock has jumped: hours stay as they were until it is confirmed");
        }
        if self.gate_time() >= self.hours_at {
            self.change_hours();
        }
        match event {
            Event::Committed { .. } | Event::Tick { .. } => self.take(rng, event),
            event if self.stalled => self.deferred.push_back(event),
            event => self.take(rng, event),
        }
        if self.stalled && self.waiting.is_empty() && self.reload() {
            while !self.stalled
                && let Some(event) = self.deferred.pop_front()
            {
                self.take(rng, event);
            }
        }
        self.follow_up()
    }

    fn take(&mut self, rng: &mut dyn CryptoRngCore, event: Event) {
        match event {
            Event::Opened { session, device, organisation, auth_epoch } => {
                self.open_session(session, device, organisation, auth_epoch);
            }
            Event::Frame { session, bytes } => self.take_frame(Line::Socket(session), &bytes),
            Event::Closed { session } => self.forget(Line::Socket(session)),
            Event::Exchange { call, bytes } => self.take_exchange(call, &bytes),
            Event::Enrol { call, request } => self.take_enrolment(rng, call, request),
            Event::Refused { device, fault } => self.note_device(device, &fault),
            Event::Committed { batch, outcome } => self.take_outcome(batch, outcome),
            Event::Registry => self.stalled = true,
            Event::Tick { .. } => self.tick(),
            Event::ClockConfirmed => {
                self.clock.confirm();
                self.change_hours();
                self.note(Who::Operator, What::ClockConfirmed, Subject::default());
            }
            Event::RestoreConfirmed => self.confirm_restore(),
            Event::Revoked(list) => self.take_revocations(list),
            Event::Drain => {
                self.draining = true;
                self.close_audit();
                let lines: Vec<_> = self.sessions.keys().copied().filter(|line| is_socket(*line)).collect();
                lines.into_iter().for_each(|line| self.close(line, FaultCode::ShuttingDown.into()));
            }
        }
    }

    /// The time by which hours are judged: it stands still while the clock is doubted.
    fn gate_time(&self) -> Timestamp {
        self.clock.gate_time(self.now)
    }

    fn write(&mut self, operation: Operation) {
        self.work.operations.push(operation);
    }

    fn answer(&mut self, line: Line, id: u32, outcome: AnswerOutcome) {
        let ended = match &outcome {
            AnswerOutcome::Refused(fault) => Some(fault.clone()),
            AnswerOutcome::Done(_) => None,
        };
        let kind = self.sessions.get_mut(&line).and_then(|session| session.asked.remove(&id));
        self.tally.request(kind.unwrap_or(tally::UNKNOWN), ended.as_ref().map(|fault| fault.code));
        if let Some(fault) = ended {
            self.note_line(line, &fault);
        }
        let at = self.gate_time();
        self.outlet.offer(line, Item::Answer(id, outcome), &self.state.registry, at);
    }

    fn done(&mut self, line: Line, id: u32, reply: Reply) {
        self.answer(line, id, AnswerOutcome::Done(reply));
    }

    fn refuse(&mut self, line: Line, id: u32, fault: impl Into<Fault>) {
        self.answer(line, id, AnswerOutcome::Refused(fault.into()));
    }

    /// The signed word for a thread's chain at a position; the same one is signed once.
    fn head(&mut self, thread: ThreadId, position: Position, hash: Hash) -> ThreadHead {
        let signature = match self.signed.get(&thread) {
            Some((signed, signature)) if *signed == position => *signature,
            _ => {
                let claim = HeadClaim {
                    organisation: self.state.id(),
                    generation: self.state.generation,
                    thread,
                    position,
                    hash,
                };
                let signature = claim.sign(&self.settings.key);
                self.signed.insert(thread, (position, signature));
                signature
            }
        };
        ThreadHead { thread: thread.into(), position, signature }
    }

    /// Reads memory anew from the store. `false` if that failed; it is tried again.
    fn reload(&mut self) -> bool {
        match State::load(self.reader.as_ref()) {
            Ok(state) => {
                self.state = state;
                self.trouble = FaultCode::Internal;
                self.control = ControlTail::after(self.state.control);
                self.recent = Recent::default();
                self.stalled = false;
                self.close_revoked();
                self.look_at_phones();
                self.outlet.forget_rulings(None);
                self.hours_at = self.now;
                self.change_hours();
                self.turns.recount();
                self.history_turns.look_again();
                self.announcements_changed = true;
                self.refresh_announcements();
                self.decisions.forget();
                self.look_at_wake_ups();
                self.dirty.extend(self.sessions.keys().copied());
                self.sessions.values_mut().filter_map(|session| session.follow.as_mut()).for_each(|follow| {
                    follow.caught_up = false;
                    follow.slots_due = true;
                });
                let lines: Vec<_> = self.sessions.keys().copied().collect();
                lines.into_iter().for_each(|line| self.advance(line));
                true
            }
            Err(error) => {
                tracing::error!(code = %error.code(), %error, "the store could not be read");
                false
            }
        }
    }

    /// Delivers, gives turns, and hands out what has come together.
    fn follow_up(&mut self) -> Vec<Effect> {
        self.give_turns();
        while let Some(line) = self.dirty.pop_first() {
            self.deliver(line);
        }
        self.give_history_turns();
        self.give_reminders();
        self.give_urgent_calls();
        self.finish_calls();
        self.give_wake_ups();
        self.slots_read.clear();
        let mut effects = self.outlet.take_effects();
        effects.append(&mut self.effects);
        if !self.expected.is_empty() {
            let id = BatchId(self.next_batch);
            self.next_batch += 1;
            self.waiting.insert(id, std::mem::take(&mut self.expected));
            effects.push(Effect::Commit { id, batch: std::mem::take(&mut self.work) });
        }
        let wake = self.next_wake();
        if wake != self.announced {
            self.announced = wake;
            effects.extend(wake.map(Effect::WakeAt));
        }
        effects
    }

    fn next_wake(&self) -> Option<Timestamp> {
        let old = Some(self.old_at).filter(|at| *at != Timestamp::MAX);
        let hours = Some(self.hours_at).filter(|at| *at != Timestamp::MAX && !self.clock.is_doubted());
        let retry = self.stalled.then(|| self.now.after(RETRY));
        old.into_iter()
            .chain(hours)
            .chain(self.slots_at)
            .chain(self.turns.next())
            .chain(self.refusals.next())
            .chain(self.history_turns.next())
            .chain(self.announcements.next(self.now))
            .chain(self.wake_ups.next())
            .chain(self.urgent_calls.next(self.now))
            .chain(retry)
            .min()
    }
}

fn is_socket(line: Line) -> bool {
    matches!(line, Line::Socket(_))
}
