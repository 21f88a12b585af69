//! `estafette export`: conversations as files, for their member or for the organisation.
//!
//! Always true: no file that stands is touched, and none stays half written. What an export may
//! hold is decided by the core. The files are in clear and for their owner alone (mode 0600).

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use clap::Args;
use estafette_core::export::Export;
use estafette_core::export::json::JsonWriter;
use estafette_core::export::page::PageWriter;
use estafette_core::reader::Reader;
use estafette_protocol::texts::text;
use estafette_protocol::{FaultCode, ThreadId};
use serde_json::{Value, json};

use crate::output;
use crate::place::Place;
use crate::progress::Bar;
use crate::qr::taken;
use crate::session::{Desk, Failure};

/// The list of a folder that holds several conversations.
const LIST: &str = "export.json";
/// Letters of a title that a file's name keeps.
const LETTERS: usize = 40;

/// What can be said of an export.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// Conversation
    #[arg(required_unless_present = "all")]
    thread: Option<ThreadId>,
    /// Toutes, sauf les conversations personnelles et syndicales / all but personal and union ones
    #[arg(long, conflicts_with = "thread")]
    all: bool,
    /// Dossier, ou fichier finissant par .json ou .html / folder, or file ending in .json or .html
    #[arg(long, value_name = "PATH")]
    to: PathBuf,
}

/// The files of one conversation.
#[derive(Debug, Default)]
struct Files {
    json: Option<PathBuf>,
    page: Option<PathBuf>,
}

impl Files {
    fn in_folder(folder: &Path, stem: &str) -> Self {
        let file = |ending: &str| Some(folder.join(format!("{stem}.{ending}")));
        Self { json: file("json"), page: file("html") }
    }

    fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.json.iter().chain(&self.page)
    }
}

/// Writes one conversation, or all that an export of the organisation may hold.
pub fn run(desk: &Desk, arguments: &ExportArguments) -> Result<(), Failure> {
    let ring = desk.unlock()?;
    let mut reader = desk.reader(&ring)?;
    match arguments.thread {
        Some(thread) => one(desk, &mut reader, thread, &arguments.to),
        None => all(desk, &mut reader, &arguments.to),
    }
}

fn one(desk: &Desk, reader: &mut Reader, thread: ThreadId, to: &Path) -> Result<(), Failure> {
    let place = Place::of(reader)?;
    let export = reader.export(thread, place.now)??;
    let ending = to.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    let files = match ending.as_deref() {
        Some("json") => Files { json: Some(to.to_owned()), page: None },
        Some("html" | "htm") => Files { json: None, page: Some(to.to_owned()) },
        _ => Files::in_folder(to, &stem(&export.title(desk.language), thread)),
    };
    refuse_taken(files.paths())?;
    let folder = if files.paths().count() > 1 { Some(to) } else { to.parent() };
    folder.map_or(Ok(()), make_folder)?;
    let bar = Bar::new(desk, export.names().len(), text(desk.language, "progress-messages", &[]));
    let mut made = Unfinished::default();
    let count = write(desk, reader, &place, &export, &files, &bar, &mut made)?;
    made.keep();
    drop(bar);
    told(desk, &export, count, &files);
    if !desk.json {
        println!("{}", text(desk.language, "export-clear", &[]));
    }
    Ok(())
}

fn all(desk: &Desk, reader: &mut Reader, to: &Path) -> Result<(), Failure> {
    let place = Place::of(reader)?;
    let choice = reader.exportable()?;
    let mut exports = Vec::new();
    for row in &choice.conversations {
        let export = reader.export(row.id, place.now)??;
        exports.push((Files::in_folder(to, &stem(&export.title(desk.language), row.id)), export));
    }
    let list = to.join(LIST);
    refuse_taken(exports.iter().flat_map(|(files, _)| files.paths()).chain([&list]))?;
    make_folder(to)?;
    let total = exports.iter().map(|(_, export)| export.names().len()).sum();
    let bar = Bar::new(desk, total, text(desk.language, "progress-messages", &[]));
    let (mut made, mut written) = (Unfinished::default(), Vec::new());
    for (files, export) in &exports {
        let count = write(desk, reader, &place, export, files, &bar, &mut made)?;
        written.push((files, export, count));
    }
    drop(bar);
    let listed: Vec<Value> =
        written.iter().map(|(files, export, count)| fields(desk, export, *count, files)).collect();
    let fields = json!({
        "format": "estafette-export", "version": 1, "exported_at": place.now.to_string(),
        "conversations": listed, "withheld": choice.withheld,
    });
    let mut file = made.create(&list)?;
    writeln!(file, "{fields:#}")?;
    end(file)?;
    made.keep();
    written.iter().for_each(|(files, export, count)| told(desk, export, *count, files));
    let sentence = [
        text(desk.language, "export-withheld", &[("count", choice.withheld.into())]),
        text(desk.language, "export-clear", &[]),
    ];
    let fields = json!({ "conversations": written.len(), "withheld": choice.withheld, "list": list });
    output::done(desk, &sentence.join("\n"), &fields);
    Ok(())
}

fn told(desk: &Desk, export: &Export, count: usize, files: &Files) {
    let title = output::printable(&export.title(desk.language));
    let arguments = [("title", (&title).into()), ("count", count.into())];
    let mut lines = vec![text(desk.language, "export-done", &arguments)];
    lines.extend(files.paths().map(|path| format!("    {}", path.display())));
    output::done(desk, &lines.join("\n"), &fields(desk, export, count, files));
}

fn fields(desk: &Desk, export: &Export, count: usize, files: &Files) -> Value {
    let conversation = export.conversation();
    json!({
        "thread": conversation.thread, "title": export.title(desk.language),
        "class": conversation.class.as_str(), "messages": count,
        "files": files.paths().collect::<Vec<_>>(),
    })
}

/// Before anything is written: half of an export would help nobody.
fn refuse_taken<'p>(mut paths: impl Iterator<Item = &'p PathBuf>) -> Result<(), Failure> {
    match paths.any(|path| path.symlink_metadata().is_ok()) {
        true => Err(FaultCode::FileExists.into()),
        false => Ok(()),
    }
}

/// A folder for its owner alone; one that stands stays as it is, and a file is none.
fn make_folder(folder: &Path) -> Result<(), Failure> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(taken)
}

/// Files that were begun; dropped before [`Unfinished::keep`], they are removed.
#[derive(Default)]
struct Unfinished(Vec<PathBuf>);

impl Unfinished {
    /// A new file for its owner alone.
    fn create(&mut self, path: &Path) -> Result<BufWriter<File>, Failure> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(taken)?;
        self.0.push(path.to_owned());
        Ok(BufWriter::new(file))
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // What cannot be removed any more stays; the failure that led here says enough.
        self.0.iter().for_each(|path| drop(fs::remove_file(path)));
    }
}

/// Writes the files of one conversation; gives back how many messages they hold.
fn write(
    desk: &Desk,
    reader: &mut Reader,
    place: &Place,
    export: &Export,
    files: &Files,
    bar: &Bar,
    made: &mut Unfinished,
) -> Result<usize, Failure> {
    let mut json = match &files.json {
        Some(path) => Some(JsonWriter::new(made.create(path)?, export.conversation())?),
        None => None,
    };
    let mut page = match &files.page {
        Some(path) => {
            let (title, file) = (export.title(desk.language), made.create(path)?);
            Some(PageWriter::new(file, desk.language, place.zone(), &title, export.conversation())?)
        }
        None => None,
    };
    let mut count = 0;
    for name in export.names() {
        if let Some(message) = export.message(reader, *name)? {
            if let Some(json) = &mut json {
                json.message(&message)?;
            }
            if let Some(page) = &mut page {
                page.message(&message)?;
            }
            count += 1;
        }
        bar.advance(1);
    }
    if let Some(json) = json {
        end(json.finish()?)?;
    }
    if let Some(page) = page {
        end(page.finish()?)?;
    }
    Ok(count)
}

fn end(file: BufWriter<File>) -> Result<(), Failure> {
    Ok(file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?)
}

/// A file's name for a conversation: what can stand of its title, and the beginning of its id.
fn stem(title: &str, thread: ThreadId) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
    let words: String = title.to_lowercase().chars().map(plain).collect();
    let words = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    let words: String = words.chars().take(LETTERS).collect();
    let words = words.trim_end_matches('-');
    let id = thread.to_string();
    format!("{}-{}", if words.is_empty() { "conversation" } else { words }, &id[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_of_any_title_stays_in_its_folder_under_a_name_of_its_own() {
        let thread = ThreadId([0xab; 32]);
        assert_eq!(stem("Voirie nord", thread), "voirie-nord-abababab");
        assert_eq!(stem("../../etc/\u{1b}passwd", thread), "etc-passwd-abababab");
        assert_eq!(stem("Équipe d’été", thread), "équipe-d-été-abababab");
        assert_eq!(stem("🚧 …", thread), "conversation-abababab");
        assert_eq!(stem(&"a".repeat(300), thread), format!("{}-abababab", "a".repeat(40)));
    }

    #[test]
    fn what_was_begun_and_not_ended_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        fs::write(&old, "before").unwrap();
        let mut made = Unfinished::default();
        made.create(&new).unwrap();
        assert_eq!(made.create(&old).unwrap_err().fault().unwrap().code, FaultCode::FileExists);
        drop(made);
        assert!(!new.exists());
        assert_eq!(fs::read_to_string(&old).unwrap(), "before");
        let mut made = Unfinished::default();
        end(made.create(&new).unwrap()).unwrap();
        made.keep();
        assert!(new.exists());
    }
}
