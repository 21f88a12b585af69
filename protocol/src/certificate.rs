//! What binds a device's keys to an agent. Valid only inside the statement chain that holds it.

use minicbor::{Decode, Encode};

use crate::{AgentNumber, DeviceId, Ed25519Public, Es256Public, InventoryId, X25519Public};

/// How strongly it is proved that a device belongs to the employer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Level {
    /// Evidence under the development root; never in production.
    #[n(0)]
    Software,
    /// A professional computer or a dated exception, approved by a person.
    #[n(1)]
    Supervised,
    /// An attested key in a genuine phone of the inventory's model.
    #[n(2)]
    Attested,
    /// An attested key in exactly the inventory's phone.
    #[n(3)]
    Owned,
}

/// A device's keys and whose device it is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Certificate {
    /// The device.
    #[n(0)]
    pub device: DeviceId,
    /// Its agent.
    #[n(1)]
    pub agent: AgentNumber,
    /// Proves the device to the relay; hardware keeps its private half.
    #[n(2)]
    pub es256: Es256Public,
    /// Signs entries and statements, and is the MLS signature key.
    #[n(3)]
    pub ed25519: Ed25519Public,
    /// Receives what is sealed to this device alone.
    #[n(4)]
    pub x25519: X25519Public,
    /// How the device was proved.
    #[n(5)]
    pub level: Level,
    /// Its entry in the inventory.
    #[n(6)]
    pub inventory: InventoryId,
}
