//! The door: the one-time link, the passphrase, the lock.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_protocol::FaultCode;
use estafette_protocol::texts::{Language, text};
use maud::html;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::session::Failure;
use crate::web::fields::Fields;
use crate::web::frame::{alone, notice_box};
use crate::web::guard::{Visitor, asked_language};
use crate::web::office::Attempt;
use crate::web::refusal::{Refusal, Told};
use crate::web::running::HEADER;
use crate::web::serve::Web;
use crate::web::visitors::{Notice, Wishes, secret};

/// What a link carries.
#[derive(Debug, Deserialize)]
pub struct Link {
    #[serde(default)]
    token: String,
}

/// Uses a link up: the browser gets its cookie.
pub async fn open(
    State(web): State<Arc<Web>>,
    Query(link): Query<Link>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    // A program that looks where a link leads has not opened it.
    if method == Method::HEAD {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let cookie = secret().map_err(std::io::Error::other)?;
    let Some(leads_to) = web.visitors.admit(&link.token, cookie.clone(), web.language, Instant::now()) else {
        let language = asked_language(&headers).unwrap_or(web.language);
        let mut response = StatusCode::FORBIDDEN.into_response();
        response.extensions_mut().insert(Told::Sentence(text(language, "web-refused-link", &[])));
        return Ok(response);
    };
    let kept = format!("{}={cookie}; Path=/; HttpOnly; SameSite=Strict", web.cookie_name);
    Ok(([(SET_COOKIE, kept)], Redirect::to(&leads_to)).into_response())
}

/// Makes another link, for a second process of the same person.
pub async fn another(State(web): State<Arc<Web>>, headers: HeaderMap) -> Result<Response, Refusal> {
    let shown = headers.get(HEADER).map(|value| value.as_bytes()).unwrap_or_default();
    if !bool::from(shown.ct_eq(web.secret.as_bytes())) {
        return Err(FaultCode::Unauthenticated.into());
    }
    Ok(super::plain(web.link()?))
}

/// Asks for the passphrase.
pub async fn ask(State(web): State<Arc<Web>>, visitor: Visitor) -> Response {
    if web.office.is_new() || web.office.cover(Instant::now()).is_none() {
        return Redirect::to("/").into_response();
    }
    let (language, notice) = (visitor.language, web.visitors.told(&visitor.cookie));
    let opened = web.office.opened().is_ok();
    let main = html! {
        @if let Some(notice) = &notice { (notice_box(notice)) }
        p {
            @if opened { (text(language, "web-unlock-why", &[])) } @else { (text(language, "web-unlock-first", &[])) }
        }
        form.stacked action="/unlock" method="post" {
            @if web.office.is_shared() && !opened {
                label for="agent" { (text(language, "web-which-agent", &[])) }
                input id="agent" name="agent" type="text" autocomplete="username" required;
            }
            label for="passphrase" { (text(language, "web-passphrase", &[])) }
            input id="passphrase" name="passphrase" type="password" autocomplete="current-password"
                required autofocus;
            button.main { (text(language, "web-unlock", &[])) }
        }
        @if web.office.is_shared() && opened {
            form action="/leave" method="post" {
                button.quiet { (text(language, "web-change-agent", &[])) }
            }
        }
        @if web.office.is_shared() && !opened {
            p { a href="/begin/join" { (text(language, "web-new-agent", &[])) } }
        }
        p.emergency { (text(language, "emergency-numbers", &[])) }
        (languages(language))
    };
    alone(&web, language, &text(language, "web-unlock-title", &[]), main).into_response()
}

/// The other language, by its own name.
pub fn languages(language: Language) -> maud::Markup {
    languages_on(language, "")
}

/// The same, on a page that is shown again in the other language.
pub fn languages_on(language: Language, page: &str) -> maud::Markup {
    let other = match language {
        Language::French => Language::English,
        Language::English => Language::French,
    };
    html! {
        form action="/language" method="post" {
            input type="hidden" name="language" value=(other.tag());
            @if !page.is_empty() { input type="hidden" name="page" value=(page); }
            button.quiet lang=(other.tag()) { (text(other, "web-this-language", &[])) }
        }
    }
}

/// Tries the passphrase.
pub async fn unlock(State(web): State<Arc<Web>>, visitor: Visitor, fields: Fields) -> Response {
    let passphrase = Zeroizing::new(fields.one("passphrase").to_owned());
    let agent = fields.one("agent").trim().to_owned();
    let trying = Arc::clone(&web);
    let tried = tokio::task::spawn_blocking(move || {
        trying.office.unlock(&agent, &passphrase, &trying.runtime, Instant::now())
    });
    let attempt = tried.await.unwrap_or(Attempt::Failed(FaultCode::Internal.into()));
    let (notice, to) = match attempt {
        Attempt::Opened => {
            let kept = web.visitors.kept(&visitor.cookie).is_some();
            return Redirect::to(if kept { "/kept" } else { "/" }).into_response();
        }
        Attempt::Failed(failure) => (Refusal(failure).notice(visitor.language, None), "/unlock"),
        Attempt::Wrong { wait } => (wrong(&web, visitor.language, wait, true), "/unlock"),
        Attempt::TooEarly { wait } => (wrong(&web, visitor.language, wait, false), "/unlock"),
    };
    web.visitors.tell(&visitor.cookie, notice);
    Redirect::to(to).into_response()
}

fn wrong(web: &Web, language: Language, wait: Duration, looked_at: bool) -> Notice {
    let failure = Failure::from(FaultCode::WrongPassphrase);
    let mut notice = Refusal(failure).notice(language, None);
    // Whether somebody has that name here is told to nobody.
    if web.office.is_shared() && web.office.opened().is_err() {
        notice.lines = vec![text(language, "web-wrong-name-or-passphrase", &[])];
    }
    if !looked_at {
        notice.lines.clear();
    }
    let seconds = wait.as_millis().div_ceil(1000);
    if seconds > 0 {
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        notice.lines.push(text(language, "web-unlock-wait", &[("seconds", seconds.into())]));
    }
    notice
}

/// Somebody types or points: the time without anybody begins anew. The guard has noted it.
pub async fn here(_visitor: Visitor) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Covers the pages, in all browsers.
pub async fn lock(State(web): State<Arc<Web>>, _visitor: Visitor) -> Redirect {
    web.office.cover_now();
    Redirect::to("/unlock")
}

/// Another agent's turn on a shared computer: the device stops, and its keys are gone from this process.
pub async fn leave(State(web): State<Arc<Web>>, _visitor: Visitor) -> Redirect {
    web.beginning.forget();
    if web.office.is_shared() {
        let closing = Arc::clone(&web);
        let _ = tokio::task::spawn_blocking(move || closing.office.close()).await;
        web.visitors.forget_all();
    }
    Redirect::to("/unlock")
}

/// Changes the language of one browser.
pub async fn language(State(web): State<Arc<Web>>, visitor: Visitor, fields: Fields) -> Redirect {
    let language = Language::from_tag(fields.one("language"));
    web.visitors.wish(&visitor.cookie, Wishes { language });
    Redirect::to(match (web.office.shows(Instant::now()), web.office.is_new()) {
        (true, _) if fields.one("page") == "waiting" => "/waiting",
        (true, _) => "/me",
        (false, true) => "/begin",
        (false, false) => "/unlock",
    })
}
