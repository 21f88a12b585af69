//! A recorded conversation: one JSON object a line, who says what and answers whom.
//!
//! Always true of a [`Conversation`]: messages are numbered from 0 without holes, each can be
//! sent (1 to 10,000 characters), and each answers only earlier ones. A file that is anything
//! else is refused with the line where it goes wrong; nothing is repaired.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use estafette_protocol::limits;
use serde::Deserialize;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

/// A message of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Index into [`Conversation::authors`].
    pub author: usize,
    /// As it stands in the file.
    pub text: String,
    /// Indexes of the messages that it answers, all smaller than its own, in the file's order.
    pub reply_to: Vec<usize>,
}

/// A file that can be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The file's name without its ending.
    pub name: String,
    /// Who writes, in the order of their first message. Each becomes a device.
    pub authors: Vec<String>,
    /// The messages.
    pub lines: Vec<Line>,
}

/// Why a file cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ConversationError {
    /// It cannot be read.
    #[error("{file}: {source}", file = file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("{file}, line {line}: {fault}", file = file.display())]
    Line {
        /// Which file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        fault: LineFault,
    },
    /// No message at all.
    #[error("{file}: no message", file = .0.display())]
    Empty(PathBuf),
    /// More authors than a roster takes devices.
    #[error("{file}: {authors} authors where a team takes {limit} devices", file = file.display(), limit = limits::ROSTER_DEVICES)]
    TooManyAuthors {
        /// Which file.
        file: PathBuf,
        /// How many there are.
        authors: usize,
    },
    /// A folder without such files.
    #[error("{folder}: no .jsonl file", folder = .0.display())]
    NoFiles(PathBuf),
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// Not a JSON object of this form.
    #[error("not a message: {0}")]
    Json(String),
    /// `n` is not the number of messages before it.
    #[error("\"n\" is {found} where {expected} is due")]
    Number {
        /// What stands there.
        found: u64,
        /// What should.
        expected: usize,
    },
    /// The author has no name.
    #[error("no author")]
    NoAuthor,
    /// A message says something.
    #[error("the text is empty")]
    EmptyText,
    /// Longer than a message may be.
    #[error("{0} characters, at most {limit} are allowed", limit = limits::MESSAGE_CHARACTERS)]
    TooLong(usize),
    /// It answers itself or a later message, or one that is not there.
    #[error("answers message {0}, which does not stand before it")]
    Forward(u64),
    /// More answers than a message may hold.
    #[error("answers {0} messages, at most {limit} are allowed", limit = limits::PARENTS)]
    TooManyParents(usize),
}

#[derive(Deserialize)]
struct Record {
    n: u64,
    author: String,
    text: String,
    reply_to: Vec<u64>,
}

/// The files that a path means: itself, or a folder's `*.jsonl` in the order of their names.
///
/// # Errors
///
/// The folder cannot be read or holds none.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, ConversationError> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let unreadable = |source| ConversationError::Unreadable { file: path.to_path_buf(), source };
    let mut files = Vec::new();
    for child in std::fs::read_dir(path).map_err(unreadable)? {
        let child = child.map_err(unreadable)?.path();
        if child.extension().is_some_and(|extension| extension == "jsonl") && child.is_file() {
            files.push(child);
        }
    }
    files.sort();
    if files.is_empty() { Err(ConversationError::NoFiles(path.to_path_buf())) } else { Ok(files) }
}

impl Conversation {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is not a conversation: the line says where.
    pub fn read(file: &Path) -> Result<Self, ConversationError> {
        let unreadable = |source| ConversationError::Unreadable { file: file.to_path_buf(), source };
        if std::fs::metadata(file).map_err(unreadable)?.len() > LARGEST {
            return Err(unreadable(std::io::ErrorKind::FileTooLarge.into()));
        }
        let bytes = std::fs::read(file).map_err(unreadable)?;
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let conversation = Self::parse(&name, &bytes).map_err(|(line, fault)| ConversationError::Line {
            file: file.to_path_buf(),
            line,
            fault,
        })?;
        let authors = conversation.authors.len();
        match authors {
            0 => Err(ConversationError::Empty(file.to_path_buf())),
            _ if authors > limits::ROSTER_DEVICES => {
                Err(ConversationError::TooManyAuthors { file: file.to_path_buf(), authors })
            }
            _ => Ok(conversation),
        }
    }

    /// Reads the lines of a file.
    ///
    /// # Errors
    ///
    /// The line, counted from 1, and what is wrong there.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, (usize, LineFault)> {
        let mut conversation = Self { name: name.to_owned(), authors: Vec::new(), lines: Vec::new() };
        let mut known = BTreeMap::new();
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        if bytes.is_empty() {
            return Ok(conversation);
        }
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            let record = record(line, conversation.lines.len()).map_err(|fault| (number, fault))?;
            let author = *known.entry(record.author).or_insert_with_key(|name| {
                conversation.authors.push(name.clone());
                conversation.authors.len() - 1
            });
            let reply_to =
                record.reply_to.into_iter().filter_map(|parent| usize::try_from(parent).ok()).collect();
            conversation.lines.push(Line { author, text: record.text, reply_to });
        }
        Ok(conversation)
    }
}

fn record(line: &[u8], expected: usize) -> Result<Record, LineFault> {
    let line = std::str::from_utf8(line).map_err(|_| LineFault::NotUtf8)?;
    let record: Record = serde_json::from_str(line).map_err(|error| LineFault::Json(error.to_string()))?;
    if record.n != expected as u64 {
        return Err(LineFault::Number { found: record.n, expected });
    }
    if record.author.is_empty() {
        return Err(LineFault::NoAuthor);
    }
    match record.text.chars().count() {
        0 => return Err(LineFault::EmptyText),
        long if long > limits::MESSAGE_CHARACTERS => return Err(LineFault::TooLong(long)),
        _ => {}
    }
    if let Some(forward) = record.reply_to.iter().find(|parent| **parent >= record.n) {
        return Err(LineFault::Forward(*forward));
    }
    match record.reply_to.len() {
        many if many > limits::PARENTS => Err(LineFault::TooManyParents(many)),
        _ => Ok(record),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(n: u64, author: &str, text: &str, reply_to: &[u64]) -> String {
        let object =
            serde_json::json!({ "n": n, "minute": 3, "author": author, "text": text, "reply_to": reply_to });
        format!("{object}\n")
    }

    fn parse(lines: &[String]) -> Result<Conversation, (usize, LineFault)> {
        Conversation::parse("a file", lines.concat().as_bytes())
    }

    #[test]
    fn authors_are_numbered_in_the_order_of_their_first_message() {
        let read = parse(&[
            line(0, "chloé", "Vanne\nfermée.", &[]),
            line(1, "amine", "Vu.", &[0]),
            line(2, "chloé", "Merci.", &[1, 0]),
        ])
        .unwrap();
        assert_eq!(read.authors, ["chloé", "amine"]);
        assert_eq!(read.lines[2], Line { author: 0, text: "Merci.".to_owned(), reply_to: vec![1, 0] });
        assert_eq!(read.lines[0].text, "Vanne\nfermée.");
    }

    #[test]
    fn what_cannot_be_replayed_is_refused_with_its_line() {
        let first = || line(0, "amine", "Bonjour.", &[]);
        let long = "é".repeat(limits::MESSAGE_CHARACTERS + 1);
        let many: Vec<u64> = vec![0; limits::PARENTS + 1];
        for (second, fault) in [
            (line(1, "amine", "", &[]), LineFault::EmptyText),
            (line(1, "amine", &long, &[]), LineFault::TooLong(limits::MESSAGE_CHARACTERS + 1)),
            (line(1, "amine", "a", &[1]), LineFault::Forward(1)),
            (line(1, "amine", "a", &[0, 7]), LineFault::Forward(7)),
            (line(2, "amine", "a", &[]), LineFault::Number { found: 2, expected: 1 }),
            (line(0, "amine", "a", &[]), LineFault::Number { found: 0, expected: 1 }),
            (line(1, "", "a", &[]), LineFault::NoAuthor),
            (line(1, "amine", "a", &many), LineFault::TooManyParents(limits::PARENTS + 1)),
        ] {
            assert_eq!(parse(&[first(), second]), Err((2, fault)));
        }
        for broken in
            ["{", "\n", "[]\n", "{\"n\":1}\n", "{\"n\":-1,\"author\":\"a\",\"text\":\"a\",\"reply_to\":[]}\n"]
        {
            assert!(
                matches!(parse(&[first(), broken.to_owned()]), Err((2, LineFault::Json(_)))),
                "{broken:?}"
            );
        }
        let bytes = [first().as_bytes(), b"\xff\n"].concat();
        assert_eq!(Conversation::parse("a file", &bytes), Err((2, LineFault::NotUtf8)));
    }

    #[test]
    fn the_longest_text_and_the_most_answers_are_taken() {
        let text = "é".repeat(limits::MESSAGE_CHARACTERS);
        let parents = vec![0; limits::PARENTS];
        let read = parse(&[line(0, "amine", &text, &[]), line(1, "amine", "a", &parents)]).unwrap();
        assert_eq!(read.lines[0].text, text);
        assert_eq!(read.lines[1].reply_to.len(), limits::PARENTS);
    }
}
