//! The rota: who is on call in turn, and in which order they are called.
//!
//! A turn puts all of its agents on call; the first is asked first, the next when no receipt
//! came. A list of turns replaces what stood in the time that it covers, so that a month can
//! be imported twice and changes nothing.
//!
//! Always true: turns of one list lie apart, within what they cover, and name nobody twice.
//! Whom leave keeps away is told by the registry, not here.

use minicbor::{Decode, Encode};

use super::{HoursError, Period, at_most};
use crate::{AgentNumber, Timestamp};

/// Turns of one list.
pub const TURNS: usize = 512;
/// Agents of one turn.
pub const CALLED: usize = 16;

/// One stretch of a rota.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Turn {
    /// When.
    #[n(0)]
    pub period: Period,
    /// Who, the first to be called first: 1 to [`CALLED`].
    #[n(1)]
    pub order: Vec<AgentNumber>,
}

/// The turns of a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Rota {
    /// Turns that begin herein are replaced.
    #[n(0)]
    pub covers: Period,
    /// At most [`TURNS`], by their beginning. None takes those that stood away.
    #[n(1)]
    pub turns: Vec<Turn>,
}

impl Rota {
    /// Refuses too many turns, and turns that are empty, overlap, lie outside or call somebody twice.
    pub fn validate(&self) -> Result<(), HoursError> {
        at_most("turns", self.turns.len(), TURNS)?;
        self.covers.validate()?;
        for (index, turn) in self.turns.iter().enumerate() {
            turn.period.validate()?;
            at_most("agents in a turn", turn.order.len(), CALLED)?;
            let twice = |(place, agent): (usize, &AgentNumber)| turn.order[..place].contains(agent);
            if turn.order.is_empty() || turn.order.iter().enumerate().any(twice) {
                return Err(HoursError::BadTurn { index });
            }
            if !self.covers.contains(turn.period.from) {
                return Err(HoursError::BadTurn { index });
            }
            if index > 0 && turn.period.from < self.turns[index - 1].period.until {
                return Err(HoursError::Overlap { index });
            }
        }
        Ok(())
    }
}

/// Turns as they stand after all lists that were stated, by their beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StandingRota(Vec<Turn>);

impl StandingRota {
    /// Puts a list in the place of what stood in its time.
    pub fn replace(&mut self, rota: &Rota) {
        self.0.retain(|turn| !rota.covers.contains(turn.period.from));
        self.0.extend(rota.turns.iter().cloned());
        self.0.sort_by_key(|turn| turn.period.from);
    }

    /// All turns.
    pub fn turns(&self) -> &[Turn] {
        &self.0
    }

    /// Who is called at an instant, in order. Where a former list's last turn runs into a later list's
    /// first, the later turn counts.
    pub fn order_at(&self, at: Timestamp) -> &[AgentNumber] {
        let begun = self.0.partition_point(|turn| turn.period.from <= at);
        let turn = self.0[..begun].iter().rev().find(|turn| turn.period.contains(at));
        turn.map_or(&[], |turn| &turn.order)
    }
}
