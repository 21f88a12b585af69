//! Backups made while somebody writes, backups that were tampered with, and what is made of them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use estafette_protocol::{DeviceId, OrganisationId, Timestamp};

use super::*;
use crate::config::Mode;
use crate::init::{self, InitOptions};
use crate::store::{Batch, Operation, Reader as _, Writer as _};

const NOW: Timestamp = Timestamp(1_795_000_000_000);
const ONE: DeviceId = DeviceId([1; 16]);
const OTHER: DeviceId = DeviceId([2; 16]);

struct Place(tempfile::TempDir);

impl Place {
    /// A relay with one founded organisation.
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let listen = ([127, 0, 0, 1], 8443).into();
        let mode = if cfg!(feature = "dev-attestation") { Mode::Development } else { Mode::Production };
        let options = InitOptions { listen, public_address: None, certificate: None, mode };
        init::create(&place.path("relay"), &options).unwrap();
        place.write(Operation::Found(OrganisationId([7; 16])));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, operation: Operation) {
        let mut writer = store(&self.path("relay")).writer().unwrap();
        writer.write(&[Batch { operations: vec![operation] }]).unwrap();
    }

    fn back_up(&self, name: &str) -> PathBuf {
        make(&self.path("relay"), &self.path(name), NOW).unwrap();
        self.path(name)
    }
}

/// The only organisation's database in a relay's or a backup's folder.
fn store(folder: &Path) -> SqliteStore {
    let place = std::fs::read_dir(folder.join("organisations")).unwrap().next().unwrap().unwrap().path();
    SqliteStore::open(&place).unwrap()
}

fn is_empty_beside(place: &Place, kept: &[&str]) -> bool {
    let names = std::fs::read_dir(place.0.path()).unwrap().map(|child| child.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).all(|name| kept.contains(&name.as_str()))
}

#[test]
fn a_backup_made_while_somebody_writes_holds_whole_transactions_and_all_that_were_acknowledged() {
    let place = Place::new();
    let acknowledged = Arc::new(AtomicU64::new(0));
    let (count, relay) = (Arc::clone(&acknowledged), place.path("relay"));
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let writing = std::thread::spawn(move || {
        let mut writer = store(&relay).writer().unwrap();
        for number in 1.. {
            let operations = [ONE, OTHER]
                .map(|device| Operation::RequestNumber { device, number, day: Timestamp(0) })
                .into_iter()
                .collect();
            writer.write(&[Batch { operations }]).unwrap();
            count.store(number, Ordering::SeqCst);
            if stopped.try_recv().is_ok() {
                return;
            }
        }
    });
    while acknowledged.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    for name in ["first", "second", "third"] {
        let before = acknowledged.load(Ordering::SeqCst);
        let backup = place.back_up(name);
        verify(&backup).unwrap();
        let numbers = store(&backup).reader().unwrap().request_numbers().unwrap();
        assert_eq!(numbers[&ONE], numbers[&OTHER], "half a transaction in {name}");
        assert!(numbers[&ONE] >= before, "{name}: {} of {before}", numbers[&ONE]);
    }
    stop.send(()).unwrap();
    writing.join().unwrap();
}

#[test]
fn a_backup_is_for_its_owner_alone_and_says_what_it_holds() {
    let place = Place::new();
    let backup = place.back_up("backup");
    let mut pending = vec![backup.clone()];
    while let Some(path) = pending.pop() {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{path:?}");
        if path.is_dir() {
            pending.extend(std::fs::read_dir(path).unwrap().map(|child| child.unwrap().path()));
        }
    }
    let manifest = verify(&backup).unwrap();
    assert_eq!(manifest.made_at, NOW.0);
    assert_eq!(manifest.outside, Vec::<String>::new());
    let [organisation] = &manifest.organisations[..] else { panic!("one organisation") };
    assert_eq!(organisation.organisation.as_deref(), Some(OrganisationId([7; 16]).to_string().as_str()));
    let log = store(&place.path("relay")).reader().unwrap().state().unwrap().generation;
    assert_eq!(organisation.log, log.to_string());
    let mut files: Vec<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    files.sort_unstable();
    let database = format!("{}/relay.db", organisation.folder);
    assert_eq!(files, [&database, "relay.key", "relay.toml", "tls/certificate.pem", "tls/key.pem"]);
}

#[test]
fn nothing_is_written_over() {
    let place = Place::new();
    let backup = place.back_up("backup");
    assert!(matches!(make(&place.path("relay"), &backup, NOW), Err(BackupError::Exists(_))));
    assert!(matches!(restore(&backup, &place.path("relay")), Err(BackupError::Exists(_))));
    verify(&backup).unwrap();
    assert!(is_empty_beside(&place, &["relay", "backup"]));
}

#[test]
fn a_backup_that_was_altered_or_cut_short_is_refused_and_nothing_is_made() {
    type Harm = fn(&Path);
    let harms: [(&str, Harm); 6] = [
        ("a file is missing", |backup| std::fs::remove_file(backup.join("relay.key")).unwrap()),
        ("a byte was altered", |backup| {
            let place = std::fs::read_dir(backup.join("organisations")).unwrap().next().unwrap().unwrap();
            let file = place.path().join(FILE);
            let mut bytes = std::fs::read(&file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(file, bytes).unwrap();
        }),
        ("a file was cut short", |backup| {
            let file = backup.join("tls/key.pem");
            let bytes = std::fs::read(&file).unwrap();
            std::fs::write(file, &bytes[..bytes.len() - 1]).unwrap();
        }),
        ("no manifest", |backup| std::fs::remove_file(backup.join("manifest.json")).unwrap()),
        ("half a manifest", |backup| {
            let file = backup.join("manifest.json");
            let bytes = std::fs::read(&file).unwrap();
            std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("a path that leaves the folder", |backup| {
            let file = backup.join("manifest.json");
            let text = std::fs::read_to_string(&file).unwrap();
            std::fs::write(file, text.replace("\"relay.key\"", "\"../relay/relay.key\"")).unwrap();
        }),
    ];
    for (harm, harms) in harms {
        let place = Place::new();
        let backup = place.back_up("backup");
        harms(&backup);
        let refused = restore(&backup, &place.path("restored")).unwrap_err();
        assert_eq!(refused.code(), Some(FaultCode::BackupDamaged), "{harm}: {refused}");
        assert!(is_empty_beside(&place, &["relay", "backup"]), "{harm}");
    }
}

#[test]
fn a_backup_of_a_newer_version_is_refused_and_nothing_is_made() {
    let place = Place::new();
    let backup = place.back_up("backup");
    let file = backup.join("manifest.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let own = format!("\"schema\": {}", SqliteStore::schema());
    std::fs::write(&file, text.replace(&own, "\"schema\": 99")).unwrap();
    let refused = restore(&backup, &place.path("restored")).unwrap_err();
    assert!(matches!(refused, BackupError::TooNew { found: 99, .. }), "{refused}");
    assert_eq!(refused.code(), Some(FaultCode::StoreTooNew));
    assert!(is_empty_beside(&place, &["relay", "backup"]));
}

#[test]
fn a_restored_relay_has_the_same_keys_and_another_log_that_waits() {
    let place = Place::new();
    let backup = place.back_up("backup");
    std::fs::create_dir(place.path("empty")).unwrap();
    let mut logs = vec![store(&place.path("relay")).reader().unwrap().state().unwrap().generation];
    for name in ["restored", "empty"] {
        restore(&backup, &place.path(name)).unwrap();
        let key = |folder: &str| std::fs::read(place.path(folder).join(keys::FILE_NAME)).unwrap();
        assert_eq!(key(name), key("relay"));
        Config::read(&place.path(name), Allowances::default()).unwrap();
        let state = store(&place.path(name)).reader().unwrap().state().unwrap();
        assert!(state.restoring);
        assert_eq!(state.organisation, Some(OrganisationId([7; 16])));
        assert!(!logs.contains(&state.generation), "each restore draws its own log");
        logs.push(state.generation);
    }
    // The backup itself is as it was, and serves again.
    verify(&backup).unwrap();
    assert!(is_empty_beside(&place, &["relay", "backup", "restored", "empty"]));
}
