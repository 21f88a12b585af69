//! The program itself, as a service manager runs it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

/// `estafette-relay serve`, ready.
pub struct Program {
    pub address: SocketAddr,
    child: Child,
    log: Option<JoinHandle<String>>,
}

/// What a program leaves behind.
pub struct Ended {
    pub status: ExitStatus,
    /// All of its standard error.
    pub log: String,
}

pub fn relay(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_estafette-relay"));
    command.args(arguments).arg(folder).env("LC_ALL", "en");
    command
}

impl Program {
    /// Starts the relay of a folder and waits until it says where it listens.
    pub fn serve(folder: &Path) -> Self {
        let mut command = relay(&["serve"], folder);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            log.read_to_string(&mut text).unwrap();
            text
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().trim_end_matches('.').rsplit(' ').next().unwrap();
        let address = address.parse().unwrap_or_else(|_| panic!("no address in {line:?}"));
        Self { address, child, log: Some(log) }
    }

    /// Asks it to end, and waits.
    pub fn terminate(mut self) -> Ended {
        let asked = Command::new("sh").args(["-c", "kill -TERM $0", &self.child.id().to_string()]).status();
        assert!(asked.unwrap().success());
        let status = self.child.wait().unwrap();
        Ended { status, log: self.log.take().unwrap().join().unwrap() }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // After `terminate` it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
