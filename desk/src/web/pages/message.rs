//! One message: in its thread, and on a page of its own with everything that can be done to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use estafette_core::reader::{Audience, MessageRow, MessageState, Reader, VersionRow, class_words};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{EntryUid, FaultCode};
use maud::{Markup, html};

use super::urgent::answer_button;
use crate::commands::read::known;
use crate::commands::urgent::urgency_lines;
use crate::output::{colon, printable, received_apart, states};
use crate::session::Failure;
use crate::web::frame::{Frame, Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// Characters of a message that is quoted.
const BRIEF: usize = 80;
/// Signs at hand; any other can be typed.
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

/// A message of a thread.
pub fn one(
    reader: &mut Reader,
    frame: &Frame,
    row: &MessageRow,
    audience: &Audience,
    pins: &[EntryUid],
) -> Result<Markup, Failure> {
    let language = frame.language;
    let author = author(reader, language, row)?;
    let urgency = reader.urgency(row.uid)?;
    let urgent = match &urgency {
        Some(urgency) => urgency_lines(language, &frame.place, reader, urgency)?,
        None => Vec::new(),
    };
    let refused = matches!(row.state, MessageState::Refused(_));
    Ok(html! {
        li.message.own[row.own].urgent[urgency.is_some()].refused[refused] id={ "m-" (row.uid) } {
            p.head {
                strong.author dir="auto" { (printable(&author)) }
                (times(frame, row))
                @if pins.contains(&row.uid) { span.mark { (text(language, "desk-is-pinned", &[])) } }
            }
            // What happened comes before what is asked, and that before what it rests on.
            (content(reader, language, row)?)
            @if let Some(urgency) = &urgency { (answer_button(frame, urgency)) }
            @if !urgent.is_empty() {
                ul.terms { @for line in &urgent { li { (line) } } }
            }
            @if refused && row.own { (refused_deeds(language, row)) }
            p.foot {
                (far(frame, row, audience))
                @if !row.erased {
                    span.links {
                        @if row.state == MessageState::Standing {
                            a href={ "?reply=" (row.uid) "#end" } { (text(language, "web-reply", &[])) span.unseen { " " (printable(&author)) } }
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

/// When it was written, and received where that is far from it.
fn times(frame: &Frame, row: &MessageRow) -> Markup {
    let (language, place) = (frame.language, &frame.place);
    let written = place.clock(row.written_at);
    html! {
        span.when {
            @if let Some(at) = received_apart(row) {
                @let received = if place.date(at) == place.date(row.written_at) { place.clock(at) } else { place.spoken(language, at) };
                (text(language, "time-written", &[("when", (&written).into())])) " · "
                (text(language, "time-received", &[("when", (&received).into())]))
            } @else {
                (written)
            }
        }
    }
}

/// What stands in a message: what it answers, its text, whom it names, how people answered.
fn content(reader: &mut Reader, language: Language, row: &MessageRow) -> Result<Markup, Failure> {
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
                a href={ "?at=" (parent) "#m-" (parent) } {
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
    show(&web, &visitor, Section::Conversations, move |reader, frame| {
        let language = frame.language;
        let (thread, row) = reader.find(uid)?.ok_or(FaultCode::NotFound)?;
        let head = known(reader, thread)?;
        let audience = reader.audience(thread, frame.place.now)?;
        let pins = reader.pins(thread)?;
        let author = author(reader, language, &row)?;
        let own = reader.device()?.agent;
        let reacted = reader.reactions(uid)?.iter().any(|(agent, _)| Some(*agent) == own);
        let can = Can { pinned: pins.contains(&uid), reacted };
        let title = text(language, "web-message-of", &[("name", (&author).into())]);
        let main = html! {
            p { a href={ "/conversations/" (thread) "?at=" (uid) "#m-" (uid) } { (text(language, "web-back-to-conversation", &[])) } }
            h1 dir="auto" { (printable(&title)) }
            p.class { (class_words(language, head.class)) }
            ol.messages { (one(reader, frame, &row, &audience, &pins)?) }
            @if !row.erased { (deeds(frame, &row, &audience, &can)) }
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
}

fn deeds(frame: &Frame, row: &MessageRow, audience: &Audience, can: &Can) -> Markup {
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
            h2 { (text(language, "web-change", &[])) }
            form.stacked action=(here) method="post" {
                label for="text" { (text(language, "web-edit", &[])) }
                textarea id="text" name="text" rows="4" dir="auto" required { (row.body) }
                button name="deed" value="edit" { (text(language, "web-save", &[])) }
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
