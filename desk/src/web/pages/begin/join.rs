//! Joining an organisation: its ticket, then a passphrase; an administrator's approval is waited for elsewhere.
//!
//! The relay is asked about the ticket before a passphrase is chosen. On a shared computer only somebody with a
//! good ticket is told that a name is taken.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_protocol::FaultCode;
use estafette_protocol::texts::text;
use maud::html;

use super::{Steps, apart, fault, page, ticket, told};
use crate::commands::enrol as command;
use crate::output::printable;
use crate::passphrase::Weakness;
use crate::session::{Desk, Failure};
use crate::web::beginning::{Joining, Way};
use crate::web::fields::Fields;
use crate::web::guard::Visitor;
use crate::web::office::LONGEST_NAME;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// Asks for the ticket.
pub async fn ask(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    if !web.office.may_begin() {
        return Redirect::to("/").into_response();
    }
    let typed = match web.beginning.way(Instant::now()) {
        Way::Join(joining) => joining.ticket.to_string(),
        _ => String::new(),
    };
    ticket_page(&web, &visitor, &typed, None)
}

fn ticket_page(web: &Web, visitor: &Visitor, typed: &str, notice: Option<&Notice>) -> Response {
    let language = visitor.language;
    let main = html! {
        p { (text(language, "web-join-what", &[])) }
        form.stacked action="/begin/join" method="post" {
            label for="ticket" { (text(language, "web-join-ticket", &[])) }
            p.hint id="ticket-what" { (text(language, "web-join-ticket-what", &[])) }
            textarea id="ticket" name="ticket" rows="4" required autocomplete="off" spellcheck="false"
                autocapitalize="off" aria-describedby="ticket-what"
                aria-invalid=[notice.is_some().then_some("true")] { (typed) }
            button.main { (text(language, "web-next", &[])) }
        }
    };
    page(web, visitor, &text(language, "web-begin-join", &[]), (Steps::Join, 1), notice, main)
}

/// Has the relay look at the ticket.
pub async fn look(State(web): State<Arc<Web>>, visitor: Visitor, fields: Fields) -> Response {
    if !web.office.may_begin() {
        return Redirect::to("/").into_response();
    }
    let (typed, language) = (fields.lines("ticket"), visitor.language);
    let read = ticket(&typed).and_then(|ticket| match ticket.organisation_key {
        Some(_) => Ok(ticket),
        None => Err(Failure::Usage(text(language, "web-join-claim-ticket", &[]))),
    });
    let ticket = match read {
        Ok(ticket) => ticket,
        Err(failure) => return ticket_page(&web, &visitor, &typed, Some(&told(language, failure, ""))),
    };
    let shown = ticket.clone();
    match apart(move || command::look(&shown)).await {
        Ok(model) => {
            web.beginning.keep(Way::Join(Box::new(Joining { ticket, model })), Instant::now());
            Redirect::to("/begin/join/passphrase").into_response()
        }
        Err(failure) => ticket_page(&web, &visitor, &typed, Some(&told(language, failure, &ticket.address))),
    }
}

/// What was wrong the last time.
#[derive(Default)]
struct Wrong {
    agent: Option<String>,
    weakness: Option<Weakness>,
    notice: Option<Notice>,
}

/// Asks for a passphrase, and on a shared computer for a name.
pub async fn passphrase(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    match web.beginning.way(Instant::now()) {
        Way::Join(joining) if web.office.may_begin() => {
            passphrase_page(&web, &visitor, &joining, "", &Wrong::default())
        }
        _ => Redirect::to("/begin").into_response(),
    }
}

fn passphrase_page(web: &Web, visitor: &Visitor, joining: &Joining, agent: &str, wrong: &Wrong) -> Response {
    let language = visitor.language;
    let (model, relay) = (printable(&joining.model), printable(&joining.ticket.address));
    let whose = [("model", (&model).into()), ("relay", (&relay).into())];
    let main = html! {
        p { (text(language, "web-join-for", &whose)) }
        form.stacked action="/begin/join/passphrase" method="post" {
            @if web.office.is_shared() {
                label for="agent" { (text(language, "web-join-name", &[])) }
                p.hint id="agent-what" { (text(language, "web-join-name-what", &[("count", LONGEST_NAME.into())])) }
                (fault("agent-fault", wrong.agent.as_deref()))
                input id="agent" name="agent" type="text" value=(agent) required maxlength=(LONGEST_NAME) autocomplete="username"
                    aria-describedby=(if wrong.agent.is_some() { "agent-fault agent-what" } else { "agent-what" })
                    aria-invalid=[wrong.agent.is_some().then_some("true")];
            }
            (super::passphrase::fields(language, wrong.weakness))
            button.main { (text(language, "web-join-now", &[])) }
        }
        p { a href="/begin/join" { (text(language, "web-join-other-ticket", &[])) } }
    };
    let title = text(language, "web-passphrase-choose", &[]);
    page(web, visitor, &title, (Steps::Join, 2), wrong.notice.as_ref(), main)
}

/// Enrols this computer.
pub async fn enrol(State(web): State<Arc<Web>>, visitor: Visitor, fields: Fields) -> Response {
    let Way::Join(joining) = web.beginning.way(Instant::now()) else {
        return Redirect::to("/begin").into_response();
    };
    let (agent, language) = (fields.one("agent").trim().to_owned(), visitor.language);
    let mut wrong = Wrong::default();
    let place = web.office.place_for(&agent);
    if place.is_none() {
        wrong.agent = Some(text(language, "web-join-name-bad", &[]));
    }
    let read = super::passphrase::read(&fields);
    wrong.weakness = read.as_ref().err().copied();
    let (Some(folder), Ok(passphrase)) = (place, read) else {
        return passphrase_page(&web, &visitor, &joining, &agent, &wrong);
    };
    let (working, ticket) = (Arc::clone(&web), joining.ticket.clone());
    let made = apart(move || {
        working.office.begin(&working.runtime, Instant::now(), || {
            let desk = Desk { folder, language, json: false, passphrase_file: None };
            let enrolled = command::join(&desk, &ticket, &passphrase)?;
            Ok((desk.folder, enrolled.ring))
        })
    });
    match made.await {
        Ok(()) => {
            web.beginning.forget();
            Redirect::to("/waiting").into_response()
        }
        Err(failure) => {
            let ticket_gone = failure.fault().is_some_and(|fault| {
                matches!(
                    fault.code,
                    FaultCode::EnrolmentInvalid | FaultCode::EnrolmentUsed | FaultCode::EnrolmentExpired
                )
            });
            let notice = told(language, failure, &joining.ticket.address);
            if ticket_gone {
                return ticket_page(&web, &visitor, &joining.ticket.to_string(), Some(&notice));
            }
            wrong.notice = Some(notice);
            passphrase_page(&web, &visitor, &joining, &agent, &wrong)
        }
    }
}
