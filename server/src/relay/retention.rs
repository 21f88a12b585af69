//! The relay's daily erasure of entries whose time has passed.
//!
//! Always true: a clock that is wrong erases nothing. While it is doubted nothing is done; and a
//! time that is far beyond the last trace of work in the database is left to an operator, who
//! runs `estafette-relay retention`.

use std::time::Duration;

use estafette_protocol::Timestamp;

use super::Relay;
use super::recent::Recent;
use super::settle::Expected;
use crate::audit::Who;
use crate::retention::{self, PAIR_DAYS};
use crate::store::{Operation, Outcome};

/// Entries in one write: others wait no longer for it than for a page of a delivery.
const ENTRIES: usize = 500;
/// How often it is looked for.
const DAY: Duration = Duration::from_hours(24);
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

    fn erase_expired(&mut self) -> Result<(), crate::store::StoreError> {
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
        if due.is_empty() {
            return Ok(());
        }
        if self.last_trace()?.after(SILENCE) < self.now {
            tracing::warn!("long silence or a wrong clock: entries are erased by the command only");
            return Ok(());
        }
        for erasure in due {
            self.write(Operation::Erase(Box::new(erasure)));
            self.expected.push(Expected::Erasure { limit: ENTRIES });
        }
        Ok(())
    }

    /// The last instant that the database knows something happened.
    fn last_trace(&self) -> Result<Timestamp, crate::store::StoreError> {
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
