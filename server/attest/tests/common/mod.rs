//! A device, its phone and what is expected of its evidence.

#![allow(dead_code, clippy::unwrap_used, reason = "tests; each uses a part")]

use estafette_attest::development::{self, DevelopmentAttestor, Phone};
use estafette_attest::{Evidence, Expected, Policy, Serial, TrustedRoot};
use estafette_protocol::Timestamp;
use p256::ecdsa::SigningKey;

pub const CHALLENGE: [u8; 32] = [0x5c; 32];
pub const ID_CHALLENGE: [u8; 32] = [0x1d; 32];
pub const SERIAL: &str = "R58N30ABCDE";
pub const PHONE: Phone<'static> = Phone { manufacturer: "Crosscall", model: "Stellar-X5" };
/// 2026-11-22T12:00:00Z.
pub const NOW: Timestamp = Timestamp(1_795_348_800_000);

pub struct Device {
    pub attestor: DevelopmentAttestor,
    pub signing: SigningKey,
    pub key: [u8; 33],
    pub roots: [TrustedRoot; 1],
    pub policy: Policy,
}

impl Device {
    pub fn new() -> Self {
        let signing = SigningKey::from_slice(&[0x11; 32]).unwrap();
        let key = signing.verifying_key().to_encoded_point(true).as_bytes().try_into().unwrap();
        Self {
            attestor: DevelopmentAttestor::new(),
            signing,
            key,
            roots: [development::root()],
            policy: development::policy(),
        }
    }

    pub fn evidence(&self) -> Evidence {
        self.attestor.attest(self.signing.verifying_key(), &CHALLENGE, PHONE)
    }

    /// Evidence with a second chain, made by the system of a phone for a challenge.
    pub fn evidence_of_owner(&self, challenge: &[u8; 32], phone: Phone<'_>, serial: &str) -> Evidence {
        let id = SigningKey::from_slice(&[0x22; 32]).unwrap();
        let id_chain = self.attestor.attest_serial(id.verifying_key(), challenge, phone, serial);
        Evidence { id_chain: Some(id_chain), ..self.evidence() }
    }

    pub fn expected(&self) -> Expected<'_> {
        Expected {
            challenge: Some(&CHALLENGE),
            id_challenge: Some(&ID_CHALLENGE),
            key: Some(&self.key),
            model: Some(PHONE.model),
            serial: Serial::Unknown,
            policy: &self.policy,
            roots: &self.roots,
            revoked: None,
            now: NOW,
        }
    }
}
