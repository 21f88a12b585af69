//! How a device comes into being: a ticket becomes keys, a binding and, once a person has
//! approved it, a certificate.
//!
//! Always true: the keys are durable in the device's own database before the relay hears of
//! them; `bind`, the half of the ticket's secret that proves them to the administrator, never
//! leaves. Each step may be repeated after a lost answer. Not here: the evidence itself, which
//! hardware makes ([`Attestor`]), and the decision, which is a person's.

mod approval;
mod founding;
mod succession;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::{
    self, BeginRequest, BeginResponse, Binding, CompleteRequest, EnrolmentState, SignedBinding, Ticket,
};
use estafette_protocol::sign::{self, Domain};
use estafette_protocol::{
    AgentNumber, AuthEpoch, DeviceId, Ed25519Public, EnrolmentId, Es256Public, Fault, Hash, OrganisationId,
    Signature, codec, limits,
};
use minicbor::bytes::ByteVec;

use crate::engine::{Dice, Engine};
use crate::identity::{DeviceKey, StoredIdentity};
use crate::mls::{self, Crypto, Identity, MlsError, Provider};
use crate::net::Connection;
use crate::store::values::{self, Value};
use crate::store::{DatabaseKey, StoreError};

pub use approval::{Approval, ApprovalError, EvidenceJudge, admissions, verify};
pub use founding::{Founder, Founding, found, recover};
pub use succession::succession;

/// Single-use key packages of a new device; the relay asks for more at its first contact.
const KEY_PACKAGES: usize = 4;
/// An answer of the relay to one step.
const ANSWER: Duration = Duration::from_secs(60);

/// What a device's key is to be made for.
#[derive(Debug, Clone, Copy)]
pub struct KeyRequest<'a> {
    /// What hardware shall attest; `None` for a computer, whose approval by a person is the proof.
    pub challenge: Option<&'a Challenge>,
    /// The model of the inventory entry, as the relay tells it.
    pub model: &'a str,
}

/// What the hardware of a phone attests in an enrolment: Android's a key that it makes for
/// [`Self::device`], an iPhone's a key that it has made before ([`Self::app_attest`]).
#[derive(Debug, Clone)]
pub struct Challenge {
    /// "estafette-enrol-v1" ‖ 0 ‖ relay ‖ enrolment ‖ nonce ‖ SHA-256(claim).
    common: Vec<u8>,
}

impl Challenge {
    fn of(response: &BeginResponse, enrolment: EnrolmentId, claim: &[u8; 32]) -> Self {
        let claim = enrol::claim_hash(claim);
        let parts: [&[u8]; 5] =
            [b"estafette-enrol-v1\0", &response.relay.0, &enrolment.0, &response.nonce, &claim.0];
        Self { common: parts.concat() }
    }

    fn of_role(&self, role: &[u8], key: &[u8]) -> [u8; 32] {
        Hash::of(&[&self.common, role, key]).0
    }

    /// For the device's key, which Android's hardware makes with it.
    pub fn device(&self) -> [u8; 32] {
        self.of_role(b"dev", &[])
    }

    /// For what attests the serial number beside that key: a second chain, or a managed iPhone's key.
    pub fn id(&self, key: &Es256Public) -> [u8; 32] {
        self.of_role(b"id", &key.0)
    }

    /// The hash of the client data of an App Attest object, which certifies that key.
    pub fn app_attest(&self, key: &Es256Public) -> [u8; 32] {
        self.of_role(b"app", &key.0)
    }
}

/// A device's key with the evidence for it.
pub struct AttestedKey {
    /// The key.
    pub key: Arc<dyn DeviceKey>,
    /// CBOR of the attestation crate's evidence; empty for a computer.
    pub evidence: Vec<u8>,
}

/// Makes the ES256 key: in a phone's hardware, or sealed under a passphrase.
pub trait Attestor {
    /// Makes a key for this enrolment. Made again when the enrolment begins again.
    ///
    /// # Errors
    ///
    /// The hardware refuses; nothing was enrolled.
    fn make_key(&self, request: &KeyRequest<'_>) -> Result<AttestedKey, Fault>;
}

/// Why an enrolment did not go on.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The relay, the network or the hardware said no.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The device's database could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A claim ticket founds an organisation; it enrols nobody.
    #[error("this ticket founds an organisation")]
    ClaimTicket,
}

impl From<MlsError> for EnrolError {
    fn from(error: MlsError) -> Self {
        Self::Store(error.into())
    }
}

/// Where the database of a new device goes. The file must not exist.
pub struct NewDatabase<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its key.
    pub key: &'a DatabaseKey,
}

/// A device whose keys are durable and whose binding may be sent, again and again.
pub struct Enrolment {
    engine: Engine,
    key: Arc<dyn DeviceKey>,
    request: CompleteRequest,
}

impl Enrolment {
    /// Asks for the challenge, makes the keys and stores them.
    ///
    /// # Errors
    ///
    /// The ticket is refused, the relay not reached, the hardware or the disk refuses.
    pub async fn begin(
        ticket: &Ticket,
        connection: &mut Connection,
        attestor: &dyn Attestor,
        database: NewDatabase<'_>,
        rng: &mut dyn Dice,
    ) -> Result<Self, EnrolError> {
        let organisation_key = ticket.organisation_key.ok_or(EnrolError::ClaimTicket)?;
        let organisation = OrganisationId::of_key(&organisation_key.0);
        let (enrolment, claim) = (ticket.enrolment, ticket.secret.claim());
        let response = begin(connection, &BeginRequest { organisation, enrolment, claim }).await?;
        let challenge = Challenge::of(&response, enrolment, &claim);
        let attested = attestor.make_key(&KeyRequest {
            challenge: (response.level != Level::Supervised).then_some(&challenge),
            model: &response.model,
        })?;
        let place = Place {
            organisation_key,
            relay: response.relay,
            address: ticket.address.clone(),
            pin: ticket.pin,
        };
        let mut engine = create(database, &place, attested.key.public(), rng)?;
        engine.transaction(|tx| values::put(tx, Value::Model, &response.model))?;
        let key_packages = key_packages(&mut engine, rng)?;
        let bind = ticket.secret.bind();
        let binding = bound(engine.identity(), enrolment, &key_packages, attested.key.as_ref(), Some(&bind))?;
        let request = CompleteRequest {
            organisation,
            enrolment,
            claim,
            binding,
            evidence: attested.evidence.into(),
            key_packages,
        };
        Ok(Self { engine, key: attested.key, request })
    }

    /// Sends the binding. Harmless to repeat after a lost answer.
    ///
    /// # Errors
    ///
    /// The relay refuses, with the checks that failed, or is not reached.
    pub async fn complete(&self, connection: &mut Connection) -> Result<EnrolmentState, Fault> {
        state(&connection.post("/v1/enrol/complete", codec::to_bytes(&self.request), ANSWER).await?)
    }

    /// Asks where the enrolment stands.
    ///
    /// # Errors
    ///
    /// The relay refuses or is not reached.
    pub async fn status(&self, connection: &mut Connection) -> Result<EnrolmentState, Fault> {
        let CompleteRequest { organisation, enrolment, claim, .. } = self.request;
        status(connection, &BeginRequest { organisation, enrolment, claim }).await
    }

    /// The device; it runs before it is approved and learns of its approval by itself.
    pub fn into_device(self) -> (Engine, Arc<dyn DeviceKey>) {
        (self.engine, self.key)
    }
}

/// Asks for the challenge of an enrolment.
///
/// # Errors
///
/// The relay refuses or is not reached.
pub async fn begin(connection: &mut Connection, request: &BeginRequest) -> Result<BeginResponse, Fault> {
    let answer = connection.post("/v1/enrol/begin", codec::to_bytes(request), ANSWER).await?;
    Ok(codec::from_bytes(&answer, limits::FRAME)?)
}

/// Asks where an enrolment stands.
///
/// # Errors
///
/// The relay refuses or is not reached.
pub async fn status(connection: &mut Connection, request: &BeginRequest) -> Result<EnrolmentState, Fault> {
    state(&connection.post("/v1/enrol/status", codec::to_bytes(request), ANSWER).await?)
}

fn state(answer: &[u8]) -> Result<EnrolmentState, Fault> {
    Ok(codec::from_bytes(answer, limits::FRAME)?)
}

/// What a new device is told of its surroundings.
struct Place {
    organisation_key: Ed25519Public,
    relay: Hash,
    address: String,
    pin: Hash,
}

fn create(
    database: NewDatabase<'_>,
    place: &Place,
    es256: Es256Public,
    rng: &mut dyn Dice,
) -> Result<Engine, StoreError> {
    let identity = StoredIdentity {
        device: DeviceId(random(rng)),
        agent: AgentNumber(0),
        organisation: OrganisationId::of_key(&place.organisation_key.0),
        organisation_key: place.organisation_key,
        relay: place.relay,
        es256,
        ed25519: random(rng),
        x25519: random(rng),
        auth_epoch: AuthEpoch(0),
        address: place.address.clone(),
        pin: place.pin,
        actor: random(rng),
        inventory: None,
    };
    Engine::create(database.path, database.key, &identity)
}

/// The first key packages, the last one the last resort; their secrets are in the database.
fn key_packages(engine: &mut Engine, rng: &mut dyn Dice) -> Result<Vec<ByteVec>, EnrolError> {
    let key = engine.identity().signing_key();
    let device = engine.identity().device;
    let crypto = Crypto::seeded(random(rng));
    engine.transaction(|tx| {
        let provider = Provider::new(tx, &crypto);
        let identity = Identity { device, key: &key };
        let made = (0..=KEY_PACKAGES).map(|number| {
            let package = mls::new_key_package(&provider, &identity, number == KEY_PACKAGES)?;
            Ok(package.into())
        });
        made.collect()
    })
}

/// T, signed by both keys, with its MAC unless an organisation is founded.
fn bound(
    identity: &StoredIdentity,
    enrolment: EnrolmentId,
    key_packages: &[ByteVec],
    es256: &dyn DeviceKey,
    bind: Option<&[u8; 32]>,
) -> Result<SignedBinding, Fault> {
    let body = codec::to_bytes(&Binding {
        organisation: identity.organisation,
        enrolment,
        device: identity.device,
        es256: identity.es256,
        ed25519: identity.ed25519_public(),
        x25519: identity.x25519_public(),
        key_packages: key_packages.iter().map(|package| mls::key_package_hash(package)).collect(),
    });
    Ok(SignedBinding {
        es256: es256.sign(&Domain::Enrolment.message(&[&body]))?,
        ed25519: Signature(sign::ed25519(&identity.signing_key(), Domain::Enrolment, &[&body])),
        mac: bind.map(|bind| enrol::binding_mac(bind, &body)).unwrap_or_default().into(),
        body: body.into(),
    })
}

fn random<const N: usize>(rng: &mut dyn Dice) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_those_of_the_verifier() {
        let common = [&b"estafette-enrol-v1\0"[..], &[1; 32], &[2; 16], &[3; 32], &[4; 32]].concat();
        let (challenge, key) = (Challenge { common }, Es256Public([5; 33]));
        let shown = |bytes| Hash(bytes).to_string();
        // The same numbers stand in the verifier's own test, where another implementation computed them.
        assert_eq!(
            shown(challenge.device()),
            "a45d0fa2638506fcd3724fadfc2756c56f8ae7670ce813cf7358dcfff40cc156"
        );
        assert_eq!(
            shown(challenge.id(&key)),
            "056893fbd0d16601725a33a506b99143adb02a56b921dff83ec9fa701ea23db5"
        );
        assert_eq!(
            shown(challenge.app_attest(&key)),
            "48c2ad6ee8b7f713ead84e42d70c245e47426664c93edae484d2e4f526279a87"
        );
    }
}
