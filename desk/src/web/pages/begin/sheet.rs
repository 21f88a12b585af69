//! The recovery sheet: shown until three of its words were typed back, and never after. Then the organisation is
//! founded.
//!
//! Always true: the words stand in this process's memory and on this page alone, which no cache keeps; before the
//! check nothing is at the relay or on the disk, after it the sheet is on paper and nowhere else.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_protocol::FaultCode;
use estafette_protocol::texts::text;
use maud::html;

use super::{Steps, apart, fault, page, told};
use crate::commands::founding::{found_here, relay_on_paper, settle};
use crate::output::printable;
use crate::qr::Code;
use crate::session::Desk;
use crate::sheet::Sheet;
use crate::web::beginning::{Creating, Key, Way};
use crate::web::fields::Fields;
use crate::web::guard::Visitor;
use crate::web::refusal::Refusal;
use crate::web::serve::Web;
use crate::web::visitors::Notice;

/// Where somebody with a passphrase and a key is.
fn standing(web: &Web) -> Option<(Box<Creating>, Key)> {
    match web.beginning.way(Instant::now()) {
        Way::Create(creating) if web.office.is_new() => {
            let key = creating.key.clone().filter(|_| creating.passphrase.is_some())?;
            Some((creating, key))
        }
        _ => None,
    }
}

/// The sheet, to be printed or copied.
pub async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Refusal> {
    let Some((creating, key)) = standing(&web) else { return Ok(Redirect::to("/begin").into_response()) };
    let language = visitor.language;
    let sheet = Sheet::of_seed(&key.seed).map_err(|_| FaultCode::Internal)?;
    let words = sheet.words();
    let (side, path) = Code::of(&words.join(" "))?.path();
    let relay = relay_on_paper(&creating.founding.ticket);
    let name = printable(&creating.founding.name);
    let main = html! {
        p.screen-only { (text(language, "web-sheet-what", &[])) }
        p.warning.screen-only { (text(language, "web-sheet-once", &[])) }
        p.screen-only { button type="button" data-print hidden { (text(language, "web-print", &[])) } }
        section.paper aria-labelledby="paper" {
            h2 id="paper" dir="auto" { (text(language, "web-sheet-of", &[("name", (&name).into())])) }
            p.paper-only { (text(language, "web-sheet-on-paper", &[])) }
            ol.words lang="fr" translate="no" { @for word in &words { li { (word) } } }
            svg role="img" aria-label=(text(language, "web-sheet-code", &[])) viewBox={ "0 0 " (side) " " (side) } shape-rendering="crispEdges" {
                rect width=(side) height=(side) fill="#ffffff" {}
                path d=(path) stroke="#000000" {}
            }
            p { (text(language, "web-sheet-relay", &[])) }
            p.code translate="no" { (relay) }
            p { (text(language, "desk-sheet-keep", &[])) }
        }
        p.screen-only { a.button.main href="/begin/create/check" { (text(language, "web-sheet-have", &[])) } }
    };
    Ok(page(&web, &visitor, &text(language, "web-sheet", &[]), (Steps::Create, 3), None, main))
}

/// Asks for three words.
pub async fn ask(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    match standing(&web) {
        Some((_, key)) => check_page(&web, &visitor, &key, &[], &[], None),
        None => Redirect::to("/begin").into_response(),
    }
}

fn check_page(
    web: &Web,
    visitor: &Visitor,
    key: &Key,
    typed: &[String],
    wrong: &[usize],
    notice: Option<&Notice>,
) -> Response {
    let language = visitor.language;
    let main = html! {
        p { (text(language, "web-check-what", &[])) }
        form.stacked action="/begin/create/check" method="post" {
            @for (number, place) in key.places.iter().enumerate() {
                @let (field, told) = (format!("word-{number}"), format!("word-{number}-fault"));
                @let why = wrong.contains(place).then(|| text(language, "web-check-wrong", &[("place", (*place).into())]));
                label for=(field) { (text(language, "web-check-word", &[("place", (*place).into())])) }
                (fault(&told, why.as_deref()))
                input id=(field) name="word" value=(typed.get(number).map_or("", String::as_str)) required
                    maxlength="40" autocomplete="off" autocapitalize="off" spellcheck="false" lang="fr"
                    aria-describedby=[why.as_ref().map(|_| told.as_str())] aria-invalid=[why.as_ref().map(|_| "true")];
            }
            button.main { (text(language, "web-check-now", &[])) }
        }
        p { a href="/begin/create/sheet" { (text(language, "web-check-back", &[])) } }
        p { a href="/begin/create" { (text(language, "web-check-correct", &[])) } }
    };
    page(web, visitor, &text(language, "web-check", &[]), (Steps::Create, 3), notice, main)
}

/// Compares the words; founds the organisation where they are right.
pub async fn check(State(web): State<Arc<Web>>, visitor: Visitor, fields: Fields) -> Response {
    let Some((creating, key)) = standing(&web) else { return Redirect::to("/begin").into_response() };
    let (language, typed) = (visitor.language, fields.all("word").map(str::to_owned).collect::<Vec<_>>());
    let wrong = match Sheet::of_seed(&key.seed) {
        Ok(sheet) => sheet.wrong(&key.places, &typed),
        Err(_) => key.places.to_vec(),
    };
    if !wrong.is_empty() {
        return check_page(&web, &visitor, &key, &typed, &wrong, None);
    }
    let founding = creating.founding.clone();
    let (working, first) = (Arc::clone(&web), founding.clone());
    let (seed, passphrase) = (key.seed.clone(), creating.passphrase.unwrap_or_default());
    let founded = apart(move || {
        working.office.begin(&working.runtime, Instant::now(), || {
            let folder = working.office.place_for("").ok_or(FaultCode::EntryAlreadyBound)?;
            let desk = Desk { folder, language, json: false, passphrase_file: None };
            let ring = found_here(&desk, &first, &seed, &passphrase)?;
            Ok((desk.folder, ring))
        })
    });
    if let Err(failure) = founded.await {
        let notice = told(language, failure, &founding.ticket.address);
        return check_page(&web, &visitor, &key, &typed, &[], Some(&notice));
    }
    // From here on the sheet is on paper alone.
    web.beginning.forget();
    let (name, address) = (printable(&founding.name), founding.ticket.address.clone());
    let settled = web.office.administer(language, &web.runtime, move |work| settle(work, &founding)).await;
    let (notice, to) = match settled {
        Ok(()) => {
            let said = text(language, "web-founded", &[("name", (&name).into())]);
            (Notice { refused: false, lines: vec![said], code: None }, "/admin/first")
        }
        Err(failure) => (told(language, failure, &address), "/"),
    };
    web.visitors.tell(&visitor.cookie, notice);
    Redirect::to(to).into_response()
}
