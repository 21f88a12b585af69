//! What the command line prints: sentences for people, or one JSON object a line.

mod message;

use estafette_core::reader::{ThreadRow, class_words};
use estafette_protocol::Timestamp;
use estafette_protocol::hours::Zone;
use estafette_protocol::statement::Class;
use estafette_protocol::texts::Language;
use estafette_protocol::texts::{fault_advice, fault_sentence, fault_sentence_until, text};
use serde_json::{Value, json};

use crate::place::Place;
use crate::session::{Desk, Failure};

pub use message::{Shown, apart, message, received_apart, states};

/// The zone in which times are shown while no calendar says another.
pub const PLACE: &str = "Europe/Paris";

/// A time as the clocks of the place show it: "2026-11-23 08:00".
pub fn local(zone: Option<&str>, at: Timestamp) -> String {
    let zone = zone.and_then(Zone::named).or_else(|| Zone::named(PLACE));
    zone.map_or_else(
        || at.to_string(),
        |zone| {
            let local = zone.local_time(at);
            format!("{} {:02}:{:02}", local.date, local.minute / 60, local.minute % 60)
        },
    )
}

/// A thread of the list.
pub fn thread(desk: &Desk, place: &Place, row: &ThreadRow) {
    let title = row.shown_title(desk.language);
    let muted = row.muted_until > place.now;
    if desk.json {
        print(&json!({
            "thread": row.id.to_string(), "title": title, "class": row.class.as_str(),
            "unread": row.unread, "mentions": row.mentions, "last_at": row.last_at.0, "joined": row.joined.0,
            "awaited": row.awaited, "muted": muted, "draft": row.has_draft,
        }));
        return;
    }
    let mut marks = Vec::new();
    if row.class != Class::Service {
        marks.push(class_words(desk.language, row.class));
    }
    if row.awaited > 0 {
        marks.push(text(desk.language, "desk-awaited", &[("count", row.awaited.into())]));
    }
    if row.has_draft {
        marks.push(text(desk.language, "word-draft", &[]));
    }
    if muted {
        marks.push(text(desk.language, "desk-is-muted", &[]));
    }
    let marks: String = marks.iter().map(|mark| format!(" · {mark}")).collect();
    let mentioned = if row.mentions > 0 { "@" } else { " " };
    println!("{}  {:>4}{mentioned} {}{marks}", row.id, row.unread, printable(&title));
}

/// What stands between a name and what is said of it: in French with a space that does not break.
pub fn colon(language: Language) -> &'static str {
    match language {
        Language::French => "\u{a0}: ",
        Language::English => ": ",
    }
}

/// What somebody wrote as a terminal, or one line of a page, may show it: it must not move the cursor, hide
/// another, or turn around the words beside it. Each script keeps its own direction without being told.
pub fn printable(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\t' => Some(' '),
        control if control.is_control() => Some('\u{FFFD}'),
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => None,
        other => Some(other),
    };
    text.chars().filter_map(shown).collect()
}

/// One JSON object on a line of its own.
pub fn print(value: &Value) {
    println!("{value}");
}

/// A done deed: its sentence, or its fields.
pub fn done(desk: &Desk, sentence: &str, fields: &Value) {
    match desk.json {
        true => print(fields),
        false => println!("{sentence}"),
    }
}

/// A failure on standard error: what happened, and what to do.
pub fn failure(desk: &Desk, failure: &Failure) {
    let Some(fault) = failure.fault() else {
        match desk.json {
            true => eprintln!("{}", json!({ "code": "usage", "detail": failure.to_string() })),
            false => eprintln!("{failure}"),
        }
        return;
    };
    let reopens = fault.reopens_at.map(|at| local(None, at));
    let sentence = match &reopens {
        Some(reopens) => fault_sentence_until(desk.language, &fault, reopens),
        None => fault_sentence(desk.language, &fault),
    };
    let advice = fault_advice(desk.language, &fault);
    if desk.json {
        eprintln!(
            "{}",
            json!({ "code": fault.code.as_str(), "detail": sentence, "advice": advice, "reasons": fault.reasons })
        );
    } else {
        eprintln!("{sentence}\n{advice}\n({})", fault.code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_wrote_cannot_command_the_terminal() {
        assert_eq!(printable("Buse\u{1b}[2J\r bouchée\tici 🚧"), "Buse\u{FFFD}[2J\u{FFFD} bouchée ici 🚧");
    }

    #[test]
    fn a_name_cannot_turn_around_the_words_beside_it() {
        assert_eq!(printable("Chloé\u{202E} nitraM\u{202C}"), "Chloé nitraM");
        assert_eq!(printable("\u{2066}a\u{2067}b\u{2068}c\u{2069}\u{202A}d\u{202B}e\u{202D}f"), "abcdef");
        assert_eq!(printable("مغلق 12 rue Haute"), "مغلق 12 rue Haute");
    }
}
