//! Notes: what members write together, off the network and at once, and what nobody may do with one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::note::Splice;
use estafette_core::note::change::{Change, Element, Step};
use estafette_protocol::entry::Deed;
use estafette_protocol::statement::History;
use estafette_protocol::{EntryUid, FaultCode, Hash, limits};
use estafette_world::{Link, MINUTE, Phone, World, scan};

fn begin(world: &mut World, phone: Phone, text: &str) -> EntryUid {
    let thread = world.team_thread();
    let command = Command::CreateNote { thread, title: "Tournée".to_owned(), text: text.to_owned() };
    match world.ask(phone, command) {
        CommandAnswer::Written { uid, .. } => uid,
        other => panic!("answered by {other:?}"),
    }
}

fn splice(position: usize, deleted: usize, inserted: &str) -> Splice {
    Splice { position, deleted, inserted: inserted.to_owned() }
}

fn edit_over(
    world: &mut World,
    phone: Phone,
    item: EntryUid,
    over: Vec<Hash>,
    splices: &[Splice],
) -> Result<Vec<Hash>, FaultCode> {
    match world.ask(phone, Command::EditNote { item, over, splices: splices.to_vec() }) {
        CommandAnswer::Edited { version } => Ok(version),
        CommandAnswer::Refused(fault) => Err(fault.code),
        other => panic!("answered by {other:?}"),
    }
}

fn edit(world: &mut World, phone: Phone, item: EntryUid, splices: &[Splice]) {
    edit_over(world, phone, item, Vec::new(), splices).unwrap();
}

fn text(world: &World, phone: Phone, item: EntryUid) -> String {
    world.reader(phone).note(item).unwrap().expect("the note is here").1.text
}

/// All have this text, of one version, and nothing is amiss.
fn everywhere(world: &World, phones: &[Phone], item: EntryUid, expected: &str) {
    let version = world.reader(phones[0]).note(item).unwrap().unwrap().1.version;
    for phone in phones {
        let (thread, row) = world.reader(*phone).note(item).unwrap().unwrap();
        assert_eq!((row.text.as_str(), &row.version, row.unsent), (expected, &version, false), "{phone:?}");
        assert_eq!(row.message.body, format!("Tournée\n{expected}"));
        assert_eq!(world.reader(*phone).notes(thread).unwrap(), [row]);
        assert_eq!(world.reader(*phone).verify().unwrap(), []);
    }
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn two_write_in_a_note_live_and_off_the_network_and_both_have_the_same() {
    let mut world = World::seeded(431);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let item = begin(&mut world, amine, "Pompe 3 : arrêtée.");
    world.run_until_quiet();
    edit(&mut world, chloe, item, &[splice(18, 0, "\nVanne 🌊 fermée.")]);
    world.run_until_quiet();
    assert_eq!(text(&world, amine, item), "Pompe 3 : arrêtée.\nVanne 🌊 fermée.");
    world.cut(amine);
    world.cut(chloe);
    world.pass(MINUTE);
    for (at, letter) in "Niveau bas".chars().enumerate() {
        edit(&mut world, amine, item, &[splice(34 + at, 0, &letter.to_string())]);
    }
    edit(&mut world, chloe, item, &[splice(27, 6, "ouverte"), splice(0, 5, "Pompes")]);
    let before = world.relay_log(world.team_thread()).len();
    for phone in [amine, chloe] {
        world.crash(phone);
        world.start(phone);
        world.restore(phone, Link::default());
    }
    world.run_until_quiet();
    let expected = "Pompes 3 : arrêtée.\nVanne 🌊 ouverte.Niveau bas";
    everywhere(&world, &[amine, chloe], item, expected);
    let after = world.relay_log(world.team_thread()).len();
    assert_eq!(after - before, 2, "what is typed off the network leaves as one entry each");
    assert_eq!(world.unread(chloe, world.team_thread()), 1, "an edit is no new message");
    for query in ["niveau", "tournee", "ouverte"] {
        let hits = world.reader(chloe).search(query, 10).unwrap();
        assert_eq!(hits.iter().map(|hit| hit.uid).collect::<Vec<_>>(), [item], "{query}");
    }
    assert_eq!(world.reader(chloe).search("fermee", 10).unwrap(), []);
}

/// A7, on a note: two agents, both without network, change the same words; nothing of either is lost.
#[test]
fn a7_the_same_words_edited_by_two_without_network_lose_nothing() {
    let mut world = World::seeded(432);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let item = begin(&mut world, amine, "Estimation : 40 m.");
    world.run_until_quiet();
    world.cut(amine);
    world.cut(chloe);
    edit(&mut world, amine, item, &[splice(13, 2, "60")]);
    edit(&mut world, chloe, item, &[splice(13, 2, "65"), splice(0, 0, "Revu. ")]);
    world.restore(amine, Link::default());
    world.restore(chloe, Link::default());
    world.run_until_quiet();
    let merged = text(&world, amine, item);
    assert!(merged.starts_with("Revu. Estimation : ") && merged.ends_with(" m."), "{merged}");
    assert!(merged.contains("60") && merged.contains("65") && !merged.contains("40"), "{merged}");
    everywhere(&world, &[amine, chloe], item, &merged);
}

#[test]
fn an_edit_is_made_on_the_text_that_its_author_had_before_them() {
    let mut world = World::seeded(433);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let item = begin(&mut world, amine, "abc");
    world.run_until_quiet();
    let seen = world.reader(amine).note(item).unwrap().unwrap().1.version;
    edit(&mut world, chloe, item, &[splice(0, 0, "Avant. ")]);
    world.run_until_quiet();
    let next = edit_over(&mut world, amine, item, seen, &[splice(3, 0, "d")]).unwrap();
    edit_over(&mut world, amine, item, next, &[splice(4, 0, "e")]).unwrap();
    world.run_until_quiet();
    everywhere(&world, &[amine, chloe], item, "Avant. abcde");
    let refusals = [
        (vec![Hash([3; 32])], splice(0, 0, "x"), FaultCode::NotFound),
        (vec![], splice(13, 0, "x"), FaultCode::Malformed),
        (vec![], splice(0, 0, ""), FaultCode::Malformed),
        (vec![], splice(0, usize::MAX, ""), FaultCode::MessageTooLong),
        (vec![], splice(0, 0, &"é".repeat(limits::NOTE_CHARACTERS)), FaultCode::MessageTooLong),
    ];
    for (over, splice, code) in refusals {
        assert_eq!(edit_over(&mut world, amine, item, over, &[splice]), Err(code));
    }
    let message = world.write(chloe, "Un message.");
    world.run_until_quiet();
    assert_eq!(edit_over(&mut world, amine, message, vec![], &[splice(0, 0, "x")]), Err(FaultCode::NotFound));
    let whole = world.ask(amine, Command::Edit { item, text: "Tout autre chose".to_owned() });
    assert!(matches!(whole, CommandAnswer::Refused(fault) if fault.code == FaultCode::Malformed));
    everywhere(&world, &[amine, chloe], item, "Avant. abcde");
}

/// What no device of ours would say: another container, characters that do not exist, another's name.
#[test]
fn a_change_that_is_no_writing_is_refused_with_its_code_and_nothing_else_is_lost() {
    let mut world = World::seeded(434);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let item = begin(&mut world, amine, "abc");
    world.run_until_quiet();
    let version = world.reader(amine).note(item).unwrap().unwrap().1.version;
    let change = |steps: Vec<Step>, others: Vec<Vec<u8>>| {
        let others = others.into_iter().map(Into::into).collect();
        let parents = version.clone();
        Change { actor: vec![9; 16].into(), seq: 1, start: 6, parents, others, steps }.to_bytes()
    };
    // What automerge writes where a change makes a map beside the text: it has no form to travel in.
    let root = [&[0x85, 0x6f, 0x4a, 0x83][..], &[0; 60]].concat();
    let hostile = [
        root,
        change(vec![Step::Insert { after: Element { counter: 77, actor: 0 }, text: "x".to_owned() }], vec![]),
        change(
            vec![Step::Delete { first: Element { counter: 3, actor: 1 }, count: 1 << 62 }],
            vec![item.0.to_vec()],
        ),
        change(
            vec![Step::Delete { first: Element { counter: 1, actor: 1 }, count: 1 }],
            vec![item.0.to_vec()],
        ),
    ];
    let count = hostile.len();
    for bytes in hostile {
        world.cut(amine);
        world.pass(MINUTE);
        let uid = world.write(amine, "remplacé");
        world.rewrite_outbox(amine, uid, Deed::Change { item, changes: vec![bytes.into()] });
        world.restore(amine, Link::default());
        world.run_until_quiet();
    }
    edit(&mut world, chloe, item, &[splice(3, 0, "d")]);
    let after = world.write(chloe, "La suite arrive.");
    world.run_until_quiet();
    assert_eq!(world.faults_shown(chloe), vec!["entry_rejected"; count]);
    for phone in [amine, chloe] {
        assert_eq!(text(&world, phone, item), "abcd");
    }
    assert!(world.inbox(amine).contains(&after), "the thread goes on");
    assert_eq!(world.reader(chloe).unopened(world.team_thread()).unwrap().undecryptable(), 0);
}

#[test]
fn a_colleague_who_left_the_roster_writes_no_more_and_what_they_wrote_stays() {
    let mut world = World::seeded(435);
    let [amine, chloe, denis] = world.people(["amine", "chloe", "denis"]);
    let roster = world.roster(&[amine, chloe, denis]);
    let thread = roster.first_thread();
    world.run_until_quiet();
    let command = Command::CreateNote { thread, title: "Tournée".to_owned(), text: "abc".to_owned() };
    let CommandAnswer::Written { uid: item, .. } = world.ask(amine, command) else { panic!("not written") };
    world.run_until_quiet();
    edit(&mut world, denis, item, &[splice(3, 0, " Denis")]);
    world.run_until_quiet();
    world.cut(denis);
    world.remove(roster, denis);
    world.run_until_quiet();
    edit(&mut world, denis, item, &[splice(0, 3, "trop tard")]);
    edit(&mut world, chloe, item, &[splice(0, 1, "A")]);
    world.restore(denis, Link::default());
    world.run_until_quiet();
    for phone in [amine, chloe] {
        assert_eq!(text(&world, phone, item), "Abc Denis");
    }
    assert_eq!(edit_over(&mut world, denis, item, vec![], &[splice(0, 0, "x")]), Err(FaultCode::NotAMember));
}

const SECRET: &str = "Canari-4be1-bassin";

#[test]
fn an_erased_note_is_gone_everywhere_and_a_late_edit_brings_nothing_back() {
    let mut world = World::seeded(436);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let item = begin(&mut world, amine, SECRET);
    world.run_until_quiet();
    edit(&mut world, chloe, item, &[splice(18, 0, " et Canari-4be1-vanne")]);
    world.run_until_quiet();
    assert!(matches!(
        world.ask(chloe, Command::Erase { item }),
        CommandAnswer::Refused(fault) if fault.code == FaultCode::Forbidden
    ));
    world.cut(chloe);
    world.pass(MINUTE);
    edit(&mut world, chloe, item, &[splice(0, 0, "Canari-4be1-trop-tard ")]);
    assert!(matches!(world.ask(amine, Command::Erase { item }), CommandAnswer::Done));
    assert!(world.reader(amine).note(item).unwrap().is_none(), "at once on the author's device");
    world.run_until_quiet();
    world.restore(chloe, Link::default());
    world.run_until_quiet();
    for phone in [amine, chloe] {
        assert!(world.reader(phone).note(item).unwrap().is_none());
        assert_eq!(world.reader(phone).notes(world.team_thread()).unwrap(), []);
        assert!(world.reader(phone).find(item).unwrap().unwrap().1.erased);
        assert_eq!(world.clear_bytes_with(phone, &["Canari-4be1", "Tournée"]), Vec::<String>::new());
        assert_eq!(world.reader(phone).verify().unwrap(), []);
    }
    world.crash_relay(1);
    world.run_until_quiet();
    assert_eq!(scan::scan_folder(world.relay_folder(), &["Canari-4be1"]), []);
    assert!(world.verdict().is_clean(), "{}", world.verdict());
}

#[test]
fn a_note_taken_back_before_it_left_is_nowhere() {
    let mut world = World::seeded(437);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    world.cut(amine);
    world.pass(MINUTE);
    let item = begin(&mut world, amine, SECRET);
    edit(&mut world, amine, item, &[splice(0, 0, "x")]);
    assert!(matches!(world.ask(amine, Command::Cancel { item }), CommandAnswer::Done));
    assert_eq!(world.clear_bytes_with(amine, &[SECRET]), Vec::<String>::new());
    world.restore(amine, Link::default());
    world.run_until_quiet();
    assert!(world.reader(chloe).note(item).unwrap().is_none());
    assert_eq!(world.relay_log(world.team_thread()).len(), 0);
}

#[test]
fn an_agents_two_devices_write_in_one_note_without_knowing_of_each_other() {
    let mut world = World::seeded(438);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let item = begin(&mut world, amine, "");
    world.run_until_quiet();
    edit(&mut world, chloe, item, &[splice(0, 0, "chloé ")]);
    world.run_until_quiet();
    let computer = world.another_device("amine-pc", amine);
    world.run_until_quiet();
    assert_eq!(text(&world, computer, item), "chloé ");
    world.cut(amine);
    world.cut(computer);
    edit(&mut world, amine, item, &[splice(6, 0, "téléphone")]);
    edit(&mut world, computer, item, &[splice(0, 5, "Chloé")]);
    world.restore(computer, Link::default());
    world.restore(amine, Link::default());
    world.run_until_quiet();
    everywhere(&world, &[amine, computer, chloe], item, "Chloé téléphone");
}

#[test]
fn a_newcomer_has_the_note_with_all_its_edits_and_writes_on() {
    let mut world = World::seeded(442);
    let [amine, chloe, denis] = world.people(["amine", "chloe", "denis"]);
    let roster = world.roster(&[amine, chloe]);
    let thread = roster.first_thread();
    world.run_until_quiet();
    let command = Command::CreateNote { thread, title: "Tournée".to_owned(), text: "a".to_owned() };
    let CommandAnswer::Written { uid: item, .. } = world.ask(amine, command) else { panic!("not written") };
    world.run_until_quiet();
    edit(&mut world, chloe, item, &[splice(1, 0, "b")]);
    world.run_until_quiet();
    edit(&mut world, amine, item, &[splice(2, 0, "c")]);
    world.run_until_quiet();
    world.admit_with(roster, denis, History::All);
    world.run_until_quiet();
    edit(&mut world, denis, item, &[splice(3, 0, "d")]);
    world.run_until_quiet();
    everywhere(&world, &[amine, chloe, denis], item, "abcd");
}

#[test]
fn a_restored_relay_has_the_note_and_its_edits_again() {
    let mut world = World::seeded(439);
    let [amine, chloe, denis] = world.team(["amine", "chloe", "denis"]);
    let item = begin(&mut world, amine, "abc");
    world.run_until_quiet();
    let backup = world.back_up();
    edit(&mut world, chloe, item, &[splice(3, 0, "d")]);
    world.run_until_quiet();
    edit(&mut world, amine, item, &[splice(4, 0, "e")]);
    world.run_until_quiet();
    world.cut(denis);
    world.lose_relay();
    world.restore_relay(&backup);
    world.pass(5 * MINUTE);
    edit(&mut world, amine, item, &[splice(5, 0, "f")]);
    world.run_until_quiet();
    world.restore(denis, Link::default());
    world.pass(5 * MINUTE);
    world.run_until_quiet();
    assert_eq!(world.relay_log(world.team_thread()).len(), 4);
    everywhere(&world, &[amine, chloe, denis], item, "abcdef");
}

/// What a device wrote after its files were copied, it does not know when the copy is put back. It
/// must not write other things under the same numbers.
#[test]
fn a_copy_of_a_devices_files_that_is_put_back_writes_as_somebody_else() {
    let mut world = World::seeded(440);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let item = begin(&mut world, amine, "abc");
    edit(&mut world, amine, item, &[splice(3, 0, "d")]);
    world.run_until_quiet();
    world.crash(amine);
    let copy = world.copy_of(amine);
    world.start(amine);
    edit(&mut world, amine, item, &[splice(4, 0, " après la copie")]);
    world.run_until_quiet();
    assert_eq!(text(&world, chloe, item), "abcd après la copie");
    world.crash(amine);
    world.put_back(amine, &copy);
    world.start(amine);
    edit(&mut world, amine, item, &[splice(0, 0, "Remis : ")]);
    world.run_until_quiet();
    assert_eq!(text(&world, chloe, item), "Remis : abcd après la copie");
    assert_eq!(world.faults_shown(chloe), Vec::<String>::new());
}

#[test]
fn edits_that_come_before_what_they_follow_wait_for_it_also_over_a_restart() {
    let mut world = World::seeded(441);
    let [amine, chloe] = world.team(["amine", "chloe"]);
    let item = begin(&mut world, amine, "abc");
    world.run_until_quiet();
    world.cut(chloe);
    // Each its own entry, more of them than come at once after a long absence.
    for at in 0..120 {
        edit(&mut world, amine, item, &[splice(3 + at, 0, if at % 10 == 9 { "\n" } else { "x" })]);
        world.pass(MINUTE);
    }
    world.run_until_quiet();
    world.restore(chloe, Link::default());
    world.pass(200);
    world.crash(chloe);
    world.start(chloe);
    world.run_until_quiet();
    let expected = format!("abc{}", "xxxxxxxxx\n".repeat(12));
    everywhere(&world, &[amine, chloe], item, &expected);
}
