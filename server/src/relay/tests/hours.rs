use std::time::Duration;

use estafette_protocol::entry::Urgency;
use estafette_protocol::frame::{
    AppendResult, Content, Cursor, Delivered, Delivery, Message, Reply, RequestBody,
};
use estafette_protocol::hours::{Calendar, Period, Week};
use estafette_protocol::statement::{Act, Class, HoursScope};
use estafette_protocol::{AgentNumber, FaultCode, Position, Timestamp};

use super::device::entry;
use super::town::START;
use super::{Device, Town};
use crate::outlet::{Item, Line};

const HOUR: Duration = Duration::from_secs(3600);

/// A team whose second device's agent works from 08:00 to 17:00 UTC; the others at all hours.
fn town() -> (Town, Vec<Device>, estafette_protocol::handshake::RosterName) {
    let (mut town, devices, roster) = Town::with_team(&[1, 2]);
    let week: Week = "lun-ven 08:00-17:00".parse().unwrap();
    let scope = HoursScope::Agent(AgentNumber(2));
    town.state(vec![Act::SetCalendar { scope, calendar: Calendar::weekly("UTC", week) }]);
    (town, devices, roster)
}

fn at(hour: u64) -> Timestamp {
    START.after(Duration::from_secs(hour * 3600))
}

fn to(town: &mut Town, hour: u64) {
    let wait = at(hour).since(town.now);
    town.pass(wait);
}

#[test]
fn off_duty_the_answer_is_the_reopening_whatever_is_held() {
    let (mut town, devices, roster) = town();
    let mut sizes = Vec::new();
    for held in [0, 1, 50] {
        town.fill(&devices[0], town.thread(roster), held * 100..held * 100 + held);
        let socket = town.open(&devices[1]);
        town.send(socket, RequestBody::Hello { cursor: Cursor::default() });
        let messages = town.messages(socket);
        let [(Message::Closed { reopens_at, relay_time }, size)] = messages[..] else {
            panic!("more than the hours: {messages:?}")
        };
        assert_eq!((reopens_at, relay_time), (at(8), town.now));
        sizes.push(size);
        town.send(socket, RequestBody::Check { cursor: Cursor::default() });
        assert!(matches!(town.messages(socket)[..], [(Message::Closed { .. }, _)]));
        town.close(socket);
        let messages = town
            .exchange(
                &devices[1],
                u64::from(held) + 1,
                vec![RequestBody::Hello { cursor: Cursor::default() }],
            )
            .unwrap();
        assert!(matches!(messages[..], [Message::Closed { .. }]));
    }
    assert!(sizes.iter().all(|size| *size == sizes[0]));
}

#[test]
fn what_was_held_comes_by_itself_at_the_reopening_after_the_welcome() {
    let (mut town, devices, roster) = town();
    town.fill(&devices[0], town.thread(roster), 0..3);
    let socket = town.open(&devices[1]);
    let hello = town.send(socket, RequestBody::Hello { cursor: Cursor::default() });
    town.messages(socket);
    to(&mut town, 7);
    assert_eq!(town.messages(socket), []);
    to(&mut town, 8);
    assert!(matches!(town.answer(socket, hello), Some(Ok(Reply::Welcome { .. }))));
    let entries: usize = town.drain(socket).iter().map(|delivery| delivery.entries.len()).sum();
    assert_eq!(entries, 3);
}

#[test]
fn when_hours_close_it_is_said_once_and_nothing_follows() {
    let (mut town, devices, roster) = town();
    to(&mut town, 9);
    let socket = town.follow(&devices[1], Cursor::default());
    town.drain(socket);
    to(&mut town, 18);
    let messages = town.messages(socket);
    assert!(matches!(messages[..], [(Message::Closed { reopens_at, .. }, _)] if reopens_at == at(24 + 8)));
    town.fill(&devices[0], town.thread(roster), 0..3);
    town.pass(HOUR);
    assert_eq!(town.messages(socket), []);
    to(&mut town, 24 + 8);
    let entries: usize = town.drain(socket).iter().map(|delivery| delivery.entries.len()).sum();
    assert_eq!(entries, 3);
}

#[test]
fn not_a_byte_leaves_in_the_first_millisecond_off_duty() {
    let (mut town, devices, roster) = town();
    to(&mut town, 9);
    let socket = town.follow(&devices[1], Cursor::default());
    town.drain(socket);
    // No tick yet: the gate must not depend on one.
    town.now = at(17);
    town.fill(&devices[0], town.thread(roster), 0..1);
    assert!(matches!(town.messages(socket)[..], [(Message::Closed { .. }, _)]));
}

#[test]
fn what_is_written_off_duty_is_taken_and_answered_and_other_peoples_words_are_not() {
    let (mut town, devices, roster) = town();
    let thread = town.thread(roster);
    town.fill(&devices[0], thread, 0..1);
    let socket = town.open(&devices[1]);
    assert!(matches!(town.append(socket, vec![entry(thread, 9, 1, "a")])[..], [AppendResult::Stands { .. }]));
    let from = estafette_protocol::StatementNumber(0);
    assert!(matches!(town.ask(socket, RequestBody::Statements { from }), Ok(Reply::Statements { .. })));
    assert!(matches!(town.ask(socket, RequestBody::Group { roster }), Ok(Reply::Group { .. })));
    let devices = vec![devices[0].id];
    assert!(matches!(town.ask(socket, RequestBody::Reserve { roster, devices }), Ok(Reply::Reserved { .. })));
    let range = RequestBody::Range { thread: thread.into(), from: Position(1), to: Position(1) };
    let fault = town.ask(socket, range).unwrap_err();
    assert_eq!((fault.code, fault.reopens_at), (FaultCode::OffHours, Some(at(8))));
}

#[test]
fn on_call_only_what_is_urgent_comes_and_not_twice_at_the_reopening() {
    let mut town = Town::new();
    let admin = town.admin.clone();
    let agent = town.enrol(Device::new(1));
    let roster = town.roster(2, Class::Service, &[admin.clone(), agent.clone()]);
    town.found_group(&admin, roster, std::slice::from_ref(&agent));
    let week: Week = "lun-ven 08:00-17:00".parse().unwrap();
    town.state(vec![
        Act::SetCalendar { scope: HoursScope::Agent(agent.agent), calendar: Calendar::weekly("UTC", week) },
        Act::AddOnCall { agent: agent.agent, period: Period { from: at(0), until: at(6) } },
    ]);
    let thread = town.thread(roster);
    let reader = town.follow(&agent, Cursor::default());
    town.drain(reader);
    let author = town.open(&admin);
    let mut urgent = entry(thread, 2, 1, "urgent");
    urgent.header.urgency = Urgency::OnCall;
    town.append(author, vec![entry(thread, 1, 1, "normal"), urgent, entry(thread, 3, 1, "normal")]);
    let deliveries = town.drain(reader);
    let early: Vec<_> = deliveries.iter().flat_map(|delivery| &delivery.entries).collect();
    assert_eq!(early.iter().map(|entry| entry.placement.position.0).collect::<Vec<_>>(), [2]);
    assert!(early[0].previous.is_some());
    let cursor = deliveries.last().unwrap().cursor.clone();
    town.close(reader);
    to(&mut town, 8);
    let reader = town.follow(&agent, cursor);
    let deliveries = town.drain(reader);
    let rest: Vec<_> = deliveries.iter().flat_map(|delivery| &delivery.entries).collect();
    assert_eq!(rest.iter().map(|entry| entry.placement.position.0).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn a_statement_changes_hours_at_once() {
    let (mut town, devices, _) = town();
    let socket = town.open(&devices[1]);
    let hello = town.send(socket, RequestBody::Hello { cursor: Cursor::default() });
    assert!(matches!(town.messages(socket)[..], [(Message::Closed { .. }, _)]));
    let duty = estafette_protocol::hours::DutyPeriod {
        period: Period { from: at(0), until: at(2) },
        author: town.admin.agent,
        reason: "Renfort neige.".to_owned(),
    };
    town.state(vec![Act::AddDuty { agent: AgentNumber(2), duty }]);
    assert!(matches!(town.answer(socket, hello), Some(Ok(Reply::Welcome { .. }))));
    assert!(!town.drain(socket).is_empty());
    to(&mut town, 3);
    assert!(
        matches!(town.messages(socket)[..], [(Message::Closed { reopens_at, .. }, _)] if reopens_at == at(8))
    );
}

#[test]
fn after_a_jump_of_the_clock_gates_stay_as_they_were_until_somebody_confirms() {
    use crate::relay::Event;
    let (mut town, devices, roster) = town();
    to(&mut town, 4);
    town.handle(Event::Tick { monotonic: Some(HOUR) });
    let socket = town.open(&devices[1]);
    town.send(socket, RequestBody::Hello { cursor: Cursor::default() });
    town.messages(socket);
    town.fill(&devices[0], town.thread(roster), 0..1);
    town.now = at(9);
    town.handle(Event::Tick { monotonic: Some(HOUR + Duration::from_secs(5)) });
    assert!(town.relay.clock_is_doubted());
    assert_eq!(town.messages(socket), []);
    town.handle(Event::ClockConfirmed);
    assert!(!town.messages(socket).is_empty());
}

#[test]
fn the_exit_itself_holds_back_what_hours_do_not_let_pass_whoever_offers_it() {
    let (mut town, devices, roster) = town();
    let deliver = |urgency| {
        let mut urgent = entry(town.thread(roster), 1, 1, "a");
        urgent.header.urgency = urgency;
        let placement = estafette_protocol::chain::Placement {
            position: Position(1),
            received_at: START,
            statement: estafette_protocol::StatementNumber(0),
        };
        Item::Deliver(Delivery {
            control: Vec::new(),
            entries: vec![Delivered {
                thread: urgent.header.thread.into(),
                placement,
                content: Content::Entry(urgent.into()),
                previous: None,
            }],
            slots: Vec::new(),
            gaps: Vec::new(),
            heads: Vec::new(),
            cursor: Cursor::default(),
            more: false,
        })
    };
    let [normal, urgent] = [deliver(Urgency::Normal), deliver(Urgency::Emergency)];
    let again = [deliver(Urgency::Normal), deliver(Urgency::Emergency)];
    let line = Line::Socket(town.open(&devices[1]).0);
    let relay = &mut town.relay;
    for item in [normal, urgent, Item::Turn(roster)] {
        assert!(!relay.outlet.offer(line, item, &relay.state.registry, START));
    }
    assert!(relay.outlet.take_effects().is_empty());
    town.state(vec![Act::AddOnCall { agent: AgentNumber(2), period: Period { from: at(0), until: at(6) } }]);
    let relay = &mut town.relay;
    let passed = again.map(|item| relay.outlet.offer(line, item, &relay.state.registry, START));
    assert_eq!(passed, [false, true]);
    assert_eq!(relay.outlet.take_effects().len(), 1);
}
