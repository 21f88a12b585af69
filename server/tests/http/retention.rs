//! `estafette-relay retention`: counts first, then erases, then finds nothing.

use std::sync::Arc;

use estafette_protocol::entry::{EntryKind, Header, SealedEntry, Urgency};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::{Act, Class};
use estafette_protocol::{
    AuthEpoch, EntryUid, Epoch, RosterGeneration, RosterId, Salt, StatementNumber, Timestamp,
};
use estafette_server::serve::organisation_folders;
use estafette_server::store::sqlite::SqliteStore;
use estafette_server::store::{
    Append, Batch, CommitWrite, Fence, Operation, Outcome, Reader as _, Verdict, Writer as _,
};

use crate::organisation::Organisation;
use crate::program::relay as program;
use crate::running::{Folder, connect};

#[tokio::test]
async fn the_command_counts_then_erases_then_finds_nothing() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let roster = RosterId([5; 32]);
    let (class, team) = (Class::Service, None);
    let create = Act::CreateRoster { roster, class, team, retention_days: 30 };
    organisation.state(&mut connect(&relay).await, vec![create]).await;
    relay.shutdown().await;

    // Entries of 2026, written as the relay would have written them then.
    let place = organisation_folders(&folder.config.organisations()).unwrap().remove(0);
    let store = SqliteStore::open(&place).unwrap();
    let statement = StatementNumber(
        store.reader().unwrap().statements(StatementNumber(0), 100).unwrap().len() as u64 - 1,
    );
    let author = organisation.admin.id;
    let founding = CommitWrite {
        roster,
        name: RosterName::Stated(roster),
        generation: RosterGeneration(0),
        epoch: Epoch(0),
        founds: Some(StatementNumber(0)),
        device: author,
        bytes: b"commit".to_vec(),
        statement,
        raises_floor: true,
        open_removals: false,
        joined: vec![(author, Epoch(0))],
        owed: Vec::new(),
        left: Vec::new(),
        welcomes: Vec::new(),
        key_packages: Vec::new(),
        group_info: Vec::new(),
        tree: Vec::new(),
        now: Timestamp(1_767_225_600_000),
    };
    let entry = |uid: u8| {
        let header = Header {
            version: 1,
            urgency: Urgency::Normal,
            kind: EntryKind::Create,
            thread: roster.first_thread(),
            generation: RosterGeneration(0),
            epoch: Epoch(1),
            uid: EntryUid([uid; 16]),
            salt: Salt([0; 8]),
            acknowledgement_due: None,
            escalation_minutes: None,
            announced: None,
            terms: None,
        };
        let entry = SealedEntry { header, sealed: vec![uid; 2000] };
        let verdict = Verdict::May(Fence { auth_epoch: AuthEpoch(0), statement });
        let (hash, now) = (entry.hash(), Timestamp(1_767_225_600_000));
        Operation::Append(Arc::new(Append { roster, author, hash, entry, verdict, now, off_hours: None }))
    };
    let operations = vec![Operation::Commit(Box::new(founding)), entry(1), entry(2), entry(3)];
    let outcomes = store.writer().unwrap().write(&[Batch { operations }]).unwrap().remove(0).outcomes;
    assert!(matches!(outcomes[1..], [Outcome::Appended(_), Outcome::Appended(_), Outcome::Appended(_)]));

    let run = |more: &[&str]| {
        let output = program(&["retention"], &folder.config.folder).args(more).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let with_bytes = || store.reader().unwrap().expired(roster.first_thread(), Timestamp::MAX).unwrap().0;
    let due = format!("roster {roster}, kept 30 days: 3 entries to erase");
    assert!(run(&["--dry-run"]).starts_with(&due));
    assert_eq!(with_bytes(), 3, "counted, not erased");
    assert!(run(&[]).starts_with(&due.replace("to erase", "erased")));
    assert_eq!(with_bytes(), 0);
    assert_eq!(run(&[]), "Nothing has passed its time.\n");
    let head = store.reader().unwrap().heads().unwrap().remove(0);
    assert_eq!(head.position.0, 3, "the places stay");
}
