//! Official announcements: issuing and correcting them, taking them in, and « Lu et compris ».
//!
//! Always true: an announcement comes from somebody entitled in that roster when it was placed, and
//! is shown once however many of an agent's teams it reaches. A correction is a version of its own;
//! the one before stays, and its receipts do not count for the new one. A receipt is given once by
//! a person, on whichever device, and never leaves outside working hours unless it was given in them.

use std::time::Duration;

use estafette_protocol::announcement::{Announced, Announcement, Common, Receipt, Replies};
use estafette_protocol::entry::{Deed, Operation, WireEntry};
use estafette_protocol::frame::{Outcome, RequestBody};
use estafette_protocol::statement::Class;
use estafette_protocol::{
    EntryUid, Fault, FaultCode, Hash, Position, Signature, StatementNumber, ThreadId, Timestamp, codec,
    limits,
};

use super::items::Done;
use super::memory::Asked;
use super::turn::Turn;
use super::{Change, CommandAnswer};
use crate::item;
use crate::seal;
use crate::store::announcements::{self, Standing, Version};
use crate::store::messages::{self, Document, Message};
use crate::store::{StoreError, changes, outbox, receipts, tombstones};

type Answer = Result<Result<CommandAnswer, Fault>, StoreError>;

/// Receipts in one go.
const RECEIPTS: usize = 64;
/// How soon a receipt is offered again whose announcement the relay does not have.
const AGAIN: Duration = Duration::from_secs(60);
/// How long: as long as a restored relay may still be brought what it lost.
const KEPT: Duration = Duration::from_hours(35 * 24);

/// What is asked to be announced.
pub(super) struct Wanted {
    pub threads: Vec<ThreadId>,
    pub text: String,
    pub due: Option<Timestamp>,
    pub replies: Replies,
}

impl Turn<'_> {
    /// Announces to the teams of these threads.
    pub fn announce(&mut self, wanted: &Wanted) -> Answer {
        if wanted.threads.is_empty() || wanted.threads.len() > limits::ANNOUNCED_TEAMS {
            return Ok(Err(FaultCode::Malformed.into()));
        }
        let mut rows = Vec::new();
        for thread in &wanted.threads {
            let Some(row) = self.thread_row(*thread)? else { return Ok(Err(FaultCode::NotFound.into())) };
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        self.issue(wanted, &rows, None)
    }

    /// Puts a new version in the place of one of this agent's, in the same teams.
    pub fn correct(&mut self, version: EntryUid, mut wanted: Wanted) -> Answer {
        let (rows, fault) = match (self.own_message(version)?, announcements::get(self.tx, version)?) {
            (Ok(_), Some(known)) if announcements::corrected_by(self.tx, version)?.is_none() => {
                wanted.replies = known.replies;
                let standings = announcements::standings(self.tx, version)?;
                (standings.into_iter().map(|(_, standing)| standing.thread).collect(), None)
            }
            (Ok(_), Some(_)) => (Vec::new(), Some(FaultCode::Corrected.into())),
            (Ok(_), None) => (Vec::new(), Some(FaultCode::NotFound.into())),
            (Err(fault), _) => (Vec::new(), Some(fault)),
        };
        match fault {
            Some(fault) => Ok(Err(fault)),
            None => self.issue(&wanted, &rows, Some(version)),
        }
    }

    fn issue(&mut self, wanted: &Wanted, rows: &[i64], corrects: Option<EntryUid>) -> Answer {
        if let Err(error) = item::check_written(&wanted.text) {
            let limit = limits::MESSAGE_CHARACTERS as u64;
            return Ok(Err(Fault::from(error).with_number(limit)));
        }
        if self.memory.revoked {
            return Ok(Err(FaultCode::DeviceRevoked.into()));
        }
        if wanted.due.is_some_and(|due| due <= self.now()) {
            return Ok(Err(FaultCode::Malformed.into()));
        }
        if !rows.iter().all(|row| self.may_announce(*row)) {
            return Ok(Err(FaultCode::Forbidden.into()));
        }
        let version = EntryUid(self.random());
        let key: [u8; 32] = self.random();
        let content = Announcement { text: wanted.text.clone(), replies: wanted.replies };
        let Some(sealed) = seal::seal_common(&key, version, &codec::to_bytes(&content)) else {
            return Ok(Err(FaultCode::MessageTooLong.into()));
        };
        let common = Common(sealed.into());
        let announced = Announced { version, common: common.hash(), corrects };
        announcements::put_common(self.tx, &common, true)?;
        let kept = Version { announced, due: wanted.due, replies: wanted.replies, reminded_at: Timestamp(0) };
        announcements::insert(self.tx, &kept)?;
        let (now, not_before) = (self.now(), self.composed_off_duty_until().unwrap_or_default());
        let operation =
            codec::to_bytes(&Operation { written_at: now, deed: Deed::Announce { key: key.into() } });
        let head = codec::to_bytes(&(announced, wanted.due));
        for row in rows {
            let uid = EntryUid(self.random());
            outbox::insert(self.tx, uid, *row, &operation, not_before, Some(version))?;
            outbox::set_announced(self.tx, uid, &head)?;
            let nowhere = Standing { thread: *row, position: Position(0), statement: StatementNumber(0) };
            announcements::stands(self.tx, uid, version, nowhere)?;
            self.touched.insert(*row);
        }
        let message = Message {
            uid: version,
            position: Position(0),
            author: self.memory.identity.device,
            written_at: now,
            received_at: Timestamp(0),
            body: wanted.text.clone(),
            parents: Vec::new(),
            mentions: Vec::new(),
            document: Document::Implied,
        };
        let Some(first) = rows.first() else { return Ok(Err(FaultCode::NotFound.into())) };
        messages::insert(self.tx, *first, &message)?;
        self.changed.insert(Change::Outbox);
        let not_before = (not_before > now).then_some(not_before);
        Ok(Ok(CommandAnswer::Written { uid: version, not_before }))
    }

    /// Whether this agent may announce in a thread, by the statements known here.
    fn may_announce(&self, row: i64) -> bool {
        let registry = &self.memory.registry;
        let name = self
            .thread(row)
            .ok()
            .and_then(|thread| self.memory.rosters.get(&thread.roster))
            .map(|roster| roster.name);
        name.zip(registry.agent_of(self.memory.identity.device))
            .is_some_and(|(name, agent)| registry.may_announce(&name, agent, registry.last()))
    }

    /// Whether a thread holds announcements and nothing else.
    pub fn is_for_announcements(&self, row: i64) -> bool {
        self.thread(row)
            .ok()
            .and_then(|thread| self.memory.rosters.get(&thread.roster))
            .is_some_and(|roster| self.memory.registry.class(&roster.name) == Some(Class::Diffusion))
    }

    /// An entry that announces has come, or one of this device's has its place.
    pub fn announced(
        &mut self,
        done: &Done<'_>,
        wire: &WireEntry,
        key: &[u8; 32],
        news: bool,
    ) -> Result<(), StoreError> {
        let Some(announced) = wire.announced else { return self.reject_announcement(done) };
        let version = announced.version;
        changes::insert(self.tx, done.thread, done.placement.position, done.uid, None)?;
        let standing = Standing {
            thread: done.thread,
            position: done.placement.position,
            statement: done.placement.statement,
        };
        announcements::stands(self.tx, done.uid, version, standing)?;
        if tombstones::holds(self.tx, version)? {
            return Ok(());
        }
        let content = announcements::common(self.tx, announced.common)?
            .and_then(|(common, _)| seal::open_common(key, version, &common.0).ok())
            .and_then(|content| Announcement::from_bytes(&content).ok())
            .filter(|content| item::check_text(&content.text).is_ok());
        let Some(content) = content else { return self.reject_announcement(done) };
        if let Some(corrected) = announced.corrects
            && let Some((_, author)) = messages::author(self.tx, corrected)?
            && !self.same_agent(author, done.author)
        {
            return self.reject_announcement(done);
        }
        let due = wire.acknowledgement_due;
        let kept = Version { announced, due, replies: content.replies, reminded_at: Timestamp(0) };
        announcements::insert(self.tx, &kept)?;
        announcements::opened(self.tx, announced.common)?;
        let message = Message {
            uid: version,
            position: done.placement.position,
            author: done.author,
            written_at: done.written_at,
            received_at: done.placement.received_at,
            body: content.text,
            parents: Vec::new(),
            mentions: Vec::new(),
            document: Document::Implied,
        };
        if !messages::insert(self.tx, done.thread, &message)? {
            return self.come_back(done.thread, &message);
        }
        let own = self.is_own(done.author);
        let known = self.thread_mut(done.thread)?;
        if !own && news && done.placement.position > known.read_up_to {
            known.unread += 1;
        }
        known.last_at = known.last_at.max(done.placement.received_at);
        self.item_came(done.thread, version)
    }

    fn reject_announcement(&mut self, done: &Done<'_>) -> Result<(), StoreError> {
        self.note_fault(FaultCode::EntryRejected, Some(done.thread))
    }

    /// An announcing entry of this device has its place.
    pub fn place_own_announcement(&mut self, done: &Done<'_>, item: EntryUid) -> Result<(), StoreError> {
        let placement = done.placement;
        changes::insert(self.tx, done.thread, placement.position, done.uid, None)?;
        let standing =
            Standing { thread: done.thread, position: placement.position, statement: placement.statement };
        announcements::stands(self.tx, done.uid, item, standing)?;
        let shown_in = messages::author(self.tx, item)?.map(|(thread, _)| thread);
        if shown_in == Some(done.thread) {
            messages::place(self.tx, item, placement.position, placement.received_at)?;
        }
        let known = self.thread_mut(done.thread)?;
        known.last_at = known.last_at.max(placement.received_at);
        self.item_came(done.thread, item)
    }

    /// Erases an announcement of this agent: in each team, its own entries at the relay too.
    pub fn erase_announcement(&mut self, version: EntryUid) -> Answer {
        for (_, standing) in announcements::standings(self.tx, version)? {
            let uid = EntryUid(self.random());
            let deed = Deed::Erase { item: version };
            let operation = codec::to_bytes(&Operation { written_at: self.now(), deed });
            let not_before = self.composed_off_duty_until().unwrap_or_default();
            // Not filed under the item: what is on its way of that is forgotten when the first is placed.
            outbox::insert(self.tx, uid, standing.thread, &operation, not_before, None)?;
            self.touched.insert(standing.thread);
        }
        messages::hide(self.tx, version)?;
        self.changed.insert(Change::Outbox);
        Ok(Ok(CommandAnswer::Done))
    }

    /// Forgets what is kept of an announcement beside its text; the relay is asked to drop each
    /// team's entry.
    pub fn forget_announcement(&mut self, version: EntryUid) -> Result<(), StoreError> {
        let now = self.now();
        for (entry, standing) in announcements::standings(self.tx, version)? {
            tombstones::put(self.tx, entry, standing.thread, now)?;
        }
        announcements::erase(self.tx, version)
    }

    /// « Lu et compris ».
    pub fn acknowledge(&mut self, version: EntryUid) -> Answer {
        let known = match (self.message_to_change(version)?, announcements::get(self.tx, version)?) {
            (Ok((_, author)), Some(known)) if known.due.is_some() && !self.is_own(author) => known,
            (Ok(_), Some(_)) => return Ok(Err(FaultCode::ReceiptInvalid.into())),
            (Ok(_), None) => return Ok(Err(FaultCode::NotFound.into())),
            (Err(fault), _) => return Ok(Err(fault)),
        };
        let device = self.memory.identity.device;
        let Some(agent) = self.memory.registry.agent_of(device) else {
            return Ok(Err(FaultCode::NotEnrolled.into()));
        };
        if receipts::given(self.tx, version, agent)?.is_some() {
            return Ok(Ok(CommandAnswer::Done));
        }
        if announcements::corrected_by(self.tx, version)?.is_some() {
            return Ok(Err(FaultCode::Corrected.into()));
        }
        let standings = announcements::standings(self.tx, version)?;
        let Some((_, standing)) = standings.first() else { return Ok(Err(FaultCode::NotFound.into())) };
        let not_before = self.composed_off_duty_until();
        let receipt = Receipt {
            thread: self.thread(standing.thread)?.id,
            version,
            common: known.announced.common,
            device,
            // Outside working hours nobody learns when somebody read.
            at: self.now().max(not_before.filter(|at| *at != Timestamp::MAX).unwrap_or_default()),
            signature: Signature([0; Signature::LEN]),
        };
        let receipt = receipt.sign(self.memory.identity.organisation, &self.memory.identity.signing_key());
        receipts::give(self.tx, agent, &receipt, not_before.unwrap_or_default())?;
        self.touched.insert(standing.thread);
        self.changed.insert(Change::Outbox);
        Ok(Ok(CommandAnswer::Done))
    }

    /// Queues what announcements have in common, before entries that name it.
    pub fn send_common(&mut self, entries: &[WireEntry]) -> Result<(), StoreError> {
        for announced in entries.iter().filter_map(|entry| entry.announced) {
            let Some((common, false)) = announcements::common(self.tx, announced.common)? else { continue };
            if self.memory.link.bringing.insert(announced.common) {
                self.ask(RequestBody::Common(common), Asked::Common(announced.common));
            }
        }
        Ok(())
    }

    pub fn common_answered(&mut self, hash: Hash, outcome: &Outcome) -> Result<(), StoreError> {
        self.memory.link.bringing.remove(&hash);
        announcements::set_sent(self.tx, hash, matches!(outcome, Outcome::Done(_)))
    }

    /// The relay does not have what an entry of this device names: it is brought again.
    pub fn common_missing(&mut self, entry: EntryUid) -> Result<(), StoreError> {
        let named = outbox::find(self.tx, entry)?.and_then(|(_, wire)| wire?.announced);
        named.map_or(Ok(()), |announced| announcements::set_sent(self.tx, announced.common, false))
    }

    /// Queues receipts whose time has come.
    pub fn send_receipts(&mut self) -> Result<(), StoreError> {
        for receipt in receipts::due(self.tx, self.now(), RECEIPTS)? {
            if self.memory.link.acknowledging.insert(receipt.common) {
                let common = receipt.common;
                self.ask(RequestBody::Acknowledge(receipt), Asked::Acknowledge(common));
            }
        }
        if let Some(at) = receipts::next_due(self.tx, self.now())? {
            self.wake_at(at);
        }
        Ok(())
    }

    pub fn acknowledged(&mut self, common: Hash, outcome: Outcome) -> Result<(), StoreError> {
        self.memory.link.acknowledging.remove(&common);
        let own = self.memory.identity.device;
        let Some(agent) = self.memory.registry.agent_of(own) else { return Ok(()) };
        self.changed.insert(Change::Outbox);
        match outcome {
            Outcome::Done(_) => receipts::settled(self.tx, common, agent),
            // After a restore the announcement comes back with its issuer's device.
            Outcome::Refused(Fault { code: FaultCode::NotFound | FaultCode::NotAMember, .. })
                if receipts::written_since(self.tx, common, agent, self.since(KEPT))? =>
            {
                receipts::put_off(self.tx, common, agent, self.now().after(AGAIN))
            }
            Outcome::Refused(Fault { code: FaultCode::TooManyRequests | FaultCode::Internal, .. }) => {
                receipts::put_off(self.tx, common, agent, self.now().after(AGAIN))
            }
            Outcome::Refused(fault) => {
                receipts::refused(self.tx, common, agent, fault.code)?;
                self.note_fault(fault.code, None)
            }
        }
    }

    /// Somebody's receipt: of an announcement of this agent's, or of this agent's other device.
    pub fn take_receipt(&mut self, receipt: &Receipt) -> Result<(), StoreError> {
        let Some(record) = self.memory.registry.device(receipt.device) else {
            return self.note_fault(FaultCode::ReceiptInvalid, None);
        };
        let (agent, key) = (record.certificate.agent, record.certificate.ed25519);
        if receipt.verify(self.memory.identity.organisation, &key).is_err() {
            return self.note_fault(FaultCode::ReceiptInvalid, None);
        }
        receipts::stands(self.tx, agent, receipt)?;
        if let Some(row) = self.memory.rows.get(&receipt.thread) {
            self.touched.insert(*row);
        }
        Ok(())
    }

    /// The relay reminds this agent. Once acknowledged or corrected, on whichever device, it is nothing.
    pub fn reminded(&mut self, version: EntryUid) -> Result<(), StoreError> {
        let agent = self.memory.registry.agent_of(self.memory.identity.device);
        let given = agent.map_or(Ok(None), |agent| receipts::given(self.tx, version, agent))?;
        let known = announcements::get(self.tx, version)?;
        if given.is_some()
            || known.is_none_or(|known| known.reminded_at > Timestamp(0))
            || announcements::corrected_by(self.tx, version)?.is_some()
        {
            return Ok(());
        }
        announcements::reminded(self.tx, version, self.now())?;
        self.changed.insert(Change::Reminder(version));
        Ok(())
    }

    fn since(&self, ago: Duration) -> Timestamp {
        let ago = u64::try_from(ago.as_millis()).unwrap_or(u64::MAX);
        Timestamp(self.now().0.saturating_sub(ago))
    }

    /// The relay lost its log: own receipts and what is in common are offered again.
    pub fn announcements_anew(&mut self) -> Result<(), StoreError> {
        announcements::begin_anew(self.tx)?;
        let own = self.memory.registry.agent_of(self.memory.identity.device);
        let since = self.since(KEPT);
        own.map_or(Ok(()), |agent| receipts::offer_again(self.tx, agent, since))
    }
}
