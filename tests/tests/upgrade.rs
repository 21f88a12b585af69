//! Databases of earlier versions: today's program opens them, finds everything, and goes on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::{Path, PathBuf};

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::store::{self, DatabaseKey};
use estafette_protocol::statement::Class;
use estafette_world::{Phone, World};

const AMINE: Phone = Phone(1);
const CHLOE: Phone = Phone(2);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/2026-11-22-first")
}

/// What was told to the first version, and packed. Made once with that version:
/// `PACK_FIXTURE=DIR cargo test --workspace --test upgrade -- --ignored`.
#[test]
#[ignore = "writes the fixture of the version that runs it"]
fn pack() {
    let to = PathBuf::from(std::env::var_os("PACK_FIXTURE").expect("PACK_FIXTURE names a folder"));
    let mut world = World::seeded(2026);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    for number in 1..=20 {
        let author = if number % 3 == 0 { chloe } else { amine };
        world.write(author, &format!("Relevé n° {number} : vanne fermée rue des Lilas."));
        world.run_until_quiet();
    }
    let with = world.agent(chloe);
    let CommandAnswer::Thread(direct) = world.ask(amine, Command::Direct { class: Class::Service, with })
    else {
        panic!("a thread")
    };
    world.write_in(amine, direct, "Tu passes au dépôt ?", &[]);
    world.run_until_quiet();
    world.write_in(chloe, direct, "À 14 h.", &[]);
    let thread = world.team_thread();
    world.ask(chloe, Command::Read { thread, up_to: estafette_protocol::Position(12) });
    world.run_until_quiet();
    world.cut(amine);
    world.write(amine, "Écrit dans le tunnel.");
    world.run_until_quiet();
    assert!(world.verdict().lost.len() <= 1);
    world.pack(&to);
}

/// The twenty texts of the team, in their order.
fn texts() -> Vec<String> {
    (1..=20).map(|number| format!("Relevé n° {number} : vanne fermée rue des Lilas.")).collect()
}

#[test]
fn todays_device_opens_the_first_versions_database_and_finds_every_message() {
    let mut world = World::unpack(&folder(), 1);
    world.start(AMINE);
    world.start(CHLOE);
    for phone in [AMINE, CHLOE] {
        let shown = world.timeline(phone, world.team_thread());
        let placed: Vec<_> = shown.iter().filter(|shown| shown.position > 0).collect();
        assert_eq!(placed.iter().map(|shown| shown.text.clone()).collect::<Vec<_>>(), texts(), "{phone:?}");
        let positions: Vec<u64> = placed.iter().map(|shown| shown.position).collect();
        assert_eq!(positions, (1..=20).collect::<Vec<u64>>());
        let direct =
            world.threads_of(phone).into_iter().find(|thread| *thread != world.team_thread()).unwrap();
        let said: Vec<String> = world.timeline(phone, direct).into_iter().map(|shown| shown.text).collect();
        assert_eq!(said, ["Tu passes au dépôt ?", "À 14 h."]);
    }
    let thread = world.team_thread();
    let unplaced: Vec<_> =
        world.timeline(AMINE, thread).into_iter().filter(|shown| shown.position == 0).collect();
    assert_eq!(unplaced.len(), 1);
    assert_eq!(unplaced[0].text, "Écrit dans le tunnel.");
    // Messages 13, 14, 16, 17, 19 and 20 are Amine's.
    assert_eq!(world.unread(CHLOE, thread), 6);
    assert_eq!(world.marks(AMINE, thread, CHLOE).0, 20);
}

#[test]
fn todays_relay_opens_the_first_versions_database_and_finds_every_entry() {
    let mut world = World::unpack(&folder(), 2);
    world.start_all();
    let log = world.relay_log(world.team_thread());
    assert_eq!(log.iter().map(|kept| kept.position).collect::<Vec<_>>(), (1..=20).collect::<Vec<u64>>());
}

#[test]
fn the_first_versions_people_go_on_with_todays_program() {
    let mut world = World::unpack(&folder(), 3);
    world.start_all();
    world.run_until_quiet();
    let thread = world.team_thread();
    let answer = world.write(CHLOE, "Reçu, après la mise à jour.");
    world.run_until_quiet();
    let mut expected = texts();
    expected.extend(["Écrit dans le tunnel.".to_owned(), "Reçu, après la mise à jour.".to_owned()]);
    for phone in [AMINE, CHLOE] {
        let shown = world.timeline(phone, thread);
        assert_eq!(shown.iter().map(|shown| shown.text.clone()).collect::<Vec<_>>(), expected, "{phone:?}");
        assert!(shown.iter().all(|shown| shown.position > 0));
    }
    assert!(world.inbox(AMINE).contains(&answer));
    assert_eq!(world.faults_shown(AMINE), Vec::<String>::new());
    let denis = world.enrol("denis");
    world.state(vec![denis.1]);
    let roster = world.team_roster();
    world.switch_on(denis.0);
    world.admit(roster, denis.0);
    world.run_until_quiet();
    let sent = world.write(AMINE, "Bienvenue Denis.");
    world.run_until_quiet();
    assert_eq!(world.inbox(denis.0), [sent]);
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().join("device.db"), DatabaseKey([7; 32].into()));
    store::open(&path, &key).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = std::fs::read(&path).unwrap();
    let refused = store::open(&path, &key).unwrap_err();
    assert!(matches!(refused, store::StoreError::TooNew { found: 99, .. }), "{refused}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
