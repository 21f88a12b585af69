//! Entries of an append: judged here, placed by the store.
//!
//! The store asks first whether an entry is known, since its author may have lost every right
//! after it was acknowledged: so the judgement goes with it as a verdict.

use std::sync::Arc;

use estafette_protocol::entry::{SealedEntry, Urgency, WireEntry};
use estafette_protocol::frame::{Content, Delivered};
use estafette_protocol::registry::Membership;
use estafette_protocol::statement::History;
use estafette_protocol::statistics::Month;
use estafette_protocol::{
    AuthEpoch, DeviceId, Fault, FaultCode, Position, RosterId, StatementNumber, ThreadId, Timestamp, limits,
};

use super::Relay;
use super::requests::{Asker, at_most};
use super::settle::Expected;
use crate::policy;
use crate::store::{Append, EntryRow, Fence, Operation, Verdict, Window};

/// Entries in one answer to `range`.
const RANGE: usize = 500;
/// Their bytes; one of them may exceed it.
const RANGE_BYTES: usize = 1024 * 1024;

impl Relay {
    pub(super) fn append(&mut self, asker: Asker, entries: Vec<WireEntry>) -> Result<(), Fault> {
        at_most(entries.len(), limits::APPEND)?;
        self.pace.entries(self.now, asker.device, entries.len())?;
        let off_hours = self.off_hours(asker.device);
        let entries: Vec<Arc<Append>> = entries
            .into_iter()
            .map(WireEntry::into_sealed)
            .collect::<Option<Vec<_>>>()
            .ok_or(FaultCode::Malformed)?
            .into_iter()
            .map(|entry| Arc::new(self.judge(asker, entry, off_hours)))
            .collect();
        for entry in &entries {
            let append = Operation::Append(Arc::clone(entry));
            let lines = self.lines_of_urgency(entry);
            self.write(match lines.is_empty() {
                true => append,
                false => Operation::Audited(Box::new(append), lines),
            });
        }
        self.expect(asker.line, Expected::Entries { line: asker.line, id: asker.id, entries });
        Ok(())
    }

    fn judge(&mut self, asker: Asker, entry: SealedEntry, off_hours: Option<Month>) -> Append {
        let roster = entry.header.thread.roster();
        let verdict = match self.may_stand(roster, asker.device, &entry) {
            Ok(()) => Verdict::May(Fence { auth_epoch: AuthEpoch(0), statement: self.state.registry.last() }),
            Err(fault) => Verdict::MayNot(fault),
        };
        // Of conversations of two nothing is counted.
        let off_hours = off_hours.filter(|_| self.state.registry.roster(roster).is_some());
        Append { roster, author: asker.device, hash: entry.hash(), entry, verdict, now: self.now, off_hours }
    }

    fn may_stand(&mut self, roster: RosterId, author: DeviceId, entry: &SealedEntry) -> Result<(), Fault> {
        let name = self.state.roster_name(roster).ok_or(FaultCode::NotFound)?;
        let urgency = entry.header.urgency_at(self.now);
        policy::may_append(&self.state.registry, &name, author, urgency)?;
        policy::may_be_headed(&self.state.registry, &name, &entry.header)?;
        policy::has_terms(&entry.header, self.now)?;
        at_most(entry.size(), limits::ENTRY)?;
        match (urgency, &entry.header.terms) {
            (Urgency::Emergency, Some(terms)) => self.may_declare(&name, roster, author, terms, entry),
            _ => Ok(()),
        }
    }

    /// Entries of a thread between two positions, as far as the device may read them.
    pub(super) fn range(
        &self,
        device: DeviceId,
        thread: ThreadId,
        from: Position,
        to: Position,
    ) -> Result<Vec<Delivered>, Fault> {
        let name = self.state.roster_name(thread.roster()).ok_or(FaultCode::NotFound)?;
        let stay = self.state.registry.membership(&name, device).ok_or(FaultCode::NotAMember)?;
        let window = window(thread, &stay, 0, self.state.content);
        let mut bytes = 0;
        let mut last = None;
        let mut delivered = Vec::new();
        for row in self.reader.range(&window, from, to, RANGE)? {
            if bytes >= RANGE_BYTES {
                break;
            }
            bytes += row.size();
            let follows = last.map(Position::next) == Some(row.placement.position);
            last = Some(row.placement.position);
            delivered.push(as_delivered(&row, device, !follows));
        }
        Ok(delivered)
    }
}

/// What of a thread's entries in a part of the stream a stay allows to read.
pub(super) fn window(thread: ThreadId, stay: &Membership, after: u64, until: u64) -> Window {
    let (statement, received_at) = match stay.history {
        History::None => (stay.admitted, Timestamp(0)),
        History::Since(instant) => (StatementNumber(0), instant),
        History::All => (StatementNumber(0), Timestamp(0)),
    };
    Window { thread, after, until, statement, received_at }
}

/// Whether a stay allows to read an entry.
pub(super) fn may_read(stay: &Membership, row: &EntryRow) -> bool {
    match stay.history {
        History::None => row.placement.statement >= stay.admitted,
        History::Since(instant) => row.placement.received_at >= instant,
        History::All => true,
    }
}

/// An entry as a device gets it; its own by name, since it has it.
pub(super) fn as_delivered(row: &EntryRow, device: DeviceId, out_of_order: bool) -> Delivered {
    let (uid, hash) = (row.uid, row.hash);
    let content = match &row.entry {
        _ if row.author == device => Content::Own { uid, hash },
        Some(entry) => match &row.common {
            Some(common) => Content::Announcement { entry: entry.clone().into(), common: common.clone() },
            None => Content::Entry(entry.clone().into()),
        },
        None => Content::Erased { uid, hash },
    };
    Delivered {
        thread: row.thread.into(),
        placement: row.placement,
        content,
        previous: (out_of_order && row.placement.position.0 > 1).then_some(row.previous),
    }
}
