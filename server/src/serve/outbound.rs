//! Requests that the relay makes by itself: to push servers, and for the list of revoked keys.
//!
//! Always true: TLS, with the server of that name; a redirect is not followed; outside development no
//! address of a private network is connected to, whatever the name resolves to. How long something may
//! take is its caller's to say.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::{Method, Request, Response, Uri, header};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::tls::TlsError;
use crate::wake_up::{Endpoint, is_public};

/// The authorities of the system, where the settings name none.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Why a request did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
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
    /// Its answer is larger than it may be.
    TooLarge,
    /// Its answer is not what was asked for, or could not be kept.
    Unusable,
}

impl Failure {
    /// The word under which it is counted.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Unresolved => "unresolved",
            Self::PrivateAddress => "private_address",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::TooLarge => "too_large",
            Self::Unusable => "unusable",
        }
    }
}

/// Makes requests to servers that some authorities vouch for.
pub(super) struct Outbound {
    tls: TlsConnector,
    /// Development alone connects to this machine.
    private: bool,
}

impl Outbound {
    /// By the authorities of a file, PEM; the system's, without one.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn new(authorities: Option<&Path>, private: bool) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        let system = Some(PathBuf::from(SYSTEM_AUTHORITIES)).filter(|file| file.exists());
        if let Some(file) = authorities.map(Path::to_path_buf).or(system) {
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
        Ok(Self { tls: TlsConnector::from(Arc::new(tls)), private })
    }

    /// Makes one request without a body. The connection ends with the answer's body, or with the second
    /// value when it is dropped.
    ///
    /// # Errors
    ///
    /// No answer came. An answer of any status is one.
    pub async fn ask(
        &self,
        method: Method,
        endpoint: &Endpoint,
        headers: &[(&str, &str)],
    ) -> Result<(Response<Incoming>, Connected), Failure> {
        let uri: Uri = endpoint.as_str().parse().map_err(|_| Failure::Unresolved)?;
        let host = uri.host().ok_or(Failure::Unresolved)?.to_owned();
        let address = self.resolve(&host, uri.port_u16().unwrap_or(443)).await?;
        let (mut sender, connected) = self.connect(&host, address).await?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let authority = uri.authority().map_or(host.as_str(), |authority| authority.as_str());
        let request = Request::builder().method(method).uri(path).header(header::HOST, authority);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Empty::new()).map_err(|_| Failure::Unresolved)?;
        let answer = sender.send_request(request).await.map_err(|_| Failure::Unreachable)?;
        Ok((answer, connected))
    }

    async fn connect(
        &self,
        host: &str,
        address: SocketAddr,
    ) -> Result<(SendRequest<Empty<Bytes>>, Connected), Failure> {
        let tcp = TcpStream::connect(address).await.map_err(|_| Failure::Unreachable)?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Failure::Unresolved)?;
        let tls = self.tls.connect(name, tcp).await.map_err(|_| Failure::Unreachable)?;
        let (sender, connection) = handshake(TokioIo::new(tls)).await.map_err(|_| Failure::Unreachable)?;
        let task = tokio::spawn(async move { drop(connection.await) });
        Ok((sender, Connected(task)))
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

/// A connection; closed when this is dropped.
pub(super) struct Connected(tokio::task::JoinHandle<()>);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.abort();
    }
}
