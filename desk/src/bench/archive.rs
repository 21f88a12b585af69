//! A device with 100,000 messages in 50 threads: what its screens wait for, and what comes on top.
//!
//! The two devices, their teams and the relay are real. The messages are put into the database of one
//! of them by the functions of the core's store that receiving calls, in one transaction: entry, row,
//! words for the search, chain and thread. Sealing and sending them would only take longer. What comes
//! on top of them is sealed, sent and received like anything else.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use estafette_core::engine::Engine;
use estafette_core::reader::Reader;
use estafette_core::store::messages::{Document, Message};
use estafette_core::store::threads::{self, LogEntry, Thread};
use estafette_core::store::{self, DatabaseKey, StoreError, editions, messages, outbox, tombstones};
use estafette_protocol::chain::{self, Placement};
use estafette_protocol::statement::{Act, History};
use estafette_protocol::{DeviceId, EntryUid, Hash, Position, StatementNumber, Timestamp};
use rand_chacha::ChaCha20Rng;
use rand_core::RngCore as _;
use rusqlite::Connection;
use tokio::runtime::Runtime;

use super::figure::{Figure, median, milliseconds, quantile};
use super::pair::{NAMES, Pair, durable_writes, key_of, wait_until};
use super::relay_process::{command, resident};
use super::{BenchError, Scale, dice};
use crate::clock;
use crate::replay::fleet::DATABASE;

/// Unread messages of each thread.
const UNREAD: u64 = 20;
/// Messages of a screen, and hits of a search.
const SCREEN: usize = 50;
/// What people write about; the first word stands in every other message.
const WORDS: [&str; 40] = [
    "vanne",
    "fermée",
    "rue",
    "des",
    "Lilas",
    "pompe",
    "arrêtée",
    "regard",
    "bouché",
    "près",
    "du",
    "lavoir",
    "équipe",
    "nord",
    "demain",
    "matin",
    "prévoir",
    "camion",
    "clé",
    "école",
    "chantier",
    "signalé",
    "riverain",
    "eau",
    "trouble",
    "pression",
    "basse",
    "compteur",
    "relevé",
    "fuite",
    "réparée",
    "tranchée",
    "ouverte",
    "barrière",
    "posée",
    "panneau",
    "déplacé",
    "pont",
    "écluse",
    "niveau",
];
/// The hidden command whose process's memory is measured.
const DEVICE_COMMAND: &str = "bench-device";
/// A word of three messages in a hundred thousand.
const RARE: &str = "hydrocureuse";

/// Fills a database, looks at it, adds to it.
pub fn measure(
    runtime: &Runtime,
    folder: &Path,
    scale: Scale,
    print: &mut dyn FnMut(Figure),
) -> Result<(), BenchError> {
    let mut pair = Pair::meet(runtime, folder)?;
    join_teams(runtime, &mut pair, scale.threads - 1)?;
    pair.sender.stop();
    pair.receiver.stop();
    let sender = pair.sender.identity()?;
    let device = folder.join(NAMES[1]);
    let (path, key) = (device.join(DATABASE), key_of(&device)?);
    let begun = Instant::now();
    let filled = fill(&path, &key, &pair, sender, scale)?;
    let what = format!("{} messages in {} threads", scale.stored, scale.threads);
    print(Figure::new(format!("{what}: filling the database"), begun.elapsed().as_secs_f64(), "s"));
    let size = std::fs::metadata(&path)?.len() as f64;
    print(Figure::new(format!("{what}: the database"), size / 1048576.0, "MiB"));
    screens(&path, &key, &filled, scale, print)?;
    let writes = durable_writes(&device, pair.thread, scale.repetitions * 10)?;
    print(Figure::new("durable local write there", median(&writes), "ms").target("< 5"));
    print(Figure::new("erasing one item there, durable", erase(&path, &key, &filled)?, "ms"));
    come_back(runtime, &mut pair, scale, print)?;
    pair.part();
    memory(&device, print)
}

/// Both devices come to more teams.
fn join_teams(runtime: &Runtime, pair: &mut Pair, count: usize) -> Result<(), BenchError> {
    let devices = [pair.sender.identity()?, pair.receiver.identity()?];
    let mut rosters = Vec::new();
    for _ in 0..count {
        let roster = runtime.block_on(pair.organisation.office.team())?;
        let admit = |device| Act::Admit { roster, device, history: History::None };
        let admissions = devices.map(admit).to_vec();
        runtime.block_on(pair.organisation.office.state(admissions))?;
        rosters.push(roster);
    }
    for roster in rosters {
        let thread = roster.first_thread();
        wait_until(|| Ok(pair.sender.is_member(thread)? && pair.receiver.is_member(thread)?))?;
    }
    Ok(())
}

/// The stored messages' threads, and one message.
struct Filled {
    threads: Vec<Thread>,
    item: EntryUid,
}

/// Puts messages into all threads but the one that the devices write in.
fn fill(
    path: &Path,
    key: &DatabaseKey,
    pair: &Pair,
    author: DeviceId,
    scale: Scale,
) -> Result<Filled, BenchError> {
    let mut rng = dice()?;
    let mut database = store::open(path, key).map_err(BenchError::other)?;
    let transaction = database.transaction().map_err(BenchError::other)?;
    let all = threads::all(&transaction).map_err(BenchError::other)?;
    let threads: Vec<Thread> = all.into_iter().filter(|thread| thread.id != pair.thread).collect();
    let each = scale.stored / threads.len().max(1) as u64;
    let now = clock::now();
    let mut filled = Filled { threads, item: EntryUid([0; 16]) };
    for (number, thread) in filled.threads.iter_mut().enumerate() {
        for position in 1..=each {
            // The past year, all threads side by side.
            let age = (each - position) * (365 * 86_400_000 / each) + number as u64 * 1000;
            let at = Timestamp(now.0.saturating_sub(age));
            let rare = number < 3 && position == each / 2;
            filled.item = put(&transaction, thread, (author, at), &text(&mut rng, rare), &mut rng)
                .map_err(BenchError::other)?;
        }
        thread.read_up_to = Position(each.saturating_sub(UNREAD));
        thread.unread = UNREAD.min(each);
        threads::update(&transaction, thread).map_err(BenchError::other)?;
    }
    transaction.commit().map_err(BenchError::other)?;
    store::truncate_log(&database).map_err(BenchError::other)?;
    Ok(filled)
}

/// What `Turn::receive` writes for an entry that it has opened.
pub(super) fn put(
    database: &Connection,
    thread: &mut Thread,
    (author, at): (DeviceId, Timestamp),
    text: &str,
    rng: &mut ChaCha20Rng,
) -> Result<EntryUid, StoreError> {
    let mut uid = EntryUid([0; 16]);
    rng.fill_bytes(&mut uid.0);
    let placement =
        Placement { position: thread.joined.next(), received_at: at, statement: StatementNumber(1) };
    let hash = Hash::of(&[&uid.0]);
    let chain = chain::next(thread.chain, hash, placement);
    let entry = LogEntry { uid, hash, placement, chain: Some(chain) };
    threads::insert_entry(database, thread.row, &entry, placement.received_at)?;
    let message = Message {
        uid,
        position: placement.position,
        author,
        written_at: at,
        received_at: at,
        body: text.to_owned(),
        parents: Vec::new(),
        mentions: Vec::new(),
        document: Document::Implied,
    };
    messages::insert(database, thread.row, &message)?;
    (thread.joined, thread.highest, thread.chain) = (placement.position, placement.position, chain);
    thread.last_at = thread.last_at.max(at);
    Ok(uid)
}

/// Some 100 characters.
pub(super) fn text(rng: &mut ChaCha20Rng, rare: bool) -> String {
    let first = if rng.next_u32().is_multiple_of(2) { WORDS[0] } else { WORDS[5] };
    let mut text = first.to_owned();
    while text.len() < 100 {
        text.push(' ');
        text.push_str(WORDS[1 + rng.next_u32() as usize % (WORDS.len() - 1)]);
    }
    if rare {
        text.push(' ');
        text.push_str(RARE);
    }
    text
}

/// What people wait for when they look.
fn screens(
    path: &Path,
    key: &DatabaseKey,
    filled: &Filled,
    scale: Scale,
    print: &mut dyn FnMut(Figure),
) -> Result<(), BenchError> {
    let open = || Reader::open(path, key).map_err(BenchError::other);
    let mut inbox = Vec::new();
    for _ in 0..scale.repetitions {
        let begun = Instant::now();
        let rows = open()?.threads().map_err(BenchError::other)?;
        inbox.push(milliseconds(begun.elapsed()));
        expect(rows.len(), scale.threads, "threads in the inbox")?;
    }
    print(Figure::new("open the database and read the inbox, cold", median(&inbox), "ms").target("< 20"));
    let mut newest = Vec::new();
    let mut reader = open()?;
    for thread in filled.threads.iter().take(scale.repetitions) {
        let begun = Instant::now();
        let rows = reader.newest(thread.id, SCREEN).map_err(BenchError::other)?;
        newest.push(milliseconds(begun.elapsed()));
        expect(rows.len(), SCREEN.min(thread.joined.0 as usize), "newest messages")?;
    }
    print(
        Figure::new("the newest 50 of a thread, each for the first time", median(&newest), "ms")
            .target("< 5"),
    );
    for (what, query, least) in [
        ("a rare word", RARE, 1),
        ("a word of every other message", WORDS[0], SCREEN),
        ("two words", "ecluse pompe", 1),
    ] {
        let mut lengths = Vec::new();
        for _ in 0..scale.repetitions {
            let begun = Instant::now();
            let hits = reader.search(query, SCREEN).map_err(BenchError::other)?;
            lengths.push(milliseconds(begun.elapsed()));
            if hits.len() < least {
                return Err(BenchError::Other(format!("{} hits for {what}", hits.len())));
            }
        }
        let figure = format!("search in all of it: {what}, the slowest of {}", scale.repetitions);
        print(Figure::new(figure, quantile(&lengths, 1.0), "ms").target("< 20"));
    }
    Ok(())
}

fn expect(found: usize, wanted: usize, what: &str) -> Result<(), BenchError> {
    match found == wanted {
        true => Ok(()),
        false => Err(BenchError::Other(format!("{found} {what} instead of {wanted}"))),
    }
}

/// What `Turn::erase_here` does, with the commit and the log emptied after it.
fn erase(path: &Path, key: &DatabaseKey, filled: &Filled) -> Result<f64, BenchError> {
    let mut database = store::open(path, key).map_err(BenchError::other)?;
    let Some(thread) = filled.threads.last() else { return Err(BenchError::other("no thread")) };
    let begun = Instant::now();
    let mut erased = || -> Result<bool, StoreError> {
        let transaction = database.transaction()?;
        tombstones::put(&transaction, filled.item, thread.row, clock::now())?;
        messages::erase(&transaction, filled.item)?;
        editions::erase(&transaction, filled.item)?;
        outbox::erase_item(&transaction, filled.item, None)?;
        messages::unread_above(&transaction, thread.row, thread.read_up_to, &[])?;
        transaction.commit()?;
        store::truncate_log(&database)
    };
    let emptied = erased().map_err(BenchError::other)?;
    let length = milliseconds(begun.elapsed());
    if emptied { Ok(length) } else { Err(BenchError::other("the log was not emptied")) }
}

/// The other has written for a week; this device starts, and somebody looks.
fn come_back(
    runtime: &Runtime,
    pair: &mut Pair,
    scale: Scale,
    print: &mut dyn FnMut(Figure),
) -> Result<(), BenchError> {
    durable_writes(&pair.folder.join(NAMES[0]), pair.thread, scale.writes)?;
    let thread = pair.thread;
    pair.sender.start(runtime.handle())?;
    wait_until(|| Ok(pair.sender.progress(thread)?.1 == 0))?;
    let sent = pair.sender.progress(thread)?.0;
    pair.sender.stop();
    let begun = Instant::now();
    pair.receiver.start(runtime.handle())?;
    wait_until(|| Ok(pair.receiver.progress(thread)?.0 >= sent))?;
    let figure = format!("start, connect, receive and apply {} messages on top", scale.writes);
    print(Figure::new(figure, milliseconds(begun.elapsed()), "ms").target("< 300 for applying alone"));
    let rows = pair.receiver.reader()?.threads().map_err(BenchError::other)?;
    expect(rows.len(), scale.threads, "threads in the inbox")?;
    let newest = pair.receiver.reader()?.newest(thread, SCREEN).map_err(BenchError::other)?;
    expect(newest.len(), SCREEN, "newest messages")?;
    let figure = "— and the inbox and the thread are on the screen: after a week away";
    print(Figure::new(figure, milliseconds(begun.elapsed()), "ms"));
    Ok(())
}

/// A device in a process of its own, which has nothing else to remember.
fn memory(device: &Path, print: &mut dyn FnMut(Figure)) -> Result<(), BenchError> {
    let mut child = command(DEVICE_COMMAND, device)?.stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    let grown = resident(child.id()).map(|bytes| bytes as f64);
    drop(child.stdin.take());
    child.wait()?;
    let before: f64 = line.trim().parse().map_err(|_| BenchError::other("the device did not open"))?;
    let figure = "memory of the device: engine, inbox, ten threads, a search";
    print(Figure::new(figure, (grown? - before) / 1048576.0, "MiB"));
    Ok(())
}

/// The child's side: says its memory, opens the device and its screens, and waits.
pub fn hold(device: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let before = resident(std::process::id())?;
    let (path, key) = (device.join(DATABASE), key_of(device)?);
    let _engine = Engine::open(&path, &key)?;
    let mut reader = Reader::open(&path, &key)?;
    for row in reader.threads()?.into_iter().take(10) {
        reader.newest(row.id, SCREEN)?;
    }
    reader.search(WORDS[0], SCREEN)?;
    println!("{before}");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
