//! The statement chain: who may say what, in which order, and what it adds up to.
#![expect(clippy::unwrap_used, reason = "a test ends where its story does not hold")]

use std::collections::BTreeSet;

use estafette_protocol::certificate::Certificate;
use estafette_protocol::handshake::RosterName;
use estafette_protocol::hours::{Calendar, LegalBasis, Override, Period, Place, RestAfter, Rota, Turn};
use estafette_protocol::registry::{Reachable, Registry, StatementError};
use estafette_protocol::statement::*;
use estafette_protocol::*;

mod gathering;
mod organisation;
mod policies;
mod proofs;
mod teams;
mod urgencies;

use organisation::*;

fn forbidden<T: std::fmt::Debug>(result: Result<T, StatementError>) {
    assert!(matches!(result, Err(StatementError::Forbidden(_))), "{result:?}");
}

#[test]
fn an_approval_certifies_and_admits_as_one() {
    let mut here = Organisation::founded();
    here.says(1, vec![team(50)]).unwrap();
    here.says(1, vec![Act::Certify(certificate(2, 2)), admit(50, 2)]).unwrap();
    let roster = RosterName::Stated(RosterId([50; 32]));
    assert_eq!(here.registry.members(&roster), BTreeSet::from([device(2)]));
    // The second act cannot be: the certificate of the first is not in force either.
    forbidden(here.says(1, vec![Act::Certify(certificate(3, 3)), admit(99, 3)]));
    assert!(here.registry.device(device(3)).is_none());
}

#[test]
fn only_administrators_in_force_make_statements() {
    let mut here = Organisation::founded();
    here.says(1, vec![Act::Certify(certificate(2, 2))]).unwrap();
    forbidden(here.says(2, vec![team(50)]));
    assert_eq!(here.says(3, vec![team(50)]), Err(StatementError::Forged));
    here.says(1, vec![appoint(2)]).unwrap();
    here.says(2, vec![team(50)]).unwrap();
    here.says(2, vec![revoke(1)]).unwrap();
    assert_eq!(here.says(1, vec![team(51)]), Err(StatementError::Forged));
}

#[test]
fn the_organisation_key_appoints_administrators_and_does_nothing_else() {
    let mut here = Organisation::founded();
    forbidden(here.organisation_says(vec![team(50)]));
    forbidden(here.organisation_says(vec![Act::Certify(certificate(2, 2))]));
    here.organisation_says(vec![Act::Certify(certificate(2, 2)), appoint(2)]).unwrap();
    here.organisation_says(vec![revoke(1)]).unwrap();
    here.says(2, vec![Act::Certify(certificate(3, 3))]).unwrap();
    forbidden(here.organisation_says(vec![revoke(3)]));
}

#[test]
fn a_forged_reordered_repeated_or_alien_statement_changes_nothing() {
    let mut here = Organisation::founded();
    let statement = here.statement(Signer::Device(device(1)), vec![team(50)]);
    let forged = SignedStatement::sign(&statement, &key(2));
    assert_eq!(here.take(forged), Err(StatementError::Forged));
    let signed = SignedStatement::sign(&statement, &key(1));
    here.take(signed.clone()).unwrap();
    let (expected, previous) = here.registry.next_link();
    assert_eq!(expected, StatementNumber(3));
    assert_eq!(here.take(signed), Err(StatementError::OutOfOrder { expected, previous }));
    let later =
        Statement { number: StatementNumber(9), ..here.statement(Signer::Device(device(1)), vec![team(51)]) };
    assert_eq!(
        here.take(SignedStatement::sign(&later, &key(1))),
        Err(StatementError::OutOfOrder { expected, previous })
    );
    let other = Statement { previous: Hash([1; 32]), number: expected, ..later.clone() };
    assert_eq!(
        here.take(SignedStatement::sign(&other, &key(1))),
        Err(StatementError::OutOfOrder { expected, previous })
    );
    let alien = Statement { organisation: OrganisationId([1; 16]), ..later };
    assert_eq!(here.take(SignedStatement::sign(&alien, &key(1))), Err(StatementError::Alien));
}

#[test]
fn a_key_or_an_inventory_entry_serves_one_device_at_a_time() {
    let mut here = Organisation::founded();
    here.says(1, vec![Act::Certify(certificate(2, 2))]).unwrap();
    forbidden(here.says(1, vec![Act::Certify(certificate(2, 2))]));
    let same_key = Certificate { device: device(3), inventory: InventoryId([3; 16]), ..certificate(2, 2) };
    forbidden(here.says(1, vec![Act::Certify(same_key)]));
    let same_entry = Certificate { inventory: InventoryId([2; 16]), ..certificate(4, 2) };
    forbidden(here.says(1, vec![Act::Certify(same_entry.clone())]));
    here.says(1, vec![revoke(2), Act::Certify(same_entry)]).unwrap();
    let names: Vec<_> = here.registry.devices_of(AgentNumber(2)).map(|d| d.certificate.device).collect();
    assert_eq!(names, [device(4)]);
}

#[test]
fn membership_is_known_for_every_statement_of_the_past() {
    let mut here = Organisation::founded();
    here.says(1, vec![team(50), Act::Certify(certificate(2, 2))]).unwrap();
    let roster = RosterName::Stated(RosterId([50; 32]));
    let admitted = here.says(1, vec![admit(50, 2)]).unwrap();
    let removed = here.says(1, vec![Act::Remove { roster: RosterId([50; 32]), device: device(2) }]).unwrap();
    let again = here.says(1, vec![admit(50, 2)]).unwrap();
    let revoked = here.says(1, vec![revoke(2)]).unwrap();
    let member = |at| here.registry.membership_at(&roster, device(2), at).is_some();
    let before = StatementNumber(admitted.0 - 1);
    assert_eq!([before, admitted, removed, again, revoked].map(member), [false, true, false, true, false]);
    let delta = here.registry.delta(&roster, &[admitted, removed, again, revoked]);
    assert_eq!((delta.admitted.len(), delta.removed), (0, BTreeSet::from([device(2)])));
    assert!(here.registry.open_statements(&roster, &BTreeSet::new()).is_empty());
    assert_eq!(here.registry.open_statements(&roster, &BTreeSet::from([device(2)])), [revoked]);
}

#[test]
fn a_pairs_members_are_the_active_devices_of_both() {
    let mut here = Organisation::founded();
    here.says(1, vec![Act::Certify(certificate(2, 2)), Act::Certify(certificate(3, 2))]).unwrap();
    let pair = RosterName::pair(Class::Service, AgentNumber(1), AgentNumber(2)).unwrap();
    assert_eq!(here.registry.members(&pair), BTreeSet::from([device(1), device(2), device(3)]));
    let lost = here.says(1, vec![revoke(3)]).unwrap();
    assert_eq!(here.registry.members(&pair), BTreeSet::from([device(1), device(2)]));
    assert_eq!(here.registry.delta(&pair, &[lost]).removed, BTreeSet::from([device(3)]));
}

#[test]
fn an_archive_has_no_personal_conversation_and_is_one_for_all_its_devices() {
    let mut here = Organisation::founded();
    let role = |agent, role| Act::SetRole { agent: AgentNumber(agent), role, teams: vec![] };
    here.says(1, vec![team(50), role(2, Role::Archives), Act::Certify(certificate(2, 2)), admit(50, 2)])
        .unwrap();
    let stated = RosterName::Stated(RosterId([50; 32]));
    assert_eq!(here.registry.members(&stated), BTreeSet::from([device(2)]));
    let pair = |class| RosterName::pair(class, AgentNumber(1), AgentNumber(2)).unwrap();
    let last = here.registry.last();
    for class in [Class::Personnel, Class::Syndical] {
        assert_eq!(here.registry.members(&pair(class)), BTreeSet::new());
        assert_eq!(here.registry.member_count(&pair(class)), 0);
        for who in [1, 2] {
            assert_eq!(here.registry.membership_at(&pair(class), device(who), last), None);
        }
    }
    assert_eq!(here.registry.members(&pair(Class::Service)), BTreeSet::from([device(1), device(2)]));
    forbidden(here.says(1, vec![role(2, Role::Agent)]));
    forbidden(here.says(1, vec![role(1, Role::Archives)]));
    here.says(1, vec![revoke(2), role(2, Role::Agent)]).unwrap();
}

#[test]
fn the_narrowest_hours_count() {
    let mut here = Organisation::founded();
    assert_eq!(here.registry.hours_of(AgentNumber(2)), None);
    here.says(1, vec![team(50), Act::Certify(certificate(2, 2)), admit(50, 2)]).unwrap();
    let calendar = |week: &str| Calendar::weekly("Europe/Paris", week.parse().unwrap());
    let (all, theirs, own) =
        (calendar("lun-ven 08:00-17:00"), calendar("lun-ven 06:00-14:00"), calendar("sam 10:00-12:00"));
    let set = |scope, calendar: &Calendar| Act::SetCalendar { scope, calendar: calendar.clone() };
    let of = |here: &Organisation| here.registry.hours_of(AgentNumber(2)).unwrap().calendars;
    here.says(1, vec![set(HoursScope::Organisation, &all)]).unwrap();
    assert_eq!(of(&here), std::slice::from_ref(&all));
    here.says(1, vec![set(HoursScope::Team(TeamNumber(1)), &theirs)]).unwrap();
    assert_eq!(of(&here), [theirs]);
    here.says(1, vec![set(HoursScope::Agent(AgentNumber(2)), &own)]).unwrap();
    assert_eq!(of(&here), [own]);
}

#[test]
fn a_stored_chain_folds_to_the_same_state() {
    let mut here = Organisation::founded();
    here.says(1, vec![team(50), Act::Certify(certificate(2, 2)), admit(50, 2)]).unwrap();
    here.says(1, vec![revoke(2)]).unwrap();
    let mut folded = Registry::new(here.registry.organisation());
    for signed in &here.chain {
        folded.restore(signed).unwrap();
    }
    assert_eq!(folded, here.registry);
}

/// A period of so many hours, from so many hours after 1970 began.
fn hours(from: u64, length: u64) -> Period {
    let hour = |hours: u64| Timestamp(hours * 3_600_000);
    Period { from: hour(from), until: hour(from + length) }
}

fn rota(team: u16, order: &[u32]) -> Act {
    let order = order.iter().copied().map(AgentNumber).collect();
    let turns = vec![Turn { period: hours(10, 5), order }];
    Act::SetRota { team: TeamNumber(team.into()), rota: Rota { covers: hours(0, 100), turns } }
}

#[test]
fn a_rota_puts_on_call_and_says_whom_to_call_first_but_not_who_is_away() {
    let mut here = Organisation::founded();
    let certify = |number: u8| Act::Certify(certificate(number, number.into()));
    here.says(1, vec![team(50), certify(2), certify(3), certify(4)]).unwrap();
    let calendar = Calendar::weekly("UTC", "lun 08:00-09:00".parse().unwrap());
    here.says(1, vec![Act::SetCalendar { scope: HoursScope::Organisation, calendar }]).unwrap();
    here.says(1, vec![rota(1, &[3, 9, 2, 4])]).unwrap();
    let order = |here: &Organisation, at: u64| {
        let order = here.registry.call_order(TeamNumber(1), hours(at, 1).from);
        order.into_iter().map(|agent| agent.0).collect::<Vec<_>>()
    };
    assert_eq!((order(&here, 9), order(&here, 10), order(&here, 15)), (vec![], vec![3, 2, 4], vec![]));
    here.says(1, vec![Act::GrantLeave { agent: AgentNumber(3), period: hours(11, 2) }, revoke(4)]).unwrap();
    assert_eq!((order(&here, 10), order(&here, 11), order(&here, 13)), (vec![3, 2], vec![2], vec![3, 2]));
    let reachable =
        |here: &Organisation, agent, at| here.registry.reachable(AgentNumber(agent), hours(at, 1).from);
    // 1970-01-05 was a Monday.
    let reopens_at = Some(hours(4 * 24 + 8, 1).from);
    assert_eq!(reachable(&here, 2, 12), Reachable::OnCall { reopens_at });
    assert_eq!(reachable(&here, 3, 12), Reachable::OffDuty { reopens_at });
    assert_eq!(reachable(&here, 2, 4 * 24 + 8), Reachable::OnDuty);
    // Another list takes its place: nobody stays on call by the former one.
    here.says(1, vec![rota(1, &[3])]).unwrap();
    assert_eq!(reachable(&here, 2, 13), Reachable::OffDuty { reopens_at });
    assert_eq!(order(&here, 13), [3]);
}

#[test]
fn a_supervisor_sets_the_rota_of_an_own_team_and_a_rest_of_its_agents_under_the_own_name() {
    let mut here = Organisation::founded();
    let lead = Act::SetRole { agent: AgentNumber(2), role: Role::Supervisor, teams: vec![TeamNumber(1)] };
    let certify = |number: u8| Act::Certify(certificate(number, number.into()));
    here.says(1, vec![team(50), certify(2), certify(3), certify(4), admit(50, 3), lead]).unwrap();
    here.says(2, vec![rota(1, &[3])]).unwrap();
    forbidden(here.says(2, vec![rota(2, &[3])]));
    forbidden(here.says(3, vec![rota(1, &[3])]));
    let rest = |agent, author| Act::AddRest {
        agent: AgentNumber(agent),
        rest: RestAfter { rest: hours(4, 11), intervention: hours(2, 2), author: AgentNumber(author) },
    };
    here.says(2, vec![rest(3, 2)]).unwrap();
    here.says(1, vec![rest(4, 1)]).unwrap();
    forbidden(here.says(2, vec![rest(3, 1)]));
    forbidden(here.says(2, vec![rest(4, 2)]));
    assert_eq!(here.registry.beside_calendars(AgentNumber(3)).rests.len(), 1);
}

#[test]
fn hours_that_make_no_sense_are_refused_with_a_code_of_their_own_and_change_nothing() {
    let mut here = Organisation::founded();
    let derogation =
        |period, basis| Override { period, basis, author: AgentNumber(1), reason: "Crue".to_owned() };
    let order = |derogation| Act::AddOverride { agent: AgentNumber(1), derogation };
    let exceptional = LegalBasis::EXCEPTIONAL_CIRCUMSTANCES;
    let endless = Period { until: Timestamp::MAX, ..hours(10, 1) };
    let unknown = Calendar::weekly("Mars/Olympus", "lun 08:00-09:00".parse().unwrap());
    let mut reversed = Calendar::weekly("UTC", "lun 08:00-09:00".parse().unwrap());
    reversed.week.0[0].to_minute = 0;
    let set = |calendar| Act::SetCalendar { scope: HoursScope::Organisation, calendar };
    let mut overlapping = rota(1, &[3]);
    if let Act::SetRota { rota, .. } = &mut overlapping {
        rota.turns.push(Turn { period: hours(14, 3), order: vec![AgentNumber(2)] });
    }
    for (act, code, word) in [
        (order(derogation(hours(10, 1), LegalBasis::NONE)), FaultCode::OverrideInvalid, "basis_missing"),
        (order(derogation(endless, exceptional)), FaultCode::OverrideInvalid, "override_too_long"),
        (order(derogation(hours(10, 25), exceptional)), FaultCode::OverrideInvalid, "override_too_long"),
        (order(derogation(hours(10, 0), exceptional)), FaultCode::OverrideInvalid, "empty_period"),
        (
            Act::GrantLeave { agent: AgentNumber(1), period: hours(9, 0) },
            FaultCode::HoursInvalid,
            "empty_period",
        ),
        (set(reversed), FaultCode::HoursInvalid, "bad_interval"),
        (overlapping, FaultCode::HoursInvalid, "overlap"),
    ] {
        let fault = Fault::from(here.says(1, vec![act]).unwrap_err());
        assert_eq!((fault.code, fault.reasons), (code, Some(vec![word.to_owned()])));
        assert_eq!(fault.code.status(), 422);
    }
    // Who holds older tz data must judge the chain alike: taken, and closed.
    here.says(1, vec![set(unknown.clone()), set(unknown.clone().in_place(Place(900)))]).unwrap();
    assert_eq!(Fault::from(unknown.validate().unwrap_err()).code, FaultCode::ZoneUnknown);
    assert!(matches!(here.registry.reachable(AgentNumber(1), Timestamp(0)), Reachable::OffDuty { .. }));
    here.says(1, vec![order(derogation(hours(10, 24), exceptional))]).unwrap();
}
