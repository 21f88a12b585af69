//! Every reason for which a device's evidence is refused can be read, in both languages.
//!
//! It stands here since the catalogue's own crate does not know the verifier.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use estafette_attest::Reason;
use estafette_protocol::texts::{FRENCH_SOURCE, Language, has_text};

#[test]
fn every_reason_of_a_refused_device_has_words_and_no_words_are_left_over() {
    let needed: BTreeSet<String> =
        Reason::ALL.iter().map(|reason| format!("reason-{}", reason.as_str().replace('_', "-"))).collect();
    for language in Language::ALL {
        for id in &needed {
            assert!(has_text(language, id), "{id} is missing in {}", language.tag());
        }
    }
    let written = FRENCH_SOURCE.lines().filter(|line| line.starts_with("reason-"));
    let written: BTreeSet<String> =
        written.filter_map(|line| Some(line.split_once(" =")?.0.to_owned())).collect();
    assert_eq!(written, needed);
}
