//! The relay is lost and made again from a backup: what was acknowledged since comes back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::MessageState;
use estafette_protocol::frame::RequestBody;
use estafette_protocol::statement::Class;
use estafette_protocol::{EntryUid, FaultCode, ThreadId};
use estafette_world::{DAY, Link, MINUTE, Phone, World};

const NAMES: [&str; 20] = [
    "amine", "chloe", "denis", "elsa", "farid", "gaelle", "hugo", "ines", "jean", "karim", "lea", "marc",
    "nadia", "omar", "paula", "quentin", "rose", "samir", "tess", "vera",
];

fn direct(world: &mut World, one: Phone, other: Phone) -> ThreadId {
    let with = world.agent(other);
    match world.ask(one, Command::Direct { class: Class::Service, with }) {
        CommandAnswer::Thread(thread) => thread,
        other => panic!("{other:?}"),
    }
}

/// Nobody awaits anything, nothing is on its way, and the databases hold.
fn at_rest(world: &World, phones: &[Phone]) {
    for phone in phones {
        for thread in world.threads_of(*phone) {
            assert_eq!(world.awaited(*phone, thread), [], "{phone:?} awaits something in {thread}");
        }
        assert!(
            world.outbox(*phone).values().all(|state| *state == 2),
            "{phone:?}: {:?}",
            world.outbox(*phone)
        );
        assert_eq!(world.reader(*phone).verify().unwrap(), [], "{phone:?}");
    }
}

/// Twenty devices; a backup in the middle of the traffic; then messages, an admission, a revocation,
/// a conversation that the backup has never heard of and a day's turn of keys; then the relay is lost.
fn lost_after(seed: u64, acknowledged_nothing: bool) {
    let mut world = World::seeded(seed);
    let phones = world.people(NAMES);
    let vera = phones[19];
    let roster = world.roster(&phones[..19]);
    let thread = roster.first_thread();
    let old_pair = direct(&mut world, phones[0], phones[1]);
    world.write_in(phones[0], old_pair, "Avant la sauvegarde, à deux.", &[]);
    for (at, phone) in phones[..19].iter().enumerate() {
        world.write_in(*phone, thread, &format!("Avant la sauvegarde {at}"), &[]);
    }
    world.run_until_quiet();
    // The backup is made while an entry is with the disk, or durable and not acknowledged yet.
    world.write_in(phones[2], thread, "Pendant la sauvegarde", &[]);
    world.step_until_writing(true);
    if acknowledged_nothing {
        world.step_until_writing(false);
    }
    let backup = world.back_up();
    world.run_until_quiet();

    for (at, phone) in phones[..19].iter().enumerate() {
        world.write_in(*phone, thread, &format!("Après la sauvegarde {at}"), &[]);
    }
    world.admit(roster, vera);
    world.run_until_quiet();
    world.write_in(vera, thread, "Vera est là.", &[]);
    let young_pair = direct(&mut world, phones[3], phones[4]);
    world.write_in(phones[3], young_pair, "À deux, après la sauvegarde.", &[]);
    let revoked = phones[5];
    world.run_until_quiet();
    let of_revoked: BTreeSet<EntryUid> = world
        .timeline(revoked, thread)
        .into_iter()
        .filter(|shown| shown.author == world.device_id(revoked) && shown.text.starts_with("Après"))
        .map(|shown| shown.uid)
        .collect();
    world.revoke(revoked);
    world.run_until_quiet();
    world.write_in(phones[6], thread, "Sans l'appareil perdu.", &[]);
    world.pass(DAY);
    world.write_in(phones[7], thread, "Le lendemain.", &[]);
    world.run_until_quiet();
    world.write_in(phones[8], thread, "Sous la clé du jour.", &[]);
    world.run_until_quiet();
    let acknowledged: Vec<BTreeSet<EntryUid>> = phones
        .iter()
        .map(|phone| {
            world.outbox(*phone).into_iter().filter(|(_, state)| *state == 2).map(|(uid, _)| uid).collect()
        })
        .collect();
    let shown_before = world.timeline(phones[0], thread);

    world.lose_relay();
    let absent = &phones[10..15];
    absent.iter().for_each(|phone| world.cut(*phone));
    world.pass(5 * MINUTE);
    world.restore_relay(&backup);
    world.pass(10 * MINUTE);
    world.run_until_quiet();

    // What the absent had said since the backup is still read everywhere, and listed.
    let expected: BTreeSet<EntryUid> = shown_before
        .iter()
        .filter(|shown| shown.text.starts_with("Après"))
        .filter(|shown| {
            absent.iter().any(|phone| world.device_id(*phone) == shown.author)
                || of_revoked.contains(&shown.uid)
        })
        .map(|shown| shown.uid)
        .collect();
    assert_eq!(expected.len(), 6, "seed {seed}");
    for phone in [phones[0], phones[9], phones[18]] {
        let awaited: BTreeSet<EntryUid> = world.awaited(phone, thread).into_iter().collect();
        assert_eq!(awaited, expected, "seed {seed}: {phone:?}");
        let texts: BTreeSet<String> =
            world.timeline(phone, thread).into_iter().map(|shown| shown.text).collect();
        assert!(shown_before.iter().all(|before| texts.contains(&before.text)), "seed {seed}: {phone:?}");
        let listed = world.reader(phone).threads().unwrap().into_iter().find(|row| row.id == thread).unwrap();
        assert_eq!(listed.awaited, 6);
    }

    absent.iter().for_each(|phone| world.restore(*phone, Link::default()));
    world.pass(10 * MINUTE);
    world.run_until_quiet();
    let others: Vec<Phone> = phones.iter().copied().filter(|phone| *phone != revoked).collect();
    // The lost device cannot bring its words back: they stay readable where they were read, and listed.
    for phone in &others {
        let awaited: BTreeSet<EntryUid> = world.awaited(*phone, thread).into_iter().collect();
        let seen: BTreeSet<EntryUid> =
            world.timeline(*phone, thread).into_iter().map(|shown| shown.uid).collect();
        let expected = of_revoked.intersection(&seen).copied().collect::<BTreeSet<_>>();
        assert_eq!(awaited, expected, "seed {seed}: {phone:?}");
        assert!(world.outbox(*phone).values().all(|state| *state == 2), "seed {seed}: {phone:?}");
        assert_eq!(world.reader(*phone).verify().unwrap(), [], "seed {seed}: {phone:?}");
    }
    let standing: BTreeSet<EntryUid> = [thread, old_pair, young_pair]
        .into_iter()
        .flat_map(|thread| world.relay_log(thread))
        .map(|kept| kept.uid)
        .collect();
    for (phone, acknowledged) in phones.iter().zip(&acknowledged).filter(|(phone, _)| **phone != revoked) {
        let missing: Vec<_> = acknowledged.difference(&standing).collect();
        assert_eq!(missing, Vec::<&EntryUid>::new(), "seed {seed}: {phone:?}");
    }
    // One order for all: the restored log's, each entry once.
    let log: Vec<EntryUid> = world.relay_log(thread).into_iter().map(|kept| kept.uid).collect();
    assert_eq!(log.iter().collect::<BTreeSet<_>>().len(), log.len(), "seed {seed}");
    for phone in others.iter().filter(|phone| **phone != vera && **phone != world.administrator()) {
        let shown: Vec<EntryUid> = world
            .timeline(*phone, thread)
            .into_iter()
            .map(|shown| shown.uid)
            .filter(|uid| !of_revoked.contains(uid))
            .collect();
        assert_eq!(shown, log, "seed {seed}: {phone:?}");
        let serious: Vec<String> = world
            .faults_shown(*phone)
            .into_iter()
            .filter(|code| ["chain_broken", "entry_rejected", "commit_invalid"].contains(&code.as_str()))
            .collect();
        assert_eq!(serious, Vec::<String>::new(), "seed {seed}: {phone:?}");
    }
    // The lost phone stays lost.
    let refused = world.by_hand(revoked, vec![RequestBody::Pending]).unwrap_err();
    assert_eq!(refused.code, FaultCode::DeviceRevoked, "seed {seed}");
    // And work goes on.
    let sent = world.write_in(phones[0], thread, "On reprend.", &[]);
    world.run_until_quiet();
    assert!(world.inbox(vera).contains(&sent) && world.inbox(phones[14]).contains(&sent), "seed {seed}");
}

#[test]
fn after_a_restore_nothing_acknowledged_is_missing_once_every_author_was_online() {
    lost_after(1, false);
}

#[test]
fn a_backup_between_a_commit_and_its_acknowledgement_loses_and_doubles_nothing() {
    lost_after(2, true);
}

#[test]
fn a_restored_relay_takes_statements_only_until_an_administrator_has_shown_its_head() {
    let mut world = World::seeded(3);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    let thread = world.team_thread();
    let backup = world.back_up();
    let kept = world.write(amine, "Avant la perte.");
    world.run_until_quiet();
    world.revoke(denis);
    world.run_until_quiet();
    world.lose_relay();
    world.cut(world.administrator());
    world.restore_relay(&backup);
    let waits = world.write(chloe, "Pendant l'attente.");
    world.pass(2 * MINUTE);
    assert_eq!(world.relay_log(thread), [], "nothing but statements is taken");
    assert_eq!(world.outbox(chloe)[&waits], 1, "it waits on the device");
    assert!(world.faults_shown(chloe).contains(&"restoring".to_owned()));
    // Any device has shown the revocation, so the lost phone is refused already.
    let refused = world.by_hand(denis, vec![RequestBody::Pending]).unwrap_err();
    assert_eq!(refused.code, FaultCode::DeviceRevoked);
    let asked = world.by_hand(chloe, vec![RequestBody::Pending]).unwrap();
    assert_eq!(asked[0].as_ref().unwrap_err().code, FaultCode::Forbidden);
    world.restore(world.administrator(), Link::default());
    world.pass(5 * MINUTE);
    world.run_until_quiet();
    let log: BTreeSet<EntryUid> = world.relay_log(thread).into_iter().map(|kept| kept.uid).collect();
    assert_eq!(log, BTreeSet::from([kept, waits]));
    at_rest(&world, &[amine, chloe]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn a_person_on_the_relays_machine_can_let_it_go_on_without_an_administrator() {
    let mut world = World::seeded(4);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let backup = world.back_up();
    let kept = world.write(amine, "Avant la perte.");
    world.run_until_quiet();
    world.lose_relay();
    world.cut(world.administrator());
    world.restore_relay(&backup);
    world.pass(2 * MINUTE);
    assert_eq!(world.relay_log(world.team_thread()), []);
    world.confirm_restore();
    world.pass(5 * MINUTE);
    world.run_until_quiet();
    assert_eq!(world.inbox(chloe), [kept]);
    assert_eq!(world.relay_log(world.team_thread()).len(), 1);
    at_rest(&world, &[amine, chloe]);
}

#[test]
fn a_backup_from_before_the_devices_were_approved_brings_everything_back() {
    let mut world = World::seeded(5);
    let backup = world.back_up();
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    let sent: Vec<EntryUid> = (0..6)
        .map(|number| world.write(if number % 2 == 0 { amine } else { chloe }, &format!("Message {number}")))
        .collect();
    world.run_until_quiet();
    world.cut(denis);
    world.lose_relay();
    world.restore_relay(&backup);
    world.pass(10 * MINUTE);
    world.restore(denis, Link::default());
    world.pass(10 * MINUTE);
    world.run_until_quiet();
    at_rest(&world, &[amine, chloe, denis]);
    let log: BTreeSet<EntryUid> =
        world.relay_log(world.team_thread()).into_iter().map(|kept| kept.uid).collect();
    assert_eq!(log, sent.into_iter().collect());
    for phone in [amine, chloe, denis] {
        assert_eq!(world.timeline(phone, world.team_thread()).len(), 6, "{phone:?}");
    }
    let after = world.write(denis, "Tout y est.");
    world.run_until_quiet();
    assert!(world.inbox(amine).contains(&after));
}

#[test]
fn who_was_away_when_the_group_was_founded_anew_reads_what_was_sealed_before_it_came() {
    let mut world = World::seeded(8);
    let backup = world.back_up();
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    world.run_until_quiet();
    // The backup holds no key package of Denis: nobody can add him while he is away.
    world.cut(denis);
    world.lose_relay();
    world.restore_relay(&backup);
    world.pass(10 * MINUTE);
    let meanwhile = world.write(amine, "Denis n'est pas là.");
    world.pass(MINUTE);
    assert_eq!(world.inbox(chloe), [meanwhile]);
    world.restore(denis, Link::default());
    world.pass(10 * MINUTE);
    world.run_until_quiet();
    // His admission grants nothing of the time before it; this came after it.
    assert_eq!(world.inbox(denis), [meanwhile]);
    assert_eq!(world.unopened(denis, world.team_thread()), []);
}

#[test]
fn what_was_read_stays_read_and_what_was_not_stays_unread() {
    let mut world = World::seeded(6);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let thread = world.team_thread();
    let backup = world.back_up();
    for number in 1..=5 {
        world.write(amine, &format!("Message {number}"));
    }
    world.run_until_quiet();
    world.ask(chloe, Command::Read { thread, up_to: estafette_protocol::Position(3) });
    world.run_until_quiet();
    assert_eq!(world.unread(chloe, thread), 2);
    world.cut(amine);
    world.lose_relay();
    world.restore_relay(&backup);
    world.pass(2 * MINUTE);
    let states: Vec<MessageState> =
        world.reader(chloe).newest(thread, 10).unwrap().into_iter().map(|row| row.state).collect();
    assert_eq!(states, [MessageState::Awaited; 5]);
    assert_eq!(world.unread(chloe, thread), 2);
    world.restore(amine, Link::default());
    world.pass(2 * MINUTE);
    world.run_until_quiet();
    assert_eq!(world.unread(chloe, thread), 2);
    assert_eq!(world.marks(amine, thread, chloe).0, 5);
    world.ask(chloe, Command::Read { thread, up_to: estafette_protocol::Position(5) });
    assert_eq!(world.unread(chloe, thread), 0);
    at_rest(&world, &[amine, chloe]);
}

#[test]
fn two_restores_of_one_backup_bring_everything_back_twice() {
    let mut world = World::seeded(7);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    world.write(chloe, "Avant la sauvegarde.");
    world.run_until_quiet();
    let backup = world.back_up();
    for round in 0..2 {
        world.write(amine, &format!("Tour {round}"));
        world.run_until_quiet();
        world.cut(denis);
        world.lose_relay();
        world.restore_relay(&backup);
        world.pass(5 * MINUTE);
        world.write(chloe, &format!("Après le tour {round}"));
        world.run_until_quiet();
    }
    world.restore(denis, Link::default());
    world.pass(5 * MINUTE);
    world.run_until_quiet();
    assert_eq!(world.relay_log(world.team_thread()).len(), 5);
    at_rest(&world, &[amine, chloe, denis]);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}
