//! `estafette intervention`: the agent's own record of interventions, on this computer and nowhere else.
//!
//! Nothing of it is sent. Who wants the rest after one restored gives an administrator the command that
//! `list` prints; who wants to keep or hand over the record exports it, with the legal times of the place.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use estafette_core::engine::Command;
use estafette_core::reader::{Intervention, Reader};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, FaultCode, Timestamp};
use serde_json::{Value, json};

use crate::output;
use crate::place::Place;
use crate::qr::taken;
use crate::session::{Desk, Failure};

/// Commands about interventions.
#[derive(Debug, Subcommand)]
pub enum InterventionCommand {
    /// Montre vos interventions, gardées sur cet ordinateur seul / lists your interventions
    List,
    /// Clôt l’intervention en cours / ends the intervention that goes on
    End,
    /// Écrit vos interventions dans un fichier, à l’heure légale / writes your interventions into a file
    Export {
        /// Fichier, qui n’existe pas encore / a file that is not there yet
        file: PathBuf,
        /// Forme / format
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
    },
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Un tableau JSON / a JSON array
    Json,
    /// CSV, séparé par des points-virgules / separated by semicolons
    Csv,
}

/// Carries out a command about interventions.
pub fn run(desk: &Desk, command: &InterventionCommand) -> Result<(), Failure> {
    match command {
        InterventionCommand::List => list(desk),
        InterventionCommand::End => end(desk),
        InterventionCommand::Export { file, format } => export(desk, file, *format),
    }
}

/// The record with the place whose clocks count.
pub struct Record {
    agent: AgentNumber,
    /// Whose clocks are told.
    pub place: Place,
    /// In the order in which they began.
    pub interventions: Vec<Intervention>,
}

impl Record {
    fn open(desk: &Desk) -> Result<Self, Failure> {
        let ring = desk.unlock()?;
        // Whoever looks sees what has ended by itself.
        let session = desk.start(&ring)?;
        session.stop();
        let mut reader = desk.reader(&ring)?;
        Self::read(&mut reader)
    }

    /// Reads the record of the agent whose device this is.
    pub fn read(reader: &mut Reader) -> Result<Self, Failure> {
        let agent = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
        Ok(Self { agent, place: Place::of(reader)?, interventions: reader.interventions()? })
    }

    /// When it is over, by its end or by itself.
    pub fn end_of(&self, one: &Intervention) -> Option<Timestamp> {
        one.ended_at.or(Some(one.closes_at).filter(|at| *at <= self.place.now))
    }

    /// The record as a file.
    pub fn file(&self, language: Language, format: Format) -> Result<Vec<u8>, Failure> {
        match format {
            Format::Json => {
                let all: Vec<Value> = self.interventions.iter().map(|one| self.fields(one)).collect();
                Ok(format!("{}\n", Value::from(all)).into_bytes())
            }
            Format::Csv => table(language, self),
        }
    }

    fn zone(&self) -> &str {
        self.place.name().unwrap_or(output::PLACE)
    }

    fn fields(&self, one: &Intervention) -> Value {
        let ended = self.end_of(one);
        json!({
            "number": one.number, "message": one.entry.to_string(), "from": one.began_at.0,
            "until": ended.map(|at| at.0), "zone": self.zone(), "from_local": self.place.local(one.began_at),
            "until_local": ended.map(|at| self.place.local(at)), "minutes": minutes(one.began_at, ended),
        })
    }
}

/// Whole minutes, begun ones counted.
pub fn minutes(from: Timestamp, until: Option<Timestamp>) -> Option<u64> {
    until.map(|until| until.0.saturating_sub(from.0).div_ceil(60_000))
}

fn list(desk: &Desk) -> Result<(), Failure> {
    let record = Record::open(desk)?;
    for one in &record.interventions {
        let from = record.place.local(one.began_at);
        let Some(ended) = record.end_of(one) else {
            let closes = record.place.local(one.closes_at);
            let said = [("from", (&from).into()), ("until", (&closes).into())];
            output::done(desk, &text(desk.language, "own-intervention-open", &said), &record.fields(one));
            continue;
        };
        let until = record.place.local(ended);
        let command = format!(
            "estafette admin intervention {} --from \"{from}\" --until \"{until}\" --zone {}",
            record.agent.0,
            record.zone()
        );
        let said = [("from", (&from).into()), ("until", (&until).into()), ("command", (&command).into())];
        let mut fields = record.fields(one);
        fields["administrator_command"] = command.as_str().into();
        output::done(desk, &text(desk.language, "own-intervention", &said), &fields);
    }
    if record.interventions.is_empty() && !desk.json {
        println!("{}", text(desk.language, "own-intervention-none", &[]));
    }
    Ok(())
}

fn end(desk: &Desk) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    session.command(Command::EndIntervention)?;
    session.stop();
    let record = Record::read(&mut desk.reader(&ring)?)?;
    let fields = record.interventions.last().map(|one| record.fields(one)).unwrap_or_default();
    output::done(desk, &text(desk.language, "own-intervention-ended", &[]), &fields);
    Ok(())
}

fn export(desk: &Desk, file: &Path, format: Format) -> Result<(), Failure> {
    let record = Record::open(desk)?;
    let bytes = record.file(desk.language, format)?;
    let mut opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(taken)?;
    opened.write_all(&bytes)?;
    let count = record.interventions.len();
    let sentence = text(desk.language, "own-intervention-exported", &[("count", count.into())]);
    output::done(desk, &sentence, &json!({ "file": file.display().to_string(), "count": count }));
    Ok(())
}

fn table(language: Language, record: &Record) -> Result<Vec<u8>, Failure> {
    let unwritten = |error: csv::Error| Failure::Disk(error.into());
    let end = csv::Terminator::CRLF;
    let mut table = csv::WriterBuilder::new().delimiter(b';').terminator(end).from_writer(Vec::new());
    let columns = text(language, "own-intervention-columns", &[]);
    table.write_record(columns.split(',')).map_err(unwritten)?;
    for one in &record.interventions {
        let ended = record.end_of(one);
        let line = [
            one.number.to_string(),
            record.place.local(one.began_at),
            ended.map(|at| record.place.local(at)).unwrap_or_default(),
            record.zone().to_owned(),
            minutes(one.began_at, ended).map(|minutes| minutes.to_string()).unwrap_or_default(),
            one.entry.to_string(),
        ];
        table.write_record(line).map_err(unwritten)?;
    }
    table.into_inner().map_err(|error| Failure::Disk(error.into_error()))
}
