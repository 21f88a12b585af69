//! When this device last heard the relay, as a screen may say it.
//!
//! A lease says when a connection began; one that stands for hours is a contact now, and when it ends that is
//! the last one. Not here: anything that counts for locking, which is the lease's.

use std::sync::atomic::{AtomicU64, Ordering};

use estafette_protocol::Timestamp;

/// Nothing was heard since the start.
const NEVER: u64 = 0;
/// A connection stands; within some seconds its silence would have ended it.
const NOW: u64 = u64::MAX;

/// Shared by the device's thread and its handle.
#[derive(Debug, Default)]
pub struct Contact(AtomicU64);

/// What is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastContact {
    /// A connection stands.
    Now,
    /// The last one ended then, by this device's clock.
    At(Timestamp),
}

impl Contact {
    /// Something was heard on a connection.
    pub(super) fn stands(&self) {
        self.0.store(NOW, Ordering::Relaxed);
    }

    /// A connection has ended, or could not be made.
    pub(super) fn ended(&self, now: Timestamp) {
        let _ = self.0.compare_exchange(NOW, now.0, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// What is known since the start.
    pub(super) fn last(&self) -> Option<LastContact> {
        match self.0.load(Ordering::Relaxed) {
            NEVER => None,
            NOW => Some(LastContact::Now),
            at => Some(LastContact::At(Timestamp(at))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_now_while_a_connection_stands_and_its_end_afterwards() {
        let contact = Contact::default();
        assert_eq!(contact.last(), None);
        contact.ended(Timestamp(5));
        assert_eq!(contact.last(), None, "an attempt that failed is no contact");
        contact.stands();
        assert_eq!(contact.last(), Some(LastContact::Now));
        contact.ended(Timestamp(7));
        contact.ended(Timestamp(9));
        assert_eq!(contact.last(), Some(LastContact::At(Timestamp(7))));
    }
}
