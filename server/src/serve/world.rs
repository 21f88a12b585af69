//! The real world as the relay sees it: a clock that people set, one that nobody sets, and dice.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use estafette_protocol::Timestamp;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// A jump of the system's clock beyond this makes its time doubtful.
const LARGEST_JUMP: Duration = Duration::from_secs(120);
/// 2026-01-01: no relay of this program ran before.
const EARLIEST: Timestamp = Timestamp(1_767_225_600_000);

/// Tells the time.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    started_at: Timestamp,
    /// How far a demonstration has moved both clocks; nothing otherwise.
    ahead: fn() -> Duration,
    started_ahead: Duration,
}

impl Clock {
    /// Starts counting.
    pub fn start() -> Self {
        Self::ahead_by(|| Duration::ZERO)
    }

    /// Starts counting with both clocks ahead of the system's by what `ahead` says, which may grow: time
    /// that has passed in a demonstration's day.
    pub fn ahead_by(ahead: fn() -> Duration) -> Self {
        let started_ahead = ahead();
        let started_at = system_time().after(started_ahead);
        Self { started: Instant::now(), started_at, ahead, started_ahead }
    }

    /// The legal time, as the system knows it; may jump.
    pub fn now(&self) -> Timestamp {
        system_time().after((self.ahead)())
    }

    /// Time since the start; never jumps.
    pub fn monotonic(&self) -> Duration {
        self.started.elapsed() + (self.ahead)().saturating_sub(self.started_ahead)
    }

    /// Whether the system's clock is possible, and went on like the other one since the start.
    pub fn is_sane(&self) -> bool {
        is_sane(self.started_at, self.monotonic(), self.now())
    }
}

fn is_sane(started_at: Timestamp, elapsed: Duration, now: Timestamp) -> bool {
    let expected = started_at.after(elapsed);
    now >= EARLIEST && now.since(expected) <= LARGEST_JUMP && expected.since(now) <= LARGEST_JUMP
}

fn system_time() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}

/// The system gave no randomness; nothing that needs it was done.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no randomness: {0}")]
pub struct NoRandomness(String);

/// Random bytes of the system.
pub fn random<const LEN: usize>() -> Result<[u8; LEN], NoRandomness> {
    let mut bytes = [0; LEN];
    getrandom::fill(&mut bytes).map_err(|error| NoRandomness(error.to_string()))?;
    Ok(bytes)
}

/// A generator that starts from the system's randomness.
pub fn generator() -> Result<ChaCha20Rng, NoRandomness> {
    random().map(ChaCha20Rng::from_seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_a_demonstration_pass_on_both_clocks_and_raise_no_doubt() {
        use std::sync::atomic::{AtomicU64, Ordering};
        static HOURS: AtomicU64 = AtomicU64::new(1);
        let clock = Clock::ahead_by(|| Duration::from_secs(3600 * HOURS.load(Ordering::Relaxed)));
        let (now, monotonic) = (clock.now(), clock.monotonic());
        HOURS.store(49, Ordering::Relaxed);
        let two_days = Duration::from_secs(48 * 3600);
        assert!(clock.now().since(now) >= two_days && clock.monotonic() - monotonic >= two_days);
        assert!(clock.is_sane());
    }

    #[test]
    fn a_clock_that_jumps_by_more_than_two_minutes_is_doubtful() {
        let (start, hour) = (Timestamp(1_800_000_000_000), Duration::from_secs(3600));
        for sane in [0, 1, 120_000] {
            assert!(is_sane(start, hour, start.after(hour).after(Duration::from_millis(sane))), "{sane}");
            assert!(is_sane(start, hour, start.after(hour).before(Duration::from_millis(sane))), "{sane}");
        }
        assert!(!is_sane(start, hour, start.after(hour).after(Duration::from_millis(120_001))));
        assert!(!is_sane(start, hour, start.after(hour).before(Duration::from_millis(120_001))));
        assert!(!is_sane(Timestamp(0), hour, Timestamp(3_600_000)), "1970 is no time for a relay");
    }
}
