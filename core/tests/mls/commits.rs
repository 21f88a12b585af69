//! Commits: whose is merged, when, and what a crash or a lost answer leaves.

use estafette_core::mls::{self, MlsError, Processed, Provider};
use estafette_protocol::statement::Act;
use estafette_protocol::{DeviceId, Epoch, StatementNumber};

use super::support::*;

#[test]
fn a_rollback_leaves_every_row_as_it_was_and_the_commit_comes_back() {
    let (office, mut phones) = roster_of(2);
    let prepared = phones[0].commit(&[], &[], &[]);
    for index in [0, 1] {
        let before = phones[index].rows();
        {
            let Phone { database, crypto, .. } = &mut phones[index];
            let transaction = database.transaction().unwrap();
            let judge = |facts: &_| mls::judge::judge(facts, &office.registry);
            let provider = Provider::new(&transaction, crypto);
            let processed = mls::process(&provider, GROUP, &prepared.commit, judge).unwrap();
            assert!(matches!(processed, Processed::OwnApplied(_) | Processed::Applied(_)));
            assert_eq!(mls::epoch(&provider, GROUP).unwrap(), Some(Epoch(2)));
            transaction.rollback().unwrap();
        }
        assert_eq!(phones[index].rows(), before);
    }
    everybody_applies(&office, &phones[0], &[&phones[1]], &prepared.commit);
}

#[test]
fn of_two_commits_for_one_epoch_the_loser_applies_the_winner() {
    let (office, phones) = roster_of(3);
    let [one, two, three] = &phones[..] else { panic!("three phones") };
    let (winner, loser) = (one.commit(&[], &[], &[]), two.commit(&[], &[], &[]));
    everybody_applies(&office, one, &[two, three], &winner.commit);
    assert!(!mls::has_pending(&two.provider(), GROUP).unwrap());
    assert_eq!(two.process(&office, &loser.commit), Processed::Old);
    assert_eq!(three.process(&office, &loser.commit), Processed::Old);

    let again = two.commit(&[], &[], &[]);
    everybody_applies(&office, two, &[one, three], &again.commit);
}

#[test]
fn while_a_commit_awaits_its_answer_no_second_one_is_made() {
    let (office, phones) = roster_of(2);
    let prepared = phones[0].commit(&[], &[], &[]);
    let before = phones[0].rows();
    assert!(matches!(phones[0].try_commit(&[], &[], &[]), Err(MlsError::PendingCommit)));
    assert_eq!(phones[0].rows(), before);
    everybody_applies(&office, &phones[0], &[&phones[1]], &prepared.commit);
}

#[test]
fn a_phone_that_stops_between_sending_and_the_answer_merges_its_commit_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.db");
    let [mut one, two] = [1, 2].map(Phone::seeded);
    one.database = encrypted(&path);
    create_tables(&one.database);
    let office = Office::with_roster(&[&one, &two]);
    let founded = one.found(&office, &[two.addition()]);

    one.database = encrypted(&path);
    assert!(mls::has_pending(&one.provider(), GROUP).unwrap());
    everybody_applies(&office, &one, &[], &founded.commit);
    assert!(matches!(two.join(&office, &founded), mls::Joining::Done(_)));

    let updated = one.commit(&[], &[], &[]);
    one.database = encrypted(&path);
    assert!(mls::has_pending(&one.provider(), GROUP).unwrap());
    everybody_applies(&office, &one, &[&two], &updated.commit);
}

#[test]
fn a_group_is_the_same_after_its_database_was_closed_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.db");
    let [one, mut two] = [1, 2].map(Phone::seeded);
    two.database = encrypted(&path);
    create_tables(&two.database);
    let office = Office::with_roster(&[&one, &two]);
    let founded = one.found(&office, &[two.addition()]);
    everybody_applies(&office, &one, &[], &founded.commit);
    let mls::Joining::Done(joined) = two.join(&office, &founded) else { panic!("admitted") };

    two.database = encrypted(&path);
    assert_eq!(two.state(), joined.state);
    assert_eq!(mls::context(&two.provider(), GROUP).unwrap(), joined.context);
    assert_eq!(mls::members(&two.provider(), GROUP).unwrap(), joined.state.members);
    let updated = two.commit(&[], &[], &[]);
    everybody_applies(&office, &two, &[&one], &updated.commit);
}

#[test]
fn a_commit_whose_making_was_rolled_back_is_lost_and_said_to_be() {
    let (office, mut phones) = roster_of(2);
    let sent = {
        let Phone { database, crypto, key, device, .. } = &mut phones[0];
        let transaction = database.transaction().unwrap();
        let provider = Provider::new(&transaction, crypto);
        let identity = mls::Identity { device: *device, key };
        let sent = mls::commit(&provider, &identity, GROUP, &close(&[]), &[], &[]).unwrap();
        transaction.rollback().unwrap();
        sent
    };
    assert!(matches!(phones[1].process(&office, &sent.commit), Processed::Applied(_)));
    let before = phones[0].rows();
    assert_eq!(phones[0].process(&office, &sent.commit), Processed::OwnCommitLost);
    assert_eq!(phones[0].rows(), before);
}

#[test]
fn a_commit_of_a_past_or_coming_epoch_changes_nothing() {
    let (office, phones) = roster_of(2);
    let first = phones[0].commit(&[], &[], &[]);
    everybody_applies(&office, &phones[0], &[], &first.commit);
    let second = phones[0].commit(&[], &[], &[]);
    let before = phones[1].rows();
    assert_eq!(phones[1].process(&office, &second.commit), Processed::Future);
    assert_eq!(phones[1].rows(), before);
    assert!(matches!(phones[1].process(&office, &first.commit), Processed::Applied(_)));
    let before = phones[1].rows();
    assert_eq!(phones[1].process(&office, &first.commit), Processed::Old);
    assert_eq!(phones[1].rows(), before);
    everybody_applies(&office, &phones[0], &[&phones[1]], &second.commit);
}

#[test]
fn additions_carry_no_path_and_removals_do() {
    let (mut office, phones) = roster_of(20);
    let newcomer = Phone::seeded(21);
    let others: Vec<&Phone> = phones[1..].iter().collect();
    let statement = office.admit(&newcomer);
    let added = phones[0].commit(&[statement], &[newcomer.addition()], &[]);
    assert!(added.commit.len() < 1000, "{} bytes", added.commit.len());
    everybody_applies(&office, &phones[0], &others, &added.commit);

    let statement = office.remove(&newcomer);
    let removed = phones[0].commit(&[statement], &[], &[newcomer.device]);
    assert!(removed.commit.len() > 1000, "{} bytes", removed.commit.len());
    everybody_applies(&office, &phones[0], &others, &removed.commit);
}

#[test]
fn a_removed_phone_is_told_and_learns_no_later_secret() {
    let (mut office, phones) = roster_of(3);
    let [one, two, three] = &phones[..] else { panic!("three phones") };
    let statement = office.revoke(three);
    let prepared = one.commit(&[statement], &[], &[three.device]);
    everybody_applies(&office, one, &[two], &prepared.commit);
    assert_eq!(three.process(&office, &prepared.commit), Processed::Removed);
    assert!(three.rows().keys().all(|(_, kind, _)| !kind.starts_with("group/")));
    assert_eq!(mls::epoch(&three.provider(), GROUP).unwrap(), None);
    assert!(!two.state().members.contains_key(&three.device));
    assert!(matches!(mls::export(&three.provider(), GROUP), Err(MlsError::NoGroup)));

    // Admitted again, it comes in by a welcome like any other.
    let back = Phone::seeded(4);
    let statement = office.admit(&back);
    let prepared = two.commit(&[statement], &[back.addition()], &[]);
    everybody_applies(&office, two, &[one], &prepared.commit);
    assert!(matches!(back.join(&office, &prepared), mls::Joining::Done(_)));
    assert_eq!(back.state(), one.state());
}

#[test]
fn a_device_that_is_no_member_cannot_be_removed() {
    let (_, phones) = roster_of(2);
    let nobody = DeviceId([99; 16]);
    let before = phones[0].rows();
    let refused = phones[0].try_commit(&[], &[], &[nobody]);
    assert!(matches!(refused, Err(MlsError::NotAMember(device)) if device == nobody));
    assert_eq!(phones[0].rows(), before);
}

#[test]
fn a_commit_that_closes_what_is_open_is_accepted_by_all() {
    let (mut office, phones) = roster_of(3);
    let [one, two, three] = &phones[..] else { panic!("three phones") };
    let [four, five] = [4, 5].map(Phone::seeded);
    // One statement moves two phones; a later one takes back what it did to one of them.
    let both = office.state(vec![
        Act::Certify(four.certificate()),
        Act::Certify(five.certificate()),
        admission(&four),
        admission(&five),
        Act::Remove { roster: ROSTER, device: two.device },
    ]);
    let later = office.state(vec![
        Act::Revoke { device: four.device, reason: estafette_protocol::statement::RevocationReason::Lost },
        admission(two),
    ]);
    let group = one.state().members.into_keys().collect();
    let open = office.registry.open_statements(&NAME, &group);
    assert_eq!(open, [both, later].map(StatementNumber));
    let prepared = one.commit(&[both, later], &[five.addition()], &[]);
    everybody_applies(&office, one, &[two, three], &prepared.commit);
    assert!(matches!(five.join(&office, &prepared), mls::Joining::Done(_)));
    let group = one.state().members.into_keys().collect();
    assert_eq!(office.registry.open_statements(&NAME, &group), []);
}

#[test]
fn a_commit_on_a_statement_not_yet_known_waits_and_is_then_accepted() {
    let (mut office, phones) = roster_of(2);
    let early = office.as_of_now();
    let newcomer = Phone::seeded(3);
    let statement = office.admit(&newcomer);
    let prepared = phones[0].commit(&[statement], &[newcomer.addition()], &[]);
    let before = phones[1].rows();
    let parked = Processed::Parked { until: StatementNumber(statement) };
    assert_eq!(phones[1].process(&early, &prepared.commit), parked);
    assert_eq!(phones[1].rows(), before);
    everybody_applies(&office, &phones[0], &[&phones[1]], &prepared.commit);
}

#[test]
fn what_is_known_later_does_not_part_the_members() {
    let (mut office, phones) = roster_of(2);
    let [one, two] = &phones[..] else { panic!("two phones") };
    let newcomer = Phone::seeded(3);
    let admitted = office.admit(&newcomer);
    let early = office.as_of_now();
    let removed = office.revoke(&newcomer);
    let prepared = one.commit(&[admitted], &[newcomer.addition()], &[]);
    // The one knows of the revocation, the other does not; both merge, and the removal is open.
    everybody_applies(&early, one, &[], &prepared.commit);
    assert_eq!(two.process(&office, &prepared.commit), Processed::Applied(one.state()));
    let group = two.state().members.into_keys().collect();
    assert_eq!(office.registry.open_statements(&NAME, &group), [StatementNumber(removed)]);
}
