//! What will happen, in the order of time, then in the order in which it was foreseen.

use std::collections::BTreeMap;

use estafette_core::engine::LinkInput;
use estafette_protocol::{Fault, Signature, Timestamp};

use crate::network::ConnectionId;

/// Bytes and signs on their way to the relay.
#[derive(Debug, Clone)]
pub(crate) enum Up {
    Exchange(Vec<u8>),
    /// The same bytes again, from somebody on the way who will drop the answer.
    ExchangeAgain(Vec<u8>),
    OpenSocket(String),
    Frame(Vec<u8>),
    Closed,
}

/// Something that will happen.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A device wanted to be called.
    Tick { device: usize, ticket: u64 },
    /// A device tries to connect.
    Dial { device: usize },
    /// Something reaches the relay.
    ToRelay { connection: ConnectionId, what: Up },
    /// Something reaches a device.
    ToDevice { connection: ConnectionId, what: LinkInput },
    /// A device that lost its connection hears so.
    Lost { device: usize },
    /// The relay wanted to be called.
    RelayTick { ticket: u64 },
    /// The disk has the oldest batch of the relay.
    Written { life: u64 },
    /// The relay comes back.
    RelayStarts,
    /// A relay made from the last backup takes the place of the one that was lost.
    RelayRestored,
    /// A device comes back.
    DeviceStarts { device: usize },
    /// A phone's hardware has shown what it is, or refused.
    Attested { device: usize, made: Result<(Vec<u8>, Signature), Fault> },
    /// A link is whole again.
    Restored { device: usize },
    /// The next step of a story told beforehand.
    Step(usize),
}

/// The world's future.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: BTreeMap<(Timestamp, u64), Happening>,
    next: u64,
}

impl Queue {
    pub fn push(&mut self, at: Timestamp, happening: Happening) {
        self.waiting.insert((at, self.next), happening);
        self.next += 1;
    }

    pub fn next_at(&self) -> Option<Timestamp> {
        self.waiting.keys().next().map(|(at, _)| *at)
    }

    pub fn pop(&mut self) -> Option<(Timestamp, Happening)> {
        self.waiting.pop_first().map(|((at, _), happening)| (at, happening))
    }
}
