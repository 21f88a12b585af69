//! The first steps: a team that writes and reads, cut links, lost acknowledgements.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_world::{Link, World};

#[test]
fn a_message_reaches_the_team_once() {
    let mut world = World::seeded(1);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    let sent = world.write(amine, "Vanne fermée rue des Lilas.");
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [sent]);
    assert_eq!(world.inbox(denis), [sent]);
    assert_eq!(world.verdict().to_string(), "");
}

#[test]
fn a_message_written_offline_arrives_once_though_two_acks_are_lost() {
    let mut world = World::seeded(7);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.cut(amine);
    let sent = world.write(amine, "Vanne fermée rue des Lilas.");
    world.restore(amine, Link::losing_acks(2));
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [sent]);
    assert_eq!(world.faults().0.get("lost acknowledgement"), Some(&2));
    assert_eq!(world.verdict().to_string(), "");
}
