//! The thread that owns a device's engine.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use estafette_protocol::{Fault, Signature, Timestamp};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tokio::sync::oneshot;

use super::clock::Clock;
use super::contact::Contact;
use super::link::{Link, Network, News};
use super::observe::Scope;
use crate::engine::{Change, Command, CommandAnswer, Effect, Engine, Input, LinkInput, LinkWish};

/// Inputs that share a transaction, at most.
const TOGETHER: usize = 64;
/// How long a received frame waits for others to share its transaction.
const GATHER: Duration = Duration::from_millis(15);
/// The clock is looked at no more often than this, whatever is asked.
const SHORTEST_SLEEP: Duration = Duration::from_millis(20);
/// The clock is looked at at least this often: timers do not count while a computer sleeps.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// The pause after a transaction that the disk refused.
const PAUSE: Duration = Duration::from_secs(1);

/// What reaches a device's thread.
pub(super) enum Letter {
    /// Somebody asks for something.
    Command { command: Command, answer: oneshot::Sender<CommandAnswer> },
    /// The network moved.
    News(News),
    /// The hardware has answered.
    Attested(Result<(Vec<u8>, Signature), Fault>),
    /// Somebody wants to know of changes.
    Observe { scope: Scope, bell: SyncSender<()> },
    /// The clock was moved.
    Tick,
    /// Nothing more comes.
    Stop,
}

pub(super) struct Device {
    clock: Clock,
    engine: Engine,
    rng: ChaCha20Rng,
    link: Link,
    killed: Arc<AtomicBool>,
    changes: Arc<AtomicU64>,
    contact: Arc<Contact>,
    answers: BTreeMap<u64, oneshot::Sender<CommandAnswer>>,
    next_command: u64,
    observers: Vec<(Scope, SyncSender<()>)>,
    wake_at: Option<Timestamp>,
    /// A transaction was given up: the engine must hear that its connection is gone.
    failed: bool,
}

/// What one transaction is about to take.
#[derive(Default)]
struct Batch {
    inputs: Vec<Input>,
    /// Holds the frames' places in the queue until they are handled.
    permits: Vec<tokio::sync::OwnedSemaphorePermit>,
    /// Something in it shall not wait for others.
    urgent: bool,
    stop: bool,
}

impl Device {
    pub fn new(
        clock: Clock,
        engine: Engine,
        network: Network,
        seed: [u8; 32],
        killed: Arc<AtomicBool>,
        changes: Arc<AtomicU64>,
        contact: Arc<Contact>,
    ) -> Self {
        Self {
            clock,
            engine,
            rng: ChaCha20Rng::from_seed(seed),
            link: Link::new(network),
            killed,
            changes,
            contact,
            answers: BTreeMap::new(),
            next_command: 0,
            observers: Vec::new(),
            wake_at: None,
            failed: false,
        }
    }

    /// Works until it is told to stop.
    pub fn run(mut self, inbox: &Receiver<Letter>) {
        let resumed = self.engine.resume((self.clock)(), &mut self.rng);
        self.settle(resumed, Vec::new());
        while !self.killed() {
            let mut batch = Batch::default();
            match inbox.recv_timeout(self.sleep()) {
                Ok(letter) => {
                    self.open(letter, &mut batch);
                    self.gather(inbox, &mut batch);
                }
                Err(RecvTimeoutError::Timeout) if self.failed => {
                    batch.inputs.push(Input::Link(LinkInput::Down))
                }
                Err(RecvTimeoutError::Timeout) => batch.inputs.push(Input::Tick),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.killed() {
                return;
            }
            let stop = batch.stop;
            self.work(batch);
            if stop {
                self.link.close();
                return;
            }
        }
    }

    fn killed(&self) -> bool {
        self.killed.load(Ordering::Acquire)
    }

    /// Takes what waits in the queue; received frames wait a moment for more of their kind.
    fn gather(&mut self, inbox: &Receiver<Letter>, batch: &mut Batch) {
        let until = instant() + GATHER;
        while batch.inputs.len() < TOGETHER && !batch.stop {
            let letter = match inbox.try_recv() {
                Ok(letter) => letter,
                Err(_) if batch.urgent || batch.inputs.is_empty() => return,
                Err(_) => match inbox.recv_timeout(until.saturating_duration_since(instant())) {
                    Ok(letter) => letter,
                    Err(_) => return,
                },
            };
            self.open(letter, batch);
        }
    }

    fn open(&mut self, letter: Letter, batch: &mut Batch) {
        match letter {
            Letter::Command { command, answer } => {
                let id = self.next_command;
                self.next_command += 1;
                self.answers.insert(id, answer);
                batch.urgent = true;
                batch.inputs.push(Input::Command { id, command });
            }
            Letter::News(news) => {
                let Some((input, permit)) = self.link.hear(news) else { return };
                batch.urgent |= !matches!(input, LinkInput::Frame(_));
                match input {
                    LinkInput::Frame(_) => self.contact.stands(),
                    LinkInput::Down => self.contact.ended((self.clock)().wall),
                    _ => {}
                }
                batch.permits.extend(permit);
                batch.inputs.push(Input::Link(input));
            }
            Letter::Attested(made) => {
                batch.urgent = true;
                batch.inputs.push(Input::Attested(made));
            }
            Letter::Observe { scope, bell } => {
                // The first ring brings the rows that stand; it comes after the observer is listed.
                let _ = bell.try_send(());
                self.observers.push((scope, bell));
            }
            Letter::Tick => {
                batch.urgent = true;
                batch.inputs.push(Input::Tick);
            }
            Letter::Stop => batch.stop = true,
        }
    }

    fn work(&mut self, batch: Batch) {
        let Batch { mut inputs, permits, .. } = batch;
        if inputs.is_empty() {
            return;
        }
        // Before anything else: what came may be the network that they waited for.
        let given_up = self.answers.iter().filter(|(_, answer)| answer.is_closed());
        inputs.splice(..0, given_up.map(|(id, _)| Input::Withdraw { id: *id }));
        let commands = inputs.iter().filter_map(|input| match input {
            Input::Command { id, .. } => Some(*id),
            _ => None,
        });
        let commands: Vec<u64> = commands.collect();
        let outcome = self.engine.handle_many((self.clock)(), &mut self.rng, inputs);
        drop(permits);
        self.settle(outcome, commands);
    }

    fn settle(&mut self, outcome: Result<Vec<Effect>, crate::store::StoreError>, commands: Vec<u64>) {
        if self.killed() {
            return;
        }
        match outcome {
            Ok(effects) => {
                (self.wake_at, self.failed) = (None, false);
                if effects.iter().any(|effect| matches!(effect, Effect::Changed(_))) {
                    self.changes.fetch_add(1, Ordering::Release);
                }
                effects.into_iter().for_each(|effect| self.carry_out(effect));
            }
            Err(error) => {
                // Nothing of it was kept: who asked is told, and the relay will tell again.
                let fault = Fault::from(&error);
                for command in commands {
                    self.answer(command, CommandAnswer::Refused(fault.clone()));
                }
                self.link.close();
                self.failed = true;
                self.wake_at = Some((self.clock)().wall.after(PAUSE));
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Send(bytes) => self.link.send(bytes),
            Effect::Exchange { request, to_sign } => self.link.exchange(request, to_sign),
            Effect::OpenSocket { token } => self.link.open_socket(token),
            Effect::Attest { challenge, id_challenge, to_sign } => {
                self.link.attest(challenge, id_challenge, to_sign);
            }
            Effect::Link(LinkWish::Up) => self.link.up(),
            Effect::Link(LinkWish::Down) => self.link.down(),
            Effect::WakeAt(at) => self.wake_at = Some(at),
            Effect::Changed(change) => self.ring(change),
            Effect::Answer { id, answer } => self.answer(id, answer),
        }
    }

    fn answer(&mut self, command: u64, answer: CommandAnswer) {
        if let Some(waiting) = self.answers.remove(&command) {
            // Who asked may be gone; what was asked is done.
            let _ = waiting.send(answer);
        }
    }

    /// An observer that has not looked since the last ring needs no second one.
    fn ring(&mut self, change: Change) {
        self.observers.retain(|(scope, bell)| {
            !scope.covers(change)
                || !matches!(bell.try_send(()), Err(std::sync::mpsc::TrySendError::Disconnected(())))
        });
    }

    fn sleep(&self) -> Duration {
        let wanted = self.wake_at.map_or(LONGEST_SLEEP, |at| at.since((self.clock)().wall));
        wanted.clamp(SHORTEST_SLEEP, LONGEST_SLEEP)
    }
}

#[expect(clippy::disallowed_methods, reason = "the driver is where real time comes from")]
fn instant() -> Instant {
    Instant::now()
}
