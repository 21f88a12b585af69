//! Phones that show every 30 days what they are, and phones that the relay bars.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::lease::Standing;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::lease::Contact;
use estafette_protocol::{EntryUid, Timestamp};
use estafette_world::{DAY, HOUR, Link, MINUTE, Phone, World};

/// The serial number of the attesting certificate of every phone here.
const NAMED: &str = r#""2": {"status": "REVOKED"}"#;

fn town(seed: u64) -> (World, [Phone; 3]) {
    let mut world = World::seeded(seed);
    let phones = world.team(["amine", "chloe", "denis"]);
    world.run_until_quiet();
    (world, phones)
}

fn contact(world: &mut World, phone: Phone) -> Contact {
    let (administrator, device) = (world.administrator(), world.device_id(phone));
    match world.ask(administrator, Command::Ask(RequestBody::Contacts)) {
        CommandAnswer::Reply(Reply::Contacts { contacts }) => {
            contacts.into_iter().find(|contact| contact.device == device).unwrap()
        }
        other => panic!("{other:?}"),
    }
}

fn times(world: &World, phone: Phone, uid: EntryUid) -> usize {
    world.inbox(phone).iter().filter(|found| **found == uid).count()
}

/// What a phone has written and the relay has not taken.
fn waiting(world: &World, phone: Phone) -> usize {
    world.outbox(phone).values().filter(|state| **state < 2).count()
}

#[test]
fn a_phone_renews_its_evidence_before_it_is_due_and_nobody_notices() {
    let (mut world, [amine, chloe, _]) = town(21);
    let enrolled = contact(&mut world, amine).attest_by.unwrap();
    assert_eq!(contact(&mut world, Phone(0)).attest_by, None, "a computer has none");
    world.pass(95 * DAY);
    let now = world.now();
    let renewed = contact(&mut world, amine).attest_by.unwrap();
    assert!(renewed > now && renewed.0 >= enrolled.0 + 3 * 27 * DAY, "three times");
    assert_eq!(world.lease(amine).attest_at_last, None);
    let faults = world.faults_shown(amine);
    assert!(faults.iter().all(|fault| !fault.contains("attest")), "{faults:?}");
    let uid = world.write(amine, "Toujours là.");
    world.run_until_quiet();
    assert_eq!(times(&world, chloe, uid), 1);
}

#[test]
fn a_phone_that_cannot_show_what_it_is_is_warned_then_waits_and_goes_on_with_all_that_it_had() {
    let (mut world, [amine, chloe, _]) = town(22);
    let due = contact(&mut world, amine).attest_by.unwrap();
    world.shows(amine, None);
    world.run_until(Timestamp(due.0 + 2 * HOUR));
    assert_eq!(world.lease(amine).attest_at_last, Some(Timestamp(due.0 + 7 * DAY)));
    let uid = world.write(amine, "Pendant le délai.");
    world.pass(10 * MINUTE);
    assert_eq!(times(&world, chloe, uid), 1, "in the days of grace all goes on");

    world.run_until(Timestamp(due.0 + 7 * DAY + HOUR));
    let waits = world.write(amine, "Rien n’est perdu.");
    let held = world.write(chloe, "Tu me reçois ?");
    world.pass(DAY);
    assert_eq!(times(&world, chloe, waits), 0);
    assert_eq!(times(&world, amine, held), 0);
    assert_eq!(waiting(&world, amine), 1);
    let faults = world.faults_shown(amine);
    assert!(faults.contains(&"reattestation_required".to_owned()), "{faults:?}");

    world.shows(amine, Some("Un autre téléphone"));
    world.pass(3 * HOUR);
    assert_eq!(times(&world, chloe, waits), 0, "not another phone's evidence");
    world.shows(amine, Some("Stellar-X5"));
    world.pass(3 * HOUR);
    assert_eq!(times(&world, chloe, waits), 1);
    assert_eq!(times(&world, amine, held), 1);
    assert_eq!(waiting(&world, amine), 0);
    assert_eq!(world.lease(amine).attest_at_last, None);
}

#[test]
fn a_phone_that_comes_back_locked_and_late_opens_by_itself() {
    let (mut world, [amine, chloe, _]) = town(23);
    let due = contact(&mut world, amine).attest_by.unwrap();
    world.shows(amine, None);
    world.run_until(Timestamp(due.0 + DAY));
    world.cut(amine);
    let waits = world.write(amine, "Écrit avant le verrouillage.");
    world.pass(9 * DAY);
    assert_eq!(world.standing(amine), Standing::Locked);
    world.shows(amine, Some("Stellar-X5"));
    world.restore(amine, Link::losing_acks(2));
    world.pass(3 * HOUR);
    assert_eq!(world.standing(amine), Standing::Open);
    assert_eq!(times(&world, chloe, waits), 1);
}

#[test]
fn a_crash_while_the_hardware_is_at_work_asks_again() {
    let (mut world, [amine, ..]) = town(24);
    let due = contact(&mut world, amine).attest_by.unwrap();
    world.cut(amine);
    world.run_until(Timestamp(due.0 - 3 * DAY + HOUR));
    world.restore(amine, Link::default());
    for _ in 0..40 {
        world.step();
        world.crash(amine);
        world.boot(amine);
        world.restore(amine, Link::default());
        world.pass(97);
    }
    world.pass(DAY);
    assert!(contact(&mut world, amine).attest_by.unwrap() > due);
}

#[test]
fn a_barred_phone_sends_and_receives_nothing_and_loses_nothing() {
    let (mut world, [amine, chloe, _]) = town(25);
    world.bring_revocations(NAMED);
    let waits = world.write(amine, "Je suis suspendu.");
    world.pass(DAY);
    assert_eq!(times(&world, chloe, waits), 0);
    assert_eq!(waiting(&world, amine), 1);
    assert!(contact(&mut world, amine).barred_since.is_some());
    let faults = world.faults_shown(amine);
    assert!(faults.contains(&"device_suspended".to_owned()), "{faults:?}");
    world.bring_revocations("");
    world.pass(3 * HOUR);
    assert_eq!(times(&world, chloe, waits), 1);
    assert_eq!(contact(&mut world, amine).barred_since, None);
}
