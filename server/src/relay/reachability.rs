//! The relay's signed word on when the asking agent could be reached: of the past, from the chain alone.
//!
//! Whoever holds the chain computes the same. Of a message it is said until when it was held; that is a
//! sign that there is one, so off duty nothing is said of messages.

use std::time::Duration;

use estafette_protocol::entry::Urgency;
use estafette_protocol::frame::Reply;
use estafette_protocol::hours::Period;
use estafette_protocol::reachability::{
    HeldEntry, LONGEST, Reachability, ReachabilityQuestion, Walk, held_until,
};
use estafette_protocol::registry::Registry;
use estafette_protocol::statement::SignedStatement;
use estafette_protocol::{DeviceId, Fault, FaultCode, Position, StatementNumber, ThreadId};

use super::Relay;
use super::entries::window;
use crate::outlet::Gate;
use crate::store::EntryRow;

/// The shortest time: what was just received has been there so long.
const MOMENT: Duration = Duration::from_millis(1);
/// Statements read at a time.
const STATEMENTS: usize = 500;

impl Relay {
    pub(super) fn reachability(
        &mut self,
        device: DeviceId,
        question: ReachabilityQuestion,
    ) -> Result<Reply, Fault> {
        let agent = self.state.registry.agent_of(device).ok_or(FaultCode::BadProof)?;
        let row = match question {
            ReachabilityQuestion::Period(_) => None,
            ReachabilityQuestion::Entry { thread, position } => {
                let (gate, _) = self.outlet.gate(&self.state.registry, agent, self.gate_time());
                if let Gate::Closed { reopens_at } | Gate::OnCall { reopens_at } = gate {
                    return Err(Fault { reopens_at: Some(reopens_at), ..FaultCode::OffHours.into() });
                }
                Some(self.row_for(device, thread, position)?)
            }
        };
        let period = match (question, &row) {
            (ReachabilityQuestion::Period(period), _) => period,
            (ReachabilityQuestion::Entry { .. }, Some(row)) => {
                let from = row.placement.received_at;
                Period { from, until: self.now.min(from.after(LONGEST)).max(from.after(MOMENT)) }
            }
            (ReachabilityQuestion::Entry { .. }, None) => return Err(FaultCode::NotFound.into()),
        };
        if period.until > self.now.after(MOMENT) {
            return Err(Fault::new(FaultCode::HoursInvalid).with_reasons(vec!["not_past".to_owned()]));
        }
        let mut walk = Walk::new(self.state.id(), agent, period)?;
        self.each_statement(|signed| Ok(walk.take(signed, Registry::restore)?))?;
        let (stretches, version, registry) = walk.end()?;
        let urgency = row.as_ref().map_or(Urgency::Normal, |row| row.urgency_at(row.placement.received_at));
        let terms = row.as_ref().and_then(|row| row.entry.as_ref()?.header.terms.as_ref());
        let urgent_until = terms.map(|terms| terms.until).filter(|_| urgency > Urgency::Normal);
        let entry = row.map(|row| HeldEntry {
            thread: row.thread,
            position: row.placement.position,
            uid: row.uid,
            hash: row.hash,
            urgency,
            received_at: row.placement.received_at,
            held_until: held_until(&stretches, urgency, urgent_until),
            urgent_until,
        });
        let head = registry.head().ok_or(FaultCode::NotFound)?;
        let (organisation, issued_at) = (self.state.id(), self.now);
        let word = Reachability { organisation, agent, period, stretches, version, head, entry, issued_at };
        Ok(Reply::Reachability(word.sign(&self.settings.key)))
    }

    /// An entry that the device may read.
    fn row_for(&self, device: DeviceId, thread: ThreadId, position: Position) -> Result<EntryRow, Fault> {
        let name = self.state.roster_name(thread.roster()).ok_or(FaultCode::NotFound)?;
        let stay = self.state.registry.membership(&name, device).ok_or(FaultCode::NotAMember)?;
        let window = window(thread, &stay, 0, self.state.content);
        let rows = self.reader.range(&window, position, position, 1)?;
        rows.into_iter().next().ok_or(FaultCode::NotFound.into())
    }

    fn each_statement(
        &self,
        mut take: impl FnMut(&SignedStatement) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut from = StatementNumber(0);
        loop {
            let statements = self.reader.statements(from, STATEMENTS)?;
            statements.iter().try_for_each(&mut take)?;
            if statements.len() < STATEMENTS {
                return Ok(());
            }
            from = StatementNumber(from.0 + STATEMENTS as u64);
        }
    }
}
