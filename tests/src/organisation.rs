//! What the world knows of its organisation beside the product: keys, rosters, hours, removals.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::enrol::succession;
use estafette_protocol::entry::Urgency;
use estafette_protocol::frame::{Content, Message, Outcome, Reply};
use estafette_protocol::hours::{Calendar, Period, Week, Weekday, WeeklyInterval};
use estafette_protocol::statement::{Act, Class, History, HoursScope, RevocationReason, Role};
use estafette_protocol::{AgentNumber, Ed25519Public, OrganisationId, RosterId, TeamNumber, Timestamp};

use crate::clock::minutes;
use crate::device::Phone;
use crate::hours_table::HoursTable;
use crate::world::World;

/// The organisation of a world.
#[derive(Clone)]
pub(crate) struct Organisation {
    pub key: SigningKey,
    pub id: OrganisationId,
    pub claim: [u8; 32],
    pub rosters: Vec<RosterId>,
    /// The roster of a schedule's announcements.
    pub announcements: Option<RosterId>,
    /// Since when a table of hours holds for all but the administrator.
    pub hours: Option<HoursTable>,
    /// Tables of single agents.
    pub own_hours: BTreeMap<AgentNumber, HoursTable>,
    /// When agents are on call.
    pub on_call: Vec<(AgentNumber, Period)>,
    pub next_agent: u32,
    /// Everybody is in; what a defect changes begins here.
    pub settled: bool,
}

impl Organisation {
    pub fn drawn(key: [u8; 32], claim: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&key);
        Self {
            id: OrganisationId::of_key(&key.verifying_key().to_bytes()),
            key,
            claim,
            rosters: Vec::new(),
            announcements: None,
            hours: None,
            own_hours: BTreeMap::new(),
            on_call: Vec::new(),
            next_agent: 1,
            settled: false,
        }
    }

    pub fn public_key(&self) -> Ed25519Public {
        Ed25519Public(self.key.verifying_key().to_bytes())
    }
}

impl World {
    /// Has the administrator state acts, and waits until they stand.
    pub fn state(&mut self, acts: Vec<Act>) {
        match self.ask(Phone(0), Command::State(acts)) {
            CommandAnswer::Reply(Reply::Done) => {}
            other => panic!("seed {}: a statement was answered by {other:?}", self.seed),
        }
    }

    /// Opens hours on Mondays to Fridays between these times, for everybody but the administrator.
    pub fn set_hours(&mut self, intervals: &[(&str, &str)]) {
        let week = weekdays(intervals);
        let administrator = self.devices[0].passport.agent;
        self.state(vec![
            Act::SetCalendar {
                scope: HoursScope::Agent(administrator),
                calendar: Calendar::always_open("Europe/Paris"),
            },
            Act::SetCalendar {
                scope: HoursScope::Organisation,
                calendar: Calendar::weekly("Europe/Paris", week),
            },
        ]);
        self.organisation.hours = Some(HoursTable::weekdays(intervals));
    }

    /// Gives one agent hours of their own; no interval: never closed.
    pub fn set_own_hours(&mut self, phone: Phone, intervals: &[(&str, &str)]) {
        let agent = self.devices[phone.0].passport.agent;
        let (week, table) = match intervals.is_empty() {
            true => (Week::always(), HoursTable::always()),
            false => (weekdays(intervals), HoursTable::weekdays(intervals)),
        };
        let calendar = Calendar::weekly("Europe/Paris", week);
        self.state(vec![Act::SetCalendar { scope: HoursScope::Agent(agent), calendar }]);
        self.organisation.own_hours.insert(agent, table);
    }

    /// A device's agent.
    pub fn agent(&self, phone: Phone) -> AgentNumber {
        self.devices[phone.0].passport.agent
    }

    /// Makes a roster with these members and waits until all of them are in its group.
    pub fn roster(&mut self, members: &[Phone]) -> RosterId {
        let roster = RosterId(self.random());
        let create = Act::CreateRoster { roster, class: Class::Service, team: None, retention_days: 365 };
        let mut acts = vec![create];
        acts.extend(members.iter().map(|phone| self.admission(roster, *phone)));
        self.organisation.rosters.push(roster);
        self.state(acts);
        self.run_until_quiet();
        roster
    }

    pub(crate) fn admission(&self, roster: RosterId, phone: Phone) -> Act {
        Act::Admit { roster, device: self.device_id(phone), history: History::None }
    }

    /// Admits a device to a roster, by statement alone.
    pub fn admit(&mut self, roster: RosterId, phone: Phone) {
        let act = self.admission(roster, phone);
        self.state(vec![act]);
    }

    /// Admits a device to a roster with a part of its past, by statement alone.
    pub fn admit_with(&mut self, roster: RosterId, phone: Phone, history: History) {
        let device = self.device_id(phone);
        self.state(vec![Act::Admit { roster, device, history }]);
    }

    /// Enrols another device for a phone's agent and approves it as the desk does: it comes to the
    /// agent's rosters with what the agent could read there.
    pub fn another_device(&mut self, name: &str, of: Phone) -> Phone {
        let agent = self.agent(of);
        let (phone, approval) = self.enrol_for(name, agent);
        let device = self.device_id(phone);
        let reader = self.reader(Phone(0));
        let inherited = succession(self.registry(), agent, |number| reader.stated_at(number)).unwrap();
        let admissions = inherited.into_iter();
        let admissions = admissions.map(|(roster, history)| Act::Admit { roster, device, history });
        self.state(std::iter::once(approval).chain(admissions).collect());
        self.switch_on(phone);
        phone
    }

    /// Ends a device for a reason.
    pub fn revoke_as(&mut self, phone: Phone, reason: RevocationReason) {
        let device = self.device_id(phone);
        self.state(vec![Act::Revoke { device, reason }]);
    }
    /// Removes a device from a roster, by statement alone.
    pub fn remove(&mut self, roster: RosterId, phone: Phone) {
        let device = self.device_id(phone);
        self.state(vec![Act::Remove { roster, device }]);
    }

    /// Gives a device's agent a role.
    pub fn set_role(&mut self, phone: Phone, role: Role) {
        let agent = self.agent(phone);
        let teams = if role == Role::Supervisor { vec![TeamNumber(1)] } else { Vec::new() };
        self.state(vec![Act::SetRole { agent, role, teams }]);
    }

    /// Ends a device.
    pub fn revoke(&mut self, phone: Phone) {
        let device = self.device_id(phone);
        self.state(vec![Act::Revoke { device, reason: RevocationReason::Lost }]);
    }

    fn is_open(&self, agent: AgentNumber, at: Timestamp) -> bool {
        let administrator = self.devices[0].passport.agent == agent;
        let table = self.organisation.own_hours.get(&agent).or(self.organisation.hours.as_ref());
        administrator || table.is_none_or(|table| table.is_open(at))
    }

    /// Looks at what the relay says to a device, with the second opinion on hours.
    pub(crate) fn judge_hours(&mut self, device: usize, message: &Message) {
        let agent = self.devices[device].passport.agent;
        let on_call = |(of, period): &(AgentNumber, Period)| *of == agent && period.contains(self.now);
        let too_much = match self.organisation.on_call.iter().any(on_call) {
            true => tells_what_is_not_urgent(message, self.now),
            false => tells_something(message),
        };
        if !self.is_open(agent, self.now) && too_much {
            self.note(format_args!("{device} is reached off duty"));
            self.ledger.off_hours.push((self.now, Phone(device)));
        }
    }
}

fn weekdays(intervals: &[(&str, &str)]) -> Week {
    let minute = |text| u16::try_from(minutes(text)).unwrap();
    Week::new(intervals.iter().flat_map(|(from, to)| {
        Weekday::ALL[..5].iter().map(move |day| WeeklyInterval::new(*day, minute(from), minute(to)))
    }))
}

/// Whether a message says to somebody on call what is not meant for those on call.
fn tells_what_is_not_urgent(message: &Message, now: Timestamp) -> bool {
    match message {
        Message::Deliver(delivery) => {
            let urgent = |content: &Content| match content {
                Content::Entry(entry) | Content::Announcement { entry, .. } => {
                    entry.urgency_at(now) > Urgency::Normal
                }
                Content::Own { .. } | Content::Erased { .. } => false,
            };
            !delivery.slots.is_empty() || !delivery.entries.iter().all(|entry| urgent(&entry.content))
        }
        Message::Call { .. } | Message::Unanswered { .. } => false,
        Message::Answer { outcome: Outcome::Done(Reply::Welcome { .. } | Reply::Fresh { .. }), .. } => false,
        other => tells_something(other),
    }
}

/// Whether a message says more than when hours reopen and what became of what the device sent.
fn tells_something(message: &Message) -> bool {
    match message {
        Message::Closed { .. } | Message::Goodbye(_) => false,
        Message::Deliver(_)
        | Message::Turn { .. }
        | Message::HistoryTurn { .. }
        | Message::Reminder { .. }
        | Message::Call { .. }
        | Message::Unanswered { .. } => true,
        Message::Answer { outcome: Outcome::Refused(_), .. } => false,
        Message::Answer { outcome: Outcome::Done(reply), .. } => match reply {
            Reply::Welcome { .. }
            | Reply::Fresh { .. }
            | Reply::Range { .. }
            | Reply::Pending { .. }
            | Reply::Urgencies { .. } => true,
            Reply::Done
            | Reply::Appended { .. }
            | Reply::Statements { .. }
            | Reply::Commits { .. }
            | Reply::Stock { .. }
            | Reply::Reserved { .. }
            | Reply::Group { .. }
            | Reply::Contacts { .. }
            | Reply::Knowledge(_)
            | Reply::Audit { .. }
            | Reply::Reachability(_)
            | Reply::Statistics { .. }
            | Reply::Challenge { .. } => false,
        },
    }
}
