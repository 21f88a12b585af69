//! The SQLite backend, and what only a file can suffer.

use std::fs;
use std::path::Path;

use estafette_protocol::{Hash, LogGeneration};
use estafette_server::store::sqlite::{FILE, Mode, SqliteStore};
use estafette_server::store::{Batch, Operation, Reader, StoreError, Writer};

use crate::backend::{Backend, append, entry, founded};

/// A database in a folder of its own.
pub struct Sqlite {
    folder: tempfile::TempDir,
    store: SqliteStore,
}

fn create(folder: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::create(folder, Mode::Production, LogGeneration([3; 8]), Hash([4; 32]))
}

impl Default for Sqlite {
    fn default() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = create(folder.path()).unwrap();
        Self { folder, store }
    }
}

impl Backend for Sqlite {
    fn writer(&self) -> Box<dyn Writer> {
        Box::new(self.store.writer().unwrap())
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(self.store.reader().unwrap())
    }
}

#[test]
fn a_database_is_made_once_and_keeps_its_mode() {
    let backend = Sqlite::default();
    assert!(create(backend.folder.path()).is_err());
    assert_eq!(SqliteStore::open(backend.folder.path()).unwrap().mode(), Mode::Production);
}

#[test]
fn a_corrupt_file_is_refused_as_such() {
    let backend = Sqlite::default();
    let path = backend.folder.path().join(FILE);
    drop(founded(&backend));
    assert!(backend.store.check().is_ok());
    drop(backend.store);
    fs::write(&path, vec![0x5a; 8192]).unwrap();
    for name in ["relay.db-wal", "relay.db-shm"] {
        let _ = fs::remove_file(backend.folder.path().join(name));
    }
    assert!(matches!(SqliteStore::open(backend.folder.path()), Err(StoreError::Corrupt(_))));
}

#[test]
fn a_file_of_a_newer_version_is_refused_as_such() {
    let backend = Sqlite::default();
    let connection = rusqlite::Connection::open(backend.folder.path().join(FILE)).unwrap();
    connection.pragma_update(None, "user_version", 4711).unwrap();
    drop(connection);
    assert!(matches!(SqliteStore::open(backend.folder.path()), Err(StoreError::TooNew { found: 4711, .. })));
}

#[test]
fn a_folder_without_a_database_is_no_organisation() {
    let folder = tempfile::tempdir().unwrap();
    assert!(SqliteStore::open(folder.path()).is_err());
    assert!(!folder.path().join(FILE).exists());
}

#[test]
fn a_full_disk_keeps_nothing_of_a_batch_and_writes_again_when_there_is_room() {
    let backend = Sqlite::default();
    drop(founded(&backend));
    let mut writer = backend.store.writer().unwrap();
    writer.set_quota(writer.pages().unwrap()).unwrap();
    let batch = Batch { operations: vec![append(entry(1, "small")), append(entry(2, &"x".repeat(60_000)))] };
    let before = backend.reader().state().unwrap();
    assert!(matches!(writer.write(std::slice::from_ref(&batch)), Err(StoreError::Full)));
    assert_eq!(backend.reader().state().unwrap(), before);
    assert_eq!(backend.reader().heads().unwrap(), []);
    writer.set_quota(100_000).unwrap();
    writer.write(&[batch]).unwrap();
    assert_eq!(backend.reader().heads().unwrap()[0].position.0, 2);
}

#[test]
fn deleted_bytes_are_overwritten() {
    let backend = Sqlite::default();
    let mut writer = founded(&backend);
    let canary = b"canari-7f3a9c".repeat(40);
    let last_resort = |bytes: Vec<u8>| {
        let device = estafette_protocol::DeviceId([1; 16]);
        let write =
            estafette_server::store::KeyPackageWrite { device, packages: vec![], last_resort: Some(bytes) };
        vec![Batch { operations: vec![Operation::KeyPackages(write)] }]
    };
    writer.write(&last_resort(canary)).unwrap();
    let holds = |folder: &Path| {
        let bytes = fs::read(folder.join(FILE)).unwrap();
        bytes.windows(13).any(|window| window == b"canari-7f3a9c")
    };
    let checkpoint = |folder: &Path| {
        let connection = rusqlite::Connection::open(folder.join(FILE)).unwrap();
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())).unwrap();
    };
    checkpoint(backend.folder.path());
    assert!(holds(backend.folder.path()));
    writer.write(&last_resort(vec![1; 20])).unwrap();
    checkpoint(backend.folder.path());
    assert!(!holds(backend.folder.path()));
}
