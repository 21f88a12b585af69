//! A device without a database: keys, a proof, a socket. A thousand of them fit into one process,
//! and what they send was sealed before, so that what is measured is the relay.

use std::time::Duration;

use estafette_attest::development::DevelopmentAttestor;
use estafette_attest::{Role, challenge};
use estafette_core::enrol;
use estafette_core::identity::DeviceKey as _;
use estafette_core::net::{Connection, Endpoint, Socket};
use estafette_core::seal::{self, EpochSecret};
use estafette_protocol::announcement::Announced;
use estafette_protocol::enrol::{
    BeginRequest, Binding, CompleteRequest, SignedBinding, binding_mac, claim_hash,
};
use estafette_protocol::entry::{
    Deed, EntryKind, Header, ItemKind, Operation, Payload, Place, SealedEntry, Urgency, VERSION, WireEntry,
};
use estafette_protocol::exchange::{ExchangeBody, ExchangeRequest, ExchangeResponse, Proof};
use estafette_protocol::frame::{
    CommitUpload, Cursor, Delivery, Message, Outcome, Reply, Request, RequestBody,
};
use estafette_protocol::handshake::{CommitNote, RosterName};
use estafette_protocol::sign::{self, Domain};
use estafette_protocol::{
    AgentNumber, AuthEpoch, DeviceId, Ed25519Public, EntryUid, Epoch, Hash, LogGeneration, OrganisationId,
    Position, RosterGeneration, RosterId, Salt, Signature, StatementNumber, Timestamp, X25519Public, codec,
};
use rand_chacha::ChaCha20Rng;
use rand_core::RngCore as _;

use super::BenchError;
use crate::clock;
use crate::replay::office::{PHONE, Seat};
use crate::software_key::SoftwareKey;

/// How long an answer is waited for.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// A hundred characters as an agent writes them; accents take two bytes.
pub const TEXT: &str =
    "Vanne fermée rue des Lilas, la pression est revenue à la normale. Équipe libre, retour au dépôt 16 h";

/// A device.
pub struct Terminal {
    /// Its name.
    pub device: DeviceId,
    /// Whose it is.
    pub agent: AgentNumber,
    organisation: OrganisationId,
    relay: Hash,
    es256: SoftwareKey,
    ed25519: ed25519_dalek::SigningKey,
    number: u64,
    /// Everything up to here was received.
    pub cursor: Cursor,
    /// The last statement that the relay held at the last contact.
    pub statement: StatementNumber,
}

impl Terminal {
    /// Enrols with evidence under the development root; waits for its approval.
    pub async fn enrol(
        seat: &Seat,
        connection: &mut Connection,
        attestor: &DevelopmentAttestor,
        rng: &mut ChaCha20Rng,
    ) -> Result<Self, BenchError> {
        let ticket = &seat.ticket;
        let key = ticket.organisation_key.ok_or_else(|| BenchError::other("a ticket that enrols nobody"))?;
        let organisation = OrganisationId::of_key(&key.0);
        let (enrolment, claim) = (ticket.enrolment, ticket.secret.claim());
        let begun = enrol::begin(connection, &BeginRequest { organisation, enrolment, claim }).await?;
        let es256 = SoftwareKey::draw(rng);
        let ed25519 = ed25519_dalek::SigningKey::from_bytes(&random(rng));
        let device = DeviceId(random(rng));
        // The relay keeps key packages and does not understand them.
        let key_packages = vec![random::<64>(rng).to_vec().into()];
        let body = codec::to_bytes(&Binding {
            organisation,
            enrolment,
            device,
            es256: es256.public(),
            ed25519: Ed25519Public(ed25519.verifying_key().to_bytes()),
            x25519: X25519Public(random(rng)),
            key_packages: key_packages
                .iter()
                .map(|package: &minicbor::bytes::ByteVec| Hash::of(&[package]))
                .collect(),
        });
        let binding = SignedBinding {
            es256: es256.sign(&Domain::Enrolment.message(&[&body]))?,
            ed25519: Signature(sign::ed25519(&ed25519, Domain::Enrolment, &[&body])),
            mac: binding_mac(&ticket.secret.bind(), &body).into(),
            body: body.into(),
        };
        let asked = challenge(&begun.relay.0, &enrolment, &begun.nonce, &claim_hash(&claim).0, Role::Device);
        let evidence = attestor.attest(es256.verifying_key(), &asked, PHONE).to_bytes().into();
        let complete = CompleteRequest { organisation, enrolment, claim, binding, evidence, key_packages };
        connection.post("/v1/enrol/complete", codec::to_bytes(&complete), PATIENCE).await?;
        Ok(Self {
            device,
            agent: seat.agent,
            organisation,
            relay: begun.relay,
            es256,
            ed25519,
            number: 0,
            cursor: Cursor::default(),
            statement: StatementNumber(0),
        })
    }

    /// One signed exchange.
    pub async fn exchange(
        &mut self,
        connection: &mut Connection,
        bodies: Vec<RequestBody>,
    ) -> Result<ExchangeResponse, BenchError> {
        let requests = (1..).zip(bodies).map(|(id, body)| Request { id, body }).collect();
        let body = codec::to_bytes(&ExchangeBody { requests });
        self.number += 1;
        let mut proof = Proof {
            organisation: self.organisation,
            device: self.device,
            auth_epoch: AuthEpoch(0),
            number: self.number,
            signature: Signature([0; 64]),
        };
        proof.signature = self.es256.sign(&proof.message(&self.relay, &body))?;
        let request = codec::to_bytes(&ExchangeRequest { proof, body: body.into() });
        let answer = connection.post("/v1/exchange", request, PATIENCE).await?;
        let response: ExchangeResponse =
            codec::from_bytes(&answer, estafette_protocol::limits::FRAME).map_err(BenchError::other)?;
        let refused = response.messages.iter().find_map(|message| match message {
            Message::Answer { outcome: Outcome::Refused(fault), .. } => Some(fault.clone()),
            _ => None,
        });
        refused.map_or(Ok(()), Err)?;
        Ok(response)
    }

    /// Receives until nothing more waits, and keeps the cursor.
    pub async fn catch_up(&mut self, connection: &mut Connection) -> Result<(), BenchError> {
        loop {
            let hello = RequestBody::Hello { cursor: self.cursor.clone() };
            let mut more = false;
            for message in self.exchange(connection, vec![hello]).await?.messages {
                match message {
                    Message::Deliver(Delivery { cursor, more: waiting, .. }) => {
                        (self.cursor, more) = (cursor, waiting)
                    }
                    Message::Answer { outcome: Outcome::Done(Reply::Welcome { statement, .. }), .. } => {
                        self.statement = statement;
                    }
                    _ => {}
                }
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// Opens the socket and starts delivery from where this device is.
    pub async fn open(&mut self, endpoint: &Endpoint) -> Result<Socket, BenchError> {
        let mut connection = Connection::open(endpoint, PATIENCE).await?;
        let response = self.exchange(&mut connection, Vec::new()).await?;
        let token = response.token.ok_or_else(|| BenchError::other("the relay gives no token"))?;
        let mut socket = connection.into_socket(&token, PATIENCE).await?;
        let hello = Request { id: 1, body: RequestBody::Hello { cursor: self.cursor.clone() } };
        socket.sender.send(codec::to_bytes(&hello), PATIENCE).await?;
        Ok(socket)
    }

    /// The founding of a roster's group with these others, as far as the relay can see one.
    pub fn founding(&self, roster: RosterId, others: &[DeviceId]) -> RequestBody {
        let note = codec::to_bytes(&CommitNote::Found { at: self.statement });
        let group = roster.group(RosterGeneration(0));
        let mut commit = vec![0, 1, 0, 1];
        // Both vectors are shorter than 64 bytes: one byte is their length.
        commit.extend(std::iter::once(group.len() as u8).chain(group));
        commit.extend([0; 8]); // The epoch that it ends.
        commit.extend([1, 0, 0, 0, 0]); // By the member with leaf 0.
        commit.extend(std::iter::once(note.len() as u8).chain(note));
        commit.push(3); // A commit.
        RequestBody::Commit(CommitUpload {
            roster: RosterName::Stated(roster),
            commit: commit.into(),
            welcomes: others.iter().map(|device| (*device, vec![0; 1024].into())).collect(),
            key_packages: Vec::new(),
            group_info: vec![0; 512].into(),
            tree: vec![0; 4096].into(),
        })
    }

    /// A message of [`TEXT`], sealed under some secret in the first epoch of a founded group.
    pub fn sealed(&self, roster: RosterId, rng: &mut ChaCha20Rng) -> Result<WireEntry, BenchError> {
        seal(self.device, &self.ed25519, roster, rng).map(Into::into)
    }
}

/// A sealed message as the engine makes them.
pub fn seal(
    author: DeviceId,
    key: &ed25519_dalek::SigningKey,
    roster: RosterId,
    rng: &mut ChaCha20Rng,
) -> Result<SealedEntry, BenchError> {
    let deed = Deed::Create {
        kind: ItemKind::Message,
        content: TEXT.as_bytes().to_vec().into(),
        parents: None,
        mentions: None,
    };
    seal_for(author, key, deed, roster, None, rng)
}

/// Another deed of a terminal; an announcement's header says which, and until when it is wanted.
pub fn seal_deed(
    author: &Terminal,
    deed: Deed,
    roster: RosterId,
    announced: Option<(Announced, Timestamp)>,
    rng: &mut ChaCha20Rng,
) -> Result<SealedEntry, BenchError> {
    seal_for(author.device, &author.ed25519, deed, roster, announced, rng)
}

fn seal_for(
    author: DeviceId,
    key: &ed25519_dalek::SigningKey,
    deed: Deed,
    roster: RosterId,
    announced: Option<(Announced, Timestamp)>,
    rng: &mut ChaCha20Rng,
) -> Result<SealedEntry, BenchError> {
    let payload = Payload {
        author,
        statement: StatementNumber(100),
        operation: codec::to_bytes(&Operation { written_at: clock::now(), deed }).into(),
        place: Some(Place { generation: LogGeneration([7; 8]), position: Position(1000), chain: [7; 8] }),
    };
    let header = Header {
        version: VERSION,
        urgency: Urgency::Normal,
        kind: EntryKind::Create,
        thread: roster.first_thread(),
        generation: RosterGeneration(0),
        epoch: Epoch(1),
        uid: EntryUid(random(rng)),
        salt: Salt(random(rng)),
        acknowledgement_due: announced.map(|(_, due)| due),
        escalation_minutes: None,
        announced: announced.map(|(announced, _)| announced),
        terms: None,
    };
    seal::seal(&EpochSecret::new([7; 32]), header, &payload, key).map_err(BenchError::other)
}

/// Random bytes.
pub fn random<const N: usize>(rng: &mut ChaCha20Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_measured_has_a_hundred_characters() {
        assert_eq!(TEXT.chars().count(), 100);
    }
}
