//! The extension alone, without certificates around it.
#![no_main]

use estafette_attest::KeyDescription;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = KeyDescription::from_der(bytes);
});
