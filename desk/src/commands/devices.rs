//! `estafette admin devices`: every device of the organisation, as this computer knows it.
//!
//! It is where an administrator finds the id of a device that is to be cut off.

use estafette_protocol::texts::text;
use serde_json::json;

use crate::administration::Administration;
use crate::output;
use crate::session::{Desk, Failure};

/// Lists the devices by agent: id, agent, name, model and serial number, in use or cut off.
pub fn list(desk: &Desk) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = Administration::open(&desk.folder, &ring.database_key())?;
    let items = records.items()?;
    let reader = desk.reader(&ring)?;
    let mut devices: Vec<_> = reader.registry_known().devices().collect();
    devices.sort_by_key(|record| (record.certificate.agent, record.certified));
    for record in devices {
        let certificate = &record.certificate;
        let name = records.person(certificate.agent)?.unwrap_or_default();
        let item = items.iter().find(|item| item.id == certificate.inventory);
        let (model, serial) =
            item.map(|item| (item.model.as_str(), item.serial.as_str())).unwrap_or_default();
        if desk.json {
            output::print(&json!({
                "device": certificate.device.to_string(), "agent": certificate.agent.0, "name": name,
                "model": model, "serial": serial, "active": record.active(),
            }));
            continue;
        }
        let state = match record.active() {
            true => text(desk.language, "desk-device-active", &[]),
            false => text(desk.language, "desk-device-revoked", &[]),
        };
        println!("{}  {:>6}  {state}  {name} · {model} {serial}", certificate.device, certificate.agent);
    }
    Ok(())
}
