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

/// A CBOR map of definite length, with one more member that nobody knows, so long in all.
fn padded(map: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = map.to_vec();
    bytes[0] += 1;
    bytes.extend([0x61, b'z', 0x5a]);
    let rest = length - bytes.len() - 4;
    bytes.extend(u32::try_from(rest).unwrap().to_be_bytes());
    bytes.resize(length, 0);
    bytes
}

#[test]
fn an_object_and_an_assertion_may_be_as_long_as_their_limits_and_no_longer() {
    let of_length = |length: usize| {
        let evidence = evidence(None);
        AppleEvidence { object: padded(&evidence.object, length).into(), ..evidence }
    };
    let object = |length: usize| judged(&of_length(length), Serial::Unknown, &rules()).map(|_| ());
    assert_eq!(object(48 * 1024), Ok(()));
    assert_eq!(object(48 * 1024 + 1), Err(vec![Reason::EvidenceTooLarge]));
    let again = |object: usize, length: usize| {
        let asserted = DevelopmentApple::new().assert(&key(1), APPLE_APPLICATION, &DATA, 1);
        let assertion = AppleAssertion { assertion: padded(&asserted, length).into() };
        verify_apple_again(&assertion, &of_length(object), &DATA, 0, &rules())
    };
    assert_eq!(again(48 * 1024, 1024), Ok(1));
    assert_eq!(again(48 * 1024, 1025), Err(vec![Reason::EvidenceTooLarge]));
    assert_eq!(again(48 * 1024 + 1, 1024), Err(vec![Reason::KeyAlgorithm]));
}

#[test]
fn evidence_of_an_iphone_may_be_as_long_as_all_evidence() {
    let object = |length: usize| AppleEvidence { object: vec![0; length].into(), managed: None };
    let over = PhoneEvidence::Apple(object(66_000)).to_bytes().len() - 66_000;
    let longest = PhoneEvidence::Apple(object(Evidence::MAX_ENCODED - over));
    let bytes = longest.to_bytes();
    assert_eq!(bytes.len(), Evidence::MAX_ENCODED);
    assert!(PhoneEvidence::from_bytes(&bytes).is_ok_and(|read| read == longest));
    let longer = PhoneEvidence::Apple(object(Evidence::MAX_ENCODED - over + 1)).to_bytes();
    assert!(PhoneEvidence::from_bytes(&longer).is_err());
}

#[test]
fn an_object_of_indefinite_length_is_read_to_its_end() {
    let mut bytes = evidence(None).object.to_vec();
    assert_eq!(bytes[0], 0xa3, "a map of three");
    bytes[0] = 0xbf;
    let judged = |bytes: &[u8]| {
        let object = AppleEvidence { object: bytes.to_vec().into(), managed: None };
        judged(&object, Serial::Unknown, &rules()).map(|_| ())
    };
    assert_eq!(judged(&bytes), Err(vec![Reason::ParseAppAttest]), "it has no end");
    bytes.push(0xff);
    assert_eq!(judged(&bytes), Ok(()));
    bytes.push(0xff);
    assert_eq!(judged(&bytes), Err(vec![Reason::ParseAppAttest]), "something follows");
}

#[test]
fn a_chain_too_long_is_told_as_such_up_to_one_more_certificate_and_not_read_beyond() {
    let of = |certificates: u8| {
        let mut bytes = vec![0xa3, 0x63];
        bytes.extend(b"fmt\x6fapple-appattest\x67attStmt\xa1\x63x5c");
        bytes.push(0x80 + certificates);
        bytes.extend([0x41, 0x30].repeat(usize::from(certificates)));
        bytes.extend(b"\x68authData\x58\x37");
        bytes.extend([0; 55]);
        let object = AppleEvidence { object: bytes.into(), managed: None };
        judged(&object, Serial::Unknown, &rules()).unwrap_err()
    };
    assert_eq!(of(8), [Reason::ParseCert]);
    assert_eq!(of(9), [Reason::ChainTooLong]);
    assert_eq!(of(10), [Reason::ParseAppAttest]);
}

#[test]
fn the_last_second_of_a_certificate_is_valid_and_the_next_one_is_not() {
    let at = |seconds: u64| {
        let rules = rules();
        let now = Timestamp(seconds * 1000);
        let (client_data_hash, id_challenge) = (&DATA, &ID);
        let expected =
            ExpectedApple { client_data_hash, id_challenge, serial: Serial::Unknown, rules: &rules, now };
        verify_apple(&evidence(None), &expected).map(|_| ())
    };
    // 2049-12-31T23:59:59Z.
    assert_eq!(at(2_524_607_999), Ok(()));
    assert_eq!(at(2_524_608_000), Err(vec![Reason::Expired]));
}
