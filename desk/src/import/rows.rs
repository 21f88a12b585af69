//! A CSV file's bytes as rows: its encoding, its separator, and where each row stands.
//!
//! Rows are cut at the ends of physical lines, and a quote that nobody closed costs its own
//! line, not the rest of the file: reading goes on with the next one. Line numbers are those
//! that a text editor shows, the first is 1.
//!
//! Nothing here knows what the columns mean.

use encoding_rs::WINDOWS_1252;

/// Lines that a quoted field may span; an address in an export has three or four.
const ROW_LINES: usize = 20;

/// How the file's bytes stand for letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// With or without byte order mark.
    Utf8,
    /// What spreadsheets call "Windows (ANSI)"; Latin-1 reads the same.
    Windows1252,
}

impl Encoding {
    /// Judges by the content: no other mark is reliable.
    ///
    /// A line that is valid UTF-8 beyond ASCII is practically never Windows-1252, so a file that
    /// has one is UTF-8, and its damaged lines are refused instead of being read as noise.
    pub fn of(bytes: &[u8]) -> Self {
        if std::str::from_utf8(bytes).is_ok() {
            return Self::Utf8;
        }
        let utf8 = |line: &[u8]| !line.is_ascii() && std::str::from_utf8(line).is_ok();
        match bytes.split(|byte| matches!(byte, b'\n' | b'\r')).any(utf8) {
            true => Self::Utf8,
            false => Self::Windows1252,
        }
    }

    /// Its usual name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// A field's text without the spaces around it; nothing if it is not of this encoding.
    pub fn text(self, bytes: &[u8]) -> Option<String> {
        let text = match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok()?.into(),
            Self::Windows1252 => WINDOWS_1252.decode_without_bom_handling(bytes).0,
        };
        Some(text.trim().to_owned())
    }
}

/// A row as it was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line where it begins, from 1.
    pub line: u64,
    /// Its fields; nothing where a quote was opened and not closed in any sensible place.
    pub fields: Option<Vec<Vec<u8>>>,
}

/// The rows of a file, one after the other.
pub struct Rows<'a> {
    rest: &'a [u8],
    line: u64,
    separator: u8,
}

impl<'a> Rows<'a> {
    /// From the first line on.
    pub fn new(bytes: &'a [u8], separator: u8) -> Self {
        Self { rest: bytes, line: 1, separator }
    }

    /// The same after its first row, whose fields name the columns; nothing where they do not read.
    pub fn after_head(bytes: &'a [u8], separator: u8, encoding: Encoding) -> Option<(Self, Vec<String>)> {
        let mut rows = Self::new(bytes, separator);
        let fields = rows.next(&|_| true)?.fields?;
        let names = fields.iter().map(|name| encoding.text(name)).collect::<Option<_>>()?;
        Some((rows, names))
    }

    /// The next row that is not blank. `sound` looks at a row of several lines and says whether
    /// it can be meant; otherwise its first line is taken to have lost a quote.
    pub fn next(&mut self, sound: &dyn Fn(&[Vec<u8>]) -> bool) -> Option<Row> {
        while matches!(self.rest.first(), Some(b'\n' | b'\r')) {
            self.advance(line_length(self.rest));
        }
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let first = line_length(self.rest);
        let mut length = first;
        let mut lines = 1;
        while is_open(&self.rest[..length]) && lines < ROW_LINES && length < self.rest.len() {
            length += line_length(&self.rest[length..]);
            lines += 1;
        }
        let (fields, consumed) = parse(&self.rest[..length], self.separator);
        let spans = consumed > first;
        if spans && !(is_well_quoted(&self.rest[..consumed], self.separator) && sound(&fields)) {
            self.advance(first);
            return Some(Row { line, fields: None });
        }
        self.advance(consumed.max(first));
        Some(Row { line, fields: Some(fields) })
    }

    fn advance(&mut self, length: usize) {
        let (passed, rest) = self.rest.split_at(length);
        let mut passed = passed;
        while !passed.is_empty() {
            passed = &passed[line_length(passed)..];
            self.line += 1;
        }
        self.rest = rest;
    }
}

/// Quotes come in pairs, doubled ones within a field included.
fn is_open(bytes: &[u8]) -> bool {
    bytes.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// Whether each quote that closes a field stands at the field's end: nothing else was swallowed.
fn is_well_quoted(row: &[u8], separator: u8) -> bool {
    let ends =
        |byte: Option<&u8>| byte.is_none_or(|byte| *byte == separator || matches!(byte, b'\n' | b'\r'));
    let mut rest = row;
    while !rest.is_empty() {
        let mut length = 0;
        if rest[0] == b'"' {
            length = 1;
            loop {
                match rest.get(length) {
                    None => return false,
                    Some(b'"') if rest.get(length + 1) == Some(&b'"') => length += 2,
                    Some(b'"') => break,
                    Some(_) => length += 1,
                }
            }
            length += 1;
            if !ends(rest.get(length)) {
                return false;
            }
        }
        while !ends(rest.get(length)) {
            length += 1;
        }
        rest = rest.get(length + 1..).unwrap_or_default();
    }
    true
}

/// The length of the first line with its end: LF, CRLF, or CR alone.
fn line_length(bytes: &[u8]) -> usize {
    match bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        None => bytes.len(),
        Some(at) if bytes[at..].starts_with(b"\r\n") => at + 2,
        Some(at) => at + 1,
    }
}

/// The first row of some lines, and how many bytes it took, its end included.
fn parse(lines: &[u8], separator: u8) -> (Vec<Vec<u8>>, usize) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .buffer_capacity(1024)
        .from_reader(lines);
    let mut record = csv::ByteRecord::new();
    // Bytes in memory cannot fail to be read, and rows of any length are taken.
    let _ = reader.read_byte_record(&mut record);
    let mut consumed = usize::try_from(reader.position().byte()).unwrap_or(lines.len()).min(lines.len());
    if lines[..consumed].ends_with(b"\r") && lines[consumed..].starts_with(b"\n") {
        consumed += 1;
    }
    (record.iter().map(<[u8]>::to_vec).collect(), consumed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<(u64, Option<Vec<String>>)> {
        let mut rows = Rows::new(bytes, b';');
        let sound = |fields: &[Vec<u8>]| fields.len() == 2;
        std::iter::from_fn(|| rows.next(&sound))
            .map(|row| {
                let text = |field: Vec<u8>| String::from_utf8(field).unwrap();
                (row.line, row.fields.map(|fields| fields.into_iter().map(text).collect()))
            })
            .collect()
    }

    fn row(line: u64, fields: [&str; 2]) -> (u64, Option<Vec<String>>) {
        (line, Some(fields.map(str::to_owned).to_vec()))
    }

    #[test]
    fn rows_carry_the_line_numbers_of_an_editor_whatever_ends_their_lines() {
        for end in ["\n", "\r\n", "\r"] {
            let file = ["a;b", "", "c;d", "\"e;1\";\"say \"\"f\"\"\"", "g;h"].join(end);
            let expected =
                [row(1, ["a", "b"]), row(3, ["c", "d"]), row(4, ["e;1", "say \"f\""]), row(5, ["g", "h"])];
            assert_eq!(rows(file.as_bytes()), expected, "{end:?}");
            assert_eq!(rows(format!("{file}{end}{end}").as_bytes()), expected, "{end:?}");
        }
    }

    #[test]
    fn a_quoted_field_may_span_lines() {
        let found = rows(b"a;\"1 rue\r\n81000\"\r\nc;d\r\n");
        assert_eq!(found, [row(1, ["a", "1 rue\r\n81000"]), row(3, ["c", "d"])]);
    }

    #[test]
    fn a_lost_quote_costs_its_own_line_and_no_other() {
        assert_eq!(
            rows(b"a;b\n\"c;d\ne;f\ng;h\n"),
            [row(1, ["a", "b"]), (2, None), row(3, ["e", "f"]), row(4, ["g", "h"])]
        );
        // Two of them open and close a field that nobody meant.
        assert_eq!(
            rows(b"\"a;b\nc;d\n\"e;f\ng;h\n"),
            [(1, None), row(2, ["c", "d"]), (3, None), row(4, ["g", "h"])]
        );
        // Inches are no quotes.
        assert_eq!(rows(b"a;5\" tube\nc;d\n"), [row(1, ["a", "5\" tube"]), row(2, ["c", "d"])]);
    }

    #[test]
    fn the_encoding_is_seen_in_the_content_and_damaged_utf8_stays_utf8() {
        assert_eq!(Encoding::of("Léa".as_bytes()), Encoding::Utf8);
        assert_eq!(Encoding::of(b"Lea"), Encoding::Utf8);
        assert_eq!(Encoding::of(b"L\xe9a\n\x8cuvre \x80"), Encoding::Windows1252);
        assert_eq!(Encoding::Windows1252.text(b" L\xe9a, \x8cuvre \x80\xa0").unwrap(), "Léa, Œuvre €");
        let damaged = b"L\xc3\xa9a\nL\xe9o\n";
        assert_eq!(Encoding::of(damaged), Encoding::Utf8);
        assert_eq!(Encoding::Utf8.text(b"L\xe9o"), None);
    }
}
