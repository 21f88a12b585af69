//! Databases written by an earlier version, packed in the repository and woken in a world of today.
//!
//! A fixture is a folder: `world.json` with the keys that open everything, and the databases, each
//! compressed by itself. The keys are those of invented people; they protect nothing.

use std::path::Path;

use ed25519_dalek::SigningKey;
use estafette_core::store::DatabaseKey;
use estafette_protocol::{AgentNumber, DeviceId, RosterId, Timestamp};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::device::{Device, HardwareKey, Passport};
use crate::organisation::Organisation;
use crate::world::{World, generator};

/// The databases of a world's folder.
const PARTS: [&str; 2] = ["relay", "devices"];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    let text = value.as_str().expect("a text of hexadecimal digits");
    let digits = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap());
    digits.collect::<Vec<_>>().try_into().expect("as many bytes as a key has")
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

impl World {
    /// Puts everything away and packs it into a folder.
    pub fn pack(&mut self, folder: &Path) {
        self.close();
        for device in &self.devices {
            // Encrypted pages do not compress: the free ones are left out.
            let connection = estafette_core::store::open(&device.path, &device.passport.key).unwrap();
            connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        }
        for part in PARTS {
            std::fs::create_dir_all(folder.join(part)).unwrap();
            for file in std::fs::read_dir(self.folder.path().join(part)).unwrap() {
                let file = file.unwrap();
                let packed = zstd::encode_all(&std::fs::read(file.path()).unwrap()[..], 19).unwrap();
                let name = format!("{}.zst", file.file_name().to_str().unwrap());
                std::fs::write(folder.join(part).join(name), packed).unwrap();
            }
        }
        let device = |device: &Device| {
            let passport = &device.passport;
            json!({
                "name": passport.name,
                "agent": passport.agent.0,
                "device": hex(&passport.device.0),
                "database_key": hex(&passport.key.0[..]),
                "es256_key": hex(&passport.hardware.0.to_bytes()),
            })
        };
        let world = json!({
            "now": self.now.0,
            "relay_key": hex(&self.office.key.to_bytes()),
            "organisation_key": hex(&self.organisation.key.to_bytes()),
            "claim": hex(&self.organisation.claim),
            "rosters": self.organisation.rosters.iter().map(|roster| hex(&roster.0)).collect::<Vec<_>>(),
            "devices": self.devices.iter().map(device).collect::<Vec<_>>(),
        });
        std::fs::write(folder.join("world.json"), format!("{world:#}\n")).unwrap();
    }

    /// A world on a copy of what was packed. Nothing runs yet: see [`World::start_all`].
    pub fn unpack(folder: &Path, seed: u64) -> Self {
        let told = std::fs::read_to_string(folder.join("world.json")).unwrap();
        let told: Value = serde_json::from_str(&told).unwrap();
        let mut organisation = Organisation::drawn(bytes(&told["organisation_key"]), bytes(&told["claim"]));
        let rosters = told["rosters"].as_array().expect("a list").iter();
        organisation.rosters = rosters.map(|roster| RosterId(bytes(roster))).collect();
        organisation.settled = true;
        let mut world = Self::empty(seed, organisation, SigningKey::from_bytes(&bytes(&told["relay_key"])));
        world.now = Timestamp(number(&told["now"]));
        for part in PARTS {
            for file in std::fs::read_dir(folder.join(part)).unwrap() {
                let file = file.unwrap();
                let plain = zstd::decode_all(&std::fs::read(file.path()).unwrap()[..]).unwrap();
                let name = file.file_name().to_str().unwrap().trim_end_matches(".zst").to_owned();
                std::fs::write(world.folder.path().join(part).join(name), plain).unwrap();
            }
        }
        for (at, told) in told["devices"].as_array().expect("a list").iter().enumerate() {
            let hardware = p256::ecdsa::SigningKey::from_slice(&bytes::<32>(&told["es256_key"])).unwrap();
            let passport = Passport {
                name: told["name"].as_str().expect("a name").to_owned(),
                agent: AgentNumber(u32::try_from(number(&told["agent"])).unwrap()),
                device: DeviceId(bytes(&told["device"])),
                key: DatabaseKey(Zeroizing::new(bytes(&told["database_key"]))),
                hardware: HardwareKey(hardware),
            };
            let rng = generator(seed, 100 + at as u64);
            world.devices.push(Device::new(passport, &world.folder.path().join("devices"), rng));
        }
        world
    }

    /// Starts the relay and every device on what their files hold.
    pub fn start_all(&mut self) {
        self.start_relay();
        self.phones().into_iter().for_each(|phone| self.start(phone));
    }
}
