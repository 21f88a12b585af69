//! One conversation: its messages, oldest above, and the place to write.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_core::engine::Command;
use estafette_core::reader::{
    Audience, Draft, Duty, MessageRow, MessageState, Reader, ThreadKind, ThreadRow, class_words,
};
use estafette_protocol::hours::Date;
use estafette_protocol::statement::Class;
use estafette_protocol::texts::text;
use estafette_protocol::{EntryUid, FaultCode, Position, ThreadId, Timestamp};
use maud::{Markup, html};
use serde::Deserialize;

use super::conversations;
use super::gather;
use super::message::{brief_of, one};
use crate::commands::read::known;
use crate::output::printable;
use crate::session::Failure;
use crate::web::frame::{Frame, Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// Messages of one page.
const PAGE: usize = 50;

/// What could not even be kept as a draft: this answer is the only place that still has it.
#[derive(Debug)]
pub struct Typed {
    /// The text of the message.
    pub text: String,
    /// What it answers.
    pub parents: Vec<EntryUid>,
    /// Why it was refused.
    pub notice: Notice,
}

/// What part of a thread is looked at.
#[derive(Debug, Default, Deserialize)]
pub struct Look {
    /// Messages below this position; the newest where nothing is said.
    before: Option<u64>,
    /// The page that holds this message.
    at: Option<String>,
    /// The message that is being answered.
    reply: Option<String>,
    /// Our script refreshes a page that nobody has before them.
    unseen: Option<u8>,
    /// Stands where one writes, instead of the draft.
    #[serde(skip)]
    typed: Option<Typed>,
}

/// A thread.
pub async fn page(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(thread): Path<String>,
    Query(look): Query<Look>,
) -> Result<Response, Refusal> {
    let thread: ThreadId = thread.parse().map_err(|_| FaultCode::NotFound)?;
    let head = web.office.read(move |reader| known(reader, thread)).await?;
    if head.class == Class::Diffusion {
        return Ok(Redirect::to("/announcements").into_response());
    }
    let newest = look.before.is_none() && look.at.is_none();
    if newest && look.unseen.is_none() {
        let up_to = web.office.read(move |reader| Ok(reader.newest(thread, 1)?)).await?;
        let up_to = up_to.iter().map(|row| row.position).max().unwrap_or_default();
        if up_to > Position(0) && head.unread > 0 {
            web.office.command(Command::Read { thread, up_to }).await?;
        }
    }
    answer(&web, &visitor, thread, look).await
}

/// The thread again, with a text that was refused where it was written.
pub async fn refused(
    web: &Arc<Web>,
    visitor: &Visitor,
    thread: ThreadId,
    typed: Typed,
) -> Result<Response, Refusal> {
    answer(web, visitor, thread, Look { typed: Some(typed), ..Look::default() }).await
}

async fn answer(
    web: &Arc<Web>,
    visitor: &Visitor,
    thread: ThreadId,
    look: Look,
) -> Result<Response, Refusal> {
    let newest = look.before.is_none() && look.at.is_none();
    show(web, visitor, Section::Conversations, move |reader, frame| {
        let head = known(reader, thread)?;
        let rows = rows(reader, thread, &look)?;
        // Whoever writes first in a pair founds it.
        let writes = newest && (head.member || matches!(head.kind, ThreadKind::Direct(_)));
        let main = html! {
            @if let Some(typed) = &look.typed { (notice_box(&typed.notice)) }
            (heading(reader, frame, &head)?)
            div id="fresh"
                data-older-one=(text(frame.language, "web-older-one", &[]))
                data-older-many=(text(frame.language, "web-older-many", &[]))
                data-newer-one=(text(frame.language, "web-newer-one", &[]))
                data-newer-many=(text(frame.language, "web-newer-many", &[])) {
                (messages(reader, frame, &head, &rows, newest)?)
            }
            @if newest && head.member && may_declare(reader)? {
                p { a href={ "/conversations/" (thread) "/urgent" } { (text(frame.language, "web-urgent", &[])) } }
            }
            @if writes { (composer(reader, frame, &head, &look)?) }
            @if newest && !writes {
                p.hint id="end" {
                    @if head.left { (text(frame.language, "web-left-why", &[])) }
                    @else { (text(frame.language, "web-no-keys-why", &[])) }
                }
            }
            @if !newest { p id="end" { a.button href={ "/conversations/" (thread) } { (text(frame.language, "web-newest", &[])) } } }
        };
        let aside = Some(conversations::rows(frame, Some(thread)));
        let title = head.shown_title(frame.language);
        Ok(Page { title, main, aside, thread: Some(thread).filter(|_| newest) })
    })
    .await
}

fn rows(reader: &mut Reader, thread: ThreadId, look: &Look) -> Result<Vec<MessageRow>, Failure> {
    if let Some(before) = look.before {
        return Ok(reader.before(thread, Position(before), PAGE)?);
    }
    if let Some(at) = &look.at {
        let at: EntryUid = at.parse().map_err(|_| FaultCode::NotFound)?;
        let (_, row) = reader.find(at)?.filter(|(found, _)| *found == thread).ok_or(FaultCode::NotFound)?;
        let mut rows = reader.before(thread, row.position, PAGE / 2)?;
        rows.extend(reader.after(thread, Position(row.position.0.saturating_sub(1)), PAGE / 2)?);
        return Ok(rows);
    }
    Ok(reader.newest(thread, PAGE)?)
}

/// What it is and who reads it: always there.
fn heading(reader: &mut Reader, frame: &Frame, head: &ThreadRow) -> Result<Markup, Failure> {
    let language = frame.language;
    let readers = reader.members(head.id)?;
    let archive = readers.iter().any(|member| member.archive);
    let count = text(language, "desk-members", &[("count", readers.len().into())]);
    Ok(html! {
        h1 dir="auto" { (printable(&head.shown_title(language))) }
        p.class {
            (class_words(language, head.class)) " · "
            a href={ "/conversations/" (head.id) "/settings" } { (count) } " · "
            a href={ "/conversations/" (head.id) "/notes" } { (text(language, "web-notes", &[])) }
            @if archive { " · " (text(language, "web-archive-reads", &[])) }
        }
    })
}

/// The messages with the days between them.
fn messages(
    reader: &mut Reader,
    frame: &Frame,
    head: &ThreadRow,
    rows: &[MessageRow],
    newest: bool,
) -> Result<Markup, Failure> {
    let (language, thread) = (frame.language, head.id);
    let audience = reader.audience(thread, frame.place.now)?;
    let pins = reader.pins(thread)?;
    let first = rows.iter().map(|row| row.position).filter(|position| *position > Position(0)).min();
    let older = match first {
        Some(first) => !reader.before(thread, first, 1)?.is_empty(),
        None => false,
    };
    let unopened = reader.unopened(thread)?;
    let mut day = None;
    Ok(html! {
        @if let Some(first) = first.filter(|_| older) {
            p.older { a.button href={ "?before=" (first.0) } { (text(language, "web-older", &[])) } }
        } @else if unopened.before_arrival > 0 {
            p.hint { (text(language, "desk-before-arrival", &[("count", unopened.before_arrival.into())])) }
        }
        @if unopened.undecryptable() > 0 {
            p.warning { (text(language, "web-undecryptable", &[("count", unopened.undecryptable().into())])) }
        }
        @if rows.is_empty() { p.empty { (text(language, "web-no-message", &[])) } }
        ol.messages id="messages" {
            @for row in rows {
                @if let Some(begun) = begins(frame, &mut day, row) {
                    li.day id={ "d-" (begun) } { h2 { (frame.place.day(language, begun)) } }
                }
                (one(reader, frame, row, &audience, &pins)?)
            }
        }
        @if newest { (not_reached(frame, rows, &audience)) }
    })
}

/// The day of a message, where it is another than that of the one above.
fn begins(frame: &Frame, day: &mut Option<Date>, row: &MessageRow) -> Option<Date> {
    let shown = frame.place.date(row.written_at);
    (day.replace(shown) != Some(shown)).then_some(shown)
}

/// Under the last message: when the people who are off duty will have what is written now.
fn not_reached(frame: &Frame, rows: &[MessageRow], audience: &Audience) -> Markup {
    let reached = audience.of(Position(u64::MAX));
    let language = frame.language;
    let refused = rows.iter().any(|row| matches!(row.state, MessageState::Refused(_)));
    html! {
        @if let Some(at) = reached.reopens_at {
            @let when = frame.place.soon(language, at);
            p.hint {
                @if reached.people == 1 {
                    (text(language, "web-will-be-delivered", &[("when", (&when).into())]))
                } @else {
                    (text(language, "web-will-be-delivered-to", &[
                        ("count", reached.off_duty.into()), ("people", reached.people.into()), ("when", (&when).into()),
                    ]))
                }
            }
        }
        @if refused { p.warning { (text(language, "web-some-refused", &[])) } }
    }
}

/// Where one writes. The draft is here again after whatever happened.
fn composer(reader: &mut Reader, frame: &Frame, head: &ThreadRow, look: &Look) -> Result<Markup, Failure> {
    let (language, thread) = (frame.language, head.id);
    let empty = Draft { text: String::new(), parents: vec![], at: Timestamp(0) };
    let draft = match &look.typed {
        Some(typed) => Draft { text: typed.text.clone(), parents: typed.parents.clone(), ..empty },
        None => reader.draft(thread)?.unwrap_or(empty),
    };
    let parents: Vec<EntryUid> = match &look.reply {
        Some(reply) => reply.parse().into_iter().collect(),
        None => draft.parents.clone(),
    };
    let mut quoted = Vec::new();
    for parent in parents {
        if let Some(brief) = brief_of(reader, language, parent)? {
            quoted.push((parent, brief));
        }
    }
    let members = reader.members(thread)?;
    let others: Vec<_> = members.iter().filter(|member| !member.own && !member.archive).collect();
    // Whoever was called and has come is at work, whatever their hours say.
    let closed = match reader.intervenes(frame.place.now)? {
        true => None,
        false => own_closed(reader, frame)?,
    };
    let agent = reader.device()?.agent;
    let prolongs = agent.is_some_and(|agent| reader.registry_known().prolongation_allowed(agent));
    Ok(html! {
        form.composer id="end" action={ "/conversations/" (thread) } method="post"
            data-draft={ "/conversations/" (thread) "/draft" } {
            @for (parent, brief) in &quoted {
                p.quoted {
                    (text(language, "web-replying-to", &[])) " "
                    q dir="auto" { (printable(brief)) } " "
                    a href={ "/conversations/" (thread) "?reply=#end" } { (text(language, "web-reply-cancel", &[])) }
                }
                input type="hidden" name="parent" value=(parent);
            }
            label for="text" { (text(language, "web-message", &[])) }
            textarea id="text" name="text" rows="3" dir="auto" required { (draft.text) }
            div id="sending" {
                @if let Some(until) = closed {
                    p.hint {
                        @match until {
                            Some(at) => {
                                @let when = frame.place.soon(language, at);
                                (text(language, "web-off-duty-writing", &[("when", (&when).into())]))
                            }
                            None => (text(language, "web-off-duty-writing-open", &[])),
                        }
                    }
                }
                div.actions {
                    @if closed.is_some() {
                        button.main name="when" value="reopening" { (text(language, "web-send-at-reopening", &[])) }
                        @if prolongs { a.button href="/me/hours#prolong" { (text(language, "web-prolong", &[])) } }
                    } @else {
                        button.main name="when" value="now" { (text(language, "web-send", &[])) }
                        button name="when" value="reopening" { (text(language, "web-send-at-reopening", &[])) }
                    }
                    button.quiet formaction={ "/conversations/" (thread) "/draft" } formnovalidate name="keep" value="1" {
                        (text(language, "web-keep-draft", &[]))
                    }
                }
            }
            @if others.len() > 1 {
                details {
                    summary { (text(language, "web-mention", &[])) }
                    @for member in others {
                        label.choice {
                            input type="checkbox" name="mention" value=(member.agent);
                            span { (printable(&reader.shown_name(language, member.agent)?)) }
                        }
                    }
                }
            }
        }
    })
}

/// Whether this agent may write urgent messages.
fn may_declare(reader: &mut Reader) -> Result<bool, Failure> {
    let Some(agent) = reader.device()?.agent else { return Ok(false) };
    Ok(reader.registry()?.may_declare_urgency(agent))
}

/// Whether this agent is off duty now, and until when.
pub fn own_closed(reader: &mut Reader, frame: &Frame) -> Result<Option<Option<Timestamp>>, Failure> {
    Ok(match reader.duty(frame.place.now)? {
        Some(Duty::Off { reopens_at }) => Some(reopens_at),
        Some(Duty::On { .. }) | None => None,
    })
}

/// Who can read what, the title, silence.
pub async fn settings(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(thread): Path<String>,
) -> Result<Response, Refusal> {
    let thread: ThreadId = thread.parse().map_err(|_| FaultCode::NotFound)?;
    show(&web, &visitor, Section::Conversations, move |reader, frame| {
        let language = frame.language;
        let head = known(reader, thread)?;
        let members = reader.members(thread)?;
        let muted = head.muted_until > frame.place.now;
        let main = html! {
            p { a href={ "/conversations/" (thread) } { (text(language, "web-back-to-conversation", &[])) } }
            h1 dir="auto" { (printable(&head.shown_title(language))) }
            h2 { (text(language, "web-who-reads", &[])) }
            p { (class_words(language, head.class)) }
            ul.members {
                @for member in &members {
                    @let name = printable(&reader.shown_name(language, member.agent)?);
                    li {
                        @if member.archive {
                            (text(language, "desk-member-archive", &[("name", (&name).into())]))
                        } @else {
                            (text(language, "desk-member", &[("name", (&name).into()), ("count", member.devices.into())]))
                        }
                        @if member.own { " · " (text(language, "web-you", &[])) }
                    }
                }
            }
            (gather::movable(reader, language, thread, &members)?)
            h2 { (text(language, "web-settings", &[])) }
            form.stacked action={ "/conversations/" (thread) "/settings" } method="post" {
                label for="title" { (text(language, "web-title", &[])) }
                input id="title" name="title" value=(head.title.as_deref().unwrap_or_default()) dir="auto";
                button name="set" value="title" { (text(language, "web-save", &[])) }
            }
            h2 { (text(language, "web-mute-title", &[])) }
            form.stacked action={ "/conversations/" (thread) "/settings" } method="post" {
                @if muted {
                    button name="set" value="heard" { (text(language, "web-unmute", &[])) }
                } @else {
                    p.hint { (text(language, "web-mute-why", &[])) }
                    div.actions {
                        button name="set" value="muted-1" { (text(language, "web-mute-hours", &[("count", 1u64.into())])) }
                        button name="set" value="muted-8" { (text(language, "web-mute-hours", &[("count", 8u64.into())])) }
                        button name="set" value="muted" { (text(language, "web-mute", &[])) }
                    }
                }
            }
        };
        Ok(Page::plain(head.shown_title(language), main))
    })
    .await
}
