//! Approving devices, cutting them off, and telling the others their names.

use estafette_core::directory::{self, Edition};
use estafette_core::enrol::{Approval, ApprovalError, admissions, succession, verify};
use estafette_core::reader::Reader;
use estafette_protocol::enrol::{Binding, PendingEnrolment, claim_hash, fingerprint};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::registry::Registry;
use estafette_protocol::statement::{Act, Class, History, RevocationReason, Role as AgentRole};
use estafette_protocol::texts::text;
use estafette_protocol::{DeviceId, FaultCode, RosterId, TeamNumber};
use serde_json::json;

use super::founding::dice;
use crate::administration::{Administration, Item, OpenTicket};
use crate::clock;
use crate::output;
use crate::phone_rules::Judge;
use crate::session::{Desk, Failure, Session};

/// Shows what waits and approves what the administrator confirms.
pub fn approve(desk: &Desk, yes: bool) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = Administration::open(&desk.folder, &ring.database_key())?;
    let session = desk.start(&ring)?;
    let Reply::Pending { enrolments } = session.ask(RequestBody::Pending)? else {
        return Err(FaultCode::Internal.into());
    };
    let mut approved = 0;
    let items = records.items()?;
    for pending in &enrolments {
        let Some(ticket) = records.ticket(pending.enrolment)? else { continue };
        // What is approved is what these records say; the relay is not asked whose it is.
        let item = items.iter().find(|item| item.id == ticket.inventory).ok_or(FaultCode::NotInInventory)?;
        let binding = pending.binding.verify().map_err(|_| FaultCode::BadProof)?;
        let name = records.person(item.agent)?.unwrap_or_default();
        let digits = fingerprint(&binding.es256);
        let question = text(
            desk.language,
            "desk-approve-question",
            &[("name", (&name).into()), ("model", (&item.model).into()), ("fingerprint", (&digits).into())],
        );
        if !yes && desk.ask(&question)? != text(desk.language, "desk-yes", &[]) {
            session.ask(RequestBody::RefuseEnrolment { enrolment: pending.enrolment })?;
            continue;
        }
        session.state(acts(&records, &ring, desk, pending, (item, &ticket))?)?;
        records.drop_ticket(pending.enrolment)?;
        approved += 1;
    }
    if approved > 0 {
        publish(&session, &desk.reader(&ring)?, &records)?;
    }
    session.stop();
    let sentence = text(desk.language, "desk-approved", &[("count", u64::from(approved as u32).into())]);
    output::done(desk, &sentence, &json!({ "approved": approved, "waiting": enrolments.len() }));
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
    let records = Administration::open(&desk.folder, &ring.database_key())?;
    let session = desk.start(&ring)?;
    session.state(vec![Act::Revoke { device, reason }])?;
    records.renew_directory_key()?;
    publish(&session, &desk.reader(&ring)?, &records)?;
    session.stop();
    let sentence = text(desk.language, "desk-revoked", &[]);
    output::done(desk, &sentence, &json!({ "device": device.to_string() }));
    Ok(())
}

/// Seals today's names to every device in force and has the relay keep them.
pub fn publish(session: &Session, reader: &Reader, records: &Administration) -> Result<(), Failure> {
    let mut rng = dice()?;
    let key = records.directory_key()?;
    let identity = reader.identity();
    let mut keys = Vec::new();
    for record in reader.registry_known().devices().filter(|record| record.active()) {
        let certificate = &record.certificate;
        let sealed = key
            .seal_to(certificate.device, &certificate.x25519, &mut rng)
            .map_err(|_| FaultCode::Internal)?;
        keys.push((certificate.device, sealed));
    }
    let edition = Edition {
        version: records.next_edition()?,
        author: identity.device,
        signing_key: &identity.signing_key(),
    };
    let directory = directory::seal(&records.names()?, &edition, &key, keys, &mut rng)
        .map_err(|_| FaultCode::TooLarge)?;
    session.ask(RequestBody::Directory(directory))?;
    Ok(records.mark_published()?)
}
