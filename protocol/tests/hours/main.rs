//! The hours calendar, seen from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod agent;
mod bytes;
mod calendar;
mod floors;
mod holidays;
mod oracle;
mod properties;
mod rest;
mod rota;
mod week_text;

use estafette_protocol::Timestamp;
use estafette_protocol::hours::{AgentHours, Calendar, Period};

/// The instant of an RFC 3339 text.
fn at(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().unwrap();
    Timestamp(instant.as_millisecond().try_into().unwrap())
}

fn calendar(zone: &str, week: &str) -> Calendar {
    let calendar = Calendar::weekly(zone, week.parse().unwrap());
    assert_eq!(calendar.validate(), Ok(()));
    calendar
}

fn hours(zone: &str, week: &str) -> AgentHours {
    AgentHours::of(calendar(zone, week))
}

fn period(from: &str, until: &str) -> Period {
    Period { from: at(from), until: at(until) }
}
