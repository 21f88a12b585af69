//! An organisation with numbered devices, whose statements are signed and judged for real.

use ed25519_dalek::SigningKey;
use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::registry::{Registry, StatementError};
use estafette_protocol::statement::*;
use estafette_protocol::*;

/// An organisation as it is told, statement by statement.
pub struct Organisation {
    pub registry: Registry,
    pub key: SigningKey,
    pub chain: Vec<SignedStatement>,
    /// When the next statement is made.
    pub now: Timestamp,
}

pub fn device(number: u8) -> DeviceId {
    DeviceId([number; 16])
}

pub fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

pub fn certificate(number: u8, agent: u32) -> Certificate {
    Certificate {
        device: device(number),
        agent: AgentNumber(agent),
        es256: Es256Public([number; 33]),
        ed25519: Ed25519Public(key(number).verifying_key().to_bytes()),
        x25519: X25519Public([number; 32]),
        level: Level::Supervised,
        inventory: InventoryId([number; 16]),
    }
}

pub fn appoint(agent: u32) -> Act {
    Act::SetRole { agent: AgentNumber(agent), role: Role::Administrator, teams: vec![] }
}

pub fn team(number: u8) -> Act {
    let (class, team) = (Class::Service, Some(TeamNumber(1)));
    Act::CreateRoster { roster: RosterId([number; 32]), class, team, retention_days: 365 }
}

pub fn admit(roster: u8, who: u8) -> Act {
    Act::Admit { roster: RosterId([roster; 32]), device: device(who), history: History::None }
}

pub fn revoke(who: u8) -> Act {
    Act::Revoke { device: device(who), reason: RevocationReason::Lost }
}

impl Organisation {
    /// Founded, with the administrator's computer 1 of agent 1.
    pub fn founded() -> Self {
        let key = SigningKey::from_bytes(&[200; 32]);
        let organisation = OrganisationId::of_key(&key.verifying_key().to_bytes());
        let mut founded =
            Self { registry: Registry::new(organisation), key, chain: vec![], now: Timestamp(1) };
        let organisation_key = Ed25519Public(founded.key.verifying_key().to_bytes());
        let relay_key = Ed25519Public(self::key(77).verifying_key().to_bytes());
        founded.organisation_says(vec![Act::Found { organisation_key, relay_key }]).unwrap();
        founded.organisation_says(vec![Act::Certify(certificate(1, 1)), appoint(1)]).unwrap();
        founded
    }

    pub fn statement(&self, signer: Signer, acts: Vec<Act>) -> Statement {
        let (number, previous) = self.registry.next_link();
        let organisation = self.registry.organisation();
        Statement { organisation, number, previous, at: self.now, signer, acts }
    }

    pub fn take(&mut self, signed: SignedStatement) -> Result<StatementNumber, StatementError> {
        let before = self.registry.clone();
        match self.registry.apply(&signed) {
            Ok(statement) => {
                self.chain.push(signed);
                Ok(statement.number)
            }
            Err(error) => {
                assert_eq!(self.registry, before, "a refused statement changes nothing");
                Err(error)
            }
        }
    }

    pub fn organisation_says(&mut self, acts: Vec<Act>) -> Result<StatementNumber, StatementError> {
        let statement = self.statement(Signer::Organisation, acts);
        self.take(SignedStatement::sign(&statement, &self.key))
    }

    pub fn says(&mut self, who: u8, acts: Vec<Act>) -> Result<StatementNumber, StatementError> {
        let statement = self.statement(Signer::Device(device(who)), acts);
        self.take(SignedStatement::sign(&statement, &key(who)))
    }
}
