//! The organisation's chain as rows.

use estafette_protocol::registry::Registry;
use estafette_protocol::statement::SignedStatement;
use estafette_protocol::{Hash, OrganisationId, Signature, StatementNumber, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, fixed, int};

/// Stores a statement that the registry has taken.
pub fn insert(db: &Connection, number: StatementNumber, signed: &SignedStatement) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO statement (number, body, signature) VALUES (?1, ?2, ?3)")?.execute((
        int(number.0),
        &signed.body[..],
        &signed.signature.0[..],
    ))?;
    Ok(())
}

/// Statements from a number on, in order.
pub fn from(
    db: &Connection,
    number: StatementNumber,
    most: usize,
) -> Result<Vec<SignedStatement>, StoreError> {
    let mut query = db.prepare_cached(&format!(
        "SELECT body, signature FROM statement WHERE number >= ?1 ORDER BY number LIMIT {most}"
    ))?;
    let mut rows = query.query([int(number.0)])?;
    let mut statements = Vec::new();
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(0)?;
        statements.push(SignedStatement { body: body.into(), signature: Signature(fixed(row.get(1)?)?) });
    }
    Ok(statements)
}

/// When a statement was made, by its signer's clock.
pub fn at(db: &Connection, number: StatementNumber) -> Result<Timestamp, StoreError> {
    let body: Vec<u8> = db
        .prepare_cached("SELECT body FROM statement WHERE number = ?1")?
        .query_row([int(number.0)], |row| row.get(0))?;
    let signed = SignedStatement { body: body.into(), signature: Signature([0; 64]) };
    signed.statement().map(|statement| statement.at).map_err(|_| StoreError::Corrupt)
}

/// Folds the stored chain, which was checked before it was stored.
pub fn fold(db: &Connection, organisation: OrganisationId) -> Result<Registry, StoreError> {
    let mut registry = Registry::new(organisation);
    let mut query = db.prepare_cached("SELECT body, signature FROM statement ORDER BY number")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(0)?;
        let signed = SignedStatement { body: body.into(), signature: Signature(fixed(row.get(1)?)?) };
        registry.restore(&signed).map_err(|_| StoreError::Corrupt)?;
    }
    Ok(registry)
}

/// The hash of a stored statement.
pub fn hash(db: &Connection, number: StatementNumber) -> Result<Option<Hash>, StoreError> {
    Ok(one(db, "SELECT body, signature FROM statement WHERE number = ?1", number)?
        .map(|signed| signed.hash()))
}

/// When the last statement was made, by its signer's clock.
pub fn dated(db: &Connection) -> Result<Timestamp, StoreError> {
    let last = "SELECT body, signature FROM statement WHERE number >= ?1 ORDER BY number DESC LIMIT 1";
    let Some(signed) = one(db, last, StatementNumber(0))? else { return Ok(Timestamp(0)) };
    signed.statement().map(|statement| statement.at).map_err(|_| StoreError::Corrupt)
}

fn one(db: &Connection, query: &str, number: StatementNumber) -> Result<Option<SignedStatement>, StoreError> {
    let mut query = db.prepare_cached(query)?;
    let row: Option<(Vec<u8>, Vec<u8>)> =
        query.query_row([int(number.0)], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    row.map(|(body, signature)| {
        Ok(SignedStatement { body: body.into(), signature: Signature(fixed(signature)?) })
    })
    .transpose()
}
