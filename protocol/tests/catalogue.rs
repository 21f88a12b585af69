//! The catalogue of texts is whole: nothing that a person reads can be missing or half translated.
//!
//! The sources of every crate are read, so that an id used in a screen and forgotten in the
//! catalogue is found here and not by an agent. Ids are therefore literals in calls to `text`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use estafette_protocol::texts::{
    ENGLISH_SOURCE, FRENCH_SOURCE, Language, fault_advice, fault_id, fault_sentence, fault_sentence_until,
    has_text,
};
use estafette_protocol::{Fault, FaultCode};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentError, FluentResource};

/// Where texts are shown; a crate that does not exist yet is passed over.
const SOURCES: [&str; 7] = [
    "protocol/src",
    "core/src",
    "server/src",
    "server/attest/src",
    "desk/src",
    "tests/src",
    "mobile-bindings/src",
];

#[test]
fn every_fault_says_what_happened_and_what_to_do_in_both_languages() {
    for language in Language::ALL {
        for &code in FaultCode::ALL {
            let id = fault_id(code);
            assert!(has_text(language, &id), "{id} has no sentence in {}", language.tag());
            assert!(has_text(language, &format!("{id}.advice")), "{id} has no .advice in {}", language.tag());

            let bare = Fault::new(code);
            let full = Fault::new(code).with_number(12).with_reasons(vec!["untrusted_root".to_owned()]);
            let shown = [
                fault_sentence(language, &bare),
                fault_sentence(language, &full),
                fault_sentence_until(language, &full, "08:00"),
                fault_advice(language, &bare),
                fault_advice(language, &full),
            ];
            for sentence in shown {
                assert!(sentence.ends_with('.'), "{id}: {sentence:?} is not a sentence");
                assert!(!sentence.contains(['{', '}', '\n', '$']), "{id}: {sentence:?} shows its own syntax");
                assert!(!sentence.contains("absent"), "{id}: {sentence:?} shows a missing argument");
            }
        }
    }
}

#[test]
fn each_known_reason_has_a_sentence_and_no_stable_word_is_shown() {
    let hours = [
        "too_many",
        "bad_interval",
        "bad_holiday",
        "empty_period",
        "period_length",
        "bad_reason",
        "zone_too_long",
        "bad_rest",
        "bad_turn",
        "overlap",
        "bad_profile",
        "unknown_place",
        "not_past",
    ];
    let known: [(FaultCode, &[&str]); 5] = [
        (FaultCode::Malformed, &["empty_text"]),
        (FaultCode::HoursInvalid, &hours),
        (
            FaultCode::OverrideInvalid,
            &["empty_period", "override_too_long", "basis_missing", "bad_reason", "bad_minutes"],
        ),
        (
            FaultCode::ProlongationRefused,
            &[
                "not_allowed",
                "longer_than_an_hour",
                "shorter_than_five_minutes",
                "on_leave",
                "not_now",
                "over_midnight",
                "prolonged_already",
                "two_hours_a_day",
            ],
        ),
        (
            FaultCode::ProofInvalid,
            &["founding", "relay_signature", "contradiction", "chain", "differs_from_chain", "arrival"],
        ),
    ];
    for language in Language::ALL {
        for (code, words) in known {
            let mut sentences = BTreeSet::from([fault_sentence(language, &Fault::new(code))]);
            for word in words {
                let fault = Fault::new(code).with_reasons(vec![(*word).to_owned()]);
                let said = [fault_sentence(language, &fault), fault_advice(language, &fault)];
                assert!(said.iter().all(|one| one.ends_with('.')), "{said:?}");
                assert!(!said.concat().contains('_'), "{said:?}");
                assert!(sentences.insert(said[0].clone()), "{word} has no sentence of its own: {said:?}");
            }
        }
        // Of a phone's evidence experts read the word itself; a file's columns are the person's own words.
        let shown = [FaultCode::AttestationRejected, FaultCode::ImportColumns];
        for &code in FaultCode::ALL.iter().filter(|code| !shown.contains(code)) {
            let fault = Fault::new(code).with_reasons(vec!["not_known_yet".to_owned()]);
            let said = fault_sentence(language, &fault) + &fault_advice(language, &fault);
            assert!(!said.contains("not_known_yet"), "{said}");
        }
    }
}

#[test]
fn every_fault_of_the_catalogue_is_a_code() {
    let known: BTreeSet<String> = FaultCode::ALL.iter().map(|&code| fault_id(code)).collect();
    let written: BTreeSet<String> = entries(FRENCH_SOURCE)
        .into_keys()
        .filter(|id| id.starts_with("fault-") && !id.contains('.'))
        .collect();
    assert_eq!(written, known);
}

#[test]
fn both_catalogues_are_well_formed_and_name_each_text_once() {
    for (language, source) in [(Language::French, FRENCH_SOURCE), (Language::English, ENGLISH_SOURCE)] {
        assert_eq!(faults_of_form(source), Vec::<String>::new(), "{}.ftl", language.tag());
    }
    assert_eq!(faults_of_form("a = x\nb = { $y\n").len(), 1, "the check sees a broken text");
    assert_eq!(faults_of_form("a = x\na = y\n").len(), 1, "the check sees a double");
}

fn faults_of_form(source: &str) -> Vec<String> {
    let resource = match FluentResource::try_new(source.to_owned()) {
        Ok(resource) => resource,
        Err((_, errors)) => return errors.iter().map(|error| format!("{error:?}")).collect(),
    };
    let mut bundle: FluentBundle<FluentResource> = FluentBundle::new_concurrent(Vec::new());
    let doubles: Vec<FluentError> = bundle.add_resource(resource).err().unwrap_or_default();
    doubles.iter().map(ToString::to_string).collect()
}

#[test]
fn the_two_catalogues_hold_the_same_texts_with_the_same_arguments() {
    let (french, english) = (entries(FRENCH_SOURCE), entries(ENGLISH_SOURCE));
    assert!(french.len() > FaultCode::ALL.len() * 2, "the catalogue was read");
    for (id, arguments) in &french {
        match english.get(id) {
            None => panic!("{id} is in fr.ftl and not in en.ftl"),
            Some(others) => assert_eq!(others, arguments, "{id} does not take the same arguments"),
        }
    }
    for id in english.keys() {
        assert!(french.contains_key(id), "{id} is in en.ftl and not in fr.ftl");
    }
}

#[test]
fn no_source_shows_a_text_that_the_catalogue_lacks() {
    let mut missing = Vec::new();
    for file in sources().into_iter().filter(|file| !file.ends_with("protocol/src/texts.rs")) {
        let source = std::fs::read_to_string(&file).expect("a source file is text");
        // Below this line are tests, which ask for texts that do not exist on purpose.
        let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for (line, ids) in calls_to_text(source) {
            let place = format!("{}:{line}", file.display());
            if ids.is_empty() {
                missing.push(format!("{place}: the id is not a literal, so that nobody can check it"));
            }
            let lacking = ids.into_iter().filter(|id| !has_text(Language::French, id));
            missing.extend(lacking.map(|id| format!("{place}: no text {id:?} in fr.ftl")));
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn the_search_sees_every_way_of_asking_for_a_text() {
    let known = sources();
    assert!(known.iter().any(|file| file.ends_with("protocol/src/fault.rs")), "the sources are not found");
    let source = r#"
        use estafette_protocol::texts::{self, text};
        let a = text(language, "one", &[]);
        let b = texts::text(
            choose(x, y),
            "two.advice",
            &[("name", name.into())],
        );
        let c = text(language, if late { "three" } else { "four" }, &[]);
        let d = text(language, id, &[]);
        row.text(0, "column"); context("no"); fn text(x: X, y: &str) {}
    "#;
    let found: Vec<(usize, Vec<String>)> = calls_to_text(source);
    let ids = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        found,
        [(3, ids(&["one"])), (4, ids(&["two.advice"])), (9, ids(&["three", "four"])), (10, ids(&[]))]
    );
    assert_eq!(calls_to_text("let a = text(row, \"column\");"), [], "another function of that name");
}

#[test]
fn french_keeps_its_punctuation_with_the_word_before_it() {
    let faults: Vec<String> = FRENCH_SOURCE
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#'))
        .filter_map(|(index, line)| {
            typography_fault(line).map(|why| format!("fr.ftl:{}: {why}: {line}", index + 1))
        })
        .collect();
    assert_eq!(faults, Vec::<String>::new());

    for wrong in
        ["a = Non : rien", "a = Quoi?", "a = Non ; rien", "a = « oui\u{A0}»", "a = «\u{A0}oui »", "a = l'eau"]
    {
        assert!(typography_fault(wrong).is_some(), "{wrong} was accepted");
    }
    for right in [
        "a = Non\u{A0}: rien à 08:00",
        "a = Quoi\u{202F}?",
        "a = «\u{A0}oui\u{A0}» l’eau",
        "    [one] { $n } !",
    ] {
        assert_eq!(typography_fault(right).is_some(), right.ends_with(" !"), "{right}");
    }
}

/// What a French typesetter would send back in one line of the catalogue, if anything.
fn typography_fault(line: &str) -> Option<&'static str> {
    const NO_BREAK: [char; 2] = ['\u{A0}', '\u{202F}'];
    let characters: Vec<char> = line.chars().collect();
    for (index, &character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|at| characters.get(at)).copied();
        let after = characters.get(index + 1).copied();
        let joined_before = before.is_some_and(|other| NO_BREAK.contains(&other));
        let joined_after = after.is_some_and(|other| NO_BREAK.contains(&other));
        let inside_a_word = after.is_some_and(|other| !other.is_whitespace() && other != '}' && other != '"');
        match character {
            // 08:00 and https:// are words.
            ':' if !joined_before && !inside_a_word => return Some("U+00A0 is missing before the colon"),
            ';' | '!' if !joined_before => return Some("U+202F is missing before the mark"),
            '?' if !joined_before && !inside_a_word => return Some("U+202F is missing before the mark"),
            '«' if !joined_after => return Some("U+00A0 is missing after the quotation mark"),
            '»' if !joined_before => return Some("U+00A0 is missing before the quotation mark"),
            '\'' => return Some("the apostrophe is ’ (U+2019)"),
            _ => {}
        }
    }
    None
}

#[test]
fn an_acknowledgement_is_never_called_a_signature() {
    for line in FRENCH_SOURCE.lines().filter(|line| !line.starts_with('#')) {
        let acknowledges =
            ["acknowledge", "receipt", "Lu et compris", "accusé"].iter().any(|word| line.contains(word));
        assert!(!(acknowledges && line.to_lowercase().replace("consigne", "").contains("sign")), "{line}");
    }
    assert!(FRENCH_SOURCE.contains("action-acknowledge = Lu et compris\n"));
}

/// Every text and attribute of a catalogue, with the arguments that it takes.
fn entries(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut message, mut current) = (String::new(), String::new());
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split_once('=').map_or("", |(name, _)| name.trim_end());
        if let Some(attribute) = name.trim_start().strip_prefix('.') {
            current = format!("{message}.{attribute}");
            found.entry(current.clone()).or_default();
        } else if is_id(name) {
            message = name.to_owned();
            current = name.to_owned();
            found.entry(current.clone()).or_default();
        }
        for piece in line.split('$').skip(1) {
            let argument: String =
                piece.chars().take_while(|&c| c.is_ascii_alphanumeric() || c == '_' || c == '-').collect();
            found.entry(current.clone()).or_default().insert(argument);
        }
    }
    found
}

/// Whether this is an id that stands at the beginning of its line.
fn is_id(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// Every Rust file of the product, in a stable order.
fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate stands in the workspace");
    let mut pending: Vec<PathBuf> = SOURCES.iter().map(|folder| root.join(folder)).collect();
    let mut files = Vec::new();
    while let Some(folder) = pending.pop() {
        let Ok(children) = std::fs::read_dir(&folder) else { continue };
        for child in children {
            let path = child.expect("a folder can be listed").path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The calls to `text` in a source that uses the catalogue: line, and the literals that its
/// second argument can be.
fn calls_to_text(source: &str) -> Vec<(usize, Vec<String>)> {
    if !source.contains("texts::") {
        return Vec::new();
    }
    let mut calls = Vec::new();
    for (at, _) in source.match_indices("text(") {
        let before = &source[..at];
        let part_of_a_name = before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        if part_of_a_name || before.ends_with("fn ") || before.lines().last().is_some_and(is_comment) {
            continue;
        }
        calls.push((
            before.matches('\n').count() + 1,
            literals(&second_argument(&source[at + "text(".len()..])),
        ));
    }
    calls
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// What stands between the first and the second comma of a call, brackets and literals respected.
fn second_argument(call: &str) -> String {
    let (mut depth, mut commas, mut quoted) = (0_i32, 0, false);
    let mut argument = String::new();
    for character in call.chars() {
        match character {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => commas += 1,
            _ => {}
        }
        if depth < 0 || commas == 2 {
            break;
        }
        if commas == 1 {
            argument.push(character);
        }
    }
    argument
}

/// The contents of the string literals in a piece of source; ids hold no escapes.
fn literals(piece: &str) -> Vec<String> {
    piece.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}
