//! Notes: texts that the members of a conversation write together.
//!
//! `edit` compares the text that it is given with the one that stands here, and sends the difference as
//! made on that one: what others write meanwhile stays.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Subcommand;
use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::note::Splice;
use estafette_core::reader::{NoteRow, Reader};
use estafette_protocol::texts::text;
use estafette_protocol::{EntryUid, FaultCode, ThreadId, limits};
use serde_json::json;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use crate::output;
use crate::session::{Desk, Failure, Session};

/// Without network what was written stays in the outbox; this long it is given to leave.
const LEAVING: Duration = Duration::from_secs(10);
/// How long the smallest difference is looked for; a larger one does as well.
const COMPARING: Duration = Duration::from_secs(2);
/// The most bytes of a text that is read: no character takes more than four.
const LARGEST: u64 = 4 * limits::NOTE_CHARACTERS as u64;

/// Commands on notes.
#[derive(Debug, Subcommand)]
pub enum NoteCommand {
    /// Commence une note / begins a note
    New {
        /// Conversation
        thread: ThreadId,
        /// Titre, une ligne / title, one line
        title: String,
        /// Fichier du texte, - pour l'entrée standard ; sans lui la note est vide / file of the text
        file: Option<PathBuf>,
    },
    /// Montre les notes d'une conversation / lists the notes of a conversation
    List {
        /// Conversation
        thread: ThreadId,
        /// Écoute d'abord le relais pendant tant de secondes / listens to the relay first
        #[arg(long, default_value_t = 0)]
        sync: u64,
    },
    /// Montre le texte d'une note / shows a note's text
    Show {
        /// Note
        note: EntryUid,
        /// Écoute d'abord le relais pendant tant de secondes / listens to the relay first
        #[arg(long, default_value_t = 0)]
        sync: u64,
    },
    /// Remplace le texte d'une note, sans toucher à ce que d'autres écrivent / edits a note's text
    Edit {
        /// Note
        note: EntryUid,
        /// Fichier du texte entier, - pour l'entrée standard / file of the whole text
        #[arg(default_value = "-")]
        file: PathBuf,
    },
    /// Rejoue une séance d'écriture à travers un relais et des appareils réels / replays a writing session
    #[cfg(feature = "dev-attestation")]
    Replay(crate::replay::note_command::NoteReplayArguments),
}

/// Carries out a command on notes.
pub fn run(desk: &Desk, command: NoteCommand) -> Result<(), Failure> {
    match command {
        NoteCommand::New { thread, title, file } => new(desk, thread, title, file.as_deref()),
        NoteCommand::List { thread, sync } => list(desk, thread, sync),
        NoteCommand::Show { note, sync } => show(desk, note, sync),
        NoteCommand::Edit { note, file } => edit(desk, note, &file),
        // Judged before: its exit code tells more than done or not.
        #[cfg(feature = "dev-attestation")]
        NoteCommand::Replay(_) => Ok(()),
    }
}

/// A text from a file or the standard input, bounded before it is read.
fn read_text(desk: &Desk, file: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    match file == Path::new("-") {
        true => std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)?,
        false => std::fs::File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?,
    };
    if bytes.len() as u64 > LARGEST {
        return Err(FaultCode::TooLarge.into());
    }
    String::from_utf8(bytes).map_err(|_| Failure::Usage(text(desk.language, "desk-note-not-utf8", &[])))
}

fn new(desk: &Desk, thread: ThreadId, title: String, file: Option<&Path>) -> Result<(), Failure> {
    let first = file.map_or(Ok(String::new()), |file| read_text(desk, file))?;
    let ring = desk.unlock()?;
    let session = desk.start(&ring)?;
    let answer = session.command(Command::CreateNote { thread, title, text: first })?;
    let CommandAnswer::Written { uid, .. } = answer else { return Err(FaultCode::Internal.into()) };
    let sent = leave(&session, &mut desk.reader(&ring)?, uid)?;
    session.stop();
    told(desk, uid, sent);
    Ok(())
}

fn edit(desk: &Desk, note: EntryUid, file: &Path) -> Result<(), Failure> {
    let wanted = read_text(desk, file)?;
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    let (_, stands) = reader.note(note)?.ok_or(FaultCode::NotFound)?;
    let splices = difference(&stands.text, &wanted);
    if splices.is_empty() {
        output::done(
            desk,
            &text(desk.language, "desk-note-same", &[]),
            &json!({ "note": note.to_string(), "state": "unchanged" }),
        );
        return Ok(());
    }
    let session = desk.start(&ring)?;
    session.command(Command::EditNote { item: note, over: stands.version, splices })?;
    let sent = leave(&session, &mut reader, note)?;
    session.stop();
    told(desk, note, sent);
    Ok(())
}

/// Gives what was written some time to reach the relay; whether it has.
fn leave(session: &Session, reader: &mut Reader, note: EntryUid) -> Result<bool, Failure> {
    session.until(LEAVING, || Ok(reader.note(note)?.is_some_and(|(_, row)| !row.unsent)))
}

fn told(desk: &Desk, note: EntryUid, sent: bool) {
    let (word, sentence) = match sent {
        true => ("standing", text(desk.language, "state-handed", &[])),
        false => ("waiting", text(desk.language, "state-waiting", &[])),
    };
    output::done(desk, &format!("{note} · {sentence}"), &json!({ "note": note.to_string(), "state": word }));
}

fn listen(desk: &Desk, ring: &crate::folder::KeyRing, seconds: u64) -> Result<(), Failure> {
    if seconds > 0 {
        let session = desk.start(ring)?;
        session.until(Duration::from_secs(seconds), || Ok(false))?;
        session.stop();
    }
    Ok(())
}

fn list(desk: &Desk, thread: ThreadId, sync: u64) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    listen(desk, &ring, sync)?;
    for row in desk.reader(&ring)?.notes(thread)? {
        let characters = row.text.chars().count();
        let at = output::local(None, row.changed_at);
        let parameters =
            [("title", (&row.title).into()), ("count", characters.into()), ("when", (&at).into())];
        let sentence = text(desk.language, "desk-note", &parameters);
        output::done(desk, &format!("{} · {sentence}", row.message.uid), &fields(&row, false));
    }
    Ok(())
}

fn show(desk: &Desk, note: EntryUid, sync: u64) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    listen(desk, &ring, sync)?;
    let (_, row) = desk.reader(&ring)?.note(note)?.ok_or(FaultCode::NotFound)?;
    match desk.json {
        true => output::print(&fields(&row, true)),
        // As it is: what is shown can be edited and given back.
        false => print!("{}", row.text),
    }
    Ok(())
}

fn fields(row: &NoteRow, with_text: bool) -> serde_json::Value {
    let mut fields = json!({
        "note": row.message.uid.to_string(), "title": row.title, "author": row.message.agent.map(|agent| agent.0),
        "characters": row.text.chars().count(), "changed_at": row.changed_at.0, "unsent": row.unsent,
    });
    if with_text && let Some(fields) = fields.as_object_mut() {
        fields.insert("text".to_owned(), json!(row.text));
    }
    fields
}

/// What makes of one text the other, each step in what the ones before leave.
pub fn difference(from: &str, to: &str) -> Vec<Splice> {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let deadline = Instant::now() + COMPARING;
    let steps = capture_diff_slices_deadline(Algorithm::Myers, &from, &to, Some(deadline));
    // Places are counted here: those of the steps are not in what earlier ones leave.
    let (mut splices, mut position) = (Vec::new(), 0);
    for step in steps {
        let (deleted, new_index, new_len) = match step {
            DiffOp::Equal { len, .. } => {
                position += len;
                continue;
            }
            DiffOp::Delete { old_len, .. } => (old_len, 0, 0),
            DiffOp::Insert { new_index, new_len, .. } => (0, new_index, new_len),
            DiffOp::Replace { old_len, new_index, new_len, .. } => (old_len, new_index, new_len),
        };
        let inserted = to.iter().skip(new_index).take(new_len).collect();
        splices.push(Splice { position, deleted, inserted });
        position += new_len;
    }
    splices
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn applied(from: &str, splices: &[Splice]) -> String {
        let mut text: Vec<char> = from.chars().collect();
        for splice in splices {
            text.splice(splice.position..splice.position + splice.deleted, splice.inserted.chars());
        }
        text.into_iter().collect()
    }

    #[test]
    fn only_what_differs_is_sent() {
        let splices = difference("La pompe 3 est arrêtée.", "La pompe 4 est arrêtée 🌊.");
        let parts: Vec<_> =
            splices.iter().map(|one| (one.position, one.deleted, one.inserted.as_str())).collect();
        assert_eq!(parts, [(9, 1, "4"), (22, 0, " 🌊")]);
        assert_eq!(difference("é", "é"), []);
    }

    proptest! {
        #[test]
        fn the_difference_of_two_texts_makes_one_of_the_other(from in "[ab é🌊\n]{0,40}", to in "[ab é🌊\n]{0,40}") {
            prop_assert_eq!(applied(&from, &difference(&from, &to)), to);
        }
    }
}
