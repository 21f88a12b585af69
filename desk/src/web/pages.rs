//! The pages, one file for each of the places and what stands behind it.

pub mod admin;
mod announce;
pub mod announcements;
mod audit;
pub mod begin;
mod composer;
pub mod conversations;
pub mod door;
mod duty;
mod first_hours;
mod gather;
mod interventions;
pub mod kept;
pub mod me;
mod message;
mod named;
mod note;
mod notices;
mod proofs;
mod register;
mod rules;
mod search;
pub mod team;
mod thread;
mod urgent;
pub mod waiting;
mod write;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_protocol::FaultCode;
use estafette_protocol::frame::{Reply, RequestBody};

use super::assets;
use super::guard::Visitor;
use super::refusal::Refusal;
use super::serve::Web;
use super::visitors::Notice;
use crate::session::Failure;

/// A page waits no longer for what only the relay knows.
const SOON: Duration = Duration::from_secs(3);

/// The first page: the conversations, or what a device that is not admitted waits for.
pub async fn home(State(web): State<Arc<Web>>, _visitor: Visitor) -> Result<Redirect, Refusal> {
    let admitted = web.office.read(|reader| Ok(reader.device()?.agent.is_some())).await?;
    Ok(Redirect::to(if admitted { "/conversations" } else { "/waiting" }))
}

/// The style, the script, the pictures.
pub async fn asset(State(web): State<Arc<Web>>, Path(name): Path<String>) -> Result<Response, Refusal> {
    match name.as_str() {
        "desk.css" => Ok(web.theme.style()),
        "desk.js" => Ok(assets::script()),
        "icon.svg" => Ok(assets::icon()),
        "logo.png" => web.theme.logo().ok_or_else(|| FaultCode::NotFound.into()),
        _ => Err(FaultCode::NotFound.into()),
    }
}

/// Asks the relay what a page cannot be made without, and waits no longer than [`SOON`].
async fn ask_soon(web: &Web, question: RequestBody) -> Result<Reply, Failure> {
    match tokio::time::timeout(SOON, web.office.ask(question)).await {
        Ok(answer) => answer,
        Err(_) => Err(FaultCode::Unreachable.into()),
    }
}

/// After a form: back to a page, which says what was done or why not.
fn back(web: &Web, visitor: &Visitor, to: &str, done: Result<Option<String>, Failure>) -> Response {
    match done {
        Ok(None) => {}
        Ok(Some(sentence)) => {
            web.visitors.tell(&visitor.cookie, Notice { refused: false, lines: vec![sentence], code: None });
        }
        Err(failure) => {
            web.visitors.tell(&visitor.cookie, Refusal(failure).notice(visitor.language, None));
        }
    }
    Redirect::to(to).into_response()
}

/// Text of a kind, for what is no page.
fn plain(body: String) -> Response {
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
}
