//! How a device counts the time of its lease, and where it stands in it.
//!
//! A device without contact has two clocks: one on the wall, which anybody can set, and one that says
//! how long it has been running. Time is counted from the relay's last word, in [`Count`]. Running time is
//! always added, so that a clock set back wins nothing; the wall's clock can only add to that, for the
//! time in which the device was off.
//!
//! A clock that is far ahead (a flat battery, a mistake) therefore locks early, which the next contact
//! undoes. It cannot be undone that content was destroyed: what the wall's clock adds ends [`RESPITE`]
//! before that date, and the rest has to be run.
//!
//! Always true: the count never goes back but by the relay's word. Whoever has broken into a device can
//! stop it from counting; the lease is a control of honest devices.

use std::path::Path;
use std::time::Duration;

use estafette_protocol::lease::{Lease, SignedLease, WARNING};
use estafette_protocol::reattestation::GRACE;
use estafette_protocol::registry::Registry;
use estafette_protocol::{Fault, FaultCode, Timestamp};
use minicbor::{Decode, Encode};
use rusqlite::Connection;

use crate::identity::StoredIdentity;
use crate::store::values::{self, Value};
use crate::store::{self, DatabaseKey, StoreError, outbox};

/// How long a device must run before its content is destroyed, if the wall's clock alone says that it is
/// time: nobody's is without the warning of three days.
pub const RESPITE: Duration = WARNING;
/// How far the count may be ahead of its row.
const KEPT_EVERY: Duration = Duration::from_mins(10);

/// What a device's clocks show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The clock on the wall, which may be wrong.
    pub wall: Timestamp,
    /// How long the device has been running since it was switched on, sleep included (`CLOCK_BOOTTIME`);
    /// `None` where that is not known.
    pub running: Option<Duration>,
}

impl From<Timestamp> for Moment {
    fn from(wall: Timestamp) -> Self {
        Self { wall, running: None }
    }
}

/// How much time has passed at least, on the relay's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Count {
    /// It is at least this late.
    #[n(0)]
    pub at: Timestamp,
    /// How long the device had been running then, in milliseconds.
    #[n(1)]
    pub running: u64,
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Count {
    /// The relay has said how late it is.
    pub fn told(at: Timestamp, running: Option<Duration>) -> Self {
        Self { at, running: running.map_or(0, milliseconds) }
    }

    /// Goes on to what the clocks show now; `wall` is corrected to the relay's as of the last contact.
    #[must_use]
    pub fn advanced(self, wall: Timestamp, running: Option<Duration>, wipe_at: Timestamp) -> Self {
        let running = running.map_or(self.running, milliseconds);
        // Switched on anew, it has been running for all of that since.
        let passed = running.checked_sub(self.running).unwrap_or(running);
        let at_least = Timestamp(self.at.0.saturating_add(passed));
        let believed = Timestamp(wipe_at.0.saturating_sub(milliseconds(RESPITE)));
        Self { at: at_least.max(wall.min(believed)), running }
    }
}

/// What a device may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Standing {
    /// Everything.
    #[n(0)]
    Open,
    /// Look for the relay, and nothing else. Nothing is lost.
    #[n(1)]
    Locked,
    /// Nothing: its content was destroyed.
    #[n(2)]
    Wiped,
}

/// Where a count stands in a lease.
pub fn standing(lease: &Lease, at: Timestamp) -> Standing {
    match at {
        at if at >= lease.wipe_at => Standing::Wiped,
        at if at >= lease.lock_at => Standing::Locked,
        _ => Standing::Open,
    }
}

/// Takes a lease from the relay's answer.
///
/// # Errors
///
/// `lease_invalid`: another device's, older than the one that is held, or not signed by the relay.
pub fn accept(
    bytes: &[u8],
    identity: &StoredIdentity,
    registry: &Registry,
    held: Option<&Lease>,
) -> Result<(SignedLease, Lease), Fault> {
    let invalid = Fault::new(FaultCode::LeaseInvalid);
    let signed = SignedLease::from_bytes(bytes).map_err(|_| invalid.clone())?;
    let key = registry.relay_key().ok_or(invalid.clone())?;
    let lease = signed.verify(&key).map_err(|_| invalid.clone())?;
    let own = lease.organisation == identity.organisation
        && lease.device == identity.device
        && lease.auth_epoch == identity.auth_epoch;
    let newer = held.is_none_or(|held| held.issued_at <= lease.issued_at);
    let ordered = lease.issued_at < lease.lock_at && lease.lock_at <= lease.wipe_at;
    if own && newer && ordered { Ok((signed, lease)) } else { Err(invalid) }
}

/// What is kept of the lease, and how the device stands by it.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// The lease; `None` before the first contact.
    pub lease: Option<Lease>,
    /// The time that was counted.
    pub count: Count,
    /// What follows from both, or from an order.
    pub standing: Standing,
}

impl Held {
    /// Reads it from the rows.
    pub fn load(db: &Connection) -> Result<Self, StoreError> {
        Ok(Self {
            lease: values::get(db, Value::Lease)?,
            count: values::get(db, Value::LeaseCount)?.unwrap_or_default(),
            standing: values::get(db, Value::Standing)?.unwrap_or(Standing::Open),
        })
    }

    /// Counts on and keeps what changed. The standing that the lease asks for from now on.
    pub fn count_on(
        &mut self,
        db: &Connection,
        wall: Timestamp,
        running: Option<Duration>,
    ) -> Result<Standing, StoreError> {
        let Some(lease) = self.lease else { return Ok(Standing::Open) };
        let before = values::get::<Count>(db, Value::LeaseCount)?.unwrap_or_default();
        self.count = self.count.advanced(wall, running, lease.wipe_at);
        let wanted = standing(&lease, self.count.at);
        let anew = self.count.running < before.running;
        if anew || self.count.at >= before.at.after(KEPT_EVERY) || wanted != self.standing {
            values::put(db, Value::LeaseCount, &self.count)?;
        }
        Ok(wanted)
    }

    /// When the standing changes next, on the relay's clock; `None` where nothing is to come.
    pub fn next_change(&self) -> Option<Timestamp> {
        let lease = self.lease?;
        match self.standing {
            Standing::Open => Some(lease.lock_at),
            Standing::Locked => Some(lease.wipe_at),
            Standing::Wiped => None,
        }
    }
}

/// What a person is told of the lease, locked or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseRow {
    /// How the device stands.
    pub standing: Standing,
    /// The last contact; the relay's clock, like what follows.
    pub contact: Option<Timestamp>,
    /// When it locks without another one.
    pub lock_at: Option<Timestamp>,
    /// When its content is destroyed.
    pub wipe_at: Option<Timestamp>,
    /// Whether less than three days are left until the next of the two.
    pub warns: bool,
    /// What has not left: it is destroyed with the rest.
    pub unsent: u64,
    /// Set while fresh evidence is overdue: from then on the relay takes nothing else.
    pub attest_at_last: Option<Timestamp>,
}

/// Looks at the lease of a device that does not run, and counts on first.
///
/// # Errors
///
/// The database cannot be opened or written.
pub fn look(path: &Path, key: &DatabaseKey, now: impl Into<Moment>) -> Result<LeaseRow, StoreError> {
    let moment = now.into();
    let mut connection = store::open_existing(path, key)?;
    let transaction = connection.transaction()?;
    let offset: i64 = values::get(&transaction, Value::ClockOffset)?.unwrap_or(0);
    let wall = Timestamp(moment.wall.0.saturating_add_signed(offset));
    let mut held = Held::load(&transaction)?;
    let wanted = held.count_on(&transaction, wall, moment.running)?;
    // To destroy the content is the engine's: until it runs, the device is locked.
    if wanted != Standing::Open && held.standing == Standing::Open {
        held.standing = Standing::Locked;
        values::put(&transaction, Value::Standing, &held.standing)?;
    }
    let unsent = match values::get::<super::engine::Wiped>(&transaction, Value::Wiped)? {
        Some(wiped) => u64::from(wiped.wipe.unsent),
        None => outbox::open_count(&transaction)?,
    };
    transaction.commit()?;
    Ok(row(&held, unsent))
}

/// What is told of it.
pub(crate) fn row(held: &Held, unsent: u64) -> LeaseRow {
    let next = held.next_change();
    LeaseRow {
        standing: held.standing,
        contact: held.lease.map(|lease| lease.issued_at),
        lock_at: held.lease.map(|lease| lease.lock_at),
        wipe_at: held.lease.map(|lease| lease.wipe_at),
        warns: next.is_some_and(|next| held.count.at.after(WARNING) >= next),
        unsent,
        attest_at_last: held
            .lease
            .and_then(|lease| lease.attest_by)
            .filter(|due| *due <= held.count.at)
            .map(|due| due.after(GRACE)),
    }
}

#[cfg(test)]
mod tests;
