//! Rosters: founding, joining, committing what statements leave open, and catching up.
//!
//! Nobody waits for somebody else: who has the commit turn, or meets an open removal when
//! writing, commits; who was admitted and not let in for 30 seconds joins from outside.

use std::collections::BTreeSet;
use std::time::Duration;

use estafette_protocol::frame::{CommitUpload, Control, Outcome, Reply, RequestBody};
use estafette_protocol::handshake::{CommitHeader, CommitNote, RosterName};
use estafette_protocol::{
    DeviceId, Epoch, FaultCode, Hash, RosterGeneration, RosterId, StatementNumber, Timestamp, codec, limits,
};

use super::memory::{Asked, Memory, Stage, Wanted};
use super::turn::Turn;
use crate::mls::{
    self, Crypto, Identity, Joining, MlsError, Processed, Provider, RosterContext, RosterGroup,
};
use crate::store::rosters::{self, PendingCommit, Roster, RosterState};
use crate::store::{StoreError, outbox};

/// How long an admitted device waits for a member to let it in.
const PATIENCE: Duration = Duration::from_secs(30);
/// Commits kept parked in a roster; beyond it the device joins anew.
const PARKED: u64 = 256;

impl From<MlsError> for StoreError {
    fn from(error: MlsError) -> Self {
        match error {
            MlsError::Storage(mls::StorageError::Database(error)) => error.into(),
            MlsError::Storage(_) => Self::Corrupt,
            other => Self::Mls(other.to_string()),
        }
    }
}

impl Turn<'_> {
    pub fn want(&mut self, roster: RosterId) -> &mut Wanted {
        self.memory.wanted.entry(roster).or_default()
    }

    /// Calls an operation of MLS with this transaction, this device's key and fresh dice.
    pub(super) fn mls<T>(
        &mut self,
        operation: impl FnOnce(&Provider<'_>, &Identity<'_>, &Memory) -> Result<T, MlsError>,
    ) -> Result<T, MlsError> {
        let crypto = Crypto::seeded(self.random());
        let provider = Provider::new(self.tx, &crypto);
        let key = self.memory.identity.signing_key();
        let identity = Identity { device: self.memory.identity.device, key: &key };
        operation(&provider, &identity, self.memory)
    }

    /// Asks, for each roster, for the next thing that brings it forward.
    pub fn drive_rosters(&mut self) -> Result<(), StoreError> {
        let all: Vec<RosterId> = self.memory.rosters.keys().copied().collect();
        let writing = self.rosters_with_outbox()?;
        all.into_iter().try_for_each(|roster| self.drive(roster, writing.contains(&roster)))
    }

    fn rosters_with_outbox(&self) -> Result<BTreeSet<RosterId>, StoreError> {
        let due = outbox::due(self.tx, self.now(), 64)?;
        due.iter().map(|open| self.thread(open.thread).map(|thread| thread.roster)).collect()
    }

    fn drive(&mut self, id: RosterId, writing: bool) -> Result<(), StoreError> {
        let Some(roster) = self.memory.rosters.get(&id) else { return Ok(()) };
        if self.memory.link.handshaking.contains(&id) || roster.state == RosterState::Gone {
            return Ok(());
        }
        let (name, state, since) = (roster.name, roster.state, roster.waiting_since);
        let (generation, epoch) = (roster.generation, roster.epoch);
        let wanted = self.memory.wanted.get(&id).copied().unwrap_or_default();
        if wanted.catch_up && state == RosterState::Member {
            self.handshake(
                id,
                RequestBody::Commits { roster: name, generation, from: epoch },
                Asked::Commits(id),
            );
        } else if let Some(pending) = rosters::pending(self.tx, id)? {
            self.handshake(id, RequestBody::Commit(pending.upload), Asked::Commit(id));
        } else if state == RosterState::Member {
            if wanted.commit && !self.memory.statements_missing {
                self.commit_open(id)?;
            }
        } else {
            self.drive_waiting(id, name, since, wanted, writing);
        }
        Ok(())
    }

    fn drive_waiting(
        &mut self,
        id: RosterId,
        name: RosterName,
        since: Timestamp,
        wanted: Wanted,
        writing: bool,
    ) {
        if self.memory.statements_missing {
            return;
        }
        let pair = matches!(name, RosterName::Pair { .. });
        // An old chain may hide a revocation: nobody is let in by it.
        let founds = (wanted.commit || (pair && writing)) && !self.chain_is_old();
        let patient = since.after(PATIENCE);
        let off_duty = self.memory.link.closed.is_some();
        if founds && !wanted.join {
            let own = self.memory.identity.device;
            let mut devices: Vec<DeviceId> = self.memory.registry.members(&name).into_iter().collect();
            devices.retain(|device| *device != own);
            self.handshake(id, RequestBody::Reserve { roster: name, devices }, Asked::Reserve(id));
        } else if wanted.join || self.now() >= patient || (off_duty && writing) {
            // On duty a welcome may be on its way, and opens more than a join from outside: the
            // greeting's answer comes first, the control stream right behind it.
            if off_duty || self.memory.link.greeted {
                self.handshake(id, RequestBody::Group { roster: name }, Asked::Group(id));
            }
        } else if since < Timestamp::MAX {
            self.wake_at(patient);
        }
    }

    fn handshake(&mut self, roster: RosterId, body: RequestBody, asked: Asked) {
        self.memory.link.handshaking.insert(roster);
        self.ask(body, asked);
    }

    /// Begins a commit that closes what is open, or turns the epoch when nothing is.
    fn commit_open(&mut self, id: RosterId) -> Result<(), StoreError> {
        let group = self.group(id)?;
        let Some(name) = self.memory.rosters.get(&id).map(|roster| roster.name) else { return Ok(()) };
        if self.is_given_up(id)? {
            // Nobody can go on from here: the statements' members begin anew.
            let mut devices: Vec<DeviceId> = self.memory.registry.members(&name).into_iter().collect();
            devices.retain(|device| *device != self.memory.identity.device);
            self.handshake(id, RequestBody::Reserve { roster: name, devices }, Asked::Reserve(id));
            return Ok(());
        }
        let members = self.mls(|provider, _, _| mls::members(provider, group))?;
        let members: BTreeSet<DeviceId> = members.into_keys().collect();
        let mut statements = self.memory.registry.open_statements(&name, &members);
        if self.chain_is_old() {
            let registry = &self.memory.registry;
            let open = statements.len();
            statements.retain(|number| registry.delta(&name, &[*number]).admitted.is_subset(&members));
            if statements.is_empty() && open > 0 {
                self.want(id).commit = false;
                return Ok(());
            }
        }
        let delta = self.memory.registry.delta(&name, &statements);
        let missing: Vec<DeviceId> = delta.admitted.difference(&members).copied().collect();
        if missing.is_empty() {
            return self.prepare_commit(id, &statements, Vec::new());
        }
        self.handshake(id, RequestBody::Reserve { roster: name, devices: missing }, Asked::Reserve(id));
        Ok(())
    }

    fn group(&self, id: RosterId) -> Result<RosterGroup, StoreError> {
        let roster = self.memory.rosters.get(&id).ok_or(StoreError::Corrupt)?;
        Ok(RosterGroup { roster: id, generation: roster.generation })
    }

    fn prepare_commit(
        &mut self,
        id: RosterId,
        statements: &[StatementNumber],
        additions: Vec<mls::Addition>,
    ) -> Result<(), StoreError> {
        let group = self.group(id)?;
        let Some(name) = self.memory.rosters.get(&id).map(|roster| roster.name) else { return Ok(()) };
        let delta = self.memory.registry.delta(&name, statements);
        let removals: Vec<DeviceId> = {
            let members = self.mls(|provider, _, _| mls::members(provider, group))?;
            delta.removed.into_iter().filter(|device| members.contains_key(device)).collect()
        };
        let note = CommitNote::Close { statements: statements.to_vec() };
        let prepared = self.mls(|provider, identity, _| {
            mls::commit(provider, identity, group, &note, &additions, &removals)
        });
        self.want(id).commit = false;
        match prepared {
            Ok(prepared) => self.offer(id, prepared.into_upload(name), false),
            // A key package that does not fit: its device joins from outside.
            Err(MlsError::KeyPackage { .. } | MlsError::PendingCommit) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps a commit durably, then offers it.
    fn offer(&mut self, id: RosterId, upload: CommitUpload, external: bool) -> Result<(), StoreError> {
        let hash = Hash::of(&[&upload.commit]);
        let pending = PendingCommit { upload: upload.clone(), hash, external };
        rosters::put_pending(self.tx, id, &pending)?;
        self.handshake(id, RequestBody::Commit(upload), Asked::Commit(id));
        Ok(())
    }

    /// Key packages came: the roster is founded, or the admissions are committed.
    pub fn reserved(&mut self, id: RosterId, outcome: Outcome) -> Result<(), StoreError> {
        self.memory.link.handshaking.remove(&id);
        let Outcome::Done(Reply::Reserved { standing, packages }) = outcome else {
            self.want(id).commit = false;
            return Ok(());
        };
        let Some(roster) = self.memory.rosters.get(&id).cloned() else { return Ok(()) };
        // A package that does not fit would spoil the commit: its device joins from outside.
        let crypto = Crypto::seeded(self.random());
        let additions: Vec<mls::Addition> = packages
            .into_iter()
            .filter_map(|(device, package)| {
                let key = self.memory.registry.device(device)?.certificate.ed25519;
                let member = mls::Member { device, key };
                mls::check_key_package(&crypto, &package, &member).ok()?;
                Some(mls::Addition { member, package: package.to_vec() })
            })
            .collect();
        match (roster.state, standing) {
            (RosterState::Waiting, None) => {
                let generation = self.unused_generation(&roster);
                self.found(id, generation, additions)
            }
            // A restored relay leaves groups at epoch 0, to be founded anew.
            (RosterState::Waiting, Some((generation, Epoch(0)))) => {
                self.found(id, generation.next(), additions)
            }
            (RosterState::Waiting, Some(_)) => {
                let wanted = self.want(id);
                wanted.commit = false;
                wanted.join |= matches!(roster.name, RosterName::Pair { .. });
                Ok(())
            }
            (RosterState::Member, Some((generation, _)))
                if generation == roster.generation && self.is_given_up(id)? =>
            {
                self.found(id, RosterGeneration(generation.0 + 1), additions)
            }
            (RosterState::Member, Some(standing)) if standing == (roster.generation, roster.epoch) => {
                self.commit_additions(id, additions)
            }
            (RosterState::Member, _) => {
                self.want(id).catch_up = true;
                Ok(())
            }
            (RosterState::Gone, _) => Ok(()),
        }
    }

    /// Closes the statements all of whose devices can be added now; the others join from outside.
    fn commit_additions(&mut self, id: RosterId, additions: Vec<mls::Addition>) -> Result<(), StoreError> {
        let group = self.group(id)?;
        let Some(name) = self.memory.rosters.get(&id).map(|roster| roster.name) else { return Ok(()) };
        let members = self.mls(|provider, _, _| mls::members(provider, group))?;
        let members: BTreeSet<DeviceId> = members.into_keys().collect();
        let ready: BTreeSet<DeviceId> = additions.iter().map(|addition| addition.member.device).collect();
        let registry = &self.memory.registry;
        let open = registry.open_statements(&name, &members);
        // Whom a later statement removes again holds nothing up.
        let wanted = registry.delta(&name, &open).admitted;
        let closable: Vec<StatementNumber> = open
            .into_iter()
            .filter(|number| {
                let admitted = registry.delta(&name, &[*number]).admitted;
                let mut missing = admitted.difference(&members).filter(|device| wanted.contains(device));
                missing.all(|device| ready.contains(device))
            })
            .collect();
        let admitted = registry.delta(&name, &closable).admitted;
        let additions: Vec<_> = additions
            .into_iter()
            .filter(|addition| {
                admitted.contains(&addition.member.device) && !members.contains(&addition.member.device)
            })
            .collect();
        if closable.is_empty() {
            self.want(id).commit = false;
            return Ok(());
        }
        self.prepare_commit(id, &closable, additions)
    }

    /// The generation in which a roster without a group is founded: the first, unless this device has
    /// lived in one that the relay has lost. Others may have gone further there, so it leaps.
    fn unused_generation(&mut self, roster: &Roster) -> RosterGeneration {
        if roster.epoch == Epoch(0) {
            return RosterGeneration(0);
        }
        let leap = 1 + u32::from(u16::from_be_bytes(self.random()));
        let next = roster.generation.0.saturating_add(leap);
        RosterGeneration(next.min(limits::FOUNDED_GENERATION))
    }

    fn found(
        &mut self,
        id: RosterId,
        generation: RosterGeneration,
        additions: Vec<mls::Addition>,
    ) -> Result<(), StoreError> {
        let Some(name) = self.memory.rosters.get(&id).map(|roster| roster.name) else { return Ok(()) };
        let Some(context) = RosterContext::stated(&self.memory.registry, name, generation) else {
            return Ok(());
        };
        let at = self.memory.registry.last();
        let context = RosterContext { founded_at: Some(at), ..context };
        let note = CommitNote::Found { at };
        let prepared = self.mls(|provider, identity, memory| {
            let fits = |addition: &mls::Addition| {
                memory.registry.membership(&name, addition.member.device).is_some()
            };
            let additions: Vec<_> = additions.into_iter().filter(fits).collect();
            mls::abandon(provider, context.group())?;
            mls::found(provider, identity, &context, &note, &additions)
        });
        let wanted = self.want(id);
        wanted.commit = false;
        match prepared {
            Ok(prepared) => {
                if let Some(roster) = self.memory.rosters.get_mut(&id) {
                    roster.generation = generation;
                    rosters::put(self.tx, roster)?;
                }
                self.offer(id, prepared.into_upload(name), false)
            }
            Err(MlsError::KeyPackage { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The relay has taken this device's commit, or another came first.
    pub fn commit_answered(&mut self, id: RosterId, outcome: Outcome) -> Result<(), StoreError> {
        self.memory.link.handshaking.remove(&id);
        let Some(pending) = rosters::pending(self.tx, id)? else { return Ok(()) };
        match outcome {
            Outcome::Done(_) => self.own_commit_stands(id, &pending),
            Outcome::Refused(fault) => match fault.code {
                FaultCode::ShuttingDown
                | FaultCode::DiskFull
                | FaultCode::Internal
                | FaultCode::TooManyRequests => {
                    self.close_for(PATIENCE / 10);
                    Ok(())
                }
                code => self.own_commit_lost(id, &pending, code),
            },
        }
    }

    fn own_commit_stands(&mut self, id: RosterId, pending: &PendingCommit) -> Result<(), StoreError> {
        match pending.external {
            true => self.promote(id),
            false => self.apply_commit(id, &pending.upload.commit),
        }
    }

    /// Another commit came first, or this one does not fit: what stands is learned and applied.
    fn own_commit_lost(
        &mut self,
        id: RosterId,
        pending: &PendingCommit,
        code: FaultCode,
    ) -> Result<(), StoreError> {
        let Some(roster) = self.memory.rosters.get(&id).cloned() else { return Ok(()) };
        let group = RosterGroup { roster: id, generation: roster.generation };
        if pending.external || roster.state == RosterState::Waiting {
            rosters::clear_pending(self.tx, id)?;
            match pending.external {
                true => self.mls(|provider, _, _| mls::discard_candidate(provider, group))?,
                false => self.mls(|provider, _, _| mls::abandon(provider, group))?,
            }
            let pair = matches!(roster.name, RosterName::Pair { .. });
            self.want(id).join = pending.external || pair;
            if self.memory.link.stage != Stage::Open {
                // The winner's welcome comes with the next greeting.
                self.memory.link.greeted = false;
            }
            return Ok(());
        }
        if founds(&pending.upload.commit) {
            // Somebody else's next generation came first.
            return self.rejoin(id);
        }
        if code != FaultCode::CommitConflict {
            // Refused for what it holds: only another commit for that epoch may clear it, so the
            // pending one is kept out of the way by joining anew.
            self.note_fault(code, None)?;
            self.rejoin(id)?;
            return Ok(());
        }
        rosters::clear_pending(self.tx, id)?;
        self.want(id).catch_up = true;
        Ok(())
    }

    /// Gives the live group up and comes back from outside; secrets of its epochs stay.
    fn rejoin(&mut self, id: RosterId) -> Result<(), StoreError> {
        rosters::clear_pending(self.tx, id)?;
        let group = self.group(id)?;
        self.mls(|provider, _, _| mls::abandon(provider, group))?;
        let now = self.now();
        if let Some(roster) = self.memory.rosters.get_mut(&id) {
            roster.state = RosterState::Waiting;
            roster.waiting_since = now;
            rosters::put(self.tx, roster)?;
        }
        self.want(id).join = true;
        Ok(())
    }

    pub fn commits_answered(&mut self, id: RosterId, outcome: Outcome) -> Result<(), StoreError> {
        self.memory.link.handshaking.remove(&id);
        self.want(id).catch_up = false;
        let (commits, generation, epoch) = match outcome {
            Outcome::Done(Reply::Commits { commits, generation, epoch }) => (commits, generation, epoch),
            // The relay knows no group: it was restored from before this one was founded.
            Outcome::Refused(fault) if fault.code == FaultCode::NotFound => return self.rejoin(id),
            _ => return Ok(()),
        };
        let before = self.memory.rosters.get(&id).map(|roster| (roster.generation, roster.epoch));
        for commit in &commits {
            self.apply_commit(id, commit)?;
        }
        let Some(roster) = self.memory.rosters.get(&id) else { return Ok(()) };
        if roster.state != RosterState::Member {
            return Ok(());
        }
        let behind = (roster.generation, roster.epoch) < (generation, epoch);
        let parked = rosters::parked_count(self.tx, id)? > 0;
        if behind && parked {
            self.memory.statements_missing = true;
        } else if behind && commits.is_empty() {
            // The handshakes are no longer kept, or the generation is another: join anew.
            self.rejoin(id)?;
        } else if behind && before != Some((roster.generation, roster.epoch)) {
            // Where nothing was applied, these commits are refused here: only another generation helps.
            self.want(id).catch_up = true;
        }
        Ok(())
    }

    /// One element of the control stream.
    pub fn control(&mut self, control: Control) -> Result<(), StoreError> {
        match control {
            Control::Statement(signed) => self.take_statement(&signed),
            Control::Commit { roster, commit } => {
                let id = roster.id(self.memory.identity.organisation);
                self.apply_commit(id, &commit)
            }
            Control::Welcome { roster, welcome, tree } => self.welcome(roster, &welcome, &tree),
            Control::CommitRefused(refused) => self.hear_refusal(&refused),
            Control::Directory(directory) => self.take_directory(&directory),
            Control::DatedHead(head) => self.take_dated_head(&head),
            Control::Bundle(bundle) => self.take_bundle(&bundle),
            Control::Receipt(receipt) => self.take_receipt(&receipt),
            Control::Call(report) => self.take_call(report),
        }
    }

    /// Applies a commit that the relay has ordered.
    pub fn apply_commit(&mut self, id: RosterId, commit: &[u8]) -> Result<(), StoreError> {
        let Some(roster) = self.memory.rosters.get(&id).cloned() else { return Ok(()) };
        let hash = Hash::of(&[commit]);
        let pending = rosters::pending(self.tx, id)?.filter(|pending| pending.hash == hash);
        if pending.as_ref().is_some_and(|pending| pending.external) {
            return self.promote(id);
        }
        if roster.state != RosterState::Member && pending.is_none() {
            return Ok(());
        }
        if rosters::parked_count(self.tx, id)? > 0 {
            return self.park(id, commit);
        }
        let group = RosterGroup { roster: id, generation: roster.generation };
        let processed = self.mls(|provider, _, memory| {
            mls::process(provider, group, commit, |facts| mls::judge::judge(facts, &memory.registry))
        });
        match processed {
            Ok(Processed::Applied(state) | Processed::OwnApplied(state)) => {
                if pending.is_some()
                    || rosters::pending(self.tx, id)?.is_some_and(|pending| !pending.external)
                {
                    rosters::clear_pending(self.tx, id)?;
                }
                self.entered(id, roster.generation, state.epoch, &state.secret.0)
            }
            Ok(Processed::Old) => Ok(()),
            Ok(Processed::Future) => {
                self.want(id).catch_up = true;
                Ok(())
            }
            Ok(Processed::Parked { .. }) => {
                self.memory.statements_missing = true;
                self.park(id, commit)
            }
            Ok(Processed::Refused(_)) => self.refuse_commit(id, hash),
            Ok(Processed::OwnCommitLost) => self.rejoin(id),
            Ok(Processed::Removed) => self.left(id),
            Err(MlsError::NoGroup) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn park(&mut self, id: RosterId, commit: &[u8]) -> Result<(), StoreError> {
        match rosters::parked_count(self.tx, id)? < PARKED {
            true => rosters::park(self.tx, id, commit),
            false => {
                rosters::take_parked(self.tx, id)?;
                self.rejoin(id)
            }
        }
    }

    /// Tries parked commits again, in order.
    pub fn retry_parked(&mut self, id: RosterId) -> Result<(), StoreError> {
        for commit in rosters::take_parked(self.tx, id)? {
            self.apply_commit(id, &commit)?;
        }
        Ok(())
    }

    /// A new epoch: its secret is kept in the transaction that merged it.
    fn entered(
        &mut self,
        id: RosterId,
        generation: RosterGeneration,
        epoch: Epoch,
        secret: &[u8; 32],
    ) -> Result<(), StoreError> {
        rosters::put_secret(self.tx, id, generation, epoch, secret)?;
        self.memory.remember_secret((id, generation, epoch), rosters::Secret::own(*secret));
        let Some(roster) = self.memory.rosters.get_mut(&id) else { return Ok(()) };
        if roster.state != RosterState::Member || roster.generation != generation {
            roster.first_epoch = epoch;
        }
        roster.state = RosterState::Member;
        roster.generation = generation;
        roster.epoch = epoch;
        rosters::put(self.tx, roster)?;
        self.want(id).join = false;
        self.retry_unopened(id)?;
        self.retry_marks(id)
    }

    fn left(&mut self, id: RosterId) -> Result<(), StoreError> {
        rosters::clear_pending(self.tx, id)?;
        let name = self.memory.rosters.get(&id).map(|roster| roster.name);
        let again = name.is_some_and(|name| {
            self.memory.registry.membership(&name, self.memory.identity.device).is_some()
        });
        let now = self.now();
        if let Some(roster) = self.memory.rosters.get_mut(&id) {
            roster.state = if again { RosterState::Waiting } else { RosterState::Gone };
            roster.waiting_since = now;
            rosters::put(self.tx, roster)?;
        }
        self.changed.insert(super::Change::Threads);
        Ok(())
    }

    fn welcome(&mut self, name: RosterName, welcome: &[u8], tree: &[u8]) -> Result<(), StoreError> {
        let id = match name {
            RosterName::Stated(id) => id,
            RosterName::Pair { lower, higher, .. } => {
                let own = self.memory.registry.agent_of(self.memory.identity.device);
                if own != Some(lower) && own != Some(higher) {
                    return Ok(());
                }
                self.know_pair(name)?
            }
        };
        let Some(known) = self.memory.rosters.get(&id).cloned() else { return Ok(()) };
        self.create_thread(id.first_thread(), id)?;
        if known.state == RosterState::Waiting
            && rosters::pending(self.tx, id)?.is_some_and(|own| !own.external)
        {
            // Somebody else's founding stands: this device's own, offered at the same time, cannot.
            rosters::clear_pending(self.tx, id)?;
            let own = self.group(id)?;
            self.mls(|provider, _, _| mls::abandon(provider, own))?;
        }
        let joined = self.mls(|provider, identity, memory| {
            mls::join(provider, identity, welcome, tree, |facts| match facts.group.roster == id {
                true => mls::judge::judge_group(facts, &memory.registry),
                false => mls::Verdict::Refuse(mls::RefusalReason::OtherGroup),
            })
        });
        match joined {
            Ok(Joining::Done(joined)) => {
                rosters::clear_pending(self.tx, id)?;
                self.mls(|provider, _, _| mls::discard_candidate(provider, joined.group))?;
                self.entered(id, joined.group.generation, joined.state.epoch, &joined.state.secret.0)
            }
            Ok(Joining::Parked { .. }) => {
                self.memory.statements_missing = true;
                self.want(id).join = known.state == RosterState::Waiting;
                Ok(())
            }
            Ok(Joining::Refused(_)) if known.state == RosterState::Member => Ok(()),
            Ok(Joining::Refused(_)) => {
                self.want(id).join = true;
                match known.epoch {
                    Epoch(0) => self.note_fault(FaultCode::CommitInvalid, None),
                    // A restored relay gives out again what this device has lived through.
                    _ => Ok(()),
                }
            }
            Err(MlsError::Storage(error)) => Err(MlsError::Storage(error).into()),
            Err(_) if known.state == RosterState::Member => Ok(()),
            // Its key package is gone: the way from outside remains.
            Err(_) => {
                self.want(id).join = true;
                Ok(())
            }
        }
    }

    /// What an external join needs came.
    pub fn group_answered(&mut self, id: RosterId, outcome: Outcome) -> Result<(), StoreError> {
        self.memory.link.handshaking.remove(&id);
        let Some(roster) = self.memory.rosters.get(&id).cloned() else { return Ok(()) };
        let Outcome::Done(Reply::Group { generation, group_info, tree, .. }) = outcome else {
            // Nobody has founded it: the next in turn does, and a pair's writer at once; so does who
            // writes where a group was lost.
            let pair = matches!(roster.name, RosterName::Pair { .. });
            let lost = roster.epoch > Epoch(0);
            let wanted = self.want(id);
            wanted.join = false;
            wanted.commit |= lost && !pair;
            let since = if lost && pair { Timestamp::MAX } else { self.now() };
            if let Some(roster) = self.memory.rosters.get_mut(&id) {
                roster.waiting_since = roster.waiting_since.max(since).min(Timestamp::MAX);
            }
            return Ok(());
        };
        if roster.state != RosterState::Waiting {
            return Ok(());
        }
        let device = self.memory.identity.device;
        let Some(stay) = self.memory.registry.membership(&roster.name, device) else { return Ok(()) };
        let note = CommitNote::Join { statement: stay.admitted };
        let group = RosterGroup { roster: id, generation };
        let prepared = self.mls(|provider, identity, memory| {
            mls::discard_candidate(provider, group)?;
            mls::join_externally(provider, identity, group, &note, &group_info, &tree, |facts| {
                mls::judge::judge_group(facts, &memory.registry)
            })
        });
        match prepared {
            Ok(Joining::Done(prepared)) => {
                if let Some(roster) = self.memory.rosters.get_mut(&id) {
                    roster.generation = generation;
                    rosters::put(self.tx, roster)?;
                }
                self.want(id).join = false;
                self.offer(id, prepared.into_upload(roster.name), true)
            }
            Ok(Joining::Parked { .. }) => {
                self.memory.statements_missing = true;
                Ok(())
            }
            Ok(Joining::Refused(_)) => {
                self.want(id).join = false;
                self.note_fault(FaultCode::CommitInvalid, None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The relay has taken the external join: its group becomes the live one.
    fn promote(&mut self, id: RosterId) -> Result<(), StoreError> {
        let group = self.group(id)?;
        let promoted = self.mls(|provider, _, _| mls::promote(provider, group))?;
        rosters::clear_pending(self.tx, id)?;
        self.entered(id, group.generation, promoted.state.epoch, &promoted.state.secret.0)
    }

    /// Brings the stock of key packages up to twice the rosters, 20 at least.
    pub fn refill_key_packages(&mut self, stock: u32) -> Result<(), StoreError> {
        let wanted = (2 * self.memory.rosters.len()).max(20);
        let missing = wanted.saturating_sub(stock as usize);
        if missing * 2 < wanted {
            return Ok(());
        }
        let packages = self.mls(|provider, identity, _| {
            (0..missing)
                .map(|_| mls::new_key_package(provider, identity, false))
                .collect::<Result<Vec<_>, _>>()
        })?;
        let packages = packages.into_iter().map(Into::into).collect();
        // A relay restored from before this device's approval has not even its last resort.
        let last_resort = match std::mem::take(&mut self.memory.renews_last_resort) {
            true => {
                let package =
                    self.mls(|provider, identity, _| mls::new_key_package(provider, identity, true))?;
                Some(package.into())
            }
            false => None,
        };
        self.ask(RequestBody::KeyPackages { packages, last_resort }, Asked::KeyPackages);
        Ok(())
    }
}

/// Whether a commit is the first of a generation.
fn founds(commit: &[u8]) -> bool {
    let note = CommitHeader::parse(commit).map(|header| codec::from_bytes(&header.note, limits::COMMIT));
    matches!(note, Some(Ok(CommitNote::Found { .. })))
}
