//! The world's days, in the legal time of Paris, computed here and not by the product.

use estafette_protocol::Timestamp;

/// Milliseconds.
pub const SECOND: u64 = 1000;
/// Milliseconds.
pub const MINUTE: u64 = 60 * SECOND;
/// Milliseconds.
pub const HOUR: u64 = 60 * MINUTE;
/// Milliseconds.
pub const DAY: u64 = 24 * HOUR;

/// Monday, 23 November 2026, in days since 1970-01-01.
pub(crate) const MONDAY: u64 = 20_780;

/// Minutes since midnight of a text like "08:05".
pub(crate) fn minutes(text: &str) -> u64 {
    let (hours, minutes) = text.split_once(':').expect("a time like 08:05");
    hours.parse::<u64>().unwrap() * 60 + minutes.parse::<u64>().unwrap()
}

/// The instant at which the clocks of Paris show a time, so many days after the first Monday.
pub fn paris(days: u64, time: &str) -> Timestamp {
    let local = (MONDAY + days) * DAY + minutes(time) * MINUTE;
    Timestamp(local - offset(local - HOUR))
}

/// What the clocks of Paris show beyond UTC at an instant: summer time runs from the last Sunday
/// of March to the last of October, 01:00 UTC.
pub(crate) fn offset(at: u64) -> u64 {
    let year = year_of(at / DAY);
    let change = |month| last_sunday(year, month) * DAY + HOUR;
    if (change(3)..change(10)).contains(&at) { 2 * HOUR } else { HOUR }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// How many leap years there were before a year, since the year 1.
fn leap_years(year: u64) -> u64 {
    let before = year - 1;
    before / 4 - before / 100 + before / 400
}

fn first_day(year: u64) -> u64 {
    (year - 1970) * 365 + leap_years(year) - leap_years(1970)
}

fn year_of(day: u64) -> u64 {
    // A year is never longer: the year sought, or in the last days of some the one before it.
    let near = 1970 + day / 366;
    (near..).find(|year| first_day(year + 1) > day).expect("years go on")
}

/// The last Sunday of a month of 31 days, March or October.
fn last_sunday(year: u64, month: u64) -> u64 {
    let before: u64 = if month == 3 { 59 } else { 273 };
    let last = first_day(year) + before + u64::from(is_leap(year)) + 30;
    // 1970-01-01 was a Thursday: Sunday is where (day + 4) divides by 7.
    last - (last + 4) % 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_year_begins_as_many_days_after_the_one_before_as_that_one_has() {
        for year in 1970..2200 {
            let length = if is_leap(year) { 366 } else { 365 };
            assert_eq!(first_day(year + 1) - first_day(year), length, "{year}");
            assert_eq!(year_of(first_day(year)), year);
            assert_eq!(year_of(first_day(year + 1) - 1), year);
        }
    }

    #[test]
    fn a_winter_morning_and_both_changes_of_2026_are_where_the_almanac_has_them() {
        // 2026-11-23T08:00+01:00.
        assert_eq!(paris(0, "08:00"), Timestamp(1_795_417_200_000));
        // Sundays 2026-03-29 and 2026-10-25, 01:00 UTC.
        for (change, before, after) in [(1_774_746_000_000, 1, 2), (1_792_890_000_000, 2, 1)] {
            assert_eq!(offset(change - 1), before * HOUR);
            assert_eq!(offset(change), after * HOUR);
        }
    }
}
