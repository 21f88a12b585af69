//! A week as people write it.

use estafette_protocol::hours::{HoursError, Week, WeekTextError, Weekday, WeeklyInterval};
use estafette_protocol::texts::Language;
use proptest::prelude::*;

fn week(text: &str) -> Week {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_week_is_read_from_the_usual_text() {
    let interval = |day, from: u16, to: u16| WeeklyInterval::new(day, from * 60, to * 60);
    assert_eq!(
        week("lun-mar 08:00-12:00 13:00-17:00; sam 08:00-12:00").0,
        [
            interval(Weekday::Monday, 8, 12),
            interval(Weekday::Monday, 13, 17),
            interval(Weekday::Tuesday, 8, 12),
            interval(Weekday::Tuesday, 13, 17),
            interval(Weekday::Saturday, 8, 12),
        ]
    );
}

#[test]
fn the_many_ways_of_writing_one_week_mean_the_same() {
    let meant = week("lun-ven 08:30-12:00 13:00-17:00; sam 09:00-12:00");
    for text in [
        "mon-fri 8:30-12:00, 13:00-17:00; sat 9:00-12:00",
        "LUN-VEN 8h30-12h 13h-17h\nSAM 9h-12h",
        "Lundi au vendredi 8\u{202f}h\u{202f}30 à 12 h et 13 h à 17 h ; samedi 9 h à 12 h.",
        "monday to friday 08:30 to 12:00 and 13:00 to 17:00;\n;saturday 09:00 to 12:00;",
        "lun., mar., mer., jeu., ven. 08h30 – 12h00, 13h00 – 17h00; sam. 09h00 – 12h00",
        "sam 09:00-12:00; lun mar mer jeu ven 13:00-17:00; lun-ven 08:30-10:00 10:00-12:00 09:00-11:00",
    ] {
        assert_eq!(week(text), meant, "{text}");
    }
}

#[test]
fn a_day_has_its_names_and_an_hour_its_letter() {
    assert_eq!(Weekday::named("lundi"), Some(Weekday::Monday));
    assert_eq!(Weekday::named("sun"), Some(Weekday::Sunday));
    assert_eq!(Weekday::named("lu"), None);
    assert!("lun 8x30-12h".parse::<Week>().is_err());
    assert_eq!(week("lun 8h30-12h"), week("lun 08:30-12:00"));
}

#[test]
fn a_night_runs_into_the_next_day_and_sunday_into_monday() {
    assert_eq!(
        week("ven, dim 21:00-07:00"),
        week("ven 21:00-24:00; sam 00:00-07:00; dim 21:00-24:00; lun 00:00-07:00")
    );
    assert_eq!(week("ven 21:00-00:00"), week("ven 21:00-24:00"));
    assert_eq!(week("ven 08:00-08:00"), week("ven 08:00-24:00; sam 00:00-08:00"));
    assert_eq!(week("ven-lun 08:00-09:00"), week("lun, ven, sam, dim 08:00-09:00"));
    assert_eq!(week("lun-dim 00:00-24:00"), Week::always());
}

#[test]
fn a_week_is_shown_in_french_unless_asked_otherwise() {
    for (text, french, english) in [
        (
            "mon-fri 8:00-12:00 13:00-17:00; sat 8:00-12:00",
            "lun-ven 08:00-12:00 13:00-17:00; sam 08:00-12:00",
            "mon-fri 08:00-12:00 13:00-17:00; sat 08:00-12:00",
        ),
        (
            "mer 9h-10h; lun 9h-10h; mar 10h-11h",
            "lun, mer 09:00-10:00; mar 10:00-11:00",
            "mon, wed 09:00-10:00; tue 10:00-11:00",
        ),
        ("lun-mer, ven, sam 9h-10h", "lun-mer, ven-sam 09:00-10:00", "mon-wed, fri-sat 09:00-10:00"),
        ("ven 21:00-07:00", "ven 21:00-24:00; sam 00:00-07:00", "fri 21:00-24:00; sat 00:00-07:00"),
        ("lun 8h-10h 10h-12h", "lun 08:00-12:00", "mon 08:00-12:00"),
        ("always", "toujours", "always"),
        ("jamais", "jamais", "never"),
    ] {
        let week = week(text);
        assert_eq!((week.to_string(), week.written(Language::English)), (french.into(), english.into()));
    }
}

#[test]
fn what_is_not_a_week_is_refused_with_its_reason() {
    use WeekTextError::*;
    for (text, error) in [
        ("", DaysMissing),
        (" ;\n; ", DaysMissing),
        ("08:00-12:00", DaysMissing),
        ("lun-08:00-12:00", DaysMissing),
        ("- lun 08:00-12:00", DaysMissing),
        ("lun", HoursMissing),
        ("lun-ven", HoursMissing),
        ("lun 08:00-12:00 -", HoursMissing),
        ("lun 08:00", EndMissing),
        ("lun 08:00-", EndMissing),
        ("lun 08:00 12:00", EndMissing),
        ("lun 8-12", BadTime),
        ("lun 25:00-26:00", BadTime),
        ("lun 08:60-09:00", BadTime),
        ("lun 08:00-24:01", BadTime),
        ("lun 99999:00-12:00", BadTime),
        ("lun 08:00-12:00 sam 08:00-12:00", UnknownWord("sam".into())),
        ("lundredi 08:00-12:00", UnknownWord("lundredi".into())),
        ("lun-h 08:00-12:00", UnknownWord("h".into())),
        ("toujours lun 08:00-12:00", UnknownWord("toujours".into())),
        ("lun 08:00/12:00", UnexpectedSign('/')),
        ("lun ٠٨:00-12:00", UnexpectedSign('٠')),
    ] {
        assert_eq!(text.parse::<Week>(), Err(error), "{text:?}");
    }
}

#[test]
fn a_week_of_more_than_64_intervals_is_refused() {
    let hours = |count: u16| (0..count).map(|hour| format!(" {hour}:00-{hour}:30")).collect::<String>();
    assert_eq!(week(&format!("lun-dim{}; ", hours(9))).0.len(), 63);
    let limit = HoursError::TooMany { list: "weekly intervals", count: 70, limit: 64 };
    assert_eq!(format!("lun-dim{}", hours(10)).parse::<Week>(), Err(WeekTextError::Refused(limit)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_reads_back_as_the_same_week(
        intervals in prop::collection::vec((0..7usize, 0..1440u16, 1..=1440u16), 0..16)
    ) {
        let week = Week::new(intervals.into_iter().map(|(day, from, to)| {
            WeeklyInterval::new(Weekday::ALL[day], from, to)
        }));
        prop_assert_eq!(week.written(Language::English).parse(), Ok(week.clone()));
        prop_assert_eq!(week.to_string().parse(), Ok(week));
    }

    #[test]
    fn joining_intervals_changes_no_minute(
        intervals in prop::collection::vec((0..3usize, 0..1500u16, 0..1500u16), 0..12)
    ) {
        let raw = Week(intervals.into_iter().map(|(day, from, to)| {
            WeeklyInterval::new(Weekday::ALL[day], from, to)
        }).collect());
        let joined = Week::new(raw.0.iter().copied());
        for day in Weekday::ALL {
            for minute in 0..1440 {
                prop_assert_eq!(joined.contains(day, minute), raw.contains(day, minute));
            }
        }
        for pair in joined.0.windows(2) {
            prop_assert!(pair[0].day < pair[1].day || pair[0].to_minute < pair[1].from_minute);
        }
    }

    #[test]
    fn no_text_panics(text in "[a-zéà0-9:;,. h\n–-]{0,40}|(lun|mar|-|;|,|8|h|:|30| |12:00){0,20}|\\PC{0,40}") {
        if let Ok(week) = text.parse::<Week>() {
            prop_assert_eq!(week.validate(), Ok(()));
        }
    }
}
