//! An administrator's dated word for the head of the statement chain.
//!
//! A relay that hides a revocation shows a device an older chain that is whole. It cannot show a
//! recent date with it: administrators' devices sign one daily. Who has none of the last
//! [`FRESH`] warns, and admits nobody.

use std::time::Duration;

use minicbor::{Decode, Encode};

use crate::sign::{self, BadSignature, Domain};
use crate::{DeviceId, Ed25519Public, Hash, OrganisationId, Signature, StatementNumber, Timestamp, codec};

/// How often an administrator's device signs.
pub const DAILY: Duration = Duration::from_hours(24);
/// How old the newest one may be.
pub const FRESH: Duration = Duration::from_hours(7 * 24);

/// "At this time, this was the last statement."
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DatedHead {
    /// The last statement's number.
    #[n(0)]
    pub number: StatementNumber,
    /// Its [`crate::statement::SignedStatement::hash`].
    #[n(1)]
    pub hash: Hash,
    /// When, by the administrator's idea of the relay's clock.
    #[n(2)]
    pub at: Timestamp,
    /// The administrator's device.
    #[n(3)]
    pub device: DeviceId,
    /// By that device's Ed25519 key.
    #[n(4)]
    pub signature: Signature,
}

impl DatedHead {
    /// Signs the head of a chain.
    pub fn sign(
        organisation: OrganisationId,
        (number, hash): (StatementNumber, Hash),
        at: Timestamp,
        device: DeviceId,
        key: &ed25519_dalek::SigningKey,
    ) -> Self {
        let head = Self { number, hash, at, device, signature: Signature([0; Signature::LEN]) };
        let signature = sign::ed25519(key, Domain::StatementHead, &[&head.message(organisation)]);
        Self { signature: Signature(signature), ..head }
    }

    /// Checks the signature. That the device is an administrator's is for the caller to know.
    pub fn verify(&self, organisation: OrganisationId, key: &Ed25519Public) -> Result<(), BadSignature> {
        sign::verify_ed25519(&key.0, Domain::StatementHead, &[&self.message(organisation)], &self.signature.0)
    }

    fn message(&self, organisation: OrganisationId) -> Vec<u8> {
        codec::to_bytes(&(organisation, self.number, self.hash, self.at, self.device))
    }
}
