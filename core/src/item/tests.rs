//! automerge is the judge of the first change; hostile bytes are the judge of what is read.

use automerge::transaction::{CommitOptions, Transactable as _};
use automerge::{
    ActorId as AutomergeActor, AutoCommit, Change, ObjType, ROOT, ReadDoc as _, ScalarValue, Value,
};
use proptest::prelude::*;

use super::*;

const ACTOR: ActorId = [0xaa; 16];

fn change(text: &str) -> Vec<u8> {
    first_change(text, ACTOR)
}

/// The same first change, written by automerge itself.
fn by_automerge(text: &str, actor: ActorId) -> Vec<u8> {
    let mut document = AutoCommit::new().with_actor(AutomergeActor::from(&actor[..]));
    document.put(ROOT, "body", text).unwrap();
    document.put_object(ROOT, "reactions", ObjType::Map).unwrap();
    document.commit_with(CommitOptions::default().with_time(0));
    document.get_last_local_change().unwrap().raw_bytes().to_vec()
}

fn string(text: &str) -> Value<'static> {
    Value::from(ScalarValue::Str(text.into()))
}

#[test]
fn the_first_change_of_a_message_never_changes() {
    let recorded = concat!(
        "856f4a83809246eb014c0010aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa01010000000615103401420356",
        "04570e70027e04626f6479097265616374696f6e73027e01007ee6010056616e6e65206665726dc3a9652e0200",
    );
    let written: String = change("Vanne fermée.").iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(written, recorded);
}

#[test]
fn a_message_of_the_first_version_is_its_actor_and_its_text() {
    let bytes = [&ACTOR[..], "été".as_bytes()].concat();
    assert_eq!(read_first_version(&bytes), Ok((ACTOR, "été")));
    assert_eq!(read_first_version(&ACTOR[..15]), Err(ItemError::Malformed));
    assert_eq!(read_first_version(&ACTOR), Err(ItemError::Empty));
}

#[test]
fn automerge_loads_the_first_change_and_finds_all_containers() {
    let mut document = AutoCommit::new();
    document.apply_changes([Change::from_bytes(change("À 14 h 🙂")).unwrap()]).unwrap();
    assert_eq!(document.get(ROOT, "body").unwrap().unwrap().0, string("À 14 h 🙂"));
    assert_eq!(document.get(ROOT, "reactions").unwrap().unwrap().0, Value::Object(ObjType::Map));
    assert_eq!(document.keys(ROOT).count(), 2);
}

#[test]
fn an_edit_builds_on_the_first_change_of_whoever_computed_it() {
    let mut editor = AutoCommit::new().with_actor(AutomergeActor::from(&[0xbb; 16][..]));
    editor.apply_changes([Change::from_bytes(change("avant")).unwrap()]).unwrap();
    editor.put(ROOT, "body", "après").unwrap();
    editor.commit_with(CommitOptions::default().with_time(0));
    let edit = editor.get_last_local_change().unwrap();
    let mut reader = AutoCommit::new();
    reader.apply_changes([edit, Change::from_bytes(by_automerge("avant", ACTOR)).unwrap()]).unwrap();
    assert_eq!(reader.get(ROOT, "body").unwrap().unwrap().0, string("après"));
}

#[test]
fn lengths_at_every_step_of_the_format_are_automerges() {
    for len in [1, 7, 8, 50, 60, 127, 128, 200, 1_023, 1_024, 8_191, 8_192, 10_000] {
        let text = "x".repeat(len);
        assert_eq!(change(&text), by_automerge(&text, ACTOR), "{len} bytes");
    }
    let widest = "🌊".repeat(10_000);
    assert_eq!(change(&widest), by_automerge(&widest, ACTOR));
}

#[test]
fn a_text_has_1_to_10_000_characters_of_any_size() {
    assert_eq!(read_text(b""), Err(ItemError::Empty));
    let longest = "🌊".repeat(10_000);
    assert_eq!(read_text(longest.as_bytes()), Ok(longest.as_str()));
    for longer in ["a".repeat(10_001), "🌊".repeat(10_001), "a".repeat(1_000_000)] {
        assert_eq!(check_text(&longer), Err(ItemError::TooLong));
        assert_eq!(read_text(longer.as_bytes()), Err(ItemError::TooLong));
    }
}

#[test]
fn a_text_is_never_trimmed_or_normalised() {
    for text in [" ", "\n\n", "e\u{301}", "\0", "\u{202e}abc", "  a  ", "<b>&amp;</b>"] {
        assert_eq!(read_text(text.as_bytes()), Ok(text));
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for bytes in [&[0xff][..], &[0xc3], &[b'a', 0xf0, 0x9f]] {
        assert_eq!(read_text(bytes), Err(ItemError::Malformed));
    }
}

proptest! {
    #[test]
    fn any_texts_first_change_is_automerges(text in any::<String>(), actor: ActorId) {
        prop_assume!(!text.is_empty());
        prop_assert_eq!(read_text(text.as_bytes()), Ok(text.as_str()));
        prop_assert_eq!(first_change(&text, actor), by_automerge(&text, actor));
    }

    #[test]
    fn hostile_bytes_are_refused_or_are_a_text(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(text) = read_text(&bytes) {
            prop_assert_eq!(text.as_bytes(), &bytes[..]);
        }
    }
}
