//! `estafette demo`: a short day of a team, on the wall in a browser ([`wall`]) or told here in the terminal
//! while it happens.
//!
//! The day runs on the real relay and the real devices, over TLS on loopback; then a whole
//! conversation is replayed. Always true: a sentence is printed only after the code has found
//! that it holds, in the devices' databases or in the relay's files; the first one that does
//! not ends the demonstration with exit code 1.

mod announcement;
mod conversation;
mod day;
pub(crate) mod ledger;
mod phones;
mod screen;
mod storm;
pub(crate) mod stranger;
mod town;

use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;

use estafette_protocol::Fault;
use estafette_protocol::texts::{Language, fault_sentence, text};

use crate::replay::ReplayError;
use crate::wall;
use conversation::Script;
use screen::Screen;
use town::Town;

/// What can be said on the command line.
#[derive(Debug, clap::Args)]
pub struct DemoArguments {
    /// Une fois, sans pauses ni question / once, without pauses or a question
    #[arg(long)]
    once: bool,
    /// Raconte la journée dans le terminal / tells the day in the terminal
    #[arg(long, conflicts_with = "wall")]
    text: bool,
    /// Le mur dans un navigateur, même sans terminal / the wall, even without a terminal
    #[arg(long, conflicts_with_all = ["once", "path"])]
    wall: bool,
    /// Port du mur, sinon le système en choisit un / the wall's port; the system chooses one otherwise
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// N’ouvre pas de navigateur : le lien du mur est seulement imprimé / only prints the wall's link
    #[arg(long)]
    no_browser: bool,
    /// Rejoue ce fichier ou ce dossier à la place de la conversation du projet / replays this instead
    path: Option<PathBuf>,
}

/// Why the demonstration stopped.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A sentence that was about to be printed does not hold.
    #[error("« {0} »")]
    Untrue(String),
    /// The replay's machinery failed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The disk, or a terminal that is gone.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// The relay's database could not be looked into.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    /// A refusal that had no place in the day.
    #[error("{0}")]
    Fault(#[from] Fault),
}

/// Raises the wall where somebody sits at a terminal and asked for nothing else. Otherwise tells the day,
/// again as long as somebody wants it.
pub fn execute(arguments: &DemoArguments, language: Language) -> ExitCode {
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let tells = arguments.text || arguments.once || arguments.path.is_some() || !terminal;
    if arguments.wall || !tells {
        let wanted = wall::Wanted { port: arguments.port, browser: !arguments.no_browser };
        return wall::execute(wanted, language);
    }
    let attended = !arguments.once && terminal;
    let mut screen = Screen::new(language, attended);
    match tell(arguments, &mut screen) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = match &error {
                DemoError::Replay(error) => crate::replay::command::why(language, error),
                DemoError::Fault(fault) => fault_sentence(language, fault),
                other => other.to_string(),
            };
            let sentence = match error {
                DemoError::Untrue(_) => text(language, "demo-untrue", &[("cause", (&cause).into())]),
                _ => text(language, "demo-failed", &[("cause", (&cause).into())]),
            };
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn tell(arguments: &DemoArguments, screen: &mut Screen) -> Result<(), DemoError> {
    let script = Script::read(arguments.path.as_deref())?;
    loop {
        day(screen)?;
        script.replay(screen)?;
        if !screen.attended() || !again(screen)? {
            return Ok(());
        }
    }
}

fn day(screen: &mut Screen) -> Result<(), DemoError> {
    let language = screen.language();
    screen.title(&text(language, "demo-title", &[]))?;
    screen.plain(&text(language, "demo-opening", &[]))?;
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(16)
        .enable_all()
        .build()?;
    let _inside = runtime.enter();
    let mut town = Town::build(folder.path(), &runtime)?;
    let (devices, position) = (town.devices.len(), town.entries()?);
    let ready = text(language, "demo-ready", &[("devices", devices.into()), ("team", devices.into())]);
    screen.fact("", &ready, town.all_joined()? && position == 0)?;
    let mut said = day::tunnel(&mut town, screen)?;
    said.extend(day::closing(&mut town, screen)?);
    let announced = announcement::announced(&mut town, screen)?;
    let phone = phones::arrives(&mut town, &said, screen)?;
    said.extend(announced);
    said.extend(phones::edited_on_both(&mut town, phone, screen)?);
    said.extend(storm::storm(&mut town, screen)?);
    storm::lost(&mut town, phone, screen)?;
    stranger::knocks(&mut town, screen)?;
    ledger::tell(&mut town, &said, screen)?;
    town.strike();
    Ok(())
}

/// Asks whether to begin anew. The end of the input means no.
fn again(screen: &mut Screen) -> Result<bool, DemoError> {
    screen.blank()?;
    screen.plain(&text(screen.language(), "demo-again", &[]))?;
    let mut line = String::new();
    let length = std::io::stdin().lock().read_line(&mut line)?;
    Ok(length > 0 && !line.trim().eq_ignore_ascii_case("q"))
}
