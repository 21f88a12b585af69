//! The relay through [`Relay::handle`], with its real store on a folder and a driver of a few lines.
//!
//! No clock, no socket, no thread: `now` is a number that the story moves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod audit;
mod calendar;
mod commits;
mod contacts;
mod delivery;
mod device;
mod enrolment;
mod entries;
mod evidence;
mod exchange;
mod groups;
mod hours;
mod phones;
mod retention;
mod slots;
mod statements;
mod town;

pub(super) use device::Device;
pub(super) use town::{Socket, Town};
