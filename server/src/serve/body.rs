//! Bodies and headers as handlers take them: type, size and time first, then their meaning.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use estafette_protocol::{FaultCode, codec, limits};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use minicbor::Decode;

use super::App;
use super::connection::Connection;
use crate::problem::Refusal;

/// The media type of every body that a device sends.
pub(crate) const CBOR: &str = "application/cbor";

/// A body of at most [`limits::FRAME`] bytes, unread.
pub(super) struct Raw(pub Bytes);

impl FromRequest<App> for Raw {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        if !is_cbor(request.headers()) {
            return Err(FaultCode::UnsupportedMedia.into());
        }
        let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if announced.and_then(|length| length.parse().ok()).is_some_and(|length: u64| length > limits::FRAME as u64) {
            return Err(too_large());
        }
        match tokio::time::timeout(app.limits.body, collect(request.into_body())).await {
            Ok(bytes) => bytes.map(Self),
            Err(_) => Err(FaultCode::Malformed.into()),
        }
    }
}

async fn collect(body: Body) -> Result<Bytes, Refusal> {
    match Limited::new(body, limits::FRAME).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(FaultCode::Malformed.into()),
    }
}

fn too_large() -> Refusal {
    estafette_protocol::Fault::new(FaultCode::TooLarge).with_number(limits::FRAME as u64).into()
}

fn is_cbor(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(CBOR))
}

/// A body that was understood.
pub(super) struct Cbor<T>(pub T);

impl<T: for<'b> Decode<'b, ()>> FromRequest<App> for Cbor<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let Raw(bytes) = Raw::from_request(request, app).await?;
        Ok(Self(codec::from_bytes(&bytes, limits::FRAME)?))
    }
}

/// The connection on which a request came.
pub(super) struct On(pub Arc<Connection>);

impl<S: Sync> FromRequestParts<S> for On {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get().cloned().map(Self).ok_or_else(|| FaultCode::Internal.into())
    }
}
