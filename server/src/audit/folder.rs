//! The audit of one organisation, read from its database: exported, or verified where it lies.
//!
//! May run beside the relay. A chain that does not hold is never signed.

use std::io::Write;

use ed25519_dalek::SigningKey;
use estafette_protocol::{Ed25519Public, OrganisationId, Timestamp, codec};

use super::verify::{Broken, Chain, Verified};
use super::{Head, HeadRecord, Line, Record, SignedHead};
use crate::store::{Reader, StoreError};

/// Lines read at a time.
const PAGE: usize = 1000;

/// Why an audit was not exported or does not hold.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The chain does not hold.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// What was exported cannot be written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Writes every line and the signed head.
///
/// # Errors
///
/// The chain does not hold; what was written until then has no head, and verifies as cut off.
pub fn export(
    reader: &dyn Reader,
    organisation: OrganisationId,
    key: &SigningKey,
    now: Timestamp,
    to: &mut dyn Write,
) -> Result<SignedHead, AuditError> {
    let end = follow(reader, |line, previous, hash| {
        serde_json::to_writer(&mut *to, &Record::of(line, previous, hash)).map_err(std::io::Error::from)?;
        Ok(to.write_all(b"\n")?)
    })?;
    let signed = SignedHead::sign(organisation, end, now, key);
    let public = Ed25519Public(key.verifying_key().to_bytes());
    serde_json::to_writer(&mut *to, &HeadRecord::of(organisation, &signed, &public))
        .map_err(std::io::Error::from)?;
    to.write_all(b"\n")?;
    to.flush()?;
    Ok(signed)
}

/// Verifies every line and every head that the relay signed.
///
/// # Errors
///
/// The first line that does not hold.
pub fn verify(
    reader: &dyn Reader,
    organisation: OrganisationId,
    key: &Ed25519Public,
) -> Result<Head, AuditError> {
    // Read first: lines that come meanwhile do no harm, a head for lines not yet read would.
    let heads = reader.audit_heads()?;
    let mut next = heads.iter().peekable();
    let end = follow(reader, |line, _, hash| {
        while let Some(signed) = next.next_if(|signed| signed.head.number <= line.number) {
            if signed.verify(organisation, key).is_err() {
                return Err(Broken::HeadForged(signed.head.number).into());
            }
            if signed.head != (Head { number: line.number, hash }) {
                return Err(Broken::HeadMissed { signed: signed.head.number, last: line.number }.into());
            }
        }
        Ok(())
    })?;
    match next.next() {
        Some(signed) => Err(Broken::HeadMissed { signed: signed.head.number, last: end.number }.into()),
        None => Ok(end),
    }
}

/// Whether an audit goes on where a verified export of it ended.
///
/// # Errors
///
/// The database cannot be read.
pub fn continues(reader: &dyn Reader, export: &Verified) -> Result<bool, StoreError> {
    let Head { number, hash } = export.signed.head;
    let standing = reader.audit(number.saturating_sub(1), 1)?;
    let same_line = standing.first().is_some_and(|row| row.number == number && row.hash == hash);
    Ok(reader.state()?.organisation == Some(export.organisation) && (number == 0 || same_line))
}

fn follow(
    reader: &dyn Reader,
    mut each: impl FnMut(&Line, estafette_protocol::Hash, estafette_protocol::Hash) -> Result<(), AuditError>,
) -> Result<Head, AuditError> {
    let mut chain = Chain::default();
    let mut after = 0;
    loop {
        let rows = reader.audit(after, PAGE)?;
        let Some(last) = rows.last() else { return Ok(chain.head()) };
        after = last.number;
        for row in &rows {
            let next = chain.head().number + 1;
            let read = codec::from_bytes::<Line>(&row.body, usize::MAX);
            let line = read.map_err(|_| Broken::Unreadable(next))?;
            if line.number != row.number {
                return Err(Broken::Altered(row.number).into());
            }
            let previous = chain.head().hash;
            chain.follow(&line, &row.body, row.hash).map_err(Broken::from)?;
            // An export says what the line says: what it could not say is not ours.
            if line.body() != row.body {
                return Err(Broken::Unreadable(next).into());
            }
            each(&line, previous, row.hash)?;
        }
    }
}
