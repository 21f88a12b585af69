//! The first run: a folder that is nobody's yet becomes an agent's computer, or a new organisation's first one.
//!
//! One step for each page, in plain words, and each says where in the way it is. What is done is done by the same
//! functions as on the command line. Always true: until the last step of a way nothing is on the disk and nothing
//! at the relay, so that leaving costs nothing; afterwards no page of the way is shown any more.

mod create;
mod join;
mod passphrase;
mod recover;
mod sheet;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use estafette_protocol::FaultCode;
use estafette_protocol::enrol::Ticket;
use estafette_protocol::texts::{Language, text};
use maud::{Markup, html};

use super::door::languages;
use crate::output::printable;
use crate::session::Failure;
use crate::web::beginning::Way;
use crate::web::frame::{alone, notice_box};
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// No ticket is longer, whatever stands between its signs, in bytes.
const TICKET: usize = 4096;

/// Everything under `/begin`.
pub fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/begin", get(choose))
        .route("/begin/again", post(again))
        .route("/begin/join", get(join::ask).post(join::look))
        .route("/begin/join/passphrase", get(join::passphrase).post(join::enrol))
        .route("/begin/create", get(create::ask).post(create::look))
        .route("/begin/create/passphrase", get(create::passphrase).post(create::draw))
        .route("/begin/create/sheet", get(sheet::show))
        .route("/begin/create/check", get(sheet::ask).post(sheet::check))
        .route("/begin/recover", get(recover::ask).post(recover::look))
        .route("/begin/recover/passphrase", get(recover::passphrase).post(recover::come_back))
}

/// A way with its steps.
#[derive(Debug, Clone, Copy)]
pub enum Steps {
    /// To an organisation that there is.
    Join,
    /// To a new one.
    Create,
    /// Back to one whose administrator's computer is lost.
    Recover,
}

impl Steps {
    fn names(self, language: Language) -> Vec<String> {
        let passphrase = text(language, "web-step-passphrase", &[]);
        match self {
            Self::Join => {
                vec![
                    text(language, "web-step-ticket", &[]),
                    passphrase,
                    text(language, "web-step-approval", &[]),
                ]
            }
            Self::Create => vec![
                text(language, "web-step-organisation", &[]),
                passphrase,
                text(language, "web-step-sheet", &[]),
                text(language, "web-step-team", &[]),
                text(language, "web-step-tickets", &[]),
            ],
            Self::Recover => {
                vec![text(language, "web-step-sheet", &[]), passphrase, text(language, "web-step-order", &[])]
            }
        }
    }

    /// Where on the way a page is; `now` counts from 1, and one beyond the last means that all are done.
    pub fn shown(self, language: Language, now: usize) -> Markup {
        let names = self.names(language);
        let words = [("number", now.into()), ("count", names.len().into())];
        html! {
            div.way {
                @if now <= names.len() { p { (text(language, "web-step", &words)) } }
                ol.steps {
                    @for (name, number) in names.iter().zip(1..) {
                        li.done[number < now] aria-current=[(number == now).then_some("step")] {
                            (name)
                            @if number < now { span.unseen { ", " (text(language, "web-step-done", &[])) } }
                        }
                    }
                }
            }
        }
    }
}

/// The first page: which way.
async fn choose(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    if !web.office.may_begin() {
        return Redirect::to("/").into_response();
    }
    match web.beginning.way(Instant::now()) {
        Way::Join(_) => return Redirect::to("/begin/join/passphrase").into_response(),
        Way::Create(creating) => {
            let step = match (&creating.passphrase, &creating.key) {
                (Some(_), Some(_)) => "/begin/create/sheet",
                _ => "/begin/create/passphrase",
            };
            return Redirect::to(step).into_response();
        }
        Way::Recover(_) => return Redirect::to("/begin/recover/passphrase").into_response(),
        Way::None if web.office.is_shared() => return Redirect::to("/begin/join").into_response(),
        Way::None => {}
    }
    let language = visitor.language;
    let notice = web.visitors.told(&visitor.cookie);
    let main = html! {
        @if let Some(notice) = &notice { (notice_box(notice)) }
        p { (text(language, "web-begin-what", &[])) }
        ul.doors {
            li {
                a href="/begin/join" {
                    strong { (text(language, "web-begin-join", &[])) }
                    span { (text(language, "web-begin-join-why", &[])) }
                }
            }
            li {
                a href="/begin/create" {
                    strong { (text(language, "web-begin-create", &[])) }
                    span { (text(language, "web-begin-create-why", &[])) }
                }
            }
            li {
                a href="/begin/recover" {
                    strong { (text(language, "web-begin-recover", &[])) }
                    span { (text(language, "web-begin-recover-why", &[])) }
                }
            }
        }
        p.emergency { (text(language, "emergency-numbers", &[])) }
        (languages(language))
    };
    alone(&web, language, &text(language, "web-begin", &[]), main).into_response()
}

/// Forgets what was said, and begins anew.
async fn again(State(web): State<Arc<Web>>, _visitor: Visitor) -> Redirect {
    web.beginning.forget();
    Redirect::to(if web.office.is_shared() { "/unlock" } else { "/begin" })
}

/// A page of a way, with the step that it is.
fn page(
    web: &Web,
    visitor: &Visitor,
    title: &str,
    (steps, now): (Steps, usize),
    notice: Option<&Notice>,
    main: Markup,
) -> Response {
    let language = visitor.language;
    let told = web.visitors.told(&visitor.cookie);
    let main = html! {
        (steps.shown(language, now))
        @if let Some(notice) = notice.or(told.as_ref()) { (notice_box(notice)) }
        (main)
        form.screen-only action="/begin/again" method="post" {
            button.quiet { (text(language, "web-begin-again", &[])) }
        }
    };
    alone(web, language, title, main).into_response()
}

/// What is wrong with a field, beside it.
fn fault(id: &str, why: Option<&str>) -> Markup {
    html! { @if let Some(why) = why { p.fault id=(id) role="alert" { (printable(why)) } } }
}

/// Why the relay's part did not come about. Nothing was begun, so that nothing waits to be sent.
fn told(language: Language, failure: Failure, address: &str) -> Notice {
    let fault = failure.fault();
    match fault.filter(|fault| fault.code == FaultCode::Unreachable) {
        Some(fault) => Notice {
            refused: true,
            lines: vec![
                text(language, "web-begin-unreachable", &[("relay", (&printable(address)).into())]),
                text(language, "web-begin-unreachable-advice", &[]),
            ],
            code: Some(fault.code.as_str()),
        },
        None => Refusal(failure).notice(language, None),
    }
}

/// A ticket as it was pasted: spaces and line breaks of a letter or a message are forgiven.
fn ticket(typed: &str) -> Result<Ticket, Failure> {
    let bad = || Failure::from(FaultCode::EnrolmentInvalid);
    if typed.len() > TICKET {
        return Err(bad());
    }
    let invisible = |sign: char| sign.is_whitespace() || matches!(sign, '\u{200B}' | '\u{FEFF}' | '\u{AD}');
    let plain: String = typed.chars().filter(|sign| !invisible(*sign)).collect();
    plain.parse().map_err(|_| bad())
}

/// Does what waits for the disk or the relay, on a thread that may.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Failure::from(FaultCode::Internal))?
}

#[cfg(test)]
mod tests {
    use estafette_protocol::enrol::TicketSecret;
    use estafette_protocol::{EnrolmentId, Hash};

    use super::*;

    #[test]
    fn a_ticket_is_read_whatever_a_letter_put_between_its_signs() {
        let written = Ticket {
            address: "relais.example:443".into(),
            pin: Hash([1; 32]),
            organisation_key: None,
            relay_key: None,
            enrolment: EnrolmentId([2; 16]),
            secret: TicketSecret([3; 16]),
        };
        let text = written.to_string();
        let (head, tail) = text.split_at(30);
        for typed in [text.clone(), format!("  {head}\r\n   {tail}\n"), format!("{head}\u{200B}\u{A0}{tail}")]
        {
            assert!(ticket(&typed).is_ok_and(|read| read == written), "{typed:?}");
        }
        for typed in ["", "estafette://e?v=1", "bonjour", &text[..text.len() - 9], &"x".repeat(TICKET + 1)] {
            assert!(ticket(typed).is_err(), "{typed:?}");
        }
    }
}
