//! The commands of an agent and of an administrator.

pub mod admin;
pub mod agent;
pub mod announcements;
pub mod approval;
pub mod devices;
pub mod enrol;
pub mod founding;
pub mod import;
pub mod inventory;
pub mod people;
pub mod team;
pub mod ticket;
