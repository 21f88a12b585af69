//! What staff representatives are told of a month: counts by service, never of few people.
//!
//! Always true of what is told: no group has fewer than [`PEOPLE`] people, and no two groups differ by
//! fewer, nor does a group from all the smaller ones that are told beside it; so nobody's count follows
//! from two of them. Who is counted and when is the relay's part.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};

use crate::{AgentNumber, TeamNumber, Timestamp};

/// The fewest people of whom something is told, and by whom two groups differ.
pub const PEOPLE: usize = 10;

/// A calendar month in UTC: 12 × year + month − 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Month(#[n(0)] pub u32);

impl Month {
    /// The month of an instant; `None` beyond the year 9999.
    pub fn of(at: Timestamp) -> Option<Self> {
        let at = jiff::Timestamp::from_millisecond(i64::try_from(at.0).ok()?).ok()?;
        Self::new(at.to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// "2026-11" as people write it, from 1970 on.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) =
            text.split_once('-').filter(|(year, month)| (year.len(), month.len()) == (4, 2))?;
        let date = jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
        Self::new(date).filter(|month| month.0 >= 1970 * 12)
    }

    /// Its first instant, and the first of the next month.
    pub fn bounds(self) -> Option<(Timestamp, Timestamp)> {
        let first = |month: u32| {
            let (year, month) = (i16::try_from(month / 12).ok()?, i8::try_from(month % 12 + 1).ok()?);
            let date = jiff::civil::Date::new(year, month, 1).ok()?;
            let at = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond();
            u64::try_from(at).ok().map(Timestamp)
        };
        Some((first(self.0)?, first(self.0.checked_add(1)?)?))
    }

    fn new(date: jiff::civil::Date) -> Option<Self> {
        let (year, month) = (u32::try_from(date.year()).ok()?, u32::try_from(date.month()).ok()?);
        Some(Self(year * 12 + month - 1))
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 12, self.0 % 12 + 1)
    }
}

/// What is told of a group of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Counts {
    /// Derogations from an agent's rest that began in the month.
    #[n(0)]
    pub overrides: u64,
    /// Entries written outside their author's hours in the group's conversations.
    #[n(1)]
    pub off_hours: u64,
}

/// A group that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Cell {
    /// The service; `None` for the organisation.
    #[n(0)]
    pub team: Option<TeamNumber>,
    /// Its people at the month's end.
    #[n(1)]
    pub people: u32,
    /// What is told of them.
    #[n(2)]
    pub counts: Counts,
}

/// A group before it is known whether anything is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The service; `None` for the organisation.
    pub team: Option<TeamNumber>,
    /// Its people.
    pub people: BTreeSet<AgentNumber>,
    /// Their counts.
    pub counts: Counts,
}

/// The groups of which something can be told, and how many are withheld. The larger go first: a group
/// that is too near to one that is told already stays out.
pub fn told(mut groups: Vec<Group>) -> (Vec<Cell>, u32) {
    groups.sort_by_key(|group| (std::cmp::Reverse(group.people.len()), group.team));
    let (mut open, mut closed): (Vec<Group>, Vec<Group>) = (Vec::new(), Vec::new());
    for group in groups {
        let tells =
            group.people.len() >= PEOPLE && open.iter().all(|other| are_apart(&group.people, &other.people));
        if tells { open.push(group) } else { closed.push(group) }
    }
    // Of a group whose parts are told, the rest follows: it must be nobody, or many.
    while let Some(at) = (0..open.len()).find(|at| !is_covered_well(&open, *at)) {
        closed.push(open.remove(at));
    }
    // The organisation's counts less those of the services that are told are those of the others.
    let silent: BTreeSet<_> = closed.iter().flat_map(|group| group.people.iter()).collect();
    if is_few(silent.len())
        && let Some(at) = open.iter().position(|group| group.team.is_none())
    {
        closed.push(open.remove(at));
    }
    let cell = |group: &Group| Cell {
        team: group.team,
        people: u32::try_from(group.people.len()).unwrap_or(u32::MAX),
        counts: group.counts,
    };
    (open.iter().map(cell).collect(), u32::try_from(closed.len()).unwrap_or(u32::MAX))
}

fn is_few(count: usize) -> bool {
    (1..PEOPLE).contains(&count)
}

fn are_apart(one: &BTreeSet<AgentNumber>, other: &BTreeSet<AgentNumber>) -> bool {
    !is_few(one.difference(other).count()) && !is_few(other.difference(one).count())
}

/// Whether what a group has beyond all told groups within it is nobody, or many.
fn is_covered_well(open: &[Group], at: usize) -> bool {
    let whole = &open[at].people;
    let within = open.iter().enumerate().filter(|(other, group)| {
        *other != at && group.people.len() < whole.len() && group.people.is_subset(whole)
    });
    let parts: BTreeSet<_> = within.flat_map(|(_, group)| group.people.iter().copied()).collect();
    !is_few(whole.difference(&parts).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(team: u32, people: std::ops::Range<u32>) -> Group {
        let counts = Counts { overrides: 1, off_hours: u64::from(team) };
        let team = (team > 0).then_some(TeamNumber(team));
        Group { team, people: people.map(AgentNumber).collect(), counts }
    }

    fn teams(groups: Vec<Group>) -> (Vec<u32>, u32) {
        let (cells, withheld) = told(groups);
        (cells.iter().map(|cell| cell.team.map_or(0, |team| team.0)).collect(), withheld)
    }

    #[test]
    fn nothing_is_told_of_nine() {
        assert_eq!(teams(vec![group(1, 0..9)]), (vec![], 1));
        assert_eq!(teams(vec![group(1, 0..10)]), (vec![1], 0));
    }

    #[test]
    fn of_neighbours_that_differ_by_one_the_smaller_is_withheld() {
        assert_eq!(teams(vec![group(1, 0..10), group(2, 0..11)]), (vec![2], 1));
        assert_eq!(teams(vec![group(1, 0..10), group(2, 0..20)]), (vec![2, 1], 0));
        assert_eq!(teams(vec![group(1, 0..12), group(2, 3..15)]), (vec![1], 1), "three on each side");
        assert_eq!(teams(vec![group(1, 0..12), group(2, 0..12)]), (vec![1, 2], 0), "the same people");
    }

    #[test]
    fn a_total_whose_rest_is_few_is_withheld() {
        let all = |people| group(0, 0..people);
        assert_eq!(teams(vec![all(20), group(1, 0..10), group(2, 10..20)]), (vec![0, 1, 2], 0));
        assert_eq!(teams(vec![all(23), group(1, 0..10), group(2, 10..20)]), (vec![1, 2], 1));
        assert_eq!(teams(vec![all(35), group(1, 0..10), group(2, 10..20)]), (vec![0, 1, 2], 0));
        // Three who are in a larger team too: what they wrote in their own would be the rest of the total.
        assert_eq!(teams(vec![all(20), group(1, 0..20), group(2, 0..3)]), (vec![1], 2));
        let small = || vec![all(30), group(1, 0..10), group(2, 10..15), group(3, 15..20)];
        assert_eq!(teams(small()), (vec![0, 1], 2), "ten together");
    }

    #[test]
    fn a_month_has_its_bounds_and_its_name() {
        let month = Month::parse("2026-12").unwrap();
        assert_eq!(month.to_string(), "2026-12");
        let (from, until) = month.bounds().unwrap();
        assert_eq!(
            (from.to_string(), until.to_string()),
            ("2026-12-01T00:00:00Z".into(), "2027-01-01T00:00:00Z".into())
        );
        assert_eq!((Month::of(from), Month::of(Timestamp(until.0 - 1))), (Some(month), Some(month)));
        for bad in ["2026-13", "2026", "décembre", "2026-12-01"] {
            assert_eq!(Month::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn whatever_the_groups_no_difference_of_what_is_told_is_few_people() {
        let mut random = 20_261_123_u64;
        let mut next = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u32::try_from((random >> 33) % below).unwrap()
        };
        let mut told_of = 0;
        for _ in 0..2_000 {
            let groups: Vec<Group> = (0..next(8) + 1)
                .map(|team| {
                    let from = next(40);
                    group(team, from..from + next(45))
                })
                .collect();
            let people: Vec<_> = groups.iter().map(|group| (group.team, group.people.clone())).collect();
            let (cells, withheld) = told(groups);
            assert_eq!(cells.len() + withheld as usize, people.len());
            told_of += cells.len();
            let of = |cell: &Cell| &people.iter().find(|(team, _)| *team == cell.team).unwrap().1;
            for one in &cells {
                assert!(of(one).len() >= PEOPLE);
                for other in &cells {
                    assert!(
                        !is_few(of(one).difference(of(other)).count()),
                        "{:?} and {:?}",
                        one.team,
                        other.team
                    );
                }
            }
        }
        assert!(told_of > 1_000, "{told_of}");
    }
}
