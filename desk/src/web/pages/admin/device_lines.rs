//! The lines of an administrator's list of devices: every device there is or was, and every line of the inventory that
//! has none yet, in the order in which they matter.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use estafette_protocol::statement::RevocationReason;
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, DeviceId, InventoryId};

use super::if_reached;
use crate::clock;
use crate::commands::work::Work;
use crate::commands::{devices, stock};
use crate::import::columns::folded;
use crate::place::Place;
use crate::session::Failure;

const DAY: Duration = Duration::from_hours(24);

/// A device as it is shown, or a line of the inventory that has none yet.
pub struct Line {
    /// Its line of the inventory.
    pub inventory: InventoryId,
    /// The device's own page; a line without a device has none.
    pub device: Option<DeviceId>,
    /// Whose.
    pub agent: AgentNumber,
    /// The agent's name.
    pub name: String,
    /// The team whose conversations it joins.
    pub team: String,
    /// As the inventory has it.
    pub model: String,
    /// As the inventory has it.
    pub serial: String,
    /// In force.
    pub active: bool,
    /// The one that shows this.
    pub own: bool,
    /// Why it was cut off.
    pub cut_off: Option<RevocationReason>,
    /// Nobody holds the line now.
    pub free: bool,
    /// A device waits to be admitted with this line's ticket.
    pub waits: bool,
    /// How it stands, in words.
    pub states: Vec<String>,
    /// What an administrator has to know of a phone's evidence.
    pub warning: Option<String>,
}

impl Line {
    /// Where it leads.
    pub fn address(&self) -> String {
        match self.device {
            _ if self.waits && !self.active => "/admin/approvals".to_owned(),
            Some(device) => format!("/admin/devices/{device}"),
            None => ticket_address(self.inventory),
        }
    }

    /// Whether each word is in some field: a serial number and what stands behind it are no word together.
    pub fn fits(&self, wanted: &[String]) -> bool {
        let id = self.device.map(|device| device.to_string()).unwrap_or_default();
        let agent = self.agent.to_string();
        let fields = [&agent, &self.name, &self.team, &self.model, &self.serial, &id];
        let fields = fields.map(|field| folded(field));
        wanted.iter().all(|word| fields.iter().any(|field| field.contains(word)))
    }
}

/// Where a line's ticket is made.
pub fn ticket_address(inventory: InventoryId) -> String {
    format!("/admin/tickets?device={inventory}")
}

/// Every device, then every line without one. Without the relay they are listed all the same, without their last
/// contact and without what waits.
pub fn lines(work: &Work<'_>) -> Result<(Vec<Line>, bool), Failure> {
    let language = work.desk.language;
    let contacts = if_reached(devices::contacts(work.session))?;
    let waiting = match &contacts {
        Some(_) => if_reached(stock::waiting(work.session, work.records))?,
        None => None,
    };
    let told = contacts.is_some();
    let (contacts, waiting) = (contacts.unwrap_or_default(), waiting.unwrap_or_default());
    let mut reader = work.desk.reader(work.ring)?;
    let place = Place::of(&mut reader)?;
    let stock = stock::lines(&reader, work.records, &waiting, clock::now())?;
    let stock: BTreeMap<InventoryId, &stock::Line> = stock.iter().map(|line| (line.item.id, line)).collect();
    let (registry, own) = (reader.registry_known(), reader.identity().device);
    let locks_after = DAY * u32::from(registry.lease().lock_days);
    let mut records: Vec<_> = registry.devices().collect();
    // Of a line's devices the last one speaks for it.
    let last: BTreeMap<InventoryId, DeviceId> = {
        let mut by_time = records.clone();
        by_time.sort_by_key(|record| record.certified);
        by_time.iter().map(|record| (record.certificate.inventory, record.certificate.device)).collect()
    };
    records.sort_by_key(|record| (!record.active(), record.certificate.agent, record.certified));
    let names = work.records.names()?;
    let name = |agent| names.agents.get(&agent).map(|known| known.name.clone()).unwrap_or_default();
    let team = |line: Option<&&stock::Line>| {
        let team = line.and_then(|line| line.item.team).and_then(|team| names.teams.get(&team));
        team.cloned().unwrap_or_default()
    };
    let mut lines = Vec::new();
    for record in records {
        let certificate = &record.certificate;
        let line = stock.get(&certificate.inventory);
        let contact = contacts.get(&certificate.device);
        let speaks = last.get(&certificate.inventory) == Some(&certificate.device);
        let mut states = match (record.revoked, line) {
            (None, _) => vec![text(language, "desk-device-active", &[])],
            (Some(_), Some(line)) if speaks => vec![line.words(language, &place)],
            (Some((number, why)), _) => vec![stock::cut_off(language, why, reader.stated_at(number)?)],
        };
        if told {
            states.push(devices::standing(work.desk, record, contact, locks_after));
        }
        lines.push(Line {
            inventory: certificate.inventory,
            device: Some(certificate.device),
            agent: certificate.agent,
            name: name(certificate.agent),
            team: team(line),
            model: line.map(|line| line.item.model.clone()).unwrap_or_default(),
            serial: line.map(|line| line.item.serial.clone()).unwrap_or_default(),
            active: record.active(),
            own: certificate.device == own,
            cut_off: record.revoked.map(|(_, why)| why),
            free: speaks && !record.active() && line.is_some(),
            waits: speaks && line.is_some_and(|line| line.waits),
            states,
            warning: contact.and_then(|contact| devices::evidence_shown(work.desk, record, contact)),
        });
    }
    let with_device: BTreeSet<InventoryId> = last.into_keys().collect();
    let bare = stock.values().filter(|line| !with_device.contains(&line.item.id));
    let mut bare: Vec<Line> = bare
        .map(|line| Line {
            inventory: line.item.id,
            device: None,
            agent: line.item.agent,
            name: name(line.item.agent),
            team: team(Some(line)),
            model: line.item.model.clone(),
            serial: line.item.serial.clone(),
            active: false,
            own: false,
            cut_off: None,
            free: true,
            waits: line.waits,
            states: vec![line.words(language, &place)],
            warning: None,
        })
        .collect();
    bare.sort_by(|one, other| (one.agent, &one.serial).cmp(&(other.agent, &other.serial)));
    // What is to be done stands before what is over.
    let over = lines.iter().position(|line| !line.active).unwrap_or(lines.len());
    lines.splice(over..over, bare);
    Ok((lines, told))
}
