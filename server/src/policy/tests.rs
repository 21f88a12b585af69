//! Urgencies that reach many: alone up to 200 people, with a second holder's approval above.

use ed25519_dalek::SigningKey;
use estafette_protocol::hours::{LegalBasis, Period};
use estafette_protocol::statement::{Act, History, SignedStatement, Signer, Statement};
use estafette_protocol::urgency::Approval;
use estafette_protocol::{Ed25519Public, Es256Public, InventoryId, TeamNumber, X25519Public};

use super::*;

mod rights;

const NOW: Timestamp = Timestamp(1_000_000);
const END: Timestamp = Timestamp(2_000_000);
const ROSTER: RosterId = RosterId([9; 32]);
const AUTHOR: AgentNumber = AgentNumber(1);
const SECOND: AgentNumber = AgentNumber(2);

fn key(number: u32) -> SigningKey {
    let mut bytes = [3; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    SigningKey::from_bytes(&bytes)
}

fn device(number: u32) -> DeviceId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    DeviceId(bytes)
}

fn certificate(number: u32) -> Certificate {
    let mut es256 = [2; 33];
    es256[..4].copy_from_slice(&number.to_be_bytes());
    Certificate {
        device: device(number),
        agent: AgentNumber(number),
        es256: Es256Public(es256),
        ed25519: Ed25519Public(key(number).verifying_key().to_bytes()),
        x25519: X25519Public([4; 32]),
        level: Level::Supervised,
        inventory: InventoryId(device(number).0),
    }
}

fn says(registry: &mut Registry, signer: Option<u32>, acts: Vec<Act>) {
    let (number, previous) = registry.next_link();
    let organisation = registry.organisation();
    let (signer, key) = match signer {
        Some(device_number) => (Signer::Device(device(device_number)), key(device_number)),
        None => (Signer::Organisation, key(0)),
    };
    let statement = Statement { organisation, number, previous, at: NOW, signer, acts };
    registry.apply(&SignedStatement::sign(&statement, &key)).unwrap();
}

/// A team of so many people, of whom the first two may declare urgencies and the first administers.
fn town(people: u32) -> Registry {
    let organisation_key = Ed25519Public(key(0).verifying_key().to_bytes());
    let mut registry = Registry::new(OrganisationId::of_key(&organisation_key.0));
    let founding = Act::Found { organisation_key, relay_key: Ed25519Public([8; 32]) };
    says(&mut registry, None, vec![founding]);
    let first = Act::SetRole { agent: AUTHOR, role: Role::Administrator, teams: Vec::new() };
    says(&mut registry, None, vec![Act::Certify(certificate(1)), first]);
    let others: Vec<Act> = (2..=people).map(certificate).map(Act::Certify).collect();
    others.chunks(200).for_each(|acts| says(&mut registry, Some(1), acts.to_vec()));
    let team = Some(TeamNumber(7));
    let class = Class::Service;
    says(
        &mut registry,
        Some(1),
        vec![Act::CreateRoster { roster: ROSTER, class, team, retention_days: 365 }],
    );
    let admit = |number| Act::Admit { roster: ROSTER, device: device(number), history: History::None };
    let admissions: Vec<Act> = (1..=people).map(admit).collect();
    admissions.chunks(200).for_each(|acts| says(&mut registry, Some(1), acts.to_vec()));
    let rights = [AUTHOR, SECOND].map(|agent| Act::SetUrgencyRight { agent, granted: true });
    says(&mut registry, Some(1), rights.to_vec());
    registry
}

fn terms() -> Terms {
    Terms { basis: LegalBasis::PERMANENT_PROTECTION, reason: "Crue.".to_owned(), until: END }
}

fn approval(audience: Audience) -> Approval {
    Approval { author: AUTHOR, audience, basis: LegalBasis::PERMANENT_PROTECTION, until: END }
}

fn reach(registry: &Registry, terms: &Terms, now: Timestamp) -> Result<(), (FaultCode, Option<u64>)> {
    let name = RosterName::Stated(ROSTER);
    may_reach_many(registry, &name, ROSTER, AUTHOR, terms, now).map_err(|fault| (fault.code, fault.number))
}

#[test]
fn above_200_people_a_second_holder_must_have_approved_this_author_roster_basis_and_end() {
    let needed = Err((FaultCode::SecondApproverRequired, Some(200)));
    assert_eq!(reach(&town(201), &terms(), NOW), Ok(()), "200 others");
    let mut registry = town(202);
    assert_eq!(reach(&registry, &terms(), NOW), needed, "201 others");
    let approve = |approval| vec![Act::ApproveUrgency { approval }];
    let elsewhere = approval(Audience::Roster(RosterId([8; 32])));
    let of_another = Approval { author: AgentNumber(3), ..approval(Audience::Roster(ROSTER)) };
    let on_another =
        Approval { basis: LegalBasis::EXCEPTIONAL_CIRCUMSTANCES, ..approval(Audience::Roster(ROSTER)) };
    let shorter = Approval { until: Timestamp(END.0 - 1), ..approval(Audience::Roster(ROSTER)) };
    for other in [elsewhere, of_another, on_another, shorter, approval(Audience::Team(TeamNumber(7)))] {
        says(&mut registry, Some(2), approve(other));
        assert_eq!(reach(&registry, &terms(), NOW), needed, "{other:?}");
    }
    says(&mut registry, Some(2), approve(approval(Audience::Roster(ROSTER))));
    assert_eq!(reach(&registry, &terms(), NOW), Ok(()));
    assert_eq!(reach(&registry, &terms(), END), needed, "it has ended");
    // With the second's right their approval goes.
    says(&mut registry, Some(1), vec![Act::SetUrgencyRight { agent: SECOND, granted: false }]);
    assert_eq!(reach(&registry, &terms(), NOW), needed);
}

#[test]
fn overrides_of_more_than_200_agents_need_the_approval_of_a_team_that_holds_them_all() {
    let mut registry = town(203);
    let derogation = Override {
        period: Period { from: NOW, until: END },
        basis: LegalBasis::PERMANENT_PROTECTION,
        author: AUTHOR,
        reason: "Crue.".to_owned(),
    };
    let of = |count: u32| -> Vec<(AgentNumber, &Override)> {
        (2..2 + count).map(|agent| (AgentNumber(agent), &derogation)).collect()
    };
    let judged = |registry: &Registry, overrides: &[(AgentNumber, &Override)]| {
        may_override_many(registry, AUTHOR, overrides, NOW).map_err(|fault| fault.code)
    };
    let needed = Err(FaultCode::SecondApproverRequired);
    assert_eq!(judged(&registry, &of(200)), Ok(()));
    assert_eq!(judged(&registry, &of(201)), needed);
    says(
        &mut registry,
        Some(2),
        vec![Act::ApproveUrgency { approval: approval(Audience::Team(TeamNumber(7))) }],
    );
    assert_eq!(judged(&registry, &of(201)), Ok(()));
    assert_eq!(judged(&registry, &of(203)), needed, "agent 204 is in no such team");
}

#[test]
fn an_urgent_entry_needs_the_right_whatever_its_authors_role() {
    let mut registry = town(3);
    let name = RosterName::Stated(ROSTER);
    let may = |registry: &Registry, number, urgency| may_append(registry, &name, device(number), urgency);
    assert_eq!(may(&registry, 1, Urgency::Emergency), Ok(()));
    assert_eq!(may(&registry, 3, Urgency::Emergency), Err(FaultCode::Forbidden));
    assert_eq!(may(&registry, 3, Urgency::OnCall), Err(FaultCode::Forbidden));
    let leads = Act::SetRole { agent: AgentNumber(3), role: Role::Supervisor, teams: vec![TeamNumber(7)] };
    says(&mut registry, Some(1), vec![leads]);
    assert_eq!(may(&registry, 3, Urgency::OnCall), Ok(()), "a supervisor's");
    assert_eq!(may(&registry, 3, Urgency::Emergency), Err(FaultCode::Forbidden));
    says(&mut registry, Some(1), vec![Act::SetUrgencyRight { agent: AUTHOR, granted: false }]);
    assert_eq!(may(&registry, 1, Urgency::Emergency), Err(FaultCode::Forbidden), "an administrator neither");
}
