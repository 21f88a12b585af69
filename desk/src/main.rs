//! `estafette`: the command line of agents and administrators.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use estafette_desk::commands::admin::{self, AdminCommand};
use estafette_desk::commands::agent::{self, AgentCommand};
use estafette_desk::commands::enrol;
use estafette_desk::folder::Folder;
use estafette_desk::output;
use estafette_desk::session::{Desk, Failure};
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
    if let Command::Replay(replay) = arguments.command {
        return estafette_desk::replay::command::execute(replay, desk.json, desk.language);
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
        Command::Enrol { ticket } => enrol::run(desk, &admin::parse_ticket(&ticket)?),
        // Judged before: its exit code tells more than done or not.
        #[cfg(feature = "dev-attestation")]
        Command::Demo(_) | Command::Replay(_) | Command::Bench(_) | Command::BenchRelay(_) => Ok(()),
        Command::Agent(command) => agent::run(desk, command),
    }
}
