//! Any hours at any instant: the answers are those of the oracle, to the millisecond.

use std::time::Duration;

use estafette_protocol::hours::{
    AgentHours, Calendar, Date, DutyPeriod, HORIZON, HoursState, LegalBasis, OVERRIDE, Override, Period,
    Reach, RestAfter, Week, Weekday, WeeklyInterval,
};
use estafette_protocol::{AgentNumber, Timestamp};
use proptest::prelude::*;

use crate::oracle;

const MINUTE: u64 = 60_000;
const DAY: u64 = 1440 * MINUTE;
/// 2026-01-01T00:00Z and ten years later, in minutes.
const YEARS: std::ops::Range<u64> = 29_453_760..34_712_640;

/// Instants of ten years, often close to a change of time.
pub fn instant() -> impl Strategy<Value = Timestamp> {
    let changes = prop::sample::select(vec![
        1_774_746_000_000u64, // Paris, 2026-03-29T01:00Z
        1_792_890_000_000,    // Paris, 2026-10-25T01:00Z
        1_772_946_000_000,    // Miquelon, 2026-03-08T05:00Z
        1_793_505_600_000,    // Miquelon, 2026-11-01T04:00Z
    ]);
    prop_oneof![
        (YEARS, 0..MINUTE).prop_map(|(minute, more)| Timestamp(minute * MINUTE + more)),
        (changes, 0..6 * DAY).prop_map(|(change, more)| Timestamp(change - 3 * DAY + more)),
    ]
}

fn week() -> impl Strategy<Value = Week> {
    let minute = prop_oneof![0..1440u16, (0..24u16).prop_map(|hour| hour * 60), 60..240u16];
    let interval = (0..7usize, minute.clone(), minute).prop_filter_map("empty", |(day, one, other)| {
        let (from, to) = (one.min(other), one.max(other));
        (from < to).then(|| WeeklyInterval::new(Weekday::ALL[day], from, to))
    });
    prop_oneof![
        6 => prop::collection::vec(interval.clone(), 1..10).prop_map(Week),
        2 => prop::collection::vec(interval, 1..10).prop_map(Week::new),
        1 => Just(Week::always()),
        1 => Just(Week::default()),
    ]
}

/// A calendar with holidays around a day.
fn calendar(near: Timestamp) -> impl Strategy<Value = Calendar> {
    let today = (near.0 / DAY) as i32;
    let holidays = prop::collection::vec((today - 3..today + 12).prop_map(Date::from_days), 0..4);
    (prop::sample::select(&oracle::ZONES[..]), week(), holidays)
        .prop_map(|(zone, week, holidays)| Calendar { holidays, ..Calendar::weekly(zone, week) })
}

/// Periods on whole minutes around an instant, from minutes to a month, now and then years.
fn periods(near: Timestamp) -> impl Strategy<Value = Vec<Period>> {
    let begin = near.0 / MINUTE - 3000..near.0 / MINUTE + 9000;
    let length = prop_oneof![6 => 1..600u64, 3 => 1..43_200u64, 1 => 400_000..900_000u64];
    let period = (begin, length).prop_map(|(from, length)| Period {
        from: Timestamp(from * MINUTE),
        until: Timestamp((from + length) * MINUTE),
    });
    prop_oneof![2 => Just(Vec::new()), 3 => prop::collection::vec(period, 1..4)]
}

/// An instant, and hours that have something to say around it.
fn situation() -> impl Strategy<Value = (Timestamp, AgentHours)> {
    instant().prop_flat_map(|now| {
        let calendars = prop::collection::vec(calendar(now), 0..3);
        (calendars, periods(now), periods(now), periods(now), periods(now), periods(now)).prop_map(
            move |(calendars, leave, duty, on_call, overrides, rests)| {
                let duty = duty.into_iter().map(|period| DutyPeriod {
                    period,
                    author: AgentNumber(7),
                    reason: "renfort".into(),
                });
                let at_most = |period: Period, length| Period {
                    until: period.until.min(period.from.after(length)),
                    ..period
                };
                let overrides = overrides.into_iter().map(|period| Override {
                    period: at_most(period, OVERRIDE),
                    basis: LegalBasis::PERMANENT_PROTECTION,
                    author: AgentNumber(8),
                    reason: "inondation".into(),
                });
                let rests = rests.into_iter().map(|period| RestAfter {
                    rest: at_most(period, Duration::from_hours(48)),
                    intervention: Period { from: Timestamp(0), until: period.from },
                    author: AgentNumber(9),
                });
                let (duty, overrides, rests) = (duty.collect(), overrides.collect(), rests.collect());
                (now, AgentHours { calendars, leave, duty, on_call, overrides, rests, prolonged: Vec::new() })
            },
        )
    })
}

/// Valid hours of any kind.
pub fn agent() -> impl Strategy<Value = AgentHours> {
    situation().prop_map(|(_, agent)| agent)
}

fn reach() -> impl Strategy<Value = Reach> {
    prop::sample::select(vec![Reach::Duty, Reach::OnCall])
}

fn minute_of(at: Timestamp) -> i64 {
    (at.0 / MINUTE) as i64
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_hours_are_valid((_, agent) in situation()) {
        prop_assert_eq!(agent.validate(), Ok(()));
    }

    #[test]
    fn the_gate_agrees_with_the_oracle((now, agent) in situation(), reach in reach()) {
        for step in 0..600u64 {
            let later = now.after(Duration::from_millis(step * 17 * MINUTE + step * 1_009));
            prop_assert_eq!(
                agent.is_open(later, reach),
                oracle::is_open(&agent, minute_of(later), reach),
                "at {}", later
            );
        }
    }

    #[test]
    fn the_next_change_is_the_one_that_a_scan_of_every_minute_finds((now, agent) in situation(), reach in reach()) {
        let horizon = (HORIZON.as_secs() / 60) as i64;
        let scanned = oracle::next_change(&agent, minute_of(now), reach, horizon);
        let scanned = scanned.map(|minute| Timestamp(minute as u64 * MINUTE));
        prop_assert_eq!(agent.next_change(now, reach), scanned);
    }

    #[test]
    fn who_is_closed_reopens_at_an_open_instant_after_a_closed_one((now, agent) in situation(), reach in reach()) {
        match agent.state(now, reach) {
            HoursState::Open => prop_assert!(agent.is_open(now, reach)),
            HoursState::Closed { reopens_at: None } => prop_assert!(!agent.is_open(now, reach)),
            HoursState::Closed { reopens_at: Some(reopening) } => {
                prop_assert!(!agent.is_open(now, reach));
                prop_assert!(now < reopening && reopening <= now.after(HORIZON));
                prop_assert!(agent.is_open(reopening, reach));
                prop_assert!(!agent.is_open(Timestamp(reopening.0 - 1), reach));
            }
        }
    }

    #[test]
    fn who_is_open_for_duty_is_open_for_those_on_call((now, agent) in situation()) {
        prop_assert!(!agent.is_open(now, Reach::Duty) || agent.is_open(now, Reach::OnCall));
    }
}
