//! Groups and their epochs: founding, committing, and taking in what others commit.
//!
//! A group is loaded for each call and dropped at its end. A commit that this device made is
//! merged only when it comes back: until then it is pending, and no second one may be made.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use estafette_protocol::handshake::{CommitHeader, CommitNote};
use estafette_protocol::{DeviceId, Ed25519Public, Epoch, codec, limits};
use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::{
    CommitBuilderStageError, CommitMessageBundle, LeafNodeIndex, MergeCommitError, MergePendingCommitError,
    MlsGroup, MlsMessageBodyIn, MlsMessageIn, MlsMessageOut, NewGroupError, ProcessMessageError,
    ProcessedMessage, ProcessedMessageContent, Proposal, ProtocolMessage, Sender, StageCommitError,
    StagedCommit,
};
use openmls::treesync::RatchetTree;
use openmls_traits::OpenMlsProvider as _;

use super::context::{RosterContext, RosterGroup, founding, lifetime};
use super::judge::{Author, CommitFacts, RefusalReason, Verdict};
use super::key_package::{Used, use_packages};
use super::provider::{Identity, Member, Provider, Savepoint};
use super::storage::{Scope, StorageError};
use super::{Addition, EpochSecret, EpochState, MlsError, Prepared, Processed, library, read, welcome};

/// The label under which every epoch's secret is exported.
const EXPORT_LABEL: &str = "estafette epoch v1";
/// Bytes of a [`CommitNote`].
const NOTE: usize = 16 * 1024;

/// Founds a roster's group and prepares its first commit, which adds other members.
///
/// The founding is void until the commit comes back through [`process`]; if another device's
/// was first, joining takes its place, or [`abandon`] ends it.
pub fn found(
    provider: &Provider<'_>,
    identity: &Identity<'_>,
    context: &RosterContext,
    note: &CommitNote,
    additions: &[Addition],
) -> Result<Prepared, MlsError> {
    let savepoint = Savepoint::open(provider)?;
    let built = founding(context)?.build(provider, identity, identity.credential());
    let mut mls = built.map_err(|error| match error {
        NewGroupError::GroupAlreadyExists => MlsError::AlreadyMember,
        NewGroupError::StorageError(error) => error.into(),
        error => library(error),
    })?;
    let prepared = stage(provider, identity, &mut mls, note, additions, Vec::new())?;
    savepoint.keep()?;
    Ok(prepared)
}

/// Prepares a commit that adds and removes members; with neither, it renews this device's key.
///
/// Additions alone carry no path: in a roster of which few members ever committed, a path is
/// encrypted to each of them singly.
pub fn commit(
    provider: &Provider<'_>,
    identity: &Identity<'_>,
    group: RosterGroup,
    note: &CommitNote,
    additions: &[Addition],
    removals: &[DeviceId],
) -> Result<Prepared, MlsError> {
    let savepoint = Savepoint::open(provider)?;
    let mut mls = load(provider, group)?;
    // openmls would put the new commit in the place of the pending one, and if the relay had
    // accepted that one, could never merge it.
    if mls.pending_commit().is_some() {
        return Err(MlsError::PendingCommit);
    }
    let leaves: BTreeMap<DeviceId, LeafNodeIndex> = mls
        .members()
        .filter_map(|leaf| Some((Member::read(&leaf.credential, &leaf.signature_key)?.device, leaf.index)))
        .collect();
    let index = |device: &DeviceId| leaves.get(device).copied().ok_or(MlsError::NotAMember(*device));
    let removals = removals.iter().map(index).collect::<Result<_, _>>()?;
    let prepared = stage(provider, identity, &mut mls, note, additions, removals)?;
    savepoint.keep()?;
    Ok(prepared)
}

fn stage(
    provider: &Provider<'_>,
    identity: &Identity<'_>,
    mls: &mut MlsGroup,
    note: &CommitNote,
    additions: &[Addition],
    removals: Vec<LeafNodeIndex>,
) -> Result<Prepared, MlsError> {
    let used = use_packages(provider, additions)?;
    mls.set_aad(codec::to_bytes(note));
    let bundle = mls
        .commit_builder()
        .consume_proposal_store(false)
        .force_self_update(used.is_empty())
        .propose_adds(used.iter().map(|used| used.package.clone()))
        .propose_removals(removals)
        .load_psks(provider.storage())
        .map_err(library)?
        .create_group_info(true)
        .build(provider.rand(), provider.crypto(), identity, |_| true)
        .map_err(library)?
        .stage_commit(provider)
        .map_err(|error| match error {
            CommitBuilderStageError::KeyStoreError(error) => error.into(),
            error => library(error),
        })?;
    let pending = mls.pending_commit().ok_or_else(|| MlsError::Library("nothing was staged".to_owned()))?;
    let tree = pending
        .export_ratchet_tree(provider.crypto(), mls.export_ratchet_tree())
        .map_err(library)?
        .ok_or_else(|| MlsError::Library("the staged commit has no tree".to_owned()))?;
    prepare(mls, Epoch(mls.epoch().as_u64()), bundle, &tree, &used)
}

/// Puts together what goes to the relay.
pub(super) fn prepare(
    mls: &MlsGroup,
    epoch: Epoch,
    bundle: CommitMessageBundle,
    tree: &RatchetTree,
    used: &[Used],
) -> Result<Prepared, MlsError> {
    let group = RosterGroup::of_id(mls.group_id()).ok_or(MlsError::NoGroup)?;
    let (commit, welcome, group_info) = bundle.into_contents();
    let group_info = group_info
        .ok_or_else(|| MlsError::Library("the commit came without group information".to_owned()))?;
    Ok(Prepared {
        group,
        epoch,
        commit: commit.tls_serialize_detached().map_err(library)?,
        welcomes: welcome.map(|welcome| welcome::split(&welcome, used)).transpose()?.unwrap_or_default(),
        key_packages: used.iter().map(|used| used.hash).collect(),
        group_info: MlsMessageOut::from(group_info).tls_serialize_detached().map_err(library)?,
        tree: tree.tls_serialize_detached().map_err(library)?,
    })
}

/// Takes in a commit that the relay accepted, another's or one's own that comes back.
///
/// `judge` is asked about every commit but one's own pending one.
pub fn process(
    provider: &Provider<'_>,
    group: RosterGroup,
    commit: &[u8],
    judge: impl FnOnce(&CommitFacts) -> Verdict,
) -> Result<Processed, MlsError> {
    if commit.len() > limits::COMMIT {
        return Ok(Processed::Refused(RefusalReason::Malformed));
    }
    let Some(header) = CommitHeader::parse(commit) else {
        return Ok(Processed::Refused(RefusalReason::Malformed));
    };
    if (RosterGroup { roster: header.roster, generation: header.generation }) != group {
        return Ok(Processed::Refused(RefusalReason::OtherGroup));
    }
    let savepoint = Savepoint::open(provider)?;
    let mut mls = load(provider, group)?;
    // openmls has one error for old, repeated and future commits.
    match header.epoch.0.cmp(&mls.epoch().as_u64()) {
        Ordering::Less => return Ok(Processed::Old),
        Ordering::Greater => return Ok(Processed::Future),
        Ordering::Equal => {}
    }
    let Some(message) = read_commit(commit) else { return Ok(Processed::Refused(RefusalReason::Malformed)) };
    let message = match mls.process_message(provider, message) {
        Ok(message) => message,
        Err(ProcessMessageError::StorageError(error)) => return Err(error.into()),
        Err(ProcessMessageError::InvalidCommit(StageCommitError::OwnCommitMismatch)) => {
            return Ok(Processed::OwnCommitLost);
        }
        Err(error) => {
            tracing::debug!(%error, "openmls refuses a commit");
            return Ok(Processed::Refused(RefusalReason::Invalid));
        }
    };
    if let ProcessedMessageContent::OwnPendingCommit = message.content() {
        mls.merge_pending_commit(provider).map_err(|error| match error {
            MergePendingCommitError::MergeCommitError(error) => merging(error),
            error => library(error),
        })?;
        let state = state(provider, &mls)?;
        savepoint.keep()?;
        return Ok(Processed::OwnApplied(state));
    }
    let facts = match facts(&mls, &message) {
        Ok(facts) => facts,
        Err(reason) => return Ok(Processed::Refused(reason)),
    };
    match judge(&facts) {
        Verdict::Park { until } => return Ok(Processed::Parked { until }),
        Verdict::Refuse(reason) => return Ok(Processed::Refused(reason)),
        Verdict::Accept => {}
    }
    let ProcessedMessageContent::StagedCommitMessage(staged) = message.into_content() else {
        return Ok(Processed::Refused(RefusalReason::Malformed));
    };
    if staged.self_removed() {
        provider.storage().forget(&group.id())?;
        savepoint.keep()?;
        return Ok(Processed::Removed);
    }
    mls.merge_staged_commit(provider, *staged).map_err(merging)?;
    let state = state(provider, &mls)?;
    savepoint.keep()?;
    Ok(Processed::Applied(state))
}

fn merging(error: MergeCommitError<StorageError>) -> MlsError {
    match error {
        MergeCommitError::StorageError(error) => error.into(),
        error => library(error),
    }
}

fn read_commit(commit: &[u8]) -> Option<ProtocolMessage> {
    match read::<MlsMessageIn>(commit, limits::COMMIT)?.extract() {
        MlsMessageBodyIn::PublicMessage(message) => Some(message.into()),
        _ => None,
    }
}

fn facts(mls: &MlsGroup, message: &ProcessedMessage) -> Result<CommitFacts, RefusalReason> {
    let ProcessedMessageContent::StagedCommitMessage(staged) = message.content() else {
        return Err(RefusalReason::Malformed);
    };
    let leaf =
        |index| mls.public_group().leaf(index).and_then(Member::of_leaf).ok_or(RefusalReason::StrangeLeaf);
    let strange = |leaf: Option<Member>| leaf.ok_or(RefusalReason::StrangeLeaf);
    let path = staged.update_path_leaf_node().map(|leaf| strange(Member::of_leaf(leaf))).transpose()?;
    let author = match message.sender() {
        Sender::Member(index) => Author::Member(leaf(*index)?),
        Sender::NewMemberCommit => Author::Joiner(strange(path)?),
        Sender::External(_) | Sender::NewMemberProposal => return Err(RefusalReason::Malformed),
    };
    let added = staged.add_proposals().map(|add| {
        let package = add.add_proposal().key_package();
        // Members who read it after its end would refuse it; so all do.
        if *package.life_time() != lifetime() {
            return Err(RefusalReason::StrangeLeaf);
        }
        strange(Member::of_leaf(package.leaf_node()))
    });
    Ok(CommitFacts {
        context: RosterContext::read(mls.extensions()).ok_or(RefusalReason::ContextDisagrees)?,
        members: all_members(mls)?,
        epoch: Epoch(mls.epoch().as_u64()),
        author,
        note: codec::from_bytes(message.aad(), NOTE).ok(),
        context_kept: staged.group_context().extensions() == mls.extensions(),
        proposals_allowed: proposals_allowed(staged, author),
        additions: added.collect::<Result<_, _>>()?,
        removals: staged
            .remove_proposals()
            .map(|r| leaf(r.remove_proposal().removed()))
            .collect::<Result<_, _>>()?,
        path,
    })
}

fn proposals_allowed(staged: &StagedCommit, author: Author) -> bool {
    staged.queued_proposals().all(|queued| match (queued.proposal(), author) {
        (Proposal::Remove(_), _) | (Proposal::Add(_), Author::Member(_)) => true,
        (Proposal::ExternalInit(_), Author::Joiner(_)) => true,
        (_, Author::Member(_) | Author::Joiner(_)) => false,
    })
}

pub(super) fn all_members(mls: &MlsGroup) -> Result<BTreeMap<DeviceId, Ed25519Public>, RefusalReason> {
    let leaves = mls.members().map(|leaf| Member::read(&leaf.credential, &leaf.signature_key));
    leaves.map(|leaf| leaf.map(|leaf| (leaf.device, leaf.key)).ok_or(RefusalReason::StrangeLeaf)).collect()
}

pub(super) fn load(provider: &Provider<'_>, group: RosterGroup) -> Result<MlsGroup, MlsError> {
    MlsGroup::load(provider.storage(), &group.id())?.ok_or(MlsError::NoGroup)
}

pub(super) fn state(provider: &Provider<'_>, mls: &MlsGroup) -> Result<EpochState, MlsError> {
    let secret = mls.export_secret(provider.crypto(), EXPORT_LABEL, &[], 32).map_err(library)?;
    let secret = secret.try_into().map_err(|_| MlsError::Library("a secret of another length".to_owned()))?;
    Ok(EpochState {
        epoch: Epoch(mls.epoch().as_u64()),
        secret: EpochSecret(secret),
        members: all_members(mls).map_err(library)?,
    })
}

/// Deletes what this device has of a group, in every scope. The secrets of its epochs are kept
/// elsewhere and stay.
pub fn abandon(provider: &Provider<'_>, group: RosterGroup) -> Result<(), MlsError> {
    let savepoint = Savepoint::open(provider)?;
    for scope in [Scope::Live, Scope::Candidate] {
        provider.in_scope(scope).storage().forget(&group.id())?;
    }
    Ok(savepoint.keep()?)
}

/// The epoch of a group; `None` for one that this device is not in.
pub fn epoch(provider: &Provider<'_>, group: RosterGroup) -> Result<Option<Epoch>, MlsError> {
    let mls = MlsGroup::load(provider.storage(), &group.id())?;
    Ok(mls.map(|mls| Epoch(mls.epoch().as_u64())))
}

/// The members of a group, this device included.
pub fn members(
    provider: &Provider<'_>,
    group: RosterGroup,
) -> Result<BTreeMap<DeviceId, Ed25519Public>, MlsError> {
    all_members(&load(provider, group)?).map_err(library)
}

/// What a group says of its roster.
pub fn context(provider: &Provider<'_>, group: RosterGroup) -> Result<RosterContext, MlsError> {
    RosterContext::read(load(provider, group)?.extensions())
        .ok_or_else(|| MlsError::Library("the group names no roster".to_owned()))
}

/// Whether a commit of this device awaits its answer.
pub fn has_pending(provider: &Provider<'_>, group: RosterGroup) -> Result<bool, MlsError> {
    Ok(load(provider, group)?.pending_commit().is_some())
}

/// Epoch, secret and members of a group as it stands.
pub fn export(provider: &Provider<'_>, group: RosterGroup) -> Result<EpochState, MlsError> {
    state(provider, &load(provider, group)?)
}
