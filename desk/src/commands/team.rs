//! A team's people: who is in it, who leads it.
//!
//! A team has two rosters, its conversation and its announcements. Who is added comes to both; who
//! leads may announce in the second.

use std::collections::BTreeSet;

use estafette_protocol::registry::Registry;
use estafette_protocol::statement::{Act, History, Role};
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, DeviceId, FaultCode, RosterId, TeamNumber};
use serde_json::json;

use super::{approval, inventory};
use crate::administration::Administration;
use crate::output;
use crate::session::{Desk, Failure};

/// Agents whose devices move.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Who comes to the team.
    pub add: &'a [u32],
    /// Who leaves it.
    pub remove: &'a [u32],
    /// Who comes and leads it.
    pub lead: &'a [u32],
}

/// Makes a team where it does not exist, and moves agents' devices.
pub fn change(desk: &Desk, name: &str, change: &Change<'_>) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = Administration::open(&desk.folder, &ring.database_key())?;
    let session = desk.start(&ring)?;
    let number = inventory::team(&session, &records, name)?;
    let conversation = records.team_roster(number)?.ok_or(FaultCode::NotFound)?;
    if approval::announcements_roster(desk.reader(&ring)?.registry_known(), number).is_none() {
        // A team from before there were announcements.
        session.state(vec![inventory::announcements_of(number)?])?;
    }
    let reader = desk.reader(&ring)?;
    let registry = reader.registry_known();
    let announcements = approval::announcements_roster(registry, number).ok_or(FaultCode::NotFound)?;
    let mut acts = roles(registry, number, change.lead);
    for roster in [conversation, announcements] {
        acts.extend(moves(registry, roster, change));
    }
    let changed = changes(&acts);
    if !acts.is_empty() {
        session.state(acts)?;
    }
    approval::publish(&session, &desk.reader(&ring)?, &records)?;
    session.stop();
    let sentence = text(desk.language, "desk-team-changed", &[("count", changed.into())]);
    let fields = json!({
        "team": number.0, "changed": changed, "thread": conversation.to_string(),
        "announcements": announcements.to_string(),
    });
    output::done(desk, &sentence, &fields);
    Ok(())
}

/// Devices that move, each once though it moves in two rosters, and people who lead from now on.
fn changes(acts: &[Act]) -> usize {
    let mut devices = BTreeSet::new();
    let mut roles = 0;
    for act in acts {
        match act {
            Act::Admit { device, .. } | Act::Remove { device, .. } => {
                devices.insert(*device);
            }
            _ => roles += 1,
        }
    }
    devices.len() + roles
}

/// Makes agents supervisors of a team beside those that they lead. An administrator may announce
/// everywhere and stays one.
fn roles(registry: &Registry, team: TeamNumber, lead: &[u32]) -> Vec<Act> {
    let agents = lead.iter().copied().map(AgentNumber);
    let new = agents.filter(|agent| {
        registry.role(*agent) != Role::Administrator && !registry.teams_led_by(*agent).contains(&team)
    });
    new.map(|agent| {
        let teams = registry.teams_led_by(agent).into_iter().chain([team]).collect();
        Act::SetRole { agent, role: Role::Supervisor, teams }
    })
    .collect()
}

fn moves(registry: &Registry, roster: RosterId, change: &Change<'_>) -> Vec<Act> {
    let devices = |agents: &[u32]| -> Vec<DeviceId> {
        let of =
            |agent: &u32| registry.devices_of(AgentNumber(*agent)).map(|record| record.certificate.device);
        agents.iter().flat_map(of).collect()
    };
    let member =
        |device: &DeviceId| registry.roster(roster).is_some_and(|known| known.current(*device).is_some());
    let mut coming = devices(change.add);
    coming.extend(devices(change.lead));
    coming.sort_unstable();
    coming.dedup();
    let admitted = coming.into_iter().filter(|device| !member(device));
    let admissions = admitted.map(|device| Act::Admit { roster, device, history: History::None });
    let leaving = devices(change.remove).into_iter().filter(member);
    admissions.chain(leaving.map(|device| Act::Remove { roster, device })).collect()
}
