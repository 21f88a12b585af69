//! `estafette admin intervention`: the rest that is due after somebody on call has worked.

use clap::Args;
use estafette_core::reader::Reader;
use estafette_protocol::hours::{Period, Profile, ShiftedOpening, shifted_opening};
use estafette_protocol::statement::Act;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode};
use serde_json::json;

use super::hours::{open, read, zone};
use crate::session::{Desk, Failure};
use crate::{floors, output};

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
    /// Profil des garanties de repos, sinon celui des horaires de l'agent / floors of rest
    #[arg(long)]
    profile: Option<String>,
    /// Dit ce qui serait décalé et ne signe rien / says what would be shifted and signs nothing
    #[arg(long)]
    dry_run: bool,
}

/// What an intervention does to its agent's next opening.
pub struct Rest {
    agent: AgentNumber,
    intervention: Period,
    profile: Profile,
    /// `None` where the rest is whole without.
    pub shift: Option<ShiftedOpening>,
}

impl Rest {
    /// Looks at an intervention by the floors of a profile; by those of the agent's own hours where none is
    /// named.
    ///
    /// # Errors
    /// A period that holds no instant, and a profile that is not known.
    pub fn of(
        reader: &mut Reader,
        agent: AgentNumber,
        intervention: Period,
        profile: Option<&str>,
    ) -> Result<Self, Failure> {
        intervention.validate().map_err(estafette_protocol::Fault::from)?;
        let hours = reader.registry()?.hours_of(agent).unwrap_or_default();
        let stated = hours.calendars.iter().find_map(|calendar| calendar.profile.as_deref());
        let profile = floors::profile(profile.or(stated).unwrap_or(floors::USUAL))?;
        let shift = shifted_opening(&hours, intervention, profile.daily_rest());
        Ok(Self { agent, intervention, profile, shift })
    }

    /// What is to be stated by `author`, if anything.
    pub fn act(&self, author: AgentNumber) -> Option<Act> {
        let shift = self.shift.as_ref()?;
        Some(Act::AddRest { agent: self.agent, rest: shift.stated(self.intervention, author) })
    }

    /// What it says, times by the clocks of a zone; `name` is the agent's.
    pub fn sentence(&self, language: Language, zone: &str, name: &str) -> String {
        let Some(shift) = &self.shift else {
            return text(language, "intervention-none", &[("agent", name.into())]);
        };
        let local = |at| output::local(Some(zone), at);
        let opens_at = shift.opens_at.unwrap_or(shift.rest.until);
        let [from, until, planned, opens] =
            [self.intervention.from, self.intervention.until, shift.planned, opens_at].map(local);
        let minutes = self.profile.daily_rest().as_secs() / 60;
        let rest = floors::length(u32::try_from(minutes).unwrap_or(u32::MAX));
        let said = [
            ("agent", name.into()),
            ("from", (&from).into()),
            ("until", (&until).into()),
            ("rest", (&rest).into()),
            ("opens", (&opens).into()),
            ("planned", (&planned).into()),
        ];
        text(language, "intervention-shifted", &said)
    }
}

/// Shifts an agent's next opening after an intervention, where the rest is not whole without.
pub fn intervention(desk: &Desk, arguments: &InterventionArguments) -> Result<(), Failure> {
    let zone = zone(&arguments.zone)?;
    let (ring, mut reader, now) = open(desk)?;
    let from = read(desk, &arguments.from, &zone, now)?;
    let intervention = Period { from, until: read(desk, &arguments.until, &zone, now)? };
    let author = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
    let agent = AgentNumber(arguments.agent);
    let rest = Rest::of(&mut reader, agent, intervention, arguments.profile.as_deref())?;
    let name = output::printable(&reader.shown_name(desk.language, agent)?);
    let mut sentence = rest.sentence(desk.language, &arguments.zone, &name);
    let Some(shift) = &rest.shift else {
        output::done(desk, &sentence, &json!({ "agent": agent.0, "shifted": false }));
        return Ok(());
    };
    if arguments.dry_run {
        sentence = format!("{sentence}\n{}", text(desk.language, "intervention-dry-run", &[]));
    } else {
        let session = desk.start(&ring)?;
        session.state(rest.act(author).into_iter().collect())?;
        session.stop();
    }
    let fields = json!({
        "agent": agent.0, "shifted": true, "planned": shift.planned.0, "rest_until": shift.rest.until.0,
        "opens_at": shift.opens_at.map(|at| at.0), "dry_run": arguments.dry_run,
        "profile": rest.profile.name,
    });
    output::done(desk, &sentence, &fields);
    Ok(())
}
