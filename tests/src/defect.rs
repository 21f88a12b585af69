//! Defects planted on purpose, through the world's own disk, link and policy: each oracle must
//! see the one that it is for. The product has no part in them.

use estafette_core::engine::LinkInput;
use estafette_protocol::frame::Message;
use estafette_protocol::hours::{AgentHours, HoursState, Reach};
use estafette_protocol::{AgentNumber, EntryUid, Timestamp, codec};
use estafette_server::outlet::{HoursJudge, LegalHours};
use estafette_server::store::{Batch, Operation};
use rand_core::RngCore as _;

use crate::clock::{MINUTE, SECOND};
use crate::device::Phone;
use crate::office::messages_of;
use crate::queue::Happening;
use crate::world::World;

/// A defect that somebody might build in one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// The relay says that entries stand before the disk has them.
    AcknowledgedBeforeDurable,
    /// A device makes two messages of one entry.
    AppliedTwice,
    /// The relay closes its gates a minute late.
    GateSkipped,
    /// Nobody turns the keys after a removal, and the relay does not mind.
    NoRekey,
    /// A device stores where it is in the stream before what stands there.
    CursorFirst,
    /// A device forgets a message that had not left.
    OutboxRowDropped,
    /// The relay counts requests for people.
    ReceiptCountedTwice,
    /// A member hands a newcomer more of the past than its admission grants.
    BundleTooWide,
    /// A device forgets that an item was erased when something comes that changes it.
    ErasedComesBack,
    /// A device takes the author of an edit for the author of the message.
    EditByAnother,
}

impl Defect {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::AcknowledgedBeforeDurable,
        Self::AppliedTwice,
        Self::GateSkipped,
        Self::NoRekey,
        Self::CursorFirst,
        Self::OutboxRowDropped,
        Self::ReceiptCountedTwice,
        Self::BundleTooWide,
        Self::ErasedComesBack,
        Self::EditByAnother,
    ];
}

/// A judge that goes by a watch which is a minute slow when hours end.
struct SlowWatch;

impl HoursJudge for SlowWatch {
    fn state(&self, hours: &AgentHours, now: Timestamp, reach: Reach) -> HoursState {
        match hours.state(Timestamp(now.0 - MINUTE), reach) {
            HoursState::Open => HoursState::Open,
            HoursState::Closed { .. } => hours.state(now, reach),
        }
    }

    fn next_change(&self, hours: &AgentHours, now: Timestamp, reach: Reach) -> Option<Timestamp> {
        let late = hours.next_change(Timestamp(now.0 - MINUTE), reach).map(|at| Timestamp(at.0 + MINUTE));
        late.into_iter().chain(hours.next_change(now, reach)).min()
    }
}

pub(crate) fn judge_of(defect: Option<Defect>) -> Box<dyn HoursJudge> {
    match defect {
        Some(Defect::GateSkipped) => Box::new(SlowWatch),
        _ => Box::new(LegalHours),
    }
}

impl World {
    /// Before a device takes something in. `true`: it will not.
    pub(crate) fn defect_before_input(&mut self, device: usize, what: &LinkInput) -> bool {
        self.defect_before_bundle(device, what);
        self.defect_before_deeds(device);
        if self.defect != Some(Defect::CursorFirst) || self.devices[device].engine.is_none() {
            return false;
        }
        let messages = match what {
            LinkInput::Frame(bytes) => Message::from_bytes(bytes).into_iter().collect(),
            LinkInput::Exchanged(Ok(bytes)) => messages_of(bytes),
            _ => return false,
        };
        let cursor = messages.into_iter().find_map(|message| match message {
            Message::Deliver(delivery) if !delivery.entries.is_empty() => Some(delivery.cursor),
            _ => None,
        });
        let Some(cursor) = cursor.filter(|_| self.chance(5)) else { return false };
        let put = "INSERT OR REPLACE INTO value (name, bytes) VALUES ('cursor', ?1)";
        self.database(Phone(device)).execute(put, [codec::to_bytes(&cursor)]).unwrap();
        self.crash(Phone(device));
        self.queue.push(Timestamp(self.now.0 + 5 * SECOND), Happening::DeviceStarts { device });
        true
    }

    /// A member that takes every epoch for a recent one.
    fn defect_before_bundle(&self, device: usize, what: &LinkInput) {
        let LinkInput::Frame(bytes) = what else { return };
        let asked = matches!(Message::from_bytes(bytes), Ok(Message::HistoryTurn { .. }));
        if self.defect == Some(Defect::BundleTooWide) && asked {
            let recent = "UPDATE epoch_secret SET last_received = ?1";
            self.database(Phone(device)).execute(recent, [i64::MAX]).unwrap();
        }
    }

    /// What a device believes while it takes something in: that nothing was erased, or that somebody
    /// who changes a message is its author.
    fn defect_before_deeds(&self, device: usize) {
        if self.devices[device].engine.is_none() {
            return;
        }
        let database = self.database(Phone(device));
        match self.defect {
            Some(Defect::ErasedComesBack) => {
                let forget = "CREATE TEMP TABLE IF NOT EXISTS erased (item BLOB, thread INTEGER, at INTEGER);
                              INSERT INTO erased SELECT item, thread, at FROM tombstone WHERE settled = 1;
                              DELETE FROM tombstone WHERE item IN (SELECT item FROM erased);
                              UPDATE message SET erased = 0 WHERE uid IN (SELECT item FROM erased)";
                database.execute_batch(forget).unwrap();
            }
            Some(Defect::EditByAnother) => self.claim_forged(device, |_, liar| liar),
            _ => {}
        }
    }

    /// After a device's transaction: what nothing has come for is erased, who wrote is the author.
    pub(crate) fn defect_after_transaction(&self, device: usize) {
        match self.defect {
            Some(Defect::ErasedComesBack) => {
                let database = self.database(Phone(device));
                let known = "SELECT 1 FROM temp.sqlite_schema WHERE name = 'erased'";
                if !database.prepare_cached(known).unwrap().exists(()).unwrap() {
                    return;
                }
                let recall = "DELETE FROM erased WHERE item IN (SELECT item FROM edition);
                              INSERT OR IGNORE INTO tombstone SELECT item, thread, at, 1 FROM erased;
                              UPDATE message SET erased = 1 WHERE uid IN (SELECT item FROM erased);
                              DELETE FROM erased";
                database.execute_batch(recall).unwrap();
            }
            Some(Defect::EditByAnother) => self.claim_forged(device, |author, _| author),
            _ => {}
        }
    }

    fn claim_forged(&self, device: usize, whose: impl Fn(Phone, Phone) -> Phone) {
        for (item, liar) in &self.ledger.forged {
            let written = self.ledger.written.iter().find(|written| written.uid == *item);
            let author = self.device_id(whose(written.expect("a message of the day").author, *liar));
            let claim = "UPDATE message SET author = ?2 WHERE uid = ?1";
            self.database(Phone(device)).execute(claim, (&item.0[..], &author.0[..])).unwrap();
        }
    }

    /// After a device has taken something in.
    pub(crate) fn defect_after_input(&mut self, device: usize) {
        if self.defect == Some(Defect::AppliedTwice) && self.chance(1) {
            let again = "INSERT INTO message (uid, thread, position, author, written_at, received_at, body,
                             parents, document)
                         SELECT zeroblob(16), thread, position, author, written_at, received_at, body, parents,
                             document
                         FROM message WHERE position > 0 ORDER BY id DESC LIMIT 1
                         ON CONFLICT DO NOTHING";
            self.database(Phone(device)).execute(again, []).unwrap();
        }
    }

    pub(crate) fn defect_after_write(&mut self, author: Phone, uid: EntryUid) {
        if self.defect == Some(Defect::OutboxRowDropped) && self.chance(5) {
            let drop = "DELETE FROM outbox WHERE uid = ?1 AND state = 0";
            self.database(author).execute(drop, [&uid.0[..]]).unwrap();
        }
    }

    /// What a relay would lack that does not open removals.
    pub(crate) fn defect_in_batch(&mut self, mut batch: Batch) -> Batch {
        if self.defect == Some(Defect::NoRekey) {
            for operation in &mut batch.operations {
                if let Operation::State(statement) = operation.act_mut() {
                    statement.open_removals.clear();
                }
            }
        }
        if self.defect == Some(Defect::ReceiptCountedTwice) {
            for operation in &mut batch.operations {
                if let Operation::Receipt(receipt) = operation.act_mut() {
                    receipt.agent = AgentNumber(1_000 + self.rng.next_u32() % 1_000_000);
                }
            }
        }
        batch
    }

    /// What does not reach the devices of a world without rekeying.
    pub(crate) fn defect_swallows(&self, message: &Message) -> bool {
        let is_turn = matches!(message, Message::Turn { .. });
        self.defect == Some(Defect::NoRekey) && self.organisation.settled && is_turn
    }
}
