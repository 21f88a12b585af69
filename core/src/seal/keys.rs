//! From an epoch's secret to the key of one sealing.
//!
//! R_e → thread key → (key, nonce): HKDF-SHA-256 twice. The labels below are part of the stored
//! format: a changed one makes everything unreadable.

use std::fmt;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use estafette_protocol::ThreadId;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes that AES-GCM adds.
pub(super) const TAG: usize = 16;

const THREAD_LABEL: &[u8] = b"estafette thread v1";

/// What is sealed; an entry and a slot never share a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Entry,
    Slot,
}

const COMMON_LABEL: &[u8] = b"estafette common v1";

/// The key and nonce of an announcement's common ciphertext, of which `key` seals one only.
pub(super) fn common_cipher(key: &[u8; 32], version: &[u8]) -> Cipher {
    let mut output = Zeroizing::new([0; 44]);
    expand(COMMON_LABEL, key, &[version], &mut *output);
    Cipher(output)
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Entry => b"estafette entry v1",
            Self::Slot => b"estafette slot v1",
        }
    }
}

/// R_e, the 32 bytes that a roster's MLS group exports in one epoch. Wiped when dropped.
#[derive(Clone)]
pub struct EpochSecret(Zeroizing<[u8; 32]>);

impl EpochSecret {
    /// Takes the exported bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for the encrypted database and for history bundles.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key and nonce of one sealing. `info` must hold a salt that was never used before
    /// under this secret.
    pub(super) fn cipher(&self, thread: ThreadId, purpose: Purpose, info: &[&[u8]]) -> Cipher {
        let mut thread_key = Zeroizing::new([0; 32]);
        expand(THREAD_LABEL, &*self.0, &[&thread.0], &mut *thread_key);
        let mut output = Zeroizing::new([0; 44]);
        expand(purpose.label(), &*thread_key, info, &mut *output);
        Cipher(output)
    }
}

impl fmt::Debug for EpochSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EpochSecret(…)")
    }
}

#[expect(clippy::expect_used, reason = "a key of zeros would be worse; 44 bytes are within HKDF's 8,160")]
fn expand(label: &[u8], secret: &[u8], info: &[&[u8]], output: &mut [u8]) {
    Hkdf::<Sha256>::new(Some(label), secret)
        .expand_multi_info(info, output)
        .expect("a length within HKDF's range");
}

/// AES-256-GCM with the key and nonce of one sealing.
pub(super) struct Cipher(Zeroizing<[u8; 44]>);

/// The bytes were not sealed under this key for this place, or were altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAuthentic;

impl Cipher {
    /// `None` for more bytes than AES-GCM takes (64 GiB).
    pub(super) fn seal(&self, plain: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
        let (aes, nonce) = self.parts();
        aes.encrypt(nonce, Payload { msg: plain, aad }).ok()
    }

    pub(super) fn open(&self, sealed: &[u8], aad: &[u8]) -> Result<Vec<u8>, NotAuthentic> {
        let (aes, nonce) = self.parts();
        aes.decrypt(nonce, Payload { msg: sealed, aad }).map_err(|_| NotAuthentic)
    }

    fn parts(&self) -> (Aes256Gcm, &Nonce<aes_gcm::aead::consts::U12>) {
        let (key, nonce) = self.0.split_at(32);
        (Aes256Gcm::new(key.into()), nonce.into())
    }
}
