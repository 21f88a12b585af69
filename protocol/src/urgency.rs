//! Urgent messages: the terms on which one may disturb people off duty, and the calls that it begins.
//!
//! An entry of urgency [`Emergency`](crate::entry::Urgency::Emergency) states one legal basis, a reason and
//! an end in its header, in clear: the relay judges them and keeps them. Everybody on call gets it at once;
//! in the rota's order one after the other is asked to answer. From its end on it is an ordinary message.
//!
//! Always true: an answer is signed by the device of whoever gives it, and holds for one entry as it
//! stands. Not here: who may declare an urgency ([`crate::registry::Registry::may_declare_urgency`]), whom
//! to call next ([`crate::registry::Registry::call_order`]), and when (the relay's part).

use std::time::Duration;

use minicbor::{Decode, Encode};

use crate::hours::{HoursError, LegalBasis, Override, Period};
use crate::sign::{self, BadSignature, Domain};
use crate::{
    AgentNumber, DeviceId, Ed25519Public, EntryUid, Hash, OrganisationId, RosterId, Signature, TeamNumber,
    ThreadId, Timestamp, codec,
};

/// Minutes between two calls where the author says nothing else.
pub const MINUTES: u16 = 10;
/// The most minutes between two calls; the least is 1.
pub const LONGEST_MINUTES: u16 = 60;
/// Urgencies and overrides together that one author may declare within [`WINDOW`].
pub const DECISIONS: usize = 5;
/// In which [`DECISIONS`] are counted.
pub const WINDOW: Duration = Duration::from_hours(24);
/// Above so many people a second holder of the right must have stated an [`Approval`].
pub const ALONE: usize = 200;

/// On what an urgent message rests. The relay reads all of it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Terms {
    /// Exactly one (décret 2000-815, art. 3, II).
    #[n(0)]
    pub basis: LegalBasis,
    /// Why: 1 to [`crate::hours::REASON_CHARACTERS`] characters, in clear for the relay and its audit.
    #[n(1)]
    pub reason: String,
    /// Its end, at most [`crate::hours::OVERRIDE`] after it is received.
    #[n(2)]
    pub until: Timestamp,
}

/// An urgency that was declared, as everybody may know: a trace of who disturbed people at rest, and why.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Declared {
    /// When the relay received it.
    #[n(0)]
    pub at: Timestamp,
    /// Who declared it; nothing for a device that the relay knows no more.
    #[n(1)]
    pub author: Option<AgentNumber>,
    /// The team whose conversation it was written in.
    #[n(2)]
    pub team: Option<TeamNumber>,
    /// Its terms; nothing once its retention is over.
    #[n(3)]
    pub terms: Option<Terms>,
    /// The whole rota was called, and nobody answered.
    #[n(4)]
    pub unanswered: bool,
}

/// How many declared urgencies are told at once, the newest.
pub const DECLARED: usize = 100;

impl Terms {
    /// Refuses a missing basis, a reason that is missing or too long, and an end that is missing or more
    /// than a day after `at`. One that has passed is none: the message comes as an ordinary one.
    ///
    /// # Errors
    ///
    /// What an override would be refused for.
    pub fn validate(&self, at: Timestamp) -> Result<(), HoursError> {
        let ended = self.until > Timestamp(0) && self.until <= at;
        let from = if ended { self.until.before(Duration::from_millis(1)) } else { at };
        let (period, reason) = (Period { from, until: self.until }, self.reason.clone());
        Override { period, basis: self.basis, author: AgentNumber(0), reason }.validate()
    }
}

/// Whom an approved urgency reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Audience {
    /// A message in this roster's threads.
    #[n(0)]
    Roster(#[n(0)] RosterId),
    /// Overrides of this team's agents.
    #[n(1)]
    Team(#[n(0)] TeamNumber),
}

/// A second holder's word that an author may reach more than [`ALONE`] people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Approval {
    /// Who may.
    #[n(0)]
    pub author: AgentNumber,
    /// Whom.
    #[n(1)]
    pub audience: Audience,
    /// On what right; the urgency must name the same.
    #[n(2)]
    pub basis: LegalBasis,
    /// Until when, at most [`crate::hours::OVERRIDE`] after the statement; the urgency ends no later.
    #[n(3)]
    pub until: Timestamp,
}

/// One who was called, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Asked {
    /// Who.
    #[n(0)]
    pub agent: AgentNumber,
    /// By the relay's clock.
    #[n(1)]
    pub at: Timestamp,
}

/// « J’y vais »: one person's answer to an urgent message.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Answer {
    /// Its thread.
    #[n(0)]
    pub thread: ThreadId,
    /// Its name.
    #[n(1)]
    pub entry: EntryUid,
    /// SHA-256 of the sealed entry that stands.
    #[n(2)]
    pub hash: Hash,
    /// Whose device.
    #[n(3)]
    pub device: DeviceId,
    /// When, by that device's idea of the relay's clock.
    #[n(4)]
    pub at: Timestamp,
    /// By that device's Ed25519 key.
    #[n(5)]
    pub signature: Signature,
}

impl Answer {
    /// Fills in the signature.
    pub fn sign(mut self, organisation: OrganisationId, key: &ed25519_dalek::SigningKey) -> Self {
        self.signature = Signature(sign::ed25519(key, Domain::Answer, &[&self.message(organisation)]));
        self
    }

    /// Checks the signature. Whose device it is, is for the caller to know.
    ///
    /// # Errors
    ///
    /// It is of another key, or of other words.
    pub fn verify(&self, organisation: OrganisationId, key: &Ed25519Public) -> Result<(), BadSignature> {
        sign::verify_ed25519(&key.0, Domain::Answer, &[&self.message(organisation)], &self.signature.0)
    }

    fn message(&self, organisation: OrganisationId) -> Vec<u8> {
        codec::to_bytes(&(organisation, self.thread, self.entry, self.hash, self.device, self.at))
    }
}

/// How far the call of an urgent message has come; a later report takes the place of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CallReport {
    /// The message's thread.
    #[n(0)]
    pub thread: ThreadId,
    /// Its name.
    #[n(1)]
    pub entry: EntryUid,
    /// Who was called, in order.
    #[n(2)]
    pub asked: Vec<Asked>,
    /// Who answered, called or not.
    #[n(3)]
    pub answers: Vec<Answer>,
    /// Since when it is known that nobody has answered of all who could be called.
    #[n(4)]
    pub unanswered_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;
    const NOW: Timestamp = Timestamp(100 * HOUR);

    fn terms(until: u64) -> Terms {
        let basis = LegalBasis::PERMANENT_PROTECTION;
        Terms { basis, reason: "Crue de la Loire.".to_owned(), until: Timestamp(until) }
    }

    #[test]
    fn terms_have_one_basis_a_reason_and_an_end_within_a_day() {
        assert_eq!(terms(101 * HOUR).validate(NOW), Ok(()));
        assert_eq!(terms(124 * HOUR).validate(NOW), Ok(()));
        assert_eq!(terms(124 * HOUR + 1).validate(NOW), Err(HoursError::OverrideTooLong));
        assert_eq!(terms(0).validate(NOW), Err(HoursError::EmptyPeriod));
        assert_eq!(terms(99 * HOUR).validate(NOW), Ok(()), "its end has passed: an ordinary message");
        let baseless = Terms { basis: LegalBasis::NONE, ..terms(101 * HOUR) };
        assert_eq!(baseless.validate(NOW), Err(HoursError::BasisMissing));
        for reason in [String::new(), " ".to_owned(), "é".repeat(201)] {
            assert_eq!(Terms { reason, ..terms(101 * HOUR) }.validate(NOW), Err(HoursError::BadReason));
        }
        assert_eq!(Terms { reason: "é".repeat(200), ..terms(101 * HOUR) }.validate(NOW), Ok(()));
    }

    #[test]
    fn an_answer_holds_for_its_device_entry_and_organisation_only() {
        let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        let public = Ed25519Public(key.verifying_key().to_bytes());
        let organisation = OrganisationId([1; OrganisationId::LEN]);
        let answer = Answer {
            thread: ThreadId([2; ThreadId::LEN]),
            entry: EntryUid([3; EntryUid::LEN]),
            hash: Hash([4; 32]),
            device: DeviceId([5; DeviceId::LEN]),
            at: Timestamp(6),
            signature: Signature([0; Signature::LEN]),
        };
        let signed = answer.sign(organisation, &key);
        assert_eq!(signed.verify(organisation, &public), Ok(()));
        assert_eq!(signed.verify(OrganisationId([9; OrganisationId::LEN]), &public), Err(BadSignature));
        for altered in [
            Answer { thread: ThreadId([9; ThreadId::LEN]), ..signed.clone() },
            Answer { entry: EntryUid([9; EntryUid::LEN]), ..signed.clone() },
            Answer { hash: Hash([9; 32]), ..signed.clone() },
            Answer { device: DeviceId([9; DeviceId::LEN]), ..signed.clone() },
            Answer { at: Timestamp(9), ..signed.clone() },
        ] {
            assert_eq!(altered.verify(organisation, &public), Err(BadSignature));
        }
    }
}
