//! Messages as the screens read them, and entries that could not become one.

use estafette_protocol::chain::Placement;
use estafette_protocol::entry::WireEntry;
use estafette_protocol::{AgentNumber, DeviceId, EntryUid, Hash, Position, Timestamp, codec, limits};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{StoreError, fixed, int, uint, words};
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
    /// Agents whom it names.
    pub mentions: Vec<AgentNumber>,
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
    let mentions: Vec<u8> = message.mentions.iter().flat_map(|agent| agent.0.to_be_bytes()).collect();
    let added = db
        .prepare_cached(
            "INSERT INTO message (uid, thread, position, author, written_at, received_at, body, parents, form, document, mentions)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (uid) DO NOTHING",
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
            mentions,
        ))?;
    if added == 1 {
        words::add(db, message.uid)?;
    }
    Ok(added == 1)
}

/// The row of the thread of a message and the device that wrote it; nothing of one not known here.
pub fn author(db: &Connection, item: EntryUid) -> Result<Option<(i64, DeviceId)>, StoreError> {
    let mut query = db.prepare_cached("SELECT thread, author FROM message WHERE uid = ?1")?;
    let row = query.query_row([&item.0[..]], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)));
    row.optional()?.map(|(thread, author)| Ok((thread, DeviceId(fixed(author)?)))).transpose()
}

/// Puts another version's text in the place of the one that is shown.
pub fn set_text(db: &Connection, item: EntryUid, text: &str) -> Result<(), StoreError> {
    words::remove(db, item)?;
    db.prepare_cached("UPDATE message SET body = ?2, form = 1, document = ?3 WHERE uid = ?1 AND erased = 0")?
        .execute((&item.0[..], text, Document::Implied.bytes(text)))?;
    words::add(db, item)
}

/// Hides a message whose erasure has not reached the relay yet.
pub fn hide(db: &Connection, item: EntryUid) -> Result<(), StoreError> {
    words::remove(db, item)?;
    db.prepare_cached("UPDATE message SET erased = 2 WHERE uid = ?1 AND erased = 0")?
        .execute([&item.0[..]])?;
    Ok(())
}

/// Whether a message is hidden or erased.
pub fn is_hidden(db: &Connection, item: EntryUid) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached("SELECT erased > 0 FROM message WHERE uid = ?1")?;
    Ok(query.query_row([&item.0[..]], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// Leaves of a message nothing but that there was one.
pub fn erase(db: &Connection, item: EntryUid) -> Result<(), StoreError> {
    words::remove(db, item)?;
    db.prepare_cached(
        "UPDATE message SET body = '', parents = x'', mentions = x'', form = 1, document = ?2, erased = 1
         WHERE uid = ?1",
    )?
    .execute((&item.0[..], Document::Implied.bytes("")))?;
    db.prepare_cached("DELETE FROM unopened WHERE item = ?1")?.execute([&item.0[..]])?;
    Ok(())
}

/// Forgets a message that never left this device.
pub fn forget(db: &Connection, item: EntryUid) -> Result<(), StoreError> {
    words::remove(db, item)?;
    db.prepare_cached("DELETE FROM message WHERE uid = ?1 AND position = 0")?.execute([&item.0[..]])?;
    Ok(())
}

/// Gives a message written here the place that the relay found for it.
pub fn place(
    db: &Connection,
    uid: EntryUid,
    position: Position,
    received_at: Timestamp,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE message SET position = ?2, received_at = ?3, awaited = 0
         WHERE uid = ?1 AND (position = 0 OR awaited > 0)",
    )?
    .execute((&uid.0[..], int(position.0), int(received_at.0)))?;
    Ok(())
}

/// Awaits every placed message of a thread anew: the log in which it had its place is lost. What
/// others wrote above `read_up_to` stays unread.
pub fn await_again(
    db: &Connection,
    thread: i64,
    own: DeviceId,
    read_up_to: Position,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE message SET awaited = CASE WHEN position > ?2 AND author <> ?3 THEN 2 ELSE 1 END
         WHERE thread = ?1 AND position > 0 AND awaited = 0",
    )?
    .execute((thread, int(read_up_to.0), &own.0[..]))?;
    Ok(())
}

/// Gives an awaited message of that author its place in the restored log. Whether it was read here;
/// `None` if none such is awaited.
pub fn come_back(
    db: &Connection,
    uid: EntryUid,
    author: DeviceId,
    position: Position,
    received_at: Timestamp,
) -> Result<Option<bool>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT awaited FROM message WHERE uid = ?1 AND author = ?2 AND awaited > 0")?;
    let awaited: Option<i64> = query.query_row((&uid.0[..], &author.0[..]), |row| row.get(0)).optional()?;
    let Some(awaited) = awaited else { return Ok(None) };
    place(db, uid, position, received_at)?;
    Ok(Some(awaited == 1))
}

/// Gives an awaited message its place where its entry cannot be opened again: sealed anew, under keys
/// from before this device came back to the roster. `false` if none of that name is awaited.
pub fn place_awaited(
    db: &Connection,
    thread: i64,
    uid: EntryUid,
    placement: Placement,
) -> Result<bool, StoreError> {
    let placed = db
        .prepare_cached(
            "UPDATE message SET position = ?3, received_at = ?4, awaited = 0
             WHERE thread = ?1 AND uid = ?2 AND awaited > 0",
        )?
        .execute((thread, &uid.0[..], int(placement.position.0), int(placement.received_at.0)))?;
    Ok(placed == 1)
}

/// How many messages of a thread stood in a lost log and have not come back.
pub fn awaited_count(db: &Connection, thread: i64) -> Result<u64, StoreError> {
    let mut query = db.prepare_cached("SELECT count(*) FROM message WHERE thread = ?1 AND awaited > 0")?;
    Ok(uint(query.query_row([thread], |row| row.get(0))?))
}

/// Whether somebody else's message stands between two positions, both left out.
pub fn stands_between(
    db: &Connection,
    thread: i64,
    own: DeviceId,
    low: Position,
    high: Position,
) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT 1 FROM message WHERE thread = ?1 AND position > ?2 AND position < ?3 AND awaited = 0
         AND author <> ?4 LIMIT 1",
    )?;
    let found = query.query_row((thread, int(low.0), int(high.0), &own.0[..]), |_| Ok(())).optional()?;
    Ok(found.is_some())
}

/// How many messages of other devices stand above a position.
pub fn unread_above(
    db: &Connection,
    thread: i64,
    position: Position,
    own: &[DeviceId],
) -> Result<u64, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT author FROM message WHERE thread = ?1 AND position > ?2 AND awaited = 0 AND erased = 0",
    )?;
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
    /// It changes an item that is not here yet.
    ItemMissing,
}

impl Unopened {
    fn number(self) -> i64 {
        match self {
            Self::BeforeArrival => 0,
            Self::KeyMissing => 1,
            Self::Refused => 2,
            Self::Unknown => 3,
            Self::Erased => 4,
            Self::ItemMissing => 5,
        }
    }

    fn of(number: i64) -> Self {
        match number {
            0 => Self::BeforeArrival,
            1 => Self::KeyMissing,
            3 => Self::Unknown,
            4 => Self::Erased,
            5 => Self::ItemMissing,
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

/// Keeps an entry until the item comes that it changes.
pub fn wait_for_item(
    db: &Connection,
    thread: i64,
    position: Position,
    item: EntryUid,
    entry: &WireEntry,
) -> Result<(), StoreError> {
    keep_unopened(db, thread, position, Unopened::ItemMissing, entry)?;
    db.prepare_cached("UPDATE unopened SET item = ?3 WHERE thread = ?1 AND position = ?2")?.execute((
        thread,
        int(position.0),
        &item.0[..],
    ))?;
    Ok(())
}

/// Entries of a thread that wait for an item.
pub fn waiting_for_item(
    db: &Connection,
    thread: i64,
    item: EntryUid,
) -> Result<Vec<(Position, WireEntry)>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT position, entry FROM unopened WHERE item = ?2 AND item <> x'' AND thread = ?1 ORDER BY position",
    )?;
    let mut rows = query.query((thread, &item.0[..]))?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        waiting.push(read_waiting(row)?);
    }
    Ok(waiting)
}

fn read_waiting(row: &Row<'_>) -> Result<(Position, WireEntry), StoreError> {
    let entry: Vec<u8> = row.get(1)?;
    let entry = codec::from_bytes(&entry, limits::FRAME).map_err(|_| StoreError::Corrupt)?;
    Ok((Position(uint(row.get(0)?)), entry))
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
        waiting.push(read_waiting(row)?);
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
