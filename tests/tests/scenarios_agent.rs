//! A field agent's day (`design/scenarios.md`, A), as far as this version goes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer};
use estafette_protocol::codec;
use estafette_protocol::frame::{Message, Outcome, Reply, SlotKind};
use estafette_protocol::{EntryUid, Position, ThreadId, Timestamp};
use estafette_world::{Link, MINUTE, Phone, World, paris};

/// Amine works from 08:00 to 17:00; Chloé leads and is on duty at all hours.
fn team(seed: u64) -> (World, Phone, Phone) {
    let mut world = World::seeded(seed);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.set_hours(&[("08:00", "17:00")]);
    world.set_own_hours(chloe, &[]);
    world.run_until_quiet();
    (world, amine, chloe)
}

fn deliveries(heard: &[Message]) -> usize {
    heard.iter().filter(|message| matches!(message, Message::Deliver(_))).count()
}

#[test]
fn a1_off_duty_a_fetch_says_closed_until_eight_and_nothing_else() {
    let (mut world, amine, chloe) = team(11);
    world.at("17:05");
    world.listen();
    world.at("18:30");
    let before = world.heard(amine);
    assert!(!before.is_empty(), "the phone asks now and then");
    for number in 1..=6 {
        world.write(chloe, &format!("Message du soir {number}"));
    }
    world.listen();
    world.at("07:40");
    world.pass(15 * MINUTE);
    let after = world.heard(amine);
    assert!(!after.is_empty(), "the phone asks now and then");
    let size = codec::to_bytes(&before[0]).len();
    for message in before.iter().chain(&after) {
        let Message::Closed { reopens_at, .. } = message else { panic!("said off duty: {message:?}") };
        assert_eq!(*reopens_at, paris(1, "08:00"));
        assert_eq!(codec::to_bytes(message).len(), size, "the size says nothing about what is held");
    }
    assert_eq!(world.inbox(amine), []);
    assert_eq!(world.verdict().off_hours, [""; 0]);
}

#[test]
fn a2_at_eight_what_was_held_comes_at_once_oldest_first_with_its_times() {
    let (mut world, amine, chloe) = team(12);
    world.at("18:00");
    let sent: Vec<_> =
        (1..=6).map(|number| world.write(chloe, &format!("Message du soir {number}"))).collect();
    let written = world.now();
    world.at("07:59");
    world.listen();
    world.at("08:00");
    world.run_until_quiet();
    assert_eq!(world.inbox(amine), sent);
    assert_eq!(world.unread(amine, world.team_thread()), 6, "one summary: six messages");
    let with_entries = world.heard(amine).into_iter().filter_map(|message| match message {
        Message::Deliver(delivery) if !delivery.entries.is_empty() => Some(delivery.entries.len()),
        _ => None,
    });
    assert_eq!(with_entries.collect::<Vec<_>>(), [6], "in one piece");
    for shown in world.timeline(amine, world.team_thread()) {
        assert_eq!(shown.written_at, written);
        assert!(
            shown.received_at >= written && shown.received_at.0 < written.0 + MINUTE,
            "the relay had it at 18:00"
        );
    }
    let delivered = world.marks(chloe, world.team_thread(), amine);
    assert_eq!(delivered.0, 6, "Chloé sees that all six were delivered");
    assert!(delivered.1 >= paris(1, "08:00"), "and that it was this morning");
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn a5_killed_without_network_the_app_opens_with_everything() {
    let (mut world, amine, chloe) = team(13);
    world.at("10:00");
    for number in 1..=5 {
        world.write(chloe, &format!("Consigne {number}"));
    }
    world.run_until_quiet();
    let shown = world.timeline(amine, world.team_thread());
    assert_eq!(shown.len(), 5);
    world.cut(amine);
    world.write(amine, "Buse bouchée, je repasse demain.");
    world.crash(amine);
    world.start(amine);
    let reopened = world.timeline(amine, world.team_thread());
    assert_eq!(reopened[..5], shown);
    assert_eq!(reopened[5].text, "Buse bouchée, je repasse demain.");
    assert_eq!(reopened.len(), 6);
    world.restore(amine, Link::thin());
    world.run_until_quiet();
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn a12_written_at_16_50_without_network_it_leaves_at_19_00_and_nothing_is_received() {
    let (mut world, amine, chloe) = team(14);
    world.at("16:40");
    world.cut(amine);
    world.at("16:50");
    let sent = world.write(amine, "Chantier rangé, barrières posées.");
    world.at("18:00");
    world.write(chloe, "Merci, bonne soirée.");
    world.at("19:00");
    world.listen();
    world.restore(amine, Link::default());
    world.pass(5 * MINUTE);
    assert_eq!(world.inbox(chloe), [sent], "it has left by itself");
    assert_eq!(world.inbox(amine), []);
    let heard = world.heard(amine);
    assert_eq!(deliveries(&heard), 0);
    let placed = |message: &Message| {
        matches!(message, Message::Answer { outcome: Outcome::Done(Reply::Appended { .. }), .. })
    };
    assert_eq!(heard.iter().filter(|message| placed(message)).count(), 1);
    let others: Vec<_> = heard.iter().filter(|message| !placed(message)).collect();
    assert!(others.iter().all(|message| matches!(message, Message::Closed { .. })), "{others:?}");
    let in_log = world.relay_log(world.team_thread());
    assert_eq!(in_log[1].uid, sent);
    let shown = world.timeline(amine, world.team_thread());
    assert_eq!(shown[0].uid, sent);
    assert!(shown[0].received_at >= Timestamp(paris(0, "19:00").0), "it shows when the relay had it");
    world.at("08:00");
    world.run_until_quiet();
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn composed_off_duty_a_message_waits_for_the_reopening() {
    let (mut world, amine, chloe) = team(15);
    world.at("20:00");
    let sent = world.write(amine, "À voir demain.");
    world.at("07:59");
    assert_eq!(world.inbox(chloe), []);
    world.at("08:00");
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [sent]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

/// The texts that wait for the author's choice, or the one that stands.
fn current(world: &World, phone: Phone, item: EntryUid) -> Vec<String> {
    let versions = world.reader(phone).versions(item).unwrap();
    versions.into_iter().filter(|version| version.current).map(|version| version.body).collect()
}

#[test]
fn a7_and_a9_what_is_edited_and_acknowledged_without_network_waits_and_both_versions_are_there_to_choose() {
    let mut world = World::seeded(44);
    let [amine, bruno, chloe] = world.team(["amine", "bruno", "chloe"]);
    let thread = world.diffusion(1, bruno, &[amine, chloe]);
    let computer = world.another_device("amine-computer", amine);
    world.run_until_quiet();
    world.at("09:20");
    let estimate = world.write(amine, "Estimation : 3 h");
    let second = world.announce(bruno, &[thread], "Deuxième consigne.", paris(0, "18:00"));
    world.run_until_quiet();
    // 09:30, no network: one edits and acknowledges, and is killed; the agent's computer edits too.
    world.cut(amine);
    world.cut(computer);
    let edit = |text: &str| Command::Edit { item: estimate, text: text.to_owned() };
    assert!(matches!(world.ask(amine, edit("Estimation : 4 h")), CommandAnswer::Done));
    world.acknowledge(amine, second).unwrap();
    world.crash(amine);
    world.start(amine);
    assert_eq!(current(&world, amine, estimate), ["Estimation : 4 h"]);
    assert!(!world.announcements(amine)[0].is_asked(), "given, though nobody knows yet");
    assert!(matches!(world.ask(computer, edit("Estimation : 5 h")), CommandAnswer::Done));
    world.at("11:05");
    assert_eq!(world.counts(bruno, second).acknowledged, 0);
    // 11:06, the network is back.
    world.restore(computer, Link::default());
    world.run_until_quiet();
    world.restore(amine, Link::thin());
    world.run_until_quiet();
    assert_eq!(world.counts(bruno, second).acknowledged, 1);
    for phone in [amine, computer, bruno, chloe] {
        let mut both = current(&world, phone, estimate);
        both.sort();
        assert_eq!(both, ["Estimation : 4 h", "Estimation : 5 h"], "{phone:?}");
    }
    assert!(matches!(world.ask(computer, edit("Estimation : 5 h")), CommandAnswer::Done));
    world.run_until_quiet();
    for phone in [amine, computer, bruno, chloe] {
        assert_eq!(current(&world, phone, estimate), ["Estimation : 5 h"], "{phone:?}");
        let all = world.reader(phone).versions(estimate).unwrap();
        let said: Vec<&str> = all.iter().map(|version| version.body.as_str()).collect();
        assert!(said.contains(&"Estimation : 3 h") && said.contains(&"Estimation : 4 h"), "{said:?}");
    }
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

/// What Amine reads at home: when, and what.
type Reading = &'static [(&'static str, What)];

#[derive(Debug, Clone, Copy)]
enum What {
    /// The team's messages up to a position.
    Messages(u64),
    /// The instruction.
    Announcement,
    /// Looks for a word, looks at the list, opens the application anew.
    Around,
}

/// What left Amine's phone between 17:01 and 08:00, what left in the half hour after, and what Chloé and the
/// relay have of the marks: thread, position, time, and versions.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    off_duty: Vec<(Timestamp, Vec<u8>)>,
    at_the_reopening: Vec<(Timestamp, usize)>,
    read: Vec<(ThreadId, Position, Timestamp)>,
    versions: Vec<(i64, u64)>,
}

fn evening(reading: Reading) -> Left {
    let (mut world, amine, chloe) = team(16);
    let thread = world.team_thread();
    let instructions = world.diffusion(1, chloe, &[amine]);
    world.at("16:00");
    for number in 1..=3 {
        world.write(chloe, &format!("Consigne {number} : la buse"));
    }
    world.announce(chloe, &[instructions], "À lire.", paris(2, "12:00"));
    world.run_until_quiet();
    world.at("17:01");
    world.listen();
    for (time, what) in reading {
        world.at(time);
        match what {
            What::Messages(up_to) => {
                let up_to = Position(*up_to);
                assert!(matches!(world.ask(amine, Command::Read { thread, up_to }), CommandAnswer::Done));
            }
            What::Announcement => {
                assert_eq!(world.reader(amine).announcements(10).unwrap().len(), 1);
                let read = Command::Read { thread: instructions, up_to: Position(1) };
                assert!(matches!(world.ask(amine, read), CommandAnswer::Done));
            }
            What::Around => {
                assert_eq!(world.reader(amine).search("buse", 10).unwrap().len(), 3);
                assert_eq!(world.reader(amine).threads().unwrap().len(), 2);
            }
        }
    }
    world.at("07:59");
    let off_duty = world.said(amine);
    world.listen();
    world.at("08:30");
    let at_the_reopening = world.said(amine).into_iter().map(|(at, bytes)| (at, bytes.len())).collect();
    let mut read = Vec::new();
    for thread in [thread, instructions] {
        let marks = world.reader(chloe).marks(thread).unwrap().into_iter();
        let marks = marks.filter(|mark| mark.kind == SlotKind::Read && mark.device == world.device_id(amine));
        read.extend(marks.map(|mark| (thread, mark.position, mark.at)));
    }
    assert!(world.verdict().is_clean(), "{}", world.verdict());
    Left { off_duty, at_the_reopening, read, versions: world.slot_versions(amine) }
}

#[test]
fn a1_10_what_is_read_at_home_is_reported_to_nobody_and_the_reopening_does_not_tell_when_it_was() {
    let nothing = evening(&[]);
    assert!(!nothing.off_duty.is_empty(), "the phone asks now and then");
    assert_eq!(nothing.read, []);
    let at_once =
        evening(&[("17:02", What::Messages(3)), ("17:03", What::Announcement), ("17:04", What::Around)]);
    let in_the_night = evening(&[
        ("18:10", What::Around),
        ("19:00", What::Announcement),
        ("21:00", What::Messages(1)),
        ("23:40", What::Messages(2)),
        ("07:58", What::Messages(3)),
    ]);
    // The same bytes at the same instants as from a phone that nobody has touched.
    assert_eq!(at_once.off_duty, nothing.off_duty);
    assert_eq!(in_the_night.off_duty, nothing.off_duty);
    // When, how often and in which order cannot be seen afterwards either.
    assert_eq!(in_the_night, at_once);
    let told: Vec<_> = at_once.read.iter().map(|(_, position, at)| (position.0, *at)).collect();
    assert_eq!(told, [(3, paris(1, "08:00")), (1, paris(1, "08:00"))]);
}
