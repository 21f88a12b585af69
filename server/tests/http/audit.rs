//! The audit of a relay that runs, exported and verified by the program on another machine.

use std::path::Path;

use estafette_server::keys;

use crate::organisation::Organisation;
use crate::program::relay as program;
use crate::running::{Folder, connect};

/// What a run of the program printed; the error is what it said of a failure.
fn run(arguments: &[&str], path: &Path, more: &[&str]) -> Result<String, String> {
    let output = program(arguments, path).args(more).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[tokio::test]
async fn c12_an_export_verifies_elsewhere_and_each_kind_of_forgery_is_found() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let agent = organisation.enrol(&mut connection, 2).await;
    organisation.revoke(&mut connection, agent.id).await;
    // A token of the administrator's device on the connection of another one.
    let mut thief = organisation.enrol(&mut connection, 3).await;
    let token = organisation.admin.token(&mut connection).await;
    let mut other = connect(&relay).await;
    thief.token(&mut other).await;
    assert_eq!(other.socket(Some(&token)).await.err().unwrap().code(), "bad_proof");
    relay.shutdown().await;

    let place = tempfile::tempdir().unwrap();
    let export = run(&["audit", "export"], &folder.config.folder, &[]).unwrap();
    let lines: Vec<&str> = export.lines().collect();
    let told = |word: &str| lines.iter().filter(|line| line.contains(word)).count();
    assert_eq!(told("\"device_revoked\""), 1);
    assert_eq!(told(&format!("\"by_device\":\"{}\"", thief.id)), 1, "its one offence");
    assert_eq!(told("\"fault\":\"bad_proof\""), 1);

    let key = keys::read(&folder.config.relay_key()).unwrap().verifying_key().to_bytes();
    let key = estafette_protocol::Ed25519Public(key).to_string();
    let verify = |text: &str| {
        let file = place.path().join("audit.jsonl");
        std::fs::write(&file, text).unwrap();
        run(&["audit", "verify"], &file, &["--relay-key", &key])
    };
    let number = lines.len() - 1;
    let said = verify(&export).unwrap();
    assert!(said.starts_with(&format!("{number} lines of organisation {}", organisation.id)), "{said}");
    let without = |gone: usize| {
        let kept: Vec<_> =
            lines.iter().enumerate().filter(|(index, _)| *index != gone).map(|(_, l)| *l).collect();
        kept.join("\n")
    };
    assert!(verify(&without(4)).unwrap_err().contains("line 5 is missing; line 6 stands in its place"));
    assert!(verify(&export.replace("device_revoked", "role_set")).unwrap_err().contains("was altered"));
    assert!(verify(&without(number)).unwrap_err().contains("the final signature is missing"));
    assert!(verify(&without(number - 1)).unwrap_err().contains(&format!("the relay signed line {number}")));
    assert!(
        run(&["audit", "verify"], &place.path().join("audit.jsonl"), &[])
            .unwrap_err()
            .contains("--relay-key")
    );

    // In place: the relay's own heads, and an export kept elsewhere.
    let file = place.path().join("kept.jsonl");
    std::fs::write(&file, &export).unwrap();
    let against = ["--against", file.to_str().unwrap()];
    let said = run(&["audit", "verify"], &folder.config.folder, &against).unwrap();
    assert!(said.contains("the chain holds") && said.contains("is the beginning of this audit"), "{said}");
    let organisations =
        estafette_server::serve::organisation_folders(&folder.config.organisations()).unwrap();
    let database = rusqlite::Connection::open(organisations[0].join("relay.db")).unwrap();
    database
        .execute_batch(
            "DROP TRIGGER audit_is_not_deleted; DROP TRIGGER audit_head_is_not_deleted;
             DELETE FROM audit_head; DELETE FROM audit WHERE number > 5;",
        )
        .unwrap();
    let said = run(&["audit", "verify"], &folder.config.folder, &against).unwrap_err();
    assert!(said.contains("does not continue the export"), "{said}");
}
