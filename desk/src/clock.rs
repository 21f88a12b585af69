//! The computer's clock, for what people see; the engine is given the time by its driver.
//!
//! In a demonstration the day can be moved on: then every clock of this process is ahead by as much, the
//! one that runs since the start too, as if the time had passed. Nothing moves it back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use estafette_core::driver;
use estafette_core::lease::Moment;
use estafette_protocol::Timestamp;

/// Milliseconds of a demonstration's day that were skipped; none in use.
static AHEAD: AtomicU64 = AtomicU64::new(0);

/// Now, in Unix milliseconds; 1970 on a computer whose clock stands before it.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)).after(ahead())
}

/// What this device's clocks show, as its lease counts them.
pub fn moment() -> Moment {
    let Moment { wall, running } = driver::moment();
    Moment { wall: wall.after(ahead()), running: running.map(|running| running + ahead()) }
}

/// How much of a demonstration's or a test's day was skipped.
pub fn ahead() -> Duration {
    let ahead = Duration::from_millis(AHEAD.load(Ordering::Relaxed));
    #[cfg(feature = "dev-attestation")]
    let ahead = ahead + estafette_server::serve::skipped::ahead();
    ahead
}

/// Skips so much time for every clock of this process.
#[cfg(feature = "dev-attestation")]
pub fn skip(time: Duration) {
    AHEAD.fetch_add(u64::try_from(time.as_millis()).unwrap_or(0), Ordering::Relaxed);
}
