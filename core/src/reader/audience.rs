//! How far a message has come with the people of its thread: « remis au relais », « reçu », « lu »,
//! « sera remis demain 08:00 ».
//!
//! Counted in people, from whichever of their devices. The archive service and the author do not
//! count. Who is off duty receives nothing, and that is said rather than hidden.

use std::collections::BTreeMap;

use estafette_protocol::frame::SlotKind;
use estafette_protocol::hours::{HoursState, Reach};
use estafette_protocol::{AgentNumber, Position, ThreadId, Timestamp};

use super::Reader;
use crate::store::StoreError;

/// How far the other people of a thread are, to be asked for each message.
#[derive(Debug, Clone)]
pub struct Audience {
    people: BTreeMap<AgentNumber, Person>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Person {
    received: Position,
    read: Position,
    /// Off duty; until when, if that is known.
    closed: Option<Option<Timestamp>>,
}

/// How far one message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// The others who read the thread.
    pub people: usize,
    /// Those who have received it, read or not.
    pub received: usize,
    /// Those who have read it.
    pub read: usize,
    /// Those who have not received it because they are off duty.
    pub off_duty: usize,
    /// When the first of these is back, as far as their hours say.
    pub reopens_at: Option<Timestamp>,
}

impl Reader {
    /// How far the people of a thread are; `now` is the relay's clock.
    pub fn audience(&mut self, thread: ThreadId, now: Timestamp) -> Result<Audience, StoreError> {
        let members = self.members(thread)?;
        let others = members.into_iter().filter(|member| !member.own && !member.archive);
        let mut people: BTreeMap<AgentNumber, Person> = BTreeMap::new();
        for member in others {
            let hours = self.registry.hours_of(member.agent);
            let closed = hours.and_then(|hours| match hours.state(now, Reach::Duty) {
                HoursState::Closed { reopens_at } => Some(reopens_at),
                HoursState::Open => None,
            });
            people.insert(member.agent, Person { closed, ..Person::default() });
        }
        for mark in self.marks(thread)? {
            let Some(person) = mark.agent.and_then(|agent| people.get_mut(&agent)) else { continue };
            person.received = person.received.max(mark.position);
            if mark.kind == SlotKind::Read {
                person.read = person.read.max(mark.position);
            }
        }
        Ok(Audience { people })
    }
}

impl Audience {
    /// How far the message at a position has come.
    pub fn of(&self, position: Position) -> Reached {
        let mut reached = Reached { people: self.people.len(), ..Reached::default() };
        for person in self.people.values() {
            reached.read += usize::from(person.read >= position);
            if person.received >= position {
                reached.received += 1;
            } else if let Some(reopens_at) = person.closed {
                reached.off_duty += 1;
                reached.reopens_at = reached.reopens_at.into_iter().chain(reopens_at).min();
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_counted_once_and_the_first_to_come_back_is_named() {
        let person = |received, read, closed: Option<Option<u64>>| Person {
            received: Position(received),
            read: Position(read),
            closed: closed.map(|at| at.map(Timestamp)),
        };
        let all = [
            person(9, 9, None),
            person(9, 3, Some(Some(5))),
            person(3, 3, Some(Some(80))),
            person(0, 0, Some(Some(70))),
            person(0, 0, Some(None)),
            person(0, 0, None),
        ];
        let people = (1..).map(AgentNumber).zip(all).collect();
        let reached = Audience { people }.of(Position(4));
        let expected =
            Reached { people: 6, received: 2, read: 1, off_duty: 3, reopens_at: Some(Timestamp(70)) };
        assert_eq!(reached, expected);
        assert_eq!(Audience { people: BTreeMap::new() }.of(Position(1)), Reached::default());
    }
}
