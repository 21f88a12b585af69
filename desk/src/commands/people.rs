//! People with an account of another kind: who leaves, officers, the archive service, further administrators.

use estafette_core::reader::{NameKind, Reader};
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

/// Whether an agent has something that ends with an account: a device in force, or a role.
pub fn has_account(registry: &Registry, agent: AgentNumber) -> bool {
    registry.devices_of(agent).next().is_some() || registry.role(agent) != Role::Agent
}

/// What ends with an agent's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    acts: Vec<Act>,
    /// Devices that are cut off.
    pub devices: usize,
    /// Names of the teams that nobody leads any more.
    pub orphaned: Vec<String>,
}

impl Departure {
    /// All devices are cut off, and the roles end. What the agent wrote stays, with the name.
    ///
    /// # Errors
    /// `forbidden` for one's own account, `not_found` for who has neither a device nor a role.
    pub fn of(reader: &mut Reader, language: Language, agent: AgentNumber) -> Result<Self, Failure> {
        let own = reader.identity().device;
        let registry = reader.registry()?;
        if registry.agent_of(own) == Some(agent) {
            return Err(FaultCode::Forbidden.into());
        }
        if !has_account(registry, agent) {
            return Err(FaultCode::NotFound.into());
        }
        let devices = registry.devices_of(agent).map(|record| record.certificate.device);
        let mut acts: Vec<Act> =
            devices.map(|device| Act::Revoke { device, reason: RevocationReason::Retired }).collect();
        let devices = acts.len();
        if registry.role(agent) != Role::Agent {
            acts.push(Act::SetRole { agent, role: Role::Agent, teams: Vec::new() });
        }
        let led = registry.teams_led_by(agent).into_iter();
        let alone: Vec<_> = led.filter(|team| registry.supervisors_of(*team).iter().eq([&agent])).collect();
        let mut orphaned = Vec::new();
        for team in alone {
            let name = reader.name(NameKind::Team, team.0)?.map(|(name, _)| name);
            orphaned.push(name.unwrap_or_else(|| format!("{} {team}", text(language, "desk-team", &[]))));
        }
        Ok(Self { acts, devices, orphaned })
    }

    /// What was done.
    pub fn words(&self, language: Language) -> Vec<String> {
        let mut lines = vec![text(language, "desk-left", &[("count", self.devices.into())])];
        if !self.orphaned.is_empty() {
            let list = output::printable(&self.orphaned.join(", "));
            lines.push(text(language, "desk-left-teams", &[("teams", (&list).into())]));
        }
        lines
    }

    /// Ends the account.
    ///
    /// # Errors
    /// The relay refuses or is not reached.
    pub fn carry_out(&self, work: &Work<'_>) -> Result<(), Failure> {
        work.session.state(self.acts.clone())?;
        work.records.fall_behind()?;
        publish(work)
    }
}

/// Ends an agent's account. Teams that nobody leads any more are listed.
pub fn leave(desk: &Desk, agent: AgentNumber) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let session = desk.start(&ring)?;
    let departure = Departure::of(&mut desk.reader(&ring)?, desk.language, agent)?;
    departure.carry_out(&Work { desk, ring: &ring, records: &records, session: &session })?;
    session.stop();
    let fields = json!({
        "agent": agent.0, "devices": departure.devices, "teams_without_supervisor": departure.orphaned,
    });
    output::done(desk, &departure.words(desk.language).join("\n"), &fields);
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
