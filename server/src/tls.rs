//! The relay's certificate and how TLS is spoken: version 1.3 only, one provider, named.
//!
//! Devices trust the certificate's key by its pin, which stands in their ticket; who signed
//! the certificate and until when plays no part. Renew it with the same key.

use std::path::Path;
use std::sync::Arc;

use estafette_protocol::Hash;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, version};
use x509_parser::prelude::FromDer;

/// Why TLS cannot be spoken with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file is missing, unreadable or not PEM.
    #[error("{file}: {why}")]
    File {
        /// Which file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// The key is not the certificate's, or of a kind that TLS 1.3 does not take.
    #[error("certificate and key: {0}")]
    Pair(#[from] rustls::Error),
}

/// A certificate that is ready to be shown, and its pin.
#[derive(Debug, Clone)]
pub struct Identity {
    /// For each connection.
    pub server: Arc<ServerConfig>,
    /// SHA-256 of the certificate key (SubjectPublicKeyInfo), as it stands in tickets.
    pub pin: Hash,
}

impl Identity {
    /// Reads a certificate chain and its private key, both PEM.
    ///
    /// # Errors
    ///
    /// A file is missing or damaged, or the two do not belong together.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let bad = |file: &Path, why: &dyn std::fmt::Display| TlsError::File {
            file: file.display().to_string(),
            why: why.to_string(),
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect)
            .map_err(|error| bad(certificate, &error))?;
        let first = chain.first().ok_or_else(|| bad(certificate, &"no certificate"))?;
        let pin = pin(first).ok_or_else(|| bad(certificate, &"not a certificate"))?;
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| bad(key, &error))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(chain, private)?;
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        // One ticket is enough to come back with; each costs a thin link 100 bytes.
        server.send_tls13_tickets = 1;
        Ok(Self { server: Arc::new(server), pin })
    }
}

/// SHA-256 of a certificate's SubjectPublicKeyInfo; `None` if these bytes are no certificate.
pub fn pin(certificate: &[u8]) -> Option<Hash> {
    let (_, certificate) = x509_parser::certificate::X509Certificate::from_der(certificate).ok()?;
    Some(Hash::of(&[certificate.tbs_certificate.subject_pki.raw]))
}
