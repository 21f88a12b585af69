//! What a device does when the relay was restored: its log is another one from then on.
//!
//! Always true: nothing that was shown disappears. A message keeps its text and is listed as awaited
//! until it comes back, by its name, and takes the place that the restored log gives it. What this
//! device had sent in the last 35 days is offered again under the same names, so the relay doubles
//! nothing. Marks begin anew: a position of the lost log says nothing about this one.
//!
//! While the relay waits for the organisation's decisions ([`FaultCode::Restoring`]) everything that
//! was asked stays asked, and this device shows the statements that the relay lacks.

use std::time::Duration;

use estafette_protocol::frame::{Cursor, Outcome, RequestBody};
use estafette_protocol::{
    Fault, FaultCode, LogGeneration, Position, StatementNumber, Timestamp, chain, limits,
};

use super::Change;
use super::memory::Asked;
use super::reattest::Attesting;
use super::turn::Turn;
use crate::store::messages::Message;
use crate::store::rosters::RosterState;
use crate::store::values::{self, Value};
use crate::store::{StoreError, changes, marks, messages, outbox, statements, threads};

/// How long what was sent is kept, in case the relay is restored.
const KEPT: Duration = Duration::from_hours(35 * 24);
/// How soon a relay that waits for statements is asked again.
const RESTORING_EVERY: Duration = Duration::from_secs(15);

impl Turn<'_> {
    /// Learns which log the relay keeps. Another one than before: it was restored.
    pub fn log_generation(&mut self, generation: LogGeneration) -> Result<(), StoreError> {
        let known = self.memory.log;
        if known == Some(generation) {
            return Ok(());
        }
        if known.is_some() {
            self.begin_anew()?;
        }
        self.memory.log = Some(generation);
        values::put(self.tx, Value::LogGeneration, &generation)
    }

    fn begin_anew(&mut self) -> Result<(), StoreError> {
        tracing::info!("the relay keeps another log: it was restored");
        let own = self.memory.identity.device;
        self.memory.renews_last_resort = true;
        outbox::offer_again(self.tx, self.kept_since())?;
        marks::begin_anew(self.tx, own)?;
        changes::begin_anew(self.tx)?;
        self.announcements_anew()?;
        self.answers_anew()?;
        values::put(self.tx, Value::Cursor, &Cursor::default())?;
        let rows: Vec<i64> = self.memory.threads.keys().copied().collect();
        for row in rows {
            messages::await_again(self.tx, row, own, self.thread(row)?.read_up_to)?;
            threads::forget_log(self.tx, row)?;
            let thread = self.thread_mut(row)?;
            thread.joined = Position(0);
            thread.chain = chain::start(thread.id);
            thread.highest = Position(0);
            thread.statement = StatementNumber(0);
            thread.read_up_to = Position(0);
        }
        // Groups are founded anew: each device first takes the commits that it missed, for the secrets
        // of entries that it has not read, and then learns that the generation is another.
        let members = self.memory.rosters.values().filter(|roster| roster.state == RosterState::Member);
        let members: Vec<_> = members.map(|roster| roster.id).collect();
        members.into_iter().for_each(|roster| self.want(roster).catch_up = true);
        self.changed.extend([Change::Threads, Change::Outbox, Change::Device]);
        Ok(())
    }

    fn kept_since(&self) -> Timestamp {
        let kept = u64::try_from(KEPT.as_millis()).unwrap_or(u64::MAX);
        Timestamp(self.now().0.saturating_sub(kept))
    }

    /// Forgets what was sent and has stood for so long that no backup is older.
    pub fn forget_placed(&mut self) -> Result<(), StoreError> {
        outbox::forget_placed(self.tx, self.kept_since())
    }

    /// An entry whose message is here already: if it was awaited, it takes its place.
    pub fn come_back(&mut self, row: i64, message: &Message) -> Result<(), StoreError> {
        let (position, at) = (message.position, message.received_at);
        let Some(was_read) = messages::come_back(self.tx, message.uid, message.author, position, at)? else {
            return Ok(());
        };
        let own = self.memory.identity.device;
        let known = self.thread_mut(row)?;
        let (read_up_to, roster) = (known.read_up_to, known.roster);
        if was_read
            && position > read_up_to
            && !messages::stands_between(self.tx, row, own, read_up_to, position)?
        {
            self.thread_mut(row)?.read_up_to = position;
            self.advance_read(row, roster, position)?;
        }
        Ok(())
    }

    /// The relay waits for the organisation's decisions: what was asked is asked again later.
    pub fn put_off(&mut self, asked: Asked, fault: &Fault) -> Result<(), StoreError> {
        let link = &mut self.memory.link;
        link.restoring = Some(StatementNumber(fault.number.unwrap_or_default()));
        match asked {
            Asked::Append(uids) => {
                for uid in uids {
                    if let Some((thread, _)) = outbox::find(self.tx, uid)? {
                        self.memory.link.appending.remove(&thread);
                    }
                }
            }
            Asked::Range { .. } => link.asking_range = false,
            Asked::Commit(roster)
            | Asked::Commits(roster)
            | Asked::Reserve(roster)
            | Asked::Group(roster) => {
                link.handshaking.remove(&roster);
            }
            Asked::State(statement) => {
                link.stating = false;
                self.memory.to_state.insert(0, statement);
            }
            Asked::Statements => link.asking_statements = false,
            Asked::Slot { thread, kind, .. } => drop(link.marking.remove(&(thread, kind))),
            Asked::Recover => return self.still_restoring(),
            Asked::Hello => link.said_hello = false,
            Asked::DatedHead(_) => link.dating = false,
            Asked::Erase(_) => link.erasing = false,
            Asked::Common(hash) => drop(link.bringing.remove(&hash)),
            Asked::Acknowledge(hash) => drop(link.acknowledging.remove(&hash)),
            Asked::Answer(entry) => drop(link.answering.remove(&entry)),
            Asked::Command { id, .. } => self.refuse(id, fault.clone()),
            Asked::Challenge | Asked::Attest => self.memory.attesting = Attesting::Idle,
            Asked::Stored
            | Asked::KeyPackages
            | Asked::CommitRefused
            | Asked::Bundle
            | Asked::Orders
            | Asked::Wiped => {}
        }
        self.tell_restoring()
    }

    /// The relay refuses this device as a whole while it waits: its certificate is younger than the backup.
    pub fn wait_for_restore(&mut self) -> Result<(), StoreError> {
        self.close_for(RESTORING_EVERY);
        self.tell_restoring()
    }

    fn tell_restoring(&mut self) -> Result<(), StoreError> {
        if std::mem::replace(&mut self.memory.told_restoring, true) {
            return Ok(());
        }
        self.note_fault(FaultCode::Restoring, None)
    }

    /// Shows the relay, which waits, the statements after its last one; or learns those that this
    /// device lacks, so that what it shows is the whole chain.
    pub fn show_statements(&mut self, head: StatementNumber) -> Result<(), StoreError> {
        let link = &self.memory.link;
        if link.recovering || link.asking_statements {
            return Ok(());
        }
        if self.memory.registry.last() < head {
            self.memory.statements_missing = true;
            self.send_statements_request();
            return Ok(());
        }
        self.ask_to_recover(head)
    }

    pub fn ask_to_recover(&mut self, head: StatementNumber) -> Result<(), StoreError> {
        let statements = statements::from(self.tx, head.next(), limits::RECOVERED)?;
        let own = self.memory.registry.last();
        self.memory.link.recovering = true;
        self.ask(RequestBody::Recover { statements, head: own }, Asked::Recover);
        Ok(())
    }

    /// The relay has what this device showed, and waits for an administrator's.
    fn still_restoring(&mut self) -> Result<(), StoreError> {
        let link = &mut self.memory.link;
        link.recovering = false;
        // More of them than one request holds.
        if link.restoring.is_some_and(|head| head < self.memory.registry.last()) {
            return Ok(());
        }
        self.wait_for_restore()
    }

    pub fn recovered(&mut self, outcome: Outcome) -> Result<(), StoreError> {
        let link = &mut self.memory.link;
        link.recovering = false;
        match outcome {
            Outcome::Done(_) => {
                link.restoring = None;
                self.memory.told_restoring = false;
                Ok(())
            }
            // Another chain stands there: the relay was let go on before it knew this one.
            Outcome::Refused(fault) => {
                tracing::warn!(code = fault.code.as_str(), "the relay does not take statements that stood");
                if link.restoring.is_some() {
                    self.close_for(RESTORING_EVERY);
                }
                self.note_fault(FaultCode::StatementsWithheld, None)
            }
        }
    }
}
