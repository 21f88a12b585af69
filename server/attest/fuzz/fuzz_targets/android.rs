//! Evidence as a phone sends it, before anybody knows who it is: CBOR, certificates, description.
#![no_main]

use estafette_attest::{Evidence, Expected, GOOGLE_ROOTS, Policy, Serial, development, verify_android};
use estafette_protocol::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(evidence) = Evidence::from_bytes(bytes) else { return };
    assert_eq!(Evidence::from_bytes(&evidence.to_bytes()), Ok(evidence.clone()));
    let roots = [GOOGLE_ROOTS[0], GOOGLE_ROOTS[1], development::root()];
    let expected = Expected {
        challenge: None,
        id_challenge: Some(&[0; 32]),
        key: None,
        model: None,
        serial: Serial::Unknown,
        policy: &Policy::unstated(),
        roots: &roots,
        revoked: None,
        now: Timestamp(1_795_348_800_000),
    };
    if let Err(reasons) = verify_android(&evidence, &expected) {
        assert!(!reasons.is_empty() && reasons.is_sorted());
    }
});
