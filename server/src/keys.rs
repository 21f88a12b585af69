//! The relay's signing key: heads of threads and its own name (`relay_id`) rest on it.
//!
//! A file of 32 bytes, readable by its owner alone. Statement 0 of each organisation names its
//! public half, so it is never replaced while organisations exist.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

/// The key's file in the relay's folder.
pub const FILE_NAME: &str = "relay.key";

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("{file}: {source}", file = file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Not 32 bytes.
    #[error("{file}: not a key", file = file.display())]
    NotAKey {
        /// The file.
        file: PathBuf,
    },
    /// Others than the owner may read it.
    #[error("{file}: readable by others than its owner", file = file.display())]
    Open {
        /// The file.
        file: PathBuf,
    },
}

/// Reads the key.
///
/// # Errors
///
/// The file is missing, of another size, or open to others.
pub fn read(file: &Path) -> Result<SigningKey, KeyError> {
    let unreadable = |source| KeyError::Unreadable { file: file.to_path_buf(), source };
    let opened = File::open(file).map_err(unreadable)?;
    if !is_private(&opened).map_err(unreadable)? {
        return Err(KeyError::Open { file: file.to_path_buf() });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(33));
    opened.take(33).read_to_end(&mut bytes).map_err(unreadable)?;
    let seed = bytes.as_slice().try_into().map(Zeroizing::new);
    seed.map(|seed: Zeroizing<[u8; 32]>| SigningKey::from_bytes(&seed))
        .map_err(|_| KeyError::NotAKey { file: file.to_path_buf() })
}

/// Whether only its owner may read or write a file.
pub(crate) fn is_private(file: &File) -> std::io::Result<bool> {
    Ok(file.metadata()?.permissions().mode() & 0o077 == 0)
}

/// Writes a new file for its owner alone, durably.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = create_private(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a new file for its owner alone.
pub(crate) fn create_private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_only_from_a_whole_file_of_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        assert!(matches!(read(&file), Err(KeyError::Unreadable { .. })));
        write_private(&file, &[7; 32]).unwrap();
        assert_eq!(read(&file).unwrap().to_bytes(), [7; 32]);
        assert!(write_private(&file, &[8; 32]).is_err(), "a key is never written over");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read(&file), Err(KeyError::Open { .. })));
        for wrong in [0, 31, 33] {
            let file = folder.path().join(wrong.to_string());
            write_private(&file, &vec![7; wrong]).unwrap();
            assert!(matches!(read(&file), Err(KeyError::NotAKey { .. })), "{wrong}");
        }
    }
}
