//! Bodies and headers as handlers take them: type, size and time first, then their meaning.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use estafette_protocol::{Fault, FaultCode, codec, limits};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use minicbor::Decode;

use super::App;
use super::connection::Connection;
use crate::problem::Refusal;

/// The media type of every body that a device sends.
pub(crate) const CBOR: &str = "application/cbor";

/// A larger body than this is cut off; in bytes.
const PATIENCE: usize = 2 * limits::FRAME;

/// A body of at most [`limits::FRAME`] bytes, unread.
pub(crate) struct Raw(pub Bytes);

impl FromRequest<App> for Raw {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        if !is_cbor(request.headers()) {
            return Err(FaultCode::UnsupportedMedia.into());
        }
        match tokio::time::timeout(app.limits.body, collect(request.into_body())).await {
            Ok(bytes) => bytes.map(Self),
            Err(_) => Err(FaultCode::Malformed.into()),
        }
    }
}

/// Reads a body, and keeps nothing of one that is too large. Up to [`PATIENCE`] bytes of it are
/// let pass all the same: who is still sending when the connection closes never reads the answer.
async fn collect(mut body: Body) -> Result<Bytes, Refusal> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let (mut bytes, mut seen) = (Vec::new(), 0usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| FaultCode::Malformed)?;
        let Ok(data) = frame.into_data() else { continue };
        seen = seen.saturating_add(data.len());
        let size = announced.max(seen);
        if size > PATIENCE {
            return Err(too_large());
        } else if size > limits::FRAME {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&data);
        }
    }
    if seen > limits::FRAME { Err(too_large()) } else { Ok(bytes.into()) }
}

fn too_large() -> Refusal {
    Fault::new(FaultCode::TooLarge).with_number(limits::FRAME as u64).into()
}

fn is_cbor(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(CBOR))
}

/// A body that was understood.
pub(crate) struct Cbor<T>(pub T);

impl<T: for<'b> Decode<'b, ()>> FromRequest<App> for Cbor<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let Raw(bytes) = Raw::from_request(request, app).await?;
        Ok(Self(codec::from_bytes(&bytes, limits::FRAME)?))
    }
}

/// The connection on which a request came.
pub(crate) struct On(pub Arc<Connection>);

impl<S: Sync> FromRequestParts<S> for On {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get().cloned().map(Self).ok_or_else(|| FaultCode::Internal.into())
    }
}
