//! A device that was withdrawn: it learns why, destroys its content, and says so until it is heard.
//!
//! Its order is the administrator's statement, checked like every other: no device destroys anything on
//! the relay's word. Suspended, it locks and keeps what it has, since a suspicion may be wrong; lost,
//! replaced or retired, everything goes but what is needed to say so. Every step is one transaction.

use std::time::Duration;

use estafette_protocol::FaultCode;
use estafette_protocol::frame::{Outcome, Reply, RequestBody};
use estafette_protocol::lease::Wipe;
use estafette_protocol::statement::RevocationReason;
use minicbor::{Decode, Encode};

use super::memory::{Asked, Memory};
use super::turn::Turn;
use crate::lease::Standing;
use crate::store::values::{self, Value};
use crate::store::{self, StoreError, outbox};

/// The pause after a word that was not taken.
const PAUSE: Duration = Duration::from_hours(1);

/// That the content was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Wiped {
    /// When, and how much had not left.
    #[n(0)]
    pub wipe: Wipe,
    /// Whether the relay has to be told: an order is confirmed, a lease that ended is not.
    #[n(1)]
    pub owed: bool,
}

impl Turn<'_> {
    /// Carries out what the statements say of this device, as far as they are known.
    pub fn obey(&mut self) -> Result<(), StoreError> {
        if !self.memory.revoked || self.memory.wiped.is_some() {
            return Ok(());
        }
        match self.withdrawal() {
            None => Ok(()),
            Some(RevocationReason::Suspended) => match self.memory.held.standing {
                Standing::Open => self.stand(Standing::Locked),
                _ => Ok(()),
            },
            Some(_) => self.wipe(),
        }
    }

    /// Why this device was withdrawn, once its statements say so.
    fn withdrawal(&self) -> Option<RevocationReason> {
        let record = self.memory.registry.device(self.memory.identity.device)?;
        record.revoked.map(|(_, reason)| reason)
    }

    /// Destroys all content and every key but the one that hardware keeps.
    pub fn wipe(&mut self) -> Result<(), StoreError> {
        let unsent = u32::try_from(outbox::open_count(self.tx)?).unwrap_or(u32::MAX);
        let wiped = Wiped { wipe: Wipe { at: self.now(), unsent }, owed: self.memory.revoked };
        self.refuse_all();
        store::erase_all(self.tx)?;
        let mut identity = self.memory.identity.clone();
        (identity.ed25519, identity.x25519, identity.actor) = ([0; 32], [0; 32], [0; 16]);
        values::put(self.tx, Value::Identity, &identity)?;
        values::put(self.tx, Value::Wiped, &wiped)?;
        values::put(self.tx, Value::Standing, &Standing::Wiped)?;
        self.touched.clear();
        let stage = self.memory.link.stage;
        *self.memory = Memory::load(self.tx)?;
        self.memory.link.stage = stage;
        self.memory.link.closing = true;
        // What was destroyed is still in the write-ahead log.
        self.memory.scrub = true;
        self.changed.insert(super::Change::Device);
        self.changed.insert(super::Change::Threads);
        self.changed.insert(super::Change::Outbox);
        Ok(())
    }

    /// Whoever waits for an answer has one.
    fn refuse_all(&mut self) {
        let stage = self.memory.link.stage;
        self.memory.drop_link();
        self.memory.link.stage = stage;
        let asked = std::mem::take(&mut self.memory.to_ask).into_iter().map(|(id, _)| id);
        let stated = std::mem::take(&mut self.memory.to_state).into_iter().map(|statement| statement.command);
        let recalled = std::mem::take(&mut self.memory.to_recall).into_values().flatten();
        let waiting: Vec<u64> = asked.chain(stated).chain(recalled).collect();
        waiting.into_iter().for_each(|id| self.refuse(id, FaultCode::DeviceWiped));
    }

    /// Whether there is something to be asked or said.
    pub fn owes_the_relay(&self) -> bool {
        match self.memory.wiped {
            Some(wiped) => wiped.owed,
            None => self.memory.revoked && self.withdrawal().is_none(),
        }
    }

    /// Asks why, or says that it was done. There is no socket for a withdrawn device.
    pub fn answer_for_withdrawal(&mut self) {
        if !self.owes_the_relay() || !self.memory.link.asked.is_empty() {
            return;
        }
        match self.memory.wiped {
            Some(wiped) => self.ask(RequestBody::Wiped(wiped.wipe), Asked::Wiped),
            None => {
                let (from, _) = self.memory.registry.next_link();
                self.ask(RequestBody::Orders { from }, Asked::Orders);
            }
        }
    }

    /// The statements up to the one that withdraws this device.
    pub fn orders_answered(&mut self, outcome: Outcome) -> Result<(), StoreError> {
        let before = self.memory.registry.last();
        if let Outcome::Done(Reply::Statements { statements, .. }) = &outcome {
            for signed in statements {
                self.take_statement(signed)?;
            }
        }
        if self.memory.registry.last() == before {
            self.close_for(PAUSE);
        }
        Ok(())
    }

    /// The relay has kept this device's word.
    pub fn wipe_answered(&mut self, outcome: &Outcome) -> Result<(), StoreError> {
        let Some(wiped) = self.memory.wiped.filter(|_| matches!(outcome, Outcome::Done(_))) else {
            self.close_for(PAUSE);
            return Ok(());
        };
        let settled = Wiped { owed: false, ..wiped };
        self.memory.wiped = Some(settled);
        values::put(self.tx, Value::Wiped, &settled)
    }
}
