//! The socket: the same TLS connection after its upgrade (RFC 6455), binary messages only.
//!
//! The two halves may be used by two tasks. Dropping both closes the connection.

use std::time::Duration;

use estafette_protocol::{Fault, FaultCode, limits};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::upgrade::Upgraded;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::request::{self, Connection};
use super::{unreachable, within};

const PATH: &str = "/v1/socket";

type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    /// What leaves.
    pub sender: Sender,
    /// What comes.
    pub receiver: Receiver,
}

/// The sending half of a [`Socket`].
#[derive(Debug)]
pub struct Sender(SplitSink<Stream, Message>);

/// The receiving half of a [`Socket`].
#[derive(Debug)]
pub struct Receiver(SplitStream<Stream>);

impl Socket {
    pub(super) async fn upgrade(mut connection: Connection, token: &str) -> Result<Self, Fault> {
        let key = generate_key();
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| FaultCode::Malformed)?;
        bearer.set_sensitive(true);
        let request = Request::get(PATH)
            .header(header::HOST, connection.authority())
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, &key)
            .header(header::AUTHORIZATION, bearer)
            .body(Full::new(Bytes::new()))
            .map_err(|_| FaultCode::Malformed)?;
        let response = connection.send(request).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(request::refusal(response).await);
        }
        let accept = response.headers().get(header::SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
        if accept != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
            return Err(unreachable());
        }
        let upgraded = hyper::upgrade::on(response).await.map_err(|_| unreachable())?;
        let limits = WebSocketConfig::default()
            .max_message_size(Some(limits::FRAME))
            .max_frame_size(Some(limits::FRAME));
        let stream = Stream::from_raw_socket(TokioIo::new(upgraded), Role::Client, Some(limits)).await;
        let (sender, receiver) = stream.split();
        Ok(Self { sender: Sender(sender), receiver: Receiver(receiver) })
    }
}

impl Sender {
    /// Hands a message of at most [`limits::FRAME`] bytes to the system, in `limit`.
    pub async fn send(&mut self, message: Vec<u8>, limit: Duration) -> Result<(), Fault> {
        if message.len() > limits::FRAME {
            return Err(FaultCode::TooLarge.into());
        }
        self.write(Message::Binary(message.into()), limit).await
    }

    /// Asks for a sign of life; the other half counts the answer as traffic.
    pub async fn ping(&mut self, limit: Duration) -> Result<(), Fault> {
        self.write(Message::Ping(Bytes::new()), limit).await
    }

    /// Says goodbye, so that the relay need not find out.
    pub async fn close(mut self, limit: Duration) {
        // Whether or not it is heard, the connection is closed.
        let _ = self.write(Message::Close(None), limit).await;
    }

    async fn write(&mut self, message: Message, limit: Duration) -> Result<(), Fault> {
        within(limit, async { self.0.send(message).await.map_err(|error| fault(&error)) }).await
    }
}

impl Receiver {
    /// The next message. `unreachable` when the relay closed, the line broke, or nothing at all
    /// came for `silence`. Pings are answered meanwhile. A dropped call loses no message.
    pub async fn receive(&mut self, silence: Duration) -> Result<Vec<u8>, Fault> {
        loop {
            let next = within(silence, async { self.0.next().await.ok_or_else(unreachable) }).await?;
            match next.map_err(|error| fault(&error))? {
                Message::Binary(message) => return Ok(message.into()),
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Close(_) => return Err(unreachable()),
                Message::Text(_) | Message::Frame(_) => return Err(FaultCode::Malformed.into()),
            }
        }
    }
}

fn fault(error: &Error) -> Fault {
    match error {
        Error::Capacity(_) => FaultCode::TooLarge.into(),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => unreachable(),
        Error::Protocol(_) | Error::Utf8(_) => FaultCode::Malformed.into(),
        _ => unreachable(),
    }
}
