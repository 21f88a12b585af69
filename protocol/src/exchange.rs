//! `POST /v1/exchange`: one round trip that carries everything.
//!
//! The request is signed by the device's ES256 key over domain, relay, organisation, device,
//! authentication epoch, request number and the body's hash. The relay refuses a number at or
//! below the last, so a copied request is worth nothing and no clock takes part.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::frame::{Message, Request};
use crate::sign::{self, BadSignature, Domain};
use crate::{AuthEpoch, DeviceId, Es256Public, Hash, LogGeneration, OrganisationId, Signature, Timestamp};

/// Who asks, and that it is them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Proof {
    /// The organisation.
    #[n(0)]
    pub organisation: OrganisationId,
    /// The device.
    #[n(1)]
    pub device: DeviceId,
    /// The authentication epoch that the device knows.
    #[n(2)]
    pub auth_epoch: AuthEpoch,
    /// Higher than every number that this device used before.
    #[n(3)]
    pub number: u64,
    /// By the device's ES256 key.
    #[n(4)]
    pub signature: Signature,
}

impl Proof {
    /// The bytes that the device's ES256 key signs, domain tag included.
    pub fn message(&self, relay: &Hash, body: &[u8]) -> Vec<u8> {
        let parts = self.numbers();
        Domain::Exchange.message(&self.parts(relay, &parts, &Hash::of(&[body])))
    }

    /// Checks the signature. The request number is the caller's to check.
    pub fn verify(&self, relay: &Hash, body: &[u8], key: &Es256Public) -> Result<(), BadSignature> {
        let numbers = self.numbers();
        let hash = Hash::of(&[body]);
        sign::verify_es256(&key.0, Domain::Exchange, &self.parts(relay, &numbers, &hash), &self.signature.0)
    }

    fn numbers(&self) -> [u8; 12] {
        let mut numbers = [0; 12];
        numbers[..4].copy_from_slice(&self.auth_epoch.0.to_be_bytes());
        numbers[4..].copy_from_slice(&self.number.to_be_bytes());
        numbers
    }

    fn parts<'a>(&'a self, relay: &'a Hash, numbers: &'a [u8; 12], body: &'a Hash) -> [&'a [u8]; 5] {
        [&relay.0, &self.organisation.0, &self.device.0, numbers, &body.0]
    }
}

/// The body of the HTTP request.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ExchangeRequest {
    /// Who asks.
    #[n(0)]
    pub proof: Proof,
    /// CBOR of an [`ExchangeBody`].
    #[n(1)]
    pub body: ByteVec,
}

/// The requests, as one socket session would send them one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ExchangeBody {
    /// Executed in order.
    #[n(0)]
    pub requests: Vec<Request>,
}

/// The body of the HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ExchangeResponse {
    /// The relay's clock.
    #[n(0)]
    pub relay_time: Timestamp,
    /// Answers and deliveries, in order.
    #[n(1)]
    pub messages: Vec<Message>,
    /// Opens the socket on this very TLS connection within ten minutes.
    #[n(2)]
    pub token: Option<String>,
    /// CBOR of a [`crate::lease::SignedLease`], in constant size.
    #[n(3)]
    pub lease: Option<ByteVec>,
    /// The relay's log: told before anything that has a place in it, off duty too. Another one than
    /// the last time means that the relay was restored.
    #[n(5)]
    pub log: Option<LogGeneration>,
}
