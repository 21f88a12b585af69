//! A supervisor brings people of their team together in a conversation of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer};
use estafette_protocol::statement::{Act, Class, History, Role};
use estafette_protocol::{FaultCode, RosterId};
use estafette_world::{Link, Phone, SECOND, World};

const ROSTER: RosterId = RosterId([60; 32]);

fn admit(world: &World, phone: Phone) -> Act {
    Act::Admit { roster: ROSTER, device: world.device_id(phone), history: History::None }
}

/// What a supervisor's device states; why not, if it is refused.
fn says(world: &mut World, who: Phone, acts: Vec<Act>) -> Result<(), FaultCode> {
    match world.ask(who, Command::State(acts)) {
        CommandAnswer::Reply(_) => Ok(()),
        CommandAnswer::Refused(fault) => Err(fault.code),
        other => panic!("{other:?}"),
    }
}

fn texts(world: &mut World, phone: Phone) -> Vec<String> {
    world.timeline(phone, ROSTER.first_thread()).into_iter().map(|shown| shown.text).collect()
}

#[test]
fn a_supervisor_s_conversation_reaches_those_who_were_chosen_from_when_they_came_until_they_left() {
    let mut world = World::seeded(640);
    let all = world.team(["lea", "amine", "chloe", "bruno"]);
    let [lea, amine, chloe, bruno] = all;
    let outsider = world.enrolled("denis");
    world.service_roster_of(1, &all);
    world.set_role(lea, Role::Supervisor);
    let thread = ROSTER.first_thread();
    let create =
        || Act::CreateRoster { roster: ROSTER, class: Class::Service, team: None, retention_days: 365 };

    let of_another_team = vec![create(), admit(&world, lea), admit(&world, outsider)];
    assert_eq!(says(&mut world, lea, of_another_team), Err(FaultCode::StatementForbidden));
    let chosen = vec![create(), admit(&world, lea), admit(&world, amine)];
    assert_eq!(says(&mut world, lea, chosen), Ok(()));
    let title = "Déneigement du plateau".to_owned();
    world.ask(lea, Command::Title { thread, title: title.clone() });
    world.write_in(lea, thread, "Rendez-vous au dépôt.", &[]);
    world.run_until_quiet();
    world.write_in(amine, thread, "J’y suis.", &[]);
    world.run_until_quiet();
    for phone in [lea, amine] {
        assert_eq!(texts(&mut world, phone), ["Rendez-vous au dépôt.", "J’y suis."]);
        let heads = world.reader(phone).threads().unwrap();
        let head = heads.iter().find(|head| head.id == thread).unwrap();
        assert_eq!(head.title.as_deref(), Some(title.as_str()));
    }
    assert!(!world.threads_of(chloe).contains(&thread));

    // Who was not asked brings nobody; whoever made it does.
    let coming = vec![admit(&world, chloe)];
    assert_eq!(says(&mut world, amine, coming.clone()), Err(FaultCode::StatementForbidden));
    assert_eq!(says(&mut world, lea, coming), Ok(()));
    world.run_until_quiet();
    world.write_in(chloe, thread, "Me voici.", &[]);
    world.run_until_quiet();
    assert_eq!(texts(&mut world, chloe), ["Me voici."]);

    let leaving = vec![Act::Remove { roster: ROSTER, device: world.device_id(amine) }];
    assert_eq!(says(&mut world, lea, leaving), Ok(()));
    world.run_until_quiet();
    world.write_in(lea, thread, "On commence.", &[]);
    world.run_until_quiet();
    assert_eq!(texts(&mut world, amine), ["Rendez-vous au dépôt.", "J’y suis.", "Me voici."]);
    assert_eq!(texts(&mut world, chloe), ["Me voici.", "On commence."]);
    assert!(!world.threads_of(bruno).contains(&thread));
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn what_was_told_to_be_out_of_reach_is_not_done_behind_its_author_s_back_later() {
    let mut world = World::seeded(641);
    let all = world.team(["lea", "amine"]);
    let [lea, amine] = all;
    world.service_roster_of(1, &all);
    world.set_role(lea, Role::Supervisor);
    world.run_until_quiet();
    world.cut(lea);
    let thread = ROSTER.first_thread();
    let create = Act::CreateRoster { roster: ROSTER, class: Class::Service, team: None, retention_days: 365 };
    let acts = vec![create, admit(&world, lea), admit(&world, amine)];
    let given_up = world.command(lea, Command::State(acts.clone()));
    world.pass(20 * SECOND);
    assert!(world.answer(lea, given_up).is_none(), "it waits for the relay");
    world.withdraw(lea, given_up);
    let Some(CommandAnswer::Refused(fault)) = world.answer(lea, given_up) else { panic!("it is not told") };
    assert_eq!(fault.code, FaultCode::Unreachable);
    world.restore(lea, Link::default());
    world.run_until_quiet();
    assert!(!world.threads_of(amine).contains(&thread), "the relay came back, the wish does not");
    assert_eq!(says(&mut world, lea, acts), Ok(()), "done once it is asked for anew");
    world.run_until_quiet();
    assert!(world.threads_of(amine).contains(&thread));

    let done = world
        .command(lea, Command::State(vec![Act::Remove { roster: ROSTER, device: world.device_id(amine) }]));
    world.run_until_quiet();
    assert!(matches!(world.answer(lea, done), Some(CommandAnswer::Reply(_))));
    world.withdraw(lea, done);
    assert!(world.answer(lea, done).is_none(), "what was done stays so, and is answered once");
}
