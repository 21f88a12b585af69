use estafette_protocol::exchange::ExchangeRequest;
use estafette_protocol::frame::{AppendResult, Cursor, Message, Outcome, Reply, Request, RequestBody};
use estafette_protocol::statement::{Act, RevocationReason};
use estafette_protocol::{AuthEpoch, Fault, FaultCode, Hash, Signature, codec, limits};

use rand_core::{RngCore, SeedableRng};

use super::device::entry;
use super::{Device, Town};

fn hello() -> RequestBody {
    RequestBody::Hello { cursor: Cursor::default() }
}

#[test]
fn one_exchange_carries_everything_and_its_answer_everything_back() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    town.fill(&devices[0], thread, 0..3);
    let append = RequestBody::Append { entries: vec![entry(thread, 9, 1, "mine").into()] };
    let messages = town.exchange(&devices[1], 1, vec![append, hello()]).unwrap();
    let [
        Message::Answer { id: 0, outcome: Outcome::Done(Reply::Appended { results, .. }) },
        Message::Answer { id: 1, outcome: Outcome::Done(Reply::Welcome { .. }) },
        Message::Deliver(delivery),
    ] = &messages[..]
    else {
        panic!("unexpected: {messages:?}")
    };
    assert!(matches!(results[..], [AppendResult::Stands { .. }]));
    assert_eq!(
        delivery.entries.iter().map(|entry| entry.placement.position.0).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    let cursor = delivery.cursor.clone();
    let messages = town.exchange(&devices[1], 2, vec![RequestBody::Hello { cursor }]).unwrap();
    assert!(matches!(messages[..], [Message::Answer { outcome: Outcome::Done(Reply::Welcome { .. }), .. }]));
}

#[test]
fn a_request_number_serves_once_and_the_refusal_says_the_last() {
    let (mut town, devices, _) = Town::with_team(&[1]);
    assert!(town.exchange(&devices[0], 5, vec![]).is_ok());
    let replayed = Err(Fault::new(FaultCode::RequestReplayed).with_number(5));
    for number in [5, 4, 0] {
        assert_eq!(town.exchange(&devices[0], number, vec![]), replayed);
    }
    town.restart();
    assert_eq!(town.exchange(&devices[0], 5, vec![]), replayed);
    assert!(town.exchange(&devices[0], 6, vec![]).is_ok());
}

#[test]
fn a_copied_request_is_refused_while_the_first_is_still_being_written() {
    let (mut town, devices, _) = Town::with_team(&[1]);
    let bytes = devices[0].exchange(town.organisation(), &town.relay.id(), 1, vec![hello()]);
    town.hold = true;
    let event = crate::relay::Event::Exchange { call: crate::relay::CallId(9_000), bytes: bytes.clone() };
    town.handle(event);
    let replayed = Err(Fault::new(FaultCode::RequestReplayed).with_number(1));
    assert_eq!(town.exchange_bytes(bytes), replayed);
    town.release();
}

#[test]
fn a_proof_of_another_body_key_relay_or_organisation_is_refused() {
    let (mut town, devices, _) = Town::with_team(&[1, 2]);
    let (organisation, relay) = (town.organisation(), town.relay.id());
    let refused = |town: &mut Town, bytes| town.exchange_bytes(bytes).unwrap_err().code;
    let good = devices[0].exchange(organisation, &relay, 1, vec![hello()]);
    let mut changed: ExchangeRequest = codec::from_bytes(&good, limits::FRAME).unwrap();
    changed.body = devices[0].exchange(organisation, &relay, 1, vec![]).into();
    assert_eq!(refused(&mut town, codec::to_bytes(&changed)), FaultCode::BadProof);
    let mut foreign: ExchangeRequest = codec::from_bytes(&good, limits::FRAME).unwrap();
    foreign.proof.device = devices[1].id;
    assert_eq!(refused(&mut town, codec::to_bytes(&foreign)), FaultCode::BadProof);
    let elsewhere = devices[0].exchange(organisation, &Hash([1; 32]), 1, vec![]);
    assert_eq!(refused(&mut town, elsewhere), FaultCode::BadProof);
    let alien = devices[0].exchange(estafette_protocol::OrganisationId([1; 16]), &relay, 1, vec![]);
    assert_eq!(refused(&mut town, alien), FaultCode::AlienOrganisation);
    let unknown = Device::new(99).exchange(organisation, &relay, 1, vec![]);
    assert_eq!(refused(&mut town, unknown), FaultCode::BadProof);
    let mut epoch: ExchangeRequest = codec::from_bytes(&good, limits::FRAME).unwrap();
    epoch.proof.auth_epoch = AuthEpoch(1);
    epoch.proof.signature = devices[0].sign_es256(&epoch.proof.message(&relay, &epoch.body));
    assert_eq!(refused(&mut town, codec::to_bytes(&epoch)), FaultCode::BadProof);
    epoch.proof.signature = Signature([0; 64]);
    assert_eq!(refused(&mut town, codec::to_bytes(&epoch)), FaultCode::BadProof);
    assert_eq!(refused(&mut town, good[..good.len() - 1].to_vec()), FaultCode::Malformed);
    assert_eq!(refused(&mut town, vec![0; limits::FRAME + 1]), FaultCode::TooLarge);
    assert!(town.exchange_bytes(good).is_ok(), "none of them has used up the number");
}

#[test]
fn a_revoked_device_gets_nothing_but_that() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    town.fill(&devices[0], town.thread(roster), 0..3);
    town.state(vec![Act::Revoke { device: devices[1].id, reason: RevocationReason::Lost }]);
    assert_eq!(town.exchange(&devices[1], 1, vec![hello()]), Err(Fault::new(FaultCode::DeviceRevoked)));
}

#[test]
fn a_device_that_waits_for_approval_is_told_so() {
    let mut town = Town::new();
    let device = Device::new(1);
    let secret = town.ticket(&device);
    assert!(town.complete(&device, &secret).is_ok());
    assert_eq!(town.exchange(&device, 1, vec![hello()]), Err(Fault::new(FaultCode::DevicePending)));
    let forged = Device { es256: Device::new(2).es256, ..device };
    assert_eq!(town.exchange(&forged, 1, vec![hello()]), Err(Fault::new(FaultCode::BadProof)));
}

#[test]
fn a_frame_that_is_no_request_ends_its_session_and_no_other() {
    let (mut town, devices, _) = Town::with_team(&[1, 2]);
    let other = town.open(&devices[1]);
    let alias = Request {
        id: 0,
        body: RequestBody::Range {
            thread: estafette_protocol::alias::ThreadRef::Alias(7),
            from: estafette_protocol::Position(1),
            to: estafette_protocol::Position(2),
        },
    };
    for (bytes, code) in [
        (Vec::new(), FaultCode::Malformed),
        (vec![0xff; 20], FaultCode::Malformed),
        (codec::to_bytes(&alias), FaultCode::Malformed),
        (vec![0; limits::FRAME + 1], FaultCode::TooLarge),
    ] {
        let socket = town.open(&devices[0]);
        town.send_bytes(socket, bytes);
        assert_eq!(town.closed(socket), Some(code));
        assert!(matches!(&town.messages(socket)[..], [(Message::Goodbye(fault), _)] if fault.code == code));
    }
    assert!(matches!(town.ask(other, hello()), Ok(Reply::Welcome { .. })));
}

#[test]
fn a_request_of_a_later_version_is_refused_and_the_session_goes_on() {
    let (mut town, devices, _) = Town::with_team(&[1]);
    let socket = town.open(&devices[0]);
    // [77, [99, ["new"]]]
    town.send_bytes(socket, vec![0x82, 0x18, 77, 0x82, 0x18, 99, 0x81, 0x63, b'n', b'e', b'w']);
    assert_eq!(town.answer(socket, 77), Some(Err(Fault::new(FaultCode::UnknownRequest))));
    assert!(matches!(town.ask(socket, hello()), Ok(Reply::Welcome { .. })));
}

#[test]
fn a_socket_lives_a_day_and_a_drained_relay_lets_everybody_go() {
    let (mut town, devices, _) = Town::with_team(&[1, 2]);
    let socket = town.open(&devices[0]);
    town.pass(std::time::Duration::from_secs(23 * 3600));
    let younger = town.open(&devices[1]);
    assert_eq!(town.closed(socket), None);
    town.pass(std::time::Duration::from_secs(3600));
    assert_eq!((town.closed(socket), town.closed(younger)), (Some(FaultCode::TokenExpired), None));
    town.handle(crate::relay::Event::Drain);
    assert_eq!(town.closed(younger), Some(FaultCode::ShuttingDown));
    let late = town.open(&devices[0]);
    assert_eq!(town.closed(late), Some(FaultCode::ShuttingDown));
    assert_eq!(town.exchange(&devices[0], 1, vec![]), Err(Fault::new(FaultCode::ShuttingDown)));
}

#[test]
fn whatever_bytes_come_each_frame_is_answered_or_ends_its_session() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let note = estafette_protocol::handshake::CommitNote::Close { statements: vec![town.last()] };
    let sender = super::device::Sender::Member;
    let upload = super::device::upload(town.organisation(), roster, 1, sender, note, &[devices[1].id], "x");
    let statement = town.sign(Some(&devices[0]), vec![]);
    let bodies = [
        hello(),
        RequestBody::Append { entries: vec![entry(thread, 1, 1, "text").into()] },
        RequestBody::Commit(upload),
        RequestBody::State { statement },
        RequestBody::Reserve { roster, devices: vec![devices[1].id] },
        RequestBody::KeyPackages { packages: vec![vec![1; 20].into()], last_resort: None },
    ];
    let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(11);
    let (mut answered, mut ended) = (0, 0);
    for round in 0..1500u32 {
        let body = bodies[round as usize % bodies.len()].clone();
        let mut bytes = codec::to_bytes(&Request { id: round, body });
        let changes = rng.next_u32() % 4;
        for _ in 0..changes {
            let at = rng.next_u32() as usize % bytes.len();
            match rng.next_u32() % 3 {
                0 => bytes[at] = rng.next_u32() as u8,
                1 => bytes.truncate(at + 1),
                _ => bytes.insert(at, rng.next_u32() as u8),
            }
        }
        let socket = town.open(&devices[0]);
        town.send_bytes(socket, bytes);
        let spoke =
            town.messages(socket).iter().any(|(message, _)| matches!(message, Message::Answer { .. }));
        assert!(spoke != town.closed(socket).is_some(), "round {round}: one of both");
        answered += u32::from(spoke);
        ended += u32::from(!spoke);
        town.close(socket);
    }
    assert!(answered > 300 && ended > 300, "{answered} answered, {ended} ended: too much alike");
    let socket = town.open(&devices[1]);
    assert!(matches!(town.ask(socket, hello()), Ok(Reply::Welcome { .. })));
}
