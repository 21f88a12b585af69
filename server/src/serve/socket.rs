//! One open socket: binary messages in both directions until one side ends it.
//!
//! Always true: whatever happens here, the relay is told once that the socket is gone. Text is
//! refused, sizes are limited before a message is put together, a device that neither speaks
//! nor answers a ping is let go, and nothing is sent but what the relay put into the queue.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::{Instant, timeout};

use super::connection::Connection;
use super::organisations::Organisation;
use super::outgoing::{Incoming, Word};
use crate::config::Limits;
use crate::relay::SessionId;
use crate::shutdown::{Listener, Phase};

/// No socket lives longer; the device comes back with a fresh proof.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3600);

/// How long a close may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// An open socket and all that it needs.
pub(super) struct Socket {
    pub session: SessionId,
    pub organisation: Arc<Organisation>,
    pub connection: Arc<Connection>,
    pub limits: Limits,
    pub end: Listener,
}

impl Socket {
    /// Carries messages until the socket ends, then tells the relay.
    pub async fn run(self, socket: WebSocket, queue: Incoming) {
        let (sender, receiver) = socket.split();
        let mut end = self.end.clone();
        let mut received = std::pin::pin!(self.receive(receiver));
        tokio::select! {
            closed = self.send(sender, queue) => {
                if closed {
                    // The other side answers our close with its own. Leaving before it came
                    // could take our last message with it.
                    let _ = timeout(FAREWELL, received.as_mut()).await;
                }
            }
            () = received.as_mut() => {}
            () = end.reached(Phase::Killed) => {}
        }
        self.organisation.closed(self.session);
        tracing::debug!(connection = self.connection.id.0, "a socket is gone");
    }

    /// Sends what is in the queue; pings in the pauses. Returns whether a close was sent.
    async fn send(&self, mut sender: SplitSink<WebSocket, Message>, mut queue: Incoming) -> bool {
        let end_of_life = Instant::now() + LONGEST_LIFE;
        loop {
            let word = tokio::select! {
                word = queue.next() => word,
                () = tokio::time::sleep(self.limits.silence) => {
                    let ping = sender.send(Message::Ping(Vec::new().into()));
                    if !done_in_time(self.limits.body, ping).await {
                        return false;
                    }
                    continue;
                }
                () = tokio::time::sleep_until(end_of_life) => Some(Word::Close),
            };
            let Some(mut word) = word else {
                // The queue was dropped because this device reads too slowly.
                return self.close(sender, close_code::AGAIN).await;
            };
            loop {
                match word {
                    Word::Message(message) => {
                        let sent = sender.feed(Message::Binary(message.into()));
                        if !done_in_time(self.limits.body, sent).await {
                            return false;
                        }
                    }
                    Word::Close => return self.close(sender, close_code::NORMAL).await,
                }
                match queue.next_now() {
                    Some(next) => word = next,
                    None => break,
                }
            }
            if !done_in_time(self.limits.body, sender.flush()).await {
                return false;
            }
        }
    }

    async fn close(&self, mut sender: SplitSink<WebSocket, Message>, code: u16) -> bool {
        let frame = CloseFrame { code, reason: "".into() };
        done_in_time(FAREWELL, sender.send(Message::Close(Some(frame)))).await
    }

    /// Hands over what arrives.
    async fn receive(&self, mut receiver: SplitStream<WebSocket>) {
        // A ping goes out after each silence: two of them without any answer are a dead line.
        let patience = self.limits.silence.saturating_mul(2);
        while let Ok(Some(Ok(message))) = timeout(patience, receiver.next()).await {
            match message {
                Message::Binary(bytes) => {
                    if !self.organisation.frame(self.session, bytes.into()).await {
                        return;
                    }
                }
                Message::Text(_) => {
                    tracing::info!("a socket that speaks text is closed");
                    return;
                }
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Close(_) => return,
            }
        }
    }
}

/// Whether a write ended well and in time. A peer that takes nothing for so long is gone.
async fn done_in_time<F, E>(patience: Duration, write: F) -> bool
where
    F: Future<Output = Result<(), E>>,
{
    matches!(timeout(patience, write).await, Ok(Ok(())))
}
