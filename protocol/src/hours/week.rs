//! The weekly intervals of a calendar, as the clocks on the wall show them.

use minicbor::{Decode, Encode};

use super::{HoursError, INTERVALS, Weekday, at_most};

/// The last minute of a day, excluded.
pub(super) const MIDNIGHT: u16 = 24 * 60;

/// Opening hours within one day. A night is two of them: until 24:00, and from 00:00 the day after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(map)]
pub struct WeeklyInterval {
    /// The day.
    #[n(0)]
    pub day: Weekday,
    /// The first minute since 00:00, included: 0 to 1439.
    #[n(1)]
    pub from_minute: u16,
    /// The last minute since 00:00, excluded: 1 to 1440.
    #[n(2)]
    pub to_minute: u16,
}

impl WeeklyInterval {
    /// An interval from one minute of a day to another.
    pub fn new(day: Weekday, from_minute: u16, to_minute: u16) -> Self {
        Self { day, from_minute, to_minute }
    }
}

/// Weekly intervals; open when any of them holds the minute. Their order has no meaning.
///
/// Read from a text like `lun-ven 08:00-12:00 13:00-17:00; sam 08:00-12:00` and shown as one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Week(#[n(0)] pub Vec<WeeklyInterval>);

impl Week {
    /// Sorted, what overlaps or touches joined, what is empty left out.
    pub fn new(intervals: impl IntoIterator<Item = WeeklyInterval>) -> Self {
        let mut sorted: Vec<_> =
            intervals.into_iter().filter(|one| one.from_minute < one.to_minute).collect();
        sorted.sort_unstable();
        let mut joined: Vec<WeeklyInterval> = Vec::with_capacity(sorted.len());
        for next in sorted {
            match joined.last_mut() {
                Some(last) if last.day == next.day && next.from_minute <= last.to_minute => {
                    last.to_minute = last.to_minute.max(next.to_minute);
                }
                _ => joined.push(next),
            }
        }
        Self(joined)
    }

    /// Every minute of every day.
    pub fn always() -> Self {
        Self(Weekday::ALL.map(|day| WeeklyInterval::new(day, 0, MIDNIGHT)).into())
    }

    /// Whether a minute of a day (0 to 1439) is in one of the intervals.
    pub fn contains(&self, day: Weekday, minute: u16) -> bool {
        self.0.iter().any(|one| one.day == day && one.from_minute <= minute && minute < one.to_minute)
    }

    /// The first minute of that day after `minute` at which an interval begins or ends, or midnight.
    pub(super) fn next_edge(&self, day: Weekday, minute: u16) -> u16 {
        let today = self.0.iter().filter(|one| one.day == day);
        let edges = today.flat_map(|one| [one.from_minute, one.to_minute]);
        edges.filter(|edge| *edge > minute).fold(MIDNIGHT, u16::min)
    }

    /// Refuses too many intervals, and one that is empty, reversed or longer than its day.
    pub fn validate(&self) -> Result<(), HoursError> {
        at_most("weekly intervals", self.0.len(), INTERVALS)?;
        let bad = |one: &WeeklyInterval| one.from_minute >= one.to_minute || one.to_minute > MIDNIGHT;
        self.0.iter().position(bad).map_or(Ok(()), |index| Err(HoursError::BadInterval { index }))
    }
}
