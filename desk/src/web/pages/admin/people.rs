//! People of a first team, one a line: a name, and after a semicolon or a comma what device it is.
//!
//! They become lines of the inventory, as an import's file has them. Always true: an empty line says nothing; a
//! phone has a model, since its evidence is compared with it; a computer may be without.

use estafette_protocol::AgentNumber;
use estafette_protocol::texts::{Language, text};

use crate::import::judge::Standing;
use crate::import::{Device, Line, LineFault};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    name: String,
    platform: &'static str,
    /// Empty for a computer of which nothing was said.
    model: String,
    /// Empty where nothing was said.
    serial: String,
}

/// Names, models and serial numbers of each line that says something.
fn parts(typed: &str) -> impl Iterator<Item = [String; 3]> {
    typed.lines().filter(|line| !line.trim().is_empty()).map(|line| {
        let separator = if line.contains(';') { ';' } else { ',' };
        let mut parts = line.splitn(3, separator).map(|part| part.trim().to_owned());
        std::array::from_fn(|_| parts.next().unwrap_or_default())
    })
}

/// People with a computer. Each is read, or is the line of which nothing can be made.
pub fn computers(typed: &str) -> Vec<Result<Written, String>> {
    let read = |[name, model, serial]: [String; 3]| match name.is_empty() {
        true => Err(model),
        false => Ok(Written { name, platform: "computer", model, serial }),
    };
    parts(typed).map(read).collect()
}

/// People with a phone. Each is read, or is the name whose phone has no model.
pub fn phones(typed: &str) -> Vec<Result<Written, String>> {
    let read = |[name, model, serial]: [String; 3]| match name.is_empty() || model.is_empty() {
        true => Err(name),
        false => {
            let platform = if model.to_lowercase().starts_with("iphone") { "ios" } else { "android" };
            Ok(Written { name, platform, model, serial })
        }
    };
    parts(typed).map(read).collect()
}

/// The lines of the inventory that they make: agents are numbered after those who stand; somebody with two
/// devices is one agent.
pub fn lines(
    language: Language,
    people: &[Written],
    team: &str,
    standing: &Standing,
) -> Vec<(u64, Result<Line, LineFault>)> {
    let mut next = standing.people.keys().map(|agent| agent.0).max().unwrap_or(0);
    let mut known: Vec<(&str, u32)> = Vec::new();
    let mut lines = Vec::new();
    for (person, number) in people.iter().zip(1..) {
        let agent = match known.iter().find(|(name, _)| *name == person.name) {
            Some((_, agent)) => *agent,
            None => {
                next = next.saturating_add(1);
                known.push((&person.name, next));
                next
            }
        };
        let unsaid =
            |said: &str, otherwise: String| if said.is_empty() { otherwise } else { said.to_owned() };
        let serial =
            text(language, "web-first-serial", &[("number", (u64::from(agent) * 10 + number).into())]);
        let device = Device {
            platform: person.platform,
            model: unsaid(&person.model, text(language, "web-first-computer", &[])),
            serial: unsaid(&person.serial, serial),
            owned: false,
        };
        let line = Line {
            agent: AgentNumber(agent),
            name: Some(person.name.clone()),
            function: None,
            team: Some(team.to_owned()),
            device: Some(device),
        };
        lines.push((number, checked(line)));
    }
    lines
}

/// As the reading of a file holds its fields.
fn checked(line: Line) -> Result<Line, LineFault> {
    const LONGEST: usize = 120;
    let device = line.device.iter().flat_map(|device| [&device.model, &device.serial]);
    for said in line.name.iter().chain(device) {
        if said.len() > LONGEST {
            return Err(LineFault::FieldTooLong { limit: LONGEST });
        }
        if said.chars().any(char::is_control) {
            return Err(LineFault::ControlCharacter);
        }
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use crate::import::judge::Person;

    use super::*;

    fn written(name: &str, platform: &'static str, model: &str, serial: &str) -> Written {
        Written { name: name.into(), platform, model: model.into(), serial: serial.into() }
    }

    #[test]
    fn a_line_is_a_name_and_may_say_model_and_serial_number() {
        let typed = "Léa Bernard\n\n  Amine Kaci ; Portable ; S3\nNour, Fixe\n ; Fixe";
        let read = computers(typed);
        let good = [
            written("Léa Bernard", "computer", "", ""),
            written("Amine Kaci", "computer", "Portable", "S3"),
            written("Nour", "computer", "Fixe", ""),
        ];
        assert_eq!(read[..3], good.map(Ok));
        assert_eq!(read[3], Err("Fixe".to_owned()));
    }

    #[test]
    fn a_phone_without_its_model_is_named_and_an_iphone_is_known_by_it() {
        let read = phones("Chloé ; Pixel 9a\nPaul\nInès, iPhone 15, F2L");
        let good = [Ok(written("Chloé", "android", "Pixel 9a", "")), Err("Paul".to_owned())];
        assert_eq!(read[..2], good);
        assert_eq!(read[2], Ok(written("Inès", "ios", "iPhone 15", "F2L")));
    }

    #[test]
    fn agents_are_numbered_after_those_who_stand_and_two_devices_of_one_name_are_one_agents() {
        let mut standing = Standing::default();
        standing.people.insert(AgentNumber(1), Person { name: "Zoé".into(), ..Person::default() });
        let people = [
            written("Léa", "computer", "", ""),
            written("Amine", "computer", "", "S3"),
            written("Léa", "android", "Pixel 9a", ""),
        ];
        let lines = lines(Language::French, &people, "Mairie", &standing);
        let said: Vec<_> = lines
            .iter()
            .map(|(_, line)| line.as_ref().unwrap())
            .map(|line| (line.agent.0, line.device.as_ref().unwrap().serial.as_str()))
            .collect();
        assert_eq!(said.iter().map(|(agent, _)| *agent).collect::<Vec<_>>(), [2, 3, 2]);
        assert_ne!(said[0].1, said[2].1, "each device has its own");
        assert_eq!(said[1].1, "S3");
    }

    #[test]
    fn what_no_field_of_a_file_may_hold_is_refused_here_too() {
        let lines = |name: &str| {
            lines(Language::French, &[written(name, "computer", "", "")], "Mairie", &Standing::default())
        };
        assert!(matches!(lines(&"é".repeat(61))[0].1, Err(LineFault::FieldTooLong { limit: 120 })));
        assert!(matches!(lines("a\u{1b}b")[0].1, Err(LineFault::ControlCharacter)));
        assert!(lines("Chloé Ñuñez 🚧")[0].1.is_ok());
    }
}
