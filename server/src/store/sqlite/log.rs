//! Entries and slots.

use estafette_protocol::chain::{self, Placement};
use estafette_protocol::entry::Urgency;
use estafette_protocol::frame::SlotKind;
use estafette_protocol::{
    AuthEpoch, DeviceId, Epoch, Fault, FaultCode, Hash, Position, RosterId, StatementNumber, ThreadId,
    Timestamp,
};
use rusqlite::OptionalExtension;

use super::Transaction;
use super::columns::{id, number, signed, unsigned, write};
use crate::store::{
    AnswerWrite, Append, BundleWrite, CallWrite, CommitWrite, CommonWrite, Erasure, Fence, Log, Outcome,
    ReceiptWrite, SlotWrite, Stood, StoreError, Verdict, Withdrawal, overtaken,
};

/// The entries of a thread that are older than an instant and have bytes. Times do not fall in a
/// thread: they lie between those that were erased before and the first that is young enough, and
/// nothing else is looked at.
pub(super) const EXPIRED: &str = "FROM entry JOIN thread ON thread.id = entry.thread
    WHERE thread.name = ?1 AND entry.stream > thread.erased AND entry.stream < coalesce(
        (SELECT young.stream FROM entry AS young
         WHERE young.thread = thread.id AND young.stream > thread.erased AND young.received_at >= ?2
         ORDER BY young.stream LIMIT 1),
        9223372036854775807)";

/// A thread's row, as the next entry needs it.
struct ThreadEnd {
    key: i64,
    position: Position,
    chain: Hash,
    received_at: Timestamp,
    statement: StatementNumber,
}

impl Transaction<'_> {
    /// The next number of a stream.
    pub(super) fn next_number(&self, stream: &str) -> Result<u64, StoreError> {
        let mut query = self
            .sql
            .prepare_cached("UPDATE counter SET value = value + 1 WHERE name = ?1 RETURNING value")?;
        Ok(query.query_row([stream], |row| number(row, 0))?)
    }

    pub(super) fn auth_epoch(&self, device: DeviceId) -> Result<AuthEpoch, StoreError> {
        let mut query = self.sql.prepare_cached("SELECT auth_epoch FROM device WHERE device = ?1")?;
        Ok(AuthEpoch(query.query_row([device.0], |row| row.get(0)).optional()?.unwrap_or(0)))
    }

    pub(super) fn statement_head(&self) -> Result<Option<StatementNumber>, StoreError> {
        let mut query = self.sql.prepare_cached("SELECT max(number) FROM statement")?;
        let head: Option<i64> = query.query_row((), |row| row.get(0))?;
        Ok(head.map(|number| StatementNumber(unsigned(number))))
    }

    fn thread_end(&self, thread: ThreadId) -> Result<ThreadEnd, StoreError> {
        let mut query = self.sql.prepare_cached(
            "SELECT id, position, chain, received_at, statement FROM thread WHERE name = ?1",
        )?;
        let found = query
            .query_row([thread.0], |row| {
                Ok(ThreadEnd {
                    key: row.get(0)?,
                    position: Position(number(row, 1)?),
                    chain: Hash(id(row, 2)?),
                    received_at: Timestamp(number(row, 3)?),
                    statement: StatementNumber(number(row, 4)?),
                })
            })
            .optional()?;
        if let Some(end) = found {
            return Ok(end);
        }
        let chain = chain::start(thread);
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO thread (name, position, chain, received_at, statement, stream, slots)
             VALUES (?1, 0, ?2, 0, 0, 0, 0)",
        )?;
        let key = insert.insert((thread.0, chain.0))?;
        Ok(ThreadEnd {
            key,
            position: Position(0),
            chain,
            received_at: Timestamp(0),
            statement: StatementNumber(0),
        })
    }

    fn known(&self, entry: &Append) -> Result<Option<Stood>, StoreError> {
        let header = &entry.entry.header;
        let mut query = self.sql.prepare_cached(
            "SELECT position, received_at, statement, stream, hash, previous FROM entry
             WHERE thread = (SELECT id FROM thread WHERE name = ?1) AND author = ?2 AND uid = ?3",
        )?;
        let found = query.query_row((header.thread.0, entry.author.0, header.uid.0), |row| {
            Ok(Stood {
                placement: Placement {
                    position: Position(number(row, 0)?),
                    received_at: Timestamp(number(row, 1)?),
                    statement: StatementNumber(number(row, 2)?),
                },
                stream: number(row, 3)?,
                hash: Hash(id(row, 4)?),
                previous: Hash(id(row, 5)?),
                fresh: false,
            })
        });
        Ok(found.optional()?)
    }

    /// What stands in the way of an entry, `None` if nothing does.
    fn fenced(&self, entry: &Append, fence: &Fence) -> Result<Option<Outcome>, StoreError> {
        if self.auth_epoch(entry.author)? != fence.auth_epoch {
            return Ok(Some(Outcome::Refused(FaultCode::DeviceRevoked.into())));
        }
        if overtaken(self.statement_head()?, fence.statement) {
            return Ok(Some(Outcome::Overtaken));
        }
        let header = &entry.entry.header;
        Ok(match self.standing(entry.roster)? {
            None => Some(Outcome::Refused(FaultCode::NotFound.into())),
            Some(group) if group.open_removals && entry.urgency() == Urgency::Normal => {
                Some(Outcome::Refused(FaultCode::RemovalOpen.into()))
            }
            Some(group)
                if header.generation != group.generation
                    || !(group.floor..=group.epoch).contains(&header.epoch) =>
            {
                Some(Outcome::Refused(Fault::new(FaultCode::StaleEpoch).with_number(group.epoch.0)))
            }
            Some(_) => match header.announced {
                Some(announced) if !self.has_common(announced.common)? => {
                    Some(Outcome::Refused(FaultCode::CommonMissing.into()))
                }
                _ => None,
            },
        })
    }

    fn place(&self, entry: &Append) -> Result<Stood, StoreError> {
        let header = &entry.entry.header;
        let end = self.thread_end(header.thread)?;
        let placement = Placement {
            position: end.position.next(),
            received_at: entry.now.max(end.received_at),
            statement: self.statement_head()?.unwrap_or_default().max(end.statement),
        };
        self.count_off_hours(entry)?;
        let chain = chain::next(end.chain, entry.hash, placement);
        let stream = self.next_number("content")?;
        let at =
            (signed(placement.position.0), signed(placement.received_at.0), signed(placement.statement.0));
        self.sql
            .prepare_cached(
                "INSERT INTO entry (stream, thread, position, author, uid, received_at, statement, urgency, hash,
                                    previous, header, sealed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(rusqlite::params![
                signed(stream),
                end.key,
                at.0,
                entry.author.0,
                header.uid.0,
                at.1,
                at.2,
                entry.urgency() as i64,
                entry.hash.0,
                end.chain.0,
                write(header),
                entry.entry.sealed,
            ])?;
        self.sql
            .prepare_cached(
                "UPDATE thread SET position = ?2, chain = ?3, received_at = ?4, statement = ?5, stream = ?6
                 WHERE id = ?1",
            )?
            .execute((end.key, at.0, chain.0, at.1, at.2, signed(stream)))?;
        let stood = Stood { placement, stream, hash: entry.hash, previous: end.chain, fresh: true };
        if let Some(announced) = &header.announced {
            self.note_announced(entry, announced, &stood)?;
        }
        if entry.urgency() == Urgency::Emergency && header.terms.is_some() {
            self.begin_call(entry, &stood)?;
        }
        Ok(stood)
    }
}

impl Log for Transaction<'_> {
    fn append(&mut self, entry: &Append) -> Result<Outcome, StoreError> {
        if let Some(stood) = self.known(entry)? {
            return Ok(Outcome::Appended(stood));
        }
        let fence = match &entry.verdict {
            Verdict::May(fence) => fence,
            Verdict::MayNot(fault) => return Ok(Outcome::Refused(fault.clone())),
        };
        match self.fenced(entry, fence)? {
            Some(outcome) => Ok(outcome),
            None => Ok(Outcome::Appended(self.place(entry)?)),
        }
    }

    fn commit(&mut self, commit: &CommitWrite) -> Result<Outcome, StoreError> {
        self.take_commit(commit)
    }

    fn slot(&mut self, write: &SlotWrite) -> Result<Outcome, StoreError> {
        let slot = &write.slot;
        let Some(thread) = slot.thread.full() else {
            return Ok(Outcome::Refused(FaultCode::Malformed.into()));
        };
        let key = self.thread_end(thread)?.key;
        let kind = match slot.kind {
            SlotKind::Delivered => 0,
            SlotKind::Read => 1,
        };
        let standing = self
            .sql
            .prepare_cached("SELECT version FROM slot WHERE thread = ?1 AND device = ?2 AND kind = ?3")?
            .query_row((key, slot.device.0, kind), |row| number(row, 0))
            .optional()?;
        if let Some(standing) = standing.filter(|standing| slot.version <= *standing) {
            return Ok(Outcome::Refused(Fault::new(FaultCode::SlotOutdated).with_number(standing)));
        }
        let number = signed(self.next_number("slots")?);
        self.sql
            .prepare_cached(
                "INSERT INTO slot (thread, device, kind, version, number, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (thread, device, kind)
                 DO UPDATE SET version = excluded.version, number = excluded.number, sealed = excluded.sealed",
            )?
            .execute((key, slot.device.0, kind, signed(slot.version), number, &slot.sealed[..]))?;
        self.sql.prepare_cached("UPDATE thread SET slots = ?2 WHERE id = ?1")?.execute((key, number))?;
        Ok(Outcome::Done)
    }

    fn erase(&mut self, erasure: &Erasure) -> Result<usize, StoreError> {
        let mut erased = 0;
        for thread in &erasure.threads {
            let room = erasure.limit.saturating_sub(erased);
            let mut due = self
                .sql
                .prepare_cached(&format!("SELECT entry.stream {EXPIRED} ORDER BY entry.stream LIMIT ?3"))?;
            let parameters = (thread.0, signed(erasure.before.0), signed(room as u64));
            let due = due.query_map(parameters, |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
            let Some(last) = due.last() else { continue };
            for stream in &due {
                // Urgency goes with the bytes: nobody is woken for what is gone.
                self.sql
                    .prepare_cached(
                        "UPDATE entry SET header = x'', sealed = x'', urgency = 0 WHERE stream = ?1",
                    )?
                    .execute([stream])?;
                self.drop_announced(*stream)?;
                self.drop_call(*stream)?;
            }
            self.sql
                .prepare_cached("UPDATE thread SET erased = ?2 WHERE name = ?1")?
                .execute((thread.0, last))?;
            erased += due.len();
        }
        Ok(erased)
    }

    fn withdraw(&mut self, withdrawal: &Withdrawal) -> Result<Outcome, StoreError> {
        let mut place = None;
        let mut erased = 0;
        for entry in &withdrawal.entries {
            let standing: Option<(i64, i64, Vec<u8>)> = self
                .sql
                .prepare_cached(
                    "SELECT entry.stream, entry.position, entry.author FROM entry
                     JOIN thread ON thread.id = entry.thread WHERE thread.name = ?1 AND entry.uid = ?2",
                )?
                .query_row((withdrawal.thread.0, entry.0), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            let Some((stream, position, author)) = standing else { continue };
            if !withdrawal.authors.iter().any(|device| device.0[..] == author[..]) {
                continue;
            }
            let position = Position(unsigned(position));
            if withdrawal.above.is_some_and(|above| position <= above) {
                return Ok(Outcome::Refused(FaultCode::TooLate.into()));
            }
            place = Some(position);
            erased += 1;
            self.sql
                .prepare_cached("UPDATE entry SET header = x'', sealed = x'', urgency = 0 WHERE stream = ?1")?
                .execute([stream])?;
            self.drop_announced(stream)?;
            self.drop_call(stream)?;
        }
        Ok(match (withdrawal.above, place) {
            (Some(_), None) => Outcome::Refused(FaultCode::NotFound.into()),
            (Some(_), Some(position)) => Outcome::Withdrawn(position),
            (None, _) => Outcome::Erased(erased),
        })
    }

    fn welcomed(&mut self, device: DeviceId, mark: u64) -> Result<Outcome, StoreError> {
        self.drop_welcomes(device, Some(mark), None)?;
        self.drop_bundles(device, Some(mark), None)?;
        Ok(Outcome::Done)
    }

    fn common(&mut self, common: &CommonWrite) -> Result<Outcome, StoreError> {
        self.keep_common(common)
    }

    fn receipt(&mut self, receipt: &ReceiptWrite) -> Result<Outcome, StoreError> {
        self.keep_receipt(receipt)
    }

    fn call(&mut self, call: &CallWrite) -> Result<Outcome, StoreError> {
        self.keep_call(call)
    }

    fn answer(&mut self, answer: &AnswerWrite) -> Result<Outcome, StoreError> {
        self.keep_answer(answer)
    }

    fn bundle(&mut self, bundle: &BundleWrite) -> Result<Outcome, StoreError> {
        self.keep_bundle(bundle)
    }
}

/// A group's row, as fences need it.
pub(super) struct Standing {
    pub generation: estafette_protocol::RosterGeneration,
    pub epoch: Epoch,
    pub floor: Epoch,
    pub open_removals: bool,
}

impl Transaction<'_> {
    /// How a roster's group stands.
    pub(super) fn standing(&self, roster: RosterId) -> Result<Option<Standing>, StoreError> {
        let mut query = self
            .sql
            .prepare_cached("SELECT generation, epoch, floor, open_removals FROM roster WHERE roster = ?1")?;
        let found = query.query_row([roster.0], |row| {
            Ok(Standing {
                generation: estafette_protocol::RosterGeneration(row.get(0)?),
                epoch: Epoch(number(row, 1)?),
                floor: Epoch(number(row, 2)?),
                open_removals: row.get(3)?,
            })
        });
        Ok(found.optional()?)
    }
}
