use estafette_protocol::frame::{Content, Control, Cursor, Delivered, Delivery, Reply, RequestBody};
use estafette_protocol::handshake::CommitNote;
use estafette_protocol::statement::{Act, History};
use estafette_protocol::{Fault, FaultCode, LogGeneration, Position};
use estafette_protocol::{chain, check};

use super::device::entry;
use super::{Device, Town};
use crate::relay::cursor::Marks;

fn positions(deliveries: &[Delivery]) -> Vec<u64> {
    deliveries.iter().flat_map(|delivery| &delivery.entries).map(|entry| entry.placement.position.0).collect()
}

fn is_own(entry: &Delivered) -> bool {
    matches!(entry.content, Content::Own { .. })
}

#[test]
fn an_entry_reaches_the_members_that_are_connected_and_nobody_else() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2, 3]);
    let stranger = town.enrol(Device::new(4));
    let sockets: Vec<_> =
        devices.iter().chain([&stranger]).map(|d| town.follow(d, Cursor::default())).collect();
    sockets.iter().for_each(|socket| drop(town.drain(*socket)));
    let entry = entry(town.thread(roster), 1, 1, "a");
    town.append(sockets[0], vec![entry.clone()]);
    for socket in &sockets[1..3] {
        let [delivery] = &town.deliveries(*socket)[..] else { panic!("not one delivery") };
        let [delivered] = &delivery.entries[..] else { panic!("not one entry") };
        assert_eq!(delivered.content, Content::Entry(entry.clone().into()));
        assert!(!delivery.more);
    }
    assert_eq!(town.messages(sockets[0]), []);
    assert_eq!(town.messages(sockets[3]), []);
}

#[test]
fn entries_that_become_durable_together_are_delivered_together() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let reader = town.follow(&devices[1], Cursor::default());
    town.drain(reader);
    let thread = town.thread(roster);
    let author = town.open(&devices[0]);
    town.append(author, (1..=20).map(|uid| entry(thread, uid, 1, "a")).collect());
    let deliveries = town.deliveries(reader);
    assert_eq!(deliveries.len(), 1);
    assert_eq!(positions(&deliveries), (1..=20).collect::<Vec<_>>());
    assert_eq!(deliveries[0].heads.len(), 1);
}

#[test]
fn what_a_session_was_acknowledged_is_not_brought_to_it_and_stands_there_on_resume() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let socket = town.follow(&devices[0], Cursor::default());
    let last = town.drain(socket).pop().unwrap().cursor;
    town.append(socket, vec![entry(thread, 1, 1, "mine")]);
    town.fill(&devices[1], thread, 10..11);
    let deliveries = town.drain(socket);
    assert_eq!(positions(&deliveries), [2]);
    town.close(socket);
    let socket = town.follow(&devices[0], last);
    let deliveries = town.drain(socket);
    assert_eq!(positions(&deliveries), [1, 2]);
    assert!(is_own(&deliveries[0].entries[0]) && !is_own(&deliveries[0].entries[1]));
    town.close(socket);
    let socket = town.follow(&devices[0], deliveries[0].cursor.clone());
    assert_eq!(town.messages(socket), []);
}

#[test]
fn the_delivered_chain_computes_and_its_head_is_signed_once_for_all() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2, 3]);
    let thread = town.thread(roster);
    town.fill(&devices[0], thread, 1..6);
    let heads: Vec<_> = devices[1..]
        .iter()
        .map(|device| {
            let socket = town.follow(device, Cursor::default());
            let deliveries = town.drain(socket);
            let mut hash = chain::start(thread);
            for delivered in deliveries.iter().flat_map(|delivery| &delivery.entries) {
                let Content::Entry(wire) = &delivered.content else { panic!("own") };
                let hashed = wire.clone().into_sealed().unwrap().hash();
                hash = chain::next(hash, hashed, delivered.placement);
            }
            assert_eq!(hash, town.relay.state.threads[&thread].chain);
            deliveries[0].heads.clone()
        })
        .collect();
    assert_eq!(heads[0], heads[1]);
    assert_eq!(heads[0][0].position, Position(5));
}

#[test]
fn of_a_long_backlog_the_newest_come_first_and_range_fills_the_gap() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    town.fill(&devices[0], thread, 0..700);
    town.restart();
    let socket = town.follow(&devices[1], Cursor::default());
    let deliveries = town.drain(socket);
    assert_eq!(positions(&deliveries), (501..=700).collect::<Vec<_>>());
    let gaps: Vec<_> = deliveries.iter().flat_map(|delivery| delivery.gaps.clone()).collect();
    let [gap] = gaps[..] else { panic!("not one gap: {gaps:?}") };
    assert_eq!((gap.thread.full(), gap.from, gap.to), (Some(thread), Position(1), Position(500)));
    let first = deliveries.iter().find_map(|delivery| delivery.entries.first()).unwrap().clone();
    let mut filled = Vec::new();
    while (filled.len() as u64) < gap.to.0 {
        let from = Position(filled.len() as u64 + 1);
        let range = RequestBody::Range { thread: thread.into(), from, to: gap.to };
        let Ok(Reply::Range { entries }) = town.ask(socket, range) else { panic!("no range") };
        assert_eq!(entries[0].previous.is_some(), from > Position(1));
        assert!(entries[1..].iter().all(|entry| entry.previous.is_none()));
        filled.extend(entries);
    }
    let mut hash = chain::start(thread);
    for delivered in filled {
        let Content::Entry(wire) = delivered.content else { panic!("own") };
        hash = chain::next(hash, wire.into_sealed().unwrap().hash(), delivered.placement);
    }
    assert_eq!(first.previous, Some(hash));
}

#[test]
fn a_backlog_comes_in_pages_in_the_order_of_the_relay_and_waits_for_the_device() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2, 3]);
    let other = town.roster(2, estafette_protocol::statement::Class::Service, &devices);
    town.found_group(&devices[0], other, &devices[1..]);
    for (number, roster) in [roster, other].into_iter().cycle().take(6).enumerate() {
        let thread = town.thread(roster);
        town.fill(&devices[0], thread, number as u32 * 150..number as u32 * 150 + 150);
    }
    let socket = town.follow(&devices[1], Cursor::default());
    let first = town.deliveries(socket);
    let entries: usize = first.iter().map(|delivery| delivery.entries.len()).sum();
    assert_eq!(entries, 512);
    assert!(first.last().unwrap().more);
    assert_eq!(
        town.ask(socket, RequestBody::Stored { cursor: first.last().unwrap().cursor.clone() }),
        Ok(Reply::Done)
    );
    let mut all = first;
    all.extend(town.drain(socket));
    let streams: Vec<_> =
        all.iter().flat_map(|d| &d.entries).map(|e| (e.thread, e.placement.position.0)).collect();
    let expected: Vec<_> = [roster, other]
        .into_iter()
        .cycle()
        .take(6)
        .enumerate()
        .flat_map(|(number, roster)| {
            let thread = town.thread(roster).into();
            let first = (number as u64 / 2) * 150 + 1;
            (first..first + 150).map(move |position| (thread, position))
        })
        .collect();
    assert_eq!(streams, expected);
    assert!(!all.last().unwrap().more);
}

#[test]
fn a_page_boundary_is_a_place_to_resume_from() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    town.fill(&devices[0], thread, 0..400);
    let socket = town.follow(&devices[1], Cursor::default());
    let first = town.deliveries(socket).remove(0);
    assert_eq!(first.entries.len(), 256);
    town.close(socket);
    let socket = town.follow(&devices[1], first.cursor);
    assert_eq!(positions(&town.drain(socket)), (257..=400).collect::<Vec<_>>());
}

#[test]
fn large_entries_close_the_window_and_the_device_is_asked_to_say_what_it_stored() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let reader = town.follow(&devices[1], Cursor::default());
    town.drain(reader);
    let author = town.open(&devices[0]);
    for uid in 0..20 {
        town.append(author, vec![entry(thread, uid, 1, &"x".repeat(60_000))]);
    }
    let sent = town.deliveries(reader);
    assert!(sent.len() < 20 && sent.last().unwrap().more);
    let cursor = sent.last().unwrap().cursor.clone();
    assert_eq!(town.ask(reader, RequestBody::Stored { cursor }), Ok(Reply::Done));
    let rest = town.drain(reader);
    assert_eq!(sent.len() + positions(&rest).len(), 20);
    assert!(!rest.last().unwrap().more);
}

#[test]
fn a_promise_of_more_is_kept_even_if_nothing_is_left() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    town.fill(&devices[0], thread, 0..512);
    let socket = town.follow(&devices[1], Cursor::default());
    let sent = town.deliveries(socket);
    assert_eq!(positions(&sent).len(), 512);
    assert!(sent.last().unwrap().more);
    let cursor = sent.last().unwrap().cursor.clone();
    assert_eq!(town.ask(socket, RequestBody::Stored { cursor }), Ok(Reply::Done));
    let last = town.deliveries(socket).pop().unwrap();
    assert_eq!((last.entries.len(), last.more), (0, false));
}

#[test]
fn the_cursor_of_another_log_starts_over_and_a_broken_one_is_refused() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    town.fill(&devices[0], thread, 0..3);
    let elsewhere = Marks { control: 99, content: 99, ..Marks::default() }.write(LogGeneration([1; 8]));
    let socket = town.follow(&devices[1], elsewhere);
    assert_eq!(positions(&town.drain(socket)), [1, 2, 3]);
    let broken = RequestBody::Hello { cursor: Cursor(vec![0xff; 40].into()) };
    assert_eq!(town.ask(socket, broken), Err(Fault::new(FaultCode::Malformed)));
}

#[test]
fn history_says_how_much_of_the_past_an_admitted_device_gets() {
    for (history, expected) in [
        (History::None, vec![3]),
        (History::All, vec![1, 2, 3]),
        (History::Since(super::town::START.after(std::time::Duration::from_secs(60))), vec![2, 3]),
    ] {
        let (mut town, devices, roster) = Town::with_team(&[1, 2]);
        let thread = town.thread(roster);
        town.fill(&devices[0], thread, 1..2);
        town.pass(std::time::Duration::from_secs(61));
        town.fill(&devices[0], thread, 2..3);
        let third = town.enrol(Device::new(3));
        town.state(vec![Act::Admit { roster: roster.id(town.organisation()), device: third.id, history }]);
        town.fill(&devices[0], thread, 3..4);
        let socket = town.follow(&third, Cursor::default());
        let deliveries = town.drain(socket);
        assert_eq!(positions(&deliveries), expected);
        let first = deliveries.iter().flat_map(|delivery| &delivery.entries).next().unwrap();
        assert_eq!(first.previous.is_some(), expected[0] > 1);
        let range = RequestBody::Range { thread: thread.into(), from: Position(1), to: Position(9) };
        let Ok(Reply::Range { entries }) = town.ask(socket, range) else { panic!("no range") };
        assert_eq!(entries.iter().map(|entry| entry.placement.position.0).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn an_admission_that_comes_later_brings_the_older_part_of_the_thread_as_a_gap() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let third = town.enrol(Device::new(3));
    let other =
        town.roster(2, estafette_protocol::statement::Class::Service, &[devices[0].clone(), third.clone()]);
    town.found_group(&devices[0], other, std::slice::from_ref(&third));
    let (thread, mark) = (town.thread(roster), town.thread(other));
    town.fill(&devices[0], thread, 0..4);
    town.fill(&devices[0], mark, 10..11);
    let socket = town.follow(&third, Cursor::default());
    assert_eq!(positions(&town.drain(socket)), [1]);
    let history = History::All;
    town.state(vec![Act::Admit { roster: roster.id(town.organisation()), device: third.id, history }]);
    let close = CommitNote::Close { statements: vec![town.last()] };
    assert_eq!(town.commit(&devices[0], roster, 1, close, &[third.id], "admission"), Ok(Reply::Done));
    let gaps: Vec<_> = town.drain(socket).into_iter().flat_map(|delivery| delivery.gaps).collect();
    let [gap] = gaps[..] else { panic!("not one gap") };
    assert_eq!((gap.thread.full(), gap.from, gap.to), (Some(thread), Position(1), Position(4)));
}

#[test]
fn an_admission_brings_what_the_thread_holds_beyond_the_mark_of_a_connected_device() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let third = town.enrol(Device::new(3));
    let other =
        town.roster(2, estafette_protocol::statement::Class::Service, &[devices[0].clone(), third.clone()]);
    town.found_group(&devices[0], other, std::slice::from_ref(&third));
    let (thread, own) = (town.thread(roster), town.thread(other));
    let socket = town.follow(&third, Cursor::default());
    town.fill(&devices[0], own, 0..1);
    town.drain(socket);
    town.fill(&devices[0], thread, 10..14);
    let history = History::All;
    town.state(vec![Act::Admit { roster: roster.id(town.organisation()), device: third.id, history }]);
    let deliveries = town.drain(socket);
    assert_eq!(positions(&deliveries), [1, 2, 3, 4]);
    town.fill(&devices[0], own, 20..21);
    assert_eq!(positions(&town.drain(socket)), [2]);
}

#[test]
fn a_removed_device_gets_nothing_more_of_the_thread() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2, 3]);
    let thread = town.thread(roster);
    let socket = town.follow(&devices[2], Cursor::default());
    town.drain(socket);
    town.state(vec![Act::Remove { roster: roster.id(town.organisation()), device: devices[2].id }]);
    // Still in the group's tree, it gets no commit either.
    let update = CommitNote::Close { statements: Vec::new() };
    assert_eq!(town.commit(&devices[0], roster, 1, update, &[], "update"), Ok(Reply::Done));
    let close = CommitNote::Close { statements: vec![town.last()] };
    assert_eq!(town.commit(&devices[0], roster, 2, close, &[], "removal"), Ok(Reply::Done));
    let author = town.open(&devices[0]);
    town.append(author, vec![entry(thread, 1, 3, "a")]);
    let deliveries = town.drain(socket);
    assert!(deliveries.iter().all(|delivery| delivery.entries.is_empty()));
    let controls: Vec<_> = deliveries.into_iter().flat_map(|delivery| delivery.control).collect();
    assert!(
        matches!(controls[..], [Control::Statement(_)]),
        "neither the commit nor the entry: {controls:?}"
    );
}

#[test]
fn nothing_new_is_said_in_a_few_bytes_and_something_new_too() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let socket = town.follow(&devices[1], Cursor::default());
    let cursor = town.drain(socket).pop().unwrap().cursor;
    assert_eq!(
        town.ask(socket, RequestBody::Check { cursor: cursor.clone() }),
        Ok(Reply::Fresh { news: false })
    );
    town.close(socket);
    town.fill(&devices[0], town.thread(roster), 0..1);
    let socket = town.open(&devices[1]);
    assert_eq!(town.ask(socket, RequestBody::Check { cursor }), Ok(Reply::Fresh { news: true }));
}

#[test]
fn on_a_socket_nothing_new_is_an_empty_answer_and_another_cursor_is_news() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let socket = town.follow(&devices[1], Cursor::default());
    let cursor = town.drain(socket).pop().unwrap().cursor;
    assert_eq!(town.question(socket, &cursor), check::NOTHING);
    assert_eq!(town.question(socket, &Cursor::default()), check::NEWS);
    // What others do with their own devices moves the relay's marks, and is no news here.
    let packages = RequestBody::KeyPackages { packages: vec![vec![1; 8].into()], last_resort: None };
    let other = town.open(&devices[0]);
    assert!(town.ask(other, packages).is_ok());
    assert_eq!(town.question(socket, &cursor), check::NOTHING);
    town.fill(&devices[0], town.thread(roster), 0..1);
    assert_eq!(town.question(socket, &cursor), check::NEWS, "a delivery with another cursor is on its way");
    let newer = town.drain(socket).pop().unwrap().cursor;
    assert_eq!(town.question(socket, &newer), check::NOTHING);
    let silent = town.open(&devices[1]);
    assert_eq!(town.question(silent, &newer), check::NEWS, "who has not greeted knows nothing");
}
