//! Receipts: one for each person and version, none missing, and counted alike by relay and issuer.

use std::collections::{BTreeMap, BTreeSet};

use estafette_core::reader::Progress;
use estafette_protocol::announcement::Receipt;
use estafette_protocol::handshake::RosterName;
use estafette_protocol::{AgentNumber, EntryUid, codec, limits};

use super::Verdict;
use crate::device::Phone;
use crate::template::ANNOUNCER;
use crate::world::World;

impl World {
    pub(super) fn judge_receipts(&self, verdict: &mut Verdict) {
        if self.ledger.announced.is_empty() {
            return;
        }
        let held = self.receipts_held();
        for ((version, agent), count) in held.iter().filter(|(_, count)| **count > 1) {
            verdict.counted_twice.push(format!("{version}: agent {agent}, {count} times"));
        }
        for (phone, version) in &self.ledger.acknowledged {
            let agent = self.agent(*phone);
            if self.is_in_force(*phone) && !held.contains_key(&(*version, agent)) {
                verdict.miscounted.push(format!("{version}: the receipt of {phone:?} is not at the relay"));
            }
        }
        if !self.is_in_force(ANNOUNCER) {
            return;
        }
        for version in &self.ledger.announced {
            self.judge_counts(*version, &held, verdict);
        }
    }

    fn judge_counts(
        &self,
        version: EntryUid,
        held: &BTreeMap<(EntryUid, AgentNumber), u32>,
        verdict: &mut Verdict,
    ) {
        let people = self.reader(ANNOUNCER).addressees(version, self.now()).unwrap();
        let counted: BTreeSet<AgentNumber> = people
            .iter()
            .filter(|row| matches!(row.progress, Progress::Acknowledged { .. }))
            .map(|row| row.agent)
            .collect();
        let addressed: BTreeSet<AgentNumber> = people.iter().map(|row| row.agent).collect();
        let given = held.keys().filter(|(of, _)| *of == version).map(|(_, agent)| *agent);
        let given: BTreeSet<AgentNumber> = given.filter(|agent| addressed.contains(agent)).collect();
        if counted != given {
            verdict.miscounted.push(format!("{version}: {counted:?} are counted of {given:?}"));
        }
    }

    /// How many receipts the relay holds of each person for each version, by the device that signed.
    fn receipts_held(&self) -> BTreeMap<(EntryUid, AgentNumber), u32> {
        let database = self.relay_database();
        let mut query = database.prepare_cached("SELECT body FROM receipt").unwrap();
        let bodies = query.query_map((), |row| row.get::<_, Vec<u8>>(0)).unwrap();
        let mut held = BTreeMap::new();
        for body in bodies {
            let receipt: Receipt = codec::from_bytes(&body.unwrap(), limits::FRAME).unwrap();
            let agent = self.registry().agent_of(receipt.device).unwrap();
            *held.entry((receipt.version, agent)).or_default() += 1;
        }
        held
    }

    /// A device that is still in the roster of announcements.
    fn is_in_force(&self, phone: Phone) -> bool {
        let registry = self.registry();
        let roster = self.organisation.announcements;
        roster.is_some_and(|roster| {
            registry.membership(&RosterName::Stated(roster), self.device_id(phone)).is_some()
        })
    }
}
