//! A walk over DER: one element after the other, without copies and without recursion.
//!
//! Lengths are definite and inside the given bytes, tag numbers fit 32 bits; anything else is
//! [`Malformed`]. What is not strict DER but can be read in one way only (a length with leading
//! zeros) passes: these bytes were signed by hardware whose encoders are not all strict.

/// The bytes are not DER of the expected shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed DER")]
pub struct Malformed;

/// A BOOLEAN as it was written. Only 0xff is TRUE in DER; phones exist that write something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boolean {
    /// 0x00.
    False,
    /// 0xff.
    True,
    /// Any other byte: true in BER, not allowed in DER.
    NotDer(u8),
}

/// The class and number of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Universal(u32),
    Context(u32),
    Other,
}

const BOOLEAN: Tag = Tag::Universal(1);
const INTEGER: Tag = Tag::Universal(2);
const OCTET_STRING: Tag = Tag::Universal(4);
const ENUMERATED: Tag = Tag::Universal(10);
const SEQUENCE: Tag = Tag::Universal(16);
const SET: Tag = Tag::Universal(17);

/// What is left of a constructed value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks that nothing is left.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    /// The next element: its tag and its content.
    pub(crate) fn element(&mut self) -> Result<(Tag, &'a [u8]), Malformed> {
        let tag = self.tag()?;
        let length = self.length()?;
        let (content, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok((tag, content))
    }

    pub(crate) fn sequence(&mut self) -> Result<Self, Malformed> {
        self.content(SEQUENCE).map(Self)
    }

    pub(crate) fn set(&mut self) -> Result<Self, Malformed> {
        self.content(SET).map(Self)
    }

    pub(crate) fn octets(&mut self) -> Result<&'a [u8], Malformed> {
        self.content(OCTET_STRING)
    }

    /// A whole number from 0 to 2^64 - 1.
    pub(crate) fn integer(&mut self) -> Result<u64, Malformed> {
        self.content(INTEGER).and_then(unsigned)
    }

    /// An ENUMERATED value from 0 to 2^64 - 1.
    pub(crate) fn enumerated(&mut self) -> Result<u64, Malformed> {
        self.content(ENUMERATED).and_then(unsigned)
    }

    pub(crate) fn boolean(&mut self) -> Result<Boolean, Malformed> {
        match self.content(BOOLEAN)? {
            [0x00] => Ok(Boolean::False),
            [0xff] => Ok(Boolean::True),
            [other] => Ok(Boolean::NotDer(*other)),
            _ => Err(Malformed),
        }
    }

    fn content(&mut self, expected: Tag) -> Result<&'a [u8], Malformed> {
        let (tag, content) = self.element()?;
        if tag == expected { Ok(content) } else { Err(Malformed) }
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*first)
    }

    fn tag(&mut self) -> Result<Tag, Malformed> {
        let first = self.byte()?;
        let number = match first & 0x1f {
            0x1f => self.high_tag_number()?,
            low => u32::from(low),
        };
        let constructed = first & 0x20 != 0;
        match first >> 6 {
            // A string in several parts, which BER allows, would be read as its first header.
            0 if constructed != matches!(number, 16 | 17) => Err(Malformed),
            0 => Ok(Tag::Universal(number)),
            2 => Ok(Tag::Context(number)),
            _ => Ok(Tag::Other),
        }
    }

    /// Numbers above 30: seven bits a byte, the last one without the high bit.
    fn high_tag_number(&mut self) -> Result<u32, Malformed> {
        let mut number = 0u32;
        loop {
            let byte = self.byte()?;
            number = number.checked_mul(128).ok_or(Malformed)? | u32::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
    }

    fn length(&mut self) -> Result<usize, Malformed> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(usize::from(first));
        }
        match first & 0x7f {
            // Zero is BER's indefinite length; four bytes already hold more than any evidence.
            count @ 1..=4 => {
                (0..count).try_fold(0usize, |length, _| Ok(length << 8 | usize::from(self.byte()?)))
            }
            _ => Err(Malformed),
        }
    }
}

fn unsigned(content: &[u8]) -> Result<u64, Malformed> {
    let significant = match content {
        [] | [0x80..=0xff, ..] => return Err(Malformed),
        [0x00, rest @ ..] => rest,
        all => all,
    };
    if significant.len() > 8 {
        return Err(Malformed);
    }
    Ok(significant.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(bytes: &[u8]) -> Result<u64, Malformed> {
        Reader::new(bytes).integer()
    }

    #[test]
    fn a_length_without_end_is_refused_and_what_is_left_is_noticed() {
        let mut without_end = vec![4, 0x80];
        without_end.resize(2 + 0x80, 0);
        assert_eq!(Reader::new(&without_end).octets(), Err(Malformed));
        let mut reader = Reader::new(&[2, 1, 7, 0]);
        assert_eq!((reader.integer(), reader.is_empty(), reader.end()), (Ok(7), false, Err(Malformed)));
        let mut whole = Reader::new(&[2, 1, 7]);
        assert_eq!((whole.integer(), whole.end()), (Ok(7), Ok(())));
    }

    #[test]
    fn whole_numbers_are_read_up_to_64_bits_and_negative_ones_are_refused() {
        assert_eq!(integer(&[2, 1, 0]), Ok(0));
        assert_eq!(integer(&[2, 2, 0x00, 0x80]), Ok(128));
        assert_eq!(integer(&[2, 9, 0, 255, 255, 255, 255, 255, 255, 255, 255]), Ok(u64::MAX));
        assert_eq!(integer(&[2, 1, 0x80]), Err(Malformed));
        assert_eq!(integer(&[2, 0]), Err(Malformed));
        assert_eq!(integer(&[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]), Err(Malformed));
        assert_eq!(integer(&[4, 1, 0]), Err(Malformed));
    }

    #[test]
    fn a_length_beyond_the_bytes_is_refused_in_every_form() {
        for bytes in [
            &[4, 2, 0][..],
            &[4, 0x81, 2, 0],
            &[4, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[4, 0x85, 0, 0, 0, 0, 0],
            &[4, 0x80, 0, 0],
            &[4],
            &[],
        ] {
            assert_eq!(Reader::new(bytes).octets(), Err(Malformed), "{bytes:02x?}");
        }
        assert_eq!(Reader::new(&[4, 0x82, 0, 1, 7]).octets(), Ok(&[7][..]));
    }

    #[test]
    fn a_string_in_parts_and_a_sequence_without_parts_are_refused() {
        assert_eq!(Reader::new(&[0x24, 3, 4, 1, 7]).octets(), Err(Malformed));
        assert!(Reader::new(&[0x10, 0]).sequence().is_err());
        assert!(Reader::new(&[0x30, 0]).sequence().is_ok());
    }

    #[test]
    fn tag_numbers_are_read_up_to_32_bits() {
        let tag = |bytes: &[u8]| Reader::new(bytes).element().map(|(tag, _)| tag);
        assert_eq!(tag(&[0xa1, 0]), Ok(Tag::Context(1)));
        assert_eq!(tag(&[0xbf, 0x85, 0x40, 0]), Ok(Tag::Context(704)));
        assert_eq!(tag(&[0xbf, 0x8f, 0xff, 0xff, 0xff, 0x7f, 0]), Ok(Tag::Context(u32::MAX)));
        assert_eq!(tag(&[0xbf, 0x90, 0x80, 0x80, 0x80, 0x00, 0]), Err(Malformed));
        assert_eq!(tag(&[0xbf, 0x85]), Err(Malformed));
    }

    #[test]
    fn a_boolean_keeps_the_byte_that_is_not_der() {
        assert_eq!(Reader::new(&[1, 1, 0xff]).boolean(), Ok(Boolean::True));
        assert_eq!(Reader::new(&[1, 1, 0x00]).boolean(), Ok(Boolean::False));
        assert_eq!(Reader::new(&[1, 1, 0x01]).boolean(), Ok(Boolean::NotDer(1)));
        assert_eq!(Reader::new(&[1, 2, 0xff, 0xff]).boolean(), Err(Malformed));
    }
}
