//! Urgencies and overrides: who may declare one, how many in a day, and what the audit tells of it.
//!
//! Counted for each author in the last 24 hours from the audit, which holds a line of each and is durable: a
//! restart forgets nothing. What is judged and not written yet counts too, and no longer once it turns out
//! that it does not stand.

use std::collections::BTreeMap;
use std::time::Duration;

use estafette_protocol::entry::{SealedEntry, Urgency};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::registry::STATED_WITHIN;
use estafette_protocol::statement::{Act, SignedStatement, Signer};
use estafette_protocol::urgency::{DECISIONS, Terms, WINDOW};
use estafette_protocol::{
    AgentNumber, DeviceId, EntryUid, Fault, FaultCode, RosterId, StatementNumber, ThreadId, Timestamp, codec,
};

use super::Relay;
use crate::audit::{Draft, Line, Subject, What, Who};
use crate::policy;
use crate::store::{Append, Reader, StoreError, Verdict};

/// Lines of the audit read at a time.
const LINES: u64 = 512;

/// One decision, so that it counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Decision {
    /// Of a line of the audit.
    Line(u64),
    /// A statement, with all its overrides.
    Statement(StatementNumber),
    /// An entry under way.
    Entry(ThreadId, EntryUid),
}

/// The decisions of the last day by author; nothing before they are asked for.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    known: Option<BTreeMap<AgentNumber, BTreeMap<Decision, Timestamp>>>,
}

impl Decisions {
    /// Reads them anew when they are asked for next.
    pub fn forget(&mut self) {
        self.known = None;
    }

    /// Counts a decision, unless its author has had as many as there may be.
    fn count(
        &mut self,
        reader: &dyn Reader,
        now: Timestamp,
        author: AgentNumber,
        decision: Decision,
    ) -> Result<(), Fault> {
        let since = now.before(WINDOW);
        let known = match self.known.take() {
            Some(known) => known,
            None => read(reader, since)?,
        };
        let own = self.known.insert(known).entry(author).or_default();
        own.retain(|_, at| *at > since);
        if own.len() >= DECISIONS && !own.contains_key(&decision) {
            return Err(Fault::new(FaultCode::OverrideLimit).with_number(DECISIONS as u64));
        }
        own.entry(decision).or_insert(now);
        Ok(())
    }

    fn take_back(&mut self, author: AgentNumber, decision: Decision) {
        if let Some(own) = self.known.as_mut().and_then(|known| known.get_mut(&author)) {
            own.remove(&decision);
        }
    }
}

/// What the audit tells of decisions since an instant, from its end backwards.
fn read(
    reader: &dyn Reader,
    since: Timestamp,
) -> Result<BTreeMap<AgentNumber, BTreeMap<Decision, Timestamp>>, StoreError> {
    let mut known: BTreeMap<AgentNumber, BTreeMap<Decision, Timestamp>> = BTreeMap::new();
    let mut end = reader.audit_end()?.number;
    while end > 0 {
        let after = end.saturating_sub(LINES);
        let rows = reader.audit(after, usize::try_from(end - after).unwrap_or(usize::MAX))?;
        for row in rows.iter().rev() {
            let line: Line = codec::from_bytes(&row.body, usize::MAX)
                .map_err(|error| StoreError::Corrupt(error.to_string()))?;
            if line.at <= since {
                return Ok(known);
            }
            let Who::Device { agent, .. } = line.who else { continue };
            let decision = match line.what {
                What::UrgencyDeclared => Decision::Line(line.number),
                What::DerogationAdded => {
                    line.subject.statement.map_or(Decision::Line(line.number), Decision::Statement)
                }
                _ => continue,
            };
            known.entry(agent).or_default().insert(decision, line.at);
        }
        end = after;
    }
    Ok(known)
}

impl Relay {
    /// An author may declare this urgency now.
    pub(super) fn may_declare(
        &mut self,
        name: &RosterName,
        roster: RosterId,
        author: DeviceId,
        terms: &Terms,
        entry: &SealedEntry,
    ) -> Result<(), Fault> {
        let agent = self.state.registry.agent_of(author).ok_or(FaultCode::Forbidden)?;
        policy::may_reach_many(&self.state.registry, name, roster, agent, terms, self.now)?;
        let decision = Decision::Entry(entry.header.thread, entry.header.uid);
        self.decisions.count(self.reader.as_ref(), self.now, agent, decision)
    }

    /// An entry that was judged does not stand, or stood before.
    pub(super) fn take_decision_back(&mut self, append: &Append) {
        let header = &append.entry.header;
        if append.urgency() == Urgency::Emergency
            && let Some(agent) = self.state.registry.agent_of(append.author)
        {
            self.decisions.take_back(agent, Decision::Entry(header.thread, header.uid));
        }
    }

    /// What the audit tells of an entry that may stand: of an urgent one who, on what right, in which
    /// roster, until when, and how many it reaches.
    pub(super) fn lines_of_urgency(&self, append: &Append) -> Vec<Draft> {
        let header = &append.entry.header;
        let (Urgency::Emergency, Some(terms), Verdict::May(fence)) =
            (append.urgency(), &header.terms, &append.verdict)
        else {
            return Vec::new();
        };
        let registry = &self.state.registry;
        let agent = registry.agent_of(append.author).unwrap_or_default();
        let name = self.state.roster_name(append.roster);
        let subject = Subject {
            times: name.map(|name| registry.recipients(&name, agent) as u64),
            statement: Some(fence.statement),
            roster: Some(append.roster),
            team: registry.roster(append.roster).and_then(|roster| roster.team),
            value: Some(terms.basis.0.into()),
            from: Some(append.now),
            until: Some(terms.until),
            hash: Some(append.hash),
            ..Subject::default()
        };
        self.lines_by(append.author, What::UrgencyDeclared, [subject])
    }

    /// A statement's overrides are not too many, in number or in people, and a prolongation is stated when
    /// it is asked for. One that stands already, or does not follow, is judged elsewhere.
    pub(super) fn may_derogate(&mut self, signed: &SignedStatement) -> Result<(), Fault> {
        let statement = self.read_statement(signed)?;
        let (Signer::Device(device), true) =
            (statement.signer, statement.number == self.state.registry.next_link().0)
        else {
            return Ok(());
        };
        let prolongs = statement.acts.iter().any(|act| matches!(act, Act::ProlongDuty { .. }));
        let apart = Duration::from_millis(statement.at.0.abs_diff(self.now.0));
        if prolongs && apart > STATED_WITHIN {
            return Err(FaultCode::ClockWrong.into());
        }
        let overrides: Vec<_> = statement.acts.iter().filter_map(an_override).collect();
        let Some(author) = self.state.registry.agent_of(device).filter(|_| !overrides.is_empty()) else {
            return Ok(());
        };
        // What makes no sense counts for nothing.
        if overrides.iter().any(|(_, one)| one.validate().is_err()) {
            return Ok(());
        }
        policy::may_override_many(&self.state.registry, author, &overrides, self.now)?;
        let decision = Decision::Statement(statement.number);
        self.decisions.count(self.reader.as_ref(), self.now, author, decision)
    }
}

fn an_override(act: &Act) -> Option<(AgentNumber, &estafette_protocol::hours::Override)> {
    match act {
        Act::AddOverride { agent, derogation } => Some((*agent, derogation)),
        _ => None,
    }
}
