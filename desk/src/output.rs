//! What the command line prints: sentences for people, or one JSON object a line.

use estafette_core::reader::{MessageRow, MessageState, ThreadKind, ThreadRow};
use estafette_protocol::hours::Zone;
use estafette_protocol::texts::{fault_advice, fault_sentence, fault_sentence_until, text};
use estafette_protocol::{Fault, Timestamp};
use serde_json::{Value, json};

use crate::session::{Desk, Failure};

/// The zone in which times are shown while no calendar says another.
const PLACE: &str = "Europe/Paris";
/// Both times of a message are shown when they are further apart.
const APART_MS: u64 = 5 * 60 * 1000;

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
pub fn thread(desk: &Desk, row: &ThreadRow) {
    let title = row.title.clone().unwrap_or_else(|| match row.kind {
        ThreadKind::Team(Some(team)) => format!("{} {team}", text(desk.language, "desk-team", &[])),
        ThreadKind::Team(None) => text(desk.language, "word-conversation", &[]),
        ThreadKind::Direct(agent) => format!("{} {agent}", text(desk.language, "desk-agent", &[])),
    });
    if desk.json {
        print(&json!({
            "thread": row.id.to_string(), "title": title, "class": format!("{:?}", row.class).to_lowercase(),
            "unread": row.unread, "last_at": row.last_at.0, "joined": row.joined.0,
            "awaited": row.awaited,
        }));
    } else {
        let awaited = match row.awaited {
            0 => String::new(),
            count => format!(" · {}", text(desk.language, "desk-awaited", &[("count", count.into())])),
        };
        println!("{}  {:>4}  {}{awaited}", row.id, row.unread, title);
    }
}

/// A message of a thread.
pub fn message(desk: &Desk, zone: Option<&str>, row: &MessageRow) {
    let author = row.name.clone().unwrap_or_else(|| match row.agent {
        Some(agent) => format!("{} {agent}", text(desk.language, "desk-agent", &[])),
        None => row.author.to_string(),
    });
    if desk.json {
        let parents: Vec<String> = row.parents.iter().map(ToString::to_string).collect();
        print(&json!({
            "message": row.uid.to_string(), "position": row.position.0, "author": author,
            "agent": row.agent.map(|agent| agent.0), "written_at": row.written_at.0,
            "received_at": row.received_at.0, "text": row.body, "parents": parents, "state": state_word(row.state),
        }));
        return;
    }
    let written = local(zone, row.written_at);
    let state = match row.state {
        MessageState::Standing if row.received_at.0.abs_diff(row.written_at.0) > APART_MS => {
            let when = local(zone, row.received_at);
            format!(" · {}", text(desk.language, "time-received", &[("when", (&when).into())]))
        }
        MessageState::Standing => String::new(),
        MessageState::Awaited => format!(" · {}", text(desk.language, "state-awaited", &[])),
        MessageState::Waiting => format!(" · {}", text(desk.language, "state-waiting", &[])),
        MessageState::Held { until } => {
            let when = local(zone, until);
            format!(" · {}", text(desk.language, "state-waiting-for-reopening", &[("when", (&when).into())]))
        }
        MessageState::Refused(code) => {
            let reason = fault_sentence(desk.language, &Fault::new(code));
            format!(" · {}", text(desk.language, "state-refused", &[("reason", (&reason).into())]))
        }
    };
    let answers = if row.parents.is_empty() { "" } else { "↪ " };
    println!("{} · {author} · {written}{state}", row.uid);
    for line in row.body.lines() {
        println!("    {answers}{line}");
    }
}

fn state_word(state: MessageState) -> &'static str {
    match state {
        MessageState::Waiting => "waiting",
        MessageState::Held { .. } => "held",
        MessageState::Standing => "standing",
        MessageState::Awaited => "awaited",
        MessageState::Refused(_) => "refused",
    }
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
