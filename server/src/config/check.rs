//! What settings may not say, each with the place where it is said.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;

use super::attestation::EnvironmentWord;
use super::{
    Allowances, ConfigFault, File, Limits, LimitsFile, MetricsFile, Mode, Rates, RatesFile, RetentionFile,
    Storage, StorageFile,
};
use crate::relay::DeviceRates;
use crate::retention::PAIR_DAYS;

/// A place in the file as a byte offset, and what is wrong there.
pub(super) type Misplaced = (usize, ConfigFault);

/// Refuses what would let somebody in who must stay out (`mode`, `development_root`, `listen`).
pub(super) fn unsafe_combinations(file: &File, allowances: Allowances) -> Result<(), Misplaced> {
    let compiled_in = cfg!(feature = "dev-attestation");
    let root = file.attestation.development_root.as_ref().filter(|root| *root.get_ref());
    match file.mode.get_ref() {
        Mode::Production => {
            if let Some(root) = root {
                return Err((root.span().start, ConfigFault::DevelopmentRoot));
            }
            let apple = file.attestation.apple_environment.as_ref();
            if let Some(word) = apple.filter(|word| *word.get_ref() == EnvironmentWord::Development) {
                return Err((word.span().start, ConfigFault::AppleDevelopment));
            }
            if compiled_in {
                return Err((file.mode.span().start, ConfigFault::DevelopmentProgram));
            }
        }
        Mode::Development => {
            if let Some(root) = root.filter(|_| !compiled_in) {
                return Err((root.span().start, ConfigFault::NoDevelopmentRoot));
            }
            if !allowances.public_development && !is_private(file.listen.get_ref().ip()) {
                return Err((file.listen.span().start, ConfigFault::PublicDevelopment));
            }
        }
    }
    Ok(())
}

/// Whether strangers on the internet cannot reach this address.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

pub(super) fn limits(file: &LimitsFile) -> Result<Limits, Misplaced> {
    let seconds = |value: &Option<Spanned<u64>>, range, default| {
        within(value.as_ref(), range, default).map(Duration::from_secs)
    };
    Ok(Limits {
        connections: size(within(file.connections.as_ref(), 1..=1_000_000, 20_000)?),
        handshake: seconds(&file.handshake_seconds, 1..=60, 10)?,
        headers: seconds(&file.header_seconds, 1..=120, 20)?,
        body: seconds(&file.body_seconds, 1..=600, 120)?,
        silence: seconds(&file.silence_seconds, 10..=3600, 120)?,
        backlog: size(within(file.backlog_kib.as_ref(), 64..=65_536, 8 * 1024)?.saturating_mul(1024)),
    })
}

pub(super) fn storage(file: &StorageFile) -> Result<Storage, Misplaced> {
    let window = within(file.commit_window_ms.as_ref(), 0..=5, 5)?;
    let free = within(file.least_free_mib.as_ref(), 16..=1_048_576, 256)?;
    Ok(Storage { commit_window: Duration::from_millis(window), least_free: free.saturating_mul(1024 * 1024) })
}

/// The defaults are for use; a relay in development mode replays weeks in seconds and has none.
pub(super) fn rates(file: &RatesFile, mode: Mode) -> Result<Rates, Misplaced> {
    let rate = |value: &Option<Spanned<u64>>, default: u64| {
        let default = if mode == Mode::Production { default } else { 0 };
        let rate = within(value.as_ref(), 0..=1_000_000, default)?;
        Ok(u32::try_from(rate).unwrap_or(u32::MAX))
    };
    Ok(Rates {
        enrolments: rate(&file.enrolments_per_minute, 120)?,
        strangers: rate(&file.strangers_per_minute, 600)?,
        sockets: rate(&file.sockets_per_minute, 30)?,
        device: DeviceRates {
            exchanges: rate(&file.exchanges_per_minute, 120)?,
            requests: rate(&file.requests_per_minute, 3000)?,
            entries: rate(&file.entries_per_minute, 1200)?,
        },
    })
}

/// The range is that of stated rosters.
pub(super) fn retention(file: &RetentionFile) -> Result<u32, Misplaced> {
    let days = within(file.pair_days.as_ref(), 1..=36_525, PAIR_DAYS.into())?;
    Ok(u32::try_from(days).unwrap_or(PAIR_DAYS))
}

/// Metrics are for this machine: whoever gathers them elsewhere has a tunnel.
pub(super) fn metrics(file: &MetricsFile) -> Result<Option<SocketAddr>, Misplaced> {
    match &file.listen {
        Some(listen) if !listen.get_ref().ip().to_canonical().is_loopback() => {
            Err((listen.span().start, ConfigFault::MetricsNotLoopback))
        }
        listen => Ok(listen.as_ref().map(|listen| *listen.get_ref())),
    }
}

fn within(value: Option<&Spanned<u64>>, range: RangeInclusive<u64>, default: u64) -> Result<u64, Misplaced> {
    match value {
        None => Ok(default),
        Some(value) if range.contains(value.get_ref()) => Ok(*value.get_ref()),
        Some(value) => {
            let (least, most) = (*range.start(), *range.end());
            Err((value.span().start, ConfigFault::OutOfRange { least, most }))
        }
    }
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
