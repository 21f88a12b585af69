//! The way to the relay: the only sockets of a device.
//!
//! One TLS 1.3 connection carries everything: first `POST`, then, upgraded in place, the
//! WebSocket. The relay is known by its pinned key; names and authorities prove nothing here.
//!
//! Always true: an answer is limited in size before it is read, every wait has the caller's
//! limit, and whatever goes wrong is a [`Fault`]: `pin_mismatch` for another key than the
//! pinned one, the relay's own word for its refusals, `too_large`, `malformed`, and
//! `unreachable` for the rest. After a fault a connection is of no further use. Nothing is
//! retried or logged here, and bodies are not understood: that is the driver's and the engine's.

mod pin;
mod request;
mod socket;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use estafette_protocol::{Fault, FaultCode};
use rustls::{CertificateError, ClientConfig};
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub use pin::Pin;
pub use request::Connection;
pub use socket::{Receiver, Sender, Socket};

#[expect(clippy::disallowed_types, reason = "this module is the one that opens sockets")]
type Tcp = tokio::net::TcpStream;

/// A relay's address and key. Keep it: connections made from one endpoint resume TLS sessions,
/// which spares the certificate's bytes on a thin link.
#[derive(Clone)]
pub struct Endpoint {
    address: String,
    name: ServerName<'static>,
    tls: TlsConnector,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Endpoint({})", self.address)
    }
}

impl Endpoint {
    /// A relay at `host:port`, the host as a name or an address. Nothing is connected yet.
    pub fn new(address: &str, pin: Pin) -> Result<Self, Fault> {
        let host = address.rsplit_once(':').map(|(host, _)| host.trim_matches(['[', ']']));
        let name =
            host.and_then(|host| ServerName::try_from(host.to_owned()).ok()).ok_or(FaultCode::Malformed)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Arc::new(pin::PinnedKey::new(pin, &provider));
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|_| FaultCode::Internal)?
            .dangerous() // The name of the builder's step: the verifier below is stricter than an authority.
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { address: address.to_owned(), name, tls: TlsConnector::from(Arc::new(config)) })
    }

    async fn connect(&self) -> Result<TlsStream<Tcp>, Fault> {
        let tcp = Tcp::connect(&self.address).await.map_err(|_| unreachable())?;
        // What is written is a whole request or frame; waiting for more would only delay it.
        tcp.set_nodelay(true).map_err(|_| unreachable())?;
        self.tls.connect(self.name.clone(), tcp).await.map_err(|error| tls_fault(&error))
    }
}

fn tls_fault(error: &std::io::Error) -> Fault {
    let error = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
    match error {
        Some(rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)) => {
            FaultCode::PinMismatch.into()
        }
        _ => unreachable(),
    }
}

fn unreachable() -> Fault {
    FaultCode::Unreachable.into()
}

/// The work's outcome, or `unreachable` when it takes longer than `limit`.
#[expect(clippy::disallowed_methods, reason = "only here are answers waited for in real time")]
async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(unreachable()))
}

#[cfg(test)]
mod tests;
