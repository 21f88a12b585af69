//! Messages as the screens read them, and entries that could not become one.

use estafette_protocol::entry::WireEntry;
use estafette_protocol::{DeviceId, EntryUid, Hash, Position, Timestamp, codec, limits};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, int, uint};
use crate::item;

/// A message to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its name.
    pub uid: EntryUid,
    /// Its place; 0 while the relay has not placed it.
    pub position: Position,
    /// The author's device.
    pub author: DeviceId,
    /// By the author's clock.
    pub written_at: Timestamp,
    /// By the relay's clock; 0 while it has not placed it.
    pub received_at: Timestamp,
    /// The text, untouched.
    pub body: String,
    /// What it answers.
    pub parents: Vec<EntryUid>,
    /// How the item's document is kept.
    pub document: Document,
}

/// How the automerge document of an item is kept beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// As the first version wrote it: the first change's actor.
    FirstVersion(item::ActorId),
    /// Never changed: it follows from the item's name and text.
    Implied,
}

impl Document {
    fn form(&self) -> i64 {
        match self {
            Self::FirstVersion(_) => 0,
            Self::Implied => 1,
        }
    }

    fn bytes(&self, text: &str) -> Vec<u8> {
        match self {
            Self::FirstVersion(actor) => [&actor[..], text.as_bytes()].concat(),
            Self::Implied => Hash::of(&[text.as_bytes()]).short().to_vec(),
        }
    }
}

/// Whether a row's text is the one that its document was kept for.
pub fn text_holds(form: i64, document: &[u8], text: &str) -> bool {
    match form {
        0 => item::read_first_version(document).is_ok_and(|(_, written)| written == text),
        1 => Hash::of(&[text.as_bytes()]).short() == document,
        _ => false,
    }
}

/// Stores a message, or nothing when its name is known.
pub fn insert(db: &Connection, thread: i64, message: &Message) -> Result<bool, StoreError> {
    let parents: Vec<u8> = message.parents.iter().flat_map(|parent| parent.0).collect();
    let added = db
        .prepare_cached(
            "INSERT INTO message (uid, thread, position, author, written_at, received_at, body, parents, form, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (uid) DO NOTHING",
        )?
        .execute((
            &message.uid.0[..],
            thread,
            int(message.position.0),
            &message.author.0[..],
            int(message.written_at.0),
            int(message.received_at.0),
            &message.body,
            parents,
            message.document.form(),
            message.document.bytes(&message.body),
        ))?;
    Ok(added == 1)
}

/// Gives a message written here the place that the relay found for it.
pub fn place(
    db: &Connection,
    uid: EntryUid,
    position: Position,
    received_at: Timestamp,
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE message SET position = ?2, received_at = ?3 WHERE uid = ?1 AND position = 0")?
        .execute((&uid.0[..], int(position.0), int(received_at.0)))?;
    Ok(())
}

/// How many messages of other devices stand above a position.
pub fn unread_above(
    db: &Connection,
    thread: i64,
    position: Position,
    own: &[DeviceId],
) -> Result<u64, StoreError> {
    let mut query = db.prepare_cached("SELECT author FROM message WHERE thread = ?1 AND position > ?2")?;
    let mut rows = query.query((thread, int(position.0)))?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let author: Vec<u8> = row.get(0)?;
        if !own.iter().any(|device| device.0[..] == author[..]) {
            count += 1;
        }
    }
    Ok(count)
}

/// Why an entry is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unopened {
    /// Sealed before this device was in the roster: « avant votre arrivée ».
    BeforeArrival,
    /// Its epoch's secret is not here yet.
    KeyMissing,
    /// It does not hold: another author, another thread, altered.
    Refused,
    /// Made by a newer version.
    Unknown,
    /// Its time was over before it came here.
    Erased,
}

impl Unopened {
    fn number(self) -> i64 {
        match self {
            Self::BeforeArrival => 0,
            Self::KeyMissing => 1,
            Self::Refused => 2,
            Self::Unknown => 3,
            Self::Erased => 4,
        }
    }

    fn of(number: i64) -> Self {
        match number {
            0 => Self::BeforeArrival,
            1 => Self::KeyMissing,
            3 => Self::Unknown,
            4 => Self::Erased,
            _ => Self::Refused,
        }
    }
}

/// Keeps an entry that cannot be shown.
pub fn keep_unopened(
    db: &Connection,
    thread: i64,
    position: Position,
    reason: Unopened,
    entry: &WireEntry,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO unopened (thread, position, reason, entry) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((thread, int(position.0), reason.number(), codec::to_bytes(entry)))?;
    Ok(())
}

/// Keeps the place of an entry whose bytes the relay has erased.
pub fn keep_erased(db: &Connection, thread: i64, position: Position) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO unopened (thread, position, reason, entry) VALUES (?1, ?2, ?3, x'')",
    )?
    .execute((thread, int(position.0), Unopened::Erased.number()))?;
    Ok(())
}

/// Forgets an entry that was opened after all.
pub fn forget_unopened(db: &Connection, thread: i64, position: Position) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM unopened WHERE thread = ?1 AND position = ?2")?
        .execute((thread, int(position.0)))?;
    Ok(())
}

/// Entries of a thread that wait for a secret, with or without those of before the arrival.
pub fn waiting_for_keys(
    db: &Connection,
    thread: i64,
    past: bool,
) -> Result<Vec<(Position, WireEntry)>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT position, entry FROM unopened WHERE thread = ?1 AND reason IN (1, ?2) ORDER BY position",
    )?;
    let mut rows = query.query((thread, if past { 0 } else { 1 }))?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        let entry: Vec<u8> = row.get(1)?;
        let entry = codec::from_bytes(&entry, limits::FRAME).map_err(|_| StoreError::Corrupt)?;
        waiting.push((Position(uint(row.get(0)?)), entry));
    }
    Ok(waiting)
}

/// How many entries of a thread are not shown, by reason.
pub fn unopened_counts(db: &Connection, thread: i64) -> Result<Vec<(Unopened, u64)>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT reason, count(*) FROM unopened WHERE thread = ?1 GROUP BY reason")?;
    let counts = query.query_map([thread], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    counts
        .map(|row| row.map(|(reason, count)| (Unopened::of(reason), uint(count))).map_err(Into::into))
        .collect()
}

/// Whether a message is known.
pub fn exists(db: &Connection, uid: EntryUid) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached("SELECT 1 FROM message WHERE uid = ?1")?;
    Ok(query.query_row([&uid.0[..]], |_| Ok(())).optional()?.is_some())
}
