//! Statements: taken if they follow the chain, and what they change for sessions and groups.

use std::collections::BTreeSet;
use std::time::Duration;

use estafette_protocol::dated_head::DatedHead;
use estafette_protocol::statement::{Act, SignedStatement, Signer, Statement};
use estafette_protocol::{
    AgentNumber, DeviceId, EnrolmentId, Fault, FaultCode, RosterId, StatementNumber, limits,
};

use super::Relay;
use super::requests::{Asker, at_most};
use super::settle::Wish;
use crate::policy;
use crate::store::{EnrolmentStage, Operation, StatementWrite};

/// How far an administrator's clock may be from this one.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5 * 60);

impl Relay {
    pub(super) fn make_statement(&mut self, asker: Asker, signed: SignedStatement) -> Result<(), Fault> {
        self.check_date(&signed)?;
        self.may_derogate(&signed)?;
        let write = match self.apply_statement(signed) {
            Ok(write) => write,
            Err(fault) => {
                // It counts for nothing: the audit, which has no line of it, says so.
                self.decisions.forget();
                return Err(fault);
            }
        };
        self.write_for(asker, write, Wish::State);
        Ok(())
    }

    /// How long a proposal has waited is reckoned from the dates of statements, so they must be true.
    fn check_date(&self, signed: &SignedStatement) -> Result<(), Fault> {
        let statement = self.read_statement(signed)?;
        if statement.number < self.state.registry.next_link().0 {
            // One that stands, repeated because its answer was lost.
            return Ok(());
        }
        let dated = statement.acts.iter().any(|act| matches!(act, Act::Propose { .. } | Act::Approve { .. }));
        let (earliest, latest) = (self.now.before(CLOCK_TOLERANCE), self.now.after(CLOCK_TOLERANCE));
        match dated && !(earliest..=latest).contains(&statement.at) {
            true => Err(FaultCode::ClockWrong.into()),
            false => Ok(()),
        }
    }

    /// An administrator's device dates the head. It must be the one that stands: a device that is
    /// behind learns the rest first.
    pub(super) fn date_head(&mut self, asker: Asker, head: DatedHead) -> Result<(), Fault> {
        let registry = &self.state.registry;
        let record = registry.device(asker.device).ok_or(FaultCode::BadProof)?;
        if head.device != asker.device {
            return Err(FaultCode::Forbidden.into());
        }
        head.verify(self.state.id(), &record.certificate.ed25519).map_err(|_| FaultCode::BadProof)?;
        let (next, previous) = registry.next_link();
        if (head.number.next(), head.hash) != (next, previous) {
            let behind = Fault::new(FaultCode::StatementOutOfOrder);
            return Err(behind.with_number(next.0).with_hash(previous));
        }
        if head.at > self.now.after(CLOCK_TOLERANCE) {
            return Err(FaultCode::ClockWrong.into());
        }
        self.write_for(asker, Operation::DatedHead(head), Wish::Done);
        Ok(())
    }

    /// Judges a statement and applies it in memory. One that stands already goes to the store all
    /// the same, which knows whether it is the same.
    pub(super) fn apply_statement(&mut self, signed: SignedStatement) -> Result<Operation, Fault> {
        let statement = self.read_statement(&signed)?;
        let (expected, _) = self.state.registry.next_link();
        if statement.number < expected {
            return Ok(Operation::State(Box::new(unjudged(statement.number, signed))));
        }
        let approved = self.approved(&statement)?;
        self.apply_judged(signed, &statement, approved)
    }

    /// The same for a statement that stood before the log was restored. The enrolment that its
    /// certificates answer may be younger than the backup: the chain alone vouches for it.
    pub(super) fn recover_statement(&mut self, signed: SignedStatement) -> Result<Operation, Fault> {
        let statement = self.read_statement(&signed)?;
        let (expected, _) = self.state.registry.next_link();
        if statement.number < expected {
            return Ok(Operation::State(Box::new(unjudged(statement.number, signed))));
        }
        let approved = self.approved(&statement).unwrap_or_default();
        self.apply_judged(signed, &statement, approved)
    }

    pub(super) fn read_statement(&self, signed: &SignedStatement) -> Result<Statement, Fault> {
        at_most(signed.body.len(), limits::STATEMENT)?;
        let statement = signed.statement()?;
        match statement.organisation == self.state.id() {
            true => Ok(statement),
            false => Err(FaultCode::AlienOrganisation.into()),
        }
    }

    fn apply_judged(
        &mut self,
        signed: SignedStatement,
        statement: &Statement,
        approved: BTreeSet<EnrolmentId>,
    ) -> Result<Operation, Fault> {
        self.state.registry.apply(&signed)?;
        for enrolment in &approved {
            self.know_phone(*enrolment)?;
            if let Some(row) = self.state.enrolments.get_mut(enrolment)
                && let EnrolmentStage::Pending { device, .. } = row.stage
            {
                row.stage = EnrolmentStage::Active { device };
            }
        }
        let touched = touched(statement);
        if statement.acts.iter().any(|act| matches!(act, Act::Approve { .. })) {
            // An exception may have ended: sockets are looked at.
            self.old_at = self.now;
        }
        self.forget_hours(statement, &touched);
        let lines = self.lines_of(statement, &approved);
        let write = StatementWrite {
            number: statement.number,
            signed,
            revoked: revoked(statement),
            open_removals: self.open_removals(&touched),
            approved: approved.into_iter().collect(),
        };
        Ok(Operation::Audited(Box::new(Operation::State(Box::new(write))), lines))
    }

    /// The enrolments that a statement approves. Devices are certified from what they have bound;
    /// the organisation's key alone may appoint without an enrolment.
    fn approved(&self, statement: &Statement) -> Result<BTreeSet<EnrolmentId>, Fault> {
        let mut approved = BTreeSet::new();
        for act in &statement.acts {
            let Act::Certify(certificate) = act else { continue };
            let waits = |stage: EnrolmentStage| matches!(stage, EnrolmentStage::Pending { device, .. } if device == certificate.device);
            let row = self.state.enrolments.values().find(|row| waits(row.stage));
            match (row, statement.signer) {
                (Some(row), _) => {
                    let inventory = self.state.inventory.get(&row.inventory);
                    let inventory = inventory.ok_or(FaultCode::NotInInventory)?;
                    let submission =
                        self.reader.submission(row.enrolment)?.ok_or(FaultCode::StatementForbidden)?;
                    let binding = submission.binding.verify().map_err(|_| FaultCode::StatementForbidden)?;
                    policy::may_certify(certificate, &binding, &self.as_required(inventory))?;
                    approved.insert(row.enrolment);
                }
                (None, Signer::Organisation) => {}
                (None, Signer::Device(_)) => {
                    return Err(Fault::new(FaultCode::StatementForbidden)
                        .with_reasons(vec!["no enrolment waits for this certificate".to_owned()]));
                }
            }
        }
        Ok(approved)
    }

    /// Rosters with a group that these devices are in or come to, and whether removals are open there.
    fn open_removals(&self, touched: &BTreeSet<DeviceId>) -> Vec<(RosterId, bool)> {
        let concerned = self
            .state
            .groups
            .iter()
            .filter(|(_, group)| touched.iter().any(|device| group.members.contains_key(device)));
        concerned.map(|(roster, group)| (*roster, self.state.has_open_removals(group))).collect()
    }

    /// Hours depend on calendars and on the teams in whose rosters an agent is.
    fn forget_hours(&mut self, statement: &Statement, touched: &BTreeSet<DeviceId>) {
        let many = |act: &Act| {
            matches!(
                act,
                Act::SetCalendar { .. } | Act::SetRota { .. } | Act::Propose { .. } | Act::Approve { .. }
            )
        };
        let calendars = statement.acts.iter().any(many);
        let named = statement.acts.iter().filter_map(|act| match act {
            Act::GrantLeave { agent, .. }
            | Act::AddDuty { agent, .. }
            | Act::AddOnCall { agent, .. }
            | Act::AddOverride { agent, .. }
            | Act::AddRest { agent, .. } => Some(*agent),
            Act::ProlongDuty { .. } => match statement.signer {
                Signer::Device(device) => self.state.registry.agent_of(device),
                Signer::Organisation => None,
            },
            _ => None,
        });
        let moved = touched.iter().filter_map(|device| self.state.registry.agent_of(*device));
        let agents: Vec<AgentNumber> = named.chain(moved).collect();
        if calendars {
            self.outlet.forget_rulings(None);
        } else if agents.is_empty() {
            return;
        } else {
            self.outlet.forget_rulings(Some(&agents));
        }
        self.hours_at = self.now;
        self.change_hours();
        self.look_at_wake_ups();
    }
}

/// The devices whose membership or certificate a statement changes.
fn touched(statement: &Statement) -> BTreeSet<DeviceId> {
    let devices = statement.acts.iter().filter_map(|act| match act {
        Act::Certify(certificate) => Some(certificate.device),
        Act::Admit { device, .. } | Act::Remove { device, .. } | Act::Revoke { device, .. } => Some(*device),
        _ => None,
    });
    devices.collect()
}

fn revoked(statement: &Statement) -> Vec<DeviceId> {
    let devices = statement.acts.iter().filter_map(|act| match act {
        Act::Revoke { device, .. } => Some(*device),
        _ => None,
    });
    devices.collect()
}

/// A statement whose number is taken: the store says whether it is the one that stands.
fn unjudged(number: StatementNumber, signed: SignedStatement) -> StatementWrite {
    StatementWrite { number, signed, revoked: Vec::new(), open_removals: Vec::new(), approved: Vec::new() }
}
