//! Faults for the person to see. The newest few hundred are kept.

use estafette_protocol::{FaultCode, Timestamp};
use rusqlite::Connection;

use super::{StoreError, int, uint};

/// How many are kept.
const KEPT: i64 = 500;

/// Keeps a fault; `thread` is 0 where it concerns none.
pub fn note(db: &Connection, at: Timestamp, code: FaultCode, thread: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO fault (at, code, thread) VALUES (?1, ?2, ?3)")?.execute((
        int(at.0),
        code.as_str(),
        thread,
    ))?;
    db.prepare_cached("DELETE FROM fault WHERE seq <= (SELECT max(seq) FROM fault) - ?1")?.execute([KEPT])?;
    Ok(())
}

/// When a fault of this code was last noted, if it is still kept.
pub fn last(db: &Connection, code: FaultCode) -> Result<Option<Timestamp>, StoreError> {
    let mut query = db.prepare_cached("SELECT max(at) FROM fault WHERE code = ?1")?;
    let at: Option<i64> = query.query_row([code.as_str()], |row| row.get(0))?;
    Ok(at.map(|at| Timestamp(uint(at))))
}
