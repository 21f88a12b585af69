//! Statements: the signed links of an organisation's hash chain.
//!
//! Certificates, roles, rosters, admissions, removals and hours are acts in statements;
//! nothing else gives a right. A statement holds several acts, so that an approval (its
//! certificate and admissions) stands or falls as one. [`crate::registry`] judges them.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::certificate::Certificate;
use crate::hours::{Calendar, DutyPeriod, Override, Period, RestAfter, Rota};
use crate::lease::LeaseTerms;
use crate::policy::PolicyChange;
use crate::sign::{self, BadSignature, Domain};
use crate::urgency::Approval;
use crate::{
    AgentNumber, DeviceId, Ed25519Public, Hash, OrganisationId, RosterId, Signature, StatementNumber,
    TeamNumber, Timestamp, codec, limits,
};

/// Who signs a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Signer {
    /// The organisation's key, which stays off the relay.
    #[n(0)]
    Organisation,
    /// A device, by its Ed25519 key.
    #[n(1)]
    Device(#[n(0)] DeviceId),
}

/// What a roster's entries are, and therefore who may be in it and what leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Class {
    /// Work.
    #[n(0)]
    Service,
    /// Announcements: only announcers append.
    #[n(1)]
    Diffusion,
    /// Personal: no archive, in no export of the organisation.
    #[n(2)]
    Personnel,
    /// Staff representatives.
    #[n(3)]
    Syndical,
}

impl Class {
    /// The stable word, as programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Diffusion => "diffusion",
            Self::Personnel => "personnel",
            Self::Syndical => "syndical",
        }
    }
}

/// What an agent may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// Writes and reads in the threads of their rosters.
    #[n(0)]
    Agent,
    /// Also leads teams.
    #[n(1)]
    Supervisor,
    /// Provisions devices and signs statements.
    #[n(2)]
    Administrator,
    /// Data protection or archives.
    #[n(3)]
    Officer,
    /// From outside, with a sponsor and an end.
    #[n(4)]
    Guest,
    /// The archive service: stands visibly in the rosters to which statements admit it, and has no
    /// personal conversation. Given before the first device, kept until after the last.
    #[n(5)]
    Archives,
}

/// How much of what was written before its admission a device may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum History {
    /// Nothing.
    #[n(0)]
    None,
    /// What the relay received at or after an instant.
    #[n(1)]
    Since(#[n(0)] Timestamp),
    /// Everything that is kept.
    #[n(2)]
    All,
}

/// Why a device is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum RevocationReason {
    /// Lost or stolen.
    #[n(0)]
    Lost,
    /// Another device takes its place.
    #[n(1)]
    Replaced,
    /// No longer used.
    #[n(2)]
    Retired,
    /// Under suspicion.
    #[n(3)]
    Suspended,
}

/// Whose hours a calendar sets. The narrowest that exists counts; of several teams, any that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum HoursScope {
    /// Everybody without a narrower one.
    #[n(0)]
    Organisation,
    /// A team's members.
    #[n(1)]
    Team(#[n(0)] TeamNumber),
    /// One agent.
    #[n(2)]
    Agent(#[n(0)] AgentNumber),
}

/// One thing that a statement brings about.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Act {
    /// Founds the organisation. Statement 0 and nothing else.
    #[n(0)]
    Found {
        /// Its key.
        #[n(0)]
        organisation_key: Ed25519Public,
        /// The relay's key, for heads and tokens.
        #[n(1)]
        relay_key: Ed25519Public,
    },
    /// Puts a device's certificate in force.
    #[n(1)]
    Certify(#[n(0)] Certificate),
    /// Gives an agent a role.
    #[n(2)]
    SetRole {
        /// The agent.
        #[n(0)]
        agent: AgentNumber,
        /// The role.
        #[n(1)]
        role: Role,
        /// The teams that a supervisor leads; empty for other roles.
        #[n(2)]
        teams: Vec<TeamNumber>,
    },
    /// Makes a roster.
    #[n(3)]
    CreateRoster {
        /// Drawn at random by the signer.
        #[n(0)]
        roster: RosterId,
        /// `Service` or `Diffusion`.
        #[n(1)]
        class: Class,
        /// The team whose roster it is.
        #[n(2)]
        team: Option<TeamNumber>,
        /// Days that the relay keeps entries.
        #[n(3)]
        retention_days: u32,
    },
    /// Admits a device to a roster.
    #[n(4)]
    Admit {
        /// The roster.
        #[n(0)]
        roster: RosterId,
        /// The device.
        #[n(1)]
        device: DeviceId,
        /// What of the past it may read.
        #[n(2)]
        history: History,
    },
    /// Removes a device from a roster.
    #[n(5)]
    Remove {
        /// The roster.
        #[n(0)]
        roster: RosterId,
        /// The device.
        #[n(1)]
        device: DeviceId,
    },
    /// Ends a device: its sessions, its rights and its memberships.
    #[n(6)]
    Revoke {
        /// The device.
        #[n(0)]
        device: DeviceId,
        /// Why.
        #[n(1)]
        reason: RevocationReason,
    },
    /// Sets weekly hours and holidays, in the place of those that this scope had. Refused where policies
    /// take two persons: [`Act::Propose`].
    #[n(7)]
    SetCalendar {
        /// Whose.
        #[n(0)]
        scope: HoursScope,
        /// The hours.
        #[n(1)]
        calendar: Calendar,
    },
    /// Closes an agent's hours for a time.
    #[n(8)]
    GrantLeave {
        /// The agent.
        #[n(0)]
        agent: AgentNumber,
        /// When.
        #[n(1)]
        period: Period,
    },
    /// Opens an agent's hours for a time, by a supervisor or administrator whom the agent sees.
    #[n(9)]
    AddDuty {
        /// The agent.
        #[n(0)]
        agent: AgentNumber,
        /// When, by whom and why; the author is the signer's agent.
        #[n(1)]
        duty: DutyPeriod,
    },
    /// Puts an agent on call: `on-call` and `emergency` entries reach them.
    #[n(10)]
    AddOnCall {
        /// The agent.
        #[n(0)]
        agent: AgentNumber,
        /// When.
        #[n(1)]
        period: Period,
    },
    /// Derogates from an agent's rest, on one legal basis.
    #[n(11)]
    AddOverride {
        /// The agent.
        #[n(0)]
        agent: AgentNumber,
        /// When, on what right, by whom and why; the author is the signer's agent.
        #[n(1)]
        derogation: Override,
    },
    /// Puts a team's agents on call in turn, in an order, in the place of the turns that stood then.
    #[n(12)]
    SetRota {
        /// The team.
        #[n(0)]
        team: TeamNumber,
        /// Who, when, in which order.
        #[n(1)]
        rota: Rota,
    },
    /// Closes an agent's calendars after an intervention, so that the daily rest is whole.
    #[n(13)]
    AddRest {
        /// The agent.
        #[n(0)]
        agent: AgentNumber,
        /// How long, after what and by whom; the author is the signer's agent.
        #[n(1)]
        rest: RestAfter,
    },
    /// Gives an agent the right to declare urgencies, or takes it away. No role has it by itself.
    #[n(22)]
    SetUrgencyRight {
        /// The agent.
        #[n(0)]
        agent: AgentNumber,
        /// Whether they may from now on.
        #[n(1)]
        granted: bool,
    },
    /// A second holder of the right approves an urgency that reaches many, before it is declared.
    #[n(23)]
    ApproveUrgency {
        /// Whose, whom it reaches, on what right, until when.
        #[n(0)]
        approval: Approval,
    },
    /// « Je prolonge mon service »: opens the signer's own hours for a short time.
    #[n(24)]
    ProlongDuty {
        /// At most an hour, within one legal day of the place.
        #[n(0)]
        period: Period,
    },
    /// Sets after how many days without contact devices lock and are wiped. Refused where policies take two
    /// persons: [`Act::Propose`].
    #[n(16)]
    SetLease {
        /// For all devices.
        #[n(0)]
        terms: LeaseTerms,
    },
    /// Proposes policies. At most one in a statement, whose number is the proposal's.
    #[n(18)]
    Propose {
        /// 1 to [`crate::policy::CHANGES`], about different things.
        #[n(0)]
        changes: Vec<PolicyChange>,
    },
    /// Puts proposed policies in force: by a second person, or by their author where there is none and
    /// [`crate::policy::ALONE`] has passed.
    #[n(19)]
    Approve {
        /// The statement that proposed them.
        #[n(0)]
        proposal: StatementNumber,
    },
    /// Takes a proposal back, or refuses it.
    #[n(20)]
    Withdraw {
        /// The statement that proposed.
        #[n(0)]
        proposal: StatementNumber,
    },
    /// From here on policies take two persons. Nothing undoes it.
    #[n(21)]
    RequireSecondPerson,
}

/// A link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Statement {
    /// The organisation.
    #[n(0)]
    pub organisation: OrganisationId,
    /// Its number, from 0.
    #[n(1)]
    pub number: StatementNumber,
    /// [`SignedStatement::hash`] of the one before; zeros for statement 0.
    #[n(2)]
    pub previous: Hash,
    /// When, by the signer's clock.
    #[n(3)]
    pub at: Timestamp,
    /// Who signs.
    #[n(4)]
    pub signer: Signer,
    /// What it brings about, in order; 1 to [`limits::ACTS`].
    #[n(5)]
    pub acts: Vec<Act>,
}

/// A statement's bytes with their signature. The bytes are kept as they came: an older reader
/// can check a newer writer's statement though it skips fields.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SignedStatement {
    /// CBOR of a [`Statement`].
    #[n(0)]
    pub body: ByteVec,
    /// Ed25519 over the body.
    #[n(1)]
    pub signature: Signature,
}

impl SignedStatement {
    /// Signs a statement.
    pub fn sign(statement: &Statement, key: &ed25519_dalek::SigningKey) -> Self {
        let body = codec::to_bytes(statement);
        let signature = Signature(sign::ed25519(key, Domain::Statement, &[&body]));
        Self { body: body.into(), signature }
    }

    /// Reads the body, signature unchecked.
    pub fn statement(&self) -> Result<Statement, codec::CodecError> {
        codec::from_bytes(&self.body, limits::STATEMENT)
    }

    /// Checks the signature.
    pub fn verify(&self, key: &Ed25519Public) -> Result<(), BadSignature> {
        sign::verify_ed25519(&key.0, Domain::Statement, &[&self.body], &self.signature.0)
    }

    /// The hash by which the next statement names this one.
    pub fn hash(&self) -> Hash {
        Hash::of(&[b"estafette statement link v1\0", &self.body])
    }
}
