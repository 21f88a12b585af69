//! Entries that come in: placed in the chain, opened, judged, and made into rows.
//!
//! Every entry ends in exactly one state: a message, kept unopened with its reason, or a
//! duplicate that changes nothing. What one entry holds can never stop another.

use estafette_protocol::chain::{self, HeadClaim, Placement, ThreadHead};
use estafette_protocol::entry::{Deed, ItemKind, Operation, Payload, SealedEntry, WireEntry};
use estafette_protocol::frame::{Content, Delivered, Gap};
use estafette_protocol::statement::Class;
use estafette_protocol::{EntryUid, Epoch, FaultCode, Hash, Position, RosterGeneration, RosterId, limits};

use super::items::Done;
use super::memory::Memory;
use super::turn::Turn;
use crate::item;
use crate::note::{self, NoteContent};
use crate::seal::{self, EpochSecret};
use crate::store::messages::{self, Document, Message, Unopened};
use crate::store::threads::{self, LogEntry};
use crate::store::{StoreError, announcements, marks, outbox, rosters};

/// An entry that was opened and whose author holds.
struct Opened {
    payload: Payload,
    operation: Operation,
    /// By a key that was handed over: written before this device came.
    past: bool,
}

/// The name under which screens know what an entry brings.
fn shown_as(sealed: &SealedEntry) -> EntryUid {
    sealed.header.announced.map_or(sealed.header.uid, |announced| announced.version)
}

impl Turn<'_> {
    /// Takes an entry of the content stream or of a range.
    pub fn receive(&mut self, delivered: Delivered) -> Result<(), StoreError> {
        let Some(thread_id) = delivered.thread.full() else { return Ok(()) };
        let Some(thread) = self.thread_row(thread_id)? else {
            return self.note_fault(FaultCode::NotAMember, None);
        };
        match delivered.content {
            Content::Own { uid, hash } => self.place_own(thread, uid, hash, delivered.placement),
            // Its bytes are gone: the log has its place, and there is nothing to show.
            Content::Erased { uid, hash } => {
                let position = delivered.placement.position;
                match self.log_entry(thread, uid, hash, delivered.placement, delivered.previous)? {
                    true => messages::keep_erased(self.tx, thread, position),
                    false => Ok(()),
                }
            }
            Content::Announcement { entry, common } => {
                let named = entry.announced.map(|announced| announced.common);
                if common.0.len() > limits::COMMON || named != Some(common.hash()) {
                    return self.note_fault(FaultCode::EntryRejected, Some(thread));
                }
                announcements::put_common(self.tx, &common, false)?;
                let content = Content::Entry(entry);
                self.receive(Delivered { content, ..delivered })
            }
            Content::Entry(wire) => {
                let Some(sealed) =
                    wire.clone().into_sealed().filter(|entry| entry.header.thread == thread_id)
                else {
                    return self.note_fault(FaultCode::EntryRejected, Some(thread));
                };
                let uid = sealed.header.uid;
                let hash = sealed.hash();
                if !self.log_entry(thread, uid, hash, delivered.placement, delivered.previous)? {
                    return Ok(());
                }
                self.show(thread, &sealed, wire, delivered.placement)
            }
        }
    }

    /// An entry of this device stands: its message gets its place.
    pub fn place_own(
        &mut self,
        thread: i64,
        uid: EntryUid,
        hash: Hash,
        placement: Placement,
    ) -> Result<(), StoreError> {
        outbox::stands(self.tx, uid, placement.received_at)?;
        self.urgency_placed(uid, hash, placement.received_at)?;
        if let Some((_, Some(entry))) = outbox::find(self.tx, uid)? {
            let roster = self.thread(thread)?.roster;
            let key = (roster, entry.generation, entry.epoch);
            rosters::note_received(self.tx, key, placement.received_at)?;
        }
        messages::place(self.tx, uid, placement.position, placement.received_at)?;
        self.changed.insert(super::Change::Outbox);
        self.log_entry(thread, uid, hash, placement, None)?;
        if messages::exists(self.tx, uid)? {
            self.recall_placed(uid)?;
            let entry = self.thread_mut(thread)?;
            entry.last_at = entry.last_at.max(placement.received_at);
            return self.item_came(thread, uid);
        }
        self.place_own_deed(thread, uid, placement)
    }

    /// Puts an entry into the log and joins the chain as far as it goes; `false` for a known one.
    fn log_entry(
        &mut self,
        thread: i64,
        uid: EntryUid,
        hash: Hash,
        placement: Placement,
        previous: Option<Hash>,
    ) -> Result<bool, StoreError> {
        let known = self.thread(thread)?;
        let follows = placement.position == known.joined.next();
        let chain = follows.then(|| chain::next(known.chain, hash, placement));
        let early = previous.map(|previous| chain::next(previous, hash, placement));
        let entry = LogEntry { uid, hash, placement, chain: chain.or(early) };
        if placement.position.0 == 0 || !threads::insert_entry(self.tx, thread, &entry, self.now())? {
            let stands = threads::entry(self.tx, thread, placement.position)?;
            if stands.is_none_or(|stands| stands.hash != hash) {
                self.note_fault(FaultCode::ChainBroken, Some(thread))?;
            }
            return Ok(false);
        }
        let known = self.thread_mut(thread)?;
        if placement.position > known.highest {
            known.highest = placement.position;
            known.statement = known.statement.max(placement.statement);
        }
        if let Some(chain) = chain {
            known.joined = placement.position;
            known.chain = chain;
            self.join_chain(thread)?;
        }
        Ok(true)
    }

    /// Goes on joining over entries that came before their turn.
    fn join_chain(&mut self, thread: i64) -> Result<(), StoreError> {
        loop {
            let known = self.thread(thread)?;
            if known.joined == known.highest {
                return Ok(());
            }
            let (next, previous) = (known.joined.next(), known.chain);
            let Some(entry) = threads::entry(self.tx, thread, next)? else { return Ok(()) };
            let chain = chain::next(previous, entry.hash, entry.placement);
            if entry.chain.is_some_and(|early| early != chain) {
                self.note_fault(FaultCode::ChainBroken, Some(thread))?;
            }
            threads::set_chain(self.tx, thread, next, chain)?;
            let known = self.thread_mut(thread)?;
            known.joined = next;
            known.chain = chain;
        }
    }

    /// Makes an entry into a message, or keeps it with the reason why it is none.
    fn show(
        &mut self,
        thread: i64,
        sealed: &SealedEntry,
        wire: WireEntry,
        placement: Placement,
    ) -> Result<(), StoreError> {
        match self.open(thread, sealed, placement)? {
            Ok(opened) => self.apply(thread, sealed.header.uid, placement, &wire, opened),
            // The message is here since before the relay was restored; only its place was missing.
            Err(Unopened::BeforeArrival)
                if messages::place_awaited(self.tx, thread, shown_as(sealed), placement)? =>
            {
                Ok(())
            }
            Err(reason) => {
                if reason == Unopened::Refused {
                    self.note_fault(FaultCode::EntryRejected, Some(thread))?;
                }
                messages::keep_unopened(self.tx, thread, placement.position, reason, &wire)
            }
        }
    }

    fn open(
        &mut self,
        thread: i64,
        sealed: &SealedEntry,
        placement: Placement,
    ) -> Result<Result<Opened, Unopened>, StoreError> {
        let roster = self.thread(thread)?.roster;
        let header = &sealed.header;
        if placement.statement > self.memory.registry.last() {
            self.memory.statements_missing = true;
            return Ok(Err(Unopened::KeyMissing));
        }
        let key = (roster, header.generation, header.epoch);
        let Some(secret) = self.secret(key)? else {
            return Ok(Err(self.why_no_secret(roster, header.generation, header.epoch)));
        };
        if placement.received_at < secret.readable_from {
            return Ok(Err(Unopened::BeforeArrival));
        }
        let Ok(opened) = seal::open(&EpochSecret::new(secret.bytes), sealed) else {
            // A secret that was handed over proves itself by opening something.
            let why = if secret.bundled { Unopened::BeforeArrival } else { Unopened::Refused };
            return Ok(Err(why));
        };
        rosters::note_received(self.tx, key, placement.received_at)?;
        let opened = self.judge_author(roster, opened, placement);
        Ok(opened.map(|opened| Opened { past: secret.bundled, ..opened }))
    }

    /// The author must have been a member, with that key, at the statement that the relay held then.
    fn judge_author(
        &self,
        roster: RosterId,
        opened: seal::Opened,
        placement: Placement,
    ) -> Result<Opened, Unopened> {
        let registry = &self.memory.registry;
        let name = &self.memory.rosters.get(&roster).ok_or(Unopened::Refused)?.name;
        let author = opened.author();
        let record = registry.device(author).ok_or(Unopened::Refused)?;
        registry.membership_at(name, author, placement.statement).ok_or(Unopened::Refused)?;
        if !record.in_force(placement.statement) {
            return Err(Unopened::Refused);
        }
        // The relay lets nobody else announce; a device does not take its word for it.
        let (agent, at) = (record.certificate.agent, placement.statement);
        if registry.class(name) == Some(Class::Diffusion) && !registry.may_announce(name, agent, at) {
            return Err(Unopened::Refused);
        }
        let payload = opened.verify(&record.certificate.ed25519).map_err(|_| Unopened::Refused)?;
        let operation = Operation::from_bytes(&payload.operation).map_err(|_| Unopened::Unknown)?;
        Ok(Opened { payload, operation, past: false })
    }

    fn why_no_secret(&self, roster: RosterId, generation: RosterGeneration, epoch: Epoch) -> Unopened {
        match self.memory.rosters.get(&roster) {
            Some(known)
                if known.state == rosters::RosterState::Member
                    && (generation, epoch) < (known.generation, known.first_epoch) =>
            {
                Unopened::BeforeArrival
            }
            _ => Unopened::KeyMissing,
        }
    }

    fn apply(
        &mut self,
        thread: i64,
        uid: EntryUid,
        placement: Placement,
        wire: &WireEntry,
        opened: Opened,
    ) -> Result<(), StoreError> {
        self.check_place(thread, &opened.payload)?;
        let author = opened.payload.author;
        self.note_urgency(thread, wire, author, placement)?;
        let Operation { written_at, deed } = opened.operation;
        let mut note = None;
        let (read, parents, mentions) = match deed {
            Deed::Message { change, parents } => {
                let read = item::read_first_version(&change)
                    .map(|(actor, text)| (text.to_owned(), Document::FirstVersion(actor)));
                (read, parents, Vec::new())
            }
            Deed::Create { kind: ItemKind::Message, content, parents, mentions } => {
                let read = item::read_text(&content).map(|text| (text.to_owned(), Document::Implied));
                (read, parents.unwrap_or_default(), mentions.unwrap_or_default())
            }
            Deed::Announce { key } => {
                let read = self.thread(thread)?.read_up_to > Position(0);
                let done = Done { thread, uid, placement, author, written_at, wire: Some(wire) };
                return self.announced(&done, wire, &key, !opened.past || read);
            }
            Deed::Create { kind: ItemKind::Note, content, .. } => {
                let read = NoteContent::from_bytes(&content).map(|content| {
                    let body = note::body(&content.title, &content.text);
                    note = Some(content);
                    (body, Document::Implied)
                });
                (read, Vec::new(), Vec::new())
            }
            deed => {
                let done = Done { thread, uid, placement, author, written_at, wire: Some(wire) };
                return self.apply_deed(&done, deed);
            }
        };
        let Ok((text, document)) = read else {
            return self.note_fault(FaultCode::EntryRejected, Some(thread));
        };
        if parents.len() > limits::PARENTS || mentions.len() > limits::MENTIONS {
            return self.note_fault(FaultCode::EntryRejected, Some(thread));
        }
        let message = Message {
            uid,
            position: placement.position,
            author,
            written_at,
            received_at: placement.received_at,
            body: text,
            parents,
            mentions,
            document,
        };
        if !messages::insert(self.tx, thread, &message)? {
            return self.come_back(thread, &message);
        }
        if let Some(content) = note {
            self.begin_note(thread, uid, &content)?;
        }
        let own = self.is_own(author);
        let known = self.thread_mut(thread)?;
        // The past is not news, unless one of this agent's devices has said how far it had read.
        let news = !opened.past || known.read_up_to > Position(0);
        if !own && news && placement.position > known.read_up_to {
            known.unread += 1;
        }
        known.last_at = known.last_at.max(placement.received_at);
        self.item_came(thread, uid)
    }

    /// The author had seen a place in this thread: it must be the one that stands here.
    fn check_place(&mut self, thread: i64, payload: &Payload) -> Result<(), StoreError> {
        let Some(place) = payload.place else { return Ok(()) };
        if self.memory.log != Some(place.generation) || place.position == Position(0) {
            return Ok(());
        }
        let known = self.thread(thread)?;
        let chain = match place.position == known.joined {
            true => Some(known.chain),
            false => threads::entry(self.tx, thread, place.position)?.and_then(|entry| entry.chain),
        };
        match chain {
            Some(chain) if chain.short() != place.chain => {
                self.note_fault(FaultCode::ChainBroken, Some(thread))
            }
            _ => Ok(()),
        }
    }

    /// Tries entries again that waited for a secret.
    pub fn retry_unopened(&mut self, roster: RosterId) -> Result<(), StoreError> {
        self.retry_entries(roster, false)
    }

    /// The same, with or without those of before this device's arrival.
    pub fn retry_entries(&mut self, roster: RosterId, past: bool) -> Result<(), StoreError> {
        let rows: Vec<i64> = self
            .memory
            .threads
            .values()
            .filter(|thread| thread.roster == roster)
            .map(|thread| thread.row)
            .collect();
        for thread in rows {
            for (position, wire) in messages::waiting_for_keys(self.tx, thread, past)? {
                messages::forget_unopened(self.tx, thread, position)?;
                self.show_kept(thread, position, wire)?;
            }
        }
        Ok(())
    }

    /// Shows an entry that was kept unopened until now.
    pub fn show_kept(&mut self, thread: i64, position: Position, wire: WireEntry) -> Result<(), StoreError> {
        let Some(sealed) = wire.clone().into_sealed() else { return Ok(()) };
        let Some(entry) = threads::entry(self.tx, thread, position)? else { return Ok(()) };
        self.touched.insert(thread);
        self.show(thread, &sealed, wire, entry.placement)
    }

    /// Checks the relay's word for a thread against what was received.
    pub fn check_head(&mut self, head: &ThreadHead) -> Result<(), StoreError> {
        let Some((row, relay_key)) = head
            .thread
            .full()
            .and_then(|thread| self.memory.rows.get(&thread).copied())
            .zip(self.memory.registry.relay_key())
        else {
            return Ok(());
        };
        let known = self.thread(row)?;
        let id = known.id;
        let hash = match known.joined == head.position {
            true => Some(known.chain),
            false => threads::entry(self.tx, row, head.position)?.and_then(|entry| entry.chain),
        };
        let (Some(hash), Some(generation)) = (hash, self.memory.log) else { return Ok(()) };
        let claim = HeadClaim {
            organisation: self.memory.identity.organisation,
            generation,
            thread: id,
            position: head.position,
            hash,
        };
        match claim.verify(&relay_key, &head.signature) {
            Ok(()) => Ok(()),
            Err(_) => self.note_fault(FaultCode::ChainBroken, Some(row)),
        }
    }

    /// Notes what a delivery left out, to be asked for.
    pub fn note_gap(&mut self, gap: Gap) -> Result<(), StoreError> {
        let Some(thread) = gap.thread.full() else { return Ok(()) };
        match self.thread_row(thread)? {
            Some(row) if gap.from <= gap.to && gap.from.0 > 0 => {
                marks::add_gap(self.tx, row, gap.from, gap.to)
            }
            _ => Ok(()),
        }
    }

    /// The secret of an epoch, from memory or rows.
    pub fn epoch_secret(
        &mut self,
        roster: RosterId,
        generation: RosterGeneration,
        epoch: Epoch,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        Ok(self.secret((roster, generation, epoch))?.map(|secret| secret.bytes))
    }

    fn secret(
        &mut self,
        key: (RosterId, RosterGeneration, Epoch),
    ) -> Result<Option<rosters::Secret>, StoreError> {
        if let Some(secret) = self.memory.secrets.get(&key) {
            return Ok(Some(*secret));
        }
        let secret = rosters::secret(self.tx, key.0, key.1, key.2)?;
        if let Some(secret) = secret {
            Memory::remember_secret(self.memory, key, secret);
        }
        Ok(secret)
    }
}
