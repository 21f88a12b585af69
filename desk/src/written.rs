//! What a person writes here says something.

use estafette_core::item::check_written;
use estafette_protocol::{Fault, limits};

use crate::session::Failure;

/// Refuses a text of which nothing would be seen, or that is too long.
///
/// # Errors
/// `malformed` with its reason, or `message_too_long`.
pub fn says_something(written: &str) -> Result<(), Failure> {
    let limit = limits::MESSAGE_CHARACTERS as u64;
    check_written(written).map_err(|error| Fault::from(error).with_number(limit).into())
}
