//! The wall of `bin/demo`: four phones and the administrator's window on one page, with a clock to move.
//!
//! Each phone is a real device: its own database, its own keys in what stands in for secure hardware, its own
//! line to a real relay over TLS. What the page shows of it is the desk's own page in a frame. Phones have no
//! screens of their own here: an application for phones shows the same rows.
//!
//! Always true: nothing is played. A sentence that says what has happened is shown after the code has found
//! that it holds. All of it listens on loopback alone, in a folder that goes with the process.

mod assets;
mod control;
mod day;
mod loss;
mod page;
mod phone;
mod rush;
mod seat;
mod serve;
mod tour;
mod town;
mod view;

use std::process::ExitCode;

use estafette_protocol::texts::{Language, fault_sentence, text};

use crate::replay::ReplayError;
use crate::session::Failure;

/// What can be said of the wall.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// 0 takes a free one.
    pub port: u16,
    /// Opens a browser where there is one.
    pub browser: bool,
}

/// Why the wall does not stand, or something on it was not done.
#[derive(Debug, thiserror::Error)]
enum WallError {
    /// A device or the desk around it.
    #[error(transparent)]
    Desk(#[from] Failure),
    /// The relay, or the lines to it.
    #[error(transparent)]
    Relay(#[from] ReplayError),
    /// The disk or a socket.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// The relay's database could not be looked into.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    /// Something that had to come did not, within the patience of whoever waits for it.
    #[error("{0}")]
    Late(&'static str),
    /// Something else listens where the wall was wanted.
    #[error("port {0} is taken")]
    PortTaken(u16),
    /// Somebody is needed whose phone was withdrawn.
    #[error("{0} has no phone")]
    NoPhone(String),
    /// Somebody is needed whose phone has no line.
    #[error("{0} has no network")]
    NoNetwork(String),
    /// No phone can write in the team's conversation.
    #[error("nobody can write")]
    NobodyWrites,
}

impl WallError {
    /// What is said of it.
    fn sentence(&self, language: Language) -> String {
        match self {
            Self::Desk(failure) => match failure.fault() {
                Some(fault) => fault_sentence(language, &fault),
                None => failure.to_string(),
            },
            Self::Relay(error) => crate::replay::command::why(language, error),
            Self::Late(_) => text(language, "wall-late", &[]),
            Self::PortTaken(port) => {
                // A name, no number of something: nothing is put between its digits.
                text(language, "web-port-taken", &[("port", (&port.to_string()).into())])
            }
            Self::NoPhone(name) => text(language, "wall-no-phone", &[("name", name.into())]),
            Self::NoNetwork(name) => text(language, "wall-no-network", &[("name", name.into())]),
            Self::NobodyWrites => text(language, "wall-nobody-writes", &[]),
            other => other.to_string(),
        }
    }
}

/// Raises the wall and serves it until Ctrl-C, or until its terminal is closed.
pub fn execute(wanted: Wanted, language: Language) -> ExitCode {
    match raise(wanted, language) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.sentence(language);
            eprintln!("{}", text(language, "demo-failed", &[("cause", (&cause).into())]));
            ExitCode::FAILURE
        }
    }
}

fn raise(wanted: Wanted, language: Language) -> Result<(), WallError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    // Heard before there is anything that would be left behind.
    let told = {
        let _within = runtime.enter();
        crate::web::told_to_end()
    };
    let folder = tempfile::tempdir()?;
    let served = runtime.block_on(serve::serve(wanted, language, folder.path(), told));
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    // Kept until here: what ends last still writes into it.
    folder.close()?;
    served
}
