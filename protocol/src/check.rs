//! "Is anything new?" in eight bytes, and "no" in none, on an open socket.
//!
//! A device that has been silent asks whether it really has everything; on a thin link that
//! should cost two records and nothing more. No request begins like a question, since requests
//! are arrays. Answers come in the order of the questions.

use crate::Hash;
use crate::frame::Cursor;

/// The question: a CBOR byte string of seven bytes.
pub const QUESTION: usize = 8;
/// The answer when the relay holds nothing after the cursor for this device: an empty message.
pub const NOTHING: &[u8] = &[];
/// The answer when it does, or knows another cursor: CBOR `true`. The device greets again.
pub const NEWS: &[u8] = &[0xf5];

/// Byte string, seven bytes (RFC 8949 §3.1).
const HEAD: u8 = 0x47;

/// Asks whether anything came after a cursor, which is named by its hash.
pub fn question(cursor: &Cursor) -> [u8; QUESTION] {
    let mut question = Hash::of(&[b"estafette check v1\0", &cursor.0]).short();
    question[0] = HEAD;
    question
}

/// Whether bytes are a question, of whatever cursor.
pub fn is_question(bytes: &[u8]) -> bool {
    bytes.len() == QUESTION && bytes[0] == HEAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;
    use crate::frame::{Request, RequestBody};

    #[test]
    fn a_question_names_its_cursor_and_is_no_request() {
        let [one, two] = [vec![1], vec![2]].map(|bytes| question(&Cursor(bytes.into())));
        assert_ne!(one, two);
        assert!(is_question(&one));
        assert!(Request::from_bytes(&one).is_err());
        for id in [0, 23, 24, 255, 256, 65_536] {
            let request = Request { id, body: RequestBody::Stored { cursor: Cursor(vec![7].into()) } };
            assert!(!is_question(&codec::to_bytes(&request)));
        }
    }
}
