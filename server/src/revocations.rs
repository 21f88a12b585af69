//! Google's list of revoked attestation keys, as a file in the relay's folder.
//!
//! A relay often has no way to the internet, so a person brings the list
//! (`estafette-relay attest list import`); where it has one, it is fetched from an address that the
//! settings name (`serve/list_refresh.rs`). Always true: a list is read whole before it takes the
//! place of another, and its age is never younger than the file that was brought.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use estafette_attest::RevocationList;
use estafette_protocol::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The file in the relay's folder: Google's JSON with one member more, [`FETCHED_AT`].
pub const FILE_NAME: &str = "attestation-status.json";
/// When the list was fetched, in milliseconds since the Unix epoch.
const FETCHED_AT: &str = "fetched_at";

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The file cannot be read or written.
    #[error("{file}: {source}", file = file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Larger than a list can be; it was not read.
    #[error("{file}: larger than a list of revoked keys can be", file = file.display())]
    TooLarge {
        /// The file.
        file: PathBuf,
    },
    /// Not a list of revoked attestation keys.
    #[error("{file}: not a list of revoked attestation keys", file = file.display())]
    NotAList {
        /// The file.
        file: PathBuf,
    },
}

/// The relay's list; `None` if nobody has brought one.
///
/// # Errors
///
/// The file is there and is not a list.
pub fn read(folder: &Path) -> Result<Option<RevocationList>, ListError> {
    let file = folder.join(FILE_NAME);
    if !file.exists() {
        return Ok(None);
    }
    #[derive(Deserialize)]
    struct Dated {
        fetched_at: u64,
    }
    let bytes = contents(&file)?;
    let dated: Option<Dated> = serde_json::from_slice(&bytes).ok();
    let list = dated.and_then(|dated| RevocationList::from_json(&bytes, Timestamp(dated.fetched_at)).ok());
    list.map(Some).ok_or(ListError::NotAList { file })
}

/// Takes Google's list from a file that somebody fetched, in place of the one before.
///
/// It is as old as the file, by the file's date; a date in the future counts as `now`.
///
/// # Errors
///
/// The file is unreadable, too large or not a list, or the relay's folder cannot be written; the
/// list before stays.
pub fn import(folder: &Path, from: &Path, now: Timestamp) -> Result<RevocationList, ListError> {
    let unreadable = |source| ListError::File { file: from.to_path_buf(), source };
    let modified = std::fs::metadata(from).and_then(|found| found.modified()).map_err(unreadable)?;
    let age = modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let fetched_at = Timestamp(0).after(age).min(now);
    keep_from(folder, from, &contents(from)?, fetched_at)
}

/// Takes Google's list as it was fetched at `now`, in place of the one before.
///
/// # Errors
///
/// As [`import`].
pub fn keep(folder: &Path, bytes: &[u8], now: Timestamp) -> Result<RevocationList, ListError> {
    keep_from(folder, &folder.join(FILE_NAME), bytes, now)
}

fn keep_from(
    folder: &Path,
    from: &Path,
    bytes: &[u8],
    fetched_at: Timestamp,
) -> Result<RevocationList, ListError> {
    let not_a_list = || ListError::NotAList { file: from.to_path_buf() };
    let list = RevocationList::from_json(bytes, fetched_at).map_err(|_| not_a_list())?;
    let mut whole: serde_json::Map<String, Value> =
        serde_json::from_slice(bytes).map_err(|_| not_a_list())?;
    whole.insert(FETCHED_AT.to_owned(), fetched_at.0.into());
    let stored = folder.join(FILE_NAME);
    let next = folder.join(format!("{FILE_NAME}.next"));
    let written = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(&next)?;
        serde_json::to_writer(&mut file, &whole)?;
        file.flush()?;
        file.sync_all()?;
        std::fs::rename(&next, &stored)
    };
    written().map_err(|source| ListError::File { file: stored.clone(), source })?;
    Ok(list)
}

/// A file of at most the size of a list.
fn contents(file: &Path) -> Result<Vec<u8>, ListError> {
    let unreadable = |source| ListError::File { file: file.to_path_buf(), source };
    let size = std::fs::metadata(file).map_err(unreadable)?.len();
    if usize::try_from(size).is_ok_and(|size| size <= RevocationList::MAX_ENCODED) {
        std::fs::read(file).map_err(unreadable)
    } else {
        Err(ListError::TooLarge { file: file.to_path_buf() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_348_800_000);

    fn brought(folder: &Path, text: &str, days_old: u64) -> PathBuf {
        let path = folder.join("brought.json");
        std::fs::write(&path, text).unwrap();
        let modified = UNIX_EPOCH + Duration::from_millis(NOW.0) - Duration::from_hours(24 * days_old);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        path
    }

    #[test]
    fn a_list_that_was_brought_is_read_back_with_its_age() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), None);
        let from = brought(folder.path(), r#"{"entries": {"77aa": {"status": "SUSPENDED"}}}"#, 2);
        let imported = import(folder.path(), &from, NOW).unwrap();
        let list = read(folder.path()).unwrap().unwrap();
        assert_eq!(list, imported);
        assert!(list.contains(&[0x77, 0xaa]));
        assert_eq!(list.fetched_at(), Timestamp(NOW.0 - 2 * 86_400_000));
        assert!(!list.is_stale(NOW));
        assert!(list.is_stale(Timestamp(NOW.0 + 86_400_001)));
    }

    #[test]
    fn a_file_from_the_future_is_of_today() {
        let folder = tempfile::tempdir().unwrap();
        let from = brought(folder.path(), r#"{"entries": {}}"#, 0);
        assert_eq!(import(folder.path(), &from, Timestamp(7)).unwrap().fetched_at(), Timestamp(7));
    }

    #[test]
    fn what_is_not_a_list_leaves_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let from = brought(folder.path(), r#"{"entries": {"1": {}}}"#, 0);
        let before = import(folder.path(), &from, NOW).unwrap();
        for text in ["", "[]", r#"{"entries": 3}"#, r#"{"entries": {"zz": {}}}"#] {
            let from = brought(folder.path(), text, 0);
            assert!(matches!(import(folder.path(), &from, NOW), Err(ListError::NotAList { .. })), "{text}");
        }
        let missing = folder.path().join("missing.json");
        assert!(matches!(import(folder.path(), &missing, NOW), Err(ListError::File { .. })));
        assert_eq!(read(folder.path()).unwrap(), Some(before));
    }

    #[test]
    fn a_damaged_list_of_the_relay_is_an_error_and_not_an_empty_list() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), r#"{"entries": {}}"#).unwrap();
        assert!(matches!(read(folder.path()), Err(ListError::NotAList { .. })));
    }
}
