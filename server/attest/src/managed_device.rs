//! Apple's Managed Device Attestation: which iPhone it is, for the organisation that manages it.
//!
//! A device management server asks a phone for it; the phone's certificate then names its serial
//! number and device id (Apple Platform Security, "Managed device attestation security"). Both
//! lack where the phone belongs to its user, which is itself the answer.
//!
//! Always true: the chain ends at the given root and is valid now. Not here: the comparison with
//! the inventory, and how the certificate reaches us, which is the device management's matter.

use std::collections::BTreeSet;

use estafette_protocol::Timestamp;

use crate::app_attest::check_chain;
use crate::der::{Reader, Tag};
use crate::{AttestedText, Reason, x509};

/// 1.2.840.113635.100.8.9.1, .9.2, .10.2 and .11.1, in DER without their headers.
const SERIAL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x09, 0x01];
const UDID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x09, 0x02];
const SEP_VERSION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x0a, 0x02];
const NONCE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x0b, 0x01];
/// The longest value of an extension, in bytes.
const LONGEST: usize = 256;
const UTF8_STRING: Tag = Tag::Universal(12);
const PRINTABLE_STRING: Tag = Tag::Universal(19);
const IA5_STRING: Tag = Tag::Universal(22);

/// What a Managed Device Attestation certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedDevice {
    /// The phone's serial number; `None` where the phone belongs to its user.
    pub serial: Option<AttestedText>,
    /// The phone's unique device id; `None` likewise.
    pub udid: Option<AttestedText>,
    /// Version of the secure processor's system.
    pub sep_version: Option<AttestedText>,
    /// What whoever asked for the attestation gave along: SHA-256 of an ACME token, for instance.
    pub nonce: Option<Vec<u8>>,
    /// The attested key as a DER SubjectPublicKeyInfo.
    pub key: Vec<u8>,
}

/// Judges a chain, the phone's certificate first, its root left out, and reads what it says.
///
/// `root` is the root's key as a DER SubjectPublicKeyInfo: [`crate::APPLE_ENTERPRISE_ROOT`].
///
/// # Errors
///
/// Every check that failed, in the order of [`Reason`]; never empty.
pub fn verify_managed_device(
    chain: &[Vec<u8>],
    root: &[u8],
    now: Timestamp,
) -> Result<ManagedDevice, Vec<Reason>> {
    if let Some(reason) = crate::evidence::oversize(chain) {
        return Err(vec![reason]);
    }
    let parsed: Option<Vec<_>> = chain.iter().map(|der| x509::parse(der)).collect();
    let parsed = parsed.ok_or(vec![Reason::ParseCert])?;
    let Some(leaf) = parsed.first() else { return Err(vec![Reason::ChainTooShort]) };
    let mut reasons = BTreeSet::new();
    check_chain(&parsed, root, now, &mut reasons);
    let mut value = |oid| {
        let mut values = x509::extensions(leaf, oid);
        let value = values.next()?;
        if values.next().is_some() || value.is_empty() || value.len() > LONGEST {
            reasons.insert(Reason::ParseManagedDevice);
        }
        Some(value)
    };
    let text = |value: &[u8]| AttestedText(unwrapped(value).to_vec());
    let device = ManagedDevice {
        serial: value(SERIAL).map(text),
        udid: value(UDID).map(text),
        sep_version: value(SEP_VERSION).map(text),
        nonce: value(NONCE).map(<[u8]>::to_vec),
        key: leaf.public_key().raw.to_vec(),
    };
    match reasons.is_empty() {
        true => Ok(device),
        false => Err(reasons.into_iter().collect()),
    }
}

/// Public verifiers differ on whether such a text is bare or a DER string; both are read.
fn unwrapped(value: &[u8]) -> &[u8] {
    let mut reader = Reader::new(value);
    match reader.element() {
        Ok((UTF8_STRING | PRINTABLE_STRING | IA5_STRING, text)) if reader.is_empty() => text,
        _ => value,
    }
}
