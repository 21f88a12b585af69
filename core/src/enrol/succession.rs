//! What an agent's next device may read: what the agent's devices of today may, and what the last
//! ones could until they were lost or replaced.
//!
//! A device that was there from a statement on has no right to what was before it, and neither has
//! its successor: its history begins when that statement was made.

use std::collections::BTreeMap;

use estafette_protocol::registry::{DeviceRecord, Membership, Registry};
use estafette_protocol::statement::{History, RevocationReason};
use estafette_protocol::{AgentNumber, RosterId, StatementNumber, Timestamp};

/// The rosters in which an agent's devices are, or were until they were cut off, and the history
/// that a successor may read there. Rosters from which the agent was removed are not among them,
/// nor those of a device that was retired.
///
/// # Errors
///
/// `stated_at`, which says when a statement was made, has failed.
pub fn succession<E>(
    registry: &Registry,
    agent: AgentNumber,
    mut stated_at: impl FnMut(StatementNumber) -> Result<Timestamp, E>,
) -> Result<BTreeMap<RosterId, History>, E> {
    let own: Vec<&DeviceRecord> =
        registry.devices().filter(|record| record.certificate.agent == agent).collect();
    let mut rosters: BTreeMap<RosterId, History> = BTreeMap::new();
    for (id, roster) in registry.rosters() {
        for record in &own {
            let stay = roster.last_stay(record.certificate.device).filter(|stay| hands_on(record, stay));
            let Some(stay) = stay else { continue };
            let history = match stay.history {
                History::None => History::Since(stated_at(stay.admitted)?),
                wider => wider,
            };
            let widest = rosters.get(&id).map_or(history, |other| wider(*other, history));
            rosters.insert(id, widest);
        }
    }
    Ok(rosters)
}

/// The stay lasts, or ended with a device whose place another one takes.
fn hands_on(record: &DeviceRecord, stay: &Membership) -> bool {
    match (stay.removed, record.revoked) {
        (None, _) => true,
        (Some(removed), Some((revoked, reason))) => removed == revoked && reason != RevocationReason::Retired,
        (Some(_), None) => false,
    }
}

fn wider(one: History, other: History) -> History {
    match (one, other) {
        (History::All, _) | (_, History::All) => History::All,
        (History::Since(one), History::Since(other)) => History::Since(one.min(other)),
        (History::None, wider) | (wider, History::None) => wider,
    }
}
