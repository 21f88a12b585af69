//! The one exit: every byte for a device passes [`Outlet::offer`], which asks for its hours.
//!
//! Always true: [`Outbound`] and [`OutboundMessages`] are made here and nowhere else, and only
//! they can be sent. A device off duty is told when hours reopen, in constant size, and gets
//! answers to what it sent itself; one on call also gets what is meant for those on call.
//! Nothing here decides what a device may read: that is the delivery's part.

use std::collections::BTreeMap;

use estafette_protocol::alias::Aliases;
use estafette_protocol::codec;
use estafette_protocol::entry::Urgency;
use estafette_protocol::frame::{Content, Delivery, Message, Outcome, Reply};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::hours::{AgentHours, HORIZON, HoursState, Reach};
use estafette_protocol::registry::Registry;
use estafette_protocol::{AgentNumber, DeviceId, EntryUid, Fault, FaultCode, ThreadId, Timestamp};

use crate::relay::event::{CallId, Effect, SessionId};

/// One binary message for a socket, gated.
#[derive(Debug, PartialEq, Eq)]
pub struct Outbound(Vec<u8>);

impl Outbound {
    /// The bytes to be written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// The messages of an HTTP answer, gated.
#[derive(Debug, PartialEq, Eq)]
pub struct OutboundMessages(Vec<Message>);

impl OutboundMessages {
    /// The messages to be encoded.
    pub fn into_messages(self) -> Vec<Message> {
        self.0
    }
}

/// Where a device listens: an open socket, or an HTTP request that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// A socket.
    Socket(SessionId),
    /// An HTTP request.
    Call(CallId),
}

/// What may pass to an agent's devices now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Everything.
    Open,
    /// The control stream, and what is meant for those on call.
    OnCall {
        /// When the rest may.
        reopens_at: Timestamp,
    },
    /// Answers only.
    Closed {
        /// When it opens; [`Timestamp::MAX`] when nothing says so.
        reopens_at: Timestamp,
    },
}

/// What is offered to a device.
#[derive(Debug)]
pub enum Item {
    /// The answer to its request.
    Answer(u32, Outcome),
    /// Control and content.
    Deliver(Delivery),
    /// Its turn to commit.
    Turn(RosterName),
    /// Its turn to hand a newcomer the keys of the past.
    HistoryTurn(RosterName, DeviceId),
    /// That an announcement waits for this agent.
    Reminder {
        /// Which version.
        version: EntryUid,
        /// Until when.
        due: Timestamp,
    },
    /// That this agent is called.
    Call {
        /// The message's thread.
        thread: ThreadId,
        /// Its name.
        entry: EntryUid,
        /// When the next one is called.
        until: Timestamp,
    },
    /// That nobody has answered.
    Unanswered {
        /// The message's thread.
        thread: ThreadId,
        /// Its name.
        entry: EntryUid,
        /// Since when that is known.
        at: Timestamp,
    },
    /// That hours are closed.
    Closed,
    /// Whether anything is new: what [`estafette_protocol::check`] says.
    Check(&'static [u8]),
    /// Why the session ends.
    Goodbye(Fault),
}

/// Who judges hours. The world's tests put a careless one in its place to see that it is found.
pub trait HoursJudge: Send {
    /// Whether something meant for `reach` may pass.
    fn state(&self, hours: &AgentHours, now: Timestamp, reach: Reach) -> HoursState;
    /// When that changes next.
    fn next_change(&self, hours: &AgentHours, now: Timestamp, reach: Reach) -> Option<Timestamp>;
}

/// The calendar of the protocol, as it is.
#[derive(Debug, Default)]
pub struct LegalHours;

impl HoursJudge for LegalHours {
    fn state(&self, hours: &AgentHours, now: Timestamp, reach: Reach) -> HoursState {
        hours.state(now, reach)
    }

    fn next_change(&self, hours: &AgentHours, now: Timestamp, reach: Reach) -> Option<Timestamp> {
        hours.next_change(now, reach)
    }
}

/// A verdict on hours and how long it holds.
#[derive(Debug, Clone, Copy)]
struct Ruling {
    gate: Gate,
    from: Timestamp,
    until: Timestamp,
}

struct LineState {
    agent: AgentNumber,
    aliases: Aliases,
    collected: Vec<Message>,
}

/// The exit.
pub struct Outlet {
    judge: Box<dyn HoursJudge>,
    rulings: BTreeMap<AgentNumber, Ruling>,
    lines: BTreeMap<Line, LineState>,
    effects: Vec<Effect>,
}

impl Outlet {
    /// An exit without lines.
    pub fn new(judge: Box<dyn HoursJudge>) -> Self {
        Self { judge, rulings: BTreeMap::new(), lines: BTreeMap::new(), effects: Vec::new() }
    }

    /// Begins to speak to a device of an agent.
    pub fn connect(&mut self, line: Line, agent: AgentNumber) {
        let state = LineState { agent, aliases: Aliases::default(), collected: Vec::new() };
        self.lines.insert(line, state);
    }

    /// Ends; what was collected for an HTTP answer comes back.
    pub fn disconnect(&mut self, line: Line) -> Option<OutboundMessages> {
        self.lines.remove(&line).map(|state| OutboundMessages(state.collected))
    }

    /// Closes a socket after its last words.
    pub fn close(&mut self, line: Line, fault: Fault) {
        self.say(line, Message::Goodbye(fault.clone()));
        self.lines.remove(&line);
        if let Line::Socket(session) = line {
            self.effects.push(Effect::Close { session, fault });
        }
    }

    /// What has passed since the last time, to be carried out.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Forgets what was ruled for some agents, or for all: statements have changed their hours.
    pub fn forget_rulings(&mut self, agents: Option<&[AgentNumber]>) {
        match agents {
            Some(agents) => self.rulings.retain(|agent, _| !agents.contains(agent)),
            None => self.rulings.clear(),
        }
    }

    /// What may pass to an agent's devices now, and until when that holds.
    pub fn gate(&mut self, registry: &Registry, agent: AgentNumber, now: Timestamp) -> (Gate, Timestamp) {
        if let Some(ruling) = self.rulings.get(&agent)
            && (ruling.from..ruling.until).contains(&now)
        {
            return (ruling.gate, ruling.until);
        }
        let Some(hours) = registry.hours_of(agent) else { return (Gate::Open, Timestamp::MAX) };
        let gate = match self.judge.state(&hours, now, Reach::Duty) {
            HoursState::Open => Gate::Open,
            HoursState::Closed { reopens_at } => {
                let reopens_at = reopens_at.unwrap_or(Timestamp::MAX);
                match self.judge.state(&hours, now, Reach::OnCall) {
                    HoursState::Open => Gate::OnCall { reopens_at },
                    HoursState::Closed { .. } => Gate::Closed { reopens_at },
                }
            }
        };
        let until = [Reach::Duty, Reach::OnCall]
            .into_iter()
            .filter_map(|reach| self.judge.next_change(&hours, now, reach))
            .min()
            .unwrap_or(now.after(HORIZON));
        self.rulings.insert(agent, Ruling { gate, from: now, until });
        (gate, until)
    }

    /// Offers something to a device. `false` if it did not pass: what was offered is still to be
    /// kept for the reopening. An answer that must wait is answered by the hours instead.
    pub fn offer(&mut self, line: Line, item: Item, registry: &Registry, now: Timestamp) -> bool {
        let Some(agent) = self.lines.get(&line).map(|state| state.agent) else { return false };
        let (gate, _) = self.gate(registry, agent, now);
        let message = match (item, gate) {
            (Item::Check(answer), Gate::Open) => {
                if let Line::Socket(session) = line {
                    self.effects.push(Effect::Send { session, bytes: Outbound(answer.to_vec()) });
                }
                return true;
            }
            (Item::Check(_), Gate::Closed { reopens_at } | Gate::OnCall { reopens_at }) => {
                Message::Closed { reopens_at, relay_time: now }
            }
            (Item::Answer(id, outcome), Gate::Open) => Message::Answer { id, outcome },
            (Item::Answer(id, outcome), Gate::OnCall { reopens_at }) => match held_off_duty(&outcome) {
                Held::Content => refused(id, reopens_at),
                Held::News | Held::No => Message::Answer { id, outcome },
            },
            (Item::Answer(id, outcome), Gate::Closed { reopens_at }) => match held_off_duty(&outcome) {
                Held::Content => refused(id, reopens_at),
                Held::News => Message::Closed { reopens_at, relay_time: now },
                Held::No => Message::Answer { id, outcome },
            },
            (Item::Deliver(delivery), Gate::Open) => Message::Deliver(delivery),
            (Item::Deliver(delivery), Gate::OnCall { .. }) if for_those_on_call(&delivery, now) => {
                Message::Deliver(delivery)
            }
            (Item::Turn(roster), Gate::Open) => Message::Turn { roster },
            (Item::Reminder { version, due }, Gate::Open) => Message::Reminder { version, due },
            (Item::Call { thread, entry, until }, Gate::Open | Gate::OnCall { .. }) => {
                Message::Call { thread, entry, until }
            }
            (Item::Unanswered { thread, entry, at }, Gate::Open | Gate::OnCall { .. }) => {
                Message::Unanswered { thread, entry, at }
            }
            (Item::HistoryTurn(roster, device), Gate::Open) => Message::HistoryTurn { roster, device },
            (Item::Closed, Gate::Closed { reopens_at } | Gate::OnCall { reopens_at }) => {
                Message::Closed { reopens_at, relay_time: now }
            }
            (Item::Goodbye(fault), _) => Message::Goodbye(fault),
            (
                Item::Deliver(_)
                | Item::Turn(_)
                | Item::HistoryTurn(..)
                | Item::Reminder { .. }
                | Item::Call { .. }
                | Item::Unanswered { .. }
                | Item::Closed,
                _,
            ) => return false,
        };
        self.say(line, message);
        true
    }

    /// Whether an HTTP answer already says that hours are closed.
    pub fn has_told_hours(&self, line: Line) -> bool {
        let closed = |message: &Message| matches!(message, Message::Closed { .. });
        self.lines.get(&line).is_some_and(|state| state.collected.iter().any(closed))
    }

    fn say(&mut self, line: Line, mut message: Message) {
        let Some(state) = self.lines.get_mut(&line) else { return };
        // Shortening names threads only, and fails for none of them.
        let _ = state.aliases.shorten(&mut message);
        match line {
            Line::Socket(session) => {
                self.effects.push(Effect::Send { session, bytes: Outbound(codec::to_bytes(&message)) });
            }
            Line::Call(_) => state.collected.push(message),
        }
    }
}

/// What an answer would tell to somebody off duty.
enum Held {
    /// Other people's words.
    Content,
    /// Whether there are any.
    News,
    /// Neither: it answers what the device itself wants to send.
    No,
}

fn held_off_duty(outcome: &Outcome) -> Held {
    match outcome {
        Outcome::Done(Reply::Range { .. } | Reply::Pending { .. } | Reply::Urgencies { .. }) => Held::Content,
        Outcome::Done(Reply::Welcome { .. } | Reply::Fresh { .. }) => Held::News,
        Outcome::Done(
            Reply::Done
            | Reply::Appended { .. }
            | Reply::Statements { .. }
            | Reply::Commits { .. }
            | Reply::Stock { .. }
            | Reply::Reserved { .. }
            | Reply::Group { .. }
            | Reply::Contacts { .. }
            | Reply::Reachability(_)
            | Reply::Statistics { .. }
            | Reply::Knowledge(_)
            | Reply::Audit { .. }
            | Reply::Challenge { .. },
        )
        | Outcome::Refused(_) => Held::No,
    }
}

fn refused(id: u32, reopens_at: Timestamp) -> Message {
    let fault = Fault { reopens_at: Some(reopens_at), ..Fault::new(FaultCode::OffHours) };
    Message::Answer { id, outcome: Outcome::Refused(fault) }
}

fn for_those_on_call(delivery: &Delivery, now: Timestamp) -> bool {
    let urgent = |content: &Content| match content {
        Content::Entry(entry) | Content::Announcement { entry, .. } => {
            entry.urgency_at(now) > Urgency::Normal
        }
        Content::Own { .. } | Content::Erased { .. } => false,
    };
    delivery.slots.is_empty() && delivery.entries.iter().all(|entry| urgent(&entry.content))
}
