//! `estafette-relay audit verify|export`.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{Ed25519Public, OrganisationId};
use estafette_server::audit::folder::{self, AuditError};
use estafette_server::audit::verify::{self, Broken, Verified};
use estafette_server::config::{Allowances, Config};
use estafette_server::keys;
use estafette_server::serve::{self, Clock};
use estafette_server::store::Reader as _;
use estafette_server::store::sqlite::{SqliteReader, SqliteStore};

use crate::say;

#[derive(Subcommand)]
pub enum Command {
    /// Vérifie le journal d’un relais, ou un export sur une autre machine
    Verify {
        /// Dossier du relais, ou fichier exporté
        path: PathBuf,
        /// Clé publique du relais, pour un fichier exporté
        #[arg(long)]
        relay_key: Option<Ed25519Public>,
        /// Export antérieur que le journal du dossier doit continuer
        #[arg(long)]
        against: Option<PathBuf>,
    },
    /// Écrit le journal sur la sortie standard, une ligne JSON par acte, puis la tête signée
    Export {
        /// Dossier du relais
        folder: PathBuf,
        /// Organisation, si le relais en sert plusieurs
        #[arg(long)]
        organisation: Option<OrganisationId>,
    },
}

/// Carries out a command; the sentence of a failure is the error.
pub fn run(command: &Command, language: Language) -> Result<(), String> {
    match command {
        Command::Verify { path, relay_key, against } if path.is_dir() => {
            of_folder(path, relay_key.as_ref(), against.as_deref(), language)
        }
        Command::Verify { path, relay_key, .. } => {
            let wanted = || text(language, "relay-audit-key-wanted", &[]);
            let verified = of_file(path, relay_key.as_ref().ok_or_else(wanted)?, language)?;
            let (id, at) = (verified.organisation.to_string(), verified.signed.at.to_string());
            let lines = verified.signed.head.number.into();
            let told = [("id", (&id).into()), ("at", (&at).into()), ("lines", lines)];
            say(&text(language, "relay-audit-file", &told));
            Ok(())
        }
        Command::Export { folder, organisation } => export(folder, *organisation, language),
    }
}

/// A founded organisation of a relay's folder.
struct Place {
    organisation: OrganisationId,
    reader: SqliteReader,
}

fn failed(language: Language, error: &dyn std::fmt::Display) -> String {
    let why = error.to_string();
    text(language, "relay-audit-failed", &[("why", (&why).into())])
}

fn settings(folder: &Path, language: Language) -> Result<(Config, ed25519_dalek::SigningKey), String> {
    let config = Config::read(folder, Allowances { public_development: true })
        .map_err(|error| error.sentence(language))?;
    let key = keys::read(&config.relay_key()).map_err(|error| failed(language, &error))?;
    Ok((config, key))
}

fn places(config: &Config, language: Language) -> Result<Vec<Place>, String> {
    let folders = serve::organisation_folders(&config.organisations());
    let mut places = Vec::new();
    for folder in folders.map_err(|error| failed(language, &error))? {
        let opened = SqliteStore::open(&folder).and_then(|store| store.reader());
        let read = opened.and_then(|reader| Ok((reader.state()?.organisation, reader)));
        match read.map_err(|error| failed(language, &error))? {
            (Some(organisation), reader) => places.push(Place { organisation, reader }),
            (None, _) => {
                let folder = folder.display().to_string();
                eprintln!("{}", text(language, "relay-audit-unfounded", &[("folder", (&folder).into())]));
            }
        }
    }
    Ok(places)
}

fn of_folder(
    folder: &Path,
    relay_key: Option<&Ed25519Public>,
    against: Option<&Path>,
    language: Language,
) -> Result<(), String> {
    let (config, key) = settings(folder, language)?;
    let own = Ed25519Public(key.verifying_key().to_bytes());
    let relay_key = relay_key.unwrap_or(&own);
    let earlier = against.map(|file| of_file(file, relay_key, language)).transpose()?;
    let mut broken = Vec::new();
    for Place { organisation, reader } in places(&config, language)? {
        let id = organisation.to_string();
        match folder::verify(&reader, organisation, relay_key) {
            Ok(head) => {
                let (lines, hash) = (head.number.into(), head.hash.to_string());
                let told = [("id", (&id).into()), ("lines", lines), ("hash", (&hash).into())];
                say(&text(language, "relay-audit-line", &told));
            }
            Err(AuditError::Broken(error)) => {
                let why = sentence(&error, language);
                let told = [("id", (&id).into()), ("why", (&why).into())];
                broken.push(text(language, "relay-audit-broken", &told));
            }
            Err(error) => return Err(failed(language, &error)),
        }
        let Some(earlier) = earlier.as_ref().filter(|earlier| earlier.organisation == organisation) else {
            continue;
        };
        let told = [("id", (&id).into())];
        match folder::continues(&reader, earlier).map_err(|error| failed(language, &error))? {
            true => say(&text(language, "relay-audit-against", &told)),
            false => broken.push(text(language, "relay-audit-not-against", &told)),
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

fn of_file(file: &Path, relay_key: &Ed25519Public, language: Language) -> Result<Verified, String> {
    let source = File::open(file).map_err(|error| failed(language, &error))?;
    verify::export(BufReader::new(source), relay_key).map_err(|error| {
        let why = sentence(&error, language);
        text(language, "relay-audit-file-broken", &[("why", (&why).into())])
    })
}

fn export(folder: &Path, organisation: Option<OrganisationId>, language: Language) -> Result<(), String> {
    let (config, key) = settings(folder, language)?;
    let mut places = places(&config, language)?;
    if let Some(organisation) = organisation {
        places.retain(|place| place.organisation == organisation);
    }
    let place = match (places.pop(), places.is_empty()) {
        (Some(place), true) => place,
        (Some(_), false) => return Err(text(language, "relay-audit-which", &[])),
        (None, _) => return Err(text(language, "relay-audit-none", &[])),
    };
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    let now = Clock::start().now();
    folder::export(&place.reader, place.organisation, &key, now, &mut output)
        .map_err(|error| failed(language, &error))?;
    let public = Ed25519Public(key.verifying_key().to_bytes()).to_string();
    eprintln!("{}", text(language, "relay-audit-key", &[("key", (&public).into())]));
    Ok(())
}

/// What is wrong, and where first.
fn sentence(broken: &Broken, language: Language) -> String {
    let at = |line: u64| [("line", line.into())];
    match broken {
        Broken::Unreadable(line) => text(language, "relay-audit-cut-unreadable", &at(*line)),
        Broken::Missing { expected, found } => text(
            language,
            "relay-audit-cut-missing",
            &[("expected", (*expected).into()), ("found", (*found).into())],
        ),
        Broken::NotFollowing(line) => text(language, "relay-audit-cut-following", &at(*line)),
        Broken::Altered(line) => text(language, "relay-audit-cut-altered", &at(*line)),
        Broken::HeadMissed { signed, last } => {
            text(language, "relay-audit-cut-head", &[("signed", (*signed).into()), ("last", (*last).into())])
        }
        Broken::HeadForged(line) => text(language, "relay-audit-cut-forged", &at(*line)),
        Broken::NoHead => text(language, "relay-audit-cut-no-head", &[]),
        Broken::AfterHead => text(language, "relay-audit-cut-after", &[]),
        Broken::Io(error) => error.to_string(),
    }
}
