//! Floors of rest as data: a file for each profile, with the reference of its text.
//!
//! An administrator picks a profile and never edits a floor. A file says of itself in which
//! format it is written, when it was drawn up, on which text it rests and whether a jurist
//! confirmed it; one without a reference, or in another format, is refused whole.
//!
//! Always true: each profile holds a daily and a weekly rest. Nothing is judged here
//! ([`super::judge_week`]), and no file is opened: those that are known are compiled in.

use std::time::Duration;

use serde::Deserialize;

use super::{Date, PROFILE_BYTES};

/// The format of profiles that this version reads.
const FORMAT: u32 = 1;
/// A profile is refused above this, in bytes, before it is parsed.
pub const PROFILE_FILE: usize = 16 * 1024;
/// Floors of one profile.
const FLOORS: usize = 32;
/// A day, in minutes.
pub(super) const DAY: u32 = 24 * 60;

const BUILT_IN: [(&str, &str); 5] = [
    ("fpe", include_str!("../../profiles/fpe.toml")),
    ("fpt", include_str!("../../profiles/fpt.toml")),
    ("fph", include_str!("../../profiles/fph.toml")),
    ("winter-2002-259", include_str!("../../profiles/winter-2002-259.toml")),
    ("interior-2002-1278", include_str!("../../profiles/interior-2002-1278.toml")),
];

/// What a floor limits. Lengths in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FloorKind {
    /// Closed in a row in each 24 hours, counted from the end of the last such rest: at least.
    DailyRest,
    /// Closed in a row in each 7 days, counted from the end of the last such rest: at least.
    WeeklyRest,
    /// From the first to the last open minute between two daily rests: at most.
    Amplitude,
    /// Open minutes between two daily rests: at most.
    DailyHours,
    /// Open minutes in any 7 days in a row: at most.
    WeeklyHours,
    /// Open minutes of a week that repeats: at most, as the mean of weeks that are alike.
    MeanWeeklyHours,
}

impl FloorKind {
    /// The stable word, as files and programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DailyRest => "daily-rest",
            Self::WeeklyRest => "weekly-rest",
            Self::Amplitude => "amplitude",
            Self::DailyHours => "daily-hours",
            Self::WeeklyHours => "weekly-hours",
            Self::MeanWeeklyHours => "mean-weekly-hours",
        }
    }
}

/// What becomes of hours that break a floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Breach {
    /// They are taken, and it is said.
    Flag,
    /// They are not taken.
    Refuse,
}

/// One limit of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// What is limited.
    pub kind: FloorKind,
    /// The limit, in minutes: 1 to a week.
    pub minutes: u32,
    /// What becomes of hours that break it.
    pub breach: Breach,
    /// Where in the text it stands.
    pub reference: String,
}

/// The floors that apply to a kind of agents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its stable name, as a calendar carries it.
    pub name: String,
    /// When it was drawn up.
    pub dated: Date,
    /// The text on which it rests.
    pub reference: String,
    /// Whether a jurist has confirmed it.
    pub confirmed_by_jurist: bool,
    /// Its limits.
    pub floors: Vec<Floor>,
}

/// Why a profile is refused. Nothing of it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// No profile has this name.
    #[error("unknown_profile")]
    Unknown,
    /// More than [`PROFILE_FILE`] bytes, or more floors than any text has.
    #[error("too_large")]
    TooLarge,
    /// Not TOML, or not the expected fields.
    #[error("unreadable")]
    Unreadable,
    /// Written in another format, older or newer.
    #[error("other_format")]
    OtherFormat,
    /// It, or one of its floors, names no text.
    #[error("reference_missing")]
    ReferenceMissing,
    /// Its daily or its weekly rest lacks or stands twice.
    #[error("rest_missing")]
    RestMissing,
    /// A floor that no week could keep, or that limits nothing.
    #[error("floor_out_of_range")]
    FloorOutOfRange,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "judged before, by itself")]
    format: u32,
    name: String,
    dated: String,
    #[serde(default)]
    reference: String,
    confirmed_by_jurist: bool,
    #[serde(default)]
    floor: Vec<Floor>,
}

impl Profile {
    /// The names of the profiles that are compiled in.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The profile of that name.
    pub fn named(name: &str) -> Result<Self, ProfileError> {
        let built_in = BUILT_IN.iter().find(|(known, _)| *known == name);
        built_in.ok_or(ProfileError::Unknown).and_then(|(_, source)| Self::parse(source))
    }

    /// Reads a profile's file (TOML).
    pub fn parse(source: &str) -> Result<Self, ProfileError> {
        if source.len() > PROFILE_FILE {
            return Err(ProfileError::TooLarge);
        }
        let unreadable = |_| ProfileError::Unreadable;
        // First by itself: what another format holds beside it is not known.
        let Format { format } = toml::from_str(source).map_err(unreadable)?;
        if format != FORMAT {
            return Err(ProfileError::OtherFormat);
        }
        let file: File = toml::from_str(source).map_err(unreadable)?;
        let profile = Self {
            dated: file.dated.parse().map_err(|_| ProfileError::Unreadable)?,
            name: file.name,
            reference: file.reference,
            confirmed_by_jurist: file.confirmed_by_jurist,
            floors: file.floor,
        };
        profile.validate().map(|()| profile)
    }

    /// Its daily rest.
    pub fn daily_rest(&self) -> Duration {
        Duration::from_mins(self.rest(FloorKind::DailyRest).into())
    }

    /// The minutes of a rest that every profile has.
    pub(super) fn rest(&self, kind: FloorKind) -> u32 {
        self.floors.iter().find(|floor| floor.kind == kind).map_or(0, |floor| floor.minutes)
    }

    fn validate(&self) -> Result<(), ProfileError> {
        if !(1..=PROFILE_BYTES).contains(&self.name.len()) {
            return Err(ProfileError::Unreadable);
        }
        if self.floors.len() > FLOORS {
            return Err(ProfileError::TooLarge);
        }
        let texts = self.floors.iter().map(|floor| &floor.reference).chain([&self.reference]);
        if texts.into_iter().any(|reference| reference.trim().is_empty()) {
            return Err(ProfileError::ReferenceMissing);
        }
        let once = |kind| self.floors.iter().filter(|floor| floor.kind == kind).count() == 1;
        if !once(FloorKind::DailyRest) || !once(FloorKind::WeeklyRest) {
            return Err(ProfileError::RestMissing);
        }
        let fits = |floor: &Floor| {
            let longest = if floor.kind == FloorKind::DailyRest { DAY - 1 } else { 7 * DAY - 1 };
            (1..=longest).contains(&floor.minutes)
        };
        if self.floors.iter().all(fits) { Ok(()) } else { Err(ProfileError::FloorOutOfRange) }
    }
}
