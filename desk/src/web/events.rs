//! News for pages that are open: that something changed, never what.
//!
//! Server-sent events (WHATWG HTML, 9.2). A page that hears one asks for its part again, under the guard;
//! so a covered desk tells nothing, and there is one way to make a row into words.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use estafette_core::driver::{Observation, Scope};
use estafette_protocol::ThreadId;
use futures_util::Stream;
use futures_util::stream::unfold;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::refusal::Refusal;
use super::serve::Web;
use crate::session::Failure;

/// So often a quiet stream says that it lives.
const ALIVE: Duration = Duration::from_secs(20);
/// Enough of a thread to notice what is new; the page asks for what it shows.
const NEWEST: usize = 50;

/// What a page shows.
#[derive(Debug, Deserialize)]
pub struct Shown {
    /// The thread that is open, if one is.
    thread: Option<ThreadIdText>,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct ThreadIdText(ThreadId);

impl TryFrom<String> for ThreadIdText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "no thread".to_owned())
    }
}

/// What one open page holds: dropped with its connection, and the observers end.
struct Line {
    bell: mpsc::Receiver<()>,
    ending: tokio::sync::watch::Receiver<bool>,
    /// Of the office, when the page was made: another agent's rows are not this page's business.
    turn: u64,
    web: Arc<Web>,
    _observations: Vec<Observation>,
}

/// Rings whenever the list, the device or the thread that a page shows has changed.
pub async fn stream(
    State(web): State<Arc<Web>>,
    Query(shown): Query<Shown>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let opened = web.office.opened()?;
    let (ring, bell) = mpsc::channel(1);
    let mut scopes = vec![Scope::Threads, Scope::Device];
    scopes.extend(shown.thread.map(|thread| Scope::Thread { id: thread.0, newest: NEWEST }));
    let turn = web.office.turn();
    let observed = tokio::task::spawn_blocking(move || -> Result<Vec<Observation>, Failure> {
        let mut observations = Vec::new();
        for scope in scopes {
            let ring = ring.clone();
            let observe = opened.handle().observe(opened.reader()?, scope, move |_| {
                // A bell that rings already says it all.
                let _ = ring.try_send(());
            });
            observations.push(observe.map_err(|_| estafette_protocol::FaultCode::Internal)?);
        }
        Ok(observations)
    });
    let observations =
        observed.await.map_err(|_| Failure::from(estafette_protocol::FaultCode::Internal))??;
    let ending = web.ending.clone();
    let line = Line { bell, ending, turn, web, _observations: observations };
    Ok(Sse::new(unfold(line, next)).keep_alive(KeepAlive::new().interval(ALIVE)))
}

async fn next(mut line: Line) -> Option<(Result<Event, Infallible>, Line)> {
    if *line.ending.borrow() {
        return None;
    }
    tokio::select! {
        rung = line.bell.recv() => rung?,
        _ = line.ending.changed() => return None,
    }
    if line.web.office.turn() != line.turn {
        return None;
    }
    Some((Ok(Event::default().event("changed").data("1")), line))
}
