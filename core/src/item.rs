//! A message as a document of its own: an automerge document, of which only what differs travels.
//!
//! The first change of a message creates all it will ever hold: `body`, a string whose later
//! values are its edits, and `reactions`, a map. Two devices that created a container offline
//! would hide each other's; so nobody creates one later.
//!
//! Always true: an actor and a text give exactly one first change, [`first_change`], byte for
//! byte the one that automerge 0.12 writes (tested). The actor is the item's own name, which is
//! random and used once. So nothing but the text travels and is stored. Nor is automerge's parser
//! asked to read a stranger's first change: it believes run lengths, and a change of 75 bytes that
//! announces 2⁶⁰ operations would keep it busy for ever.
//!
//! Not here: edits and reactions. They are later changes of the same document.

use estafette_protocol::{Hash, limits};

/// Who made a change, as automerge names them: 16 random bytes. The first change of an item is
/// its name's; later ones are one installation's, drawn anew after a restore.
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

/// Whether a text can be a message: 1 to [`limits::MESSAGE_CHARACTERS`] Unicode scalar values.
pub fn check_text(text: &str) -> Result<(), ItemError> {
    if text.is_empty() {
        return Err(ItemError::Empty);
    }
    if text.len() > LONGEST || text.chars().count() > limits::MESSAGE_CHARACTERS {
        return Err(ItemError::TooLong);
    }
    Ok(())
}

/// Reads the text of a new message, as its author wrote it.
pub fn read_text(bytes: &[u8]) -> Result<&str, ItemError> {
    if bytes.len() > LONGEST {
        return Err(ItemError::TooLong);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ItemError::Malformed)?;
    check_text(text)?;
    Ok(text)
}

/// Reads a message as the first version wrote it: the actor of its first change, then its text.
pub fn read_first_version(bytes: &[u8]) -> Result<(ActorId, &str), ItemError> {
    let (actor, text) = bytes.split_first_chunk().ok_or(ItemError::Malformed)?;
    Ok((*actor, read_text(text)?))
}

/// No character takes more than four bytes.
const LONGEST: usize = 4 * limits::MESSAGE_CHARACTERS;

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

/// The first change of a message's document, as automerge reads it.
pub fn first_change(text: &str, actor: ActorId) -> Vec<u8> {
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
