//! Small texts made smaller with a dictionary of our own.
//!
//! `core/dictionary/1.zdict` belongs to entry version 1 and never changes: a better one gets
//! a new number and a new version. `core/examples/train_dictionary.rs` made it. A frame's four
//! magic bytes say nothing here and are left out; neither size, checksum nor dictionary id is
//! written, since the seal around it holds.

use std::cell::RefCell;
use std::sync::LazyLock;

use estafette_protocol::limits;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

const DICTIONARY: &[u8] = include_bytes!("../../dictionary/1.zdict");
/// For a message of 100 characters: 4 bytes fewer than level 3 for 4 µs; 19 would save 2 more for 40.
const LEVEL: i32 = 9;
/// RFC 8878 §3.1.1, little-endian.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

thread_local! {
    // Making a context costs more than using it; a thread that seals once seals again.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::new(compressor());
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> =
        RefCell::new(Decompressor::with_prepared_dictionary(&DECODER).ok());
}

fn compressor() -> Option<Compressor<'static>> {
    let mut compressor = Compressor::with_prepared_dictionary(&ENCODER).ok()?;
    compressor.include_checksum(false).ok()?;
    compressor.include_contentsize(false).ok()?;
    compressor.include_dictid(false).ok()?;
    Some(compressor)
}

/// Fewer bytes for the same content, or `None` when there are none.
pub(super) fn compress(content: &[u8]) -> Option<Vec<u8>> {
    let frame = COMPRESSOR.with_borrow_mut(|compressor| compressor.as_mut()?.compress(content).ok())?;
    let body = frame.strip_prefix(&MAGIC)?;
    (body.len() < content.len()).then(|| body.to_vec())
}

/// The content again: at most [`limits::OPERATION`] bytes, whatever the frame promises.
pub(super) fn decompress(body: &[u8]) -> Option<Vec<u8>> {
    let frame = [&MAGIC, body].concat();
    DECOMPRESSOR
        .with_borrow_mut(|decompressor| decompressor.as_mut()?.decompress(&frame, limits::OPERATION).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_fits_four_kilobytes_and_helps() {
        assert!(DICTIONARY.len() <= 4096, "{} bytes", DICTIONARY.len());
        let text =
            "Bonjour, la vanne est fermée, je passe demain matin avec l'équipe de la voirie.".as_bytes();
        let small = compress(text).unwrap();
        let without = zstd::bulk::compress(text, LEVEL).unwrap().len() - MAGIC.len();
        assert!(small.len() + 15 < without, "{} with, {without} without", small.len());
        assert_eq!(decompress(&small).unwrap(), text);
    }

    #[test]
    fn what_cannot_shrink_is_left_alone() {
        assert_eq!(compress(&[]), None);
        assert_eq!(compress(&[0xd7, 0x01, 0xfa, 0x93, 0x6c]), None);
    }

    #[test]
    fn a_bomb_is_refused_at_the_limit() {
        let fits = vec![b'a'; limits::OPERATION];
        assert_eq!(decompress(&compress(&fits).unwrap()).unwrap(), fits);
        let bomb = compress(&vec![b'a'; limits::OPERATION + 1]).unwrap();
        assert!(bomb.len() < 100, "{} bytes", bomb.len());
        assert_eq!(decompress(&bomb), None);
        // Frames in a row are decompressed one after the other: their sum counts.
        let two = [&compress(&fits).unwrap()[..], &MAGIC, &compress(&fits).unwrap()].concat();
        assert_eq!(decompress(&two), None);
    }
}
