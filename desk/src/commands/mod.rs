//! The commands of an agent and of an administrator.

pub mod admin;
pub mod agent;
pub mod announcements;
pub mod approval;
pub mod conversation;
pub mod devices;
pub mod enrol;
pub mod export;
pub mod founding;
pub mod hours;
pub mod import;
pub mod inventory;
pub mod lease;
pub mod message;
pub mod note;
pub mod own_hours;
pub mod people;
pub mod policies;
pub mod proof;
pub mod read;
pub mod shifts;
pub mod statistics;
pub mod team;
pub mod ticket;
