//! The newest entries of each thread in memory, so that a thread of many devices is read once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use estafette_protocol::ThreadId;

use crate::store::EntryRow;

/// Entries kept of one thread, at most.
const ENTRIES: usize = 512;
/// Bytes kept of one thread, at most.
const BYTES: usize = 1024 * 1024;
/// Threads kept, at most; beyond, the one that was written to longest ago goes.
const THREADS: usize = 256;

#[derive(Default)]
struct Tail {
    /// Every entry of the thread above this stream number is here.
    after: u64,
    entries: VecDeque<Arc<EntryRow>>,
    bytes: usize,
}

#[derive(Default)]
pub(super) struct Recent {
    tails: BTreeMap<ThreadId, Tail>,
}

impl Recent {
    /// Adds the thread's newest entry; `before` is the stream number of the one before it.
    pub fn push(&mut self, thread: ThreadId, before: u64, entry: Arc<EntryRow>) {
        if self.tails.len() >= THREADS && !self.tails.contains_key(&thread) {
            self.drop_oldest();
        }
        let tail = self.tails.entry(thread).or_insert_with(|| Tail { after: before, ..Tail::default() });
        tail.bytes += entry.size();
        tail.entries.push_back(entry);
        while tail.entries.len() > ENTRIES || tail.bytes > BYTES {
            let Some(gone) = tail.entries.pop_front() else { break };
            tail.bytes -= gone.size();
            tail.after = gone.stream;
        }
    }

    /// The entries of a thread above a stream number, if all of them are here.
    pub fn after(&self, thread: ThreadId, after: u64) -> Option<impl Iterator<Item = &Arc<EntryRow>>> {
        let tail = self.tails.get(&thread).filter(|tail| tail.after <= after)?;
        let first = tail.entries.partition_point(|entry| entry.stream <= after);
        Some(tail.entries.range(first..))
    }

    fn drop_oldest(&mut self) {
        let newest = |tail: &Tail| tail.entries.back().map_or(0, |entry| entry.stream);
        let oldest = self.tails.iter().min_by_key(|(_, tail)| newest(tail)).map(|(thread, _)| *thread);
        oldest.and_then(|thread| self.tails.remove(&thread));
    }
}

#[cfg(test)]
mod tests {
    use estafette_protocol::chain::Placement;
    use estafette_protocol::entry::{EntryKind, Header, SealedEntry, Urgency};
    use estafette_protocol::{
        DeviceId, EntryUid, Epoch, Hash, Position, RosterGeneration, Salt, StatementNumber, Timestamp,
    };

    use super::*;

    fn entry(thread: ThreadId, stream: u64, bytes: usize) -> Arc<EntryRow> {
        let header = Header {
            version: 1,
            urgency: Urgency::Normal,
            kind: EntryKind::Create,
            thread,
            generation: RosterGeneration(0),
            epoch: Epoch(1),
            uid: EntryUid([0; 16]),
            salt: Salt([0; 8]),
            acknowledgement_due: None,
            escalation_minutes: None,
            announced: None,
            terms: None,
        };
        let statement = StatementNumber(0);
        let placement = Placement { position: Position(stream), received_at: Timestamp(0), statement };
        Arc::new(EntryRow {
            stream,
            placement,
            author: DeviceId([0; 16]),
            hash: Hash([0; 32]),
            previous: Hash([0; 32]),
            thread,
            common: None,
            uid: header.uid,
            entry: Some(SealedEntry { header, sealed: vec![0; bytes] }),
        })
    }

    fn streams(recent: &Recent, thread: ThreadId, after: u64) -> Option<Vec<u64>> {
        recent.after(thread, after).map(|entries| entries.map(|entry| entry.stream).collect())
    }

    #[test]
    fn only_a_complete_answer_is_given() {
        let thread = ThreadId([1; 32]);
        let mut recent = Recent::default();
        assert_eq!(streams(&recent, thread, 0), None);
        recent.push(thread, 4, entry(thread, 7, 10));
        recent.push(thread, 7, entry(thread, 9, 10));
        assert_eq!(streams(&recent, thread, 3), None);
        assert_eq!(streams(&recent, thread, 4), Some(vec![7, 9]));
        assert_eq!(streams(&recent, thread, 7), Some(vec![9]));
        assert_eq!(streams(&recent, thread, 20), Some(vec![]));
    }

    #[test]
    fn what_was_evicted_is_not_missing_from_an_answer() {
        let thread = ThreadId([1; 32]);
        let mut recent = Recent::default();
        for stream in 1..=600 {
            recent.push(thread, stream - 1, entry(thread, stream, 10));
        }
        assert_eq!(streams(&recent, thread, 87), None);
        assert_eq!(streams(&recent, thread, 88).map(|streams| streams.len()), Some(512));
    }
}
