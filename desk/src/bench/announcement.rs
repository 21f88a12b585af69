//! An announcement to a thousand people in fifty teams: what its issuer sends, what one person
//! receives, and when the last one has it.
//!
//! The issuer's device sends the common ciphertext once and an entry for each team, in one request;
//! everybody else listens on an open socket. Real entries and a real common ciphertext; the groups
//! are founded as far as the relay can see them, as for the messages of the crowd.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use estafette_core::net::Connection;
use estafette_core::seal;
use estafette_protocol::announcement::{Announced, Announcement, Common, Replies};
use estafette_protocol::entry::{Deed, WireEntry};
use estafette_protocol::frame::{Content, Delivered, Delivery, Message, Request, RequestBody};
use estafette_protocol::{EntryUid, Position, RosterId, StatementNumber, Timestamp, codec};
use rand_chacha::ChaCha20Rng;
use tokio::runtime::Runtime;

use super::BenchError;
use super::crowd::{Counts, Team};
use super::figure::{Figure, milliseconds};
use super::office::Organisation;
use super::terminal::{PATIENCE, TEXT, Terminal, random, seal_deed};
use crate::clock;

/// How long the last one may take.
const LAST: Duration = Duration::from_secs(120);

/// Makes the teams' rosters of announcements, announces, and waits for the last device.
pub fn measure(
    runtime: &Runtime,
    organisation: &mut Organisation,
    teams: &mut [Team],
    counts: &Counts,
    rng: &mut ChaCha20Rng,
    print: &mut dyn FnMut(Figure),
) -> Result<(), BenchError> {
    let people: usize = teams.iter().map(|team| team.terminals.len()).sum::<usize>() - 1;
    let (rosters, mut connection) = runtime.block_on(prepare(organisation, teams))?;
    let issuer = issuer(teams)?;
    let (common, entries) = announced(issuer, &rosters, rng)?;
    let one = received(&entries[0], &common);
    let size = |body: &RequestBody| codec::to_bytes(&Request { id: 1, body: body.clone() }).len();
    let requests = vec![RequestBody::Common(common), RequestBody::Append { entries }];
    let sent: usize = requests.iter().map(size).sum();
    let before = counts.delivered.load(Ordering::Relaxed);
    let begun = Instant::now();
    runtime.block_on(issuer.exchange(&mut connection, requests))?;
    let accepted = begun.elapsed();
    // The issuer is in each of the teams and listens too; its own entries come by name and are not counted.
    while counts.delivered.load(Ordering::Relaxed) - before < people as u64 {
        if begun.elapsed() > LAST {
            let came = counts.delivered.load(Ordering::Relaxed) - before;
            return Err(BenchError::Other(format!("{came} of {people} people have the announcement")));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let last = begun.elapsed();
    let what = format!("an announcement of 100 characters to {people} people in {} teams", rosters.len());
    print(Figure::new(format!("{what}: sent by its issuer"), sent as f64, "bytes"));
    print(Figure::new(format!("{what}: received by one person"), one as f64, "bytes"));
    print(Figure::new(format!("{what}: accepted after"), milliseconds(accepted), "ms"));
    print(Figure::new(format!("{what}: the last has it after"), milliseconds(last), "ms"));
    Ok(())
}

fn issuer(teams: &mut [Team]) -> Result<&mut Terminal, BenchError> {
    teams
        .first_mut()
        .and_then(|team| team.terminals.first_mut())
        .ok_or_else(|| BenchError::other("nobody is there"))
}

async fn prepare(
    organisation: &mut Organisation,
    teams: &mut [Team],
) -> Result<(Vec<RosterId>, Connection), BenchError> {
    let lead = issuer(teams)?;
    let (agent, device) = (lead.agent, lead.device);
    let mut rosters = Vec::new();
    let mut founding = Vec::new();
    for (team, number) in teams.iter().zip(1..) {
        let members: Vec<_> = team.terminals.iter().map(|terminal| terminal.device).collect();
        let others: Vec<_> = members.iter().copied().filter(|member| *member != device).collect();
        rosters.push(organisation.office.announcements(number, (agent, device), &members).await?);
        founding.push(others);
    }
    let mut connection = Connection::open(&organisation.endpoint()?, PATIENCE).await?;
    let issuer = issuer(teams)?;
    issuer.catch_up(&mut connection).await?;
    for (roster, others) in rosters.iter().zip(founding) {
        let found = issuer.founding(*roster, &others);
        issuer.exchange(&mut connection, vec![found]).await?;
    }
    Ok((rosters, connection))
}

fn announced(
    issuer: &Terminal,
    rosters: &[RosterId],
    rng: &mut ChaCha20Rng,
) -> Result<(Common, Vec<WireEntry>), BenchError> {
    let (version, key) = (EntryUid(random(rng)), random::<32>(rng));
    let content = Announcement { text: TEXT.to_owned(), replies: Replies::Issuer };
    let sealed = seal::seal_common(&key, version, &codec::to_bytes(&content));
    let common = Common(sealed.ok_or_else(|| BenchError::other("too much"))?.into());
    let announced = Announced { version, common: common.hash(), corrects: None };
    let due = Timestamp(clock::now().0 + 3_600_000);
    let mut entries = Vec::new();
    for roster in rosters {
        let deed = Deed::Announce { key: key.into() };
        entries.push(seal_deed(issuer, deed, *roster, Some((announced, due)), rng)?.into());
    }
    Ok((common, entries))
}

/// The bytes of the delivery that brings an announcement to one person, head and cursor aside.
fn received(entry: &WireEntry, common: &Common) -> usize {
    let content = Content::Announcement { entry: entry.clone(), common: common.clone() };
    let placement = estafette_protocol::chain::Placement {
        position: Position(1),
        received_at: clock::now(),
        statement: StatementNumber(100),
    };
    let delivered = Delivered { thread: entry.thread, placement, content, previous: None };
    let delivery = Delivery {
        control: Vec::new(),
        entries: vec![delivered],
        slots: Vec::new(),
        gaps: Vec::new(),
        heads: Vec::new(),
        cursor: estafette_protocol::frame::Cursor::default(),
        more: false,
    };
    codec::to_bytes(&Message::Deliver(delivery)).len()
}
