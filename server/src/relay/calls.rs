//! Calls: who of the rota is asked to answer an urgent message, one after the other.
//!
//! All on call have the message at once. The first of the rota's order is called; after some minutes
//! without an answer the next; when the last has let it pass, or at the end that the author stated, its
//! author and the team's supervisors are told that nobody has answered. Anybody of the order may answer
//! before being called, and the first answer ends it. Who has gone on leave or lost their devices meanwhile
//! is passed over at once.
//!
//! Always true: each step is durable before anybody hears of it, so that a restarted relay goes on where it
//! was; whoever is called a second time after a restart knows it already. Where the rota names nobody,
//! nobody is called: the author was told so by their own device before sending.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use estafette_protocol::frame::Reply;
use estafette_protocol::statement::Role;
use estafette_protocol::urgency::{Answer, Asked, DECLARED, Declared, Terms};
use estafette_protocol::{AgentNumber, DeviceId, Fault, FaultCode, ThreadId, Timestamp};

use super::Relay;
use super::requests::Asker;
use super::settle::{Expected, Wish};
use crate::audit::{Subject, What, Who};
use crate::outlet::{Item, Line};
use crate::policy;
use crate::store::{AnswerWrite, CallRow, CallWrite, Operation, Reader, StoreError};

struct Call {
    row: CallRow,
    /// The next step is on its way to the disk.
    writing: bool,
    /// Devices of the one who is called that have heard of it.
    told: BTreeSet<DeviceId>,
}

impl Call {
    /// When the one who was called last has let it pass.
    fn passes_at(&self) -> Option<Timestamp> {
        let pause = Duration::from_secs(u64::from(self.row.minutes) * 60);
        self.row.asked.last().map(|asked| asked.at.after(pause).min(self.row.until))
    }
}

/// The calls that go on.
#[derive(Default)]
pub(super) struct Calls {
    open: BTreeMap<u64, Call>,
}

impl Calls {
    pub fn load(reader: &dyn Reader) -> Result<Self, StoreError> {
        let mut calls = Self::default();
        reader.open_calls()?.into_iter().for_each(|row| calls.begin(row));
        Ok(calls)
    }

    /// Takes what is stored for what stands, and keeps who has heard. What is on its way to the disk is
    /// kept as it is: its outcome follows.
    pub fn reload(&mut self, reader: &dyn Reader) -> Result<(), StoreError> {
        let mut fresh = Self::load(reader)?;
        for (stream, call) in &mut fresh.open {
            if let Some(known) = self.open.remove(stream) {
                call.told = known.told;
                call.writing = known.writing;
            }
        }
        *self = fresh;
        Ok(())
    }

    pub fn begin(&mut self, row: CallRow) {
        self.open.insert(row.stream, Call { row, writing: false, told: BTreeSet::new() });
    }

    pub fn end(&mut self, stream: u64) {
        self.open.remove(&stream);
    }

    /// A device comes anew: what it was told may not have arrived.
    pub fn forget_told(&mut self, device: DeviceId) {
        for call in self.open.values_mut() {
            call.told.remove(&device);
        }
    }

    /// When the next one is called.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let waiting = self.open.values().filter(|call| !call.writing);
        waiting.filter_map(Call::passes_at).filter(|at| *at > now).min()
    }
}

impl Relay {
    /// The urgencies that were declared, for everybody to know.
    pub(super) fn declared_urgencies(&self) -> Result<Reply, Fault> {
        let registry = &self.state.registry;
        let told = |(call, terms): (CallRow, Option<Terms>)| Declared {
            at: call.received_at,
            author: registry.agent_of(call.author),
            team: registry.roster(call.thread.roster()).and_then(|roster| roster.team),
            terms,
            unanswered: call.unanswered,
        };
        let declared = self.reader.declared(DECLARED)?.into_iter().map(told).collect();
        Ok(Reply::Urgencies { declared })
    }

    /// Takes the steps whose time has come, and tells who is called.
    pub(super) fn give_urgent_calls(&mut self) {
        if self.urgent_calls.open.is_empty() || self.draining || self.stalled {
            return;
        }
        let streams: Vec<u64> = self.urgent_calls.open.keys().copied().collect();
        for stream in streams {
            match self.next_step(stream) {
                Some(write) => self.take_step(write),
                None => self.tell_called(stream),
            }
        }
    }

    /// How a call is to stand now; nothing while it only waits.
    fn next_step(&self, stream: u64) -> Option<CallWrite> {
        let call = self.urgent_calls.open.get(&stream).filter(|call| !call.writing)?;
        let (row, now, at) = (&call.row, self.now, self.gate_time());
        let goes_on = now < row.until;
        let waits = row.asked.last().is_some_and(|asked| self.state.registry.may_be_called(asked.agent, at));
        if goes_on && waits && call.passes_at().is_some_and(|passes| now < passes) {
            return None;
        }
        let mut asked = row.asked.clone();
        let known = |agent: &AgentNumber| row.asked.iter().any(|one| one.agent == *agent);
        let next = self.callable(row.thread, row.author, at).into_iter().find(|agent| !known(agent));
        if let Some(agent) = next.filter(|_| goes_on) {
            asked.push(Asked { agent, at: now });
            return Some(CallWrite { stream, asked, ended_at: None, unanswered: false });
        }
        let anybody = !asked.is_empty() || !self.callable(row.thread, row.author, row.received_at).is_empty();
        Some(CallWrite { stream, asked, ended_at: Some(now), unanswered: anybody })
    }

    /// Whom to call in a thread at an instant, the first first: members whom the rota names, not the author.
    fn callable(&self, thread: ThreadId, author: DeviceId, at: Timestamp) -> Vec<AgentNumber> {
        let registry = &self.state.registry;
        let Some(roster) = registry.roster(thread.roster()) else { return Vec::new() };
        let Some(team) = roster.team else { return Vec::new() };
        let members: BTreeSet<AgentNumber> =
            roster.current_members().filter_map(|device| registry.agent_of(device)).collect();
        let author = registry.agent_of(author);
        let order = registry.call_order(team, at).into_iter();
        order.filter(|agent| Some(*agent) != author && members.contains(agent)).collect()
    }

    fn take_step(&mut self, write: CallWrite) {
        let Some(call) = self.urgent_calls.open.get_mut(&write.stream) else { return };
        call.writing = true;
        let row = &call.row;
        let subject = Subject {
            times: Some(write.asked.len() as u64),
            roster: Some(row.thread.roster()),
            hash: Some(row.hash),
            from: Some(row.received_at),
            until: Some(row.until),
            ..Subject::default()
        };
        let operation = Operation::Call(Box::new(write.clone()));
        let operation = match write.unanswered {
            true => {
                let line = self.draft(Who::Relay, What::CallUnanswered, subject);
                Operation::Audited(Box::new(operation), vec![line])
            }
            false => operation,
        };
        self.write(operation);
        self.expected.push(Expected::Call { write });
    }

    /// A step is durable, or was not to be taken any more.
    pub(super) fn call_settled(&mut self, write: CallWrite, done: bool) {
        let Some(call) = self.urgent_calls.open.get_mut(&write.stream) else { return };
        call.writing = false;
        if !done {
            // Answered meanwhile, or its entry is gone; after a failed write all is read anew.
            self.urgent_calls.end(write.stream);
            return;
        }
        call.row.asked = write.asked;
        call.told.clear();
        let row = call.row.clone();
        match write.ended_at {
            None => row.asked.last().into_iter().for_each(|asked| self.wake_at_once(asked.agent)),
            Some(at) => {
                self.urgent_calls.end(write.stream);
                if write.unanswered {
                    self.tell_unanswered(&row, at);
                }
            }
        }
    }

    /// Tells the devices of the one who is called, as soon as they listen.
    fn tell_called(&mut self, stream: u64) {
        let Some(call) = self.urgent_calls.open.get(&stream).filter(|call| !call.writing) else { return };
        let (Some(asked), Some(until)) = (call.row.asked.last().copied(), call.passes_at()) else { return };
        let (thread, entry) = (call.row.thread, call.row.entry);
        let listens = self.listening([asked.agent]);
        let news: Vec<_> = listens.into_iter().filter(|(_, device)| !call.told.contains(device)).collect();
        let at = self.gate_time();
        for (line, device) in news {
            let passed =
                self.outlet.offer(line, Item::Call { thread, entry, until }, &self.state.registry, at);
            if passed && let Some(call) = self.urgent_calls.open.get_mut(&stream) {
                call.told.insert(device);
            }
        }
    }

    /// Tells the author and the team's supervisors who listen; the others find it in the control stream.
    fn tell_unanswered(&mut self, row: &CallRow, at: Timestamp) {
        let informed = self.informed(row);
        informed.iter().for_each(|agent| self.wake_at_once(*agent));
        let (thread, entry, now) = (row.thread, row.entry, self.gate_time());
        for (line, _) in self.listening(informed) {
            let item = Item::Unanswered { thread, entry, at };
            self.outlet.offer(line, item, &self.state.registry, now);
        }
    }

    /// The lines on which these agents' devices listen.
    fn listening(&self, agents: impl IntoIterator<Item = AgentNumber>) -> Vec<(Line, DeviceId)> {
        let follows = |line: &Line| self.sessions.get(line).is_some_and(|session| session.follow.is_some());
        let devices = agents.into_iter().flat_map(|agent| self.state.registry.devices_of(agent));
        let devices = devices.map(|record| record.certificate.device);
        let lines = devices.flat_map(|device| {
            let lines = self.lines.get(&device).into_iter().flatten();
            lines.map(move |line| (*line, device))
        });
        lines.filter(|(line, _)| follows(line)).collect()
    }

    /// The author of an urgent message and the supervisors of its team.
    fn informed(&self, row: &CallRow) -> BTreeSet<AgentNumber> {
        let registry = &self.state.registry;
        let team = registry.roster(row.thread.roster()).and_then(|roster| roster.team);
        let supervisors = team.map(|team| registry.supervisors_of(team)).unwrap_or_default();
        supervisors.into_iter().chain(registry.agent_of(row.author)).collect()
    }

    /// Whether a device is told how far a call has come.
    pub(super) fn concerns(&self, row: &CallRow, device: DeviceId) -> bool {
        let registry = &self.state.registry;
        let Some(agent) = registry.agent_of(device).filter(|agent| registry.role(*agent) != Role::Guest)
        else {
            return false;
        };
        self.informed(row).contains(&agent)
            || row.asked.iter().any(|asked| asked.agent == agent)
            || row.answers.iter().any(|(answered, _)| *answered == agent)
    }

    /// Takes a person's answer.
    pub(super) fn take_answer(&mut self, asker: Asker, answer: Answer) -> Result<(), Fault> {
        let name = self.state.roster_name(answer.thread.roster()).ok_or(FaultCode::NotFound)?;
        policy::is_member(&self.state.registry, &name, asker.device)?;
        if answer.device != asker.device {
            return Err(FaultCode::ReceiptInvalid.into());
        }
        let record = self.state.registry.device(asker.device).ok_or(FaultCode::BadProof)?;
        let agent = record.certificate.agent;
        answer.verify(self.state.id(), &record.certificate.ed25519).map_err(|_| FaultCode::ReceiptInvalid)?;
        let call = self.reader.call_of(answer.thread, answer.entry)?.ok_or(FaultCode::NotFound)?;
        if answer.hash != call.hash {
            return Err(FaultCode::ReceiptInvalid.into());
        }
        policy::may_answer(&self.state.registry, &call, agent, self.gate_time())?;
        let stream = call.stream;
        let write = AnswerWrite { stream, agent, answer, at: self.now };
        self.write_for(asker, Operation::Answer(Box::new(write)), Wish::Answered(stream));
        Ok(())
    }
}
