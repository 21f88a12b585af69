//! How recent the statement chain is known to be.
//!
//! A relay that hides a revocation can show an older chain, but no recent date with it. So
//! administrators' devices date the head daily, and a device that has no date of the last seven
//! days says so and lets nobody into a roster. Removing, writing and reading go on.

use std::time::Duration;

use estafette_protocol::dated_head::{DAILY, DatedHead, FRESH};
use estafette_protocol::frame::{Outcome, RequestBody};
use estafette_protocol::{FaultCode, Timestamp};

use super::Change;
use super::memory::{Asked, Stage};
use super::turn::Turn;
use crate::store::values::{self, Value};
use crate::store::{StoreError, faults, statements};

/// After a greeting, how long the relay has to bring what it holds before a warning.
const CATCH_UP: Duration = Duration::from_secs(60);

impl Turn<'_> {
    /// Whether no administrator has dated the chain for too long.
    pub fn chain_is_old(&self) -> bool {
        self.memory.registry.head().is_some() && self.now() >= self.memory.chain_dated.after(FRESH)
    }

    /// An administrator has said, now or earlier, what the chain is.
    pub fn chain_dated(&mut self, at: Timestamp) {
        self.memory.chain_dated = self.memory.chain_dated.max(at.min(self.now()));
    }

    /// Takes an administrator's date. One of another chain than this device's is a fault.
    pub fn take_dated_head(&mut self, head: &DatedHead) -> Result<(), StoreError> {
        let registry = &self.memory.registry;
        let signer = registry.device(head.device).filter(|_| registry.is_administrator(head.device));
        let organisation = self.memory.identity.organisation;
        if !signer.is_some_and(|signer| head.verify(organisation, &signer.certificate.ed25519).is_ok()) {
            return self.note_fault(FaultCode::StatementForged, None);
        }
        let own = match self.memory.registry.head() {
            Some((number, hash)) if number == head.number => Some(hash),
            _ => statements::hash(self.tx, head.number)?,
        };
        if own != Some(head.hash) {
            self.memory.statements_missing |= own.is_none();
            return self.note_fault(FaultCode::StatementsWithheld, None);
        }
        self.chain_dated(head.at);
        self.changed.insert(Change::Device);
        values::put(self.tx, Value::ChainDated, &self.memory.chain_dated)
    }

    /// On an administrator's device: dates the head, once a day.
    pub fn send_dated_head(&mut self) {
        let own = self.memory.identity.device;
        let Some(head) = self.memory.registry.head() else { return };
        if self.memory.link.dating
            || self.memory.statements_missing
            || !self.memory.registry.is_administrator(own)
        {
            return;
        }
        let due = self.memory.chain_dated.after(DAILY);
        if self.now() < due {
            return self.wake_at(due);
        }
        let (organisation, at) = (self.memory.identity.organisation, self.now());
        let head = DatedHead::sign(organisation, head, at, own, &self.memory.identity.signing_key());
        self.memory.link.dating = true;
        self.ask(RequestBody::DatedHead(head), Asked::DatedHead(at));
    }

    /// The relay has taken this device's date, or this device is behind.
    pub fn dated(&mut self, at: Timestamp, outcome: Outcome) -> Result<(), StoreError> {
        match outcome {
            Outcome::Done(_) => {
                self.memory.link.dating = false;
                self.chain_dated(at);
                values::put(self.tx, Value::ChainDated, &self.memory.chain_dated)
            }
            Outcome::Refused(fault) => {
                // Tried again with the next connection, or once the rest of the chain is here.
                let behind = fault.code == FaultCode::StatementOutOfOrder;
                self.memory.link.dating = !behind;
                self.memory.statements_missing |= behind;
                Ok(())
            }
        }
    }

    /// Warns once a day while the chain is old, though the relay had time to bring a newer date.
    pub fn warn_of_old_chain(&mut self) -> Result<(), StoreError> {
        if self.memory.link.stage != Stage::Open || !self.memory.link.greeted || !self.chain_is_old() {
            return Ok(());
        }
        let told = faults::last(self.tx, FaultCode::StatementsOld)?;
        let again = told.map_or(Timestamp(0), |at| at.after(DAILY));
        let due = self.memory.link.greeted_at.after(CATCH_UP).max(again);
        match self.now() >= due {
            true => self.note_fault(FaultCode::StatementsOld, None),
            false => {
                self.wake_at(due);
                Ok(())
            }
        }
    }
}
