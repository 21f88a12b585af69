//! CBOR in and out, with the size looked at first.

use minicbor::{Decode, Encode};

/// Why bytes are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Refused before a byte was read.
    #[error("{len} bytes where at most {limit} are allowed")]
    TooLarge {
        /// What came.
        len: usize,
        /// What is allowed.
        limit: usize,
    },
    /// Not CBOR of the expected shape. The text names the place, never the content.
    #[error("malformed: {0}")]
    Malformed(String),
    /// A whole value stood there, and then more.
    #[error("{0} bytes after the end")]
    Trailing(usize),
}

/// Encodes a value. Writing to memory cannot fail, and no `Encode` of this crate raises a message.
pub fn to_bytes<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).unwrap_or_default()
}

/// Decodes exactly one value of at most `limit` bytes.
pub fn from_bytes<'b, T: Decode<'b, ()>>(bytes: &'b [u8], limit: usize) -> Result<T, CodecError> {
    if bytes.len() > limit {
        return Err(CodecError::TooLarge { len: bytes.len(), limit });
    }
    let mut decoder = minicbor::Decoder::new(bytes);
    let value = decoder.decode().map_err(|error| CodecError::Malformed(error.to_string()))?;
    match bytes.len() - decoder.position() {
        0 => Ok(value),
        more => Err(CodecError::Trailing(more)),
    }
}
