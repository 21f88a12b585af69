//! Requests on the connection, before it becomes a socket.

use std::time::Duration;

use estafette_protocol::{Fault, FaultCode, Timestamp, limits};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{self, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::task::AbortHandle;

use super::{Endpoint, Socket, unreachable, within};

const CBOR: &str = "application/cbor";
const PROBLEM: &str = "application/problem+json";

/// A TLS connection to the pinned relay. One request at a time; closed when dropped.
#[derive(Debug)]
pub struct Connection {
    requests: SendRequest<Full<Bytes>>,
    authority: HeaderValue,
    _carrier: Carrier,
}

/// The task that moves bytes for the connection, ended with it.
#[derive(Debug)]
struct Carrier(AbortHandle);

impl Drop for Carrier {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Connection {
    /// Connects and proves the relay's key, in `limit` altogether.
    pub async fn open(endpoint: &Endpoint, limit: Duration) -> Result<Self, Fault> {
        within(limit, async {
            let authority = HeaderValue::from_str(&endpoint.address).map_err(|_| FaultCode::Malformed)?;
            let tls = endpoint.connect().await?;
            let (requests, bytes) = http1::handshake(TokioIo::new(tls)).await.map_err(|_| unreachable())?;
            // Its end and its failure show in the requests that it carries.
            let carrier = Carrier(tokio::spawn(bytes.with_upgrades()).abort_handle());
            Ok(Self { requests, authority, _carrier: carrier })
        })
        .await
    }

    /// Posts CBOR to `path` and gives the answer's body, at most [`limits::FRAME`] bytes.
    pub async fn post(&mut self, path: &str, body: Vec<u8>, limit: Duration) -> Result<Vec<u8>, Fault> {
        let request = Request::post(path)
            .header(header::HOST, self.authority.clone())
            .header(header::CONTENT_TYPE, CBOR)
            .header(header::ACCEPT, CBOR)
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| FaultCode::Malformed)?;
        within(limit, async {
            let response = self.send(request).await?;
            let expected =
                response.status().is_success() && (is(&response, CBOR) || response.status() == 204);
            if expected { read(response).await } else { Err(refusal(response).await) }
        })
        .await
    }

    /// Whether a page such as `/readyz` is answered with success, in `limit`.
    pub async fn is_well(&mut self, path: &str, limit: Duration) -> Result<bool, Fault> {
        let request = Request::get(path)
            .header(header::HOST, self.authority.clone())
            .body(Full::new(Bytes::new()))
            .map_err(|_| FaultCode::Malformed)?;
        within(limit, async {
            let response = self.send(request).await?;
            let well = response.status().is_success();
            read(response).await.map(|_| well)
        })
        .await
    }

    /// Turns this very TLS connection into a socket, with the token of the last exchange.
    pub async fn into_socket(self, token: &str, limit: Duration) -> Result<Socket, Fault> {
        within(limit, Socket::upgrade(self, token)).await
    }

    pub(super) fn authority(&self) -> HeaderValue {
        self.authority.clone()
    }

    pub(super) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Fault> {
        self.requests.ready().await.map_err(|_| unreachable())?;
        self.requests.send_request(request).await.map_err(|_| unreachable())
    }
}

fn is(response: &Response<Incoming>, media_type: &str) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes() == media_type.as_bytes())
}

async fn read(response: Response<Incoming>) -> Result<Vec<u8>, Fault> {
    // A length that is announced is refused at once, one that is not when the limit is passed.
    if usize::try_from(response.body().size_hint().lower()).is_ok_and(|announced| announced > limits::FRAME) {
        return Err(FaultCode::TooLarge.into());
    }
    match Limited::new(response.into_body(), limits::FRAME).collect().await {
        Ok(body) => Ok(body.to_bytes().into()),
        Err(error) if error.is::<LengthLimitError>() => Err(FaultCode::TooLarge.into()),
        Err(_) => Err(unreachable()),
    }
}

/// What the relay says is wrong; something else in its place is no relay.
pub(super) async fn refusal(response: Response<Incoming>) -> Fault {
    if !is(&response, PROBLEM) {
        return unreachable();
    }
    match read(response).await {
        Ok(body) => problem(&body),
        Err(fault) => fault,
    }
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    number: Option<u64>,
    reopens_at: Option<u64>,
    reasons: Option<Vec<String>>,
    hash: Option<String>,
}

/// Reads a problem document. A code of a newer relay is a defect to this version.
fn problem(body: &[u8]) -> Fault {
    match serde_json::from_slice::<Problem>(body) {
        Ok(Problem { code, number, reopens_at, reasons, hash }) => Fault {
            code: code.parse().unwrap_or(FaultCode::Internal),
            reopens_at: reopens_at.map(Timestamp),
            number,
            reasons,
            hash: hash.and_then(|hash| hash.parse().ok()),
        },
        Err(_) => unreachable(),
    }
}
