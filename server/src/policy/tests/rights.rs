//! Each right, with who has it and who has not.

use estafette_protocol::announcement::Announced;
use estafette_protocol::entry::EntryKind;
use estafette_protocol::frame::Cursor;
use estafette_protocol::hours::{Rota, Turn};
use estafette_protocol::lease::Wipe;
use estafette_protocol::policy::Policy;
use estafette_protocol::statement::RevocationReason;
use estafette_protocol::urgency::Asked;
use estafette_protocol::{EnrolmentId, EntryUid, Epoch, Hash, RosterGeneration, Salt};

use super::*;

const DIFFUSION: RosterId = RosterId([10; 32]);
const FORBIDDEN: Result<(), FaultCode> = Err(FaultCode::Forbidden);

fn stated() -> RosterName {
    RosterName::Stated(ROSTER)
}

fn number(registry: &Registry) -> StatementNumber {
    registry.last()
}

fn lead(agent: u32) -> Act {
    Act::SetRole { agent: AgentNumber(agent), role: Role::Supervisor, teams: vec![TeamNumber(7)] }
}

fn request(body: RequestBody) -> Request {
    Request { id: 1, body }
}

fn header() -> Header {
    Header {
        version: 1,
        urgency: Urgency::Normal,
        kind: EntryKind::Create,
        thread: ROSTER.first_thread(),
        generation: RosterGeneration(0),
        epoch: Epoch(1),
        uid: EntryUid([1; 16]),
        salt: Salt([7; 8]),
        acknowledgement_due: None,
        escalation_minutes: None,
        announced: None,
        terms: None,
    }
}

/// Four people of whom the first administers and the second leads the team; the fourth's device was lost.
/// All but the third are in a roster of announcements too.
fn small_town() -> Registry {
    let mut registry = town(4);
    let team = Some(TeamNumber(7));
    let create = Act::CreateRoster { roster: DIFFUSION, class: Class::Diffusion, team, retention_days: 365 };
    let admit = |number| Act::Admit { roster: DIFFUSION, device: device(number), history: History::None };
    says(&mut registry, Some(1), vec![lead(2), create, admit(1), admit(2), admit(4)]);
    says(&mut registry, Some(1), vec![Act::Revoke { device: device(4), reason: RevocationReason::Lost }]);
    registry
}

#[test]
fn a_device_speaks_while_its_certificate_is_in_force_and_only_in_its_epoch() {
    let registry = small_town();
    let may = |number, epoch| {
        may_speak(&registry, device(number), AuthEpoch(epoch)).map(|record| record.certificate.agent.0)
    };
    assert_eq!(may(3, 0), Ok(3));
    assert_eq!(may(3, 1), Err(FaultCode::BadProof));
    assert_eq!(may(9, 0), Err(FaultCode::BadProof), "a stranger");
    assert_eq!(may(4, 0), Err(FaultCode::DeviceRevoked));
    assert_eq!(may(4, 1), Err(FaultCode::DeviceRevoked));
    let epoch = |number| auth_epoch(registry.device(device(number)).unwrap());
    assert_eq!((epoch(3), epoch(4)), (AuthEpoch(0), AuthEpoch(1)));
    assert_eq!(is_withdrawn(&registry, device(4)), Ok(number(&registry)));
    assert_eq!(is_withdrawn(&registry, device(3)), Err(FaultCode::Forbidden));
    assert_eq!(is_withdrawn(&registry, device(9)), Err(FaultCode::BadProof));
}

#[test]
fn requests_are_for_withdrawn_devices_for_evidence_for_administrators_or_for_all() {
    let wipe = Wipe { at: NOW, unsent: 0 };
    let kinds = [
        (RequestBody::Orders { from: StatementNumber(0) }, [true, false, false]),
        (RequestBody::Wiped(wipe), [true, false, false]),
        (RequestBody::Challenge, [false, true, false]),
        (RequestBody::Pending, [false, false, true]),
        (RequestBody::Inventory { entries: Vec::new() }, [false, false, true]),
        (RequestBody::RefuseEnrolment { enrolment: EnrolmentId([1; 16]) }, [false, false, true]),
        (RequestBody::Contacts, [false, false, false]),
        (RequestBody::Knowledge, [false, false, false]),
        (RequestBody::Audit { after: 0 }, [false, false, false]),
        (RequestBody::Urgencies, [false, false, false]),
        (RequestBody::Hello { cursor: Cursor::default() }, [false, false, false]),
    ];
    let registry = small_town();
    for (body, [withdrawn, attesting, administrators]) in kinds {
        let request = request(body);
        assert_eq!(for_withdrawn(&request), withdrawn, "{request:?}");
        assert_eq!(for_attesting(&request), attesting, "{request:?}");
        assert_eq!(for_administrators(&request), administrators, "{request:?}");
        let others = if administrators { FORBIDDEN } else { Ok(()) };
        assert_eq!(may_ask(&registry, device(2), &request), others, "{request:?}");
        assert_eq!(may_ask(&registry, device(1), &request), Ok(()), "{request:?}");
    }
}

#[test]
fn statistics_are_for_who_leads_audits_or_represents() {
    let mut registry = small_town();
    let may = |registry: &Registry, number| may_read_statistics(registry, device(number));
    assert_eq!((may(&registry, 1), may(&registry, 2), may(&registry, 3)), (Ok(()), Ok(()), FORBIDDEN));
    assert_eq!(may(&registry, 9), FORBIDDEN);
    let officer = Act::SetRole { agent: AgentNumber(3), role: Role::Officer, teams: Vec::new() };
    says(&mut registry, Some(1), vec![officer]);
    assert_eq!(may(&registry, 3), Ok(()));
    let agent = Act::SetRole { agent: AgentNumber(3), role: Role::Agent, teams: Vec::new() };
    let named = Policy::Representative { agent: AgentNumber(3), named: true };
    let propose = Act::Propose { changes: vec![registry.change_to(named)] };
    says(&mut registry, Some(1), vec![agent, propose]);
    assert_eq!(may(&registry, 3), Ok(()), "a representative");
}

#[test]
fn contacts_are_told_whole_to_administrators_and_to_leaders_as_far_as_somebody_is_missed() {
    const DAY: u64 = 24 * 60 * 60 * 1000;
    let mut registry = small_town();
    let may = |registry: &Registry, number| may_read_contacts(registry, device(number));
    assert_eq!((may(&registry, 1), may(&registry, 2), may(&registry, 3)), (Ok(()), Ok(()), FORBIDDEN));
    assert_eq!(may(&registry, 9), FORBIDDEN);
    says(&mut registry, Some(1), vec![Act::Certify(certificate(5))]);
    let contact = |number, day: Option<u64>| Contact {
        device: device(number),
        day: day.map(|day| Timestamp(day * DAY)),
        wipe: Some(Wipe { at: NOW, unsent: 3 }),
        attest_by: Some(NOW),
        barred_since: Some(NOW),
    };
    let all = vec![
        contact(1, Some(11)),
        contact(2, Some(10)),
        contact(3, Some(10)),
        contact(4, Some(1)),
        contact(5, Some(1)),
        contact(9, Some(1)),
    ];
    let at = Timestamp(14 * DAY);
    assert_eq!(contacts_told(&registry, device(1), all.clone(), at), all);
    let bare =
        |number| Contact { wipe: None, attest_by: None, barred_since: None, ..contact(number, Some(10)) };
    // Not who came a day later, nor a withdrawn device, one of no team of theirs, or a stranger's.
    assert_eq!(contacts_told(&registry, device(2), all.clone(), at), [bare(2), bare(3)]);
    assert_eq!(contacts_told(&registry, device(2), all.clone(), Timestamp(at.0 - 1)), []);
    assert_eq!(contacts_told(&registry, device(2), vec![contact(3, None)], at), []);
    assert_eq!(contacts_told(&registry, device(3), all, at), []);
}

#[test]
fn members_append_and_in_a_roster_of_announcements_those_alone_who_may_announce() {
    let registry = small_town();
    let may = |name: &RosterName, number, urgency| may_append(&registry, name, device(number), urgency);
    let news = RosterName::Stated(DIFFUSION);
    assert_eq!(may(&stated(), 3, Urgency::Normal), Ok(()));
    assert_eq!(may(&stated(), 4, Urgency::Normal), Err(FaultCode::NotAMember));
    assert_eq!(may(&news, 3, Urgency::Normal), Err(FaultCode::NotAMember));
    assert_eq!(may(&news, 2, Urgency::Normal), Ok(()));
    assert_eq!(is_member(&registry, &stated(), device(3)), Ok(()));
    assert_eq!(is_member(&registry, &stated(), device(4)), Err(FaultCode::NotAMember));
    let mut registry = registry;
    let admit = Act::Admit { roster: DIFFUSION, device: device(3), history: History::None };
    says(&mut registry, Some(1), vec![admit]);
    assert_eq!(may_append(&registry, &news, device(3), Urgency::Normal), FORBIDDEN);
    let somewhere = |registry: &Registry, number| may_announce_somewhere(registry, device(number));
    assert_eq!((somewhere(&registry, 1), somewhere(&registry, 2)), (Ok(()), Ok(())));
    assert_eq!((somewhere(&registry, 3), somewhere(&registry, 9)), (FORBIDDEN, FORBIDDEN));
    let remove = Act::Remove { roster: DIFFUSION, device: device(2) };
    says(&mut registry, Some(1), vec![remove]);
    assert_eq!(somewhere(&registry, 2), FORBIDDEN, "who leads and is no member");
}

#[test]
fn an_emergency_states_its_terms_and_nothing_else_does() {
    let judged = |header: Header| has_terms(&header, NOW).map_err(|fault| (fault.code, fault.reasons));
    let invalid = |word: &str| Err((FaultCode::OverrideInvalid, Some(vec![word.to_owned()])));
    let urgent = Header { urgency: Urgency::Emergency, terms: Some(terms()), ..header() };
    assert_eq!(judged(header()), Ok(()));
    assert_eq!(judged(urgent.clone()), Ok(()));
    assert_eq!(judged(Header { terms: None, ..urgent.clone() }), invalid("terms_missing"));
    for minutes in [1, urgency::LONGEST_MINUTES] {
        assert_eq!(judged(Header { escalation_minutes: Some(minutes), ..urgent.clone() }), Ok(()));
    }
    for minutes in [0, urgency::LONGEST_MINUTES + 1] {
        let header = Header { escalation_minutes: Some(minutes), ..urgent.clone() };
        assert_eq!(judged(header), invalid("bad_minutes"));
    }
    let blank = Terms { reason: " ".to_owned(), ..terms() };
    assert_eq!(judged(Header { terms: Some(blank), ..urgent.clone() }), invalid("bad_reason"));
    for urgency in [Urgency::Normal, Urgency::OnCall] {
        assert_eq!(judged(Header { urgency, ..urgent.clone() }), invalid("not_urgent"));
        let minutes = Header { urgency, escalation_minutes: Some(10), ..header() };
        assert_eq!(judged(minutes), invalid("not_urgent"));
    }
}

#[test]
fn who_was_called_or_stands_in_the_order_then_or_now_may_answer() {
    let mut registry = small_town();
    let turn = |from, until, agent| Turn {
        period: Period { from: Timestamp(from), until: Timestamp(until) },
        order: vec![AgentNumber(agent)],
    };
    let covers = Period { from: NOW, until: END };
    let middle = u64::midpoint(NOW.0, END.0);
    let turns = vec![turn(NOW.0, middle, 2), turn(middle, END.0, 3)];
    says(&mut registry, Some(1), vec![Act::SetRota { team: TeamNumber(7), rota: Rota { covers, turns } }]);
    let call = |roster: RosterId, asked: &[u32]| CallRow {
        stream: 1,
        thread: roster.first_thread(),
        entry: EntryUid([1; 16]),
        hash: Hash([0; 32]),
        author: device(1),
        received_at: NOW,
        until: END,
        minutes: 10,
        asked: asked.iter().map(|agent| Asked { agent: AgentNumber(*agent), at: NOW }).collect(),
        answers: Vec::new(),
        ended_at: None,
        unanswered: false,
    };
    let may = |call: &CallRow, agent, at| may_answer(&registry, call, AgentNumber(agent), at);
    let (nobody, first) = (call(ROSTER, &[]), call(ROSTER, &[1]));
    assert_eq!(may(&nobody, 2, NOW), Ok(()));
    assert_eq!(may(&nobody, 3, NOW), FORBIDDEN, "not yet in turn");
    assert_eq!(may(&nobody, 3, Timestamp(middle)), Ok(()));
    assert_eq!(may(&nobody, 2, Timestamp(middle)), Ok(()), "in turn when it was received");
    assert_eq!((may(&first, 1, END), may(&nobody, 1, END)), (Ok(()), FORBIDDEN), "who was called");
    assert_eq!(may(&call(RosterId([77; 32]), &[]), 2, NOW), FORBIDDEN, "of no team");
}

#[test]
fn announcements_and_what_they_ask_stand_in_their_own_rosters() {
    let registry = small_town();
    let announced = Some(Announced { version: EntryUid([1; 16]), common: Hash([2; 32]), corrects: None });
    let due = Some(END);
    let judged = |roster, announced, acknowledgement_due| {
        let header = Header { announced, acknowledgement_due, ..header() };
        may_be_headed(&registry, &RosterName::Stated(roster), &header)
    };
    assert_eq!(judged(ROSTER, None, None), Ok(()));
    assert_eq!(judged(DIFFUSION, None, None), Ok(()));
    assert_eq!(judged(DIFFUSION, announced, None), Ok(()));
    assert_eq!(judged(DIFFUSION, announced, due), Ok(()));
    assert_eq!(judged(DIFFUSION, None, due), Err(FaultCode::Malformed));
    for (announced, due) in [(announced, None), (None, due), (announced, due)] {
        assert_eq!(judged(ROSTER, announced, due), FORBIDDEN);
    }
}

#[test]
fn the_past_is_handed_from_member_to_newcomer_and_what_is_private_to_one_s_own_device() {
    let mut registry = small_town();
    let second = Certificate { agent: AgentNumber(3), ..certificate(6) };
    says(&mut registry, Some(1), vec![Act::Certify(second)]);
    let give = |name: &RosterName, from, to| may_give_history(&registry, name, device(from), device(to));
    assert_eq!(give(&stated(), 2, 3), Ok(()));
    assert_eq!(give(&stated(), 3, 3), FORBIDDEN, "to itself");
    assert_eq!(give(&stated(), 4, 3), Err(FaultCode::NotAMember));
    assert_eq!(give(&stated(), 3, 4), Err(FaultCode::NotAMember));
    let pair = |class| RosterName::pair(class, AgentNumber(2), AgentNumber(3)).unwrap();
    assert_eq!(give(&pair(Class::Personnel), 3, 6), Ok(()), "the agent's own");
    assert_eq!(give(&pair(Class::Personnel), 2, 6), FORBIDDEN);
    assert_eq!(give(&pair(Class::Service), 2, 6), Ok(()));
}

#[test]
fn a_roster_exists_if_it_was_stated_or_is_an_ordered_pair_that_may_talk() {
    let mut registry = small_town();
    let (two, three) = (AgentNumber(2), AgentNumber(3));
    let missing = Err(FaultCode::NotFound);
    assert_eq!(exists(&registry, &stated()), Ok(()));
    assert_eq!(exists(&registry, &RosterName::Stated(RosterId([77; 32]))), missing);
    let pair = |class, lower, higher| RosterName::Pair { class, lower, higher };
    assert_eq!(exists(&registry, &pair(Class::Personnel, two, three)), Ok(()));
    assert_eq!(exists(&registry, &pair(Class::Personnel, three, two)), missing);
    assert_eq!(exists(&registry, &pair(Class::Diffusion, two, three)), missing);
    let archives = AgentNumber(7);
    let appoint = Act::SetRole { agent: archives, role: Role::Archives, teams: Vec::new() };
    says(&mut registry, Some(1), vec![appoint, Act::Certify(certificate(7))]);
    assert_eq!(exists(&registry, &pair(Class::Personnel, two, archives)), missing);
    assert_eq!(exists(&registry, &pair(Class::Service, two, archives)), Ok(()));
}

#[test]
fn a_group_is_given_up_by_two_people_by_one_of_a_pair_or_by_an_administrator() {
    let mut registry = small_town();
    let second = Certificate { agent: AgentNumber(3), ..certificate(6) };
    says(&mut registry, Some(1), vec![Act::Certify(second)]);
    let given_up = |name: &RosterName, refusals: &[u32]| {
        is_given_up(&registry, name, &refusals.iter().map(|number| device(*number)).collect::<Vec<_>>())
    };
    let pair = RosterName::pair(Class::Service, AgentNumber(2), AgentNumber(3)).unwrap();
    assert!(!given_up(&stated(), &[]) && !given_up(&pair, &[]));
    assert!(!given_up(&stated(), &[3]) && !given_up(&stated(), &[3, 6]), "one person's two devices");
    assert!(given_up(&stated(), &[2, 3]));
    assert!(given_up(&stated(), &[1]), "an administrator's");
    assert!(given_up(&pair, &[3]));
}

#[test]
fn a_group_is_founded_and_joined_as_statements_have_it() {
    let registry = small_town();
    let last = number(&registry);
    let found = |founder, at, added: &[u32]| {
        let added = added.iter().map(|number| device(*number)).collect();
        may_found(&registry, &stated(), device(founder), at, &added)
    };
    let invalid = Err(FaultCode::CommitInvalid);
    assert_eq!(found(1, last, &[2, 3]), Ok(()));
    assert_eq!(found(1, last, &[]), Ok(()));
    assert_eq!(found(4, last, &[2]), Err(FaultCode::NotAMember));
    assert_eq!(found(1, last.next(), &[2]), invalid, "a statement that is not there");
    assert_eq!(found(1, last, &[1, 2]), invalid, "itself");
    assert_eq!(found(1, last, &[2, 4]), invalid, "no member any more");
    assert_eq!(found(1, StatementNumber(last.0 - 1), &[2, 4]), Ok(()), "a member then");
    assert_eq!(found(1, StatementNumber(2), &[2]), invalid, "not yet a member");
    let join = |number, at| may_join(&registry, &stated(), device(number), at);
    assert_eq!((join(2, last), join(2, StatementNumber(2))), (Ok(()), invalid));
    assert_eq!(join(4, last), Err(FaultCode::NotAMember));
}

#[test]
fn a_certificate_stands_for_what_the_device_has_bound_and_the_inventory_says() {
    let certificate = certificate(3);
    let organisation = OrganisationId([1; 16]);
    let enrolment = EnrolmentId([2; 16]);
    let binding = Binding {
        organisation,
        enrolment,
        device: certificate.device,
        es256: certificate.es256,
        ed25519: certificate.ed25519,
        x25519: certificate.x25519,
        key_packages: Vec::new(),
    };
    assert_eq!(may_bind(&binding, organisation, enrolment), Ok(()));
    assert_eq!(may_bind(&binding, OrganisationId([9; 16]), enrolment), Err(FaultCode::AlienOrganisation));
    assert_eq!(may_bind(&binding, organisation, EnrolmentId([9; 16])), Err(FaultCode::EnrolmentInvalid));
    let entry = InventoryEntry {
        id: certificate.inventory,
        agent: certificate.agent,
        team: None,
        platform: "computer".to_owned(),
        model: "PC".to_owned(),
        serial: Hash([0; 32]),
        level: Level::Supervised,
    };
    let refused = Err(FaultCode::StatementForbidden);
    let may = |certificate: &Certificate| may_certify(certificate, &binding, &entry);
    assert_eq!(may(&certificate), Ok(()));
    assert_eq!(may(&Certificate { level: Level::Owned, ..certificate.clone() }), Ok(()), "stronger");
    for other in [
        Certificate { device: device(9), ..certificate.clone() },
        Certificate { es256: Es256Public([9; 33]), ..certificate.clone() },
        Certificate { ed25519: Ed25519Public([9; 32]), ..certificate.clone() },
        Certificate { x25519: X25519Public([9; 32]), ..certificate.clone() },
        Certificate { inventory: InventoryId([9; 16]), ..certificate.clone() },
        Certificate { agent: AgentNumber(9), ..certificate.clone() },
        Certificate { level: Level::Software, ..certificate },
    ] {
        assert_eq!(may(&other), refused, "{other:?}");
    }
    let software = InventoryEntry { level: Level::Software, ..entry.clone() };
    assert_eq!((may_inventory(&entry, false), may_inventory(&software, true)), (Ok(()), Ok(())));
    assert_eq!((may_inventory(&entry, true), may_inventory(&software, false)), (Ok(()), FORBIDDEN));
}
