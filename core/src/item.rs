//! What people say in a message: which texts, signs and titles can be said at all.
//!
//! Always true: nothing is trimmed or normalised; a text that is read is what its author wrote, byte
//! for byte. What becomes of a message (edits, reactions, erasure) is told by deeds of its log.

use estafette_protocol::limits;

/// Who makes the changes of a document, as automerge names them: 16 random bytes, one installation's,
/// drawn anew after a restore. Messages of the first version begin with one.
pub type ActorId = [u8; 16];

/// Why bytes are not a message, or a text is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// Cut short, or not UTF-8.
    #[error("not a message")]
    Malformed,
    /// A message says something: it has a sign that is seen.
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

/// Whether a text that is written here and now may leave: one that can be a message, and of which
/// something is seen. What stands already is read by [`read_text`] as it was written.
pub fn check_written(text: &str) -> Result<(), ItemError> {
    check_text(text)?;
    if text.chars().any(is_seen) { Ok(()) } else { Err(ItemError::Empty) }
}

/// Whether a sign leaves anything on a screen.
fn is_seen(sign: char) -> bool {
    let unseen = sign.is_whitespace()
        || sign.is_control()
        || matches!(
            sign,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
        );
    !unseen
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

/// Whether a sign can be a reaction; an empty one withdraws.
pub fn check_reaction(emoji: &str) -> Result<(), ItemError> {
    if emoji.len() > limits::REACTION {
        return Err(ItemError::TooLong);
    }
    match emoji.chars().any(|sign| sign.is_control() || sign.is_whitespace()) {
        true => Err(ItemError::Malformed),
        false => Ok(()),
    }
}

/// Whether a text can be a thread's title: one line; empty takes the title away.
pub fn check_title(title: &str) -> Result<(), ItemError> {
    if title.chars().count() > limits::TITLE {
        return Err(ItemError::TooLong);
    }
    match title.chars().any(char::is_control) {
        true => Err(ItemError::Malformed),
        false => Ok(()),
    }
}

/// Reads a message as the first version wrote it: the actor of its first change, then its text.
pub fn read_first_version(bytes: &[u8]) -> Result<(ActorId, &str), ItemError> {
    let (actor, text) = bytes.split_first_chunk().ok_or(ItemError::Malformed)?;
    Ok((*actor, read_text(text)?))
}

/// No character takes more than four bytes.
const LONGEST: usize = 4 * limits::MESSAGE_CHARACTERS;

#[cfg(test)]
mod tests;
