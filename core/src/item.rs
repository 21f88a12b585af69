//! A message as a document of its own: an automerge document, of which only what differs travels.
//!
//! The first change of a message creates all it will ever hold: `body`, a string whose later
//! values are its edits, and `reactions`, a map. Two devices that created a container offline
//! would hide each other's; so nobody creates one later.
//!
//! Always true: an actor and a text give exactly one first change, [`Message::first_change`],
//! byte for byte the one that automerge 0.12 writes (tested). So its 72 bytes of framing are
//! neither sent nor stored: a message's bytes are the actor's 16, then the text in UTF-8. Nor is
//! automerge's parser asked to read a stranger's first change: it believes run lengths, and a
//! change of 75 bytes that announces 2⁶⁰ operations would keep it busy for ever.
//!
//! Not here: edits and reactions. They are later changes of the same document.

use estafette_protocol::{Hash, limits};

/// A fresh random name for one installation of the program, by which its changes are told
/// apart; never derived from the device, and drawn anew after a restore.
pub type ActorId = [u8; 16];

/// Why bytes are not a message, or a text is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// Cut short, or not UTF-8.
    #[error("not a message")]
    Malformed,
    /// A message says something.
    #[error("the text is empty")]
    Empty,
    /// More than [`limits::MESSAGE_CHARACTERS`] Unicode scalar values.
    #[error("more than {} characters", limits::MESSAGE_CHARACTERS)]
    TooLong,
}

/// What the first change of a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The installation that made it.
    pub actor: ActorId,
    /// 1 to [`limits::MESSAGE_CHARACTERS`] Unicode scalar values, as the author wrote them.
    pub text: String,
}

/// The bytes of a new message, for [`estafette_protocol::entry::Deed::Message`].
pub fn new_message(text: &str, actor: ActorId) -> Result<Vec<u8>, ItemError> {
    check(text)?;
    Ok([&actor, text.as_bytes()].concat())
}

impl Message {
    /// Reads what [`new_message`] wrote; any other bytes are refused.
    pub fn read(bytes: &[u8]) -> Result<Self, ItemError> {
        let (actor, text) = bytes.split_first_chunk().ok_or(ItemError::Malformed)?;
        if text.len() > LONGEST {
            return Err(ItemError::TooLong);
        }
        let text = std::str::from_utf8(text).map_err(|_| ItemError::Malformed)?;
        check(text)?;
        Ok(Self { actor: *actor, text: text.to_owned() })
    }

    /// The first change of the message's document, as automerge reads it.
    pub fn first_change(&self) -> Vec<u8> {
        first_change(&self.text, self.actor)
    }
}

/// No character takes more than four bytes.
const LONGEST: usize = 4 * limits::MESSAGE_CHARACTERS;

fn check(text: &str) -> Result<(), ItemError> {
    if text.is_empty() {
        return Err(ItemError::Empty);
    }
    if text.len() > LONGEST || text.chars().count() > limits::MESSAGE_CHARACTERS {
        return Err(ItemError::TooLong);
    }
    Ok(())
}

// The change chunk of automerge's binary format, version 1 <https://automerge.org/automerge-binary-format-spec>:
// magic, checksum, type, length, then what follows here.

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHECKSUM: usize = 4;
const CHANGE: u8 = 1;
/// No dependencies; an actor of 16 bytes.
const BEFORE_ACTOR: [u8; 2] = [0, 16];
/// Change 1, operation 1; time 0, because the signed operation around it says when; no message,
/// no other actors.
const AFTER_ACTOR: [u8; 5] = [1, 1, 0, 0, 0];
/// Six columns with their lengths: keys, insert, action; values' types and the values' bytes
/// follow with lengths that depend on the text, then the predecessors.
const COLUMNS: [u8; 7] = [6, 0x15, 16, 0x34, 1, 0x42, 3];
const VALUE_TYPES: u8 = 0x56;
const VALUES: u8 = 0x57;
const PREDECESSORS: [u8; 2] = [0x70, 2];
/// Keys of the two operations, both not inserting; "set" and "make a map".
const OPERATIONS: &[u8] = b"\x7e\x04body\x09reactions\x02\x7e\x01\x00";
/// Two literal types follow.
const TWO_TYPES: u8 = 0x7e;
const STRING: usize = 6;
const NO_VALUE: u8 = 0;
/// Twice "no predecessors".
const NO_PREDECESSORS: [u8; 2] = [2, 0];

fn first_change(text: &str, actor: ActorId) -> Vec<u8> {
    let mut types = vec![TWO_TYPES];
    write_number(&mut types, text.len() << 4 | STRING);
    types.push(NO_VALUE);

    let mut content = Vec::with_capacity(text.len() + 72);
    content.extend_from_slice(&BEFORE_ACTOR);
    content.extend_from_slice(&actor);
    content.extend_from_slice(&AFTER_ACTOR);
    content.extend_from_slice(&COLUMNS);
    content.push(VALUE_TYPES);
    write_number(&mut content, types.len());
    content.push(VALUES);
    write_number(&mut content, text.len());
    content.extend_from_slice(&PREDECESSORS);
    content.extend_from_slice(OPERATIONS);
    content.extend_from_slice(&types);
    content.extend_from_slice(text.as_bytes());
    content.extend_from_slice(&NO_PREDECESSORS);

    let mut head = vec![CHANGE];
    write_number(&mut head, content.len());
    let checksum = Hash::of(&[&head, &content]);
    [&MAGIC, &checksum.0[..CHECKSUM], &head, &content].concat()
}

/// Unsigned LEB128, shortest form.
fn write_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[cfg(test)]
mod tests;
