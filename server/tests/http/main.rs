//! The relay over real sockets: TLS on loopback, a client of its own, nothing mocked.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod audit;
#[cfg(feature = "dev-attestation")]
mod bad_evidence;
mod canary;
mod client;
mod drain;
mod enrolment;
mod limits;
mod metrics;
mod openapi;
mod organisation;
mod program;
mod rates;
mod refusals;
mod retention;
mod revocation_list;
mod running;
mod sockets;
mod two_organisations;
mod wake_ups;
