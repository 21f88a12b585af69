//! `estafette admin hours`: weekly hours.
//!
//! Hours are judged by a profile's floors before anything is signed: what breaks a rest is
//! refused with the place and the missing minutes, unless the profile only flags.

use clap::Args;
use estafette_core::reader::Reader;
use estafette_protocol::hours::{Calendar, Grade, Place, Profile, Verdict, Week, Zone, judge_week};
use estafette_protocol::policy::Policy;
use estafette_protocol::statement::HoursScope;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode, Timestamp};
use serde_json::json;

use super::policies;
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

/// Weekly hours as a person wrote them.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// "lun-ven 08:00-12:00 13:00-17:00".
    pub week: String,
    /// The IANA name of a zone.
    pub zone: String,
    /// The word of a place whose public holidays close.
    pub place: Option<String>,
    /// The name of the floors of rest.
    pub profile: String,
    /// The agent may prolong their service.
    pub prolongation: bool,
}

/// Weekly hours, with what their floors of rest say of them.
#[derive(Debug, Clone)]
pub struct Judged {
    /// As it would stand.
    pub calendar: Calendar,
    /// The floors.
    pub profile: Profile,
    /// What they say.
    pub verdict: Verdict,
}

impl Judged {
    /// Reads and judges.
    ///
    /// # Errors
    /// What does not read, in the person's language.
    pub fn of(language: Language, written: &Written) -> Result<Self, Failure> {
        let bad = || Failure::Usage(text(language, "desk-bad-week", &[]));
        let week: Week = written.week.parse().map_err(|_| bad())?;
        let profile = floors::profile(&written.profile)?;
        let calendar = Calendar {
            place: written.place.as_deref().map(|word| place(language, word)).transpose()?,
            profile: Some(profile.name.clone()),
            prolongation: written.prolongation.then_some(true),
            ..Calendar::weekly(written.zone.clone(), week)
        };
        calendar.validate().map_err(estafette_protocol::Fault::from)?;
        let verdict = judge_week(&calendar.week, &profile);
        Ok(Self { calendar, profile, verdict })
    }

    /// Refuses hours that break floors which do more than flag.
    ///
    /// # Errors
    /// `floors_broken`, with each floor.
    pub fn takeable(&self) -> Result<(), Failure> {
        match self.verdict.grade() {
            Grade::Refuse => Err(floors::refusal(&self.verdict)),
            Grade::Fine | Grade::Flag => Ok(()),
        }
    }
}

impl HoursArguments {
    fn written(&self) -> Written {
        Written {
            week: self.week.clone(),
            zone: self.zone.clone(),
            place: self.place.clone(),
            profile: self.profile.clone(),
            prolongation: self.prolongation,
        }
    }
}

/// Sets weekly hours, after their floors were judged.
pub fn set(desk: &Desk, arguments: &HoursArguments) -> Result<(), Failure> {
    let judged = Judged::of(desk.language, &arguments.written())?;
    let (calendar, profile) = (&judged.calendar, &judged.profile);
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let scope = match (&arguments.team, arguments.agent) {
        (Some(name), _) => HoursScope::Team(records.team_named(name)?.ok_or(FaultCode::NotFound)?),
        (None, Some(agent)) => HoursScope::Agent(AgentNumber(agent)),
        (None, None) => HoursScope::Organisation,
    };
    if !desk.json {
        let lines = floors::lines(desk.language, None, profile, &judged.verdict);
        lines.iter().for_each(|line| println!("{line}"));
    }
    judged.takeable()?;
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
    let shown = calendar.week.written(desk.language);
    let sentence = match arguments.dry_run {
        true => text(desk.language, "desk-hours-would", &[("week", (&shown).into())]),
        false => text(desk.language, "desk-hours-set", &[("week", (&shown).into())]),
    };
    let fields = json!({
        "week": calendar.week.to_string(), "zone": calendar.zone, "place": calendar.place.and_then(Place::as_str),
        "profile": profile.name, "dry_run": arguments.dry_run, "findings": floors::fields(&judged.verdict),
    });
    match asked {
        Some(asked) => output::done(desk, &asked.sentence(sentence), &asked.fields(fields)),
        None => output::done(desk, &sentence, &fields),
    }
    Ok(())
}

fn place(language: Language, word: &str) -> Result<Place, Failure> {
    Place::named(word).map_err(|_| {
        let places: Vec<_> = Place::all().filter_map(Place::as_str).collect();
        let places = places.join(", ");
        Failure::Usage(text(language, "desk-bad-place", &[("places", (&places).into())]))
    })
}

/// The zone of that name, or the refusal.
pub fn zone(name: &str) -> Result<Zone, Failure> {
    Zone::named(name).ok_or_else(|| FaultCode::ZoneUnknown.into())
}

/// The keys, the rows, and the relay's time as well as this computer knows it.
pub fn open(desk: &Desk) -> Result<(KeyRing, Reader, Timestamp), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let now = Timestamp(clock::now().0.saturating_add_signed(reader.device()?.clock_offset));
    Ok((ring, reader, now))
}

/// The moment that was typed, or the refusal.
pub fn read(desk: &Desk, typed: &str, zone: &Zone, now: Timestamp) -> Result<Timestamp, Failure> {
    let bad = || Failure::Usage(text(desk.language, "desk-bad-moment", &[]));
    moment::instant(typed, zone, now).ok_or_else(bad)
}
