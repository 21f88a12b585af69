//! The device behind the pages: opened by its passphrase, running until it is closed, and covered when
//! nobody looks.
//!
//! Two things end differently. *Covered* (the lock button, ten minutes without anybody): no page is made
//! until the passphrase is given again, while the device goes on, so that what waits still leaves. *Closed*
//! (another agent's turn, the end): the device stops and its keys are gone from this process.
//!
//! Always true: rows are read on threads that may wait, never on those that carry the network; each wrong
//! passphrase makes the next try wait longer.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use estafette_core::driver::{Driver, Handle};
use estafette_core::engine::{Command, CommandAnswer, Engine};
use estafette_core::identity::DeviceKey as _;
use estafette_core::lease::{self, LeaseRow};
use estafette_core::reader::Reader;
use estafette_protocol::FaultCode;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::texts::Language;
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::administration::Administration;
use crate::clock;
use crate::commands::work::Work;
use crate::folder::{Folder, FolderError, KeyRing};
use crate::session::{Desk, Failure, PATIENCE, Session, given_up, patience};
use crate::web::watch::Watch;

/// Wrong passphrases without a pause.
const FREE_TRIES: u32 = 3;
/// The pause after the first one too many; it doubles with each, up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// The longest name of an agent's folder on a shared computer, in characters.
pub const LONGEST_NAME: usize = 40;
/// How long a page may take to be made while its device is stopped, and how often it is looked whether it is done.
const LINGER: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(10);
/// Readers that are kept; each has folded the statements.
const READERS: usize = 4;

/// Why no page can be made of the device's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// The passphrase has not been given since the start, or since another agent's turn.
    Closed,
    /// Covered by hand, or after a time without anybody.
    Covered,
}

/// What an attempt at the passphrase came to.
#[derive(Debug)]
pub enum Attempt {
    /// Open.
    Opened,
    /// Wrong.
    Wrong {
        /// How long the next has to wait.
        wait: Duration,
    },
    /// Not looked at: too early after the last one.
    TooEarly {
        /// How long it still has to wait.
        wait: Duration,
    },
    /// Something else.
    Failed(Failure),
}

/// A device that runs.
pub struct Opened {
    ring: KeyRing,
    folder: Folder,
    handle: Arc<Handle>,
    readers: Mutex<Vec<Reader>>,
}

#[derive(Default)]
struct Tries {
    wrong: u32,
    not_before: Option<Instant>,
}

struct State {
    opened: Option<Arc<Opened>>,
    watch: Watch,
    tries: Tries,
}

/// Whose devices can be opened here.
#[derive(Debug, Clone)]
pub enum Home {
    /// One agent's folder.
    One(Folder),
    /// A folder with one for each agent, on a computer that several share. Nobody sees the others' names.
    Shared(PathBuf),
}

/// The device that is open, or can be opened.
pub struct Office {
    home: Home,
    state: Mutex<State>,
    /// One try at a time, so that many at once win nothing.
    door: Mutex<()>,
    /// Grows with each change between open, covered and closed.
    turns: watch::Sender<u64>,
}

/// What others hold for a moment longer, once they have let go of it. Blocks until then, for [`LINGER`] at most.
fn alone<T>(mut held: Arc<T>) -> Option<T> {
    let begun = Instant::now();
    loop {
        match Arc::try_unwrap(held) {
            Ok(alone) => return Some(alone),
            Err(_) if begun.elapsed() >= LINGER => return None,
            Err(still) => held = still,
        }
        std::thread::sleep(LOOK);
    }
}

/// How long the next try waits after so many wrong ones.
fn pause(wrong: u32) -> Duration {
    match wrong.checked_sub(FREE_TRIES) {
        None => Duration::ZERO,
        Some(over) => PAUSE.saturating_mul(1 << over.min(16)).min(LONGEST_PAUSE),
    }
}

impl Office {
    /// Nothing is open yet.
    pub fn at(home: Home) -> Self {
        let state = State { opened: None, watch: Watch::begin(Instant::now()), tries: Tries::default() };
        Self { home, state: Mutex::new(state), door: Mutex::new(()), turns: watch::Sender::new(0) }
    }

    /// Whose it is that is open.
    pub fn folder(&self) -> Result<Folder, Failure> {
        Ok(self.opened()?.folder.clone())
    }

    /// Several agents share this computer.
    pub fn is_shared(&self) -> bool {
        matches!(self.home, Home::Shared(_))
    }

    /// Nobody's folder yet: there is nothing to unlock, only a way to begin.
    pub fn is_new(&self) -> bool {
        matches!(&self.home, Home::One(folder) if self.state().opened.is_none() && folder.is_new())
    }

    /// Whether somebody new may begin here now: in a folder that is nobody's, or beside others' that are closed.
    pub fn may_begin(&self) -> bool {
        match self.is_shared() {
            true => self.state().opened.is_none(),
            false => self.is_new(),
        }
    }

    /// Where somebody new would have their folder; nothing where `agent` is no name for one, or another's.
    pub fn place_for(&self, agent: &str) -> Option<Folder> {
        let fits = !self.is_shared() || agent.chars().count() <= LONGEST_NAME;
        self.folder_of(agent).filter(|folder| fits && folder.is_new())
    }

    /// The folder that a person means. One that does not exist is told from a wrong passphrase by nobody.
    fn folder_of(&self, agent: &str) -> Option<Folder> {
        match &self.home {
            Home::One(folder) => Some(folder.clone()),
            Home::Shared(parent) => {
                let plain = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '_');
                let sound = !agent.is_empty() && agent.chars().all(plain);
                sound.then(|| Folder::at(parent.join(agent)))
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands between a browser and the rows. Somebody is there: the time without anybody begins anew.
    pub fn cover(&self, now: Instant) -> Option<Cover> {
        let mut state = self.state();
        if state.opened.is_none() {
            return Some(Cover::Closed);
        }
        let (covered, newly) = state.watch.look(now);
        if newly {
            self.turn();
        }
        covered.then_some(Cover::Covered)
    }

    /// Whether pages are made at this moment, without counting as somebody who looks.
    pub fn shows(&self, now: Instant) -> bool {
        let state = self.state();
        state.opened.is_some() && !state.watch.covers(now)
    }

    /// Covers the pages; the device goes on.
    pub fn cover_now(&self) {
        self.state().watch.cover();
        self.turn();
    }

    /// Tries a passphrase. Blocks for as long as its derivation takes.
    pub fn unlock(
        &self,
        agent: &str,
        passphrase: &Zeroizing<String>,
        runtime: &tokio::runtime::Handle,
        now: Instant,
    ) -> Attempt {
        let _alone = self.door.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(not_before) = self.state().tries.not_before.filter(|at| *at > now) {
            return Attempt::TooEarly { wait: not_before - now };
        }
        let running = self.state().opened.as_ref().map(|opened| opened.folder.clone());
        let folder = running.or_else(|| self.folder_of(agent));
        let tried = match &folder {
            Some(folder) => folder.unlock(passphrase).map(|ring| (folder, ring)),
            None => Err(FolderError::Passphrase),
        };
        let (folder, ring) = match tried {
            Ok(found) => found,
            Err(FolderError::Missing) if self.is_shared() => return self.wrong(now),
            Err(FolderError::Passphrase) => return self.wrong(now),
            Err(error) => return Attempt::Failed(error.into()),
        };
        let mut state = self.state();
        if state.opened.is_none() {
            match Opened::start(ring, folder, runtime) {
                Ok(opened) => state.opened = Some(Arc::new(opened)),
                Err(failure) => return Attempt::Failed(failure),
            }
        }
        state.tries = Tries::default();
        state.watch = Watch::begin(now);
        drop(state);
        self.turn();
        Attempt::Opened
    }

    /// Has a new device made by `work`, alone, and opens it. Blocks for as long as that takes. Where somebody else
    /// was faster nothing is made.
    pub fn begin(
        &self,
        runtime: &tokio::runtime::Handle,
        now: Instant,
        work: impl FnOnce() -> Result<(Folder, KeyRing), Failure>,
    ) -> Result<(), Failure> {
        let _alone = self.door.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.may_begin() {
            return Ok(());
        }
        let (folder, ring) = work()?;
        let opened = Opened::start(ring, &folder, runtime)?;
        let mut state = self.state();
        state.opened = Some(Arc::new(opened));
        state.watch = Watch::begin(now);
        drop(state);
        self.turn();
        Ok(())
    }

    /// Whether the device that runs holds the organisation's key: it waits for nobody's approval.
    pub fn founded_here(&self) -> bool {
        self.opened().is_ok_and(|opened| opened.ring.organisation_key().is_some())
    }

    /// Stops a device that was refused, and makes its folder nobody's again. Blocks.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn give_up(&self) -> Result<(), Failure> {
        let folder = self.folder()?;
        // Nothing is taken away while a page may still read it.
        if !self.close() {
            return Err(FaultCode::Internal.into());
        }
        Ok(folder.give_up()?)
    }

    fn wrong(&self, now: Instant) -> Attempt {
        let mut state = self.state();
        state.tries.wrong += 1;
        let wait = pause(state.tries.wrong);
        state.tries.not_before = Some(now + wait);
        Attempt::Wrong { wait }
    }

    /// Stops the device and lets go of its keys. Blocks until it has ended in order; `false` where a page that
    /// takes too long to be made still keeps it.
    pub fn close(&self) -> bool {
        let Some(opened) = self.state().opened.take() else { return true };
        self.turn();
        let Some(handle) = alone(opened).map(|opened| opened.handle).and_then(alone) else { return false };
        handle.stop();
        true
    }

    fn turn(&self) {
        self.turns.send_modify(|turn| *turn = turn.wrapping_add(1));
    }

    /// Tells of each opening, covering and closing from now on.
    pub fn turns(&self) -> watch::Receiver<u64> {
        self.turns.subscribe()
    }

    /// The device, where it runs.
    pub fn opened(&self) -> Result<Arc<Opened>, Failure> {
        self.state().opened.clone().ok_or_else(|| FaultCode::Unauthenticated.into())
    }

    /// Reads rows, on a thread that may wait.
    pub async fn read<T, W>(&self, work: W) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: FnOnce(&mut Reader) -> Result<T, Failure> + Send + 'static,
    {
        let opened = self.opened()?;
        let reading = tokio::task::spawn_blocking(move || opened.read(work));
        reading.await.map_err(|_| Failure::from(FaultCode::Internal))?
    }

    /// How the device stands by its lease, also where it is locked; on a thread that may wait.
    pub async fn lease(&self) -> Result<LeaseRow, Failure> {
        let opened = self.opened()?;
        let looking = tokio::task::spawn_blocking(move || {
            lease::look(&opened.folder.database(), &opened.ring.database_key(), clock::moment())
        });
        Ok(looking.await.map_err(|_| Failure::from(FaultCode::Internal))??)
    }

    /// Gives a command and waits until it is durable, or for the relay's word where it needs one.
    pub async fn command(&self, command: Command) -> Result<CommandAnswer, Failure> {
        let opened = self.opened()?;
        // What is written leaves later by itself; what is asked or stated does not.
        let withdrawn = matches!(command, Command::Ask(_) | Command::State(_));
        let before = opened.handle.last_contact();
        let answer = opened.handle.command(command);
        let limit = if withdrawn { patience(before) } else { PATIENCE };
        match tokio::time::timeout(limit, answer).await {
            Err(_) if withdrawn => Err(given_up(before, opened.handle.last_contact()).into()),
            Ok(Ok(CommandAnswer::Refused(fault))) => Err(fault.into()),
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(FaultCode::Internal.into()),
            Err(_) => Err(FaultCode::Unreachable.into()),
        }
    }

    /// Does an administrator's work, on a thread that may wait.
    pub async fn administer<T, W>(
        &self,
        language: Language,
        runtime: &tokio::runtime::Handle,
        work: W,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: FnOnce(&Work<'_>) -> Result<T, Failure> + Send + 'static,
    {
        self.work_within(None, language, runtime, work).await
    }

    /// Looks at what an administrator's page shows: the relay is waited for no longer than `patience`.
    pub async fn look<T, W>(
        &self,
        patience: Duration,
        language: Language,
        runtime: &tokio::runtime::Handle,
        work: W,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: FnOnce(&Work<'_>) -> Result<T, Failure> + Send + 'static,
    {
        self.work_within(Some(patience), language, runtime, work).await
    }

    async fn work_within<T, W>(
        &self,
        patience: Option<Duration>,
        language: Language,
        runtime: &tokio::runtime::Handle,
        work: W,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: FnOnce(&Work<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let (opened, runtime) = (self.opened()?, runtime.clone());
        let working = tokio::task::spawn_blocking(move || {
            let desk = Desk { folder: opened.folder.clone(), language, json: false, passphrase_file: None };
            let records = Administration::open(&opened.folder, &opened.ring.database_key())?;
            opened.read(|reader| Ok(records.follow(reader)?))?;
            let session = Session::lent(Arc::clone(&opened.handle), runtime, patience);
            work(&Work { desk: &desk, ring: &opened.ring, records: &records, session: &session })
        });
        working.await.map_err(|_| Failure::from(FaultCode::Internal))?
    }

    /// Asks the relay.
    pub async fn ask(&self, body: RequestBody) -> Result<Reply, Failure> {
        match self.command(Command::Ask(body)).await? {
            CommandAnswer::Reply(reply) => Ok(reply),
            _ => Err(FaultCode::Internal.into()),
        }
    }
}

impl Opened {
    fn start(ring: KeyRing, folder: &Folder, runtime: &tokio::runtime::Handle) -> Result<Self, Failure> {
        // Time without contact is counted before anything is read.
        lease::look(&folder.database(), &ring.database_key(), clock::moment())?;
        let engine = Engine::open(&folder.database(), &ring.database_key())?;
        let key = ring.device_key()?;
        if key.public() != engine.identity().es256 {
            return Err(FaultCode::BadProof.into());
        }
        let (address, pin) = (engine.identity().address.clone(), engine.identity().pin);
        let handle = Driver::start_by(clock::moment, engine, Arc::new(key), address, pin, runtime.clone())
            .map_err(|_| FaultCode::Internal)?;
        Ok(Self { ring, folder: folder.clone(), handle: Arc::new(handle), readers: Mutex::new(Vec::new()) })
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reader of its own, for an observer.
    pub fn reader(&self) -> Result<Reader, Failure> {
        Ok(Reader::open(&self.folder.database(), &self.ring.database_key())?)
    }

    /// What runs.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    fn read<T>(&self, work: impl FnOnce(&mut Reader) -> Result<T, Failure>) -> Result<T, Failure> {
        let kept = self.readers().pop();
        let mut reader = match kept {
            Some(reader) => reader,
            None => self.reader()?,
        };
        let made = work(&mut reader)?;
        let mut readers = self.readers();
        if readers.len() < READERS {
            readers.push(reader);
        }
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_passphrase_makes_the_next_wait_longer_up_to_five_minutes() {
        let waits: Vec<u64> = (0..12).map(|wrong| pause(wrong).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(pause(u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn ten_wrong_passphrases_open_nothing_and_the_right_one_is_not_even_looked_at_too_early() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::at(parent.path().join("amine"));
        folder.create(&KeyRing::generate(None).unwrap(), "la bonne").unwrap();
        let (office, runtime) = (Office::at(Home::One(folder)), tokio::runtime::Runtime::new().unwrap());
        let mut now = Instant::now();
        for _ in 0..10 {
            let attempt = office.unlock("", &Zeroizing::new("fausse".into()), runtime.handle(), now);
            let Attempt::Wrong { wait } = attempt else { panic!("{attempt:?}") };
            now += wait;
        }
        let early = now - Duration::from_secs(1);
        let attempt = office.unlock("", &Zeroizing::new("la bonne".into()), runtime.handle(), early);
        assert!(matches!(attempt, Attempt::TooEarly { .. }), "{attempt:?}");
        assert_eq!(office.cover(now), Some(Cover::Closed));
    }

    #[test]
    fn on_a_shared_computer_a_folder_that_is_not_there_looks_like_a_wrong_passphrase() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::at(parent.path().join("amine"));
        folder.create(&KeyRing::generate(None).unwrap(), "la bonne").unwrap();
        let (office, runtime) =
            (Office::at(Home::Shared(parent.path().to_owned())), tokio::runtime::Runtime::new().unwrap());
        for agent in ["amine", "chloe", "", "..", "../amine", "/etc"] {
            let office = Office::at(office.home.clone());
            let attempt =
                office.unlock(agent, &Zeroizing::new("fausse".into()), runtime.handle(), Instant::now());
            assert!(matches!(attempt, Attempt::Wrong { wait: Duration::ZERO }), "{agent}: {attempt:?}");
        }
    }
}
