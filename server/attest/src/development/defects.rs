//! Chains with exactly one defect, for the tests of everything that judges evidence.

use p256::ecdsa::VerifyingKey;

use super::certificate::{ALWAYS, Certificate, name, signing_extension};
use super::{
    Authority, DevelopmentAttestor, FEATURE_MARK, Phone, described, description, key, leaf, leaf_name,
};
use crate::{Evidence, Reason};

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// One certificate larger than allowed.
    OversizeCertificate,
    /// Certificates of allowed size, together larger than allowed.
    OversizeChain,
    /// Nine certificates.
    TooManyCertificates,
    /// The root itself signed the device's certificate.
    NoIntermediate,
    /// The device's certificate lacks its last byte.
    TruncatedCertificate,
    /// A byte follows the device's certificate.
    TrailingByte,
    /// A root with the same name and another key.
    LookalikeRoot,
    /// The trusted root's certificate above a chain that it did not sign.
    BorrowedRoot,
    /// The root's certificate twice, which its own signature allows.
    RepeatedRoot,
    /// The two intermediates in the wrong order.
    SwappedOrder,
    /// The device's certificate names another issuer than the one who signed it.
    OtherIssuerName,
    /// One bit of the signature on the device's certificate.
    AlteredSignature,
    /// The attestation certificate is valid from the last second of 2049.
    FutureIntermediate,
    /// The attestation certificate was valid in the first second of 1970.
    ExpiredIntermediate,
    /// No certificate has a key description.
    NoDescription,
    /// The attestation certificate has the key description, the device's has none.
    MisplacedDescription,
    /// An attested key signed one more certificate with a description of its choice.
    ExtendedChain,
    /// The key description lacks its last byte.
    TruncatedDescription,
    /// The device's certificate has two key descriptions.
    TwoDescriptions,
    /// Properties in descending order.
    UnorderedTags,
    /// Made for another challenge.
    OtherChallenge,
    /// Made for another key.
    OtherKey,
    /// Made in another model.
    OtherModel,
    /// Android names the expected model, the hardware names none.
    ModelFromAndroid,
}

impl Defect {
    /// Every defect.
    pub const ALL: &'static [Self] = &[
        Self::OversizeCertificate,
        Self::OversizeChain,
        Self::TooManyCertificates,
        Self::NoIntermediate,
        Self::TruncatedCertificate,
        Self::TrailingByte,
        Self::LookalikeRoot,
        Self::BorrowedRoot,
        Self::RepeatedRoot,
        Self::SwappedOrder,
        Self::OtherIssuerName,
        Self::AlteredSignature,
        Self::FutureIntermediate,
        Self::ExpiredIntermediate,
        Self::NoDescription,
        Self::MisplacedDescription,
        Self::ExtendedChain,
        Self::TruncatedDescription,
        Self::TwoDescriptions,
        Self::UnorderedTags,
        Self::OtherChallenge,
        Self::OtherKey,
        Self::OtherModel,
        Self::ModelFromAndroid,
    ];

    /// Exactly the reasons for which it is refused, in their order.
    ///
    /// Validity is judged at any time between the first minute of 1970 and the last of 2049.
    pub fn reasons(self) -> &'static [Reason] {
        match self {
            Self::OversizeCertificate | Self::OversizeChain => &[Reason::EvidenceTooLarge],
            Self::TooManyCertificates => &[Reason::ChainTooLong],
            Self::NoIntermediate => &[Reason::ChainTooShort],
            Self::TruncatedCertificate | Self::TrailingByte => &[Reason::ParseCert],
            Self::LookalikeRoot => &[Reason::UntrustedRoot],
            Self::BorrowedRoot | Self::AlteredSignature => &[Reason::BadSignature],
            Self::RepeatedRoot => &[Reason::RootNotLast],
            Self::SwappedOrder => &[Reason::NameChaining, Reason::BadSignature],
            Self::OtherIssuerName => &[Reason::NameChaining],
            Self::FutureIntermediate => &[Reason::NotYetValid],
            Self::ExpiredIntermediate => &[Reason::Expired],
            Self::NoDescription => &[Reason::NoKeyDescription],
            Self::MisplacedDescription => &[Reason::NoKeyDescription, Reason::KeyDescriptionNotInLeaf],
            Self::ExtendedChain => &[Reason::KeyDescriptionNotInLeaf],
            Self::TruncatedDescription | Self::TwoDescriptions => &[Reason::ParseKeyDescription],
            Self::UnorderedTags => &[Reason::TagsUnordered],
            Self::OtherChallenge => &[Reason::ChallengeMismatch],
            Self::OtherKey => &[Reason::KeyMismatch],
            Self::OtherModel | Self::ModelFromAndroid => &[Reason::InventoryModel],
        }
    }
}

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
        let description = description::in_hardware(challenge, phone);
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
                Evidence { chain: vec![leaf, self.root.certificate.clone()] }
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
            Defect::UnorderedTags => with_extensions(&[described(&description::unordered(challenge, phone))]),
            Defect::OtherChallenge => self.attest(device_key, &challenge.map(|byte| !byte), phone),
            Defect::OtherKey => {
                self.attest(key(FEATURE_MARK, "another phone").verifying_key(), challenge, phone)
            }
            Defect::OtherModel => {
                let model = format!("{} (another)", phone.model);
                self.attest(device_key, challenge, Phone { model: &model, ..phone })
            }
            Defect::ModelFromAndroid => {
                with_extensions(&[described(&description::model_from_android(challenge, phone))])
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
            extensions: &[signing_extension(), described(&description::in_hardware(challenge, phone))],
        };
        changed(honest, |chain| chain.insert(0, forged.signed_by(&attested)))
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
