//! What members need around commits: key packages set aside, a group to join, and a way out.

use std::collections::BTreeSet;
use std::time::Duration;

use estafette_protocol::frame::{CommitRefused, Reply};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::{DeviceId, Epoch, Fault, FaultCode, limits};

use super::Relay;
use super::requests::{Asker, at_most};
use super::settle::Wish;
use crate::policy;
use crate::store::{Operation, Reservation};

/// How long key packages are set aside.
const RESERVED: Duration = Duration::from_secs(60);

impl Relay {
    pub(super) fn reserve(
        &mut self,
        asker: Asker,
        roster: RosterName,
        devices: Vec<DeviceId>,
    ) -> Result<(), Fault> {
        at_most(devices.len(), limits::ROSTER_DEVICES)?;
        policy::exists(&self.state.registry, &roster)?;
        policy::is_member(&self.state.registry, &roster, asker.device)?;
        let devices: BTreeSet<_> = devices.into_iter().collect();
        devices.iter().try_for_each(|device| policy::is_member(&self.state.registry, &roster, *device))?;
        let group = self.state.groups.get(&roster.id(self.state.id()));
        let standing = group.map(|group| (group.generation, group.epoch));
        let devices = devices.into_iter().collect();
        let reservation = Reservation { devices, now: self.now, until: self.now.after(RESERVED) };
        self.write_for(asker, Operation::Reserve(reservation), Wish::Reserve(standing));
        Ok(())
    }

    pub(super) fn group(&self, asker: Asker, roster: &RosterName) -> Result<Reply, Fault> {
        policy::exists(&self.state.registry, roster)?;
        policy::is_member(&self.state.registry, roster, asker.device)?;
        let id = roster.id(self.state.id());
        let group = self.state.groups.get(&id).filter(|group| group.epoch > Epoch(0));
        let generation = group.ok_or(FaultCode::NotFound)?.generation;
        let stood = self.reader.group_info(id)?.filter(|stood| stood.generation == generation);
        let stood = stood.ok_or(FaultCode::NotFound)?;
        Ok(Reply::Group {
            generation: stood.generation,
            epoch: stood.epoch,
            group_info: stood.info.into(),
            tree: stood.tree.into(),
        })
    }

    /// Takes a device's word that a commit of the standing generation cannot be applied. When enough
    /// have said so, the next generation may be founded.
    pub(super) fn refuse_commit(&mut self, asker: Asker, refused: CommitRefused) -> Result<(), Fault> {
        let organisation = self.state.id();
        policy::exists(&self.state.registry, &refused.roster)?;
        if refused.device != asker.device {
            return Err(FaultCode::Forbidden.into());
        }
        if !self.state.registry.is_administrator(asker.device) {
            policy::is_member(&self.state.registry, &refused.roster, asker.device)?;
        }
        let record = self.state.registry.device(asker.device).ok_or(FaultCode::BadProof)?;
        refused.verify(organisation, &record.certificate.ed25519).map_err(|_| FaultCode::BadProof)?;
        let roster = refused.roster_id(organisation);
        let group = self.state.groups.get_mut(&roster).ok_or(FaultCode::NotFound)?;
        if group.generation != refused.generation {
            return Err(Fault::new(FaultCode::CommitConflict).with_number(u64::from(group.generation.0)));
        }
        if !self.reader.has_commit(roster, refused.generation, refused.commit)? {
            return Err(FaultCode::CommitInvalid.into());
        }
        if !group.refusals.contains(&asker.device) {
            group.refusals.push(asker.device);
        }
        self.write_for(asker, Operation::RefuseCommit(refused), Wish::Done);
        Ok(())
    }
}
