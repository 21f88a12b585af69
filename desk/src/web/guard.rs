//! Who may see a page: every request passes here before anything else looks at it.
//!
//! A page on loopback can be asked for by any program and any web site that this computer shows. So:
//!
//! - the name in `Host` is the one that this process gave itself, whatever a name server says (DNS
//!   rebinding);
//! - what changes something comes from a page of ours: `Origin` is ours and nothing else (cross-site
//!   request forgery);
//! - a browser has a cookie that a one-time link gave it (other programs and accounts of this computer);
//! - the passphrase was given, and not too long ago.
//!
//! Every answer forbids what pages do not need: frames, scripts and pictures of others, caches.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequest as _, FromRequestParts, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{FaultCode, Timestamp};

use super::fields::Fields;
use super::frame;
use super::refusal::{Refusal, Told};
use super::serve::Web;
use super::visitors::{Kept, Secret, Wishes};
use crate::clock;
use crate::place::Place;

/// What pages may load and do: only what this process serves. No inline script, no evaluation.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'";
/// The same, and no page may show them inside itself.
const ALONE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The query of a page that asks for itself where no script runs.
pub const AGAIN: &str = "again";
/// The query of the same page where the person has stopped that (RGAA 4.1, criterion 13.1).
const STILL: &str = "still";

/// The browser that asks.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Its cookie.
    pub cookie: Secret,
    /// Of everything shown.
    pub language: Language,
    /// A page that keeps itself fresh asks, and nobody sees the whole of the answer.
    pub background: bool,
    /// The page is to stay as it is until it is asked for again.
    pub still: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        parts.extensions.get().cloned().ok_or_else(|| FaultCode::Unauthenticated.into())
    }
}

/// What a path asks for before its page is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Needs {
    /// Anybody: the style, the script, the one-time link.
    Nothing,
    /// A browser that was admitted.
    Visitor,
    /// Also the passphrase.
    Open,
}

fn needs(path: &str) -> Needs {
    match path {
        "/open" => Needs::Nothing,
        _ if path.starts_with("/assets/") => Needs::Nothing,
        "/unlock" | "/language" | "/leave" | "/begin" => Needs::Visitor,
        _ if path.starts_with("/begin/") => Needs::Visitor,
        // Shows nothing: what was typed before the pages were covered is kept.
        _ if path.starts_with("/conversations/") && path.ends_with("/draft") => Needs::Visitor,
        _ => Needs::Open,
    }
}

/// Judges a request, has its page made, and closes the answer.
pub async fn guard(State(web): State<Arc<Web>>, mut request: Request, next: Next) -> Response {
    let now = Instant::now();
    let reads = reads(request.method());
    let asked = asked_language(request.headers()).unwrap_or(web.language);
    let judged = judge(&web, &mut request, now);
    let path = request.uri().path().to_owned();
    // Whoever was not let in finds nothing behind a way home.
    let visitor = request.extensions().get::<Visitor>().cloned();
    let language = visitor.as_ref().map_or(asked, |visitor| visitor.language);
    let mut response = match judged {
        Ok(()) => {
            if let Some(visitor) = visitor.as_ref().filter(|_| !reads) {
                web.visitors.forget_kept_for(&visitor.cookie, &path);
            }
            next.run(request).await
        }
        Err(stopped) => {
            if let Some(cookie) = sent_to_covered(&web, &stopped, request.headers(), reads) {
                keep(&web, &cookie, path, request).await;
            }
            *stopped
        }
    };
    let told = response.extensions_mut().remove::<Told>().or_else(|| bare_status(&response, language, reads));
    if let Some(told) = told {
        let mut notice = told.notice(language, None);
        let locked = told.code() == Some(FaultCode::DeviceLocked);
        let looks = visitor.as_ref().is_some_and(|visitor| !visitor.background);
        if locked
            && looks
            && let Ok(lease) = web.office.lease().await
        {
            // Its own calendar cannot be read.
            let place = Place::shown_everywhere(clock::now());
            let said = |at: Option<Timestamp>| at.map(|at| place.spoken(language, at)).unwrap_or_default();
            let (contact, wipe) = (said(lease.contact), said(lease.wipe_at));
            let words =
                [("contact", (&contact).into()), ("wipe", (&wipe).into()), ("count", lease.unsent.into())];
            notice.lines.push(text(language, "web-locked", &words));
        }
        let title = match told.code() {
            Some(FaultCode::DeviceLocked) => text(language, "web-device-locked", &[]),
            Some(FaultCode::DeviceWiped) => text(language, "web-device-emptied", &[]),
            _ if reads => text(language, "web-not-shown", &[]),
            _ => text(language, "web-refused", &[]),
        };
        let page = frame::bare(&web, language, &title, &notice, visitor.is_some(), locked);
        response = (response.status(), page).into_response();
    }
    close(response.headers_mut(), web.framed_by.as_deref());
    response
}

/// The cookie of a browser whose form met pages that are covered: its person was at work, and types the passphrase
/// next. On another agent's turn nothing of it is there any more.
fn sent_to_covered(web: &Web, stopped: &Response, headers: &HeaderMap, reads: bool) -> Option<String> {
    let covered = stopped.status() == StatusCode::SEE_OTHER && web.office.opened().is_ok();
    let cookie = cookie(headers, &web.cookie_name).unwrap_or_default();
    (covered && !reads && !is_background(headers)).then(|| cookie.to_owned())
}

/// Keeps a form that is asked for again once the pages are open. One with a passphrase is not kept.
async fn keep(web: &Web, cookie: &str, action: String, request: Request) {
    if let Ok(fields) = Fields::from_request(request, &()).await
        && !fields.0.iter().any(|(name, _)| name.contains("passphrase"))
        && action != "/lock"
    {
        web.visitors.keep(cookie, Kept { action, fields });
    }
}

/// What the router itself refuses has no page yet.
fn bare_status(response: &Response, language: Language, reads: bool) -> Option<Told> {
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    // What reads addresses and forms refuses them in bare English.
    if kind.is_some_and(|kind| !kind.starts_with(b"text/plain")) {
        return None;
    }
    match response.status() {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            Some(Told::Sentence(text(language, "web-no-such-page", &[])))
        }
        // An address that somebody changed by hand.
        status if reads && status.is_client_error() && kind.is_some() => {
            Some(Told::Sentence(text(language, "web-no-such-page", &[])))
        }
        StatusCode::PAYLOAD_TOO_LARGE => Some(Told::FormTooLarge),
        status if status.is_client_error() && kind.is_some() => {
            Some(Told::Fault(FaultCode::Malformed.into()))
        }
        _ => None,
    }
}

/// Lets a request in with its [`Visitor`], or says with what it is answered instead.
fn judge(web: &Web, request: &mut Request, now: Instant) -> Result<(), Box<Response>> {
    let refuse = |why: String| {
        let mut response = StatusCode::FORBIDDEN.into_response();
        response.extensions_mut().insert(Told::Sentence(why));
        Err(Box::new(response))
    };
    let headers = request.headers();
    let language = asked_language(headers).unwrap_or(web.language);
    if only(headers, header::HOST) != Some(web.host.as_str()) {
        return refuse(text(language, "web-refused-host", &[]));
    }
    if !reads(request.method()) && only(headers, header::ORIGIN) != Some(web.origin.as_str()) {
        return refuse(text(language, "web-refused-origin", &[]));
    }
    let path = request.uri().path();
    let needs = needs(path);
    if needs == Needs::Nothing {
        return Ok(());
    }
    let cookie = cookie(headers, &web.cookie_name).unwrap_or_default().to_owned();
    let Some(Wishes { language }) = web.visitors.wishes(&cookie, now) else {
        return refuse(text(language, "web-refused-link", &[]));
    };
    // A page that keeps itself fresh is nobody who looks.
    let query = request.uri().query();
    let (background, still) = (is_background(headers) || query == Some(AGAIN), query == Some(STILL));
    let covered = match background {
        true => !web.office.shows(now),
        false => needs == Needs::Open && web.office.cover(now).is_some(),
    };
    if needs == Needs::Open && covered {
        let door = if web.office.is_new() { "/begin" } else { "/unlock" };
        return Err(Box::new(Redirect::to(door).into_response()));
    }
    request.extensions_mut().insert(Visitor { cookie, language, background, still });
    Ok(())
}

/// Whether a request changes nothing.
fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// The first of our languages that a browser asks for, in its order (RFC 9110, 12.5.4; weights are in that order
/// with all browsers).
pub fn asked_language(headers: &HeaderMap) -> Option<Language> {
    let asked = only(headers, header::ACCEPT_LANGUAGE)?;
    asked.split(',').find_map(|one| {
        let tag = one.split([';', '-']).next().unwrap_or_default().trim();
        [Language::French, Language::English].into_iter().find(|ours| ours.tag().eq_ignore_ascii_case(tag))
    })
}

/// Sent by our script where no person did anything.
fn is_background(headers: &HeaderMap) -> bool {
    headers.contains_key("x-estafette-background")
        || only(headers, header::ACCEPT) == Some("text/event-stream")
}

/// A header that stands once and is plain text.
pub fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// A cookie by its name.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// What every answer says, pages, scripts and refusals alike. Only the page at `framed_by` may show them
/// inside itself.
fn close(headers: &mut HeaderMap, framed_by: Option<&str>) {
    match framed_by.map(|origin| HeaderValue::try_from(format!("{POLICY}; frame-ancestors {origin}"))) {
        Some(Ok(policy)) => {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        _ => {
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(ALONE));
            headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        }
    }
    fix(headers);
}

/// What answers say whatever they show: nothing is guessed, kept or told elsewhere.
pub fn fix(headers: &mut HeaderMap) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // "no-referrer" would send forms with the origin "null".
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_no_session_is_answered_in_the_first_of_our_languages_that_the_browser_asks_for() {
        let asked = |value: &'static str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(value))]);
            asked_language(&headers)
        };
        assert_eq!(asked("en-GB,en;q=0.9,fr;q=0.8"), Some(Language::English));
        assert_eq!(asked("de, FR-be;q=0.7, en"), Some(Language::French));
        assert_eq!(asked("de,*;q=0.5"), None);
        assert_eq!(asked(""), None);
    }

    #[test]
    fn a_header_counts_only_where_it_stands_once() {
        let mut headers = HeaderMap::new();
        assert_eq!(only(&headers, header::HOST), None);
        headers.append(header::HOST, HeaderValue::from_static("127.0.0.1:1"));
        assert_eq!(only(&headers, header::HOST), Some("127.0.0.1:1"));
        headers.append(header::HOST, HeaderValue::from_static("127.0.0.1:1"));
        assert_eq!(only(&headers, header::HOST), None);
    }

    #[test]
    fn only_a_page_that_was_named_may_show_these_inside_itself() {
        let closed = |framed_by| {
            let mut headers = HeaderMap::new();
            close(&mut headers, framed_by);
            let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
            (policy, headers.contains_key(header::X_FRAME_OPTIONS))
        };
        assert_eq!(closed(None), (ALONE.to_owned(), true));
        assert_eq!(ALONE, format!("{POLICY}; frame-ancestors 'none'"));
        let wall = "http://127.0.0.1:4000";
        assert_eq!(closed(Some(wall)), (format!("{POLICY}; frame-ancestors {wall}"), false));
        assert_eq!(closed(Some("http://x\n")), (ALONE.to_owned(), true), "no header: nobody");
    }

    #[test]
    fn the_cookie_of_this_desk_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; estafette-80=x; estafette-8080=y"));
        assert_eq!(cookie(&headers, "estafette-8080"), Some("y"));
        assert_eq!(cookie(&headers, "estafette-808"), None);
    }

    #[test]
    fn only_the_link_the_style_and_the_script_are_for_anybody() {
        for path in ["/open", "/assets/desk.css", "/assets/desk.js", "/assets/logo.png"] {
            assert_eq!(needs(path), Needs::Nothing, "{path}");
        }
        for path in ["/unlock", "/begin", "/begin/join", "/begin/create/sheet", "/conversations/7/draft"] {
            assert_eq!(needs(path), Needs::Visitor, "{path}");
        }
        for path in
            ["/", "/beginning", "/waiting", "/open/", "/assets", "/conversations", "/events", "/unlocked"]
        {
            assert_eq!(needs(path), Needs::Open, "{path}");
        }
    }
}
