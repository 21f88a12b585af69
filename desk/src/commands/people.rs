//! Agents who leave, and the archive service that comes.

use estafette_protocol::AgentNumber;
use estafette_protocol::registry::Registry;
use estafette_protocol::statement::{Act, RevocationReason, Role};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{FaultCode, InventoryId};
use serde_json::json;

use super::publishing::publish;
use super::work::Work;
use super::{admin, inventory, ticket};
use crate::administration::Item;
use crate::output;
use crate::session::{Desk, Failure};

/// Ends an agent's account: all devices are cut off, and the roles end. What the agent wrote stays,
/// with the name. Teams that nobody leads any more are listed.
pub fn leave(desk: &Desk, agent: AgentNumber) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let session = desk.start(&ring)?;
    let reader = desk.reader(&ring)?;
    let registry = reader.registry_known();
    if registry.agent_of(reader.identity().device) == Some(agent) {
        return Err(FaultCode::Forbidden.into());
    }
    let led = registry.teams_led_by(agent).into_iter();
    let orphaned: Vec<_> = led.filter(|team| registry.supervisors_of(*team).iter().eq([&agent])).collect();
    let devices = registry.devices_of(agent).map(|record| record.certificate.device);
    let mut acts: Vec<Act> =
        devices.map(|device| Act::Revoke { device, reason: RevocationReason::Retired }).collect();
    let count = acts.len();
    if registry.role(agent) != Role::Agent {
        acts.push(Act::SetRole { agent, role: Role::Agent, teams: Vec::new() });
    }
    if acts.is_empty() {
        return Err(FaultCode::NotFound.into());
    }
    session.state(acts)?;
    records.fall_behind()?;
    publish(&Work { desk, ring: &ring, records: &records, session: &session })?;
    session.stop();
    let names = records.names()?;
    let teams: Vec<String> =
        orphaned.iter().map(|team| names.teams.get(team).cloned().unwrap_or_default()).collect();
    let mut sentence = text(desk.language, "desk-left", &[("count", count.into())]);
    if !teams.is_empty() {
        let list = teams.join(", ");
        let without = text(desk.language, "desk-left-teams", &[("teams", (&list).into())]);
        sentence = format!("{sentence}\n{without}");
    }
    output::done(
        desk,
        &sentence,
        &json!({ "agent": agent.0, "devices": count, "teams_without_supervisor": teams }),
    );
    Ok(())
}

/// What makes an agent an officer (data protection, archives), who reads the audit; or an agent again.
///
/// # Errors
/// `forbidden` for who holds another role: nobody is two things at once.
pub fn officer_act(registry: &Registry, agent: AgentNumber, appointed: bool) -> Result<Act, Failure> {
    let (before, role) = match appointed {
        true => (Role::Agent, Role::Officer),
        false => (Role::Officer, Role::Agent),
    };
    match registry.role(agent) == before {
        true => Ok(Act::SetRole { agent, role, teams: Vec::new() }),
        false => Err(FaultCode::Forbidden.into()),
    }
}

/// Appoints an officer, or ends it.
pub fn officer(desk: &Desk, agent: AgentNumber, appointed: bool) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let act = officer_act(reader.registry()?, agent, appointed)?;
    let session = desk.start(&ring)?;
    session.state(vec![act])?;
    session.stop();
    let name = output::printable(&reader.shown_name(desk.language, agent)?);
    let said = officer_words(desk.language, &name, appointed);
    output::done(desk, &said, &json!({ "agent": agent.0, "appointed": appointed }));
    Ok(())
}

/// That it was done.
pub fn officer_words(language: Language, name: &str, appointed: bool) -> String {
    match appointed {
        true => text(language, "officer-appointed", &[("name", name.into())]),
        false => text(language, "officer-ended", &[("name", name.into())]),
    }
}

/// Appoints the archive service and makes the ticket of its computer. Teams are opened to it as to
/// anybody, with `admin team`; it stands first in their lists.
pub fn archives(desk: &Desk, agent: AgentNumber, name: &str, serial: String) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let session = desk.start(&ring)?;
    let work = Work { desk, ring: &ring, records: &records, session: &session };
    session.state(vec![Act::SetRole { agent, role: Role::Archives, teams: Vec::new() }])?;
    records.put_person(agent, name, "")?;
    let made = admin::computer_ticket(&work, computer(agent, serial)?, false)?;
    session.stop();
    ticket::hand_over(desk, &made, None)
}

/// Makes the ticket of another administrator's computer; its approval makes the administrator.
///
/// # Errors
/// `forbidden` for who holds another role or carries a device: an administrator's number is for administering alone.
/// The relay refuses or is not reached.
pub fn administrator(
    work: &Work<'_>,
    agent: AgentNumber,
    name: &str,
    serial: String,
) -> Result<ticket::Made, Failure> {
    let reader = work.desk.reader(work.ring)?;
    let registry = reader.registry_known();
    let free = match registry.role(agent) {
        Role::Administrator => true,
        Role::Agent => registry.devices_of(agent).next().is_none(),
        _ => false,
    };
    if !free {
        return Err(FaultCode::Forbidden.into());
    }
    work.records.put_person(agent, name, "")?;
    admin::computer_ticket(work, computer(agent, serial)?, true)
}

fn computer(agent: AgentNumber, serial: String) -> Result<Item, Failure> {
    let (platform, model) = ("computer".to_owned(), "PC".to_owned());
    Ok(Item {
        id: InventoryId(inventory::random()?),
        agent,
        team: None,
        platform,
        model,
        serial,
        owned: false,
    })
}
