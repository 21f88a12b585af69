//! `estafette admin devices`: every device of the organisation, as this computer knows it.
//!
//! It is where an administrator finds the id of a device that is to be cut off, and whether the content of
//! one that was is gone. Of a device in use the relay tells the day of its last contact, and no hour.

use std::collections::BTreeMap;
use std::time::Duration;

use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::lease::{Contact, WARNING};
use estafette_protocol::reattestation::GRACE;
use estafette_protocol::registry::DeviceRecord;
use estafette_protocol::statement::RevocationReason;
use estafette_protocol::texts::text;
use estafette_protocol::{DeviceId, Timestamp};
use serde_json::json;

use crate::output;
use crate::place::Place;
use crate::session::{Desk, Failure, Session};

const DAY: Duration = Duration::from_hours(24);

/// Lists the devices by agent: id, agent, name, model and serial number, in use or cut off; with
/// `contacts`, what the relay knows of each beside.
pub fn list(desk: &Desk, contacts: bool) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let records = desk.records(&ring)?;
    let items = records.items()?;
    let contacts = match contacts {
        true => Some(ask(desk, &ring)?),
        false => None,
    };
    let reader = desk.reader(&ring)?;
    let registry = reader.registry_known();
    let mut devices: Vec<_> = registry.devices().collect();
    devices.sort_by_key(|record| (record.certificate.agent, record.certified));
    for record in devices {
        let certificate = &record.certificate;
        let name = records.person(certificate.agent)?.unwrap_or_default();
        let item = items.iter().find(|item| item.id == certificate.inventory);
        let (model, serial) =
            item.map(|item| (item.model.as_str(), item.serial.as_str())).unwrap_or_default();
        let contact = contacts.as_ref().and_then(|contacts| contacts.get(&certificate.device));
        if desk.json {
            output::print(&json!({
                "device": certificate.device.to_string(), "agent": certificate.agent.0, "name": name,
                "model": model, "serial": serial, "active": record.active(),
                "contact_day": contact.and_then(|contact| contact.day).map(|day| day.0),
                "wiped_at": contact.and_then(|contact| contact.wipe).map(|wipe| wipe.at.0),
                "unsent": contact.and_then(|contact| contact.wipe).map(|wipe| wipe.unsent),
                "attest_by": contact.and_then(|contact| contact.attest_by).map(|at| at.0),
                "barred_since": contact.and_then(|contact| contact.barred_since).map(|at| at.0),
            }));
            continue;
        }
        let state = match record.active() {
            true => text(desk.language, "desk-device-active", &[]),
            false => text(desk.language, "desk-device-revoked", &[]),
        };
        println!("{}  {:>6}  {state}  {name} · {model} {serial}", certificate.device, certificate.agent);
        if contacts.is_some() {
            let locks_after = DAY * u32::from(registry.lease().lock_days);
            println!("    {}", standing(desk, record, contact, locks_after));
            if let Some(warning) = contact.and_then(|contact| evidence(desk, record, contact)) {
                println!("    {warning}");
            }
        }
    }
    Ok(())
}

fn ask(desk: &Desk, ring: &crate::folder::KeyRing) -> Result<BTreeMap<DeviceId, Contact>, Failure> {
    let session = desk.start(ring)?;
    let contacts = contacts(&session)?;
    session.stop();
    Ok(contacts)
}

/// What the relay tells of all devices.
pub fn contacts(session: &Session) -> Result<BTreeMap<DeviceId, Contact>, Failure> {
    let reply = session.ask(RequestBody::Contacts)?;
    let contacts = match reply {
        Reply::Contacts { contacts } => contacts,
        _ => Vec::new(),
    };
    Ok(contacts.into_iter().map(|contact| (contact.device, contact)).collect())
}

/// What an administrator has to know of a phone's evidence; nothing where all is well.
pub fn evidence(desk: &Desk, record: &DeviceRecord, contact: &Contact) -> Option<String> {
    let day = |at: Timestamp| Place::shown_everywhere(at).long_day(desk.language, at);
    let now = crate::clock::now();
    match (contact.barred_since, contact.attest_by) {
        _ if !record.active() => None,
        (Some(since), _) => Some(text(desk.language, "desk-device-barred", &[("day", (&day(since)).into())])),
        (None, Some(due)) if due.after(GRACE) <= now => {
            let day = day(due.after(GRACE));
            Some(text(desk.language, "desk-device-attest-overdue", &[("day", (&day).into())]))
        }
        (None, Some(due)) if due <= now => {
            Some(text(desk.language, "desk-device-attest-late", &[("day", (&day(due)).into())]))
        }
        _ => None,
    }
}

/// The same for somebody before a page, who types no commands.
pub fn evidence_shown(desk: &Desk, record: &DeviceRecord, contact: &Contact) -> Option<String> {
    match contact.barred_since.filter(|_| record.active()) {
        Some(since) => {
            let day = Place::shown_everywhere(since).long_day(desk.language, since);
            Some(text(desk.language, "desk-device-barred-shown", &[("day", (&day).into())]))
        }
        None => evidence(desk, record, contact),
    }
}

/// What there is to know of a device: its last day, whether it locks soon, or what became of its content.
pub fn standing(
    desk: &Desk,
    record: &DeviceRecord,
    contact: Option<&Contact>,
    locks_after: Duration,
) -> String {
    let day = |at: Timestamp| Place::shown_everywhere(at).long_day(desk.language, at);
    if let Some((_, reason)) = record.revoked {
        return match contact.and_then(|contact| contact.wipe) {
            Some(wipe) => text(
                desk.language,
                "desk-device-wiped",
                &[("day", (&day(wipe.at)).into()), ("count", u64::from(wipe.unsent).into())],
            ),
            None if reason == RevocationReason::Suspended => {
                text(desk.language, "desk-device-suspended", &[])
            }
            None => text(desk.language, "desk-device-unconfirmed", &[]),
        };
    }
    let Some(last) = contact.and_then(|contact| contact.day) else {
        return text(desk.language, "desk-device-never-seen", &[]);
    };
    let now = crate::clock::now();
    let last_day = day(last);
    let words = [("day", (&last_day).into())];
    // The day is its first instant: a device may lock up to a day later than this says.
    match last.after(locks_after) {
        locks_at if locks_at <= now => text(desk.language, "desk-device-locked", &words),
        locks_at if locks_at <= now.after(WARNING) => text(desk.language, "desk-device-locks-soon", &words),
        _ => text(desk.language, "desk-device-seen", &words),
    }
}
