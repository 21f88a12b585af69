//! One weekly calendar in the legal time of a place, with the public holidays that close it.
//!
//! Open at an instant exactly when the clock on the wall shows a minute of an interval, on
//! a day that is no holiday. So on the day of the change in spring an interval loses the
//! hour that no clock shows, and one that begins in it opens at the change; in autumn what
//! lies in the hour shown twice is open twice.

use minicbor::{Decode, Encode};

use super::week::MIDNIGHT;
use super::zone::{Local, MINUTE};
use super::{Date, HOLIDAYS, HORIZON, HoursError, Week, ZONE_BYTES, Zone, at_most};
use crate::Timestamp;

/// Weekly hours of an organisation, a team or an agent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Calendar {
    /// The IANA name of the place's time zone. Closed for ever if the bundled tz data lacks it.
    #[n(0)]
    pub zone: String,
    /// When it is open.
    #[n(1)]
    pub week: Week,
    /// Days of the place that are closed from 00:00 to 24:00.
    #[cbor(n(2), skip_if = "Vec::is_empty")]
    pub holidays: Vec<Date>,
}

impl Calendar {
    /// Never closed.
    pub fn always_open(zone: impl Into<String>) -> Self {
        Self::weekly(zone, Week::always())
    }

    /// Open at the hours of a week, without public holidays.
    pub fn weekly(zone: impl Into<String>, week: Week) -> Self {
        Self { zone: zone.into(), week, holidays: Vec::new() }
    }

    /// Whether it is open at an instant.
    pub fn is_open(&self, now: Timestamp) -> bool {
        Zone::named(&self.zone).is_some_and(|zone| self.is_open_at(zone.local(now)))
    }

    /// The first instant after `now` at which [`Self::is_open`] answers otherwise, within [`HORIZON`].
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        self.next_change_within(now, now.after(HORIZON))
    }

    /// Refuses what is too large, makes no sense, or lies in a zone that is not known.
    pub fn validate(&self) -> Result<(), HoursError> {
        self.validate_content()?;
        Zone::named(&self.zone).map(drop).ok_or(HoursError::UnknownZone)
    }

    /// What can be judged without tz data, the same for every version of it.
    pub(super) fn validate_content(&self) -> Result<(), HoursError> {
        self.week.validate()?;
        at_most("holidays", self.holidays.len(), HOLIDAYS)?;
        let bad = |date: &Date| date.days() < 0 || date.civil().is_none();
        if let Some(index) = self.holidays.iter().position(bad) {
            return Err(HoursError::BadHoliday { index });
        }
        if self.zone.len() > ZONE_BYTES { Err(HoursError::ZoneTooLong) } else { Ok(()) }
    }

    /// Walks from edge to edge: of an interval, of a day, of the zone's offset.
    pub(super) fn next_change_within(&self, now: Timestamp, limit: Timestamp) -> Option<Timestamp> {
        if self.week.0.is_empty() {
            return None;
        }
        let zone = Zone::named(&self.zone)?;
        let mut at = now;
        let mut local = zone.local(at);
        let open = self.is_open_at(local);
        let mut shift = zone.next_shift(at);
        loop {
            let mut next = Timestamp(at.0.checked_add(self.millis_to_edge(local))?);
            if let Some(change) = shift.filter(|change| *change <= next) {
                next = change;
                shift = zone.next_shift(next);
            }
            if next > limit {
                return None;
            }
            at = next;
            local = zone.local(at);
            if self.is_open_at(local) != open {
                return Some(at);
            }
        }
    }

    fn is_open_at(&self, local: Local) -> bool {
        self.week.contains(local.weekday, local.minute()) && !self.is_holiday(local.day)
    }

    fn is_holiday(&self, day: i64) -> bool {
        self.holidays.iter().any(|date| i64::from(date.days()) == day)
    }

    /// At least 1: an edge that stands exactly here has been passed.
    fn millis_to_edge(&self, local: Local) -> u64 {
        let edge =
            if self.is_holiday(local.day) { MIDNIGHT } else { self.week.next_edge(local.weekday, local.minute()) };
        u64::from(edge) * MINUTE - local.millis
    }
}
