//! Tickets for devices that are not enrolled, as sheets to print: a QR code to scan and a text to type.
//!
//! A sheet is an answer of its own, which its browser may ask for again: who loads it anew sees the same tickets, and
//! makes no others. A line that was cut off, or that has a ticket already, has another only where somebody says so.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{InventoryId, Timestamp};
use maud::{Markup, html};
use serde::Deserialize;

use super::{administer, if_reached, look};
use crate::clock;
use crate::commands::stock::{self, Line};
use crate::commands::ticket;
use crate::commands::work::Work;
use crate::output::printable;
use crate::place::Place;
use crate::qr::Code;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::pages::back;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// Tickets of one sheet.
const MOST: usize = 100;

/// A line of the inventory without a device in force.
pub struct Missing {
    name: String,
    line: Line,
}

/// A ticket on paper.
pub struct Printed {
    name: String,
    model: String,
    serial: String,
    until: Timestamp,
    written: String,
    side: usize,
    path: String,
}

impl Printed {
    /// A ticket that was made just now.
    pub fn of(made: ticket::Made) -> Result<Self, Failure> {
        let written = made.ticket.to_string();
        let (side, path) = Code::of(&written)?.path();
        let (model, serial) = (made.item.model, made.item.serial);
        let name = if made.name.is_empty() { made.item.agent.to_string() } else { made.name };
        Ok(Self { name, model, serial, until: made.expires_at, written, side, path })
    }
}

/// Lines of the inventory without a device in force: first those that are to have a ticket.
pub fn missing(work: &Work<'_>) -> Result<Vec<Missing>, Failure> {
    let waiting = if_reached(stock::waiting(work.session, work.records))?.unwrap_or_default();
    let lines = stock::lines(&work.desk.reader(work.ring)?, work.records, &waiting, clock::now())?;
    let mut missing = Vec::new();
    for line in lines.into_iter().filter(|line| !line.in_service) {
        let agent = line.item.agent;
        let name = work.records.person(agent)?.unwrap_or_else(|| agent.to_string());
        missing.push(Missing { name, line });
    }
    missing.sort_by_key(|one| !one.line.lacks());
    Ok(missing)
}

/// The one line for which somebody came here.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    device: Option<String>,
}

/// Which devices lack.
pub async fn page(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    let missing = look(&web, &visitor, missing).await?;
    show(&web, &visitor, Section::Administration, move |_reader, frame| {
        let language = frame.language;
        let title = text(language, "web-tickets", &[]);
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            p { (text(language, "web-tickets-what", &[])) }
            @if missing.is_empty() {
                p.empty { (text(language, "web-tickets-none", &[])) }
            } @else {
                (form(language, &frame.place, &missing, wanted.device.as_deref()))
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// The choice of devices for which tickets are made: `wanted` alone is ticked, or else each that has none and was
/// not cut off.
pub fn form(language: Language, place: &Place, missing: &[Missing], wanted: Option<&str>) -> Markup {
    let lacking = missing.iter().filter(|one| one.line.lacks() && one.line.ticket.is_none());
    let ticked: BTreeSet<InventoryId> = match wanted {
        Some(wanted) => {
            missing.iter().map(|one| one.line.item.id).filter(|id| id.to_string() == wanted).collect()
        }
        None => lacking.map(|one| one.line.item.id).take(MOST).collect(),
    };
    let plain = |line: &Line| line.lacks() && line.ticket.is_none() && !line.refused;
    html! {
        @if missing.iter().any(|one| one.line.ticket.is_some() || one.line.waits) {
            p { (text(language, "web-tickets-again", &[])) }
        }
        form.stacked action="/admin/tickets" method="post" {
            fieldset {
                legend { (text(language, "web-tickets-for", &[])) }
                @for Missing { name, line } in missing {
                    label.choice {
                        input type="checkbox" name="device" value=(line.item.id) checked[ticked.contains(&line.item.id)];
                        span dir="auto" {
                            (printable(name)) " · " (printable(&line.item.model)) " · " (printable(&line.item.serial))
                            @if !plain(line) { " · " strong { (line.words(language, place)) } }
                        }
                    }
                }
            }
            button.main { (text(language, "web-tickets-make", &[])) }
        }
    }
}

/// Makes the tickets; their sheet is a page of its own.
pub async fn make(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let wanted: BTreeSet<InventoryId> = fields.parsed("device")?.into_iter().collect();
    let language = visitor.language;
    let made = administer(&web, &visitor, move |work| {
        if wanted.is_empty() || wanted.len() > MOST {
            return Err(Failure::Usage(text(language, "web-tickets-choose", &[("count", MOST.into())])));
        }
        let lines =
            stock::lines(&work.desk.reader(work.ring)?, work.records, &BTreeSet::new(), clock::now())?;
        let lines = lines.into_iter().filter(|line| wanted.contains(&line.item.id) && !line.in_service);
        let mut printed = Vec::new();
        for line in lines {
            let made = ticket::open(work.desk, work.session, work.records, work.ring, &line.item, false);
            match made.and_then(Printed::of) {
                Ok(one) => printed.push(one),
                Err(failure) if printed.is_empty() => return Err(failure),
                // Those that were made are handed over.
                Err(failure) => return Ok((printed, Some(failure))),
            }
        }
        Ok((printed, None))
    });
    match made.await {
        Err(failure) => Ok(back(&web, &visitor, "/admin/tickets", Err(failure))),
        Ok((printed, failure)) => {
            if let Some(failure) = failure {
                let mut notice = Refusal(failure).notice(language, None);
                notice.lines.push(text(language, "web-tickets-some", &[("count", printed.len().into())]));
                web.visitors.tell(&visitor.cookie, notice);
            }
            Ok(handed_over(&web, &visitor, printed))
        }
    }
}

/// To the sheet of tickets that were made just now.
pub fn handed_over(web: &Web, visitor: &Visitor, printed: Vec<Printed>) -> Response {
    web.visitors.keep_sheet(&visitor.cookie, printed, Instant::now());
    Redirect::to("/admin/tickets/sheet").into_response()
}

/// The tickets that this browser had made last.
pub async fn sheet(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let Some(printed) = web.visitors.sheet(&visitor.cookie, Instant::now()) else {
        let gone = Notice {
            refused: true,
            lines: vec![text(visitor.language, "web-tickets-gone", &[])],
            code: None,
        };
        web.visitors.tell(&visitor.cookie, gone);
        return Ok(Redirect::to("/admin/tickets").into_response());
    };
    look(&web, &visitor, |_| Ok(())).await?;
    show(&web, &visitor, Section::Administration, move |_reader, frame| {
        let title = text(frame.language, "web-tickets-sheet", &[]);
        Ok(Page::plain(title.clone(), cards(frame, &title, &printed)))
    })
    .await
}

fn cards(frame: &Frame, title: &str, printed: &[Printed]) -> Markup {
    let language = frame.language;
    html! {
        p.screen-only { a href="/admin/tickets" { (text(language, "web-tickets", &[])) } }
        h1 { (title) }
        p.warning.screen-only { (text(language, "web-tickets-once", &[])) }
        p.screen-only { button type="button" data-print hidden { (text(language, "web-print", &[])) } }
        @for one in printed { (ticket_card(frame, language, one)) }
        p.screen-only { (text(language, "web-tickets-next", &[])) " " a href="/admin/approvals" { (text(language, "web-approvals", &[])) } }
    }
}

fn ticket_card(frame: &Frame, language: Language, one: &Printed) -> Markup {
    let until = frame.place.spoken(language, one.until);
    let whose = [
        ("name", (&one.name).into()),
        ("model", (&one.model).into()),
        ("serial", (&one.serial).into()),
        ("until", (&until).into()),
    ];
    let label = text(language, "web-ticket-code", &[("name", (&one.name).into())]);
    // One agent may have several.
    html! {
        section.ticket aria-label=(printable(&format!("{}, {}", one.name, one.serial))) {
            svg role="img" aria-label=(printable(&label)) viewBox={ "0 0 " (one.side) " " (one.side) } shape-rendering="crispEdges" {
                rect width=(one.side) height=(one.side) fill="#ffffff" {}
                path d=(one.path) stroke="#000000" {}
            }
            div {
                h2 { (printable(&one.name)) }
                p { (printable(&text(language, "web-ticket-for", &whose))) }
                p.hint { (text(language, "web-ticket-how", &[])) }
                p.code { (one.written) }
            }
        }
    }
}
