//! Legal time of a place, from the tz data in the binary: never the system's.
//!
//! Works on whole arithmetic of milliseconds around jiff's offset, so that the gate
//! builds no civil date, and every [`Timestamp`] has an answer: beyond the year 9999
//! the last offset that is known stays.

use std::sync::LazyLock;

use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use super::{Date, Weekday};
use crate::Timestamp;

pub(super) const MINUTE: u64 = 60_000;
pub(super) const DAY: u64 = 24 * 60 * MINUTE;
/// Added before subtracting an offset, so that the first hours of 1970 do not fall below zero.
const SHIFT_DAYS: u64 = 7;

static BUNDLED: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone of the bundled tz data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// What the clocks of a place show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime {
    /// The day.
    pub date: Date,
    /// Whole minutes since 00:00 as shown, 0 to 1439.
    pub minute: u16,
}

/// How far clocks are ahead of UTC.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offset {
    millis: i64,
}

/// A place in the local week, finer and cheaper than [`LocalTime`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Local {
    /// Days since 1970-01-01, local.
    pub day: i64,
    pub weekday: Weekday,
    /// Milliseconds since 00:00 as shown.
    pub millis: u64,
}

impl Offset {
    /// What clocks with this offset show.
    pub fn local(self, at: Timestamp) -> Local {
        let shifted = at.0.saturating_add(SHIFT_DAYS * DAY).saturating_add_signed(self.millis);
        Local {
            day: (shifted / DAY) as i64 - SHIFT_DAYS as i64,
            weekday: Weekday::of_days((shifted / DAY) as i64), // a whole week off: the same weekday
            millis: shifted % DAY,
        }
    }
}

impl Local {
    /// Whole minutes since 00:00 as shown, 0 to 1439.
    pub fn minute(self) -> u16 {
        (self.millis / MINUTE) as u16
    }
}

impl Zone {
    /// The zone of this IANA name, spelled exactly so ("Europe/Paris").
    pub fn named(name: &str) -> Option<Self> {
        BUNDLED.get(name).ok().filter(|zone| zone.iana_name() == Some(name)).map(Self)
    }

    /// What the clocks there show at an instant.
    pub fn local_time(&self, at: Timestamp) -> LocalTime {
        let local = self.offset(at).local(at);
        let days = i32::try_from(local.day).unwrap_or(i32::MAX);
        LocalTime { date: Date::from_days(days), minute: local.minute() }
    }

    /// The first instant at which the clocks there show this; `minute` 0 to 1440, 1440 being the next midnight.
    ///
    /// A time that the change in spring leaves out stands for the instant of the change. `None`
    /// for what no clock shows, or before 1970 or after 9999.
    pub fn instant(&self, date: Date, minute: u16) -> Option<Timestamp> {
        let (date, minute) = if minute == 1440 { (date.next(), 0) } else { (date, minute) };
        let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
        let wanted = date.civil()?.to_datetime(civil::Time::new(hour, minute, 0, 0).ok()?);
        let ambiguous = self.0.to_ambiguous_timestamp(wanted);
        let instant = if let AmbiguousOffset::Gap { .. } = ambiguous.offset() {
            // Read with the offset that comes after, a missing time lies just before the change.
            let before = ambiguous.earlier().ok()?;
            self.0.following(before).next()?.timestamp()
        } else {
            ambiguous.earlier().ok()?
        };
        u64::try_from(instant.as_millisecond()).ok().map(Timestamp)
    }

    /// How far the clocks there are ahead of UTC at an instant.
    pub(super) fn offset(&self, at: Timestamp) -> Offset {
        Offset { millis: i64::from(self.0.to_offset(clamped(at)).seconds()) * 1000 }
    }

    /// The next instant at which the offset may change: strictly later, so that a walk advances.
    pub(super) fn next_shift(&self, at: Timestamp) -> Option<Timestamp> {
        let shift = self.0.following(clamped(at)).next()?.timestamp();
        u64::try_from(shift.as_millisecond()).ok().map(Timestamp).filter(|shift| *shift > at)
    }
}

fn clamped(at: Timestamp) -> jiff::Timestamp {
    i64::try_from(at.0)
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .unwrap_or(jiff::Timestamp::MAX)
}
