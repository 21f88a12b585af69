//! Sends wake-ups: one constant, empty request to a phone's push server.
//!
//! Always true: nothing is in it that differs from one wake-up to another but the address; a server that
//! hangs costs one of [`PLACES`] for [`PATIENCE`] and delays nothing else. A wake-up that fails is counted
//! and forgotten: the phone comes by itself, later. Where it may go is [`super::outbound`]'s to say.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::outbound::{Failure, Outbound};
use crate::config::{Config, Mode};
use crate::metrics::Metrics;
use crate::tls::TlsError;
use crate::wake_up::Endpoint;

/// Wake-ups under way at a time; more are dropped.
const PLACES: usize = 64;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the push server may keep it, in seconds: what is older has been fetched, or will be at the opening.
const KEPT: &str = "3600";

/// Sends wake-ups for all organisations.
pub(super) struct Push {
    /// `None` where the settings name no host: nothing is ever sent.
    outbound: Option<Outbound>,
    places: Arc<Semaphore>,
    runtime: Handle,
    metrics: Arc<Metrics>,
}

impl Push {
    /// Ready to send, on the runtime that is current.
    ///
    /// # Errors
    ///
    /// The certificates that the settings name cannot be read.
    pub fn new(config: &Config, metrics: Arc<Metrics>) -> Result<Self, TlsError> {
        let wanted = !config.wake_ups.hosts.is_empty() || config.wake_ups.authorities.is_some();
        let authorities = config.wake_ups.authorities.as_deref();
        let outbound =
            wanted.then(|| Outbound::new(authorities, config.mode == Mode::Development)).transpose()?;
        Ok(Self { outbound, places: Arc::new(Semaphore::new(PLACES)), runtime: Handle::current(), metrics })
    }

    /// Sends one, unwaited.
    pub fn send(self: &Arc<Self>, endpoint: Endpoint) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return self.metrics.wake_up(Failure::Busy.as_str());
        };
        let push = Arc::clone(self);
        self.runtime.spawn(async move {
            let sent = tokio::time::timeout(PATIENCE, push.post(&endpoint)).await;
            let outcome = match sent.unwrap_or(Err(Failure::TimedOut)) {
                Ok(()) => "ok",
                Err(failure) => failure.as_str(),
            };
            push.metrics.wake_up(outcome);
            drop(place);
        });
    }

    async fn post(&self, endpoint: &Endpoint) -> Result<(), Failure> {
        let outbound = self.outbound.as_ref().ok_or(Failure::Unresolved)?;
        let headers = [("content-length", "0"), ("ttl", KEPT)];
        let (answer, _connected) = outbound.ask(Method::POST, endpoint, &headers).await?;
        match answer.status().is_success() {
            true => Ok(()),
            false => Err(Failure::Refused),
        }
    }
}
