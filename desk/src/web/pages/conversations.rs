//! The list of conversations, and the way to a new one.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::{Reader, ThreadRow, class_words};
use estafette_protocol::statement::Class;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode, ThreadId, Timestamp};
use maud::{Markup, html};

use super::admin::first;
use super::{gather, message, note, search, thread, urgent, write};
use crate::output::printable;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// A note of 200,000 characters and what it was before, three bytes for each of four.
const NOTE: usize = 5 * 1024 * 1024;

/// Everything under `/conversations`, and single messages.
pub fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/conversations", get(list))
        .route("/conversations/new", get(new).post(begin))
        .route("/conversations/gather", post(gather::make))
        .route("/conversations/search", get(search::page))
        .route("/conversations/{thread}", get(thread::page).post(write::new_message))
        .route("/conversations/{thread}/draft", post(write::draft))
        .route("/conversations/{thread}/settings", get(thread::settings).post(write::settings))
        .route("/conversations/{thread}/members", post(gather::change))
        .route("/conversations/{thread}/urgent", get(urgent::new).post(urgent::declare))
        .route("/conversations/{thread}/notes", get(note::list).post(note::begin))
        .route("/notes/{note}", get(note::page).post(note::edit).layer(DefaultBodyLimit::max(NOTE)))
        .route("/messages/{message}", get(message::page).post(write::deed))
}

async fn list(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    show(&web, &visitor, Section::Conversations, |reader, frame| {
        let language = frame.language;
        let (absence, reminder) = (absence(reader, frame)?, first::reminder(reader, frame)?);
        let main = html! {
            h1 { (text(language, "web-conversations", &[])) }
            (search_form(language, "", false))
            div id="fresh" {
                @if let Some(reminder) = reminder { (reminder) }
                @if let Some(absence) = absence { (absence) }
                (rows(frame, None))
            }
            p { a.button href="/conversations/new" { (text(language, "web-new-conversation", &[])) } }
        };
        Ok(Page::plain(text(language, "web-conversations", &[]), main))
    })
    .await
}

/// What came while the agent was off duty, as one summary.
fn absence(reader: &mut Reader, frame: &Frame) -> Result<Option<Markup>, Failure> {
    let Some(absence) = reader.absence(frame.place.now)? else { return Ok(None) };
    let language = frame.language;
    let messages = text(language, "web-absence-messages", &[("count", absence.messages.into())]);
    // What is asked may be older than the absence; what only informs is counted where nothing is asked.
    let announced = match frame.asked {
        0 => text(language, "web-absence-announcements", &[("count", absence.announcements.into())]),
        asked => text(language, "web-asked-count", &[("count", asked.into())]),
    };
    Ok(Some(html! {
        div.card.absence role="note" {
            p { strong { (text(language, "web-absence", &[])) } }
            p {
                @if absence.messages > 0 { (messages) }
                @if frame.asked > 0 || absence.announcements > 0 {
                    @if absence.messages > 0 { ", " }
                    a href="/announcements" { (announced) }
                }
            }
        }
    }))
}

/// The search field; its words are not shown again under a heading that says them.
pub fn search_form(language: Language, typed: &str, headed: bool) -> Markup {
    html! {
        form.search action="/conversations/search" method="get" role="search" {
            label.unseen[headed] for="query" { (text(language, "web-search-label", &[])) }
            input id="query" name="q" type="search" value=(typed) maxlength="200";
            button { (text(language, "web-search", &[])) }
        }
    }
}

/// The list itself; `open` is the one that is shown beside it.
pub fn rows(frame: &Frame, open: Option<ThreadId>) -> Markup {
    let language = frame.language;
    html! {
        @if frame.conversations().next().is_none() { p.empty { (text(language, "web-no-conversation", &[])) } }
        ul.threads {
            @for row in frame.conversations() {
                li id={ "t-" (row.id) } {
                    a.thread.unread[row.unread > 0] href={ "/conversations/" (row.id) }
                        aria-current=[(open == Some(row.id)).then_some("page")] {
                        span.title dir="auto" { (printable(&row.shown_title(language))) }
                        @if row.last_at > Timestamp(0) {
                            span.when { (frame.place.brief(language, row.last_at)) }
                        }
                        @if row.unread > 0 {
                            span.count aria-hidden="true" { @if row.mentions > 0 { "@ " } (row.unread) }
                            span.unseen { (text(language, "unread-count", &[("count", row.unread.into())])) }
                        }
                        (marks(frame, row))
                    }
                }
            }
        }
    }
}

/// What is particular about a thread, under its title.
fn marks(frame: &Frame, row: &ThreadRow) -> Markup {
    let language = frame.language;
    let mut words = Vec::new();
    words.extend(row.detail.as_deref().map(printable));
    if row.class != Class::Service {
        words.push(class_words(language, row.class));
    }
    if row.mentions > 0 {
        words.push(text(language, "web-mentioned", &[]));
    }
    if row.has_draft {
        words.push(text(language, "word-draft", &[]));
    }
    if row.awaited > 0 {
        words.push(text(language, "desk-awaited", &[("count", row.awaited.into())]));
    }
    if row.muted_until > frame.place.now {
        words.push(text(language, "desk-is-muted", &[]));
    }
    if row.left {
        words.push(text(language, "web-left", &[]));
    } else if !row.member {
        words.push(text(language, "web-no-keys-yet", &[]));
    }
    html! { @if !words.is_empty() { span.marks { (words.join(" · ")) } } }
}

/// Everybody whom the directory names, to write to.
async fn new(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    begin_page(&web, &visitor, gather::Draft::default(), None).await
}

/// The same with what was typed, and why it was not taken.
pub async fn begin_page(
    web: &Arc<Web>,
    visitor: &Visitor,
    draft: gather::Draft,
    notice: Option<Notice>,
) -> Result<Response, Refusal> {
    show(web, visitor, Section::Conversations, move |reader, frame| {
        let language = frame.language;
        let people = people(reader, language)?;
        let title = text(language, "web-new-conversation", &[]);
        let main = html! {
            h1 { (title) }
            @if let Some(notice) = &notice { (notice_box(notice)) }
            h2 { (text(language, "web-new-two", &[])) }
            form.stacked action="/conversations/new" method="post" {
                label for="agent" { (text(language, "web-new-with", &[])) }
                select id="agent" name="agent" required {
                    option value="" { (text(language, "web-choose", &[])) }
                    @for (agent, name) in &people { option value=(agent) { (printable(name)) } }
                }
                fieldset {
                    legend { (text(language, "web-new-class", &[])) }
                    label.choice {
                        input type="radio" name="class" value="service" checked;
                        span { (text(language, "class-service", &[])) }
                    }
                    label.choice {
                        input type="radio" name="class" value="personnel";
                        span { (text(language, "class-personnel", &[])) }
                    }
                }
                button.main { (text(language, "web-open-conversation", &[])) }
            }
            (gather::form(reader, language, &draft)?)
        };
        Ok(Page::plain(title, main))
    })
    .await
}

fn people(reader: &mut Reader, language: Language) -> Result<Vec<(AgentNumber, String)>, Failure> {
    let own = reader.device()?.agent;
    let registry = reader.registry()?;
    let active = |agent: &AgentNumber| registry.devices_of(*agent).any(|device| device.active());
    let agents: Vec<AgentNumber> =
        registry.agents().filter(|agent| Some(*agent) != own).filter(active).collect();
    let mut people = Vec::new();
    for agent in agents {
        people.push((agent, reader.shown_name(language, agent)?));
    }
    people.sort_by_cached_key(|(agent, name)| (name.to_lowercase(), *agent));
    people.dedup();
    Ok(people)
}

async fn begin(State(web): State<Arc<Web>>, visitor: Visitor, fields: Fields) -> Result<Response, Refusal> {
    let opened = async {
        let with = fields.one("agent").parse().map_err(|_| FaultCode::Malformed)?;
        let class = if fields.one("class") == "personnel" { Class::Personnel } else { Class::Service };
        match web.office.command(Command::Direct { class, with: AgentNumber(with) }).await? {
            CommandAnswer::Thread(thread) => Ok(thread),
            _ => Err(Failure::from(FaultCode::Internal)),
        }
    };
    match opened.await {
        Ok(thread) => Ok(Redirect::to(&format!("/conversations/{thread}")).into_response()),
        Err(failure) => Ok(super::back(&web, &visitor, "/conversations/new", Err(failure))),
    }
}
