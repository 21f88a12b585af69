//! What an organisation asks of its phones beyond being genuine.
//!
//! Always true: [`Policy::default`] names no application and so admits nobody; a demand is left
//! out only where somebody wrote `None`. The floor that no policy lowers is in `android.rs`:
//! hardware at least a trusted environment, a locked bootloader, the maker's own system.

use std::collections::BTreeSet;

use crate::SecurityLevel;

/// SHA-256 of a certificate that signed an application.
pub type SigningDigest = [u8; 32];

/// An organisation's rules for evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Packages of which the key's owner must consist, all of them; `None` looks at none.
    pub packages: Option<BTreeSet<String>>,
    /// Each set is all that a phone names as signers, for one way of signing; the phone's set must
    /// be one of them. While a signing key is being changed there are several: the old key's, both,
    /// the new key's. `None` looks at none.
    pub signers: Option<BTreeSet<BTreeSet<SigningDigest>>>,
    /// The oldest patch level of Android, as YYYYMM; `None` takes any.
    pub minimum_patch_level: Option<u32>,
    /// The least level of both the key and its attestation; below a trusted environment nothing passes.
    pub minimum_security_level: SecurityLevel,
    /// Whether the attesting key must have come from Google's servers: factory keys leak.
    pub require_rkp: bool,
}

impl Default for Policy {
    /// No application is named, so nobody passes.
    fn default() -> Self {
        Self {
            packages: Some(BTreeSet::new()),
            signers: Some(BTreeSet::new()),
            minimum_patch_level: None,
            minimum_security_level: SecurityLevel::TrustedEnvironment,
            require_rkp: false,
        }
    }
}

impl Policy {
    /// Looks at no application, patch level or provisioning: for a diagnosis that has no values.
    pub fn unstated() -> Self {
        Self { packages: None, signers: None, ..Self::default() }
    }
}
