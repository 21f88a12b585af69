//! Calls of urgent entries: begun with them, told as they go on, ended by an answer, gone with their bytes.

use estafette_protocol::entry::Urgency;
use estafette_protocol::hours::LegalBasis;
use estafette_protocol::urgency::{Answer, Asked, Terms};
use estafette_protocol::{AgentNumber, FaultCode, Signature, Timestamp};
use estafette_server::store::{AnswerWrite, Append, CallWrite, ControlRow, Operation, Outcome, Withdrawal};

use crate::backend::{Backend, ONE, THREAD, TWO, append, entry, founded, stood, with_header, write};

fn urgent(uid: u32, until: u64) -> Append {
    with_header(entry(uid, "urgent"), |header| {
        let (basis, reason) = (LegalBasis::PERMANENT_PROTECTION, "Crue.".to_owned());
        header.urgency = Urgency::Emergency;
        header.terms = Some(Terms { basis, reason, until: Timestamp(until) });
        header.escalation_minutes = Some(7);
    })
}

fn asked(agent: u32) -> Asked {
    Asked { agent: AgentNumber(agent), at: Timestamp(2000) }
}

fn step(stream: u64, asked: Vec<Asked>) -> Operation {
    Operation::Call(Box::new(CallWrite { stream, asked, ended_at: None, unanswered: false }))
}

fn answers(stream: u64, append: &Append, agent: u32) -> Operation {
    let answer = Answer {
        thread: THREAD,
        entry: append.entry.header.uid,
        hash: append.hash,
        device: TWO,
        at: Timestamp(3000),
        signature: Signature([1; 64]),
    };
    let write = AnswerWrite { stream, agent: AgentNumber(agent), answer, at: Timestamp(3001) };
    Operation::Answer(Box::new(write))
}

fn not_found(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(fault) if fault.code == FaultCode::NotFound)
}

pub fn a_call_begins_with_its_entry_and_ends_with_the_first_answer<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let entry = urgent(1, 9000);
    let stream = stood(&write(writer.as_mut(), append(urgent(1, 9000)))).stream;
    // The same entry again begins nothing; one whose end has passed, and an ordinary one, neither.
    write(writer.as_mut(), append(urgent(1, 9000)));
    write(writer.as_mut(), append(urgent(2, 1000)));
    write(writer.as_mut(), append(crate::backend::entry(3, "plain")));
    let open = backend.reader().open_calls().unwrap();
    let [call] = &open[..] else { panic!("{open:?}") };
    assert_eq!(
        (call.stream, call.entry, call.hash, call.author),
        (stream, entry.entry.header.uid, entry.hash, ONE)
    );
    assert_eq!((call.until, call.minutes, call.asked.len()), (Timestamp(9000), 7, 0));

    let before = backend.reader().state().unwrap().control;
    assert_eq!(write(writer.as_mut(), step(stream, vec![asked(4)])), Outcome::Done);
    assert_eq!(write(writer.as_mut(), step(stream, vec![asked(4), asked(2)])), Outcome::Done);
    let reader = backend.reader();
    let rows = reader.control(before, 10).unwrap();
    assert_eq!(rows.len(), 1, "a report takes the place of the one before");
    assert_eq!(rows[0].1, ControlRow::Call { stream });
    assert_eq!(reader.call(stream).unwrap().unwrap().asked, [asked(4), asked(2)]);

    assert!(not_found(&write(writer.as_mut(), answers(99, &entry, 2))));
    assert_eq!(write(writer.as_mut(), answers(stream, &entry, 2)), Outcome::Done);
    assert_eq!(write(writer.as_mut(), answers(stream, &entry, 2)), Outcome::Repeated);
    assert_eq!(write(writer.as_mut(), answers(stream, &entry, 4)), Outcome::Done, "a second person too");
    assert!(not_found(&write(writer.as_mut(), step(stream, vec![asked(4), asked(2), asked(3)]))));
    let reader = backend.reader();
    assert_eq!(reader.open_calls().unwrap(), []);
    let call = reader.call_of(THREAD, entry.entry.header.uid).unwrap().unwrap();
    let who: Vec<_> = call.answers.iter().map(|(agent, _)| agent.0).collect();
    assert_eq!((call.ended_at, call.unanswered, who), (Some(Timestamp(3001)), false, vec![2, 4]));
}

pub fn a_call_goes_with_the_bytes_of_its_entry<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let entry = urgent(1, 9000);
    let stream = stood(&write(writer.as_mut(), append(urgent(1, 9000)))).stream;
    write(writer.as_mut(), step(stream, vec![asked(4)]));
    write(writer.as_mut(), answers(stream, &entry, 4));
    let entries = vec![entry.entry.header.uid];
    let withdrawal = Withdrawal { thread: THREAD, authors: vec![ONE], entries, above: None };
    write(writer.as_mut(), Operation::Withdraw(Box::new(withdrawal)));
    let reader = backend.reader();
    assert_eq!(reader.call(stream).unwrap(), None);
    let rows = reader.control(0, 100).unwrap();
    assert!(rows.iter().all(|(_, row)| !matches!(row, ControlRow::Call { .. })), "{rows:?}");
    assert!(not_found(&write(writer.as_mut(), answers(stream, &entry, 4))));
}
