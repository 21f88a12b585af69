//! One delivery's worth of a device's streams: control first, then entries, then slots.
//!
//! Entries come in the order of the organisation's stream, so that one mark says what a device
//! has. Only the newest of a long backlog come, with a gap record for the rest; each entry that
//! does not follow the one sent before comes with the chain before it.

use std::collections::BTreeSet;
use std::sync::Arc;

use estafette_protocol::chain;
use estafette_protocol::entry::Urgency;
use estafette_protocol::frame::{Delivered, Delivery, Gap, Slot};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::registry::Membership;
use estafette_protocol::statement::Class;
use estafette_protocol::{DeviceId, Fault, Hash, Position, ThreadId};

use super::cursor::EARLY;
use super::entries::{as_delivered, may_read, window};
use super::session::Follow;
use super::{Relay, SlotsRead};
use crate::store::EntryRow;

/// More entries than this of one thread are a long backlog.
const BACKLOG: usize = 512;
/// The entries of a long backlog that come at once.
const NEWEST: usize = 200;
/// Slots in one delivery.
const SLOTS: usize = 512;

/// Whose page it is, and how much it may hold.
pub(super) struct Reader {
    pub device: DeviceId,
    pub entries: usize,
    pub bytes: usize,
}

/// A part of a delivery, as it grows.
#[derive(Default)]
pub(super) struct Page {
    pub delivery: Option<Delivery>,
    entries: Vec<Delivered>,
    gaps: Vec<Gap>,
    slots: Vec<Slot>,
    ends: std::collections::BTreeMap<ThreadId, (Position, Hash)>,
    pub bytes: usize,
    pub more: bool,
}

impl Page {
    fn add(&mut self, row: &EntryRow, device: DeviceId, out_of_order: bool) {
        let thread = row.thread;
        self.bytes += row.size();
        self.entries.push(as_delivered(row, device, out_of_order));
        self.end(thread, row);
    }

    fn end(&mut self, thread: ThreadId, row: &EntryRow) {
        let end = (row.placement.position, chain::next(row.previous, row.hash, row.placement));
        let standing = self.ends.entry(thread).or_insert(end);
        *standing = (*standing).max(end);
    }
}

impl Relay {
    /// What a device on duty gets next. Moves the marks; an empty page means that nothing is left.
    pub(super) fn open_page(
        &mut self,
        follow: &mut Follow,
        reader: &Reader,
        acknowledged: &BTreeSet<u64>,
    ) -> Result<Page, Fault> {
        let mut page = Page::default();
        let control = self.control_into(follow, reader, &mut page)?;
        if !page.more {
            self.content_into(follow, reader, acknowledged, &mut page)?;
        }
        if !page.more && follow.slots_due {
            self.slots_into(follow, reader, &mut page)?;
        }
        self.finish_page(follow, control, page)
    }

    /// What a device on call gets next: control, and what is meant for those on call.
    pub(super) fn on_call_page(
        &mut self,
        follow: &mut Follow,
        reader: &Reader,
        acknowledged: &BTreeSet<u64>,
    ) -> Result<Page, Fault> {
        let mut page = Page::default();
        let control = self.control_into(follow, reader, &mut page)?;
        if !page.more {
            self.urgent_into(follow, reader, acknowledged, &mut page)?;
        }
        self.finish_page(follow, control, page)
    }

    fn finish_page(
        &mut self,
        follow: &Follow,
        control: Vec<estafette_protocol::frame::Control>,
        mut page: Page,
    ) -> Result<Page, Fault> {
        let empty =
            control.is_empty() && page.entries.is_empty() && page.slots.is_empty() && page.gaps.is_empty();
        if !empty || page.more {
            let ends = std::mem::take(&mut page.ends).into_iter();
            let heads = ends.map(|(thread, (position, hash))| self.head(thread, position, hash)).collect();
            self.given.note(&page.entries);
            page.delivery = Some(Delivery {
                control,
                entries: std::mem::take(&mut page.entries),
                slots: std::mem::take(&mut page.slots),
                gaps: std::mem::take(&mut page.gaps),
                heads,
                cursor: follow.marks.write(self.state.generation),
                more: page.more,
            });
        }
        Ok(page)
    }

    fn control_into(
        &self,
        follow: &mut Follow,
        reader: &Reader,
        page: &mut Page,
    ) -> Result<Vec<estafette_protocol::frame::Control>, Fault> {
        let control = self.control_page(reader.device, follow.marks.control, reader.bytes)?;
        follow.marks.control = control.mark;
        page.bytes += control.bytes;
        page.more = !control.complete;
        // Entries of a new thread may lie on both sides of the mark: those behind it are named as a gap.
        follow.caught_up &= control.admitted.is_empty();
        for roster in control.admitted {
            let thread = roster.first_thread();
            let Some(stay) = self.state.stay(thread, reader.device) else { continue };
            if follow.marks.content > 0
                && let Some((from, to)) =
                    self.reader.bounds(&window(thread, &stay, 0, follow.marks.content))?
            {
                page.gaps.push(Gap { thread: thread.into(), from, to });
            }
        }
        Ok(control.items)
    }

    fn content_into(
        &self,
        follow: &mut Follow,
        reader: &Reader,
        acknowledged: &BTreeSet<u64>,
        page: &mut Page,
    ) -> Result<(), Fault> {
        let until = self.state.content;
        let threads: Vec<ThreadId> = match follow.caught_up {
            true => follow.fresh.iter().copied().collect(),
            false => {
                let rosters = self.state.rosters_of(reader.device).into_iter();
                rosters.map(|(roster, _)| roster.first_thread()).collect()
            }
        };
        let mut rows = Vec::new();
        for thread in threads {
            let behind =
                self.state.threads.get(&thread).is_some_and(|head| head.stream > follow.marks.content);
            if let Some(stay) = self.state.stay(thread, reader.device).filter(|_| behind) {
                rows.extend(self.backlog(follow, thread, &stay, until, reader.entries, page)?);
            }
        }
        if rows.is_empty() && follow.caught_up {
            // The mark stays, so that a thread it is admitted to has as little as possible behind it.
            follow.fresh.clear();
            return Ok(());
        }
        rows.sort_unstable_by_key(|row| row.stream);
        for row in rows {
            if page.entries.len() >= reader.entries || page.bytes >= reader.bytes {
                page.more = true;
                return Ok(());
            }
            let thread = row.thread;
            let follows = follow.last.insert(thread, row.placement.position).map(Position::next);
            if follow.marks.early.contains(&row.stream) || acknowledged.contains(&row.stream) {
                page.end(thread, &row);
            } else {
                page.add(&row, reader.device, follows != Some(row.placement.position));
            }
            follow.marks.pass_content(row.stream);
        }
        follow.marks.pass_content(until);
        follow.fresh.clear();
        follow.caught_up = true;
        Ok(())
    }

    /// The entries of one thread that are still to be sent: all, or the newest and a gap.
    fn backlog(
        &self,
        follow: &mut Follow,
        thread: ThreadId,
        stay: &Membership,
        until: u64,
        limit: usize,
        page: &mut Page,
    ) -> Result<Vec<Arc<EntryRow>>, Fault> {
        let after = follow.gapped.get(&thread).copied().unwrap_or(0).max(follow.marks.content);
        if let Some(recent) = self.recent.after(thread, after) {
            return Ok(recent.filter(|row| may_read(stay, row)).take(limit + 1).cloned().collect());
        }
        let window = window(thread, stay, after, until);
        let long = self.reader.count(&window, BACKLOG + 1)? > BACKLOG;
        let rows = match long {
            false => self.reader.oldest(&window, limit + 1)?,
            true => self.reader.newest(&window, NEWEST)?,
        };
        if let Some(first) = rows.first().filter(|_| long) {
            let before = crate::store::Window { until: first.stream - 1, ..window };
            if let Some((from, to)) = self.reader.bounds(&before)? {
                page.gaps.push(Gap { thread: thread.into(), from, to });
            }
            follow.gapped.insert(thread, first.stream - 1);
            follow.last.remove(&thread);
        }
        Ok(rows.into_iter().map(Arc::new).collect())
    }

    fn urgent_into(
        &self,
        follow: &mut Follow,
        reader: &Reader,
        acknowledged: &BTreeSet<u64>,
        page: &mut Page,
    ) -> Result<(), Fault> {
        let at = self.gate_time();
        let mut rows = Vec::new();
        for (roster, _) in self.state.rosters_of(reader.device) {
            let thread = roster.first_thread();
            let behind =
                self.state.threads.get(&thread).is_some_and(|head| head.stream > follow.marks.content);
            if let Some(stay) = self.state.stay(thread, reader.device).filter(|_| behind) {
                let window = window(thread, &stay, follow.marks.content, self.state.content);
                rows.extend(self.reader.urgent(&window, reader.entries + EARLY)?);
            }
        }
        rows.sort_unstable_by_key(|row| row.stream);
        for row in rows {
            let known = follow.marks.early.contains(&row.stream) || follow.repeated.contains(&row.stream);
            if known || row.author == reader.device || acknowledged.contains(&row.stream) {
                continue;
            }
            // From its end on it waits like any other.
            let urgency = row.urgency_at(at);
            if urgency == Urgency::Normal {
                continue;
            }
            if page.entries.len() >= reader.entries || page.bytes >= reader.bytes {
                page.more = true;
                return Ok(());
            }
            if follow.marks.early.len() < EARLY {
                follow.marks.early.insert(row.stream);
            } else if urgency == Urgency::Emergency {
                // The list is full: it may come a second time, which is better than not at all.
                follow.repeated.insert(row.stream);
            } else {
                continue;
            }
            page.add(&row, reader.device, true);
        }
        Ok(())
    }

    fn slots_into(&mut self, follow: &mut Follow, reader: &Reader, page: &mut Page) -> Result<(), Fault> {
        let until = self.state.slots;
        let mut slots = Vec::new();
        for (roster, name) in self.state.rosters_of(reader.device) {
            let thread = roster.first_thread();
            let Some(head) = self.state.threads.get(&thread) else { continue };
            if head.slots > follow.marks.slots {
                let found = self.slots_after(thread, follow.marks.slots)?;
                let told = found.iter().filter(|(_, slot)| self.may_see_slot(&name, reader.device, slot));
                slots.extend(told.cloned());
            }
        }
        slots.sort_unstable_by_key(|(number, _)| *number);
        let rest = slots.split_off(slots.len().min(SLOTS));
        page.more = !rest.is_empty();
        follow.marks.slots = match (slots.last(), page.more) {
            (Some((number, _)), true) => *number,
            _ => until,
        };
        follow.slots_due = page.more;
        page.bytes += slots.iter().map(|(_, slot)| slot.sealed.len() + 48).sum::<usize>();
        page.slots = slots.into_iter().map(|(_, slot)| slot).collect();
        Ok(())
    }

    /// Who has received and read an announcement is for those who announce, and for the agent's own
    /// devices; elsewhere for all members.
    fn may_see_slot(&self, name: &RosterName, reader: DeviceId, slot: &Slot) -> bool {
        let registry = &self.state.registry;
        let of = |device| registry.agent_of(device);
        let announces =
            || of(reader).is_some_and(|agent| registry.may_announce(name, agent, registry.last()));
        let private = registry.class(name) == Some(Class::Diffusion);
        slot.device != reader && (!private || of(slot.device) == of(reader) || announces())
    }

    /// A thread's slots after a mark, read once for all sessions that stand at it.
    fn slots_after(&mut self, thread: ThreadId, mark: u64) -> Result<SlotsRead, Fault> {
        if let Some(read) = self.slots_read.get(&(thread, mark)) {
            return Ok(Arc::clone(read));
        }
        let read = Arc::new(self.reader.slots(thread, mark)?);
        self.slots_read.insert((thread, mark), Arc::clone(&read));
        Ok(read)
    }
}
