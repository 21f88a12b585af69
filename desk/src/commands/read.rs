//! `estafette read` and `estafette search`: messages as this computer has them.

use std::io::IsTerminal as _;
use std::time::Duration;

use estafette_core::engine::Command;
use estafette_core::reader::{Audience, MessageRow, MessageState, Reader, ThreadRow, class_words};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{EntryUid, FaultCode, Position, ThreadId};
use serde_json::json;

use super::urgent;
use crate::output::{self, Shown, printable};
use crate::place::Place;
use crate::session::{Desk, Failure, Session};

/// Lets the device listen for a while. Off duty nothing comes, and that is right.
pub fn listen(session: &Session, seconds: u64) -> Result<(), Failure> {
    session.until(Duration::from_secs(seconds), || Ok(false)).map(drop)
}

/// Shows a thread's newest messages and tells the others that they are read.
pub fn read(desk: &Desk, thread: ThreadId, count: usize, sync: u64) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    if sync > 0 {
        listen(&session, sync)?;
    }
    let mut reader = desk.reader(&ring)?;
    let place = Place::of(&mut reader)?;
    let head = known(&mut reader, thread)?;
    if !desk.json {
        let title = printable(&head.shown_title(desk.language));
        println!("{title} · {}", class_words(desk.language, head.class));
    }
    let rows = reader.newest(thread, count)?;
    let highest = rows.iter().map(|row| row.position).max().unwrap_or(Position(0));
    let audience = reader.audience(thread, place.now)?;
    let pins = reader.pins(thread)?;
    for row in rows {
        let mut shown = with_everything(&mut reader, desk.language, row, &audience, &pins)?;
        if let Some(urgency) = reader.urgency(shown.row.uid)? {
            let lines = urgent::urgency_lines(desk.language, &place, &reader, &urgency)?;
            shown.urgency = Some((urgent::urgency_fields(&urgency), lines));
        }
        output::message(desk, &place, &shown);
    }
    let before = reader.unopened(thread)?.before_arrival;
    if before > 0 && !desk.json {
        println!("{}", text(desk.language, "desk-before-arrival", &[("count", before.into())]));
        if reader.past_is_lost(thread)? {
            println!("{}", text(desk.language, "desk-past-lost", &[]));
        }
    }
    session.command(Command::Read { thread, up_to: highest })?;
    session.stop();
    Ok(())
}

/// A thread of this device.
pub fn known(reader: &mut Reader, thread: ThreadId) -> Result<ThreadRow, Failure> {
    let found = reader.threads()?.into_iter().find(|row| row.id == thread);
    found.ok_or_else(|| FaultCode::NotFound.into())
}

/// A message with what became of it.
pub fn with_everything(
    reader: &mut Reader,
    language: Language,
    row: MessageRow,
    audience: &Audience,
    pins: &[EntryUid],
) -> Result<Shown, Failure> {
    let versions = reader.versions(row.uid)?;
    let mut reactions = Vec::new();
    for (agent, sign) in reader.reactions(row.uid)? {
        reactions.push((agent.0, reader.shown_name(language, agent)?, sign));
    }
    let mentions = row.mentions.iter().map(|agent| reader.shown_name(language, *agent));
    Ok(Shown {
        author: author(reader, language, &row)?,
        short: reader.short_name(row.uid)?,
        versions: versions.len(),
        current: versions.iter().filter(|version| version.current).count(),
        mentions: mentions.collect::<Result<_, _>>()?,
        reactions,
        pinned: pins.contains(&row.uid),
        reached: (row.own && row.state == MessageState::Standing && !row.erased)
            .then(|| audience.of(row.position)),
        urgency: None,
        row,
    })
}

fn author(reader: &Reader, language: Language, row: &MessageRow) -> Result<String, Failure> {
    match row.agent {
        Some(agent) => Ok(reader.shown_name(language, agent)?),
        None => Ok(row.author.to_string()),
    }
}

/// Words that a search found stand between these in the excerpt.
const FOUND: [char; 2] = ['\u{2068}', '\u{2069}'];

/// Looks for words in all threads. Whatever is typed, nothing fails: signs are no words.
pub fn search(desk: &Desk, query: &str, count: usize) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let place = Place::of(&mut reader)?;
    let mut hits = reader.search(query, count.saturating_add(1))?;
    let more = hits.len() > count;
    hits.truncate(count);
    for hit in &hits {
        let Some((_, row)) = reader.find(hit.uid)? else { continue };
        let (thread, author) = (known(&mut reader, hit.thread)?, author(&reader, desk.language, &row)?);
        let title = thread.shown_title(desk.language);
        if desk.json {
            output::print(&json!({
                "message": hit.uid.to_string(), "thread": hit.thread.to_string(), "title": title,
                "class": thread.class.as_str(), "author": author, "agent": row.agent.map(|agent| agent.0),
                "written_at": row.written_at.0, "excerpt": hit.excerpt,
            }));
            continue;
        }
        let short = reader.short_name(hit.uid)?;
        let (title, author) = (printable(&title), printable(&author));
        println!("{short} · {title} · {author} · {}", place.local(row.written_at));
        println!("    {}", emphasised(&hit.excerpt));
    }
    if !desk.json {
        println!("{}", text(desk.language, "desk-found", &[("count", hits.len().into())]));
        if more {
            println!("{}", text(desk.language, "desk-found-more", &[]));
        }
    }
    Ok(())
}

/// An excerpt on one line; what was found is bold where the terminal can show it.
fn emphasised(excerpt: &str) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let bold = std::io::stdout().is_terminal() && !plain;
    let line = printable(&excerpt.replace('\n', " "));
    match bold {
        true => line.replace(FOUND[0], "\x1b[1m").replace(FOUND[1], "\x1b[0m"),
        false => line.replace(FOUND, ""),
    }
}
