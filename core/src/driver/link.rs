//! A device's way to the relay: one task of the runtime at a time, told what to send, telling
//! what came.
//!
//! The task connects again and again with growing pauses until it is told to stop or has been
//! connected; after that its end is the connection's end, and the engine decides what next.
//! Received frames hold places in a bounded room until a transaction has taken them, so a
//! relay that sends faster than the disk writes is held back by its own connection.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use estafette_protocol::exchange::ExchangeRequest;
use estafette_protocol::{Fault, FaultCode, Hash, codec};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;

use super::device::Letter;
use crate::engine::LinkInput;
use crate::identity::DeviceKey;
use crate::net::{Connection, Endpoint, Pin, Socket};

/// Frames received and not yet taken by a transaction.
pub(super) const ROOM: usize = 128;
/// A connection with its TLS handshake.
const CONNECT: Duration = Duration::from_secs(20);
/// An exchange or the opening of the socket, on the thinnest link.
const ANSWER: Duration = Duration::from_secs(60);
/// Handing a message to the system.
const WRITE: Duration = Duration::from_secs(30);
/// A socket on which nothing came for so long is dead.
const SILENCE: Duration = Duration::from_secs(100);
/// How often the other side is asked for a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(45);
/// The first pause after a failure; each one is twice the last.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Doublings until then.
const DOUBLINGS: u32 = 10;

/// What the network of a device needs.
pub(super) struct Network {
    pub address: String,
    pub pin: Hash,
    pub device_key: Arc<dyn DeviceKey>,
    pub runtime: tokio::runtime::Handle,
    pub letters: Sender<Letter>,
    pub room: Arc<Semaphore>,
}

/// Something that happened on a connection.
pub(super) struct News {
    connection: u64,
    input: LinkInput,
    permit: Option<OwnedSemaphorePermit>,
}

/// What a connection is to do.
enum Errand {
    Exchange { request: Box<ExchangeRequest>, to_sign: Vec<u8> },
    OpenSocket { token: String },
    Send(Vec<u8>),
}

/// The connection that stands or is being made.
struct Standing {
    errands: UnboundedSender<Errand>,
    task: AbortHandle,
}

pub(super) struct Link {
    network: Network,
    endpoint: Result<Endpoint, Fault>,
    number: u64,
    /// Connections since the last exchange that succeeded.
    attempts: u32,
    standing: Option<Standing>,
}

impl Link {
    pub fn new(network: Network) -> Self {
        let endpoint = Endpoint::new(&network.address, Pin(network.pin.0));
        Self { network, endpoint, number: 0, attempts: 0, standing: None }
    }

    /// Connects, unless a connection stands or is being made.
    pub fn up(&mut self) {
        let Ok(endpoint) = &self.endpoint else {
            tracing::error!("the relay's address is none");
            return;
        };
        if self.standing.is_some() {
            return;
        }
        self.number += 1;
        let (errands, inbox) = unbounded_channel();
        let task = Task {
            endpoint: endpoint.clone(),
            device_key: Arc::clone(&self.network.device_key),
            room: Arc::clone(&self.network.room),
            letters: self.network.letters.clone(),
            connection: self.number,
            attempts: self.attempts,
        };
        self.attempts = self.attempts.saturating_add(1);
        let task = self.network.runtime.spawn(task.run(inbox)).abort_handle();
        self.standing = Some(Standing { errands, task });
    }

    /// Closes what stands, and lets the engine know.
    pub fn down(&mut self) {
        if self.standing.is_some() {
            self.close();
            self.tell(LinkInput::Down);
        }
    }

    /// Closes what stands. What was already sent is on its way.
    pub fn close(&mut self) {
        self.number += 1;
        if let Some(Standing { errands, task }) = self.standing.take() {
            drop(errands);
            task.abort();
        }
    }

    fn tell(&self, input: LinkInput) {
        let news = News { connection: self.number, input, permit: None };
        let _ = self.network.letters.send(Letter::News(news));
    }

    /// What a piece of news is to the engine; nothing when its connection is gone.
    pub fn hear(&mut self, news: News) -> Option<(LinkInput, Option<OwnedSemaphorePermit>)> {
        if news.connection != self.number {
            return None;
        }
        match news.input {
            LinkInput::Exchanged(Ok(_)) => self.attempts = 0,
            LinkInput::Down => self.standing = None,
            _ => {}
        }
        Some((news.input, news.permit))
    }

    pub fn send(&self, bytes: Vec<u8>) {
        self.give(Errand::Send(bytes));
    }

    pub fn exchange(&self, request: Box<ExchangeRequest>, to_sign: Vec<u8>) {
        self.give(Errand::Exchange { request, to_sign });
    }

    pub fn open_socket(&self, token: String) {
        self.give(Errand::OpenSocket { token });
    }

    /// Has the hardware attest, which may take seconds: nothing waits for it.
    pub fn attest(&self, challenge: [u8; 32], id_challenge: [u8; 32], mut to_sign: Vec<u8>) {
        let (key, letters) = (Arc::clone(&self.network.device_key), self.network.letters.clone());
        self.network.runtime.spawn_blocking(move || {
            let made = key.attest(&challenge, &id_challenge).and_then(|evidence| {
                to_sign.extend_from_slice(&evidence);
                Ok((evidence, key.sign(&to_sign)?))
            });
            // A device that is gone asks again when it is back.
            let _ = letters.send(Letter::Attested(made));
        });
    }

    fn give(&self, errand: Errand) {
        if let Some(standing) = &self.standing {
            // A connection that has ended says so itself.
            let _ = standing.errands.send(errand);
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.close();
    }
}

/// One connection, from the first attempt to its end.
struct Task {
    endpoint: Endpoint,
    device_key: Arc<dyn DeviceKey>,
    room: Arc<Semaphore>,
    letters: Sender<Letter>,
    connection: u64,
    attempts: u32,
}

impl Task {
    async fn run(self, mut errands: UnboundedReceiver<Errand>) {
        let Some(connection) = self.connect().await else { return };
        if self.tell(LinkInput::Connected) {
            // However it ended, the engine only needs to know that it did.
            let _ = self.serve(connection, &mut errands).await;
            self.tell(LinkInput::Down);
        }
    }

    fn tell(&self, input: LinkInput) -> bool {
        self.tell_with(input, None)
    }

    /// `false` when nobody listens any more.
    fn tell_with(&self, input: LinkInput, permit: Option<OwnedSemaphorePermit>) -> bool {
        self.letters.send(Letter::News(News { connection: self.connection, input, permit })).is_ok()
    }

    async fn connect(&self) -> Option<Connection> {
        let mut attempts = self.attempts;
        loop {
            if attempts > 0 {
                wait(pause(attempts)).await;
            }
            match Connection::open(&self.endpoint, CONNECT).await {
                Ok(connection) => return Some(connection),
                Err(fault) if fault.code == FaultCode::PinMismatch => {
                    tracing::warn!("the relay's key is not the pinned one");
                    self.tell(LinkInput::Impostor);
                }
                Err(_) => {}
            }
            attempts = attempts.saturating_add(1);
        }
    }

    /// Exchanges, until the socket is wanted.
    async fn serve(
        &self,
        mut connection: Connection,
        errands: &mut UnboundedReceiver<Errand>,
    ) -> Result<(), Fault> {
        while let Some(errand) = errands.recv().await {
            match errand {
                Errand::Exchange { request, to_sign } => {
                    let answer = self.exchange(&mut connection, request, to_sign).await;
                    // Without an answer the connection is of no use; with a refusal it may be.
                    let lost = matches!(&answer, Err(fault) if fault.code == FaultCode::Unreachable);
                    if lost {
                        return Err(FaultCode::Unreachable.into());
                    }
                    self.tell(LinkInput::Exchanged(answer));
                }
                Errand::OpenSocket { token } => {
                    let socket = connection.into_socket(&token, ANSWER).await?;
                    self.tell(LinkInput::SocketOpen);
                    return self.talk(socket, errands).await;
                }
                Errand::Send(_) => return Err(FaultCode::Internal.into()),
            }
        }
        Ok(())
    }

    async fn exchange(
        &self,
        connection: &mut Connection,
        mut request: Box<ExchangeRequest>,
        to_sign: Vec<u8>,
    ) -> Result<Vec<u8>, Fault> {
        let key = Arc::clone(&self.device_key);
        // Hardware may take its time; nothing else waits for it.
        let signed = tokio::task::spawn_blocking(move || key.sign(&to_sign)).await;
        request.proof.signature = signed.map_err(|_| FaultCode::Internal)??;
        connection.post("/v1/exchange", codec::to_bytes(&*request), ANSWER).await
    }

    /// Frames in both directions until either side ends.
    async fn talk(&self, socket: Socket, errands: &mut UnboundedReceiver<Errand>) -> Result<(), Fault> {
        let Socket { mut sender, mut receiver } = socket;
        let incoming = pin!(async {
            loop {
                let permit = Arc::clone(&self.room).acquire_owned().await.map_err(|_| FaultCode::Internal)?;
                let frame = receiver.receive(SILENCE).await?;
                if !self.tell_with(LinkInput::Frame(frame), Some(permit)) {
                    return Ok::<(), Fault>(());
                }
            }
        });
        let outgoing = pin!(async {
            loop {
                match within(HEARTBEAT, errands.recv()).await {
                    Some(Some(Errand::Send(bytes))) => sender.send(bytes, WRITE).await?,
                    Some(Some(_)) => return Err(FaultCode::Internal.into()),
                    Some(None) => return Ok::<(), Fault>(()),
                    None => sender.ping(WRITE).await?,
                }
            }
        });
        tokio::select! {
            ended = incoming => ended,
            ended = outgoing => ended,
        }
    }
}

/// Between half and the whole of a length that doubles: devices that were cut together do not
/// come back together.
fn pause(attempts: u32) -> Duration {
    let length = FIRST_PAUSE.saturating_mul(1 << (attempts - 1).min(DOUBLINGS)).min(LONGEST_PAUSE);
    let mut dice = [0; 4];
    #[expect(clippy::disallowed_methods, reason = "the driver is where real dice come from")]
    if getrandom::fill(&mut dice).is_err() {
        return length;
    }
    let part = u64::from(u32::from_be_bytes(dice)) % 1000;
    length / 2 + length.mul_f64(part as f64 / 2000.0)
}

#[expect(clippy::disallowed_methods, reason = "the driver is where real waiting happens")]
async fn wait(length: Duration) {
    tokio::time::sleep(length).await;
}

/// What the work gives, or `None` when it takes longer.
#[expect(clippy::disallowed_methods, reason = "the driver is where real waiting happens")]
async fn within<T>(length: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(length, work).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_half_a_minute_and_stay_within_their_half() {
        for (attempts, length) in
            [(1, 50), (2, 100), (5, 800), (10, 25_600), (11, 30_000), (u32::MAX, 30_000)]
        {
            for _ in 0..50 {
                let pause = pause(attempts);
                assert!(pause >= Duration::from_millis(length / 2) && pause <= Duration::from_millis(length));
            }
        }
    }
}
