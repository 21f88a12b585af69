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

use super::work::Work;
use super::{approval, inventory, publishing};
use crate::output;
use crate::session::{Desk, Failure};

/// Agents whose devices move.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    /// Who comes to the team.
    pub add: &'a [u32],
    /// Who leaves it.
    pub remove: &'a [u32],
    /// Who comes and leads it.
    pub lead: &'a [u32],
    /// Who leads it no longer, and stays.
    pub end_lead: &'a [u32],
}

/// Makes a team where it does not exist, and moves agents' devices.
pub fn change(desk: &Desk, name: &str, change: &Change<'_>) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let session = desk.start(&ring)?;
    let work = Work { desk, ring: &ring, records: &records, session: &session };
    let done = carry_out(&work, name, change)?;
    session.stop();
    let sentence = text(desk.language, "desk-team-changed", &[("count", done.changed.into())]);
    let fields = json!({
        "team": done.team.0, "changed": done.changed, "thread": done.conversation.to_string(),
        "announcements": done.announcements.to_string(),
    });
    output::done(desk, &sentence, &fields);
    Ok(())
}

/// A team as it stands after a change.
#[derive(Debug, Clone, Copy)]
pub struct Done {
    /// Which.
    pub team: TeamNumber,
    /// Devices that moved and roles that changed.
    pub changed: usize,
    conversation: RosterId,
    announcements: RosterId,
}

/// Makes the team where it does not exist, states what changes, and publishes the names.
pub fn carry_out(work: &Work<'_>, name: &str, change: &Change<'_>) -> Result<Done, Failure> {
    let Work { desk, ring, records, session } = *work;
    let team = inventory::team(work, name)?;
    let conversation = records.team_roster(team)?.ok_or(FaultCode::NotFound)?;
    if approval::announcements_roster(desk.reader(ring)?.registry_known(), team).is_none() {
        // A team from before there were announcements.
        session.state(vec![inventory::announcements_of(team)?])?;
    }
    let reader = desk.reader(ring)?;
    let registry = reader.registry_known();
    let announcements = approval::announcements_roster(registry, team).ok_or(FaultCode::NotFound)?;
    let mut acts = roles(registry, team, change);
    for roster in [conversation, announcements] {
        acts.extend(moves(registry, roster, change));
    }
    let changed = changes(&acts);
    if !acts.is_empty() {
        session.state(acts)?;
    }
    publishing::publish(work)?;
    Ok(Done { team, changed, conversation, announcements })
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

/// Makes agents supervisors of a team beside those that they lead, and ends it for others. An administrator
/// may announce everywhere and stays one; who leads nothing any more is an agent again.
fn roles(registry: &Registry, team: TeamNumber, change: &Change<'_>) -> Vec<Act> {
    let leads = |agent: &AgentNumber| registry.teams_led_by(*agent).contains(&team);
    let named = |agents: &[u32]| -> Vec<AgentNumber> { agents.iter().copied().map(AgentNumber).collect() };
    let mut acts = Vec::new();
    for agent in named(change.lead) {
        if registry.role(agent) != Role::Administrator && !leads(&agent) {
            let teams = registry.teams_led_by(agent).into_iter().chain([team]).collect();
            acts.push(Act::SetRole { agent, role: Role::Supervisor, teams });
        }
    }
    for agent in named(change.end_lead).into_iter().filter(leads) {
        let mut teams = registry.teams_led_by(agent);
        teams.retain(|led| *led != team);
        let role = if teams.is_empty() { Role::Agent } else { Role::Supervisor };
        acts.push(Act::SetRole { agent, role, teams });
    }
    acts
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
