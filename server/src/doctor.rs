//! Looks at a relay's folder and says what is in order and what asks for attention.
//!
//! Changes nothing of what is kept, and may run beside the relay. Each finding is one line that a person
//! understands, and says what to do where something is to be done.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use estafette_protocol::certificate::Level;
use estafette_protocol::registry::Registry;
use estafette_protocol::texts::{Argument, Language, text};
use estafette_protocol::{OrganisationId, StatementNumber};

use crate::config::{Allowances, Config, Mode};
use crate::serve::Clock;
use crate::store::sqlite::SqliteStore;
use crate::store::{Reader, StoreError};
use crate::tls::Identity;
use crate::{health, keys, revocations, serve};

/// Statements that are read at a time.
const PAGE: usize = 500;

/// A relay that fetches the list does so every day; an hour more is a failure.
const UNREFRESHED: Duration = Duration::from_hours(25);

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Well,
    /// The relay works; somebody should look at this.
    Attention,
}

/// One line of the doctor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How it stands.
    pub verdict: Verdict,
    /// In words.
    pub sentence: String,
}

impl Finding {
    /// The line as it is printed.
    pub fn line(&self, language: Language) -> String {
        let word = match self.verdict {
            Verdict::Well => text(language, "relay-doctor-well", &[]),
            Verdict::Attention => text(language, "relay-doctor-attention", &[]),
        };
        format!("{word:<10} {}", self.sentence)
    }
}

fn well(sentence: String) -> Finding {
    Finding { verdict: Verdict::Well, sentence }
}

fn attention(sentence: String) -> Finding {
    Finding { verdict: Verdict::Attention, sentence }
}

/// Everything that was looked at, in a stable order.
pub fn examine(folder: &Path, language: Language) -> Vec<Finding> {
    let config = match Config::read(folder, Allowances { public_development: true }) {
        Ok(config) => config,
        Err(error) => return vec![attention(error.sentence(language))],
    };
    let mode = config.mode.as_str();
    let mut findings = vec![
        well(text(language, "relay-doctor-config", &[("mode", mode.into())])),
        of_folder(&config.folder, language),
        of_key(&config, language),
        of_certificate(&config, language),
        of_disk(&config, language),
        of_clock(language),
    ];
    match serve::organisation_folders(&config.organisations()) {
        Ok(folders) => {
            if config.mode == Mode::Production && folders.iter().any(|folder| awaits_phones(folder)) {
                findings.extend(of_phones(&config, language));
            }
            findings.extend(folders.iter().flat_map(|folder| of_organisation(folder, &config, language)));
        }
        Err(error) => findings.push(attention(error.to_string())),
    }
    findings
}

fn of_folder(folder: &Path, language: Language) -> Finding {
    let name = folder.display().to_string();
    match File::open(folder).and_then(|folder| keys::is_private(&folder)) {
        Ok(true) => well(text(language, "relay-doctor-folder", &[])),
        Ok(false) => attention(text(language, "relay-doctor-folder-open", &[("folder", (&name).into())])),
        Err(error) => attention(format!("{name}: {error}")),
    }
}

fn of_key(config: &Config, language: Language) -> Finding {
    match keys::read(&config.relay_key()) {
        Ok(_) => well(text(language, "relay-doctor-key", &[])),
        Err(error) => {
            let why = error.to_string();
            attention(text(language, "relay-doctor-key-fault", &[("why", (&why).into())]))
        }
    }
}

fn of_certificate(config: &Config, language: Language) -> Finding {
    match Identity::read(&config.certificate, &config.key) {
        Ok(identity) => {
            let pin = identity.pin.to_string();
            well(text(language, "relay-doctor-certificate", &[("pin", (&pin).into())]))
        }
        Err(error) => {
            let why = error.to_string();
            attention(text(language, "relay-doctor-certificate-fault", &[("why", (&why).into())]))
        }
    }
}

fn of_disk(config: &Config, language: Language) -> Finding {
    const MIB: u64 = 1024 * 1024;
    if let Err(error) = health::write_probe(&config.folder) {
        let why = error.to_string();
        return attention(text(language, "relay-doctor-disk-write", &[("why", (&why).into())]));
    }
    let free = health::free_space(&config.folder).unwrap_or(0);
    let free_mib = ("free", Argument::from(free / MIB));
    if free >= config.storage.least_free {
        well(text(language, "relay-doctor-disk", &[free_mib]))
    } else {
        let least = ("least", Argument::from(config.storage.least_free / MIB));
        attention(text(language, "relay-doctor-disk-space", &[free_mib, least]))
    }
}

fn of_clock(language: Language) -> Finding {
    let clock = Clock::start();
    let now = clock.now().to_string();
    let now = [("now", Argument::from(&now))];
    if clock.is_sane() {
        well(text(language, "relay-doctor-clock", &now))
    } else {
        attention(text(language, "relay-doctor-clock-wrong", &now))
    }
}

/// Whether an organisation's inventory holds a phone. A folder that cannot be read is told elsewhere.
fn awaits_phones(folder: &Path) -> bool {
    let inventory = SqliteStore::open(folder).and_then(|store| store.reader()?.inventory());
    inventory.is_ok_and(|entries| entries.values().any(|entry| entry.level > Level::Supervised))
}

/// Whether phones can be enrolled: which application is allowed, and how old the list of revoked keys is.
fn of_phones(config: &Config, language: Language) -> Vec<Finding> {
    let mut findings = Vec::new();
    if config.phones.packages.as_ref().is_some_and(BTreeSet::is_empty) {
        findings.push(attention(text(language, "relay-doctor-no-application", &[])));
    }
    findings.push(match revocations::read(&config.folder) {
        Ok(Some(list)) => {
            let when = list.fetched_at().to_string();
            let told = [("entries", list.len().into()), ("when", (&when).into())];
            let now = Clock::start().now();
            let late = config.list.is_some() && list.fetched_at().after(UNREFRESHED) < now;
            match list.is_stale(now) {
                false if late => {
                    attention(text(language, "relay-doctor-revocations-unrefreshed", &told[1..]))
                }
                false => well(text(language, "relay-doctor-revocations", &told)),
                true => attention(text(language, "relay-doctor-revocations-stale", &told[1..])),
            }
        }
        Ok(None) => attention(text(language, "relay-doctor-no-revocations", &[])),
        Err(error) => {
            let why = error.to_string();
            attention(text(language, "relay-doctor-revocations-fault", &[("why", (&why).into())]))
        }
    });
    findings
}

fn of_organisation(folder: &Path, config: &Config, language: Language) -> Vec<Finding> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let place = ("folder", Argument::from(&name));
    let examined = SqliteStore::open(folder).and_then(|store| {
        store.check()?;
        let reader = store.reader()?;
        let state = reader.state()?;
        let lost = reader.groups()?.iter().filter(|group| group.state.epoch.0 == 0).count();
        let barred = reader.phones()?.iter().filter(|phone| phone.barred_at.is_some()).count();
        Ok((store.mode(), state.organisation, census(&reader)?, (state.restoring, lost, barred)))
    });
    match examined {
        Err(error) => {
            let why = error.to_string();
            vec![attention(text(
                language,
                "relay-doctor-organisation-fault",
                &[place, ("why", (&why).into())],
            ))]
        }
        Ok((mode, ..)) if mode != config.mode.into() => {
            vec![attention(text(language, "relay-doctor-other-mode", &[place]))]
        }
        Ok((_, None, ..)) => vec![well(text(language, "relay-doctor-unfounded", &[place]))],
        Ok((_, Some(id), census, (restoring, lost, barred))) => {
            let mut findings = of_founded(id, census, language);
            findings.extend(of_restored(id, restoring, lost, language));
            if barred > 0 {
                let id = id.to_string();
                let told = [("id", Argument::from(&id)), ("count", barred.into())];
                findings.push(attention(text(language, "relay-doctor-barred", &told)));
            }
            findings
        }
    }
}

/// What a restore has left to be done by the organisation's devices.
fn of_restored(id: OrganisationId, restoring: bool, lost: usize, language: Language) -> Option<Finding> {
    let id = id.to_string();
    let arguments = [("id", Argument::from(&id)), ("count", lost.into())];
    if restoring {
        return Some(attention(text(language, "relay-doctor-restoring", &arguments)));
    }
    (lost > 0).then(|| well(text(language, "relay-doctor-restored", &arguments)))
}

fn of_founded(id: OrganisationId, census: Option<Census>, language: Language) -> Vec<Finding> {
    let id = id.to_string();
    let named = ("id", Argument::from(&id));
    let Some(Census { devices, administrators }) = census else {
        return vec![attention(text(language, "relay-doctor-chain-broken", &[named]))];
    };
    let numbers = [named, ("devices", devices.into()), ("administrators", administrators.into())];
    let mut findings = vec![well(text(language, "relay-doctor-organisation", &numbers))];
    if administrators < 2 {
        findings.push(attention(text(language, "relay-doctor-one-administrator", &numbers[..1])));
    }
    findings
}

/// Who is in force in an organisation.
struct Census {
    devices: usize,
    administrators: usize,
}

/// Reads the whole chain of statements again; `None` if it does not hold.
fn census(reader: &impl Reader) -> Result<Option<Census>, StoreError> {
    let Some(organisation) = reader.state()?.organisation else { return Ok(None) };
    let mut registry = Registry::new(organisation);
    let mut next = StatementNumber(0);
    loop {
        let statements = reader.statements(next, PAGE)?;
        if statements.is_empty() {
            break;
        }
        for statement in &statements {
            if registry.apply(statement).is_err() {
                return Ok(None);
            }
            next = next.next();
        }
    }
    let devices = registry.devices().filter(|device| device.active()).count();
    Ok(Some(Census { devices, administrators: registry.administrators().count() }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn what_keeps_phones_out_is_named_until_it_is_put_right() {
        let folder = tempfile::tempdir().unwrap();
        let settings = "mode = \"development\"\nlisten = \"127.0.0.1:0\"\n\
                        [tls]\ncertificate = \"c\"\nkey = \"k\"\n";
        let mut config = Config::parse(settings, folder.path(), Allowances::default()).unwrap();
        let told = |config: &Config| -> Vec<_> {
            of_phones(config, Language::English).into_iter().map(|one| (one.verdict, one.sentence)).collect()
        };
        config.phones = estafette_attest::Policy::default();
        let application = text(Language::English, "relay-doctor-no-application", &[]);
        let list = text(Language::English, "relay-doctor-no-revocations", &[]);
        assert_eq!(told(&config), [(Verdict::Attention, application), (Verdict::Attention, list)]);
        config.phones = estafette_attest::development::policy();
        let brought = folder.path().join("brought.json");
        std::fs::write(&brought, r#"{"entries": {"77aa": {"status": "REVOKED"}}}"#).unwrap();
        revocations::import(folder.path(), &brought, Clock::start().now()).unwrap();
        assert!(matches!(&told(&config)[..], [(Verdict::Well, one)] if one.contains("1 entries")));
        revocations::import(folder.path(), &brought, estafette_protocol::Timestamp(0)).unwrap();
        assert!(matches!(&told(&config)[..], [(Verdict::Attention, one)] if one.contains("1970-01-01")));
        std::fs::write(folder.path().join(revocations::FILE_NAME), "{}").unwrap();
        assert!(matches!(&told(&config)[..], [(Verdict::Attention, one)] if one.contains("not a list")));
    }
}
