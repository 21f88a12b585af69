//! What must hold of messages that were changed: all members who have one show the same of it, it says
//! what its author and those who answered said last, and what was erased is nowhere.
//!
//! What somebody said who is no member any more may have come through or not; the same for all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use estafette_protocol::{EntryUid, ThreadId};
use rusqlite::Connection;

use super::{Said, Verdict, Written};
use crate::device::Phone;
use crate::world::World;

/// What stands in every text of a random day.
const MARK: &[u8] = b"de l'agent";

/// A message as a device shows it, with what became of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Item {
    erased: bool,
    text: String,
    /// Entry, text, and what it takes the place of.
    versions: Vec<(Vec<u8>, String, Vec<u8>)>,
    /// By agent.
    signs: BTreeMap<u32, String>,
}

fn rows<T>(database: &Connection, query: &str, thread: ThreadId, add: impl FnMut(&rusqlite::Row<'_>) -> T) {
    let mut add = add;
    let mut query = database.prepare_cached(query).unwrap();
    let mut rows = query.query([&thread.0[..]]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        add(row);
    }
}

fn uid(row: &rusqlite::Row<'_>, column: usize) -> EntryUid {
    EntryUid::from_slice(&row.get::<_, Vec<u8>>(column).unwrap()).expect("an identifier")
}

impl World {
    /// What was erased by somebody whose device is a member still, and by whom.
    pub(super) fn erased_items(&self) -> BTreeMap<EntryUid, Phone> {
        let changes = self.ledger.changes.iter().filter(|change| change.said == Said::Erased);
        changes.map(|change| (change.item, change.by)).collect()
    }

    /// The messages for which a device's unopened entries wait, by position.
    pub(super) fn awaited_items(&self, phone: Phone, thread: ThreadId) -> BTreeMap<u64, EntryUid> {
        let query = "SELECT position, item FROM unopened JOIN thread ON thread.id = unopened.thread
                     WHERE thread.uid = ?1 AND reason = 5";
        let mut items = BTreeMap::new();
        rows(&self.database(phone), query, thread, |row| {
            items.insert(row.get::<_, i64>(0).unwrap().unsigned_abs(), uid(row, 1));
        });
        items
    }

    fn items(&self, phone: Phone, thread: ThreadId) -> BTreeMap<EntryUid, Item> {
        let database = self.database(phone);
        let mut items: BTreeMap<EntryUid, Item> = BTreeMap::new();
        for message in self.timeline(phone, thread).into_iter().filter(|message| message.position > 0) {
            let (erased, text) = (message.erased, message.text);
            items.insert(message.uid, Item { erased, text, ..Item::default() });
        }
        let versions =
            "SELECT item, edition.uid, body, over FROM edition JOIN thread ON thread.id = edition.thread
                        WHERE thread.uid = ?1 ORDER BY edition.uid";
        rows(&database, versions, thread, |row| {
            let item = items.entry(uid(row, 0)).or_default();
            item.versions.push((row.get(1).unwrap(), row.get(2).unwrap(), row.get(3).unwrap()));
        });
        let signs = "SELECT reaction.item, agent, emoji FROM reaction
                     JOIN message ON message.uid = reaction.item JOIN thread ON thread.id = message.thread
                     WHERE thread.uid = ?1 ORDER BY reaction.position = 0, reaction.position, at";
        rows(&database, signs, thread, |row| {
            let item = items.entry(uid(row, 0)).or_default();
            item.signs.insert(row.get(1).unwrap(), row.get(2).unwrap());
        });
        items.values_mut().for_each(|item| item.signs.retain(|_, sign| !sign.is_empty()));
        items
    }

    pub(super) fn judge_items(&self, thread: ThreadId, verdict: &mut Verdict) {
        let members: Vec<Phone> =
            self.phones().into_iter().filter(|phone| self.is_member(*phone, thread)).collect();
        let all: Vec<_> = members.iter().map(|phone| (*phone, self.items(*phone, thread))).collect();
        for written in self.ledger.written.iter().filter(|written| written.thread == thread) {
            let liar = self.ledger.forged.get(&written.uid);
            let holders = all.iter().filter(|(phone, _)| Some(phone) != liar);
            let mut shown =
                holders.filter_map(|(phone, items)| items.get(&written.uid).map(|item| (*phone, item)));
            let Some((first, item)) = shown.next() else { continue };
            self.judge_item(first, written, item, &members, verdict);
            for (phone, other) in shown.filter(|(_, other)| *other != item) {
                let uid = written.uid;
                verdict.diverged.push(format!("{uid}: {phone:?} {other:?}, {first:?} {item:?}"));
                self.judge_item(phone, written, other, &members, verdict);
            }
        }
        self.judge_left_over(thread, &members, verdict);
    }

    /// One device's message against what was said about it.
    fn judge_item(
        &self,
        phone: Phone,
        written: &Written,
        item: &Item,
        members: &[Phone],
        verdict: &mut Verdict,
    ) {
        let uid = written.uid;
        let changes: Vec<_> = self.ledger.changes.iter().filter(|change| change.item == uid).collect();
        let erasure = changes.iter().find(|change| change.said == Said::Erased);
        match erasure {
            Some(change) if members.contains(&change.by) && !item.erased => {
                verdict.resurrected.push(format!("{phone:?} shows {uid}: {:?}", item.text));
            }
            None if item.erased => verdict.lost.push(format!("{phone:?} shows {uid} erased")),
            _ => {}
        }
        if item.erased {
            return;
        }
        let said = changes.iter().filter_map(|change| match &change.said {
            Said::Text(text) => Some((change.by, text.as_str())),
            _ => None,
        });
        let texts: Vec<(Phone, &str)> =
            std::iter::once((written.author, written.text.as_str())).chain(said).collect();
        let is_said = |text: &str| texts.iter().any(|(_, said)| *said == text);
        for text in item.versions.iter().map(|(_, text, _)| text).chain([&item.text]) {
            if !is_said(text) {
                verdict.forged.push(format!("{phone:?} shows {uid} as {text:?}"));
            }
        }
        let edits = &texts[1..];
        if last_of_one(edits, members).is_some_and(|last| last != item.text) {
            verdict.lost.push(format!("{phone:?} shows {uid} as {:?}, not as edited", item.text));
        }
        self.judge_signs(phone, uid, item, members, verdict);
    }

    fn judge_signs(
        &self,
        phone: Phone,
        uid: EntryUid,
        item: &Item,
        members: &[Phone],
        verdict: &mut Verdict,
    ) {
        let mut given: BTreeMap<u32, Vec<(Phone, &str)>> = BTreeMap::new();
        for change in self.ledger.changes.iter().filter(|change| change.item == uid) {
            if let Said::Sign(sign) = &change.said {
                let of_agent = given.entry(self.agent(change.by).0).or_default();
                of_agent.push((change.by, sign.as_deref().unwrap_or_default()));
            }
        }
        for (agent, sign) in &item.signs {
            if !given.get(agent).is_some_and(|given| given.iter().any(|(_, one)| one == sign)) {
                verdict.forged.push(format!("{phone:?} shows {sign} of agent {agent} at {uid}"));
            }
        }
        for (agent, given) in given {
            let shown = item.signs.get(&agent).map(String::as_str).unwrap_or_default();
            if last_of_one(&given, members).is_some_and(|last| last != shown) {
                verdict.lost.push(format!("{phone:?} shows {shown:?} of agent {agent} at {uid}"));
            }
        }
    }

    /// What is erased stands in no row of a member's device, and the relay has no bytes of it.
    fn judge_left_over(&self, thread: ThreadId, members: &[Phone], verdict: &mut Verdict) {
        let erased: BTreeSet<EntryUid> = self
            .erased_items()
            .into_iter()
            .filter(|(_, by)| members.contains(by))
            .map(|(item, _)| item)
            .filter(|item| self.ledger.written.iter().any(|one| one.uid == *item && one.thread == thread))
            .collect();
        if erased.is_empty() {
            return;
        }
        let mut entries = erased.clone();
        for phone in members {
            let changes = "SELECT change.uid, item FROM change JOIN thread ON thread.id = change.thread
                           WHERE thread.uid = ?1 AND item <> x''";
            rows(&self.database(*phone), changes, thread, |row| {
                if erased.contains(&uid(row, 1)) {
                    entries.insert(uid(row, 0));
                }
            });
            self.judge_rows(*phone, &erased, verdict);
        }
        let held = "SELECT entry.uid, author FROM entry JOIN thread ON thread.id = entry.thread
                    WHERE thread.name = ?1 AND length(sealed) > 0";
        rows(&self.relay_database(), held, thread, |row| {
            let (entry, author): (EntryUid, Vec<u8>) = (uid(row, 0), row.get(1).unwrap());
            let author = members.iter().find(|phone| self.device_id(**phone).0[..] == author[..]);
            if let Some(author) = author.filter(|_| entries.contains(&entry)) {
                verdict.left_over.push(format!("the relay has the bytes of {entry} by {author:?}"));
            }
        });
    }

    fn judge_rows(&self, phone: Phone, erased: &BTreeSet<EntryUid>, verdict: &mut Verdict) {
        let written = self.ledger.written.iter().filter(|written| erased.contains(&written.uid));
        // Each text of a message begins with its first.
        let texts: Vec<&str> = written.map(|written| written.text.as_str()).collect();
        let database = self.database(phone);
        for (table, query) in row_queries(&database) {
            let mut query = database.prepare_cached(query).unwrap();
            let mut rows = query.query([MARK]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let row: Vec<u8> = row.get(0).unwrap();
                let holds = |text: &&&str| row.windows(text.len()).any(|part| part == text.as_bytes());
                for text in texts.iter().filter(holds) {
                    verdict.left_over.push(format!("{phone:?} has {text:?} in {table}"));
                }
            }
        }
        let mut words = database
            .prepare_cached("SELECT 1 FROM message_text WHERE message_text MATCH ?1 LIMIT 1")
            .unwrap();
        for text in texts {
            let phrase = format!("\"{}\"", text.replace('\'', " "));
            if words.exists([phrase]).unwrap() {
                verdict.left_over.push(format!("{phone:?} finds {text:?}"));
            }
        }
    }
}

/// What somebody said last, if only one device said anything and it is a member.
fn last_of_one<'a>(said: &[(Phone, &'a str)], members: &[Phone]) -> Option<&'a str> {
    let (by, last) = said.last()?;
    (said.iter().all(|(other, _)| other == by) && members.contains(by)).then_some(*last)
}

/// For each table of a device's database, a query for the rows that hold some bytes: all such columns
/// in one piece. The search's index holds words, and is asked for them.
fn row_queries(database: &Connection) -> &'static [(String, String)] {
    static QUERIES: OnceLock<Vec<(String, String)>> = OnceLock::new();
    QUERIES.get_or_init(|| {
        let columns = "SELECT s.name, c.name FROM sqlite_schema AS s JOIN pragma_table_info(s.name) AS c
                       WHERE s.type = 'table' AND s.sql NOT LIKE 'CREATE VIRTUAL%'
                       AND s.name NOT LIKE 'message_text_%' AND c.type IN ('BLOB', 'TEXT')";
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut query = database.prepare(columns).unwrap();
        let mut rows = query.query(()).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let column: String = row.get(1).unwrap();
            tables.entry(row.get(0).unwrap()).or_default().push(format!("CAST(\"{column}\" AS BLOB)"));
        }
        let query = |columns: Vec<String>, table: &str| {
            let found: Vec<String> =
                columns.iter().map(|column| format!("instr({column}, ?1) > 0")).collect();
            let whole = columns.join(" || ");
            format!("SELECT CAST({whole} AS BLOB) FROM \"{table}\" WHERE {}", found.join(" OR "))
        };
        tables.into_iter().map(|(table, columns)| (table.clone(), query(columns, &table))).collect()
    })
}
