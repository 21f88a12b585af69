//! A change of a note's text as it travels, and the automerge change that it stands for.
//!
//! Always true: a change read from bytes and the automerge change made of it are one another's
//! image. Hashes, by which changes name those that they follow, are automerge's; so both ends write the
//! same bytes or do not understand each other.
//!
//! Not here: whether what it names exists ([`super::history`]).

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, ChangeHash, ExpandedChange, ScalarValue};
use estafette_protocol::{EntryUid, Hash, codec, limits};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::first_actor;

/// The text's place among the operations of the first change, from 1.
pub(super) const TEXT: u64 = 2;
/// An actor: 16 random bytes. automerge puts some before them where somebody writes on a version
/// without their own last words.
const ACTOR: std::ops::RangeInclusive<usize> = 16..=40;
/// Counters stay below: automerge keeps 32 bits of them.
const HIGHEST: u64 = u32::MAX as u64 / 2;

/// A change by one actor.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Change {
    /// Who: drawn each time that a device opens its database.
    #[n(0)]
    pub actor: ByteVec,
    /// Which of the actor's changes, from 1.
    #[n(1)]
    pub seq: u64,
    /// The number of its first operation; they are numbered on.
    #[n(2)]
    pub start: u64,
    /// The changes that it follows, ascending; none means the one before it in the same entry.
    #[n(3)]
    pub parents: Vec<Hash>,
    /// Actors whose characters it names.
    #[n(4)]
    pub others: Vec<ByteVec>,
    /// What it does, in order.
    #[n(5)]
    pub steps: Vec<Step>,
}

/// A character, by the operation that inserted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct Element {
    /// The operation's number; 0 stands for the beginning of the text.
    #[n(0)]
    pub counter: u64,
    /// Whose: 0 the change's own actor, else a place in [`Change::others`], from 1.
    #[n(1)]
    pub actor: u32,
}

/// What a change can do.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Step {
    /// Puts characters behind one, an operation each.
    #[n(0)]
    Insert {
        /// Behind which.
        #[n(0)]
        after: Element,
        /// What, never empty.
        #[n(1)]
        text: String,
    },
    /// Takes characters out that one actor inserted one after the other, an operation each.
    #[n(1)]
    Delete {
        /// The first of them.
        #[n(0)]
        first: Element,
        /// How many, never none.
        #[n(1)]
        count: u64,
    },
}

impl Step {
    /// How many operations it takes.
    pub fn operations(&self) -> u64 {
        match self {
            Self::Insert { text, .. } => text.chars().count() as u64,
            Self::Delete { count, .. } => *count,
        }
    }
}

impl Change {
    /// Reads a change whose form holds: lengths, counts and places are within their bounds.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let change: Self = codec::from_bytes(bytes, limits::OPERATION).ok()?;
        change.is_well_formed().then_some(change)
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_bytes(self)
    }

    /// How many operations it has; `None` for none, or more than one change may have.
    pub fn operations(&self) -> Option<u64> {
        let mut sum: u64 = 0;
        for step in &self.steps {
            let operations = step.operations();
            sum = sum.checked_add(operations).filter(|_| operations > 0)?;
        }
        Some(sum).filter(|sum| (1..=limits::NOTE_OPERATIONS).contains(sum))
    }

    /// The number after its last operation's.
    pub fn end(&self) -> u64 {
        self.steps.iter().fold(self.start, |sum, step| sum.saturating_add(step.operations()))
    }

    fn is_well_formed(&self) -> bool {
        let actors: BTreeSet<&[u8]> = self.others.iter().map(|actor| &actor[..]).collect();
        let place = |element: &Element| {
            element.counter <= HIGHEST
                && usize::try_from(element.actor).is_ok_and(|at| at <= self.others.len())
        };
        self.operations().is_some_and(|operations| {
            (1..=HIGHEST).contains(&self.start) && self.start + operations <= HIGHEST
        }) && self.seq > 0
            && ACTOR.contains(&self.actor.len())
            && self.others.iter().all(|actor| ACTOR.contains(&actor.len()))
            && actors.len() == self.others.len()
            && !actors.contains(&self.actor[..])
            && self.parents.len() <= limits::NOTE_PARENTS
            && self.parents.is_sorted_by(|one, next| one < next)
            && self.steps.iter().all(|step| match step {
                Step::Insert { after, .. } => place(after),
                Step::Delete { first, count } => {
                    first.counter > 0 && place(first) && first.counter + count <= HIGHEST
                }
            })
    }

    /// The actor at a place of an [`Element`].
    pub(super) fn actor_at(&self, place: u32) -> Option<&[u8]> {
        match usize::try_from(place).ok()?.checked_sub(1) {
            None => Some(&self.actor),
            Some(at) => self.others.get(at).map(|actor| &actor[..]),
        }
    }

    /// The automerge change that it stands for. Only of one that is well formed.
    pub(super) fn written(&self, item: EntryUid, parents: &[Hash]) -> Option<automerge::Change> {
        let actors: Vec<ActorId> =
            std::iter::once(&self.actor).chain(&self.others).map(|actor| ActorId::from(&actor[..])).collect();
        let text = ObjectId::Id(OpId::new(TEXT, &ActorId::from(&first_actor(item)[..])));
        let name = |element: &Element| {
            let actor = actors.get(usize::try_from(element.actor).ok()?)?;
            Some(OpId::new(element.counter, actor))
        };
        let mut operations = Vec::new();
        let mut counter = self.start;
        for step in &self.steps {
            match step {
                Step::Insert { after, text: inserted } => {
                    let mut behind = match after.counter {
                        0 => ElementId::Head,
                        _ => ElementId::Id(name(after)?),
                    };
                    for character in inserted.chars() {
                        operations.push(Op {
                            action: OpType::Put(ScalarValue::Str(character.to_string().into())),
                            obj: text.clone(),
                            key: Key::Seq(behind),
                            pred: Vec::new().into(),
                            insert: true,
                        });
                        behind = ElementId::Id(OpId::new(counter, actors.first()?));
                        counter += 1;
                    }
                }
                Step::Delete { first, count } => {
                    for at in 0..*count {
                        let gone = name(&Element { counter: first.counter + at, ..*first })?;
                        operations.push(Op {
                            action: OpType::Delete,
                            obj: text.clone(),
                            key: Key::Seq(ElementId::Id(gone.clone())),
                            pred: vec![gone].into(),
                            insert: false,
                        });
                        counter += 1;
                    }
                }
            }
        }
        let parents = parents.iter().map(|parent| ChangeHash(parent.0)).collect();
        Some(expanded(actors.first()?.clone(), self.seq, NonZeroU64::new(self.start)?, parents, operations))
    }

    /// The form in which an automerge change of a text travels. `None` if it does anything else.
    pub(super) fn read(written: &automerge::Change, item: EntryUid) -> Option<Self> {
        let expanded = written.decode();
        let text = ObjectId::Id(OpId::new(TEXT, &ActorId::from(&first_actor(item)[..])));
        let mut steps = Steps::new(expanded.actor_id.clone(), expanded.start_op.get());
        for operation in &expanded.operations {
            let Key::Seq(key) = &operation.key else { return None };
            if operation.obj != text {
                return None;
            }
            let element = match key {
                ElementId::Head => Element::BEGINNING,
                ElementId::Id(id) => steps.element(id.counter(), id.actor())?,
            };
            match (&operation.action, operation.insert) {
                (OpType::Put(ScalarValue::Str(character)), true) => steps.insert(element, character),
                (OpType::Delete, false) => {
                    let pred: Vec<Option<&OpId>> = operation.pred.iter().map(Some).collect();
                    if pred != [key.as_opid()] {
                        return None;
                    }
                    steps.delete(element);
                }
                _ => return None,
            }
        }
        let parents = expanded.deps.iter().map(|parent| Hash(parent.0)).collect();
        Some(steps.into_change(expanded.seq, expanded.start_op.get(), parents))
    }
}

impl Element {
    /// The beginning of the text.
    pub const BEGINNING: Self = Self { counter: 0, actor: 0 };
}

/// The steps of a change that is being put together, as few as say it.
pub(super) struct Steps {
    own: ActorId,
    others: Vec<ByteVec>,
    steps: Vec<Step>,
    counter: u64,
    /// What the next character of a word would be put behind.
    last_inserted: Option<Element>,
}

impl Steps {
    pub fn new(own: ActorId, start: u64) -> Self {
        Self { own, others: Vec::new(), steps: Vec::new(), counter: start, last_inserted: None }
    }

    /// A character, as this change names it.
    pub fn element(&mut self, counter: u64, actor: &ActorId) -> Option<Element> {
        Some(Element { counter, actor: place(&mut self.others, &self.own, actor)? })
    }

    pub fn insert(&mut self, after: Element, text: &str) {
        match self.steps.last_mut() {
            Some(Step::Insert { text: before, .. }) if self.last_inserted == Some(after) => {
                before.push_str(text);
            }
            _ => self.steps.push(Step::Insert { after, text: text.to_owned() }),
        }
        self.counter += text.chars().count() as u64;
        self.last_inserted = Some(Element { counter: self.counter - 1, actor: 0 });
    }

    pub fn delete(&mut self, element: Element) {
        match self.steps.last_mut() {
            Some(Step::Delete { first, count })
                if first.actor == element.actor && first.counter + *count == element.counter =>
            {
                *count += 1;
            }
            _ => self.steps.push(Step::Delete { first: element, count: 1 }),
        }
        self.counter += 1;
        self.last_inserted = None;
    }

    pub fn into_change(self, seq: u64, start: u64, mut parents: Vec<Hash>) -> Change {
        parents.sort_unstable();
        let Self { own, others, steps, .. } = self;
        Change { actor: own.to_bytes().to_vec().into(), seq, start, parents, others, steps }
    }
}

/// The place of an actor among those that a change names, made if it has none.
fn place(others: &mut Vec<ByteVec>, own: &ActorId, actor: &ActorId) -> Option<u32> {
    if own == actor {
        return Some(0);
    }
    let at = others.iter().position(|other| other[..] == *actor.to_bytes()).unwrap_or_else(|| {
        others.push(actor.to_bytes().to_vec().into());
        others.len() - 1
    });
    u32::try_from(at + 1).ok()
}

/// An automerge change. Its time is 0: the signed operation around it says when.
pub(super) fn expanded(
    actor: ActorId,
    seq: u64,
    start: NonZeroU64,
    parents: Vec<ChangeHash>,
    operations: Vec<Op>,
) -> automerge::Change {
    automerge::Change::from(ExpandedChange {
        operations,
        actor_id: actor,
        hash: None,
        seq,
        start_op: start,
        time: 0,
        message: None,
        deps: parents,
        extra_bytes: Vec::new(),
        author: None,
    })
}
