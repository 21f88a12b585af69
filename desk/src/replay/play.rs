//! A conversation, spoken by its devices while the network and the power fail as planned.
//!
//! Messages are written in the file's order. An author who answers what has not arrived waits
//! for it, and nobody else does, unless the conversation would run too far ahead of those who
//! wait. There is no waiting for convergence.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use estafette_core::engine::{Command, CommandAnswer};
use estafette_protocol::{EntryUid, Fault, Position, ThreadId};
use tokio::sync::oneshot;

use super::ReplayError;
use super::conversation::Conversation;
use super::fleet::Device;
use super::plan::{Restart, Step};
use super::relay::Relay;

/// How far the conversation runs ahead of the oldest message that waits.
const AHEAD: usize = 64;
/// Messages written that have no place yet, at most.
const IN_FLIGHT: usize = 200;
/// A line stays cut no longer than this, whatever is or is not said meanwhile.
const LONGEST_CUT: Duration = Duration::from_millis(400);
/// The pause when nothing can be done.
const PAUSE: Duration = Duration::from_millis(1);
/// Without any progress for so long, a replay is given up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Everything that a conversation is spoken with.
pub struct Play<'a> {
    conversation: &'a Conversation,
    steps: &'a [Step],
    devices: &'a mut [Device],
    relay: &'a mut Relay,
    runtime: &'a tokio::runtime::Runtime,
    thread: ThreadId,
    uids: Vec<Option<EntryUid>>,
    issued: Vec<bool>,
    /// The oldest message that was not written.
    oldest: usize,
    spoken: usize,
    writing: Vec<Writing>,
    /// Authors with messages that had no place when they were last looked at.
    sending: BTreeSet<usize>,
    cuts: Vec<Cut>,
    watches: Vec<Watch>,
    restarts: u64,
}

struct Writing {
    message: usize,
    answer: oneshot::Receiver<CommandAnswer>,
}

/// A line that is cut, and when it is mended.
struct Cut {
    device: usize,
    until_spoken: usize,
    until: Instant,
}

/// What was last seen of a device.
#[derive(Clone, Copy, Default)]
struct Watch {
    changes: Option<u64>,
    outbox: u64,
    joined: Position,
    /// The message whose parents were found missing at these changes.
    blocked: Option<(usize, u64)>,
}

/// How a conversation ended.
pub struct Outcome {
    /// Devices and relays that lost their power.
    pub restarts: u64,
    /// Who had not everything when the patience was over, and what was missing.
    pub lacking: Vec<String>,
}

impl<'a> Play<'a> {
    /// Everybody is joined and nothing was said.
    pub fn new(
        conversation: &'a Conversation,
        steps: &'a [Step],
        devices: &'a mut [Device],
        relay: &'a mut Relay,
        runtime: &'a tokio::runtime::Runtime,
        thread: ThreadId,
    ) -> Self {
        let (messages, authors) = (conversation.lines.len(), devices.len());
        Self {
            conversation,
            steps,
            devices,
            relay,
            runtime,
            thread,
            uids: vec![None; messages],
            issued: vec![false; messages],
            oldest: 0,
            spoken: 0,
            writing: Vec::new(),
            sending: BTreeSet::new(),
            cuts: Vec::new(),
            watches: vec![Watch::default(); authors],
            restarts: 0,
        }
    }

    /// Speaks the conversation, mends everything, and waits until everybody has everything.
    pub fn run(mut self, progress: &mut dyn FnMut(usize)) -> Result<Outcome, ReplayError> {
        let mut last = Instant::now();
        let mut told = 0;
        while self.oldest < self.issued.len() || !self.writing.is_empty() {
            self.mend(false);
            let moved = self.hear()? | self.speak()?;
            if moved {
                last = Instant::now();
                if told != self.spoken {
                    told = self.spoken;
                    progress(told);
                }
            } else if last.elapsed() > PATIENCE {
                return Err(ReplayError::Stuck { message: self.oldest });
            } else {
                std::thread::sleep(PAUSE);
            }
        }
        self.mend(true);
        let lacking = self.settle()?;
        Ok(Outcome { restarts: self.restarts, lacking })
    }

    /// Authors whose device has not answered for what they write.
    fn busy(&self) -> BTreeSet<usize> {
        self.writing.iter().map(|writing| self.conversation.lines[writing.message].author).collect()
    }

    fn mend(&mut self, all: bool) {
        let (now, spoken) = (Instant::now(), self.spoken);
        let writing = self.busy();
        let devices = &*self.devices;
        self.cuts.retain(|cut| {
            let over = all || spoken >= cut.until_spoken || now >= cut.until;
            // What is being written is written while the line is cut.
            if over && !writing.contains(&cut.device) {
                devices[cut.device].line.mend();
            }
            !over || writing.contains(&cut.device)
        });
        if all {
            devices.iter().for_each(|device| device.line.set_trap(None));
        }
    }

    /// Takes the answers of what was written.
    fn hear(&mut self) -> Result<bool, ReplayError> {
        let before = self.writing.len();
        for mut writing in std::mem::take(&mut self.writing) {
            match writing.answer.try_recv() {
                Ok(CommandAnswer::Written { uid, .. }) => self.uids[writing.message] = Some(uid),
                Ok(CommandAnswer::Refused(fault)) => return Err(fault.into()),
                Ok(_) => return Err(Fault::new(estafette_protocol::FaultCode::Internal).into()),
                Err(oneshot::error::TryRecvError::Empty) => self.writing.push(writing),
                Err(oneshot::error::TryRecvError::Closed) => {
                    return Err(ReplayError::device("a device ended while it wrote"));
                }
            }
        }
        Ok(self.writing.len() < before)
    }

    /// Writes every message that can be written now.
    fn speak(&mut self) -> Result<bool, ReplayError> {
        let mut busy = self.busy();
        let mut in_flight = self.in_flight()?;
        let mut moved = false;
        let end = self.issued.len().min(self.oldest + AHEAD);
        for message in self.oldest..end {
            let author = self.conversation.lines[message].author;
            if self.issued[message] || busy.contains(&author) {
                continue;
            }
            // Later messages of the same author come after this one, whatever holds it back.
            busy.insert(author);
            if in_flight >= IN_FLIGHT || !self.can_answer(message, author)? {
                continue;
            }
            if !self.trouble(message, author)? {
                continue;
            }
            self.write(message, author)?;
            in_flight += 1;
            moved = true;
        }
        while self.issued.get(self.oldest) == Some(&true) {
            self.oldest += 1;
        }
        Ok(moved)
    }

    /// Messages without a place, as far as their authors' devices know.
    fn in_flight(&mut self) -> Result<usize, ReplayError> {
        let mut sum = self.writing.len();
        let busy = self.busy();
        for author in std::mem::take(&mut self.sending) {
            self.look(author)?;
            let outbox = self.watches[author].outbox;
            sum += usize::try_from(outbox).unwrap_or(usize::MAX);
            if outbox > 0 || busy.contains(&author) {
                self.sending.insert(author);
            }
        }
        Ok(sum)
    }

    /// Reads a device's progress if something changed since the last look.
    fn look(&mut self, author: usize) -> Result<bool, ReplayError> {
        let device = &mut self.devices[author];
        let changes = device.handle()?.changes();
        if self.watches[author].changes == Some(changes) {
            return Ok(false);
        }
        let (joined, outbox) = device.progress(self.thread)?;
        let watch = &mut self.watches[author];
        let moved = (watch.joined, watch.outbox) != (joined, outbox);
        (watch.joined, watch.outbox, watch.changes) = (joined, outbox, Some(changes));
        Ok(moved)
    }

    /// Whether the author's device has all that the message answers.
    fn can_answer(&mut self, message: usize, author: usize) -> Result<bool, ReplayError> {
        let parents = &self.conversation.lines[message].reply_to;
        if parents.is_empty() {
            return Ok(true);
        }
        let Some(parents) = parents.iter().map(|parent| self.uids[*parent]).collect::<Option<Vec<_>>>()
        else {
            return Ok(false);
        };
        let changes = self.devices[author].handle()?.changes();
        if self.watches[author].blocked == Some((message, changes)) {
            return Ok(false);
        }
        let reader = self.devices[author].reader()?;
        for parent in parents {
            if !reader.has(parent).map_err(ReplayError::store)? {
                self.watches[author].blocked = Some((message, changes));
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Brings about what was planned for a message; `false` while it cannot be.
    fn trouble(&mut self, message: usize, author: usize) -> Result<bool, ReplayError> {
        let step = &self.steps[message];
        for restart in &step.restarts {
            if let Restart::Device(device) = restart
                && self.busy().contains(device)
            {
                // Whether that message was written would be unknown to everybody.
                return Ok(false);
            }
        }
        for restart in step.restarts.clone() {
            match restart {
                Restart::Device(device) => {
                    self.devices[device].restart(self.runtime.handle())?;
                    self.watches[device].changes = None;
                    self.watches[device].blocked = None;
                }
                Restart::Relay => self.runtime.block_on(self.relay.restart())?,
            }
            self.restarts += 1;
        }
        if let Some((device, trap)) = step.trap {
            self.devices[device].line.set_trap(Some(trap));
        }
        let until_spoken = self.spoken + step.mended_after;
        for device in step.author_cut.then_some(author).into_iter().chain(step.other_cut) {
            self.devices[device].line.cut();
            self.cuts.retain(|cut| cut.device != device);
            self.cuts.push(Cut { device, until_spoken, until: Instant::now() + LONGEST_CUT });
        }
        Ok(true)
    }

    fn write(&mut self, message: usize, author: usize) -> Result<(), ReplayError> {
        let line = &self.conversation.lines[message];
        let parents = line.reply_to.iter().filter_map(|parent| self.uids[*parent]).collect();
        let command = Command::Write { thread: self.thread, text: line.text.clone(), parents };
        let answer = self.devices[author].handle()?.command(command);
        self.writing.push(Writing { message, answer });
        self.sending.insert(author);
        self.issued[message] = true;
        self.spoken += 1;
        Ok(())
    }

    /// Waits until every device has every message. Says who has not, when nothing moves any more.
    fn settle(&mut self) -> Result<Vec<String>, ReplayError> {
        let all = Position(self.issued.len() as u64);
        let mut last = Instant::now();
        loop {
            let mut moved = false;
            for author in 0..self.devices.len() {
                moved |= self.look(author)?;
            }
            let behind = |watch: &&Watch| watch.joined < all || watch.outbox > 0;
            if !self.watches.iter().any(|watch| behind(&watch)) {
                return Ok(Vec::new());
            }
            if moved {
                last = Instant::now();
            } else if last.elapsed() > PATIENCE {
                let lacking = self.devices.iter().zip(&self.watches).filter(|(_, watch)| behind(watch));
                let lacking = lacking.map(|(device, watch)| {
                    let Watch { joined, outbox, .. } = watch;
                    format!("{}: {joined} of {all} messages, {outbox} not sent", device.name)
                });
                return Ok(lacking.collect());
            } else {
                std::thread::sleep(30 * PAUSE);
            }
        }
    }
}
