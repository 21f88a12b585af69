//! Who disturbed people at rest, on which basis and why: derogations and urgencies, for everybody to read.
//!
//! Derogations are statements, and here without a relay too. Urgencies only the relay has seen all of; it tells
//! them at work, and where it cannot be asked the page says so.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_core::engine::Command;
use estafette_core::reader::{NoticeRow, Reader};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::texts::text;
use estafette_protocol::urgency::Declared;
use maud::{Markup, html};

use super::{ask_soon, named};
use crate::commands::urgent::basis_words;
use crate::output::printable;
use crate::session::Failure;
use crate::web::frame::{Frame, Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// Everything, the newest first.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let declared = match ask_soon(&web, RequestBody::Urgencies).await {
        Ok(Reply::Urgencies { declared }) => Some(declared),
        _ => None,
    };
    let made = show(&web, &visitor, Section::Me, move |reader, frame| {
        let language = frame.language;
        let notices = reader.notices()?;
        let mut lines = Vec::new();
        for notice in notices.iter().rev() {
            lines.push((notice.new, sentence(reader, frame, notice)?));
        }
        let title = text(language, "web-notices", &[]);
        let main = html! {
            p { a href="/me" { (text(language, "web-me", &[])) } }
            h1 { (title) }
            p.hint { (text(language, "web-notices-why", &[])) }
            @if lines.is_empty() { p.empty { (text(language, "notices-none", &[])) } }
            ul.facts {
                @for (new, line) in &lines {
                    li { @if *new { strong { (text(language, "web-new", &[])) } " " } (line) }
                }
            }
            (urgencies(reader, frame, declared.as_deref())?)
        };
        Ok(Page::plain(title, main))
    })
    .await?;
    web.office.command(Command::NoticesSeen).await?;
    Ok(made)
}

fn urgencies(reader: &mut Reader, frame: &Frame, declared: Option<&[Declared]>) -> Result<Markup, Failure> {
    let language = frame.language;
    let mut lines = Vec::new();
    for one in declared.unwrap_or_default() {
        lines.push(urgency(reader, frame, one)?);
    }
    Ok(html! {
        h2 id="urgencies" { (text(language, "urgencies-title", &[])) }
        p.hint { (text(language, "urgencies-what", &[])) }
        @if declared.is_none() {
            p.warning { (text(language, "urgencies-unknown", &[])) }
        } @else if lines.is_empty() {
            p.empty { (text(language, "urgencies-none", &[])) }
        }
        ul.facts { @for line in &lines { li { (line) } } }
    })
}

/// When, by whom, where; then on which basis and why.
fn urgency(reader: &mut Reader, frame: &Frame, one: &Declared) -> Result<Markup, Failure> {
    let language = frame.language;
    let author = match one.author {
        Some(agent) => printable(&reader.shown_name(language, agent)?),
        None => text(language, "urgency-by-withdrawn", &[]),
    };
    let team = one.team.map(|team| named::team(reader, team)).transpose()?;
    let at = frame.place.spoken(language, one.at);
    let terms = one.terms.as_ref().map(|terms| {
        let (basis, until) = (basis_words(language, terms.basis), frame.place.spoken(language, terms.until));
        let words = [("basis", (&basis).into()), ("until", (&until).into())];
        (text(language, "urgency-terms", &words), printable(&terms.reason))
    });
    Ok(html! {
        (text(language, "urgency-declared-by", &[("at", (&at).into()), ("author", (&author).into())]))
        @if let Some(team) = &team { " · " (team) }
        @match &terms {
            Some((basis, reason)) => { p dir="auto" { (reason) } p.hint { (basis) } },
            None => p.hint { (text(language, "urgency-terms-erased", &[])) },
        }
        @if one.unanswered { p { (text(language, "urgency-nobody", &[])) } }
    })
}

fn sentence(reader: &Reader, frame: &Frame, notice: &NoticeRow) -> Result<String, Failure> {
    let language = frame.language;
    let author = printable(&reader.shown_name(language, notice.author)?);
    let (basis, reason) = (basis_words(language, notice.basis), printable(&notice.reason));
    let [at, from, until] =
        [notice.at, notice.period.from, notice.period.until].map(|at| frame.place.spoken(language, at));
    let words = [
        ("number", notice.statement.0.into()),
        ("at", (&at).into()),
        ("author", (&author).into()),
        ("count", notice.agents.len().into()),
        ("from", (&from).into()),
        ("until", (&until).into()),
        ("basis", (&basis).into()),
        ("reason", (&reason).into()),
    ];
    Ok(text(language, "notices-one", &words))
}
