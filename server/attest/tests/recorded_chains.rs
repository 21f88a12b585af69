//! Chains recorded from real phones, and generated ones, each with what it must yield.
//!
//! They are read from the folder `shared/vectors` beside the project and never copied into it;
//! without that folder these tests say so and pass.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use estafette_attest::{
    APPLE_APP_ATTEST_ROOT, AppIdentity, AttestedText, Boolean, BootState, Environment, Evidence, Expected,
    ExpectedAppAttest, ExpectedAssertion, Facts, GOOGLE_ROOTS, KeyDescription, Policy, Provisioning, Reason,
    RevocationList, SecurityLevel, Serial, TrustedRoot, verify_android, verify_app_attest, verify_assertion,
};
use estafette_protocol::Timestamp;
use estafette_protocol::ids::Hash;
use serde_json::{Value, json};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

/// Reasons that this verifier gives beside the recorded ones, which know neither word: a software
/// root is named, and a key of which the hardware says nothing has no purpose either.
const FINER: [&str; 2] = ["software_root", "key_purpose"];

struct Vector {
    name: String,
    json: Value,
    evidence: Evidence,
}

/// The files of one kind in the order of their names; none if they are not on this machine.
fn files(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors").join(kind);
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: no folder shared/vectors/{kind} beside the project");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "shared/vectors/{kind} is empty");
    paths
}

fn vectors(kind: &str) -> Vec<Vector> {
    files(kind).iter().map(|path| Vector::read(path)).collect()
}

fn at(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().unwrap();
    Timestamp(u64::try_from(instant.as_millisecond()).unwrap())
}

impl Vector {
    fn read(path: &Path) -> Self {
        let json: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let chain = json["chain_der_b64"].as_array().unwrap();
        let chain = chain.iter().map(|one| base64(one.as_str().unwrap())).collect();
        let name = json["id"].as_str().unwrap().to_owned();
        Self { name, json, evidence: Evidence::of(chain) }
    }

    /// The description in the first certificate, read without judging the chain.
    fn description(&self) -> Option<KeyDescription> {
        let (_, leaf) = X509Certificate::from_der(&self.evidence.chain[0]).unwrap();
        let mut extensions = leaf.extensions().iter();
        let extension =
            extensions.find(|one| one.oid.as_bytes() == KeyDescription::OID).expect("an attestation");
        KeyDescription::from_der(extension.value).ok()
    }

    /// The first certificate's key, or one that cannot be it.
    fn key(&self) -> Option<[u8; 33]> {
        let (_, leaf) = X509Certificate::from_der(&self.evidence.chain[0]).unwrap();
        let key = p256::PublicKey::from_sec1_bytes(&leaf.public_key().subject_public_key.data).ok()?;
        p256::ecdsa::VerifyingKey::from(key).to_encoded_point(true).as_bytes().try_into().ok()
    }

    fn expected_words(&self, reasons: &str) -> BTreeSet<&str> {
        let words = self.json["expect"][reasons].as_array().unwrap();
        words.iter().map(|word| word.as_str().unwrap()).collect()
    }

    fn verify_at(&self) -> Timestamp {
        at(self.json["verify_at"].as_str().unwrap())
    }

    /// Judges for a challenge and this chain's own key, and compares the verdict's words.
    fn judge(&self, expected: &Expected<'_>, reasons: &str) {
        let words = self.expected_words(reasons);
        match verify_android(&self.evidence, expected) {
            Ok(facts) => {
                assert_eq!(words, BTreeSet::new(), "{} passed", self.name);
                self.compare_chain(&facts);
            }
            Err(told) => {
                let told: BTreeSet<_> = told.into_iter().map(Reason::as_str).collect();
                let finer: BTreeSet<_> = told.difference(&words).copied().collect();
                assert!(told.is_superset(&words), "{}: {told:?}, not {words:?}", self.name);
                assert!(finer.iter().all(|word| FINER.contains(word)), "{}: also {finer:?}", self.name);
            }
        }
    }

    /// Compares what is told about the certificates with the file, where the file says it.
    fn compare_chain(&self, facts: &Facts) {
        let Some(recorded) = self.json["serials_hex"].as_array() else {
            return;
        };
        let serials: Vec<_> = facts.serials.iter().map(|serial| hex(serial)).collect();
        let serials: Vec<_> = serials.iter().map(|serial| serial.trim_start_matches('0')).collect();
        assert_eq!(serials, recorded.iter().map(|one| one.as_str().unwrap()).collect::<Vec<_>>());
        let provisioning = match facts.provisioning {
            Provisioning::Factory => "factory",
            Provisioning::Remote => "rkp",
            Provisioning::Unknown => "unknown",
        };
        assert_eq!(self.json["facts"]["provisioning"], provisioning, "{}", self.name);
    }
}

#[test]
fn real_chains_are_judged_as_recorded_on_their_day_and_in_november_2026() {
    let policy = Policy::unstated();
    for vector in vectors("android") {
        let challenge = base64(vector.json["challenge_b64"].as_str().unwrap());
        let key = vector.key();
        let expected = Expected {
            challenge: Some(&challenge),
            id_challenge: None,
            key: key.as_ref(),
            model: None,
            serial: Serial::Unknown,
            policy: &policy,
            roots: &GOOGLE_ROOTS,
            revoked: None,
            now: vector.verify_at(),
        };
        vector.judge(&expected, "reasons");
        vector.judge(&Expected { now: at("2026-11-22T12:00:00Z"), ..expected }, "reasons_at_2026_11_22");
    }
}

#[test]
fn generated_chains_are_judged_as_they_were_meant() {
    for vector in vectors("android-generated") {
        let asked = &vector.json["policy"];
        let challenge = base64(asked["challenge_b64"].as_str().unwrap());
        let digests = asked["signing_digests_sha256_hex"].as_array().unwrap();
        let digest = |digest: &Value| digest.as_str().unwrap().parse::<Hash>().unwrap().0;
        let policy = Policy {
            packages: Some(BTreeSet::from([asked["package"].as_str().unwrap().to_owned()])),
            signers: Some(BTreeSet::from([digests.iter().map(digest).collect()])),
            ..Policy::default()
        };
        let list = serde_json::to_vec(&asked["status_list"]).unwrap();
        let list = RevocationList::from_json(&list, vector.verify_at()).unwrap();
        let spki_sha256 = vector.json["test_root_spki_sha256"].as_str().unwrap().parse::<Hash>().unwrap().0;
        let key = vector.key();
        let expected = Expected {
            challenge: Some(&challenge),
            id_challenge: None,
            key: key.as_ref(),
            model: None,
            serial: Serial::Required(asked["inventory_serial"].as_str().unwrap()),
            policy: &policy,
            roots: &[TrustedRoot { spki_sha256, development: false }],
            revoked: Some(&list),
            now: vector.verify_at(),
        };
        match vector.json["expect"]["outcome"].as_str().unwrap() {
            "accept" | "reject" => vector.judge(&expected, "reasons"),
            either => {
                assert!(either.starts_with("either"), "{either}");
                let _ = verify_android(&vector.evidence, &expected);
            }
        }
    }
}

#[test]
fn real_app_attest_objects_are_judged_as_recorded_in_both_environments() {
    for path in files("apple") {
        let json: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let name = json["id"].as_str().unwrap();
        let bytes = |field: &str| base64(json[field].as_str().unwrap());
        let client_data_hash = bytes("client_data_hash_b64").try_into().unwrap();
        let key_id = bytes("key_id_b64");
        for (environment, word, refusal) in [
            (Environment::Production, "production", Reason::DevelopmentAaguid),
            (Environment::Development, "development", Reason::ProductionAaguid),
        ] {
            let expected = ExpectedAppAttest {
                client_data_hash: &client_data_hash,
                key_id: Some(&key_id),
                application: AppIdentity(json["app_id"].as_str().unwrap()),
                environment,
                root: &APPLE_APP_ATTEST_ROOT,
                now: at(json["verify_at"].as_str().unwrap()),
            };
            let verdict = verify_app_attest(&bytes("attestation_cbor_b64"), &expected);
            match json["expect"][format!("outcome_policy_{word}")].as_str().unwrap() {
                "accept" => {
                    let facts = verdict.unwrap();
                    assert_eq!(facts.key.to_vec(), bytes("public_key_x963_b64"), "{name}");
                    assertion(&json, &facts.key, expected.application);
                }
                _ => assert_eq!(verdict, Err(vec![refusal]), "{name}"),
            }
        }
    }
}

/// Judges the assertion of a file, if the file knows for which data it was made.
fn assertion(json: &Value, key: &[u8; 65], application: AppIdentity<'_>) {
    let Some(client_data_hash) = json["assertion_client_data_hash_b64"].as_str() else { return };
    let due = &json["expect"]["assertion"];
    let bytes = base64(json["assertion_cbor_b64"].as_str().unwrap());
    let client_data_hash = base64(client_data_hash).try_into().unwrap();
    let counter = u32::try_from(due["counter"].as_u64().unwrap()).unwrap();
    let expected =
        |last| ExpectedAssertion { client_data_hash: &client_data_hash, key, application, counter: last };
    assert_eq!(due["signature_valid"], true);
    assert_eq!(verify_assertion(&bytes, &expected(counter - 1)), Ok(counter));
    assert_eq!(verify_assertion(&bytes, &expected(counter)), Err(vec![Reason::CounterNotGreater]));
}

#[test]
fn what_real_phones_say_about_their_keys_is_read_as_recorded() {
    for vector in vectors("android") {
        let description = vector.description().expect(&vector.name);
        assert_eq!(
            description.challenge,
            base64(vector.json["challenge_b64"].as_str().unwrap()),
            "{}",
            vector.name
        );
        let recorded = &vector.json["facts"];
        let told = facts(&description, recorded);
        for (field, value) in told.as_object().unwrap() {
            assert_eq!(value, recorded.get(field).unwrap_or(&Value::Null), "{field} of {}", vector.name);
        }
    }
}

/// A description in the words of the vectors' files.
fn facts(description: &KeyDescription, recorded: &Value) -> Value {
    let hardware = &description.hardware;
    let level = |level| match level {
        SecurityLevel::Software => "SOFTWARE",
        SecurityLevel::TrustedEnvironment => "TEE",
        SecurityLevel::StrongBox => "STRONGBOX",
    };
    let root_of_trust = hardware.root_of_trust.as_ref().map(|boot| {
        let locked = match boot.device_locked {
            Boolean::False => 0x00,
            Boolean::True => 0xff,
            Boolean::NotDer(byte) => byte,
        };
        let state = match boot.boot_state {
            BootState::Verified => "VERIFIED",
            BootState::SelfSigned => "SELF_SIGNED",
            BootState::Unverified => "UNVERIFIED",
            BootState::Failed => "FAILED",
        };
        json!({
            "key": hex(&boot.verified_boot_key),
            "locked": hex(&[locked]),
            "state": state,
            "hash": boot.verified_boot_hash.as_deref().map(hex),
        })
    });
    let application = description.software.application.as_ref().map(|application| {
        let packages = application.packages.iter().map(|one| json!([one.name.as_str(), one.version]));
        let read: Vec<_> = application.signing_digests.clone();
        let files = recorded["app"]["sigs"].as_array().unwrap();
        assert_eq!(read, files.iter().map(|sig| base64(sig.as_str().unwrap())).collect::<Vec<_>>());
        json!({ "pkgs": packages.collect::<Vec<_>>(), "sigs": recorded["app"]["sigs"] })
    });
    let mut ids = json!({});
    let named = [
        ("brand", &hardware.brand),
        ("device", &hardware.device),
        ("product", &hardware.product),
        ("manufacturer", &hardware.manufacturer),
        ("model", &hardware.model),
        ("serial", &hardware.serial),
        ("imei", &hardware.imei),
        ("imei2", &hardware.second_imei),
    ];
    for (name, text) in named {
        if let Some(text) = text.as_ref().and_then(AttestedText::as_str) {
            ids[name] = json!(text);
        }
    }
    // The files have the key's properties only where the hardware states them.
    let mut key = json!({});
    let numbers = [
        ("algorithm", hardware.algorithm),
        ("keySize", hardware.key_size),
        ("ecCurve", hardware.curve),
        ("origin", hardware.origin),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            key[name] = json!(number);
        }
    }
    if !hardware.purposes.is_empty() {
        key["purpose"] = json!(hardware.purposes);
    }
    json!({
        "key": key,
        "attestation_version": description.attestation_version,
        "attestation_security_level": level(description.attestation_security_level),
        "keymint_security_level": level(description.keymint_security_level),
        "root_of_trust": root_of_trust,
        "app": application,
        "ids": ids,
        "osVersion": hardware.os_version,
        "osPatchLevel": hardware.os_patch_level,
        "vendorPatch": hardware.vendor_patch_level,
        "bootPatch": hardware.boot_patch_level,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Standard base64 with padding.
fn base64(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{other:#04x} is not base64"),
    };
    let letters: Vec<u8> = text.bytes().filter(|letter| *letter != b'=').map(value).collect();
    let groups = letters.chunks(4).map(|group| {
        let bits =
            group.iter().fold(0u32, |bits, six| bits << 6 | u32::from(*six)) << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    });
    groups.flatten().collect()
}
