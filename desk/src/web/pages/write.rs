//! What is written and done in a conversation. A refusal loses no text: it is the draft, or still there.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_core::engine::{Command, CommandAnswer, When};
use estafette_core::reader::MessageState;
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, EntryUid, FaultCode, ThreadId, Timestamp};

use super::composer::Typed;
use super::thread::refused;
use super::{back, message, urgent};
use crate::commands::read::known;
use crate::place::Place;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::written::says_something;

/// How often it is looked whether a new title stands, and how long after each look.
const TITLE_LOOKS: u32 = 20;
const TITLE_LOOK: Duration = Duration::from_millis(50);

/// Writes a message.
pub async fn new_message(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(thread): Path<String>,
    fields: Fields,
) -> Result<Response, Refusal> {
    let thread: ThreadId = thread.parse().map_err(|_| FaultCode::NotFound)?;
    let here = format!("/conversations/{thread}#end");
    let body = fields.lines("text");
    let parents = fields.parsed::<EntryUid>("parent")?;
    let mentions: Vec<_> = fields.parsed::<u32>("mention")?.into_iter().map(AgentNumber).collect();
    let when = if fields.one("when") == "reopening" { When::NextDuty } else { When::Now };
    // Whatever comes of it, the text is on the disk first.
    let kept = keep(&web, thread, body.clone(), parents.clone()).await;
    let (text, answered, named) = (body.clone(), parents.clone(), mentions.clone());
    let command = Command::Write { thread, text, parents: answered, mentions: named, when };
    let written = match kept.and_then(|()| says_something(&body)) {
        Ok(()) => web.office.command(command).await.map(drop),
        Err(failure) => Err(failure),
    };
    match written {
        Ok(()) => Ok(Redirect::to(&here).into_response()),
        Err(failure) => {
            let notice = Refusal(failure).notice(visitor.language, None);
            refused(&web, &visitor, thread, Typed { text: body, parents, mentions, notice }).await
        }
    }
}

async fn keep(web: &Web, thread: ThreadId, text: String, parents: Vec<EntryUid>) -> Result<(), Failure> {
    web.office.command(Command::Draft { thread, text, parents }).await.map(drop)
}

/// Keeps an unfinished message.
pub async fn draft(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(thread): Path<String>,
    fields: Fields,
) -> Result<Response, Refusal> {
    let thread: ThreadId = thread.parse().map_err(|_| FaultCode::NotFound)?;
    let (body, parents) = (fields.lines("text"), fields.parsed::<EntryUid>("parent")?);
    let kept = keep(&web, thread, body.clone(), parents.clone()).await;
    if fields.one("keep").is_empty() {
        // Our script: no page follows.
        kept?;
        return Ok(axum::http::StatusCode::NO_CONTENT.into_response());
    }
    match kept {
        Ok(()) => {
            let said = text(visitor.language, "desk-draft-kept", &[]);
            Ok(back(&web, &visitor, &format!("/conversations/{thread}#end"), Ok(Some(said))))
        }
        Err(failure) => {
            let notice = Refusal(failure).notice(visitor.language, None);
            refused(&web, &visitor, thread, Typed { text: body, parents, mentions: Vec::new(), notice }).await
        }
    }
}

/// Changes one message.
pub async fn deed(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(message): Path<String>,
    fields: Fields,
) -> Result<Response, Refusal> {
    let item: EntryUid = message.parse().map_err(|_| FaultCode::NotFound)?;
    let (thread, row) =
        web.office.read(move |reader| Ok(reader.find(item)?.ok_or(FaultCode::NotFound)?)).await?;
    let language = visitor.language;
    let there = format!("/conversations/{thread}?at={item}#m-{item}");
    let newest = format!("/conversations/{thread}#end");
    let (command, said, to) = match fields.one("deed") {
        "answer-call" => return Ok(urgent::answer(&web, &visitor, item, &newest).await),
        "edit" => {
            let said = text(language, "desk-edited", &[]);
            (Command::Edit { item, text: fields.lines("text") }, Some(said), there)
        }
        "keep" => {
            let version = fields.one("version").to_owned();
            let versions = web.office.read(move |reader| Ok(reader.versions(item)?)).await?;
            let kept = versions.into_iter().find(|known| known.uid.to_string() == version);
            let kept = kept.ok_or(FaultCode::NotFound)?;
            let said = text(language, "desk-edited", &[]);
            (Command::Edit { item, text: kept.body }, Some(said), there)
        }
        "erase" => (Command::Erase { item }, Some(text(language, "desk-deleted", &[])), newest),
        "cancel" => (Command::Cancel { item }, Some(text(language, "desk-cancelled", &[])), newest),
        "pin" => (Command::Pin { item, pinned: true }, Some(text(language, "desk-pinned", &[])), there),
        "unpin" => (Command::Pin { item, pinned: false }, Some(text(language, "desk-unpinned", &[])), there),
        "retry" => {
            if !matches!(row.state, MessageState::Refused(_)) {
                return Err(FaultCode::NotFound.into());
            }
            let (text, parents, mentions) = (row.body, row.parents, row.mentions);
            let again = Command::Write { thread, text, parents, mentions, when: When::Now };
            // What is written anew stands for what was refused, which nobody else has.
            if let Err(failure) = web.office.command(again).await {
                return Ok(back(&web, &visitor, &newest, Err(failure)));
            }
            (Command::Cancel { item }, None, newest)
        }
        _ => {
            let sign = fields.one("sign");
            let emoji = Some(sign.to_owned()).filter(|sign| !sign.is_empty());
            let said = match emoji {
                Some(_) => text(language, "desk-reacted", &[]),
                None => text(language, "desk-reaction-withdrawn", &[]),
            };
            (Command::React { item, emoji }, Some(said), there)
        }
    };
    let done = match (&command, fields.one("deed")) {
        (Command::Edit { text, .. }, "edit") => says_something(text),
        _ => Ok(()),
    };
    let done = match done {
        Ok(()) => web.office.command(command).await,
        Err(failure) => Err(failure),
    };
    match (done, fields.one("deed")) {
        (Err(failure), "edit") => {
            let notice = Refusal(failure).notice(language, None);
            message::refused(&web, &visitor, item, fields.lines("text"), notice).await
        }
        (done, _) => Ok(back(&web, &visitor, &to, done.map(|_| said))),
    }
}

/// Changes a thread: its title, its silence.
pub async fn settings(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(thread): Path<String>,
    fields: Fields,
) -> Result<Response, Refusal> {
    let thread: ThreadId = thread.parse().map_err(|_| FaultCode::NotFound)?;
    let (language, set) = (visitor.language, fields.one("set"));
    let (command, said) = match set.split_once('-').unwrap_or((set, "")) {
        ("title", _) => {
            let title = fields.one("title").trim().to_owned();
            let said = match title.is_empty() {
                true => text(language, "desk-title-removed", &[]),
                false => text(language, "desk-titled", &[]),
            };
            (Command::Title { thread, title }, said)
        }
        ("muted", hours) => {
            let now = web.office.read(|reader| Ok(Place::of(reader)?.now)).await?;
            let hours: Option<u64> = hours.parse().ok();
            let until = match hours {
                Some(hours) => now.after(Duration::from_hours(hours.min(24))),
                None => Timestamp::MAX,
            };
            (Command::Mute { thread, until }, text(language, "web-muted", &[]))
        }
        _ => (Command::Mute { thread, until: Timestamp(0) }, text(language, "desk-unmuted", &[])),
    };
    let titled = match &command {
        Command::Title { title, .. } => Some(title.clone()),
        _ => None,
    };
    let done = match web.office.command(command).await {
        Ok(CommandAnswer::Done) => match titled {
            Some(title) if !stands(&web, thread, &title).await? => {
                Ok(Some(text(language, "web-title-leaves", &[])))
            }
            _ => Ok(Some(said)),
        },
        Ok(_) => Err(FaultCode::Internal.into()),
        Err(failure) => Err(failure),
    };
    Ok(back(&web, &visitor, &format!("/conversations/{thread}/settings"), done))
}

/// Whether a title stands, which it does once the relay has it; waits a moment for that.
async fn stands(web: &Web, thread: ThreadId, title: &str) -> Result<bool, Failure> {
    for _ in 0..TITLE_LOOKS {
        let now = web.office.read(move |reader| Ok(known(reader, thread)?.title)).await?;
        if now.unwrap_or_default() == title {
            return Ok(true);
        }
        tokio::time::sleep(TITLE_LOOK).await;
    }
    Ok(false)
}
