//! The place whose clocks an agent looks at, and what they show now.

use estafette_core::reader::Reader;
use estafette_protocol::Timestamp;
use estafette_protocol::hours::{Date, Zone};
use estafette_protocol::texts::{Argument, Language, text};

use crate::clock;
use crate::output::local;
use crate::session::Failure;

/// The zone of the first calendar that applies to the agent whose device this is.
pub fn zone(reader: &mut Reader) -> Result<Option<String>, Failure> {
    let hours = match reader.device()?.agent {
        Some(agent) => reader.registry()?.hours_of(agent),
        None => None,
    };
    Ok(hours.and_then(|hours| hours.calendars.first().map(|calendar| calendar.zone.clone())))
}

/// An agent's place: the zone of the first calendar that applies.
pub struct Place {
    name: Option<String>,
    /// The relay's clock, as this computer knows it.
    pub now: Timestamp,
}

impl Place {
    /// The place of the agent whose device this is.
    pub fn of(reader: &mut Reader) -> Result<Self, Failure> {
        let name = zone(reader)?;
        let now = Timestamp(clock::now().0.saturating_add_signed(reader.device()?.clock_offset));
        Ok(Self { name, now })
    }

    /// The place of somebody who reads what another one made: times as in Paris.
    pub fn shown_everywhere(now: Timestamp) -> Self {
        Self { name: None, now }
    }

    /// The place of a zone that is named.
    pub fn in_zone(zone: String, now: Timestamp) -> Self {
        Self { name: Some(zone), now }
    }

    /// Its zone, while a calendar says one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// "2026-11-23 08:00".
    pub fn local(&self, at: Timestamp) -> String {
        local(self.name(), at)
    }

    /// "demain 08:00", or "lundi 30 novembre 08:00".
    pub fn soon(&self, language: Language, at: Timestamp) -> String {
        let Some(zone) = self.zone() else { return self.local(at) };
        let (today, then) = (zone.local_time(self.now).date, zone.local_time(at));
        let time = format!("{:02}:{:02}", then.minute / 60, then.minute % 60);
        match then.date {
            date if date == today => text(language, "time-today", &[("time", (&time).into())]),
            date if date == today.next() => text(language, "time-tomorrow", &[("time", (&time).into())]),
            date => format!("{} {time}", day_words(language, date, Some(today))),
        }
    }

    /// "lundi 3 mars 2025 14:02", whatever day it is.
    pub fn dated(&self, language: Language, at: Timestamp) -> String {
        format!("{} {}", self.long_day(language, at), self.clock(at))
    }

    /// "lundi 3 mars 2025".
    pub fn long_day(&self, language: Language, at: Timestamp) -> String {
        day_words(language, self.date(at), None)
    }

    /// "14:02".
    pub fn clock(&self, at: Timestamp) -> String {
        let local = self.zone().map(|zone| zone.local_time(at));
        local.map_or_else(
            || at.to_string(),
            |local| format!("{:02}:{:02}", local.minute / 60, local.minute % 60),
        )
    }

    /// The day of an instant.
    pub fn date(&self, at: Timestamp) -> Date {
        self.zone().map_or_else(|| Date::from_days(0), |zone| zone.local_time(at).date)
    }

    /// "aujourd’hui", "hier", "demain", "lundi 3 mars", or of another year "lundi 3 mars 2025".
    pub fn day(&self, language: Language, date: Date) -> String {
        let today = self.date(self.now);
        match date.days() - today.days() {
            -1 => text(language, "day-yesterday", &[]),
            0 => text(language, "day-today", &[]),
            1 => text(language, "day-tomorrow", &[]),
            _ => day_words(language, date, Some(today)),
        }
    }

    /// "14:02", "hier 14:02", "lundi 3 mars 14:02".
    pub fn spoken(&self, language: Language, at: Timestamp) -> String {
        let (date, clock) = (self.date(at), self.clock(at));
        match date == self.date(self.now) {
            true => clock,
            false => format!("{} {clock}", self.day(language, date)),
        }
    }

    /// "14:02" for today, else the day alone: "hier", "03/03/2025".
    pub fn brief(&self, language: Language, at: Timestamp) -> String {
        let date = self.date(at);
        match self.date(self.now).days() - date.days() {
            0 => self.clock(at),
            1 => text(language, "day-yesterday", &[]),
            _ => {
                let written = date.to_string();
                let parts: Vec<&str> = written.split('-').collect();
                match (language, parts[..].as_ref()) {
                    (Language::French, [year, month, day]) => format!("{day}/{month}/{year}"),
                    _ => written,
                }
            }
        }
    }

    /// Its zone, or the one that is shown while no calendar says another.
    pub fn zone(&self) -> Option<Zone> {
        self.name().and_then(Zone::named).or_else(|| Zone::named(crate::output::PLACE))
    }
}

/// "lundi 23 novembre 2026"; without the year where it is that of `beside`.
fn day_words(language: Language, date: Date, beside: Option<Date>) -> String {
    let written = date.to_string();
    let year_of = |written: &str| written.split('-').next().map(str::to_owned);
    let same_year = beside.is_some_and(|beside| year_of(&beside.to_string()) == year_of(&written));
    let mut numbers = written.split('-').map(str::parse::<u64>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day)), None) =
        (numbers.next(), numbers.next(), numbers.next(), numbers.next())
    else {
        return written;
    };
    let arguments = [
        ("weekday", Argument::Number(date.weekday() as u64)),
        ("day", day.into()),
        ("month", month.into()),
        ("year", if same_year { Argument::Text("") } else { year.into() }),
    ];
    text(language, "date-day", &arguments).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_said_as_people_say_them() {
        let place = Place { name: Some("Europe/Paris".to_owned()), now: MONDAY };
        let before = |hours: u64| Timestamp(MONDAY.0 - hours * HOUR);
        let spoken = |hours| place.spoken(Language::French, before(hours));
        assert_eq!(spoken(17), "00:30");
        assert_eq!(spoken(18), "hier 23:30");
        assert_eq!(spoken(48), "samedi 21 novembre 17:30");
        assert_eq!(place.spoken(Language::English, Timestamp(MONDAY.0 + 7 * HOUR)), "tomorrow 00:30");
        assert_eq!(place.brief(Language::French, before(1)), "16:30");
        assert_eq!(place.brief(Language::French, before(18)), "hier");
        assert_eq!(place.brief(Language::French, before(48)), "21/11/2026");
        assert_eq!(place.brief(Language::English, before(48)), "2026-11-21");
    }

    /// 2026-11-23 17:30 in Paris.
    const MONDAY: Timestamp = Timestamp(1_795_451_400_000);
    const HOUR: u64 = 3_600_000;

    #[test]
    fn a_time_is_said_as_people_say_it_today_and_tomorrow_and_by_its_date_later() {
        let place = Place { name: Some("Europe/Paris".to_owned()), now: MONDAY };
        let said = |hours| place.soon(Language::French, Timestamp(MONDAY.0 + hours * HOUR));
        assert_eq!(said(6), "aujourd’hui 23:30");
        assert_eq!(said(7), "demain 00:30");
        assert_eq!(said(30), "demain 23:30");
        assert_eq!(said(31), "mercredi 25 novembre 00:30");
        let other = Place { name: Some("Indian/Reunion".to_owned()), now: MONDAY };
        assert_eq!(other.soon(Language::English, MONDAY), "today 20:30");
        let none = Place { name: None, now: MONDAY };
        assert_eq!(none.local(MONDAY), "2026-11-23 17:30", "without a calendar, Paris");
    }
}
