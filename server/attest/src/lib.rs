//! Whether a device's key lives in genuine hardware, and in which phone: evidence in, facts or reasons out.
//!
//! The relay asks before it lets a device wait for approval, the administrator's desk asks again
//! before it signs a certificate: a relay that lies about evidence gains nothing.
//!
//! Always true: nothing here reads a clock, a file or a socket; sizes are looked at before anything
//! is parsed; every check that fails is named, not only the first; and no input makes it panic.
//! Evidence alone never admits a device: an agent's own phone is genuine too. What makes a phone
//! professional is its inventory entry, which belongs to the caller.
//!
//! Checked today: the chain up to a trusted key, the challenge, the device's key and the model.
//! [`Facts`] already carry what the remaining rules need (boot state, application, security level,
//! serial numbers for revocation); those rules are not here yet.

#![forbid(unsafe_code)]

mod android;
mod chain;
mod challenge;
mod der;
#[cfg(feature = "dev-attestation")]
pub mod development;
mod evidence;
mod key_description;
mod reasons;
mod roots;

pub use android::{Expected, Facts, verify_android};
pub use chain::Provisioning;
pub use challenge::{Role, challenge};
pub use der::{Boolean, Malformed};
pub use evidence::Evidence;
pub use key_description::{
    ApplicationId, AttestedText, AuthorizationList, BootState, KeyDescription, Package, RootOfTrust,
    SecurityLevel,
};
pub use reasons::Reason;
pub use roots::{GOOGLE_ROOTS, TrustedRoot};
