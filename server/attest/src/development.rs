//! Attestation without hardware: chains of the same shape under a root whose key is public.
//!
//! It exists so that demonstrations, replays and tests walk the whole road of a genuine phone;
//! there is no switch that skips a check. Anybody can make such chains, so trusting
//! [`root()`] admits everybody: a relay does so in development mode only, and what it admits
//! stays marked ([`TrustedRoot::development`]). This module is compiled under the feature
//! `dev-attestation` alone; the binaries that have it can be told by [`FEATURE_MARK`] and
//! [`ROOT_SPKI`] in their bytes.
//!
//! Always true: the same arguments give the same bytes. Certificates are valid from 1970 to 2049,
//! so that a virtual clock may stand anywhere in between.

mod app_attest;
mod certificate;
mod defects;
mod description;
#[cfg(test)]
mod phones_in_use;
mod writer;

use std::collections::BTreeSet;

use estafette_protocol::ids::Hash;
use p256::ecdsa::{SigningKey, VerifyingKey};

use self::certificate::{
    ALWAYS, Certificate, Validity, authority_extensions, extension, name, signing_extension,
};
use self::description::Description;
use crate::{AppleRoot, AppleRules, Evidence, KeyDescription, Policy, SigningDigest, TrustedRoot};

pub use self::app_attest::{APPLE_APPLICATION, AppAttestation, DevelopmentApple};
pub use self::defects::Defect;

/// The application that development chains name.
pub const APPLICATION: &str = "org.example.estafette.development";
/// The one certificate that signed it.
pub const SIGNER: SigningDigest = [0xe5; 32];
/// Their patch level of Android.
const PATCH_LEVEL: u32 = 202_610;

/// In every binary that was compiled with the feature, and in no other.
///
/// The development keys are hashes of it: they are not secrets and nobody need keep them.
pub static FEATURE_MARK: &str = "estafette development attestation";

/// The development root's public key as a DER SubjectPublicKeyInfo.
pub static ROOT_SPKI: [u8; 91] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04, 0x98, 0x1f, 0x70, 0x23, 0xf0, 0x7c, 0x71,
    0x6c, 0x51, 0x7e, 0x0a, 0xd0, 0xf6, 0xea, 0x9e, 0x4a, 0x72, 0xa2, 0x18, 0xc7, 0x79, 0x9d, 0x77, 0xb4,
    0x1a, 0xd1, 0xd7, 0x04, 0xc5, 0x4f, 0x4c, 0xc5, 0x02, 0xc4, 0x6f, 0xb3, 0x2d, 0x66, 0x14, 0x57, 0xda,
    0x3d, 0xcc, 0x69, 0xf5, 0x34, 0xc0, 0x5f, 0x3e, 0x52, 0x89, 0x9d, 0xbc, 0x51, 0x9d, 0x45, 0xfc, 0x2a,
    0x4b, 0xab, 0x2d, 0xce, 0xaf, 0x5f,
];

/// The development root, to be trusted beside [`crate::GOOGLE_ROOTS`] in development mode only.
pub fn root() -> TrustedRoot {
    // Kept opaque to the optimiser: whoever can trust this root carries both marks.
    std::hint::black_box(FEATURE_MARK);
    let spki_sha256 = Hash::of(&[std::hint::black_box(&ROOT_SPKI)]).0;
    TrustedRoot { spki_sha256, development: true }
}

/// The rules that development chains keep.
pub fn policy() -> Policy {
    Policy {
        packages: Some(BTreeSet::from([APPLICATION.to_owned()])),
        signers: Some(BTreeSet::from([BTreeSet::from([SIGNER])])),
        minimum_patch_level: Some(202_501),
        ..Policy::default()
    }
}

/// The rules for iPhones that development objects keep; Apple's own roots hold beside.
pub fn apple_rules() -> AppleRules {
    AppleRules {
        applications: BTreeSet::from([APPLE_APPLICATION.to_owned()]),
        roots: vec![AppleRoot::apple(), DevelopmentApple::new().roots()],
        ..AppleRules::default()
    }
}

/// The phone that a development chain claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phone<'a> {
    /// For instance "Google".
    pub manufacturer: &'a str,
    /// For instance "Pixel 9 Pro".
    pub model: &'a str,
}

/// Stands in for the secure hardware and its maker: attests any key for any phone.
#[derive(Clone)]
pub struct DevelopmentAttestor {
    root: Authority,
    intermediate: Authority,
    attestation: Authority,
}

impl DevelopmentAttestor {
    /// Makes the three upper certificates, once; they are in every chain.
    pub fn new() -> Self {
        Self::with_keys_from(FEATURE_MARK)
    }

    /// Evidence that `device_key` was made for `challenge` in the secure hardware of `phone`.
    ///
    /// A name so long that the certificate outgrows [`Evidence::MAX_CERTIFICATE`] is not refused here.
    pub fn attest(&self, device_key: &VerifyingKey, challenge: &[u8; 32], phone: Phone<'_>) -> Evidence {
        let description = Description::of(challenge, phone).encode();
        self.chain(leaf(device_key, &[described(&description)], &self.attestation))
    }

    /// A second chain: `key` was made by the system of `phone`, for its owner, and the phone has
    /// this serial number.
    pub fn attest_serial(
        &self,
        key: &VerifyingKey,
        challenge: &[u8; 32],
        phone: Phone<'_>,
        serial: &str,
    ) -> Vec<Vec<u8>> {
        let description = Description::of_owner(challenge, phone, serial).encode();
        self.chain(leaf(key, &[described(&description)], &self.attestation)).chain
    }

    fn with_keys_from(seed: &str) -> Self {
        let root = Authority::root(seed);
        let intermediate =
            root.certify(key(seed, "intermediate"), &name("Estafette", "Intermediate"), ALWAYS, &[]);
        let attestation =
            intermediate.certify(key(seed, "attestation"), &name("TEE", "Attestation"), ALWAYS, &[]);
        Self { root, intermediate, attestation }
    }

    /// A chain from a certificate that the attestation key signed.
    fn chain(&self, leaf: Vec<u8>) -> Evidence {
        let upper = [&self.attestation, &self.intermediate, &self.root];
        let upper = upper.into_iter().map(|authority| authority.certificate.clone());
        Evidence::of(std::iter::once(leaf).chain(upper).collect())
    }
}

impl Default for DevelopmentAttestor {
    fn default() -> Self {
        Self::new()
    }
}

/// A key that signs certificates, and its own certificate.
#[derive(Clone)]
struct Authority {
    key: SigningKey,
    name: Vec<u8>,
    certificate: Vec<u8>,
}

impl Authority {
    fn root(seed: &str) -> Self {
        let key = key(seed, "root");
        let unsigned =
            Self { key: key.clone(), name: name("Estafette", FEATURE_MARK), certificate: Vec::new() };
        unsigned.certify(key, &unsigned.name, ALWAYS, &[])
    }

    /// Another authority, certified by this one.
    fn certify(&self, key: SigningKey, subject: &[u8], validity: Validity, more: &[Vec<u8>]) -> Self {
        let certificate = Certificate {
            serial: 2,
            issuer: &self.name,
            subject,
            validity,
            key: key.verifying_key(),
            extensions: &[&authority_extensions(), more].concat(),
        };
        Self { certificate: certificate.signed_by(&self.key), name: subject.to_vec(), key }
    }
}

/// A device's certificate, as Android's secure hardware fills it in.
fn leaf(device_key: &VerifyingKey, extensions: &[Vec<u8>], issuer: &Authority) -> Vec<u8> {
    let certificate = Certificate {
        serial: 1,
        issuer: &issuer.name,
        subject: &leaf_name(),
        validity: ALWAYS,
        key: device_key,
        extensions: &[&[signing_extension()], extensions].concat(),
    };
    certificate.signed_by(&issuer.key)
}

fn leaf_name() -> Vec<u8> {
    name("Android", "Android Keystore Key")
}

/// A key description as the extension of a certificate.
fn described(description: &[u8]) -> Vec<u8> {
    extension(KeyDescription::OID, description)
}

/// A key that anybody can compute.
fn key(seed: &str, holder: &str) -> SigningKey {
    let hash = Hash::of(&[seed.as_bytes(), b"\0", holder.as_bytes()]);
    #[expect(clippy::expect_used, reason = "the arguments are constants; all were tried by the tests")]
    SigningKey::from_slice(&hash.0).expect("a hash below the order of P-256")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use estafette_protocol::Timestamp;

    use super::certificate::{COMMON_NAME, ORGANISATION_NAME, name_of};
    use super::phones_in_use::factory;
    use super::*;
    use crate::{Expected, Provisioning, Reason, Serial, verify_android};

    const CHALLENGE: [u8; 32] = [7; 32];
    const PHONE: Phone<'static> = Phone { manufacturer: "Google", model: "Pixel 9 Pro" };
    /// 2.5.4.5.
    const SERIAL_NUMBER: &[u8] = &[0x55, 0x04, 0x05];
    const SECOND: u64 = 1000;

    #[test]
    fn the_published_root_key_is_the_one_that_signs() {
        let computed = certificate::public_key_info(key(FEATURE_MARK, "root").verifying_key());
        assert_eq!(computed, ROOT_SPKI);
        assert_eq!(root(), TrustedRoot { spki_sha256: Hash::of(&[&computed]).0, development: true });
    }

    #[test]
    fn the_same_arguments_give_the_same_bytes() {
        let device = key("a test", "device");
        let make = || DevelopmentAttestor::new().attest(device.verifying_key(), &CHALLENGE, PHONE);
        assert_eq!(make(), make());
    }

    /// The verdict at `now` on a chain whose certificate below the root has this name, and whose
    /// attestation certificate is valid from second 10 to second 20 of 1970.
    fn judged(intermediate: &[(&[u8], &str)], now: u64) -> Result<Provisioning, Vec<Reason>> {
        let DevelopmentAttestor { root, .. } = DevelopmentAttestor::new();
        let intermediate = root.certify(key("a test", "upper"), &name_of(intermediate), ALWAYS, &[]);
        let brief = ["700101000010Z", "700101000020Z"];
        let attestation = intermediate.certify(key("a test", "lower"), &name("TEE", "A test"), brief, &[]);
        let device = key("a test", "device");
        let evidence = DevelopmentAttestor { root, intermediate, attestation }.attest(
            device.verifying_key(),
            &CHALLENGE,
            PHONE,
        );
        let point = device.verifying_key().to_encoded_point(true);
        let policy = policy();
        let expected = Expected {
            challenge: Some(&CHALLENGE),
            id_challenge: None,
            key: Some(point.as_bytes().try_into().unwrap()),
            model: Some(PHONE.model),
            serial: Serial::Unknown,
            policy: &policy,
            roots: &[super::root()],
            revoked: None,
            now: Timestamp(now),
        };
        verify_android(&evidence, &expected).map(|facts| facts.provisioning)
    }

    #[test]
    fn expiry_counts_except_for_keys_from_the_factory_and_begin_always_counts() {
        let factory: &[(&[u8], &str)] = &[(SERIAL_NUMBER, "c6047571d8f0d17c")];
        let remote: &[(&[u8], &str)] = &[(COMMON_NAME, "Droid CA2"), (ORGANISATION_NAME, "Google LLC")];
        let unknown: &[(&[u8], &str)] = &[(COMMON_NAME, "Droid CA9")];
        let kinds = [
            (factory, Provisioning::Factory),
            (remote, Provisioning::Remote),
            (unknown, Provisioning::Unknown),
        ];
        for (name, provisioning) in kinds {
            assert_eq!(judged(name, 10 * SECOND - 1), Err(vec![Reason::NotYetValid]));
            assert_eq!(judged(name, 10 * SECOND), Ok(provisioning));
            assert_eq!(judged(name, 21 * SECOND - 1), Ok(provisioning));
        }
        assert_eq!(judged(factory, 21 * SECOND), Ok(Provisioning::Factory));
        assert_eq!(judged(remote, 21 * SECOND), Err(vec![Reason::Expired]));
        assert_eq!(judged(unknown, 21 * SECOND), Err(vec![Reason::Expired]));
    }

    /// The verdict on a phone of a factory whose second chain another attestor made, and says otherwise.
    fn tied(second: &DevelopmentAttestor, change: fn(&mut Description)) -> Result<(), Vec<Reason>> {
        let device = key("a test", "device");
        let mut evidence = factory("batch").attest(device.verifying_key(), &CHALLENGE, PHONE);
        let mut description = Description::of_owner(&CHALLENGE, PHONE, "a serial number");
        change(&mut description);
        let leaf = leaf(device.verifying_key(), &[described(&description.encode())], &second.attestation);
        evidence.id_chain = Some(second.chain(leaf).chain);
        let policy = policy();
        let expected = Expected {
            challenge: Some(&CHALLENGE),
            id_challenge: Some(&CHALLENGE),
            key: None,
            model: None,
            serial: Serial::Required("a serial number"),
            policy: &policy,
            roots: &[super::root()],
            revoked: None,
            now: Timestamp(0),
        };
        verify_android(&evidence, &expected).map(|_| ())
    }

    #[test]
    fn two_chains_are_of_one_phone_if_all_that_both_tell_is_the_same() {
        use super::description::{MODEL, OS_PATCH_LEVEL, ROOT_OF_TRUST, SERIAL};
        use super::writer::{enumerated, integer, octets, sequence, yes};

        const STRONG_BOX: u8 = 2;
        let batch = factory("batch");
        assert_eq!(tied(&batch, |_| {}), Ok(()));
        // What one of them does not tell is no difference.
        assert_eq!(tied(&batch, |told| drop(told.hardware.remove(MODEL))), Ok(()));
        let boot = |key, hash| sequence(&[&octets(&[key; 32]), &yes(), &enumerated(0), &octets(&[hash; 32])]);
        assert_eq!(boot(0xb0, 0xb1), description::root_of_trust(&yes(), 0));
        let others: [fn(&mut Description); 5] = [
            |told| {
                let boot = sequence(&[&octets(&[0; 32]), &yes(), &enumerated(0), &octets(&[0xb1; 32])]);
                told.hardware.set(ROOT_OF_TRUST, boot);
            },
            |told| {
                let boot = sequence(&[&octets(&[0xb0; 32]), &yes(), &enumerated(0), &octets(&[0; 32])]);
                told.hardware.set(ROOT_OF_TRUST, boot);
            },
            |told| told.hardware.set(OS_PATCH_LEVEL, integer(202_609)),
            |told| told.hardware.set(716, octets(b"another maker")),
            |told| told.hardware.set(MODEL, octets(b"another model")),
        ];
        for (number, other) in others.into_iter().enumerate() {
            assert_eq!(tied(&batch, other), Err(vec![Reason::IdNotTied]), "{number}");
        }
        // A factory puts one key into a phone, and another one into its separate chip.
        assert_eq!(tied(&factory("another batch"), |_| {}), Err(vec![Reason::IdNotTied]));
        let strong_box: fn(&mut Description) =
            |told| (told.attestation_level, told.keymint_level) = (STRONG_BOX, STRONG_BOX);
        assert_eq!(tied(&factory("another batch"), strong_box), Ok(()));
        // Keys from Google's servers and from a factory do not mix.
        assert_eq!(tied(&DevelopmentAttestor::new(), |_| {}), Err(vec![Reason::IdNotTied]));
        // The serial number that is asked for is that of the second chain.
        let other_serial: fn(&mut Description) = |told| told.hardware.set(SERIAL, octets(b"another"));
        assert_eq!(tied(&batch, other_serial), Err(vec![Reason::InventorySerial]));
    }
}
