//! What becomes of items after they are made: edits, reactions, erasure, and a thread's settings.
//!
//! Rights are a function of the deed, the item's author and the deed's: a message is its author's,
//! whichever of their devices it is; everybody reacts for themselves. A deed whose item is not
//! here yet is parked and tried again when the item comes; one for an erased item changes nothing.

use estafette_protocol::chain::Placement;
use estafette_protocol::entry::{Deed, Operation, WireEntry};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::Role;
use estafette_protocol::{DeviceId, EntryUid, FaultCode, StatementNumber, Timestamp, limits};

use super::turn::Turn;
use crate::item;
use crate::store::changes::{self, Setting};
use crate::store::editions::{self, Edition, Reaction};
use crate::store::messages;
use crate::store::{StoreError, announcements, notes, outbox, tombstones, urgencies};

/// A deed on something that stands, with who did it and when.
pub(super) struct Done<'a> {
    pub thread: i64,
    pub uid: EntryUid,
    pub placement: Placement,
    pub author: DeviceId,
    pub written_at: Timestamp,
    /// As it came, to be parked; nothing of this device's own.
    pub wire: Option<&'a WireEntry>,
}

impl Turn<'_> {
    /// Applies a deed that changes an item or the thread itself.
    pub fn apply_deed(&mut self, done: &Done<'_>, deed: Deed) -> Result<(), StoreError> {
        let Some(item) = deed.item() else { return self.apply_setting(done, deed) };
        // The erasure itself stays at the relay, for those who still have the item.
        let of = Some(item).filter(|_| !matches!(deed, Deed::Erase { .. }));
        changes::insert(self.tx, done.thread, done.placement.position, done.uid, of)?;
        if tombstones::holds(self.tx, item)? {
            return Ok(());
        }
        let Some((thread, author)) = messages::author(self.tx, item)? else {
            let Some(wire) = done.wire else { return Ok(()) };
            return messages::wait_for_item(self.tx, done.thread, done.placement.position, item, wire);
        };
        let announcement = announcements::get(self.tx, item)?.is_some();
        if thread != done.thread && !(announcement && self.stands_in(item, done.thread)?) {
            return self.reject(done);
        }
        match deed {
            Deed::Edit { text, over, .. } if !announcement && self.same_agent(author, done.author) => {
                self.apply_edit(done, item, text, over)
            }
            Deed::React { emoji, .. } => self.apply_reaction(done, item, emoji),
            Deed::Change { changes, .. } => self.change_note(done, item, &changes),
            Deed::Erase { .. } if self.same_agent(author, done.author) => {
                self.erase_here(item, Some(done.uid), done.thread)
            }
            _ => self.reject(done),
        }
    }

    fn stands_in(&self, version: EntryUid, thread: i64) -> Result<bool, StoreError> {
        Ok(announcements::standings(self.tx, version)?.iter().any(|(_, at)| at.thread == thread))
    }

    pub fn reject(&mut self, done: &Done<'_>) -> Result<(), StoreError> {
        self.note_fault(FaultCode::EntryRejected, Some(done.thread))
    }

    /// An edit and an erasure are the author's: the same person's, on whichever device.
    pub fn same_agent(&self, author: DeviceId, other: DeviceId) -> bool {
        let agent = |device| self.memory.registry.agent_of(device);
        author == other || agent(author).is_some() && agent(author) == agent(other)
    }

    fn apply_edit(
        &mut self,
        done: &Done<'_>,
        item: EntryUid,
        text: String,
        over: Vec<EntryUid>,
    ) -> Result<(), StoreError> {
        let whole = item::check_text(&text).is_ok() && !notes::holds(self.tx, item)?;
        if !whole || over.is_empty() || over.len() > limits::VERSIONS {
            return self.reject(done);
        }
        let edition = Edition {
            uid: done.uid,
            item,
            position: done.placement.position,
            author: done.author,
            written_at: done.written_at,
            received_at: done.placement.received_at,
            body: text,
            over,
        };
        editions::insert(self.tx, done.thread, &edition)?;
        self.show_current(item)
    }

    /// Shows the last of the current versions.
    pub fn show_current(&mut self, item: EntryUid) -> Result<(), StoreError> {
        let versions = editions::of_item(self.tx, item)?;
        match editions::current(&versions).last() {
            Some(last) => messages::set_text(self.tx, item, &last.body),
            None => Ok(()),
        }
    }

    fn apply_reaction(
        &mut self,
        done: &Done<'_>,
        item: EntryUid,
        emoji: Option<String>,
    ) -> Result<(), StoreError> {
        let emoji = emoji.unwrap_or_default();
        let Some(agent) = self.memory.registry.agent_of(done.author) else { return self.reject(done) };
        if item::check_reaction(&emoji).is_err() {
            return self.reject(done);
        }
        let reaction = Reaction {
            item,
            agent,
            uid: done.uid,
            position: done.placement.position,
            at: done.written_at,
            emoji,
        };
        editions::react(self.tx, &reaction)
    }

    /// Erases an item here: its text, its versions, its reactions, and what this device still
    /// holds of it to be sent, but for the erasure itself. What the relay holds of this device's own
    /// is asked to be dropped.
    pub fn erase_here(
        &mut self,
        item: EntryUid,
        erasure: Option<EntryUid>,
        thread: i64,
    ) -> Result<(), StoreError> {
        tombstones::put(self.tx, item, thread, self.now())?;
        messages::erase(self.tx, item)?;
        editions::erase(self.tx, item)?;
        self.forget_note(item)?;
        outbox::erase_item(self.tx, item, erasure)?;
        self.forget_announcement(item)?;
        urgencies::forget(self.tx, item)?;
        self.memory.scrub = true;
        self.recount_unread(thread)
    }

    /// Counts again after a message went.
    fn recount_unread(&mut self, thread: i64) -> Result<(), StoreError> {
        let own = self.own_devices();
        let read_up_to = self.thread(thread)?.read_up_to;
        let unread = messages::unread_above(self.tx, thread, read_up_to, &own)?;
        self.thread_mut(thread)?.unread = unread;
        Ok(())
    }

    fn apply_setting(&mut self, done: &Done<'_>, deed: Deed) -> Result<(), StoreError> {
        changes::insert(self.tx, done.thread, done.placement.position, done.uid, None)?;
        let (setting, value) = match deed {
            Deed::Title { title }
                if item::check_title(&title).is_ok()
                    && self.may_title(done.thread, done.author, done.placement.statement) =>
            {
                (Setting::Title, title)
            }
            Deed::Pin { item, pinned } => {
                (Setting::Pin(item), if pinned { "1".to_owned() } else { String::new() })
            }
            _ => return self.reject(done),
        };
        changes::set(self.tx, done.thread, setting, done.placement.position, &value)?;
        self.changed.insert(super::Change::Threads);
        self.touched.insert(done.thread);
        Ok(())
    }

    /// A team's thread is named by those who lead, a pair's by both.
    pub fn may_title(&self, thread: i64, author: DeviceId, at: StatementNumber) -> bool {
        let Ok(thread) = self.thread(thread) else { return false };
        let pair = self
            .memory
            .rosters
            .get(&thread.roster)
            .is_some_and(|roster| matches!(roster.name, RosterName::Pair { .. }));
        let registry = &self.memory.registry;
        let role = registry.agent_of(author).map(|agent| registry.role_at(agent, at));
        pair || matches!(role, Some(Role::Supervisor | Role::Administrator))
    }

    /// An item has come: what waited for it is applied.
    pub fn item_came(&mut self, thread: i64, item: EntryUid) -> Result<(), StoreError> {
        for (position, wire) in messages::waiting_for_item(self.tx, thread, item)? {
            messages::forget_unopened(self.tx, thread, position)?;
            self.show_kept(thread, position, wire)?;
        }
        Ok(())
    }

    /// A deed of this device has its place: it is applied like anybody's.
    pub fn place_own_deed(
        &mut self,
        thread: i64,
        uid: EntryUid,
        placement: Placement,
    ) -> Result<(), StoreError> {
        let Some(sent) = outbox::deed(self.tx, uid)? else { return Ok(()) };
        let author = self.memory.identity.device;
        editions::place(self.tx, uid, placement.position, placement.received_at)?;
        match Operation::from_bytes(&sent.operation) {
            Ok(Operation { written_at, deed: Deed::Announce { .. } }) => {
                let done = Done { thread, uid, placement, author, written_at, wire: None };
                sent.item.map_or(Ok(()), |item| self.place_own_announcement(&done, item))
            }
            Ok(Operation { written_at, deed }) => {
                let done = Done { thread, uid, placement, author, written_at, wire: None };
                self.apply_deed(&done, deed)
            }
            // Erased meanwhile: only its place is kept.
            Err(_) => changes::insert(self.tx, thread, placement.position, uid, sent.item),
        }
    }
}
