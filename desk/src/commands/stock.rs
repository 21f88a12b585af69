//! How each line of the inventory stands: with a device, with a ticket, or with neither.
//!
//! A line lives longer than its device: one that was lost, replaced, retired or suspended stays listed, and nothing
//! here offers it a ticket unasked.

use std::collections::{BTreeMap, BTreeSet};

use estafette_core::reader::Reader;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::statement::RevocationReason;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{EnrolmentId, FaultCode, InventoryId, Timestamp};

use super::inventory::held;
use crate::administration::{Administration, Item};
use crate::place::Place;
use crate::session::{Failure, Session};

/// A line with what this computer knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is listed.
    pub item: Item,
    /// A device in force holds it.
    pub in_service: bool,
    /// Its last device was cut off: why, and when.
    pub cut_off: Option<(RevocationReason, Timestamp)>,
    /// A device has come with its ticket, and is not admitted yet.
    pub waits: bool,
    /// Until when its ticket can be used.
    pub ticket: Option<Timestamp>,
    /// The device that came last was refused.
    pub refused: bool,
}

impl Line {
    /// A line of which nothing more is known.
    pub fn of(item: Item) -> Self {
        Self { item, in_service: false, cut_off: None, waits: false, ticket: None, refused: false }
    }

    /// Whether it is to have a ticket unless somebody says otherwise.
    pub fn lacks(&self) -> bool {
        !self.in_service && self.cut_off.is_none() && !self.waits
    }

    /// How it stands, in words.
    pub fn words(&self, language: Language, place: &Place) -> String {
        if self.in_service {
            return text(language, "desk-device-active", &[]);
        }
        let mut words: Vec<String> =
            self.cut_off.map(|(why, at)| cut_off(language, why, at)).into_iter().collect();
        match self.ticket {
            _ if self.waits => words.push(text(language, "stock-waits", &[])),
            Some(until) => {
                let until = place.spoken(language, until);
                words.push(text(language, "stock-ticket", &[("until", (&until).into())]));
            }
            None if self.refused => words.push(text(language, "stock-refused", &[])),
            None => words.push(text(language, "stock-no-ticket", &[])),
        }
        words.join(" · ")
    }
}

/// Why a device was cut off, and on what day.
pub fn cut_off(language: Language, why: RevocationReason, at: Timestamp) -> String {
    let day = Place::shown_everywhere(at).long_day(language, at);
    let day = [("day", (&day).into())];
    match why {
        RevocationReason::Lost => text(language, "stock-lost", &day),
        RevocationReason::Replaced => text(language, "stock-replaced", &day),
        RevocationReason::Retired => text(language, "stock-retired", &day),
        RevocationReason::Suspended => text(language, "stock-suspended", &day),
    }
}

/// The enrolments that wait at the relay.
fn pending(session: &Session) -> Result<BTreeSet<EnrolmentId>, Failure> {
    let Reply::Pending { enrolments } = session.ask(RequestBody::Pending)? else {
        return Err(FaultCode::Internal.into());
    };
    Ok(enrolments.into_iter().map(|one| one.enrolment).collect())
}

/// The lines whose device waits with a ticket of this computer's.
pub fn waiting(session: &Session, records: &Administration) -> Result<BTreeSet<InventoryId>, Failure> {
    let pending = pending(session)?;
    let tickets = records.tickets()?.into_iter().filter(|ticket| pending.contains(&ticket.enrolment));
    Ok(tickets.map(|ticket| ticket.inventory).collect())
}

/// All lines, by agent and serial number. `waiting` is empty where the relay was not asked.
pub fn lines(
    reader: &Reader,
    records: &Administration,
    waiting: &BTreeSet<InventoryId>,
    now: Timestamp,
) -> Result<Vec<Line>, Failure> {
    let held = held(reader);
    let mut last = BTreeMap::new();
    for record in reader.registry_known().devices() {
        if let Some((number, why)) = record.revoked {
            let known = last.entry(record.certificate.inventory).or_insert((number, why));
            if known.0 < number {
                *known = (number, why);
            }
        }
    }
    let tickets = records.tickets()?;
    let mut lines = Vec::new();
    for item in records.items()? {
        let own = || tickets.iter().filter(|ticket| ticket.inventory == item.id);
        let usable = own().filter(|ticket| !ticket.refused && now < ticket.expires_at);
        let cut_off = match last.get(&item.id) {
            Some((number, why)) => Some((*why, reader.stated_at(*number)?)),
            None => None,
        };
        lines.push(Line {
            in_service: held.contains(&item.id),
            cut_off,
            waits: waiting.contains(&item.id),
            ticket: usable.map(|ticket| ticket.expires_at).max(),
            refused: own().any(|ticket| ticket.refused),
            item,
        });
    }
    Ok(lines)
}
