use std::time::Duration;

use estafette_protocol::chain;
use estafette_protocol::frame::{AppendResult, Content, Cursor, Delivered, Message, Reply, RequestBody};
use estafette_protocol::statement::Class;
use estafette_protocol::{Hash, Position};

use super::device::entry;
use super::{Device, Town};
use crate::audit::What;
use crate::relay::Event;
use crate::store::Reader as _;

const DAY: Duration = Duration::from_hours(24);

/// A town whose roster has ten old entries of the first device and two new ones.
fn old_town() -> (Town, Vec<Device>, estafette_protocol::ThreadId) {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let thread = town.thread(roster);
    town.fill(&devices[0], thread, 0..10);
    town.pass(360 * DAY);
    town.fill(&devices[0], thread, 10..12);
    (town, devices, thread)
}

fn kinds(entries: &[Delivered]) -> Vec<&'static str> {
    let kind = |delivered: &Delivered| match delivered.content {
        Content::Entry(_) => "entry",
        Content::Announcement { .. } => "announcement",
        Content::Own { .. } => "own",
        Content::Erased { .. } => "erased",
    };
    entries.iter().map(kind).collect()
}

fn range(town: &mut Town, device: &Device, thread: estafette_protocol::ThreadId) -> Vec<Delivered> {
    let socket = town.open(device);
    let all = RequestBody::Range { thread: thread.into(), from: Position(1), to: Position(100) };
    match town.ask(socket, all).unwrap() {
        Reply::Range { entries } => entries,
        other => panic!("not a range: {other:?}"),
    }
}

#[test]
fn entries_go_when_their_time_has_passed_and_their_places_stay() {
    let (mut town, devices, thread) = old_town();
    town.pass(4 * DAY);
    assert_eq!(kinds(&range(&mut town, &devices[1], thread)), ["entry"; 12], "a day before");
    town.pass(3 * DAY);
    let delivered = range(&mut town, &devices[1], thread);
    assert_eq!(kinds(&delivered), [&["erased"; 10][..], &["entry"; 2]].concat());
    // The chain computes from h0 to the end as it did before.
    let mut hash = chain::start(thread);
    for one in &delivered {
        let stood: Hash = match &one.content {
            Content::Erased { hash, .. } | Content::Own { hash, .. } => *hash,
            Content::Entry(wire) | Content::Announcement { entry: wire, .. } => {
                wire.clone().into_sealed().unwrap().hash()
            }
        };
        hash = chain::next(hash, stood, one.placement);
    }
    let head = town.reader().heads().unwrap().into_iter().find(|head| head.thread == thread).unwrap();
    assert_eq!((hash, head.position), (head.chain, Position(12)));
    assert_eq!(kinds(&range(&mut town, &devices[0], thread)), ["own"; 12], "its author has it");
    let line = town.audit().into_iter().find(|line| line.what == What::RetentionExecuted).unwrap();
    assert_eq!((line.subject.times, line.subject.roster), (Some(10), Some(thread.roster())));
}

#[test]
fn a_device_that_comes_from_the_beginning_gets_tombstones_and_what_is_left() {
    let (mut town, devices, _) = old_town();
    town.pass(7 * DAY);
    let expected = [&["erased"; 10][..], &["entry"; 2]].concat();
    assert_eq!(kinds(&delivered(&mut town, &devices[1])), expected);
    // After a restart the same: nothing of it was in memory only.
    town.restart();
    assert_eq!(kinds(&delivered(&mut town, &devices[1])), expected);
}

/// What a device gets that starts from the beginning, in one delivery.
fn delivered(town: &mut Town, device: &Device) -> Vec<Delivered> {
    let socket = town.follow(device, Cursor::default());
    // A turn may come as well: the roster's keys are a year old.
    let entries = town.messages(socket).into_iter().filter_map(|(message, _)| match message {
        Message::Deliver(delivery) => Some(delivery.entries),
        _ => None,
    });
    entries.flatten().collect()
}

#[test]
fn an_erased_entry_offered_again_stands_where_it_stood() {
    let (mut town, devices, thread) = old_town();
    let socket = town.open(&devices[0]);
    let again = |town: &mut Town, socket| town.append(socket, vec![entry(thread, 3, 1, "text 3")]);
    let before = again(&mut town, socket);
    town.pass(7 * DAY);
    let socket = town.open(&devices[0]);
    assert_eq!(again(&mut town, socket), before);
    assert!(matches!(before[..], [AppendResult::Stands { .. }]));
}

#[test]
fn nothing_of_the_bytes_is_left_in_the_database_or_its_log() {
    let (mut town, _, _) = old_town();
    let holds = |town: &Town| {
        let files = std::fs::read_dir(town.folder())
            .unwrap()
            .map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files
            .flat_map(|bytes| bytes.windows(6).map(<[u8]>::to_vec).collect::<Vec<_>>())
            .any(|w| w == b"text 3")
    };
    assert!(holds(&town));
    // Pages that deliveries read are let go with their readers.
    town.pass(7 * DAY);
    assert!(!holds(&town));
}

#[test]
fn what_lasts_longer_stays_and_many_go_in_small_writes() {
    let mut town = Town::new();
    let device = town.enrol(Device::new(1));
    let roster = town.roster(1, Class::Service, std::slice::from_ref(&device));
    town.found_group(&device, roster, &[]);
    let thread = town.thread(roster);
    town.fill(&device, thread, 0..1200);
    town.pass(366 * DAY);
    let told = |town: &Town| -> Vec<u64> {
        let lines = town.audit().into_iter().filter(|line| line.what == What::RetentionExecuted);
        lines.filter_map(|line| line.subject.times).collect()
    };
    assert_eq!(told(&town), [] as [u64; 0], "a year of silence, or a wrong clock: an operator decides");
    town.fill(&device, thread, 1200..1201);
    town.pass(2 * DAY);
    assert_eq!(told(&town), [500, 500, 200]);
    assert_eq!(town.reader().expired(thread, town.now).unwrap().0, 1);
}

#[test]
fn a_clock_that_jumped_erases_nothing_until_somebody_confirms_it() {
    let (mut town, devices, thread) = old_town();
    town.handle(Event::Tick { monotonic: Some(Duration::from_secs(1)) });
    town.now = town.now.after(20 * DAY);
    town.handle(Event::Tick { monotonic: Some(Duration::from_secs(2)) });
    assert_eq!(kinds(&range(&mut town, &devices[1], thread)), ["entry"; 12]);
    town.handle(Event::ClockConfirmed);
    town.handle(Event::Tick { monotonic: Some(Duration::from_secs(3)) });
    assert_eq!(kinds(&range(&mut town, &devices[1], thread))[..10], ["erased"; 10]);
}
