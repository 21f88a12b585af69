//! When what is delivered: to sessions as it comes, within their window; to calls once.

use estafette_protocol::Fault;
use estafette_protocol::frame::Delivery;

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
        let reader = Reader {
            device: session.device,
            entries: entries.min(room_entries),
            bytes: bytes.min(room_bytes),
        };
        let acknowledged = std::mem::take(&mut session.acknowledged);
        let before = (follow.marks.clone(), follow.told);
        let page = match (follow.is_full(), gate) {
            (true, _) => Ok(Page::default()),
            (false, Gate::Open) => self.open_page(&mut follow, &reader, &acknowledged),
            (false, _) => self.on_call_page(&mut follow, &reader, &acknowledged),
        };
        let again = self.send_page(line, &mut follow, page).unwrap_or_else(|| {
            // It did not pass the outlet: all of it is still to be sent.
            follow = Follow::from(before.0, before.1);
            false
        });
        let passed = follow.marks.content;
        if let Some(session) = self.sessions.get_mut(&line) {
            session.follow = Some(follow);
            // What the mark has passed needs no memory.
            session.acknowledged = acknowledged;
            session.acknowledged = session.acknowledged.split_off(&passed.saturating_add(1));
        }
        again
    }

    /// Whether another page may follow; `None` if this one did not pass.
    fn send_page(&mut self, line: Line, follow: &mut Follow, page: Result<Page, Fault>) -> Option<bool> {
        let mut page = match page {
            Ok(page) => page,
            Err(fault) => {
                self.close(line, fault);
                return Some(false);
            }
        };
        let Some(mut delivery) = page.delivery.take().or_else(|| self.last_page(follow)) else {
            return Some(false);
        };
        // Another page follows only where this one brought the device on.
        let brings = page.bytes > 0;
        follow.sent(delivery.cursor.clone(), delivery.entries.len(), page.bytes);
        // A device says what it has stored when more is waiting: so more is waiting behind a full window.
        delivery.more |= follow.is_full();
        follow.promised = delivery.more;
        let at = self.gate_time();
        let delivered = delivery.entries.len() as u64;
        let passed = self.outlet.offer(line, Item::Deliver(delivery), &self.state.registry, at);
        if passed && delivered > 0 {
            self.tally.delivered += delivered;
            if let Some(session) = self.sessions.get_mut(&line) {
                session.sent_at = at;
            }
        }
        passed.then_some(page.more && brings)
    }

    /// What ends a promise of more where nothing is left.
    fn last_page(&self, follow: &Follow) -> Option<Delivery> {
        (follow.promised && !follow.is_full()).then(|| Delivery {
            control: Vec::new(),
            entries: Vec::new(),
            slots: Vec::new(),
            gaps: Vec::new(),
            heads: Vec::new(),
            cursor: follow.marks.write(self.state.generation),
            more: false,
        })
    }

    /// The time asked for has come.
    pub(super) fn tick(&mut self) {
        self.close_old_sessions();
        self.tend_audit();
        self.tend_retention();
        if self.slots_at.is_some_and(|at| at <= self.now) {
            self.tell_slots();
        }
        self.turns.look_again();
        self.history_turns.look_again();
        self.announcements.look_again();
    }

    /// Lets members know of slots that changed since the last time.
    fn tell_slots(&mut self) {
        self.slots_at = None;
        for thread in std::mem::take(&mut self.slot_threads) {
            for line in self.member_lines(thread) {
                if let Some(follow) = self.sessions.get_mut(&line).and_then(|session| session.follow.as_mut())
                {
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
                self.history_turns.look_again();
                self.announcements.look_again();
            }
        }
    }
}
