//! DER out: the few elements that a development chain consists of.

const BOOLEAN: u8 = 1;
const INTEGER: u8 = 2;
const BIT_STRING: u8 = 3;
const OCTET_STRING: u8 = 4;
const NULL: u8 = 5;
const OBJECT_IDENTIFIER: u8 = 6;
const ENUMERATED: u8 = 10;
const UTF8_STRING: u8 = 12;
const UTC_TIME: u8 = 23;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// Context-specific and constructed, with the number in the low five bits.
const EXPLICIT: u8 = 0xa0;

fn element(header: &[u8], content: &[u8]) -> Vec<u8> {
    let mut bytes = header.to_vec();
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    match significant {
        [] => bytes.push(0),
        [short @ 0..=0x7f] => bytes.push(*short),
        long => {
            bytes.push(0x80 | long.len() as u8);
            bytes.extend_from_slice(long);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(&[SEQUENCE], &parts.concat())
}

/// The members must come in their DER order.
pub(super) fn set(members: &[&[u8]]) -> Vec<u8> {
    element(&[SET], &members.concat())
}

pub(super) fn octets(bytes: &[u8]) -> Vec<u8> {
    element(&[OCTET_STRING], bytes)
}

pub(super) fn bits(bytes: &[u8]) -> Vec<u8> {
    element(&[BIT_STRING], &[&[0], bytes].concat())
}

pub(super) fn utf8(text: &str) -> Vec<u8> {
    element(&[UTF8_STRING], text.as_bytes())
}

/// A time as YYMMDDhhmmssZ; years from 50 are of the twentieth century.
pub(super) fn utc_time(text: &str) -> Vec<u8> {
    element(&[UTC_TIME], text.as_bytes())
}

/// An object identifier whose content is given in DER.
pub(super) fn object(content: &[u8]) -> Vec<u8> {
    element(&[OBJECT_IDENTIFIER], content)
}

pub(super) fn yes() -> Vec<u8> {
    boolean(0xff)
}

/// A BOOLEAN of any byte; DER knows 0x00 and 0xff.
pub(super) fn boolean(byte: u8) -> Vec<u8> {
    element(&[BOOLEAN], &[byte])
}

pub(super) fn null() -> Vec<u8> {
    element(&[NULL], &[])
}

pub(super) fn enumerated(value: u8) -> Vec<u8> {
    element(&[ENUMERATED], &[value])
}

pub(super) fn integer(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let significant = &bytes[bytes.iter().take(7).take_while(|byte| **byte == 0).count()..];
    // A leading zero keeps the number positive.
    let zero: &[u8] = if significant[0] & 0x80 == 0 { &[] } else { &[0] };
    element(&[INTEGER], &[zero, significant].concat())
}

/// An explicitly tagged element of the context.
pub(super) fn explicit(number: u32, inner: &[u8]) -> Vec<u8> {
    if number < 31 {
        return element(&[EXPLICIT | number as u8], inner);
    }
    let mut header = vec![EXPLICIT | 31];
    let groups = (32 - number.leading_zeros()).div_ceil(7);
    for group in (0..groups).rev() {
        let more = if group == 0 { 0 } else { 0x80 };
        header.push(more | (number >> (7 * group) & 0x7f) as u8);
    }
    element(&header, inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::{Reader, Tag};

    #[test]
    fn what_is_written_is_read_back() {
        for value in [0, 1, 127, 128, 255, 256, 202_611, u64::MAX] {
            assert_eq!(Reader::new(&integer(value)).integer(), Ok(value));
        }
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            assert_eq!(Reader::new(&octets(&vec![7; length])).octets(), Ok(&vec![7; length][..]));
        }
        for number in [0, 1, 30, 31, 127, 128, 704, 16_384, u32::MAX] {
            assert_eq!(Reader::new(&explicit(number, &[])).element(), Ok((Tag::Context(number), &[][..])));
        }
    }
}
