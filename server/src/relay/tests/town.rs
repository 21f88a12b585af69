//! An organisation with its relay, its clock, and whoever is connected.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use ed25519_dalek::SigningKey;
use estafette_protocol::alias::Aliases;
use estafette_protocol::certificate::Level;
use estafette_protocol::check;
use estafette_protocol::enrol::{
    BeginRequest, CompleteRequest, FoundRequest, InventoryEntry, TicketRequest, TicketSecret, claim_hash,
};
use estafette_protocol::entry::SealedEntry;
use estafette_protocol::frame::{
    AppendResult, CommitUpload, Cursor, Delivery, Message, Outcome, Reply, Request, RequestBody,
};
use estafette_protocol::handshake::{CommitNote, RosterName};
use estafette_protocol::statement::{Act, Class, History, Role, SignedStatement, Signer, Statement};
use estafette_protocol::{
    AuthEpoch, DeviceId, Ed25519Public, EnrolmentId, Fault, FaultCode, Hash, LogGeneration, OrganisationId,
    RosterId, ThreadId, Timestamp, codec,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::Device;
use super::device::{Sender, entry, upload};
use crate::attestation::Rules;
use crate::relay::{Answer, BatchId, CallId, Effect, EnrolRequest, Event, Relay, SessionId, Settings};
use crate::store::sqlite::{Mode, SqliteStore, SqliteWriter};
use crate::store::{Batch, Reader as _, Writer};

/// Monday, 2026-11-02, 00:00 UTC.
pub const START: Timestamp = Timestamp(1_793_577_600_000);
const CLAIM: [u8; 32] = [0xc1; 32];

/// A connected device.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Socket(pub SessionId);

#[derive(Default)]
struct Wire {
    outgoing: Aliases,
    incoming: Aliases,
    next: u32,
    messages: VecDeque<(Message, usize)>,
    checked: VecDeque<Vec<u8>>,
    closed: Option<Fault>,
}

pub struct Town {
    pub now: Timestamp,
    pub relay: Relay,
    pub writer: SqliteWriter,
    pub key: SigningKey,
    pub organisation_key: SigningKey,
    pub admin: Device,
    pub wake: Option<Timestamp>,
    /// While set, batches wait for [`Town::release`].
    pub hold: bool,
    /// Where evidence may end, from the next restart on.
    pub roots: Vec<estafette_attest::TrustedRoot>,
    /// Whether evidence needs a fresh list, from the next restart on.
    pub list_required: bool,
    held: VecDeque<(BatchId, Batch)>,
    store: SqliteStore,
    rng: ChaCha20Rng,
    wires: BTreeMap<SessionId, Wire>,
    replies: BTreeMap<CallId, Result<Answer, Fault>>,
    next: u64,
    chain: Vec<SignedStatement>,
    folder: tempfile::TempDir,
}

impl Town {
    /// A relay whose organisation is not founded yet.
    pub fn unfounded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let claim = claim_hash(&CLAIM);
        let store =
            SqliteStore::create(folder.path(), Mode::Development, LogGeneration([9; 8]), claim).unwrap();
        let key = SigningKey::from_bytes(&[0xee; 32]);
        Self {
            now: START,
            relay: Relay::open(settings(&key, &[], false), Box::new(store.reader().unwrap())).unwrap(),
            writer: store.writer().unwrap(),
            key,
            organisation_key: SigningKey::from_bytes(&[0xdd; 32]),
            admin: Device::new(200),
            wake: None,
            hold: false,
            roots: Vec::new(),
            list_required: false,
            held: VecDeque::new(),
            store,
            rng: ChaCha20Rng::seed_from_u64(7),
            wires: BTreeMap::new(),
            replies: BTreeMap::new(),
            next: 0,
            chain: Vec::new(),
            folder,
        }
    }

    /// A founded organisation with one administrator.
    pub fn new() -> Self {
        let mut town = Self::unfounded();
        let request = town.founding(CLAIM);
        assert!(town.enrol_request(EnrolRequest::Found(Box::new(request))).is_ok());
        town
    }

    /// An organisation with a team's roster in which these devices are members of a founded group.
    pub fn with_team(numbers: &[u8]) -> (Self, Vec<Device>, RosterName) {
        let mut town = Self::new();
        let devices: Vec<_> = numbers.iter().map(|number| town.enrol(Device::new(*number))).collect();
        let roster = town.roster(1, Class::Service, &devices);
        town.found_group(&devices[0], roster, &devices[1..]);
        (town, devices, roster)
    }

    pub fn organisation(&self) -> OrganisationId {
        OrganisationId::of_key(&self.organisation_key.verifying_key().to_bytes())
    }

    /// The request that founds the organisation.
    pub fn founding(&mut self, claim: [u8; 32]) -> FoundRequest {
        let admin = self.admin.clone();
        let organisation_key = Ed25519Public(self.organisation_key.verifying_key().to_bytes());
        let relay_key = Ed25519Public(self.key.verifying_key().to_bytes());
        self.chain.clear();
        self.sign(None, vec![Act::Found { organisation_key, relay_key }]);
        let appoint = Act::SetRole { agent: admin.agent, role: Role::Administrator, teams: Vec::new() };
        self.sign(None, vec![Act::Certify(admin.certificate()), appoint]);
        let enrolment = EnrolmentId([0; 16]);
        FoundRequest {
            claim,
            statements: self.chain.clone(),
            binding: admin.binding(self.organisation(), enrolment, &[0; 32]),
            key_packages: admin.key_packages().into_iter().map(Into::into).collect(),
        }
    }

    /// The next statement of the chain, signed by a device or by the organisation.
    pub fn sign(&mut self, signer: Option<&Device>, acts: Vec<Act>) -> SignedStatement {
        let statement = Statement {
            organisation: self.organisation(),
            number: estafette_protocol::StatementNumber(self.chain.len() as u64),
            previous: self.chain.last().map_or(Hash([0; 32]), SignedStatement::hash),
            at: self.now,
            signer: signer.map_or(Signer::Organisation, |device| Signer::Device(device.id)),
            acts,
        };
        let key = signer.map_or(&self.organisation_key, |device| &device.ed25519);
        let signed = SignedStatement::sign(&statement, key);
        self.chain.push(signed.clone());
        signed
    }

    /// The last statement signed was refused: the next one has its number.
    pub fn forget_last(&mut self) {
        self.chain.pop();
    }

    /// The number of the last statement signed.
    pub fn last(&self) -> estafette_protocol::StatementNumber {
        estafette_protocol::StatementNumber(self.chain.len() as u64 - 1)
    }

    /// States acts as the administrator, whose socket is closed again.
    pub fn state(&mut self, acts: Vec<Act>) {
        let admin = self.admin.clone();
        let statement = self.sign(Some(&admin), acts);
        let socket = self.open(&admin);
        assert_eq!(self.ask(socket, RequestBody::State { statement }), Ok(Reply::Done));
        self.close(socket);
    }

    /// Takes a device through ticket, enrolment and approval.
    pub fn enrol(&mut self, device: Device) -> Device {
        let secret = self.ticket(&device);
        assert!(self.complete(&device, &secret).is_ok());
        self.state(vec![Act::Certify(device.certificate())]);
        device
    }

    /// A ticket for a computer, which brings no evidence.
    pub fn ticket(&mut self, device: &Device) -> TicketSecret {
        self.ticket_for(device, "PC", Level::Supervised)
    }

    pub fn ticket_for(&mut self, device: &Device, model: &str, level: Level) -> TicketSecret {
        let platform = if level == Level::Supervised { "computer" } else { "android" };
        self.ticket_of(device, platform, model, level)
    }

    /// A ticket for a device of any platform.
    pub fn ticket_of(&mut self, device: &Device, platform: &str, model: &str, level: Level) -> TicketSecret {
        let secret = TicketSecret([device.id.0[0]; 16]);
        let entry = InventoryEntry {
            id: device.inventory(),
            agent: device.agent,
            team: None,
            platform: platform.to_owned(),
            model: model.to_owned(),
            serial: Hash([0; 32]),
            level,
        };
        let ticket = TicketRequest {
            enrolment: device.enrolment(),
            inventory: device.inventory(),
            claim: claim_hash(&secret.claim()),
            expires_at: self.now.after(Duration::from_secs(3600)),
        };
        let admin = self.admin.clone();
        let socket = self.open(&admin);
        assert_eq!(self.ask(socket, RequestBody::Inventory { entries: vec![entry] }), Ok(Reply::Done));
        assert_eq!(self.ask(socket, RequestBody::Ticket(ticket)), Ok(Reply::Done));
        self.close(socket);
        secret
    }

    pub fn begin(&mut self, device: &Device, claim: [u8; 32]) -> Result<Answer, Fault> {
        let begin = BeginRequest { organisation: self.organisation(), enrolment: device.enrolment(), claim };
        self.enrol_request(EnrolRequest::Begin(begin))
    }

    pub fn complete(&mut self, device: &Device, secret: &TicketSecret) -> Result<Answer, Fault> {
        self.begin(device, secret.claim())?;
        let request = self.completion(device, secret);
        self.enrol_request(EnrolRequest::Complete(Box::new(request)))
    }

    pub fn completion(&self, device: &Device, secret: &TicketSecret) -> CompleteRequest {
        CompleteRequest {
            organisation: self.organisation(),
            enrolment: device.enrolment(),
            claim: secret.claim(),
            binding: device.binding(self.organisation(), device.enrolment(), &secret.bind()),
            evidence: Vec::new().into(),
            key_packages: device.key_packages().into_iter().map(Into::into).collect(),
        }
    }

    pub fn enrol_request(&mut self, request: EnrolRequest) -> Result<Answer, Fault> {
        let call = self.call();
        self.handle(Event::Enrol { call, request });
        self.replies.remove(&call).unwrap()
    }

    /// An enrolment request that is not waited for; while [`Town::hold`] is set nobody is answered.
    pub fn enrol_later(&mut self, request: EnrolRequest) -> CallId {
        let call = self.call();
        self.handle(Event::Enrol { call, request });
        call
    }

    /// What was answered to a call, if it was.
    pub fn answered(&mut self, call: CallId) -> Option<Result<Answer, Fault>> {
        self.replies.remove(&call)
    }

    /// How many writes wait in each batch.
    pub fn held_writes(&self) -> Vec<usize> {
        self.held.iter().map(|(_, batch)| batch.operations.len()).collect()
    }

    /// Makes a roster and admits devices, who may read everything.
    pub fn roster(&mut self, number: u8, class: Class, members: &[Device]) -> RosterName {
        let roster = RosterId([number; 32]);
        let create = Act::CreateRoster { roster, class, team: None, retention_days: 365 };
        let admit = |device: &Device| Act::Admit { roster, device: device.id, history: History::All };
        self.state(std::iter::once(create).chain(members.iter().map(admit)).collect());
        RosterName::Stated(roster)
    }

    /// Founds a roster's group; its epoch is 1 then.
    pub fn found_group(&mut self, founder: &Device, roster: RosterName, others: &[Device]) {
        let note = CommitNote::Found { at: self.last() };
        let added: Vec<_> = others.iter().map(|device| device.id).collect();
        assert_eq!(self.commit(founder, roster, 0, note, &added, "founding"), Ok(Reply::Done));
    }

    /// Offers a commit over a socket of its own.
    pub fn commit(
        &mut self,
        device: &Device,
        roster: RosterName,
        epoch: u64,
        note: CommitNote,
        added: &[DeviceId],
        own: &str,
    ) -> Result<Reply, Fault> {
        let sender = if matches!(note, CommitNote::Join { .. }) { Sender::NewMember } else { Sender::Member };
        let upload = upload(self.organisation(), roster, epoch, sender, note, added, own);
        self.offer(device, upload)
    }

    pub fn offer(&mut self, device: &Device, upload: CommitUpload) -> Result<Reply, Fault> {
        let socket = self.open(device);
        let answer = self.ask(socket, RequestBody::Commit(upload));
        self.close(socket);
        answer
    }

    pub fn thread(&self, roster: RosterName) -> ThreadId {
        roster.id(self.organisation()).first_thread()
    }

    /// Connects a device.
    pub fn open(&mut self, device: &Device) -> Socket {
        self.open_with(device.id, self.organisation(), AuthEpoch(0))
    }

    pub fn open_with(
        &mut self,
        device: DeviceId,
        organisation: OrganisationId,
        auth_epoch: AuthEpoch,
    ) -> Socket {
        let session = SessionId(self.next);
        self.next += 1;
        self.wires.insert(session, Wire::default());
        self.handle(Event::Opened { session, device, organisation, auth_epoch });
        Socket(session)
    }

    /// Connects a device and starts delivery. Its welcome is read.
    pub fn follow(&mut self, device: &Device, cursor: Cursor) -> Socket {
        let socket = self.open(device);
        assert!(matches!(self.ask(socket, RequestBody::Hello { cursor }), Ok(Reply::Welcome { .. })));
        socket
    }

    pub fn close(&mut self, socket: Socket) {
        self.handle(Event::Closed { session: socket.0 });
    }

    /// Why the relay closed a socket, if it did.
    pub fn closed(&self, socket: Socket) -> Option<FaultCode> {
        self.wires[&socket.0].closed.as_ref().map(|fault| fault.code)
    }

    /// Sends a request and leaves its answer among the messages.
    pub fn send(&mut self, socket: Socket, body: RequestBody) -> u32 {
        let wire = self.wires.get_mut(&socket.0).unwrap();
        let id = wire.next;
        wire.next += 1;
        let mut request = Request { id, body };
        wire.outgoing.shorten(&mut request).unwrap();
        self.send_bytes(socket, codec::to_bytes(&request));
        id
    }

    pub fn send_bytes(&mut self, socket: Socket, bytes: Vec<u8>) {
        self.handle(Event::Frame { session: socket.0, bytes });
    }

    /// Takes the answer to a request out of the messages, if it has come.
    pub fn answer(&mut self, socket: Socket, id: u32) -> Option<Result<Reply, Fault>> {
        let messages = &mut self.wires.get_mut(&socket.0).unwrap().messages;
        let at = messages
            .iter()
            .position(|(message, _)| matches!(message, Message::Answer { id: of, .. } if *of == id))?;
        match messages.remove(at) {
            Some((Message::Answer { outcome: Outcome::Done(reply), .. }, _)) => Some(Ok(reply)),
            Some((Message::Answer { outcome: Outcome::Refused(fault), .. }, _)) => Some(Err(fault)),
            _ => None,
        }
    }

    /// Sends a request and takes its answer.
    pub fn ask(&mut self, socket: Socket, body: RequestBody) -> Result<Reply, Fault> {
        let id = self.send(socket, body);
        self.answer(socket, id).expect("an answer")
    }

    /// Asks on an open socket whether anything is new after a cursor.
    pub fn question(&mut self, socket: Socket, cursor: &Cursor) -> Vec<u8> {
        let bytes = check::question(cursor).to_vec();
        self.handle(Event::Frame { session: socket.0, bytes });
        self.wires.get_mut(&socket.0).unwrap().checked.pop_front().expect("an answer")
    }

    /// Appends entries and gives what became of each.
    pub fn append(&mut self, socket: Socket, entries: Vec<SealedEntry>) -> Vec<AppendResult> {
        let entries = entries.into_iter().map(Into::into).collect();
        match self.ask(socket, RequestBody::Append { entries }) {
            Ok(Reply::Appended { results, .. }) => results,
            other => panic!("not appended: {other:?}"),
        }
    }

    /// Appends many entries of the epoch 1, which all stand.
    pub fn fill(&mut self, device: &Device, thread: ThreadId, uids: std::ops::Range<u32>) {
        let socket = self.open(device);
        for uids in uids.collect::<Vec<_>>().chunks(200) {
            let entries = uids.iter().map(|uid| entry(thread, *uid, 1, &format!("text {uid}"))).collect();
            let results = self.append(socket, entries);
            assert!(results.iter().all(|result| matches!(result, AppendResult::Stands { .. })));
        }
        self.close(socket);
    }

    /// Everything that came and was not taken yet, with the size of each message.
    pub fn messages(&mut self, socket: Socket) -> Vec<(Message, usize)> {
        self.wires.get_mut(&socket.0).unwrap().messages.drain(..).collect()
    }

    /// The deliveries among them; anything else is unexpected.
    pub fn deliveries(&mut self, socket: Socket) -> Vec<Delivery> {
        let only = |(message, _)| match message {
            Message::Deliver(delivery) => delivery,
            other => panic!("not a delivery: {other:?}"),
        };
        self.messages(socket).into_iter().map(only).collect()
    }

    /// Takes deliveries, says that they are stored, and goes on until nothing comes.
    pub fn drain(&mut self, socket: Socket) -> Vec<Delivery> {
        let mut all = Vec::new();
        loop {
            let deliveries = self.deliveries(socket);
            let Some(last) = deliveries.last() else { return all };
            let cursor = last.cursor.clone();
            all.extend(deliveries);
            assert_eq!(self.ask(socket, RequestBody::Stored { cursor }), Ok(Reply::Done));
        }
    }

    /// An exchange of a device, answered.
    pub fn exchange(
        &mut self,
        device: &Device,
        number: u64,
        bodies: Vec<RequestBody>,
    ) -> Result<Vec<Message>, Fault> {
        let bytes = device.exchange(self.organisation(), &self.relay.id(), number, bodies);
        self.exchange_bytes(bytes)
    }

    pub fn exchange_bytes(&mut self, bytes: Vec<u8>) -> Result<Vec<Message>, Fault> {
        let call = self.call();
        self.handle(Event::Exchange { call, bytes });
        let mut incoming = Aliases::default();
        match self.replies.remove(&call).unwrap()? {
            Answer::Exchange { messages, .. } => {
                let mut messages = messages.into_messages();
                messages.iter_mut().for_each(|message| incoming.expand(message).unwrap());
                Ok(messages)
            }
            other => panic!("not an exchange: {other:?}"),
        }
    }

    fn call(&mut self) -> CallId {
        self.next += 1;
        CallId(self.next)
    }

    /// Lets time pass; the relay is woken when it asked for it.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now.after(time);
        while let Some(wake) = self.wake.filter(|wake| *wake <= end) {
            self.now = self.now.max(wake);
            self.wake = None;
            self.handle(Event::Tick { monotonic: None });
        }
        self.now = end;
        self.handle(Event::Tick { monotonic: None });
    }

    /// Executes the batches that waited, all in one transaction.
    pub fn release(&mut self) {
        self.hold = false;
        let (ids, batches): (Vec<_>, Vec<_>) = std::mem::take(&mut self.held).into_iter().unzip();
        let mut outcomes = self.writer.write(&batches).unwrap().into_iter();
        for batch in ids {
            let outcome = Ok(outcomes.next().unwrap());
            self.handle(Event::Committed { batch, outcome });
        }
    }

    /// The relay's process ends; another begins on the same folder. Nobody is connected.
    pub fn restart(&mut self) {
        self.held.clear();
        self.wake = None;
        let reader = Box::new(self.store.reader().unwrap());
        self.relay = Relay::open(settings(&self.key, &self.roots, self.list_required), reader).unwrap();
    }

    /// Every line of the audit that is durable.
    pub fn audit(&self) -> Vec<crate::audit::Line> {
        let rows = self.reader().audit(0, 100_000).unwrap();
        rows.iter().map(|row| codec::from_bytes(&row.body, usize::MAX).unwrap()).collect()
    }

    /// Where the database is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Reads what is durable.
    pub fn reader(&self) -> crate::store::sqlite::SqliteReader {
        self.store.reader().unwrap()
    }

    /// The database in the hands of whoever owns the machine.
    pub fn sql(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join(crate::store::sqlite::FILE)).unwrap()
    }

    pub fn handle(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for effect in self.relay.handle(self.now, &mut self.rng, event) {
                match effect {
                    Effect::Send { session, bytes } => {
                        let wire = self.wires.get_mut(&session).unwrap();
                        assert!(wire.closed.is_none(), "bytes for a closed socket");
                        let bytes = bytes.into_bytes();
                        if bytes == check::NOTHING || bytes == check::NEWS {
                            wire.checked.push_back(bytes);
                            continue;
                        }
                        let mut message = Message::from_bytes(&bytes).unwrap();
                        wire.incoming.expand(&mut message).unwrap();
                        wire.messages.push_back((message, bytes.len()));
                    }
                    Effect::Reply { call, answer } => {
                        assert!(self.replies.insert(call, answer).is_none(), "two replies to one call");
                    }
                    Effect::Commit { id, batch } if self.hold => self.held.push_back((id, batch)),
                    Effect::Commit { id: batch, batch: writes } => {
                        let outcome = self.writer.write(&[writes]).map(|mut outcomes| outcomes.remove(0));
                        events.push_back(Event::Committed { batch, outcome });
                    }
                    Effect::Close { session, fault } => {
                        self.wires.get_mut(&session).unwrap().closed = Some(fault);
                    }
                    Effect::Wake { .. } => {}
                    Effect::WakeAt(at) => self.wake = Some(at),
                }
            }
        }
    }
}

fn settings(key: &SigningKey, roots: &[estafette_attest::TrustedRoot], list_required: bool) -> Settings {
    let policy = estafette_attest::development::policy();
    let apple = estafette_attest::development::apple_rules();
    let rules = Rules { roots: roots.to_vec(), policy, apple, list_required };
    Settings { key: key.clone(), rules, development: true, wake_up_hosts: vec!["push.example.fr".to_owned()] }
}
