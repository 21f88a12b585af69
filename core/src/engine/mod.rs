//! The device's state machine.
//!
//! One call is one transaction: what came in is applied, what follows from the rows is
//! decided, everything is committed durably, and only then do the effects leave. Every effect
//! can be derived from rows again, so a crash at any point repeats work and loses none.

mod announcements;
mod commands;
mod dated_head;
mod directory;
mod handshake;
mod history;
mod io;
mod item_commands;
mod items;
mod lease;
mod link;
mod memory;
mod notes;
mod reattest;
mod receive;
mod refusals;
mod restored;
mod send;
mod statements;
mod turn;
mod urgencies;
mod withdrawn;

use std::collections::BTreeSet;
use std::path::Path;

use estafette_protocol::registry::Registry;
use estafette_protocol::{Fault, Timestamp};
use rusqlite::Connection;

use crate::identity::StoredIdentity;
use crate::lease::Moment;
use crate::store::values::{self, Value};
use crate::store::{self, DatabaseKey, StoreError, int};

pub use io::{Change, Command, CommandAnswer, Effect, Input, LinkInput, LinkWish, When};
pub use turn::Dice;
pub(crate) use withdrawn::Wiped;

use memory::Memory;
use turn::Turn;

/// A device over its own database.
pub struct Engine {
    connection: Connection,
    memory: Memory,
}

impl Engine {
    /// Opens a device that was enrolled. Needs no network, and no time but the disk's.
    pub fn open(path: &Path, key: &DatabaseKey) -> Result<Self, StoreError> {
        let connection = store::open_existing(path, key)?;
        let memory = Memory::load(&connection)?;
        Ok(Self { connection, memory })
    }

    /// Makes the database of a device that enrols, around the identity that it drew.
    pub fn create(path: &Path, key: &DatabaseKey, identity: &StoredIdentity) -> Result<Self, StoreError> {
        let mut connection = store::open(path, key)?;
        let transaction = connection.transaction()?;
        values::put(&transaction, Value::Identity, identity)?;
        transaction.commit()?;
        let memory = Memory::load(&connection)?;
        Ok(Self { connection, memory })
    }

    /// Sets how many pages of 4,096 bytes the database may have, at least those that it has; beyond,
    /// a transaction is [`StoreError::DiskFull`]. `None`: as many as the disk holds.
    pub fn set_quota(&self, pages: Option<u32>) -> Result<(), StoreError> {
        let pages = pages.unwrap_or(u32::MAX - 1);
        self.connection.pragma_update(None, "max_page_count", pages)?;
        Ok(())
    }

    /// What the statements known here add up to.
    pub fn registry(&self) -> &Registry {
        &self.memory.registry
    }

    /// Who this device is.
    pub fn identity(&self) -> &StoredIdentity {
        &self.memory.identity
    }

    /// Works inside the engine's transaction before the first contact: key packages of an enrolment.
    pub fn transaction<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&store::Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.connection.transaction().map_err(StoreError::from)?;
        let result = work(&transaction)?;
        transaction.commit().map_err(StoreError::from)?;
        self.memory = Memory::load(&self.connection)?;
        Ok(result)
    }

    /// What shall happen after a start, derived from rows.
    pub fn resume(&mut self, now: impl Into<Moment>, rng: &mut dyn Dice) -> Result<Vec<Effect>, StoreError> {
        self.handle_many(now, rng, vec![Input::Tick])
    }

    /// Takes what happened, in one durable transaction, and says what shall happen.
    ///
    /// `now` is what this device's clocks show. After an error nothing of the call was kept; the
    /// connection is to be closed, and the same inputs may be given again.
    pub fn handle_many(
        &mut self,
        now: impl Into<Moment>,
        rng: &mut dyn Dice,
        inputs: Vec<Input>,
    ) -> Result<Vec<Effect>, StoreError> {
        match self.attempt(now.into(), rng, inputs) {
            Ok(effects) => Ok(effects),
            Err(error) => {
                tracing::warn!(fault = Fault::from(&error).code.as_str(), "a transaction was given up");
                // What memory learned from it is void: rows decide.
                let fresh = Memory::load(&self.connection);
                match fresh {
                    Ok(memory) => self.memory = memory,
                    Err(_) => {
                        self.memory.drop_link();
                        self.memory.notes.forget_all();
                    }
                }
                Err(error)
            }
        }
    }

    fn attempt(
        &mut self,
        now: Moment,
        rng: &mut dyn Dice,
        inputs: Vec<Input>,
    ) -> Result<Vec<Effect>, StoreError> {
        let transaction = self.connection.transaction()?;
        let mut turn = Turn {
            tx: &transaction,
            device_now: now.wall,
            running: now.running,
            rng,
            memory: &mut self.memory,
            effects: Vec::new(),
            changed: BTreeSet::new(),
            touched: BTreeSet::new(),
        };
        turn.notice_clock();
        turn.count_lease()?;
        for input in inputs {
            match input {
                Input::Command { id, command } => turn.command(id, command)?,
                Input::Withdraw { id } => turn.withdraw(id),
                Input::Link(input) => turn.link_input(input)?,
                Input::Attested(made) => turn.attested(made)?,
                Input::Tick => {}
            }
        }
        turn.obey()?;
        turn.pump()?;
        turn.settle_interventions()?;
        turn.wake_for_lease();
        turn.settle_notes()?;
        turn.write_threads()?;
        let Turn { mut effects, changed, .. } = turn;
        transaction.commit()?;
        if std::mem::take(&mut self.memory.scrub) {
            // What was erased is still in the write-ahead log. A screen that reads at this moment
            // puts it off until the next transaction.
            self.memory.scrub = !store::truncate_log(&self.connection)?;
        }
        effects.extend(changed.into_iter().map(Effect::Changed));
        if let Some(wake_at) = self.memory.wake_at {
            let on_device = int(wake_at.0).saturating_sub(self.memory.offset);
            effects.push(Effect::WakeAt(Timestamp(u64::try_from(on_device).unwrap_or(0))));
        }
        Ok(effects)
    }
}
