//! The inventory and its tickets.

use std::path::Path;
use std::time::Duration;

use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::{InventoryEntry, Ticket, TicketRequest, TicketSecret, claim_hash};
use estafette_protocol::frame::RequestBody;
use estafette_protocol::statement::{Act, Class};
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, EnrolmentId, FaultCode, InventoryId, RosterId, TeamNumber};
use serde_json::json;

use super::approval;
use crate::administration::{Administration, Item, OpenTicket};
use crate::clock;
use crate::import;
use crate::output;
use crate::session::{Desk, Failure, Session};

/// A ticket's life, the longest that the relay takes.
const TICKET: Duration = Duration::from_secs(24 * 3600);
/// Entries told to the relay at once.
const BATCH: usize = 500;
/// Days that a new team's conversations are kept: a year, until its retention is set.
const RETENTION_DAYS: u32 = 365;

/// Random bytes from the system.
pub fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| FaultCode::Internal)?;
    Ok(bytes)
}

/// The level that a platform's devices need. `phones` is `Software` in development only.
fn level(platform: &str, phones: Level) -> Level {
    if platform == "computer" { Level::Supervised } else { phones }
}

/// Imports a CSV file: persons, teams and devices. All of it or nothing.
pub fn import(desk: &Desk, file: &Path, development: bool) -> Result<(), Failure> {
    let lines = import::read(&std::fs::read(file)?).map_err(|error| {
        let why = error.to_string();
        Failure::Usage(text(desk.language, "desk-import-refused", &[("why", (&why).into())]))
    })?;
    let ring = desk.unlock()?;
    let records = Administration::open(&desk.folder, &ring.database_key())?;
    let session = desk.start(&ring)?;
    let phones = if development { Level::Software } else { Level::Attested };
    let mut entries = Vec::new();
    for line in &lines {
        records.put_person(line.agent(), &line.name, "")?;
        let team = match line.team.is_empty() {
            true => None,
            false => Some(team(&session, &records, &line.team)?),
        };
        let item = Item {
            id: InventoryId(random()?),
            agent: line.agent(),
            team,
            platform: line.platform.clone(),
            model: line.model.clone(),
            serial: line.serial.clone(),
        };
        let id = records.put_item(&item)?;
        entries.push(InventoryEntry {
            id,
            agent: item.agent,
            team,
            platform: item.platform,
            model: item.model,
            serial: records.serial_hmac(&item.serial)?,
            level: level(&line.platform, phones),
        });
    }
    for batch in entries.chunks(BATCH) {
        session.ask(RequestBody::Inventory { entries: batch.to_vec() })?;
    }
    approval::publish(&session, &desk.reader(&ring)?, &records)?;
    session.stop();
    let sentence = text(desk.language, "desk-imported", &[("count", lines.len().into())]);
    output::done(desk, &sentence, &json!({ "imported": lines.len() }));
    Ok(())
}

/// The number of a team, which is made with its roster where it does not exist.
pub fn team(session: &Session, records: &Administration, name: &str) -> Result<TeamNumber, Failure> {
    if let Some(number) = records.team_named(name)? {
        return Ok(number);
    }
    let number = records.free_team()?;
    let roster = RosterId(random()?);
    let act = Act::CreateRoster {
        roster,
        class: Class::Service,
        team: Some(number),
        retention_days: RETENTION_DAYS,
    };
    session.state(vec![act])?;
    records.put_team(number, name, roster)?;
    Ok(number)
}

/// Makes a ticket for the one device of an agent that has none yet, or for the named serial number.
pub fn ticket(desk: &Desk, agent: AgentNumber, serial: Option<&str>) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = Administration::open(&desk.folder, &ring.database_key())?;
    let items = records.items_of(agent)?;
    let item = items.iter().find(|item| serial.is_none_or(|serial| item.serial == serial));
    let item = item.ok_or(FaultCode::NotInInventory)?.clone();
    let session = desk.start(&ring)?;
    let ticket = open_ticket(desk, &session, &records, &ring, &item, false)?;
    session.stop();
    show(desk, &ticket)
}

/// Opens an enrolment at the relay and keeps its secret here.
pub fn open_ticket(
    desk: &Desk,
    session: &Session,
    records: &Administration,
    ring: &crate::folder::KeyRing,
    item: &Item,
    administrator: bool,
) -> Result<Ticket, Failure> {
    let identity = desk.identity(ring)?;
    let secret = TicketSecret(random()?);
    let expires_at = clock::now().after(TICKET);
    let enrolment = EnrolmentId(random()?);
    let open = OpenTicket { inventory: item.id, secret: secret.clone(), administrator };
    records.put_ticket(enrolment, &open, expires_at)?;
    let claim = claim_hash(&secret.claim());
    session.ask(RequestBody::Ticket(TicketRequest { enrolment, inventory: item.id, claim, expires_at }))?;
    Ok(Ticket {
        address: identity.address.clone(),
        pin: identity.pin,
        organisation_key: Some(identity.organisation_key),
        relay_key: None,
        enrolment,
        secret,
    })
}

/// Prints a ticket.
pub fn show(desk: &Desk, ticket: &Ticket) -> Result<(), Failure> {
    let written = ticket.to_string();
    let sentence = text(desk.language, "desk-ticket", &[]);
    output::done(desk, &format!("{sentence}\n{written}"), &json!({ "ticket": written }));
    Ok(())
}
