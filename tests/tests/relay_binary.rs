//! The relay that is shipped cannot trust the development root: it does not contain it.
//!
//! The feature `dev-attestation` is on in the desk's demo and in these tests; features of a
//! workspace mix when it is built as a whole. So the relay is built here alone, as a package
//! would build it, and its bytes are searched. The same search in a relay built with the
//! feature finds both marks, or it would prove nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::PathBuf;
use std::process::Command;

use estafette_attest::development::{FEATURE_MARK, ROOT_SPKI};

#[test]
fn the_relay_built_alone_holds_neither_the_development_root_nor_the_name_of_its_feature() {
    let marks: [(&str, &[u8]); 2] = [("feature", FEATURE_MARK.as_bytes()), ("root", &ROOT_SPKI)];
    assert!(marks.iter().all(|(_, mark)| mark.len() >= 16), "a short mark could be anywhere by chance");

    // The control comes first: what is left in the target folder is the relay for use.
    let development = relay(&["--features", "dev-attestation"]);
    for (name, mark) in marks {
        assert!(holds(&development, mark), "the search does not see the {name} where it is");
    }
    let shipped = relay(&["--no-default-features"]);
    for (name, mark) in marks {
        assert!(!holds(&shipped, mark), "the relay for use contains the development {name}");
    }
}

/// The bytes of the relay, built with these features and no other crate.
fn relay(features: &[&str]) -> Vec<u8> {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--package", "estafette-server", "--bin", "estafette-relay"])
        .args(["--message-format", "json-render-diagnostics"])
        .args(features)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let path = String::from_utf8(built.stdout)
        .expect("cargo prints text")
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "estafette-relay")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo names what it built");
    std::fs::read(path).expect("the binary can be read")
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    // A window of the whole mark at each place would take minutes in an unoptimised build.
    bytes.iter().enumerate().any(|(at, byte)| *byte == mark[0] && bytes[at..].starts_with(mark))
}

#[test]
fn the_search_finds_a_mark_wherever_it_stands() {
    for bytes in ["needle", "a needle", "needle a", "nneedlee", "a nee needle"] {
        assert!(holds(bytes.as_bytes(), b"needle"), "{bytes}");
    }
    for bytes in ["", "needl", "need le", "eedle"] {
        assert!(!holds(bytes.as_bytes(), b"needle"), "{bytes}");
    }
}
