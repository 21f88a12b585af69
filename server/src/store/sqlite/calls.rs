//! Calls that urgent messages begin, and the answers to them.

use estafette_protocol::entry::Header;
use estafette_protocol::urgency::Terms;
use estafette_protocol::{AgentNumber, DeviceId};
use estafette_protocol::{EntryUid, FaultCode, Hash, ThreadId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Params, Row};

use super::Transaction;
use super::columns::{id, number, read, signed, write};
use super::handshakes::ControlKind;
use crate::store::{AnswerWrite, Append, CallRow, CallWrite, Outcome, Stood, StoreError};

const CALL: &str = "SELECT stream, thread, uid, hash, author, received_at, until, minutes, asked, ended_at, unanswered FROM call";

/// The calls that a condition names, with their answers.
pub(super) fn calls(
    connection: &Connection,
    condition: &str,
    parameters: impl Params,
) -> Result<Vec<CallRow>, StoreError> {
    let mut query = connection.prepare_cached(&format!("{CALL} WHERE {condition}"))?;
    let rows = query.query_map(parameters, columns)?.collect::<Result<Vec<_>, _>>()?;
    rows.into_iter()
        .map(|(row, asked)| {
            let answers = answers(connection, row.stream)?;
            Ok(CallRow { asked: read(&asked)?, answers, ..row })
        })
        .collect()
}

/// The newest calls, with what their entries' headers state.
pub(super) fn declared(
    connection: &Connection,
    limit: usize,
) -> Result<Vec<(CallRow, Option<Terms>)>, StoreError> {
    let mut header = connection.prepare_cached("SELECT header FROM entry WHERE stream = ?1")?;
    let newest =
        calls(connection, "1 ORDER BY stream DESC LIMIT ?1", [i64::try_from(limit).unwrap_or(i64::MAX)])?;
    newest
        .into_iter()
        .map(|call| {
            let stated: Option<Vec<u8>> =
                header.query_row([signed(call.stream)], |row| row.get(0)).optional()?;
            let stated = stated.filter(|stated| !stated.is_empty());
            let terms =
                stated.map(|stated| read::<Header>(&stated)).transpose()?.and_then(|header| header.terms);
            Ok((call, terms))
        })
        .collect()
}

fn columns(row: &Row<'_>) -> rusqlite::Result<(CallRow, Vec<u8>)> {
    let call = CallRow {
        stream: number(row, 0)?,
        thread: ThreadId(id(row, 1)?),
        entry: EntryUid(id(row, 2)?),
        hash: Hash(id(row, 3)?),
        author: DeviceId(id(row, 4)?),
        received_at: Timestamp(number(row, 5)?),
        until: Timestamp(number(row, 6)?),
        minutes: row.get(7)?,
        asked: Vec::new(),
        answers: Vec::new(),
        ended_at: Some(Timestamp(number(row, 9)?)).filter(|at| at.0 > 0),
        unanswered: row.get(10)?,
    };
    Ok((call, row.get(8)?))
}

fn answers(
    connection: &Connection,
    stream: u64,
) -> Result<Vec<(AgentNumber, estafette_protocol::urgency::Answer)>, StoreError> {
    let mut query =
        connection.prepare_cached("SELECT agent, body FROM answer WHERE stream = ?1 ORDER BY agent")?;
    let rows = query.query_map([signed(stream)], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    rows.into_iter().map(|(agent, body)| Ok((AgentNumber(agent), read(&body)?))).collect()
}

impl Transaction<'_> {
    /// An urgent entry was placed: in the same transaction its call begins, with nobody called yet.
    pub(super) fn begin_call(&self, entry: &Append, stood: &Stood) -> Result<(), StoreError> {
        let row = CallRow::begun(entry, stood);
        self.sql
            .prepare_cached(
                "INSERT INTO call (stream, thread, uid, hash, author, received_at, until, minutes, asked,
                                   ended_at, unanswered)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0)",
            )?
            .execute((
                signed(row.stream),
                row.thread.0,
                row.entry.0,
                row.hash.0,
                row.author.0,
                signed(row.received_at.0),
                signed(row.until.0),
                row.minutes,
                write(&row.asked),
            ))?;
        Ok(())
    }

    pub(super) fn keep_call(&self, wanted: &CallWrite) -> Result<Outcome, StoreError> {
        let changed = self
            .sql
            .prepare_cached(
                "UPDATE call SET asked = ?2, ended_at = ?3, unanswered = ?4 WHERE stream = ?1 AND ended_at = 0",
            )?
            .execute((
                signed(wanted.stream),
                write(&wanted.asked),
                signed(wanted.ended_at.unwrap_or_default().0),
                wanted.unanswered,
            ))?;
        if changed == 0 {
            return Ok(Outcome::Refused(FaultCode::NotFound.into()));
        }
        if !wanted.asked.is_empty() || wanted.unanswered {
            self.report_call(wanted.stream)?;
        }
        Ok(Outcome::Done)
    }

    pub(super) fn keep_answer(&self, wanted: &AnswerWrite) -> Result<Outcome, StoreError> {
        if self.auth_epoch(wanted.answer.device)?.0 != 0 {
            return Ok(Outcome::Refused(FaultCode::DeviceRevoked.into()));
        }
        let mut known = self.sql.prepare_cached("SELECT 1 FROM call WHERE stream = ?1")?;
        if known.query_row([signed(wanted.stream)], |_| Ok(())).optional()?.is_none() {
            return Ok(Outcome::Refused(FaultCode::NotFound.into()));
        }
        let added = self
            .sql
            .prepare_cached("INSERT OR IGNORE INTO answer (stream, agent, body) VALUES (?1, ?2, ?3)")?
            .execute((signed(wanted.stream), wanted.agent.0, write(&wanted.answer)))?;
        if added == 0 {
            return Ok(Outcome::Repeated);
        }
        self.sql
            .prepare_cached("UPDATE call SET ended_at = ?2 WHERE stream = ?1 AND ended_at = 0")?
            .execute((signed(wanted.stream), signed(wanted.at.0)))?;
        self.report_call(wanted.stream)?;
        Ok(Outcome::Done)
    }

    /// A report takes the place of the one before in the control stream.
    fn report_call(&self, stream: u64) -> Result<(), StoreError> {
        self.forget_reports(signed(stream))?;
        self.control(ControlKind::Call, signed(stream)).map(drop)
    }

    fn forget_reports(&self, stream: i64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("DELETE FROM control WHERE kind = 8 AND reference = ?1")?
            .execute([stream])?;
        Ok(())
    }

    /// An entry has lost its bytes: its call goes with it.
    pub(super) fn drop_call(&self, stream: i64) -> Result<(), StoreError> {
        let dropped = self.sql.prepare_cached("DELETE FROM call WHERE stream = ?1")?.execute([stream])?;
        if dropped > 0 {
            self.forget_reports(stream)?;
            self.sql.prepare_cached("DELETE FROM answer WHERE stream = ?1")?.execute([stream])?;
        }
        Ok(())
    }
}
