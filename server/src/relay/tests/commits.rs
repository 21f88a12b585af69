use estafette_protocol::frame::{Control, Cursor, Reply, RequestBody};
use estafette_protocol::handshake::{CommitNote, RosterName};
use estafette_protocol::statement::{Act, Class, History};
use estafette_protocol::{Epoch, Fault, FaultCode, RosterGeneration, StatementNumber};

use super::device::{Sender, upload};
use super::{Device, Town};

fn close(statements: Vec<StatementNumber>) -> CommitNote {
    CommitNote::Close { statements }
}

fn conflict(epoch: u64) -> Result<Reply, Fault> {
    Err(Fault::new(FaultCode::CommitConflict).with_number(epoch))
}

fn code(answer: Result<Reply, Fault>) -> FaultCode {
    answer.unwrap_err().code
}

#[test]
fn of_two_foundings_the_first_stands_and_repeats_well() {
    let mut town = Town::new();
    let devices = [town.enrol(Device::new(1)), town.enrol(Device::new(2))];
    let roster = town.roster(1, Class::Service, &devices);
    let note = CommitNote::Found { at: town.last() };
    let [one, two] = devices;
    assert_eq!(town.commit(&one, roster, 0, note.clone(), &[two.id], "one"), Ok(Reply::Done));
    assert_eq!(town.commit(&two, roster, 0, note.clone(), &[one.id], "two"), conflict(1));
    assert_eq!(town.commit(&one, roster, 0, note.clone(), &[two.id], "one"), Ok(Reply::Done));
    assert_eq!(town.commit(&two, roster, 0, note, &[two.id], "one"), conflict(1));
}

#[test]
fn of_two_commits_in_flight_one_is_taken_and_the_other_told_the_epoch() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let sockets: Vec<_> = devices.iter().map(|device| town.open(device)).collect();
    town.hold = true;
    let ids: Vec<_> = sockets
        .iter()
        .zip(["one", "two"])
        .map(|(socket, own)| {
            let upload = upload(town.organisation(), roster, 1, Sender::Member, close(vec![]), &[], own);
            town.send(*socket, RequestBody::Commit(upload))
        })
        .collect();
    assert_eq!(town.answer(sockets[0], ids[0]), None);
    town.release();
    assert_eq!(town.answer(sockets[0], ids[0]), Some(Ok(Reply::Done)));
    assert_eq!(town.answer(sockets[1], ids[1]), Some(conflict(2)));
}

#[test]
fn a_commit_that_was_lost_at_a_crash_can_be_offered_again() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    town.hold = true;
    let socket = town.open(&devices[0]);
    let upload = upload(town.organisation(), roster, 1, Sender::Member, close(vec![]), &[], "one");
    let id = town.send(socket, RequestBody::Commit(upload.clone()));
    assert_eq!(town.answer(socket, id), None);
    town.restart();
    town.hold = false;
    assert_eq!(town.offer(&devices[0], upload.clone()), Ok(Reply::Done));
    assert_eq!(town.offer(&devices[0], upload), Ok(Reply::Done));
}

#[test]
fn only_members_of_the_roster_and_its_group_may_commit() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let stranger = town.enrol(Device::new(3));
    assert_eq!(code(town.commit(&stranger, roster, 1, close(vec![]), &[], "x")), FaultCode::NotAMember);
    let id = roster.id(town.organisation());
    town.state(vec![Act::Admit { roster: id, device: stranger.id, history: History::All }]);
    assert_eq!(code(town.commit(&stranger, roster, 1, close(vec![]), &[], "x")), FaultCode::NotAMember);
    town.state(vec![Act::Remove { roster: id, device: devices[1].id }]);
    let removal = town.last();
    assert_eq!(
        code(town.commit(&devices[1], roster, 1, close(vec![removal]), &[], "x")),
        FaultCode::NotAMember
    );
}

#[test]
fn a_commit_welcomes_exactly_those_whom_its_statements_admit() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let [third, fourth] = [town.enrol(Device::new(3)), town.enrol(Device::new(4))];
    let id = roster.id(town.organisation());
    let admit = |device: &Device| Act::Admit { roster: id, device: device.id, history: History::All };
    town.state(vec![admit(&third)]);
    let first = town.last();
    town.state(vec![admit(&fourth)]);
    let second = town.last();
    let wrong: [(Vec<StatementNumber>, Vec<_>); 6] = [
        (vec![first], vec![]),
        (vec![first], vec![fourth.id]),
        (vec![first], vec![third.id, fourth.id]),
        (vec![], vec![third.id]),
        (vec![second, first], vec![third.id, fourth.id]),
        (vec![first, StatementNumber(99)], vec![third.id]),
    ];
    for (statements, added) in wrong {
        let answer = town.commit(&devices[0], roster, 1, close(statements), &added, "x");
        assert_eq!(code(answer), FaultCode::CommitInvalid);
    }
    let both = [third.id, fourth.id];
    assert_eq!(town.commit(&devices[0], roster, 1, close(vec![first, second]), &both, "x"), Ok(Reply::Done));
}

#[test]
fn a_founding_commit_welcomes_members_of_its_statement_only() {
    let mut town = Town::new();
    let [one, two] = [town.enrol(Device::new(1)), town.enrol(Device::new(2))];
    let roster = town.roster(1, Class::Service, std::slice::from_ref(&one));
    let before = town.last();
    let id = roster.id(town.organisation());
    town.state(vec![Act::Admit { roster: id, device: two.id, history: History::All }]);
    let found = |at| CommitNote::Found { at };
    assert_eq!(code(town.commit(&one, roster, 0, found(before), &[two.id], "x")), FaultCode::CommitInvalid);
    assert_eq!(
        code(town.commit(&one, roster, 0, found(town.last()), &[one.id], "x")),
        FaultCode::CommitInvalid
    );
    assert_eq!(
        code(town.commit(&one, roster, 0, found(StatementNumber(99)), &[], "x")),
        FaultCode::CommitInvalid
    );
    assert_eq!(town.commit(&one, roster, 0, found(town.last()), &[two.id], "x"), Ok(Reply::Done));
}

#[test]
fn what_is_no_commit_of_this_roster_is_refused() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let other = town.roster(2, Class::Service, &devices);
    let good = |town: &Town| upload(town.organisation(), roster, 1, Sender::Member, close(vec![]), &[], "x");
    let garbage = estafette_protocol::frame::CommitUpload { commit: vec![0; 80].into(), ..good(&town) };
    assert_eq!(code(town.offer(&devices[0], garbage)), FaultCode::CommitInvalid);
    let elsewhere = estafette_protocol::frame::CommitUpload { roster: other, ..good(&town) };
    assert_eq!(code(town.offer(&devices[0], elsewhere)), FaultCode::CommitInvalid);
    let joins = upload(town.organisation(), roster, 1, Sender::NewMember, close(vec![]), &[], "x");
    assert_eq!(code(town.offer(&devices[0], joins)), FaultCode::CommitInvalid);
    let unknown = RosterName::Stated(estafette_protocol::RosterId([0x77; 32]));
    let nowhere = upload(town.organisation(), unknown, 1, Sender::Member, close(vec![]), &[], "x");
    assert_eq!(code(town.offer(&devices[0], nowhere)), FaultCode::NotFound);
}

#[test]
fn an_admitted_device_joins_by_itself_and_another_does_not() {
    let (mut town, _, roster) = Town::with_team(&[1, 2]);
    let [third, stranger] = [town.enrol(Device::new(3)), town.enrol(Device::new(4))];
    let id = roster.id(town.organisation());
    let before = town.last();
    town.state(vec![Act::Admit { roster: id, device: third.id, history: History::All }]);
    let join = |statement| CommitNote::Join { statement };
    assert_eq!(code(town.commit(&stranger, roster, 1, join(town.last()), &[], "x")), FaultCode::NotAMember);
    assert_eq!(code(town.commit(&third, roster, 1, join(before), &[], "x")), FaultCode::CommitInvalid);
    assert_eq!(town.commit(&third, roster, 1, join(town.last()), &[], "x"), Ok(Reply::Done));
    let socket = town.open(&third);
    assert!(matches!(
        town.ask(socket, RequestBody::Group { roster }),
        Ok(Reply::Group { epoch: Epoch(2), .. })
    ));
}

#[test]
fn members_get_the_commit_and_the_added_device_its_welcome_with_the_tree() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let third = town.enrol(Device::new(3));
    let sockets: Vec<_> =
        devices.iter().chain([&third]).map(|device| town.follow(device, Cursor::default())).collect();
    sockets.iter().for_each(|socket| drop(town.drain(*socket)));
    let id = roster.id(town.organisation());
    town.state(vec![Act::Admit { roster: id, device: third.id, history: History::All }]);
    let statement = town.last();
    assert_eq!(
        town.commit(&devices[0], roster, 1, close(vec![statement]), &[third.id], "x"),
        Ok(Reply::Done)
    );
    let mut controls = |socket| {
        let messages = town.messages(socket).into_iter();
        let deliveries = messages.filter_map(|(message, _)| match message {
            estafette_protocol::frame::Message::Deliver(delivery) => Some(delivery),
            _ => None,
        });
        deliveries.flat_map(|delivery| delivery.control).collect::<Vec<_>>()
    };
    for socket in &sockets[..2] {
        assert!(matches!(controls(*socket)[..], [Control::Statement(_), Control::Commit { .. }]));
    }
    let welcomed = controls(sockets[2]);
    assert!(matches!(&welcomed[..], [Control::Statement(_), Control::Welcome { welcome, tree, .. }]
        if &welcome[..] == b"welcome x" && &tree[..] == b"tree x"));
}

#[test]
fn a_welcome_waits_through_later_commits_and_is_forgotten_once_stored() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    for epoch in 1..7 {
        let answer = town.commit(&devices[0], roster, epoch, close(vec![]), &[], &format!("update {epoch}"));
        assert_eq!(answer, Ok(Reply::Done));
    }
    town.restart();
    let welcomes = |town: &mut Town| {
        let socket = town.follow(&devices[1], Cursor::default());
        let controls: Vec<_> = town.deliveries(socket).into_iter().map(|d| (d.cursor, d.control)).collect();
        let cursor = controls.last().unwrap().0.clone();
        let controls: Vec<_> = controls.into_iter().flat_map(|(_, control)| control).collect();
        let commits = controls.iter().filter(|c| matches!(c, Control::Commit { .. })).count();
        let found: Vec<_> = controls
            .into_iter()
            .filter_map(|control| match control {
                Control::Welcome { tree, .. } => Some(tree.to_vec()),
                _ => None,
            })
            .collect();
        (socket, cursor, found, commits)
    };
    let (socket, cursor, found, commits) = welcomes(&mut town);
    assert_eq!((found, commits), (vec![b"tree founding".to_vec()], 6));
    assert_eq!(town.ask(socket, RequestBody::Stored { cursor }), Ok(Reply::Done));
    let (_, _, found, commits) = welcomes(&mut town);
    assert_eq!((found, commits), (Vec::new(), 6));
}

#[test]
fn a_member_that_was_away_asks_for_the_commits_that_it_lacks() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    for epoch in 1..4 {
        assert_eq!(town.commit(&devices[0], roster, epoch, close(vec![]), &[], "update"), Ok(Reply::Done));
    }
    let socket = town.open(&devices[1]);
    let ask = RequestBody::Commits { roster, generation: RosterGeneration(0), from: Epoch(2) };
    let Ok(Reply::Commits { commits, generation, epoch }) = town.ask(socket, ask) else {
        panic!("no commits")
    };
    assert_eq!((commits.len(), generation, epoch), (2, RosterGeneration(0), Epoch(4)));
}

#[test]
fn a_pairs_roster_is_founded_without_a_statement_and_taught_to_the_relay() {
    let mut town = Town::new();
    let devices = [town.enrol(Device::new(1)), town.enrol(Device::new(2))];
    let stranger = town.enrol(Device::new(3));
    let roster = RosterName::pair(Class::Personnel, devices[0].agent, devices[1].agent).unwrap();
    let thread = town.thread(roster);
    let socket = town.open(&devices[1]);
    let unknown = town.append(socket, vec![super::device::entry(thread, 1, 1, "a")]);
    assert!(matches!(&unknown[..], [estafette_protocol::frame::AppendResult::Refused(fault)]
        if fault.code == FaultCode::NotFound));
    town.found_group(&devices[0], roster, &devices[1..]);
    assert_eq!(town.append(socket, vec![super::device::entry(thread, 1, 1, "a")]).len(), 1);
    town.restart();
    let socket = town.follow(&devices[0], Cursor::default());
    assert_eq!(town.drain(socket).iter().map(|delivery| delivery.entries.len()).sum::<usize>(), 1);
    let socket = town.follow(&stranger, Cursor::default());
    assert_eq!(town.drain(socket).iter().map(|delivery| delivery.entries.len()).sum::<usize>(), 0);
}
