//! What a screen tells at the opening: what came while the agent was off duty, in one summary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::reader::Duty;
use estafette_protocol::Timestamp;
use estafette_world::{DAY, Link, MINUTE, Phone, World, paris};

/// How many messages the summary tells of, by the relay's clock.
fn summary(world: &World, phone: Phone) -> Option<u64> {
    let mut reader = world.open_reader(phone).unwrap();
    reader.absence(world.now()).unwrap().map(|absence| absence.messages)
}

#[test]
fn what_came_off_duty_is_summed_up_at_the_opening_until_it_is_read() {
    let mut world = World::seeded(1);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    world.set_own_hours(amine, &[("08:00", "12:00"), ("13:00", "17:00")]);
    world.run_until_quiet();
    world.at("16:00");
    world.write(chloe, "Lu le jour même.");
    world.run_until_quiet();
    let thread = world.team_thread();
    world.read_all(amine, thread);
    world.at("16:30");
    world.write(chloe, "Arrivé en service, pas encore lu.");
    world.run_until_quiet();
    world.at("20:00");
    for (phone, text) in [(chloe, "Un."), (denis, "Deux."), (chloe, "Trois.")] {
        world.write(phone, text);
    }
    world.write(amine, "Le mien ne compte pas.");
    world.run_until_quiet();
    assert_eq!(summary(&world, amine), None, "off duty there is nothing");

    world.at("08:05");
    world.run_until_quiet();
    assert_eq!(summary(&world, amine), Some(3));
    assert_eq!(summary(&world, chloe), None, "her hours never closed");
    world.write(chloe, "Celui-ci arrive en service.");
    world.run_until_quiet();
    assert_eq!(summary(&world, amine), Some(3), "what comes on duty is no absence");
    world.at("13:05");
    world.run_until_quiet();
    assert_eq!(summary(&world, amine), Some(3), "a break later, the night is told still");
    world.read_all(amine, thread);
    assert_eq!(summary(&world, amine), None);
}

#[test]
fn hours_that_were_closed_while_a_device_was_away_are_told_by_the_relays_word_alone() {
    let mut world = World::seeded(3);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.set_own_hours(amine, &[("08:00", "17:00")]);
    world.at("10:00");
    world.run_until_quiet();
    let duty = |world: &World, phone| world.open_reader(phone).unwrap().duty(world.now()).unwrap();
    assert_eq!(duty(&world, amine), Some(Duty::On { closes_at: Some(paris(0, "17:00")) }));

    world.cut(amine);
    world.set_own_hours(amine, &[("13:00", "17:00")]);
    world.run_until_quiet();
    assert_eq!(
        duty(&world, amine),
        Some(Duty::On { closes_at: Some(paris(0, "17:00")) }),
        "nobody has told it"
    );
    world.restore(amine, Link::default());
    world.run_until_quiet();
    let off = Some(Duty::Off { reopens_at: Some(paris(0, "13:00")) });
    assert_eq!(duty(&world, amine), off, "it is given no statement, and knows all the same");
    world.at("13:05");
    world.run_until_quiet();
    assert_eq!(duty(&world, amine), Some(Duty::On { closes_at: Some(paris(0, "17:00")) }));
    assert_eq!(duty(&world, chloe), None, "no hours were set for her");
}

#[test]
fn an_announcement_that_came_off_duty_is_counted_apart_from_messages() {
    let mut world = World::seeded(3);
    let [lea, amine] = world.people(["lea", "amine"]);
    let thread = world.diffusion(1, lea, &[amine]);
    world.set_own_hours(amine, &[("08:00", "17:00")]);
    world.run_until_quiet();
    world.at("20:00");
    let due = Timestamp(world.now().0 + DAY);
    world.announce(lea, &[thread], "Route barrée demain.", due);
    world.run_until_quiet();
    world.at("08:05");
    world.run_until_quiet();
    let absence = world.open_reader(amine).unwrap().absence(world.now()).unwrap().unwrap();
    assert_eq!((absence.messages, absence.announcements), (0, 1));
}

#[test]
fn announcements_that_wait_for_this_agent_are_counted_until_each_is_settled() {
    let mut world = World::seeded(2);
    let [lea, amine] = world.people(["lea", "amine"]);
    let thread = world.diffusion(1, lea, &[amine]);
    world.run_until_quiet();
    let count = |world: &World, phone| world.open_reader(phone).unwrap().asked_count().unwrap();
    let due = Timestamp(world.now().0 + DAY);
    let first = world.announce(lea, &[thread], "Route barrée lundi.", due);
    world.announce(lea, &[thread], "Réunion mardi.", due);
    world.pass(MINUTE);
    assert_eq!((count(&world, amine), count(&world, lea)), (2, 0), "an author asks others");
    let corrected = world.correct(lea, first, "Route barrée mardi.", due);
    world.pass(MINUTE);
    assert_eq!(count(&world, amine), 2, "the correction is asked in the place of what it corrects");
    world.acknowledge(amine, corrected).unwrap();
    assert_eq!(count(&world, amine), 1);
}
