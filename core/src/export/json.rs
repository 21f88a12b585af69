//! A conversation as one JSON document, one line a message, written as it is read.

use std::io::{self, Write};

use serde::Serialize;

use super::{Conversation, FORMAT, Message, VERSION};

/// Writes the document; [`JsonWriter::finish`] ends it.
pub struct JsonWriter<W> {
    out: W,
    empty: bool,
}

#[derive(Serialize)]
struct Head<'a> {
    format: &'static str,
    version: u32,
    conversation: &'a Conversation,
}

impl<W: Write> JsonWriter<W> {
    /// Begins with the conversation.
    pub fn new(mut out: W, conversation: &Conversation) -> io::Result<Self> {
        let head = serde_json::to_string(&Head { format: FORMAT, version: VERSION, conversation })?;
        // The object stays open for the messages.
        write!(out, "{},\"messages\":[", head.strip_suffix('}').unwrap_or(&head))?;
        Ok(Self { out, empty: true })
    }

    /// Adds a message.
    pub fn message(&mut self, message: &Message) -> io::Result<()> {
        self.out.write_all(if self.empty { b"\n" } else { b",\n" })?;
        self.empty = false;
        Ok(serde_json::to_writer(&mut self.out, message)?)
    }

    /// Ends the document and gives back where it was written.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"\n]}\n")?;
        Ok(self.out)
    }
}
