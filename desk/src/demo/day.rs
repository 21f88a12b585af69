//! The first two acts: a tunnel, and 17:00.

use std::time::Duration;

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::MessageState;
use estafette_protocol::frame::SlotKind;
use estafette_protocol::hours::{
    Calendar, Date, DutyPeriod, HoursState, Period, Reach, Week, Weekday, WeeklyInterval, Zone,
};
use estafette_protocol::statement::{Act, HoursScope};
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{AgentNumber, EntryUid, Timestamp};

use super::DemoError;
use super::screen::Screen;
use super::town::{AMINE, CHLOE, LEA, PAUL, Town};
use crate::clock;
use crate::replay::ReplayError;

/// What Amine writes without network.
pub const VALVE: &str = "Vanne fermée rue des Lilas, secteur nord coupé.";
/// What Léa writes to somebody who has gone home.
const METER: &str = "Paul, le compteur du gymnase fuit, tu y passes en premier.";
/// Where the team works.
pub const PLACE: &str = "Europe/Paris";
/// From the signature to the end of Paul's day: his phone must learn of it meanwhile.
const LAST_MOMENTS: Duration = Duration::from_secs(5);
/// The recall that ends the second act lasts so long.
const RECALL: Duration = Duration::from_secs(3600);
/// Clocks of relay and phones may differ a little even on one computer.
const EARLIER: Duration = Duration::from_secs(60);

/// Amine writes without network. Gives back what was written.
pub fn tunnel(town: &mut Town<'_>, screen: &mut Screen) -> Result<Vec<&'static str>, DemoError> {
    let language = screen.language();
    screen.chapter(&text(language, "demo-tunnel", &[]))?;
    town.devices[AMINE].line.cut();
    let before = town.entries()?;
    screen.plain(&text(language, "demo-tunnel-cut", &[]))?;
    let uid = town.write(AMINE, VALVE)?;
    let waits = town.state(AMINE, uid)? == Some(MessageState::Waiting);
    let state = text(language, "state-waiting", &[]);
    let arguments = [("text", VALVE.into()), ("state", (&state).into())];
    screen.fact(
        "Amine",
        &text(language, "demo-wrote", &arguments),
        waits && town.shows(AMINE, uid, VALVE)?,
    )?;
    // What could pass would have passed meanwhile.
    town.quiet_bytes_down(CHLOE);
    let nothing = town.entries()? == before;
    screen.fact(&relay(language), &text(language, "demo-relay-nothing", &[]), nothing)?;
    let nothing = town.row(CHLOE, uid)?.is_none();
    screen.fact("Chloé", &text(language, "demo-nothing-here", &[]), nothing)?;

    town.devices[AMINE].line.mend();
    screen.plain(&text(language, "demo-tunnel-mended", &[]))?;
    let handed = town.until(|town| Ok(town.state(AMINE, uid)? == Some(MessageState::Standing)))?;
    let arguments = [("state", text(language, "state-handed", &[]))];
    let arguments = arguments.each_ref().map(|(name, state)| (*name, state.into()));
    screen.fact("Amine", &text(language, "demo-state", &arguments), handed)?;
    let bytes = town.entries()? == before + 1;
    screen.fact(&relay(language), &text(language, "demo-relay-one", &[]), bytes)?;
    let received = town.until(|town| town.shows(CHLOE, uid, VALVE))?;
    let state = text(language, "state-received", &[]);
    let arguments = [("text", VALVE.into()), ("state", (&state).into())];
    screen.fact("Chloé", &text(language, "demo-shown", &arguments), received)?;
    let told = town.until(|town| received_by(town, AMINE, CHLOE, uid))?;
    screen.fact("Amine", &text(language, "demo-received-mark", &[]), told)?;
    Ok(vec![VALVE])
}

/// Paul has gone home; Léa writes; he is called back. Gives back what was written.
pub fn closing(town: &mut Town<'_>, screen: &mut Screen) -> Result<Vec<&'static str>, DemoError> {
    let language = screen.language();
    screen.chapter(&text(language, "demo-closing", &[]))?;
    screen.plain(&text(language, "demo-closing-how", &[]))?;
    // What still travels from the first act must not be counted here.
    town.quiet_bytes_down(PAUL);
    town.runtime.block_on(town.office.state(day_ends_soon(town.agent(PAUL))?))?;
    let mut reopens = None;
    town.until(|town| {
        reopens = closed_until(town)?;
        Ok(reopens.is_some())
    })?;
    let reopens = reopens.ok_or_else(|| ReplayError::device("Léa does not learn of Paul's hours"))?;
    let when = when(language, reopens)?;
    let home = text(language, "hours-closed-until", &[("when", (&when).into())]);
    screen.fact("Paul", &home, town.until(|town| off_duty(town, reopens))?)?;
    let (before, held) = (town.quiet_bytes_down(PAUL), town.entries()?);

    let uid = town.write(LEA, METER)?;
    let handed = town.until(|town| Ok(town.state(LEA, uid)? == Some(MessageState::Standing)))?;
    let states = [
        text(language, "state-handed", &[]),
        text(language, "state-will-be-delivered", &[("when", (&when).into())]),
    ];
    let arguments = [("text", METER.into()), ("state", (&states[0]).into()), ("later", (&states[1]).into())];
    let still = closed_until(town)? == Some(reopens);
    screen.fact("Léa", &text(language, "demo-wrote-off-duty", &arguments), handed && still)?;
    let others = town.until(|town| Ok(town.shows(AMINE, uid, METER)? && town.shows(CHLOE, uid, METER)?))?;
    screen.fact("Amine, Chloé", &text(language, "demo-on-duty", &[]), others)?;
    let kept = town.entries()? == held + 1;
    screen.fact(&relay(language), &text(language, "demo-relay-holds", &[]), kept)?;
    let after = town.quiet_bytes_down(PAUL);
    let nothing = after == before && town.row(PAUL, uid)?.is_none();
    screen.fact("Paul", &text(language, "demo-no-byte", &[("bytes", before.into())]), nothing)?;
    town.reopen(PAUL)?;
    town.until(|town| Ok(town.devices[PAUL].line.counted().down > after))?;
    let contact = town.quiet_bytes_down(PAUL) - after;
    let nothing = contact > 0 && town.row(PAUL, uid)?.is_none();
    screen.fact("Paul", &text(language, "demo-curious", &[("bytes", contact.into())]), nothing)?;
    recall(town, screen, uid)?;
    Ok(vec![METER])
}

/// Léa signs for it: Paul's hours open at once, and what waited arrives.
fn recall(town: &mut Town<'_>, screen: &mut Screen, uid: EntryUid) -> Result<(), DemoError> {
    let language = screen.language();
    screen.plain(&text(language, "demo-recall-how", &[]))?;
    let now = clock::now();
    let reason = text(language, "demo-recall-reason", &[]);
    let duty = DutyPeriod {
        period: Period { from: now.before(EARLIER), until: now.after(RECALL) },
        author: town.agent(LEA),
        reason: reason.clone(),
    };
    let act = Act::AddDuty { agent: town.agent(PAUL), duty };
    let stated = matches!(town.command(LEA, Command::State(vec![act]))?, CommandAnswer::Reply(_));
    let open = town.until(|town| Ok(closed_until(town)?.is_none()))?;
    let arguments = [("reason", (&reason).into())];
    screen.fact("Léa", &text(language, "demo-recall", &arguments), stated && open)?;
    town.reopen(PAUL)?;
    let received = town.until(|town| town.shows(PAUL, uid, METER))?;
    let state = text(language, "state-received", &[]);
    let arguments = [("text", METER.into()), ("state", (&state).into())];
    screen.fact("Paul", &text(language, "demo-shown", &arguments), received)
}

/// Paul works from eight to five, and today until midnight; but today he leaves in a moment.
///
/// His phone learns it while he is on duty; what strikes then is the relay's own clock.
fn day_ends_soon(paul: AgentNumber) -> Result<Vec<Act>, DemoError> {
    let today = today()?;
    let week = Weekday::ALL.map(|day| match day == today.weekday() {
        true => WeeklyInterval::new(day, 0, 24 * 60),
        false => WeeklyInterval::new(day, 8 * 60, 17 * 60),
    });
    let calendar = Calendar::weekly(PLACE, Week::new(week));
    let midnight = place()?.instant(today, 24 * 60).ok_or_else(|| ReplayError::device("no midnight"))?;
    let period = Period { from: clock::now().after(LAST_MOMENTS), until: midnight };
    Ok(vec![
        Act::SetCalendar { scope: HoursScope::Agent(paul), calendar },
        Act::GrantLeave { agent: paul, period },
    ])
}

fn place() -> Result<Zone, DemoError> {
    Zone::named(PLACE).ok_or_else(|| ReplayError::device("no such time zone").into())
}

/// Today, where the team works.
pub fn today() -> Result<Date, DemoError> {
    Ok(place()?.local_time(clock::now()).date)
}

/// "demain 08:00", or the date where it is not tomorrow.
fn when(language: Language, at: Timestamp) -> Result<String, DemoError> {
    let (now, local) = (today()?, place()?.local_time(at));
    let time = format!("{:02}:{:02}", local.minute / 60, local.minute % 60);
    let date = local.date.to_string();
    Ok(match local.date == now.next() {
        true => text(language, "demo-tomorrow", &[("time", (&time).into())]),
        false => text(language, "demo-another-day", &[("date", (&date).into()), ("time", (&time).into())]),
    })
}

/// When Paul's hours reopen, by what Léa's device knows; `None` while they are open.
fn closed_until(town: &mut Town<'_>) -> Result<Option<Timestamp>, DemoError> {
    hours(town, LEA)
}

/// Whether Paul's own device knows that he is off duty until then.
fn off_duty(town: &mut Town<'_>, reopens: Timestamp) -> Result<bool, DemoError> {
    Ok(hours(town, PAUL)? == Some(reopens))
}

fn hours(town: &mut Town<'_>, on: usize) -> Result<Option<Timestamp>, DemoError> {
    let paul = town.agent(PAUL);
    let registry = town.devices[on].reader()?.registry().map_err(ReplayError::device)?;
    let state = registry.hours_of(paul).map(|hours| hours.state(clock::now(), Reach::Duty));
    Ok(match state {
        Some(HoursState::Closed { reopens_at }) => reopens_at,
        _ => None,
    })
}

/// Whether a phone knows that another one has received a message.
fn received_by(town: &mut Town<'_>, author: usize, reader: usize, uid: EntryUid) -> Result<bool, DemoError> {
    let Some(row) = town.row(author, uid)? else { return Ok(false) };
    let (thread, agent) = (town.thread, town.agent(reader));
    let marks = town.devices[author].reader()?.marks(thread).map_err(ReplayError::device)?;
    Ok(row.position.0 > 0
        && marks.iter().any(|mark| {
            mark.agent == Some(agent) && mark.kind == SlotKind::Delivered && mark.position >= row.position
        }))
}

fn relay(language: Language) -> String {
    text(language, "demo-the-relay", &[])
}
