//! What the relay tells its audit: each administrative act with its write, each refusal that matters.
//!
//! Which refusals matter is decided in [`tells`]: those of who may not, not those that belong to
//! ordinary work, such as an entry sealed under an epoch that is over.

use std::collections::BTreeSet;
use std::time::Duration;

use estafette_protocol::audit::Stored;
use estafette_protocol::frame::Reply;
use estafette_protocol::statement::{Act, HoursScope, Signer, Statement};
use estafette_protocol::urgency::Audience;
use estafette_protocol::{DeviceId, EnrolmentId, Fault, FaultCode, Hash};

use super::settle::Expected;
use super::{EnrolRequest, Relay};
use crate::audit::{Draft, Head, SignedHead, Subject, What, Who};
use crate::outlet::Line;
use crate::policy;
use crate::store::{EnrolmentRow, Operation};

/// A head is signed this often, if the audit has grown.
const HEAD: Duration = Duration::from_hours(1);
/// Lines in one answer.
const READ: usize = 500;

impl Relay {
    /// A device as the author of an act.
    pub(super) fn author(&self, device: DeviceId) -> Who {
        match self.state.registry.agent_of(device) {
            Some(agent) => Who::Device { device, agent },
            None => Who::Stranger,
        }
    }

    pub(super) fn draft(&self, who: Who, what: What, subject: Subject) -> Draft {
        Draft { at: self.now, who, what, subject }
    }

    /// One line for each subject of an act that a device asks for.
    pub(super) fn lines_by(
        &self,
        device: DeviceId,
        what: What,
        subjects: impl IntoIterator<Item = Subject>,
    ) -> Vec<Draft> {
        let who = self.author(device);
        subjects.into_iter().map(|subject| self.draft(who, what, subject)).collect()
    }

    /// A step of an enrolment with its line.
    pub(super) fn enrolled(&self, who: Who, what: What, row: EnrolmentRow) -> Operation {
        let subject =
            Subject { enrolment: Some(row.enrolment), inventory: Some(row.inventory), ..Subject::default() };
        let lines = vec![self.draft(who, what, subject)];
        Operation::Audited(Box::new(Operation::Enrolment(Box::new(row))), lines)
    }

    /// One line for each act of a statement, and for each enrolment that it approves.
    pub(super) fn lines_of(&self, statement: &Statement, approved: &BTreeSet<EnrolmentId>) -> Vec<Draft> {
        let who = match statement.signer {
            Signer::Organisation => Who::OrganisationKey,
            Signer::Device(device) => self.author(device),
        };
        let number = Some(statement.number);
        let acts = statement.acts.iter().map(|act| {
            let (what, subject) = of_act(act);
            self.draft(who, what, Subject { statement: number, ..subject })
        });
        let approvals = approved.iter().map(|enrolment| {
            let inventory = self.state.enrolments.get(enrolment).map(|row| row.inventory);
            let enrolment = Some(*enrolment);
            let subject = Subject { statement: number, enrolment, inventory, ..Subject::default() };
            self.draft(who, What::EnrolmentApproved, subject)
        });
        acts.chain(approvals).collect()
    }

    /// Writes a line that belongs to no write.
    pub(super) fn note(&mut self, who: Who, what: What, subject: Subject) {
        let line = self.draft(who, what, subject);
        self.write(Operation::Audit(vec![line]));
        self.expected.push(Expected::Nobody);
    }

    /// Notes that somebody was refused; repeats are counted and told once a minute.
    pub(super) fn note_refusal(&mut self, who: Who, subject: Subject, fault: &Fault) {
        if tells(fault.code) && self.refusals.note(self.now, who, fault.code) {
            self.note(who, What::Refused, Subject { fault: Some(fault.code), ..subject });
        }
    }

    /// The same for a device that proved itself, or did once.
    pub(super) fn note_device(&mut self, device: DeviceId, fault: &Fault) {
        let subject = match self.author(device) {
            Who::Stranger => Subject { device: Some(device), ..Subject::default() },
            _ => Subject::default(),
        };
        self.note_refusal(self.author(device), subject, fault);
    }

    /// The same for the device at the other end of a line.
    pub(super) fn note_line(&mut self, line: Line, fault: &Fault) {
        if let Some(device) = self.sessions.get(&line).map(|session| session.device) {
            self.note_device(device, fault);
        }
    }

    /// Writes what was counted, and signs the head when it is due.
    pub(super) fn tend_audit(&mut self) {
        let due = self.refusals.due(self.now);
        self.write_counts(due);
        if self.head_at <= self.now || self.head_at > self.now.after(HEAD) {
            self.head_at = self.now.after(HEAD);
            self.sign_audit();
        }
    }

    /// Writes what is still counted and signs, before the relay ends.
    pub(super) fn close_audit(&mut self) {
        let all = self.refusals.all(self.now);
        self.write_counts(all);
        self.sign_audit();
    }

    fn write_counts(&mut self, counted: Vec<(Who, FaultCode, u64)>) {
        for (who, fault, repeats) in counted {
            let subject = Subject { times: Some(repeats), fault: Some(fault), ..Subject::default() };
            self.note(who, What::Refused, subject);
        }
    }

    /// Signs the last line that is durable, once, and publishes the head in the log.
    fn sign_audit(&mut self) {
        // Before it is founded it has no name under which a head could be signed.
        let Some(organisation) = self.state.organisation else { return };
        let read = self.reader.audit_end().and_then(|end| {
            let signed = self.reader.audit_heads()?.pop();
            Ok((end, signed.is_some_and(|signed| signed.head == end)))
        });
        let (end, stands) = match read {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(code = %error.code(), %error, "the audit could not be read");
                return;
            }
        };
        if end.number == 0 || stands {
            return;
        }
        let head = SignedHead::sign(organisation, end, self.now, &self.settings.key);
        tracing::info!(%organisation, number = end.number, hash = %end.hash, "the audit's head");
        self.write(Operation::AuditHead(head));
        self.expected.push(Expected::Nobody);
    }

    /// The lines that follow a number, with the relay's word for the last of all.
    pub(super) fn audit_after(&self, device: DeviceId, after: u64) -> Result<Reply, Fault> {
        policy::may_read_audit(&self.state.registry, device)?;
        let organisation = self.state.organisation.ok_or(FaultCode::NotFound)?;
        let rows = self.reader.audit(after, READ)?;
        let end = match rows.last() {
            Some(row) => Head { number: row.number, hash: row.hash },
            None => self.reader.audit_end()?,
        };
        // Another line may have come between two looks: then nothing is said of the end.
        let whole = rows.len() < READ && end.number == after + rows.len() as u64;
        let head = whole.then(|| SignedHead::sign(organisation, end, self.now, &self.settings.key));
        let lines = rows.into_iter().map(|row| Stored { body: row.body, hash: row.hash }).collect();
        Ok(Reply::Audit { lines, head })
    }

    /// What an enrolment request is about.
    pub(super) fn subject_of(&self, request: &EnrolRequest) -> Subject {
        let enrolment = match request {
            EnrolRequest::Begin(begin) | EnrolRequest::Status(begin) => Some(begin.enrolment),
            EnrolRequest::Complete(complete) => Some(complete.enrolment),
            EnrolRequest::Found(_) => None,
        };
        let inventory = enrolment.and_then(|id| self.state.enrolments.get(&id)).map(|row| row.inventory);
        Subject { enrolment, inventory, ..Subject::default() }
    }
}

/// Whether a refusal is told: somebody asked for what they may not have.
fn tells(code: FaultCode) -> bool {
    matches!(
        code,
        FaultCode::BadProof
            | FaultCode::RequestReplayed
            | FaultCode::NotInInventory
            | FaultCode::DeviceRevoked
            | FaultCode::DeviceSuspended
            | FaultCode::ReattestationRequired
            | FaultCode::DevicePending
            | FaultCode::Forbidden
            | FaultCode::AlienOrganisation
            | FaultCode::NotAMember
            | FaultCode::EnrolmentInvalid
            | FaultCode::EnrolmentUsed
            | FaultCode::EnrolmentExpired
            | FaultCode::AttestationRejected
            | FaultCode::EntryAlreadyBound
            | FaultCode::StatementForged
            | FaultCode::StatementForbidden
            | FaultCode::SecondPersonRequired
            | FaultCode::TooManyRequests
            | FaultCode::OverrideLimit
            | FaultCode::SecondApproverRequired
    )
}

/// An act in numbers and ids. Texts stay in the statement; of a reason the hash is told.
fn of_act(act: &Act) -> (What, Subject) {
    let none = Subject::default();
    match act {
        Act::Found { .. } => (What::Founded, none),
        Act::Certify(certificate) => (
            What::DeviceCertified,
            Subject {
                device: Some(certificate.device),
                agent: Some(certificate.agent),
                inventory: Some(certificate.inventory),
                value: Some(certificate.level as u64),
                ..none
            },
        ),
        Act::SetRole { agent, role, teams } => (
            What::RoleSet,
            Subject {
                agent: Some(*agent),
                value: Some(*role as u64),
                team: teams.first().copied(),
                times: (teams.len() > 1).then_some(teams.len() as u64),
                ..none
            },
        ),
        Act::CreateRoster { roster, team, retention_days, .. } => (
            What::RosterMade,
            Subject { roster: Some(*roster), team: *team, value: Some((*retention_days).into()), ..none },
        ),
        Act::Admit { roster, device, .. } => {
            (What::DeviceAdmitted, Subject { roster: Some(*roster), device: Some(*device), ..none })
        }
        Act::Remove { roster, device } => {
            (What::DeviceRemoved, Subject { roster: Some(*roster), device: Some(*device), ..none })
        }
        Act::Revoke { device, reason } => {
            (What::DeviceRevoked, Subject { device: Some(*device), value: Some(*reason as u64), ..none })
        }
        Act::SetCalendar { scope, .. } => {
            let (team, agent) = match scope {
                HoursScope::Organisation => (None, None),
                HoursScope::Team(team) => (Some(*team), None),
                HoursScope::Agent(agent) => (None, Some(*agent)),
            };
            (What::CalendarSet, Subject { team, agent, ..none })
        }
        Act::GrantLeave { agent, period } => (
            What::LeaveGranted,
            Subject { agent: Some(*agent), from: Some(period.from), until: Some(period.until), ..none },
        ),
        Act::AddDuty { agent, duty } => (
            What::DutyAdded,
            Subject {
                agent: Some(*agent),
                from: Some(duty.period.from),
                until: Some(duty.period.until),
                hash: Some(Hash::of(&[duty.reason.as_bytes()])),
                ..none
            },
        ),
        Act::AddOnCall { agent, period } => (
            What::OnCallAdded,
            Subject { agent: Some(*agent), from: Some(period.from), until: Some(period.until), ..none },
        ),
        Act::SetRota { team, rota } => (
            What::RotaSet,
            Subject {
                team: Some(*team),
                from: Some(rota.covers.from),
                until: Some(rota.covers.until),
                value: Some(rota.turns.len() as u64),
                ..none
            },
        ),
        Act::AddRest { agent, rest } => (
            What::RestAdded,
            Subject { agent: Some(*agent), from: Some(rest.rest.from), until: Some(rest.rest.until), ..none },
        ),
        Act::SetUrgencyRight { agent, granted } => {
            (What::UrgencyRightSet, Subject { agent: Some(*agent), value: Some((*granted).into()), ..none })
        }
        Act::ApproveUrgency { approval } => {
            let (roster, team) = match approval.audience {
                Audience::Roster(roster) => (Some(roster), None),
                Audience::Team(team) => (None, Some(team)),
            };
            let value = Some(approval.basis.0.into());
            let (agent, until) = (Some(approval.author), Some(approval.until));
            (What::UrgencyApproved, Subject { agent, roster, team, value, until, ..none })
        }
        // Whose, the line's author says.
        Act::ProlongDuty { period } => {
            (What::DutyProlonged, Subject { from: Some(period.from), until: Some(period.until), ..none })
        }
        Act::SetLease { terms } => (
            What::LeaseSet,
            Subject { value: Some(terms.lock_days.into()), times: Some(terms.wipe_days.into()), ..none },
        ),
        Act::Propose { changes } => {
            (What::PolicyProposed, Subject { times: Some(changes.len() as u64), ..none })
        }
        Act::Approve { proposal } => (What::PolicyApproved, Subject { value: Some(proposal.0), ..none }),
        Act::Withdraw { proposal } => (What::PolicyWithdrawn, Subject { value: Some(proposal.0), ..none }),
        Act::RequireSecondPerson => (What::SecondPersonRequired, none),
        Act::AddOverride { agent, derogation } => (
            What::DerogationAdded,
            Subject {
                agent: Some(*agent),
                from: Some(derogation.period.from),
                until: Some(derogation.period.until),
                value: Some(derogation.basis.0.into()),
                hash: Some(Hash::of(&[derogation.reason.as_bytes()])),
                ..none
            },
        ),
    }
}
