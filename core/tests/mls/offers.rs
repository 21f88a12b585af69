//! What others offer: key packages to add them with, and groups to join.

use estafette_core::mls::{
    self, GroupFacts, Identity, Joining, KeyPackageError, MlsError, RefusalReason, RosterContext, Verdict,
};
use estafette_protocol::handshake::{CommitNote, RosterName};
use estafette_protocol::statement::Class;
use estafette_protocol::{OrganisationId, RosterGeneration, RosterId, StatementNumber, codec};
use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::{
    BasicCredential, Capabilities, Extension, ExtensionType, Extensions, ExternalSender, GroupId, KeyPackage,
    Lifetime, MlsGroup, UnknownExtension,
};

use super::support::*;

#[test]
fn a_group_with_a_device_not_heard_of_waits_and_keeps_its_key_package() {
    let [one, two, three] = [1, 2, 3].map(Phone::seeded);
    let mut office = Office::with_roster(&[&one, &two]);
    let early = office.as_of_now();
    office.admit(&three);
    let prepared = one.found(&office, &[two.addition(), three.addition()]);
    let before = two.rows();
    assert_eq!(two.join(&early, &prepared), Joining::Parked { until: StatementNumber(3) });
    assert_eq!(two.rows(), before);
    assert!(matches!(two.join(&office, &prepared), Joining::Done(_)));
}

#[test]
fn a_group_that_says_something_else_of_its_roster_is_not_joined() {
    let [one, two] = [1, 2].map(Phone::seeded);
    let office = Office::with_roster(&[&one, &two]);
    let stated = RosterContext::stated(&office.registry, NAME, RosterGeneration(0)).unwrap();
    let personal = RosterContext { class: Class::Personnel, ..stated.clone() };
    let longer = RosterContext { retention_days: Some(9999), ..stated };
    for context in [personal, longer] {
        let note = CommitNote::Found { at: StatementNumber(2) };
        let prepared =
            mls::found(&one.provider(), &one.identity(), &context, &note, &[two.addition()]).unwrap();
        let before = two.rows();
        assert_eq!(two.join(&office, &prepared), Joining::Refused(RefusalReason::ContextDisagrees));
        assert_eq!(two.rows(), before);
        mls::abandon(&one.provider(), GROUP).unwrap();
    }
}

#[test]
fn a_group_is_judged_by_its_name_and_organisation_too() {
    let one = Phone::seeded(1);
    let office = Office::with_roster(&[&one]);
    let context = RosterContext::stated(&office.registry, NAME, RosterGeneration(0)).unwrap();
    let facts = GroupFacts { group: GROUP, context, members: vec![one.member()] };
    let verdict = |facts: &GroupFacts| mls::judge::judge_group(facts, &office.registry);
    assert_eq!(verdict(&facts), Verdict::Accept);

    let mut later = facts.clone();
    later.group.generation = RosterGeneration(1);
    assert_eq!(verdict(&later), Verdict::Refuse(RefusalReason::OtherGroup));
    let mut alien = facts.clone();
    alien.context.organisation = OrganisationId([9; 16]);
    assert_eq!(verdict(&alien), Verdict::Refuse(RefusalReason::ContextDisagrees));
    let mut unknown = facts;
    unknown.context.name = RosterName::Stated(RosterId([9; 32]));
    unknown.group.roster = RosterId([9; 32]);
    assert_eq!(verdict(&unknown), Verdict::Park { until: StatementNumber(3) });
}

#[test]
fn a_welcome_to_another_identity_is_not_joined() {
    let [one, two] = [1, 2].map(Phone::seeded);
    let office = Office::with_roster(&[&one, &two]);
    let prepared = one.found(&office, &[two.addition()]);
    let (_, welcome) = &prepared.welcomes[0];
    let before = two.rows();
    let other = Identity { device: one.device, ..two.identity() };
    let joining = mls::join(&two.provider(), &other, welcome, &prepared.tree, |_| Verdict::Accept);
    assert_eq!(joining.unwrap(), Joining::Refused(RefusalReason::NotForUs));
    assert_eq!(two.rows(), before);
}

#[test]
fn a_group_with_a_device_that_no_statement_admits_is_not_joined() {
    let [one, two, stranger] = [1, 2, 3].map(Phone::seeded);
    let mut office = Office::with_roster(&[&one, &two]);
    office.state(vec![estafette_protocol::statement::Act::Certify(stranger.certificate())]);
    let prepared = one.found(&office, &[two.addition(), stranger.addition()]);
    // A later statement might admit it: the phone waits, and its key package stays.
    assert_eq!(two.join(&office, &prepared), Joining::Parked { until: StatementNumber(4) });

    let mut thief = Phone::seeded(4);
    thief.device = stranger.device;
    mls::abandon(&one.provider(), GROUP).unwrap();
    let prepared = one.found(&office, &[two.addition(), thief.addition()]);
    assert_eq!(two.join(&office, &prepared), Joining::Refused(RefusalReason::Uncertified));
}

#[test]
fn a_welcome_to_a_group_that_the_phone_is_in_changes_nothing() {
    let (mut office, phones) = roster_of(2);
    let last = phones[0].commit(&[], &[], &[]);
    everybody_applies(&office, &phones[0], &[&phones[1]], &last.commit);
    let newcomer = Phone::seeded(3);
    let statement = office.admit(&newcomer);
    let added = phones[0].commit(&[statement], &[newcomer.addition()], &[]);
    assert!(matches!(newcomer.join_externally(&office, &last, statement), Joining::Done(_)));
    mls::promote(&newcomer.provider(), GROUP).unwrap();
    let before = newcomer.rows();
    let (_, welcome) = &added.welcomes[0];
    let again =
        mls::join(&newcomer.provider(), &newcomer.identity(), welcome, &added.tree, |_| Verdict::Accept);
    assert!(matches!(again, Err(MlsError::AlreadyMember)));
    assert_eq!(newcomer.rows(), before);
}

#[test]
fn a_key_package_that_cannot_be_in_our_groups_is_found_before_it_is_used() {
    let (_, phones) = roster_of(1);
    let newcomer = Phone::seeded(3);
    let check = |package: &KeyPackage| {
        let bytes = package.tls_serialize_detached().unwrap();
        mls::check_key_package(&phones[0].crypto, &bytes, &newcomer.member())
    };
    let (forever, ours) = (Lifetime::init(0, u64::MAX), ExtensionType::Unknown(0xff01));
    assert_eq!(check(&handmade(&newcomer, forever, &[ours])), Ok(()));
    let unsuitable = Err(KeyPackageError::Unsuitable);
    assert_eq!(check(&handmade(&newcomer, forever, &[])), unsuitable);
    assert_eq!(check(&handmade(&newcomer, Lifetime::init(0, u64::MAX - 1), &[ours])), unsuitable);

    let package = handmade(&newcomer, forever, &[]).tls_serialize_detached().unwrap();
    let addition = mls::Addition { member: newcomer.member(), package };
    let before = phones[0].rows();
    let refused = phones[0].try_commit(&[], &[addition], &[]);
    let Err(MlsError::KeyPackage { device, reason }) = refused else { panic!("{refused:?}") };
    assert_eq!((device, reason), (newcomer.device, KeyPackageError::Unsuitable));
    assert_eq!(phones[0].rows(), before);
}

#[test]
fn a_group_that_lets_outsiders_propose_is_not_joined() {
    let [one, two] = [1, 2].map(Phone::seeded);
    let office = Office::with_roster(&[&one, &two]);
    let context = RosterContext::stated(&office.registry, NAME, RosterGeneration(0)).unwrap();
    let key = one.key.verifying_key().to_bytes().to_vec().into();
    let outsider = ExternalSender::new(key, BasicCredential::new(b"somebody".to_vec()).into());
    let extensions = vec![
        Extension::Unknown(0xff01, UnknownExtension(codec::to_bytes(&context))),
        Extension::ExternalSenders(vec![outsider]),
    ];
    let ours = [ExtensionType::LastResort, ExtensionType::Unknown(0xff01)];
    let provider = one.provider();
    let mut group = MlsGroup::builder()
        .with_group_id(GroupId::from_slice(&GROUP.roster.group(GROUP.generation)))
        .ciphersuite(SUITE)
        .lifetime(Lifetime::init(0, u64::MAX))
        .with_capabilities(Capabilities::new(None, None, Some(&ours), None, None))
        .with_group_context_extensions(Extensions::from_vec(extensions).unwrap())
        .build(&provider, &one.identity(), credential(&one.device.0, &one))
        .unwrap();
    let (_, welcome, _) = group.add_members(&provider, &one.identity(), &[package(&two)]).unwrap();
    group.merge_pending_commit(&provider).unwrap();
    let welcome = welcome.tls_serialize_detached().unwrap();
    let tree = group.export_ratchet_tree().tls_serialize_detached().unwrap();
    let joining = two.join_with(&office, &welcome, &tree);
    assert_eq!(joining, Joining::Refused(RefusalReason::ContextDisagrees));
}
