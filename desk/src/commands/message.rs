//! What an agent does with one message: write, answer, edit, delete, react, take back, pin.
//!
//! Always true: what is asked is durable on this computer before anything is printed, and leaves by
//! itself when it cannot leave at once. A message is named by the first digits of its name, as
//! `read` shows them; too few of them name nothing, so that a slip deletes nothing.

use std::time::Duration;

use clap::{Args, Subcommand};
use estafette_core::engine::{Command, CommandAnswer, When};
use estafette_core::reader::{MessageState, Reader, VersionRow};
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, EntryUid, FaultCode, ThreadId};
use serde_json::json;

use super::urgent::{self, UrgentArguments};
use crate::output::{self, printable};
use crate::place::Place;
use crate::session::{Desk, Failure, Session};
use crate::written::says_something;

/// Without network what was asked stays in the outbox; this long it is given to leave.
pub(super) const LEAVING: Duration = Duration::from_secs(10);

/// Commands on one message.
#[derive(Debug, Subcommand)]
pub enum MessageCommand {
    /// Écrit un message / writes a message
    Write {
        /// Conversation
        thread: ThreadId,
        /// Texte / text
        text: String,
        /// When, and whom it names.
        #[command(flatten)]
        how: How,
        /// On what it rests, if it is urgent.
        #[command(flatten)]
        urgent: UrgentArguments,
    },
    /// Répond à des messages / answers messages
    Reply {
        /// Conversation
        thread: ThreadId,
        /// Texte / text
        text: String,
        /// Messages auxquels il répond / messages answered
        #[arg(long = "to", required = true)]
        to: Vec<String>,
        /// When, and whom it names.
        #[command(flatten)]
        how: How,
    },
    /// Modifie un de vos messages ; l'histoire reste visible / edits a message of yours
    Edit {
        /// Message, par les premiers signes de son nom / message, by the first digits of its name
        message: String,
        /// Nouveau texte / new text
        text: String,
    },
    /// Supprime un de vos messages, sur tous les appareils et sur le relais / deletes a message of yours
    Delete {
        /// Message, par les premiers signes de son nom / message, by the first digits of its name
        message: String,
    },
    /// Reprend un message que personne n'a reçu / takes back a message that nobody has received
    Cancel {
        /// Message, par les premiers signes de son nom / message, by the first digits of its name
        message: String,
    },
    /// Répond à un message par un seul signe / answers a message with one sign
    React {
        /// Message, par les premiers signes de son nom / message, by the first digits of its name
        message: String,
        /// Le signe, par exemple 👍 / the sign
        #[arg(required_unless_present = "withdraw")]
        sign: Option<String>,
        /// Retire votre réaction / withdraws yours
        #[arg(long, conflicts_with = "sign")]
        withdraw: bool,
    },
    /// Épingle un message pour tous / pins a message for everybody
    Pin {
        /// Message, par les premiers signes de son nom / message, by the first digits of its name
        message: String,
    },
    /// Désépingle un message / unpins a message
    Unpin {
        /// Message, par les premiers signes de son nom / message, by the first digits of its name
        message: String,
    },
    /// Montre les versions d'un message, ou en garde une / shows a message's versions, or keeps one
    ///
    /// Deux versions écrites sans se connaître attendent le choix de leur auteur : --keep en fait la
    /// version de tous. / Two versions written without knowing of each other wait for their author's
    /// choice: --keep makes one of them everybody's.
    Versions {
        /// Message, par les premiers signes de son nom / message, by the first digits of its name
        message: String,
        /// Version à garder, par les premiers signes de son nom / version to keep
        #[arg(long, value_name = "VERSION")]
        keep: Option<String>,
    },
}

/// How a message leaves, and whom it names.
#[derive(Debug, Args)]
pub struct How {
    /// Part à votre prochaine reprise, même si vous êtes en service / leaves at your next reopening
    #[arg(long)]
    at_reopening: bool,
    /// Numéro d'un agent que le message nomme ; peut se répéter / agent named, repeatable
    #[arg(long = "mention", value_name = "AGENT")]
    mentions: Vec<u32>,
}

/// Carries out a command on one message.
pub fn run(desk: &Desk, command: MessageCommand) -> Result<(), Failure> {
    match command {
        MessageCommand::Write { thread, text, how: _, urgent } if urgent.urgent => {
            urgent::declare(desk, thread, text, &urgent)
        }
        MessageCommand::Write { thread, text, how, urgent: _ } => write(desk, thread, text, &[], &how),
        MessageCommand::Reply { thread, text, to, how } => write(desk, thread, text, &to, &how),
        MessageCommand::Edit { message, text: body } => {
            says_something(&body)?;
            let done = text(desk.language, "desk-edited", &[]);
            change(desk, &message, &done, |item| Command::Edit { item, text: body })
        }
        MessageCommand::Delete { message } => {
            let done = text(desk.language, "desk-deleted", &[]);
            change(desk, &message, &done, |item| Command::Erase { item })
        }
        MessageCommand::Cancel { message } => cancel(desk, &message),
        MessageCommand::React { message, sign, withdraw: _ } => {
            let done = match &sign {
                Some(_) => text(desk.language, "desk-reacted", &[]),
                None => text(desk.language, "desk-reaction-withdrawn", &[]),
            };
            change(desk, &message, &done, |item| Command::React { item, emoji: sign })
        }
        MessageCommand::Pin { message } => {
            let done = text(desk.language, "desk-pinned", &[]);
            change(desk, &message, &done, |item| Command::Pin { item, pinned: true })
        }
        MessageCommand::Unpin { message } => {
            let done = text(desk.language, "desk-unpinned", &[]);
            change(desk, &message, &done, |item| Command::Pin { item, pinned: false })
        }
        MessageCommand::Versions { message, keep: None } => versions(desk, &message),
        MessageCommand::Versions { message, keep: Some(version) } => keep(desk, &message, &version),
    }
}

/// The one message that these digits name.
pub(super) fn named(reader: &Reader, digits: &str) -> Result<EntryUid, Failure> {
    match reader.named(digits)?.as_slice() {
        [one] => Ok(*one),
        [] => Err(FaultCode::NotFound.into()),
        _ => Err(FaultCode::AmbiguousName.into()),
    }
}

fn write(desk: &Desk, thread: ThreadId, body: String, to: &[String], how: &How) -> Result<(), Failure> {
    says_something(&body)?;
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let parents = to.iter().map(|digits| named(&reader, digits)).collect::<Result<_, _>>()?;
    let mentions: Vec<AgentNumber> = how.mentions.iter().copied().map(AgentNumber).collect();
    let members = reader.members(thread)?;
    // A name that nobody in the conversation bears would be lost on everybody.
    if mentions.iter().any(|agent| members.iter().all(|member| member.agent != *agent)) {
        return Err(FaultCode::NotFound.into());
    }
    let when = if how.at_reopening { When::NextDuty } else { When::Now };
    let session = desk.start(&ring)?;
    let answer = session.command(Command::Write { thread, text: body, parents, mentions, when })?;
    let CommandAnswer::Written { uid, not_before } = answer else { return Err(FaultCode::Internal.into()) };
    let mut state = MessageState::Waiting;
    let limit = if not_before.is_some() { Duration::ZERO } else { LEAVING };
    session.until(limit, || {
        state = reader.find(uid)?.map_or(MessageState::Waiting, |(_, row)| row.state);
        Ok(matches!(state, MessageState::Standing | MessageState::Refused(_)))
    })?;
    session.stop();
    if let Some(until) = not_before.filter(|_| state != MessageState::Standing) {
        state = MessageState::Held { until };
    }
    let mut sentence = state_words(desk, &Place::of(&mut reader)?, state)?;
    let short = reader.short_name(uid)?;
    if matches!(state, MessageState::Held { .. }) {
        // « À ma reprise » is what happens by itself; the other two are said beside it.
        let hint = text(desk.language, "desk-held-cancel", &[("message", (&short).into())]);
        sentence = format!("{sentence}\n{hint}");
        let agent = reader.device()?.agent;
        if agent.is_some_and(|agent| reader.registry_known().prolongation_allowed(agent)) {
            sentence = format!("{sentence}\n{}", text(desk.language, "desk-held-prolong", &[]));
        }
    }
    let fields = json!({
        "message": uid.to_string(), "state": state.as_str(), "not_before": not_before.map(|at| at.0),
    });
    output::done(desk, &format!("{short} · {sentence}"), &fields);
    Ok(())
}

/// How far something is that was just asked; a refusal of the relay is the command's own.
fn state_words(desk: &Desk, place: &Place, state: MessageState) -> Result<String, Failure> {
    match state {
        MessageState::Standing => Ok(text(desk.language, "state-handed", &[])),
        MessageState::Refused(code) => Err(code.into()),
        MessageState::Held { until } => {
            let when = place.soon(desk.language, until);
            Ok(text(desk.language, "state-waiting-for-reopening", &[("when", (&when).into())]))
        }
        MessageState::Waiting | MessageState::Awaited => Ok(text(desk.language, "state-waiting", &[])),
    }
}

/// Changes one message and says how far the change is.
fn change(
    desk: &Desk,
    message: &str,
    done: &str,
    command: impl FnOnce(EntryUid) -> Command,
) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let uid = named(&reader, message)?;
    let session = desk.start(&ring)?;
    let state = carry(&session, &reader, command(uid))?;
    session.stop();
    let words = state_words(desk, &Place::of(&mut reader)?, state)?;
    let fields = json!({ "message": uid.to_string(), "state": state.as_str() });
    output::done(desk, &format!("{done} · {words}"), &fields);
    Ok(())
}

/// Gives a command whose deed goes into the outbox, and waits a moment for it to leave.
pub fn carry(session: &Session, reader: &Reader, command: Command) -> Result<MessageState, Failure> {
    let before = reader.last_departure()?.map(|departure| departure.number);
    let CommandAnswer::Done = session.command(command)? else { return Err(FaultCode::Internal.into()) };
    let mut state = MessageState::Waiting;
    session.until(LEAVING, || {
        // Nothing new in the outbox: a message that has never left was changed where it lies.
        let Some(last) = reader.last_departure()?.filter(|last| Some(last.number) != before) else {
            return Ok(true);
        };
        state = last.state;
        Ok(state != MessageState::Waiting)
    })?;
    Ok(state)
}

fn cancel(desk: &Desk, message: &str) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let uid = named(&desk.reader(&ring)?, message)?;
    let session = desk.start(&ring)?;
    session.command(Command::Cancel { item: uid })?;
    session.stop();
    let sentence = text(desk.language, "desk-cancelled", &[]);
    output::done(desk, &sentence, &json!({ "message": uid.to_string(), "state": "cancelled" }));
    Ok(())
}

/// The versions of a message; of one that was never edited, the only one.
fn all_versions(reader: &mut Reader, uid: EntryUid) -> Result<Vec<VersionRow>, Failure> {
    let versions = reader.versions(uid)?;
    let Some((_, row)) = reader.find(uid)?.filter(|(_, row)| !row.erased) else {
        return Err(FaultCode::NotFound.into());
    };
    if !versions.is_empty() {
        return Ok(versions);
    }
    let (written_at, received_at) = (row.written_at, row.received_at);
    Ok(vec![VersionRow { uid, written_at, received_at, body: row.body, current: true }])
}

fn versions(desk: &Desk, message: &str) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let uid = named(&reader, message)?;
    let (place, rows) = (Place::of(&mut reader)?, all_versions(&mut reader, uid)?);
    let current = rows.iter().filter(|version| version.current).count();
    for row in &rows {
        if desk.json {
            output::print(&json!({
                "message": uid.to_string(), "version": row.uid.to_string(), "written_at": row.written_at.0,
                "received_at": row.received_at.0, "text": row.body, "current": row.current,
            }));
            continue;
        }
        let state = match row.current {
            true => text(desk.language, "desk-version-current", &[]),
            false => text(desk.language, "desk-version-older", &[]),
        };
        println!("{} · {} · {state}", short_version(&rows, row.uid), place.local(row.written_at));
        row.body.lines().for_each(|line| println!("    {}", printable(line)));
    }
    if current > 1 && !desk.json {
        let short = reader.short_name(uid)?;
        println!("{}", text(desk.language, "desk-versions-choose", &[("message", (&short).into())]));
    }
    Ok(())
}

/// As many digits of a version's name as tell it from the message's others.
fn short_version(rows: &[VersionRow], version: EntryUid) -> String {
    let whole = version.to_string();
    let alone = |digits: &usize| {
        let same = |row: &&VersionRow| row.uid.to_string().starts_with(&whole[..*digits]);
        rows.iter().filter(same).count() < 2
    };
    let digits = (8..whole.len()).step_by(2).find(alone).unwrap_or(whole.len());
    whole[..digits].to_owned()
}

/// Makes one version everybody's: an edit that takes the place of all current ones.
fn keep(desk: &Desk, message: &str, version: &str) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let uid = named(&reader, message)?;
    let wanted = version.to_ascii_lowercase();
    let rows = all_versions(&mut reader, uid)?.into_iter();
    let mut fitting = rows.filter(|row| wanted.len() >= 4 && row.uid.to_string().starts_with(&wanted));
    let body = match (fitting.next(), fitting.next()) {
        (Some(row), None) => row.body,
        (None, _) => return Err(FaultCode::NotFound.into()),
        (Some(_), Some(_)) => return Err(FaultCode::AmbiguousName.into()),
    };
    let done = text(desk.language, "desk-edited", &[]);
    change(desk, &uid.to_string(), &done, |item| Command::Edit { item, text: body })
}
