//! Token buckets: how often somebody may do something, and when again.
//!
//! Always true: memory is bounded whoever comes; beyond it newcomers share one bucket, so that
//! a flood of names costs neither memory nor those who are known. Arithmetic is whole numbers;
//! there is no clock here, `now` is an argument, and one that goes back refills nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use estafette_protocol::Timestamp;

/// Names remembered at a time.
const MOST: usize = 65_536;
/// Those whose bucket is full again are looked for this often.
const SWEEP: Duration = Duration::from_secs(1);
/// One token, in the units of a bucket: a rate of one a minute gains one unit in a millisecond.
const TOKEN: u64 = 60_000;
/// A bucket holds what comes in this many minutes.
const MINUTES: u64 = 2;

/// How long to wait before it may be done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl Wait {
    /// In whole seconds, at least one, as `Retry-After` has it.
    pub fn seconds(self) -> u64 {
        self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0)
    }
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: u64,
    at: Timestamp,
}

impl Bucket {
    fn refilled(self, now: Timestamp, per_minute: u64) -> Self {
        let gained =
            u64::try_from(now.since(self.at).as_millis()).unwrap_or(u64::MAX).saturating_mul(per_minute);
        let most = per_minute * MINUTES * TOKEN;
        Self { level: self.level.saturating_add(gained).min(most), at: now }
    }
}

/// The buckets of everybody who does one thing.
#[derive(Debug)]
pub struct Buckets<K> {
    per_minute: u64,
    known: BTreeMap<K, Bucket>,
    others: Bucket,
    swept_at: Timestamp,
}

impl<K: Ord + Copy> Buckets<K> {
    /// `per_minute` tokens a minute for each name; 0 sets no limit.
    pub fn new(per_minute: u32) -> Self {
        let per_minute = u64::from(per_minute);
        let full = Bucket { level: per_minute * MINUTES * TOKEN, at: Timestamp(0) };
        Self { per_minute, known: BTreeMap::new(), others: full, swept_at: Timestamp(0) }
    }

    /// Takes tokens; more than a bucket holds count as all that it holds.
    ///
    /// # Errors
    ///
    /// There are not enough, and none was taken.
    pub fn take(&mut self, now: Timestamp, name: K, tokens: usize) -> Result<(), Wait> {
        if self.per_minute == 0 {
            return Ok(());
        }
        let (per_minute, full) = (self.per_minute, self.full());
        let price = (tokens as u64).saturating_mul(TOKEN).min(full);
        let bucket = self.bucket(now, name);
        *bucket = bucket.refilled(now, per_minute);
        match bucket.level.checked_sub(price) {
            Some(level) => {
                bucket.level = level;
                Ok(())
            }
            None => Err(Wait(Duration::from_millis((price - bucket.level).div_ceil(per_minute)))),
        }
    }

    /// Gives one token back: what it was taken for turned out to cost nothing.
    pub fn give_back(&mut self, name: K) {
        let full = self.full();
        if let Some(bucket) = self.known.get_mut(&name) {
            bucket.level = bucket.level.saturating_add(TOKEN).min(full);
        }
    }

    fn full(&self) -> u64 {
        self.per_minute * MINUTES * TOKEN
    }

    fn bucket(&mut self, now: Timestamp, name: K) -> &mut Bucket {
        if self.known.len() >= MOST && !self.known.contains_key(&name) {
            if now >= self.swept_at.after(SWEEP) || now < self.swept_at {
                let (per_minute, full) = (self.per_minute, self.full());
                self.known.retain(|_, bucket| bucket.refilled(now, per_minute).level < full);
                self.swept_at = now;
            }
            if self.known.len() >= MOST {
                return &mut self.others;
            }
        }
        let fresh = Bucket { level: self.full(), at: now };
        self.known.entry(name).or_insert(fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp(1_800_000_000_000 + seconds * 1000)
    }

    /// How many of `tries` single tokens are granted.
    fn granted(buckets: &mut Buckets<u32>, now: Timestamp, name: u32, tries: usize) -> usize {
        (0..tries).filter(|_| buckets.take(now, name, 1).is_ok()).count()
    }

    #[test]
    fn two_minutes_worth_at_once_and_then_the_rate_for_ever() {
        let mut buckets = Buckets::new(30);
        assert_eq!(granted(&mut buckets, at(0), 1, 100), 60);
        let hour: usize = (1..=3600).map(|second| granted(&mut buckets, at(second), 1, 10)).sum();
        assert_eq!(hour, 30 * 60);
        assert_eq!(granted(&mut buckets, at(10_000), 1, 100), 60, "it never holds more");
    }

    #[test]
    fn who_waits_as_long_as_told_is_served() {
        let mut buckets = Buckets::new(7);
        granted(&mut buckets, at(0), 1, 14);
        let wait = buckets.take(at(0), 1, 1).unwrap_err();
        assert_eq!(wait.seconds(), 9, "60 / 7 seconds, rounded up");
        assert!(buckets.take(at(8), 1, 1).is_err());
        assert_eq!(buckets.take(at(9), 1, 1), Ok(()));
    }

    #[test]
    fn names_do_not_disturb_each_other_and_a_refusal_takes_nothing() {
        let mut buckets = Buckets::new(10);
        assert_eq!(granted(&mut buckets, at(0), 1, 1000), 20);
        assert_eq!(granted(&mut buckets, at(0), 2, 1000), 20);
        assert!(buckets.take(at(6), 1, 2).is_err());
        assert_eq!(buckets.take(at(6), 1, 1), Ok(()));
    }

    #[test]
    fn more_than_a_bucket_holds_passes_when_it_is_full() {
        let mut buckets = Buckets::new(10);
        assert_eq!(buckets.take(at(0), 1, 1_000_000), Ok(()));
        let wait = buckets.take(at(0), 1, 1_000_000).unwrap_err();
        assert_eq!(wait.seconds(), 120);
    }

    #[test]
    fn what_is_given_back_was_not_spent() {
        let mut buckets = Buckets::new(1);
        for _ in 0..1000 {
            assert_eq!(buckets.take(at(0), 1, 1), Ok(()));
            buckets.give_back(1);
        }
        assert_eq!(granted(&mut buckets, at(0), 1, 10), 2);
    }

    #[test]
    fn no_limit_and_a_clock_that_goes_back() {
        let mut free = Buckets::new(0);
        assert_eq!(granted(&mut free, at(0), 1, 10_000), 10_000);
        assert_eq!(free.known.len(), 0);
        let mut buckets = Buckets::new(10);
        granted(&mut buckets, at(5000), 1, 20);
        assert!(buckets.take(at(0), 1, 1).is_err(), "going back refills nothing");
        assert_eq!(granted(&mut buckets, at(60), 1, 100), 10, "and time goes on from there");
    }

    #[test]
    fn a_flood_of_names_costs_no_memory_and_leaves_the_known_ones_alone() {
        let mut buckets = Buckets::new(10);
        granted(&mut buckets, at(0), 0, 15);
        for name in 1..2 * MOST as u32 {
            let _ = buckets.take(at(0), name, 1);
        }
        assert_eq!(buckets.known.len(), MOST);
        assert_eq!(granted(&mut buckets, at(0), 0, 100), 5, "who was known has what was left");
        assert_eq!(granted(&mut buckets, at(0), u32::MAX, 100), 0, "newcomers share an empty bucket");
        assert_eq!(granted(&mut buckets, at(60), u32::MAX, 100), 20, "until the others are full again");
        assert_eq!(buckets.known.len(), 2, "and forgotten");
    }
}
