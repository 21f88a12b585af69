//! What the relay saw: its files, counted and searched byte by byte.
//!
//! Texts are sought as they would stand there if anything kept them readable: whole, and each
//! word of at least five letters alone. A search that finds nothing proves little, so the same
//! search is shown to find what the relay is meant to know.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use estafette_protocol::texts::text;
use rusqlite::{Connection, OpenFlags};

use super::DemoError;
use super::screen::Screen;
use super::town::{TEAM, Town};
use crate::replay::office::PHONE;

/// Shorter words could stand in a file by chance.
const LETTERS: usize = 5;
/// The relay's database in an organisation's folder.
const DATABASE: &str = "relay.db";
/// Texts are told apart by their first bytes.
const START: usize = 4;

/// Tells how large the relay's folder is, what is not in it, and what is.
pub fn tell(town: &mut Town<'_>, said: &[&str], screen: &mut Screen) -> Result<(), DemoError> {
    let language = screen.language();
    screen.act(&text(language, "demo-ledger", &[]))?;
    let files = files(&town.relay_folder)?;
    let bytes: u64 = files.iter().map(|(_, content)| content.len() as u64).sum();
    let entries = town.entries()?;
    let arguments =
        [("files", files.len().into()), ("kib", bytes.div_ceil(1024).into()), ("entries", entries.into())];
    screen.fact("", &text(language, "demo-ledger-size", &arguments), entries == said.len() as u64)?;

    let sought: Vec<String> = said.iter().chain(&TEAM).flat_map(|text| whole_and_words(text)).collect();
    let found = search(&files, &sought);
    let arguments = [("texts", said.len().into()), ("words", sought.len().into())];
    screen.fact("", &text(language, "demo-ledger-nothing", &arguments), found.is_empty())?;

    let reason = text(language, "demo-recall-reason", &[]);
    let known = [PHONE.model.to_owned(), reason.clone()];
    let arguments = [("model", PHONE.model.into()), ("reason", (&reason).into())];
    let finds = search(&files, &known).len() == known.len();
    screen.fact("", &text(language, "demo-ledger-control", &arguments), finds)?;

    let (first, last) = received(&town.relay_folder)?;
    let arguments = [("devices", town.devices.len().into()), ("entries", entries.into())];
    screen.fact("", &text(language, "demo-ledger-knows", &arguments), 0 < first && first <= last)
}

/// Entries in the relay's databases.
pub fn entries(folder: &Path) -> Result<u64, DemoError> {
    let mut sum = 0;
    for database in databases(folder)? {
        let count: i64 = database.query_row("SELECT count(*) FROM entry", (), |row| row.get(0))?;
        sum += u64::try_from(count).unwrap_or_default();
    }
    Ok(sum)
}

/// Receipts in the relay's databases.
pub fn receipts(folder: &Path) -> Result<u64, DemoError> {
    let mut sum = 0;
    for database in databases(folder)? {
        let count: i64 = database.query_row("SELECT count(*) FROM receipt", (), |row| row.get(0))?;
        sum += u64::try_from(count).unwrap_or_default();
    }
    Ok(sum)
}

/// When the relay received the first and the last entry, Unix milliseconds; 0 without any.
fn received(folder: &Path) -> Result<(i64, i64), DemoError> {
    let mut times = Vec::new();
    for database in databases(folder)? {
        let query = "SELECT coalesce(min(received_at), 0), coalesce(max(received_at), 0) FROM entry";
        let (first, last): (i64, i64) =
            database.query_row(query, (), |row| Ok((row.get(0)?, row.get(1)?)))?;
        times.extend([first, last]);
    }
    Ok((times.iter().copied().min().unwrap_or_default(), times.iter().copied().max().unwrap_or_default()))
}

/// Where the relay's databases are.
pub fn database_paths(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let is_database = |path: &PathBuf| path.file_name().is_some_and(|name| name == DATABASE);
    Ok(paths(folder)?.into_iter().filter(is_database).collect())
}

fn databases(folder: &Path) -> Result<Vec<Connection>, DemoError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut databases = Vec::new();
    for path in database_paths(folder)? {
        databases.push(Connection::open_with_flags(path, flags)?);
    }
    Ok(databases)
}

/// Every file of a folder and of those in it, with its bytes.
pub fn files(folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, DemoError> {
    let mut files = Vec::new();
    for path in paths(folder)? {
        let content = std::fs::read(&path)?;
        files.push((path, content));
    }
    Ok(files)
}

fn paths(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let (mut pending, mut files) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = pending.pop() {
        for child in std::fs::read_dir(folder)? {
            let child = child?;
            match child.file_type()?.is_dir() {
                true => pending.push(child.path()),
                false => files.push(child.path()),
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A text whole, and each of its words of at least five letters.
fn whole_and_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= LETTERS);
    std::iter::once(text).chain(words).map(str::to_owned).collect()
}

/// Those of the texts that stand in one of the files, as UTF-8. A text of fewer than four bytes is none.
pub fn search<'t>(files: &[(PathBuf, Vec<u8>)], texts: &'t [String]) -> Vec<&'t str> {
    let mut starts: BTreeMap<[u8; START], Vec<&'t str>> = BTreeMap::new();
    for text in texts {
        if let Some(start) = text.as_bytes().first_chunk::<START>() {
            starts.entry(*start).or_default().push(text);
        }
    }
    let mut first = [false; 256];
    starts.keys().for_each(|start| first[usize::from(start[0])] = true);
    let mut found = Vec::new();
    for (_, content) in files {
        for place in 0..content.len() {
            if !first[usize::from(content[place])] {
                continue;
            }
            let Some(start) = content[place..].first_chunk::<START>() else { break };
            let Some(texts) = starts.get(start) else { continue };
            found.extend(texts.iter().filter(|text| content[place..].starts_with(text.as_bytes())));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_stands_and_only_there() {
        let files = [
            (PathBuf::from("one"), b"\0\x01Vanne ferm\xC3\xA9e".to_vec()),
            (PathBuf::from("two"), b"nor".to_vec()),
        ];
        let sought = ["Vanne fermée", "fermée", "fermer", "nord"].map(str::to_owned);
        assert_eq!(search(&files, &sought), ["Vanne fermée", "fermée"]);
        assert_eq!(search(&[], &sought), [""; 0]);
    }

    #[test]
    fn a_text_is_sought_whole_and_by_its_long_words() {
        assert_eq!(whole_and_words("Fuite, rue des Lilas."), ["Fuite, rue des Lilas.", "Fuite", "Lilas"]);
    }
}
