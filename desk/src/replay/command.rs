//! `estafette replay`: the command line of a replay.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use estafette_protocol::FaultCode;
use estafette_protocol::limits;
use estafette_protocol::texts::{Language, fault_sentence, text};

use super::conversation::{ConversationError, LineFault};
use super::trace::{self, TraceError, TraceFault};
use super::{Figures, Options, Progress, ReplayError, run};

/// What can be said on the command line.
#[derive(Debug, clap::Args)]
pub struct ReplayArguments {
    /// Un fichier .jsonl, ou un dossier qui en contient / a file or a folder of files
    path: PathBuf,
    /// Décide de ce qui tombe en panne et quand / decides what fails and when
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Garde relay/ et devices/FICHIER/NOM/ dans ce dossier / keeps them in this folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// How often the terminal's line of progress is written anew.
const REFRESH: Duration = Duration::from_millis(200);

/// Replays, prints, and says by the exit code whether every device has every message.
pub fn execute(arguments: ReplayArguments, json: bool, language: Language) -> ExitCode {
    let ReplayArguments { path, seed, keep } = arguments;
    let options = Options { path, seed, keep };
    let mut teller = Teller { json, language, line: !json && std::io::stderr().is_terminal(), last: None };
    let outcome = run(&options, &mut |progress| teller.tell(&progress));
    teller.clear();
    match outcome {
        Ok(files) => {
            let total = Figures::total(seed, &files);
            teller.print(&total);
            if total.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let cause = why(language, &error);
            // The same object as every command's failure, where a program reads.
            if json {
                let code = match &error {
                    ReplayError::Fault(fault) => fault.code.as_str(),
                    _ => "replay_failed",
                };
                eprintln!("{}", serde_json::json!({ "code": code, "detail": cause }));
                return ExitCode::FAILURE;
            }
            eprintln!("{}", text(language, "replay-failed", &[("cause", (&cause).into())]));
            ExitCode::FAILURE
        }
    }
}

/// Why a replay could not be done, in the person's language.
///
/// What the system or a library says of itself is quoted as it comes.
pub(crate) fn why(language: Language, error: &ReplayError) -> String {
    let quoted = |cause: &dyn std::fmt::Display| cause.to_string();
    match error {
        ReplayError::Conversation(error) => unreadable(language, error),
        ReplayError::Fault(fault) => fault_sentence(language, fault),
        ReplayError::System(error) if error.kind() == std::io::ErrorKind::StorageFull => {
            fault_sentence(language, &FaultCode::DiskFull.into())
        }
        ReplayError::System(error) => {
            text(language, "replay-system-failed", &[("cause", (&quoted(error)).into())])
        }
        ReplayError::Relay(cause) => text(language, "replay-relay-failed", &[("cause", cause.into())]),
        ReplayError::Device(cause) => text(language, "replay-device-failed", &[("cause", cause.into())]),
        ReplayError::NotJoined { waiting } => {
            text(language, "replay-not-joined", &[("count", (*waiting).into())])
        }
        ReplayError::Trace(error) => no_trace(language, error),
        ReplayError::NoteStuck { stretch } => {
            text(language, "note-replay-stuck", &[("stretch", (*stretch).into())])
        }
        ReplayError::Stuck { message } => text(language, "replay-stuck", &[("message", (*message).into())]),
    }
}

/// Why a file is no writing session.
fn no_trace(language: Language, error: &TraceError) -> String {
    let file = error.file.display().to_string();
    let (mut cause, mut number) = (String::new(), 0);
    match &error.fault {
        TraceFault::Unreadable(error) => cause = error.to_string(),
        TraceFault::Json(said) | TraceFault::Kind(said) => cause.clone_from(said),
        TraceFault::TooLarge => number = trace::LARGEST / 1024 / 1024,
        TraceFault::Agents(agents) => number = *agents,
        TraceFault::Transaction(transaction) => number = *transaction as u64,
        TraceFault::Empty => {}
    }
    let arguments = [("file", (&file).into()), ("cause", (&cause).into()), ("number", number.into())];
    match &error.fault {
        TraceFault::Unreadable(_) => text(language, "replay-unreadable", &arguments[..2]),
        TraceFault::Json(_) => text(language, "trace-not-a-trace", &arguments[..2]),
        TraceFault::Kind(_) => text(language, "trace-kind", &arguments[..2]),
        TraceFault::TooLarge => text(language, "trace-too-large", &arguments),
        TraceFault::Agents(_) => text(language, "trace-agents", &arguments),
        TraceFault::Transaction(_) => text(language, "trace-transaction", &arguments),
        TraceFault::Empty => text(language, "trace-empty", &arguments),
    }
}

/// Why a file cannot be replayed.
fn unreadable(language: Language, error: &ConversationError) -> String {
    let path = |path: &std::path::Path| path.display().to_string();
    match error {
        ConversationError::Unreadable { file, source } => {
            let (file, cause) = (path(file), source.to_string());
            text(language, "replay-unreadable", &[("file", (&file).into()), ("cause", (&cause).into())])
        }
        ConversationError::Line { file, line, fault } => {
            let (file, fault) = (path(file), line_fault(language, fault));
            let arguments = [("file", (&file).into()), ("line", (*line).into()), ("fault", (&fault).into())];
            text(language, "replay-bad-line", &arguments)
        }
        ConversationError::Empty(file) => {
            text(language, "replay-no-message", &[("file", (&path(file)).into())])
        }
        ConversationError::NoFiles(folder) => {
            text(language, "replay-no-files", &[("folder", (&path(folder)).into())])
        }
        ConversationError::TooManyAuthors { file, authors } => {
            let file = path(file);
            let arguments = [
                ("file", (&file).into()),
                ("authors", (*authors).into()),
                ("limit", limits::ROSTER_DEVICES.into()),
            ];
            text(language, "replay-too-many-authors", &arguments)
        }
    }
}

fn line_fault(language: Language, fault: &LineFault) -> String {
    match fault {
        LineFault::NotUtf8 => text(language, "replay-line-not-utf8", &[]),
        LineFault::Json(cause) => text(language, "replay-line-not-a-message", &[("cause", cause.into())]),
        LineFault::Number { found, expected } => {
            let arguments = [("number", (*found).into()), ("expected", (*expected).into())];
            text(language, "replay-line-number", &arguments)
        }
        LineFault::NoAuthor => text(language, "replay-line-no-author", &[]),
        LineFault::EmptyText => text(language, "replay-line-empty", &[]),
        LineFault::TooLong(long) => {
            let arguments = [("number", (*long).into()), ("limit", limits::MESSAGE_CHARACTERS.into())];
            text(language, "replay-line-too-long", &arguments)
        }
        LineFault::Forward(parent) => text(language, "replay-line-forward", &[("number", (*parent).into())]),
        LineFault::TooManyParents(many) => {
            let arguments = [("number", (*many).into()), ("limit", limits::PARENTS.into())];
            text(language, "replay-line-many-answers", &arguments)
        }
    }
}

struct Teller {
    json: bool,
    language: Language,
    /// Whether progress is one line that is written anew.
    line: bool,
    last: Option<Instant>,
}

impl Teller {
    fn tell(&mut self, progress: &Progress<'_>) {
        match progress {
            Progress::Done(figures) => {
                self.clear();
                self.print(figures);
            }
            Progress::Lacking(who) => {
                self.clear();
                eprintln!("{}", text(self.language, "replay-lacking", &[("who", (*who).into())]));
            }
            Progress::Enrolling { file, devices } => {
                let arguments = [("file", (*file).into()), ("devices", (*devices).into())];
                self.show(&text(self.language, "replay-enrolling", &arguments), true);
            }
            Progress::Joining { file } => {
                self.show(&text(self.language, "replay-joining", &[("file", (*file).into())]), true);
            }
            Progress::Speaking { file, spoken, messages } => {
                let arguments = [
                    ("file", (*file).into()),
                    ("spoken", (*spoken).into()),
                    ("messages", (*messages).into()),
                ];
                let text = text(self.language, "replay-speaking", &arguments);
                self.show(&text, *spoken <= 1 || spoken == messages);
            }
            Progress::Judging { file } => {
                self.show(&text(self.language, "replay-judging", &[("file", (*file).into())]), true);
            }
        }
    }

    /// One line, written anew on a terminal; elsewhere only what is worth a line of its own.
    fn show(&mut self, text: &str, important: bool) {
        if self.line {
            if important || self.last.is_none_or(|last| last.elapsed() >= REFRESH) {
                self.last = Some(Instant::now());
                eprint!("\r\x1b[K{text}");
                // Progress that cannot be shown is no reason to stop.
                let _ = std::io::stderr().flush();
            }
        } else if important && !self.json {
            eprintln!("{text}");
        }
    }

    fn clear(&self) {
        if self.line {
            eprint!("\r\x1b[K");
        }
    }

    fn print(&self, figures: &Figures) {
        let line = match self.json {
            true => serde_json::to_string(figures).unwrap_or_default(),
            false => self.sentence(figures),
        };
        let mut out = std::io::stdout().lock();
        // A closed pipe wants no more; the exit code still tells.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }

    fn sentence(&self, figures: &Figures) -> String {
        let decimal = |number: f64| match self.language {
            Language::French => format!("{number:.1}").replace('.', ","),
            Language::English => format!("{number:.1}"),
        };
        let all = text(self.language, "replay-all-files", &[]);
        let (seconds, up, down) = (
            decimal(figures.seconds),
            decimal(figures.bytes_up_per_message),
            decimal(figures.bytes_down_per_message),
        );
        let arguments = [
            ("file", figures.file.as_ref().unwrap_or(&all).into()),
            ("messages", figures.messages.into()),
            ("devices", figures.devices.into()),
            ("cuts", figures.cuts.into()),
            ("restarts", figures.restarts.into()),
            ("seconds", (&seconds).into()),
            ("lost", figures.lost.into()),
            ("duplicated", figures.duplicated.into()),
            ("diverged", figures.diverged.into()),
            ("undecryptable", figures.undecryptable.into()),
            ("up", (&up).into()),
            ("down", (&down).into()),
        ];
        text(self.language, "replay-figures", &arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stops_a_replay_is_said_in_the_persons_language() {
        let french = |error: ReplayError| why(Language::French, &error);
        let unreachable = FaultCode::Unreachable.into();
        assert_eq!(
            french(ReplayError::Fault(FaultCode::Unreachable.into())),
            fault_sentence(Language::French, &unreachable)
        );
        assert_eq!(
            french(ReplayError::NotJoined { waiting: 1 }),
            "Un appareil n’a pas rejoint son équipe à temps."
        );
        assert_eq!(
            french(ReplayError::Stuck { message: 12 }),
            "Le message 12 ne peut pas être écrit\u{a0}: ce à quoi il répond n’arrive pas."
        );
        let full = || ReplayError::System(std::io::ErrorKind::StorageFull.into());
        assert_eq!(french(full()), fault_sentence(Language::French, &FaultCode::DiskFull.into()));
        for language in Language::ALL {
            let said = why(language, &ReplayError::relay("address in use"));
            assert!(said.contains("address in use") && said.len() > 30, "{said}");
        }
    }
}
