//! The organisations of a relay: one folder, one database, one driver and one writer each.
//!
//! Always true: a request reaches the organisation that it names and no other. Drivers share
//! nothing, so a slow disk or a flood in one organisation is not felt in the next.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use estafette_protocol::enrol::claim_hash;
use estafette_protocol::{Fault, FaultCode, Hash, OrganisationId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::driver::{Answered, Driver, Input, gone};
use super::outgoing::Outgoing;
use super::push::Push;
use super::{StartError, world};
use crate::config::Mode;
use crate::metrics::{Measured, Metrics};
use crate::relay::{Answer, DeviceRates, EnrolRequest, Event, Grant, Relay, SessionId, Settings};
use crate::shutdown::Listener;
use crate::store::sqlite::SqliteStore;
use crate::store::{Reader as _, StoreError};
use crate::writer;

/// What unhandled requests of one organisation may hold in memory, in KiB.
const WAITING_KIB: usize = 64 * 1024;

/// What an organisation's threads need to know.
pub(super) struct Surroundings<'a> {
    pub mode: Mode,
    pub settings: &'a dyn Fn() -> Settings,
    pub clock: world::Clock,
    pub window: Duration,
    pub rates: DeviceRates,
    pub pair_days: u32,
    pub metrics: &'a Arc<Metrics>,
    pub push: &'a Arc<Push>,
    pub end: &'a Listener,
}

/// One organisation that is served.
pub(super) struct Organisation {
    inbox: Sender<Input>,
    room: Arc<Semaphore>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// All of them.
pub(super) struct Organisations {
    all: Vec<Arc<Organisation>>,
    claims: BTreeMap<Hash, Arc<Organisation>>,
    named: RwLock<BTreeMap<OrganisationId, Arc<Organisation>>>,
}

impl Organisations {
    /// Opens every organisation's folder and starts its threads.
    ///
    /// # Errors
    ///
    /// A database is damaged, too new, or of another mode. Nothing is served then.
    pub fn open(folder: &Path, around: &Surroundings<'_>) -> Result<Self, StartError> {
        let mut organisations = Self { all: Vec::new(), claims: BTreeMap::new(), named: RwLock::default() };
        for folder in folders(folder)? {
            let failed = |source| StartError::Store { folder: folder.clone(), source };
            let store = SqliteStore::open(&folder).map_err(failed)?;
            if store.mode() != around.mode.into() {
                return Err(StartError::OtherMode { folder });
            }
            let reader = store.reader().map_err(failed)?;
            let state = reader.state().map_err(failed)?;
            if around.mode == Mode::Production
                && reader.inventory().map_err(failed)?.values().any(is_software)
            {
                return Err(StartError::SoftwareInInventory { folder });
            }
            let organisation = Arc::new(start(&store, around).map_err(failed)?);
            if let Some(claim) = state.claim {
                organisations.claims.insert(claim, Arc::clone(&organisation));
            }
            if let Some(id) = state.organisation {
                organisations.founded(id, &organisation);
            }
            organisations.all.push(organisation);
        }
        Ok(organisations)
    }

    /// The organisation of this name.
    pub fn named(&self, id: OrganisationId) -> Result<Arc<Organisation>, FaultCode> {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        named.get(&id).cloned().ok_or(FaultCode::AlienOrganisation)
    }

    /// The organisation that a ticket names; a wrong name is answered like a wrong secret.
    pub fn of_ticket(&self, id: OrganisationId) -> Result<Arc<Organisation>, FaultCode> {
        self.named(id).map_err(|_| FaultCode::EnrolmentInvalid)
    }

    /// Where an organisation of this name is or can be founded with a claim.
    pub fn of_claim(&self, id: OrganisationId, claim: &[u8; 32]) -> Result<Arc<Organisation>, FaultCode> {
        self.named(id)
            .or_else(|_| self.claims.get(&claim_hash(claim)).cloned().ok_or(FaultCode::EnrolmentInvalid))
    }

    /// Remembers an organisation's name.
    pub fn founded(&self, id: OrganisationId, organisation: &Arc<Organisation>) {
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        named.entry(id).or_insert_with(|| Arc::clone(organisation));
    }

    /// Whether every organisation's threads are there.
    pub fn all_run(&self) -> bool {
        self.all.iter().all(|organisation| {
            let threads = organisation.threads.lock().unwrap_or_else(PoisonError::into_inner);
            threads.iter().all(|thread| !thread.is_finished())
        })
    }

    /// Bytes of requests that nobody has looked at yet.
    pub fn waiting_bytes(&self) -> u64 {
        let waiting = self
            .all
            .iter()
            .map(|organisation| WAITING_KIB - organisation.room.available_permits().min(WAITING_KIB));
        waiting.sum::<usize>() as u64 * 1024
    }

    /// Tells all of them.
    pub fn tell(&self, what: impl Fn() -> Input) {
        // Who is gone already needs not be told.
        self.all.iter().for_each(|organisation| drop(organisation.inbox.send(what())));
    }

    /// Waits until all threads have ended. Blocks.
    pub fn join(&self) {
        for organisation in &self.all {
            let mut threads = organisation.threads.lock().unwrap_or_else(PoisonError::into_inner);
            for thread in threads.drain(..) {
                if thread.join().is_err() {
                    tracing::error!("a thread of an organisation ended in a panic");
                }
            }
        }
    }
}

fn is_software(entry: &estafette_protocol::enrol::InventoryEntry) -> bool {
    entry.level == estafette_protocol::certificate::Level::Software
}

/// The organisations' folders, in the order of their names.
pub fn folders(folder: &Path) -> Result<Vec<PathBuf>, StartError> {
    let unreadable = |source| StartError::Folder { folder: folder.to_path_buf(), source };
    let mut folders = Vec::new();
    for child in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = child.map_err(unreadable)?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

fn start(store: &SqliteStore, around: &Surroundings<'_>) -> Result<Organisation, StoreError> {
    let failed = |error: &dyn std::fmt::Display| StoreError::Other(error.to_string());
    let rng = world::generator().map_err(|error| failed(&error))?;
    let (inbox, inputs) = channel();
    let (batches, to_write) = channel();
    let mut relay = Relay::open((around.settings)(), Box::new(store.reader()?))?;
    relay.limit(around.rates);
    relay.keep_pairs(around.pair_days);
    let metrics = Arc::clone(around.metrics);
    let writer = Measured { writer: store.writer()?, metrics: Arc::clone(&metrics) };
    let push = Arc::clone(around.push);
    let driver = Driver::new(relay, around.clock, rng, batches, metrics, push, around.end.clone());
    let (writer, end, window) = (Box::new(writer), around.end.clone(), around.window);
    let reports = inbox.clone();
    let driver =
        std::thread::Builder::new().name("organisation".to_owned()).spawn(move || driver.run(&inputs));
    let driver = driver.map_err(|error| failed(&error))?;
    let writer = std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
        writer::run(writer, &to_write, window, &end, |event| reports.send(Input::Event(event)).is_ok());
    });
    let threads = Mutex::new(vec![driver, writer.map_err(|error| failed(&error))?]);
    Ok(Organisation { inbox, room: Arc::new(Semaphore::new(WAITING_KIB)), threads })
}

impl Organisation {
    /// Carries out an exchange.
    pub async fn exchange(&self, bytes: Vec<u8>) -> Result<Answer, Fault> {
        let permit = self.room_for(bytes.len()).await?;
        self.ask(|answer| Input::Exchange { bytes, permit, answer }).await
    }

    /// Carries out a request of somebody without a certificate.
    pub async fn enrol(&self, request: EnrolRequest) -> Result<Answer, Fault> {
        self.ask(|answer| Input::Enrol { request, answer }).await
    }

    /// Announces a socket; `false` if nobody is there to hear it.
    pub fn opened(&self, session: SessionId, grant: &Grant, queue: Outgoing) -> bool {
        let Grant { organisation, device, auth_epoch, .. } = *grant;
        self.inbox.send(Input::Opened { session, organisation, device, auth_epoch, queue }).is_ok()
    }

    /// Hands over a socket's message once there is room; `false` if nobody is there to take it.
    pub async fn frame(&self, session: SessionId, bytes: Vec<u8>) -> bool {
        match self.room_for(bytes.len()).await {
            Ok(permit) => self.inbox.send(Input::Frame { session, bytes, permit }).is_ok(),
            Err(_) => false,
        }
    }

    /// Tells of a device that was refused a socket.
    pub fn refused(&self, device: estafette_protocol::DeviceId, fault: Fault) {
        // A relay that is gone writes nothing more.
        let _ = self.inbox.send(Input::Event(Event::Refused { device, fault }));
    }

    /// Announces that a socket is gone.
    pub fn closed(&self, session: SessionId) {
        // A relay that is gone has no sockets.
        let _ = self.inbox.send(Input::Closed { session });
    }

    /// Whoever has much to say waits in line like the others: the semaphore is fair.
    async fn room_for(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Fault> {
        let kib = u32::try_from(bytes / 1024 + 1).map_err(|_| FaultCode::TooLarge)?;
        Arc::clone(&self.room).acquire_many_owned(kib).await.map_err(|_| gone())
    }

    async fn ask(&self, question: impl FnOnce(oneshot::Sender<Answered>) -> Input) -> Answered {
        let (sender, receiver) = oneshot::channel();
        self.inbox.send(question(sender)).map_err(|_| gone())?;
        receiver.await.map_err(|_| gone())?
    }
}

/// What all organisations are asked to do when the relay ends in order.
pub(super) fn drain() -> Input {
    Input::Event(Event::Drain)
}
