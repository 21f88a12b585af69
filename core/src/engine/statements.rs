//! The organisation's chain: taken link by link, and lengthened by this device's own statements.

use estafette_protocol::frame::{Outcome, Reply, RequestBody};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::{Act, SignedStatement, Signer};
use estafette_protocol::{Fault, FaultCode, RosterId};

use super::memory::{Asked, Statement};
use super::turn::Turn;
use super::{Change, CommandAnswer};
use crate::store::rosters::{self, Roster, RosterState};
use crate::store::values::{self, Value};
use crate::store::{StoreError, statements};

impl Turn<'_> {
    /// Takes the next link; one that is known changes nothing, one further on asks for those between.
    pub fn take_statement(&mut self, signed: &SignedStatement) -> Result<(), StoreError> {
        let Ok(statement) = signed.statement() else {
            return self.note_fault(FaultCode::StatementForged, None);
        };
        let expected = self.memory.registry.next_link().0;
        if statement.number < expected {
            return Ok(());
        }
        if statement.number > expected {
            self.memory.statements_missing = true;
            return Ok(());
        }
        match self.memory.registry.apply(signed) {
            Ok(statement) => {
                self.chain_dated(statement.at);
                statements::insert(self.tx, statement.number, signed)?;
                self.settle_own(signed);
                self.after_statement(&statement.acts)
            }
            Err(error) => {
                let fault = Fault::from(error);
                // A link that does not follow what is known here: the relay shows another chain.
                let code = match fault.code {
                    FaultCode::StatementOutOfOrder => FaultCode::StatementsWithheld,
                    code => code,
                };
                self.note_fault(code, None)
            }
        }
    }

    /// A statement of this device came back though its answer was lost: its command is done.
    fn settle_own(&mut self, signed: &SignedStatement) {
        let waiting = &mut self.memory.to_state;
        if let Some(at) = waiting.iter().position(|own| own.signed.as_ref() == Some(signed)) {
            let command = waiting.remove(at).command;
            self.answer(command, CommandAnswer::Reply(Reply::Done));
        }
    }

    fn after_statement(&mut self, acts: &[Act]) -> Result<(), StoreError> {
        let own = self.memory.identity.device;
        for act in acts {
            match act {
                Act::Certify(certificate) if certificate.device == own => {
                    self.memory.identity.agent = certificate.agent;
                    self.memory.identity.inventory = Some(certificate.inventory);
                    values::put(self.tx, Value::Identity, &self.memory.identity)?;
                }
                Act::Admit { roster, device, .. } if *device == own => self.admitted(*roster)?,
                Act::Remove { roster, device } if *device == own => self.removed(*roster)?,
                Act::Revoke { device, .. } if *device == own => {
                    self.memory.revoked = true;
                    values::put(self.tx, Value::Revoked, &true)?;
                }
                _ => {}
            }
        }
        self.memory.refresh_hours();
        self.changed.insert(Change::Device);
        let parked: Vec<RosterId> = self.memory.rosters.keys().copied().collect();
        for roster in parked {
            self.retry_parked(roster)?;
        }
        Ok(())
    }

    fn admitted(&mut self, id: RosterId) -> Result<(), StoreError> {
        let mut roster = self
            .memory
            .rosters
            .remove(&id)
            .unwrap_or_else(|| Roster::waiting(id, RosterName::Stated(id), self.now()));
        if roster.state == RosterState::Gone {
            roster = Roster::waiting(id, RosterName::Stated(id), self.now());
        }
        rosters::put(self.tx, &roster)?;
        self.memory.rosters.insert(id, roster);
        self.create_thread(id.first_thread(), id).map(drop)
    }

    fn removed(&mut self, id: RosterId) -> Result<(), StoreError> {
        if let Some(roster) = self.memory.rosters.get_mut(&id) {
            roster.state = RosterState::Gone;
            rosters::put(self.tx, roster)?;
        }
        Ok(())
    }

    pub fn statements_answered(&mut self, outcome: Outcome) -> Result<(), StoreError> {
        self.memory.link.asking_statements = false;
        let Outcome::Done(Reply::Statements { statements, head }) = outcome else {
            self.memory.statements_missing = false;
            return Ok(());
        };
        let before = self.memory.registry.head();
        for signed in &statements {
            self.take_statement(signed)?;
        }
        let progress = self.memory.registry.head() != before;
        let behind = self.memory.registry.head().is_none_or(|(number, _)| number < head);
        self.memory.statements_missing = behind && progress;
        if behind && !progress {
            // The relay names a head that it does not show.
            self.note_fault(FaultCode::StatementsWithheld, None)?;
        }
        if !progress {
            // What waits for a statement still does: trying again would ask again, for ever.
            return Ok(());
        }
        let rosters: Vec<RosterId> = self.memory.rosters.keys().copied().collect();
        rosters.into_iter().try_for_each(|roster| self.retry_unopened(roster))
    }

    /// Signs and offers the statements that are wanted here, one at a time.
    pub fn send_own_statements(&mut self) -> Result<(), StoreError> {
        if self.memory.link.stating || self.memory.statements_missing || self.memory.to_state.is_empty() {
            return Ok(());
        }
        let mut wanted = self.memory.to_state.remove(0);
        let (number, previous) = self.memory.registry.next_link();
        let sent = wanted.signed.clone().filter(|signed| {
            signed.statement().is_ok_and(|sent| (sent.number, sent.previous) == (number, previous))
        });
        if let Some(signed) = sent {
            self.memory.link.stating = true;
            self.ask(RequestBody::State { statement: signed }, Asked::State(wanted));
            return Ok(());
        }
        let statement = estafette_protocol::statement::Statement {
            organisation: self.memory.identity.organisation,
            number,
            previous,
            at: self.now(),
            signer: Signer::Device(self.memory.identity.device),
            acts: wanted.acts.clone(),
        };
        let signed = SignedStatement::sign(&statement, &self.memory.identity.signing_key());
        wanted.signed = Some(signed.clone());
        self.memory.link.stating = true;
        self.ask(RequestBody::State { statement: signed }, Asked::State(wanted));
        Ok(())
    }

    pub fn stated(&mut self, statement: Statement, outcome: Outcome) -> Result<(), StoreError> {
        self.memory.link.stating = false;
        match outcome {
            Outcome::Done(reply) => {
                if let Some(signed) = &statement.signed {
                    self.take_statement(signed)?;
                }
                self.answer(statement.command, CommandAnswer::Reply(reply));
                Ok(())
            }
            Outcome::Refused(fault) if fault.code == FaultCode::StatementOutOfOrder => {
                self.memory.statements_missing = true;
                self.memory.to_state.insert(0, statement);
                Ok(())
            }
            Outcome::Refused(fault) => {
                self.refuse(statement.command, fault);
                Ok(())
            }
        }
    }
}
