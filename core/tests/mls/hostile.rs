//! Bytes from anybody: whatever they are, the answer is a refusal and no row changes.

use std::cell::OnceCell;

use estafette_core::mls::{self, Joining, KeyPackageError, Processed, RefusalReason, Verdict};
use estafette_protocol::handshake::CommitNote;
use estafette_protocol::{StatementNumber, limits};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::support::*;

/// How real bytes are spoilt.
#[derive(Debug, Clone)]
enum Damage {
    Replace(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Insert(prop::sample::Index, Vec<u8>),
    Other(Vec<u8>),
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let one = prop_oneof![
        8 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Replace(at, byte)),
        2 => any::<prop::sample::Index>().prop_map(Damage::Cut),
        2 => (any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 1..40))
            .prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => prop::collection::vec(any::<u8>(), 0..300).prop_map(Damage::Other),
    ];
    prop::collection::vec(one, 1..4)
}

/// Prints the failing input; keeps no file of it.
fn runner() -> TestRunner {
    TestRunner::new(Config { failure_persistence: None, ..Config::default() })
}

fn spoilt(bytes: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for damage in damages {
        match damage {
            Damage::Replace(at, byte) if !bytes.is_empty() => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Damage::Replace(..) => {}
            Damage::Cut(at) => bytes.truncate(at.index(bytes.len() + 1)),
            Damage::Insert(at, more) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, more.iter().copied());
            }
            Damage::Other(other) => bytes = other.clone(),
        }
    }
    bytes
}

#[test]
fn a_spoilt_commit_is_refused_or_of_another_epoch_and_changes_nothing() {
    let (mut office, phones) = roster_of(3);
    let newcomer = Phone::seeded(4);
    let statement = office.admit(&newcomer);
    let removal = office.remove(&phones[2]);
    let commits = [
        phones[0].commit(&[statement, removal], &[newcomer.addition()], &[phones[2].device]).commit,
        phones[2].commit(&[], &[], &[]).commit,
    ];
    let receiver = &phones[1];
    let before = receiver.rows();
    runner()
        .run(&(0..2usize, damages()), |(which, damages)| {
            let bytes = spoilt(&commits[which], &damages);
            prop_assume!(bytes != commits[which]);
            match receiver.process(&office, &bytes) {
                Processed::Refused(_) | Processed::Old | Processed::Future => {}
                other => prop_assert!(false, "{other:?}"),
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(receiver.rows(), before);
    assert!(matches!(receiver.process(&office, &commits[0]), Processed::Applied(_)));
}

#[test]
fn a_spoilt_welcome_or_tree_is_refused_and_keeps_the_key_package() {
    let [one, two] = [1, 2].map(Phone::seeded);
    let office = Office::with_roster(&[&one, &two]);
    let prepared = one.found(&office, &[two.addition()]);
    let (_, welcome) = &prepared.welcomes[0];
    let before = two.rows();
    runner()
        .run(&(any::<bool>(), damages()), |(which, damages)| {
            let mut parts = [welcome.clone(), prepared.tree.clone()];
            let part = &mut parts[usize::from(which)];
            *part = spoilt(part, &damages);
            prop_assume!(parts != [welcome.clone(), prepared.tree.clone()]);
            let joining = two.join_with(&office, &parts[0], &parts[1]);
            prop_assert!(matches!(joining, Joining::Refused(_)), "{joining:?}");
            Ok(())
        })
        .unwrap();
    assert_eq!(two.rows(), before);
    assert!(matches!(two.join(&office, &prepared), Joining::Done(_)));
}

#[test]
fn a_spoilt_group_is_not_joined_from_outside() {
    let (mut office, phones) = roster_of(2);
    let last = phones[0].commit(&[], &[], &[]);
    let newcomer = Phone::seeded(3);
    let statement = office.admit(&newcomer);
    let note = CommitNote::Join { statement: StatementNumber(statement) };
    runner()
        .run(&(any::<bool>(), damages()), |(which, damages)| {
            let mut parts = [last.group_info.clone(), last.tree.clone()];
            let part = &mut parts[usize::from(which)];
            *part = spoilt(part, &damages);
            prop_assume!(parts != [last.group_info.clone(), last.tree.clone()]);
            let judge = |facts: &_| mls::judge::judge_group(facts, &office.registry);
            let (provider, identity) = (newcomer.provider(), newcomer.identity());
            let joining =
                mls::join_externally(&provider, &identity, GROUP, &note, &parts[0], &parts[1], judge);
            prop_assert!(matches!(joining, Ok(Joining::Refused(_))), "{joining:?}");
            Ok(())
        })
        .unwrap();
    assert!(newcomer.rows().is_empty());
}

#[test]
fn a_spoilt_key_package_is_never_used() {
    let [one, two] = [1, 2].map(Phone::seeded);
    let package = two.addition().package;
    assert_eq!(mls::check_key_package(&one.crypto, &package, &two.member()), Ok(()));
    runner()
        .run(&damages(), |damages| {
            let bytes = spoilt(&package, &damages);
            prop_assume!(bytes != package);
            prop_assert!(mls::check_key_package(&one.crypto, &bytes, &two.member()).is_err());
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_key_package_of_another_device_or_key_is_not_used() {
    let [one, two] = [1, 2].map(Phone::seeded);
    let package = two.addition().package;
    let other_device = mls::Member { device: one.device, ..two.member() };
    let other_key = mls::Member { key: one.member().key, ..two.member() };
    for member in [one.member(), other_device, other_key] {
        let checked = mls::check_key_package(&one.crypto, &package, &member);
        assert_eq!(checked, Err(KeyPackageError::Foreign));
    }
    assert_eq!(
        mls::key_package_hash(b"abc").to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn what_is_too_large_is_not_read() {
    let (office, phones) = roster_of(1);
    let judged = OnceCell::new();
    let mut commit = phones[0].commit(&[], &[], &[]).commit;
    commit.resize(limits::COMMIT + 1, 0);
    let judge = |_: &_| {
        judged.set(()).unwrap();
        Verdict::Accept
    };
    let processed = mls::process(&phones[0].provider(), GROUP, &commit, judge).unwrap();
    assert_eq!(processed, Processed::Refused(RefusalReason::Malformed));
    assert_eq!(judged.get(), None);
    let malformed = Joining::Refused(RefusalReason::Malformed);
    assert_eq!(phones[0].join_with(&office, &vec![0; limits::WELCOME + 1], &[]), malformed);
    let package = vec![0; limits::KEY_PACKAGE + 1];
    let checked = mls::check_key_package(&phones[0].crypto, &package, &phones[0].member());
    assert_eq!(checked, Err(KeyPackageError::TooLarge));
}

#[test]
fn a_commit_for_another_group_is_refused_by_its_header() {
    let (office, phones) = roster_of(1);
    let mut commit = phones[0].commit(&[], &[], &[]).commit;
    // The group's name begins after version, format and the length of the name.
    commit[5] ^= 1;
    assert_eq!(phones[0].process(&office, &commit), Processed::Refused(RefusalReason::OtherGroup));
}
