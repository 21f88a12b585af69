//! What an agent's time has beside the weekly hours: services, turns on call, derogations, rests, with who ordered
//! them and why. The agent reads it on the page of their hours and by `estafette hours`.

use std::collections::BTreeSet;

use estafette_core::reader::{NameKind, Reader};
use estafette_protocol::hours::Period;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, TeamNumber, Timestamp};

use crate::commands::urgent::basis_words;
use crate::output::printable;
use crate::session::Failure;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// When.
    pub period: Period,
    /// What it is, and by whom.
    pub what: String,
    /// Why, as its author wrote it; empty where nothing was written.
    pub why: String,
}

/// What goes on or comes, the first to begin first.
///
/// # Errors
/// The rows cannot be read.
pub fn coming(
    reader: &mut Reader,
    language: Language,
    agent: AgentNumber,
    now: Timestamp,
) -> Result<Vec<Beside>, Failure> {
    let registry = reader.registry()?.clone();
    let own = registry.beside_calendars(agent);
    let by = |author| -> Result<String, Failure> { Ok(printable(&reader.shown_name(language, author)?)) };
    let mut found = Vec::new();
    for duty in &own.duty {
        let author = by(duty.author)?;
        let what = text(language, "beside-duty", &[("author", (&author).into())]);
        found.push(Beside { period: duty.period, what, why: printable(&duty.reason) });
    }
    for one in &own.overrides {
        let (author, basis) = (by(one.author)?, basis_words(language, one.basis));
        let what =
            text(language, "beside-derogation", &[("author", (&author).into()), ("basis", (&basis).into())]);
        found.push(Beside { period: one.period, what, why: printable(&one.reason) });
    }
    for rest in &own.rests {
        let author = by(rest.author)?;
        let what = text(language, "beside-rest", &[("author", (&author).into())]);
        found.push(Beside { period: rest.rest, what, why: String::new() });
    }
    for period in &own.prolonged {
        let what = text(language, "beside-prolonged", &[]);
        found.push(Beside { period: *period, what, why: String::new() });
    }
    let mut in_rotas = Vec::new();
    let teams: BTreeSet<TeamNumber> = registry.rosters().filter_map(|(_, roster)| roster.team).collect();
    for team in teams {
        let name = reader.name(NameKind::Team, team.0)?.map(|(name, _)| printable(&name));
        let name = name.unwrap_or_else(|| team.to_string());
        for turn in registry.rota_of(team) {
            let Some(place) = turn.order.iter().position(|called| *called == agent) else { continue };
            let words = [("team", (&name).into()), ("place", (place + 1).into())];
            let what = text(language, "beside-rota", &words);
            in_rotas.push(Beside { period: turn.period, what, why: String::new() });
        }
    }
    for period in own.on_call.iter().filter(|one| in_rotas.iter().all(|turn| turn.period != **one)) {
        let what = text(language, "beside-on-call", &[]);
        found.push(Beside { period: *period, what, why: String::new() });
    }
    found.extend(in_rotas);
    found.retain(|one| one.period.until > now);
    found.sort_by(|one, other| (one.period.from, &one.what).cmp(&(other.period.from, &other.what)));
    Ok(found)
}
