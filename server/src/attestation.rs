//! Between the relay and the verifier of evidence: which proof an inventory entry asks for.
//!
//! Always true: whoever is admitted was judged by [`Rules`] that somebody stated; rules that name
//! no application admit no phone. The relay does not know serial numbers: it sees that one is
//! attested, and the administrator's desk, which signs the certificate, compares it.

use estafette_attest::{
    Evidence, Expected, Policy, Reason, RevocationList, Role, Serial, TrustedRoot, challenge, verify_android,
};
use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::{Binding, InventoryEntry};
use estafette_protocol::{Fault, FaultCode, Hash, Timestamp};

/// By what the relay judges evidence; the same for all organisations of a relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The keys at which a chain of certificates may end.
    pub roots: Vec<TrustedRoot>,
    /// What is asked of phones.
    pub policy: Policy,
    /// Whether a phone is admitted only while a fresh list of revoked keys is at hand.
    pub list_required: bool,
}

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
    /// By what it is judged.
    pub rules: &'a Rules,
    /// Google's list, if there is one.
    pub revoked: Option<&'a RevocationList>,
    /// The relay's clock.
    pub now: Timestamp,
}

impl Trial<'_> {
    fn challenge(&self, role: Role<'_>) -> [u8; 32] {
        challenge(&self.relay.0, &self.binding.enrolment, &self.nonce, &self.claim.0, role)
    }
}

/// How strongly the evidence proves the device. A computer brings none and is `supervised`: its
/// approval by a person is the proof.
///
/// # Errors
///
/// `status_list_stale` where the list of revoked keys is missing or old, which is not the phone's
/// fault; `not_in_inventory` where a genuine phone is of another model than the entry's; else
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
    if trial.rules.list_required && trial.revoked.is_none() {
        return Err(FaultCode::StatusListStale.into());
    }
    let key = &trial.binding.es256.0;
    let expected = Expected {
        challenge: Some(&trial.challenge(Role::Device)),
        id_challenge: Some(&trial.challenge(Role::Id(key))),
        key: Some(key),
        model: Some(&trial.inventory.model),
        serial: Serial::Unknown,
        policy: &trial.rules.policy,
        roots: &trial.rules.roots,
        revoked: trial.revoked,
        now: trial.now,
    };
    let facts = verify_android(&evidence, &expected).map_err(|reasons| match reasons[..] {
        [Reason::InventoryModel] => Fault::new(FaultCode::NotInInventory),
        [Reason::StatusListStale] => Fault::new(FaultCode::StatusListStale),
        _ => rejected(reasons.into_iter().map(|reason| reason.as_str().to_owned()).collect()),
    })?;
    let proved = facts.level();
    match proved >= trial.inventory.level {
        true => Ok(proved),
        false => Err(rejected(vec!["level".to_owned()])),
    }
}

fn rejected(reasons: Vec<String>) -> Fault {
    Fault::new(FaultCode::AttestationRejected).with_reasons(reasons)
}
