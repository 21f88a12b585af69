//! Announcements: what they have in common, and receipts.

use estafette_protocol::announcement::{Announced, Common, Receipt};
use estafette_protocol::{AgentNumber, DeviceId, EntryUid, FaultCode, Hash, Signature, Timestamp};
use estafette_server::store::{
    Append, CommonWrite, ControlRow, Operation, Outcome, ReceiptWrite, Window, Withdrawal,
};

use crate::backend::{Backend, ONE, THREAD, TWO, append, entry, founded, stood, with_header, write};

const VERSION: EntryUid = EntryUid([8; 16]);

fn common() -> Common {
    Common(b"sealed for all teams".to_vec().into())
}

fn announcing(uid: u32, corrects: Option<EntryUid>) -> Append {
    with_header(entry(uid, "the key"), |header| {
        header.announced = Some(Announced { version: VERSION, common: common().hash(), corrects });
        header.acknowledgement_due = Some(Timestamp(9000));
    })
}

fn brings() -> Operation {
    Operation::Common(CommonWrite { author: ONE, common: common() })
}

fn receipt(agent: u32, device: DeviceId, version: EntryUid, common: Hash) -> Operation {
    let signature = Signature([agent as u8; 64]);
    let receipt = Receipt { thread: THREAD, version, common, device, at: Timestamp(2000), signature };
    Operation::Receipt(Box::new(ReceiptWrite { agent: AgentNumber(agent), receipt }))
}

pub fn an_announcement_stands_only_with_what_it_has_in_common<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let refused = write(writer.as_mut(), append(announcing(1, None)));
    assert!(matches!(refused, Outcome::Refused(fault) if fault.code == FaultCode::CommonMissing));
    assert_eq!(write(writer.as_mut(), brings()), Outcome::Done);
    assert_eq!(write(writer.as_mut(), brings()), Outcome::Done);
    let stood = stood(&write(writer.as_mut(), append(announcing(1, None))));
    let all = Window {
        thread: THREAD,
        after: 0,
        until: u64::MAX >> 1,
        statement: stood.placement.statement,
        received_at: Timestamp(0),
    };
    let reader = backend.reader();
    assert_eq!(reader.oldest(&all, 10).unwrap()[0].common, Some(common()));
    let announced = reader.announced().unwrap();
    assert_eq!((announced.len(), announced[0].due), (1, Some(Timestamp(9000))));
    assert_eq!(announced[0].announced.common, common().hash());
}

pub fn of_a_person_the_first_receipt_counts_and_no_other<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    let hash = common().hash();
    let give = |agent, device| receipt(agent, device, VERSION, hash);
    let refused = write(writer.as_mut(), give(2, TWO));
    assert!(matches!(refused, Outcome::Refused(fault) if fault.code == FaultCode::NotFound));
    write(writer.as_mut(), brings());
    write(writer.as_mut(), append(announcing(1, None)));
    let before = backend.reader().state().unwrap().control;
    assert_eq!(write(writer.as_mut(), give(2, TWO)), Outcome::Done);
    assert_eq!(write(writer.as_mut(), give(2, TWO)), Outcome::Repeated);
    assert_eq!(write(writer.as_mut(), give(2, ONE)), Outcome::Repeated, "from another device of the same");
    let other = receipt(3, TWO, EntryUid([9; 16]), hash);
    assert!(matches!(write(writer.as_mut(), other), Outcome::Refused(fault)
        if fault.code == FaultCode::ReceiptInvalid));
    let reader = backend.reader();
    assert_eq!(reader.acknowledged().unwrap(), [(hash, AgentNumber(2))]);
    let control = reader.control(before, 10).unwrap();
    assert_eq!(control.len(), 1);
    let ControlRow::Receipt { issuer, receipt } = &control[0].1 else { panic!("{control:?}") };
    assert_eq!((*issuer, receipt.device), (ONE, TWO));
}

pub fn with_its_last_entry_all_of_an_announcement_is_gone<B: Backend>(backend: &B) {
    let mut writer = founded(backend);
    write(writer.as_mut(), brings());
    for uid in [1, 2] {
        stood(&write(writer.as_mut(), append(announcing(uid, None))));
    }
    let control = backend.reader().state().unwrap().control;
    assert_eq!(write(writer.as_mut(), receipt(2, TWO, VERSION, common().hash())), Outcome::Done);
    let names: Vec<EntryUid> = [1, 2].map(|uid| announcing(uid, None).entry.header.uid).to_vec();
    let withdraw = |entry| {
        let withdrawal = Withdrawal { thread: THREAD, authors: vec![ONE], entries: vec![entry], above: None };
        Operation::Withdraw(Box::new(withdrawal))
    };
    assert_eq!(write(writer.as_mut(), withdraw(names[0])), Outcome::Erased(1));
    let reader = backend.reader();
    assert!(reader.common(common().hash()).unwrap().is_some());
    assert_eq!(reader.acknowledged().unwrap().len(), 1);
    assert_eq!(write(writer.as_mut(), withdraw(names[1])), Outcome::Erased(1));
    assert_eq!(reader.common(common().hash()).unwrap(), None);
    assert_eq!(reader.acknowledged().unwrap(), []);
    assert_eq!(reader.announced().unwrap(), []);
    assert_eq!(reader.control(control, 10).unwrap(), []);
}
