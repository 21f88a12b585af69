//! Columns in and out: ids as blobs, numbers as SQLite's signed 64 bits.

use estafette_protocol::codec;
use minicbor::{Decode, Encode};
use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::store::StoreError;

/// SQLite keeps signed numbers; ours stay below 2^63, and what does not is kept as the largest.
pub fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number that [`signed`] wrote.
pub fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A column with a number.
pub fn number(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    row.get(index).map(unsigned)
}

/// A column with an id of a fixed length.
pub fn id<const LEN: usize>(row: &Row<'_>, index: usize) -> rusqlite::Result<[u8; LEN]> {
    <[u8; LEN]>::column_result(row.get_ref(index)?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(index, rusqlite::types::Type::Blob, error.into())
    })
}

/// A stored value that does not read back is damage.
pub fn read<T: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, StoreError> {
    codec::from_bytes(bytes, usize::MAX).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The bytes that [`read`] reads.
pub fn write<T: Encode<()>>(value: &T) -> Vec<u8> {
    codec::to_bytes(value)
}

/// A setting.
pub fn setting(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut query = connection.prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
    Ok(query.query_row([name], |row| row.get(0)).optional()?)
}

/// The last number of a stream.
pub fn counter(connection: &Connection, name: &str) -> Result<u64, StoreError> {
    let mut query = connection.prepare_cached("SELECT value FROM counter WHERE name = ?1")?;
    Ok(query.query_row([name], |row| number(row, 0))?)
}
