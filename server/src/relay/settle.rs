//! What follows from a batch that is durable, or failed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use estafette_protocol::chain;
use estafette_protocol::entry::Urgency;
use estafette_protocol::frame::{AppendResult, Outcome as AnswerOutcome, Reply};
use estafette_protocol::{
    AgentNumber, DeviceId, Epoch, Fault, FaultCode, Hash, Position, RosterGeneration, ThreadId,
};

use super::{Answer, BatchId, CallId, Effect, Relay, SLOT_PAUSE};
use crate::outlet::Line;
use crate::store::{
    Append, BatchOutcome, CallRow, CallWrite, ControlRow, EntryRow, HeadRow, Outcome, Stood, StoreError,
};

/// Who waits for a write, and for what.
pub(super) enum Expected {
    /// The request number of a call; refused, it ends the call.
    Number { line: Line },
    /// The entries of one request, one outcome each.
    Entries { line: Line, id: u32, entries: Vec<Arc<Append>> },
    /// One outcome that answers a request.
    Answer { line: Line, id: u32, wish: Wish },
    /// One outcome for each write of an enrolment request, and the reply if all were done.
    Enrolment { call: CallId, writes: usize, reply: Result<Answer, Fault> },
    /// One outcome for each statement shown to a restored log, and one for the end of its wait.
    Recovered { line: Line, id: u32, writes: usize, refused: Option<Fault> },
    /// Nobody waits.
    Nobody,
    /// An erasure of at most so many entries.
    Erasure { limit: usize },
    /// How far the call of an urgent entry is to stand.
    Call { write: CallWrite },
}

/// What a request wanted beside "done".
#[derive(Debug, Clone, Copy)]
pub(super) enum Wish {
    Done,
    /// The devices that a statement ends are cut off once it stands.
    State,
    Slot(ThreadId),
    /// Nobody else has received an entry of this thread.
    Recall(ThreadId),
    /// A person has acknowledged an announcement.
    Receipt(Hash, AgentNumber),
    /// A person has answered the urgent entry of this number.
    Answered(u64),
    /// With what stood when the packages were reserved.
    Reserve(Option<(RosterGeneration, Epoch)>),
}

impl Expected {
    fn writes(&self) -> usize {
        match self {
            Self::Entries { entries, .. } => entries.len(),
            Self::Enrolment { writes, .. } | Self::Recovered { writes, .. } => *writes,
            Self::Number { .. }
            | Self::Answer { .. }
            | Self::Nobody
            | Self::Erasure { .. }
            | Self::Call { .. } => 1,
        }
    }
}

impl Relay {
    pub(super) fn take_outcome(&mut self, batch: BatchId, outcome: Result<BatchOutcome, StoreError>) {
        let Some(expected) = self.waiting.remove(&batch) else { return };
        let mut outcomes = match outcome {
            Ok(outcome) => outcome.outcomes.into_iter(),
            Err(error) => {
                tracing::error!(code = %error.code(), %error, "nothing was written");
                self.trouble = error.code();
                self.stalled = true;
                Vec::new().into_iter()
            }
        };
        let mut placed = Placed::default();
        // A batch that failed has no outcomes: what fails with it is told why.
        let trouble = self.trouble;
        let missing = || Outcome::Refused(trouble.into());
        // Entries and numbers move neither the control stream nor slots.
        let plain = |one: &Expected| matches!(one, Expected::Number { .. } | Expected::Entries { .. });
        let plain = expected.iter().all(plain);
        for expected in expected {
            let mut own: Vec<_> = outcomes.by_ref().take(expected.writes()).collect();
            own.resize_with(expected.writes(), missing);
            self.settle(expected, own, &mut placed);
        }
        if !plain {
            self.refresh_control(&placed);
        }
        self.announce(placed);
        self.refresh_announcements();
    }

    fn settle(&mut self, expected: Expected, outcomes: Vec<Outcome>, placed: &mut Placed) {
        match expected {
            Expected::Number { line } => {
                if let Some(Outcome::Refused(fault)) = outcomes.into_iter().next() {
                    self.close(line, fault);
                } else {
                    self.landed(line);
                }
            }
            Expected::Entries { line, id, entries } => {
                self.settle_entries(line, id, entries, outcomes, placed);
                self.landed(line);
            }
            Expected::Answer { line, id, wish } => {
                if let Some(outcome) = outcomes.into_iter().next() {
                    self.settle_answer(line, id, wish, outcome, placed);
                }
                self.landed(line);
            }
            Expected::Enrolment { call, reply, .. } => {
                let refused = outcomes.into_iter().find_map(|outcome| match outcome {
                    Outcome::Refused(fault) => Some(fault),
                    Outcome::Overtaken => Some(self.overtaken()),
                    _ => None,
                });
                let answer = refused.map_or(reply, Err);
                self.close_revoked();
                self.effects.push(Effect::Reply { call, answer });
            }
            Expected::Recovered { line, id, refused, .. } => {
                self.settle_recovery(line, id, refused, outcomes);
                self.landed(line);
            }
            Expected::Nobody => {}
            Expected::Call { write } => self.call_settled(write, outcomes.first() == Some(&Outcome::Done)),
            Expected::Erasure { limit } => {
                self.announcements_changed = true;
                self.settle_erasure(limit, &outcomes);
            }
        }
    }

    /// What was judged by memory no longer fits the store: a write before it failed, or another
    /// program has written. Memory is read anew; whoever asked comes again.
    pub(super) fn overtaken(&mut self) -> Fault {
        self.stalled = true;
        self.trouble.into()
    }

    /// One write of a session is durable; what waited for it goes on.
    fn landed(&mut self, line: Line) {
        if let Some(session) = self.sessions.get_mut(&line) {
            session.in_flight = session.in_flight.saturating_sub(1);
            self.advance(line);
        }
    }

    fn settle_answer(&mut self, line: Line, id: u32, wish: Wish, outcome: Outcome, placed: &mut Placed) {
        self.announcements_changed |= matches!(outcome, Outcome::Erased(_) | Outcome::Withdrawn(_));
        let answer = match (outcome, wish) {
            (Outcome::Refused(fault), _) => AnswerOutcome::Refused(fault),
            (Outcome::Overtaken, _) => AnswerOutcome::Refused(self.overtaken()),
            (Outcome::Stock(key_packages), _) => AnswerOutcome::Done(Reply::Stock { key_packages }),
            (Outcome::Reserved(packages), Wish::Reserve(standing)) => {
                let packages = packages.into_iter().map(|(device, bytes)| (device, bytes.into())).collect();
                AnswerOutcome::Done(Reply::Reserved { standing, packages })
            }
            (Outcome::Withdrawn(position), Wish::Recall(thread)) => match self.recalled(thread, position) {
                Ok(()) => AnswerOutcome::Done(Reply::Done),
                Err(code) => AnswerOutcome::Refused(code.into()),
            },
            (Outcome::Done | Outcome::Repeated, Wish::Receipt(common, agent)) => {
                self.announcements.give(common, agent);
                AnswerOutcome::Done(Reply::Done)
            }
            (Outcome::Done | Outcome::Repeated, Wish::Answered(stream)) => {
                self.urgent_calls.end(stream);
                AnswerOutcome::Done(Reply::Done)
            }
            (Outcome::Done, Wish::Slot(thread)) => {
                placed.slots.insert(thread);
                AnswerOutcome::Done(Reply::Done)
            }
            (
                Outcome::Done
                | Outcome::Repeated
                | Outcome::Appended(_)
                | Outcome::Reserved(_)
                | Outcome::Erased(_)
                | Outcome::Withdrawn(_),
                _,
            ) => AnswerOutcome::Done(Reply::Done),
        };
        let stated = matches!((&answer, wish), (AnswerOutcome::Done(_), Wish::State));
        self.answer(line, id, answer);
        if stated {
            self.close_revoked();
            self.look_at_phones();
        } else if matches!(wish, Wish::State) {
            // What it would have counted for, the audit does not tell.
            self.decisions.forget();
        }
    }

    fn settle_entries(
        &mut self,
        line: Line,
        id: u32,
        entries: Vec<Arc<Append>>,
        outcomes: Vec<Outcome>,
        placed: &mut Placed,
    ) {
        let mut results = Vec::with_capacity(entries.len());
        let mut heads: BTreeMap<ThreadId, (Position, Hash)> = BTreeMap::new();
        for (append, outcome) in entries.iter().zip(outcomes) {
            if !matches!(&outcome, Outcome::Appended(stood) if stood.fresh) {
                self.take_decision_back(append);
            }
            results.push(match outcome {
                Outcome::Appended(stood) => {
                    let thread = append.entry.header.thread;
                    let end =
                        (stood.placement.position, chain::next(stood.previous, stood.hash, stood.placement));
                    let head = heads.entry(thread).or_insert(end);
                    *head = (*head).max(end);
                    if stood.fresh {
                        self.place(append, stood, end.1, placed);
                    }
                    if let Some(session) = self.sessions.get_mut(&line) {
                        session.acknowledged.insert(stood.stream);
                    }
                    self.tally.entry(None);
                    let hash = (stood.hash != append.hash).then_some(stood.hash);
                    AppendResult::Stands { placement: stood.placement, hash }
                }
                Outcome::Refused(fault) => {
                    self.note_line(line, &fault);
                    self.tally.entry(Some(fault.code));
                    AppendResult::Refused(fault)
                }
                _ => AppendResult::Refused(self.overtaken()),
            });
        }
        let heads =
            heads.into_iter().map(|(thread, (position, hash))| self.head(thread, position, hash)).collect();
        self.done(line, id, Reply::Appended { results, heads });
    }

    /// Takes a new entry into memory.
    fn place(&mut self, append: &Append, stood: Stood, chain: Hash, placed: &mut Placed) {
        let thread = append.entry.header.thread;
        let standing = self.state.threads.get(&thread);
        let before = standing.map_or(0, |head| head.stream);
        let head = HeadRow {
            thread,
            position: stood.placement.position,
            chain,
            received_at: stood.placement.received_at,
            stream: stood.stream,
            slots: standing.map_or(0, |head| head.slots),
        };
        self.state.threads.insert(thread, head);
        self.state.content = self.state.content.max(stood.stream);
        let header = &append.entry.header;
        if let Some(announced) = header.announced {
            self.announced(header, announced, stood.placement.received_at);
        }
        let row = EntryRow {
            stream: stood.stream,
            placement: stood.placement,
            author: append.author,
            hash: stood.hash,
            previous: stood.previous,
            thread,
            uid: append.entry.header.uid,
            entry: Some(append.entry.clone()),
            common: self.common_of(header),
        };
        self.recent.push(thread, before, Arc::new(row));
        self.note_for_wake_ups(thread.roster(), append.author, append.urgency());
        if append.urgency() == Urgency::Emergency && header.terms.is_some() {
            self.urgent_calls.begin(CallRow::begun(append, &stood));
        }
        placed.threads.insert(thread);
    }

    /// Reads what the control stream has gained.
    fn refresh_control(&mut self, placed: &Placed) {
        let read = self.reader.state().and_then(|log| {
            let gained = log.control.saturating_sub(self.state.control);
            let limit = usize::try_from(gained).unwrap_or(usize::MAX);
            let rows = if gained > 0 { self.reader.control(self.state.control, limit)? } else { Vec::new() };
            Ok((log, rows))
        });
        let (log, rows) = match read {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(code = %error.code(), %error, "the control stream could not be read");
                self.stalled = true;
                return;
            }
        };
        self.state.slots = self.state.slots.max(log.slots);
        for thread in &placed.slots {
            let head = self.state.threads.entry(*thread).or_insert_with(|| HeadRow::empty(*thread));
            head.slots = self.state.slots;
            self.slot_threads.insert(*thread);
            self.slots_at.get_or_insert(self.now.after(SLOT_PAUSE));
        }
        if log.control <= self.state.control {
            return;
        }
        for (number, row) in rows {
            match &row {
                ControlRow::Welcome { device } | ControlRow::Bundle { device } => {
                    self.state.welcomes.entry(*device).or_default().insert(number);
                }
                ControlRow::Statement(statement) => {
                    self.state.stated = statement.statement().ok().map(|statement| statement.number);
                }
                _ => {}
            }
            self.control.push(number, row);
        }
        self.state.control = log.control;
        self.dirty.extend(self.sessions.keys().copied());
        self.turns.recount();
        self.history_turns.look_again();
    }

    /// Tells the members' sessions what is new.
    fn announce(&mut self, placed: Placed) {
        for thread in placed.threads {
            self.note_entry(thread.roster());
            for line in self.member_lines(thread) {
                if let Some(follow) = self.sessions.get_mut(&line).and_then(|session| session.follow.as_mut())
                {
                    follow.fresh.insert(thread);
                    self.dirty.insert(line);
                }
            }
        }
    }

    /// The lines of the devices that are in a thread now.
    pub(super) fn member_lines(&self, thread: ThreadId) -> Vec<Line> {
        let Some(name) = self.state.roster_name(thread.roster()) else { return Vec::new() };
        let members: BTreeSet<DeviceId> = self.state.registry.members(&name);
        members.iter().filter_map(|device| self.lines.get(device)).flatten().copied().collect()
    }

    /// Closes the sessions of devices that are no longer in force.
    pub(super) fn close_revoked(&mut self) {
        let registry = &self.state.registry;
        let revoked: Vec<_> = self
            .lines
            .iter()
            .filter(|(device, _)| registry.device(**device).is_none_or(|record| !record.active()))
            .flat_map(|(_, lines)| lines.iter().copied())
            .collect();
        revoked.into_iter().for_each(|line| self.close(line, FaultCode::DeviceRevoked.into()));
    }
}

/// What a batch has added to the threads.
#[derive(Default)]
struct Placed {
    threads: BTreeSet<ThreadId>,
    slots: BTreeSet<ThreadId>,
}
