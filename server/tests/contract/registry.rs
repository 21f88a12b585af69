//! Statements, numbers, key packages and enrolments.

use std::sync::Barrier;

use estafette_protocol::dated_head::DatedHead;
use estafette_protocol::enrol::SignedBinding;
use estafette_protocol::frame::Directory;
use estafette_protocol::{
    EnrolmentId, Fault, FaultCode, Hash, InventoryId, OrganisationId, Signature, StatementNumber, Timestamp,
};
use estafette_server::store::{
    ControlRow, EnrolmentStage, EnrolmentWrite, KeyPackageWrite, Operation, Outcome, Reservation,
    StatementWrite, Submission,
};

use crate::backend::{Backend, ONE, THREE, TWO, append, entry, founded, statement, stood, write, write_all};

pub fn of_two_writers_one_statement_follows_the_head<B: Backend>(backend: &B) {
    drop(founded(backend));
    let barrier = Barrier::new(2);
    let mut outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let writers: Vec<_> = [1, 2]
            .into_iter()
            .map(|own| {
                let mut writer = backend.writer();
                let barrier = &barrier;
                scope.spawn(move || {
                    let mut statement = statement(1);
                    statement.signed.body = vec![own; 8].into();
                    barrier.wait();
                    write(writer.as_mut(), Operation::State(Box::new(statement)))
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    outcomes.sort_by_key(|outcome| *outcome != Outcome::Done);
    let statements = backend.reader().statements(StatementNumber(0), 10).unwrap();
    let fault = Fault::new(FaultCode::StatementOutOfOrder).with_number(2).with_hash(statements[1].hash());
    assert_eq!((outcomes, statements.len()), (vec![Outcome::Done, Outcome::Refused(fault)], 2));
    let mut writer = backend.writer();
    assert_eq!(write(writer.as_mut(), Operation::State(Box::new(statement(0)))), Outcome::Repeated);
}

pub fn a_request_number_serves_once_and_refuses_what_follows_it<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let number = |number| Operation::RequestNumber { device: ONE, number, day: Timestamp(0) };
    assert_eq!(write_all(writer.as_mut(), vec![number(5), append(entry(1, "a"))])[0], Outcome::Done);
    let replayed = Outcome::Refused(Fault::new(FaultCode::RequestReplayed).with_number(5));
    let outcomes = write_all(writer.as_mut(), vec![number(5), append(entry(2, "b"))]);
    assert_eq!(outcomes, [replayed.clone(), replayed]);
    assert_eq!(write(writer.as_mut(), number(6)), Outcome::Done);
    assert_eq!(backend.reader().request_numbers().unwrap().get(&ONE), Some(&6));
    assert_eq!(backend.reader().state().unwrap().content, 1);
}

fn stock(count: u8) -> Operation {
    let packages = (0..count).map(|number| vec![number; 8]).collect();
    Operation::KeyPackages(KeyPackageWrite { device: TWO, packages, last_resort: Some(vec![99; 8]) })
}

fn reserve(now: u64) -> Operation {
    Operation::Reserve(Reservation {
        devices: vec![TWO, THREE],
        now: Timestamp(now),
        until: Timestamp(now + 60),
    })
}

fn reserved(outcome: Outcome) -> Vec<u8> {
    match outcome {
        Outcome::Reserved(packages) => {
            let [(device, bytes)] = &packages[..] else { panic!("not one: {packages:?}") };
            assert_eq!(*device, TWO, "a device without any is left out");
            bytes.clone()
        }
        other => panic!("not reserved: {other:?}"),
    }
}

pub fn two_writers_never_reserve_the_same_key_package<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    assert_eq!(write(writer.as_mut(), stock(20)), Outcome::Stock(20));
    let barrier = Barrier::new(2);
    let mut packages: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|_| {
                let mut writer = backend.writer();
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    (0..10).map(|_| reserved(write(writer.as_mut(), reserve(1000)))).collect::<Vec<_>>()
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    packages.sort_unstable();
    assert_eq!(packages, (0..20).map(|number| vec![number; 8]).collect::<Vec<_>>());
}

pub fn a_reservation_ends_and_the_last_resort_never_does<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    write(writer.as_mut(), stock(1));
    let mut take = |now| reserved(write(writer.as_mut(), reserve(now)))[0];
    assert_eq!([take(1000), take(1001), take(1059), take(1060)], [0, 99, 99, 0]);
    let mut writer = backend.writer();
    let replaced = KeyPackageWrite { device: TWO, packages: Vec::new(), last_resort: Some(vec![77; 8]) };
    assert_eq!(write(writer.as_mut(), Operation::KeyPackages(replaced)), Outcome::Stock(1));
    assert_eq!(reserved(write(writer.as_mut(), reserve(1061)))[0], 77);
}

fn enrolment(stage: EnrolmentStage) -> EnrolmentWrite {
    EnrolmentWrite {
        enrolment: EnrolmentId([5; 16]),
        inventory: InventoryId([6; 16]),
        claim: Hash([7; 32]),
        expires_at: Timestamp(5000),
        tries: 2,
        stage,
        submission: None,
    }
}

fn submission() -> Submission {
    let binding = SignedBinding {
        body: vec![1, 2].into(),
        es256: Signature([0; 64]),
        ed25519: Signature([1; 64]),
        mac: vec![3].into(),
    };
    Submission { binding, evidence: vec![4, 5], key_packages: vec![vec![10], vec![11], vec![12]] }
}

pub fn an_approved_device_has_its_key_packages_and_a_revoked_one_none<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let pending = EnrolmentStage::Pending { device: THREE, nonce: [9; 32], at: Timestamp(1) };
    let waiting = EnrolmentWrite { submission: Some(submission()), ..enrolment(pending) };
    let approve = StatementWrite { approved: vec![EnrolmentId([5; 16])], ..statement(1) };
    let outcomes = write_all(
        writer.as_mut(),
        vec![Operation::Enrolment(Box::new(waiting)), Operation::State(Box::new(approve))],
    );
    assert_eq!(outcomes, vec![Outcome::Done; 2]);
    let reader = backend.reader();
    assert_eq!(reader.enrolments().unwrap()[0].stage, EnrolmentStage::Active { device: THREE });
    assert_eq!(reader.stock(THREE).unwrap(), 2);
    let wish = Reservation { devices: vec![THREE], now: Timestamp(1), until: Timestamp(2) };
    let outcome = write(writer.as_mut(), Operation::Reserve(wish));
    assert_eq!(outcome, Outcome::Reserved(vec![(THREE, vec![10])]));
    let revoke = StatementWrite { revoked: vec![THREE], ..statement(2) };
    assert_eq!(write(writer.as_mut(), Operation::State(Box::new(revoke))), Outcome::Done);
    assert_eq!(reader.stock(THREE).unwrap(), 0);
}

pub fn an_enrolment_reads_back_at_every_stage<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let stages = [
        EnrolmentStage::Open,
        EnrolmentStage::Challenged { nonce: [1; 32], until: Timestamp(77) },
        EnrolmentStage::Pending { device: THREE, nonce: [2; 32], at: Timestamp(88) },
        EnrolmentStage::Active { device: THREE },
        EnrolmentStage::Refused,
        EnrolmentStage::Burnt,
    ];
    for stage in stages {
        let wanted = enrolment(stage);
        write(writer.as_mut(), Operation::Enrolment(Box::new(wanted.clone())));
        assert_eq!(backend.reader().enrolments().unwrap(), [wanted]);
    }
    assert_eq!(backend.reader().submission(EnrolmentId([5; 16])).unwrap(), None);
    let whole = EnrolmentWrite { submission: Some(submission()), ..enrolment(EnrolmentStage::Refused) };
    write(writer.as_mut(), Operation::Enrolment(Box::new(whole)));
    write(writer.as_mut(), Operation::Enrolment(Box::new(enrolment(EnrolmentStage::Refused))));
    assert_eq!(backend.reader().submission(EnrolmentId([5; 16])).unwrap(), Some(submission()));
}

pub fn one_organisation_is_founded_and_its_claim_burnt<B: Backend>(backend: &B) {
    let before = backend.reader().state().unwrap();
    assert_eq!(before.organisation, None);
    assert!(before.claim.is_some());
    let mut writer = founded(backend);
    let organisation = OrganisationId([7; 16]);
    let after = backend.reader().state().unwrap();
    assert_eq!((after.organisation, after.claim), (Some(organisation), None));
    assert_eq!(write(writer.as_mut(), Operation::Found(organisation)), Outcome::Repeated);
    let other = write(writer.as_mut(), Operation::Found(OrganisationId([8; 16])));
    assert_eq!(other, Outcome::Refused(FaultCode::EnrolmentUsed.into()));
}

pub fn the_last_directory_stands_alone<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let directory = |version| Directory {
        version,
        author: ONE,
        sealed: vec![version as u8; 8].into(),
        signature: Signature([0; 64]),
        keys: Vec::new(),
        recovery: None,
    };
    let put = |version| Operation::Directory(directory(version));
    let outcomes = write_all(writer.as_mut(), vec![put(2), put(2), put(1), put(3)]);
    let outdated = Outcome::Refused(Fault::new(FaultCode::SlotOutdated).with_number(2));
    assert_eq!(outcomes, [Outcome::Done, Outcome::Repeated, outdated, Outcome::Done]);
    let rows = backend.reader().control(0, 100).unwrap();
    let directories: Vec<_> =
        rows.into_iter().filter(|(_, row)| matches!(row, ControlRow::Directory(_))).collect();
    let last = backend.reader().state().unwrap().control;
    assert_eq!(directories, [(last, ControlRow::Directory(directory(3)))]);
}

pub fn the_newest_dated_head_stands_alone<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let head = |at| DatedHead {
        number: StatementNumber(0),
        hash: Hash([at as u8; 32]),
        at: Timestamp(at),
        device: ONE,
        signature: Signature([0; 64]),
    };
    let puts = [2, 2, 1, 3].map(|at| Operation::DatedHead(head(at)));
    assert_eq!(write_all(writer.as_mut(), puts.into()), vec![Outcome::Done; 4]);
    let rows = backend.reader().control(0, 100).unwrap();
    let heads: Vec<_> = rows.into_iter().filter(|(_, row)| matches!(row, ControlRow::DatedHead(_))).collect();
    let last = backend.reader().state().unwrap().control;
    assert_eq!(heads, [(last, ControlRow::DatedHead(head(3)))]);
}

pub fn everything_is_there_after_reopening<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    assert!(stood(&write(writer.as_mut(), append(entry(1, "a")))).fresh);
    write(writer.as_mut(), stock(3));
    let snapshot = |reader: &dyn estafette_server::store::Reader| {
        (
            reader.state().unwrap(),
            reader.groups().unwrap(),
            reader.heads().unwrap(),
            reader.statements(StatementNumber(0), 10).unwrap(),
            reader.control(0, 100).unwrap(),
            reader.stock(TWO).unwrap(),
        )
    };
    let before = snapshot(backend.reader().as_ref());
    drop(writer);
    assert_eq!(snapshot(backend.reader().as_ref()), before);
    let mut writer = backend.writer();
    assert!(!stood(&write(writer.as_mut(), append(entry(1, "a")))).fresh);
}
