//! A device's keys and the bytes that it makes.

use ed25519_dalek::SigningKey;
use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::enrol::{Binding, SignedBinding, binding_mac};
use estafette_protocol::entry::{EntryKind, Header, SealedEntry, Urgency};
use estafette_protocol::exchange::{ExchangeBody, ExchangeRequest, Proof};
use estafette_protocol::frame::{CommitUpload, Request, RequestBody};
use estafette_protocol::handshake::{CommitNote, RosterName};
use estafette_protocol::hours::LegalBasis;
use estafette_protocol::sign::{self, Domain};
use estafette_protocol::urgency::Terms;
use estafette_protocol::{
    AgentNumber, AuthEpoch, DeviceId, Ed25519Public, EnrolmentId, EntryUid, Epoch, Es256Public, Hash,
    InventoryId, OrganisationId, RosterGeneration, Salt, Signature, ThreadId, Timestamp, X25519Public, codec,
};
use p256::ecdsa::signature::Signer;

/// Everything that a device signs with. Two devices of the same number are the same.
#[derive(Clone)]
pub struct Device {
    pub id: DeviceId,
    pub agent: AgentNumber,
    pub ed25519: SigningKey,
    pub es256: p256::ecdsa::SigningKey,
}

impl Device {
    pub fn new(number: u8) -> Self {
        Self {
            id: DeviceId([number; 16]),
            agent: AgentNumber(number.into()),
            ed25519: SigningKey::from_bytes(&[number; 32]),
            es256: p256::ecdsa::SigningKey::from_slice(&[number; 32]).unwrap(),
        }
    }

    pub fn es256_public(&self) -> Es256Public {
        Es256Public::from_slice(self.es256.verifying_key().to_encoded_point(true).as_bytes()).unwrap()
    }

    pub fn inventory(&self) -> InventoryId {
        InventoryId(self.id.0)
    }

    pub fn enrolment(&self) -> EnrolmentId {
        EnrolmentId(self.id.0)
    }

    pub fn certificate(&self) -> Certificate {
        Certificate {
            device: self.id,
            agent: self.agent,
            es256: self.es256_public(),
            ed25519: Ed25519Public(self.ed25519.verifying_key().to_bytes()),
            x25519: X25519Public([self.id.0[0]; 32]),
            level: Level::Supervised,
            inventory: self.inventory(),
        }
    }

    /// Three key packages, told apart by their bytes.
    pub fn key_packages(&self) -> Vec<Vec<u8>> {
        (0..3).map(|number| vec![self.id.0[0], 0x6b, number]).collect()
    }

    pub fn binding(
        &self,
        organisation: OrganisationId,
        enrolment: EnrolmentId,
        bind: &[u8; 32],
    ) -> SignedBinding {
        let certificate = self.certificate();
        let binding = Binding {
            organisation,
            enrolment,
            device: self.id,
            es256: certificate.es256,
            ed25519: certificate.ed25519,
            x25519: certificate.x25519,
            key_packages: self.key_packages().iter().map(|package| Hash::of(&[package])).collect(),
        };
        let body = codec::to_bytes(&binding);
        SignedBinding {
            es256: self.sign_es256(&Domain::Enrolment.message(&[&body])),
            ed25519: Signature(sign::ed25519(&self.ed25519, Domain::Enrolment, &[&body])),
            mac: binding_mac(bind, &body).into(),
            body: body.into(),
        }
    }

    pub fn sign_es256(&self, message: &[u8]) -> Signature {
        let signature: p256::ecdsa::Signature = self.es256.sign(message);
        Signature::from_slice(&signature.to_bytes()).unwrap()
    }

    /// A signed exchange.
    pub fn exchange(
        &self,
        organisation: OrganisationId,
        relay: &Hash,
        number: u64,
        bodies: Vec<RequestBody>,
    ) -> Vec<u8> {
        let requests = (0..).zip(bodies).map(|(id, body)| Request { id, body }).collect();
        let body = codec::to_bytes(&ExchangeBody { requests });
        let mut proof = Proof {
            organisation,
            device: self.id,
            auth_epoch: AuthEpoch(0),
            number,
            signature: Signature([0; 64]),
        };
        proof.signature = self.sign_es256(&proof.message(relay, &body));
        codec::to_bytes(&ExchangeRequest { proof, body: body.into() })
    }
}

/// An entry whose sealed bytes are `text`: the relay cannot tell.
pub fn entry(thread: ThreadId, uid: u32, epoch: u64, text: &str) -> SealedEntry {
    let mut name = [0; 16];
    name[..4].copy_from_slice(&uid.to_be_bytes());
    SealedEntry {
        header: Header {
            version: 1,
            urgency: Urgency::Normal,
            kind: EntryKind::Create,
            thread,
            generation: RosterGeneration(0),
            epoch: Epoch(epoch),
            uid: EntryUid(name),
            salt: Salt([7; 8]),
            acknowledgement_due: None,
            escalation_minutes: None,
            announced: None,
            terms: None,
        },
        sealed: text.as_bytes().to_vec(),
    }
}

/// Terms of an urgent entry that nobody could object to, for two hours.
pub fn terms(now: Timestamp) -> Terms {
    let until = now.after(std::time::Duration::from_secs(7200));
    Terms { basis: LegalBasis::PERMANENT_PROTECTION, reason: "Crue de la Loire.".to_owned(), until }
}

/// Who sends a commit, as its public header says.
#[derive(Clone, Copy)]
pub enum Sender {
    Member,
    NewMember,
}

/// A commit's public header, followed by bytes that make it one of its own.
pub fn commit_bytes(group: &[u8], epoch: u64, sender: Sender, note: &CommitNote, own: &str) -> Vec<u8> {
    let vector = |bytes: &[u8]| match bytes.len() {
        length @ 0..64 => [&[length as u8][..], bytes].concat(),
        length => [&(0x4000 | length as u16).to_be_bytes()[..], bytes].concat(),
    };
    let sender: &[u8] = match sender {
        Sender::Member => &[1, 0, 0, 0, 0],
        Sender::NewMember => &[4],
    };
    let note = codec::to_bytes(note);
    let parts: [&[u8]; 7] =
        [&[0, 1, 0, 1], &vector(group), &epoch.to_be_bytes(), sender, &vector(&note), &[3], own.as_bytes()];
    parts.concat()
}

/// A commit of generation 0 with what goes with it.
pub fn upload(
    organisation: OrganisationId,
    roster: RosterName,
    epoch: u64,
    sender: Sender,
    note: CommitNote,
    added: &[DeviceId],
    own: &str,
) -> CommitUpload {
    let group = roster.id(organisation).group(RosterGeneration(0));
    CommitUpload {
        roster,
        commit: commit_bytes(&group, epoch, sender, &note, own).into(),
        welcomes: added
            .iter()
            .map(|device| (*device, format!("welcome {own}").into_bytes().into()))
            .collect(),
        key_packages: Vec::new(),
        group_info: format!("group info {own}").into_bytes().into(),
        tree: format!("tree {own}").into_bytes().into(),
    }
}
