//! Looks for words in files: as they are, and in every dress in which they might hide.

use std::path::Path;

/// A word, and how it would look in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The word.
    pub word: String,
    /// How it was dressed.
    pub dress: &'static str,
    /// Where.
    pub file: String,
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    // Whole groups of three only: what is left over depends on what follows.
    for group in bytes.chunks_exact(3) {
        let number = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
        text.extend([18, 12, 6, 0].map(|shift| char::from(DIGITS[(number >> shift) as usize & 63])));
    }
    text
}

fn json(word: &str) -> String {
    word.chars()
        .map(|letter| match letter.is_ascii() {
            true => letter.to_string(),
            false => letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        })
        .collect()
}

/// The dresses of a word, each with its name. Words of less than nine bytes have no base64.
pub fn dresses(word: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16: Vec<u16> = word.encode_utf16().collect();
    let hex = |upper: bool| -> Vec<u8> {
        word.bytes()
            .flat_map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }.into_bytes())
            .collect()
    };
    let mut dresses = vec![
        ("UTF-8", word.as_bytes().to_vec()),
        ("UTF-16LE", utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        ("UTF-16BE", utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        ("hex", hex(false)),
        ("hex, upper case", hex(true)),
        ("JSON", json(word).into_bytes()),
    ];
    // Where the word begins within a group of three is not known.
    for (skip, name) in ["base64", "base64, shifted once", "base64, shifted twice"].into_iter().enumerate() {
        if let Some(rest) = word.as_bytes().get(skip..).filter(|rest| rest.len() >= 6) {
            dresses.push((name, base64(rest).into_bytes()));
            let safe = base64(rest).replace('+', "-").replace('/', "_");
            dresses.push(("base64url", safe.into_bytes()));
        }
    }
    dresses
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && bytes.windows(needle.len()).any(|window| window == needle)
}

/// What every zstd frame in these bytes holds.
fn decompressed(bytes: &[u8]) -> Vec<Vec<u8>> {
    const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    let starts = (0..bytes.len().saturating_sub(4)).filter(|at| bytes[*at..*at + 4] == MAGIC);
    let unpack = |at: usize| {
        let mut out = Vec::new();
        let mut decoder = zstd::stream::read::Decoder::new(&bytes[at..]).ok()?.single_frame();
        // What can be read of a broken frame counts too.
        let mut piece = [0; 4096];
        while let Ok(read) = std::io::Read::read(&mut decoder, &mut piece) {
            if read == 0 || out.len() > 16 * 1024 * 1024 {
                break;
            }
            out.extend_from_slice(&piece[..read]);
        }
        Some(out)
    };
    starts.filter_map(unpack).collect()
}

/// Every word found in some bytes, in every dress.
pub fn scan_bytes(bytes: &[u8], words: &[&str], file: &str) -> Vec<Found> {
    let unpacked = decompressed(bytes);
    let mut found = Vec::new();
    for word in words {
        for (dress, needle) in dresses(word) {
            if contains(bytes, &needle) {
                found.push(Found { word: (*word).to_owned(), dress, file: file.to_owned() });
            }
        }
        if unpacked.iter().any(|unpacked| dresses(word).iter().any(|(_, needle)| contains(unpacked, needle)))
        {
            found.push(Found { word: (*word).to_owned(), dress: "zstd", file: file.to_owned() });
        }
    }
    found
}

/// Every word found in every file under a folder.
pub fn scan_folder(folder: &Path, words: &[&str]) -> Vec<Found> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            found.extend(scan_folder(&path, words));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.extend(scan_bytes(&bytes, words, &path.display().to_string()));
        }
    }
    found
}
