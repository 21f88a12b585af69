//! Tickets and what becomes of them: begin, complete, status; and the administrator's side.
//!
//! Who does not know a ticket's claim learns nothing: an unknown enrolment and a wrong claim are
//! refused alike, each after one write. Five wrong claims burn a ticket.

use std::time::Duration;

use estafette_protocol::enrol::{
    BeginRequest, BeginResponse, Binding, CompleteRequest, EnrolmentState, InventoryEntry, PendingEnrolment,
    TicketRequest, claim_hash,
};
use estafette_protocol::frame::Reply;
use estafette_protocol::{EnrolmentId, Fault, FaultCode, Hash, OrganisationId, limits};
use rand_core::CryptoRngCore;
use subtle::ConstantTimeEq;

use super::requests::{Asker, at_most, check_key_packages};
use super::settle::{Expected, Wish};
use super::{Answer, CallId, Effect, EnrolRequest, Relay};
use crate::attestation::{self, Trial};
use crate::audit::{Subject, What, Who};
use crate::policy;
use crate::store::{EnrolmentRow, EnrolmentStage, Operation, Submission};

/// Wrong claims that a ticket survives, and one more.
const TRIES: u32 = 5;
/// The longest life of a ticket.
const TICKET: Duration = Duration::from_hours(24);
/// How long a challenge may be answered.
const CHALLENGE: Duration = Duration::from_secs(600);
/// Inventory entries in one request.
const ENTRIES: usize = 500;
/// Bytes of a model or platform.
const WORD: usize = 128;
/// Enrolments in one answer, and their bytes.
const PENDING: usize = 200;
const PENDING_BYTES: usize = 2 * 1024 * 1024;

/// What a claim shows.
enum Claim {
    /// The ticket that it belongs to.
    Of(Box<EnrolmentRow>),
    /// None, and what is to be written and answered instead.
    Wrong(Judged),
}

/// What is to be written before an answer is given, and the answer.
type Judged = (Vec<Operation>, Result<Answer, Fault>);

impl Relay {
    pub(super) fn take_enrolment(
        &mut self,
        rng: &mut dyn CryptoRngCore,
        call: CallId,
        request: EnrolRequest,
    ) {
        let about = self.subject_of(&request);
        let judged = match request {
            _ if self.draining => Err(FaultCode::ShuttingDown.into()),
            _ if self.state.restoring => Err(self.restoring()),
            EnrolRequest::Begin(begin) => self.begin(rng, &begin),
            EnrolRequest::Complete(complete) => self.complete(*complete),
            EnrolRequest::Status(status) => self.enrolment_status(&status),
            EnrolRequest::Found(found) => self.found(*found),
        };
        match judged {
            Ok((operations, reply)) => {
                let writes = operations.len();
                let refused = reply.as_ref().err().cloned();
                operations.into_iter().for_each(|operation| self.write(operation));
                // Also without a write: whoever guesses shall not tell the cases apart by time.
                self.expected.push(Expected::Enrolment { call, writes, reply });
                if let Some(fault) = refused {
                    self.note_refusal(Who::Stranger, about, &fault);
                }
            }
            Err(fault) => {
                self.note_refusal(Who::Stranger, about, &fault);
                self.effects.push(Effect::Reply { call, answer: Err(fault) });
            }
        }
    }

    /// The enrolment of a claim.
    fn claimed(&mut self, organisation: OrganisationId, enrolment: EnrolmentId, claim: &[u8; 32]) -> Claim {
        let invalid = |writes| Claim::Wrong((writes, Err(FaultCode::EnrolmentInvalid.into())));
        if Some(organisation) != self.state.organisation {
            return Claim::Wrong((Vec::new(), Err(FaultCode::AlienOrganisation.into())));
        }
        // Nothing, durably: whoever guesses waits for the disk in every case.
        let nothing = || vec![Operation::Audit(Vec::new())];
        let Some(row) = self.state.enrolments.get_mut(&enrolment) else { return invalid(nothing()) };
        let right = bool::from(claim_hash(claim).0.ct_eq(&row.claim.0));
        match (right, row.stage) {
            (_, EnrolmentStage::Burnt) => invalid(nothing()),
            (true, _) => Claim::Of(Box::new(row.clone())),
            (false, EnrolmentStage::Open | EnrolmentStage::Challenged { .. }) => {
                row.tries = row.tries.saturating_add(1);
                if row.tries >= TRIES {
                    row.stage = EnrolmentStage::Burnt;
                }
                let row = row.clone();
                invalid(vec![match row.stage {
                    EnrolmentStage::Burnt => self.enrolled(Who::Stranger, What::EnrolmentBurnt, row),
                    _ => Operation::Enrolment(Box::new(row)),
                }])
            }
            // Nothing is left to burn: what was approved or refused stays so.
            (false, _) => invalid(nothing()),
        }
    }

    fn begin(&mut self, rng: &mut dyn CryptoRngCore, begin: &BeginRequest) -> Result<Judged, Fault> {
        let row = match self.claimed(begin.organisation, begin.enrolment, &begin.claim) {
            Claim::Of(row) => *row,
            Claim::Wrong(judged) => return Ok(judged),
        };
        match row.stage {
            EnrolmentStage::Open | EnrolmentStage::Challenged { .. } if self.now >= row.expires_at => {
                return Err(FaultCode::EnrolmentExpired.into());
            }
            EnrolmentStage::Open | EnrolmentStage::Challenged { .. } => {}
            _ => return Err(FaultCode::EnrolmentUsed.into()),
        }
        let InventoryEntry { model, level, .. } = self.as_required(self.entry_of(&row)?);
        let mut nonce = [0; 32];
        rng.fill_bytes(&mut nonce);
        let stage = EnrolmentStage::Challenged { nonce, until: self.now.after(CHALLENGE) };
        let response = BeginResponse { nonce, relay: self.id, relay_time: self.now, model, level };
        let row = self.keep(EnrolmentRow { stage, ..row });
        Ok((vec![self.enrolled(Who::Stranger, What::EnrolmentBegun, row)], Ok(Answer::Begun(response))))
    }

    fn complete(&mut self, complete: CompleteRequest) -> Result<Judged, Fault> {
        at_most(complete.evidence.len(), limits::EVIDENCE + 1024)?;
        let row = match self.claimed(complete.organisation, complete.enrolment, &complete.claim) {
            Claim::Of(row) => *row,
            Claim::Wrong(judged) => return Ok(judged),
        };
        let nonce = match row.stage {
            EnrolmentStage::Challenged { nonce, until } if self.now < until => nonce,
            EnrolmentStage::Open | EnrolmentStage::Challenged { .. } => {
                return Err(FaultCode::EnrolmentExpired.into());
            }
            EnrolmentStage::Pending { .. } if self.is_submitted(&row, &complete)? => {
                return Ok((Vec::new(), Ok(Answer::State(EnrolmentState::Pending))));
            }
            _ => return Err(FaultCode::EnrolmentUsed.into()),
        };
        let binding = complete.binding.verify().map_err(|_| FaultCode::BadProof)?;
        policy::may_bind(&binding, complete.organisation, complete.enrolment)?;
        let key_packages: Vec<Vec<u8>> = complete.key_packages.into_iter().map(Into::into).collect();
        self.check_binding(&binding, &key_packages)?;
        let inventory = &self.as_required(self.entry_of(&row)?);
        if self.is_bound(inventory) {
            return Err(FaultCode::EntryAlreadyBound.into());
        }
        let trial = Trial {
            relay: self.id,
            nonce,
            claim: row.claim,
            binding: &binding,
            inventory,
            rules: &self.settings.rules,
            revoked: self.revoked.as_deref(),
            now: self.now,
        };
        attestation::prove(&trial, &complete.evidence).inspect_err(|fault| {
            let reasons = fault.reasons.as_deref().unwrap_or_default().join(",");
            let (enrolment, entry) = (row.enrolment, row.inventory);
            tracing::warn!(code = %fault.code, reasons, %enrolment, %entry, "a device was refused");
        })?;
        let submission =
            Submission { binding: complete.binding, evidence: complete.evidence.into(), key_packages };
        let stage = EnrolmentStage::Pending { device: binding.device, nonce, at: self.now };
        let mut row = EnrolmentRow { stage, ..row };
        self.state.enrolments.insert(row.enrolment, row.clone());
        row.submission = Some(submission);
        let write = self.enrolled(Who::Stranger, What::EnrolmentCompleted, row);
        Ok((vec![write], Ok(Answer::State(EnrolmentState::Pending))))
    }

    /// Whether the same device completes again, because its answer was lost.
    fn is_submitted(&self, row: &EnrolmentRow, complete: &CompleteRequest) -> Result<bool, Fault> {
        let standing = self.reader.submission(row.enrolment)?;
        Ok(standing.is_some_and(|standing| standing.binding == complete.binding))
    }

    /// Key packages are those that T names, and neither device nor keys serve already.
    pub(super) fn check_binding(&self, binding: &Binding, key_packages: &[Vec<u8>]) -> Result<(), Fault> {
        check_key_packages(key_packages, None)?;
        let named = key_packages.iter().map(|package| Hash::of(&[package]));
        if key_packages.is_empty() || !named.eq(binding.key_packages.iter().copied()) {
            return Err(FaultCode::Malformed.into());
        }
        let waits = |stage: &EnrolmentStage| matches!(stage, EnrolmentStage::Pending { device, .. } if *device == binding.device);
        let taken = self.state.registry.devices().any(|record| {
            let certificate = &record.certificate;
            certificate.device == binding.device
                || certificate.es256 == binding.es256
                || certificate.ed25519 == binding.ed25519
        });
        match taken || self.state.enrolments.values().any(|row| waits(&row.stage)) {
            true => Err(FaultCode::EnrolmentUsed.into()),
            false => Ok(()),
        }
    }

    fn enrolment_status(&mut self, status: &BeginRequest) -> Result<Judged, Fault> {
        let row = match self.claimed(status.organisation, status.enrolment, &status.claim) {
            Claim::Of(row) => *row,
            Claim::Wrong(judged) => return Ok(judged),
        };
        let state = match row.stage {
            EnrolmentStage::Pending { .. } => EnrolmentState::Pending,
            EnrolmentStage::Active { .. } => EnrolmentState::Active,
            EnrolmentStage::Refused => EnrolmentState::Refused,
            _ => return Err(FaultCode::NotFound.into()),
        };
        Ok((Vec::new(), Ok(Answer::State(state))))
    }

    fn entry_of(&self, row: &EnrolmentRow) -> Result<&InventoryEntry, Fault> {
        self.state.inventory.get(&row.inventory).ok_or_else(|| {
            tracing::warn!(enrolment = %row.enrolment, entry = %row.inventory, "not in the inventory");
            FaultCode::NotInInventory.into()
        })
    }

    fn is_bound(&self, inventory: &InventoryEntry) -> bool {
        self.state
            .registry
            .devices()
            .any(|record| record.active() && record.certificate.inventory == inventory.id)
    }

    /// Remembers an enrolment as it is to stand.
    fn keep(&mut self, row: EnrolmentRow) -> EnrolmentRow {
        self.state.enrolments.insert(row.enrolment, row.clone());
        row
    }

    pub(super) fn add_inventory(&mut self, asker: Asker, entries: Vec<InventoryEntry>) -> Result<(), Fault> {
        at_most(entries.len(), ENTRIES)?;
        for entry in &entries {
            at_most(entry.platform.len().max(entry.model.len()), WORD)?;
            policy::may_inventory(entry, self.settings.development)?;
        }
        self.state.inventory.extend(entries.iter().map(|entry| (entry.id, entry.clone())));
        let subjects = entries.iter().map(|entry| Subject {
            inventory: Some(entry.id),
            agent: Some(entry.agent),
            team: entry.team,
            ..Subject::default()
        });
        let lines = self.lines_by(asker.device, What::InventoryChanged, subjects);
        let act = Box::new(Operation::Inventory(entries));
        self.write_for(asker, Operation::Audited(act, lines), Wish::Done);
        Ok(())
    }

    /// Opens an enrolment. A ticket said to last longer than a day lasts a day: the administrator's
    /// clock need not agree with this one.
    pub(super) fn open_ticket(&mut self, asker: Asker, ticket: TicketRequest) -> Result<(), Fault> {
        if !self.state.inventory.contains_key(&ticket.inventory) {
            return Err(FaultCode::NotInInventory.into());
        }
        if ticket.expires_at <= self.now {
            return Err(FaultCode::EnrolmentExpired.into());
        }
        let row = match self.state.enrolments.get(&ticket.enrolment) {
            Some(row) if row.claim == ticket.claim && row.inventory == ticket.inventory => {
                // The answer was lost: the same ticket is opened once.
                let write = Operation::Enrolment(Box::new(row.clone()));
                self.write_for(asker, write, Wish::Done);
                return Ok(());
            }
            Some(_) => return Err(FaultCode::EnrolmentUsed.into()),
            None => EnrolmentRow {
                enrolment: ticket.enrolment,
                inventory: ticket.inventory,
                claim: ticket.claim,
                expires_at: ticket.expires_at.min(self.now.after(TICKET)),
                tries: 0,
                stage: EnrolmentStage::Open,
                submission: None,
            },
        };
        let row = self.keep(row);
        let write = self.enrolled(self.author(asker.device), What::TicketOpened, row);
        self.write_for(asker, write, Wish::Done);
        Ok(())
    }

    pub(super) fn refuse_enrolment(&mut self, asker: Asker, enrolment: EnrolmentId) -> Result<(), Fault> {
        let row = self.state.enrolments.get(&enrolment).ok_or(FaultCode::NotFound)?;
        if matches!(row.stage, EnrolmentStage::Active { .. }) {
            return Err(FaultCode::EnrolmentUsed.into());
        }
        let row = EnrolmentRow { stage: EnrolmentStage::Refused, ..row.clone() };
        let row = self.keep(row);
        let write = self.enrolled(self.author(asker.device), What::EnrolmentRefused, row);
        self.write_for(asker, write, Wish::Done);
        Ok(())
    }

    pub(super) fn pending(&self) -> Result<Reply, Fault> {
        let waits = |row: &EnrolmentRow| match row.stage {
            EnrolmentStage::Pending { nonce, at, .. } => Some((at, row.enrolment, row.inventory, nonce)),
            _ => None,
        };
        let mut waiting: Vec<_> = self.state.enrolments.values().filter_map(waits).collect();
        waiting.sort_unstable();
        let mut bytes = 0;
        let mut enrolments = Vec::new();
        for (at, enrolment, inventory, nonce) in waiting.into_iter().take(PENDING) {
            let inventory = self.state.inventory.get(&inventory).map(|entry| self.as_required(entry));
            let (Some(inventory), Some(submission)) = (inventory, self.reader.submission(enrolment)?) else {
                continue;
            };
            bytes += submission.evidence.len() + submission.binding.body.len() + 512;
            if bytes > PENDING_BYTES {
                break;
            }
            let (binding, evidence) = (submission.binding, submission.evidence.into());
            enrolments.push(PendingEnrolment { enrolment, inventory, nonce, binding, evidence, at });
        }
        Ok(Reply::Pending { enrolments })
    }
}
