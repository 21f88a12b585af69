//! The relay's settings: one TOML file in its folder, read once at the start.
//!
//! Always true: a key that is not known is refused, and so is every combination that would be
//! unsafe, each with the line where it stands (`config/check.rs`). What a [`Config`] holds can
//! be used as it is: paths are absolute or relative to the working directory, ranges are kept.
//! Secrets are not settings: keys are files of their own, in the same folder.

mod attestation;
mod check;
mod error;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use estafette_attest::{AppleRules, Policy};
use serde::Deserialize;
use toml::Spanned;

use crate::wake_up::Endpoint;
use attestation::AttestationFile;
pub use error::{ConfigError, ConfigFault};

/// The name of the file in a relay's folder.
pub const FILE_NAME: &str = "relay.toml";
/// A settings file larger than this is not one of ours; in bytes.
const LARGEST_FILE: u64 = 64 * 1024;

/// Whether real people depend on this relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Only attested or supervised devices; nothing made for tests is accepted.
    Production,
    /// May trust the development root. Says so in every answer.
    Development,
}

impl Mode {
    /// The word that stands in settings and databases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
        }
    }
}

impl From<Mode> for crate::store::sqlite::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Production => Self::Production,
            Mode::Development => Self::Development,
        }
    }
}

/// What the logs look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// How much is written to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Defects of ours.
    Error,
    /// Also a service that is not what it should be.
    Warn,
    /// Also what happens rarely.
    #[default]
    Info,
    /// Also each connection.
    Debug,
    /// Everything.
    Trace,
}

/// What is written to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// For people or for programs.
    pub format: LogFormat,
    /// How much.
    pub level: LogLevel,
}

/// How much one relay takes from the network before it says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time; the next one is closed at once.
    pub connections: usize,
    /// From the TCP connection to the end of the TLS handshake.
    pub handshake: Duration,
    /// From the first byte of a request to the end of its headers, and between two requests.
    pub headers: Duration,
    /// From the end of the headers to the end of the body.
    pub body: Duration,
    /// Without a sign of life from the other side of an open socket.
    pub silence: Duration,
    /// Bytes that wait for one open socket; beyond it is closed and comes back with its cursor.
    pub backlog: usize,
}

/// What the relay's disk is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// The longest that a write waits for others to share its `fsync`; 0 to 5 ms.
    pub commit_window: Duration,
    /// Free space below which the relay says that it is not ready; in bytes.
    pub least_free: u64,
}

/// How often things may be done in a minute; 0 sets no limit. Two minutes' worth may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Requests about tickets and foundings, for each address.
    pub enrolments: u32,
    /// Exchanges in which no device proves itself, for each address.
    pub strangers: u32,
    /// Sockets opened, for each device.
    pub sockets: u32,
    /// What the relay itself counts for each device.
    pub device: crate::relay::DeviceRates,
}

/// Settings that were found to be in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The folder that holds everything.
    pub folder: PathBuf,
    /// Whether real people depend on it.
    pub mode: Mode,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// `host:port` as devices reach it, for tickets.
    pub public_address: String,
    /// The certificate chain, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// Whether evidence that ends at the development root is accepted.
    pub development_root: bool,
    /// What is asked of phones beyond being genuine.
    pub phones: Policy,
    /// What is asked of iPhones.
    pub iphones: AppleRules,
    /// Where the list of revoked attestation keys is fetched; `None` where a person brings it.
    pub list: Option<ListSource>,
    /// What the network may ask for.
    pub limits: Limits,
    /// What the disk is asked for.
    pub storage: Storage,
    /// How often things may be done.
    pub rates: Rates,
    /// Days that entries of pairs are kept; other rosters' days stand in their statements.
    pub pair_days: u32,
    /// Where the metrics are served; on this machine only, `None` nowhere.
    pub metrics: Option<SocketAddr>,
    /// To whom wake-ups may go.
    pub wake_ups: WakeUps,
    /// What is written to the log.
    pub log: Log,
}

/// Where the list of revoked attestation keys is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSource {
    /// An `https` address.
    pub url: Endpoint,
    /// The certificates by which that server is known, PEM; the system's, without.
    pub authorities: Option<PathBuf>,
}

/// Where phones' push servers are; without hosts no wake-up leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WakeUps {
    /// Names of hosts, as they stand in addresses.
    pub hosts: Vec<String>,
    /// The certificates by which those servers are known, PEM; the system's, without.
    pub authorities: Option<PathBuf>,
}

/// What a person allows at the command line, because no file should allow it for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allowances {
    /// Lets a relay in development mode listen on a public address.
    pub public_development: bool,
}

impl Config {
    /// Reads a settings file, or the one in a folder.
    ///
    /// # Errors
    ///
    /// The file is missing, too large, not TOML, holds an unknown key, or an unsafe combination.
    pub fn read(path: &Path, allowances: Allowances) -> Result<Self, ConfigError> {
        let file = if path.is_dir() { path.join(FILE_NAME) } else { path.to_path_buf() };
        let unreadable = |source| ConfigError::Unreadable { file: file.clone(), source };
        let size = std::fs::metadata(&file).map_err(unreadable)?.len();
        if size > LARGEST_FILE {
            return Err(ConfigError::At { file, line: 1, fault: ConfigFault::TooLarge });
        }
        let text = std::fs::read_to_string(&file).map_err(unreadable)?;
        let folder = file.parent().unwrap_or(Path::new(".")).to_path_buf();
        Self::parse(&text, &folder, allowances).map_err(|(line, fault)| ConfigError::At { file, line, fault })
    }

    /// Reads settings from a text; relative paths start at `folder`.
    ///
    /// # Errors
    ///
    /// The line, counted from 1, and what is wrong there.
    pub fn parse(text: &str, folder: &Path, allowances: Allowances) -> Result<Self, (usize, ConfigFault)> {
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            (line_of(text, at), ConfigFault::Syntax(error.message().to_owned()))
        })?;
        let fault = |(at, fault)| (line_of(text, at), fault);
        check::unsafe_combinations(&file, allowances).map_err(fault)?;
        let limits = check::limits(&file.limits).map_err(fault)?;
        let storage = check::storage(&file.storage).map_err(fault)?;
        let rates = check::rates(&file.rates, *file.mode.get_ref()).map_err(fault)?;
        let pair_days = check::retention(&file.retention).map_err(fault)?;
        let metrics = check::metrics(&file.metrics).map_err(fault)?;
        let phones = attestation::policy(&file.attestation).map_err(fault)?;
        let list = attestation::list(&file.attestation, folder).map_err(fault)?;
        let listen = *file.listen.get_ref();
        Ok(Self {
            mode: *file.mode.get_ref(),
            listen,
            public_address: file.public_address.unwrap_or_else(|| listen.to_string()),
            certificate: folder.join(&file.tls.certificate),
            key: folder.join(&file.tls.key),
            development_root: file.attestation.development_root.as_ref().is_some_and(|root| *root.get_ref()),
            iphones: attestation::apple(&file.attestation),
            phones,
            list,
            limits,
            storage,
            rates,
            pair_days,
            metrics,
            wake_ups: WakeUps {
                hosts: file.wake_ups.hosts,
                authorities: file.wake_ups.authorities.map(|file| folder.join(file)),
            },
            log: file.log,
            folder: folder.to_path_buf(),
        })
    }

    /// The folder that holds one folder for each organisation.
    pub fn organisations(&self) -> PathBuf {
        self.folder.join("organisations")
    }

    /// The file of the relay's signing key.
    pub fn relay_key(&self) -> PathBuf {
        self.folder.join(crate::keys::FILE_NAME)
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mode: Spanned<Mode>,
    listen: Spanned<SocketAddr>,
    public_address: Option<String>,
    tls: TlsFile,
    #[serde(default)]
    attestation: AttestationFile,
    #[serde(default)]
    limits: LimitsFile,
    #[serde(default)]
    storage: StorageFile,
    #[serde(default)]
    rates: RatesFile,
    #[serde(default)]
    retention: RetentionFile,
    #[serde(default)]
    metrics: MetricsFile,
    #[serde(default)]
    wake_ups: WakeUpsFile,
    #[serde(default)]
    log: Log,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsFile {
    certificate: PathBuf,
    key: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsFile {
    connections: Option<Spanned<u64>>,
    handshake_seconds: Option<Spanned<u64>>,
    header_seconds: Option<Spanned<u64>>,
    body_seconds: Option<Spanned<u64>>,
    silence_seconds: Option<Spanned<u64>>,
    backlog_kib: Option<Spanned<u64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StorageFile {
    commit_window_ms: Option<Spanned<u64>>,
    least_free_mib: Option<Spanned<u64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RatesFile {
    enrolments_per_minute: Option<Spanned<u64>>,
    strangers_per_minute: Option<Spanned<u64>>,
    sockets_per_minute: Option<Spanned<u64>>,
    exchanges_per_minute: Option<Spanned<u64>>,
    requests_per_minute: Option<Spanned<u64>>,
    entries_per_minute: Option<Spanned<u64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RetentionFile {
    pair_days: Option<Spanned<u64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricsFile {
    listen: Option<Spanned<SocketAddr>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WakeUpsFile {
    hosts: Vec<String>,
    authorities: Option<PathBuf>,
}

#[cfg(test)]
mod tests;
