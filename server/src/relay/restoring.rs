//! A relay that was restored from a backup: what it takes before it knows the organisation's decisions.
//!
//! Always true: while it waits it takes statements and gives statements, and nothing else; every
//! other request is refused with `restoring` and the number of its last statement, and the device
//! keeps what it wanted to send. It stops waiting when an administrator's device has shown that it
//! holds no later statement, or when a person on the relay's machine says so.
//!
//! Any device may show statements, at any time: each is a link of the signed chain and proves itself.

use estafette_protocol::frame::{Outcome as AnswerOutcome, Reply, RequestBody};
use estafette_protocol::statement::SignedStatement;
use estafette_protocol::{Fault, FaultCode, StatementNumber, limits};

use super::Relay;
use super::requests::{Asker, at_most};
use super::settle::Expected;
use crate::outlet::Line;
use crate::store::{Operation, Outcome};

impl Relay {
    /// That this relay waits, and after which statement.
    pub(super) fn restoring(&self) -> Fault {
        Fault::new(FaultCode::Restoring).with_number(self.state.registry.last().0)
    }

    /// Whether a request may be carried out now, as far as the wait goes.
    pub(super) fn may_be_taken(&self, body: &RequestBody) -> Result<(), Fault> {
        let speaks_of_statements =
            matches!(body, RequestBody::Recover { .. } | RequestBody::Statements { .. });
        match self.state.restoring && !speaks_of_statements {
            true => Err(self.restoring()),
            false => Ok(()),
        }
    }

    /// Takes the statements that a device holds after this relay's last. Those before one that does
    /// not fit are kept.
    pub(super) fn recover(
        &mut self,
        asker: Asker,
        statements: Vec<SignedStatement>,
        head: StatementNumber,
    ) -> Result<(), Fault> {
        at_most(statements.len(), limits::RECOVERED)?;
        let mut refused = None;
        let mut writes = Vec::new();
        for signed in statements {
            match self.recover_statement(signed) {
                Ok(write) => writes.push(write),
                Err(fault) => {
                    refused = Some(fault);
                    break;
                }
            }
        }
        let shown = refused.is_none()
            && self.state.registry.is_administrator(asker.device)
            && head == self.state.registry.last();
        if self.state.restoring && shown {
            self.end_restoring();
            writes.push(Operation::Recovered);
        }
        if writes.is_empty() {
            self.tell_recovery(asker.line, asker.id, refused);
            return Ok(());
        }
        let expected = Expected::Recovered { line: asker.line, id: asker.id, writes: writes.len(), refused };
        writes.into_iter().for_each(|write| self.write(write));
        self.expect(asker.line, expected);
        Ok(())
    }

    /// A person on the relay's machine decides not to wait for an administrator's device.
    pub(super) fn confirm_restore(&mut self) {
        if self.state.restoring {
            self.end_restoring();
            self.write(Operation::Recovered);
            self.expected.push(Expected::Nobody);
        }
    }

    fn end_restoring(&mut self) {
        tracing::info!("the restored log goes on");
        self.state.restoring = false;
        self.turns.recount();
    }

    pub(super) fn settle_recovery(
        &mut self,
        line: Line,
        id: u32,
        refused: Option<Fault>,
        outcomes: Vec<Outcome>,
    ) {
        let failed = outcomes.into_iter().find_map(|outcome| match outcome {
            Outcome::Refused(fault) => Some(fault),
            Outcome::Overtaken => Some(self.overtaken()),
            _ => None,
        });
        self.tell_recovery(line, id, failed.or(refused));
        self.close_revoked();
    }

    fn tell_recovery(&mut self, line: Line, id: u32, refused: Option<Fault>) {
        let refused = refused.or_else(|| self.state.restoring.then(|| self.restoring()));
        match refused {
            Some(fault) => self.answer(line, id, AnswerOutcome::Refused(fault)),
            None => self.done(line, id, Reply::Done),
        }
    }
}
