//! What an intervention by night does to the next opening.

use std::time::Duration;

use estafette_protocol::AgentNumber;
use estafette_protocol::hours::{
    AgentHours, HoursError, HoursState, Period, Reach, RestAfter, ShiftedOpening, shifted_opening,
};

use crate::{at, hours, period};

const ELEVEN: Duration = Duration::from_hours(11);

fn office() -> AgentHours {
    hours("Europe/Paris", "lun-ven 08:00-17:00")
}

/// In winter the clocks of Paris are one hour ahead.
fn shift(from: &str, until: &str) -> Option<ShiftedOpening> {
    shifted_opening(&office(), period(from, until), ELEVEN)
}

#[test]
fn after_a_call_from_two_to_half_past_three_hours_open_at_half_past_two_and_say_why() {
    let intervention = period("2026-11-24T01:00:00Z", "2026-11-24T02:30:00Z");
    let shifted = shifted_opening(&office(), intervention, ELEVEN).unwrap();
    assert_eq!(shifted.planned, at("2026-11-24T07:00:00Z"));
    assert_eq!(shifted.opens_at, Some(at("2026-11-24T13:30:00Z")));
    let stated = shifted.stated(intervention, AgentNumber(4));
    assert_eq!(
        (stated.intervention, stated.rest),
        (intervention, period("2026-11-24T02:30:00Z", "2026-11-24T13:30:00Z"))
    );
    let mut agent = office();
    agent.rests.push(stated);
    assert_eq!(agent.validate(), Ok(()));
    assert_eq!(
        agent.state(at("2026-11-24T03:00:00Z"), Reach::Duty),
        HoursState::Closed { reopens_at: Some(at("2026-11-24T13:30:00Z")) }
    );
    assert!(!agent.is_open(at("2026-11-24T13:29:59.999Z"), Reach::Duty));
    assert!(agent.is_open(at("2026-11-24T13:30:00Z"), Reach::Duty));
}

#[test]
fn a_rest_that_is_whole_before_or_after_shifts_nothing() {
    // Done at 21:00: eleven hours until 08:00, to the minute.
    assert_eq!(shift("2026-11-23T19:00:00Z", "2026-11-23T20:00:00Z"), None);
    assert_eq!(
        shift("2026-11-23T19:00:00Z", "2026-11-23T20:01:00Z").unwrap().opens_at,
        Some(at("2026-11-24T07:01:00Z"))
    );
    // Called at 04:00 after eleven hours: the day from 04:00 to 17:00 leaves eleven hours again.
    assert_eq!(shift("2026-11-24T03:00:00Z", "2026-11-24T04:00:00Z"), None);
    assert_eq!(
        shift("2026-11-24T02:59:00Z", "2026-11-24T04:00:00Z").unwrap().opens_at,
        Some(at("2026-11-24T15:00:00Z"))
    );
    // By Saturday night the rest until Monday is long enough.
    assert_eq!(shift("2026-11-28T22:00:00Z", "2026-11-29T02:00:00Z"), None);
}

#[test]
fn whole_rest_before_does_not_excuse_a_day_without_end() {
    let long = hours("Europe/Paris", "lun-ven 08:00-20:00");
    // Twelve hours from 20:00 to 08:00; called at 07:01 is the thirteenth hour less a minute: 07:01 to 20:00.
    assert_eq!(shifted_opening(&long, period("2026-11-24T06:01:00Z", "2026-11-24T06:30:00Z"), ELEVEN), None);
    // Whole before, but 06:59 to 20:00 leaves less than eleven hours of the twenty-four.
    let early = shifted_opening(
        &hours("Europe/Paris", "lun-ven 08:00-19:30"),
        period("2026-11-24T05:29:00Z", "2026-11-24T06:00:00Z"),
        ELEVEN,
    );
    assert_eq!(early.unwrap().opens_at, Some(at("2026-11-24T17:00:00Z")));
}

#[test]
fn both_halves_are_needed_a_rest_before_and_a_day_that_ends_in_time() {
    let opens = |week: &str, from: &str, until: &str| {
        let hours = hours("Europe/Paris", week);
        shifted_opening(&hours, period(from, until), ELEVEN).map(|shifted| shifted.opens_at)
    };
    // Monday at 05:00, after the whole weekend: until 21:00 the day is too long, and the rest comes first.
    let [from, until] = ["2026-11-23T04:00:00Z", "2026-11-23T05:00:00Z"];
    assert_eq!(opens("lun-ven 08:00-21:00", from, until), Some(Some(at("2026-11-23T16:00:00Z"))));
    assert_eq!(opens("lun-ven 08:00-18:00", from, until), None, "thirteen hours, eleven of rest");
    assert_eq!(opens("lun-ven 08:00-18:01", from, until), Some(Some(at("2026-11-23T16:00:00Z"))));
    // Eleven hours to the minute, then another opening: the day has ended at four.
    assert_eq!(opens("lun 08:00-16:00; mar 03:00-20:00", from, until), None);
    // Ten hours before, and a day that ends at noon.
    let [from, until] = ["2026-11-24T02:00:00Z", "2026-11-24T03:00:00Z"];
    assert_eq!(
        opens("lun 08:00-17:00; mar 08:00-12:00", from, until),
        Some(Some(at("2026-11-30T07:00:00Z")))
    );
    // Eleven hours before nothing was open, then the day's work was.
    let [from, until] = ["2026-11-24T16:30:00Z", "2026-11-24T17:00:00Z"];
    assert_eq!(opens("mar 08:00-17:00 19:00-20:00", from, until), Some(Some(at("2026-12-01T07:00:00Z"))));
}

#[test]
fn an_intervention_that_runs_into_the_hours_may_cost_the_whole_day() {
    let shifted = shift("2026-11-24T01:00:00Z", "2026-11-24T07:30:00Z").unwrap();
    assert_eq!(shifted.planned, at("2026-11-24T07:30:00Z"));
    assert_eq!(shifted.opens_at, Some(at("2026-11-25T07:00:00Z")));
}

#[test]
fn the_rest_of_a_hospital_is_an_hour_longer() {
    let intervention = period("2026-11-24T01:00:00Z", "2026-11-24T02:30:00Z");
    let shifted = shifted_opening(&office(), intervention, Duration::from_hours(12)).unwrap();
    assert_eq!(shifted.opens_at, Some(at("2026-11-24T14:30:00Z")));
}

#[test]
fn without_any_hours_nothing_is_shifted_and_a_rest_that_does_not_follow_is_refused() {
    let intervention = period("2026-11-24T01:00:00Z", "2026-11-24T02:30:00Z");
    assert_eq!(shifted_opening(&AgentHours::default(), intervention, ELEVEN), None);
    let after = |from, until| RestAfter { rest: period(from, until), intervention, author: AgentNumber(4) };
    assert_eq!(after("2026-11-24T02:30:00Z", "2026-11-26T02:30:00Z").validate(), Ok(()));
    for bad in [
        after("2026-11-24T02:31:00Z", "2026-11-24T13:30:00Z"),
        after("2026-11-24T02:30:00Z", "2026-11-26T02:30:00.001Z"),
    ] {
        assert_eq!(bad.validate(), Err(HoursError::BadRest));
    }
    let empty = RestAfter {
        intervention: Period { from: intervention.until, ..intervention },
        ..after("2026-11-24T02:30:00Z", "2026-11-24T13:30:00Z")
    };
    assert_eq!(empty.validate(), Err(HoursError::EmptyPeriod));
}
