//! What the records share with those of other administrators: names and teams, as the sealed directory has them.
//!
//! The directory is the only place where two administrators meet. Always true: what was not published yet is not
//! overwritten by another's edition; what another published is in these records before they are published, so that
//! no edition takes a name away.

use std::collections::BTreeMap;

use estafette_core::directory::Names;
use estafette_core::reader::Reader;
use estafette_core::store::StoreError;
use estafette_protocol::registry::{Registry, RosterRecord};
use estafette_protocol::statement::Class;
use estafette_protocol::{RosterId, TeamNumber};

use super::Administration;

impl Administration {
    /// Brings names and teams up to the edition that this device has read. What was changed here and is not
    /// published yet stays.
    pub fn follow(&self, reader: &mut Reader) -> Result<(), StoreError> {
        let version = reader.directory_version()?;
        if version <= self.followed()? {
            return Ok(());
        }
        let (names, rosters) = (reader.directory()?, rosters(reader.registry()?));
        let transaction = self.0.unchecked_transaction()?;
        self.take(&names, &rosters)?;
        // A team whose roster has not come yet is taken the next time.
        if names.teams.keys().all(|team| rosters.contains_key(team)) {
            self.mark_followed(version)?;
        }
        Ok(transaction.commit()?)
    }

    fn take(&self, names: &Names, rosters: &BTreeMap<TeamNumber, RosterId>) -> Result<(), StoreError> {
        let mut person = self.0.prepare(
            "INSERT INTO person (agent, name, function) VALUES (?1, ?2, ?3)
             ON CONFLICT (agent) DO UPDATE SET name = excluded.name, function = excluded.function WHERE NOT changed",
        )?;
        for (agent, name) in &names.agents {
            person.execute((agent.0, &name.name, name.function.as_deref().unwrap_or_default()))?;
        }
        let mut team = self.0.prepare(
            "INSERT INTO team (number, name, roster) VALUES (?1, ?2, ?3)
             ON CONFLICT (number) DO UPDATE SET name = excluded.name, roster = excluded.roster WHERE NOT changed",
        )?;
        for (number, name) in &names.teams {
            // Without its roster a team could not be changed here; it comes with the statements.
            if let Some(roster) = rosters.get(number) {
                team.execute((number.0, name, &roster.0[..]))?;
            }
        }
        Ok(())
    }

    fn followed(&self) -> Result<u64, StoreError> {
        let version: i64 = self.0.query_row("SELECT followed FROM edition", [], |row| row.get(0))?;
        Ok(u64::try_from(version).unwrap_or(0))
    }

    fn mark_followed(&self, version: u64) -> Result<(), StoreError> {
        self.0.execute("UPDATE edition SET followed = ?1", [i64::try_from(version).unwrap_or(i64::MAX)])?;
        Ok(())
    }

    /// The number of the edition that comes after the one whose names are here, or after `standing`. An edition that
    /// is not known here keeps its number, so that the relay refuses to have it passed over.
    pub fn next_edition(&self, standing: u64) -> Result<u64, StoreError> {
        Ok(self.followed()?.max(standing).saturating_add(1))
    }

    /// Whether names changed since they were last published.
    pub fn is_behind(&self) -> Result<bool, StoreError> {
        Ok(self.0.query_row("SELECT behind FROM edition", [], |row| row.get(0))?)
    }

    /// Names changed, or somebody may read no later ones.
    pub fn fall_behind(&self) -> Result<(), StoreError> {
        self.0.execute("UPDATE edition SET behind = 1", [])?;
        Ok(())
    }

    /// The names as they stand are published, as this edition.
    pub fn mark_published(&self, version: u64) -> Result<(), StoreError> {
        self.0.execute("UPDATE edition SET version = ?1", [i64::try_from(version).unwrap_or(i64::MAX)])?;
        self.0.execute_batch(
            "UPDATE edition SET behind = 0; UPDATE person SET changed = 0; UPDATE team SET changed = 0",
        )?;
        self.mark_followed(version)
    }
}

/// The conversation of each team.
fn rosters(registry: &Registry) -> BTreeMap<TeamNumber, RosterId> {
    let ours = |roster: &RosterRecord| roster.class == Class::Service && roster.gathered_by.is_none();
    let of_team = registry.rosters().filter(|(_, roster)| ours(roster));
    of_team.filter_map(|(id, roster)| Some((roster.team?, id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::{Folder, KeyRing};

    #[test]
    fn an_edition_that_was_not_published_leaves_its_number_to_the_next_one() {
        let place = tempfile::tempdir().unwrap();
        let key = KeyRing::generate(None).unwrap().database_key();
        let records = Administration::open(&Folder::at(place.path()), &key).unwrap();
        assert_eq!(records.next_edition(0).unwrap(), 1);
        // The relay was not there. Another administrator may publish as 1 meanwhile, and is not passed over.
        assert_eq!(records.next_edition(0).unwrap(), 1);
        records.mark_published(1).unwrap();
        assert_eq!(records.next_edition(0).unwrap(), 2);
        // The relay has told of another's.
        assert_eq!(records.next_edition(7).unwrap(), 8);
        records.mark_followed(9).unwrap();
        assert_eq!(records.next_edition(7).unwrap(), 10);
    }
}
