//! The thread that owns an organisation's relay: events in, effects out.
//!
//! The relay itself knows no clock, no socket and no disk. This is where its events come from
//! and where its effects go: messages to the sockets' queues, batches to the writer, answers to
//! the requests that wait. One event is handled whole before the next one is looked at.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use estafette_protocol::{AuthEpoch, DeviceId, Fault, FaultCode, OrganisationId, Timestamp};
use rand_chacha::ChaCha20Rng;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::outgoing::Outgoing;
use super::push::Push;
use super::world::Clock;
use crate::metrics::Metrics;
use crate::relay::{Answer, CallId, Effect, EnrolRequest, Event, Relay, SessionId};
use crate::shutdown::{Listener, Phase};
use crate::writer::Batches;

/// The relay is told both clocks at least this often.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// The clocks part by more than this only when somebody sets one: the relay hears it first.
const DRIFT: Duration = Duration::from_secs(10);

/// How an HTTP request ends.
pub(super) type Answered = Result<Answer, Fault>;

/// What reaches a driver.
pub(super) enum Input {
    /// A socket opened with a good token.
    Opened {
        session: SessionId,
        organisation: OrganisationId,
        device: DeviceId,
        auth_epoch: AuthEpoch,
        queue: Outgoing,
    },
    /// A binary message of a socket. The permit frees its bytes for others once it was handled.
    Frame { session: SessionId, bytes: Vec<u8>, permit: OwnedSemaphorePermit },
    /// A socket is gone.
    Closed { session: SessionId },
    /// An exchange.
    Exchange { bytes: Vec<u8>, permit: OwnedSemaphorePermit, answer: oneshot::Sender<Answered> },
    /// A request of somebody without a certificate.
    Enrol { request: EnrolRequest, answer: oneshot::Sender<Answered> },
    /// The clock was moved; that the relay hears of it first is enough.
    Look,
    /// From the writer, or from a person who confirms the clock.
    Event(Event),
    /// Nothing more comes: finish what is being written, and end.
    Stop,
}

/// An organisation's relay with its world.
pub(super) struct Driver {
    pub relay: Relay,
    pub clock: Clock,
    pub rng: ChaCha20Rng,
    pub writer: Batches,
    pub end: Listener,
    metrics: Arc<Metrics>,
    push: Arc<Push>,
    sockets: BTreeMap<SessionId, Outgoing>,
    calls: BTreeMap<CallId, oneshot::Sender<Answered>>,
    next_call: u64,
    wake_at: Option<Timestamp>,
    /// Both clocks, as the relay was told them last.
    told: (Timestamp, Duration),
    unwritten: usize,
}

impl Driver {
    pub fn new(
        relay: Relay,
        clock: Clock,
        rng: ChaCha20Rng,
        writer: Batches,
        metrics: Arc<Metrics>,
        push: Arc<Push>,
        end: Listener,
    ) -> Self {
        Self {
            relay,
            clock,
            rng,
            writer,
            end,
            metrics,
            push,
            sockets: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_call: 0,
            wake_at: None,
            told: (clock.now(), clock.monotonic()),
            unwritten: 0,
        }
    }

    /// Works until it is told to stop and all it wrote is reported, or the relay is killed.
    pub fn run(mut self, inbox: &Receiver<Input>) {
        let mut stopping = false;
        self.counted(Self::tick);
        while !(stopping && self.unwritten == 0) {
            let input = inbox.recv_timeout(self.sleep());
            if self.end.phase() == Phase::Killed {
                return;
            }
            if self.tick_is_due() {
                self.counted(Self::tick);
            }
            match input {
                Ok(Input::Stop) => stopping = true,
                Ok(input) => self.counted(|driver| driver.take(input)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Until the relay wants to be woken, or is due to be told the time.
    fn sleep(&self) -> Duration {
        let until_told = LONGEST_SLEEP.saturating_sub(self.clock.monotonic().saturating_sub(self.told.1));
        self.wake_at.map_or(until_told, |at| at.since(self.clock.now()).min(until_told))
    }

    /// Whether the relay must know the time before anything else happens.
    fn tick_is_due(&self) -> bool {
        let (now, monotonic) = (self.clock.now(), self.clock.monotonic());
        let expected = self.told.0.after(monotonic.saturating_sub(self.told.1));
        self.sleep().is_zero() || now.since(expected).max(expected.since(now)) > DRIFT
    }

    fn tick(&mut self) {
        self.told = (self.clock.now(), self.clock.monotonic());
        // A later one stays: the relay announces it once.
        self.wake_at = self.wake_at.filter(|at| *at > self.told.0);
        self.handle(Event::Tick { monotonic: Some(self.told.1) });
    }

    /// Does something, and counts what it changed.
    fn counted(&mut self, work: impl FnOnce(&mut Self)) {
        let before = (signed(self.sockets.len()), signed(self.unwritten));
        work(self);
        self.metrics.connected(signed(self.sockets.len()) - before.0);
        self.metrics.unwritten(signed(self.unwritten) - before.1);
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Opened { session, organisation, device, auth_epoch, queue } => {
                self.sockets.insert(session, queue);
                self.handle(Event::Opened { session, device, organisation, auth_epoch });
            }
            Input::Frame { session, bytes, permit } => {
                self.metrics.received(bytes.len());
                self.handle(Event::Frame { session, bytes });
                drop(permit);
            }
            Input::Closed { session } => {
                self.sockets.remove(&session);
                self.handle(Event::Closed { session });
            }
            Input::Exchange { bytes, permit, answer } => {
                self.metrics.received(bytes.len());
                let call = self.call(answer);
                self.handle(Event::Exchange { call, bytes });
                drop(permit);
            }
            Input::Enrol { request, answer } => {
                let call = self.call(answer);
                self.handle(Event::Enrol { call, request });
            }
            Input::Event(event) => {
                if matches!(event, Event::Committed { .. }) {
                    self.unwritten = self.unwritten.saturating_sub(1);
                }
                self.handle(event);
            }
            Input::Look | Input::Stop => {}
        }
    }

    fn call(&mut self, answer: oneshot::Sender<Answered>) -> CallId {
        let call = CallId(self.next_call);
        self.next_call += 1;
        self.calls.insert(call, answer);
        call
    }

    fn handle(&mut self, event: Event) {
        let effects = self.relay.handle(self.clock.now(), &mut self.rng, event);
        for effect in effects {
            self.carry_out(effect);
        }
        self.metrics.add(self.relay.take_tally());
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Send { session, bytes } => {
                let bytes = bytes.into_bytes();
                self.metrics.sent(bytes.len());
                if let Some(queue) = self.sockets.get(&session)
                    && !queue.push(bytes)
                {
                    // Its task sees the queue gone, closes, and reports `Closed`.
                    tracing::info!("a socket that reads too slowly is closed");
                    self.sockets.remove(&session);
                }
            }
            Effect::Reply { call, answer } => {
                if let Some(waiting) = self.calls.remove(&call) {
                    // Whoever asked may be gone; what was done stays done.
                    let _ = waiting.send(answer);
                }
            }
            Effect::Commit { id, batch } => {
                self.unwritten += 1;
                if self.writer.send((id, batch)).is_err() {
                    tracing::error!("the writer is gone; nothing more is acknowledged");
                }
            }
            Effect::Close { session, fault } => {
                if let Some(queue) = self.sockets.remove(&session) {
                    tracing::info!(code = fault.code.as_str(), "a socket is closed");
                    queue.close();
                }
            }
            Effect::Wake { endpoint, .. } => self.push.send(endpoint),
            Effect::WakeAt(at) => self.wake_at = Some(at),
        }
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What is said when a driver is gone: it only goes when the relay ends.
pub(super) fn gone() -> Fault {
    FaultCode::ShuttingDown.into()
}
