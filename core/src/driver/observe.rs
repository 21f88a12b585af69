//! Who wants to know: the current rows first, then the rows after each change.
//!
//! Each observation has a thread and a reader of its own, so a slow screen slows nobody. The
//! device's thread only rings a bell; changes that come while a screen is busy are one.
//! There is no lock: a callback may give commands, observe, or drop its own observation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use estafette_protocol::ThreadId;

use super::StartError;
use crate::engine::Change;
use crate::reader::{DeviceRow, MessageRow, Reader, ThreadRow};
use crate::store::StoreError;

const STACK: usize = 256 * 1024;

/// What is observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The list of threads.
    Threads,
    /// The newest messages of a thread.
    Thread {
        /// Which.
        id: ThreadId,
        /// How many that have a place; all without one come too.
        newest: usize,
    },
    /// The device, its outbox and its faults.
    Device,
    /// Anything at all: that something changed, and no rows. For screens that are made anew as a whole.
    Any,
}

impl Scope {
    pub(super) fn covers(self, change: Change) -> bool {
        match (self, change) {
            (Self::Threads, Change::Threads | Change::Thread(_)) => true,
            (Self::Thread { id, .. }, Change::Thread(changed)) => id == changed,
            (Self::Device, Change::Device | Change::Outbox | Change::Fault) => true,
            (Self::Any, _) => true,
            // Names stand in every row.
            (Self::Threads | Self::Thread { .. }, Change::Device) => true,
            _ => false,
        }
    }
}

/// Rows for a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// For [`Scope::Threads`].
    Threads(Vec<ThreadRow>),
    /// For [`Scope::Thread`], oldest first.
    Thread(Vec<MessageRow>),
    /// For [`Scope::Device`].
    Device {
        /// The device.
        device: DeviceRow,
        /// Messages that the relay has not placed.
        outbox: u64,
    },
    /// For [`Scope::Any`].
    Something,
}

/// Observes until it is dropped. After the drop no call begins; one that has begun may still run.
#[derive(Debug)]
pub struct Observation {
    live: Arc<AtomicBool>,
    bell: SyncSender<()>,
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.live.store(false, Ordering::SeqCst);
        // Wakes the thread, so that it ends; one that is awake looks by itself.
        let _ = self.bell.try_send(());
    }
}

pub(super) type Callback = Box<dyn FnMut(Observed) + Send>;

pub(super) fn start(
    reader: Reader,
    scope: Scope,
    callback: Callback,
) -> Result<(Observation, SyncSender<()>), StartError> {
    let (bell, rings) = sync_channel(1);
    let live = Arc::new(AtomicBool::new(true));
    let observation = Observation { live: Arc::clone(&live), bell: bell.clone() };
    std::thread::Builder::new()
        .name("observer".to_owned())
        .stack_size(STACK)
        .spawn(move || watch(reader, scope, callback, &live, &rings))?;
    Ok((observation, bell))
}

fn watch(mut reader: Reader, scope: Scope, mut callback: Callback, live: &AtomicBool, rings: &Receiver<()>) {
    let mut last = None;
    while rings.recv().is_ok() && live.load(Ordering::SeqCst) {
        let rows = match rows(&mut reader, scope) {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "a screen could not be read");
                continue;
            }
        };
        let news = rows == Observed::Something || last.as_ref() != Some(&rows);
        if news && live.load(Ordering::SeqCst) {
            callback(rows.clone());
            last = Some(rows);
        }
    }
}

fn rows(reader: &mut Reader, scope: Scope) -> Result<Observed, StoreError> {
    match scope {
        Scope::Threads => reader.threads().map(Observed::Threads),
        Scope::Thread { id, newest } => reader.newest(id, newest).map(Observed::Thread),
        Scope::Any => Ok(Observed::Something),
        Scope::Device => Ok(Observed::Device { device: reader.device()?, outbox: reader.outbox_count()? }),
    }
}
