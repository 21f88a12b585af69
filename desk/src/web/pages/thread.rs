//! One conversation: its messages, oldest above, and the place to write.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_core::engine::Command;
use estafette_core::reader::{
    Audience, Draft, MessageRow, MessageState, Reader, ThreadKind, ThreadRow, class_words,
};
use estafette_protocol::hours::Date;
use estafette_protocol::statement::Class;
use estafette_protocol::texts::text;
use estafette_protocol::{EntryUid, FaultCode, Position, ThreadId, Timestamp, limits};
use maud::{Markup, html};
use serde::Deserialize;

use super::composer::{Typed, composer, may_declare};
use super::message::{Around, one};
use super::{conversations, gather};
use crate::commands::read::known;
use crate::output::printable;
use crate::session::Failure;
use crate::web::frame::{Frame, Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// Messages of one page, and the bytes that their texts may have there together. One message is always shown.
const PAGE: usize = 50;
const PAGE_BYTES: usize = 40 * 1024;

/// What part of a thread is looked at.
#[derive(Debug, Default, Deserialize)]
pub struct Look {
    /// Messages below this position; the newest where nothing is said.
    before: Option<u64>,
    /// Messages above this position.
    after: Option<u64>,
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
    Query(mut look): Query<Look>,
) -> Result<Response, Refusal> {
    let thread: ThreadId = thread.parse().map_err(|_| FaultCode::NotFound)?;
    let head = web.office.read(move |reader| known(reader, thread)).await?;
    if head.class == Class::Diffusion {
        return Ok(Redirect::to("/announcements").into_response());
    }
    if let Some(at) = look.at.as_deref().and_then(|at| at.parse::<EntryUid>().ok()) {
        // What has no place yet stands at the end, with what is newest.
        let found = web.office.read(move |reader| Ok(reader.find(at)?)).await?;
        if found.is_some_and(|(_, row)| row.position == Position(0)) {
            look.at = None;
        }
    }
    if let Some(reply) = look.reply.take().filter(|_| !visitor.background) {
        answers(&web, thread, reply.parse().ok()).await?;
    }
    if look.is_newest() && look.unseen.is_none() {
        let up_to = web.office.read(move |reader| Ok(reader.newest(thread, 1)?)).await?;
        let up_to = up_to.iter().map(|row| row.position).max().unwrap_or_default();
        if up_to > Position(0) && head.unread > 0 {
            web.office.command(Command::Read { thread, up_to }).await?;
        }
    }
    answer(&web, &visitor, thread, look).await
}

impl Look {
    fn is_newest(&self) -> bool {
        self.before.is_none() && self.after.is_none() && self.at.is_none()
    }
}

/// What the draft answers from now on; nothing takes it back.
async fn answers(web: &Web, thread: ThreadId, parent: Option<EntryUid>) -> Result<(), Failure> {
    let empty = Draft { text: String::new(), parents: vec![], at: Timestamp(0) };
    let draft = web.office.read(move |reader| Ok(reader.draft(thread)?)).await?.unwrap_or(empty);
    let parents: Vec<EntryUid> = parent.into_iter().collect();
    if draft.parents != parents {
        web.office.command(Command::Draft { thread, text: draft.text, parents }).await?;
    }
    Ok(())
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
    let newest = look.is_newest();
    show(web, visitor, Section::Conversations, move |reader, frame| {
        let head = known(reader, thread)?;
        let rows = rows(reader, thread, &look)?;
        let next = match rows.last().filter(|_| !newest) {
            Some(last) => reader.after(thread, last.position, 1)?.first().map(|_| last.position),
            None => None,
        };
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
            @if writes { (composer(reader, frame, &head, look.typed.as_ref())?) }
            @if newest && !writes {
                p.hint id="end" {
                    @if head.left { (text(frame.language, "web-left-why", &[])) }
                    @else { (text(frame.language, "web-no-keys-why", &[])) }
                }
            }
            @if !newest {
                p.actions id="end" {
                    @if let Some(next) = next { a.button href={ "?after=" (next.0) } { (text(frame.language, "web-newer", &[])) } }
                    a.button href={ "/conversations/" (thread) } { (text(frame.language, "web-newest", &[])) }
                }
            }
        };
        let aside = Some(conversations::rows(frame, Some(thread)));
        let title = head.shown_title(frame.language);
        Ok(Page { title, main, aside, thread: Some(thread).filter(|_| newest) })
    })
    .await
}

fn rows(reader: &mut Reader, thread: ThreadId, look: &Look) -> Result<Vec<MessageRow>, Failure> {
    if let Some(after) = look.after {
        return Ok(light(reader.after(thread, Position(after), PAGE)?, |_| 0));
    }
    if let Some(before) = look.before {
        return Ok(light(reader.before(thread, Position(before), PAGE)?, |count| count - 1));
    }
    if let Some(at) = &look.at {
        let at: EntryUid = at.parse().map_err(|_| FaultCode::NotFound)?;
        let (_, row) = reader.find(at)?.filter(|(found, _)| *found == thread).ok_or(FaultCode::NotFound)?;
        let mut rows = reader.before(thread, row.position, PAGE / 2)?;
        let place = rows.len();
        rows.extend(reader.after(thread, Position(row.position.0.saturating_sub(1)), PAGE / 2)?);
        return Ok(light(rows, |count| place.min(count - 1)));
    }
    Ok(light(reader.newest(thread, PAGE)?, |count| count - 1))
}

/// As many of them around one as their texts leave room for; that one stays whatever it weighs. `around` is given
/// how many there are.
fn light(rows: Vec<MessageRow>, around: impl FnOnce(usize) -> usize) -> Vec<MessageRow> {
    let Some(kept) = (!rows.is_empty()).then(|| around(rows.len())) else { return rows };
    // A sign that means something in a page is written with up to five.
    let weight = |row: &MessageRow| row.body.len() + 4 * row.body.matches(['&', '<', '>', '"']).count();
    let weights: Vec<usize> = rows.iter().map(weight).collect();
    let (mut first, mut last) = (kept, kept);
    let mut left = PAGE_BYTES.saturating_sub(weights.get(kept).copied().unwrap_or_default());
    loop {
        let fits =
            |place: Option<usize>| place.filter(|place| weights.get(*place).is_some_and(|one| *one <= left));
        if let Some(place) = fits(first.checked_sub(1)) {
            left -= weights[place];
            first = place;
        } else if let Some(place) = fits(last.checked_add(1)) {
            left -= weights[place];
            last = place;
        } else {
            break;
        }
    }
    rows.into_iter().skip(first).take(last - first + 1).collect()
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
    let (pins, notes) = (reader.pins(thread)?, reader.note_titles(thread)?);
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
                (one(reader, frame, row, &Around { thread, audience: &audience, pins: &pins, notes: &notes, day })?)
            }
        }
        @if newest { (not_reached(frame, rows, &audience)) }
    })
}

/// The day under which a message stands, where it is later than that of the one above. The order is the relay's,
/// and so are the days: what was written on another tells it itself.
fn begins(frame: &Frame, day: &mut Option<Date>, row: &MessageRow) -> Option<Date> {
    let placed = if row.received_at > Timestamp(0) { row.received_at } else { row.written_at };
    let shown = frame.place.date(placed);
    let later = day.is_none_or(|above| above < shown);
    later.then(|| *day.insert(shown))
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
            div id="fresh" { h1 dir="auto" { (printable(&head.shown_title(language))) } }
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
                input id="title" name="title" value=(head.title.as_deref().unwrap_or_default()) maxlength=(limits::TITLE) dir="auto";
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

#[cfg(test)]
mod tests {
    use estafette_protocol::DeviceId;

    use super::*;

    fn rows(bodies: &[usize]) -> Vec<MessageRow> {
        let row = |(place, length): (usize, &usize)| MessageRow {
            uid: EntryUid([0; 16]),
            position: Position(place as u64 + 1),
            author: DeviceId([0; 16]),
            agent: None,
            name: None,
            own: false,
            written_at: Timestamp(0),
            received_at: Timestamp(0),
            body: "x".repeat(*length),
            parents: vec![],
            mentions: vec![],
            erased: false,
            state: MessageState::Standing,
        };
        bodies.iter().enumerate().map(row).collect()
    }

    fn kept(bodies: &[usize], around: usize) -> Vec<u64> {
        light(rows(bodies), |_| around).iter().map(|row| row.position.0).collect()
    }

    #[test]
    fn a_page_holds_as_many_messages_as_its_bytes_allow_around_the_one_that_is_looked_for() {
        let long = PAGE_BYTES / 4;
        assert_eq!(kept(&[100; 5], 4), [1, 2, 3, 4, 5]);
        assert_eq!(kept(&[long; 9], 8), [6, 7, 8, 9], "the newest");
        assert_eq!(kept(&[long; 9], 0), [1, 2, 3, 4], "what follows");
        assert_eq!(
            kept(&[long, 2 * long, long, 2 * long, long], 2),
            [1, 2, 3],
            "nothing is left out between"
        );
        assert_eq!(kept(&[100, 2 * PAGE_BYTES, 100], 1), [2], "one message is shown whatever it weighs");
        assert!(kept(&[], 0).is_empty());
    }
}
