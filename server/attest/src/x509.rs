//! What chains of every maker have in common: certificates, who signed them, keys of P-256.
//!
//! Always true: a certificate is exactly its bytes, nothing follows; an algorithm that is not on
//! the list of [`signature`] is a bad signature. All arithmetic of signatures is aws-lc's.

use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_PKCS1_SHA256WITHRSA, OID_PKCS1_SHA384WITHRSA,
    OID_PKCS1_SHA512WITHRSA, OID_SIG_ECDSA_WITH_SHA256, OID_SIG_ECDSA_WITH_SHA384,
};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// What became of one signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    Good,
    Bad,
    /// The issuer's RSA key is below what aws-lc computes with; only the public software roots are.
    NotComputed,
}

pub(crate) fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    let (rest, certificate) = X509Certificate::from_der(der).ok()?;
    rest.is_empty().then_some(certificate)
}

/// A public key as it stands in a certificate.
pub(crate) fn parse_key(spki: &[u8]) -> Option<SubjectPublicKeyInfo<'_>> {
    let (rest, key) = SubjectPublicKeyInfo::from_der(spki).ok()?;
    rest.is_empty().then_some(key)
}

/// Whether `issuer` signed the certificate.
pub(crate) fn signature(certificate: &X509Certificate<'_>, issuer: &SubjectPublicKeyInfo<'_>) -> Signature {
    // SHA-1, which the library would still take, is not among them.
    let accepted = [
        OID_SIG_ECDSA_WITH_SHA256,
        OID_SIG_ECDSA_WITH_SHA384,
        OID_PKCS1_SHA256WITHRSA,
        OID_PKCS1_SHA384WITHRSA,
        OID_PKCS1_SHA512WITHRSA,
    ];
    let algorithm = &certificate.signature_algorithm;
    if *algorithm != certificate.tbs_certificate.signature || !accepted.contains(&algorithm.algorithm) {
        return Signature::Bad;
    }
    match (certificate.verify_signature(Some(issuer)), issuer.parsed()) {
        (Ok(()), _) => Signature::Good,
        (Err(_), Ok(PublicKey::RSA(key))) if key.key_size() < 2048 => Signature::NotComputed,
        (Err(_), _) => Signature::Bad,
    }
}

/// The certificate's key as an uncompressed SEC1 point, if it is one of P-256.
pub(crate) fn p256_point(certificate: &X509Certificate<'_>) -> Option<[u8; 65]> {
    let key = certificate.public_key();
    let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?;
    if key.algorithm.algorithm != OID_KEY_TYPE_EC_PUBLIC_KEY || curve != OID_EC_P256 {
        return None;
    }
    let point: &[u8; 65] = key.subject_public_key.data.as_ref().try_into().ok()?;
    (point[0] == 0x04).then_some(*point)
}

/// The same key in compressed form.
pub(crate) fn compressed(point: &[u8; 65]) -> [u8; 33] {
    let mut compressed = [0; 33];
    compressed[0] = 0x02 | (point[64] & 1);
    compressed[1..].copy_from_slice(&point[1..33]);
    compressed
}

/// The values of a certificate's extensions of one kind; `oid` is DER without its header.
pub(crate) fn extensions<'c>(
    certificate: &'c X509Certificate<'_>,
    oid: &'static [u8],
) -> impl Iterator<Item = &'c [u8]> {
    certificate.extensions().iter().filter(move |one| one.oid.as_bytes() == oid).map(|one| one.value)
}

/// Serial number: big-endian, without leading zeros.
pub(crate) fn serial(certificate: &X509Certificate<'_>) -> Vec<u8> {
    certificate.raw_serial().iter().copied().skip_while(|byte| *byte == 0).collect()
}
