//! The legal calendar at the only exit: every zone, both changes of time, a storm of messages.

use std::collections::BTreeMap;
use std::time::Duration;

use estafette_protocol::frame::{AppendResult, Cursor, Message, Reply, RequestBody};
use estafette_protocol::hours::{Calendar, LegalBasis, Override, Period, Place, Rota, Turn, Week};
use estafette_protocol::statement::{Act, HoursScope, Role};
use estafette_protocol::{AgentNumber, FaultCode, Position, TeamNumber, Timestamp};

use super::town::START;
use super::{Device, Socket, Town};
use crate::relay::Event;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Minutes that the clocks of each French zone are ahead of UTC in 2027, winter and summer, and the
/// first and last instant of summer: written down here, not asked of the product.
const CLOCKS: [(&str, i64, i64); 14] = [
    ("Europe/Paris", 60, 120),
    ("America/Miquelon", -180, -120),
    ("America/Guadeloupe", -240, -240),
    ("America/Martinique", -240, -240),
    ("America/St_Barthelemy", -240, -240),
    ("America/Marigot", -240, -240),
    ("America/Cayenne", -180, -180),
    ("Indian/Reunion", 240, 240),
    ("Indian/Mayotte", 180, 180),
    ("Pacific/Tahiti", -600, -600),
    ("Pacific/Marquesas", -570, -570),
    ("Pacific/Gambier", -540, -540),
    ("Pacific/Noumea", 660, 660),
    ("Pacific/Wallis", 720, 720),
];
/// 2027-03-28T01:00Z and 2027-10-31T01:00Z.
const PARIS_SUMMER: std::ops::Range<u64> = 1_806_195_600_000..1_824_944_400_000;
/// 2027-03-14T05:00Z and 2027-11-07T04:00Z.
const MIQUELON_SUMMER: std::ops::Range<u64> = 1_805_000_400_000..1_825_560_000_000;

/// When the clocks of a zone show 08:00 on a day counted from 1970.
fn eight_o_clock(zone: &str, winter: i64, summer: i64, day: u64) -> Timestamp {
    let shown = (day * DAY + 8 * HOUR) as i64;
    let standard = (shown - winter * MINUTE as i64) as u64;
    let dst = match zone {
        "Europe/Paris" => PARIS_SUMMER.contains(&standard),
        "America/Miquelon" => MIQUELON_SUMMER.contains(&standard),
        _ => false,
    };
    let offset = if dst { summer } else { winter };
    Timestamp((shown - offset * MINUTE as i64) as u64)
}

/// Moves the clock without living through what lies between.
fn jump(town: &mut Town, at: Timestamp) {
    town.now = at;
    town.wake = None;
    town.handle(Event::Tick { monotonic: None });
}

/// Takes what is delivered, says that it is stored, and goes on; turns to commit are left.
fn drain(town: &mut Town, socket: Socket) -> (Vec<u64>, Cursor) {
    let mut positions = Vec::new();
    let mut end = Cursor::default();
    loop {
        let before = end.clone();
        for (message, _) in town.messages(socket) {
            match message {
                Message::Deliver(delivery) => {
                    positions.extend(delivery.entries.iter().map(|entry| entry.placement.position.0));
                    end = delivery.cursor;
                }
                Message::Turn { .. } => {}
                other => panic!("neither a delivery nor a turn: {other:?}"),
            }
        }
        if end == before {
            return (positions, end);
        }
        assert_eq!(town.ask(socket, RequestBody::Stored { cursor: end.clone() }), Ok(Reply::Done));
    }
}

fn always(agent: AgentNumber) -> Act {
    Act::SetCalendar { scope: HoursScope::Agent(agent), calendar: Calendar::always_open("UTC") }
}

#[test]
fn in_every_french_zone_hours_open_at_the_exact_minute_around_both_changes_of_time() {
    let numbers: Vec<u8> = (1..=15).collect();
    let (mut town, devices, roster) = Town::with_team(&numbers);
    let (author, agents) = devices.split_first().unwrap();
    let week: Week = "lun-dim 08:00-17:00".parse().unwrap();
    let set = |(device, (zone, ..)): (&Device, &(&str, i64, i64))| Act::SetCalendar {
        scope: HoursScope::Agent(device.agent),
        calendar: Calendar::weekly(*zone, week.clone()),
    };
    let admin = town.admin.agent;
    town.state(agents.iter().zip(&CLOCKS).map(set).chain([always(admin), always(author.agent)]).collect());
    let mut openings: BTreeMap<(Timestamp, usize), ()> = BTreeMap::new();
    for change in [PARIS_SUMMER.start, PARIS_SUMMER.end, MIQUELON_SUMMER.start, MIQUELON_SUMMER.end] {
        for day in change / DAY - 1..=change / DAY + 1 {
            for (index, (zone, winter, summer)) in CLOCKS.iter().enumerate() {
                openings.insert((eight_o_clock(zone, *winter, *summer, day), index), ());
            }
        }
    }
    assert_eq!(openings.len(), 14 * 4 * 3);
    for (round, (opening, index)) in openings.into_keys().enumerate() {
        let zone = CLOCKS[index].0;
        jump(&mut town, Timestamp(opening.0 - MINUTE));
        let uid = 1000 + u32::try_from(round).unwrap();
        town.fill(author, town.thread(roster), uid..uid + 1);
        let socket = town.open(&agents[index]);
        let hello = town.send(socket, RequestBody::Hello { cursor: Cursor::default() });
        let messages = town.messages(socket);
        let [(Message::Closed { reopens_at, .. }, _)] = messages[..] else { panic!("{zone}: {messages:?}") };
        assert_eq!(reopens_at, opening, "{zone}");
        town.pass(Duration::from_millis(MINUTE - 1));
        assert_eq!(town.messages(socket), [], "{zone}: a millisecond before {opening}");
        town.pass(Duration::from_millis(1));
        assert!(matches!(town.answer(socket, hello), Some(Ok(_))), "{zone} at {opening}");
        assert_eq!(drain(&mut town, socket).0.last(), Some(&(round as u64 + 1)), "{zone} at {opening}");
        town.close(socket);
    }
}

#[test]
fn a_thousand_messages_of_a_night_reach_fifty_devices_at_eight_and_not_a_byte_before() {
    let numbers: Vec<u8> = (1..=51).collect();
    let (mut town, devices, roster) = Town::with_team(&numbers);
    let (author, receivers) = devices.split_first().unwrap();
    let calendar = Calendar::weekly("UTC", "lun-ven 08:00-18:00".parse().unwrap());
    let admin = town.admin.agent;
    town.state(vec![
        Act::SetCalendar { scope: HoursScope::Organisation, calendar },
        always(admin),
        always(author.agent),
    ]);
    let at = |hour: u64| START.after(Duration::from_secs(hour * 3600));
    jump(&mut town, at(17));
    let sockets: Vec<_> = receivers.iter().map(|device| town.follow(device, Cursor::default())).collect();
    for socket in &sockets {
        drain(&mut town, *socket);
    }
    let night = at(32).since(at(18)).as_millis() as u64;
    jump(&mut town, at(18));
    for socket in &sockets {
        assert!(
            matches!(town.messages(*socket)[..], [(Message::Closed { reopens_at, .. }, _)] if reopens_at == at(32))
        );
    }
    // The first at 18:00:00, the last at 07:59:59.
    for number in 0..1000_u32 {
        let moment = Timestamp(at(18).0 + u64::from(number) * (night - 1000) / 999);
        if number % 100 == 0 {
            let wait = moment.since(town.now);
            town.pass(wait);
        } else {
            town.now = moment;
        }
        town.fill(author, town.thread(roster), number..number + 1);
    }
    assert_eq!(town.now, Timestamp(at(32).0 - 1000));
    let range = RequestBody::Range { thread: town.thread(roster).into(), from: Position(1), to: Position(1) };
    assert_eq!(town.ask(sockets[0], range).unwrap_err().code, FaultCode::OffHours, "nor by asking");
    town.pass(Duration::from_millis(999));
    let early: usize = sockets.iter().map(|socket| town.messages(*socket).len()).sum();
    assert_eq!(early, 0, "messages before 08:00:00");
    town.pass(Duration::from_millis(1));
    let thread = town.thread(roster);
    for (number, socket) in sockets.iter().enumerate() {
        // The newest first; the gap before them is asked for, in order.
        let newest = drain(&mut town, *socket).0;
        let mut all = Vec::new();
        while (all.len() as u64) + 1 < newest[0] {
            let (from, to) = (Position(all.len() as u64 + 1), Position(newest[0] - 1));
            let range = RequestBody::Range { thread: thread.into(), from, to };
            let Ok(Reply::Range { entries }) = town.ask(*socket, range) else { panic!("no range") };
            all.extend(entries.iter().map(|entry| entry.placement.position.0));
        }
        all.extend(newest);
        assert!(all.iter().copied().eq(1..=1000), "device {number}: all and in their order, {all:?}");
    }
}

#[test]
fn an_override_outlives_a_restart_in_its_middle_and_ends_though_the_relay_is_down_then() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let at = |hour: u64| START.after(Duration::from_secs(hour * 3600));
    let agent = devices[1].agent;
    let derogation = Override {
        period: Period { from: at(20), until: at(22) },
        basis: LegalBasis::EXCEPTIONAL_CIRCUMSTANCES,
        author: town.admin.agent,
        reason: "Crue de la Loire.".to_owned(),
    };
    let calendar = Calendar::weekly("UTC", "lun-ven 08:00-17:00".parse().unwrap());
    town.state(vec![
        Act::SetCalendar { scope: HoursScope::Agent(agent), calendar },
        Act::AddOverride { agent, derogation },
    ]);
    jump(&mut town, at(21));
    town.restart();
    town.fill(&devices[0], town.thread(roster), 0..1);
    let socket = town.follow(&devices[1], Cursor::default());
    let (positions, cursor) = drain(&mut town, socket);
    assert_eq!(positions, [1], "the restarted relay knows the override");
    town.fill(&devices[0], town.thread(roster), 1..2);
    assert_eq!(drain(&mut town, socket).0, [2]);
    // Down from 21:59 to 22:00:00.000: nobody was there to close the gate.
    town.now = at(22);
    town.restart();
    town.fill(&devices[0], town.thread(roster), 2..3);
    let socket = town.open(&devices[1]);
    let hello = town.send(socket, RequestBody::Hello { cursor });
    let messages = town.messages(socket);
    assert!(
        matches!(messages[..], [(Message::Closed { reopens_at, .. }, _)] if reopens_at == at(32)),
        "{messages:?}"
    );
    town.pass(Duration::from_millis(10 * HOUR - 1));
    assert_eq!(town.messages(socket), []);
    town.pass(Duration::from_millis(1));
    assert!(matches!(town.answer(socket, hello), Some(Ok(_))));
    assert_eq!(drain(&mut town, socket).0, [2, 3]);
}

#[test]
fn a_public_holiday_keeps_the_gate_closed_and_a_rota_opens_it_for_what_is_urgent() {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let agent = devices[1].agent;
    // START is Monday 2 November; Wednesday 11 is a holiday.
    let at = |day: u64, hour: u64| START.after(Duration::from_secs((day - 2) * 86_400 + hour * 3600));
    let calendar = Calendar::weekly("UTC", "lun-ven 08:00-17:00".parse().unwrap()).in_place(Place::METROPOLE);
    let period = Period { from: at(11, 10), until: at(11, 12) };
    let turns = vec![Turn { period, order: vec![agent] }];
    let rota = Rota { covers: Period { from: at(9, 0), until: at(16, 0) }, turns };
    town.state(vec![
        Act::SetCalendar { scope: HoursScope::Agent(agent), calendar },
        Act::SetRota { team: TeamNumber(1), rota },
        Act::SetRole { agent: devices[0].agent, role: Role::Administrator, teams: Vec::new() },
        Act::SetUrgencyRight { agent: devices[0].agent, granted: true },
    ]);
    jump(&mut town, at(11, 9));
    town.fill(&devices[0], town.thread(roster), 0..1);
    let socket = town.open(&devices[1]);
    town.send(socket, RequestBody::Hello { cursor: Cursor::default() });
    assert!(
        matches!(town.messages(socket)[..], [(Message::Closed { reopens_at, .. }, _)] if reopens_at == at(12, 8))
    );
    jump(&mut town, at(11, 10));
    let reader = town.follow(&devices[1], Cursor::default());
    drain(&mut town, reader);
    let author = town.open(&devices[0]);
    let mut urgent = super::device::entry(town.thread(roster), 1, 1, "urgent");
    urgent.header.urgency = estafette_protocol::entry::Urgency::Emergency;
    urgent.header.terms = Some(super::device::terms(town.now));
    assert!(matches!(town.append(author, vec![urgent])[..], [AppendResult::Stands { .. }]));
    assert_eq!(drain(&mut town, reader).0, [2], "what is urgent, and nothing else");
}
