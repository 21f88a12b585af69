//! What the relay has in memory of one organisation: all that every decision needs.
//!
//! Registry and groups run ahead of the disk: they hold what was sent to the writer, in order,
//! so that what follows is judged by it. Threads and marks hold what is durable, since people
//! see it. When a write fails all of it is read anew ([`State::load`]).

use std::collections::{BTreeMap, BTreeSet};

use estafette_protocol::enrol::InventoryEntry;
use estafette_protocol::handshake::RosterName;
use estafette_protocol::registry::{Membership, Registry};
use estafette_protocol::{
    DeviceId, EnrolmentId, Epoch, InventoryId, LogGeneration, OrganisationId, RosterId, StatementNumber,
    ThreadId, Timestamp,
};

use super::phones::Phone;
use crate::policy;
use crate::store::{DebtRow, EnrolmentRow, GroupState, HeadRow, Reader, StoreError};

/// Statements read at a time when a store is opened.
const STATEMENTS: usize = 1000;

pub(super) struct State {
    pub generation: LogGeneration,
    /// The log was restored and waits for the organisation's decisions. Ahead of the disk.
    pub restoring: bool,
    /// Whose it is, once founded.
    pub organisation: Option<OrganisationId>,
    /// The hash of the ticket that founds it.
    pub claim: Option<estafette_protocol::Hash>,
    /// Ahead of the disk.
    pub registry: Registry,
    /// The last statement on the disk.
    pub stated: Option<StatementNumber>,
    /// Ahead of the disk.
    pub groups: BTreeMap<RosterId, GroupState>,
    pub threads: BTreeMap<ThreadId, HeadRow>,
    /// The last number of each stream.
    pub control: u64,
    pub content: u64,
    pub slots: u64,
    /// The last request number of each device. Ahead of the disk.
    pub numbers: BTreeMap<DeviceId, u64>,
    /// Ahead of the disk.
    pub inventory: BTreeMap<InventoryId, InventoryEntry>,
    /// Ahead of the disk.
    pub enrolments: BTreeMap<EnrolmentId, EnrolmentRow>,
    /// Phones by what they have shown. Ahead of the disk.
    pub phones: BTreeMap<DeviceId, Phone>,
    /// When the list was fetched by which they were looked at last. Ahead of the disk.
    pub listed_at: Option<Timestamp>,
    /// Welcomes and bundles that wait, by their number in the control stream.
    pub welcomes: BTreeMap<DeviceId, BTreeSet<u64>>,
    /// Newcomers and what they were handed of the past. Ahead of the disk.
    pub debts: BTreeMap<(RosterId, DeviceId), DebtRow>,
}

impl State {
    pub fn load(reader: &dyn Reader) -> Result<Self, StoreError> {
        let log = reader.state()?;
        let mut registry = Registry::new(log.organisation.unwrap_or(OrganisationId([0; 16])));
        loop {
            let from = registry.next_link().0;
            let statements = reader.statements(from, STATEMENTS)?;
            for statement in &statements {
                let damaged = |error| StoreError::Corrupt(format!("a statement does not read back: {error}"));
                registry.restore(statement).map_err(damaged)?;
            }
            if statements.len() < STATEMENTS {
                break;
            }
        }
        let mut welcomes: BTreeMap<DeviceId, BTreeSet<u64>> = BTreeMap::new();
        for (device, number) in reader.welcomes()?.into_iter().chain(reader.bundles()?) {
            welcomes.entry(device).or_default().insert(number);
        }
        Ok(Self {
            generation: log.generation,
            restoring: log.restoring,
            organisation: log.organisation,
            claim: log.claim,
            stated: registry.head().map(|(number, _)| number),
            registry,
            groups: reader.groups()?.into_iter().map(|row| (row.roster, row.state)).collect(),
            threads: reader.heads()?.into_iter().map(|head| (head.thread, head)).collect(),
            control: log.control,
            content: log.content,
            slots: log.slots,
            numbers: reader.request_numbers()?,
            inventory: reader.inventory()?,
            enrolments: reader.enrolments()?.into_iter().map(|row| (row.enrolment, row)).collect(),
            phones: reader.phones()?.iter().map(|row| (row.device, Phone::of(row))).collect(),
            listed_at: log.listed_at,
            welcomes,
            debts: reader.debts()?.into_iter().map(|row| ((row.roster, row.device), row)).collect(),
        })
    }

    /// The organisation's id; zeros before it is founded, when nobody can ask.
    pub fn id(&self) -> OrganisationId {
        self.registry.organisation()
    }

    /// The roster of an id: a stated one, or a pair whose group was founded.
    pub fn roster_name(&self, roster: RosterId) -> Option<RosterName> {
        match self.registry.roster(roster) {
            Some(_) => Some(RosterName::Stated(roster)),
            None => self.groups.get(&roster).map(|group| group.name),
        }
    }

    /// The rosters that a device is in now, pairs that have a group included.
    pub fn rosters_of(&self, device: DeviceId) -> Vec<(RosterId, RosterName)> {
        let stated = self
            .registry
            .rosters()
            .filter(|(_, record)| record.current(device).is_some())
            .map(|(roster, _)| (roster, RosterName::Stated(roster)));
        let agent = self.registry.agent_of(device);
        let pairs = self.groups.iter().filter(|(_, group)| match group.name {
            RosterName::Pair { lower, higher, .. } => agent == Some(lower) || agent == Some(higher),
            RosterName::Stated(_) => false,
        });
        stated.chain(pairs.map(|(roster, group)| (*roster, group.name))).collect()
    }

    /// A device's stay in the roster of a thread, if it is in it now.
    pub fn stay(&self, thread: ThreadId, device: DeviceId) -> Option<Membership> {
        self.registry.membership(&self.roster_name(thread.roster())?, device)
    }

    /// Whether a group holds devices that statements have removed.
    pub fn has_open_removals(&self, group: &GroupState) -> bool {
        // Where no commit can follow, none could close them.
        group.epoch > Epoch(0)
            && group.members.keys().any(|device| self.registry.membership(&group.name, *device).is_none())
    }

    /// Whether a roster waits for a commit: to be founded, or to follow the statements.
    pub fn waits_for_commit(&self, roster: RosterId, name: &RosterName) -> bool {
        match self.groups.get(&roster) {
            None => matches!(name, RosterName::Stated(_)) && !self.registry.members(name).is_empty(),
            Some(group) => {
                self.is_given_up(group) || !self.registry.members(name).iter().eq(group.members.keys())
            }
        }
    }

    /// Whether a group can only be founded anew: members have said so, or the log was restored,
    /// which leaves groups at epoch 0, where no commit leaves one.
    pub fn is_given_up(&self, group: &GroupState) -> bool {
        group.epoch == Epoch(0) || policy::is_given_up(&self.registry, &group.name, &group.refusals)
    }
}
