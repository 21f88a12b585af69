//! How fast one device may go: exchanges, requests and entries.
//!
//! Asked only of devices that have proved themselves, so that nobody spends another one's share.

use estafette_protocol::{DeviceId, Fault, FaultCode, Timestamp};

use crate::rate::{Buckets, Wait};

/// What one device may do in a minute; 0 sets no limit. Two minutes' worth may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeviceRates {
    /// Exchanges.
    pub exchanges: u32,
    /// Requests, over a socket and inside exchanges.
    pub requests: u32,
    /// Entries offered.
    pub entries: u32,
}

/// The buckets of an organisation's devices.
pub(super) struct Pace {
    exchanges: Buckets<DeviceId>,
    requests: Buckets<DeviceId>,
    entries: Buckets<DeviceId>,
}

impl Pace {
    pub fn new(rates: DeviceRates) -> Self {
        Self {
            exchanges: Buckets::new(rates.exchanges),
            requests: Buckets::new(rates.requests),
            entries: Buckets::new(rates.entries),
        }
    }

    pub fn exchange(&mut self, now: Timestamp, device: DeviceId) -> Result<(), Fault> {
        self.exchanges.take(now, device, 1).map_err(too_many)
    }

    pub fn request(&mut self, now: Timestamp, device: DeviceId) -> Result<(), Fault> {
        self.requests.take(now, device, 1).map_err(too_many)
    }

    pub fn entries(&mut self, now: Timestamp, device: DeviceId, count: usize) -> Result<(), Fault> {
        self.entries.take(now, device, count).map_err(too_many)
    }
}

/// A refusal that says when to come again.
pub(crate) fn too_many(wait: Wait) -> Fault {
    Fault::new(FaultCode::TooManyRequests).with_number(wait.seconds())
}
