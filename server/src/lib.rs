//! The relay as a library: who may, when, in which order. It keeps sealed bytes and cannot read them.
//!
//! [`relay::Relay`] decides and does nothing else: events come in, effects go out. A driver reads
//! sockets and the clock, lets a [`store::Writer`] make batches durable, and tells the relay so.
//!
//! [`serve::RelayServer`] is that driver: it runs a relay on a folder that [`init::create`] made.

pub mod attestation;
pub mod audit;
pub mod backup;
pub mod config;
pub mod doctor;
pub mod health;
pub mod init;
pub mod keys;
pub mod log;
mod metrics;
pub mod openapi;
pub mod outlet;
pub mod policy;
mod problem;
pub mod rate;
pub mod relay;
pub mod retention;
pub mod revocations;
pub mod route;
pub mod serve;
pub mod shutdown;
pub mod store;
pub mod tls;
mod token;
pub mod wake_up;
mod writer;
