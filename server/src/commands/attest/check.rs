//! Judges one file and says what was judged, as one line of JSON.
//!
//! Always true: the same file, arguments and date give the same line; the reasons are sorted; a
//! check without a value to compare is listed under `unchecked` and not passed over in silence.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::ValueEnum;
use estafette_attest::{
    APPLE_APP_ATTEST_ROOT, AppIdentity, Environment, Evidence, Expected, ExpectedAppAttest,
    ExpectedAssertion, GOOGLE_ROOTS, Reason, Serial, verify_android, verify_app_attest, verify_assertion,
};
use estafette_protocol::{Fault, Timestamp};
use serde::Serialize;

use super::file::{self, Android, Apple, Subject};

#[derive(clap::Args)]
pub struct Arguments {
    /// Fichier JSON avec la preuve et de quoi la juger, ou chaîne de certificats PEM
    pub file: PathBuf,
    /// Environnement d’Apple attendu
    #[arg(long, value_enum, default_value = "production")]
    pub environment: EnvironmentWord,
    /// Date à laquelle juger (RFC 3339) ; sinon celle du fichier, sinon maintenant
    #[arg(long, value_name = "DATE")]
    pub at: Option<String>,
    /// Défi attendu, en base64
    #[arg(long, value_name = "BASE64")]
    pub challenge: Option<String>,
    /// Application attendue
    #[arg(long)]
    pub package: Option<String>,
    /// Empreinte SHA-256 d’un certificat de signature de l’application ; toutes celles attendues
    #[arg(long, value_name = "HEX")]
    pub digest: Vec<String>,
}

/// One of Apple's environments.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum EnvironmentWord {
    /// Application distribuée
    Production,
    /// Application en développement
    Development,
}

/// What came of it.
#[derive(Debug)]
pub struct Answer {
    /// One line of JSON.
    pub report: String,
    /// Whether the evidence holds.
    pub accepted: bool,
    /// Whether the file's own root was trusted.
    pub test_root: bool,
}

#[derive(Serialize)]
struct Report {
    outcome: &'static str,
    reasons: BTreeSet<&'static str>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'static str>,
    /// The date on which it was judged.
    at: String,
    /// Whether the chain was allowed to end at the root that the file brings along.
    test_root_from_file: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    assertion_counter: Option<u32>,
    /// Checks that had no value to compare.
    unchecked: BTreeSet<&'static str>,
    /// Members of the file's policy that this version does not know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored: Vec<String>,
}

/// Judges the file that the arguments name.
///
/// # Errors
///
/// The file or an argument is not of its form.
pub fn examine(arguments: &Arguments, now: Timestamp) -> Result<Answer, Fault> {
    let at = arguments.at.as_deref().map(file::timestamp).transpose()?;
    let report = match file::read(&arguments.file)? {
        Subject::Android(mut android) => {
            state(arguments, &mut android)?;
            of_android(*android, at, now)
        }
        Subject::Apple(apple) => of_apple(&apple, arguments.environment, at, now),
    };
    Ok(Answer {
        accepted: report.outcome == "accept",
        test_root: report.test_root_from_file,
        report: serde_json::to_string(&report).unwrap_or_default(),
    })
}

/// What the command line states takes the place of what the file says.
fn state(arguments: &Arguments, android: &mut Android) -> Result<(), Fault> {
    if let Some(challenge) = &arguments.challenge {
        android.challenge = Some(file::base64(challenge)?);
    }
    if let Some(package) = &arguments.package {
        android.policy.packages = Some(BTreeSet::from([package.clone()]));
    }
    if !arguments.digest.is_empty() {
        android.policy.signers = Some(BTreeSet::from([file::signers(&arguments.digest)?]));
    }
    Ok(())
}

fn of_android(android: Android, at: Option<Timestamp>, now: Timestamp) -> Report {
    let at = at.or(android.at).unwrap_or(now);
    let roots: Vec<_> = GOOGLE_ROOTS.into_iter().chain(android.test_root).collect();
    // The list in a file has no date: it counts as one of the day on which the file is judged.
    let revoked = android.revoked.map(|list| list.fetched(at));
    let expected = Expected {
        challenge: android.challenge.as_deref(),
        id_challenge: None,
        key: None,
        model: android.model.as_deref(),
        serial: android.serial.as_deref().map_or(Serial::Unknown, Serial::Required),
        policy: &android.policy,
        roots: &roots,
        revoked: revoked.as_ref(),
        now: at,
    };
    let verdict = verify_android(&Evidence::of(android.chain), &expected).map(drop);
    let reasons = verdict.err().unwrap_or_default();
    let unchecked = [
        ("challenge", expected.challenge.is_none()),
        // The key that a device enrols with is told by the device, not by its evidence.
        ("key", true),
        ("model", expected.model.is_none()),
        ("package", expected.policy.packages.is_none()),
        ("patch_level", expected.policy.minimum_patch_level.is_none()),
        ("serial", expected.serial == Serial::Unknown),
        ("signing_digests", expected.policy.signers.is_none()),
        ("status_list", expected.revoked.is_none()),
    ];
    let unchecked = unchecked.into_iter().filter(|(_, left_out)| *left_out).map(|(name, _)| name).collect();
    Report {
        kind: "android-key-attestation",
        environment: None,
        test_root_from_file: android.test_root.is_some(),
        assertion_counter: None,
        unchecked,
        ignored: android.ignored,
        ..Report::of(&reasons, at)
    }
}

fn of_apple(apple: &Apple, word: EnvironmentWord, at: Option<Timestamp>, now: Timestamp) -> Report {
    let at = at.or(apple.at).unwrap_or(now);
    let (environment, word) = match word {
        EnvironmentWord::Production => (Environment::Production, "production"),
        EnvironmentWord::Development => (Environment::Development, "development"),
    };
    let application = AppIdentity(&apple.application);
    let expected = ExpectedAppAttest {
        client_data_hash: &apple.client_data_hash,
        key_id: apple.key_id.as_deref(),
        application,
        environment,
        root: &APPLE_APP_ATTEST_ROOT,
        now: at,
    };
    let attested = verify_app_attest(&apple.object, &expected);
    // Without an attested key there is nothing to check an assertion with.
    let asserted = attested.as_ref().ok().zip(apple.assertion.as_ref()).map(|(facts, (assertion, hash))| {
        let expected = ExpectedAssertion { client_data_hash: hash, key: &facts.key, application, counter: 0 };
        verify_assertion(assertion, &expected)
    });
    let mut unchecked = BTreeSet::new();
    if apple.key_id.is_none() {
        unchecked.insert("key_id");
    }
    if asserted.is_none() {
        unchecked.insert("assertion");
    }
    let (assertion_counter, refused) = match asserted {
        None => (None, Vec::new()),
        Some(Ok(counter)) => (Some(counter), Vec::new()),
        Some(Err(reasons)) => (None, reasons),
    };
    let reasons = [attested.err().unwrap_or_default(), refused].concat();
    Report {
        kind: "apple-app-attest",
        environment: Some(word),
        assertion_counter,
        unchecked,
        ..Report::of(&reasons, at)
    }
}

impl Report {
    fn of(reasons: &[Reason], at: Timestamp) -> Self {
        Self {
            outcome: if reasons.is_empty() { "accept" } else { "reject" },
            reasons: reasons.iter().map(|reason| reason.as_str()).collect(),
            kind: "",
            environment: None,
            at: at.to_string(),
            test_root_from_file: false,
            assertion_counter: None,
            unchecked: BTreeSet::new(),
            ignored: Vec::new(),
        }
    }
}
