//! Announcements: what they have in common, receipts, and reminders to who has given none.
//!
//! The relay knows of an announcement who is addressed (from statements), until when an
//! acknowledgement is wanted, and who has given one; never what it says. It reminds by itself,
//! while the issuer may be in a valley, and only people on duty: a reminder passes the same exit
//! as all else. Reminders are not kept: one that comes a second time, after a restart, is known to
//! its device already.

use std::collections::{BTreeMap, BTreeSet};

use estafette_protocol::announcement::{self, Announced, Common, Receipt};
use estafette_protocol::entry::Header;
use estafette_protocol::{
    AgentNumber, DeviceId, EntryUid, Fault, FaultCode, Hash, ThreadId, Timestamp, limits,
};

use super::Relay;
use super::requests::{Asker, at_most};
use super::settle::Wish;
use crate::outlet::{Item, Line};
use crate::policy;
use crate::store::{AnnouncedRow, CommonWrite, Operation, Reader, ReceiptWrite, StoreError};

/// An announcement that wants an acknowledgement.
#[derive(Debug)]
struct Wanted {
    version: EntryUid,
    threads: BTreeSet<ThreadId>,
    due: Timestamp,
    remind_at: Timestamp,
    given: BTreeSet<AgentNumber>,
    reminded: BTreeSet<DeviceId>,
}

/// The announcements whose time has not passed.
#[derive(Debug, Default)]
pub(super) struct Announcements {
    wanted: BTreeMap<Hash, Wanted>,
    corrected: BTreeSet<EntryUid>,
    /// Sessions, hours or the time have changed.
    look: bool,
}

impl Announcements {
    pub fn load(reader: &dyn Reader) -> Result<Self, StoreError> {
        let mut announcements = Self::default();
        reader.announced()?.iter().for_each(|row| announcements.note(row));
        for (common, agent) in reader.acknowledged()? {
            announcements.give(common, agent);
        }
        Ok(announcements)
    }

    /// An entry announces.
    pub fn note(&mut self, row: &AnnouncedRow) {
        let AnnouncedRow { announced, thread, due, received_at } = *row;
        self.corrected.extend(announced.corrects);
        let Some(due) = due else { return };
        let wanted = self.wanted.entry(announced.common).or_insert_with(|| Wanted {
            version: announced.version,
            threads: BTreeSet::new(),
            due,
            remind_at: announcement::remind_at(received_at, due),
            given: BTreeSet::new(),
            reminded: BTreeSet::new(),
        });
        wanted.threads.insert(thread);
    }

    /// A person has acknowledged.
    pub fn give(&mut self, common: Hash, agent: AgentNumber) {
        if let Some(wanted) = self.wanted.get_mut(&common) {
            wanted.given.insert(agent);
        }
    }

    pub fn look_again(&mut self) {
        self.look = true;
    }

    /// Takes what is stored for what stands, and keeps who was reminded.
    pub fn reload(&mut self, reader: &dyn Reader) -> Result<(), StoreError> {
        let mut fresh = Self::load(reader)?;
        for (common, wanted) in &mut fresh.wanted {
            if let Some(known) = self.wanted.remove(common) {
                wanted.reminded = known.reminded;
            }
        }
        *self = fresh;
        Ok(())
    }

    /// When the next reminder is due that nobody was given yet.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        self.wanted.values().map(|wanted| wanted.remind_at).filter(|at| *at > now).min()
    }
}

impl Relay {
    /// Takes what an announcement's entries have in common.
    pub(super) fn take_common(&mut self, asker: Asker, common: Common) -> Result<(), Fault> {
        at_most(common.0.len(), limits::COMMON)?;
        policy::may_announce_somewhere(&self.state.registry, asker.device)?;
        let write = CommonWrite { author: asker.device, common };
        self.write_for(asker, Operation::Common(write), Wish::Done);
        Ok(())
    }

    /// Takes a person's receipt.
    pub(super) fn take_receipt(&mut self, asker: Asker, receipt: Receipt) -> Result<(), Fault> {
        let name = self.state.roster_name(receipt.thread.roster()).ok_or(FaultCode::NotFound)?;
        policy::is_member(&self.state.registry, &name, asker.device)?;
        if receipt.device != asker.device {
            return Err(FaultCode::ReceiptInvalid.into());
        }
        let record = self.state.registry.device(asker.device).ok_or(FaultCode::BadProof)?;
        let agent = record.certificate.agent;
        receipt
            .verify(self.state.id(), &record.certificate.ed25519)
            .map_err(|_| FaultCode::ReceiptInvalid)?;
        let wish = Wish::Receipt(receipt.common, agent);
        self.write_for(asker, Operation::Receipt(Box::new(ReceiptWrite { agent, receipt })), wish);
        Ok(())
    }

    /// An entry that was placed announces.
    pub(super) fn announced(&mut self, header: &Header, announced: Announced, received_at: Timestamp) {
        let due = header.acknowledgement_due;
        self.announcements.note(&AnnouncedRow { announced, thread: header.thread, due, received_at });
    }

    /// The common ciphertext of an entry that is shown to others.
    pub(super) fn common_of(&self, header: &Header) -> Option<Common> {
        let hash = header.announced?.common;
        match self.reader.common(hash) {
            Ok(common) => common,
            Err(error) => {
                tracing::error!(code = %error.code(), %error, "an announcement could not be read");
                None
            }
        }
    }

    /// Entries were taken back, or their time was over: what they announced is waited for no longer.
    pub(super) fn refresh_announcements(&mut self) {
        if std::mem::take(&mut self.announcements_changed)
            && let Err(error) = self
                .announcements
                .reload(self.reader.as_ref())
                .and_then(|()| self.urgent_calls.reload(self.reader.as_ref()))
        {
            tracing::error!(code = %error.code(), %error, "announcements could not be read");
            self.stalled = true;
        }
    }

    /// Reminds who is on duty, listens, and has not acknowledged. Each device once.
    pub(super) fn give_reminders(&mut self) {
        let now = self.now;
        self.announcements.wanted.retain(|_, wanted| now < wanted.due);
        if !std::mem::take(&mut self.announcements.look) || self.draining || self.stalled {
            return;
        }
        let mut due: Vec<(Hash, Line, DeviceId, EntryUid, Timestamp)> = Vec::new();
        for (common, wanted) in &self.announcements.wanted {
            if now < wanted.remind_at || self.announcements.corrected.contains(&wanted.version) {
                continue;
            }
            let addressed = self.addressees(wanted);
            for (line, session) in &self.sessions {
                let device = session.device;
                let listens = session.follow.is_some() && !wanted.reminded.contains(&device);
                if listens && addressed.contains(&session.agent) && !wanted.given.contains(&session.agent) {
                    due.push((*common, *line, device, wanted.version, wanted.due));
                }
            }
        }
        let at = self.gate_time();
        for (common, line, device, version, until) in due {
            let item = Item::Reminder { version, due: until };
            if self.outlet.offer(line, item, &self.state.registry, at)
                && let Some(wanted) = self.announcements.wanted.get_mut(&common)
            {
                wanted.reminded.insert(device);
            }
        }
    }

    fn addressees(&self, wanted: &Wanted) -> BTreeSet<AgentNumber> {
        let registry = &self.state.registry;
        let names = wanted.threads.iter().filter_map(|thread| self.state.roster_name(thread.roster()));
        names.flat_map(|name| registry.addressees(&name, registry.last())).collect()
    }
}
