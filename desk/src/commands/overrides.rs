//! `estafette admin override` and `admin urgency-right`: who may disturb people off duty, and when.

use clap::Args;
use estafette_core::reader::Reader;
use estafette_protocol::hours::{HoursError, LegalBasis, Override, Period};
use estafette_protocol::statement::Act;
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, Fault, FaultCode, Timestamp};
use serde_json::json;

use super::announcements::read_time;
use super::urgent::Basis;
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

/// What opens the hours of agents from now until an end, on one legal basis.
pub struct Derogation {
    /// Whose.
    pub agents: Vec<AgentNumber>,
    /// On what right.
    pub basis: LegalBasis,
    /// Why.
    pub reason: String,
    /// When it ends.
    pub until: Timestamp,
}

impl Derogation {
    /// What is to be stated by the agent of this device.
    ///
    /// # Errors
    /// `override_invalid` without a reason, and for an end that is over or more than a day away; nobody.
    pub fn acts(self, reader: &mut Reader, now: Timestamp) -> Result<Vec<Act>, Failure> {
        let author = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
        let period = Period { from: now, until: self.until };
        let derogation = Override { period, basis: self.basis, author, reason: self.reason };
        let invalid = |error: HoursError| {
            Fault::new(FaultCode::OverrideInvalid).with_reasons(vec![error.word().to_owned()])
        };
        derogation.validate().map_err(invalid)?;
        if self.agents.is_empty() {
            return Err(FaultCode::NotFound.into());
        }
        let act = |agent: &AgentNumber| Act::AddOverride { agent: *agent, derogation: derogation.clone() };
        Ok(self.agents.iter().map(act).collect())
    }
}

/// Opens the hours of agents from now on until an end, on one legal basis.
pub fn state(desk: &Desk, arguments: &OverrideArguments) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let place = Place::of(&mut reader)?;
    let bad = || Failure::Usage(text(desk.language, "desk-bad-time", &[]));
    let until = read_time(&arguments.until, place.name(), place.now).ok_or_else(bad)?;
    let agents: Vec<AgentNumber> = match &arguments.team {
        Some(name) => {
            let records = desk.records(&ring)?;
            let team = records.team_named(name)?.ok_or(FaultCode::NotFound)?;
            reader.registry()?.people_of(team).into_iter().collect()
        }
        None => arguments.agent.iter().copied().map(AgentNumber).collect(),
    };
    let numbers: Vec<u32> = agents.iter().map(|agent| agent.0).collect();
    let basis = LegalBasis::from(arguments.basis);
    let derogation = Derogation { agents, basis, reason: arguments.reason.clone(), until };
    let acts = derogation.acts(&mut reader, place.now)?;
    let session = desk.start(&ring)?;
    session.state(acts)?;
    session.stop();
    let when = place.local(until);
    let said = [("count", numbers.len().into()), ("until", (&when).into())];
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
