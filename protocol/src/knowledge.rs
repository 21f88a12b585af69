//! What a relay keeps of an organisation, as its own database and settings have it at this moment.
//!
//! The register of processing (GDPR, Article 30) and the page that says what the relay knows are made from
//! this, so that neither can forget a table that a later version adds.

use minicbor::{Decode, Encode};

/// Rows of a table that are counted, at most.
pub const COUNTED: u64 = 1_000_000;

/// What the relay keeps.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Knowledge {
    /// Every table of the organisation's database, by name.
    #[n(0)]
    pub tables: Vec<Kept>,
    /// Days that messages between two people are kept; other conversations' days stand in the statements.
    #[n(1)]
    pub pair_days: u32,
    /// Hosts to which the relay may send wake-ups, empty and all alike.
    #[n(2)]
    pub wake_up_hosts: Vec<String>,
    /// Made for development: devices without proof are taken.
    #[n(3)]
    pub development: bool,
    /// The relay's version.
    #[n(4)]
    pub version: String,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Kept {
    /// Its name in the schema.
    #[n(0)]
    pub table: String,
    /// Its columns, in their order.
    #[n(1)]
    pub columns: Vec<String>,
    /// Its rows; [`COUNTED`] where there are as many or more.
    #[n(2)]
    pub rows: u64,
}
