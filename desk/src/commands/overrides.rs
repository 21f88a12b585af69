//! `estafette admin override` and `admin urgency-right`: who may disturb people off duty, and when.

use clap::Args;
use estafette_protocol::hours::{LegalBasis, Override, Period};
use estafette_protocol::statement::Act;
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, FaultCode};
use serde_json::json;

use super::announcements::read_time;
use super::urgent::Basis;
use crate::administration::Administration;
use crate::output;
use crate::place::Place;
use crate::session::{Desk, Failure};

/// What is stated of an override.
#[derive(Debug, Args)]
pub struct OverrideArguments {
    /// Pour un agent ; plusieurs fois / for an agent; repeatable
    #[arg(long, required_unless_present = "team")]
    agent: Vec<u32>,
    /// Pour tous les agents d’une équipe / for a team's agents
    #[arg(long, conflicts_with = "agent")]
    team: Option<String>,
    /// Fondement / legal basis
    #[arg(long, value_enum)]
    basis: Basis,
    /// Motif, que l’agent et le relais lisent / reason, which the agent and the relay read
    #[arg(long)]
    reason: String,
    /// Fin, par exemple 23:30, dans les 24 heures / its end, within 24 hours
    #[arg(long)]
    until: String,
}

/// Opens the hours of agents from now on until an end, on one legal basis.
pub fn state(desk: &Desk, arguments: &OverrideArguments) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let place = Place::of(&mut reader)?;
    let bad = || Failure::Usage(text(desk.language, "desk-bad-time", &[]));
    let until = read_time(&arguments.until, place.name(), place.now).ok_or_else(bad)?;
    let author = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
    let registry = reader.registry()?;
    let agents: Vec<AgentNumber> = match &arguments.team {
        Some(name) => {
            let records = Administration::open(&desk.folder, &ring.database_key())?;
            let team = records.team_named(name)?.ok_or(FaultCode::NotFound)?;
            registry.agents().filter(|agent| registry.teams_of(*agent).contains(&team)).collect()
        }
        None => arguments.agent.iter().copied().map(AgentNumber).collect(),
    };
    let derogation = Override {
        period: Period { from: place.now, until },
        basis: LegalBasis::from(arguments.basis),
        author,
        reason: arguments.reason.clone(),
    };
    let acts = agents.iter().map(|agent| Act::AddOverride { agent: *agent, derogation: derogation.clone() });
    let session = desk.start(&ring)?;
    session.state(acts.collect())?;
    session.stop();
    let when = place.local(until);
    let said = [("count", agents.len().into()), ("until", (&when).into())];
    let numbers: Vec<u32> = agents.iter().map(|agent| agent.0).collect();
    let fields = json!({ "agents": numbers, "until": until.0 });
    output::done(desk, &text(desk.language, "override-stated", &said), &fields);
    Ok(())
}

/// Gives an agent the right to declare urgencies, or takes it away.
pub fn right(desk: &Desk, agent: AgentNumber, granted: bool) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    session.state(vec![Act::SetUrgencyRight { agent, granted }])?;
    session.stop();
    let sentence = match granted {
        true => text(desk.language, "urgency-right-granted", &[("agent", agent.0.into())]),
        false => text(desk.language, "urgency-right-withdrawn", &[("agent", agent.0.into())]),
    };
    output::done(desk, &sentence, &json!({ "agent": agent.0, "granted": granted }));
    Ok(())
}
