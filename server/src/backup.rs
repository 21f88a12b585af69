//! A relay's backup: a folder with a manifest, made while the relay runs, and the relay made from it.
//!
//! Always true: a folder that has the backup's name is complete and durable, since it gets its name
//! last; nothing is written over; what is restored was checked byte by byte before, and the restored
//! relay gets its name last too. A backup holds what the relay holds: sealed words, and the relay's keys.
//!
//! Not here: what a restored relay does when it runs ([`crate::relay`]).

mod manifest;
#[cfg(test)]
mod tests;
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use estafette_protocol::{FaultCode, LogGeneration, Timestamp};

use crate::config::{self, Allowances, Config, ConfigError};
use crate::keys;
use crate::serve::{self, StartError};
use crate::store::StoreError;
use crate::store::sqlite::{FILE, SqliteStore};

pub use manifest::{FileLine, Manifest, OrganisationLine};

/// Why a backup was not made, or nothing restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Something is there already; nothing was touched.
    #[error("{folder}: exists already, and is not written over", folder = .0.display())]
    Exists(PathBuf),
    /// No backup, or one that lacks something or was altered.
    #[error("{file}: missing, altered or not of a backup", file = .0.display())]
    Damaged(PathBuf),
    /// Made by a newer version of this program.
    #[error("made by version {version}, with schema {found}; this program knows {known}")]
    TooNew {
        /// The version that made it.
        version: String,
        /// Its schema.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// The relay's settings.
    #[error("{0:?}")]
    Config(ConfigError),
    /// The folder of the organisations.
    #[error(transparent)]
    Folder(#[from] StartError),
    /// A database.
    #[error("{folder}: {source}", folder = folder.display())]
    Store {
        /// Of which organisation.
        folder: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// The disk.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// What could not be read or written.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system gave no randomness.
    #[error("no randomness")]
    NoRandomness,
}

impl BackupError {
    /// The stable code that goes with it, where there is one.
    pub fn code(&self) -> Option<FaultCode> {
        match self {
            Self::Damaged(_) => Some(FaultCode::BackupDamaged),
            Self::TooNew { .. } => Some(FaultCode::StoreTooNew),
            Self::Store { source, .. } => Some(source.code()),
            Self::File { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                Some(FaultCode::DiskFull)
            }
            _ => None,
        }
    }
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    let path = path.to_path_buf();
    |source| BackupError::File { path, source }
}

/// Makes a backup of the relay in `folder` into the new folder `to`. The relay may run.
///
/// # Errors
///
/// `to` exists, or anything cannot be read or written; then nothing is left behind.
pub fn make(folder: &Path, to: &Path, now: Timestamp) -> Result<Manifest, BackupError> {
    let config =
        Config::read(folder, Allowances { public_development: true }).map_err(BackupError::Config)?;
    if to.exists() {
        return Err(BackupError::Exists(to.to_path_buf()));
    }
    let unnamed = beside(to)?;
    make_folder(&unnamed)?;
    let made = fill(&config, &unnamed, now).and_then(|manifest| {
        give_name(&unnamed, to)?;
        Ok(manifest)
    });
    made.inspect_err(|_| drop(std::fs::remove_dir_all(&unnamed)))
}

fn fill(config: &Config, to: &Path, now: Timestamp) -> Result<Manifest, BackupError> {
    let mut manifest = Manifest::new(now, config.mode);
    for file in [config.folder.join(config::FILE_NAME), config.relay_key()] {
        copy(&config.folder, &file, to)?;
        manifest.add(to, &inside(&config.folder, &file)?)?;
    }
    for file in [&config.certificate, &config.key] {
        match inside(&config.folder, file) {
            Ok(relative) => {
                copy(&config.folder, file, to)?;
                manifest.add(to, &relative)?;
            }
            // The administrator keeps it elsewhere on purpose, and is told.
            Err(_) => manifest.outside.push(file.display().to_string()),
        }
    }
    make_folder(&to.join("organisations"))?;
    for folder in serve::organisation_folders(&config.organisations())? {
        let relative = inside(&config.folder, &folder)?;
        make_folder(&to.join(&relative))?;
        let failed = |source| BackupError::Store { folder: folder.clone(), source };
        let file = to.join(&relative).join(FILE);
        SqliteStore::open(&folder).and_then(|store| store.copy_to(&file)).map_err(failed)?;
        manifest.organisations.push(manifest::describe(to, &relative).map_err(failed)?);
        manifest.add(to, &relative.join(FILE))?;
    }
    manifest.write(to)?;
    synchronise_all(to)?;
    Ok(manifest)
}

/// Checks a backup: every file is there, byte for byte, and every database is sound.
///
/// # Errors
///
/// The first thing that does not hold.
pub fn verify(backup: &Path) -> Result<Manifest, BackupError> {
    let manifest = Manifest::read(backup)?;
    manifest.check(backup)?;
    let known = SqliteStore::schema();
    if let Some(newer) = manifest.organisations.iter().find(|line| line.schema > known) {
        let version = manifest.version.clone();
        return Err(BackupError::TooNew { version, found: newer.schema, known });
    }
    Ok(manifest)
}

/// Makes a relay in `folder` from a backup. Each organisation gets a new log, which waits for its
/// decisions once the relay is started.
///
/// # Errors
///
/// The backup does not hold or is too new, or something is in `folder`; then nothing is left behind.
pub fn restore(backup: &Path, folder: &Path) -> Result<Manifest, BackupError> {
    let manifest = verify(backup)?;
    if folder.exists() && std::fs::read_dir(folder).map_err(at(folder))?.next().is_some() {
        return Err(BackupError::Exists(folder.to_path_buf()));
    }
    let unnamed = beside(folder)?;
    make_folder(&unnamed)?;
    let restored = begin_anew(&manifest, backup, &unnamed).and_then(|()| give_name(&unnamed, folder));
    restored.inspect_err(|_| drop(std::fs::remove_dir_all(&unnamed)))?;
    Ok(manifest)
}

fn begin_anew(manifest: &Manifest, backup: &Path, to: &Path) -> Result<(), BackupError> {
    for file in &manifest.files {
        copy(backup, &backup.join(&file.path), to)?;
    }
    make_missing_folder(&to.join("organisations"))?;
    for line in &manifest.organisations {
        let folder = to.join(&line.folder);
        let failed = |source| BackupError::Store { folder: folder.clone(), source };
        let (generation, jump): ([u8; 8], [u8; 2]) = (random()?, random()?);
        let store = SqliteStore::open(&folder).map_err(failed)?;
        store.check().map_err(failed)?;
        store.begin_anew(LogGeneration(generation), u16::from_be_bytes(jump)).map_err(failed)?;
    }
    synchronise_all(to)
}

fn random<const N: usize>() -> Result<[u8; N], BackupError> {
    serve::random().map_err(|_| BackupError::NoRandomness)
}

/// A name next to another, for what is not complete yet.
fn beside(path: &Path) -> Result<PathBuf, BackupError> {
    let nameless = || at(path)(std::io::ErrorKind::InvalidInput.into());
    let name = path.file_name().ok_or_else(nameless)?.to_string_lossy();
    let suffix = LogGeneration(random()?);
    Ok(path.with_file_name(format!(".{name}.{suffix}.incomplete")))
}

/// A path below a folder, from there on.
fn inside(folder: &Path, path: &Path) -> Result<PathBuf, BackupError> {
    let relative = path.strip_prefix(folder).map(Path::to_path_buf);
    relative.map_err(|_| at(path)(std::io::ErrorKind::InvalidInput.into()))
}

/// Copies a file to the same place below another folder, for its owner alone, durably.
fn copy(from: &Path, file: &Path, to: &Path) -> Result<(), BackupError> {
    let target = to.join(inside(from, file)?);
    if let Some(parent) = target.parent() {
        make_missing_folder(parent)?;
    }
    let mut source = File::open(file).map_err(at(file))?;
    let mut written = keys::create_private(&target).map_err(at(&target))?;
    std::io::copy(&mut source, &mut written).map_err(at(&target))?;
    written.sync_all().map_err(at(&target))
}

fn make_folder(path: &Path) -> Result<(), BackupError> {
    DirBuilder::new().mode(0o700).create(path).map_err(at(path))
}

fn make_missing_folder(path: &Path) -> Result<(), BackupError> {
    DirBuilder::new().mode(0o700).recursive(true).create(path).map_err(at(path))
}

/// Makes the names of all files below a folder durable.
fn synchronise_all(folder: &Path) -> Result<(), BackupError> {
    for child in std::fs::read_dir(folder).map_err(at(folder))? {
        let path = child.map_err(at(folder))?.path();
        if path.is_dir() {
            synchronise_all(&path)?;
        }
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

/// Gives a complete folder its name, durably. An empty folder of that name gives way.
fn give_name(unnamed: &Path, name: &Path) -> Result<(), BackupError> {
    std::fs::rename(unnamed, name).map_err(at(name))?;
    let parent = name.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|parent| parent.sync_all()).map_err(at(parent))
}
