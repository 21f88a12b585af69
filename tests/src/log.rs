//! What happened, as one hash, and as lines when somebody wants to read them.

use estafette_protocol::{Hash, Timestamp};
use sha2::{Digest as _, Sha256};

/// The world's event log.
#[derive(Default)]
pub(crate) struct Log {
    digest: Sha256,
    /// Kept when set.
    pub lines: Option<Vec<String>>,
    pub count: u64,
}

impl Log {
    pub fn note(&mut self, at: Timestamp, line: std::fmt::Arguments<'_>) {
        let line = format!("{} {line}", at.0);
        self.count += 1;
        self.digest.update(line.as_bytes());
        self.digest.update(b"\n");
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
    }

    pub fn hash(&self) -> Hash {
        Hash(self.digest.clone().finalize().into())
    }
}
