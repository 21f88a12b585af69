//! A recorded writing session: who put what into a text, and which earlier changes they had seen.
//!
//! The form is that of the public collection `josephg/editing-traces`: a JSON object, plain or in
//! gzip, with `endContent` and `txns`; each transaction has `patches`, `[position, deleted, inserted]`
//! in Unicode scalar values, and where several people write (`kind` is `concurrent`) `agent` and
//! `parents`. Without those, one person has written everything in order.
//!
//! Always true of a [`Trace`]: parents stand before their children, and agents are below `agents`.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use estafette_protocol::limits;
use flate2::read::GzDecoder;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The largest trace that is read, in bytes after decompression.
pub const LARGEST: u64 = 256 * 1024 * 1024;
/// What a file in gzip begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// A text is written for others: a trace of one person is read on a second device.
const FEWEST: usize = 2;

/// A session that can be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The file's name without its endings.
    pub name: String,
    /// How many devices take part, at least two.
    pub agents: usize,
    /// What the text begins as.
    pub start: String,
    /// What it must end as everywhere.
    pub end: String,
    /// In an order in which they can be made.
    pub transactions: Vec<Transaction>,
}

/// Changes made at once by one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Who: below [`Trace::agents`].
    pub agent: usize,
    /// The transactions whose merged outcome its author had seen; none for the beginning.
    pub parents: Vec<usize>,
    /// One after the other.
    pub patches: Vec<Patch>,
}

/// A part of the text that gives way to another, in Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// How many characters stand before it.
    pub position: usize,
    /// How many go.
    pub deleted: usize,
    /// What comes.
    pub inserted: String,
}

/// Why a file is no trace.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {fault}", file = file.display())]
pub struct TraceError {
    /// Which file.
    pub file: PathBuf,
    /// What is wrong.
    pub fault: TraceFault,
}

/// What is wrong with a trace.
#[derive(Debug, thiserror::Error)]
pub enum TraceFault {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(std::io::Error),
    /// More than [`LARGEST`].
    #[error("more than {LARGEST} bytes")]
    TooLarge,
    /// Not JSON of this form.
    #[error("not a trace: {0}")]
    Json(String),
    /// Another kind than `concurrent` or `sequential`.
    #[error("kind {0}")]
    Kind(String),
    /// Nothing was written.
    #[error("no transaction")]
    Empty,
    /// More agents than a team takes devices, or a number that is none.
    #[error("{0} agents")]
    Agents(u64),
    /// A transaction by nobody of the agents, or that follows itself, a later one, or too many.
    #[error("transaction {0}")]
    Transaction(usize),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    kind: Option<String>,
    #[serde(default)]
    start_content: String,
    end_content: String,
    num_agents: Option<u64>,
    txns: Vec<TransactionRecord>,
}

#[derive(Deserialize)]
struct TransactionRecord {
    agent: Option<u64>,
    parents: Option<Vec<u64>>,
    patches: Vec<Patch>,
}

impl<'de> Deserialize<'de> for Patch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;

        impl<'de> Visitor<'de> for Parts {
            type Value = Patch;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("[position, deleted, inserted]")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Patch, A::Error> {
                let missing = |at| serde::de::Error::invalid_length(at, &"[position, deleted, inserted]");
                let position = parts.next_element()?.ok_or_else(|| missing(0))?;
                let deleted = parts.next_element()?.ok_or_else(|| missing(1))?;
                let inserted = parts.next_element()?.ok_or_else(|| missing(2))?;
                // Some traces say when.
                while parts.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Patch { position, deleted, inserted })
            }
        }

        deserializer.deserialize_seq(Parts)
    }
}

impl Trace {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// It cannot be read, is too large, or is no trace.
    pub fn read(file: &Path) -> Result<Self, TraceError> {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let name = name.strip_suffix(".json").unwrap_or(name);
        contents(file)
            .and_then(|bytes| Self::parse(name, &bytes))
            .map_err(|fault| TraceError { file: file.to_path_buf(), fault })
    }

    /// Reads the JSON of a trace.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, TraceFault> {
        let record: Record =
            serde_json::from_slice(bytes).map_err(|error| TraceFault::Json(error.to_string()))?;
        let concurrent = match record.kind.as_deref() {
            Some("concurrent") => true,
            Some("sequential") | None => record.txns.iter().any(|one| one.parents.is_some()),
            Some(other) => return Err(TraceFault::Kind(other.chars().take(40).collect())),
        };
        if record.txns.is_empty() {
            return Err(TraceFault::Empty);
        }
        let named = record.num_agents.unwrap_or(1);
        let agents =
            usize::try_from(named).ok().filter(|agents| (1..=limits::ROSTER_DEVICES).contains(agents));
        let agents = agents.ok_or(TraceFault::Agents(named))?;
        let mut transactions = Vec::with_capacity(record.txns.len());
        for (number, one) in record.txns.into_iter().enumerate() {
            let wrong = || TraceFault::Transaction(number);
            let parents: Vec<usize> = match concurrent {
                true => one
                    .parents
                    .ok_or_else(wrong)?
                    .into_iter()
                    .map(|parent| usize::try_from(parent).ok().filter(|parent| *parent < number))
                    .collect::<Option<_>>()
                    .ok_or_else(wrong)?,
                false => number.checked_sub(1).into_iter().collect(),
            };
            let agent = usize::try_from(one.agent.unwrap_or_default()).ok().filter(|agent| *agent < agents);
            let agent = agent.filter(|_| parents.len() <= limits::NOTE_PARENTS).ok_or_else(wrong)?;
            transactions.push(Transaction { agent, parents, patches: one.patches });
        }
        Ok(Self {
            name: name.to_owned(),
            agents: agents.max(FEWEST),
            start: record.start_content,
            end: record.end_content,
            transactions,
        })
    }
}

/// What stands in a file, decompressed if it is in gzip, and never more than [`LARGEST`].
fn contents(file: &Path) -> Result<Vec<u8>, TraceFault> {
    let bounded = |reader: &mut dyn std::io::Read| {
        let mut bytes = Vec::new();
        reader.take(LARGEST + 1).read_to_end(&mut bytes).map_err(TraceFault::Unreadable)?;
        match bytes.len() as u64 > LARGEST {
            true => Err(TraceFault::TooLarge),
            false => Ok(bytes),
        }
    };
    let bytes = bounded(&mut std::fs::File::open(file).map_err(TraceFault::Unreadable)?)?;
    match bytes.starts_with(&GZIP) {
        true => bounded(&mut GzDecoder::new(&bytes[..])),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_of_one_person_is_written_in_order_and_read_on_a_second_device() {
        let trace = Trace::parse(
            "t",
            br#"{"startContent":"a","endContent":"ab","txns":[{"time":"x","patches":[[1,0,"b","t"]]},{"patches":[[0,1,"a"]]}]}"#,
        )
        .unwrap();
        assert_eq!((trace.agents, trace.start.as_str()), (2, "a"));
        assert_eq!(trace.transactions[0].parents, Vec::<usize>::new());
        assert_eq!(trace.transactions[1].parents, [0]);
        let patch = Patch { position: 1, deleted: 0, inserted: "b".to_owned() };
        assert_eq!(trace.transactions[0].patches, [patch]);
    }

    #[test]
    fn what_is_no_trace_is_refused_and_says_where() {
        let with = |kind: &str, agents: u64, transactions: &str| {
            let text = format!(
                r#"{{"kind":"{kind}","endContent":"","numAgents":{agents},"txns":[{transactions}]}}"#
            );
            Trace::parse("t", text.as_bytes()).unwrap_err().to_string()
        };
        let first = r#"{"parents":[],"agent":0,"patches":[[0,0,"a"]]}"#;
        assert_eq!(with("concurrent", 2, ""), "no transaction");
        assert_eq!(with("graph", 2, first), "kind graph");
        assert_eq!(with("concurrent", 251, first), "251 agents");
        assert_eq!(with("concurrent", 0, first), "0 agents");
        for second in [
            r#"{"parents":[1],"agent":0,"patches":[]}"#,
            r#"{"parents":[0],"agent":2,"patches":[]}"#,
            r#"{"agent":1,"patches":[]}"#,
        ] {
            assert_eq!(with("concurrent", 2, &format!("{first},{second}")), "transaction 1");
        }
        for broken in ["", "[]", "{}", r#"{"endContent":"","txns":[{"patches":[[0,0]]}]}"#, "\u{1f}\u{8b}"] {
            assert!(matches!(Trace::parse("t", broken.as_bytes()), Err(TraceFault::Json(_))), "{broken}");
        }
    }

    #[test]
    fn a_file_may_be_in_gzip_and_a_damaged_one_is_refused() {
        use std::io::Write as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session.json.gz");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(br#"{"endContent":"a","txns":[{"patches":[[0,0,"a"]]}]}"#).unwrap();
        let bytes = gzip.finish().unwrap();
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(Trace::read(&path).unwrap().name, "session");
        std::fs::write(&path, &bytes[..20]).unwrap();
        assert!(matches!(Trace::read(&path).unwrap_err().fault, TraceFault::Unreadable(_)));
    }
}
