//! `estafette admin phones`: what this computer asks of phones before it approves one.

use std::path::PathBuf;

use clap::Args;
use estafette_attest::RevocationList;
use estafette_protocol::texts::text;
use estafette_protocol::{FaultCode, Hash, Timestamp};
use serde_json::json;

use crate::administration::Administration;
use crate::clock;
use crate::output;
use crate::phone_rules::PhoneRules;
use crate::session::{Desk, Failure};

/// What is set; what is not named stays. Without anything, what stands is shown.
#[derive(Debug, Args)]
pub struct PhonesArguments {
    /// Application Android, à répéter / Android package, to be repeated
    #[arg(long)]
    package: Vec<String>,
    /// SHA-256 de son certificat, plusieurs d'un même jeu séparés par des virgules / its signers
    #[arg(long)]
    signer: Vec<String>,
    /// Correctifs d'Android au moins de ce mois, comme 202605 / least patch level
    #[arg(long, value_parser = clap::value_parser!(u32).range(201_501..=209_912))]
    patch_level: Option<u32>,
    /// Exige une puce séparée / asks for a separate chip
    #[arg(long)]
    strong_box: Option<bool>,
    /// Refuse les clés d'usine / refuses factory keys
    #[arg(long)]
    require_rkp: Option<bool>,
    /// Application d'iPhone, équipe.paquet, à répéter / iPhone application, to be repeated
    #[arg(long)]
    apple_app: Vec<String>,
    /// La liste des clés révoquées de Google, téléchargée / Google's list of revoked keys, as fetched
    #[arg(long)]
    list: Option<PathBuf>,
}

/// Sets the rules, or shows them.
pub fn run(desk: &Desk, arguments: &PhonesArguments) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let before = records.phone_rules()?;
    let rules = changed(before.clone(), arguments)
        .ok_or_else(|| Failure::Usage(text(desk.language, "desk-phones-bad-signer", &[])))?;
    if rules != before {
        records.put_phone_rules(&rules)?;
    }
    if let Some(file) = &arguments.list {
        bring(&records, file)?;
    }
    let list = records.revocation_list()?;
    let signers: Vec<Vec<String>> =
        rules.signers.iter().map(|set| set.iter().map(Hash::to_string).collect()).collect();
    let listed_at = list.as_ref().map(|list| output::local(None, list.fetched_at())).unwrap_or_default();
    let named = !rules.packages.is_empty() || !rules.apple_apps.is_empty();
    let sentence = match (named, list.is_some()) {
        (false, _) => text(desk.language, "desk-phones-nobody", &[]),
        (true, false) => text(desk.language, "desk-phones-no-list", &[]),
        (true, true) => text(desk.language, "desk-phones", &[("when", (&listed_at).into())]),
    };
    let shown = json!({
        "packages": rules.packages, "signers": signers, "minimum_patch_level": rules.minimum_patch_level,
        "strong_box": rules.strong_box, "require_rkp": rules.require_rkp, "apple_apps": rules.apple_apps,
        "list_fetched_at": list.map(|list| list.fetched_at().0),
    });
    if !desk.json {
        println!("{shown:#}");
    }
    output::done(desk, &sentence, &shown);
    Ok(())
}

/// The rules with what the arguments say; nothing where a signer is no SHA-256.
fn changed(mut rules: PhoneRules, arguments: &PhonesArguments) -> Option<PhoneRules> {
    let digest = |text: &str| text.replace(':', "").to_lowercase().parse::<Hash>().ok();
    if !arguments.package.is_empty() {
        rules.packages = arguments.package.clone();
    }
    if !arguments.signer.is_empty() {
        let set = |set: &String| set.split(',').map(digest).collect::<Option<Vec<_>>>();
        rules.signers = arguments.signer.iter().map(set).collect::<Option<_>>()?;
    }
    if !arguments.apple_app.is_empty() {
        rules.apple_apps = arguments.apple_app.clone();
    }
    rules.minimum_patch_level = arguments.patch_level.or(rules.minimum_patch_level);
    rules.strong_box = arguments.strong_box.unwrap_or(rules.strong_box);
    rules.require_rkp = arguments.require_rkp.unwrap_or(rules.require_rkp);
    Some(rules)
}

/// Takes Google's list from a file; it is as old as the file.
fn bring(records: &Administration, file: &std::path::Path) -> Result<(), Failure> {
    let unreadable = |_| Failure::from(FaultCode::FileUnreadable);
    let found = std::fs::metadata(file).map_err(unreadable)?;
    if usize::try_from(found.len()).is_ok_and(|size| size > RevocationList::MAX_ENCODED) {
        return Err(FaultCode::FileTooLarge.into());
    }
    let age = found.modified().map_err(unreadable)?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let fetched_at = Timestamp(0).after(age).min(clock::now());
    let bytes = std::fs::read(file).map_err(unreadable)?;
    RevocationList::from_json(&bytes, fetched_at).map_err(|_| FaultCode::FileUnreadable)?;
    Ok(records.put_revocation_list(fetched_at, &bytes)?)
}
