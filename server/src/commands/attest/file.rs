//! The form of a file with evidence: what a phone showed, and by what it is to be judged.
//!
//! JSON with the chain in base64 (Android) or an App Attest object, a date and a policy; or a
//! chain as PEM, whose policy stands at the command line. Always true: a file is read up to
//! [`LARGEST`] only, a known field with another shape makes it unreadable, and what is not there
//! is not invented: it stays unchecked, and the report says so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use estafette_attest::{Policy, RevocationList, SecurityLevel, TrustedRoot};
use estafette_protocol::{Fault, FaultCode, Hash, Timestamp};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use serde_json::Value;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

/// The largest file that is read, in bytes.
pub const LARGEST: u64 = 8 * 1024 * 1024;

/// What a file holds.
#[derive(Debug)]
pub enum Subject {
    Android(Box<Android>),
    Apple(Box<Apple>),
}

/// A chain of an Android phone and what is known about how to judge it.
#[derive(Debug)]
pub struct Android {
    pub chain: Vec<Vec<u8>>,
    pub at: Option<Timestamp>,
    pub challenge: Option<Vec<u8>>,
    pub policy: Policy,
    pub model: Option<String>,
    pub serial: Option<String>,
    /// Without a date.
    pub revoked: Option<RevocationList>,
    /// The file's own root, of a generated chain. Whoever wrote the file holds its key.
    pub test_root: Option<TrustedRoot>,
    /// Members of the policy that this version does not know.
    pub ignored: Vec<String>,
}

/// An App Attest object and what is known about how to judge it.
#[derive(Debug)]
pub struct Apple {
    pub object: Vec<u8>,
    pub at: Option<Timestamp>,
    pub application: String,
    pub client_data_hash: [u8; 32],
    pub key_id: Option<Vec<u8>>,
    /// An assertion and the hash of its client data.
    pub assertion: Option<(Vec<u8>, [u8; 32])>,
}

/// Reads a file.
///
/// # Errors
///
/// `evidence_unreadable`, or `file_too_large` with the limit.
pub fn read(path: &Path) -> Result<Subject, Fault> {
    let size = std::fs::metadata(path).map_err(|_| unreadable())?.len();
    if size > LARGEST {
        return Err(Fault::new(FaultCode::FileTooLarge).with_number(LARGEST));
    }
    parse(&std::fs::read(path).map_err(|_| unreadable())?)
}

/// Reads the contents of a file.
///
/// # Errors
///
/// `evidence_unreadable`.
pub fn parse(bytes: &[u8]) -> Result<Subject, Fault> {
    if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
        return pem(bytes);
    }
    let file: File = serde_json::from_slice(bytes).map_err(|_| unreadable())?;
    let at = file.verify_at.as_deref().map(timestamp).transpose()?;
    match (file.chain_der_b64, file.attestation_cbor_b64) {
        (Some(chain), None) => {
            let chain = chain.iter().map(|one| base64(one)).collect::<Result<_, _>>()?;
            let said = file.policy.unwrap_or_default();
            let challenge = said.challenge_b64.as_ref().or(file.challenge_b64.as_ref());
            let revoked = said.status_list.as_ref().map(status_list).transpose()?;
            Ok(Subject::Android(Box::new(Android {
                chain,
                at,
                challenge: challenge.map(|text| base64(text)).transpose()?,
                policy: said.rules()?,
                model: said.inventory_model,
                serial: said.inventory_serial,
                revoked,
                test_root: file.test_root_der_b64.as_deref().map(test_root).transpose()?,
                ignored: said.rest.into_keys().collect(),
            })))
        }
        (None, Some(object)) => {
            let hash = |text: &String| base64(text)?.try_into().map_err(|_| unreadable());
            let client_data_hash = match (&file.client_data_hash_b64, &file.client_data_b64) {
                (Some(stated), _) => hash(stated)?,
                (None, Some(data)) => Hash::of(&[&base64(data)?]).0,
                (None, None) => return Err(unreadable()),
            };
            let assertion = match (&file.assertion_cbor_b64, &file.assertion_client_data_hash_b64) {
                (Some(assertion), Some(stated)) => Some((base64(assertion)?, hash(stated)?)),
                _ => None,
            };
            Ok(Subject::Apple(Box::new(Apple {
                object: base64(&object)?,
                at,
                application: file.app_id.ok_or_else(unreadable)?,
                client_data_hash,
                key_id: file.key_id_b64.as_deref().map(base64).transpose()?,
                assertion,
            })))
        }
        _ => Err(unreadable()),
    }
}

fn pem(bytes: &[u8]) -> Result<Subject, Fault> {
    let chain = CertificateDer::pem_slice_iter(bytes).map(|one| one.map(|der| der.to_vec()));
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(|_| unreadable())?;
    if chain.is_empty() {
        return Err(unreadable());
    }
    Ok(Subject::Android(Box::new(Android {
        chain,
        at: None,
        challenge: None,
        policy: Policy::unstated(),
        model: None,
        serial: None,
        revoked: None,
        test_root: None,
        ignored: Vec::new(),
    })))
}

/// The file as it is written; other members are for people.
#[derive(Deserialize)]
struct File {
    verify_at: Option<String>,
    chain_der_b64: Option<Vec<String>>,
    challenge_b64: Option<String>,
    test_root_der_b64: Option<String>,
    policy: Option<PolicyFile>,
    attestation_cbor_b64: Option<String>,
    app_id: Option<String>,
    client_data_b64: Option<String>,
    client_data_hash_b64: Option<String>,
    key_id_b64: Option<String>,
    assertion_cbor_b64: Option<String>,
    assertion_client_data_hash_b64: Option<String>,
}

#[derive(Default, Deserialize)]
struct PolicyFile {
    challenge_b64: Option<String>,
    package: Option<String>,
    /// All that the phone must name.
    signing_digests_sha256_hex: Option<Vec<String>>,
    inventory_model: Option<String>,
    inventory_serial: Option<String>,
    min_security_level: Option<String>,
    #[serde(alias = "min_os_patch_level")]
    min_patch_level: Option<Value>,
    require_rkp: Option<bool>,
    status_list: Option<Value>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

impl PolicyFile {
    fn rules(&self) -> Result<Policy, Fault> {
        let digests = self.signing_digests_sha256_hex.as_deref().map(signers).transpose()?;
        Ok(Policy {
            packages: self.package.clone().map(|name| BTreeSet::from([name])),
            signers: digests.map(|set| BTreeSet::from([set])),
            minimum_patch_level: self.min_patch_level.as_ref().map(patch_level).transpose()?,
            minimum_security_level: match self.min_security_level.as_deref() {
                Some("STRONGBOX" | "STRONG_BOX") => SecurityLevel::StrongBox,
                None | Some("TEE" | "TRUSTED_ENVIRONMENT" | "SOFTWARE") => SecurityLevel::TrustedEnvironment,
                Some(_) => return Err(unreadable()),
            },
            require_rkp: self.require_rkp.unwrap_or_default(),
        })
    }
}

/// One set of SHA-256 in hexadecimal.
pub fn signers(digests: &[String]) -> Result<BTreeSet<[u8; 32]>, Fault> {
    let digest = |text: &String| text.to_lowercase().parse::<Hash>().map(|hash| hash.0);
    digests.iter().map(digest).collect::<Result<_, _>>().map_err(|_| unreadable())
}

/// A month, as 202605, "202605", "2026-05" or "2026-05-01".
fn patch_level(value: &Value) -> Result<u32, Fault> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let digits: String = text.chars().filter(|sign| *sign != '-').take(6).collect();
    let month = digits.parse().ok().filter(|_| digits.len() == 6);
    let possible = |month: &u32| (2015..=2099).contains(&(month / 100)) && (1..=12).contains(&(month % 100));
    month.filter(possible).ok_or_else(unreadable)
}

fn status_list(list: &Value) -> Result<RevocationList, Fault> {
    RevocationList::from_json(list.to_string().as_bytes(), Timestamp(0)).map_err(|_| unreadable())
}

fn test_root(der: &str) -> Result<TrustedRoot, Fault> {
    let der = base64(der)?;
    let (_, root) = X509Certificate::from_der(&der).map_err(|_| unreadable())?;
    Ok(TrustedRoot { spki_sha256: Hash::of(&[root.public_key().raw]).0, development: true })
}

/// Standard base64 with padding.
pub fn base64(text: &str) -> Result<Vec<u8>, Fault> {
    STANDARD.decode(text).map_err(|_| unreadable())
}

/// An instant as RFC 3339 writes it, from 1970 on.
pub fn timestamp(text: &str) -> Result<Timestamp, Fault> {
    let instant: jiff::Timestamp = text.parse().map_err(|_| unreadable())?;
    u64::try_from(instant.as_millisecond()).map(Timestamp).map_err(|_| unreadable())
}

fn unreadable() -> Fault {
    Fault::new(FaultCode::EvidenceUnreadable)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use proptest::prelude::*;
    use proptest::sample::Index;
    use serde_json::json;

    use super::*;

    fn android() -> Value {
        json!({
            "chain_der_b64": ["MAA=", "MAA=", "MAA="],
            "verify_at": "2026-11-22T12:00:00Z",
            "policy": {
                "challenge_b64": "AAE=",
                "package": "org.example.app",
                "signing_digests_sha256_hex": ["7be53118ac333bef0849c7569cf00eb733b5923754acbbada064027c1bd5f33e"],
                "inventory_serial": "S",
                "min_security_level": "STRONGBOX",
                "min_os_patch_level": "2026-05",
                "tomorrow": 1,
                "status_list": {"entries": {"77aa": {"status": "SUSPENDED"}}}
            }
        })
    }

    fn read(value: &Value) -> Result<Android, FaultCode> {
        match parse(value.to_string().as_bytes()) {
            Ok(Subject::Android(android)) => Ok(*android),
            Ok(Subject::Apple(_)) => panic!("a chain is Android's"),
            Err(fault) => Err(fault.code),
        }
    }

    #[test]
    fn a_file_says_by_what_it_is_judged_and_what_of_it_is_not_known_here() {
        let file = read(&android()).unwrap();
        assert_eq!(file.chain, [[0x30, 0], [0x30, 0], [0x30, 0]]);
        assert_eq!(file.at, Some(Timestamp(1_795_348_800_000)));
        assert_eq!(file.challenge, Some(vec![0, 1]));
        assert_eq!(file.policy.minimum_patch_level, Some(202_605));
        assert_eq!(file.policy.minimum_security_level, SecurityLevel::StrongBox);
        assert_eq!(file.policy.packages, Some(BTreeSet::from(["org.example.app".to_owned()])));
        assert_eq!(file.policy.signers.unwrap().len(), 1);
        assert_eq!((file.model, file.serial.as_deref()), (None, Some("S")));
        assert!(file.revoked.unwrap().contains(&[0x77, 0xaa]));
        assert_eq!(file.ignored, ["tomorrow"]);
        assert!(file.test_root.is_none());
    }

    #[test]
    fn a_known_member_of_another_shape_makes_a_file_unreadable() {
        let mut changes = vec![json!([]), json!({}), json!("x")];
        for (pointer, wrong) in [
            ("/chain_der_b64", json!("MAA=")),
            ("/chain_der_b64/0", json!("é")),
            ("/verify_at", json!("yesterday")),
            ("/policy/signing_digests_sha256_hex", json!(["7be5"])),
            ("/policy/min_security_level", json!("HIGH")),
            ("/policy/min_os_patch_level", json!("05-2026 at last")),
            ("/policy/status_list", json!({"entries": {"zz": {}}})),
            ("/policy/challenge_b64", json!(7)),
        ] {
            let mut file = android();
            *file.pointer_mut(pointer).unwrap() = wrong;
            changes.push(file);
        }
        for file in changes {
            assert_eq!(read(&file).unwrap_err(), FaultCode::EvidenceUnreadable, "{file}");
        }
        for text in [&b""[..], b"\xff", b"-----BEGIN CERTIFICATE-----\n", b"{\"chain_der_b64\": ["] {
            assert_eq!(parse(text).unwrap_err().code, FaultCode::EvidenceUnreadable);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..Default::default() })]

        #[test]
        fn a_changed_file_never_panics(
            changes in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..8),
            cut in any::<Index>(),
        ) {
            let mut bytes = android().to_string().into_bytes();
            for (place, byte) in changes {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            let _ = parse(&bytes);
            bytes.truncate(cut.index(bytes.len()));
            let _ = parse(&bytes);
        }

        #[test]
        fn random_bytes_as_pem_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&[b"-----BEGIN CERTIFICATE-----\n", &bytes[..], b"\n-----END CERTIFICATE-----\n"].concat());
        }
    }
}
