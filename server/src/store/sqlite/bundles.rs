//! History bundles: who is to be handed the keys of the past, and what waits for them.

use estafette_protocol::{DeviceId, RosterId, StatementNumber};
use rusqlite::OptionalExtension;

use super::Transaction;
use super::columns::{signed, unsigned, write};
use super::handshakes::ControlKind;
use crate::store::{BundleWrite, CommitWrite, DebtRow, Outcome, StoreError};

impl Transaction<'_> {
    pub(super) fn keep_bundle(&self, wanted: &BundleWrite) -> Result<Outcome, StoreError> {
        let bundle = &wanted.bundle;
        if self.auth_epoch(bundle.to)?.0 != 0 || self.auth_epoch(bundle.author)?.0 != 0 {
            return Ok(Outcome::Done);
        }
        let standing: Option<i64> = self
            .sql
            .prepare_cached(
                "SELECT reach FROM history_debt WHERE roster = ?1 AND device = ?2 AND admitted = ?3",
            )?
            .query_row((wanted.roster.0, bundle.to.0, signed(bundle.admitted.0)), |row| row.get(0))
            .optional()?;
        if standing.is_none_or(|reach| StatementNumber(unsigned(reach)) <= wanted.reach) {
            return Ok(Outcome::Done);
        }
        self.sql
            .prepare_cached("UPDATE history_debt SET reach = ?3 WHERE roster = ?1 AND device = ?2")?
            .execute((wanted.roster.0, bundle.to.0, signed(wanted.reach.0)))?;
        let key = self
            .sql
            .prepare_cached("INSERT INTO bundle (roster, device, body) VALUES (?1, ?2, ?3)")?
            .insert((wanted.roster.0, bundle.to.0, write(bundle)))?;
        self.control(ControlKind::Bundle, key)?;
        Ok(Outcome::Done)
    }

    /// Notes whom a commit lets in who may read of what was before.
    pub(super) fn note_debts(&self, commit: &CommitWrite) -> Result<(), StoreError> {
        for device in &commit.left {
            self.drop_bundles(*device, None, Some(commit.roster))?;
            self.sql
                .prepare_cached("DELETE FROM history_debt WHERE roster = ?1 AND device = ?2")?
                .execute((commit.roster.0, device.0))?;
        }
        for (device, admitted) in &commit.owed {
            self.sql
                .prepare_cached(
                    "INSERT INTO history_debt (roster, device, admitted, reach) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (roster, device) DO UPDATE SET admitted = excluded.admitted,
                         reach = excluded.reach",
                )?
                .execute((commit.roster.0, device.0, signed(admitted.0), signed(DebtRow::NOTHING.0)))?;
        }
        Ok(())
    }

    /// Forgets bundles of a device: those up to a control mark, or those of a roster.
    pub(super) fn drop_bundles(
        &self,
        device: DeviceId,
        mark: Option<u64>,
        roster: Option<RosterId>,
    ) -> Result<(), StoreError> {
        let mut query = self.sql.prepare_cached(
            "SELECT bundle.id FROM bundle JOIN control ON control.kind = 6 AND control.reference = bundle.id
             WHERE bundle.device = ?1 AND control.number <= ?2 AND (?3 IS NULL OR bundle.roster = ?3)",
        )?;
        let found = query
            .query_map((device.0, mark.map_or(i64::MAX, signed), roster.map(|roster| roster.0)), |row| {
                row.get::<_, i64>(0)
            })?
            .collect::<Result<Vec<_>, _>>()?;
        for bundle in found {
            self.sql.prepare_cached("DELETE FROM bundle WHERE id = ?1")?.execute([bundle])?;
            self.sql
                .prepare_cached("DELETE FROM control WHERE kind = 6 AND reference = ?1")?
                .execute([bundle])?;
        }
        Ok(())
    }

    /// A device is no more: nothing is owed to it.
    pub(super) fn forget_debts(&self, device: DeviceId) -> Result<(), StoreError> {
        self.drop_bundles(device, None, None)?;
        self.sql.prepare_cached("DELETE FROM history_debt WHERE device = ?1")?.execute([device.0])?;
        Ok(())
    }
}
