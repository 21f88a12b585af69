//! Announcements and where they stand: versions, the entries that brought them, and what is sealed.

use estafette_protocol::announcement::{Announced, Common, Replies};
use estafette_protocol::{EntryUid, Hash, Position, StatementNumber, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, fixed, int, uint};

/// A version of an announcement, beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Its name, its common ciphertext, and what it corrects.
    pub announced: Announced,
    /// Until when an acknowledgement is wanted.
    pub due: Option<Timestamp>,
    /// Where answers go.
    pub replies: Replies,
    /// When the relay last reminded this agent; 0 for never.
    pub reminded_at: Timestamp,
}

/// Where an entry of a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The row of its thread.
    pub thread: i64,
    /// Its place; 0 while it has none.
    pub position: Position,
    /// The statement at which it was placed.
    pub statement: StatementNumber,
}

/// Keeps a version, once.
pub fn insert(db: &Connection, version: &Version) -> Result<(), StoreError> {
    let Announced { version: name, common, corrects } = version.announced;
    db.prepare_cached(
        "INSERT OR IGNORE INTO announcement (version, common, corrects, due, replies) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((
        &name.0[..],
        &common.0[..],
        corrects.map(|version| version.0.to_vec()).unwrap_or_default(),
        int(version.due.unwrap_or_default().0),
        i64::from(version.replies == Replies::Open),
    ))?;
    Ok(())
}

/// A version.
pub fn get(db: &Connection, version: EntryUid) -> Result<Option<Version>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT common, corrects, due, replies, reminded_at FROM announcement WHERE version = ?1",
    )?;
    let row = query.query_row([&version.0[..]], |row| {
        let blobs: (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        Ok((blobs, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?, row.get::<_, i64>(4)?))
    });
    let Some(((common, corrects), due, replies, reminded_at)) = row.optional()? else { return Ok(None) };
    Ok(Some(Version {
        announced: Announced {
            version,
            common: Hash(fixed(common)?),
            corrects: EntryUid::from_slice(&corrects),
        },
        due: Some(Timestamp(uint(due))).filter(|due| due.0 > 0),
        replies: if replies == 0 { Replies::Issuer } else { Replies::Open },
        reminded_at: Timestamp(uint(reminded_at)),
    }))
}

/// The version that came in the place of one.
pub fn corrected_by(db: &Connection, version: EntryUid) -> Result<Option<EntryUid>, StoreError> {
    let mut query = db
        .prepare_cached("SELECT version FROM announcement WHERE corrects = ?1 AND corrects <> x'' LIMIT 1")?;
    let found: Option<Vec<u8>> = query.query_row([&version.0[..]], |row| row.get(0)).optional()?;
    found.map(|version| fixed(version).map(EntryUid)).transpose()
}

/// The relay has reminded this agent of a version.
pub fn reminded(db: &Connection, version: EntryUid, at: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE announcement SET reminded_at = ?2 WHERE version = ?1")?
        .execute((&version.0[..], int(at.0)))?;
    Ok(())
}

/// An entry brings a version to a thread; placed already, it takes the new place.
pub fn stands(
    db: &Connection,
    entry: EntryUid,
    version: EntryUid,
    standing: Standing,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO announced (entry, version, thread, position, statement) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (entry) DO UPDATE SET position = excluded.position, statement = excluded.statement",
    )?
    .execute((
        &entry.0[..],
        &version.0[..],
        standing.thread,
        int(standing.position.0),
        int(standing.statement.0),
    ))?;
    Ok(())
}

/// The entries of a version and where they stand.
pub fn standings(db: &Connection, version: EntryUid) -> Result<Vec<(EntryUid, Standing)>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT entry, thread, position, statement FROM announced WHERE version = ?1 ORDER BY thread",
    )?;
    let rows = query.query_map([&version.0[..]], |row| {
        let standing = Standing {
            thread: row.get(1)?,
            position: Position(uint(row.get(2)?)),
            statement: StatementNumber(uint(row.get(3)?)),
        };
        Ok((row.get::<_, Vec<u8>>(0)?, standing))
    })?;
    rows.map(|row| row.map_err(StoreError::from).and_then(|(uid, at)| Ok((EntryUid(fixed(uid)?), at))))
        .collect()
}

/// Keeps a common ciphertext.
pub fn put_common(db: &Connection, common: &Common, own: bool) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO common (hash, body, own, sent) VALUES (?1, ?2, ?3, 0)")?
        .execute((&common.hash().0[..], &common.0[..], own))?;
    Ok(())
}

/// A common ciphertext, and whether the relay has it.
pub fn common(db: &Connection, hash: Hash) -> Result<Option<(Common, bool)>, StoreError> {
    let mut query = db.prepare_cached("SELECT body, sent FROM common WHERE hash = ?1")?;
    let row = query.query_row([&hash.0[..]], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)));
    Ok(row.optional()?.map(|(body, sent)| (Common(body.into()), sent)))
}

/// Notes whether the relay has a common ciphertext.
pub fn set_sent(db: &Connection, hash: Hash, sent: bool) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE common SET sent = ?2 WHERE hash = ?1")?.execute((&hash.0[..], sent))?;
    Ok(())
}

/// Another's was opened: it is not needed any more.
pub fn opened(db: &Connection, hash: Hash) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM common WHERE hash = ?1 AND own = 0")?.execute([&hash.0[..]])?;
    Ok(())
}

/// Forgets all of a version but its name.
pub fn erase(db: &Connection, version: EntryUid) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM common WHERE hash = (SELECT common FROM announcement WHERE version = ?1)",
    )?
    .execute([&version.0[..]])?;
    db.prepare_cached("DELETE FROM receipt WHERE version = ?1")?.execute([&version.0[..]])?;
    Ok(())
}

/// The relay's log is another one: it may have lost what it had, and places mean nothing.
pub fn begin_anew(db: &Connection) -> Result<(), StoreError> {
    db.execute_batch("UPDATE common SET sent = 0; UPDATE announced SET position = 0;")?;
    Ok(())
}
