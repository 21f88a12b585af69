//! What a device knows and decides: threads, outbox, keys, rosters and hours.
//!
//! [`engine::Engine`] is a state machine over its own encrypted database. It is given the
//! time, randomness and what happened, and returns what shall happen; `driver` and `net`
//! are the only modules that touch a real clock or socket.

pub mod bundle;
pub mod directory;
pub mod driver;
pub mod engine;
pub mod enrol;
pub mod export;
pub mod identity;
pub mod item;
pub mod lease;
pub mod mls;
pub mod net;
pub mod note;
pub mod reader;
pub mod seal;
pub mod store;
