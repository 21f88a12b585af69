//! The verdict on an iPhone's proofs, put together.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use estafette_attest::development::{self, APPLE_APPLICATION, AppAttestation, DevelopmentApple};
use estafette_attest::{
    AppleAssertion, AppleEvidence, AppleFacts, AppleRoot, AppleRules, Environment, Evidence, ExpectedApple,
    PhoneEvidence, Reason, Serial, verify_apple, verify_apple_again,
};
use estafette_protocol::Timestamp;
use estafette_protocol::certificate::Level;
use p256::ecdsa::SigningKey;

const DATA: [u8; 32] = [7; 32];
const ID: [u8; 32] = [8; 32];
const SERIAL: &str = "F2LXK0AAPLJM";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

fn evidence(serial: Option<&str>) -> AppleEvidence {
    DevelopmentApple::new().evidence(&key(1), [&DATA, &ID], serial)
}

/// Rules that take the development root for Apple's, since levels follow from that.
fn rules() -> AppleRules {
    let apple = AppleRoot { development: false, ..DevelopmentApple::new().roots() };
    AppleRules { roots: vec![AppleRoot::apple(), apple], ..development::apple_rules() }
}

fn judged(
    evidence: &AppleEvidence,
    serial: Serial<'_>,
    rules: &AppleRules,
) -> Result<AppleFacts, Vec<Reason>> {
    let expected =
        ExpectedApple { client_data_hash: &DATA, id_challenge: &ID, serial, rules, now: Timestamp(0) };
    verify_apple(evidence, &expected)
}

#[test]
fn an_iphone_is_attested_by_its_application_and_owned_by_its_serial_number() {
    let level = |serial| judged(&evidence(serial), Serial::Unknown, &rules()).unwrap().level();
    assert_eq!(level(None), Level::Attested);
    assert_eq!(level(Some(SERIAL)), Level::Owned);
    let facts = judged(&evidence(Some(SERIAL)), Serial::Required(SERIAL), &rules()).unwrap();
    assert_eq!(facts.serial.unwrap().as_str(), Some(SERIAL));
}

#[test]
fn what_anybody_can_make_is_software() {
    let facts = judged(&evidence(Some(SERIAL)), Serial::Unknown, &development::apple_rules()).unwrap();
    assert_eq!(facts.level(), Level::Software, "under a public root");
    let says = AppAttestation::of(APPLE_APPLICATION, DATA, Environment::Development);
    let object = DevelopmentApple::new().attest(&key(1), &says).into();
    let evidence = AppleEvidence { object, managed: None };
    let development = AppleRules { environment: Environment::Development, ..rules() };
    assert_eq!(judged(&evidence, Serial::Unknown, &development).unwrap().level(), Level::Software);
    assert_eq!(judged(&evidence, Serial::Unknown, &rules()), Err(vec![Reason::DevelopmentAaguid]));
}

#[test]
fn each_proof_is_for_this_challenge_this_phone_and_this_application() {
    let of = |evidence: &AppleEvidence, serial| judged(evidence, serial, &rules()).unwrap_err();
    let apple = DevelopmentApple::new();
    assert_eq!(of(&apple.evidence(&key(1), [&ID, &ID], None), Serial::Unknown), [Reason::NonceMismatch]);
    let borrowed = AppleEvidence {
        managed: apple.evidence(&key(2), [&DATA, &DATA], Some(SERIAL)).managed,
        ..evidence(None)
    };
    assert_eq!(of(&borrowed, Serial::Unknown), [Reason::IdNotTied]);
    assert_eq!(of(&evidence(Some("another")), Serial::IfAttested(SERIAL)), [Reason::InventorySerial]);
    assert_eq!(of(&evidence(None), Serial::Required(SERIAL)), [Reason::InventorySerial]);
    assert_eq!(judged(&evidence(None), Serial::IfAttested(SERIAL), &rules()).unwrap().serial, None);
    let nobody = AppleRules { applications: Default::default(), ..rules() };
    assert_eq!(judged(&evidence(None), Serial::Unknown, &nobody), Err(vec![Reason::AppIdMismatch]));
    let genuine = AppleRules { roots: vec![AppleRoot::apple()], ..rules() };
    assert_eq!(judged(&evidence(None), Serial::Unknown, &genuine), Err(vec![Reason::UntrustedRoot]));
    let mut users_own = evidence(Some(SERIAL));
    let proof = users_own.managed.as_mut().unwrap();
    proof.chain = apple.managed(&key(1), None, None).into_iter().map(Into::into).collect();
    assert_eq!(of(&users_own, Serial::Unknown), [Reason::InventorySerial, Reason::IdChain]);
}

#[test]
fn an_assertion_counts_on_and_none_is_taken_twice() {
    let apple = DevelopmentApple::new();
    let before = evidence(None);
    let judged = |key: &SigningKey, application: &str, data: &[u8; 32], counter: u32, last: u32| {
        let assertion = apple.assert(key, application, data, counter).into();
        verify_apple_again(&AppleAssertion { assertion }, &before, &DATA, last, &rules())
    };
    assert_eq!(judged(&key(1), APPLE_APPLICATION, &DATA, 1, 0), Ok(1));
    assert_eq!(judged(&key(1), APPLE_APPLICATION, &DATA, 9, 4), Ok(9), "answers may be lost");
    for (counter, last) in [(4, 4), (3, 4), (0, 0)] {
        let refused = judged(&key(1), APPLE_APPLICATION, &DATA, counter, last);
        assert_eq!(refused, Err(vec![Reason::CounterNotGreater]));
    }
    assert_eq!(judged(&key(2), APPLE_APPLICATION, &DATA, 1, 0), Err(vec![Reason::AssertionSignature]));
    assert_eq!(judged(&key(1), APPLE_APPLICATION, &ID, 1, 0), Err(vec![Reason::AssertionSignature]));
    assert_eq!(judged(&key(1), "ABCDE12345.org.other", &DATA, 1, 0), Err(vec![Reason::AppIdMismatch]));
}

#[test]
fn evidence_of_each_kind_comes_back_as_what_it_was() {
    let apple = PhoneEvidence::Apple(evidence(Some(SERIAL)));
    let assertion = PhoneEvidence::Assertion(AppleAssertion { assertion: vec![1, 2].into() });
    let android = PhoneEvidence::Android(Evidence::of(vec![vec![0x30]; 4]));
    for one in [apple, assertion, android] {
        let read = PhoneEvidence::from_bytes(&one.to_bytes());
        assert!(read.is_ok_and(|read| read == one));
    }
    for bytes in [&[][..], &[0xff], &[0xa1, 0x02], &[0xa1, 0x04, 0x00], &[0; 80_000]] {
        assert!(PhoneEvidence::from_bytes(bytes).is_err());
    }
}
