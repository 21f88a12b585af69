//! Whether the relay can do its work: what `/readyz` and `doctor` look at.
//!
//! A database that opens says nothing about a disk that is full: so a file is written and
//! synchronised, the free space is read, and the two clocks are compared.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use estafette_protocol::{Fault, FaultCode};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::serve::Clock;

/// How long an answer is good: a probe costs an `fsync`, and anybody may ask.
const FRESH: Duration = Duration::from_secs(2);

/// Free space on the disk that holds a folder, in bytes, for who runs the relay.
///
/// # Errors
///
/// The folder cannot be reached.
pub fn free_space(folder: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Writes a small file, synchronises it and takes it away again.
///
/// # Errors
///
/// The disk is full, read-only or broken.
pub fn write_probe(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(".probe");
    let mut file = File::create(&path)?;
    file.write_all(&[0; 4096])?;
    file.sync_all()?;
    std::fs::remove_file(&path)
}

/// Answers `/readyz`.
pub(crate) struct Readiness {
    folder: PathBuf,
    least_free: u64,
    clock: Clock,
    last: Mutex<Option<(Instant, Result<(), Fault>)>>,
}

impl Readiness {
    pub fn new(folder: PathBuf, least_free: u64, clock: Clock) -> Self {
        Self { folder, least_free, clock, last: Mutex::new(None) }
    }

    /// Whether requests can be served; the reasons name every check that failed.
    pub async fn check(&self) -> Result<(), Fault> {
        // Held while probing: whoever asks meanwhile shares the answer.
        let mut last = self.last.lock().await;
        if let Some((at, verdict)) = last.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            tracing::trace!(age = ?at.elapsed(), "readiness answered from the last probe");
            return verdict.clone();
        }
        let (folder, least_free) = (self.folder.clone(), self.least_free);
        let disk = tokio::task::spawn_blocking(move || disk_reasons(&folder, least_free)).await;
        let verdict = verdict(disk.unwrap_or_else(|_| vec!["probe"]), self.clock.is_sane());
        *last = Some((Instant::now(), verdict.clone()));
        verdict
    }
}

fn disk_reasons(folder: &Path, least_free: u64) -> Vec<&'static str> {
    let mut reasons = Vec::new();
    if write_probe(folder).is_err() {
        reasons.push("disk_write");
    }
    if !free_space(folder).is_ok_and(|free| free >= least_free) {
        reasons.push("disk_space");
    }
    reasons
}

fn verdict(disk: Vec<&'static str>, sane_clock: bool) -> Result<(), Fault> {
    let code = match (disk.is_empty(), sane_clock) {
        (true, true) => return Ok(()),
        (true, false) => FaultCode::ClockWrong,
        (false, _) => FaultCode::DiskFull,
    };
    let reasons = disk.into_iter().chain((!sane_clock).then_some("clock"));
    Err(Fault::new(code).with_reasons(reasons.map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_can_be_written_passes_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(disk_reasons(folder.path(), 1), Vec::<&str>::new());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_missing_folder_and_too_little_space_are_both_named() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(disk_reasons(folder.path(), u64::MAX), ["disk_space"]);
        assert_eq!(disk_reasons(&folder.path().join("gone"), 1), ["disk_write", "disk_space"]);
    }

    #[test]
    fn a_doubtful_clock_is_a_reason_of_its_own() {
        assert_eq!(verdict(vec![], true), Ok(()));
        assert_eq!(verdict(vec![], false).unwrap_err().code, FaultCode::ClockWrong);
        let both = verdict(vec!["disk_write"], false).unwrap_err();
        assert_eq!(both.code, FaultCode::DiskFull);
        assert_eq!(both.reasons.unwrap(), ["disk_write", "clock"]);
    }
}
