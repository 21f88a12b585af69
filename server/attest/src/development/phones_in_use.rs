//! Fresh evidence: of the phone that is in use, of the same after an update, and of another one.

#![allow(clippy::unwrap_used, reason = "tests")]

use estafette_protocol::Timestamp;

use super::certificate::{ALWAYS, name, name_of};
use super::defects::Defect;
use super::description::{ALGORITHM, MODEL, OS_PATCH_LEVEL, ROOT_OF_TRUST, SERIAL};
use super::writer::{enumerated, integer, octets, sequence, yes};
use super::*;
use crate::{Expected, Reason, Serial, is_same_phone, verify_android};

const CHALLENGE: [u8; 32] = [7; 32];
const PHONE: Phone<'static> = Phone { manufacturer: "Google", model: "Pixel 9 Pro" };
const STRONG_BOX: u8 = 2;
const BRAND: u32 = 710;
const MANUFACTURER: u32 = 716;
const CURVE: u32 = 10;
const KEY_SIZE: u32 = 3;

/// A factory's attestor: below the root a name with a serial number, then a batch's key.
pub(super) fn factory(batch: &str) -> DevelopmentAttestor {
    // 2.5.4.5.
    let serial_number: &[u8] = &[0x55, 0x04, 0x05];
    let DevelopmentAttestor { root, .. } = DevelopmentAttestor::new();
    let factory = name_of(&[(serial_number, "c6047571d8f0d17c")]);
    let intermediate = root.certify(key("a test", "factory"), &factory, ALWAYS, &[]);
    let attestation = intermediate.certify(key("a test", batch), &name("TEE", "Batch"), ALWAYS, &[]);
    DevelopmentAttestor { root, intermediate, attestation }
}

/// Evidence of a phone that tells something otherwise.
fn told(by: &DevelopmentAttestor, change: impl FnOnce(&mut Description)) -> Evidence {
    let mut description = Description::of(&CHALLENGE, PHONE);
    change(&mut description);
    let device = key("a test", "device");
    by.chain(leaf(device.verifying_key(), &[described(&description.encode())], &by.attestation))
}

fn as_usual(by: &DevelopmentAttestor) -> Evidence {
    told(by, |_| {})
}

/// What the rules say of such a phone.
fn judged(policy: &Policy, change: impl FnOnce(&mut Description)) -> Result<(), Vec<Reason>> {
    let expected = Expected {
        challenge: Some(&CHALLENGE),
        id_challenge: None,
        key: None,
        model: None,
        serial: Serial::Unknown,
        policy,
        roots: &[root()],
        revoked: None,
        now: Timestamp(0),
    };
    verify_android(&told(&DevelopmentAttestor::new(), change), &expected).map(|_| ())
}

#[test]
fn a_phone_stays_the_same_while_all_that_it_told_is_told_again_and_no_older_system() {
    let attestor = DevelopmentAttestor::new();
    let before = as_usual(&attestor);
    assert!(is_same_phone(&before, &before));
    let patched = |level: u64| told(&attestor, |told| told.hardware.set(OS_PATCH_LEVEL, integer(level)));
    let level = u64::from(PATCH_LEVEL);
    assert!(is_same_phone(&before, &patched(level + 1)), "updated");
    assert!(!is_same_phone(&before, &patched(level - 1)), "set back");
    assert!(!is_same_phone(&patched(level + 1), &before));
    for tag in [BRAND, SERIAL, MANUFACTURER, MODEL] {
        let says = |text: &[u8]| told(&attestor, |told| told.hardware.set(tag, octets(text)));
        let silent = told(&attestor, |told| drop(told.hardware.remove(tag)));
        assert!(is_same_phone(&says(b"one"), &says(b"one")), "{tag}");
        assert!(!is_same_phone(&says(b"one"), &says(b"another")), "{tag}");
        assert!(is_same_phone(&says(b"one"), &silent), "what is not told is no difference: {tag}");
        assert!(is_same_phone(&silent, &says(b"one")), "{tag}");
    }
    let signed = |key: u8, hash: u8| {
        let boot = sequence(&[&octets(&[key; 32]), &yes(), &enumerated(0), &octets(&[hash; 32])]);
        told(&attestor, |told| told.hardware.set(ROOT_OF_TRUST, boot))
    };
    assert!(is_same_phone(&signed(1, 1), &signed(1, 2)), "an update boots something else");
    assert!(!is_same_phone(&signed(1, 1), &signed(2, 1)), "another maker's system");
    let without_boot = told(&attestor, |told| drop(told.hardware.remove(ROOT_OF_TRUST)));
    assert!(!is_same_phone(&before, &without_boot));
}

#[test]
fn a_factory_key_stays_with_its_phone_and_only_gives_way_to_keys_from_servers() {
    let (batch, other, servers) = (factory("batch"), factory("another batch"), DevelopmentAttestor::new());
    let same = |one: &Evidence, another: &Evidence| is_same_phone(one, another);
    assert!(same(&as_usual(&batch), &as_usual(&batch)));
    assert!(!same(&as_usual(&batch), &as_usual(&other)));
    assert!(!same(&as_usual(&other), &as_usual(&batch)));
    // The separate chip of the same phone has a key of its own.
    let chip = told(&other, |told| (told.attestation_level, told.keymint_level) = (STRONG_BOX, STRONG_BOX));
    assert!(same(&as_usual(&batch), &chip) && same(&chip, &as_usual(&batch)));
    assert!(same(&as_usual(&batch), &as_usual(&servers)), "replaced from Google's servers");
    assert!(!same(&as_usual(&servers), &as_usual(&batch)), "and never back");
    assert!(same(&as_usual(&servers), &as_usual(&servers)));
}

#[test]
fn what_cannot_be_read_is_no_phone_s() {
    let attestor = DevelopmentAttestor::new();
    let before = as_usual(&attestor);
    let device = key("a test", "device");
    let empty = attestor.attest_with(Defect::NoDescription, device.verifying_key(), &CHALLENGE, PHONE);
    for unreadable in [Evidence::of(Vec::new()), Evidence::of(vec![vec![0x30]]), empty] {
        assert!(!is_same_phone(&before, &unreadable) && !is_same_phone(&unreadable, &before));
        assert!(!is_same_phone(&unreadable, &unreadable));
    }
}

#[test]
fn a_key_of_the_first_versions_tells_its_size_in_place_of_its_curve() {
    let policy = policy();
    assert_eq!(judged(&policy, |told| drop(told.hardware.remove(CURVE))), Ok(()));
    let sized = |bits: u64| {
        judged(&policy, |told| {
            told.hardware.remove(CURVE);
            told.hardware.set(KEY_SIZE, integer(bits));
        })
    };
    assert_eq!(sized(256), Ok(()));
    assert_eq!(sized(384), Err(vec![Reason::KeyAlgorithm]));
    let sizeless = |told: &mut Description| {
        told.hardware.remove(CURVE);
        told.hardware.remove(KEY_SIZE);
    };
    assert_eq!(judged(&policy, sizeless), Err(vec![Reason::KeyAlgorithm]));
    assert_eq!(
        judged(&policy, |told| drop(told.hardware.remove(ALGORITHM))),
        Err(vec![Reason::KeyAlgorithm])
    );
}

#[test]
fn the_floor_itself_is_new_enough_and_a_tag_that_stands_twice_is_out_of_order() {
    let floor = Policy { minimum_patch_level: Some(PATCH_LEVEL), ..policy() };
    assert_eq!(judged(&floor, |_| {}), Ok(()));
    let above = Policy { minimum_patch_level: Some(PATCH_LEVEL + 1), ..policy() };
    assert_eq!(judged(&above, |_| {}), Err(vec![Reason::PatchLevel]));
    let twice = |told: &mut Description| {
        let place = told.hardware.0.iter().position(|(tag, _)| *tag == MODEL).unwrap();
        let again = told.hardware.0[place].clone();
        told.hardware.0.insert(place, again);
    };
    assert_eq!(judged(&policy(), twice), Err(vec![Reason::TagsUnordered]));
}

#[test]
fn each_way_to_boot_is_told_apart() {
    let booted = |state: u8| {
        let boot = sequence(&[&octets(&[0xb0; 32]), &yes(), &enumerated(state), &octets(&[0xb1; 32])]);
        judged(&policy(), |told| told.hardware.set(ROOT_OF_TRUST, boot))
    };
    assert_eq!(booted(0), Ok(()));
    for refused in [1, 2, 3] {
        assert_eq!(booted(refused), Err(vec![Reason::BootNotVerified]), "{refused}");
    }
    assert_eq!(booted(4), Err(vec![Reason::ParseKeyDescription]), "no state that is known");
}

#[test]
fn the_serial_numbers_of_both_chains_are_there_to_be_looked_up() {
    let attestor = DevelopmentAttestor::new();
    let evidence = as_usual(&attestor);
    let numbers = vec![vec![1], vec![2], vec![2], vec![2]];
    assert_eq!(evidence.serials(), numbers);
    let device = key("a test", "device");
    let second = attestor.attest_serial(device.verifying_key(), &CHALLENGE, PHONE, "S1");
    let both = Evidence { id_chain: Some(second), ..evidence };
    assert_eq!(both.serials(), [&numbers[..], &numbers].concat());
    assert_eq!(crate::PhoneEvidence::Android(both).serials().len(), 8);
    assert_eq!(Evidence::of(vec![vec![0x30]]).serials(), Vec::<Vec<u8>>::new());
}
