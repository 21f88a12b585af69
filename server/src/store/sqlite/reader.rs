//! Reads: one connection that cannot write.

use std::collections::BTreeMap;

use estafette_protocol::announcement::{Announced, Common};
use estafette_protocol::chain::Placement;
use estafette_protocol::enrol::InventoryEntry;
use estafette_protocol::entry::SealedEntry;
use estafette_protocol::frame::{Control, Slot, SlotKind};
use estafette_protocol::knowledge::Kept;
use estafette_protocol::lease::{Contact, Wipe};
use estafette_protocol::reattestation::EVERY;
use estafette_protocol::statement::SignedStatement;
use estafette_protocol::statistics::Month;
use estafette_protocol::urgency::Terms;
use estafette_protocol::{
    AgentNumber, DeviceId, EnrolmentId, EntryUid, Epoch, Hash, InventoryId, LogGeneration, OrganisationId,
    Position, RosterGeneration, RosterId, Signature, StatementNumber, ThreadId, Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::audit::audit_end;
use super::columns::{counter, id, number, read, setting, signed};
use super::handshakes::{ControlKind, kind};
use super::log::EXPIRED;
use super::{kept, statistics};
use crate::audit::{Head, SignedHead};
use crate::store::{
    AnnouncedRow, AuditRow, CallRow, CommitRow, ControlRow, DebtRow, EnrolmentRow, EnrolmentStage, EntryRow,
    GroupInfoRow, GroupRow, GroupState, HeadRow, LogState, PhoneRow, Reader, StoreError, Submission, Window,
};

/// The reading side of a database.
pub struct SqliteReader {
    sql: Connection,
}

/// Everything of an entry; the conditions of a [`Window`] follow.
const ENTRY: &str = "SELECT stream, position, received_at, statement, author, hash, previous, header, sealed,
                     uid FROM entry";
const WINDOW: &str = "thread = (SELECT id FROM thread WHERE name = ?1) AND stream > ?2 AND stream <= ?3
                      AND statement >= ?4 AND received_at >= ?5";

const PHONES: &str = "SELECT device, enrolled, renewed, attested_at, counter, barred_at FROM phone";

fn phone_row(row: &Row<'_>) -> rusqlite::Result<PhoneRow> {
    Ok(PhoneRow {
        device: DeviceId(id(row, 0)?),
        enrolled: row.get(1)?,
        renewed: row.get(2)?,
        attested_at: Timestamp(number(row, 3)?),
        counter: row.get(4)?,
        barred_at: Some(Timestamp(number(row, 5)?)).filter(|at| at.0 > 0),
    })
}

impl SqliteReader {
    pub(super) fn new(sql: Connection) -> Self {
        Self { sql }
    }

    /// One row, read outside the closure that SQLite calls, so that damage is told apart.
    fn rows<T>(
        &self,
        query: &str,
        parameters: impl Params,
        each: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut query = self.sql.prepare_cached(query)?;
        let rows = query.query_map(parameters, each)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// Entries of one thread. One without bytes was erased.
    fn entries(
        &self,
        thread: ThreadId,
        query: &str,
        parameters: impl Params,
    ) -> Result<Vec<EntryRow>, StoreError> {
        let rows = self.rows(query, parameters, |row| {
            let placement = Placement {
                position: Position(number(row, 1)?),
                received_at: Timestamp(number(row, 2)?),
                statement: StatementNumber(number(row, 3)?),
            };
            let header: Vec<u8> = row.get(7)?;
            let sealed: Vec<u8> = row.get(8)?;
            let rest = (DeviceId(id(row, 4)?), Hash(id(row, 5)?), Hash(id(row, 6)?), EntryUid(id(row, 9)?));
            Ok((number(row, 0)?, placement, (header, sealed), rest))
        })?;
        rows.into_iter()
            .map(|(stream, placement, (header, sealed), (author, hash, previous, uid))| {
                let entry = match header.is_empty() {
                    true => None,
                    false => Some(SealedEntry { header: read(&header)?, sealed }),
                };
                let announced = entry.as_ref().and_then(|entry: &SealedEntry| entry.header.announced);
                let common = announced.map_or(Ok(None), |announced| self.common(announced.common))?;
                Ok(EntryRow { stream, placement, author, hash, previous, thread, uid, entry, common })
            })
            .collect()
    }

    fn control_row(&self, kind: ControlKind, reference: i64) -> Result<Option<ControlRow>, StoreError> {
        Ok(match kind {
            ControlKind::Statement => self
                .statements(StatementNumber(super::columns::unsigned(reference)), 1)?
                .pop()
                .map(ControlRow::Statement),
            ControlKind::Handshake => self.handshake(reference)?,
            ControlKind::Welcome => self
                .rows("SELECT device FROM welcome WHERE id = ?1", [reference], |row| {
                    Ok(DeviceId(id(row, 0)?))
                })?
                .pop()
                .map(|device| ControlRow::Welcome { device }),
            ControlKind::Bundle => self
                .rows("SELECT device FROM bundle WHERE id = ?1", [reference], |row| {
                    Ok(DeviceId(id(row, 0)?))
                })?
                .pop()
                .map(|device| ControlRow::Bundle { device }),
            ControlKind::Receipt => {
                let query = "SELECT issuer, body FROM receipt WHERE id = ?1";
                let row = self
                    .rows(query, [reference], |row| Ok((DeviceId(id(row, 0)?), row.get::<_, Vec<u8>>(1)?)));
                let found = row?.pop();
                found
                    .map(|(issuer, body)| {
                        Ok::<_, StoreError>(ControlRow::Receipt { issuer, receipt: read(&body)? })
                    })
                    .transpose()?
            }
            ControlKind::Call => Some(ControlRow::Call { stream: super::columns::unsigned(reference) }),
            ControlKind::Refusal => self
                .body("SELECT body FROM refusal WHERE id = ?1", reference)?
                .map(|body| read(&body).map(ControlRow::Refused))
                .transpose()?,
            ControlKind::Directory => self
                .body("SELECT body FROM directory WHERE version = ?1", reference)?
                .map(|body| read(&body).map(ControlRow::Directory))
                .transpose()?,
            ControlKind::DatedHead => self
                .body("SELECT body FROM dated_head WHERE at = ?1", reference)?
                .map(|body| read(&body).map(ControlRow::DatedHead))
                .transpose()?,
        })
    }

    fn body(&self, query: &str, reference: i64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.sql.prepare_cached(query)?.query_row([reference], |row| row.get(0)).optional()?)
    }

    fn handshake(&self, reference: i64) -> Result<Option<ControlRow>, StoreError> {
        let found = self
            .rows(
                "SELECT handshake.roster, roster.name, handshake.generation, handshake.epoch, handshake.bytes
                 FROM handshake JOIN roster ON roster.roster = handshake.roster WHERE handshake.id = ?1",
                [reference],
                |row| {
                    let at = (RosterGeneration(row.get(2)?), Epoch(number(row, 3)?));
                    Ok((RosterId(id(row, 0)?), row.get::<_, Vec<u8>>(1)?, at, row.get::<_, Vec<u8>>(4)?))
                },
            )?
            .pop();
        found
            .map(|(roster, name, (generation, epoch), bytes)| {
                Ok(ControlRow::Commit { roster, name: read(&name)?, generation, epoch, bytes })
            })
            .transpose()
    }
}

impl Reader for SqliteReader {
    fn state(&self) -> Result<LogState, StoreError> {
        let generation = setting(&self.sql, "generation")?
            .and_then(|bytes| LogGeneration::from_slice(&bytes))
            .ok_or_else(|| StoreError::Corrupt("no log generation".to_owned()))?;
        Ok(LogState {
            generation,
            organisation: setting(&self.sql, "organisation")?
                .and_then(|bytes| OrganisationId::from_slice(&bytes)),
            claim: setting(&self.sql, "claim")?.and_then(|bytes| Hash::from_slice(&bytes)),
            listed_at: setting(&self.sql, "listed")?
                .and_then(|bytes| Some(Timestamp(u64::from_be_bytes(bytes.try_into().ok()?)))),
            restoring: setting(&self.sql, "restoring")?.is_some(),
            control: counter(&self.sql, "control")?,
            content: counter(&self.sql, "content")?,
            slots: counter(&self.sql, "slots")?,
        })
    }

    fn statements(&self, from: StatementNumber, limit: usize) -> Result<Vec<SignedStatement>, StoreError> {
        self.rows(
            "SELECT body, signature FROM statement WHERE number >= ?1 ORDER BY number LIMIT ?2",
            (signed(from.0), signed(limit as u64)),
            |row| {
                let body: Vec<u8> = row.get(0)?;
                Ok(SignedStatement { body: body.into(), signature: Signature(id(row, 1)?) })
            },
        )
    }

    fn groups(&self) -> Result<Vec<GroupRow>, StoreError> {
        let mut members: BTreeMap<RosterId, BTreeMap<DeviceId, Epoch>> = BTreeMap::new();
        for (roster, device, since) in
            self.rows("SELECT roster, device, since FROM roster_member", (), |row| {
                Ok((RosterId(id(row, 0)?), DeviceId(id(row, 1)?), Epoch(number(row, 2)?)))
            })?
        {
            members.entry(roster).or_default().insert(device, since);
        }
        let mut refusals: BTreeMap<RosterId, Vec<DeviceId>> = BTreeMap::new();
        for (roster, device) in self.rows(
            "SELECT refusal.roster, refusal.device FROM refusal
             JOIN roster ON roster.roster = refusal.roster AND roster.generation = refusal.generation",
            (),
            |row| Ok((RosterId(id(row, 0)?), DeviceId(id(row, 1)?))),
        )? {
            refusals.entry(roster).or_default().push(device);
        }
        let rows = self.rows(
            "SELECT roster, name, generation, epoch, floor, committed_at, founded_at FROM roster",
            (),
            |row| {
                let epochs = (Epoch(number(row, 3)?), Epoch(number(row, 4)?));
                let founded_at = row.get::<_, Option<i64>>(6)?.map(|at| StatementNumber(at.unsigned_abs()));
                let rest = (RosterGeneration(row.get(2)?), epochs, Timestamp(number(row, 5)?), founded_at);
                Ok((RosterId(id(row, 0)?), row.get::<_, Vec<u8>>(1)?, rest))
            },
        )?;
        rows.into_iter()
            .map(|(roster, name, (generation, (epoch, floor), committed_at, founded_at))| {
                let state = GroupState {
                    name: read(&name)?,
                    generation,
                    epoch,
                    floor,
                    founded_at,
                    members: members.remove(&roster).unwrap_or_default(),
                    committed_at,
                    refusals: refusals.remove(&roster).unwrap_or_default(),
                };
                Ok(GroupRow { roster, state })
            })
            .collect()
    }

    fn heads(&self) -> Result<Vec<HeadRow>, StoreError> {
        self.rows("SELECT name, position, chain, received_at, stream, slots FROM thread", (), |row| {
            Ok(HeadRow {
                thread: ThreadId(id(row, 0)?),
                position: Position(number(row, 1)?),
                chain: Hash(id(row, 2)?),
                received_at: Timestamp(number(row, 3)?),
                stream: number(row, 4)?,
                slots: number(row, 5)?,
            })
        })
    }

    fn request_numbers(&self) -> Result<BTreeMap<DeviceId, u64>, StoreError> {
        let rows = self.rows("SELECT device, request_number FROM device", (), |row| {
            Ok((DeviceId(id(row, 0)?), number(row, 1)?))
        })?;
        Ok(rows.into_iter().collect())
    }

    fn inventory(&self) -> Result<BTreeMap<InventoryId, InventoryEntry>, StoreError> {
        let rows = self.rows("SELECT body FROM inventory", (), |row| row.get::<_, Vec<u8>>(0))?;
        rows.iter().map(|body| read(body).map(|entry: InventoryEntry| (entry.id, entry))).collect()
    }

    fn enrolments(&self) -> Result<Vec<EnrolmentRow>, StoreError> {
        let query = "SELECT id, inventory, claim, expires_at, tries, stage, nonce, device, at FROM enrolment";
        let rows = self.rows(query, (), |row| {
            let enrolment = EnrolmentRow {
                enrolment: EnrolmentId(id(row, 0)?),
                inventory: InventoryId(id(row, 1)?),
                claim: Hash(id(row, 2)?),
                expires_at: Timestamp(number(row, 3)?),
                tries: row.get(4)?,
                stage: EnrolmentStage::Open,
                submission: None,
            };
            let stage: (i64, Vec<u8>, Vec<u8>) = (row.get(5)?, row.get(6)?, row.get(7)?);
            Ok((enrolment, stage, Timestamp(number(row, 8)?)))
        })?;
        rows.into_iter()
            .map(|(enrolment, (stage, nonce, device), at)| {
                let damaged = || StoreError::Corrupt("an enrolment's stage".to_owned());
                let nonce = || <[u8; 32]>::try_from(&nonce[..]).map_err(|_| damaged());
                let device = || DeviceId::from_slice(&device).ok_or_else(damaged);
                let stage = match stage {
                    0 => EnrolmentStage::Open,
                    1 => EnrolmentStage::Challenged { nonce: nonce()?, until: at },
                    2 => EnrolmentStage::Pending { device: device()?, nonce: nonce()?, at },
                    3 => EnrolmentStage::Active { device: device()? },
                    4 => EnrolmentStage::Refused,
                    5 => EnrolmentStage::Burnt,
                    _ => return Err(damaged()),
                };
                Ok(EnrolmentRow { stage, ..enrolment })
            })
            .collect()
    }

    fn submission(&self, enrolment: EnrolmentId) -> Result<Option<Submission>, StoreError> {
        let found = self
            .sql
            .prepare_cached("SELECT binding, evidence, key_packages FROM submission WHERE enrolment = ?1")?
            .query_row([enrolment.0], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
            })
            .optional()?;
        found
            .map(|(binding, evidence, key_packages)| {
                let packages: Vec<minicbor::bytes::ByteVec> = read(&key_packages)?;
                let key_packages = packages.into_iter().map(Into::into).collect();
                Ok(Submission { binding: read(&binding)?, evidence, key_packages })
            })
            .transpose()
    }

    fn control(&self, after: u64, limit: usize) -> Result<Vec<(u64, ControlRow)>, StoreError> {
        // One state of the file for all of it: a row without its content would look like the end.
        let whole = self.sql.unchecked_transaction()?;
        let numbers = self.rows(
            "SELECT number, kind, reference FROM control WHERE number > ?1 ORDER BY number LIMIT ?2",
            (signed(after), signed(limit as u64)),
            |row| Ok((number(row, 0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)),
        )?;
        let mut rows = Vec::with_capacity(numbers.len());
        for (number, column, reference) in numbers {
            let kind = kind(column).ok_or_else(|| StoreError::Corrupt("the control stream".to_owned()))?;
            if let Some(row) = self.control_row(kind, reference)? {
                rows.push((number, row));
            }
        }
        whole.finish()?;
        Ok(rows)
    }

    fn welcomes(&self) -> Result<Vec<(DeviceId, u64)>, StoreError> {
        self.rows(
            "SELECT welcome.device, control.number FROM welcome
             JOIN control ON control.kind = 2 AND control.reference = welcome.id",
            (),
            |row| Ok((DeviceId(id(row, 0)?), number(row, 1)?)),
        )
    }

    fn welcome(&self, at: u64) -> Result<Option<Control>, StoreError> {
        let found = self
            .rows(
                "SELECT roster.name, welcome.bytes, group_info.tree FROM control
                 JOIN welcome ON welcome.id = control.reference
                 JOIN handshake ON handshake.id = welcome.handshake
                 JOIN roster ON roster.roster = handshake.roster
                 JOIN group_info ON group_info.handshake = welcome.handshake
                 WHERE control.number = ?1 AND control.kind = 2",
                [signed(at)],
                |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?)),
            )?
            .pop();
        found
            .map(|(name, welcome, tree)| {
                Ok(Control::Welcome { roster: read(&name)?, welcome: welcome.into(), tree: tree.into() })
            })
            .transpose()
    }

    fn bundles(&self) -> Result<Vec<(DeviceId, u64)>, StoreError> {
        self.rows(
            "SELECT bundle.device, control.number FROM bundle
             JOIN control ON control.kind = 6 AND control.reference = bundle.id",
            (),
            |row| Ok((DeviceId(id(row, 0)?), number(row, 1)?)),
        )
    }

    fn bundle(&self, at: u64) -> Result<Option<Control>, StoreError> {
        let query = "SELECT bundle.body FROM control JOIN bundle ON bundle.id = control.reference
                     WHERE control.number = ?1 AND control.kind = 6";
        let body = self.body(query, signed(at))?;
        body.map(|body| read(&body).map(Control::Bundle)).transpose()
    }

    fn debts(&self) -> Result<Vec<DebtRow>, StoreError> {
        self.rows("SELECT roster, device, admitted, reach FROM history_debt", (), |row| {
            Ok(DebtRow {
                roster: RosterId(id(row, 0)?),
                device: DeviceId(id(row, 1)?),
                admitted: StatementNumber(number(row, 2)?),
                reach: StatementNumber(number(row, 3)?),
            })
        })
    }

    fn endpoints(&self) -> Result<Vec<(DeviceId, String)>, StoreError> {
        self.rows("SELECT device, endpoint FROM device WHERE endpoint IS NOT NULL", (), |row| {
            Ok((DeviceId(id(row, 0)?), row.get(1)?))
        })
    }

    fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        let query = "SELECT device.device, contact_day, wiped_at, unsent, attested_at, barred_at FROM device
                     LEFT JOIN phone ON phone.device = device.device ORDER BY device.device";
        self.rows(query, (), |row| {
            let instant = |column| -> rusqlite::Result<Option<Timestamp>> {
                Ok(row.get::<_, Option<i64>>(column)?.map(|at| Timestamp(at.unsigned_abs())))
            };
            let unsent: Option<u32> = row.get(3)?;
            let wipe = instant(2)?.map(|at| Wipe { at, unsent: unsent.unwrap_or_default() });
            let attest_by = instant(4)?.map(|at| at.after(EVERY));
            let barred_since = instant(5)?.filter(|at| at.0 > 0);
            let (device, day) = (DeviceId(id(row, 0)?), instant(1)?);
            Ok(Contact { device, day, wipe, attest_by, barred_since })
        })
    }

    fn phones(&self) -> Result<Vec<PhoneRow>, StoreError> {
        self.rows(&format!("{PHONES} ORDER BY device"), (), phone_row)
    }

    fn phone(&self, device: DeviceId) -> Result<Option<PhoneRow>, StoreError> {
        Ok(self.rows(&format!("{PHONES} WHERE device = ?1"), [device.0], phone_row)?.pop())
    }

    fn announced(&self) -> Result<Vec<AnnouncedRow>, StoreError> {
        self.rows(
            "SELECT version, common, corrects, thread, due, received_at FROM announced ORDER BY stream",
            (),
            |row| {
                let corrects: Vec<u8> = row.get(2)?;
                let announced = Announced {
                    version: EntryUid(id(row, 0)?),
                    common: Hash(id(row, 1)?),
                    corrects: EntryUid::from_slice(&corrects),
                };
                let due = Some(Timestamp(number(row, 4)?)).filter(|due| due.0 > 0);
                let received_at = Timestamp(number(row, 5)?);
                Ok(AnnouncedRow { announced, thread: ThreadId(id(row, 3)?), due, received_at })
            },
        )
    }

    fn acknowledged(&self) -> Result<Vec<(Hash, AgentNumber)>, StoreError> {
        self.rows("SELECT common, agent FROM receipt", (), |row| {
            Ok((Hash(id(row, 0)?), AgentNumber(row.get(1)?)))
        })
    }

    fn open_calls(&self) -> Result<Vec<CallRow>, StoreError> {
        super::calls::calls(&self.sql, "ended_at = 0 ORDER BY stream", ())
    }

    fn call(&self, stream: u64) -> Result<Option<CallRow>, StoreError> {
        Ok(super::calls::calls(&self.sql, "stream = ?1", [signed(stream)])?.pop())
    }

    fn declared(&self, limit: usize) -> Result<Vec<(CallRow, Option<Terms>)>, StoreError> {
        super::calls::declared(&self.sql, limit)
    }

    fn call_of(&self, thread: ThreadId, entry: EntryUid) -> Result<Option<CallRow>, StoreError> {
        Ok(super::calls::calls(&self.sql, "thread = ?1 AND uid = ?2", (thread.0, entry.0))?.pop())
    }

    fn common(&self, hash: Hash) -> Result<Option<Common>, StoreError> {
        let mut query = self.sql.prepare_cached("SELECT body FROM common WHERE hash = ?1")?;
        let body: Option<Vec<u8>> = query.query_row([hash.0], |row| row.get(0)).optional()?;
        Ok(body.map(|body| Common(body.into())))
    }

    fn kept(&self) -> Result<Vec<Kept>, StoreError> {
        kept::kept(&self.sql)
    }

    fn off_hours(&self, month: Month) -> Result<Vec<(RosterId, u64)>, StoreError> {
        statistics::off_hours(&self.sql, month)
    }

    fn count(&self, window: &Window, limit: usize) -> Result<usize, StoreError> {
        let query = format!("SELECT count(*) FROM (SELECT 1 FROM entry WHERE {WINDOW} LIMIT ?6)");
        let mut query = self.sql.prepare_cached(&query)?;
        let count: i64 = query.query_row(with_limit(window, limit), |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    fn oldest(&self, window: &Window, limit: usize) -> Result<Vec<EntryRow>, StoreError> {
        let query = format!("{ENTRY} WHERE {WINDOW} ORDER BY stream LIMIT ?6");
        self.entries(window.thread, &query, with_limit(window, limit))
    }

    fn newest(&self, window: &Window, limit: usize) -> Result<Vec<EntryRow>, StoreError> {
        let query = format!("{ENTRY} WHERE {WINDOW} ORDER BY stream DESC LIMIT ?6");
        let mut entries = self.entries(window.thread, &query, with_limit(window, limit))?;
        entries.reverse();
        Ok(entries)
    }

    fn urgent(&self, window: &Window, limit: usize) -> Result<Vec<EntryRow>, StoreError> {
        self.entries(
            window.thread,
            &format!("{ENTRY} WHERE {WINDOW} AND urgency > 0 ORDER BY stream LIMIT ?6"),
            with_limit(window, limit),
        )
    }

    fn bounds(&self, window: &Window) -> Result<Option<(Position, Position)>, StoreError> {
        let edge = |order: &str| -> Result<Option<Position>, StoreError> {
            let query = format!("SELECT position FROM entry WHERE {WINDOW} ORDER BY stream {order} LIMIT 1");
            let mut query = self.sql.prepare_cached(&query)?;
            Ok(query.query_row(parameters(window), |row| number(row, 0)).optional()?.map(Position))
        };
        Ok(edge("ASC")?.zip(edge("DESC")?))
    }

    fn range(
        &self,
        window: &Window,
        from: Position,
        to: Position,
        limit: usize,
    ) -> Result<Vec<EntryRow>, StoreError> {
        let (thread, after, until, statement, received_at) = parameters(window);
        self.entries(
            window.thread,
            &format!("{ENTRY} WHERE {WINDOW} AND position BETWEEN ?6 AND ?7 ORDER BY position LIMIT ?8"),
            (
                thread,
                after,
                until,
                statement,
                received_at,
                signed(from.0),
                signed(to.0),
                signed(limit as u64),
            ),
        )
    }

    fn slots(&self, thread: ThreadId, after: u64) -> Result<Vec<(u64, Slot)>, StoreError> {
        self.rows(
            "SELECT number, device, kind, version, sealed FROM slot
             WHERE thread = (SELECT id FROM thread WHERE name = ?1) AND number > ?2 ORDER BY number",
            (thread.0, signed(after)),
            |row| {
                let kind: i64 = row.get(2)?;
                let sealed: Vec<u8> = row.get(4)?;
                let slot = Slot {
                    thread: thread.into(),
                    device: DeviceId(id(row, 1)?),
                    kind: if kind == 0 { SlotKind::Delivered } else { SlotKind::Read },
                    version: number(row, 3)?,
                    sealed: sealed.into(),
                };
                Ok((number(row, 0)?, slot))
            },
        )
    }

    fn commits(
        &self,
        roster: RosterId,
        generation: RosterGeneration,
        from: Epoch,
        limit: usize,
    ) -> Result<Vec<CommitRow>, StoreError> {
        self.rows(
            "SELECT epoch, bytes FROM handshake WHERE roster = ?1 AND generation = ?2 AND epoch >= ?3
             ORDER BY epoch LIMIT ?4",
            (roster.0, generation.0, signed(from.0), signed(limit as u64)),
            |row| Ok(CommitRow { epoch: Epoch(number(row, 0)?), bytes: row.get(1)? }),
        )
    }

    fn has_commit(
        &self,
        roster: RosterId,
        generation: RosterGeneration,
        commit: Hash,
    ) -> Result<bool, StoreError> {
        let mut query = self
            .sql
            .prepare_cached("SELECT 1 FROM handshake WHERE roster = ?1 AND generation = ?2 AND hash = ?3")?;
        Ok(query.exists((roster.0, generation.0, commit.0))?)
    }

    fn group_info(&self, roster: RosterId) -> Result<Option<GroupInfoRow>, StoreError> {
        let mut query = self.sql.prepare_cached(
            "SELECT handshake.generation, handshake.epoch, group_info.info, group_info.tree
             FROM handshake JOIN group_info ON group_info.handshake = handshake.id
             WHERE handshake.id = (SELECT max(id) FROM handshake WHERE roster = ?1)",
        )?;
        let found = query.query_row([roster.0], |row| {
            Ok(GroupInfoRow {
                generation: RosterGeneration(row.get(0)?),
                epoch: Epoch(number(row, 1)?).next(),
                info: row.get(2)?,
                tree: row.get(3)?,
            })
        });
        Ok(found.optional()?)
    }

    fn stock(&self, device: DeviceId) -> Result<u32, StoreError> {
        let mut query = self
            .sql
            .prepare_cached("SELECT count(*) FROM key_package WHERE device = ?1 AND last_resort = 0")?;
        Ok(query.query_row([device.0], |row| row.get(0))?)
    }

    fn expired(&self, thread: ThreadId, before: Timestamp) -> Result<(u64, u64), StoreError> {
        let bytes = "sum(length(entry.header) + length(entry.sealed))";
        let mut query =
            self.sql.prepare_cached(&format!("SELECT count(*), coalesce({bytes}, 0) {EXPIRED}"))?;
        Ok(query.query_row((thread.0, signed(before.0)), |row| Ok((number(row, 0)?, number(row, 1)?)))?)
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
        self.rows(
            "SELECT number, body, hash FROM audit WHERE number > ?1 ORDER BY number LIMIT ?2",
            (signed(after), signed(limit as u64)),
            |row| Ok(AuditRow { number: number(row, 0)?, body: row.get(1)?, hash: Hash(id(row, 2)?) }),
        )
    }

    fn audit_end(&self) -> Result<Head, StoreError> {
        audit_end(&self.sql)
    }

    fn audit_heads(&self) -> Result<Vec<SignedHead>, StoreError> {
        self.rows("SELECT number, hash, at, signature FROM audit_head ORDER BY number", (), |row| {
            Ok(SignedHead {
                head: Head { number: number(row, 0)?, hash: Hash(id(row, 1)?) },
                at: Timestamp(number(row, 2)?),
                signature: Signature(id(row, 3)?),
            })
        })
    }
}

type Parameters = ([u8; 32], i64, i64, i64, i64);

fn parameters(window: &Window) -> Parameters {
    let Window { thread, after, until, statement, received_at } = *window;
    (thread.0, signed(after), signed(until), signed(statement.0), signed(received_at.0))
}

fn with_limit(window: &Window, limit: usize) -> ([u8; 32], i64, i64, i64, i64, i64) {
    let (thread, after, until, statement, received_at) = parameters(window);
    (thread, after, until, statement, received_at, signed(limit as u64))
}
