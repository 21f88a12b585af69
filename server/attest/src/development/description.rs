//! Key descriptions as a locked, verified phone's secure hardware writes them, to be changed at will.

use super::writer::{enumerated, explicit, integer, null, octets, sequence, set, yes};
use super::{APPLICATION, PATCH_LEVEL, Phone, SIGNER};

pub(super) const PURPOSE: u32 = 1;
pub(super) const ALGORITHM: u32 = 2;
pub(super) const ALL_APPLICATIONS: u32 = 600;
pub(super) const ORIGIN: u32 = 702;
pub(super) const ROOT_OF_TRUST: u32 = 704;
pub(super) const OS_PATCH_LEVEL: u32 = 706;
pub(super) const APPLICATION_ID: u32 = 709;
pub(super) const SERIAL: u32 = 713;
pub(super) const MODEL: u32 = 717;
pub(super) const TRUSTED_ENVIRONMENT: u8 = 1;

/// Properties of one list: tag and explicitly tagged content.
#[derive(Debug, Clone)]
pub(super) struct Properties(pub Vec<(u32, Vec<u8>)>);

impl Properties {
    /// Gives a property another value, or puts it where its tag belongs.
    pub(super) fn set(&mut self, tag: u32, content: Vec<u8>) {
        self.remove(tag);
        let place = self.0.iter().take_while(|(other, _)| *other < tag).count();
        self.0.insert(place, (tag, content));
    }

    /// Takes a property out.
    pub(super) fn remove(&mut self, tag: u32) -> Option<Vec<u8>> {
        let place = self.0.iter().position(|(other, _)| *other == tag)?;
        Some(self.0.remove(place).1)
    }

    fn encode(&self) -> Vec<u8> {
        let elements: Vec<_> = self.0.iter().map(|(tag, content)| explicit(*tag, content)).collect();
        sequence(&[&elements.concat()])
    }
}

/// A key description before it is written.
#[derive(Debug, Clone)]
pub(super) struct Description {
    pub challenge: Vec<u8>,
    pub attestation_level: u8,
    pub keymint_level: u8,
    pub software: Properties,
    pub hardware: Properties,
}

impl Description {
    /// The description of a signing key that the hardware of `phone` made for `challenge`.
    pub(super) fn of(challenge: &[u8], phone: Phone<'_>) -> Self {
        Self {
            challenge: challenge.to_vec(),
            attestation_level: TRUSTED_ENVIRONMENT,
            keymint_level: TRUSTED_ENVIRONMENT,
            software: software(),
            hardware: hardware(phone),
        }
    }

    /// The description of a key that the system made for the owner of `phone`, with its serial number.
    pub(super) fn of_owner(challenge: &[u8], phone: Phone<'_>, serial: &str) -> Self {
        let mut description = Self::of(challenge, phone);
        description.software.set(APPLICATION_ID, application(&["AndroidSystem"], &[]));
        description.hardware.set(SERIAL, octets(serial.as_bytes()));
        description
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        const KEYMINT_3: u64 = 300;
        sequence(&[
            &integer(KEYMINT_3),
            &enumerated(self.attestation_level),
            &integer(KEYMINT_3),
            &enumerated(self.keymint_level),
            &octets(&self.challenge),
            &octets(&[]),
            &self.software.encode(),
            &self.hardware.encode(),
        ])
    }
}

/// An application as Android names it.
pub(super) fn application(packages: &[&str], signers: &[[u8; 32]]) -> Vec<u8> {
    let package = |name: &&str| sequence(&[&octets(name.as_bytes()), &integer(1)]);
    let packages: Vec<u8> = packages.iter().flat_map(package).collect();
    let signers: Vec<u8> = signers.iter().flat_map(|signer| octets(signer)).collect();
    octets(&sequence(&[&set(&[&packages]), &set(&[&signers])]))
}

/// How a phone booted: `locked` is the BOOLEAN as it shall be written.
pub(super) fn root_of_trust(locked: &[u8], boot_state: u8) -> Vec<u8> {
    sequence(&[&octets(&[0xb0; 32]), locked, &enumerated(boot_state), &octets(&[0xb1; 32])])
}

pub(super) fn numbers(values: &[u64]) -> Vec<u8> {
    set(&[&values.iter().flat_map(|value| integer(*value)).collect::<Vec<u8>>()])
}

/// Filled by Android: when the key was made and for which application.
fn software() -> Properties {
    Properties(vec![(701, integer(0)), (APPLICATION_ID, application(&[APPLICATION], &[SIGNER]))])
}

/// Filled by the secure hardware: an ES256 key generated inside a locked phone with its maker's system.
fn hardware(phone: Phone<'_>) -> Properties {
    const VERIFIED: u8 = 0;
    Properties(vec![
        (PURPOSE, numbers(&[2])),
        (ALGORITHM, integer(3)),
        (3, integer(256)),
        (5, numbers(&[4])),
        (10, integer(1)),
        (503, null()),
        (ORIGIN, integer(0)),
        (ROOT_OF_TRUST, root_of_trust(&yes(), VERIFIED)),
        (705, integer(160_000)),
        (OS_PATCH_LEVEL, integer(PATCH_LEVEL.into())),
        (716, octets(phone.manufacturer.as_bytes())),
        (MODEL, octets(phone.model.as_bytes())),
        (718, integer(20_261_005)),
        (719, integer(20_261_005)),
    ])
}
