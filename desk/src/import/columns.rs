//! What the columns of a file mean, by the names in its first line.
//!
//! French and English names are known, whatever their case, accents, spaces and punctuation.
//! A column that no name fits is left alone and told: exports hold birth dates and grades that
//! have no business here. Of two names for the same thing the more precise one counts; the same
//! name twice refuses the file.

use std::collections::BTreeMap;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The agent's number.
    Agent,
    /// The agent's name, or the last name where there is a column for the first one.
    Name,
    /// The agent's first name.
    FirstName,
    /// What the agent does.
    Function,
    /// The team's name.
    Team,
    /// `android`, `ios` or `computer`.
    Platform,
    /// As the hardware attests it.
    Model,
    /// As printed on the device.
    Serial,
    /// `attested`, or `owned` for a phone that must prove its serial number.
    Level,
}

impl Field {
    /// The name that a file of ours gives it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Name => "name",
            Self::FirstName => "first name",
            Self::Function => "function",
            Self::Team => "team",
            Self::Platform => "platform",
            Self::Model => "model",
            Self::Serial => "serial",
            Self::Level => "level",
        }
    }
}

/// What a device needs: all of them, or the file is a directory.
pub const DEVICE: [Field; 3] = [Field::Platform, Field::Model, Field::Serial];

/// Names as [`folded`] leaves them, the most precise first.
const NAMES: &[(Field, &[&str])] = &[
    (
        Field::Agent,
        &[
            "agent",
            "agentnumber",
            "numerodagent",
            "numeroagent",
            "noagent",
            "nagent",
            "ndagent",
            "matricule",
            "employeenumber",
            "employeeid",
        ],
    ),
    (
        Field::Name,
        &[
            "name",
            "fullname",
            "nomcomplet",
            "nometprenom",
            "nomprenom",
            "prenometnom",
            "prenomnom",
            "nomdusage",
            "nomusuel",
            "nom",
            "lastname",
            "surname",
        ],
    ),
    (Field::FirstName, &["prenomusuel", "prenomdusage", "prenom", "prenoms", "firstname", "givenname"]),
    (Field::Function, &["function", "fonction", "emploi", "poste", "metier", "jobtitle"]),
    (Field::Team, &["team", "equipe", "service", "unite"]),
    (Field::Platform, &["platform", "plateforme", "systeme", "os"]),
    (Field::Model, &["model", "modele"]),
    (
        Field::Serial,
        &[
            "serial",
            "serialnumber",
            "numerodeserie",
            "numeroserie",
            "noserie",
            "nodeserie",
            "nserie",
            "ndeserie",
        ],
    ),
    (Field::Level, &["level", "niveau", "niveaudepreuve"]),
];

/// Names that hold the first name already.
const WHOLE_NAMES: &[&str] =
    &["fullname", "nomcomplet", "nometprenom", "nomprenom", "prenometnom", "prenomnom"];

/// Where what stands in a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns {
    places: BTreeMap<Field, usize>,
    /// How many columns a row has.
    pub count: usize,
    /// Names of columns that are left alone.
    pub ignored: Vec<String>,
}

/// A first line that cannot serve: the columns that lack or stand twice, by their names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("columns: {}", .0.join(", "))]
pub struct BadColumns(pub Vec<String>);

impl Columns {
    /// How many of the names are known: the separator that finds the most is the file's.
    pub fn known(names: &[String]) -> usize {
        names
            .iter()
            .filter(|name| NAMES.iter().any(|(_, known)| known.contains(&folded(name).as_str())))
            .count()
    }

    /// Reads the first line.
    pub fn of(names: &[String]) -> Result<Self, BadColumns> {
        let mut columns = Self { count: names.len(), ..Self::default() };
        let mut taken = vec![false; names.len()];
        let mut faults = Vec::new();
        let mut whole = false;
        for (field, known) in NAMES {
            for candidate in *known {
                let mut places =
                    names.iter().enumerate().filter(|(_, name)| folded(name) == *candidate).map(|(at, _)| at);
                let Some(place) = places.next() else { continue };
                if let Some(second) = places.next() {
                    faults.push(names[second].clone());
                }
                whole |= WHOLE_NAMES.contains(candidate);
                columns.places.insert(*field, place);
                taken[place] = true;
                break;
            }
        }
        if whole && let Some(place) = columns.places.remove(&Field::FirstName) {
            taken[place] = false;
        }
        columns.ignored = names
            .iter()
            .zip(&taken)
            .filter(|(name, taken)| !**taken && !name.is_empty())
            .map(|(name, _)| name.clone())
            .collect();
        faults.extend(columns.missing().into_iter().map(|field| field.as_str().to_owned()));
        if faults.is_empty() { Ok(columns) } else { Err(BadColumns(faults)) }
    }

    fn missing(&self) -> Vec<Field> {
        let has = |field: &Field| self.places.contains_key(field);
        let mut missing: Vec<Field> = [Field::Agent].into_iter().filter(|field| !has(field)).collect();
        if self.has_devices() {
            missing.extend(DEVICE.into_iter().filter(|field| !has(field)));
        } else if ![Field::Name, Field::Function, Field::Team].iter().any(has) {
            missing.push(Field::Name);
        }
        missing
    }

    /// Whether the file lists devices: one such column means that all are meant.
    pub fn has_devices(&self) -> bool {
        DEVICE.iter().any(|field| self.places.contains_key(field))
    }

    /// Where a field stands.
    pub fn place(&self, field: Field) -> Option<usize> {
        self.places.get(&field).copied()
    }

    /// All places that are read.
    pub fn places(&self) -> impl Iterator<Item = usize> {
        self.places.values().copied()
    }
}

/// A name without case, accents, spaces and punctuation: "N° de série" is `ndeserie`.
pub fn folded(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).filter_map(plain).collect()
}

fn plain(letter: char) -> Option<char> {
    Some(match letter {
        'à' | 'â' | 'ä' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' | 'ö' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        // The sign in "nº" counts as a letter elsewhere.
        'º' => return None,
        letter if letter.is_alphanumeric() => letter,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(line: &str) -> Result<Columns, BadColumns> {
        Columns::of(&line.split(';').map(str::to_owned).collect::<Vec<_>>())
    }

    fn missing(line: &str) -> Vec<String> {
        columns(line).unwrap_err().0
    }

    #[test]
    fn french_and_english_names_are_known_whatever_their_dress() {
        let english = columns("agent;name;team;platform;model;serial").unwrap();
        for line in [
            "Agent;Nom;Équipe;Plateforme;Modèle;Numéro de série",
            "N° d'agent;NOM;equipe;PLATEFORME;modele;N° de série",
            "Matricule;Nom d’usage;Service;Système;Modèle;nº série",
            "agent number;Full name;Team;OS;Model;Serial number",
        ] {
            assert_eq!(columns(line).unwrap(), english, "{line}");
        }
    }

    #[test]
    fn the_more_precise_of_two_names_counts_and_the_rest_is_told() {
        let export =
            columns("Matricule;Civilité;Nom de naissance;Nom d'usage;Nom;Prénom;Emploi;Service").unwrap();
        let place = |field| export.place(field);
        assert_eq!(
            (place(Field::Agent), place(Field::Name), place(Field::FirstName)),
            (Some(0), Some(3), Some(5))
        );
        assert_eq!((place(Field::Function), place(Field::Team)), (Some(6), Some(7)));
        assert_eq!(export.ignored, ["Civilité", "Nom de naissance", "Nom"]);
        assert!(!export.has_devices());
        let whole = columns("agent;nom et prénom;prénom").unwrap();
        assert_eq!((whole.place(Field::FirstName), whole.ignored), (None, vec!["prénom".to_owned()]));
    }

    #[test]
    fn what_lacks_or_stands_twice_is_named() {
        assert_eq!(missing("nom;équipe"), ["agent"]);
        assert_eq!(missing("agent;nom;modèle"), ["platform", "serial"]);
        assert_eq!(missing("agent;grade"), ["name"]);
        assert_eq!(missing("a;b;c"), ["agent", "name"]);
        assert_eq!(missing("agent;nom;Nom"), ["Nom"]);
    }
}
