//! A phone of the world: the engine on its own files, and what a driver would keep around it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use estafette_attest::development::{DevelopmentAttestor, Phone as Model};
use estafette_core::engine::{CommandAnswer, Engine};
use estafette_core::lease::Moment;
use estafette_core::store::DatabaseKey;
use estafette_protocol::{AgentNumber, DeviceId, EntryUid, Fault, FaultCode, Hash, Signature, Timestamp};
use p256::ecdsa::signature::Signer as _;
use rand_chacha::ChaCha20Rng;

use crate::enrol::{MAKER, MODEL};
use crate::network::{ConnectionId, Link};
use crate::verdict::Said;

/// A device of the world, by its number. The first is the administrator's computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(pub usize);

/// The ES256 key, as hardware would keep it.
#[derive(Clone)]
pub(crate) struct HardwareKey(pub p256::ecdsa::SigningKey);

impl HardwareKey {
    pub fn sign(&self, message: &[u8]) -> Signature {
        let signature: p256::ecdsa::Signature = self.0.sign(message);
        Signature(signature.to_bytes().into())
    }
}

/// What a copy of a device's files needs to live again elsewhere.
#[derive(Clone)]
pub(crate) struct Passport {
    pub name: String,
    pub agent: AgentNumber,
    pub device: DeviceId,
    pub key: DatabaseKey,
    pub hardware: HardwareKey,
}

pub(crate) struct Device {
    pub passport: Passport,
    pub path: PathBuf,
    pub engine: Option<Engine>,
    pub rng: ChaCha20Rng,
    pub link: Link,
    /// No network at all.
    pub cut: bool,
    /// The device's clock minus the world's, in milliseconds.
    pub clock_error: i64,
    /// When it was switched on.
    pub on_since: Timestamp,
    /// The engine wants a connection.
    pub wants: bool,
    pub dialling: bool,
    pub connection: Option<ConnectionId>,
    /// The only tick that still counts.
    pub ticket: u64,
    /// When that one is due.
    pub wake_at: Option<Timestamp>,
    pub answers: BTreeMap<u64, CommandAnswer>,
    /// Announcements of which it was reminded, and when.
    pub reminders: Vec<(Timestamp, EntryUid)>,
    pub next_command: u64,
    /// What commands that are not answered yet say about messages.
    pub saying: BTreeMap<u64, (EntryUid, Said)>,
    /// What the phone shows of itself when it is asked again; nothing, once somebody has unlocked it.
    pub shows: Option<&'static str>,
    /// The next transaction is the last before the crash: durable, its effects lost.
    pub crashes_next: bool,
    /// The next piece that is under way is cut in the middle, for so many milliseconds.
    pub cut_next: Option<u64>,
    /// A crash that ends after so many milliseconds.
    pub crashes_for: u64,
}

impl Device {
    pub fn new(passport: Passport, folder: &Path, rng: ChaCha20Rng) -> Self {
        Self {
            path: folder.join(format!("{}.db", passport.name)),
            passport,
            engine: None,
            rng,
            link: Link::default(),
            cut: false,
            clock_error: 0,
            on_since: Timestamp(0),
            wants: false,
            dialling: false,
            connection: None,
            ticket: 0,
            reminders: Vec::new(),
            wake_at: None,
            answers: BTreeMap::new(),
            next_command: 0,
            saying: BTreeMap::new(),
            shows: Some(MODEL),
            crashes_next: false,
            cut_next: None,
            crashes_for: 0,
        }
    }

    /// Fresh evidence of this phone, as its hardware would make it.
    pub fn attest(&self, challenge: &[u8; 32], to_sign: Vec<u8>) -> Result<(Vec<u8>, Signature), Fault> {
        let model = self.shows.ok_or(FaultCode::AttestationRejected)?;
        // A passing key: no two challenges are the same.
        let passing = p256::ecdsa::SigningKey::from_slice(&Hash::of(&[challenge]).0).expect("a key");
        let phone = Model { manufacturer: MAKER, model };
        let evidence =
            DevelopmentAttestor::new().attest(passing.verifying_key(), challenge, phone).to_bytes();
        let signature = self.passport.hardware.sign(&[to_sign, evidence.clone()].concat());
        Ok((evidence, signature))
    }

    /// What the device's clock shows.
    pub fn clock(&self, now: Timestamp) -> Timestamp {
        Timestamp(now.0.saturating_add_signed(self.clock_error))
    }

    /// What both of its clocks show.
    pub fn moment(&self, now: Timestamp) -> Moment {
        Moment { wall: self.clock(now), running: Some(now.since(self.on_since)) }
    }

    /// When its clock will show that.
    pub fn real_time(&self, shown: Timestamp) -> Timestamp {
        Timestamp(shown.0.saturating_add_signed(-self.clock_error))
    }
}
