//! Puts messages into one thread of an enrolled computer's folder, so that its screens can be measured with
//! many: what `tests/browser/bench.js` starts from.
//!
//! They are put there as [`super::archive`] does it. The relay does not have them: nothing may be written in
//! that thread afterwards.

use std::process::ExitCode;

use estafette_core::store::{self, threads};
use estafette_protocol::{Position, ThreadId, Timestamp};

use super::archive::{put, text};
use super::{BenchError, dice};
use crate::clock;
use crate::session::{Desk, Failure};

/// What the hidden command is told.
#[derive(Debug, clap::Args)]
pub struct BenchFillArguments {
    /// The thread
    thread: ThreadId,
    /// How many messages
    #[arg(long, default_value_t = 100_000)]
    count: u64,
}

/// Fills the thread; all of it is read already.
pub fn execute(desk: &Desk, arguments: &BenchFillArguments) -> ExitCode {
    match fill(desk, arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn fill(desk: &Desk, arguments: &BenchFillArguments) -> Result<(), BenchError> {
    let failed = |failure: Failure| BenchError::Other(format!("{failure:?}"));
    let ring = desk.unlock().map_err(failed)?;
    let reader = desk.reader(&ring).map_err(failed)?;
    let own = reader.identity().device;
    let mut devices = reader.registry_known().devices().map(|record| record.certificate.device);
    let author = devices.find(|device| *device != own).ok_or_else(|| BenchError::other("nobody else"))?;
    let mut database =
        store::open(&desk.folder.database(), &ring.database_key()).map_err(BenchError::other)?;
    let transaction = database.transaction().map_err(BenchError::other)?;
    let known = threads::all(&transaction).map_err(BenchError::other)?;
    let thread = known.into_iter().find(|thread| thread.id == arguments.thread);
    let mut thread = thread.ok_or_else(|| BenchError::other("no such thread"))?;
    let (now, mut rng) = (clock::now(), dice()?);
    for number in 0..arguments.count {
        // The past year.
        let age = (arguments.count - number) * (365 * 86_400_000 / arguments.count);
        let at = Timestamp(now.0.saturating_sub(age));
        let words = text(&mut rng, false);
        put(&transaction, &mut thread, (author, at), &words, &mut rng).map_err(BenchError::other)?;
    }
    thread.read_up_to = Position(thread.joined.0);
    threads::update(&transaction, &thread).map_err(BenchError::other)?;
    transaction.commit().map_err(BenchError::other)?;
    store::truncate_log(&database).map(drop).map_err(BenchError::other)
}
