//! `estafette-relay`: makes a relay's folder, runs it, examines it.
//!
//! Help is in French, as clap prints it; everything else comes from the catalogue, in the
//! language of `LANG`. Nothing is decided here.

mod commands;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use estafette_protocol::enrol::Ticket;
use estafette_protocol::texts::{Language, fault_sentence, text};
use estafette_protocol::{Fault, Timestamp};
use estafette_server::backup::{self, BackupError};
use estafette_server::config::{Allowances, Config, Mode};
use estafette_server::init::{self, InitError, InitOptions};
#[cfg(feature = "dev-attestation")]
use estafette_server::serve::skipped;
use estafette_server::serve::{Clock, RelayServer, StartError};
use estafette_server::{doctor, log, revocations, shutdown, tls};
use tokio::sync::Notify;

/// In the relay's folder for a moment: a person has found the clock right.
const CLOCK_CONFIRMED: &str = "clock-confirmed";
/// The same: a restored relay need not wait for an administrator's device.
const RESTORE_CONFIRMED: &str = "restore-confirmed";
/// How often the relay looks for those words.
const LOOK: Duration = Duration::from_secs(3);

/// Le relais d’Estafette : qui peut, quand, dans quel ordre. Il ne peut rien lire.
#[derive(Parser)]
#[command(name = "estafette-relay", version, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Crée le dossier d’un relais et imprime le ticket qui fonde la première organisation
    Init {
        /// Dossier à créer ; il ne doit pas exister
        folder: PathBuf,
        /// Adresse et port d’écoute
        #[arg(long, default_value = init::DEFAULT_ADDRESS)]
        address: SocketAddr,
        /// Adresse et port que les appareils joignent, si ce ne sont pas les mêmes
        #[arg(long)]
        public_address: Option<String>,
        /// Certificat (PEM) ; créé si rien n’est dit
        #[arg(long, requires = "key")]
        certificate: Option<PathBuf>,
        /// Clé privée du certificat (PEM)
        #[arg(long, requires = "certificate")]
        key: Option<PathBuf>,
        /// Pour essayer : n’est pas un relais de production et ne le deviendra pas
        #[arg(long)]
        development: bool,
    },
    /// Prépare la place d’une organisation de plus et imprime le ticket qui la fonde
    Organisation {
        /// Dossier du relais
        folder: PathBuf,
    },
    /// Fait tourner le relais jusqu’à SIGTERM ou Ctrl-C
    Serve {
        /// Dossier du relais
        #[arg(required_unless_present = "config")]
        folder: Option<PathBuf>,
        /// Fichier de réglages ou son dossier
        #[arg(long, conflicts_with = "folder")]
        config: Option<PathBuf>,
        /// Laisse un relais de développement écouter sur une adresse publique
        #[arg(long)]
        i_know: bool,
    },
    /// Sauvegarde un relais, en marche ou non, dans un dossier nouveau
    Backup {
        /// Dossier du relais
        #[arg(required_unless_present = "verify")]
        folder: Option<PathBuf>,
        /// Dossier à créer ; il ne doit pas exister
        #[arg(required_unless_present = "verify")]
        to: Option<PathBuf>,
        /// Vérifie une sauvegarde, sans rien écrire
        #[arg(long, value_name = "BACKUP", conflicts_with_all = ["folder", "to"])]
        verify: Option<PathBuf>,
    },
    /// Fait un relais d’une sauvegarde ; il attend ensuite les décisions de l’organisation
    Restore {
        /// Dossier de la sauvegarde
        from: PathBuf,
        /// Dossier du relais ; il ne doit pas exister, ou être vide
        folder: PathBuf,
    },
    /// Examine un relais ; le code de sortie est 1 si quelque chose demande attention
    Doctor {
        /// Dossier du relais
        folder: PathBuf,
        /// Dit au relais en marche que l’heure est juste, après un saut de l’horloge
        #[arg(long)]
        confirm_clock: bool,
        /// Dit au relais restauré, en marche, de ne pas attendre un ordinateur d’administration
        #[arg(long)]
        confirm_restore: bool,
    },
    /// Imprime de quoi compléter les commandes dans un interpréteur
    Completions {
        /// Interpréteur
        shell: Shell,
    },
    /// Imprime le manuel, ou l’écrit page par page dans un dossier
    Man {
        /// Dossier
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Efface les messages dont la durée de conservation est passée, et compte par groupe
    Retention {
        /// Dossier du relais
        folder: PathBuf,
        /// Compte seulement ; rien n’est effacé
        #[arg(long)]
        dry_run: bool,
    },
    /// Vérifie ou exporte le journal d’audit, que personne ne peut réécrire
    Audit {
        #[command(subcommand)]
        command: commands::audit::Command,
    },
    /// Examine la preuve d’un téléphone, ou importe la liste des clés d’attestation révoquées
    Attest {
        #[command(subcommand)]
        command: commands::attest::Command,
    },
}

fn main() -> ExitCode {
    let language = language();
    let ended = match Arguments::parse().command {
        Command::Init { folder, address, public_address, certificate, key, development } => {
            let mode = if development { Mode::Development } else { Mode::Production };
            let options =
                InitOptions { listen: address, public_address, certificate: certificate.zip(key), mode };
            make(&folder, &options, language)
        }
        Command::Organisation { folder } => add(&folder, language),
        Command::Serve { folder, config, i_know } => {
            let path = config.or(folder).unwrap_or_default();
            serve(&path, Allowances { public_development: i_know }, language)
        }
        Command::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Arguments::command(),
                "estafette-relay",
                &mut std::io::stdout(),
            );
            Ok(())
        }
        Command::Man { folder } => manual(folder.as_deref()).map_err(|error| error.to_string()),
        Command::Retention { folder, dry_run } => commands::retention::run(&folder, dry_run, language),
        Command::Audit { command } => commands::audit::run(&command, language),
        Command::Attest { command } => return commands::attest::run(&command, language),
        Command::Backup { verify: Some(backup), .. } => check_backup(&backup, language),
        Command::Backup { folder, to, verify: None } => {
            back_up(&folder.unwrap_or_default(), &to.unwrap_or_default(), language)
        }
        Command::Restore { from, folder } => restore(&from, &folder, language),
        Command::Doctor { folder, confirm_clock, confirm_restore } => {
            return examine(&folder, confirm_clock, confirm_restore, language);
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a line. Nobody may be reading any more, which is no reason to end.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The language of the terminal; French unless it says English.
fn language() -> Language {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|l| !l.is_empty()));
    said.map_or(Language::French, |tag| Language::from_tag(&tag))
}

/// Writes a page for each command into a folder, or all pages one after the other.
fn manual(folder: Option<&Path>) -> std::io::Result<()> {
    let mut whole = Arguments::command();
    whole.build();
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)?;
    }
    for command in std::iter::once(&whole).chain(whole.get_subcommands()) {
        let mut page = Vec::new();
        clap_mangen::Man::new(command.clone()).render(&mut page)?;
        let name = command.get_display_name().unwrap_or(command.get_name());
        match folder {
            Some(folder) => std::fs::write(folder.join(format!("{name}.1")), page)?,
            None => std::io::stdout().write_all(&page)?,
        }
    }
    Ok(())
}

fn make(folder: &Path, options: &InitOptions, language: Language) -> Result<(), String> {
    let created = init::create(folder, options).map_err(|error| not_made(&error, language))?;
    let (folder, pin) = (folder.display().to_string(), created.pin.to_string());
    say(&text(language, "relay-init-made", &[("folder", (&folder).into())]));
    say(&text(language, "relay-init-pin", &[("pin", (&pin).into())]));
    show(&created.ticket, language);
    say(&text(language, "relay-init-next", &[("folder", (&folder).into())]));
    Ok(())
}

fn add(folder: &Path, language: Language) -> Result<(), String> {
    let config = Config::read(folder, Allowances { public_development: true })
        .map_err(|error| error.sentence(language))?;
    let identity = tls::Identity::read(&config.certificate, &config.key)
        .map_err(|error| not_made(&error.into(), language))?;
    let ticket = init::add_organisation(&config, identity.pin).map_err(|error| not_made(&error, language))?;
    show(&ticket, language);
    say(&text(language, "relay-organisation-next", &[]));
    Ok(())
}

fn show(ticket: &Ticket, language: Language) {
    say(&text(language, "relay-init-ticket", &[]));
    say(&format!("\n  {ticket}\n"));
}

fn not_made(error: &InitError, language: Language) -> String {
    match error {
        InitError::Exists(folder) => {
            let folder = folder.display().to_string();
            text(language, "relay-init-exists", &[("folder", (&folder).into())])
        }
        error => {
            let why = error.to_string();
            text(language, "relay-init-failed", &[("why", (&why).into())])
        }
    }
}

fn serve(path: &Path, allowances: Allowances, language: Language) -> Result<(), String> {
    let config = Config::read(path, allowances).map_err(|error| error.sentence(language))?;
    log::start(&config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| not_started(&error, language))?;
    runtime.block_on(run(&config, language))
}

async fn run(config: &Config, language: Language) -> Result<(), String> {
    let moved = Arc::new(Notify::new());
    let relay = RelayServer::start_by(clock(config, &moved), config).await.map_err(|error| match &error {
        StartError::OtherMode { folder } => {
            let folder = folder.display().to_string();
            text(language, "relay-start-other-mode", &[("folder", (&folder).into())])
        }
        StartError::SoftwareInInventory { folder } => {
            let folder = folder.display().to_string();
            text(language, "relay-start-software", &[("folder", (&folder).into())])
        }
        other => not_started(other, language),
    })?;
    let address = relay.address().to_string();
    say(&text(language, "relay-listening", &[("address", (&address).into())]));
    let word = config.folder.join(CLOCK_CONFIRMED);
    let restored = config.folder.join(RESTORE_CONFIRMED);
    let list = config.folder.join(revocations::FILE_NAME);
    let brought = || std::fs::metadata(&list).and_then(|found| found.modified()).ok();
    let mut read = brought();
    let mut asked = std::pin::pin!(shutdown::asked_to_end());
    loop {
        tokio::select! {
            asked = asked.as_mut() => {
                asked.map_err(|error| not_started(&error, language))?;
                break;
            }
            () = moved.notified() => relay.look_at_clock(),
            () = tokio::time::sleep(LOOK) => {
                if std::fs::remove_file(&word).is_ok() {
                    relay.confirm_clock();
                }
                if std::fs::remove_file(&restored).is_ok() {
                    relay.confirm_restore();
                }
                if read != brought() {
                    read = brought();
                    relay.renew_revocations();
                }
            }
        }
    }
    relay.shutdown().await;
    say(&text(language, "relay-ended", &[]));
    Ok(())
}

/// The system's clock; a development relay goes with the day of a test, where one skips time.
#[cfg(feature = "dev-attestation")]
fn clock(config: &Config, moved: &Arc<Notify>) -> Clock {
    if config.mode != Mode::Development {
        return Clock::start();
    }
    let moved = Arc::clone(moved);
    skipped::follow(move || moved.notify_one());
    Clock::ahead_by(skipped::ahead)
}

#[cfg(not(feature = "dev-attestation"))]
fn clock(_config: &Config, _moved: &Arc<Notify>) -> Clock {
    Clock::start()
}

fn not_started(error: &dyn std::fmt::Display, language: Language) -> String {
    let why = error.to_string();
    text(language, "relay-start-failed", &[("why", (&why).into())])
}

fn back_up(folder: &Path, to: &Path, language: Language) -> Result<(), String> {
    let manifest =
        backup::make(folder, to, Clock::start().now()).map_err(|error| not_backed_up(&error, language))?;
    let name = to.display().to_string();
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    let arguments = [
        ("folder", (&name).into()),
        ("organisations", manifest.organisations.len().into()),
        ("size", (bytes / 1024).into()),
    ];
    say(&text(language, "relay-backup-made", &arguments));
    for outside in &manifest.outside {
        say(&text(language, "relay-backup-outside", &[("file", outside.into())]));
    }
    Ok(())
}

fn check_backup(folder: &Path, language: Language) -> Result<(), String> {
    let manifest = backup::verify(folder).map_err(|error| not_backed_up(&error, language))?;
    let made_at = Timestamp(manifest.made_at).to_string();
    let arguments = [("when", (&made_at).into()), ("organisations", manifest.organisations.len().into())];
    say(&text(language, "relay-backup-sound", &arguments));
    Ok(())
}

fn restore(from: &Path, folder: &Path, language: Language) -> Result<(), String> {
    let manifest = backup::restore(from, folder).map_err(|error| not_backed_up(&error, language))?;
    let (name, made_at) = (folder.display().to_string(), Timestamp(manifest.made_at).to_string());
    let arguments = [("folder", (&name).into()), ("when", (&made_at).into())];
    say(&text(language, "relay-restore-made", &arguments));
    for outside in &manifest.outside {
        say(&text(language, "relay-backup-outside", &[("file", outside.into())]));
    }
    say(&text(language, "relay-restore-next", &arguments[..1]));
    Ok(())
}

/// Why nothing was made: the sentence and what to do, then the detail.
fn not_backed_up(error: &BackupError, language: Language) -> String {
    let why = match error {
        BackupError::Exists(folder) => {
            let folder = folder.display().to_string();
            return text(language, "relay-backup-exists", &[("folder", (&folder).into())]);
        }
        BackupError::Config(error) => return error.sentence(language),
        error => error.to_string(),
    };
    match error.code() {
        Some(code) => format!("{} ({code})\n{why}", fault_sentence(language, &Fault::new(code))),
        None => text(language, "relay-backup-failed", &[("why", (&why).into())]),
    }
}

fn examine(folder: &Path, confirm_clock: bool, confirm_restore: bool, language: Language) -> ExitCode {
    let findings = doctor::examine(folder, language);
    findings.iter().for_each(|finding| say(&finding.line(language)));
    let words = [
        (confirm_clock, CLOCK_CONFIRMED, text(language, "relay-doctor-clock-confirmed", &[])),
        (confirm_restore, RESTORE_CONFIRMED, text(language, "relay-doctor-restore-confirmed", &[])),
    ];
    for (_, word, sentence) in words.into_iter().filter(|(said, ..)| *said) {
        if let Err(error) = std::fs::write(folder.join(word), []) {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
        say(&sentence);
    }
    if findings.iter().all(|finding| finding.verdict == doctor::Verdict::Well) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn every_command_and_argument_has_help_and_every_command_has_its_page() {
        let folder = tempfile::tempdir().unwrap();
        manual(Some(folder.path())).unwrap();
        let whole = Arguments::command();
        let commands: Vec<_> = whole.get_subcommands().collect();
        for known in ["init", "serve", "doctor", "man"] {
            assert!(commands.iter().any(|command| command.get_name() == known), "{known} was not seen");
        }
        for command in &commands {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name} says nothing of itself");
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                assert!(argument.get_help().is_some(), "{name} {}", argument.get_id());
            }
            let page =
                std::fs::read_to_string(folder.path().join(format!("estafette-relay-{name}.1"))).unwrap();
            assert!(page.contains(".SH SYNOPSIS"), "{name}: {page}");
        }
        let first = std::fs::read_to_string(folder.path().join("estafette-relay.1")).unwrap();
        assert!(first.contains(".SH SYNOPSIS"), "{first}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), commands.len() + 1);
    }
}
