//! The wall's day: working hours, when it begins, and how far its clock has to be moved.

use std::time::Duration;

use estafette_protocol::AgentNumber;
use estafette_protocol::Timestamp;
use estafette_protocol::hours::{Calendar, Date, Period, Rota, Turn, Week, Weekday, WeeklyInterval, Zone};

use super::WallError;

/// Where the commune is.
pub const PLACE: &str = "Europe/Paris";
/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// The wall's day begins here: the team's lead is on duty, the team not yet.
pub const EARLY: u16 = 7 * 60 + 40;
/// The team comes.
pub const OPENING: u16 = 8 * 60;
/// The team goes.
pub const CLOSING: u16 = 17 * 60;
/// The storm comes.
pub const EVENING: u16 = 21 * 60;
/// A leave, and what the rota covers.
const SPAN: Duration = Duration::from_hours(24 * 14);

const WORKDAYS: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

fn zone() -> Result<Zone, WallError> {
    Zone::named(PLACE).ok_or(WallError::Late("no such time zone"))
}

fn workdays(from: u16, until: u16) -> Calendar {
    Calendar::weekly(PLACE, Week::new(WORKDAYS.map(|day| WeeklyInterval::new(day, from, until))))
}

/// Monday to Friday, 08:00 to 17:00.
pub fn team() -> Calendar {
    workdays(OPENING, CLOSING)
}

/// The lead begins earlier: Monday to Friday, 07:00 to 17:00.
pub fn lead() -> Calendar {
    workdays(7 * 60, CLOSING)
}

/// The instant of a minute on a day.
fn instant(date: Date, minute: u16) -> Result<Timestamp, WallError> {
    zone()?.instant(date, minute % DAY).ok_or(WallError::Late("no such instant"))
}

/// Noon of the next day on which people work and which is followed by another such day: everybody is on duty,
/// so that all devices can be set up and learn their hours.
pub fn eve(now: Timestamp) -> Result<Timestamp, WallError> {
    let calendar = team();
    let mut date = zone()?.local_time(now).date;
    for _ in 0..60 {
        let (noon, following) = (instant(date, 12 * 60)?, instant(date.next(), 12 * 60)?);
        if noon > now && calendar.is_open(noon) && calendar.is_open(following) {
            return Ok(noon);
        }
        date = date.next();
    }
    Err(WallError::Late("no two working days"))
}

/// The next time that clocks show this minute on a day of work.
pub fn next(now: Timestamp, minute: u16) -> Result<Timestamp, WallError> {
    let calendar = team();
    let mut date = zone()?.local_time(now).date;
    for _ in 0..60 {
        let at = instant(date, minute)?;
        if at > now && calendar.is_open(instant(date, 12 * 60)?) {
            return Ok(at);
        }
        date = date.next();
    }
    Err(WallError::Late("no day of work"))
}

/// Two weeks from the midnight after `now`.
pub fn away(now: Timestamp) -> Result<Period, WallError> {
    let midnight = instant(zone()?.local_time(now).date.next(), 0)?;
    Ok(Period { from: midnight, until: midnight.after(SPAN) })
}

/// One agent on call, day and night.
pub fn on_call(now: Timestamp, agent: AgentNumber) -> Rota {
    let covers = Period { from: now.before(Duration::from_mins(1)), until: now.after(SPAN) };
    Rota { covers, turns: vec![Turn { period: covers, order: vec![agent] }] }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Local noon of a day in the winter of 2026, where Paris is one hour ahead.
    fn at(day: i8, hour: u64) -> Timestamp {
        let midnight = Date::new(2026, 11, day).unwrap().days();
        Timestamp(u64::try_from(midnight).unwrap() * 86_400_000 + (hour - 1) * 3_600_000)
    }

    #[test]
    fn the_eve_is_a_working_noon_with_a_working_day_after_it() {
        // 23 November 2026 is a Monday.
        assert_eq!(eve(at(23, 9)).unwrap(), at(23, 12));
        assert_eq!(eve(at(23, 12)).unwrap(), at(24, 12));
        assert_eq!(eve(at(27, 9)).unwrap(), at(30, 12), "a Friday is followed by no day of work");
        assert_eq!(eve(at(28, 23)).unwrap(), at(30, 12));
    }

    #[test]
    fn the_clock_goes_to_the_next_such_minute_of_a_day_of_work() {
        assert_eq!(next(at(23, 12), CLOSING).unwrap(), at(23, 17));
        assert_eq!(next(at(23, 17), CLOSING).unwrap(), at(24, 17));
        assert_eq!(next(at(27, 18), OPENING).unwrap(), at(30, 8));
        assert_eq!(next(at(23, 12), EVENING).unwrap(), at(23, 21));
    }
}
