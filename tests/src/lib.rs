//! The real relay and the real core in one thread, with a virtual clock and bad links.
//!
//! [`World`] plays what surrounds both: drivers, sockets, disks, cuts and crashes. Always true:
//! the same seed and the same story give the same events in the same order ([`World::log_hash`]);
//! no real time passes; what a test reads of a device is read from the device's own database.
//! Nothing here decides what the product should decide: the [`verdict`] only looks.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only tests use this crate: what does not hold ends the test"
)]

mod announcing;
mod clock;
mod defect;
mod device;
mod disaster;
mod enrol;
mod fixture;
mod hours_table;
mod log;
mod network;
mod office;
mod organisation;
mod queue;
pub mod scan;
pub mod schedule;
mod stranger;
mod template;
mod urgent;
pub mod verdict;
mod view;
mod world;

pub use clock::{DAY, HOUR, MINUTE, SECOND, paris};
pub use defect::Defect;
pub use device::Phone;
pub use disaster::{Backup, DeviceCopy};
pub use enrol::Newcomer;
pub use hours_table::HoursTable;
pub use network::{Cut, Faults, Link};
pub use stranger::Tamper;
pub use urgent::terms;
pub use view::Shown;
pub use world::World;
