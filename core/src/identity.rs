//! Who this device is: its keys, its agent, its organisation and its relay.
//!
//! The Ed25519 and X25519 keys live in the encrypted database. The ES256 key does not: a
//! phone's hardware keeps it, a computer seals it under a passphrase; see [`DeviceKey`].

use estafette_protocol::{
    AgentNumber, AuthEpoch, DeviceId, Ed25519Public, Es256Public, Fault, FaultCode, Hash, InventoryId,
    OrganisationId, Signature,
};
use minicbor::{Decode, Encode};
use zeroize::Zeroize;

/// The key that proves this device to the relay. Hardware may take hundreds of milliseconds.
pub trait DeviceKey: Send + Sync {
    /// Its public half.
    fn public(&self) -> Es256Public;

    /// Signs with ES256: ECDSA on P-256 over the SHA-256 of the message.
    fn sign(&self, message: &[u8]) -> Result<Signature, Fault>;

    /// Shows anew that this is the phone that enrolled: CBOR of the attestation crate's evidence for a
    /// passing key made for `challenge`, with a second chain for `id_challenge` where the phone attests its
    /// serial number; of an iPhone, its assertion of `challenge`.
    ///
    /// # Errors
    ///
    /// The hardware refuses, or there is none: a computer is not asked.
    fn attest(&self, challenge: &[u8; 32], id_challenge: &[u8; 32]) -> Result<Vec<u8>, Fault> {
        let _ = (challenge, id_challenge);
        Err(FaultCode::Forbidden.into())
    }
}

/// What the database keeps of the identity.
#[derive(Clone, Encode, Decode)]
#[cbor(map)]
pub struct StoredIdentity {
    /// This device.
    #[n(0)]
    pub device: DeviceId,
    /// Its agent; 0 until the certificate is known.
    #[n(1)]
    pub agent: AgentNumber,
    /// The organisation.
    #[n(2)]
    pub organisation: OrganisationId,
    /// The organisation's key, from the ticket.
    #[n(3)]
    pub organisation_key: Ed25519Public,
    /// SHA-256 of the relay's signing key, as the enrolment told it.
    #[n(4)]
    pub relay: Hash,
    /// The public half of the key that hardware keeps.
    #[n(5)]
    pub es256: Es256Public,
    /// Seed of the Ed25519 key.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub ed25519: [u8; 32],
    /// The X25519 key.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub x25519: [u8; 32],
    /// The authentication epoch.
    #[n(8)]
    pub auth_epoch: AuthEpoch,
    /// The relay's `host:port`.
    #[n(9)]
    pub address: String,
    /// SHA-256 of the relay's certificate key (SPKI).
    #[n(10)]
    pub pin: Hash,
    /// This installation's automerge actor: random, never derived from the device.
    #[cbor(n(11), with = "minicbor::bytes")]
    pub actor: [u8; 16],
    /// The inventory entry, once certified.
    #[n(12)]
    pub inventory: Option<InventoryId>,
}

impl StoredIdentity {
    /// The key that signs entries, statements and handshakes.
    pub fn signing_key(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&self.ed25519)
    }

    /// Its public half.
    pub fn ed25519_public(&self) -> Ed25519Public {
        Ed25519Public(self.signing_key().verifying_key().to_bytes())
    }

    /// The key to which things are sealed for this device.
    pub fn x25519_public(&self) -> estafette_protocol::X25519Public {
        let secret = x25519_dalek::StaticSecret::from(self.x25519);
        estafette_protocol::X25519Public(x25519_dalek::PublicKey::from(&secret).to_bytes())
    }
}

impl Drop for StoredIdentity {
    fn drop(&mut self) {
        self.ed25519.zeroize();
        self.x25519.zeroize();
    }
}
