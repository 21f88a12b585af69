//! What members refuse: commits that MLS finds in order and our rules do not. Each is made with
//! openmls itself, as a member who misuses its own keys would.

use estafette_core::mls::{self, CommitFacts, Joining, Processed, RefusalReason, RosterContext, Verdict};
use estafette_protocol::handshake::CommitNote;
use estafette_protocol::statement::{Act, Class};
use estafette_protocol::{DeviceId, RosterGeneration, StatementNumber, codec};
use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::{
    CommitBuilder, Extension, ExtensionType, Extensions, GroupId, Initial, LeafNodeIndex, LeafNodeParameters,
    Lifetime, MlsGroup, PreSharedKeyProposal, Proposal, UnknownExtension,
};
use openmls::schedule::{ExternalPsk, PreSharedKeyId, Psk};
use openmls_traits::OpenMlsProvider as _;

use super::support::*;

type Builder<'a> = CommitBuilder<'a, Initial, &'a mut MlsGroup>;

/// A commit whose proposals and note are the test's choice; the author's own state is not kept.
fn crafted(author: &Phone, note: &CommitNote, fill: impl FnOnce(Builder<'_>) -> Builder<'_>) -> Vec<u8> {
    crafted_with(author, &codec::to_bytes(note), fill)
}

fn crafted_with(author: &Phone, note: &[u8], fill: impl FnOnce(Builder<'_>) -> Builder<'_>) -> Vec<u8> {
    let provider = author.provider();
    let id = GroupId::from_slice(&GROUP.roster.group(GROUP.generation));
    let mut group = MlsGroup::load(provider.storage(), &id).unwrap().unwrap();
    group.set_aad(note.to_vec());
    let bundle = fill(group.commit_builder().consume_proposal_store(false))
        .load_psks(provider.storage())
        .unwrap()
        .build(provider.rand(), provider.crypto(), &author.identity(), |_| true)
        .unwrap()
        .stage_commit(&provider)
        .unwrap();
    group.clear_pending_commit(provider.storage()).unwrap();
    bundle.commit().tls_serialize_detached().unwrap()
}

/// The commit is refused for this reason and nothing is changed; and MLS alone would have merged
/// it, so that it was our rule that refused.
fn refused(office: &Office, phone: &Phone, commit: &[u8], reason: RefusalReason) {
    let before = phone.rows();
    assert_eq!(phone.process(office, commit), Processed::Refused(reason));
    assert_eq!(phone.rows(), before);
    phone.database.execute_batch("SAVEPOINT test").unwrap();
    let unjudged = mls::process(&phone.provider(), GROUP, commit, refuse_nothing).unwrap();
    assert!(matches!(unjudged, Processed::Applied(_) | Processed::Removed), "{unjudged:?}");
    phone.database.execute_batch("ROLLBACK TO test; RELEASE test").unwrap();
}

fn index_of(phone: &Phone, device: DeviceId) -> LeafNodeIndex {
    let id = GroupId::from_slice(&GROUP.roster.group(GROUP.generation));
    let group = MlsGroup::load(phone.provider().storage(), &id).unwrap().unwrap();
    let leaf = group.members().find(|leaf| leaf.credential.serialized_content() == device.0).unwrap();
    leaf.index
}

#[test]
fn a_member_cannot_change_what_the_group_says_of_its_roster() {
    let (office, phones) = roster_of(2);
    let mut context = RosterContext::stated(&office.registry, NAME, RosterGeneration(0)).unwrap();
    context.class = Class::Personnel;
    let commit = crafted(&phones[0], &close(&[]), |builder| {
        let required =
            openmls::prelude::RequiredCapabilitiesExtension::new(&[ExtensionType::Unknown(0xff01)], &[], &[]);
        let changed = UnknownExtension(codec::to_bytes(&context));
        let extensions = vec![Extension::RequiredCapabilities(required), Extension::Unknown(0xff01, changed)];
        builder.propose_group_context_extensions(Extensions::from_vec(extensions).unwrap()).unwrap()
    });
    refused(&office, &phones[1], &commit, RefusalReason::ContextChanged);
}

#[test]
fn a_proposal_of_the_same_context_is_refused_too() {
    let (office, phones) = roster_of(2);
    let id = GroupId::from_slice(&GROUP.roster.group(GROUP.generation));
    let group = MlsGroup::load(phones[0].provider().storage(), &id).unwrap().unwrap();
    let same = group.extensions().clone();
    let commit =
        crafted(&phones[0], &close(&[]), |builder| builder.propose_group_context_extensions(same).unwrap());
    refused(&office, &phones[1], &commit, RefusalReason::ForeignProposal);
}

#[test]
fn a_member_cannot_mix_in_a_shared_key() {
    let (office, phones) = roster_of(2);
    let psk = Psk::External(ExternalPsk::new(b"a secret of two".to_vec()));
    let psk = PreSharedKeyId::new(SUITE, phones[0].provider().rand(), psk).unwrap();
    for phone in &phones {
        psk.store(&phone.provider(), &[7; 32]).unwrap();
    }
    let commit = crafted(&phones[0], &close(&[]), |builder| {
        builder.add_proposal(Proposal::PreSharedKey(Box::new(PreSharedKeyProposal::new(psk))))
    });
    refused(&office, &phones[1], &commit, RefusalReason::ForeignProposal);
}

#[test]
fn a_member_cannot_take_another_devices_name_in_its_path() {
    let (office, phones) = roster_of(3);
    let commit = crafted(&phones[0], &close(&[]), |builder| {
        let credential = credential(&phones[2].device.0, &phones[0]);
        let leaf = LeafNodeParameters::builder().with_credential_with_key(credential).build();
        builder.leaf_node_parameters(leaf)
    });
    refused(&office, &phones[1], &commit, RefusalReason::CertificateChanged);
}

#[test]
fn a_member_cannot_take_a_name_that_is_no_device() {
    let (office, phones) = roster_of(2);
    let commit = crafted(&phones[0], &close(&[]), |builder| {
        let credential = credential(b"somebody", &phones[0]);
        let leaf = LeafNodeParameters::builder().with_credential_with_key(credential).build();
        builder.leaf_node_parameters(leaf)
    });
    let before = phones[1].rows();
    let strange = Processed::Refused(RefusalReason::StrangeLeaf);
    assert_eq!(phones[1].process(&office, &commit), strange);
    assert_eq!(phones[1].rows(), before);
}

#[test]
fn nobody_is_added_whom_no_named_statement_admits() {
    let (mut office, phones) = roster_of(2);
    let stranger = Phone::seeded(3);
    let certified = office.state(vec![Act::Certify(stranger.certificate())]);
    for statements in [&[][..], &[certified]] {
        let added =
            crafted(&phones[0], &close(statements), |builder| builder.propose_adds([package(&stranger)]));
        refused(&office, &phones[1], &added, RefusalReason::Unstated);
    }
    // Admitted by a statement that the commit does not name: still not this commit's to add.
    office.state(vec![admission(&stranger)]);
    let added =
        crafted(&phones[0], &close(&[certified]), |builder| builder.propose_adds([package(&stranger)]));
    refused(&office, &phones[1], &added, RefusalReason::Unstated);
}

#[test]
fn nobody_is_removed_whom_no_named_statement_removes() {
    let (mut office, phones) = roster_of(3);
    let removed = index_of(&phones[0], phones[2].device);
    let commit = crafted(&phones[0], &close(&[]), |builder| builder.propose_removals([removed]));
    refused(&office, &phones[1], &commit, RefusalReason::Unstated);
    // Who is removed refuses it as well, and stays.
    refused(&office, &phones[2], &commit, RefusalReason::Unstated);

    let other = office.remove(&phones[1]);
    let commit = crafted(&phones[0], &close(&[other]), |builder| builder.propose_removals([removed]));
    refused(&office, &phones[1], &commit, RefusalReason::Unstated);
}

#[test]
fn a_named_statement_is_carried_out_in_full() {
    let (mut office, phones) = roster_of(3);
    let [four, five] = [4, 5].map(Phone::seeded);
    let statement = office.state(vec![
        Act::Certify(four.certificate()),
        Act::Certify(five.certificate()),
        admission(&four),
        admission(&five),
        Act::Remove { roster: ROSTER, device: phones[2].device },
    ]);
    let removed = index_of(&phones[0], phones[2].device);
    let note = close(&[statement]);
    let nothing = crafted(&phones[0], &note, |builder| builder.force_self_update(true));
    refused(&office, &phones[1], &nothing, RefusalReason::Unstated);
    let no_removal =
        crafted(&phones[0], &note, |builder| builder.propose_adds([package(&four), package(&five)]));
    refused(&office, &phones[1], &no_removal, RefusalReason::Unstated);
    let one_addition = crafted(&phones[0], &note, |builder| {
        builder.propose_adds([package(&four)]).propose_removals([removed])
    });
    refused(&office, &phones[1], &one_addition, RefusalReason::Unstated);

    let all = crafted(&phones[0], &note, |builder| {
        builder.propose_adds([package(&four), package(&five)]).propose_removals([removed])
    });
    assert!(matches!(phones[1].process(&office, &all), Processed::Applied(_)));
}

#[test]
fn an_admitted_name_under_another_key_is_not_added() {
    let (mut office, phones) = roster_of(2);
    let newcomer = Phone::seeded(3);
    let statement = office.admit(&newcomer);
    let mut thief = Phone::seeded(4);
    thief.device = newcomer.device;
    let commit = crafted(&phones[0], &close(&[statement]), |builder| builder.propose_adds([package(&thief)]));
    refused(&office, &phones[1], &commit, RefusalReason::Uncertified);
}

#[test]
fn a_device_whose_certificate_a_named_statement_ends_is_not_added() {
    let (mut office, phones) = roster_of(2);
    let newcomer = Phone::seeded(3);
    let admitted = office.admit(&newcomer);
    let revoked = office.revoke(&newcomer);
    let commit = crafted(&phones[0], &close(&[admitted, revoked]), |b| b.propose_adds([package(&newcomer)]));
    refused(&office, &phones[1], &commit, RefusalReason::Unstated);
    // Even when the note hides the revocation behind a later statement about somebody else.
    let other = office.admit(&Phone::seeded(4));
    let commit = crafted(&phones[0], &close(&[admitted, other]), |b| {
        b.propose_adds([package(&newcomer), package(&Phone::seeded(4))])
    });
    refused(&office, &phones[1], &commit, RefusalReason::Uncertified);
}

#[test]
fn a_key_package_that_ends_is_not_added() {
    let (mut office, phones) = roster_of(2);
    let newcomer = Phone::seeded(3);
    let statement = office.admit(&newcomer);
    let added = handmade(&newcomer, Lifetime::init(0, u64::MAX - 1), &[ExtensionType::Unknown(0xff01)]);
    let commit = crafted(&phones[0], &close(&[statement]), |builder| builder.propose_adds([added]));
    let before = phones[1].rows();
    assert_eq!(phones[1].process(&office, &commit), Processed::Refused(RefusalReason::StrangeLeaf));
    assert_eq!(phones[1].rows(), before);
}

#[test]
fn a_stranger_does_not_join_from_outside() {
    let (mut office, phones) = roster_of(2);
    let last = phones[0].commit(&[], &[], &[]);
    everybody_applies(&office, &phones[0], &[&phones[1]], &last.commit);
    let stranger = Phone::seeded(3);
    let certified = office.state(vec![Act::Certify(stranger.certificate())]);
    let attempt = |phone: &Phone, statement: u64| {
        let note = CommitNote::Join { statement: StatementNumber(statement) };
        let (info, tree) = (&last.group_info, &last.tree);
        let identity = phone.identity();
        let accept = |_: &_| Verdict::Accept;
        let joining = mls::join_externally(&phone.provider(), &identity, GROUP, &note, info, tree, accept);
        let Joining::Done(prepared) = joining.unwrap() else { panic!("prepared") };
        prepared.commit
    };
    refused(&office, &phones[1], &attempt(&stranger, certified), RefusalReason::Unstated);

    // Not with the name of an admitted device under another key either.
    let newcomer = Phone::seeded(5);
    let statement = office.admit(&newcomer);
    let mut thief = Phone::seeded(4);
    thief.device = newcomer.device;
    refused(&office, &phones[1], &attempt(&thief, statement), RefusalReason::Uncertified);
    // Nor with a statement from before its admission.
    refused(&office, &phones[1], &attempt(&newcomer, certified), RefusalReason::Unstated);
}

#[test]
fn a_member_does_not_push_another_out_by_joining_under_its_name() {
    let (office, phones) = roster_of(2);
    let last = phones[0].commit(&[], &[], &[]);
    everybody_applies(&office, &phones[0], &[&phones[1]], &last.commit);
    let mut thief = Phone::seeded(4);
    thief.device = phones[0].device;
    let note = CommitNote::Join { statement: StatementNumber(2) };
    let (info, tree) = (&last.group_info, &last.tree);
    let accept = |_: &_| Verdict::Accept;
    let joining =
        mls::join_externally(&thief.provider(), &thief.identity(), GROUP, &note, info, tree, accept);
    let Joining::Done(prepared) = joining.unwrap() else { panic!("prepared") };
    // The leaf that the name has in the group is not removed: two leaves of one device.
    refused(&office, &phones[1], &prepared.commit, RefusalReason::Unstated);
}

#[test]
fn a_note_must_fit_its_sender_and_epoch() {
    let (mut office, phones) = roster_of(2);
    let newcomer = Phone::seeded(3);
    let statement = StatementNumber(office.admit(&newcomer));
    let found = CommitNote::Found { at: statement };
    let join = CommitNote::Join { statement };
    for note in [found, join] {
        let commit = crafted(&phones[0], &note, |builder| builder.propose_adds([package(&newcomer)]));
        refused(&office, &phones[1], &commit, RefusalReason::BadNote);
    }
    for statements in [[3, 3], [3, 2]] {
        let commit = crafted(&phones[0], &close(&statements), |builder| builder.force_self_update(true));
        refused(&office, &phones[1], &commit, RefusalReason::BadNote);
    }
    for bytes in [&b""[..], b"\x00", &[0xff; 100]] {
        let commit = crafted_with(&phones[0], bytes, |builder| builder.force_self_update(true));
        refused(&office, &phones[1], &commit, RefusalReason::BadNote);
    }
}

#[test]
fn a_founder_adds_members_only_and_is_one() {
    let [one, two, stranger] = [1, 2, 3].map(Phone::seeded);
    let mut office = Office::with_roster(&[&one, &two]);
    let certified = office.state(vec![Act::Certify(stranger.certificate())]);
    let context = RosterContext::stated(&office.registry, NAME, RosterGeneration(0)).unwrap();
    let facts = |founder: &Phone, additions: &[&Phone], at: u64| CommitFacts {
        context: context.clone(),
        members: [(founder.device, founder.member().key)].into(),
        epoch: estafette_protocol::Epoch(0),
        author: mls::judge::Author::Member(founder.member()),
        note: Some(CommitNote::Found { at: StatementNumber(at) }),
        context_kept: true,
        proposals_allowed: true,
        additions: additions.iter().map(|phone| phone.member()).collect(),
        removals: vec![],
        path: None,
    };
    let verdict = |facts: &CommitFacts| mls::judge::judge(facts, &office.registry);
    assert_eq!(verdict(&facts(&one, &[&two], 2)), Verdict::Accept);
    assert_eq!(verdict(&facts(&one, &[], 2)), Verdict::Accept);
    assert_eq!(verdict(&facts(&one, &[&two], 4)), Verdict::Park { until: StatementNumber(4) });
    let unstated = Verdict::Refuse(RefusalReason::Unstated);
    assert_eq!(verdict(&facts(&one, &[&stranger], certified)), unstated);
    assert_eq!(verdict(&facts(&stranger, &[&two], certified)), unstated);
    assert_eq!(verdict(&facts(&one, &[&one], 2)), unstated);
    assert_eq!(verdict(&facts(&one, &[&two, &two], 2)), unstated);
    assert_eq!(verdict(&facts(&one, &[&two], 1)), unstated);
    let late = CommitFacts { epoch: estafette_protocol::Epoch(1), ..facts(&one, &[&two], 2) };
    assert_eq!(verdict(&late), Verdict::Refuse(RefusalReason::BadNote));
    let noted = |at: u64| {
        let context = RosterContext { founded_at: Some(StatementNumber(at)), ..context.clone() };
        CommitFacts { context, ..facts(&one, &[&two], 2) }
    };
    assert_eq!(verdict(&noted(2)), Verdict::Accept);
    assert_eq!(verdict(&noted(1)), Verdict::Refuse(RefusalReason::BadNote));
}
