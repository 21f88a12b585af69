//! The relay's daily erasure of what has had its time: entries, and the evidence of phones withdrawn long ago.
//!
//! Always true: a clock that is wrong erases nothing. While it is doubted nothing is done; and a
//! time that is far beyond the last trace of work in the database is left to an operator, who
//! runs `estafette-relay retention`.

use std::time::Duration;

use estafette_protocol::{DeviceId, Timestamp};

use super::Relay;
use super::recent::Recent;
use super::settle::Expected;
use crate::audit::{Subject, What, Who};
use crate::retention::{self, PAIR_DAYS};
use crate::store::{Operation, Outcome, StoreError};

/// Entries in one write: others wait no longer for it than for a page of a delivery.
const ENTRIES: usize = 500;
/// How often it is looked for.
const DAY: Duration = Duration::from_hours(24);
/// How long the evidence of a withdrawn phone is kept: whoever contests its end can have it judged again.
const EVIDENCE: Duration = Duration::from_hours(365 * 24);
/// Phones whose evidence is erased in one day: each has a line in the audit.
const PHONES: usize = 500;
/// A relay that was silent for longer does not trust its clock to erase.
const SILENCE: Duration = Duration::from_hours(31 * 24);

/// What is to be kept, and when it is looked at next.
pub(super) struct Keeping {
    pub pair_days: u32,
    due_at: Timestamp,
}

impl Default for Keeping {
    fn default() -> Self {
        Self { pair_days: PAIR_DAYS, due_at: Timestamp(0) }
    }
}

impl Relay {
    /// Erases what is due, once a day, in small writes that follow each other.
    pub(super) fn tend_retention(&mut self) {
        let ours = self.keeping.due_at <= self.now || self.keeping.due_at > self.now.after(DAY);
        if !ours || self.stalled || self.draining || self.clock.is_doubted() {
            return;
        }
        self.keeping.due_at = self.now.after(DAY);
        // An operator may have erased beside us: what memory holds is read anew.
        self.recent = Recent::default();
        match self.erase_expired() {
            Ok(()) => {}
            Err(error) => {
                tracing::error!(code = %error.code(), %error, "what is to be erased could not be read");
            }
        }
    }

    fn erase_expired(&mut self) -> Result<(), StoreError> {
        let threads = self.state.threads.keys().copied();
        let name = |roster| self.state.roster_name(roster);
        let plan = retention::plan(&self.state.registry, threads, name, self.keeping.pair_days, self.now);
        let mut due = Vec::new();
        for expiry in plan {
            let mut found = false;
            for thread in &expiry.threads {
                found |= self.reader.expired(*thread, expiry.before)?.0 > 0;
            }
            if found {
                due.push(expiry.erasure(Who::Relay, self.now, ENTRIES));
            }
        }
        let phones = self.phones_withdrawn_long_ago()?;
        if due.is_empty() && phones.is_empty() {
            return Ok(());
        }
        if self.last_trace()?.after(SILENCE) < self.now {
            tracing::warn!("long silence or a wrong clock: nothing is erased, entries by the command only");
            return Ok(());
        }
        for erasure in due {
            self.write(Operation::Erase(Box::new(erasure)));
            self.expected.push(Expected::Erasure { limit: ENTRIES });
        }
        for device in phones {
            self.state.phones.remove(&device);
            let agent = self.state.registry.agent_of(device);
            let subject = Subject { device: Some(device), agent, ..Subject::default() };
            self.write_alone(Operation::EraseEvidence { device }, What::EvidenceErased, subject);
        }
        Ok(())
    }

    /// The phones whose evidence has had its time, as the statements that withdrew them are dated.
    fn phones_withdrawn_long_ago(&self) -> Result<Vec<DeviceId>, StoreError> {
        let mut due = Vec::new();
        for device in self.state.phones.keys() {
            let record = self.state.registry.device(*device);
            let Some((withdrawn, _)) = record.and_then(|record| record.revoked) else { continue };
            let signed = self.reader.statements(withdrawn, 1)?.pop();
            let Some(Ok(statement)) = signed.map(|signed| signed.statement()) else { continue };
            if statement.at.after(EVIDENCE) <= self.now {
                due.push(*device);
            }
        }
        due.truncate(PHONES);
        Ok(due)
    }

    /// The last instant that the database knows something happened.
    fn last_trace(&self) -> Result<Timestamp, StoreError> {
        let received = self.state.threads.values().map(|head| head.received_at).max();
        let signed = self.reader.audit_heads()?.last().map(|head| head.at);
        Ok(received.max(signed).unwrap_or_default())
    }

    /// What was erased leaves memory too; where more is due, it goes on at once.
    pub(super) fn settle_erasure(&mut self, limit: usize, outcomes: &[Outcome]) {
        let Some(Outcome::Erased(erased)) = outcomes.first() else { return };
        self.recent = Recent::default();
        if *erased >= limit {
            self.keeping.due_at = self.now;
            self.tend_retention();
        }
    }
}
