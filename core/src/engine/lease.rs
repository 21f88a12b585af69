//! The lease at work: counted in every transaction, renewed at every contact, and what follows when it ends.
//!
//! Locked, a device answers no question and takes no text, and goes on looking for the relay: what waits
//! to leave leaves, and the lease that comes back opens it.

use std::time::Duration;

use estafette_protocol::{FaultCode, Timestamp};

use super::Change;
use super::turn::Turn;
use crate::lease::{self, Count, Standing};
use crate::store::StoreError;
use crate::store::values::{self, Value};

impl Turn<'_> {
    /// Counts on, and locks or destroys when it is time.
    pub fn count_lease(&mut self) -> Result<(), StoreError> {
        let wall = self.now();
        let wanted = self.memory.held.count_on(self.tx, wall, self.running)?;
        match (self.memory.held.standing, wanted) {
            (Standing::Open, Standing::Locked) => self.stand(Standing::Locked),
            (Standing::Open | Standing::Locked, Standing::Wiped) => self.wipe(),
            _ => Ok(()),
        }
    }

    /// Writes how the device stands.
    pub fn stand(&mut self, standing: Standing) -> Result<(), StoreError> {
        self.memory.held.standing = standing;
        self.changed.insert(Change::Device);
        values::put(self.tx, Value::Standing, &standing)
    }

    /// The relay has answered with a lease: a locked device opens.
    pub fn renew_lease(&mut self, bytes: &[u8], relay_time: Timestamp) -> Result<(), StoreError> {
        let held = self.memory.held.lease;
        let accepted = lease::accept(bytes, &self.memory.identity, &self.memory.registry, held.as_ref());
        // The relay's key comes with the first statement; until then there is nothing to lock.
        let Ok((_, lease)) = accepted else {
            return match self.memory.registry.relay_key() {
                Some(_) => self.note_fault(FaultCode::LeaseInvalid, None),
                None => Ok(()),
            };
        };
        self.memory.held.lease = Some(lease);
        self.memory.held.count = Count::told(relay_time.max(lease.issued_at), self.running);
        values::put(self.tx, Value::Lease, &lease)?;
        values::put(self.tx, Value::LeaseCount, &self.memory.held.count)?;
        self.changed.insert(Change::Device);
        match self.memory.held.standing {
            Standing::Locked if !self.memory.revoked => self.stand(Standing::Open),
            _ => Ok(()),
        }
    }

    /// Why nothing is taken from the person now.
    pub fn refusal(&self) -> Option<FaultCode> {
        match self.memory.held.standing {
            Standing::Open => None,
            _ if self.memory.revoked => Some(FaultCode::DeviceRevoked),
            Standing::Locked => Some(FaultCode::DeviceLocked),
            Standing::Wiped => Some(FaultCode::DeviceWiped),
        }
    }

    /// Asks to be called when the standing changes.
    pub fn wake_for_lease(&mut self) {
        if let Some(at) = self.memory.held.next_change() {
            // By what was counted, which the clock on the wall may be far from.
            let left = at.since(self.memory.held.count.at).max(Duration::from_secs(1));
            self.wake_at(self.now().after(left));
        }
    }
}
