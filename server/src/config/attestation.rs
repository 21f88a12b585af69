//! What settings say about the evidence of devices, and what they may not say.
//!
//! Always true: a production relay whose settings name no application admits no phone; it admits
//! none made for tests either (`check.rs`). What is written is checked here, to the line.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use axum::http::Uri;
use estafette_attest::{AppleRules, Environment, Policy, SecurityLevel, SigningDigest};
use serde::Deserialize;
use toml::Spanned;

use super::check::Misplaced;
use super::{ConfigFault, ListSource};
use crate::wake_up::Endpoint;

/// The section `[attestation]` as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttestationFile {
    pub development_root: Option<Spanned<bool>>,
    packages: Option<Vec<String>>,
    signing_digests: Option<Spanned<Vec<Vec<String>>>>,
    minimum_patch_level: Option<Spanned<u64>>,
    minimum_security_level: Option<LevelWord>,
    require_rkp: Option<bool>,
    apple_apps: Option<Vec<String>>,
    pub apple_environment: Option<Spanned<EnvironmentWord>>,
    list_url: Option<Spanned<String>>,
    list_authorities: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LevelWord {
    TrustedEnvironment,
    StrongBox,
}

/// In which of Apple's environments the application's keys are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum EnvironmentWord {
    Production,
    Development,
}

/// The rules for iPhones. With the development root and nothing said, those that its objects keep.
pub(super) fn apple(file: &AttestationFile) -> AppleRules {
    let unsaid = unsaid_apple(file.development_root.as_ref().is_some_and(|root| *root.get_ref()));
    let environment = match file.apple_environment.as_ref().map(Spanned::get_ref) {
        Some(EnvironmentWord::Development) => Environment::Development,
        Some(EnvironmentWord::Production) | None => unsaid.environment,
    };
    let said = file.apple_apps.as_ref().map(|apps| apps.iter().cloned().collect());
    AppleRules { applications: said.unwrap_or(unsaid.applications), environment, roots: unsaid.roots }
}

#[cfg_attr(
    not(feature = "dev-attestation"),
    expect(unused_variables, reason = "there is no development root")
)]
fn unsaid_apple(development_root: bool) -> AppleRules {
    #[cfg(feature = "dev-attestation")]
    if development_root {
        return estafette_attest::development::apple_rules();
    }
    AppleRules::default()
}

/// Where the list of revoked keys is fetched. The address names its own host: nobody else can.
pub(super) fn list(file: &AttestationFile, folder: &Path) -> Result<Option<ListSource>, Misplaced> {
    let Some(url) = &file.list_url else { return Ok(None) };
    let fault = || (url.span().start, ConfigFault::ListUrl);
    let host = url.get_ref().parse::<Uri>().ok().and_then(|uri| Some(uri.host()?.to_owned()));
    let url = Endpoint::parse(url.get_ref(), host.as_slice()).map_err(|_| fault())?;
    let authorities = file.list_authorities.as_ref().map(|file| folder.join(file));
    Ok(Some(ListSource { url, authorities }))
}

/// The rules for phones. With the development root and nothing said, those that its chains keep.
pub(super) fn policy(file: &AttestationFile) -> Result<Policy, Misplaced> {
    let unsaid = unsaid(file.development_root.as_ref().is_some_and(|root| *root.get_ref()));
    Ok(Policy {
        packages: file.packages.as_ref().map(|names| names.iter().cloned().collect()).or(unsaid.packages),
        signers: file.signing_digests.as_ref().map(signers).transpose()?.or(unsaid.signers),
        minimum_patch_level: match &file.minimum_patch_level {
            Some(level) => Some(patch_level(level)?),
            None => unsaid.minimum_patch_level,
        },
        minimum_security_level: match file.minimum_security_level {
            Some(LevelWord::StrongBox) => SecurityLevel::StrongBox,
            Some(LevelWord::TrustedEnvironment) | None => SecurityLevel::TrustedEnvironment,
        },
        require_rkp: file.require_rkp.unwrap_or_default(),
    })
}

#[cfg_attr(
    not(feature = "dev-attestation"),
    expect(unused_variables, reason = "there is no development root")
)]
fn unsaid(development_root: bool) -> Policy {
    #[cfg(feature = "dev-attestation")]
    if development_root {
        return estafette_attest::development::policy();
    }
    Policy::default()
}

/// Sets of SHA-256 in hexadecimal, none of them empty.
fn signers(sets: &Spanned<Vec<Vec<String>>>) -> Result<BTreeSet<BTreeSet<SigningDigest>>, Misplaced> {
    let fault = || (sets.span().start, ConfigFault::SigningDigests);
    let digest = |text: &String| {
        let compact: String = text.chars().filter(|sign| *sign != ':').collect();
        compact.to_lowercase().parse::<estafette_protocol::Hash>().map(|hash| hash.0).map_err(|_| fault())
    };
    let set = |digests: &Vec<String>| match digests.is_empty() {
        true => Err(fault()),
        false => digests.iter().map(digest).collect(),
    };
    sets.get_ref().iter().map(set).collect()
}

/// A month as YYYYMM.
fn patch_level(level: &Spanned<u64>) -> Result<u32, Misplaced> {
    let number = u32::try_from(*level.get_ref()).unwrap_or(u32::MAX);
    match (number / 100, number % 100) {
        (2015..=2099, 1..=12) => Ok(number),
        _ => Err((level.span().start, ConfigFault::PatchLevel)),
    }
}
