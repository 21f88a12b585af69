//! Organisations prepared once and copied: enrolling eight phones a thousand times proves nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use ed25519_dalek::SigningKey;
use estafette_protocol::Timestamp;

use crate::device::{Device, Passport, Phone};
use crate::organisation::Organisation;
use crate::world::{World, generator};

/// The files of a world at rest, and what the world knew. Kept in memory: a folder that lives as
/// long as the program would be left behind by it.
pub(crate) struct Template {
    files: Vec<(PathBuf, Vec<u8>)>,
    passports: Vec<Passport>,
    organisation: Organisation,
    relay_key: SigningKey,
    now: Timestamp,
}

/// Who announces in a schedule.
pub(crate) const ANNOUNCER: Phone = Phone(2);

static PREPARED: OnceLock<Mutex<BTreeMap<usize, Arc<Template>>>> = OnceLock::new();

impl Template {
    /// Two rosters of so many phones and one of announcements, hours with a break at noon, and an approved device of the first
    /// agent that has never been on; made at the first call.
    pub fn of(phones: usize) -> Arc<Self> {
        let mut prepared = PREPARED.get_or_init(Mutex::default).lock().unwrap();
        Arc::clone(prepared.entry(phones).or_insert_with(|| Arc::new(Self::prepare(phones))))
    }

    fn prepare(phones: usize) -> Self {
        let mut world = World::seeded(phones as u64);
        let names: Vec<String> = (1..=phones).map(|number| format!("agent-{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        world.enrol_team(&names, 2);
        let phones_of: Vec<Phone> = (1..=phones).filter(|phone| *phone != ANNOUNCER.0).map(Phone).collect();
        let announcements = world.diffusion(1, ANNOUNCER, &phones_of).roster();
        world.organisation.announcements = Some(announcements);
        world.set_hours(&[("08:00", "12:00"), ("13:00", "17:00")]);
        let first = world.agent(Phone(1));
        let (_, approval) = world.enrol_for("agent-1-other", first);
        world.state(vec![approval]);
        world.run_until_quiet();
        world.close();
        Self {
            files: read(world.folder.path()),
            passports: world.devices.iter().map(|device| device.passport.clone()).collect(),
            organisation: world.organisation.clone(),
            relay_key: world.office.key.clone(),
            now: world.now,
        }
    }

    /// A world of its own on a copy of these files.
    pub fn wake(&self, seed: u64) -> World {
        let mut world = World::empty(seed, self.organisation.clone(), self.relay_key.clone());
        for (file, bytes) in &self.files {
            std::fs::write(world.folder.path().join(file), bytes).unwrap();
        }
        world.now = self.now;
        world.organisation.settled = true;
        for (number, passport) in self.passports.iter().enumerate() {
            let rng = generator(seed, 100 + number as u64);
            let device = Device::new(passport.clone(), &world.folder.path().join("devices"), rng);
            world.devices.push(device);
        }
        world.spare = Some(Phone(world.devices.len() - 1));
        world
    }
}

impl World {
    /// Puts everything away: the files are complete when this returns.
    pub fn close(&mut self) {
        self.devices.iter_mut().for_each(|device| device.engine = None);
        self.views.borrow_mut().clear();
        self.office.close();
        self.connections.clear();
    }
}

/// Every file of a world, by its path in the world's folder.
fn read(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for part in ["relay", "devices"] {
        for file in std::fs::read_dir(folder.join(part)).unwrap() {
            let file = file.unwrap();
            files.push((Path::new(part).join(file.file_name()), std::fs::read(file.path()).unwrap()));
        }
    }
    files
}
