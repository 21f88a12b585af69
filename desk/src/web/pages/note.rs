//! Notes: texts that the members of a conversation write together.
//!
//! The form carries the version that the person had before them and its text, so that what others wrote
//! meanwhile stays: only the difference is given to the core.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use estafette_core::engine::{Command, CommandAnswer};
use estafette_protocol::texts::text;
use estafette_protocol::{EntryUid, FaultCode, Hash, ThreadId};
use maud::html;

use super::back;
use crate::commands::note::difference;
use crate::commands::read::known;
use crate::output::printable;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// The notes of a thread.
pub async fn list(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(thread): Path<String>,
) -> Result<Response, Refusal> {
    let thread: ThreadId = thread.parse().map_err(|_| FaultCode::NotFound)?;
    show(&web, &visitor, Section::Conversations, move |reader, frame| {
        let language = frame.language;
        let head = known(reader, thread)?;
        let notes = reader.notes(thread)?;
        let title = text(language, "web-notes", &[]);
        let main = html! {
            p { a href={ "/conversations/" (thread) } { (text(language, "web-back-to-conversation", &[])) } }
            h1 { (title) }
            p.class dir="auto" { (printable(&head.shown_title(language))) }
            @if notes.is_empty() { p.empty { (text(language, "web-no-note", &[])) } }
            ul.doors {
                @for note in &notes {
                    li {
                        a href={ "/notes/" (note.message.uid) } {
                            strong dir="auto" { (printable(&note.title)) }
                            span {
                                (frame.place.spoken(language, note.changed_at))
                                @if note.unsent { " · " (text(language, "state-waiting", &[])) }
                            }
                        }
                    }
                }
            }
            @if head.member {
                h2 { (text(language, "web-new-note", &[])) }
                form.stacked action={ "/conversations/" (thread) "/notes" } method="post" {
                    label for="title" { (text(language, "web-note-title", &[])) }
                    input id="title" name="title" required maxlength="100" dir="auto";
                    button.main { (text(language, "web-begin-note", &[])) }
                }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// Begins a note.
pub async fn begin(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(thread): Path<String>,
    fields: Fields,
) -> Result<Response, Refusal> {
    let thread: ThreadId = thread.parse().map_err(|_| FaultCode::NotFound)?;
    let title = fields.one("title").trim().to_owned();
    let command = Command::CreateNote { thread, title, text: String::new() };
    let failure = match web.office.command(command).await {
        Ok(CommandAnswer::Written { uid, .. }) => {
            return Ok(Redirect::to(&format!("/notes/{uid}")).into_response());
        }
        Ok(_) => FaultCode::Internal.into(),
        Err(failure) => failure,
    };
    Ok(back(&web, &visitor, &format!("/conversations/{thread}/notes"), Err(failure)))
}

/// A note, to be read and written.
pub async fn page(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(note): Path<String>,
) -> Result<Response, Refusal> {
    let item: EntryUid = note.parse().map_err(|_| FaultCode::NotFound)?;
    answer(&web, &visitor, item, None).await
}

/// What a form held that was refused: a text, on what it was written, and why it stays here.
struct Typed {
    over: Vec<Hash>,
    base: String,
    text: String,
    notice: Notice,
}

async fn answer(
    web: &Arc<Web>,
    visitor: &Visitor,
    item: EntryUid,
    typed: Option<Typed>,
) -> Result<Response, Refusal> {
    show(web, visitor, Section::Conversations, move |reader, frame| {
        let language = frame.language;
        let (thread, note) = reader.note(item)?.ok_or(FaultCode::NotFound)?;
        let changed = frame.place.spoken(language, note.changed_at);
        let (over, base, body) = match &typed {
            Some(typed) => (&typed.over, &typed.base, &typed.text),
            None => (&note.version, &note.text, &note.text),
        };
        let main = html! {
            @if let Some(typed) = &typed { (notice_box(&typed.notice)) }
            p { a href={ "/conversations/" (thread) "/notes" } { (text(language, "web-notes", &[])) } }
            h1 dir="auto" { (printable(&note.title)) }
            div id="fresh" {
                p.class {
                    (text(language, "web-note-changed", &[("when", (&changed).into())]))
                    @if note.unsent { " · " (text(language, "state-waiting", &[])) }
                }
            }
            // What was refused is not exchanged for what stands.
            form.stacked id=[typed.is_none().then_some("writing")] action={ "/notes/" (item) } method="post" {
                @for version in over { input type="hidden" name="over" value=(version); }
                input type="hidden" name="base" value=(STANDARD.encode(base));
                label for="text" { (text(language, "web-note-text", &[])) }
                textarea id="text" name="text" rows="12" dir="auto" { "\n" (body) }
                button.main { (text(language, "web-save", &[])) }
            }
            p.hint { (text(language, "web-note-why", &[])) }
        };
        Ok(Page::plain(printable(&note.title), main))
    })
    .await
}

/// Writes what the person changed.
pub async fn edit(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(note): Path<String>,
    fields: Fields,
) -> Result<Response, Refusal> {
    let item: EntryUid = note.parse().map_err(|_| FaultCode::NotFound)?;
    let over = fields.parsed::<Hash>("over")?;
    // Forms change the ends of lines; what the difference is counted in must be the text as it stood.
    let base = STANDARD.decode(fields.one("base")).ok().and_then(|base| String::from_utf8(base).ok());
    let (base, wanted) = (base.ok_or(FaultCode::Malformed)?, fields.lines("text"));
    let (before, after) = (base.clone(), wanted.clone());
    let differs = tokio::task::spawn_blocking(move || difference(&before, &after));
    let splices = differs.await.map_err(|_| Failure::from(FaultCode::Internal))?;
    let language = visitor.language;
    if splices.is_empty() {
        let said = text(language, "desk-note-same", &[]);
        return Ok(back(&web, &visitor, &format!("/notes/{item}"), Ok(Some(said))));
    }
    match web.office.command(Command::EditNote { item, over: over.clone(), splices }).await {
        Ok(_) => {
            let said = text(language, "web-note-saved", &[]);
            Ok(back(&web, &visitor, &format!("/notes/{item}"), Ok(Some(said))))
        }
        Err(failure) => {
            let notice = Refusal(failure).notice(language, None);
            answer(&web, &visitor, item, Some(Typed { over, base, text: wanted, notice })).await
        }
    }
}
