//! The control stream: statements and handshakes, delivered whole, each to those it concerns.

use std::collections::VecDeque;

use estafette_protocol::frame::Control;
use estafette_protocol::statement::{Act, SignedStatement};
use estafette_protocol::{DeviceId, Fault, RosterId};

use super::Relay;
use crate::store::ControlRow;

/// Rows kept in memory.
const ROWS: usize = 256;
/// Rows read at a time.
const READ: usize = 256;

/// The newest rows of the control stream.
pub(super) struct ControlTail {
    /// Every row above this number is here.
    after: u64,
    rows: VecDeque<(u64, ControlRow)>,
}

impl ControlTail {
    pub fn after(mark: u64) -> Self {
        Self { after: mark, rows: VecDeque::new() }
    }

    pub fn push(&mut self, number: u64, row: ControlRow) {
        match row {
            ControlRow::Directory(_) => {
                self.rows.retain(|(_, old)| !matches!(old, ControlRow::Directory(_)));
            }
            ControlRow::DatedHead(_) => {
                self.rows.retain(|(_, old)| !matches!(old, ControlRow::DatedHead(_)));
            }
            _ => {}
        }
        self.rows.push_back((number, row));
        while self.rows.len() > ROWS {
            self.after = self.rows.pop_front().map_or(self.after, |(number, _)| number);
        }
    }
}

/// What of the control stream goes to one device.
#[derive(Default)]
pub(super) struct ControlPage {
    pub items: Vec<Control>,
    pub bytes: usize,
    /// Up to where the stream was looked at.
    pub mark: u64,
    /// Nothing is behind it.
    pub complete: bool,
    /// Rosters to which the device is admitted in it.
    pub admitted: Vec<RosterId>,
}

impl Relay {
    /// What follows a mark for a device, until `limit` bytes are reached.
    pub(super) fn control_page(
        &self,
        device: DeviceId,
        mark: u64,
        limit: usize,
    ) -> Result<ControlPage, Fault> {
        let complete = mark >= self.state.control;
        let mut page = ControlPage { mark, complete, ..ControlPage::default() };
        while !page.complete {
            let read = match page.mark < self.control.after {
                true => Some(self.reader.control(page.mark, READ)?),
                false => None,
            };
            let from = page.mark;
            let kept = self.control.rows.iter().filter(|(number, _)| *number > from);
            let rows: Box<dyn Iterator<Item = &(u64, ControlRow)>> = match &read {
                Some(rows) => Box::new(rows.iter()),
                None => Box::new(kept),
            };
            for (number, row) in rows.filter(|(number, _)| *number <= self.state.control) {
                if page.bytes >= limit {
                    return Ok(page);
                }
                page.mark = *number;
                if let Some(item) = self.control_item(device, *number, row)? {
                    page.bytes += size(&item);
                    if let ControlRow::Statement(statement) = row {
                        page.admitted.extend(admitted(statement, device));
                    }
                    page.items.push(item);
                }
            }
            if read.is_none_or(|rows| rows.len() < READ) {
                page.mark = page.mark.max(self.state.control);
                page.complete = true;
            }
        }
        Ok(page)
    }

    /// A row as one device gets it, if it concerns that device.
    fn control_item(
        &self,
        device: DeviceId,
        number: u64,
        row: &ControlRow,
    ) -> Result<Option<Control>, Fault> {
        let registry = &self.state.registry;
        Ok(match row {
            ControlRow::Statement(statement) => Some(Control::Statement(statement.clone())),
            ControlRow::Commit { roster, name, generation, epoch, bytes } => {
                let concerned = self.state.groups.get(roster).is_some_and(|group| {
                    group.generation == *generation
                        && group.members.get(&device).is_some_and(|since| since <= epoch)
                        && registry.membership(name, device).is_some()
                });
                concerned.then(|| Control::Commit { roster: *name, commit: bytes.clone().into() })
            }
            ControlRow::Welcome { device: welcomed } if *welcomed == device => self.reader.welcome(number)?,
            ControlRow::Bundle { device: newcomer } if *newcomer == device => self.reader.bundle(number)?,
            ControlRow::Welcome { .. } | ControlRow::Bundle { .. } => None,
            ControlRow::Receipt { issuer, receipt } => {
                let own = registry.agent_of(device);
                let concerned = own.is_some()
                    && (registry.agent_of(*issuer) == own || registry.agent_of(receipt.device) == own);
                concerned.then(|| Control::Receipt(receipt.clone()))
            }
            ControlRow::Call { stream } => {
                let call = self.reader.call(*stream)?;
                call.filter(|call| self.concerns(call, device)).map(|call| Control::Call(call.report()))
            }
            ControlRow::Refused(refused) => {
                let concerned = registry.membership(&refused.roster, device).is_some()
                    || registry.is_administrator(device);
                concerned.then(|| Control::CommitRefused(refused.clone()))
            }
            ControlRow::DatedHead(head) => Some(Control::DatedHead(head.clone())),
            ControlRow::Directory(directory) => {
                let own: Vec<_> = directory.keys.iter().filter(|(of, _)| *of == device).cloned().collect();
                let recovery = directory.recovery.clone().filter(|_| registry.is_administrator(device));
                (!own.is_empty() || recovery.is_some()).then(|| {
                    let directory = estafette_protocol::frame::Directory {
                        version: directory.version,
                        author: directory.author,
                        sealed: directory.sealed.clone(),
                        signature: directory.signature,
                        keys: own,
                        recovery,
                    };
                    Control::Directory(directory)
                })
            }
        })
    }
}

/// The rosters to which a statement admits a device.
fn admitted(statement: &SignedStatement, device: DeviceId) -> Vec<RosterId> {
    let acts = statement.statement().map(|statement| statement.acts).unwrap_or_default();
    let admits = acts.into_iter().filter_map(|act| match act {
        Act::Admit { roster, device: admitted, .. } if admitted == device => Some(roster),
        _ => None,
    });
    admits.collect()
}

/// Bytes of an item, about.
fn size(item: &Control) -> usize {
    64 + match item {
        Control::Statement(statement) => statement.body.len(),
        Control::Commit { commit, .. } => commit.len(),
        Control::Welcome { welcome, tree, .. } => welcome.len() + tree.len(),
        Control::CommitRefused(_) | Control::DatedHead(_) | Control::Receipt(_) => 128,
        Control::Call(report) => 64 + 16 * report.asked.len() + 192 * report.answers.len(),
        Control::Directory(directory) => directory.sealed.len(),
        Control::Bundle(bundle) => bundle.sealed.len(),
    }
}
