//! The inventory as a CSV file: UTF-8, commas, a first line with the columns' names.
//!
//! Columns: `agent` (number), `name`, `team` (name, may be empty), `platform` (android, ios or
//! computer), `model` (as the hardware attests it), `serial`. A bad line refuses the file with
//! its number and nothing is imported.

use std::collections::BTreeSet;

use estafette_protocol::AgentNumber;
use serde::Deserialize;

/// A file is refused above this; a large city has a few thousand devices.
const FILE: usize = 4 * 1024 * 1024;
/// The longest text of a field, in characters.
const FIELD: usize = 200;

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The agent's number, 1 or more.
    agent: u32,
    /// The agent's name.
    pub name: String,
    /// The team's name, or nothing.
    pub team: String,
    /// `android`, `ios` or `computer`.
    pub platform: String,
    /// As the hardware attests it.
    pub model: String,
    /// As printed on the device.
    pub serial: String,
}

impl Line {
    /// The agent.
    pub fn agent(&self) -> AgentNumber {
        AgentNumber(self.agent)
    }
}

/// Why a file was refused. Nothing of it was imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// More bytes than an inventory has.
    #[error("the file is too large")]
    TooLarge,
    /// Not UTF-8, or not these columns.
    #[error("line {line}: {reason}")]
    Line {
        /// Its number in the file, from 1; the first holds the columns' names.
        line: u64,
        /// What is wrong, without the content.
        reason: &'static str,
    },
}

/// Reads a file's bytes.
pub fn read(bytes: &[u8]) -> Result<Vec<Line>, ImportError> {
    if bytes.len() > FILE {
        return Err(ImportError::TooLarge);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let mut serials = BTreeSet::new();
    let mut lines = Vec::new();
    let headers = reader.headers().map_err(|error| failure(&error))?.clone();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| failure(&error))? {
        let at = record.position().map_or(0, csv::Position::line);
        let refuse = |reason| ImportError::Line { line: at, reason };
        let line: Line = record
            .deserialize(Some(&headers))
            .map_err(|_| refuse("columns: agent,name,team,platform,model,serial"))?;
        check(&line).map_err(refuse)?;
        if !serials.insert(line.serial.clone()) {
            return Err(refuse("this serial number stands twice"));
        }
        lines.push(line);
    }
    Ok(lines)
}

fn check(line: &Line) -> Result<(), &'static str> {
    let fields = [&line.name, &line.team, &line.platform, &line.model, &line.serial];
    if fields.iter().any(|field| field.chars().count() > FIELD) {
        return Err("a field has more than 200 characters");
    }
    if line.agent == 0 {
        return Err("an agent's number is 1 or more");
    }
    if [&line.name, &line.model, &line.serial].iter().any(|field| field.is_empty()) {
        return Err("name, model and serial are needed");
    }
    match line.platform.as_str() {
        "android" | "ios" | "computer" => Ok(()),
        _ => Err("platform is android, ios or computer"),
    }
}

fn failure(error: &csv::Error) -> ImportError {
    let line = error.position().map_or(1, csv::Position::line);
    let reason = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8",
        csv::ErrorKind::UnequalLengths { .. } => "another number of columns than the first line",
        _ => "not CSV",
    };
    ImportError::Line { line, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &str = "agent,name,team,platform,model,serial\n";

    fn refused(lines: &str) -> ImportError {
        read(format!("{COLUMNS}{lines}").as_bytes()).unwrap_err()
    }

    #[test]
    fn a_file_is_read_with_quotes_accents_and_a_byte_order_mark() {
        let file = format!(
            "\u{feff}{COLUMNS}12,\"Léa, Ñuñez\",Voirie nord,android,Pixel 9,A1\n3,Paul,,computer,PC,B2\n"
        );
        let lines = read(file.as_bytes()).unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].agent(), lines[0].name.as_str()), (AgentNumber(12), "Léa, Ñuñez"));
        assert_eq!(lines[1].team, "");
    }

    #[test]
    fn a_bad_line_is_named_by_its_number() {
        let good = "1,Paul,,android,Pixel 9,A1\n";
        let at = |line, reason| ImportError::Line { line, reason };
        assert_eq!(refused(&format!("{good}0,Léa,,ios,iPhone,B\n")), at(3, "an agent's number is 1 or more"));
        assert_eq!(
            refused(&format!("{good}2,Léa,,fax,X,B\n")),
            at(3, "platform is android, ios or computer")
        );
        assert_eq!(refused(&format!("{good}2,Léa,,ios,X,A1\n")), at(3, "this serial number stands twice"));
        assert_eq!(
            refused(&format!("{good}2,Léa,ios\n")),
            at(3, "another number of columns than the first line")
        );
        assert_eq!(read(b"\xff\xfe").unwrap_err(), at(1, "not UTF-8"));
    }
}
