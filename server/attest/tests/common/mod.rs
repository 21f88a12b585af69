//! A device, its phone and what is expected of its evidence.

#![allow(dead_code, clippy::unwrap_used, reason = "tests; each uses a part")]

use estafette_attest::development::{self, DevelopmentAttestor, Phone};
use estafette_attest::{Evidence, Expected, TrustedRoot};
use estafette_protocol::Timestamp;
use p256::ecdsa::SigningKey;

pub const CHALLENGE: [u8; 32] = [0x5c; 32];
pub const PHONE: Phone<'static> = Phone { manufacturer: "Crosscall", model: "Stellar-X5" };
/// 2026-11-22T12:00:00Z.
pub const NOW: Timestamp = Timestamp(1_795_348_800_000);

pub struct Device {
    pub attestor: DevelopmentAttestor,
    pub signing: SigningKey,
    pub key: [u8; 33],
    pub roots: [TrustedRoot; 1],
}

impl Device {
    pub fn new() -> Self {
        let signing = SigningKey::from_slice(&[0x11; 32]).unwrap();
        let key = signing.verifying_key().to_encoded_point(true).as_bytes().try_into().unwrap();
        Self { attestor: DevelopmentAttestor::new(), signing, key, roots: [development::root()] }
    }

    pub fn evidence(&self) -> Evidence {
        self.attestor.attest(self.signing.verifying_key(), &CHALLENGE, PHONE)
    }

    pub fn expected(&self) -> Expected<'_> {
        Expected {
            challenge: &CHALLENGE,
            key: &self.key,
            model: Some(PHONE.model),
            roots: &self.roots,
            now: NOW,
        }
    }
}
