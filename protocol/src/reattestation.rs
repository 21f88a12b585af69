//! Re-attestation: a phone in use shows again, every 30 days, that it is the phone that enrolled.
//!
//! The device's own key was attested when it was made, and can never be again: hardware attests a key
//! at its birth. So the phone makes a passing key whose challenge names the device's key, and the
//! device's key signs what was made; an iPhone asserts the same challenge with the key that it
//! enrolled ([decision 24](../../docs/decisions/0024-phones-after-enrolment.md)).
//!
//! Always true: a challenge belongs to one relay, organisation, device, key and nonce. Not here: what
//! evidence is worth, which the relay judges.

use std::time::Duration;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::sign::{self, BadSignature, Domain};
use crate::{DeviceId, Es256Public, Hash, OrganisationId, Signature};

/// How long evidence is good for (`design/device-ownership.md` §8.3).
pub const EVERY: Duration = Duration::from_hours(30 * 24);
/// How long before that a phone begins, so that one that can is never late.
pub const EARLY: Duration = Duration::from_hours(3 * 24);
/// How long after that a phone may go on, with a warning.
pub const GRACE: Duration = Duration::from_hours(7 * 24);

/// Whose evidence is renewed, and at which relay.
#[derive(Debug, Clone, Copy)]
pub struct Renewed<'a> {
    /// SHA-256 of the relay's signing key.
    pub relay: &'a Hash,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The device.
    pub device: DeviceId,
    /// The key that it enrolled.
    pub key: &'a Es256Public,
}

impl Renewed<'_> {
    /// The challenge for the passing key, or for an assertion.
    pub fn challenge(&self, nonce: &[u8; 32]) -> [u8; 32] {
        self.of_role(nonce, b"dev")
    }

    /// The challenge for a second chain, which attests the serial number.
    pub fn id_challenge(&self, nonce: &[u8; 32]) -> [u8; 32] {
        self.of_role(nonce, b"id")
    }

    /// SHA-256("estafette-reattest-v1" ‖ 0 ‖ relay ‖ organisation ‖ device ‖ nonce ‖ key ‖ role); all but the
    /// role have a fixed length.
    fn of_role(&self, nonce: &[u8; 32], role: &[u8]) -> [u8; 32] {
        let parts = [
            b"estafette-reattest-v1\0",
            &self.relay.0[..],
            &self.organisation.0,
            &self.device.0,
            nonce,
            &self.key.0,
            role,
        ];
        Hash::of(&parts).0
    }

    /// What the device's key signs, up to the evidence, which follows it.
    pub fn message(&self, nonce: &[u8; 32]) -> Vec<u8> {
        Domain::Reattestation.message(&self.parts(nonce))
    }

    fn parts<'p>(&'p self, nonce: &'p [u8; 32]) -> [&'p [u8]; 4] {
        [&self.relay.0, &self.organisation.0, &self.device.0, nonce]
    }
}

/// A phone's answer to a challenge.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FreshEvidence {
    /// The nonce that it answers.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub nonce: [u8; 32],
    /// CBOR of the attestation crate's evidence.
    #[n(1)]
    pub evidence: ByteVec,
    /// By the device's key, over [`Renewed::message`] and the evidence.
    #[n(2)]
    pub signature: Signature,
}

impl FreshEvidence {
    /// Whether the device's own key signed it.
    ///
    /// # Errors
    ///
    /// Another key, device, relay or nonce.
    pub fn verify(&self, renewed: &Renewed<'_>) -> Result<(), BadSignature> {
        let [relay, organisation, device, nonce] = renewed.parts(&self.nonce);
        let parts = [relay, organisation, device, nonce, &self.evidence];
        sign::verify_es256(&renewed.key.0, Domain::Reattestation, &parts, &self.signature.0)
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::signature::Signer as _;

    use super::*;

    const RELAY: Hash = Hash([1; 32]);

    fn key() -> (p256::ecdsa::SigningKey, Es256Public) {
        let key = p256::ecdsa::SigningKey::from_slice(&[5; 32]).unwrap();
        let public = Es256Public::from_slice(key.verifying_key().to_encoded_point(true).as_bytes()).unwrap();
        (key, public)
    }

    fn renewed(key: &Es256Public, device: u8) -> Renewed<'_> {
        let (organisation, device) = (OrganisationId([2; 16]), DeviceId([device; 16]));
        Renewed { relay: &RELAY, organisation, device, key }
    }

    #[test]
    fn a_challenge_belongs_to_one_device_key_nonce_and_role() {
        let (_, one) = key();
        let mut other = one;
        other.0[7] ^= 1;
        let challenges = [
            renewed(&one, 3).challenge(&[4; 32]),
            renewed(&one, 3).id_challenge(&[4; 32]),
            renewed(&one, 3).challenge(&[5; 32]),
            renewed(&one, 4).challenge(&[4; 32]),
            renewed(&other, 3).challenge(&[4; 32]),
        ];
        assert_eq!(std::collections::BTreeSet::from(challenges).len(), challenges.len());
    }

    #[test]
    fn fresh_evidence_is_signed_by_the_key_that_enrolled_for_its_nonce() {
        let (signing, public) = key();
        let nonce = [4; 32];
        let mut message = renewed(&public, 3).message(&nonce);
        message.extend_from_slice(b"evidence");
        let signature: p256::ecdsa::Signature = signing.sign(&message);
        let evidence = b"evidence".to_vec().into();
        let fresh = FreshEvidence { nonce, evidence, signature: Signature(signature.to_bytes().into()) };
        assert_eq!(fresh.verify(&renewed(&public, 3)), Ok(()));
        assert_eq!(fresh.verify(&renewed(&public, 4)), Err(BadSignature), "another device");
        let altered = FreshEvidence { evidence: b"evidencf".to_vec().into(), ..fresh.clone() };
        assert_eq!(altered.verify(&renewed(&public, 3)), Err(BadSignature));
        let again = FreshEvidence { nonce: [5; 32], ..fresh };
        assert_eq!(again.verify(&renewed(&public, 3)), Err(BadSignature));
    }
}
