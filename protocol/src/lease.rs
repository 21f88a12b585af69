//! The lease: the relay's signed permission to open a device's database without asking.
//!
//! It is renewed at every contact. Without contact the device locks at one date (no text can be read,
//! nothing is lost) and at a later one destroys its content. Known leave moves both, so that nobody
//! comes back from three weeks off to an empty phone.
//!
//! Always true: a lease belongs to one device and names the authentication epoch for which it was made.
//! How a device counts time is not here, nor what it does at either date. It is a control of honest
//! devices: whoever has broken into one has what it held.

use std::time::Duration;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::hours::Period;
use crate::sign::{self, BadSignature, Domain};
use crate::{AuthEpoch, DeviceId, Ed25519Public, OrganisationId, Signature, Timestamp, codec};

/// How long before each date people are warned.
pub const WARNING: Duration = Duration::from_hours(3 * 24);
/// How long after a known leave a device may stay without contact.
const AFTER_LEAVE: Duration = Duration::from_hours(3 * 24);
/// No leave moves a date further than this.
const LONGEST: Duration = Duration::from_hours(60 * 24);
/// Bytes of a signed lease.
const SIZE: usize = 256;

/// After how many days without contact a device locks, and destroys its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LeaseTerms {
    /// 1 to 30.
    #[n(0)]
    pub lock_days: u8,
    /// 7 to 90, and more than `lock_days`.
    #[n(1)]
    pub wipe_days: u8,
}

impl Default for LeaseTerms {
    fn default() -> Self {
        Self { lock_days: 7, wipe_days: 30 }
    }
}

impl LeaseTerms {
    /// Whether they are within their ranges.
    pub fn are_valid(self) -> bool {
        (1..=30).contains(&self.lock_days)
            && (7..=90).contains(&self.wipe_days)
            && self.lock_days < self.wipe_days
    }
}

/// What a device may do without contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Lease {
    /// The organisation.
    #[n(0)]
    pub organisation: OrganisationId,
    /// The device.
    #[n(1)]
    pub device: DeviceId,
    /// Its authentication epoch.
    #[n(2)]
    pub auth_epoch: AuthEpoch,
    /// When it was made; relay's clock, like what follows.
    #[n(3)]
    pub issued_at: Timestamp,
    /// From here on nothing can be read.
    #[n(4)]
    pub lock_at: Timestamp,
    /// From here on nothing is left.
    #[n(5)]
    pub wipe_at: Timestamp,
    /// When its evidence is too old ([`crate::reattestation`]); a computer brings none.
    #[n(6)]
    pub attest_by: Option<Timestamp>,
}

impl Lease {
    /// The lease of a device that the relay hears now. A leave that has begun, or begins before the
    /// device would lock, moves a date that falls before it to three days after its end, and at most
    /// to 60 days from now.
    pub fn new(
        (organisation, device, auth_epoch): (OrganisationId, DeviceId, AuthEpoch),
        terms: LeaseTerms,
        leave: &[Period],
        now: Timestamp,
    ) -> Self {
        let after_days = |days: u8| now.after(Duration::from_hours(24 * u64::from(days)));
        let lock_at = after_leave(after_days(terms.lock_days), leave, now);
        let wipe_at = after_leave(after_days(terms.wipe_days), leave, now).max(lock_at);
        Self { organisation, device, auth_epoch, issued_at: now, lock_at, wipe_at, attest_by: None }
    }

    /// Signs it with the relay's key.
    pub fn sign(&self, key: &ed25519_dalek::SigningKey) -> SignedLease {
        let body = codec::to_bytes(self);
        let signature = Signature(sign::ed25519(key, Domain::Lease, &[&body]));
        SignedLease { body: body.into(), signature }
    }
}

/// A date, moved behind the leaves that touch it: one leave may follow another.
fn after_leave(mut date: Timestamp, leave: &[Period], now: Timestamp) -> Timestamp {
    let furthest = now.after(LONGEST).max(date);
    loop {
        let touching = leave.iter().filter(|leave| leave.until > now && leave.from <= date);
        let ends = touching.map(|leave| leave.until.after(AFTER_LEAVE).min(furthest));
        match ends.max().filter(|end| *end > date) {
            Some(later) => date = later,
            None => return date,
        }
    }
}

/// A lease with its signature, as it is delivered and kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SignedLease {
    /// CBOR of a [`Lease`].
    #[n(0)]
    pub body: ByteVec,
    /// By the relay's key of statement 0.
    #[n(1)]
    pub signature: Signature,
}

impl SignedLease {
    /// Reads a signed lease, size first.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, codec::CodecError> {
        codec::from_bytes(bytes, SIZE)
    }

    /// Checks the signature and reads the lease. Whose it is, is for the caller to compare.
    pub fn verify(&self, key: &Ed25519Public) -> Result<Lease, BadSignature> {
        sign::verify_ed25519(&key.0, Domain::Lease, &[&self.body], &self.signature.0)?;
        codec::from_bytes(&self.body, SIZE).map_err(|_| BadSignature)
    }
}

/// What a device says when it has destroyed its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Wipe {
    /// When, as it counts the relay's time.
    #[n(0)]
    pub at: Timestamp,
    /// Messages and changes that had not left and are lost with it.
    #[n(1)]
    pub unsent: u32,
}

/// What administrators are told of a device beside the statements. A supervisor gets the first two fields,
/// and only while [`crate::registry::Registry::is_missed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Contact {
    /// The device.
    #[n(0)]
    pub device: DeviceId,
    /// The day of its last contact, as its first instant in UTC: nobody learns hours from it.
    #[n(1)]
    pub day: Option<Timestamp>,
    /// What it said of its content after it was withdrawn.
    #[n(2)]
    pub wipe: Option<Wipe>,
    /// When its evidence is too old; a computer brings none.
    #[n(3)]
    pub attest_by: Option<Timestamp>,
    /// Since when the relay bars it, because a key of its evidence is revoked.
    #[n(4)]
    pub barred_since: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn days(days: u64) -> Timestamp {
        NOW.after(Duration::from_hours(24 * days))
    }

    fn lease(leave: &[(u64, u64)]) -> (Timestamp, Timestamp) {
        let leave: Vec<Period> =
            leave.iter().map(|(from, until)| Period { from: days(*from), until: days(*until) }).collect();
        let of = (OrganisationId([1; 16]), DeviceId([2; 16]), AuthEpoch(0));
        let lease = Lease::new(of, LeaseTerms::default(), &leave, NOW);
        (lease.lock_at, lease.wipe_at)
    }

    #[test]
    fn a_device_locks_after_seven_days_and_is_empty_after_thirty() {
        assert_eq!(lease(&[]), (days(7), days(30)));
    }

    #[test]
    fn known_leave_moves_a_date_to_three_days_after_its_end() {
        assert_eq!(lease(&[(0, 5)]), (days(8), days(30)), "now");
        assert_eq!(lease(&[(6, 20)]), (days(23), days(30)), "it begins before the device locks");
        assert_eq!(lease(&[(7, 28)]), (days(31), days(31)));
        assert_eq!(lease(&[(2, 4)]), (days(7), days(30)), "over before");
        assert_eq!(lease(&[(8, 20)]), (days(7), days(30)), "after the device has locked");
        assert_eq!(lease(&[(20, 35)]), (days(7), days(38)), "the content waits for its agent");
        assert_eq!(lease(&[(3, 10), (12, 20)]), (days(23), days(30)), "one after the other");
    }

    #[test]
    fn no_leave_moves_a_date_beyond_sixty_days() {
        assert_eq!(lease(&[(0, 58)]), (days(60), days(60)));
        assert_eq!(lease(&[(0, 4_000)]), (days(60), days(60)));
        let of = (OrganisationId([1; 16]), DeviceId([2; 16]), AuthEpoch(0));
        let terms = LeaseTerms { lock_days: 30, wipe_days: 90 };
        let leave = [Period { from: NOW, until: Timestamp::MAX }];
        let lease = Lease::new(of, terms, &leave, NOW);
        assert_eq!((lease.lock_at, lease.wipe_at), (days(60), days(90)), "nor shortens what the terms give");
    }

    #[test]
    fn terms_have_ranges() {
        let valid = |lock_days, wipe_days| LeaseTerms { lock_days, wipe_days }.are_valid();
        assert!(valid(1, 7) && valid(7, 30) && valid(30, 90));
        for (lock_days, wipe_days) in [(0, 30), (31, 90), (1, 6), (7, 7), (8, 7), (7, 91)] {
            assert!(!valid(lock_days, wipe_days), "{lock_days} {wipe_days}");
        }
    }

    #[test]
    fn a_lease_is_signed_in_a_domain_of_its_own_and_fits_its_limit() {
        let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        let public = Ed25519Public(key.verifying_key().to_bytes());
        let of = (OrganisationId([1; 16]), DeviceId([2; 16]), AuthEpoch(u32::MAX));
        let lease = Lease::new(of, LeaseTerms::default(), &[], NOW);
        let signed = lease.sign(&key);
        let read = SignedLease::from_bytes(&codec::to_bytes(&signed)).unwrap();
        assert_eq!(read.verify(&public), Ok(lease));
        let mut altered = signed.clone();
        altered.body[40] ^= 1;
        assert_eq!(altered.verify(&public), Err(BadSignature));
        let elsewhere = Signature(sign::ed25519(&key, Domain::ThreadHead, &[&signed.body]));
        assert_eq!(SignedLease { signature: elsewhere, ..signed }.verify(&public), Err(BadSignature));
    }
}
