//! One weekly calendar in the legal time of a place, with the public holidays that close it.
//!
//! Open at an instant exactly when the clock on the wall shows a minute of an interval, on
//! a day that is no holiday. So on the day of the change in spring an interval loses the
//! hour that no clock shows, and one that begins in it opens at the change; in autumn what
//! lies in the hour shown twice is open twice.

use minicbor::{Decode, Encode};

use super::zone::{Local, MINUTE, Offset};
use super::{Date, HOLIDAYS, HORIZON, HoursError, PROFILE_BYTES, Place, Week, ZONE_BYTES, Zone, at_most};
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
    /// The place whose public holidays close it too. Closed for ever if this version does not name it.
    #[n(3)]
    pub place: Option<Place>,
    /// The profile whose floors of rest its author had it judged by: 1 to [`PROFILE_BYTES`] bytes.
    /// Nothing is decided by it: people read on which text their hours rest.
    #[n(4)]
    pub profile: Option<String>,
    /// Whether the agent may prolong their service, an hour at a time.
    #[n(5)]
    pub prolongation: Option<bool>,
}

impl Calendar {
    /// Never closed.
    pub fn always_open(zone: impl Into<String>) -> Self {
        Self::weekly(zone, Week::always())
    }

    /// Open at the hours of a week, without public holidays.
    pub fn weekly(zone: impl Into<String>, week: Week) -> Self {
        Self { zone: zone.into(), week, holidays: Vec::new(), place: None, profile: None, prolongation: None }
    }

    /// The same, closed on a place's public holidays too.
    pub fn in_place(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }

    /// Whether it is open at an instant.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.zone().is_some_and(|zone| self.is_open_at(zone.offset(now).local(now)))
    }

    /// The first instant after `now` at which [`Self::is_open`] answers otherwise, within [`HORIZON`].
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        Course::starting(self, now, now.after(HORIZON))?.next_change(now)
    }

    /// Refuses what is too large, makes no sense, or lies in a zone that is not known.
    pub fn validate(&self) -> Result<(), HoursError> {
        self.validate_content()?;
        if self.place.is_some_and(|place| !place.is_known()) {
            return Err(HoursError::UnknownPlace);
        }
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
        let named = |name: &String| (1..=PROFILE_BYTES).contains(&name.len());
        if !self.profile.as_ref().is_none_or(named) {
            return Err(HoursError::BadProfile);
        }
        if self.zone.len() > ZONE_BYTES { Err(HoursError::ZoneTooLong) } else { Ok(()) }
    }

    fn is_open_at(&self, local: Local) -> bool {
        self.week.contains(local.weekday, local.minute()) && !self.is_holiday(local.day)
    }

    fn is_holiday(&self, day: i64) -> bool {
        self.holidays.iter().any(|date| i64::from(date.days()) == day)
            || self.place.is_some_and(|place| place.closes_day(day))
    }

    /// Its zone, if everything that its hours depend on is known here.
    fn zone(&self) -> Option<Zone> {
        Zone::named(&self.zone).filter(|_| self.place.is_none_or(Place::is_known))
    }
}

/// A calendar followed forward in time, from edge to edge: of an interval, a day, an offset.
///
/// Asked for instants that never decrease. What one question found out serves the next, so
/// that going through a year costs one walk, however often it is asked in between.
pub(super) struct Course<'c> {
    calendar: &'c Calendar,
    zone: Zone,
    /// Nothing is sought after this.
    limit: Timestamp,
    offset: Offset,
    /// When the offset may change next.
    shift: Option<Timestamp>,
    open: bool,
    /// Until here, excluded, the state is as `open` says.
    same_until: Timestamp,
    /// Whether it is known to change there.
    changes: bool,
}

impl<'c> Course<'c> {
    /// `None` if zone or place are not known: that calendar is closed for ever.
    pub fn starting(calendar: &'c Calendar, now: Timestamp, limit: Timestamp) -> Option<Self> {
        let zone = calendar.zone()?;
        let (offset, shift) = (zone.offset(now), zone.next_shift(now));
        let mut course =
            Self { calendar, zone, limit, offset, shift, open: false, same_until: now, changes: false };
        course.stand(now);
        Some(course)
    }

    /// Whether the calendar is open.
    pub fn is_open(&mut self, at: Timestamp) -> bool {
        if at >= self.same_until {
            self.stand(at);
        }
        self.open
    }

    /// The first instant after `at`, and not after the limit, at which it is no longer as it was.
    pub fn next_change(&mut self, at: Timestamp) -> Option<Timestamp> {
        self.is_open(at);
        while !self.changes {
            let edge = self.same_until;
            if edge > self.limit || edge == Timestamp::MAX || self.calendar.week.0.is_empty() {
                return None;
            }
            let local = self.look(edge);
            if self.calendar.is_open_at(local) == self.open {
                self.same_until = self.edge_after(edge, local);
            } else {
                self.changes = true;
            }
        }
        Some(self.same_until)
    }

    fn stand(&mut self, at: Timestamp) {
        let local = self.look(at);
        self.open = self.calendar.is_open_at(local);
        self.same_until = self.edge_after(at, local);
        self.changes = false;
    }

    /// What the clocks show, with the offset of that moment.
    fn look(&mut self, at: Timestamp) -> Local {
        if self.shift.is_some_and(|shift| shift <= at) {
            self.offset = self.zone.offset(at);
            self.shift = self.zone.next_shift(at);
        }
        self.offset.local(at)
    }

    /// The next instant at which the state may change; always later, but at the end of time.
    fn edge_after(&self, at: Timestamp, local: Local) -> Timestamp {
        let edge = u64::from(self.calendar.week.next_edge(local.weekday, local.minute())) * MINUTE;
        let edge = Timestamp(at.0.saturating_add(edge - local.millis));
        self.shift.map_or(edge, |shift| shift.min(edge))
    }
}
