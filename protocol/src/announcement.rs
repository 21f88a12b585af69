//! Official announcements (« consignes ») and their receipts, as far as the relay sees them.
//!
//! An announcement is sealed once, under a random key of its own: the *common ciphertext*. Each
//! team's `diffusion` roster gets a small entry that holds that key, so that a thousand people
//! cost one ciphertext and fifty entries. A receipt says « Lu et compris » for a person: signed,
//! not sealed, without content. It names the common ciphertext by its hash, which stays the same
//! however often the entries around it are sealed anew.
//!
//! Not here: who may announce ([`crate::registry::Registry::may_announce`]), and sealing.

use std::time::Duration;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::sign::{self, BadSignature, Domain};
use crate::{
    DeviceId, Ed25519Public, EntryUid, Hash, OrganisationId, Signature, ThreadId, Timestamp, codec, limits,
};

/// How long before the time that is wanted the relay reminds who has not acknowledged.
const REMINDER: Duration = Duration::from_secs(30 * 60);

/// What the header of an announcement's entry says in clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Announced {
    /// The version's name: drawn at random, the same in all teams. The item's own for the first.
    #[n(0)]
    pub version: EntryUid,
    /// SHA-256 of the common ciphertext.
    #[n(1)]
    pub common: Hash,
    /// The version in whose place this one comes; nothing for the first.
    #[n(2)]
    pub corrects: Option<EntryUid>,
}

/// A common ciphertext. The relay keeps it as long as an entry that names it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Common(#[n(0)] pub ByteVec);

impl Common {
    /// The hash by which headers and receipts name it.
    pub fn hash(&self) -> Hash {
        Hash::of(&[&self.0])
    }
}

/// Where answers to an announcement go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Replies {
    /// To its issuer alone.
    #[n(0)]
    Issuer,
    /// To all, in the team's own conversation.
    #[n(1)]
    Open,
}

/// What a common ciphertext holds.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Announcement {
    /// 1 to [`limits::MESSAGE_CHARACTERS`] characters.
    #[n(0)]
    pub text: String,
    /// Where answers go.
    #[n(1)]
    pub replies: Replies,
}

impl Announcement {
    /// Reads what was opened, size first.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, codec::CodecError> {
        codec::from_bytes(bytes, limits::OPERATION)
    }
}

/// When the relay reminds: half an hour before `due`, or half-way where there is less than an hour.
pub fn remind_at(received_at: Timestamp, due: Timestamp) -> Timestamp {
    let reminder = u64::try_from(REMINDER.as_millis()).unwrap_or(u64::MAX);
    let room = due.0.saturating_sub(received_at.0);
    Timestamp(due.0.saturating_sub(reminder.min(room / 2)))
}

/// « Lu et compris »: one person's word for one version. The first valid one of any of the
/// person's devices counts.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Receipt {
    /// A thread in which the version reached this device.
    #[n(0)]
    pub thread: ThreadId,
    /// The version.
    #[n(1)]
    pub version: EntryUid,
    /// The hash of its common ciphertext.
    #[n(2)]
    pub common: Hash,
    /// Whose.
    #[n(3)]
    pub device: DeviceId,
    /// When, by that device's idea of the relay's clock; never outside working hours.
    #[n(4)]
    pub at: Timestamp,
    /// By that device's Ed25519 key.
    #[n(5)]
    pub signature: Signature,
}

impl Receipt {
    /// Fills in the signature.
    pub fn sign(mut self, organisation: OrganisationId, key: &ed25519_dalek::SigningKey) -> Self {
        self.signature = Signature(sign::ed25519(key, Domain::Receipt, &[&self.message(organisation)]));
        self
    }

    /// Checks the signature. Whose device it is, is for the caller to know.
    pub fn verify(&self, organisation: OrganisationId, key: &Ed25519Public) -> Result<(), BadSignature> {
        sign::verify_ed25519(&key.0, Domain::Receipt, &[&self.message(organisation)], &self.signature.0)
    }

    fn message(&self, organisation: OrganisationId) -> Vec<u8> {
        codec::to_bytes(&(organisation, self.thread, self.version, self.common, self.device, self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_goes_half_an_hour_before_or_half_way() {
        let minute = 60_000;
        let at = |received: u64, due: u64| remind_at(Timestamp(received * minute), Timestamp(due * minute)).0;
        assert_eq!(at(2, 120), 90 * minute);
        assert_eq!(at(0, 60), 30 * minute);
        assert_eq!(at(0, 20), 10 * minute);
        assert_eq!(at(30, 20), 20 * minute, "none is left where the time has passed");
    }

    #[test]
    fn a_receipt_holds_for_its_device_version_and_organisation_only() {
        let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        let public = Ed25519Public(key.verifying_key().to_bytes());
        let organisation = OrganisationId([1; OrganisationId::LEN]);
        let receipt = Receipt {
            thread: ThreadId([2; ThreadId::LEN]),
            version: EntryUid([3; EntryUid::LEN]),
            common: Hash([4; 32]),
            device: DeviceId([5; DeviceId::LEN]),
            at: Timestamp(6),
            signature: Signature([0; Signature::LEN]),
        };
        let signed = receipt.sign(organisation, &key);
        assert_eq!(signed.verify(organisation, &public), Ok(()));
        assert_eq!(signed.verify(OrganisationId([9; OrganisationId::LEN]), &public), Err(BadSignature));
        for altered in [
            Receipt { version: EntryUid([9; EntryUid::LEN]), ..signed.clone() },
            Receipt { common: Hash([9; 32]), ..signed.clone() },
            Receipt { device: DeviceId([9; DeviceId::LEN]), ..signed.clone() },
            Receipt { at: Timestamp(9), ..signed.clone() },
        ] {
            assert_eq!(altered.verify(organisation, &public), Err(BadSignature));
        }
    }
}
