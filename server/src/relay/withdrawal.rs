//! What authors take back: bytes of entries that are erased everywhere, or recalled before anybody
//! has them. Places, names and hashes stay, so that chains compute and nothing is taken twice.
//!
//! Always true: what is answered `Done` to a recall was in no delivery to another device. What a
//! relay had before it was started counts as received, since it may have been.

use std::collections::BTreeMap;

use estafette_protocol::alias::ThreadRef;
use estafette_protocol::frame::{Content, Delivered};
use estafette_protocol::{DeviceId, EntryUid, Fault, FaultCode, Position, ThreadId, limits};

use super::Relay;
use super::recent::Recent;
use super::requests::{Asker, at_most};
use super::settle::Wish;
use crate::store::{HeadRow, Operation, Withdrawal};

/// Up to which position the entries of each thread may have been received by others.
#[derive(Default)]
pub(super) struct Given(BTreeMap<ThreadId, Position>);

impl Given {
    /// Everything that stands may have been received before this start.
    pub fn until<'a>(heads: impl Iterator<Item = &'a HeadRow>) -> Self {
        Self(heads.map(|head| (head.thread, head.position)).collect())
    }

    /// Entries go out to a device.
    pub fn note(&mut self, entries: &[Delivered]) {
        for entry in entries {
            let shown = matches!(entry.content, Content::Entry(_) | Content::Announcement { .. });
            if let Some(thread) = entry.thread.full().filter(|_| shown) {
                let given = self.0.entry(thread).or_default();
                *given = entry.placement.position.max(*given);
            }
        }
    }

    pub fn of(&self, thread: ThreadId) -> Position {
        self.0.get(&thread).copied().unwrap_or_default()
    }
}

impl Relay {
    /// Drops the bytes of entries of the asking agent's devices, revoked ones included.
    pub(super) fn erase(
        &mut self,
        asker: Asker,
        thread: ThreadRef,
        entries: Vec<EntryUid>,
    ) -> Result<(), Fault> {
        at_most(entries.len(), limits::ERASE)?;
        let thread = thread.full().ok_or(FaultCode::Malformed)?;
        let registry = &self.state.registry;
        let agent = registry.agent_of(asker.device);
        let authors: Vec<DeviceId> = registry
            .devices()
            .map(|record| record.certificate.device)
            .filter(|device| registry.agent_of(*device) == agent)
            .collect();
        self.withdraw(asker, Withdrawal { thread, authors, entries, above: None });
        Ok(())
    }

    /// The same for one entry of the asking device that nobody else has.
    pub(super) fn recall(&mut self, asker: Asker, thread: ThreadRef, entry: EntryUid) -> Result<(), Fault> {
        let thread = thread.full().ok_or(FaultCode::Malformed)?;
        let above = Some(self.given.of(thread));
        self.withdraw(asker, Withdrawal { thread, authors: vec![asker.device], entries: vec![entry], above });
        Ok(())
    }

    fn withdraw(&mut self, asker: Asker, withdrawal: Withdrawal) {
        let thread = withdrawal.thread;
        // What memory holds would still be delivered.
        self.recent = Recent::default();
        let wish = match withdrawal.above {
            Some(_) => Wish::Recall(thread),
            None => Wish::Done,
        };
        self.write_for(asker, Operation::Withdraw(Box::new(withdrawal)), wish);
    }

    /// A recall is durable. Was the entry delivered meanwhile, its author is told.
    pub(super) fn recalled(&mut self, thread: ThreadId, position: Position) -> Result<(), FaultCode> {
        self.recent = Recent::default();
        match position > self.given.of(thread) {
            true => Ok(()),
            false => Err(FaultCode::TooLate),
        }
    }
}
