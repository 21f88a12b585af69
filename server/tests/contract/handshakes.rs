//! Commits and the control stream.

use std::sync::Barrier;

use estafette_protocol::bundle::Bundle;
use estafette_protocol::frame::{CommitRefused, Control};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::{Epoch, Fault, FaultCode, Hash, RosterGeneration, Signature, StatementNumber};
use estafette_server::store::{
    BundleWrite, CommitWrite, ControlRow, DebtRow, Operation, Outcome, StatementWrite,
};

use crate::backend::{
    Backend, ONE, ROSTER, THREE, TWO, append, commit, entry, founded, founding, statement, stood,
    with_header, write, write_all,
};

fn commits(write: CommitWrite) -> Operation {
    Operation::Commit(Box::new(write))
}

fn conflict(epoch: u64) -> Outcome {
    Outcome::Refused(Fault::new(FaultCode::CommitConflict).with_number(epoch))
}

pub fn of_two_writers_one_commit_is_taken_at_an_epoch<B: Backend>(backend: &B) {
    drop(founded(backend));
    let barrier = Barrier::new(2);
    let mut outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let writers: Vec<_> = [(ONE, "one"), (TWO, "two")]
            .into_iter()
            .map(|(device, own)| {
                let mut writer = backend.writer();
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    write(writer.as_mut(), commits(CommitWrite { device, ..commit(1, own) }))
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    outcomes.sort_by_key(|outcome| *outcome != Outcome::Done);
    assert_eq!(outcomes, [Outcome::Done, conflict(2)]);
    let reader = backend.reader();
    assert_eq!(reader.groups().unwrap()[0].state.epoch, Epoch(2));
    assert_eq!(reader.commits(ROSTER, RosterGeneration(0), Epoch(1), 10).unwrap().len(), 1);
}

pub fn a_generation_is_founded_once_and_the_next_after_it<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let other = CommitWrite { device: TWO, bytes: b"other".to_vec(), ..founding(0) };
    assert_eq!(write(writer.as_mut(), commits(other)), conflict(1));
    assert_eq!(write(writer.as_mut(), commits(founding(2))), conflict(1));
    let next =
        CommitWrite { joined: vec![(TWO, Epoch(0))], welcomes: Vec::new(), device: TWO, ..founding(1) };
    assert_eq!(write(writer.as_mut(), commits(next)), Outcome::Done);
    assert_eq!(write(writer.as_mut(), commits(commit(1, "of generation 0"))), conflict(1));
    let group = backend.reader().groups().unwrap().remove(0).state;
    assert_eq!((group.generation, group.epoch), (RosterGeneration(1), Epoch(1)));
    assert_eq!(group.members.into_iter().collect::<Vec<_>>(), [(TWO, Epoch(0))]);
    assert_eq!(backend.reader().welcomes().unwrap(), [], "those of generation 0 are worth nothing");
}

pub fn the_same_commit_by_the_same_device_is_done_again<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let before = backend.reader().state().unwrap();
    assert_eq!(write(writer.as_mut(), commits(founding(0))), Outcome::Done);
    assert_eq!(write(writer.as_mut(), commits(CommitWrite { device: TWO, ..founding(0) })), conflict(1));
    assert_eq!(backend.reader().state().unwrap(), before);
}

pub fn a_commit_of_a_revoked_device_or_an_older_statement_is_not_taken<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let revoke = StatementWrite { revoked: vec![TWO], ..statement(1) };
    let outcomes = write_all(
        writer.as_mut(),
        vec![
            Operation::State(Box::new(revoke)),
            commits(commit(1, "judged at 0")),
            commits(CommitWrite { device: TWO, statement: StatementNumber(1), ..commit(1, "revoked") }),
            commits(CommitWrite { statement: StatementNumber(1), ..commit(1, "judged at 1") }),
        ],
    );
    let revoked = Outcome::Refused(FaultCode::DeviceRevoked.into());
    assert_eq!(outcomes, [Outcome::Done, Outcome::Overtaken, revoked, Outcome::Done]);
}

pub fn floors_rise_only_where_statements_are_closed<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let of_epoch = |uid, epoch| append(with_header(entry(uid, "a"), |header| header.epoch = Epoch(epoch)));
    let stale = |epoch| Outcome::Refused(Fault::new(FaultCode::StaleEpoch).with_number(epoch));
    let outcomes = write_all(
        writer.as_mut(),
        vec![
            commits(commit(1, "update")),
            of_epoch(1, 1),
            of_epoch(2, 3),
            commits(CommitWrite { raises_floor: true, ..commit(2, "closes") }),
            of_epoch(3, 2),
            of_epoch(3, 3),
            append(with_header(entry(4, "a"), |header| header.generation = RosterGeneration(1))),
        ],
    );
    assert!(stood(&outcomes[1]).fresh && stood(&outcomes[5]).fresh);
    assert_eq!((&outcomes[2], &outcomes[4], &outcomes[6]), (&stale(2), &stale(3), &stale(3)));
}

fn refusal(generation: u32) -> CommitRefused {
    CommitRefused {
        roster: RosterName::Stated(ROSTER),
        generation: RosterGeneration(generation),
        epoch: Epoch(1),
        commit: Hash([0; 32]),
        device: TWO,
        signature: Signature([0; 64]),
    }
}

pub fn members_and_refusals_are_those_of_the_standing_generation<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let moved = CommitWrite { joined: vec![(THREE, Epoch(2))], left: vec![TWO], ..commit(1, "moves") };
    let outcomes = write_all(
        writer.as_mut(),
        vec![Operation::RefuseCommit(refusal(0)), Operation::RefuseCommit(refusal(0)), commits(moved)],
    );
    assert_eq!(outcomes, vec![Outcome::Done; 3]);
    let group = backend.reader().groups().unwrap().remove(0).state;
    assert_eq!(group.members.into_iter().collect::<Vec<_>>(), [(ONE, Epoch(0)), (THREE, Epoch(2))]);
    assert_eq!(group.refusals, [TWO]);
    let rows = backend.reader().control(0, 100).unwrap();
    assert_eq!(rows.iter().filter(|(_, row)| matches!(row, ControlRow::Refused(_))).count(), 1);
    assert_eq!(write(writer.as_mut(), commits(founding(1))), Outcome::Done);
    assert_eq!(backend.reader().groups().unwrap()[0].state.refusals, []);
}

pub fn a_tree_is_kept_as_long_as_a_welcome_needs_it<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    for epoch in 1..9 {
        assert_eq!(write(writer.as_mut(), commits(commit(epoch, "update"))), Outcome::Done);
    }
    let reader = backend.reader();
    let [(device, number)] = reader.welcomes().unwrap()[..] else { panic!("not one welcome") };
    assert_eq!(device, TWO);
    assert!(matches!(reader.welcome(number).unwrap(), Some(Control::Welcome { tree, .. })
        if &tree[..] == b"tree 0 founding"));
    let info = reader.group_info(ROSTER).unwrap().unwrap();
    assert_eq!((info.epoch, info.tree), (Epoch(9), b"tree 8 update".to_vec()));
    write(writer.as_mut(), Operation::Welcomed { device: TWO, mark: number - 1 });
    assert!(reader.welcome(number).unwrap().is_some());
    write(writer.as_mut(), Operation::Welcomed { device: TWO, mark: number });
    assert_eq!((reader.welcome(number).unwrap(), reader.welcomes().unwrap()), (None, Vec::new()));
}

pub fn the_control_stream_is_in_the_order_of_the_writes<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let late = CommitWrite { statement: StatementNumber(1), ..commit(1, "late") };
    write_all(writer.as_mut(), vec![Operation::State(Box::new(statement(1))), commits(late)]);
    let reader = backend.reader();
    let rows = reader.control(0, 100).unwrap();
    let kinds: Vec<_> = rows
        .iter()
        .map(|(_, row)| match row {
            ControlRow::Statement(_) => "statement",
            ControlRow::Commit { .. } => "commit",
            ControlRow::Welcome { .. } => "welcome",
            ControlRow::Refused(_) => "refused",
            ControlRow::Directory(_) => "directory",
            ControlRow::DatedHead(_) => "dated head",
            ControlRow::Bundle { .. } => "bundle",
            ControlRow::Receipt { .. } => "receipt",
            ControlRow::Call { .. } => "call",
        })
        .collect();
    assert_eq!(kinds, ["statement", "commit", "welcome", "statement", "commit"]);
    assert!(rows.is_sorted_by_key(|(number, _)| *number));
    assert_eq!(rows.last().unwrap().0, reader.state().unwrap().control);
    assert_eq!(reader.control(rows[2].0, 1).unwrap(), rows[3..4]);
}

fn handed(reach: u64, sealed: &str) -> Operation {
    let bundle = Bundle {
        roster: RosterName::Stated(ROSTER),
        to: THREE,
        admitted: StatementNumber(0),
        author: ONE,
        complete: reach == 0,
        sealed: sealed.as_bytes().to_vec().into(),
        signature: Signature([0; 64]),
    };
    Operation::Bundle(Box::new(BundleWrite { roster: ROSTER, bundle, reach: StatementNumber(reach) }))
}

pub fn a_bundle_is_kept_for_who_lacks_it_until_it_is_stored<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let reader = backend.reader();
    write(writer.as_mut(), handed(0, "to nobody who lacks it"));
    assert_eq!((reader.bundles().unwrap(), reader.debts().unwrap()), (vec![], vec![]));
    let owed = vec![(THREE, StatementNumber(0))];
    let arrival = CommitWrite { joined: vec![(THREE, Epoch(2))], owed, ..commit(1, "arrival") };
    assert_eq!(write(writer.as_mut(), commits(arrival)), Outcome::Done);
    assert_eq!(reader.debts().unwrap()[0].reach, DebtRow::NOTHING);
    write_all(
        writer.as_mut(),
        vec![handed(7, "a part"), handed(9, "less"), handed(0, "all"), handed(0, "all")],
    );
    assert_eq!(reader.debts().unwrap()[0].reach, StatementNumber(0));
    let waiting = reader.bundles().unwrap();
    let sealed: Vec<_> = waiting
        .iter()
        .map(|(device, number)| match reader.bundle(*number).unwrap() {
            Some(Control::Bundle(bundle)) => (*device, bundle.sealed.to_vec()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sealed, [(THREE, b"a part".to_vec()), (THREE, b"all".to_vec())]);
    let first = waiting[0].1;
    write(writer.as_mut(), Operation::Welcomed { device: THREE, mark: first });
    assert_eq!(reader.bundle(first).unwrap(), None);
    assert_eq!(reader.bundles().unwrap(), [waiting[1]]);
    let leaves = CommitWrite { left: vec![THREE], ..commit(2, "leaves") };
    assert_eq!(write(writer.as_mut(), commits(leaves)), Outcome::Done);
    assert_eq!((reader.bundles().unwrap(), reader.debts().unwrap()), (vec![], vec![]));
}
