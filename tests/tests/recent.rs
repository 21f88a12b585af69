//! How recent what a device knows is: the dated head of the statement chain, "anything new?", and
//! the relay's last word on hours.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::{Fault, FaultCode};
use estafette_world::{DAY, Link, MINUTE, Phone, World, paris};

const OLD: &str = "statements_old";

fn warnings(world: &World, phone: Phone) -> usize {
    world.faults_shown(phone).iter().filter(|code| *code == OLD).count()
}

#[test]
fn an_administrators_device_keeps_the_chain_dated_for_everybody() {
    let mut world = World::seeded(301);
    let [amine, _chloe] = world.team(["amine", "chloe"]);
    world.keep_lines();
    world.pass(20 * DAY);
    assert_eq!(warnings(&world, amine), 0);
    let dated = world.lines().iter().filter(|line| line.contains("dated head")).count();
    assert!((19..=21).contains(&dated), "once a day, not {dated} times in 20 days");
}

#[test]
fn a_chain_that_nobody_dated_for_seven_days_is_warned_of_once_a_day_until_it_is() {
    let mut world = World::seeded(302);
    let [amine, _chloe] = world.team(["amine", "chloe"]);
    let administrator = world.administrator();
    world.cut(administrator);
    world.pass(6 * DAY);
    assert_eq!(warnings(&world, amine), 0);
    world.pass(3 * DAY);
    assert_eq!(warnings(&world, amine), 2, "on the eighth day and the ninth");
    world.restore(administrator, Link::default());
    world.pass(2 * DAY);
    assert_eq!(warnings(&world, amine), 2);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn by_an_old_chain_nobody_is_let_in_and_messages_go_on() {
    let mut world = World::seeded(303);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let [newcomer] = world.people(["denis"]);
    world.crash(newcomer);
    let administrator = world.administrator();
    world.cut(amine);
    world.cut(chloe);
    world.admit(world.team_roster(), newcomer);
    world.cut(administrator);
    world.pass(8 * DAY);
    world.restore(amine, Link::default());
    world.restore(chloe, Link::default());
    world.keep_lines();
    // Eight days without contact have locked the phones; they open by themselves.
    world.pass(MINUTE);
    let sent = world.write(amine, "Le pont est fermé.");
    world.pass(10 * MINUTE);
    let reserved = |world: &World| world.lines().iter().any(|line| line.contains(": reserve "));
    assert!(!reserved(&world), "no key package is asked for: nobody is to be added");
    assert_eq!(world.inbox(chloe), [sent]);

    world.restore(administrator, Link::default());
    world.pass(10 * MINUTE);
    assert!(reserved(&world), "once the chain is dated, the admission is committed");
    world.start(newcomer);
    world.run_until_quiet();
    let after = world.write(chloe, "Bienvenue !");
    world.run_until_quiet();
    assert_eq!(world.inbox(newcomer), [after]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn only_an_administrators_own_word_for_the_head_that_stands_is_taken() {
    use estafette_protocol::dated_head::DatedHead;
    let mut world = World::seeded(304);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let administrator = world.administrator();
    let organisation = world.registry().organisation();
    let head = world.registry().head().unwrap();
    let now = world.now();
    let word = |world: &World, by: Phone, head, at| {
        DatedHead::sign(organisation, head, at, world.device_id(by), &world.signing_key(by))
    };
    let refused = |world: &mut World, from: Phone, word: DatedHead| match world
        .by_hand(from, vec![RequestBody::DatedHead(word)])
        .unwrap()
        .remove(0)
    {
        Ok(reply) => panic!("taken: {reply:?}"),
        Err(fault) => fault,
    };
    let own = word(&world, amine, head, now);
    assert_eq!(refused(&mut world, amine, own).code, FaultCode::Forbidden);
    let theirs = word(&world, chloe, head, now);
    assert_eq!(refused(&mut world, administrator, theirs).code, FaultCode::Forbidden);
    let forged = DatedHead { device: world.device_id(administrator), ..word(&world, chloe, head, now) };
    assert_eq!(refused(&mut world, administrator, forged).code, FaultCode::BadProof);
    let (number, _) = head;
    let earlier =
        word(&world, administrator, (estafette_protocol::StatementNumber(number.0 - 1), head.1), now);
    let behind = Fault::new(FaultCode::StatementOutOfOrder).with_number(number.0 + 1).with_hash(head.1);
    assert_eq!(refused(&mut world, administrator, earlier), behind);
    let tomorrow = estafette_protocol::Timestamp(now.0 + DAY);
    let ahead = word(&world, administrator, head, tomorrow);
    assert_eq!(refused(&mut world, administrator, ahead).code, FaultCode::ClockWrong);
    let good = word(&world, administrator, head, now);
    let taken = world.by_hand(administrator, vec![RequestBody::DatedHead(good)]).unwrap();
    assert_eq!(taken, [Ok(Reply::Done)]);
}

fn news(world: &mut World, phone: Phone) -> bool {
    match world.ask(phone, Command::Check) {
        CommandAnswer::Reply(Reply::Fresh { news }) => news,
        other => panic!("answered by {other:?}"),
    }
}

#[test]
fn whether_anything_is_new_is_answered_on_duty_and_says_nothing_off_duty() {
    let mut world = World::seeded(305);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.set_hours(&[("08:00", "17:00")]);
    world.at("09:00");
    world.run_until_quiet();
    assert!(!news(&mut world, chloe));
    let sent = world.write(amine, "Bonjour");
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [sent]);
    assert!(!news(&mut world, chloe), "what came is not new any more");
    world.cut(chloe);
    let asked = world.command(chloe, Command::Check);
    world.pass(MINUTE);
    assert!(world.answer(chloe, asked).is_none(), "without network nobody knows");
    world.restore(chloe, Link::default());
    world.run_until_quiet();
    assert!(world.answer(chloe, asked).is_some());
    world.at("17:01");
    world.write(amine, "Encore un mot");
    assert!(!news(&mut world, chloe));
    world.at("08:10");
    world.run_until_quiet();
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

/// The statement that closes an agent's hours is held from them like everything else: only the
/// relay's answer tells them, and it outlives the process.
#[test]
fn a_message_composed_after_the_relay_said_closed_waits_for_the_reopening_it_named() {
    let mut world = World::seeded(306);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.at("09:00");
    world.cut(amine);
    world.set_hours(&[("14:00", "17:00")]);
    world.restore(amine, Link::default());
    world.pass(MINUTE);
    world.crash(amine);
    world.start(amine);
    let held = world.write(amine, "Pour tout à l’heure");
    world.at("13:59");
    assert_eq!(world.outbox(amine)[&held], 0, "not before the hour that the relay named");
    world.at("14:10");
    assert_eq!(world.outbox(amine)[&held], 2);
    assert_eq!(world.inbox(chloe), [held]);
    assert!(world.now() > paris(0, "00:00"));
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}
