//! A refusal on its way to the browser. Its page is made by the [`super::guard`], which knows the language.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use estafette_protocol::texts::{Language, fault_advice, fault_sentence, fault_sentence_until, text};
use estafette_protocol::{Fault, FaultCode, Timestamp};

use super::visitors::Notice;
use crate::place::Place;
use crate::session::Failure;

/// Why a page is not made.
#[derive(Debug)]
pub struct Refusal(pub Failure);

impl<F: Into<Failure>> From<F> for Refusal {
    fn from(failure: F) -> Self {
        Self(failure.into())
    }
}

/// What a response carries until its page is made.
#[derive(Debug, Clone)]
pub enum Told {
    /// With a stable code.
    Fault(Fault),
    /// A sentence that is made already.
    Sentence(String),
    /// A form of more bytes than are read.
    FormTooLarge,
}

impl Refusal {
    fn told(&self) -> Told {
        match (&self.0, self.0.fault()) {
            (_, Some(fault)) => Told::Fault(fault),
            (Failure::Usage(sentence), None) => Told::Sentence(sentence.clone()),
            (error, None) => {
                tracing::warn!(%error, "a page was not made");
                Told::Fault(FaultCode::Internal.into())
            }
        }
    }

    /// For the next page of the browser.
    pub fn notice(&self, language: Language, place: Option<&Place>) -> Notice {
        self.told().notice(language, place)
    }
}

impl Told {
    /// Its stable code, where it has one.
    pub fn code(&self) -> Option<FaultCode> {
        match self {
            Self::Fault(fault) => Some(fault.code),
            Self::FormTooLarge => Some(FaultCode::TooLarge),
            Self::Sentence(_) => None,
        }
    }

    /// The sentences for a person.
    pub fn notice(&self, language: Language, place: Option<&Place>) -> Notice {
        match self {
            Self::Sentence(sentence) => Notice { refused: true, lines: vec![sentence.clone()], code: None },
            Self::FormTooLarge => Notice {
                refused: true,
                lines: vec![
                    text(language, "web-form-too-large", &[]),
                    text(language, "web-form-too-large-advice", &[]),
                ],
                code: Some(FaultCode::TooLarge.as_str()),
            },
            Self::Fault(fault) => {
                let said = |at: Timestamp| match place {
                    Some(place) => place.soon(language, at),
                    None => crate::output::local(None, at),
                };
                let sentence = match fault.reopens_at.map(said) {
                    Some(reopens) => fault_sentence_until(language, fault, &reopens),
                    None => fault_sentence(language, fault),
                };
                let lines = vec![sentence, fault_advice(language, fault)];
                Notice { refused: true, lines, code: Some(fault.code.as_str()) }
            }
        }
    }

    /// The status that goes with it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Sentence(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::FormTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Fault(fault) => {
                StatusCode::from_u16(fault.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

impl IntoResponse for Told {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.told().into_response()
    }
}
