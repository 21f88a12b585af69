//! The records as an import sees them, and as it leaves them.
//!
//! What an import changes is written in one transaction, and each device carries what the relay
//! was told of it: an import that was cut short is finished by the next one.

use std::collections::{BTreeMap, BTreeSet};

use estafette_core::store::StoreError;
use estafette_protocol::certificate::Level;
use estafette_protocol::{AgentNumber, InventoryId, TeamNumber};

use super::{Administration, Item};
use crate::import::judge::{Entry, Person, Plan, Standing};

/// What stands in the column `told` once the relay knows a device at a level.
fn told(level: Level) -> u8 {
    match level {
        Level::Software => 1,
        Level::Supervised => 2,
        Level::Attested => 3,
        Level::Owned => 4,
    }
}

impl Administration {
    /// What stands, with the inventory entries that a device in force holds.
    pub fn standing(&self, active: &BTreeSet<InventoryId>) -> Result<Standing, StoreError> {
        let teams = self.teams()?;
        let mut standing = Standing { teams: teams.values().cloned().collect(), ..Standing::default() };
        let mut query = self.0.prepare("SELECT agent, name, function, team FROM person")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let team = teams.get(&TeamNumber(row.get(3)?)).cloned();
            let person = Person { name: row.get(1)?, function: row.get(2)?, team };
            standing.people.insert(AgentNumber(row.get(0)?), person);
        }
        for item in self.items()? {
            let entry = Entry {
                agent: item.agent,
                team: item.team.and_then(|team| teams.get(&team).cloned()),
                platform: item.platform,
                model: item.model,
                owned: item.owned,
                active: active.contains(&item.id),
            };
            standing.devices.insert(item.serial, entry);
        }
        Ok(standing)
    }

    fn teams(&self) -> Result<BTreeMap<TeamNumber, String>, StoreError> {
        let mut query = self.0.prepare("SELECT number, name FROM team")?;
        let rows = query.query_map([], |row| Ok((TeamNumber(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Writes what a plan changes, all of it or nothing. Its teams stand already; `id` gives the id of a new device.
    pub fn carry_out<E: From<StoreError>>(
        &self,
        plan: &Plan,
        mut id: impl FnMut(&Entry) -> Result<InventoryId, E>,
    ) -> Result<(), E> {
        let transaction = self.0.unchecked_transaction().map_err(StoreError::from)?;
        for (agent, person) in &plan.people {
            self.put_person(*agent, &person.name, &person.function)?;
            let team = self.number_of(person.team.as_deref())?;
            self.0
                .execute(
                    "UPDATE person SET team = ?2 WHERE agent = ?1",
                    (agent.0, team.map_or(0, |team| team.0)),
                )
                .map_err(StoreError::from)?;
        }
        for (serial, entry) in &plan.devices {
            let item = Item {
                id: id(entry)?,
                agent: entry.agent,
                team: self.number_of(entry.team.as_deref())?,
                platform: entry.platform.clone(),
                model: entry.model.clone(),
                serial: serial.clone(),
                owned: entry.owned,
            };
            self.put_item(&item)?;
        }
        Ok(transaction.commit().map_err(StoreError::from)?)
    }

    fn number_of(&self, team: Option<&str>) -> Result<Option<TeamNumber>, StoreError> {
        team.map(|team| self.team_named(team)?.ok_or(StoreError::Corrupt)).transpose()
    }

    /// Devices that the relay does not know as they stand, given the level that each is to have.
    pub fn untold(&self, level: impl Fn(&Item) -> Level) -> Result<Vec<Item>, StoreError> {
        let mut query = self.0.prepare("SELECT id, told FROM inventory")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, u8>(1)?)))?;
        let known = rows.collect::<Result<BTreeMap<Vec<u8>, u8>, _>>()?;
        let mut items = self.items()?;
        items.retain(|item| known.get(&item.id.0[..]) != Some(&told(level(item))));
        Ok(items)
    }

    /// The relay knows this device as it stands, at this level.
    pub fn mark_told(&self, item: &Item, level: Level) -> Result<(), StoreError> {
        self.0.execute("UPDATE inventory SET told = ?2 WHERE id = ?1", (&item.id.0[..], told(level)))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::{Folder, KeyRing};
    use crate::import::{judge::judge, read};

    const FILE: &str =
        "agent;nom;plateforme;modèle;numéro de série\n1;Amine;android;Pixel 9;A1\n2;Chloé;pc;PC;B2\n";

    #[test]
    fn an_import_that_was_cut_short_leaves_marked_what_the_next_one_finishes() {
        let place = tempfile::tempdir().unwrap();
        let key = KeyRing::generate(None).unwrap().database_key();
        let open = || Administration::open(&Folder::at(place.path()), &key).unwrap();
        let level = |item: &Item| match item.platform.as_str() {
            "computer" => Level::Supervised,
            _ => Level::Attested,
        };
        let lines = read(FILE.as_bytes()).unwrap().lines;
        let plan = judge(&lines, &open().standing(&BTreeSet::new()).unwrap(), false);
        let mut number = 0;
        let id = |_: &Entry| {
            number += 1;
            Ok::<_, StoreError>(InventoryId([number; 16]))
        };
        open().carry_out(&plan, id).unwrap();

        // Here the power fails: the records know it all, and the relay nothing.
        let records = open();
        let standing = records.standing(&BTreeSet::new()).unwrap();
        let again = judge(&lines, &standing, false);
        assert_eq!((again.people.len(), again.devices.len()), (0, 0));
        let untold = records.untold(level).unwrap();
        assert_eq!(untold.iter().map(|item| item.serial.as_str()).collect::<Vec<_>>(), ["A1", "B2"]);
        assert!(records.is_behind().unwrap());
        records.mark_told(&untold[0], level(&untold[0])).unwrap();
        assert_eq!(records.untold(level).unwrap(), untold[1..]);
        records.mark_told(&untold[1], level(&untold[1])).unwrap();
        records.mark_published(1).unwrap();
        assert_eq!((records.untold(level).unwrap(), records.is_behind().unwrap()), (Vec::new(), false));
        // Another level is news to the relay; so is a device that changed hands.
        assert_eq!(records.untold(|_| Level::Software).unwrap().len(), 2);
        let moved = "agent;plateforme;modèle;numéro de série\n2;android;Pixel 9;A1\n";
        let plan = judge(&read(moved.as_bytes()).unwrap().lines, &standing, true);
        records.carry_out(&plan, |_| Ok::<_, StoreError>(InventoryId([9; 16]))).unwrap();
        let untold = records.untold(level).unwrap();
        assert_eq!((untold.len(), untold[0].id, untold[0].agent), (1, InventoryId([1; 16]), AgentNumber(2)));
    }

    #[test]
    fn a_plan_that_cannot_be_written_whole_is_not_written_at_all() {
        let place = tempfile::tempdir().unwrap();
        let key = KeyRing::generate(None).unwrap().database_key();
        let records = Administration::open(&Folder::at(place.path()), &key).unwrap();
        let before = records.standing(&BTreeSet::new()).unwrap();
        let plan = judge(&read(FILE.as_bytes()).unwrap().lines, &before, false);
        let mut left = 1;
        let refused = records.carry_out(&plan, |_| {
            left -= 1;
            if left < 0 { Err(StoreError::Corrupt) } else { Ok(InventoryId([1; 16])) }
        });
        assert!(matches!(refused, Err(StoreError::Corrupt)));
        assert_eq!(records.standing(&BTreeSet::new()).unwrap(), before);
        assert!(!records.is_behind().unwrap());
    }
}
