//! News for pages that are open: that something changed, never what.
//!
//! Server-sent events (WHATWG HTML, 9.2). A page that hears one asks for its part again, under the guard;
//! so a covered desk tells nothing, and there is one way to make a row into words.
//!
//! Time alone changes what a page says: hours open and close, days end, calls run out. So it also rings
//! with each minute.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use estafette_core::driver::{Observation, Scope};
use estafette_protocol::FaultCode;
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::mpsc;

use super::guard::Visitor;
use super::refusal::Refusal;
use super::serve::Web;
use crate::clock;
use crate::session::Failure;

/// So often a quiet stream says that it lives.
const ALIVE: Duration = Duration::from_secs(20);
/// How late a page may notice that a minute is over, also after this computer has slept.
const LOOK: Duration = Duration::from_secs(1);

/// What one open page holds: dropped with its connection, and the observer ends.
struct Line {
    bell: mpsc::Receiver<()>,
    ending: tokio::sync::watch::Receiver<bool>,
    /// Of the office, since the page was made: a covered desk shows no page, and another agent's rows are
    /// not this page's business.
    turns: tokio::sync::watch::Receiver<u64>,
    /// In which it rang last, since 1970.
    minute: u64,
    _observation: Observation,
}

/// Rings whenever anything has changed that a page may show.
pub async fn stream(
    State(web): State<Arc<Web>>,
    _visitor: Visitor,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let turns = web.office.turns();
    let opened = web.office.opened()?;
    let (ring, bell) = mpsc::channel(1);
    let observed = tokio::task::spawn_blocking(move || -> Result<Observation, Failure> {
        let observe = opened.handle().observe(opened.reader()?, Scope::Any, move |_| {
            // A bell that rings already says it all.
            let _ = ring.try_send(());
        });
        observe.map_err(|_| FaultCode::Internal.into())
    });
    let observation = observed.await.map_err(|_| Failure::from(FaultCode::Internal))??;
    let ending = web.ending.clone();
    let line = Line { bell, ending, turns, minute: minute(), _observation: observation };
    Ok(Sse::new(unfold(line, next)).keep_alive(KeepAlive::new().interval(ALIVE)))
}

async fn next(mut line: Line) -> Option<(Result<Event, Infallible>, Line)> {
    if *line.ending.borrow() {
        return None;
    }
    tokio::select! {
        biased;
        _ = line.ending.changed() => return None,
        _ = line.turns.changed() => return None,
        rung = line.bell.recv() => rung?,
        () = after(line.minute) => {}
    }
    line.minute = minute();
    Some((Ok(Event::default().event("changed").data("1")), line))
}

/// The minute that the clock shows.
fn minute() -> u64 {
    clock::now().0 / 60_000
}

/// Until the clock shows another minute.
async fn after(shown: u64) {
    while minute() == shown {
        tokio::time::sleep(LOOK).await;
    }
}
