//! How the world's people come to be: the founding, tickets, phones that answer challenges.

use ed25519_dalek::SigningKey;
use estafette_attest::development::{DevelopmentAttestor, Phone as Model};
use estafette_attest::{Role as ChallengeRole, challenge};
use estafette_core::engine::{Command, CommandAnswer, Engine};
use estafette_core::identity::StoredIdentity;
use estafette_core::mls::{self, Crypto, Identity, Provider};
use estafette_core::store::{DatabaseKey, StoreError};
use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::enrol::{
    BeginRequest, BeginResponse, Binding, CompleteRequest, EnrolmentState, FoundRequest, InventoryEntry,
    PendingEnrolment, SignedBinding, Ticket, TicketRequest, TicketSecret, binding_mac, claim_hash,
};
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::sign::{self, Domain};
use estafette_protocol::statement::{Act, Class, Role, SignedStatement, Signer, Statement};
use estafette_protocol::{
    AgentNumber, AuthEpoch, DeviceId, EnrolmentId, Es256Public, Fault, Hash, InventoryId, LogGeneration,
    OrganisationId, RosterId, Signature, StatementNumber, Timestamp, codec,
};
use estafette_server::relay::{Answer, EnrolRequest};
use estafette_server::store::sqlite::{Mode, SqliteStore};
use minicbor::bytes::ByteVec;
use zeroize::Zeroizing;

use crate::clock::{HOUR, paris};
use crate::device::{Device, HardwareKey, Passport, Phone};
use crate::organisation::Organisation;
use crate::world::{World, generator};

/// The maker of the inventory's phones.
pub(crate) const MAKER: &str = "Crosscall";
/// The model of the inventory's phones.
pub(crate) const MODEL: &str = "Stellar-X5";

/// A phone that has read a ticket and made its keys.
pub struct Newcomer {
    /// The phone, which starts once it is approved.
    pub phone: Phone,
    binding: Binding,
    packages: Vec<ByteVec>,
}

impl World {
    /// An organisation with its administrator's computer, everything drawn from the seed.
    pub fn seeded(seed: u64) -> Self {
        Self::seeded_at(seed, paris(0, "09:00"))
    }

    /// The same, founded at another instant. The second opinion on hours does not reach beyond the
    /// days of its table: such a world states its calendars itself.
    pub fn seeded_at(seed: u64, now: Timestamp) -> Self {
        let mut draw = generator(seed, 2);
        let mut bytes = || {
            let mut bytes = [0; 32];
            rand_core::RngCore::fill_bytes(&mut draw, &mut bytes);
            bytes
        };
        let organisation = Organisation::drawn(bytes(), bytes());
        let claim = claim_hash(&organisation.claim);
        let relay_key = SigningKey::from_bytes(&bytes());
        let mut world = Self::empty(seed, organisation, relay_key);
        world.now = now;
        let generation: [u8; 8] = world.random();
        SqliteStore::create(&world.office.folder, Mode::Development, LogGeneration(generation), claim)
            .unwrap();
        world.start_relay();
        world.found();
        world
    }

    fn found(&mut self) {
        let newcomer = self.newcomer("mairie", EnrolmentId([0; 16]));
        let agent = self.devices[0].passport.agent;
        let inventory = InventoryId(self.random());
        let certificate = self.certificate(&newcomer.binding, agent, Level::Supervised, inventory);
        let key = self.organisation.key.clone();
        let link = |number, previous, acts| {
            let organisation = self.organisation.id;
            let at = self.now;
            let statement = Statement {
                organisation,
                number: StatementNumber(number),
                previous,
                at,
                signer: Signer::Organisation,
                acts,
            };
            SignedStatement::sign(&statement, &key)
        };
        let relay_key = estafette_protocol::Ed25519Public(self.office.key.verifying_key().to_bytes());
        let organisation_key = self.organisation.public_key();
        let first = link(0, Hash([0; 32]), vec![Act::Found { organisation_key, relay_key }]);
        let appoint = Act::SetRole { agent, role: Role::Administrator, teams: vec![] };
        let second = link(1, first.hash(), vec![appoint, Act::Certify(certificate)]);
        let request = FoundRequest {
            claim: self.organisation.claim,
            statements: vec![first, second],
            binding: self.signed(&newcomer, None),
            key_packages: newcomer.packages,
        };
        match self.enrolment_call(EnrolRequest::Found(Box::new(request))) {
            Ok(Answer::State(EnrolmentState::Active)) => {}
            other => panic!("the founding was answered by {other:?}"),
        }
        self.resume(Phone(0));
        self.run_until_quiet();
    }

    /// A device that draws its keys and makes its database.
    pub(crate) fn newcomer(&mut self, name: &str, enrolment: EnrolmentId) -> Newcomer {
        let organisation = self.organisation.id;
        self.newcomer_of(name, enrolment, organisation)
    }

    pub(crate) fn newcomer_of(
        &mut self,
        name: &str,
        enrolment: EnrolmentId,
        organisation: OrganisationId,
    ) -> Newcomer {
        let agent = AgentNumber(self.organisation.next_agent);
        self.organisation.next_agent += 1;
        let number = self.devices.len();
        let hardware = p256::ecdsa::SigningKey::from_slice(&self.random::<32>()).unwrap();
        let es256 = hardware.verifying_key().to_encoded_point(true);
        let identity = StoredIdentity {
            device: DeviceId(self.random()),
            agent: AgentNumber(0),
            organisation,
            organisation_key: self.organisation.public_key(),
            relay: Hash::of(&[self.office.key.verifying_key().as_bytes()]),
            es256: Es256Public::from_slice(es256.as_bytes()).unwrap(),
            ed25519: self.random(),
            x25519: self.random(),
            auth_epoch: AuthEpoch(0),
            address: "relay.test:443".to_owned(),
            pin: Hash([0; 32]),
            actor: self.random(),
            inventory: None,
        };
        let key = DatabaseKey(Zeroizing::new(self.random()));
        let passport = Passport {
            name: name.to_owned(),
            agent,
            device: identity.device,
            key: key.clone(),
            hardware: HardwareKey(hardware),
        };
        let mut device = Device::new(
            passport,
            &self.folder.path().join("devices"),
            generator(self.seed, 100 + number as u64),
        );
        let mut engine = Engine::create(&device.path, &key, &identity).unwrap();
        let packages = key_packages(&mut engine, &identity, self.random());
        device.engine = Some(engine);
        self.devices.push(device);
        let binding = Binding {
            organisation,
            enrolment,
            device: identity.device,
            es256: identity.es256,
            ed25519: identity.ed25519_public(),
            x25519: identity.x25519_public(),
            key_packages: packages.iter().map(|package| mls::key_package_hash(package)).collect(),
        };
        Newcomer { phone: Phone(number), binding, packages }
    }

    fn signed(&self, newcomer: &Newcomer, bind: Option<&[u8; 32]>) -> SignedBinding {
        let body = codec::to_bytes(&newcomer.binding);
        let device = &self.devices[newcomer.phone.0];
        let key = device.engine.as_ref().unwrap().identity().signing_key();
        SignedBinding {
            es256: device.passport.hardware.sign(&Domain::Enrolment.message(&[&body])),
            ed25519: Signature(sign::ed25519(&key, Domain::Enrolment, &[&body])),
            mac: bind.map(|bind| binding_mac(bind, &body)).unwrap_or_default().into(),
            body: body.into(),
        }
    }

    fn certificate(
        &self,
        binding: &Binding,
        agent: AgentNumber,
        level: Level,
        inventory: InventoryId,
    ) -> Certificate {
        Certificate {
            device: binding.device,
            agent,
            es256: binding.es256,
            ed25519: binding.ed25519,
            x25519: binding.x25519,
            level,
            inventory,
        }
    }

    /// Puts a phone of the usual model into the inventory, for the agent that comes next.
    pub fn inventory(&mut self, agent: AgentNumber) -> InventoryId {
        let id = InventoryId(self.random());
        let entry = InventoryEntry {
            id,
            agent,
            team: None,
            platform: "android".to_owned(),
            model: MODEL.to_owned(),
            serial: Hash(self.random()),
            level: Level::Software,
        };
        self.administer(RequestBody::Inventory { entries: vec![entry] });
        id
    }

    fn administer(&mut self, body: RequestBody) -> Reply {
        match self.ask(Phone(0), Command::Ask(body)) {
            CommandAnswer::Reply(reply) => reply,
            other => panic!("seed {}: the administrator was answered by {other:?}", self.seed),
        }
    }

    /// Makes a one-time ticket, as the text that the administrator prints.
    pub fn ticket(&mut self, inventory: InventoryId) -> String {
        let ticket = Ticket {
            address: "relay.test:443".to_owned(),
            pin: Hash([0; 32]),
            organisation_key: Some(self.organisation.public_key()),
            relay_key: None,
            enrolment: EnrolmentId(self.random()),
            secret: TicketSecret(self.random()),
        };
        self.administer(RequestBody::Ticket(TicketRequest {
            enrolment: ticket.enrolment,
            inventory,
            claim: claim_hash(&ticket.secret.claim()),
            expires_at: Timestamp(self.now.0 + 24 * HOUR),
        }));
        ticket.to_string()
    }

    /// A phone reads a ticket and asks for its challenge.
    pub fn begin(&mut self, ticket: &str) -> Result<BeginResponse, Fault> {
        let ticket: Ticket = ticket.parse().expect("a ticket");
        let request = BeginRequest {
            organisation: self.organisation.id,
            enrolment: ticket.enrolment,
            claim: ticket.secret.claim(),
        };
        match self.enrolment_call(EnrolRequest::Begin(request))? {
            Answer::Begun(begun) => Ok(begun),
            other => panic!("a begin was answered by {other:?}"),
        }
    }

    /// A phone of a model makes its keys for a ticket.
    pub fn read_ticket(&mut self, name: &str, ticket: &str) -> Newcomer {
        let ticket: Ticket = ticket.parse().expect("a ticket");
        self.newcomer(name, ticket.enrolment)
    }

    /// A phone of this model answers its challenge.
    pub fn complete(
        &mut self,
        newcomer: &Newcomer,
        ticket: &str,
        begun: &BeginResponse,
        model: &str,
    ) -> Result<EnrolmentState, Fault> {
        let ticket: Ticket = ticket.parse().expect("a ticket");
        let claim = ticket.secret.claim();
        let challenge = challenge(
            &begun.relay.0,
            &ticket.enrolment,
            &begun.nonce,
            &claim_hash(&claim).0,
            ChallengeRole::Device,
        );
        let hardware = &self.devices[newcomer.phone.0].passport.hardware.0;
        let phone = Model { manufacturer: MAKER, model };
        let evidence = DevelopmentAttestor::new().attest(hardware.verifying_key(), &challenge, phone);
        let request = CompleteRequest {
            organisation: self.organisation.id,
            enrolment: ticket.enrolment,
            claim,
            binding: self.signed(newcomer, Some(&ticket.secret.bind())),
            evidence: evidence.to_bytes().into(),
            key_packages: newcomer.packages.clone(),
        };
        match self.enrolment_call(EnrolRequest::Complete(Box::new(request)))? {
            Answer::State(state) => Ok(state),
            other => panic!("a completion was answered by {other:?}"),
        }
    }

    /// The enrolments that wait for the administrator.
    pub fn pending(&mut self) -> Vec<PendingEnrolment> {
        match self.administer(RequestBody::Pending) {
            Reply::Pending { enrolments } => enrolments,
            other => panic!("seed {}: pending enrolments were answered by {other:?}", self.seed),
        }
    }

    /// The certificate that approves a newcomer, after the administrator's look at its MAC.
    pub fn approval(&mut self, newcomer: &Newcomer, ticket: &str) -> Act {
        let ticket: Ticket = ticket.parse().expect("a ticket");
        let pending = self.pending();
        let pending = pending.iter().find(|pending| pending.enrolment == ticket.enrolment).expect("it waits");
        assert!(pending.binding.verify_mac(&ticket.secret.bind()), "keys of the phone that read the ticket");
        let binding = pending.binding.verify().unwrap();
        assert_eq!(binding, newcomer.binding);
        let (agent, inventory) = (pending.inventory.agent, pending.inventory.id);
        Act::Certify(self.certificate(&binding, agent, Level::Software, inventory))
    }

    /// Enrols a phone through the relay, up to the statement that is still to be made.
    pub fn enrol(&mut self, name: &str) -> (Phone, Act) {
        let agent = AgentNumber(self.organisation.next_agent);
        self.enrol_for(name, agent)
    }

    /// The same for an agent of one's choice, who may have a device already.
    pub fn enrol_for(&mut self, name: &str, agent: AgentNumber) -> (Phone, Act) {
        let inventory = self.inventory(agent);
        let ticket = self.ticket(inventory);
        let begun = self.begin(&ticket).unwrap();
        let newcomer = self.read_ticket(name, &ticket);
        self.devices[newcomer.phone.0].passport.agent = agent;
        assert_eq!(self.complete(&newcomer, &ticket, &begun, MODEL), Ok(EnrolmentState::Pending));
        let approval = self.approval(&newcomer, &ticket);
        (newcomer.phone, approval)
    }

    /// Enrols phones and puts them into one roster; all are in its group when this returns.
    pub fn team<const N: usize>(&mut self, names: [&str; N]) -> [Phone; N] {
        let phones = self.enrol_team(&names, 1);
        phones.try_into().expect("as many phones as names")
    }

    /// Enrols phones, in no roster yet.
    pub fn people<const N: usize>(&mut self, names: [&str; N]) -> [Phone; N] {
        let phones = self.enrol_team(&names, 0);
        phones.try_into().expect("as many phones as names")
    }

    /// Enrols phones and puts them all into so many rosters.
    pub(crate) fn enrol_team(&mut self, names: &[&str], rosters: usize) -> Vec<Phone> {
        let mut acts = Vec::new();
        let mut phones = Vec::new();
        for name in names {
            let (phone, approval) = self.enrol(name);
            phones.push(phone);
            acts.push(approval);
        }
        for _ in 0..rosters {
            let roster = RosterId(self.random());
            acts.push(Act::CreateRoster { roster, class: Class::Service, team: None, retention_days: 365 });
            acts.extend(phones.iter().map(|phone| self.admission(roster, *phone)));
            self.organisation.rosters.push(roster);
        }
        self.state(acts);
        phones.iter().for_each(|phone| self.resume(*phone));
        self.run_until_quiet();
        phones
    }
}

/// Nineteen key packages and the last resort.
fn key_packages(engine: &mut Engine, identity: &StoredIdentity, seed: [u8; 32]) -> Vec<ByteVec> {
    let key = identity.signing_key();
    let packages = engine.transaction(|tx| {
        let crypto = Crypto::seeded(seed);
        let provider = Provider::new(tx, &crypto);
        let identity = Identity { device: identity.device, key: &key };
        (0..20)
            .map(|number| mls::new_key_package(&provider, &identity, number == 19))
            .collect::<Result<Vec<_>, _>>()
            .map_err(StoreError::from)
    });
    packages.unwrap().into_iter().map(ByteVec::from).collect()
}
