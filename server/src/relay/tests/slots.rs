use std::time::Duration;

use estafette_protocol::frame::{Cursor, Reply, RequestBody, Slot, SlotKind};
use estafette_protocol::{Fault, FaultCode, ThreadId, limits};

use super::{Device, Town};

fn slot(device: &Device, thread: ThreadId, version: u64, text: &str) -> Slot {
    let sealed = text.as_bytes().to_vec().into();
    Slot { thread: thread.into(), device: device.id, kind: SlotKind::Read, version, sealed }
}

#[test]
fn a_slot_reaches_the_other_members_once_after_a_second_in_its_last_version() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let sockets: Vec<_> = devices.iter().map(|device| town.follow(device, Cursor::default())).collect();
    sockets.iter().for_each(|socket| drop(town.drain(*socket)));
    for version in 1..4 {
        let body = RequestBody::Slot { slot: slot(&devices[0], thread, version, &format!("v{version}")) };
        assert_eq!(town.ask(sockets[0], body), Ok(Reply::Done));
    }
    assert_eq!(town.messages(sockets[1]), []);
    town.pass(Duration::from_secs(1));
    let slots: Vec<_> = town.drain(sockets[1]).into_iter().flat_map(|delivery| delivery.slots).collect();
    assert_eq!(slots, [slot(&devices[0], thread, 3, "v3")]);
    assert_eq!(town.messages(sockets[0]), []);
}

#[test]
fn a_slot_waits_for_who_is_away_and_is_no_news_to_its_owner() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let socket = town.follow(&devices[0], Cursor::default());
    let cursor = town.drain(socket).pop().unwrap().cursor;
    let body = RequestBody::Slot { slot: slot(&devices[0], thread, 1, "v") };
    assert_eq!(town.ask(socket, body), Ok(Reply::Done));
    assert_eq!(
        town.ask(socket, RequestBody::Check { cursor: cursor.clone() }),
        Ok(Reply::Fresh { news: false })
    );
    for restarted in [false, true] {
        if restarted {
            town.restart();
        }
        let other = town.follow(&devices[1], Cursor::default());
        let slots: usize = town.drain(other).iter().map(|delivery| delivery.slots.len()).sum();
        assert_eq!(slots, 1);
    }
}

#[test]
fn a_slot_of_an_old_version_of_another_device_or_too_large_is_refused() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    let socket = town.open(&devices[0]);
    let write = |slot| RequestBody::Slot { slot };
    assert_eq!(town.ask(socket, write(slot(&devices[0], thread, 5, "v"))), Ok(Reply::Done));
    let outdated = Fault::new(FaultCode::SlotOutdated).with_number(5);
    assert_eq!(town.ask(socket, write(slot(&devices[0], thread, 5, "w"))), Err(outdated));
    let foreign = town.ask(socket, write(slot(&devices[1], thread, 9, "v")));
    assert_eq!(foreign, Err(Fault::new(FaultCode::Forbidden)));
    let large = town.ask(socket, write(slot(&devices[0], thread, 9, &"x".repeat(limits::SLOT + 1))));
    assert_eq!(large, Err(Fault::new(FaultCode::TooLarge).with_number(limits::SLOT as u64)));
    let stranger = town.enrol(Device::new(3));
    let socket = town.open(&stranger);
    let outside = town.ask(socket, write(slot(&stranger, thread, 1, "v")));
    assert_eq!(outside, Err(Fault::new(FaultCode::NotAMember)));
}
