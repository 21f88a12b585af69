//! One agent: what opens, what closes, and which of them wins.

use estafette_protocol::hours::{
    AgentHours, Calendar, DutyPeriod, HORIZON, HoursError, HoursState, LegalBasis, Override, Period, Reach,
    RestAfter, Week,
};
use estafette_protocol::{AgentNumber, Timestamp};

use crate::{at, calendar, hours, period};

fn duty(from: &str, until: &str) -> DutyPeriod {
    DutyPeriod { period: period(from, until), author: AgentNumber(4), reason: "Crue de la Loire".into() }
}

fn derogation(from: &str, until: &str) -> Override {
    Override {
        period: period(from, until),
        basis: LegalBasis::EXCEPTIONAL_CIRCUMSTANCES,
        author: AgentNumber(1),
        reason: "Tempête".into(),
    }
}

/// A rest, after an intervention of an hour.
fn rest(from: &str, until: &str) -> RestAfter {
    let rest = period(from, until);
    let intervention = Period { from: Timestamp(rest.from.0 - 3_600_000), until: rest.from };
    RestAfter { rest, intervention, author: AgentNumber(4) }
}

fn closed_until(instant: &str) -> HoursState {
    HoursState::Closed { reopens_at: Some(at(instant)) }
}

fn office() -> AgentHours {
    hours("Europe/Paris", "lun-ven 08:00-17:00")
}

#[test]
fn leave_lasts_from_its_first_instant_to_the_last_before_its_end() {
    let mut agent = office();
    let [from, until] = ["2026-11-24T00:00:00Z", "2026-11-26T00:00:00Z"];
    assert!(!agent.is_on_leave(at(from)));
    agent.leave.push(period(from, until));
    assert!(agent.is_on_leave(at(from)) && agent.is_on_leave(Timestamp(at(until).0 - 1)));
    assert!(!agent.is_on_leave(Timestamp(at(from).0 - 1)) && !agent.is_on_leave(at(until)));
}

#[test]
fn each_thing_that_is_wrong_with_hours_has_its_word() {
    let words = [
        (HoursError::TooMany { list: "leaves", count: 2, limit: 1 }, "too_many"),
        (HoursError::BadInterval { index: 0 }, "bad_interval"),
        (HoursError::BadHoliday { index: 0 }, "bad_holiday"),
        (HoursError::EmptyPeriod, "empty_period"),
        (HoursError::BadReason, "bad_reason"),
        (HoursError::ZoneTooLong, "zone_too_long"),
        (HoursError::BasisMissing, "basis_missing"),
        (HoursError::OverrideTooLong, "override_too_long"),
        (HoursError::BadRest, "bad_rest"),
        (HoursError::BadTurn { index: 0 }, "bad_turn"),
        (HoursError::Overlap { index: 0 }, "overlap"),
        (HoursError::BadProfile, "bad_profile"),
        (HoursError::UnknownPlace, "unknown_place"),
        (HoursError::UnknownZone, "unknown_zone"),
    ];
    for (error, word) in words {
        assert_eq!(error.word(), word);
    }
}

#[test]
fn an_evening_is_closed_until_eight_and_a_friday_until_monday() {
    let agent = office();
    assert_eq!(agent.state(at("2026-11-23T15:59:59.999Z"), Reach::Duty), HoursState::Open);
    assert_eq!(agent.state(at("2026-11-23T16:00:00Z"), Reach::Duty), closed_until("2026-11-24T07:00:00Z"));
    assert_eq!(
        agent.state(at("2026-11-24T06:59:59.999Z"), Reach::Duty),
        closed_until("2026-11-24T07:00:00Z")
    );
    assert_eq!(agent.state(at("2026-11-20T18:00:00Z"), Reach::Duty), closed_until("2026-11-23T07:00:00Z"));
}

#[test]
fn the_timer_is_given_the_closing_and_then_the_opening() {
    let agent = office();
    assert_eq!(agent.next_change(at("2026-11-23T09:00:00Z"), Reach::Duty), Some(at("2026-11-23T16:00:00Z")));
    assert_eq!(agent.next_change(at("2026-11-23T16:00:00Z"), Reach::Duty), Some(at("2026-11-24T07:00:00Z")));
}

#[test]
fn on_call_lets_through_what_is_meant_for_those_on_call_and_nothing_else() {
    let mut agent = office();
    agent.on_call = vec![period("2026-11-23T18:00:00Z", "2026-11-23T22:00:00Z")];
    let night = at("2026-11-23T20:00:00Z");
    assert_eq!(agent.state(night, Reach::OnCall), HoursState::Open);
    assert_eq!(agent.state(night, Reach::Duty), closed_until("2026-11-24T07:00:00Z"));
    assert_eq!(agent.state(at("2026-11-23T17:00:00Z"), Reach::OnCall), closed_until("2026-11-23T18:00:00Z"));
    assert_eq!(agent.next_change(night, Reach::OnCall), Some(at("2026-11-23T22:00:00Z")));
    assert_eq!(agent.next_change(night, Reach::Duty), Some(at("2026-11-24T07:00:00Z")));
    assert_eq!(agent.state(at("2026-11-24T09:00:00Z"), Reach::OnCall), HoursState::Open);
}

#[test]
fn an_urgent_entry_does_not_reach_who_is_neither_on_duty_nor_on_call() {
    use estafette_protocol::entry::Urgency;
    assert_eq!(
        [Urgency::Normal, Urgency::OnCall, Urgency::Emergency].map(Reach::from),
        [Reach::Duty, Reach::OnCall, Reach::OnCall]
    );
    let agent = office();
    assert_eq!(
        agent.state(at("2026-11-23T20:00:00Z"), Urgency::Emergency.into()),
        closed_until("2026-11-24T07:00:00Z")
    );
}

#[test]
fn leave_closes_the_calendars_and_the_rota() {
    let mut agent = office();
    agent.leave = vec![period("2026-11-22T23:00:00Z", "2026-11-25T23:00:00Z")];
    agent.on_call = vec![period("2026-11-23T18:00:00Z", "2026-11-23T22:00:00Z")];
    for reach in [Reach::Duty, Reach::OnCall] {
        assert_eq!(agent.state(at("2026-11-23T09:00:00Z"), reach), closed_until("2026-11-26T07:00:00Z"));
        assert_eq!(agent.state(at("2026-11-23T20:00:00Z"), reach), closed_until("2026-11-26T07:00:00Z"));
    }
}

#[test]
fn a_long_leave_across_three_changes_of_time_reopens_at_the_new_eight_o_clock() {
    let mut agent = office();
    agent.leave = vec![period("2026-02-02T23:00:00Z", "2027-03-26T23:00:00Z")]; // Clocks change on the 28th.
    assert_eq!(agent.state(at("2026-08-03T09:00:00Z"), Reach::Duty), closed_until("2027-03-29T06:00:00Z"));
}

#[test]
fn leave_that_begins_and_ends_during_hours_cuts_them_there() {
    let mut agent = office();
    agent.leave = vec![period("2026-11-23T11:00:00Z", "2026-11-24T11:00:00Z")];
    assert_eq!(agent.next_change(at("2026-11-23T09:00:00Z"), Reach::Duty), Some(at("2026-11-23T11:00:00Z")));
    assert_eq!(agent.state(at("2026-11-23T11:00:00Z"), Reach::Duty), closed_until("2026-11-24T11:00:00Z"));
    assert_eq!(agent.state(at("2026-11-24T11:00:00Z"), Reach::Duty), HoursState::Open);
}

#[test]
fn a_holiday_does_not_close_the_rota() {
    let mut agent = office();
    agent.calendars[0].holidays = vec!["2026-12-25".parse().unwrap()];
    agent.on_call = vec![period("2026-12-25T06:00:00Z", "2026-12-25T20:00:00Z")];
    let noon = at("2026-12-25T11:00:00Z");
    assert_eq!(agent.state(noon, Reach::OnCall), HoursState::Open);
    assert_eq!(agent.state(noon, Reach::Duty), closed_until("2026-12-28T07:00:00Z"));
}

#[test]
fn a_duty_period_wins_over_evening_holiday_and_leave() {
    let mut agent = office();
    agent.calendars[0].holidays = vec!["2026-11-24".parse().unwrap()];
    agent.leave = vec![period("2026-11-22T23:00:00Z", "2026-11-29T23:00:00Z")];
    agent.duty = vec![duty("2026-11-24T19:00:00Z", "2026-11-24T21:30:00Z")];
    assert_eq!(agent.state(at("2026-11-23T09:00:00Z"), Reach::Duty), closed_until("2026-11-24T19:00:00Z"));
    assert_eq!(agent.state(at("2026-11-24T19:00:00Z"), Reach::Duty), HoursState::Open);
    assert_eq!(agent.next_change(at("2026-11-24T19:00:00Z"), Reach::Duty), Some(at("2026-11-24T21:30:00Z")));
    assert_eq!(agent.state(at("2026-11-24T21:30:00Z"), Reach::Duty), closed_until("2026-11-30T07:00:00Z"));
}

#[test]
fn an_override_opens_what_is_closed_and_closes_by_itself_at_its_end() {
    let mut agent = office();
    agent.overrides = vec![derogation("2026-11-23T20:00:00Z", "2026-11-23T23:00:00Z")];
    assert_eq!(
        agent.state(at("2026-11-23T19:59:59.999Z"), Reach::Duty),
        closed_until("2026-11-23T20:00:00Z")
    );
    assert_eq!(agent.state(at("2026-11-23T22:59:59.999Z"), Reach::Duty), HoursState::Open);
    assert_eq!(agent.state(at("2026-11-23T23:00:00Z"), Reach::Duty), closed_until("2026-11-24T07:00:00Z"));
}

#[test]
fn duty_that_goes_on_into_the_hours_is_one_opening() {
    let mut agent = office();
    agent.duty = vec![
        duty("2026-11-24T05:00:00Z", "2026-11-24T06:00:00Z"),
        duty("2026-11-24T06:00:00Z", "2026-11-24T07:30:00Z"),
        duty("2026-11-24T16:00:00Z", "2026-11-24T17:00:00Z"),
    ];
    assert_eq!(agent.next_change(at("2026-11-24T05:30:00Z"), Reach::Duty), Some(at("2026-11-24T17:00:00Z")));
}

#[test]
fn an_agent_is_open_when_any_calendar_is() {
    let mut agent = office();
    agent.calendars.push(calendar("Indian/Reunion", "lun-ven 08:00-17:00")); // 05:00 to 14:00 in Paris, in winter
    assert_eq!(agent.state(at("2026-11-23T03:00:00Z"), Reach::Duty), closed_until("2026-11-23T04:00:00Z"));
    assert_eq!(agent.next_change(at("2026-11-23T04:00:00Z"), Reach::Duty), Some(at("2026-11-23T16:00:00Z")));
}

#[test]
fn who_has_no_hours_is_closed_without_end() {
    let never = HoursState::Closed { reopens_at: None };
    let now = at("2026-11-23T09:00:00Z");
    assert_eq!(AgentHours::default().state(now, Reach::Duty), never);
    assert_eq!(AgentHours::of(Calendar::always_open("Mars/Olympus")).state(now, Reach::Duty), never);
    assert_eq!(
        AgentHours::of(Calendar::weekly("Europe/Paris", Week::default())).state(now, Reach::Duty),
        never
    );
}

#[test]
fn an_unknown_zone_does_not_close_the_other_calendar() {
    let mut agent = office();
    agent.calendars.insert(0, Calendar::always_open("Mars/Olympus"));
    assert_eq!(agent.state(at("2026-11-23T16:00:00Z"), Reach::Duty), closed_until("2026-11-24T07:00:00Z"));
}

#[test]
fn a_reopening_beyond_the_horizon_is_not_promised() {
    let now = at("2026-11-23T09:00:00Z");
    let mut agent = AgentHours::of(Calendar::always_open("Europe/Paris"));
    agent.leave = vec![Period { from: now, until: now.after(HORIZON) }];
    assert_eq!(agent.state(now, Reach::Duty), HoursState::Closed { reopens_at: Some(now.after(HORIZON)) });
    agent.leave[0].until.0 += 1;
    assert_eq!(agent.state(now, Reach::Duty), HoursState::Closed { reopens_at: None });
}

#[test]
fn a_rest_closes_the_calendar_and_neither_the_rota_nor_an_order() {
    let mut agent = office();
    agent.rests = vec![rest("2026-11-24T02:30:00Z", "2026-11-24T13:30:00Z")];
    let morning = at("2026-11-24T09:00:00Z");
    assert_eq!(agent.state(morning, Reach::Duty), closed_until("2026-11-24T13:30:00Z"));
    assert_eq!(agent.state(at("2026-11-24T13:30:00Z"), Reach::Duty), HoursState::Open);
    agent.on_call = vec![period("2026-11-24T08:00:00Z", "2026-11-24T10:00:00Z")];
    assert_eq!(agent.state(morning, Reach::OnCall), HoursState::Open);
    assert_eq!(agent.next_change(morning, Reach::OnCall), Some(at("2026-11-24T10:00:00Z")));
    agent.overrides = vec![derogation("2026-11-24T09:00:00Z", "2026-11-24T11:00:00Z")];
    assert_eq!(agent.state(morning, Reach::Duty), HoursState::Open);
    assert_eq!(agent.state(at("2026-11-24T11:00:00Z"), Reach::Duty), closed_until("2026-11-24T13:30:00Z"));
}

#[test]
fn an_override_has_one_basis_a_reason_and_an_end_within_a_day() {
    let whole = derogation("2026-11-23T18:00:00Z", "2026-11-24T18:00:00Z");
    assert_eq!(whole.validate(), Ok(()));
    let longer = derogation("2026-11-23T18:00:00Z", "2026-11-24T18:00:00.001Z");
    assert_eq!(longer.validate(), Err(HoursError::OverrideTooLong));
    let endless = Override { period: Period { until: Timestamp::MAX, ..whole.period }, ..whole.clone() };
    assert_eq!(endless.validate(), Err(HoursError::OverrideTooLong));
    let baseless = Override { basis: LegalBasis::NONE, ..whole };
    assert_eq!(baseless.validate(), Err(HoursError::BasisMissing));
    // The next one begins where the first ends: one opening, two decisions.
    let mut agent = office();
    agent.overrides = vec![
        derogation("2026-11-27T18:00:00Z", "2026-11-28T18:00:00Z"),
        derogation("2026-11-28T18:00:00Z", "2026-11-29T18:00:00Z"),
    ];
    assert_eq!(agent.validate(), Ok(()));
    assert_eq!(agent.next_change(at("2026-11-27T18:00:00Z"), Reach::Duty), Some(at("2026-11-29T18:00:00Z")));
}

#[test]
fn a_reversed_period_holds_nothing_and_is_refused() {
    let reversed = period("2026-11-23T10:00:00Z", "2026-11-23T08:00:00Z");
    let empty = period("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z");
    for bad in [reversed, empty] {
        let mut agent = office();
        let untouched = agent.next_change(at("2026-11-23T07:30:00Z"), Reach::OnCall);
        agent.leave = vec![bad];
        assert_eq!(agent.validate(), Err(HoursError::EmptyPeriod));
        agent.on_call = agent.leave.split_off(0);
        assert_eq!(agent.validate(), Err(HoursError::EmptyPeriod));
        agent.duty = vec![DutyPeriod { period: bad, ..duty("2026-11-23T08:00:00Z", "2026-11-23T09:00:00Z") }];
        assert_eq!(agent.next_change(at("2026-11-23T07:30:00Z"), Reach::OnCall), untouched);
    }
}

#[test]
fn a_reason_is_asked_and_limited() {
    let mut agent = office();
    agent.duty = vec![duty("2026-11-23T18:00:00Z", "2026-11-23T19:00:00Z")];
    agent.overrides = vec![derogation("2026-11-23T18:00:00Z", "2026-11-23T19:00:00Z")];
    agent.duty[0].reason = "é".repeat(200);
    assert_eq!(agent.validate(), Ok(()));
    for reason in [String::new(), " \u{a0}\n".into(), "é".repeat(201)] {
        let mut bad = agent.clone();
        bad.duty[0].reason.clone_from(&reason);
        assert_eq!(bad.validate(), Err(HoursError::BadReason));
        let mut bad = agent.clone();
        bad.overrides[0].reason = reason;
        assert_eq!(bad.validate(), Err(HoursError::BadReason));
    }
}

#[test]
fn every_list_of_an_agent_is_refused_one_past_its_limit() {
    let one = period("2026-11-23T18:00:00Z", "2026-11-23T19:00:00Z");
    let refused = |list, count, limit| Err(HoursError::TooMany { list, count, limit });
    let mut agent = AgentHours {
        calendars: vec![calendar("Europe/Paris", "lun 08:00-09:00"); 8],
        leave: vec![one; 1024],
        duty: vec![duty("2026-11-23T18:00:00Z", "2026-11-23T19:00:00Z"); 1024],
        on_call: vec![one; 1024],
        overrides: vec![derogation("2026-11-23T18:00:00Z", "2026-11-23T19:00:00Z"); 1024],
        rests: vec![rest("2026-11-23T18:00:00Z", "2026-11-23T19:00:00Z"); 1024],
        prolonged: vec![one; 1024],
    };
    assert_eq!(agent.validate(), Ok(()));
    agent.prolonged.push(one);
    assert_eq!(agent.validate(), refused("prolongations", 1025, 1024));
    agent.rests.push(agent.rests[0]);
    assert_eq!(agent.validate(), refused("rests", 1025, 1024));
    agent.overrides.push(agent.overrides[0].clone());
    assert_eq!(agent.validate(), refused("overrides", 1025, 1024));
    agent.on_call.push(one);
    assert_eq!(agent.validate(), refused("turns on call", 1025, 1024));
    agent.duty.push(agent.duty[0].clone());
    assert_eq!(agent.validate(), refused("duty periods", 1025, 1024));
    agent.leave.push(one);
    assert_eq!(agent.validate(), refused("leaves", 1025, 1024));
    agent.calendars.push(agent.calendars[0].clone());
    assert_eq!(agent.validate(), refused("calendars", 9, 8));
}

#[test]
fn an_unknown_zone_is_reported_only_when_all_else_is_in_order() {
    let mut agent = AgentHours::of(Calendar::always_open("Mars/Olympus"));
    assert_eq!(agent.validate(), Err(HoursError::UnknownZone));
    agent.calendars.push(calendar("Europe/Paris", "lun 08:00-09:00"));
    agent.calendars[1].week.0[0].to_minute = 0;
    assert_eq!(agent.validate(), Err(HoursError::BadInterval { index: 0 }));
}
