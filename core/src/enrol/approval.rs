//! The administrator's side: is this enrolment what it says, and which acts approve it.
//!
//! The relay has checked all of it already and is not believed: the MAC proves that the keys
//! come from who read the ticket, the evidence is judged again here.

use estafette_protocol::certificate::{Certificate, Level};
use estafette_protocol::enrol::{BadBinding, Binding, PendingEnrolment, TicketSecret};
use estafette_protocol::statement::{Act, History};
use estafette_protocol::{AgentNumber, InventoryId, OrganisationId, RosterId};

/// Why an enrolment must not be approved.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// T is not one, or not signed by both its keys.
    #[error(transparent)]
    Binding(#[from] BadBinding),
    /// The keys do not come from the device that read the ticket: the relay may have put them there.
    #[error("the keys are not those of the device that read the ticket")]
    Mac,
    /// T was made for another enrolment or organisation.
    #[error("made for another enrolment")]
    Foreign,
    /// The relay shows another inventory entry than the ticket was made for.
    #[error("the inventory entry is another one")]
    Inventory,
    /// The evidence does not hold; the checks that failed, as stable words.
    #[error("the evidence does not hold: {}", .0.join(", "))]
    Evidence(Vec<String>),
}

/// What the administrator's device kept when it made the ticket.
pub struct Approval<'a> {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The ticket's secret.
    pub secret: &'a TicketSecret,
    /// The inventory entry that the ticket is for.
    pub inventory: InventoryId,
    /// Whose it is to be, by the administrator's own inventory.
    pub agent: AgentNumber,
    /// Judges the evidence: gives the level that it proves, or the checks that failed. Not called
    /// for a computer, which brings none.
    pub evidence: &'a dyn Fn(&PendingEnrolment, &Binding) -> Result<Level, Vec<String>>,
}

/// Checks an enrolment and gives the certificate that approves it.
///
/// # Errors
///
/// It must not be approved, and why.
pub fn verify(pending: &PendingEnrolment, approval: &Approval<'_>) -> Result<Certificate, ApprovalError> {
    let binding = pending.binding.verify()?;
    if !pending.binding.verify_mac(&approval.secret.bind()) {
        return Err(ApprovalError::Mac);
    }
    if (binding.organisation, binding.enrolment) != (approval.organisation, pending.enrolment) {
        return Err(ApprovalError::Foreign);
    }
    if (pending.inventory.id, pending.inventory.agent) != (approval.inventory, approval.agent) {
        return Err(ApprovalError::Inventory);
    }
    let level = match pending.inventory.level {
        Level::Supervised => Level::Supervised,
        _ => (approval.evidence)(pending, &binding).map_err(ApprovalError::Evidence)?,
    };
    Ok(Certificate {
        device: binding.device,
        agent: approval.agent,
        es256: binding.es256,
        ed25519: binding.ed25519,
        x25519: binding.x25519,
        level,
        inventory: approval.inventory,
    })
}

/// The acts that put a certificate in force and admit its device to rosters.
pub fn admissions(certificate: Certificate, rosters: &[RosterId], history: History) -> Vec<Act> {
    let device = certificate.device;
    let admissions = rosters.iter().map(|roster| Act::Admit { roster: *roster, device, history });
    std::iter::once(Act::Certify(certificate)).chain(admissions).collect()
}
