//! Statements, request numbers, key packages, inventory and enrolments.

use estafette_protocol::dated_head::DatedHead;
use estafette_protocol::enrol::InventoryEntry;
use estafette_protocol::frame::{CommitRefused, Directory};
use estafette_protocol::lease::Wipe;
use estafette_protocol::statement::SignedStatement;
use estafette_protocol::{
    DeviceId, EnrolmentId, Fault, FaultCode, Hash, OrganisationId, Signature, StatementNumber, Timestamp,
};
use rusqlite::OptionalExtension;

use super::Transaction;
use super::columns::{id, number, read, setting, signed, write};
use super::handshakes::ControlKind;
use crate::store::{
    EnrolmentStage, EnrolmentWrite, KeyPackageWrite, Outcome, Registry, Renewal, Reservation, StatementWrite,
    StoreError,
};

impl Transaction<'_> {
    fn statement(&self, number: StatementNumber) -> Result<Option<SignedStatement>, StoreError> {
        let mut query = self.sql.prepare_cached("SELECT body, signature FROM statement WHERE number = ?1")?;
        let found = query.query_row([signed(number.0)], |row| {
            let body: Vec<u8> = row.get(0)?;
            Ok(SignedStatement { body: body.into(), signature: Signature(id(row, 1)?) })
        });
        Ok(found.optional()?)
    }

    /// Says what the next statement must carry.
    fn out_of_order(&self, expected: StatementNumber) -> Result<Fault, StoreError> {
        let head = self.statement(StatementNumber(expected.0.saturating_sub(1)))?;
        let previous = head.map_or(Hash([0; 32]), |head| head.hash());
        Ok(Fault::new(FaultCode::StatementOutOfOrder).with_number(expected.0).with_hash(previous))
    }

    fn add_key_package(&self, device: DeviceId, bytes: &[u8], last_resort: bool) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO key_package (device, hash, last_resort, bytes) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (hash) DO NOTHING",
            )?
            .execute((device.0, Hash::of(&[bytes]).0, last_resort, bytes))?;
        Ok(())
    }

    fn add_key_packages(&self, write: &KeyPackageWrite) -> Result<(), StoreError> {
        for package in &write.packages {
            self.add_key_package(write.device, package, false)?;
        }
        if let Some(last_resort) = &write.last_resort {
            self.sql
                .prepare_cached("DELETE FROM key_package WHERE device = ?1 AND last_resort = 1")?
                .execute([write.device.0])?;
            self.add_key_package(write.device, last_resort, true)?;
        }
        Ok(())
    }

    /// Puts the key packages of an approved device in stock, the last one as its last resort.
    fn stock_submission(&self, enrolment: EnrolmentId) -> Result<(), StoreError> {
        let found: Option<(Vec<u8>, [u8; 16])> = self
            .sql
            .prepare_cached(
                "SELECT submission.key_packages, enrolment.device FROM submission
                 JOIN enrolment ON enrolment.id = submission.enrolment WHERE submission.enrolment = ?1",
            )?
            .query_row([enrolment.0], |row| Ok((row.get(0)?, id(row, 1)?)))
            .optional()?;
        if let Some((bytes, device)) = found {
            let packages: Vec<minicbor::bytes::ByteVec> = read(&bytes)?;
            let mut packages: Vec<Vec<u8>> = packages.into_iter().map(Into::into).collect();
            let last_resort = packages.pop();
            self.add_key_packages(&KeyPackageWrite { device: DeviceId(device), packages, last_resort })?;
            self.keep_evidence(enrolment)?;
        }
        Ok(())
    }

    /// The evidence of an approved phone is looked at again as long as it is in use.
    fn keep_evidence(&self, enrolment: EnrolmentId) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT OR IGNORE INTO phone (device, enrolled, attested_at)
                 SELECT enrolment.device, submission.evidence, enrolment.at FROM enrolment
                 JOIN submission ON submission.enrolment = enrolment.id
                 WHERE enrolment.id = ?1 AND length(submission.evidence) > 0",
            )?
            .execute([enrolment.0])?;
        Ok(())
    }

    fn reserve_one(
        &self,
        device: DeviceId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let free = self
            .sql
            .prepare_cached(
                "SELECT id, last_resort, bytes FROM key_package WHERE device = ?1 AND reserved_until <= ?2
                 ORDER BY last_resort, id LIMIT 1",
            )?
            .query_row((device.0, signed(now.0)), |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?, row.get::<_, Vec<u8>>(2)?))
            })
            .optional()?;
        let Some((key, last_resort, bytes)) = free else { return Ok(None) };
        if !last_resort {
            self.sql
                .prepare_cached("UPDATE key_package SET reserved_until = ?2 WHERE id = ?1")?
                .execute((key, signed(until.0)))?;
        }
        Ok(Some(bytes))
    }
}

impl Registry for Transaction<'_> {
    fn state(&mut self, statement: &StatementWrite) -> Result<Outcome, StoreError> {
        let expected = self.statement_head()?.map_or(StatementNumber(0), StatementNumber::next);
        if statement.number != expected {
            let repeated =
                self.statement(statement.number)?.is_some_and(|standing| standing == statement.signed);
            return match repeated {
                true => Ok(Outcome::Repeated),
                false => Ok(Outcome::Refused(self.out_of_order(expected)?)),
            };
        }
        let key = signed(statement.number.0);
        self.sql
            .prepare_cached("INSERT INTO statement (number, body, signature) VALUES (?1, ?2, ?3)")?
            .execute((key, &statement.signed.body[..], statement.signed.signature.0))?;
        self.control(ControlKind::Statement, key)?;
        for device in &statement.revoked {
            self.sql
                .prepare_cached(
                    "INSERT INTO device (device, auth_epoch) VALUES (?1, 1)
                     ON CONFLICT (device) DO UPDATE SET auth_epoch = auth_epoch + 1",
                )?
                .execute([device.0])?;
            self.sql.prepare_cached("DELETE FROM key_package WHERE device = ?1")?.execute([device.0])?;
            self.drop_welcomes(*device, None, None)?;
            self.forget_debts(*device)?;
        }
        for (roster, open) in &statement.open_removals {
            self.sql
                .prepare_cached("UPDATE roster SET open_removals = ?2 WHERE roster = ?1")?
                .execute((roster.0, open))?;
        }
        for enrolment in &statement.approved {
            self.stock_submission(*enrolment)?;
            self.sql
                .prepare_cached("UPDATE enrolment SET stage = 3 WHERE id = ?1")?
                .execute([enrolment.0])?;
        }
        Ok(Outcome::Done)
    }

    fn request_number(
        &mut self,
        device: DeviceId,
        number: u64,
        day: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let last = self
            .sql
            .prepare_cached("SELECT request_number FROM device WHERE device = ?1")?
            .query_row([device.0], |row| super::columns::number(row, 0))
            .optional()?
            .unwrap_or(0);
        if number <= last {
            return Ok(Outcome::Refused(Fault::new(FaultCode::RequestReplayed).with_number(last)));
        }
        self.sql
            .prepare_cached(
                "INSERT INTO device (device, request_number, contact_day) VALUES (?1, ?2, ?3)
                 ON CONFLICT (device) DO UPDATE SET request_number = excluded.request_number,
                     contact_day = excluded.contact_day",
            )?
            .execute((device.0, signed(number), signed(day.0)))?;
        Ok(Outcome::Done)
    }

    fn key_packages(&mut self, write: &KeyPackageWrite) -> Result<Outcome, StoreError> {
        self.add_key_packages(write)?;
        let stock = self
            .sql
            .prepare_cached("SELECT count(*) FROM key_package WHERE device = ?1 AND last_resort = 0")?
            .query_row([write.device.0], |row| row.get(0))?;
        Ok(Outcome::Stock(stock))
    }

    fn reserve(&mut self, reservation: &Reservation) -> Result<Outcome, StoreError> {
        let mut reserved = Vec::with_capacity(reservation.devices.len());
        for device in &reservation.devices {
            if let Some(bytes) = self.reserve_one(*device, reservation.now, reservation.until)? {
                reserved.push((*device, bytes));
            }
        }
        Ok(Outcome::Reserved(reserved))
    }

    fn refuse_commit(&mut self, refused: &CommitRefused) -> Result<Outcome, StoreError> {
        let organisation = setting(self.sql, "organisation")?
            .and_then(|bytes| OrganisationId::from_slice(&bytes))
            .ok_or_else(|| StoreError::Corrupt("no organisation".to_owned()))?;
        let roster = refused.roster_id(organisation);
        let kept = self
            .sql
            .prepare_cached(
                "INSERT INTO refusal (roster, generation, device, body) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (roster, generation, device) DO NOTHING",
            )?
            .execute((roster.0, refused.generation.0, refused.device.0, write(refused)))?;
        if kept == 1 {
            self.control(ControlKind::Refusal, self.sql.last_insert_rowid())?;
        }
        Ok(Outcome::Done)
    }

    fn directory(&mut self, directory: &Directory) -> Result<Outcome, StoreError> {
        let standing = self
            .sql
            .prepare_cached("SELECT version, body FROM directory ORDER BY version DESC LIMIT 1")?
            .query_row((), |row| Ok((number(row, 0)?, row.get::<_, Vec<u8>>(1)?)))
            .optional()?;
        let body = write(directory);
        if let Some((version, standing)) = standing.filter(|(version, _)| directory.version <= *version) {
            return Ok(match standing == body {
                true => Outcome::Repeated,
                false => Outcome::Refused(Fault::new(FaultCode::SlotOutdated).with_number(version)),
            });
        }
        self.sql.execute("DELETE FROM control WHERE kind = 4", ())?;
        self.sql.execute("DELETE FROM directory", ())?;
        let version = signed(directory.version);
        self.sql.execute("INSERT INTO directory (version, body) VALUES (?1, ?2)", (version, body))?;
        self.control(ControlKind::Directory, version)?;
        Ok(Outcome::Done)
    }

    fn dated_head(&mut self, head: &DatedHead) -> Result<Outcome, StoreError> {
        let standing: Option<i64> =
            self.sql.prepare_cached("SELECT max(at) FROM dated_head")?.query_row((), |row| row.get(0))?;
        let at = signed(head.at.0);
        if standing.is_some_and(|standing| at <= standing) {
            return Ok(Outcome::Done);
        }
        self.sql.execute("DELETE FROM control WHERE kind = 5", ())?;
        self.sql.execute("DELETE FROM dated_head", ())?;
        self.sql.execute("INSERT INTO dated_head (at, body) VALUES (?1, ?2)", (at, write(head)))?;
        self.control(ControlKind::DatedHead, at)?;
        Ok(Outcome::Done)
    }

    fn inventory(&mut self, entries: &[InventoryEntry]) -> Result<Outcome, StoreError> {
        for entry in entries {
            self.sql
                .prepare_cached(
                    "INSERT INTO inventory (id, body) VALUES (?1, ?2)
                     ON CONFLICT (id) DO UPDATE SET body = excluded.body",
                )?
                .execute((entry.id.0, write(entry)))?;
        }
        Ok(Outcome::Done)
    }

    fn endpoint(&mut self, device: DeviceId, endpoint: Option<&str>) -> Result<Outcome, StoreError> {
        self.sql
            .prepare_cached("UPDATE device SET endpoint = ?2 WHERE device = ?1")?
            .execute((device.0, endpoint))?;
        Ok(Outcome::Done)
    }

    fn wiped(&mut self, device: DeviceId, wipe: &Wipe) -> Result<Outcome, StoreError> {
        let written = self
            .sql
            .prepare_cached(
                "UPDATE device SET wiped_at = ?2, unsent = ?3 WHERE device = ?1 AND wiped_at IS NULL",
            )?
            .execute((device.0, signed(wipe.at.0), wipe.unsent))?;
        Ok(if written == 1 { Outcome::Done } else { Outcome::Repeated })
    }

    fn bar(&mut self, device: DeviceId, since: Option<Timestamp>) -> Result<Outcome, StoreError> {
        self.sql
            .prepare_cached("UPDATE phone SET barred_at = ?2 WHERE device = ?1")?
            .execute((device.0, signed(since.unwrap_or_default().0)))?;
        Ok(Outcome::Done)
    }

    fn renew(&mut self, renewal: &Renewal) -> Result<Outcome, StoreError> {
        let Renewal { device, evidence, at, counter } = renewal;
        let kept = self
            .sql
            .prepare_cached(
                "UPDATE phone SET renewed = ?2, attested_at = ?3, counter = ?4
                 WHERE device = ?1 AND (counter < ?4 OR ?4 = 0)",
            )?
            .execute((device.0, evidence, signed(at.0), counter))?;
        Ok(if kept == 1 { Outcome::Done } else { Outcome::Overtaken })
    }

    fn erase_evidence(&mut self, device: DeviceId) -> Result<Outcome, StoreError> {
        let kept = self.sql.prepare_cached("DELETE FROM phone WHERE device = ?1")?.execute([device.0])?;
        let brought = self
            .sql
            .prepare_cached(
                "UPDATE submission SET evidence = x'' WHERE length(evidence) > 0
                 AND enrolment IN (SELECT id FROM enrolment WHERE device = ?1)",
            )?
            .execute([device.0])?;
        Ok(if kept + brought > 0 { Outcome::Done } else { Outcome::Repeated })
    }

    fn listed(&mut self, fetched_at: Timestamp) -> Result<Outcome, StoreError> {
        self.sql.execute(
            "INSERT INTO setting (name, value) VALUES ('listed', ?1)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [&fetched_at.0.to_be_bytes()[..]],
        )?;
        Ok(Outcome::Done)
    }

    fn enrolment(&mut self, enrolment: &EnrolmentWrite) -> Result<Outcome, StoreError> {
        let (stage, nonce, device, at): (i64, &[u8], &[u8], Timestamp) = match &enrolment.stage {
            EnrolmentStage::Open => (0, &[], &[], Timestamp(0)),
            EnrolmentStage::Challenged { nonce, until } => (1, nonce, &[], *until),
            EnrolmentStage::Pending { device, nonce, at } => (2, nonce, &device.0, *at),
            EnrolmentStage::Active { device } => (3, &[], &device.0, Timestamp(0)),
            EnrolmentStage::Refused => (4, &[], &[], Timestamp(0)),
            EnrolmentStage::Burnt => (5, &[], &[], Timestamp(0)),
        };
        self.sql
            .prepare_cached(
                "INSERT INTO enrolment (id, inventory, claim, expires_at, tries, stage, nonce, device, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (id) DO UPDATE SET inventory = excluded.inventory, claim = excluded.claim,
                     expires_at = excluded.expires_at, tries = excluded.tries, stage = excluded.stage,
                     nonce = excluded.nonce, device = excluded.device, at = excluded.at",
            )?
            .execute((
                enrolment.enrolment.0,
                enrolment.inventory.0,
                enrolment.claim.0,
                signed(enrolment.expires_at.0),
                enrolment.tries,
                stage,
                nonce,
                device,
                signed(at.0),
            ))?;
        if let Some(submission) = &enrolment.submission {
            let packages: Vec<minicbor::bytes::ByteVec> =
                submission.key_packages.iter().cloned().map(Into::into).collect();
            self.sql
                .prepare_cached(
                    "INSERT INTO submission (enrolment, binding, evidence, key_packages) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (enrolment) DO UPDATE SET binding = excluded.binding,
                         evidence = excluded.evidence, key_packages = excluded.key_packages",
                )?
                .execute((
                    enrolment.enrolment.0,
                    write(&submission.binding),
                    &submission.evidence,
                    write(&packages),
                ))?;
        }
        Ok(Outcome::Done)
    }

    fn found(&mut self, organisation: OrganisationId) -> Result<Outcome, StoreError> {
        if let Some(standing) = setting(self.sql, "organisation")? {
            return Ok(match standing == organisation.0 {
                true => Outcome::Repeated,
                false => Outcome::Refused(FaultCode::EnrolmentUsed.into()),
            });
        }
        self.sql.execute("DELETE FROM setting WHERE name = 'claim'", ())?;
        self.sql.execute(
            "INSERT INTO setting (name, value) VALUES ('organisation', ?1)",
            [&organisation.0[..]],
        )?;
        Ok(Outcome::Done)
    }

    fn recovered(&mut self) -> Result<Outcome, StoreError> {
        self.sql.execute("DELETE FROM setting WHERE name = 'restoring'", ())?;
        Ok(Outcome::Done)
    }
}
