//! The audit: lines stand with their act or not at all, and nothing takes one away.

use std::sync::Barrier;

use estafette_protocol::{FaultCode, Hash, Signature, Timestamp, codec};
use estafette_server::audit::verify::Chain;
use estafette_server::audit::{Draft, Head, Line, SignedHead, Subject, What, Who};
use estafette_server::store::{Operation, Outcome, Reader};

use crate::backend::{Backend, ONE, founded, statement, write, write_all};

fn draft(number: u64) -> Draft {
    let subject = Subject { value: Some(number), ..Subject::default() };
    Draft { at: Timestamp(number), who: Who::Operator, what: What::CalendarSet, subject }
}

/// Every line, after its chain was followed.
fn lines(reader: &dyn Reader) -> Vec<Line> {
    let (mut chain, mut lines) = (Chain::default(), Vec::new());
    for row in reader.audit(0, 10_000).unwrap() {
        let line: Line = codec::from_bytes(&row.body, usize::MAX).unwrap();
        chain.follow(&line, &row.body, row.hash).unwrap();
        lines.push(line);
    }
    assert_eq!(chain.head(), reader.audit_end().unwrap());
    lines
}

fn values(reader: &dyn Reader) -> Vec<u64> {
    lines(reader).into_iter().filter_map(|line| line.subject.value).collect()
}

pub fn lines_stand_with_their_act_or_not_at_all<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let audited = |statement, value| {
        Operation::Audited(Box::new(Operation::State(Box::new(statement))), vec![draft(value), draft(value)])
    };
    let mut other = statement(1);
    other.signed.body = vec![9; 8].into();
    let outcomes = write_all(
        writer.as_mut(),
        vec![audited(statement(1), 1), audited(statement(1), 2), audited(other, 3)],
    );
    assert_eq!(outcomes[..2], [Outcome::Done, Outcome::Repeated]);
    assert!(matches!(outcomes[2], Outcome::Refused(_)));
    assert_eq!(values(backend.reader().as_ref()), [1, 1], "told once, and only what was done");
}

pub fn a_refusal_is_told_though_its_request_was_replayed<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let number = || Operation::RequestNumber { device: ONE, number: 5, day: Timestamp(0) };
    let act = Operation::Audited(Box::new(Operation::State(Box::new(statement(1)))), vec![draft(1)]);
    write(writer.as_mut(), number());
    let outcomes = write_all(writer.as_mut(), vec![number(), act, Operation::Audit(vec![draft(2)])]);
    let replayed = |outcome: &Outcome| matches!(outcome, Outcome::Refused(fault) if fault.code == FaultCode::RequestReplayed);
    assert!(replayed(&outcomes[0]) && replayed(&outcomes[1]));
    assert_eq!(outcomes[2], Outcome::Done);
    assert_eq!(values(backend.reader().as_ref()), [2]);
}

pub fn of_two_writers_no_line_is_lost_and_the_chain_holds<B: Backend>(backend: &B) {
    drop(founded(backend));
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        for own in 0..2u64 {
            let (mut writer, barrier) = (backend.writer(), &barrier);
            scope.spawn(move || {
                barrier.wait();
                for number in 0..50 {
                    write(writer.as_mut(), Operation::Audit(vec![draft(2 * number + own)]));
                }
            });
        }
    });
    let mut values = values(backend.reader().as_ref());
    values.sort_unstable();
    assert_eq!(values, (0..100).collect::<Vec<_>>());
}

pub fn a_signed_head_is_kept_once_for_a_line<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let head = |at| SignedHead {
        head: Head { number: 1, hash: Hash([1; 32]) },
        at: Timestamp(at),
        signature: Signature([2; 64]),
    };
    assert_eq!(write(writer.as_mut(), Operation::AuditHead(head(1))), Outcome::Done);
    assert_eq!(write(writer.as_mut(), Operation::AuditHead(head(2))), Outcome::Repeated);
    assert_eq!(backend.reader().audit_heads().unwrap(), [head(1)]);
}
