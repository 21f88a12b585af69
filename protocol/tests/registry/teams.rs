//! What whoever leads a team may know of its people's presence.

use std::time::Duration;

use estafette_protocol::registry::{MISSED_AFTER, Presence};

use super::*;

const DAY: Duration = Duration::from_hours(24);
const HOUR: Duration = Duration::from_hours(1);
/// Monday, 2 November 2026, 00:00 UTC.
const MONDAY: Timestamp = Timestamp(1_793_577_600_000);
const AMINE: AgentNumber = AgentNumber(2);

fn at(day: u32, hour: u32) -> Timestamp {
    MONDAY.after(DAY * day + HOUR * hour)
}

fn just_before(at: Timestamp) -> Timestamp {
    Timestamp(at.0 - 1)
}

fn leave(from: Timestamp, until: Timestamp) -> Act {
    Act::GrantLeave { agent: AMINE, period: Period { from, until } }
}

/// Agent 2 in team 1, working from Monday to Friday between 08:00 and 17:00 UTC.
fn here() -> Organisation {
    let mut here = Organisation::founded();
    let week = "lun-ven 08:00-17:00".parse().unwrap();
    let calendar = Calendar::weekly("UTC", week);
    let scope = HoursScope::Organisation;
    here.says(1, vec![team(50), Act::SetCalendar { scope, calendar }]).unwrap();
    here.says(1, vec![Act::Certify(certificate(2, 2)), admit(50, 2)]).unwrap();
    here
}

/// The first instant of duty at which a device is missed that was last here on a day.
fn missed_from(here: &Organisation, day: u32) -> Timestamp {
    let quarters = (0..20 * 24 * 4).map(|quarter| at(day, 0).after(Duration::from_mins(15 * quarter)));
    let mut missed = quarters.filter(|now| here.registry.is_missed(AMINE, at(day, 0), *now));
    missed.next().unwrap()
}

#[test]
fn a_device_is_missed_after_three_whole_days_that_begin_with_work() {
    let here = here();
    // Monday's contact: work begins on Tuesday at 08:00.
    assert_eq!(missed_from(&here, 0), at(4, 8));
    assert!(!here.registry.is_missed(AMINE, at(0, 0), just_before(at(4, 8))));
    // From Friday to Monday nobody was at work: the week's first morning begins the silence.
    assert_eq!(missed_from(&here, 4), at(10, 8));
    assert!(!here.registry.is_missed(AMINE, at(4, 0), at(7, 16)), "on Monday");
    assert!(!here.registry.is_missed(AMINE, at(4, 0), at(9, 16)), "on Wednesday");
    assert_eq!(missed_from(&here, 6), at(10, 8), "at home, a Sunday, tells nothing else");
    assert_eq!(MISSED_AFTER, DAY * 3);
}

#[test]
fn nobody_off_duty_or_on_leave_is_missed() {
    let mut here = here();
    let long_ago = at(0, 0);
    for (now, missed) in [
        (at(14, 8), true),
        (just_before(at(14, 8)), false),
        (just_before(at(14, 17)), true),
        (at(14, 17), false),
        (at(19, 12), false),
    ] {
        assert_eq!(here.registry.is_missed(AMINE, long_ago, now), missed, "{now}");
    }
    here.says(1, vec![leave(at(14, 0), at(16, 0))]).unwrap();
    assert!(!here.registry.is_missed(AMINE, long_ago, at(14, 8)));
    assert!(!here.registry.is_missed(AMINE, long_ago, at(16, 8)), "back, with a phone switched off at home");
    assert!(!here.registry.is_missed(AMINE, long_ago, at(18, 16)));
    assert!(here.registry.is_missed(AMINE, long_ago, at(21, 8)), "three days after the return");
}

#[test]
fn without_hours_somebody_is_at_work_at_all_times_but_for_leave() {
    let mut here = Organisation::founded();
    here.says(1, vec![team(50)]).unwrap();
    here.says(1, vec![Act::Certify(certificate(2, 2)), admit(50, 2)]).unwrap();
    assert!(!here.registry.is_missed(AMINE, at(0, 0), just_before(at(4, 0))));
    assert!(here.registry.is_missed(AMINE, at(0, 0), at(4, 0)));
    assert_eq!(here.registry.presence(AMINE, at(0, 3)), Presence::OnDuty);
    here.says(1, vec![leave(at(2, 0), at(3, 0)), leave(at(3, 0), at(3, 12))]).unwrap();
    let until = at(3, 12);
    assert_eq!(here.registry.presence(AMINE, at(2, 0)), Presence::OnLeave { until }, "both leaves");
    assert_eq!(here.registry.presence(AMINE, just_before(at(2, 0))), Presence::OnDuty);
    assert_eq!(here.registry.presence(AMINE, until), Presence::OnDuty);
    assert!(!here.registry.is_missed(AMINE, at(0, 0), just_before(at(6, 12))));
    assert!(here.registry.is_missed(AMINE, at(0, 0), at(6, 12)));
    assert!(!here.registry.is_missed(AMINE, at(0, 0), at(2, 1)), "on leave");
}

#[test]
fn a_team_s_people_have_a_device_in_one_of_its_rosters_and_are_at_work_or_not() {
    let mut here = here();
    let archives = Act::SetRole { agent: AgentNumber(4), role: Role::Archives, teams: vec![] };
    here.says(1, vec![Act::Certify(certificate(3, 3)), admit(50, 3)]).unwrap();
    here.says(1, vec![Act::Certify(certificate(4, 4)), admit(50, 4), archives]).unwrap();
    here.says(1, vec![Act::Certify(certificate(5, 5))]).unwrap();
    let people = |here: &Organisation, team| here.registry.people_of(TeamNumber(team));
    assert_eq!(people(&here, 1), BTreeSet::from([AMINE, AgentNumber(3)]), "nor the archive service");
    assert_eq!(people(&here, 2), BTreeSet::new());
    here.says(1, vec![revoke(3)]).unwrap();
    assert_eq!(people(&here, 1), BTreeSet::from([AMINE]));
    let period = Period { from: at(0, 17), until: at(0, 20) };
    here.says(1, vec![Act::AddOnCall { agent: AMINE, period }]).unwrap();
    for (now, presence) in [
        (at(0, 8), Presence::OnDuty),
        (at(0, 16), Presence::OnDuty),
        (at(0, 17), Presence::OffDuty),
        (at(0, 20), Presence::OffDuty),
        (just_before(at(0, 8)), Presence::OffDuty),
    ] {
        assert_eq!(here.registry.presence(AMINE, now), presence, "{now}");
    }
}
