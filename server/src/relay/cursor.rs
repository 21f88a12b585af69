//! A device's place in the relay's streams, as bytes that only the relay reads.

use std::collections::BTreeSet;

use estafette_protocol::frame::Cursor;
use estafette_protocol::{Fault, FaultCode, LogGeneration, codec};
use minicbor::{Decode, Encode};

/// Entries that may be delivered before their turn and are remembered as such.
pub const EARLY: usize = 64;
/// No cursor that this relay makes is larger.
const LIMIT: usize = 2 * 1024;

/// How far a device has stored each stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// Statements and handshakes.
    pub control: u64,
    /// Entries.
    pub content: u64,
    /// Slots.
    pub slots: u64,
    /// Entries above `content` that were delivered early, by stream number; at most [`EARLY`].
    pub early: BTreeSet<u64>,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Written {
    #[n(0)]
    generation: LogGeneration,
    #[n(1)]
    control: u64,
    #[n(2)]
    content: u64,
    #[n(3)]
    slots: u64,
    #[n(4)]
    early: Vec<u64>,
}

impl Marks {
    /// Reads a cursor. An empty one, or one of another log, stands before everything.
    pub fn read(cursor: &Cursor, generation: LogGeneration) -> Result<Self, Fault> {
        if cursor.0.is_empty() {
            return Ok(Self::default());
        }
        let written: Written = codec::from_bytes(&cursor.0, LIMIT)?;
        if written.early.len() > EARLY {
            return Err(FaultCode::Malformed.into());
        }
        if written.generation != generation {
            return Ok(Self::default());
        }
        Ok(Self {
            control: written.control,
            content: written.content,
            slots: written.slots,
            early: written.early.into_iter().filter(|early| *early > written.content).collect(),
        })
    }

    /// The cursor of these marks.
    pub fn write(&self, generation: LogGeneration) -> Cursor {
        let early = self.early.iter().copied().collect();
        let written =
            Written { generation, control: self.control, content: self.content, slots: self.slots, early };
        Cursor(codec::to_bytes(&written).into())
    }

    /// Moves the mark of entries on.
    pub fn pass_content(&mut self, mark: u64) {
        self.content = self.content.max(mark);
        self.early = self.early.split_off(&self.content.saturating_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: LogGeneration = LogGeneration([1; 8]);

    #[test]
    fn marks_read_back_and_another_logs_start_over() {
        let marks = Marks { control: 3, content: 9, slots: 2, early: BTreeSet::from([12, 15]) };
        let cursor = marks.write(LOG);
        assert_eq!(Marks::read(&cursor, LOG), Ok(marks));
        assert_eq!(Marks::read(&cursor, LogGeneration([2; 8])), Ok(Marks::default()));
        assert_eq!(Marks::read(&Cursor::default(), LOG), Ok(Marks::default()));
    }

    #[test]
    fn a_cursor_that_is_none_is_refused() {
        let cursor = Cursor(vec![0xff; 9].into());
        assert_eq!(Marks::read(&cursor, LOG).map_err(|fault| fault.code), Err(FaultCode::Malformed));
    }

    #[test]
    fn early_entries_are_forgotten_once_their_turn_has_passed() {
        let mut marks = Marks { early: BTreeSet::from([12, 15]), ..Marks::default() };
        marks.pass_content(12);
        assert_eq!(marks.early, BTreeSet::from([15]));
    }
}
