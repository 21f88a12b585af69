//! Devices that wait: what they are, and the fingerprint to be compared with their screen.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use estafette_protocol::FaultCode;
use estafette_protocol::texts::text;
use maud::html;

use super::administer;
use crate::commands::approval::waiting;
use crate::commands::publishing::publish;
use crate::output::printable;
use crate::web::fields::Fields;
use crate::web::frame::{Page, Section, show};
use crate::web::guard::Visitor;
use crate::web::pages::back;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// One that waits, as it is shown.
struct Shown {
    enrolment: String,
    name: String,
    agent: u32,
    model: String,
    serial: String,
    fingerprint: String,
}

/// What waits.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let (shown, others) = administer(&web, &visitor, |work| {
        let (waiting, all) = waiting(work)?;
        let others = all.saturating_sub(waiting.len());
        let shown = waiting.into_iter().map(|one| Shown {
            enrolment: one.pending.enrolment.to_string(),
            name: one.name,
            agent: one.item.agent.0,
            model: one.item.model,
            serial: one.item.serial,
            fingerprint: one.fingerprint,
        });
        Ok((shown.collect::<Vec<_>>(), others))
    })
    .await?;
    show(&web, &visitor, Section::Administration, move |_reader, frame| {
        let language = frame.language;
        let title = text(language, "web-approvals", &[]);
        let main = html! {
            p { a href="/admin" { (text(language, "web-administration", &[])) } }
            h1 { (title) }
            @if shown.is_empty() { p.empty { (text(language, "web-approvals-none", &[])) } }
            @for one in &shown {
                section.card aria-label=(printable(&one.name)) {
                    h2 { (printable(&one.name)) }
                    p {
                        (text(language, "web-device-of", &[
                            ("agent", one.agent.into()), ("model", (&one.model).into()), ("serial", (&one.serial).into()),
                        ]))
                    }
                    p { (text(language, "web-fingerprint", &[])) " " strong.fingerprint { (one.fingerprint) } }
                    p.hint { (text(language, "web-fingerprint-why", &[])) }
                    form.actions action="/admin/approvals" method="post" {
                        input type="hidden" name="enrolment" value=(one.enrolment);
                        button.main name="decision" value="approve" { (text(language, "web-approve-same", &[])) }
                        button.danger name="decision" value="refuse" { (text(language, "web-refuse-device", &[])) }
                    }
                }
            }
            @if others > 0 { p.hint { (text(language, "web-approvals-others", &[("count", others.into())])) } }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// Approves or refuses one.
pub async fn decide(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    let (enrolment, approves) = (fields.one("enrolment").to_owned(), fields.one("decision") == "approve");
    let done = administer(&web, &visitor, move |work| {
        let (waiting, _) = waiting(work)?;
        let one = waiting.iter().find(|one| one.pending.enrolment.to_string() == enrolment);
        let one = one.ok_or(FaultCode::NotFound)?;
        if !approves {
            return one.refuse(work);
        }
        one.approve(work)?;
        publish(work)
    });
    let said = match approves {
        true => text(visitor.language, "desk-approved", &[("count", 1u64.into())]),
        false => text(visitor.language, "web-device-refused", &[]),
    };
    Ok(back(&web, &visitor, "/admin/approvals", done.await.map(|()| Some(said))))
}
