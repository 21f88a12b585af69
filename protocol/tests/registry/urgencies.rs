//! Who may declare urgencies and approve them, and how far agents may prolong their own service.

use estafette_protocol::hours::{Calendar, LegalBasis, Period};
use estafette_protocol::registry::{Reachable, StatementError};
use estafette_protocol::statement::*;
use estafette_protocol::urgency::{Approval, Audience};
use estafette_protocol::*;

use crate::forbidden;
use crate::organisation::*;

#[test]
fn the_right_to_declare_urgencies_is_given_by_administrators_and_judged_by_the_statement() {
    let mut here = Organisation::founded();
    here.says(1, vec![Act::Certify(certificate(2, 2)), Act::Certify(certificate(3, 3))]).unwrap();
    let right = |agent, granted| Act::SetUrgencyRight { agent: AgentNumber(agent), granted };
    forbidden(here.says(2, vec![right(2, true)]));
    assert!(!here.registry.may_declare_urgency(AgentNumber(1)), "no role has it by itself");
    let granted = here.says(1, vec![right(2, true), right(1, true)]).unwrap();
    let withdrawn = here.says(1, vec![right(2, false)]).unwrap();
    let at = |number: StatementNumber| here.registry.may_declare_urgency_at(AgentNumber(2), number);
    assert_eq!((at(StatementNumber(granted.0 - 1)), at(granted), at(withdrawn)), (false, true, false));
    assert_eq!(here.registry.urgency_holders().collect::<Vec<_>>(), [AgentNumber(1)]);
}

#[test]
fn an_approval_is_another_holders_names_a_basis_and_ends_within_a_day() {
    let mut here = Organisation::founded();
    here.says(1, vec![Act::Certify(certificate(2, 2)), Act::Certify(certificate(3, 3))]).unwrap();
    let good = Approval {
        author: AgentNumber(1),
        audience: Audience::Roster(RosterId([50; 32])),
        basis: LegalBasis::PERMANENT_PROTECTION,
        until: Timestamp(3_600_000),
    };
    let approve = |approval| vec![Act::ApproveUrgency { approval }];
    forbidden(here.says(2, approve(good)));
    here.says(1, vec![Act::SetUrgencyRight { agent: AgentNumber(2), granted: true }]).unwrap();
    forbidden(here.says(2, approve(Approval { author: AgentNumber(2), ..good })));
    forbidden(here.says(2, approve(Approval { basis: LegalBasis::NONE, ..good })));
    forbidden(here.says(2, approve(Approval { until: Timestamp(1), ..good })));
    forbidden(here.says(2, approve(Approval { until: Timestamp(24 * 3_600_000 + 2), ..good })));
    forbidden(here.organisation_says(approve(good)));
    here.says(2, approve(good)).unwrap();
}

#[test]
fn a_prolongation_is_the_agents_own_an_hour_at_most_and_two_on_a_legal_day() {
    let mut here = Organisation::founded();
    here.says(1, vec![Act::Certify(certificate(2, 2))]).unwrap();
    let week = "lun-ven 08:00-17:00".parse().unwrap();
    // The legal day of Tahiti ends at 10:00 UTC.
    let calendar = Calendar { prolongation: Some(true), ..Calendar::weekly("Pacific/Tahiti", week) };
    let scope = HoursScope::Organisation;
    here.says(1, vec![Act::SetCalendar { scope, calendar: calendar.clone() }]).unwrap();
    let agent = AgentNumber(2);
    let minute = |minutes: u64| Timestamp(minutes * 60_000);
    let may = |here: &Organisation, at: u64, from: u64, length: u64| {
        let period = Period { from: minute(from), until: minute(from + length) };
        here.registry.may_prolong(agent, period, minute(at))
    };
    // 1970-01-02 at 00:00 UTC: there it is Thursday, 14:00.
    let noon = 1440;
    let end = noon + 180;
    assert_eq!(may(&here, noon, end, 60), Ok(()), "from where the day ends");
    assert_eq!(may(&here, noon, end, 61), Err("longer_than_an_hour"));
    assert_eq!(may(&here, noon, end, 4), Err("shorter_than_five_minutes"));
    assert_eq!(may(&here, noon, end, 0), Err("empty_period"));
    assert_eq!(may(&here, noon, end + 1, 30), Err("not_now"));
    assert_eq!(may(&here, end + 60, end + 60, 60), Ok(()), "off duty, from now on");
    assert_eq!(may(&here, end + 71, end + 60, 60), Err("not_now"), "stated too late");
    assert_eq!(may(&here, end + 59, end + 60, 60), Err("not_now"), "nor for later");
    let midnight = noon + 600;
    assert_eq!(may(&here, midnight - 30, midnight - 30, 30), Ok(()));
    assert_eq!(may(&here, midnight - 30, midnight - 30, 31), Err("over_midnight"));
    let says = |here: &mut Organisation, from: u64| {
        let period = Period { from: minute(from), until: minute(from + 60) };
        let mut statement = here.statement(Signer::Device(device(2)), vec![Act::ProlongDuty { period }]);
        statement.at = minute(from);
        here.take(SignedStatement::sign(&statement, &key(2)))
    };
    says(&mut here, end + 10).unwrap();
    assert_eq!(says(&mut here, end + 30), Err(StatementError::Prolongation("prolonged_already")));
    says(&mut here, end + 80).unwrap();
    assert_eq!(says(&mut here, end + 200), Err(StatementError::Prolongation("two_hours_a_day")));
    says(&mut here, midnight).unwrap();
    let fault = Fault::from(StatementError::Prolongation("two_hours_a_day"));
    assert_eq!(fault.code, FaultCode::ProlongationRefused);
    assert_eq!(here.registry.reachable(agent, minute(end + 20)), Reachable::OnDuty);
    assert!(matches!(here.registry.reachable(agent, minute(end + 75)), Reachable::OffDuty { .. }));
    let leave = Period { from: minute(end), until: minute(end + 10_000) };
    here.says(1, vec![Act::GrantLeave { agent, period: leave }]).unwrap();
    assert_eq!(may(&here, end + 2000, end + 2000, 30), Err("on_leave"));
    let closed = Calendar { prolongation: None, ..calendar };
    here.says(1, vec![Act::SetCalendar { scope, calendar: closed }]).unwrap();
    assert_eq!(may(&here, noon, end, 60), Err("not_allowed"));
    forbidden(here.organisation_says(vec![Act::ProlongDuty { period: leave }]));
}
