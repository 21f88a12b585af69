//! The metrics of a relay that runs: they move as expected, and say nothing about anybody.

use std::collections::BTreeMap;

use estafette_protocol::FaultCode;
use estafette_protocol::frame::RequestBody;
use estafette_server::route::ROUTES;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::organisation::Organisation;
use crate::running::{Folder, connect};

/// Every number by its name and labels.
pub async fn numbers(relay: &estafette_server::serve::RunningRelay) -> BTreeMap<String, f64> {
    let mut stream = TcpStream::connect(relay.metrics_address().unwrap()).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: r\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{head}");
    assert!(body.ends_with("# EOF\n"));
    let numbers = body.lines().filter(|line| !line.starts_with('#'));
    numbers
        .map(|line| line.rsplit_once(' ').map(|(name, n)| (name.to_owned(), n.parse().unwrap())).unwrap())
        .collect()
}

#[tokio::test]
async fn numbers_move_with_what_happens_and_labels_come_from_fixed_sets() {
    let mut folder = Folder::new();
    folder.config.metrics = Some(([127, 0, 0, 1], 0).into());
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let mut agent = organisation.enrol(&mut connection, 2).await;
    let before = numbers(&relay).await;
    assert_eq!(before["estafette_connected_devices"], 0.0);

    let token = agent.token(&mut connection).await;
    agent.ask(&mut connection, RequestBody::Pending).await.unwrap_err();
    let mut forged = agent.signed(vec![]);
    forged.proof.number += 7;
    assert_eq!(connection.post_value("/v1/exchange", &forged).await.code(), "bad_proof");
    connection.get("/nowhere").await;
    let mut socket = connection.socket(Some(&token)).await.ok().unwrap();
    socket.ask(RequestBody::Check { cursor: Default::default() }).await;
    assert!(socket.next().await.is_some());

    let after = numbers(&relay).await;
    let gained = |name: &str| after.get(name).unwrap_or(&0.0) - before.get(name).unwrap_or(&0.0);
    assert_eq!(after["estafette_connected_devices"], 1.0);
    assert_eq!(gained("estafette_http_requests_total{page=\"/v1/exchange\",code=\"ok\"}"), 2.0);
    assert_eq!(gained("estafette_http_requests_total{page=\"/v1/exchange\",code=\"bad_proof\"}"), 1.0);
    assert_eq!(gained("estafette_http_requests_total{page=\"other\",code=\"no_such_route\"}"), 1.0);
    assert_eq!(gained("estafette_requests_total{kind=\"pending\",code=\"forbidden\"}"), 1.0);
    assert_eq!(gained("estafette_requests_total{kind=\"check\",code=\"ok\"}"), 1.0);
    assert!(gained("estafette_commit_batches_count") >= 2.0, "request numbers and an audit line");
    assert!(gained("estafette_received_bytes_total") > 200.0);
    assert!(gained("estafette_sent_bytes_total") > 200.0);
    assert!(after["estafette_free_space_bytes"] > 0.0);
    assert_eq!(after["estafette_queue_bytes"], 0.0);

    let pages: Vec<&str> = ROUTES.iter().map(|route| route.path).chain(["other"]).collect();
    for name in after.keys() {
        let Some((_, labels)) = name.split_once('{') else { continue };
        for label in labels.trim_end_matches('}').split(',') {
            let (key, value) = label.split_once('=').unwrap();
            let value = value.trim_matches('"');
            let fixed = match key {
                "page" => pages.contains(&value),
                "code" => value == "ok" || value.parse::<FaultCode>().is_ok(),
                "kind" => value.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'),
                "le" => value == "+Inf" || value.parse::<f64>().is_ok(),
                _ => false,
            };
            assert!(fixed, "{name}");
        }
        assert!(!name.contains(&agent.id.to_string()) && !name.contains(&organisation.id.to_string()));
    }
    let address = relay.metrics_address().unwrap();
    drop(socket);
    relay.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err(), "the listener ends with the relay");
}

#[tokio::test]
async fn without_being_asked_a_relay_serves_no_metrics() {
    let folder = Folder::new();
    let relay = folder.start().await;
    assert_eq!(relay.metrics_address(), None);
    assert_eq!(connect(&relay).await.get("/metrics").await.code(), "no_such_route");
    relay.shutdown().await;
}
