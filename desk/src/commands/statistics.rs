//! `estafette statistics`: what is told of a month by service, and of how many groups nothing is.

use estafette_core::reader::NameKind;
use estafette_protocol::FaultCode;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::statistics::{Month, PEOPLE};
use estafette_protocol::texts::text;
use serde_json::{Value, json};

use crate::output;
use crate::session::{Desk, Failure};

/// Asks for a month that is over, written 2026-11.
pub fn show(desk: &Desk, month: &str) -> Result<(), Failure> {
    let bad = || Failure::Usage(text(desk.language, "desk-bad-month", &[]));
    let month = Month::parse(month).ok_or_else(bad)?;
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    let reply = session.ask(RequestBody::Statistics { month })?;
    session.stop();
    let Reply::Statistics { cells, withheld } = reply else { return Err(FaultCode::Internal.into()) };
    let reader = desk.reader(&ring)?;
    if desk.json {
        let cells: Vec<Value> = cells
            .iter()
            .map(|cell| {
                json!({
                    "team": cell.team.map(|team| team.0), "people": cell.people,
                    "overrides": cell.counts.overrides, "off_hours": cell.counts.off_hours,
                })
            })
            .collect();
        output::print(&json!({ "month": month.to_string(), "cells": cells, "withheld": withheld }));
        return Ok(());
    }
    let named = month.to_string();
    println!("{}", text(desk.language, "statistics-month", &[("month", (&named).into())]));
    for cell in &cells {
        let name = match cell.team {
            None => text(desk.language, "statistics-all", &[]),
            Some(team) => {
                let known = reader.name(NameKind::Team, team.0)?.map(|(name, _)| name);
                output::printable(&known.unwrap_or_else(|| team.to_string()))
            }
        };
        let words = [
            ("name", (&name).into()),
            ("people", cell.people.into()),
            ("overrides", cell.counts.overrides.into()),
            ("entries", cell.counts.off_hours.into()),
        ];
        println!("{}", text(desk.language, "statistics-cell", &words));
    }
    let words = [("count", withheld.into()), ("people", PEOPLE.into())];
    println!("{}", text(desk.language, "statistics-withheld", &words));
    Ok(())
}
