//! A relay in a process of its own, so that its memory and its processor time are its alone.
//!
//! The child is this very program with a hidden command. It tells its address on standard output
//! and ends in order when its standard input does; so it never outlives its parent.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use estafette_protocol::enrol::Ticket;
use estafette_server::config::{Allowances, Config, Mode};
use estafette_server::init::{self, InitOptions};
use estafette_server::serve::RelayServer;
use tokio::sync::watch;

use super::BenchError;
use crate::replay::proxy::Upstream;

/// The hidden command of this program that runs [`serve`].
pub(super) const COMMAND: &str = "bench-relay";
/// Length of a tick in `/proc/PID/stat`, the same on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// A relay that runs elsewhere.
pub struct RelayProcess {
    folder: PathBuf,
    child: Child,
    address: watch::Sender<SocketAddr>,
}

impl RelayProcess {
    /// Makes a relay in development mode in a folder that does not exist, and starts it. The ticket
    /// founds its organisation.
    pub fn create(folder: &Path) -> Result<(Self, Ticket), BenchError> {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options =
            InitOptions { listen, public_address: None, certificate: None, mode: Mode::Development };
        let created = init::create(folder, &options).map_err(BenchError::other)?;
        let (child, address) = start(folder)?;
        let address = watch::Sender::new(address);
        Ok((Self { folder: folder.to_path_buf(), child, address }, created.ticket))
    }

    /// Ends it in order and starts it again: a fresh process on the same folder.
    pub fn restart(&mut self) -> Result<(), BenchError> {
        self.end()?;
        let (child, address) = start(&self.folder)?;
        self.child = child;
        self.address.send_replace(address);
        Ok(())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        *self.address.borrow()
    }

    /// Where it listens, and will listen after each start.
    pub fn upstream(&self) -> Upstream {
        self.address.subscribe()
    }

    /// Its memory, shared pages by their share, in bytes.
    pub fn memory(&self) -> Result<u64, BenchError> {
        resident(self.child.id())
    }

    /// The processor time that it has taken since its start, in its own name and the system's.
    pub fn processor(&self) -> Result<Duration, BenchError> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold anything; numbers are counted from behind it.
        let fields: Vec<&str> =
            text.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u32>().ok());
        match (ticks(11), ticks(12)) {
            (Some(own), Some(system)) => Ok(TICK * (own + system)),
            _ => Err(BenchError::other("the system does not tell a process's time")),
        }
    }

    fn end(&mut self) -> Result<(), BenchError> {
        drop(self.child.stdin.take());
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for RelayProcess {
    fn drop(&mut self) {
        // It is measured no more; however it ends, it ends.
        let _ = self.end();
    }
}

/// The memory of a process, shared pages by their share, in bytes.
pub(super) fn resident(process: u32) -> Result<u64, BenchError> {
    let text = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()).and_then(|number| number.parse().ok());
    kib.map(|kib: u64| kib * 1024)
        .ok_or_else(|| BenchError::other("the system does not tell a process's memory"))
}

/// A hidden command of this program on a folder; it ends when its standard input does.
pub fn command(name: &str, folder: &Path) -> Result<Command, BenchError> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(name).arg(folder).stdin(Stdio::piped());
    Ok(command)
}

fn start(folder: &Path) -> Result<(Child, SocketAddr), BenchError> {
    let mut child = command(COMMAND, folder)?.stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    let address = line.trim().parse().map_err(|_| BenchError::other("the relay did not start"))?;
    Ok((child, address))
}

/// The child's side: serves a folder until standard input ends.
pub fn serve(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::read(folder, Allowances::default())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let relay = RelayServer::start(&config).await?;
        println!("{}", relay.address());
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
        relay.shutdown().await;
        Ok(())
    })
}
