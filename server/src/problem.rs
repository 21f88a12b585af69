//! Refusals as people and programs read them: `application/problem+json` (RFC 9457).
//!
//! Always true: every answer of the relay that is not a success has this form, those that the
//! HTTP library makes by itself included. A problem names a fault and nothing of the request.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use estafette_protocol::texts::{Language, fault_advice, fault_sentence};
use estafette_protocol::{Fault, FaultCode};
use serde::Serialize;

/// The media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Seconds to wait where nothing says how long.
const RETRY_AFTER: u64 = 60;

/// A refusal on its way out of a handler; it becomes a document once the language is known.
#[derive(Debug, Clone)]
pub struct Refusal(pub Fault);

impl<F: Into<Fault>> From<F> for Refusal {
    fn from(fault: F) -> Self {
        Self(fault.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = status(&self.0).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns every answer that is not a success into a problem document, in the caller's language.
pub async fn describe(request: Request, next: Next) -> Response {
    let language = language(request.headers());
    let response = next.run(request).await;
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return response;
    }
    let Refusal(fault) = response.extensions().get().cloned().unwrap_or_else(|| of_status(response.status()));
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut document = document(&fault, language);
    // For who counts.
    document.extensions_mut().insert(fault.code);
    if let Some(allow) = allow {
        document.headers_mut().insert(header::ALLOW, allow);
    }
    document
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: String,
    status: u16,
    detail: String,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reopens_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
}

fn document(fault: &Fault, language: Language) -> Response {
    let code = fault.code.as_str();
    let document = Document {
        r#type: format!("urn:estafette:fault:{code}"),
        title: fault_sentence(language, &Fault::new(fault.code)),
        status: status(fault).as_u16(),
        detail: format!("{} {}", fault_sentence(language, fault), fault_advice(language, fault)),
        code,
        number: fault.number,
        reopens_at: fault.reopens_at.map(|at| at.0),
        reasons: fault.reasons.as_deref(),
        hash: fault.hash.map(|hash| hash.to_string()),
    };
    let body = serde_json::to_vec(&document).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status(fault);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match status(fault) {
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::TOO_MANY_REQUESTS => {
            headers.insert(header::RETRY_AFTER, fault.number.unwrap_or(RETRY_AFTER).into());
        }
        _ => {}
    }
    response
}

fn status(fault: &Fault) -> StatusCode {
    StatusCode::from_u16(fault.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The fault that goes with an answer which some library made by itself.
fn of_status(status: StatusCode) -> Refusal {
    let code = match status {
        StatusCode::NOT_FOUND => FaultCode::NoSuchRoute,
        StatusCode::METHOD_NOT_ALLOWED => FaultCode::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => FaultCode::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => FaultCode::UnsupportedMedia,
        status if status.is_client_error() => FaultCode::Malformed,
        _ => FaultCode::Internal,
    };
    code.into()
}

/// The best of our languages that `Accept-Language` asks for (RFC 9110, section 12.5.4); French if none.
fn language(headers: &HeaderMap) -> Language {
    let wanted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (Language::French, 0.0);
    for range in wanted.split(',').take(32) {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let known = ["fr", "en"]
            .iter()
            .any(|known| tag.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case(known)));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
        // Of equal weights the first one stands: clients list them by preference.
        if let Some(weight) = weight.filter(|weight: &f32| known && *weight > best.1) {
            best = (Language::from_tag(tag), weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_best_known_one_and_french_by_default() {
        let chosen = |wanted: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_bytes(wanted.as_bytes()).unwrap());
            language(&headers)
        };
        assert_eq!(language(&HeaderMap::new()), Language::French);
        for english in ["en", "en-GB", "de, en;q=0.2", "fr;q=0.3, EN;q=0.8", "en, fr", "fr;q=0, en"] {
            assert_eq!(chosen(english), Language::English, "{english}");
        }
        for french in ["fr", "de", "*", "en;q=0", "fr, en", "en;q=x", ";;;,,,", "énergie"] {
            assert_eq!(chosen(french), Language::French, "{french}");
        }
    }

    #[tokio::test]
    async fn a_problem_carries_what_a_program_needs_and_a_sentence() {
        let fault = Fault::new(FaultCode::RequestReplayed).with_number(41);
        let response = document(&fault, Language::English);
        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(response.headers()[header::CONTENT_TYPE], MEDIA_TYPE);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(value["type"], "urn:estafette:fault:request_replayed");
        assert_eq!(value["code"], "request_replayed");
        assert_eq!(value["status"], 409);
        assert_eq!(value["number"], 41);
        assert!(value["detail"].as_str().unwrap().contains("41"));
        assert_eq!(value.get("reasons"), None);
    }

    #[test]
    fn every_fault_has_a_status_that_http_knows_as_a_refusal() {
        for &code in FaultCode::ALL {
            let status = status(&code.into());
            assert!(status.is_client_error() || status.is_server_error(), "{code}");
            assert_eq!(status.as_u16(), code.status(), "{code}");
        }
    }
}
