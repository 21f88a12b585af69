//! Google's list, which a person or a proxy may have damaged.
#![no_main]

use estafette_attest::RevocationList;
use estafette_protocol::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(list) = RevocationList::from_json(bytes, Timestamp(0)) {
        assert_eq!(list.is_empty(), list.len() == 0);
        let _ = list.contains(&[0x77, 0xaa]);
    }
});
