//! `estafette note replay`: the command line of a writing session.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use estafette_protocol::FaultCode;
use estafette_protocol::texts::{Language, text};

use super::ReplayError;
use super::command::why;
use super::trace::Trace;
use super::writing::{WritingFigures, WritingProgress, write};
use crate::progress::Bar;
use crate::session::Desk;

/// What can be said on the command line.
#[derive(Debug, clap::Args)]
pub struct NoteReplayArguments {
    /// Une séance d'écriture, .json ou .json.gz / a recorded writing session
    file: PathBuf,
}

/// Replays, prints, and says by the exit code whether every device ends with the session's text.
pub fn execute(arguments: &NoteReplayArguments, desk: &Desk) -> ExitCode {
    match replay(arguments, desk) {
        Ok(figures) => {
            match desk.json {
                true => println!("{}", serde_json::to_string(&figures).unwrap_or_default()),
                false => println!("{}", sentence(desk.language, &figures)),
            }
            if figures.equal_to_end_content { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let cause = why(desk.language, &error);
            if desk.json {
                let code = match &error {
                    ReplayError::Fault(fault) => fault.code.as_str(),
                    ReplayError::Trace(_) => FaultCode::Malformed.as_str(),
                    _ => "replay_failed",
                };
                eprintln!("{}", serde_json::json!({ "code": code, "detail": cause }));
            } else {
                eprintln!("{}", text(desk.language, "replay-failed", &[("cause", (&cause).into())]));
            }
            ExitCode::FAILURE
        }
    }
}

fn replay(arguments: &NoteReplayArguments, desk: &Desk) -> Result<WritingFigures, ReplayError> {
    let trace = Trace::read(&arguments.file)?;
    let bar = Bar::new(desk, trace.transactions.len(), text(desk.language, "note-replay-writing", &[]));
    write(&trace, &mut |progress| match progress {
        WritingProgress::Enrolling => note(desk, &text(desk.language, "note-replay-enrolling", &[])),
        WritingProgress::Wrote(transactions) => bar.advance(transactions),
        WritingProgress::Judging => note(desk, &text(desk.language, "note-replay-judging", &[])),
    })
}

/// Where no bar can be shown, what is going on takes a line of its own.
fn note(desk: &Desk, said: &str) {
    if !desk.json && !std::io::stderr().is_terminal() {
        eprintln!("{said}");
    }
}

fn sentence(language: Language, figures: &WritingFigures) -> String {
    let seconds = match language {
        Language::French => format!("{:.1}", figures.seconds).replace('.', ","),
        Language::English => format!("{:.1}", figures.seconds),
    };
    let arguments = [
        ("file", (&figures.file).into()),
        ("devices", figures.devices.into()),
        ("transactions", figures.transactions.into()),
        ("entries", figures.entries.into()),
        ("up", figures.bytes_up.into()),
        ("down", figures.bytes_down.into()),
        ("seconds", (&seconds).into()),
    ];
    match figures.equal_to_end_content {
        true => text(language, "note-replay-equal", &arguments),
        false => text(language, "note-replay-different", &arguments),
    }
}
