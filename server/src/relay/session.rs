//! One device's conversation with the relay, over a socket or within one HTTP request.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use estafette_protocol::alias::Aliases;
use estafette_protocol::check;
use estafette_protocol::frame::{Cursor, Request};
use estafette_protocol::{AgentNumber, DeviceId, Position, ThreadId, Timestamp};

use super::cursor::Marks;

/// Entries delivered to a session and not yet said to be stored, at most.
pub(super) const WINDOW_ENTRIES: usize = 512;
/// Their bytes, at most; one delivery may exceed it.
pub(super) const WINDOW_BYTES: usize = 1024 * 1024;
/// Requests that wait for earlier ones of the same session, at most.
pub(super) const QUEUE: usize = 512;
/// Their bytes, at most; one request alone may always wait.
pub(super) const QUEUE_BYTES: usize = 8 * 1024 * 1024;

pub(super) struct Session {
    pub device: DeviceId,
    pub agent: AgentNumber,
    pub opened_at: Timestamp,
    /// Threads that the device has named.
    pub inbound: Aliases,
    /// Requests that wait until the writes before them are durable.
    pub queue: Queue,
    /// The kinds of the requests that are not answered yet, for the counts.
    pub asked: BTreeMap<u32, &'static str>,
    /// Requests whose writes are not durable yet.
    pub in_flight: usize,
    /// Set by the first `Hello`.
    pub follow: Option<Follow>,
    /// A `Hello` whose welcome waits for the reopening.
    pub greeting: Option<u32>,
    /// Whether hours were closed when the device was last told.
    pub closed: bool,
    /// When entries were last sent to it.
    pub sent_at: Timestamp,
    /// Stream numbers of entries acknowledged here: the device has them.
    pub acknowledged: BTreeSet<u64>,
}

impl Session {
    pub fn new(device: DeviceId, agent: AgentNumber, opened_at: Timestamp) -> Self {
        Self {
            device,
            agent,
            opened_at,
            inbound: Aliases::default(),
            queue: Queue::default(),
            asked: BTreeMap::new(),
            in_flight: 0,
            follow: None,
            greeting: None,
            closed: false,
            sent_at: Timestamp(0),
            acknowledged: BTreeSet::new(),
        }
    }
}

/// Requests in the order in which they came, with the bytes that each had on the wire.
#[derive(Default)]
pub(super) struct Queue {
    requests: VecDeque<(Request, usize)>,
    bytes: usize,
}

impl Queue {
    /// Whether a request of this size may not wait here any more.
    pub fn is_full_for(&self, bytes: usize) -> bool {
        let too_large = self.bytes.saturating_add(bytes) > QUEUE_BYTES;
        self.requests.len() >= QUEUE || (too_large && !self.requests.is_empty())
    }

    pub fn push(&mut self, request: Request, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.requests.push_back((request, bytes));
    }

    pub fn front(&self) -> Option<&Request> {
        self.requests.front().map(|(request, _)| request)
    }

    pub fn pop(&mut self) -> Option<Request> {
        let (request, bytes) = self.requests.pop_front()?;
        self.bytes = self.bytes.saturating_sub(bytes);
        Some(request)
    }

    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }
}

/// How far a session's delivery has come.
#[derive(Default)]
pub(super) struct Follow {
    /// What was sent.
    pub marks: Marks,
    /// Nothing is left behind but what `fresh` names.
    pub caught_up: bool,
    /// Threads with entries that came since.
    pub fresh: BTreeSet<ThreadId>,
    /// Slots are to be looked for.
    pub slots_due: bool,
    /// Threads whose older part was given as a gap, up to this stream number.
    pub gapped: BTreeMap<ThreadId, u64>,
    /// The last position sent of each thread.
    pub last: BTreeMap<ThreadId, Position>,
    /// Urgent entries sent early that the full list does not remember.
    pub repeated: BTreeSet<u64>,
    /// The last delivery said that more is waiting.
    pub promised: bool,
    /// The question that names the last cursor that the device was given or greeted with.
    pub told: [u8; check::QUESTION],
    /// Deliveries that are not said to be stored: cursor, entries, bytes.
    outstanding: VecDeque<(Cursor, usize, usize)>,
}

impl Follow {
    /// From these marks on, for a device whose last cursor `told` names.
    pub fn from(marks: Marks, told: [u8; check::QUESTION]) -> Self {
        Self { marks, told, slots_due: true, ..Self::default() }
    }

    /// How much more may be sent now: entries and bytes.
    pub fn room(&self) -> (usize, usize) {
        let (entries, bytes) =
            self.outstanding.iter().fold((0, 0), |(entries, bytes), (_, e, b)| (entries + e, bytes + b));
        (WINDOW_ENTRIES.saturating_sub(entries), WINDOW_BYTES.saturating_sub(bytes))
    }

    pub fn is_full(&self) -> bool {
        let (entries, bytes) = self.room();
        entries == 0 || bytes == 0
    }

    pub fn sent(&mut self, cursor: Cursor, entries: usize, bytes: usize) {
        self.told = check::question(&cursor);
        self.outstanding.push_back((cursor, entries, bytes));
    }

    /// Everything up to a delivery with this cursor is stored.
    pub fn stored(&mut self, cursor: &Cursor) {
        if let Some(index) = self.outstanding.iter().rposition(|(sent, _, _)| sent == cursor) {
            self.outstanding.drain(..=index);
        }
    }
}
