//! Policies: rules that bind other people, and therefore take two persons.
//!
//! Hours, the terms of the lease, who approves and who represents the staff change by a proposal in the
//! statement chain, which somebody else approves there. Each change names the version that it replaces,
//! so that nobody approves on top of what they have not seen. [`crate::registry`] judges both and says
//! what stands; nothing here does.

use std::time::Duration;

use minicbor::{Decode, Encode};

use crate::hours::Calendar;
use crate::lease::LeaseTerms;
use crate::statement::HoursScope;
use crate::{AgentNumber, InventoryId, StatementNumber, Timestamp};

/// How long a proposal waits where nobody else could approve it: its author may confirm it then.
pub const ALONE: Duration = Duration::from_hours(24);
/// How long a proposal can be approved.
pub const PROPOSAL: Duration = Duration::from_hours(14 * 24);
/// Changes of one proposal.
pub const CHANGES: usize = 16;
/// The longest exception. Another may follow.
pub const EXCEPTION: Duration = Duration::from_hours(366 * 24);
/// Proposals that wait at a time.
pub const PROPOSALS: usize = 64;

/// A rule, as it is to stand.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Policy {
    /// Weekly hours and holidays of a scope.
    #[n(0)]
    Calendar {
        /// Whose.
        #[n(0)]
        scope: HoursScope,
        /// The hours.
        #[n(1)]
        calendar: Calendar,
    },
    /// After how many days without contact devices lock and are wiped.
    #[n(1)]
    Lease(#[n(0)] LeaseTerms),
    /// Whether a supervisor approves proposals, beside administrators.
    #[n(2)]
    Approver {
        /// Who.
        #[n(0)]
        agent: AgentNumber,
        /// From now on, or no longer.
        #[n(1)]
        appointed: bool,
    },
    /// Whether an agent represents the staff, and so is told of every derogation from rest at once
    /// (décret 2000-815, art. 3, II, b: the representatives are informed without delay).
    #[n(3)]
    Representative {
        /// Who.
        #[n(0)]
        agent: AgentNumber,
        /// From now on, or no longer.
        #[n(1)]
        named: bool,
    },
    /// Admits the phone of an inventory entry without evidence, at level `supervised`, until an end. Always
    /// takes a second person, whose eyes stand in the evidence's place.
    #[n(4)]
    Exception {
        /// The entry.
        #[n(0)]
        inventory: InventoryId,
        /// Why, 1 to [`crate::hours::REASON_CHARACTERS`] characters. The relay can read it too.
        #[n(1)]
        reason: String,
        /// From here on the phone is refused; at most [`EXCEPTION`] after it was proposed. An end that has
        /// passed ends it.
        #[n(2)]
        until: Timestamp,
    },
}

/// What a policy is about: a later one about the same takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicySubject {
    /// The hours of a scope.
    Calendar(HoursScope),
    /// The terms of the lease.
    Lease,
    /// An agent's right to approve.
    Approver(AgentNumber),
    /// An agent's mandate.
    Representative(AgentNumber),
    /// The exception for an inventory entry.
    Exception(InventoryId),
}

impl Policy {
    /// What it is about.
    pub fn subject(&self) -> PolicySubject {
        match self {
            Self::Calendar { scope, .. } => PolicySubject::Calendar(*scope),
            Self::Lease(_) => PolicySubject::Lease,
            Self::Approver { agent, .. } => PolicySubject::Approver(*agent),
            Self::Representative { agent, .. } => PolicySubject::Representative(*agent),
            Self::Exception { inventory, .. } => PolicySubject::Exception(*inventory),
        }
    }
}

/// A policy with the version in whose place it is to stand.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PolicyChange {
    /// The rule.
    #[n(0)]
    pub policy: Policy,
    /// The statement by which the present one took effect; `None` where there is none.
    #[n(1)]
    pub replaces: Option<StatementNumber>,
}
