//! The end of the demonstration: a whole conversation on a bad network, with its figures.

use std::path::{Path, PathBuf};

use estafette_protocol::texts::{Language, text};
use tempfile::TempDir;

use super::screen::Screen;
use super::{DemoError, ledger};
use crate::replay::conversation::{self, Conversation};
use crate::replay::{self, Figures, Options, Progress, ReplayError};

/// The project's own conversation.
const CONVERSATION: &str = include_str!("../../fixtures/conversation.jsonl");
/// The file that it is written to, for the replay to read.
const FILE: &str = "conversation.jsonl";
/// Decides what goes wrong; the same each time, so that the same day can be told.
const SEED: u64 = 1;
/// A message is sought by so many bytes of its beginning...
const SOUGHT: usize = 64;
/// ...and not at all if it is shorter than this: it could stand in a file by chance.
const SHORTEST: usize = 16;

/// What is replayed.
pub struct Script {
    path: PathBuf,
    /// The texts of all its messages.
    messages: Vec<String>,
    /// Holds the project's own conversation while it is needed.
    _folder: TempDir,
}

impl Script {
    /// Reads a file or a folder; without one, the project's own conversation.
    ///
    /// # Errors
    ///
    /// It is no conversation.
    pub fn read(path: Option<&Path>) -> Result<Self, DemoError> {
        let folder = tempfile::tempdir()?;
        let own = folder.path().join(FILE);
        std::fs::write(&own, CONVERSATION)?;
        let path = path.map_or(own, Path::to_path_buf);
        Ok(Self { messages: messages(&path)?, path, _folder: folder })
    }

    /// Replays it through a relay of its own and searches that relay's files too.
    pub fn replay(&self, screen: &mut Screen) -> Result<(), DemoError> {
        let language = screen.language();
        screen.act(&text(language, "demo-replay", &[]))?;
        screen.plain(&text(language, "demo-replay-how", &[("messages", self.messages.len().into())]))?;
        let folder = tempfile::tempdir()?;
        let keep = folder.path().to_path_buf();
        let options = Options { path: self.path.clone(), seed: SEED, keep: Some(keep.clone()) };
        let mut lacking = None;
        let figures = replay::run(&options, &mut |progress| {
            if let Progress::Lacking(who) = progress {
                lacking.get_or_insert_with(|| who.to_owned());
            }
        })?;
        if let Some(who) = &lacking {
            screen.plain(&text(language, "replay-lacking", &[("who", who.into())]))?;
        }
        tell(&Figures::total(SEED, &figures), self.messages.len(), screen)?;
        let long = self.messages.iter().filter(|text| text.len() >= SHORTEST);
        let sought: Vec<String> = long.map(|text| beginning(text)).collect();
        let found = ledger::search(&ledger::files(&keep.join("relay"))?, &sought);
        let arguments = [("texts", sought.len().into()), ("least", SHORTEST.into())];
        screen.fact("", &text(language, "demo-replay-unread", &arguments), found.is_empty())?;
        screen.plain(&text(language, "demo-end", &[]))
    }
}

fn tell(total: &Figures, messages: usize, screen: &mut Screen) -> Result<(), DemoError> {
    let language = screen.language();
    let decimal = |number: f64| match language {
        Language::French => format!("{number:.1}").replace('.', ","),
        Language::English => format!("{number:.1}"),
    };
    let seconds = decimal(total.seconds);
    let arguments = [
        ("messages", total.messages.into()),
        ("devices", total.devices.into()),
        ("cuts", total.cuts.into()),
        ("restarts", total.restarts.into()),
        ("seconds", (&seconds).into()),
    ];
    screen.fact("", &text(language, "demo-replay-run", &arguments), total.messages == messages as u64)?;
    let arguments = [
        ("lost", total.lost.into()),
        ("duplicated", total.duplicated.into()),
        ("diverged", total.diverged.into()),
        ("undecryptable", total.undecryptable.into()),
    ];
    screen.fact("", &text(language, "demo-replay-verdict", &arguments), total.is_clean())?;
    let (up, down) = (decimal(total.bytes_up_per_message), decimal(total.bytes_down_per_message));
    let arguments = [("up", (&up).into()), ("down", (&down).into())];
    screen.fact("", &text(language, "demo-replay-bytes", &arguments), total.bytes_up_per_message > 0.0)
}

/// The texts of all files that a path means.
fn messages(path: &Path) -> Result<Vec<String>, DemoError> {
    let mut texts = Vec::new();
    for file in conversation::files(path).map_err(ReplayError::from)? {
        let conversation = Conversation::read(&file).map_err(ReplayError::from)?;
        texts.extend(conversation.lines.into_iter().map(|line| line.text));
    }
    Ok(texts)
}

/// The first bytes of a text, cut between two characters.
fn beginning(text: &str) -> String {
    text[..text.floor_char_boundary(SOUGHT)].to_owned()
}
