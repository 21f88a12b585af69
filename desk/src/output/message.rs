//! A message with what became of it: edits, answers, pins, erasure, and how far it is.

use std::collections::BTreeMap;

use estafette_core::reader::{MessageRow, MessageState, Reached};
use estafette_protocol::texts::{Language, fault_sentence, text};
use estafette_protocol::{Fault, Timestamp};
use serde_json::json;

use super::{print, printable};
use crate::place::Place;
use crate::session::Desk;

/// Both times of a message are shown when they are further apart.
const APART_MS: u64 = 5 * 60 * 1000;

/// A message with everything that is shown beside it.
pub struct Shown {
    /// The message.
    pub row: MessageRow,
    /// The author in words.
    pub author: String,
    /// As many digits of its name as tell it from others.
    pub short: String,
    /// How many texts it has had; 0 where it was never edited.
    pub versions: usize,
    /// How many of them stand beside each other; the author chooses.
    pub current: usize,
    /// Who is named, in words.
    pub mentions: Vec<String>,
    /// Who answered with which sign: number, words, sign.
    pub reactions: Vec<(u32, String, String)>,
    /// Pinned by a member.
    pub pinned: bool,
    /// How far one's own has come with the others.
    pub reached: Option<Reached>,
    /// Of an urgent one: on what it rests and how far its call has come, for programs and for people.
    pub urgency: Option<(serde_json::Value, Vec<String>)>,
}

/// A message of a thread.
pub fn message(desk: &Desk, place: &Place, shown: &Shown) {
    match desk.json {
        true => fields(shown),
        false => lines(desk, place, shown),
    }
}

fn fields(shown: &Shown) {
    let row = &shown.row;
    let parents: Vec<String> = row.parents.iter().map(ToString::to_string).collect();
    let mentions: Vec<u32> = row.mentions.iter().map(|agent| agent.0).collect();
    let reactions = shown.reactions.iter();
    let reactions: Vec<_> =
        reactions.map(|(agent, name, sign)| json!({ "agent": agent, "name": name, "sign": sign })).collect();
    let reached = shown.reached.map(|reached| {
        json!({
            "people": reached.people, "received": reached.received, "read": reached.read,
            "off_duty": reached.off_duty, "reopens_at": reached.reopens_at.map(|at| at.0),
        })
    });
    print(&json!({
        "message": row.uid.to_string(), "position": row.position.0, "author": shown.author,
        "agent": row.agent.map(|agent| agent.0), "own": row.own, "written_at": row.written_at.0,
        "received_at": row.received_at.0, "text": row.body, "parents": parents, "state": row.state.as_str(),
        "erased": row.erased, "versions": shown.versions, "current_versions": shown.current,
        "mentions": mentions, "reactions": reactions, "pinned": shown.pinned, "reached": reached,
        "urgency": shown.urgency.as_ref().map(|(fields, _)| fields),
    }));
}

fn lines(desk: &Desk, place: &Place, shown: &Shown) {
    let (row, language) = (&shown.row, desk.language);
    let mut head = vec![shown.short.clone(), printable(&shown.author), place.local(row.written_at)];
    if let Some(at) = received_apart(row) {
        let when = place.local(at);
        head.push(text(language, "time-received", &[("when", (&when).into())]));
    }
    head.extend(states(language, place, row, shown.reached));
    if shown.versions > 0 {
        head.push(text(language, "desk-is-edited", &[]));
    }
    if shown.pinned {
        head.push(text(language, "desk-is-pinned", &[]));
    }
    println!("{}", head.join(" · "));
    if row.erased {
        println!("    {}", text(language, "desk-erased", &[]));
        return;
    }
    shown.urgency.iter().flat_map(|(_, lines)| lines).for_each(|line| println!("    {line}"));
    let answers = if row.parents.is_empty() { "" } else { "↪ " };
    for line in row.body.lines() {
        println!("    {answers}{}", printable(line));
    }
    if !shown.mentions.is_empty() {
        let names = printable(&shown.mentions.join(", "));
        println!("    {}", text(language, "desk-mentions", &[("names", (&names).into())]));
    }
    if !shown.reactions.is_empty() {
        let mut by_sign: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (_, name, sign) in &shown.reactions {
            by_sign.entry(sign).or_default().push(name);
        }
        let listed = by_sign.iter().map(|(sign, names)| format!("{sign} {}", names.join(", ")));
        println!("    {}", printable(&listed.collect::<Vec<_>>().join(" · ")));
    }
    if shown.current > 1 {
        let arguments = [("count", shown.current.into()), ("message", (&shown.short).into())];
        println!("    {}", text(language, "desk-versions-wait", &arguments));
    }
}

/// Whether two times are so far apart that both are told.
pub fn apart(one: Timestamp, other: Timestamp) -> bool {
    one.0.abs_diff(other.0) > APART_MS
}

/// When the relay received a message, where that is far from when it was written.
pub fn received_apart(row: &MessageRow) -> Option<Timestamp> {
    let placed = row.state == MessageState::Standing;
    Some(row.received_at).filter(|at| placed && apart(*at, row.written_at))
}

/// How far a message is, in words.
pub fn states(language: Language, place: &Place, row: &MessageRow, reached: Option<Reached>) -> Vec<String> {
    match row.state {
        MessageState::Standing => {
            reached.into_iter().flat_map(|reached| reached_words(language, place, reached)).collect()
        }
        MessageState::Awaited => vec![text(language, "state-awaited", &[])],
        MessageState::Waiting => vec![text(language, "state-waiting", &[])],
        MessageState::Held { until } => {
            let when = place.soon(language, until);
            vec![text(language, "state-waiting-for-reopening", &[("when", (&when).into())])]
        }
        MessageState::Refused(code) => {
            let reason = fault_sentence(language, &Fault::new(code));
            vec![text(language, "state-refused", &[("reason", (&reason).into())])]
        }
    }
}

/// Of several people how many; of one, the furthest.
fn reached_words(language: Language, place: &Place, reached: Reached) -> Vec<String> {
    let mut words = Vec::new();
    match reached {
        Reached { received: 0, .. } => words.push(text(language, "state-handed", &[])),
        Reached { people: 1, read: 1, .. } => words.push(text(language, "state-read", &[])),
        Reached { people: 1, .. } => words.push(text(language, "state-received", &[])),
        Reached { people, received, read, .. } => {
            let counts = |count: usize| [("count", count.into()), ("people", people.into())];
            words.push(text(language, "state-received-by", &counts(received)));
            if read > 0 {
                words.push(text(language, "state-read-by", &counts(read)));
            }
        }
    }
    if let Some(at) = reached.reopens_at {
        let when = place.soon(language, at);
        words.push(text(language, "state-will-be-delivered", &[("when", (&when).into())]));
    }
    words
}
