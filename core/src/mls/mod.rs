//! The keys of rosters: MLS (RFC 9420) agrees on them, one secret per epoch; entries are
//! sealed elsewhere, under keys derived from these secrets.
//!
//! Always true: a group is loaded, used and dropped within one call, in the caller's
//! transaction; each call leaves all of its rows or none. openmls checks that a commit is well
//! formed, [`judge`] whether its author had the right: nothing is merged before both agree.
//! Randomness comes from the caller's seed. What a peer sends ends as an answer, such as
//! [`Processed::Refused`]; an error is this device's own trouble.
//!
//! openmls reads the clock where it cannot be told not to (lifetimes of leaves), so every
//! lifetime made or accepted here is unlimited.

mod context;
mod crypto;
mod external;
pub mod hpke;
pub mod judge;
mod key_package;
mod provider;
mod roster;
mod storage;
mod welcome;

use std::collections::BTreeMap;

use estafette_protocol::frame::CommitUpload;
use estafette_protocol::handshake::RosterName;
use estafette_protocol::{DeviceId, Ed25519Public, Epoch, Hash, StatementNumber};
use openmls::prelude::Ciphersuite;
use openmls::prelude::tls_codec::Deserialize;
use zeroize::Zeroize;

pub use context::{RosterContext, RosterGroup};
pub use crypto::Crypto;
pub use external::{discard_candidate, has_candidate, join_externally, promote};
pub use judge::{CommitFacts, GroupFacts, RefusalReason, Verdict};
pub use key_package::{KeyPackageError, check_key_package, key_package_hash, new_key_package};
pub use provider::{Identity, Member, Provider};
pub use roster::{abandon, commit, context, epoch, export, found, has_pending, members, process};
pub use storage::{Storage, StorageError};
pub use welcome::join;

const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

/// The secret of one epoch, from which the keys of a roster's threads are derived. Kept as long
/// as the roster's entries: openmls exports it while the epoch lasts and never again.
#[derive(Clone, PartialEq, Eq)]
pub struct EpochSecret(pub [u8; 32]);

impl std::fmt::Debug for EpochSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EpochSecret(…)")
    }
}

impl Drop for EpochSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A group in one of its epochs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochState {
    /// The epoch.
    pub epoch: Epoch,
    /// Its secret.
    pub secret: EpochSecret,
    /// Its members, this device included.
    pub members: BTreeMap<DeviceId, Ed25519Public>,
}

/// A group that this device became a member of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Roster and generation.
    pub group: RosterGroup,
    /// What the group says of its roster; it agrees with the statements.
    pub context: RosterContext,
    /// The epoch joined.
    pub state: EpochState,
}

/// A device to add, with one of its key packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// The device and the key of its certificate.
    pub member: Member,
    /// Its key package.
    pub package: Vec<u8>,
}

/// A commit with all that goes with it. None of it can be made again from the group: it belongs
/// in the outbox in the same transaction, and after a lost answer these bytes are sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The group.
    pub group: RosterGroup,
    /// The epoch that the commit ends.
    pub epoch: Epoch,
    /// The public MLS message.
    pub commit: Vec<u8>,
    /// For each device added, a welcome that holds its part only.
    pub welcomes: Vec<(DeviceId, Vec<u8>)>,
    /// SHA-256 of the key packages used.
    pub key_packages: Vec<Hash>,
    /// The group information after the commit, without tree.
    pub group_info: Vec<u8>,
    /// The tree after the commit.
    pub tree: Vec<u8>,
}

impl Prepared {
    /// The name by which the commit is known when it comes back.
    pub fn commit_hash(&self) -> Hash {
        Hash::of(&[&self.commit])
    }

    /// The frame that offers it to the relay.
    pub fn into_upload(self, roster: RosterName) -> CommitUpload {
        CommitUpload {
            roster,
            commit: self.commit.into(),
            welcomes: self.welcomes.into_iter().map(|(device, welcome)| (device, welcome.into())).collect(),
            key_packages: self.key_packages,
            group_info: self.group_info.into(),
            tree: self.tree.into(),
        }
    }
}

/// How a commit ended. Only the first two changed the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Processed {
    /// Another's commit is merged; an own pending one is thereby void.
    Applied(EpochState),
    /// This device's own pending commit is merged.
    OwnApplied(EpochState),
    /// It ends an epoch that has ended: a repetition, or the loser of a race.
    Old,
    /// It ends an epoch to come: earlier commits are missing.
    Future,
    /// It rests on a statement that is not known yet; keep it, and the later ones behind it.
    Parked {
        /// The statement to wait for.
        until: StatementNumber,
    },
    /// No member who knows the statements may merge it.
    Refused(RefusalReason),
    /// It is this device's own, but what would merge it is lost: join anew from outside.
    OwnCommitLost,
    /// It removes this device. The group's rows are gone.
    Removed,
}

/// How an attempt to join ended. Only the first changed anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joining<T> {
    /// Done.
    Done(T),
    /// A member's certificate or admission is not known yet.
    Parked {
        /// The statement to wait for.
        until: StatementNumber,
    },
    /// Not a group that this device may join.
    Refused(RefusalReason),
}

/// What this device could not do. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum MlsError {
    /// The rows could not be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// This device has no such group.
    #[error("not a member of this group")]
    NoGroup,
    /// This device has that group already. [`abandon`] it first if it is to be replaced.
    #[error("a member of this group already")]
    AlreadyMember,
    /// A commit or external join awaits the relay's answer; a second would make the first
    /// impossible to merge.
    #[error("a commit awaits its answer")]
    PendingCommit,
    /// The device to remove is in no leaf.
    #[error("device {0} is no member of this group")]
    NotAMember(DeviceId),
    /// The key package of a device to add cannot be used.
    #[error("the key package of device {device}: {reason}")]
    KeyPackage {
        /// The device.
        device: DeviceId,
        /// Why.
        reason: KeyPackageError,
    },
    /// openmls refuses what this device wanted to make.
    #[error("openmls: {0}")]
    Library(String),
}

/// Reads exactly one value of at most `limit` bytes. Not by `DeserializeBytes`, which asserts in
/// debug builds that what is announced is there.
fn read<T: Deserialize>(bytes: &[u8], limit: usize) -> Option<T> {
    if bytes.len() > limit { None } else { T::tls_deserialize_exact(bytes).ok() }
}

fn library(error: impl std::error::Error) -> MlsError {
    MlsError::Library(error.to_string())
}

impl From<rusqlite::Error> for MlsError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(error.into())
    }
}
