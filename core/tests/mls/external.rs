//! Joining from outside.

use estafette_core::mls::{self, Joining, MlsError, Processed, RefusalReason, RosterContext};
use estafette_protocol::handshake::CommitNote;
use estafette_protocol::{Epoch, RosterGeneration, StatementNumber};

use super::support::*;

/// Two phones in the roster, a third admitted that nobody added, and what the relay gives it.
fn admitted() -> (Office, Vec<Phone>, Phone, mls::Prepared, u64) {
    let (mut office, phones) = roster_of(2);
    let last = phones[0].commit(&[], &[], &[]);
    everybody_applies(&office, &phones[0], &[&phones[1]], &last.commit);
    let newcomer = Phone::seeded(3);
    let statement = office.admit(&newcomer);
    (office, phones, newcomer, last, statement)
}

#[test]
fn an_admitted_phone_joins_from_outside_once_the_relay_accepts() {
    let (office, phones, newcomer, last, statement) = admitted();
    let Joining::Done(prepared) = newcomer.join_externally(&office, &last, statement) else {
        panic!("admitted")
    };
    assert_eq!((prepared.group, prepared.epoch), (GROUP, Epoch(2)));
    assert!(mls::has_candidate(&newcomer.provider(), GROUP).unwrap());
    assert_eq!(mls::epoch(&newcomer.provider(), GROUP).unwrap(), None);

    let joined = mls::promote(&newcomer.provider(), GROUP).unwrap();
    assert!(!mls::has_candidate(&newcomer.provider(), GROUP).unwrap());
    assert_eq!(joined.state.epoch, Epoch(3));
    for phone in &phones {
        assert_eq!(phone.process(&office, &prepared.commit), Processed::Applied(joined.state.clone()));
    }
    assert_eq!(newcomer.process(&office, &prepared.commit), Processed::Old);

    let next = newcomer.commit(&[], &[], &[]);
    everybody_applies(&office, &newcomer, &phones.iter().collect::<Vec<_>>(), &next.commit);
    // What goes with an external commit serves the next who joins.
    let mut office = office;
    let fourth = Phone::seeded(4);
    let statement = office.admit(&fourth);
    assert!(matches!(fourth.join_externally(&office, &next, statement), Joining::Done(_)));
}

#[test]
fn a_refused_external_join_leaves_nothing_and_another_try_succeeds() {
    let (office, phones, newcomer, last, statement) = admitted();
    let before = newcomer.rows();
    assert!(matches!(newcomer.join_externally(&office, &last, statement), Joining::Done(_)));
    let faster = phones[1].commit(&[], &[], &[]);
    everybody_applies(&office, &phones[1], &[&phones[0]], &faster.commit);
    mls::discard_candidate(&newcomer.provider(), GROUP).unwrap();
    assert_eq!(newcomer.rows(), before);
    assert!(matches!(mls::promote(&newcomer.provider(), GROUP), Err(MlsError::NoGroup)));

    let Joining::Done(prepared) = newcomer.join_externally(&office, &faster, statement) else {
        panic!("admitted")
    };
    let joined = mls::promote(&newcomer.provider(), GROUP).unwrap();
    assert_eq!(phones[0].process(&office, &prepared.commit), Processed::Applied(joined.state));
}

#[test]
fn while_an_external_join_awaits_its_answer_no_second_one_is_made() {
    let (office, _, newcomer, last, statement) = admitted();
    assert!(matches!(newcomer.join_externally(&office, &last, statement), Joining::Done(_)));
    let before = newcomer.rows();
    let note = CommitNote::Join { statement: StatementNumber(statement) };
    let judge = |facts: &_| mls::judge::judge_group(facts, &office.registry);
    let (info, tree) = (&last.group_info, &last.tree);
    let again =
        mls::join_externally(&newcomer.provider(), &newcomer.identity(), GROUP, &note, info, tree, judge);
    assert!(matches!(again, Err(MlsError::PendingCommit)));
    assert_eq!(newcomer.rows(), before);
}

#[test]
fn a_phone_that_lost_its_state_comes_back_in_the_place_of_its_old_leaf() {
    let (office, phones) = roster_of(3);
    let [one, two, three] = &phones[..] else { panic!("three phones") };
    let last = one.commit(&[], &[], &[]);
    everybody_applies(&office, one, &[two, three], &last.commit);
    let old = three.state();

    // Its own group, pending commit included, stays until the relay has accepted.
    three.commit(&[], &[], &[]);
    let Joining::Done(prepared) = three.join_externally(&office, &last, 2) else { panic!("a member") };
    assert_eq!(three.state(), old);
    let joined = mls::promote(&three.provider(), GROUP).unwrap();
    assert_eq!(joined.state.members, old.members);
    assert!(!mls::has_pending(&three.provider(), GROUP).unwrap());
    for phone in [one, two] {
        assert_eq!(phone.process(&office, &prepared.commit), Processed::Applied(joined.state.clone()));
    }
}

#[test]
fn joining_one_roster_from_outside_does_not_touch_another() {
    let [one, two] = [1, 2].map(Phone::seeded);
    let office = Office::with_roster(&[&one, &two]);
    let groups = [0, 1].map(|generation| {
        let context = RosterContext::stated(&office.registry, NAME, RosterGeneration(generation)).unwrap();
        let note = CommitNote::Found { at: StatementNumber(2) };
        let founded = mls::found(&one.provider(), &one.identity(), &context, &note, &[]).unwrap();
        mls::process(&one.provider(), context.group(), &founded.commit, refuse_nothing).unwrap();
        let judge = |facts: &_| mls::judge::judge_group(facts, &office.registry);
        let note = CommitNote::Join { statement: StatementNumber(2) };
        let (group, info, tree) = (context.group(), &founded.group_info, &founded.tree);
        let joining = mls::join_externally(&two.provider(), &two.identity(), group, &note, info, tree, judge);
        assert!(matches!(joining.unwrap(), Joining::Done(_)));
        group
    });
    mls::promote(&two.provider(), groups[0]).unwrap();
    assert!(mls::has_candidate(&two.provider(), groups[1]).unwrap());
    mls::discard_candidate(&two.provider(), groups[1]).unwrap();
    assert_eq!(mls::epoch(&two.provider(), groups[0]).unwrap(), Some(Epoch(2)));
    assert_eq!(mls::epoch(&two.provider(), groups[1]).unwrap(), None);
}

#[test]
fn a_group_under_another_name_is_not_joined_from_outside() {
    let (office, _, newcomer, last, statement) = admitted();
    let other = mls::RosterGroup { generation: RosterGeneration(7), ..GROUP };
    let note = CommitNote::Join { statement: StatementNumber(statement) };
    let judge = |facts: &_| mls::judge::judge_group(facts, &office.registry);
    let (info, tree) = (&last.group_info, &last.tree);
    let joining =
        mls::join_externally(&newcomer.provider(), &newcomer.identity(), other, &note, info, tree, judge);
    assert_eq!(joining.unwrap(), Joining::Refused(RefusalReason::OtherGroup));
    assert!(newcomer.rows().is_empty());
}

#[test]
fn an_external_commit_on_a_statement_not_yet_known_waits() {
    let (office, phones) = roster_of(2);
    let early = office.as_of_now();
    let mut office = office;
    let last = phones[0].commit(&[], &[], &[]);
    everybody_applies(&office, &phones[0], &[&phones[1]], &last.commit);
    let newcomer = Phone::seeded(3);
    let statement = office.admit(&newcomer);
    let Joining::Done(prepared) = newcomer.join_externally(&office, &last, statement) else {
        panic!("admitted")
    };
    let parked = Processed::Parked { until: StatementNumber(statement) };
    assert_eq!(phones[1].process(&early, &prepared.commit), parked);
    assert!(matches!(phones[1].process(&office, &prepared.commit), Processed::Applied(_)));
}
