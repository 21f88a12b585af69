//! What is left to do once a computer came back from the recovery sheet: the lost one, the inventory, the sheet.
//!
//! Nothing is remembered of the way: what there is says what is left, so that the page can be left and found again.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_protocol::statement::Role;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{DeviceId, Timestamp};
use maud::{Markup, html};

use super::administer;
use crate::commands::work::Work;
use crate::output::printable;
use crate::session::Failure;
use crate::web::frame::{Frame, Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::pages::begin::Steps;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// Another administrator's device in force.
struct Other {
    device: DeviceId,
    name: String,
    since: Timestamp,
}

struct Standing {
    others: Vec<Other>,
    has_inventory: bool,
}

fn standing(work: &Work<'_>) -> Result<Standing, Failure> {
    let language = work.desk.language;
    let mut reader = work.desk.reader(work.ring)?;
    let own = reader.identity().device;
    let registry = reader.registry()?.clone();
    let mut others = Vec::new();
    for record in registry.devices().filter(|record| record.active()) {
        let certificate = &record.certificate;
        if certificate.device != own && registry.role(certificate.agent) == Role::Administrator {
            let name = printable(&reader.shown_name(language, certificate.agent)?);
            others.push(Other {
                device: certificate.device,
                name,
                since: reader.stated_at(record.certified)?,
            });
        }
    }
    Ok(Standing { others, has_inventory: !work.records.items()?.is_empty() })
}

/// What is left.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let standing = administer(&web, &visitor, standing).await?;
    show(&web, &visitor, Section::Administration, move |_reader, frame| {
        let language = frame.language;
        let title = text(language, "web-recovered", &[]);
        let left = !standing.others.is_empty() || !standing.has_inventory;
        let main = html! {
            h1 { (title) }
            (Steps::Recover.shown(language, if left { 3 } else { 4 }))
            h2 { (text(language, "web-recovered-lost", &[])) }
            (lost(frame, &standing.others))
            h2 { (text(language, "web-recovered-inventory", &[])) }
            (inventory(language, standing.has_inventory))
            h2 { (text(language, "web-recovered-teams", &[])) }
            p { (text(language, "web-recovered-teams-what", &[])) }
            p { a href="/admin/teams" { (text(language, "web-teams-all", &[])) } }
            h2 { (text(language, "web-recovered-sheet", &[])) }
            p { (text(language, "web-recovered-sheet-what", &[])) }
            p { a.button href="/conversations" { (text(language, "web-conversations", &[])) } }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

fn lost(frame: &Frame, others: &[Other]) -> Markup {
    let language = frame.language;
    html! {
        @if others.is_empty() {
            p { (text(language, "web-recovered-lost-none", &[])) }
        } @else {
            p { (text(language, "web-recovered-lost-what", &[])) }
            ul.doors {
                @for other in others {
                    li {
                        a href={ "/admin/devices/" (other.device) } {
                            strong dir="auto" { (other.name) }
                            @let day = frame.place.spoken(language, other.since);
                            span { (text(language, "web-recovered-since", &[("day", (&day).into())])) }
                        }
                    }
                }
            }
        }
    }
}

fn inventory(language: Language, has_inventory: bool) -> Markup {
    html! {
        @if has_inventory {
            p { (text(language, "web-recovered-inventory-done", &[])) }
        } @else {
            p { (text(language, "web-recovered-inventory-what", &[])) }
            p { a.button.main href="/admin/import" { (text(language, "web-import", &[])) } }
        }
    }
}
