//! Two acts with two phones of one agent: the second one arrives, then both edit one message.

use std::collections::BTreeSet;
use std::time::Instant;

use estafette_core::engine::Command;
use estafette_core::reader::{UnopenedCounts, VersionRow};
use estafette_protocol::EntryUid;
use estafette_protocol::texts::text;

use super::DemoError;
use super::day::VALVE;
use super::screen::Screen;
use super::town::{AMINE, CHLOE, LEA, PAUL, Town};
use crate::replay::ReplayError;

/// What Amine writes on the old phone in the place of [`VALVE`].
const OLDER: &str = "Vanne fermée rue des Lilas, secteur nord coupé jusqu’à 15:00.";
/// What he writes on the new one.
const NEWER: &str = "Vanne fermée rue des Lilas et rue du Parc, secteur nord coupé.";
/// The first text, both corrections, and the choice.
const TEXTS: usize = 4;

/// Amine's second phone has everything that he could read. Gives back its place among the phones.
pub fn arrives(town: &mut Town<'_>, said: &[&str], screen: &mut Screen) -> Result<usize, DemoError> {
    let language = screen.language();
    screen.chapter(&text(language, "demo-phone", &[]))?;
    screen.plain(&text(language, "demo-phone-how", &[]))?;
    let before = town.timeline(AMINE)?;
    let begun = Instant::now();
    let phone = town.another_phone(AMINE)?;
    let same = town.until(|town| Ok(town.timeline(phone)? == before))?;
    let seconds = begun.elapsed().as_secs();
    let texts: Vec<&str> = before.iter().map(|(_, text)| text.as_str()).collect();
    let thread = town.thread;
    let hidden = town.devices[phone].reader()?.unopened(thread).map_err(ReplayError::device)?;
    let whole = same && texts == said && hidden == UnopenedCounts::default();
    let arguments = [("messages", before.len().into()), ("seconds", seconds.into())];
    screen.fact("Amine", &text(language, "demo-phone-history", &arguments), whole)?;
    Ok(phone)
}

/// One message is edited on both phones at once, and its author chooses. Gives back what was written.
pub fn edited_on_both(
    town: &mut Town<'_>,
    phone: usize,
    screen: &mut Screen,
) -> Result<Vec<&'static str>, DemoError> {
    let language = screen.language();
    screen.chapter(&text(language, "demo-edit", &[]))?;
    let uid = town.timeline(AMINE)?.into_iter().find(|(_, text)| text == VALVE).map(|(uid, _)| uid);
    let uid = uid.ok_or_else(|| ReplayError::device("the message to be edited is not there"))?;
    let (before, devices) = (town.entries()?, town.devices.len());
    [AMINE, phone].into_iter().for_each(|who| town.devices[who].line.cut());
    screen.plain(&text(language, "demo-edit-how", &[]))?;
    edit(town, AMINE, uid, OLDER)?;
    edit(town, phone, uid, NEWER)?;
    let state = text(language, "state-waiting", &[]);
    let arguments = [("text", OLDER.into()), ("state", (&state).into())];
    let waits = current(town, AMINE, uid)? == [OLDER];
    screen.fact("Amine", &text(language, "demo-edit-here", &arguments), waits)?;
    let arguments = [("text", NEWER.into()), ("state", (&state).into())];
    let waits = current(town, phone, uid)? == [NEWER];
    screen.fact("Amine", &text(language, "demo-edit-there", &arguments), waits)?;
    // What could pass would have passed meanwhile.
    town.quiet_bytes_down(CHLOE);
    let others = text(language, "demo-edit-others", &[]);
    let mut old = town.entries()? == before;
    for who in [CHLOE, PAUL, LEA] {
        old &= town.shows(who, uid, VALVE)?;
    }
    screen.fact(&others, &text(language, "demo-edit-before", &[]), old)?;

    [AMINE, phone].into_iter().for_each(|who| town.devices[who].line.mend());
    let both = town.until(|town| beside_each_other(town, uid))?;
    let everybody = text(language, "demo-edit-everybody", &[]);
    let arguments = [("devices", devices.into())];
    screen.fact(
        &everybody,
        &text(language, "demo-edit-both", &arguments),
        both && town.entries()? == before + 2,
    )?;

    edit(town, phone, uid, NEWER)?;
    let chosen = town.until(|town| one_in_force(town, uid, NEWER))?;
    let arguments = [("text", NEWER.into()), ("devices", devices.into()), ("versions", TEXTS.into())];
    let kept = chosen && town.entries()? == before + 3;
    screen.fact("Amine", &text(language, "demo-edit-chosen", &arguments), kept)?;
    Ok(vec![OLDER, NEWER, NEWER])
}

fn edit(town: &Town<'_>, who: usize, item: EntryUid, text: &str) -> Result<(), DemoError> {
    town.command(who, Command::Edit { item, text: text.to_owned() }).map(drop)
}

fn versions(town: &mut Town<'_>, who: usize, uid: EntryUid) -> Result<Vec<VersionRow>, DemoError> {
    Ok(town.devices[who].reader()?.versions(uid).map_err(ReplayError::device)?)
}

/// The texts of a message that none has taken the place of, on one phone.
fn current(town: &mut Town<'_>, who: usize, uid: EntryUid) -> Result<Vec<String>, DemoError> {
    let versions = versions(town, who, uid)?.into_iter();
    Ok(versions.filter(|version| version.current).map(|version| version.body).collect())
}

/// Whether every phone has both corrections waiting for a choice, and shows the same one.
fn beside_each_other(town: &mut Town<'_>, uid: EntryUid) -> Result<bool, DemoError> {
    let first = current(town, AMINE, uid)?;
    let both = first.iter().map(String::as_str).collect::<BTreeSet<_>>() == BTreeSet::from([OLDER, NEWER]);
    let Some(shown) = first.last().filter(|_| both && first.len() == 2) else { return Ok(false) };
    for who in 0..town.devices.len() {
        let same = current(town, who, uid)? == first;
        if !same || !town.shows(who, uid, shown)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether every phone shows this text alone, with all that went before it.
fn one_in_force(town: &mut Town<'_>, uid: EntryUid, text: &str) -> Result<bool, DemoError> {
    for who in 0..town.devices.len() {
        let whole = versions(town, who, uid)?.len() == TEXTS;
        if !whole || current(town, who, uid)? != [text] || !town.shows(who, uid, text)? {
            return Ok(false);
        }
    }
    Ok(true)
}
