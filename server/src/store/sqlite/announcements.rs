//! Announcements: what they have in common, which entries announce, and receipts.

use estafette_protocol::announcement::{Announced, Receipt};
use estafette_protocol::{FaultCode, Hash};
use rusqlite::OptionalExtension;

use super::Transaction;
use super::columns::{id, signed, write};
use super::handshakes::ControlKind;
use crate::store::{Append, CommonWrite, Outcome, ReceiptWrite, Stood, StoreError};

impl Transaction<'_> {
    pub(super) fn keep_common(&self, common: &CommonWrite) -> Result<Outcome, StoreError> {
        // What was brought before and announced nowhere is not waited for.
        self.sql
            .prepare_cached(
                "DELETE FROM common WHERE author = ?1 AND hash NOT IN (SELECT common FROM announced)",
            )?
            .execute([common.author.0])?;
        self.sql
            .prepare_cached("INSERT OR IGNORE INTO common (hash, author, body) VALUES (?1, ?2, ?3)")?
            .execute((common.common.hash().0, common.author.0, &common.common.0[..]))?;
        Ok(Outcome::Done)
    }

    /// Whether what an entry announces can be read by whoever gets it.
    pub(super) fn has_common(&self, hash: Hash) -> Result<bool, StoreError> {
        let mut query = self.sql.prepare_cached("SELECT 1 FROM common WHERE hash = ?1")?;
        Ok(query.query_row([hash.0], |_| Ok(())).optional()?.is_some())
    }

    /// Notes that an entry which was placed announces.
    pub(super) fn note_announced(
        &self,
        entry: &Append,
        announced: &Announced,
        stood: &Stood,
    ) -> Result<(), StoreError> {
        let header = &entry.entry.header;
        self.sql
            .prepare_cached(
                "INSERT INTO announced (stream, common, version, corrects, author, thread, due, received_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(rusqlite::params![
                signed(stood.stream),
                announced.common.0,
                announced.version.0,
                announced.corrects.map(|version| version.0.to_vec()).unwrap_or_default(),
                entry.author.0,
                header.thread.0,
                signed(header.acknowledgement_due.unwrap_or_default().0),
                signed(stood.placement.received_at.0),
            ])?;
        Ok(())
    }

    /// An entry has lost its bytes: with the last one that announces it, the announcement goes.
    pub(super) fn drop_announced(&self, stream: i64) -> Result<(), StoreError> {
        let common: Option<[u8; 32]> = self
            .sql
            .prepare_cached("DELETE FROM announced WHERE stream = ?1 RETURNING common")?
            .query_row([stream], |row| id(row, 0))
            .optional()?;
        let Some(common) = common else { return Ok(()) };
        let mut left = self.sql.prepare_cached("SELECT 1 FROM announced WHERE common = ?1")?;
        if left.query_row([common], |_| Ok(())).optional()?.is_some() {
            return Ok(());
        }
        self.sql.prepare_cached("DELETE FROM common WHERE hash = ?1")?.execute([common])?;
        self.sql
            .prepare_cached(
                "DELETE FROM control WHERE kind = 7 AND reference IN (SELECT id FROM receipt WHERE common = ?1)",
            )?
            .execute([common])?;
        self.sql.prepare_cached("DELETE FROM receipt WHERE common = ?1")?.execute([common])?;
        Ok(())
    }

    pub(super) fn keep_receipt(&self, wanted: &ReceiptWrite) -> Result<Outcome, StoreError> {
        let Receipt { thread, version, common, device, .. } = &wanted.receipt;
        if self.auth_epoch(*device)?.0 != 0 {
            return Ok(Outcome::Refused(FaultCode::DeviceRevoked.into()));
        }
        let standing: Option<(Vec<u8>, Vec<u8>, i64)> = self
            .sql
            .prepare_cached("SELECT version, author, due FROM announced WHERE common = ?1 AND thread = ?2")?
            .query_row((common.0, thread.0), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((standing, issuer, due)) = standing else {
            return Ok(Outcome::Refused(FaultCode::NotFound.into()));
        };
        if standing != version.0 || due == 0 {
            return Ok(Outcome::Refused(FaultCode::ReceiptInvalid.into()));
        }
        let added = self
            .sql
            .prepare_cached(
                "INSERT OR IGNORE INTO receipt (common, agent, issuer, body) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((common.0, wanted.agent.0, issuer, write(&wanted.receipt)))?;
        if added == 0 {
            return Ok(Outcome::Repeated);
        }
        self.control(ControlKind::Receipt, self.sql.last_insert_rowid())?;
        Ok(Outcome::Done)
    }
}
