//! Lengths of time between two instants, and who answers for them.

use minicbor::{Decode, Encode};

use super::{Date, HoursError, OVERRIDE, REASON_CHARACTERS, Zone};
use crate::{AgentNumber, Timestamp};

/// From an instant, included, until another, excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Period {
    /// Its first instant.
    #[n(0)]
    pub from: Timestamp,
    /// The first instant that is no longer in it.
    #[n(1)]
    pub until: Timestamp,
}

impl Period {
    /// Whole days of a place, both included; `None` if they are no dates or the wrong way round.
    pub fn whole_days(zone: &Zone, first: Date, last: Date) -> Option<Self> {
        let period = Self { from: zone.instant(first, 0)?, until: zone.instant(last, 1440)? };
        period.validate().is_ok().then_some(period)
    }

    /// Whether an instant lies in it. An empty or reversed period holds none.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// Refuses a period that holds no instant.
    pub fn validate(&self) -> Result<(), HoursError> {
        if self.from < self.until { Ok(()) } else { Err(HoursError::EmptyPeriod) }
    }
}

/// A stretch of duty outside the calendar, by a supervisor's or an administrator's order.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DutyPeriod {
    /// When.
    #[n(0)]
    pub period: Period,
    /// Who ordered it: the agent sees by whom.
    #[n(1)]
    pub author: AgentNumber,
    /// Why, for the agent to read: 1 to [`REASON_CHARACTERS`] characters. The relay can read it too.
    #[n(2)]
    pub reason: String,
}

impl DutyPeriod {
    /// Refuses an empty period, and a reason that is missing or too long.
    pub fn validate(&self) -> Result<(), HoursError> {
        self.period.validate()?;
        validate_reason(&self.reason)
    }
}

/// On what right an override rests: exactly one. A number that this version does not name is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct LegalBasis(#[n(0)] pub u16);

impl LegalBasis {
    /// None, which is refused.
    pub const NONE: Self = Self(0);
    /// A decree for the permanent protection of persons or goods (décret 2000-815, art. 3, II, a).
    pub const PERMANENT_PROTECTION: Self = Self(1);
    /// Exceptional circumstances, decided for a limited time (décret 2000-815, art. 3, II, b).
    pub const EXCEPTIONAL_CIRCUMSTANCES: Self = Self(2);
}

/// A derogation from the agent's rest: one legal basis, an author, a reason and an end.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Override {
    /// When; at its end the gate closes by itself.
    #[n(0)]
    pub period: Period,
    /// On what right.
    #[n(1)]
    pub basis: LegalBasis,
    /// Who decided it.
    #[n(2)]
    pub author: AgentNumber,
    /// Why: 1 to [`REASON_CHARACTERS`] characters. The relay can read it too.
    #[n(3)]
    pub reason: String,
}

impl Override {
    /// Refuses an empty period, one longer than [`OVERRIDE`] (so: without an end), a missing legal
    /// basis, and a reason that is missing or too long.
    pub fn validate(&self) -> Result<(), HoursError> {
        self.period.validate()?;
        if self.period.until > self.period.from.after(OVERRIDE) {
            return Err(HoursError::OverrideTooLong);
        }
        if self.basis == LegalBasis::NONE {
            return Err(HoursError::BasisMissing);
        }
        validate_reason(&self.reason)
    }
}

/// Refuses a reason that is missing or too long.
pub(crate) fn validate_reason(reason: &str) -> Result<(), HoursError> {
    let fits = reason.chars().nth(REASON_CHARACTERS).is_none();
    if fits && !reason.trim().is_empty() { Ok(()) } else { Err(HoursError::BadReason) }
}
