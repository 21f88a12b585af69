use estafette_protocol::chain::{self, HeadClaim};
use estafette_protocol::entry::Urgency;
use estafette_protocol::frame::{AppendResult, Cursor, Reply, RequestBody};
use estafette_protocol::handshake::CommitNote;
use estafette_protocol::statement::{Act, Class};
use estafette_protocol::{Ed25519Public, Fault, FaultCode, Hash, LogGeneration, Position, limits};

use super::device::entry;
use super::{Device, Town};

fn refusal(results: &[AppendResult]) -> FaultCode {
    match results {
        [AppendResult::Refused(fault)] => fault.code,
        other => panic!("not one refusal: {other:?}"),
    }
}

#[test]
fn an_entry_repeated_gets_the_same_answer_and_another_under_its_name_is_told_apart() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let socket = town.open(&devices[0]);
    let first = town.append(socket, vec![entry(thread, 1, 1, "a")]);
    assert!(matches!(&first[..], [AppendResult::Stands { placement, hash: None }]
        if placement.position == Position(1) && placement.statement == town.last()));
    assert_eq!(town.append(socket, vec![entry(thread, 1, 1, "a")]), first);
    let stands = Some(entry(thread, 1, 1, "a").hash());
    let other = town.append(socket, vec![entry(thread, 1, 1, "b"), entry(thread, 2, 1, "c")]);
    assert!(
        matches!(&other[..], [AppendResult::Stands { placement, hash }, AppendResult::Stands { placement: next, .. }]
        if placement.position == Position(1) && *hash == stands && next.position == Position(2))
    );
}

#[test]
fn one_name_of_two_authors_is_two_entries() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    for (device, position) in devices.iter().zip([1, 2]) {
        let socket = town.open(device);
        let results = town.append(socket, vec![entry(thread, 1, 1, "a")]);
        assert!(matches!(&results[..], [AppendResult::Stands { placement, hash: None }]
            if placement.position == Position(position)));
    }
}

#[test]
fn nothing_is_acknowledged_or_shown_before_it_is_durable() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let author = town.open(&devices[0]);
    let reader = town.follow(&devices[1], Cursor::default());
    town.drain(reader);
    town.hold = true;
    let id = town.send(author, RequestBody::Append { entries: vec![entry(thread, 1, 1, "a").into()] });
    assert_eq!(town.answer(author, id), None);
    assert_eq!(town.messages(reader), []);
    town.release();
    assert!(matches!(town.answer(author, id), Some(Ok(Reply::Appended { .. }))));
    assert_eq!(town.deliveries(reader).len(), 1);
}

#[test]
fn what_was_not_durable_at_a_crash_was_not_acknowledged_and_can_be_sent_again() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    town.hold = true;
    let socket = town.open(&devices[0]);
    let id = town.send(socket, RequestBody::Append { entries: vec![entry(thread, 1, 1, "a").into()] });
    town.restart();
    assert_eq!(town.answer(socket, id), None);
    town.hold = false;
    let socket = town.open(&devices[0]);
    let results = town.append(socket, vec![entry(thread, 1, 1, "a")]);
    assert!(
        matches!(&results[..], [AppendResult::Stands { placement, .. }] if placement.position == Position(1))
    );
}

#[test]
fn a_thread_that_is_not_yours_or_does_not_exist_is_refused() {
    let (mut town, _, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let stranger = town.enrol(Device::new(3));
    let socket = town.open(&stranger);
    assert_eq!(refusal(&town.append(socket, vec![entry(thread, 1, 1, "a")])), FaultCode::NotAMember);
    let nowhere = estafette_protocol::ThreadId([0xab; 32]);
    assert_eq!(refusal(&town.append(socket, vec![entry(nowhere, 1, 1, "a")])), FaultCode::NotFound);
    let range = RequestBody::Range { thread: thread.into(), from: Position(1), to: Position(9) };
    assert_eq!(town.ask(socket, range), Err(Fault::new(FaultCode::NotAMember)));
}

#[test]
fn urgency_and_announcements_need_the_right() {
    let mut town = Town::new();
    let agent = town.enrol(Device::new(1));
    let admin = town.admin.clone();
    let both = [agent.clone(), admin.clone()];
    let diffusion = town.roster(2, Class::Diffusion, &both);
    town.found_group(&admin, diffusion, &both[..1]);
    let thread = town.thread(diffusion);
    let socket = town.open(&agent);
    assert_eq!(refusal(&town.append(socket, vec![entry(thread, 1, 1, "a")])), FaultCode::Forbidden);
    let service = town.roster(3, Class::Service, &both);
    town.found_group(&admin, service, &both[..1]);
    let mut urgent = entry(town.thread(service), 1, 1, "a");
    urgent.header.urgency = Urgency::OnCall;
    assert_eq!(refusal(&town.append(socket, vec![urgent.clone()])), FaultCode::Forbidden);
    let socket = town.open(&admin);
    assert!(matches!(town.append(socket, vec![urgent])[..], [AppendResult::Stands { .. }]));
    assert!(matches!(town.append(socket, vec![entry(thread, 1, 1, "a")])[..], [AppendResult::Stands { .. }]));
}

#[test]
fn too_large_an_entry_is_refused_alone_and_too_many_are_refused_together() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let socket = town.open(&devices[0]);
    let results =
        town.append(socket, vec![entry(thread, 1, 1, &"x".repeat(limits::ENTRY)), entry(thread, 2, 1, "b")]);
    assert!(matches!(&results[..], [AppendResult::Refused(fault), AppendResult::Stands { .. }]
        if fault.code == FaultCode::TooLarge));
    let many = (0..=limits::APPEND as u32).map(|uid| entry(thread, uid, 1, "x").into()).collect();
    let answer = town.ask(socket, RequestBody::Append { entries: many });
    assert_eq!(answer, Err(Fault::new(FaultCode::TooLarge).with_number(limits::APPEND as u64)));
}

#[test]
fn an_open_removal_holds_normal_entries_until_it_is_committed() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2, 3]);
    let thread = town.thread(roster);
    town.state(vec![Act::Remove { roster: roster.id(town.organisation()), device: devices[2].id }]);
    let removal = town.last();
    let socket = town.open(&devices[0]);
    assert_eq!(refusal(&town.append(socket, vec![entry(thread, 1, 1, "a")])), FaultCode::RemovalOpen);
    let close = CommitNote::Close { statements: vec![removal] };
    assert_eq!(town.commit(&devices[1], roster, 1, close, &[], "removal"), Ok(Reply::Done));
    assert_eq!(refusal(&town.append(socket, vec![entry(thread, 1, 1, "a")])), FaultCode::StaleEpoch);
    assert!(matches!(town.append(socket, vec![entry(thread, 1, 2, "a")])[..], [AppendResult::Stands { .. }]));
}

#[test]
fn an_emergency_does_not_wait_for_a_removal() {
    let mut town = Town::new();
    let admin = town.admin.clone();
    let others = [town.enrol(Device::new(1)), town.enrol(Device::new(2))];
    let roster = town.roster(2, Class::Service, &[others[0].clone(), others[1].clone(), admin.clone()]);
    town.found_group(&admin, roster, &others);
    town.state(vec![Act::Remove { roster: roster.id(town.organisation()), device: others[0].id }]);
    town.state(vec![Act::SetUrgencyRight { agent: admin.agent, granted: true }]);
    let mut urgent = entry(town.thread(roster), 1, 1, "a");
    urgent.header.urgency = Urgency::Emergency;
    urgent.header.terms = Some(super::device::terms(town.now));
    let socket = town.open(&admin);
    assert!(matches!(town.append(socket, vec![urgent])[..], [AppendResult::Stands { .. }]));
}

#[test]
fn older_epochs_pass_after_a_key_update_and_not_after_a_closed_statement() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let update = CommitNote::Close { statements: Vec::new() };
    assert_eq!(town.commit(&devices[0], roster, 1, update, &[], "update"), Ok(Reply::Done));
    let socket = town.open(&devices[1]);
    assert!(matches!(town.append(socket, vec![entry(thread, 1, 1, "a")])[..], [AppendResult::Stands { .. }]));
    let third = town.enrol(Device::new(3));
    let history = estafette_protocol::statement::History::None;
    town.state(vec![Act::Admit { roster: roster.id(town.organisation()), device: third.id, history }]);
    assert!(matches!(town.append(socket, vec![entry(thread, 2, 2, "b")])[..], [AppendResult::Stands { .. }]));
    let close = CommitNote::Close { statements: vec![town.last()] };
    assert_eq!(town.commit(&devices[0], roster, 2, close, &[third.id], "admission"), Ok(Reply::Done));
    assert_eq!(
        town.append(socket, vec![entry(thread, 3, 2, "c")]),
        [AppendResult::Refused(Fault::new(FaultCode::StaleEpoch).with_number(3))]
    );
    let ahead = town.append(socket, vec![entry(thread, 3, 4, "c")]);
    assert_eq!(refusal(&ahead), FaultCode::StaleEpoch);
    assert!(matches!(town.append(socket, vec![entry(thread, 3, 3, "c")])[..], [AppendResult::Stands { .. }]));
}

#[test]
fn who_has_lost_every_right_still_learns_where_an_acknowledged_entry_stands() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let socket = town.open(&devices[1]);
    let stands = town.append(socket, vec![entry(thread, 1, 1, "a")]);
    town.state(vec![Act::Remove { roster: roster.id(town.organisation()), device: devices[1].id }]);
    assert_eq!(town.append(socket, vec![entry(thread, 1, 1, "a")]), stands);
    assert_eq!(refusal(&town.append(socket, vec![entry(thread, 2, 1, "b")])), FaultCode::NotAMember);
}

#[test]
fn the_signed_head_of_an_answer_is_the_chain_that_the_author_computes() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let socket = town.open(&devices[0]);
    let entries = [entry(thread, 1, 1, "a"), entry(thread, 2, 1, "b")];
    let wire = entries.iter().cloned().map(Into::into).collect();
    let Ok(Reply::Appended { results, heads }) = town.ask(socket, RequestBody::Append { entries: wire })
    else {
        panic!("not appended")
    };
    let mut hash: Hash = chain::start(thread);
    for (entry, result) in entries.iter().zip(&results) {
        let AppendResult::Stands { placement, hash: None } = result else { panic!("refused") };
        hash = chain::next(hash, entry.hash(), *placement);
    }
    let claim = HeadClaim {
        organisation: town.organisation(),
        generation: LogGeneration([9; 8]),
        thread,
        position: Position(2),
        hash,
    };
    let [head] = &heads[..] else { panic!("not one head") };
    let relay = Ed25519Public(town.key.verifying_key().to_bytes());
    assert_eq!((head.thread.full(), head.position), (Some(thread), Position(2)));
    assert_eq!(claim.verify(&relay, &head.signature), Ok(()));
}

#[test]
fn a_full_disk_acknowledges_nothing_loses_nothing_and_is_over_when_there_is_room() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let socket = town.open(&devices[0]);
    town.append(socket, vec![entry(thread, 1, 1, "a")]);
    let pages = town.writer.pages().unwrap();
    town.writer.set_quota(pages).unwrap();
    let large = || vec![entry(thread, 2, 1, &"x".repeat(60_000))];
    assert_eq!(refusal(&town.append(socket, large())), FaultCode::DiskFull);
    town.writer.set_quota(pages + 1000).unwrap();
    let results = town.append(socket, large());
    assert!(
        matches!(&results[..], [AppendResult::Stands { placement, .. }] if placement.position == Position(2))
    );
    let reader = town.follow(&devices[1], Cursor::default());
    let entries: usize = town.drain(reader).iter().map(|delivery| delivery.entries.len()).sum();
    assert_eq!(entries, 2);
}
