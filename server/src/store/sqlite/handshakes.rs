//! Commits: compare-and-swap on a group's generation and epoch, and what goes with one.

use estafette_protocol::{DeviceId, Fault, FaultCode, Hash, RosterId, limits};
use rusqlite::OptionalExtension;

use super::Transaction;
use super::columns::{id, signed, unsigned, write};
use super::log::Standing;
use crate::store::{CommitWrite, Outcome, StoreError, overtaken};

/// Group informations that are kept of each roster.
const GROUP_INFOS: i64 = 3;

/// Kinds of the control stream, as the column holds them.
#[derive(Debug, Clone, Copy)]
pub(super) enum ControlKind {
    Statement = 0,
    Handshake = 1,
    Welcome = 2,
    Refusal = 3,
    Directory = 4,
    DatedHead = 5,
    Bundle = 6,
    Receipt = 7,
    Call = 8,
}

impl Transaction<'_> {
    /// Gives something its number in the control stream.
    pub(super) fn control(&self, kind: ControlKind, reference: i64) -> Result<u64, StoreError> {
        let number = self.next_number("control")?;
        self.sql
            .prepare_cached("INSERT INTO control (number, kind, reference) VALUES (?1, ?2, ?3)")?
            .execute((signed(number), kind as i64, reference))?;
        Ok(number)
    }

    pub(super) fn take_commit(&self, commit: &CommitWrite) -> Result<Outcome, StoreError> {
        let hash = Hash::of(&[&commit.bytes]);
        let standing = self.standing(commit.roster)?;
        if !fits(standing.as_ref(), commit) {
            let repeated = self.is_repeated(commit, hash)?;
            let epoch = standing.map_or(0, |standing| standing.epoch.0);
            return Ok(match repeated {
                true => Outcome::Done,
                false => Outcome::Refused(Fault::new(FaultCode::CommitConflict).with_number(epoch)),
            });
        }
        if overtaken(self.statement_head()?, commit.statement) {
            return Ok(Outcome::Overtaken);
        }
        if self.auth_epoch(commit.device)?.0 != 0 {
            return Ok(Outcome::Refused(FaultCode::DeviceRevoked.into()));
        }
        let handshake = self.keep_handshake(commit, hash)?;
        self.move_group(commit, standing.as_ref())?;
        self.move_members(commit)?;
        self.note_debts(commit)?;
        self.keep_welcomes(commit, handshake)?;
        for package in &commit.key_packages {
            self.sql
                .prepare_cached("DELETE FROM key_package WHERE hash = ?1 AND last_resort = 0")?
                .execute([package.0])?;
        }
        self.keep_group_info(commit, handshake)?;
        Ok(Outcome::Done)
    }

    fn is_repeated(&self, commit: &CommitWrite, hash: Hash) -> Result<bool, StoreError> {
        let mut query = self.sql.prepare_cached(
            "SELECT device, hash FROM handshake WHERE roster = ?1 AND generation = ?2 AND epoch = ?3",
        )?;
        let standing = query
            .query_row((commit.roster.0, commit.generation.0, signed(commit.epoch.0)), |row| {
                Ok((DeviceId(id(row, 0)?), Hash(id(row, 1)?)))
            })
            .optional()?;
        Ok(standing == Some((commit.device, hash)))
    }

    fn keep_handshake(&self, commit: &CommitWrite, hash: Hash) -> Result<i64, StoreError> {
        let key = self
            .sql
            .prepare_cached(
                "INSERT INTO handshake (roster, generation, epoch, device, hash, bytes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .insert((
                commit.roster.0,
                commit.generation.0,
                signed(commit.epoch.0),
                commit.device.0,
                hash.0,
                &commit.bytes,
            ))?;
        self.control(ControlKind::Handshake, key)?;
        Ok(key)
    }

    fn move_group(&self, commit: &CommitWrite, standing: Option<&Standing>) -> Result<(), StoreError> {
        let epoch = signed(commit.epoch.next().0);
        let floor = match standing {
            Some(standing) if !commit.raises_floor => signed(standing.floor.0),
            _ => epoch,
        };
        self.sql
            .prepare_cached(
                "INSERT INTO roster (roster, name, generation, epoch, floor, open_removals, committed_at,
                     founded_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (roster) DO UPDATE SET generation = excluded.generation, epoch = excluded.epoch,
                     floor = excluded.floor, open_removals = excluded.open_removals,
                     committed_at = excluded.committed_at,
                     founded_at = coalesce(excluded.founded_at, founded_at)",
            )?
            .execute((
                commit.roster.0,
                write(&commit.name),
                commit.generation.0,
                epoch,
                floor,
                commit.open_removals,
                signed(commit.now.0),
                commit.founds.map(|at| signed(at.0)),
            ))?;
        Ok(())
    }

    fn move_members(&self, commit: &CommitWrite) -> Result<(), StoreError> {
        if commit.founds.is_some() {
            self.sql
                .prepare_cached("DELETE FROM roster_member WHERE roster = ?1")?
                .execute([commit.roster.0])?;
            self.drop_all_welcomes(commit.roster)?;
        }
        for device in &commit.left {
            self.sql
                .prepare_cached("DELETE FROM roster_member WHERE roster = ?1 AND device = ?2")?
                .execute((commit.roster.0, device.0))?;
            self.drop_welcomes(*device, None, Some(commit.roster))?;
        }
        for (device, since) in &commit.joined {
            self.drop_welcomes(*device, None, Some(commit.roster))?;
            self.sql
                .prepare_cached(
                    "INSERT INTO roster_member (roster, device, since) VALUES (?1, ?2, ?3)
                     ON CONFLICT (roster, device) DO UPDATE SET since = excluded.since",
                )?
                .execute((commit.roster.0, device.0, signed(since.0)))?;
        }
        Ok(())
    }

    fn keep_welcomes(&self, commit: &CommitWrite, handshake: i64) -> Result<(), StoreError> {
        for (device, bytes) in &commit.welcomes {
            let key = self
                .sql
                .prepare_cached("INSERT INTO welcome (handshake, device, bytes) VALUES (?1, ?2, ?3)")?
                .insert((handshake, device.0, bytes))?;
            self.control(ControlKind::Welcome, key)?;
        }
        Ok(())
    }

    fn keep_group_info(&self, commit: &CommitWrite, handshake: i64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("INSERT INTO group_info (handshake, info, tree) VALUES (?1, ?2, ?3)")?
            .execute((handshake, &commit.group_info, &commit.tree))?;
        self.drop_group_infos(commit.roster)
    }

    /// Forgets group informations that are neither among the last nor needed by a welcome.
    fn drop_group_infos(&self, roster: RosterId) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "DELETE FROM group_info WHERE handshake IN (
                     SELECT id FROM handshake WHERE roster = ?1 ORDER BY id DESC LIMIT -1 OFFSET ?2)
                 AND NOT EXISTS (SELECT 1 FROM welcome WHERE welcome.handshake = group_info.handshake)",
            )?
            .execute((roster.0, GROUP_INFOS))?;
        Ok(())
    }

    /// Forgets welcomes of a device: those up to a control mark, or those of a roster.
    pub(super) fn drop_welcomes(
        &self,
        device: DeviceId,
        mark: Option<u64>,
        roster: Option<RosterId>,
    ) -> Result<(), StoreError> {
        let mut query = self.sql.prepare_cached(
            "SELECT welcome.id, handshake.roster FROM welcome
             JOIN control ON control.kind = 2 AND control.reference = welcome.id
             JOIN handshake ON handshake.id = welcome.handshake
             WHERE welcome.device = ?1 AND control.number <= ?2",
        )?;
        let found = query
            .query_map((device.0, mark.map_or(i64::MAX, signed)), |row| {
                Ok((row.get::<_, i64>(0)?, RosterId(id(row, 1)?)))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        for (welcome, of) in found.into_iter().filter(|(_, of)| roster.is_none_or(|roster| roster == *of)) {
            self.drop_welcome(welcome)?;
            self.drop_group_infos(of)?;
        }
        Ok(())
    }

    fn drop_all_welcomes(&self, roster: RosterId) -> Result<(), StoreError> {
        let mut query = self.sql.prepare_cached(
            "SELECT welcome.id FROM welcome JOIN handshake ON handshake.id = welcome.handshake
             WHERE handshake.roster = ?1",
        )?;
        let found = query.query_map([roster.0], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        found.into_iter().try_for_each(|welcome| self.drop_welcome(welcome))
    }

    fn drop_welcome(&self, welcome: i64) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM welcome WHERE id = ?1")?.execute([welcome])?;
        self.sql
            .prepare_cached("DELETE FROM control WHERE kind = 2 AND reference = ?1")?
            .execute([welcome])?;
        Ok(())
    }
}

/// Whether the group stands where the commit expects it.
fn fits(standing: Option<&Standing>, commit: &CommitWrite) -> bool {
    match (standing, commit.founds.is_some()) {
        (None, founds) => founds && commit.generation.0 <= limits::FOUNDED_GENERATION && commit.epoch.0 == 0,
        (Some(standing), true) => commit.epoch.0 == 0 && commit.generation == standing.generation.next(),
        (Some(standing), false) => commit.generation == standing.generation && commit.epoch == standing.epoch,
    }
}

/// The control stream's kind in a column.
pub(super) fn kind(column: i64) -> Option<ControlKind> {
    Some(match unsigned(column) {
        0 => ControlKind::Statement,
        1 => ControlKind::Handshake,
        2 => ControlKind::Welcome,
        3 => ControlKind::Refusal,
        4 => ControlKind::Directory,
        5 => ControlKind::DatedHead,
        6 => ControlKind::Bundle,
        7 => ControlKind::Receipt,
        8 => ControlKind::Call,
        _ => return None,
    })
}
