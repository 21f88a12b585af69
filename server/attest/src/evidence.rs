//! What a device shows: a chain of certificates, as it crosses the network and is stored.
//!
//! Decoding already refuses what is too large, before a certificate is copied; the verification
//! looks again, since evidence can also be made in memory.

use std::fmt;

use estafette_protocol::codec::{self, CodecError};
use minicbor::bytes::ByteSlice;
use minicbor::data::Type;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::Reason;
use crate::chain::Chain;

/// What a phone shows: chains of DER certificates, the phone's first, the root's last.
///
/// On the wire a CBOR map; keys that a later version adds are skipped.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Evidence {
    /// The certificates: 3 to 8, each at most 8 KiB, together at most 32 KiB.
    #[n(0)]
    #[cbor(with = "certificates")]
    pub chain: Vec<Vec<u8>>,
    /// A second chain, with the same limits, that attests the phone's serial number.
    #[n(1)]
    #[cbor(with = "second", has_nil)]
    pub id_chain: Option<Vec<Vec<u8>>>,
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
    /// The largest encoded evidence, in bytes: two chains, their CBOR, and room for what later
    /// versions add.
    pub const MAX_ENCODED: usize = 2 * Self::MAX_CHAIN + 2048;

    /// Evidence of one chain.
    pub fn of(chain: Vec<Vec<u8>>) -> Self {
        Self { chain, id_chain: None }
    }

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

    /// The serial numbers of all certificates, as [`crate::Facts::serials`] has them: of evidence that was
    /// judged before, to look them up in a newer list. What does not parse has none.
    pub fn serials(&self) -> Vec<Vec<u8>> {
        let chains = std::iter::once(&self.chain).chain(&self.id_chain);
        chains.filter_map(|chain| Some(Chain::parse(chain).ok()?.serials())).flatten().collect()
    }

    /// Why these chains must not even be parsed, if so.
    pub(crate) fn oversize(&self) -> Option<Reason> {
        oversize(&self.chain).or_else(|| self.id_chain.as_deref().and_then(oversize))
    }
}

/// Why a chain must not even be parsed, if so.
pub(crate) fn oversize(chain: &[Vec<u8>]) -> Option<Reason> {
    let total = chain.iter().fold(0usize, |total, one| total.saturating_add(one.len()));
    if chain.len() > Evidence::MAX_CERTIFICATES {
        Some(Reason::ChainTooLong)
    } else if total > Evidence::MAX_CHAIN || chain.iter().any(|one| one.len() > Evidence::MAX_CERTIFICATE) {
        Some(Reason::EvidenceTooLarge)
    } else {
        None
    }
}

impl fmt::Debug for Evidence {
    /// Sizes only: certificates can hold serial numbers, which must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = |chain: &[Vec<u8>]| chain.iter().map(Vec::len).collect::<Vec<_>>();
        let mut shown = f.debug_tuple("Evidence");
        shown.field(&sizes(&self.chain));
        if let Some(id_chain) = &self.id_chain {
            shown.field(&sizes(id_chain));
        }
        shown.finish()
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

/// The second chain; left out where there is none.
mod second {
    use super::*;

    pub fn encode<C, W: encode::Write>(
        chain: &Option<Vec<Vec<u8>>>,
        e: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match chain {
            Some(chain) => certificates::encode(chain, e, context),
            None => e.null()?.ok(),
        }
    }

    pub fn decode<'b, C>(
        d: &mut Decoder<'b>,
        context: &mut C,
    ) -> Result<Option<Vec<Vec<u8>>>, decode::Error> {
        match d.datatype()? {
            Type::Null => d.null().map(|()| None),
            _ => certificates::decode(d, context).map(Some),
        }
    }

    pub fn nil() -> Option<Option<Vec<Vec<u8>>>> {
        Some(None)
    }

    pub fn is_nil(chain: &Option<Vec<Vec<u8>>>) -> bool {
        chain.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(lengths: &[usize]) -> Evidence {
        Evidence::of(lengths.iter().map(|length| vec![0x30; *length]).collect())
    }

    #[test]
    fn evidence_up_to_the_limits_comes_back_unchanged() {
        for lengths in [&[][..], &[0], &[700, 500, 480, 900, 1300], &[8192; 4], &[4096; 8]] {
            let evidence = chain(lengths);
            assert_eq!(Evidence::from_bytes(&evidence.to_bytes()), Ok(evidence));
        }
    }

    #[test]
    fn the_limits_themselves_are_allowed_and_one_more_is_not() {
        assert_eq!(Evidence::MAX_ENCODED, 67_584);
        for allowed in [&[8192; 4][..], &[8192], &[4096; 8]] {
            assert_eq!(chain(allowed).oversize(), None, "{allowed:?}");
        }
        assert_eq!(chain(&[1; 9]).oversize(), Some(Reason::ChainTooLong));
        assert_eq!(chain(&[8193]).oversize(), Some(Reason::EvidenceTooLarge));
        assert_eq!(chain(&[8192, 8192, 8192, 8191, 2]).oversize(), Some(Reason::EvidenceTooLarge));
    }

    #[test]
    fn a_second_chain_that_is_said_to_be_none_is_none() {
        let none = [0xa2, 0x00, 0x81, 0x41, 0x30, 0x01, 0xf6];
        assert_eq!(Evidence::from_bytes(&none), Ok(chain(&[1])));
    }

    #[test]
    fn a_second_chain_comes_along_under_the_same_limits() {
        let both = |first: &[usize], second: &[usize]| Evidence {
            id_chain: Some(chain(second).chain),
            ..chain(first)
        };
        for second in [&[][..], &[700, 500], &[8192; 4]] {
            let evidence = both(&[8192; 4], second);
            assert_eq!(Evidence::from_bytes(&evidence.to_bytes()), Ok(evidence));
        }
        for second in [&[8193][..], &[1; 9], &[8192, 8192, 8192, 8192, 1]] {
            let bytes = both(&[1], second).to_bytes();
            assert!(matches!(Evidence::from_bytes(&bytes), Err(CodecError::Malformed(_))));
            assert!(both(&[1], second).oversize().is_some());
        }
        // What one chain is has not changed by this.
        assert_eq!(chain(&[1]).to_bytes(), [0xa1, 0x00, 0x81, 0x41, 0x30]);
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
