//! An administrator's work: devices and tickets. Only their computers have these pages, and the relay
//! judges each request besides.

mod absences;
mod administrators;
mod approvals;
mod departures;
mod derogations;
mod device_lines;
mod devices;
mod exceptions;
pub mod first;
mod hours;
mod import;
mod people;
mod proposing;
pub mod recovered;
mod rights;
mod shifts;
mod teams;
pub mod tickets;
mod verdict;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use axum::routing::get;
use estafette_protocol::FaultCode;
use estafette_protocol::texts::text;
use maud::html;

use crate::commands::stock;
use crate::commands::work::Work;
use crate::session::Failure;
use crate::web::frame::{Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::pages::SOON;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// A file of the inventory as a form sends it: three bytes for each at most.
const FILE: usize = 3 * 8 * 1024 * 1024;

/// Everything under `/admin`.
pub fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/admin", get(page))
        .route("/admin/approvals", get(approvals::page).post(approvals::decide))
        .route("/admin/first", get(first::page).post(first::take))
        .route("/admin/recovered", get(recovered::page))
        .route("/admin/devices", get(devices::list))
        .route("/admin/devices/{device}", get(devices::page).post(devices::cut_off))
        .route("/admin/tickets", get(tickets::page).post(tickets::make))
        .route("/admin/tickets/sheet", get(tickets::sheet))
        .route("/admin/hours", get(hours::page).post(hours::judge))
        .route("/admin/shifts", get(shifts::page).post(shifts::judge).layer(DefaultBodyLimit::max(FILE)))
        .route("/admin/teams", get(teams::list).post(teams::make))
        .route("/admin/teams/{team}", get(teams::page).post(teams::change))
        .route("/admin/absences", get(absences::page).post(absences::record))
        .route("/admin/departures", get(departures::page).post(departures::decide))
        .route("/admin/derogations", get(derogations::page).post(derogations::derogate))
        .route("/admin/administrators", get(administrators::page).post(administrators::add))
        .route("/admin/rights", get(rights::page).post(rights::change))
        .route("/admin/exceptions", get(exceptions::page).post(exceptions::except))
        .route("/admin/import", get(import::page).post(import::judge).layer(DefaultBodyLimit::max(FILE)))
}

/// Does work that only an administrator does.
async fn administer<T, W>(web: &Web, visitor: &Visitor, work: W) -> Result<T, Failure>
where
    T: Send + 'static,
    W: FnOnce(&Work<'_>) -> Result<T, Failure> + Send + 'static,
{
    may_administer(web).await?;
    web.office.administer(visitor.language, &web.runtime, work).await
}

/// Gathers what an administrator's page shows: without the relay it is there all the same, and [`SOON`].
async fn look<T, W>(web: &Web, visitor: &Visitor, work: W) -> Result<T, Failure>
where
    T: Send + 'static,
    W: FnOnce(&Work<'_>) -> Result<T, Failure> + Send + 'static,
{
    may_administer(web).await?;
    web.office.look(SOON, visitor.language, &web.runtime, work).await
}

async fn may_administer(web: &Web) -> Result<(), Failure> {
    let administers =
        web.office.read(|reader| Ok(reader.registry()?.clone().is_administrator(reader.identity().device)));
    if administers.await? { Ok(()) } else { Err(FaultCode::Forbidden.into()) }
}

/// What the relay says; nothing where it does not answer.
fn if_reached<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Failure::Fault(fault)) if fault.code == FaultCode::Unreachable => Ok(None),
        Err(failure) => Err(failure),
    }
}

async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let (lines, waiting) = look(&web, &visitor, |work| {
        // Nobody comes to this page to wait: it asks only a relay that is there.
        let waiting = match work.session.is_connected() {
            true => {
                if_reached(stock::waiting(work.session, work.records))?.map_or(0, |waiting| waiting.len())
            }
            false => 0,
        };
        Ok((work.records.items()?.len(), waiting))
    })
    .await?;
    show(&web, &visitor, Section::Administration, move |reader, frame| {
        let language = frame.language;
        let devices = reader.registry()?.devices().filter(|device| device.active()).count();
        let title = text(language, "web-administration", &[]);
        let places = [
            (
                "/admin/approvals",
                text(language, "web-approvals", &[]),
                match waiting {
                    0 => text(language, "web-approvals-why", &[]),
                    _ => text(language, "web-approvals-waiting", &[("count", waiting.into())]),
                },
            ),
            (
                "/admin/devices",
                text(language, "web-devices", &[]),
                text(language, "web-devices-why", &[("count", devices.into())]),
            ),
            ("/admin/tickets", text(language, "web-tickets", &[]), text(language, "web-tickets-why", &[])),
            (
                "/admin/import",
                text(language, "web-import", &[]),
                text(language, "web-import-why", &[("count", lines.into())]),
            ),
            ("/admin/teams", text(language, "web-teams-all", &[]), text(language, "web-teams-all-why", &[])),
            (
                "/admin/hours",
                text(language, "web-hours-editor", &[]),
                text(language, "web-hours-editor-why", &[]),
            ),
            ("/admin/shifts", text(language, "web-shifts", &[]), text(language, "web-shifts-why", &[])),
            ("/admin/absences", text(language, "leave-page", &[]), text(language, "leave-page-why", &[])),
            (
                "/admin/derogations",
                text(language, "derogate-title", &[]),
                text(language, "derogate-why", &[]),
            ),
            (
                "/admin/administrators",
                text(language, "web-administrators", &[]),
                text(language, "web-administrators-why", &[]),
            ),
            ("/admin/departures", text(language, "departures", &[]), text(language, "departures-why", &[])),
            ("/admin/rights", text(language, "web-rights", &[]), text(language, "web-rights-why", &[])),
            (
                "/admin/exceptions",
                text(language, "web-exceptions", &[]),
                text(language, "web-exceptions-why", &[]),
            ),
            ("/me/rules", text(language, "web-rules", &[]), text(language, "web-rules-why", &[])),
            ("/me/audit", text(language, "web-audit", &[]), text(language, "web-audit-door", &[])),
            ("/me/register", text(language, "web-register", &[]), text(language, "web-register-door", &[])),
        ];
        let main = html! {
            h1 { (title) }
            @if let Some(reminder) = first::reminder(reader, frame)? { (reminder) }
            // What waits is told while the page is open.
            div id="fresh" {
                ul.doors {
                    @for (address, name, why) in &places {
                        @let due = waiting > 0 && *address == "/admin/approvals";
                        li { a href=(address) { strong { (name) } span.due[due] { (why) } } }
                    }
                }
            }
            p.hint { (text(language, "web-admin-rest", &[])) }
        };
        Ok(Page::plain(title, main))
    })
    .await
}
