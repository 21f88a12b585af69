//! The floors of rest: what is refused, flagged and fine, and a second checker that looks at
//! every minute of every window.

use estafette_protocol::Timestamp;
use estafette_protocol::hours::{
    AgentHours, Breach, Date, Finding, FloorKind, Grade, Period, Profile, ProfileError, Spot, Verdict, Week,
    Weekday, WeeklyInterval, judge_agent, judge_periods, judge_week,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::{at, hours, period};

fn profile(name: &str) -> Profile {
    Profile::named(name).unwrap()
}

fn judged(week: &str, name: &str) -> Verdict {
    judge_week(&week.parse().unwrap(), &profile(name))
}

/// The findings as (floor, where, found).
fn findings(verdict: &Verdict) -> Vec<(FloorKind, Spot, u32)> {
    verdict.findings.iter().map(|finding| (finding.floor.kind, finding.spot, finding.found)).collect()
}

#[test]
fn every_profile_names_its_text_its_date_and_that_no_jurist_has_confirmed_it() {
    let names: Vec<&str> = Profile::names().collect();
    assert_eq!(names, ["fpe", "fpt", "fph", "winter-2002-259", "interior-2002-1278"]);
    for name in names {
        let profile = profile(name);
        assert_eq!((profile.name.as_str(), profile.confirmed_by_jurist), (name, false));
        assert!(profile.reference.starts_with("Décret n° 200"), "{}", profile.reference);
        assert_eq!(profile.dated, "2026-11-23".parse::<Date>().unwrap());
    }
    let rests = |name| {
        let profile = profile(name);
        [FloorKind::DailyRest, FloorKind::WeeklyRest].map(|kind| {
            let floor = profile.floors.iter().find(|floor| floor.kind == kind).unwrap();
            (floor.minutes, floor.breach)
        })
    };
    let common = [(11 * 60, Breach::Refuse), (35 * 60, Breach::Refuse)];
    assert_eq!((rests("fpe"), rests("fpt")), (common, common));
    assert_eq!(rests("fph"), [(12 * 60, Breach::Refuse), (36 * 60, Breach::Refuse)]);
    assert_eq!(rests("winter-2002-259"), [(9 * 60, Breach::Refuse), (35 * 60, Breach::Refuse)]);
    assert_eq!(rests("interior-2002-1278"), [(11 * 60, Breach::Flag), (35 * 60, Breach::Flag)]);
}

#[test]
fn a_profile_without_reference_of_another_format_or_without_rest_is_refused() {
    let floor = |kind: &str, minutes: u32| {
        format!(
            "[[floor]]\nkind = \"{kind}\"\nminutes = {minutes}\nbreach = \"refuse\"\nreference = \"art. 1\"\n"
        )
    };
    let head = "format = 1\nname = \"x\"\ndated = \"2026-11-23\"\nconfirmed_by_jurist = false\n";
    let text = "reference = \"Décret\"\n";
    let rests = floor("daily-rest", 660) + &floor("weekly-rest", 2100);
    let whole = format!("{head}{text}{rests}");
    assert!(Profile::parse(&whole).is_ok());
    for (source, error) in [
        (format!("{head}{rests}"), ProfileError::ReferenceMissing),
        (format!("{head}reference = \" \"\n{rests}"), ProfileError::ReferenceMissing),
        (whole.replace("art. 1", ""), ProfileError::ReferenceMissing),
        (whole.replace("format = 1", "format = 0"), ProfileError::OtherFormat),
        (whole.replace("format = 1", "format = 2\nmore = true"), ProfileError::OtherFormat),
        (format!("{head}{text}{}", floor("daily-rest", 660)), ProfileError::RestMissing),
        (format!("{whole}{}", floor("daily-rest", 660)), ProfileError::RestMissing),
        (whole.replace("= 660", "= 1440"), ProfileError::FloorOutOfRange),
        (whole.replace("= 2100", "= 0"), ProfileError::FloorOutOfRange),
        (whole.replace("weekly-rest", "tea-break"), ProfileError::Unreadable),
        (format!("{whole}colour = \"blue\"\n"), ProfileError::Unreadable),
        ("format".to_owned(), ProfileError::Unreadable),
        (" ".repeat(16 * 1024 + 1), ProfileError::TooLarge),
    ] {
        assert_eq!(Profile::parse(&source), Err(error), "{source}");
    }
    assert_eq!(Profile::named("fpx"), Err(ProfileError::Unknown));
}

#[test]
fn each_floor_has_its_word() {
    let words = [
        (FloorKind::DailyRest, "daily-rest"),
        (FloorKind::WeeklyRest, "weekly-rest"),
        (FloorKind::Amplitude, "amplitude"),
        (FloorKind::DailyHours, "daily-hours"),
        (FloorKind::WeeklyHours, "weekly-hours"),
        (FloorKind::MeanWeeklyHours, "mean-weekly-hours"),
    ];
    for (kind, word) in words {
        assert_eq!(kind.as_str(), word);
    }
}

#[test]
fn a_profile_may_be_as_large_as_its_limits() {
    let floor = |kind: &str, minutes: u32| {
        format!(
            "[[floor]]\nkind = \"{kind}\"\nminutes = {minutes}\nbreach = \"refuse\"\nreference = \"art. 1\"\n"
        )
    };
    let head = "format = 1\nname = \"x\"\ndated = \"2026-11-23\"\nconfirmed_by_jurist = false\n";
    let with = |daily: u32, weekly: u32, more: usize| {
        let rests = floor("daily-rest", daily) + &floor("weekly-rest", weekly);
        format!("{head}reference = \"Décret\"\n{rests}{}", floor("amplitude", 600).repeat(more))
    };
    let longest = Profile::parse(&with(1439, 10_079, 30)).unwrap();
    assert_eq!(longest.floors.len(), 32);
    assert_eq!(longest.daily_rest(), std::time::Duration::from_mins(1439));
    assert_eq!(Profile::parse(&with(1439, 10_079, 31)), Err(ProfileError::TooLarge));
    assert_eq!(Profile::parse(&with(1440, 10_079, 0)), Err(ProfileError::FloorOutOfRange));
    assert_eq!(Profile::parse(&with(1439, 10_080, 0)), Err(ProfileError::FloorOutOfRange));
    let mut source = with(660, 2100, 0);
    source.push_str(&" ".repeat(16 * 1024 - source.len()));
    assert!(Profile::parse(&source).is_ok());
}

#[test]
fn what_overlaps_is_counted_once_and_what_holds_no_instant_not_at_all() {
    let fpt = profile("fpt");
    let all = period("2026-11-23T07:00:00Z", "2026-11-23T21:00:00Z");
    let [first, second] = [
        period("2026-11-23T07:00:00Z", "2026-11-23T15:00:00Z"),
        period("2026-11-23T14:00:00Z", "2026-11-23T21:00:00Z"),
    ];
    let whole = judge_periods(&[all], &fpt);
    assert_ne!(whole.grade(), Grade::Fine);
    assert_eq!(judge_periods(&[second, first], &fpt), whole);
    let nothing = period("2026-11-24T03:00:30Z", "2026-11-24T03:00:30Z");
    assert_eq!(judge_periods(&[all, nothing], &fpt), whole);
    assert_eq!(judge_periods(&[nothing], &fpt), Verdict::default());
}

#[test]
fn ordinary_weeks_are_fine_and_hours_without_rest_say_where_and_by_how_much() {
    use FloorKind::{Amplitude, DailyHours, DailyRest, MeanWeeklyHours, WeeklyHours, WeeklyRest};
    use Weekday::{Monday, Thursday};
    assert_eq!(judged("lun-ven 08:00-12:00 13:00-17:00", "fpt"), Verdict::default());
    assert_eq!(judged("jamais", "fpt").grade(), Grade::Fine);
    // Ten and a half hours each night, and the week-end free.
    let long = judged("lun-ven 07:00-20:30", "fpe");
    assert_eq!(long.grade(), Grade::Refuse);
    assert_eq!(findings(&long)[0], (DailyRest, Spot::Weekly(Monday, 7 * 60), 630));
    assert_eq!(long.findings[0].missed_by(), 30);
    // Eleven hours each night, the amplitude one hour too long.
    let flagged = judged("lun-ven 07:00-20:00", "fpe");
    assert_eq!(flagged.grade(), Grade::Flag);
    assert_eq!(findings(&flagged)[0], (Amplitude, Spot::Weekly(Monday, 7 * 60), 780));
    assert_eq!(findings(&flagged).iter().filter(|one| one.0 == DailyHours).count(), 5);
    assert!(findings(&flagged).contains(&(WeeklyHours, Spot::Weekly(Monday, 7 * 60), 65 * 60)));
    assert!(findings(&flagged).contains(&(MeanWeeklyHours, Spot::Weekly(Monday, 7 * 60), 65 * 60)));
    // Seven days a week: the weekly rest lacks, 35 hours for 15.
    let daily = judged("lun-dim 08:00-17:00", "fpt");
    assert_eq!(
        (daily.grade(), findings(&daily)[0].0, findings(&daily)[0].2),
        (Grade::Refuse, WeeklyRest, 15 * 60)
    );
    let always = judged("toujours", "fpt");
    assert_eq!(
        findings(&always)[..2],
        [(DailyRest, Spot::Weekly(Monday, 0), 0), (WeeklyRest, Spot::Weekly(Monday, 0), 0)]
    );
    // Thirty-five hours from Saturday 22:00 to Monday 09:00, one minute less on the other side.
    assert_eq!(judged("lun-ven 09:00-15:00; sam 14:00-22:00", "fpt").grade(), Grade::Fine);
    assert_eq!(judged("lun-ven 09:00-15:00; sam 14:00-22:01", "fpt").grade(), Grade::Refuse);
    // A lone night over the end of the week: Sunday is not cut from Monday.
    assert_eq!(judged("dim 22:00-06:00; jeu 08:00-12:00", "fpt").grade(), Grade::Fine);
    let cut = judged("dim 20:00-09:30; jeu 08:00-12:00", "fpt");
    assert_eq!(findings(&cut)[0], (DailyRest, Spot::Weekly(Weekday::Sunday, 20 * 60), 630));
    assert_eq!(findings(&judged("jeu 00:00-13:01", "fpt"))[0], (DailyRest, Spot::Weekly(Thursday, 0), 659));
}

#[test]
fn eleven_and_a_half_hours_are_enough_for_a_town_and_not_for_a_hospital() {
    let week = "lun-ven 08:00-19:30 ";
    assert_eq!(judged("lun-mar 08:00-20:00", "fph").grade(), Grade::Fine);
    let amplitude = judged(week, "fpt");
    assert_eq!(amplitude.grade(), Grade::Flag, "eleven and a half hours of amplitude are a long day");
    // 12 h 30 from the first to the last minute leave 11 h 30.
    let evening = "lun-ven 08:00-12:00 17:00-20:30";
    assert_eq!(judged(evening, "fpt").grade(), Grade::Flag);
    let hospital = judged(evening, "fph");
    assert_eq!(hospital.grade(), Grade::Refuse);
    assert_eq!(findings(&hospital)[0].2, 690);
}

#[test]
fn a_derogation_takes_what_its_text_allows() {
    // Fourteen hours of amplitude: ten hours of rest.
    let winter = "lun-ven 04:00-09:00 13:00-18:00";
    assert_eq!(judged(winter, "fpt").grade(), Grade::Refuse);
    assert_eq!(judged(winter, "winter-2002-259").grade(), Grade::Flag, "fifty hours a week, as a habit");
    assert_eq!(judged("lun-jeu 04:00-09:00 13:00-18:00", "winter-2002-259").grade(), Grade::Fine);
    assert_eq!(judged("lun-dim 04:00-20:00", "interior-2002-1278").grade(), Grade::Flag);
}

#[test]
fn shifts_are_judged_as_they_lie_one_after_another() {
    let fpt = profile("fpt");
    let night = period("2026-12-01T21:00:00Z", "2026-12-02T05:00:00Z");
    let rested = period("2026-12-02T16:00:00Z", "2026-12-02T20:00:00Z");
    let early = period("2026-12-02T15:59:00Z", "2026-12-02T20:00:00Z");
    assert_eq!(judge_periods(&[rested, night], &fpt).grade(), Grade::Fine);
    let broken = judge_periods(&[early, night], &fpt);
    assert_eq!(broken.grade(), Grade::Refuse);
    let [Finding { spot, found, .. }, ..] = &broken.findings[..] else { panic!() };
    assert_eq!((*spot, *found), (Spot::Instant(night.from), 659));
    assert_eq!(judge_periods(&[], &fpt), Verdict::default());
    let reversed = Period { from: night.until, until: night.from };
    assert_eq!(judge_periods(&[reversed], &fpt), Verdict::default());
    // Twelve nights in a row never rest 35 hours.
    let day = 86_400_000;
    let nights: Vec<Period> = (0..12)
        .map(|number| Period {
            from: Timestamp(night.from.0 + number * day),
            until: Timestamp(night.until.0 + number * day),
        })
        .collect();
    let tired = judge_periods(&nights, &fpt);
    assert_eq!(findings(&tired)[0], (FloorKind::WeeklyRest, Spot::Instant(night.from), 16 * 60));
    assert_eq!(judge_periods(&nights[..6], &fpt).grade(), Grade::Fine);
}

#[test]
fn an_agents_own_hours_are_judged_with_calendar_leave_and_duty_together() {
    let fpt = profile("fpt");
    let mut agent = hours("Europe/Paris", "lun-ven 08:00-17:00");
    let week = period("2026-11-22T23:00:00Z", "2026-11-29T23:00:00Z");
    assert_eq!(judge_agent(&agent, week, &fpt).grade(), Grade::Fine);
    let duty = |from, until| estafette_protocol::hours::DutyPeriod {
        period: period(from, until),
        author: estafette_protocol::AgentNumber(4),
        reason: "Crue".into(),
    };
    agent.duty = vec![duty("2026-11-24T20:30:00Z", "2026-11-24T22:00:00Z")];
    let broken = judge_agent(&agent, week, &fpt);
    assert_eq!(
        findings(&broken)[0],
        (FloorKind::DailyRest, Spot::Instant(at("2026-11-24T07:00:00Z")), 9 * 60)
    );
    agent.leave = vec![period("2026-11-24T23:00:00Z", "2026-11-25T23:00:00Z")];
    assert_ne!(judge_agent(&agent, week, &fpt).grade(), Grade::Fine);
    assert_eq!(judge_agent(&AgentHours::default(), week, &fpt), Verdict::default());
}

/// The second checker. It shares no idea with the first: minutes, and windows over them.
mod windows {
    use super::Week;

    const WEEK: usize = 7 * 1440;

    /// Three equal weeks, minute by minute.
    pub struct Minutes(Vec<bool>);

    impl Minutes {
        pub fn of(week: &Week) -> Self {
            let mut open = vec![false; 3 * WEEK];
            for one in &week.0 {
                let day = one.day as usize * 1440;
                for start in [day, day + WEEK, day + 2 * WEEK] {
                    open[start + usize::from(one.from_minute)..start + usize::from(one.to_minute)].fill(true);
                }
            }
            Self(open)
        }

        /// Whether there is a rest, and each window that begins where one ends holds one again.
        pub fn hold_rests(&self, week: &Week, window: usize, rest: usize) -> bool {
            let mut begins_after_a_rest = week.0.is_empty();
            for one in &week.0 {
                let opening = WEEK + one.day as usize * 1440 + usize::from(one.from_minute);
                if self.0[opening - rest..opening].iter().any(|open| *open) {
                    continue;
                }
                begins_after_a_rest = true;
                if !self.holds_a_rest(opening, window, rest) {
                    return false;
                }
            }
            begins_after_a_rest
        }

        fn holds_a_rest(&self, from: usize, window: usize, rest: usize) -> bool {
            let mut closed = 0;
            for open in &self.0[from..from + window] {
                closed = if *open { 0 } else { closed + 1 };
                if closed == rest {
                    return true;
                }
            }
            false
        }
    }
}

/// A week like those that people make: shifts of some hours on some days, now and then by night.
fn random_week(rng: &mut ChaCha20Rng) -> Week {
    let mut below = |limit: u32| rng.next_u32() % limit;
    let grain = [1, 1, 5, 30][below(4) as usize];
    let worked = 3 + below(5);
    let (usual_from, usual_length) = (below(1440), 240 + below(620));
    let mut intervals = Vec::new();
    for day in Weekday::ALL {
        if below(7) >= worked {
            continue;
        }
        for part in 0..1 + below(2) {
            let from = (usual_from + below(180) + part * (usual_length / 2 + below(300))) / grain * grain;
            let length = (usual_length / (1 + part) + below(120)) / grain * grain + 1;
            let first = (day as u32 + from / 1440) % 7;
            let (from, until) = (from % 1440, from % 1440 + length);
            let minute = |minute: u32| u16::try_from(minute).unwrap();
            let day = Weekday::ALL[first as usize];
            intervals.push(WeeklyInterval::new(day, minute(from), minute(until.min(1440))));
            if until > 1440 {
                intervals.push(WeeklyInterval::new(day.next(), 0, minute(until - 1440)));
            }
        }
    }
    Week(intervals)
}

#[test]
fn a_hundred_thousand_weeks_are_accepted_exactly_when_each_window_holds_its_rest() {
    #[expect(clippy::disallowed_methods, reason = "whoever looks for a failure chooses the seed")]
    let seed: u64 =
        std::env::var("FLOORS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_123);
    println!("FLOORS_SEED={seed}");
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let profiles = [(profile("fpt"), 11, 35), (profile("fph"), 12, 36), (profile("winter-2002-259"), 9, 35)];
    let [mut accepted, mut without_daily, mut without_weekly] = [0, 0, 0];
    for number in 0..100_000 {
        let week = random_week(&mut rng);
        let (profile, daily, weekly) = &profiles[number % 3];
        let verdict = judge_week(&week, profile);
        let found = |kind| verdict.findings.iter().any(|finding| finding.floor.kind == kind);
        let minutes = windows::Minutes::of(&week);
        let expected = [(24, daily), (7 * 24, weekly)]
            .map(|(window, rest)| minutes.hold_rests(&week, window * 60, rest * 60));
        let judged = [!found(FloorKind::DailyRest), !found(FloorKind::WeeklyRest)];
        assert_eq!(judged, expected, "seed {seed}, week {number}: {week}");
        assert_eq!(
            verdict.grade() != Grade::Refuse,
            expected == [true, true],
            "seed {seed}, week {number}: {week}"
        );
        accepted += u32::from(expected == [true, true]);
        without_daily += u32::from(!expected[0]);
        without_weekly += u32::from(!expected[1]);
    }
    println!("accepted {accepted}, without daily rest {without_daily}, without weekly rest {without_weekly}");
    // Else the weeks are drawn badly, and the comparison says nothing.
    for count in [accepted, without_daily, without_weekly] {
        assert!((10_000..90_000).contains(&count), "{accepted} {without_daily} {without_weekly}");
    }
}
