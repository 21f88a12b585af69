//! The organisation's chain as rows.

use estafette_protocol::registry::Registry;
use estafette_protocol::statement::SignedStatement;
use estafette_protocol::{OrganisationId, Signature, StatementNumber, Timestamp};
use rusqlite::Connection;

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
