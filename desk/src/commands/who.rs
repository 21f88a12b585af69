//! `estafette admin who`: who would receive at a moment, by the statements that this computer holds.
//!
//! It says up to which statement it looked, and may look as if a proposal was approved.

use clap::Args;
use estafette_protocol::registry::{Reachable, Registry};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode, StatementNumber, TeamNumber, Timestamp};
use serde_json::{Value, json};

use super::hours;
use crate::output;
use crate::session::{Desk, Failure};

/// What can be asked of a moment.
#[derive(Debug, Args)]
pub struct WhoArguments {
    /// Moment, par exemple « dimanche 22:00 » ou « 24/12/2026 22h » / when
    #[arg(long)]
    at: String,
    /// Seulement cette équipe, avec l'ordre d'appel / this team only, with the order of call
    #[arg(long)]
    team: Option<String>,
    /// Comme si cette proposition était approuvée / as if this proposal was approved
    #[arg(long)]
    proposal: Option<u64>,
    /// Fuseau / time zone
    #[arg(long, default_value = "Europe/Paris")]
    zone: String,
}

/// Says who would receive at a moment, by the statements that are known here.
pub fn show(desk: &Desk, arguments: &WhoArguments) -> Result<(), Failure> {
    let zone = hours::zone(&arguments.zone)?;
    let (ring, mut reader, now) = hours::open(desk)?;
    let at = hours::read(desk, &arguments.at, &zone, now)?;
    let records = desk.records(&ring)?;
    let team = match &arguments.team {
        Some(name) => Some(records.team_named(name)?.ok_or(FaultCode::NotFound)?),
        None => None,
    };
    let mut registry = reader.registry()?.clone();
    if let Some(number) = arguments.proposal {
        registry = registry.preview(StatementNumber(number)).ok_or(FaultCode::NotFound)?;
    }
    let seen: Vec<Seen> = seen(&registry, team, at);
    if desk.json {
        let agents: Vec<Value> = seen.iter().map(Seen::fields).collect();
        output::print(
            &json!({ "at": at.0, "statement": registry.last().0, "proposal": arguments.proposal, "agents": agents }),
        );
        return Ok(());
    }
    let when = output::local(Some(&arguments.zone), at);
    let head = [("when", (&when).into()), ("number", registry.last().0.into())];
    println!("{}", text(desk.language, "who-version", &head));
    if let Some(number) = arguments.proposal {
        println!("{}", text(desk.language, "who-proposal", &[("number", number.into())]));
    }
    for one in &seen {
        let name = records.person(one.agent)?.unwrap_or_default();
        println!(
            "{:>6}  {}  {}",
            one.agent.0,
            output::printable(&name),
            one.sentence(desk.language, |at| output::local(Some(&arguments.zone), at))
        );
    }
    let count = |wanted: fn(&Reachable) -> bool| seen.iter().filter(|one| wanted(&one.reachable)).count();
    let counts = [
        ("duty", count(|one| matches!(one, Reachable::OnDuty)).into()),
        ("oncall", count(|one| !matches!(one, Reachable::OffDuty { .. })).into()),
        ("off", count(|one| matches!(one, Reachable::OffDuty { .. })).into()),
    ];
    println!("{}", text(desk.language, "who-counts", &counts));
    Ok(())
}

/// An agent at that moment.
pub struct Seen {
    /// Who.
    pub agent: AgentNumber,
    /// Whether.
    pub reachable: Reachable,
    /// The place in the order of call, from 1.
    called: Option<usize>,
}

/// Every agent with a device, or those of a team and of its rota, at a moment.
pub fn seen(registry: &Registry, team: Option<TeamNumber>, at: Timestamp) -> Vec<Seen> {
    let order = team.map(|team| registry.call_order(team, at)).unwrap_or_default();
    let active = |agent: &AgentNumber| registry.devices_of(*agent).next().is_some();
    let of_team = |agent: &AgentNumber| {
        team.is_none_or(|team| registry.teams_of(*agent).contains(&team) || order.contains(agent))
    };
    let agents = registry.agents().filter(active).filter(of_team);
    agents
        .map(|agent| Seen {
            agent,
            reachable: registry.reachable(agent, at),
            called: order.iter().position(|called| *called == agent).map(|place| place + 1),
        })
        .collect()
}

impl Seen {
    fn fields(&self) -> Value {
        let (state, reopens_at) = match self.reachable {
            Reachable::OnDuty => ("on-duty", None),
            Reachable::OnCall { reopens_at } => ("on-call", reopens_at),
            Reachable::OffDuty { reopens_at } => ("off-duty", reopens_at),
        };
        json!({
            "agent": self.agent.0, "state": state, "called": self.called,
            "reopens_at": reopens_at.map(|at| at.0),
        })
    }

    /// In words; `said` tells an instant.
    pub fn sentence(&self, language: Language, said: impl Fn(Timestamp) -> String) -> String {
        match (self.reachable, self.called) {
            (Reachable::OnDuty, _) => text(language, "who-on-duty", &[]),
            (Reachable::OnCall { .. }, Some(place)) => {
                text(language, "who-on-call-order", &[("place", place.into())])
            }
            (Reachable::OnCall { .. }, None) => text(language, "who-on-call", &[]),
            (Reachable::OffDuty { reopens_at: Some(at) }, _) => {
                let when = said(at);
                text(language, "who-off-duty", &[("when", (&when).into())])
            }
            (Reachable::OffDuty { reopens_at: None }, _) => text(language, "who-off-duty-unknown", &[]),
        }
    }
}
