//! How a relay ends: by a signal, in order; or, in tests, as if the power went.
//!
//! In order means: nobody new is let in, what is in flight is answered, open sockets are told
//! `shutting_down`, the databases are closed, and the program exits with 0.

use std::time::Duration;

use tokio::sync::watch;

/// How long what is in flight may take before the relay ends without it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What every task of a relay looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// As usual.
    Running,
    /// Nobody new; finish.
    Draining,
    /// Stop where you are.
    Killed,
}

/// Announces the end. Phases only move forward.
#[derive(Debug)]
pub struct Announcer(watch::Sender<Phase>);

/// Hears of the end.
#[derive(Debug, Clone)]
pub struct Listener(watch::Receiver<Phase>);

/// An announcer and who listens to it.
pub fn channel() -> (Announcer, Listener) {
    let (sender, receiver) = watch::channel(Phase::Running);
    (Announcer(sender), Listener(receiver))
}

impl Announcer {
    /// Tells everybody, unless a later phase has begun.
    pub fn announce(&self, phase: Phase) {
        self.0.send_if_modified(|current| {
            let forward = phase > *current;
            *current = (*current).max(phase);
            forward
        });
    }
}

impl Listener {
    /// The phase of this moment.
    pub fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Waits until `phase` or a later one has begun. An announcer that is gone counts as killed.
    pub async fn reached(&mut self, phase: Phase) {
        // An error means that nobody announces any more: then nothing is running either.
        let _ = self.0.wait_for(|current| *current >= phase).await;
    }
}

/// Waits until the system or a person asks the program to end (SIGTERM, SIGINT).
///
/// # Errors
///
/// The system does not let us listen for signals.
pub async fn asked_to_end() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn phases_move_forward_only_and_late_listeners_hear_them_too() {
        let (announcer, mut listener) = channel();
        assert_eq!(listener.phase(), Phase::Running);
        announcer.announce(Phase::Killed);
        announcer.announce(Phase::Draining);
        assert_eq!(listener.phase(), Phase::Killed);
        listener.reached(Phase::Draining).await;
        listener.reached(Phase::Killed).await;
    }

    #[tokio::test]
    async fn a_listener_without_announcer_is_let_go() {
        let (announcer, mut listener) = channel();
        drop(announcer);
        listener.reached(Phase::Draining).await;
    }
}
