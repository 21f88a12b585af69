//! Wake-ups over real TLS: to a push server that counts, to one that says no, to one that redirects, and to
//! one that never answers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use estafette_protocol::frame::RequestBody;
use estafette_server::config::WakeUps;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use crate::metrics::numbers;
use crate::organisation::Organisation;
use crate::running::{Folder, connect};

/// How long the test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A certificate for this machine, as PEM, and TLS with it.
pub fn identity() -> (String, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let chain = vec![CertificateDer::from(made.cert.der().to_vec())];
    let server = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    (made.cert.pem(), TlsAcceptor::from(Arc::new(server)))
}

/// A push server that answers everybody alike, or nobody; its address and the requests that it gets.
pub async fn push_server(
    tls: TlsAcceptor,
    answer: Option<String>,
) -> (String, mpsc::UnboundedReceiver<String>) {
    let tcp = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("https://localhost:{}/up", tcp.local_addr().unwrap().port());
    let (heard, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (stream, _) = tcp.accept().await.unwrap();
            let (tls, answer, heard) = (tls.clone(), answer.clone(), heard.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = tls.accept(stream).await else { return };
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else { return };
                    request.push(byte);
                }
                let _ = heard.send(String::from_utf8(request).unwrap());
                match answer {
                    Some(answer) => drop(stream.write_all(answer.as_bytes()).await),
                    None => std::future::pending::<()>().await,
                }
            });
        }
    });
    (address, requests)
}

fn status(line: &str) -> Option<String> {
    Some(format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n"))
}

#[tokio::test]
async fn a_wake_up_is_one_constant_empty_request_and_bad_servers_delay_nobody() {
    let (pem, tls) = identity();
    let (good, mut heard) = push_server(tls.clone(), status("201 Created")).await;
    let (elsewhere, mut astray) = push_server(tls.clone(), status("201 Created")).await;
    let redirects = format!("302 Found\r\nlocation: {elsewhere}");
    let (redirecting, _) = push_server(tls.clone(), status(&redirects)).await;
    let (failing, _) = push_server(tls.clone(), status("500 Internal Server Error")).await;
    let (hanging, _) = push_server(tls, None).await;

    let mut folder = Folder::new();
    let authorities: PathBuf = folder.config.folder.join("push.pem");
    std::fs::write(&authorities, pem).unwrap();
    folder.config.wake_ups = WakeUps { hosts: vec!["localhost".to_owned()], authorities: Some(authorities) };
    folder.config.metrics = Some(([127, 0, 0, 1], 0).into());
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let endpoints = [&good, &good, &hanging, &redirecting, &failing];
    for (number, endpoint) in (2..).zip(endpoints) {
        let mut device = organisation.enrol(&mut connection, number).await;
        let asked = RequestBody::WakeUps { endpoint: Some(endpoint.clone()) };
        device.ask(&mut connection, asked).await.unwrap();
    }
    relay.shutdown().await;
    // A relay that starts does not know who has seen what: it wakes everybody once.
    let relay = folder.start().await;
    let next = async || tokio::time::timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
    let mut next = next;
    let (one, other) = (next().await, next().await);
    assert_eq!(one, other, "nothing tells two wake-ups apart");
    let authority = good.trim_start_matches("https://").trim_end_matches("/up");
    assert_eq!(
        one,
        format!("POST /up HTTP/1.1\r\nhost: {authority}\r\ncontent-length: 0\r\nttl: 3600\r\n\r\n")
    );
    let counted = async {
        loop {
            let numbers = numbers(&relay).await;
            let code = |code: &str| {
                let name = format!("estafette_wake_ups_total{{code=\"{code}\"}}");
                numbers.get(&name).copied().unwrap_or_default()
            };
            if (code("ok"), code("refused"), code("timed_out")) == (2.0, 2.0, 1.0) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, counted).await.expect("each wake-up is counted by how it ended");
    assert!(astray.try_recv().is_err(), "a redirect is not followed");
    relay.shutdown().await;
}
