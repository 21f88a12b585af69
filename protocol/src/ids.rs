//! Identifiers as newtypes: none of them can be passed where another is meant.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use sha2::{Digest, Sha256};

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} hexadecimal digits")]
pub struct BadId {
    /// How many digits this kind of identifier has.
    pub expected: usize,
}

macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Its length in bytes.
            pub const LEN: usize = $len;

            /// The raw bytes.
            pub fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Reads exactly [`Self::LEN`] bytes.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}(", stringify!($name))?;
                self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
                write!(f, "…)")
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                let bad = BadId { expected: 2 * $len };
                if text.len() != 2 * $len || !text.is_ascii() {
                    return Err(bad);
                }
                let mut bytes = [0u8; $len];
                for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
                    let pair = std::str::from_utf8(pair).map_err(|_| bad.clone())?;
                    *byte = u8::from_str_radix(pair, 16).map_err(|_| bad.clone())?;
                }
                Ok(Self(bytes))
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: encode::Write>(
                &self,
                e: &mut Encoder<W>,
                _: &mut C,
            ) -> Result<(), encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
                let at = d.position();
                d.bytes()?.try_into().map(Self).map_err(|_| {
                    decode::Error::message(concat!("wrong length of ", stringify!($name))).at(at)
                })
            }
        }
    };
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] pub $inner);

        impl $name {
            /// The number after this one; stays at the largest.
            pub fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

byte_id!(
    /// An organisation: the first 16 bytes of the SHA-256 of its public key, so nobody can found it twice.
    OrganisationId, 16);
byte_id!(
    /// One inventoried phone or computer of one agent, drawn at random by itself when it enrols.
    DeviceId, 16);
byte_id!(
    /// An entry of the inventory.
    InventoryId, 16);
byte_id!(
    /// One ticket's enrolment.
    EnrolmentId, 16);
byte_id!(
    /// A roster: the unit of membership, class, history policy and retention.
    RosterId, 32);
byte_id!(
    /// A thread: an ordered log on a roster. A roster's first thread has the roster's bytes.
    ThreadId, 32);
byte_id!(
    /// One entry, drawn at random by its author when it is composed.
    EntryUid, 16);
byte_id!(
    /// Fresh at every sealing: two sealings of one operation never share a key and nonce.
    Salt, 8);
byte_id!(
    /// A relay's log between two restores; drawn anew by `restore`.
    LogGeneration, 8);
byte_id!(
    /// A SHA-256 value.
    Hash, 32);

byte_id!(
    /// A P-256 public key, compressed (SEC 1): the one that hardware keeps.
    Es256Public, 33);
byte_id!(
    /// An Ed25519 public key (RFC 8032).
    Ed25519Public, 32);
byte_id!(
    /// An X25519 public key (RFC 7748): all that is sealed to one device is sealed to it.
    X25519Public, 32);
byte_id!(
    /// An Ed25519 or ES256 signature.
    Signature, 64);

number_id!(
    /// An agent, as the relay knows them.
    AgentNumber, u32);
number_id!(
    /// A team of the organisation.
    TeamNumber, u32);
number_id!(
    /// An entry's number in its thread: from 1, without holes.
    Position, u64);
number_id!(
    /// A statement's number in the organisation's chain, from 0.
    StatementNumber, u64);
number_id!(
    /// An MLS epoch of a roster generation.
    Epoch, u64);
number_id!(
    /// How often a roster was founded anew.
    RosterGeneration, u32);
number_id!(
    /// Grows when a device is revoked; a session made under an older one is closed.
    AuthEpoch, u32);

impl Hash {
    /// The SHA-256 of the parts, one after the other.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        parts.iter().for_each(|part| digest.update(part));
        Self(digest.finalize().into())
    }

    /// The first eight bytes, by which entries name a place in a chain.
    pub fn short(&self) -> [u8; 8] {
        let mut short = [0; 8];
        short.copy_from_slice(&self.0[..8]);
        short
    }
}

impl OrganisationId {
    /// The identifier that belongs to a public key, and to no other.
    pub fn of_key(organisation_key: &[u8; 32]) -> Self {
        let hash = Hash::of(&[b"estafette organisation v1\0", organisation_key]);
        let mut id = [0; 16];
        id.copy_from_slice(&hash.0[..16]);
        Self(id)
    }
}

impl RosterId {
    /// The roster's first thread, which every roster has.
    pub fn first_thread(self) -> ThreadId {
        ThreadId(self.0)
    }

    /// The MLS group of one generation of this roster.
    pub fn group(self, generation: RosterGeneration) -> Vec<u8> {
        [&self.0[..], &generation.0.to_be_bytes()].concat()
    }

    /// Reads back what [`RosterId::group`] wrote.
    pub fn of_group(group: &[u8]) -> Option<(Self, RosterGeneration)> {
        let (roster, generation) = group.split_at_checked(32)?;
        let generation = u32::from_be_bytes(generation.try_into().ok()?);
        Some((Self::from_slice(roster)?, RosterGeneration(generation)))
    }
}

impl ThreadId {
    /// The roster of which this is the first thread.
    pub fn roster(self) -> RosterId {
        RosterId(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_name_gives_back_its_roster_and_generation() {
        let roster = RosterId([7; 32]);
        let group = roster.group(RosterGeneration(3));
        assert_eq!(RosterId::of_group(&group), Some((roster, RosterGeneration(3))));
        assert_eq!(RosterId::of_group(&group[..35]), None);
    }

    #[test]
    fn hexadecimal_text_reads_back_and_bad_text_is_refused() {
        let id = DeviceId([0xab; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("xyz".parse::<DeviceId>(), Err(BadId { expected: 32 }));
        assert_eq!("é".repeat(16).parse::<DeviceId>(), Err(BadId { expected: 32 }));
    }
}
