//! From a claim ticket to a device that speaks, over real sockets.

use estafette_protocol::FaultCode;
use estafette_protocol::enrol::EnrolmentState;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::statement::Act;
use estafette_server::init;
use hyper::StatusCode;

use crate::organisation::{Organisation, begin, complete};
use crate::running::{Folder, connect};

#[tokio::test]
async fn a_ticket_becomes_an_organisation_and_a_second_ticket_a_device() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let mut device = organisation.enrol(&mut connection, 2).await;
    let mut own = connect(&relay).await;
    let asked = RequestBody::Check { cursor: Default::default() };
    assert_eq!(device.ask(&mut own, asked).await, Ok(Reply::Fresh { news: true }));
    relay.shutdown().await;
}

#[tokio::test]
async fn a_claim_ticket_founds_one_organisation_and_its_repetition_is_answered_again() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let (_, request) = Organisation::prepare(&folder.ticket, 1);
    let mut connection = connect(&relay).await;
    for _ in 0..2 {
        let state: EnrolmentState = connection.post_value("/v1/found", &request).await.read();
        assert_eq!(state, EnrolmentState::Active);
    }
    let (_, second) = Organisation::prepare(&folder.ticket, 2);
    let refused = connection.post_value("/v1/found", &second).await;
    assert_eq!(refused.code(), "enrolment_used");
    relay.shutdown().await;
}

#[tokio::test]
async fn a_device_waits_until_it_is_approved_and_says_so() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let invitation = organisation.invite(&mut connection, 2).await;
    let mut device = organisation.device_for(&invitation);
    let (begin, complete) = (begin(organisation.id, &invitation), complete(&device, &invitation));
    assert_eq!(connection.post_value("/v1/enrol/begin", &begin).await.status, StatusCode::OK);
    let state: EnrolmentState = connection.post_value("/v1/enrol/complete", &complete).await.read();
    assert_eq!(state, EnrolmentState::Pending);
    let state: EnrolmentState = connection.post_value("/v1/enrol/status", &begin).await.read();
    assert_eq!(state, EnrolmentState::Pending);
    let mut own = connect(&relay).await;
    assert_eq!(device.post(&mut own, vec![]).await.code(), "device_pending");

    organisation.state(&mut connection, vec![Act::Certify(device.certificate())]).await;
    let state: EnrolmentState = connection.post_value("/v1/enrol/status", &begin).await.read();
    assert_eq!(state, EnrolmentState::Active);
    assert!(device.post(&mut own, vec![]).await.status.is_success());
    relay.shutdown().await;
}

#[tokio::test]
async fn two_organisations_of_one_relay_do_not_see_each_other() {
    let folder = Folder::new();
    let second_ticket = {
        let running = folder.start().await;
        let pin = running.pin();
        running.shutdown().await;
        init::add_organisation(&folder.config, pin).unwrap()
    };
    let relay = folder.start().await;
    let first = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut second = Organisation::found(&relay, &second_ticket, 2).await;
    assert_ne!(first.id, second.id);
    let mut connection = connect(&relay).await;
    // A device of the second organisation that says it is of the first one.
    second.admin.organisation = first.id;
    assert_eq!(second.admin.post(&mut connection, vec![]).await.code(), FaultCode::BadProof.as_str());
    second.admin.organisation = second.id;
    assert!(second.admin.post(&mut connection, vec![]).await.status.is_success());
    relay.shutdown().await;
}
