//! Every line of the inventory with its devices: who has what, how it stands, when it was last there by day, and how
//! one is cut off.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use estafette_protocol::statement::RevocationReason;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{DeviceId, FaultCode};
use maud::{Markup, html};
use serde::Deserialize;

use super::device_lines::{Line, lines, ticket_address};
use super::{administer, look};
use crate::commands::approval;
use crate::import::columns::folded;
use crate::output::printable;
use crate::web::fields::Fields;
use crate::web::frame::{Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::pages::back;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// Lines of one page.
const SHOWN: usize = 100;

/// What is looked for.
#[derive(Debug, Deserialize)]
pub struct Question {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: String,
}

/// The list.
pub async fn list(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(question): Query<Question>,
) -> Result<Response, Refusal> {
    let (lines, told) = look(&web, &visitor, lines).await?;
    show(&web, &visitor, Section::Administration, move |_reader, frame| {
        let language = frame.language;
        let wanted: Vec<String> = question.q.split_whitespace().map(folded).collect();
        let found: Vec<&Line> = lines.iter().filter(|line| line.fits(&wanted)).collect();
        let last = found.len().div_ceil(SHOWN).max(1);
        let page = question.page.parse().unwrap_or(1).clamp(1, last);
        let shown = found.chunks(SHOWN).nth(page - 1).unwrap_or_default();
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
            @if found.is_empty() && !question.q.is_empty() {
                p role="status" { (text(language, "web-device-none-found", &[("words", (&printable(&question.q)).into())])) }
                p { a href="/admin/devices" { (text(language, "web-devices-see-all", &[])) } }
            } @else {
                p role="status" {
                    (text(language, "web-device-count", &[("count", found.len().into())]))
                    @if last > 1 {
                        " · " (text(language, "web-devices-page", &[("page", page.into()), ("last", last.into())]))
                    }
                }
            }
            ul.doors { @for line in shown { li { (door(line)) } } }
            @if last > 1 { (leaf(language, &question.q, page, last)) }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

fn door(line: &Line) -> Markup {
    let what = [&line.model, &line.serial, &line.team].into_iter().filter(|word| !word.is_empty());
    let what: Vec<String> = what.map(|word| printable(word)).collect();
    html! {
        a href=(line.address()) {
            strong dir="auto" { (printable(&line.name)) }
            @if !what.is_empty() { span { (what.join(" · ")) } }
            @for state in &line.states { span { (state) } }
            @if let Some(warning) = &line.warning { span.due { (warning) } }
        }
    }
}

/// To the lines before and after.
fn leaf(language: Language, words: &str, page: usize, last: usize) -> Markup {
    html! {
        form.actions action="/admin/devices" method="get" {
            input type="hidden" name="q" value=(words);
            @if page > 1 {
                button name="page" value=(page - 1) { (text(language, "web-devices-before", &[])) }
            }
            @if page < last {
                button name="page" value=(page + 1) { (text(language, "web-devices-after", &[])) }
            }
        }
    }
}

/// What can be done once a device was cut off.
fn next(language: Language, line: &Line, of_agent: &[&Line]) -> Markup {
    let Some(why) = line.cut_off.filter(|_| line.free) else { return Markup::default() };
    let ticket = |line: &Line, words: String| html! { p { a.button href=(ticket_address(line.inventory)) { (words) } } };
    html! {
        h2 { (text(language, "web-device-next", &[])) }
        @match why {
            RevocationReason::Lost | RevocationReason::Replaced => {
                p { (text(language, "web-device-successor", &[])) }
                @for other in of_agent {
                    @let whose = [("model", (&other.model).into()), ("serial", (&other.serial).into())];
                    (ticket(other, text(language, "web-device-successor-ticket", &whose)))
                }
                p { a href="/admin/import" { (text(language, "web-device-successor-import", &[])) } }
            }
            RevocationReason::Suspended => {
                p { (text(language, "web-device-suspended-next", &[])) }
                (ticket(line, text(language, "web-device-again-ticket", &[])))
            }
            RevocationReason::Retired => {
                p { (text(language, "web-device-retired-next", &[])) }
                (ticket(line, text(language, "web-device-again-ticket", &[])))
            }
        }
    }
}

/// One device, with what can be done to it.
pub async fn page(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(device): Path<String>,
) -> Result<Response, Refusal> {
    let device: DeviceId = device.parse().map_err(|_| FaultCode::NotFound)?;
    let (lines, told) = look(&web, &visitor, lines).await?;
    if !lines.iter().any(|line| line.device == Some(device)) {
        return Err(FaultCode::NotFound.into());
    }
    show(&web, &visitor, Section::Administration, move |_reader, frame| {
        let language = frame.language;
        let line = lines.iter().find(|line| line.device == Some(device)).ok_or(FaultCode::NotFound)?;
        let successor = |other: &&Line| other.agent == line.agent && other.device.is_none() && !other.waits;
        let successors: Vec<&Line> = lines.iter().filter(successor).collect();
        let title = if line.name.is_empty() { device.to_string() } else { line.name.clone() };
        let main = html! {
            p { a href="/admin/devices" { (text(language, "web-devices", &[])) } }
            h1 dir="auto" { (printable(&title)) }
            @if !line.model.is_empty() {
                p {
                    (text(language, "web-device-of", &[
                        ("agent", line.agent.0.into()), ("model", (&line.model).into()), ("serial", (&line.serial).into()),
                    ]))
                }
            }
            @if !told { p.warning { (text(language, "web-contacts-unknown", &[])) } }
            @for state in &line.states { p { (state) } }
            @if let Some(warning) = &line.warning { p.warning { (warning) } }
            p.code { (device) }
            (next(language, line, &successors))
            @if line.active && !line.own {
                h2 { (text(language, "web-cut-off", &[])) }
                p.hint { (text(language, "web-cut-off-why", &[])) }
                form.stacked action={ "/admin/devices/" (device) } method="post" {
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

fn reasons(language: Language) -> [(&'static str, String); 4] {
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
