//! A duty period for one person of a team: judged like a line of a planning, and what is ordered already.
//!
//! What leaves too little rest is refused. What breaks a limit that is only reported is shown first, and
//! ordered when it was seen.

use std::collections::BTreeMap;

use estafette_core::reader::Reader;
use estafette_protocol::hours::{DutyPeriod, Finding, Period, Profile};
use estafette_protocol::registry::Registry;
use estafette_protocol::statement::Act;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode};
use maud::{Markup, html};

use super::me;
use super::urgent::reason_fault;
use crate::output::printable;
use crate::place::Place;
use crate::session::Failure;
use crate::shifts::judge::{Outcome, Standing, judge};
use crate::shifts::{Kind, Shift, ShiftFault};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::{floors, moment};

/// What decides whether the rest is kept.
pub const CHOICES: [&str; 3] = ["agent", "from", "until"];

/// What the form of a duty period holds; it comes back as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    agent: Option<u32>,
    from: String,
    until: String,
    reason: String,
}

/// What the floors of rest only report of a duty period that may be ordered.
#[derive(Debug, Clone)]
pub struct Look {
    /// The choices that were looked at.
    pub digest: String,
    /// In sentences.
    pub flagged: Vec<String>,
}

impl Draft {
    /// As it was typed.
    pub fn read(fields: &Fields) -> Self {
        Self {
            agent: fields.one("agent").parse().ok(),
            from: fields.one("from").to_owned(),
            until: fields.one("until").to_owned(),
            reason: fields.one("reason").trim().to_owned(),
        }
    }

    /// What orders it, and what the floors report of it.
    ///
    /// # Errors
    /// A sentence that says which field does not do, or which rest would be missing.
    pub fn judged(self, reader: &mut Reader, language: Language) -> Result<(Act, Vec<String>), Failure> {
        let usage = |sentence: String| Err(Failure::Usage(sentence));
        let place = Place::of(reader)?;
        let zone = place.zone().ok_or(FaultCode::ZoneUnknown)?;
        let Some(agent) = self.agent.map(AgentNumber) else {
            return usage(text(language, "web-duty-nobody", &[]));
        };
        let read = |typed: &str| moment::instant(typed, &zone, place.now);
        let (Some(from), Some(until)) = (read(&self.from), read(&self.until)) else {
            return usage(text(language, "web-duty-unread", &[]));
        };
        if until <= from {
            return usage(text(language, "web-duty-inverted", &[]));
        }
        if until <= place.now {
            return usage(text(language, "web-duty-past", &[]));
        }
        if let Some(fault) = reason_fault(language, &self.reason) {
            return usage(fault);
        }
        let period = Period { from, until };
        let registry = reader.registry()?.clone();
        let findings = match judged(&registry, agent, period)? {
            Outcome::Added(findings) => findings,
            Outcome::Unchanged => return usage(text(language, "web-duty-same", &[])),
            Outcome::Refused(fault) => return usage(refusal(language, &place, &fault)),
        };
        let author = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
        let duty = DutyPeriod { period, author, reason: self.reason };
        let said = |finding: &Finding| floors::sentence(language, place.name(), finding);
        Ok((Act::AddDuty { agent, duty }, findings.iter().map(said).collect()))
    }
}

/// By the floors that the agent's hours name.
fn judged(registry: &Registry, agent: AgentNumber, period: Period) -> Result<Outcome, Failure> {
    let hours = registry.hours_of(agent);
    let named = hours.as_ref().and_then(|hours| hours.calendars.first()?.profile.as_deref());
    let profile: Profile = floors::profile(named.unwrap_or(floors::USUAL))?;
    let shift = Shift { agent, period, kind: Kind::Duty, team: None, rank: None, reason: None };
    let standing = Standing { registry, teams: BTreeMap::new(), profile: &profile };
    let plan = judge(&vec![(1, Ok(shift))], &standing);
    let outcome = plan.outcomes.into_iter().next().map(|(_, outcome)| outcome);
    outcome.ok_or_else(|| FaultCode::Internal.into())
}

fn refusal(language: Language, place: &Place, fault: &ShiftFault) -> String {
    let why = match fault {
        ShiftFault::TooLong => return text(language, "web-duty-long", &[]),
        ShiftFault::OverlapStanding => return text(language, "web-duty-overlap", &[]),
        ShiftFault::Floors(finding) => floors::sentence(language, place.name(), finding),
        other => other.sentence(language, crate::output::PLACE),
    };
    text(language, "web-duty-refused", &[("why", (&why).into())])
}

/// The form; with what is reported, where something is.
pub fn form(
    language: Language,
    people: &[(AgentNumber, String)],
    draft: &Draft,
    look: Option<&Look>,
) -> Markup {
    html! {
        form.stacked action="/team" method="post" {
            label for="agent" { (text(language, "web-for-whom", &[])) }
            select id="agent" name="agent" required {
                option value="" { (text(language, "web-choose", &[])) }
                @for (agent, name) in people {
                    option value=(agent) selected[draft.agent == Some(agent.0)] { (name) }
                }
            }
            label for="from" { (text(language, "web-from", &[])) }
            input id="from" name="from" type="datetime-local" value=(draft.from) required;
            label for="until" { (text(language, "web-until", &[])) }
            input id="until" name="until" type="datetime-local" value=(draft.until) required;
            label for="reason" { (text(language, "web-urgent-reason", &[])) }
            input id="reason" name="reason" value=(draft.reason) required dir="auto" aria-describedby="reason-hint";
            p.hint id="reason-hint" { (text(language, "web-duty-reason-hint", &[])) }
            @if let Some(look) = look {
                input type="hidden" name="looked" value=(look.digest);
                div.card.verdict role="status" data-grade="flag" {
                    h3 { (text(language, "web-duty-flagged", &[])) }
                    ul.facts { @for line in &look.flagged { li { (line) } } }
                }
                button.main { (text(language, "web-duty-order-anyway", &[])) }
            } @else {
                button.main { (text(language, "web-duty-order", &[])) }
            }
        }
    }
}

/// What is ordered for people and not over, the first to begin first.
///
/// # Errors
/// The rows cannot be read.
pub fn ahead(
    reader: &mut Reader,
    frame: &Frame,
    people: &[(AgentNumber, String)],
) -> Result<Markup, Failure> {
    let language = frame.language;
    let registry = reader.registry()?.clone();
    let mut ordered = Vec::new();
    for (agent, name) in people {
        let duties = registry.beside_calendars(*agent).duty;
        for duty in duties.into_iter().filter(|duty| duty.period.until > frame.place.now) {
            let author = printable(&reader.shown_name(language, duty.author)?);
            ordered.push((duty.period, name, author, printable(&duty.reason)));
        }
    }
    ordered.sort_by_key(|(period, name, ..)| (period.from, period.until, *name));
    Ok(html! {
        @if !ordered.is_empty() {
            h2 { (text(language, "web-duty-ahead", &[])) }
            ul.facts {
                @for (period, name, author, reason) in &ordered {
                    li {
                        (name) " · " (me::stretch(frame, period))
                        p { (text(language, "beside-duty", &[("author", author.into())])) }
                        p.hint dir="auto" { (reason) }
                    }
                }
            }
        }
    })
}
