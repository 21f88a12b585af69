//! Whether hours keep the floors of a profile: which floor they break, where, and by how much.
//!
//! A rest is kept when each 24 hours (7 days), counted from the end of the last rest, hold one
//! whole: so between two rests there are at most 24 hours (7 days) less the rest. That is
//! the reading of directive 2003/88, art. 3 and 5, by which an ordinary day of eight to five
//! has its eleven hours; a window that began anywhere would cut every night in two.
//!
//! Always true: a week is a circle, Sunday night goes on into Monday; what lies outside a
//! list of periods is rest. Public holidays and leave only add rest and are not looked at.
//! Hours in which people may be reached stand for hours worked: floors on work therefore
//! usually flag, those on rest refuse.

use super::profile::DAY;
use super::week::MIDNIGHT;
use super::zone::MINUTE;
use super::{AgentHours, Breach, Floor, FloorKind, Period, Profile, Reach, Week, Weekday};
use crate::Timestamp;

/// A week, in minutes.
const WEEK: i64 = 7 * DAY as i64;

/// Where hours break a floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spot {
    /// In each week: the day and the minute since its 00:00.
    Weekly(Weekday, u16),
    /// Once.
    Instant(Timestamp),
}

/// One floor that is broken in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The floor, with its limit and the reference of its text.
    pub floor: Floor,
    /// The opening with which the day, or the week, begins.
    pub spot: Spot,
    /// What there is instead of the limit, in minutes.
    pub found: u32,
}

impl Finding {
    /// By how many minutes the limit is missed.
    pub fn missed_by(&self) -> u32 {
        self.found.abs_diff(self.floor.minutes)
    }
}

/// What is to be done with hours that were judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Nothing is broken.
    Fine,
    /// They may be taken; what is broken is said.
    Flag,
    /// They are not to be taken.
    Refuse,
}

/// All that is broken, in the order of the profile's floors, then of time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Empty where nothing is.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// The gravest of the findings.
    pub fn grade(&self) -> Grade {
        let grades = self.findings.iter().map(|finding| match finding.floor.breach {
            Breach::Flag => Grade::Flag,
            Breach::Refuse => Grade::Refuse,
        });
        grades.max().unwrap_or(Grade::Fine)
    }
}

/// Judges hours that repeat each week.
pub fn judge_week(week: &Week, profile: &Profile) -> Verdict {
    let begin = |day: Weekday| day as i64 * i64::from(MIDNIGHT);
    let open = Week::new(week.0.iter().copied()).0.into_iter().map(|one| {
        let day = begin(one.day);
        (day + i64::from(one.from_minute), day + i64::from(one.to_minute))
    });
    let spot = |minute: i64| {
        let minute = minute.rem_euclid(WEEK);
        let day = Weekday::ALL[(minute / i64::from(MIDNIGHT)) as usize];
        Spot::Weekly(day, (minute % i64::from(MIDNIGHT)) as u16)
    };
    Line::circle(joined(open)).judge(profile, spot)
}

/// Judges periods of duty of one agent, of any order; they may overlap. Seconds are rounded against
/// rest: a minute that is touched counts as open.
pub fn judge_periods(periods: &[Period], profile: &Profile) -> Verdict {
    let mut open: Vec<_> = periods
        .iter()
        .filter(|period| period.from < period.until)
        .map(|period| (minute(period.from.0 / MINUTE), minute(period.until.0.div_ceil(MINUTE))))
        .collect();
    open.sort_unstable();
    Line { open: joined(open), circle: false }.judge(profile, instant)
}

/// Judges what an agent's calendars, leave, duty periods and overrides come to between two instants,
/// changes of time included. Time on call is not work (décret 2000-815, art. 5): it is not looked at.
///
/// Hours that are open at the edges count from or to there.
pub fn judge_agent(hours: &AgentHours, within: Period, profile: &Profile) -> Verdict {
    let mut open = Vec::new();
    let mut at = within.from;
    while at < within.until {
        let next = hours.next_change(at, Reach::Duty).unwrap_or(within.until).min(within.until);
        if hours.is_open(at, Reach::Duty) {
            open.push(Period { from: at, until: next });
        }
        at = next;
    }
    judge_periods(&open, profile)
}

fn minute(minutes: u64) -> i64 {
    i64::try_from(minutes).unwrap_or(i64::MAX)
}

fn instant(minute: i64) -> Spot {
    Spot::Instant(Timestamp(u64::try_from(minute).unwrap_or_default().saturating_mul(MINUTE)))
}

/// Sorted stretches, what overlaps or touches made one.
fn joined(open: impl IntoIterator<Item = (i64, i64)>) -> Vec<(i64, i64)> {
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (from, until) in open {
        match joined.last_mut() {
            Some((_, end)) if from <= *end => *end = until.max(*end),
            _ => joined.push((from, until)),
        }
    }
    joined
}

/// Open minutes as stretches, in order, apart from one another.
struct Line {
    open: Vec<(i64, i64)>,
    /// The last is followed by the first, a week later.
    circle: bool,
}

/// Stretches between two rests.
struct Shift<'l> {
    open: &'l [(i64, i64)],
}

impl Shift<'_> {
    fn from(&self) -> i64 {
        self.open.first().map_or(0, |(from, _)| *from)
    }

    fn length(&self) -> i64 {
        self.open.last().map_or(0, |(_, until)| *until) - self.from()
    }

    fn hours(&self) -> i64 {
        self.open.iter().map(|(from, until)| until - from).sum()
    }
}

impl Line {
    /// A week, turned so that it ends with its longest rest.
    fn circle(mut open: Vec<(i64, i64)>) -> Self {
        let gap_after = |index: usize| match open.get(index + 1) {
            Some((next, _)) => next - open[index].1,
            None => open[0].0 + WEEK - open[index].1,
        };
        if let Some(last) = (0..open.len()).max_by_key(|index| gap_after(*index)) {
            open.rotate_left(last + 1);
            let turned = open.len() - last - 1;
            open[turned..]
                .iter_mut()
                .for_each(|(from, until)| (*from, *until) = (*from + WEEK, *until + WEEK));
            // A night over the end of the week is one stretch.
            open = joined(open);
        }
        Self { open, circle: true }
    }

    fn judge(&self, profile: &Profile, spot: impl Fn(i64) -> Spot) -> Verdict {
        let mut findings = Vec::new();
        if self.open.is_empty() {
            return Verdict { findings };
        }
        let daily = i64::from(profile.rest(FloorKind::DailyRest));
        for floor in &profile.floors {
            let limit = i64::from(floor.minutes);
            let broken: Vec<(i64, i64)> = match floor.kind {
                FloorKind::DailyRest => self.without_rest(i64::from(DAY), limit),
                FloorKind::WeeklyRest => self.without_rest(WEEK, limit),
                FloorKind::Amplitude => self.shifts_above(daily, limit, |shift| shift.length()),
                FloorKind::DailyHours => self.shifts_above(daily, limit, |shift| shift.hours()),
                FloorKind::WeeklyHours => self.weeks_above(limit),
                FloorKind::MeanWeeklyHours if self.circle => {
                    self.weeks_above(limit).into_iter().take(1).collect()
                }
                FloorKind::MeanWeeklyHours => Vec::new(),
            };
            findings.extend(broken.into_iter().map(|(at, found)| Finding {
                floor: floor.clone(),
                spot: spot(at),
                found: u32::try_from(found).unwrap_or(u32::MAX),
            }));
        }
        Verdict { findings }
    }

    /// What lies between rests of at least so many minutes. `None` if a circle has no such rest.
    fn shifts(&self, rest: i64) -> Option<Vec<Shift<'_>>> {
        let (first, last) = (self.open.first()?, self.open.last()?);
        if self.circle && first.0 + WEEK - last.1 < rest {
            return None;
        }
        let mut shifts = Vec::new();
        let mut begin = 0;
        for index in 1..=self.open.len() {
            let ends = self.open.get(index).is_none_or(|next| next.0 - self.open[index - 1].1 >= rest);
            if ends {
                shifts.push(Shift { open: &self.open[begin..index] });
                begin = index;
            }
        }
        Some(shifts)
    }

    /// Openings after which so long a window does not hold the rest whole, and the longest that it holds.
    fn without_rest(&self, window: i64, rest: i64) -> Vec<(i64, i64)> {
        match self.shifts(rest) {
            Some(shifts) => shifts
                .iter()
                .filter(|shift| shift.length() > window - rest)
                .map(|shift| (shift.from(), self.longest_rest(shift.from(), window)))
                .collect(),
            None => self
                .open
                .first()
                .map(|(from, _)| (*from, self.longest_rest(*from, window)))
                .into_iter()
                .collect(),
        }
    }

    /// Where no daily rest ends a day there is no day to measure: the missing rest says so.
    fn shifts_above(&self, rest: i64, limit: i64, measure: impl Fn(&Shift<'_>) -> i64) -> Vec<(i64, i64)> {
        let shifts = self.shifts(rest).unwrap_or_default();
        let days = shifts.iter().filter(|shift| shift.length() <= i64::from(DAY));
        let measured = days.map(|shift| (shift.from(), measure(shift)));
        measured.filter(|(_, found)| *found > limit).collect()
    }

    /// The first opening from which seven days hold more open minutes than that.
    fn weeks_above(&self, limit: i64) -> Vec<(i64, i64)> {
        let open_from = |from: i64| -> i64 {
            self.unrolled().map(|(begin, end)| (end.min(from + WEEK) - begin.max(from)).max(0)).sum()
        };
        let above = self.open.iter().map(|(from, _)| (*from, open_from(*from)));
        above.filter(|(_, found)| *found > limit).take(1).collect()
    }

    /// The longest time closed in a row within a window.
    fn longest_rest(&self, from: i64, window: i64) -> i64 {
        let end = from.saturating_add(window);
        let mut closed_since = from;
        let mut longest = 0;
        for (begin, until) in self.unrolled().filter(|(_, until)| *until > from) {
            longest = longest.max(begin.min(end) - closed_since);
            closed_since = closed_since.max(until);
        }
        longest.max(end - closed_since)
    }

    /// The stretches, those of the next two weeks too where weeks repeat.
    fn unrolled(&self) -> impl Iterator<Item = (i64, i64)> {
        let weeks = if self.circle { 3 } else { 1 };
        (0..weeks).flat_map(|week| {
            self.open.iter().map(move |(from, until)| (from + week * WEEK, until + week * WEEK))
        })
    }
}
