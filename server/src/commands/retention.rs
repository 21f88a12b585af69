//! `estafette-relay retention`: counts per roster what has had its time, and erases it.

use std::path::Path;

use estafette_protocol::OrganisationId;
use estafette_protocol::registry::Registry;
use estafette_protocol::texts::{Language, text};
use estafette_server::audit::Who;
use estafette_server::config::{Allowances, Config};
use estafette_server::retention::{self, Expiry};
use estafette_server::serve::{self, Clock};
use estafette_server::store::sqlite::{SqliteReader, SqliteStore};
use estafette_server::store::{Batch, Operation, Outcome, Reader as _, StoreError, Writer as _};

use crate::say;

/// Statements read at a time.
const PAGE: usize = 500;
/// Entries erased in one transaction, so that a relay at work is not held up.
const ENTRIES: usize = 500;

/// Counts, and erases unless it is a dry run; the sentence of a failure is the error.
pub fn run(folder: &Path, dry_run: bool, language: Language) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| {
        let why = error.to_string();
        text(language, "relay-retention-failed", &[("why", (&why).into())])
    };
    let config = Config::read(folder, Allowances { public_development: true })
        .map_err(|error| error.sentence(language))?;
    let folders = serve::organisation_folders(&config.organisations()).map_err(|error| failed(&error))?;
    let mut found = false;
    for folder in folders {
        let store = SqliteStore::open(&folder).map_err(|error| failed(&error))?;
        let reader = store.reader().map_err(|error| failed(&error))?;
        let plan = plan(&reader, config.pair_days).map_err(|error| failed(&error))?;
        for expiry in plan {
            let (entries, bytes) = count(&reader, &expiry).map_err(|error| failed(&error))?;
            if entries == 0 {
                continue;
            }
            found = true;
            if !dry_run {
                erase(&store, &expiry).map_err(|error| failed(&error))?;
            }
            let roster = expiry.roster.to_string();
            let told = [
                ("roster", (&roster).into()),
                ("days", u64::from(expiry.days).into()),
                ("entries", entries.into()),
                ("size", bytes.div_ceil(1024).into()),
            ];
            say(&match dry_run {
                true => text(language, "relay-retention-due", &told),
                false => text(language, "relay-retention-done", &told),
            });
        }
    }
    if !found {
        say(&text(language, "relay-retention-none", &[]));
    }
    Ok(())
}

fn plan(reader: &SqliteReader, pair_days: u32) -> Result<Vec<Expiry>, StoreError> {
    let Some(organisation) = reader.state()?.organisation else { return Ok(Vec::new()) };
    let registry = registry(reader, organisation)?;
    let groups = reader.groups()?;
    let name = |roster| {
        let stated =
            registry.roster(roster).map(|_| estafette_protocol::handshake::RosterName::Stated(roster));
        stated.or_else(|| groups.iter().find(|group| group.roster == roster).map(|group| group.state.name))
    };
    let threads: Vec<_> = reader.heads()?.into_iter().map(|head| head.thread).collect();
    Ok(retention::plan(&registry, threads, name, pair_days, Clock::start().now()))
}

fn registry(reader: &SqliteReader, organisation: OrganisationId) -> Result<Registry, StoreError> {
    let mut registry = Registry::new(organisation);
    loop {
        let statements = reader.statements(registry.next_link().0, PAGE)?;
        if statements.is_empty() {
            return Ok(registry);
        }
        for statement in &statements {
            let damaged = |error| StoreError::Corrupt(format!("a statement does not read back: {error}"));
            registry.restore(statement).map_err(damaged)?;
        }
    }
}

fn count(reader: &SqliteReader, expiry: &Expiry) -> Result<(u64, u64), StoreError> {
    let mut sum = (0, 0);
    for thread in &expiry.threads {
        let (entries, bytes) = reader.expired(*thread, expiry.before)?;
        sum = (sum.0 + entries, sum.1 + bytes);
    }
    Ok(sum)
}

fn erase(store: &SqliteStore, expiry: &Expiry) -> Result<(), StoreError> {
    let mut writer = store.writer()?;
    loop {
        let erasure = expiry.erasure(Who::Operator, Clock::start().now(), ENTRIES);
        let outcomes = writer.write(&[Batch { operations: vec![Operation::Erase(Box::new(erasure))] }])?;
        let erased = outcomes
            .iter()
            .flat_map(|batch| &batch.outcomes)
            .any(|outcome| matches!(outcome, Outcome::Erased(1..)));
        if !erased {
            return Ok(());
        }
    }
}
