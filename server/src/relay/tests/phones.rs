//! Phones in use: a key of theirs that is revoked later, and evidence that grows old.

use std::sync::Arc;
use std::time::Duration;

use estafette_attest::development::{APPLE_APPLICATION, DevelopmentApple, DevelopmentAttestor, Phone, root};
use estafette_attest::{AppleAssertion, PhoneEvidence, RevocationList, Role, challenge};
use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::enrol::claim_hash;
use estafette_protocol::frame::{Cursor, Reply, RequestBody};
use estafette_protocol::lease::Contact;
use estafette_protocol::reattestation::{EVERY, FreshEvidence, GRACE, Renewed};
use estafette_protocol::statement::{Act, RevocationReason, Role as StatedRole};
use estafette_protocol::{Fault, FaultCode, Timestamp};

use super::{Device, Town};
use crate::audit::{What, Who};
use crate::relay::{Answer, EnrolRequest, Event};

const PIXEL: Phone<'static> = Phone { manufacturer: "Google", model: "Pixel 9 Pro" };
/// The serial number of the development chains' attesting certificate.
const NAMED: &str = r#""2": {"status": "REVOKED"}"#;

fn development() -> Town {
    let mut town = Town::new();
    town.roots = vec![root()];
    town.restart();
    town
}

/// A phone that has shown its evidence and waits for approval.
fn waiting(town: &mut Town, number: u8) -> Device {
    let device = Device::new(number);
    let secret = town.ticket_for(&device, PIXEL.model, Level::Software);
    let Ok(Answer::Begun(begun)) = town.begin(&device, secret.claim()) else { panic!("not begun") };
    let claim = claim_hash(&secret.claim());
    let challenge = challenge(&begun.relay.0, &device.enrolment(), &begun.nonce, &claim.0, Role::Device);
    let evidence = DevelopmentAttestor::new().attest(device.es256.verifying_key(), &challenge, PIXEL);
    let mut request = town.completion(&device, &secret);
    request.evidence = evidence.to_bytes().into();
    assert!(town.enrol_request(EnrolRequest::Complete(Box::new(request))).is_ok());
    device
}

fn approve(town: &mut Town, device: &Device) {
    town.state(vec![Act::Certify(Certificate { level: Level::Software, ..device.certificate() })]);
}

fn phone(town: &mut Town, number: u8) -> Device {
    let device = waiting(town, number);
    approve(town, &device);
    device
}

fn bring(town: &mut Town, entries: &str, fetched_at: Timestamp) {
    let text = format!(r#"{{"entries": {{{entries}}}}}"#);
    let list = RevocationList::from_json(text.as_bytes(), fetched_at).unwrap();
    town.handle(Event::Revoked(Arc::new(list)));
}

/// How an exchange of a device ends; its request number is the hour, which never falls here.
fn exchange(town: &mut Town, device: &Device) -> Result<(), FaultCode> {
    let number = town.now.0 + u64::from(town.audit().len() as u32);
    let asked = vec![RequestBody::Check { cursor: Cursor::default() }];
    town.exchange(device, number, asked).map(|_| ()).map_err(|fault| fault.code)
}

fn contact(town: &mut Town, device: &Device) -> Contact {
    let admin = town.admin.clone();
    let socket = town.open(&admin);
    let Ok(Reply::Contacts { contacts }) = town.ask(socket, RequestBody::Contacts) else {
        panic!("no contacts")
    };
    town.close(socket);
    contacts.into_iter().find(|contact| contact.device == device.id).expect("it has come")
}

/// What the relay did by itself: word, how many, how many of them.
fn told(town: &Town) -> Vec<(What, Option<u64>, Option<u64>)> {
    let own = town.audit().into_iter().filter(|line| line.who == Who::Relay);
    own.map(|line| (line.what, line.subject.value, line.subject.times)).collect()
}

#[test]
fn a_phone_whose_key_is_revoked_later_is_cut_off_at_once_and_free_with_a_list_without_it() {
    let mut town = development();
    let phone = phone(&mut town, 1);
    let computer = town.enrol(Device::new(2));
    assert_eq!(exchange(&mut town, &phone), Ok(()));
    bring(&mut town, "", Timestamp(1));
    assert_eq!(told(&town), [(What::RevocationsTaken, Some(0), Some(0))]);
    let [own, other] = [town.open(&phone), town.open(&computer)];

    bring(&mut town, NAMED, Timestamp(2));
    assert_eq!(town.closed(own), Some(FaultCode::DeviceSuspended));
    assert!(town.closed(other).is_none(), "a computer has no evidence");
    assert_eq!(exchange(&mut town, &phone), Err(FaultCode::DeviceSuspended));
    let again = town.open(&phone);
    assert_eq!(town.closed(again), Some(FaultCode::DeviceSuspended));
    assert_eq!(contact(&mut town, &phone).barred_since, Some(town.now));
    let words = [(What::DeviceBarred, None, None), (What::RevocationsTaken, Some(1), Some(1))];
    assert_eq!(told(&town)[1..], words);
    assert_eq!(town.relay.take_tally().barred, 1);

    town.restart();
    assert_eq!(town.relay.take_tally().barred, 1, "counted anew by a relay that starts");
    assert_eq!(exchange(&mut town, &phone), Err(FaultCode::DeviceSuspended), "also before a list is read");
    bring(&mut town, NAMED, Timestamp(2));
    assert_eq!(told(&town).len(), 3, "the same list is told once");
    bring(&mut town, "", Timestamp(3));
    assert_eq!(exchange(&mut town, &phone), Ok(()));
    assert_eq!(contact(&mut town, &phone).barred_since, None);
    let words = [(What::DeviceCleared, None, None), (What::RevocationsTaken, Some(0), Some(0))];
    assert_eq!(told(&town)[3..], words);
    assert_eq!(town.relay.take_tally().barred, -1);
}

#[test]
fn a_phone_that_is_approved_after_its_key_was_revoked_never_speaks() {
    let mut town = development();
    let phone = waiting(&mut town, 1);
    bring(&mut town, NAMED, Timestamp(2));
    approve(&mut town, &phone);
    assert_eq!(exchange(&mut town, &phone), Err(FaultCode::DeviceSuspended));
    assert_eq!(told(&town)[1..], [(What::DeviceBarred, None, None)]);
}

#[test]
fn an_administrator_s_statement_stands_above_the_bar_and_outlasts_the_list() {
    let mut town = development();
    let phone = phone(&mut town, 1);
    bring(&mut town, NAMED, Timestamp(2));
    town.state(vec![Act::Revoke { device: phone.id, reason: RevocationReason::Suspended }]);
    assert_eq!(exchange(&mut town, &phone), Err(FaultCode::DeviceRevoked));
    assert_eq!(town.relay.take_tally().barred, 0, "it waits for nobody any more");
    bring(&mut town, "", Timestamp(3));
    assert_eq!(exchange(&mut town, &phone), Err(FaultCode::DeviceRevoked));
    assert_eq!(told(&town).last(), Some(&(What::RevocationsTaken, Some(0), Some(0))));
}

/// A phone's way to fresh evidence, each step of which a test may change.
struct Answering<'a> {
    device: &'a Device,
    /// Whose key the passing key's challenge names.
    named: &'a Device,
    signer: &'a Device,
    model: &'static str,
    nonce: Option<[u8; 32]>,
}

impl<'a> Answering<'a> {
    fn of(device: &'a Device) -> Self {
        Self { device, named: device, signer: device, model: PIXEL.model, nonce: None }
    }

    fn attest(&self, town: &mut Town) -> Result<(), Fault> {
        let socket = town.now.0 + u64::from(town.audit().len() as u32) + 1_000;
        let reply = |messages: Vec<estafette_protocol::frame::Message>| {
            messages.into_iter().find_map(|message| match message {
                estafette_protocol::frame::Message::Answer { outcome, .. } => Some(outcome),
                _ => None,
            })
        };
        let asked = town.exchange(self.device, socket, vec![RequestBody::Challenge])?;
        let Some(estafette_protocol::frame::Outcome::Done(Reply::Challenge { nonce })) = reply(asked) else {
            panic!("no challenge")
        };
        let nonce = self.nonce.unwrap_or(nonce);
        let relay = town.relay.id();
        let key = self.named.es256_public();
        let renewed =
            Renewed { relay: &relay, organisation: town.organisation(), device: self.device.id, key: &key };
        let passing = p256::ecdsa::SigningKey::from_slice(&[77; 32]).unwrap();
        let phone = Phone { model: self.model, ..PIXEL };
        let challenge = renewed.challenge(&nonce);
        let evidence =
            DevelopmentAttestor::new().attest(passing.verifying_key(), &challenge, phone).to_bytes();
        let signature = self.signer.sign_es256(&[renewed.message(&nonce), evidence.clone()].concat());
        let fresh = FreshEvidence { nonce, evidence: evidence.into(), signature };
        let answered = town.exchange(self.device, socket + 1, vec![RequestBody::Attest(fresh)])?;
        match reply(answered) {
            Some(estafette_protocol::frame::Outcome::Done(Reply::Done)) => Ok(()),
            Some(estafette_protocol::frame::Outcome::Refused(fault)) => Err(fault),
            other => panic!("not an answer: {other:?}"),
        }
    }
}

fn reasons(outcome: Result<(), Fault>) -> Vec<String> {
    let fault = outcome.unwrap_err();
    assert_eq!(fault.code, FaultCode::AttestationRejected);
    fault.reasons.unwrap()
}

#[test]
fn a_phone_shows_every_thirty_days_what_it_is_and_after_seven_days_of_grace_does_nothing_else() {
    let mut town = development();
    let (phone, enrolled_at) = (phone(&mut town, 1), town.now);
    let computer = town.enrol(Device::new(2));
    assert_eq!(exchange(&mut town, &phone), Ok(()));
    assert_eq!(contact(&mut town, &phone).attest_by, Some(enrolled_at.after(EVERY)));
    town.pass(EVERY + GRACE - Duration::from_secs(60));
    assert_eq!(exchange(&mut town, &phone), Ok(()), "in the days of grace all goes on");
    let [socket, other] = [town.open(&phone), town.open(&computer)];
    town.pass(Duration::from_secs(60));
    assert!(town.closed(socket).is_some(), "an open socket ends with the grace");
    assert!(town.closed(other).is_none(), "a computer has nothing to show");
    assert_eq!(exchange(&mut town, &phone), Err(FaultCode::ReattestationRequired));
    let mixed = vec![RequestBody::Challenge, RequestBody::Check { cursor: Cursor::default() }];
    let number = town.now.0 + 500;
    assert_eq!(town.exchange(&phone, number, mixed).unwrap_err().code, FaultCode::ReattestationRequired);
    town.restart();

    assert_eq!(Answering::of(&phone).attest(&mut town), Ok(()));
    let attested_at = town.now;
    town.pass(Duration::from_secs(60));
    assert_eq!(exchange(&mut town, &phone), Ok(()));
    assert_eq!(contact(&mut town, &phone).attest_by, Some(attested_at.after(EVERY)));
    assert!(town.audit().iter().any(|line| line.what == What::DeviceReattested));
    town.restart();
    town.pass(Duration::from_secs(60));
    assert_eq!(exchange(&mut town, &phone), Ok(()), "it is on the disk");
}

#[test]
fn fresh_evidence_is_of_this_device_this_phone_and_this_challenge() {
    let mut town = development();
    let (own, other) = (phone(&mut town, 1), Device::new(9));
    let answering = Answering::of(&own);
    let refused = |town: &mut Town, answering: Answering<'_>| {
        town.pass(Duration::from_secs(60));
        answering.attest(town)
    };
    let borrowed = Answering { named: &other, ..Answering::of(&own) };
    assert_eq!(reasons(refused(&mut town, borrowed)), ["challenge_mismatch"]);
    let unsigned = Answering { signer: &other, ..Answering::of(&own) };
    assert_eq!(refused(&mut town, unsigned).unwrap_err().code, FaultCode::BadProof);
    let another = Answering { model: "Pixel 6", ..Answering::of(&own) };
    assert_eq!(refused(&mut town, another).unwrap_err().code, FaultCode::NotInInventory);
    let old = Answering { nonce: Some([1; 32]), ..Answering::of(&own) };
    assert_eq!(refused(&mut town, old).unwrap_err().code, FaultCode::EnrolmentExpired);
    bring(&mut town, "", Timestamp(0));
    assert_eq!(refused(&mut town, Answering::of(&own)).unwrap_err().code, FaultCode::StatusListStale);
    let now = town.now;
    bring(&mut town, "", now);
    assert_eq!(refused(&mut town, answering), Ok(()));
    let computer = town.enrol(Device::new(2));
    let socket = town.open(&computer);
    assert_eq!(town.ask(socket, RequestBody::Challenge).unwrap_err().code, FaultCode::Forbidden);
}

#[test]
fn nobody_is_late_while_the_relay_has_no_list_to_judge_by() {
    let mut town = development();
    let phone = phone(&mut town, 1);
    town.list_required = true;
    town.restart();
    town.pass(EVERY + GRACE + GRACE);
    assert_eq!(exchange(&mut town, &phone), Ok(()));
    let now = town.now;
    bring(&mut town, "", now);
    assert_eq!(exchange(&mut town, &phone), Err(FaultCode::ReattestationRequired));
    assert_eq!(Answering::of(&phone).attest(&mut town), Ok(()));
}

/// An iPhone in use, whose App Attest key is another one than the device's.
fn iphone(town: &mut Town, number: u8, attested: &p256::ecdsa::SigningKey) -> Device {
    let device = Device::new(number);
    let secret = town.ticket_of(&device, "ios", "iPhone 15", Level::Software);
    let Ok(Answer::Begun(begun)) = town.begin(&device, secret.claim()) else { panic!("not begun") };
    let claim = claim_hash(&secret.claim());
    let of = |role| challenge(&begun.relay.0, &device.enrolment(), &begun.nonce, &claim.0, role);
    let key = device.es256_public();
    let challenges = [&of(Role::AppAttest(&key.0)), &of(Role::Id(&key.0))];
    let evidence = DevelopmentApple::new().evidence(attested, challenges, None);
    let mut request = town.completion(&device, &secret);
    request.evidence = PhoneEvidence::Apple(evidence).to_bytes().into();
    let answer = town.enrol_request(EnrolRequest::Complete(Box::new(request)));
    assert!(answer.is_ok(), "{answer:?}");
    approve(town, &device);
    device
}

/// An iPhone's assertion with this counter, and how the relay takes it.
fn assert_again(
    town: &mut Town,
    device: &Device,
    attested: &p256::ecdsa::SigningKey,
    counter: u32,
) -> Result<Reply, Fault> {
    let socket = town.open(device);
    let Ok(Reply::Challenge { nonce }) = town.ask(socket, RequestBody::Challenge) else {
        panic!("no challenge")
    };
    let (relay, key) = (town.relay.id(), device.es256_public());
    let renewed = Renewed { relay: &relay, organisation: town.organisation(), device: device.id, key: &key };
    let data = renewed.challenge(&nonce);
    let assertion = DevelopmentApple::new().assert(attested, APPLE_APPLICATION, &data, counter).into();
    let evidence = PhoneEvidence::Assertion(AppleAssertion { assertion }).to_bytes();
    let signature = device.sign_es256(&[renewed.message(&nonce), evidence.clone()].concat());
    let fresh = FreshEvidence { nonce, evidence: evidence.into(), signature };
    let answer = town.ask(socket, RequestBody::Attest(fresh));
    town.close(socket);
    answer
}

#[test]
fn an_iphone_enrols_and_asserts_with_a_counter_that_only_grows() {
    let mut town = development();
    town.list_required = true;
    town.restart();
    let attested = p256::ecdsa::SigningKey::from_slice(&[88; 32]).unwrap();
    let phone = iphone(&mut town, 1, &attested);
    assert_eq!(exchange(&mut town, &phone), Ok(()));
    town.pass(EVERY);
    assert_eq!(assert_again(&mut town, &phone, &attested, 3), Ok(Reply::Done));
    let due = town.now.after(EVERY);
    assert_eq!(contact(&mut town, &phone).attest_by, Some(due));
    town.restart();
    for counter in [3, 2, 0] {
        let refused = assert_again(&mut town, &phone, &attested, counter).map(|_| ());
        assert_eq!(reasons(refused), ["counter_not_greater"]);
    }
    let other = p256::ecdsa::SigningKey::from_slice(&[89; 32]).unwrap();
    let refused = assert_again(&mut town, &phone, &other, 9).map(|_| ());
    assert_eq!(reasons(refused), ["assertion_signature"]);
    assert_eq!(assert_again(&mut town, &phone, &attested, 4), Ok(Reply::Done));
    // No list of revoked keys is needed to judge an iPhone, so it can be late.
    town.pass(EVERY + GRACE);
    assert_eq!(exchange(&mut town, &phone), Err(FaultCode::ReattestationRequired));
}

#[test]
fn the_evidence_of_a_phone_withdrawn_a_year_ago_is_erased_at_that_instant_and_no_other_s() {
    const YEAR: Duration = Duration::from_hours(365 * 24);
    let mut town = development();
    let [withdrawn, used] = [1, 2].map(|number| phone(&mut town, number));
    town.pass(Duration::from_secs(1));
    town.state(vec![Act::Revoke { device: withdrawn.id, reason: RevocationReason::Retired }]);
    let evidence = |town: &Town, device: &Device| -> Vec<i64> {
        let sql = town.sql();
        let query = "SELECT length(enrolled) FROM phone WHERE device = ?1 UNION ALL
                     SELECT length(evidence) FROM submission JOIN enrolment ON enrolment.id = enrolment
                     WHERE device = ?1";
        let mut query = sql.prepare(query).unwrap();
        let rows = query.query_map([device.id.0], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let before = evidence(&town, &withdrawn);
    assert!(before.len() == 2 && before.iter().all(|length| *length > 100), "{before:?}");
    // Somebody works until then, or the relay would not believe its clock.
    let hours = Duration::from_hours(2);
    town.pass(YEAR - hours);
    town.state(vec![Act::SetRole { agent: used.agent, role: StatedRole::Supervisor, teams: vec![] }]);
    town.pass(hours - Duration::from_millis(1));
    // A relay that starts looks at once what is due.
    town.restart();
    town.handle(Event::Tick { monotonic: None });
    assert_eq!(evidence(&town, &withdrawn), before, "a millisecond before");
    assert!(!told(&town).iter().any(|(what, ..)| *what == What::EvidenceErased));

    town.now = town.now.after(Duration::from_millis(1));
    town.restart();
    town.handle(Event::Tick { monotonic: None });
    assert_eq!(evidence(&town, &withdrawn), [0], "nor what it brought to enrol");
    assert_eq!(evidence(&town, &used), before);
    let erased: Vec<_> = town.audit().into_iter().filter(|line| line.what == What::EvidenceErased).collect();
    assert_eq!(erased.len(), 1);
    assert_eq!((erased[0].subject.device, &erased[0].who), (Some(withdrawn.id), &Who::Relay));
    town.restart();
    town.handle(Event::Tick { monotonic: None });
    assert_eq!(town.audit().iter().filter(|line| line.what == What::EvidenceErased).count(), 1, "once");
}
