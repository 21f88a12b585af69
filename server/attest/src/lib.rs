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
//! Android Key Attestation is whole (`android.rs`), Apple's App Attest too (`app_attest.rs`); a Managed
//! Device Attestation certificate is read and its chain checked (`managed_device.rs`); `phone.rs` puts an
//! iPhone's proofs together.

#![forbid(unsafe_code)]

mod android;
mod app_attest;
mod chain;
mod challenge;
mod der;
#[cfg(feature = "dev-attestation")]
pub mod development;
mod evidence;
mod key_description;
mod managed_device;
mod phone;
mod policy;
mod reasons;
mod revocation;
mod roots;
mod x509;

pub use android::{Expected, Facts, Serial, is_same_phone, verify_android};
pub use app_attest::{
    AppAttestFacts, AppIdentity, Environment, ExpectedAppAttest, ExpectedAssertion, verify_app_attest,
    verify_assertion,
};
pub use chain::Provisioning;
pub use challenge::{Role, challenge};
pub use der::{Boolean, Malformed};
pub use evidence::Evidence;
pub use key_description::{
    ApplicationId, AttestedText, AuthorizationList, BootState, KeyDescription, Package, RootOfTrust,
    SecurityLevel,
};
pub use managed_device::{ManagedDevice, verify_managed_device};
pub use phone::{
    AppleAssertion, AppleEvidence, AppleFacts, AppleRoot, AppleRules, ExpectedApple, ManagedProof,
    PhoneEvidence, verify_apple, verify_apple_again,
};
pub use policy::{Policy, SigningDigest};
pub use reasons::Reason;
pub use revocation::{BadList, RevocationList, STALE_AFTER};
pub use roots::{
    ANDROID_SOFTWARE_ROOTS, APPLE_APP_ATTEST_ROOT, APPLE_ENTERPRISE_ROOT, GOOGLE_ROOTS, TrustedRoot,
};
