//! One agent's folder on a professional computer: keys under a passphrase, and the database.
//!
//! A computer has no hardware that keeps a key, so the ES256 key, the database's key and, on
//! an administrator's computer, the organisation's are sealed under a passphrase: Argon2id
//! (RFC 9106, 64 MiB, 3 passes), then AES-256-GCM. The folder is the agent's alone: mode 0700.

mod prepared;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use estafette_core::identity::DeviceKey;
use estafette_core::store::DatabaseKey;
use estafette_protocol::{Es256Public, Fault, FaultCode, Signature, codec};
use minicbor::{Decode, Encode};
use p256::ecdsa::signature::Signer as _;
use zeroize::{Zeroize, Zeroizing};

pub use prepared::Prepared;

/// Argon2id, as RFC 9106 recommends where memory is limited.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// A sealed key file is far smaller.
const FILE: usize = 4096;
const AAD: &[u8] = b"estafette keys v1";

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It exists already and would be overwritten.
    #[error("the folder is in use")]
    Exists,
    /// There is no agent's folder there.
    #[error("no agent's folder")]
    Missing,
    /// The passphrase is another one, or the file was altered.
    #[error("the passphrase does not open it")]
    Passphrase,
    /// The disk said no.
    #[error("the disk")]
    Disk(#[from] std::io::Error),
    /// A key could not be made.
    #[error("a key could not be made")]
    Key,
}

impl From<&FolderError> for Fault {
    fn from(error: &FolderError) -> Self {
        Self::new(match error {
            FolderError::Passphrase => FaultCode::WrongPassphrase,
            FolderError::Missing => FaultCode::NotEnrolled,
            FolderError::Exists => FaultCode::EntryAlreadyBound,
            FolderError::Disk(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                FaultCode::DiskFull
            }
            FolderError::Disk(_) | FolderError::Key => FaultCode::Internal,
        })
    }
}

/// The keys of one computer.
#[derive(Clone, Encode, Decode)]
#[cbor(map)]
pub struct KeyRing {
    /// The ES256 key's scalar.
    #[cbor(n(0), with = "minicbor::bytes")]
    es256: [u8; 32],
    /// The database's key.
    #[cbor(n(1), with = "minicbor::bytes")]
    database: [u8; 32],
    /// Seed of the organisation's key, on the computer that founded or recovered it.
    #[n(2)]
    organisation: Option<Seed>,
}

#[derive(Clone, Encode, Decode)]
#[cbor(transparent)]
struct Seed(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

impl Drop for KeyRing {
    fn drop(&mut self) {
        self.es256.zeroize();
        self.database.zeroize();
        if let Some(seed) = &mut self.organisation {
            seed.0.zeroize();
        }
    }
}

impl KeyRing {
    /// Draws new keys.
    pub fn generate(organisation: Option<[u8; 32]>) -> Result<Self, FolderError> {
        let mut database = [0; 32];
        getrandom::fill(&mut database).map_err(|_| FolderError::Key)?;
        let mut es256 = [0; 32];
        // One draw in 2^32 is no scalar of P-256; another is drawn.
        while p256::ecdsa::SigningKey::from_slice(&es256).is_err() {
            getrandom::fill(&mut es256).map_err(|_| FolderError::Key)?;
        }
        Ok(Self { es256, database, organisation: organisation.map(Seed) })
    }

    /// The key of the agent's database.
    pub fn database_key(&self) -> DatabaseKey {
        DatabaseKey(Zeroizing::new(self.database))
    }

    /// The key that proves this computer.
    pub fn device_key(&self) -> Result<ComputerKey, FolderError> {
        p256::ecdsa::SigningKey::from_slice(&self.es256).map(ComputerKey).map_err(|_| FolderError::Key)
    }

    /// The organisation's key, where this computer has it.
    pub fn organisation_key(&self) -> Option<ed25519_dalek::SigningKey> {
        self.organisation.as_ref().map(|seed| ed25519_dalek::SigningKey::from_bytes(&seed.0))
    }
}

/// The ES256 key of a computer.
pub struct ComputerKey(p256::ecdsa::SigningKey);

impl DeviceKey for ComputerKey {
    fn public(&self) -> Es256Public {
        let mut bytes = [0; 33];
        let point = self.0.verifying_key().to_encoded_point(true);
        bytes.copy_from_slice(point.as_bytes());
        Es256Public(bytes)
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, Fault> {
        let signature: p256::ecdsa::Signature = self.0.sign(message);
        Signature::from_slice(&signature.to_bytes()).ok_or_else(|| FaultCode::Internal.into())
    }
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct SealedRing {
    #[cbor(n(0), with = "minicbor::bytes")]
    salt: [u8; 16],
    #[n(1)]
    memory_kib: u32,
    #[n(2)]
    passes: u32,
    #[cbor(n(3), with = "minicbor::bytes")]
    nonce: [u8; 12],
    #[cbor(n(4), with = "minicbor::bytes")]
    sealed: Vec<u8>,
}

/// An agent's folder.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// Names a folder; nothing is touched.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where the database lies.
    pub fn database(&self) -> PathBuf {
        self.0.join("device.db")
    }

    /// Where an administrator's own records lie: serial numbers, names, open tickets.
    pub fn administration(&self) -> PathBuf {
        self.0.join("administration.db")
    }

    /// The path itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// Makes the folder around new keys. A folder that holds keys is never overwritten.
    pub fn create(&self, ring: &KeyRing, passphrase: &str) -> Result<(), FolderError> {
        if self.keys().exists() {
            return Err(FolderError::Exists);
        }
        self.make()?;
        seal(ring, passphrase, &self.keys())
    }

    /// Makes the folder itself, for its owner alone, where there is none.
    pub fn make(&self) -> std::io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0)
    }

    /// Opens the keys.
    pub fn unlock(&self, passphrase: &str) -> Result<KeyRing, FolderError> {
        let bytes = fs::read(self.keys()).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => FolderError::Missing,
            _ => FolderError::Disk(error),
        })?;
        let ring: SealedRing = codec::from_bytes(&bytes, FILE).map_err(|_| FolderError::Passphrase)?;
        if ring.memory_kib > 16 * MEMORY_KIB || ring.passes > 16 * PASSES {
            return Err(FolderError::Passphrase);
        }
        let key = derive(passphrase, &ring.salt, ring.memory_kib, ring.passes)?;
        let cipher = Aes256Gcm::new_from_slice(&key[..]).map_err(|_| FolderError::Key)?;
        let plain = cipher
            .decrypt(Nonce::from_slice(&ring.nonce), Payload { msg: &ring.sealed, aad: AAD })
            .map_err(|_| FolderError::Passphrase)?;
        let plain = Zeroizing::new(plain);
        codec::from_bytes(&plain, FILE).map_err(|_| FolderError::Passphrase)
    }

    /// Destroys keys and data. What the keys sealed is noise from then on.
    pub fn destroy(&self) -> Result<(), FolderError> {
        let len = fs::metadata(self.keys()).map_or(0, |metadata| metadata.len());
        let mut file = fs::OpenOptions::new().write(true).open(self.keys())?;
        file.write_all(&vec![0; usize::try_from(len).unwrap_or(0)])?;
        file.sync_all()?;
        fs::remove_dir_all(&self.0)?;
        Ok(())
    }
}

/// Writes keys under a passphrase into a file that must not exist.
fn seal(ring: &KeyRing, passphrase: &str, path: &Path) -> Result<(), FolderError> {
    let mut salt = [0; 16];
    let mut nonce = [0; 12];
    getrandom::fill(&mut salt).map_err(|_| FolderError::Key)?;
    getrandom::fill(&mut nonce).map_err(|_| FolderError::Key)?;
    let key = derive(passphrase, &salt, MEMORY_KIB, PASSES)?;
    let plain = Zeroizing::new(codec::to_bytes(ring));
    let cipher = Aes256Gcm::new_from_slice(&key[..]).map_err(|_| FolderError::Key)?;
    let sealed = cipher
        .encrypt(Nonce::from_slice(&nonce), Payload { msg: &plain, aad: AAD })
        .map_err(|_| FolderError::Key)?;
    let ring = SealedRing { salt, memory_kib: MEMORY_KIB, passes: PASSES, nonce, sealed };
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&codec::to_bytes(&ring))?;
    file.sync_all()?;
    Ok(())
}

fn derive(
    passphrase: &str,
    salt: &[u8; 16],
    memory_kib: u32,
    passes: u32,
) -> Result<Zeroizing<[u8; 32]>, FolderError> {
    let parameters =
        argon2::Params::new(memory_kib, passes, 1, Some(32)).map_err(|_| FolderError::Passphrase)?;
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters);
    let mut key = Zeroizing::new([0; 32]);
    argon2.hash_password_into(passphrase.as_bytes(), salt, &mut key[..]).map_err(|_| FolderError::Key)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_with_their_passphrase_and_with_no_other() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::at(parent.path().join("amine"));
        let ring = KeyRing::generate(Some([7; 32])).unwrap();
        folder.create(&ring, "quatre mots au hasard").unwrap();
        let opened = folder.unlock("quatre mots au hasard").unwrap();
        assert_eq!(opened.es256, ring.es256);
        assert_eq!(opened.database, ring.database);
        assert_eq!(opened.organisation_key().unwrap().to_bytes(), [7; 32]);
        assert!(matches!(folder.unlock("cinq mots au hasard"), Err(FolderError::Passphrase)));
        assert!(matches!(folder.create(&ring, "autre"), Err(FolderError::Exists)));
    }

    #[test]
    fn the_folder_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::at(parent.path().join("chloe"));
        folder.create(&KeyRing::generate(None).unwrap(), "phrase").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(folder.path()), mode(&folder.keys())), (0o700, 0o600));
    }

    #[test]
    fn a_destroyed_folder_opens_no_more() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::at(parent.path().join("paul"));
        folder.create(&KeyRing::generate(None).unwrap(), "phrase").unwrap();
        folder.destroy().unwrap();
        assert!(matches!(folder.unlock("phrase"), Err(FolderError::Missing)));
    }
}
