//! Official announcements on the command line: issuing, correcting, « Lu et compris », who has.

use std::time::Duration;

use clap::Subcommand;
use estafette_core::engine::{Command, CommandAnswer, When};
use estafette_core::reader::{
    AddresseeRow, AnnouncementRow, AnswerTo, Counts, MessageState, Progress, Reader,
};
use estafette_protocol::announcement::Replies;
use estafette_protocol::hours::Zone;
use estafette_protocol::statement::Class;
use estafette_protocol::texts::{Language, text};
use estafette_protocol::{EntryUid, FaultCode, ThreadId, Timestamp};
use serde_json::{Value, json};

use super::message::{LEAVING, named};
use super::read::listen;
use crate::output;
use crate::place::zone;
use crate::session::{Desk, Failure, Session};
use crate::written::says_something;

/// The zone in which a time is read where no calendar says another.
const PLACE: &str = "Europe/Paris";

/// Commands about announcements.
#[derive(Debug, Subcommand)]
pub enum AnnouncementCommand {
    /// Diffuse une consigne aux équipes / announces officially to teams
    Announce {
        /// Texte / text
        text: String,
        /// Équipe, par son nom ; plusieurs fois / team, by name; repeatable
        #[arg(long = "to", required_unless_present = "all")]
        to: Vec<String>,
        /// Toutes les équipes où l'agent peut diffuser / all teams
        #[arg(long, conflicts_with = "to")]
        all: bool,
        /// « Lu et compris » voulu avant cette heure, « 10:00 » ou « 2026-11-24 10:00 » / wanted before
        #[arg(long)]
        due: Option<String>,
        /// Les réponses vont à toute l'équipe / answers go to the whole team
        #[arg(long)]
        open_replies: bool,
    },
    /// Corrige une consigne ; la première version reste, barrée / corrects an announcement
    Correct {
        /// Consigne, par le début de son nom / announcement, by the first digits of its name
        announcement: String,
        /// Texte / text
        text: String,
        /// « Lu et compris » voulu avant cette heure ; sans cela, avant la même qu’avant / wanted before
        #[arg(long)]
        due: Option<String>,
        /// Ne demande plus « Lu et compris » / wants it no more
        #[arg(long, conflicts_with = "due")]
        no_due: bool,
    },
    /// « Lu et compris » / read and understood
    Ack {
        /// Consigne, par le début de son nom / announcement, by the first digits of its name
        announcement: String,
    },
    /// Répond à une consigne, là où son auteur le veut / answers an announcement
    Answer {
        /// Consigne, par le début de son nom / announcement, by the first digits of its name
        announcement: String,
        /// Texte / text
        text: String,
    },
    /// Montre les consignes, la plus récente d'abord / lists announcements
    Announcements {
        /// Combien / how many
        #[arg(long, default_value_t = 20)]
        count: usize,
        /// Écoute d'abord le relais pendant tant de secondes / listens to the relay first
        #[arg(long, default_value_t = 0)]
        sync: u64,
    },
    /// Montre qui a reçu, lu et compris une consigne / shows who has received, read, acknowledged
    Progress {
        /// Consigne, par le début de son nom / announcement, by the first digits of its name
        announcement: String,
        /// Écoute d'abord le relais pendant tant de secondes / listens to the relay first
        #[arg(long, default_value_t = 0)]
        sync: u64,
    },
}

/// Carries out a command about announcements.
pub fn run(desk: &Desk, command: AnnouncementCommand) -> Result<(), Failure> {
    match command {
        AnnouncementCommand::Announce { text, to, all: _, due, open_replies } => {
            let replies = if open_replies { Replies::Open } else { Replies::Issuer };
            issue(desk, due.as_deref(), |reader, due| {
                let threads = teams(desk, reader, &to)?;
                Ok(Command::Announce { threads, text, due, replies })
            })
        }
        AnnouncementCommand::Correct { announcement: version, text, due, no_due } => {
            issue(desk, due.as_deref(), |reader, due| {
                let version = named(reader, &version)?;
                let due = if no_due { None } else { standing_due(desk, reader, version, due)? };
                Ok(Command::Correct { version, text, due })
            })
        }
        AnnouncementCommand::Ack { announcement } => acknowledge(desk, &announcement),
        AnnouncementCommand::Answer { announcement, text } => answer(desk, &announcement, text),
        AnnouncementCommand::Announcements { count, sync } => list(desk, count, sync),
        AnnouncementCommand::Progress { announcement, sync } => progress(desk, &announcement, sync),
    }
}

/// The threads of teams by name; of all where none is named.
fn teams(desk: &Desk, reader: &mut Reader, names: &[String]) -> Result<Vec<ThreadId>, Failure> {
    let known = reader.may_announce_to()?;
    if known.is_empty() {
        return Err(FaultCode::Forbidden.into());
    }
    if names.is_empty() {
        return Ok(known.into_iter().map(|thread| thread.id).collect());
    }
    let find = |name: &String| {
        let named = known.iter().find(|thread| thread.title.as_ref() == Some(name));
        named.map(|thread| thread.id).ok_or_else(|| {
            Failure::Usage(text(desk.language, "desk-announce-no-team", &[("name", name.into())]))
        })
    };
    names.iter().map(find).collect()
}

/// Until when a correction is to be acknowledged: what was typed, else what stood while it is still to come.
fn standing_due(
    desk: &Desk,
    reader: &mut Reader,
    version: EntryUid,
    typed: Option<Timestamp>,
) -> Result<Option<Timestamp>, Failure> {
    let now = relay_time(reader)?;
    match (typed, reader.announcement(version)?.and_then(|row| row.due)) {
        (None, Some(stood)) if stood <= now => {
            Err(Failure::Usage(text(desk.language, "desk-correct-choose-due", &[])))
        }
        (typed, stood) => Ok(typed.or(stood)),
    }
}

fn issue(
    desk: &Desk,
    due: Option<&str>,
    command: impl FnOnce(&mut Reader, Option<Timestamp>) -> Result<Command, Failure>,
) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let (zone, now) = (zone(&mut reader)?, relay_time(&mut reader)?);
    let bad = || Failure::Usage(text(desk.language, "desk-bad-time", &[]));
    let due = due.map(|due| read_time(due, zone.as_deref(), now).ok_or_else(bad)).transpose()?;
    let command = command(&mut reader, due)?;
    let due = match &command {
        Command::Correct { due, .. } => *due,
        _ => due,
    };
    let session = desk.start(&ring)?;
    let CommandAnswer::Written { uid, not_before } = session.command(command)? else {
        return Err(FaultCode::Internal.into());
    };
    let limit = if not_before.is_some() { Duration::ZERO } else { LEAVING };
    let mut state = MessageState::Waiting;
    session.until(limit, || {
        state = reader.announcement(uid)?.map_or(MessageState::Waiting, |row| row.message.state);
        Ok(matches!(state, MessageState::Standing | MessageState::Refused(_)))
    })?;
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
    let fields = json!({ "announcement": uid.to_string(), "state": word, "due": due.map(|due| due.0) });
    output::done(desk, &format!("{} · {sentence}", reader.short_name(uid)?), &fields);
    Ok(())
}

/// The relay's time, as well as this device knows it.
fn relay_time(reader: &mut Reader) -> Result<Timestamp, Failure> {
    Ok(Timestamp(crate::clock::now().0.saturating_add_signed(reader.device()?.clock_offset)))
}

/// "10:00", the next one, or "2026-11-24 10:00", by the clocks of the place.
pub fn read_time(typed: &str, zone: Option<&str>, now: Timestamp) -> Option<Timestamp> {
    let zone = zone.and_then(Zone::named).or_else(|| Zone::named(PLACE))?;
    let (date, clock) = match typed.trim().split_once([' ', 'T']) {
        Some((date, clock)) => (Some(date), clock),
        None => (None, typed.trim()),
    };
    let (hours, minutes) = clock.split_once([':', 'h'])?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let minute = hours * 60 + minutes;
    let Some(date) = date else {
        let today = zone.local_time(now).date;
        let at = zone.instant(today, minute)?;
        return if at > now { Some(at) } else { zone.instant(today.next(), minute) };
    };
    let mut parts = date.splitn(3, '-');
    let (year, month, day) =
        (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    zone.instant(estafette_protocol::hours::Date::new(year, month, day)?, minute)
}

fn acknowledge(desk: &Desk, announcement: &str) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let version = named(&desk.reader(&ring)?, announcement)?;
    let session = desk.start(&ring)?;
    session.command(Command::Acknowledge { version })?;
    let reader = desk.reader(&ring)?;
    let mut handed = false;
    session.until(LEAVING, || {
        handed = reader.receipt_stands(version)?;
        Ok(handed)
    })?;
    session.stop();
    let sentence = match handed {
        true => text(desk.language, "desk-acknowledged", &[]),
        false => text(desk.language, "desk-acknowledged-waits", &[]),
    };
    let state = if handed { "standing" } else { "waiting" };
    output::done(desk, &sentence, &json!({ "announcement": version.to_string(), "state": state }));
    Ok(())
}

fn answer(desk: &Desk, announcement: &str, message: String) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    says_something(&message)?;
    let version = named(&desk.reader(&ring)?, announcement)?;
    let to = desk.reader(&ring)?.answer_to(version)?.ok_or(FaultCode::NotFound)?;
    let session = desk.start(&ring)?;
    let thread = match to {
        AnswerTo::Thread(thread) => thread,
        AnswerTo::Issuer(with) => direct(&session, with)?,
    };
    let command = Command::Write {
        thread,
        text: message,
        parents: vec![version],
        mentions: Vec::new(),
        when: When::Now,
    };
    let CommandAnswer::Written { uid, .. } = session.command(command)? else {
        return Err(FaultCode::Internal.into());
    };
    let mut reader = desk.reader(&ring)?;
    let mut handed = false;
    session.until(LEAVING, || {
        handed = reader.find(uid)?.is_some_and(|(_, row)| row.state == MessageState::Standing);
        Ok(handed)
    })?;
    session.stop();
    let sentence = match handed {
        true => text(desk.language, "state-handed", &[]),
        false => text(desk.language, "state-waiting", &[]),
    };
    let state = if handed { "standing" } else { "waiting" };
    let private = matches!(to, AnswerTo::Issuer(_));
    let fields = json!({
        "message": uid.to_string(), "thread": thread.to_string(), "to_issuer_alone": private, "state": state,
    });
    output::done(desk, &format!("{} · {sentence}", reader.short_name(uid)?), &fields);
    Ok(())
}

fn direct(session: &Session, with: estafette_protocol::AgentNumber) -> Result<ThreadId, Failure> {
    match session.command(Command::Direct { class: Class::Service, with })? {
        CommandAnswer::Thread(thread) => Ok(thread),
        _ => Err(FaultCode::Internal.into()),
    }
}

fn list(desk: &Desk, count: usize, sync: u64) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    if sync > 0 {
        listen(&session, sync)?;
    }
    let mut reader = desk.reader(&ring)?;
    let zone = zone(&mut reader)?;
    for row in reader.announcements(count)? {
        match desk.json {
            true => output::print(&fields(&row)),
            false => show(desk, zone.as_deref(), &reader, &row)?,
        }
        // What a person has seen of it, its issuer may know.
        if row.message.position.0 > 0 && !row.message.own {
            session.command(Command::Read { thread: row.thread, up_to: row.message.position })?;
        }
    }
    session.stop();
    Ok(())
}

fn fields(row: &AnnouncementRow) -> Value {
    json!({
        "announcement": row.message.uid.to_string(), "thread": row.thread.to_string(),
        "agent": row.message.agent.map(|agent| agent.0), "author": row.message.name,
        "written_at": row.message.written_at.0, "received_at": row.message.received_at.0,
        "text": row.message.body, "due": row.due.map(|due| due.0), "asked": row.is_asked(),
        "acknowledged_at": row.acknowledged.map(|at| at.0), "own": row.message.own,
        "open_replies": row.replies == Replies::Open, "erased": row.message.erased,
        "corrects": row.corrects.map(|version| version.to_string()),
        "corrected_by": row.corrected_by.map(|version| version.to_string()),
    })
}

fn show(desk: &Desk, zone: Option<&str>, reader: &Reader, row: &AnnouncementRow) -> Result<(), Failure> {
    let number = row.message.agent.map(|agent| agent.0.to_string()).unwrap_or_default();
    let author = output::printable(row.message.name.as_ref().unwrap_or(&number));
    let written = output::local(zone, row.message.written_at);
    let word = text(desk.language, "word-announcement", &[]);
    println!("▌ {} · {} · {author} · {written}", word.to_uppercase(), reader.short_name(row.message.uid)?);
    for line in row.message.body.lines().map(output::printable) {
        match row.corrected_by {
            // Struck, where the terminal can; the sentence below says it anyway.
            Some(_) => println!("▌   \u{1b}[9m{line}\u{1b}[29m"),
            None => println!("▌   {line}"),
        }
    }
    let due = row.due.map(|due| output::local(zone, due)).unwrap_or_default();
    let state = match (row.corrected_by, row.acknowledged) {
        (Some(version), _) => {
            let version = reader.short_name(version)?;
            text(desk.language, "desk-announcement-corrected", &[("version", (&version).into())])
        }
        (None, Some(at)) => {
            let when = output::local(zone, at);
            text(desk.language, "desk-announcement-acknowledged", &[("when", (&when).into())])
        }
        (None, None) if row.is_asked() => {
            text(desk.language, "desk-announcement-asked", &[("when", (&due).into())])
        }
        (None, None) => return Ok(()),
    };
    println!("▌ {state}");
    Ok(())
}

fn progress(desk: &Desk, announcement: &str, sync: u64) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    if sync > 0 {
        let session = desk.start(&ring)?;
        listen(&session, sync)?;
        session.stop();
    }
    let mut reader = desk.reader(&ring)?;
    let version = named(&reader, announcement)?;
    let row = reader.announcement(version)?.ok_or(FaultCode::NotFound)?;
    if !row.message.own {
        return Err(FaultCode::Forbidden.into());
    }
    let (zone, now) = (zone(&mut reader)?, relay_time(&mut reader)?);
    let people = reader.addressees(version, now)?;
    let counts = Counts::of(&people);
    let due = row.due.filter(|_| row.corrected_by.is_none() && !row.message.erased);
    let late = |row: &AddresseeRow| row.is_late(due, now);
    if desk.json {
        let people: Vec<Value> = people.iter().map(|row| person(row, late(row))).collect();
        output::print(&json!({
            "announcement": version.to_string(), "people": people, "counts": {
                "people": counts.people, "held": counts.held, "unreached": counts.unreached,
                "delivered": counts.delivered, "read": counts.read, "acknowledged": counts.acknowledged,
                "on_leave": counts.on_leave,
            },
        }));
        return Ok(());
    }
    for row in &people {
        println!("{}", line(desk, zone.as_deref(), row, late(row)));
    }
    let parameters = [
        ("acknowledged", counts.acknowledged.into()),
        ("people", counts.people.into()),
        ("leave", counts.on_leave.into()),
    ];
    println!("{}", text(desk.language, "desk-announcement-counts", &parameters));
    Ok(())
}

fn person(row: &AddresseeRow, late: bool) -> Value {
    let (word, at) = match row.progress {
        Progress::Waiting => ("waiting", None),
        Progress::Held { reopens_at } => ("held", Some(reopens_at)),
        Progress::Unreached => ("unreached", None),
        Progress::Delivered => ("delivered", None),
        Progress::Read => ("read", None),
        Progress::Acknowledged { at } => ("acknowledged", Some(at)),
    };
    json!({
        "agent": row.agent.0, "name": row.name, "progress": word, "at": at.map(|at| at.0),
        "on_leave": row.on_leave, "on_duty": row.on_duty, "late": late,
    })
}

fn line(desk: &Desk, zone: Option<&str>, row: &AddresseeRow, late: bool) -> String {
    let number = row.agent.0.to_string();
    let name = output::printable(row.name.as_ref().unwrap_or(&number));
    let words = progress_words(desk.language, row, |at| output::local(zone, at));
    match late {
        true => format!("{name} · {words} · {}", text(desk.language, "web-late", &[])),
        false => format!("{name} · {words}"),
    }
}

/// How far an announcement has come to a person, in words.
pub fn progress_words(language: Language, row: &AddresseeRow, shown: impl Fn(Timestamp) -> String) -> String {
    match row.progress {
        Progress::Acknowledged { at } => {
            let when = shown(at);
            text(language, "desk-announcement-acknowledged", &[("when", (&when).into())])
        }
        _ if row.on_leave => text(language, "desk-person-on-leave", &[]),
        Progress::Waiting => text(language, "state-waiting", &[]),
        Progress::Held { reopens_at: Timestamp::MAX } => text(language, "duty-off", &[]),
        Progress::Held { reopens_at } => {
            let when = shown(reopens_at);
            text(language, "state-will-be-delivered", &[("when", (&when).into())])
        }
        Progress::Unreached => text(language, "desk-person-unreached", &[]),
        Progress::Delivered => text(language, "state-received", &[]),
        Progress::Read => text(language, "state-read", &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_next_such_or_the_day_that_is_named() {
        let zone = Zone::named("Europe/Paris").unwrap();
        let day = |day| estafette_protocol::hours::Date::new(2026, 11, day).unwrap();
        let now = zone.instant(day(23), 9 * 60).unwrap();
        let read = |typed| read_time(typed, Some("Europe/Paris"), now);
        assert_eq!(read("10:00"), zone.instant(day(23), 600));
        assert_eq!(read("10h00"), zone.instant(day(23), 600));
        assert_eq!(read("08:00"), zone.instant(day(24), 480));
        assert_eq!(read("2026-11-27 07:30"), zone.instant(day(27), 450));
        for bad in ["", "10", "25:00", "10:60", "2026-13-01 10:00", "demain", "2026-11-27"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
