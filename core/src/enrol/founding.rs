//! The founding of an organisation by its first administrator's computer.
//!
//! The organisation's key signs twice here and is not kept by this module: statement 0 names
//! it and the relay's key, statement 1 certifies this computer.

use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::enrol::{EnrolmentState, FoundRequest, Ticket};
use estafette_protocol::statement::{Act, Role, SignedStatement, Signer, Statement};
use estafette_protocol::{
    AgentNumber, Ed25519Public, EnrolmentId, Fault, FaultCode, Hash, InventoryId, StatementNumber, Timestamp,
    codec,
};

use minicbor::bytes::ByteArray;

use super::{ANSWER, EnrolError, NewDatabase, Place, bound, create, key_packages, random, state};
use crate::directory::recovery_secret;
use crate::engine::{Dice, Engine};
use crate::identity::{DeviceKey, StoredIdentity};
use crate::net::Connection;
use crate::store::values::{self, Value};

/// Who founds, and with what.
pub struct Founder<'a> {
    /// The organisation's key, which stays off the relay.
    pub organisation_key: &'a ed25519_dalek::SigningKey,
    /// The relay's signing key, as the relay's own folder tells it.
    pub relay_key: Ed25519Public,
    /// This computer's key.
    pub device_key: &'a dyn DeviceKey,
    /// The first administrator.
    pub agent: AgentNumber,
    /// This computer's clock.
    pub now: Timestamp,
}

/// A founding whose keys are durable and whose request may be sent, again and again.
pub struct Founding {
    engine: Engine,
    /// Of the appointment that stands for itself, in a recovery.
    acts: Vec<Act>,
    request: FoundRequest,
}

/// Makes the first administrator's computer and the statements that found the organisation.
///
/// # Errors
///
/// The disk or the device's key refuses; nothing was founded.
pub fn found(
    ticket: &Ticket,
    founder: &Founder<'_>,
    database: NewDatabase<'_>,
    rng: &mut dyn Dice,
) -> Result<Founding, EnrolError> {
    let organisation_key = Ed25519Public(founder.organisation_key.verifying_key().to_bytes());
    let place = Place {
        organisation_key,
        relay: Hash::of(&[&founder.relay_key.0]),
        address: ticket.address.clone(),
        pin: ticket.pin,
    };
    let mut engine = create(database, &place, founder.device_key.public(), rng)?;
    let key_packages = key_packages(&mut engine, rng)?;
    let binding = bound(engine.identity(), EnrolmentId([0; 16]), &key_packages, founder.device_key, None)?;
    let identity = engine.identity();
    let sign = |number: u64, previous: Hash, acts: Vec<Act>| {
        let statement = Statement {
            organisation: identity.organisation,
            number: StatementNumber(number),
            previous,
            at: founder.now,
            signer: Signer::Organisation,
            acts,
        };
        SignedStatement::sign(&statement, founder.organisation_key)
    };
    let founding =
        sign(0, Hash([0; 32]), vec![Act::Found { organisation_key, relay_key: founder.relay_key }]);
    let appointing = sign(1, founding.hash(), appointment(identity, founder, rng));
    let claim = ticket.secret.claim();
    let request = FoundRequest { claim, statements: vec![founding, appointing], binding, key_packages };
    Ok(Founding { engine, acts: Vec::new(), request })
}

/// What makes this computer an administrator's.
fn appointment(identity: &StoredIdentity, founder: &Founder<'_>, rng: &mut dyn Dice) -> Vec<Act> {
    let certificate = Certificate {
        device: identity.device,
        agent: founder.agent,
        es256: identity.es256,
        ed25519: identity.ed25519_public(),
        x25519: identity.x25519_public(),
        level: Level::Supervised,
        inventory: InventoryId(random(rng)),
    };
    let role = Act::SetRole { agent: founder.agent, role: Role::Administrator, teams: Vec::new() };
    vec![role, Act::Certify(certificate)]
}

/// Makes a new administrator's computer of an organisation that stands, by its key alone.
///
/// The statement needs its place in the chain, which the relay tells when it refuses the first
/// try; see [`Founding::follow`].
///
/// # Errors
///
/// The disk or the device's key refuses; nothing was changed.
pub fn recover(
    ticket: &Ticket,
    founder: &Founder<'_>,
    database: NewDatabase<'_>,
    rng: &mut dyn Dice,
) -> Result<Founding, EnrolError> {
    let mut founding = found(ticket, founder, database, rng)?;
    let secret = recovery_secret(founder.organisation_key).to_bytes();
    founding
        .engine
        .transaction(|tx| Ok::<_, EnrolError>(values::put(tx, Value::Recovery, &ByteArray::from(secret))?))?;
    founding.request.claim = [0; 32];
    founding.acts = appointment(founding.engine.identity(), founder, rng);
    founding.follow(founder, StatementNumber(0), Hash([0; 32]));
    Ok(founding)
}

impl Founding {
    /// Signs the appointment again for its place in the chain.
    pub fn follow(&mut self, founder: &Founder<'_>, number: StatementNumber, previous: Hash) {
        let statement = Statement {
            organisation: self.engine.identity().organisation,
            number,
            previous,
            at: founder.now,
            signer: Signer::Organisation,
            acts: self.acts.clone(),
        };
        self.request.statements = vec![SignedStatement::sign(&statement, founder.organisation_key)];
    }

    /// Offers the founding to the relay. Harmless to repeat after a lost answer.
    ///
    /// # Errors
    ///
    /// The claim was used or is wrong, or the relay is not reached.
    pub async fn offer(&self, connection: &mut Connection) -> Result<(), Fault> {
        let answer = connection.post("/v1/found", codec::to_bytes(&self.request), ANSWER).await?;
        match state(&answer)? {
            EnrolmentState::Active => Ok(()),
            EnrolmentState::Pending | EnrolmentState::Refused => Err(FaultCode::Malformed.into()),
        }
    }

    /// The administrator's computer.
    pub fn into_engine(self) -> Engine {
        self.engine
    }
}
