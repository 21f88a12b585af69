//! automerge is the judge of what is written; hostile bytes are the judge of what is taken.

use automerge::transaction::{CommitOptions, Transactable as _};
use automerge::{ActorId, AutoCommit, ObjType, ROOT};
use estafette_protocol::{DeviceId, Hash};
use minicbor::bytes::ByteVec;
use proptest::prelude::*;

use super::change::{Change, Element, Step};
use super::*;

const ITEM: EntryUid = EntryUid([7; 16]);

fn content(text: &str) -> NoteContent {
    NoteContent { title: "Tournée".to_owned(), text: text.to_owned() }
}

fn document(text: &str) -> Document {
    Document::new(ITEM, &content(text)).unwrap()
}

fn device(number: u8) -> DeviceId {
    DeviceId([number; 16])
}

fn splice(position: usize, deleted: usize, inserted: &str) -> Splice {
    Splice { position, deleted, inserted: inserted.to_owned() }
}

/// An edit as an entry carries it.
fn edit(document: &mut Document, by: u8, splices: &[Splice]) -> Vec<ByteVec> {
    let (changes, _) = document.splice(&[], [by; 16], device(by), splices).unwrap();
    changes.iter().map(|change| change.to_bytes().into()).collect()
}

fn one(change: &Change) -> Vec<ByteVec> {
    vec![change.to_bytes().into()]
}

#[test]
fn the_first_change_of_a_note_is_what_automerge_writes() {
    let mut judge = AutoCommit::new().with_actor(ActorId::from(&ITEM.0[..]));
    judge.put(ROOT, "title", "Tournée").unwrap();
    let text = judge.put_object(ROOT, "text", ObjType::Text).unwrap();
    judge.splice_text(&text, 0, 0, "Pompe 3 🌊").unwrap();
    judge.commit_with(CommitOptions::default().with_time(0));
    let version: Vec<Hash> = judge.get_heads().into_iter().map(|head| Hash(head.0)).collect();
    let mut note = document("Pompe 3 🌊");
    assert_eq!(note.version(), version);
    assert_eq!(note.text().unwrap(), "Pompe 3 🌊");
}

#[test]
fn a_note_begins_with_a_title_of_one_line_and_a_text_that_may_be_empty() {
    assert_eq!(NoteContent::from_bytes(&content("").to_bytes()), Ok(content("")));
    for (title, text, error) in [
        ("", String::new(), ItemError::Empty),
        ("a\nb", String::new(), ItemError::Malformed),
        ("a", "é".repeat(limits::MESSAGE_CHARACTERS + 1), ItemError::TooLong),
    ] {
        let bytes = NoteContent { title: title.to_owned(), text }.to_bytes();
        assert_eq!(NoteContent::from_bytes(&bytes), Err(error));
    }
    assert_eq!(NoteContent::from_bytes(b"\xff"), Err(ItemError::Malformed));
    assert_eq!(text_of(&body("Titre", "Un\ndeux"), "Titre"), "Un\ndeux");
}

#[test]
fn what_two_write_without_knowing_of_each_other_stands_in_both() {
    let (mut amine, mut chloe) = (document("La vanne est fermée."), document("La vanne est fermée."));
    let from_amine = edit(&mut amine, 1, &[splice(3, 5, "pompe 🌊")]);
    let from_chloe = edit(&mut chloe, 2, &[splice(20, 0, " Rue des Lilas."), splice(0, 2, "Votre")]);
    assert!(matches!(amine.take(&from_chloe, device(2)), Taken::New(_)));
    assert!(matches!(chloe.take(&from_amine, device(1)), Taken::New(_)));
    assert_eq!(amine.text().unwrap(), "Votre pompe 🌊 est fermée. Rue des Lilas.");
    assert_eq!(chloe.text().unwrap(), amine.text().unwrap());
    assert_eq!(chloe.version(), amine.version());
    assert_eq!(amine.take(&from_chloe, device(2)), Taken::Known);
}

#[test]
fn an_edit_counts_in_the_version_that_its_author_had_before_them() {
    let (mut amine, mut chloe) = (document("abc"), document("abc"));
    let seen = amine.version();
    let others = edit(&mut chloe, 2, &[splice(0, 0, ">>> ")]);
    amine.take(&others, device(2));
    let (_, version) = amine.splice(&seen, [1; 16], device(1), &[splice(3, 0, "!")]).unwrap();
    let (_, version) = amine.splice(&version, [1; 16], device(1), &[splice(4, 0, "?")]).unwrap();
    assert_eq!(amine.text().unwrap(), ">>> abc!?");
    // Somebody who writes twice on one old version does not lose either.
    let (_, _) = amine.splice(&seen, [1; 16], device(1), &[splice(1, 1, "B")]).unwrap();
    assert_eq!(amine.text().unwrap(), ">>> aBc!?");
    assert_eq!(version.len(), 1);
    let unknown = amine.splice(&[Hash([9; 32])], [1; 16], device(1), &[splice(0, 0, "x")]);
    assert_eq!(unknown, Err(DocumentError::VersionMissing));
    let outside = amine.splice(&[], [1; 16], device(1), &[splice(9, 1, "")]);
    assert_eq!(outside, Err(DocumentError::OutsideText));
}

#[test]
fn what_follows_something_that_has_not_come_waits_and_changes_nothing() {
    let (mut amine, mut chloe) = (document("abc"), document("abc"));
    let first = edit(&mut amine, 1, &[splice(3, 0, "d")]);
    let second = edit(&mut amine, 1, &[splice(4, 0, "e")]);
    assert_eq!(chloe.take(&second, device(1)), Taken::Waits);
    assert_eq!(chloe.text().unwrap(), "abc");
    assert!(matches!(chloe.take(&first, device(1)), Taken::New(_)));
    assert!(matches!(chloe.take(&second, device(1)), Taken::New(_)));
    assert_eq!(chloe.text().unwrap(), "abcde");
}

#[test]
fn a_long_edit_becomes_changes_that_an_entry_holds_and_a_stored_note_is_the_same() {
    let (mut amine, mut chloe) = (document(""), document(""));
    let long = "Rue des Lilas 🌊 ".repeat(1_000);
    let written = edit(&mut amine, 1, &[splice(0, 0, &long)]);
    let taken_out = edit(&mut amine, 1, &[splice(10, 9_000, "…")]);
    assert_eq!((written.len(), taken_out.len()), (4, 3));
    assert!(written.iter().chain(&taken_out).all(|change| change.len() < 20_000));
    for entry in [written, taken_out] {
        assert!(matches!(chloe.take(&entry, device(1)), Taken::New(_)));
    }
    assert_eq!(chloe.text().unwrap(), amine.text().unwrap());
    let actors = [(vec![1; 16], device(1))];
    let mut again = Document::load(ITEM, &chloe.save().unwrap(), &actors).unwrap();
    assert_eq!(again.text().unwrap(), amine.text().unwrap());
    assert_eq!(again.version(), amine.version());
    let more = edit(&mut amine, 1, &[splice(0, 1, "")]);
    assert!(matches!(again.take(&more, device(1)), Taken::New(_)));
    assert!(Document::load(ITEM, &chloe.save().unwrap()[..40], &[]).is_err());
}

/// An automerge change that does something else than write in the text.
fn other_change(make: impl Fn(&mut AutoCommit, &automerge::ObjId)) -> automerge::Change {
    let mut writer = AutoCommit::new().with_actor(ActorId::from(&ITEM.0[..]));
    writer.put(ROOT, "title", "Tournée").unwrap();
    let text = writer.put_object(ROOT, "text", ObjType::Text).unwrap();
    writer.splice_text(&text, 0, 0, "abc").unwrap();
    writer.commit_with(CommitOptions::default().with_time(0));
    writer.set_actor(ActorId::from(&[2; 16][..]));
    make(&mut writer, &text);
    writer.commit_with(CommitOptions::default().with_time(0));
    writer.get_last_local_change().unwrap()
}

#[test]
fn a_change_can_say_nothing_but_text_in_and_text_out() {
    for other in [
        other_change(|writer, _| drop(writer.put_object(ROOT, "reactions", ObjType::Map).unwrap())),
        other_change(|writer, _| drop(writer.put_object(ROOT, "text", ObjType::Text).unwrap())),
        other_change(|writer, _| writer.put(ROOT, "title", "Autre").unwrap()),
        other_change(|writer, text| drop(writer.insert_object(text, 1, ObjType::Map).unwrap())),
    ] {
        assert_eq!(Change::read(&other, ITEM), None, "it has no form to travel in");
        let mut note = document("abc");
        assert_eq!(note.take(&[other.raw_bytes().to_vec().into()], device(2)), Taken::Refused);
        assert_eq!(note.text().unwrap(), "abc");
    }
    let text = other_change(|writer, text| writer.splice_text(text, 1, 1, "BB").unwrap());
    let change = Change::read(&text, ITEM).unwrap();
    let mut note = document("abc");
    assert!(matches!(note.take(&one(&change), device(2)), Taken::New(_)));
    assert_eq!(note.text().unwrap(), "aBBc");
}

#[test]
fn what_could_not_be_applied_or_would_be_somebody_else_s_is_refused() {
    let mut amine = document("abc");
    let (changes, _) = amine.splice(&[], [1; 16], device(1), &[splice(1, 1, "x")]).unwrap();
    let honest = changes[0].clone();
    let own = |counter| Element { counter, actor: 0 };
    let first = Element { counter: 3, actor: 1 };
    let delete = |first, count| Step::Delete { first, count };
    let insert = |after, text: &str| Step::Insert { after, text: text.to_owned() };
    let bad = |alter: &dyn Fn(&mut Change)| {
        let mut change = honest.clone();
        alter(&mut change);
        change
    };
    let hostile = [
        bad(&|change| change.steps = vec![]),
        bad(&|change| change.steps = vec![insert(first, "")]),
        bad(&|change| change.steps = vec![delete(first, 0)]),
        bad(&|change| change.steps = vec![delete(first, 1 << 60)]),
        bad(&|change| change.steps = vec![delete(first, 4)]),
        bad(&|change| change.steps = vec![delete(first, 1), delete(first, 1)]),
        bad(&|change| change.steps = vec![delete(Element { counter: 2, actor: 1 }, 1)]),
        bad(&|change| change.steps = vec![insert(own(change.start), "x")]),
        bad(&|change| change.steps = vec![insert(Element { counter: 3, actor: 9 }, "x")]),
        bad(&|change| change.seq = 2),
        bad(&|change| change.seq = 0),
        bad(&|change| change.start = 0),
        bad(&|change| change.start = 2),
        bad(&|change| change.start = u64::MAX),
        bad(&|change| change.parents = vec![]),
        bad(&|change| change.parents = vec![change.parents[0], change.parents[0]]),
        bad(&|change| change.actor = vec![1; 15].into()),
        // The name of the first change, as which nobody else writes.
        bad(&|change| {
            change.actor = ITEM.0.to_vec().into();
            change.others = vec![];
            change.seq = 2;
            change.steps = vec![insert(own(3), "x")];
        }),
    ];
    for change in hostile {
        let mut chloe = document("abc");
        assert_eq!(chloe.take(&one(&change), device(1)), Taken::Refused, "{change:?}");
        assert_eq!(chloe.text().unwrap(), "abc");
        assert!(matches!(chloe.take(&one(&honest), device(1)), Taken::New(_)), "and the next is taken");
    }
    let mut chloe = document("abc");
    assert_eq!(chloe.take(&[], device(1)), Taken::Refused);
    let far = bad(&|change| change.start += 1);
    assert_eq!(chloe.take(&one(&far), device(1)), Taken::Waits, "its author knew more than is here");
    chloe.take(&one(&honest), device(1));
    let next = edit(&mut amine, 1, &[splice(0, 0, "y")]);
    assert_eq!(chloe.take(&next, device(3)), Taken::Refused, "an actor is one device's");
    assert!(matches!(chloe.take(&next, device(1)), Taken::New(_)));
}

#[test]
fn an_entry_is_taken_whole_or_not_at_all() {
    let (mut amine, mut chloe) = (document("abc"), document("abc"));
    let mut entry = edit(&mut amine, 1, &[splice(3, 0, "d")]);
    let mut second = Change::from_bytes(&edit(&mut amine, 1, &[splice(4, 0, "e")])[0]).unwrap();
    second.seq = 9;
    entry.push(second.to_bytes().into());
    assert_eq!(chloe.take(&entry, device(1)), Taken::Refused);
    assert!(chloe.spoiled, "it is to be loaded again");
}

/// What one of three does: writes at a place, takes out, or takes what others sent.
#[derive(Debug, Clone)]
enum Act {
    Edit { who: usize, at: usize, out: usize, text: String },
    Take { who: usize, from: usize },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let edit = (0..3usize, 0..40usize, 0..4usize, "[a-zé🌊]{0,4}")
        .prop_map(|(who, at, out, text)| Act::Edit { who, at, out, text });
    let take = (0..3usize, 0..3usize).prop_map(|(who, from)| Act::Take { who, from });
    prop::collection::vec(prop_oneof![2 => edit, 1 => take], 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whoever_has_the_same_entries_has_the_same_text(acts in acts()) {
        let mut notes = [document("départ"), document("départ"), document("départ")];
        let mut sent: [Vec<Vec<ByteVec>>; 3] = Default::default();
        for act in acts {
            match act {
                Act::Edit { who, at, out, text } => {
                    let length = notes[who].length().unwrap();
                    let position = at.min(length);
                    let splice = splice(position, out.min(length - position), &text);
                    if splice.deleted > 0 || !splice.inserted.is_empty() {
                        let entry = edit(&mut notes[who], who as u8 + 1, &[splice]);
                        sent[who].push(entry);
                    }
                }
                Act::Take { who, from } => {
                    for entry in sent[from].clone() {
                        notes[who].take(&entry, device(from as u8 + 1));
                    }
                }
            }
        }
        // Twice: what waits for another's comes the second time, and the third says that nothing is left.
        for round in 0..4 {
            for note in &mut notes {
                for (from, entries) in sent.iter().enumerate() {
                    for entry in entries {
                        let taken = note.take(entry, device(from as u8 + 1));
                        prop_assert!(taken != Taken::Refused);
                        prop_assert!(round < 3 || taken == Taken::Known);
                    }
                }
            }
        }
        let (text, version) = (notes[0].text().unwrap(), notes[0].version());
        for note in &mut notes {
            prop_assert_eq!(note.text().unwrap(), text.as_str());
            prop_assert_eq!(note.version(), version.clone());
            let stored = note.save().unwrap();
            prop_assert_eq!(Document::load(ITEM, &stored, &[]).unwrap().text().unwrap(), text.as_str());
        }
    }

    #[test]
    fn altered_bytes_are_refused_or_are_a_change_that_holds(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut amine = document("départ à 8 h");
        let mut entry = edit(&mut amine, 1, &[splice(2, 3, "abc"), splice(0, 1, "🌊")]);
        let mut bytes = entry[0].to_vec();
        for (at, mask) in &flips {
            let at = at.index(bytes.len());
            bytes[at] ^= mask;
        }
        for bytes in [bytes.clone(), bytes[..cut.index(bytes.len())].to_vec()] {
            let mut chloe = document("départ à 8 h");
            entry[0] = bytes.into();
            let taken = chloe.take(&entry, device(1));
            let text = chloe.text().unwrap();
            if !matches!(taken, Taken::New(_)) {
                prop_assert_eq!(&text, "départ à 8 h");
            }
            let actors: Vec<_> = match taken { Taken::New(actors) => actors, _ => Vec::new() };
            let actors: Vec<_> = actors.into_iter().map(|actor| (actor, device(1))).collect();
            let stored = chloe.save().unwrap();
            let mut again = Document::load(ITEM, &stored, &actors).unwrap();
            prop_assert_eq!(again.text().unwrap(), text);
            edit(&mut again, 3, &[splice(0, 1, "x")]);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_wait(bytes in prop::collection::vec(any::<u8>(), 0..96)) {
        let mut note = document("abc");
        let taken = note.take(&[bytes.into()], device(1));
        prop_assert!(matches!(taken, Taken::Refused | Taken::Waits));
    }
}

#[test]
fn the_bytes_of_a_change_never_change() {
    let change = Change {
        actor: vec![1; 16].into(),
        seq: 1,
        start: 6,
        parents: vec![Hash([9; 32])],
        others: vec![vec![7; 16].into()],
        steps: vec![
            Step::Insert { after: Element { counter: 3, actor: 1 }, text: "é".to_owned() },
            Step::Delete { first: Element { counter: 4, actor: 1 }, count: 2 },
        ],
    };
    let recorded = format!(
        "8650{}0106815820{}8150{}828200828203{}62c3a98201828204{}02",
        "01".repeat(16),
        "09".repeat(32),
        "07".repeat(16),
        "01",
        "01"
    );
    let written: String = change.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(written, recorded);
    assert_eq!(Change::from_bytes(&change.to_bytes()), Some(change));
}
