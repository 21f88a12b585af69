//! Two acts of one evening: an urgency that reaches only whoever is on call, and a phone that is lost.

use std::time::{Duration, Instant};

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::lease::Standing;
use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::hours::{Calendar, LegalBasis, Period, Rota, Turn, Week, Weekday, WeeklyInterval};
use estafette_protocol::statement::{Act, HoursScope, RevocationReason};
use estafette_protocol::texts::text;
use estafette_protocol::urgency::Terms;
use estafette_protocol::{AgentNumber, EntryUid, TeamNumber};

use super::DemoError;
use super::day::{PLACE, today};
use super::screen::Screen;
use super::town::{AMINE, CHLOE, LEA, Town};
use crate::clock;
use crate::replay::ReplayError;

/// What Léa writes in the storm.
const ROOF: &str = "Toit arraché rue Haute, il me faut une équipe.";
/// The team of the day.
const TEAM: TeamNumber = TeamNumber(1);
/// How long the evening lasts.
const EVENING: Duration = Duration::from_secs(2 * 3600);

/// Amine and Chloé are at home, Amine is on call. Gives back what was written.
pub fn storm(town: &mut Town<'_>, screen: &mut Screen) -> Result<Vec<&'static str>, DemoError> {
    let language = screen.language();
    screen.chapter(&text(language, "demo-storm", &[]))?;
    screen.plain(&text(language, "demo-storm-how", &[]))?;
    at_home(town)?;
    // What still travels must not be counted here.
    let before = town.quiet_bytes_down(CHLOE);

    let now = clock::now();
    let reason = text(language, "demo-storm-reason", &[]);
    let basis = LegalBasis::PERMANENT_PROTECTION;
    let terms = Terms { basis, reason: reason.clone(), until: now.after(EVENING) };
    let urgent = Command::Urgent { thread: town.thread, text: ROOF.to_owned(), terms, minutes: None };
    let CommandAnswer::Written { uid, .. } = town.command(LEA, urgent)? else {
        return Err(ReplayError::device("the urgency was not written").into());
    };
    let arguments = [("text", ROOF.into()), ("reason", (&reason).into())];
    let declared = town.devices[LEA].reader()?.urgency(uid).map_err(ReplayError::store)?.is_some();
    screen.fact("Léa", &text(language, "demo-storm-declared", &arguments), declared)?;
    let received = town.until(|town| town.shows(AMINE, uid, ROOF))?;
    screen.fact("Amine", &text(language, "demo-storm-on-call", &[]), received)?;
    let after = town.quiet_bytes_down(CHLOE);
    let nothing = after == before && town.row(CHLOE, uid)?.is_none();
    screen.fact("Chloé", &text(language, "demo-storm-at-home", &[("bytes", before.into())]), nothing)?;

    let answered = matches!(town.command(AMINE, Command::AnswerCall { entry: uid })?, CommandAnswer::Done);
    let amine = town.agent(AMINE);
    let told = town.until(|town| answered_by(town, uid, amine))?;
    screen.fact("Léa", &text(language, "demo-storm-answered", &[]), answered && told)?;
    let record = town.devices[AMINE].reader()?.interventions().map_err(ReplayError::store)?;
    screen.fact("Amine", &text(language, "demo-storm-record", &[]), record.len() == 1)?;
    Ok(vec![ROOF])
}

/// Léa may declare urgencies and Amine has the turn; then hours close for him and for Chloé.
fn at_home(town: &mut Town<'_>) -> Result<(), DemoError> {
    let (amine, chloe, lea) = (town.agent(AMINE), town.agent(CHLOE), town.agent(LEA));
    let now = clock::now();
    let covers = Period { from: now.before(Duration::from_secs(60)), until: now.after(EVENING) };
    let rota = Rota { covers, turns: vec![Turn { period: covers, order: vec![amine] }] };
    let acts = vec![Act::SetUrgencyRight { agent: lea, granted: true }, Act::SetRota { team: TEAM, rota }];
    town.runtime.block_on(town.office.state(acts))?;
    for who in [AMINE, CHLOE, LEA] {
        town.until(|town| {
            let registry = town.devices[who].reader()?.registry().map_err(ReplayError::store)?;
            Ok(registry.may_declare_urgency(lea))
        })?;
    }
    let today = today()?.weekday();
    let days = Weekday::ALL.into_iter().filter(|day| *day != today);
    let week = Week::new(days.map(|day| WeeklyInterval::new(day, 8 * 60, 17 * 60)));
    let calendar = Calendar::weekly(PLACE, week);
    let closed =
        |agent: AgentNumber| Act::SetCalendar { scope: HoursScope::Agent(agent), calendar: calendar.clone() };
    Ok(town.runtime.block_on(town.office.state(vec![closed(amine), closed(chloe)]))?)
}

fn answered_by(town: &mut Town<'_>, uid: EntryUid, agent: AgentNumber) -> Result<bool, DemoError> {
    let row = town.devices[LEA].reader()?.urgency(uid).map_err(ReplayError::store)?;
    Ok(row.is_some_and(|row| row.answered.iter().any(|answer| answer.agent == agent)))
}

/// Amine's second phone is lost: it is cut off, and destroys what it held.
pub fn lost(town: &mut Town<'_>, phone: usize, screen: &mut Screen) -> Result<(), DemoError> {
    let language = screen.language();
    screen.chapter(&text(language, "demo-lost", &[]))?;
    screen.plain(&text(language, "demo-lost-how", &[]))?;
    let device = town.devices[phone].identity()?;
    let held = town.timeline(phone)?.len();
    let begun = Instant::now();
    let revoke = Act::Revoke { device, reason: RevocationReason::Lost };
    town.runtime.block_on(town.office.state(vec![revoke]))?;
    let empty = town.until(|town| Ok(town.devices[phone].standing()? == Standing::Wiped))?;
    let seconds = begun.elapsed().as_secs_f64();
    let seconds = format!("{seconds:.1}").replace('.', &text(language, "demo-decimal", &[]));
    let lost = text(language, "demo-lost-phone", &[]);
    let arguments = [("messages", held.into()), ("seconds", (&seconds).into())];
    screen.fact(&lost, &text(language, "demo-lost-empty", &arguments), empty)?;
    let confirmed = town.until(|town| {
        let reply = town.runtime.block_on(town.office.ask(RequestBody::Contacts))?;
        let said = |contacts: &[estafette_protocol::lease::Contact]| {
            contacts.iter().any(|contact| contact.device == device && contact.wipe.is_some())
        };
        Ok(matches!(reply, Reply::Contacts { contacts } if said(&contacts)))
    })?;
    let relay = text(language, "demo-the-relay", &[]);
    screen.fact(&relay, &text(language, "demo-lost-confirmed", &[]), confirmed)?;
    let kept = !town.timeline(AMINE)?.is_empty();
    screen.fact("Amine", &text(language, "demo-lost-kept", &[]), kept)
}
