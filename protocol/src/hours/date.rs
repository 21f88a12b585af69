//! Days: of the week, and of the calendar.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use minicbor::{Decode, Encode};

const EPOCH: civil::Date = civil::date(1970, 1, 1);

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Weekday {
    /// 0
    #[n(0)]
    Monday,
    /// 1
    #[n(1)]
    Tuesday,
    /// 2
    #[n(2)]
    Wednesday,
    /// 3
    #[n(3)]
    Thursday,
    /// 4
    #[n(4)]
    Friday,
    /// 5
    #[n(5)]
    Saturday,
    /// 6
    #[n(6)]
    Sunday,
}

impl Weekday {
    /// All seven, from Monday.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The day after.
    pub fn next(self) -> Self {
        Self::of_days(self as i64 - THURSDAY + 1)
    }

    /// The weekday of a day counted from 1970-01-01.
    pub(super) fn of_days(days: i64) -> Self {
        Self::ALL[(days + THURSDAY).rem_euclid(7) as usize]
    }
}

/// 1970-01-01 was a Thursday.
const THURSDAY: i64 = Weekday::Thursday as i64;

/// A civil date, without a place. Stored as the number of days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Date(#[n(0)] i32);

/// A text that is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a date like 2026-11-01")]
pub struct DateTextError;

impl Date {
    /// The date of this year, month (1 to 12) and day (1 to 31); `None` if there is none.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().and_then(Self::of_civil)
    }

    /// The date so many days after 1970-01-01.
    pub fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01, negative before.
    pub fn days(self) -> i32 {
        self.0
    }

    /// The day after; stays at the largest.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Its day of the week.
    pub fn weekday(self) -> Weekday {
        Weekday::of_days(self.0.into())
    }

    fn of_civil(date: civil::Date) -> Option<Self> {
        date.since(EPOCH).ok().map(|span| Self(span.get_days()))
    }

    /// The date as jiff knows it; `None` beyond the years -9999 to 9999.
    pub(super) fn civil(self) -> Option<civil::Date> {
        let span = jiff::Span::new().try_days(self.0).ok()?;
        EPOCH.checked_add(span).ok()
    }
}

/// Year, month and day of a day counted from 1970-01-01, without a library's checks: the gate asks.
///
/// H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
pub(super) fn civil_of_days(days: i64) -> (i64, u8, u8) {
    let shifted = days + DAYS_TO_EPOCH; // from 0000-03-01: leap days end their year
    let era = shifted.div_euclid(ERA);
    let of_era = shifted.rem_euclid(ERA);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month as u8, day as u8)
}

/// The inverse of [`civil_of_days`] (`days_from_civil` there), for a date that exists.
pub(super) fn days_of_civil(year: i64, month: u8, day: u8) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = (i64::from(month) + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + i64::from(day) - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * ERA + of_era - DAYS_TO_EPOCH
}

/// Days of 400 Gregorian years.
const ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const DAYS_TO_EPOCH: i64 = 719_468;

impl fmt::Display for Date {
    /// ISO 8601 ("2026-11-01"), or the bare number of days beyond what a calendar shows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.civil() {
            Some(date) => write!(f, "{date}"),
            None => write!(f, "{} d", self.0),
        }
    }
}

impl FromStr for Date {
    type Err = DateTextError;

    /// Reads exactly four, two and two digits.
    fn from_str(text: &str) -> Result<Self, DateTextError> {
        let digit_or_dash = |(at, byte): (usize, u8)| {
            if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() }
        };
        if text.len() != 10 || !text.bytes().enumerate().all(digit_or_dash) {
            return Err(DateTextError);
        }
        text.parse().ok().and_then(Self::of_civil).ok_or(DateTextError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_from_1599_to_2801_is_the_one_that_the_library_knows_and_back() {
        // 1599-01-01 and 2801-12-31.
        for days in -135_505..=303_881 {
            let known = Date::from_days(days).civil();
            let (year, month, day) = civil_of_days(days.into());
            assert_eq!(known, civil::Date::new(year as i16, month as i8, day as i8).ok(), "{days}");
            assert_eq!(days_of_civil(year, month, day), i64::from(days));
        }
    }
}
