//! Time that a test's day skips, for programs in processes of their own: a file says how far ahead they are.
//!
//! Only in builds with the development attestation, and there only where the variable is set. Time goes on
//! and never back: a smaller number than the one before changes nothing, nor does a file that is none.
//! All programs of a day skip at one instant: a relay and a device that did so one after the other would
//! find each other's clock wrong.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Names the file: an instant of the system's clock (Unix, milliseconds), a space, and how far ahead the
/// clocks are from then on, in milliseconds.
pub const VARIABLE: &str = "ESTAFETTE_AHEAD_FILE";
/// How often it is read.
const LOOK: Duration = Duration::from_millis(50);
/// A longer file is none. More than 10¹² ms, 31 years, are no time that a test skips.
const LONGEST: usize = 32;
const FARTHEST: u64 = 1_000_000_000_000;

static SKIPS: Mutex<Skips> = Mutex::new(Skips { ahead: 0, comes: None });

/// In milliseconds.
struct Skips {
    ahead: u64,
    /// From an instant on, so far ahead.
    comes: Option<(u64, u64)>,
}

impl Skips {
    fn read(&mut self, said: &str) {
        let numbers = said.split_once(' ').filter(|_| said.len() <= LONGEST);
        let read = numbers.and_then(|(from, ahead)| Some((from.parse().ok()?, ahead.parse().ok()?)));
        self.comes = read.filter(|(_, ahead)| (self.ahead + 1..=FARTHEST).contains(ahead));
    }

    fn at(&mut self, now: u64) -> u64 {
        if let Some((_, ahead)) = self.comes.take_if(|(from, _)| *from <= now) {
            self.ahead = ahead;
        }
        self.ahead
    }
}

/// How far ahead of the system's clocks this process is; zero unless [`look`] found something else.
pub fn ahead() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(SKIPS.lock().unwrap_or_else(PoisonError::into_inner).at(now))
}

/// Reads the file, where one is named. What it says now is [`ahead`].
pub fn look() -> Duration {
    if let Some(said) = std::env::var_os(VARIABLE).and_then(|file| std::fs::read_to_string(file).ok()) {
        SKIPS.lock().unwrap_or_else(PoisonError::into_inner).read(said.trim());
    }
    ahead()
}

/// Looks now, and again for as long as the process runs; `moved` is told after each change.
pub fn follow(moved: impl Fn() + Send + 'static) {
    let mut before = look();
    if std::env::var_os(VARIABLE).is_none() {
        return;
    }
    // Without a thread the clock stands where it is now, and the test that moves it says so.
    let _ = std::thread::Builder::new().name("skipped-time".into()).spawn(move || {
        loop {
            std::thread::sleep(LOOK);
            let now = look();
            if now != before {
                before = now;
                moved();
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_skipped_at_its_instant_forward_and_never_back_and_what_is_no_number_skips_nothing() {
        let mut skips = Skips { ahead: 0, comes: None };
        for (said, now, ahead) in [
            ("100 60000", 99, 0),
            ("100 60000", 100, 60_000),
            ("101 1000", 200, 60_000),
            ("", 200, 60_000),
            ("200", 200, 60_000),
            ("200 -1", 200, 60_000),
            ("200 1000000000001", 200, 60_000),
            ("200 00000000000000000000000000060001", 200, 60_000),
            ("200 60001", 200, 60_001),
        ] {
            skips.read(said);
            assert_eq!(skips.at(now), ahead, "{said} at {now}");
        }
    }
}
