//! Whether a device's database is what the engine would have written.
//!
//! The chain of each thread is computed again from its entries, from h₀; messages are compared
//! with the log. A row that was removed, doubled, swapped or altered shows.

use std::collections::{BTreeMap, BTreeSet};

use estafette_protocol::{EntryUid, Position, ThreadId, chain};
use rusqlite::Connection;

use crate::store::messages;
use crate::store::threads::{self, Thread};
use crate::store::{StoreError, fixed, uint};

/// Something that a sound database cannot hold. Positions tell where, never what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// No entry at a position below the last one that joined.
    #[error("thread {thread}: no entry at position {position}")]
    EntryMissing {
        /// The thread.
        thread: ThreadId,
        /// Where.
        position: Position,
    },
    /// The chain's hash at an entry is not what the entries up to it make.
    #[error("thread {thread}: the chain breaks at position {position}")]
    ChainBroken {
        /// The thread.
        thread: ThreadId,
        /// Where first.
        position: Position,
    },
    /// One name at two positions.
    #[error("thread {thread}: the entry at position {position} stands twice")]
    EntryTwice {
        /// The thread.
        thread: ThreadId,
        /// The higher of the two.
        position: Position,
    },
    /// A message at a position where the log has another entry or none.
    #[error("thread {thread}: the message at position {position} is not the log's entry")]
    MessageMisplaced {
        /// The thread.
        thread: ThreadId,
        /// Where.
        position: Position,
    },
    /// An entry that is neither shown nor kept unopened.
    #[error("thread {thread}: the entry at position {position} is not shown")]
    MessageMissing {
        /// The thread.
        thread: ThreadId,
        /// Where.
        position: Position,
    },
    /// A text that is not its document's.
    #[error("thread {thread}: the text of the message at position {position} was altered")]
    TextAltered {
        /// The thread.
        thread: ThreadId,
        /// Where.
        position: Position,
    },
}

pub(super) fn verify(db: &Connection) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for thread in threads::all(db)? {
        let log = chain_findings(db, &thread, &mut findings)?;
        message_findings(db, &thread, &log, &mut findings)?;
    }
    Ok(findings)
}

/// Walks the log; gives back the name at each position.
fn chain_findings(
    db: &Connection,
    thread: &Thread,
    findings: &mut Vec<Finding>,
) -> Result<BTreeMap<u64, EntryUid>, StoreError> {
    let mut query = db.prepare_cached("SELECT position FROM entry WHERE thread = ?1 ORDER BY position")?;
    let positions =
        query.query_map([thread.row], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()?;
    let (mut log, mut names) = (BTreeMap::new(), BTreeSet::new());
    let (mut expected, mut hash, mut whole) = (1, chain::start(thread.id), true);
    for position in positions.into_iter().map(|position| Position(uint(position))) {
        let Some(entry) = threads::entry(db, thread.row, position)? else { continue };
        if !names.insert(entry.uid) {
            findings.push(Finding::EntryTwice { thread: thread.id, position });
        }
        log.insert(position.0, entry.uid);
        if position > thread.joined {
            continue;
        }
        for missing in expected..position.0 {
            findings.push(Finding::EntryMissing { thread: thread.id, position: Position(missing) });
            whole = false;
        }
        expected = position.0 + 1;
        if whole {
            hash = chain::next(hash, entry.hash, entry.placement);
            if entry.chain != Some(hash) {
                findings.push(Finding::ChainBroken { thread: thread.id, position });
                whole = false;
            }
        }
    }
    for missing in expected..=thread.joined.0 {
        findings.push(Finding::EntryMissing { thread: thread.id, position: Position(missing) });
        whole = false;
    }
    if whole && hash != thread.chain {
        findings.push(Finding::ChainBroken { thread: thread.id, position: thread.joined });
    }
    Ok(log)
}

fn message_findings(
    db: &Connection,
    thread: &Thread,
    log: &BTreeMap<u64, EntryUid>,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let mut query = db.prepare_cached(
        "SELECT position, uid, body, form, document, awaited FROM message WHERE thread = ?1 ORDER BY position, id",
    )?;
    let announced = announced(db, thread.row)?;
    let mut rows = query.query([thread.row])?;
    let mut shown = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let position = Position(uint(row.get(0)?));
        let uid = EntryUid(fixed(row.get(1)?)?);
        let (body, form, document): (String, i64, Vec<u8>) = (row.get(2)?, row.get(3)?, row.get(4)?);
        if !messages::text_holds(form, &document, &body) {
            findings.push(Finding::TextAltered { thread: thread.id, position });
        }
        // One that is awaited has no place in this log.
        if position == Position(0) || row.get::<_, i64>(5)? > 0 {
            continue;
        }
        let first = shown.insert(position.0);
        let named =
            |uid: &EntryUid| log.get(&position.0) == Some(uid) || announced.contains(&(position.0, *uid));
        if !named(&uid) || !first {
            findings.push(Finding::MessageMisplaced { thread: thread.id, position });
        }
    }
    let mut query = db.prepare_cached("SELECT position FROM unopened WHERE thread = ?1")?;
    let unopened = query.query_map([thread.row], |row| row.get::<_, i64>(0))?;
    for position in unopened {
        shown.insert(uint(position?));
    }
    let mut query = db.prepare_cached("SELECT position FROM change WHERE thread = ?1")?;
    for position in query.query_map([thread.row], |row| row.get::<_, i64>(0))? {
        shown.insert(uint(position?));
    }
    for position in log.keys().filter(|position| !shown.contains(*position)) {
        findings.push(Finding::MessageMissing { thread: thread.id, position: Position(*position) });
    }
    Ok(())
}

/// The versions that entries of a thread announce, by position.
fn announced(db: &Connection, thread: i64) -> Result<BTreeSet<(u64, EntryUid)>, StoreError> {
    let mut query = db.prepare_cached("SELECT position, version FROM announced WHERE thread = ?1")?;
    let rows = query.query_map([thread], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    rows.map(|row| {
        let (position, version) = row?;
        Ok((uint(position), EntryUid(fixed(version)?)))
    })
    .collect()
}
