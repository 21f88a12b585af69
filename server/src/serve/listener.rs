//! From a TCP connection to requests: places, TLS, HTTP, each with its time.
//!
//! Always true: whoever is slow loses only their own place. A connection has a place from its
//! first byte to its last, a socket that it becomes included; handshake, headers and bodies
//! have a time limit each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service as _;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::connection::Connection;
use crate::config::Limits;
use crate::shutdown::{Listener as End, Phase};
use crate::token::ConnectionId;

/// Headers of one request; a device sends a dozen short ones.
const LARGEST_HEAD: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;
/// A pause when the system has no more file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections.
pub(super) struct Listener {
    pub tcp: TcpListener,
    pub tls: TlsAcceptor,
    pub router: Router,
    pub limits: Limits,
    pub places: Arc<Semaphore>,
    pub end: End,
}

impl Listener {
    /// Accepts until the relay drains.
    pub async fn run(self) {
        let numbers = AtomicU64::new(1);
        let mut end = self.end.clone();
        let mut full = false;
        loop {
            let accepted = tokio::select! {
                accepted = self.tcp.accept() => accepted,
                () = end.reached(Phase::Draining) => return,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(kind = ?error.kind(), "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
                // Said once for each time that it gets full, not once for each caller.
                if !full {
                    tracing::warn!(connections = self.limits.connections, "all places are taken");
                }
                full = true;
                continue;
            };
            full = false;
            let id = ConnectionId(numbers.fetch_add(1, Ordering::Relaxed));
            tokio::spawn(self.serve(stream, Connection::new(id, peer.ip(), place)));
        }
    }

    /// Serves one connection; returns without having borrowed anything.
    fn serve(&self, stream: TcpStream, connection: Connection) -> impl Future<Output = ()> + use<> {
        let (tls, limits, mut end) = (self.tls.clone(), self.limits, self.end.clone());
        let router = TowerToHyperService::new(self.router.clone());
        async move {
            let mut killed = end.clone();
            tokio::select! {
                () = talk(stream, connection, &tls, limits, router, &mut end) => {}
                () = killed.reached(Phase::Killed) => {}
            }
        }
    }
}

async fn talk(
    stream: TcpStream,
    connection: Connection,
    tls: &TlsAcceptor,
    limits: Limits,
    router: TowerToHyperService<Router>,
    end: &mut End,
) {
    // Frames are small and answers urgent; where it is not supported nothing is lost.
    let _ = stream.set_nodelay(true);
    let handshake = tokio::time::timeout(limits.handshake, tls.accept(stream));
    let Ok(Ok(stream)) = handshake.await else {
        tracing::debug!("a handshake failed");
        return;
    };
    let connection = Arc::new(connection);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Arc::clone(&connection));
        router.call(request.map(Body::new))
    });
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut http = std::pin::pin!(http);
    let ended = tokio::select! {
        ended = http.as_mut() => ended,
        () = end.reached(Phase::Draining) => {
            http.as_mut().graceful_shutdown();
            http.await
        }
    };
    if ended.is_err() {
        tracing::debug!("a connection was cut");
    }
}
