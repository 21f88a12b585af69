//! Phones after their enrolment: barred when a key of their evidence is revoked, and asked for fresh
//! evidence every 30 days.
//!
//! The relay cannot make statements, so a bar is its own: it refuses the device and closes its sockets,
//! administrators see it, and it ends with a list that no longer names a key of it. To withdraw the
//! device, to have it locked or emptied, is an administrator's statement
//! ([decision 24](../../../docs/decisions/0024-phones-after-enrolment.md)).
//!
//! Always true: what is barred was active and named by the list at hand; a computer has no evidence and
//! is never barred or late; where the list itself is too old to judge by, nobody is late, since the relay
//! could not take the evidence. Not here: what evidence is worth ([`crate::attestation`]).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use estafette_attest::{PhoneEvidence, RevocationList};
use estafette_protocol::certificate::Level;
use estafette_protocol::enrol::InventoryEntry;
use estafette_protocol::frame::Reply;
use estafette_protocol::reattestation::{EVERY, FreshEvidence, GRACE, Renewed};
use estafette_protocol::{
    AgentNumber, AuthEpoch, DeviceId, EnrolmentId, Fault, FaultCode, Hash, Timestamp, limits,
};
use rand_core::CryptoRngCore;

use super::Relay;
use super::requests::{Asker, at_most};
use super::settle::{Expected, Wish};
use crate::attestation::{self, Retrial};
use crate::audit::{Draft, Subject, What, Who};
use crate::policy;
use crate::store::{EnrolmentStage, Operation, PhoneRow, Renewal};

/// How long a challenge may be answered.
const CHALLENGE: Duration = Duration::from_secs(600);

/// What memory keeps of a phone's evidence.
pub(super) struct Phone {
    /// Serial numbers of the certificates with which it enrolled, and of the last ones that it brought.
    serials: Vec<Vec<u8>>,
    /// Google's list has nothing to say about an iPhone.
    android: bool,
    attested_at: Timestamp,
    barred: bool,
}

impl Phone {
    /// From its row.
    pub fn of(row: &PhoneRow) -> Self {
        let read = |bytes: &Vec<u8>| PhoneEvidence::from_bytes(bytes).ok();
        // What does not read back has no numbers: it was judged when it came.
        let shown = [&row.enrolled, &row.renewed].into_iter().filter_map(read);
        let serials = shown.flat_map(|evidence| evidence.serials()).collect();
        let android = !matches!(read(&row.enrolled), Some(PhoneEvidence::Apple(_)));
        Self { serials, android, attested_at: row.attested_at, barred: row.barred_at.is_some() }
    }

    fn enrolled(device: DeviceId, evidence: Vec<u8>, at: Timestamp) -> Self {
        let (renewed, barred_at) = (Vec::new(), None);
        Self::of(&PhoneRow { device, enrolled: evidence, renewed, attested_at: at, counter: 0, barred_at })
    }
}

/// Challenges that wait for their answers. Lost with the process: a phone asks again.
#[derive(Default)]
pub(super) struct Challenges {
    /// Secret; each nonce is a hash of it.
    seed: Option<[u8; 32]>,
    given: BTreeMap<DeviceId, ([u8; 32], Timestamp)>,
    number: u64,
}

impl Challenges {
    /// Has a secret from now on.
    pub fn stir(&mut self, rng: &mut dyn CryptoRngCore) {
        self.seed.get_or_insert_with(|| {
            let mut seed = [0; 32];
            rng.fill_bytes(&mut seed);
            seed
        });
    }

    fn give(&mut self, device: DeviceId, until: Timestamp) -> Option<[u8; 32]> {
        self.number += 1;
        let parts = [b"estafette nonce v1\0", &self.seed?[..], &device.0, &self.number.to_be_bytes()];
        let nonce = Hash::of(&parts).0;
        self.given.insert(device, (nonce, until));
        Some(nonce)
    }

    /// Whether this nonce was given and is still good; it is not good a second time.
    fn take(&mut self, device: DeviceId, nonce: &[u8; 32], now: Timestamp) -> bool {
        self.given.remove(&device).is_some_and(|(given, until)| given == *nonce && now < until)
    }
}

impl Relay {
    /// A device may speak: by the statements, and by what it has shown of itself.
    pub(super) fn may_speak(&self, device: DeviceId, epoch: AuthEpoch) -> Result<AgentNumber, FaultCode> {
        let record = policy::may_speak(&self.state.registry, device, epoch)?;
        let barred = self.state.phones.get(&device).is_some_and(|phone| phone.barred);
        match () {
            () if barred => Err(FaultCode::DeviceSuspended),
            () if self.excepted_until(device) <= self.now => Err(FaultCode::ExceptionOver),
            () if self.attest_at_last(device) <= self.now => Err(FaultCode::ReattestationRequired),
            () => Ok(record.certificate.agent),
        }
    }

    /// When a phone's evidence is too old; nothing for a computer.
    pub(super) fn attest_by(&self, device: DeviceId) -> Option<Timestamp> {
        self.state.phones.get(&device).map(|phone| phone.attested_at.after(EVERY))
    }

    /// From when on a device may do nothing but bring fresh evidence.
    pub(super) fn attest_at_last(&self, device: DeviceId) -> Timestamp {
        match self.state.phones.get(&device) {
            Some(phone) if self.can_judge(phone) => phone.attested_at.after(EVERY + GRACE),
            _ => Timestamp::MAX,
        }
    }

    /// Until when a device that two persons admitted without evidence may speak; no end for all others.
    fn excepted_until(&self, device: DeviceId) -> Timestamp {
        let certificate = self.state.registry.device(device).map(|record| &record.certificate);
        let supervised = certificate.filter(|certificate| certificate.level == Level::Supervised);
        let until = supervised.and_then(|certificate| self.state.registry.exception(certificate.inventory));
        until.unwrap_or(Timestamp::MAX)
    }

    /// From when on a device's sockets are closed, however young they are.
    pub(super) fn proved_until(&self, device: DeviceId) -> Timestamp {
        self.attest_at_last(device).min(self.excepted_until(device))
    }

    /// An inventory entry as it counts now: two persons may have asked less of it for a time.
    pub(super) fn as_required(&self, entry: &InventoryEntry) -> InventoryEntry {
        let excepted = self.state.registry.exception(entry.id).is_some_and(|until| self.now < until);
        let level = if excepted { entry.level.min(Level::Supervised) } else { entry.level };
        InventoryEntry { level, ..entry.clone() }
    }

    /// Whether evidence could be accepted now, as far as it is the relay's part.
    fn can_judge(&self, phone: &Phone) -> bool {
        let fresh = self.revoked.as_ref().is_some_and(|list| !list.is_stale(self.now));
        fresh || !phone.android || !self.settings.rules.list_required
    }

    /// An enrolment is about to be approved: the evidence of a phone is known from then on.
    pub(super) fn know_phone(&mut self, enrolment: EnrolmentId) -> Result<(), Fault> {
        let row = self.state.enrolments.get(&enrolment);
        let Some(EnrolmentStage::Pending { device, at, .. }) = row.map(|row| row.stage) else {
            return Ok(());
        };
        let evidence = self.reader.submission(enrolment)?.map(|submission| submission.evidence);
        if let Some(evidence) = evidence.filter(|evidence| !evidence.is_empty()) {
            let phone = Phone::enrolled(device, evidence, at);
            self.state.phones.entry(device).or_insert(phone);
        }
        Ok(())
    }

    /// A list of revoked keys is at hand: every phone in use is looked up in it.
    pub(super) fn take_revocations(&mut self, list: Arc<RevocationList>) {
        let (fetched_at, entries) = (list.fetched_at(), list.len());
        self.revoked = Some(list);
        // Who could not be late before may be now.
        self.old_at = self.now;
        self.look_at_phones();
        if self.state.organisation.is_none() || self.state.listed_at == Some(fetched_at) {
            return;
        }
        self.state.listed_at = Some(fetched_at);
        let subject = Subject {
            value: Some(entries as u64),
            times: Some(self.count_barred()),
            from: Some(fetched_at),
            ..Subject::default()
        };
        self.write_alone(Operation::Listed(fetched_at), What::RevocationsTaken, subject);
    }

    /// Bars the phones in use that the list names, and frees those that it no longer does.
    pub(super) fn look_at_phones(&mut self) {
        if let Some(list) = self.revoked.clone() {
            let named = |phone: &Phone| phone.serials.iter().any(|serial| list.contains(serial));
            let phones = self.state.phones.iter().filter(|(device, _)| self.is_active(**device));
            let changed: Vec<_> = phones
                .filter(|(_, phone)| named(phone) != phone.barred)
                .map(|(device, phone)| (*device, !phone.barred))
                .collect();
            changed.into_iter().for_each(|(device, barred)| self.bar(device, barred));
        }
        self.count_barred();
        let barred = |device: &DeviceId| self.state.phones.get(device).is_some_and(|phone| phone.barred);
        let lines: Vec<_> = self
            .lines
            .iter()
            .filter(|(device, _)| barred(device))
            .flat_map(|(_, lines)| lines.clone())
            .collect();
        lines.into_iter().for_each(|line| self.close(line, FaultCode::DeviceSuspended.into()));
    }

    fn bar(&mut self, device: DeviceId, barred: bool) {
        if let Some(phone) = self.state.phones.get_mut(&device) {
            phone.barred = barred;
        }
        let what = match barred {
            true => What::DeviceBarred,
            false => What::DeviceCleared,
        };
        tracing::warn!(%device, what = what.as_str(), "a list of revoked keys concerns a phone");
        let agent = self.state.registry.agent_of(device);
        let subject = Subject { device: Some(device), agent, ..Subject::default() };
        let since = barred.then_some(self.now);
        self.write_alone(Operation::Bar { device, since }, what, subject);
    }

    /// Counts the phones in use that are barred, for who watches over the relay.
    pub(super) fn count_barred(&mut self) -> u64 {
        let barred = |(device, phone): &(&DeviceId, &Phone)| phone.barred && self.is_active(**device);
        let count = self.state.phones.iter().filter(barred).count();
        let before = std::mem::replace(&mut self.barred, i64::try_from(count).unwrap_or(i64::MAX));
        self.tally.barred += self.barred - before;
        count as u64
    }

    fn is_active(&self, device: DeviceId) -> bool {
        self.state.registry.device(device).is_some_and(|record| record.active())
    }

    /// An act of the relay itself, for which nobody waits.
    pub(super) fn write_alone(&mut self, act: Operation, what: What, subject: Subject) {
        let line = Draft { at: self.now, who: Who::Relay, what, subject };
        self.write(Operation::Audited(Box::new(act), vec![line]));
        self.expected.push(Expected::Nobody);
    }

    pub(super) fn give_challenge(&mut self, asker: Asker) -> Result<(), Fault> {
        if !self.state.phones.contains_key(&asker.device) {
            return Err(FaultCode::Forbidden.into());
        }
        let until = self.now.after(CHALLENGE);
        let nonce = self.challenges.give(asker.device, until).ok_or(FaultCode::Internal)?;
        self.done(asker.line, asker.id, Reply::Challenge { nonce });
        Ok(())
    }

    /// Judges fresh evidence as the first was judged, and keeps it.
    pub(super) fn take_evidence(&mut self, asker: Asker, fresh: FreshEvidence) -> Result<(), Fault> {
        at_most(fresh.evidence.len(), limits::EVIDENCE + 1024)?;
        if !self.challenges.take(asker.device, &fresh.nonce, self.now) {
            return Err(FaultCode::EnrolmentExpired.into());
        }
        let record = self.state.registry.device(asker.device).ok_or(FaultCode::BadProof)?;
        let certificate = &record.certificate;
        let renewed = Renewed {
            relay: &self.id,
            organisation: self.state.id(),
            device: asker.device,
            key: &certificate.es256,
        };
        fresh.verify(&renewed).map_err(|_| FaultCode::BadProof)?;
        let inventory = self.state.inventory.get(&certificate.inventory).ok_or(FaultCode::NotInInventory)?;
        let row = self.reader.phone(asker.device)?.ok_or(FaultCode::Forbidden)?;
        let trial = Retrial {
            renewed: &renewed,
            nonce: &fresh.nonce,
            before: &row,
            level: certificate.level,
            model: &inventory.model,
            rules: &self.settings.rules,
            revoked: self.revoked.as_deref(),
            now: self.now,
        };
        let counter = attestation::prove_again(&trial, &fresh.evidence).inspect_err(|fault| {
            let reasons = fault.reasons.as_deref().unwrap_or_default().join(",");
            let device = asker.device;
            tracing::warn!(code = %fault.code, reasons, %device, "fresh evidence was refused");
        })?;
        let evidence: Vec<u8> = fresh.evidence.into();
        let row = PhoneRow { renewed: evidence.clone(), attested_at: self.now, ..row };
        self.state.phones.insert(asker.device, Phone::of(&row));
        let renewal = Renewal { device: asker.device, evidence, at: self.now, counter };
        let subject = Subject { device: Some(asker.device), ..Subject::default() };
        let lines = self.lines_by(asker.device, What::DeviceReattested, [subject]);
        let act = Box::new(Operation::Renew(Box::new(renewal)));
        self.write_for(asker, Operation::Audited(act, lines), Wish::Done);
        Ok(())
    }
}
