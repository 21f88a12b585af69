//! What a backup says of itself: which relay, when, which files, and how far each organisation was.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Component, Path};

use estafette_protocol::{StatementNumber, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{BackupError, at};
use crate::config::Mode;
use crate::keys;
use crate::store::sqlite::{FILE, SqliteStore};
use crate::store::{Reader as _, StoreError};

/// The manifest's file.
const NAME: &str = "manifest.json";
/// The only form so far.
const FORMAT: u32 = 1;
/// Bytes of a manifest, at most.
const LARGEST: u64 = 4 * 1024 * 1024;

/// A backup's description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of this file.
    pub format: u32,
    /// The version of the program that made it.
    pub version: String,
    /// When; Unix milliseconds, the relay's clock.
    pub made_at: u64,
    /// The relay's mode.
    pub mode: String,
    /// Everything in the backup but this file.
    pub files: Vec<FileLine>,
    /// Files that the relay needs and keeps outside its folder: they are not here.
    pub outside: Vec<String>,
    /// How far each organisation was.
    pub organisations: Vec<OrganisationLine>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileLine {
    /// From the backup's folder on.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// In hexadecimal digits.
    pub sha256: String,
}

/// An organisation in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationLine {
    /// From the backup's folder on.
    pub folder: String,
    /// Its id, once founded.
    pub organisation: Option<String>,
    /// The number of its database's schema.
    pub schema: i64,
    /// Its log.
    pub log: String,
    /// The number of its last statement.
    pub statement: Option<u64>,
    /// The last numbers of its streams.
    pub control: u64,
    /// Entries.
    pub content: u64,
    /// Marks.
    pub slots: u64,
}

impl Manifest {
    pub(super) fn new(now: Timestamp, mode: Mode) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: now.0,
            mode: mode.as_str().to_owned(),
            files: Vec::new(),
            outside: Vec::new(),
            organisations: Vec::new(),
        }
    }

    /// Notes a file that is complete.
    pub(super) fn add(&mut self, folder: &Path, relative: &Path) -> Result<(), BackupError> {
        let path = relative.to_str().ok_or_else(|| BackupError::Damaged(relative.to_path_buf()))?;
        let (bytes, sha256) = digest(&folder.join(relative))?;
        self.files.push(FileLine { path: path.to_owned(), bytes, sha256 });
        Ok(())
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), BackupError> {
        let file = folder.join(NAME);
        let text = serde_json::to_string_pretty(self)
            .map_err(|_| at(&file)(std::io::ErrorKind::InvalidData.into()))?;
        keys::write_private(&file, text.as_bytes()).map_err(at(&file))
    }

    /// Reads the manifest of a backup.
    pub(super) fn read(folder: &Path) -> Result<Self, BackupError> {
        let file = folder.join(NAME);
        let damaged = || BackupError::Damaged(file.clone());
        let mut text = String::new();
        let opened = File::open(&file).map_err(|_| damaged())?;
        opened.take(LARGEST).read_to_string(&mut text).map_err(|_| damaged())?;
        let manifest: Self = serde_json::from_str(&text).map_err(|_| damaged())?;
        match manifest.format == FORMAT && manifest.stays_inside() {
            true => Ok(manifest),
            false => Err(damaged()),
        }
    }

    /// No path leaves the folder: a manifest may have been written by anybody.
    fn stays_inside(&self) -> bool {
        let plain = |path: &str| {
            !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
        };
        self.files.iter().all(|file| plain(&file.path))
            && self.organisations.iter().all(|organisation| {
                plain(&organisation.folder)
                    && self
                        .files
                        .iter()
                        .any(|file| Path::new(&file.path) == Path::new(&organisation.folder).join(FILE))
            })
    }

    /// Compares every file with what is said of it here.
    pub(super) fn check(&self, folder: &Path) -> Result<(), BackupError> {
        for line in &self.files {
            let file = folder.join(&line.path);
            let found = digest(&file).map_err(|_| BackupError::Damaged(file.clone()))?;
            if found != (line.bytes, line.sha256.clone()) {
                return Err(BackupError::Damaged(file));
            }
        }
        Ok(())
    }
}

/// How far the organisation in a copied database was. The copy is not changed.
pub(super) fn describe(folder: &Path, relative: &Path) -> Result<OrganisationLine, StoreError> {
    let place = folder.join(relative);
    let store = SqliteStore::open(&place)?;
    store.check()?;
    let reader = store.reader()?;
    let state = reader.state()?;
    let mut last = None;
    let mut from = StatementNumber(0);
    // In pages: the head of the chain is wherever it ends.
    loop {
        let page = reader.statements(from, 1000)?;
        if page.is_empty() {
            break;
        }
        from = StatementNumber(from.0 + page.len() as u64);
        last = Some(from.0 - 1);
    }
    Ok(OrganisationLine {
        folder: relative.to_string_lossy().into_owned(),
        organisation: state.organisation.map(|organisation| organisation.to_string()),
        schema: SqliteStore::schema(),
        log: state.generation.to_string(),
        statement: last,
        control: state.control,
        content: state.content,
        slots: state.slots,
    })
}

fn digest(file: &Path) -> Result<(u64, String), BackupError> {
    let mut reader = BufReader::new(File::open(file).map_err(at(file))?);
    let mut hash = Sha256::new();
    let bytes = std::io::copy(&mut reader, &mut hash).map_err(at(file))?;
    let digits = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((bytes, digits))
}
