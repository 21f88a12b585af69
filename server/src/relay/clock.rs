//! Whether the relay's clock can be believed: it is measured against one that nobody sets.
//!
//! After a jump of more than two minutes gates stay as they were, until a person confirms the
//! time. Nothing else depends on it: entries are still taken and dated.

use std::time::Duration;

use estafette_protocol::Timestamp;

/// How far both clocks may come apart between two ticks.
const TOLERANCE: Duration = Duration::from_secs(120);

#[derive(Debug, Default)]
pub(super) struct Clock {
    last: Option<(Timestamp, Duration)>,
    /// The time at which gates stand still.
    doubted: Option<Timestamp>,
}

impl Clock {
    /// Takes both clocks' word. Returns whether doubt has begun.
    pub fn measure(&mut self, now: Timestamp, monotonic: Duration) -> bool {
        let Some((last, since)) = self.last.replace((now, monotonic)) else { return false };
        let expected = last.after(monotonic.saturating_sub(since));
        let jumped = now.since(expected).max(expected.since(now)) > TOLERANCE;
        if jumped && self.doubted.is_none() {
            self.doubted = Some(expected);
            return true;
        }
        false
    }

    pub fn is_doubted(&self) -> bool {
        self.doubted.is_some()
    }

    pub fn confirm(&mut self) {
        self.doubted = None;
    }

    pub fn gate_time(&self, now: Timestamp) -> Timestamp {
        self.doubted.unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_stand_still_after_a_jump_until_somebody_confirms() {
        let minute = Duration::from_secs(60);
        for jumped in [Timestamp(9_000_000), Timestamp(0)] {
            let mut clock = Clock::default();
            assert!(!clock.measure(Timestamp(1_000_000), minute));
            assert!(!clock.measure(Timestamp(1_120_000), 3 * minute));
            assert!(clock.measure(jumped, 4 * minute));
            assert_eq!(clock.gate_time(jumped), Timestamp(1_180_000));
            clock.confirm();
            assert_eq!(clock.gate_time(jumped), jumped);
        }
    }

    #[test]
    fn a_machine_that_runs_slowly_is_not_doubted() {
        let mut clock = Clock::default();
        assert!(!clock.measure(Timestamp(0), Duration::ZERO));
        assert!(!clock.measure(Timestamp(3_700_000), Duration::from_secs(3600)));
        assert_eq!(clock.gate_time(Timestamp(3_700_000)), Timestamp(3_700_000));
    }
}
