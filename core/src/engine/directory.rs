//! Names: the sealed directory, opened with the key that an administrator sealed to this device.

use estafette_protocol::FaultCode;
use estafette_protocol::frame::Directory;
use minicbor::bytes::ByteArray;
use x25519_dalek::StaticSecret;

use super::Change;
use super::turn::Turn;
use crate::directory::{self, DirectoryKey, Names};
use crate::store::values::{self, Value};
use crate::store::{StoreError, names};

impl Turn<'_> {
    /// Takes a newer edition of the directory; an older one changes nothing.
    pub fn take_directory(&mut self, directory: &Directory) -> Result<(), StoreError> {
        let known: u64 = values::get(self.tx, Value::DirectoryVersion)?.unwrap_or(0);
        if directory.version <= known {
            return Ok(());
        }
        match self.open_directory(directory)? {
            Some(names) => {
                values::put(self.tx, Value::DirectoryVersion, &directory.version)?;
                names::replace(self.tx, &names)?;
                self.changed.insert(Change::Device);
                Ok(())
            }
            None => self.note_fault(FaultCode::EntryRejected, None),
        }
    }

    fn open_directory(&mut self, directory: &Directory) -> Result<Option<Names>, StoreError> {
        let registry = &self.memory.registry;
        let Some(author) = registry.device(directory.author) else { return Ok(None) };
        if !registry.is_administrator(directory.author) {
            return Ok(None);
        }
        let identity = &self.memory.identity;
        let secret = StaticSecret::from(identity.x25519);
        let sealed_here = directory.keys.iter().any(|(device, _)| *device == identity.device);
        let key = match sealed_here {
            true => DirectoryKey::open(identity.device, &secret, directory).ok(),
            false => match self.recovered_key(directory)? {
                Some(key) => Some(key),
                None => self.kept_secret(Value::DirectoryKey)?.map(DirectoryKey::new),
            },
        };
        let Some(key) = key else { return Ok(None) };
        let names = directory::open(directory, &author.certificate.ed25519, &key).ok();
        if names.is_some() {
            values::put(self.tx, Value::DirectoryKey, &ByteArray::from(*key.as_bytes()))?;
            if sealed_here {
                values::forget(self.tx, Value::Recovery)?;
            }
        }
        Ok(names)
    }

    /// The key as it was sealed to the organisation's, on a computer that came back from the recovery sheet.
    fn recovered_key(&self, directory: &Directory) -> Result<Option<DirectoryKey>, StoreError> {
        let organisation = &self.memory.identity.organisation_key;
        let secret = self.kept_secret(Value::Recovery)?.map(StaticSecret::from);
        Ok(secret.and_then(|secret| DirectoryKey::recover(organisation, &secret, directory).ok()))
    }

    fn kept_secret(&self, value: Value) -> Result<Option<[u8; 32]>, StoreError> {
        Ok(values::get::<ByteArray<32>>(self.tx, value)?.map(Into::into))
    }
}
