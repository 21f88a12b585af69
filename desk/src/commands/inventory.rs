//! What the administrator's commands share: the inventory at the relay, and teams.

use std::collections::BTreeSet;

use estafette_core::reader::Reader;
use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::InventoryEntry;
use estafette_protocol::frame::RequestBody;
use estafette_protocol::statement::{Act, Class};
use estafette_protocol::{FaultCode, InventoryId, RosterId, TeamNumber};

use super::work::Work;
use crate::administration::{Administration, Item};
use crate::session::{Failure, Session};

/// Entries told to the relay at once.
const BATCH: usize = 500;
/// Days that a new team's conversations are kept: a year, until its retention is set.
pub const RETENTION_DAYS: u32 = 365;
/// Announcements are kept five years.
const ANNOUNCEMENTS_DAYS: u32 = 1826;

/// Random bytes from the system.
pub fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| FaultCode::Internal)?;
    Ok(bytes)
}

/// The level that a device needs. `phones` is `Software` in development only, where nothing proves more.
pub fn level(item: &Item, phones: Level) -> Level {
    match item.platform.as_str() {
        "computer" => Level::Supervised,
        _ if item.owned && phones > Level::Software => Level::Owned,
        _ => phones,
    }
}

/// The entries that a device in force holds.
pub fn held(reader: &Reader) -> BTreeSet<InventoryId> {
    let devices = reader.registry_known().devices().filter(|record| record.active());
    devices.map(|record| record.certificate.inventory).collect()
}

/// Tells the relay how these entries stand; `told` hears how many were taken, after each batch.
pub fn tell(
    session: &Session,
    records: &Administration,
    items: &[Item],
    phones: Level,
    mut told: impl FnMut(usize),
) -> Result<(), Failure> {
    for batch in items.chunks(BATCH) {
        let entry = |item: &Item| -> Result<InventoryEntry, Failure> {
            Ok(InventoryEntry {
                id: item.id,
                agent: item.agent,
                team: item.team,
                platform: item.platform.clone(),
                model: item.model.clone(),
                serial: records.serial_hmac(&item.serial)?,
                level: level(item, phones),
            })
        };
        let entries = batch.iter().map(entry).collect::<Result<_, _>>()?;
        session.ask(RequestBody::Inventory { entries })?;
        for item in batch {
            records.mark_told(item, level(item, phones))?;
        }
        told(batch.len());
    }
    Ok(())
}

/// The number of a team, which is made with its roster where it does not exist.
pub fn team(work: &Work<'_>, name: &str) -> Result<TeamNumber, Failure> {
    let Work { desk, ring, records, session } = *work;
    if let Some(number) = records.team_named(name)? {
        return Ok(number);
    }
    // Another administrator may have made one whose name has not come here yet.
    let stated = desk.reader(ring)?.registry_known().rosters().filter_map(|(_, roster)| roster.team).max();
    let number = records.free_team()?.max(TeamNumber(stated.map_or(0, |team| team.0.saturating_add(1))));
    let roster = RosterId(random()?);
    let act = Act::CreateRoster {
        roster,
        class: Class::Service,
        team: Some(number),
        retention_days: RETENTION_DAYS,
    };
    session.state(vec![act, announcements_of(number)?])?;
    records.put_team(number, name, roster)?;
    Ok(number)
}

/// Makes the roster of a team's announcements.
pub fn announcements_of(team: TeamNumber) -> Result<Act, Failure> {
    Ok(Act::CreateRoster {
        roster: RosterId(random()?),
        class: Class::Diffusion,
        team: Some(team),
        retention_days: ANNOUNCEMENTS_DAYS,
    })
}
