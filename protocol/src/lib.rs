//! Words that both sides share: identifiers, entries, frames, statements, hours and faults.
//!
//! Nothing here reads a clock, draws a random number or opens a socket: times and
//! generators are arguments. Everything stored or signed is CBOR with integer keys
//! (RFC 8949), limited in size before it is parsed; unknown fields are skipped, so that
//! an older reader survives a newer writer.

pub mod alias;
pub mod announcement;
pub mod audit;
pub mod bundle;
pub mod certificate;
pub mod chain;
pub mod check;
pub mod codec;
pub mod dated_head;
pub mod enrol;
pub mod entry;
pub mod exchange;
pub mod fault;
pub mod frame;
pub mod handshake;
pub mod hours;
pub mod ids;
pub mod knowledge;
pub mod lease;
pub mod limits;
pub mod policy;
pub mod proof;
pub mod reachability;
pub mod reattestation;
pub mod registry;
pub mod sign;
pub mod statement;
pub mod statistics;
pub mod texts;
pub mod time;
pub mod urgency;

pub use fault::{Fault, FaultCode};
pub use ids::*;
pub use time::Timestamp;
