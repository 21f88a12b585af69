//! Commits: who may offer which, judged from statements and the public header alone.
//!
//! The relay cannot check a commit's signature or what it seals. It checks that the header
//! continues the group where it stands, and that the devices welcomed are exactly those that
//! the named statements admit; members check the rest, and can refuse ([`super::groups`]).

use std::collections::{BTreeMap, BTreeSet};

use estafette_protocol::frame::CommitUpload;
use estafette_protocol::handshake::{CommitHeader, CommitNote, HandshakeSender};
use estafette_protocol::statement::History;
use estafette_protocol::{DeviceId, Epoch, Fault, FaultCode, RosterId, StatementNumber, codec, limits};

use super::Relay;
use super::requests::{Asker, at_most};
use super::settle::Wish;
use super::state::State;
use crate::policy;
use crate::store::{CommitWrite, DebtRow, GroupState, Operation};

/// Bytes of a commit's authenticated data.
const NOTE: usize = 16 * 1024;

/// What a commit does to its group.
struct Change {
    /// The founder's last statement.
    founds: Option<StatementNumber>,
    raises_floor: bool,
    joined: Vec<(DeviceId, Epoch)>,
    owed: Vec<(DeviceId, StatementNumber)>,
    left: Vec<DeviceId>,
}

impl Relay {
    pub(super) fn commit(&mut self, asker: Asker, upload: CommitUpload) -> Result<(), Fault> {
        check_sizes(&upload)?;
        policy::exists(&self.state.registry, &upload.roster)?;
        policy::is_member(&self.state.registry, &upload.roster, asker.device)?;
        let header = CommitHeader::parse(&upload.commit).ok_or(FaultCode::CommitInvalid)?;
        let roster = upload.roster.id(self.state.id());
        if header.roster != roster {
            return Err(FaultCode::CommitInvalid.into());
        }
        let note = codec::from_bytes(&header.note, NOTE).map_err(|_| FaultCode::CommitInvalid)?;
        let change = match continues(&self.state, roster, &header, &note) {
            true => {
                let mut change = judge(&self.state, asker.device, &upload, &header, &note)?;
                change.owed = owed(&self.state, &upload, &header, &change);
                Some(change)
            }
            false => None,
        };
        let write = self.as_write(asker, upload, &header, change);
        self.write_for(asker, Operation::Commit(Box::new(write)), Wish::Done);
        Ok(())
    }

    /// The write of a judged commit, already in force in memory. One that lost its race goes to the
    /// store all the same, which knows whether it is the standing one repeated; it must not be
    /// taken there, and names a statement that never is the last.
    fn as_write(
        &mut self,
        asker: Asker,
        upload: CommitUpload,
        header: &CommitHeader,
        change: Option<Change>,
    ) -> CommitWrite {
        let judged = change.is_some();
        let change = change.unwrap_or(Change {
            founds: None,
            raises_floor: false,
            joined: Vec::new(),
            owed: Vec::new(),
            left: Vec::new(),
        });
        if judged {
            move_group(&mut self.state, &upload, header, &change, self.now);
            self.turns.committed(header.roster);
            self.history_turns.look_again();
        }
        let group = self.state.groups.get(&header.roster);
        CommitWrite {
            roster: header.roster,
            name: upload.roster,
            generation: header.generation,
            epoch: header.epoch,
            founds: change.founds,
            device: asker.device,
            bytes: upload.commit.into(),
            statement: if judged { self.state.registry.last() } else { StatementNumber(u64::MAX) },
            raises_floor: change.raises_floor,
            open_removals: group.is_some_and(|group| self.state.has_open_removals(group)),
            joined: change.joined,
            owed: change.owed,
            left: change.left,
            welcomes: upload.welcomes.into_iter().map(|(device, bytes)| (device, bytes.into())).collect(),
            key_packages: upload.key_packages,
            group_info: upload.group_info.into(),
            tree: upload.tree.into(),
            now: self.now,
        }
    }
}

fn check_sizes(upload: &CommitUpload) -> Result<(), Fault> {
    at_most(upload.commit.len(), limits::COMMIT)?;
    at_most(upload.welcomes.len(), limits::ROSTER_DEVICES)?;
    at_most(upload.key_packages.len(), limits::ROSTER_DEVICES)?;
    upload.welcomes.iter().try_for_each(|(_, welcome)| at_most(welcome.len(), limits::WELCOME))?;
    at_most(upload.group_info.len(), limits::GROUP_INFO)?;
    at_most(upload.tree.len(), limits::GROUP_INFO)
}

/// Whether a commit starts where the group stands.
fn continues(state: &State, roster: RosterId, header: &CommitHeader, note: &CommitNote) -> bool {
    let group = state.groups.get(&roster);
    match (note, group) {
        (CommitNote::Found { .. }, None) => {
            header.generation.0 <= limits::FOUNDED_GENERATION && header.epoch.0 == 0
        }
        (CommitNote::Found { .. }, Some(group)) => {
            header.epoch.0 == 0 && header.generation == group.generation.next() && state.is_given_up(group)
        }
        (_, None) => false,
        (_, Some(group)) => header.generation == group.generation && header.epoch == group.epoch,
    }
}

fn judge(
    state: &State,
    device: DeviceId,
    upload: &CommitUpload,
    header: &CommitHeader,
    note: &CommitNote,
) -> Result<Change, Fault> {
    let welcomed: BTreeSet<DeviceId> = upload.welcomes.iter().map(|(device, _)| *device).collect();
    let invalid = Fault::new(FaultCode::CommitInvalid);
    let by_member = matches!(header.sender, HandshakeSender::Member(_));
    let joins = matches!(note, CommitNote::Join { .. });
    if welcomed.len() != upload.welcomes.len() || by_member == joins {
        return Err(invalid);
    }
    let welcomes = || welcomed.iter().map(|device| (*device, header.epoch.next()));
    match note {
        CommitNote::Found { at } => {
            policy::may_found(&state.registry, &upload.roster, device, *at, &welcomed)?;
            let joined = std::iter::once((device, header.epoch)).chain(welcomes()).collect();
            Ok(Change { founds: Some(*at), raises_floor: true, joined, owed: Vec::new(), left: Vec::new() })
        }
        CommitNote::Close { statements } => {
            let group = state.groups.get(&header.roster).ok_or(invalid.clone())?;
            if !group.members.contains_key(&device) {
                return Err(FaultCode::NotAMember.into());
            }
            let ascending = statements.iter().zip(statements.iter().skip(1)).all(|(one, next)| one < next);
            if !ascending || statements.last().is_some_and(|last| *last > state.registry.last()) {
                return Err(invalid);
            }
            let delta = state.registry.delta(&upload.roster, statements);
            let in_group = |device: &&DeviceId| group.members.contains_key(*device);
            let admitted: BTreeSet<_> =
                delta.admitted.iter().filter(|device| !in_group(device)).copied().collect();
            let left: Vec<_> = delta.removed.iter().filter(in_group).copied().collect();
            if admitted != welcomed || left.contains(&device) {
                return Err(invalid);
            }
            let raises_floor = !admitted.is_empty() || !left.is_empty();
            Ok(Change { founds: None, raises_floor, joined: welcomes().collect(), owed: Vec::new(), left })
        }
        CommitNote::Join { statement } => {
            policy::may_join(&state.registry, &upload.roster, device, *statement)?;
            if !welcomed.is_empty() {
                return Err(invalid);
            }
            Ok(Change {
                founds: None,
                raises_floor: true,
                joined: vec![(device, header.epoch)],
                owed: Vec::new(),
                left: Vec::new(),
            })
        }
    }
}

/// Of those whom a commit lets in, who may read of what was before. Before the first founding
/// there is nothing; whoever was in the generation before has it, and whoever is in a generation from
/// its founding on lacks nothing of that.
fn owed(
    state: &State,
    upload: &CommitUpload,
    header: &CommitHeader,
    change: &Change,
) -> Vec<(DeviceId, StatementNumber)> {
    if change.founds.is_some() && header.generation.0 == 0 {
        return Vec::new();
    }
    let before = state.groups.get(&header.roster).filter(|_| change.founds.is_some());
    let known = |device: &DeviceId| before.is_some_and(|group| group.members.contains_key(device));
    let granted = |device: &DeviceId| {
        let stay = state.registry.membership(&upload.roster, *device);
        change.founds.is_none() || stay.is_some_and(|stay| stay.history != History::None)
    };
    let joined = change.joined.iter().map(|(device, _)| *device);
    let joined = joined.filter(|device| !known(device) && granted(device));
    joined.filter_map(|device| Some((device, state.owed(&upload.roster, device)?))).collect()
}

/// Brings the group in memory to where the commit leaves it.
fn move_group(
    state: &mut State,
    upload: &CommitUpload,
    header: &CommitHeader,
    change: &Change,
    now: estafette_protocol::Timestamp,
) {
    let epoch = header.epoch.next();
    let standing = state.groups.remove(&header.roster).filter(|_| change.founds.is_none());
    let mut group = standing.unwrap_or_else(|| GroupState {
        name: upload.roster,
        generation: header.generation,
        epoch,
        floor: epoch,
        founded_at: change.founds,
        members: BTreeMap::new(),
        committed_at: now,
        refusals: Vec::new(),
    });
    group.epoch = epoch;
    group.committed_at = now;
    if change.raises_floor {
        group.floor = epoch;
    }
    group.members.retain(|device, _| !change.left.contains(device));
    group.members.extend(change.joined.iter().copied());
    for device in &change.left {
        state.debts.remove(&(header.roster, *device));
    }
    for (device, admitted) in &change.owed {
        let (roster, device, admitted) = (header.roster, *device, *admitted);
        let debt = DebtRow { roster, device, admitted, reach: DebtRow::NOTHING };
        state.debts.insert((roster, device), debt);
    }
    state.groups.insert(header.roster, group);
}
