//! Policies change by two persons, on the versions that both have seen.

use estafette_protocol::hours::{Calendar, Week};
use estafette_protocol::lease::LeaseTerms;
use estafette_protocol::policy::{
    ALONE, CHANGES, EXCEPTION, PROPOSAL, PROPOSALS, Policy, PolicyChange, PolicySubject,
};
use estafette_protocol::registry::{Proposal, StatementError};
use estafette_protocol::statement::*;
use estafette_protocol::*;

use crate::forbidden;
use crate::organisation::*;

const MIREILLE: u8 = 1;
const GASTON: u8 = 2;
const LUCIE: u8 = 3;
const PAUL: u8 = 4;
const DAY: Timestamp = Timestamp(1_700_000_000_000);

/// Mireille administers and has said that policies take two; Paul has a phone, so they bind somebody.
fn guarded() -> Organisation {
    let mut here = Organisation::founded();
    here.now = DAY;
    here.says(MIREILLE, vec![Act::RequireSecondPerson]).unwrap();
    here.says(MIREILLE, vec![team(50)]).unwrap();
    here.says(MIREILLE, vec![Act::Certify(certificate(PAUL, 4)), admit(50, PAUL)]).unwrap();
    here
}

/// The same, with Gaston as a second administrator.
fn with_two() -> Organisation {
    let mut here = guarded();
    here.says(MIREILLE, vec![Act::Certify(certificate(GASTON, 2)), appoint(2)]).unwrap();
    here
}

fn week(text: &str) -> Policy {
    let calendar = Calendar::weekly("Europe/Paris", text.parse::<Week>().unwrap());
    Policy::Calendar { scope: HoursScope::Organisation, calendar }
}

fn hours() -> PolicySubject {
    PolicySubject::Calendar(HoursScope::Organisation)
}

fn lead(who: u8, agent: u32) -> Vec<Act> {
    let role = Act::SetRole { agent: AgentNumber(agent), role: Role::Supervisor, teams: vec![TeamNumber(1)] };
    vec![Act::Certify(certificate(who, agent)), role, admit(50, who)]
}

impl Organisation {
    fn proposes(&mut self, who: u8, policies: Vec<Policy>) -> Result<StatementNumber, StatementError> {
        let changes = policies.into_iter().map(|policy| self.registry.change_to(policy)).collect();
        self.says(who, vec![Act::Propose { changes }])
    }

    fn approves(&mut self, who: u8, proposal: StatementNumber) -> Result<StatementNumber, StatementError> {
        self.says(who, vec![Act::Approve { proposal }])
    }

    fn week(&self) -> Option<String> {
        self.registry.calendar_of(HoursScope::Organisation).map(|calendar| calendar.week.to_string())
    }

    fn waiting(&self) -> Vec<StatementNumber> {
        self.registry.proposals().map(|(number, _)| number).collect()
    }
}

#[test]
fn hours_change_when_a_second_administrator_approves_and_not_before() {
    let mut here = with_two();
    let proposal = here.proposes(MIREILLE, vec![week("lun-ven 08:00-17:00")]).unwrap();
    assert_eq!((here.week(), here.waiting()), (None, vec![proposal]));
    let seen = here.registry.preview(proposal).unwrap();
    let would = seen.calendar_of(HoursScope::Organisation).unwrap().week.to_string();
    let version = here.approves(GASTON, proposal).unwrap();
    assert_eq!((here.week(), here.waiting()), (Some(would), vec![]));
    let standing = here.registry.standing_policy(hours()).unwrap();
    assert_eq!(standing.version, version);
    assert_eq!((standing.author, standing.approver), (Some(AgentNumber(1)), Some(AgentNumber(2))));
    forbidden(here.approves(GASTON, proposal));
}

#[test]
fn what_would_stand_with_a_policy_is_seen_before_anybody_proposes_it_and_changes_nothing() {
    let here = with_two();
    let ahead = here.registry.with_policy(week("lun-ven 08:00-17:00"), here.now);
    let would = ahead.calendar_of(HoursScope::Organisation).unwrap().week.to_string();
    assert_eq!(would, "lun-ven 08:00-17:00");
    assert_eq!((here.week(), here.waiting()), (None, vec![]));
}

#[test]
fn one_person_is_one_person_on_however_many_devices() {
    let mut here = with_two();
    here.says(GASTON, vec![Act::Certify(certificate(9, 1))]).unwrap();
    let proposal = here.proposes(MIREILLE, vec![week("lun 08:00-17:00")]).unwrap();
    for device in [MIREILLE, 9] {
        assert_eq!(here.approves(device, proposal), Err(StatementError::SecondPerson));
    }
    here.now = here.now.after(ALONE);
    assert_eq!(here.approves(9, proposal), Err(StatementError::SecondPerson), "there is somebody to ask");
    here.approves(GASTON, proposal).unwrap();
}

#[test]
fn nothing_goes_round_the_second_person() {
    let mut here = with_two();
    let calendar = Calendar::always_open("Europe/Paris");
    let direct = Act::SetCalendar { scope: HoursScope::Organisation, calendar };
    assert_eq!(here.says(MIREILLE, vec![direct]), Err(StatementError::SecondPerson));
    let terms = LeaseTerms { lock_days: 1, wipe_days: 7 };
    assert_eq!(here.says(MIREILLE, vec![Act::SetLease { terms }]), Err(StatementError::SecondPerson));
    let change = here.registry.change_to(week("lun 08:00-17:00"));
    let number = here.registry.next_link().0;
    let both = vec![Act::Propose { changes: vec![change.clone()] }, Act::Approve { proposal: number }];
    forbidden(here.says(MIREILLE, both));
    forbidden(here.says(PAUL, vec![Act::Propose { changes: vec![change.clone()] }]));
    let two = vec![Act::Propose { changes: vec![change.clone()] }, Act::Propose { changes: vec![change] }];
    forbidden(here.says(MIREILLE, two));
    let proposal = here.proposes(MIREILLE, vec![week("lun 08:00-17:00")]).unwrap();
    forbidden(here.approves(PAUL, proposal));
    forbidden(here.says(PAUL, vec![Act::Withdraw { proposal }]));
    forbidden(here.organisation_says(vec![Act::Approve { proposal }]));
    assert_eq!(here.week(), None);
}

#[test]
fn where_there_is_no_second_administrator_an_appointed_supervisor_approves() {
    let mut here = guarded();
    here.says(MIREILLE, lead(LUCIE, 3)).unwrap();
    let appointed = Policy::Approver { agent: AgentNumber(3), appointed: true };
    let proposal = here.proposes(MIREILLE, vec![appointed]).unwrap();
    forbidden(here.approves(LUCIE, proposal));
    here.now = here.now.after(ALONE);
    here.approves(MIREILLE, proposal).unwrap();
    assert_eq!(here.registry.approvers(), [AgentNumber(1), AgentNumber(3)].into());
    let proposal = here.proposes(MIREILLE, vec![week("lun-ven 08:00-17:00")]).unwrap();
    here.now = here.now.after(ALONE);
    assert_eq!(here.approves(MIREILLE, proposal), Err(StatementError::SecondPerson), "Lucie can be asked");
    here.approves(LUCIE, proposal).unwrap();
    assert_eq!(here.registry.standing_policy(hours()).unwrap().approver, Some(AgentNumber(3)));
    // Whoever leads no more, or has no device, approves no more.
    here.says(MIREILLE, vec![revoke(LUCIE)]).unwrap();
    assert_eq!(here.registry.approvers(), [AgentNumber(1)].into());
}

#[test]
fn whoever_is_alone_waits_a_whole_day_in_which_everybody_sees_it() {
    let mut here = guarded();
    let proposal = here.proposes(MIREILLE, vec![week("lun 08:00-17:00")]).unwrap();
    let until = DAY.after(ALONE);
    for waited in [DAY, until.before(std::time::Duration::from_millis(1))] {
        here.now = waited;
        assert_eq!(here.approves(MIREILLE, proposal), Err(StatementError::Waits(until)));
        let changes = vec![PolicyChange { policy: week("lun 08:00-17:00"), replaces: None }];
        let waiting = Proposal { author: AgentNumber(1), at: DAY, changes };
        assert_eq!(here.registry.proposals().next(), Some((proposal, &waiting)));
    }
    here.now = until;
    here.approves(MIREILLE, proposal).unwrap();
    let standing = here.registry.standing_policy(hours()).unwrap();
    assert_eq!((standing.author, standing.approver), (Some(AgentNumber(1)), Some(AgentNumber(1))));
}

#[test]
fn a_proposal_on_top_of_an_older_version_changes_nothing() {
    let mut here = with_two();
    let stale = here.registry.change_to(week("mar 08:00-17:00"));
    let first = here.proposes(MIREILLE, vec![week("lun 08:00-17:00")]).unwrap();
    let rival = here.proposes(MIREILLE, vec![week("sam 08:00-17:00")]).unwrap();
    let version = here.approves(GASTON, first).unwrap();
    forbidden(here.approves(GASTON, rival));
    let outdated = Err(StatementError::Outdated(Some(version)));
    assert_eq!(here.says(MIREILLE, vec![Act::Propose { changes: vec![stale] }]), outdated);
    assert_eq!(here.week(), Some("lun 08:00-17:00".to_owned()));
}

#[test]
fn a_proposal_is_over_after_two_weeks_and_can_be_taken_back_before() {
    let mut here = with_two();
    let proposal = here.proposes(MIREILLE, vec![week("lun 08:00-17:00")]).unwrap();
    here.says(GASTON, vec![Act::Withdraw { proposal }]).unwrap();
    forbidden(here.approves(GASTON, proposal));
    forbidden(here.says(MIREILLE, vec![Act::Withdraw { proposal }]));
    let proposal = here.proposes(MIREILLE, vec![week("lun 08:00-17:00")]).unwrap();
    here.now = here.now.after(PROPOSAL);
    forbidden(here.approves(GASTON, proposal));
    let next = here.proposes(MIREILLE, vec![week("mar 08:00-17:00")]).unwrap();
    assert_eq!(here.waiting(), [next], "what is over is gone");
}

#[test]
fn changes_of_one_proposal_stand_or_fall_together() {
    let mut here = with_two();
    let terms = LeaseTerms { lock_days: 10, wipe_days: 20 };
    let proposal = here.proposes(MIREILLE, vec![week("lun 08:00-17:00"), Policy::Lease(terms)]).unwrap();
    assert_eq!(here.registry.lease(), LeaseTerms::default());
    here.approves(GASTON, proposal).unwrap();
    assert_eq!((here.registry.lease(), here.week()), (terms, Some("lun 08:00-17:00".to_owned())));
    let bad = LeaseTerms { lock_days: 20, wipe_days: 10 };
    forbidden(here.proposes(MIREILLE, vec![week("mar 08:00-17:00"), Policy::Lease(bad)]));
    forbidden(here.proposes(MIREILLE, vec![week("mar 08:00-17:00"), week("mer 08:00-17:00")]));
    forbidden(here.proposes(MIREILLE, vec![]));
    let agents = |count: usize| (0..u32::try_from(count).unwrap()).map(AgentNumber);
    let many = |count| agents(count).map(|agent| Policy::Representative { agent, named: true }).collect();
    forbidden(here.proposes(MIREILLE, many(CHANGES + 1)));
    here.proposes(MIREILLE, many(CHANGES)).unwrap();
}

#[test]
fn proposals_that_wait_are_counted() {
    let mut here = with_two();
    for number in 0..PROPOSALS {
        let agent = AgentNumber(u32::try_from(number).unwrap());
        here.proposes(MIREILLE, vec![Policy::Representative { agent, named: true }]).unwrap();
    }
    forbidden(here.proposes(MIREILLE, vec![week("lun 08:00-17:00")]));
    here.now = here.now.after(PROPOSAL);
    here.proposes(MIREILLE, vec![week("lun 08:00-17:00")]).unwrap();
}

#[test]
fn until_somebody_else_has_a_phone_a_proposal_binds_only_its_author() {
    let mut here = Organisation::founded();
    let change = here.registry.change_to(week("lun-ven 08:00-17:00"));
    here.says(MIREILLE, vec![Act::RequireSecondPerson, Act::Propose { changes: vec![change] }]).unwrap();
    assert_eq!(here.week(), Some("lun-ven 08:00-17:00".to_owned()));
    here.says(MIREILLE, vec![Act::Certify(certificate(GASTON, 2)), appoint(2)]).unwrap();
    here.proposes(MIREILLE, vec![week("lun 08:00-17:00")]).unwrap();
    assert_eq!(here.week(), Some("lun 08:00-17:00".to_owned()));
    // An administrator who becomes an agent is bound, and so is everybody after.
    let agent = Act::SetRole { agent: AgentNumber(2), role: Role::Agent, teams: vec![] };
    here.says(MIREILLE, vec![agent]).unwrap();
    here.proposes(MIREILLE, vec![week("mar 08:00-17:00")]).unwrap();
    assert_eq!((here.week(), here.waiting().len()), (Some("lun 08:00-17:00".to_owned()), 1));
    // Withdrawing every phone does not open the way again.
    here.says(MIREILLE, vec![revoke(GASTON)]).unwrap();
    here.proposes(MIREILLE, vec![week("mer 08:00-17:00")]).unwrap();
    assert_eq!((here.week(), here.waiting().len()), (Some("lun 08:00-17:00".to_owned()), 2));
    // Nor does making administrators of all who are left.
    here.says(MIREILLE, vec![appoint(2)]).unwrap();
    here.proposes(MIREILLE, vec![week("jeu 08:00-17:00")]).unwrap();
    assert_eq!((here.week(), here.waiting().len()), (Some("lun 08:00-17:00".to_owned()), 3));
}

#[test]
fn an_organisation_of_the_first_versions_goes_on_and_may_require_two_from_then_on() {
    let mut here = Organisation::founded();
    here.says(MIREILLE, vec![Act::Certify(certificate(PAUL, 4))]).unwrap();
    let calendar = Calendar::always_open("Europe/Paris");
    let scope = HoursScope::Organisation;
    let version = here.says(MIREILLE, vec![Act::SetCalendar { scope, calendar }]).unwrap();
    assert_eq!(here.registry.standing_policy(hours()).unwrap().version, version);
    let terms = LeaseTerms { lock_days: 1, wipe_days: 7 };
    let version = here.says(MIREILLE, vec![Act::SetLease { terms }]).unwrap();
    assert_eq!(here.registry.lease(), terms);
    assert_eq!(here.registry.standing_policy(PolicySubject::Lease).unwrap().version, version);
    here.says(MIREILLE, vec![Act::RequireSecondPerson]).unwrap();
    let proposal = here.proposes(MIREILLE, vec![week("lun 08:00-17:00")]).unwrap();
    assert_eq!(here.waiting(), [proposal]);
}

#[test]
fn a_device_that_reads_the_chain_again_knows_the_same() {
    let mut here = with_two();
    let proposal = here.proposes(MIREILLE, vec![week("lun 08:00-17:00")]).unwrap();
    here.approves(GASTON, proposal).unwrap();
    here.proposes(GASTON, vec![week("mar 08:00-17:00")]).unwrap();
    let mut other = registry::Registry::new(here.registry.organisation());
    here.chain.iter().for_each(|signed| drop(other.restore(signed).unwrap()));
    assert_eq!(other, here.registry);
}

#[test]
fn an_exception_takes_two_persons_even_where_policies_do_not_and_lasts_a_year_at_most() {
    let mut here = Organisation::founded();
    here.now = DAY;
    here.says(MIREILLE, vec![Act::Certify(certificate(GASTON, 2)), appoint(2)]).unwrap();
    let inventory = InventoryId([7; 16]);
    let exception =
        |reason: &str, until: Timestamp| Policy::Exception { inventory, reason: reason.into(), until };
    let year = DAY.after(EXCEPTION);
    let refused = here.proposes(MIREILLE, vec![exception("", year)]);
    assert!(matches!(refused, Err(StatementError::Hours(_))), "{refused:?}");
    forbidden(here.proposes(MIREILLE, vec![exception("Prêt", Timestamp(year.0 + 1))]));
    let proposal = here.proposes(MIREILLE, vec![exception("Prêt", year)]).unwrap();
    assert_eq!((here.registry.exception(inventory), here.waiting()), (None, vec![proposal]));
    assert_eq!(here.approves(MIREILLE, proposal), Err(StatementError::SecondPerson));
    here.approves(GASTON, proposal).unwrap();
    assert_eq!(here.registry.exception(inventory), Some(year));
    assert_eq!(here.registry.policy(PolicySubject::Exception(inventory)), Some(exception("Prêt", year)));
}

#[test]
fn the_limits_of_proposals_are_those_that_people_are_told() {
    let day = 24 * 60 * 60;
    let seconds = [ALONE, PROPOSAL, EXCEPTION].map(|limit| limit.as_secs());
    assert_eq!(seconds, [day, 14 * day, 366 * day]);
    assert_eq!((CHANGES, PROPOSALS), (16, 64));
    let mut here = Organisation::founded();
    assert!(!here.registry.requires_second_person());
    here.says(MIREILLE, vec![Act::RequireSecondPerson]).unwrap();
    assert!(here.registry.requires_second_person());
}

#[test]
fn what_stands_is_listed_with_its_author_and_approver_and_everything_says_what_it_is_about() {
    let mut here = with_two();
    assert_eq!(here.registry.standing_policies().count(), 0);
    let proposal = here.proposes(MIREILLE, vec![week("lun-ven 08:00-17:00")]).unwrap();
    let version = here.approves(GASTON, proposal).unwrap();
    let standing: Vec<_> = here.registry.standing_policies().map(|(subject, one)| (subject, *one)).collect();
    assert_eq!(standing.len(), 1);
    let (subject, one) = standing[0];
    assert_eq!((subject, one.version, one.at), (hours(), version, DAY));
    assert_eq!((one.author, one.approver), (Some(AgentNumber(1)), Some(AgentNumber(2))));
    assert_eq!(here.registry.policy(hours()), Some(week("lun-ven 08:00-17:00")));
    let agent = AgentNumber(4);
    let exception =
        Policy::Exception { inventory: InventoryId([1; 16]), reason: "Prêt".to_owned(), until: DAY };
    for (policy, subject) in [
        (Policy::Lease(LeaseTerms::default()), PolicySubject::Lease),
        (Policy::Approver { agent, appointed: true }, PolicySubject::Approver(agent)),
        (Policy::Representative { agent, named: true }, PolicySubject::Representative(agent)),
        (exception, PolicySubject::Exception(InventoryId([1; 16]))),
        (week("lun 08:00-12:00"), hours()),
    ] {
        assert_eq!(policy.subject(), subject);
        assert_eq!(here.registry.policy(subject).is_some(), subject == hours());
    }
}

#[test]
fn representatives_are_named_and_dismissed_and_are_nobody_else() {
    let mut here = with_two();
    assert!(here.registry.representatives().is_empty());
    let named = |agent, named| Policy::Representative { agent: AgentNumber(agent), named };
    for (policies, expected) in [
        (vec![named(4, true), named(5, true)], &[4, 5][..]),
        (vec![named(4, false)], &[5]),
        (vec![named(5, false)], &[]),
    ] {
        let proposal = here.proposes(MIREILLE, policies).unwrap();
        here.approves(GASTON, proposal).unwrap();
        let numbers: Vec<u32> = here.registry.representatives().iter().map(|agent| agent.0).collect();
        assert_eq!(numbers, expected);
    }
}
