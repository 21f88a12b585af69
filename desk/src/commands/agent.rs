//! What an agent does: read, write, look at hours, check the store, retire the computer.

use std::time::Duration;

use clap::Subcommand;
use estafette_core::engine::{Command, CommandAnswer, When};
use estafette_core::reader::{MessageState, Reader};
use estafette_protocol::hours::{HoursState, Reach};
use estafette_protocol::statement::Class;
use estafette_protocol::texts::text;
use estafette_protocol::{AgentNumber, EntryUid, FaultCode, Position, ThreadId, Timestamp};
use serde_json::json;

use crate::output;
use crate::session::{Desk, Failure, Session};

/// Without network a written message stays in the outbox; this long it is given to leave.
pub(super) const LEAVING: Duration = Duration::from_secs(10);

/// Commands of an agent.
#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// Montre les conversations / lists conversations
    Threads {
        /// Écoute d'abord le relais pendant tant de secondes / listens to the relay first
        #[arg(long, default_value_t = 0)]
        sync: u64,
    },
    /// Lit une conversation / reads a conversation
    Read {
        /// Conversation
        thread: ThreadId,
        /// Combien de messages, les plus récents / how many, newest
        #[arg(long, default_value_t = 50)]
        count: usize,
        /// Écoute d'abord le relais pendant tant de secondes / listens to the relay first
        #[arg(long, default_value_t = 0)]
        sync: u64,
    },
    /// Montre qui lit une conversation / shows who reads a conversation
    Members {
        /// Conversation
        thread: ThreadId,
    },
    /// Écrit un message / writes a message
    Write {
        /// Conversation
        thread: ThreadId,
        /// Texte / text
        text: String,
    },
    /// Répond à des messages / answers messages
    Reply {
        /// Conversation
        thread: ThreadId,
        /// Texte / text
        text: String,
        /// Messages auxquels il répond / messages answered
        #[arg(long = "to", required = true)]
        to: Vec<EntryUid>,
    },
    /// Ouvre la conversation avec un agent / opens the conversation with an agent
    Direct {
        /// Numéro de l'agent / agent's number
        agent: u32,
        /// Conversation personnelle / personal
        #[arg(long)]
        personal: bool,
    },
    /// Montre les horaires de l'agent / shows the agent's hours
    Hours,
    /// Vérifie la base de cet ordinateur / verifies this computer's database
    VerifyStore,
    /// Retire cet ordinateur, après avoir compté ce qui n'est pas parti / retires this computer
    Forget {
        /// Ne pas demander / do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Carries out an agent's command.
pub fn run(desk: &Desk, command: AgentCommand) -> Result<(), Failure> {
    match command {
        AgentCommand::Threads { sync } => threads(desk, sync),
        AgentCommand::Read { thread, count, sync } => read(desk, thread, count, sync),
        AgentCommand::Members { thread } => members(desk, thread),
        AgentCommand::Write { thread, text } => write(desk, thread, text, Vec::new()),
        AgentCommand::Reply { thread, text, to } => write(desk, thread, text, to),
        AgentCommand::Direct { agent, personal } => direct(desk, AgentNumber(agent), personal),
        AgentCommand::Hours => hours(desk),
        AgentCommand::VerifyStore => verify_store(desk),
        AgentCommand::Forget { yes } => forget(desk, yes),
    }
}

/// Lets the device listen for a while. Off duty nothing comes, and that is right.
pub(super) fn listen(session: &Session, seconds: u64) -> Result<(), Failure> {
    session.until(Duration::from_secs(seconds), || Ok(false)).map(drop)
}

fn threads(desk: &Desk, sync: u64) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    if sync > 0 {
        let session = desk.start(&ring)?;
        listen(&session, sync)?;
        session.stop();
    }
    // Announcements have a place of their own, `estafette announcements`.
    let rows = desk.reader(&ring)?.threads()?.into_iter();
    for row in rows.filter(|row| row.class != Class::Diffusion) {
        output::thread(desk, &row);
    }
    Ok(())
}

fn read(desk: &Desk, thread: ThreadId, count: usize, sync: u64) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    if sync > 0 {
        listen(&session, sync)?;
    }
    let mut reader = desk.reader(&ring)?;
    let zone = zone(&mut reader)?;
    let rows = reader.newest(thread, count)?;
    let highest = rows.iter().map(|row| row.position).max().unwrap_or(Position(0));
    for row in rows.iter().filter(|row| row.position > Position(0)) {
        output::message(desk, zone.as_deref(), row);
    }
    let before = reader.unopened(thread)?.before_arrival;
    for row in reader.unplaced(thread)? {
        output::message(desk, zone.as_deref(), &row);
    }
    if before > 0 && !desk.json {
        println!("{}", text(desk.language, "desk-before-arrival", &[("count", before.into())]));
        if reader.past_is_lost(thread)? {
            println!("{}", text(desk.language, "desk-past-lost", &[]));
        }
    }
    session.command(Command::Read { thread, up_to: highest })?;
    session.stop();
    Ok(())
}

fn members(desk: &Desk, thread: ThreadId) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let rows = desk.reader(&ring)?.members(thread)?;
    if rows.is_empty() {
        return Err(FaultCode::NotFound.into());
    }
    for row in rows {
        let number = row.agent.0.to_string();
        let name = row.name.as_ref().unwrap_or(&number);
        let parameters = [("name", name.into()), ("count", row.devices.into())];
        let sentence = match row.archive {
            true => text(desk.language, "desk-member-archive", &parameters),
            false => text(desk.language, "desk-member", &parameters),
        };
        let fields = json!({
            "agent": row.agent.0, "name": row.name, "archive": row.archive, "own": row.own,
            "devices": row.devices,
        });
        output::done(desk, &sentence, &fields);
    }
    Ok(())
}

fn write(desk: &Desk, thread: ThreadId, message: String, parents: Vec<EntryUid>) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    let answer = session.command(Command::Write {
        thread,
        text: message,
        parents,
        mentions: Vec::new(),
        when: When::Now,
    })?;
    let CommandAnswer::Written { uid, not_before } = answer else { return Err(FaultCode::Internal.into()) };
    let mut reader = desk.reader(&ring)?;
    let mut state = MessageState::Waiting;
    let limit = if not_before.is_some() { Duration::ZERO } else { LEAVING };
    session.until(limit, || {
        let rows = reader.newest(thread, 200)?.into_iter().chain(reader.unplaced(thread)?);
        state =
            rows.filter(|row| row.uid == uid).map(|row| row.state).next().unwrap_or(MessageState::Waiting);
        Ok(matches!(state, MessageState::Standing | MessageState::Refused(_)))
    })?;
    let zone = zone(&mut reader)?;
    session.stop();
    let (word, sentence) = match (state, not_before) {
        (MessageState::Standing, _) => ("standing", text(desk.language, "state-handed", &[])),
        (MessageState::Refused(code), _) => return Err(code.into()),
        (_, Some(at)) => {
            let when = output::local(zone.as_deref(), at);
            ("held", text(desk.language, "state-waiting-for-reopening", &[("when", (&when).into())]))
        }
        _ => ("waiting", text(desk.language, "state-waiting", &[])),
    };
    output::done(desk, &format!("{uid} · {sentence}"), &json!({ "message": uid.to_string(), "state": word }));
    Ok(())
}

fn direct(desk: &Desk, with: AgentNumber, personal: bool) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    let class = if personal { Class::Personnel } else { Class::Service };
    let answer = session.command(Command::Direct { class, with })?;
    session.stop();
    let CommandAnswer::Thread(thread) = answer else { return Err(FaultCode::Internal.into()) };
    output::done(desk, &thread.to_string(), &json!({ "thread": thread.to_string() }));
    Ok(())
}

pub(super) fn zone(reader: &mut Reader) -> Result<Option<String>, Failure> {
    let agent = reader.device()?.agent;
    let hours = match agent {
        Some(agent) => reader.registry()?.hours_of(agent),
        None => None,
    };
    Ok(hours.and_then(|hours| hours.calendars.first().map(|calendar| calendar.zone.clone())))
}

fn hours(desk: &Desk) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let device = reader.device()?;
    let agent = device.agent.ok_or(FaultCode::NotEnrolled)?;
    let hours = reader.registry()?.hours_of(agent);
    let Some(hours) = hours else {
        output::done(
            desk,
            &text(desk.language, "desk-hours-none", &[]),
            &json!({ "calendars": [], "state": "open" }),
        );
        return Ok(());
    };
    let now = Timestamp(crate::clock::now().0.saturating_add_signed(device.clock_offset));
    let calendars: Vec<(String, String)> =
        hours.calendars.iter().map(|calendar| (calendar.zone.clone(), calendar.week.to_string())).collect();
    let (word, sentence) = match hours.state(now, Reach::Duty) {
        HoursState::Open => ("open", text(desk.language, "duty-on", &[])),
        HoursState::Closed { reopens_at: Some(at) } => {
            let when = output::local(calendars.first().map(|(zone, _)| zone.as_str()), at);
            ("closed", text(desk.language, "desk-hours-closed", &[("when", (&when).into())]))
        }
        HoursState::Closed { reopens_at: None } => ("closed", text(desk.language, "duty-off", &[])),
    };
    if desk.json {
        let calendars: Vec<_> =
            calendars.iter().map(|(zone, week)| json!({ "zone": zone, "week": week })).collect();
        output::print(&json!({ "calendars": calendars, "state": word }));
    } else {
        for (zone, week) in calendars {
            println!("{zone}  {week}");
        }
        println!("{sentence}");
    }
    Ok(())
}

fn verify_store(desk: &Desk) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let findings = desk.reader(&ring)?.verify()?;
    if findings.is_empty() {
        output::done(desk, &text(desk.language, "desk-store-sound", &[]), &json!({ "findings": [] }));
        return Ok(());
    }
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    match desk.json {
        true => output::print(&json!({ "findings": lines })),
        false => lines.iter().for_each(|line| println!("{line}")),
    }
    Err(FaultCode::StoreCorrupt.into())
}

fn forget(desk: &Desk, yes: bool) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let unsent = desk.reader(&ring)?.outbox_count()?;
    let question = text(desk.language, "desk-forget-question", &[("count", unsent.into())]);
    if !yes && desk.ask(&question)? != text(desk.language, "desk-forget-word", &[]) {
        return Err(Failure::Usage(text(desk.language, "desk-nothing-done", &[])));
    }
    desk.folder.destroy()?;
    output::done(
        desk,
        &text(desk.language, "desk-forgotten", &[("count", unsent.into())]),
        &json!({ "unsent": unsent }),
    );
    Ok(())
}
