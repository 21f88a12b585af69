//! Public holidays by rule, compared with published dates and with a second computation of Easter.

use estafette_protocol::hours::{Calendar, Date, HoursError, Place, Reach, Zone};
use estafette_protocol::{Timestamp, codec};
use proptest::prelude::*;

use crate::{at, calendar};

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Easter Sunday as the day before the Easter Monday that the product closes on.
fn easter(year: i16) -> Date {
    let monday = Place::METROPOLE.holidays(year).into_iter().map(|holiday| holiday.date);
    let spring = Date::new(year, 3, 22).unwrap()..=Date::new(year, 4, 26).unwrap();
    let mondays: Vec<Date> = monday.filter(|date| spring.contains(date)).collect();
    let [monday] = mondays[..] else { panic!("{year}: {mondays:?}") };
    Date::from_days(monday.days() - 1)
}

/// Algorithm E of D. Knuth, The Art of Computer Programming, 1.3.2, exercise 14 (after Clavius):
/// the full moon of the calendar, then the Sunday after it.
fn knuth(year: i32) -> Date {
    let golden = year % 19 + 1;
    let century = year / 100 + 1;
    let dropped_leaps = 3 * century / 4 - 12;
    let moon = (8 * century + 5) / 25 - 5;
    let sunday = 5 * year / 4 - dropped_leaps - 10;
    let mut epact = (11 * golden + 20 + moon - dropped_leaps).rem_euclid(30);
    if (epact == 25 && golden > 11) || epact == 24 {
        epact += 1;
    }
    let mut full = 44 - epact;
    if full < 21 {
        full += 30;
    }
    let day = full + 7 - (sunday + full) % 7;
    let march = Date::new(year.try_into().unwrap(), 3, 1).unwrap();
    Date::from_days(march.days() + day - 1)
}

#[test]
fn easter_falls_where_the_almanacs_have_it_over_four_centuries() {
    // Bureau des longitudes and US Naval Observatory; the earliest and latest possible ones among them.
    for published in [
        "1583-04-10",
        "1598-03-22",
        "1666-04-25",
        "1693-03-22",
        "1734-04-25",
        "1761-03-22",
        "1789-04-12",
        "1818-03-22",
        "1886-04-25",
        "1900-04-15",
        "1913-03-23",
        "1943-04-25",
        "1954-04-18",
        "1981-04-19",
        "1999-04-04",
        "2000-04-23",
        "2008-03-23",
        "2011-04-24",
        "2019-04-21",
        "2020-04-12",
        "2021-04-04",
        "2022-04-17",
        "2023-04-09",
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2028-04-16",
        "2029-04-01",
        "2030-04-21",
        "2031-04-13",
        "2032-03-28",
        "2035-03-25",
        "2038-04-25",
        "2049-04-18",
        "2076-04-19",
        "2285-03-22",
    ] {
        let published = date(published);
        let year = published.to_string()[..4].parse().unwrap();
        assert_eq!(easter(year), published);
        assert_eq!(knuth(year.into()), published);
    }
}

#[test]
fn a_second_algorithm_finds_the_same_easter_in_every_year_to_9999() {
    for year in 1583..=9998 {
        assert_eq!(easter(year), knuth(year.into()), "{year}");
    }
}

#[test]
fn the_eleven_feasts_of_2027_are_those_of_the_labour_code() {
    let dates: Vec<String> =
        Place::METROPOLE.holidays(2027).iter().map(|holiday| holiday.date.to_string()).collect();
    assert_eq!(
        dates,
        [
            "2027-01-01",
            "2027-03-29",
            "2027-05-01",
            "2027-05-06",
            "2027-05-08",
            "2027-05-17",
            "2027-07-14",
            "2027-08-15",
            "2027-11-01",
            "2027-11-11",
            "2027-12-25"
        ]
    );
}

#[test]
fn each_place_adds_its_own_days_and_names_the_text() {
    let own = |place: Place, year| -> Vec<String> {
        let national = Place::METROPOLE.holidays(year);
        let mine = place.holidays(year).into_iter();
        mine.filter(|holiday| !national.contains(holiday)).map(|holiday| holiday.date.to_string()).collect()
    };
    for (place, days) in [
        (Place::METROPOLE, &[][..]),
        (Place::ALSACE_MOSELLE, &["2026-04-03", "2026-12-26"]),
        (Place::ALSACE_MOSELLE_WITHOUT_GOOD_FRIDAY, &["2026-12-26"]),
        (Place::GUADELOUPE, &["2026-05-27"]),
        (Place::MARTINIQUE, &["2026-05-22"]),
        (Place::GUYANE, &["2026-06-10"]),
        (Place::REUNION, &["2026-12-20"]),
        (Place::MAYOTTE, &["2026-04-27"]),
        (Place::SAINT_PIERRE_ET_MIQUELON, &[]),
        (Place::SAINT_BARTHELEMY, &["2026-10-09"]),
        (Place::SAINT_MARTIN, &["2026-05-27"]),
        (Place::POLYNESIE, &["2026-03-05", "2026-04-03", "2026-11-20"]),
        (Place::NOUVELLE_CALEDONIE, &["2026-09-24"]),
        (Place::WALLIS_ET_FUTUNA, &["2026-04-28", "2026-07-29"]),
    ] {
        assert_eq!(own(place, 2026), days, "{place:?}");
        assert!(place.holidays(2026).iter().all(|holiday| holiday.reference.len() > 10));
    }
    assert_eq!(own(Place::POLYNESIE, 2024), ["2024-03-05", "2024-03-29", "2024-06-29"]);
    assert_eq!(Place::all().count(), 14);
}

#[test]
fn every_place_has_its_word_and_zones_that_the_bundled_data_holds() {
    for place in Place::all() {
        assert_eq!(Place::named(place.as_str().unwrap()), Ok(place));
        assert!(!place.zones().is_empty());
        for zone in place.zones() {
            assert!(Zone::named(zone).is_some(), "{zone}");
            assert_eq!(Place::of_zone(zone).unwrap().zones(), place.zones());
        }
    }
    assert!(Place::named("atlantide").is_err());
    assert_eq!(Place::of_zone("Europe/Paris"), Some(Place::METROPOLE));
    assert_eq!((Place(0).as_str(), Place(15).as_str(), Place(u16::MAX).zones()), (None, None, &[][..]));
}

#[test]
fn a_calendar_closes_on_its_places_holidays_from_midnight_to_midnight_there() {
    let office = calendar("Europe/Paris", "lun-ven 08:00-17:00");
    let noon = at("2026-12-25T11:00:00Z"); // a Friday
    assert!(office.is_open(noon));
    let closed = office.clone().in_place(Place::METROPOLE);
    assert!(!closed.is_open(noon));
    assert_eq!(closed.next_change(noon), Some(at("2026-12-28T07:00:00Z")));
    // Good Friday, and 1 May by the place's clock: midnight to midnight there.
    let colmar = office.clone().in_place(Place::ALSACE_MOSELLE);
    assert_eq!(
        (closed.is_open(at("2026-04-03T10:00:00Z")), colmar.is_open(at("2026-04-03T10:00:00Z"))),
        (true, false)
    );
    let always = Calendar::always_open("Indian/Reunion").in_place(Place::REUNION);
    assert_eq!(always.next_change(at("2026-04-30T12:00:00Z")), Some(at("2026-04-30T20:00:00Z")));
    assert_eq!(always.next_change(at("2026-04-30T20:00:00Z")), Some(at("2026-05-01T20:00:00Z")));
}

#[test]
fn a_place_of_a_newer_version_is_kept_and_closes_the_calendar() {
    let unknown = calendar("Europe/Paris", "lun-ven 08:00-17:00").in_place(Place(900));
    assert_eq!(unknown.validate(), Err(HoursError::UnknownPlace));
    assert!(!unknown.is_open(at("2026-11-23T09:00:00Z")));
    assert_eq!(unknown.next_change(at("2026-11-23T09:00:00Z")), None);
    let bytes = codec::to_bytes(&unknown);
    assert_eq!(codec::from_bytes::<Calendar>(&bytes, 1000), Ok(unknown));
}

#[test]
fn the_name_of_a_profile_has_a_length() {
    let mut calendar = calendar("Europe/Paris", "lun-ven 08:00-17:00");
    for (name, verdict) in [
        ("", Err(HoursError::BadProfile)),
        ("fpt", Ok(())),
        (&"x".repeat(33)[..], Err(HoursError::BadProfile)),
    ] {
        calendar.profile = Some(name.to_owned());
        assert_eq!(calendar.validate(), verdict);
    }
}

#[test]
fn every_day_of_years_around_each_kind_of_leap_closes_exactly_when_its_list_says() {
    for year in [1970, 1999, 2000, 2001, 2026, 2096, 2099, 2100, 2104, 2399, 2400, 2401] {
        let [first, last] = [Date::new(year, 1, 1), Date::new(year, 12, 31)].map(Option::unwrap);
        for place in [Place::METROPOLE, Place::ALSACE_MOSELLE, Place::REUNION] {
            let listed: Vec<Date> = place.holidays(year).into_iter().map(|holiday| holiday.date).collect();
            assert!(listed.contains(&first), "New Year's Day of {year}");
            let closed = (first.days()..=last.days()).map(Date::from_days).filter(|date| place.closes(*date));
            let mut due = listed;
            due.dedup();
            assert_eq!(closed.collect::<Vec<_>>(), due, "{place:?} {year}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_day_closes_exactly_when_the_list_of_its_year_holds_it(place in 0..16u16, days in -20_000..60_000i32) {
        let date = Date::from_days(days);
        let year = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap().year();
        let listed = Place(place).holidays(year).iter().any(|holiday| holiday.date == date);
        prop_assert_eq!(Place(place).closes(date), listed);
    }

    #[test]
    fn no_day_and_no_place_panics(place in any::<u16>(), days in any::<i32>(), now in any::<u64>()) {
        let _closed = Place(place).closes(Date::from_days(days));
        let hours = estafette_protocol::hours::AgentHours::of(
            Calendar::always_open("Europe/Paris").in_place(Place(place)));
        let _state = hours.state(Timestamp(now), Reach::Duty);
    }
}
