//! Walks the route table over real sockets: no page lacks its refusals.
//!
//! What has to be refused follows from who may call ([`Caller`]); a page added to the table is
//! tried here without anybody thinking of it, and fails until this file knows how to call it.

use estafette_protocol::enrol::{BeginRequest, CompleteRequest, FoundRequest};
use estafette_protocol::frame::{Message, Outcome, RequestBody};
use estafette_protocol::{EnrolmentId, FaultCode, OrganisationId, Signature, codec};
use estafette_server::route::{Caller, Method, ROUTES, Route};
use estafette_server::serve::RunningRelay;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::body::Bytes;

use crate::client::Answer;
use crate::organisation::{Device, Invitation, Organisation, begin, complete};
use crate::running::{Folder, connect, mode};

/// Everybody who may try something.
struct Town {
    relay: RunningRelay,
    organisation: Organisation,
    agent: Device,
    revoked: Device,
    stranger: Device,
    invitation: Invitation,
    found: FoundRequest,
    _folder: Folder,
}

impl Town {
    async fn new() -> Self {
        let folder = Folder::new();
        let relay = folder.start().await;
        let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
        let mut connection = connect(&relay).await;
        let agent = organisation.enrol(&mut connection, 2).await;
        let revoked = organisation.enrol(&mut connection, 3).await;
        organisation.revoke(&mut connection, revoked.id).await;
        let invitation = organisation.invite(&mut connection, 4).await;
        let stranger = organisation.device_for(&invitation);
        let (_, found) = Organisation::prepare(&folder.ticket, 2);
        Self { relay, organisation, agent, revoked, stranger, invitation, found, _folder: folder }
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> Answer {
        connect(&self.relay).await.post(path, body).await
    }

    async fn exchange(&self, device: &mut Device) -> String {
        device.post(&mut connect(&self.relay).await, vec![]).await.code()
    }

    /// What a token that was got and is used by these devices on one connection yields.
    async fn socket(&mut self, token: Option<&str>) -> Answer {
        let mut connection = connect(&self.relay).await;
        connection.try_socket(token, &[]).await.err().expect("the socket must not open")
    }
}

#[tokio::test]
async fn every_page_refuses_whom_it_must_refuse() {
    let mut town = Town::new().await;
    for route in ROUTES {
        match route.caller {
            Caller::Anybody => tells_nothing(&town, route).await,
            Caller::SignedRequest => needs_a_signature(&mut town, route).await,
            Caller::Token => needs_a_token(&mut town, route).await,
            Caller::Ticket => needs_a_ticket(&town, route).await,
        }
        if route.method == Method::Post {
            limits_its_body(&town, route).await;
        }
        has_one_method(&town, route).await;
    }
    town.relay.shutdown().await;
}

async fn tells_nothing(town: &Town, route: &Route) {
    let answer = connect(&town.relay).await.get(route.path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", route.path);
    // The document of all pages is the same for everybody.
    let public = answer.body == estafette_server::openapi::document();
    assert!(public || answer.body.len() < 16, "{}: too talkative", route.path);
}

async fn needs_a_signature(town: &mut Town, route: &Route) {
    assert_eq!(route.path, "/v1/exchange", "a page that this test cannot call");
    let Town { organisation, agent, .. } = town;
    // No proof at all, and one whose signature is empty, cut short of its body or of another key.
    let forged = |device: &mut Device,
                  change: &dyn Fn(&mut estafette_protocol::exchange::ExchangeRequest)| {
        let mut request = device.signed(vec![]);
        change(&mut request);
        codec::to_bytes(&request)
    };
    let unsigned = forged(agent, &|request| request.proof.signature = Signature([0; 64]));
    let other_body = forged(agent, &|request| request.body = vec![0x81, 0x80, 0x00].into());
    let other_number = forged(agent, &|request| request.proof.number += 1);
    let other_device = forged(agent, &|request| request.proof.device = organisation.admin.id);
    let other_epoch = forged(agent, &|request| request.proof.auth_epoch.0 += 1);
    let alien = forged(agent, &|request| request.proof.organisation = OrganisationId([9; 16]));
    for body in [unsigned, other_body, other_number, other_device, other_epoch, alien] {
        assert_eq!(town.post(route.path, body).await.code(), "bad_proof");
    }
    assert_eq!(town.post(route.path, Vec::new()).await.code(), "malformed");

    // A device that nobody certified, one that was cut off, a request sent twice.
    let town = &mut *town;
    let mut stranger = std::mem::replace(&mut town.stranger, town.organisation.device_for(&town.invitation));
    assert_eq!(town.exchange(&mut stranger).await, "bad_proof");
    let mut revoked = std::mem::replace(&mut town.revoked, stranger);
    assert_eq!(town.exchange(&mut revoked).await, "device_revoked");
    town.revoked = revoked;
    let once = codec::to_bytes(&town.agent.signed(vec![]));
    assert_eq!(town.post(route.path, once.clone()).await.status, StatusCode::OK);
    assert_eq!(town.post(route.path, once).await.code(), "request_replayed");

    wrong_role(town).await;
}

/// What only administrators may ask, asked by an agent: refused one by one inside the answer.
async fn wrong_role(town: &mut Town) {
    let asked = vec![
        RequestBody::Pending,
        RequestBody::Inventory { entries: vec![town.invitation.inventory.clone()] },
        RequestBody::RefuseEnrolment { enrolment: town.invitation.enrolment },
    ];
    let mut connection = connect(&town.relay).await;
    let response = town.agent.exchange(&mut connection, asked).await;
    let refused: Vec<FaultCode> = response
        .messages
        .iter()
        .filter_map(|message| match message {
            Message::Answer { outcome: Outcome::Refused(fault), .. } => Some(fault.code),
            _ => None,
        })
        .collect();
    assert_eq!(refused, [FaultCode::Forbidden; 3]);
}

async fn needs_a_token(town: &mut Town, route: &Route) {
    assert_eq!(route.path, "/v1/socket", "a page that this test cannot call");
    // No token; a made-up one; a good one on another connection; one of a device cut off since.
    assert_eq!(town.socket(None).await.code(), "unauthenticated");
    assert_eq!(town.socket(Some("eyJ0eXAiOiJKV1QifQ.e30.")).await.code(), "bad_proof");
    let mut proved = connect(&town.relay).await;
    let token = town.agent.token(&mut proved).await;
    assert_eq!(town.socket(Some(&token)).await.code(), "bad_proof");
    assert_eq!(proved.try_socket(Some("nonsense"), &[]).await.err().unwrap().code(), "bad_proof");
    assert_eq!(proved.try_socket(None, &[]).await.err().unwrap().code(), "unauthenticated");

    let mut admin = connect(&town.relay).await;
    let mut fresh = town.organisation.enrol(&mut admin, 5).await;
    let mut own = connect(&town.relay).await;
    let token = fresh.token(&mut own).await;
    town.organisation.revoke(&mut admin, fresh.id).await;
    let mut socket = own.socket(Some(&token)).await.expect("the token is still good");
    assert_eq!(socket.next().await, None, "but its device is not: nothing is said, the socket closes");
}

async fn needs_a_ticket(town: &Town, route: &Route) {
    let known = begin(town.organisation.id, &town.invitation);
    let bodies = |change: &dyn Fn(&mut OrganisationId, &mut EnrolmentId, &mut [u8; 32])| -> Vec<u8> {
        match route.path {
            "/v1/enrol/begin" | "/v1/enrol/status" => {
                let mut request: BeginRequest = known.clone();
                change(&mut request.organisation, &mut request.enrolment, &mut request.claim);
                codec::to_bytes(&request)
            }
            "/v1/enrol/complete" => {
                let mut request: CompleteRequest = complete(&town.stranger, &town.invitation);
                change(&mut request.organisation, &mut request.enrolment, &mut request.claim);
                codec::to_bytes(&request)
            }
            "/v1/found" => {
                let mut request = town.found.clone();
                change(&mut OrganisationId([0; 16]), &mut EnrolmentId([0; 16]), &mut request.claim);
                codec::to_bytes(&request)
            }
            other => panic!("{other}: a page that this test cannot call"),
        }
    };
    let wrong_claim = bodies(&|_, _, claim| claim[0] ^= 1);
    assert_eq!(town.post(route.path, wrong_claim).await.code(), "enrolment_invalid", "{}", route.path);
    assert_eq!(town.post(route.path, Vec::new()).await.code(), "malformed", "{}", route.path);
    if route.path == "/v1/found" {
        // The claim was used by the organisation that stands.
        assert_eq!(town.post(route.path, bodies(&|_, _, _| {})).await.code(), "enrolment_used");
        return;
    }
    // Who guesses cannot tell an unknown organisation or enrolment from a wrong secret.
    let unknown = bodies(&|_, enrolment, _| enrolment.0[0] ^= 1);
    assert_eq!(town.post(route.path, unknown).await.code(), "enrolment_invalid", "{}", route.path);
    let alien = bodies(&|organisation, _, _| organisation.0[0] ^= 1);
    assert_eq!(town.post(route.path, alien).await.code(), "enrolment_invalid", "{}", route.path);
}

async fn limits_its_body(town: &Town, route: &Route) {
    for kind in ["", "application/json", "application/cbor-seq", "text/plain"] {
        let refused = connect(&town.relay).await.send(post_as(route.path, kind, vec![0xa0])).await;
        assert_eq!(refused.code(), "unsupported_media", "{} {kind:?}", route.path);
        assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let large = vec![0; estafette_protocol::limits::FRAME + 1];
    let refused = connect(&town.relay).await.send(post_as(route.path, "application/cbor", large)).await;
    assert_eq!(refused.code(), "too_large", "{}", route.path);
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
}

fn post_as(path: &str, kind: &str, body: Vec<u8>) -> hyper::Request<Full<Bytes>> {
    let request = hyper::Request::builder().method("POST").uri(path).header("host", "relay.invalid");
    request.header("content-type", kind).body(Full::new(body.into())).unwrap()
}

async fn has_one_method(town: &Town, route: &Route) {
    let allowed = match route.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"].into_iter().filter(|m| *m != allowed) {
        let request =
            hyper::Request::builder().method(method).uri(route.path).header("host", "relay.invalid");
        let request = request.body(Full::default()).unwrap();
        let refused = connect(&town.relay).await.send(request).await;
        assert_eq!(refused.code(), "method_not_allowed", "{method} {}", route.path);
        assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(refused.headers["allow"].to_str().unwrap().contains(allowed));
    }
}

#[tokio::test]
async fn what_is_not_in_the_table_does_not_exist() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut connection = connect(&relay).await;
    for path in
        ["/", "/v1", "/v1/exchange/", "/v1/Exchange", "/v2/exchange", "/index.html", "/v1/enrol", "/%2e%2e"]
    {
        let refused = connection.get(path).await;
        assert_eq!(refused.code(), "no_such_route", "{path}");
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
    }
    relay.shutdown().await;
}

#[tokio::test]
async fn every_answer_of_a_development_relay_says_that_it_is_one() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut connection = connect(&relay).await;
    let expected = (mode() == estafette_server::config::Mode::Development).then_some("development");
    for path in ["/healthz", "/nowhere", "/v1/exchange"] {
        let answer = connection.get(path).await;
        let said = answer.headers.get("estafette-mode").map(|value| value.to_str().unwrap());
        assert_eq!(said, expected, "{path}");
    }
    relay.shutdown().await;
}

#[tokio::test]
async fn a_refusal_speaks_the_language_that_was_asked_for() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut connection = connect(&relay).await;
    for (wanted, language) in [("en-GB, fr;q=0.5", "en"), ("fr", "fr"), ("de", "fr")] {
        let request =
            hyper::Request::builder().uri("/").header("host", "r").header("accept-language", wanted);
        let answer = connection.send(request.body(Full::default()).unwrap()).await;
        assert_eq!(answer.headers["content-language"], language);
    }
    relay.shutdown().await;
}
