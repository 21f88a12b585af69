//! Creating an organisation: what it is called, who administers it, when it works; then a passphrase.
//!
//! Nothing of it leaves this process before the sheet was confirmed ([`super::sheet`]). Whether the relay is
//! reached is seen early, so that nobody copies 24 words for nothing.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_protocol::AgentNumber;
use estafette_protocol::texts::{Language, text};
use maud::{Markup, html};

use super::{Steps, fault, page, ticket, told};
use crate::commands::founding::{Founding, new_seed, places, reach};
use crate::passphrase::Weakness;
use crate::session::Failure;
use crate::sheet::Sheet;
use crate::web::beginning::{Creating, Hours, Key, Way};
use crate::web::fields::Fields;
use crate::web::guard::Visitor;
use crate::web::pages::first_hours;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// The longest name of an organisation or a person, in characters.
const NAME: usize = 80;
/// The first administrator's number.
pub(super) const FIRST: AgentNumber = AgentNumber(1);

/// The form as it was typed.
#[derive(Default)]
struct Draft {
    name: String,
    ticket: String,
    agent_name: String,
    hours: Hours,
}

/// What is wrong with each field.
#[derive(Default)]
struct Wrong {
    name: Option<String>,
    agent_name: Option<String>,
    hours: Option<String>,
    ticket: Option<Notice>,
}

impl Draft {
    fn of(creating: &Creating) -> Self {
        Self {
            name: creating.founding.name.clone(),
            ticket: creating.founding.ticket.to_string(),
            agent_name: creating.founding.agent_name.clone(),
            hours: creating.hours.clone(),
        }
    }

    fn read(fields: &Fields) -> Self {
        Self {
            name: fields.one("name").trim().to_owned(),
            ticket: fields.lines("ticket"),
            agent_name: fields.one("agent-name").trim().to_owned(),
            hours: first_hours::read(fields),
        }
    }

    fn judge(&self, language: Language) -> Result<Founding, Box<Wrong>> {
        let read = ticket(&self.ticket).and_then(|ticket| match ticket.relay_key {
            Some(_) => Ok(ticket),
            None => Err(Failure::Usage(text(language, "web-create-join-ticket", &[]))),
        });
        let calendar = first_hours::calendar(language, &self.hours);
        let wrong = Wrong {
            name: name_fault(language, &self.name),
            agent_name: name_fault(language, &self.agent_name),
            hours: calendar.as_ref().err().cloned(),
            ticket: read.as_ref().err().map(|_| Notice { refused: true, lines: Vec::new(), code: None }),
        };
        match (read, calendar) {
            (Ok(ticket), Ok(calendar)) if wrong.name.is_none() && wrong.agent_name.is_none() => {
                Ok(Founding {
                    name: self.name.clone(),
                    ticket,
                    agent: FIRST,
                    agent_name: self.agent_name.clone(),
                    calendar,
                })
            }
            (Err(failure), _) => Err(Box::new(Wrong { ticket: Some(told(language, failure, "")), ..wrong })),
            (Ok(_), _) => Err(Box::new(wrong)),
        }
    }
}

/// What is wrong with a name, if anything.
pub(super) fn name_fault(language: Language, name: &str) -> Option<String> {
    let plain = !name.is_empty() && name.chars().count() <= NAME && !name.chars().any(char::is_control);
    (!plain).then(|| text(language, "web-create-name-bad", &[("count", NAME.into())]))
}

/// Asks what the organisation is.
pub async fn ask(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    if !web.office.is_new() {
        return Redirect::to("/").into_response();
    }
    let draft = match web.beginning.way(Instant::now()) {
        Way::Create(creating) => Draft::of(&creating),
        _ => Draft { hours: first_hours::usual(visitor.language), ..Draft::default() },
    };
    form(&web, &visitor, &draft, &Wrong::default())
}

fn form(web: &Web, visitor: &Visitor, draft: &Draft, wrong: &Wrong) -> Response {
    let language = visitor.language;
    let main = html! {
        p { (text(language, "web-create-what", &[])) }
        form.stacked action="/begin/create" method="post" {
            (line("name", &text(language, "web-create-name", &[]), &draft.name, wrong.name.as_deref(), "organization"))
            (line("agent-name", &text(language, "web-create-agent-name", &[]), &draft.agent_name, wrong.agent_name.as_deref(), "name"))
            label for="ticket" { (text(language, "web-create-ticket", &[])) }
            p.hint id="ticket-what" { (text(language, "web-create-ticket-what", &[])) }
            textarea id="ticket" name="ticket" rows="4" required autocomplete="off" spellcheck="false"
                autocapitalize="off" aria-describedby="ticket-what"
                aria-invalid=[wrong.ticket.is_some().then_some("true")] { (draft.ticket) }
            (first_hours::fields(language, &draft.hours, wrong.hours.as_deref()))
            button.main { (text(language, "web-next", &[])) }
        }
    };
    let title = text(language, "web-begin-create", &[]);
    page(web, visitor, &title, (Steps::Create, 1), wrong.ticket.as_ref(), main)
}

/// A field of one line.
pub(super) fn line(name: &str, label: &str, value: &str, why: Option<&str>, fills: &str) -> Markup {
    let told = format!("{name}-fault");
    html! {
        label for=(name) { (label) }
        (fault(&told, why))
        input id=(name) name=(name) type="text" value=(value) required maxlength=(NAME) dir="auto" autocomplete=(fills)
            aria-describedby=[why.map(|_| told.as_str())] aria-invalid=[why.map(|_| "true")];
    }
}

/// Judges the form, and looks whether the relay is there.
pub async fn look(State(web): State<Arc<Web>>, visitor: Visitor, fields: Fields) -> Response {
    if !web.office.is_new() {
        return Redirect::to("/").into_response();
    }
    let (draft, language) = (Draft::read(&fields), visitor.language);
    let founding = match draft.judge(language) {
        Ok(founding) => founding,
        Err(wrong) => return form(&web, &visitor, &draft, &wrong),
    };
    if let Err(failure) = reach(&founding.ticket).await {
        let notice = told(language, failure, &founding.ticket.address);
        return form(&web, &visitor, &draft, &Wrong { ticket: Some(notice), ..Wrong::default() });
    }
    // Somebody who came back to correct a word keeps their passphrase and their sheet.
    let (passphrase, key) = match web.beginning.way(Instant::now()) {
        Way::Create(before) => (before.passphrase, before.key),
        _ => (None, None),
    };
    let to = if key.is_some() { "/begin/create/check" } else { "/begin/create/passphrase" };
    let creating = Creating { founding, hours: draft.hours, passphrase, key };
    web.beginning.keep(Way::Create(Box::new(creating)), Instant::now());
    Redirect::to(to).into_response()
}

/// Asks for a passphrase.
pub async fn passphrase(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    match web.beginning.way(Instant::now()) {
        Way::Create(_) if web.office.is_new() => passphrase_page(&web, &visitor, None),
        _ => Redirect::to("/begin").into_response(),
    }
}

fn passphrase_page(web: &Web, visitor: &Visitor, weakness: Option<Weakness>) -> Response {
    let language = visitor.language;
    let main = html! {
        form.stacked action="/begin/create/passphrase" method="post" {
            (super::passphrase::fields(language, weakness))
            button.main { (text(language, "web-next", &[])) }
        }
        p { a href="/begin/create" { (text(language, "web-previous", &[])) } }
    };
    page(web, visitor, &text(language, "web-passphrase-choose", &[]), (Steps::Create, 2), None, main)
}

/// Takes the passphrase, and draws the organisation's key.
pub async fn draw(State(web): State<Arc<Web>>, visitor: Visitor, fields: Fields) -> Response {
    let Way::Create(mut creating) = web.beginning.way(Instant::now()) else {
        return Redirect::to("/begin").into_response();
    };
    match super::passphrase::read(&fields) {
        Ok(passphrase) => creating.passphrase = Some(passphrase),
        Err(weakness) => return passphrase_page(&web, &visitor, Some(weakness)),
    }
    if creating.key.is_none() {
        creating.key = match new_key() {
            Ok(key) => Some(key),
            Err(failure) => {
                let notice = told(visitor.language, failure, "");
                web.visitors.tell(&visitor.cookie, notice);
                return Redirect::to("/begin/create/passphrase").into_response();
            }
        };
    }
    web.beginning.keep(Way::Create(creating), Instant::now());
    Redirect::to("/begin/create/sheet").into_response()
}

fn new_key() -> Result<Key, Failure> {
    let seed = new_seed()?;
    let sheet = Sheet::of_seed(&seed).map_err(|_| estafette_protocol::FaultCode::Internal)?;
    Ok(Key { places: places(&sheet)?, seed })
}
