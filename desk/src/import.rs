//! Agents and devices from a CSV file, as an office exports it.
//!
//! An inventory has the columns agent, platform, model and serial, and usually name and team; a
//! directory has agent, name, function, team and no device. One file may be both: a line whose
//! device columns are empty names an agent alone. An empty cell says nothing and changes nothing.
//!
//! A line that cannot be read is kept with its number and its fault; it never costs another one.
//! What the lines mean for what stands already is judged in [`judge`]. Nothing here asks the
//! relay or writes.

pub mod columns;
pub mod fault;
pub mod judge;
pub mod rows;

use std::io::Read;

use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, Fault, FaultCode};

use columns::{BadColumns, Columns, DEVICE, Field};
pub use fault::LineFault;
use rows::{Encoding, Rows};

/// A file is refused above this, in bytes: some twenty thousand agents with every column that an
/// export has. Nothing of a larger one is kept in memory.
pub const FILE: usize = 8 * 1024 * 1024;
/// The longest text of a field, in characters.
const FIELD: usize = 200;
/// The longest model and serial number in bytes: the relay takes no longer one.
const WORD: usize = 128;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// How its bytes stand for letters.
    pub encoding: Encoding,
    /// What separates its columns: `,` or `;`.
    pub separator: char,
    /// Whether it lists devices.
    pub devices: bool,
    /// Columns that were left alone.
    pub ignored: Vec<String>,
    /// Its lines in order, without the first and the blank ones.
    pub lines: Vec<(u64, Result<Line, LineFault>)>,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The agent's number, 1 or more.
    pub agent: AgentNumber,
    /// The agent's name, first name first.
    pub name: Option<String>,
    /// What the agent does.
    pub function: Option<String>,
    /// The team's name.
    pub team: Option<String>,
    /// The agent's device.
    pub device: Option<Device>,
}

/// A device of the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// `android`, `ios` or `computer`.
    pub platform: &'static str,
    /// As the hardware attests it.
    pub model: String,
    /// As printed on the device.
    pub serial: String,
    /// Whether it must prove that serial number: level `owned`.
    pub owned: bool,
}

/// Why a whole file was refused. Nothing of it was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be opened or read.
    #[error(transparent)]
    Disk(#[from] std::io::Error),
    /// More than [`FILE`] bytes.
    #[error("the file is too large")]
    TooLarge,
    /// No text with lines and columns: a spreadsheet's own format, or nothing at all.
    #[error("not a text with columns")]
    NotText,
    /// The first line lacks names.
    #[error(transparent)]
    Columns(#[from] BadColumns),
}

impl ImportError {
    /// The same with what lacks named as a file in this language would name it.
    #[must_use]
    pub fn named(self, language: Language) -> Self {
        let word = |name: String| match name.as_str() {
            "agent" => text(language, "column-agent", &[]),
            "name" => text(language, "column-name", &[]),
            "platform" => text(language, "column-platform", &[]),
            "model" => text(language, "column-model", &[]),
            "serial" => text(language, "column-serial", &[]),
            // A name that stands twice is the file's own.
            _ => name,
        };
        match self {
            Self::Columns(BadColumns(names)) => {
                Self::Columns(BadColumns(names.into_iter().map(word).collect()))
            }
            other => other,
        }
    }

    /// The refusal with its stable code; nothing for a disk's error.
    pub fn fault(&self) -> Option<Fault> {
        Some(match self {
            Self::Disk(_) => return None,
            Self::TooLarge => Fault::new(FaultCode::FileTooLarge).with_number(FILE as u64),
            Self::NotText => FaultCode::FileUnreadable.into(),
            Self::Columns(BadColumns(names)) => {
                Fault::new(FaultCode::ImportColumns).with_reasons(names.clone())
            }
        })
    }
}

/// Reads a file. What it says of its own length is not believed: one byte beyond [`FILE`] ends it.
pub fn read(file: impl Read) -> Result<Table, ImportError> {
    let mut bytes = Vec::new();
    file.take(FILE as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > FILE {
        return Err(ImportError::TooLarge);
    }
    parse(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes))
}

fn parse(bytes: &[u8]) -> Result<Table, ImportError> {
    // A zero byte stands in UTF-16 and in every spreadsheet's own format, and in no CSV.
    if bytes.contains(&0) {
        return Err(ImportError::NotText);
    }
    let encoding = Encoding::of(bytes);
    let head = |separator| Rows::after_head(bytes, separator, encoding);
    let (commas, semicolons) = (head(b','), head(b';'));
    let known = |head: &Option<(Rows<'_>, Vec<String>)>| {
        head.as_ref().map(|(_, names)| (Columns::known(names), names.len()))
    };
    let separator = if known(&semicolons) > known(&commas) { ';' } else { ',' };
    let found = if separator == ';' { semicolons } else { commas };
    let (mut rows, names) = found.ok_or(ImportError::NotText)?;
    let columns = Columns::of(&names)?;
    let mut lines = Vec::new();
    let sound = |fields: &[Vec<u8>]| {
        width(fields) <= columns.count
            && fields.len() >= columns.count
            && columns
                .places()
                .all(|place| !fields[place].contains(&b'\n') && !fields[place].contains(&b'\r'))
    };
    while let Some(row) = rows.next(&sound) {
        let Some(fields) = row.fields else {
            lines.push((row.line, Err(LineFault::QuoteOpen)));
            continue;
        };
        // What a spreadsheet leaves under its last line.
        if fields.iter().all(|field| field.iter().all(u8::is_ascii_whitespace)) {
            continue;
        }
        lines.push((row.line, line(&fields, &columns, encoding)));
    }
    Ok(Table { encoding, separator, devices: columns.has_devices(), ignored: columns.ignored, lines })
}

/// How many fields there are without the empty ones at the end.
fn width(fields: &[Vec<u8>]) -> usize {
    fields.iter().rposition(|field| !field.is_empty()).map_or(0, |last| last + 1)
}

fn line(fields: &[Vec<u8>], columns: &Columns, encoding: Encoding) -> Result<Line, LineFault> {
    if fields.len() < columns.count || width(fields) > columns.count {
        return Err(LineFault::Columns { found: fields.len(), expected: columns.count });
    }
    let cell = |field: Field| -> Result<Option<String>, LineFault> {
        let Some(bytes) = columns.place(field).and_then(|place| fields.get(place)) else { return Ok(None) };
        let text = encoding.text(bytes).ok_or(LineFault::NotUtf8)?;
        if text.chars().any(char::is_control) {
            return Err(LineFault::ControlCharacter);
        }
        if text.chars().count() > FIELD {
            return Err(LineFault::FieldTooLong { limit: FIELD });
        }
        // Two spaces in a row are a slip, and would make two people of one.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok((!text.is_empty()).then_some(text))
    };
    let agent = cell(Field::Agent)?.ok_or(LineFault::AgentMissing)?;
    let agent = agent.parse().ok().filter(|number| *number > 0).ok_or(LineFault::AgentNotANumber)?;
    let name = match (cell(Field::FirstName)?, cell(Field::Name)?) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (first, last) => first.or(last),
    };
    let [platform, model, serial] = DEVICE.map(cell);
    let device = match (platform?, model?, serial?) {
        (None, None, None) => None,
        (Some(platform), Some(model), Some(serial)) => {
            Some(device(&platform, model, serial, cell(Field::Level)?.as_deref())?)
        }
        _ => return Err(LineFault::DeviceIncomplete),
    };
    Ok(Line {
        agent: AgentNumber(agent),
        name,
        function: cell(Field::Function)?,
        team: cell(Field::Team)?,
        device,
    })
}

fn device(platform: &str, model: String, serial: String, level: Option<&str>) -> Result<Device, LineFault> {
    let platform = match columns::folded(platform).as_str() {
        "android" => "android",
        "ios" | "iphone" => "ios",
        "computer" | "ordinateur" | "pc" => "computer",
        _ => return Err(LineFault::PlatformUnknown),
    };
    if model.len().max(serial.len()) > WORD {
        return Err(LineFault::FieldTooLong { limit: WORD });
    }
    // A line may ask for more than the least, and never for less.
    let owned = match level.map(columns::folded).as_deref() {
        None | Some("attested" | "atteste") => false,
        Some("owned" | "possede") if platform != "computer" => true,
        Some(_) => return Err(LineFault::LevelUnknown),
    };
    Ok(Device { platform, model, serial, owned })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &str = "agent,name,team,platform,model,serial\n";

    fn fault(line: &str) -> LineFault {
        let table = read(format!("{COLUMNS}{line}\n9,Paul,,android,Pixel 9,P9\n").as_bytes()).unwrap();
        let [(2, Err(fault)), (3, Ok(_))] = &table.lines[..] else { panic!("{:?}", table.lines) };
        fault.clone()
    }

    #[test]
    fn a_line_may_ask_that_a_phone_proves_its_serial_number_and_for_nothing_less_than_genuine() {
        let levels = |column: &str, line: &str| {
            let table =
                read(format!("agent,nom,plateforme,modèle,numéro de série,{column}\n{line}\n").as_bytes());
            let [(2, line)] = &table.unwrap().lines[..] else { panic!("one line") };
            line.clone().map(|line| line.device.unwrap().owned)
        };
        for (word, owned) in
            [("owned", true), ("Possédé", true), ("attested", false), ("attesté", false), ("", false)]
        {
            assert_eq!(levels("niveau", &format!("9,Paul,ios,iPhone 15,S,{word}")), Ok(owned), "{word}");
        }
        for word in ["software", "supervised", "none", "2"] {
            assert_eq!(levels("level", &format!("9,Paul,android,P,S,{word}")), Err(LineFault::LevelUnknown));
        }
        assert_eq!(levels("level", "9,Paul,computer,PC,S,owned"), Err(LineFault::LevelUnknown));
    }

    #[test]
    fn one_inventory_reads_the_same_in_each_dress_that_offices_give_it() {
        let english =
            format!("{COLUMNS}12,\"Léa, Ñuñez\",Voirie nord,android,Pixel 9,A1\n3,Paul,,computer,PC,B2\n");
        let expected = read(english.as_bytes()).unwrap();
        let lines: Vec<&Line> = expected.lines.iter().map(|(_, line)| line.as_ref().unwrap()).collect();
        assert_eq!((lines[0].agent, lines[0].name.as_deref()), (AgentNumber(12), Some("Léa, Ñuñez")));
        assert_eq!(
            (lines[1].team.as_deref(), lines[1].device.as_ref().unwrap().platform),
            (None, "computer")
        );
        assert_eq!((expected.encoding, expected.separator), (Encoding::Utf8, ','));

        let french = "Agent;Nom;Équipe;Plateforme;Modèle;Numéro de série\r\n\
                      012;\"Léa, Ñuñez\";Voirie  nord;Android;Pixel 9;A1\r\n\
                      3;Paul;;Ordinateur;PC;\"B2\"\r\n;;;;;\r\n";
        let marked = read(format!("\u{feff}{french}").as_bytes()).unwrap();
        assert_eq!((marked.separator, &marked.lines), (';', &expected.lines));
        assert_eq!(read(french.as_bytes()).unwrap(), marked);
        let (latin, _, lossy) = encoding_rs::WINDOWS_1252.encode(french);
        assert!(!lossy);
        let latin = read(&latin[..]).unwrap();
        assert_eq!((latin.encoding, &latin.lines), (Encoding::Windows1252, &expected.lines));
    }

    #[test]
    fn a_directory_joins_first_and_last_name_and_leaves_private_columns_alone() {
        let export =
            "Matricule;Nom;Prénom;Date de naissance;Emploi;Service\n7;KACI;Amine;01/02/1990;Fontainier;Eau\n";
        let table = read(export.as_bytes()).unwrap();
        assert!(!table.devices);
        assert_eq!(table.ignored, ["Date de naissance"]);
        let text = |text: &str| Some(text.to_owned());
        let expected = Line {
            agent: AgentNumber(7),
            name: text("Amine KACI"),
            function: text("Fontainier"),
            team: text("Eau"),
            device: None,
        };
        assert_eq!(table.lines, [(2, Ok(expected))]);
    }

    #[test]
    fn a_bad_line_is_told_by_its_number_and_the_next_one_stands() {
        assert_eq!(fault("0,Léa,,ios,iPhone,B"), LineFault::AgentNotANumber);
        assert_eq!(fault("A12,Léa,,ios,iPhone,B"), LineFault::AgentNotANumber);
        assert_eq!(fault("4294967296,Léa,,ios,iPhone,B"), LineFault::AgentNotANumber);
        assert_eq!(fault(",Léa,,ios,iPhone,B"), LineFault::AgentMissing);
        assert_eq!(fault("2,Léa,,fax,X,B"), LineFault::PlatformUnknown);
        assert_eq!(fault("2,Léa,,ios,,B"), LineFault::DeviceIncomplete);
        assert_eq!(fault("2,Léa,ios"), LineFault::Columns { found: 3, expected: 6 });
        assert_eq!(fault("2,Ñuñez, Léa,,ios,X,B"), LineFault::Columns { found: 7, expected: 6 });
        assert_eq!(fault("2,\"Léa,,ios,X,B"), LineFault::QuoteOpen);
        assert_eq!(fault("2,L\u{1b}[2J,,ios,X,B"), LineFault::ControlCharacter);
        assert_eq!(fault(&format!("2,{},,ios,X,B", "é".repeat(201))), LineFault::FieldTooLong { limit: 200 });
        assert_eq!(
            fault(&format!("2,Léa,,ios,{},B", "é".repeat(65))),
            LineFault::FieldTooLong { limit: 128 }
        );
        let damaged = [COLUMNS.as_bytes(), b"2,L\xe9a,,ios,X,B\n3,L\xc3\xa9o,,ios,X,C\n"].concat();
        let table = read(&damaged[..]).unwrap();
        assert_eq!(table.lines[0], (2, Err(LineFault::NotUtf8)));
        assert_eq!(table.lines[1].1.as_ref().unwrap().name.as_deref(), Some("Léo"));
    }

    #[test]
    fn what_is_no_csv_is_refused_whole() {
        assert!(matches!(read(&b""[..]), Err(ImportError::NotText)));
        assert!(matches!(read(&b"PK\x03\x04\x00\x00"[..]), Err(ImportError::NotText)));
        let refused = read(&b"\xef\xbb\xbfnom;grade\n"[..]).unwrap_err();
        let fault = refused.fault().unwrap();
        assert_eq!((fault.code, fault.reasons), (FaultCode::ImportColumns, Some(vec!["agent".to_owned()])));
    }

    #[test]
    fn a_file_without_end_is_given_up_one_byte_beyond_the_limit() {
        struct Endless(usize);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                buffer.fill(b'a');
                self.0 += buffer.len();
                Ok(buffer.len())
            }
        }
        let mut endless = Endless(0);
        let refused = read(&mut endless).unwrap_err();
        assert_eq!(refused.fault().unwrap().number, Some(8 * 1024 * 1024));
        assert_eq!(endless.0, FILE + 1);
    }
}
