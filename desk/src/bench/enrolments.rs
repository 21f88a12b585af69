//! Fifty phones, one after the other, from the ticket to "waits for approval", and their approval.
//!
//! The phones' hardware is made up: what it costs on a real phone is not in the figures.

use std::path::Path;
use std::time::Instant;

use tokio::runtime::Runtime;

use super::figure::{Figure, median, milliseconds, quantile};
use super::office::Organisation;
use super::{BenchError, Scale};
use crate::replay::fleet;

/// Enrols phones in a row and approves them.
pub fn measure(
    runtime: &Runtime,
    folder: &Path,
    scale: Scale,
    print: &mut dyn FnMut(Figure),
) -> Result<(), BenchError> {
    let mut organisation = Organisation::found(runtime, folder)?;
    let seats = runtime.block_on(organisation.office.tickets(scale.enrolments))?;
    let upstream = organisation.relay.upstream();
    let mut times = Vec::new();
    let begun = Instant::now();
    for (number, seat) in seats.iter().enumerate() {
        let name = [format!("phone-{number}")];
        let one = Instant::now();
        drop(fleet::enrol(
            &name,
            std::slice::from_ref(seat),
            &folder.join("phones"),
            &upstream,
            seat_seed(number),
        )?);
        times.push(milliseconds(one.elapsed()));
    }
    let all = milliseconds(begun.elapsed());
    let roster = runtime.block_on(organisation.office.team())?;
    let approving = Instant::now();
    runtime.block_on(organisation.office.approve(&seats, roster))?;
    let count = seats.len();
    print(Figure::new(format!("{count} enrolments in a row"), all, "ms"));
    print(Figure::new("an enrolment up to \"waits for approval\": median", median(&times), "ms"));
    print(Figure::new("the same: 99 of 100", quantile(&times, 0.99), "ms"));
    print(Figure::new(format!("{count} approvals"), milliseconds(approving.elapsed()), "ms"));
    Ok(())
}

/// Each phone draws its own keys.
fn seat_seed(number: usize) -> [u8; 32] {
    let mut seed = [7; 32];
    seed[24..].copy_from_slice(&(number as u64).to_be_bytes());
    seed
}
