//! The lease of a device without contact, and what becomes of one that was withdrawn.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::lease::{self, LeaseRow, Moment, Standing};
use estafette_core::reader::Reader;
use estafette_core::store::StoreError;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::hours::Period;
use estafette_protocol::lease::{Contact, LeaseTerms};
use estafette_protocol::statement::{Act, RevocationReason};
use estafette_protocol::{FaultCode, Timestamp};
use estafette_world::{DAY, HOUR, Link, MINUTE, Phone, World};

const SECRET: &str = "le code du portail";

/// A team whose relay is reached, and in which something was said.
fn town(seed: u64) -> (World, [Phone; 3]) {
    let mut world = World::seeded(seed);
    let phones = world.team(["amine", "chloe", "denis"]);
    world.write(phones[0], &format!("Vu : {SECRET} est 4312."));
    world.run_until_quiet();
    (world, phones)
}

fn refusal(world: &mut World, phone: Phone, text: &str) -> Option<FaultCode> {
    let thread = world.team_thread();
    world.try_write(phone, thread, text, &[]).err().map(|fault| fault.code)
}

fn open(world: &World, phone: Phone) -> Result<Reader, StoreError> {
    world.open_reader(phone)
}

/// What administrators see of the devices that were withdrawn: who said that the content is gone, and
/// how much of it had not left.
fn confirmed(world: &mut World) -> BTreeMap<Phone, u32> {
    let phones = world.phones();
    let ids: BTreeMap<_, _> = phones.iter().map(|phone| (world.device_id(*phone), *phone)).collect();
    let wiped =
        contacts(world).into_iter().filter_map(|contact| Some((ids[&contact.device], contact.wipe?.unsent)));
    wiped.collect()
}

fn contacts(world: &mut World) -> Vec<Contact> {
    let administrator = world.administrator();
    match world.ask(administrator, Command::Ask(RequestBody::Contacts)) {
        CommandAnswer::Reply(Reply::Contacts { contacts }) => contacts,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_phone_without_contact_locks_on_the_seventh_day_and_opens_by_itself_with_all_that_it_had() {
    let (mut world, [amine, chloe, _]) = town(1);
    world.cut(amine);
    let thread = world.team_thread();
    let unsent = world.write(amine, "Écrit dans la vallée.");
    world.pass(7 * DAY - HOUR);
    assert_eq!(refusal(&mut world, amine, "Encore ouvert."), None);
    world.ask(amine, Command::Draft { thread, text: "À suivre".into(), parents: vec![] });
    world.pass(HOUR);
    assert_eq!(refusal(&mut world, amine, "Trop tard."), Some(FaultCode::DeviceLocked));
    assert!(matches!(open(&world, amine), Err(StoreError::Locked)));
    assert_eq!(world.standing(amine), Standing::Locked);

    world.restore(amine, Link::default());
    world.pass(10 * MINUTE);
    assert_eq!(world.standing(amine), Standing::Open);
    let draft = open(&world, amine).unwrap().draft(thread).unwrap().unwrap();
    assert_eq!(draft.text, "À suivre");
    assert!(world.inbox(chloe).contains(&unsent), "what waited has left");
    assert_eq!(refusal(&mut world, amine, "Ouvert."), None);
}

#[test]
fn a_locked_phone_that_is_off_duty_opens_with_its_contact_and_receives_nothing() {
    let (mut world, [amine, chloe, _]) = town(2);
    world.set_hours(&[("08:00", "12:00"), ("13:00", "17:00")]);
    world.run_until_quiet();
    world.cut(amine);
    world.pass(8 * DAY);
    world.at("20:00");
    let held = world.write(chloe, "Pour demain.");
    world.restore(amine, Link::default());
    world.pass(90 * MINUTE);
    assert_eq!(world.standing(amine), Standing::Open);
    assert!(!world.inbox(amine).contains(&held));
}

#[test]
fn after_thirty_days_nothing_is_left_and_what_had_not_left_is_counted() {
    let (mut world, [amine, _, _]) = town(3);
    world.cut(amine);
    world.write(amine, "Jamais parti.");
    world.write(amine, "Ni celui-ci.");
    world.pass(30 * DAY - HOUR);
    assert_eq!(world.standing(amine), Standing::Locked);
    assert_ne!(world.clear_bytes_with(amine, &[SECRET]), Vec::<String>::new(), "locked, not erased");
    world.pass(HOUR + MINUTE);
    assert_eq!(world.standing(amine), Standing::Wiped);
    assert!(matches!(open(&world, amine), Err(StoreError::Wiped)));
    assert_eq!(world.clear_bytes_with(amine, &[SECRET, "Jamais parti", "Ni celui-ci"]), Vec::<String>::new());
    assert_eq!(world.lease(amine).unsent, 2);
    assert_eq!(refusal(&mut world, amine, "Rien."), Some(FaultCode::DeviceWiped));
}

#[test]
fn a_clock_set_back_extends_nothing_and_one_set_forward_destroys_nothing() {
    let (mut world, [amine, chloe, denis]) = town(4);
    for phone in [amine, chloe, denis] {
        world.cut(phone);
    }
    world.pass(5 * DAY);
    let years = i64::try_from(365 * DAY).unwrap();
    world.set_clock_error(amine, -years);
    world.set_clock_error(chloe, years);
    assert_eq!(world.standing(amine), Standing::Open);
    assert_eq!(world.standing(chloe), Standing::Locked, "too early, and nothing is lost");
    world.pass(2 * DAY - HOUR);
    world.write(amine, "Encore là.");
    // Switched off and on, with the clock still a year behind.
    world.crash(amine);
    world.boot(amine);
    world.pass(2 * HOUR);
    assert_eq!(world.standing(amine), Standing::Locked);

    world.set_clock_error(chloe, 0);
    world.restore(chloe, Link::default());
    world.pass(10 * MINUTE);
    assert_eq!(world.standing(chloe), Standing::Open);
    assert_ne!(world.clear_bytes_with(chloe, &[SECRET]), Vec::<String>::new());
}

#[test]
fn a_phone_whose_clock_is_set_back_while_it_waits_is_there_at_the_opening() {
    let (mut world, [amine, chloe, _]) = town(12);
    world.set_hours(&[("08:00", "12:00"), ("13:00", "17:00")]);
    world.set_own_hours(chloe, &[("00:00", "24:00")]);
    world.at("20:00");
    let held = world.write(chloe, "Pour demain.");
    for years in [1, 10] {
        world.set_clock_error(amine, -i64::try_from(years * 365 * DAY).unwrap());
        world.pass(HOUR);
    }
    world.at("07:59");
    assert!(!world.inbox(amine).contains(&held));
    world.at("08:01");
    assert!(world.inbox(amine).contains(&held));
}

#[test]
fn known_leave_moves_both_dates_behind_its_end() {
    let (mut world, [amine, chloe, _]) = town(5);
    let agent = world.agent(amine);
    let now = world.now();
    let period = Period { from: now, until: Timestamp(now.0 + 21 * DAY) };
    world.state(vec![Act::GrantLeave { agent, period }]);
    world.pass(2 * MINUTE);
    // A contact after that.
    for phone in [amine, chloe] {
        world.cut(phone);
        world.restore(phone, Link::default());
    }
    world.pass(2 * MINUTE);
    world.cut(amine);
    world.cut(chloe);
    world.pass(20 * DAY);
    assert_eq!((world.standing(amine), world.standing(chloe)), (Standing::Open, Standing::Locked));
    world.pass(4 * DAY + HOUR);
    assert_eq!(world.standing(amine), Standing::Locked);
}

#[test]
fn the_organisation_says_how_long_and_people_are_warned_three_days_before() {
    let (mut world, [amine, _, _]) = town(6);
    world.state(vec![Act::SetLease { terms: LeaseTerms { lock_days: 10, wipe_days: 20 } }]);
    world.pass(MINUTE);
    world.cut(amine);
    world.restore(amine, Link::default());
    world.pass(MINUTE);
    world.cut(amine);
    world.pass(6 * DAY);
    assert!(!world.lease(amine).warns);
    world.pass(DAY + HOUR);
    assert!(world.lease(amine).warns, "before it locks");
    world.pass(3 * DAY);
    assert_eq!((world.standing(amine), world.lease(amine).warns), (Standing::Locked, false));
    world.pass(7 * DAY);
    assert!(world.lease(amine).warns, "before it is empty");
    let LeaseRow { contact, lock_at, wipe_at, .. } = world.lease(amine);
    let contact = contact.unwrap();
    assert_eq!(lock_at, Some(Timestamp(contact.0 + 10 * DAY)));
    assert_eq!(wipe_at, Some(Timestamp(contact.0 + 20 * DAY)));
}

#[test]
fn a_lost_phone_destroys_its_content_at_its_next_contact_and_says_so() {
    for reason in [RevocationReason::Lost, RevocationReason::Replaced, RevocationReason::Retired] {
        let (mut world, [amine, chloe, denis]) = town(7);
        world.write(chloe, "Rendez-vous au dépôt.");
        world.run_until_quiet();
        world.cut(amine);
        world.write(amine, "Pas encore parti.");
        world.revoke_as(amine, reason);
        world.pass(DAY);
        assert_eq!(confirmed(&mut world), BTreeMap::new(), "not known yet");
        assert_eq!(world.standing(amine), Standing::Open, "it knows nothing of it");

        world.restore(amine, Link::default());
        world.pass(10 * MINUTE);
        assert_eq!(world.standing(amine), Standing::Wiped, "{reason:?}");
        let words = [SECRET, "Rendez-vous", "Pas encore parti"];
        assert_eq!(world.clear_bytes_with(amine, &words), Vec::<String>::new());
        assert_eq!(world.epochs(amine, world.team_roster()).len(), 0);
        assert_eq!(confirmed(&mut world), BTreeMap::from([(amine, 1)]));
        assert_eq!(refusal(&mut world, amine, "Rien."), Some(FaultCode::DeviceRevoked));
        let after = world.write(chloe, "Sans lui.");
        world.run_until_quiet();
        assert!(world.inbox(denis).contains(&after));
        assert_eq!(world.relay_log(world.team_thread()).len(), 3);
    }
}

#[test]
fn an_order_survives_a_crash_at_any_moment_and_its_confirmation_a_lost_answer() {
    for crash in 0..3 {
        let (mut world, [amine, ..]) = town(8);
        world.cut(amine);
        world.revoke(amine);
        world.pass(MINUTE);
        world.restore(amine, Link::losing_acks(2));
        for _ in 0..crash {
            while world.standing(amine) == Standing::Open && world.step() {}
            world.crash(amine);
            world.pass(MINUTE);
            world.start(amine);
        }
        world.pass(3 * HOUR);
        assert_eq!(confirmed(&mut world), BTreeMap::from([(amine, 0)]));
        assert_eq!(world.clear_bytes_with(amine, &[SECRET]), Vec::<String>::new());
    }
}

#[test]
fn a_suspended_phone_locks_and_keeps_what_it_has() {
    let (mut world, [amine, ..]) = town(9);
    world.revoke_as(amine, RevocationReason::Suspended);
    world.pass(10 * MINUTE);
    assert_eq!(world.standing(amine), Standing::Locked);
    assert!(matches!(open(&world, amine), Err(StoreError::Locked)));
    assert_ne!(world.clear_bytes_with(amine, &[SECRET]), Vec::<String>::new());
    assert_eq!(refusal(&mut world, amine, "Rien."), Some(FaultCode::DeviceRevoked));
    assert_eq!(confirmed(&mut world), BTreeMap::new());
}

#[test]
fn administrators_see_the_day_of_the_last_contact_and_no_hour() {
    let (mut world, phones) = town(10);
    world.cut(phones[0]);
    world.pass(3 * DAY);
    let day = |at: Timestamp| Timestamp(at.0 - at.0 % DAY);
    let contacts = contacts(&mut world);
    let of = |world: &World, phone: Phone| {
        contacts.iter().find(|contact| contact.device == world.device_id(phone)).unwrap().day.unwrap()
    };
    assert_eq!(of(&world, phones[0]), Timestamp(day(world.now()).0 - 3 * DAY));
    assert!(of(&world, phones[1]) >= Timestamp(day(world.now()).0 - DAY));
    assert!(contacts.iter().all(|contact| contact.day.unwrap().0 % DAY == 0));
}

#[test]
fn a_device_that_does_not_run_is_locked_before_anybody_reads_it() {
    let (mut world, [amine, ..]) = town(11);
    world.crash(amine);
    world.pass(8 * DAY);
    let look = |world: &World| {
        let (path, key) = world.database_of(amine);
        let moment = Moment { wall: world.now(), running: Some(std::time::Duration::from_secs(30)) };
        lease::look(&path, &key, moment).unwrap()
    };
    assert_eq!(look(&world).standing, Standing::Locked);
    assert!(matches!(open(&world, amine), Err(StoreError::Locked)));
    world.pass(30 * DAY);
    assert_eq!(look(&world).standing, Standing::Locked, "destroying is for the device itself");
    world.cut(amine);
    world.boot(amine);
    world.pass(HOUR);
    assert_eq!(world.standing(amine), Standing::Locked, "the clock on the wall alone says so");
    world.pass(3 * DAY);
    assert_eq!(world.standing(amine), Standing::Wiped);
}
