//! The README's first command, as somebody runs it: the real binary, once, without a terminal.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![cfg(feature = "dev-attestation")]

use std::process::{Command, Output, Stdio};

/// What must stand in the output, in this order. Each is said only after it was checked.
const STORY: &[&str] = &[
    "Estafette\u{A0}: une courte journée",
    "1. Un tunnel",
    "«\u{A0}Vanne fermée rue des Lilas, secteur nord coupé.\u{A0}» · en attente de départ",
    "Le relais n’a rien reçu de plus.",
    "Chloé ne voit rien.",
    "son message est remis au relais.",
    "Chloé «\u{A0}Vanne fermée rue des Lilas, secteur nord coupé.\u{A0}» · reçu",
    "2. 17:00",
    "08:00\u{A0}: rien ne vous est remis d’ici là.",
    "remis au relais · Paul\u{A0}: sera remis demain 08:00",
    "Amine, Chloé l’ont déjà reçu",
    "Le relais garde l’entrée scellée pour Paul.",
    "Aucun message.",
    "rappelle Paul en service pour une heure.",
    "tu y passes en premier.\u{A0}» · reçu",
    "3. Une consigne",
    "Léa compte 2 «\u{A0}Lu et compris\u{A0}» sur 3\u{202F}; Chloé\u{A0}: non joint.",
    "Léa compte 3 sur 3.",
    "4. Un deuxième téléphone",
    "son nouveau téléphone montre les 2 messages écrits avant lui, dans le même ordre",
    "5. Une correction, deux téléphones",
    "Les autres lisent encore l’ancien texte.",
    "Les 5 téléphones gardent les deux corrections côte à côte",
    "une seule version est en vigueur sur les 5 téléphones",
    "l’histoire garde les 4 textes.",
    "6. 21:00, la tempête",
    "Léa déclare une urgence, motif",
    "Amine la reçoit chez lui",
    "Chloé n’est pas d’astreinte",
    "Léa sait qu’Amine a répondu.",
    "7. Un téléphone perdu",
    "messages qu’il montrait, il ne reste rien.",
    "tient la confirmation de l’effacement.",
    "8. Le téléphone d’un inconnu",
    "Cet appareil n’est pas à l’inventaire.",
    "Déverrouillé refusé",
    "Ce ticket n’est pas valable.",
    "Rien de lisible.",
    "Perdus 0, en double 0, divergents 0, indéchiffrables 0",
    "Tout ce qui est coché a été vérifié.",
];

fn demo(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_estafette"));
    command.arg("demo").args(arguments).stdin(Stdio::null()).env("LANG", "C.UTF-8");
    command.output().unwrap()
}

/// The sentences as they were before they were broken into lines of 80 columns.
fn unbroken(output: &[u8]) -> String {
    let text = std::str::from_utf8(output).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "a line is wider than 80 columns:\n{text}");
    assert!(!text.contains('\x1b'), "colour without a terminal:\n{text}");
    let words = text.split([' ', '\n']).filter(|word| !word.is_empty() && *word != "✓");
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_day_is_told_to_its_end_and_the_command_ends_by_itself() {
    let output = demo(&["--once"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{}\n{errors}", String::from_utf8_lossy(&output.stdout));
    let told = unbroken(&output.stdout);
    let mut rest = told.as_str();
    for sentence in STORY {
        let place =
            rest.find(sentence).unwrap_or_else(|| panic!("{sentence:?} is missing or too early:\n{told}"));
        rest = &rest[place + sentence.len()..];
    }
}

#[test]
fn a_conversation_that_is_not_there_ends_the_demonstration_with_its_sentence() {
    let output = demo(&["--once", "/nowhere/at/all.jsonl"]);
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.starts_with("La démonstration n’a pas pu se faire\u{A0}: "), "{errors}");
    assert!(errors.contains("/nowhere/at/all.jsonl"), "{errors}");
    assert_eq!(output.stdout, b"", "nothing is told before it is known that all can be");
}
