//! An organisation with its relay in a process of its own and its administrator.

use std::path::Path;

use estafette_core::net::{Endpoint, Pin};
use estafette_protocol::Hash;
use tokio::runtime::Runtime;

use super::relay_process::RelayProcess;
use super::{BenchError, dice};
use crate::replay::office::Office;
use crate::replay::proxy::Line;

/// Relay and administrator. The administrator ends first.
pub struct Organisation {
    /// The administrator's computer.
    pub office: Office,
    /// The relay.
    pub relay: RelayProcess,
    pin: Hash,
}

impl Organisation {
    /// Founds an organisation whose hours are always open, on a new relay.
    pub fn found(runtime: &Runtime, folder: &Path) -> Result<Self, BenchError> {
        let (relay, claim) = RelayProcess::create(&folder.join("relay"))?;
        let administration = folder.join("administrator");
        std::fs::create_dir_all(&administration)?;
        let line = runtime.block_on(Line::lay(relay.upstream()))?;
        let office = runtime.block_on(Office::found(&claim, line, &administration, dice()?))?;
        Ok(Self { office, relay, pin: claim.pin })
    }

    /// The relay without anything in between.
    pub fn endpoint(&self) -> Result<Endpoint, BenchError> {
        self.endpoint_at(&self.relay.address().to_string())
    }

    /// The relay behind an address.
    pub fn endpoint_at(&self, address: &str) -> Result<Endpoint, BenchError> {
        Ok(Endpoint::new(address, Pin(self.pin.0))?)
    }
}
