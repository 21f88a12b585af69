//! The relay's machine is lost, and a backup is all that is left.

use std::path::{Path, PathBuf};

use estafette_core::engine::LinkInput;
use estafette_protocol::{EntryUid, LogGeneration, ThreadId};
use estafette_server::relay::Event;
use estafette_server::store::sqlite::{FILE, SqliteStore};

use crate::device::Phone;
use crate::network::ConnectionId;
use crate::world::World;

/// A copy of the relay's database.
#[derive(Debug, Clone)]
pub struct Backup(PathBuf);

/// A copy of a device's files.
#[derive(Debug, Clone)]
pub struct DeviceCopy(Vec<(PathBuf, Vec<u8>)>);

impl World {
    /// Copies the files of a device that does not run.
    pub fn copy_of(&self, phone: Phone) -> DeviceCopy {
        DeviceCopy(
            self.files_of(phone)
                .into_iter()
                .map(|file| (file.clone(), std::fs::read(file).unwrap()))
                .collect(),
        )
    }

    /// Puts a copy in the place of the files of a device that does not run.
    pub fn put_back(&mut self, phone: Phone, copy: &DeviceCopy) {
        self.files_of(phone).into_iter().for_each(|file| std::fs::remove_file(file).unwrap());
        copy.0.iter().for_each(|(file, bytes)| std::fs::write(file, bytes).unwrap());
        self.note(format_args!("{} is put back", phone.0));
    }

    fn files_of(&self, phone: Phone) -> Vec<PathBuf> {
        let device = &self.devices[phone.0];
        assert!(device.engine.is_none(), "the device runs");
        self.views.borrow_mut().remove(&phone.0);
        let name = device.path.file_name().unwrap().to_str().unwrap();
        let files =
            std::fs::read_dir(device.path.parent().unwrap()).unwrap().map(|file| file.unwrap().path());
        files.filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with(name)).collect()
    }

    /// Copies the relay's database as a backup does, whatever is under way.
    pub fn back_up(&mut self) -> Backup {
        let name = format!("backup-{}", self.random::<4>().iter().map(u8::to_string).collect::<String>());
        let folder = self.folder.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        SqliteStore::open(&self.office.folder).unwrap().copy_to(&folder.join(FILE)).unwrap();
        self.note(format_args!("the relay is backed up"));
        Backup(folder)
    }

    /// Lets things happen until the relay waits for its disk (`true`), or has just been told that
    /// all of it is durable, and has answered nobody yet (`false`).
    pub fn step_until_writing(&mut self, writing: bool) {
        while self.office.unwritten.is_empty() == writing {
            assert!(self.step(), "seed {}: the relay never writes", self.seed);
        }
    }

    /// The relay's machine is gone, with all that it held.
    pub fn lose_relay(&mut self) {
        self.note(format_args!("the relay is lost"));
        for thread in self.relay_threads() {
            let log = self.relay_log(thread);
            self.lost_logs.entry(thread).or_default().extend(log);
        }
        self.office.close();
        let connections: Vec<ConnectionId> = self.connections.keys().copied().collect();
        for id in connections {
            let Some(connection) = self.connections.get_mut(&id) else { continue };
            connection.at_relay = false;
            if connection.at_device {
                self.down(id, LinkInput::Down);
            }
        }
        for file in std::fs::read_dir(&self.office.folder).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
    }

    /// A relay is made from a backup, as `estafette-relay restore` makes it, and started.
    pub fn restore_relay(&mut self, backup: &Backup) {
        self.note(format_args!("a relay is made from the backup"));
        self.faults.count("restore");
        copy(&backup.0, &self.office.folder);
        let store = SqliteStore::open(&self.office.folder).unwrap();
        let jump = u16::from_be_bytes(self.random());
        store.begin_anew(LogGeneration(self.random()), jump).unwrap();
        self.start_relay();
    }

    /// A person on the relay's machine says that it need not wait for an administrator's device.
    pub fn confirm_restore(&mut self) {
        self.relay_event(Event::RestoreConfirmed);
    }

    /// What a device lists as not come back since the relay was restored.
    pub fn awaited(&self, phone: Phone, thread: ThreadId) -> Vec<EntryUid> {
        let mut reader = self.reader(phone);
        reader.awaited(thread).unwrap().into_iter().map(|row| row.uid).collect()
    }
}

fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}
