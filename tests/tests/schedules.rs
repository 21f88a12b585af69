//! A thousand random days, and the defects that they must find.
//!
//! `ESTAFETTE_SCHEDULES` sets how many days, `ESTAFETTE_SEED` where they begin.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use estafette_world::schedule::{self, Ended};
use estafette_world::{Defect, Faults};

/// Days in which a planted defect must be found.
const SEARCH: u64 = 300;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

/// Runs days on two threads until all are run or one says stop; returns how many were run.
fn days(first: u64, count: u64, look: impl Fn(u64) -> bool + Sync) -> u64 {
    let next = AtomicU64::new(0);
    let stopped = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count || stopped.load(Ordering::Relaxed) {
                        return;
                    }
                    if look(first + number) {
                        stopped.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    next.load(Ordering::Relaxed).min(count)
}

#[test]
fn random_days_lose_nothing_double_nothing_agree_and_reach_nobody_off_duty() {
    let (first, count) = (setting("ESTAFETTE_SEED", 1), setting("ESTAFETTE_SCHEDULES", 1000));
    let failures: Mutex<Vec<Ended>> = Mutex::default();
    let totals: Mutex<(Faults, u64)> = Mutex::default();
    let broken: Mutex<Vec<u64>> = Mutex::default();
    days(first, count, |seed| {
        // Of a single day the lines are kept, and shown where it does not hold or come to an end.
        let Ok(ended) = std::panic::catch_unwind(|| schedule::run_with(seed, None, count == 1)) else {
            broken.lock().unwrap().push(seed);
            return broken.lock().unwrap().len() >= 20;
        };
        let mut totals = totals.lock().unwrap();
        totals.0.add(&ended.faults);
        totals.1 += ended.events;
        if !ended.verdict.is_clean() {
            ended.lines.iter().for_each(|line| eprintln!("{line}"));
            eprintln!("seed {seed}:\n{}", ended.verdict);
            failures.lock().unwrap().push(ended);
        }
        failures.lock().unwrap().len() >= 20
    });
    let totals = totals.into_inner().unwrap();
    eprintln!("{count} days from seed {first}, {} events; faults: {:?}", totals.1, totals.0.0);
    let mut broken = broken.into_inner().unwrap();
    broken.sort_unstable();
    assert_eq!(broken, [0; 0], "seeds whose days do not come to an end");
    let mut seeds: Vec<u64> = failures.into_inner().unwrap().iter().map(|ended| ended.seed).collect();
    seeds.sort_unstable();
    assert_eq!(seeds, [0; 0], "seeds whose days do not hold");
}

#[test]
fn the_same_seed_gives_the_same_events() {
    for seed in [3, 1_000_003] {
        let (one, other) = (schedule::run_with(seed, None, true), schedule::run_with(seed, None, true));
        let differs = one.lines.iter().zip(&other.lines).position(|(one, other)| one != other);
        assert_eq!(differs.map(|at| (&one.lines[at], &other.lines[at])), None, "seed {seed}");
        assert_eq!((one.log, one.events), (other.log, other.events), "seed {seed}");
        assert_ne!(one.log, schedule::run(seed + 1).log, "another seed is another day");
    }
}

/// The seed of the first day found on which an oracle sees the defect.
fn found(defect: Defect, sees: impl Fn(&Ended) -> bool + Sync) {
    let seeds: Mutex<Vec<u64>> = Mutex::default();
    let run = days(1, SEARCH, |seed| {
        let ended = schedule::run_with(seed, Some(defect), false);
        let seen = sees(&ended);
        if seen {
            seeds.lock().unwrap().push(seed);
        }
        seen
    });
    let seeds = seeds.into_inner().unwrap();
    eprintln!("{defect:?}: found on day {seeds:?}, {run} days run");
    assert!(!seeds.is_empty(), "{defect:?} was not seen in {SEARCH} days");
}

#[test]
fn an_acknowledgement_before_the_disk_has_it_is_found() {
    found(Defect::AcknowledgedBeforeDurable, |ended| !ended.verdict.lost.is_empty());
}

#[test]
fn an_entry_applied_twice_is_found() {
    found(Defect::AppliedTwice, |ended| !ended.verdict.doubled.is_empty());
}

#[test]
fn a_gate_that_closes_a_minute_late_is_found() {
    found(Defect::GateSkipped, |ended| !ended.verdict.off_hours.is_empty());
}

#[test]
fn a_removal_without_new_keys_is_found() {
    found(Defect::NoRekey, |ended| !ended.verdict.opened_after_removal.is_empty());
}

#[test]
fn a_cursor_stored_before_its_entries_is_found() {
    found(Defect::CursorFirst, |ended| !ended.verdict.lost.is_empty());
}

#[test]
fn a_dropped_row_of_the_outbox_is_found() {
    found(Defect::OutboxRowDropped, |ended| !ended.verdict.lost.is_empty());
}

#[test]
fn a_receipt_counted_twice_is_found() {
    found(Defect::ReceiptCountedTwice, |ended| !ended.verdict.counted_twice.is_empty());
}

#[test]
fn a_bundle_wider_than_the_admission_is_found() {
    found(Defect::BundleTooWide, |ended| !ended.verdict.opened_too_much.is_empty());
}

#[test]
fn an_erased_message_that_a_late_edit_brings_back_is_found() {
    found(Defect::ErasedComesBack, |ended| !ended.verdict.resurrected.is_empty());
}

#[test]
fn an_edit_by_another_than_the_author_that_is_applied_is_found() {
    found(Defect::EditByAnother, |ended| !ended.verdict.forged.is_empty());
}
