//! When what is delivered: to sessions as it comes, within their window; to calls once.

use std::time::Duration;

use estafette_protocol::Fault;

use super::page::{Page, Reader};
use super::session::{Follow, WINDOW_BYTES, WINDOW_ENTRIES};
use super::{Relay, is_socket};
use crate::outlet::{Gate, Item, Line};

/// Entries in one delivery to a socket: two fit the window, so that one is read while the next travels.
const PAGE_ENTRIES: usize = WINDOW_ENTRIES / 2;
const PAGE_BYTES: usize = WINDOW_BYTES / 2;

impl Relay {
    /// Sends what is new to a socket, as far as its window and its hours allow.
    pub(super) fn deliver(&mut self, line: Line) {
        while is_socket(line) && self.deliver_page(line, PAGE_ENTRIES, PAGE_BYTES) {}
    }

    /// Puts one page into the answer of a call that said `Hello`.
    pub(super) fn deliver_once(&mut self, line: Line) {
        self.deliver_page(line, WINDOW_ENTRIES, WINDOW_BYTES);
    }

    /// Offers one page. Whether another may follow.
    fn deliver_page(&mut self, line: Line, entries: usize, bytes: usize) -> bool {
        let at = self.gate_time();
        let Some(session) = self.sessions.get_mut(&line) else { return false };
        let (gate, _) = self.outlet.gate(&self.state.registry, session.agent, at);
        if matches!(gate, Gate::Closed { .. }) {
            return false;
        }
        let Some(mut follow) = session.follow.take() else { return false };
        let (room_entries, room_bytes) = follow.room();
        let reader =
            Reader { device: session.device, entries: entries.min(room_entries), bytes: bytes.min(room_bytes) };
        let acknowledged = std::mem::take(&mut session.acknowledged);
        let page = match (reader.entries == 0 || reader.bytes == 0, gate) {
            (true, _) => Ok(Page::default()),
            (false, Gate::Open) => self.open_page(&mut follow, &reader, &acknowledged),
            (false, _) => self.on_call_page(&mut follow, &reader, &acknowledged),
        };
        let again = self.send_page(line, &mut follow, page);
        if let Some(session) = self.sessions.get_mut(&line) {
            session.follow = Some(follow);
            session.acknowledged = acknowledged;
        }
        again
    }

    fn send_page(&mut self, line: Line, follow: &mut Follow, page: Result<Page, Fault>) -> bool {
        let mut page = match page {
            Ok(page) => page,
            Err(fault) => {
                self.close(line, fault);
                return false;
            }
        };
        let Some(delivery) = page.delivery.take() else { return false };
        let entries = delivery.entries.len() + delivery.slots.len();
        follow.sent(delivery.cursor.clone(), entries, page.bytes);
        let at = self.gate_time();
        self.outlet.offer(line, Item::Deliver(delivery), &self.state.registry, at) && page.more
    }

    /// The time asked for has come.
    pub(super) fn tick(&mut self, monotonic: Option<Duration>) {
        if let Some(monotonic) = monotonic
            && self.clock.measure(self.now, monotonic)
        {
            tracing::error!("the clock has jumped: hours stay as they were until it is confirmed");
        }
        self.close_old_sessions();
        if self.slots_at.is_some_and(|at| at <= self.now) {
            self.tell_slots();
        }
        self.turns.look_again();
    }

    /// Lets members know of slots that changed since the last time.
    fn tell_slots(&mut self) {
        self.slots_at = None;
        for thread in std::mem::take(&mut self.slot_threads) {
            if let Some(head) = self.state.threads.get_mut(&thread) {
                head.slots = self.state.slots;
            }
            for line in self.member_lines(thread) {
                if let Some(follow) = self.sessions.get_mut(&line).and_then(|session| session.follow.as_mut()) {
                    follow.slots_due = true;
                    self.dirty.insert(line);
                }
            }
        }
    }

    /// Hours may have changed: closed sessions are told once, opened ones get what was held.
    pub(super) fn change_hours(&mut self) {
        let at = self.gate_time();
        self.hours_at = estafette_protocol::Timestamp::MAX;
        let lines: Vec<_> = self.sessions.keys().copied().collect();
        for line in lines {
            let Some(session) = self.sessions.get_mut(&line) else { continue };
            let (gate, until) = self.outlet.gate(&self.state.registry, session.agent, at);
            self.hours_at = self.hours_at.min(until);
            let closes = matches!(gate, Gate::Closed { .. });
            if session.follow.is_none() || !is_socket(line) {
                continue;
            }
            let was_closed = std::mem::replace(&mut session.closed, closes);
            let greeting = if closes { None } else { session.greeting.take() };
            if closes && !was_closed {
                self.outlet.offer(line, Item::Closed, &self.state.registry, at);
            }
            if let Some(id) = greeting
                && let Err(fault) = self.greet(line, id)
            {
                self.close(line, fault);
                continue;
            }
            if !closes {
                self.dirty.insert(line);
                self.turns.look_again();
            }
        }
    }
}
