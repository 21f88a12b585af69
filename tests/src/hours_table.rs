//! Hours written out minute by minute: a second opinion on the calendar, slow and plain.

use estafette_protocol::Timestamp;

use crate::clock::{DAY, MINUTE, MONDAY, minutes, offset};

/// Whether hours are open, for each minute of the world's days.
#[derive(Debug, Clone)]
pub struct HoursTable {
    open: Vec<bool>,
}

/// From two days before the first Monday.
const FIRST: u64 = (MONDAY - 2) * DAY;
/// How many days the table has.
const DAYS: u64 = 40;

impl HoursTable {
    /// Open on Mondays to Fridays between these times, as the clocks of Paris show them.
    pub fn weekdays(intervals: &[(&str, &str)]) -> Self {
        let intervals: Vec<_> = intervals.iter().map(|(from, to)| minutes(from)..minutes(to)).collect();
        let open = (0..DAYS * 24 * 60).map(|minute| {
            let at = FIRST + minute * MINUTE;
            let local = at + offset(at);
            let weekday = (local / DAY + 3) % 7;
            let shown = local % DAY / MINUTE;
            weekday < 5 && intervals.iter().any(|interval| interval.contains(&shown))
        });
        Self { open: open.collect() }
    }

    /// Never closed.
    pub fn always() -> Self {
        Self { open: vec![true; usize::try_from(DAYS * 24 * 60).expect("a few weeks")] }
    }

    /// Opens what lies between two instants, whole minutes both.
    pub fn add_duty(&mut self, from: Timestamp, until: Timestamp) {
        for minute in index(from)..index(until) {
            self.open[minute] = true;
        }
    }

    /// Whether it is open at an instant.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.open[index(at)]
    }
}

fn index(at: Timestamp) -> usize {
    usize::try_from((at.0 - FIRST) / MINUTE).expect("within the table")
}
