//! `estafette admin ticket`: one ticket, one device; as text, as a QR code, as a picture.
//!
//! A ticket lasts a day, serves once, and ends the one made before for the same device. Whoever
//! holds its text or its picture can enrol the device, and only with an administrator's approval:
//! pictures are readable by their owner alone, and take no other file's place.

use std::collections::BTreeSet;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use estafette_protocol::enrol::{Ticket, TicketRequest, TicketSecret, claim_hash};
use estafette_protocol::frame::RequestBody;
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, EnrolmentId, FaultCode, InventoryId, Timestamp};
use serde_json::json;

use super::inventory::random;
use super::stock::{self, Line};
use crate::administration::{Administration, Item, KnownTicket, OpenTicket};
use crate::clock;
use crate::folder::KeyRing;
use crate::output;
use crate::progress::Bar;
use crate::qr::Code;
use crate::session::{Desk, Failure, Session};

/// A ticket's life, the longest that the relay takes.
const TICKET: Duration = Duration::from_secs(24 * 3600);

/// What can be said of tickets.
#[derive(Debug, Args)]
pub struct TicketArguments {
    /// Numéro de l'agent / agent's number
    #[arg(required_unless_present = "all_missing")]
    agent: Option<u32>,
    /// Numéro de série, si l'agent a plusieurs appareils / serial number
    #[arg(long)]
    serial: Option<String>,
    /// Pour chaque appareil de l'inventaire ni inscrit ni coupé / for each device neither enrolled nor cut off
    #[arg(long, conflicts_with_all = ["agent", "serial"])]
    all_missing: bool,
    /// Image à écrire, ou dossier d'images avec --all-missing / picture, or folder of pictures
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
}

/// A ticket with what it is for.
pub struct Made {
    /// Both halves of its secret: whoever sees it can begin the enrolment.
    pub ticket: Ticket,
    /// The device's line of the inventory.
    pub item: Item,
    /// Its agent's name; empty where the records have none.
    pub name: String,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// Makes one ticket, or one for each device that lacks.
pub fn run(desk: &Desk, arguments: &TicketArguments) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    match arguments.agent {
        Some(agent) => {
            if arguments.png.as_ref().is_some_and(|path| path.symlink_metadata().is_ok()) {
                return Err(FaultCode::FileExists.into());
            }
            let mut lines = stock::lines(&desk.reader(&ring)?, &records, &BTreeSet::new(), clock::now())?;
            lines.retain(|line| line.item.agent == AgentNumber(agent));
            let item = choose(&lines, arguments.serial.as_deref())?;
            let session = desk.start(&ring)?;
            let made = open(desk, &session, &records, &ring, &item, false)?;
            session.stop();
            hand_over(desk, &made, arguments.png.as_deref())
        }
        None => each(desk, &ring, &records, arguments.png.as_deref()),
    }
}

/// The device that a ticket is for: of several the first that is not enrolled, and that was not cut off unless all
/// were.
fn choose(lines: &[Line], serial: Option<&str>) -> Result<Item, FaultCode> {
    let mut fitting =
        lines.iter().filter(|line| serial.is_none_or(|serial| line.item.serial == serial)).peekable();
    if fitting.peek().is_none() {
        return Err(FaultCode::NotInInventory);
    }
    let free = fitting.filter(|line| !line.in_service);
    let chosen = free.min_by_key(|line| line.cut_off.is_some());
    chosen.map(|line| line.item.clone()).ok_or(FaultCode::EntryAlreadyBound)
}

/// A ticket for each device that lacks; not for those that were cut off, nor for those that wait to be admitted.
fn each(desk: &Desk, ring: &KeyRing, records: &Administration, folder: Option<&Path>) -> Result<(), Failure> {
    let lacking = |waiting: &BTreeSet<InventoryId>| -> Result<Vec<Item>, Failure> {
        let lines = stock::lines(&desk.reader(ring)?, records, waiting, clock::now())?;
        Ok(lines.into_iter().filter(Line::lacks).map(|line| line.item).collect())
    };
    let mut items = lacking(&BTreeSet::new())?;
    if let Some(folder) = folder {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        // Before any ticket is made: half of a batch would help nobody.
        if file_names(&items).iter().any(|name| folder.join(name).symlink_metadata().is_ok()) {
            return Err(FaultCode::FileExists.into());
        }
    }
    if !items.is_empty() {
        let session = desk.start(ring)?;
        items = lacking(&stock::waiting(&session, records)?)?;
        let names = file_names(&items);
        let bar = Bar::new(desk, items.len(), text(desk.language, "progress-tickets", &[]));
        let mut made = Vec::new();
        for (item, name) in items.iter().zip(&names) {
            let one = open(desk, &session, records, ring, item, false)?;
            let path = folder.map(|folder| folder.join(name));
            if let Some(path) = &path {
                Code::of(&one.ticket.to_string())?.write_png(path)?;
            }
            made.push((one, path));
            bar.advance(1);
        }
        session.stop();
        drop(bar);
        made.iter().try_for_each(|(one, path)| show(desk, one, path.as_deref()))?;
    }
    if !desk.json {
        println!("{}", text(desk.language, "desk-tickets-made", &[("count", items.len().into())]));
    }
    Ok(())
}

/// A file name for each: the agent's number and what can stand of the serial number.
fn file_names(items: &[Item]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut names = Vec::new();
    for item in items {
        let plain =
            |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
        let stem = format!("{}-{}", item.agent, item.serial.chars().map(plain).collect::<String>());
        let mut name = format!("{stem}.png");
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{stem}-{number}.png");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// Ends the tickets that were made here for a line of the inventory: one line has one at a time. A device that
/// waits with one of them is refused.
fn void(session: &Session, records: &Administration, inventory: InventoryId) -> Result<(), Failure> {
    for ticket in of_line(records, inventory)?.into_iter().filter(|ticket| !ticket.refused) {
        match session.ask(RequestBody::RefuseEnrolment { enrolment: ticket.enrolment }) {
            Ok(_) => {}
            // Its device is in the organisation, or it never came to the relay.
            Err(Failure::Fault(fault))
                if matches!(fault.code, FaultCode::EnrolmentUsed | FaultCode::NotFound) => {}
            Err(failure) => return Err(failure),
        }
        records.drop_ticket(ticket.enrolment)?;
    }
    Ok(())
}

fn of_line(records: &Administration, inventory: InventoryId) -> Result<Vec<KnownTicket>, Failure> {
    let mut tickets = records.tickets()?;
    tickets.retain(|ticket| ticket.inventory == inventory);
    Ok(tickets)
}

/// Opens an enrolment at the relay and keeps its secret here. Earlier tickets of the same line are worth nothing
/// any more.
pub fn open(
    desk: &Desk,
    session: &Session,
    records: &Administration,
    ring: &KeyRing,
    item: &Item,
    administrator: bool,
) -> Result<Made, Failure> {
    let identity = desk.identity(ring)?;
    let secret = TicketSecret(random()?);
    let expires_at = clock::now().after(TICKET);
    let enrolment = EnrolmentId(random()?);
    void(session, records, item.id)?;
    let open = OpenTicket { inventory: item.id, secret: secret.clone(), administrator };
    records.put_ticket(enrolment, &open, expires_at)?;
    let claim = claim_hash(&secret.claim());
    let request = TicketRequest { enrolment, inventory: item.id, claim, expires_at };
    if let Err(failure) = session.ask(RequestBody::Ticket(request)) {
        // Nobody has seen it.
        records.drop_ticket(enrolment)?;
        return Err(failure);
    }
    for refused in of_line(records, item.id)?.into_iter().filter(|ticket| ticket.refused) {
        records.drop_ticket(refused.enrolment)?;
    }
    let ticket = Ticket {
        address: identity.address.clone(),
        pin: identity.pin,
        organisation_key: Some(identity.organisation_key),
        relay_key: None,
        enrolment,
        secret,
    };
    let name = records.person(item.agent)?.unwrap_or_default();
    Ok(Made { ticket, item: item.clone(), name, expires_at })
}

/// Gives a ticket to the administrator: on the terminal, or as a picture.
pub fn hand_over(desk: &Desk, made: &Made, png: Option<&Path>) -> Result<(), Failure> {
    if let Some(path) = png {
        Code::of(&made.ticket.to_string())?.write_png(path)?;
    }
    show(desk, made, png)
}

fn show(desk: &Desk, made: &Made, png: Option<&Path>) -> Result<(), Failure> {
    let written = made.ticket.to_string();
    let path = png.map(|path| path.display().to_string());
    if desk.json {
        output::print(&json!({
            "ticket": written, "agent": made.item.agent.0, "name": made.name, "model": made.item.model,
            "serial": made.item.serial, "expires_at": made.expires_at.0, "png": path,
        }));
        return Ok(());
    }
    let (agent, until) = (made.item.agent.to_string(), output::local(None, made.expires_at));
    let whose = [
        ("name", (&made.name).into()),
        ("agent", (&agent).into()),
        ("model", (&made.item.model).into()),
        ("serial", (&made.item.serial).into()),
        ("until", (&until).into()),
    ];
    let whose = text(desk.language, "desk-ticket-for", &whose);
    match path {
        Some(path) => println!("{path}\n    {whose}"),
        None => {
            let code = Code::of(&written)?.terminal();
            println!("{code}\n{whose}\n{}\n{written}", text(desk.language, "desk-ticket", &[]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use estafette_protocol::statement::RevocationReason;

    use super::*;

    fn item(number: u8, agent: u32, serial: &str) -> Item {
        Item {
            id: InventoryId([number; 16]),
            agent: AgentNumber(agent),
            team: None,
            platform: "android".to_owned(),
            model: "Pixel 9".to_owned(),
            serial: serial.to_owned(),
            owned: false,
        }
    }

    #[test]
    fn a_picture_of_any_serial_number_stays_in_its_folder_under_a_name_of_its_own() {
        let items = [item(1, 4, "../../etc/A"), item(2, 4, "..\\..\\etc/a"), item(3, 5, "É\u{1b}1")];
        assert_eq!(file_names(&items), ["4-------etc-a.png", "4-------etc-a-2.png", "5---1.png"]);
    }

    #[test]
    fn a_ticket_is_for_the_device_that_is_not_enrolled_and_for_none_when_all_are() {
        let line = |item: Item, in_service| Line { in_service, ..Line::of(item) };
        let items = [item(1, 4, "A"), item(2, 4, "B")];
        let lines = [line(items[0].clone(), true), line(items[1].clone(), false)];
        assert_eq!(choose(&lines, None), Ok(items[1].clone()));
        assert_eq!(choose(&lines, Some("A")), Err(FaultCode::EntryAlreadyBound));
        assert_eq!(choose(&lines, Some("B")), Ok(items[1].clone()));
        assert_eq!(choose(&lines, Some("C")), Err(FaultCode::NotInInventory));
        assert_eq!(choose(&[], None), Err(FaultCode::NotInInventory));
        assert_eq!(choose(&lines[..1], None), Err(FaultCode::EntryAlreadyBound));
    }

    #[test]
    fn a_device_that_was_lost_has_a_ticket_only_where_it_is_named_or_the_agent_has_no_other() {
        let items = [item(1, 4, "A"), item(2, 4, "B")];
        let lost =
            Line { cut_off: Some((RevocationReason::Lost, Timestamp(5))), ..Line::of(items[0].clone()) };
        let lines = [lost, Line::of(items[1].clone())];
        assert_eq!(choose(&lines, None), Ok(items[1].clone()));
        assert_eq!(choose(&lines, Some("A")), Ok(items[0].clone()));
        assert_eq!(choose(&lines[..1], None), Ok(items[0].clone()));
        assert_eq!(lines.map(|line| line.lacks()), [false, true]);
    }
}
