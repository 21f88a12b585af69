//! Announcements in the world: teams with an announcer, and what issuer and phones show.

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::{AnnouncementRow, Counts, Progress};
use estafette_protocol::announcement::{Announced, Common, Receipt, Replies};
use estafette_protocol::entry::{EntryKind, Urgency, VERSION, WireEntry};
use estafette_protocol::frame::{AppendResult, Reply, RequestBody};
use estafette_protocol::statement::{Act, Class, Role};
use estafette_protocol::{
    EntryUid, Epoch, FaultCode, Hash, RosterGeneration, RosterId, Salt, Signature, TeamNumber, ThreadId,
    Timestamp,
};

use crate::device::Phone;
use crate::world::World;

impl World {
    /// Makes a team's roster of announcements, led by `announcer`, and waits until all are in it.
    pub fn diffusion(&mut self, team: u32, announcer: Phone, members: &[Phone]) -> ThreadId {
        let roster = RosterId(self.random());
        let team = TeamNumber(team);
        let agent = self.agent(announcer);
        let mut teams = self.registry().teams_led_by(agent);
        teams.push(team);
        let mut acts = vec![
            Act::SetRole { agent, role: Role::Supervisor, teams },
            Act::CreateRoster { roster, class: Class::Diffusion, team: Some(team), retention_days: 1825 },
        ];
        acts.extend([announcer].iter().chain(members).map(|phone| self.admission(roster, *phone)));
        self.state(acts);
        self.run_until_quiet();
        roster.first_thread()
    }

    /// Makes the conversation of a team and waits until all are in it.
    pub fn service_roster_of(&mut self, team: u32, members: &[Phone]) -> RosterId {
        let roster = RosterId(self.random());
        let (class, team) = (Class::Service, Some(TeamNumber(team)));
        let mut acts = vec![Act::CreateRoster { roster, class, team, retention_days: 365 }];
        acts.extend(members.iter().map(|phone| self.admission(roster, *phone)));
        self.state(acts);
        self.run_until_quiet();
        roster
    }

    /// Enrols a phone for a new agent and waits until it works.
    pub fn enrolled(&mut self, name: &str) -> Phone {
        let (phone, approval) = self.enrol(name);
        self.state(vec![approval]);
        self.switch_on(phone);
        self.run_until_quiet();
        phone
    }

    /// A program that does not ask itself whether it may sends an announcement; what the relay says.
    pub fn forge_announcement(&mut self, phone: Phone, thread: ThreadId) -> FaultCode {
        let common = Common(vec![7; 64].into());
        let entry = WireEntry {
            thread: thread.into(),
            version: VERSION,
            urgency: Urgency::Normal,
            kind: EntryKind::Create,
            generation: RosterGeneration(1),
            epoch: Epoch(1),
            uid: EntryUid(self.random()),
            salt: Salt(self.random()),
            sealed: vec![7; 192].into(),
            acknowledgement_due: None,
            escalation_minutes: None,
            announced: Some(Announced {
                version: EntryUid(self.random()),
                common: common.hash(),
                corrects: None,
            }),
            terms: None,
        };
        let requests = vec![RequestBody::Common(common), RequestBody::Append { entries: vec![entry] }];
        let answers = self.by_hand(phone, requests).unwrap();
        assert_eq!(answers[0].as_ref().unwrap_err().code, FaultCode::Forbidden);
        match answers[1].as_ref().unwrap() {
            Reply::Appended { results, .. } => match &results[0] {
                AppendResult::Refused(fault) => fault.code,
                AppendResult::Stands { .. } => panic!("seed {}: it stands", self.seed),
            },
            other => panic!("seed {}: {other:?}", self.seed),
        }
    }

    /// A receipt as a phone's device would sign it now.
    pub fn receipt_of(&self, phone: Phone, thread: ThreadId, version: EntryUid) -> Receipt {
        let query = "SELECT common FROM announcement WHERE version = ?1";
        let common: Vec<u8> =
            self.database(phone).query_row(query, [&version.0[..]], |row| row.get(0)).unwrap();
        let receipt = Receipt {
            thread,
            version,
            common: Hash::from_slice(&common).unwrap(),
            device: self.device_id(phone),
            at: self.now(),
            signature: Signature([0; Signature::LEN]),
        };
        let identity = self.reader(phone).identity().clone();
        receipt.sign(identity.organisation, &identity.signing_key())
    }

    /// Receipts that the relay holds.
    pub fn relay_receipts(&self) -> u64 {
        self.relay_count("receipt")
    }

    /// Common ciphertexts that the relay holds.
    pub fn relay_commons(&self) -> u64 {
        self.relay_count("common")
    }

    fn relay_count(&self, table: &str) -> u64 {
        let query = format!("SELECT count(*) FROM {table}");
        self.relay_database().query_row(&query, (), |row| row.get::<_, i64>(0)).unwrap().unsigned_abs()
    }

    /// Announces, answers to the issuer alone.
    pub fn announce(&mut self, from: Phone, to: &[ThreadId], text: &str, due: Timestamp) -> EntryUid {
        let (threads, due, replies) = (to.to_vec(), Some(due), Replies::Issuer);
        let command = Command::Announce { threads, text: text.to_owned(), due, replies };
        self.announced_as(from, command)
    }

    /// Puts a new version in the place of one.
    pub fn correct(&mut self, from: Phone, version: EntryUid, text: &str, due: Timestamp) -> EntryUid {
        self.announced_as(from, Command::Correct { version, text: text.to_owned(), due: Some(due) })
    }

    fn announced_as(&mut self, from: Phone, command: Command) -> EntryUid {
        match self.ask(from, command) {
            CommandAnswer::Written { uid, .. } => uid,
            other => panic!("seed {}: an announcement was answered by {other:?}", self.seed),
        }
    }

    /// « Lu et compris »; the code where it is refused.
    pub fn acknowledge(&mut self, phone: Phone, version: EntryUid) -> Result<(), FaultCode> {
        match self.ask(phone, Command::Acknowledge { version }) {
            CommandAnswer::Done => Ok(()),
            CommandAnswer::Refused(fault) => Err(fault.code),
            other => panic!("seed {}: an acknowledgement was answered by {other:?}", self.seed),
        }
    }

    /// The announcements that a phone shows, the oldest first.
    pub fn announcements(&self, phone: Phone) -> Vec<AnnouncementRow> {
        let mut rows = self.reader(phone).announcements(100).unwrap();
        rows.reverse();
        rows
    }

    /// How far a version has come to each agent, for its issuer.
    pub fn progress(&self, issuer: Phone, version: EntryUid, of: Phone) -> Progress {
        let agent = self.agent(of);
        let rows = self.reader(issuer).addressees(version, self.now()).unwrap();
        rows.iter().find(|row| row.agent == agent).expect("an addressee").progress
    }

    /// People by how far a version has come.
    pub fn counts(&self, issuer: Phone, version: EntryUid) -> Counts {
        Counts::of(&self.reader(issuer).addressees(version, self.now()).unwrap())
    }

    /// Of what a phone was reminded, and when.
    pub fn reminders(&self, phone: Phone) -> &[(Timestamp, EntryUid)] {
        &self.devices[phone.0].reminders
    }

    /// Marks what a phone shows in a thread as read.
    pub fn read_all(&mut self, phone: Phone, thread: ThreadId) {
        let up_to = self.reader(phone).joined(thread).unwrap();
        let answer = self.ask(phone, Command::Read { thread, up_to });
        assert!(matches!(answer, CommandAnswer::Done), "{answer:?}");
    }
}
