//! What a broken or hostile peer can send, to the relay and to a device.

use std::collections::BTreeMap;

use estafette_core::engine::LinkInput;
use estafette_protocol::exchange::{ExchangeBody, ExchangeRequest, Proof};
use estafette_protocol::frame::{Message, Outcome, Reply, Request, RequestBody};
use estafette_protocol::{AuthEpoch, Fault, Hash, Signature, codec};
use estafette_server::relay::Event;

use crate::device::Phone;
use crate::world::World;

/// Changes what the relay says before a device hears it.
pub type Tamper = Box<dyn FnMut(&mut Message)>;

/// What was said and heard, for tests that ask.
#[derive(Default)]
pub(crate) struct Wire {
    /// What the relay said to each device since somebody listens.
    pub heard: Option<BTreeMap<usize, Vec<Message>>>,
    /// The last exchange of each device.
    pub exchanges: BTreeMap<usize, Vec<u8>>,
    pub tampers: BTreeMap<usize, Tamper>,
}

impl World {
    /// From now on what the relay says is kept for [`Self::heard`]; what was kept is forgotten.
    pub fn listen(&mut self) {
        self.wire.heard = Some(BTreeMap::new());
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

    /// The honest network again.
    pub fn stop_tampering(&mut self, phone: Phone) {
        self.wire.tampers.remove(&phone.0);
    }

    /// Whether the relay holds a socket of a device.
    pub fn is_connected(&self, phone: Phone) -> bool {
        self.office.sessions.values().any(|id| {
            self.connections.get(id).is_some_and(|connection| connection.device == phone.0 && connection.at_relay)
        })
    }

    /// Brings bytes to the relay on a device's open socket.
    pub fn inject(&mut self, phone: Phone, bytes: Vec<u8>) {
        let session = self.office.sessions.iter().find(|(_, id)| {
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
    pub fn by_hand(&mut self, phone: Phone, requests: Vec<RequestBody>) -> Result<Vec<Result<Reply, Fault>>, Fault> {
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
}
