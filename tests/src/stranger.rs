//! What a broken or hostile peer can send, to the relay and to a device.

use std::collections::BTreeMap;
use std::path::Path;

use ed25519_dalek::SigningKey;
use estafette_core::engine::{Command, CommandAnswer, Engine, Input, LinkInput, When};
use estafette_core::store::{StoreError, outbox};
use estafette_protocol::entry::{Deed, Operation, WireEntry};
use estafette_protocol::exchange::{ExchangeBody, ExchangeRequest, Proof};
use estafette_protocol::frame::{Message, Outcome, Reply, Request, RequestBody};
use estafette_protocol::statement::{Act, SignedStatement, Signer, Statement};
use estafette_protocol::{
    AuthEpoch, EntryUid, Fault, Hash, Signature, StatementNumber, ThreadId, Timestamp, codec, limits,
};
use estafette_server::relay::Event;

use crate::device::Phone;
use crate::queue::Up;
use crate::world::World;

/// Changes what the relay says before a device hears it.
pub type Tamper = Box<dyn FnMut(&mut Message)>;

/// What was said and heard, for tests that ask.
#[derive(Default)]
pub(crate) struct Wire {
    /// What the relay said to each device since somebody listens.
    pub heard: Option<BTreeMap<usize, Vec<Message>>>,
    /// What each device has put on its way since then, and when.
    pub said: BTreeMap<usize, Vec<(Timestamp, Vec<u8>)>>,
    /// The last exchange of each device.
    pub exchanges: BTreeMap<usize, Vec<u8>>,
    pub tampers: BTreeMap<usize, Tamper>,
}

impl World {
    /// From now on what the relay says is kept for [`Self::heard`], and what devices say for
    /// [`Self::said`]; what was kept is forgotten.
    pub fn listen(&mut self) {
        self.wire.heard = Some(BTreeMap::new());
        self.wire.said.clear();
    }

    /// All that a device has put on its way since [`Self::listen`], and when.
    pub fn said(&self, phone: Phone) -> Vec<(Timestamp, Vec<u8>)> {
        self.wire.said.get(&phone.0).cloned().unwrap_or_default()
    }

    pub(crate) fn keep_said(&mut self, device: usize, what: &Up) {
        if self.wire.heard.is_none() {
            return;
        }
        let bytes = match what {
            Up::Exchange(bytes) | Up::ExchangeAgain(bytes) | Up::Frame(bytes) => bytes.clone(),
            Up::OpenSocket(token) => token.clone().into_bytes(),
            Up::Closed => Vec::new(),
        };
        self.wire.said.entry(device).or_default().push((self.now, bytes));
    }

    /// What the relay has said to a device since [`Self::listen`].
    pub fn heard(&self, phone: Phone) -> Vec<Message> {
        self.wire.heard.as_ref().and_then(|heard| heard.get(&phone.0)).cloned().unwrap_or_default()
    }

    pub(crate) fn keep_heard(&mut self, device: usize, message: &Message) {
        if let Some(heard) = &mut self.wire.heard {
            heard.entry(device).or_default().push(message.clone());
        }
    }

    /// The bytes of a device's last exchange, as somebody on the way would have copied them.
    pub fn copied_exchange(&self, phone: Phone) -> Vec<u8> {
        self.wire.exchanges.get(&phone.0).cloned().expect("an exchange")
    }

    /// Puts somebody between the relay and a device. Only sound where the message names threads
    /// in full or not at all.
    pub fn tamper(&mut self, phone: Phone, tamper: Tamper) {
        self.wire.tampers.insert(phone.0, tamper);
    }

    /// Has a device say something that its own commands would refuse, in a thread of its own.
    pub fn say_by_hand(&mut self, phone: Phone, thread: ThreadId, deed: Deed) -> EntryUid {
        let uid = EntryUid(self.random());
        let item = deed.item();
        let operation = codec::to_bytes(&Operation { written_at: self.now, deed });
        let database = self.database(phone);
        let query = "SELECT id FROM thread WHERE uid = ?1";
        let row: i64 = database.query_row(query, [&thread.0[..]], |row| row.get(0)).unwrap();
        outbox::insert(&database, uid, row, &operation, Timestamp(0), item).unwrap();
        self.inputs(phone.0, vec![Input::Tick]);
        uid
    }

    /// The honest network again.
    pub fn stop_tampering(&mut self, phone: Phone) {
        self.wire.tampers.remove(&phone.0);
    }

    /// Whether the relay holds a socket of a device.
    pub fn is_connected(&self, phone: Phone) -> bool {
        self.office.sessions.values().any(|id| {
            self.connections
                .get(id)
                .is_some_and(|connection| connection.device == phone.0 && connection.at_relay)
        })
    }

    /// Brings bytes to the relay on a device's open socket.
    pub fn inject(&mut self, phone: Phone, bytes: Vec<u8>) {
        let session =
            self.office.sessions.iter().find(|(_, id)| {
                self.connections.get(id).is_some_and(|connection| connection.device == phone.0)
            });
        let session = *session.expect("an open socket").0;
        self.relay_event(Event::Frame { session, bytes });
    }

    /// Brings bytes to a device on its open socket.
    pub fn inject_to_device(&mut self, phone: Phone, bytes: Vec<u8>) {
        self.device_input(phone.0, LinkInput::Frame(bytes));
    }

    /// An exchange as a device's hardware would sign it, with a request number of the caller's.
    pub fn signed_exchange(&self, phone: Phone, number: u64, requests: Vec<RequestBody>) -> Vec<u8> {
        let requests = (0..).zip(requests).map(|(id, body)| Request { id, body }).collect();
        let body = codec::to_bytes(&ExchangeBody { requests });
        let mut proof = Proof {
            organisation: self.organisation.id,
            device: self.device_id(phone),
            auth_epoch: AuthEpoch(0),
            number,
            signature: Signature([0; 64]),
        };
        let relay = Hash::of(&[self.office.key.verifying_key().as_bytes()]);
        proof.signature = self.devices[phone.0].passport.hardware.sign(&proof.message(&relay, &body));
        codec::to_bytes(&ExchangeRequest { proof, body: body.into() })
    }

    /// What becomes of each request that a device's owner puts on the wire by hand.
    pub fn by_hand(
        &mut self,
        phone: Phone,
        requests: Vec<RequestBody>,
    ) -> Result<Vec<Result<Reply, Fault>>, Fault> {
        // Above whatever the engine has used; it hears so and goes on from there.
        self.next_by_hand += 1000;
        let bytes = self.signed_exchange(phone, self.next_by_hand, requests);
        let messages = self.exchange_of_a_stranger(bytes)?;
        let outcomes = messages.into_iter().filter_map(|message| match message {
            Message::Answer { outcome: Outcome::Done(reply), .. } => Some(Ok(reply)),
            Message::Answer { outcome: Outcome::Refused(fault), .. } => Some(Err(fault)),
            _ => None,
        });
        Ok(outcomes.collect())
    }

    /// Makes what a device has written and not sent into another deed, as altered software would say it.
    pub fn rewrite_outbox(&self, author: Phone, uid: EntryUid, deed: Deed) {
        let operation = codec::to_bytes(&Operation { written_at: self.now, deed });
        let query = "UPDATE outbox SET operation = ?2 WHERE uid = ?1 AND state = 0";
        let changed = self.database(author).execute(query, (&uid.0[..], operation)).unwrap();
        assert_eq!(changed, 1, "it has left");
    }

    /// An entry as its author's device has sealed it last.
    pub fn sealed_entry(&self, author: Phone, uid: EntryUid) -> WireEntry {
        let database = self.database(author);
        let query = "SELECT entry FROM outbox WHERE uid = ?1";
        let bytes: Vec<u8> = database.query_row(query, [&uid.0[..]], |row| row.get(0)).unwrap();
        codec::from_bytes(&bytes, limits::FRAME).unwrap()
    }

    /// A statement by a device as the next of the chain, or so many too late.
    pub fn statement(&self, phone: Phone, skipped: u64, acts: Vec<Act>) -> SignedStatement {
        let (number, previous) = self.registry().next_link();
        let statement = Statement {
            organisation: self.organisation.id,
            number: StatementNumber(number.0 + skipped),
            previous,
            at: self.now,
            signer: Signer::Device(self.device_id(phone)),
            acts,
        };
        SignedStatement::sign(&statement, &self.engine(phone).identity().signing_key())
    }

    /// The same words in another device's name and under its key.
    pub fn signed_by(&self, phone: Phone, signed: &SignedStatement) -> SignedStatement {
        let statement = signed.statement().unwrap();
        let statement = Statement { signer: Signer::Device(self.device_id(phone)), ..statement };
        SignedStatement::sign(&statement, &self.engine(phone).identity().signing_key())
    }

    /// A device's key for entries and statements.
    pub fn signing_key(&self, phone: Phone) -> SigningKey {
        self.engine(phone).identity().signing_key()
    }

    /// All that the relay keeps.
    pub fn relay_folder(&self) -> &Path {
        &self.office.folder
    }

    fn engine(&self, phone: Phone) -> &Engine {
        self.devices[phone.0].engine.as_ref().expect("the device runs")
    }

    /// Lets a device's database grow no more, or as it wants.
    pub fn fill_device_disk(&mut self, phone: Phone, full: bool) {
        let engine = self.devices[phone.0].engine.as_ref().expect("the device runs");
        engine.set_quota(full.then_some(1)).unwrap();
    }

    /// Writes into the team's thread where the disk may be full.
    pub fn write_if_it_fits(&mut self, phone: Phone, text: &str) -> Result<EntryUid, Fault> {
        let before = self.ledger.trouble.len();
        let thread = self.team_thread();
        let command = Command::Write {
            thread,
            text: text.to_owned(),
            parents: vec![],
            mentions: Vec::new(),
            when: When::Now,
        };
        let id = self.command(phone, command);
        match self.answer(phone, id) {
            Some(CommandAnswer::Written { uid, .. }) => {
                self.ledger.written(phone, thread, uid, text);
                Ok(uid)
            }
            None => Err(self.ledger.trouble[before..].last().expect("a reason").2.clone()),
            other => panic!("a write was answered by {other:?}"),
        }
    }

    /// Transactions given up until now were to be expected.
    pub fn forgive_trouble(&mut self) {
        self.ledger.trouble.clear();
    }

    /// Makes a device's database one of a later version, whose number comes back.
    pub fn from_the_future(&mut self, phone: Phone) -> i64 {
        let database = self.database(phone);
        database.pragma_update(None, "user_version", 999).unwrap();
        self.views.borrow_mut().clear();
        999
    }

    /// Starts a device's engine on its files, as far as they allow.
    pub fn try_open(&self, phone: Phone) -> Result<(), StoreError> {
        let device = &self.devices[phone.0];
        Engine::open(&device.path, &device.passport.key).map(drop)
    }
}
