//! `estafette gather` and `estafette move`: a conversation of chosen people, and who is in it.
//!
//! Supervisors choose among the people of the teams that they lead, administrators among all. The archive
//! service of those teams comes along, and stands first in the list. Whoever comes later reads what was written
//! before, its title too: such a conversation is about one matter.

use std::collections::BTreeSet;

use estafette_core::engine::Command;
use estafette_core::item::check_title;
use estafette_core::reader::Reader;
use estafette_protocol::registry::Registry;
use estafette_protocol::statement::{Act, Class, History};
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, DeviceId, Fault, FaultCode, RosterId, ThreadId, limits};
use serde_json::json;

use super::inventory::{RETENTION_DAYS, random};
use super::message::carry;
use crate::output;
use crate::session::{Desk, Failure};

/// A conversation that is to be made: what states it, and its thread.
pub struct Gathering {
    /// The statement.
    pub acts: Vec<Act>,
    /// Where people will write.
    pub thread: ThreadId,
}

impl Gathering {
    /// Brings the agent of this device and others together.
    ///
    /// # Errors
    /// `forbidden` for who leads nobody, and for somebody whom they may not choose; nobody chosen; a title that
    /// cannot be one. The title is given afterwards, so that it is looked at before anything is stated.
    pub fn of(reader: &mut Reader, title: &str, with: &BTreeSet<AgentNumber>) -> Result<Self, Failure> {
        if title.trim().is_empty() || check_title(title).is_err() {
            return Err(Fault::new(FaultCode::TitleInvalid).with_number(limits::TITLE as u64).into());
        }
        let own = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
        let registry = reader.registry()?;
        let choice = registry.gatherable_by(own);
        if with.is_empty() {
            return Err(FaultCode::Malformed.into());
        }
        if !with.is_subset(&choice) {
            return Err(FaultCode::Forbidden.into());
        }
        let roster = RosterId(random()?);
        let create =
            Act::CreateRoster { roster, class: Class::Service, team: None, retention_days: RETENTION_DAYS };
        let archives = registry.archives_of(&registry.teams_led_by(own));
        let people = with.iter().chain([&own]).chain(&archives);
        let admissions = people.flat_map(|agent| admissions(registry, roster, *agent));
        Ok(Self { acts: std::iter::once(create).chain(admissions).collect(), thread: roster.first_thread() })
    }
}

/// The devices in force of an agent, admitted where they are not members yet.
fn admissions(registry: &Registry, roster: RosterId, agent: AgentNumber) -> Vec<Act> {
    let member =
        |device: &DeviceId| registry.roster(roster).is_some_and(|known| known.current(*device).is_some());
    let devices = registry.devices_of(agent).map(|record| record.certificate.device);
    let coming = devices.filter(|device| !member(device));
    coming.map(|device| Act::Admit { roster, device, history: History::All }).collect()
}

/// What brings somebody into a conversation of chosen people, or takes them out of it.
///
/// # Errors
/// `forbidden` where this agent did not make the conversation and administers nothing, and for somebody
/// whom they may not choose.
pub fn moving(
    reader: &mut Reader,
    thread: ThreadId,
    agent: AgentNumber,
    comes: bool,
) -> Result<Vec<Act>, Failure> {
    let own = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
    let registry = reader.registry()?;
    let roster = thread.roster();
    if !registry.may_move_people_in(own, roster) {
        return Err(FaultCode::Forbidden.into());
    }
    if comes {
        if !registry.gatherable_by(own).contains(&agent) {
            return Err(FaultCode::Forbidden.into());
        }
        return Ok(admissions(registry, roster, agent));
    }
    let devices = registry.roster(roster).into_iter().flat_map(|record| record.current_members());
    let leaving = devices.filter(|device| registry.agent_of(*device) == Some(agent));
    Ok(leaving.map(|device| Act::Remove { roster, device }).collect())
}

/// Makes a conversation with a title.
pub fn gather(desk: &Desk, title: String, with: &[u32]) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let with = with.iter().copied().map(AgentNumber).collect();
    let Gathering { acts, thread } = Gathering::of(&mut desk.reader(&ring)?, &title, &with)?;
    let session = desk.start(&ring)?;
    session.state(acts)?;
    // Without its title nobody else would know what it is for.
    let state = carry(&session, &desk.reader(&ring)?, Command::Title { thread, title: title.clone() })?;
    session.stop();
    let said = text(desk.language, "gather-made", &[("count", with.len().into())]);
    output::done(
        desk,
        &said,
        &json!({
            "thread": thread.to_string(), "title": title, "state": state.as_str(),
        }),
    );
    Ok(())
}

/// Brings agents into a conversation, and takes others out.
pub fn change(desk: &Desk, thread: ThreadId, add: &[u32], remove: &[u32]) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let mut acts = Vec::new();
    for (agents, comes) in [(add, true), (remove, false)] {
        for agent in agents {
            acts.extend(moving(&mut reader, thread, AgentNumber(*agent), comes)?);
        }
    }
    let count = acts.len();
    if count > 0 {
        let session = desk.start(&ring)?;
        session.state(acts)?;
        session.stop();
    }
    let said = text(desk.language, "desk-team-changed", &[("count", count.into())]);
    output::done(desk, &said, &json!({ "thread": thread.to_string(), "changed": count }));
    Ok(())
}
