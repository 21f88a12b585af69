//! How far devices have received and read, and the gaps still to be asked for.

use estafette_protocol::frame::{Slot, SlotKind};
use estafette_protocol::{DeviceId, Position, ThreadId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, fixed, int, uint};

/// A device's mark in a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Grows at each writing.
    pub version: u64,
    /// Up to here.
    pub position: Position,
    /// When.
    pub at: Timestamp,
}

fn number(kind: SlotKind) -> i64 {
    match kind {
        SlotKind::Delivered => 0,
        SlotKind::Read => 1,
    }
}

/// Keeps another device's mark; an older version changes nothing.
pub fn put(
    db: &Connection,
    thread: i64,
    device: DeviceId,
    kind: SlotKind,
    mark: Mark,
) -> Result<bool, StoreError> {
    let changed = db
        .prepare_cached(
            "INSERT INTO mark (thread, device, kind, version, position, at, sent, due_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0)
             ON CONFLICT DO UPDATE SET version = excluded.version, position = excluded.position, at = excluded.at
             WHERE excluded.version > mark.version",
        )?
        .execute((thread, &device.0[..], number(kind), int(mark.version), int(mark.position.0), int(mark.at.0)))?;
    Ok(changed == 1)
}

/// Where one's own mark is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advance {
    /// Up to here.
    pub position: Position,
    /// When, as it will be told.
    pub at: Timestamp,
    /// When it may leave; earlier if it is to leave earlier already.
    pub due_at: Timestamp,
    /// The relay is being told of the mark as it stood.
    pub under_way: bool,
}

/// Moves one's own mark forward. Its version grows once between two departures: it does not tell how often
/// somebody has read.
pub fn advance(
    db: &Connection,
    thread: i64,
    own: DeviceId,
    kind: SlotKind,
    to: Advance,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO mark (thread, device, kind, version, position, at, sent, due_at)
         VALUES (?1, ?2, ?3, 1, ?4, ?5, 0, ?6)
         ON CONFLICT DO UPDATE SET position = excluded.position, at = excluded.at,
             version = CASE WHEN mark.sent < mark.version AND NOT ?7 THEN mark.version ELSE mark.version + 1 END,
             due_at = CASE WHEN mark.sent < mark.version THEN min(mark.due_at, excluded.due_at)
                           ELSE excluded.due_at END
         WHERE excluded.position > mark.position",
    )?
    .execute((
        thread,
        &own.0[..],
        number(kind),
        int(to.position.0),
        int(to.at.0),
        int(to.due_at.0),
        to.under_way,
    ))?;
    Ok(())
}

/// One's own marks that the relay has not taken: row of the thread, kind, mark, due. Their order says nothing
/// of the one in which threads were read.
pub fn unsent(db: &Connection, own: DeviceId) -> Result<Vec<(i64, SlotKind, Mark, Timestamp)>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT thread, kind, version, position, at, due_at FROM mark
         WHERE device = ?1 AND sent < version ORDER BY thread, kind",
    )?;
    let mut rows = query.query([&own.0[..]])?;
    let mut unsent = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = if row.get::<_, i64>(1)? == 0 { SlotKind::Delivered } else { SlotKind::Read };
        let mark = Mark {
            version: uint(row.get(2)?),
            position: Position(uint(row.get(3)?)),
            at: Timestamp(uint(row.get(4)?)),
        };
        unsent.push((row.get(0)?, kind, mark, Timestamp(uint(row.get(5)?))));
    }
    Ok(unsent)
}

/// The relay has taken one's own mark of this version.
pub fn sent(
    db: &Connection,
    thread: i64,
    own: DeviceId,
    kind: SlotKind,
    version: u64,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE mark SET sent = max(sent, ?4) WHERE thread = ?1 AND device = ?2 AND kind = ?3",
    )?
    .execute((thread, &own.0[..], number(kind), int(version)))?;
    Ok(())
}

/// Lifts one's own version above one that the relay holds, after a store was lost.
pub fn lift(
    db: &Connection,
    thread: i64,
    own: DeviceId,
    kind: SlotKind,
    above: u64,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE mark SET version = ?4 + 1 WHERE thread = ?1 AND device = ?2 AND kind = ?3 AND version <= ?4",
    )?
    .execute((thread, &own.0[..], number(kind), int(above)))?;
    Ok(())
}

/// Forgets marks of a lost log. One's own go on from the beginning, under higher versions; the
/// others' come back with their devices, or as the restored relay holds them.
pub fn begin_anew(db: &Connection, own: DeviceId) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM mark WHERE device <> ?1")?.execute([&own.0[..]])?;
    db.prepare_cached("UPDATE mark SET position = 0, sent = version WHERE device = ?1")?
        .execute([&own.0[..]])?;
    Ok(())
}

/// Notes positions that a delivery left out.
pub fn add_gap(db: &Connection, thread: i64, first: Position, last: Position) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR REPLACE INTO gap (thread, first, last) VALUES (?1, ?2, ?3)")?.execute((
        thread,
        int(first.0),
        int(last.0),
    ))?;
    Ok(())
}

/// Whether a part of a thread is still to be asked for.
pub fn has_gap(db: &Connection, thread: i64) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM gap WHERE thread = ?1")?.exists([thread])?)
}

/// Keeps another device's mark whose key is not here; a newer one takes its place.
pub fn keep_closed(db: &Connection, thread: i64, slot: &Slot) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO closed_mark (thread, device, kind, version, sealed) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET version = excluded.version, sealed = excluded.sealed
         WHERE excluded.version > closed_mark.version",
    )?
    .execute((thread, &slot.device.0[..], number(slot.kind), int(slot.version), &slot.sealed[..]))?;
    Ok(())
}

/// Takes the marks of a thread that wait for their keys.
pub fn take_closed(db: &Connection, thread: i64, id: ThreadId) -> Result<Vec<Slot>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT device, kind, version, sealed FROM closed_mark WHERE thread = ?1")?;
    let mut rows = query.query([thread])?;
    let mut slots = Vec::new();
    while let Some(row) = rows.next()? {
        let sealed: Vec<u8> = row.get(3)?;
        slots.push(Slot {
            thread: id.into(),
            device: DeviceId(fixed(row.get(0)?)?),
            kind: if row.get::<_, i64>(1)? == 0 { SlotKind::Delivered } else { SlotKind::Read },
            version: uint(row.get(2)?),
            sealed: sealed.into(),
        });
    }
    db.prepare_cached("DELETE FROM closed_mark WHERE thread = ?1")?.execute([thread])?;
    Ok(slots)
}

/// A gap still open: row of the thread, first, last.
pub fn any_gap(db: &Connection) -> Result<Option<(i64, Position, Position)>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT thread, first, last FROM gap ORDER BY thread, first LIMIT 1")?;
    let gap: Option<(i64, i64, i64)> =
        query.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    Ok(gap.map(|(thread, first, last)| (thread, Position(uint(first)), Position(uint(last)))))
}

/// Narrows a gap from below after a part of it came, or closes it.
pub fn fill_gap(
    db: &Connection,
    thread: i64,
    first: Position,
    last: Position,
    filled: Position,
) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM gap WHERE thread = ?1 AND first = ?2")?.execute((thread, int(first.0)))?;
    if filled < last {
        add_gap(db, thread, filled.next(), last)?;
    }
    Ok(())
}
