//! Hostile bytes are the judge of what is read.

use proptest::prelude::*;

use super::*;

const ACTOR: ActorId = [0xaa; 16];

#[test]
fn a_message_of_the_first_version_is_its_actor_and_its_text() {
    let bytes = [&ACTOR[..], "été".as_bytes()].concat();
    assert_eq!(read_first_version(&bytes), Ok((ACTOR, "été")));
    assert_eq!(read_first_version(&ACTOR[..15]), Err(ItemError::Malformed));
    assert_eq!(read_first_version(&ACTOR), Err(ItemError::Empty));
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
fn a_text_of_which_nothing_is_seen_is_not_written_and_is_read_where_it_stands() {
    for blank in
        [" ", "   ", "\n\t\r\n", "\u{a0}\u{202f}", "\u{200b}\u{feff}", "\u{2060} \u{ad}", "\0", "\u{2800}"]
    {
        assert_eq!(check_written(blank), Err(ItemError::Empty), "{blank:?}");
        assert_eq!(read_text(blank.as_bytes()), Ok(blank));
    }
    for said in ["a", " . ", "\n?\n", "👍\u{fe0f}", "\u{200f}שלום", "e\u{301}"] {
        assert_eq!(check_written(said), Ok(()), "{said:?}");
    }
    assert_eq!(check_written(""), Err(ItemError::Empty));
    assert_eq!(check_written(&"a".repeat(10_001)), Err(ItemError::TooLong));
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for bytes in [&[0xff][..], &[0xc3], &[b'a', 0xf0, 0x9f]] {
        assert_eq!(read_text(bytes), Err(ItemError::Malformed));
    }
}

proptest! {
    #[test]
    fn any_text_is_read_as_it_was_written(text in any::<String>()) {
        prop_assume!(!text.is_empty());
        prop_assert_eq!(read_text(text.as_bytes()), Ok(text.as_str()));
    }

    #[test]
    fn hostile_bytes_are_refused_or_are_a_text(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(text) = read_text(&bytes) {
            prop_assert_eq!(text.as_bytes(), &bytes[..]);
        }
    }
}
