//! What this device's clocks show. The one place beside the driver's timers with real time.

use std::time::{Duration, SystemTime};

use estafette_protocol::Timestamp;
use rustix::time::{ClockId, clock_gettime};

use crate::lease::Moment;

/// Counts sleep and starts anew when the device is switched on.
#[cfg(any(target_os = "linux", target_os = "android"))]
const RUNNING: ClockId = ClockId::Boottime;
/// Apple's counts sleep under this name.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const RUNNING: ClockId = ClockId::Monotonic;

/// Tells a device what its clocks show: [`moment`], or in a demonstration the same and some hours.
pub type Clock = fn() -> Moment;

/// Now.
#[expect(clippy::disallowed_methods, reason = "the driver is where real time comes from")]
pub fn moment() -> Moment {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let running = clock_gettime(RUNNING);
    let seconds = u64::try_from(running.tv_sec).unwrap_or(0);
    let nanoseconds = u32::try_from(running.tv_nsec).unwrap_or(0);
    Moment {
        wall: Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)),
        running: Some(Duration::new(seconds, nanoseconds)),
    }
}
