//! What waits for one socket. Bounded: a device that does not read cannot fill our memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

/// One thing for the socket to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Send a binary message.
    Message(Vec<u8>),
    /// Close, once what came before is out.
    Close,
}

/// The relay's end of the queue.
#[derive(Debug)]
pub(super) struct Outgoing {
    words: mpsc::UnboundedSender<Word>,
    waiting: Arc<AtomicUsize>,
    most: usize,
}

/// The socket's end.
#[derive(Debug)]
pub(super) struct Incoming {
    words: mpsc::UnboundedReceiver<Word>,
    waiting: Arc<AtomicUsize>,
}

/// A queue for at most `most` bytes of messages; a single larger one still passes.
pub(super) fn queue(most: usize) -> (Outgoing, Incoming) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    (Outgoing { words: sender, waiting: Arc::clone(&waiting), most }, Incoming { words: receiver, waiting })
}

impl Outgoing {
    /// Adds a message; `false` if too much waits already, and the queue is then of no more use.
    pub fn push(&self, message: Vec<u8>) -> bool {
        let before = self.waiting.fetch_add(message.len(), Ordering::Relaxed);
        // A socket that is gone takes its messages with it; its task reports that by itself.
        (before == 0 || before.saturating_add(message.len()) <= self.most)
            && (self.words.send(Word::Message(message)).is_ok() || self.words.is_closed())
    }

    /// Asks the socket to close after its last message.
    pub fn close(self) {
        // As above.
        let _ = self.words.send(Word::Close);
    }
}

impl Incoming {
    /// The next thing to do; `None` when the relay has dropped this socket.
    pub async fn next(&mut self) -> Option<Word> {
        let word = self.words.recv().await?;
        self.taken(&word);
        Some(word)
    }

    /// The next thing to do, if it is there already.
    pub fn next_now(&mut self) -> Option<Word> {
        let word = self.words.try_recv().ok()?;
        self.taken(&word);
        Some(word)
    }

    fn taken(&self, word: &Word) {
        if let Word::Message(message) = word {
            self.waiting.fetch_sub(message.len(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_sent_before_the_close_arrives_and_then_the_close() {
        let (outgoing, mut incoming) = queue(10);
        assert!(outgoing.push(vec![1]));
        outgoing.close();
        assert_eq!(incoming.next().await, Some(Word::Message(vec![1])));
        assert_eq!(incoming.next().await, Some(Word::Close));
        assert_eq!(incoming.next().await, None);
    }

    #[test]
    fn a_queue_is_full_at_its_limit_and_reading_makes_room() {
        let (outgoing, mut incoming) = queue(10);
        assert!(outgoing.push(vec![0; 6]));
        assert!(outgoing.push(vec![0; 4]));
        assert!(!outgoing.push(vec![0; 1]));
        let (outgoing, mut other) = queue(10);
        assert!(outgoing.push(vec![0; 50]), "one large message passes alone");
        assert!(other.next_now().is_some());
        assert!(outgoing.push(vec![0; 10]));
        assert!(incoming.next_now().is_some());
    }

    #[test]
    fn a_socket_that_is_gone_is_not_called_slow() {
        let (outgoing, incoming) = queue(10);
        drop(incoming);
        assert!(outgoing.push(vec![0; 4]));
    }
}
