use std::time::Duration;

use estafette_protocol::enrol::{BeginRequest, EnrolmentState, TicketSecret};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::statement::{Act, RevocationReason, SignedStatement};
use estafette_protocol::{AgentNumber, EnrolmentId, Fault, FaultCode};

use super::{Device, Town};
use crate::relay::{Answer, EnrolRequest};

fn refused<T: std::fmt::Debug>(answer: Result<T, Fault>) -> FaultCode {
    answer.unwrap_err().code
}

fn status(town: &mut Town, device: &Device, secret: &TicketSecret) -> Result<EnrolmentState, FaultCode> {
    let request = BeginRequest {
        organisation: town.organisation(),
        enrolment: device.enrolment(),
        claim: secret.claim(),
    };
    match town.enrol_request(EnrolRequest::Status(request)) {
        Ok(Answer::State(state)) => Ok(state),
        Ok(other) => panic!("not a state: {other:?}"),
        Err(fault) => Err(fault.code),
    }
}

#[test]
fn a_device_comes_from_ticket_to_certificate_by_an_administrators_approval() {
    let mut town = Town::new();
    let device = Device::new(1);
    let secret = town.ticket(&device);
    let Ok(Answer::Begun(begun)) = town.begin(&device, secret.claim()) else { panic!("not begun") };
    assert_eq!((begun.relay, begun.relay_time, begun.model.as_str()), (town.relay.id(), town.now, "PC"));
    assert_eq!(status(&mut town, &device, &secret), Err(FaultCode::NotFound));
    assert!(matches!(town.complete(&device, &secret), Ok(Answer::State(EnrolmentState::Pending))));
    let admin = town.admin.clone();
    let console = town.open(&admin);
    let Ok(Reply::Pending { enrolments }) = town.ask(console, RequestBody::Pending) else {
        panic!("no answer")
    };
    let [waiting] = &enrolments[..] else { panic!("not one") };
    assert!(waiting.binding.verify_mac(&secret.bind()));
    assert_eq!((waiting.enrolment, waiting.inventory.agent), (device.enrolment(), AgentNumber(1)));
    assert_eq!(status(&mut town, &device, &secret), Ok(EnrolmentState::Pending));
    town.state(vec![Act::Certify(device.certificate())]);
    assert_eq!(status(&mut town, &device, &secret), Ok(EnrolmentState::Active));
    assert_eq!(town.ask(console, RequestBody::Pending), Ok(Reply::Pending { enrolments: Vec::new() }));
    town.restart();
    assert_eq!(status(&mut town, &device, &secret), Ok(EnrolmentState::Active));
    let socket = town.open(&device);
    let refill = RequestBody::KeyPackages { packages: Vec::new(), last_resort: None };
    assert_eq!(town.ask(socket, refill), Ok(Reply::Stock { key_packages: 2 }));
}

#[test]
fn an_unknown_ticket_and_a_wrong_secret_are_refused_alike_and_five_wrong_tries_burn_it() {
    let mut town = Town::new();
    let device = Device::new(1);
    let secret = town.ticket(&device);
    let unknown = town.begin(&Device::new(2), secret.claim());
    assert_eq!(refused(unknown), FaultCode::EnrolmentInvalid);
    for _ in 0..4 {
        assert_eq!(refused(town.begin(&device, [0; 32])), FaultCode::EnrolmentInvalid);
    }
    assert!(town.begin(&device, secret.claim()).is_ok());
    town.restart();
    assert_eq!(refused(town.begin(&device, [0; 32])), FaultCode::EnrolmentInvalid);
    assert_eq!(refused(town.begin(&device, secret.claim())), FaultCode::EnrolmentInvalid);
}

#[test]
fn wrong_tries_cannot_take_back_what_was_approved() {
    let mut town = Town::new();
    let device = Device::new(1);
    let secret = town.ticket(&device);
    assert!(town.complete(&device, &secret).is_ok());
    for _ in 0..9 {
        assert_eq!(refused(town.begin(&device, [0; 32])), FaultCode::EnrolmentInvalid);
    }
    assert_eq!(status(&mut town, &device, &secret), Ok(EnrolmentState::Pending));
}

#[test]
fn a_ticket_ends_and_serves_once() {
    let mut town = Town::new();
    let [late, device] = [Device::new(1), Device::new(2)];
    let secret = town.ticket(&late);
    town.pass(Duration::from_secs(3600));
    assert_eq!(refused(town.begin(&late, secret.claim())), FaultCode::EnrolmentExpired);
    let secret = town.ticket(&device);
    assert!(town.complete(&device, &secret).is_ok());
    assert_eq!(refused(town.begin(&device, secret.claim())), FaultCode::EnrolmentUsed);
    let other = Device::new(3);
    let stolen = estafette_protocol::enrol::CompleteRequest {
        binding: other.binding(town.organisation(), device.enrolment(), &secret.bind()),
        ..town.completion(&device, &secret)
    };
    assert_eq!(
        refused(town.enrol_request(EnrolRequest::Complete(Box::new(stolen)))),
        FaultCode::EnrolmentUsed
    );
}

#[test]
fn a_completion_whose_answer_was_lost_is_answered_again() {
    let mut town = Town::new();
    let device = Device::new(1);
    let secret = town.ticket(&device);
    assert!(town.complete(&device, &secret).is_ok());
    let again = town.completion(&device, &secret);
    let answer = town.enrol_request(EnrolRequest::Complete(Box::new(again)));
    assert!(matches!(answer, Ok(Answer::State(EnrolmentState::Pending))));
}

#[test]
fn a_challenge_is_good_for_ten_minutes() {
    let mut town = Town::new();
    let device = Device::new(1);
    let secret = town.ticket(&device);
    assert!(town.begin(&device, secret.claim()).is_ok());
    town.pass(Duration::from_secs(600));
    let late = town.completion(&device, &secret);
    let answer = town.enrol_request(EnrolRequest::Complete(Box::new(late)));
    assert_eq!(refused(answer), FaultCode::EnrolmentExpired);
    assert!(town.complete(&device, &secret).is_ok());
}

#[test]
fn what_is_bound_must_be_of_this_enrolment_with_its_key_packages() {
    let mut town = Town::new();
    let device = Device::new(1);
    let secret = town.ticket(&device);
    assert!(town.begin(&device, secret.claim()).is_ok());
    let complete = |town: &mut Town, change: &dyn Fn(&mut estafette_protocol::enrol::CompleteRequest)| {
        let mut request = town.completion(&device, &secret);
        change(&mut request);
        refused(town.enrol_request(EnrolRequest::Complete(Box::new(request))))
    };
    let elsewhere = device.binding(town.organisation(), EnrolmentId([9; 16]), &secret.bind());
    assert_eq!(complete(&mut town, &|r| r.binding = elsewhere.clone()), FaultCode::EnrolmentInvalid);
    assert_eq!(complete(&mut town, &|r| r.binding.es256.0[5] ^= 1), FaultCode::BadProof);
    assert_eq!(complete(&mut town, &|r| drop(r.key_packages.pop())), FaultCode::Malformed);
    assert_eq!(complete(&mut town, &|r| r.evidence = vec![1].into()), FaultCode::AttestationRejected);
    let admin = town.admin.clone();
    let taken = Device { id: admin.id, ..device.clone() };
    let taken = taken.binding(town.organisation(), device.enrolment(), &secret.bind());
    let packages: Vec<_> = admin.key_packages().into_iter().map(Into::into).collect();
    let answer = complete(&mut town, &|r| {
        r.binding = taken.clone();
        r.key_packages = packages.clone();
    });
    assert_eq!(answer, FaultCode::EnrolmentUsed);
}

#[test]
fn a_certificate_stands_only_for_what_a_waiting_device_has_bound() {
    let mut town = Town::new();
    let device = Device::new(1);
    let secret = town.ticket(&device);
    let admin = town.admin.clone();
    let console = town.open(&admin);
    let certify = |town: &mut Town, certificate| {
        let statement = town.sign(Some(&admin), vec![Act::Certify(certificate)]);
        town.ask(console, RequestBody::State { statement })
    };
    assert_eq!(refused(certify(&mut town, device.certificate())), FaultCode::StatementForbidden);
    let mut town = Town::new();
    town.ticket(&device);
    assert!(town.complete(&device, &secret).is_ok());
    let console = town.open(&admin);
    let mut other_key = device.certificate();
    other_key.x25519.0[0] ^= 1;
    let other_agent =
        estafette_protocol::certificate::Certificate { agent: AgentNumber(9), ..device.certificate() };
    for certificate in [other_key, other_agent] {
        let statement = town.sign(Some(&admin), vec![Act::Certify(certificate)]);
        assert_eq!(
            refused(town.ask(console, RequestBody::State { statement })),
            FaultCode::StatementForbidden
        );
        // The refused statement was not taken: the next one has its number.
        town.forget_last();
    }
    town.state(vec![Act::Certify(device.certificate())]);
}

#[test]
fn a_refused_device_is_told_so_and_an_entry_with_a_device_takes_no_second() {
    let mut town = Town::new();
    let device = Device::new(1);
    let secret = town.ticket(&device);
    assert!(town.complete(&device, &secret).is_ok());
    let admin = town.admin.clone();
    let console = town.open(&admin);
    let enrolment = device.enrolment();
    assert_eq!(town.ask(console, RequestBody::RefuseEnrolment { enrolment }), Ok(Reply::Done));
    assert_eq!(status(&mut town, &device, &secret), Ok(EnrolmentState::Refused));
    let first = town.enrol(Device::new(2));
    let ticket = |town: &mut Town, number: u8| {
        let ticket = estafette_protocol::enrol::TicketRequest {
            enrolment: Device::new(number).enrolment(),
            inventory: first.inventory(),
            claim: estafette_protocol::enrol::claim_hash(&TicketSecret([number; 16]).claim()),
            expires_at: town.now.after(Duration::from_secs(60)),
        };
        assert_eq!(town.ask(console, RequestBody::Ticket(ticket)), Ok(Reply::Done));
        TicketSecret([number; 16])
    };
    let third = Device::new(3);
    let secret = ticket(&mut town, 3);
    assert_eq!(refused(town.complete(&third, &secret)), FaultCode::EntryAlreadyBound);
    town.state(vec![Act::Revoke { device: first.id, reason: RevocationReason::Lost }]);
    assert!(town.complete(&third, &secret).is_ok());
}

#[test]
fn a_ticket_is_for_an_inventory_entry() {
    let mut town = Town::new();
    let admin = town.admin.clone();
    let console = town.open(&admin);
    let ticket = estafette_protocol::enrol::TicketRequest {
        enrolment: EnrolmentId([1; 16]),
        inventory: estafette_protocol::InventoryId([1; 16]),
        claim: estafette_protocol::Hash([1; 32]),
        expires_at: town.now.after(Duration::from_secs(60)),
    };
    assert_eq!(town.ask(console, RequestBody::Ticket(ticket)), Err(Fault::new(FaultCode::NotInInventory)));
}

#[test]
fn one_claim_founds_one_organisation_and_a_lost_answer_is_given_again() {
    let mut town = Town::unfounded();
    assert!(town.relay.is_claimed_by(&[0xc1; 32]));
    let wrong = town.founding([0; 32]);
    assert_eq!(
        refused(town.enrol_request(EnrolRequest::Found(Box::new(wrong)))),
        FaultCode::EnrolmentInvalid
    );
    let request = town.founding([0xc1; 32]);
    for _ in 0..2 {
        let answer = town.enrol_request(EnrolRequest::Found(Box::new(request.clone())));
        assert!(matches!(answer, Ok(Answer::State(EnrolmentState::Active))));
        assert_eq!(town.relay.organisation(), Some(town.organisation()));
        town.restart();
    }
    assert!(!town.relay.is_claimed_by(&[0xc1; 32]));
    town.organisation_key = ed25519_dalek::SigningKey::from_bytes(&[0x55; 32]);
    town.admin = Device::new(201);
    let second = town.founding([0xc1; 32]);
    assert_eq!(refused(town.enrol_request(EnrolRequest::Found(Box::new(second)))), FaultCode::EnrolmentUsed);
}

#[test]
fn an_organisation_that_names_another_relay_or_another_computer_is_not_founded() {
    let mut town = Town::unfounded();
    let other = town.founding([0xc1; 32]);
    let key = town.key.clone();
    town.key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
    let elsewhere = town.founding([0xc1; 32]);
    town.key = key;
    let stranger = estafette_protocol::enrol::FoundRequest {
        binding: Device::new(9).binding(town.organisation(), EnrolmentId([0; 16]), &[0; 32]),
        ..other
    };
    for request in [elsewhere, stranger] {
        let answer = town.enrol_request(EnrolRequest::Found(Box::new(request)));
        assert_eq!(refused(answer), FaultCode::StatementForbidden);
    }
    assert_eq!(town.relay.organisation(), None);
}

#[test]
fn the_organisations_key_appoints_another_computer_without_a_ticket() {
    let mut town = Town::new();
    let second = Device::new(150);
    let appoint = Act::SetRole {
        agent: second.agent,
        role: estafette_protocol::statement::Role::Administrator,
        teams: Vec::new(),
    };
    let acts = vec![Act::Certify(second.certificate()), appoint];
    let request = |town: &Town, statement| estafette_protocol::enrol::FoundRequest {
        claim: [0; 32],
        statements: vec![statement],
        binding: second.binding(town.organisation(), EnrolmentId([0; 16]), &[0; 32]),
        key_packages: second.key_packages().into_iter().map(Into::into).collect(),
    };
    let statement = town.sign(None, acts.clone());
    let mut blind = statement.statement().unwrap();
    blind.number = estafette_protocol::StatementNumber(0);
    let forged = SignedStatement::sign(&blind, &second.ed25519);
    let guess = request(&town, forged);
    let fault = town.enrol_request(EnrolRequest::Found(Box::new(guess))).unwrap_err();
    let link = statement.statement().unwrap();
    assert_eq!((fault.code, fault.number), (FaultCode::StatementOutOfOrder, Some(link.number.0)));
    assert_eq!(fault.hash, Some(link.previous));
    let forged = SignedStatement::sign(&link, &second.ed25519);
    let forged = request(&town, forged);
    assert_eq!(
        refused(town.enrol_request(EnrolRequest::Found(Box::new(forged)))),
        FaultCode::StatementForged
    );
    for _ in 0..2 {
        let right = request(&town, statement.clone());
        assert!(town.enrol_request(EnrolRequest::Found(Box::new(right))).is_ok());
    }
    let socket = town.open(&second);
    assert_eq!(town.ask(socket, RequestBody::Pending), Ok(Reply::Pending { enrolments: Vec::new() }));
}

#[test]
fn unknown_and_wrong_secrets_cost_the_same_writes_and_get_the_same_answer() {
    let mut town = Town::new();
    let (known, burnt) = (Device::new(1), Device::new(2));
    town.ticket(&known);
    town.ticket(&burnt);
    for _ in 0..5 {
        assert_eq!(refused(town.begin(&burnt, [0; 32])), FaultCode::EnrolmentInvalid);
    }
    // The first refusal of a minute is told in the audit, whatever it was.
    town.pass(Duration::from_secs(600));
    let mut costs = Vec::new();
    for device in [&known, &burnt, &Device::new(3)] {
        let claim = [0; 32];
        let begin = BeginRequest { organisation: town.organisation(), enrolment: device.enrolment(), claim };
        for request in [EnrolRequest::Begin(begin.clone()), EnrolRequest::Status(begin)] {
            town.pass(Duration::from_secs(600));
            town.hold = true;
            let call = town.enrol_later(request);
            assert!(town.answered(call).is_none(), "nobody is answered before the disk");
            let writes = town.held_writes();
            town.release();
            let answer = town.answered(call).unwrap();
            costs.push((writes, answer.unwrap_err()));
        }
    }
    costs.dedup();
    assert_eq!(costs, [(vec![2], Fault::new(FaultCode::EnrolmentInvalid))]);
}

#[test]
fn a_ticket_read_by_two_phones_at_once_enrols_one_and_tells_the_other() {
    for held in [false, true] {
        let mut town = Town::new();
        let [first, second] = [Device::new(1), Device::new(2)];
        let secret = town.ticket(&first);
        // The second phone reads the first one's ticket.
        let of_second = estafette_protocol::enrol::CompleteRequest {
            binding: second.binding(town.organisation(), first.enrolment(), &secret.bind()),
            key_packages: second.key_packages().into_iter().map(Into::into).collect(),
            ..town.completion(&first, &secret)
        };
        let of_first = town.completion(&first, &secret);
        town.hold = held;
        let begin = BeginRequest {
            organisation: town.organisation(),
            enrolment: first.enrolment(),
            claim: secret.claim(),
        };
        let requests = [
            EnrolRequest::Begin(begin.clone()),
            EnrolRequest::Begin(begin),
            EnrolRequest::Complete(Box::new(of_second)),
            EnrolRequest::Complete(Box::new(of_first)),
        ];
        let calls = requests.map(|request| town.enrol_later(request));
        if held {
            town.release();
        }
        let [begun, again, winner, other] = calls.map(|call| town.answered(call).unwrap());
        assert!(begun.is_ok() && again.is_ok());
        assert!(matches!(winner, Ok(Answer::State(EnrolmentState::Pending))));
        assert_eq!(refused(other), FaultCode::EnrolmentUsed);
        let admin = town.admin.clone();
        let console = town.open(&admin);
        let Ok(Reply::Pending { enrolments }) = town.ask(console, RequestBody::Pending) else {
            panic!("no answer")
        };
        let waiting: Vec<_> = enrolments.iter().map(|one| one.binding.verify().unwrap().device).collect();
        assert_eq!(waiting, [second.id], "whole, and nothing of the other");
        town.restart();
        let console = town.open(&admin);
        let Ok(Reply::Pending { enrolments }) = town.ask(console, RequestBody::Pending) else {
            panic!("no answer")
        };
        assert_eq!(enrolments.len(), 1);
    }
}
