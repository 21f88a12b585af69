//! Approving devices, cutting them off, and telling the others their names.

use estafette_core::enrol::{Approval, ApprovalError, admissions, succession, verify};
use estafette_protocol::enrol::{Binding, PendingEnrolment, claim_hash, fingerprint};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::registry::Registry;
use estafette_protocol::statement::{Act, Class, History, RevocationReason, Role as AgentRole};
use estafette_protocol::texts::text;
use estafette_protocol::{DeviceId, FaultCode, RosterId, TeamNumber};
use serde_json::json;

use super::inventory::held;
use super::publishing::publish;
use super::work::Work;
use crate::administration::{Administration, Item, OpenTicket};
use crate::clock;
use crate::output;
use crate::phone_rules::Judge;
use crate::session::{Desk, Failure};

/// A device that waits for an administrator.
pub struct Waiting {
    /// What it brought.
    pub pending: PendingEnrolment,
    /// What these records say that it is; the relay is not asked whose it is.
    pub item: Item,
    /// Its agent's name; empty where the records have none.
    pub name: String,
    /// To be compared with the one on the device's screen.
    pub fingerprint: String,
    ticket: OpenTicket,
}

/// The devices that wait with a ticket of this computer's, and how many wait in all.
pub fn waiting(work: &Work<'_>) -> Result<(Vec<Waiting>, usize), Failure> {
    let Reply::Pending { enrolments } = work.session.ask(RequestBody::Pending)? else {
        return Err(FaultCode::Internal.into());
    };
    let (items, all) = (work.records.items()?, enrolments.len());
    let mut waiting = Vec::new();
    for pending in enrolments {
        let Some(ticket) = work.records.ticket(pending.enrolment)? else { continue };
        let item = items.iter().find(|item| item.id == ticket.inventory).ok_or(FaultCode::NotInInventory)?;
        let binding = pending.binding.verify().map_err(|_| FaultCode::BadProof)?;
        let name = work.records.person(item.agent)?.unwrap_or_default();
        let fingerprint = fingerprint(&binding.es256);
        waiting.push(Waiting { pending, item: item.clone(), name, fingerprint, ticket });
    }
    Ok((waiting, all))
}

impl Waiting {
    /// Admits the device to what its agent can read, and tells the others its agent's name.
    pub fn approve(&self, work: &Work<'_>) -> Result<(), Failure> {
        if self.has_other(work)? {
            return Err(self.other(work));
        }
        let acts = acts(work.records, work.ring, work.desk, &self.pending, (&self.item, &self.ticket))?;
        match work.session.state(acts) {
            // Another administrator was faster, with another device.
            Err(Failure::Fault(fault))
                if fault.code == FaultCode::StatementForbidden && self.has_other(work)? =>
            {
                return Err(self.other(work));
            }
            stated => stated?,
        }
        work.records.drop_ticket(self.pending.enrolment)?;
        Ok(())
    }

    /// Another device is in force for the same line of the inventory.
    pub fn has_other(&self, work: &Work<'_>) -> Result<bool, Failure> {
        Ok(held(&work.desk.reader(work.ring)?).contains(&self.item.id))
    }

    fn other(&self, work: &Work<'_>) -> Failure {
        let whose = [
            ("name", (&self.name).into()),
            ("model", (&self.item.model).into()),
            ("serial", (&self.item.serial).into()),
        ];
        Failure::Usage(text(work.desk.language, "approve-other-in-service", &whose))
    }

    /// Refuses it: the ticket is used up.
    pub fn refuse(&self, work: &Work<'_>) -> Result<(), Failure> {
        work.session.ask(RequestBody::RefuseEnrolment { enrolment: self.pending.enrolment })?;
        work.records.mark_refused(self.pending.enrolment)?;
        Ok(())
    }
}

/// Shows what waits and approves what the administrator confirms.
pub fn approve(desk: &Desk, yes: bool) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let session = desk.start(&ring)?;
    let work = Work { desk, ring: &ring, records: &records, session: &session };
    let (waiting, all) = waiting(&work)?;
    let (mut approved, mut failed) = (0, None);
    for one in &waiting {
        let question = text(
            desk.language,
            "desk-approve-question",
            &[
                ("name", (&one.name).into()),
                ("model", (&one.item.model).into()),
                ("fingerprint", (&one.fingerprint).into()),
            ],
        );
        if !yes && desk.ask(&question)? != text(desk.language, "desk-yes", &[]) {
            one.refuse(&work)?;
            continue;
        }
        // Those that come after one that cannot be admitted wait for nothing.
        match one.approve(&work) {
            Ok(()) => approved += 1,
            Err(failure) => failed = failed.or(Some(failure)),
        }
    }
    if approved > 0 {
        publish(&work)?;
    }
    session.stop();
    if let Some(failure) = failed {
        return Err(failure);
    }
    let sentence = text(desk.language, "desk-approved", &[("count", u64::from(approved as u32).into())]);
    output::done(desk, &sentence, &json!({ "approved": approved, "waiting": all }));
    Ok(())
}

/// What approves one enrolment: its certificate, its team's conversation, its role.
fn acts(
    records: &Administration,
    ring: &crate::folder::KeyRing,
    desk: &Desk,
    pending: &PendingEnrolment,
    (item, ticket): (&Item, &OpenTicket),
) -> Result<Vec<Act>, Failure> {
    let identity = desk.identity(ring)?;
    let (rules, revoked) = (records.phone_rules()?, records.revocation_list()?);
    let claim = claim_hash(&ticket.secret.claim());
    let judge = Judge {
        rules: &rules,
        revoked: revoked.as_ref(),
        relay: &identity.relay,
        item,
        claim: &claim,
        now: clock::now(),
    };
    let evidence = |pending: &PendingEnrolment, binding: &Binding| judge.judge(pending, binding);
    let reader = desk.reader(ring)?;
    // Two persons have stood in for the evidence, for a time.
    let excepted = reader.registry_known().exception(item.id).is_some_and(|until| clock::now() < until);
    let approval = Approval {
        organisation: identity.organisation,
        secret: &ticket.secret,
        inventory: item.id,
        agent: item.agent,
        team: item.team,
        model: &item.model,
        computer: item.platform == "computer" || excepted,
        evidence: &evidence,
    };
    let certificate = verify(pending, &approval).map_err(|error| match error {
        ApprovalError::Evidence(reasons) => Failure::Fault(
            estafette_protocol::Fault::new(FaultCode::AttestationRejected).with_reasons(reasons),
        ),
        _ => FaultCode::BadProof.into(),
    })?;
    let team = item.team.map(|team| records.team_roster(team)).transpose()?.flatten();
    let (agent, device) = (certificate.agent, certificate.device);
    // A second or a new device of an agent comes to the same conversations, with the same past.
    let inherited =
        succession(reader.registry_known(), agent, |number| reader.stated_at(number).map_err(Failure::from))?;
    let announced = item.team.and_then(|team| announcements_roster(reader.registry_known(), team));
    let new: Vec<_> =
        team.into_iter().chain(announced).filter(|roster| !inherited.contains_key(roster)).collect();
    let mut acts = admissions(certificate, &new, History::None);
    acts.extend(inherited.into_iter().map(|(roster, history)| Act::Admit { roster, device, history }));
    if ticket.administrator {
        acts.insert(0, Act::SetRole { agent, role: AgentRole::Administrator, teams: Vec::new() });
    }
    Ok(acts)
}

/// The roster of a team's announcements.
pub fn announcements_roster(registry: &Registry, team: TeamNumber) -> Option<RosterId> {
    let mut rosters = registry.rosters();
    let found = rosters.find(|(_, record)| record.team == Some(team) && record.class == Class::Diffusion);
    found.map(|(id, _)| id)
}

/// Cuts a device off. Its sessions close, the others commit its removal and get a new directory key.
pub fn revoke(desk: &Desk, device: DeviceId, reason: RevocationReason) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let session = desk.start(&ring)?;
    cut_off(&Work { desk, ring: &ring, records: &records, session: &session }, device, reason)?;
    session.stop();
    let sentence = text(desk.language, "desk-revoked", &[]);
    output::done(desk, &sentence, &json!({ "device": device.to_string() }));
    Ok(())
}

/// States that a device is cut off, and gives the others a new directory key.
pub fn cut_off(work: &Work<'_>, device: DeviceId, reason: RevocationReason) -> Result<(), Failure> {
    work.session.state(vec![Act::Revoke { device, reason }])?;
    work.records.fall_behind()?;
    publish(work)
}
