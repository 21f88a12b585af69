//! What a note's document knows, as far as a change is judged by it: which changes there are, whose
//! they are, and which operations are characters.
//!
//! Always true: what is sound here, automerge can apply; what could never be applied, or would make
//! devices differ, is refused. Nothing here waits: a change is judged when all that it follows is here.

use std::collections::{BTreeMap, BTreeSet};

use estafette_protocol::{DeviceId, Hash};

use super::change::{Change, Element, Step};

/// What may be done with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It can be applied.
    Sound,
    /// It was.
    Known,
    /// Nothing that comes can make it sound.
    Refused,
}

/// The changes of a document.
#[derive(Debug, Default)]
pub(super) struct History {
    changes: BTreeMap<Hash, usize>,
    nodes: Vec<Node>,
    heads: BTreeSet<Hash>,
    actors: BTreeMap<Vec<u8>, usize>,
    writers: Vec<Writer>,
    highest: u64,
}

#[derive(Debug)]
struct Node {
    writer: usize,
    seq: u64,
    last: u64,
    parents: Vec<usize>,
}

#[derive(Debug, Default)]
struct Writer {
    seq: u64,
    /// The device that was the first to write as this actor; it stays the only one. Nobody's: the
    /// first change's.
    device: Option<DeviceId>,
    /// Operations that are characters: the first of a run, and how many.
    characters: BTreeMap<u64, u64>,
}

/// What a change can have seen: the changes that it follows, and all that these follow.
enum Seen {
    /// Everything.
    All,
    /// Of each writer, the number of the last change and of its last operation.
    UpTo(BTreeMap<usize, (u64, u64)>),
}

impl History {
    /// The changes that no other follows, ascending.
    pub fn heads(&self) -> Vec<Hash> {
        self.heads.iter().copied().collect()
    }

    /// Whether a change is here.
    pub fn knows(&self, change: &Hash) -> bool {
        self.changes.contains_key(change)
    }

    /// The highest number that an operation has.
    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// Says which device writes as an actor; the first word counts.
    pub fn bind(&mut self, actor: &[u8], device: DeviceId) {
        let writer = self.writer(actor);
        if let Some(writer) = self.writers.get_mut(writer) {
            writer.device.get_or_insert(device);
        }
    }

    /// The device that writes as an actor.
    pub fn device(&self, actor: &[u8]) -> Option<DeviceId> {
        self.writers.get(*self.actors.get(actor)?)?.device
    }

    /// How many changes an actor has made.
    pub fn changes_of(&self, actor: &[u8]) -> u64 {
        self.actors.get(actor).and_then(|writer| self.writers.get(*writer)).map_or(0, |writer| writer.seq)
    }

    fn writer(&mut self, actor: &[u8]) -> usize {
        *self.actors.entry(actor.to_vec()).or_insert_with(|| {
            self.writers.push(Writer::default());
            self.writers.len() - 1
        })
    }

    /// Adds the first change: the title and the text are made by its first two operations, the
    /// characters of the text by the others.
    pub fn begin(&mut self, actor: &[u8], hash: Hash, characters: u64) {
        let change = Added { hash, seq: 1, last: super::change::TEXT + characters, parents: &[] };
        let runs = [(super::change::TEXT + 1, characters)];
        self.add(actor, &change, &runs);
    }

    /// Adds a change that is sound.
    pub fn record(&mut self, change: &Change, parents: &[Hash], hash: Hash) {
        let mut runs = Vec::new();
        let mut counter = change.start;
        for step in &change.steps {
            if matches!(step, Step::Insert { .. }) {
                runs.push((counter, step.operations()));
            }
            counter += step.operations();
        }
        let added = Added { hash, seq: change.seq, last: counter - 1, parents };
        self.add(&change.actor, &added, &runs);
    }

    fn add(&mut self, actor: &[u8], change: &Added<'_>, runs: &[(u64, u64)]) {
        let writer = self.writer(actor);
        if let Some(record) = self.writers.get_mut(writer) {
            record.seq = record.seq.max(change.seq);
            for (first, count) in runs.iter().filter(|(_, count)| *count > 0) {
                match record.characters.range_mut(..*first).next_back() {
                    Some((start, length)) if start + *length == *first => *length += count,
                    _ => drop(record.characters.insert(*first, *count)),
                }
            }
        }
        let parents = change.parents.iter().filter_map(|parent| self.changes.get(parent).copied()).collect();
        self.heads.retain(|head| !change.parents.contains(head));
        self.heads.insert(change.hash);
        self.changes.insert(change.hash, self.nodes.len());
        self.nodes.push(Node { writer, seq: change.seq, last: change.last, parents });
        self.highest = self.highest.max(change.last);
    }

    /// Judges a change that is well formed, by a device.
    pub fn judge(&self, change: &Change, parents: &[Hash], hash: Hash, device: DeviceId) -> Verdict {
        if self.knows(&hash) {
            return Verdict::Known;
        }
        if parents.is_empty() || !parents.iter().all(|parent| self.knows(parent)) {
            return Verdict::Refused;
        }
        let seen = self.seen(parents);
        let holds = self.follows_its_writer(change, &seen, device)
            && change.start > self.highest_of(&seen)
            && change.start <= self.highest + 1
            && self.steps_hold(change, &seen);
        match holds {
            true => Verdict::Sound,
            false => Verdict::Refused,
        }
    }

    fn follows_its_writer(&self, change: &Change, seen: &Seen, device: DeviceId) -> bool {
        let Some(index) = self.actors.get(&change.actor[..]) else { return change.seq == 1 };
        let Some(writer) = self.writers.get(*index) else { return false };
        let seen = match seen {
            Seen::All => writer.seq,
            Seen::UpTo(last) => last.get(index).map_or(0, |(seq, _)| *seq),
        };
        writer.device == Some(device) && change.seq == writer.seq + 1 && seen == writer.seq
    }

    fn steps_hold(&self, change: &Change, seen: &Seen) -> bool {
        let mut counter = change.start;
        let mut own: BTreeSet<u64> = BTreeSet::new();
        let mut gone: BTreeSet<Element> = BTreeSet::new();
        let stands = |element: &Element, own: &BTreeSet<u64>| {
            element.actor == 0 && own.contains(&element.counter) || self.is_character(change, element, seen)
        };
        for step in &change.steps {
            match step {
                Step::Insert { after, .. } => {
                    if after.counter > 0 && !stands(after, &own) {
                        return false;
                    }
                    own.extend(counter..counter + step.operations());
                }
                Step::Delete { first, count } => {
                    for at in 0..*count {
                        let element = Element { counter: first.counter + at, ..*first };
                        if !stands(&element, &own) || !gone.insert(element) {
                            return false;
                        }
                    }
                }
            }
            counter += step.operations();
        }
        true
    }

    /// Whether an operation made a character, and the change has seen it.
    fn is_character(&self, change: &Change, element: &Element, seen: &Seen) -> bool {
        let Some(index) = change.actor_at(element.actor).and_then(|actor| self.actors.get(actor)) else {
            return false;
        };
        let was_seen = match seen {
            Seen::All => true,
            Seen::UpTo(last) => last.get(index).is_some_and(|(_, last)| element.counter <= *last),
        };
        let run = self
            .writers
            .get(*index)
            .and_then(|writer| writer.characters.range(..=element.counter).next_back());
        was_seen && run.is_some_and(|(first, length)| element.counter < first + length)
    }

    fn highest_of(&self, seen: &Seen) -> u64 {
        match seen {
            Seen::All => self.highest,
            Seen::UpTo(last) => last.values().map(|(_, last)| *last).max().unwrap_or_default(),
        }
    }

    fn seen(&self, parents: &[Hash]) -> Seen {
        if parents.len() == self.heads.len() && parents.iter().all(|parent| self.heads.contains(parent)) {
            return Seen::All;
        }
        let mut visited = vec![false; self.nodes.len()];
        let mut open: Vec<usize> =
            parents.iter().filter_map(|parent| self.changes.get(parent).copied()).collect();
        let mut last: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
        while let Some(at) = open.pop() {
            let (Some(seen), Some(node)) = (visited.get_mut(at), self.nodes.get(at)) else { continue };
            if std::mem::replace(seen, true) {
                continue;
            }
            let known = last.entry(node.writer).or_default();
            *known = (*known).max((node.seq, node.last));
            open.extend(&node.parents);
        }
        Seen::UpTo(last)
    }
}

/// A change to be added.
struct Added<'a> {
    hash: Hash,
    seq: u64,
    last: u64,
    parents: &'a [Hash],
}
