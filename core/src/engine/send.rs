//! What leaves: entries sealed at the last moment, marks, and requests for what is missing.

use estafette_protocol::entry::{
    EntryKind, Header, Operation, Payload, Place, SealedEntry, Urgency, VERSION, WireEntry,
};
use estafette_protocol::frame::{AppendResult, RequestBody, Slot, SlotKind};
use estafette_protocol::hours::HORIZON;
use estafette_protocol::{
    EntryUid, Epoch, Fault, FaultCode, Hash, Position, RosterGeneration, RosterId, Salt, Timestamp,
};

use super::memory::{Asked, Stage};
use super::turn::{Turn, before};
use crate::seal::{self, EpochSecret, SealedUnder};
use crate::store::outbox::{self, Open};
use crate::store::rosters::RosterState;
use crate::store::{StoreError, marks};

/// Entries in one append: enough to empty an outbox in a few round trips.
const APPEND: usize = 64;
/// Bytes in one append, so that a long backlog does not become one huge frame.
const APPEND_BYTES: usize = 256 * 1024;
/// Positions asked for at once.
const RANGE: u64 = 500;

impl Turn<'_> {
    /// Seals and queues what may leave now.
    pub fn send_outbox(&mut self) -> Result<(), StoreError> {
        let due = outbox::due(self.tx, self.now(), APPEND)?;
        let mut entries: Vec<WireEntry> = Vec::new();
        let mut uids = Vec::new();
        let mut threads = std::collections::BTreeSet::new();
        let mut bytes = 0;
        for open in due {
            if self.memory.link.appending.contains(&open.thread) || bytes > APPEND_BYTES {
                continue;
            }
            let Some(entry) = self.ready(&open)? else { continue };
            bytes += entry.sealed.len();
            threads.insert(open.thread);
            uids.push(open.uid);
            entries.push(entry);
        }
        self.send_common(&entries)?;
        if !entries.is_empty() {
            self.memory.link.appending.extend(threads);
            self.ask(RequestBody::Append { entries }, Asked::Append(uids));
        }
        Ok(())
    }

    /// The sealed form of a message; `None` while its roster has no key to seal under.
    fn ready(&mut self, open: &Open) -> Result<Option<WireEntry>, StoreError> {
        let thread = self.thread(open.thread)?.clone();
        let Some(roster) = self.memory.rosters.get(&thread.roster) else { return Ok(None) };
        if roster.state != RosterState::Member {
            match roster.state {
                RosterState::Waiting => self.want(thread.roster).join = true,
                // It would wait for ever, and want a connection meanwhile.
                RosterState::Gone => self.refuse_for_good(open.thread, open.uid, FaultCode::NotAMember)?,
                RosterState::Member => {}
            }
            return Ok(None);
        }
        // What the relay has just refused waits for the commits, or for this device's own.
        if self.memory.wanted.get(&thread.roster).is_some_and(|wanted| wanted.commit || wanted.catch_up) {
            return Ok(None);
        }
        let (generation, epoch) = (roster.generation, roster.epoch);
        if let Some(entry) = &open.entry
            && (entry.generation, entry.epoch) == (generation, epoch)
        {
            return Ok(Some(entry.clone()));
        }
        let Some(sealed) = self.seal(open, generation, epoch)? else { return Ok(None) };
        let wire = WireEntry::from(sealed);
        outbox::leaving(self.tx, open.uid, &wire)?;
        Ok(Some(wire))
    }

    fn seal(
        &mut self,
        open: &Open,
        generation: RosterGeneration,
        epoch: Epoch,
    ) -> Result<Option<SealedEntry>, StoreError> {
        let thread = self.thread(open.thread)?.clone();
        let Some(secret) = self.epoch_secret(thread.roster, generation, epoch)? else { return Ok(None) };
        let header = Header {
            version: VERSION,
            urgency: if open.urgent.is_some() { Urgency::Emergency } else { Urgency::Normal },
            kind: Operation::from_bytes(&open.operation).map_or(EntryKind::Create, |said| said.deed.kind()),
            thread: thread.id,
            generation,
            epoch,
            uid: open.uid,
            salt: Salt(self.random()),
            acknowledgement_due: open.announced.and_then(|(_, due)| due),
            escalation_minutes: open.urgent.as_ref().and_then(|(_, minutes)| *minutes),
            announced: open.announced.map(|(announced, _)| announced),
            terms: open.urgent.as_ref().map(|(terms, _)| terms.clone()),
        };
        let place = self.memory.log.filter(|_| thread.joined > Position(0)).map(|generation| Place {
            generation,
            position: thread.joined,
            chain: thread.chain.short(),
        });
        let payload = Payload {
            author: self.memory.identity.device,
            statement: self.memory.registry.last(),
            operation: open.operation.clone().into(),
            place,
        };
        let key = self.memory.identity.signing_key();
        match seal::seal(&EpochSecret::new(secret), header, &payload, &key) {
            Ok(sealed) => Ok(Some(sealed)),
            Err(_) => {
                outbox::refused(self.tx, open.uid, FaultCode::MessageTooLong)?;
                Ok(None)
            }
        }
    }

    /// What became of entries that were sent.
    pub fn appended(&mut self, uids: Vec<EntryUid>, results: Vec<AppendResult>) -> Result<(), StoreError> {
        for (uid, result) in uids.into_iter().zip(results) {
            let Some((thread, Some(entry))) = outbox::find(self.tx, uid)? else { continue };
            self.memory.link.appending.remove(&thread);
            match result {
                AppendResult::Stands { placement, hash } => {
                    let own = || entry.into_sealed().map(|sealed| sealed.hash()).unwrap_or(Hash([0; 32]));
                    self.place_own(thread, uid, hash.unwrap_or_else(own), placement)?;
                }
                AppendResult::Refused(fault) => self.append_refused(thread, uid, &fault)?,
            }
        }
        Ok(())
    }

    /// The whole append was refused.
    pub fn append_failed(&mut self, uids: Vec<EntryUid>, fault: &Fault) -> Result<(), StoreError> {
        for uid in uids {
            if let Some((thread, _)) = outbox::find(self.tx, uid)? {
                self.memory.link.appending.remove(&thread);
                self.append_refused(thread, uid, fault)?;
            }
        }
        Ok(())
    }

    fn append_refused(&mut self, thread: i64, uid: EntryUid, fault: &Fault) -> Result<(), StoreError> {
        let roster = self.thread(thread)?.roster;
        match fault.code {
            FaultCode::StaleEpoch => self.want(roster).catch_up = true,
            // The relay has lost the group of which this device is a member: it is founded anew.
            FaultCode::NotFound if self.memory.rosters.contains_key(&roster) => {
                self.want(roster).catch_up = true;
            }
            FaultCode::NotFound => self.refuse_for_good(thread, uid, fault.code)?,
            FaultCode::CommonMissing => self.common_missing(uid)?,
            FaultCode::RemovalOpen => {
                self.memory.statements_missing = true;
                self.want(roster).commit = true;
            }
            FaultCode::NotAMember
            | FaultCode::Forbidden
            | FaultCode::TooLarge
            | FaultCode::MessageTooLong
            | FaultCode::Malformed
            | FaultCode::AlienOrganisation
            | FaultCode::OverrideInvalid
            | FaultCode::OverrideLimit
            | FaultCode::SecondApproverRequired => self.refuse_for_good(thread, uid, fault.code)?,
            // Anything else passes: the message stays and leaves again with the next contact.
            _ => self.close_for(std::time::Duration::from_secs(2)),
        }
        Ok(())
    }

    /// An entry will never leave: it stays in its place with the reason.
    fn refuse_for_good(&mut self, thread: i64, uid: EntryUid, code: FaultCode) -> Result<(), StoreError> {
        outbox::refused(self.tx, uid, code)?;
        self.recall_refused(uid, code);
        self.changed.insert(super::Change::Outbox);
        self.note_fault(code, Some(thread))
    }

    /// Queues marks whose time has come. Nobody is told off duty what somebody reads, though they be on call.
    pub fn send_marks(&mut self) -> Result<(), StoreError> {
        let own = self.memory.identity.device;
        let now = self.now();
        let off_duty = self.composed_off_duty_until();
        for (thread, kind, mark, due_at) in marks::unsent(self.tx, own)? {
            if let (SlotKind::Read, Some(until)) = (kind, off_duty) {
                if until != Timestamp::MAX {
                    self.wake_at(until);
                }
                continue;
            }
            if due_at > now {
                self.wake_at(due_at);
                continue;
            }
            if self.memory.link.marking.contains(&(thread, kind)) {
                continue;
            }
            let (id, roster) = (self.thread(thread)?.id, self.thread(thread)?.roster);
            let Some(known) = self.memory.rosters.get(&roster).filter(|r| r.state == RosterState::Member)
            else {
                continue;
            };
            let (generation, epoch) = (known.generation, known.epoch);
            let Some(secret) = self.epoch_secret(roster, generation, epoch)? else { continue };
            // Hours may open earlier than they were known to when it was read.
            let content = seal::Mark { position: mark.position, at: mark.at.min(now) };
            let address = seal::SlotAddress { thread: id, device: own, kind, version: mark.version };
            let salt = Salt(self.random());
            let under = SealedUnder { generation, epoch };
            let sealed = seal::seal_slot(&EpochSecret::new(secret), under, &address, &content, salt);
            let slot =
                Slot { thread: id.into(), device: own, kind, version: mark.version, sealed: sealed.into() };
            self.memory.link.marking.insert((thread, kind));
            self.ask(RequestBody::Slot { slot }, Asked::Slot { thread, kind, version: mark.version });
        }
        Ok(())
    }

    /// Another device's mark.
    pub fn receive_slot(&mut self, slot: Slot) -> Result<(), StoreError> {
        let Some(thread) = slot.thread.full() else { return Ok(()) };
        let Some(row) = self.thread_row(thread)? else { return Ok(()) };
        let roster = self.thread(row)?.roster;
        let Ok(SealedUnder { generation, epoch }) = seal::slot_epoch(&slot.sealed) else { return Ok(()) };
        let Some(secret) = self.epoch_secret(roster, generation, epoch)? else {
            return marks::keep_closed(self.tx, row, &slot);
        };
        let address =
            seal::SlotAddress { thread, device: slot.device, kind: slot.kind, version: slot.version };
        // A mark that does not open says nothing; the next one of that device overwrites it.
        let Ok(content) = seal::open_slot(&EpochSecret::new(secret), &address, &slot.sealed) else {
            return Ok(());
        };
        let mark = marks::Mark { version: slot.version, position: content.position, at: content.at };
        if marks::put(self.tx, row, slot.device, slot.kind, mark)? {
            self.changed.insert(super::Change::Thread(thread));
            if slot.kind == SlotKind::Read && self.is_own(slot.device) {
                self.read_elsewhere(row, content.position)?;
            }
        }
        Ok(())
    }

    /// Moves this device's "received" marks to where the chains have joined.
    pub fn advance_delivered(&mut self, threads: &[i64]) -> Result<(), StoreError> {
        let own = self.memory.identity.device;
        for row in threads {
            let thread = self.thread(*row)?;
            let (position, roster) = (thread.joined, thread.roster);
            let (at, due_at) = (self.now(), self.mark_due(roster));
            let under_way = self.memory.link.marking.contains(&(*row, SlotKind::Delivered));
            let to = marks::Advance { position, at, due_at, under_way };
            marks::advance(self.tx, *row, own, SlotKind::Delivered, to)?;
        }
        Ok(())
    }

    /// Moves this device's "read" mark of a thread. What is read at home is told as read at the reopening,
    /// and leaves then, whenever it was.
    pub fn advance_read(&mut self, row: i64, roster: RosterId, position: Position) -> Result<(), StoreError> {
        let (now, due_at) = (self.now(), self.mark_due(roster));
        let (at, due_at) = match self.composed_off_duty_until() {
            None => (now, due_at),
            // Not before then, as far as hours can be looked ahead.
            Some(Timestamp::MAX) => (now.after(HORIZON), due_at),
            Some(reopening) => (reopening, reopening.after(due_at.since(now))),
        };
        let under_way = self.memory.link.marking.contains(&(row, SlotKind::Read));
        let to = marks::Advance { position, at, due_at, under_way };
        marks::advance(self.tx, row, self.memory.identity.device, SlotKind::Read, to)
    }

    /// Marks are gathered for 5 s in a small roster, longer in a large one: each is written once
    /// and read by all, so their cost grows with the square of the members.
    pub fn mark_due(&self, roster: estafette_protocol::RosterId) -> estafette_protocol::Timestamp {
        let members = self
            .memory
            .rosters
            .get(&roster)
            .map_or(0, |known| self.memory.registry.member_count(&known.name));
        let seconds = 5 * (1 + members as u64 / 16);
        self.now().after(std::time::Duration::from_secs(seconds))
    }

    /// Asks for a part of a gap.
    pub fn send_range(&mut self) -> Result<(), StoreError> {
        if self.memory.link.asking_range {
            return Ok(());
        }
        let Some((thread, first, last)) = self.any_hole()? else { return Ok(()) };
        let to = Position(last.0.min(first.0.saturating_add(RANGE - 1)));
        self.memory.link.asking_range = true;
        let id = self.thread(thread)?.id;
        self.ask(
            RequestBody::Range { thread: id.into(), from: first, to },
            Asked::Range { thread, first, last },
        );
        Ok(())
    }

    fn any_hole(&self) -> Result<Option<(i64, Position, Position)>, StoreError> {
        while let Some((thread, first, last)) = marks::any_gap(self.tx)? {
            let joined = self.thread(thread)?.joined;
            if last <= joined {
                marks::fill_gap(self.tx, thread, first, last, last)?;
                continue;
            }
            return Ok(Some((thread, first.max(joined.next()), last)));
        }
        Ok(None)
    }

    /// A thread whose log has a hole that no announced gap explains asks for it.
    pub fn note_holes(&mut self, threads: &[i64]) -> Result<(), StoreError> {
        for row in threads {
            let thread = self.thread(*row)?;
            let (joined, highest) = (thread.joined, thread.highest);
            if joined < highest
                && let Some(next) = crate::store::threads::next_stored(self.tx, *row, joined)?
                && next > joined.next()
            {
                marks::add_gap(self.tx, *row, joined.next(), before(next))?;
            }
        }
        Ok(())
    }

    /// Asks for statements after the last one known.
    pub fn send_statements_request(&mut self) {
        if self.memory.statements_missing && !self.memory.link.asking_statements {
            self.memory.link.asking_statements = true;
            let from = self.memory.registry.next_link().0;
            self.ask(RequestBody::Statements { from }, Asked::Statements);
        }
    }

    /// Queues a request; it leaves at the end of the transaction.
    pub fn ask(&mut self, body: RequestBody, asked: Asked) {
        let link = &mut self.memory.link;
        debug_assert!(link.stage != Stage::Down, "nothing is asked without a link");
        let id = link.next_id;
        link.next_id = link.next_id.wrapping_add(1);
        link.asked.insert(id, asked);
        link.queue.push(estafette_protocol::frame::Request { id, body });
    }
}
