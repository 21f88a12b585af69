//! Whoever is slow or greedy loses only their own place.
//!
//! Time limits are shortened in the settings; no test sleeps, each waits for the relay to act.

use std::time::Duration;

use estafette_protocol::Hash;
use estafette_server::serve::RelayServer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Connection, tls_stream};
use crate::running::{Folder, connect};

/// Reads until the other side closes; what came before.
async fn until_closed(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<u8> {
    let mut seen = Vec::new();
    // A reset is a close as well.
    let _ = stream.read_to_end(&mut seen).await;
    seen
}

#[tokio::test]
async fn a_connection_that_never_shakes_hands_is_closed() {
    let mut folder = Folder::new();
    folder.config.limits.handshake = Duration::from_millis(50);
    let relay = folder.start().await;
    let mut silent = TcpStream::connect(relay.address()).await.unwrap();
    assert_eq!(until_closed(&mut silent).await, b"");
    relay.shutdown().await;
}

#[tokio::test]
async fn a_connection_that_asks_nothing_or_nothing_more_is_closed() {
    let mut folder = Folder::new();
    folder.config.limits.headers = Duration::from_millis(50);
    let relay = folder.start().await;
    let mut silent = tls_stream(relay.address(), relay.pin()).await.unwrap();
    assert_eq!(until_closed(&mut silent).await, b"");
    let mut done = tls_stream(relay.address(), relay.pin()).await.unwrap();
    done.write_all(b"GET /healthz HTTP/1.1\r\nhost: relay.invalid\r\n\r\n").await.unwrap();
    let answer = until_closed(&mut done).await;
    assert!(answer.ends_with(b"alive\n"), "{}", String::from_utf8_lossy(&answer));
    relay.shutdown().await;
}

#[tokio::test]
async fn headers_that_never_end_are_not_awaited() {
    let mut folder = Folder::new();
    folder.config.limits.headers = Duration::from_millis(50);
    let relay = folder.start().await;
    let mut slow = tls_stream(relay.address(), relay.pin()).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: relay.invalid\r\nx: ").await.unwrap();
    let answer = until_closed(&mut slow).await;
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
    assert!(connect(&relay).await.get("/healthz").await.status.is_success(), "others are served");
    relay.shutdown().await;
}

#[tokio::test]
async fn a_body_that_never_ends_is_refused() {
    let mut folder = Folder::new();
    folder.config.limits.body = Duration::from_millis(50);
    let relay = folder.start().await;
    let mut slow = tls_stream(relay.address(), relay.pin()).await.unwrap();
    let head = "POST /v1/exchange HTTP/1.1\r\nhost: r\r\ncontent-type: application/cbor\r\ncontent-length: 10\r\n\r\n";
    slow.write_all(head.as_bytes()).await.unwrap();
    slow.write_all(&[0x82]).await.unwrap();
    let answer = String::from_utf8_lossy(&until_closed(&mut slow).await).into_owned();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("\"malformed\""), "{answer}");
    relay.shutdown().await;
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_until_a_place_is_free() {
    let mut folder = Folder::new();
    folder.config.limits.connections = 2;
    let relay = folder.start().await;
    let mut first = connect(&relay).await;
    assert!(first.get("/healthz").await.status.is_success());
    let mut second = connect(&relay).await;
    assert!(second.get("/healthz").await.status.is_success());
    assert!(tls_stream(relay.address(), relay.pin()).await.is_err(), "a third one gets no handshake");
    drop(first);
    // The place is free once the relay has seen the end of the first; it closes the others at once.
    let mut third = loop {
        if let Ok(stream) = tls_stream(relay.address(), relay.pin()).await {
            break Connection::on(stream).await;
        }
    };
    assert!(third.get("/healthz").await.status.is_success());
    assert!(second.get("/healthz").await.status.is_success());
    relay.shutdown().await;
}

#[tokio::test]
async fn another_certificate_than_the_pinned_one_gets_no_request() {
    let folder = Folder::new();
    let relay = folder.start().await;
    assert!(tls_stream(relay.address(), Hash([0; 32])).await.is_err());
    relay.shutdown().await;
}

#[tokio::test]
async fn an_address_that_is_taken_is_said_at_the_start() {
    let mut folder = Folder::new();
    let relay = folder.start().await;
    folder.config.listen = relay.address();
    let refused = RelayServer::start(&folder.config).await.err().expect("the address is taken");
    assert!(refused.to_string().contains(&relay.address().to_string()), "{refused}");
    relay.shutdown().await;
}

#[tokio::test]
async fn a_relay_that_is_well_is_ready_and_one_without_space_says_so() {
    let mut folder = Folder::new();
    let relay = folder.start().await;
    let answer = connect(&relay).await.get("/readyz").await;
    assert_eq!(&answer.body[..], b"ready\n");
    relay.shutdown().await;
    folder.config.storage.least_free = u64::MAX;
    let relay = folder.start().await;
    let refused = connect(&relay).await.get("/readyz").await;
    assert_eq!(refused.code(), "disk_full");
    let problem: serde_json::Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!(problem["reasons"], serde_json::json!(["disk_space"]));
    relay.shutdown().await;
}
