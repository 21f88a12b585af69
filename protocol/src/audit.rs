//! The audit's lines and their chain: what administrators, operators and the relay did, and what was refused.
//!
//! Each line names the one before by hash; a line holds numbers, ids and stable words, never a name or a text.
//! The relay writes it and signs its head; whoever reads it follows the chain here and need not believe.

use crate::sign::{self, BadSignature, Domain};
use crate::{
    AgentNumber, DeviceId, Ed25519Public, EnrolmentId, FaultCode, Hash, InventoryId, OrganisationId,
    RosterId, Signature, StatementNumber, TeamNumber, Timestamp, codec,
};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

/// Separates these hashes from all others.
const LINK: &[u8] = b"estafette audit link v1\0";

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What happened, as a stable word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum What { $($(#[$doc])* $name),* }

        impl What {
            /// Every word, for documents and tests.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word, stable for ever.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

words! {
    /// The organisation was founded with its claim ticket.
    Founded = "organisation_founded",
    /// A certificate is in force.
    DeviceCertified = "device_certified",
    /// A device was ended.
    DeviceRevoked = "device_revoked",
    /// A withdrawn device said that its content is gone, with how much had not left.
    DeviceWiped = "device_wiped",
    /// The list of revoked keys names one of a phone's evidence: the relay bars it.
    DeviceBarred = "device_barred",
    /// A later list names none of them any more.
    DeviceCleared = "device_cleared",
    /// A phone has shown anew what it is.
    DeviceReattested = "device_reattested",
    /// A list of revoked keys came: how many entries it has, how many phones it names, and when it was fetched.
    RevocationsTaken = "revocations_taken",
    /// After how many days without contact devices lock and are wiped.
    LeaseSet = "lease_set",
    /// An agent's role.
    RoleSet = "role_set",
    /// A roster was made.
    RosterMade = "roster_made",
    /// A device was admitted to a roster.
    DeviceAdmitted = "device_admitted",
    /// A device was removed from a roster.
    DeviceRemoved = "device_removed",
    /// Weekly hours and holidays.
    CalendarSet = "calendar_set",
    /// Policies were proposed; how many.
    PolicyProposed = "policy_proposed",
    /// Proposed policies are in force; the value is the statement that proposed them.
    PolicyApproved = "policy_approved",
    /// A proposal was taken back or refused; the value is the statement that proposed.
    PolicyWithdrawn = "policy_withdrawn",
    /// From here on policies take two persons.
    SecondPersonRequired = "second_person_required",
    /// Leave.
    LeaveGranted = "leave_granted",
    /// A period of duty.
    DutyAdded = "duty_added",
    /// A period on call.
    OnCallAdded = "on_call_added",
    /// A derogation from an agent's rest.
    DerogationAdded = "derogation_added",
    /// The right to declare urgencies; the value is 1 where it was granted, 0 where it was taken away.
    UrgencyRightSet = "urgency_right_set",
    /// A second holder of the right approved an urgency of that agent's; the value is the legal basis.
    UrgencyApproved = "urgency_approved",
    /// An urgent message, with its end, its entry's hash and how many people it reaches; the value is the
    /// legal basis.
    UrgencyDeclared = "urgency_declared",
    /// Nobody has answered an urgent message; `times` is how many were called.
    CallUnanswered = "call_unanswered",
    /// An agent has prolonged their service.
    DutyProlonged = "duty_prolonged",
    /// Turns of a team's rota.
    RotaSet = "rota_set",
    /// A rest after an intervention.
    RestAdded = "rest_added",
    /// An inventory entry was added or replaced.
    InventoryChanged = "inventory_changed",
    /// The sealed directory was replaced.
    DirectoryReplaced = "directory_replaced",
    /// A ticket was opened for an inventory entry.
    TicketOpened = "ticket_opened",
    /// A ticket was used: a challenge went out.
    EnrolmentBegun = "enrolment_begun",
    /// A device has proved itself and waits for approval.
    EnrolmentCompleted = "enrolment_completed",
    /// An administrator said yes.
    EnrolmentApproved = "enrolment_approved",
    /// An administrator said no.
    EnrolmentRefused = "enrolment_refused",
    /// Too many wrong secrets.
    EnrolmentBurnt = "enrolment_burnt",
    /// A person has found the relay's clock right after a jump.
    ClockConfirmed = "clock_confirmed",
    /// Entries whose time has passed were erased.
    RetentionExecuted = "retention_executed",
    /// The evidence of a phone that was withdrawn a year ago was erased.
    EvidenceErased = "evidence_erased",
    /// A request was refused; the fault says why.
    Refused = "refused",
}

impl std::str::FromStr for What {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL.iter().copied().find(|what| what.as_str() == word).ok_or(UnknownWord)
    }
}

impl<C> Encode<C> for What {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.str(self.as_str())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for What {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        d.str()?.parse().map_err(|_| decode::Error::message("a word of a later version"))
    }
}

/// A word of a later version, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no word of the audit")]
pub struct UnknownWord;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Who {
    /// Somebody with an account on the relay's machine.
    #[n(0)]
    Operator,
    /// The relay by itself.
    #[n(1)]
    Relay,
    /// Whoever holds the organisation's key.
    #[n(2)]
    OrganisationKey,
    /// Somebody who has proved nothing.
    #[n(3)]
    Stranger,
    /// A device that proved itself.
    #[n(4)]
    Device {
        /// The device.
        #[n(0)]
        device: DeviceId,
        /// Whose it is.
        #[n(1)]
        agent: AgentNumber,
    },
}

/// What it was about. Numbers and ids only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Subject {
    /// How often, where several are told in one line.
    #[n(0)]
    pub times: Option<u64>,
    /// The statement that carries the act.
    #[n(1)]
    pub statement: Option<StatementNumber>,
    /// The device concerned. Of a stranger: the one that it claims to be.
    #[n(2)]
    pub device: Option<DeviceId>,
    /// The agent concerned.
    #[n(3)]
    pub agent: Option<AgentNumber>,
    /// The team concerned.
    #[n(4)]
    pub team: Option<TeamNumber>,
    /// The roster concerned.
    #[n(5)]
    pub roster: Option<RosterId>,
    /// The enrolment concerned.
    #[n(6)]
    pub enrolment: Option<EnrolmentId>,
    /// The inventory entry concerned.
    #[n(7)]
    pub inventory: Option<InventoryId>,
    /// Why it was refused.
    #[n(8)]
    pub fault: Option<FaultCode>,
    /// A number that the word defines: a role, a reason, a legal basis, days, a version.
    #[n(9)]
    pub value: Option<u64>,
    /// From when.
    #[n(10)]
    pub from: Option<Timestamp>,
    /// Until when.
    #[n(11)]
    pub until: Option<Timestamp>,
    /// SHA-256 of a text that stands elsewhere, such as the reason of a derogation.
    #[n(12)]
    pub hash: Option<Hash>,
}

/// A line before it has its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The relay's clock.
    pub at: Timestamp,
    /// Who.
    pub who: Who,
    /// What.
    pub what: What,
    /// About what.
    pub subject: Subject,
}

/// A line of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Line {
    /// From 1, without holes.
    #[n(0)]
    pub number: u64,
    /// The relay's clock.
    #[n(1)]
    pub at: Timestamp,
    /// Who.
    #[n(2)]
    pub who: Who,
    /// What.
    #[n(3)]
    pub what: What,
    /// About what.
    #[n(4)]
    pub subject: Subject,
}

impl Line {
    /// A draft with its number.
    pub fn of(number: u64, draft: &Draft) -> Self {
        Self { number, at: draft.at, who: draft.who, what: draft.what, subject: draft.subject.clone() }
    }

    /// The bytes that are stored and hashed.
    pub fn body(&self) -> Vec<u8> {
        codec::to_bytes(self)
    }
}

/// The hash of a line: SHA-256(domain ‖ hash of the line before ‖ CBOR of the line).
pub fn link(previous: Hash, body: &[u8]) -> Hash {
    Hash::of(&[LINK, &previous.0, body])
}

/// A place in the chain: the number of a line and its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Head {
    /// 0 before the first line.
    #[n(0)]
    pub number: u64,
    /// Zeros before the first line.
    #[n(1)]
    pub hash: Hash,
}

impl Default for Head {
    fn default() -> Self {
        Self { number: 0, hash: Hash([0; 32]) }
    }
}

/// The relay's word for the chain at a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SignedHead {
    /// Where.
    #[n(0)]
    pub head: Head,
    /// When it was signed, by the relay's clock.
    #[n(1)]
    pub at: Timestamp,
    /// Over organisation, number, time and hash, by the relay's key.
    #[n(2)]
    pub signature: Signature,
}

impl SignedHead {
    /// Signs a place in an organisation's chain.
    pub fn sign(
        organisation: OrganisationId,
        head: Head,
        at: Timestamp,
        key: &ed25519_dalek::SigningKey,
    ) -> Self {
        let (number, time) = (head.number.to_be_bytes(), at.0.to_be_bytes());
        let parts: [&[u8]; 4] = [&organisation.0, &number, &time, &head.hash.0];
        Self { head, at, signature: Signature(sign::ed25519(key, Domain::AuditHead, &parts)) }
    }

    /// Checks the relay's signature.
    ///
    /// # Errors
    ///
    /// It is of another key, organisation or place.
    pub fn verify(&self, organisation: OrganisationId, key: &Ed25519Public) -> Result<(), BadSignature> {
        let (number, time) = (self.head.number.to_be_bytes(), self.at.0.to_be_bytes());
        let parts: [&[u8]; 4] = [&organisation.0, &number, &time, &self.head.hash.0];
        sign::verify_ed25519(&key.0, Domain::AuditHead, &parts, &self.signature.0)
    }
}

/// A line as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Stored {
    /// CBOR of the [`Line`].
    #[cbor(n(0), with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// Its hash, see [`link`].
    #[n(1)]
    pub hash: Hash,
}

/// Where a chain of lines does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Cut {
    /// Where this line should stand there is another one, or it was removed.
    #[error("line {expected} is missing; {found} stands in its place")]
    Missing {
        /// The number that should follow.
        expected: u64,
        /// The number that stands there.
        found: u64,
    },
    /// This line was changed after it was written.
    #[error("line {0} was altered")]
    Altered(u64),
}

/// A chain that is followed line by line.
#[derive(Debug, Default, Clone, Copy)]
pub struct Chain {
    head: Head,
}

impl Chain {
    /// Where the chain has come to.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Takes the next line, as it was stored: its bytes and its hash.
    ///
    /// # Errors
    ///
    /// It is not the next line of this chain.
    pub fn follow(&mut self, line: &Line, body: &[u8], hash: Hash) -> Result<(), Cut> {
        let expected = self.head.number.saturating_add(1);
        if line.number != expected {
            return Err(Cut::Missing { expected, found: line.number });
        }
        if link(self.head.hash, body) != hash {
            return Err(Cut::Altered(line.number));
        }
        self.head = Head { number: line.number, hash };
        Ok(())
    }
}
