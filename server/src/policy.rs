//! Who may do what: every such decision, as pure functions of the registry and the question.
//!
//! Nothing here looks at hours (the [`crate::outlet`] does) or writes anything. A refusal is a
//! stable code; the first rule that forbids decides.

use std::collections::BTreeSet;

use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::enrol::{Binding, InventoryEntry};
use estafette_protocol::entry::{Header, Urgency};
use estafette_protocol::frame::{Request, RequestBody};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::hours::Override;
use estafette_protocol::lease::Contact;
use estafette_protocol::registry::{DeviceRecord, Registry};
use estafette_protocol::statement::{Class, Role};
use estafette_protocol::urgency::{self, Audience, Terms};
use estafette_protocol::{
    AgentNumber, AuthEpoch, DeviceId, Fault, FaultCode, OrganisationId, RosterId, StatementNumber, Timestamp,
};

use crate::store::CallRow;

fn require(condition: bool, code: FaultCode) -> Result<(), FaultCode> {
    if condition { Ok(()) } else { Err(code) }
}

/// The authentication epoch of a device: how often it was revoked.
pub fn auth_epoch(record: &DeviceRecord) -> AuthEpoch {
    AuthEpoch(u32::from(!record.active()))
}

/// A device may speak: it is certified, not revoked, and knows its authentication epoch.
pub fn may_speak(
    registry: &Registry,
    device: DeviceId,
    epoch: AuthEpoch,
) -> Result<&DeviceRecord, FaultCode> {
    let record = registry.device(device).ok_or(FaultCode::BadProof)?;
    require(record.active(), FaultCode::DeviceRevoked)?;
    require(auth_epoch(record) == epoch, FaultCode::BadProof)?;
    Ok(record)
}

/// A request of this kind is for devices that were withdrawn, and the only thing left to them.
pub fn for_withdrawn(request: &Request) -> bool {
    matches!(request.body, RequestBody::Orders { .. } | RequestBody::Wiped(_))
}

/// A request of this kind renews a phone's evidence: also where that is too old.
pub fn for_attesting(request: &Request) -> bool {
    matches!(request.body, RequestBody::Challenge | RequestBody::Attest(_))
}

/// A device that was withdrawn may ask what to do and say that it was done. The statement that ended it.
pub fn is_withdrawn(registry: &Registry, device: DeviceId) -> Result<StatementNumber, FaultCode> {
    let record = registry.device(device).ok_or(FaultCode::BadProof)?;
    record.revoked.map(|(number, _)| number).ok_or(FaultCode::Forbidden)
}

/// A request of this kind is for devices of administrators only.
pub fn for_administrators(request: &Request) -> bool {
    match request.body {
        RequestBody::Directory(_)
        | RequestBody::DatedHead(_)
        | RequestBody::Inventory { .. }
        | RequestBody::Ticket(_)
        | RequestBody::Pending
        | RequestBody::RefuseEnrolment { .. } => true,
        RequestBody::Hello { .. }
        | RequestBody::Stored { .. }
        | RequestBody::Append { .. }
        | RequestBody::Range { .. }
        | RequestBody::Erase { .. }
        | RequestBody::Recall { .. }
        | RequestBody::Commit(_)
        | RequestBody::State { .. } // judged act by act
        | RequestBody::Recover { .. } // each is judged by its own signature
        | RequestBody::Statements { .. }
        | RequestBody::Commits { .. }
        | RequestBody::KeyPackages { .. }
        | RequestBody::Reserve { .. }
        | RequestBody::Group { .. }
        | RequestBody::Slot { .. }
        | RequestBody::CommitRefused(_)
        | RequestBody::Bundle(_)
        | RequestBody::Acknowledge(_)
        | RequestBody::Common(_) // judged by the role
        | RequestBody::Orders { .. } // for withdrawn devices
        | RequestBody::Wiped(_)
        | RequestBody::WakeUps { .. }
        | RequestBody::Reachability(_) // of the asking agent
        | RequestBody::Statistics { .. } // judged by the role
        | RequestBody::Knowledge
        | RequestBody::Audit { .. } // judged by the role
        | RequestBody::Urgencies
        | RequestBody::Contacts // judged by the role
        | RequestBody::Answer(_) // judged by the rota
        | RequestBody::Challenge
        | RequestBody::Attest(_)
        | RequestBody::Check { .. } => false,
    }
}

/// A device may make this kind of request at all.
pub fn may_ask(registry: &Registry, device: DeviceId, request: &Request) -> Result<(), FaultCode> {
    require(!for_administrators(request) || registry.is_administrator(device), FaultCode::Forbidden)
}

/// A device's agent may read the audit: whoever administers, or watches over those who do.
pub fn may_read_audit(registry: &Registry, device: DeviceId) -> Result<(), FaultCode> {
    let agent = registry.agent_of(device).ok_or(FaultCode::Forbidden)?;
    require(matches!(registry.role(agent), Role::Administrator | Role::Officer), FaultCode::Forbidden)
}

/// A device's agent may read what is told of a month: whoever leads, audits or represents.
pub fn may_read_statistics(registry: &Registry, device: DeviceId) -> Result<(), FaultCode> {
    let agent = registry.agent_of(device).ok_or(FaultCode::Forbidden)?;
    let role = matches!(registry.role(agent), Role::Administrator | Role::Supervisor | Role::Officer);
    require(role || registry.representatives().contains(&agent), FaultCode::Forbidden)
}

/// A device's agent may be told when devices were last here: who administers, and who leads a team.
pub fn may_read_contacts(registry: &Registry, device: DeviceId) -> Result<(), FaultCode> {
    let leads = || registry.agent_of(device).is_some_and(|agent| !registry.teams_led_by(agent).is_empty());
    require(registry.is_administrator(device) || leads(), FaultCode::Forbidden)
}

/// What a device's agent is told of contacts: an administrator everything, whoever leads a team which of its
/// people's devices are missed, and of these the day alone.
pub fn contacts_told(
    registry: &Registry,
    device: DeviceId,
    contacts: Vec<Contact>,
    at: Timestamp,
) -> Vec<Contact> {
    if registry.is_administrator(device) {
        return contacts;
    }
    let teams = registry.agent_of(device).map(|agent| registry.teams_led_by(agent)).unwrap_or_default();
    let people: BTreeSet<AgentNumber> = teams.iter().flat_map(|team| registry.people_of(*team)).collect();
    let missed = |contact: &Contact| {
        let record = registry.device(contact.device).filter(|record| record.active())?;
        let agent = record.certificate.agent;
        let day = contact.day.filter(|day| people.contains(&agent) && registry.is_missed(agent, *day, at))?;
        let (wipe, attest_by, barred_since) = (None, None, None);
        Some(Contact { device: contact.device, day: Some(day), wipe, attest_by, barred_since })
    };
    contacts.iter().filter_map(missed).collect()
}

/// A device is in a roster now.
pub fn is_member(registry: &Registry, name: &RosterName, device: DeviceId) -> Result<(), FaultCode> {
    require(registry.membership(name, device).is_some(), FaultCode::NotAMember)
}

/// A device may append to the threads of a roster with this urgency.
pub fn may_append(
    registry: &Registry,
    name: &RosterName,
    device: DeviceId,
    urgency: Urgency,
) -> Result<(), FaultCode> {
    is_member(registry, name, device)?;
    let agent = registry.agent_of(device);
    let role = agent.map_or(Role::Guest, |agent| registry.role(agent));
    let leads = matches!(role, Role::Supervisor | Role::Administrator);
    let announces = agent.is_some_and(|agent| registry.may_announce(name, agent, registry.last()));
    require(registry.class(name) != Some(Class::Diffusion) || announces, FaultCode::Forbidden)?;
    match urgency {
        Urgency::Normal => Ok(()),
        Urgency::OnCall => require(leads, FaultCode::Forbidden),
        // A right of its own: to lead is not to be on duty for emergencies.
        Urgency::Emergency => {
            require(agent.is_some_and(|agent| registry.may_declare_urgency(agent)), FaultCode::Forbidden)
        }
    }
}

/// An entry states the terms that its urgency needs, and no others.
pub fn has_terms(header: &Header, now: Timestamp) -> Result<(), Fault> {
    let invalid = |word: &str| Fault::new(FaultCode::OverrideInvalid).with_reasons(vec![word.to_owned()]);
    match (header.urgency, &header.terms) {
        (Urgency::Emergency, Some(terms)) => {
            terms.validate(now).map_err(|error| invalid(error.word()))?;
            let minutes = header.escalation_minutes.unwrap_or(urgency::MINUTES);
            match (1..=urgency::LONGEST_MINUTES).contains(&minutes) {
                true => Ok(()),
                false => Err(invalid("bad_minutes")),
            }
        }
        (Urgency::Emergency, None) => Err(invalid("terms_missing")),
        (_, Some(_)) => Err(invalid("not_urgent")),
        (_, None) if header.escalation_minutes.is_some() => Err(invalid("not_urgent")),
        (_, None) => Ok(()),
    }
}

/// An urgency that reaches many was approved by a second holder of the right.
pub fn may_reach_many(
    registry: &Registry,
    name: &RosterName,
    roster: RosterId,
    author: AgentNumber,
    terms: &Terms,
    now: Timestamp,
) -> Result<(), Fault> {
    let alone = registry.recipients(name, author) <= urgency::ALONE;
    let audience = Audience::Roster(roster);
    approved(alone || registry.is_approved(author, audience, terms.basis, terms.until, now))
}

/// The same for overrides of many agents in one statement.
pub fn may_override_many(
    registry: &Registry,
    author: AgentNumber,
    overrides: &[(AgentNumber, &Override)],
    now: Timestamp,
) -> Result<(), Fault> {
    let agents: BTreeSet<AgentNumber> = overrides.iter().map(|(agent, _)| *agent).collect();
    let each = |(_, one): &(AgentNumber, &Override)| {
        registry.is_team_approved(author, &agents, one.basis, one.period.until, now)
    };
    approved(agents.len() <= urgency::ALONE || overrides.iter().all(each))
}

fn approved(condition: bool) -> Result<(), Fault> {
    let fault = || Fault::new(FaultCode::SecondApproverRequired).with_number(urgency::ALONE as u64);
    if condition { Ok(()) } else { Err(fault()) }
}

/// A person may answer an urgent message: they were called, or stand in the rota's order now.
pub fn may_answer(
    registry: &Registry,
    call: &CallRow,
    agent: AgentNumber,
    at: Timestamp,
) -> Result<(), FaultCode> {
    let team = registry.roster(call.thread.roster()).and_then(|roster| roster.team);
    let in_order = |at| team.is_some_and(|team| registry.call_order(team, at).contains(&agent));
    let asked = call.asked.iter().any(|asked| asked.agent == agent);
    require(asked || in_order(at) || in_order(call.received_at), FaultCode::Forbidden)
}

/// An entry's header asks for nothing that its thread does not give: announcements and
/// acknowledgements are of `diffusion` rosters.
pub fn may_be_headed(registry: &Registry, name: &RosterName, header: &Header) -> Result<(), FaultCode> {
    let announces = header.announced.is_some() || header.acknowledgement_due.is_some();
    require(!announces || registry.class(name) == Some(Class::Diffusion), FaultCode::Forbidden)?;
    require(header.announced.is_some() || header.acknowledgement_due.is_none(), FaultCode::Malformed)
}

/// A device may announce in some roster of which it is a member.
pub fn may_announce_somewhere(registry: &Registry, device: DeviceId) -> Result<(), FaultCode> {
    let agent = registry.agent_of(device).ok_or(FaultCode::Forbidden)?;
    let announces = |(roster, record): (_, &estafette_protocol::registry::RosterRecord)| {
        let name = RosterName::Stated(roster);
        record.current(device).is_some() && registry.may_announce(&name, agent, registry.last())
    };
    require(registry.rosters().any(announces), FaultCode::Forbidden)
}

/// A device may hand a newcomer the keys of a roster's past: both are members, and what is private
/// stays with the newcomer's own agent. How much of it is due, the newcomer's statement says.
pub fn may_give_history(
    registry: &Registry,
    name: &RosterName,
    giver: DeviceId,
    newcomer: DeviceId,
) -> Result<(), FaultCode> {
    is_member(registry, name, giver)?;
    is_member(registry, name, newcomer)?;
    require(giver != newcomer, FaultCode::Forbidden)?;
    let private = registry.class(name).is_none_or(Class::is_private);
    require(!private || registry.agent_of(giver) == registry.agent_of(newcomer), FaultCode::Forbidden)
}

/// A roster may be asked for by this name: it was stated, or is a pair of two agents with devices.
pub fn exists(registry: &Registry, name: &RosterName) -> Result<(), FaultCode> {
    let exists = match *name {
        RosterName::Stated(roster) => registry.roster(roster).is_some(),
        RosterName::Pair { class, lower, higher } => {
            RosterName::pair(class, lower, higher) == Some(*name)
                && registry.is_open_to(name, registry.last())
        }
    };
    require(exists, FaultCode::NotFound)
}

/// A group of which these devices refuse a commit is given up, and may be founded anew.
pub fn is_given_up(registry: &Registry, name: &RosterName, refusals: &[DeviceId]) -> bool {
    let agents: BTreeSet<AgentNumber> =
        refusals.iter().filter_map(|device| registry.agent_of(*device)).collect();
    let enough = match name {
        RosterName::Stated(_) => 2,
        RosterName::Pair { .. } => 1,
    };
    agents.len() >= enough || refusals.iter().any(|device| registry.is_administrator(*device))
}

/// A founding commit may add these devices: each was a member when `at` was the last statement.
pub fn may_found(
    registry: &Registry,
    name: &RosterName,
    founder: DeviceId,
    at: StatementNumber,
    added: &BTreeSet<DeviceId>,
) -> Result<(), FaultCode> {
    is_member(registry, name, founder)?;
    require(at <= registry.last(), FaultCode::CommitInvalid)?;
    let stated =
        added.iter().all(|device| *device != founder && registry.membership_at(name, *device, at).is_some());
    require(stated, FaultCode::CommitInvalid)
}

/// A device may join a group by itself: it is a member, and the statement admits it.
pub fn may_join(
    registry: &Registry,
    name: &RosterName,
    device: DeviceId,
    statement: StatementNumber,
) -> Result<(), FaultCode> {
    is_member(registry, name, device)?;
    require(registry.membership_at(name, device, statement).is_some(), FaultCode::CommitInvalid)
}

/// What a device binds together belongs to this enrolment.
pub fn may_bind(
    binding: &Binding,
    organisation: OrganisationId,
    enrolment: estafette_protocol::EnrolmentId,
) -> Result<(), FaultCode> {
    require(binding.organisation == organisation, FaultCode::AlienOrganisation)?;
    require(binding.enrolment == enrolment, FaultCode::EnrolmentInvalid)
}

/// A certificate may stand for what a device has bound and the inventory says.
pub fn may_certify(
    certificate: &Certificate,
    binding: &Binding,
    inventory: &InventoryEntry,
) -> Result<(), FaultCode> {
    let same_keys = certificate.device == binding.device
        && certificate.es256 == binding.es256
        && certificate.ed25519 == binding.ed25519
        && certificate.x25519 == binding.x25519;
    let same_entry = certificate.inventory == inventory.id && certificate.agent == inventory.agent;
    require(same_keys && same_entry, FaultCode::StatementForbidden)?;
    require(certificate.level >= inventory.level, FaultCode::StatementForbidden)
}

/// An inventory entry may be kept: at level `software` only where development devices are admitted.
pub fn may_inventory(entry: &InventoryEntry, development: bool) -> Result<(), FaultCode> {
    require(development || entry.level != Level::Software, FaultCode::Forbidden)
}

#[cfg(test)]
mod tests;
