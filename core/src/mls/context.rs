//! What a group says of its roster: fixed at its founding, the same in every epoch.
//!
//! It stands in the group context, so every member agrees on it by its confirmation tags.
//! openmls would let any member change it; [`super::judge`] does not.

use estafette_protocol::handshake::RosterName;
use estafette_protocol::registry::Registry;
use estafette_protocol::statement::Class;
use estafette_protocol::{OrganisationId, RosterGeneration, RosterId, StatementNumber, codec};
use minicbor::{Decode, Encode};
use openmls::prelude::{
    Capabilities, CredentialType, Extension, ExtensionType, Extensions, GroupContext, GroupId, Lifetime,
    MlsGroup, MlsGroupJoinConfig, PURE_PLAINTEXT_WIRE_FORMAT_POLICY, RequiredCapabilitiesExtension,
    UnknownExtension,
};

use super::{MlsError, SUITE, library};

/// For private use (RFC 9420, section 17.3), and not of the form kept for greasing.
const EXTENSION: u16 = 0xff01;
/// Bytes of the extension.
const SIZE: usize = 1024;

/// A roster in one of its generations: what an MLS group is named after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RosterGroup {
    /// The roster.
    pub roster: RosterId,
    /// How often it was founded.
    pub generation: RosterGeneration,
}

impl RosterGroup {
    pub(super) fn id(&self) -> GroupId {
        GroupId::from_slice(&self.roster.group(self.generation))
    }

    pub(super) fn of_id(id: &GroupId) -> Option<Self> {
        let (roster, generation) = RosterId::of_group(id.as_slice())?;
        Some(Self { roster, generation })
    }
}

/// What a group says of its roster.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RosterContext {
    /// The organisation.
    #[n(0)]
    pub organisation: OrganisationId,
    /// Which roster.
    #[n(1)]
    pub name: RosterName,
    /// How often it was founded.
    #[n(2)]
    pub generation: RosterGeneration,
    /// What its entries are.
    #[n(3)]
    pub class: Class,
    /// Days that entries are kept; a pair's roster leaves it to the organisation.
    #[n(4)]
    pub retention_days: Option<u32>,
    /// The last statement that the founder held: whoever was a member then may read all that was ever
    /// sealed in this generation. `None` in groups founded before this was noted.
    #[cbor(n(5), skip_if = "Option::is_none")]
    pub founded_at: Option<StatementNumber>,
}

impl RosterContext {
    /// What the statements say of a roster; `None` for one that they do not know. When it was founded
    /// they do not say.
    pub fn stated(registry: &Registry, name: RosterName, generation: RosterGeneration) -> Option<Self> {
        let retention_days = match name {
            RosterName::Stated(roster) => Some(registry.roster(roster)?.retention_days),
            RosterName::Pair { .. } => None,
        };
        let organisation = registry.organisation();
        let class = registry.class(&name)?;
        Some(Self { organisation, name, generation, class, retention_days, founded_at: None })
    }

    /// The group that it belongs to.
    pub fn group(&self) -> RosterGroup {
        RosterGroup { roster: self.name.id(self.organisation), generation: self.generation }
    }

    pub(super) fn extensions(&self) -> Result<Extensions<GroupContext>, MlsError> {
        let required = RequiredCapabilitiesExtension::new(&[ExtensionType::Unknown(EXTENSION)], &[], &[]);
        let roster = UnknownExtension(codec::to_bytes(self));
        let extensions =
            vec![Extension::RequiredCapabilities(required), Extension::Unknown(EXTENSION, roster)];
        Extensions::from_vec(extensions).map_err(library)
    }

    /// `None` where there is none, or where the group has anything else in its context: external
    /// senders, for one, may not exist.
    pub(super) fn read(extensions: &Extensions<GroupContext>) -> Option<Self> {
        let ours = |extension: &Extension| {
            matches!(extension, Extension::RequiredCapabilities(_) | Extension::Unknown(EXTENSION, _))
        };
        extensions.iter().all(ours).then_some(())?;
        codec::from_bytes(&extensions.unknown(EXTENSION)?.0, SIZE).ok()
    }
}

/// What our leaves can do, the same in key packages, founders' leaves and external joins.
pub(super) fn capabilities() -> Capabilities {
    let extensions = [ExtensionType::LastResort, ExtensionType::Unknown(EXTENSION)];
    Capabilities::new(None, Some(&[SUITE]), Some(&extensions), Some(&[]), Some(&[CredentialType::Basic]))
}

/// Whether a leaf can be in our groups.
pub(super) fn capable(capabilities: &Capabilities) -> bool {
    capabilities.extensions().contains(&ExtensionType::Unknown(EXTENSION))
}

/// For ever: openmls reads the system's clock for each leaf added, and an offline device would
/// refuse for good what it reads too late.
pub(super) fn lifetime() -> Lifetime {
    Lifetime::init(0, u64::MAX)
}

/// How groups that are joined work: public handshakes, and nothing kept of past epochs.
pub(super) fn join_config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .max_past_epochs(0)
        .number_of_resumption_psks(0)
        .use_ratchet_tree_extension(false)
        .build()
}

/// How a group that is founded works: as [`join_config`] says.
pub(super) fn founding(context: &RosterContext) -> Result<openmls::prelude::MlsGroupBuilder, MlsError> {
    Ok(MlsGroup::builder()
        .with_group_id(context.group().id())
        .ciphersuite(SUITE)
        .with_wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .max_past_epochs(0)
        .number_of_resumption_psks(0)
        .use_ratchet_tree_extension(false)
        .lifetime(lifetime())
        .with_capabilities(capabilities())
        .with_group_context_extensions(context.extensions()?))
}
