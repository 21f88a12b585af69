//! What an agent sets for a conversation: its title, silence, an unfinished message; and who reads it.

use std::time::Duration;

use clap::Subcommand;
use estafette_core::engine::Command;
use estafette_core::reader::class_words;
use estafette_protocol::texts::text;
use estafette_protocol::{ThreadId, Timestamp};
use serde_json::json;

use super::gather;
use super::message::carry;
use super::read::known;
use crate::output::{self, printable};
use crate::place::Place;
use crate::session::{Desk, Failure};

/// Commands on one conversation.
#[derive(Debug, Subcommand)]
pub enum ConversationCommand {
    /// Montre ce qu'est une conversation et qui la lit / shows what a conversation is and who reads it
    Members {
        /// Conversation
        thread: ThreadId,
    },
    /// Réunit des agents dans une conversation, si vous dirigez leurs équipes / brings agents together
    Gather {
        /// Titre, qui dit à quoi elle sert / title, which says what it is for
        title: String,
        /// Numéro d'un agent ; plusieurs fois / agent; repeatable
        #[arg(long, required = true)]
        with: Vec<u32>,
    },
    /// Fait venir ou partir des agents d'une conversation que vous avez faite / moves agents in one you made
    Move {
        /// Conversation
        thread: ThreadId,
        /// Agents qui viennent / agents who come
        #[arg(long)]
        add: Vec<u32>,
        /// Agents qui partent / agents who leave
        #[arg(long)]
        remove: Vec<u32>,
    },
    /// Change le titre d'une conversation ; vide, le retire / changes a conversation's title
    Title {
        /// Conversation
        thread: ThreadId,
        /// Titre, sur une ligne / title, on one line
        title: String,
    },
    /// Garde un message inachevé sur cet ordinateur, ou le montre / keeps an unfinished message, or shows it
    Draft {
        /// Conversation
        thread: ThreadId,
        /// Texte à garder / text to keep
        text: Option<String>,
        /// Efface le brouillon / clears the draft
        #[arg(long, conflicts_with = "text")]
        clear: bool,
    },
    /// Rend une conversation muette sur cet ordinateur / mutes a conversation on this computer
    Mute {
        /// Conversation
        thread: ThreadId,
        /// Pendant tant d'heures, sinon jusqu'à nouvel ordre / for so many hours
        #[arg(long)]
        hours: Option<u16>,
        /// Fin du silence / ends the silence
        #[arg(long, conflicts_with = "hours")]
        end: bool,
    },
}

/// Carries out a command on one conversation.
pub fn run(desk: &Desk, command: ConversationCommand) -> Result<(), Failure> {
    match command {
        ConversationCommand::Members { thread } => members(desk, thread),
        ConversationCommand::Gather { title, with } => gather::gather(desk, title, &with),
        ConversationCommand::Move { thread, add, remove } => gather::change(desk, thread, &add, &remove),
        ConversationCommand::Title { thread, title } => set_title(desk, thread, title),
        ConversationCommand::Draft { thread, text: None, clear: false } => show_draft(desk, thread),
        ConversationCommand::Draft { thread, text, clear: _ } => keep_draft(desk, thread, text),
        ConversationCommand::Mute { thread, hours, end } => mute(desk, thread, hours, end),
    }
}

fn members(desk: &Desk, thread: ThreadId) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let (head, rows) = (known(&mut reader, thread)?, reader.members(thread)?);
    if !desk.json {
        let title = printable(&head.shown_title(desk.language));
        println!("{title} · {}", class_words(desk.language, head.class));
        println!("{}", text(desk.language, "desk-members", &[("count", rows.len().into())]));
    }
    for row in rows {
        let name = printable(&reader.shown_name(desk.language, row.agent)?);
        let parameters = [("name", (&name).into()), ("count", row.devices.into())];
        let sentence = match row.archive {
            true => text(desk.language, "desk-member-archive", &parameters),
            false => text(desk.language, "desk-member", &parameters),
        };
        let fields = json!({
            "agent": row.agent.0, "name": row.name, "archive": row.archive, "own": row.own,
            "devices": row.devices, "class": head.class.as_str(),
        });
        output::done(desk, &sentence, &fields);
    }
    Ok(())
}

fn set_title(desk: &Desk, thread: ThreadId, title: String) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let reader = desk.reader(&ring)?;
    let done = match title.is_empty() {
        true => text(desk.language, "desk-title-removed", &[]),
        false => text(desk.language, "desk-titled", &[]),
    };
    let session = desk.start(&ring)?;
    let state = carry(&session, &reader, Command::Title { thread, title: title.clone() })?;
    session.stop();
    let fields = json!({ "thread": thread.to_string(), "title": title, "state": state.as_str() });
    output::done(desk, &done, &fields);
    Ok(())
}

fn show_draft(desk: &Desk, thread: ThreadId) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    known(&mut reader, thread)?;
    match reader.draft(thread)? {
        None => {
            let sentence = text(desk.language, "desk-draft-none", &[]);
            output::done(desk, &sentence, &json!({ "thread": thread.to_string(), "text": "" }));
        }
        Some(draft) => {
            let parents: Vec<String> = draft.parents.iter().map(ToString::to_string).collect();
            let fields = json!({
                "thread": thread.to_string(), "text": draft.text, "parents": parents, "at": draft.at.0,
            });
            let lines: Vec<String> = draft.text.lines().map(printable).collect();
            output::done(desk, &lines.join("\n"), &fields);
        }
    }
    Ok(())
}

fn keep_draft(desk: &Desk, thread: ThreadId, body: Option<String>) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    let body = body.unwrap_or_default();
    let done = match body.is_empty() {
        true => text(desk.language, "desk-draft-cleared", &[]),
        false => text(desk.language, "desk-draft-kept", &[]),
    };
    session.command(Command::Draft { thread, text: body.clone(), parents: Vec::new() })?;
    session.stop();
    output::done(desk, &done, &json!({ "thread": thread.to_string(), "text": body }));
    Ok(())
}

fn mute(desk: &Desk, thread: ThreadId, hours: Option<u16>, end: bool) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let place = Place::of(&mut desk.reader(&ring)?)?;
    let until = match hours {
        _ if end => Timestamp(0),
        Some(hours) => place.now.after(Duration::from_secs(u64::from(hours) * 3600)),
        None => Timestamp::MAX,
    };
    let session = desk.start(&ring)?;
    session.command(Command::Mute { thread, until })?;
    session.stop();
    let sentence = match hours {
        _ if end => text(desk.language, "desk-unmuted", &[]),
        Some(_) => {
            let when = place.soon(desk.language, until);
            text(desk.language, "desk-muted-until", &[("when", (&when).into())])
        }
        None => text(desk.language, "desk-muted", &[]),
    };
    let fields = json!({
        "thread": thread.to_string(), "muted": !end, "until": hours.map(|_| until.0),
    });
    output::done(desk, &sentence, &fields);
    Ok(())
}
