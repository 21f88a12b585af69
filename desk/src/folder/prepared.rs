//! A folder on its way to be somebody's: its keys lie there under another name until a relay has said yes.
//!
//! Always true: keys that stand under their own name belong to a device that a relay knows. Whatever ends a
//! preparation before that (a refusal, a crash, the power) leaves a folder that counts as new; what was made in
//! it is noise without its keys, and the next preparation takes it away. A database that lies beside no keys at
//! all was not made here and is never touched.

use std::fs;
use std::path::PathBuf;

use super::{Folder, FolderError, KeyRing, seal};

/// Files of a device, each with those that the database puts beside it.
const DATABASES: [&str; 2] = ["device.db", "administration.db"];

/// New keys and what is being made around them. Dropped without [`Self::keep`] it takes all of it away.
#[derive(Debug)]
pub struct Prepared {
    folder: Folder,
    kept: bool,
}

impl Folder {
    /// Nobody's yet: no keys, and no data that other keys might open.
    pub fn is_new(&self) -> bool {
        !self.keys().exists() && (self.begun_keys().exists() || !self.database().exists())
    }

    fn begun_keys(&self) -> PathBuf {
        self.path().join("keys-begun")
    }

    /// Writes new keys beside the name that makes the folder somebody's.
    ///
    /// # Errors
    /// The folder is somebody's, or the disk refuses.
    pub fn prepare(&self, ring: &KeyRing, passphrase: &str) -> Result<Prepared, FolderError> {
        if !self.is_new() {
            return Err(FolderError::Exists);
        }
        self.make()?;
        self.clear()?;
        seal(ring, passphrase, &self.begun_keys())?;
        Ok(Prepared { folder: self.clone(), kept: false })
    }

    /// Takes away what a preparation left, and only that; the keys' file goes last, since it says whose the rest is.
    fn clear(&self) -> std::io::Result<()> {
        if !self.begun_keys().exists() {
            return Ok(());
        }
        for entry in fs::read_dir(self.path())? {
            let entry = entry?;
            let name = entry.file_name();
            let ours = |name: &str| DATABASES.iter().any(|database| name.starts_with(database));
            if name.to_str().is_some_and(ours) {
                fs::remove_file(entry.path())?;
            }
        }
        let length = fs::metadata(self.begun_keys()).map_or(0, |found| found.len());
        fs::write(self.begun_keys(), vec![0; usize::try_from(length).unwrap_or(0)])?;
        fs::remove_file(self.begun_keys())
    }

    /// Makes the folder nobody's again: its device was never admitted, so that nothing was ever in it. The
    /// folder itself stays.
    ///
    /// # Errors
    /// The disk refuses; the folder is nobody's or still this device's.
    pub fn give_up(&self) -> Result<(), FolderError> {
        fs::rename(self.keys(), self.begun_keys())?;
        Ok(self.clear()?)
    }
}

impl Prepared {
    /// Makes the folder this device's, in one step of the disk.
    ///
    /// # Errors
    /// The disk refuses; nothing is kept then.
    pub fn keep(mut self) -> Result<(), FolderError> {
        fs::rename(self.folder.begun_keys(), self.folder.keys())?;
        self.kept = true;
        fs::File::open(self.folder.path())?.sync_all()?;
        Ok(())
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed now is removed by the next preparation.
            let _ = self.folder.clear();
            // Also the folder, where nothing else lies in it.
            let _ = fs::remove_dir(self.folder.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> KeyRing {
        KeyRing::generate(None).unwrap()
    }

    fn folder(parent: &tempfile::TempDir) -> Folder {
        Folder::at(parent.path().join("amine"))
    }

    #[test]
    fn a_prepared_folder_is_nobodys_until_it_is_kept() {
        let parent = tempfile::tempdir().unwrap();
        let folder = folder(&parent);
        let prepared = folder.prepare(&ring(), "la bonne").unwrap();
        assert!(folder.is_new());
        assert!(matches!(folder.unlock("la bonne"), Err(FolderError::Missing)));
        prepared.keep().unwrap();
        assert!(!folder.is_new());
        assert!(folder.unlock("la bonne").is_ok());
        assert!(matches!(folder.prepare(&ring(), "une autre"), Err(FolderError::Exists)));
    }

    #[test]
    fn a_preparation_that_fails_leaves_no_folder() {
        let parent = tempfile::tempdir().unwrap();
        let folder = folder(&parent);
        let prepared = folder.prepare(&ring(), "la bonne").unwrap();
        fs::write(folder.database(), "x").unwrap();
        fs::write(folder.path().join("device.db-wal"), "x").unwrap();
        drop(prepared);
        assert!(!folder.path().exists());
    }

    #[test]
    fn what_a_crash_left_is_taken_away_by_the_next_preparation_and_nothing_else_is() {
        let parent = tempfile::tempdir().unwrap();
        let folder = folder(&parent);
        std::mem::forget(folder.prepare(&ring(), "avant").unwrap());
        fs::write(folder.database(), "x").unwrap();
        fs::write(folder.path().join("lettre.txt"), "à garder").unwrap();
        assert!(folder.is_new());
        let prepared = folder.prepare(&ring(), "après").unwrap();
        assert!(!folder.database().exists());
        prepared.keep().unwrap();
        assert!(folder.unlock("après").is_ok());
        assert_eq!(fs::read_to_string(folder.path().join("lettre.txt")).unwrap(), "à garder");
    }

    #[test]
    fn a_folder_that_is_given_up_takes_another_device() {
        let parent = tempfile::tempdir().unwrap();
        let folder = folder(&parent);
        folder.prepare(&ring(), "avant").unwrap().keep().unwrap();
        fs::write(folder.database(), "x").unwrap();
        folder.give_up().unwrap();
        assert!(folder.is_new() && !folder.database().exists());
        // A page that was asked for before comes too late: it makes no database beside no keys.
        let now = estafette_protocol::Timestamp(0);
        assert!(estafette_core::lease::look(&folder.database(), &ring().database_key(), now).is_err());
        assert!(estafette_core::engine::Engine::open(&folder.database(), &ring().database_key()).is_err());
        assert!(folder.is_new() && !folder.database().exists());
        folder.prepare(&ring(), "après").unwrap().keep().unwrap();
        assert!(folder.unlock("après").is_ok());
    }

    #[test]
    fn a_database_whose_keys_are_missing_is_never_taken_away() {
        let parent = tempfile::tempdir().unwrap();
        let folder = folder(&parent);
        fs::create_dir(folder.path()).unwrap();
        fs::write(folder.database(), "x").unwrap();
        assert!(!folder.is_new());
        assert!(matches!(folder.prepare(&ring(), "la bonne"), Err(FolderError::Exists)));
        assert!(folder.database().exists());
    }
}
