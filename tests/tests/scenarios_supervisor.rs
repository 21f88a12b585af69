//! A supervisor's day (`design/scenarios.md`, B), as far as this version goes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_protocol::hours::{HoursState, Reach};
use estafette_world::{World, paris};

#[test]
fn b9_written_to_somebody_off_duty_it_is_delivered_at_eight_and_said_so() {
    let mut world = World::seeded(21);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.set_hours(&[("08:00", "17:00")]);
    world.set_own_hours(chloe, &[("08:00", "19:00")]);
    world.run_until_quiet();
    world.at("18:20");
    let hours = world.registry_of(chloe).hours_of(world.agent(amine)).unwrap();
    let said = hours.state(world.now(), Reach::Duty);
    assert_eq!(
        said,
        HoursState::Closed { reopens_at: Some(paris(1, "08:00")) },
        "« sera remis demain 08:00 »"
    );
    let sent = world.write(chloe, "Demain, commencez par la rue des Lilas.");
    world.at("07:59");
    assert_eq!(world.relay_log(world.team_thread()).len(), 1, "the relay holds it");
    assert_eq!(world.timeline(amine, world.team_thread()), [], "the phone does not");
    world.at("08:00");
    world.run_until_quiet();
    assert_eq!(world.inbox(amine), [sent]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}
