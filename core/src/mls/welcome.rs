//! Welcomes: cut so that each device receives its own part, and joined with.

use estafette_protocol::{DeviceId, limits};
use openmls::prelude::tls_codec::{Serialize as _, Size as _};
use openmls::prelude::{
    GroupContext, GroupId, MlsGroup, MlsMessageBodyIn, MlsMessageIn, RatchetTreeIn, StagedWelcome, Welcome,
    WelcomeError,
};
use openmls_traits::OpenMlsProvider as _;

use super::context::{RosterContext, RosterGroup, join_config};
use super::judge::{GroupFacts, RefusalReason, Verdict};
use super::key_package::Used;
use super::provider::{Identity, Member, Provider, Savepoint};
use super::roster::{load, state};
use super::storage::StorageError;
use super::{Joined, Joining, MlsError, library, read};

/// Version 1, wire format 3: an MLS message that holds a welcome.
const FRAMING: [u8; 4] = [0, 1, 0, 3];

/// One welcome for each device added: the same message with that device's secrets alone, 0.4 kB
/// in the place of 30 for 200 devices.
pub(super) fn split(welcome: &Welcome, used: &[Used]) -> Result<Vec<(DeviceId, Vec<u8>)>, MlsError> {
    let whole = welcome.tls_serialize_detached().map_err(library)?;
    let secrets = welcome.secrets().to_vec().tls_serialized_len();
    let short = || MlsError::Library("the welcome is too short".to_owned());
    let (suite, rest) = whole.split_at_checked(2).ok_or_else(short)?;
    let group_info = rest.get(secrets..).ok_or_else(short)?;
    let parts = welcome.secrets().iter().map(|secret| {
        let reference = secret.new_member();
        let used = used.iter().find(|used| used.reference == reference);
        let device = used.ok_or_else(|| MlsError::Library("a welcome for nobody".to_owned()))?.member.device;
        let own = vec![secret.clone()].tls_serialize_detached().map_err(library)?;
        Ok((device, [&FRAMING, suite, &own, group_info].concat()))
    });
    parts.collect()
}

/// Joins a group by a welcome and the tree that goes with it.
///
/// `judge` is asked whether the group is the roster that it claims. The key package is used up
/// only if the answer is yes; a last resort never is. A founding of the same group that nobody
/// has accepted gives way: the welcome proves that another's was first.
pub fn join(
    provider: &Provider<'_>,
    identity: &Identity<'_>,
    welcome: &[u8],
    tree: &[u8],
    judge: impl FnOnce(&GroupFacts) -> Verdict,
) -> Result<Joining<Joined>, MlsError> {
    let (Some(welcome), Some(tree)) = (read_welcome(welcome), read_tree(tree)) else {
        return Ok(Joining::Refused(RefusalReason::Malformed));
    };
    let savepoint = Savepoint::open(provider)?;
    let staged = StagedWelcome::build_from_welcome(provider, &join_config(), welcome).and_then(|builder| {
        let group = builder.processed_welcome().unverified_group_info().group_id();
        give_way(provider, group).map_err(WelcomeError::StorageError)?;
        builder.with_ratchet_tree(tree).skip_lifetime_validation().build()
    });
    let staged = match staged {
        Ok(staged) => staged,
        Err(WelcomeError::StorageError(error)) => return Err(error.into()),
        Err(WelcomeError::GroupAlreadyExists) => return Err(MlsError::AlreadyMember),
        Err(WelcomeError::NoMatchingKeyPackage) => return Ok(Joining::Refused(RefusalReason::NotForUs)),
        Err(error) => {
            tracing::debug!(%error, "openmls refuses a welcome");
            return Ok(Joining::Refused(RefusalReason::Invalid));
        }
    };
    let own = staged.own_leaf_node().and_then(Member::of_leaf);
    if own != Some(identity.member()) {
        return Ok(Joining::Refused(RefusalReason::NotForUs));
    }
    let facts = match facts(staged.group_context(), staged.members()) {
        Ok(facts) => facts,
        Err(reason) => return Ok(Joining::Refused(reason)),
    };
    match judge(&facts) {
        Verdict::Park { until } => return Ok(Joining::Parked { until }),
        Verdict::Refuse(reason) => return Ok(Joining::Refused(reason)),
        Verdict::Accept => {}
    }
    match staged.into_group(provider) {
        Ok(_) => {}
        Err(WelcomeError::StorageError(error)) => return Err(error.into()),
        Err(error) => return Err(library(error)),
    }
    let joined = joined(provider, facts.group, facts.context)?;
    savepoint.keep()?;
    Ok(Joining::Done(joined))
}

/// Forgets a group that is still at the epoch in which only its founder is.
fn give_way(provider: &Provider<'_>, group: &GroupId) -> Result<(), StorageError> {
    if !provider.storage().holds(group)? {
        return Ok(());
    }
    match MlsGroup::load(provider.storage(), group)? {
        Some(mls) if mls.epoch().as_u64() == 0 => provider.storage().forget(group),
        _ => Ok(()),
    }
}

fn read_welcome(bytes: &[u8]) -> Option<Welcome> {
    match read::<MlsMessageIn>(bytes, limits::WELCOME)?.extract() {
        MlsMessageBodyIn::Welcome(welcome) => Some(welcome),
        _ => None,
    }
}

pub(super) fn read_tree(bytes: &[u8]) -> Option<RatchetTreeIn> {
    read(bytes, limits::GROUP_INFO)
}

pub(super) fn facts(
    context: &GroupContext,
    members: impl Iterator<Item = openmls::prelude::Member>,
) -> Result<GroupFacts, RefusalReason> {
    let leaves = members.map(|leaf| Member::read(&leaf.credential, &leaf.signature_key));
    Ok(GroupFacts {
        group: RosterGroup::of_id(context.group_id()).ok_or(RefusalReason::OtherGroup)?,
        context: RosterContext::read(context.extensions()).ok_or(RefusalReason::ContextDisagrees)?,
        members: leaves.collect::<Option<_>>().ok_or(RefusalReason::StrangeLeaf)?,
    })
}

/// What a group that was just joined is. Read back from its rows: what cannot be loaded tomorrow
/// shall fail today, in the transaction that can still be undone.
pub(super) fn joined(
    provider: &Provider<'_>,
    group: RosterGroup,
    context: RosterContext,
) -> Result<Joined, MlsError> {
    Ok(Joined { group, context, state: state(provider, &load(provider, group)?)? })
}
