//! What the statements of an organisation add up to: devices, roles, rosters and hours.
//!
//! A pure fold over the chain, the same on the relay and on every device. A statement is
//! judged by what held before it; one act refused refuses the statement whole. Nothing is
//! forgotten: certificates and memberships keep the numbers between which they held, since
//! an entry is judged at the statement that the relay had when it was appended.

mod announcements;
mod check;
mod policies;
mod rosters;
mod teams;
mod urgencies;
mod working_hours;

use std::collections::{BTreeMap, BTreeSet};

use crate::certificate::Certificate;
use crate::hours::HoursError;
use crate::lease::LeaseTerms;
use crate::statement::{Act, Class, History, RevocationReason, Role, SignedStatement, Signer, Statement};
use crate::{
    AgentNumber, DeviceId, Ed25519Public, Es256Public, Fault, FaultCode, Hash, InventoryId, OrganisationId,
    RosterId, StatementNumber, TeamNumber, Timestamp, codec,
};

pub use policies::{Proposal, StandingPolicy};
pub use rosters::Delta;
pub use teams::{MISSED_AFTER, Presence};
pub use urgencies::{PROLONGATION, PROLONGED_A_DAY, SHORTEST_PROLONGATION, STATED_WITHIN};
pub use working_hours::{HoursBook, Reachable};

/// Why a statement is refused. Nothing of it was applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not a statement, or of another shape than this version can judge.
    #[error("not a statement: {0}")]
    Malformed(#[from] codec::CodecError),
    /// The signature does not fit, or its author has no key here.
    #[error("the signature does not hold")]
    Forged,
    /// Of another organisation.
    #[error("of another organisation")]
    Alien,
    /// Does not follow the head. The number is the one expected.
    #[error("expected statement {expected}")]
    OutOfOrder {
        /// The number that would follow.
        expected: StatementNumber,
        /// The hash that it must name.
        previous: Hash,
    },
    /// Its author may not do this, or it cannot be done.
    #[error("act refused: {0}")]
    Forbidden(&'static str),
    /// Hours, a rota or a rest that make no sense.
    #[error("hours refused: {0}")]
    Hours(HoursError),
    /// An override without a legal basis, an end or a reason.
    #[error("override refused: {0}")]
    Override(HoursError),
    /// The policy changes by a proposal that somebody else approves.
    #[error("a second person is required")]
    SecondPerson,
    /// Nobody else can approve it, and it has not waited long enough.
    #[error("to be confirmed from {0:?} on")]
    Waits(Timestamp),
    /// Made on top of another version of the policy than the one that stands.
    #[error("another version of the policy stands: {0:?}")]
    Outdated(Option<StatementNumber>),
    /// A prolongation of service that is not allowed; the word says why.
    #[error("prolongation refused: {0}")]
    Prolongation(&'static str),
}

impl From<HoursError> for Fault {
    fn from(error: HoursError) -> Self {
        match error {
            HoursError::UnknownZone => FaultCode::ZoneUnknown.into(),
            error => Self::new(FaultCode::HoursInvalid).with_reasons(vec![error.word().to_owned()]),
        }
    }
}

impl From<StatementError> for Fault {
    fn from(error: StatementError) -> Self {
        match error {
            StatementError::Malformed(error) => error.into(),
            StatementError::Forged => FaultCode::StatementForged.into(),
            StatementError::Alien => FaultCode::AlienOrganisation.into(),
            StatementError::OutOfOrder { expected, previous } => {
                Fault::new(FaultCode::StatementOutOfOrder).with_number(expected.0).with_hash(previous)
            }
            StatementError::Forbidden(why) => {
                Fault::new(FaultCode::StatementForbidden).with_reasons(vec![why.to_owned()])
            }
            StatementError::Hours(error) => error.into(),
            StatementError::SecondPerson => FaultCode::SecondPersonRequired.into(),
            StatementError::Waits(until) => {
                Self { reopens_at: Some(until), ..Self::new(FaultCode::ApprovalWaits) }
            }
            StatementError::Outdated(standing) => {
                Self { number: standing.map(|number| number.0), ..Self::new(FaultCode::PolicyOutdated) }
            }
            StatementError::Override(error) => {
                Fault::new(FaultCode::OverrideInvalid).with_reasons(vec![error.word().to_owned()])
            }
            StatementError::Prolongation(word) => {
                Fault::new(FaultCode::ProlongationRefused).with_reasons(vec![word.to_owned()])
            }
        }
    }
}

/// A device, from its certificate on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRecord {
    /// Its keys and agent.
    pub certificate: Certificate,
    /// The statement that certified it.
    pub certified: StatementNumber,
    /// The statement that revoked it, and why.
    pub revoked: Option<(StatementNumber, RevocationReason)>,
}

impl DeviceRecord {
    /// Whether the certificate was in force when statement `at` was the last.
    pub fn in_force(&self, at: StatementNumber) -> bool {
        self.certified <= at && self.revoked.is_none_or(|(revoked, _)| at < revoked)
    }

    /// Whether it is in force after all statements known.
    pub fn active(&self) -> bool {
        self.revoked.is_none()
    }
}

/// One stay of a device in a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// The statement that admitted it.
    pub admitted: StatementNumber,
    /// The statement that removed it.
    pub removed: Option<StatementNumber>,
    /// What of the past it may read.
    pub history: History,
}

/// A roster made by a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterRecord {
    /// What its entries are.
    pub class: Class,
    /// The team whose it is.
    pub team: Option<TeamNumber>,
    /// Days that entries are kept.
    pub retention_days: u32,
    /// The statement that made it.
    pub created: StatementNumber,
    /// The supervisor who made it, where no administrator did.
    pub gathered_by: Option<AgentNumber>,
    stays: BTreeMap<DeviceId, Vec<Membership>>,
    changes: BTreeMap<StatementNumber, Vec<(DeviceId, bool)>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct RoleRecord {
    since: StatementNumber,
    role: Role,
    teams: Vec<TeamNumber>,
}

/// The state of an organisation after the statements applied so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    organisation: OrganisationId,
    keys: Option<(Ed25519Public, Ed25519Public)>,
    head: Option<(StatementNumber, Hash)>,
    devices: BTreeMap<DeviceId, DeviceRecord>,
    by_agent: BTreeMap<AgentNumber, BTreeSet<DeviceId>>,
    es256: BTreeSet<Es256Public>,
    ed25519: BTreeSet<Ed25519Public>,
    bound: BTreeMap<InventoryId, DeviceId>,
    roles: BTreeMap<AgentNumber, Vec<RoleRecord>>,
    rosters: BTreeMap<RosterId, RosterRecord>,
    hours: HoursBook,
    urgencies: urgencies::Urgencies,
    lease: LeaseTerms,
    policies: policies::PolicyBook,
}

impl Registry {
    /// An organisation before its first statement.
    pub fn new(organisation: OrganisationId) -> Self {
        Self {
            organisation,
            keys: None,
            head: None,
            devices: BTreeMap::new(),
            by_agent: BTreeMap::new(),
            es256: BTreeSet::new(),
            ed25519: BTreeSet::new(),
            bound: BTreeMap::new(),
            roles: BTreeMap::new(),
            rosters: BTreeMap::new(),
            hours: HoursBook::default(),
            urgencies: urgencies::Urgencies::default(),
            lease: LeaseTerms::default(),
            policies: policies::PolicyBook::default(),
        }
    }

    /// The organisation.
    pub fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    /// The relay's key, once founded.
    pub fn relay_key(&self) -> Option<Ed25519Public> {
        self.keys.map(|(_, relay)| relay)
    }

    /// Number and hash of the last statement.
    pub fn head(&self) -> Option<(StatementNumber, Hash)> {
        self.head
    }

    /// The number of the last statement; 0 before the first too.
    pub fn last(&self) -> StatementNumber {
        self.head.map(|(number, _)| number).unwrap_or_default()
    }

    /// What the next statement must carry: its number and the hash of the one before.
    pub fn next_link(&self) -> (StatementNumber, Hash) {
        self.head.map_or((StatementNumber(0), Hash([0; 32])), |(number, hash)| (number.next(), hash))
    }

    /// Checks a statement's signature, place and acts, and applies it.
    pub fn apply(&mut self, signed: &SignedStatement) -> Result<Statement, StatementError> {
        let statement = signed.statement()?;
        self.check_place(&statement)?;
        let key = self.signing_key(&statement).ok_or(StatementError::Forged)?;
        signed.verify(&key).map_err(|_| StatementError::Forged)?;
        self.check_acts(&statement)?;
        self.bring_about(signed, &statement);
        Ok(statement)
    }

    /// Applies a statement that was checked before, when a store is opened.
    pub fn restore(&mut self, signed: &SignedStatement) -> Result<Statement, StatementError> {
        let statement = signed.statement()?;
        self.check_place(&statement)?;
        self.bring_about(signed, &statement);
        Ok(statement)
    }

    fn check_place(&self, statement: &Statement) -> Result<(), StatementError> {
        if statement.organisation != self.organisation {
            return Err(StatementError::Alien);
        }
        let (expected, previous) = self.next_link();
        if statement.number != expected || statement.previous != previous {
            return Err(StatementError::OutOfOrder { expected, previous });
        }
        Ok(())
    }

    fn signing_key(&self, statement: &Statement) -> Option<Ed25519Public> {
        match (statement.signer, statement.acts.as_slice()) {
            (Signer::Organisation, [Act::Found { organisation_key, .. }]) if self.keys.is_none() => {
                (OrganisationId::of_key(&organisation_key.0) == self.organisation)
                    .then_some(*organisation_key)
            }
            (Signer::Organisation, _) => self.keys.map(|(organisation, _)| organisation),
            (Signer::Device(device), _) => self
                .devices
                .get(&device)
                .filter(|record| record.active())
                .map(|record| record.certificate.ed25519),
        }
    }

    fn bring_about(&mut self, signed: &SignedStatement, statement: &Statement) {
        let number = statement.number;
        let author = match statement.signer {
            Signer::Organisation => None,
            Signer::Device(device) => self.agent_of(device),
        };
        for act in &statement.acts {
            match act {
                Act::Found { organisation_key, relay_key } => {
                    self.keys = Some((*organisation_key, *relay_key))
                }
                Act::Certify(certificate) => {
                    self.by_agent.entry(certificate.agent).or_default().insert(certificate.device);
                    self.es256.insert(certificate.es256);
                    self.ed25519.insert(certificate.ed25519);
                    self.bound.insert(certificate.inventory, certificate.device);
                    let record =
                        DeviceRecord { certificate: certificate.clone(), certified: number, revoked: None };
                    self.devices.insert(certificate.device, record);
                }
                Act::SetRole { agent, role, teams } => {
                    let record = RoleRecord { since: number, role: *role, teams: teams.clone() };
                    self.roles.entry(*agent).or_default().push(record);
                }
                Act::CreateRoster { roster, class, team, retention_days } => {
                    let record = RosterRecord {
                        class: *class,
                        team: *team,
                        retention_days: *retention_days,
                        created: number,
                        gathered_by: author.filter(|author| self.role(*author) == Role::Supervisor),
                        stays: BTreeMap::new(),
                        changes: BTreeMap::new(),
                    };
                    self.rosters.insert(*roster, record);
                }
                Act::Admit { roster, device, history } => {
                    if let Some(record) = self.rosters.get_mut(roster) {
                        record.admit(*device, number, *history);
                    }
                }
                Act::Remove { roster, device } => {
                    if let Some(record) = self.rosters.get_mut(roster) {
                        record.remove(*device, number);
                    }
                }
                Act::Revoke { device, reason } => {
                    if let Some(record) = self.devices.get_mut(device) {
                        record.revoked = Some((number, *reason));
                        self.bound.remove(&record.certificate.inventory);
                    }
                    self.rosters.values_mut().for_each(|roster| roster.remove(*device, number));
                }
                Act::GrantLeave { .. }
                | Act::AddDuty { .. }
                | Act::AddOnCall { .. }
                | Act::AddOverride { .. }
                | Act::SetRota { .. }
                | Act::AddRest { .. } => self.hours.record(act),
                Act::SetCalendar { .. }
                | Act::SetLease { .. }
                | Act::Propose { .. }
                | Act::Approve { .. }
                | Act::Withdraw { .. }
                | Act::RequireSecondPerson => self.record_policy(act, statement, author),
                Act::SetUrgencyRight { .. } | Act::ApproveUrgency { .. } => {
                    self.urgencies.record(number, author, act);
                }
                Act::ProlongDuty { period } => {
                    if let Some(author) = author {
                        self.hours.prolong(author, *period);
                    }
                }
            }
        }
        self.note_bound(statement);
        self.head = Some((number, signed.hash()));
    }

    /// How long devices may stay without contact.
    pub fn lease(&self) -> LeaseTerms {
        self.lease
    }

    /// A device, revoked ones included.
    pub fn device(&self, device: DeviceId) -> Option<&DeviceRecord> {
        self.devices.get(&device)
    }

    /// All devices ever certified.
    pub fn devices(&self) -> impl Iterator<Item = &DeviceRecord> {
        self.devices.values()
    }

    /// The devices of an agent that are in force.
    pub fn devices_of(&self, agent: AgentNumber) -> impl Iterator<Item = &DeviceRecord> {
        let devices = self.by_agent.get(&agent).into_iter().flatten();
        devices.filter_map(|device| self.devices.get(device)).filter(|record| record.active())
    }

    /// The agents that have or had a device.
    pub fn agents(&self) -> impl Iterator<Item = AgentNumber> {
        self.by_agent.keys().copied()
    }

    /// The agent of a device.
    pub fn agent_of(&self, device: DeviceId) -> Option<AgentNumber> {
        self.devices.get(&device).map(|record| record.certificate.agent)
    }

    /// An agent's role after all statements known.
    pub fn role(&self, agent: AgentNumber) -> Role {
        self.roles.get(&agent).and_then(|roles| roles.last()).map_or(Role::Agent, |record| record.role)
    }

    /// An agent's role when statement `at` was the last.
    pub fn role_at(&self, agent: AgentNumber, at: StatementNumber) -> Role {
        let roles = self.roles.get(&agent).map(Vec::as_slice).unwrap_or_default();
        roles.iter().rev().find(|record| record.since <= at).map_or(Role::Agent, |record| record.role)
    }

    /// Whether an active device belongs to an administrator.
    pub fn is_administrator(&self, device: DeviceId) -> bool {
        self.devices.get(&device).is_some_and(|record| {
            record.active() && self.role(record.certificate.agent) == Role::Administrator
        })
    }

    /// The active devices of administrators.
    pub fn administrators(&self) -> impl Iterator<Item = &DeviceRecord> {
        self.devices.values().filter(|record| self.is_administrator(record.certificate.device))
    }

    /// The supervisors of a team who have a device in force.
    pub fn supervisors_of(&self, team: TeamNumber) -> BTreeSet<AgentNumber> {
        let leads = |roles: &Vec<RoleRecord>| {
            roles.last().is_some_and(|last| last.role == Role::Supervisor && last.teams.contains(&team))
        };
        let supervisors = self.roles.iter().filter(|(_, roles)| leads(roles)).map(|(agent, _)| *agent);
        supervisors.filter(|agent| self.devices_of(*agent).next().is_some()).collect()
    }

    /// The teams that an agent leads.
    pub fn teams_led_by(&self, agent: AgentNumber) -> Vec<TeamNumber> {
        let last = self.roles.get(&agent).and_then(|roles| roles.last());
        last.filter(|last| last.role == Role::Supervisor).map(|last| last.teams.clone()).unwrap_or_default()
    }

    /// Whether an agent supervises a team.
    fn leads_team(&self, agent: AgentNumber, team: TeamNumber) -> bool {
        let last = self.roles.get(&agent).and_then(|roles| roles.last());
        last.is_some_and(|last| last.role == Role::Supervisor && last.teams.contains(&team))
    }

    fn leads(&self, agent: AgentNumber, other: AgentNumber) -> bool {
        let Some(record) = self.roles.get(&agent).and_then(|roles| roles.last()) else { return false };
        record.role == Role::Supervisor && self.teams_of(other).iter().any(|team| record.teams.contains(team))
    }

    /// The teams in whose rosters an agent has a device.
    pub fn teams_of(&self, agent: AgentNumber) -> BTreeSet<TeamNumber> {
        let devices: Vec<_> = self.devices_of(agent).map(|record| record.certificate.device).collect();
        self.rosters
            .values()
            .filter(|roster| devices.iter().any(|device| roster.current(*device).is_some()))
            .filter_map(|roster| roster.team)
            .collect()
    }
}
