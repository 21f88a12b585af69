//! An organisation and its devices, as far as the relay sees them: keys, statements, requests.
//!
//! Keys and ids come from a seeded generator, so that a failing test fails again.

use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::enrol::{
    BeginRequest, BeginResponse, Binding, CompleteRequest, EnrolmentState, FoundRequest, InventoryEntry,
    SignedBinding, Ticket, TicketRequest, TicketSecret, binding_mac, claim_hash,
};
use estafette_protocol::exchange::{ExchangeBody, ExchangeRequest, ExchangeResponse, Proof};
use estafette_protocol::frame::{Message, Outcome, Reply, Request, RequestBody};
use estafette_protocol::hours::{Calendar, DutyPeriod, Period};
use estafette_protocol::sign::{self, Domain};
use estafette_protocol::statement::{
    Act, HoursScope, RevocationReason, Role, SignedStatement, Signer, Statement,
};
use estafette_protocol::{
    AgentNumber, AuthEpoch, DeviceId, Ed25519Public, EnrolmentId, Es256Public, Fault, Hash, InventoryId,
    OrganisationId, Signature, StatementNumber, Timestamp, X25519Public, codec,
};
use estafette_server::serve::RunningRelay;
use p256::ecdsa::signature::Signer as _;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};

use crate::client::{Answer, Connection};
use crate::running::connect;

/// A device: its keys and its request number.
pub struct Device {
    pub id: DeviceId,
    pub organisation: OrganisationId,
    pub relay: Hash,
    pub agent: AgentNumber,
    pub inventory: InventoryId,
    pub number: u64,
    pub es256: p256::ecdsa::SigningKey,
    pub ed25519: ed25519_dalek::SigningKey,
    x25519: X25519Public,
    key_packages: Vec<Vec<u8>>,
}

/// An organisation with its key, its first administrator and the end of its chain.
pub struct Organisation {
    pub id: OrganisationId,
    pub admin: Device,
    pub rng: ChaCha20Rng,
    next: (StatementNumber, Hash),
}

/// A ticket's content and the inventory entry that it is for.
pub struct Invitation {
    pub enrolment: EnrolmentId,
    pub secret: TicketSecret,
    pub inventory: InventoryEntry,
}

fn bytes<const LEN: usize>(rng: &mut ChaCha20Rng) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    rng.fill_bytes(&mut bytes);
    bytes
}

/// Far in the past, so that no clock of a test machine comes before it.
const AT: Timestamp = Timestamp(1_767_225_600_000);

impl Device {
    fn new(rng: &mut ChaCha20Rng, organisation: OrganisationId, relay: Hash, agent: u32) -> Self {
        Self {
            id: DeviceId(bytes(rng)),
            organisation,
            relay,
            agent: AgentNumber(agent),
            inventory: InventoryId(bytes(rng)),
            number: 0,
            es256: p256::ecdsa::SigningKey::random(rng),
            ed25519: ed25519_dalek::SigningKey::from_bytes(&bytes(rng)),
            x25519: X25519Public(bytes(rng)),
            key_packages: (0..3).map(|_| bytes::<64>(rng).to_vec()).collect(),
        }
    }

    fn es256_public(&self) -> Es256Public {
        let point = self.es256.verifying_key().to_encoded_point(true);
        Es256Public::from_slice(point.as_bytes()).unwrap()
    }

    pub fn certificate(&self) -> Certificate {
        Certificate {
            device: self.id,
            agent: self.agent,
            es256: self.es256_public(),
            ed25519: Ed25519Public(self.ed25519.verifying_key().to_bytes()),
            x25519: self.x25519,
            level: Level::Supervised,
            inventory: self.inventory,
        }
    }

    fn binding(&self, enrolment: EnrolmentId, bind: Option<&[u8; 32]>) -> SignedBinding {
        let binding = Binding {
            organisation: self.organisation,
            enrolment,
            device: self.id,
            es256: self.es256_public(),
            ed25519: Ed25519Public(self.ed25519.verifying_key().to_bytes()),
            x25519: self.x25519,
            key_packages: self.key_packages.iter().map(|package| Hash::of(&[package])).collect(),
        };
        let body = codec::to_bytes(&binding);
        let es256: p256::ecdsa::Signature = self.es256.sign(&Domain::Enrolment.message(&[&body]));
        SignedBinding {
            es256: Signature(es256.to_bytes().into()),
            ed25519: Signature(sign::ed25519(&self.ed25519, Domain::Enrolment, &[&body])),
            mac: bind.map(|bind| binding_mac(bind, &body)).unwrap_or_default().into(),
            body: body.into(),
        }
    }

    fn packages(&self) -> Vec<minicbor::bytes::ByteVec> {
        self.key_packages.iter().cloned().map(Into::into).collect()
    }

    /// A signed exchange under the next request number.
    pub fn signed(&mut self, requests: Vec<RequestBody>) -> ExchangeRequest {
        self.number += 1;
        let requests = (0..).zip(requests).map(|(id, body)| Request { id, body }).collect();
        let body = codec::to_bytes(&ExchangeBody { requests });
        let mut proof = Proof {
            organisation: self.organisation,
            device: self.id,
            auth_epoch: AuthEpoch(0),
            number: self.number,
            signature: Signature([0; 64]),
        };
        let signature: p256::ecdsa::Signature = self.es256.sign(&proof.message(&self.relay, &body));
        proof.signature = Signature(signature.to_bytes().into());
        ExchangeRequest { proof, body: body.into() }
    }

    pub async fn post(&mut self, connection: &mut Connection, requests: Vec<RequestBody>) -> Answer {
        connection.post_value("/v1/exchange", &self.signed(requests)).await
    }

    /// An exchange that succeeds.
    pub async fn exchange(
        &mut self,
        connection: &mut Connection,
        requests: Vec<RequestBody>,
    ) -> ExchangeResponse {
        self.post(connection, requests).await.read()
    }

    /// One request and how it ended.
    pub async fn ask(&mut self, connection: &mut Connection, request: RequestBody) -> Result<Reply, Fault> {
        let response = self.exchange(connection, vec![request]).await;
        let outcome = response.messages.into_iter().find_map(|message| match message {
            Message::Answer { outcome, .. } => Some(outcome),
            _ => None,
        });
        match outcome.expect("every request is answered") {
            Outcome::Done(reply) => Ok(reply),
            Outcome::Refused(fault) => Err(fault),
        }
    }

    /// A token for the socket of this connection.
    pub async fn token(&mut self, connection: &mut Connection) -> String {
        self.exchange(connection, vec![]).await.token.unwrap()
    }
}

impl Organisation {
    /// Founds an organisation with a claim ticket: statements 0 and 1, then hours without end.
    pub async fn found(relay: &RunningRelay, ticket: &Ticket, seed: u64) -> Self {
        Self::found_at(connect(relay).await, ticket, seed).await
    }

    /// The same on a connection.
    pub async fn found_at(mut connection: Connection, ticket: &Ticket, seed: u64) -> Self {
        let (mut organisation, request) = Self::prepare(ticket, seed);
        let state: EnrolmentState = connection.post_value("/v1/found", &request).await.read();
        assert_eq!(state, EnrolmentState::Active);
        let scope = HoursScope::Organisation;
        let calendar = Calendar::always_open("Europe/Paris");
        organisation.state(&mut connection, vec![Act::SetCalendar { scope, calendar }]).await;
        organisation
    }

    /// The founding request, not sent yet.
    pub fn prepare(ticket: &Ticket, seed: u64) -> (Self, FoundRequest) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let key = ed25519_dalek::SigningKey::from_bytes(&bytes(&mut rng));
        let organisation_key = Ed25519Public(key.verifying_key().to_bytes());
        let relay_key = ticket.relay_key.unwrap();
        let id = OrganisationId::of_key(&organisation_key.0);
        let admin = Device::new(&mut rng, id, Hash::of(&[&relay_key.0]), 1);
        let mut organisation = Self { id, admin, rng, next: (StatementNumber(0), Hash([0; 32])) };
        let founding = vec![Act::Found { organisation_key, relay_key }];
        let role = Act::SetRole { agent: AgentNumber(1), role: Role::Administrator, teams: vec![] };
        let appointing = vec![role, Act::Certify(organisation.admin.certificate())];
        let statements =
            [founding, appointing].map(|acts| organisation.sign(Signer::Organisation, acts, &key));
        let binding = organisation.admin.binding(EnrolmentId([0; 16]), None);
        let key_packages = organisation.admin.packages();
        let claim = ticket.secret.claim();
        (organisation, FoundRequest { claim, statements: statements.into(), binding, key_packages })
    }

    fn sign(&mut self, signer: Signer, acts: Vec<Act>, key: &ed25519_dalek::SigningKey) -> SignedStatement {
        let (number, previous) = self.next;
        let statement = Statement { organisation: self.id, number, previous, at: AT, signer, acts };
        let signed = SignedStatement::sign(&statement, key);
        self.next = (number.next(), signed.hash());
        signed
    }

    /// A statement of the administrator's device.
    pub async fn state(&mut self, connection: &mut Connection, acts: Vec<Act>) {
        let key = self.admin.ed25519.clone();
        let statement = self.sign(Signer::Device(self.admin.id), acts, &key);
        let reply = self.admin.ask(connection, RequestBody::State { statement }).await;
        assert_eq!(reply, Ok(Reply::Done));
    }

    /// A statement of some 50 kB.
    pub async fn long_statement(&mut self, connection: &mut Connection) {
        let duty = |number: u64| Act::AddDuty {
            agent: AgentNumber(1),
            duty: DutyPeriod {
                period: Period { from: Timestamp(number), until: Timestamp(number + 1) },
                author: AgentNumber(1),
                reason: "é".repeat(80),
            },
        };
        self.state(connection, (0..250).map(duty).collect()).await;
    }

    /// An inventory entry for a computer and its ticket, told to the relay.
    pub async fn invite(&mut self, connection: &mut Connection, agent: u32) -> Invitation {
        self.invite_model(connection, agent, "Latitude").await
    }

    /// The same for a model.
    pub async fn invite_model(&mut self, connection: &mut Connection, agent: u32, model: &str) -> Invitation {
        self.invite_device(connection, agent, model, ("computer", Level::Supervised)).await
    }

    /// The same for a phone of a model.
    #[cfg(feature = "dev-attestation")]
    pub async fn invite_phone(
        &mut self,
        connection: &mut Connection,
        agent: u32,
        model: &str,
        level: Level,
    ) -> Invitation {
        self.invite_device(connection, agent, model, ("android", level)).await
    }

    async fn invite_device(
        &mut self,
        connection: &mut Connection,
        agent: u32,
        model: &str,
        (platform, level): (&str, Level),
    ) -> Invitation {
        let inventory = InventoryEntry {
            id: InventoryId(bytes(&mut self.rng)),
            agent: AgentNumber(agent),
            team: None,
            platform: platform.to_owned(),
            model: model.to_owned(),
            serial: Hash(bytes(&mut self.rng)),
            level,
        };
        let invitation = Invitation {
            enrolment: EnrolmentId(bytes(&mut self.rng)),
            secret: TicketSecret(bytes(&mut self.rng)),
            inventory: inventory.clone(),
        };
        let ticket = TicketRequest {
            enrolment: invitation.enrolment,
            inventory: inventory.id,
            claim: claim_hash(&invitation.secret.claim()),
            expires_at: estafette_server::serve::Clock::start()
                .now()
                .after(std::time::Duration::from_secs(3600)),
        };
        for request in [RequestBody::Inventory { entries: vec![inventory] }, RequestBody::Ticket(ticket)] {
            assert_eq!(self.admin.ask(connection, request).await, Ok(Reply::Done));
        }
        invitation
    }

    /// The device for an invitation, before it has said anything.
    pub fn device_for(&mut self, invitation: &Invitation) -> Device {
        let agent = invitation.inventory.agent.0;
        let mut device = Device::new(&mut self.rng, self.id, self.admin.relay, agent);
        device.inventory = invitation.inventory.id;
        device
    }

    /// Enrols the agent's computer as far as "waits for approval".
    pub async fn enrol_pending(&mut self, connection: &mut Connection, agent: u32) -> Device {
        let invitation = self.invite(connection, agent).await;
        let device = self.device_for(&invitation);
        let begun: BeginResponse =
            connection.post_value("/v1/enrol/begin", &begin(self.id, &invitation)).await.read();
        assert_eq!(begun.relay, device.relay);
        let complete = complete(&device, &invitation);
        let state: EnrolmentState = connection.post_value("/v1/enrol/complete", &complete).await.read();
        assert_eq!(state, EnrolmentState::Pending);
        device
    }

    /// Enrols and approves an agent's computer.
    pub async fn enrol(&mut self, connection: &mut Connection, agent: u32) -> Device {
        let device = self.enrol_pending(connection, agent).await;
        self.state(connection, vec![Act::Certify(device.certificate())]).await;
        device
    }

    /// Cuts a device off.
    pub async fn revoke(&mut self, connection: &mut Connection, device: DeviceId) {
        self.state(connection, vec![Act::Revoke { device, reason: RevocationReason::Lost }]).await;
    }
}

pub fn begin(organisation: OrganisationId, invitation: &Invitation) -> BeginRequest {
    BeginRequest { organisation, enrolment: invitation.enrolment, claim: invitation.secret.claim() }
}

pub fn complete(device: &Device, invitation: &Invitation) -> CompleteRequest {
    CompleteRequest {
        organisation: device.organisation,
        enrolment: invitation.enrolment,
        claim: invitation.secret.claim(),
        binding: device.binding(invitation.enrolment, Some(&invitation.secret.bind())),
        evidence: Vec::new().into(),
        key_packages: device.packages(),
    }
}
