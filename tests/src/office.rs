//! The relay of the world: the real one, its real store, a writer that takes its time.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use estafette_core::engine::LinkInput;
use estafette_protocol::check;
use estafette_protocol::exchange::{ExchangeBody, ExchangeRequest, ExchangeResponse};
use estafette_protocol::frame::{Message, Outcome, Reply, Request, RequestBody};
use estafette_protocol::{DeviceId, Fault, FaultCode, Timestamp, codec, limits};
use estafette_server::attestation::Rules;
use estafette_server::relay::{
    Answer, BatchId, CallId, Effect, EnrolRequest, Event, Grant, Granted, Relay, SessionId, Settings,
};
use estafette_server::store::sqlite::{FILE, SqliteStore, SqliteWriter};
use estafette_server::store::{Batch, Writer as _};
use rand_chacha::ChaCha20Rng;

use crate::clock::SECOND;
use crate::defect::{Defect, judge_of};
use crate::network::ConnectionId;
use crate::queue::{Happening, Up};
use crate::world::World;

/// Who waits for the answer of a call.
pub(crate) enum Caller {
    /// A device's exchange.
    Exchange(ConnectionId),
    /// Somebody who went away.
    Nobody,
    /// The test itself, which reads [`Office::said`].
    Test,
}

pub(crate) struct Office {
    pub folder: PathBuf,
    pub key: SigningKey,
    pub relay: Option<Relay>,
    pub writer: Option<SqliteWriter>,
    pub rng: ChaCha20Rng,
    /// What the disk does not have yet.
    pub unwritten: VecDeque<(BatchId, Batch)>,
    /// Wake-ups that left, and when.
    pub woken: Vec<(Timestamp, DeviceId)>,
    /// Which start of the relay this is.
    pub life: u64,
    pub sessions: BTreeMap<SessionId, ConnectionId>,
    pub calls: BTreeMap<CallId, Caller>,
    pub said: BTreeMap<CallId, Result<Answer, Fault>>,
    pub next_session: u64,
    pub next_call: u64,
    pub ticket: u64,
    /// How long the disk takes, in milliseconds.
    pub disk: u64,
    /// Pages that the database may have.
    pub quota: Option<u32>,
    /// With [`Defect::AcknowledgedBeforeDurable`]: since when nothing was really written.
    pub unsynced_since: Option<Timestamp>,
}

impl Office {
    pub fn new(folder: &Path, key: SigningKey, rng: ChaCha20Rng) -> Self {
        Self {
            folder: folder.to_path_buf(),
            key,
            relay: None,
            writer: None,
            rng,
            unwritten: VecDeque::new(),
            woken: Vec::new(),
            life: 0,
            sessions: BTreeMap::new(),
            calls: BTreeMap::new(),
            said: BTreeMap::new(),
            next_session: 1,
            next_call: 1,
            ticket: 0,
            disk: 3,
            quota: None,
            unsynced_since: None,
        }
    }

    pub fn open(&mut self, defect: Option<Defect>) {
        let store = SqliteStore::open(&self.folder).unwrap();
        let settings = Settings {
            key: self.key.clone(),
            rules: Rules {
                roots: vec![estafette_attest::development::root()],
                policy: estafette_attest::development::policy(),
                apple: estafette_attest::development::apple_rules(),
                list_required: false,
            },
            development: true,
            wake_up_hosts: vec!["push.example.fr".to_owned()],
        };
        let reader = Box::new(store.reader().unwrap());
        self.relay = Some(Relay::open_with(settings, reader, judge_of(defect)).unwrap());
        let writer = store.writer().unwrap();
        if let Some(pages) = self.quota {
            writer.set_quota(pages).unwrap();
        }
        self.writer = Some(writer);
        self.life += 1;
    }

    pub fn close(&mut self) {
        self.relay = None;
        self.writer = None;
        self.unwritten.clear();
        self.sessions.clear();
        self.calls.clear();
    }

    fn files(&self) -> [PathBuf; 2] {
        [self.folder.join(FILE), self.folder.join(format!("{FILE}-wal"))]
    }

    /// Remembers the files as they are on the disk that the power loss will leave.
    fn remember(&self) {
        for file in self.files() {
            let durable = durable(&file);
            match file.exists() {
                true => drop(std::fs::copy(&file, durable).unwrap()),
                false => drop(std::fs::remove_file(durable)),
            }
        }
    }

    /// The power comes back: what was never really written is gone.
    pub fn forget_unsynced(&mut self) {
        if self.unsynced_since.take().is_none() {
            return;
        }
        for file in self.files() {
            let durable = durable(&file);
            match durable.exists() {
                true => drop(std::fs::rename(&durable, &file)),
                false => drop(std::fs::remove_file(&file)),
            }
        }
    }
}

fn durable(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}.durable", file.display()))
}

/// The messages of an exchange's answer.
pub(crate) fn messages_of(bytes: &[u8]) -> Vec<Message> {
    codec::from_bytes::<ExchangeResponse>(bytes, limits::FRAME)
        .map(|answer| answer.messages)
        .unwrap_or_default()
}

impl World {
    /// Starts the relay on what its files hold.
    pub(crate) fn start_relay(&mut self) {
        self.office.open(self.defect);
        self.relay_event(Event::Tick { monotonic: None });
    }

    /// The relay's process ends without a word; what the disk has not got is lost.
    pub fn crash_relay(&mut self, seconds: u64) {
        if self.office.relay.is_none() {
            return;
        }
        self.note(format_args!("the relay crashes for {seconds} s"));
        self.faults.count("relay crash");
        self.office.close();
        self.office.forget_unsynced();
        let connections: Vec<ConnectionId> = self.connections.keys().copied().collect();
        for id in connections {
            let Some(connection) = self.connections.get_mut(&id) else { continue };
            connection.at_relay = false;
            if connection.at_device {
                self.down(id, LinkInput::Down);
            }
        }
        self.queue.push(Timestamp(self.now.0 + seconds * SECOND), Happening::RelayStarts);
    }

    /// Gives the relay something that happened, and does what it wants.
    pub(crate) fn relay_event(&mut self, event: Event) {
        let now = self.now;
        let Some(relay) = &mut self.office.relay else { return };
        let effects = relay.handle(now, &mut self.office.rng, event);
        for effect in effects {
            self.carry_out_for_relay(effect);
        }
    }

    fn carry_out_for_relay(&mut self, effect: Effect) {
        match effect {
            Effect::Send { session, bytes } => {
                let bytes = bytes.into_bytes();
                let Some(id) = self.office.sessions.get(&session).copied() else { return };
                let device = self.connections.get(&id).map(|connection| connection.device);
                if bytes == check::NOTHING || bytes == check::NEWS {
                    return self.answer_question(id, device, bytes);
                }
                let mut message = Message::from_bytes(&bytes).expect("the relay speaks the protocol");
                self.note(format_args!("relay to {device:?}: {} {}", word(&message), bytes.len()));
                let mut bytes = bytes;
                if let Some(device) = device {
                    self.judge_hours(device, &message);
                    self.keep_heard(device, &message);
                    if let Some(tamper) = self.wire.tampers.get_mut(&device) {
                        tamper(&mut message);
                        bytes = codec::to_bytes(&message);
                    }
                }
                if !self.defect_swallows(&message) {
                    self.down(id, LinkInput::Frame(bytes));
                }
            }
            Effect::Reply { call, answer } => self.reply(call, answer),
            Effect::Commit { id, batch } => {
                let took = self.office.disk;
                let extra = self.below(took + 1);
                let batch = self.defect_in_batch(batch);
                self.office.unwritten.push_back((id, batch));
                let life = self.office.life;
                self.queue.push(Timestamp(self.now.0 + took + extra), Happening::Written { life });
            }
            Effect::Close { session, fault } => {
                self.note(format_args!("relay closes {}: {}", session.0, fault.code));
                if let Some(id) = self.office.sessions.remove(&session) {
                    if let Some(connection) = self.connections.get_mut(&id) {
                        connection.at_relay = false;
                    }
                    self.down(id, LinkInput::Down);
                }
            }
            Effect::Wake { device, .. } => {
                let now = self.now;
                self.office.woken.push((now, device));
            }
            Effect::WakeAt(at) => {
                self.office.ticket += 1;
                let ticket = self.office.ticket;
                self.queue.push(at.max(Timestamp(self.now.0 + 1)), Happening::RelayTick { ticket });
            }
        }
    }

    /// "Nothing new" or "something is": off duty either would say too much.
    fn answer_question(&mut self, id: ConnectionId, device: Option<usize>, bytes: Vec<u8>) {
        self.note(format_args!("relay to {device:?}: a question's answer {}", bytes.len()));
        if let Some(device) = device {
            let told = Message::Answer { id: 0, outcome: Outcome::Done(Reply::Fresh { news: true }) };
            self.judge_hours(device, &told);
        }
        self.down(id, LinkInput::Frame(bytes));
    }

    fn reply(&mut self, call: CallId, answer: Result<Answer, Fault>) {
        match self.office.calls.remove(&call) {
            Some(Caller::Exchange(id)) => {
                let bytes = answer.map(|answer| self.exchange_answer(id, answer));
                match &bytes {
                    Ok(bytes) => {
                        let device = self.connections.get(&id).map(|connection| connection.device);
                        for message in messages_of(bytes) {
                            self.note(format_args!("exchange to {device:?}: {}", word(&message)));
                            if let Some(device) = device {
                                self.judge_hours(device, &message);
                                self.keep_heard(device, &message);
                            }
                        }
                    }
                    Err(fault) => self.note(format_args!("exchange refused: {}", fault.code)),
                }
                self.down(id, LinkInput::Exchanged(bytes));
            }
            Some(Caller::Test) => drop(self.office.said.insert(call, answer)),
            Some(Caller::Nobody) | None => {}
        }
    }

    fn exchange_answer(&mut self, id: ConnectionId, answer: Answer) -> Vec<u8> {
        let Answer::Exchange { relay_time, log, messages, granted } = answer else {
            panic!("an exchange is answered by an exchange")
        };
        let mut messages = messages.into_messages();
        messages.retain(|message| !self.defect_swallows(message));
        let device = self.connections.get(&id).map(|connection| connection.device);
        if let Some(tamper) = device.and_then(|device| self.wire.tampers.get_mut(&device)) {
            messages.iter_mut().for_each(tamper);
        }
        let mut answer = ExchangeResponse { relay_time, messages, token: None, lease: None, log: Some(log) };
        if let Some(granted) = granted {
            let Granted { grant, lease } = *granted;
            let token = format!("token {} {}", id.0, grant.expires_at.0);
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.grant = Some((token.clone(), grant));
            }
            answer.token = Some(token);
            answer.lease = Some(codec::to_bytes(&lease).into());
        }
        codec::to_bytes(&answer)
    }

    /// Something of a device has reached the relay.
    pub(crate) fn at_relay(&mut self, id: ConnectionId, what: Up) {
        let now = self.now;
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if now < connection.late_until {
            let at = connection.late_until;
            return self.queue.push(at, Happening::ToRelay { connection: id, what });
        }
        connection.under_way = connection.under_way.saturating_sub(1);
        let (device, session) = (connection.device, connection.session);
        if !connection.at_relay || (connection.swallows && !matches!(what, Up::Closed)) {
            return;
        }
        match what {
            Up::Exchange(bytes) => {
                let asked = requests_of(&bytes).join(", ");
                self.note(format_args!("{device} to relay: exchange {}: {asked}", bytes.len()));
                let call = self.call(Caller::Exchange(id));
                self.relay_event(Event::Exchange { call, bytes });
            }
            Up::ExchangeAgain(bytes) => {
                self.note(format_args!("{device} to relay: the same exchange"));
                let call = self.call(Caller::Nobody);
                self.relay_event(Event::Exchange { call, bytes });
            }
            Up::OpenSocket(token) => self.open_socket(id, &token),
            Up::Frame(bytes) => {
                let asked = match check::is_question(&bytes) {
                    true => "a question",
                    false => Request::from_bytes(&bytes).map_or("malformed", |request| asks(&request)),
                };
                self.note(format_args!("{device} to relay: {asked} {}", bytes.len()));
                if let Some(session) = session {
                    self.relay_event(Event::Frame { session, bytes });
                }
            }
            Up::Closed => {
                connection.at_relay = false;
                if let Some(session) = session
                    && self.office.sessions.remove(&session).is_some()
                {
                    self.relay_event(Event::Closed { session });
                }
            }
        }
    }

    /// The token opens the socket on the connection that it was given to, and on no other.
    fn open_socket(&mut self, id: ConnectionId, token: &str) {
        let now = self.now;
        let session = SessionId(self.office.next_session);
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let grant =
            connection.grant.clone().filter(|(given, grant)| given == token && now < grant.expires_at);
        let Some((_, grant)) = grant else {
            connection.at_relay = false;
            return self.down(id, LinkInput::Down);
        };
        self.office.next_session += 1;
        connection.session = Some(session);
        self.office.sessions.insert(session, id);
        self.down(id, LinkInput::SocketOpen);
        let Grant { device, organisation, auth_epoch, .. } = grant;
        self.relay_event(Event::Opened { session, device, organisation, auth_epoch });
    }

    pub(crate) fn call(&mut self, caller: Caller) -> CallId {
        let call = CallId(self.office.next_call);
        self.office.next_call += 1;
        self.office.calls.insert(call, caller);
        call
    }

    /// The disk has the oldest batch, or refuses it.
    pub(crate) fn written(&mut self, life: u64) {
        if life != self.office.life || self.office.relay.is_none() {
            return;
        }
        let Some((id, batch)) = self.office.unwritten.pop_front() else { return };
        if self.defect == Some(Defect::AcknowledgedBeforeDurable) {
            let long = self.office.unsynced_since.is_none_or(|since| self.now.0 - since.0 > 20 * SECOND);
            if long {
                self.office.remember();
                self.office.unsynced_since = Some(self.now);
            }
        }
        let operations = batch.operations.len();
        let writer = self.office.writer.as_mut().expect("a relay that runs has a writer");
        let outcome = writer.write(std::slice::from_ref(&batch)).map(|mut outcomes| outcomes.remove(0));
        let word = match &outcome {
            Ok(_) => "written",
            Err(error) => error.code().as_str(),
        };
        self.note(format_args!("disk: {word} {operations}"));
        self.relay_event(Event::Committed { batch: id, outcome });
    }

    /// Asks the relay something without a certificate, and waits for the answer.
    pub fn enrolment_call(&mut self, request: EnrolRequest) -> Result<Answer, Fault> {
        let call = self.call(Caller::Test);
        self.relay_event(Event::Enrol { call, request });
        self.wait_for(call)
    }

    /// Brings the bytes of an exchange to the relay, as somebody who copied or made them would.
    pub fn exchange_of_a_stranger(&mut self, bytes: Vec<u8>) -> Result<Vec<Message>, Fault> {
        let call = self.call(Caller::Test);
        self.relay_event(Event::Exchange { call, bytes });
        match self.wait_for(call)? {
            Answer::Exchange { messages, .. } => Ok(messages.into_messages()),
            _ => panic!("an exchange is answered by an exchange"),
        }
    }

    fn wait_for(&mut self, call: CallId) -> Result<Answer, Fault> {
        loop {
            if let Some(answer) = self.office.said.remove(&call) {
                return answer;
            }
            assert!(self.step(), "the relay never answered");
        }
    }

    /// Lets the relay's database have no more pages than now, or as many as it wants.
    pub fn fill_relay_disk(&mut self, full: bool) {
        let writer = self.office.writer.as_ref().expect("a relay that runs has a writer");
        let pages = if full { writer.pages().unwrap() } else { u32::MAX - 1 };
        writer.set_quota(pages).unwrap();
        self.office.quota = full.then_some(pages);
    }
}

fn requests_of(bytes: &[u8]) -> Vec<&'static str> {
    let body = codec::from_bytes::<ExchangeRequest>(bytes, limits::FRAME)
        .and_then(|request| codec::from_bytes::<ExchangeBody>(&request.body, limits::FRAME));
    body.map(|body| body.requests.iter().map(asks).collect()).unwrap_or_default()
}

/// A request's kind, for the log.
fn asks(request: &Request) -> &'static str {
    match &request.body {
        RequestBody::Hello { .. } => "hello",
        RequestBody::Stored { .. } => "stored",
        RequestBody::Append { .. } => "append",
        RequestBody::Range { .. } => "range",
        RequestBody::Commit(_) => "commit",
        RequestBody::State { .. } => "state",
        RequestBody::Statements { .. } => "statements",
        RequestBody::Commits { .. } => "commits",
        RequestBody::KeyPackages { .. } => "key packages",
        RequestBody::Reserve { .. } => "reserve",
        RequestBody::Group { .. } => "group",
        RequestBody::Slot { .. } => "slot",
        RequestBody::CommitRefused(_) => "commit refused",
        RequestBody::Check { .. } => "check",
        RequestBody::DatedHead(_) => "dated head",
        RequestBody::Recover { .. } => "recover",
        RequestBody::Bundle(_) => "bundle",
        RequestBody::Acknowledge(_) => "acknowledge",
        RequestBody::Common(_) => "common",
        RequestBody::Answer(_) => "answer",
        RequestBody::Challenge => "challenge",
        RequestBody::Attest(_) => "attest",
        _ => "administration",
    }
}

/// A message's kind, for the log.
fn word(message: &Message) -> String {
    if let Message::Answer { outcome: Outcome::Refused(fault), .. } = message {
        return format!("refusal {}", fault.code);
    }
    let word = match message {
        Message::Answer { .. } => "answer",
        Message::Deliver(_) => "delivery",
        Message::Closed { .. } => "closed",
        Message::Turn { .. } => "turn",
        Message::HistoryTurn { .. } => "history turn",
        Message::Reminder { .. } => "reminder",
        Message::Call { .. } => "call",
        Message::Unanswered { .. } => "unanswered",
        Message::Goodbye(fault) if fault.code == FaultCode::DeviceRevoked => "goodbye, revoked",
        Message::Goodbye(_) => "goodbye",
    };
    word.to_owned()
}
