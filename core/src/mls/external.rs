//! Joining from outside: an admitted device that no member adds in time, or one that lost its
//! state, commits itself into the group.
//!
//! openmls merges such a commit while it makes it. It is therefore made among candidates and
//! takes the group's place only when the relay has accepted it; its epoch's secret is read then.

use estafette_protocol::handshake::CommitNote;
use estafette_protocol::{Epoch, codec, limits};
use openmls::messages::group_info::VerifiableGroupInfo;
use openmls::prelude::{
    ExternalCommitBuilderFinalizeError, LeafNodeParameters, MergeCommitError, MergePendingCommitError,
    MlsGroup, MlsMessageBodyIn, MlsMessageIn,
};
use openmls_traits::OpenMlsProvider as _;

use super::context::{RosterContext, RosterGroup, capabilities, join_config};
use super::judge::{GroupFacts, RefusalReason, Verdict};
use super::provider::{Identity, Provider, Savepoint};
use super::roster::{load, prepare};
use super::storage::Scope;
use super::welcome::{facts, joined, read_tree};
use super::{Joined, Joining, MlsError, Prepared, SUITE, library, read};

/// Prepares a commit by which this device joins a group from outside, or comes back to it.
///
/// `judge` is asked whether the group is the roster that it claims. The group that this device
/// has, if any, stays as it is until [`promote`].
pub fn join_externally(
    provider: &Provider<'_>,
    identity: &Identity<'_>,
    group: RosterGroup,
    note: &CommitNote,
    group_info: &[u8],
    tree: &[u8],
    judge: impl FnOnce(&GroupFacts) -> Verdict,
) -> Result<Joining<Prepared>, MlsError> {
    let candidate = provider.in_scope(Scope::Candidate);
    if candidate.storage().holds(&group.id())? {
        return Err(MlsError::PendingCommit);
    }
    let (Some(group_info), Some(tree)) = (read_group_info(group_info), read_tree(tree)) else {
        return Ok(Joining::Refused(RefusalReason::Malformed));
    };
    if *group_info.group_id() != group.id() {
        return Ok(Joining::Refused(RefusalReason::OtherGroup));
    }
    // The last epoch has no successor.
    let epoch = group_info.epoch().as_u64();
    if group_info.ciphersuite() != SUITE || epoch == u64::MAX {
        return Ok(Joining::Refused(RefusalReason::Invalid));
    }
    let savepoint = Savepoint::open(provider)?;
    let builder = MlsGroup::external_commit_builder()
        .with_config(join_config())
        .with_aad(codec::to_bytes(note))
        .skip_lifetime_validation()
        .with_ratchet_tree(tree)
        .build_group(&candidate, group_info, identity.credential());
    let builder = match builder {
        Ok(builder) => builder,
        Err(error) => {
            tracing::debug!(%error, "openmls refuses a group to join");
            return Ok(Joining::Refused(RefusalReason::Invalid));
        }
    };
    let leaf = LeafNodeParameters::builder().with_capabilities(capabilities()).build();
    let built = builder
        .leaf_node_parameters(leaf)
        .load_psks(candidate.storage())
        .map_err(library)?
        .create_group_info(true)
        .build(candidate.rand(), candidate.crypto(), identity, |_| true);
    let built = match built {
        Ok(built) => built,
        Err(error) => {
            tracing::debug!(%error, "openmls refuses to join a group");
            return Ok(Joining::Refused(RefusalReason::Invalid));
        }
    };
    let (mls, bundle) = built.finalize(&candidate).map_err(|error| match error {
        ExternalCommitBuilderFinalizeError::StorageError(error)
        | ExternalCommitBuilderFinalizeError::MergeCommitError(MergePendingCommitError::MergeCommitError(
            MergeCommitError::StorageError(error),
        )) => error.into(),
        error => library(error),
    })?;
    let facts = match facts(mls.public_group().group_context(), mls.members()) {
        Ok(facts) => facts,
        Err(reason) => return Ok(Joining::Refused(reason)),
    };
    match judge(&facts) {
        Verdict::Park { until } => return Ok(Joining::Parked { until }),
        Verdict::Refuse(reason) => return Ok(Joining::Refused(reason)),
        Verdict::Accept => {}
    }
    let prepared = prepare(&mls, Epoch(epoch), bundle, &mls.export_ratchet_tree(), &[])?;
    savepoint.keep()?;
    Ok(Joining::Done(prepared))
}

fn read_group_info(bytes: &[u8]) -> Option<VerifiableGroupInfo> {
    match read::<MlsMessageIn>(bytes, limits::GROUP_INFO)?.extract() {
        MlsMessageBodyIn::GroupInfo(info) => Some(info),
        _ => None,
    }
}

/// Whether an external join awaits the relay's answer.
pub fn has_candidate(provider: &Provider<'_>, group: RosterGroup) -> Result<bool, MlsError> {
    Ok(provider.in_scope(Scope::Candidate).storage().holds(&group.id())?)
}

/// The relay accepted: the candidate takes the place of what this device had of the group.
pub fn promote(provider: &Provider<'_>, group: RosterGroup) -> Result<Joined, MlsError> {
    let savepoint = Savepoint::open(provider)?;
    if !has_candidate(provider, group)? {
        return Err(MlsError::NoGroup);
    }
    provider.in_scope(Scope::Candidate).storage().relabel(&group.id(), Scope::Live)?;
    let context = RosterContext::read(load(provider, group)?.extensions())
        .ok_or_else(|| MlsError::Library("the group names no roster".to_owned()))?;
    let joined = joined(provider, group, context)?;
    savepoint.keep()?;
    Ok(joined)
}

/// The relay took another commit: the candidate is forgotten. There may be none.
pub fn discard_candidate(provider: &Provider<'_>, group: RosterGroup) -> Result<(), MlsError> {
    Ok(provider.in_scope(Scope::Candidate).storage().forget(&group.id())?)
}
