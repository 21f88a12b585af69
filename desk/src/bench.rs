//! Figures of this machine: what a message costs in time, bytes, memory and processor.
//!
//! Each figure is printed with its target beside it and none is asserted: the machine and what
//! else runs on it decide as much as the code. Everything measured is the real thing, over TLS on
//! loopback; the relay whose memory and processor are looked at is a process of its own.

mod announcement;
mod archive;
mod crowd;
mod cryptography;
mod enrolments;
mod figure;
pub mod fill;
mod gate;
mod office;
mod pair;
mod relay;
mod relay_process;
mod revocation;
mod terminal;

use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use estafette_protocol::Fault;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;

use crate::replay::ReplayError;
use figure::{Figure, Printer};
pub use relay_process::serve;

/// What can be said on the command line.
#[derive(Debug, clap::Args)]
pub struct BenchArguments {
    /// Une mesure seulement ; répétable / only this part; may be repeated
    #[arg(long, value_enum, value_name = "NAME")]
    only: Vec<Part>,
    /// Moins d'appareils et de répétitions / fewer devices and repetitions
    #[arg(long)]
    quick: bool,
}

/// What the hidden child process is told.
#[derive(Debug, clap::Args)]
pub struct BenchRelayArguments {
    /// The relay's folder, or the device's
    folder: PathBuf,
}

/// Parts that can be measured alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Durable local writes, and receiving a thousand messages.
    Write,
    /// Screens of a device with 100,000 messages, and what comes on top of them.
    Archive,
    /// Bytes on the network.
    Bytes,
    /// Memory of the relay, messages a second, processor for each delivery.
    Crowd,
    /// Phones that enrol one after the other, and their approval.
    Enrolments,
    /// Start and size of the relay.
    Relay,
    /// Sealing, opening, founding and joining.
    Cryptography,
    /// Whether something may reach an agent now.
    Gate,
}

/// How much is done.
#[derive(Debug, Clone, Copy)]
struct Scale {
    /// Messages written durably, and received at once.
    writes: usize,
    /// Teams of the crowd.
    teams: usize,
    /// Devices in each.
    members: usize,
    /// Messages of each team in one run.
    messages: usize,
    /// Repetitions of what takes milliseconds.
    repetitions: usize,
    /// Devices of the large MLS group.
    group: usize,
    /// Threads of the device with many messages.
    threads: usize,
    /// Its messages.
    stored: u64,
    /// Phones that enrol in a row.
    enrolments: usize,
}

const FULL: Scale = Scale {
    writes: 1000,
    teams: 50,
    members: 20,
    messages: 100,
    repetitions: 11,
    group: 165,
    threads: 50,
    stored: 100_000,
    enrolments: 50,
};
const QUICK: Scale = Scale {
    writes: 100,
    teams: 5,
    members: 8,
    messages: 30,
    repetitions: 3,
    group: 30,
    threads: 5,
    stored: 2000,
    enrolments: 5,
};

/// What kept a figure from being measured.
#[derive(Debug, thiserror::Error)]
enum BenchError {
    /// The disk or the system.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// A refusal that had no place here.
    #[error("refused: {0}")]
    Fault(#[from] Fault),
    /// What it shares with a replay.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

impl BenchError {
    fn other(error: impl Display) -> Self {
        Self::Other(error.to_string())
    }
}

/// Measures and prints. A part that fails is named on standard error; the others are measured.
pub fn execute(arguments: &BenchArguments, json: bool) -> ExitCode {
    let scale = if arguments.quick { QUICK } else { FULL };
    let wanted = |part: Part| arguments.only.is_empty() || arguments.only.contains(&part);
    let mut printer = Printer::new(json);
    let mut failed = false;
    for part in Part::value_variants().iter().copied().filter(|part| wanted(*part)) {
        if let Err(error) = measure(part, scale, &mut |figure| printer.print(&figure)) {
            eprintln!("{part:?}: {error}");
            failed = true;
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Runs the relay whose process is measured.
pub fn execute_relay(arguments: &BenchRelayArguments) -> ExitCode {
    ended(serve(&arguments.folder))
}

/// Opens the device whose process is measured.
pub fn execute_device(arguments: &BenchRelayArguments) -> ExitCode {
    ended(archive::hold(&arguments.folder))
}

fn ended(result: Result<(), Box<dyn std::error::Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(part: Part, scale: Scale, print: &mut dyn FnMut(Figure)) -> Result<(), BenchError> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let _inside = runtime.enter();
    match part {
        Part::Write => pair::write(&runtime, folder.path(), scale, print),
        Part::Archive => archive::measure(&runtime, folder.path(), scale, print),
        Part::Bytes => pair::bytes(&runtime, folder.path(), scale, print),
        Part::Crowd => crowd::measure(&runtime, folder.path(), scale, print),
        Part::Enrolments => enrolments::measure(&runtime, folder.path(), scale, print),
        Part::Relay => relay::measure(&runtime, folder.path(), scale, print),
        Part::Cryptography => cryptography::measure(folder.path(), scale, print),
        Part::Gate => gate::measure(print),
    }
}

/// A generator that nobody can foresee.
fn dice() -> Result<ChaCha20Rng, BenchError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(BenchError::other)?;
    Ok(ChaCha20Rng::from_seed(seed))
}
