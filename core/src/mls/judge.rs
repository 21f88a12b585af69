//! Whether a commit's author had the right to it, and whether a group is what it claims.
//!
//! Pure and over the statement chain alone: two devices that know the statements which a commit
//! names come to the same verdict, whatever later ones either knows; else their groups would
//! part. What is not known yet is waited for, never refused.
//!
//! A device removed by a later statement than a commit names can therefore still come in by it.
//! The relay takes no such commit, and if it does, the removal is open again at once and is
//! committed before anything is sealed.

use std::collections::{BTreeMap, BTreeSet};

use estafette_protocol::handshake::CommitNote;
use estafette_protocol::registry::Registry;
use estafette_protocol::{DeviceId, Ed25519Public, Epoch, StatementNumber};

use super::context::{RosterContext, RosterGroup};
use super::provider::Member;

/// What becomes of a commit or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Merge or join.
    Accept,
    /// Judge again once a statement is known.
    Park {
        /// That statement.
        until: StatementNumber,
    },
    /// Never.
    Refuse(RefusalReason),
}

/// Why a commit or a group is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusalReason {
    /// Too large, or not what it should be.
    #[error("malformed")]
    Malformed,
    /// Of another group than the one it came for.
    #[error("of another group")]
    OtherGroup,
    /// Against RFC 9420: signatures, tags, proposals or tree.
    #[error("not valid in MLS")]
    Invalid,
    /// No device of ours makes such a leaf.
    #[error("a leaf that names no device")]
    StrangeLeaf,
    /// The commit changes what the group says of its roster.
    #[error("changes the roster's context")]
    ContextChanged,
    /// A proposal other than to add, to remove and, for who joins, to initialise from outside.
    #[error("a proposal that is not allowed")]
    ForeignProposal,
    /// The authenticated data is no note, or not one for this sender and epoch.
    #[error("the note does not fit")]
    BadNote,
    /// Additions or removals are not exactly those of the statements.
    #[error("not what the statements say")]
    Unstated,
    /// A leaf's key is in no certificate in force of its device.
    #[error("no certificate in force")]
    Uncertified,
    /// A member takes another device's name or key in its path.
    #[error("a member changes its certificate")]
    CertificateChanged,
    /// No key package of this device opens the welcome.
    #[error("not for this device")]
    NotForUs,
    /// The group's context is not what the statements say of the roster.
    #[error("not the roster of the statements")]
    ContextDisagrees,
}

/// Who made a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// A member, as its leaf says.
    Member(Member),
    /// Who joins from outside, as its new leaf says.
    Joiner(Member),
}

/// All that matters of a commit which MLS itself finds in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitFacts {
    /// What the group says of its roster.
    pub context: RosterContext,
    /// The members before the commit.
    pub members: BTreeMap<DeviceId, Ed25519Public>,
    /// The epoch that it ends.
    pub epoch: Epoch,
    /// Who made it.
    pub author: Author,
    /// Its authenticated data; `None` if that is no note.
    pub note: Option<CommitNote>,
    /// Whether the group context stays as it is but for what every epoch changes.
    pub context_kept: bool,
    /// Whether it holds only proposals to add, to remove and, by a joiner, to initialise.
    pub proposals_allowed: bool,
    /// The leaves that it adds.
    pub additions: Vec<Member>,
    /// The leaves that it removes.
    pub removals: Vec<Member>,
    /// The author's leaf in its path; `None` without a path.
    pub path: Option<Member>,
}

/// A group that somebody offers to this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFacts {
    /// Its name in MLS.
    pub group: RosterGroup,
    /// What it says of its roster.
    pub context: RosterContext,
    /// Its leaves.
    pub members: Vec<Member>,
}

fn require(condition: bool, reason: RefusalReason) -> Result<(), Verdict> {
    if condition { Ok(()) } else { Err(Verdict::Refuse(reason)) }
}

fn known(registry: &Registry, number: StatementNumber) -> Result<(), Verdict> {
    let known = registry.head().is_some_and(|(last, _)| number <= last);
    if known { Ok(()) } else { Err(Verdict::Park { until: number }) }
}

/// The devices of leaves; refuses two leaves of one device.
fn devices(leaves: &[Member]) -> Result<BTreeSet<DeviceId>, Verdict> {
    let devices: BTreeSet<DeviceId> = leaves.iter().map(|leaf| leaf.device).collect();
    require(devices.len() == leaves.len(), RefusalReason::Unstated)?;
    Ok(devices)
}

fn certified(registry: &Registry, leaf: &Member, at: StatementNumber) -> Result<(), Verdict> {
    let record = registry.device(leaf.device);
    let fits = record.is_some_and(|record| record.certificate.ed25519 == leaf.key && record.in_force(at));
    require(fits, RefusalReason::Uncertified)
}

/// Judges a commit of a group of this organisation.
pub fn judge(facts: &CommitFacts, registry: &Registry) -> Verdict {
    match check_commit(facts, registry) {
        Ok(()) => Verdict::Accept,
        Err(verdict) => verdict,
    }
}

fn check_commit(facts: &CommitFacts, registry: &Registry) -> Result<(), Verdict> {
    require(facts.context_kept, RefusalReason::ContextChanged)?;
    require(facts.proposals_allowed, RefusalReason::ForeignProposal)?;
    let note = facts.note.as_ref().ok_or(Verdict::Refuse(RefusalReason::BadNote))?;
    match (note, facts.author) {
        (CommitNote::Found { at }, Author::Member(founder)) => check_founding(facts, registry, *at, founder),
        (CommitNote::Close { statements }, Author::Member(author)) => {
            check_closing(facts, registry, statements, author)
        }
        (CommitNote::Join { statement }, Author::Joiner(joiner)) => {
            check_join(facts, registry, *statement, joiner)
        }
        _ => Err(Verdict::Refuse(RefusalReason::BadNote)),
    }
}

fn check_founding(
    facts: &CommitFacts,
    registry: &Registry,
    at: StatementNumber,
    founder: Member,
) -> Result<(), Verdict> {
    require(facts.epoch == Epoch(0), RefusalReason::BadNote)?;
    require(facts.context.founded_at.is_none_or(|noted| noted == at), RefusalReason::BadNote)?;
    require(facts.path.is_none_or(|leaf| leaf == founder), RefusalReason::CertificateChanged)?;
    known(registry, at)?;
    let members = registry.members_at(&facts.context.name, at);
    let added = devices(&facts.additions)?;
    let stated = facts.removals.is_empty()
        && members.contains(&founder.device)
        && !added.contains(&founder.device)
        && added.is_subset(&members);
    require(stated, RefusalReason::Unstated)?;
    facts.additions.iter().try_for_each(|leaf| certified(registry, leaf, at))
}

fn check_closing(
    facts: &CommitFacts,
    registry: &Registry,
    statements: &[StatementNumber],
    author: Member,
) -> Result<(), Verdict> {
    require(statements.is_sorted_by(|one, next| one < next), RefusalReason::BadNote)?;
    require(facts.path.is_none_or(|leaf| leaf == author), RefusalReason::CertificateChanged)?;
    let (added, removed) = (devices(&facts.additions)?, devices(&facts.removals)?);
    let Some(newest) = statements.last() else {
        // A pure key update.
        return require(added.is_empty() && removed.is_empty(), RefusalReason::Unstated);
    };
    known(registry, *newest)?;
    let delta = registry.delta(&facts.context.name, statements);
    let member = |device: &DeviceId| facts.members.contains_key(device);
    let stated = added.iter().eq(delta.admitted.iter().filter(|device| !member(device)))
        && removed.iter().eq(delta.removed.iter().filter(|device| member(device)));
    require(stated, RefusalReason::Unstated)?;
    facts.additions.iter().try_for_each(|leaf| certified(registry, leaf, *newest))
}

fn check_join(
    facts: &CommitFacts,
    registry: &Registry,
    statement: StatementNumber,
    joiner: Member,
) -> Result<(), Verdict> {
    // A device that lost its state comes back: its old leaf goes, and only that.
    let old: &[DeviceId] = if facts.members.contains_key(&joiner.device) { &[joiner.device] } else { &[] };
    let removed = devices(&facts.removals)?;
    require(facts.additions.is_empty() && removed.iter().eq(old), RefusalReason::Unstated)?;
    known(registry, statement)?;
    let admitted = registry.membership_at(&facts.context.name, joiner.device, statement);
    require(admitted.is_some(), RefusalReason::Unstated)?;
    certified(registry, &joiner, statement)
}

/// Judges a group that a welcome or the relay offers: that it is the roster of the statements,
/// and that every leaf is a device that is or was a member, under the key of its certificate.
///
/// Members removed since are accepted: their removal is open, and is committed before anything
/// is sealed.
pub fn judge_group(facts: &GroupFacts, registry: &Registry) -> Verdict {
    match check_group(facts, registry) {
        Ok(()) => Verdict::Accept,
        Err(verdict) => verdict,
    }
}

fn check_group(facts: &GroupFacts, registry: &Registry) -> Result<(), Verdict> {
    let context = &facts.context;
    require(context.group() == facts.group, RefusalReason::OtherGroup)?;
    let later = Verdict::Park { until: registry.next_link().0 };
    let stated = RosterContext::stated(registry, context.name, context.generation).ok_or(later)?;
    let stated = RosterContext { founded_at: context.founded_at, ..stated };
    require(stated == *context, RefusalReason::ContextDisagrees)?;
    context.founded_at.map_or(Ok(()), |at| known(registry, at))?;
    facts.members.iter().try_for_each(|leaf| {
        let record = registry.device(leaf.device).ok_or(later)?;
        require(record.certificate.ed25519 == leaf.key, RefusalReason::Uncertified)?;
        if registry.was_member(&context.name, leaf.device) { Ok(()) } else { Err(later) }
    })
}
