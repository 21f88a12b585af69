//! What policies stand and which are proposed: the rule of two persons.
//!
//! Once an organisation requires it (every one founded since does), a policy changes in two steps: an
//! administrator proposes, another administrator or an appointed supervisor approves. Two devices of one
//! agent are one person. Where nobody else could approve, the author confirms after [`ALONE`], in which
//! everybody sees what is coming. Until the first agent who is no administrator has a device, a proposal
//! takes effect at once: it binds only those who make it.
//!
//! Always true: a proposal takes effect whole or not at all, and only on the versions that it names.
//! Times are those of the statements; that they are true is the relay's to check when it takes them.

use std::collections::{BTreeMap, BTreeSet};

use super::check::{hours, require};
use super::{Registry, StatementError};
use crate::hours::validate_reason;
use crate::policy::{ALONE, CHANGES, EXCEPTION, PROPOSAL, PROPOSALS, Policy, PolicyChange, PolicySubject};
use crate::statement::{Act, Role, Statement};
use crate::{AgentNumber, InventoryId, StatementNumber, Timestamp};

/// A policy in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandingPolicy {
    /// Its version: the statement by which it took effect.
    pub version: StatementNumber,
    /// When it took effect.
    pub at: Timestamp,
    /// Who proposed it; `None` for the organisation's key.
    pub author: Option<AgentNumber>,
    /// Who approved it; `None` where no second person was asked for. The author where nobody else could.
    pub approver: Option<AgentNumber>,
}

/// Changes that wait for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Who proposes.
    pub author: AgentNumber,
    /// When.
    pub at: Timestamp,
    /// What.
    pub changes: Vec<PolicyChange>,
}

impl Proposal {
    /// When its author may confirm it, if nobody else can approve.
    pub fn confirmable_at(&self) -> Timestamp {
        self.at.after(ALONE)
    }

    /// When it is over.
    pub fn ends_at(&self) -> Timestamp {
        self.at.after(PROPOSAL)
    }
}

/// All policies of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct PolicyBook {
    /// Policies take two persons.
    two_persons: bool,
    /// Somebody who is no administrator has a device, or had one.
    binds_others: bool,
    standing: BTreeMap<PolicySubject, StandingPolicy>,
    proposals: BTreeMap<StatementNumber, Proposal>,
    approvers: BTreeSet<AgentNumber>,
    representatives: BTreeSet<AgentNumber>,
    exceptions: BTreeMap<InventoryId, (Timestamp, String)>,
}

impl Registry {
    /// Whether policies take two persons here. Organisations of the first versions may not have said so.
    pub fn requires_second_person(&self) -> bool {
        self.policies.two_persons
    }

    /// Whether a proposal takes effect at once: it is not asked for more, or nobody else is bound by it.
    pub fn proposals_take_effect(&self) -> bool {
        !self.policies.two_persons || !self.policies.binds_others
    }

    /// An exception is never one person's.
    fn takes_effect(&self, changes: &[PolicyChange]) -> bool {
        let exception = |change: &PolicyChange| matches!(change.policy, Policy::Exception { .. });
        self.proposals_take_effect() && !changes.iter().any(exception)
    }

    /// The policy that stands about something.
    pub fn standing_policy(&self, subject: PolicySubject) -> Option<&StandingPolicy> {
        self.policies.standing.get(&subject)
    }

    /// All policies that stand.
    pub fn standing_policies(&self) -> impl Iterator<Item = (PolicySubject, &StandingPolicy)> {
        self.policies.standing.iter().map(|(subject, policy)| (*subject, policy))
    }

    /// What a subject's policy says now; `None` where none was ever stated.
    pub fn policy(&self, subject: PolicySubject) -> Option<Policy> {
        self.standing_policy(subject)?;
        Some(match subject {
            PolicySubject::Calendar(scope) => {
                Policy::Calendar { scope, calendar: self.calendar_of(scope)?.clone() }
            }
            PolicySubject::Lease => Policy::Lease(self.lease),
            PolicySubject::Approver(agent) => {
                Policy::Approver { agent, appointed: self.policies.approvers.contains(&agent) }
            }
            PolicySubject::Exception(inventory) => {
                let (until, reason) = self.policies.exceptions.get(&inventory)?.clone();
                Policy::Exception { inventory, reason, until }
            }
            PolicySubject::Representative(agent) => {
                Policy::Representative { agent, named: self.policies.representatives.contains(&agent) }
            }
        })
    }

    /// Until when an inventory entry's phone is, or was, admitted without evidence.
    pub fn exception(&self, inventory: InventoryId) -> Option<Timestamp> {
        self.policies.exceptions.get(&inventory).map(|(until, _)| *until)
    }

    /// A change of a policy in the place of what stands now.
    pub fn change_to(&self, policy: Policy) -> PolicyChange {
        let replaces = self.standing_policy(policy.subject()).map(|standing| standing.version);
        PolicyChange { policy, replaces }
    }

    /// What waits for a second person, by the statement that proposed it; some may be over.
    pub fn proposals(&self) -> impl Iterator<Item = (StatementNumber, &Proposal)> {
        self.policies.proposals.iter().map(|(number, proposal)| (*number, proposal))
    }

    /// Who may approve and has a device: administrators, and supervisors who were appointed to it.
    pub fn approvers(&self) -> BTreeSet<AgentNumber> {
        let administrators = self.administrators().map(|record| record.certificate.agent);
        administrators
            .chain(self.policies.approvers.iter().copied().filter(|agent| self.approves(*agent)))
            .collect()
    }

    /// The agents who represent the staff.
    pub fn representatives(&self) -> &BTreeSet<AgentNumber> {
        &self.policies.representatives
    }

    /// What would stand if a proposal was approved now; `None` where there is none of that number.
    pub fn preview(&self, proposal: StatementNumber) -> Option<Self> {
        let waiting = self.policies.proposals.get(&proposal)?;
        let standing = StandingPolicy {
            version: proposal,
            at: waiting.at,
            author: Some(waiting.author),
            approver: None,
        };
        let mut preview = self.clone();
        preview.settle(&waiting.changes, standing);
        Some(preview)
    }

    /// What would stand if a policy was in force from `at` on, before anybody proposes it.
    pub fn with_policy(&self, policy: Policy, at: Timestamp) -> Self {
        let standing = StandingPolicy { version: self.next_link().0, at, author: None, approver: None };
        let mut preview = self.clone();
        preview.settle(&[self.change_to(policy)], standing);
        preview
    }

    fn approves(&self, agent: AgentNumber) -> bool {
        let appointed = self.policies.approvers.contains(&agent) && self.role(agent) == Role::Supervisor;
        (appointed || self.role(agent) == Role::Administrator) && self.devices_of(agent).next().is_some()
    }

    pub(super) fn check_policy_author(&self, author: AgentNumber, act: &Act) -> Result<(), StatementError> {
        match act {
            Act::SetCalendar { .. } | Act::SetLease { .. } if self.policies.two_persons => {
                Err(StatementError::SecondPerson)
            }
            Act::Approve { .. } | Act::Withdraw { .. } => {
                require(self.approves(author), "for administrators and appointed supervisors")
            }
            _ => require(self.role(author) == Role::Administrator, "for administrators"),
        }
    }

    pub(super) fn check_proposal(
        &self,
        changes: &[PolicyChange],
        at: Timestamp,
    ) -> Result<(), StatementError> {
        require((1..=CHANGES).contains(&changes.len()), "between 1 and 16 changes")?;
        let subjects: BTreeSet<_> = changes.iter().map(|change| change.policy.subject()).collect();
        require(subjects.len() == changes.len(), "one change of each policy")?;
        let waiting = self.policies.proposals.values().filter(|proposal| at < proposal.ends_at()).count();
        require(waiting < PROPOSALS, "at most 64 proposals wait")?;
        self.check_versions(changes)?;
        changes.iter().try_for_each(|change| match &change.policy {
            Policy::Calendar { calendar, .. } => hours(calendar.validate()),
            Policy::Lease(terms) => require(terms.are_valid(), "lock after 1 to 30 days, wipe after 7 to 90"),
            Policy::Approver { agent, appointed } => require(
                !appointed || self.role(*agent) == Role::Supervisor,
                "supervisors are appointed to approve",
            ),
            Policy::Representative { .. } => Ok(()),
            Policy::Exception { reason, until, .. } => {
                hours(validate_reason(reason))?;
                require(*until <= at.after(EXCEPTION), "an exception lasts a year at most")
            }
        })
    }

    fn check_versions(&self, changes: &[PolicyChange]) -> Result<(), StatementError> {
        changes.iter().try_for_each(|change| {
            let standing = self.standing_policy(change.policy.subject()).map(|standing| standing.version);
            if standing == change.replaces { Ok(()) } else { Err(StatementError::Outdated(standing)) }
        })
    }

    pub(super) fn check_approval(
        &self,
        proposal: StatementNumber,
        author: Option<AgentNumber>,
        at: Timestamp,
    ) -> Result<(), StatementError> {
        let waiting = self.policies.proposals.get(&proposal);
        let waiting = waiting.ok_or(StatementError::Forbidden("no such proposal"))?;
        require(at < waiting.ends_at(), "the proposal is over")?;
        self.check_versions(&waiting.changes)?;
        if author != Some(waiting.author) {
            return Ok(());
        }
        if self.approvers().iter().any(|approver| *approver != waiting.author) {
            return Err(StatementError::SecondPerson);
        }
        let until = waiting.confirmable_at();
        if at < until { Err(StatementError::Waits(until)) } else { Ok(()) }
    }

    pub(super) fn check_withdrawal(&self, proposal: StatementNumber) -> Result<(), StatementError> {
        require(self.policies.proposals.contains_key(&proposal), "no such proposal")
    }

    /// Brings about an act on policies.
    pub(super) fn record_policy(&mut self, act: &Act, statement: &Statement, author: Option<AgentNumber>) {
        let direct = StandingPolicy { version: statement.number, at: statement.at, author, approver: None };
        match act {
            Act::RequireSecondPerson => self.policies.two_persons = true,
            Act::SetCalendar { scope, calendar } => {
                let policy = Policy::Calendar { scope: *scope, calendar: calendar.clone() };
                self.settle(&[PolicyChange { policy, replaces: None }], direct);
            }
            Act::SetLease { terms } => {
                self.settle(&[PolicyChange { policy: Policy::Lease(*terms), replaces: None }], direct);
            }
            Act::Propose { changes } if self.takes_effect(changes) => self.settle(changes, direct),
            Act::Propose { changes } => {
                let Some(author) = author else { return };
                self.policies.proposals.retain(|_, proposal| statement.at < proposal.ends_at());
                let proposal = Proposal { author, at: statement.at, changes: changes.clone() };
                self.policies.proposals.insert(statement.number, proposal);
            }
            Act::Approve { proposal } => {
                if let Some(waiting) = self.policies.proposals.remove(proposal) {
                    let standing =
                        StandingPolicy { author: Some(waiting.author), approver: author, ..direct };
                    self.settle(&waiting.changes, standing);
                }
            }
            Act::Withdraw { proposal } => drop(self.policies.proposals.remove(proposal)),
            _ => {}
        }
    }

    fn settle(&mut self, changes: &[PolicyChange], standing: StandingPolicy) {
        for PolicyChange { policy, .. } in changes {
            self.policies.standing.insert(policy.subject(), standing);
            match policy {
                Policy::Calendar { scope, calendar } => self.hours.set_calendar(*scope, calendar.clone()),
                Policy::Lease(terms) => self.lease = *terms,
                Policy::Approver { agent, appointed } => {
                    keep(&mut self.policies.approvers, *agent, *appointed)
                }
                Policy::Exception { inventory, reason, until } => {
                    self.policies.exceptions.insert(*inventory, (*until, reason.clone()));
                }
                Policy::Representative { agent, named } => {
                    keep(&mut self.policies.representatives, *agent, *named);
                }
            }
        }
        // What was proposed on top of an older version can no longer take effect.
        let standing: BTreeMap<_, _> =
            self.policies.standing.iter().map(|(subject, standing)| (*subject, standing.version)).collect();
        let current =
            |change: &PolicyChange| standing.get(&change.policy.subject()).copied() == change.replaces;
        self.policies.proposals.retain(|_, proposal| proposal.changes.iter().all(current));
    }

    /// Notices whether policies bind anybody but administrators.
    pub(super) fn note_bound(&mut self, statement: &Statement) {
        let appoints = |act: &Act| matches!(act, Act::Certify(_) | Act::SetRole { .. });
        if !self.policies.binds_others && statement.acts.iter().any(appoints) {
            let mut agents = self.devices.values().map(|record| record.certificate.agent);
            self.policies.binds_others = agents.any(|agent| self.role(agent) != Role::Administrator);
        }
    }
}

fn keep(agents: &mut BTreeSet<AgentNumber>, agent: AgentNumber, kept: bool) {
    if kept {
        agents.insert(agent)
    } else {
        agents.remove(&agent)
    };
}
