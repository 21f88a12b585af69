//! Urgent messages in the world: who may declare them, who is on call, and what phones show.

use estafette_core::engine::{Command, CommandAnswer};
use estafette_core::reader::UrgencyRow;
use estafette_protocol::hours::{LegalBasis, Period, Rota, Turn};
use estafette_protocol::statement::Act;
use estafette_protocol::urgency::Terms;
use estafette_protocol::{EntryUid, Fault, TeamNumber, ThreadId, Timestamp, codec};
use estafette_server::audit::{Line, What};

use crate::device::Phone;
use crate::world::World;

/// Terms that nobody could object to, until an instant.
pub fn terms(until: Timestamp) -> Terms {
    let basis = LegalBasis::PERMANENT_PROTECTION;
    Terms { basis, reason: "Sécurité des personnes.".to_owned(), until }
}

impl World {
    /// Gives a phone's agent the right to declare urgencies.
    pub fn entitle(&mut self, phone: Phone) {
        let agent = self.agent(phone);
        self.state(vec![Act::SetUrgencyRight { agent, granted: true }]);
        self.run_until_quiet();
    }

    /// Puts agents of a team on call for a time, the first to be called first.
    pub fn put_on_call(&mut self, team: u32, order: &[Phone], period: Period) {
        let order: Vec<_> = order.iter().map(|phone| self.agent(*phone)).collect();
        self.organisation.on_call.extend(order.iter().map(|agent| (*agent, period)));
        let rota = Rota { covers: period, turns: vec![Turn { period, order }] };
        self.state(vec![Act::SetRota { team: TeamNumber(team), rota }]);
        self.run_until_quiet();
    }

    /// Declares an urgency; the author's device may refuse.
    pub fn try_declare(
        &mut self,
        author: Phone,
        thread: ThreadId,
        text: &str,
        terms: Terms,
    ) -> Result<EntryUid, Fault> {
        let command = Command::Urgent { thread, text: text.to_owned(), terms, minutes: None };
        match self.ask(author, command) {
            CommandAnswer::Written { uid, not_before: None } => {
                self.ledger.written(author, thread, uid, text);
                Ok(uid)
            }
            CommandAnswer::Refused(fault) => Err(fault),
            other => panic!("seed {}: an urgency was answered by {other:?}", self.seed),
        }
    }

    /// Declares an urgency until an instant.
    pub fn declare(&mut self, author: Phone, thread: ThreadId, text: &str, until: Timestamp) -> EntryUid {
        self.try_declare(author, thread, text, terms(until)).unwrap()
    }

    /// An urgent message as a phone shows it.
    pub fn urgency(&self, phone: Phone, uid: EntryUid) -> UrgencyRow {
        self.reader(phone).urgency(uid).unwrap().expect("an urgent message")
    }

    /// When a phone's agent was called last; 0 for never.
    pub fn called_at(&self, phone: Phone, uid: EntryUid) -> u64 {
        let row = self.reader(phone).urgency(uid).unwrap();
        row.map_or(0, |row| row.called_until.0.saturating_sub(u64::from(row.minutes) * 60_000))
    }

    /// The lines of the relay's audit that say a word.
    pub fn audit_lines(&self, what: What) -> Vec<Line> {
        let database = self.relay_database();
        let mut query = database.prepare("SELECT body FROM audit ORDER BY number").unwrap();
        let bodies = query.query_map((), |row| row.get::<_, Vec<u8>>(0)).unwrap();
        let lines = bodies.map(|body| codec::from_bytes::<Line>(&body.unwrap(), usize::MAX).unwrap());
        lines.filter(|line| line.what == what).collect()
    }
}
