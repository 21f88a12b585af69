//! Enrolment: how a ticket, evidence and two keys become a certificate.
//!
//! The ticket's secret is split: `claim` goes to the relay, which keeps its hash; `bind` is
//! never sent, and proves to the administrator that the keys in T come from the phone that
//! read the ticket. A malicious relay cannot slip its own keys in.

use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use sha2::Sha256;

use crate::sign::{self, BadSignature, Domain};
use crate::{
    AgentNumber, DeviceId, Ed25519Public, EnrolmentId, Es256Public, Hash, InventoryId, OrganisationId,
    Signature, TeamNumber, Timestamp, X25519Public, certificate::Level, codec,
};

/// A ticket's secret: 16 random bytes, shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct TicketSecret(pub [u8; 16]);

impl TicketSecret {
    fn derive(&self, purpose: &[u8]) -> [u8; 32] {
        let mut output = [0; 32];
        // 32 bytes is within HKDF-SHA-256's range, so this cannot fail.
        let _ = Hkdf::<Sha256>::new(Some(b"estafette ticket v1"), &self.0).expand(purpose, &mut output);
        output
    }

    /// The half that the relay is told, once.
    pub fn claim(&self) -> [u8; 32] {
        self.derive(b"claim")
    }

    /// The half that is never sent.
    pub fn bind(&self) -> [u8; 32] {
        self.derive(b"bind")
    }
}

/// The hash of a claim, as the relay stores it.
pub fn claim_hash(claim: &[u8; 32]) -> Hash {
    Hash::of(&[claim])
}

/// T: what the device binds together.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Binding {
    /// The organisation of the ticket.
    #[n(0)]
    pub organisation: OrganisationId,
    /// The enrolment of the ticket.
    #[n(1)]
    pub enrolment: EnrolmentId,
    /// The name that the device draws for itself.
    #[n(2)]
    pub device: DeviceId,
    /// The key that hardware keeps.
    #[n(3)]
    pub es256: Es256Public,
    /// The signature key.
    #[n(4)]
    pub ed25519: Ed25519Public,
    /// The key to which things are sealed.
    #[n(5)]
    pub x25519: X25519Public,
    /// SHA-256 of each key package uploaded with it.
    #[n(6)]
    pub key_packages: Vec<Hash>,
}

/// T with its three proofs.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SignedBinding {
    /// CBOR of a [`Binding`].
    #[n(0)]
    pub body: ByteVec,
    /// By the ES256 key.
    #[n(1)]
    pub es256: Signature,
    /// By the Ed25519 key.
    #[n(2)]
    pub ed25519: Signature,
    /// HMAC-SHA-256 under `bind`; empty where an organisation is founded.
    #[n(3)]
    pub mac: ByteVec,
}

impl SignedBinding {
    /// Reads T and checks both signatures. The MAC needs [`SignedBinding::verify_mac`].
    pub fn verify(&self) -> Result<Binding, BadBinding> {
        let binding: Binding = codec::from_bytes(&self.body, 64 * 1024)?;
        sign::verify_es256(&binding.es256.0, Domain::Enrolment, &[&self.body], &self.es256.0)?;
        sign::verify_ed25519(&binding.ed25519.0, Domain::Enrolment, &[&self.body], &self.ed25519.0)?;
        Ok(binding)
    }

    /// Whether T comes from the device that read the ticket; compared in constant time.
    pub fn verify_mac(&self, bind: &[u8; 32]) -> bool {
        mac(bind, &self.body).is_some_and(|mac| mac.verify_slice(&self.mac).is_ok())
    }
}

/// Why a binding is refused.
#[derive(Debug, thiserror::Error)]
pub enum BadBinding {
    /// Not a binding.
    #[error("not a binding")]
    Malformed(#[from] codec::CodecError),
    /// One of the two keys did not sign it.
    #[error("not signed by both keys")]
    Signature(#[from] BadSignature),
}

fn mac(bind: &[u8; 32], body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(bind).ok()?;
    mac.update(Domain::Enrolment.message(&[body]).as_slice());
    Some(mac)
}

/// The MAC of a binding's bytes under `bind`.
pub fn binding_mac(bind: &[u8; 32], body: &[u8]) -> Vec<u8> {
    mac(bind, body).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default()
}

/// Six digits that the phone and the administrator compare by eye.
pub fn fingerprint(key: &Es256Public) -> String {
    let hash = Hash::of(&[b"estafette fingerprint v1\0", &key.0]);
    let number = u32::from_be_bytes([hash.0[0], hash.0[1], hash.0[2], hash.0[3]]) % 1_000_000;
    format!("{:03} {:03}", number / 1000, number % 1000)
}

/// What an enrolment is asked to start: `POST /v1/enrol/begin`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BeginRequest {
    /// The organisation of the ticket.
    #[n(0)]
    pub organisation: OrganisationId,
    /// The enrolment of the ticket.
    #[n(1)]
    pub enrolment: EnrolmentId,
    /// The relay's half of the secret.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub claim: [u8; 32],
}

/// The answer to [`BeginRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BeginResponse {
    /// Goes into the challenge; good for ten minutes.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub nonce: [u8; 32],
    /// SHA-256 of the relay's signing key; goes into the challenge.
    #[n(1)]
    pub relay: Hash,
    /// The relay's clock.
    #[n(2)]
    pub relay_time: Timestamp,
    /// The model of the inventory entry.
    #[n(3)]
    pub model: String,
    /// The level that the inventory entry requires: `Supervised` computers bring no evidence.
    #[n(4)]
    pub level: Level,
}

/// The device's answer to the challenge: `POST /v1/enrol/complete`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CompleteRequest {
    /// The organisation of the ticket.
    #[n(0)]
    pub organisation: OrganisationId,
    /// The enrolment of the ticket.
    #[n(1)]
    pub enrolment: EnrolmentId,
    /// The relay's half of the secret.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub claim: [u8; 32],
    /// T.
    #[n(3)]
    pub binding: SignedBinding,
    /// CBOR of the attestation crate's evidence; empty at level `Supervised`.
    #[n(4)]
    pub evidence: ByteVec,
    /// The first key packages; their hashes stand in T. The last one is the last resort.
    #[n(5)]
    pub key_packages: Vec<ByteVec>,
}

/// Where an enrolment stands: answer of `complete` and of `POST /v1/enrol/status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum EnrolmentState {
    /// Waits for an administrator's device.
    #[n(0)]
    Pending,
    /// The certificate stands in the chain.
    #[n(1)]
    Active,
    /// An administrator said no.
    #[n(2)]
    Refused,
}

/// The founding of an organisation: `POST /v1/found`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FoundRequest {
    /// The claim ticket that `estafette-relay init` printed.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub claim: [u8; 32],
    /// Statements 0 and 1, signed by the organisation key.
    #[n(1)]
    pub statements: Vec<crate::statement::SignedStatement>,
    /// T of the first administrator's computer, without MAC.
    #[n(2)]
    pub binding: SignedBinding,
    /// Its key packages, the last one the last resort.
    #[n(3)]
    pub key_packages: Vec<ByteVec>,
}

/// An inventory entry, as the administrator's device tells it to the relay.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct InventoryEntry {
    /// Its id, drawn by the administrator's device.
    #[n(0)]
    pub id: InventoryId,
    /// Whose it will be.
    #[n(1)]
    pub agent: AgentNumber,
    /// The team, for whose rosters it is meant.
    #[n(2)]
    pub team: Option<TeamNumber>,
    /// `android`, `ios` or `computer`.
    #[n(3)]
    pub platform: String,
    /// The model, as the hardware attests it.
    #[n(4)]
    pub model: String,
    /// HMAC-SHA-256 of the serial number under a key of the organisation; the serial itself stays off the relay.
    #[n(5)]
    pub serial: Hash,
    /// The least level that a device needs here.
    #[n(6)]
    pub level: Level,
}

/// A ticket, as the administrator's device tells it to the relay: only the claim's hash.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TicketRequest {
    /// Drawn by the administrator's device.
    #[n(0)]
    pub enrolment: EnrolmentId,
    /// The inventory entry that it is for.
    #[n(1)]
    pub inventory: InventoryId,
    /// [`claim_hash`] of its claim.
    #[n(2)]
    pub claim: Hash,
    /// Its end; 24 hours at most.
    #[n(3)]
    pub expires_at: Timestamp,
}

/// An enrolment that waits for approval, as the relay shows it to administrators.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PendingEnrolment {
    /// The enrolment.
    #[n(0)]
    pub enrolment: EnrolmentId,
    /// Its inventory entry.
    #[n(1)]
    pub inventory: InventoryEntry,
    /// The nonce of the challenge, to check the evidence again.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub nonce: [u8; 32],
    /// T with its proofs.
    #[n(3)]
    pub binding: SignedBinding,
    /// The evidence, as it came.
    #[n(4)]
    pub evidence: ByteVec,
    /// When it was completed.
    #[n(5)]
    pub at: Timestamp,
}

/// A ticket as text: address, certificate pin, organisation's key, enrolment and secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// `host:port` of the relay.
    pub address: String,
    /// SHA-256 of the relay's certificate key (SPKI).
    pub pin: Hash,
    /// The organisation's key; its id follows. `None` in a claim ticket, which founds one.
    pub organisation_key: Option<Ed25519Public>,
    /// The relay's signing key, in a claim ticket: statement 0 names it.
    pub relay_key: Option<Ed25519Public>,
    /// The enrolment; zeros in a claim ticket.
    pub enrolment: EnrolmentId,
    /// The secret.
    pub secret: TicketSecret,
}

/// A text that is not a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a ticket of this version")]
pub struct BadTicket;

impl std::fmt::Display for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secret = crate::EntryUid(self.secret.0);
        write!(f, "estafette://e?v=1&u={}&p={}&i={}&s={}", self.address, self.pin, self.enrolment, secret)?;
        self.organisation_key.map_or(Ok(()), |key| write!(f, "&o={key}"))?;
        self.relay_key.map_or(Ok(()), |key| write!(f, "&r={key}"))
    }
}

impl std::str::FromStr for Ticket {
    type Err = BadTicket;

    fn from_str(text: &str) -> Result<Self, BadTicket> {
        let text = text.trim();
        if text.len() > 1024 {
            return Err(BadTicket);
        }
        let query = text.strip_prefix("estafette://e?").ok_or(BadTicket)?;
        let field = |name: &str| {
            query
                .split('&')
                .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))
                .map(|(_, v)| v)
        };
        if field("v") != Some("1") {
            return Err(BadTicket);
        }
        let secret: crate::EntryUid = field("s").and_then(|s| s.parse().ok()).ok_or(BadTicket)?;
        Ok(Self {
            address: field("u").filter(|address| !address.is_empty()).ok_or(BadTicket)?.to_owned(),
            pin: field("p").and_then(|p| p.parse().ok()).ok_or(BadTicket)?,
            organisation_key: field("o").map(|o| o.parse().map_err(|_| BadTicket)).transpose()?,
            relay_key: field("r").map(|r| r.parse().map_err(|_| BadTicket)).transpose()?,
            enrolment: field("i").and_then(|i| i.parse().ok()).ok_or(BadTicket)?,
            secret: TicketSecret(secret.0),
        })
    }
}
