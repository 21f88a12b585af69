//! Consignes: what is asked of this agent, and for the author who has received, read and understood.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::{AnnouncementRow, AnswerTo, Counts, Reader};
use estafette_protocol::announcement::{Replies, remind_at};
use estafette_protocol::statement::Class;
use estafette_protocol::texts::text;
use estafette_protocol::{EntryUid, FaultCode, Position, ThreadId, Timestamp};
use maud::{Markup, html};

use super::message::body;
use super::{announce, back};
use crate::commands::announcements::progress_words;
use crate::output::{printable, states};
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// Announcements of one page.
const MOST: usize = 30;

/// Everything under `/announcements`.
pub fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/announcements", get(list))
        .route("/announcements/new", get(announce::new).post(announce::issue))
        .route("/announcements/{version}", get(progress).post(deed))
}

/// What this agent has seen of announcements, their authors may know.
async fn seen(web: &Web) -> Result<(), Failure> {
    let unread = web.office.read(|reader| {
        let threads = reader.threads()?.into_iter();
        let unread = threads.filter(|thread| thread.class == Class::Diffusion && thread.unread > 0);
        let mut newest: Vec<(ThreadId, Position)> = Vec::new();
        for thread in unread {
            let up_to = reader.newest(thread.id, 1)?.iter().map(|row| row.position).max();
            newest.extend(up_to.filter(|up_to| *up_to > Position(0)).map(|up_to| (thread.id, up_to)));
        }
        Ok(newest)
    });
    for (thread, up_to) in unread.await? {
        web.office.command(Command::Read { thread, up_to }).await?;
    }
    Ok(())
}

async fn list(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    seen(&web).await?;
    show(&web, &visitor, Section::Announcements, |reader, frame| {
        let language = frame.language;
        let (asked, others): (Vec<_>, Vec<_>) =
            reader.announcements(MOST)?.into_iter().partition(AnnouncementRow::is_asked);
        let announces = !reader.may_announce_to()?.is_empty();
        let title = text(language, "web-announcements", &[]);
        let main = html! {
            h1 { (title) }
            @if announces { p { a.button.main href="/announcements/new" { (text(language, "web-announce", &[])) } } }
            div id="fresh" {
                @if !asked.is_empty() {
                    h2 { (text(language, "web-asked-of-you", &[])) }
                    ol.announcements { @for row in &asked { (one(reader, frame, row)?) } }
                }
                @if !others.is_empty() {
                    @if !asked.is_empty() { h2 { (text(language, "web-other-announcements", &[])) } }
                    ol.announcements { @for row in &others { (one(reader, frame, row)?) } }
                }
                @if asked.is_empty() && others.is_empty() { p.empty { (text(language, "web-no-announcement", &[])) } }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// An announcement, with what is asked.
fn one(reader: &mut Reader, frame: &Frame, row: &AnnouncementRow) -> Result<Markup, Failure> {
    let (language, place) = (frame.language, &frame.place);
    let message = &row.message;
    let author = match message.agent {
        Some(agent) => reader.shown_name(language, agent)?,
        None => message.author.to_string(),
    };
    let address = format!("/announcements/{}", message.uid);
    let said = |at: Timestamp| place.spoken(language, at);
    let counts = match message.own {
        true => Some(Counts::of(&reader.addressees(message.uid, place.now)?)),
        false => None,
    };
    let due = row.due.map(said).unwrap_or_default();
    let asked = match row.due.is_some_and(|due| due <= place.now) {
        true => text(language, "web-was-asked", &[("when", (&due).into())]),
        false => text(language, "desk-announcement-asked", &[("when", (&due).into())]),
    };
    Ok(html! {
        li.announcement.asked[row.is_asked()].struck[row.corrected_by.is_some()] id={ "m-" (message.uid) } {
            p.head {
                strong.author dir="auto" { (printable(&author)) }
                span.when { (said(message.written_at)) }
                @if row.corrects.is_some() { span.mark { (text(language, "web-is-correction", &[])) } }
            }
            @if let Some(version) = row.corrected_by {
                p.warning { a href={ "#m-" (version) } { (text(language, "web-corrected-by", &[])) } }
            }
            @if message.erased {
                p.erased { (text(language, "desk-erased", &[])) }
            } @else if row.corrected_by.is_some() {
                del { (body(&message.body)) }
            } @else {
                (body(&message.body))
            }
            @if let Some(at) = row.acknowledged {
                @let when = said(at);
                p.done { (text(language, "desk-announcement-acknowledged", &[("when", (&when).into())])) }
            } @else if row.is_asked() {
                p.due { (asked) }
                @if row.reminded_at > Timestamp(0) {
                    @let when = said(row.reminded_at);
                    p.due { (text(language, "web-reminded", &[("when", (&when).into())])) }
                }
                form.actions action=(address) method="post" {
                    button.main name="deed" value="acknowledge" { (text(language, "action-acknowledge", &[])) }
                }
            } @else if row.due.is_some() && message.own {
                p.due { (asked) }
            }
            p.foot {
                @if let Some(counts) = counts {
                    @let far = states(language, place, message, None);
                    @if !far.is_empty() { span.far { (far.join(" · ")) } }
                    a href=(address) { (summary(frame, counts)) }
                } @else if !message.erased {
                    form action=(address) method="post" {
                        button.quiet name="deed" value="answer" {
                            @if row.replies == Replies::Open {
                                (text(language, "web-answer-open", &[]))
                            } @else {
                                (text(language, "web-answer-issuer", &[]))
                            }
                        }
                    }
                }
            }
        }
    })
}

fn summary(frame: &Frame, counts: Counts) -> String {
    let parameters = [
        ("acknowledged", counts.acknowledged.into()),
        ("people", counts.people.into()),
        ("leave", counts.on_leave.into()),
    ];
    text(frame.language, "desk-announcement-counts", &parameters)
}

/// For its author: how far it has come to each.
async fn progress(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(version): Path<String>,
) -> Result<Response, Refusal> {
    let version: EntryUid = version.parse().map_err(|_| FaultCode::NotFound)?;
    show(&web, &visitor, Section::Announcements, move |reader, frame| {
        let language = frame.language;
        let row = reader.announcement(version)?.ok_or(FaultCode::NotFound)?;
        if !row.message.own {
            return Err(FaultCode::Forbidden.into());
        }
        let people = reader.addressees(version, frame.place.now)?;
        let counts = Counts::of(&people);
        let title = text(language, "web-progress", &[]);
        // Of a version that stands no more nobody is asked anything.
        let due = row.due.filter(|_| row.corrected_by.is_none() && !row.message.erased);
        let now = frame.place.now;
        let late = people.iter().filter(|person| person.is_late(due, now)).count();
        let reminder = due.map(|due| reminder_words(frame, row.message.received_at, due));
        let mut columns = vec![
            (text(language, "web-count-held", &[]), counts.held),
            (text(language, "web-count-unreached", &[]), counts.unreached),
            (text(language, "web-count-delivered", &[]), counts.delivered),
            (text(language, "web-count-read", &[]), counts.read),
            (text(language, "action-acknowledge", &[]), counts.acknowledged),
            (text(language, "desk-person-on-leave", &[]), counts.on_leave),
        ];
        if due.is_some_and(|due| due <= now) {
            columns.push((text(language, "web-late", &[]), late));
        }
        let main = html! {
            p { a href="/announcements" { (text(language, "web-back-to-announcements", &[])) } }
            h1 { (title) }
            div id="fresh" {
                ol.announcements { (one(reader, frame, &row)?) }
                dl.counts {
                    @for (words, count) in &columns { div { dt { (words) } dd { (count) } } }
                }
                table {
                    caption { (text(language, "web-progress-caption", &[])) }
                    thead {
                        tr {
                            th scope="col" { (text(language, "web-person", &[])) }
                            th scope="col" { (text(language, "web-how-far", &[])) }
                        }
                    }
                    tbody {
                        @for person in &people {
                            tr {
                                th scope="row" dir="auto" { (printable(&reader.shown_name(language, person.agent)?)) }
                                td {
                                    (progress_words(language, person, |at| frame.place.spoken(language, at)))
                                    @if person.is_late(due, now) { " · " strong { (text(language, "web-late", &[])) } }
                                }
                            }
                        }
                    }
                }
                @if let Some(reminder) = reminder { p.hint { (reminder) } }
            }
            @if row.corrected_by.is_none() && !row.message.erased {
                h2 { (text(language, "web-correct", &[])) }
                p.hint {
                    @if row.due.is_some() { (text(language, "web-correct-why", &[])) }
                    @else { (text(language, "web-correct-stays", &[])) }
                }
                (announce::correction(frame, &row, &announce::Correction::of(&row, &frame.place)))
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// When the relay reminds by itself, or has.
fn reminder_words(frame: &Frame, received_at: Timestamp, due: Timestamp) -> String {
    let (language, now) = (frame.language, frame.place.now);
    // What has not left yet comes to the relay now, at the earliest.
    let received_at = if received_at == Timestamp(0) { now } else { received_at };
    let at = remind_at(received_at, due);
    let when = frame.place.spoken(language, at);
    match at <= now {
        true => text(language, "web-reminder-went", &[("when", (&when).into())]),
        false => text(language, "web-reminder-will", &[("when", (&when).into())]),
    }
}

/// « Lu et compris », or an answer; or a correction by its author.
async fn deed(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(version): Path<String>,
    fields: Fields,
) -> Result<Response, Refusal> {
    let version: EntryUid = version.parse().map_err(|_| FaultCode::NotFound)?;
    let here = format!("/announcements#m-{version}");
    match fields.one("deed") {
        "acknowledge" => {
            let done = web.office.command(Command::Acknowledge { version }).await;
            let said = text(visitor.language, "web-acknowledged", &[]);
            Ok(back(&web, &visitor, &here, done.map(|_| Some(said))))
        }
        "correct" => announce::correct(&web, &visitor, version, &fields).await,
        _ => answer(&web, version).await,
    }
}

/// Goes where answers go, with the announcement quoted.
async fn answer(web: &Web, version: EntryUid) -> Result<Response, Refusal> {
    let to =
        web.office.read(move |reader| Ok(reader.answer_to(version)?.ok_or(FaultCode::NotFound)?)).await?;
    let thread = match to {
        AnswerTo::Thread(thread) => thread,
        AnswerTo::Issuer(with) => {
            match web.office.command(Command::Direct { class: Class::Service, with }).await? {
                CommandAnswer::Thread(thread) => thread,
                _ => return Err(FaultCode::Internal.into()),
            }
        }
    };
    Ok(Redirect::to(&format!("/conversations/{thread}?reply={version}#end")).into_response())
}
