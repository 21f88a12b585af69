//! What people ask for. Durable when it is answered.

use estafette_protocol::announcement::Replies;
use estafette_protocol::check;
use estafette_protocol::entry::{Deed, ItemKind, Operation};
use estafette_protocol::frame::{Cursor, RequestBody};
use estafette_protocol::handshake::RosterName;
use estafette_protocol::statement::Class;
use estafette_protocol::urgency::Terms;
use estafette_protocol::{
    AgentNumber, EntryUid, Fault, FaultCode, Position, ThreadId, Timestamp, codec, limits,
};

use super::announcements::Wanted;
use super::memory::{Stage, Statement};
use super::turn::Turn;
use super::{Change, Command, CommandAnswer, Effect, When};
use crate::item;
use crate::store::drafts::{self, Draft};
use crate::store::messages::{self, Document, Message};
use crate::store::rosters::{self, Roster};
use crate::store::values::{self, Value};
use crate::store::{StoreError, interventions, outbox};

/// A message that somebody wants written.
struct Writing {
    thread: ThreadId,
    text: String,
    parents: Vec<EntryUid>,
    mentions: Vec<AgentNumber>,
    when: When,
    urgent: Option<(Terms, Option<u16>)>,
}

impl Turn<'_> {
    pub fn command(&mut self, id: u64, command: Command) -> Result<(), StoreError> {
        // A locked device may still be asked to look for the relay.
        if let Some(code) = self.refusal().filter(|_| !matches!(command, Command::Check)) {
            self.refuse(id, code);
            return Ok(());
        }
        let outcome = match command {
            Command::Write { thread, text, parents, mentions, when } => {
                let wanted = Writing { thread, text, parents, mentions, when, urgent: None };
                self.write(wanted)?
            }
            Command::Urgent { thread, text, terms, minutes } => {
                let (parents, mentions, urgent) = (Vec::new(), Vec::new(), Some((terms, minutes)));
                self.write(Writing { thread, text, parents, mentions, when: When::Now, urgent })?
            }
            Command::AnswerCall { entry } => self.answer_call(entry)?,
            Command::EndIntervention => self.end_intervention()?,
            Command::Prolong { length } => {
                self.prolong(id, length);
                return Ok(());
            }
            Command::Edit { item, text } => self.edit(item, text)?,
            Command::React { item, emoji } => self.react(item, emoji)?,
            Command::Erase { item } => self.erase_own(item)?,
            Command::Cancel { item } => match self.cancel(id, item)? {
                Some(outcome) => outcome,
                None => return Ok(()),
            },
            Command::CreateNote { thread, title, text } => self.create_note(thread, title, &text)?,
            Command::EditNote { item, over, splices } => self.edit_note(item, &over, &splices)?,
            Command::Title { thread, title } => self.set_title(thread, title)?,
            Command::Pin { item, pinned } => self.pin(item, pinned)?,
            Command::Draft { thread, text, parents } => self.keep_draft(thread, text, parents)?,
            Command::Mute { thread, until } => self.mute(thread, until)?,
            Command::NoticesSeen => {
                values::put(self.tx, Value::NoticesSeen, &self.memory.registry.last())?;
                self.changed.insert(Change::Device);
                Ok(CommandAnswer::Done)
            }
            Command::Announce { threads, text, due, replies } => {
                self.announce(&Wanted { threads, text, due, replies })?
            }
            Command::Correct { version, text, due } => {
                let wanted = Wanted { threads: Vec::new(), text, due, replies: Replies::Issuer };
                self.correct(version, wanted)?
            }
            Command::Acknowledge { version } => self.acknowledge(version)?,
            Command::Read { thread, up_to } => self.read(thread, up_to)?,
            Command::Direct { class, with } => self.direct(class, with)?,
            Command::Check => return self.check(id),
            Command::Ask(body) => {
                self.memory.to_ask.push((id, body));
                return Ok(());
            }
            Command::State(acts) => {
                self.memory.to_state.push(Statement { command: id, acts, signed: None });
                return Ok(());
            }
        };
        match outcome {
            Ok(answer) => self.answer(id, answer),
            Err(fault) => self.refuse(id, fault),
        }
        Ok(())
    }

    /// Whoever asked was told that the relay cannot be reached: what has not left never does.
    pub(super) fn withdraw(&mut self, command: u64) {
        let waiting = self.memory.to_ask.len() + self.memory.to_state.len();
        self.memory.to_ask.retain(|(id, _)| *id != command);
        self.memory.to_state.retain(|statement| statement.command != command);
        if self.memory.to_ask.len() + self.memory.to_state.len() < waiting {
            self.refuse(command, FaultCode::Unreachable);
        }
    }

    /// Off duty, a message waits for the reopening; written while open, it leaves when it can. An urgent
    /// one waits for nothing.
    fn write(&mut self, wanted: Writing) -> Result<Result<CommandAnswer, Fault>, StoreError> {
        let Writing { thread, text, parents, mentions, when, urgent } = wanted;
        // A conversation of other people's is replayed as it was, blank lines too; people are asked on their screens.
        let checked = if urgent.is_some() { item::check_written(&text) } else { item::check_text(&text) };
        if let Err(error) = checked {
            let limit = limits::MESSAGE_CHARACTERS as u64;
            return Ok(Err(Fault::from(error).with_number(limit)));
        }
        if parents.len() > limits::PARENTS || mentions.len() > limits::MENTIONS {
            return Ok(Err(FaultCode::Malformed.into()));
        }
        let Some(row) = self.thread_row(thread)? else { return Ok(Err(FaultCode::NotFound.into())) };
        if self.memory.revoked {
            return Ok(Err(FaultCode::DeviceRevoked.into()));
        }
        if self.has_left(row)? {
            return Ok(Err(FaultCode::NotAMember.into()));
        }
        if self.is_for_announcements(row) {
            return Ok(Err(FaultCode::Forbidden.into()));
        }
        if let Some((terms, minutes)) = &urgent
            && let Err(fault) = self.refuse_urgency(row, terms, *minutes)
        {
            return Ok(Err(fault));
        }
        let now = self.now();
        let uid = EntryUid(self.random());
        let deed = Deed::Create {
            kind: ItemKind::Message,
            content: text.as_bytes().to_vec().into(),
            parents: Some(parents.clone()).filter(|parents| !parents.is_empty()),
            mentions: Some(mentions.clone()).filter(|mentions| !mentions.is_empty()),
        };
        let operation = codec::to_bytes(&Operation { written_at: now, deed });
        let not_before = match when {
            // Whoever was called and has come is at work, whatever their hours say.
            When::Now if urgent.is_some() || interventions::goes_on(self.tx, now)? => Timestamp(0),
            When::Now => self.composed_off_duty_until().unwrap_or_default(),
            When::NextDuty => self.next_duty(),
        };
        outbox::insert(self.tx, uid, row, &operation, not_before, None)?;
        if let Some((terms, minutes)) = urgent {
            outbox::set_urgent(self.tx, uid, &codec::to_bytes(&(&terms, minutes)))?;
            self.declare(uid, row, terms, minutes)?;
        }
        drafts::put(self.tx, row, &Draft { text: String::new(), parents: Vec::new(), at: now })?;
        let message = Message {
            uid,
            position: Position(0),
            author: self.memory.identity.device,
            written_at: now,
            received_at: Timestamp(0),
            body: text,
            parents,
            mentions,
            document: Document::Implied,
        };
        messages::insert(self.tx, row, &message)?;
        self.changed.extend([Change::Thread(thread), Change::Outbox]);
        Ok(Ok(CommandAnswer::Written { uid, not_before: (not_before > now).then_some(not_before) }))
    }

    fn read(
        &mut self,
        thread: ThreadId,
        up_to: Position,
    ) -> Result<Result<CommandAnswer, Fault>, StoreError> {
        let Some(row) = self.memory.rows.get(&thread).copied() else {
            return Ok(Err(FaultCode::NotFound.into()));
        };
        let known = self.thread(row)?;
        let (position, roster) = (up_to.min(known.highest), known.roster);
        if position <= known.read_up_to {
            return Ok(Ok(CommandAnswer::Done));
        }
        let unread = messages::unread_above(self.tx, row, position, &self.own_devices())?;
        let known = self.thread_mut(row)?;
        let before = std::mem::replace(&mut known.read_up_to, position);
        known.unread = unread;
        self.read_urgencies(row, before, position)?;
        self.advance_read(row, roster, position)?;
        Ok(Ok(CommandAnswer::Done))
    }

    /// On an open socket the question takes eight bytes; else it goes with the next exchange.
    fn check(&mut self, id: u64) -> Result<(), StoreError> {
        let cursor: Cursor = values::get(self.tx, Value::Cursor)?.unwrap_or_default();
        match self.memory.link.stage {
            Stage::Open if self.memory.link.greeted => {
                self.effects.push(Effect::Send(check::question(&cursor).to_vec()));
                self.memory.link.checks.push_back((id, cursor));
            }
            _ => self.memory.to_ask.push((id, RequestBody::Check { cursor })),
        }
        Ok(())
    }

    /// The thread of two agents. Its roster is founded at the first message.
    fn direct(
        &mut self,
        class: Class,
        with: AgentNumber,
    ) -> Result<Result<CommandAnswer, Fault>, StoreError> {
        let registry = &self.memory.registry;
        let Some(own) = registry.agent_of(self.memory.identity.device) else {
            return Ok(Err(FaultCode::NotEnrolled.into()));
        };
        if registry.devices_of(with).next().is_none() {
            return Ok(Err(FaultCode::NotFound.into()));
        }
        let Some(name) = RosterName::pair(class, own, with) else {
            return Ok(Err(FaultCode::Malformed.into()));
        };
        if !registry.is_open_to(&name, registry.last()) {
            return Ok(Err(FaultCode::Forbidden.into()));
        }
        let id = self.know_pair(name)?;
        let thread = id.first_thread();
        self.create_thread(thread, id)?;
        Ok(Ok(CommandAnswer::Thread(thread)))
    }

    /// A pair's roster, kept from the first time that it is heard of.
    pub fn know_pair(&mut self, name: RosterName) -> Result<estafette_protocol::RosterId, StoreError> {
        let id = name.id(self.memory.identity.organisation);
        if !self.memory.rosters.contains_key(&id) {
            let roster = Roster::waiting(id, name, Timestamp::MAX);
            rosters::put(self.tx, &roster)?;
            self.memory.rosters.insert(id, roster);
        }
        Ok(id)
    }
}
