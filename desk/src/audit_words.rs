//! What a line of the audit says, in words; the stable word is for machines.

use estafette_protocol::audit::What;
use estafette_protocol::texts::{Language, text};

/// The sentence of a line.
pub fn sentence(language: Language, what: What) -> String {
    match what {
        What::Founded => text(language, "audit-founded", &[]),
        What::DeviceCertified => text(language, "audit-device-certified", &[]),
        What::DeviceRevoked => text(language, "audit-device-revoked", &[]),
        What::DeviceWiped => text(language, "audit-device-wiped", &[]),
        What::DeviceBarred => text(language, "audit-device-barred", &[]),
        What::DeviceCleared => text(language, "audit-device-cleared", &[]),
        What::DeviceReattested => text(language, "audit-device-reattested", &[]),
        What::RevocationsTaken => text(language, "audit-revocations-taken", &[]),
        What::LeaseSet => text(language, "audit-lease-set", &[]),
        What::RoleSet => text(language, "audit-role-set", &[]),
        What::RosterMade => text(language, "audit-roster-made", &[]),
        What::DeviceAdmitted => text(language, "audit-device-admitted", &[]),
        What::DeviceRemoved => text(language, "audit-device-removed", &[]),
        What::CalendarSet => text(language, "audit-calendar-set", &[]),
        What::PolicyProposed => text(language, "audit-policy-proposed", &[]),
        What::PolicyApproved => text(language, "audit-policy-approved", &[]),
        What::PolicyWithdrawn => text(language, "audit-policy-withdrawn", &[]),
        What::SecondPersonRequired => text(language, "audit-second-person", &[]),
        What::LeaveGranted => text(language, "audit-leave-granted", &[]),
        What::DutyAdded => text(language, "audit-duty-added", &[]),
        What::OnCallAdded => text(language, "audit-on-call-added", &[]),
        What::DerogationAdded => text(language, "audit-derogation-added", &[]),
        What::UrgencyRightSet => text(language, "audit-urgency-right", &[]),
        What::UrgencyApproved => text(language, "audit-urgency-approved", &[]),
        What::UrgencyDeclared => text(language, "audit-urgency-declared", &[]),
        What::CallUnanswered => text(language, "audit-call-unanswered", &[]),
        What::DutyProlonged => text(language, "audit-duty-prolonged", &[]),
        What::RotaSet => text(language, "audit-rota-set", &[]),
        What::RestAdded => text(language, "audit-rest-added", &[]),
        What::InventoryChanged => text(language, "audit-inventory-changed", &[]),
        What::DirectoryReplaced => text(language, "audit-directory-replaced", &[]),
        What::TicketOpened => text(language, "audit-ticket-opened", &[]),
        What::EnrolmentBegun => text(language, "audit-enrolment-begun", &[]),
        What::EnrolmentCompleted => text(language, "audit-enrolment-completed", &[]),
        What::EnrolmentApproved => text(language, "audit-enrolment-approved", &[]),
        What::EnrolmentRefused => text(language, "audit-enrolment-refused", &[]),
        What::EnrolmentBurnt => text(language, "audit-enrolment-burnt", &[]),
        What::ClockConfirmed => text(language, "audit-clock-confirmed", &[]),
        What::RetentionExecuted => text(language, "audit-retention-executed", &[]),
        What::EvidenceErased => text(language, "audit-evidence-erased", &[]),
        What::Refused => text(language, "audit-refused", &[]),
    }
}
