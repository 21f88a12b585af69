//! When an agent may be reached: one pure function for the relay and for the devices.
//!
//! Weekly calendars open; public holidays and leave close them; a duty period or an
//! override opens whatever they say, because a person signed for it, later and by name.
//! On call is a second door: it lets through what is meant for those on call, nothing else.
//!
//! Always true: the answer depends on the arguments and on the bundled tz data alone, in
//! the legal time of the place; a zone that is not known is closed; no instant panics.
//! [`judge_week`] and its kin compare hours with the floors of rest of a [`Profile`]; who may
//! be called, and in which order, is a [`Turn`] of the rota. The gate asks neither of them.

mod calendar;
mod date;
mod easter;
mod holidays;
mod period;
mod profile;
mod rest;
mod rota;
mod verdict;
mod week;
mod week_text;
mod zone;

use std::time::Duration;

use minicbor::{Decode, Encode};

use calendar::Course;

pub use calendar::Calendar;
pub use date::{Date, DateTextError, Weekday};
pub use holidays::{Holiday, Place, UnknownPlace};
pub(crate) use period::validate_reason;
pub use period::{DutyPeriod, LegalBasis, Override, Period};
pub use profile::{Breach, Floor, FloorKind, PROFILE_FILE, Profile, ProfileError};
pub use rest::{RestAfter, ShiftedOpening, shifted_opening};
pub use rota::{CALLED, Rota, StandingRota, TURNS, Turn};
pub use verdict::{Finding, Grade, Spot, Verdict, judge_agent, judge_periods, judge_week};
pub use week::{Week, WeeklyInterval};
pub use week_text::WeekTextError;
pub use zone::{LocalTime, Zone};

use crate::Timestamp;
use crate::entry::Urgency;

/// How far a change is looked for. What lies beyond is answered as "none".
pub const HORIZON: Duration = Duration::from_hours(400 * 24);
/// Calendars of one agent: the organisation's, the teams', a personal one.
pub const CALENDARS: usize = 8;
/// Weekly intervals of one calendar.
pub const INTERVALS: usize = 64;
/// Public holidays listed in one calendar.
pub const HOLIDAYS: usize = 128;
/// The name of a profile, in bytes.
pub const PROFILE_BYTES: usize = 32;
/// Leaves, duty periods, turns on call or overrides of one agent, each.
pub const PERIODS: usize = 1024;
/// The longest override (décret 2000-815, art. 3, II, b: for a limited period). Another may follow.
pub const OVERRIDE: Duration = Duration::from_hours(24);
/// A reason, in Unicode scalar values.
pub const REASON_CHARACTERS: usize = 200;
/// The name of a time zone, in bytes.
pub const ZONE_BYTES: usize = 64;

/// Whom something is meant to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Agents on duty.
    Duty,
    /// Agents on duty, and those on call.
    OnCall,
}

impl From<Urgency> for Reach {
    fn from(urgency: Urgency) -> Self {
        match urgency {
            Urgency::Normal => Self::Duty,
            Urgency::OnCall | Urgency::Emergency => Self::OnCall,
        }
    }
}

/// Whether something may reach an agent at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoursState {
    /// It may.
    Open,
    /// It waits.
    Closed {
        /// The first instant at which it may; `None` if there is none within [`HORIZON`].
        reopens_at: Option<Timestamp>,
    },
}

/// Why hours are refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// A list is longer than its limit.
    #[error("{count} {list} where at most {limit} are allowed")]
    TooMany {
        /// Which list.
        list: &'static str,
        /// What came.
        count: usize,
        /// What is allowed.
        limit: usize,
    },
    /// A weekly interval that is empty, reversed or longer than its day.
    #[error("weekly interval {index} must begin before it ends, within one day")]
    BadInterval {
        /// Its place in the list, from 0.
        index: usize,
    },
    /// A holiday that no calendar shows, or before 1970.
    #[error("holiday {index} is not a date from 1970 to 9999")]
    BadHoliday {
        /// Its place in the list, from 0.
        index: usize,
    },
    /// A period that ends before, or when, it begins.
    #[error("a period must begin before it ends")]
    EmptyPeriod,
    /// A reason that is blank or longer than [`REASON_CHARACTERS`].
    #[error("a reason of 1 to {REASON_CHARACTERS} characters is needed")]
    BadReason,
    /// The name of a zone is longer than [`ZONE_BYTES`].
    #[error("the name of a time zone has at most {ZONE_BYTES} bytes")]
    ZoneTooLong,
    /// An override that rests on no legal basis.
    #[error("an override rests on exactly one legal basis")]
    BasisMissing,
    /// An override without an end, or longer than [`OVERRIDE`].
    #[error("an override ends within {} hours; another may follow", OVERRIDE.as_secs() / 3600)]
    OverrideTooLong,
    /// A rest after an intervention that does not follow it, or lasts days.
    #[error("a rest begins where its intervention ends")]
    BadRest,
    /// A turn of a rota without agents, with one twice, or outside of what the list covers.
    #[error("turn {index} names nobody, somebody twice, or lies outside")]
    BadTurn {
        /// Its place in the list, from 0.
        index: usize,
    },
    /// A turn of a rota that begins before the one before it ends.
    #[error("turn {index} overlaps the one before it")]
    Overlap {
        /// Its place in the list, from 0.
        index: usize,
    },
    /// The name of a profile is empty or longer than [`PROFILE_BYTES`].
    #[error("the name of a profile has 1 to {PROFILE_BYTES} bytes")]
    BadProfile,
    /// A place whose holidays this version does not know. Found last, like an unknown zone.
    #[error("unknown place")]
    UnknownPlace,
    /// The bundled tz data does not hold this zone. Found last: all else is in order, so that
    /// who holds older tz data may take the calendar, which stays closed there.
    #[error("unknown time zone")]
    UnknownZone,
}

impl HoursError {
    /// The stable word, as a fault's reason carries it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "too_many",
            Self::BadInterval { .. } => "bad_interval",
            Self::BadHoliday { .. } => "bad_holiday",
            Self::EmptyPeriod => "empty_period",
            Self::BadReason => "bad_reason",
            Self::ZoneTooLong => "zone_too_long",
            Self::BasisMissing => "basis_missing",
            Self::OverrideTooLong => "override_too_long",
            Self::BadRest => "bad_rest",
            Self::BadTurn { .. } => "bad_turn",
            Self::Overlap { .. } => "overlap",
            Self::BadProfile => "bad_profile",
            Self::UnknownPlace => "unknown_place",
            Self::UnknownZone => "unknown_zone",
        }
    }
}

/// Everything that decides when one agent may be reached.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct AgentHours {
    /// Open when any of them is.
    #[cbor(n(0), skip_if = "Vec::is_empty")]
    pub calendars: Vec<Calendar>,
    /// Closes the calendars and the turns on call. Says no why: that concerns nobody here.
    #[cbor(n(1), skip_if = "Vec::is_empty")]
    pub leave: Vec<Period>,
    /// Opens, whatever calendars and leave say.
    #[cbor(n(2), skip_if = "Vec::is_empty")]
    pub duty: Vec<DutyPeriod>,
    /// The agent's turns of the rota: opens for [`Reach::OnCall`], holidays included.
    #[cbor(n(3), skip_if = "Vec::is_empty")]
    pub on_call: Vec<Period>,
    /// Opens, whatever calendars and leave say.
    #[cbor(n(4), skip_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// Closes the calendars after an intervention, and nothing else.
    #[cbor(n(5), skip_if = "Vec::is_empty")]
    pub rests: Vec<RestAfter>,
    /// « Je prolonge mon service », by the agent: opens, whatever calendars say.
    #[cbor(n(6), skip_if = "Vec::is_empty")]
    pub prolonged: Vec<Period>,
}

impl AgentHours {
    /// The hours of an agent who has one calendar and nothing else.
    pub fn of(calendar: Calendar) -> Self {
        Self { calendars: vec![calendar], ..Self::default() }
    }

    /// Whether the agent is on leave.
    pub fn is_on_leave(&self, now: Timestamp) -> bool {
        self.leave.iter().any(|period| period.contains(now))
    }

    /// Whether something meant for `reach` may pass now. The gate: asked for every delivery.
    pub fn is_open(&self, now: Timestamp, reach: Reach) -> bool {
        self.is_open_if(now, reach, || self.calendars.iter().any(|calendar| calendar.is_open(now)))
    }

    /// Like [`Self::is_open`], and when it may pass if it may not now.
    pub fn state(&self, now: Timestamp, reach: Reach) -> HoursState {
        if self.is_open(now, reach) {
            HoursState::Open
        } else {
            HoursState::Closed { reopens_at: self.next_change(now, reach) }
        }
    }

    /// The first instant after `now` at which [`Self::is_open`] answers otherwise, for a timer.
    ///
    /// `None` if that does not happen within [`HORIZON`]; ask again then.
    pub fn next_change(&self, now: Timestamp, reach: Reach) -> Option<Timestamp> {
        let open = self.is_open(now, reach);
        let limit = now.after(HORIZON);
        let mut courses: Vec<_> =
            self.calendars.iter().filter_map(|one| Course::starting(one, now, limit)).collect();
        let mut at = now;
        loop {
            at = self.same_until(at, reach, &mut courses).filter(|next| *next <= limit)?;
            if self.is_open_if(at, reach, || courses.iter_mut().any(|course| course.is_open(at))) != open {
                return Some(at);
            }
        }
    }

    /// Refuses what is too large or makes no sense.
    pub fn validate(&self) -> Result<(), HoursError> {
        at_most("calendars", self.calendars.len(), CALENDARS)?;
        at_most("leaves", self.leave.len(), PERIODS)?;
        at_most("duty periods", self.duty.len(), PERIODS)?;
        at_most("turns on call", self.on_call.len(), PERIODS)?;
        at_most("overrides", self.overrides.len(), PERIODS)?;
        at_most("rests", self.rests.len(), PERIODS)?;
        at_most("prolongations", self.prolonged.len(), PERIODS)?;
        self.leave.iter().chain(&self.on_call).chain(&self.prolonged).try_for_each(Period::validate)?;
        self.duty.iter().try_for_each(DutyPeriod::validate)?;
        self.overrides.iter().try_for_each(Override::validate)?;
        self.rests.iter().try_for_each(RestAfter::validate)?;
        // A later calendar's real fault must not hide behind an earlier one's unknown zone.
        self.calendars.iter().try_for_each(Calendar::validate_content)?;
        self.calendars.iter().try_for_each(Calendar::validate)
    }

    /// Who wins over whom: an order, then leave, then the rota, then a rest, then calendars.
    fn is_open_if(&self, at: Timestamp, reach: Reach, calendars: impl FnOnce() -> bool) -> bool {
        covered_until(self.ordered(), at).is_some()
            || covered_until(self.leave.iter(), at).is_none()
                && (covered_until(self.turns(reach), at).is_some()
                    || covered_until(self.rests(), at).is_none() && calendars())
    }

    /// An instant after `at` before which the state of `at` cannot change; `None` if it never does.
    ///
    /// Whole leaves and duty periods are stepped over, so a long absence costs no walk through its days.
    fn same_until(&self, at: Timestamp, reach: Reach, courses: &mut [Course<'_>]) -> Option<Timestamp> {
        if let Some(end) = covered_until(self.ordered(), at) {
            return Some(end);
        }
        let order = next_begin(self.ordered(), at);
        if let Some(end) = covered_until(self.leave.iter(), at) {
            return order.into_iter().chain([end]).min();
        }
        let leave = next_begin(self.leave.iter(), at);
        let turn = covered_until(self.turns(reach), at).or_else(|| next_begin(self.turns(reach), at));
        if let Some(end) = covered_until(self.rests(), at) {
            return [order, leave, turn, Some(end)].into_iter().flatten().min();
        }
        let rest = next_begin(self.rests(), at);
        let calendar = courses.iter_mut().filter_map(|course| course.next_change(at)).min();
        [order, leave, turn, rest, calendar].into_iter().flatten().min()
    }

    /// What opens by itself: somebody ordered it, or the agent prolonged.
    fn ordered(&self) -> impl Iterator<Item = &Period> {
        let overrides = self.overrides.iter().map(|ordered| &ordered.period);
        self.duty.iter().map(|duty| &duty.period).chain(overrides).chain(&self.prolonged)
    }

    fn rests(&self) -> impl Iterator<Item = &Period> {
        self.rests.iter().map(|after| &after.rest)
    }

    fn turns(&self, reach: Reach) -> std::slice::Iter<'_, Period> {
        match reach {
            Reach::Duty => [].iter(),
            Reach::OnCall => self.on_call.iter(),
        }
    }
}

/// The latest end of the periods that hold this instant.
fn covered_until<'p>(periods: impl Iterator<Item = &'p Period>, at: Timestamp) -> Option<Timestamp> {
    periods.filter(|period| period.contains(at)).map(|period| period.until).max()
}

/// The next beginning of a period. An empty one costs a look and changes nothing.
fn next_begin<'p>(periods: impl Iterator<Item = &'p Period>, at: Timestamp) -> Option<Timestamp> {
    periods.map(|period| period.from).filter(|from| at < *from).min()
}

fn at_most(list: &'static str, count: usize, limit: usize) -> Result<(), HoursError> {
    if count > limit { Err(HoursError::TooMany { list, count, limit }) } else { Ok(()) }
}
