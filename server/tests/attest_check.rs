//! `estafette-relay attest check`, as a person runs it: on every recorded and generated file of the
//! folder `shared/vectors` beside the project, on a chain of our own, and on what is no evidence.
//!
//! Without that folder the first test says so and passes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use estafette_attest::development::{APPLICATION, Defect, DevelopmentAttestor, Phone, SIGNER};
use p256::ecdsa::SigningKey;
use serde_json::{Value, json};

const CHALLENGE: [u8; 32] = [0x5c; 32];
const PHONE: Phone<'static> = Phone { manufacturer: "Crosscall", model: "Stellar-X5" };

fn check(file: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_estafette-relay"));
    command.args(["attest", "check"]).arg(file).args(more).env("LC_ALL", "en");
    command.output().unwrap()
}

/// What was printed, with the exit code that belongs to it.
fn report(file: &Path, more: &[&str]) -> Value {
    let output = check(file, more);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{}: {error}: {}", file.display(), String::from_utf8_lossy(&output.stderr))
    });
    let code = match report["outcome"].as_str() {
        Some("accept") => 0,
        Some("reject") => 1,
        other => panic!("{}: {other:?}", file.display()),
    };
    assert_eq!(output.status.code(), Some(code), "{}", file.display());
    let reasons: Vec<_> = words(&report["reasons"]);
    assert_eq!(reasons.is_empty(), code == 0, "{}", file.display());
    assert!(reasons.is_sorted(), "{reasons:?}");
    report
}

fn words(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .map(|words| words.iter().map(|word| word.as_str().unwrap()).collect())
        .unwrap_or_default()
}

fn vectors() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    let Ok(kinds) = std::fs::read_dir(folder) else {
        println!("skipped: no folder shared/vectors beside the project");
        return Vec::new();
    };
    let files = kinds.flat_map(|kind| std::fs::read_dir(kind.unwrap().path()).unwrap());
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 40, "{} files are fewer than there were", paths.len());
    paths
}

#[test]
fn every_recorded_file_comes_out_as_it_says() {
    for path in vectors() {
        let file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let expect = &file["expect"];
        let mut due = Vec::new();
        for (policy, more) in [
            ("outcome", &[][..]),
            ("outcome_at_2026_11_22", &["--at", "2026-11-22T12:00:00Z"]),
            ("outcome_policy_production", &["--environment", "production"]),
            ("outcome_policy_development", &["--environment", "development"]),
        ] {
            if let Some(outcome) = expect[policy].as_str() {
                due.push((policy, outcome, report(&path, more)));
            }
        }
        assert!(!due.is_empty(), "{} expects nothing", path.display());
        for (policy, outcome, report) in due {
            let name = format!("{} ({policy})", path.display());
            if outcome.starts_with("either") {
                continue;
            }
            assert_eq!(report["outcome"], outcome, "{name}: {report}");
            let told: BTreeSet<_> = words(&report["reasons"]).into_iter().collect();
            let reasons = match policy {
                "outcome_at_2026_11_22" => "reasons_at_2026_11_22",
                "outcome_policy_development" => continue,
                _ => "reasons",
            };
            let expected: BTreeSet<_> = words(&expect[reasons]).into_iter().collect();
            assert!(told.is_superset(&expected), "{name}: {told:?}, not {expected:?}");
            assert_eq!(report["test_root_from_file"], file["test_root_der_b64"].is_string(), "{name}");
            if file["kind"] == "apple-app-attest" && outcome == "accept" {
                assert_eq!(report["assertion_counter"], expect["assertion"]["counter"], "{name}");
            }
        }
    }
}

/// A file of our own with one defect, or none.
fn written(folder: &Path, defect: Option<Defect>, change: impl FnOnce(&mut Value)) -> PathBuf {
    let device = SigningKey::from_slice(&[0x11; 32]).unwrap();
    let attestor = DevelopmentAttestor::new();
    let key = device.verifying_key();
    let evidence = match defect {
        Some(defect) => attestor.attest_with(defect, key, &CHALLENGE, PHONE),
        None => attestor.attest(key, &CHALLENGE, PHONE),
    };
    let root = STANDARD.encode(attestor.attest(key, &CHALLENGE, PHONE).chain.last().unwrap());
    let digest: String = SIGNER.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = json!({
        "chain_der_b64": evidence.chain.iter().map(|one| STANDARD.encode(one)).collect::<Vec<_>>(),
        "test_root_der_b64": root,
        "verify_at": "2026-11-22T12:00:00Z",
        "policy": {
            "challenge_b64": STANDARD.encode(CHALLENGE),
            "package": APPLICATION,
            "signing_digests_sha256_hex": [digest],
            "inventory_model": PHONE.model,
            "min_patch_level": 202_501,
            "status_list": {"entries": {}},
        },
    });
    change(&mut file);
    let path = folder.join("evidence.json");
    std::fs::write(&path, file.to_string()).unwrap();
    path
}

#[test]
fn a_chain_with_one_defect_is_refused_for_its_reasons_and_says_what_was_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let sound = report(&written(folder.path(), None, |_| {}), &[]);
    assert_eq!(sound["outcome"], "accept", "{sound}");
    assert_eq!(sound["at"], "2026-11-22T12:00:00Z");
    assert_eq!(words(&sound["unchecked"]), ["key", "serial"]);
    for defect in Defect::ALL.iter().filter(|defect| **defect != Defect::OtherKey) {
        let told = report(&written(folder.path(), Some(*defect), |_| {}), &[]);
        let due: BTreeSet<_> = defect.reasons().iter().map(|reason| reason.as_str()).collect();
        assert_eq!(words(&told["reasons"]).into_iter().collect::<BTreeSet<_>>(), due, "{defect:?}");
    }
    let unknown = written(folder.path(), None, |file| file["policy"] = json!({"of_tomorrow": true}));
    let told = report(&unknown, &[]);
    assert_eq!(words(&told["ignored"]), ["of_tomorrow"]);
    let all =
        ["challenge", "key", "model", "package", "patch_level", "serial", "signing_digests", "status_list"];
    assert_eq!(words(&told["unchecked"]), all);
}

#[test]
fn without_the_file_s_own_root_a_made_up_chain_is_refused_and_with_it_the_output_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let with = check(&written(folder.path(), None, |_| {}), &[]);
    assert!(String::from_utf8(with.stderr).unwrap().contains("own root"));
    let path = written(folder.path(), None, |file| file["test_root_der_b64"] = Value::Null);
    let without = report(&path, &[]);
    assert_eq!(words(&without["reasons"]), ["untrusted_root"]);
    assert_eq!(without["test_root_from_file"], false);
    assert_eq!(check(&path, &[]).stderr, b"");
}

#[test]
fn a_chain_as_pem_is_judged_by_what_the_command_line_states() {
    let folder = tempfile::tempdir().unwrap();
    let device = SigningKey::from_slice(&[0x11; 32]).unwrap();
    let evidence = DevelopmentAttestor::new().attest(device.verifying_key(), &CHALLENGE, PHONE);
    let armour = |der: &Vec<u8>| {
        let text = STANDARD.encode(der);
        let lines: Vec<_> =
            text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    };
    let path = folder.path().join("chain.pem");
    std::fs::write(&path, evidence.chain.iter().map(armour).collect::<String>()).unwrap();
    let digest = "00".repeat(32);
    let told = report(&path, &["--package", "org.example.other", "--digest", &digest, "--challenge", "AAE="]);
    assert_eq!(
        words(&told["reasons"]),
        ["app_digest", "app_package", "challenge_mismatch", "untrusted_root"]
    );
    assert_eq!(words(&told["unchecked"]), ["key", "model", "patch_level", "serial", "status_list"]);
}

#[test]
fn what_is_no_evidence_is_a_fault_with_its_own_exit_code_and_nothing_on_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, contents: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, contents).unwrap();
        path
    };
    let large = vec![b' '; 8 * 1024 * 1024 + 1];
    for (path, code) in [
        (file("empty.json", b""), "evidence_unreadable"),
        (file("other.json", b"{}"), "evidence_unreadable"),
        (file("chain.json", b"{\"chain_der_b64\": [\"?\"]}"), "evidence_unreadable"),
        (file("large.json", &large), "file_too_large"),
        (folder.path().join("missing.json"), "evidence_unreadable"),
    ] {
        let output = check(&path, &[]);
        assert_eq!(output.status.code(), Some(2), "{}", path.display());
        assert_eq!(output.stdout, b"", "{}", path.display());
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(&format!("({code})")), "{told}");
    }
}

#[test]
fn evidence_far_too_large_and_chains_far_too_long_are_refused_and_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let megabyte = STANDARD.encode(vec![0x30; 1024 * 1024]);
    let large = written(folder.path(), None, |file| file["chain_der_b64"] = json!([megabyte]));
    assert_eq!(words(&report(&large, &[])["reasons"]), ["evidence_too_large"]);
    let long = written(folder.path(), None, |file| {
        let one = file["chain_der_b64"][3].clone();
        file["chain_der_b64"] = Value::Array(vec![one; 50]);
    });
    assert_eq!(words(&report(&long, &[])["reasons"]), ["chain_too_long"]);
}

/// The relay that serves is the library; what a diagnosis allows is only in the program's commands.
#[test]
fn what_a_diagnosis_allows_is_not_in_the_library_that_serves() {
    let allowed = ["test_root", "Policy::unstated", "UNREADABLE"];
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let diagnosis = source.join("commands/attest");
    let mut seen = BTreeSet::new();
    let mut looked_at = 0;
    let mut folders = vec![source.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let found = allowed.iter().filter(|mark| text.contains(**mark));
            if path.starts_with(&diagnosis) || path == diagnosis.with_extension("rs") {
                seen.extend(found.copied());
            } else {
                looked_at += 1;
                assert_eq!(found.collect::<Vec<_>>(), Vec::<&&str>::new(), "{}", path.display());
            }
        }
    }
    // Where the search must find something it does, or it finds nothing anywhere.
    assert_eq!(seen, BTreeSet::from(allowed));
    assert!(looked_at > 50, "{looked_at} files");
    // The library does not compile the program's commands, and the program calls them in one place.
    let library = std::fs::read_to_string(source.join("lib.rs")).unwrap();
    assert!(!library.contains("mod commands"));
    let program = std::fs::read_to_string(source.join("main.rs")).unwrap();
    assert_eq!(program.matches("commands::attest::run").count(), 1);
}

#[test]
fn a_list_of_revoked_keys_is_taken_into_a_relay_s_folder_and_what_is_none_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let relay = folder.path().join("relay");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_estafette-relay"));
        command.args(arguments).env("LC_ALL", "en").output().unwrap()
    };
    let place = relay.to_str().unwrap();
    assert!(run(&["init", place, "--address", "127.0.0.1:0", "--development"]).status.success());
    let list = folder.path().join("status.json");
    std::fs::write(&list, r#"{"entries": {"77aa": {"status": "SUSPENDED"}, "2": {"status": "REVOKED"}}}"#)
        .unwrap();
    let import = || run(&["attest", "list", "import", place, list.to_str().unwrap()]);
    let taken = import();
    assert_eq!(taken.status.code(), Some(0));
    assert!(String::from_utf8(taken.stdout).unwrap().contains("2 entries"));
    let kept = || std::fs::read(relay.join("attestation-status.json")).unwrap();
    let before = kept();
    std::fs::write(&list, "{}").unwrap();
    let refused = import();
    assert_eq!((refused.status.code(), refused.stdout), (Some(1), Vec::new()));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("not a list"));
    assert_eq!(kept(), before);
}
