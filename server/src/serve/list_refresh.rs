//! Fetches Google's list of revoked attestation keys from the address that the settings name.
//!
//! Always true: a list is read whole before it takes the place of another; a failure leaves the one
//! before, which grows stale, and is counted; it is asked for again within an hour after a failure and
//! within a day after a success, as the server's `Cache-Control` says (RFC 9111 §5.2.2.1).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use estafette_protocol::Timestamp;
use http_body_util::{BodyExt as _, Limited};

use super::App;
use super::outbound::{Failure, Outbound};
use crate::config::{Config, ListSource, Mode};
use crate::metrics::Metrics;
use crate::revocations;
use crate::shutdown::{Listener as End, Phase};
use crate::tls::TlsError;

/// How long the whole answer may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// The largest list that is fetched, in bytes. Google's had some hundred kilobytes in 2026.
const LARGEST: usize = 4 * 1024 * 1024;
/// It is asked for no more often than this, whatever the server says.
const SOONEST: Duration = Duration::from_hours(1);
/// It is asked for at least this often.
const LATEST: Duration = Duration::from_hours(24);

/// Fetches a list again and again.
pub(super) struct ListRefresh {
    outbound: Outbound,
    source: ListSource,
    folder: PathBuf,
    metrics: Arc<Metrics>,
}

impl ListRefresh {
    /// Ready to fetch; nothing where the settings name no address.
    ///
    /// # Errors
    ///
    /// The certificates that the settings name cannot be read.
    pub fn new(config: &Config, metrics: &Arc<Metrics>) -> Result<Option<Self>, TlsError> {
        let Some(source) = config.list.clone() else { return Ok(None) };
        let outbound = Outbound::new(source.authorities.as_deref(), config.mode == Mode::Development)?;
        let (folder, metrics) = (config.folder.clone(), Arc::clone(metrics));
        Ok(Some(Self { outbound, source, folder, metrics }))
    }

    /// Fetches until the relay drains.
    pub async fn run(self, app: App, mut end: End) {
        loop {
            let fetched = tokio::time::timeout(PATIENCE, self.fetch(app.clock.now())).await;
            let pause = match fetched.unwrap_or(Err(Failure::TimedOut)) {
                Ok(pause) => {
                    self.metrics.list("ok");
                    app.renew_revocations();
                    pause
                }
                Err(failure) => {
                    self.metrics.list(failure.as_str());
                    tracing::warn!(why = failure.as_str(), "the list of revoked keys was not fetched");
                    SOONEST
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = end.reached(Phase::Draining) => return,
            }
        }
    }

    /// Takes the list and says when to ask again.
    async fn fetch(&self, now: Timestamp) -> Result<Duration, Failure> {
        let headers = [("accept", "application/json")];
        let (answer, _connected) = self.outbound.ask(Method::GET, &self.source.url, &headers).await?;
        if answer.status() != StatusCode::OK {
            return Err(Failure::Refused);
        }
        let pause = pause(answer.headers().get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok()));
        let body = Limited::new(answer.into_body(), LARGEST).collect().await;
        let bytes = body.map_err(|error| match error.is::<http_body_util::LengthLimitError>() {
            true => Failure::TooLarge,
            false => Failure::Unreachable,
        })?;
        let (folder, bytes) = (self.folder.clone(), bytes.to_bytes());
        let kept = tokio::task::spawn_blocking(move || revocations::keep(&folder, &bytes, now)).await;
        match kept {
            Ok(Ok(_)) => Ok(pause),
            _ => Err(Failure::Unusable),
        }
    }
}

/// How long an answer is good for, within the bounds.
fn pause(cache_control: Option<&str>) -> Duration {
    let directives = cache_control.into_iter().flat_map(|value| value.split(','));
    let age =
        directives.filter_map(|one| one.trim().to_ascii_lowercase().strip_prefix("max-age=")?.parse().ok());
    let seconds: Option<u64> = age.min();
    seconds.map_or(LATEST, Duration::from_secs).clamp(SOONEST, LATEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_asked_for_again_after_an_hour_at_the_soonest_and_a_day_at_the_latest() {
        let hours = |value: Option<&str>| pause(value).as_secs() as f64 / 3600.0;
        assert_eq!(hours(Some("public, max-age=36000")), 10.0);
        assert_eq!(hours(Some("Max-Age=5400, private, max-age=7200")), 1.5);
        assert_eq!(hours(Some("max-age=1")), 1.0);
        assert_eq!(hours(Some("max-age=31536000")), 24.0);
        for unclear in [None, Some(""), Some("no-cache"), Some("max-age=soon"), Some("max-age=-3")] {
            assert_eq!(hours(unclear), 24.0, "{unclear:?}");
        }
    }
}
