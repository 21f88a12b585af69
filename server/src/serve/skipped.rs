//! Time that a test's day skips, for programs in processes of their own: a file says how far ahead they are.
//!
//! Only in builds with the development attestation, and there only where the variable is set. Time goes on
//! and never back: a number smaller than the one before changes nothing, nor does a file that is none.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Names the file. In it stands how far ahead the clocks are, in milliseconds.
pub const VARIABLE: &str = "ESTAFETTE_AHEAD_FILE";
/// How often it is read.
const LOOK: Duration = Duration::from_millis(50);
/// More digits are no time that a test skips: 10¹² ms are 31 years.
const LONGEST: usize = 12;

static AHEAD: AtomicU64 = AtomicU64::new(0);

/// How far ahead of the system's clocks this process is; zero unless [`look`] found something else.
pub fn ahead() -> Duration {
    Duration::from_millis(AHEAD.load(Ordering::Relaxed))
}

/// Reads the file, where one is named. What it says now is [`ahead`].
pub fn look() -> Duration {
    if let Some(said) = std::env::var_os(VARIABLE).and_then(|file| std::fs::read_to_string(file).ok()) {
        later(&AHEAD, said.trim());
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

fn later(ahead: &AtomicU64, said: &str) {
    let milliseconds = Some(said).filter(|said| said.len() <= LONGEST).and_then(|said| said.parse().ok());
    ahead.fetch_max(milliseconds.unwrap_or(0), Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_skipped_forward_and_never_back_and_what_is_no_number_skips_nothing() {
        let ahead = AtomicU64::new(0);
        for (said, stands) in [
            ("60000", 60_000),
            ("60000", 60_000),
            ("1000", 60_000),
            ("", 60_000),
            ("-1", 60_000),
            ("9999999999999", 60_000),
            ("60001", 60_001),
        ] {
            later(&ahead, said);
            assert_eq!(ahead.load(Ordering::Relaxed), stands, "{said}");
        }
    }
}
