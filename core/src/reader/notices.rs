//! Derogations from people's rest as everybody reads them, and which of them are new to a representative.
//!
//! A representative of the staff is told of each without delay (décret 2000-815, art. 3, II, b): the statement
//! itself is the notice, and comes with the chain to every device. Nothing else is sent.

use estafette_protocol::hours::{LegalBasis, Period};
use estafette_protocol::statement::Act;
use estafette_protocol::{AgentNumber, StatementNumber, Timestamp};

use super::Reader;
use crate::store::values::{self, Value};
use crate::store::{StoreError, statements};

/// One decision to derogate, with all whom it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// The statement.
    pub statement: StatementNumber,
    /// When it was made, by its signer's clock.
    pub at: Timestamp,
    /// Who decided.
    pub author: AgentNumber,
    /// On what right.
    pub basis: LegalBasis,
    /// Why.
    pub reason: String,
    /// From when until when.
    pub period: Period,
    /// Whose rest it touches.
    pub agents: Vec<AgentNumber>,
    /// Made since this device's agent looked at notices last.
    pub new: bool,
}

impl Reader {
    /// Every derogation, the first one first.
    ///
    /// # Errors
    ///
    /// The database cannot be read.
    pub fn notices(&mut self) -> Result<Vec<NoticeRow>, StoreError> {
        self.refresh()?;
        let seen: Option<StatementNumber> = values::get(&self.connection, Value::NoticesSeen)?;
        let mut rows: Vec<NoticeRow> = Vec::new();
        for signed in statements::from(&self.connection, StatementNumber(0), usize::MAX >> 1)? {
            let statement = signed.statement().map_err(|_| StoreError::Corrupt)?;
            let first = rows.len();
            for act in &statement.acts {
                let Act::AddOverride { agent, derogation } = act else { continue };
                let same = |row: &&mut NoticeRow| {
                    (row.basis, row.period, &row.reason)
                        == (derogation.basis, derogation.period, &derogation.reason)
                };
                if let Some(row) = rows[first..].iter_mut().find(same) {
                    row.agents.push(*agent);
                    continue;
                }
                rows.push(NoticeRow {
                    statement: statement.number,
                    at: statement.at,
                    author: derogation.author,
                    basis: derogation.basis,
                    reason: derogation.reason.clone(),
                    period: derogation.period,
                    agents: vec![*agent],
                    new: seen.is_none_or(|seen| statement.number > seen),
                });
            }
        }
        Ok(rows)
    }

    /// How many notices wait for this device's agent, who represents the staff; 0 for everybody else.
    ///
    /// # Errors
    ///
    /// The database cannot be read.
    pub fn notices_waiting(&mut self) -> Result<usize, StoreError> {
        let agent = self.identity.agent;
        if !self.registry()?.representatives().contains(&agent) {
            return Ok(0);
        }
        Ok(self.notices()?.iter().filter(|notice| notice.new).count())
    }
}
