//! Shifts in columns: agent, beginning, end, and at choice date, kind, team, rank, reason, zone.
//!
//! Encodings, separators and lost quotes are those of [`crate::import`]. With a column for the
//! date, beginning and end are times, and an end that is not after the beginning lies on the
//! next day, as nights do; without, both are whole moments, and an inverted one is refused.

use std::collections::BTreeMap;

use estafette_protocol::AgentNumber;
use estafette_protocol::hours::{REASON_CHARACTERS, Zone};

use super::{Defaults, Kind, Lines, Shift, ShiftFault, period};
use crate::import::columns::{BadColumns, folded};
use crate::import::rows::{Encoding, Rows};
use crate::import::{ImportError, LineFault};
use crate::moment;

/// The longest text of a field, in characters.
const FIELD: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    Agent,
    Date,
    From,
    Until,
    Kind,
    Team,
    Rank,
    Reason,
    Zone,
}

/// Names without case, accents, spaces and punctuation, as files give them.
const NAMES: &[(Field, &[&str])] = &[
    (Field::Agent, &["agent", "agentnumber", "numerodagent", "numeroagent", "matricule", "employeeid"]),
    (Field::Date, &["date", "jour", "day"]),
    (Field::From, &["from", "debut", "heurededebut", "heuredebut", "start", "du", "de"]),
    (Field::Until, &["until", "fin", "heuredefin", "heurefin", "end", "au", "a"]),
    (Field::Kind, &["kind", "type", "nature"]),
    (Field::Team, &["team", "equipe", "service", "unite"]),
    (Field::Rank, &["rank", "rang", "ordre", "order"]),
    (Field::Reason, &["reason", "motif", "libelle", "label"]),
    (Field::Zone, &["zone", "fuseau", "timezone"]),
];

struct Columns {
    places: BTreeMap<Field, usize>,
    count: usize,
}

impl Columns {
    fn of(names: &[String]) -> Result<Self, BadColumns> {
        let mut places = BTreeMap::new();
        let mut faults = Vec::new();
        for (place, name) in names.iter().enumerate() {
            let folded = folded(name);
            let field = NAMES.iter().find(|(_, known)| known.contains(&folded.as_str()));
            if let Some((field, _)) = field
                && places.insert(*field, place).is_some()
            {
                faults.push(name.clone());
            }
        }
        for (field, name) in [(Field::From, "from"), (Field::Until, "until")] {
            if !places.contains_key(&field) {
                faults.push(name.to_owned());
            }
        }
        if faults.is_empty() { Ok(Self { places, count: names.len() }) } else { Err(BadColumns(faults)) }
    }
}

/// Reads a file without its byte order mark.
pub(super) fn parse(bytes: &[u8], defaults: Defaults<'_>) -> Result<Lines, ImportError> {
    // A zero byte stands in UTF-16 and in every spreadsheet's own format, and in no CSV.
    if bytes.contains(&0) {
        return Err(ImportError::NotText);
    }
    let encoding = Encoding::of(bytes);
    let head = |separator| Rows::after_head(bytes, separator, encoding);
    let heads = [b';', b',', b'\t'].map(head);
    let (mut rows, names) =
        heads.into_iter().flatten().max_by_key(|(_, names)| names.len()).ok_or(ImportError::NotText)?;
    let columns = Columns::of(&names)?;
    if defaults.agent.is_none() && !columns.places.contains_key(&Field::Agent) {
        return Err(BadColumns(vec!["agent".to_owned()]).into());
    }
    let sound = |fields: &[Vec<u8>]| fields.len() == columns.count;
    let mut lines = Vec::new();
    while let Some(row) = rows.next(&sound) {
        let Some(fields) = row.fields else {
            lines.push((row.line, Err(LineFault::QuoteOpen.into())));
            continue;
        };
        // What a spreadsheet leaves under its last line.
        if fields.iter().all(|field| field.iter().all(u8::is_ascii_whitespace)) {
            continue;
        }
        lines.push((row.line, line(&fields, &columns, encoding, defaults)));
    }
    Ok(lines)
}

fn line(
    fields: &[Vec<u8>],
    columns: &Columns,
    encoding: Encoding,
    defaults: Defaults<'_>,
) -> Result<Shift, ShiftFault> {
    let more = fields.iter().skip(columns.count).any(|field| !field.is_empty());
    if fields.len() < columns.count || more {
        return Err(LineFault::Columns { found: fields.len(), expected: columns.count }.into());
    }
    let cell = |field: Field| -> Result<Option<String>, ShiftFault> {
        let Some(bytes) = columns.places.get(&field).and_then(|place| fields.get(*place)) else {
            return Ok(None);
        };
        let text = encoding.text(bytes).ok_or(LineFault::NotUtf8)?;
        if text.chars().any(char::is_control) {
            return Err(LineFault::ControlCharacter.into());
        }
        if text.chars().count() > FIELD {
            return Err(LineFault::FieldTooLong { limit: FIELD }.into());
        }
        Ok((!text.is_empty()).then_some(text))
    };
    let agent = match cell(Field::Agent)? {
        Some(agent) => {
            AgentNumber(agent.parse().ok().filter(|number| *number > 0).ok_or(LineFault::AgentNotANumber)?)
        }
        None => defaults.agent.ok_or(LineFault::AgentMissing)?,
    };
    let named;
    let zone = match cell(Field::Zone)? {
        Some(name) => {
            named = Zone::named(&name).ok_or(ShiftFault::ZoneUnknown { zone: name })?;
            &named
        }
        None => defaults.zone,
    };
    let (from, until) = match (cell(Field::From)?, cell(Field::Until)?) {
        (Some(from), Some(until)) => (from, until),
        _ => return Err(ShiftFault::TimeMissing),
    };
    let period = match cell(Field::Date)? {
        Some(date) => on_day(&date, &from, &until, zone),
        None => moments(&from, &until, zone),
    }?;
    let kind = match cell(Field::Kind)?.map(|kind| folded(&kind)).as_deref() {
        None | Some("service" | "duty" | "travail" | "poste") => Kind::Duty,
        Some("astreinte" | "oncall" | "dastreinte") => Kind::OnCall,
        Some(_) => return Err(ShiftFault::KindUnknown),
    };
    let rank = match cell(Field::Rank)? {
        Some(rank) => Some(rank.parse().map_err(|_| ShiftFault::OrderTwice)?),
        None => None,
    };
    let reason = cell(Field::Reason)?;
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_CHARACTERS) {
        return Err(ShiftFault::ReasonTooLong);
    }
    Ok(Shift { agent, period, kind, team: cell(Field::Team)?, rank, reason })
}

fn on_day(
    date: &str,
    from: &str,
    until: &str,
    zone: &Zone,
) -> Result<estafette_protocol::hours::Period, ShiftFault> {
    let unreadable = ShiftFault::TimeUnreadable;
    let date = moment::date(date).ok_or(unreadable.clone())?;
    let (from, until) =
        moment::time_of_day(from).zip(moment::time_of_day(until)).ok_or(unreadable.clone())?;
    let last = if until <= from { date.next() } else { date };
    let instants = zone.instant(date, from).zip(zone.instant(last, until)).ok_or(unreadable)?;
    period(instants.0, instants.1)
}

fn moments(from: &str, until: &str, zone: &Zone) -> Result<estafette_protocol::hours::Period, ShiftFault> {
    let read = |typed: &str| {
        // A weekday depends on the day of the import: a file names dates.
        let dated = typed.starts_with(|sign: char| sign.is_ascii_digit());
        dated.then(|| moment::instant(typed, zone, estafette_protocol::Timestamp(0))).flatten()
    };
    let (from, until) = read(from).zip(read(until)).ok_or(ShiftFault::TimeUnreadable)?;
    period(from, until)
}
