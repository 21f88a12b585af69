//! The project's own conversation through a real relay, and what a verdict must see.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![cfg(feature = "dev-attestation")]

use std::path::{Path, PathBuf};

use estafette_core::store::{self, DatabaseKey};
use estafette_desk::replay::conversation::Conversation;
use estafette_desk::replay::verdict::Verdict;
use estafette_desk::replay::{DATABASE, KEY, Options, judge, run};
use estafette_protocol::Hash;

const CLEAN: Verdict = Verdict { lost: 0, duplicated: 0, diverged: 0, undecryptable: 0 };
const SEED: u64 = 11;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/conversation.jsonl")
}

/// The kept devices of a replay, copied for each change that is made to them.
struct Kept {
    folder: PathBuf,
    conversation: Conversation,
}

impl Kept {
    /// The verdict after one device's database, or all, were changed by SQL.
    fn after(&self, devices: &[&str], sql: &str) -> Verdict {
        let copy = tempfile::tempdir().unwrap();
        for author in &self.conversation.authors {
            let (from, to) = (self.folder.join(author), copy.path().join(author));
            std::fs::create_dir(&to).unwrap();
            for file in [DATABASE, KEY] {
                std::fs::copy(from.join(file), to.join(file)).unwrap();
            }
            if devices.contains(&author.as_str()) {
                let key: Hash = std::fs::read_to_string(to.join(KEY)).unwrap().parse().unwrap();
                let connection = store::open(&to.join(DATABASE), &DatabaseKey(key.0.into())).unwrap();
                connection.execute_batch(sql).unwrap();
                assert!(connection.changes() > 0, "the change changed nothing: {sql}");
            }
        }
        judge(&self.conversation, copy.path()).unwrap()
    }
}

#[test]
fn the_project_s_own_conversation_arrives_whole_and_the_verdict_sees_every_change_made_afterwards() {
    println!("seed {SEED}");
    let keep = tempfile::tempdir().unwrap();
    let options = Options { path: fixture(), seed: SEED, keep: Some(keep.path().to_path_buf()) };
    let figures = run(&options, &mut |_| {}).unwrap();
    assert_eq!(figures.len(), 1);
    let figures = &figures[0];
    assert!(figures.is_clean(), "{figures:?}");
    let conversation = Conversation::read(&fixture()).unwrap();
    assert_eq!(figures.messages, conversation.lines.len() as u64);
    assert_eq!((figures.devices, figures.restarts), (5, 5));
    assert!(figures.cuts >= figures.messages.div_ceil(20), "{} cuts", figures.cuts);
    assert!(keep.path().join("relay/relay.toml").is_file());

    let folder = keep.path().join("devices/conversation");
    let kept = Kept { folder, conversation };
    assert_eq!(judge(&kept.conversation, &kept.folder).unwrap(), CLEAN);

    let one = &["agent-003"][..];
    let removed = kept.after(one, "DELETE FROM message WHERE position = 9");
    // The message is lost, and the log says that it should be there.
    assert_eq!(removed, Verdict { lost: 1, diverged: 1, ..CLEAN });

    let doubled = kept.after(
        one,
        "INSERT INTO message (uid, thread, position, author, written_at, received_at, body, parents, form, document)
         SELECT zeroblob(16), thread, position, author, written_at, received_at, body, parents, form, document
         FROM message WHERE position = 9",
    );
    assert_eq!(doubled, Verdict { duplicated: 1, diverged: 1, ..CLEAN });

    let swapped = kept.after(
        one,
        "UPDATE message SET position = CASE position WHEN 9 THEN 10 ELSE 9 END WHERE position IN (9, 10)",
    );
    // Twice not where the others have it, twice not what the log has there.
    assert_eq!(swapped, Verdict { diverged: 4, ..CLEAN });

    let altered = kept.after(one, "UPDATE message SET body = body || ' ' WHERE position = 9");
    assert_eq!(altered, Verdict { diverged: 2, ..CLEAN });

    let consistently = "UPDATE message SET body = body || ' ', form = 0,
         document = CAST(zeroblob(16) || CAST(body || ' ' AS BLOB) AS BLOB) WHERE position = 9";
    assert_eq!(kept.after(one, consistently), Verdict { diverged: 1, ..CLEAN });

    let answers = kept.after(one, "UPDATE message SET parents = x'' WHERE position = (SELECT max(position) FROM message WHERE length(parents) > 0)");
    assert_eq!(answers, Verdict { diverged: 1, ..CLEAN });

    let chain = kept.after(one, "UPDATE entry SET hash = zeroblob(32) WHERE position = 9");
    assert_eq!(chain, Verdict { diverged: 1, ..CLEAN });

    let entry = kept.after(one, "DELETE FROM entry WHERE position = 9");
    assert_eq!(entry, Verdict { diverged: 2, ..CLEAN });

    let unopened = kept.after(
        one,
        "INSERT INTO unopened (thread, position, reason, entry) SELECT id, 9, 1, x'' FROM thread",
    );
    assert_eq!(unopened, Verdict { undecryptable: 1, ..CLEAN });

    let all: Vec<&str> = kept.conversation.authors.iter().map(String::as_str).collect();
    // The last one: nothing answers it.
    let everywhere =
        kept.after(&all, "DELETE FROM message WHERE position = (SELECT max(position) FROM message)");
    assert_eq!(everywhere, Verdict { lost: 5, diverged: 5, ..CLEAN });
}
