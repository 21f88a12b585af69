//! Between the relay and the verifier of evidence: which proof an inventory entry asks for.

use estafette_attest::{Evidence, Expected, Reason, Role, TrustedRoot, challenge, verify_android};
use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::{Binding, InventoryEntry};
use estafette_protocol::{Fault, FaultCode, Hash, Timestamp};

/// What a device's answer is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// SHA-256 of the relay's signing key.
    pub relay: Hash,
    /// The nonce of the challenge.
    pub nonce: [u8; 32],
    /// The hash of the ticket's claim.
    pub claim: Hash,
    /// What the device binds together.
    pub binding: &'a Binding,
    /// The inventory entry of the ticket.
    pub inventory: &'a InventoryEntry,
    /// The keys at which a chain of certificates may end.
    pub roots: &'a [TrustedRoot],
    /// The relay's clock.
    pub now: Timestamp,
}

/// How strongly the evidence proves the device. A computer brings none and is `supervised`: its
/// approval by a person is the proof.
///
/// # Errors
///
/// `not_in_inventory` where a genuine phone is of another model than the entry's, else
/// `attestation_rejected` with the checks that failed.
pub fn prove(trial: &Trial<'_>, evidence: &[u8]) -> Result<Level, Fault> {
    if trial.inventory.level == Level::Supervised {
        return match evidence.is_empty() {
            true => Ok(Level::Supervised),
            false => Err(rejected(vec!["evidence_unexpected".to_owned()])),
        };
    }
    let evidence =
        Evidence::from_bytes(evidence).map_err(|_| rejected(vec![Reason::ParseCert.as_str().to_owned()]))?;
    let expected = Expected {
        challenge: &challenge(
            &trial.relay.0,
            &trial.binding.enrolment,
            &trial.nonce,
            &trial.claim.0,
            Role::Device,
        ),
        key: &trial.binding.es256.0,
        model: Some(&trial.inventory.model),
        roots: trial.roots,
        now: trial.now,
    };
    let facts = verify_android(&evidence, &expected).map_err(|reasons| match reasons[..] {
        [Reason::InventoryModel] => Fault::new(FaultCode::NotInInventory),
        _ => rejected(reasons.into_iter().map(|reason| reason.as_str().to_owned()).collect()),
    })?;
    let proved = if facts.root.development { Level::Software } else { Level::Attested };
    match proved >= trial.inventory.level {
        true => Ok(proved),
        false => Err(rejected(vec!["level".to_owned()])),
    }
}

fn rejected(reasons: Vec<String>) -> Fault {
    Fault::new(FaultCode::AttestationRejected).with_reasons(reasons)
}
