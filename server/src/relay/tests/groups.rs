use std::time::Duration;

use estafette_protocol::frame::{CommitRefused, Cursor, Message, Reply, RequestBody};
use estafette_protocol::handshake::{CommitNote, RosterName};
use estafette_protocol::statement::{Act, Class, History};
use estafette_protocol::{
    DeviceId, Epoch, Fault, FaultCode, Hash, RosterGeneration, Signature, StatementNumber,
};

use super::device::{Sender, commit_bytes, upload};
use super::{Device, Socket, Town};

fn reserve(town: &mut Town, socket: Socket, roster: RosterName, device: DeviceId) -> Vec<Vec<u8>> {
    match town.ask(socket, RequestBody::Reserve { roster, devices: vec![device] }) {
        Ok(Reply::Reserved { packages, .. }) => packages.into_iter().map(|(_, bytes)| bytes.into()).collect(),
        other => panic!("not reserved: {other:?}"),
    }
}

#[test]
fn a_reserved_key_package_is_nobody_elses_for_a_minute_and_then_comes_back() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let own = devices[1].key_packages();
    let socket = town.open(&devices[0]);
    let target = devices[1].id;
    assert_eq!(reserve(&mut town, socket, roster, target), [own[0].clone()]);
    assert_eq!(reserve(&mut town, socket, roster, target), [own[1].clone()]);
    assert_eq!(reserve(&mut town, socket, roster, target), [own[2].clone()], "the last resort");
    assert_eq!(reserve(&mut town, socket, roster, target), [own[2].clone()], "the last resort again");
    town.pass(Duration::from_secs(59));
    assert_eq!(reserve(&mut town, socket, roster, target), [own[2].clone()]);
    town.pass(Duration::from_secs(1));
    assert_eq!(reserve(&mut town, socket, roster, target), [own[0].clone()]);
}

#[test]
fn a_key_package_is_used_up_by_the_commit_that_names_it_and_the_last_resort_is_not() {
    let mut town = Town::new();
    let [one, two] = [town.enrol(Device::new(1)), town.enrol(Device::new(2))];
    let roster = town.roster(1, Class::Service, &[one.clone(), two.clone()]);
    let note = CommitNote::Found { at: town.last() };
    let mut founding = upload(town.organisation(), roster, 0, Sender::Member, note, &[two.id], "x");
    let own = two.key_packages();
    founding.key_packages = vec![Hash::of(&[&own[0]]), Hash::of(&[&own[2]])];
    assert_eq!(town.offer(&one, founding), Ok(Reply::Done));
    let socket = town.open(&one);
    assert_eq!(reserve(&mut town, socket, roster, two.id), [own[1].clone()]);
    assert_eq!(reserve(&mut town, socket, roster, two.id), [own[2].clone()]);
    let socket = town.open(&two);
    let packages = vec![vec![1, 2, 3].into(), vec![4, 5, 6].into()];
    let refill = RequestBody::KeyPackages { packages, last_resort: None };
    assert_eq!(town.ask(socket, refill), Ok(Reply::Stock { key_packages: 3 }));
}

#[test]
fn key_packages_are_reserved_among_members_only() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let stranger = town.enrol(Device::new(3));
    let member = town.open(&devices[0]);
    let outside = RequestBody::Reserve { roster, devices: vec![stranger.id] };
    assert_eq!(town.ask(member, outside), Err(Fault::new(FaultCode::NotAMember)));
    let outsider = town.open(&stranger);
    let inside = RequestBody::Reserve { roster, devices: vec![devices[0].id] };
    assert_eq!(town.ask(outsider, inside), Err(Fault::new(FaultCode::NotAMember)));
}

fn refusal(town: &Town, device: &Device, roster: RosterName, commit: Hash) -> RequestBody {
    let refused = CommitRefused {
        roster,
        generation: RosterGeneration(0),
        epoch: Epoch(1),
        commit,
        device: device.id,
        signature: Signature([0; 64]),
    };
    RequestBody::CommitRefused(refused.sign(town.organisation(), &device.ed25519))
}

/// A team in which device 1 has committed what nobody can apply.
fn spoiled() -> (Town, Vec<Device>, RosterName, Hash) {
    let (mut town, devices, roster) = Town::with_team(&[1, 2, 3]);
    let note = CommitNote::Close { statements: Vec::new() };
    let spoiled = upload(town.organisation(), roster, 1, Sender::Member, note, &[], "garbage");
    let hash = Hash::of(&[&spoiled.commit]);
    assert_eq!(town.offer(&devices[0], spoiled), Ok(Reply::Done));
    (town, devices, roster, hash)
}

/// The founding commit of generation 1.
fn refound(
    town: &mut Town,
    founder: &Device,
    roster: RosterName,
    others: &[DeviceId],
) -> Result<Reply, Fault> {
    let note = CommitNote::Found { at: town.last() };
    let mut founding = upload(town.organisation(), roster, 0, Sender::Member, note.clone(), others, "again");
    let group = roster.id(town.organisation()).group(RosterGeneration(1));
    founding.commit = commit_bytes(&group, 0, Sender::Member, &note, "again").into();
    town.offer(founder, founding)
}

#[test]
fn when_two_agents_cannot_apply_a_commit_the_roster_is_founded_anew() {
    let (mut town, devices, roster, hash) = spoiled();
    let others = [devices[0].id, devices[2].id];
    let watcher = town.follow(&devices[2], Cursor::default());
    town.drain(watcher);
    assert_eq!(refound(&mut town, &devices[1], roster, &others).unwrap_err().code, FaultCode::CommitConflict);
    let socket = town.open(&devices[1]);
    let body = refusal(&town, &devices[1], roster, hash);
    assert_eq!(town.ask(socket, body.clone()), Ok(Reply::Done));
    assert_eq!(town.ask(socket, body), Ok(Reply::Done));
    assert_eq!(refound(&mut town, &devices[1], roster, &others).unwrap_err().code, FaultCode::CommitConflict);
    let told = town.drain(watcher).into_iter().flat_map(|delivery| delivery.control);
    assert_eq!(told.filter(|c| matches!(c, estafette_protocol::frame::Control::CommitRefused(_))).count(), 1);
    let body = refusal(&town, &devices[2], roster, hash);
    assert_eq!(town.ask(watcher, body), Ok(Reply::Done));
    town.restart();
    assert_eq!(refound(&mut town, &devices[1], roster, &others), Ok(Reply::Done));
    let socket = town.open(&devices[0]);
    assert!(matches!(
        town.ask(socket, RequestBody::Group { roster }),
        Ok(Reply::Group { generation: RosterGeneration(1), epoch: Epoch(1), .. })
    ));
    assert_eq!(refound(&mut town, &devices[2], roster, &[]).unwrap_err().code, FaultCode::CommitConflict);
}

#[test]
fn one_administrators_word_is_enough() {
    let (mut town, devices, roster, hash) = spoiled();
    let admin = town.admin.clone();
    let socket = town.open(&admin);
    let body = refusal(&town, &admin, roster, hash);
    assert_eq!(town.ask(socket, body), Ok(Reply::Done));
    assert_eq!(refound(&mut town, &devices[1], roster, &[devices[0].id, devices[2].id]), Ok(Reply::Done));
}

#[test]
fn a_refusal_that_is_forged_or_names_no_commit_counts_for_nothing() {
    let (mut town, devices, roster, hash) = spoiled();
    let socket = town.open(&devices[1]);
    let foreign = refusal(&town, &devices[2], roster, hash);
    assert_eq!(town.ask(socket, foreign), Err(Fault::new(FaultCode::Forbidden)));
    let RequestBody::CommitRefused(mut forged) = refusal(&town, &devices[1], roster, hash) else { panic!() };
    forged.epoch = Epoch(2);
    assert_eq!(town.ask(socket, RequestBody::CommitRefused(forged)), Err(Fault::new(FaultCode::BadProof)));
    let unknown = refusal(&town, &devices[1], roster, Hash([1; 32]));
    assert_eq!(town.ask(socket, unknown), Err(Fault::new(FaultCode::CommitInvalid)));
}

fn turns(town: &mut Town, sockets: &[Socket]) -> Vec<usize> {
    let has_turn = |town: &mut Town, socket: &Socket| {
        town.messages(*socket).iter().any(|(message, _)| matches!(message, Message::Turn { .. }))
    };
    (0..sockets.len()).filter(|index| has_turn(town, &sockets[*index])).collect()
}

#[test]
fn one_member_gets_the_turn_to_commit_and_after_ten_seconds_another() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let third = town.enrol(Device::new(3));
    let all: Vec<_> = devices.iter().chain([&third]).collect();
    let sockets: Vec<_> = all.iter().map(|device| town.follow(device, Cursor::default())).collect();
    assert_eq!(turns(&mut town, &sockets), Vec::<usize>::new());
    let admit =
        Act::Admit { roster: roster.id(town.organisation()), device: third.id, history: History::All };
    town.state(vec![admit]);
    let statement = town.last();
    assert_eq!(turns(&mut town, &sockets), [0]);
    town.pass(Duration::from_secs(9));
    assert_eq!(turns(&mut town, &sockets), Vec::<usize>::new());
    town.pass(Duration::from_secs(1));
    assert_eq!(turns(&mut town, &sockets), [1]);
    town.pass(Duration::from_secs(10));
    assert_eq!(turns(&mut town, &sockets), [0]);
    let close = CommitNote::Close { statements: vec![statement] };
    assert_eq!(town.commit(&devices[1], roster, 1, close, &[third.id], "x"), Ok(Reply::Done));
    town.pass(Duration::from_secs(60));
    assert_eq!(turns(&mut town, &sockets), Vec::<usize>::new());
}

#[test]
fn a_roster_without_a_group_is_given_to_a_member_to_found() {
    let mut town = Town::new();
    let [one, two] = [town.enrol(Device::new(1)), town.enrol(Device::new(2))];
    let sockets = [town.follow(&one, Cursor::default()), town.follow(&two, Cursor::default())];
    town.roster(1, Class::Service, std::slice::from_ref(&two));
    assert_eq!(turns(&mut town, &sockets), [1]);
}

#[test]
fn the_keys_of_a_roster_that_is_written_in_turn_daily() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    town.pass(Duration::from_secs(25 * 3600));
    let sockets = [town.follow(&devices[0], Cursor::default()), town.follow(&devices[1], Cursor::default())];
    assert_eq!(turns(&mut town, &sockets), Vec::<usize>::new());
    town.fill(&devices[0], thread, 0..1);
    assert_eq!(turns(&mut town, &sockets), [0]);
    let update = CommitNote::Close { statements: Vec::<StatementNumber>::new() };
    assert_eq!(town.commit(&devices[0], roster, 1, update, &[], "x"), Ok(Reply::Done));
    town.fill(&devices[1], thread, 1..2);
    town.pass(Duration::from_secs(60));
    assert_eq!(turns(&mut town, &sockets), Vec::<usize>::new());
}
