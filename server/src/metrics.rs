//! What who watches over the relay can count: numbers, and no word about anybody.
//!
//! Always true: every label comes from a fixed set (pages, kinds of request, fault codes); no id,
//! name or address is ever one, so that the numbers tell nothing about people and stay few.
//! Organisations are counted together.

mod page;
mod writer;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use estafette_protocol::FaultCode;

use crate::relay::Tally;

pub(crate) use page::{MetricsPage, serve};
pub(crate) use writer::Measured;

/// Batches in one transaction.
const SIZES: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 50.0, 100.0, 250.0, 512.0];
/// Seconds that a transaction takes.
const SECONDS: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0];

/// An HTTP request: the page of the route table, and the fault or `ok`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PageLabels {
    page: &'static str,
    code: &'static str,
}

/// A request of a device: its kind, and the fault or `ok`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    kind: &'static str,
    code: &'static str,
}

/// The fault or `ok`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabels {
    code: &'static str,
}

/// All numbers of a relay.
pub(crate) struct Metrics {
    registry: Registry,
    pages: Family<PageLabels, Counter>,
    requests: Family<RequestLabels, Counter>,
    entries: Family<CodeLabels, Counter>,
    wake_ups: Family<CodeLabels, Counter>,
    barred: Gauge,
    lists: Family<CodeLabels, Counter>,
    deliveries: Counter,
    received: Counter,
    sent: Counter,
    connected: Gauge,
    unwritten: Gauge,
    waiting: Gauge,
    free: Gauge,
    batches: Histogram,
    commits: Histogram,
}

/// The word for how something ended.
fn word(code: Option<FaultCode>) -> &'static str {
    code.map_or("ok", FaultCode::as_str)
}

impl Metrics {
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("estafette"),
            pages: Family::default(),
            requests: Family::default(),
            entries: Family::default(),
            wake_ups: Family::default(),
            barred: Gauge::default(),
            lists: Family::default(),
            deliveries: Counter::default(),
            received: Counter::default(),
            sent: Counter::default(),
            connected: Gauge::default(),
            unwritten: Gauge::default(),
            waiting: Gauge::default(),
            free: Gauge::default(),
            batches: Histogram::new(SIZES),
            commits: Histogram::new(SECONDS),
        };
        let registry = &mut metrics.registry;
        registry.register("http_requests", "HTTP requests by page and outcome", metrics.pages.clone());
        registry.register("requests", "Requests of devices by kind and outcome", metrics.requests.clone());
        registry.register("entries", "Entries offered, by outcome", metrics.entries.clone());
        registry.register("wake_ups", "Wake-ups sent, by outcome", metrics.wake_ups.clone());
        registry.register("barred_phones", "Phones whose evidence is revoked", metrics.barred.clone());
        registry.register(
            "revocation_lists",
            "Lists of revoked keys fetched, by outcome",
            metrics.lists.clone(),
        );
        registry.register("deliveries", "Entries delivered to devices", metrics.deliveries.clone());
        let bytes = || Unit::Bytes;
        registry.register_with_unit("received", "From devices", bytes(), metrics.received.clone());
        registry.register_with_unit("sent", "To devices", bytes(), metrics.sent.clone());
        registry.register("connected_devices", "Open sockets", metrics.connected.clone());
        registry.register("unwritten_batches", "Batches on their way to the disk", metrics.unwritten.clone());
        registry.register_with_unit("queue", "Requests not looked at yet", bytes(), metrics.waiting.clone());
        registry.register_with_unit("free_space", "On the relay's disk", bytes(), metrics.free.clone());
        registry.register("commit_batches", "Batches in one transaction", metrics.batches.clone());
        let seconds = Unit::Seconds;
        registry.register_with_unit("commit", "From batch to disk", seconds, metrics.commits.clone());
        metrics
    }

    /// Adds what a relay has counted.
    pub fn add(&self, tally: Tally) {
        for ((kind, code), times) in tally.requests {
            self.requests.get_or_create(&RequestLabels { kind, code: word(code) }).inc_by(times);
        }
        for (code, times) in tally.entries {
            self.entries.get_or_create(&CodeLabels { code: word(code) }).inc_by(times);
        }
        self.deliveries.inc_by(tally.delivered);
        self.barred.inc_by(tally.barred);
    }

    /// A page was answered.
    pub fn page(&self, page: &'static str, code: Option<FaultCode>) {
        self.pages.get_or_create(&PageLabels { page, code: word(code) }).inc();
    }

    /// A wake-up was sent, or not; `ok` or why.
    pub fn wake_up(&self, code: &'static str) {
        self.wake_ups.get_or_create(&CodeLabels { code }).inc();
    }

    /// The list of revoked keys was fetched, or not; `ok` or why.
    pub fn list(&self, code: &'static str) {
        self.lists.get_or_create(&CodeLabels { code }).inc();
    }

    pub fn received(&self, bytes: usize) {
        self.received.inc_by(bytes as u64);
    }

    pub fn sent(&self, bytes: usize) {
        self.sent.inc_by(bytes as u64);
    }

    /// Sockets that opened, less those that closed.
    pub fn connected(&self, change: i64) {
        self.connected.inc_by(change);
    }

    /// Batches handed to a writer, less those reported.
    pub fn unwritten(&self, change: i64) {
        self.unwritten.inc_by(change);
    }

    /// A transaction is over.
    fn committed(&self, batches: usize, seconds: f64) {
        self.batches.observe(f64::from(u32::try_from(batches).unwrap_or(u32::MAX)));
        self.commits.observe(seconds);
    }

    /// Everything as text, with what is measured at this moment.
    pub fn text(&self, waiting: u64, free: u64) -> String {
        self.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        self.free.set(i64::try_from(free).unwrap_or(i64::MAX));
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            tracing::error!("the metrics could not be written");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_added_under_labels_of_fixed_sets() {
        let metrics = Metrics::new();
        let mut tally = Tally::default();
        tally.request("append", None);
        tally.request("append", None);
        tally.request("pending", Some(FaultCode::Forbidden));
        tally.entry(None);
        tally.entry(Some(FaultCode::StaleEpoch));
        tally.delivered = 7;
        metrics.add(tally);
        metrics.page("/v1/exchange", Some(FaultCode::BadProof));
        metrics.committed(3, 0.004);
        let text = metrics.text(2048, 1 << 40);
        for line in [
            "estafette_requests_total{kind=\"append\",code=\"ok\"} 2",
            "estafette_requests_total{kind=\"pending\",code=\"forbidden\"} 1",
            "estafette_entries_total{code=\"ok\"} 1",
            "estafette_entries_total{code=\"stale_epoch\"} 1",
            "estafette_deliveries_total 7",
            "estafette_http_requests_total{page=\"/v1/exchange\",code=\"bad_proof\"} 1",
            "estafette_queue_bytes 2048",
            "estafette_free_space_bytes 1099511627776",
            "estafette_commit_batches_bucket{le=\"5.0\"} 1",
            "estafette_commit_seconds_bucket{le=\"0.002\"} 0",
            "estafette_commit_seconds_bucket{le=\"0.005\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }
}
