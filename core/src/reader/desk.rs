//! What a screen says of the whole device: its lease, what waits for its agent, what came in their absence.

use std::time::Duration;

use estafette_protocol::hours::{HoursState, Period, Reach};
use estafette_protocol::{DeviceId, EntryUid, Timestamp};

use super::Reader;
use crate::lease::{self, Held, LeaseRow};
use crate::store::values::{self, Value};
use crate::store::{StoreError, fixed, int, outbox, uint};

/// An opening longer ago than this is no absence that anybody comes back from.
const LOOKED_BACK: Duration = Duration::from_hours(31 * 24);

/// Messages that came while the agent was off duty, and were not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Absence {
    /// Since when the agent is on duty again.
    pub until: Timestamp,
    /// How many messages of others the relay received then and this agent has not read.
    pub messages: u64,
    /// The same of announcements, which are no messages here.
    pub announcements: u64,
}

/// Whether an agent is on duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// On duty.
    On {
        /// When that ends, if it does.
        closes_at: Option<Timestamp>,
    },
    /// Off duty.
    Off {
        /// When it begins again, if that is known.
        reopens_at: Option<Timestamp>,
    },
}

impl Reader {
    /// Whether this device's agent is on duty at an instant, and until when they stay so; `None` where no
    /// hours are set.
    ///
    /// The relay's last word counts: it knows decisions that a device off duty is not given.
    ///
    /// # Errors
    ///
    /// The database cannot be read.
    pub fn duty(&mut self, now: Timestamp) -> Result<Option<Duty>, StoreError> {
        self.refresh()?;
        let own = self.registry.agent_of(self.identity.device);
        let Some(hours) = own.and_then(|own| self.registry.hours_of(own)) else { return Ok(None) };
        let told: Timestamp = values::get(&self.connection, Value::ClosedUntil)?.unwrap_or_default();
        Ok(Some(match hours.state(now, Reach::Duty) {
            HoursState::Open if now < told => {
                Duty::Off { reopens_at: Some(told).filter(|told| *told != Timestamp::MAX) }
            }
            HoursState::Open => Duty::On { closes_at: hours.next_change(now, Reach::Duty) },
            HoursState::Closed { reopens_at } => Duty::Off { reopens_at },
        }))
    }

    /// Until when this device's agent is on call, where they are at an instant; on duty or not.
    ///
    /// # Errors
    ///
    /// The database cannot be read.
    pub fn on_call_until(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.refresh()?;
        let own = self.registry.agent_of(self.identity.device);
        let hours = own.and_then(|own| self.registry.hours_of(own)).filter(|hours| !hours.is_on_leave(now));
        let turns = hours.into_iter().flat_map(|hours| hours.on_call).filter(|turn| turn.contains(now));
        Ok(turns.map(|turn| turn.until).max())
    }

    /// How the device stands by its lease, as its engine counts it.
    ///
    /// # Errors
    ///
    /// The database cannot be read.
    pub fn lease(&self) -> Result<LeaseRow, StoreError> {
        Ok(lease::row(&Held::load(&self.connection)?, outbox::open_count(&self.connection)?))
    }

    /// How many announcements wait for this agent's « Lu et compris ».
    ///
    /// # Errors
    ///
    /// The database cannot be read.
    pub fn asked_count(&mut self) -> Result<usize, StoreError> {
        self.refresh()?;
        let Some(own) = self.registry.agent_of(self.identity.device) else { return Ok(0) };
        let versions = {
            let mut query = self.connection.prepare_cached(
                "SELECT version FROM announcement WHERE due > 0
                   AND NOT EXISTS (SELECT 1 FROM announcement AS later WHERE later.corrects = announcement.version)
                   AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.version = announcement.version
                                     AND receipt.agent = ?1 AND receipt.state < 2)",
            )?;
            let rows = query.query_map([i64::from(own.0)], |row| row.get::<_, Vec<u8>>(0))?;
            rows.map(|row| Ok(EntryUid(fixed(row?)?))).collect::<Result<Vec<_>, StoreError>>()?
        };
        let mut count = 0;
        for version in versions {
            count += usize::from(self.announcement(version)?.is_some_and(|row| row.is_asked()));
        }
        Ok(count)
    }

    /// What came while the agent was off duty and was not read; nothing while off duty, or where no hours are set.
    /// `now` is the relay's time.
    ///
    /// # Errors
    ///
    /// The database cannot be read.
    pub fn absence(&mut self, now: Timestamp) -> Result<Option<Absence>, StoreError> {
        let absences = self.absences(now)?;
        let (Some(first), Some(last)) = (absences.first(), absences.last()) else { return Ok(None) };
        let until = last.until;
        let own = self.registry.agent_of(self.identity.device);
        let mut query = self.connection.prepare_cached(
            "SELECT message.author, message.received_at,
               EXISTS (SELECT 1 FROM announced WHERE message.uid IN (announced.entry, announced.version)) AS announces
             FROM thread CROSS JOIN message
             WHERE message.thread = thread.id AND message.position > thread.read_up_to AND message.erased = 0
               AND message.received_at BETWEEN ?1 AND ?2",
        )?;
        let mut found = query.query([int(first.from.0.max(1)), int(until.0.saturating_sub(1))])?;
        let (mut messages, mut announcements) = (0, 0);
        while let Some(row) = found.next()? {
            let (author, at) = (DeviceId(fixed(row.get(0)?)?), Timestamp(uint(row.get(1)?)));
            let away = absences.partition_point(|absence| absence.from <= at).checked_sub(1);
            let away = away.and_then(|place| absences.get(place)).is_some_and(|absence| absence.contains(at));
            if away && (own.is_none() || self.registry.agent_of(author) != own) {
                let announces: bool = row.get(2)?;
                *(if announces { &mut announcements } else { &mut messages }) += 1;
            }
        }
        Ok((messages + announcements > 0).then_some(Absence { until, messages, announcements }))
    }

    /// When the agent was off duty in the month before now, the latest last; nothing while off duty.
    fn absences(&mut self, now: Timestamp) -> Result<Vec<Period>, StoreError> {
        self.refresh()?;
        let agent = self.registry.agent_of(self.identity.device);
        let Some(hours) = agent.and_then(|agent| self.registry.hours_of(agent)) else {
            return Ok(Vec::new());
        };
        if !hours.is_open(now, Reach::Duty) {
            return Ok(Vec::new());
        }
        let back = u64::try_from(LOOKED_BACK.as_millis()).unwrap_or(u64::MAX);
        let mut at = Timestamp(now.0.saturating_sub(back));
        let mut closed = (!hours.is_open(at, Reach::Duty)).then_some(Timestamp(0));
        let mut absences = Vec::new();
        while let Some(change) = hours.next_change(at, Reach::Duty).filter(|change| *change <= now) {
            match closed.take() {
                Some(from) => absences.push(Period { from, until: change }),
                None => closed = Some(change),
            }
            at = change;
        }
        Ok(absences)
    }
}
