//! What people ask to be done with messages that stand, or that wait to leave.

use estafette_protocol::entry::{Deed, Operation};
use estafette_protocol::frame::RequestBody;
use estafette_protocol::{EntryUid, Fault, FaultCode, Position, ThreadId, Timestamp, codec, limits};

use super::memory::Asked;
use super::turn::Turn;
use super::{Change, CommandAnswer};
use crate::item::{self, ItemError};
use crate::store::drafts::{self, Draft};
use crate::store::editions::{self, Edition, Reaction};
use crate::store::rosters::RosterState;
use crate::store::{StoreError, messages, notes, outbox, threads, tombstones, urgencies};

type Answer = Result<Result<CommandAnswer, Fault>, StoreError>;

impl From<ItemError> for Fault {
    fn from(error: ItemError) -> Self {
        match error {
            ItemError::TooLong => Self::new(FaultCode::MessageTooLong),
            ItemError::Malformed => Self::new(FaultCode::Malformed),
            ItemError::Empty => Self::new(FaultCode::Malformed).with_reasons(vec!["empty_text".to_owned()]),
        }
    }
}

impl Turn<'_> {
    /// A new text for a message of this agent. One that has never left is simply rewritten.
    pub fn edit(&mut self, item: EntryUid, text: String) -> Answer {
        if let Err(error) = item::check_text(&text) {
            let limit = limits::MESSAGE_CHARACTERS as u64;
            return Ok(Err(Fault::from(error).with_number(limit)));
        }
        let thread = match self.own_message(item)? {
            Ok(_) if notes::holds(self.tx, item)? => return Ok(Err(FaultCode::Malformed.into())),
            Ok(thread) => thread,
            Err(fault) => return Ok(Err(fault)),
        };
        // An announcement is corrected, by a version that stands beside it.
        if self.is_for_announcements(thread) {
            return Ok(Err(FaultCode::Forbidden.into()));
        }
        if outbox::never_left(self.tx, item)? {
            return self.rewrite(item, thread, text);
        }
        let versions = editions::of_item(self.tx, item)?;
        let over: Vec<EntryUid> = match versions.is_empty() {
            true => vec![item],
            false => editions::current(&versions).into_iter().map(|version| version.uid).collect(),
        };
        let deed = Deed::Edit { item, text: text.clone(), over: over.clone() };
        let uid = self.send_deed(thread, deed)?;
        let edition = Edition {
            uid,
            item,
            position: Position(0),
            author: self.memory.identity.device,
            written_at: self.now(),
            received_at: Timestamp(0),
            body: text,
            over,
        };
        editions::insert(self.tx, thread, &edition)?;
        self.show_current(item)?;
        Ok(Ok(CommandAnswer::Done))
    }

    fn rewrite(&mut self, item: EntryUid, thread: i64, text: String) -> Answer {
        let Some(sent) = outbox::deed(self.tx, item)? else { return Ok(Err(FaultCode::NotFound.into())) };
        let Ok(mut operation) = Operation::from_bytes(&sent.operation) else {
            return Ok(Err(FaultCode::Internal.into()));
        };
        if let Deed::Create { content, .. } = &mut operation.deed {
            *content = text.as_bytes().to_vec().into();
        }
        outbox::rewrite(self.tx, item, &codec::to_bytes(&operation))?;
        messages::set_text(self.tx, item, &text)?;
        self.touched.insert(thread);
        Ok(Ok(CommandAnswer::Done))
    }

    /// One sign in answer to a message of anybody, or none any more.
    pub fn react(&mut self, item: EntryUid, emoji: Option<String>) -> Answer {
        let sign = emoji.clone().unwrap_or_default();
        if item::check_reaction(&sign).is_err() {
            let limit = limits::REACTION as u64;
            return Ok(Err(Fault::new(FaultCode::ReactionInvalid).with_number(limit)));
        }
        let thread = match self.message_to_change(item)? {
            Ok((thread, _)) if self.is_for_announcements(thread) => {
                return Ok(Err(FaultCode::Forbidden.into()));
            }
            Ok((thread, _)) => thread,
            Err(fault) => return Ok(Err(fault)),
        };
        let Some(agent) = self.memory.registry.agent_of(self.memory.identity.device) else {
            return Ok(Err(FaultCode::NotEnrolled.into()));
        };
        let uid = self.send_deed(thread, Deed::React { item, emoji })?;
        let at = self.now();
        let reaction = Reaction { item, agent, uid, position: Position(0), at, emoji: sign };
        editions::react(self.tx, &reaction)?;
        Ok(Ok(CommandAnswer::Done))
    }

    /// Erases a message of this agent everywhere. Here it is hidden at once, and its bytes go when
    /// the relay has placed the erasure, since until then the message itself may be on its way.
    pub fn erase_own(&mut self, item: EntryUid) -> Answer {
        let thread = match self.own_message(item)? {
            Ok(thread) => thread,
            Err(fault) => return Ok(Err(fault)),
        };
        if self.is_for_announcements(thread) {
            return self.erase_announcement(item);
        }
        if outbox::never_left(self.tx, item)? {
            return self.take_back(item, thread);
        }
        self.send_deed(thread, Deed::Erase { item })?;
        messages::hide(self.tx, item)?;
        Ok(Ok(CommandAnswer::Done))
    }

    /// Takes a message back before anybody has it: from this device, or from the relay that holds
    /// it. `None`: the answer comes with the relay's.
    pub fn cancel(
        &mut self,
        command: u64,
        item: EntryUid,
    ) -> Result<Option<Result<CommandAnswer, Fault>>, StoreError> {
        let thread = match self.own_message(item)? {
            Ok(thread) => thread,
            Err(fault) => return Ok(Some(Err(fault))),
        };
        if outbox::is_only_here(self.tx, item)? {
            return self.take_back(item, thread).map(Some);
        }
        // On its way: what the relay is about to place it can only drop afterwards.
        self.memory.to_recall.entry(item).or_default().push(command);
        if outbox::is_placed(self.tx, item)? {
            self.recall_placed(item)?;
        }
        Ok(None)
    }

    /// Asks the relay to drop a message that it has placed, if its author wants it back.
    pub fn recall_placed(&mut self, item: EntryUid) -> Result<(), StoreError> {
        let Some(commands) = self.memory.to_recall.remove(&item) else { return Ok(()) };
        let Some((row, _)) = messages::author(self.tx, item)? else { return Ok(()) };
        let thread = self.thread(row)?.id.into();
        let body = RequestBody::Recall { thread, entry: item };
        self.memory.to_ask.extend(commands.into_iter().map(|command| (command, body.clone())));
        Ok(())
    }

    /// The relay will never place a message that its author wants back.
    pub fn recall_refused(&mut self, item: EntryUid, code: FaultCode) {
        for command in self.memory.to_recall.remove(&item).into_iter().flatten() {
            self.refuse(command, code);
        }
    }

    fn take_back(&mut self, item: EntryUid, thread: i64) -> Answer {
        outbox::take_back(self.tx, item)?;
        messages::forget(self.tx, item)?;
        editions::erase(self.tx, item)?;
        self.forget_note(item)?;
        urgencies::forget(self.tx, item)?;
        self.memory.scrub = true;
        self.touched.insert(thread);
        self.changed.insert(Change::Outbox);
        Ok(Ok(CommandAnswer::Done))
    }

    /// The relay has dropped a message that nobody had.
    pub fn recalled(&mut self, item: EntryUid) -> Result<(), StoreError> {
        let Some((thread, _)) = messages::author(self.tx, item)? else { return Ok(()) };
        self.erase_here(item, None, thread)
    }

    pub fn set_title(&mut self, thread: ThreadId, title: String) -> Answer {
        // No title at all takes the present one away; one that nobody sees is a slip.
        if !title.is_empty() && item::check_written(&title) == Err(ItemError::Empty) {
            return Ok(Err(ItemError::Empty.into()));
        }
        if item::check_title(&title).is_err() {
            let limit = limits::TITLE as u64;
            return Ok(Err(Fault::new(FaultCode::TitleInvalid).with_number(limit)));
        }
        let Some(row) = self.memory.rows.get(&thread).copied() else {
            return Ok(Err(FaultCode::NotFound.into()));
        };
        let (own, last) = (self.memory.identity.device, self.memory.registry.last());
        if self.has_left(row)? {
            return Ok(Err(FaultCode::NotAMember.into()));
        }
        if !self.may_title(row, own, last) {
            return Ok(Err(FaultCode::Forbidden.into()));
        }
        self.send_deed(row, Deed::Title { title })?;
        Ok(Ok(CommandAnswer::Done))
    }

    pub fn pin(&mut self, item: EntryUid, pinned: bool) -> Answer {
        let thread = match self.message_to_change(item)? {
            Ok((thread, _)) => thread,
            Err(fault) => return Ok(Err(fault)),
        };
        self.send_deed(thread, Deed::Pin { item, pinned })?;
        Ok(Ok(CommandAnswer::Done))
    }

    pub fn keep_draft(&mut self, thread: ThreadId, text: String, parents: Vec<EntryUid>) -> Answer {
        let Some(row) = self.memory.rows.get(&thread).copied() else {
            return Ok(Err(FaultCode::NotFound.into()));
        };
        if text.chars().count() > limits::MESSAGE_CHARACTERS || parents.len() > limits::PARENTS {
            let limit = limits::MESSAGE_CHARACTERS as u64;
            return Ok(Err(Fault::new(FaultCode::MessageTooLong).with_number(limit)));
        }
        drafts::put(self.tx, row, &Draft { text, parents, at: self.now() })?;
        self.touched.insert(row);
        Ok(Ok(CommandAnswer::Done))
    }

    pub fn mute(&mut self, thread: ThreadId, until: Timestamp) -> Answer {
        let Some(row) = self.memory.rows.get(&thread).copied() else {
            return Ok(Err(FaultCode::NotFound.into()));
        };
        threads::mute(self.tx, row, until)?;
        self.touched.insert(row);
        Ok(Ok(CommandAnswer::Done))
    }

    /// Puts a deed behind what already waits in its thread; hours hold it like a message.
    pub fn send_deed(&mut self, thread: i64, deed: Deed) -> Result<EntryUid, StoreError> {
        let uid = EntryUid(self.random());
        let item = deed.item();
        let operation = codec::to_bytes(&Operation { written_at: self.now(), deed });
        let not_before = self.composed_off_duty_until().unwrap_or_default();
        outbox::insert(self.tx, uid, thread, &operation, not_before, item)?;
        self.touched.insert(thread);
        self.changed.insert(Change::Outbox);
        Ok(uid)
    }

    /// Whether this device was a member of a thread's roster, and is none any more.
    pub fn has_left(&self, thread: i64) -> Result<bool, StoreError> {
        let roster = self.memory.rosters.get(&self.thread(thread)?.roster);
        Ok(roster.is_none_or(|roster| roster.state == RosterState::Gone))
    }

    /// The thread of a message that can be changed, and who wrote it.
    pub fn message_to_change(
        &self,
        item: EntryUid,
    ) -> Result<Result<(i64, estafette_protocol::DeviceId), Fault>, StoreError> {
        if self.memory.revoked {
            return Ok(Err(FaultCode::DeviceRevoked.into()));
        }
        let Some((thread, author)) = messages::author(self.tx, item)? else {
            return Ok(Err(FaultCode::NotFound.into()));
        };
        if tombstones::holds(self.tx, item)? || messages::is_hidden(self.tx, item)? {
            return Ok(Err(FaultCode::NotFound.into()));
        }
        // Where this device is a member no more, nothing that it says could ever leave.
        if self.has_left(thread)? {
            return Ok(Err(FaultCode::NotAMember.into()));
        }
        Ok(Ok((thread, author)))
    }

    /// The same of a message of this agent.
    pub fn own_message(&self, item: EntryUid) -> Result<Result<i64, Fault>, StoreError> {
        Ok(match self.message_to_change(item)? {
            Ok((thread, author)) if self.is_own(author) => Ok(thread),
            Ok(_) => Err(FaultCode::Forbidden.into()),
            Err(fault) => Err(fault),
        })
    }

    /// Asks the relay to drop what it holds of erased items of this agent.
    pub fn send_erasures(&mut self) -> Result<(), StoreError> {
        if self.memory.link.erasing {
            return Ok(());
        }
        let Some((item, thread, mut entries)) = tombstones::unsettled(self.tx, 1)?.pop() else {
            return Ok(());
        };
        entries.truncate(limits::ERASE);
        self.memory.link.erasing = true;
        let thread = self.thread(thread)?.id.into();
        self.ask(RequestBody::Erase { thread, entries }, Asked::Erase(item));
        Ok(())
    }
}
