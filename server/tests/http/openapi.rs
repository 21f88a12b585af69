//! The document at `/openapi.json` and what the relay really answers, in both directions.
//!
//! Every answer that any test of this folder gets is held against the document ([`seen`], called
//! by the client); the walk below gets every answer that the document names.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex};

use estafette_protocol::enrol::TicketRequest;
use estafette_protocol::enrol::claim_hash;
use estafette_protocol::frame::RequestBody;
use estafette_protocol::{Signature, Timestamp, codec};
use estafette_server::openapi;
use estafette_server::route::{Method, ROUTES};
use http_body_util::Full;
use hyper::header::HeaderMap;
use serde_json::Value;

use crate::client::Connection;
use crate::organisation::{Organisation, begin, complete};
use crate::running::{Folder, connect};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(openapi::document()).unwrap());

/// Method, path, status and media type.
type Seen = (String, String, u16, String);

static SEEN: Mutex<BTreeSet<Seen>> = Mutex::new(BTreeSet::new());

/// Holds an answer against the document and remembers it.
pub fn seen(method: &str, path: &str, status: u16, headers: &HeaderMap) {
    let media = headers.get("content-type").map_or("", |value| value.to_str().unwrap()).to_owned();
    let method = method.to_ascii_lowercase();
    let operation = &DOCUMENT["paths"][path][&method];
    if !operation.is_object() {
        assert!([404, 405].contains(&status), "{method} {path} is not described, and answers {status}");
        assert_eq!(media, "application/problem+json");
        return;
    }
    let named = &operation["responses"][status.to_string()];
    let response = match named.is_object() {
        true => named,
        false => {
            assert!(status >= 500, "{method} {path} answers {status}, which is not described");
            &operation["responses"]["default"]
        }
    };
    match response["content"].as_object() {
        Some(content) => assert!(content.contains_key(&media), "{method} {path} {status}: {media}"),
        None => assert_eq!(media, "", "{method} {path} {status} has a body that is not described"),
    }
    SEEN.lock().unwrap().insert((method, path.to_owned(), status, media));
}

/// Every answer that the document names.
fn described() -> BTreeSet<Seen> {
    let mut described = BTreeSet::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let Ok(status) = status.parse() else { continue };
                let content = response["content"].as_object();
                let media: Vec<String> = content.map_or(vec![String::new()], |c| c.keys().cloned().collect());
                described
                    .extend(media.into_iter().map(|media| (method.clone(), path.clone(), status, media)));
            }
        }
    }
    described
}

/// Asks until a bucket is empty.
async fn until_too_many(connection: &mut Connection, path: &str) {
    loop {
        let answer = connection.post(path, Vec::new()).await;
        if answer.status == 429 {
            let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
            let problem: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(problem["number"], wait);
            return;
        }
        assert_eq!(answer.code(), "malformed");
    }
}

#[tokio::test]
async fn every_answer_that_the_document_names_is_really_given() {
    let mut folder = Folder::new();
    folder.config.rates.sockets = 1;
    let relay = folder.start().await;
    let mut connection = connect(&relay).await;
    for path in ["/healthz", "/readyz", "/openapi.json"] {
        connection.get(path).await;
    }
    for route in ROUTES.iter().filter(|route| route.method == Method::Post) {
        connection.post(route.path, Vec::new()).await;
        connection.post(route.path, vec![0; estafette_protocol::limits::FRAME + 1]).await;
        connection = connect(&relay).await;
        let plain = hyper::Request::builder().method("POST").uri(route.path).header("host", "r");
        connection.send(plain.body(Full::from("text")).unwrap()).await;
    }
    founding(&folder, &mut connection).await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let (_, mut again) = Organisation::prepare(&folder.ticket, 2);
    again.claim = [0; 32];
    connection.post_value("/v1/found", &again).await;
    enrolling(&mut organisation, &mut connection).await;
    speaking(&mut organisation, &relay).await;
    relay.shutdown().await;

    // The same pages with limits that are soon reached.
    folder.config.rates.enrolments = 10;
    folder.config.rates.strangers = 10;
    let relay = folder.start().await;
    let mut connection = connect(&relay).await;
    until_too_many(&mut connection, "/v1/exchange").await;
    for route in ROUTES.iter().filter(|route| route.method == Method::Post && route.path != "/v1/exchange") {
        until_too_many(&mut connection, route.path).await;
    }
    relay.shutdown().await;
    let seen = SEEN.lock().unwrap().clone();
    let missing: Vec<_> = described().difference(&seen).cloned().collect();
    assert_eq!(missing, [], "described, and never given");
}

async fn founding(folder: &Folder, connection: &mut Connection) {
    let (_, request) = Organisation::prepare(&folder.ticket, 1);
    let mut wrong = request.clone();
    wrong.claim = [0; 32];
    connection.post_value("/v1/found", &wrong).await;
    let mut forged = request;
    forged.binding.es256 = Signature([0; 64]);
    connection.post_value("/v1/found", &forged).await;
}

async fn enrolling(organisation: &mut Organisation, connection: &mut Connection) {
    let invitation = organisation.invite(connection, 2).await;
    let device = organisation.device_for(&invitation);
    let mut wrong = begin(organisation.id, &invitation);
    wrong.claim = [0; 32];
    for path in ["/v1/enrol/begin", "/v1/enrol/status"] {
        connection.post_value(path, &wrong).await;
    }
    let right = begin(organisation.id, &invitation);
    assert_eq!(connection.post_value("/v1/enrol/status", &right).await.code(), "not_found");
    let whole = complete(&device, &invitation);
    assert_eq!(connection.post_value("/v1/enrol/complete", &whole).await.code(), "enrolment_expired");
    let mut claim = whole.clone();
    claim.claim = [0; 32];
    connection.post_value("/v1/enrol/complete", &claim).await;
    assert_eq!(connection.post_value("/v1/enrol/begin", &right).await.status, 200);
    let mut forged = whole.clone();
    forged.binding.es256 = Signature([0; 64]);
    assert_eq!(connection.post_value("/v1/enrol/complete", &forged).await.code(), "bad_proof");
    let mut evidence = whole.clone();
    evidence.evidence = vec![0x80].into();
    assert_eq!(connection.post_value("/v1/enrol/complete", &evidence).await.code(), "attestation_rejected");
    assert_eq!(connection.post_value("/v1/enrol/complete", &whole).await.status, 200);
    assert_eq!(connection.post_value("/v1/enrol/status", &right).await.status, 200);
    assert_eq!(connection.post_value("/v1/enrol/begin", &right).await.code(), "enrolment_used");
    let other = organisation.device_for(&invitation);
    let used = complete(&other, &invitation);
    assert_eq!(connection.post_value("/v1/enrol/complete", &used).await.code(), "enrolment_used");

    // A ticket that ends while it is used: the relay's clock decides, so it is asked until then.
    let mut short = organisation.invite(connection, 3).await;
    short.enrolment.0[0] ^= 1;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let ticket = TicketRequest {
        enrolment: short.enrolment,
        inventory: short.inventory.id,
        claim: claim_hash(&short.secret.claim()),
        expires_at: Timestamp(now.as_millis() as u64 + 300),
    };
    organisation.admin.ask(connection, RequestBody::Ticket(ticket)).await.unwrap();
    let request = begin(organisation.id, &short);
    loop {
        let answer = connection.post_value("/v1/enrol/begin", &request).await;
        if answer.status != 200 {
            assert_eq!(answer.code(), "enrolment_expired");
            break;
        }
    }
}

async fn speaking(organisation: &mut Organisation, relay: &estafette_server::serve::RunningRelay) {
    let mut connection = connect(relay).await;
    let mut agent = organisation.enrol(&mut connection, 4).await;
    let mut own = connect(relay).await;
    let signed = codec::to_bytes(&agent.signed(vec![]));
    assert_eq!(own.post("/v1/exchange", signed.clone()).await.status, 200);
    assert_eq!(own.post("/v1/exchange", signed).await.code(), "request_replayed");
    let mut forged = agent.signed(vec![]);
    forged.proof.signature = Signature([0; 64]);
    own.post_value("/v1/exchange", &forged).await;
    agent.number += 1;
    let token = agent.token(&mut own).await;
    assert_eq!(own.try_socket(None, &[]).await.err().unwrap().code(), "unauthenticated");
    let browser = [("origin", "https://example.org")];
    assert_eq!(own.try_socket(Some(&token), &browser).await.err().unwrap().code(), "forbidden");
    let plain = hyper::Request::builder().uri("/v1/socket").header("host", "r");
    let plain = plain.header("authorization", format!("Bearer {token}"));
    assert_eq!(own.send(plain.body(Full::default()).unwrap()).await.code(), "malformed");
    let socket = own.socket(Some(&token)).await.expect("the second of two in two minutes");
    drop(socket);
    let mut third = connect(relay).await;
    let token = agent.token(&mut third).await;
    assert_eq!(third.try_socket(Some(&token), &[]).await.err().unwrap().code(), "too_many_requests");
    // An agent may not be heard any more after that, and everybody's socket counts.
    let paced = agent.post(&mut third, vec![]).await;
    assert_eq!(paced.status, 200);
    organisation.revoke(&mut connection, agent.id).await;
    assert_eq!(agent.post(&mut connection, vec![]).await.code(), "device_revoked");
}
