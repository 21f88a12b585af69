//! What is left to a device that was withdrawn: to learn why, and to say that its content is gone.
//!
//! Its order is the administrator's signed statement itself, with those before it that the device has
//! not seen: no device destroys anything on the relay's word. What it says is kept, so that
//! administrators see whose content is gone and whose is not known to be.

use estafette_protocol::frame::{Reply, RequestBody};
use estafette_protocol::lease::Wipe;
use estafette_protocol::{Fault, FaultCode, StatementNumber};

use super::Relay;
use super::requests::Asker;
use super::settle::Wish;
use crate::audit::{Subject, What};
use crate::policy;
use crate::store::Operation;

impl Relay {
    pub(super) fn execute_withdrawn(&mut self, asker: Asker, body: RequestBody) -> Result<(), Fault> {
        let last = policy::is_withdrawn(&self.state.registry, asker.device)?;
        self.pace.request(self.now, asker.device)?;
        match body {
            RequestBody::Orders { from } => {
                let reply = self.orders(from, last)?;
                self.done(asker.line, asker.id, reply);
            }
            RequestBody::Wiped(wipe) => self.note_wipe(asker, wipe),
            _ => return Err(FaultCode::Forbidden.into()),
        }
        Ok(())
    }

    /// Nothing that was decided after it left.
    fn orders(&self, from: StatementNumber, last: StatementNumber) -> Result<Reply, Fault> {
        let Reply::Statements { mut statements, .. } = self.statements(from)? else {
            return Err(FaultCode::Internal.into());
        };
        let left = usize::try_from((last.0 + 1).saturating_sub(from.0)).unwrap_or(usize::MAX);
        statements.truncate(left);
        Ok(Reply::Statements { statements, head: last })
    }

    fn note_wipe(&mut self, asker: Asker, wipe: Wipe) {
        let agent = self.state.registry.agent_of(asker.device);
        let subject = Subject {
            device: Some(asker.device),
            agent,
            times: Some(u64::from(wipe.unsent)),
            ..Subject::default()
        };
        let lines = self.lines_by(asker.device, What::DeviceWiped, [subject]);
        let act = Box::new(Operation::Wiped { device: asker.device, wipe });
        self.write_for(asker, Operation::Audited(act, lines), Wish::Done);
    }
}
