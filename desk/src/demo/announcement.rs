//! An act with an announcement: two acknowledge it, and the third when her phone is back.

use std::time::Duration;

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::{AnnouncementRow, Counts, MessageState, Progress};
use estafette_protocol::announcement::Replies;
use estafette_protocol::texts::text;
use estafette_protocol::{EntryUid, ThreadId};

use super::screen::Screen;
use super::town::{AMINE, CHLOE, LEA, PAUL, Town};
use super::{DemoError, ledger};
use crate::clock;
use crate::replay::ReplayError;

/// What Léa announces.
const ROAD: &str = "Route de Vaux barrée ce soir, déviation par le pont neuf.";
/// Until when it is to be acknowledged.
const WANTED: Duration = Duration::from_secs(3600);
/// To whom it is addressed: all but Léa.
const PEOPLE: usize = 3;

/// Léa announces while Chloé's phone has no network. Gives back what was written.
pub fn announced(town: &mut Town<'_>, screen: &mut Screen) -> Result<Vec<&'static str>, DemoError> {
    let language = screen.language();
    screen.chapter(&text(language, "demo-announcement", &[]))?;
    let thread = roster(town)?;
    town.devices[CHLOE].line.cut();
    screen.plain(&text(language, "demo-announcement-how", &[]))?;
    let due = Some(clock::now().after(WANTED));
    let (threads, words, replies) = (vec![thread], ROAD.to_owned(), Replies::Issuer);
    let announce = Command::Announce { threads, text: words, due, replies };
    let CommandAnswer::Written { uid, .. } = town.command(LEA, announce)? else {
        return Err(ReplayError::device("a device answers something else").into());
    };
    let handed = town.until(|town| {
        Ok(shown(town, LEA, uid)?.is_some_and(|row| row.message.state == MessageState::Standing))
    })?;
    let asked = town.until(|town| Ok(asks(town, AMINE, uid)? && asks(town, PAUL, uid)?))?;
    let arguments = [("text", ROAD.into())];
    screen.fact("Amine, Paul", &text(language, "demo-announcement-asked", &arguments), handed && asked)?;
    for who in [AMINE, PAUL] {
        town.command(who, Command::Acknowledge { version: uid })?;
    }
    let chloe = town.agent(CHLOE);
    let two = town.until(|town| {
        let people = people(town, uid)?;
        let late = people.iter().any(|row| row.agent == chloe && row.progress == Progress::Unreached);
        let counts = Counts::of(&people);
        Ok(late && (counts.acknowledged, counts.people) == (PEOPLE - 1, PEOPLE))
    })?;
    let arguments = [("acknowledged", (PEOPLE - 1).into()), ("people", PEOPLE.into())];
    screen.fact("Léa", &text(language, "demo-announcement-late", &arguments), two)?;

    town.devices[CHLOE].line.mend();
    let asked = town.until(|town| asks(town, CHLOE, uid))?;
    screen.fact("Chloé", &text(language, "demo-announcement-back", &[]), asked)?;
    town.command(CHLOE, Command::Acknowledge { version: uid })?;
    let three = town.until(|town| Ok(Counts::of(&people(town, uid)?).acknowledged == PEOPLE))?;
    let arguments = [("people", PEOPLE.into())];
    screen.fact("Léa", &text(language, "demo-announcement-all", &arguments), three)?;
    let receipts = ledger::receipts(&town.relay_folder)? == PEOPLE as u64;
    let arguments = [("people", PEOPLE.into())];
    let relay = text(language, "demo-the-relay", &[]);
    screen.fact(&relay, &text(language, "demo-announcement-relay", &arguments), receipts)?;
    Ok(vec![ROAD])
}

/// The team's announcements, which Léa may make. Gives back their thread once all are in.
fn roster(town: &mut Town<'_>) -> Result<ThreadId, DemoError> {
    let registry = town.devices[LEA].reader()?.registry().map_err(ReplayError::device)?;
    let device = |who: usize, agent| {
        let first = registry.devices_of(agent).next().map(|record| record.certificate.device);
        first.ok_or_else(|| ReplayError::device(format!("phone {who} has no certificate")))
    };
    let team = registry.roster(town.thread.roster()).and_then(|roster| roster.team);
    let team = team.ok_or_else(|| ReplayError::device("the team has no number"))?;
    let mut members = Vec::new();
    for (who, seat) in town.seats.iter().enumerate() {
        members.push(device(who, seat.agent)?);
    }
    let leads = (town.seats[LEA].agent, members[LEA]);
    let roster = town.runtime.block_on(town.office.announcements(team.0, leads, &members))?;
    let thread = roster.first_thread();
    let joined = town.until(|town| {
        let mut all = true;
        for device in &mut town.devices {
            all &= device.is_member(thread)?;
        }
        Ok(all)
    })?;
    match joined {
        true => Ok(thread),
        false => Err(ReplayError::device("the team does not come to its announcements").into()),
    }
}

fn shown(town: &mut Town<'_>, who: usize, uid: EntryUid) -> Result<Option<AnnouncementRow>, DemoError> {
    Ok(town.devices[who].reader()?.announcement(uid).map_err(ReplayError::device)?)
}

fn asks(town: &mut Town<'_>, who: usize, uid: EntryUid) -> Result<bool, DemoError> {
    Ok(shown(town, who, uid)?.is_some_and(|row| row.message.body == ROAD && row.is_asked()))
}

fn people(
    town: &mut Town<'_>,
    uid: EntryUid,
) -> Result<Vec<estafette_core::reader::AddresseeRow>, DemoError> {
    Ok(town.devices[LEA].reader()?.addressees(uid, clock::now()).map_err(ReplayError::device)?)
}
