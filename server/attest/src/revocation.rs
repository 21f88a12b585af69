//! Google's list of attestation keys that must not be believed any more.
//!
//! The list is JSON, `{"entries": {"<serial>": {"status": "REVOKED" | "SUSPENDED", …}}}`, of
//! <https://android.googleapis.com/attestation/status>. Three traps, each with its test: serial
//! numbers are hexadecimal without leading zeros where certificates pad them; old entries are
//! decimal; and SUSPENDED counts like REVOKED, as does any word that is not known yet.
//!
//! Always true: a number is on the list if either reading of one of its entries is that number.
//! Nothing is fetched here; the age of a list is its holder's word.

use std::collections::BTreeSet;
use std::time::Duration;

use estafette_protocol::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

/// A list older than this admits no new device (`design/device-ownership.md` §1.6).
pub const STALE_AFTER: Duration = Duration::from_hours(72);

/// The keys that are revoked or suspended, by serial number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationList {
    /// Big-endian, without leading zeros.
    serials: BTreeSet<Vec<u8>>,
    entries: usize,
    fetched_at: Timestamp,
}

/// Bytes that are not a list of this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a list of revoked attestation keys")]
pub struct BadList;

impl RevocationList {
    /// The largest list, in bytes. Google's had some hundred kilobytes in 2026.
    pub const MAX_ENCODED: usize = 16 * 1024 * 1024;
    /// The longest serial number in digits; RFC 5280 §4.1.2.2 allows 20 bytes, 49 decimal digits.
    const MAX_DIGITS: usize = 64;

    /// Reads a list that was fetched at `fetched_at`.
    ///
    /// # Errors
    ///
    /// Larger than [`Self::MAX_ENCODED`], not JSON, no `entries`, or an entry whose name is no
    /// serial number: half a list would say "not revoked".
    pub fn from_json(bytes: &[u8], fetched_at: Timestamp) -> Result<Self, BadList> {
        if bytes.len() > Self::MAX_ENCODED {
            return Err(BadList);
        }
        let file: File = serde_json::from_slice(bytes).map_err(|_| BadList)?;
        let mut serials = BTreeSet::new();
        for name in &file.entries.0 {
            if name.is_empty() || name.len() > Self::MAX_DIGITS {
                return Err(BadList);
            }
            serials.insert(hexadecimal(name).ok_or(BadList)?);
            serials.extend(decimal(name));
        }
        Ok(Self { serials, entries: file.entries.0.len(), fetched_at })
    }

    /// Whether a serial number, big-endian and padded or not, is on the list.
    pub fn contains(&self, serial: &[u8]) -> bool {
        self.serials.contains(significant(serial))
    }

    /// Whether the list is too old to admit a new device: [`STALE_AFTER`].
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.fetched_at.after(STALE_AFTER) < now
    }

    /// The same list, fetched at another time.
    pub fn fetched(self, at: Timestamp) -> Self {
        Self { fetched_at: at, ..self }
    }

    /// When it was fetched.
    pub fn fetched_at(&self) -> Timestamp {
        self.fetched_at
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.entries
    }

    /// Whether nothing is revoked.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }
}

#[derive(Deserialize)]
struct File {
    entries: Names,
}

/// The names of a JSON object's members. What they say is not read: whatever is listed is refused.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Names;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("entries by serial number")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some((name, _)) = members.next_entry::<String, IgnoredAny>()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

fn significant(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|byte| **byte == 0).count();
    serial.get(zeros..).unwrap_or_default()
}

/// A number in base 16, in either case and with any padding.
fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let mut digits = text.bytes().map(|digit| char::from(digit).to_digit(16)).collect::<Option<Vec<_>>>()?;
    if digits.len() % 2 == 1 {
        digits.insert(0, 0);
    }
    let bytes = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | *digit as u8));
    Some(significant(&bytes.collect::<Vec<u8>>()).to_vec())
}

/// A number in base 10.
fn decimal(text: &str) -> Option<Vec<u8>> {
    let mut number: Vec<u8> = Vec::new();
    for digit in text.bytes() {
        let mut carry = u32::from(char::from(digit).to_digit(10)? as u8);
        for byte in number.iter_mut().rev() {
            carry += u32::from(*byte) * 10;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            number.insert(0, carry as u8);
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_348_800_000);

    fn list(entries: &str) -> RevocationList {
        RevocationList::from_json(format!("{{\"entries\": {{{entries}}}}}").as_bytes(), NOW).unwrap()
    }

    #[test]
    fn a_serial_number_is_found_however_the_certificate_pads_it() {
        let list = list(r#""2c8cdddfd5e03bfc": {"status": "REVOKED", "reason": "KEY_COMPROMISE"}, "f": {}"#);
        for padded in [
            &[0x2c, 0x8c, 0xdd, 0xdf, 0xd5, 0xe0, 0x3b, 0xfc][..],
            &[0, 0, 0x2c, 0x8c, 0xdd, 0xdf, 0xd5, 0xe0, 0x3b, 0xfc],
            // Google writes this one without the zero of its upper half.
            &[0x0f],
            &[0, 0x0f],
        ] {
            assert!(list.contains(padded), "{padded:02x?}");
        }
        assert!(!list.contains(&[0xf0]));
        assert!(!list.contains(&[]));
        assert_eq!(list.len(), 2);
    }

    #[test]
    fn an_entry_padded_or_in_capitals_is_found_too() {
        let list = list(r#""00Ab": {"status": "REVOKED"}"#);
        assert!(list.contains(&[0xab]));
    }

    #[test]
    fn a_decimal_entry_is_found_by_its_number() {
        let list = list(r#""6681152659205225093": {"status": "REVOKED"}"#);
        assert!(list.contains(&6_681_152_659_205_225_093u64.to_be_bytes()));
        // Nothing forbids that it was meant in base 16.
        assert!(list.contains(&[0x06, 0x68, 0x11, 0x52, 0x65, 0x92, 0x05, 0x22, 0x50, 0x93]));
    }

    #[test]
    fn suspended_counts_and_so_does_a_word_of_tomorrow() {
        for status in ["REVOKED", "SUSPENDED", "QUARANTINED"] {
            assert!(
                list(&format!(r#""77aa": {{"status": "{status}"}}"#)).contains(&[0x77, 0xaa]),
                "{status}"
            );
        }
    }

    #[test]
    fn the_longest_list_and_the_longest_number_are_read_and_no_longer_ones() {
        let number = "1".repeat(64);
        let mut bytes = format!(r#"{{"entries": {{"{number}": {{}}}}}}"#).into_bytes();
        bytes.resize(16 * 1024 * 1024, b' ');
        let read = RevocationList::from_json(&bytes, NOW).unwrap();
        assert!(read.contains(&[0x11; 32]));
        assert_eq!((read.len(), read.is_empty(), read.fetched_at()), (1, false, NOW));
        let later = Timestamp(NOW.0 + 1);
        assert_eq!(read.fetched(later).fetched_at(), later);
        bytes.push(b' ');
        assert_eq!(RevocationList::from_json(&bytes, NOW), Err(BadList));
    }

    #[test]
    fn a_list_is_good_for_exactly_three_days() {
        let list = list("");
        assert!(!list.is_stale(NOW));
        assert!(!list.is_stale(NOW.after(STALE_AFTER)));
        assert!(list.is_stale(Timestamp(NOW.after(STALE_AFTER).0 + 1)));
        assert!(list.is_empty());
    }

    #[test]
    fn what_is_not_a_whole_list_is_refused() {
        let long = format!(r#"{{"entries": {{"{}": {{}}}}}}"#, "1".repeat(65));
        for text in [
            "",
            "{}",
            "[]",
            r#"{"entries": []}"#,
            r#"{"entries": {"": {}}}"#,
            r#"{"entries": {"-1": {}}}"#,
            r#"{"entries": {"0x1": {}}}"#,
            r#"{"entries": {"é": {}}}"#,
            r#"{"entries": {"1": {"#,
            &long,
        ] {
            assert_eq!(RevocationList::from_json(text.as_bytes(), NOW), Err(BadList), "{text}");
        }
    }

    #[test]
    fn numbers_in_base_ten_are_those_that_arithmetic_gives() {
        for number in [0, 1, 9, 10, 255, 256, 65_535, 65_536, u64::MAX] {
            assert_eq!(decimal(&number.to_string()).unwrap(), significant(&number.to_be_bytes()), "{number}");
        }
    }
}
