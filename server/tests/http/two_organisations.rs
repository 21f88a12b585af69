//! Two organisations on one relay, with the same numbers, the same names and the same ids for their
//! conversation: nothing of one is in the other, neither in files nor in answers, volume included.
//!
//! What would be sealed is a word of the organisation's own here, so that it can be looked for.

use std::path::PathBuf;
use std::process::Command;

use estafette_protocol::alias::ThreadRef;
use estafette_protocol::entry::{EntryKind, Urgency, WireEntry};
use estafette_protocol::exchange::ExchangeResponse;
use estafette_protocol::frame::{AppendResult, Content, Cursor, Message, Outcome, Reply, RequestBody};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::{Act, Class, History};
use estafette_protocol::{
    DeviceId, EntryUid, Epoch, Fault, FaultCode, OrganisationId, Position, RosterGeneration, RosterId, Salt,
    StatementNumber, TeamNumber, ThreadId, Timestamp, codec,
};
use estafette_server::backup;
use estafette_server::init;
use estafette_server::serve::{RunningRelay, organisation_folders};
use estafette_server::store::sqlite::SqliteStore;
use estafette_server::store::{Batch, CommitWrite, Operation, Reader as _, Writer as _};
use hyper::StatusCode;

use crate::client::Connection;
use crate::organisation::{Device, Organisation, begin};
use crate::program::relay as program;
use crate::running::{Folder, connect};

/// Both organisations call their conversation so.
const ROSTER: RosterId = RosterId([5; 32]);
/// Only the second has this one.
const SECRET_ROSTER: RosterId = RosterId([6; 32]);
/// Messages of the second organisation, once it has some.
const MANY: u64 = 500;

struct Side {
    organisation: Organisation,
    agent: Device,
    word: &'static [u8; 32],
    place: PathBuf,
}

struct Relay {
    folder: Folder,
    running: RunningRelay,
    one: Side,
    other: Side,
}

/// What the relay would have written when the first member founded the group.
fn founding(roster: RosterId, device: DeviceId, statement: StatementNumber) -> Operation {
    Operation::Commit(Box::new(CommitWrite {
        roster,
        name: RosterName::Stated(roster),
        generation: RosterGeneration(0),
        epoch: Epoch(0),
        founds: Some(StatementNumber(0)),
        device,
        bytes: b"commit".to_vec(),
        statement,
        raises_floor: true,
        open_removals: false,
        joined: vec![(device, Epoch(0))],
        owed: Vec::new(),
        left: Vec::new(),
        welcomes: Vec::new(),
        key_packages: Vec::new(),
        group_info: Vec::new(),
        tree: Vec::new(),
        now: Timestamp(1_767_225_600_000),
    }))
}

impl Side {
    /// An organisation with agent 2, who is alone in the team's conversation.
    async fn found(
        relay: &RunningRelay,
        ticket: &estafette_protocol::enrol::Ticket,
        seed: u64,
        word: &'static [u8; 32],
        rosters: &[RosterId],
    ) -> Self {
        let mut organisation = Organisation::found(relay, ticket, seed).await;
        let mut connection = connect(relay).await;
        let agent = organisation.enrol(&mut connection, 2).await;
        for roster in rosters.iter().copied() {
            let team = Some(TeamNumber(1));
            let create = Act::CreateRoster { roster, class: Class::Service, team, retention_days: 30 };
            let admit = Act::Admit { roster, device: agent.id, history: History::None };
            organisation.state(&mut connection, vec![create, admit]).await;
        }
        Self { organisation, agent, word, place: PathBuf::new() }
    }

    /// Puts the groups of its conversations into the store of an organisation that is not served.
    fn found_groups(&mut self, folders: &[PathBuf], rosters: &[RosterId]) {
        let is_own = |folder: &&PathBuf| {
            let store = SqliteStore::open(folder).unwrap();
            store.reader().unwrap().state().unwrap().organisation == Some(self.organisation.id)
        };
        self.place = folders.iter().find(is_own).unwrap().clone();
        let store = SqliteStore::open(&self.place).unwrap();
        let statements = store.reader().unwrap().statements(StatementNumber(0), 100).unwrap();
        let last = StatementNumber(statements.len() as u64 - 1);
        let founding = |roster: &RosterId| founding(*roster, self.agent.id, last);
        let operations = rosters.iter().map(founding).collect();
        store.writer().unwrap().write(&[Batch { operations }]).unwrap();
    }

    fn entry(&self, number: u64) -> WireEntry {
        let mut uid = [7; 16];
        uid[..8].copy_from_slice(&number.to_be_bytes());
        WireEntry {
            thread: ThreadRef::Full(ROSTER.first_thread()),
            urgency: Urgency::Normal,
            generation: RosterGeneration(0),
            epoch: Epoch(1),
            uid: EntryUid(uid),
            salt: Salt([1; 8]),
            sealed: self.word.repeat(4).into(),
            version: 1,
            kind: EntryKind::Create,
            acknowledgement_due: None,
            escalation_minutes: None,
            announced: None,
            terms: None,
        }
    }

    /// The agent writes; the positions that the relay gave.
    async fn write(&mut self, connection: &mut Connection, numbers: std::ops::Range<u64>) -> Vec<Position> {
        let entries = numbers.map(|number| self.entry(number)).collect();
        match self.agent.ask(connection, RequestBody::Append { entries }).await {
            Ok(Reply::Appended { results, .. }) => results
                .into_iter()
                .map(|result| match result {
                    AppendResult::Stands { placement, .. } => placement.position,
                    refused => panic!("{refused:?}"),
                })
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    /// Every byte of its folder, read by another process: whoever closes a database's file ends the
    /// locks that its own process has on it.
    fn bytes(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files: Vec<_> = std::fs::read_dir(&self.place)
            .unwrap()
            .map(|file| file.unwrap().path())
            .map(|path| (path.clone(), Command::new("cat").arg(path).output().unwrap().stdout))
            .collect();
        files.sort();
        files
    }

    fn hides(&self, bytes: &[u8]) {
        for (path, held) in self.bytes() {
            let found = held.windows(bytes.len()).any(|part| part == bytes);
            assert!(!found, "{bytes:?} in {}", path.display());
        }
    }

    fn holds(&self, bytes: &[u8]) -> bool {
        self.bytes().iter().any(|(_, held)| held.windows(bytes.len()).any(|part| part == bytes))
    }
}

impl Relay {
    async fn new() -> Self {
        let folder = Folder::new();
        let ticket = init::add_organisation(&folder.config, folder.ticket.pin).unwrap();
        let running = folder.start().await;
        let one = [ROSTER];
        let both = [ROSTER, SECRET_ROSTER];
        let first = Side::found(&running, &folder.ticket, 1, b"canari-jaune-de-la-mine-du-nord-", &one).await;
        let second = Side::found(&running, &ticket, 2, b"canari-bleu-de-la-mine-du-sud--+", &both).await;
        running.shutdown().await;
        let folders = organisation_folders(&folder.config.organisations()).unwrap();
        let (mut first, mut second) = (first, second);
        first.found_groups(&folders, &one);
        second.found_groups(&folders, &both);
        let running = folder.start().await;
        Self { folder, running, one: first, other: second }
    }
}

/// What an exchange said, without what is another at each asking.
fn said(response: ExchangeResponse) -> Vec<u8> {
    let response = ExchangeResponse { token: None, lease: None, relay_time: Timestamp(0), ..response };
    codec::to_bytes(&response)
}

fn outcome(response: ExchangeResponse) -> Outcome {
    let answer = response.messages.into_iter().find_map(|message| match message {
        Message::Answer { outcome, .. } => Some(outcome),
        _ => None,
    });
    answer.expect("every request is answered")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_one_organisation_stands_in_the_files_or_the_answers_of_the_other() {
    let Relay { folder: _folder, running, mut one, mut other } = Relay::new().await;
    assert_eq!(
        (one.agent.agent, one.organisation.admin.agent),
        (other.agent.agent, other.organisation.admin.agent)
    );
    let mut connection = connect(&running).await;
    let written: Vec<_> = (1..=10).map(Position).collect();
    assert_eq!(other.write(&mut connection, 0..10).await, written);
    assert_eq!(one.write(&mut connection, 0..10).await, written, "the same names, places of their own");

    // What each is given of the conversation that both call the same is its own.
    for (side, word, alien) in [(&mut one, 0, 1), (&mut other, 1, 0)].map(|(side, own, alien)| {
        let words = [b"canari-jaune-de-la-mine-du-nord-", b"canari-bleu-de-la-mine-du-sud--+"];
        (side, words[own], words[alien])
    }) {
        let thread = ThreadRef::Full(ROSTER.first_thread());
        let range = RequestBody::Range { thread, from: Position(1), to: Position(1000) };
        let response = side.agent.exchange(&mut connection, vec![range]).await;
        let bytes = codec::to_bytes(&response);
        assert!(!bytes.windows(32).any(|part| part == alien));
        let Outcome::Done(Reply::Range { entries }) = outcome(response) else { panic!("no range") };
        assert_eq!(entries.len(), 10);
        for entry in entries {
            match entry.content {
                Content::Entry(entry) => assert_eq!(entry.sealed[..32], word[..]),
                Content::Own { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }
    running.shutdown().await;
    for (side, alien) in [(&one, &other), (&other, &one)] {
        assert!(side.holds(side.word) && side.holds(&side.agent.id.0), "what is looked for can be found");
        side.hides(alien.word);
        side.hides(&alien.organisation.id.0);
        side.hides(&alien.organisation.admin.id.0);
        side.hides(&alien.agent.id.0);
    }
    one.hides(&SECRET_ROSTER.0);
}

/// The refusal of a request that a device of another organisation makes.
async fn refusal(device: &mut Device, connection: &mut Connection, request: RequestBody) -> Fault {
    match outcome(device.exchange(connection, vec![request]).await) {
        Outcome::Refused(fault) => fault,
        done => panic!("{done:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_not_told_whether_another_organisation_or_what_is_in_it_exists() {
    let Relay { folder: _folder, running, mut one, mut other } = Relay::new().await;
    let mut connection = connect(&running).await;
    other.write(&mut connection, 0..3).await;

    // Speaking as its own device to the other organisation, to one that is nowhere, or as the other's.
    let mut answers = Vec::new();
    for (organisation, device) in [
        (OrganisationId([9; 16]), one.agent.id),
        (other.organisation.id, one.agent.id),
        (other.organisation.id, DeviceId([9; 16])),
        (other.organisation.id, other.agent.id),
        (OrganisationId([9; 16]), other.agent.id),
    ] {
        let (own, itself) = (one.agent.organisation, one.agent.id);
        (one.agent.organisation, one.agent.id) = (organisation, device);
        let answer = one.agent.post(&mut connection, vec![]).await;
        (one.agent.organisation, one.agent.id) = (own, itself);
        answers.push((answer.status, answer.code(), answer.body));
    }
    assert_eq!(answers[0].0, StatusCode::UNAUTHORIZED);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");

    // A ticket of its own organisation, with the other's name or one that is nowhere.
    let invitation = one.organisation.invite(&mut connection, 3).await;
    let mut tickets = Vec::new();
    for organisation in [OrganisationId([9; 16]), other.organisation.id] {
        let answer = connection.post_value("/v1/enrol/begin", &begin(organisation, &invitation)).await;
        tickets.push((answer.status, answer.code(), answer.body));
    }
    assert_eq!(tickets[0], tickets[1]);

    // In its own organisation, the other's threads and devices are like any that are nowhere.
    let thread = |id: ThreadId| {
        let range = RequestBody::Range { thread: id.into(), from: Position(1), to: Position(9) };
        let erase = RequestBody::Erase { thread: id.into(), entries: vec![EntryUid([7; 16])] };
        [range, erase]
    };
    let (there, nowhere) = (thread(SECRET_ROSTER.first_thread()), thread(ThreadId([9; 32])));
    for (there, nowhere) in there.into_iter().zip(nowhere) {
        let mut ask = async |request| said(one.agent.exchange(&mut connection, vec![request]).await);
        assert_eq!(ask(there).await, ask(nowhere).await);
    }
    let reserve = |device| RequestBody::Reserve { roster: RosterName::Stated(ROSTER), devices: vec![device] };
    let mut ask = async |request| outcome(one.agent.exchange(&mut connection, vec![request]).await);
    assert_eq!(ask(reserve(other.agent.id)).await, ask(reserve(DeviceId([9; 16]))).await);
    let pending = refusal(&mut one.agent, &mut connection, RequestBody::Pending).await;
    assert_eq!(pending.code, FaultCode::Forbidden, "an agent is no administrator of either");
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_much_an_organisation_holds_shows_nowhere_in_the_other() {
    let Relay { mut folder, running, mut one, mut other } = Relay::new().await;
    running.shutdown().await;
    folder.config.metrics = Some(([127, 0, 0, 1], 0).into());
    let running = folder.start().await;
    let mut connection = connect(&running).await;
    assert_eq!(one.write(&mut connection, 0..3).await.last(), Some(&Position(3)));

    // Everything that a device asks for at a beginning, as the relay answers it, and how long it is.
    async fn day(side: &mut Side, connection: &mut Connection) -> Vec<Vec<u8>> {
        let thread = ThreadRef::Full(ROSTER.first_thread());
        let mut answers = Vec::new();
        for request in [
            RequestBody::Hello { cursor: Cursor::default() },
            RequestBody::Check { cursor: Cursor::default() },
            RequestBody::Range { thread, from: Position(1), to: Position(1000) },
            RequestBody::Statements { from: StatementNumber(0) },
        ] {
            answers.push(said(side.agent.exchange(connection, vec![request]).await));
        }
        answers
    }
    let doctor = |id: OrganisationId| -> Vec<String> {
        let output = program(&["doctor"], &folder.config.folder).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let lines: Vec<_> =
            text.lines().filter(|line| line.contains(&id.to_string())).map(str::to_owned).collect();
        assert!(!lines.is_empty(), "{text}");
        lines
    };
    let before = (day(&mut one, &mut connection).await, doctor(one.organisation.id));
    // Its request numbers are in its database: what it holds is looked at after the last of them.
    let files = one.bytes();
    for number in 0..MANY / 50 {
        other.write(&mut connection, number * 50..(number + 1) * 50).await;
    }
    assert_eq!(one.bytes(), files, "not a byte of its files has moved");
    let after = (day(&mut one, &mut connection).await, doctor(one.organisation.id));
    let lengths = |answers: &[Vec<u8>]| answers.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(lengths(&before.0), lengths(&after.0));
    // The welcome tells the time, and is as long as before; the others are the same bytes.
    assert!(before.0[1..] == after.0[1..] && before.1 == after.1);
    assert_eq!(one.write(&mut connection, 3..4).await, [Position(4)], "its numbers are its own");
    assert!(other.bytes().iter().map(|(_, held)| held.len()).sum::<usize>() > 100 * MANY as usize);

    // The operator's numbers name nobody.
    let metrics = metrics(&running).await;
    for id in [one.organisation.id, other.organisation.id] {
        assert!(!metrics.contains(&id.to_string()));
    }
    for place in [&one.place, &other.place] {
        assert!(!metrics.contains(place.file_name().unwrap().to_str().unwrap()));
    }

    // A backup has a place for each; the one's holds no byte of the other's.
    let to = folder.config.folder.with_file_name("backup");
    backup::make(&folder.config.folder, &to, Timestamp(1_800_000_000_000)).unwrap();
    running.shutdown().await;
    let copies = organisation_folders(&to.join("organisations")).unwrap();
    assert_eq!(copies.len(), 2);
    for (side, alien) in [(&mut one, other.word), (&mut other, b"canari-jaune-de-la-mine-du-nord-")] {
        side.place = to.join("organisations").join(side.place.file_name().unwrap());
        assert!(side.holds(side.word));
        side.hides(alien);
    }
}

async fn metrics(relay: &RunningRelay) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(relay.metrics_address().unwrap()).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: r\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("estafette_requests_total"));
    answer
}
