//! The place whose clocks an agent looks at, and what they show now.

use estafette_core::reader::Reader;
use estafette_protocol::Timestamp;
use estafette_protocol::hours::Zone;
use estafette_protocol::texts::{Language, text};

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

    /// Its zone, while a calendar says one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// "2026-11-23 08:00".
    pub fn local(&self, at: Timestamp) -> String {
        local(self.name(), at)
    }

    /// "demain 08:00", where it is today or tomorrow.
    pub fn soon(&self, language: Language, at: Timestamp) -> String {
        let Some(zone) = self.zone() else { return self.local(at) };
        let (today, then) = (zone.local_time(self.now).date, zone.local_time(at));
        let time = format!("{:02}:{:02}", then.minute / 60, then.minute % 60);
        match then.date {
            date if date == today => text(language, "time-today", &[("time", (&time).into())]),
            date if date == today.next() => text(language, "time-tomorrow", &[("time", (&time).into())]),
            _ => self.local(at),
        }
    }

    /// Its zone, or the one that is shown while no calendar says another.
    pub fn zone(&self) -> Option<Zone> {
        self.name().and_then(Zone::named).or_else(|| Zone::named(crate::output::PLACE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(said(31), "2026-11-25 00:30");
        let other = Place { name: Some("Indian/Reunion".to_owned()), now: MONDAY };
        assert_eq!(other.soon(Language::English, MONDAY), "today 20:30");
        let none = Place { name: None, now: MONDAY };
        assert_eq!(none.local(MONDAY), "2026-11-23 17:30", "without a calendar, Paris");
    }
}
