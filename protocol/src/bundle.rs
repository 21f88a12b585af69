//! History bundles: the secrets of a roster's past epochs, handed by a member to a newcomer.
//!
//! Sealed to the newcomer's own X25519 key and signed by the member under a domain of its own;
//! the relay learns its size and whether the member holds everything, and no key. What is inside
//! and who may be believed is `core`'s part.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::handshake::RosterName;
use crate::sign::{self, BadSignature, Domain};
use crate::statement::Class;
use crate::{DeviceId, Ed25519Public, OrganisationId, Signature, StatementNumber, codec};

/// A sealed bundle.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Bundle {
    /// The roster.
    #[n(0)]
    pub roster: RosterName,
    /// The newcomer.
    #[n(1)]
    pub to: DeviceId,
    /// The statement that admits it: a bundle for one stay serves no other.
    #[n(2)]
    pub admitted: StatementNumber,
    /// The member that made it.
    #[n(3)]
    pub author: DeviceId,
    /// The member holds all that the newcomer may read; nobody else need be asked.
    #[n(4)]
    pub complete: bool,
    /// At most [`crate::limits::BUNDLE`] bytes.
    #[n(5)]
    pub sealed: ByteVec,
    /// By the author's Ed25519 key, over all of the above and the organisation.
    #[n(6)]
    pub signature: Signature,
}

impl Bundle {
    /// What the sealing is bound to, so that it opens for this newcomer in this roster only.
    pub fn address(&self, organisation: OrganisationId) -> Vec<u8> {
        codec::to_bytes(&(organisation, self.roster, self.to, self.admitted, self.author))
    }

    fn message(&self, organisation: OrganisationId) -> [Vec<u8>; 2] {
        [self.address(organisation), codec::to_bytes(&(self.complete, &self.sealed))]
    }

    /// Fills in the signature.
    pub fn sign(mut self, organisation: OrganisationId, key: &ed25519_dalek::SigningKey) -> Self {
        let [address, content] = self.message(organisation);
        self.signature = Signature(sign::ed25519(key, Domain::Bundle, &[&address, &content]));
        self
    }

    /// Checks the signature.
    pub fn verify(&self, organisation: OrganisationId, key: &Ed25519Public) -> Result<(), BadSignature> {
        let [address, content] = self.message(organisation);
        sign::verify_ed25519(&key.0, Domain::Bundle, &[&address, &content], &self.signature.0)
    }
}

impl Class {
    /// Personal, or of staff representatives: no archive is in it, and its past goes between
    /// devices of one agent only.
    pub fn is_private(self) -> bool {
        matches!(self, Self::Personnel | Self::Syndical)
    }
}
