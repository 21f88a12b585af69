//! One run of the command line: an agent's folder, its keys, and the device while it is needed.

use std::fs;
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use estafette_core::driver::{Driver, Handle, LastContact};
use estafette_core::engine::{Command, CommandAnswer, Engine};
use estafette_core::identity::{DeviceKey as _, StoredIdentity};
use estafette_core::reader::Reader;
use estafette_core::store::StoreError;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::statement::Act;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{Fault, FaultCode};
use zeroize::Zeroizing;

use crate::administration::Administration;
use crate::clock;
use crate::commands::lease;
use crate::folder::{Folder, FolderError, KeyRing};

/// How long a command that needs the relay waits for it.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Where no connection stands, one comes within so long or not soon.
pub const REACH: Duration = Duration::from_secs(10);

/// Nothing was sent, and nothing waits to be sent.
const NOT_SENT: &str = "not_sent";
/// It was sent, and no answer came.
const UNANSWERED: &str = "unanswered";

/// How long a running device is waited for that had its last contact then.
pub fn patience(last: Option<LastContact>) -> Duration {
    if last == Some(LastContact::Now) { PATIENCE } else { REACH }
}

/// What is told of a request that nobody waits for any more: it was withdrawn, unless the relay has it. `before` and
/// `after` are the device's last contacts when it was made and given up.
pub fn given_up(before: Option<LastContact>, after: Option<LastContact>) -> Fault {
    let untouched = before == after && before != Some(LastContact::Now);
    let reason = if untouched { NOT_SENT } else { UNANSWERED };
    Fault::new(FaultCode::Unreachable).with_reasons(vec![reason.to_owned()])
}

/// Why a command ended without doing what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A refusal with a stable code.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The folder or its keys.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file or the terminal.
    #[error(transparent)]
    Disk(#[from] std::io::Error),
    /// What was typed; the text says what is wrong, in the person's language.
    #[error("{0}")]
    Usage(String),
}

impl From<FaultCode> for Failure {
    fn from(code: FaultCode) -> Self {
        Self::Fault(code.into())
    }
}

impl Failure {
    /// The refusal that goes with it, if it has a stable code.
    pub fn fault(&self) -> Option<Fault> {
        match self {
            Self::Fault(fault) => Some(fault.clone()),
            Self::Folder(error) => Some(error.into()),
            Self::Store(error) => Some(error.into()),
            Self::Disk(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                Some(FaultCode::DiskFull.into())
            }
            Self::Disk(_) | Self::Usage(_) => None,
        }
    }
}

/// What every command knows.
pub struct Desk {
    /// The agent's folder.
    pub folder: Folder,
    /// Of everything printed.
    pub language: Language,
    /// Machine-readable output.
    pub json: bool,
    /// A file whose first line is the passphrase; the terminal asks otherwise.
    pub passphrase_file: Option<PathBuf>,
}

impl Desk {
    /// The passphrase, from its file or typed unseen.
    pub fn passphrase(&self, new: bool) -> Result<Zeroizing<String>, Failure> {
        if let Some(path) = &self.passphrase_file {
            let content = Zeroizing::new(fs::read_to_string(path)?);
            let line = content.lines().next().unwrap_or_default();
            return Ok(Zeroizing::new(line.to_owned()));
        }
        let prompt =
            text(self.language, if new { "desk-ask-new-passphrase" } else { "desk-ask-passphrase" }, &[]);
        Ok(Zeroizing::new(rpassword::prompt_password(format!("{prompt} "))?))
    }

    /// The keys of the folder. Time without contact is counted first, so that a device whose lease is over
    /// is locked before anything is read.
    pub fn unlock(&self) -> Result<KeyRing, Failure> {
        let ring = self.folder.unlock(&self.passphrase(false)?)?;
        if self.folder.database().exists() {
            lease::look(self, &ring)?;
        }
        Ok(ring)
    }

    /// A line typed by the person.
    pub fn ask(&self, question: &str) -> Result<String, Failure> {
        // On standard error: standard output is for results, and may be JSON.
        eprint!("{question} ");
        std::io::stderr().flush()?;
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// The rows of the device, for reading.
    pub fn reader(&self, ring: &KeyRing) -> Result<Reader, Failure> {
        Ok(Reader::open(&self.folder.database(), &ring.database_key())?)
    }

    /// The administrator's own records, with the names that other administrators have published.
    pub fn records(&self, ring: &KeyRing) -> Result<Administration, Failure> {
        let records = Administration::open(&self.folder, &ring.database_key())?;
        records.follow(&mut self.reader(ring)?)?;
        Ok(records)
    }

    /// Who this computer is.
    pub fn identity(&self, ring: &KeyRing) -> Result<StoredIdentity, Failure> {
        Ok(self.reader(ring)?.identity().clone())
    }

    /// Starts the device on its own database.
    pub fn start(&self, ring: &KeyRing) -> Result<Session, Failure> {
        let engine = Engine::open(&self.folder.database(), &ring.database_key())?;
        Session::start(engine, ring)
    }
}

/// A device that runs while a command needs it, or that runs anyway and is lent.
pub struct Session {
    runtime: tokio::runtime::Handle,
    device: Arc<Handle>,
    /// When the last of its answers has to be there; without it each has its own [`PATIENCE`].
    until: Option<Instant>,
    /// Carries the network of a device that was started for this; ends after it.
    _own: Option<tokio::runtime::Runtime>,
}

impl Session {
    fn start(engine: Engine, ring: &KeyRing) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let key = ring.device_key()?;
        if key.public() != engine.identity().es256 {
            return Err(FaultCode::BadProof.into());
        }
        let (address, pin) = (engine.identity().address.clone(), engine.identity().pin);
        let handle =
            Driver::start_by(clock::moment, engine, Arc::new(key), address, pin, runtime.handle().clone())
                .map_err(|_| FaultCode::Internal)?;
        let device = Arc::new(handle);
        Ok(Self { runtime: runtime.handle().clone(), device, until: None, _own: Some(runtime) })
    }

    /// A device that runs for others too, for a thread that may wait. It goes on after [`Self::stop`].
    /// With a `patience`, all that is asked together waits no longer.
    pub fn lent(device: Arc<Handle>, runtime: tokio::runtime::Handle, patience: Option<Duration>) -> Self {
        let until = patience.map(|patience| Instant::now() + patience);
        Self { runtime, device, until, _own: None }
    }

    /// Gives a command that is done on this device.
    pub fn command(&self, command: Command) -> Result<CommandAnswer, Failure> {
        self.wait(command, PATIENCE)
    }

    /// Asks the relay.
    pub fn ask(&self, body: RequestBody) -> Result<Reply, Failure> {
        self.reply(Command::Ask(body))
    }

    /// Signs a statement and has it taken.
    pub fn state(&self, acts: Vec<Act>) -> Result<(), Failure> {
        self.reply(Command::State(acts)).map(drop)
    }

    fn reply(&self, command: Command) -> Result<Reply, Failure> {
        let limit = match self.until {
            Some(until) => until.saturating_duration_since(Instant::now()),
            None => PATIENCE,
        };
        let (before, lent) = (self.device.last_contact(), self._own.is_none());
        let limit = if lent { limit.min(patience(before)) } else { limit };
        match self.wait(command, limit) {
            Ok(CommandAnswer::Reply(reply)) => Ok(reply),
            Ok(_) => Err(FaultCode::Internal.into()),
            Err(Failure::Fault(fault)) if lent && fault.code == FaultCode::Unreachable => {
                Err(given_up(before, self.device.last_contact()).into())
            }
            Err(failure) => Err(failure),
        }
    }

    /// Whether a connection stands at this moment.
    pub fn is_connected(&self) -> bool {
        self.device.last_contact() == Some(LastContact::Now)
    }

    fn wait(&self, command: Command, limit: Duration) -> Result<CommandAnswer, Failure> {
        let answer = self.device.command(command);
        let answer = self.runtime.block_on(async { tokio::time::timeout(limit, answer).await });
        match answer {
            Ok(Ok(CommandAnswer::Refused(fault))) => Err(fault.into()),
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(FaultCode::Internal.into()),
            Err(_) => Err(FaultCode::Unreachable.into()),
        }
    }

    /// Waits until a condition on the rows holds, looking four times a second; `false` at the limit.
    pub fn until(
        &self,
        limit: Duration,
        mut holds: impl FnMut() -> Result<bool, Failure>,
    ) -> Result<bool, Failure> {
        let pause = Duration::from_millis(250);
        let mut waited = Duration::ZERO;
        while waited < limit {
            if holds()? {
                return Ok(true);
            }
            self.runtime.block_on(async { tokio::time::sleep(pause).await });
            waited += pause;
        }
        holds()
    }

    /// Ends the device in order, where it ran for this session alone.
    pub fn stop(self) {
        if let Some(handle) = Arc::into_inner(self.device) {
            handle.stop();
        }
    }
}

/// Timers and sockets for one command.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
}
