//! What this database keeps, by its own schema.

use estafette_protocol::knowledge::{COUNTED, Kept};
use rusqlite::{Connection, params};

use super::columns::number;
use crate::store::StoreError;

/// Every table with its columns and rows, by name.
pub(super) fn kept(sql: &Connection) -> Result<Vec<Kept>, StoreError> {
    let mut names = sql.prepare_cached(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )?;
    let names: Vec<String> = names.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?;
    names.into_iter().map(|table| of(sql, table)).collect()
}

fn of(sql: &Connection, table: String) -> Result<Kept, StoreError> {
    let mut columns = sql.prepare_cached("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
    let columns = columns.query_map([&table], |row| row.get(0))?.collect::<Result<_, _>>()?;
    // The name is the schema's own; no parameter can stand for a table.
    let quoted = table.replace('"', "\"\"");
    let query = format!("SELECT count(*) FROM (SELECT 1 FROM \"{quoted}\" LIMIT ?1)");
    let most = i64::try_from(COUNTED).unwrap_or(i64::MAX);
    let rows = sql.query_row(&query, params![most], |row| number(row, 0))?;
    Ok(Kept { table, columns, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_told_with_its_columns_and_its_rows() {
        let sql = Connection::open_in_memory().unwrap();
        sql.execute_batch(include_str!("../../../schema.sql")).unwrap();
        for month in 0..3 {
            sql.execute("INSERT INTO off_hours VALUES (?1, x'00', 1)", [month]).unwrap();
        }
        let kept = kept(&sql).unwrap();
        let tables = include_str!("../../../schema.sql").matches("CREATE TABLE ").count();
        assert_eq!(kept.len(), tables);
        let off_hours = kept.iter().find(|kept| kept.table == "off_hours").unwrap();
        assert_eq!(off_hours.columns, ["month", "roster", "entries"]);
        assert_eq!(off_hours.rows, 3);
        let entry = kept.iter().find(|kept| kept.table == "entry").unwrap();
        assert_eq!((entry.rows, entry.columns.last().map(String::as_str)), (0, Some("sealed")));
    }
}
