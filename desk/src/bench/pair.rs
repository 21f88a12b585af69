//! Two devices on the real core, a relay, and a proxy that counts: writes and bytes.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use estafette_attest::development::DevelopmentAttestor;
use estafette_core::engine::{Command, CommandAnswer, Effect, Engine, Input, When};
use estafette_core::net::{Connection, Socket};
use estafette_core::store::DatabaseKey;
use estafette_protocol::check;
use estafette_protocol::frame::{Message, RequestBody};
use estafette_protocol::{Hash, RosterId, ThreadId};
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use super::figure::{Figure, median, milliseconds, quantile};
use super::office::Organisation;
use super::terminal::{PATIENCE, TEXT, Terminal, random};
use super::{BenchError, Scale, dice};
use crate::clock;
use crate::replay::fleet::{self, DATABASE, Device, KEY};
use crate::replay::proxy::{Counted, Line};

/// How long two devices may take to be in one group, or a thousand messages to travel.
const SETTLING: Duration = Duration::from_secs(120);
/// A line on which nothing moved for so long is quiet.
const QUIET: Duration = Duration::from_millis(400);
/// How often a line or a database is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// A team of two.
pub(super) struct Pair {
    pub organisation: Organisation,
    pub folder: PathBuf,
    pub thread: ThreadId,
    pub sender: Device,
    pub receiver: Device,
}

/// The devices' folders.
pub(super) const NAMES: [&str; 2] = ["sender", "receiver"];

impl Pair {
    pub fn meet(runtime: &Runtime, folder: &Path) -> Result<Self, BenchError> {
        let mut organisation = Organisation::found(runtime, folder)?;
        let roster = runtime.block_on(organisation.office.team())?;
        let seats = runtime.block_on(organisation.office.tickets(NAMES.len()))?;
        let upstream = organisation.relay.upstream();
        let mut devices =
            fleet::enrol(&NAMES.map(str::to_owned), &seats, folder, &upstream, random(&mut dice()?))?;
        runtime.block_on(organisation.office.approve(&seats, roster))?;
        for device in &mut devices {
            device.start(runtime.handle())?;
        }
        let thread = roster.first_thread();
        for device in &mut devices {
            wait_until(|| Ok(device.is_member(thread)?))?;
        }
        let (Some(receiver), Some(sender)) = (devices.pop(), devices.pop()) else {
            return Err(BenchError::other("a pair is two"));
        };
        Ok(Self { organisation, folder: folder.to_path_buf(), thread, sender, receiver })
    }

    pub fn part(mut self) {
        self.sender.stop();
        self.receiver.stop();
        self.organisation.office.stop();
    }
}

pub(super) fn wait_until(mut done: impl FnMut() -> Result<bool, BenchError>) -> Result<(), BenchError> {
    let begun = Instant::now();
    while !done()? {
        if begun.elapsed() > SETTLING {
            return Err(BenchError::other("what was waited for did not come"));
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}

/// What a line has counted once nothing moves on it any more.
fn quiet(line: &Line) -> Counted {
    let mut last = line.counted();
    let mut since = Instant::now();
    while since.elapsed() < QUIET {
        std::thread::sleep(LOOK);
        let now = line.counted();
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
    last
}

/// Durable local writes of the sender, alone; then the receiver is given all of them at once.
pub fn write(
    runtime: &Runtime,
    folder: &Path,
    scale: Scale,
    print: &mut dyn FnMut(Figure),
) -> Result<(), BenchError> {
    let mut pair = Pair::meet(runtime, folder)?;
    pair.sender.stop();
    pair.receiver.stop();
    let lengths = durable_writes(&pair.folder.join(NAMES[0]), pair.thread, scale.writes)?;
    for (name, part) in [("half of them", 0.5), ("99 of 100", 0.99)] {
        let figure = format!("durable local write of 100 characters: {name} within");
        print(Figure::new(figure, quantile(&lengths, part), "ms").target("< 5"));
    }
    pair.sender.start(runtime.handle())?;
    let (thread, sender) = (pair.thread, &mut pair.sender);
    wait_until(|| Ok(sender.progress(thread)?.1 == 0))?;
    let sent = sender.progress(thread)?.0;
    sender.stop();
    let begun = Instant::now();
    pair.receiver.start(runtime.handle())?;
    let receiver = &mut pair.receiver;
    wait_until(|| Ok(receiver.progress(thread)?.0 >= sent))?;
    let figure = format!("start, connect, receive and apply {} messages", scale.writes);
    print(Figure::new(figure, milliseconds(begun.elapsed()), "ms").target("< 300 for applying alone"));
    pair.part();
    Ok(())
}

/// The key of the database in a device's folder.
pub(super) fn key_of(folder: &Path) -> Result<DatabaseKey, BenchError> {
    let key: Hash = std::fs::read_to_string(folder.join(KEY))?.trim().parse().map_err(BenchError::other)?;
    Ok(DatabaseKey(Zeroizing::new(key.0)))
}

/// Each write is one call of the engine: one transaction, synchronous to the disk.
pub(super) fn durable_writes(folder: &Path, thread: ThreadId, count: usize) -> Result<Vec<f64>, BenchError> {
    let key = key_of(folder)?;
    let mut engine = Engine::open(&folder.join(DATABASE), &key).map_err(BenchError::other)?;
    let mut rng = dice()?;
    let mut lengths = Vec::with_capacity(count);
    for id in 0..count as u64 {
        let command = Command::Write {
            thread,
            text: TEXT.to_owned(),
            parents: Vec::new(),
            mentions: Vec::new(),
            when: When::Now,
        };
        let begun = Instant::now();
        let effects = engine.handle_many(clock::now(), &mut rng, vec![Input::Command { id, command }]);
        lengths.push(milliseconds(begun.elapsed()));
        let written =
            |effect: &Effect| matches!(effect, Effect::Answer { answer: CommandAnswer::Written { .. }, .. });
        if !effects.map_err(BenchError::other)?.iter().any(written) {
            return Err(BenchError::other("a message was not written"));
        }
    }
    Ok(lengths)
}

/// Bytes of a message on an open socket and cold, and of asking whether there is anything new.
pub fn bytes(
    runtime: &Runtime,
    folder: &Path,
    scale: Scale,
    print: &mut dyn FnMut(Figure),
) -> Result<(), BenchError> {
    let mut pair = Pair::meet(runtime, folder)?;
    open_socket(&pair, scale, print)?;
    alone(runtime, &mut pair.organisation, scale, print)?;
    pair.part();
    Ok(())
}

fn open_socket(pair: &Pair, scale: Scale, print: &mut dyn FnMut(Figure)) -> Result<(), BenchError> {
    let (mut up, mut down, mut received) = (Vec::new(), Vec::new(), Vec::new());
    // The first message names its thread in full and is no measure of the others.
    for number in 0..=scale.repetitions {
        let before = (quiet(&pair.sender.line), quiet(&pair.receiver.line));
        let command = Command::Write {
            thread: pair.thread,
            text: TEXT.to_owned(),
            parents: Vec::new(),
            mentions: Vec::new(),
            when: When::Now,
        };
        let answer = pair.sender.handle()?.command(command).blocking_recv().map_err(BenchError::other)?;
        if !matches!(answer, CommandAnswer::Written { .. }) {
            return Err(BenchError::other("a message was not written"));
        }
        std::thread::sleep(QUIET);
        let after = (quiet(&pair.sender.line), quiet(&pair.receiver.line));
        if number > 0 {
            up.push((after.0.up - before.0.up) as f64);
            down.push((after.0.down - before.0.down) as f64);
            received.push((after.1.down - before.1.down) as f64);
        }
    }
    let both: Vec<f64> = up.iter().zip(&down).map(|(up, down)| up + down).collect();
    let what = "100 characters, open socket, TLS and all";
    print(Figure::new(format!("{what}: sender, up and down"), median(&both), "bytes").target("< 400"));
    print(Figure::new(format!("{what}: sender, up"), median(&up), "bytes"));
    print(Figure::new(format!("{what}: sender, down"), median(&down), "bytes"));
    print(Figure::new(format!("{what}: a receiver, down"), median(&received), "bytes"));
    Ok(())
}

/// A device without a database, alone in its team, whose every byte is its own doing.
struct Alone {
    terminal: Terminal,
    roster: RosterId,
    line: Line,
    endpoint: estafette_core::net::Endpoint,
}

fn alone(
    runtime: &Runtime,
    organisation: &mut Organisation,
    scale: Scale,
    print: &mut dyn FnMut(Figure),
) -> Result<(), BenchError> {
    let mut rng = dice()?;
    let roster = runtime.block_on(organisation.office.team())?;
    let seats = runtime.block_on(organisation.office.tickets(1))?;
    let seat = seats.first().ok_or_else(|| BenchError::other("no seat"))?;
    let line = runtime.block_on(Line::lay(organisation.relay.upstream()))?;
    let endpoint = organisation.endpoint_at(&line.address().to_string())?;
    let mut connection = runtime.block_on(Connection::open(&endpoint, PATIENCE))?;
    let attestor = DevelopmentAttestor::new();
    let terminal = runtime.block_on(Terminal::enrol(seat, &mut connection, &attestor, &mut rng))?;
    runtime.block_on(organisation.office.approve(&seats, roster))?;
    let mut alone = Alone { terminal, roster, line, endpoint };
    runtime.block_on(async {
        alone.terminal.catch_up(&mut connection).await?;
        let founding = alone.terminal.founding(roster, &[]);
        alone.terminal.exchange(&mut connection, vec![founding]).await?;
        alone.terminal.catch_up(&mut connection).await
    })?;
    drop(connection);
    let cold = alone.cold(runtime, organisation, scale)?;
    let check = alone.cold_check(runtime, scale)?;
    let open = alone.open_check(runtime, scale)?;
    print(Figure::new("100 characters, cold through exchange, first contact", cold.0, "bytes"));
    print(Figure::new("100 characters, cold through exchange, TLS resumed", cold.1, "bytes"));
    print(Figure::new("nothing new, cold through exchange, TLS resumed", check, "bytes"));
    print(Figure::new("nothing new, open socket, up and down", open, "bytes").target("< 64"));
    Ok(())
}

impl Alone {
    /// A connection, an exchange that says hello and appends one message, and what it cost.
    fn exchange_cost(
        &mut self,
        runtime: &Runtime,
        endpoint: &estafette_core::net::Endpoint,
        bodies: Vec<RequestBody>,
    ) -> Result<f64, BenchError> {
        let before = quiet(&self.line);
        runtime.block_on(async {
            let mut connection = Connection::open(endpoint, PATIENCE).await?;
            self.terminal.exchange(&mut connection, bodies).await
        })?;
        let after = quiet(&self.line);
        Ok((after.up + after.down - before.up - before.down) as f64)
    }

    /// With a fresh endpoint, which knows no TLS session, and with one that resumes.
    fn cold(
        &mut self,
        runtime: &Runtime,
        organisation: &Organisation,
        scale: Scale,
    ) -> Result<(f64, f64), BenchError> {
        let mut rng = dice()?;
        let (mut first, mut resumed) = (Vec::new(), Vec::new());
        for _ in 0..scale.repetitions {
            let fresh = organisation.endpoint_at(&self.line.address().to_string())?;
            for (endpoint, costs) in [(&fresh, &mut first), (&fresh, &mut resumed)] {
                let entries = vec![self.terminal.sealed(self.roster, &mut rng)?];
                let hello = RequestBody::Hello { cursor: self.terminal.cursor.clone() };
                costs.push(self.exchange_cost(
                    runtime,
                    endpoint,
                    vec![hello, RequestBody::Append { entries }],
                )?);
                let mut connection = runtime.block_on(Connection::open(&self.endpoint, PATIENCE))?;
                runtime.block_on(self.terminal.catch_up(&mut connection))?;
            }
        }
        Ok((median(&first), median(&resumed)))
    }

    fn cold_check(&mut self, runtime: &Runtime, scale: Scale) -> Result<f64, BenchError> {
        let endpoint = self.endpoint.clone();
        let cursor = self.terminal.cursor.clone();
        let cost = |_| {
            let check = RequestBody::Check { cursor: cursor.clone() };
            self.exchange_cost(runtime, &endpoint, vec![check])
        };
        let costs: Vec<f64> = (0..scale.repetitions).map(cost).collect::<Result<_, _>>()?;
        Ok(median(&costs))
    }

    fn open_check(&mut self, runtime: &Runtime, scale: Scale) -> Result<f64, BenchError> {
        let endpoint = self.endpoint.clone();
        let mut socket = runtime.block_on(self.terminal.open(&endpoint))?;
        runtime.block_on(answer(&mut socket, 1))?;
        let mut costs = Vec::new();
        for _ in 0..scale.repetitions {
            let before = quiet(&self.line);
            let asked = check::question(&self.terminal.cursor).to_vec();
            let answer = runtime.block_on(async {
                socket.sender.send(asked, PATIENCE).await?;
                socket.receiver.receive(PATIENCE).await
            })?;
            if answer != check::NOTHING {
                return Err(BenchError::other("there was news"));
            }
            let after = quiet(&self.line);
            costs.push((after.up + after.down - before.up - before.down) as f64);
        }
        Ok(median(&costs))
    }
}

/// Waits for the answer to a request; what else comes is passed over.
async fn answer(socket: &mut Socket, wanted: u32) -> Result<(), BenchError> {
    loop {
        let frame = socket.receiver.receive(PATIENCE).await?;
        let message = Message::from_bytes(&frame).map_err(BenchError::other)?;
        if matches!(message, Message::Answer { id, .. } if id == wanted) {
            return Ok(());
        }
    }
}
