//! The hash chain of a thread: what the relay cannot reorder, drop or change unseen.

use minicbor::{Decode, Encode};

use crate::alias::ThreadRef;
use crate::sign::{self, BadSignature, Domain};
use crate::{Hash, LogGeneration, OrganisationId, Position, Signature, StatementNumber, ThreadId, Timestamp};

/// The chain before the first entry: h₀ = SHA-256(thread id).
pub fn start(thread: ThreadId) -> Hash {
    Hash::of(&[&thread.0])
}

/// The relay's part of an entry: where it stands, and what held when it was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Placement {
    /// Its number in the thread.
    #[n(0)]
    pub position: Position,
    /// When the relay had it durably; milliseconds, relay's clock.
    #[n(1)]
    pub received_at: Timestamp,
    /// The last statement that the relay held then; never decreases in a thread.
    #[n(2)]
    pub statement: StatementNumber,
}

/// hₙ = SHA-256(hₙ₋₁ ‖ SHA-256(entry) ‖ position ‖ received_at ‖ s), numbers as 8 bytes, big-endian.
pub fn next(previous: Hash, entry: Hash, placement: Placement) -> Hash {
    Hash::of(&[
        &previous.0,
        &entry.0,
        &placement.position.0.to_be_bytes(),
        &placement.received_at.0.to_be_bytes(),
        &placement.statement.0.to_be_bytes(),
    ])
}

/// The relay's word for a thread's chain at one position. The hash itself is not sent: who
/// holds the entries computes it, and who computes another one sees that the signature fails.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ThreadHead {
    /// The thread.
    #[n(0)]
    pub thread: ThreadRef,
    /// The position of its last entry, 0 when it has none.
    #[n(1)]
    pub position: Position,
    /// Over organisation, log generation, thread, position and hash, by the relay's key.
    #[n(2)]
    pub signature: Signature,
}

/// What a head's signature covers.
#[derive(Debug, Clone, Copy)]
pub struct HeadClaim {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The relay's log.
    pub generation: LogGeneration,
    /// The thread.
    pub thread: ThreadId,
    /// Its last position.
    pub position: Position,
    /// The chain there.
    pub hash: Hash,
}

impl HeadClaim {
    fn position_bytes(&self) -> [u8; 8] {
        self.position.0.to_be_bytes()
    }

    /// Signs the head with the relay's key.
    pub fn sign(&self, relay_key: &ed25519_dalek::SigningKey) -> Signature {
        let position = self.position_bytes();
        Signature(sign::ed25519(relay_key, Domain::ThreadHead, &self.parts(&position)))
    }

    /// Checks the relay's signature.
    pub fn verify(
        &self,
        relay_key: &crate::Ed25519Public,
        signature: &Signature,
    ) -> Result<(), BadSignature> {
        let position = self.position_bytes();
        sign::verify_ed25519(&relay_key.0, Domain::ThreadHead, &self.parts(&position), &signature.0)
    }

    fn parts<'a>(&'a self, position: &'a [u8; 8]) -> [&'a [u8]; 5] {
        [&self.organisation.0, &self.generation.0, &self.thread.0, position, &self.hash.0]
    }
}
