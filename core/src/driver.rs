//! The only place with a real clock, real dice and a real network for a device.
//!
//! One thread owns the engine and reads one queue: commands of people, the network's news, the
//! passing of time. All that waits in the queue goes into one transaction, so a hundred
//! entries received together cost one `fsync`. What a transaction wants done happens after it
//! is durable. The network lives in tasks of a tokio runtime and says what happened through
//! the same queue.
//!
//! Always true: a command that was given is carried out, even if nobody waits for its answer
//! any more. [`Handle::kill`] is a crash: what is durable stays, nothing else is done. Nothing
//! here decides anything.

mod clock;
mod contact;
mod device;
mod link;
mod observe;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use estafette_protocol::Hash;
use tokio::sync::{Semaphore, oneshot};

use crate::engine::{Command, CommandAnswer, Engine};
use crate::identity::DeviceKey;
use crate::reader::Reader;

pub use clock::{Clock, moment};
pub use contact::LastContact;
pub use observe::{Observation, Observed, Scope};

use contact::Contact;
use device::{Device, Letter};
use link::Network;

/// The stack of a device's thread, in bytes: thousands of devices fit into one process.
const STACK: usize = 512 * 1024;

/// Starts devices.
#[derive(Debug)]
pub struct Driver;

/// Why a device does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The system gave no thread.
    #[error("no thread: {0}")]
    Thread(#[from] std::io::Error),
    /// The system gave no randomness.
    #[error("no randomness: {0}")]
    Randomness(getrandom::Error),
}

/// A device that runs. Dropped without more, it stops as [`Handle::stop`] does, unwaited.
pub struct Handle {
    letters: Sender<Letter>,
    killed: Arc<AtomicBool>,
    changes: Arc<AtomicU64>,
    contact: Arc<Contact>,
    thread: Option<JoinHandle<()>>,
}

impl Driver {
    /// Starts a device: its thread, and its network in `runtime`, which needs timers and I/O.
    ///
    /// `address` is the relay's `host:port`, `pin` the SHA-256 of its certificate's key.
    ///
    /// # Errors
    ///
    /// The system gives no thread or no randomness. Nothing was started.
    pub fn start(
        engine: Engine,
        device_key: Arc<dyn DeviceKey>,
        address: String,
        pin: Hash,
        runtime: tokio::runtime::Handle,
    ) -> Result<Handle, StartError> {
        Self::start_by(moment, engine, device_key, address, pin, runtime)
    }

    /// The same by another clock. After it was moved, [`Handle::look_at_clock`].
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub fn start_by(
        clock: Clock,
        engine: Engine,
        device_key: Arc<dyn DeviceKey>,
        address: String,
        pin: Hash,
        runtime: tokio::runtime::Handle,
    ) -> Result<Handle, StartError> {
        let mut seed = [0; 32];
        #[expect(clippy::disallowed_methods, reason = "the driver is where real dice come from")]
        getrandom::fill(&mut seed).map_err(StartError::Randomness)?;
        let (letters, inbox) = channel();
        let killed = Arc::new(AtomicBool::new(false));
        let network = Network {
            address,
            pin,
            device_key,
            runtime,
            letters: letters.clone(),
            room: Arc::new(Semaphore::new(link::ROOM)),
        };
        let changes = Arc::new(AtomicU64::new(0));
        let contact = Arc::new(Contact::default());
        let (ended, seen, heard) = (Arc::clone(&killed), Arc::clone(&changes), Arc::clone(&contact));
        let device = Device::new(clock, engine, network, seed, ended, seen, heard);
        let thread = std::thread::Builder::new()
            .name("device".to_owned())
            .stack_size(STACK)
            .spawn(move || device.run(&inbox))?;
        Ok(Handle { letters, killed, changes, contact, thread: Some(thread) })
    }
}

impl Handle {
    /// Gives a command. What is done on the device is carried out even if the receiver is dropped; what waits for
    /// the relay ([`Command::Ask`], [`Command::State`]) is then withdrawn, unless it has left. The receiver fails
    /// only when the device was stopped before the answer was there.
    pub fn command(&self, command: Command) -> oneshot::Receiver<CommandAnswer> {
        let (answer, receiver) = oneshot::channel();
        // A device that is gone drops the letter, and with it the answer.
        let _ = self.letters.send(Letter::Command { command, answer });
        receiver
    }

    /// Has the device look at its clock at once: somebody has moved it.
    pub fn look_at_clock(&self) {
        let _ = self.letters.send(Letter::Tick);
    }

    /// When the relay was heard last; `None` if it was not since the start.
    pub fn last_contact(&self) -> Option<LastContact> {
        self.contact.last()
    }

    /// How many transactions have changed rows that a screen may show. Who has read after this
    /// number was the same has nothing new to read.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Calls `callback` with the current rows, then again after each change, until the
    /// observation is dropped. No lock is held during a call; it may use this handle.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn observe(
        &self,
        reader: Reader,
        scope: Scope,
        callback: impl FnMut(Observed) + Send + 'static,
    ) -> Result<Observation, StartError> {
        let (observation, bell) = observe::start(reader, scope, Box::new(callback))?;
        let _ = self.letters.send(Letter::Observe { scope, bell });
        Ok(observation)
    }

    /// Ends in order: what was given before is carried out, the connection and the database
    /// are closed. Blocks until then.
    pub fn stop(mut self) {
        let _ = self.letters.send(Letter::Stop);
        self.join();
    }

    /// Ends as a crash does: a transaction under way is committed or not, and nothing follows.
    /// Blocks until nothing runs any more, so that the database can be opened again.
    pub fn kill(mut self) {
        self.killed.store(true, Ordering::Release);
        let _ = self.letters.send(Letter::Stop);
        self.join();
    }

    fn join(&mut self) {
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("a device's thread ended in a panic");
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _ = self.letters.send(Letter::Stop);
    }
}
