//! The chain of certificates: from the attested key up to a trusted one.
//!
//! Ordinary path validation is the wrong tool. Google ignores the expiry of keys that were put
//! into phones at the factory, since they cannot be replaced; leaves carry nonsense dates, set by
//! the phone; and roots are keys, not certificates (`design/device-ownership.md` §1.1 to 1.5).
//! Not here: what the description in the first certificate says (`android.rs`).

use std::collections::BTreeSet;

use estafette_protocol::Timestamp;
use estafette_protocol::ids::Hash;
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::OID_X509_SERIALNUMBER;

use crate::roots::ANDROID_SOFTWARE_ROOTS;
use crate::x509::{self, Signature};
use crate::{Evidence, KeyDescription, Reason, RevocationList, TrustedRoot};

/// How the attesting key came into the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provisioning {
    /// At the factory, shared by a batch of phones, for their lifetime. Expiry does not count.
    Factory,
    /// From Google's servers, for one phone and some weeks.
    Remote,
    /// Neither is recognised; expiry counts.
    Unknown,
}

/// A parsed chain of at least one certificate, the device's first.
pub(crate) struct Chain<'a> {
    leaf: X509Certificate<'a>,
    /// Issuers in order; the last one is the root.
    issuers: Vec<X509Certificate<'a>>,
}

impl<'a> Chain<'a> {
    /// Parses every certificate. Sizes were looked at before.
    pub(crate) fn parse(chain: &'a [Vec<u8>]) -> Result<Self, Reason> {
        let mut certificates = chain.iter().map(|der| x509::parse(der).ok_or(Reason::ParseCert));
        let leaf = certificates.next().ok_or(Reason::ChainTooShort)??;
        let issuers = certificates.collect::<Result<_, _>>()?;
        Ok(Self { leaf, issuers })
    }

    /// The trusted root at the end of the chain; its absence and every weak link go to `reasons`.
    pub(crate) fn check(
        &self,
        roots: &[TrustedRoot],
        now: Timestamp,
        reasons: &mut BTreeSet<Reason>,
    ) -> Option<TrustedRoot> {
        if self.issuers.len() + 1 < Evidence::MIN_CERTIFICATES {
            reasons.insert(Reason::ChainTooShort);
        }
        let spki_sha256 = Hash::of(&[self.root().public_key().raw]).0;
        let root = roots.iter().find(|root| root.spki_sha256 == spki_sha256).copied();
        if root.is_none() {
            reasons.insert(Reason::UntrustedRoot);
            if ANDROID_SOFTWARE_ROOTS.contains(&spki_sha256) {
                reasons.insert(Reason::SoftwareRoot);
            }
        }
        // A root certifies itself, so it could be repeated at will: an intermediate of another kind
        // than the real one, and with it another rule about expiry.
        if self.intermediates().iter().any(|one| one.public_key().raw == self.root().public_key().raw) {
            reasons.insert(Reason::RootNotLast);
        }
        self.check_names(reasons);
        self.check_signatures(root.is_some(), reasons);
        self.check_validity(now, reasons);
        root
    }

    /// The root's own issuer does not matter: what is trusted is its key.
    fn check_names(&self, reasons: &mut BTreeSet<Reason>) {
        let certificates = std::iter::once(&self.leaf).chain(&self.issuers);
        for (certificate, issuer) in certificates.zip(&self.issuers) {
            if certificate.issuer().as_raw() != issuer.subject().as_raw() {
                reasons.insert(Reason::NameChaining);
            }
        }
    }

    /// Every certificate by the next one's key, the root by its own.
    fn check_signatures(&self, trusted: bool, reasons: &mut BTreeSet<Reason>) {
        let certificates = std::iter::once(&self.leaf).chain(&self.issuers);
        for (certificate, issuer) in certificates.zip(self.issuers.iter().chain([self.root()])) {
            match x509::signature(certificate, issuer.public_key()) {
                Signature::Good => {}
                // Under a root that is refused anyway, "cannot compute" is not worth a second reason.
                Signature::NotComputed if !trusted => {}
                Signature::Bad | Signature::NotComputed => {
                    reasons.insert(Reason::BadSignature);
                }
            }
        }
    }

    fn root(&self) -> &X509Certificate<'a> {
        self.issuers.last().unwrap_or(&self.leaf)
    }

    /// The certificates between the device's and the root.
    fn intermediates(&self) -> &[X509Certificate<'a>] {
        self.issuers.split_last().map_or(&[], |(_root, intermediates)| intermediates)
    }

    fn check_validity(&self, now: Timestamp, reasons: &mut BTreeSet<Reason>) {
        let now = i64::try_from(now.as_millis() / 1000).unwrap_or(i64::MAX);
        for validity in self.intermediates().iter().map(|certificate| certificate.validity()) {
            if now < validity.not_before.timestamp() {
                reasons.insert(Reason::NotYetValid);
            }
            if now > validity.not_after.timestamp() && self.provisioning() != Provisioning::Factory {
                reasons.insert(Reason::Expired);
            }
        }
    }

    /// Told by the certificate before the root, as Google's own verifier does.
    pub(crate) fn provisioning(&self) -> Provisioning {
        let Some(subject) = self.intermediates().last().map(|certificate| certificate.subject()) else {
            return Provisioning::Unknown;
        };
        if subject.iter_common_name().any(|name| name.as_str() == Ok("Droid CA2")) {
            Provisioning::Remote
        } else if subject.iter_by_oid(&OID_X509_SERIALNUMBER).next().is_some() {
            Provisioning::Factory
        } else {
            Provisioning::Unknown
        }
    }

    /// Serial numbers, the device's first: big-endian, without leading zeros.
    pub(crate) fn serials(&self) -> Vec<Vec<u8>> {
        std::iter::once(&self.leaf).chain(&self.issuers).map(x509::serial).collect()
    }

    /// Looks every serial number up: a leaked key is not always the lowest one.
    pub(crate) fn check_revocation(
        &self,
        list: &RevocationList,
        now: Timestamp,
        reasons: &mut BTreeSet<Reason>,
    ) {
        if list.is_stale(now) {
            reasons.insert(Reason::StatusListStale);
        }
        if self.serials().iter().any(|serial| list.contains(serial)) {
            reasons.insert(Reason::Revoked);
        }
    }

    /// The key that signed the device's certificate, as SubjectPublicKeyInfo.
    pub(crate) fn attesting_key(&self) -> Option<&[u8]> {
        self.issuers.first().map(|issuer| issuer.public_key().raw)
    }

    /// The device's key in compressed SEC1 form, if it is one of P-256.
    pub(crate) fn key(&self) -> Option<[u8; 33]> {
        x509::p256_point(&self.leaf).as_ref().map(x509::compressed)
    }

    /// The key description, which must stand in the device's certificate and in no other.
    ///
    /// Otherwise an attested key could sign one more certificate with a description of its choice.
    pub(crate) fn key_description(&self, reasons: &mut BTreeSet<Reason>) -> Option<KeyDescription> {
        if self.issuers.iter().any(|certificate| descriptions(certificate).next().is_some()) {
            reasons.insert(Reason::KeyDescriptionNotInLeaf);
        }
        let mut found = descriptions(&self.leaf);
        let Some(value) = found.next() else {
            reasons.insert(Reason::NoKeyDescription);
            return None;
        };
        let description = KeyDescription::from_der(value).ok().filter(|_| found.next().is_none());
        match &description {
            None => reasons.insert(Reason::ParseKeyDescription),
            Some(read) if !read.software.ordered || !read.hardware.ordered => {
                reasons.insert(Reason::TagsUnordered)
            }
            Some(_) => false,
        };
        description
    }
}

fn descriptions<'c>(certificate: &'c X509Certificate<'_>) -> impl Iterator<Item = &'c [u8]> {
    x509::extensions(certificate, KeyDescription::OID)
}
