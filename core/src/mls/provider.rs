//! What openmls works with during one transaction, and who works with it.

use ed25519_dalek::{Signer as _, SigningKey};
use estafette_protocol::{DeviceId, Ed25519Public};
use openmls::prelude::{
    BasicCredential, Credential, CredentialType, CredentialWithKey, LeafNode, SignatureScheme,
};
use openmls_traits::OpenMlsProvider;
use openmls_traits::signatures::{Signer, SignerError};
use rusqlite::Connection;

use super::crypto::Crypto;
use super::storage::{Scope, Storage};

/// Storage and cryptography for the length of one transaction.
#[derive(Debug, Clone, Copy)]
pub struct Provider<'tx> {
    storage: Storage<'tx>,
    crypto: &'tx Crypto,
}

impl<'tx> Provider<'tx> {
    /// Works on the rows of `connection`, within its open transaction if there is one.
    pub fn new(connection: &'tx Connection, crypto: &'tx Crypto) -> Self {
        Self { storage: Storage::new(connection, Scope::Live), crypto }
    }

    pub(super) fn in_scope(&self, scope: Scope) -> Self {
        Self { storage: Storage::new(self.storage.connection(), scope), crypto: self.crypto }
    }
}

impl<'tx> OpenMlsProvider for Provider<'tx> {
    type CryptoProvider = Crypto;
    type RandProvider = Crypto;
    type StorageProvider = Storage<'tx>;

    fn storage(&self) -> &Storage<'tx> {
        &self.storage
    }

    fn crypto(&self) -> &Crypto {
        self.crypto
    }

    fn rand(&self) -> &Crypto {
        self.crypto
    }
}

/// Undoes what was written since it was opened, unless it is kept: a call that fails, parks or
/// refuses half-way leaves no row changed, though its caller's transaction goes on.
pub(super) struct Savepoint<'tx> {
    connection: &'tx Connection,
    kept: bool,
}

impl<'tx> Savepoint<'tx> {
    pub(super) fn open(provider: &Provider<'tx>) -> rusqlite::Result<Self> {
        let connection = provider.storage.connection();
        connection.execute_batch("SAVEPOINT mls")?;
        Ok(Self { connection, kept: false })
    }

    pub(super) fn keep(mut self) -> rusqlite::Result<()> {
        self.connection.execute_batch("RELEASE mls")?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        if !self.kept && self.connection.execute_batch("ROLLBACK TO mls; RELEASE mls").is_err() {
            // The transaction around it is then gone too, and with it what was written here.
            tracing::error!("a savepoint could not be rolled back");
        }
    }
}

/// Who acts: this device and its Ed25519 key, which is also its key in every leaf.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    /// This device.
    pub device: DeviceId,
    /// The key of its certificate.
    pub key: &'a SigningKey,
}

impl Identity<'_> {
    pub(super) fn credential(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: BasicCredential::new(self.device.0.to_vec()).into(),
            signature_key: self.key.verifying_key().to_bytes().to_vec().into(),
        }
    }

    /// The member that this device is.
    pub fn member(&self) -> Member {
        Member { device: self.device, key: Ed25519Public(self.key.verifying_key().to_bytes()) }
    }
}

impl Signer for Identity<'_> {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.key.try_sign(payload).map(|signature| signature.to_vec()).map_err(|_| SignerError::SigningError)
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// What a leaf claims: a device and its key. A certificate must say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The device: the leaf's basic credential.
    pub device: DeviceId,
    /// The leaf's signature key.
    pub key: Ed25519Public,
}

impl Member {
    /// `None` for a leaf that no device of ours makes.
    pub(super) fn read(credential: &Credential, key: &[u8]) -> Option<Self> {
        (credential.credential_type() == CredentialType::Basic).then_some(())?;
        Some(Self {
            device: DeviceId::from_slice(credential.serialized_content())?,
            key: Ed25519Public::from_slice(key)?,
        })
    }

    pub(super) fn of_leaf(leaf: &LeafNode) -> Option<Self> {
        Self::read(leaf.credential(), leaf.signature_key().as_slice())
    }
}
