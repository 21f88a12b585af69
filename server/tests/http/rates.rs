//! Limits for each device and address: whoever hurries waits, and nobody else does.

use estafette_protocol::FaultCode;
use estafette_protocol::frame::{Message, Outcome, RequestBody};

use crate::organisation::{Organisation, begin};
use crate::running::{Folder, connect};

#[tokio::test]
async fn an_enrolment_storm_from_their_own_address_does_not_disturb_enrolled_devices() {
    let mut folder = Folder::new();
    folder.config.rates.enrolments = 50;
    folder.config.rates.strangers = 50;
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let mut agent = organisation.enrol(&mut connection, 2).await;
    let invitation = organisation.invite(&mut connection, 3).await;
    let mut wrong = begin(organisation.id, &invitation);
    wrong.enrolment.0 = [9; 16];
    let (mut refused, mut told) = (0, 0);
    let mut stranger = connect(&relay).await;
    for _ in 0..300 {
        match stranger.post_value("/v1/enrol/begin", &wrong).await.code().as_str() {
            "too_many_requests" => told += 1,
            _ => refused += 1,
        }
    }
    assert!(told > 0 && refused <= 110, "{refused} of 300 came through");
    // The town hall's devices are behind the same address, on connections of their own.
    for _ in 0..200 {
        agent.exchange(&mut connect(&relay).await, vec![]).await;
    }
    relay.shutdown().await;
}

#[tokio::test]
async fn strangers_that_prove_nothing_wait_and_a_proved_connection_does_not() {
    let mut folder = Folder::new();
    folder.config.rates.strangers = 10;
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let mut agent = organisation.enrol(&mut connection, 2).await;
    let mut own = connect(&relay).await;
    agent.exchange(&mut own, vec![]).await;
    let mut stranger = connect(&relay).await;
    let mut codes = Vec::new();
    while codes.last().is_none_or(|code| code != "too_many_requests") {
        codes.push(stranger.post("/v1/exchange", Vec::new()).await.code());
    }
    agent.exchange(&mut own, vec![]).await;
    relay.shutdown().await;
}

#[tokio::test]
async fn one_device_that_hurries_is_told_when_to_come_again_and_another_is_served() {
    let mut folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let [mut hasty, mut calm] =
        [organisation.enrol(&mut connection, 2).await, organisation.enrol(&mut connection, 3).await];
    relay.shutdown().await;
    folder.config.rates.device.exchanges = 5;
    folder.config.rates.device.requests = 4;
    let relay = folder.start().await;
    let mut connection = connect(&relay).await;
    let check = || RequestBody::Check { cursor: Default::default() };
    let answer = hasty.exchange(&mut connection, vec![check(); 20]).await;
    let refused = answer.messages.iter().filter(|message| {
        matches!(message, Message::Answer { outcome: Outcome::Refused(fault), .. }
            if fault.code == FaultCode::TooManyRequests && fault.number.is_some_and(|wait| wait <= 15))
    });
    assert_eq!(refused.count(), 12, "eight are two minutes' worth");
    let mut number = hasty.number;
    let waited = loop {
        let answer = hasty.post(&mut connection, vec![]).await;
        if answer.status != 200 {
            break answer;
        }
        number = hasty.number;
    };
    assert_eq!(waited.code(), "too_many_requests");
    assert!(waited.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() <= 12);
    assert_eq!(hasty.number, number + 1, "its number was not taken: it comes again with the same one");
    calm.exchange(&mut connection, vec![check()]).await;
    relay.shutdown().await;
}
