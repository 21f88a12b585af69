//! A note: a text that the members of a thread write together, also without knowing of each other.
//!
//! A note is one automerge document. Its first change, its author's, makes all that it will ever
//! hold: `title`, a string, and `text`, a `Text`. Later changes put characters into the text and take
//! characters out; nobody's work on it hides anybody else's.
//!
//! Always true: no byte of a stranger reaches automerge, which believes run lengths and panics on
//! what it does not expect. A change travels in a form that can say nothing else than "this text
//! behind that character" and "without those characters" ([`change`]); it is judged by what the
//! document knows ([`history`]), and only then written as the automerge change that it stands for.
//! The first change follows from the item's name, its title and its first text, as a message's does.
//!
//! Positions and lengths are Unicode scalar values throughout.

pub mod change;
mod document;
mod history;

use estafette_protocol::{EntryUid, codec, limits};
use minicbor::{Decode, Encode};

use crate::item::{self, ItemError};

pub use document::{Document, DocumentError, Taken};

/// A part of a text that gives way to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// How many characters stand before it.
    pub position: usize,
    /// How many characters of it go.
    pub deleted: usize,
    /// What comes in their place.
    pub inserted: String,
}

/// What the first entry of a note says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct NoteContent {
    /// One line of 1 to [`limits::TITLE`] characters. It stays.
    #[n(0)]
    pub title: String,
    /// What the text begins as: at most [`limits::MESSAGE_CHARACTERS`] characters.
    #[n(1)]
    pub text: String,
}

impl NoteContent {
    /// Whether it can be a note's.
    pub fn check(&self) -> Result<(), ItemError> {
        if self.title.is_empty() {
            return Err(ItemError::Empty);
        }
        item::check_title(&self.title)?;
        match self.text.chars().count() > limits::MESSAGE_CHARACTERS {
            true => Err(ItemError::TooLong),
            false => Ok(()),
        }
    }

    /// Reads the first entry of a note.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ItemError> {
        let content: Self = codec::from_bytes(bytes, limits::OPERATION).map_err(|_| ItemError::Malformed)?;
        content.check()?;
        Ok(content)
    }

    /// The bytes that its first entry carries.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_bytes(self)
    }
}

/// What a list of messages shows of a note, and what is searched: its title, then its text.
pub fn body(title: &str, text: &str) -> String {
    format!("{title}\n{text}")
}

/// The text in a body.
pub fn text_of<'a>(body: &'a str, title: &str) -> &'a str {
    body.strip_prefix(title).and_then(|rest| rest.strip_prefix('\n')).unwrap_or_default()
}

/// The actor of a note's first change: the item's name, which nobody else writes as.
fn first_actor(item: EntryUid) -> Vec<u8> {
    item.0.to_vec()
}

#[cfg(test)]
mod tests;
