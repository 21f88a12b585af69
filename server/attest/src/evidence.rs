//! What a device shows: a chain of certificates, as it crosses the network and is stored.
//!
//! Decoding already refuses what is too large, before a certificate is copied; the verification
//! looks again, since evidence can also be made in memory.

use std::fmt;

use estafette_protocol::codec::{self, CodecError};
use minicbor::bytes::ByteSlice;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::Reason;

/// A chain of DER certificates, the device's first, the root's last.
///
/// On the wire a CBOR map; keys that a later version adds are skipped.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Evidence {
    /// The certificates: 3 to 8, each at most 8 KiB, together at most 32 KiB.
    #[n(0)]
    #[cbor(with = "certificates")]
    pub chain: Vec<Vec<u8>>,
}

impl Evidence {
    /// The fewest certificates of a chain: a key, who attests it, a root.
    pub const MIN_CERTIFICATES: usize = 3;
    /// The most certificates of a chain.
    pub const MAX_CERTIFICATES: usize = 8;
    /// The largest certificate, in bytes.
    pub const MAX_CERTIFICATE: usize = 8 * 1024;
    /// The largest chain, in bytes of certificates.
    pub const MAX_CHAIN: usize = 32 * 1024;
    /// The largest encoded evidence, in bytes: a chain, its CBOR, and room for what later versions add.
    pub const MAX_ENCODED: usize = Self::MAX_CHAIN + 1024;

    /// Reads evidence of at most [`Self::MAX_ENCODED`] bytes.
    ///
    /// # Errors
    ///
    /// Too large, cut short, or not evidence; nothing of it is then kept.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        codec::from_bytes(bytes, Self::MAX_ENCODED)
    }

    /// The bytes that [`Self::from_bytes`] reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_bytes(self)
    }

    /// Why this chain must not even be parsed, if so.
    pub(crate) fn oversize(&self) -> Option<Reason> {
        let total = self.chain.iter().fold(0usize, |total, one| total.saturating_add(one.len()));
        if self.chain.len() > Self::MAX_CERTIFICATES {
            Some(Reason::ChainTooLong)
        } else if total > Self::MAX_CHAIN || self.chain.iter().any(|one| one.len() > Self::MAX_CERTIFICATE) {
            Some(Reason::EvidenceTooLarge)
        } else {
            None
        }
    }
}

impl fmt::Debug for Evidence {
    /// Sizes only: certificates can hold serial numbers, which must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Evidence").field(&self.chain.iter().map(Vec::len).collect::<Vec<_>>()).finish()
    }
}

/// A chain as a CBOR array of byte strings.
mod certificates {
    use super::*;

    pub fn encode<C, W: encode::Write>(
        chain: &[Vec<u8>],
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(chain.len() as u64)?;
        chain.iter().try_for_each(|certificate| e.bytes(certificate)?.ok())
    }

    pub fn decode<'b, C>(d: &mut Decoder<'b>, _: &mut C) -> Result<Vec<Vec<u8>>, decode::Error> {
        let mut chain: Vec<Vec<u8>> = Vec::new();
        let mut total = 0;
        for certificate in d.array_iter::<&ByteSlice>()? {
            let certificate = certificate?;
            total += certificate.len();
            if chain.len() == Evidence::MAX_CERTIFICATES
                || certificate.len() > Evidence::MAX_CERTIFICATE
                || total > Evidence::MAX_CHAIN
            {
                return Err(decode::Error::message("a chain larger than allowed"));
            }
            chain.push(certificate.to_vec());
        }
        Ok(chain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(lengths: &[usize]) -> Evidence {
        Evidence { chain: lengths.iter().map(|length| vec![0x30; *length]).collect() }
    }

    #[test]
    fn evidence_up_to_the_limits_comes_back_unchanged() {
        for lengths in [&[][..], &[0], &[700, 500, 480, 900, 1300], &[8192; 4], &[4096; 8]] {
            let evidence = chain(lengths);
            assert_eq!(Evidence::from_bytes(&evidence.to_bytes()), Ok(evidence));
        }
    }

    #[test]
    fn evidence_beyond_a_limit_is_refused_while_decoding() {
        for lengths in [&[8193][..], &[1; 9], &[8192, 8192, 8192, 8192, 1]] {
            assert!(matches!(
                Evidence::from_bytes(&chain(lengths).to_bytes()),
                Err(CodecError::Malformed(_))
            ));
        }
        assert!(matches!(
            Evidence::from_bytes(&chain(&[Evidence::MAX_ENCODED]).to_bytes()),
            Err(CodecError::TooLarge { .. })
        ));
    }

    #[test]
    fn a_key_of_a_later_version_is_skipped() {
        let later = [&[0xa2, 0x00, 0x81, 0x41, 0x30, 0x18, 0x63, 0x61][..], b"x"].concat();
        assert_eq!(Evidence::from_bytes(&later), Ok(chain(&[1])));
    }

    #[test]
    fn evidence_prints_sizes_and_no_bytes() {
        assert_eq!(format!("{:?}", chain(&[3, 1])), "Evidence([3, 1])");
    }
}
