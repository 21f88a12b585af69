//! Search in all messages: words without their accents, hits in their context.

use estafette_protocol::{EntryUid, Position, ThreadId};
use rusqlite::Connection;

use super::{StoreError, fixed, uint};

/// Words of a query that are looked for; more make it no clearer.
const WORDS: usize = 16;
/// Hits among which the newest are looked for.
const CANDIDATES: usize = 500;
/// Words around a hit.
const CONTEXT: usize = 16;

/// A message that holds all words of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its thread.
    pub thread: ThreadId,
    /// Its name.
    pub uid: EntryUid,
    /// Its place; 0 while it has none.
    pub position: Position,
    /// The text around the first hit, words found between U+2068 and U+2069, cuts as `…`.
    pub excerpt: String,
}

/// Makes a stored message's words findable.
pub(super) fn add(db: &Connection, uid: EntryUid) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO message_text (rowid, body) SELECT id, body FROM message WHERE uid = ?1 AND erased = 0",
    )?
    .execute([&uid.0[..]])?;
    Ok(())
}

/// The opposite. Before the message's text changes: the index asks for the words that it holds.
pub(super) fn remove(db: &Connection, uid: EntryUid) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO message_text (message_text, rowid, body)
         SELECT 'delete', id, body FROM message WHERE uid = ?1 AND erased = 0",
    )?
    .execute([&uid.0[..]])?;
    Ok(())
}

/// Messages that hold all words of a query, each as the beginning of a word; newest first. Of more
/// than [`CANDIDATES`] such messages, those that came to this device last.
pub fn find(db: &Connection, query: &str, most: usize) -> Result<Vec<Hit>, StoreError> {
    let Some(expression) = expression(query) else { return Ok(Vec::new()) };
    // The index gives its rows in their order without looking at the messages: their times are read,
    // and their excerpts cut, for the candidates only.
    let mut statement = db.prepare_cached(&format!(
        "SELECT t.uid, m.uid, m.position, excerpt
         FROM (SELECT rowid AS id, snippet(message_text, 0, '\u{2068}', '\u{2069}', '…', {CONTEXT}) AS excerpt
               FROM message_text WHERE message_text MATCH ?1 ORDER BY rowid DESC LIMIT {candidates}) AS hit
         JOIN message AS m ON m.id = hit.id JOIN thread AS t ON t.id = m.thread
         ORDER BY m.received_at = 0 DESC, m.received_at DESC, m.id DESC LIMIT {most}",
        candidates = most.max(CANDIDATES),
    ))?;
    let mut rows = statement.query([expression])?;
    let mut hits = Vec::new();
    while let Some(row) = rows.next()? {
        hits.push(Hit {
            thread: ThreadId(fixed(row.get(0)?)?),
            uid: EntryUid(fixed(row.get(1)?)?),
            position: Position(uint(row.get(2)?)),
            excerpt: row.get(3)?,
        });
    }
    Ok(hits)
}

/// What a person typed as an expression of FTS5: only words, so that no sign of theirs means
/// anything to the index. `None` where there is no word.
fn expression(query: &str) -> Option<String> {
    let words = query.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.take(WORDS).map(|word| format!("\"{word}\"*")).collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_reach_the_index() {
        assert_eq!(expression("buse bouchée"), Some("\"buse\"* AND \"bouchée\"*".to_owned()));
        assert_eq!(
            expression("\"*\" OR NEAR(a,b) body:"),
            Some("\"OR\"* AND \"NEAR\"* AND \"a\"* AND \"b\"* AND \"body\"*".to_owned())
        );
        for nothing in ["", "\"*\"", " ' ; -- ", "🙂"] {
            assert_eq!(expression(nothing), None, "{nothing}");
        }
    }
}
