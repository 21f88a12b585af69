//! Evidence is an attacker's input: nothing makes the verifier panic, nothing forges a fact.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::LazyLock;

use common::Device;
use estafette_attest::{Evidence, KeyDescription, verify_android};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

static DEVICE: LazyLock<Device> = LazyLock::new(Device::new);
static EVIDENCE: LazyLock<Evidence> = LazyLock::new(|| DEVICE.evidence());

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

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_changed_chain_is_refused_or_says_the_same(changes in vec(change(), 1..4)) {
        let mut changed = EVIDENCE.clone();
        changes.iter().for_each(|change| apply(&mut changed.chain, change));
        let honest = verify_android(&EVIDENCE, &DEVICE.expected()).unwrap();
        match verify_android(&changed, &DEVICE.expected()) {
            // For instance a byte replaced by itself, or bits that no parser looks at.
            Ok(facts) => prop_assert_eq!(facts, honest),
            Err(reasons) => {
                prop_assert!(!reasons.is_empty());
                prop_assert!(reasons.is_sorted_by(|one, next| one < next), "{:?}", reasons);
            }
        }
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
