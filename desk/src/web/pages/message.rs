//! One message: in its thread, and on a page of its own with everything that can be done to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use estafette_core::reader::{Audience, MessageRow, MessageState, Reader, VersionRow, class_words};
use estafette_protocol::hours::{Date, Reach};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{EntryUid, FaultCode, Position, ThreadId, Timestamp};
use maud::{Markup, html};

use super::urgent::answer_button;
use crate::commands::read::known;
use crate::commands::urgent::urgency_lines;
use crate::output::{apart, colon, printable, received_apart, states};
use crate::session::Failure;
use crate::web::frame::{Frame, Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// Characters of a message that is quoted.
const BRIEF: usize = 80;
/// Signs at hand; the command line takes any other.
pub const SIGNS: [&str; 5] = ["👍", "✅", "🙏", "❓", "👀"];

/// The beginning of a message, with its author; `None` where it is not here.
pub fn brief_of(reader: &mut Reader, language: Language, uid: EntryUid) -> Result<Option<String>, Failure> {
    let Some((_, row)) = reader.find(uid)? else { return Ok(None) };
    let author = author(reader, language, &row)?;
    if row.erased {
        return Ok(Some(format!("{author}{}{}", colon(language), text(language, "desk-erased", &[]))));
    }
    let line = row.body.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(BRIEF).collect();
    if short.len() < row.body.len() {
        short.push('…');
    }
    Ok(Some(format!("{author}{}{short}", colon(language))))
}

fn author(reader: &Reader, language: Language, row: &MessageRow) -> Result<String, Failure> {
    Ok(match row.agent {
        Some(agent) => reader.shown_name(language, agent)?,
        None => row.author.to_string(),
    })
}

/// A text as it was written; its own direction, no line longer than the screen.
pub fn body(written: &str) -> Markup {
    let shown: String =
        written.chars().filter(|sign| *sign == '\n' || *sign == '\t' || !sign.is_control()).collect();
    html! { div.body dir="auto" { (shown) } }
}

/// What a message is shown with.
pub struct Around<'a> {
    /// Its thread.
    pub thread: ThreadId,
    /// How far the thread's people are.
    pub audience: &'a Audience,
    /// What is pinned there.
    pub pins: &'a [EntryUid],
    /// The notes there, with their titles.
    pub notes: &'a BTreeMap<EntryUid, String>,
    /// The day under which it stands; nothing where it stands alone.
    pub day: Option<Date>,
}

/// A message of a thread.
pub fn one(
    reader: &mut Reader,
    frame: &Frame,
    row: &MessageRow,
    around: &Around<'_>,
) -> Result<Markup, Failure> {
    let language = frame.language;
    let author = author(reader, language, row)?;
    let urgency = reader.urgency(row.uid)?;
    let urgent = match &urgency {
        Some(urgency) => urgency_lines(language, &frame.place, reader, urgency)?,
        None => Vec::new(),
    };
    let refused = matches!(row.state, MessageState::Refused(_));
    let note = around.notes.get(&row.uid).filter(|_| !row.erased);
    Ok(html! {
        li.message.own[row.own].urgent[urgency.is_some()].refused[refused] id={ "m-" (row.uid) } {
            p.head {
                strong.author dir="auto" { (printable(&author)) }
                (times(frame, row, around.day, delivered(reader, frame, row, around.thread)?))
                @if around.pins.contains(&row.uid) { span.mark { (text(language, "desk-is-pinned", &[])) } }
            }
            // What happened comes before what is asked, and that before what it rests on.
            @match note {
                Some(title) => {
                    p.note {
                        (text(language, "web-note-here", &[])) (colon(language))
                        a href={ "/notes/" (row.uid) } dir="auto" { (printable(title)) }
                    }
                }
                None => (content(reader, language, row, around.thread)?),
            }
            @if let Some(urgency) = &urgency { (answer_button(frame, urgency)) }
            @if !urgent.is_empty() {
                ul.terms { @for line in &urgent { li { (line) } } }
            }
            @if refused && row.own { (refused_deeds(language, row)) }
            p.foot {
                (far(frame, row, around.audience))
                @if !row.erased {
                    span.links {
                        @if row.state == MessageState::Standing {
                            a href={ "/conversations/" (around.thread) "?reply=" (row.uid) "#end" } { (text(language, "web-reply", &[])) span.unseen { " " (printable(&author)) } }
                        }
                        a href={ "/messages/" (row.uid) } {
                            (text(language, "web-more", &[]))
                            span.unseen { " " (text(language, "web-message-of", &[("name", (&author).into())])) }
                        }
                    }
                }
            }
        }
    })
}

/// When this device had somebody's message that the relay took while the agent was off duty, where that was later.
fn delivered(
    reader: &Reader,
    frame: &Frame,
    row: &MessageRow,
    thread: ThreadId,
) -> Result<Option<Timestamp>, Failure> {
    let held = !row.own
        && row.position > Position(0)
        && frame.hours.as_ref().is_some_and(|hours| !hours.is_open(row.received_at, Reach::Duty));
    let arrived = if held { reader.arrived_at(thread, row.position)? } else { None };
    Ok(arrived.filter(|at| apart(*at, row.received_at)))
}

/// When it was written, and received and delivered where that is far from it.
fn times(frame: &Frame, row: &MessageRow, day: Option<Date>, delivered: Option<Timestamp>) -> Markup {
    let (language, place) = (frame.language, &frame.place);
    let clock = |at: Timestamp| match day {
        None => place.spoken(language, at),
        Some(day) if place.date(at) == day => place.clock(at),
        Some(_) => format!("{} {}", place.day(language, place.date(at)), place.clock(at)),
    };
    let received = received_apart(row);
    let written = clock(row.written_at);
    let same_day = day.is_none_or(|day| place.date(row.written_at) == day);
    html! {
        span.when {
            @if same_day && received.is_none() && delivered.is_none() {
                (written)
            } @else {
                (text(language, "time-written", &[("when", (&written).into())]))
                @if let Some(at) = received {
                    @let at = clock(at);
                    " · " (text(language, "time-received", &[("when", (&at).into())]))
                }
                @if let Some(at) = delivered {
                    @let at = clock(at);
                    " · " (text(language, "time-delivered", &[("when", (&at).into())]))
                }
            }
        }
    }
}

/// What stands in a message: what it answers, its text, whom it names, how people answered.
fn content(
    reader: &mut Reader,
    language: Language,
    row: &MessageRow,
    thread: ThreadId,
) -> Result<Markup, Failure> {
    if row.erased {
        return Ok(html! { p.erased { (text(language, "desk-erased", &[])) } });
    }
    let mut quoted = Vec::new();
    for parent in &row.parents {
        quoted.push((*parent, brief_of(reader, language, *parent)?));
    }
    let mut names = Vec::new();
    for agent in &row.mentions {
        names.push(printable(&reader.shown_name(language, *agent)?));
    }
    let names = names.join(", ");
    let mut signs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (agent, sign) in reader.reactions(row.uid)? {
        signs.entry(sign).or_default().push(printable(&reader.shown_name(language, agent)?));
    }
    let versions = reader.versions(row.uid)?;
    let current = versions.iter().filter(|version| version.current).count();
    Ok(html! {
        @for (parent, brief) in &quoted {
            p.quoted {
                a href={ "/conversations/" (thread) "?at=" (parent) "#m-" (parent) } {
                    q dir="auto" { (printable(brief.as_deref().unwrap_or("…"))) }
                }
            }
        }
        (body(&row.body))
        @if !names.is_empty() { p.mentions { (text(language, "desk-mentions", &[("names", (&names).into())])) } }
        @if !signs.is_empty() {
            ul.signs { @for (sign, people) in &signs { li { (printable(sign)) " " span.people { (people.join(", ")) } } } }
        }
        @if !versions.is_empty() {
            p.mark {
                @if current > 1 {
                    a href={ "/messages/" (row.uid) "#versions" } {
                        (text(language, "web-versions-wait", &[("count", current.into())]))
                    }
                } @else {
                    a href={ "/messages/" (row.uid) "#versions" } { (text(language, "desk-is-edited", &[])) }
                }
            }
        }
    })
}

/// How far it is, in words.
fn far(frame: &Frame, row: &MessageRow, audience: &Audience) -> Markup {
    let reached =
        (row.own && row.state == MessageState::Standing && !row.erased).then(|| audience.of(row.position));
    let words = states(frame.language, &frame.place, row, reached);
    html! { @if !words.is_empty() { span.far { (printable(&words.join(" · "))) } } }
}

/// A message alone, with what can be done to it.
pub async fn page(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(message): Path<String>,
) -> Result<Response, Refusal> {
    let uid: EntryUid = message.parse().map_err(|_| FaultCode::NotFound)?;
    answer(&web, &visitor, uid, None).await
}

/// The same page with an edit that was refused, as it was typed, and why.
pub async fn refused(
    web: &Arc<Web>,
    visitor: &Visitor,
    uid: EntryUid,
    typed: String,
    notice: Notice,
) -> Result<Response, Refusal> {
    answer(web, visitor, uid, Some((typed, notice))).await
}

async fn answer(
    web: &Arc<Web>,
    visitor: &Visitor,
    uid: EntryUid,
    typed: Option<(String, Notice)>,
) -> Result<Response, Refusal> {
    show(web, visitor, Section::Conversations, move |reader, frame| {
        let language = frame.language;
        let (thread, row) = reader.find(uid)?.ok_or(FaultCode::NotFound)?;
        let head = known(reader, thread)?;
        let audience = reader.audience(thread, frame.place.now)?;
        let (pins, notes) = (reader.pins(thread)?, reader.note_titles(thread)?);
        let author = author(reader, language, &row)?;
        let own = reader.device()?.agent;
        let reacted = reader.reactions(uid)?.iter().any(|(agent, _)| Some(*agent) == own);
        let can = Can { pinned: pins.contains(&uid), reacted, edited: !notes.contains_key(&uid) };
        let around = Around { thread, audience: &audience, pins: &pins, notes: &notes, day: None };
        let title = text(language, "web-message-of", &[("name", (&author).into())]);
        let main = html! {
            @if let Some((_, notice)) = &typed { (notice_box(notice)) }
            p { a href={ "/conversations/" (thread) "?at=" (uid) "#m-" (uid) } { (text(language, "web-back-to-conversation", &[])) } }
            h1 dir="auto" { (printable(&title)) }
            p.class { (class_words(language, head.class)) }
            div id="fresh" { ol.messages { (one(reader, frame, &row, &around)?) } }
            @if !row.erased { (deeds(frame, &row, &audience, &can, typed.as_ref().map(|(text, _)| text.as_str()))) }
            (versions(frame, &row, &reader.versions(uid)?))
        };
        Ok(Page::plain(printable(&title), main))
    })
    .await
}

/// What one can do with a message that nobody else has, where it stands.
fn refused_deeds(language: Language, row: &MessageRow) -> Markup {
    html! {
        form.actions action={ "/messages/" (row.uid) } method="post" {
            button.main name="deed" value="retry" { (text(language, "web-retry", &[])) }
            button type="button" data-copy=(row.body) data-copied=(text(language, "web-copied", &[])) {
                (text(language, "web-copy", &[]))
            }
            button.quiet name="deed" value="cancel" { (text(language, "web-take-away", &[])) }
        }
    }
}

/// What stands that can be taken back.
struct Can {
    pinned: bool,
    reacted: bool,
    /// Its text can be changed here; a note's has a page of its own.
    edited: bool,
}

fn deeds(frame: &Frame, row: &MessageRow, audience: &Audience, can: &Can, typed: Option<&str>) -> Markup {
    let (language, here) = (frame.language, format!("/messages/{}", row.uid));
    let standing = row.state == MessageState::Standing;
    let refused = matches!(row.state, MessageState::Refused(_));
    // Whoever has it keeps it; what is taken back then is deleted.
    let cancellable = !standing || audience.of(row.position).received == 0;
    html! {
        @if standing {
            h2 { (text(language, "web-react", &[])) }
            form.actions action=(here) method="post" {
                @for sign in SIGNS { button.sign name="sign" value=(sign) { (sign) } }
                @if can.reacted {
                    button.quiet name="sign" value="" { (text(language, "web-react-withdraw", &[])) }
                }
            }
            form.actions action=(here) method="post" {
                @if can.pinned {
                    button name="deed" value="unpin" { (text(language, "web-unpin", &[])) }
                } @else {
                    button name="deed" value="pin" { (text(language, "web-pin", &[])) }
                }
            }
        }
        @if row.own && !refused {
            @if can.edited {
                h2 { (text(language, "web-change", &[])) }
                form.stacked action=(here) method="post" {
                    label for="text" { (text(language, "web-edit", &[])) }
                    textarea id="text" name="text" rows="4" dir="auto" required { "\n" (typed.unwrap_or(&row.body)) }
                    button name="deed" value="edit" { (text(language, "web-save", &[])) }
                }
            }
            h2 { (text(language, "web-erase-title", &[])) }
            @if cancellable { p.hint { (text(language, "web-cancel-why", &[])) } }
            p.hint { (text(language, "web-erase-why", &[])) }
            form.actions action=(here) method="post" {
                @if cancellable {
                    button name="deed" value="cancel" { (text(language, "web-cancel", &[])) }
                }
                button.danger name="deed" value="erase" { (text(language, "web-erase", &[])) }
            }
        }
    }
}

/// Every text that it has had; the author chooses where two stand beside each other.
fn versions(frame: &Frame, row: &MessageRow, versions: &[VersionRow]) -> Markup {
    let language = frame.language;
    let current = versions.iter().filter(|version| version.current).count();
    html! {
        @if !versions.is_empty() && !row.erased {
            h2 id="versions" { (text(language, "web-versions", &[])) }
            @if current > 1 { p.warning { (text(language, "web-versions-why", &[])) } }
            ol.versions {
                @for version in versions {
                    li.current[version.current] {
                        p.head {
                            span.when { (frame.place.spoken(language, version.written_at)) }
                            @if version.current {
                                span.mark { (text(language, "desk-version-current", &[])) }
                            } @else {
                                span.mark { (text(language, "desk-version-older", &[])) }
                            }
                        }
                        (body(&version.body))
                        @if version.current && current > 1 && row.own {
                            form action={ "/messages/" (row.uid) } method="post" {
                                input type="hidden" name="version" value=(version.uid);
                                button name="deed" value="keep" { (text(language, "web-keep-version", &[])) }
                            }
                        }
                    }
                }
            }
        }
    }
}
