//! Key packages: what a device leaves at the relay so that others can add it while it is away.

use estafette_protocol::{Hash, limits};
use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::{KeyPackage, KeyPackageIn, KeyPackageRef, ProtocolVersion};
use openmls_traits::OpenMlsProvider as _;

use super::context::{capabilities, capable, lifetime};
use super::crypto::Crypto;
use super::provider::{Identity, Member, Provider, Savepoint};
use super::{Addition, MlsError, SUITE, library};

/// Why a key package is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyPackageError {
    /// Refused before a byte was read.
    #[error("too large")]
    TooLarge,
    /// Not a key package.
    #[error("malformed")]
    Malformed,
    /// Its signatures do not fit, or it contradicts itself.
    #[error("invalid")]
    Invalid,
    /// Of another suite, with an end, or of a device that cannot be in our groups.
    #[error("unsuitable")]
    Unsuitable,
    /// Of another device, or under another key than the device's certificate has.
    #[error("of another device")]
    Foreign,
}

/// Makes a key package and keeps its secrets. A last resort may be used again and again.
pub fn new_key_package(
    provider: &Provider<'_>,
    identity: &Identity<'_>,
    last_resort: bool,
) -> Result<Vec<u8>, MlsError> {
    let savepoint = Savepoint::open(provider)?;
    let builder =
        KeyPackage::builder().key_package_lifetime(lifetime()).leaf_node_capabilities(capabilities());
    let builder = if last_resort { builder.mark_as_last_resort() } else { builder };
    let bundle = builder.build(SUITE, provider, identity, identity.credential()).map_err(library)?;
    let bytes = bundle.key_package().tls_serialize_detached().map_err(library)?;
    savepoint.keep()?;
    Ok(bytes)
}

/// The name by which the relay keeps a key package.
pub fn key_package_hash(package: &[u8]) -> Hash {
    Hash::of(&[package])
}

/// Checks that a key package can add this member to our groups.
pub fn check_key_package(crypto: &Crypto, package: &[u8], member: &Member) -> Result<(), KeyPackageError> {
    read(crypto, package, member).map(|_| ())
}

fn read(crypto: &Crypto, package: &[u8], member: &Member) -> Result<KeyPackage, KeyPackageError> {
    if package.len() > limits::KEY_PACKAGE {
        return Err(KeyPackageError::TooLarge);
    }
    let package: KeyPackageIn =
        super::read(package, limits::KEY_PACKAGE).ok_or(KeyPackageError::Malformed)?;
    let claimed = package.unverified_credential();
    if Member::read(&claimed.credential, claimed.signature_key.as_slice()) != Some(*member) {
        return Err(KeyPackageError::Foreign);
    }
    let package = package.validate(crypto, ProtocolVersion::Mls10).map_err(|_| KeyPackageError::Invalid)?;
    let suitable = package.ciphersuite() == SUITE
        && *package.life_time() == lifetime()
        && capable(package.leaf_node().capabilities());
    if suitable { Ok(package) } else { Err(KeyPackageError::Unsuitable) }
}

/// A key package that is about to be used.
pub(super) struct Used {
    pub(super) member: Member,
    pub(super) package: KeyPackage,
    /// The name by which the welcome calls it.
    pub(super) reference: KeyPackageRef,
    pub(super) hash: Hash,
}

pub(super) fn use_packages(provider: &Provider<'_>, additions: &[Addition]) -> Result<Vec<Used>, MlsError> {
    let crypto = provider.crypto();
    let used = additions.iter().map(|Addition { member, package: bytes }| {
        let package = read(crypto, bytes, member)
            .map_err(|reason| MlsError::KeyPackage { device: member.device, reason })?;
        let reference = package.hash_ref(crypto).map_err(library)?;
        Ok(Used { member: *member, package, reference, hash: key_package_hash(bytes) })
    });
    used.collect()
}
