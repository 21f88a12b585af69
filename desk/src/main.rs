//! `estafette`: the command line of agents and administrators.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use estafette_desk::commands::admin::{self, AdminCommand};
use estafette_desk::commands::agent::{self, AgentCommand};
use estafette_desk::commands::announcements::{self, AnnouncementCommand};
use estafette_desk::commands::enrol;
use estafette_desk::commands::note::{self, NoteCommand};
use estafette_desk::folder::Folder;
use estafette_desk::session::{Desk, Failure};
use estafette_desk::{manual, output, web};
use estafette_protocol::texts::Language;

/// Estafette : la messagerie des agents de terrain, sur l'ordinateur professionnel.
#[derive(Parser)]
#[command(name = "estafette", version)]
struct Arguments {
    /// Dossier de l'agent sur cet ordinateur / the agent's folder
    #[arg(long, global = true, env = "ESTAFETTE_FOLDER", default_value = "estafette")]
    folder: PathBuf,
    /// Fichier dont la première ligne est la phrase de passe / passphrase file
    #[arg(long, global = true)]
    passphrase_file: Option<PathBuf>,
    /// Sortie JSON, un objet par ligne / JSON output
    #[arg(long, global = true)]
    json: bool,
    /// Langue : fr ou en / language
    #[arg(long, global = true)]
    language: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Administre l'organisation / administers the organisation
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Ouvre le bureau : les conversations dans un navigateur, sur cet ordinateur seul / opens the desk
    Desk(web::DeskArguments),
    /// Inscrit cet ordinateur avec un ticket / enrols this computer
    Enrol {
        /// Ticket
        ticket: String,
    },
    /// Raconte une courte journée sur un vrai relais et de vrais appareils / tells a short day
    #[cfg(feature = "dev-attestation")]
    Demo(estafette_desk::demo::DemoArguments),
    /// Rejoue des conversations à travers un relais et des appareils réels / replays conversations
    #[cfg(feature = "dev-attestation")]
    Replay(estafette_desk::replay::command::ReplayArguments),
    /// Mesure ce que coûte un message sur cette machine / measures what a message costs here
    #[cfg(feature = "dev-attestation")]
    Bench(estafette_desk::bench::BenchArguments),
    #[cfg(feature = "dev-attestation")]
    #[command(hide = true)]
    BenchRelay(estafette_desk::bench::BenchRelayArguments),
    #[cfg(feature = "dev-attestation")]
    #[command(hide = true)]
    BenchDevice(estafette_desk::bench::BenchRelayArguments),
    #[cfg(feature = "dev-attestation")]
    #[command(hide = true)]
    BenchFill(estafette_desk::bench::fill::BenchFillArguments),
    /// Imprime de quoi compléter les commandes dans un interpréteur / prints a shell's completions
    Completions {
        /// Interpréteur / shell
        shell: Shell,
    },
    /// Imprime le manuel, ou l'écrit page par page dans un dossier / prints the manual
    Man {
        /// Dossier / folder
        #[arg(value_name = "DIR")]
        pages: Option<PathBuf>,
    },
    /// Écrit des notes à plusieurs / writes notes together
    #[command(subcommand)]
    Note(NoteCommand),
    #[command(flatten)]
    Announcement(AnnouncementCommand),
    #[command(flatten)]
    Agent(AgentCommand),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let tag = arguments.language.clone().or_else(|| std::env::var("LANG").ok()).unwrap_or_default();
    let desk = Desk {
        folder: Folder::at(&arguments.folder),
        language: Language::from_tag(&tag),
        json: arguments.json,
        passphrase_file: arguments.passphrase_file,
    };
    #[cfg(feature = "dev-attestation")]
    estafette_server::serve::skipped::look();
    #[cfg(feature = "dev-attestation")]
    if let Command::Replay(replay) = arguments.command {
        return estafette_desk::replay::command::execute(replay, desk.json, desk.language);
    }
    #[cfg(feature = "dev-attestation")]
    if let Command::Note(NoteCommand::Replay(replay)) = &arguments.command {
        return estafette_desk::replay::note_command::execute(replay, &desk);
    }
    #[cfg(feature = "dev-attestation")]
    if let Command::Demo(demo) = &arguments.command {
        // In French whatever the system's language, unless another was asked for.
        let language = arguments.language.as_deref().map(Language::from_tag).unwrap_or_default();
        return estafette_desk::demo::execute(demo, language);
    }
    #[cfg(feature = "dev-attestation")]
    match &arguments.command {
        Command::Bench(bench) => return estafette_desk::bench::execute(bench, desk.json),
        Command::BenchRelay(relay) => return estafette_desk::bench::execute_relay(relay),
        Command::BenchDevice(device) => return estafette_desk::bench::execute_device(device),
        Command::BenchFill(fill) => return estafette_desk::bench::fill::execute(&desk, fill),
        _ => {}
    }
    match run(&desk, arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::failure(&desk, &failure);
            ExitCode::FAILURE
        }
    }
}

fn run(desk: &Desk, command: Command) -> Result<(), Failure> {
    match command {
        Command::Admin(command) => admin::run(desk, command),
        Command::Completions { shell } => {
            Ok(manual::completions(Arguments::command(), shell, &mut std::io::stdout())?)
        }
        Command::Man { pages } => {
            Ok(manual::manual(Arguments::command(), pages.as_deref(), &mut std::io::stdout())?)
        }
        Command::Desk(arguments) => web::execute(desk, &arguments),
        Command::Enrol { ticket } => enrol::run(desk, &admin::parse_ticket(&ticket)?),
        // Judged before: its exit code tells more than done or not.
        #[cfg(feature = "dev-attestation")]
        Command::Demo(_)
        | Command::Replay(_)
        | Command::Bench(_)
        | Command::BenchRelay(_)
        | Command::BenchDevice(_)
        | Command::BenchFill(_) => Ok(()),
        Command::Announcement(command) => announcements::run(desk, command),
        Command::Note(command) => note::run(desk, command),
        Command::Agent(command) => agent::run(desk, command),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command that people are shown, by its words.
    fn commands(command: &clap::Command, words: &str, found: &mut Vec<(String, clap::Command)>) {
        found.push((words.to_owned(), command.clone()));
        for each in command.get_subcommands().filter(|each| !each.is_hide_set()) {
            commands(each, &format!("{words} {}", each.get_name()), found);
        }
    }

    #[test]
    fn every_command_and_argument_has_help_and_every_command_has_its_page() {
        let folder = tempfile::tempdir().unwrap();
        manual::manual(Arguments::command(), Some(folder.path()), &mut Vec::new()).unwrap();
        let mut whole = Vec::new();
        manual::manual(Arguments::command(), None, &mut whole).unwrap();
        let whole = String::from_utf8(whole).unwrap();
        let mut found = Vec::new();
        commands(&Arguments::command(), "estafette", &mut found);
        let words: Vec<&str> = found.iter().map(|(words, _)| words.as_str()).collect();
        for known in [
            "estafette admin ticket",
            "estafette admin hours",
            "estafette write",
            "estafette versions",
            "estafette export",
            "estafette man",
        ] {
            assert!(words.contains(&known), "{known} is not among {words:?}");
        }
        for (words, command) in &found {
            assert!(command.get_about().is_some(), "{words} says nothing of itself");
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                assert!(argument.get_help().is_some(), "{words} {}", argument.get_id());
            }
            let page = std::fs::read_to_string(folder.path().join(format!("{}.1", words.replace(' ', "-"))));
            let page = page.unwrap_or_else(|error| panic!("{words}: {error}"));
            assert!(page.contains(".SH SYNOPSIS"), "{words}: {page}");
            assert!(whole.contains(&page), "{words} is not in the manual that is printed");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), found.len());
    }

    #[test]
    fn the_manual_goes_into_a_folder_only_where_one_is_named() {
        let pages = |words: &[&str]| match Arguments::try_parse_from(words).unwrap().command {
            Command::Man { pages } => pages,
            _ => panic!("another command"),
        };
        assert_eq!(pages(&["estafette", "man"]), None);
        assert_eq!(pages(&["estafette", "--folder", "agent", "man", "pages"]), Some(PathBuf::from("pages")));
    }

    #[test]
    fn completions_name_the_commands_in_each_shell() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let mut script = Vec::new();
            manual::completions(Arguments::command(), shell, &mut script).unwrap();
            let script = String::from_utf8(script).unwrap();
            for word in ["all-missing", "verify-store", "dry-run", "at-reopening", "withdraw"] {
                assert!(script.contains(word), "{shell} does not know {word}");
            }
        }
    }
}
