//! A bad network between devices and the relay: a TCP proxy on loopback, one port a device.
//!
//! It can be thin, cut at once and stay cut, cut in the middle of a frame after a number of bytes,
//! or let a request pass and cut before the answer. It counts what passes. Nothing of TLS is
//! understood here: to both ends it is the network.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Read at once, in bytes.
const CHUNK: usize = 16 * 1024;

/// A thin line carries so many bytes a second each way (50 kbit/s)...
const THIN_BYTES: u64 = 6_250;
/// ...each so much later: half of a round trip of 600 ms.
const THIN_DELAY: Duration = Duration::from_millis(300);

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the relay.
    Up,
    /// To the device.
    Down,
}

/// How a connection will break by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trap {
    /// After so many more bytes of one direction: in the middle of a frame, as a rule.
    After {
        /// The direction.
        direction: Direction,
        /// How many bytes still pass.
        bytes: u64,
    },
    /// The next bytes of the device pass, their answer does not.
    LoseAnswer,
}

/// What was counted on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Bytes to the relay.
    pub up: u64,
    /// Bytes to the device.
    pub down: u64,
    /// Connections broken on purpose, and times that the line was cut.
    pub cuts: u64,
}

/// Where the relay listens; it changes with each of its starts.
pub type Upstream = watch::Receiver<SocketAddr>;

/// One device's line to the relay.
pub struct Line {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: AbortHandle,
}

struct Shared {
    upstream: Upstream,
    /// Whether the line is cut. A connection ends as soon as it is.
    cut: watch::Sender<bool>,
    thin: AtomicBool,
    trap: Mutex<Option<Trap>>,
    up: AtomicU64,
    down: AtomicU64,
    cuts: AtomicU64,
}

impl Line {
    /// Lays a line to the relay.
    ///
    /// # Errors
    ///
    /// The system gives no port.
    pub async fn lay(upstream: Upstream) -> std::io::Result<Self> {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = tcp.local_addr()?;
        let shared = Arc::new(Shared {
            upstream,
            cut: watch::Sender::new(false),
            thin: AtomicBool::new(false),
            trap: Mutex::new(None),
            up: AtomicU64::new(0),
            down: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
        });
        let listener = tokio::spawn(accept(tcp, Arc::clone(&shared))).abort_handle();
        Ok(Self { address, shared, listener })
    }

    /// The address that the device connects to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the line: what stands ends now, what comes is refused until [`Line::mend`].
    pub fn cut(&self) {
        self.set_trap(None);
        if !self.shared.cut.send_replace(true) {
            self.shared.cuts.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Makes the line as a valley's edge has it; mended by [`Line::mend`].
    pub fn thin(&self) {
        self.shared.thin.store(true, Ordering::Relaxed);
        self.shared.cut.send_replace(false);
    }

    /// Mends the line.
    pub fn mend(&self) {
        self.shared.thin.store(false, Ordering::Relaxed);
        self.shared.cut.send_replace(false);
    }

    /// Sets a trap for the connection that stands or comes next, in the place of an earlier one.
    pub fn set_trap(&self, trap: Option<Trap>) {
        *self.shared.trap.lock().unwrap_or_else(PoisonError::into_inner) = trap;
    }

    /// What was counted since the line was laid.
    pub fn counted(&self) -> Counted {
        Counted {
            up: self.shared.up.load(Ordering::Relaxed),
            down: self.shared.down.load(Ordering::Relaxed),
            cuts: self.shared.cuts.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.listener.abort();
        self.shared.cut.send_replace(true);
    }
}

async fn accept(tcp: TcpListener, shared: Arc<Shared>) {
    while let Ok((device, _)) = tcp.accept().await {
        if *shared.cut.borrow() {
            refuse(&device);
            continue;
        }
        tokio::spawn(carry(device, Arc::clone(&shared)));
    }
}

/// Closed with a reset instead of a goodbye: a cut is no orderly end.
fn refuse(stream: &TcpStream) {
    // Where the system does not allow it the connection ends politely, and ends all the same.
    let _ = stream.set_zero_linger();
}

async fn carry(mut device: TcpStream, shared: Arc<Shared>) {
    let mut cut = shared.cut.subscribe();
    let upstream = *shared.upstream.borrow();
    let Ok(mut relay) = TcpStream::connect(upstream).await else { return refuse(&device) };
    // Small frames leave as they come; loopback has room for them.
    let _ = (device.set_nodelay(true), relay.set_nodelay(true));
    {
        let asked = AtomicU64::new(0);
        let (from_device, to_device) = device.split();
        let (from_relay, to_relay) = relay.split();
        tokio::select! {
            _ = cut.wait_for(|cut| *cut) => {}
            () = copy(from_device, to_relay, Direction::Up, &shared, &asked) => {}
            () = copy(from_relay, to_device, Direction::Down, &shared, &asked) => {}
        }
    }
    refuse(&device);
    refuse(&relay);
}

/// Moves bytes one way until the connection ends or breaks. `asked` tells both ways that a
/// request has passed whose answer is to be lost.
async fn copy(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    direction: Direction,
    shared: &Shared,
    asked: &AtomicU64,
) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let Ok(length @ 1..) = from.read(&mut chunk).await else { return };
        if *shared.cut.borrow() {
            // What was read and not passed on is lost with the connection.
            return;
        }
        let (passes, breaks) = shared.judge(direction, length, asked);
        if shared.thin.load(Ordering::Relaxed) {
            let millis = u64::try_from(passes).unwrap_or(u64::MAX).saturating_mul(1000) / THIN_BYTES;
            tokio::time::sleep(THIN_DELAY + Duration::from_millis(millis)).await;
        }
        let counter = if direction == Direction::Up { &shared.up } else { &shared.down };
        counter.fetch_add(passes as u64, Ordering::Relaxed);
        if to.write_all(&chunk[..passes]).await.is_err() {
            return;
        }
        if breaks {
            shared.cuts.fetch_add(1, Ordering::Relaxed);
            return;
        }
    }
}

impl Shared {
    /// How many bytes of a chunk pass, and whether the connection breaks after them.
    fn judge(&self, direction: Direction, length: usize, asked: &AtomicU64) -> (usize, bool) {
        let mut trap = self.trap.lock().unwrap_or_else(PoisonError::into_inner);
        match *trap {
            Some(Trap::After { direction: set, bytes }) if set == direction => {
                match usize::try_from(bytes).unwrap_or(usize::MAX) {
                    left if left < length => {
                        *trap = None;
                        (left, true)
                    }
                    _ => {
                        *trap = Some(Trap::After { direction, bytes: bytes - length as u64 });
                        (length, false)
                    }
                }
            }
            Some(Trap::LoseAnswer) if direction == Direction::Up => {
                asked.store(1, Ordering::Relaxed);
                (length, false)
            }
            Some(Trap::LoseAnswer) if asked.load(Ordering::Relaxed) == 1 => {
                *trap = None;
                (0, true)
            }
            _ => (length, false),
        }
    }
}
