//! An entry, sealed and opened.
//!
//! Sealed bytes = AES-256-GCM(padded payload ‖ signature), with the header's CBOR as
//! authenticated data and (key, nonce) = HKDF(thread key, uid ‖ salt ‖ header). The author's
//! Ed25519 signature covers header ‖ padded payload: keys are the group's, authorship rests on
//! the signature alone.

use estafette_protocol::entry::{Header, Payload, SealedEntry, VERSION};
use estafette_protocol::sign::{self, BadSignature, Domain};
use estafette_protocol::{DeviceId, Ed25519Public, Signature, StatementNumber, codec, limits};

use super::keys::{Cipher, EpochSecret, Purpose, TAG};
use super::padding::{self, BLOCK};

/// Why an entry was not sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The payload is larger than [`limits::OPERATION`].
    #[error("a payload of {len} bytes")]
    TooLarge {
        /// Its bytes.
        len: usize,
    },
    /// Not the version that this program writes.
    #[error("version {0} cannot be written")]
    UnknownVersion(u8),
}

/// Why an entry was not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A newer program wrote it; it may be opened after an update.
    #[error("version {0} is not known")]
    UnknownVersion(u8),
    /// No entry has this size.
    #[error("{len} bytes are no sealed entry")]
    Size {
        /// Its bytes, header included.
        len: usize,
    },
    /// Not sealed under this epoch's secret with this header, or altered since.
    #[error("the seal does not hold")]
    Seal,
    /// The seal holds and the content is not a payload: a member's program is at fault.
    #[error("the content is not a payload")]
    Content,
}

/// Seals a payload under an epoch's secret. `header.salt` must be fresh.
pub fn seal(
    secret: &EpochSecret,
    header: Header,
    payload: &Payload,
    signing_key: &ed25519_dalek::SigningKey,
) -> Result<SealedEntry, SealError> {
    if header.version != VERSION {
        return Err(SealError::UnknownVersion(header.version));
    }
    let content = codec::to_bytes(payload);
    let too_large = SealError::TooLarge { len: content.len() };
    if content.len() > limits::OPERATION {
        return Err(too_large);
    }
    let header_bytes = codec::to_bytes(&header);
    let mut plain = padding::pack(&content);
    let signature = sign::ed25519(signing_key, Domain::Entry, &[&header_bytes, &plain]);
    plain.extend_from_slice(&signature);
    let sealed = cipher(secret, &header, &header_bytes).seal(&plain, &header_bytes).ok_or(too_large)?;
    Ok(SealedEntry { header, sealed })
}

/// Opens an entry. Its author is known afterwards, and not yet proved: see [`Opened::verify`].
pub fn open(secret: &EpochSecret, entry: &SealedEntry) -> Result<Opened, OpenError> {
    if entry.header.version != VERSION {
        return Err(OpenError::UnknownVersion(entry.header.version));
    }
    let header = codec::to_bytes(&entry.header);
    let len = header.len() + entry.sealed.len();
    let padded = entry.sealed.len().checked_sub(Signature::LEN + TAG).filter(|padded| *padded > 0);
    if len > limits::ENTRY || !padded.is_some_and(|padded| padded.is_multiple_of(BLOCK)) {
        return Err(OpenError::Size { len });
    }
    let mut padded =
        cipher(secret, &entry.header, &header).open(&entry.sealed, &header).map_err(|_| OpenError::Seal)?;
    let signature = padded.split_off(padded.len() - Signature::LEN);
    let signature = Signature::from_slice(&signature).ok_or(OpenError::Content)?;
    let content = padding::unpack(&padded).map_err(|_| OpenError::Content)?;
    let payload = codec::from_bytes(&content, limits::OPERATION).map_err(|_| OpenError::Content)?;
    Ok(Opened { payload, header, padded, signature })
}

fn cipher(secret: &EpochSecret, header: &Header, header_bytes: &[u8]) -> Cipher {
    secret.cipher(header.thread, Purpose::Entry, &[&header.uid.0, &header.salt.0, header_bytes])
}

/// An entry whose seal held: some member wrote it. Which one is proved by [`Opened::verify`];
/// before that only what is needed to find the author's key can be read.
#[derive(Debug, Clone)]
pub struct Opened {
    payload: Payload,
    header: Vec<u8>,
    padded: Vec<u8>,
    signature: Signature,
}

impl Opened {
    /// The device that claims to be the author.
    pub fn author(&self) -> DeviceId {
        self.payload.author
    }

    /// The last statement that the author claims to have seen.
    pub fn statement(&self) -> StatementNumber {
        self.payload.statement
    }

    /// Checks the author's signature and hands out what was said.
    pub fn verify(self, author: &Ed25519Public) -> Result<Payload, BadSignature> {
        sign::verify_ed25519(&author.0, Domain::Entry, &[&self.header, &self.padded], &self.signature.0)?;
        Ok(self.payload)
    }
}

#[cfg(test)]
mod tests;
