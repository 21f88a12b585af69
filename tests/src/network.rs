//! Links between devices and the relay: slow, lossy, cut at any byte, never out of order within
//! one connection and freely so across two.

use std::collections::BTreeMap;

use estafette_core::engine::LinkInput;
use estafette_protocol::Timestamp;
use estafette_protocol::frame::{Message, Outcome, Reply};
use estafette_server::relay::{Grant, SessionId};
use rand_core::RngCore as _;

use crate::clock::SECOND;
use crate::device::Phone;
use crate::queue::{Happening, Up};
use crate::world::World;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ConnectionId(pub u64);

/// How a link behaves.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// The shortest way, in milliseconds.
    pub delay: u64,
    /// What may come on top, in milliseconds.
    pub jitter: u64,
    /// How many of a hundred pieces are lost and sent again by TCP, a second later.
    pub loss: u64,
    /// How many acknowledgements are still to be lost, each with its connection.
    pub lost_acks: u32,
    /// How many exchanges are still to be carried twice, as a proxy that retries would.
    pub doubled_exchanges: u32,
}

impl Default for Link {
    /// An ordinary one.
    fn default() -> Self {
        Self { delay: 20, jitter: 10, loss: 0, lost_acks: 0, doubled_exchanges: 0 }
    }
}

impl Link {
    /// Loses the next acknowledgements of entries, each time with the connection.
    pub fn losing_acks(count: u32) -> Self {
        Self { lost_acks: count, ..Self::default() }
    }

    /// Carries the next exchanges twice; the device sees the first answer only.
    pub fn doubling_exchanges(count: u32) -> Self {
        Self { doubled_exchanges: count, ..Self::default() }
    }

    /// 50 kbit/s in a valley: 600 ms, one piece in fifty lost.
    pub fn thin() -> Self {
        Self { delay: 300, jitter: 200, loss: 2, ..Self::default() }
    }
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// What is under way is lost on both sides.
    Clean,
    /// The frame that is under way arrives in part, which is no frame at all.
    MidFrame,
    /// The device hears at once; what it sent still arrives, perhaps after its next connection's.
    Late,
}

/// What the world did to its people, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(pub BTreeMap<&'static str, u64>);

impl Faults {
    pub(crate) fn count(&mut self, kind: &'static str) {
        *self.0.entry(kind).or_default() += 1;
    }

    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        other.0.iter().for_each(|(kind, count)| *self.0.entry(kind).or_default() += count);
    }
}

pub(crate) struct Connection {
    pub device: usize,
    pub session: Option<SessionId>,
    /// The device still holds it.
    pub at_device: bool,
    /// The relay still holds it.
    pub at_relay: bool,
    /// What is under way to the relay will not arrive.
    pub swallows: bool,
    /// What is under way to the relay arrives then at the earliest.
    pub late_until: Timestamp,
    /// Nothing overtakes within one direction.
    pub up_at: Timestamp,
    pub down_at: Timestamp,
    /// Pieces under way, both directions.
    pub under_way: u32,
    pub grant: Option<(String, Grant)>,
}

impl World {
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        percent > 0 && self.rng.next_u64() % 100 < percent
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.rng.next_u64() % limit.max(1)
    }

    fn way(&mut self, device: usize) -> u64 {
        let link = self.devices[device].link;
        let lost = self.chance(link.loss);
        if lost {
            self.faults.count("loss");
        }
        link.delay + self.below(link.jitter + 1) + if lost { SECOND } else { 0 }
    }

    /// A device wants a connection.
    pub(crate) fn dial_soon(&mut self, device: usize, after: u64) {
        if !self.devices[device].dialling {
            self.devices[device].dialling = true;
            self.queue.push(Timestamp(self.now.0 + after), Happening::Dial { device });
        }
    }

    pub(crate) fn dial(&mut self, device: usize) {
        let way = self.way(device);
        let phone = &mut self.devices[device];
        phone.dialling = false;
        if !phone.wants || phone.cut || phone.connection.is_some() || phone.engine.is_none() {
            return;
        }
        if self.office.relay.is_none() {
            self.faults.count("refused");
            return self.dial_soon(device, 2 * SECOND);
        }
        let id = ConnectionId(self.next_connection);
        self.next_connection += 1;
        let connection = Connection {
            device,
            session: None,
            at_device: true,
            at_relay: true,
            swallows: false,
            late_until: Timestamp(0),
            up_at: self.now,
            down_at: self.now,
            under_way: 0,
            grant: None,
        };
        self.connections.insert(id, connection);
        self.devices[device].connection = Some(id);
        self.arrive(id, LinkInput::Connected, 2 * way);
    }

    fn arrive(&mut self, id: ConnectionId, what: LinkInput, way: u64) {
        let now = self.now;
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.down_at = connection.down_at.max(Timestamp(now.0 + way));
        connection.under_way += 1;
        let at = connection.down_at;
        self.queue.push(at, Happening::ToDevice { connection: id, what });
    }

    /// Sends something from the relay to a device.
    pub(crate) fn down(&mut self, id: ConnectionId, what: LinkInput) {
        let Some(device) = self.connections.get(&id).map(|connection| connection.device) else { return };
        let way = self.way(device);
        self.arrive(id, what, way);
        self.cut_in_the_middle(device);
    }

    /// Carries out a cut that waited for something to be under way.
    fn cut_in_the_middle(&mut self, device: usize) {
        if let Some(milliseconds) = self.devices[device].cut_next.take() {
            self.faults.count("cut mid-frame");
            self.cut_like(Phone(device), Cut::MidFrame);
            self.queue.push(Timestamp(self.now.0 + milliseconds), Happening::Restored { device });
        }
    }

    /// Sends something from a device to the relay.
    pub(crate) fn up(&mut self, device: usize, what: Up) {
        let Some(id) = self.devices[device].connection else { return };
        self.keep_said(device, &what);
        let way = self.way(device);
        let again = match &what {
            Up::Exchange(bytes) if self.devices[device].link.doubled_exchanges > 0 => {
                Some(Up::ExchangeAgain(bytes.clone()))
            }
            _ => None,
        };
        self.sail(id, what, way);
        if let Some(again) = again {
            self.devices[device].link.doubled_exchanges -= 1;
            self.faults.count("doubled");
            self.sail(id, again, way);
        }
        self.cut_in_the_middle(device);
    }

    fn sail(&mut self, id: ConnectionId, what: Up, way: u64) {
        let now = self.now;
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.up_at = connection.up_at.max(Timestamp(now.0 + way));
        connection.under_way += 1;
        let at = connection.up_at;
        self.queue.push(at, Happening::ToRelay { connection: id, what });
    }

    /// The device closes its connection, in order.
    pub(crate) fn hang_up(&mut self, device: usize) {
        self.up(device, Up::Closed);
        if let Some(id) = self.devices[device].connection.take() {
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.at_device = false;
            }
            self.queue.push(self.now, Happening::Lost { device });
        }
    }

    /// Ends a device's connection, if there is one; the relay hears of it later.
    pub(crate) fn break_connection(&mut self, device: usize, cut: Cut) {
        let late = self.below(20 * SECOND);
        let Some(id) = self.devices[device].connection.take() else { return };
        let now = self.now;
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.at_device = false;
        match cut {
            Cut::Clean | Cut::MidFrame => connection.swallows = true,
            Cut::Late => connection.late_until = Timestamp(now.0 + late),
        }
        let gone_at = Timestamp(connection.up_at.0.max(now.0) + late);
        self.queue.push(gone_at, Happening::ToRelay { connection: id, what: Up::Closed });
        if self.devices[device].engine.is_some() {
            self.queue.push(self.now, Happening::Lost { device });
        }
    }

    /// Something from the relay is there.
    pub(crate) fn at_device(&mut self, id: ConnectionId, what: LinkInput) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.under_way = connection.under_way.saturating_sub(1);
        let device = connection.device;
        if !connection.at_device {
            return;
        }
        if self.devices[device].link.lost_acks > 0 && acknowledges(&what) {
            self.devices[device].link.lost_acks -= 1;
            self.faults.count("lost acknowledgement");
            return self.break_connection(device, Cut::Clean);
        }
        if matches!(what, LinkInput::Down) {
            self.devices[device].connection = None;
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.at_device = false;
            }
        }
        if self.defect_before_input(device, &what) {
            return;
        }
        self.device_input(device, what);
    }
}

/// Whether a message says that entries stand.
fn acknowledges(what: &LinkInput) -> bool {
    let is_answer = |message: &Message| {
        matches!(message, Message::Answer { outcome: Outcome::Done(Reply::Appended { .. }), .. })
    };
    match what {
        LinkInput::Frame(bytes) => Message::from_bytes(bytes).is_ok_and(|message| is_answer(&message)),
        LinkInput::Exchanged(Ok(bytes)) => crate::office::messages_of(bytes).iter().any(is_answer),
        _ => false,
    }
}
