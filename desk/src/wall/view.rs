//! What the relay sees at this moment: its files, read beside it, and the decisions that follow from hours
//! that were stated.

use std::collections::BTreeSet;
use std::sync::Arc;

use estafette_protocol::audit::What;
use estafette_protocol::registry::Reachable;
use estafette_protocol::statement::RevocationReason;
use estafette_protocol::{AgentNumber, DeviceId, Timestamp};
use rusqlite::{Connection, OpenFlags, params};

use super::WallError;
use super::seat::Seat;
use super::town::Town;
use crate::clock;
use crate::demo::ledger;

/// Entries that are shown.
const LAST: i64 = 6;
/// Bytes of a sealed entry that are shown.
const FIRST: i64 = 12;
/// Lines of the audit that are shown.
const LINES: i64 = 5;

/// An entry as the relay has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// When it came.
    pub at: Timestamp,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its first bytes, in hexadecimal.
    pub first: String,
    /// Declared urgent, which the relay may know.
    pub urgent: bool,
}

/// What the relay does with a device's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// On duty: it delivers.
    Delivers,
    /// Off duty: it holds, until then if that is known.
    Holds(Option<Timestamp>),
    /// The same, but urgent messages of their rota pass.
    HoldsButCalls(Option<Timestamp>),
    /// Withdrawn: it admits it no more.
    CutOff {
        /// Why, by the statement that withdrew it.
        reason: RevocationReason,
        /// It has told the relay that its content is gone.
        emptied: bool,
    },
}

/// What the pane shows.
#[derive(Debug, Clone)]
pub struct View {
    /// What clocks show.
    pub now: Timestamp,
    /// Entries in the relay's database.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The last ones, newest first.
    pub last: Vec<Sealed>,
    /// For each phone.
    pub decisions: Vec<Decision>,
    /// Bytes that have come down to each phone.
    pub down: Vec<u64>,
    /// The last lines of the audit, newest first: when, and what.
    pub audit: Vec<(Timestamp, What)>,
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn look(database: &Connection) -> Result<(u64, u64, Vec<Sealed>), WallError> {
    let sum = "SELECT count(*), coalesce(sum(length(sealed) + length(header)), 0) FROM entry";
    let (entries, bytes): (i64, i64) = database.query_row(sum, (), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut newest = database.prepare(
        "SELECT received_at, length(sealed) + length(header), hex(substr(sealed, 1, ?1)), urgency \
         FROM entry ORDER BY stream DESC LIMIT ?2",
    )?;
    let rows = newest.query_map(params![FIRST, LAST], |row| {
        Ok(Sealed {
            at: Timestamp(unsigned(row.get(0)?)),
            bytes: unsigned(row.get(1)?),
            first: row.get(2)?,
            urgent: row.get::<_, i64>(3)? > 0,
        })
    })?;
    Ok((unsigned(entries), unsigned(bytes), rows.collect::<Result<_, _>>()?))
}

fn audit(database: &Connection) -> Result<Vec<(Timestamp, What)>, WallError> {
    let mut newest = database.prepare("SELECT body FROM audit ORDER BY number DESC LIMIT ?1")?;
    let bodies = newest.query_map([LINES], |row| row.get::<_, Vec<u8>>(0))?;
    let mut lines = Vec::new();
    for body in bodies {
        if let Ok(line) = minicbor::decode::<estafette_server::audit::Line>(&body?) {
            lines.push((line.at, line.what));
        }
    }
    Ok(lines)
}

/// The devices that have said that their content is gone.
fn emptied(database: &Connection) -> Result<BTreeSet<Vec<u8>>, WallError> {
    let mut devices = database.prepare("SELECT device FROM device WHERE wiped_at IS NOT NULL")?;
    let rows = devices.query_map((), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Looks at the relay's files and at what was stated of these phones.
pub async fn take(town: &Town, phones: &[Arc<Seat>]) -> Result<View, WallError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let (mut entries, mut bytes, mut last, mut lines) = (0, 0, Vec::new(), Vec::new());
    let mut empty = BTreeSet::new();
    for path in ledger::database_paths(&town.relay_folder)? {
        let database = Connection::open_with_flags(path, flags)?;
        let (count, size, newest) = look(&database)?;
        entries += count;
        bytes += size;
        last.extend(newest);
        lines.extend(audit(&database)?);
        empty.append(&mut emptied(&database)?);
    }
    let now = clock::now();
    let down = phones.iter().map(|phone| phone.line.counted().down).collect();
    let phones: Vec<(AgentNumber, DeviceId)> =
        phones.iter().map(|phone| (phone.agent, phone.device)).collect();
    let decide = move |reader: &mut estafette_core::reader::Reader| {
        let registry = reader.registry()?;
        let of = |(agent, device): &(AgentNumber, DeviceId)| {
            if let Some((_, reason)) = registry.device(*device).and_then(|record| record.revoked) {
                return Decision::CutOff { reason, emptied: empty.contains(device.0.as_slice()) };
            }
            match registry.reachable(*agent, now) {
                Reachable::OnDuty => Decision::Delivers,
                Reachable::OnCall { reopens_at } => Decision::HoldsButCalls(reopens_at),
                Reachable::OffDuty { reopens_at } => Decision::Holds(reopens_at),
            }
        };
        Ok(phones.iter().map(of).collect())
    };
    let decisions = town.administrator.read(decide).await?;
    Ok(View { now, entries, bytes, last, decisions, down, audit: lines })
}
