//! The whole directory as this device has read it, for an administrator's computer that publishes the next edition.

use estafette_protocol::{AgentNumber, TeamNumber};

use super::{NameKind, Reader};
use crate::directory::{AgentName, Names};
use crate::store::StoreError;
use crate::store::values::{self, Value};

impl Reader {
    /// The edition that was read; 0 where none was.
    pub fn directory_version(&self) -> Result<u64, StoreError> {
        Ok(values::get(&self.connection, Value::DirectoryVersion)?.unwrap_or(0))
    }

    /// Its names.
    pub fn directory(&self) -> Result<Names, StoreError> {
        let mut names = Names::default();
        let mut query = self.connection.prepare_cached("SELECT kind, number, name, detail FROM name")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, number, name): (i64, u32, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if kind == NameKind::Team.number() {
                names.teams.insert(TeamNumber(number), name);
            } else {
                let function = Some(row.get::<_, String>(3)?).filter(|function| !function.is_empty());
                names.agents.insert(AgentNumber(number), AgentName { name, function });
            }
        }
        Ok(names)
    }
}
