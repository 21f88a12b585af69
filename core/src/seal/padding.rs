//! The padded payload: one byte, the content, zeros.
//!
//! The first byte says all that is needed to find the content again: its low five bits are the
//! number of zeros at the end (0 to 31), 0x20 says that the content is compressed, the two high
//! bits are zero. The whole is a multiple of 32 bytes, so the relay learns a length class, not
//! a length. A reader refuses every other form: one content, stored or compressed, has one
//! padding.

use std::borrow::Cow;

use super::compression;

/// Padded payloads are multiples of this.
pub(super) const BLOCK: usize = 32;

const ZEROS: u8 = 0b0001_1111;
const COMPRESSED: u8 = 0b0010_0000;

/// Not a padded payload, or one that holds more than is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadPadding;

/// Compresses if that helps, then pads.
pub(super) fn pack(content: &[u8]) -> Vec<u8> {
    match compression::compress(content) {
        Some(compressed) => pad(COMPRESSED, &compressed),
        None => pad(0, content),
    }
}

fn pad(flag: u8, body: &[u8]) -> Vec<u8> {
    let length = (1 + body.len()).next_multiple_of(BLOCK);
    let zeros = (length - 1 - body.len()) as u8; // below BLOCK
    let mut padded = Vec::with_capacity(length);
    padded.push(flag | zeros);
    padded.extend_from_slice(body);
    padded.resize(length, 0);
    padded
}

/// The content that [`pack`] was given.
pub(super) fn unpack(padded: &[u8]) -> Result<Cow<'_, [u8]>, BadPadding> {
    let (first, rest) = padded.split_first().ok_or(BadPadding)?;
    if !padded.len().is_multiple_of(BLOCK) || first & !(ZEROS | COMPRESSED) != 0 {
        return Err(BadPadding);
    }
    let content = rest.len().checked_sub(usize::from(first & ZEROS)).ok_or(BadPadding)?;
    let (content, zeros) = rest.split_at(content);
    if zeros.iter().any(|byte| *byte != 0) {
        return Err(BadPadding);
    }
    match first & COMPRESSED {
        0 => Ok(Cow::Borrowed(content)),
        _ => compression::decompress(content).map(Cow::Owned).ok_or(BadPadding),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_content_comes_back(content in prop::collection::vec(any::<u8>(), 0..300)) {
            let padded = pack(&content);
            prop_assert_eq!(padded.len() % BLOCK, 0);
            prop_assert!(padded.len() <= (1 + content.len()).next_multiple_of(BLOCK));
            prop_assert_eq!(unpack(&padded).unwrap(), content);
        }

        #[test]
        fn hostile_bytes_are_read_or_refused(padded in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(content) = unpack(&padded) {
                prop_assert!(content.len() <= estafette_protocol::limits::OPERATION);
            }
        }
    }

    #[test]
    fn every_other_form_is_refused() {
        assert_eq!(unpack(&[]), Err(BadPadding));
        assert_eq!(unpack(&[0; 31]), Err(BadPadding));
        let mut padded = pad(0, b"abc");
        assert_eq!(unpack(&padded).unwrap().as_ref(), b"abc");
        padded[0] |= 0x40;
        assert_eq!(unpack(&padded), Err(BadPadding), "a reserved bit");
        padded[0] = 28;
        padded[31] = 1;
        assert_eq!(unpack(&padded), Err(BadPadding), "a byte in the zeros");
        assert_eq!(unpack(&pad(COMPRESSED, b"not zstd")), Err(BadPadding));
    }
}
