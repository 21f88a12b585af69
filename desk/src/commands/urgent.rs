//! Urgent messages on the command line: declaring one, approving another's, answering, and what concerned
//! the agent.
//!
//! Always true: before anything leaves, the author is told whom it reaches now, whom later and who is
//! called; `--dry-run` says that and sends nothing.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::{MessageState, Reader, UrgencyRow, UrgentAudience};
use estafette_protocol::hours::{LegalBasis, Period};
use estafette_protocol::statement::Act;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::urgency::{Approval, Asked, Audience, MINUTES, Terms};
use estafette_protocol::{AgentNumber, FaultCode, ThreadId, Timestamp};
use serde_json::{Value, json};

use super::announcements::read_time;
use super::message::{LEAVING, named};
use super::read::listen;
use crate::output::{self, printable};
use crate::place::Place;
use crate::session::{Desk, Failure};

/// The legal bases of the décret 2000-815, art. 3, II.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Basis {
    /// Protection des personnes et des biens (décret 2000-815, art. 3, II, a)
    Protection,
    /// Circonstances exceptionnelles, pour une durée limitée (art. 3, II, b)
    Circonstances,
}

impl From<Basis> for LegalBasis {
    fn from(basis: Basis) -> Self {
        match basis {
            Basis::Protection => Self::PERMANENT_PROTECTION,
            Basis::Circonstances => Self::EXCEPTIONAL_CIRCUMSTANCES,
        }
    }
}

/// A legal basis in words.
pub fn basis_words(language: Language, basis: LegalBasis) -> String {
    match basis {
        LegalBasis::PERMANENT_PROTECTION => text(language, "basis-protection", &[]),
        LegalBasis::EXCEPTIONAL_CIRCUMSTANCES => text(language, "basis-circumstances", &[]),
        other => text(language, "basis-other", &[("number", u32::from(other.0).into())]),
    }
}

/// How a message is made urgent.
#[derive(Debug, Args)]
pub struct UrgentArguments {
    /// En urgence : atteint tout de suite ceux qui sont d’astreinte / urgent: reaches those on call at once
    #[arg(long, requires_all = ["basis", "reason", "until"], conflicts_with_all = ["at_reopening", "mentions"])]
    pub urgent: bool,
    /// Fondement de l’urgence / its legal basis
    #[arg(long, value_enum, requires = "urgent")]
    basis: Option<Basis>,
    /// Motif, que le relais lit aussi / reason, which the relay reads too
    #[arg(long, requires = "urgent")]
    reason: Option<String>,
    /// Fin, par exemple 23:30, dans les 24 heures / its end, within 24 hours
    #[arg(long, requires = "urgent")]
    until: Option<String>,
    /// Minutes avant d’appeler le suivant, de 1 à 60 / minutes until the next one is called
    #[arg(long, requires = "urgent")]
    minutes: Option<u16>,
    /// Dit qui serait atteint, et n’envoie rien / says who would be reached, and sends nothing
    #[arg(long, requires = "urgent")]
    dry_run: bool,
}

/// Commands about urgent messages.
#[derive(Debug, Subcommand)]
pub enum UrgencyCommand {
    /// Montre les urgences et les dérogations qui vous ont concerné / lists urgencies and overrides
    Urgencies {
        /// Combien / how many
        #[arg(long, default_value_t = 20)]
        count: usize,
        /// Écoute d’abord le relais pendant tant de secondes / listens to the relay first
        #[arg(long, default_value_t = 0)]
        sync: u64,
    },
    /// Répond à une urgence : « j’y vais » / answers an urgent message
    Respond {
        /// Message, par les premiers signes de son nom / message, by the first digits of its name
        message: String,
    },
    /// Approuve qu’un autre agent atteigne plus de 200 personnes / approves another's urgency to many
    ApproveUrgency {
        /// Numéro de son auteur / its author's number
        author: u32,
        /// Conversation de l’équipe / the team's conversation
        thread: ThreadId,
        /// Fondement / legal basis
        #[arg(long, value_enum)]
        basis: Basis,
        /// Jusqu’à quand, par exemple 23:30 / until when
        #[arg(long)]
        until: String,
        /// Des dérogations pour cette équipe, au lieu d’un message / overrides for this team, not a message
        #[arg(long)]
        overrides: bool,
    },
    /// « Je prolonge mon service », une heure au plus / prolongs your service, an hour at most
    Prolong {
        /// Minutes, de 5 à 60 / minutes
        #[arg(long, default_value_t = 60)]
        minutes: u64,
        /// Montre ce que vous avez prolongé, et ne prolonge rien / lists what you prolonged, prolongs nothing
        #[arg(long)]
        list: bool,
    },
}

/// Carries out a command about urgent messages.
pub fn run(desk: &Desk, command: UrgencyCommand) -> Result<(), Failure> {
    match command {
        UrgencyCommand::Urgencies { count, sync } => list(desk, count, sync),
        UrgencyCommand::Respond { message } => respond(desk, &message),
        UrgencyCommand::ApproveUrgency { author, thread, basis, until, overrides } => {
            approve(desk, AgentNumber(author), thread, basis.into(), &until, overrides)
        }
        UrgencyCommand::Prolong { list: true, .. } => prolonged(desk),
        UrgencyCommand::Prolong { minutes, list: false } => prolong(desk, minutes),
    }
}

/// The end that was typed, by the clocks of the place.
fn end(desk: &Desk, place: &Place, typed: &str) -> Result<Timestamp, Failure> {
    let bad = || Failure::Usage(text(desk.language, "desk-bad-time", &[]));
    read_time(typed, place.name(), place.now).ok_or_else(bad)
}

/// Declares an urgency, after saying whom it reaches.
pub fn declare(desk: &Desk, thread: ThreadId, body: String, how: &UrgentArguments) -> Result<(), Failure> {
    let (Some(basis), Some(reason), Some(until)) = (how.basis, &how.reason, &how.until) else {
        return Err(FaultCode::OverrideInvalid.into());
    };
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let place = Place::of(&mut reader)?;
    let terms = Terms { basis: basis.into(), reason: reason.clone(), until: end(desk, &place, until)? };
    let audience = reader.urgent_audience(thread, place.now)?;
    let minutes = how.minutes.unwrap_or(MINUTES);
    if !desk.json {
        let lines = audience_lines(desk.language, &place, &reader, &audience, minutes)?;
        lines.iter().for_each(|line| println!("{line}"));
    }
    let mut fields = audience_fields(&audience);
    fields["until"] = terms.until.0.into();
    if how.dry_run {
        fields["dry_run"] = true.into();
        output::done(desk, &text(desk.language, "urgent-dry-run", &[]), &fields);
        return Ok(());
    }
    let session = desk.start(&ring)?;
    let command = Command::Urgent { thread, text: body, terms, minutes: how.minutes };
    let CommandAnswer::Written { uid, .. } = session.command(command)? else {
        return Err(FaultCode::Internal.into());
    };
    let mut state = MessageState::Waiting;
    session.until(LEAVING, || {
        state = reader.find(uid)?.map_or(MessageState::Waiting, |(_, row)| row.state);
        Ok(matches!(state, MessageState::Standing | MessageState::Refused(_)))
    })?;
    session.stop();
    let sentence = match state {
        MessageState::Refused(code) => return Err(code.into()),
        MessageState::Standing => text(desk.language, "urgent-sent", &[]),
        _ => text(desk.language, "urgent-waiting", &[]),
    };
    fields["message"] = uid.to_string().into();
    fields["state"] = state.as_str().into();
    output::done(desk, &format!("{} · {sentence}", reader.short_name(uid)?), &fields);
    Ok(())
}

fn names(language: Language, reader: &Reader, agents: &[AgentNumber]) -> Result<String, Failure> {
    let names = agents.iter().map(|agent| reader.shown_name(language, *agent));
    Ok(printable(&names.collect::<Result<Vec<_>, _>>()?.join(", ")))
}

/// Whom an urgent message would reach, and in which order, in words.
pub fn audience_lines(
    language: Language,
    place: &Place,
    reader: &Reader,
    audience: &UrgentAudience,
    minutes: u16,
) -> Result<Vec<String>, Failure> {
    let now = names(language, reader, &audience.now)?;
    let mut lines = match audience.now.len() {
        0 => vec![text(language, "urgent-now-nobody", &[])],
        count => vec![text(language, "urgent-now", &[("count", count.into()), ("names", (&now).into())])],
    };
    if let Some(first) = audience.later.iter().filter_map(|(_, at)| *at).min() {
        let when = place.soon(language, first);
        let said = [("count", audience.later.len().into()), ("when", (&when).into())];
        lines.push(text(language, "urgent-later", &said));
    } else if !audience.later.is_empty() {
        lines.push(text(language, "urgent-later-unknown", &[("count", audience.later.len().into())]));
    }
    let order = names(language, reader, &audience.order)?;
    lines.push(match audience.order.is_empty() {
        true => text(language, "urgent-order-nobody", &[]),
        false => {
            let said = [("names", (&order).into()), ("minutes", u32::from(minutes).into())];
            text(language, "urgent-order", &said)
        }
    });
    Ok(lines)
}

fn audience_fields(audience: &UrgentAudience) -> Value {
    let numbers = |agents: &[AgentNumber]| agents.iter().map(|agent| agent.0).collect::<Vec<_>>();
    let later = audience.later.iter();
    let later: Vec<_> =
        later.map(|(agent, at)| json!({ "agent": agent.0, "reopens_at": at.map(|at| at.0) })).collect();
    json!({ "now": numbers(&audience.now), "later": later, "order": numbers(&audience.order) })
}

fn list(desk: &Desk, count: usize, sync: u64) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    if sync > 0 {
        let session = desk.start(&ring)?;
        listen(&session, sync)?;
        session.stop();
    }
    let mut reader = desk.reader(&ring)?;
    let place = Place::of(&mut reader)?;
    for row in reader.urgencies(count)? {
        let body = reader.find(row.uid)?.map(|(_, message)| message.body).unwrap_or_default();
        if desk.json {
            let mut fields = urgency_fields(&row);
            fields["text"] = body.into();
            output::print(&fields);
            continue;
        }
        println!("{} · {}", reader.short_name(row.uid)?, place.local(row.placed_at));
        urgency_lines(desk.language, &place, &reader, &row)?.iter().for_each(|line| println!("    {line}"));
        body.lines().for_each(|line| println!("    {}", printable(line)));
    }
    for one in reader.overrides()? {
        let (from, until) = (place.local(one.period.from), place.local(one.period.until));
        let (basis, reason) = (basis_words(desk.language, one.basis), printable(&one.reason));
        let author = printable(&reader.shown_name(desk.language, one.author)?);
        let said = [
            ("from", (&from).into()),
            ("until", (&until).into()),
            ("basis", (&basis).into()),
            ("reason", (&reason).into()),
            ("author", (&author).into()),
        ];
        let fields = json!({
            "override": { "from": one.period.from.0, "until": one.period.until.0, "basis": one.basis.0,
                          "reason": one.reason, "author": one.author.0 },
        });
        output::done(desk, &text(desk.language, "urgent-override", &said), &fields);
    }
    Ok(())
}

/// What programs read of an urgency.
pub fn urgency_fields(row: &UrgencyRow) -> Value {
    let people = |people: &[Asked]| {
        people.iter().map(|one| json!({ "agent": one.agent.0, "at": one.at.0 })).collect::<Vec<_>>()
    };
    json!({
        "message": row.uid.to_string(), "thread": row.thread.map(|thread| thread.to_string()),
        "author": row.author.map(|agent| agent.0), "own": row.own, "basis": row.terms.basis.0,
        "reason": row.terms.reason, "until": row.terms.until.0, "received_at": row.placed_at.0,
        "minutes": row.minutes, "called": people(&row.asked), "answered": people(&row.answered),
        "called_until": Some(row.called_until.0).filter(|at| *at > 0),
        "own_answer": row.own_answer.map(|at| at.0), "unanswered_at": row.unanswered_at.map(|at| at.0),
    })
}

/// On what an urgency rests, and how far its call has come, in words.
pub fn urgency_lines(
    language: Language,
    place: &Place,
    reader: &Reader,
    row: &UrgencyRow,
) -> Result<Vec<String>, Failure> {
    let (basis, reason) = (basis_words(language, row.terms.basis), printable(&row.terms.reason));
    let until = place.spoken(language, row.terms.until);
    let author = row.author.map(|agent| reader.shown_name(language, agent)).transpose()?;
    let author = printable(&author.unwrap_or_default());
    let said = [
        ("basis", (&basis).into()),
        ("reason", (&reason).into()),
        ("until", (&until).into()),
        ("author", (&author).into()),
    ];
    let mut lines = vec![text(language, "urgent-terms", &said)];
    let one = |asked: &Asked| -> Result<(String, String), Failure> {
        Ok((printable(&reader.shown_name(language, asked.agent)?), place.spoken(language, asked.at)))
    };
    for asked in &row.asked {
        let (name, when) = one(asked)?;
        lines.push(text(language, "urgent-called", &[("name", (&name).into()), ("when", (&when).into())]));
    }
    for answered in &row.answered {
        let (name, when) = one(answered)?;
        lines.push(text(language, "urgent-answered", &[("name", (&name).into()), ("when", (&when).into())]));
    }
    if row.called_until > place.now && row.own_answer.is_none() {
        let until = place.spoken(language, row.called_until);
        lines.push(text(language, "urgent-you-are-called", &[("until", (&until).into())]));
    }
    if let Some(at) = row.unanswered_at.filter(|_| row.answered.is_empty()) {
        let when = place.spoken(language, at);
        lines.push(text(language, "urgent-unanswered", &[("when", (&when).into())]));
    }
    Ok(lines)
}

fn respond(desk: &Desk, message: &str) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let entry = named(&reader, message)?;
    let session = desk.start(&ring)?;
    session.command(Command::AnswerCall { entry })?;
    // It leaves at once where there is a network; nothing more is to be done where there is none.
    listen(&session, 1)?;
    session.stop();
    let at = reader.urgency(entry)?.and_then(|row| row.own_answer);
    let fields = json!({ "message": entry.to_string(), "answered_at": at.map(|at| at.0) });
    output::done(desk, &text(desk.language, "urgent-responded", &[]), &fields);
    Ok(())
}

fn approve(
    desk: &Desk,
    author: AgentNumber,
    thread: ThreadId,
    basis: LegalBasis,
    until: &str,
    overrides: bool,
) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let place = Place::of(&mut reader)?;
    let until = end(desk, &place, until)?;
    let roster = thread.roster();
    let audience = match overrides {
        false => Audience::Roster(roster),
        true => {
            let team = reader.registry()?.roster(roster).and_then(|roster| roster.team);
            Audience::Team(team.ok_or(FaultCode::NotFound)?)
        }
    };
    let session = desk.start(&ring)?;
    session.state(vec![Act::ApproveUrgency { approval: Approval { author, audience, basis, until } }])?;
    session.stop();
    let (name, when) =
        (printable(&reader.shown_name(desk.language, author)?), place.spoken(desk.language, until));
    let said = [("name", (&name).into()), ("until", (&when).into())];
    let fields = json!({ "author": author.0, "thread": thread.to_string(), "until": until.0 });
    output::done(desk, &text(desk.language, "urgent-approved", &said), &fields);
    Ok(())
}

fn prolong(desk: &Desk, minutes: u64) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    // Longer than any day allows is refused like what is a little too long.
    let length = Duration::from_secs(minutes.min(24 * 60) * 60);
    session.command(Command::Prolong { length })?;
    session.stop();
    let (place, periods) = own_prolongations(&mut desk.reader(&ring)?)?;
    let last = periods.last().ok_or(FaultCode::Internal)?;
    say_prolonged(desk, &place, last);
    Ok(())
}

/// The agent's own record, as the chain has it.
fn prolonged(desk: &Desk) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let (place, periods) = own_prolongations(&mut desk.reader(&ring)?)?;
    periods.iter().for_each(|period| say_prolonged(desk, &place, period));
    Ok(())
}

fn own_prolongations(reader: &mut Reader) -> Result<(Place, Vec<Period>), Failure> {
    let place = Place::of(reader)?;
    let agent = reader.device()?.agent.ok_or(FaultCode::NotEnrolled)?;
    Ok((place, reader.registry()?.beside_calendars(agent).prolonged))
}

fn say_prolonged(desk: &Desk, place: &Place, period: &Period) {
    let (from, until) = (place.dated(desk.language, period.from), place.clock(period.until));
    let said = [("from", (&from).into()), ("until", (&until).into())];
    let fields = json!({ "from": period.from.0, "until": period.until.0 });
    output::done(desk, &text(desk.language, "desk-prolonged", &said), &fields);
}
