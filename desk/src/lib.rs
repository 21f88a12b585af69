//! The professional computer: an agent's device and the administrator's console.
//!
//! The same core as the phones, driven from a command line. One folder per agent, its keys
//! under a passphrase. The commands `demo` and `replay` run a relay of their own; they come
//! with the feature `dev-attestation` and are in no package for users.

pub mod administration;
mod audit_reading;
mod audit_words;
#[cfg(feature = "dev-attestation")]
pub mod bench;
pub mod beside_hours;
pub mod clock;
pub mod commands;
#[cfg(feature = "dev-attestation")]
pub mod demo;
pub mod floors;
pub mod folder;
pub mod import;
pub mod manual;
pub mod moment;
pub mod output;
pub mod passphrase;
pub mod phone_rules;
pub mod place;
pub mod progress;
pub mod proof_file;
pub mod qr;
#[cfg(feature = "dev-attestation")]
pub mod replay;
pub mod session;
pub mod sheet;
pub mod shifts;
#[cfg(feature = "dev-attestation")]
pub mod software_key;
#[cfg(feature = "dev-attestation")]
mod wall;
pub mod web;
mod written;
