//! Why settings are refused, with the line.

use std::path::PathBuf;

use estafette_protocol::texts::{Language, text};

/// Settings that the relay does not start with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file}: {source}", file = file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line of the file.
    #[error("{file}, line {line}: {fault}", file = file.display())]
    At {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        fault: ConfigFault,
    },
}

impl ConfigError {
    /// For the person at the command line.
    pub fn sentence(&self, language: Language) -> String {
        match self {
            Self::Unreadable { file, source } => {
                let (file, why) = (file.display().to_string(), source.to_string());
                text(language, "relay-config-unreadable", &[("file", (&file).into()), ("why", (&why).into())])
            }
            Self::At { file, line, fault } => {
                let (file, why) = (file.display().to_string(), fault.sentence(language));
                text(
                    language,
                    "relay-config-line",
                    &[("file", (&file).into()), ("line", (*line).into()), ("why", (&why).into())],
                )
            }
        }
    }
}

/// What is wrong at one place of the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigFault {
    /// Larger than a settings file can be.
    #[error("larger than a settings file can be")]
    TooLarge,
    /// Not TOML, or not a key of this version. The words are the parser's.
    #[error("{0}")]
    Syntax(String),
    /// A number outside its range.
    #[error("a number from {least} to {most} is expected")]
    OutOfRange {
        /// The smallest allowed.
        least: u64,
        /// The largest allowed.
        most: u64,
    },
    /// Production, and this program can accept made-up evidence.
    #[error("this program was compiled with development attestation and refuses production")]
    DevelopmentProgram,
    /// Production, and the settings trust a root whose key is public.
    #[error("the development root is not trusted in production")]
    DevelopmentRoot,
    /// Production, and applications under development are accepted.
    #[error("applications under development are not accepted in production")]
    AppleDevelopment,
    /// The settings ask for the development root, which this program does not hold.
    #[error("this program was compiled without development attestation")]
    NoDevelopmentRoot,
    /// Development, on an address that strangers reach.
    #[error("a relay in development mode listens on loopback or private addresses only")]
    PublicDevelopment,
    /// Signers of the application that are no sets of SHA-256.
    #[error("lists of SHA-256 in hexadecimal are expected, none of them empty")]
    SigningDigests,
    /// A patch level that is no month.
    #[error("a month is expected, as 202605")]
    PatchLevel,
    /// An address of the list of revoked keys that is none.
    #[error("an https address is expected, without a user or a fragment")]
    ListUrl,
    /// Metrics where other machines reach them.
    #[error("metrics are served on a loopback address only")]
    MetricsNotLoopback,
}

impl ConfigFault {
    fn sentence(&self, language: Language) -> String {
        match self {
            Self::TooLarge => text(language, "relay-config-too-large", &[]),
            Self::Syntax(words) => words.clone(),
            Self::OutOfRange { least, most } => {
                text(language, "relay-config-range", &[("least", (*least).into()), ("most", (*most).into())])
            }
            Self::DevelopmentProgram => text(language, "relay-config-development-program", &[]),
            Self::DevelopmentRoot => text(language, "relay-config-development-root", &[]),
            Self::AppleDevelopment => text(language, "relay-config-apple-development", &[]),
            Self::NoDevelopmentRoot => text(language, "relay-config-no-development-root", &[]),
            Self::PublicDevelopment => text(language, "relay-config-public-development", &[]),
            Self::SigningDigests => text(language, "relay-config-signing-digests", &[]),
            Self::PatchLevel => text(language, "relay-config-patch-level", &[]),
            Self::ListUrl => text(language, "relay-config-list-url", &[]),
            Self::MetricsNotLoopback => text(language, "relay-config-metrics-loopback", &[]),
        }
    }
}
