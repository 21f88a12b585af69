//! What the lines of a file change in what stands, judged line by line.
//!
//! The first line that says something stands; a later one that contradicts it is refused. What
//! the administration holds already is not overwritten where the file may be mistaken: an agent's
//! number that is somebody else's, a device that is another agent's. `replace` says that the file
//! is right. A device in use never changes hands: it is withdrawn first.
//!
//! Always true: the same file judged again over what it made changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use estafette_protocol::AgentNumber;

use super::{Device, Line, LineFault};

/// A person of the administration's records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// As devices show it.
    pub name: String,
    /// What the person does, or nothing.
    pub function: String,
    /// The team's name.
    pub team: Option<String>,
}

/// A device of the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose.
    pub agent: AgentNumber,
    /// The team's name.
    pub team: Option<String>,
    /// `android`, `ios` or `computer`.
    pub platform: String,
    /// As the hardware attests it.
    pub model: String,
    /// Whether it must prove its serial number.
    pub owned: bool,
    /// A device is enrolled for it and in force.
    pub active: bool,
}

/// What stands before the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Persons.
    pub people: BTreeMap<AgentNumber, Person>,
    /// Devices by serial number.
    pub devices: BTreeMap<String, Entry>,
    /// Names of teams.
    pub teams: Vec<String>,
}

/// What became, or would become, of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A person or a device is new.
    Added,
    /// Something of a known one changes.
    Updated,
    /// All of it stands already.
    Unchanged,
    /// Nothing of it is taken.
    Refused(LineFault),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Each line with its outcome.
    pub outcomes: Vec<(u64, Outcome)>,
    /// Persons as they are to stand, only those that change.
    pub people: BTreeMap<AgentNumber, Person>,
    /// Devices as they are to stand, only those that change.
    pub devices: BTreeMap<String, Entry>,
    /// Teams to be made.
    pub teams: Vec<String>,
    /// Agents with a device in use whose team changes: conversations are joined by hand.
    pub movers: BTreeSet<AgentNumber>,
}

impl Plan {
    /// How many lines had such an outcome.
    pub fn count(&self, outcome: &Outcome) -> usize {
        self.outcomes.iter().filter(|(_, found)| found == outcome).count()
    }

    /// The refused lines.
    pub fn refused(&self) -> impl Iterator<Item = (u64, &LineFault)> {
        self.outcomes.iter().filter_map(|(line, outcome)| match outcome {
            Outcome::Refused(fault) => Some((*line, fault)),
            _ => None,
        })
    }
}

/// Judges the lines of a file over what stands.
pub fn judge(lines: &[(u64, Result<Line, LineFault>)], standing: &Standing, replace: bool) -> Plan {
    let mut bench = Bench {
        before: standing,
        now: standing.clone(),
        replace,
        said: BTreeMap::new(),
        serials: BTreeMap::new(),
        movers: BTreeSet::new(),
    };
    let outcomes = lines.iter().map(|(number, line)| {
        let outcome = match line {
            Err(fault) => Outcome::Refused(fault.clone()),
            Ok(line) => bench.take(*number, line).unwrap_or_else(Outcome::Refused),
        };
        (*number, outcome)
    });
    let outcomes = outcomes.collect();
    let Bench { now, movers, .. } = bench;
    let people = now.people.into_iter().filter(|(agent, person)| standing.people.get(agent) != Some(person));
    let devices =
        now.devices.into_iter().filter(|(serial, entry)| standing.devices.get(serial) != Some(entry));
    let teams = now.teams.into_iter().skip(standing.teams.len()).collect();
    Plan { outcomes, people: people.collect(), devices: devices.collect(), teams, movers }
}

/// What a file said of an agent, and on which line first.
struct Said {
    line: u64,
    name: Option<String>,
    function: Option<String>,
    team: Option<String>,
}

struct Bench<'a> {
    before: &'a Standing,
    now: Standing,
    replace: bool,
    said: BTreeMap<AgentNumber, Said>,
    serials: BTreeMap<String, u64>,
    movers: BTreeSet<AgentNumber>,
}

impl Bench<'_> {
    fn take(&mut self, number: u64, line: &Line) -> Result<Outcome, LineFault> {
        self.refuse(line)?;
        let team = line.team.as_deref().map(|team| self.team(team));
        let said = self.said.entry(line.agent).or_insert(Said {
            line: number,
            name: None,
            function: None,
            team: None,
        });
        said.name = said.name.take().or_else(|| line.name.clone());
        said.function = said.function.take().or_else(|| line.function.clone());
        if line.device.is_none() {
            said.team = said.team.take().or_else(|| team.clone());
        }
        let person = self.person(line, team.as_ref());
        let device = match &line.device {
            Some(device) => {
                self.serials.insert(device.serial.clone(), number);
                self.device(line.agent, device, team)
            }
            None => Outcome::Unchanged,
        };
        Ok(match (person, device) {
            (Outcome::Added, _) | (_, Outcome::Added) => Outcome::Added,
            (Outcome::Unchanged, Outcome::Unchanged) => Outcome::Unchanged,
            _ => Outcome::Updated,
        })
    }

    /// Looks at everything before anything is taken.
    fn refuse(&self, line: &Line) -> Result<(), LineFault> {
        let differs = |said: &Option<String>, says: &Option<String>| matches!((said, says), (Some(said), Some(says)) if !same(said, says));
        if let Some(said) = self.said.get(&line.agent) {
            let team = line.device.is_none() && differs(&said.team, &line.team);
            if differs(&said.name, &line.name) || differs(&said.function, &line.function) || team {
                return Err(LineFault::AgentTwice { line: said.line });
            }
        }
        match (self.now.people.get(&line.agent), &line.name) {
            (None, None) => return Err(LineFault::NameMissing),
            // A founder who gave no name has none to lose.
            (Some(person), Some(name))
                if !person.name.is_empty() && !same(&person.name, name) && !self.replace =>
            {
                return Err(LineFault::AgentOtherName { name: person.name.clone() });
            }
            _ => {}
        }
        let Some(device) = &line.device else { return Ok(()) };
        if let Some(line) = self.serials.get(&device.serial) {
            return Err(LineFault::SerialTwice { line: *line });
        }
        let Some(entry) = self.before.devices.get(&device.serial) else { return Ok(()) };
        let other_agent = entry.agent != line.agent;
        if entry.active && (other_agent || entry.platform != device.platform || entry.model != device.model) {
            return Err(LineFault::DeviceActive);
        }
        match other_agent && !self.replace {
            true => Err(LineFault::SerialOtherAgent { agent: entry.agent }),
            false => Ok(()),
        }
    }

    /// The team's name as it stands, or a new team's.
    fn team(&mut self, name: &str) -> String {
        if let Some(standing) = self.now.teams.iter().find(|standing| same(standing, name)) {
            return standing.clone();
        }
        self.now.teams.push(name.to_owned());
        name.to_owned()
    }

    fn person(&mut self, line: &Line, team: Option<&String>) -> Outcome {
        let known = self.now.people.get(&line.agent).cloned();
        let mut person = known.clone().unwrap_or_default();
        // The first line that names the agent stands for the others, whatever their capitals.
        let said = self.said.get(&line.agent).and_then(|said| said.name.clone());
        if let Some(name) = said.filter(|name| !same(&person.name, name) || self.replace) {
            person.name = name;
        }
        if let Some(function) = &line.function {
            person.function.clone_from(function);
        }
        if let (None, Some(team)) = (&line.device, team) {
            self.follow(line.agent, person.team.as_ref(), team);
            person.team = Some(team.clone());
        }
        let outcome = match &known {
            None => Outcome::Added,
            Some(known) if *known == person => Outcome::Unchanged,
            Some(_) => Outcome::Updated,
        };
        self.now.people.insert(line.agent, person);
        outcome
    }

    /// The agent's devices that were in the agent's team, or in none, go where the agent goes.
    fn follow(&mut self, agent: AgentNumber, from: Option<&String>, to: &String) {
        let theirs = self.now.devices.values_mut().filter(|entry| entry.agent == agent);
        for entry in theirs.filter(|entry| entry.team.is_none() || entry.team.as_ref() == from) {
            if entry.team.as_ref() != Some(to) {
                entry.team = Some(to.clone());
                if entry.active {
                    self.movers.insert(agent);
                }
            }
        }
    }

    fn device(&mut self, agent: AgentNumber, device: &Device, team: Option<String>) -> Outcome {
        let known = self.now.devices.get(&device.serial).cloned();
        let theirs = known.as_ref().filter(|entry| entry.agent == agent).and_then(|entry| entry.team.clone());
        let team =
            team.or(theirs).or_else(|| self.now.people.get(&agent).and_then(|person| person.team.clone()));
        let entry = Entry {
            agent,
            team,
            platform: device.platform.to_owned(),
            model: device.model.clone(),
            // What was asked of a phone once is lowered by no file.
            owned: device.owned || known.as_ref().is_some_and(|entry| entry.owned),
            active: known.as_ref().is_some_and(|entry| entry.active),
        };
        let outcome = match &known {
            None => Outcome::Added,
            Some(known) if *known == entry => Outcome::Unchanged,
            Some(known) => {
                if known.active && known.team != entry.team {
                    self.movers.insert(agent);
                }
                Outcome::Updated
            }
        };
        self.now.devices.insert(device.serial.clone(), entry);
        outcome
    }
}

/// Names are compared without case: exports are often in capitals.
fn same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::read;

    const COLUMNS: &str = "agent;nom;fonction;équipe;plateforme;modèle;numéro de série\n";

    fn plan(lines: &str, standing: &Standing, replace: bool) -> Plan {
        judge(&read(format!("{COLUMNS}{lines}").as_bytes()).unwrap().lines, standing, replace)
    }

    fn after(standing: &Standing, plan: &Plan) -> Standing {
        let mut after = standing.clone();
        after.people.extend(plan.people.clone());
        after.devices.extend(plan.devices.clone());
        after.teams.extend(plan.teams.clone());
        after
    }

    fn outcomes(plan: &Plan) -> Vec<Outcome> {
        plan.outcomes.iter().map(|(_, outcome)| outcome.clone()).collect()
    }

    fn refused(lines: &str, standing: &Standing) -> Vec<(u64, LineFault)> {
        plan(lines, standing, false).refused().map(|(line, fault)| (line, fault.clone())).collect()
    }

    /// Amine of the water team with a phone, Chloé of the roads with a computer.
    fn town() -> Standing {
        let lines = "1;Amine Kaci;Fontainier;Eau;android;Pixel 9;A1\n2;Chloé Roy;;Voirie;computer;PC;B2\n";
        let before = Standing::default();
        after(&before, &plan(lines, &before, false))
    }

    #[test]
    fn the_same_file_again_changes_nothing() {
        let lines = "1;Amine Kaci;Fontainier;Eau;android;Pixel 9;A1\n\
                     1;AMINE KACI;;voirie;ios;iPhone;A2\n\
                     3;Zoé;;eau;;;\n\
                     3;Zoé;;;android;FP5;Z1\n";
        for replace in [false, true] {
            let first = plan(lines, &Standing::default(), replace);
            assert_eq!(outcomes(&first), vec![Outcome::Added; 4]);
            assert_eq!(first.teams, ["Eau", "voirie"]);
            let standing = after(&Standing::default(), &first);
            assert_eq!(standing.people[&AgentNumber(1)].name, "Amine Kaci");
            assert_eq!(
                standing.devices["Z1"].team.as_deref(),
                Some("Eau"),
                "the agent's team is the device's"
            );
            let again = plan(lines, &standing, replace);
            assert_eq!(outcomes(&again), vec![Outcome::Unchanged; 4]);
            assert_eq!((again.people.len(), again.devices.len(), again.teams.len()), (0, 0, 0));
        }
    }

    #[test]
    fn a_line_that_contradicts_an_earlier_one_is_refused_and_the_earlier_one_stands() {
        let lines = "5;Léa;;;android;FP5;L1\n6;Zoé;;;android;FP5;L1\n5;Léo;;;;;\n7;;;;;;\n5;Léa;Chef;;;;\n5;;Cheffe;;;;\n";
        let expected = [
            (3, LineFault::SerialTwice { line: 2 }),
            (4, LineFault::AgentTwice { line: 2 }),
            (5, LineFault::NameMissing),
            (7, LineFault::AgentTwice { line: 2 }),
        ];
        assert_eq!(refused(lines, &Standing::default()), expected);
        let plan = plan(lines, &Standing::default(), false);
        assert_eq!(
            plan.people.keys().collect::<Vec<_>>(),
            [&AgentNumber(5)],
            "nothing of a refused line is taken"
        );
        assert_eq!(plan.people[&AgentNumber(5)].function, "Chef");
        assert_eq!(plan.devices["L1"].agent, AgentNumber(5));
    }

    #[test]
    fn what_stands_is_overwritten_only_where_the_file_is_said_to_be_right() {
        let town = town();
        let lines = "1;Denis;;;;;\n2;Chloé Roy;;;android;Pixel 9;A1\n";
        let expected = [
            (2, LineFault::AgentOtherName { name: "Amine Kaci".to_owned() }),
            (3, LineFault::SerialOtherAgent { agent: AgentNumber(1) }),
        ];
        assert_eq!(refused(lines, &town), expected);
        let replaced = plan(lines, &town, true);
        assert_eq!(outcomes(&replaced), vec![Outcome::Updated; 2]);
        assert_eq!(replaced.people[&AgentNumber(1)].name, "Denis");
        assert_eq!(replaced.devices["A1"].agent, AgentNumber(2));
        assert_eq!(replaced.devices["A1"].team, None, "a phone does not bring its former agent's team along");
    }

    #[test]
    fn a_device_in_use_changes_neither_hands_nor_model_even_when_the_file_is_said_to_be_right() {
        let mut town = town();
        town.devices.get_mut("A1").unwrap().active = true;
        for line in ["2;;;;android;Pixel 9;A1\n", "1;;;;android;Pixel 8;A1\n", "1;;;;ios;Pixel 9;A1\n"] {
            let plan = plan(line, &town, true);
            assert_eq!(outcomes(&plan), [Outcome::Refused(LineFault::DeviceActive)], "{line}");
            assert_eq!((plan.people.len(), plan.devices.len()), (0, 0));
        }
        assert_eq!(outcomes(&plan("1;;;;android;Pixel 9;A1\n", &town, false)), [Outcome::Unchanged]);
    }

    #[test]
    fn an_agent_who_changes_teams_takes_the_devices_along_and_the_one_in_use_is_told() {
        let mut town = town();
        assert_eq!(town.people[&AgentNumber(1)].team, None, "an inventory tells a device's team");
        let first = plan("1;;;Eau;;;\n", &town, false);
        assert_eq!((outcomes(&first), first.devices.len()), (vec![Outcome::Updated], 0));
        town = after(&town, &first);
        town.devices.get_mut("A1").unwrap().active = true;
        let moved = plan("1;;;VOIRIE;;;\n", &town, false);
        assert_eq!(moved.people[&AgentNumber(1)].team.as_deref(), Some("Voirie"));
        assert_eq!(moved.devices["A1"].team.as_deref(), Some("Voirie"));
        assert_eq!(moved.movers, BTreeSet::from([AgentNumber(1)]));
        assert_eq!(moved.teams, Vec::<String>::new());
        // A phone that was put into another team on purpose stays there.
        town.devices.get_mut("A1").unwrap().team = Some("Astreinte".to_owned());
        assert_eq!(plan("1;;;Voirie;;;\n", &town, false).devices.len(), 0);
    }
}
