//! What has become of messages, and what a thread's members have set for it.

use estafette_protocol::{AgentNumber, EntryUid, ThreadId};

use super::{Draft, Hit, MessageRow, Reader, VersionRow, agent_of_bytes};
use crate::store::threads::Thread;
use crate::store::{StoreError, changes, drafts, editions, int, words};

impl Reader {
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
