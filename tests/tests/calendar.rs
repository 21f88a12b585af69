//! The legal calendar on whole devices: every French zone around both changes of time, on phones
//! whose clocks lie by hours or years.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use estafette_protocol::Timestamp;
use estafette_protocol::hours::Calendar;
use estafette_protocol::statement::{Act, HoursScope};
use estafette_world::{MINUTE, Phone, World};

const HOUR: i64 = 60 * MINUTE as i64;
const DAY: u64 = 24 * HOUR as u64;
const YEAR: i64 = 365 * DAY as i64;

/// How far phones' clocks are wrong, one after the other.
const LIES: [i64; 6] = [2 * HOUR, -2 * HOUR, YEAR, -YEAR, 9 * HOUR, 0];

/// Zones with the minutes that their clocks are ahead of UTC before and after a change.
type Clocks = [(&'static str, i64, i64)];

/// Of 28 March 2027, 01:00 UTC: summer begins in Paris.
const SPRING: [(&str, i64, i64); 14] = [
    ("Europe/Paris", 60, 120),
    ("America/Miquelon", -120, -120),
    ("America/Guadeloupe", -240, -240),
    ("America/Martinique", -240, -240),
    ("America/St_Barthelemy", -240, -240),
    ("America/Marigot", -240, -240),
    ("America/Cayenne", -180, -180),
    ("Indian/Reunion", 240, 240),
    ("Indian/Mayotte", 180, 180),
    ("Pacific/Tahiti", -600, -600),
    ("Pacific/Marquesas", -570, -570),
    ("Pacific/Gambier", -540, -540),
    ("Pacific/Noumea", 660, 660),
    ("Pacific/Wallis", 720, 720),
];

/// Of 31 October 2027, 01:00 UTC: it ends there.
fn autumn() -> Vec<(&'static str, i64, i64)> {
    let mut clocks = SPRING.to_vec();
    clocks[0] = ("Europe/Paris", 120, 60);
    clocks
}

/// Phones in these zones, whose hours are 08:00 to 17:00 each day, live through the three days around a
/// change: at 08:00 by the legal clock they have what was held, and a millisecond before they do not.
fn no_early_delivery(seed: u64, change: u64, clocks: &Clocks) {
    println!("seed {seed}");
    let eve = change / DAY - 1;
    let mut world = World::seeded_at(seed, Timestamp(eve * DAY));
    // Three phones at a time: each group of zones is a world of its own.
    let [author, phones @ ..] = world.team(["author", "first", "second", "third"]);
    let always = |phone, world: &World| Act::SetCalendar {
        scope: HoursScope::Agent(world.agent(phone)),
        calendar: Calendar::always_open("UTC"),
    };
    let mut acts = vec![always(world.administrator(), &world), always(author, &world)];
    for (phone, (zone, ..)) in phones.iter().zip(clocks) {
        let week = "lun-dim 08:00-17:00".parse().unwrap();
        let scope = HoursScope::Agent(world.agent(*phone));
        acts.push(Act::SetCalendar { scope, calendar: Calendar::weekly(*zone, week) });
    }
    world.state(acts);
    world.run_until_quiet();
    for (index, phone) in phones.iter().enumerate() {
        world.set_clock_error(*phone, LIES[(seed as usize + index) % LIES.len()]);
        // It starts with the wrong clock, as after an empty battery.
        world.crash(*phone);
        world.start(*phone);
    }
    let mut openings: BTreeMap<u64, Vec<(Phone, &str)>> = BTreeMap::new();
    for day in [eve + 1, eve + 2] {
        for (phone, (zone, before, after)) in phones.iter().zip(clocks) {
            let shown = day * DAY + 8 * HOUR as u64;
            let opening = |ahead: i64| shown.checked_add_signed(-ahead * MINUTE as i64).unwrap();
            let at = if opening(*before) < change { opening(*before) } else { opening(*after) };
            openings.entry(at).or_default().push((*phone, zone));
        }
    }
    for (opening, phones) in openings {
        world.run_until(Timestamp(opening - 30 * MINUTE));
        let sent = world.write(author, "Écluse fermée demain.");
        world.run_until(Timestamp(opening - 1));
        for (phone, zone) in &phones {
            assert!(!world.inbox(*phone).contains(&sent), "seed {seed}, {zone}: early, before {opening}");
        }
        world.run_until(Timestamp(opening + MINUTE));
        for (phone, zone) in &phones {
            assert!(world.inbox(*phone).contains(&sent), "seed {seed}, {zone}: not there at {opening}");
        }
    }
}

#[test]
fn no_zone_and_no_lie_of_a_phones_clock_brings_a_message_before_the_legal_minute() {
    for (group, change) in [1_806_195_600_000, 1_824_944_400_000].into_iter().enumerate() {
        let clocks = if group == 0 { SPRING.to_vec() } else { autumn() };
        for (number, zones) in clocks.chunks(3).enumerate() {
            no_early_delivery((group * 10 + number) as u64, change, zones);
        }
    }
    // Miquelon changes with Canada: 14 March, 05:00 UTC, and 7 November, 04:00 UTC.
    no_early_delivery(31, 1_805_000_400_000, &[("America/Miquelon", -180, -120)]);
    no_early_delivery(32, 1_825_560_000_000, &[("America/Miquelon", -120, -180)]);
}

#[test]
fn in_paris_every_lie_is_told_on_both_nights() {
    // Three phones in one world, two worlds: all six lies.
    for seed in [42, 45] {
        no_early_delivery(seed, 1_806_195_600_000, &[SPRING[0]; 3]);
        no_early_delivery(seed, 1_824_944_400_000, &[autumn()[0]; 3]);
    }
}
