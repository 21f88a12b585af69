//! Sends wake-ups: one constant, empty request to a phone's push server.
//!
//! Always true: nothing is in it that differs from one wake-up to another but the address; a redirect is
//! not followed; outside development no address of a private network is connected to, whatever the name
//! resolves to; a server that hangs costs one of [`PLACES`] for [`PATIENCE`] and delays nothing else.
//! A wake-up that fails is counted and forgotten: the phone comes by itself, later.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Request, Uri, header};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;

use crate::config::{Config, Mode};
use crate::metrics::Metrics;
use crate::tls::TlsError;
use crate::wake_up::{Endpoint, is_public};

/// Wake-ups under way at a time; more are dropped.
const PLACES: usize = 64;
/// The authorities of the system, where the settings name none.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the push server may keep it, in seconds: what is older has been fetched, or will be at the opening.
const KEPT: &str = "3600";

/// Why a wake-up did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// Too many under way.
    Busy,
    /// The name leads nowhere.
    Unresolved,
    /// The name leads into a private network.
    PrivateAddress,
    /// No connection, or not with the server of that name.
    Unreachable,
    /// The server said no.
    Refused,
    /// It said nothing in time.
    TimedOut,
}

impl Failure {
    fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Unresolved => "unresolved",
            Self::PrivateAddress => "private_address",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
        }
    }
}

/// Sends wake-ups for all organisations.
pub(super) struct Push {
    tls: TlsConnector,
    /// Development alone connects to this machine.
    private: bool,
    places: Arc<Semaphore>,
    runtime: Handle,
    metrics: Arc<Metrics>,
}

impl Push {
    /// Ready to send, on the runtime that is current.
    ///
    /// # Errors
    ///
    /// The certificates that the settings name cannot be read.
    pub fn new(config: &Config, metrics: Arc<Metrics>) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        let system = PathBuf::from(SYSTEM_AUTHORITIES);
        let system = Some(system).filter(|file| !config.wake_ups.hosts.is_empty() && file.exists());
        if let Some(file) = config.wake_ups.authorities.clone().or(system) {
            let bad = |why: &dyn std::fmt::Display| TlsError::File {
                file: file.display().to_string(),
                why: why.to_string(),
            };
            let certificates = CertificateDer::pem_file_iter(&file).map_err(|error| bad(&error))?;
            let certificates: Vec<_> = certificates.collect::<Result<_, _>>().map_err(|error| bad(&error))?;
            // A system's bundle may hold some that this library does not take.
            roots.add_parsable_certificates(certificates);
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(tls)),
            private: config.mode == Mode::Development,
            places: Arc::new(Semaphore::new(PLACES)),
            runtime: Handle::current(),
            metrics,
        })
    }

    /// Sends one, unwaited.
    pub fn send(self: &Arc<Self>, endpoint: Endpoint) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return self.metrics.wake_up(Failure::Busy.as_str());
        };
        let push = Arc::clone(self);
        self.runtime.spawn(async move {
            let sent = tokio::time::timeout(PATIENCE, push.post(&endpoint)).await;
            let outcome = match sent.unwrap_or(Err(Failure::TimedOut)) {
                Ok(()) => "ok",
                Err(failure) => failure.as_str(),
            };
            push.metrics.wake_up(outcome);
            drop(place);
        });
    }

    async fn post(&self, endpoint: &Endpoint) -> Result<(), Failure> {
        let uri: Uri = endpoint.as_str().parse().map_err(|_| Failure::Unresolved)?;
        let host = uri.host().ok_or(Failure::Unresolved)?.to_owned();
        let address = self.resolve(&host, uri.port_u16().unwrap_or(443)).await?;
        let tcp = TcpStream::connect(address).await.map_err(|_| Failure::Unreachable)?;
        let name = ServerName::try_from(host.clone()).map_err(|_| Failure::Unresolved)?;
        let tls = self.tls.connect(name, tcp).await.map_err(|_| Failure::Unreachable)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tls))
            .await
            .map_err(|_| Failure::Unreachable)?;
        let connection = tokio::spawn(connection);
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let request = Request::post(path)
            .header(header::HOST, uri.authority().map_or(host.as_str(), |authority| authority.as_str()))
            .header(header::CONTENT_LENGTH, "0")
            .header("TTL", KEPT)
            .body(Empty::<Bytes>::new())
            .map_err(|_| Failure::Unresolved)?;
        let answer = sender.send_request(request).await;
        connection.abort();
        match answer {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(_) => Err(Failure::Refused),
            Err(_) => Err(Failure::Unreachable),
        }
    }

    /// An address of a host that may be connected to. The one that is judged is the one that is used.
    async fn resolve(&self, host: &str, port: u16) -> Result<SocketAddr, Failure> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((host, port)).await.map_err(|_| Failure::Unresolved)?;
        let mut failure = Failure::Unresolved;
        for address in found {
            if self.private || is_public(address.ip()) {
                return Ok(address);
            }
            failure = Failure::PrivateAddress;
        }
        Err(failure)
    }
}
