//! The computer's clock, for what people see; the engine is given the time by its driver.

use std::time::{SystemTime, UNIX_EPOCH};

use estafette_protocol::Timestamp;

/// Now, in Unix milliseconds; 1970 on a computer whose clock stands before it.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
