//! What stands in the databases of devices and relay, as the tests read it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use estafette_core::lease::{self, LeaseRow, Standing};
use estafette_core::reader::Reader;
use estafette_core::store::{self, DatabaseKey, StoreError};
use estafette_protocol::entry::{EntryKind, Header};
use estafette_protocol::registry::Registry;
use estafette_protocol::{DeviceId, EntryUid, RosterId, StatementNumber, ThreadId, Timestamp, codec, limits};
use estafette_server::store::sqlite::FILE;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use crate::device::Phone;
use crate::world::World;

/// A message as a device shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// 0 while the relay has not placed it.
    pub position: u64,
    /// Its name.
    pub uid: EntryUid,
    /// The author's device.
    pub author: DeviceId,
    /// The text.
    pub text: String,
    /// What it answers.
    pub parents: Vec<EntryUid>,
    /// By the author's clock.
    pub written_at: Timestamp,
    /// By the relay's clock.
    pub received_at: Timestamp,
    /// Nothing is left of it but that there was one.
    pub erased: bool,
}

/// An entry as the relay keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where it stands.
    pub position: u64,
    /// Its name.
    pub uid: EntryUid,
    /// Roster generation and epoch that it is sealed under.
    pub sealed_under: (u32, u64),
    /// The last statement then.
    pub statement: StatementNumber,
    /// It makes an item, and its bytes are there.
    pub makes_item: bool,
    /// When the relay received it.
    pub received_at: Timestamp,
}

fn bytes<const N: usize>(column: &[u8]) -> [u8; N] {
    column.try_into().expect("an identifier")
}

impl World {
    /// The world's own connection to a device's database, kept open: opening costs more than reading.
    pub(crate) fn database(&self, phone: Phone) -> Rc<Connection> {
        let device = &self.devices[phone.0];
        let open = || Rc::new(store::open(&device.path, &device.passport.key).unwrap());
        Rc::clone(self.views.borrow_mut().entry(phone.0).or_insert_with(open))
    }

    /// The last statement when a roster's standing generation was founded; `None` for another one.
    pub(crate) fn founded_at(&self, roster: RosterId, generation: u32) -> Option<StatementNumber> {
        let query = "SELECT founded_at FROM roster WHERE roster = ?1 AND generation = ?2";
        let at = |row: &rusqlite::Row<'_>| row.get::<_, Option<i64>>(0);
        let found = self.relay_database().query_row(query, (&roster.0[..], generation), at);
        found.optional().unwrap().flatten().map(|at| StatementNumber(at.unsigned_abs()))
    }

    pub(crate) fn relay_database(&self) -> Connection {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(self.office.folder.join(FILE), flags).unwrap()
    }

    /// The messages of a thread on a device: the placed ones in their order, then the others.
    pub fn timeline(&self, phone: Phone, thread: ThreadId) -> Vec<Shown> {
        let database = self.database(phone);
        let mut query = database
            .prepare_cached(
                "SELECT position, message.uid, author, body, parents, written_at, received_at,
                        erased > 0
                 FROM message JOIN thread ON thread.id = message.thread WHERE thread.uid = ?1
                 ORDER BY position = 0, position, message.id",
            )
            .unwrap();
        let rows = query.query_map([&thread.0[..]], |row| {
            let (uid, author, parents): (Vec<u8>, Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?, row.get(4)?);
            Ok(Shown {
                position: row.get::<_, i64>(0)?.unsigned_abs(),
                uid: EntryUid(bytes(&uid)),
                author: DeviceId(bytes(&author)),
                text: row.get(3)?,
                parents: parents.chunks(16).map(|parent| EntryUid(bytes(parent))).collect(),
                written_at: Timestamp(row.get::<_, i64>(5)?.unsigned_abs()),
                received_at: Timestamp(row.get::<_, i64>(6)?.unsigned_abs()),
                erased: row.get(7)?,
            })
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// When a device was woken.
    pub fn wake_ups(&self, phone: Phone) -> Vec<Timestamp> {
        let device = self.device_id(phone);
        self.office.woken.iter().filter(|(_, woken)| *woken == device).map(|(at, _)| *at).collect()
    }

    /// How a device stands by its lease, as its rows say.
    pub fn standing(&self, phone: Phone) -> Standing {
        lease::Held::load(&self.database(phone)).unwrap().standing
    }

    /// What a person is told of the lease, looked at now.
    pub fn lease(&self, phone: Phone) -> LeaseRow {
        let device = &self.devices[phone.0];
        lease::look(&device.path, &device.passport.key, device.moment(self.now)).unwrap()
    }

    /// A device's file and its key.
    pub fn database_of(&self, phone: Phone) -> (PathBuf, DatabaseKey) {
        let device = &self.devices[phone.0];
        (device.path.clone(), device.passport.key.clone())
    }

    /// What the screens of a device read, unless it is locked.
    ///
    /// # Errors
    ///
    /// It is.
    pub fn open_reader(&self, phone: Phone) -> Result<Reader, StoreError> {
        let (path, key) = self.database_of(phone);
        Reader::open(&path, &key)
    }

    /// What the screens of a device read.
    pub fn reader(&self, phone: Phone) -> Reader {
        let device = &self.devices[phone.0];
        Reader::open(&device.path, &device.passport.key).unwrap()
    }

    /// Columns of a device's database in which one of these words stands.
    pub fn clear_bytes_with(&self, phone: Phone, words: &[&str]) -> Vec<String> {
        let database = self.database(phone);
        let mut query = database
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
            .unwrap();
        let tables: Vec<String> =
            query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        let mut found = Vec::new();
        for table in tables {
            let mut query = database.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
            let columns = query.column_count();
            let mut rows = query.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                for column in 0..columns {
                    let bytes = match row.get_ref(column).unwrap() {
                        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
                        _ => continue,
                    };
                    let holds = |word: &&str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
                    if words.iter().any(holds) {
                        found.push(format!("{table}, column {column}"));
                    }
                }
            }
        }
        found
    }

    /// The entries of a thread at the relay, with how many sealed bytes it has of each.
    pub fn relay_bytes_of(&self, thread: ThreadId) -> Vec<(EntryUid, usize)> {
        let database = self.relay_database();
        let mut query = database
            .prepare(
                "SELECT uid, length(sealed) FROM entry JOIN thread ON thread.id = entry.thread
                 WHERE thread.name = ?1 ORDER BY entry.position",
            )
            .unwrap();
        let rows = query.query_map([&thread.0[..]], |row| {
            Ok((EntryUid(bytes(&row.get::<_, Vec<u8>>(0)?)), row.get::<_, i64>(1)? as usize))
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// What others have written to a device, thread by thread, in order.
    pub fn inbox(&self, phone: Phone) -> Vec<EntryUid> {
        let own = self.device_id(phone);
        let threads = self.threads_of(phone);
        let shown = threads.into_iter().flat_map(|thread| self.timeline(phone, thread));
        shown.filter(|message| message.author != own).map(|message| message.uid).collect()
    }

    /// The threads that a device knows, in the order in which it learned of them.
    pub fn threads_of(&self, phone: Phone) -> Vec<ThreadId> {
        let database = self.database(phone);
        let mut query = database.prepare_cached("SELECT uid FROM thread ORDER BY id").unwrap();
        let rows = query.query_map([], |row| row.get::<_, Vec<u8>>(0));
        rows.unwrap().map(|uid| ThreadId(bytes(&uid.unwrap()))).collect()
    }

    /// Positions of a thread that a device keeps without showing them, and the number of the reason.
    pub fn unopened(&self, phone: Phone, thread: ThreadId) -> Vec<(u64, i64)> {
        let database = self.database(phone);
        let mut query = database
            .prepare_cached(
                "SELECT position, reason FROM unopened JOIN thread ON thread.id = unopened.thread
                 WHERE thread.uid = ?1 ORDER BY position",
            )
            .unwrap();
        let rows =
            query.query_map([&thread.0[..]], |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?)));
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// The codes of the faults that a device shows, oldest first.
    pub fn faults_shown(&self, phone: Phone) -> Vec<String> {
        let database = self.database(phone);
        let mut query = database.prepare_cached("SELECT code FROM fault ORDER BY seq").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// What a device has written and how far it is: 0 waiting, 1 leaving, 2 stands, 3 refused.
    pub fn outbox(&self, phone: Phone) -> BTreeMap<EntryUid, i64> {
        let database = self.database(phone);
        let mut query = database.prepare_cached("SELECT uid, state FROM outbox").unwrap();
        let rows = query.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).map(|(uid, state)| (EntryUid(bytes(&uid)), state)).collect()
    }

    /// The epochs of a roster, with their generation, whose secrets a device holds.
    pub fn epochs(&self, phone: Phone, roster: RosterId) -> BTreeSet<(u32, u64)> {
        &self.own_epochs(phone, roster) | &self.bundled_epochs(phone, roster)
    }

    /// Those that it was in.
    pub fn own_epochs(&self, phone: Phone, roster: RosterId) -> BTreeSet<(u32, u64)> {
        self.epochs_that(phone, roster, false)
    }

    /// Those that a member handed over.
    pub fn bundled_epochs(&self, phone: Phone, roster: RosterId) -> BTreeSet<(u32, u64)> {
        self.epochs_that(phone, roster, true)
    }

    fn epochs_that(&self, phone: Phone, roster: RosterId, bundled: bool) -> BTreeSet<(u32, u64)> {
        let database = self.database(phone);
        let query = "SELECT generation, epoch FROM epoch_secret WHERE roster = ?1 AND bundled = ?2";
        let mut query = database.prepare_cached(query).unwrap();
        let rows = query.query_map((&roster.0[..], bundled), |row| {
            Ok((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// Up to where a device knows that another has received a thread, and since when.
    pub fn marks(&self, phone: Phone, thread: ThreadId, other: Phone) -> (u64, Timestamp) {
        let database = self.database(phone);
        let query = "SELECT position, at FROM mark JOIN thread ON thread.id = mark.thread
                     WHERE uid = ?1 AND device = ?2 AND kind = 0";
        let row = database.query_row(query, (&thread.0[..], &self.device_id(other).0[..]), |row| {
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), Timestamp(row.get::<_, i64>(1)?.unsigned_abs())))
        });
        row.unwrap_or_default()
    }

    /// Kind and version of each mark of a device, as the relay holds them.
    pub fn slot_versions(&self, phone: Phone) -> Vec<(i64, u64)> {
        let database = self.relay_database();
        let query = "SELECT kind, version FROM slot WHERE device = ?1 ORDER BY thread, kind";
        let mut query = database.prepare(query).unwrap();
        let rows = query.query_map([self.device_id(phone).0], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// How many of a thread's messages are unread on a device.
    pub fn unread(&self, phone: Phone, thread: ThreadId) -> u64 {
        let database = self.database(phone);
        let query = "SELECT unread FROM thread WHERE uid = ?1";
        database.query_row(query, [&thread.0[..]], |row| row.get::<_, i64>(0)).unwrap().unsigned_abs()
    }

    /// The log of a thread as the relay keeps it.
    pub fn relay_log(&self, thread: ThreadId) -> Vec<Kept> {
        let database = self.relay_database();
        let mut query = database
            .prepare_cached(
                "SELECT entry.position, uid, header, entry.statement, entry.received_at FROM entry JOIN thread ON thread.id = entry.thread
                 WHERE thread.name = ?1 ORDER BY entry.position",
            )
            .unwrap();
        let rows = query.query_map([&thread.0[..]], |row| {
            let (uid, header): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
            let header: Option<Header> =
                (!header.is_empty()).then(|| codec::from_bytes(&header, limits::ENTRY).expect("a header"));
            Ok(Kept {
                position: row.get::<_, i64>(0)?.unsigned_abs(),
                // Screens know an announcement by its version, which is the same in all teams.
                uid: header
                    .as_ref()
                    .and_then(|header| header.announced)
                    .map_or(EntryUid(bytes(&uid)), |announced| announced.version),
                sealed_under: header.as_ref().map_or((0, 0), |header| (header.generation.0, header.epoch.0)),
                makes_item: header.is_some_and(|header| header.kind == EntryKind::Create),
                statement: StatementNumber(row.get::<_, i64>(3)?.unsigned_abs()),
                received_at: Timestamp(row.get::<_, i64>(4)?.unsigned_abs()),
            })
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// The threads that have a log at the relay.
    pub(crate) fn relay_threads(&self) -> Vec<ThreadId> {
        let database = self.relay_database();
        let mut query = database.prepare_cached("SELECT name FROM thread ORDER BY id").unwrap();
        let rows = query.query_map((), |row| Ok(ThreadId(bytes(&row.get::<_, Vec<u8>>(0)?))));
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// The statements as a device knows them.
    pub fn registry_of(&self, phone: Phone) -> &Registry {
        self.devices[phone.0].engine.as_ref().expect("the device runs").registry()
    }

    /// The statements as the administrator's computer knows them.
    pub fn registry(&self) -> &Registry {
        self.devices[0].engine.as_ref().expect("the administrator's computer runs").registry()
    }
}
