//! What the agent can prove: when they could be reached, signed by the relay, as a file for whoever they choose.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use estafette_protocol::FaultCode;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::hours::Period;
use estafette_protocol::reachability::ReachabilityQuestion;
use estafette_protocol::texts::{Language, text};
use maud::html;

use super::ask_soon;
use crate::commands::proof;
use crate::place::Place;
use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{Page, Section, notice_box, show};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;
use crate::{moment, proof_file};

/// What the form holds; it comes back as it was typed.
#[derive(Default)]
struct Wish {
    from: String,
    until: String,
    chain: bool,
    refused: Option<Notice>,
}

/// The form.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    form(&web, &visitor, Wish::default()).await
}

async fn form(web: &Arc<Web>, visitor: &Visitor, wish: Wish) -> Result<Response, Refusal> {
    show(web, visitor, Section::Me, move |_reader, frame| {
        let language = frame.language;
        let title = text(language, "web-my-proofs", &[]);
        let main = html! {
            @if let Some(notice) = &wish.refused { (notice_box(notice)) }
            p { a href="/me" { (text(language, "web-me", &[])) } }
            h1 { (title) }
            p { (text(language, "web-proof-what", &[])) }
            form.stacked action="/me/proof" method="post" {
                label for="from" { (text(language, "web-from", &[])) }
                input id="from" name="from" type="datetime-local" value=(wish.from) required;
                label for="until" { (text(language, "web-until", &[])) }
                input id="until" name="until" type="datetime-local" value=(wish.until) required;
                label.choice {
                    input type="checkbox" name="chain" value="1" checked[wish.chain];
                    span { (text(language, "web-proof-chain", &[])) }
                }
                div.actions {
                    button.main { (text(language, "web-proof-download", &[])) }
                }
            }
            p.hint { (text(language, "web-proof-verify", &[])) }
        };
        Ok(Page::plain(title, main))
    })
    .await
}

/// A proof as a file, verified here first.
pub async fn prove(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Refusal> {
    match proof_of(&web, visitor.language, &fields).await {
        Ok(file) => {
            let headers = [
                (CONTENT_TYPE, "application/json"),
                (CONTENT_DISPOSITION, "attachment; filename=\"joignabilite.json\""),
            ];
            Ok((headers, file).into_response())
        }
        Err(failure) => {
            let refused = match failure.fault() {
                Some(fault) if fault.code == FaultCode::Unreachable => Notice {
                    refused: true,
                    lines: vec![text(visitor.language, "web-proof-needs-relay", &[])],
                    code: Some(fault.code.as_str()),
                },
                _ => Refusal(failure).notice(visitor.language, None),
            };
            let [from, until] = ["from", "until"].map(|name| fields.one(name).to_owned());
            let chain = !fields.one("chain").is_empty();
            form(&web, &visitor, Wish { from, until, chain, refused: Some(refused) }).await
        }
    }
}

async fn proof_of(web: &Web, language: Language, fields: &Fields) -> Result<String, Failure> {
    let typed = [fields.one("from").to_owned(), fields.one("until").to_owned()];
    let period = web.office.read(move |reader| {
        let place = Place::of(reader)?;
        let zone = place.zone().ok_or(FaultCode::ZoneUnknown)?;
        let read = |typed: &str| {
            moment::instant(typed, &zone, place.now)
                .ok_or_else(|| Failure::Usage(text(language, "desk-bad-moment", &[])))
        };
        let period = Period { from: read(&typed[0])?, until: read(&typed[1])? };
        if period.from >= period.until {
            return Err(Failure::Usage(text(language, "web-proof-order", &[])));
        }
        if period.until > place.now {
            return Err(Failure::Usage(text(language, "web-proof-past", &[])));
        }
        Ok(period)
    });
    let question = ReachabilityQuestion::Period(period.await?);
    let Reply::Reachability(word) = ask_soon(web, RequestBody::Reachability(question)).await? else {
        return Err(FaultCode::Internal.into());
    };
    let with_chain = !fields.one("chain").is_empty();
    let made = web.office.read(move |reader| {
        let mut whole = proof::resting(reader, question, word)?;
        whole.verify().map_err(proof::invalid)?;
        if !with_chain {
            whole.chain = None;
        }
        Ok(proof_file::write(&whole)?)
    });
    made.await
}
