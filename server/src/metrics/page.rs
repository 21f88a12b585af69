//! The page with the numbers, on a listener of its own that only this machine reaches.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::shutdown::{Listener as End, Phase};

/// OpenMetrics 1.0, which Prometheus asks for first.
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Where the text comes from.
pub(crate) trait MetricsPage: Clone + Send + Sync + 'static {
    /// The numbers at this moment.
    fn text(&self) -> String;
}

/// Serves `GET /metrics` until the relay drains; settings allow loopback only.
pub(crate) async fn serve<S: MetricsPage>(tcp: TcpListener, source: S, end: End) {
    let router = Router::new().route("/metrics", get(page::<S>)).with_state(source);
    let mut end = end;
    tokio::select! {
        served = axum::serve(tcp, router) => {
            if served.is_err() {
                tracing::warn!("the metrics are no longer served");
            }
        }
        () = end.reached(Phase::Draining) => {}
    }
}

async fn page<S: MetricsPage>(State(source): State<S>) -> Response {
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], source.text()).into_response()
}
