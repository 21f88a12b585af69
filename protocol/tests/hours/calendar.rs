//! One calendar: wall clocks, both changes of time, holidays, and instants that nobody meets.

use estafette_protocol::Timestamp;
use estafette_protocol::hours::{
    Calendar, Date, HORIZON, HoursError, LocalTime, Period, Week, Weekday, Zone,
};

use crate::{at, calendar};

const OFFICE: &str = "lun-ven 08:00-12:00 13:00-17:00; sam 08:00-12:00";

/// The zones in which French public services work.
const FRENCH_ZONES: [&str; 13] = [
    "Europe/Paris",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "America/Miquelon",
    "America/St_Barthelemy",
    "America/Marigot",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Pacific/Noumea",
    "Pacific/Wallis",
    "Pacific/Tahiti",
    "Pacific/Marquesas",
];

/// Every change from `from`, with the state that it brings, until the list is as long as wanted.
fn changes(calendar: &Calendar, from: &str, count: usize) -> Vec<(String, bool)> {
    let mut now = at(from);
    let mut found = Vec::new();
    while found.len() < count {
        now = calendar.next_change(now).expect("a change");
        found.push((now.to_string(), calendar.is_open(now)));
    }
    found
}

fn expected(changes: &[(&str, bool)]) -> Vec<(String, bool)> {
    changes.iter().map(|(at, open)| ((*at).to_owned(), *open)).collect()
}

#[test]
fn a_week_opens_and_closes_at_the_exact_millisecond_of_its_minutes() {
    let office = calendar("Europe/Paris", OFFICE);
    // Monday 23 November 2026, UTC+1.
    for (instant, open) in [
        ("2026-11-23T06:59:59.999Z", false),
        ("2026-11-23T07:00:00Z", true),
        ("2026-11-23T10:59:59.999Z", true),
        ("2026-11-23T11:00:00Z", false),
        ("2026-11-23T12:00:00Z", true),
        ("2026-11-23T15:59:59.999Z", true),
        ("2026-11-23T16:00:00Z", false),
        ("2026-11-22T09:00:00Z", false), // Sunday
        ("2026-11-21T10:00:00Z", true),  // Saturday morning
        ("2026-11-21T12:30:00Z", false), // Saturday afternoon
    ] {
        assert_eq!(office.is_open(at(instant)), open, "{instant}");
    }
}

#[test]
fn changes_follow_one_another_over_a_week_end() {
    let office = calendar("Europe/Paris", OFFICE);
    assert_eq!(
        changes(&office, "2026-11-20T12:00:00Z", 5),
        expected(&[
            ("2026-11-20T16:00:00Z", false),
            ("2026-11-21T07:00:00Z", true),
            ("2026-11-21T11:00:00Z", false),
            ("2026-11-23T07:00:00Z", true),
            ("2026-11-23T11:00:00Z", false),
        ])
    );
}

#[test]
fn eight_o_clock_is_the_legal_one_of_each_place() {
    for (zone, opening) in [
        ("Europe/Paris", "2026-07-15T06:00:00Z"),
        ("Indian/Reunion", "2026-07-15T04:00:00Z"),
        ("America/Cayenne", "2026-07-15T11:00:00Z"),
        ("Pacific/Noumea", "2026-07-14T21:00:00Z"),
        ("America/Miquelon", "2026-07-15T10:00:00Z"),
        ("Pacific/Marquesas", "2026-07-15T17:30:00Z"),
    ] {
        let wednesday = calendar(zone, "mer 08:00-17:00");
        assert_eq!(wednesday.next_change(at("2026-07-13T00:00:00Z")), Some(at(opening)), "{zone}");
        assert!(wednesday.is_open(at(opening)), "{zone}");
    }
}

#[test]
fn every_french_zone_is_bundled_and_a_misspelled_one_refused() {
    for zone in FRENCH_ZONES {
        assert_eq!(Calendar::always_open(zone).validate(), Ok(()), "{zone}");
    }
    for zone in ["", "europe/paris", "Europe/Pari", "Etc/Unknown", "Europe/Paris\0", "../../etc/passwd", "é"]
    {
        assert_eq!(Calendar::always_open(zone).validate(), Err(HoursError::UnknownZone), "{zone}");
        assert!(!Calendar::always_open(zone).is_open(at("2026-11-23T09:00:00Z")), "{zone}");
        assert_eq!(Calendar::always_open(zone).next_change(at("2026-11-23T09:00:00Z")), None, "{zone}");
    }
    assert_eq!(Calendar::always_open("x".repeat(64)).validate(), Err(HoursError::UnknownZone));
    assert_eq!(Calendar::always_open("x".repeat(65)).validate(), Err(HoursError::ZoneTooLong));
}

#[test]
fn in_spring_the_hour_that_no_clock_shows_is_lost() {
    // Paris, Sunday 29 March 2026: at 01:00 UTC clocks jump from 02:00 to 03:00.
    let across = calendar("Europe/Paris", "dim 01:30-02:30");
    assert_eq!(
        changes(&across, "2026-03-28T23:00:00Z", 2),
        expected(&[("2026-03-29T00:30:00Z", true), ("2026-03-29T01:00:00Z", false)])
    );
    let begins_inside = calendar("Europe/Paris", "dim 02:30-04:00");
    assert_eq!(
        changes(&begins_inside, "2026-03-28T23:00:00Z", 2),
        expected(&[("2026-03-29T01:00:00Z", true), ("2026-03-29T02:00:00Z", false)])
    );
    let inside = calendar("Europe/Paris", "dim 02:00-03:00");
    assert_eq!(
        changes(&inside, "2026-03-28T23:00:00Z", 2),
        expected(&[("2026-04-05T00:00:00Z", true), ("2026-04-05T01:00:00Z", false)])
    );
}

#[test]
fn in_autumn_the_hour_shown_twice_is_open_twice() {
    // Paris, Sunday 25 October 2026: at 01:00 UTC clocks go back from 03:00 to 02:00.
    let inside = calendar("Europe/Paris", "dim 02:15-02:30");
    assert_eq!(
        changes(&inside, "2026-10-24T22:00:00Z", 4),
        expected(&[
            ("2026-10-25T00:15:00Z", true),
            ("2026-10-25T00:30:00Z", false),
            ("2026-10-25T01:15:00Z", true),
            ("2026-10-25T01:30:00Z", false),
        ])
    );
    let across = calendar("Europe/Paris", "dim 01:00-02:30");
    assert_eq!(
        changes(&across, "2026-10-24T22:00:00Z", 4),
        expected(&[
            ("2026-10-24T23:00:00Z", true),
            ("2026-10-25T00:30:00Z", false),
            ("2026-10-25T01:00:00Z", true),
            ("2026-10-25T01:30:00Z", false),
        ])
    );
}

#[test]
fn after_both_changes_of_time_eight_o_clock_is_eight_o_clock() {
    let office = calendar("Europe/Paris", "lun-dim 08:00-17:00");
    for (evening, morning) in [
        ("2026-03-27T17:00:00Z", "2026-03-28T07:00:00Z"),
        ("2026-03-28T17:00:00Z", "2026-03-29T06:00:00Z"),
        ("2026-10-23T17:00:00Z", "2026-10-24T06:00:00Z"),
        ("2026-10-24T17:00:00Z", "2026-10-25T07:00:00Z"),
    ] {
        assert_eq!(office.next_change(at(evening)), Some(at(morning)));
    }
}

#[test]
fn a_holiday_closes_its_day_of_the_place_and_no_other() {
    let mut office = calendar("Indian/Reunion", "lun-dim 00:00-24:00");
    office.holidays = vec!["2026-12-20".parse().unwrap()];
    assert_eq!(
        changes(&office, "2026-12-01T00:00:00Z", 2),
        expected(&[("2026-12-19T20:00:00Z", false), ("2026-12-20T20:00:00Z", true)])
    );
}

#[test]
fn a_night_is_cut_at_midnight_by_the_holiday_that_begins_there() {
    let mut nights = calendar("Europe/Paris", "jeu 21:00-07:00");
    nights.holidays = vec!["2026-12-25".parse().unwrap()]; // a Friday
    assert_eq!(
        changes(&nights, "2026-12-24T12:00:00Z", 4),
        expected(&[
            ("2026-12-24T20:00:00Z", true),
            ("2026-12-24T23:00:00Z", false),
            ("2026-12-31T20:00:00Z", true),
            ("2027-01-01T06:00:00Z", false),
        ])
    );
}

#[test]
fn what_never_changes_says_so() {
    let always = Calendar::always_open("Europe/Paris");
    assert!(always.is_open(at("2026-03-29T01:00:00Z")));
    assert_eq!(always.next_change(at("2026-03-29T01:00:00Z")), None);
    let never = Calendar::weekly("Europe/Paris", Week::default());
    assert!(!never.is_open(at("2026-03-29T01:00:00Z")));
    assert_eq!(never.next_change(at("2026-03-29T01:00:00Z")), None);
}

#[test]
fn a_change_is_found_up_to_the_horizon_and_not_after() {
    let mondays = |holidays: usize| {
        let mut calendar = calendar("Indian/Reunion", "lun 08:00-09:00");
        let first: Date = "2026-11-23".parse().unwrap();
        calendar.holidays =
            (0..holidays).map(|week| Date::from_days(first.days() + 7 * week as i32)).collect();
        assert_eq!(calendar.validate(), Ok(()));
        calendar
    };
    let opening = at("2027-12-27T04:00:00Z"); // 57 Mondays later
    assert_eq!(mondays(57).next_change(opening.before(HORIZON)), Some(opening));
    assert_eq!(mondays(57).next_change(Timestamp(opening.0 - 1).before(HORIZON)), None);
    assert_eq!(mondays(58).next_change(opening.before(HORIZON)), None);
}

#[test]
fn no_instant_panics_in_any_calendar() {
    let edges =
        [0, 1, 3_600_000, 10_800_000 - 1, 253_402_207_199_999, 253_402_207_200_000, 253_402_300_800_000];
    let ends = [i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX - 7 * 86_400_000, u64::MAX - 1, u64::MAX];
    for zone in FRENCH_ZONES {
        for now in edges.into_iter().chain(ends).map(Timestamp) {
            for week in ["toujours", OFFICE, "dim 02:00-03:00", "jamais"] {
                let calendar = calendar(zone, week);
                if let Some(change) = calendar.next_change(now) {
                    assert!(change > now);
                    assert_ne!(calendar.is_open(change), calendar.is_open(now), "{zone} {week} {now:?}");
                }
            }
            assert!(Calendar::always_open(zone).is_open(now));
            assert!(Zone::named(zone).unwrap().local_time(now).minute < 1440);
        }
    }
}

#[test]
fn the_first_hours_of_1970_belong_to_1969_in_the_west() {
    let cayenne = Zone::named("America/Cayenne").unwrap();
    let new_year = LocalTime { date: Date::new(1969, 12, 31).unwrap(), minute: 21 * 60 };
    assert_eq!(cayenne.local_time(Timestamp(0)), new_year);
    assert!(calendar("America/Cayenne", "mer 21:00-22:00").is_open(Timestamp(0)));
}

#[test]
fn an_interval_outside_its_day_is_refused() {
    for (from, to) in [(480, 480), (481, 480), (0, 1441), (1440, 1440), (0, 0), (0, u16::MAX)] {
        let mut bad = calendar("Europe/Paris", "lun 08:00-09:00");
        bad.week.0[0].from_minute = from;
        bad.week.0[0].to_minute = to;
        assert_eq!(bad.validate(), Err(HoursError::BadInterval { index: 0 }), "{from}-{to}");
        let _no_panic = bad.next_change(at("2026-11-23T07:00:00Z"));
    }
}

#[test]
fn lists_are_refused_one_past_their_limit() {
    let mut full = calendar("Europe/Paris", "lun 08:00-09:00");
    full.week.0 = vec![full.week.0[0]; 64];
    full.holidays = vec![Date::from_days(0); 128];
    assert_eq!(full.validate(), Ok(()));
    full.holidays.push(Date::from_days(0));
    assert_eq!(full.validate(), Err(HoursError::TooMany { list: "holidays", count: 129, limit: 128 }));
    full.week.0.push(full.week.0[0]);
    assert_eq!(full.validate(), Err(HoursError::TooMany { list: "weekly intervals", count: 65, limit: 64 }));
}

#[test]
fn a_holiday_that_is_no_date_is_refused() {
    let mut calendar = calendar("Europe/Paris", "lun 08:00-09:00");
    let last = Date::new(9999, 12, 31).unwrap();
    calendar.holidays = vec![last];
    assert_eq!(calendar.validate(), Ok(()));
    for days in [-1, last.days() + 1, i32::MAX, i32::MIN] {
        calendar.holidays = vec![last, Date::from_days(days)];
        assert_eq!(calendar.validate(), Err(HoursError::BadHoliday { index: 1 }));
    }
}

#[test]
fn dates_read_back_and_bad_ones_are_refused() {
    for text in ["1970-01-01", "2024-02-29", "2026-11-22", "9999-12-31"] {
        assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
    }
    assert_eq!("2026-11-22".parse::<Date>().unwrap().weekday(), Weekday::Sunday);
    assert_eq!("2026-11-22".parse::<Date>().unwrap().days(), 20_779);
    for text in
        ["", "2026-02-29", "2026-13-01", "26-11-22", "2026-11-2", "2026/11/22", "2026-11-22 ", "20261122"]
    {
        assert!(text.parse::<Date>().is_err(), "{text}");
    }
    assert_eq!(Date::from_days(i32::MAX).to_string(), "2147483647 d");
}

#[test]
fn a_local_time_becomes_the_first_instant_that_shows_it() {
    let paris = Zone::named("Europe/Paris").unwrap();
    for (date, minute, instant) in [
        ("2026-11-23", 480, "2026-11-23T07:00:00Z"),
        ("2026-11-23", 1440, "2026-11-23T23:00:00Z"),
        ("2026-03-29", 119, "2026-03-29T00:59:00Z"),
        ("2026-03-29", 120, "2026-03-29T01:00:00Z"), // left out: the change
        ("2026-03-29", 179, "2026-03-29T01:00:00Z"), // left out: the change
        ("2026-03-29", 180, "2026-03-29T01:00:00Z"),
        ("2026-10-25", 150, "2026-10-25T00:30:00Z"), // shown twice: the first
    ] {
        assert_eq!(paris.instant(date.parse().unwrap(), minute), Some(at(instant)), "{date} {minute}");
    }
    let date = "2026-11-23".parse().unwrap();
    assert_eq!(paris.instant(date, 1441), None);
    assert_eq!(paris.instant(date, u16::MAX), None);
    assert_eq!(paris.instant(Date::new(1969, 12, 31).unwrap(), 0), None);
    assert_eq!(paris.instant(Date::from_days(i32::MAX), 0), None);
    assert_eq!(paris.instant(Date::from_days(i32::MAX), 1440), None);
}

#[test]
fn whole_days_last_23_or_25_hours_when_the_time_changes() {
    let paris = Zone::named("Europe/Paris").unwrap();
    let hours = |first: &str, last: &str| {
        let period = Period::whole_days(&paris, first.parse().unwrap(), last.parse().unwrap())?;
        Some(period.until.since(period.from).as_secs() / 3600)
    };
    assert_eq!(hours("2026-03-29", "2026-03-29"), Some(23));
    assert_eq!(hours("2026-10-25", "2026-10-25"), Some(25));
    assert_eq!(hours("2026-08-03", "2026-08-16"), Some(14 * 24));
    assert_eq!(hours("2026-08-04", "2026-08-02"), None);
}
