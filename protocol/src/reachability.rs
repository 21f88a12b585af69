//! When an agent could be reached: the relay's signed word, resting on the statement chain.
//!
//! An agent asks for it to prove what the hours were, for a stretch of the past or for one message: until
//! when it was held. Whoever holds the chain computes the same from it ([`stretches`]) and compares. Always
//! true: what holds at an instant follows from the statements made until then and from no later one; only
//! the past is told. It says when an agent could be reached, never where a phone was or what it did.

use std::time::Duration;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::entry::Urgency;
use crate::hours::{Period, Reach};
use crate::registry::{Reachable, Registry, StatementError};
use crate::sign::{self, BadSignature, Domain};
use crate::statement::{SignedStatement, Statement};
use crate::{
    AgentNumber, DeviceId, Ed25519Public, EntryUid, Fault, FaultCode, Hash, OrganisationId, Position,
    Signature, StatementNumber, ThreadId, Timestamp, codec,
};

/// The longest stretch of time that is told at once.
pub const LONGEST: Duration = Duration::from_hours(31 * 24);
/// Changes within one stretch of time.
pub const CHANGES: usize = 4096;
/// Bytes of the signed word.
pub const SIZE: usize = 128 * 1024;

/// What an agent could be reached for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ReachableFor {
    /// Everything.
    #[n(0)]
    Everything,
    /// What is meant for those on call.
    #[n(1)]
    OnCall,
    /// Nothing.
    #[n(2)]
    Nothing,
}

impl ReachableFor {
    /// The stable word, as programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everything => "on-duty",
            Self::OnCall => "on-call",
            Self::Nothing => "off-duty",
        }
    }

    /// Whether something passes that is meant for `reach`.
    pub fn lets_through(self, reach: Reach) -> bool {
        match self {
            Self::Everything => true,
            Self::OnCall => reach == Reach::OnCall,
            Self::Nothing => false,
        }
    }
}

impl From<Reachable> for ReachableFor {
    fn from(reachable: Reachable) -> Self {
        match reachable {
            Reachable::OnDuty => Self::Everything,
            Reachable::OnCall { .. } => Self::OnCall,
            Reachable::OffDuty { .. } => Self::Nothing,
        }
    }
}

/// What holds from an instant on, until the next stretch begins or the period ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Stretch {
    /// Its first instant.
    #[n(0)]
    pub from: Timestamp,
    /// What the agent could be reached for.
    #[n(1)]
    pub reachable: ReachableFor,
}

/// A message that the relay had for the agent.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HeldEntry {
    /// Its thread.
    #[n(0)]
    pub thread: ThreadId,
    /// Where it stands there.
    #[n(1)]
    pub position: Position,
    /// Its name.
    #[n(2)]
    pub uid: EntryUid,
    /// The hash that the thread's chain holds for it.
    #[n(3)]
    pub hash: Hash,
    /// Whom it was meant to reach.
    #[n(4)]
    pub urgency: Urgency,
    /// When the relay had it.
    #[n(5)]
    pub received_at: Timestamp,
    /// The first instant at which it could be handed to the agent; `None` while there was none.
    #[n(6)]
    pub held_until: Option<Timestamp>,
    /// From when on it was an ordinary message, if it was urgent.
    #[n(7)]
    pub urgent_until: Option<Timestamp>,
}

/// When an agent could be reached. Times are the relay's.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Reachability {
    /// The organisation.
    #[n(0)]
    pub organisation: OrganisationId,
    /// The agent, who asked.
    #[n(1)]
    pub agent: AgentNumber,
    /// The time that is told, all of it past.
    #[n(2)]
    pub period: Period,
    /// From its beginning to its end, by their beginning; neighbours differ.
    #[n(3)]
    pub stretches: Vec<Stretch>,
    /// The last statement that counted: the version of the hours.
    #[n(4)]
    pub version: StatementNumber,
    /// The chain at the time of the word: its last statement, and that one's hash.
    #[n(5)]
    pub head: (StatementNumber, Hash),
    /// The message that was asked for.
    #[n(6)]
    pub entry: Option<HeldEntry>,
    /// When the relay said so.
    #[n(7)]
    pub issued_at: Timestamp,
}

impl Reachability {
    /// Signs it with the relay's key.
    pub fn sign(&self, key: &ed25519_dalek::SigningKey) -> SignedReachability {
        let body = codec::to_bytes(self);
        let signature = Signature(sign::ed25519(key, Domain::Reachability, &[&body]));
        SignedReachability { body: body.into(), signature }
    }
}

/// The word with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SignedReachability {
    /// CBOR of a [`Reachability`].
    #[n(0)]
    pub body: ByteVec,
    /// By the relay's key of statement 0.
    #[n(1)]
    pub signature: Signature,
}

impl SignedReachability {
    /// Checks the signature and reads the word.
    pub fn verify(&self, key: &Ed25519Public) -> Result<Reachability, BadSignature> {
        sign::verify_ed25519(&key.0, Domain::Reachability, &[&self.body], &self.signature.0)?;
        codec::from_bytes(&self.body, SIZE).map_err(|_| BadSignature)
    }
}

/// A device's own word on when a message came: the relay keeps no such times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Arrival {
    /// The organisation.
    #[n(0)]
    pub organisation: OrganisationId,
    /// The device.
    #[n(1)]
    pub device: DeviceId,
    /// The thread.
    #[n(2)]
    pub thread: ThreadId,
    /// Where the message stands there.
    #[n(3)]
    pub position: Position,
    /// When it came, by the relay's clock as the device counts it.
    #[n(4)]
    pub arrived_at: Timestamp,
}

/// The word of a device with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SignedArrival {
    /// What it says.
    #[n(0)]
    pub arrival: Arrival,
    /// By the device's Ed25519 key.
    #[n(1)]
    pub signature: Signature,
}

impl Arrival {
    /// Signs it with the device's key.
    pub fn sign(self, key: &ed25519_dalek::SigningKey) -> SignedArrival {
        let signature = Signature(sign::ed25519(key, Domain::Arrival, &[&codec::to_bytes(&self)]));
        SignedArrival { arrival: self, signature }
    }
}

impl SignedArrival {
    /// Checks the signature.
    pub fn verify(&self, key: &Ed25519Public) -> Result<(), BadSignature> {
        sign::verify_ed25519(&key.0, Domain::Arrival, &[&codec::to_bytes(&self.arrival)], &self.signature.0)
    }
}

/// What an agent asks to have proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum ReachabilityQuestion {
    /// A stretch of the past, at most [`LONGEST`].
    #[n(0)]
    Period(#[n(0)] Period),
    /// A message of a thread in which the agent's device is: from when the relay had it on.
    #[n(1)]
    Entry {
        /// The thread.
        #[n(0)]
        thread: ThreadId,
        /// Where it stands there.
        #[n(1)]
        position: Position,
    },
}

/// Why nothing can be told.
#[derive(Debug, thiserror::Error)]
pub enum ReachabilityError {
    /// Empty, reversed, or longer than [`LONGEST`].
    #[error("a period of 1 ms to 31 days")]
    Period,
    /// More than [`CHANGES`].
    #[error("more than {CHANGES} changes")]
    Changes,
    /// A statement of the chain does not follow or does not hold.
    #[error("the chain does not hold: {0}")]
    Chain(#[from] StatementError),
}

impl From<ReachabilityError> for Fault {
    fn from(error: ReachabilityError) -> Self {
        match error {
            ReachabilityError::Period => {
                Self::new(FaultCode::HoursInvalid).with_reasons(vec!["period_length".to_owned()])
            }
            ReachabilityError::Changes => Self::new(FaultCode::TooLarge).with_number(CHANGES as u64),
            ReachabilityError::Chain(error) => error.into(),
        }
    }
}

/// A chain that is read from its beginning, and what an agent could be reached for on the way.
pub struct Walk {
    registry: Registry,
    agent: AgentNumber,
    period: Period,
    /// Up to here it is told.
    told: Timestamp,
    /// Since when the statements read hold: dates of a chain may go back a little, time does not.
    effective: Timestamp,
    stretches: Vec<Stretch>,
    version: StatementNumber,
}

impl Walk {
    /// Before the first statement.
    ///
    /// # Errors
    ///
    /// A period that is empty, reversed or longer than [`LONGEST`].
    pub fn new(
        organisation: OrganisationId,
        agent: AgentNumber,
        period: Period,
    ) -> Result<Self, ReachabilityError> {
        if period.from >= period.until || period.until > period.from.after(LONGEST) {
            return Err(ReachabilityError::Period);
        }
        Ok(Self {
            registry: Registry::new(organisation),
            agent,
            period,
            told: period.from,
            effective: Timestamp(0),
            stretches: Vec::new(),
            version: StatementNumber(0),
        })
    }

    /// Takes the next statement: what held before it holds until its date.
    ///
    /// # Errors
    ///
    /// It does not follow, does not hold, or the hours change too often.
    pub fn take(
        &mut self,
        signed: &SignedStatement,
        apply: impl FnOnce(&mut Registry, &SignedStatement) -> Result<Statement, StatementError>,
    ) -> Result<(), ReachabilityError> {
        let at = signed.statement().map_err(StatementError::from)?.at;
        self.effective = self.effective.max(at);
        self.tell_until(self.effective.min(self.period.until))?;
        let number = apply(&mut self.registry, signed)?.number;
        if self.effective < self.period.until {
            self.version = number;
        }
        Ok(())
    }

    /// What holds to the end, and the last statement that counted.
    ///
    /// # Errors
    ///
    /// The hours change too often.
    pub fn end(mut self) -> Result<(Vec<Stretch>, StatementNumber, Registry), ReachabilityError> {
        self.tell_until(self.period.until)?;
        Ok((self.stretches, self.version, self.registry))
    }

    fn tell_until(&mut self, until: Timestamp) -> Result<(), ReachabilityError> {
        if self.told >= until {
            return Ok(());
        }
        let hours = self.registry.hours_of(self.agent);
        while self.told < until {
            let reachable = self.registry.reachable(self.agent, self.told).into();
            if self.stretches.last().is_none_or(|last| last.reachable != reachable) {
                self.stretches.push(Stretch { from: self.told, reachable });
            }
            if self.stretches.len() > CHANGES {
                return Err(ReachabilityError::Changes);
            }
            let next = |reach| hours.as_ref().and_then(|hours| hours.next_change(self.told, reach));
            let changes = [next(Reach::Duty), next(Reach::OnCall), Some(until)];
            self.told = changes.into_iter().flatten().min().unwrap_or(until).min(until);
        }
        Ok(())
    }
}

/// What an agent could be reached for, from a chain whose statements were judged before.
///
/// # Errors
///
/// As [`Walk`] says.
pub fn stretches(
    organisation: OrganisationId,
    agent: AgentNumber,
    period: Period,
    chain: &[SignedStatement],
) -> Result<(Vec<Stretch>, StatementNumber), ReachabilityError> {
    let mut walk = Walk::new(organisation, agent, period)?;
    chain.iter().try_for_each(|signed| walk.take(signed, Registry::restore))?;
    walk.end().map(|(stretches, version, _)| (stretches, version))
}

/// The first instant of the stretches at which something of that urgency passes; from `urgent_until` on
/// it is an ordinary message.
pub fn held_until(
    stretches: &[Stretch],
    urgency: Urgency,
    urgent_until: Option<Timestamp>,
) -> Option<Timestamp> {
    let passes = |stretch: &&Stretch| {
        let over = urgent_until.is_some_and(|until| until <= stretch.from);
        stretch.reachable.lets_through(if over { Reach::Duty } else { urgency.into() })
    };
    stretches.iter().find(passes).map(|stretch| stretch.from)
}
