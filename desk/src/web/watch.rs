//! Whether somebody is there: pages are covered by hand, and after a time without anybody.

use std::time::{Duration, Instant};

/// Nobody has asked for a page, typed or pointed for so long: covered.
const IDLE: Duration = Duration::from_mins(10);

/// What is known of whoever sits before the pages.
#[derive(Debug)]
pub struct Watch {
    covered: bool,
    seen: Instant,
}

impl Watch {
    /// Somebody is there now.
    pub fn begin(now: Instant) -> Self {
        Self { covered: false, seen: now }
    }

    /// Whether the pages are covered at an instant; looking is nobody's presence.
    pub fn covers(&self, now: Instant) -> bool {
        self.covered || now.duration_since(self.seen) >= IDLE
    }

    /// Somebody is there, where the pages are not covered. Whether they are, and whether they were not until now.
    pub fn look(&mut self, now: Instant) -> (bool, bool) {
        let covers = self.covers(now);
        let newly = covers && !self.covered;
        self.covered = covers;
        if !covers {
            self.seen = now;
        }
        (covers, newly)
    }

    /// Covers them by hand.
    pub fn cover(&mut self) {
        self.covered = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn ten_minutes_without_anybody_cover_and_whoever_is_there_begins_them_anew() {
        let begun = Instant::now();
        let mut watch = Watch::begin(begun);
        assert_eq!(watch.look(begun + 9 * MINUTE), (false, false), "somebody looks");
        assert!(!watch.covers(begun + 18 * MINUTE), "who only keeps a page fresh does not count");
        assert!(watch.covers(begun + 19 * MINUTE));
        assert_eq!(watch.look(begun + 19 * MINUTE), (true, true), "told once");
        assert_eq!(watch.look(begun + 20 * MINUTE), (true, false), "and nobody opens by looking");
    }

    #[test]
    fn what_was_covered_by_hand_stays_so() {
        let begun = Instant::now();
        let mut watch = Watch::begin(begun);
        watch.cover();
        assert_eq!(watch.look(begun), (true, false));
    }
}
