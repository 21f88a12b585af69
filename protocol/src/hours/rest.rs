//! The rest that an intervention by night interrupts, and the opening that it puts off.
//!
//! Directive 2003/88, art. 3: eleven hours in a row in each 24. Who is called at 02:00, is
//! done at 03:30 and would begin at 08:00 has had neither before nor after: the opening
//! moves to 14:30. Who had the whole rest before the call and ends the day in time keeps the
//! opening. Sector texts that ask for less (décret 2002-259, art. 9) are not applied here.
//!
//! A proposal until a supervisor or an administrator states it; then it closes the agent's
//! calendars, and neither the rota nor what a person orders: an emergency goes on.

use std::time::Duration;

use minicbor::{Decode, Encode};

use super::{AgentHours, HoursError, Period, Reach};
use crate::{AgentNumber, Timestamp};

/// The longest rest that is asked for: what is longer is leave.
const LONGEST: Duration = Duration::from_hours(48);

/// Closes an agent's calendars after an intervention, so that the daily rest is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct RestAfter {
    /// The rest: from the intervention's end, for the profile's daily rest.
    #[n(0)]
    pub rest: Period,
    /// The intervention that is the reason.
    #[n(1)]
    pub intervention: Period,
    /// Who stated it: the agent sees by whom.
    #[n(2)]
    pub author: AgentNumber,
}

impl RestAfter {
    /// Refuses periods that are empty, a rest that does not begin where the intervention ends, and one
    /// that lasts more than two days.
    pub fn validate(&self) -> Result<(), HoursError> {
        self.intervention.validate()?;
        self.rest.validate()?;
        let fits =
            self.rest.from == self.intervention.until && self.rest.until <= self.rest.from.after(LONGEST);
        if fits { Ok(()) } else { Err(HoursError::BadRest) }
    }
}

/// An opening that an intervention puts off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShiftedOpening {
    /// When hours would have opened.
    pub planned: Timestamp,
    /// Until when the agent rests.
    pub rest: Period,
    /// When hours open instead; `None` if that is not within [`super::HORIZON`].
    pub opens_at: Option<Timestamp>,
}

impl ShiftedOpening {
    /// What is to be stated, once somebody has agreed.
    pub fn stated(&self, intervention: Period, author: AgentNumber) -> RestAfter {
        RestAfter { rest: self.rest, intervention, author }
    }
}

/// Whether an intervention of an agent puts the next opening off, for a daily rest of that length.
///
/// `None` if the rest is whole without: before the intervention, with a day after it that ends within
/// 24 hours less the rest; or after it.
pub fn shifted_opening(
    hours: &AgentHours,
    intervention: Period,
    daily_rest: Duration,
) -> Option<ShiftedOpening> {
    let rest = Period { from: intervention.until, until: intervention.until.after(daily_rest) };
    let planned = match hours.is_open(rest.from, Reach::Duty) {
        true => rest.from,
        false => hours.next_change(rest.from, Reach::Duty)?,
    };
    if planned >= rest.until
        || (had_rest_before(hours, intervention.from, daily_rest)
            && ends_in_time(hours, intervention, daily_rest))
    {
        return None;
    }
    let opens_at = match hours.is_open(rest.until, Reach::Duty) {
        true => Some(rest.until),
        false => hours.next_change(rest.until, Reach::Duty),
    };
    Some(ShiftedOpening { planned, rest, opens_at })
}

fn had_rest_before(hours: &AgentHours, at: Timestamp, rest: Duration) -> bool {
    let since = at.before(rest);
    !hours.is_open(since, Reach::Duty)
        && hours.next_change(since, Reach::Duty).is_none_or(|opens| opens >= at)
}

/// Whether the day that begins with the intervention leaves the rest within its 24 hours.
fn ends_in_time(hours: &AgentHours, intervention: Period, rest: Duration) -> bool {
    let limit = intervention.from.after(Duration::from_hours(24).saturating_sub(rest));
    let mut at = intervention.until;
    while at <= limit {
        // Closed from here on for the whole rest: the day is over.
        if !hours.is_open(at, Reach::Duty) {
            match hours.next_change(at, Reach::Duty) {
                Some(opens) if opens < at.after(rest) => at = opens,
                _ => return true,
            }
        } else {
            match hours.next_change(at, Reach::Duty) {
                Some(closes) => at = closes,
                None => return false,
            }
        }
    }
    false
}
