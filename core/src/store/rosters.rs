//! Rosters as rows: where this device stands in each, and the secrets of their epochs.

use estafette_protocol::frame::CommitUpload;
use estafette_protocol::handshake::RosterName;
use estafette_protocol::{Epoch, Hash, RosterGeneration, RosterId, Timestamp, codec, limits};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{StoreError, fixed, int, uint};
use crate::bundle::PastSecret;

/// Where this device stands in a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RosterState {
    /// A member by statement, in no group yet.
    Waiting,
    /// In the group.
    Member,
    /// Not, or no longer, a member.
    Gone,
}

impl RosterState {
    fn number(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Member => 1,
            Self::Gone => 2,
        }
    }
}

/// A roster as this device knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Its id.
    pub id: RosterId,
    /// Stated, or a pair's.
    pub name: RosterName,
    /// Where this device stands.
    pub state: RosterState,
    /// The generation of its group.
    pub generation: RosterGeneration,
    /// The epoch of its group.
    pub epoch: Epoch,
    /// The first epoch of this generation whose secret is here.
    pub first_epoch: Epoch,
    /// Since when this device waits for a group; relay's time.
    pub waiting_since: Timestamp,
}

impl Roster {
    /// A roster without a group.
    pub fn waiting(id: RosterId, name: RosterName, since: Timestamp) -> Self {
        Self {
            id,
            name,
            state: RosterState::Waiting,
            generation: RosterGeneration(0),
            epoch: Epoch(0),
            first_epoch: Epoch(0),
            waiting_since: since,
        }
    }
}

fn read(row: &Row<'_>) -> Result<Roster, StoreError> {
    let name: Vec<u8> = row.get(1)?;
    Ok(Roster {
        id: RosterId(fixed(row.get(0)?)?),
        name: codec::from_bytes(&name, usize::MAX).map_err(|_| StoreError::Corrupt)?,
        state: match row.get::<_, i64>(2)? {
            0 => RosterState::Waiting,
            1 => RosterState::Member,
            _ => RosterState::Gone,
        },
        generation: RosterGeneration(u32::try_from(row.get::<_, i64>(3)?).map_err(|_| StoreError::Corrupt)?),
        epoch: Epoch(uint(row.get(4)?)),
        first_epoch: Epoch(uint(row.get(5)?)),
        waiting_since: Timestamp(uint(row.get(6)?)),
    })
}

const COLUMNS: &str = "id, name, state, generation, epoch, first_epoch, waiting_since";

/// All rosters.
pub fn all(db: &Connection) -> Result<Vec<Roster>, StoreError> {
    let mut query = db.prepare_cached(&format!("SELECT {COLUMNS} FROM roster ORDER BY id"))?;
    let mut rows = query.query([])?;
    let mut rosters = Vec::new();
    while let Some(row) = rows.next()? {
        rosters.push(read(row)?);
    }
    Ok(rosters)
}

/// Writes a roster in the place of what stood.
pub fn put(db: &Connection, roster: &Roster) -> Result<(), StoreError> {
    db.prepare_cached(&format!(
        "INSERT OR REPLACE INTO roster ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    ))?
    .execute((
        &roster.id.0[..],
        codec::to_bytes(&roster.name),
        roster.state.number(),
        i64::from(roster.generation.0),
        int(roster.epoch.0),
        int(roster.first_epoch.0),
        int(roster.waiting_since.0),
    ))?;
    Ok(())
}

/// Stores the secret of an epoch, in the transaction that merges it.
pub fn put_secret(
    db: &Connection,
    roster: RosterId,
    generation: RosterGeneration,
    epoch: Epoch,
    secret: &[u8; 32],
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO epoch_secret (roster, generation, epoch, secret) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((&roster.0[..], i64::from(generation.0), int(epoch.0), &secret[..]))?;
    Ok(())
}

/// The secret of an epoch, and how far it may be used.
#[derive(Clone, Copy)]
pub struct Secret {
    /// R_e.
    pub bytes: [u8; 32],
    /// A member handed it over; this device was not in the epoch.
    pub bundled: bool,
    /// Opens what the relay received then or later.
    pub readable_from: Timestamp,
}

impl Secret {
    /// Of an epoch in which this device is.
    pub fn own(bytes: [u8; 32]) -> Self {
        Self { bytes, bundled: false, readable_from: Timestamp(0) }
    }
}

/// A secret that can be handed to a newcomer.
pub struct Held {
    /// The secret and its epoch.
    pub past: PastSecret,
    /// When the relay received the last entry known here to be sealed under it; 0 without any.
    pub last_received: Timestamp,
}

/// Every secret of a roster, ascending.
pub fn held(db: &Connection, roster: RosterId) -> Result<Vec<Held>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT generation, epoch, secret, last_received FROM epoch_secret WHERE roster = ?1
         ORDER BY generation, epoch",
    )?;
    let mut rows = query.query([&roster.0[..]])?;
    let mut held = Vec::new();
    while let Some(row) = rows.next()? {
        let generation = u32::try_from(row.get::<_, i64>(0)?).map_err(|_| StoreError::Corrupt)?;
        let past = PastSecret {
            generation: RosterGeneration(generation),
            epoch: Epoch(uint(row.get(1)?)),
            secret: fixed(row.get(2)?)?,
        };
        held.push(Held { past, last_received: Timestamp(uint(row.get(3)?)) });
    }
    Ok(held)
}

/// Stores a secret that was handed over. It takes the place of none but one handed over before
/// that has opened nothing. Whether it was stored.
pub fn put_bundled(
    db: &Connection,
    roster: RosterId,
    past: &PastSecret,
    readable_from: Timestamp,
) -> Result<bool, StoreError> {
    let stored = db
        .prepare_cached(
            "INSERT INTO epoch_secret (roster, generation, epoch, secret, bundled, readable_from)
             VALUES (?1, ?2, ?3, ?4, 1, ?5)
             ON CONFLICT DO UPDATE SET secret = excluded.secret, readable_from = excluded.readable_from
             WHERE epoch_secret.bundled = 1 AND epoch_secret.last_received = 0",
        )?
        .execute((
            &roster.0[..],
            i64::from(past.generation.0),
            int(past.epoch.0),
            &past.secret[..],
            int(readable_from.0),
        ))?;
    Ok(stored == 1)
}

/// Notes that an entry sealed under an epoch was received then.
pub fn note_received(
    db: &Connection,
    (roster, generation, epoch): (RosterId, RosterGeneration, Epoch),
    at: Timestamp,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE epoch_secret SET last_received = ?4
         WHERE roster = ?1 AND generation = ?2 AND epoch = ?3 AND last_received < ?4",
    )?
    .execute((&roster.0[..], i64::from(generation.0), int(epoch.0), int(at.0)))?;
    Ok(())
}

/// The secret of an epoch, if this device was in it or was handed it.
pub fn secret(
    db: &Connection,
    roster: RosterId,
    generation: RosterGeneration,
    epoch: Epoch,
) -> Result<Option<Secret>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT secret, bundled, readable_from FROM epoch_secret
         WHERE roster = ?1 AND generation = ?2 AND epoch = ?3",
    )?;
    let row: Option<(Vec<u8>, bool, i64)> = query
        .query_row((&roster.0[..], i64::from(generation.0), int(epoch.0)), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    row.map(|(bytes, bundled, readable_from)| {
        Ok(Secret { bytes: fixed(bytes)?, bundled, readable_from: Timestamp(uint(readable_from)) })
    })
    .transpose()
}

/// A commit of this device that waits for its answer.
#[derive(Debug, Clone)]
pub struct PendingCommit {
    /// With everything that goes with it.
    pub upload: CommitUpload,
    /// SHA-256 of the commit.
    pub hash: Hash,
    /// Its group lives in the candidate scope.
    pub external: bool,
}

/// Stores a commit in the transaction that staged it.
pub fn put_pending(db: &Connection, roster: RosterId, pending: &PendingCommit) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO pending_commit (roster, upload, hash, external) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((
        &roster.0[..],
        codec::to_bytes(&pending.upload),
        &pending.hash.0[..],
        pending.external,
    ))?;
    Ok(())
}

/// The commit that waits in a roster.
pub fn pending(db: &Connection, roster: RosterId) -> Result<Option<PendingCommit>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT upload, hash, external FROM pending_commit WHERE roster = ?1")?;
    let row: Option<(Vec<u8>, Vec<u8>, bool)> =
        query.query_row([&roster.0[..]], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    row.map(|(upload, hash, external)| {
        let upload = codec::from_bytes(&upload, limits::FRAME).map_err(|_| StoreError::Corrupt)?;
        Ok(PendingCommit { upload, hash: Hash(fixed(hash)?), external })
    })
    .transpose()
}

/// Forgets the commit that waited in a roster.
pub fn clear_pending(db: &Connection, roster: RosterId) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM pending_commit WHERE roster = ?1")?.execute([&roster.0[..]])?;
    Ok(())
}

/// Keeps a commit until its statement is known.
pub fn park(db: &Connection, roster: RosterId, commit: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO parked_commit (roster, bytes) VALUES (?1, ?2)")?
        .execute((&roster.0[..], commit))?;
    Ok(())
}

/// Takes all parked commits of a roster, in order.
pub fn take_parked(db: &Connection, roster: RosterId) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut query = db.prepare_cached("SELECT bytes FROM parked_commit WHERE roster = ?1 ORDER BY seq")?;
    let parked = query.query_map([&roster.0[..]], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
    db.prepare_cached("DELETE FROM parked_commit WHERE roster = ?1")?.execute([&roster.0[..]])?;
    Ok(parked)
}

/// How many commits wait parked in a roster.
pub fn parked_count(db: &Connection, roster: RosterId) -> Result<u64, StoreError> {
    let mut query = db.prepare_cached("SELECT count(*) FROM parked_commit WHERE roster = ?1")?;
    Ok(uint(query.query_row([&roster.0[..]], |row| row.get(0))?))
}
