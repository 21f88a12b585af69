//! Urgent messages, the calls that they begin, and this agent's answers to them.

use estafette_protocol::hours::LegalBasis;
use estafette_protocol::urgency::{Answer, CallReport, Terms};
use estafette_protocol::{DeviceId, EntryUid, FaultCode, Hash, Position, Timestamp, codec, limits};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{StoreError, fixed, int, uint};

/// An urgent message, beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urgency {
    /// Its name.
    pub uid: EntryUid,
    /// The row of its thread.
    pub thread: i64,
    /// The author's device.
    pub author: DeviceId,
    /// Of the sealed entry that stands; nothing until one's own is placed.
    pub hash: Option<Hash>,
    /// On what it rests.
    pub terms: Terms,
    /// Minutes between two calls.
    pub minutes: u16,
    /// When the relay received it; 0 while unplaced.
    pub placed_at: Timestamp,
}

const URGENCY: &str = "SELECT u.uid, u.thread, u.author, u.hash, u.basis, u.reason, u.until, u.minutes, u.placed_at FROM urgency AS u";

fn urgency(row: &Row<'_>) -> Result<Urgency, StoreError> {
    let hash: Vec<u8> = row.get(3)?;
    Ok(Urgency {
        uid: EntryUid(fixed(row.get(0)?)?),
        thread: row.get(1)?,
        author: DeviceId(fixed(row.get(2)?)?),
        hash: Hash::from_slice(&hash),
        terms: Terms {
            basis: LegalBasis(row.get(4)?),
            reason: row.get(5)?,
            until: Timestamp(uint(row.get(6)?)),
        },
        minutes: row.get(7)?,
        placed_at: Timestamp(uint(row.get(8)?)),
    })
}

/// Keeps an urgent message, once.
pub fn insert(db: &Connection, urgency: &Urgency) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO urgency (uid, thread, author, hash, basis, reason, until, minutes, placed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        &urgency.uid.0[..],
        urgency.thread,
        &urgency.author.0[..],
        urgency.hash.map(|hash| hash.0.to_vec()).unwrap_or_default(),
        urgency.terms.basis.0,
        &urgency.terms.reason,
        int(urgency.terms.until.0),
        urgency.minutes,
        int(urgency.placed_at.0),
    ))?;
    Ok(())
}

/// The relay has placed one's own.
pub fn placed(db: &Connection, uid: EntryUid, hash: Hash, at: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE urgency SET hash = ?2, placed_at = ?3 WHERE uid = ?1")?.execute((
        &uid.0[..],
        &hash.0[..],
        int(at.0),
    ))?;
    Ok(())
}

/// An urgent message.
pub fn get(db: &Connection, uid: EntryUid) -> Result<Option<Urgency>, StoreError> {
    let mut query = db.prepare_cached(&format!("{URGENCY} WHERE u.uid = ?1"))?;
    let mut rows = query.query([&uid.0[..]])?;
    rows.next()?.map(urgency).transpose()
}

/// The newest urgent messages, the newest first.
pub fn newest(db: &Connection, most: usize) -> Result<Vec<Urgency>, StoreError> {
    let mut query = db.prepare_cached(&format!(
        "{URGENCY} ORDER BY u.placed_at = 0 DESC, u.placed_at DESC, u.uid LIMIT {most}"
    ))?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(urgency(row)?);
    }
    Ok(found)
}

/// The urgent messages of a thread above a position and up to another, that have not come to their end.
pub fn between(
    db: &Connection,
    thread: i64,
    above: Position,
    up_to: Position,
    now: Timestamp,
) -> Result<Vec<Urgency>, StoreError> {
    let mut query = db.prepare_cached(&format!(
        "{URGENCY} JOIN message AS m ON m.uid = u.uid
         WHERE m.thread = ?1 AND m.position > ?2 AND m.position <= ?3 AND u.until > ?4 ORDER BY m.position"
    ))?;
    let mut rows = query.query((thread, int(above.0), int(up_to.0), int(now.0)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(urgency(row)?);
    }
    Ok(found)
}

/// Forgets a message that was erased or taken back, its call and this agent's answer.
pub fn forget(db: &Connection, uid: EntryUid) -> Result<(), StoreError> {
    for table in ["urgency", "call", "answer"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE uid = ?1"))?.execute([&uid.0[..]])?;
    }
    Ok(())
}

/// How far a call has come, as it was told here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    /// The relay's last report.
    pub report: Option<CallReport>,
    /// Until when this agent was last called; 0 for never.
    pub called_until: Timestamp,
    /// Since when it is known that nobody has answered; 0 while it is not.
    pub unanswered_at: Timestamp,
}

/// How far the call of a message has come.
pub fn call(db: &Connection, uid: EntryUid) -> Result<Call, StoreError> {
    let mut query =
        db.prepare_cached("SELECT report, called_until, unanswered_at FROM call WHERE uid = ?1")?;
    let row = query.query_row([&uid.0[..]], |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    let Some((report, called_until, unanswered_at)) = row.optional()? else { return Ok(Call::default()) };
    let report = match report.is_empty() {
        true => None,
        false => Some(codec::from_bytes(&report, limits::FRAME).map_err(|_| StoreError::Corrupt)?),
    };
    let (called_until, unanswered_at) = (Timestamp(uint(called_until)), Timestamp(uint(unanswered_at)));
    Ok(Call { report, called_until, unanswered_at })
}

/// Keeps how far the call of a message has come.
pub fn set_call(db: &Connection, uid: EntryUid, call: &Call) -> Result<(), StoreError> {
    let report = call.report.as_ref().map(codec::to_bytes).unwrap_or_default();
    db.prepare_cached(
        "INSERT OR REPLACE INTO call (uid, report, called_until, unanswered_at) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((&uid.0[..], report, int(call.called_until.0), int(call.unanswered_at.0)))?;
    Ok(())
}

/// Keeps this agent's answer until the relay has it; `false` if one stands already.
pub fn answer(db: &Connection, answer: &Answer) -> Result<bool, StoreError> {
    let added = db
        .prepare_cached(
            "INSERT OR IGNORE INTO answer (uid, at, body, state, not_before, fault) VALUES (?1, ?2, ?3, 0, 0, '')",
        )?
        .execute((&answer.entry.0[..], int(answer.at.0), codec::to_bytes(answer)))?;
    Ok(added > 0)
}

/// When this agent answered on this device, unless the relay refused it.
pub fn answered_at(db: &Connection, uid: EntryUid) -> Result<Option<Timestamp>, StoreError> {
    let mut query = db.prepare_cached("SELECT at FROM answer WHERE uid = ?1 AND state < 2")?;
    let at: Option<i64> = query.query_row([&uid.0[..]], |row| row.get(0)).optional()?;
    Ok(at.map(|at| Timestamp(uint(at))))
}

/// Answers that may leave now.
pub fn due_answers(db: &Connection, now: Timestamp, most: usize) -> Result<Vec<Answer>, StoreError> {
    let mut query = db.prepare_cached(&format!(
        "SELECT body FROM answer WHERE state = 0 AND not_before <= ?1 ORDER BY at LIMIT {most}"
    ))?;
    let rows = query.query_map([int(now.0)], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|body| codec::from_bytes(&body?, limits::FRAME).map_err(|_| StoreError::Corrupt)).collect()
}

/// When the next answer may leave that may not yet.
pub fn next_answer(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT min(not_before) FROM answer WHERE state = 0 AND not_before > ?1")?;
    let next: Option<i64> = query.query_row([int(now.0)], |row| row.get(0))?;
    Ok(next.map(|at| Timestamp(uint(at))))
}

/// The relay has this agent's answer.
pub fn answer_stands(db: &Connection, uid: EntryUid) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE answer SET state = 1 WHERE uid = ?1")?.execute([&uid.0[..]])?;
    Ok(())
}

/// The relay cannot take it yet.
pub fn put_answer_off(db: &Connection, uid: EntryUid, until: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE answer SET not_before = ?2 WHERE uid = ?1 AND state = 0")?
        .execute((&uid.0[..], int(until.0)))?;
    Ok(())
}

/// The relay will never take it.
pub fn answer_refused(db: &Connection, uid: EntryUid, code: FaultCode) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE answer SET state = 2, fault = ?2 WHERE uid = ?1")?
        .execute((&uid.0[..], code.as_str()))?;
    Ok(())
}

/// What was answered since is to be offered again: the relay has lost its log.
pub fn offer_answers_again(db: &Connection, since: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE answer SET state = 0, not_before = 0 WHERE state = 1 AND at >= ?1")?
        .execute([int(since.0)])?;
    Ok(())
}
