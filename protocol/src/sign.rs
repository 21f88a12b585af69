//! Signatures, each under a domain tag of its own, so that none can serve in another place.

use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::Verifier as _;

/// What a signature is for. The tag is the first thing signed, closed by a zero byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// A statement of the organisation's chain.
    Statement,
    /// An entry of a thread.
    Entry,
    /// The relay's head of a thread.
    ThreadHead,
    /// The binding T of an enrolment.
    Enrolment,
    /// A request to `exchange`.
    Exchange,
    /// "This commit cannot be applied."
    CommitRefused,
    /// The organisation's sealed directory.
    Directory,
    /// An administrator's dated head of the statement chain.
    StatementHead,
    /// The relay's head of an organisation's audit.
    AuditHead,
    /// A history bundle.
    Bundle,
    /// A person's receipt of an announcement.
    Receipt,
    /// The relay's permission to open a database without contact.
    Lease,
    /// The relay's word on when an agent could be reached.
    Reachability,
    /// A device's word on when a message came.
    Arrival,
    /// A person's answer to an urgent message.
    Answer,
    /// A phone's fresh evidence.
    Reattestation,
}

impl Domain {
    fn tag(self) -> &'static [u8] {
        match self {
            Self::Statement => b"estafette statement v1\0",
            Self::Entry => b"estafette entry v1\0",
            Self::ThreadHead => b"estafette thread head v1\0",
            Self::Enrolment => b"estafette enrolment v1\0",
            Self::Exchange => b"estafette exchange v1\0",
            Self::CommitRefused => b"estafette commit refused v1\0",
            Self::Directory => b"estafette directory v1\0",
            Self::StatementHead => b"estafette statement head v1\0",
            Self::AuditHead => b"estafette audit head v1\0",
            Self::Bundle => b"estafette history bundle v1\0",
            Self::Receipt => b"estafette receipt v1\0",
            Self::Lease => b"estafette lease v1\0",
            Self::Reachability => b"estafette reachability v1\0",
            Self::Arrival => b"estafette arrival v1\0",
            Self::Answer => b"estafette answer v1\0",
            Self::Reattestation => b"estafette reattestation v1\0",
        }
    }

    /// The bytes that are signed for `parts`.
    pub fn message(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut message = self.tag().to_vec();
        parts.iter().for_each(|part| message.extend_from_slice(part));
        message
    }
}

/// A signature that does not belong to these bytes and this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit")]
pub struct BadSignature;

/// Signs with Ed25519 (RFC 8032).
pub fn ed25519(key: &ed25519_dalek::SigningKey, domain: Domain, parts: &[&[u8]]) -> [u8; 64] {
    key.sign(&domain.message(parts)).to_bytes()
}

/// Verifies an Ed25519 signature; small-order keys and malleable forms are refused.
pub fn verify_ed25519(
    key: &[u8; 32],
    domain: Domain,
    parts: &[&[u8]],
    signature: &[u8; 64],
) -> Result<(), BadSignature> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| BadSignature)?;
    let signature = ed25519_dalek::Signature::from_bytes(signature);
    key.verify_strict(&domain.message(parts), &signature).map_err(|_| BadSignature)
}

/// Verifies an ES256 signature (ECDSA on P-256 with SHA-256, 64 bytes r ‖ s).
pub fn verify_es256(
    key: &[u8; 33],
    domain: Domain,
    parts: &[&[u8]],
    signature: &[u8; 64],
) -> Result<(), BadSignature> {
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).map_err(|_| BadSignature)?;
    let signature = p256::ecdsa::Signature::from_slice(signature).map_err(|_| BadSignature)?;
    key.verify(&domain.message(parts), &signature).map_err(|_| BadSignature)
}
