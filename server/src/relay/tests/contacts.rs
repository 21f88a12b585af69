//! When devices were last here, as it is told to whoever administers and whoever leads.

use std::time::Duration;

use estafette_protocol::frame::{Message, Outcome, Reply, RequestBody};
use estafette_protocol::hours::{Calendar, Period, Week};
use estafette_protocol::lease::Contact;
use estafette_protocol::statement::{Act, Class, History, HoursScope, RevocationReason, Role};
use estafette_protocol::{AgentNumber, FaultCode, RosterId, StatementNumber, TeamNumber, Timestamp};

use super::town::START;
use super::{Device, Town};

/// The relay's first instant is a Monday's, 00:00 UTC.
fn at(day: u64, hour: u64) -> Timestamp {
    START.after(Duration::from_hours(24 * day + hour))
}

struct Told {
    town: Town,
    leader: Device,
    amine: Device,
    bruno: Device,
    /// In no team.
    other: Device,
    asked: u64,
}

impl Told {
    /// Amine and Bruno are led by 1 and work from Monday to Friday between 08:00 and 17:00 UTC. All have
    /// been here on the first Monday.
    fn new() -> Self {
        let mut town = Town::new();
        let [leader, amine, bruno, other] = [1, 2, 3, 4].map(|number| town.enrol(Device::new(number)));
        let (roster, team) = (RosterId([7; 32]), TeamNumber(7));
        let week: Week = "lun-ven 08:00-17:00".parse().unwrap();
        let mut acts = vec![
            Act::CreateRoster { roster, class: Class::Service, team: Some(team), retention_days: 365 },
            Act::SetRole { agent: AgentNumber(1), role: Role::Supervisor, teams: vec![team] },
            Act::SetCalendar { scope: HoursScope::Organisation, calendar: Calendar::weekly("UTC", week) },
        ];
        let admit = |device: &Device| Act::Admit { roster, device: device.id, history: History::None };
        acts.extend([&leader, &amine, &bruno].map(admit));
        town.state(acts);
        let mut told = Self { town, leader, amine, bruno, other, asked: 0 };
        told.to(0, 9);
        for device in [told.leader.clone(), told.amine.clone(), told.bruno.clone(), told.other.clone()] {
            told.comes(&device);
        }
        told
    }

    fn to(&mut self, day: u64, hour: u64) {
        let wait = at(day, hour).since(self.town.now);
        self.town.pass(wait);
    }

    fn ask(&mut self, device: &Device, body: RequestBody) -> Result<Reply, FaultCode> {
        self.asked += 1;
        let messages = self.town.exchange(device, self.asked, vec![body]).map_err(|fault| fault.code)?;
        let mut outcomes = messages.into_iter().filter_map(|message| match message {
            Message::Answer { outcome, .. } => Some(outcome),
            _ => None,
        });
        match outcomes.next().expect("an answer") {
            Outcome::Done(reply) => Ok(reply),
            Outcome::Refused(fault) => Err(fault.code),
        }
    }

    fn comes(&mut self, device: &Device) {
        assert!(self.ask(device, RequestBody::Statements { from: StatementNumber(0) }).is_ok());
    }

    fn contacts(&mut self, device: &Device) -> Result<Vec<Contact>, FaultCode> {
        match self.ask(device, RequestBody::Contacts)? {
            Reply::Contacts { contacts } => Ok(contacts),
            other => panic!("not contacts: {other:?}"),
        }
    }

    /// What whoever leads the team is told.
    fn told(&mut self) -> Vec<Contact> {
        let leader = self.leader.clone();
        self.contacts(&leader).unwrap()
    }
}

/// The day and nothing else.
fn missed(device: &Device, day: u64) -> Contact {
    let (wipe, attest_by, barred_since) = (None, None, None);
    Contact { device: device.id, day: Some(at(day, 0)), wipe, attest_by, barred_since }
}

#[test]
fn whoever_leads_is_told_at_the_exact_instant_which_devices_are_missed_and_their_day_alone() {
    let mut told = Told::new();
    let [amine, bruno] = [told.amine.clone(), told.bruno.clone()];
    told.to(3, 16);
    assert_eq!(told.told(), [], "not three days yet");
    let rest = at(4, 8).since(told.town.now);
    told.town.pass(rest - Duration::from_millis(1));
    assert_eq!(told.told(), [], "nobody is on duty yet");
    told.to(4, 8);
    assert_eq!(told.told(), [missed(&amine, 0), missed(&bruno, 0)]);
    told.comes(&bruno);
    assert_eq!(told.told(), [missed(&amine, 0)], "here again");
}

#[test]
fn the_absence_of_somebody_off_duty_is_never_told() {
    let mut told = Told::new();
    let [amine, bruno] = [told.amine.clone(), told.bruno.clone()];
    told.to(4, 16);
    told.comes(&bruno);
    for hour in [17, 20, 31, 44, 60] {
        told.to(4, hour);
        assert_eq!(told.told(), [], "Friday, hour {hour}");
    }
    told.to(7, 8);
    assert_eq!(told.told(), [missed(&amine, 0)], "Friday to Monday is no three days");
    told.to(9, 16);
    assert_eq!(told.told(), [missed(&amine, 0)]);
    told.to(10, 8);
    assert_eq!(told.told(), [missed(&amine, 0), missed(&bruno, 4)]);
    let period = Period { from: at(10, 9), until: at(11, 0) };
    told.town.state(vec![Act::GrantLeave { agent: AgentNumber(2), period }]);
    told.to(10, 9);
    assert_eq!(told.told(), [missed(&bruno, 4)], "on leave");
    told.to(11, 9);
    assert_eq!(told.told(), [missed(&bruno, 4)], "just back");
}

#[test]
fn nothing_is_told_of_devices_elsewhere_or_withdrawn_and_nothing_to_anybody_else() {
    let mut told = Told::new();
    let [leader, amine, bruno, other] =
        [told.leader.clone(), told.amine.clone(), told.bruno.clone(), told.other.clone()];
    told.to(4, 9);
    told.town.state(vec![Act::Revoke { device: bruno.id, reason: RevocationReason::Lost }]);
    assert_eq!(told.told(), [missed(&amine, 0)], "neither a withdrawn device nor one of no team");
    for device in [&amine, &other] {
        assert_eq!(told.contacts(device), Err(FaultCode::Forbidden));
    }
    let admin = told.town.admin.clone();
    let all = told.contacts(&admin).unwrap();
    for device in [&leader, &amine, &bruno, &other] {
        assert!(all.iter().any(|contact| contact.device == device.id && contact.day.is_some()));
    }
    told.town.state(vec![Act::SetRole { agent: AgentNumber(1), role: Role::Agent, teams: vec![] }]);
    assert_eq!(told.contacts(&leader), Err(FaultCode::Forbidden), "nor to who led it");
}
