//! `estafette-relay attest check` and `attest list import`: evidence looked at by a person.
//!
//! Always true: nothing that is done here admits anybody. A diagnosis may leave checks out and
//! may trust the root that a file brings along; `serve` lives in the library, which cannot name
//! this module, and a test keeps it so (`server/tests/attest_check.rs`).

mod check;
mod file;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use estafette_protocol::texts::{Language, fault_advice, fault_sentence, text};
use estafette_server::config::{Allowances, Config};
use estafette_server::revocations;
use estafette_server::serve::Clock;

use crate::say;
use check::Answer;

/// The file is not one that can be judged.
const UNREADABLE: u8 = 2;

#[derive(Subcommand)]
pub enum Command {
    /// Examine la preuve d’un téléphone contenue dans un fichier, sans rien inscrire ; imprime du JSON
    ///
    /// Code de sortie : 0 acceptée, 1 refusée, 2 fichier illisible.
    Check(Box<check::Arguments>),
    /// La liste des clés d’attestation révoquées par Google
    List {
        #[command(subcommand)]
        command: ListCommand,
    },
}

#[derive(Subcommand)]
pub enum ListCommand {
    /// Prend la liste d’un fichier téléchargé ; un relais en marche en tient compte aussitôt
    Import {
        /// Dossier du relais
        folder: PathBuf,
        /// Fichier téléchargé de https://android.googleapis.com/attestation/status
        file: PathBuf,
    },
}

pub fn run(command: &Command, language: Language) -> ExitCode {
    match command {
        Command::Check(arguments) => examine(arguments, language),
        Command::List { command: ListCommand::Import { folder, file } } => {
            match import(folder, file, language) {
                Ok(()) => ExitCode::SUCCESS,
                Err(sentence) => {
                    eprintln!("{sentence}");
                    ExitCode::FAILURE
                }
            }
        }
    }
}

fn examine(arguments: &check::Arguments, language: Language) -> ExitCode {
    match check::examine(arguments, Clock::start().now()) {
        Ok(Answer { report, accepted, test_root }) => {
            if test_root {
                eprintln!("{}", text(language, "relay-attest-test-root", &[]));
            }
            say(&report);
            if accepted { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(fault) => {
            eprintln!("{} ({})", fault_sentence(language, &fault), fault.code);
            eprintln!("{}", fault_advice(language, &fault));
            ExitCode::from(UNREADABLE)
        }
    }
}

fn import(folder: &Path, file: &Path, language: Language) -> Result<(), String> {
    let config = Config::read(folder, Allowances { public_development: true })
        .map_err(|error| error.sentence(language))?;
    let now = Clock::start().now();
    let list = revocations::import(&config.folder, file, now).map_err(|error| {
        let why = error.to_string();
        text(language, "relay-attest-list-failed", &[("why", (&why).into())])
    })?;
    let when = list.fetched_at().to_string();
    let told = [("entries", list.len().into()), ("when", (&when).into())];
    say(&text(language, "relay-attest-list-imported", &told));
    if list.is_stale(now) {
        say(&text(language, "relay-attest-list-stale", &told[1..]));
    }
    Ok(())
}
