//! Wake-ups: for phones that listen nowhere, within their hours, and with nothing in them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer};
use estafette_protocol::frame::RequestBody;
use estafette_protocol::statement::RevocationReason;
use estafette_protocol::{FaultCode, Timestamp};
use estafette_world::{HOUR, Link, MINUTE, Phone, SECOND, World, paris};

const ENDPOINT: &str = "https://push.example.fr/UP?token=amine";

fn register(world: &mut World, phone: Phone, endpoint: Option<&str>) -> CommandAnswer {
    let endpoint = endpoint.map(str::to_owned);
    world.ask(phone, Command::Ask(RequestBody::WakeUps { endpoint }))
}

/// Working hours, and Amine's phone in the pocket: it listens nowhere and can be woken.
fn town(seed: u64) -> (World, [Phone; 2]) {
    let mut world = World::seeded(seed);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.set_hours(&[("08:00", "12:00"), ("13:00", "17:00")]);
    world.run_until_quiet();
    register(&mut world, amine, Some(ENDPOINT));
    world.cut(amine);
    world.at("09:00");
    (world, [amine, chloe])
}

fn times(world: &World, phone: Phone, day: u64) -> Vec<u64> {
    world.wake_ups(phone).into_iter().map(|at| (at.0 - paris(day, "00:00").0) / 1000).collect()
}

#[test]
fn a_phone_is_woken_once_a_minute_at_most_while_it_does_not_come() {
    let (mut world, [amine, chloe]) = town(1);
    let day = world.day();
    assert_eq!(times(&world, amine, day), [0; 0]);
    for second in 0..150 {
        world.write(chloe, &format!("Message {second}"));
        world.pass(SECOND);
    }
    let woken = times(&world, amine, day);
    assert_eq!(woken.len(), 3, "{woken:?}");
    assert!(woken.windows(2).all(|pair| pair[1] - pair[0] >= 60), "{woken:?}");
    // What came after the last one is not forgotten.
    world.pass(10 * MINUTE);
    assert_eq!(times(&world, amine, day).len(), 4);
    assert_eq!(times(&world, chloe, day), [0; 0], "she listens");
}

#[test]
fn nobody_is_woken_off_duty_and_what_waited_becomes_one_at_the_opening() {
    let (mut world, [amine, chloe]) = town(2);
    let day = world.day();
    // Chloé works late.
    world.set_own_hours(chloe, &[("00:00", "24:00")]);
    world.at("17:00");
    let before = world.wake_ups(amine).len();
    for _ in 0..50 {
        world.write(chloe, "Pour demain.");
        world.pass(10 * MINUTE);
    }
    assert_eq!(world.wake_ups(amine).len(), before, "not one in the evening");
    world.at("09:00");
    let opening = paris(day + 1, "08:00");
    assert_eq!(world.wake_ups(amine)[before..], [opening]);
}

#[test]
fn who_has_come_is_not_woken_for_what_it_has() {
    let (mut world, [amine, chloe]) = town(3);
    world.write(chloe, "Un.");
    world.pass(SECOND);
    let woken = world.wake_ups(amine).len();
    assert_eq!(woken, 1);
    world.restore(amine, Link::default());
    world.pass(2 * MINUTE);
    world.write(chloe, "Deux.");
    world.pass(5 * MINUTE);
    world.cut(amine);
    world.pass(10 * MINUTE);
    assert_eq!(world.wake_ups(amine).len(), woken, "it listened, then it had everything");
    world.write(chloe, "Trois.");
    world.pass(SECOND);
    assert_eq!(world.wake_ups(amine).len(), woken + 1);
}

#[test]
fn a_restarted_relay_wakes_once_for_what_it_may_have_forgotten() {
    let (mut world, [amine, chloe]) = town(4);
    let before = world.wake_ups(amine).len();
    world.crash_relay(5);
    world.pass(10 * MINUTE);
    assert_eq!(world.wake_ups(amine).len(), before + 1);
    world.write(chloe, "Encore là.");
    world.pass(10 * MINUTE);
    assert_eq!(world.wake_ups(amine).len(), before + 2);
}

#[test]
fn who_is_withdrawn_or_takes_the_address_back_is_woken_no_more() {
    let (mut world, [amine, chloe]) = town(5);
    world.restore(amine, Link::default());
    world.pass(MINUTE);
    register(&mut world, amine, None);
    world.cut(amine);
    let before = world.wake_ups(amine).len();
    world.write(chloe, "Sans réveil.");
    world.pass(HOUR);
    assert_eq!(world.wake_ups(amine).len(), before);

    let (mut world, [amine, chloe]) = town(6);
    world.revoke_as(amine, RevocationReason::Lost);
    world.pass(MINUTE);
    let before = world.wake_ups(amine).len();
    world.write(chloe, "Sans lui.");
    world.pass(HOUR);
    assert_eq!(world.wake_ups(amine).len(), before);
    assert!(world.wake_ups(chloe).iter().all(|at| *at == Timestamp(0)));
}

#[test]
fn an_address_elsewhere_is_refused_and_the_one_before_stays() {
    let (mut world, [amine, chloe]) = town(7);
    world.restore(amine, Link::default());
    world.pass(MINUTE);
    let answer = register(&mut world, amine, Some("https://169.254.169.254/latest"));
    assert!(matches!(answer, CommandAnswer::Refused(fault) if fault.code == FaultCode::WakeUpRefused));
    world.cut(amine);
    let before = world.wake_ups(amine).len();
    // The relay does not know yet that nobody listens there.
    world.write(chloe, "Réveil.");
    world.pass(10 * MINUTE);
    assert_eq!(world.wake_ups(amine).len(), before + 1);
}
