//! `estafette admin shifts`: periods of duty and turns on call from a file.
//!
//! Good lines are taken although others are bad; then the command ends with
//! `import_incomplete` and lists the bad ones. The same file again changes nothing, and does
//! not even ask the relay.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use estafette_core::reader::Reader;
use estafette_protocol::hours::{DutyPeriod, Period, Rota, Turn};
use estafette_protocol::statement::Act;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, Fault, FaultCode, TeamNumber};
use serde_json::{Value, json};

use super::hours::zone;
use super::work::Work;
use crate::administration::Administration;
use crate::session::{Desk, Failure, Session};
use crate::shifts::judge::{Outcome, Plan, Standing, judge};
use crate::shifts::{self, Defaults, Lines};
use crate::{floors, output};

/// Acts in one statement: with the longest reasons they stay below its limit of bytes.
const BATCH: usize = 50;
/// Turns in one act, for the same reason.
const TURNS: usize = 256;

/// What can be said of an import of shifts.
#[derive(Debug, Args)]
pub struct ShiftsArguments {
    /// Fichier CSV ou iCalendar / CSV or iCalendar file
    file: PathBuf,
    /// Dit ce qui serait signé et ne signe rien / says what would be signed
    #[arg(long)]
    dry_run: bool,
    /// L'agent, si le fichier ne le dit pas / whose, where the file does not say
    #[arg(long)]
    agent: Option<u32>,
    /// Fuseau des heures sans fuseau / time zone of times without one
    #[arg(long, default_value = "Europe/Paris")]
    zone: String,
    /// Profil des garanties de repos / floors of rest
    #[arg(long, default_value = floors::USUAL)]
    profile: String,
}

/// Imports shifts.
pub fn import(desk: &Desk, arguments: &ShiftsArguments) -> Result<(), Failure> {
    let reading = Reading {
        zone: arguments.zone.clone(),
        profile: arguments.profile.clone(),
        agent: arguments.agent.map(AgentNumber),
    };
    let file = File::open(&arguments.file)?;
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let mut reader = desk.reader(&ring)?;
    let (lines, plan) = plan(file, &reading, &mut reader, &records)?;
    let acts = acts(desk.language, &plan, author(&mut reader)?);
    if !arguments.dry_run && !acts.is_empty() {
        let session = desk.start(&ring)?;
        state(&session, acts)?;
        session.stop();
    }
    report(desk, arguments, &lines, &plan);
    match plan.refused().count() {
        0 => Ok(()),
        refused => Err(Fault::new(FaultCode::ImportIncomplete).with_number(refused as u64).into()),
    }
}

/// How a file of shifts is to be read and judged.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Of times without a zone.
    pub zone: String,
    /// The name of the floors of rest.
    pub profile: String,
    /// Whose, where the file does not say.
    pub agent: Option<AgentNumber>,
}

/// What a file would change.
///
/// # Errors
/// A file that does not read, and a zone or a profile that is not known.
pub fn plan(
    file: impl Read,
    reading: &Reading,
    reader: &mut Reader,
    records: &Administration,
) -> Result<(Lines, Plan), Failure> {
    let zone = zone(&reading.zone)?;
    let profile = floors::profile(&reading.profile)?;
    let lines = shifts::read(file, Defaults { zone: &zone, agent: reading.agent })?;
    let teams = teams(&lines, records)?;
    let plan = judge(&lines, &Standing { registry: reader.registry()?, teams, profile: &profile });
    Ok((lines, plan))
}

/// States what a plan says.
pub fn carry_out(work: &Work<'_>, reader: &mut Reader, plan: &Plan) -> Result<(), Failure> {
    state(work.session, acts(work.desk.language, plan, author(reader)?))
}

fn author(reader: &mut Reader) -> Result<AgentNumber, Failure> {
    Ok(reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?)
}

/// The teams that the file names, those that are known.
fn teams(lines: &Lines, records: &Administration) -> Result<BTreeMap<String, TeamNumber>, Failure> {
    let mut teams = BTreeMap::new();
    for name in lines.iter().filter_map(|(_, shift)| shift.as_ref().ok()?.team.as_ref()) {
        if !teams.contains_key(name)
            && let Some(number) = records.team_named(name)?
        {
            teams.insert(name.clone(), number);
        }
    }
    Ok(teams)
}

fn acts(language: Language, plan: &Plan, author: AgentNumber) -> Vec<Act> {
    let usual = text(language, "shifts-reason", &[]);
    let duty = |(agent, period, reason): &(AgentNumber, Period, Option<String>)| {
        let reason = reason.clone().unwrap_or_else(|| usual.clone());
        Act::AddDuty { agent: *agent, duty: DutyPeriod { period: *period, author, reason } }
    };
    let duties = plan.duties.iter().map(duty);
    let on_call =
        plan.on_call.iter().map(|(agent, period)| Act::AddOnCall { agent: *agent, period: *period });
    let rotas = plan
        .rotas
        .iter()
        .flat_map(|(team, turns)| rotas(turns).map(|rota| Act::SetRota { team: *team, rota }));
    duties.chain(on_call).chain(rotas).collect()
}

/// Turns in lists that a statement holds; each covers the time until the next list begins.
fn rotas(turns: &[Turn]) -> impl Iterator<Item = Rota> {
    let end = turns.last().map(|turn| turn.period.until).unwrap_or_default();
    turns.chunks(TURNS).enumerate().filter_map(move |(index, chunk)| {
        let until = turns.get((index + 1) * TURNS).map_or(end, |next| next.period.from);
        let covers = Period { from: chunk.first()?.period.from, until };
        Some(Rota { covers, turns: chunk.to_vec() })
    })
}

/// Statements of duties by the batch; a list of turns is one of its own.
fn state(session: &Session, acts: Vec<Act>) -> Result<(), Failure> {
    let (rotas, single): (Vec<Act>, Vec<Act>) =
        acts.into_iter().partition(|act| matches!(act, Act::SetRota { .. }));
    for batch in single.chunks(BATCH) {
        session.state(batch.to_vec())?;
    }
    rotas.into_iter().try_for_each(|rota| session.state(vec![rota]))
}

fn report(desk: &Desk, arguments: &ShiftsArguments, lines: &Lines, plan: &Plan) {
    let added: Vec<u64> = plan
        .outcomes
        .iter()
        .filter(|(_, outcome)| matches!(outcome, Outcome::Added(_)))
        .map(|(line, _)| *line)
        .collect();
    let unchanged = plan.outcomes.iter().filter(|(_, outcome)| *outcome == Outcome::Unchanged).count();
    let flagged = plan.outcomes.iter().filter_map(|(line, outcome)| match outcome {
        Outcome::Added(findings) => Some(findings.iter().map(move |finding| (*line, finding))),
        _ => None,
    });
    let flagged: Vec<_> = flagged.flatten().collect();
    if desk.json {
        let refused: Vec<Value> = plan
            .refused()
            .map(|(line, fault)| {
                let detail = fault.sentence(desk.language, &arguments.zone);
                json!({ "line": line, "code": fault.code(), "detail": detail })
            })
            .collect();
        let flagged: Vec<Value> = flagged
            .iter()
            .map(|(line, finding)| json!({ "line": line, "floor": finding.floor.kind.as_str() }))
            .collect();
        output::print(&json!({
            "dry_run": arguments.dry_run, "added": added, "unchanged": unchanged, "refused": refused,
            "flagged": flagged, "profile": arguments.profile,
        }));
        return;
    }
    println!("{}", text(desk.language, "shifts-file", &[("lines", lines.len().into())]));
    if arguments.dry_run {
        println!("{}", text(desk.language, "import-dry-run", &[]));
    }
    for (line, finding) in flagged {
        let why = floors::sentence(desk.language, Some(&arguments.zone), finding);
        println!(
            "{}",
            text(desk.language, "shifts-flagged", &[("line", line.into()), ("why", (&why).into())])
        );
    }
    for (line, fault) in plan.refused() {
        let why = fault.sentence(desk.language, &arguments.zone);
        let said = [("line", line.into()), ("why", (&why).into()), ("code", fault.code().into())];
        println!("{}", text(desk.language, "import-line-refused", &said));
    }
    let counts = [
        ("added", added.len().into()),
        ("unchanged", unchanged.into()),
        ("refused", plan.refused().count().into()),
    ];
    println!("{}", text(desk.language, "shifts-counts", &counts));
}
