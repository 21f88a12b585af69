//! A recorded writing session through the real relay: one device for each agent, one note.
//!
//! Each device writes what its agent wrote, on the version that the agent had before them, as soon as
//! everything that this version holds has reached the device. What an agent wrote on, without somebody
//! else having seen the middle of it, is one edit. At the end all is closed, and each device's database
//! is opened anew to see which text it holds.

use std::path::Path;
use std::time::{Duration, Instant};

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::note::Splice;
use estafette_protocol::{EntryUid, Fault, FaultCode, Hash, ThreadId, limits};
use serde::Serialize;
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use super::fleet::{self, Device};
use super::trace::Trace;
use super::{ReplayError, Stage, WORKERS, counted, join, random};

/// Patches of one edit, at most: a person would have paused.
const TOGETHER: usize = 500;
/// The pause when nothing can be done.
const PAUSE: Duration = Duration::from_millis(1);
/// Without any progress for so long, a replay is given up.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is told while a session is replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WritingProgress {
    /// Devices are enrolled and join their team.
    Enrolling,
    /// So many transactions more were written.
    Wrote(usize),
    /// Devices are closed and looked at.
    Judging,
}

/// What a replay of a session shows at its end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WritingFigures {
    /// The file's name without its endings.
    pub file: String,
    /// Devices.
    pub devices: usize,
    /// Transactions of the file.
    pub transactions: usize,
    /// Entries that they became in the thread's log.
    pub entries: u64,
    /// Whether every device, opened anew, holds the text that the file ends with.
    pub equal_to_end_content: bool,
    /// Bytes from all devices to the relay while they wrote.
    pub bytes_up: u64,
    /// Bytes from the relay to all devices.
    pub bytes_down: u64,
    /// While they wrote, until all had everything.
    pub seconds: f64,
}

/// What one agent wrote without anybody else having seen the middle of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    agent: usize,
    parents: Vec<usize>,
    transactions: usize,
    splices: Vec<Splice>,
}

/// The stretches of a session, in an order in which they can be written.
fn stretches(trace: &Trace) -> Vec<Stretch> {
    let mut children = vec![0usize; trace.transactions.len()];
    for parent in trace.transactions.iter().flat_map(|one| &one.parents) {
        if let Some(count) = children.get_mut(*parent) {
            *count += 1;
        }
    }
    let mut stretches: Vec<Stretch> = Vec::new();
    // The stretch of each transaction.
    let mut places: Vec<usize> = Vec::new();
    for transaction in &trace.transactions {
        let splices = transaction.patches.iter().map(|patch| Splice {
            position: patch.position,
            deleted: patch.deleted,
            inserted: patch.inserted.clone(),
        });
        let goes_on = match transaction.parents[..] {
            [parent] if children.get(parent) == Some(&1) => places.get(parent).copied(),
            _ => None,
        };
        let open = goes_on.and_then(|place| stretches.get_mut(place).map(|stretch| (place, stretch)));
        match open {
            Some((place, stretch))
                if stretch.agent == transaction.agent && stretch.splices.len() < TOGETHER =>
            {
                stretch.splices.extend(splices);
                stretch.transactions += 1;
                places.push(place);
            }
            _ => {
                let mut parents: Vec<usize> =
                    transaction.parents.iter().filter_map(|parent| places.get(*parent).copied()).collect();
                parents.sort_unstable();
                parents.dedup();
                places.push(stretches.len());
                stretches.push(Stretch {
                    agent: transaction.agent,
                    parents,
                    transactions: 1,
                    splices: splices.collect(),
                });
            }
        }
    }
    stretches
}

/// Replays a session and says what came of it. Blocks.
///
/// # Errors
///
/// Something failed that is no verdict.
pub fn write(
    trace: &Trace,
    progress: &mut dyn FnMut(WritingProgress),
) -> Result<WritingFigures, ReplayError> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(16)
        .enable_all()
        .build()?;
    let _inside = runtime.enter();
    progress(WritingProgress::Enrolling);
    let mut stage = Stage::build(folder.path(), &runtime)?;
    let names: Vec<String> = (0..trace.agents).map(|agent| format!("agent-{agent}")).collect();
    let roster = runtime.block_on(stage.office.team())?;
    let thread = roster.first_thread();
    let seats = runtime.block_on(stage.office.tickets(names.len()))?;
    let devices_folder = folder.path().join("devices");
    let mut devices = fleet::enrol(&names, &seats, &devices_folder, &stage.relay.upstream(), random()?)?;
    runtime.block_on(stage.office.approve(&seats, roster))?;
    for device in &mut devices {
        device.start(runtime.handle())?;
    }
    join(&mut devices, thread)?;
    let (begun, before) = (Instant::now(), counted(&devices));
    let stretches = stretches(trace);
    let mut session = Session::open(trace, &stretches, &mut devices, &runtime, thread)?;
    session.write(progress)?;
    let item = session.item;
    settle(&mut devices, thread, item)?;
    let (took, after) = (begun.elapsed(), counted(&devices));
    progress(WritingProgress::Judging);
    let mut entries = 0;
    for device in &mut devices {
        entries = entries.max(device.progress(thread)?.0.0);
        device.stop();
    }
    let equal = judge(trace, &names, &devices_folder, item)?;
    stage.strike();
    Ok(WritingFigures {
        file: trace.name.clone(),
        devices: names.len(),
        transactions: trace.transactions.len(),
        entries,
        equal_to_end_content: equal,
        bytes_up: after.up - before.up,
        bytes_down: after.down - before.down,
        seconds: (10.0 * took.as_secs_f64()).round() / 10.0,
    })
}

/// Opens every device's database and compares the text that it holds.
fn judge(trace: &Trace, names: &[String], folder: &Path, item: EntryUid) -> Result<bool, ReplayError> {
    let mut equal = true;
    for (index, name) in names.iter().enumerate() {
        let mut reader = fleet::open(&folder.join(fleet::folder_name(index, name)))?;
        let note = reader.note(item).map_err(ReplayError::store)?;
        equal &= note.is_some_and(|(_, note)| note.text == trace.end);
        equal &= reader.verify().map_err(ReplayError::store)?.is_empty();
    }
    Ok(equal)
}

/// Waits until everything is sent and every device shows the same version, or until nothing moves.
fn settle(devices: &mut [Device], thread: ThreadId, item: EntryUid) -> Result<(), ReplayError> {
    let mut last_move = Instant::now();
    let mut seen = Vec::new();
    while last_move.elapsed() < PATIENCE {
        let mut states = Vec::new();
        for device in devices.iter_mut() {
            let progress = device.progress(thread)?;
            let note = device.reader()?.note(item).map_err(ReplayError::store)?;
            states.push((progress, note.map(|(_, note)| note.version).unwrap_or_default()));
        }
        let same = states.windows(2).all(|two| two[0] == two[1]);
        if same && states.iter().all(|((_, unsent), _)| *unsent == 0) {
            return Ok(());
        }
        if states != seen {
            (seen, last_move) = (states, Instant::now());
        }
        std::thread::sleep(20 * PAUSE);
    }
    Ok(())
}

/// A session that is being written.
struct Session<'a> {
    stretches: &'a [Stretch],
    devices: &'a mut [Device],
    item: EntryUid,
    /// Each stretch's version of the text, once it is written.
    versions: Vec<Option<Vec<Hash>>>,
    /// The text before anything.
    beginning: Vec<Hash>,
    desks: Vec<Writer>,
}

/// What a device has to write.
#[derive(Default)]
struct Writer {
    /// Its stretches, the next one last.
    left: Vec<usize>,
    answer: Option<oneshot::Receiver<CommandAnswer>>,
    /// Its next stretch was too early at this count of changes.
    early_at: Option<u64>,
}

impl<'a> Session<'a> {
    /// The first author's device begins the note.
    fn open(
        trace: &Trace,
        stretches: &'a [Stretch],
        devices: &'a mut [Device],
        runtime: &tokio::runtime::Runtime,
        thread: ThreadId,
    ) -> Result<Self, ReplayError> {
        let mut desks: Vec<Writer> = devices.iter().map(|_| Writer::default()).collect();
        for (place, stretch) in stretches.iter().enumerate().rev() {
            if let Some(desk) = desks.get_mut(stretch.agent) {
                desk.left.push(place);
            }
        }
        let first = stretches.first().map_or(0, |stretch| stretch.agent);
        let device = devices.get_mut(first).ok_or_else(|| ReplayError::device("no author"))?;
        let title: String =
            trace.name.chars().filter(|sign| !sign.is_control()).take(limits::TITLE).collect();
        let title = if title.is_empty() { "note".to_owned() } else { title };
        let command = Command::CreateNote { thread, title, text: trace.start.clone() };
        let item = match runtime.block_on(device.handle()?.command(command)) {
            Ok(CommandAnswer::Written { uid, .. }) => uid,
            Ok(CommandAnswer::Refused(fault)) => return Err(fault.into()),
            _ => return Err(ReplayError::device("no answer")),
        };
        let note = device.reader()?.note(item).map_err(ReplayError::store)?;
        let beginning = note.map(|(_, note)| note.version).unwrap_or_default();
        Ok(Self { stretches, devices, item, versions: vec![None; stretches.len()], beginning, desks })
    }

    fn write(&mut self, progress: &mut dyn FnMut(WritingProgress)) -> Result<(), ReplayError> {
        let mut last_move = Instant::now();
        while self.desks.iter().any(|desk| !desk.left.is_empty()) {
            let mut moved = 0;
            for agent in 0..self.desks.len() {
                moved += self.turn(agent)?;
            }
            if moved > 0 {
                progress(WritingProgress::Wrote(moved));
                last_move = Instant::now();
            } else if last_move.elapsed() > PATIENCE {
                let next = self.desks.iter().filter_map(|desk| desk.left.last()).min();
                return Err(ReplayError::NoteStuck { stretch: next.copied().unwrap_or_default() });
            } else {
                std::thread::sleep(PAUSE);
            }
        }
        Ok(())
    }

    /// Lets one agent's device go on; how many transactions it has written.
    fn turn(&mut self, agent: usize) -> Result<usize, ReplayError> {
        let (Some(desk), Some(device)) = (self.desks.get_mut(agent), self.devices.get_mut(agent)) else {
            return Ok(0);
        };
        let Some(place) = desk.left.last().copied() else { return Ok(0) };
        let Some(stretch) = self.stretches.get(place) else { return Ok(0) };
        let mut written = None;
        if let Some(answer) = &mut desk.answer {
            let answer = match answer.try_recv() {
                Ok(answer) => answer,
                Err(TryRecvError::Empty) => return Ok(0),
                Err(TryRecvError::Closed) => return Err(ReplayError::device("a device has ended")),
            };
            desk.answer = None;
            match answer {
                CommandAnswer::Edited { version } => written = Some(version),
                // What the version holds has not all come to this device.
                CommandAnswer::Refused(Fault { code: FaultCode::NotFound, .. }) => return Ok(0),
                CommandAnswer::Refused(fault) => return Err(fault.into()),
                _ => return Err(ReplayError::device("another answer")),
            }
        } else {
            let changes = device.handle()?.changes();
            let seen: Option<Vec<&Vec<Hash>>> =
                stretch.parents.iter().map(|parent| self.versions.get(*parent)?.as_ref()).collect();
            let Some(seen) = seen else { return Ok(0) };
            let mut over: Vec<Hash> = match seen.is_empty() {
                true => self.beginning.clone(),
                false => seen.into_iter().flatten().copied().collect(),
            };
            over.sort_unstable();
            over.dedup();
            if stretch.splices.is_empty() {
                written = Some(over);
            } else if desk.early_at != Some(changes) {
                desk.early_at = Some(changes);
                let command = Command::EditNote { item: self.item, over, splices: stretch.splices.clone() };
                desk.answer = Some(device.handle()?.command(command));
                return Ok(0);
            }
        }
        let Some(version) = written else { return Ok(0) };
        desk.left.pop();
        desk.early_at = None;
        if let Some(slot) = self.versions.get_mut(place) {
            *slot = Some(version);
        }
        Ok(stretch.transactions)
    }
}

#[cfg(test)]
mod tests {
    use super::super::trace::{Patch, Transaction};
    use super::*;

    #[test]
    fn what_nobody_else_saw_the_middle_of_is_one_stretch() {
        let one = |agent, parents: &[usize]| Transaction {
            agent,
            parents: parents.to_vec(),
            patches: vec![Patch { position: 0, deleted: 0, inserted: "a".to_owned() }],
        };
        let transactions = vec![
            one(0, &[]),
            one(0, &[0]),
            one(1, &[1]),
            one(0, &[1]),
            one(1, &[2]),
            one(0, &[3, 4]),
            one(1, &[5]),
        ];
        let trace =
            Trace { name: String::new(), agents: 2, start: String::new(), end: String::new(), transactions };
        let found = stretches(&trace);
        let found: Vec<_> =
            found.iter().map(|one| (one.agent, one.parents.clone(), one.transactions)).collect();
        assert_eq!(
            found,
            [(0, vec![], 2), (1, vec![0], 2), (0, vec![0], 1), (0, vec![1, 2], 1), (1, vec![3], 1)]
        );
    }
}
