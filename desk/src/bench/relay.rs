//! The relay as it is shipped: its size, and how long it takes to be ready.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use estafette_core::net::{Connection, Endpoint, Pin};
use estafette_protocol::Hash;
use estafette_server::config::Mode;
use estafette_server::init::{self, InitOptions};
use tokio::runtime::Runtime;

use super::figure::{Figure, median, milliseconds};
use super::{BenchError, Scale, relay_process};

/// How long a relay may take to be ready, or to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often its door is tried.
const LOOK: Duration = Duration::from_millis(1);

/// Measures the program `estafette-relay` beside this one; without it, this program's own relay.
pub fn measure(
    runtime: &Runtime,
    folder: &Path,
    scale: Scale,
    print: &mut dyn FnMut(Figure),
) -> Result<(), BenchError> {
    let shipped = shipped()?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
    let mode = if shipped.is_some() { Mode::Production } else { Mode::Development };
    let options = InitOptions { listen, public_address: None, certificate: None, mode };
    let relay = folder.join("relay");
    let created = init::create(&relay, &options).map_err(BenchError::other)?;
    let mut lengths = Vec::new();
    for _ in 0..scale.repetitions {
        let command = match &shipped {
            Some(program) => {
                let mut command = Command::new(program);
                command.arg("serve").arg(&relay);
                command
            }
            None => relay_process::command(relay_process::COMMAND, &relay)?,
        };
        lengths.push(milliseconds(start_to_ready(runtime, command, listen, created.pin)?));
    }
    let which = if shipped.is_some() { "estafette-relay" } else { "the relay inside this program" };
    print(Figure::new(format!("{which}: start to ready"), median(&lengths), "ms").target("< 200"));
    match shipped {
        Some(program) => {
            let bytes = stripped_size(&program, &folder.join("stripped"))?;
            print(Figure::new("estafette-relay, stripped", bytes as f64 / 1e6, "MB").target("< 20"));
        }
        None => eprintln!("estafette-relay is not beside this program: its size was not measured"),
    }
    Ok(())
}

fn shipped() -> Result<Option<PathBuf>, BenchError> {
    let program = std::env::current_exe()?.with_file_name("estafette-relay");
    Ok(program.exists().then_some(program))
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16, BenchError> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A child that ends with the measurement, whatever becomes of it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It holds nothing that would be missed.
        let _ = (self.0.kill(), self.0.wait());
    }
}

/// From the start of the process to the first good answer of `/readyz`, TLS included.
fn start_to_ready(
    runtime: &Runtime,
    mut command: Command,
    listen: SocketAddr,
    pin: Hash,
) -> Result<Duration, BenchError> {
    let endpoint = Endpoint::new(&listen.to_string(), Pin(pin.0))?;
    let begun = Instant::now();
    let _running = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    runtime.block_on(async {
        while begun.elapsed() < PATIENCE {
            if let Ok(mut connection) = Connection::open(&endpoint, PATIENCE).await
                && connection.is_well("/readyz", PATIENCE).await.unwrap_or(false)
            {
                return Ok(begun.elapsed());
            }
            tokio::time::sleep(LOOK).await;
        }
        Err(BenchError::other("the relay was not ready in time"))
    })
}

/// The size of a copy without symbols, in bytes.
fn stripped_size(program: &Path, copy: &Path) -> Result<u64, BenchError> {
    let done = Command::new("strip").arg("-o").arg(copy).arg(program).status()?;
    match done.success() {
        true => Ok(std::fs::metadata(copy)?.len()),
        false => Err(BenchError::other("strip failed")),
    }
}
