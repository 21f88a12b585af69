//! Teams and agents by the names that the directory gives them, as forms offer them.

use std::collections::BTreeSet;

use estafette_core::reader::{NameKind, Reader};
use estafette_protocol::texts::Language;
use estafette_protocol::{AgentNumber, TeamNumber};

use crate::output::printable;
use crate::session::Failure;

/// A team's name, or its number while the directory does not name it.
pub fn team(reader: &Reader, team: TeamNumber) -> Result<String, Failure> {
    let known = reader.name(NameKind::Team, team.0)?.map(|(name, _)| name);
    Ok(printable(&known.unwrap_or_else(|| team.to_string())))
}

/// Every team that has a conversation, by name.
pub fn teams(reader: &mut Reader) -> Result<Vec<(TeamNumber, String)>, Failure> {
    let numbers: BTreeSet<TeamNumber> =
        reader.registry()?.rosters().filter_map(|(_, roster)| roster.team).collect();
    let mut teams = Vec::new();
    for number in numbers {
        teams.push((number, team(reader, number)?));
    }
    teams.sort_by_cached_key(|(number, name)| (name.to_lowercase(), *number));
    Ok(teams)
}

/// Every agent who has a device in force, by name.
pub fn agents(reader: &mut Reader, language: Language) -> Result<Vec<(AgentNumber, String)>, Failure> {
    let registry = reader.registry()?;
    let active = |agent: &AgentNumber| registry.devices_of(*agent).next().is_some();
    let numbers: BTreeSet<AgentNumber> = registry.agents().filter(active).collect();
    let mut agents = Vec::new();
    for number in numbers {
        agents.push((number, printable(&reader.shown_name(language, number)?)));
    }
    agents.sort_by_cached_key(|(number, name)| (name.to_lowercase(), *number));
    Ok(agents)
}
