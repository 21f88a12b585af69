//! What a backend gives to the stories, and the values that they write.

use std::sync::Arc;

use estafette_protocol::entry::{EntryKind, Header, SealedEntry, Urgency};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::SignedStatement;
use estafette_protocol::{
    AuthEpoch, DeviceId, EntryUid, Epoch, OrganisationId, RosterGeneration, RosterId, Salt, Signature,
    StatementNumber, ThreadId, Timestamp,
};
use estafette_server::store::{
    Append, Batch, CommitWrite, Fence, Operation, Outcome, Reader, StatementWrite, Stood, Verdict, Writer,
};

/// An empty store, which can be opened more than once.
pub trait Backend: Default {
    /// Another connection that writes.
    fn writer(&self) -> Box<dyn Writer>;
    /// Another connection that reads.
    fn reader(&self) -> Box<dyn Reader>;
}

pub const ROSTER: RosterId = RosterId([1; 32]);
pub const THREAD: ThreadId = ThreadId([1; 32]);
pub const ONE: DeviceId = DeviceId([1; 16]);
pub const TWO: DeviceId = DeviceId([2; 16]);
pub const THREE: DeviceId = DeviceId([3; 16]);

/// Writes one operation alone.
pub fn write(writer: &mut dyn Writer, operation: Operation) -> Outcome {
    write_all(writer, vec![operation]).remove(0)
}

/// Writes operations in one batch.
pub fn write_all(writer: &mut dyn Writer, operations: Vec<Operation>) -> Vec<Outcome> {
    writer.write(&[Batch { operations }]).unwrap().remove(0).outcomes
}

/// An organisation with one statement and a founded group of devices one and two, at epoch 1.
pub fn founded<B: Backend>(backend: &B) -> Box<dyn Writer> {
    let mut writer = backend.writer();
    let operations = vec![
        Operation::Found(OrganisationId([7; 16])),
        Operation::State(Box::new(statement(0))),
        Operation::Commit(Box::new(founding(0))),
    ];
    assert_eq!(write_all(writer.as_mut(), operations), vec![Outcome::Done; 3]);
    writer
}

/// A statement of these bytes; stores do not read them.
pub fn statement(number: u64) -> StatementWrite {
    StatementWrite {
        number: StatementNumber(number),
        signed: SignedStatement { body: vec![number as u8; 40].into(), signature: Signature([0; 64]) },
        revoked: Vec::new(),
        open_removals: Vec::new(),
        approved: Vec::new(),
    }
}

/// The founding commit of a generation by device one, which adds device two.
pub fn founding(generation: u32) -> CommitWrite {
    CommitWrite {
        generation: RosterGeneration(generation),
        founds: Some(StatementNumber(0)),
        raises_floor: true,
        joined: vec![(ONE, Epoch(0)), (TWO, Epoch(1))],
        welcomes: vec![(TWO, b"welcome".to_vec())],
        ..commit(0, "founding")
    }
}

/// A key update by device one.
pub fn commit(epoch: u64, own: &str) -> CommitWrite {
    CommitWrite {
        roster: ROSTER,
        name: RosterName::Stated(ROSTER),
        generation: RosterGeneration(0),
        epoch: Epoch(epoch),
        founds: None,
        device: ONE,
        bytes: format!("commit {epoch} {own}").into_bytes(),
        statement: StatementNumber(0),
        raises_floor: false,
        open_removals: false,
        joined: Vec::new(),
        owed: Vec::new(),
        left: Vec::new(),
        welcomes: Vec::new(),
        key_packages: Vec::new(),
        group_info: format!("info {epoch} {own}").into_bytes(),
        tree: format!("tree {epoch} {own}").into_bytes(),
        now: Timestamp(1000),
    }
}

/// A normal entry of device one at epoch 1, judged at statement 0.
pub fn entry(uid: u32, text: &str) -> Append {
    let mut name = [0; 16];
    name[..4].copy_from_slice(&uid.to_be_bytes());
    let entry = SealedEntry {
        header: Header {
            version: 1,
            urgency: Urgency::Normal,
            kind: EntryKind::Create,
            thread: THREAD,
            generation: RosterGeneration(0),
            epoch: Epoch(1),
            uid: EntryUid(name),
            salt: Salt([0; 8]),
            acknowledgement_due: None,
            escalation_minutes: None,
            announced: None,
            terms: None,
        },
        sealed: text.as_bytes().to_vec(),
    };
    Append {
        roster: ROSTER,
        author: ONE,
        hash: entry.hash(),
        entry,
        verdict: Verdict::May(Fence { auth_epoch: AuthEpoch(0), statement: StatementNumber(0) }),
        now: Timestamp(1000),
        off_hours: None,
    }
}

/// The same entry with another epoch or urgency.
pub fn with_header(append: Append, change: impl FnOnce(&mut Header)) -> Append {
    let mut append = append;
    change(&mut append.entry.header);
    append.hash = append.entry.hash();
    append
}

pub fn append(append: Append) -> Operation {
    Operation::Append(Arc::new(append))
}

/// Where an entry stands.
pub fn stood(outcome: &Outcome) -> Stood {
    match outcome {
        Outcome::Appended(stood) => *stood,
        other => panic!("not appended: {other:?}"),
    }
}
