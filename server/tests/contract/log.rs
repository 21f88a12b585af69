//! Entries and slots.

use std::sync::Barrier;

use estafette_protocol::entry::Urgency;
use estafette_protocol::frame::{Slot, SlotKind};
use estafette_protocol::{AuthEpoch, Epoch, Fault, FaultCode, Position, StatementNumber, Timestamp, chain};
use estafette_server::store::{
    Append, Batch, Erasure, Fence, Operation, Outcome, SlotWrite, StatementWrite, Verdict, Window,
};

use crate::backend::{
    Backend, ONE, ROSTER, THREAD, TWO, append, entry, founded, statement, stood, with_header, write,
    write_all,
};

const ALL: Window = Window {
    thread: THREAD,
    after: 0,
    until: u64::MAX,
    statement: StatementNumber(0),
    received_at: Timestamp(0),
};

pub fn positions_have_no_holes_and_the_chain_computes<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    write_all(writer.as_mut(), (0..5).map(|uid| append(entry(uid, "text"))).collect());
    let rows = backend.reader().oldest(&ALL, 10).unwrap();
    let mut hash = chain::start(THREAD);
    for (row, position) in rows.iter().zip(1..) {
        assert_eq!((row.placement.position, row.previous), (Position(position), hash));
        assert_eq!(Some(row.hash), row.entry.as_ref().map(|entry| entry.hash()));
        hash = chain::next(hash, row.hash, row.placement);
    }
    let heads = backend.reader().heads().unwrap();
    assert_eq!((rows.len(), heads.len()), (5, 1));
    assert_eq!((heads[0].position, heads[0].chain, heads[0].stream), (Position(5), hash, rows[4].stream));
}

pub fn what_is_erased_keeps_its_place_and_the_oldest_go_first<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let at = |uid: u32| append(Append { now: Timestamp(1000 + u64::from(uid)), ..entry(uid, "text") });
    let placed = write_all(writer.as_mut(), (0..6).map(at).collect());
    let line = estafette_server::audit::Draft {
        at: Timestamp(9000),
        who: estafette_server::audit::Who::Relay,
        what: estafette_server::audit::What::RetentionExecuted,
        subject: estafette_server::audit::Subject::default(),
    };
    let erase = |limit| {
        let (threads, before) = (vec![THREAD], Timestamp(1004));
        Operation::Erase(Box::new(Erasure { threads, before, limit, line: line.clone() }))
    };
    let left = || backend.reader().expired(THREAD, Timestamp(1004)).unwrap().0;
    assert_eq!(left(), 4);
    assert_eq!(write(writer.as_mut(), erase(3)), Outcome::Erased(3));
    assert_eq!(left(), 1);
    assert_eq!(write(writer.as_mut(), erase(3)), Outcome::Erased(1));
    assert_eq!(write(writer.as_mut(), erase(3)), Outcome::Erased(0));
    let rows = backend.reader().oldest(&ALL, 10).unwrap();
    let bytes: Vec<bool> = rows.iter().map(|row| row.entry.is_some()).collect();
    assert_eq!(bytes, [false, false, false, false, true, true]);
    let mut hash = chain::start(THREAD);
    for (row, stood) in rows.iter().zip(placed.iter().map(stood)) {
        assert_eq!((row.placement, row.hash, row.previous), (stood.placement, stood.hash, hash));
        hash = chain::next(hash, row.hash, row.placement);
    }
    assert_eq!(stood(&write(writer.as_mut(), at(2))).placement, stood(&placed[2]).placement);
    assert_eq!(backend.reader().audit_end().unwrap().number, 2, "a line for each time that some went");
}

pub fn an_entry_repeated_stands_once_and_says_what_stands<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let outcomes = write_all(
        writer.as_mut(),
        vec![
            append(entry(1, "a")),
            append(entry(1, "a")),
            append(entry(1, "b")),
            append(Append { author: TWO, ..entry(1, "a") }),
        ],
    );
    let [first, again, other, foreign] = &outcomes[..] else { panic!("not four") };
    assert!(stood(first).fresh && !stood(again).fresh && !stood(other).fresh && stood(foreign).fresh);
    assert_eq!(stood(again).placement, stood(first).placement);
    assert_eq!(stood(other).hash, entry(1, "a").hash);
    assert_eq!(stood(foreign).placement.position, Position(2));
}

pub fn of_two_writers_each_entry_gets_a_position_of_its_own<B: Backend>(backend: &B) {
    drop(founded(backend));
    let barrier = Barrier::new(2);
    let positions: Vec<u64> = std::thread::scope(|scope| {
        let writers: Vec<_> = [ONE, TWO]
            .map(|author| {
                let mut writer = backend.writer();
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    (0..20)
                        .map(|uid| {
                            let written =
                                write(writer.as_mut(), append(Append { author, ..entry(uid, "a") }));
                            stood(&written).placement.position.0
                        })
                        .collect::<Vec<_>>()
                })
            })
            .into_iter()
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    let mut sorted = positions.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=40).collect::<Vec<_>>());
}

pub fn a_time_that_goes_back_does_not_go_back_in_a_thread<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let times: Vec<_> = [5000, 2000, 6000]
        .into_iter()
        .zip(0..)
        .map(|(now, uid)| {
            let written = write(writer.as_mut(), append(Append { now: Timestamp(now), ..entry(uid, "a") }));
            stood(&written).placement.received_at.0
        })
        .collect();
    assert_eq!(times, [5000, 5000, 6000]);
}

pub fn an_author_revoked_in_the_same_transaction_is_fenced_out<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let revoke = StatementWrite { revoked: vec![ONE], ..statement(1) };
    let judged = |statement| Fence { auth_epoch: AuthEpoch(0), statement: StatementNumber(statement) };
    let late = Append { verdict: Verdict::May(judged(1)), ..entry(2, "b") };
    let batches = [
        Batch { operations: vec![append(entry(1, "a")), Operation::State(Box::new(revoke))] },
        Batch { operations: vec![append(late), append(entry(1, "a"))] },
    ];
    let outcomes = writer.write(&batches).unwrap();
    assert!(stood(&outcomes[0].outcomes[0]).fresh);
    assert_eq!(outcomes[1].outcomes[0], Outcome::Refused(FaultCode::DeviceRevoked.into()));
    assert!(!stood(&outcomes[1].outcomes[1]).fresh, "what stands is still answered");
}

pub fn an_entry_judged_by_an_older_statement_is_overtaken<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let outcomes =
        write_all(writer.as_mut(), vec![Operation::State(Box::new(statement(1))), append(entry(1, "a"))]);
    assert_eq!(outcomes, [Outcome::Done, Outcome::Overtaken]);
    assert_eq!(backend.reader().count(&ALL, 10).unwrap(), 0);
}

pub fn a_refused_entry_is_refused_unless_it_is_known<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let may_not = || Verdict::MayNot(FaultCode::NotAMember.into());
    let refused = |uid| append(Append { verdict: may_not(), ..entry(uid, "a") });
    let outcomes = write_all(writer.as_mut(), vec![append(entry(1, "a")), refused(1), refused(2)]);
    assert!(!stood(&outcomes[1]).fresh);
    assert_eq!(outcomes[2], Outcome::Refused(FaultCode::NotAMember.into()));
}

pub fn normal_entries_wait_for_open_removals_and_urgent_ones_do_not<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let judged = |statement, append: Append| {
        let fence = Fence { auth_epoch: AuthEpoch(0), statement: StatementNumber(statement) };
        Append { verdict: Verdict::May(fence), ..append }
    };
    let opened = StatementWrite { open_removals: vec![(ROSTER, true)], ..statement(1) };
    let closed = StatementWrite { open_removals: vec![(ROSTER, false)], ..statement(2) };
    let urgent = with_header(entry(2, "b"), |header| header.urgency = Urgency::Emergency);
    // Both an open removal and an old epoch: the removal is named first.
    let old = with_header(entry(3, "c"), |header| header.epoch = Epoch(0));
    let outcomes = write_all(
        writer.as_mut(),
        vec![
            Operation::State(Box::new(opened)),
            append(judged(1, entry(1, "a"))),
            append(judged(1, urgent)),
            append(judged(1, old)),
            Operation::State(Box::new(closed)),
            append(judged(2, entry(1, "a"))),
        ],
    );
    let waits = Outcome::Refused(FaultCode::RemovalOpen.into());
    assert_eq!((&outcomes[1], &outcomes[3]), (&waits, &waits));
    assert!(stood(&outcomes[2]).fresh && stood(&outcomes[5]).fresh);
}

pub fn a_window_counts_cuts_and_bounds<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    for uid in 0..6 {
        let urgency = if uid == 3 { Urgency::OnCall } else { Urgency::Normal };
        let entry = with_header(entry(uid, "a"), |header| header.urgency = urgency);
        write(writer.as_mut(), append(Append { now: Timestamp(1000 + u64::from(uid)), ..entry }));
    }
    let reader = backend.reader();
    let positions = |rows: Vec<estafette_server::store::EntryRow>| {
        rows.iter().map(|row| row.placement.position.0).collect::<Vec<_>>()
    };
    let streams: Vec<_> = reader.oldest(&ALL, 10).unwrap().iter().map(|row| row.stream).collect();
    let middle = Window { after: streams[0], until: streams[4], ..ALL };
    assert_eq!(positions(reader.oldest(&middle, 10).unwrap()), [2, 3, 4, 5]);
    assert_eq!(positions(reader.oldest(&middle, 2).unwrap()), [2, 3]);
    assert_eq!(positions(reader.newest(&middle, 2).unwrap()), [4, 5]);
    assert_eq!(positions(reader.urgent(&ALL, 10).unwrap()), [4]);
    assert_eq!((reader.count(&middle, 10).unwrap(), reader.count(&middle, 3).unwrap()), (4, 3));
    assert_eq!(reader.bounds(&middle).unwrap(), Some((Position(2), Position(5))));
    assert_eq!(reader.bounds(&Window { after: streams[5], ..ALL }).unwrap(), None);
    assert_eq!(positions(reader.range(&middle, Position(1), Position(3), 10).unwrap()), [2, 3]);
    let since = Window { received_at: Timestamp(1004), ..ALL };
    assert_eq!(positions(reader.oldest(&since, 10).unwrap()), [5, 6]);
    assert_eq!(reader.count(&Window { statement: StatementNumber(1), ..ALL }, 10).unwrap(), 0);
}

pub fn a_slot_only_grows<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let slot = |version, text: &str| {
        let sealed = text.as_bytes().to_vec().into();
        Slot { thread: THREAD.into(), device: ONE, kind: SlotKind::Read, version, sealed }
    };
    let put = |slot| Operation::Slot(SlotWrite { slot });
    let outcomes = write_all(
        writer.as_mut(),
        vec![put(slot(2, "b")), put(slot(2, "c")), put(slot(1, "a")), put(slot(5, "d"))],
    );
    let outdated = Outcome::Refused(Fault::new(FaultCode::SlotOutdated).with_number(2));
    assert_eq!(outcomes, [Outcome::Done, outdated.clone(), outdated, Outcome::Done]);
    let reader = backend.reader();
    let slots = reader.slots(THREAD, 0).unwrap();
    assert_eq!(slots.iter().map(|(_, slot)| slot.clone()).collect::<Vec<_>>(), [slot(5, "d")]);
    assert_eq!(slots[0].0, reader.state().unwrap().slots);
    assert_eq!(reader.slots(THREAD, slots[0].0).unwrap(), []);
}

pub fn what_was_not_written_was_not_written_in_part<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    write(writer.as_mut(), append(entry(1, "a")));
    let before = (backend.reader().state().unwrap(), backend.reader().heads().unwrap());
    // The second statement of one number in one batch is refused, the first is kept: outcomes are
    // each write's own, a failure of the store is all writes'.
    let outcomes =
        write_all(writer.as_mut(), vec![append(entry(2, "b")), Operation::State(Box::new(statement(9)))]);
    assert!(stood(&outcomes[0]).fresh);
    assert_eq!(
        outcomes[1],
        Outcome::Refused(
            Fault::new(FaultCode::StatementOutOfOrder).with_number(1).with_hash(statement(0).signed.hash())
        )
    );
    let after = (backend.reader().state().unwrap(), backend.reader().heads().unwrap());
    assert_eq!((before.0.content + 1, before.0.control), (after.0.content, after.0.control));
}

pub fn a_batch_is_read_only_after_it_was_written<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let reader = backend.reader();
    assert_eq!(reader.count(&ALL, 10).unwrap(), 0);
    write(writer.as_mut(), append(entry(1, "a")));
    assert_eq!(reader.count(&ALL, 10).unwrap(), 1);
    assert_eq!(reader.state().unwrap().content, 1);
}
