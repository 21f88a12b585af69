//! `estafette hours`: the agent's own hours, which version of them, and what is proposed to change them.

use estafette_protocol::hours::{AgentHours, Calendar, HoursState, Reach};
use estafette_protocol::policy::PolicySubject;
use estafette_protocol::registry::{Registry, StandingPolicy};
use estafette_protocol::statement::HoursScope;
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, FaultCode, StatementNumber};
use serde_json::json;

use super::policies;
use crate::beside_hours;
use crate::output;
use crate::place::Place;
use crate::session::{Desk, Failure};

/// Shows the agent's hours.
pub fn show(desk: &Desk) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let agent = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
    let place = Place::of(&mut reader)?;
    let registry = reader.registry()?.clone();
    let hours = registry.hours_of(agent);
    let (word, sentence) = state(desk, &place, hours.as_ref());
    let calendars: Vec<_> = hours.iter().flat_map(|hours| &hours.calendars).collect();
    let versions = versions(&registry, agent);
    let coming = coming(&registry, agent, &place);
    let beside = beside_hours::coming(&mut reader, desk.language, agent, place.now)?;
    if desk.json {
        let fields =
            |calendar: &&Calendar| json!({ "zone": calendar.zone, "week": calendar.week.to_string() });
        let calendars: Vec<_> = calendars.iter().map(fields).collect();
        let versions: Vec<u64> = versions.iter().map(|standing| standing.version.0).collect();
        let proposals: Vec<u64> = coming.iter().map(|number| number.0).collect();
        output::print(&json!({
            "calendars": calendars, "state": word, "versions": versions, "proposals": proposals,
            "beside": beside.iter().map(|one| json!({
                "from": one.period.from.0, "until": one.period.until.0, "what": one.what, "why": one.why,
            })).collect::<Vec<_>>(),
        }));
        return Ok(());
    }
    for calendar in calendars {
        println!("{}  {}", calendar.zone, calendar.week.written(desk.language));
    }
    println!("{sentence}");
    for one in &beside {
        let [from, until] = [one.period.from, one.period.until].map(|at| place.soon(desk.language, at));
        let words = [("from", (&from).into()), ("until", (&until).into())];
        let why = if one.why.is_empty() { String::new() } else { format!(" — {}", one.why) };
        println!("{}  {}{why}", text(desk.language, "web-from-until", &words), one.what);
    }
    for standing in &versions {
        println!("{}", policies::origin(desk, &reader, &place, standing)?);
    }
    for (number, proposal) in registry.proposals().filter(|(number, _)| coming.contains(number)) {
        let lines = policies::proposed(desk, &reader, &place, number, proposal)?;
        lines.iter().for_each(|line| println!("{line}"));
    }
    Ok(())
}

fn state(desk: &Desk, place: &Place, hours: Option<&AgentHours>) -> (&'static str, String) {
    let Some(hours) = hours else { return ("open", text(desk.language, "desk-hours-none", &[])) };
    match hours.state(place.now, Reach::Duty) {
        HoursState::Open => ("open", text(desk.language, "duty-on", &[])),
        HoursState::Closed { reopens_at: Some(at) } => {
            let when = place.local(at);
            ("closed", text(desk.language, "desk-hours-closed", &[("when", (&when).into())]))
        }
        HoursState::Closed { reopens_at: None } => ("closed", text(desk.language, "duty-off", &[])),
    }
}

/// The versions of the calendars that apply: the agent's own, else the teams', else the organisation's.
fn versions(registry: &Registry, agent: AgentNumber) -> Vec<StandingPolicy> {
    let of = |scope| registry.standing_policy(PolicySubject::Calendar(scope)).copied();
    if let Some(own) = of(HoursScope::Agent(agent)) {
        return vec![own];
    }
    let teams: Vec<_> =
        registry.teams_of(agent).into_iter().filter_map(|team| of(HoursScope::Team(team))).collect();
    if teams.is_empty() { of(HoursScope::Organisation).into_iter().collect() } else { teams }
}

/// The proposals that would change this agent's hours.
fn coming(registry: &Registry, agent: AgentNumber, place: &Place) -> Vec<StatementNumber> {
    let now = registry.hours_of(agent);
    let changes = |number| registry.preview(number).is_some_and(|preview| preview.hours_of(agent) != now);
    let open = registry.proposals().filter(|(_, proposal)| place.now < proposal.ends_at());
    open.map(|(number, _)| number).filter(|number| changes(*number)).collect()
}
