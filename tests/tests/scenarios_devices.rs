//! People and their devices: newcomers and the past, a second device, a new phone, who leaves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer};
use estafette_protocol::statement::{Act, Class, History, RevocationReason, Role};
use estafette_protocol::{EntryUid, FaultCode, Position, ThreadId};
use estafette_world::{Link, MINUTE, Phone, World};

fn shown(world: &World, phone: Phone, thread: ThreadId) -> Vec<EntryUid> {
    world.timeline(phone, thread).into_iter().map(|shown| shown.uid).collect()
}

fn direct(world: &mut World, from: Phone, to: Phone, class: Class) -> ThreadId {
    let with = world.agent(to);
    match world.ask(from, Command::Direct { class, with }) {
        CommandAnswer::Thread(thread) => thread,
        other => panic!("answered by {other:?}"),
    }
}

#[test]
fn a_newcomer_reads_of_the_past_what_its_admission_says_and_no_more() {
    let mut world = World::seeded(401);
    let [amine, chloe, denis, all, since, none] =
        world.people(["amine", "chloe", "denis", "elsa", "farid", "gael"]);
    let roster = world.roster(&[amine, chloe, denis]);
    let thread = roster.first_thread();
    let mut sent = vec![world.write_in(amine, thread, "Première clé.", &[])];
    world.run_until_quiet();
    world.remove(roster, denis);
    world.run_until_quiet();
    sent.push(world.write_in(chloe, thread, "Deuxième clé.", &[]));
    world.run_until_quiet();
    world.pass(10 * MINUTE);
    let instant = world.now();
    sent.push(world.write_in(chloe, thread, "Deuxième clé, plus tard.", &[]));
    world.run_until_quiet();
    world.admit_with(roster, all, History::All);
    world.admit_with(roster, since, History::Since(instant));
    world.admit_with(roster, none, History::None);
    world.run_until_quiet();
    assert_eq!(shown(&world, all, thread), sent);
    assert_eq!(shown(&world, since, thread), sent[2..]);
    assert_eq!(shown(&world, none, thread), []);
    let handed = |phone| world.bundled_epochs(phone, roster);
    assert_eq!(handed(none).len(), 0);
    let log = world.relay_log(thread);
    assert!(!handed(since).contains(&log[0].sealed_under), "an epoch that ended before");
    assert_eq!(world.unread(all, thread), 0, "the past is not news");
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn who_gives_may_go_away_another_is_asked_and_what_waits_is_held_off_duty() {
    for seed in 402..408 {
        let mut world = World::seeded(seed);
        let [amine, chloe, denis] = world.people(["amine", "chloe", "denis"]);
        let roster = world.roster(&[amine, chloe]);
        let thread = roster.first_thread();
        let sent = world.write_in(amine, thread, "Avant Denis.", &[]);
        world.run_until_quiet();
        world.cut(denis);
        world.admit_with(roster, denis, History::All);
        let millis = 200 * (seed - 401);
        world.pass(millis);
        world.crash(amine);
        world.pass(MINUTE);
        world.restore(denis, Link::default());
        world.run_until_quiet();
        assert_eq!(shown(&world, denis, thread), [sent], "seed {seed}");
        world.start(amine);
        world.run_until_quiet();
        assert!(world.verdict().is_clean(), "seed {seed}: {}", world.verdict());
    }
}

#[test]
fn nobody_on_duty_has_the_past_until_somebody_who_has_it_comes_by() {
    let mut world = World::seeded(409);
    let [amine, chloe, denis] = world.people(["amine", "chloe", "denis"]);
    let roster = world.roster(&[amine]);
    let thread = roster.first_thread();
    let sent = world.write_in(amine, thread, "Seul au début.", &[]);
    world.run_until_quiet();
    world.admit(roster, chloe);
    world.run_until_quiet();
    world.cut(amine);
    world.admit_with(roster, denis, History::All);
    world.run_until_quiet();
    assert_eq!(shown(&world, denis, thread), [], "Chloé has nothing to give");
    world.restore(amine, Link::default());
    world.run_until_quiet();
    assert_eq!(shown(&world, denis, thread), [sent]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn two_devices_of_an_agent_are_in_step() {
    let mut world = World::seeded(410);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let thread = world.team_thread();
    let pair = direct(&mut world, amine, chloe, Class::Service);
    let mut sent = vec![world.write(amine, "De mon téléphone.")];
    let spoken = world.write_in(chloe, pair, "Entre nous.", &[]);
    world.run_until_quiet();
    let computer = world.another_device("amine-pc", amine);
    world.run_until_quiet();
    assert_eq!(shown(&world, computer, thread), sent);
    assert_eq!(shown(&world, computer, pair), [spoken]);
    sent.push(world.write(computer, "De mon ordinateur."));
    world.run_until_quiet();
    sent.push(world.write(chloe, "Bien reçu."));
    world.run_until_quiet();
    for phone in [amine, computer] {
        assert_eq!(shown(&world, phone, thread), sent);
        assert_eq!(world.unread(phone, thread), 1);
        let rows = world.reader(phone).newest(thread, 10).unwrap();
        assert_eq!(rows.iter().map(|row| row.own).collect::<Vec<_>>(), [true, true, false]);
    }
    let last = Position(world.timeline(computer, thread).last().unwrap().position);
    world.ask(computer, Command::Read { thread, up_to: last });
    world.run_until_quiet();
    assert_eq!([amine, computer].map(|phone| world.unread(phone, thread)), [0, 0]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn c9_a_new_phone_has_its_threads_back_within_minutes_and_no_code_is_asked() {
    let mut world = World::seeded(411);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    let thread = world.team_thread();
    let pair = direct(&mut world, chloe, amine, Class::Service);
    let personal = direct(&mut world, chloe, amine, Class::Personnel);
    let mut sent = vec![world.write(denis, "Lu par l'ancien téléphone.")];
    world.run_until_quiet();
    world.ask(amine, Command::Read { thread, up_to: Position(1) });
    let spoken = world.write_in(amine, pair, "À demain.", &[]);
    world.write_in(chloe, personal, "Entre nous seulement.", &[]);
    world.run_until_quiet();
    world.revoke_as(amine, RevocationReason::Replaced);
    world.run_until_quiet();
    sent.push(world.write(chloe, "Pendant que le téléphone manquait."));
    world.run_until_quiet();
    let phone = world.another_device("amine-2", amine);
    let approved = world.now();
    world.pass(2 * MINUTE);
    assert!(world.now().0 - approved.0 <= 5 * MINUTE);
    assert_eq!(shown(&world, phone, thread), sent);
    assert_eq!(shown(&world, phone, pair), [spoken]);
    assert_eq!(world.unread(phone, thread), 1, "what the old phone had read is read");
    // Nobody else may hand on what is personal: it is lost, and said to be.
    assert_eq!(shown(&world, phone, personal), []);
    assert_eq!(world.unopened(phone, personal), [(1, 0)]);
    assert!(world.reader(phone).past_is_lost(personal).unwrap());
    assert!(!world.reader(phone).past_is_lost(thread).unwrap());
    world.run_until_quiet();
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn c10_what_an_agent_wrote_stays_readable_after_they_left() {
    let mut world = World::seeded(412);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    let (thread, roster) = (world.team_thread(), world.team_roster());
    let sent = world.write(denis, "Écrit avant de partir.");
    world.run_until_quiet();
    world.revoke_as(denis, RevocationReason::Retired);
    world.run_until_quiet();
    assert!(world.try_write(denis, thread, "Encore ?", &[]).is_err(), "the account is ended");
    let [newcomer] = world.people(["gael"]);
    world.admit_with(roster, newcomer, History::All);
    world.run_until_quiet();
    let left = world.agent(denis);
    for phone in [amine, chloe, newcomer] {
        assert_eq!(shown(&world, phone, thread), [sent]);
        assert_eq!(world.reader(phone).newest(thread, 1).unwrap()[0].agent, Some(left));
    }
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn an_archive_stands_first_in_service_rosters_and_has_no_personal_conversation() {
    let mut world = World::seeded(413);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let (thread, roster) = (world.team_thread(), world.team_roster());
    let sent = world.write(amine, "Pour mémoire.");
    world.run_until_quiet();
    let (archive, approval) = world.enrol("archives");
    let agent = world.agent(archive);
    let appoint = Act::SetRole { agent, role: Role::Archives, teams: vec![] };
    let device = world.device_id(archive);
    world.state(vec![appoint, approval, Act::Admit { roster, device, history: History::All }]);
    world.switch_on(archive);
    world.run_until_quiet();
    assert_eq!(shown(&world, archive, thread), [sent]);
    for phone in [amine, chloe] {
        let members = world.reader(phone).members(thread).unwrap();
        let listed: Vec<_> = members.iter().map(|row| (row.agent, row.archive)).collect();
        assert_eq!(listed[0], (agent, true));
        assert_eq!(members.iter().filter(|row| row.archive).count(), 1);
        assert_eq!(listed[1], (world.agent(phone), false), "then oneself");
    }
    for class in [Class::Personnel, Class::Syndical] {
        match world.ask(amine, Command::Direct { class, with: agent }) {
            CommandAnswer::Refused(fault) => assert_eq!(fault.code, FaultCode::Forbidden),
            other => panic!("answered by {other:?}"),
        }
    }
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}
