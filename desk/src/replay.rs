//! Real conversations through the real relay and real devices, while the network fails.
//!
//! One relay and one organisation serve all files; each file has a team of its own and fresh
//! devices, enrolled one by one with evidence under the development root. Everything between
//! the devices and the relay passes a proxy that cuts. At the end all is closed and the
//! databases are opened anew to see what each device holds.

pub mod command;
pub mod conversation;
mod figures;
pub(crate) mod fleet;
pub mod note_command;
pub(crate) mod office;
mod plan;
mod play;
pub(crate) mod proxy;
pub(crate) mod relay;
pub mod trace;
pub mod verdict;
pub mod writing;

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use estafette_core::enrol::EnrolError;
use estafette_core::store::StoreError;
use estafette_protocol::{Fault, FaultCode, Hash, ThreadId};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use conversation::{Conversation, ConversationError};
pub use figures::Figures;
use fleet::Device;
pub use fleet::{DATABASE, KEY};
use office::Office;
use play::Play;
use proxy::Counted;
use relay::Relay;
use trace::TraceError;
use verdict::{Holding, Verdict};

/// How long a device may take to join its team.
const JOINING: Duration = Duration::from_secs(180);
/// Threads that carry bytes and TLS for everybody.
const WORKERS: usize = 2;

/// What is replayed and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// A file, or a folder with `*.jsonl` files.
    pub path: PathBuf,
    /// Decides what goes wrong and when.
    pub seed: u64,
    /// Keeps `relay/` and `devices/FILE/NAME/` in this folder, which must not hold them yet.
    pub keep: Option<PathBuf>,
}

/// What is told while a replay runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress<'a> {
    /// Devices are being enrolled for a file.
    Enrolling {
        /// The file's name.
        file: &'a str,
        /// How many.
        devices: usize,
    },
    /// Devices join their team.
    Joining {
        /// The file's name.
        file: &'a str,
    },
    /// Messages are being written.
    Speaking {
        /// The file's name.
        file: &'a str,
        /// How many were.
        spoken: usize,
        /// How many there are.
        messages: usize,
    },
    /// Devices are closed and looked at.
    Judging {
        /// The file's name.
        file: &'a str,
    },
    /// A device has not everything; the text says what.
    Lacking(&'a str),
    /// A file is done.
    Done(&'a Figures),
}

/// Why a replay could not be done. A bad verdict is no error.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A file that cannot be replayed.
    #[error(transparent)]
    Conversation(#[from] ConversationError),
    /// A file that is no writing session.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The disk or the system.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// A refusal that had no place in a replay.
    #[error("refused: {0}")]
    Fault(#[from] Fault),
    /// The relay.
    #[error("the relay: {0}")]
    Relay(String),
    /// A device.
    #[error("a device: {0}")]
    Device(String),
    /// Devices did not join their team in time.
    #[error("{waiting} devices did not join their team")]
    NotJoined {
        /// How many.
        waiting: usize,
    },
    /// A message could not be written in time, since what it answers did not arrive.
    #[error("message {message} cannot be written: what it answers does not arrive")]
    Stuck {
        /// Its number in the file.
        message: usize,
    },
    /// An agent's words could not be written in time, since what they had seen did not arrive.
    #[error("stretch {stretch} cannot be written: what its author had seen does not arrive")]
    NoteStuck {
        /// Which of the session's stretches, from 0.
        stretch: usize,
    },
}

impl ReplayError {
    pub(crate) fn relay(error: impl Display) -> Self {
        Self::Relay(error.to_string())
    }

    pub(crate) fn device(error: impl Display) -> Self {
        Self::Device(error.to_string())
    }

    /// A device's database; what has a sentence of its own keeps it.
    pub(crate) fn store(error: StoreError) -> Self {
        match Fault::from(&error) {
            Fault { code: FaultCode::Internal, .. } => Self::device(error),
            fault => Self::Fault(fault),
        }
    }

    /// An enrolment: the network, the relay, or the new device's database.
    pub(crate) fn enrolment(error: EnrolError) -> Self {
        match error {
            EnrolError::Fault(fault) => Self::Fault(fault),
            EnrolError::Store(error) => Self::store(error),
            other @ EnrolError::ClaimTicket => Self::device(other),
        }
    }
}

/// Replays all files and gives the figures of each. Blocks.
///
/// # Errors
///
/// A file is none, or something failed that is no verdict.
pub fn run(options: &Options, progress: &mut dyn FnMut(Progress<'_>)) -> Result<Vec<Figures>, ReplayError> {
    let files = conversation::files(&options.path)?;
    let conversations = files.iter().map(|file| Conversation::read(file)).collect::<Result<Vec<_>, _>>()?;
    let temporary = tempfile::tempdir()?;
    let folder = options.keep.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(16)
        .enable_all()
        .build()?;
    let _inside = runtime.enter();
    let mut stage = Stage::build(folder, &runtime)?;
    let mut figures = Vec::new();
    for (number, conversation) in conversations.iter().enumerate() {
        let devices = folder.join("devices").join(fleet::folder_name(number, &conversation.name));
        let one = stage.replay(conversation, &devices, options.seed, progress)?;
        progress(Progress::Done(&one));
        if options.keep.is_none() {
            std::fs::remove_dir_all(&devices)?;
        }
        figures.push(one);
    }
    stage.strike();
    Ok(figures)
}

/// What all files share.
struct Stage<'a> {
    relay: Relay,
    office: Office,
    runtime: &'a tokio::runtime::Runtime,
}

impl<'a> Stage<'a> {
    fn build(folder: &Path, runtime: &'a tokio::runtime::Runtime) -> Result<Self, ReplayError> {
        let (relay, claim) = runtime.block_on(Relay::create(&folder.join("relay")))?;
        let administration = folder.join("administrator");
        std::fs::create_dir_all(&administration)?;
        let line = runtime.block_on(proxy::Line::lay(relay.upstream()))?;
        let office = Office::found(&claim, line, &administration, ChaCha20Rng::from_seed(random()?));
        Ok(Self { office: runtime.block_on(office)?, relay, runtime })
    }

    fn replay(
        &mut self,
        conversation: &Conversation,
        folder: &Path,
        seed: u64,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Figures, ReplayError> {
        let begun = Instant::now();
        let file = conversation.name.as_str();
        let messages = conversation.lines.len();
        progress(Progress::Enrolling { file, devices: conversation.authors.len() });
        let roster = self.runtime.block_on(self.office.team())?;
        let thread = roster.first_thread();
        let seats = self.runtime.block_on(self.office.tickets(conversation.authors.len()))?;
        let mut devices =
            fleet::enrol(&conversation.authors, &seats, folder, &self.relay.upstream(), random()?)?;
        self.runtime.block_on(self.office.approve(&seats, roster))?;
        progress(Progress::Joining { file });
        for device in &mut devices {
            device.start(self.runtime.handle())?;
        }
        join(&mut devices, thread)?;
        let before = counted(&devices);
        let steps = plan::plan(conversation, seed);
        let play = Play::new(conversation, &steps, &mut devices, &mut self.relay, self.runtime, thread);
        let outcome = play.run(&mut |spoken| progress(Progress::Speaking { file, spoken, messages }))?;
        let after = counted(&devices);
        progress(Progress::Judging { file });
        outcome.lacking.iter().for_each(|who| progress(Progress::Lacking(who)));
        devices.iter_mut().for_each(Device::stop);
        let verdict = judge(conversation, folder)?;
        let counted = Counted {
            up: after.up - before.up,
            down: after.down - before.down,
            cuts: after.cuts - before.cuts,
        };
        let size = (messages as u64, devices.len() as u64);
        Ok(Figures::of_file(
            file.to_owned(),
            seed,
            size,
            (counted, outcome.restarts),
            verdict,
            begun.elapsed(),
        ))
    }

    fn strike(self) {
        self.office.stop();
        self.runtime.block_on(self.relay.stop());
    }
}

/// Waits until every device is in its team's group.
pub(crate) fn join(devices: &mut [Device], thread: ThreadId) -> Result<(), ReplayError> {
    let begun = Instant::now();
    let mut waiting: Vec<usize> = (0..devices.len()).collect();
    while !waiting.is_empty() {
        let mut left = Vec::new();
        for index in waiting {
            if !devices[index].is_member(thread)? {
                left.push(index);
            }
        }
        waiting = left;
        if begun.elapsed() > JOINING {
            return Err(ReplayError::NotJoined { waiting: waiting.len() });
        }
        if !waiting.is_empty() {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    Ok(())
}

fn counted(devices: &[Device]) -> Counted {
    devices.iter().map(|device| device.line.counted()).fold(Counted::default(), |sum, one| Counted {
        up: sum.up + one.up,
        down: sum.down + one.down,
        cuts: sum.cuts + one.cuts,
    })
}

/// Opens the kept databases of a conversation, `devices/FILE`, and compares them with it.
///
/// # Errors
///
/// A database is missing or cannot be read.
pub fn judge(conversation: &Conversation, folder: &Path) -> Result<Verdict, ReplayError> {
    let mut holdings = Vec::new();
    for (author, name) in conversation.authors.iter().enumerate() {
        let mut reader = fleet::open(&folder.join(fleet::folder_name(author, name)))?;
        holdings.push(Holding::read(author, &mut reader)?);
    }
    Ok(verdict::judge(conversation, &holdings))
}

pub(crate) fn random() -> Result<[u8; 32], ReplayError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(ReplayError::device)?;
    Ok(Hash::of(&[b"replay\0", &seed]).0)
}
