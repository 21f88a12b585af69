//! Moments as people type them, by the clocks of a place: `dimanche 22:00`, `24/12/2026 22h`.
//!
//! A weekday is the next one, today included while its time has not passed. Dates are ISO 8601
//! or day first, as in France; times are `22:00`, `22h`, `22h30`, seconds only where they are
//! zero. Nothing is guessed: what does not read whole does not read.

use estafette_protocol::Timestamp;
use estafette_protocol::hours::{Date, Weekday, Zone};

/// The instant of a day and a time, or of the next weekday and a time.
pub fn instant(typed: &str, zone: &Zone, now: Timestamp) -> Option<Timestamp> {
    let typed = typed.trim();
    // Only a date is followed by the T of ISO 8601: "Tuesday" begins with another.
    let ends_day = |sign: char| {
        sign.is_whitespace() || sign == 'T' && typed.starts_with(|first: char| first.is_ascii_digit())
    };
    let (day, time) = typed.split_once(ends_day)?;
    let minute = time_of_day(time)?;
    if let Some(date) = date(day) {
        return zone.instant(date, minute);
    }
    let wanted = Weekday::named(&day.to_lowercase())?;
    let mut date = zone.local_time(now).date;
    for _ in 0..8 {
        if date.weekday() == wanted
            && let Some(instant) = zone.instant(date, minute).filter(|instant| *instant >= now)
        {
            return Some(instant);
        }
        date = date.next();
    }
    None
}

/// `2026-12-24` or `24/12/2026`.
pub fn date(typed: &str) -> Option<Date> {
    if let Ok(date) = typed.parse() {
        return Some(date);
    }
    let parts: Vec<&str> = typed.split('/').collect();
    let [day, month, year] = parts[..] else { return None };
    let whole = |part: &str, digits| part.len() <= digits && part.bytes().all(|byte| byte.is_ascii_digit());
    if !whole(day, 2) || !whole(month, 2) || year.len() != 4 || !whole(year, 4) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Minutes since 00:00 of `22:00`, `22:00:00`, `22h`, `22h30`; 24:00 is 1440.
pub fn time_of_day(typed: &str) -> Option<u16> {
    let typed: String = typed.chars().filter(|sign| !sign.is_whitespace()).collect();
    let parts: Vec<&str> = typed.split([':', 'h', 'H']).collect();
    let number = |part: &str| -> Option<u16> {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse().ok() } else { None }
    };
    let (hour, minute) = match parts[..] {
        [hour, ""] if typed.ends_with(['h', 'H']) => (number(hour)?, 0),
        [hour, minute] | [hour, minute, "00"] => (number(hour)?, number(minute)?),
        _ => return None,
    };
    match (hour, minute) {
        (0..=23, 0..=59) | (24, 0) => Some(hour * 60 + minute),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23 17:30 in Paris, a Monday.
    const MONDAY: Timestamp = Timestamp(1_795_451_400_000);

    fn shown(typed: &str) -> Option<String> {
        let paris = Zone::named("Europe/Paris")?;
        instant(typed, &paris, MONDAY).map(|at| crate::output::local(Some("Europe/Paris"), at))
    }

    #[test]
    fn a_moment_is_a_date_or_the_next_such_day() {
        for (typed, meant) in [
            ("dimanche 22:00", "2026-11-29 22:00"),
            ("Sunday 22h", "2026-11-29 22:00"),
            ("lundi 17h30", "2026-11-23 17:30"),
            ("lundi 17:29", "2026-11-30 17:29"),
            ("2026-12-24 22:00", "2026-12-24 22:00"),
            ("2026-12-24T22:00:00", "2026-12-24 22:00"),
            ("24/12/2026 22 h 05", "2026-12-24 22:05"),
            ("1/3/2027 24:00", "2027-03-02 00:00"),
        ] {
            assert_eq!(shown(typed).as_deref(), Some(meant), "{typed}");
        }
        for typed in [
            "",
            "22:00",
            "dimanche",
            "24/12/26 22:00",
            "31/02/2027 08:00",
            "2026-12-24 25:00",
            "lundi 8:5x",
            "2026-12-24 08:00:30",
        ] {
            assert_eq!(shown(typed), None, "{typed}");
        }
    }
}
