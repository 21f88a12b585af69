//! Tickets for devices that are not enrolled, as sheets to print: a QR code to scan and a text to type.
//!
//! A sheet is shown once, as the answer to the form: nothing of it is kept in a page that could be opened
//! again.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{InventoryId, Timestamp};
use maud::{Markup, html};

use super::administer;
use crate::commands::inventory::held;
use crate::commands::ticket;
use crate::commands::work::Work;
use crate::output::printable;
use crate::qr::Code;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Frame, Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::pages::back;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// Tickets of one sheet.
const MOST: usize = 100;

/// A line of the inventory without a device.
pub struct Missing {
    id: InventoryId,
    name: String,
    model: String,
    serial: String,
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

/// Lines of the inventory without a device in force.
pub fn missing(work: &Work<'_>) -> Result<Vec<Missing>, Failure> {
    let held = held(&work.desk.reader(work.ring)?);
    let mut missing = Vec::new();
    for item in work.records.items()?.into_iter().filter(|item| !held.contains(&item.id)) {
        let name = work.records.person(item.agent)?.unwrap_or_else(|| item.agent.to_string());
        missing.push(Missing { id: item.id, name, model: item.model, serial: item.serial });
    }
    Ok(missing)
}

/// Which devices lack.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let missing = administer(&web, &visitor, missing).await?;
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
                (form(language, &missing))
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// The choice of devices for which tickets are made.
pub fn form(language: Language, missing: &[Missing]) -> Markup {
    html! {
        form.stacked action="/admin/tickets" method="post" {
            fieldset {
                legend { (text(language, "web-tickets-for", &[])) }
                @for one in missing {
                    label.choice {
                        input type="checkbox" name="device" value=(one.id) checked;
                        span dir="auto" { (printable(&one.name)) " · " (printable(&one.model)) " · " (printable(&one.serial)) }
                    }
                }
            }
            button.main { (text(language, "web-tickets-make", &[])) }
        }
    }
}

/// Makes the tickets and shows their sheet.
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
        let held = held(&work.desk.reader(work.ring)?);
        let items = work.records.items()?.into_iter();
        let items = items.filter(|item| wanted.contains(&item.id) && !held.contains(&item.id));
        let mut printed = Vec::new();
        for item in items {
            let made = ticket::open(work.desk, work.session, work.records, work.ring, &item, false)?;
            printed.push(Printed::of(made)?);
        }
        Ok(printed)
    });
    match made.await {
        Err(failure) => Ok(back(&web, &visitor, "/admin/tickets", Err(failure))),
        Ok(printed) => handed_over(&web, &visitor, printed).await,
    }
}

/// The sheet of tickets that were made just now.
pub async fn handed_over(
    web: &Arc<Web>,
    visitor: &Visitor,
    printed: Vec<Printed>,
) -> Result<Response, Refusal> {
    show(web, visitor, Section::Administration, move |_reader, frame| {
        let title = text(frame.language, "web-tickets-sheet", &[]);
        Ok(Page::plain(title.clone(), sheet(frame, &title, &printed)))
    })
    .await
}

fn sheet(frame: &Frame, title: &str, printed: &[Printed]) -> Markup {
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
