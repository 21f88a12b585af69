//! An administrator at work: what their commands and their pages do alike.

use crate::administration::Administration;
use crate::folder::KeyRing;
use crate::session::{Desk, Session};

/// What that work needs.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// Whose folder, and in which language.
    pub desk: &'a Desk,
    /// Its keys.
    pub ring: &'a KeyRing,
    /// The administrator's own records.
    pub records: &'a Administration,
    /// The device that asks the relay.
    pub session: &'a Session,
}
