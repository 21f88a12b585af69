//! Chains with exactly one defect, for the tests of everything that judges evidence.
//!
//! The defects of one chain under the same circumstances; what depends on the verifier's list,
//! policy or clock, or on a second chain, is in the tests (`tests/verdicts.rs`).

use p256::ecdsa::VerifyingKey;

use super::certificate::{ALWAYS, Certificate, name, signing_extension};
use super::description::{
    ALGORITHM, ALL_APPLICATIONS, APPLICATION_ID, Description, MODEL, ORIGIN, OS_PATCH_LEVEL, PURPOSE,
    Properties, ROOT_OF_TRUST, application, numbers, root_of_trust,
};
use super::writer::{boolean, integer, null, yes};
use super::{
    APPLICATION, Authority, DevelopmentAttestor, FEATURE_MARK, Phone, SIGNER, described, key, leaf, leaf_name,
};
use crate::{Evidence, Reason};

macro_rules! defects {
    ($($(#[$doc:meta])* $name:ident = [$($reason:ident),*];)*) => {
        /// What is wrong with a chain.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Defect { $($(#[$doc])* $name),* }

        impl Defect {
            /// Every defect.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Exactly the reasons for which it is refused under [`super::policy`], in their order.
            ///
            /// Validity is judged at any time between the first minute of 1970 and the last of 2049.
            pub fn reasons(self) -> &'static [Reason] {
                match self { $(Self::$name => &[$(Reason::$reason),*]),* }
            }
        }
    };
}

defects! {
    /// One certificate larger than allowed.
    OversizeCertificate = [EvidenceTooLarge];
    /// Certificates of allowed size, together larger than allowed.
    OversizeChain = [EvidenceTooLarge];
    /// Nine certificates.
    TooManyCertificates = [ChainTooLong];
    /// The root itself signed the device's certificate.
    NoIntermediate = [ChainTooShort];
    /// The device's certificate lacks its last byte.
    TruncatedCertificate = [ParseCert];
    /// A byte follows the device's certificate.
    TrailingByte = [ParseCert];
    /// A root with the same name and another key.
    LookalikeRoot = [UntrustedRoot];
    /// The trusted root's certificate above a chain that it did not sign.
    BorrowedRoot = [BadSignature];
    /// The root's certificate twice, which its own signature allows.
    RepeatedRoot = [RootNotLast];
    /// The two intermediates in the wrong order.
    SwappedOrder = [NameChaining, BadSignature];
    /// The device's certificate names another issuer than the one who signed it.
    OtherIssuerName = [NameChaining];
    /// One bit of the signature on the device's certificate.
    AlteredSignature = [BadSignature];
    /// The attestation certificate is valid from the last second of 2049.
    FutureIntermediate = [NotYetValid];
    /// The attestation certificate was valid in the first second of 1970.
    ExpiredIntermediate = [Expired];
    /// No certificate has a key description.
    NoDescription = [NoKeyDescription];
    /// The attestation certificate has the key description, the device's has none.
    MisplacedDescription = [NoKeyDescription, KeyDescriptionNotInLeaf];
    /// An attested key signed one more certificate with a description of its choice.
    ExtendedChain = [KeyDescriptionNotInLeaf];
    /// The key description lacks its last byte.
    TruncatedDescription = [ParseKeyDescription];
    /// The device's certificate has two key descriptions.
    TwoDescriptions = [ParseKeyDescription];
    /// Properties in descending order.
    UnorderedTags = [TagsUnordered];
    /// Made for another challenge.
    OtherChallenge = [ChallengeMismatch];
    /// Made for another key.
    OtherKey = [KeyMismatch];
    /// The chain ends at the key of Android's software attestation, whose private half is public.
    SoftwareRoot = [UntrustedRoot, SoftwareRoot, BadSignature];
    /// Key and attestation are Android's own.
    SoftwareLevel = [SecurityLevel];
    /// The key is in a separate chip, its attestation is not.
    TwoLevels = [SecurityLevel];
    /// The key was made outside and brought in.
    ImportedKey = [KeyOrigin];
    /// Android says that the key was made inside, the hardware says nothing.
    OriginFromAndroid = [KeyOrigin];
    /// The key decrypts and does not sign.
    DecryptionKey = [KeyPurpose];
    /// The key may attest other keys as well.
    AttestingKey = [KeyPurpose];
    /// The description is that of an RSA key.
    RsaKey = [KeyAlgorithm];
    /// The description is that of a key of P-384.
    OtherCurve = [KeyAlgorithm];
    /// Every application may use the key, says the hardware.
    SharedKey = [AllApplications];
    /// Every application may use the key, says Android.
    SharedKeyFromAndroid = [AllApplications];
    /// The hardware does not say how the phone booted.
    NoRootOfTrust = [NoRootOfTrust];
    /// Android says how the phone booted, the hardware does not.
    RootOfTrustFromAndroid = [NoRootOfTrust];
    /// "Locked" is written as 0x01.
    LockedAsOne = [MalformedBoolean, BootloaderUnlocked];
    /// The bootloader is unlocked, the system is the maker's.
    Unlocked = [BootloaderUnlocked];
    /// A system signed by the phone's user has booted.
    SelfSigned = [BootNotVerified];
    /// Unlocked, and anybody's system has booted.
    UnlockedAndUnverified = [BootloaderUnlocked, BootNotVerified];
    /// Android names no application.
    NoApplication = [NoAppId];
    /// The application stands in the list of the hardware, which cannot know it.
    ApplicationFromHardware = [NoAppId];
    /// Android names no signer.
    NoSigner = [NoAppSignature, AppDigest];
    /// The key belongs to another application.
    OtherPackage = [AppPackage];
    /// A second application shares the key.
    SecondPackage = [AppPackage];
    /// The application was signed by somebody else.
    OtherSigner = [AppDigest];
    /// The application was signed by somebody else as well.
    SecondSigner = [AppDigest];
    /// Patches of 2019.
    OldPatchLevel = [PatchLevel];
    /// No patch level is told.
    NoPatchLevel = [PatchLevel];
    /// Made in another model.
    OtherModel = [InventoryModel];
    /// Android names the expected model, the hardware names none.
    ModelFromAndroid = [InventoryModel];
}

/// The public key of Android's software attestation, P-256, as an uncompressed SEC1 point.
const ANDROID_SOFTWARE_KEY: [u8; 65] = [
    0x04, 0xee, 0x5d, 0x5e, 0xc7, 0xe1, 0xc0, 0xdb, 0x6d, 0x03, 0xa6, 0x7e, 0xe6, 0xb6, 0x1b, 0xec, 0x4d,
    0x6a, 0x5d, 0x6a, 0x68, 0x2e, 0x0f, 0xff, 0x7f, 0x49, 0x0e, 0x7d, 0x77, 0x1f, 0x44, 0x22, 0x6d, 0xbd,
    0xb1, 0xaf, 0xfa, 0x16, 0xcb, 0xc7, 0xad, 0xc5, 0x77, 0xd2, 0x56, 0x9c, 0xaa, 0xb7, 0xb0, 0x2d, 0x54,
    0x01, 0x5d, 0x3e, 0x43, 0x2b, 0x2a, 0x8e, 0xd7, 0x4e, 0xec, 0x48, 0x75, 0x41, 0xa4,
];

impl DevelopmentAttestor {
    /// The evidence that [`DevelopmentAttestor::attest`] would make, with one defect.
    pub fn attest_with(
        &self,
        defect: Defect,
        device_key: &VerifyingKey,
        challenge: &[u8; 32],
        phone: Phone<'_>,
    ) -> Evidence {
        let honest = || self.attest(device_key, challenge, phone);
        let honest_description = Description::of(challenge, phone);
        let description = honest_description.encode();
        let with_extensions =
            |extensions: &[Vec<u8>]| self.chain(leaf(device_key, extensions, &self.attestation));
        // A chain whose attestation certificate differs; its key, and so the leaf, stay.
        let with_attestation = |validity, more: &[Vec<u8>], extensions: &[Vec<u8>]| {
            let Authority { key, name, .. } = &self.attestation;
            let attestation = self.intermediate.certify(key.clone(), name, validity, more);
            let leaf = leaf(device_key, extensions, &attestation);
            Self { attestation, ..self.clone() }.chain(leaf)
        };
        match defect {
            Defect::OversizeCertificate => {
                changed(honest(), |chain| chain[0].resize(Evidence::MAX_CERTIFICATE + 1, 0))
            }
            Defect::OversizeChain => changed(honest(), |chain| {
                chain.push(chain[0].clone());
                chain.iter_mut().for_each(|one| one.resize(Evidence::MAX_CERTIFICATE - 1024, 0));
            }),
            Defect::TooManyCertificates => changed(honest(), |chain| {
                let root = self.root.certificate.clone();
                chain.resize(Evidence::MAX_CERTIFICATES + 1, root);
            }),
            Defect::NoIntermediate => {
                let leaf = leaf(device_key, &[described(&description)], &self.root);
                Evidence::of(vec![leaf, self.root.certificate.clone()])
            }
            Defect::TruncatedCertificate => changed(honest(), |chain| {
                chain[0].pop();
            }),
            Defect::TrailingByte => changed(honest(), |chain| chain[0].push(0)),
            Defect::LookalikeRoot => stranger().attest(device_key, challenge, phone),
            Defect::BorrowedRoot => changed(stranger().attest(device_key, challenge, phone), |chain| {
                chain[3] = self.root.certificate.clone();
            }),
            Defect::RepeatedRoot => changed(honest(), |chain| chain.push(self.root.certificate.clone())),
            Defect::SwappedOrder => changed(honest(), |chain| chain.swap(1, 2)),
            Defect::OtherIssuerName => {
                let renamed = Authority { name: name("TEE", "Another"), ..self.attestation.clone() };
                self.chain(leaf(device_key, &[described(&description)], &renamed))
            }
            Defect::AlteredSignature => changed(honest(), |chain| {
                if let Some(last) = chain[0].last_mut() {
                    *last ^= 1;
                }
            }),
            Defect::FutureIntermediate => {
                with_attestation(["491231235959Z", ALWAYS[1]], &[], &[described(&description)])
            }
            Defect::ExpiredIntermediate => {
                with_attestation([ALWAYS[0], "700101000000Z"], &[], &[described(&description)])
            }
            Defect::NoDescription => with_extensions(&[]),
            Defect::MisplacedDescription => with_attestation(ALWAYS, &[described(&description)], &[]),
            Defect::ExtendedChain => self.extended(device_key, challenge, phone),
            Defect::TruncatedDescription => {
                with_extensions(&[described(&description[..description.len() - 1])])
            }
            Defect::TwoDescriptions => with_extensions(&[described(&description), described(&description)]),
            Defect::OtherChallenge => self.attest(device_key, &challenge.map(|byte| !byte), phone),
            Defect::OtherKey => {
                self.attest(key(FEATURE_MARK, "another phone").verifying_key(), challenge, phone)
            }
            Defect::OtherModel => {
                let model = format!("{} (another)", phone.model);
                self.attest(device_key, challenge, Phone { model: &model, ..phone })
            }
            Defect::SoftwareRoot => changed(honest(), |chain| chain[3] = self.software_root()),
            told => {
                let mut description = honest_description;
                told.tell(&mut description);
                with_extensions(&[described(&description.encode())])
            }
        }
    }

    /// What a genuine phone's owner can do with an attested key: sign a certificate for any other key.
    fn extended(&self, device_key: &VerifyingKey, challenge: &[u8; 32], phone: Phone<'_>) -> Evidence {
        let attested = key(FEATURE_MARK, "another phone");
        let honest = self.attest(attested.verifying_key(), challenge, phone);
        let forged = Certificate {
            serial: 1,
            issuer: &leaf_name(),
            subject: &name("Android", "Another key"),
            validity: ALWAYS,
            key: device_key,
            extensions: &[signing_extension(), described(&Description::of(challenge, phone).encode())],
        };
        changed(honest, |chain| chain.insert(0, forged.signed_by(&attested)))
    }

    /// A certificate for Android's software key, under the right name. Only the key counts.
    fn software_root(&self) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "a constant; the tests tried it")]
        let key = VerifyingKey::from_sec1_bytes(&ANDROID_SOFTWARE_KEY).expect("a point of P-256");
        let certificate = Certificate {
            serial: 2,
            issuer: &self.root.name,
            subject: &self.root.name,
            validity: ALWAYS,
            key: &key,
            extensions: &[],
        };
        certificate.signed_by(&self.root.key)
    }
}

impl Defect {
    /// Writes the defect into a description; nothing where it is not one of the description.
    fn tell(self, description: &mut Description) {
        const SELF_SIGNED: u8 = 1;
        const UNVERIFIED: u8 = 2;
        let Description { software, hardware, .. } = description;
        match self {
            Self::UnorderedTags => hardware.0.reverse(),
            Self::SoftwareLevel => (description.attestation_level, description.keymint_level) = (0, 0),
            Self::TwoLevels => description.keymint_level = 2,
            Self::ImportedKey => hardware.set(ORIGIN, integer(2)),
            Self::OriginFromAndroid => moved(hardware, software, ORIGIN),
            Self::DecryptionKey => hardware.set(PURPOSE, numbers(&[1])),
            Self::AttestingKey => hardware.set(PURPOSE, numbers(&[2, 7])),
            Self::RsaKey => hardware.set(ALGORITHM, integer(1)),
            Self::OtherCurve => hardware.set(10, integer(2)),
            Self::SharedKey => hardware.set(ALL_APPLICATIONS, null()),
            Self::SharedKeyFromAndroid => software.set(ALL_APPLICATIONS, null()),
            Self::NoRootOfTrust => drop(hardware.remove(ROOT_OF_TRUST)),
            Self::RootOfTrustFromAndroid => moved(hardware, software, ROOT_OF_TRUST),
            Self::LockedAsOne => hardware.set(ROOT_OF_TRUST, root_of_trust(&boolean(0x01), 0)),
            Self::Unlocked => hardware.set(ROOT_OF_TRUST, root_of_trust(&boolean(0x00), 0)),
            Self::SelfSigned => hardware.set(ROOT_OF_TRUST, root_of_trust(&yes(), SELF_SIGNED)),
            Self::UnlockedAndUnverified => {
                hardware.set(ROOT_OF_TRUST, root_of_trust(&boolean(0x00), UNVERIFIED));
            }
            Self::NoApplication => drop(software.remove(APPLICATION_ID)),
            Self::ApplicationFromHardware => moved(software, hardware, APPLICATION_ID),
            Self::NoSigner => software.set(APPLICATION_ID, application(&[APPLICATION], &[])),
            Self::OtherPackage => {
                software.set(APPLICATION_ID, application(&["org.example.other"], &[SIGNER]))
            }
            Self::SecondPackage => {
                software.set(APPLICATION_ID, application(&[APPLICATION, "org.example.other"], &[SIGNER]));
            }
            Self::OtherSigner => software.set(APPLICATION_ID, application(&[APPLICATION], &[[1; 32]])),
            Self::SecondSigner => {
                software.set(APPLICATION_ID, application(&[APPLICATION], &[[1; 32], SIGNER]))
            }
            Self::OldPatchLevel => hardware.set(OS_PATCH_LEVEL, integer(201_908)),
            Self::NoPatchLevel => drop(hardware.remove(OS_PATCH_LEVEL)),
            Self::ModelFromAndroid => moved(hardware, software, MODEL),
            _ => {}
        }
    }
}

/// Lets the other list say a property.
fn moved(from: &mut Properties, to: &mut Properties, tag: u32) {
    if let Some(content) = from.remove(tag) {
        to.set(tag, content);
    }
}

/// An attestor with the same names and other keys.
fn stranger() -> DevelopmentAttestor {
    DevelopmentAttestor::with_keys_from("another root")
}

fn changed(mut evidence: Evidence, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Evidence {
    change(&mut evidence.chain);
    evidence
}
