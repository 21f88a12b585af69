//! From "lost" to a closed socket, with the crowd connected.
//!
//! Counted from the moment at which the administrator's device asks: the statement is made durable on the
//! way, so the time from the commit is shorter than what is printed.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use estafette_protocol::statement::{Act, RevocationReason};
use tokio::runtime::Runtime;

use super::BenchError;
use super::crowd::{Counts, Team};
use super::figure::{Figure, median, milliseconds, quantile};
use super::office::Organisation;
use super::terminal::PATIENCE;

/// Devices lost from each team. The first one of a team stays: it writes.
const LOST: usize = 2;

/// Reports devices lost, one after the other, and waits for each one's socket to close.
pub fn measure(
    runtime: &Runtime,
    organisation: &mut Organisation,
    teams: &[Team],
    counts: &Counts,
    print: &mut dyn FnMut(Figure),
) -> Result<(), BenchError> {
    let connected: usize = teams.iter().map(|team| team.terminals.len()).sum();
    let mut closed = Vec::new();
    for terminal in teams.iter().flat_map(|team| team.terminals.iter().skip(1).take(LOST)) {
        let before = counts.lost.load(Ordering::Acquire);
        let act = Act::Revoke { device: terminal.device, reason: RevocationReason::Lost };
        let begun = Instant::now();
        runtime.block_on(organisation.office.state(vec![act]))?;
        while counts.lost.load(Ordering::Acquire) == before {
            if begun.elapsed() > PATIENCE {
                return Err(BenchError::Other("a lost device's socket stays open".to_owned()));
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        closed.push(milliseconds(begun.elapsed()));
    }
    let what = format!("a lost device's socket is closed, {} times with {connected} connected", closed.len());
    print(Figure::new(format!("{what}: median"), median(&closed), "ms"));
    print(Figure::new(format!("{what}: 99 of 100"), quantile(&closed, 0.99), "ms").target("< 2000"));
    Ok(())
}
