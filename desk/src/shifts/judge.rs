//! What the periods of a file change in what stands, judged one by one in their order.
//!
//! The first period that says something stands; a later one that covers it is refused. Duty
//! that leaves less rest than the profile's floors is refused with the floor, or flagged where
//! the profile only flags; time on call is no work and is not judged by them.
//!
//! Always true: the same file judged again over what it made changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use estafette_protocol::hours::{Breach, DutyPeriod, Finding, Period, Profile, Turn, judge_agent};
use estafette_protocol::registry::Registry;
use estafette_protocol::{AgentNumber, TeamNumber, Timestamp};

use super::{Kind, Lines, Shift, ShiftFault};

/// The longest period of duty.
const DUTY: Duration = Duration::from_hours(48);
/// The longest turn on call: two weeks and a day.
const ON_CALL: Duration = Duration::from_hours(15 * 24);
/// How far around a period rests are looked at: a week's window on each side.
const AROUND: Duration = Duration::from_hours(8 * 24);

/// What became, or would become, of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is new; findings that only flag.
    Added(Vec<Finding>),
    /// It stands already.
    Unchanged,
    /// Nothing of it is taken.
    Refused(ShiftFault),
}

/// What is to be stated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Each period's line with its outcome.
    pub outcomes: Vec<(u64, Outcome)>,
    /// New periods of duty, with their reason where the file says one.
    pub duties: Vec<(AgentNumber, Period, Option<String>)>,
    /// New periods on call outside of any rota.
    pub on_call: Vec<(AgentNumber, Period)>,
    /// Turns of teams' rotas, by their beginning; only where something changes.
    pub rotas: BTreeMap<TeamNumber, Vec<Turn>>,
}

impl Plan {
    /// The refused periods.
    pub fn refused(&self) -> impl Iterator<Item = (u64, &ShiftFault)> {
        self.outcomes.iter().filter_map(|(line, outcome)| match outcome {
            Outcome::Refused(fault) => Some((*line, fault)),
            _ => None,
        })
    }
}

/// Against what a file is judged.
pub struct Standing<'s> {
    /// What the statements say.
    pub registry: &'s Registry,
    /// Teams by the names that the file gives them.
    pub teams: BTreeMap<String, TeamNumber>,
    /// The floors.
    pub profile: &'s Profile,
}

/// Judges the periods of a file over what stands.
pub fn judge(lines: &Lines, standing: &Standing<'_>) -> Plan {
    let mut bench = Bench { standing, plan: Plan::default(), taken: BTreeMap::new(), turns: BTreeMap::new() };
    let outcomes: Vec<(u64, Outcome)> = lines
        .iter()
        .map(|(line, shift)| {
            let outcome = match shift {
                Err(fault) => Outcome::Refused(fault.clone()),
                Ok(shift) => bench.take(*line, shift).unwrap_or_else(Outcome::Refused),
            };
            (*line, outcome)
        })
        .collect();
    bench.plan.outcomes = outcomes;
    bench.close()
}

/// One turn of a rota as the file's lines make it.
#[derive(Default)]
struct Called {
    first_line: u64,
    /// By rank, those without one last, as they came.
    order: Vec<(u16, u64, AgentNumber)>,
}

struct Bench<'b> {
    standing: &'b Standing<'b>,
    plan: Plan,
    /// What the file has said of agents, with its line.
    taken: BTreeMap<(AgentNumber, Kind), Vec<(u64, Period)>>,
    turns: BTreeMap<TeamNumber, BTreeMap<(Timestamp, Timestamp), Called>>,
}

impl Bench<'_> {
    fn take(&mut self, line: u64, shift: &Shift) -> Result<Outcome, ShiftFault> {
        let registry = self.standing.registry;
        if registry.devices_of(shift.agent).next().is_none() {
            return Err(ShiftFault::AgentUnknown);
        }
        let longest = if shift.kind == Kind::Duty { DUTY } else { ON_CALL };
        if shift.period.until > shift.period.from.after(longest) {
            return Err(ShiftFault::TooLong);
        }
        let said = self.taken.entry((shift.agent, shift.kind)).or_default();
        if let Some((line, _)) = said.iter().find(|(_, other)| overlap(other, &shift.period)) {
            return Err(ShiftFault::Overlap { line: *line });
        }
        let outcome = match (shift.kind, &shift.team) {
            (Kind::Duty, _) => self.duty(shift),
            (Kind::OnCall, None) => self.on_call(shift),
            (Kind::OnCall, Some(team)) => self.turn(line, shift, team),
        }?;
        self.taken.entry((shift.agent, shift.kind)).or_default().push((line, shift.period));
        Ok(outcome)
    }

    fn duty(&mut self, shift: &Shift) -> Result<Outcome, ShiftFault> {
        let registry = self.standing.registry;
        let mut hours =
            registry.hours_of(shift.agent).unwrap_or_else(|| registry.beside_calendars(shift.agent));
        if hours.duty.iter().any(|duty| duty.period == shift.period) {
            return Ok(Outcome::Unchanged);
        }
        if hours.duty.iter().any(|duty| overlap(&duty.period, &shift.period)) {
            return Err(ShiftFault::OverlapStanding);
        }
        let duty = |period| DutyPeriod { period, author: shift.agent, reason: String::new() };
        let new = self.plan.duties.iter().filter(|(agent, ..)| *agent == shift.agent);
        hours.duty.extend(new.map(|(_, period, _)| duty(*period)));
        let within =
            Period { from: shift.period.from.before(AROUND), until: shift.period.until.after(AROUND) };
        let before = judge_agent(&hours, within, self.standing.profile).findings;
        hours.duty.push(duty(shift.period));
        let mut findings = judge_agent(&hours, within, self.standing.profile).findings;
        findings.retain(|finding| !before.contains(finding));
        if let Some(refused) = findings.iter().find(|finding| finding.floor.breach == Breach::Refuse) {
            return Err(ShiftFault::Floors(Box::new(refused.clone())));
        }
        self.plan.duties.push((shift.agent, shift.period, shift.reason.clone()));
        Ok(Outcome::Added(findings))
    }

    fn on_call(&mut self, shift: &Shift) -> Result<Outcome, ShiftFault> {
        let standing = self.standing.registry.beside_calendars(shift.agent).on_call;
        if standing.contains(&shift.period) {
            return Ok(Outcome::Unchanged);
        }
        if standing.iter().any(|other| overlap(other, &shift.period)) {
            return Err(ShiftFault::OverlapStanding);
        }
        self.plan.on_call.push((shift.agent, shift.period));
        Ok(Outcome::Added(Vec::new()))
    }

    fn turn(&mut self, line: u64, shift: &Shift, team: &str) -> Result<Outcome, ShiftFault> {
        let team = *self.standing.teams.get(team).ok_or(ShiftFault::TeamUnknown)?;
        let turns = self.turns.entry(team).or_default();
        let key = (shift.period.from, shift.period.until);
        let period = |key: &(Timestamp, Timestamp)| Period { from: key.0, until: key.1 };
        let other = turns.iter().find(|(other, _)| **other != key && overlap(&period(other), &shift.period));
        if let Some((_, other)) = other {
            return Err(ShiftFault::Overlap { line: other.first_line });
        }
        let called = turns.entry(key).or_insert(Called { first_line: line, order: Vec::new() });
        let rank = shift.rank.unwrap_or(u16::MAX);
        let taken = |(other, _, agent): &(u16, u64, AgentNumber)| {
            *agent == shift.agent || shift.rank.is_some() && *other == rank
        };
        if called.order.iter().any(taken) || called.order.len() >= estafette_protocol::hours::CALLED {
            return Err(ShiftFault::OrderTwice);
        }
        called.order.push((rank, line, shift.agent));
        Ok(Outcome::Added(Vec::new()))
    }

    /// Makes turns of what was called, and leaves out what stands already.
    fn close(mut self) -> Plan {
        let mut unchanged = BTreeSet::new();
        for (team, turns) in self.turns {
            let mut rota = Vec::new();
            for ((from, until), mut called) in turns {
                called.order.sort_unstable();
                let lines = called.order.iter().map(|(_, line, _)| *line);
                let turn = Turn {
                    period: Period { from, until },
                    order: called.order.iter().map(|(.., agent)| *agent).collect(),
                };
                if self.standing.registry.rota_of(team).contains(&turn) {
                    unchanged.extend(lines);
                }
                rota.push(turn);
            }
            let Some(covers) = covers(&rota) else { continue };
            let standing = self.standing.registry.rota_of(team).iter();
            let standing: Vec<&Turn> = standing.filter(|turn| covers.contains(turn.period.from)).collect();
            if !standing.into_iter().eq(rota.iter()) {
                self.plan.rotas.insert(team, rota);
            }
        }
        for (line, outcome) in &mut self.plan.outcomes {
            if unchanged.contains(line) && matches!(outcome, Outcome::Added(_)) {
                *outcome = Outcome::Unchanged;
            }
        }
        self.plan
    }
}

/// From the first turn's beginning to the last one's end.
pub fn covers(turns: &[Turn]) -> Option<Period> {
    let (first, last) = (turns.first()?, turns.last()?);
    Some(Period { from: first.period.from, until: last.period.until })
}

fn overlap(one: &Period, other: &Period) -> bool {
    one.from < other.until && other.from < one.until
}
