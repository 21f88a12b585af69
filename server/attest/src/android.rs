//! The verdict on an Android device's evidence.

use std::collections::BTreeSet;

use estafette_protocol::Timestamp;
use subtle::ConstantTimeEq;

use crate::chain::Chain;
use crate::{AttestedText, Evidence, KeyDescription, Provisioning, Reason, TrustedRoot};

/// What the evidence has to prove.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The challenge of this enrolment, made by [`crate::challenge()`].
    pub challenge: &'a [u8; 32],
    /// The ES256 key that the device enrols with, as a compressed SEC1 point.
    pub key: &'a [u8; 33],
    /// The inventory entry's model, compared byte for byte; `None` where the entry names none.
    pub model: Option<&'a str>,
    /// The keys at which a chain may end; none of them means that nothing is accepted.
    pub roots: &'a [TrustedRoot],
    /// The verifier's time.
    pub now: Timestamp,
}

/// What accepted evidence says. The hardware vouches for what stands in
/// [`KeyDescription::hardware`]; Android alone for the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Where the chain ends.
    pub root: TrustedRoot,
    /// How the attesting key came into the phone.
    pub provisioning: Provisioning,
    /// Serial numbers of the certificates, the device's first: big-endian, without leading zeros.
    pub serials: Vec<Vec<u8>>,
    /// The device's key, as a compressed SEC1 point.
    pub key: [u8; 33],
    /// All that was said about the key and its phone.
    pub description: KeyDescription,
}

impl Facts {
    /// The model that the hardware attests, if it does and the name is UTF-8.
    pub fn model(&self) -> Option<&str> {
        self.description.hardware.model.as_ref().and_then(AttestedText::as_str)
    }

    /// The manufacturer that the hardware attests, if it does and the name is UTF-8.
    pub fn manufacturer(&self) -> Option<&str> {
        self.description.hardware.manufacturer.as_ref().and_then(AttestedText::as_str)
    }
}

/// Judges an Android device's chain.
///
/// # Errors
///
/// Every check that failed, each once, in the order of [`Reason`]; never empty. Where sizes or the
/// certificates' syntax fail, nothing further was looked at and the reason stands alone.
pub fn verify_android(evidence: &Evidence, expected: &Expected<'_>) -> Result<Facts, Vec<Reason>> {
    if let Some(reason) = evidence.oversize() {
        return Err(vec![reason]);
    }
    let chain = Chain::parse(evidence).map_err(|reason| vec![reason])?;
    let mut reasons = BTreeSet::new();
    let root = chain.check(expected.roots, expected.now, &mut reasons);
    let description = chain.key_description(&mut reasons);
    if let Some(description) = &description {
        check_description(description, expected, &mut reasons);
    }
    let key = chain.key().filter(|key| bool::from(key.ct_eq(expected.key)));
    if key.is_none() {
        reasons.insert(Reason::KeyMismatch);
    }
    match (root, description, key) {
        (Some(root), Some(description), Some(key)) if reasons.is_empty() => {
            Ok(Facts { root, provisioning: chain.provisioning(), serials: chain.serials(), key, description })
        }
        _ => Err(reasons.into_iter().collect()),
    }
}

fn check_description(description: &KeyDescription, expected: &Expected<'_>, reasons: &mut BTreeSet<Reason>) {
    if !bool::from(description.challenge.ct_eq(&expected.challenge[..])) {
        reasons.insert(Reason::ChallengeMismatch);
    }
    if let Some(model) = expected.model {
        // Of the hardware's list only: Android could write any model into its own.
        if description.hardware.model.as_ref().is_none_or(|attested| attested.0 != model.as_bytes()) {
            reasons.insert(Reason::InventoryModel);
        }
    }
}
