//! `estafette admin hours`, `admin who` and `admin intervention`.
//!
//! Hours are judged by a profile's floors before anything is signed: what breaks a rest is
//! refused with the place and the missing minutes, unless the profile only flags. Who would
//! receive is computed from the statements that this computer holds, and says up to which.

use clap::Args;
use estafette_core::reader::Reader;
use estafette_protocol::hours::{Calendar, Grade, Period, Place, Week, Zone, judge_week, shifted_opening};
use estafette_protocol::policy::Policy;
use estafette_protocol::registry::{Reachable, Registry};
use estafette_protocol::statement::{Act, HoursScope};
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, FaultCode, StatementNumber, TeamNumber, Timestamp};
use serde_json::{Value, json};

use super::policies;
use crate::administration::Administration;
use crate::folder::KeyRing;
use crate::session::{Desk, Failure};
use crate::{clock, floors, moment, output};

/// What can be said of weekly hours.
#[derive(Debug, Args)]
pub struct HoursArguments {
    /// Par exemple « lun-ven 08:00-12:00 13:00-17:00 » / weekly hours
    week: String,
    /// Pour une équipe / for a team
    #[arg(long, conflicts_with = "agent")]
    team: Option<String>,
    /// Pour un agent / for an agent
    #[arg(long)]
    agent: Option<u32>,
    /// Fuseau / time zone
    #[arg(long, default_value = "Europe/Paris")]
    zone: String,
    /// Ferme aussi les jours fériés d'un lieu, par exemple « metropole » / closed on a place's public holidays
    #[arg(long)]
    place: Option<String>,
    /// Profil des garanties de repos : fpe, fpt, fph, winter-2002-259, interior-2002-1278 / floors of rest
    #[arg(long, default_value = floors::USUAL)]
    profile: String,
    /// Permet à l’agent de prolonger son service, une heure à la fois / lets the agent prolong their service
    #[arg(long)]
    prolongation: bool,
    /// Juge les horaires et ne signe rien / judges and signs nothing
    #[arg(long)]
    dry_run: bool,
}

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

/// What is told of an intervention.
#[derive(Debug, Args)]
pub struct InterventionArguments {
    /// Numéro de l'agent / agent's number
    agent: u32,
    /// Début, par exemple « 2026-12-02 02:00 » / its beginning
    #[arg(long)]
    from: String,
    /// Fin / its end
    #[arg(long)]
    until: String,
    /// Fuseau / time zone
    #[arg(long, default_value = "Europe/Paris")]
    zone: String,
    /// Profil des garanties de repos / floors of rest
    #[arg(long, default_value = floors::USUAL)]
    profile: String,
    /// Dit ce qui serait décalé et ne signe rien / says what would be shifted and signs nothing
    #[arg(long)]
    dry_run: bool,
}

/// Sets weekly hours, after their floors were judged.
pub fn set(desk: &Desk, arguments: &HoursArguments) -> Result<(), Failure> {
    let bad = || Failure::Usage(text(desk.language, "desk-bad-week", &[]));
    let week: Week = arguments.week.parse().map_err(|_| bad())?;
    let place = arguments.place.as_deref().map(|word| place(desk, word)).transpose()?;
    let profile = floors::profile(&arguments.profile)?;
    let calendar = Calendar {
        place,
        profile: Some(profile.name.clone()),
        prolongation: arguments.prolongation.then_some(true),
        ..Calendar::weekly(arguments.zone.clone(), week)
    };
    calendar.validate().map_err(estafette_protocol::Fault::from)?;
    let ring = desk.unlock()?;
    let records = Administration::open(&desk.folder, &ring.database_key())?;
    let scope = match (&arguments.team, arguments.agent) {
        (Some(name), _) => HoursScope::Team(records.team_named(name)?.ok_or(FaultCode::NotFound)?),
        (None, Some(agent)) => HoursScope::Agent(AgentNumber(agent)),
        (None, None) => HoursScope::Organisation,
    };
    let verdict = judge_week(&calendar.week, &profile);
    if !desk.json {
        floors::lines(desk.language, None, &profile, &verdict).iter().for_each(|line| println!("{line}"));
    }
    if verdict.grade() == Grade::Refuse {
        return Err(floors::refusal(&verdict));
    }
    let asked = match arguments.dry_run {
        true => None,
        false => {
            let session = desk.start(&ring)?;
            let policy = Policy::Calendar { scope, calendar: calendar.clone() };
            let asked = policies::ask(desk, &ring, &session, vec![policy], Vec::new())?;
            session.stop();
            Some(asked)
        }
    };
    let shown = calendar.week.to_string();
    let sentence = match arguments.dry_run {
        true => text(desk.language, "desk-hours-would", &[("week", (&shown).into())]),
        false => text(desk.language, "desk-hours-set", &[("week", (&shown).into())]),
    };
    let fields = json!({
        "week": shown, "zone": calendar.zone, "place": place.and_then(Place::as_str), "profile": profile.name,
        "dry_run": arguments.dry_run, "findings": floors::fields(&verdict),
    });
    match asked {
        Some(asked) => output::done(desk, &asked.sentence(sentence), &asked.fields(fields)),
        None => output::done(desk, &sentence, &fields),
    }
    Ok(())
}

fn place(desk: &Desk, word: &str) -> Result<Place, Failure> {
    Place::named(word).map_err(|_| {
        let places: Vec<_> = Place::all().filter_map(Place::as_str).collect();
        let places = places.join(", ");
        Failure::Usage(text(desk.language, "desk-bad-place", &[("places", (&places).into())]))
    })
}

/// The zone of that name, or the refusal.
pub fn zone(name: &str) -> Result<Zone, Failure> {
    Zone::named(name).ok_or_else(|| FaultCode::ZoneUnknown.into())
}

/// Says who would receive at a moment, by the statements that are known here.
pub fn who(desk: &Desk, arguments: &WhoArguments) -> Result<(), Failure> {
    let zone = zone(&arguments.zone)?;
    let (ring, mut reader, now) = open(desk)?;
    let at = read(desk, &arguments.at, &zone, now)?;
    let records = Administration::open(&desk.folder, &ring.database_key())?;
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
        println!("{:>6}  {}  {}", one.agent.0, output::printable(&name), one.sentence(desk, &arguments.zone));
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
struct Seen {
    agent: AgentNumber,
    reachable: Reachable,
    /// The place in the order of call, from 1.
    called: Option<usize>,
}

fn seen(registry: &Registry, team: Option<TeamNumber>, at: Timestamp) -> Vec<Seen> {
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

    fn sentence(&self, desk: &Desk, zone: &str) -> String {
        match (self.reachable, self.called) {
            (Reachable::OnDuty, _) => text(desk.language, "who-on-duty", &[]),
            (Reachable::OnCall { .. }, Some(place)) => {
                text(desk.language, "who-on-call-order", &[("place", place.into())])
            }
            (Reachable::OnCall { .. }, None) => text(desk.language, "who-on-call", &[]),
            (Reachable::OffDuty { reopens_at: Some(at) }, _) => {
                let when = output::local(Some(zone), at);
                text(desk.language, "who-off-duty", &[("when", (&when).into())])
            }
            (Reachable::OffDuty { reopens_at: None }, _) => text(desk.language, "who-off-duty-unknown", &[]),
        }
    }
}

/// Shifts an agent's next opening after an intervention, where the rest is not whole without.
pub fn intervention(desk: &Desk, arguments: &InterventionArguments) -> Result<(), Failure> {
    let zone = zone(&arguments.zone)?;
    let profile = floors::profile(&arguments.profile)?;
    let (ring, mut reader, now) = open(desk)?;
    let from = read(desk, &arguments.from, &zone, now)?;
    let intervention = Period { from, until: read(desk, &arguments.until, &zone, now)? };
    intervention.validate().map_err(estafette_protocol::Fault::from)?;
    let author = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
    let agent = AgentNumber(arguments.agent);
    let hours = reader.registry()?.hours_of(agent).unwrap_or_default();
    let Some(shift) = shifted_opening(&hours, intervention, profile.daily_rest()) else {
        let sentence = text(desk.language, "intervention-none", &[("agent", agent.0.into())]);
        output::done(desk, &sentence, &json!({ "agent": agent.0, "shifted": false }));
        return Ok(());
    };
    if !arguments.dry_run {
        let session = desk.start(&ring)?;
        session.state(vec![Act::AddRest { agent, rest: shift.stated(intervention, author) }])?;
        session.stop();
    }
    let local = |at: Timestamp| output::local(Some(&arguments.zone), at);
    let opens_at = shift.opens_at.unwrap_or(shift.rest.until);
    let [from, until, planned, opens] =
        [intervention.from, intervention.until, shift.planned, opens_at].map(local);
    let rest = floors::length(u32::try_from(profile.daily_rest().as_secs() / 60).unwrap_or(u32::MAX));
    let said = [
        ("agent", agent.0.into()),
        ("from", (&from).into()),
        ("until", (&until).into()),
        ("rest", (&rest).into()),
        ("opens", (&opens).into()),
        ("planned", (&planned).into()),
    ];
    let mut sentence = text(desk.language, "intervention-shifted", &said);
    if arguments.dry_run {
        sentence = format!("{sentence}\n{}", text(desk.language, "intervention-dry-run", &[]));
    }
    let fields = json!({
        "agent": agent.0, "shifted": true, "planned": shift.planned.0, "rest_until": shift.rest.until.0,
        "opens_at": shift.opens_at.map(|at| at.0), "dry_run": arguments.dry_run, "profile": profile.name,
    });
    output::done(desk, &sentence, &fields);
    Ok(())
}

/// The keys, the rows, and the relay's time as well as this computer knows it.
fn open(desk: &Desk) -> Result<(KeyRing, Reader, Timestamp), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let now = Timestamp(clock::now().0.saturating_add_signed(reader.device()?.clock_offset));
    Ok((ring, reader, now))
}

fn read(desk: &Desk, typed: &str, zone: &Zone, now: Timestamp) -> Result<Timestamp, Failure> {
    let bad = || Failure::Usage(text(desk.language, "desk-bad-moment", &[]));
    moment::instant(typed, zone, now).ok_or_else(bad)
}
