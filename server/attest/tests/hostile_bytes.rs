//! Evidence is an attacker's input: nothing makes the verifier panic, nothing forges a fact.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::LazyLock;

use common::{Device, ID_CHALLENGE, NOW, PHONE, SERIAL};
use estafette_attest::development::{AppAttestation, DevelopmentApple};
use estafette_attest::{
    AppIdentity, Environment, Evidence, ExpectedAppAttest, ExpectedAssertion, Facts, KeyDescription,
    RevocationList, verify_android, verify_app_attest, verify_assertion, verify_managed_device,
};
use p256::ecdsa::SigningKey;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

static DEVICE: LazyLock<Device> = LazyLock::new(Device::new);
static EVIDENCE: LazyLock<Evidence> = LazyLock::new(|| DEVICE.evidence());

static FACTS: LazyLock<Facts> = LazyLock::new(|| verify_android(&EVIDENCE, &DEVICE.expected()).unwrap());
static OWNED: LazyLock<Evidence> = LazyLock::new(|| DEVICE.evidence_of_owner(&ID_CHALLENGE, PHONE, SERIAL));
static OWNED_FACTS: LazyLock<Facts> = LazyLock::new(|| verify_android(&OWNED, &DEVICE.expected()).unwrap());

/// One change to a valid chain.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, Index, u8),
    Remove(Index, Index),
    Insert(Index, Index, u8),
    Cut(Index, Index),
    Repeat(Index, Index),
    Drop(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        6 => (at(), at(), any::<u8>()).prop_map(|(one, place, byte)| Change::Set(one, place, byte)),
        2 => (at(), at()).prop_map(|(one, place)| Change::Remove(one, place)),
        2 => (at(), at(), any::<u8>()).prop_map(|(one, place, byte)| Change::Insert(one, place, byte)),
        1 => (at(), at()).prop_map(|(one, place)| Change::Cut(one, place)),
        1 => (at(), at()).prop_map(|(from, to)| Change::Repeat(from, to)),
        1 => at().prop_map(Change::Drop),
    ]
}

fn apply(chain: &mut Vec<Vec<u8>>, change: &Change) {
    let count = chain.len();
    if count == 0 {
        return;
    }
    match change {
        Change::Set(one, place, byte) => {
            let certificate = &mut chain[one.index(count)];
            if !certificate.is_empty() {
                let place = place.index(certificate.len());
                certificate[place] = *byte;
            }
        }
        Change::Remove(one, place) => {
            let certificate = &mut chain[one.index(count)];
            if !certificate.is_empty() {
                certificate.remove(place.index(certificate.len()));
            }
        }
        Change::Insert(one, place, byte) => {
            let certificate = &mut chain[one.index(count)];
            certificate.insert(place.index(certificate.len() + 1), *byte);
        }
        Change::Cut(one, place) => {
            let certificate = &mut chain[one.index(count)];
            certificate.truncate(place.index(certificate.len() + 1));
        }
        Change::Repeat(from, to) => {
            let copy = chain[from.index(count)].clone();
            chain.insert(to.index(count + 1), copy);
        }
        Change::Drop(one) => {
            chain.remove(one.index(count));
        }
    }
}

const APPLICATION: AppIdentity<'static> = AppIdentity("ABCDE12345.org.example.estafette");
const CLIENT_DATA: [u8; 32] = [0x3c; 32];

static APPLE: LazyLock<DevelopmentApple> = LazyLock::new(DevelopmentApple::new);
static APPLE_ROOT: LazyLock<Vec<u8>> = LazyLock::new(|| APPLE.root());
static APPLE_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_slice(&[0x33; 32]).unwrap());
static OBJECT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    APPLE.attest(&APPLE_KEY, &AppAttestation::of(APPLICATION.0, CLIENT_DATA, Environment::Production))
});

fn expected_of_apple() -> ExpectedAppAttest<'static> {
    ExpectedAppAttest {
        client_data_hash: &CLIENT_DATA,
        key_id: None,
        application: APPLICATION,
        environment: Environment::Production,
        root: &APPLE_ROOT,
        now: NOW,
    }
}

fn mutated(bytes: &[u8], changes: &[(Index, u8)], cut: Option<Index>) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, byte) in changes {
        let place = place.index(bytes.len());
        bytes[place] = *byte;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut.index(bytes.len()));
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_changed_chain_is_refused_or_says_the_same(changes in vec(change(), 1..4)) {
        let mut changed = EVIDENCE.clone();
        changes.iter().for_each(|change| apply(&mut changed.chain, change));
        match verify_android(&changed, &DEVICE.expected()) {
            // For instance a byte replaced by itself, or bits that no parser looks at.
            Ok(facts) => prop_assert_eq!(&facts, &*FACTS),
            Err(reasons) => {
                prop_assert!(!reasons.is_empty());
                prop_assert!(reasons.is_sorted_by(|one, next| one < next), "{:?}", reasons);
            }
        }
    }

    #[test]
    fn a_changed_second_chain_is_refused_or_says_the_same(changes in vec(change(), 1..4)) {
        let mut changed = OWNED.clone();
        let mut chain = changed.id_chain.take().unwrap();
        changes.iter().for_each(|change| apply(&mut chain, change));
        changed.id_chain = Some(chain);
        if let Ok(facts) = verify_android(&changed, &DEVICE.expected()) {
            prop_assert_eq!(&facts, &*OWNED_FACTS);
        }
    }

    #[test]
    fn a_changed_app_attest_object_is_refused_or_says_the_same(
        changes in vec((any::<Index>(), any::<u8>()), 1..4),
        cut in proptest::option::weighted(0.2, any::<Index>()),
    ) {
        let honest = verify_app_attest(&OBJECT, &expected_of_apple()).unwrap();
        if let Ok(facts) = verify_app_attest(&mutated(&OBJECT, &changes, cut), &expected_of_apple()) {
            prop_assert_eq!(facts, honest);
        }
    }

    #[test]
    fn a_changed_assertion_is_refused_or_counts_the_same(
        changes in vec((any::<Index>(), any::<u8>()), 1..4),
        cut in proptest::option::weighted(0.2, any::<Index>()),
    ) {
        let assertion = APPLE.assert(&APPLE_KEY, APPLICATION.0, &CLIENT_DATA, 7);
        let key = verify_app_attest(&OBJECT, &expected_of_apple()).unwrap().key;
        let expected =
            ExpectedAssertion { client_data_hash: &CLIENT_DATA, key: &key, application: APPLICATION, counter: 6 };
        prop_assert_eq!(verify_assertion(&assertion, &expected), Ok(7));
        if let Ok(counter) = verify_assertion(&mutated(&assertion, &changes, cut), &expected) {
            prop_assert_eq!(counter, 7);
        }
    }

    #[test]
    fn random_bytes_from_an_iphone_are_refused(bytes in vec(any::<u8>(), 0..400)) {
        prop_assert!(verify_app_attest(&bytes, &expected_of_apple()).is_err());
        prop_assert!(verify_managed_device(std::slice::from_ref(&bytes), &APPLE_ROOT, NOW).is_err());
    }

    #[test]
    fn a_changed_list_of_revoked_keys_never_panics(
        changes in vec((any::<Index>(), any::<u8>()), 1..6),
        cut in proptest::option::weighted(0.2, any::<Index>()),
    ) {
        let list = br#"{"entries": {"2c8cdddfd5e03bfc": {"status": "REVOKED", "reason": "KEY_COMPROMISE"},
            "6681152659205225093": {"status": "SUSPENDED"}}}"#;
        prop_assert!(RevocationList::from_json(list, NOW).is_ok());
        let _ = RevocationList::from_json(&mutated(list, &changes, cut), NOW);
    }

    #[test]
    fn random_certificates_are_refused(chain in vec(vec(any::<u8>(), 0..200), 0..10)) {
        let verdict = verify_android(&Evidence::of(chain), &DEVICE.expected());
        prop_assert!(verdict.is_err());
    }

    #[test]
    fn random_bytes_as_evidence_never_panic(bytes in vec(any::<u8>(), 0..400)) {
        if let Ok(evidence) = Evidence::from_bytes(&bytes) {
            prop_assert!(verify_android(&evidence, &DEVICE.expected()).is_err());
        }
    }

    #[test]
    fn a_changed_key_description_never_panics(place in any::<Index>(), byte in any::<u8>(), cut in any::<Index>()) {
        let certificate = &EVIDENCE.chain[0];
        let start = certificate.windows(KeyDescription::OID.len()).position(|seen| seen == KeyDescription::OID);
        // After the identifier: header of the octet string, then the description and the rest of the certificate.
        let from = start.unwrap() + KeyDescription::OID.len() + 4;
        let length = 4 + usize::from(u16::from_be_bytes([certificate[from + 2], certificate[from + 3]]));
        let mut bytes = certificate[from..from + length].to_vec();
        prop_assert!(KeyDescription::from_der(&bytes).is_ok());
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let _ = KeyDescription::from_der(&bytes);
        bytes.truncate(cut.index(length));
        prop_assert!(KeyDescription::from_der(&bytes).is_err());
    }
}

#[test]
fn no_flipped_bit_passes_inside_what_is_signed_and_none_outside_changes_a_fact() {
    let honest = verify_android(&EVIDENCE, &DEVICE.expected()).unwrap();
    for (one, certificate) in EVIDENCE.chain.iter().enumerate() {
        let (_, parsed) = X509Certificate::from_der(certificate).unwrap();
        let signed = 4..4 + parsed.tbs_certificate.as_ref().len();
        assert_eq!(&certificate[signed.clone()], parsed.tbs_certificate.as_ref());
        // Outside of what is signed every bit; inside, where a signature answers for all, one of each byte.
        let tried = |bit: &usize| !signed.contains(&(bit / 8)) || bit % 8 == bit / 8 % 8;
        for bit in (0..certificate.len() * 8).filter(tried) {
            let mut changed = EVIDENCE.clone();
            changed.chain[one][bit / 8] ^= 1 << (bit % 8);
            if let Ok(facts) = verify_android(&changed, &DEVICE.expected()) {
                assert!(!signed.contains(&(bit / 8)), "bit {bit} of certificate {one}");
                assert_eq!(facts, honest, "bit {bit} of certificate {one}");
            }
        }
    }
}
