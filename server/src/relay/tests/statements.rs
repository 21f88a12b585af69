use std::time::Duration;

use estafette_protocol::frame::{Control, Cursor, Directory, Message, Reply, RequestBody};
use estafette_protocol::lease::LeaseTerms;
use estafette_protocol::policy::{Policy, PolicyChange};
use estafette_protocol::sign::{self, Domain};
use estafette_protocol::statement::{Act, RevocationReason, Role, SignedStatement};
use estafette_protocol::{AuthEpoch, Fault, FaultCode, Signature, StatementNumber};

use super::{Device, Town};
use crate::audit::What;
use crate::store::{Batch, Operation, StatementWrite, Writer as _};

#[test]
fn a_revoked_device_is_cut_off_when_the_statement_is_durable_and_not_before() {
    let (mut town, devices, _) = Town::with_team(&[1, 2]);
    let admin = town.admin.clone();
    let [lost, console] = [town.follow(&devices[1], Cursor::default()), town.open(&admin)];
    let revoke = Act::Revoke { device: devices[1].id, reason: RevocationReason::Lost };
    let statement = town.sign(Some(&admin), vec![revoke]);
    town.hold = true;
    let id = town.send(console, RequestBody::State { statement });
    assert_eq!((town.closed(lost), town.answer(console, id)), (None, None));
    town.release();
    assert_eq!(town.closed(lost), Some(FaultCode::DeviceRevoked));
    assert_eq!(town.answer(console, id), Some(Ok(Reply::Done)));
    let again = town.open(&devices[1]);
    assert_eq!(town.closed(again), Some(FaultCode::DeviceRevoked));
    town.restart();
    let again = town.open(&devices[1]);
    assert_eq!(town.closed(again), Some(FaultCode::DeviceRevoked));
}

#[test]
fn a_token_of_another_epoch_or_organisation_opens_nothing() {
    let (mut town, devices, _) = Town::with_team(&[1]);
    let socket = town.open_with(devices[0].id, town.organisation(), AuthEpoch(1));
    assert_eq!(town.closed(socket), Some(FaultCode::BadProof));
    let elsewhere = estafette_protocol::OrganisationId([1; 16]);
    let socket = town.open_with(devices[0].id, elsewhere, AuthEpoch(0));
    assert_eq!(town.closed(socket), Some(FaultCode::AlienOrganisation));
}

#[test]
fn of_two_statements_of_one_number_the_first_stands_and_repeats_well() {
    let mut town = Town::new();
    let admin = town.admin.clone();
    let role = |agent| Act::SetRole {
        agent: estafette_protocol::AgentNumber(agent),
        role: Role::Officer,
        teams: vec![],
    };
    let first = town.sign(Some(&admin), vec![role(1)]);
    let number = town.last().0;
    let mut other = first.statement().unwrap();
    other.acts = vec![role(2)];
    let second = estafette_protocol::statement::SignedStatement::sign(&other, &admin.ed25519);
    let socket = town.open(&admin);
    town.hold = true;
    let ids: Vec<_> = [&first, &second, &first]
        .into_iter()
        .map(|statement| town.send(socket, RequestBody::State { statement: statement.clone() }))
        .collect();
    town.release();
    assert_eq!(town.answer(socket, ids[0]), Some(Ok(Reply::Done)));
    let out_of_order =
        Fault::new(FaultCode::StatementOutOfOrder).with_number(number + 1).with_hash(first.hash());
    assert_eq!(town.answer(socket, ids[1]), Some(Err(out_of_order)));
    assert_eq!(town.answer(socket, ids[2]), Some(Ok(Reply::Done)));
}

#[test]
fn statements_follow_each_other_in_flight_and_what_they_allow_follows_them() {
    let mut town = Town::new();
    let admin = town.admin.clone();
    let socket = town.open(&admin);
    let role = |agent| Act::SetRole {
        agent: estafette_protocol::AgentNumber(agent),
        role: Role::Officer,
        teams: vec![],
    };
    let statements: Vec<_> = (1..4).map(|agent| town.sign(Some(&admin), vec![role(agent)])).collect();
    town.hold = true;
    let ids: Vec<_> =
        statements.into_iter().map(|statement| town.send(socket, RequestBody::State { statement })).collect();
    let read = town.send(socket, RequestBody::Statements { from: StatementNumber(2) });
    town.release();
    assert!(ids.into_iter().all(|id| town.answer(socket, id) == Some(Ok(Reply::Done))));
    let Some(Ok(Reply::Statements { statements, head })) = town.answer(socket, read) else {
        panic!("no answer")
    };
    assert_eq!((statements.len(), head), (3, town.last()));
}

#[test]
fn a_forged_an_alien_and_a_forbidden_statement_are_refused_and_change_nothing() {
    let (mut town, devices, _) = Town::with_team(&[1]);
    let admin = town.admin.clone();
    let before = town.last();
    let socket = town.open(&devices[0]);
    let act = || Act::SetRole { agent: devices[0].agent, role: Role::Administrator, teams: vec![] };
    let forbidden = town.sign(Some(&devices[0]), vec![act()]);
    let mut forged = forbidden.statement().unwrap();
    forged.signer = estafette_protocol::statement::Signer::Device(admin.id);
    let forged = estafette_protocol::statement::SignedStatement::sign(&forged, &devices[0].ed25519);
    let mut alien = forbidden.statement().unwrap();
    alien.organisation = estafette_protocol::OrganisationId([1; 16]);
    let alien = estafette_protocol::statement::SignedStatement::sign(&alien, &admin.ed25519);
    for (statement, code) in [
        (forbidden, FaultCode::StatementForbidden),
        (forged, FaultCode::StatementForged),
        (alien, FaultCode::AlienOrganisation),
    ] {
        assert_eq!(town.ask(socket, RequestBody::State { statement }).unwrap_err().code, code);
    }
    let Ok(Reply::Statements { head, .. }) =
        town.ask(socket, RequestBody::Statements { from: StatementNumber(0) })
    else {
        panic!("no answer")
    };
    assert_eq!(head, before);
}

#[test]
fn what_is_the_administrators_is_nobody_elses() {
    let (mut town, devices, _) = Town::with_team(&[1]);
    let socket = town.open(&devices[0]);
    let enrolment = devices[0].enrolment();
    for body in [
        RequestBody::Pending,
        RequestBody::RefuseEnrolment { enrolment },
        RequestBody::Inventory { entries: Vec::new() },
        RequestBody::Directory(directory(&devices[0], 1, &[])),
    ] {
        assert_eq!(town.ask(socket, body), Err(Fault::new(FaultCode::Forbidden)));
    }
}

fn directory(author: &Device, version: u64, readers: &[Device]) -> Directory {
    let sealed = vec![7; 40];
    let [version_bytes, sealed_bytes] = Directory::signed_parts(&version.to_be_bytes(), &sealed);
    let signature = sign::ed25519(&author.ed25519, Domain::Directory, &[&version_bytes, &sealed_bytes]);
    let key = |device: &Device| (device.id, vec![device.id.0[0]; 8].into());
    Directory {
        version,
        author: author.id,
        sealed: sealed.into(),
        signature: Signature(signature),
        keys: readers.iter().map(key).collect(),
        recovery: None,
    }
}

#[test]
fn the_last_directory_reaches_each_device_with_its_own_key_only() {
    let (mut town, devices, _) = Town::with_team(&[1, 2, 3]);
    let admin = town.admin.clone();
    let console = town.open(&admin);
    for version in [1, 2] {
        let directory = directory(&admin, version, &devices[..2]);
        assert_eq!(town.ask(console, RequestBody::Directory(directory)), Ok(Reply::Done));
    }
    let older = Fault::new(FaultCode::SlotOutdated).with_number(2);
    assert_eq!(town.ask(console, RequestBody::Directory(directory(&admin, 1, &devices[..2]))), Err(older));
    for restarted in [false, true] {
        if restarted {
            town.restart();
        }
        for (device, expected) in devices.iter().zip([1, 1, 0]) {
            let socket = town.follow(device, Cursor::default());
            let controls = town.drain(socket).into_iter().flat_map(|delivery| delivery.control);
            let directories: Vec<_> = controls
                .filter_map(|control| match control {
                    Control::Directory(directory) => Some(directory),
                    _ => None,
                })
                .collect();
            assert_eq!(directories.len(), expected);
            for directory in directories {
                assert_eq!((directory.version, directory.keys[0].0), (2, device.id));
                assert_eq!(directory.keys.len(), 1);
            }
        }
    }
}

#[test]
fn the_directory_key_for_recovery_reaches_administrators_and_nobody_else() {
    let (mut town, devices, _) = Town::with_team(&[1, 2]);
    let admin = town.admin.clone();
    let console = town.open(&admin);
    let recovery = Some(vec![9; 80].into());
    let edition = Directory { recovery, ..directory(&admin, 1, &devices[..1]) };
    assert_eq!(town.ask(console, RequestBody::Directory(edition.clone())), Ok(Reply::Done));
    let mut seen = |device: &Device| -> Vec<(usize, bool)> {
        let socket = town.follow(device, Cursor::default());
        let controls = town.drain(socket).into_iter().flat_map(|delivery| delivery.control);
        let directories = controls.filter_map(|control| match control {
            Control::Directory(directory) => Some((directory.keys.len(), directory.recovery.is_some())),
            _ => None,
        });
        directories.collect()
    };
    assert_eq!(
        [seen(&admin), seen(&devices[0]), seen(&devices[1])],
        [vec![(0, true)], vec![(1, false)], vec![]]
    );
    let long = Directory { version: 2, recovery: Some(vec![9; 1025].into()), ..edition };
    assert_eq!(
        town.ask(console, RequestBody::Directory(long)).map_err(|fault| fault.code),
        Err(FaultCode::TooLarge)
    );
}

#[test]
fn a_directory_signed_by_another_key_is_refused() {
    let mut town = Town::new();
    let admin = town.admin.clone();
    let console = town.open(&admin);
    let forged = Directory { author: admin.id, ..directory(&Device::new(1), 1, &[]) };
    assert_eq!(town.ask(console, RequestBody::Directory(forged)), Err(Fault::new(FaultCode::BadProof)));
}

/// A statement written to the store by another program, as the administrator.
fn written_elsewhere(
    town: &mut Town,
    acts: Vec<Act>,
    open_removals: Vec<(estafette_protocol::RosterId, bool)>,
) {
    let admin = town.admin.clone();
    let signed = town.sign(Some(&admin), acts);
    let number = town.last();
    let write = StatementWrite { number, signed, revoked: vec![], open_removals, approved: vec![] };
    let batch = Batch { operations: vec![Operation::State(Box::new(write))] };
    assert_eq!(town.writer.write(&[batch]).unwrap()[0].outcomes, [crate::store::Outcome::Done]);
}

#[test]
fn what_another_program_has_written_is_read_and_shown_when_the_relay_is_told() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let reader = town.follow(&devices[0], Cursor::default());
    town.drain(reader);
    let roster_id = roster.id(town.organisation());
    let remove = Act::Remove { roster: roster_id, device: devices[1].id };
    written_elsewhere(&mut town, vec![remove], vec![(roster_id, true)]);
    town.handle(crate::relay::Event::Registry);
    let [(Message::Turn { .. }, _), (Message::Deliver(delivery), _)] = &town.messages(reader)[..] else {
        panic!("the statement, and the turn to commit it")
    };
    assert!(matches!(delivery.control[..], [Control::Statement(_)]));
    let socket = town.open(&devices[1]);
    let results = town.append(socket, vec![super::device::entry(town.thread(roster), 1, 1, "a")]);
    assert!(matches!(&results[..], [estafette_protocol::frame::AppendResult::Refused(fault)]
        if fault.code == FaultCode::NotAMember));
}

#[test]
fn nothing_is_taken_on_a_judgement_that_another_program_has_overtaken() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let role =
        Act::SetRole { agent: estafette_protocol::AgentNumber(77), role: Role::Officer, teams: vec![] };
    written_elsewhere(&mut town, vec![role], vec![]);
    let thread = town.thread(roster);
    let entry = || vec![super::device::entry(thread, 1, 1, "a")];
    let socket = town.open(&devices[0]);
    let results = town.append(socket, entry());
    assert!(matches!(&results[..], [estafette_protocol::frame::AppendResult::Refused(fault)]
        if fault.code == FaultCode::Internal));
    let results = town.append(socket, entry());
    assert!(matches!(&results[..], [estafette_protocol::frame::AppendResult::Stands { placement, .. }]
        if placement.statement == town.last()));
}

#[test]
fn a_proposal_and_its_approval_bear_a_true_date_and_stand_in_the_audit() {
    let (mut town, _, _) = Town::with_team(&[1]);
    let admin = town.admin.clone();
    town.state(vec![Act::RequireSecondPerson]);
    town.pass(Duration::from_secs(3600));
    let policy = Policy::Lease(LeaseTerms { lock_days: 10, wipe_days: 20 });
    let propose = Act::Propose { changes: vec![PolicyChange { policy, replaces: None }] };
    let socket = town.open(&admin);
    let honest = town.sign(Some(&admin), vec![propose]);
    for (early, lie) in [(true, 301), (false, 301)] {
        let mut statement = honest.statement().unwrap();
        let lie = Duration::from_secs(lie);
        statement.at = if early { town.now.before(lie) } else { town.now.after(lie) };
        let statement = SignedStatement::sign(&statement, &admin.ed25519);
        let refused = town.ask(socket, RequestBody::State { statement });
        assert_eq!(refused.unwrap_err().code, FaultCode::ClockWrong);
    }
    assert_eq!(town.ask(socket, RequestBody::State { statement: honest.clone() }), Ok(Reply::Done));
    let proposal = town.last();
    // The same again, much later: its answer was lost.
    town.pass(Duration::from_secs(3600));
    assert_eq!(town.ask(socket, RequestBody::State { statement: honest }), Ok(Reply::Done));
    let alone = town.sign(Some(&admin), vec![Act::Approve { proposal }]);
    let refused = town.ask(socket, RequestBody::State { statement: alone }).unwrap_err();
    assert_eq!(refused.code, FaultCode::ApprovalWaits);
    town.forget_last();
    town.pass(Duration::from_secs(24 * 3600));
    town.state(vec![Act::Approve { proposal }]);
    let told: Vec<_> = town.audit().into_iter().map(|line| (line.what, line.subject.value)).collect();
    assert!(told.contains(&(What::SecondPersonRequired, None)));
    assert!(told.contains(&(What::PolicyProposed, None)));
    assert_eq!(told.last(), Some(&(What::PolicyApproved, Some(proposal.0))));
}
