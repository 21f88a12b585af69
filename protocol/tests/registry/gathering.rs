//! Conversations that a supervisor makes, with people of their teams.

use super::*;

const LEA: AgentNumber = AgentNumber(2);

/// A team 1 of three agents that agent 2 leads, and agent 5 who is in none; each with the device of their number.
fn here() -> Organisation {
    let mut here = Organisation::founded();
    here.says(1, vec![team(50)]).unwrap();
    for who in 2..=4 {
        here.says(1, vec![Act::Certify(certificate(who, who.into())), admit(50, who)]).unwrap();
    }
    here.says(1, vec![Act::Certify(certificate(5, 5))]).unwrap();
    let lead = Act::SetRole { agent: LEA, role: Role::Supervisor, teams: vec![TeamNumber(1)] };
    here.says(1, vec![lead]).unwrap();
    here
}

fn conversation(number: u8) -> Act {
    let roster = RosterId([number; 32]);
    Act::CreateRoster { roster, class: Class::Service, team: None, retention_days: 365 }
}

fn remove(roster: u8, who: u8) -> Act {
    Act::Remove { roster: RosterId([roster; 32]), device: device(who) }
}

fn members(here: &Organisation, roster: u8) -> BTreeSet<DeviceId> {
    here.registry.members(&RosterName::Stated(RosterId([roster; 32])))
}

#[test]
fn a_supervisor_gathers_people_of_their_teams_and_nobody_else() {
    let mut here = here();
    forbidden(here.says(3, vec![conversation(60), admit(60, 3)]));
    forbidden(here.says(2, vec![conversation(60), admit(60, 2), admit(60, 5)]));
    here.says(2, vec![conversation(60), admit(60, 2), admit(60, 3)]).unwrap();
    assert_eq!(members(&here, 60), BTreeSet::from([device(2), device(3)]));
    let gathered = here.registry.roster(RosterId([60; 32])).unwrap().gathered_by;
    assert_eq!(gathered, Some(LEA));
    let moves = |agent| here.registry.may_move_people_in(AgentNumber(agent), RosterId([60; 32]));
    assert_eq!([1, 2, 3].map(moves), [true, true, false]);
    assert!(
        !here.registry.may_move_people_in(AgentNumber(1), RosterId([50; 32])),
        "a team's has its own page"
    );
    here.says(2, vec![admit(60, 4), remove(60, 3)]).unwrap();
    assert_eq!(members(&here, 60), BTreeSet::from([device(2), device(4)]));
    // Those whom the statement is about stay without the right to make any.
    forbidden(here.says(4, vec![admit(60, 3)]));
}

#[test]
fn a_supervisor_moves_nobody_in_a_team_s_roster_nor_in_another_supervisor_s() {
    let mut here = here();
    forbidden(here.says(2, vec![remove(50, 3)]));
    forbidden(here.says(2, vec![team(61)]));
    let announcements = RosterId([61; 32]);
    let (class, team) = (Class::Diffusion, None);
    forbidden(
        here.says(2, vec![Act::CreateRoster { roster: announcements, class, team, retention_days: 1 }]),
    );
    let (roster, class) = (RosterId([61; 32]), Class::Service);
    forbidden(here.says(2, vec![Act::CreateRoster { roster, class, team: None, retention_days: 366 }]));
    let lead = Act::SetRole { agent: AgentNumber(3), role: Role::Supervisor, teams: vec![TeamNumber(1)] };
    here.says(1, vec![lead]).unwrap();
    here.says(3, vec![conversation(62), admit(62, 3)]).unwrap();
    forbidden(here.says(2, vec![admit(62, 4)]));
    // An administrator's, too; and an administrator moves anybody everywhere.
    here.says(1, vec![conversation(63), admit(63, 2)]).unwrap();
    forbidden(here.says(2, vec![admit(63, 3)]));
    here.says(1, vec![admit(62, 5), remove(62, 3)]).unwrap();
    assert_eq!(members(&here, 62), BTreeSet::from([device(5)]));
}

#[test]
fn whoever_leads_no_longer_moves_nobody_any_more() {
    let mut here = here();
    here.says(2, vec![conversation(60), admit(60, 2), admit(60, 3)]).unwrap();
    here.says(1, vec![Act::SetRole { agent: LEA, role: Role::Agent, teams: vec![] }]).unwrap();
    forbidden(here.says(2, vec![admit(60, 4)]));
    forbidden(here.says(2, vec![conversation(61)]));
    assert_eq!(members(&here, 60), BTreeSet::from([device(2), device(3)]), "what is written stays read");
}

#[test]
fn whom_one_may_gather_are_the_people_of_ones_teams_with_a_device_in_force() {
    let mut here = here();
    let agents = |numbers: &[u32]| numbers.iter().copied().map(AgentNumber).collect::<BTreeSet<_>>();
    assert_eq!(here.registry.gatherable_by(LEA), agents(&[3, 4]));
    assert_eq!(here.registry.gatherable_by(AgentNumber(1)), agents(&[2, 3, 4, 5]));
    assert_eq!(here.registry.gatherable_by(AgentNumber(3)), agents(&[]));
    here.says(1, vec![revoke(4)]).unwrap();
    assert_eq!(here.registry.gatherable_by(LEA), agents(&[3]));
}

#[test]
fn the_archive_service_of_a_team_may_be_brought_along_and_is_no_one_to_choose() {
    let mut here = here();
    let archives = Act::SetRole { agent: AgentNumber(6), role: Role::Archives, teams: vec![] };
    here.says(1, vec![archives, Act::Certify(certificate(6, 6)), admit(50, 6)]).unwrap();
    assert_eq!(here.registry.archives_of(&[TeamNumber(1)]), BTreeSet::from([AgentNumber(6)]));
    assert_eq!(here.registry.archives_of(&[TeamNumber(2)]), BTreeSet::new());
    assert!(!here.registry.gatherable_by(LEA).contains(&AgentNumber(6)));
    here.says(2, vec![conversation(60), admit(60, 2), admit(60, 3), admit(60, 6)]).unwrap();
    assert_eq!(
        here.registry.agents_in(RosterId([60; 32])),
        BTreeSet::from([LEA, AgentNumber(3), AgentNumber(6)])
    );
}
