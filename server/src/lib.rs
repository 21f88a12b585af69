//! The relay as a library: who may, when, in which order. It keeps sealed bytes and cannot read them.
//!
//! [`relay::Relay`] decides and does nothing else: events come in, effects go out. A driver reads
//! sockets and the clock, lets a [`store::Writer`] make batches durable, and tells the relay so.

pub mod attestation;
pub mod outlet;
pub mod policy;
pub mod relay;
pub mod store;
