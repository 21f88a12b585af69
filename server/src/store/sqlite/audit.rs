//! The audit's chain: lines at its end, and the relay's signed heads.

use estafette_protocol::Hash;
use rusqlite::{Connection, OptionalExtension};

use super::Transaction;
use super::columns::{id, number, signed};
use crate::audit::{Draft, Head, Line, SignedHead, link};
use crate::store::{Audit, Outcome, StoreError};

/// The last line's number and hash.
pub(super) fn audit_end(connection: &Connection) -> Result<Head, StoreError> {
    let mut query =
        connection.prepare_cached("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")?;
    let found = query.query_row((), |row| Ok(Head { number: number(row, 0)?, hash: Hash(id(row, 1)?) }));
    Ok(found.optional()?.unwrap_or_default())
}

impl Audit for Transaction<'_> {
    fn audit(&mut self, lines: &[Draft]) -> Result<Outcome, StoreError> {
        let mut end = audit_end(self.sql)?;
        for draft in lines {
            let next = end.number + 1;
            let body = Line::of(next, draft).body();
            end = Head { number: next, hash: link(end.hash, &body) };
            self.sql
                .prepare_cached("INSERT INTO audit (number, body, hash) VALUES (?1, ?2, ?3)")?
                .execute((signed(next), body, end.hash.0))?;
        }
        Ok(Outcome::Done)
    }

    fn audit_head(&mut self, head: &SignedHead) -> Result<Outcome, StoreError> {
        let kept = self
            .sql
            .prepare_cached(
                "INSERT INTO audit_head (number, at, hash, signature) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (number) DO NOTHING",
            )?
            .execute((signed(head.head.number), signed(head.at.0), head.head.hash.0, head.signature.0))?;
        Ok(if kept == 1 { Outcome::Done } else { Outcome::Repeated })
    }
}
