//! Why a period of a file was not taken: a stable word, and a sentence.

use estafette_protocol::hours::Finding;
use estafette_protocol::texts::{Language, text};

use crate::floors;
use crate::import::LineFault;

/// Why one period was refused. The others are not touched by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShiftFault {
    /// What any file's line may suffer from.
    Line(LineFault),
    /// A date or a time that does not read.
    TimeUnreadable,
    /// No beginning, or no end.
    TimeMissing,
    /// It ends when it begins, or before.
    Inverted,
    /// Longer than any shift is.
    TooLong,
    /// Neither duty nor on call.
    KindUnknown,
    /// The bundled time zone data does not hold it.
    ZoneUnknown {
        /// As it was written.
        zone: String,
    },
    /// It covers another period of the agent, or of the rota.
    Overlap {
        /// The line of the other.
        line: u64,
    },
    /// It covers a period of the agent that stands already.
    OverlapStanding,
    /// Nobody of this number has a device in force.
    AgentUnknown,
    /// No team bears this name.
    TeamUnknown,
    /// The agent or the place in the order is taken in this turn.
    OrderTwice,
    /// A repeated event: which occurrences are meant is the exporting program's to say.
    Recurring,
    /// An event without one beginning and one end, or that does not end itself.
    EventIncomplete,
    /// A reason longer than a statement carries.
    ReasonTooLong,
    /// It does not leave the rest that is due.
    Floors(Box<Finding>),
}

impl From<LineFault> for ShiftFault {
    fn from(fault: LineFault) -> Self {
        Self::Line(fault)
    }
}

impl ShiftFault {
    /// Its stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Line(fault) => fault.code(),
            Self::TimeUnreadable => "time_unreadable",
            Self::TimeMissing => "time_missing",
            Self::Inverted => "inverted",
            Self::TooLong => "too_long",
            Self::KindUnknown => "kind_unknown",
            Self::ZoneUnknown { .. } => "zone_unknown",
            Self::Overlap { .. } => "overlap",
            Self::OverlapStanding => "overlap_standing",
            Self::AgentUnknown => "agent_unknown",
            Self::TeamUnknown => "team_unknown",
            Self::OrderTwice => "order_twice",
            Self::Recurring => "recurring",
            Self::EventIncomplete => "event_incomplete",
            Self::ReasonTooLong => "reason_too_long",
            Self::Floors(_) => "floors_broken",
        }
    }

    /// What is wrong, and what to do; times of a floor by the clocks of a zone.
    pub fn sentence(&self, language: Language, zone: &str) -> String {
        match self {
            Self::Line(fault) => fault.sentence(language),
            Self::TimeUnreadable => text(language, "shift-time-unreadable", &[]),
            Self::TimeMissing => text(language, "shift-time-missing", &[]),
            Self::Inverted => text(language, "shift-inverted", &[]),
            Self::TooLong => text(language, "shift-too-long", &[]),
            Self::KindUnknown => text(language, "shift-kind-unknown", &[]),
            Self::ZoneUnknown { zone } => text(language, "shift-zone-unknown", &[("zone", zone.into())]),
            Self::Overlap { line } => text(language, "shift-overlap", &[("line", (*line).into())]),
            Self::OverlapStanding => text(language, "shift-overlap-standing", &[]),
            Self::AgentUnknown => text(language, "shift-agent-unknown", &[]),
            Self::TeamUnknown => text(language, "shift-team-unknown", &[]),
            Self::OrderTwice => text(language, "shift-order-twice", &[]),
            Self::Recurring => text(language, "shift-recurring", &[]),
            Self::EventIncomplete => text(language, "shift-event-incomplete", &[]),
            Self::ReasonTooLong => text(language, "shift-reason-too-long", &[]),
            Self::Floors(finding) => floors::sentence(language, Some(zone), finding),
        }
    }
}
