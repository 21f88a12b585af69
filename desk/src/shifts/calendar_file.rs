//! Shifts in an iCalendar file (RFC 5545): its events, read strictly.
//!
//! Read are DTSTART and DTEND, in UTC, in a named zone or by the clocks of the place, and
//! whole days; SUMMARY is the reason, CATEGORIES may say that it is on call, and
//! X-ESTAFETTE-AGENT, -TEAM and -RANK whose it is. A zone is an IANA name: definitions in the
//! file (VTIMEZONE) are not believed. Repeated events are refused, cancelled ones passed over.
//!
//! The one line that is bad is named, not the whole event: with its number in the file.

use estafette_protocol::hours::{Date, REASON_CHARACTERS, Zone};
use estafette_protocol::{AgentNumber, Timestamp};

use super::{Defaults, Kind, Lines, Shift, ShiftFault, period};
use crate::import::columns::folded;
use crate::import::{ImportError, LineFault};

/// The longest content line that is looked at, in bytes, unfolded.
const CONTENT_LINE: usize = 8 * 1024;

/// Whether a file begins as iCalendar files do.
pub(super) fn is_calendar(bytes: &[u8]) -> bool {
    let begin = b"BEGIN:VCALENDAR";
    bytes.get(..begin.len()).is_some_and(|start| start.eq_ignore_ascii_case(begin))
}

/// Reads a file without its byte order mark.
pub(super) fn parse(bytes: &[u8], defaults: Defaults<'_>) -> Result<Lines, ImportError> {
    let content = std::str::from_utf8(bytes).map_err(|_| ImportError::NotText)?;
    let mut lines = Lines::new();
    let mut event: Option<Event> = None;
    // Components within an event, such as its alarms, and what lies outside of events.
    let mut inside = 0_usize;
    for (number, line) in unfolded(content) {
        let Some(property) = Property::of(&line) else {
            if let Some(event) = &mut event {
                event.fault(number, ShiftFault::EventIncomplete);
            }
            continue;
        };
        match (property.name.as_str(), property.value.to_ascii_uppercase().as_str()) {
            ("BEGIN", "VEVENT") => {
                if let Some(open) = event.replace(Event::at(number)) {
                    lines.push((open.line, Err(ShiftFault::EventIncomplete)));
                }
                inside = 0;
            }
            ("END", "VEVENT") => lines.extend(event.take().and_then(|event| event.close(defaults))),
            ("BEGIN", _) => inside += 1,
            ("END", _) => inside = inside.saturating_sub(1),
            _ if inside > 0 && event.is_some() => {}
            _ => {
                if let Some(event) = &mut event {
                    event.take(number, &property, defaults.zone);
                }
            }
        }
    }
    if let Some(open) = event {
        lines.push((open.line, Err(ShiftFault::EventIncomplete)));
    }
    Ok(lines)
}

/// Content lines with the number of their first physical line: one that begins with a space or a
/// tab goes on with the one before it (RFC 5545 §3.1).
fn unfolded(content: &str) -> Vec<(u64, String)> {
    let mut lines: Vec<(u64, String)> = Vec::new();
    for (number, line) in (1..).zip(content.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, open))) => {
                if open.len() <= CONTENT_LINE {
                    open.push_str(rest);
                }
            }
            _ if line.is_empty() => {}
            _ => lines.push((number, line.to_owned())),
        }
    }
    lines
}

/// NAME;PARAMETER=value:value
struct Property {
    name: String,
    parameters: Vec<(String, String)>,
    value: String,
}

impl Property {
    fn of(line: &str) -> Option<Self> {
        if line.len() > CONTENT_LINE {
            return None;
        }
        let mut quoted = false;
        let colon = line.char_indices().find_map(|(at, sign)| {
            quoted ^= sign == '"';
            (sign == ':' && !quoted).then_some(at)
        })?;
        let (head, value) = (&line[..colon], line[colon + 1..].to_owned());
        let mut parts = head.split(';');
        let name = parts.next()?.to_ascii_uppercase();
        let parameters = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.to_ascii_uppercase(), value.trim_matches('"').to_owned()));
        Some(Self { name, parameters: parameters.collect(), value })
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Its text without escapes (§3.3.11).
    fn text(&self) -> String {
        let mut text = String::new();
        let mut signs = self.value.chars();
        while let Some(sign) = signs.next() {
            match (sign, sign == '\\') {
                (_, true) => match signs.next() {
                    Some('n' | 'N') | None => text.push(' '),
                    Some(escaped) => text.push(escaped),
                },
                (sign, false) => text.push(if sign.is_control() { ' ' } else { sign }),
            }
        }
        text.trim().to_owned()
    }
}

/// An event that is being read.
struct Event {
    line: u64,
    /// The first fault, where it stands.
    bad: Option<(u64, ShiftFault)>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    /// The next day, where the beginning is a date: the end of an event without one.
    day_after: Option<Timestamp>,
    kind: Kind,
    agent: Option<AgentNumber>,
    team: Option<String>,
    rank: Option<u16>,
    reason: Option<String>,
    cancelled: bool,
}

impl Event {
    fn at(line: u64) -> Self {
        Self {
            line,
            bad: None,
            from: None,
            until: None,
            day_after: None,
            kind: Kind::Duty,
            agent: None,
            team: None,
            rank: None,
            reason: None,
            cancelled: false,
        }
    }

    fn fault(&mut self, line: u64, fault: ShiftFault) {
        self.bad.get_or_insert((line, fault));
    }

    fn take(&mut self, line: u64, property: &Property, zone: &Zone) {
        let outcome = match property.name.as_str() {
            "DTSTART" => instant(property, zone).and_then(|(at, day_after)| {
                self.day_after = day_after;
                once(&mut self.from, at)
            }),
            "DTEND" => instant(property, zone).and_then(|(at, _)| once(&mut self.until, at)),
            "DURATION" => Err(ShiftFault::EventIncomplete),
            "RRULE" | "RDATE" | "RECURRENCE-ID" => Err(ShiftFault::Recurring),
            "SUMMARY" => {
                self.reason = Some(property.text()).filter(|reason| !reason.is_empty());
                let long = self.reason.iter().any(|reason| reason.chars().count() > REASON_CHARACTERS);
                if long { Err(ShiftFault::ReasonTooLong) } else { Ok(()) }
            }
            "CATEGORIES" => {
                let on_call = |word: &str| matches!(folded(word).as_str(), "astreinte" | "oncall");
                if property.value.split(',').any(on_call) {
                    self.kind = Kind::OnCall;
                }
                Ok(())
            }
            "STATUS" => {
                self.cancelled = property.value.eq_ignore_ascii_case("CANCELLED");
                Ok(())
            }
            "X-ESTAFETTE-AGENT" => {
                let number = property.value.trim().parse().ok().filter(|number| *number > 0);
                self.agent = number.map(AgentNumber);
                self.agent.map(|_| ()).ok_or(LineFault::AgentNotANumber.into())
            }
            "X-ESTAFETTE-TEAM" => {
                self.team = Some(property.text());
                Ok(())
            }
            "X-ESTAFETTE-RANK" => {
                self.rank = property.value.trim().parse().ok();
                self.rank.map(|_| ()).ok_or(ShiftFault::OrderTwice)
            }
            _ => Ok(()),
        };
        if let Err(fault) = outcome {
            self.fault(line, fault);
        }
    }

    fn close(self, defaults: Defaults<'_>) -> Option<(u64, Result<Shift, ShiftFault>)> {
        if self.cancelled {
            return None;
        }
        if let Some((line, fault)) = self.bad {
            return Some((line, Err(fault)));
        }
        let shift = || {
            let from = self.from.ok_or(ShiftFault::EventIncomplete)?;
            let until = self.until.or(self.day_after).ok_or(ShiftFault::EventIncomplete)?;
            let agent = self.agent.or(defaults.agent).ok_or(LineFault::AgentMissing)?;
            let period = period(from, until)?;
            Ok(Shift {
                agent,
                period,
                kind: self.kind,
                team: self.team.clone(),
                rank: self.rank,
                reason: self.reason.clone(),
            })
        };
        Some((self.line, shift()))
    }
}

fn once(slot: &mut Option<Timestamp>, at: Timestamp) -> Result<(), ShiftFault> {
    if slot.replace(at).is_some() { Err(ShiftFault::EventIncomplete) } else { Ok(()) }
}

/// A date or a time (§3.3.4, §3.3.5); of a date also the next midnight.
fn instant(property: &Property, zone: &Zone) -> Result<(Timestamp, Option<Timestamp>), ShiftFault> {
    let named;
    let zone = match property.parameter("TZID") {
        Some(name) => {
            named = Zone::named(name).ok_or_else(|| ShiftFault::ZoneUnknown { zone: name.to_owned() })?;
            &named
        }
        None => zone,
    };
    let utc;
    let (value, zone) = match property.value.strip_suffix('Z') {
        Some(value) => {
            utc = Zone::named("UTC").ok_or(ShiftFault::TimeUnreadable)?;
            (value, &utc)
        }
        None => (property.value.as_str(), zone),
    };
    let (date, time) = value.split_once('T').map_or((value, None), |(date, time)| (date, Some(time)));
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(date, 8) || !time.is_none_or(|time| digits(time, 6) && time.ends_with("00")) {
        return Err(ShiftFault::TimeUnreadable);
    }
    let read = || {
        let number = |text: &str| text.parse::<i16>().ok();
        let small = |text: &str| text.parse::<i8>().ok();
        let date = Date::new(number(&date[..4])?, small(&date[4..6])?, small(&date[6..])?)?;
        match time {
            None => Some((zone.instant(date, 0)?, Some(zone.instant(date, 1440)?))),
            Some(time) => {
                let (hour, minute) = (time[..2].parse::<u16>().ok()?, time[2..4].parse::<u16>().ok()?);
                (hour < 24 && minute < 60).then_some(())?;
                Some((zone.instant(date, hour * 60 + minute)?, None))
            }
        }
    };
    read().ok_or(ShiftFault::TimeUnreadable)
}
