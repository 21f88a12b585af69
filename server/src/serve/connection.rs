//! What is known about one TLS connection: its number, and which device proved itself on it.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use estafette_protocol::{DeviceId, Hash, OrganisationId};
use tokio::sync::OwnedSemaphorePermit;

use crate::token::ConnectionId;

/// A device that signed a request on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Proved {
    pub organisation: OrganisationId,
    pub device: DeviceId,
    /// SHA-256 of its ES256 key.
    pub key: Hash,
}

/// One TLS connection, shared by its requests and by the socket that it may become.
#[derive(Debug)]
pub(crate) struct Connection {
    pub id: ConnectionId,
    /// Where it comes from.
    pub address: IpAddr,
    /// The last one counts: a device that proves itself takes the place of the one before.
    proved: Mutex<Option<Proved>>,
    /// Given back when the last request or the socket is done.
    _place: OwnedSemaphorePermit,
}

impl Connection {
    pub fn new(id: ConnectionId, address: IpAddr, place: OwnedSemaphorePermit) -> Self {
        Self { id, address, proved: Mutex::new(None), _place: place }
    }

    pub fn prove(&self, device: Proved) {
        *self.proved.lock().unwrap_or_else(PoisonError::into_inner) = Some(device);
    }

    pub fn proved(&self) -> Option<Proved> {
        *self.proved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
