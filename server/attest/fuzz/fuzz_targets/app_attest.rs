//! An App Attest object: CBOR, certificates, authenticator data.
#![no_main]

use estafette_attest::{
    APPLE_APP_ATTEST_ROOT, AppIdentity, Environment, ExpectedAppAttest, verify_app_attest,
};
use estafette_protocol::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let expected = ExpectedAppAttest {
        client_data_hash: &[0; 32],
        key_id: None,
        application: AppIdentity("ABCDE12345.org.example.estafette"),
        environment: Environment::Production,
        root: &APPLE_APP_ATTEST_ROOT,
        now: Timestamp(1_681_394_561_000),
    };
    // Nobody finds an object for this data by changing bytes.
    assert!(verify_app_attest(bytes, &expected).is_err());
});
