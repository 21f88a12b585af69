//! One chain that holds, and every way in which it may not.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{CHALLENGE, Device, ID_CHALLENGE, NOW, PHONE, SERIAL};
use estafette_attest::development::{AppAttestation, Defect, DevelopmentApple, Phone, SIGNER};
use estafette_attest::{
    AppIdentity, Boolean, BootState, Environment, Evidence, Expected, ExpectedAppAttest, ExpectedAssertion,
    GOOGLE_ROOTS, Policy, Provisioning, Reason, RevocationList, SecurityLevel, Serial, TrustedRoot,
    verify_android, verify_app_attest, verify_assertion, verify_managed_device,
};
use estafette_protocol::Timestamp;
use estafette_protocol::certificate::Level;
use estafette_protocol::ids::Hash;
use p256::ecdsa::SigningKey;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

const APPLICATION: AppIdentity<'static> = AppIdentity("ABCDE12345.org.example.estafette");
const CLIENT_DATA: [u8; 32] = [0x3c; 32];

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
    assert_eq!(application.signing_digests, [SIGNER]);
    assert_eq!(facts.serial, None);
    assert_eq!(facts.level(), Level::Software);
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

/// What the verifier says of one thing that is wrong.
type Case = (&'static str, Result<(), Vec<Reason>>, &'static [Reason]);

/// Evidence that is in order, judged under circumstances in which it does not pass.
fn circumstances(device: &Device) -> Vec<Case> {
    let evidence = device.evidence();
    let judged = |expected: &Expected<'_>| verify_android(&evidence, expected).map(|_| ());
    let with_policy = |policy: &Policy| judged(&Expected { policy, ..device.expected() });
    let revoked = RevocationList::from_json(br#"{"entries": {"2": {"status": "REVOKED"}}}"#, NOW).unwrap();
    let stale = RevocationList::from_json(br#"{"entries": {}}"#, Timestamp(0)).unwrap();
    let rkp = Policy { require_rkp: true, ..device.policy.clone() };
    let strong_box = Policy { minimum_security_level: SecurityLevel::StrongBox, ..device.policy.clone() };
    let newer = Policy { minimum_patch_level: Some(202_611), ..device.policy.clone() };
    vec![
        ("factory key", with_policy(&rkp), &[Reason::RkpRequired]),
        ("revoked", judged(&Expected { revoked: Some(&revoked), ..device.expected() }), &[Reason::Revoked]),
        (
            "old list",
            judged(&Expected { revoked: Some(&stale), ..device.expected() }),
            &[Reason::StatusListStale],
        ),
        ("no separate chip", with_policy(&strong_box), &[Reason::SecurityLevel]),
        ("older than the floor", with_policy(&newer), &[Reason::PatchLevel]),
        (
            "no application is allowed",
            with_policy(&Policy::default()),
            &[Reason::AppPackage, Reason::AppDigest],
        ),
        (
            "no serial number",
            judged(&Expected { serial: Serial::Required(SERIAL), ..device.expected() }),
            &[Reason::InventorySerial],
        ),
    ]
}

/// Second chains that do not prove the serial number.
fn second_chains(device: &Device) -> Vec<Case> {
    let other = Phone { model: "Another", ..PHONE };
    let judged = |evidence: &Evidence, serial| {
        verify_android(evidence, &Expected { serial, ..device.expected() }).map(|_| ())
    };
    let of_owner = |challenge, phone, serial| device.evidence_of_owner(challenge, phone, serial);
    let good = of_owner(&ID_CHALLENGE, PHONE, SERIAL);
    let mut torn = good.clone();
    torn.id_chain.as_mut().unwrap()[0].pop();
    let mut short = good.clone();
    short.id_chain.as_mut().unwrap().truncate(1);
    let same_chain = Evidence { id_chain: Some(device.evidence().chain), ..device.evidence() };
    let unasked = Expected { id_challenge: None, ..device.expected() };
    vec![
        ("another serial number", judged(&good, Serial::Required("X")), &[Reason::InventorySerial]),
        ("another, if attested", judged(&good, Serial::IfAttested("X")), &[Reason::InventorySerial]),
        (
            "another phone's",
            judged(&of_owner(&ID_CHALLENGE, other, SERIAL), Serial::Unknown),
            &[Reason::IdNotTied],
        ),
        (
            "for another key",
            judged(&of_owner(&CHALLENGE, PHONE, SERIAL), Serial::Unknown),
            &[Reason::ChallengeMismatch, Reason::IdChain],
        ),
        ("cut short", judged(&torn, Serial::Unknown), &[Reason::ParseCert, Reason::IdChain]),
        (
            "a lone certificate",
            judged(&short, Serial::Unknown),
            &[
                Reason::ChainTooShort,
                Reason::UntrustedRoot,
                Reason::BadSignature,
                Reason::IdChain,
                Reason::IdNotTied,
            ],
        ),
        (
            "the first chain again",
            judged(&same_chain, Serial::Unknown),
            &[Reason::ChallengeMismatch, Reason::InventorySerial, Reason::IdChain],
        ),
        ("nobody asked", verify_android(&good, &unasked).map(|_| ()), &[Reason::IdChain]),
    ]
}

/// App Attest objects and assertions with one defect each.
fn apples() -> Vec<Case> {
    let apple = DevelopmentApple::new();
    let device = SigningKey::from_slice(&[0x33; 32]).unwrap();
    let other = SigningKey::from_slice(&[0x44; 32]).unwrap();
    let root = apple.root();
    let point: [u8; 65] = device.verifying_key().to_encoded_point(false).as_bytes().try_into().unwrap();
    let right = || AppAttestation::of(APPLICATION.0, CLIENT_DATA, Environment::Production);
    let expected = ExpectedAppAttest {
        client_data_hash: &CLIENT_DATA,
        key_id: None,
        application: APPLICATION,
        environment: Environment::Production,
        root: &root,
        now: NOW,
    };
    let judged = |says: AppAttestation<'_>, expected: &ExpectedAppAttest<'_>| {
        verify_app_attest(&apple.attest(&device, &says), expected).map(|_| ())
    };
    let asserted = |assertion: &[u8], counter| {
        let expected = ExpectedAssertion {
            client_data_hash: &CLIENT_DATA,
            key: &point,
            application: APPLICATION,
            counter,
        };
        verify_assertion(assertion, &expected).map(|_| ())
    };
    let assertion =
        |key: &SigningKey, application, counter| apple.assert(key, application, &CLIENT_DATA, counter);
    let honest = apple.attest(&device, &right());
    let trailing = [&honest[..], &[0]].concat();
    let development = AppAttestation::of(APPLICATION.0, CLIENT_DATA, Environment::Development);
    let in_development = ExpectedAppAttest { environment: Environment::Development, ..expected };
    let brief = ["260101000000Z", "260102000000Z"];
    vec![
        ("not CBOR", verify_app_attest(b"x", &expected).map(|_| ()), &[Reason::ParseAppAttest]),
        ("a byte more", verify_app_attest(&trailing, &expected).map(|_| ()), &[Reason::ParseAppAttest]),
        ("too large", verify_app_attest(&[0; 50_000], &expected).map(|_| ()), &[Reason::EvidenceTooLarge]),
        (
            "other data",
            judged(AppAttestation { client_data_hash: [0; 32], ..right() }, &expected),
            &[Reason::NonceMismatch],
        ),
        (
            "another application",
            judged(AppAttestation { application: "ABCDE12345.org.example.other", ..right() }, &expected),
            &[Reason::AppIdMismatch],
        ),
        ("used", judged(AppAttestation { counter: 1, ..right() }, &expected), &[Reason::CounterNotZero]),
        (
            "another name",
            judged(AppAttestation { key_id: Some([0; 32]), ..right() }, &expected),
            &[Reason::KeyIdMismatch],
        ),
        (
            "another name told",
            judged(right(), &ExpectedAppAttest { key_id: Some(&[0; 32]), ..expected }),
            &[Reason::KeyIdMismatch],
        ),
        ("development", judged(development, &expected), &[Reason::DevelopmentAaguid]),
        ("production", judged(right(), &in_development), &[Reason::ProductionAaguid]),
        (
            "neither",
            judged(AppAttestation { aaguid: *b"appattest\0\0\0\0\0\0\x01", ..right() }, &expected),
            &[Reason::UnknownAaguid],
        ),
        ("expired", judged(AppAttestation { validity: brief, ..right() }, &expected), &[Reason::Expired]),
        (
            "another root",
            judged(
                right(),
                &ExpectedAppAttest { root: &estafette_attest::APPLE_APP_ATTEST_ROOT, ..expected },
            ),
            &[Reason::UntrustedRoot],
        ),
        (
            "a forged serial number",
            verify_managed_device(&apple.forged(&device, "X"), &root, NOW).map(|_| ()),
            &[Reason::NotAuthority],
        ),
        (
            "an empty serial number",
            verify_managed_device(&apple.managed(&device, Some(""), None), &root, NOW).map(|_| ()),
            &[Reason::ParseManagedDevice],
        ),
        (
            "another key's assertion",
            asserted(&assertion(&other, APPLICATION.0, 1), 0),
            &[Reason::AssertionSignature],
        ),
        (
            "another application's assertion",
            asserted(&assertion(&device, "ABCDE12345.org.example.other", 1), 0),
            &[Reason::AppIdMismatch],
        ),
        (
            "the same assertion again",
            asserted(&assertion(&device, APPLICATION.0, 7), 7),
            &[Reason::CounterNotGreater],
        ),
        ("an object in place of an assertion", asserted(&honest, 0), &[Reason::ParseAppAttest]),
    ]
}

#[test]
fn what_is_wrong_about_list_policy_second_chain_or_apple_s_object_is_named_exactly() {
    let device = Device::new();
    for (name, verdict, reasons) in [circumstances(&device), second_chains(&device), apples()].concat() {
        assert_eq!(verdict, Err(reasons.to_vec()), "{name}");
    }
}

#[test]
fn every_reason_has_evidence_that_yields_it_and_alone_where_it_can_stand_alone() {
    let device = Device::new();
    let cases = [circumstances(&device), second_chains(&device), apples()].concat();
    let given = Defect::ALL.iter().map(|defect| defect.reasons()).chain(cases.iter().map(|case| case.2));
    let mut alone: BTreeMap<Reason, bool> = BTreeMap::new();
    for reasons in given {
        for reason in reasons {
            *alone.entry(*reason).or_default() |= reasons.len() == 1;
        }
    }
    let never: Vec<_> = Reason::ALL.iter().filter(|reason| !alone.contains_key(reason)).collect();
    assert!(never.is_empty(), "{never:?}");
    let accompanied: BTreeSet<_> =
        alone.into_iter().filter(|(_, alone)| !alone).map(|(one, _)| one).collect();
    // A software root is untrusted as well, a malformed "locked" counts as unlocked, and an
    // application without signers is signed by none of the allowed ones.
    assert_eq!(
        accompanied,
        BTreeSet::from([Reason::SoftwareRoot, Reason::MalformedBoolean, Reason::NoAppSignature])
    );
}

#[test]
fn a_phone_of_its_owner_proves_its_serial_number_by_a_second_chain() {
    let device = Device::new();
    let evidence = device.evidence_of_owner(&ID_CHALLENGE, PHONE, SERIAL);
    for serial in [Serial::Unknown, Serial::IfAttested(SERIAL), Serial::Required(SERIAL)] {
        let facts = verify_android(&evidence, &Expected { serial, ..device.expected() }).unwrap();
        assert_eq!(facts.serial.unwrap().as_str(), Some(SERIAL));
        assert_eq!(facts.serials.len(), 8);
    }
    let without = Expected { serial: Serial::IfAttested(SERIAL), ..device.expected() };
    assert_eq!(verify_android(&device.evidence(), &without).unwrap().serial, None);
}

/// Both chains are in order and their roots are trusted; one root's key is known to everybody.
#[test]
fn a_made_up_second_chain_lends_no_serial_number_to_a_genuine_phone() {
    let device = Device::new();
    let key = device.signing.verifying_key();
    let genuine = device.attestor.attest_with(Defect::LookalikeRoot, key, &CHALLENGE, PHONE);
    let (_, root) = X509Certificate::from_der(&genuine.chain[3]).unwrap();
    let maker = TrustedRoot { spki_sha256: Hash::of(&[root.public_key().raw]).0, development: false };
    let roots = [maker, device.roots[0]];
    let verdict = |evidence: &Evidence| {
        verify_android(evidence, &Expected { roots: &roots, ..device.expected() }).map(|facts| facts.level())
    };
    assert_eq!(verdict(&genuine), Ok(Level::Attested));
    let id_chain = device.evidence_of_owner(&ID_CHALLENGE, PHONE, SERIAL).id_chain;
    assert_eq!(verdict(&Evidence { id_chain, ..genuine }), Err(vec![Reason::IdNotTied]));
}

#[test]
fn the_level_follows_from_the_root_and_from_an_attested_serial_number() {
    let device = Device::new();
    let mut maker = device.roots;
    maker[0].development = false;
    let level = |evidence: &Evidence, roots: &[_]| {
        verify_android(evidence, &Expected { roots, ..device.expected() }).unwrap().level()
    };
    let owned = device.evidence_of_owner(&ID_CHALLENGE, PHONE, SERIAL);
    assert_eq!(level(&device.evidence(), &maker), Level::Attested);
    assert_eq!(level(&owned, &maker), Level::Owned);
    assert_eq!(level(&owned, &device.roots), Level::Software);
}

#[test]
fn while_a_signing_key_changes_the_old_one_both_and_the_new_one_pass_and_no_part_of_a_set() {
    let device = Device::new();
    let old = [0x01; 32];
    let set = |digests: &[[u8; 32]]| BTreeSet::from_iter(digests.iter().copied());
    let verdict = |sets: &[BTreeSet<[u8; 32]>]| {
        let signers = Some(BTreeSet::from_iter(sets.iter().cloned()));
        let policy = Policy { signers, ..device.policy.clone() };
        verify_android(&device.evidence(), &Expected { policy: &policy, ..device.expected() }).map(|_| ())
    };
    assert_eq!(verdict(&[set(&[old]), set(&[old, SIGNER]), set(&[SIGNER])]), Ok(()));
    assert_eq!(verdict(&[set(&[old, SIGNER])]), Err(vec![Reason::AppDigest]));
    assert_eq!(verdict(&[set(&[])]), Err(vec![Reason::AppDigest]));
}

#[test]
fn a_key_of_an_iphone_passes_and_its_assertions_count_upwards() {
    let apple = DevelopmentApple::new();
    let device = SigningKey::from_slice(&[0x33; 32]).unwrap();
    for environment in [Environment::Production, Environment::Development] {
        let object = apple.attest(&device, &AppAttestation::of(APPLICATION.0, CLIENT_DATA, environment));
        let expected = ExpectedAppAttest {
            client_data_hash: &CLIENT_DATA,
            key_id: None,
            application: APPLICATION,
            environment,
            root: &apple.root(),
            now: NOW,
        };
        let facts = verify_app_attest(&object, &expected).unwrap();
        assert_eq!(facts.environment, environment);
        let mut last = 0;
        // A lost answer leaves a gap.
        for counter in [1, 2, 9, u32::MAX] {
            let assertion = apple.assert(&device, APPLICATION.0, &CLIENT_DATA, counter);
            let expected = ExpectedAssertion {
                client_data_hash: &CLIENT_DATA,
                key: &facts.key,
                application: APPLICATION,
                counter: last,
            };
            assert_eq!(verify_assertion(&assertion, &expected), Ok(counter));
            last = counter;
        }
    }
}

#[test]
fn a_managed_iphone_names_its_serial_number_and_its_user_s_own_names_none() {
    let apple = DevelopmentApple::new();
    let device = SigningKey::from_slice(&[0x33; 32]).unwrap();
    let read = |serial, udid| {
        let chain = apple.managed(&device, serial, udid);
        let read = verify_managed_device(&chain, &apple.root(), NOW).unwrap();
        (read.serial.map(|text| text.0), read.udid.map(|text| text.0))
    };
    assert_eq!(read(Some("C02X"), Some("00008030")), (Some(b"C02X".into()), Some(b"00008030".into())));
    // As a DER UTF8String.
    assert_eq!(read(Some("\u{c}\u{4}C02X"), None), (Some(b"C02X".into()), None));
    assert_eq!(read(None, None), (None, None));
}

#[test]
fn all_reasons_are_returned_and_not_only_the_first() {
    let device = Device::new();
    let expected = Expected {
        challenge: Some(&[0; 32]),
        key: Some(&[2; 33]),
        model: Some("Another"),
        roots: &GOOGLE_ROOTS,
        ..device.expected()
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
    let verdict = verify_android(&Evidence::of(vec![]), &device.expected()).map(|_| ());
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
            "software_root",
            "root_not_last",
            "name_chaining",
            "bad_signature",
            "not_authority",
            "not_yet_valid",
            "expired",
            "rkp_required",
            "revoked",
            "status_list_stale",
            "no_key_description",
            "key_description_not_in_leaf",
            "parse_key_description",
            "tags_unordered",
            "challenge_mismatch",
            "key_mismatch",
            "security_level",
            "key_origin",
            "key_purpose",
            "key_algorithm",
            "all_applications",
            "no_root_of_trust",
            "malformed_boolean",
            "bootloader_unlocked",
            "boot_not_verified",
            "no_app_id",
            "no_app_signature",
            "app_package",
            "app_digest",
            "patch_level",
            "inventory_model",
            "inventory_serial",
            "id_chain",
            "id_not_tied",
            "parse_app_attest",
            "nonce_mismatch",
            "key_id_mismatch",
            "app_id_mismatch",
            "counter_not_zero",
            "development_aaguid",
            "production_aaguid",
            "unknown_aaguid",
            "assertion_signature",
            "counter_not_greater",
            "parse_managed_device",
        ]
    );
}
