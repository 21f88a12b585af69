//! Names: who the agents and teams are, for people; the relay knows numbers.
//!
//! The directory is sealed under a key of its own, which each device but a guest's receives
//! sealed to its X25519 key, and the organisation's key too; an administrator's device signs it. A new
//! key is drawn for each edition, so that a revoked device reads no later name.
//!
//! Always true: names are handed out only after the signature held. Whether that device is an
//! administrator's, and whether the edition is newer than the one at hand, the caller knows.

use std::collections::BTreeMap;
use std::fmt;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use ed25519_dalek::{SigningKey, VerifyingKey};
use estafette_protocol::frame::Directory;
use estafette_protocol::sign::{self, Domain};
use estafette_protocol::{
    AgentNumber, DeviceId, Ed25519Public, Signature, TeamNumber, X25519Public, codec, limits,
};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use rand_core::{CryptoRng, RngCore};
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

use crate::mls::hpke;

const KEY_PURPOSE: &[u8] = b"estafette directory key v1";
const RECOVERY_PURPOSE: &[u8] = b"estafette directory key for recovery v1";
const NONCE: usize = 12;
const TAG: usize = 16;

/// The names of an organisation. At most [`limits::DIRECTORY`] bytes when sealed, which is some
/// 40,000 agents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Names {
    /// The agents.
    #[n(0)]
    pub agents: BTreeMap<AgentNumber, AgentName>,
    /// The teams.
    #[n(1)]
    pub teams: BTreeMap<TeamNumber, String>,
}

/// How an agent is shown.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AgentName {
    /// As colleagues call them.
    #[n(0)]
    pub name: String,
    /// What they do, if the organisation says so.
    #[n(1)]
    pub function: Option<String>,
}

/// Why a directory was not sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// More than [`limits::DIRECTORY`] bytes, or too few to be one.
    #[error("{len} bytes are no directory")]
    Size {
        /// Its bytes, sealed.
        len: usize,
    },
    /// Not signed by that device, or altered since.
    #[error("the signature does not fit")]
    Signature,
    /// Sealed under another key. A revocation may have renewed it.
    #[error("not sealed under this key")]
    Key,
    /// Signed and sealed, and yet no names: the administrator's program is at fault.
    #[error("the content is not a directory")]
    Content,
    /// Nothing can be sealed to that device's key.
    #[error("not a usable public key")]
    Recipient,
}

/// The key that seals the directory. Wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct DirectoryKey(Zeroizing<[u8; 32]>);

impl DirectoryKey {
    /// A new key, for a new organisation or after a revocation.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *bytes);
        Self(bytes)
    }

    /// Takes a key back from the encrypted database.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for the encrypted database.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals the key to one device.
    pub fn seal_to(
        &self,
        device: DeviceId,
        key: &X25519Public,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<ByteVec, DirectoryError> {
        hpke::seal_to(key, KEY_PURPOSE, &device.0, &*self.0, rng)
            .map(ByteVec::from)
            .map_err(|_| DirectoryError::Recipient)
    }

    /// Opens what was sealed to this device, out of [`Directory::keys`].
    pub fn open(
        device: DeviceId,
        secret: &StaticSecret,
        directory: &Directory,
    ) -> Result<Self, DirectoryError> {
        let (_, sealed) = directory.keys.iter().find(|(to, _)| *to == device).ok_or(DirectoryError::Key)?;
        let bytes = hpke::open(secret, KEY_PURPOSE, &device.0, sealed).map_err(|_| DirectoryError::Key)?;
        let bytes = Zeroizing::new(bytes);
        bytes.as_slice().try_into().map(Self::new).map_err(|_| DirectoryError::Key)
    }

    /// Seals the key to the organisation's key, for whoever comes back from the recovery sheet.
    ///
    /// The Ed25519 key serves as an X25519 key here; that both uses of one key leave each other sound is proved in
    /// E. Thormarker, "On using the same key pair for Ed25519 and an X25519 based KEM" (IACR ePrint 2021/509).
    pub fn seal_for_recovery(
        &self,
        organisation: &Ed25519Public,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<ByteVec, DirectoryError> {
        let key = VerifyingKey::from_bytes(&organisation.0).map_err(|_| DirectoryError::Recipient)?;
        let key = X25519Public(key.to_montgomery().to_bytes());
        hpke::seal_to(&key, RECOVERY_PURPOSE, &organisation.0, &*self.0, rng)
            .map(ByteVec::from)
            .map_err(|_| DirectoryError::Recipient)
    }

    /// Opens what was sealed to the organisation's key, whose secret [`recovery_secret`] gives.
    pub fn recover(
        organisation: &Ed25519Public,
        secret: &StaticSecret,
        directory: &Directory,
    ) -> Result<Self, DirectoryError> {
        let sealed = directory.recovery.as_ref().ok_or(DirectoryError::Key)?;
        let bytes =
            hpke::open(secret, RECOVERY_PURPOSE, &organisation.0, sealed).map_err(|_| DirectoryError::Key)?;
        let bytes = Zeroizing::new(bytes);
        bytes.as_slice().try_into().map(Self::new).map_err(|_| DirectoryError::Key)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(self.0.as_slice().into())
    }
}

impl fmt::Debug for DirectoryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DirectoryKey(…)")
    }
}

/// The organisation's secret as X25519 takes it.
pub fn recovery_secret(organisation: &SigningKey) -> StaticSecret {
    StaticSecret::from(organisation.to_scalar_bytes())
}

/// A directory key, sealed to everybody who may have it.
#[derive(Debug, Clone, Default)]
pub struct SealedKeys {
    /// To each device, see [`DirectoryKey::seal_to`].
    pub devices: Vec<(DeviceId, ByteVec)>,
    /// To the organisation's key, see [`DirectoryKey::seal_for_recovery`].
    pub recovery: Option<ByteVec>,
}

/// Who publishes which edition.
#[derive(Debug)]
pub struct Edition<'a> {
    /// Higher than every edition before.
    pub version: u64,
    /// The administrator's device.
    pub author: DeviceId,
    /// Its Ed25519 key.
    pub signing_key: &'a SigningKey,
}

/// Seals and signs the names. One key seals so few editions that random nonces never meet.
pub fn seal(
    names: &Names,
    edition: &Edition<'_>,
    key: &DirectoryKey,
    keys: SealedKeys,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Directory, DirectoryError> {
    let version = edition.version.to_be_bytes();
    let plain = Zeroizing::new(codec::to_bytes(names));
    let len = NONCE + plain.len() + TAG;
    let too_large = DirectoryError::Size { len };
    if len > limits::DIRECTORY {
        return Err(too_large);
    }
    let mut sealed = vec![0; NONCE];
    rng.fill_bytes(&mut sealed);
    let payload = Payload { msg: &plain, aad: &version };
    let cipher = key.cipher().encrypt(Nonce::from_slice(&sealed), payload).map_err(|_| too_large)?;
    sealed.extend(cipher);
    let [version_part, sealed_part] = Directory::signed_parts(&version, &sealed);
    let signature = sign::ed25519(edition.signing_key, Domain::Directory, &[&version_part, &sealed_part]);
    Ok(Directory {
        version: edition.version,
        author: edition.author,
        sealed: sealed.into(),
        signature: Signature(signature),
        keys: keys.devices,
        recovery: keys.recovery,
    })
}

/// Checks the author's signature, then opens the names.
pub fn open(
    directory: &Directory,
    author: &Ed25519Public,
    key: &DirectoryKey,
) -> Result<Names, DirectoryError> {
    let sealed: &[u8] = &directory.sealed;
    let size = DirectoryError::Size { len: sealed.len() };
    if sealed.len() > limits::DIRECTORY {
        return Err(size);
    }
    let version = directory.version.to_be_bytes();
    let [version_part, sealed_part] = Directory::signed_parts(&version, sealed);
    sign::verify_ed25519(
        &author.0,
        Domain::Directory,
        &[&version_part, &sealed_part],
        &directory.signature.0,
    )
    .map_err(|_| DirectoryError::Signature)?;
    let (nonce, cipher) = sealed.split_at_checked(NONCE).ok_or(size)?;
    let payload = Payload { msg: cipher, aad: &version };
    let plain = key.cipher().decrypt(Nonce::from_slice(nonce), payload).map_err(|_| DirectoryError::Key)?;
    codec::from_bytes(&plain, limits::DIRECTORY).map_err(|_| DirectoryError::Content)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng as _;
    use x25519_dalek::PublicKey;

    use super::*;

    const AUTHOR: DeviceId = DeviceId([1; 16]);
    const CHLOE: DeviceId = DeviceId([2; 16]);

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(4)
    }

    fn signing_key() -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&[5; 32])
    }

    fn author_key() -> Ed25519Public {
        Ed25519Public(signing_key().verifying_key().to_bytes())
    }

    fn secret() -> StaticSecret {
        StaticSecret::from([6; 32])
    }

    fn names() -> Names {
        let agent = |name: &str, function: Option<&str>| AgentName {
            name: name.to_owned(),
            function: function.map(str::to_owned),
        };
        Names {
            agents: [
                (AgentNumber(1), agent("Amine K.", Some("voirie"))),
                (AgentNumber(2), agent("Chloé", None)),
            ]
            .into(),
            teams: [(TeamNumber(1), "Équipe de l'eau".to_owned())].into(),
        }
    }

    fn key() -> DirectoryKey {
        DirectoryKey::new([7; 32])
    }

    fn sealed(names: &Names) -> Result<Directory, DirectoryError> {
        let public = X25519Public(PublicKey::from(&secret()).to_bytes());
        let devices = vec![(CHLOE, key().seal_to(CHLOE, &public, &mut rng()).unwrap())];
        let keys = SealedKeys { devices, recovery: None };
        let edition = Edition { version: 3, author: AUTHOR, signing_key: &signing_key() };
        seal(names, &edition, &key(), keys, &mut rng())
    }

    #[test]
    fn a_device_reads_the_names_with_the_key_that_was_sealed_to_it() {
        let directory = sealed(&names()).unwrap();
        let received = DirectoryKey::open(CHLOE, &secret(), &directory).unwrap();
        assert_eq!(open(&directory, &author_key(), &received), Ok(names()));
        assert_eq!((directory.version, directory.author), (3, AUTHOR));
    }

    #[test]
    fn the_key_opens_for_no_other_device() {
        let directory = sealed(&names()).unwrap();
        assert_eq!(DirectoryKey::open(AUTHOR, &secret(), &directory), Err(DirectoryError::Key));
        let other = StaticSecret::from([9; 32]);
        assert_eq!(DirectoryKey::open(CHLOE, &other, &directory), Err(DirectoryError::Key));
        let moved = Directory { keys: vec![(AUTHOR, directory.keys[0].1.clone())], ..directory };
        assert_eq!(DirectoryKey::open(AUTHOR, &secret(), &moved), Err(DirectoryError::Key));
        let unusable = key().seal_to(CHLOE, &X25519Public([0; 32]), &mut rng());
        assert_eq!(unusable, Err(DirectoryError::Recipient));
    }

    #[test]
    fn the_organisations_key_opens_what_was_sealed_for_recovery_and_no_other_does() {
        let (ours, other) = (SigningKey::from_bytes(&[11; 32]), SigningKey::from_bytes(&[12; 32]));
        let public = |key: &SigningKey| Ed25519Public(key.verifying_key().to_bytes());
        let recovery = Some(key().seal_for_recovery(&public(&ours), &mut rng()).unwrap());
        let directory = Directory { recovery, ..sealed(&names()).unwrap() };
        assert_eq!(DirectoryKey::recover(&public(&ours), &recovery_secret(&ours), &directory), Ok(key()));
        for (named, secret) in [(&ours, &other), (&other, &ours), (&other, &other)] {
            let opened = DirectoryKey::recover(&public(named), &recovery_secret(secret), &directory);
            assert_eq!(opened, Err(DirectoryError::Key));
        }
        // Nor does the key of a device, were it the same bytes.
        let moved =
            Directory { keys: vec![(CHLOE, directory.recovery.clone().unwrap())], ..directory.clone() };
        assert_eq!(DirectoryKey::open(CHLOE, &recovery_secret(&ours), &moved), Err(DirectoryError::Key));
        let without = Directory { recovery: None, ..directory };
        let opened = DirectoryKey::recover(&public(&ours), &recovery_secret(&ours), &without);
        assert_eq!(opened, Err(DirectoryError::Key));
        // A point of small order, and bytes that are no point.
        for bytes in [[0; 32], [2; 32]] {
            let unusable = key().seal_for_recovery(&Ed25519Public(bytes), &mut rng());
            assert_eq!(unusable, Err(DirectoryError::Recipient), "{bytes:?}");
        }
    }

    #[test]
    fn a_renewed_key_shuts_the_old_one_out() {
        let renewed = DirectoryKey::generate(&mut rng());
        let edition = Edition { version: 4, author: AUTHOR, signing_key: &signing_key() };
        let directory = seal(&names(), &edition, &renewed, SealedKeys::default(), &mut rng()).unwrap();
        assert_eq!(open(&directory, &author_key(), &key()), Err(DirectoryError::Key));
        assert_eq!(open(&directory, &author_key(), &renewed), Ok(names()));
    }

    #[test]
    fn another_author_another_version_or_any_flipped_bit_is_refused() {
        let directory = sealed(&names()).unwrap();
        assert_eq!(open(&directory, &Ed25519Public([9; 32]), &key()), Err(DirectoryError::Signature));
        let later = Directory { version: 4, ..directory.clone() };
        assert_eq!(open(&later, &author_key(), &key()), Err(DirectoryError::Signature));
        for bit in 0..directory.sealed.len() * 8 {
            let mut altered = directory.clone();
            altered.sealed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&altered, &author_key(), &key()), Err(DirectoryError::Signature), "bit {bit}");
        }
    }

    #[test]
    fn no_name_stands_in_the_sealed_bytes() {
        let bytes = codec::to_bytes(&sealed(&names()).unwrap());
        for name in ["Amine", "Chlo", "voirie", "quipe"] {
            assert!(!bytes.windows(name.len()).any(|window| window == name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_directory_too_large_is_neither_sealed_nor_opened() {
        let name = AgentName { name: "n".repeat(limits::DIRECTORY), function: None };
        let names = Names { agents: [(AgentNumber(1), name)].into(), ..Names::default() };
        assert!(matches!(sealed(&names), Err(DirectoryError::Size { len }) if len > limits::DIRECTORY));
        let huge =
            Directory { sealed: vec![0; limits::DIRECTORY + 1].into(), ..sealed(&Names::default()).unwrap() };
        let refused = DirectoryError::Size { len: limits::DIRECTORY + 1 };
        assert_eq!(open(&huge, &author_key(), &key()), Err(refused));
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let directory = Directory { sealed: bytes.into(), ..sealed(&names()).unwrap() };
            prop_assert_eq!(open(&directory, &author_key(), &key()), Err(DirectoryError::Signature));
        }

        #[test]
        fn hostile_content_of_an_administrator_is_read_or_refused(plain in prop::collection::vec(any::<u8>(), 0..100)) {
            let version = 3u64.to_be_bytes();
            let nonce = [8; NONCE];
            let payload = Payload { msg: plain.as_slice(), aad: &version };
            let cipher = key().cipher().encrypt(Nonce::from_slice(&nonce), payload).unwrap();
            let sealed_bytes = [&nonce[..], &cipher].concat();
            let signature = sign::ed25519(&signing_key(), Domain::Directory, &[&version, &sealed_bytes]);
            let directory = Directory {
                sealed: sealed_bytes.into(),
                signature: Signature(signature),
                ..sealed(&names()).unwrap()
            };
            match open(&directory, &author_key(), &key()) {
                Ok(names) => prop_assert!(names.agents.len() + names.teams.len() <= 100),
                Err(error) => prop_assert_eq!(error, DirectoryError::Content),
            }
        }
    }
}
