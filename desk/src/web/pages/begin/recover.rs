//! Coming back from the recovery sheet: its words and who holds it, then a passphrase.
//!
//! Always true: until the relay has appointed this computer, the words are in this process's memory and nowhere else;
//! afterwards they are on paper alone.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_protocol::AgentNumber;
use estafette_protocol::FaultCode;
use estafette_protocol::texts::{Language, text};
use maud::html;
use zeroize::Zeroizing;

use super::create::{FIRST, line, name_fault};
use super::{Steps, apart, fault, page, ticket, told};
use crate::commands::founding::{Return, come_back_here, reach};
use crate::passphrase::Weakness;
use crate::session::{Desk, Failure, PATIENCE};
use crate::sheet::Sheet;
use crate::web::beginning::Way;
use crate::web::fields::Fields;
use crate::web::guard::Visitor;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// The form as it was typed.
#[derive(Default)]
struct Draft {
    agent_name: String,
    agent: String,
    words: Zeroizing<String>,
    relay: String,
}

/// What is wrong with each field.
#[derive(Default)]
struct Wrong {
    agent_name: Option<String>,
    agent: Option<String>,
    words: Option<String>,
    relay: Option<Notice>,
}

impl Draft {
    fn read(fields: &Fields) -> Self {
        Self {
            agent_name: fields.one("agent-name").trim().to_owned(),
            agent: fields.one("agent").trim().to_owned(),
            words: Zeroizing::new(fields.lines("words")),
            relay: fields.lines("relay"),
        }
    }

    /// Everything that is wrong is told at once.
    fn judge(&self, language: Language) -> Result<Return, Box<Wrong>> {
        let agent = self.agent.parse().ok().filter(|number| *number > 0).map(AgentNumber);
        let sheet = Sheet::parse(&self.words).map_err(|why| why.sentence(language));
        let seed = sheet.and_then(|sheet| sheet.seed().map_err(|why| why.to_string()));
        let relay = ticket(&self.relay).and_then(|ticket| match ticket.relay_key {
            Some(_) => Ok(ticket),
            None => Err(Failure::Usage(text(language, "web-recover-other-line", &[]))),
        });
        match (agent, seed, relay, name_fault(language, &self.agent_name)) {
            (Some(agent), Ok(seed), Ok(relay), None) => {
                Ok(Return { relay, seed: Zeroizing::new(seed), agent, agent_name: self.agent_name.clone() })
            }
            (agent, seed, relay, agent_name) => Err(Box::new(Wrong {
                agent_name,
                agent: agent.is_none().then(|| text(language, "web-recover-agent-bad", &[])),
                words: seed.err(),
                relay: relay.err().map(|failure| told(language, failure, "")),
            })),
        }
    }
}

/// Asks for the sheet.
pub async fn ask(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    if !web.office.is_new() {
        return Redirect::to("/").into_response();
    }
    let draft = match web.beginning.way(Instant::now()) {
        Way::Recover(coming) => Draft {
            agent_name: coming.agent_name.clone(),
            agent: coming.agent.to_string(),
            // They are typed again: a page never shows the words of a sheet that was confirmed.
            words: Zeroizing::default(),
            relay: coming.relay.to_string(),
        },
        _ => Draft { agent: FIRST.to_string(), ..Draft::default() },
    };
    form(&web, &visitor, &draft, &Wrong::default())
}

fn form(web: &Web, visitor: &Visitor, draft: &Draft, wrong: &Wrong) -> Response {
    let language = visitor.language;
    let described = |what: &str, why: &Option<String>| match why {
        Some(_) => format!("{what}-fault {what}-what"),
        None => format!("{what}-what"),
    };
    let main = html! {
        p { (text(language, "web-recover-what", &[])) }
        form.stacked action="/begin/recover" method="post" {
            (line("agent-name", &text(language, "web-create-agent-name", &[]), &draft.agent_name, wrong.agent_name.as_deref(), "name"))
            label for="agent" { (text(language, "web-recover-agent", &[])) }
            p.hint id="agent-what" { (text(language, "web-recover-agent-what", &[])) }
            (fault("agent-fault", wrong.agent.as_deref()))
            input id="agent" name="agent" type="text" inputmode="numeric" value=(draft.agent) required maxlength="10"
                autocomplete="off" aria-describedby=(described("agent", &wrong.agent))
                aria-invalid=[wrong.agent.is_some().then_some("true")];
            label for="words" { (text(language, "web-recover-words", &[])) }
            p.hint id="words-what" { (text(language, "web-recover-words-what", &[])) }
            (fault("words-fault", wrong.words.as_deref()))
            textarea id="words" name="words" rows="8" required autocomplete="off" spellcheck="false" lang="fr"
                autocapitalize="off" aria-describedby=(described("words", &wrong.words))
                aria-invalid=[wrong.words.is_some().then_some("true")] { (draft.words.as_str()) }
            label for="relay" { (text(language, "web-recover-relay", &[])) }
            p.hint id="relay-what" { (text(language, "web-join-ticket-what", &[])) }
            textarea id="relay" name="relay" rows="4" required autocomplete="off" spellcheck="false"
                autocapitalize="off" aria-describedby="relay-what"
                aria-invalid=[wrong.relay.is_some().then_some("true")] { (draft.relay) }
            button.main { (text(language, "web-next", &[])) }
        }
    };
    let title = text(language, "web-begin-recover", &[]);
    page(web, visitor, &title, (Steps::Recover, 1), wrong.relay.as_ref(), main)
}

/// Judges the sheet, and looks whether the relay is there.
pub async fn look(State(web): State<Arc<Web>>, visitor: Visitor, fields: Fields) -> Response {
    if !web.office.is_new() {
        return Redirect::to("/").into_response();
    }
    let (draft, language) = (Draft::read(&fields), visitor.language);
    let coming = match draft.judge(language) {
        Ok(coming) => coming,
        Err(wrong) => return form(&web, &visitor, &draft, &wrong),
    };
    if let Err(failure) = reach(&coming.relay).await {
        let notice = told(language, failure, &coming.relay.address);
        return form(&web, &visitor, &draft, &Wrong { relay: Some(notice), ..Wrong::default() });
    }
    web.beginning.keep(Way::Recover(Box::new(coming)), Instant::now());
    Redirect::to("/begin/recover/passphrase").into_response()
}

/// Asks for a passphrase.
pub async fn passphrase(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    match web.beginning.way(Instant::now()) {
        Way::Recover(_) if web.office.is_new() => passphrase_page(&web, &visitor, None, None),
        _ => Redirect::to("/begin").into_response(),
    }
}

fn passphrase_page(
    web: &Web,
    visitor: &Visitor,
    weakness: Option<Weakness>,
    notice: Option<&Notice>,
) -> Response {
    let language = visitor.language;
    let main = html! {
        form.stacked action="/begin/recover/passphrase" method="post" {
            (super::passphrase::fields(language, weakness))
            button.main { (text(language, "web-recover-now", &[])) }
        }
        p { a href="/begin/recover" { (text(language, "web-previous", &[])) } }
    };
    let title = text(language, "web-passphrase-choose", &[]);
    page(web, visitor, &title, (Steps::Recover, 2), notice, main)
}

/// Has the relay appoint this computer.
pub async fn come_back(State(web): State<Arc<Web>>, visitor: Visitor, fields: Fields) -> Response {
    let Way::Recover(coming) = web.beginning.way(Instant::now()) else {
        return Redirect::to("/begin").into_response();
    };
    let passphrase = match super::passphrase::read(&fields) {
        Ok(passphrase) => passphrase,
        Err(weakness) => return passphrase_page(&web, &visitor, Some(weakness), None),
    };
    let (working, language, address) = (Arc::clone(&web), visitor.language, coming.relay.address.clone());
    let back = apart(move || {
        working.office.begin(&working.runtime, Instant::now(), || {
            let folder = working.office.place_for("").ok_or(FaultCode::EntryAlreadyBound)?;
            let desk = Desk { folder, language, json: false, passphrase_file: None };
            let ring = come_back_here(&desk, &coming, &passphrase)?;
            Ok((desk.folder, ring))
        })
    });
    if let Err(failure) = back.await {
        let notice = told(language, failure, &address);
        return passphrase_page(&web, &visitor, None, Some(&notice));
    }
    // From here on the sheet is on paper alone.
    web.beginning.forget();
    // What the next page shows comes with the statements and the names; without them it says so itself.
    let known = web.office.administer(language, &web.runtime, |work| {
        work.session.until(PATIENCE, || {
            let mut reader = work.desk.reader(work.ring)?;
            let own = reader.identity().device;
            Ok(reader.registry()?.is_administrator(own))
        })
    });
    let to = if matches!(known.await, Ok(true)) { "/admin/recovered" } else { "/waiting" };
    Redirect::to(to).into_response()
}
