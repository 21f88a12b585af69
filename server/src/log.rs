//! What the relay writes down about itself: counts, codes and durations.
//!
//! Always true: nothing that a client sent is in it, at any level; a test sends canaries in every
//! field and looks for them. Libraries are heard from `warn` on only, since below it they may
//! quote what they read.

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, fmt, registry};

use crate::config::{Log, LogFormat, LogLevel};

/// A subscriber that writes as the settings say.
pub fn subscriber<W>(log: &Log, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let own = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let others = own.min(LevelFilter::WARN);
    let filter = Targets::new()
        .with_default(others)
        .with_target("estafette_server", own)
        .with_target("estafette_relay", own);
    let layer = fmt::layer().with_writer(writer).with_ansi(false).with_target(false);
    match log.format {
        LogFormat::Human => Box::new(registry().with(layer.with_filter(filter))),
        LogFormat::Json => Box::new(registry().with(layer.json().with_filter(filter))),
    }
}

/// Writes the log to standard error from now on. A second call changes nothing.
pub fn start(log: &Log) {
    // An error means that somebody else listens already, as in tests.
    let _ = subscriber(log, std::io::stderr).try_init();
}
