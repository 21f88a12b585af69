//! One chain that holds, and every way in which it may not.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{CHALLENGE, Device, NOW, PHONE};
use estafette_attest::development::{Defect, Phone};
use estafette_attest::{
    Boolean, BootState, Evidence, Expected, GOOGLE_ROOTS, Provisioning, Reason, SecurityLevel, verify_android,
};
use estafette_protocol::Timestamp;

#[test]
fn a_development_phone_passes_and_its_facts_are_told() {
    let device = Device::new();
    let facts = verify_android(&device.evidence(), &device.expected()).unwrap();
    assert_eq!(facts.root, device.roots[0]);
    assert!(facts.root.development);
    assert_eq!(facts.provisioning, Provisioning::Unknown);
    assert_eq!(facts.serials, [[1], [2], [2], [2]]);
    assert_eq!(facts.key, device.key);
    assert_eq!(facts.model(), Some(PHONE.model));
    assert_eq!(facts.manufacturer(), Some(PHONE.manufacturer));
    let description = &facts.description;
    assert_eq!(description.challenge, CHALLENGE);
    assert_eq!(description.attestation_security_level, SecurityLevel::TrustedEnvironment);
    assert_eq!(description.keymint_security_level, SecurityLevel::TrustedEnvironment);
    let boot = description.hardware.root_of_trust.as_ref().unwrap();
    assert_eq!((boot.device_locked, boot.boot_state), (Boolean::True, BootState::Verified));
    assert_eq!(description.hardware.os_patch_level, Some(202_610));
    assert_eq!(description.hardware.purposes, [2]);
    let application = description.software.application.as_ref().unwrap();
    assert_eq!(application.packages[0].name.as_str(), Some("org.example.estafette.development"));
    assert_eq!(application.signing_digests, [[0xe5; 32]]);
}

#[test]
fn every_single_defect_is_refused_for_exactly_its_reasons() {
    let device = Device::new();
    for defect in Defect::ALL {
        let key = device.signing.verifying_key();
        let evidence = device.attestor.attest_with(*defect, key, &CHALLENGE, PHONE);
        let verdict = verify_android(&evidence, &device.expected()).map(|_| ());
        assert_eq!(verdict, Err(defect.reasons().to_vec()), "{defect:?}");
    }
}

#[test]
fn every_reason_is_given_for_some_defect() {
    let given: Vec<_> = Defect::ALL.iter().flat_map(|defect| defect.reasons()).collect();
    let never: Vec<_> = Reason::ALL.iter().filter(|reason| !given.contains(reason)).collect();
    assert!(never.is_empty(), "{never:?}");
}

#[test]
fn all_reasons_are_returned_and_not_only_the_first() {
    let device = Device::new();
    let expected = Expected {
        challenge: &[0; 32],
        key: &[2; 33],
        model: Some("Another"),
        roots: &GOOGLE_ROOTS,
        now: NOW,
    };
    let evidence =
        device.attestor.attest_with(Defect::SwappedOrder, device.signing.verifying_key(), &CHALLENGE, PHONE);
    assert_eq!(
        verify_android(&evidence, &expected).map(|_| ()),
        Err(vec![
            Reason::UntrustedRoot,
            Reason::NameChaining,
            Reason::BadSignature,
            Reason::ChallengeMismatch,
            Reason::KeyMismatch,
            Reason::InventoryModel,
        ])
    );
}

#[test]
fn the_development_root_is_not_trusted_unless_it_is_given() {
    let device = Device::new();
    for roots in [&[][..], &GOOGLE_ROOTS] {
        let expected = Expected { roots, ..device.expected() };
        let verdict = verify_android(&device.evidence(), &expected).map(|_| ());
        assert_eq!(verdict, Err(vec![Reason::UntrustedRoot]));
    }
}

#[test]
fn an_entry_without_a_model_takes_any_and_one_with_a_model_takes_no_other_spelling() {
    let device = Device::new();
    let verdict = |attested: &str, model| {
        let phone = Phone { model: attested, ..PHONE };
        let evidence = device.attestor.attest(device.signing.verifying_key(), &CHALLENGE, phone);
        verify_android(&evidence, &Expected { model, ..device.expected() }).map(|_| ())
    };
    assert_eq!(verdict("Any", None), Ok(()));
    assert_eq!(verdict("Téléphone 5G", Some("Téléphone 5G")), Ok(()));
    for other in ["pixel 9", "Pixel 9 ", "Pixel", ""] {
        assert_eq!(verdict("Pixel 9", Some(other)), Err(vec![Reason::InventoryModel]), "{other:?}");
    }
}

#[test]
fn development_chains_hold_at_any_virtual_time_until_2050() {
    let device = Device::new();
    let at = |now| {
        let expected = Expected { now: Timestamp(now), ..device.expected() };
        verify_android(&device.evidence(), &expected).map(|_| ())
    };
    const YEAR_2050: u64 = 2_524_608_000_000;
    assert_eq!(at(0), Ok(()));
    assert_eq!(at(YEAR_2050 - 1), Ok(()));
    assert_eq!(at(YEAR_2050), Err(vec![Reason::Expired]));
    assert_eq!(at(u64::MAX), Err(vec![Reason::Expired]));
}

#[test]
fn a_chain_without_certificates_is_too_short() {
    let device = Device::new();
    let verdict = verify_android(&Evidence { chain: vec![] }, &device.expected()).map(|_| ());
    assert_eq!(verdict, Err(vec![Reason::ChainTooShort]));
}

#[test]
fn reasons_are_stable_words() {
    let words: Vec<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(
        words,
        [
            "evidence_too_large",
            "chain_too_long",
            "chain_too_short",
            "parse_cert",
            "untrusted_root",
            "root_not_last",
            "name_chaining",
            "bad_signature",
            "not_yet_valid",
            "expired",
            "no_key_description",
            "key_description_not_in_leaf",
            "parse_key_description",
            "tags_unordered",
            "challenge_mismatch",
            "key_mismatch",
            "inventory_model",
        ]
    );
}
