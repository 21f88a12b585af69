//! Rosters in motion: founding, pairs, arrivals, removals met off line, commits that nobody can apply.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer};
use estafette_protocol::ThreadId;
use estafette_protocol::frame::{CommitUpload, RequestBody};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::Class;
use estafette_world::{Cut, Link, MINUTE, Phone, World};

fn direct(world: &mut World, from: Phone, to: Phone, class: Class) -> ThreadId {
    let with = world.agent(to);
    match world.ask(from, Command::Direct { class, with }) {
        CommandAnswer::Thread(thread) => thread,
        other => panic!("answered by {other:?}"),
    }
}

#[test]
fn a_pair_talks_in_a_thread_of_each_class_that_nobody_else_can_open() {
    let mut world = World::seeded(61);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    let service = direct(&mut world, amine, chloe, Class::Service);
    let personal = direct(&mut world, amine, chloe, Class::Personnel);
    assert_ne!(service, personal);
    let one = world.write_in(amine, service, "Peux-tu passer à 14 h ?", &[]);
    let two = world.write_in(amine, personal, "On déjeune ?", &[]);
    world.run_until_quiet();
    assert_eq!(world.timeline(chloe, service).iter().map(|shown| shown.uid).collect::<Vec<_>>(), [one]);
    assert_eq!(world.timeline(chloe, personal).iter().map(|shown| shown.uid).collect::<Vec<_>>(), [two]);
    let back = world.write_in(chloe, personal, "Avec plaisir.", &[two]);
    world.run_until_quiet();
    assert_eq!(
        world.timeline(amine, personal).last().map(|shown| (shown.uid, shown.parents.clone())),
        Some((back, vec![two]))
    );
    assert!(!world.threads_of(denis).contains(&personal));
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn two_who_found_their_pair_at_the_same_moment_end_in_one_thread() {
    for seed in 62..72 {
        let mut world = World::seeded(seed);
        let [amine, chloe] = world.people(["amine", "chloe"]);
        world.keep_lines();
        world.cut(amine);
        world.cut(chloe);
        let thread = direct(&mut world, amine, chloe, Class::Service);
        assert_eq!(direct(&mut world, chloe, amine, Class::Service), thread);
        let one = world.write_in(amine, thread, "Allô ?", &[]);
        let two = world.write_in(chloe, thread, "Allô !", &[]);
        world.restore(amine, Link::default());
        world.restore(chloe, Link::default());
        world.run_until_quiet();
        for phone in [amine, chloe] {
            let mut shown: Vec<_> =
                world.timeline(phone, thread).into_iter().map(|shown| shown.uid).collect();
            shown.sort();
            let mut both = vec![one, two];
            both.sort();
            if shown != both {
                world.lines().iter().for_each(|line| eprintln!("{line}"));
                eprintln!("{} {:?} {:?}", world.verdict(), world.faults_shown(phone), world.outbox(phone));
            }
            assert_eq!(shown, both, "seed {seed}");
        }
        assert!(world.verdict().is_clean(), "seed {seed}: {}", world.verdict());
    }
}

#[test]
fn who_arrives_later_reads_from_then_on_and_sees_that_there_was_something_before() {
    let mut world = World::seeded(73);
    let [amine, chloe, denis] = world.people(["amine", "chloe", "denis"]);
    let roster = world.roster(&[amine, chloe]);
    let thread = roster.first_thread();
    world.write_in(amine, thread, "Avant l'arrivée de Denis.", &[]);
    world.run_until_quiet();
    world.admit(roster, denis);
    world.run_until_quiet();
    let sent = world.write_in(amine, thread, "Bienvenue Denis.", &[]);
    world.run_until_quiet();
    assert_eq!(world.inbox(denis), [sent]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn who_meets_a_removal_when_writing_turns_the_keys_first() {
    let mut world = World::seeded(74);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    for phone in [amine, chloe] {
        world.cut(phone);
    }
    let sent = world.write(amine, "Écrit pendant que Denis part.");
    world.remove(world.team_roster(), denis);
    world.pass(MINUTE);
    world.restore(amine, Link::default());
    world.restore(chloe, Link::default());
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [sent]);
    let log = world.relay_log(world.team_thread());
    assert!(!world.epochs(denis, world.team_roster()).contains(&log[0].sealed_under));
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn a_commit_that_nobody_can_apply_is_refused_by_name_and_the_roster_founded_anew() {
    let mut world = World::seeded(75);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    let roster = world.team_roster();
    let before = world.epochs(chloe, roster).into_iter().next_back().unwrap();
    // The public header of a key update by some member, and then nothing that MLS could read.
    let mut commit = vec![0, 1, 0, 1, 36];
    commit.extend(roster.group(estafette_protocol::RosterGeneration(before.0)));
    commit.extend(before.1.to_be_bytes());
    commit.push(1);
    commit.extend(0u32.to_be_bytes());
    let note = estafette_protocol::handshake::CommitNote::Close { statements: vec![] };
    let note = estafette_protocol::codec::to_bytes(&note);
    commit.push(u8::try_from(note.len()).unwrap());
    commit.extend(note);
    commit.push(3);
    commit.extend([0xa5; 200]);
    let upload = CommitUpload {
        roster: RosterName::Stated(roster),
        commit: commit.into(),
        welcomes: vec![],
        key_packages: vec![],
        group_info: vec![1].into(),
        tree: vec![2].into(),
    };
    let outcomes = world.by_hand(denis, vec![RequestBody::Commit(upload)]).unwrap();
    assert!(outcomes[0].is_ok(), "the relay reads the header only: {outcomes:?}");
    world.run_until_quiet();
    let sent = world.write(amine, "On continue.");
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [sent]);
    let after = world.epochs(chloe, roster).into_iter().next_back().unwrap();
    assert!(after.0 > before.0, "another generation: {before:?}, {after:?}");
    assert_eq!(world.inbox(denis), [sent]);
    assert!(world.faults_shown(chloe).contains(&"commit_invalid".to_owned()));
}

#[test]
fn what_arrives_late_from_an_old_connection_harms_nobody() {
    for seed in 76..86 {
        let mut world = World::seeded(seed);
        let [amine, chloe] = world.team(["amine", "chloe"]);
        let mut sent = Vec::new();
        for number in 0..6 {
            sent.push(world.write(amine, &format!("Message {number}")));
            world.cut_like(amine, Cut::Late);
            world.restore(amine, Link::default());
            world.pass(700);
        }
        world.run_until_quiet();
        let mut inbox = world.inbox(chloe);
        assert_eq!(inbox.len(), sent.len(), "seed {seed}");
        inbox.sort();
        sent.sort();
        assert_eq!(inbox, sent, "seed {seed}");
        assert!(world.verdict().is_clean(), "seed {seed}: {}", world.verdict());
    }
}
