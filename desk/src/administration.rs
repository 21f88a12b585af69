//! An administrator's own records, beside the device's database and under the same key.
//!
//! Names, serial numbers in clear and the halves of tickets that are never sent live here and
//! nowhere else: the relay gets numbers, HMACs and hashes, devices get the sealed directory.

use estafette_core::directory::{AgentName, Names};
use estafette_core::store::{DatabaseKey, StoreError};
use estafette_protocol::enrol::TicketSecret;
use estafette_protocol::{AgentNumber, EnrolmentId, Hash, InventoryId, RosterId, TeamNumber, Timestamp};
use hmac::{Hmac, Mac as _};
use rusqlite::{Connection, OptionalExtension as _};
use sha2::Sha256;

use crate::folder::Folder;

mod shared;
mod standing;

/// In order; never edited once landed.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/2026-11-22-administration.sql"),
    include_str!("../migrations/2026-11-22-import.sql"),
    include_str!("../migrations/2026-12-01-phones.sql"),
    include_str!("../migrations/2026-12-02-followed.sql"),
    include_str!("../migrations/2026-12-03-refused.sql"),
];

/// A line of the inventory, serial number in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its id at the relay.
    pub id: InventoryId,
    /// Whose.
    pub agent: AgentNumber,
    /// The team whose threads it joins.
    pub team: Option<TeamNumber>,
    /// `android`, `ios` or `computer`.
    pub platform: String,
    /// As the hardware attests it.
    pub model: String,
    /// As printed on the device.
    pub serial: String,
    /// Whether it must prove that serial number, and not only that it is genuine.
    pub owned: bool,
}

/// A ticket made here that was not used up.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenTicket {
    /// What it is for.
    pub inventory: InventoryId,
    /// Its secret: one half of it is never sent.
    pub secret: TicketSecret,
    /// The new device's agent becomes an administrator.
    pub administrator: bool,
}

/// What there is to say of a ticket made here, without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownTicket {
    /// Its enrolment at the relay.
    pub enrolment: EnrolmentId,
    /// What it is for.
    pub inventory: InventoryId,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// Its device was refused.
    pub refused: bool,
}

/// The records, open.
pub struct Administration(Connection);

impl Administration {
    /// Opens the records of a folder, made if they are not there.
    pub fn open(folder: &Folder, key: &DatabaseKey) -> Result<Self, StoreError> {
        let connection = estafette_core::store::open_with(&folder.administration(), key, MIGRATIONS)?;
        Ok(Self(connection))
    }

    /// Where the records are, for the other files that keep something in them.
    pub(crate) fn connection(&self) -> &Connection {
        &self.0
    }

    /// Notes a person's name.
    pub fn put_person(&self, agent: AgentNumber, name: &str, function: &str) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO person (agent, name, function, changed) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT (agent) DO UPDATE SET name = excluded.name, function = excluded.function,
                 changed = changed OR name <> excluded.name OR function <> excluded.function",
            (agent.0, name, function),
        )?;
        self.fall_behind()
    }

    /// Notes a team and its roster.
    pub fn put_team(&self, number: TeamNumber, name: &str, roster: RosterId) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT OR REPLACE INTO team (number, name, roster, changed) VALUES (?1, ?2, ?3, 1)",
            (number.0, name, &roster.0[..]),
        )?;
        self.fall_behind()
    }

    /// A team's `service` roster.
    pub fn team_roster(&self, number: TeamNumber) -> Result<Option<RosterId>, StoreError> {
        let roster: Option<Vec<u8>> = self
            .0
            .query_row("SELECT roster FROM team WHERE number = ?1", [number.0], |row| row.get(0))
            .optional()?;
        roster.map(|roster| RosterId::from_slice(&roster).ok_or(StoreError::Corrupt)).transpose()
    }

    /// A team by its name, whatever the case.
    pub fn team_named(&self, name: &str) -> Result<Option<TeamNumber>, StoreError> {
        let wanted = name.trim().to_lowercase();
        let mut query = self.0.prepare("SELECT number, name FROM team ORDER BY number")?;
        let teams = query.query_map([], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?)))?;
        for team in teams {
            let (number, name) = team?;
            if name.to_lowercase() == wanted {
                return Ok(Some(TeamNumber(number)));
            }
        }
        Ok(None)
    }

    /// A number above those of all persons.
    pub fn free_agent(&self) -> Result<u32, StoreError> {
        let highest: u32 =
            self.0.query_row("SELECT coalesce(max(agent), 0) FROM person", [], |row| row.get(0))?;
        Ok(highest.saturating_add(1))
    }

    /// A number that no team has.
    pub fn free_team(&self) -> Result<TeamNumber, StoreError> {
        let highest: u32 =
            self.0.query_row("SELECT coalesce(max(number), 0) FROM team", [], |row| row.get(0))?;
        Ok(TeamNumber(highest.saturating_add(1)))
    }

    /// Adds a line of the inventory, or finds the one with that serial number and brings it up to
    /// date. The relay is to be told of it again.
    pub fn put_item(&self, item: &Item) -> Result<InventoryId, StoreError> {
        let known: Option<Vec<u8>> = self
            .0
            .query_row("SELECT id FROM inventory WHERE serial = ?1", [&item.serial], |row| row.get(0))
            .optional()?;
        let id = known.and_then(|id| InventoryId::from_slice(&id)).unwrap_or(item.id);
        self.0.execute(
            "INSERT OR REPLACE INTO inventory (id, agent, team, platform, model, serial, owned)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                &id.0[..],
                item.agent.0,
                item.team.map_or(0, |team| team.0),
                &item.platform,
                &item.model,
                &item.serial,
                item.owned,
            ),
        )?;
        Ok(id)
    }

    /// The inventory's lines of an agent.
    pub fn items_of(&self, agent: AgentNumber) -> Result<Vec<Item>, StoreError> {
        let all = self.items()?;
        Ok(all.into_iter().filter(|item| item.agent == agent).collect())
    }

    /// All lines of the inventory.
    pub fn items(&self) -> Result<Vec<Item>, StoreError> {
        let mut query = self.0.prepare(
            "SELECT id, agent, team, platform, model, serial, owned FROM inventory ORDER BY agent, serial",
        )?;
        let mut rows = query.query([])?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            let id: Vec<u8> = row.get(0)?;
            let team: u32 = row.get(2)?;
            items.push(Item {
                id: InventoryId::from_slice(&id).ok_or(StoreError::Corrupt)?,
                agent: AgentNumber(row.get(1)?),
                team: (team != 0).then_some(TeamNumber(team)),
                platform: row.get(3)?,
                model: row.get(4)?,
                serial: row.get(5)?,
                owned: row.get(6)?,
            });
        }
        Ok(items)
    }

    /// Keeps a ticket's secret until the enrolment is decided.
    pub fn put_ticket(
        &self,
        enrolment: EnrolmentId,
        ticket: &OpenTicket,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO ticket (enrolment, inventory, secret, role, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                &enrolment.0[..],
                &ticket.inventory.0[..],
                &ticket.secret.0[..],
                u8::from(ticket.administrator),
                i64::try_from(expires_at.0).unwrap_or(i64::MAX),
            ),
        )?;
        Ok(())
    }

    /// The ticket of an enrolment, if it was made on this computer.
    pub fn ticket(&self, enrolment: EnrolmentId) -> Result<Option<OpenTicket>, StoreError> {
        let row: Option<(Vec<u8>, Vec<u8>, u8)> = self
            .0
            .query_row(
                "SELECT inventory, secret, role FROM ticket WHERE enrolment = ?1",
                [&enrolment.0[..]],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        row.map(|(inventory, secret, role)| {
            Ok(OpenTicket {
                inventory: InventoryId::from_slice(&inventory).ok_or(StoreError::Corrupt)?,
                secret: TicketSecret(secret.try_into().map_err(|_| StoreError::Corrupt)?),
                administrator: role == 1,
            })
        })
        .transpose()
    }

    /// Whether any ticket made here waits to be used or decided.
    pub fn has_tickets(&self) -> Result<bool, StoreError> {
        Ok(self.0.query_row("SELECT EXISTS (SELECT 1 FROM ticket)", [], |row| row.get(0))?)
    }

    /// All tickets made here whose device was not admitted.
    pub fn tickets(&self) -> Result<Vec<KnownTicket>, StoreError> {
        let mut query = self.0.prepare("SELECT enrolment, inventory, expires_at, refused FROM ticket")?;
        let mut rows = query.query([])?;
        let mut tickets = Vec::new();
        while let Some(row) = rows.next()? {
            let (enrolment, inventory): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let expires_at: i64 = row.get(2)?;
            tickets.push(KnownTicket {
                enrolment: EnrolmentId::from_slice(&enrolment).ok_or(StoreError::Corrupt)?,
                inventory: InventoryId::from_slice(&inventory).ok_or(StoreError::Corrupt)?,
                expires_at: Timestamp(u64::try_from(expires_at).unwrap_or(0)),
                refused: row.get(3)?,
            });
        }
        Ok(tickets)
    }

    /// The device that came with this ticket was refused.
    pub fn mark_refused(&self, enrolment: EnrolmentId) -> Result<(), StoreError> {
        self.0.execute("UPDATE ticket SET refused = 1 WHERE enrolment = ?1", [&enrolment.0[..]])?;
        Ok(())
    }

    /// Forgets a ticket that was approved, or whose place another one takes.
    pub fn drop_ticket(&self, enrolment: EnrolmentId) -> Result<(), StoreError> {
        self.0.execute("DELETE FROM ticket WHERE enrolment = ?1", [&enrolment.0[..]])?;
        Ok(())
    }

    /// What devices are told: names of agents and teams.
    pub fn names(&self) -> Result<Names, StoreError> {
        let mut names = Names::default();
        let mut query = self.0.prepare("SELECT agent, name, function FROM person")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let function: String = row.get(2)?;
            let function = (!function.is_empty()).then_some(function);
            names.agents.insert(AgentNumber(row.get(0)?), AgentName { name: row.get(1)?, function });
        }
        let mut query = self.0.prepare("SELECT number, name FROM team")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            names.teams.insert(TeamNumber(row.get(0)?), row.get(1)?);
        }
        Ok(names)
    }

    /// A person's name.
    pub fn person(&self, agent: AgentNumber) -> Result<Option<String>, StoreError> {
        Ok(self
            .0
            .query_row("SELECT name FROM person WHERE agent = ?1", [agent.0], |row| row.get(0))
            .optional()?)
    }

    /// HMAC-SHA-256 of a serial number under a key that stays here.
    pub fn serial_hmac(&self, serial: &str) -> Result<Hash, StoreError> {
        let key = self.secret("serial key")?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| StoreError::Corrupt)?;
        mac.update(serial.as_bytes());
        Ok(Hash(mac.finalize().into_bytes().into()))
    }

    fn secret(&self, name: &str) -> Result<[u8; 32], StoreError> {
        let known: Option<Vec<u8>> = self
            .0
            .query_row("SELECT bytes FROM secret WHERE name = ?1", [name], |row| row.get(0))
            .optional()?;
        if let Some(known) = known {
            return known.try_into().map_err(|_| StoreError::Corrupt);
        }
        let mut drawn = [0; 32];
        getrandom::fill(&mut drawn).map_err(|_| StoreError::Corrupt)?;
        self.0.execute("INSERT INTO secret (name, bytes) VALUES (?1, ?2)", (name, &drawn[..]))?;
        Ok(drawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_what_the_migrations_make() {
        let folder = tempfile::tempdir().unwrap();
        let key = DatabaseKey([7; 32].into());
        let path = folder.path().join("administration.db");
        let connection = estafette_core::store::open_with(&path, &key, MIGRATIONS).unwrap();
        let mut query = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND sql <> '' ORDER BY rowid")
            .unwrap();
        let rows = query.query_map((), |row| row.get::<_, String>(0)).unwrap();
        let made: String = rows.map(|sql| sql.unwrap() + ";\n").collect();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/administration.sql");
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        assert_eq!(made, std::fs::read_to_string(path).unwrap());
    }
}
