//! What has become of messages, and what a thread's members have set for it.

use estafette_protocol::{AgentNumber, EntryUid, FaultCode, Position, ThreadId, Timestamp};
use rusqlite::OptionalExtension as _;

use super::{Departure, Draft, Hit, MessageRow, MessageState, Reader, VersionRow, agent_of_bytes};
use crate::store::threads::Thread;
use crate::store::{StoreError, changes, drafts, editions, fixed, int, uint, words};

/// Digits of a message's name that people are shown at least.
const SHORT: usize = 8;
/// Fewer digits name nothing: a slip must not hit any message.
const FEWEST: usize = 4;

impl Reader {
    /// The messages whose names begin with these hexadecimal digits, at most two of them. One is what
    /// was meant; two, or fewer than four digits, say too little.
    pub fn named(&self, digits: &str) -> Result<Vec<EntryUid>, StoreError> {
        let Some((first, last)) = names_from(digits) else { return Ok(Vec::new()) };
        let mut query = self
            .connection
            .prepare_cached("SELECT uid FROM message WHERE uid BETWEEN ?1 AND ?2 ORDER BY uid LIMIT 2")?;
        let found = query.query_map([&first.0[..], &last.0[..]], |row| row.get::<_, Vec<u8>>(0))?;
        found.map(|uid| Ok(EntryUid(fixed(uid?)?))).collect()
    }

    /// As many first digits of a message's name as tell it from every other on this device.
    pub fn short_name(&self, uid: EntryUid) -> Result<String, StoreError> {
        let whole = uid.to_string();
        for digits in (SHORT..whole.len()).step_by(2) {
            if self.named(&whole[..digits])?.len() < 2 {
                return Ok(whole[..digits].to_owned());
            }
        }
        Ok(whole)
    }

    /// What was written here last, whether a message or what was done to one.
    pub fn last_departure(&self) -> Result<Option<Departure>, StoreError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT seq, state, not_before, fault FROM outbox ORDER BY seq DESC LIMIT 1")?;
        let mut rows = query.query([])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let until = Timestamp(uint(row.get(2)?));
        let state = match row.get::<_, i64>(1)? {
            0 if until > Timestamp(0) => MessageState::Held { until },
            2 => MessageState::Standing,
            3 => {
                let code: String = row.get(3)?;
                MessageState::Refused(code.parse().unwrap_or(FaultCode::Internal))
            }
            _ => MessageState::Waiting,
        };
        Ok(Some(Departure { number: row.get(0)?, state }))
    }

    /// The names of all messages of a thread, in the relay's order and then in that of writing.
    pub(crate) fn names_in(&self, thread: ThreadId) -> Result<Vec<EntryUid>, StoreError> {
        let Some(thread) = self.row_of(thread)? else { return Ok(Vec::new()) };
        let mut query = self.connection.prepare_cached(
            "SELECT uid FROM message WHERE thread = ?1 ORDER BY position = 0, position, id",
        )?;
        let found = query.query_map([thread], |row| row.get::<_, Vec<u8>>(0))?;
        found.map(|uid| Ok(EntryUid(fixed(uid?)?))).collect()
    }

    /// One message.
    pub fn find(&mut self, uid: EntryUid) -> Result<Option<(ThreadId, MessageRow)>, StoreError> {
        self.refresh()?;
        let mut query = self.connection.prepare_cached(&format!("{} WHERE m.uid = ?1", super::MESSAGE))?;
        let mut found = query.query([&uid.0[..]])?;
        let Some(row) = found.next()? else { return Ok(None) };
        let message = self.message(row)?;
        let mut query = self.connection.prepare_cached(
            "SELECT t.uid FROM message AS m JOIN thread AS t ON t.id = m.thread WHERE m.uid = ?1",
        )?;
        let thread: Vec<u8> = query.query_row([&uid.0[..]], |row| row.get(0))?;
        Ok(ThreadId::from_slice(&thread).map(|thread| (thread, message)))
    }

    /// When this device had the entry at a position, by the relay's clock as it counts it; `None` where
    /// nothing stands there, or it came before that was noted.
    pub fn arrived_at(&self, thread: ThreadId, position: Position) -> Result<Option<Timestamp>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT entry.arrived_at FROM entry JOIN thread ON thread.id = entry.thread
             WHERE thread.uid = ?1 AND entry.position = ?2",
        )?;
        let at: Option<i64> =
            query.query_row((&thread.0[..], int(position.0)), |row| row.get(0)).optional()?;
        Ok(at.filter(|at| *at > 0).map(|at| Timestamp(uint(at))))
    }

    /// The versions of a message in their order; none of one that was never edited.
    pub fn versions(&self, message: EntryUid) -> Result<Vec<VersionRow>, StoreError> {
        let editions = editions::of_item(&self.connection, message)?;
        let current: Vec<EntryUid> =
            editions::current(&editions).into_iter().map(|edition| edition.uid).collect();
        let rows = editions.into_iter().map(|edition| VersionRow {
            current: current.contains(&edition.uid),
            uid: edition.uid,
            written_at: edition.written_at,
            received_at: edition.received_at,
            body: edition.body,
        });
        Ok(rows.collect())
    }

    /// What people answered a message with, by agent.
    pub fn reactions(&self, message: EntryUid) -> Result<Vec<(AgentNumber, String)>, StoreError> {
        editions::reactions(&self.connection, message)
    }

    /// The messages pinned in a thread, the last one pinned first.
    pub fn pins(&self, thread: ThreadId) -> Result<Vec<EntryUid>, StoreError> {
        self.row_of(thread)?.map_or(Ok(Vec::new()), |row| changes::pins(&self.connection, row))
    }

    /// The unfinished message of a thread.
    pub fn draft(&self, thread: ThreadId) -> Result<Option<Draft>, StoreError> {
        self.row_of(thread)?.map_or(Ok(None), |row| drafts::get(&self.connection, row))
    }

    /// Messages of all threads that hold all words of a query, accents and cases folded, each word
    /// as the beginning of one; newest first, at most `most`.
    pub fn search(&self, query: &str, most: usize) -> Result<Vec<Hit>, StoreError> {
        words::find(&self.connection, query, most)
    }

    pub(super) fn unread_mentions(&self, thread: &Thread) -> Result<u64, StoreError> {
        let Some(own) = self.registry.agent_of(self.identity.device).filter(|_| thread.unread > 0) else {
            return Ok(0);
        };
        let mut query = self.connection.prepare_cached(
            "SELECT mentions FROM message WHERE thread = ?1 AND position > ?2 AND mentions <> x'' AND erased = 0",
        )?;
        let mut rows = query.query((thread.row, int(thread.read_up_to.0)))?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let mentions: Vec<u8> = row.get(0)?;
            count += u64::from(mentions.as_chunks().0.iter().any(|agent| agent_of_bytes(agent) == own));
        }
        Ok(count)
    }
}

/// The first and the last name that begin with these digits.
fn names_from(digits: &str) -> Option<(EntryUid, EntryUid)> {
    let all = 2 * EntryUid::LEN;
    let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !plain || !(FEWEST..=all).contains(&digits.len()) {
        return None;
    }
    let filled = |digit: &str| format!("{digits}{}", digit.repeat(all - digits.len())).parse().ok();
    Some((filled("0")?, filled("f")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_name_what_begins_with_them_and_nothing_else_is_a_name() {
        assert_eq!(names_from("aBc"), None, "too few");
        let (first, last) = names_from("ABCDE").unwrap();
        assert_eq!(first.to_string(), format!("abcde{}", "0".repeat(27)));
        assert_eq!(last.to_string(), format!("abcde{}", "f".repeat(27)));
        let whole = "0123456789abcdef0123456789abcdef";
        assert_eq!(names_from(whole), Some((whole.parse().unwrap(), whole.parse().unwrap())));
        for none in ["", "+abc", "abcg", "ab cd", "é123", &"a".repeat(33)] {
            assert_eq!(names_from(none), None, "{none:?}");
        }
    }
}
