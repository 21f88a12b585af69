//! An assertion: CBOR, authenticator data, a signature.
#![no_main]

use estafette_attest::{AppIdentity, ExpectedAssertion, verify_assertion};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let expected = ExpectedAssertion {
        client_data_hash: &[0; 32],
        key: &[4; 65],
        application: AppIdentity("ABCDE12345.org.example.estafette"),
        counter: 0,
    };
    assert!(verify_assertion(bytes, &expected).is_err());
});
