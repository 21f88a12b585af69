//! A thousand devices in fifty teams on one relay: what each costs while it is idle, and what a
//! message costs when all teams write.
//!
//! Entries are sealed beforehand and receivers only count, so the other side of the machine does
//! as little as it can. It does take its share of the same processors: messages a second are
//! those of this machine with both sides on it; the relay's processor time is its own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use estafette_attest::development::DevelopmentAttestor;
use estafette_core::net::{Connection, Socket};
use estafette_protocol::alias::Aliases;
use estafette_protocol::entry::WireEntry;
use estafette_protocol::frame::{AppendResult, Content, Message, Outcome, Reply, Request, RequestBody};
use estafette_protocol::{Fault, FaultCode, RosterId, codec};
use rand_chacha::ChaCha20Rng;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::figure::{Figure, microseconds};
use super::office::Organisation;
use super::terminal::{PATIENCE, Terminal};
use super::{BenchError, Scale, dice};
use super::{announcement, revocation};

/// Lets the relay finish what connecting left behind before its memory is read.
const REST: Duration = Duration::from_secs(3);
/// How long a run may take.
const RUN: Duration = Duration::from_secs(300);
/// A device says that it has stored its entries after so many, as the engine does.
const STORED_EVERY: usize = 128;

/// One team.
pub(super) struct Team {
    roster: RosterId,
    pub terminals: Vec<Terminal>,
}

/// What a writer is asked to do.
struct Job {
    entries: Vec<WireEntry>,
    in_flight: usize,
}

/// What all devices count together.
#[derive(Default)]
pub(super) struct Counts {
    accepted: AtomicU64,
    refused: AtomicU64,
    pub delivered: AtomicU64,
    pub lost: AtomicU64,
}

/// Enrols, connects, looks, and lets all teams write.
pub fn measure(
    runtime: &Runtime,
    folder: &Path,
    scale: Scale,
    print: &mut dyn FnMut(Figure),
) -> Result<(), BenchError> {
    let mut rng = dice()?;
    let mut organisation = Organisation::found(runtime, folder)?;
    let mut teams = Vec::new();
    for _ in 0..scale.teams {
        teams.push(enrol(runtime, &mut organisation, scale.members, &mut rng)?);
    }
    runtime.block_on(catch_up(&organisation, &mut teams))?;
    // A relay that has just started holds nothing of the enrolments' work.
    organisation.relay.restart()?;
    let counts = Arc::new(Counts::default());
    std::thread::sleep(REST);
    let alone = organisation.relay.memory()?;
    let ways = runtime.block_on(connect(&organisation, &mut teams, &counts))?;
    std::thread::sleep(REST);
    let devices = scale.teams * scale.members;
    let each = organisation.relay.memory()?.saturating_sub(alone) as f64 / devices as f64 / 1024.0;
    let figure = format!("idle connected device on the relay, TLS included, at {devices} devices");
    print(Figure::new(figure, each, "KiB").target("< 24"));
    print(Figure::new(
        format!("relay with {devices} enrolled devices, none connected"),
        alone as f64 / 1048576.0,
        "MiB",
    ));
    for in_flight in [1, 8] {
        run(&organisation, &teams, &ways.writers, &counts, (scale, in_flight), &mut rng, print)?;
    }
    announcement::measure(runtime, &mut organisation, &mut teams, &counts, &mut rng, print)?;
    revocation::measure(runtime, &mut organisation, &teams, &counts, print)?;
    drop(ways);
    organisation.office.stop();
    Ok(())
}

fn enrol(
    runtime: &Runtime,
    organisation: &mut Organisation,
    members: usize,
    rng: &mut ChaCha20Rng,
) -> Result<Team, BenchError> {
    let attestor = DevelopmentAttestor::new();
    let endpoint = organisation.endpoint()?;
    runtime.block_on(async {
        let roster = organisation.office.team().await?;
        let seats = organisation.office.tickets(members).await?;
        let mut connection = Connection::open(&endpoint, PATIENCE).await?;
        let mut terminals = Vec::new();
        for seat in &seats {
            terminals.push(Terminal::enrol(seat, &mut connection, &attestor, rng).await?);
        }
        organisation.office.approve(&seats, roster).await?;
        let mut team = Team { roster, terminals };
        found(&mut team, &mut connection).await?;
        Ok(team)
    })
}

/// The first device founds the group.
async fn found(team: &mut Team, connection: &mut Connection) -> Result<(), BenchError> {
    let others: Vec<_> = team.terminals.iter().skip(1).map(|terminal| terminal.device).collect();
    let Some(first) = team.terminals.first_mut() else { return Ok(()) };
    first.catch_up(connection).await?;
    let founding = first.founding(team.roster, &others);
    first.exchange(connection, vec![founding]).await.map(drop)
}

/// Every device takes what the enrolments of all have left for it.
async fn catch_up(organisation: &Organisation, teams: &mut [Team]) -> Result<(), BenchError> {
    let mut connection = Connection::open(&organisation.endpoint()?, PATIENCE).await?;
    for terminal in teams.iter_mut().flat_map(|team| &mut team.terminals) {
        terminal.catch_up(&mut connection).await?;
    }
    Ok(())
}

/// Ways to the devices; without them they end.
struct Ways {
    /// To the one of each team that writes.
    writers: Vec<mpsc::UnboundedSender<Job>>,
    /// To those that only listen.
    _listeners: Vec<mpsc::UnboundedSender<Job>>,
}

/// Opens all sockets.
async fn connect(
    organisation: &Organisation,
    teams: &mut [Team],
    counts: &Arc<Counts>,
) -> Result<Ways, BenchError> {
    let endpoint = organisation.endpoint()?;
    let mut ways = Ways { writers: Vec::new(), _listeners: Vec::new() };
    for (index, terminal) in teams.iter_mut().flat_map(|team| team.terminals.iter_mut().enumerate()) {
        let socket = terminal.open(&endpoint).await?;
        let (jobs, inbox) = mpsc::unbounded_channel();
        tokio::spawn(live(socket, inbox, Arc::clone(counts)));
        if index == 0 { &mut ways.writers } else { &mut ways._listeners }.push(jobs);
    }
    Ok(ways)
}

/// One device's life: it counts what comes, and writes when it is told to.
async fn live(socket: Socket, jobs: mpsc::UnboundedReceiver<Job>, counts: Arc<Counts>) {
    if life(socket, jobs, &counts).await.is_err() {
        counts.lost.fetch_add(1, Ordering::Relaxed);
    }
}

async fn life(
    mut socket: Socket,
    mut jobs: mpsc::UnboundedReceiver<Job>,
    counts: &Counts,
) -> Result<(), Fault> {
    let mut aliases = Aliases::default();
    let mut waiting = Vec::new().into_iter();
    let mut unstored = 0;
    let mut next_id = 2;
    loop {
        let mut bodies = Vec::new();
        tokio::select! {
            job = jobs.recv() => {
                let Some(Job { entries, in_flight }) = job else { return Ok(()) };
                waiting = entries.into_iter();
                bodies.extend(waiting.by_ref().take(in_flight).map(append));
            }
            frame = socket.receiver.receive(RUN) => {
                match Message::from_bytes(&frame?).map_err(|_| FaultCode::Malformed)? {
                    Message::Answer { outcome: Outcome::Done(Reply::Appended { results, .. }), .. } => {
                        for result in results {
                            let counter = match result {
                                AppendResult::Stands { .. } => &counts.accepted,
                                AppendResult::Refused(_) => &counts.refused,
                            };
                            counter.fetch_add(1, Ordering::Relaxed);
                        }
                        bodies.extend(waiting.next().map(append));
                    }
                    Message::Deliver(delivery) => {
                        let entries = delivery.entries.iter().filter(|entry| {
                            matches!(entry.content, Content::Entry(_) | Content::Announcement { .. })
                        });
                        counts.delivered.fetch_add(entries.count() as u64, Ordering::Relaxed);
                        unstored += delivery.entries.len();
                        if delivery.more || unstored >= STORED_EVERY {
                            unstored = 0;
                            bodies.push(RequestBody::Stored { cursor: delivery.cursor });
                        }
                    }
                    Message::Goodbye(fault) => return Err(fault),
                    _ => {}
                }
            }
        }
        for body in bodies {
            let mut request = Request { id: next_id, body };
            next_id += 1;
            aliases.shorten(&mut request)?;
            socket.sender.send(codec::to_bytes(&request), PATIENCE).await?;
        }
    }
}

fn append(entry: WireEntry) -> RequestBody {
    RequestBody::Append { entries: vec![entry] }
}

/// All teams write, each with so many messages in flight, until every device has everything.
fn run(
    organisation: &Organisation,
    teams: &[Team],
    writers: &[mpsc::UnboundedSender<Job>],
    counts: &Counts,
    (scale, in_flight): (Scale, usize),
    rng: &mut ChaCha20Rng,
    print: &mut dyn FnMut(Figure),
) -> Result<(), BenchError> {
    let mut jobs = Vec::new();
    for team in teams {
        let Some(author) = team.terminals.first() else { continue };
        let entries =
            (0..scale.messages).map(|_| author.sealed(team.roster, rng)).collect::<Result<_, _>>()?;
        jobs.push(Job { entries, in_flight });
    }
    let messages = (scale.teams * scale.messages) as u64;
    let deliveries = messages * (scale.members as u64 - 1);
    let (accepted, delivered) =
        (counts.accepted.load(Ordering::Relaxed), counts.delivered.load(Ordering::Relaxed));
    let processor = organisation.relay.processor()?;
    let begun = Instant::now();
    for (writer, job) in writers.iter().zip(jobs) {
        writer.send(job).map_err(|_| BenchError::other("a device has gone"))?;
    }
    let mut accepting = None;
    while counts.delivered.load(Ordering::Relaxed) - delivered < deliveries {
        if accepting.is_none() && counts.accepted.load(Ordering::Relaxed) - accepted >= messages {
            accepting = Some(begun.elapsed());
        }
        let trouble = [&counts.refused, &counts.lost].map(|counter| counter.load(Ordering::Relaxed));
        if begun.elapsed() > RUN || trouble != [0, 0] {
            let came = counts.delivered.load(Ordering::Relaxed) - delivered;
            let [refused, lost] = trouble;
            return Err(BenchError::Other(format!(
                "{came} of {deliveries} deliveries came, {refused} messages were refused, {lost} devices lost"
            )));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let all = begun.elapsed();
    let accepting = accepting.unwrap_or(all);
    let spent = organisation.relay.processor()?.saturating_sub(processor);
    let (teams, members) = (scale.teams, scale.members);
    let what = format!("{teams} teams of {members}, {in_flight} in flight in each");
    print(Figure::new(format!("{what}: messages accepted"), messages as f64 / accepting.as_secs_f64(), "/s"));
    print(Figure::new(format!("{what}: deliveries"), deliveries as f64 / all.as_secs_f64(), "/s"));
    let each = microseconds(spent) / deliveries as f64;
    print(
        Figure::new(format!("{what}: relay's processor per delivery"), each, "µs")
            .target("< 4.2 to 17.4 (2 × bare)"),
    );
    Ok(())
}
