//! Shifts from a file, as planning software exports them: CSV or iCalendar.
//!
//! A line that cannot be read is kept with its number and its fault and costs no other one.
//! What the periods mean for what stands already, and whether they leave the rest that is
//! due, is judged in [`judge`]. Nothing here asks the relay or signs.

pub mod calendar_file;
pub mod fault;
pub mod judge;
pub mod table;

use std::io::Read;

use estafette_protocol::AgentNumber;
use estafette_protocol::hours::{Period, Zone};

pub use fault::ShiftFault;

use crate::import::{FILE, ImportError};

/// Periods of one file: a year of a large town's shifts. A longer one is refused whole.
pub const SHIFTS: usize = 20_000;

/// What a period is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// At work.
    Duty,
    /// Reached for what is urgent.
    OnCall,
}

/// One period of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Who.
    pub agent: AgentNumber,
    /// When.
    pub period: Period,
    /// What for.
    pub kind: Kind,
    /// The team in whose rota a turn on call stands.
    pub team: Option<String>,
    /// The place in the order of call, from 1; without one, after those who have one.
    pub rank: Option<u16>,
    /// Why, for the agent to read.
    pub reason: Option<String>,
}

/// What holds where a line says nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Defaults<'d> {
    /// The clocks of which place.
    pub zone: &'d Zone,
    /// Whose shifts these are.
    pub agent: Option<AgentNumber>,
}

/// The periods of a file in order, with the line where each begins.
pub type Lines = Vec<(u64, Result<Shift, ShiftFault>)>;

/// Reads a file, whichever of both kinds it is. One byte beyond [`FILE`] ends it.
pub fn read(file: impl Read, defaults: Defaults<'_>) -> Result<Lines, ImportError> {
    let mut bytes = Vec::new();
    file.take(FILE as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > FILE {
        return Err(ImportError::TooLarge);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let lines = match calendar_file::is_calendar(bytes) {
        true => calendar_file::parse(bytes, defaults),
        false => table::parse(bytes, defaults),
    }?;
    if lines.len() > SHIFTS { Err(ImportError::TooLarge) } else { Ok(lines) }
}

/// The period of two instants, and what is wrong with it.
fn period(
    from: estafette_protocol::Timestamp,
    until: estafette_protocol::Timestamp,
) -> Result<Period, ShiftFault> {
    let period = Period { from, until };
    period.validate().map(|()| period).map_err(|_| ShiftFault::Inverted)
}
