//! `estafette admin import`: agents and devices from a file.
//!
//! Good lines are taken although others are bad; then the command ends with `import_incomplete`
//! and lists the bad ones. What a former import could not finish is finished here. When nothing
//! is to be done the relay is not even asked.

use std::fs::File;
use std::path::PathBuf;

use clap::Args;
use estafette_protocol::certificate::Level;
use estafette_protocol::texts::text;
use estafette_protocol::{Fault, FaultCode, InventoryId};
use serde_json::{Value, json};

use super::unlisted::Unlisted;
use super::work::Work;
use super::{inventory, publishing};
use crate::administration::Item;
use crate::import::judge::{Outcome, Plan, judge};
use crate::import::{self, ImportError, Table};
use crate::output;
use crate::progress::Bar;
use crate::session::{Desk, Failure};

/// What can be said of an import.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// Fichier CSV, en UTF-8 ou en Latin-1, à virgules ou à points-virgules / CSV file
    file: PathBuf,
    /// Dit ce qui changerait et ne change rien / says what would change
    #[arg(long)]
    dry_run: bool,
    /// Le fichier fait foi : remplace les noms et les détenteurs qui diffèrent / the file takes precedence
    #[arg(long)]
    replace: bool,
    /// Téléphones d'essai, sous la racine de développement / development phones
    #[arg(long, hide = !cfg!(feature = "dev-attestation"))]
    development: bool,
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match (error.fault(), error) {
            (Some(fault), _) => fault.into(),
            (None, ImportError::Disk(error)) => error.into(),
            (None, _) => FaultCode::Internal.into(),
        }
    }
}

/// Imports a CSV file: persons, teams and devices.
pub fn import(desk: &Desk, arguments: &ImportArguments) -> Result<(), Failure> {
    let table = import::read(File::open(&arguments.file)?).map_err(|error| match desk.json {
        true => error,
        false => error.named(desk.language),
    })?;
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let standing = records.standing(&inventory::held(&desk.reader(&ring)?))?;
    let plan = judge(&table.lines, &standing, arguments.replace);
    if !arguments.dry_run {
        let phones = if arguments.development { Level::Software } else { Level::Attested };
        let session = desk.start(&ring)?;
        let work = Work { desk, ring: &ring, records: &records, session: &session };
        carry_out(&work, &plan, phones)?;
        session.stop();
    }
    report(desk, &table, &plan, arguments.dry_run);
    match plan.refused().count() {
        0 => Ok(()),
        refused => Err(Fault::new(FaultCode::ImportIncomplete).with_number(refused as u64).into()),
    }
}

/// Does what a plan says, at the relay too; what a former one left unfinished is finished.
pub fn carry_out(work: &Work<'_>, plan: &Plan, phones: Level) -> Result<(), Failure> {
    let Work { desk, ring, records, session } = *work;
    let untold = || records.untold(|item: &Item| inventory::level(item, phones));
    let nothing = plan.teams.is_empty() && plan.people.is_empty() && plan.devices.is_empty();
    if nothing && !records.is_behind()? && untold()?.is_empty() {
        return Ok(());
    }
    {
        let bar = Bar::new(desk, plan.teams.len(), text(desk.language, "progress-teams", &[]));
        for team in &plan.teams {
            inventory::team(work, team)?;
            bar.advance(1);
        }
    }
    let unlisted = Unlisted::of(desk.reader(ring)?.registry_known(), &records.items()?, plan);
    records.carry_out(plan, |entry| match unlisted.of_entry(entry) {
        Some(id) => Ok(id),
        None => inventory::random().map(InventoryId),
    })?;
    let untold = untold()?;
    {
        let bar = Bar::new(desk, untold.len(), text(desk.language, "progress-devices", &[]));
        inventory::tell(session, records, &untold, phones, |told| bar.advance(told))?;
    }
    if records.is_behind()? {
        publishing::publish(work)?;
    }
    Ok(())
}

fn report(desk: &Desk, table: &Table, plan: &Plan, dry_run: bool) {
    let (added, updated, unchanged) =
        (plan.count(&Outcome::Added), plan.count(&Outcome::Updated), plan.count(&Outcome::Unchanged));
    if desk.json {
        let refused: Vec<Value> = plan
            .refused()
            .map(|(line, fault)| {
                json!({ "line": line, "code": fault.code(), "detail": fault.sentence(desk.language) })
            })
            .collect();
        let lines = |outcome| numbers(plan, &outcome);
        output::print(&json!({
            "kind": if table.devices { "inventory" } else { "directory" },
            "encoding": table.encoding.as_str(), "separator": table.separator.to_string(),
            "ignored": table.ignored, "dry_run": dry_run, "imported": added + updated,
            "added": lines(Outcome::Added), "updated": lines(Outcome::Updated), "unchanged": unchanged,
            "refused": refused, "teams": plan.teams,
            "movers": plan.movers.iter().map(|agent| agent.0).collect::<Vec<_>>(),
        }));
        return;
    }
    for line in sentences(desk, table, plan, dry_run) {
        println!("{line}");
    }
    let counts = [
        ("added", added.into()),
        ("updated", updated.into()),
        ("unchanged", unchanged.into()),
        ("refused", plan.refused().count().into()),
    ];
    println!("{}", text(desk.language, "import-counts", &counts));
    if added + updated == 0 && plan.refused().count() == 0 {
        println!("{}", text(desk.language, "import-nothing", &[]));
    }
}

/// The lines with this outcome.
fn numbers(plan: &Plan, wanted: &Outcome) -> Vec<u64> {
    plan.outcomes.iter().filter(|(_, outcome)| outcome == wanted).map(|(line, _)| *line).collect()
}

/// What people read, but for the counts at the end.
fn sentences(desk: &Desk, table: &Table, plan: &Plan, dry_run: bool) -> Vec<String> {
    let separator = table.separator.to_string();
    let arguments = [
        ("lines", table.lines.len().into()),
        ("encoding", table.encoding.as_str().into()),
        ("separator", (&separator).into()),
    ];
    let mut lines = vec![match table.devices {
        true => text(desk.language, "import-inventory", &arguments),
        false => text(desk.language, "import-directory", &arguments),
    }];
    if dry_run {
        lines.push(text(desk.language, "import-dry-run", &[]));
    }
    let list = |names: &[String]| names.join(", ");
    if !table.ignored.is_empty() {
        let names = list(&table.ignored);
        lines.push(text(desk.language, "import-ignored", &[("names", (&names).into())]));
    }
    if !plan.teams.is_empty() {
        let names = list(&plan.teams);
        lines.push(text(desk.language, "import-teams", &[("names", (&names).into())]));
    }
    for (line, outcome) in &plan.outcomes {
        let line = [("line", (*line).into())];
        match outcome {
            Outcome::Added if dry_run => lines.push(text(desk.language, "import-line-added", &line)),
            Outcome::Updated if dry_run => lines.push(text(desk.language, "import-line-updated", &line)),
            Outcome::Refused(fault) => {
                let [number] = line;
                let (why, code) = (fault.sentence(desk.language), fault.code());
                let arguments = [number, ("why", (&why).into()), ("code", code.into())];
                lines.push(text(desk.language, "import-line-refused", &arguments));
            }
            _ => {}
        }
    }
    if !plan.movers.is_empty() {
        let agents: Vec<String> = plan.movers.iter().map(ToString::to_string).collect();
        let agents = list(&agents);
        lines.push(text(desk.language, "import-movers", &[("agents", (&agents).into())]));
    }
    lines
}
