//! "Is anything new?", answered without sending it.

use estafette_protocol::{Fault, check};

use super::Relay;
use super::cursor::Marks;
use super::entries::window;
use super::requests::Asker;
use crate::outlet::{Gate, Item};

impl Relay {
    /// "Is anything new after this cursor?" of an open socket. Another cursor than the one that
    /// was delivered last is news: who asks so greets again and gets what lies between.
    pub(super) fn take_question(&mut self, asker: Asker, question: &[u8]) {
        let follow = self.sessions.get(&asker.line).and_then(|session| session.follow.as_ref());
        let marks = follow.filter(|follow| follow.told == question).map(|follow| follow.marks.clone());
        let nothing = marks.is_some_and(|marks| matches!(self.has_news(asker, &marks), Ok(false)));
        let answer = if nothing { check::NOTHING } else { check::NEWS };
        let at = self.gate_time();
        self.outlet.offer(asker.line, Item::Check(answer), &self.state.registry, at);
    }

    /// Whether a device would get anything after these marks now.
    pub(super) fn has_news(&mut self, asker: Asker, marks: &Marks) -> Result<bool, Fault> {
        let agent = self.state.registry.agent_of(asker.device).unwrap_or_default();
        let at = self.gate_time();
        let (gate, _) = self.outlet.gate(&self.state.registry, agent, at);
        match gate {
            Gate::Closed { .. } => Ok(false),
            Gate::OnCall { .. } => Ok(self.has_control(asker, marks)? || self.has_urgent(asker, marks)?),
            Gate::Open => Ok(self.has_control(asker, marks)?
                || self.has_entries(asker, marks)?
                || self.has_slots(asker, marks)?),
        }
    }

    fn has_control(&self, asker: Asker, marks: &Marks) -> Result<bool, Fault> {
        let page = self.control_page(asker.device, marks.control, 1)?;
        Ok(!page.items.is_empty())
    }

    fn has_entries(&self, asker: Asker, marks: &Marks) -> Result<bool, Fault> {
        let until = self.state.content;
        for (roster, _) in self.state.rosters_of(asker.device) {
            let thread = roster.first_thread();
            let behind = self.state.threads.get(&thread).is_some_and(|head| head.stream > marks.content);
            if let Some(stay) = self.state.stay(thread, asker.device).filter(|_| behind)
                && self.reader.count(&window(thread, &stay, marks.content, until), marks.early.len() + 1)?
                    > marks.early.len()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_urgent(&self, asker: Asker, marks: &Marks) -> Result<bool, Fault> {
        for (roster, _) in self.state.rosters_of(asker.device) {
            let thread = roster.first_thread();
            let behind = self.state.threads.get(&thread).is_some_and(|head| head.stream > marks.content);
            if let Some(stay) = self.state.stay(thread, asker.device).filter(|_| behind) {
                let window = window(thread, &stay, marks.content, self.state.content);
                let urgent = self.reader.urgent(&window, marks.early.len() + 1)?;
                let news = |row: &crate::store::EntryRow| {
                    row.author != asker.device && !marks.early.contains(&row.stream)
                };
                if urgent.iter().any(news) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn has_slots(&self, asker: Asker, marks: &Marks) -> Result<bool, Fault> {
        for (roster, _) in self.state.rosters_of(asker.device) {
            let thread = roster.first_thread();
            let behind = self.state.threads.get(&thread).is_some_and(|head| head.slots > marks.slots);
            if behind {
                let slots = self.reader.slots(thread, marks.slots)?;
                if slots.iter().any(|(_, slot)| slot.device != asker.device) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
