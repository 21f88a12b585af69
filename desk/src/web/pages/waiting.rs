//! A computer that has enrolled and is not admitted yet: what an administrator compares, and what happens next.
//!
//! The page learns by itself of the decision: with the script by news and by looking again, without it by asking
//! for itself, which counts as nobody who looks. Always true: only a device that was refused and was never
//! admitted can be given up here; there is nothing in it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_core::net::{Connection, Endpoint, Pin};
use estafette_core::reader::Reader;
use estafette_protocol::enrol::fingerprint;
use estafette_protocol::texts::{fault_sentence, text};
use estafette_protocol::{Fault, FaultCode, Hash};
use maud::html;

use super::begin::Steps;
use super::door::languages_on;
use crate::output::printable;
use crate::session::Failure;
use crate::web::frame::{alone_with, notice_box, was_refused, ways_out};
use crate::web::guard::{AGAIN, Visitor};
use crate::web::refusal::Refusal;
use crate::web::serve::Web;

/// How long the page waits for a relay that may not be there.
const SOON: Duration = Duration::from_secs(3);
/// How often the page asks for itself where no script runs, in seconds.
const EVERY: u8 = 10;

/// What its rows say of a device that waits.
struct Standing {
    admitted: bool,
    refused: bool,
    model: Option<String>,
    fingerprint: String,
    address: String,
    pin: Hash,
}

fn standing(reader: &mut Reader) -> Result<Standing, Failure> {
    let identity = reader.identity();
    let (fingerprint, address, pin) = (fingerprint(&identity.es256), identity.address.clone(), identity.pin);
    Ok(Standing {
        admitted: reader.device()?.agent.is_some(),
        refused: was_refused(reader)?,
        model: reader.model()?,
        fingerprint,
        address,
        pin,
    })
}

/// Why the relay is not there, if it is not.
async fn absence(standing: &Standing) -> Option<Fault> {
    let endpoint = Endpoint::new(&standing.address, Pin(standing.pin.0)).ok()?;
    Connection::open(&endpoint, SOON).await.err()
}

/// Where the request stands; the conversations once it is granted.
pub async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let standing = web.office.read(standing).await?;
    if standing.admitted {
        return Ok(Redirect::to("/conversations").into_response());
    }
    let language = visitor.language;
    let absent = if standing.refused { None } else { absence(&standing).await };
    let notice = if visitor.background { None } else { web.visitors.told(&visitor.cookie) };
    let founder = web.office.founded_here();
    let (relay, model) = (printable(&standing.address), standing.model.as_deref().map(printable));
    let title = match (standing.refused, founder) {
        (true, _) => text(language, "web-waiting-refused", &[]),
        (false, true) => text(language, "web-waiting-founder", &[]),
        (false, false) => text(language, "web-waiting", &[]),
    };
    let main = html! {
        @if let Some(notice) = &notice { (notice_box(notice)) }
        div id="fresh" data-waits[!standing.refused] {
            @if standing.refused {
                div.notice.refused role="alert" {
                    p { (text(language, "web-waiting-refused-why", &[])) }
                    p { (text(language, "web-waiting-refused-advice", &[])) }
                    p.code { (FaultCode::BadProof.as_str()) }
                }
                form action="/waiting" method="post" {
                    button.main { (text(language, "web-waiting-other-ticket", &[])) }
                }
            } @else if founder {
                p { (text(language, "web-waiting-founder-what", &[])) }
            } @else {
                (Steps::Join.shown(language, 3))
                @match absent.map(|fault| fault.code) {
                    None => {}
                    Some(FaultCode::PinMismatch) => {
                        p.warning role="status" { (fault_sentence(language, &FaultCode::PinMismatch.into())) }
                    }
                    Some(_) => {
                        p.warning role="status" { (text(language, "web-waiting-unreachable", &[("relay", (&relay).into())])) }
                    }
                }
                p { (text(language, "web-waiting-what", &[])) }
                p { (text(language, "web-fingerprint", &[])) " " strong.fingerprint { (standing.fingerprint) } }
                dl.facts {
                    @if let Some(model) = &model {
                        div { dt { (text(language, "web-waiting-model", &[])) } dd dir="auto" { (model) } }
                    }
                    div { dt { (text(language, "web-waiting-relay", &[])) } dd { (relay) } }
                }
                h2 { (text(language, "web-waiting-next", &[])) }
                ol.next {
                    li { (text(language, "web-waiting-first", &[])) }
                    li { (text(language, "web-waiting-second", &[])) }
                    li { (text(language, "web-waiting-third", &[])) }
                }
                noscript {
                    p {
                        (text(language, "web-waiting-looks", &[("seconds", u64::from(EVERY).into())]))
                        " "
                        a href="/waiting?still" { (text(language, "web-waiting-still", &[])) }
                    }
                }
            }
        }
        (languages_on(language, "waiting"))
        (ways_out(language, web.office.is_shared()))
    };
    let head = html! {
        @if !standing.refused && !visitor.still {
            noscript { meta http-equiv="refresh" content={ (EVERY) ";url=/waiting?" (AGAIN) }; }
        }
    };
    Ok(alone_with(&web, language, &title, head, main).into_response())
}

/// Makes the folder of a refused device nobody's, so that another ticket can be tried.
pub async fn again(State(web): State<Arc<Web>>, _visitor: Visitor) -> Result<Redirect, Refusal> {
    let standing = web.office.read(standing).await?;
    if standing.admitted || !standing.refused || web.office.founded_here() {
        return Err(FaultCode::Forbidden.into());
    }
    let working = Arc::clone(&web);
    let given_up = tokio::task::spawn_blocking(move || working.office.give_up());
    given_up.await.map_err(|_| Failure::from(FaultCode::Internal))??;
    Ok(Redirect::to("/begin/join"))
}
