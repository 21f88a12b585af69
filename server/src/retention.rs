//! Which entries have had their time: those of each roster after the days that its statement gives.
//!
//! Pairs are never stated; their days are a setting. Nothing is erased here: the relay does it by
//! itself each day, and `estafette-relay retention` on an operator's word.

use std::collections::BTreeMap;
use std::time::Duration;

use estafette_protocol::handshake::RosterName;
use estafette_protocol::registry::Registry;
use estafette_protocol::{RosterId, ThreadId, Timestamp};

use crate::audit::{Draft, Subject, What, Who};
use crate::store::Erasure;

/// Days that entries of pairs are kept, unless the settings say otherwise.
pub const PAIR_DAYS: u32 = 365;

/// A roster with entries, and from when on they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// The roster.
    pub roster: RosterId,
    /// Days that its entries are kept.
    pub days: u32,
    /// Its threads.
    pub threads: Vec<ThreadId>,
    /// What was received before is to go.
    pub before: Timestamp,
}

/// Every roster that has threads. Where nothing says how long, nothing is to go.
pub fn plan(
    registry: &Registry,
    threads: impl IntoIterator<Item = ThreadId>,
    name: impl Fn(RosterId) -> Option<RosterName>,
    pair_days: u32,
    now: Timestamp,
) -> Vec<Expiry> {
    let mut rosters: BTreeMap<RosterId, Vec<ThreadId>> = BTreeMap::new();
    for thread in threads {
        rosters.entry(thread.roster()).or_default().push(thread);
    }
    let expiry = |(roster, threads)| {
        let days = match name(roster)? {
            RosterName::Stated(stated) => registry.roster(stated)?.retention_days,
            RosterName::Pair { .. } => pair_days,
        };
        let before = now.before(Duration::from_hours(24 * u64::from(days)));
        Some(Expiry { roster, days, threads, before })
    };
    rosters.into_iter().filter_map(expiry).collect()
}

impl Expiry {
    /// The write, with its line for the audit.
    pub fn erasure(&self, who: Who, now: Timestamp, limit: usize) -> Erasure {
        let subject = Subject {
            roster: Some(self.roster),
            value: Some(self.days.into()),
            until: Some(self.before),
            ..Subject::default()
        };
        let line = Draft { at: now, who, what: What::RetentionExecuted, subject };
        Erasure { threads: self.threads.clone(), before: self.before, limit, line }
    }
}
