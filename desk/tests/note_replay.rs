//! The project's own writing session through a real relay, and what its verdict must see.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![cfg(feature = "dev-attestation")]

use std::path::Path;

use estafette_desk::replay::trace::Trace;
use estafette_desk::replay::writing::{WritingProgress, write};

#[test]
fn the_project_s_own_session_ends_with_its_text_on_every_device_and_another_text_is_seen() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/note.json");
    let trace = Trace::read(&file).unwrap();
    let mut wrote = 0;
    let figures = write(&trace, &mut |progress| {
        if let WritingProgress::Wrote(transactions) = progress {
            wrote += transactions;
        }
    })
    .unwrap();
    assert!(figures.equal_to_end_content, "{figures:?}");
    assert_eq!((figures.devices, figures.transactions, wrote), (3, 11, 11));
    // The note itself, and at most one entry for each passage that others had seen the end of.
    assert!((2..=9).contains(&figures.entries), "{figures:?}");

    let other = Trace { end: format!("{} ", trace.end), ..trace };
    assert!(!write(&other, &mut |_| {}).unwrap().equal_to_end_content);
}
