//! A line of the audit as JSON: what `audit export` writes and other machines verify.
//!
//! A record and its line say the same, field for field: a field that the line does not have is
//! refused, so that nothing can stand in an export that no hash covers.

use std::str::FromStr;

use estafette_protocol::{
    AgentNumber, Ed25519Public, Hash, OrganisationId, StatementNumber, TeamNumber, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{Head, Line, SignedHead, Subject, Who};

/// Not a line of an export, or one of a later version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a line of an audit")]
pub struct BadRecord;

/// One line. Ids and hashes in hexadecimal digits, times in Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    number: u64,
    at: u64,
    who: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_device: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_agent: Option<u32>,
    what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    statement: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    team: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    roster: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enrolment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inventory: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text_hash: Option<String>,
    previous: String,
    hash: String,
}

fn shown<T: ToString>(value: Option<&T>) -> Option<String> {
    value.map(ToString::to_string)
}

fn read<T: FromStr>(text: &str) -> Result<T, BadRecord> {
    text.parse().map_err(|_| BadRecord)
}

fn maybe<T: FromStr>(text: Option<&String>) -> Result<Option<T>, BadRecord> {
    text.map(|text| read(text)).transpose()
}

impl Record {
    /// A line with its place in the chain.
    pub fn of(line: &Line, previous: Hash, hash: Hash) -> Self {
        let Subject {
            times,
            statement,
            device,
            agent,
            team,
            roster,
            enrolment,
            inventory,
            fault,
            value,
            from,
            until,
            hash: text_hash,
        } = &line.subject;
        let (who, by) = match line.who {
            Who::Operator => ("operator", None),
            Who::Relay => ("relay", None),
            Who::OrganisationKey => ("organisation_key", None),
            Who::Stranger => ("stranger", None),
            Who::Device { device, agent } => ("device", Some((device, agent))),
        };
        Self {
            number: line.number,
            at: line.at.0,
            who: who.to_owned(),
            by_device: by.map(|(device, _)| device.to_string()),
            by_agent: by.map(|(_, agent)| agent.0),
            what: line.what.as_str().to_owned(),
            fault: shown(fault.as_ref()),
            times: *times,
            statement: statement.map(|number| number.0),
            device: shown(device.as_ref()),
            agent: agent.map(|agent| agent.0),
            team: team.map(|team| team.0),
            roster: shown(roster.as_ref()),
            enrolment: shown(enrolment.as_ref()),
            inventory: shown(inventory.as_ref()),
            value: *value,
            from: from.map(|at| at.0),
            until: until.map(|at| at.0),
            text_hash: shown(text_hash.as_ref()),
            previous: previous.to_string(),
            hash: hash.to_string(),
        }
    }

    /// The line, the hash that it says stands before it, and its own.
    ///
    /// # Errors
    ///
    /// An id, a hash or a word that cannot be read.
    pub fn line(&self) -> Result<(Line, Hash, Hash), BadRecord> {
        let by = (maybe(self.by_device.as_ref())?, self.by_agent.map(AgentNumber));
        let who = match (self.who.as_str(), by) {
            ("operator", (None, None)) => Who::Operator,
            ("relay", (None, None)) => Who::Relay,
            ("organisation_key", (None, None)) => Who::OrganisationKey,
            ("stranger", (None, None)) => Who::Stranger,
            ("device", (Some(device), Some(agent))) => Who::Device { device, agent },
            _ => return Err(BadRecord),
        };
        let subject = Subject {
            times: self.times,
            statement: self.statement.map(StatementNumber),
            device: maybe(self.device.as_ref())?,
            agent: self.agent.map(AgentNumber),
            team: self.team.map(TeamNumber),
            roster: maybe(self.roster.as_ref())?,
            enrolment: maybe(self.enrolment.as_ref())?,
            inventory: maybe(self.inventory.as_ref())?,
            fault: maybe(self.fault.as_ref())?,
            value: self.value,
            from: self.from.map(Timestamp),
            until: self.until.map(Timestamp),
            hash: maybe(self.text_hash.as_ref())?,
        };
        let line =
            Line { number: self.number, at: Timestamp(self.at), who, what: read(&self.what)?, subject };
        Ok((line, read(&self.previous)?, read(&self.hash)?))
    }
}

/// The last line of an export: the relay's word for the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadRecord {
    head: HeadFields,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadFields {
    organisation: String,
    number: u64,
    hash: String,
    at: u64,
    relay_key: String,
    signature: String,
}

impl HeadRecord {
    /// A signed head.
    pub fn of(organisation: OrganisationId, signed: &SignedHead, relay_key: &Ed25519Public) -> Self {
        let head = HeadFields {
            organisation: organisation.to_string(),
            number: signed.head.number,
            hash: signed.head.hash.to_string(),
            at: signed.at.0,
            relay_key: relay_key.to_string(),
            signature: signed.signature.to_string(),
        };
        Self { head }
    }

    /// The organisation, the head, and the key that is said to have signed it.
    ///
    /// # Errors
    ///
    /// An id, hash, key or signature that cannot be read.
    pub fn head(&self) -> Result<(OrganisationId, SignedHead, Ed25519Public), BadRecord> {
        let fields = &self.head;
        let head = Head { number: fields.number, hash: read(&fields.hash)? };
        let signed = SignedHead { head, at: Timestamp(fields.at), signature: read(&fields.signature)? };
        Ok((read(&fields.organisation)?, signed, read(&fields.relay_key)?))
    }
}
