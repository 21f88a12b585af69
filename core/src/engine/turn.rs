//! One transaction of the engine: the time, the dice, the rows, and what shall happen after.

use std::collections::BTreeSet;
use std::time::Duration;

use estafette_protocol::hours::{HoursState, Reach};
use estafette_protocol::{Fault, FaultCode, Position, RosterId, ThreadId, Timestamp};
use rand_core::{CryptoRng, RngCore};

use super::memory::Memory;
use super::{Change, Effect};
use crate::store::threads::{self, Thread};
use crate::store::values::{self, Value};
use crate::store::{StoreError, Tx, faults, int};

/// A generator fit for keys.
pub trait Dice: RngCore + CryptoRng {}
impl<T: RngCore + CryptoRng> Dice for T {}

/// A clock that goes back further was set, not corrected.
const SET_BACK: Duration = Duration::from_secs(60);
/// How far clocks may differ before the person is told.
const CLOCK_TOLERANCE_MS: i64 = 5 * 60 * 1000;

pub(super) struct Turn<'a> {
    pub tx: &'a Tx<'a>,
    /// This device's clock.
    pub device_now: Timestamp,
    /// How long this device has been running.
    pub running: Option<Duration>,
    pub rng: &'a mut dyn Dice,
    pub memory: &'a mut Memory,
    pub effects: Vec<Effect>,
    pub changed: BTreeSet<Change>,
    pub touched: BTreeSet<i64>,
}

impl Turn<'_> {
    /// The relay's time, as well as this device knows it.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.device_now.0.saturating_add_signed(self.memory.offset))
    }

    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// Whether this device's agent may be reached, by the statements known here.
    pub fn hours(&self, reach: Reach) -> HoursState {
        self.memory.hours.as_ref().map_or(HoursState::Open, |hours| hours.state(self.now(), reach))
    }

    /// Until when what is composed now has to wait; `None` on duty. The relay's last word counts
    /// too: it knows statements that an off-duty device does not get.
    pub fn composed_off_duty_until(&self) -> Option<Timestamp> {
        let told = Some(self.memory.closed_until).filter(|until| self.now() < *until);
        match self.hours(Reach::Duty) {
            HoursState::Open => told,
            HoursState::Closed { reopens_at } => Some(reopens_at.unwrap_or(Timestamp::MAX)),
        }
    }

    /// When this agent's next time on duty begins; on duty, the one after this one. At once where
    /// hours never close.
    pub fn next_duty(&self) -> Timestamp {
        if let Some(until) = self.composed_off_duty_until() {
            return until;
        }
        let Some(hours) = self.memory.hours.as_ref() else { return Timestamp(0) };
        let Some(closes) = hours.next_change(self.now(), Reach::Duty) else { return Timestamp(0) };
        match hours.state(closes, Reach::Duty) {
            HoursState::Open => Timestamp(0),
            HoursState::Closed { reopens_at } => reopens_at.unwrap_or(Timestamp::MAX),
        }
    }

    /// Keeps the relay's word that hours are closed; `Timestamp(0)` when it delivers again.
    pub fn relay_closed_until(&mut self, until: Timestamp) -> Result<(), StoreError> {
        if self.memory.closed_until != until {
            self.memory.closed_until = until;
            values::put(self.tx, Value::ClosedUntil, &until)?;
            self.changed.insert(Change::Device);
        }
        Ok(())
    }

    /// A clock that was set back makes every pause last longer: the relay is asked what time it is.
    pub fn notice_clock(&mut self) {
        if self.device_now.after(SET_BACK) < self.memory.clock_showed {
            self.memory.contact_at = Timestamp(0);
            self.memory.retry_at = Timestamp(0);
        }
        self.memory.clock_showed = self.device_now;
    }

    /// Learns the relay's time from a message of it.
    pub fn learn_time(&mut self, relay_time: Timestamp) -> Result<(), StoreError> {
        let offset = int(relay_time.0).saturating_sub(int(self.device_now.0));
        if (offset - self.memory.offset).abs() < 1000 {
            return Ok(());
        }
        if offset.abs() > CLOCK_TOLERANCE_MS && self.memory.offset.abs() <= CLOCK_TOLERANCE_MS {
            self.note_fault(FaultCode::ClockWrong, None)?;
        }
        self.memory.offset = offset;
        values::put(self.tx, Value::ClockOffset, &offset)
    }

    /// Keeps a fault for the person to see.
    pub fn note_fault(&mut self, code: FaultCode, thread: Option<i64>) -> Result<(), StoreError> {
        tracing::warn!(code = code.as_str(), "a fault is shown");
        faults::note(self.tx, self.now(), code, thread.unwrap_or(0))?;
        self.changed.insert(Change::Fault);
        Ok(())
    }

    /// The thread of that id, made if the roster is known and it is not.
    pub fn thread_row(&mut self, id: ThreadId) -> Result<Option<i64>, StoreError> {
        if let Some(row) = self.memory.rows.get(&id) {
            return Ok(Some(*row));
        }
        let known = self.memory.rosters.contains_key(&id.roster()) || self.discover_pair(id.roster())?;
        match known {
            true => self.create_thread(id, id.roster()).map(Some),
            false => Ok(None),
        }
    }

    pub fn create_thread(&mut self, id: ThreadId, roster: RosterId) -> Result<i64, StoreError> {
        if let Some(row) = self.memory.rows.get(&id) {
            return Ok(*row);
        }
        let thread = threads::create(self.tx, id, roster)?;
        let row = thread.row;
        self.memory.rows.insert(id, row);
        self.memory.threads.insert(row, thread);
        self.changed.insert(Change::Threads);
        Ok(row)
    }

    /// A thread to be changed; it is written at the end of the transaction.
    pub fn thread_mut(&mut self, row: i64) -> Result<&mut Thread, StoreError> {
        self.touched.insert(row);
        self.memory.threads.get_mut(&row).ok_or(StoreError::Corrupt)
    }

    pub fn thread(&self, row: i64) -> Result<&Thread, StoreError> {
        self.memory.threads.get(&row).ok_or(StoreError::Corrupt)
    }

    /// Writes the threads that changed.
    pub fn write_threads(&mut self) -> Result<(), StoreError> {
        for row in std::mem::take(&mut self.touched) {
            if let Some(thread) = self.memory.threads.get(&row) {
                threads::update(self.tx, thread)?;
                self.changed.insert(Change::Thread(thread.id));
            }
        }
        Ok(())
    }

    /// This agent's devices: their messages are never unread.
    pub fn is_own(&self, device: estafette_protocol::DeviceId) -> bool {
        let own = self.memory.identity.device;
        device == own || self.memory.registry.agent_of(device) == self.memory.registry.agent_of(own)
    }

    pub fn refuse(&mut self, command: u64, fault: impl Into<Fault>) {
        let answer = super::CommandAnswer::Refused(fault.into());
        self.effects.push(Effect::Answer { id: command, answer });
    }

    pub fn answer(&mut self, command: u64, answer: super::CommandAnswer) {
        self.effects.push(Effect::Answer { id: command, answer });
    }
}

/// The position before another; 0 stays.
pub(super) fn before(position: Position) -> Position {
    Position(position.0.saturating_sub(1))
}
