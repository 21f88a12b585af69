//! A relay that runs: its settings become threads, sockets and an address.
//!
//! The relay for use and the desk's demonstrations start it the same way: [`RelayServer::start`]
//! gives a [`RunningRelay`], which ends in order by [`RunningRelay::shutdown`] or, to see what a
//! loss of power does, by [`RunningRelay::abort`]. What is decided is decided in
//! [`crate::relay`]; this is where the real clock, the real dice and the real network are.

mod admission;
mod body;
mod connection;
mod driver;
mod list_refresh;
mod listener;
mod organisations;
mod outbound;
mod outgoing;
pub(crate) mod pages;
mod push;
#[cfg(feature = "dev-attestation")]
pub mod skipped;
mod socket;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use estafette_protocol::Hash;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use self::admission::Admission;
use self::list_refresh::ListRefresh;
use self::organisations::{Organisations, Surroundings};
use self::push::Push;
use crate::attestation::Rules;
use crate::config::{Config, Limits, Mode};
use crate::health::{self, Readiness};
use crate::metrics::{self, Metrics, MetricsPage};
use crate::relay::{Event, SessionId, Settings};
use crate::shutdown::{self, Announcer, Listener as End, PATIENCE, Phase};
use crate::store::StoreError;
use crate::tls::{Identity, TlsError};
use crate::token::TokenKey;
use crate::{keys, revocations, route};

pub use self::organisations::folders as organisation_folders;
pub(crate) use self::world::random;
pub use self::world::{Clock, NoRandomness};

/// Enrolment requests that are looked at together, and how long the others wait.
const STRANGERS: usize = 16;
const STRANGERS_WAIT: Duration = Duration::from_secs(10);

/// Why a relay does not start. Nothing was changed and nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The relay's own key.
    #[error(transparent)]
    Key(#[from] keys::KeyError),
    /// The system's randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// A folder cannot be read.
    #[error("{folder}: {source}", folder = folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// An organisation's database.
    #[error("{folder}: {source}", folder = folder.display())]
    Store {
        /// The organisation's folder.
        folder: PathBuf,
        /// What is wrong.
        source: StoreError,
    },
    /// A database made for development, and settings for production, or the reverse.
    #[error("{folder}: the database was made for the other mode", folder = folder.display())]
    OtherMode {
        /// The organisation's folder.
        folder: PathBuf,
    },
    /// Production, and an inventory that asks for no proof.
    #[error("{folder}: an inventory entry of level software stands in the way of production", folder = folder.display())]
    SoftwareInInventory {
        /// The organisation's folder.
        folder: PathBuf,
    },
    /// The address is taken or not ours.
    #[error("{address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}

/// What every page can reach.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

pub(crate) struct Shared {
    organisations: Organisations,
    token_key: TokenKey,
    clock: Clock,
    readiness: Readiness,
    mode: Mode,
    limits: Limits,
    admission: Admission,
    metrics: Arc<Metrics>,
    folder: PathBuf,
    strangers: Semaphore,
    sessions: AtomicU64,
    end: End,
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    /// Reads the list of revoked attestation keys and tells every organisation.
    fn renew_revocations(&self) {
        match revocations::read(&self.folder) {
            Ok(Some(list)) => {
                let (entries, fetched_at) = (list.len(), list.fetched_at());
                let list = Arc::new(list);
                self.organisations.tell(|| driver::Input::Event(Event::Revoked(Arc::clone(&list))));
                tracing::info!(entries, %fetched_at, "the list of revoked attestation keys was read");
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the list of revoked attestation keys cannot be used"),
        }
    }

    fn next_session(&self) -> SessionId {
        SessionId(self.sessions.fetch_add(1, Ordering::Relaxed))
    }
}

impl MetricsPage for App {
    fn text(&self) -> String {
        let free = health::free_space(&self.folder).unwrap_or(0);
        self.metrics.text(self.organisations.waiting_bytes(), free)
    }
}

/// Starts relays.
#[derive(Debug)]
pub struct RelayServer;

/// A relay that runs. Dropped without more, it stops as [`RunningRelay::abort`] does, unwaited.
pub struct RunningRelay {
    address: SocketAddr,
    measured: Option<SocketAddr>,
    pin: Hash,
    app: App,
    places: Arc<Semaphore>,
    announcer: Announcer,
    listener: JoinHandle<()>,
}

impl RelayServer {
    /// Opens every organisation of a folder and listens; ready when it returns.
    ///
    /// To be called inside a tokio runtime with timers and network; its tasks run there.
    ///
    /// # Errors
    ///
    /// Settings, keys or databases with which a relay must not run; see [`StartError`].
    pub async fn start(config: &Config) -> Result<RunningRelay, StartError> {
        Self::start_by(Clock::start(), config).await
    }

    /// The same by another clock. After it was moved, [`RunningRelay::look_at_clock`].
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub async fn start_by(clock: Clock, config: &Config) -> Result<RunningRelay, StartError> {
        let identity = Identity::read(&config.certificate, &config.key)?;
        let relay_key = keys::read(&config.relay_key())?;
        let (announcer, end) = shutdown::channel();
        let development = config.mode == Mode::Development;
        let rules = Rules {
            roots: trusted_roots(config),
            policy: config.phones.clone(),
            apple: config.iphones.clone(),
            list_required: !development,
        };
        let metrics = Arc::new(Metrics::new());
        let push = Arc::new(Push::new(config, Arc::clone(&metrics))?);
        let refresh = ListRefresh::new(config, &metrics)?;
        let settings = || Settings {
            key: relay_key.clone(),
            rules: rules.clone(),
            development,
            wake_up_hosts: config.wake_ups.hosts.clone(),
        };
        let around = Surroundings {
            mode: config.mode,
            settings: &settings,
            clock,
            window: config.storage.commit_window,
            rates: config.rates.device,
            pair_days: config.pair_days,
            metrics: &metrics,
            push: &push,
            end: &end,
        };
        let organisations = Organisations::open(&config.organisations(), &around)?;
        let listen = |source| StartError::Listen { address: config.listen, source };
        let tcp = TcpListener::bind(config.listen).await.map_err(listen)?;
        let address = tcp.local_addr().map_err(listen)?;
        let app = App(Arc::new(Shared {
            organisations,
            token_key: TokenKey::from_seed(&random()?),
            clock,
            readiness: Readiness::new(config.folder.clone(), config.storage.least_free, clock),
            mode: config.mode,
            limits: config.limits,
            admission: Admission::new(&config.rates),
            metrics: Arc::clone(&metrics),
            folder: config.folder.clone(),
            strangers: Semaphore::new(STRANGERS),
            sessions: AtomicU64::new(0),
            end: end.clone(),
        }));
        let measured = match config.metrics {
            Some(asked) => {
                let listen = |source| StartError::Listen { address: asked, source };
                let tcp = TcpListener::bind(asked).await.map_err(listen)?;
                let address = tcp.local_addr().map_err(listen)?;
                tokio::spawn(metrics::serve(tcp, app.clone(), end.clone()));
                Some(address)
            }
            None => None,
        };
        let places = Arc::new(Semaphore::new(config.limits.connections));
        let listener = listener::Listener {
            tcp,
            tls: TlsAcceptor::from(identity.server),
            router: route::router(app.clone()),
            limits: config.limits,
            places: Arc::clone(&places),
            end: end.clone(),
        };
        let listener = tokio::spawn(listener.run());
        tracing::info!(%address, mode = config.mode.as_str(), "the relay is ready");
        let relay = RunningRelay { address, measured, pin: identity.pin, app, places, announcer, listener };
        relay.renew_revocations();
        if let Some(refresh) = refresh {
            tokio::spawn(refresh.run(relay.app.clone(), end));
        }
        Ok(relay)
    }
}

fn trusted_roots(config: &Config) -> Vec<estafette_attest::TrustedRoot> {
    #[cfg(feature = "dev-attestation")]
    let development = config.development_root.then(estafette_attest::development::root);
    #[cfg(not(feature = "dev-attestation"))]
    // Settings that ask for it were refused when they were read.
    let development = config.development_root.then_some(None).flatten();
    estafette_attest::GOOGLE_ROOTS.into_iter().chain(development).collect()
}

impl RunningRelay {
    /// Where it listens, with the port that it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its metrics are, if the settings ask for them.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.measured
    }

    /// SHA-256 of its certificate's key, as it stands in tickets.
    pub fn pin(&self) -> Hash {
        self.pin
    }

    /// Tells every organisation that a person has found the clock right after a jump.
    pub fn confirm_clock(&self) {
        self.app.organisations.tell(|| driver::Input::Event(Event::ClockConfirmed));
    }

    /// Has every organisation look at the clock at once: somebody has moved it.
    pub fn look_at_clock(&self) {
        self.app.organisations.tell(|| driver::Input::Look);
    }

    /// Tells every organisation that a person lets a restored log go on.
    pub fn confirm_restore(&self) {
        self.app.organisations.tell(|| driver::Input::Event(Event::RestoreConfirmed));
    }

    /// Reads the list of revoked attestation keys anew and tells every organisation.
    ///
    /// One that cannot be read leaves the one before, which grows stale: phones are then refused.
    pub fn renew_revocations(&self) {
        self.app.renew_revocations();
    }

    /// Ends in order: nobody new, what is in flight is answered, sockets are told, databases closed.
    pub async fn shutdown(mut self) {
        tracing::info!("the relay drains");
        self.app.organisations.tell(organisations::drain);
        self.announcer.announce(Phase::Draining);
        let all = u32::try_from(self.app.limits.connections).unwrap_or(u32::MAX);
        // Every connection holds a place: when all can be had, all are gone.
        let gone = self.places.acquire_many(all);
        if tokio::time::timeout(PATIENCE, gone).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        self.app.organisations.tell(|| driver::Input::Stop);
        self.end().await;
        tracing::info!("the relay has ended");
    }

    /// Ends as if the power went: what is not on the disk is lost, nobody is told anything.
    ///
    /// Returns when nothing of it runs any more, so that another can start on the same folder.
    pub async fn abort(mut self) {
        self.announcer.announce(Phase::Killed);
        self.app.organisations.tell(|| driver::Input::Stop);
        self.end().await;
    }

    async fn end(&mut self) {
        let app = self.app.clone();
        // The threads end by themselves; waiting for them must not hold up the runtime.
        let joined = tokio::task::spawn_blocking(move || app.organisations.join()).await;
        self.announcer.announce(Phase::Killed);
        // Afterwards the address is free again.
        let listened = (&mut self.listener).await;
        if joined.is_err() || listened.is_err() {
            tracing::error!("a part of the relay ended in a panic");
        }
    }
}

impl Drop for RunningRelay {
    fn drop(&mut self) {
        self.announcer.announce(Phase::Killed);
        self.app.organisations.tell(|| driver::Input::Stop);
    }
}
