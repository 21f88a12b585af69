//! Phones with databases of their own, and an organisation whose statements they know.

use std::collections::BTreeMap;
use std::path::Path;

use ed25519_dalek::SigningKey;
use estafette_core::mls::{
    self, Addition, CommitFacts, Crypto, GroupFacts, Identity, Joined, Joining, Member, MlsError, Prepared,
    Processed, Provider, RosterContext, RosterGroup, Verdict,
};
use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::handshake::{CommitNote, RosterName};
use estafette_protocol::registry::Registry;
use estafette_protocol::statement::{
    Act, Class, History, RevocationReason, Role, SignedStatement, Signer, Statement,
};
use estafette_protocol::{
    AgentNumber, DeviceId, Ed25519Public, Es256Public, InventoryId, OrganisationId, RosterGeneration,
    RosterId, StatementNumber, Timestamp, X25519Public,
};
use openmls::prelude::tls_codec::Deserialize as _;
use openmls::prelude::{
    BasicCredential, Capabilities, Ciphersuite, CredentialWithKey, ExtensionType, KeyPackage, KeyPackageIn,
    Lifetime, ProtocolVersion,
};
use rusqlite::Connection;

pub const ROSTER: RosterId = RosterId([42; 32]);
pub const NAME: RosterName = RosterName::Stated(ROSTER);
pub const GROUP: RosterGroup = RosterGroup { roster: ROSTER, generation: RosterGeneration(0) };

pub struct Phone {
    pub device: DeviceId,
    pub agent: AgentNumber,
    pub key: SigningKey,
    pub database: Connection,
    pub crypto: Crypto,
}

pub fn database() -> Connection {
    let database = Connection::open_in_memory().unwrap();
    create_tables(&database);
    database
}

pub fn create_tables(database: &Connection) {
    database.execute_batch(include_str!("../../migrations/2026-11-22-first.sql")).unwrap();
}

/// An encrypted file, as the product has it.
pub fn encrypted(path: &Path) -> Connection {
    let database = Connection::open(path).unwrap();
    database.pragma_update(None, "key", "a test's key").unwrap();
    database
}

impl Phone {
    /// The phone that this seed makes: agent, device and keys differ from seed to seed.
    pub fn seeded(seed: u8) -> Self {
        Self {
            device: DeviceId([seed; 16]),
            agent: AgentNumber(u32::from(seed)),
            key: SigningKey::from_bytes(&[seed; 32]),
            database: database(),
            crypto: Crypto::seeded([seed; 32]),
        }
    }

    pub fn provider(&self) -> Provider<'_> {
        Provider::new(&self.database, &self.crypto)
    }

    pub fn identity(&self) -> Identity<'_> {
        Identity { device: self.device, key: &self.key }
    }

    pub fn member(&self) -> Member {
        self.identity().member()
    }

    pub fn certificate(&self) -> Certificate {
        let seed = self.device.0[0];
        Certificate {
            device: self.device,
            agent: self.agent,
            es256: Es256Public([seed; 33]),
            ed25519: Ed25519Public(self.key.verifying_key().to_bytes()),
            x25519: X25519Public([seed; 32]),
            level: Level::Software,
            inventory: InventoryId([seed; 16]),
        }
    }

    /// A fresh key package, as somebody who adds this phone gets it.
    pub fn addition(&self) -> Addition {
        let package = mls::new_key_package(&self.provider(), &self.identity(), false).unwrap();
        Addition { member: self.member(), package }
    }

    pub fn found(&self, office: &Office, additions: &[Addition]) -> Prepared {
        let context = RosterContext::stated(&office.registry, NAME, RosterGeneration(0)).unwrap();
        let note = CommitNote::Found { at: office.registry.last() };
        mls::found(&self.provider(), &self.identity(), &context, &note, additions).unwrap()
    }

    pub fn commit(&self, statements: &[u64], additions: &[Addition], removals: &[DeviceId]) -> Prepared {
        self.try_commit(statements, additions, removals).unwrap()
    }

    pub fn try_commit(
        &self,
        statements: &[u64],
        additions: &[Addition],
        removals: &[DeviceId],
    ) -> Result<Prepared, MlsError> {
        let note = close(statements);
        mls::commit(&self.provider(), &self.identity(), GROUP, &note, additions, removals)
    }

    pub fn process(&self, office: &Office, commit: &[u8]) -> Processed {
        let judge = |facts: &CommitFacts| mls::judge::judge(facts, &office.registry);
        mls::process(&self.provider(), GROUP, commit, judge).unwrap()
    }

    pub fn join(&self, office: &Office, prepared: &Prepared) -> Joining<Joined> {
        let (_, welcome) = prepared.welcomes.iter().find(|(device, _)| *device == self.device).unwrap();
        self.join_with(office, welcome, &prepared.tree)
    }

    pub fn join_with(&self, office: &Office, welcome: &[u8], tree: &[u8]) -> Joining<Joined> {
        let judge = |facts: &GroupFacts| mls::judge::judge_group(facts, &office.registry);
        mls::join(&self.provider(), &self.identity(), welcome, tree, judge).unwrap()
    }

    pub fn join_externally(&self, office: &Office, group: &Prepared, statement: u64) -> Joining<Prepared> {
        let judge = |facts: &GroupFacts| mls::judge::judge_group(facts, &office.registry);
        let note = CommitNote::Join { statement: StatementNumber(statement) };
        let (info, tree) = (&group.group_info, &group.tree);
        mls::join_externally(&self.provider(), &self.identity(), GROUP, &note, info, tree, judge).unwrap()
    }

    pub fn state(&self) -> mls::EpochState {
        mls::export(&self.provider(), GROUP).unwrap()
    }

    /// Every row that MLS has here.
    pub fn rows(&self) -> Rows {
        rows(&self.database)
    }
}

pub type Rows = BTreeMap<(i64, String, Vec<u8>), Vec<u8>>;

pub fn rows(database: &Connection) -> Rows {
    let mut statement = database.prepare("SELECT scope, kind, key, value FROM mls").unwrap();
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?)));
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

pub fn close(statements: &[u64]) -> CommitNote {
    CommitNote::Close { statements: statements.iter().copied().map(StatementNumber).collect() }
}

/// The organisation: its statements, and the administrator's computer that signs them.
pub struct Office {
    pub registry: Registry,
    administrator: Phone,
}

impl Office {
    /// Statements 0 and 1: an organisation with an administrator.
    pub fn opened() -> Self {
        let organisation = SigningKey::from_bytes(&[201; 32]);
        let public = Ed25519Public(organisation.verifying_key().to_bytes());
        let administrator = Phone::seeded(200);
        let mut office = Self { registry: Registry::new(OrganisationId::of_key(&public.0)), administrator };
        let found = Act::Found { organisation_key: public, relay_key: Ed25519Public([202; 32]) };
        office.sign(Signer::Organisation, &organisation, vec![found]);
        let agent = office.administrator.agent;
        let certify = vec![
            Act::SetRole { agent, role: Role::Administrator, teams: vec![] },
            Act::Certify(office.administrator.certificate()),
        ];
        office.sign(Signer::Organisation, &organisation, certify);
        office
    }

    /// Statement 2 on top: a service roster whose members are these phones.
    pub fn with_roster(phones: &[&Phone]) -> Self {
        let mut office = Self::opened();
        let create =
            Act::CreateRoster { roster: ROSTER, class: Class::Service, team: None, retention_days: 365 };
        let certify = phones.iter().map(|phone| Act::Certify(phone.certificate()));
        let admit = phones.iter().map(|phone| admission(phone));
        office.state(std::iter::once(create).chain(certify).chain(admit).collect());
        office
    }

    /// Signs a statement of the administrator's and returns its number.
    pub fn state(&mut self, acts: Vec<Act>) -> u64 {
        let (device, key) = (self.administrator.device, self.administrator.key.clone());
        self.sign(Signer::Device(device), &key, acts)
    }

    /// Certifies and admits.
    pub fn admit(&mut self, phone: &Phone) -> u64 {
        self.state(vec![Act::Certify(phone.certificate()), admission(phone)])
    }

    pub fn remove(&mut self, phone: &Phone) -> u64 {
        self.state(vec![Act::Remove { roster: ROSTER, device: phone.device }])
    }

    pub fn revoke(&mut self, phone: &Phone) -> u64 {
        self.state(vec![Act::Revoke { device: phone.device, reason: RevocationReason::Lost }])
    }

    /// What is known to somebody who has not heard of later statements.
    pub fn as_of_now(&self) -> Self {
        Self { registry: self.registry.clone(), administrator: Phone::seeded(200) }
    }

    fn sign(&mut self, signer: Signer, key: &SigningKey, acts: Vec<Act>) -> u64 {
        let (number, previous) = self.registry.next_link();
        let organisation = self.registry.organisation();
        let statement = Statement { organisation, number, previous, at: Timestamp(0), signer, acts };
        self.registry.apply(&SignedStatement::sign(&statement, key)).unwrap();
        number.0
    }
}

pub fn admission(phone: &Phone) -> Act {
    Act::Admit { roster: ROSTER, device: phone.device, history: History::None }
}

/// Phones 1 to `count` in one roster, all at epoch 1.
pub fn roster_of(count: u8) -> (Office, Vec<Phone>) {
    let phones: Vec<Phone> = (1..=count).map(Phone::seeded).collect();
    let office = Office::with_roster(&phones.iter().collect::<Vec<_>>());
    let additions: Vec<Addition> = phones[1..].iter().map(Phone::addition).collect();
    let prepared = phones[0].found(&office, &additions);
    assert!(matches!(phones[0].process(&office, &prepared.commit), Processed::OwnApplied(_)));
    for phone in &phones[1..] {
        assert!(matches!(phone.join(&office, &prepared), Joining::Done(_)));
    }
    (office, phones)
}

/// Takes a commit in at its author's and at the others', who must then agree with it.
pub fn everybody_applies(office: &Office, author: &Phone, others: &[&Phone], commit: &[u8]) {
    let Processed::OwnApplied(state) = author.process(office, commit) else { panic!("the author's own") };
    for phone in others {
        assert_eq!(phone.process(office, commit), Processed::Applied(state.clone()));
    }
}

pub fn refuse_nothing(_: &CommitFacts) -> Verdict {
    Verdict::Accept
}

// What follows uses openmls itself, for what our own code would never make.

pub const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

/// A credential of this name under the phone's key.
pub fn credential(name: &[u8], phone: &Phone) -> CredentialWithKey {
    CredentialWithKey {
        credential: BasicCredential::new(name.to_vec()).into(),
        signature_key: phone.key.verifying_key().to_bytes().to_vec().into(),
    }
}

/// A fresh key package as openmls holds it.
pub fn package(phone: &Phone) -> KeyPackage {
    let package = KeyPackageIn::tls_deserialize_exact(phone.addition().package).unwrap();
    package.validate(&phone.crypto, ProtocolVersion::Mls10).unwrap()
}

/// A key package with this lifetime and with these extensions among its capabilities.
pub fn handmade(phone: &Phone, lifetime: Lifetime, extensions: &[ExtensionType]) -> KeyPackage {
    let bundle = KeyPackage::builder()
        .key_package_lifetime(lifetime)
        .leaf_node_capabilities(Capabilities::new(None, None, Some(extensions), None, None))
        .build(SUITE, &phone.provider(), &phone.identity(), credential(&phone.device.0, phone))
        .unwrap();
    bundle.key_package().clone()
}
