//! The organisation's devices: who has what, when it was last there by day, and how one is cut off.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use estafette_protocol::statement::RevocationReason;
use estafette_protocol::texts::text;
use estafette_protocol::{DeviceId, FaultCode};
use maud::html;
use serde::Deserialize;

use super::administer;
use crate::commands::work::Work;
use crate::commands::{approval, devices};
use crate::import::columns::folded;
use crate::output::printable;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::pages::back;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

const DAY: Duration = Duration::from_hours(24);

/// A device as it is shown.
#[derive(Clone)]
struct Line {
    id: String,
    agent: u32,
    name: String,
    model: String,
    serial: String,
    active: bool,
    own: bool,
    standing: Option<String>,
    warning: Option<String>,
}

/// Every device. Without the relay they are listed all the same, without their last contact.
fn lines(work: &Work<'_>) -> Result<(Vec<Line>, bool), Failure> {
    let contacts = match devices::contacts(work.session) {
        Ok(contacts) => Some(contacts),
        Err(Failure::Fault(fault)) if fault.code == FaultCode::Unreachable => None,
        Err(failure) => return Err(failure),
    };
    let told = contacts.is_some();
    let contacts = contacts.unwrap_or_else(BTreeMap::new);
    let items = work.records.items()?;
    let reader = work.desk.reader(work.ring)?;
    let (registry, own) = (reader.registry_known(), reader.identity().device);
    let locks_after = DAY * u32::from(registry.lease().lock_days);
    let mut records: Vec<_> = registry.devices().collect();
    records.sort_by_key(|record| (!record.active(), record.certificate.agent, record.certified));
    let mut lines = Vec::new();
    for record in records {
        let certificate = &record.certificate;
        let item = items.iter().find(|item| item.id == certificate.inventory);
        let contact = contacts.get(&certificate.device);
        lines.push(Line {
            id: certificate.device.to_string(),
            agent: certificate.agent.0,
            name: work.records.person(certificate.agent)?.unwrap_or_default(),
            model: item.map(|item| item.model.clone()).unwrap_or_default(),
            serial: item.map(|item| item.serial.clone()).unwrap_or_default(),
            active: record.active(),
            own: certificate.device == own,
            standing: told.then(|| devices::standing(work.desk, record, contact, locks_after)),
            warning: contact.and_then(|contact| devices::evidence(work.desk, record, contact)),
        });
    }
    Ok((lines, told))
}

/// What is looked for.
#[derive(Debug, Deserialize)]
pub struct Question {
    #[serde(default)]
    q: String,
}

/// The list.
pub async fn list(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(question): Query<Question>,
) -> Result<Response, Refusal> {
    let (lines, told) = administer(&web, &visitor, lines).await?;
    show(&web, &visitor, Section::Administration, move |_reader, frame| {
        let language = frame.language;
        // Each word in some field: a serial number and what stands behind it are no word together.
        let wanted: Vec<String> = question.q.split_whitespace().map(folded).collect();
        let fits = |line: &&Line| {
            let fields = [&line.agent.to_string(), &line.name, &line.model, &line.serial, &line.id];
            let fields = fields.map(|field| folded(field));
            wanted.iter().all(|word| fields.iter().any(|field| field.contains(word)))
        };
        let shown: Vec<&Line> = lines.iter().filter(fits).collect();
        let title = text(language, "web-devices", &[]);
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            form.search action="/admin/devices" method="get" role="search" {
                label for="query" { (text(language, "web-search-devices", &[])) }
                input id="query" name="q" type="search" value=(question.q);
                button { (text(language, "web-search", &[])) }
            }
            @if !told { p.warning { (text(language, "web-contacts-unknown", &[])) } }
            @if shown.is_empty() && !question.q.is_empty() {
                p role="status" { (text(language, "web-device-none-found", &[("words", (&printable(&question.q)).into())])) }
                p { a href="/admin/devices" { (text(language, "web-devices-see-all", &[])) } }
            } @else {
                p role="status" { (text(language, "web-device-count", &[("count", shown.len().into())])) }
            }
            ul.doors {
                @for line in shown {
                    li {
                        a href={ "/admin/devices/" (line.id) } {
                            strong dir="auto" { (printable(&line.name)) }
                            @if !line.model.is_empty() {
                                span { (printable(&line.model)) " · " (printable(&line.serial)) }
                            }
                            span {
                                @match &line.standing {
                                    Some(standing) => (standing),
                                    None if line.active => (text(language, "desk-device-active", &[])),
                                    None => (text(language, "desk-device-revoked", &[])),
                                }
                            }
                            @if let Some(warning) = &line.warning { span.due { (warning) } }
                        }
                    }
                }
            }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// One device, with what can be done to it.
pub async fn page(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(device): Path<String>,
) -> Result<Response, Refusal> {
    let (lines, _) = administer(&web, &visitor, lines).await?;
    let line = lines.into_iter().find(|line| line.id == device).ok_or(FaultCode::NotFound)?;
    show(&web, &visitor, Section::Administration, move |_reader, frame| {
        let language = frame.language;
        let title = if line.name.is_empty() { line.id.clone() } else { line.name.clone() };
        let main = html! {
            p { a href="/admin/devices" { (text(language, "web-devices", &[])) } }
            h1 dir="auto" { (printable(&title)) }
            @if !line.model.is_empty() {
                p {
                    (text(language, "web-device-of", &[
                        ("agent", line.agent.into()), ("model", (&line.model).into()), ("serial", (&line.serial).into()),
                    ]))
                }
            }
            @if let Some(standing) = &line.standing { p { (standing) } }
            @if let Some(warning) = &line.warning { p.warning { (warning) } }
            p.code { (line.id) }
            @if line.active && !line.own {
                h2 { (text(language, "web-cut-off", &[])) }
                p.hint { (text(language, "web-cut-off-why", &[])) }
                form.stacked action={ "/admin/devices/" (line.id) } method="post" {
                    fieldset {
                        legend { (text(language, "web-cut-off-reason", &[])) }
                        @for (word, name) in reasons(language) {
                            label.choice {
                                input type="radio" name="reason" value=(word) required;
                                span { (name) }
                            }
                        }
                    }
                    button.danger { (text(language, "web-cut-off-now", &[])) }
                }
            }
            @if line.own { p.hint { (text(language, "web-own-device", &[])) } }
        };
        Ok(Page::plain(printable(&title), main))
    })
    .await
}

fn reasons(language: estafette_protocol::texts::Language) -> [(&'static str, String); 4] {
    [
        ("lost", text(language, "web-reason-lost", &[])),
        ("replaced", text(language, "web-reason-replaced", &[])),
        ("retired", text(language, "web-reason-retired", &[])),
        ("suspended", text(language, "web-reason-suspended", &[])),
    ]
}

/// Cuts a device off.
pub async fn cut_off(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(device): Path<String>,
    fields: Fields,
) -> Result<Response, Refusal> {
    let device: DeviceId = device.parse().map_err(|_| FaultCode::NotFound)?;
    let reason = match fields.one("reason") {
        "lost" => RevocationReason::Lost,
        "replaced" => RevocationReason::Replaced,
        "retired" => RevocationReason::Retired,
        "suspended" => RevocationReason::Suspended,
        _ => return Err(FaultCode::Malformed.into()),
    };
    let done = administer(&web, &visitor, move |work| approval::cut_off(work, device, reason)).await;
    let said = text(visitor.language, "desk-revoked", &[]);
    Ok(back(&web, &visitor, &format!("/admin/devices/{device}"), done.map(|()| Some(said))))
}
