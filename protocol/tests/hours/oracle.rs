//! A second implementation that shares nothing with the first: minute by minute, with the
//! legal offsets of five zones written down as rules.

use estafette_protocol::Timestamp;
use estafette_protocol::hours::{AgentHours, Calendar, Reach};

pub const ZONES: [&str; 5] =
    ["Europe/Paris", "Indian/Reunion", "America/Cayenne", "Pacific/Noumea", "America/Miquelon"];

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// Whether the agent may be reached in a minute counted from 1970-01-01T00:00Z. All periods
/// must lie on whole minutes.
pub fn is_open(agent: &AgentHours, minute: i64, reach: Reach) -> bool {
    let now = Timestamp(minute as u64 * 60_000);
    for duty in &agent.duty {
        if duty.period.from <= now && now < duty.period.until {
            return true;
        }
    }
    for ordered in &agent.overrides {
        if ordered.period.from <= now && now < ordered.period.until {
            return true;
        }
    }
    for leave in &agent.leave {
        if leave.from <= now && now < leave.until {
            return false;
        }
    }
    for turn in &agent.on_call {
        if reach == Reach::OnCall && turn.from <= now && now < turn.until {
            return true;
        }
    }
    for after in &agent.rests {
        if after.rest.from <= now && now < after.rest.until {
            return false;
        }
    }
    agent.calendars.iter().any(|calendar| shows_an_open_minute(calendar, minute))
}

/// The first minute after `minute` whose state differs, at most `minutes` later.
pub fn next_change(agent: &AgentHours, minute: i64, reach: Reach, minutes: i64) -> Option<i64> {
    let open = is_open(agent, minute, reach);
    (minute + 1..=minute + minutes).find(|later| is_open(agent, *later, reach) != open)
}

fn shows_an_open_minute(calendar: &Calendar, minute: i64) -> bool {
    let local = minute + offset(&calendar.zone, minute);
    let (day, of_day) = (local.div_euclid(DAY), local.rem_euclid(DAY));
    let holiday = calendar.holidays.iter().any(|date| i64::from(date.days()) == day);
    let weekday = (day + 3).rem_euclid(7); // day 0 was a Thursday
    !holiday
        && calendar.week.0.iter().any(|one| {
            one.day as i64 == weekday
                && (i64::from(one.from_minute)..i64::from(one.to_minute)).contains(&of_day)
        })
}

/// Minutes east of Greenwich, by the laws in force since 2007.
fn offset(zone: &str, minute: i64) -> i64 {
    match zone {
        "Indian/Reunion" => 4 * HOUR,
        "America/Cayenne" => -3 * HOUR,
        "Pacific/Noumea" => 11 * HOUR,
        // The Union: last Sundays of March and October, 01:00 UTC.
        "Europe/Paris" => {
            let year = year_of(minute);
            let summer = sunday_until(year, 3, 31) * DAY + HOUR..sunday_until(year, 10, 31) * DAY + HOUR;
            if summer.contains(&minute) { 2 * HOUR } else { HOUR }
        }
        // With Canada: second Sunday of March, first of November, 02:00 as the clocks show.
        "America/Miquelon" => {
            let year = year_of(minute);
            let summer =
                sunday_until(year, 3, 14) * DAY + 5 * HOUR..sunday_until(year, 11, 7) * DAY + 4 * HOUR;
            if summer.contains(&minute) { -2 * HOUR } else { -3 * HOUR }
        }
        _ => panic!("no rule for {zone}"),
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The year in UTC; no change of time is near its end.
fn year_of(minute: i64) -> i64 {
    let day = minute.div_euclid(DAY);
    let mut year = 1970 + day / 366;
    while first_day(year + 1) <= day {
        year += 1;
    }
    year
}

fn first_day(year: i64) -> i64 {
    let before = year - 1;
    365 * (year - 1970) + (before / 4 - before / 100 + before / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400)
}

/// The day number of the last Sunday up to this date.
fn sunday_until(year: i64, month: usize, day: i64) -> i64 {
    let february = if is_leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let date = first_day(year) + months[..month - 1].iter().sum::<i64>() + day - 1;
    date - (date + 4).rem_euclid(7)
}

#[test]
fn the_rules_of_the_oracle_change_the_time_when_the_law_says() {
    let minute = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second() / 60;
    for (zone, change, before, after) in [
        ("Europe/Paris", "2026-03-29T01:00:00Z", 60, 120),
        ("Europe/Paris", "2026-10-25T01:00:00Z", 120, 60),
        ("America/Miquelon", "2026-03-08T05:00:00Z", -180, -120),
        ("America/Miquelon", "2026-11-01T04:00:00Z", -120, -180),
    ] {
        assert_eq!(offset(zone, minute(change) - 1), before, "{zone} before {change}");
        assert_eq!(offset(zone, minute(change)), after, "{zone} after {change}");
    }
}
