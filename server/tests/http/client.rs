//! A small client: one TLS connection, requests on it, and the socket that it may become.
//!
//! It is the device's side of the wire without what a device knows; the product's own client is
//! in `core`, which the relay never sees.

use std::net::SocketAddr;
use std::sync::Arc;

use estafette_protocol::frame::{Message, Request, RequestBody};
use estafette_protocol::{Hash, codec};
use estafette_server::tls;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::HeaderMap;
use hyper::upgrade::Upgraded;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::openapi;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The fault's code, after the form of the problem document was checked.
    pub fn code(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let problem: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["status"], self.status.as_u16());
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        problem["code"].as_str().unwrap().to_owned()
    }

    /// The body of a success.
    pub fn read<T: for<'b> minicbor::Decode<'b, ()>>(&self) -> T {
        assert_eq!(self.status, StatusCode::OK, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.headers["content-type"], "application/cbor");
        codec::from_bytes(&self.body, usize::MAX).unwrap()
    }
}

/// One TLS connection.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

/// A TLS connection before anything was sent on it.
pub async fn tls_stream(address: SocketAddr, pin: Hash) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Arc::new(Pinned { pin, provider: Arc::clone(&provider) });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("relay.invalid").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

impl Connection {
    pub async fn open(address: SocketAddr, pin: Hash) -> Self {
        Self::on(tls_stream(address, pin).await.unwrap()).await
    }

    /// Speaks HTTP on a TLS connection.
    pub async fn on(stream: TlsStream<TcpStream>) -> Self {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection.with_upgrades());
        Self { sender }
    }

    /// Sends a request as it is.
    pub async fn send(&mut self, request: hyper::Request<Full<Bytes>>) -> Answer {
        self.sender.ready().await.unwrap();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.sender.send_request(request).await.unwrap();
        openapi::seen(method.as_str(), &path, response.status().as_u16(), response.headers());
        read(response).await
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(request("GET", path).body(Full::default()).unwrap()).await
    }

    /// Posts CBOR.
    pub async fn post(&mut self, path: &str, body: impl Into<Bytes>) -> Answer {
        let request = request("POST", path).header("content-type", "application/cbor");
        self.send(request.body(Full::new(body.into())).unwrap()).await
    }

    /// Posts a value.
    pub async fn post_value(&mut self, path: &str, value: &impl minicbor::Encode<()>) -> Answer {
        self.post(path, codec::to_bytes(value)).await
    }

    /// Asks for the socket; what was refused is the error.
    pub async fn socket(mut self, token: Option<&str>) -> Result<Socket, Answer> {
        self.try_socket(token, &[]).await
    }

    /// The same with more headers; the connection can be used again after a refusal.
    pub async fn try_socket(
        &mut self,
        token: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Result<Socket, Answer> {
        let mut request = request("GET", "/v1/socket")
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.sender.ready().await.unwrap();
        let mut response = self.sender.send_request(request.body(Full::default()).unwrap()).await.unwrap();
        openapi::seen("GET", "/v1/socket", response.status().as_u16(), response.headers());
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(read(response).await);
        }
        let upgraded = TokioIo::new(hyper::upgrade::on(&mut response).await.unwrap());
        let frames = WebSocketStream::from_raw_socket(upgraded, Role::Client, None).await;
        Ok(Socket { frames, next: 0 })
    }
}

fn request(method: &str, path: &str) -> hyper::http::request::Builder {
    hyper::Request::builder().method(method).uri(path).header("host", "relay.invalid")
}

async fn read(response: Response<Incoming>) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Answer { status, headers, body }
}

/// An open socket.
pub struct Socket {
    pub frames: WebSocketStream<TokioIo<Upgraded>>,
    next: u32,
}

impl Socket {
    /// Sends a request and returns its id.
    pub async fn ask(&mut self, body: RequestBody) -> u32 {
        self.next += 1;
        let request = Request { id: self.next, body };
        // A relay that has closed is seen by reading.
        let _ = self.frames.send(Frame::Binary(codec::to_bytes(&request).into())).await;
        self.next
    }

    /// The next message; `None` once the relay has closed the socket.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            match self.frames.next().await? {
                Ok(Frame::Binary(bytes)) => return Some(Message::from_bytes(&bytes).unwrap()),
                // Reading on answers pings and the relay's close.
                Ok(Frame::Ping(_) | Frame::Pong(_) | Frame::Close(_)) => {}
                Err(_) => return None,
                Ok(other) => panic!("the relay sends binary messages only, not {other:?}"),
            }
        }
    }
}

#[derive(Debug)]
struct Pinned {
    pin: Hash,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if tls::pin(certificate) == Some(self.pin) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::General("another certificate than the pinned one".to_owned()))
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
